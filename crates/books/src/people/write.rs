//! Making, changing and erasing customers, as part of somebody's transaction.

use base::db::Tx;
use base::secret::Secret;
use base::us;
use base::vault::PersonKey;
use base::{Change, Code, Day, Failure, Result, Ts};
use serde_json::json;

use super::model::{Customer, CustomerId, Fields};
use super::names::{self, Name};
use super::store::{self, Loaded};
use super::{addresses, view};
use crate::orgs::Tenant;
use crate::{events, metadata, refs};

pub(super) type Faults = Vec<(String, Vec<String>)>;

/// Makes a customer.
pub async fn create(tx: &Tx, tenant: &Tenant, id: CustomerId, fields: &Fields) -> Result<()> {
    let mut faults = Faults::new();
    let nobody = named_anew(tx, id, fields, &mut faults);
    let customer = applied(tx, tenant, nobody, fields, &mut faults).await?;
    if !faults.is_empty() {
        return Err(Failure::fields(faults));
    }
    let (key, wrapped) = tenant.key.new_person_key(tx.seams(), id.0, None);
    let loaded = Loaded { customer, key, wrapped };
    tx.insert(&[store::row(tx, tenant, &loaded)]).await?;
    store::save_addresses(tx, tenant, (&[], None), &loaded).await?;
    tell(tx, tenant, "customer.create", &loaded.customer, &loaded.key).await
}

/// Changes a customer. 404 where there is none.
pub async fn update(tx: &Tx, tenant: &Tenant, id: CustomerId, fields: &Fields) -> Result<()> {
    change(tx, tenant, id, async |now: Customer, _| {
        let mut faults = Faults::new();
        let named = renamed(now, fields, &mut faults);
        let after = applied(tx, tenant, named, fields, &mut faults).await?;
        if faults.is_empty() { Ok(after) } else { Err(Failure::fields(faults)) }
    })
    .await
}

/// A new customer of whom only the name is known.
pub(super) fn named_anew(tx: &Tx, id: CustomerId, fields: &Fields, faults: &mut Faults) -> Customer {
    let at = tx.now();
    let name = names::new(&fields.name, &fields.first_name, &fields.last_name);
    let name = name.unwrap_or_else(|wrong| {
        faults.extend(wrong.into_iter().map(|(field, say)| (field.to_owned(), vec![say])));
        Name { whole: String::new(), first: None, last: None }
    });
    Customer {
        id,
        external_id: None,
        status: Default::default(),
        name: name.whole,
        first_name: name.first,
        last_name: name.last,
        email: None,
        phone: None,
        date_of_birth: None,
        ssn_last4: None,
        metadata: Default::default(),
        addresses: Vec::new(),
        created_at: at,
        updated_at: at,
    }
}

/// A customer with the name that `fields` say.
pub(super) fn renamed(now: Customer, fields: &Fields, faults: &mut Faults) -> Customer {
    let name = Name { whole: now.name.clone(), first: now.first_name.clone(), last: now.last_name.clone() };
    let name = names::updated(name.clone(), &fields.name, &fields.first_name, &fields.last_name)
        .unwrap_or_else(|wrong| {
            faults.extend(wrong.into_iter().map(|(field, say)| (field.to_owned(), vec![say])));
            name
        });
    Customer { name: name.whole, first_name: name.first, last_name: name.last, ..now }
}

/// Holds a live customer's row until the transaction ends, so that nothing of theirs changes meanwhile; gives
/// their key. 404 where there is none.
pub async fn lock(tx: &Tx, tenant: &Tenant, id: CustomerId) -> Result<PersonKey> {
    let loaded = store::one(tx, tenant, id, true).await?.ok_or_else(Failure::not_found)?;
    Ok(loaded.key)
}

/// The same, with the customer.
pub async fn hold(tx: &Tx, tenant: &Tenant, id: CustomerId) -> Result<(Customer, PersonKey)> {
    let loaded = store::one(tx, tenant, id, true).await?.ok_or_else(Failure::not_found)?;
    Ok((loaded.customer, loaded.key))
}

/// Reads a customer under their lock, lets `work` change them, and writes what is other then.
pub(super) async fn change(
    tx: &Tx,
    tenant: &Tenant,
    id: CustomerId,
    work: impl AsyncFnOnce(Customer, Ts) -> Result<Customer>,
) -> Result<()> {
    let at = tx.now();
    let before = store::one(tx, tenant, id, true).await?.ok_or_else(Failure::not_found)?;
    let after = work(before.customer.clone(), at).await?;
    if after == before.customer {
        return Ok(());
    }
    let (before_addresses, phone_before) = (before.customer.addresses.clone(), before.customer.phone.clone());
    let after = Loaded { customer: Customer { updated_at: at, ..after }, ..before };
    tx.update(2, &[store::row(tx, tenant, &after)]).await?;
    let was = (before_addresses.as_slice(), phone_before.as_deref());
    store::save_addresses(tx, tenant, was, &after).await?;
    tell(tx, tenant, "customer.update", &after.customer, &after.key).await
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, customer: &Customer, key: &PersonKey) -> Result<()> {
    let (person, body) = ((customer.id.0, key), view::customer(customer));
    tx.insert(&[events::personal_row(tx, tenant, name, "customer", customer.id, person, &body)]).await
}

/// `now` with everything but the name as `fields` say; what is wrong goes to `faults`.
async fn applied(
    tx: &Tx,
    tenant: &Tenant,
    now: Customer,
    fields: &Fields,
    faults: &mut Faults,
) -> Result<Customer> {
    let taken = match &fields.external_id {
        Change::Set(external_id) => taken(tx, tenant, now.id, external_id.trim()).await?,
        Change::Keep | Change::Clear => None,
    };
    Ok(decided(tx, tenant, now, fields, taken, faults))
}

/// The same where it is known what is wrong with an external id because another has it.
pub(super) fn decided(
    tx: &Tx,
    tenant: &Tenant,
    now: Customer,
    fields: &Fields,
    taken: Option<String>,
    faults: &mut Faults,
) -> Customer {
    let at = tx.now();
    let mut after = checked(now, fields, tenant.today(at), faults);
    if let Change::Set(external_id) = &fields.external_id
        && let Some(say) = refs::fault(external_id.trim()).or(taken)
    {
        faults.push(("external_id".into(), vec![say]));
    }
    match addresses::merged(&after.addresses, &fields.addresses, at, || tx.new_id()) {
        Ok(addresses) => after.addresses = addresses,
        Err(wrong) => faults.extend(wrong),
    }
    after
}

async fn taken(tx: &Tx, tenant: &Tenant, id: CustomerId, external_id: &str) -> Result<Option<String>> {
    let other = refs::by_external_id(tx, tenant.id, "customer", external_id).await?;
    Ok(other.filter(|other| *other != id.0).map(|_| refs::TAKEN.to_owned()))
}

/// What can be told without asking anybody.
fn checked(now: Customer, fields: &Fields, today: Day, faults: &mut Faults) -> Customer {
    let mut read = |field: &str, change: &Change<String>, stored: Option<String>, parse: Parse, say: &str| {
        let Change::Set(text) = change else { return change.clone().over(stored) };
        let parsed = parse(text.trim());
        if parsed.is_none() {
            faults.push((field.to_owned(), vec![say.to_owned()]));
        }
        parsed
    };
    let ssn_last4 = read(
        "ssn_last4",
        &fields.ssn_last4,
        now.ssn_last4.as_ref().map(|ssn| ssn.reveal().clone()),
        last_four,
        "The ssn last4 field must be 4 digits.",
    );
    let email =
        read("email", &fields.email, now.email, us::email, "The email field must be a valid email address.");
    let phone = read(
        "phone",
        &fields.phone,
        now.phone,
        us::phone,
        "The phone field must be a valid US phone number.",
    );
    let external_id = fields.external_id.clone().over(now.external_id);
    let date_of_birth = fields.date_of_birth.clone().over(now.date_of_birth);
    if date_of_birth.is_some_and(|day| day > today) {
        let say = "The date of birth field must be a date before or equal to today.";
        faults.push(("date_of_birth".into(), vec![say.into()]));
    }
    Customer {
        external_id: external_id.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        status: fields.status.as_set().copied().unwrap_or(now.status),
        email,
        phone,
        date_of_birth,
        ssn_last4: ssn_last4.map(Secret::new),
        metadata: match &fields.metadata {
            Change::Keep => now.metadata,
            Change::Clear => Default::default(),
            Change::Set(changes) => metadata::merged(now.metadata, changes),
        },
        ..now
    }
}

type Parse = fn(&str) -> Option<String>;

/// Four digits; zeros that a spreadsheet dropped are put back.
fn last_four(text: &str) -> Option<String> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| format!("{text:0>4}"))
}

/// Why a customer cannot be erased now, where they cannot.
pub async fn erase_refusal(tx: &Tx, tenant: &Tenant, id: CustomerId) -> Result<Option<&'static str>> {
    let owing = tx
        .number(
            "SELECT count(*) FROM debt WHERE tenant_id = $1 AND customer_id = $2 AND deleted_at IS NULL AND (current_balance > 0 OR reserved > 0)",
            &[&tenant.id, &id],
        )
        .await?;
    if owing > 0 {
        return Ok(Some("The customer has accounts that still owe and cannot be deleted."));
    }
    // Money on its way comes back by the customer's payment method, if it comes back.
    let open = tx
        .number(
            "SELECT count(*) FROM charge WHERE tenant_id = $1 AND customer_id = $2 AND state IN ('scheduled', 'submitting', 'unknown', 'pending')",
            &[&tenant.id, &id],
        )
        .await?;
    let refunds = tx
        .number(
            "SELECT count(*) FROM refund JOIN charge ON charge.tenant_id = refund.tenant_id AND charge.id = refund.charge_id WHERE refund.tenant_id = $1 AND charge.customer_id = $2 AND refund.state IN ('submitting', 'unknown', 'pending')",
            &[&tenant.id, &id],
        )
        .await?;
    Ok((open + refunds > 0)
        .then_some("The customer has charges or refunds that are not completed and cannot be deleted."))
}

/// Erases a customer: what was sealed with their key can never be read again, also in events. The ledger, which
/// names nobody, stays. 400 while they owe.
pub async fn delete(tx: &Tx, tenant: &Tenant, id: CustomerId) -> Result<()> {
    let customer = store::one(tx, tenant, id, true).await?.ok_or_else(Failure::not_found)?.customer;
    if let Some(say) = erase_refusal(tx, tenant, id).await? {
        return Err(Failure::refused(Code::NotAllowedNow, say));
    }
    let (at, t) = (tx.now(), &tenant.id);
    tx.run("DELETE FROM address WHERE tenant_id = $1 AND customer_id = $2", &[t, &id]).await?;
    // What was said to them, and when, stays; not where to, nor in which words. What waits is said to nobody.
    tx.run(
        "UPDATE message SET recipient = NULL, variables = NULL, last_error = CASE WHEN state = 'pending' THEN 'erased' ELSE last_error END, state = CASE WHEN state = 'pending' THEN 'canceled' ELSE state END, due_at = NULL, updated_at = $3 WHERE tenant_id = $1 AND customer_id = $2",
        &[t, &id, &at],
    )
    .await?;
    // The last four digits and the brand stay, for the statement; nothing that could be charged does.
    let nothing: Vec<u8> = Vec::new();
    tx.run(
        "UPDATE payment_method SET token = $3, fingerprint = NULL, bin = NULL, expiry_month = NULL, expiry_year = NULL, holder = NULL, postal_code = NULL, state = NULL, routing_number = NULL, is_primary = $4, updated_at = $5, deleted_at = coalesce(deleted_at, $5) WHERE tenant_id = $1 AND customer_id = $2",
        &[t, &id, &nothing, &false, &at],
    )
    .await?;
    // Also the cards that came with a charge of theirs and belong to nobody.
    tx.run(
        "UPDATE payment_method SET token = $3, fingerprint = NULL, bin = NULL, expiry_month = NULL, expiry_year = NULL, holder = NULL, postal_code = NULL, state = NULL, routing_number = NULL, updated_at = $4, deleted_at = coalesce(deleted_at, $4) WHERE tenant_id = $1 AND (customer_id IS NULL) = true AND id IN each(SELECT payment_method_id FROM charge WHERE tenant_id = $1 AND customer_id = $2)",
        &[t, &id, &nothing, &at],
    )
    .await?;
    tx.run(
        "UPDATE customer SET external_id = NULL, data_key = NULL, name = NULL, first_name = NULL, last_name = NULL, email = NULL, phone = NULL, date_of_birth = NULL, ssn_last4 = NULL, metadata = NULL, name_index = NULL, email_index = NULL, phone_index = NULL, phone_ssn_index = NULL, phone_birth_index = NULL, name_ssn_index = NULL, name_birth_index = NULL, updated_at = $3, deleted_at = $3 WHERE tenant_id = $1 AND id = $2",
        &[t, &id, &at],
    )
    .await?;
    // No link of theirs opens anything; what else they wrote is sealed with their key.
    tx.run("DELETE FROM browser WHERE tenant_id = $1 AND customer_id = $2", &[t, &id]).await?;
    tx.run("DELETE FROM customer_session WHERE tenant_id = $1 AND customer_id = $2", &[t, &id]).await?;
    tx.run("DELETE FROM document_chunk WHERE tenant_id = $1 AND document_id IN each(SELECT id FROM document WHERE tenant_id = $1 AND customer_id = $2)", &[t, &id]).await?;
    tx.run("DELETE FROM document WHERE tenant_id = $1 AND customer_id = $2", &[t, &id]).await?;
    tx.run("DELETE FROM customer_preference WHERE tenant_id = $1 AND customer_id = $2", &[t, &id]).await?;
    // Sealed with the tenant's key, since theirs is gone: it tells who went, by the two ids, and nothing else.
    let body = json!({"id": id.to_string(), "external_id": customer.external_id});
    events::emit(tx, tenant, "customer.delete", "customer", id, &body).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_get_their_zeros_back() {
        assert_eq!(last_four("42").as_deref(), Some("0042"));
        assert_eq!(last_four("0042").as_deref(), Some("0042"));
        for bad in ["", "12345", "-1", "12a", "***-**-1234"] {
            assert_eq!(last_four(bad), None, "{bad}");
        }
    }
}
