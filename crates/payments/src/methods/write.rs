//! Storing, changing and deleting methods.

use base::db::{Command, Tx};
use base::vault::PersonKey;
use base::{Change, Code, Failure, Result, Ts};
use books::events;
use books::orgs::Tenant;
use books::people::{self, CustomerId};

use super::halt;
use super::model::{Fields, Kind, Method, MethodId, NewMethod};
use super::{one_time, store};
use crate::card::Expiry;
use crate::charges::postings::Rail;

/// Stores a method that has its token.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: MethodId,
    /// Whose it is; `None` for a standalone one.
    pub customer: Option<CustomerId>,
    /// The method.
    pub new: &'a NewMethod,
    /// `true` makes it the primary one; the first is in any case.
    pub is_primary: Option<bool>,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_methods.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        create(tx, self.tenant, self.id, self.customer, self.new, self.is_primary).await
    }
}

/// Stores a method as part of somebody's transaction; see [`Create`].
pub async fn create(
    tx: &Tx,
    tenant: &Tenant,
    id: MethodId,
    customer: Option<CustomerId>,
    new: &NewMethod,
    is_primary: Option<bool>,
) -> Result<()> {
    if let Some(one_time) = new.one_time {
        one_time::spend(tx, tenant, one_time).await?;
    }
    let halted = halt::known(tx, tenant, new.fingerprint.as_ref()).await?;
    store_new(tx, tenant, id, customer, new, is_primary).await?;
    if let Some(halted) = halted {
        halt::inherit(tx, tenant, id, halted).await?;
    }
    tell(tx, tenant, id, "payment-method.create").await
}

/// Keeps for a customer what they paid with, unless they have the same card or account already.
pub struct Keep<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: MethodId,
    /// Who keeps it.
    pub customer: CustomerId,
    /// What.
    pub new: &'a NewMethod,
}

impl Command for Keep<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_methods.keep"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, customer) = (self.tenant, self.customer);
        people::lock(tx, tenant, customer).await?;
        let same = "SELECT count(*) FROM payment_method WHERE tenant_id = $1 AND customer_id = $2 \
                    AND fingerprint = $3 AND deleted_at IS NULL";
        if let Some(print) = &self.new.fingerprint
            && tx.number(same, &[&tenant.id, &customer, print]).await? > 0
        {
            return Ok(());
        }
        create(tx, tenant, self.id, Some(customer), self.new, None).await
    }
}

/// Writes that something happened to a live method.
pub(super) async fn tell(tx: &Tx, tenant: &Tenant, id: MethodId, name: &str) -> Result<()> {
    let method = store::one(tx, tenant, id, false).await?.ok_or_else(Failure::not_found)?;
    events::emit(tx, tenant, name, "payment_method", id, &method.event_body()).await
}

async fn store_new(
    tx: &Tx,
    tenant: &Tenant,
    id: MethodId,
    customer: Option<CustomerId>,
    new: &NewMethod,
    is_primary: Option<bool>,
) -> Result<()> {
    let Some(customer) = customer else {
        return tx.insert(&[store::new_row(tx, tenant, id, None, new, false)]).await;
    };
    let key = people::lock(tx, tenant, customer).await?;
    let is_first = oldest(tx, tenant, customer).await?.is_none();
    if is_primary == Some(true) {
        unmake_primary(tx, tenant, customer).await?;
    }
    let is_primary = is_first || is_primary == Some(true);
    tx.insert(&[store::new_row(tx, tenant, id, Some((customer, &key)), new, is_primary)]).await
}

/// Makes sure that there is a method with this id to show a past charge with. Where there is none (the books have
/// lost it) its place is taken by one that is deleted from the start: it has no token and can never be charged.
pub async fn stand_in(tx: &Tx, tenant: &Tenant, id: MethodId, rail: Rail) -> Result<()> {
    let sql = "SELECT count(*) FROM payment_method WHERE tenant_id = $1 AND id = $2";
    if tx.number(sql, &[&tenant.id, &id]).await? > 0 {
        return Ok(());
    }
    tx.insert(&[store::stand_in(tx, tenant, id, rail)]).await
}

/// Changes what may change in a method. 404 where there is none.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: MethodId,
    /// What changes.
    pub fields: &'a Fields,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_methods.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, key) = locked(tx, self.tenant, self.id).await?;
        let mut after = applied(before.clone(), self.fields)?;
        if let Some(customer) = after.customer_id.filter(|_| self.fields.is_primary == Some(true)) {
            if !before.is_primary {
                unmake_primary(tx, self.tenant, customer).await?;
            }
            after.is_primary = true;
        }
        if after == before {
            return Ok(());
        }
        after.updated_at = tx.now();
        tx.update(2, &[store::changed(tx, self.tenant, key.as_ref(), &after)]).await?;
        if after.expiry != before.expiry {
            halt::renewed(tx, self.tenant, self.id).await?;
        }
        tell(tx, self.tenant, self.id, "payment-method.update").await
    }
}

/// Deletes a method: its token is gone, what it paid still shows it. 404 where there is none, 400 while a charge
/// that is not completed uses it.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: MethodId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_methods.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (method, _) = locked(tx, self.tenant, self.id).await?;
        let open = tx
            .number(
                "SELECT count(*) FROM charge WHERE tenant_id = $1 AND payment_method_id = $2 AND state IN ('scheduled', 'submitting', 'unknown', 'pending')",
                &[&self.tenant.id, &self.id],
            )
            .await?;
        if open > 0 {
            return Err(Failure::refused(
                Code::NotAllowedNow,
                "The payment method has charges that are not completed and cannot be deleted.",
            ));
        }
        let plans = tx
            .number(
                "SELECT count(*) FROM plan_authorization WHERE tenant_id = $1 AND payment_method_id = $2 AND ended_at IS NULL",
                &[&self.tenant.id, &self.id],
            )
            .await?;
        if plans > 0 {
            return Err(Failure::refused(
                Code::NotAllowedNow,
                "A payment plan charges the payment method; give the plan another one, or cancel it, first.",
            ));
        }
        let (nothing, at): (Vec<u8>, Ts) = (Vec::new(), tx.now());
        tx.run(
            "UPDATE payment_method SET token = $3, fingerprint = CASE WHEN stopped_at IS NULL AND retry_at IS NULL THEN NULL ELSE fingerprint END, is_primary = $4, updated_at = $5, deleted_at = $5 WHERE tenant_id = $1 AND id = $2",
            &[&self.tenant.id, &self.id, &nothing, &false, &at],
        )
        .await?;
        let (name, body) = ("payment-method.delete", method.event_body());
        events::emit(tx, self.tenant, name, "payment_method", self.id, &body).await?;
        let Some(customer) = method.customer_id.filter(|_| method.is_primary) else { return Ok(()) };
        if let Some(oldest) = oldest(tx, self.tenant, customer).await? {
            tx.run(
                "UPDATE payment_method SET is_primary = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
                &[&self.tenant.id, &oldest, &true, &at],
            )
            .await?;
            tell(tx, self.tenant, oldest, "payment-method.update").await?;
        }
        Ok(())
    }
}

base::record! {
    struct Found in "payment_method" { id: MethodId }
}

/// The oldest live method of a customer.
async fn oldest(tx: &Tx, tenant: &Tenant, customer: CustomerId) -> Result<Option<MethodId>> {
    let tail = "WHERE tenant_id = $1 AND customer_id = $2 AND deleted_at IS NULL ORDER BY id LIMIT 1";
    Ok(tx.find::<Found>(tail, &[&tenant.id, &customer]).await?.map(|found| found.id))
}

async fn unmake_primary(tx: &Tx, tenant: &Tenant, customer: CustomerId) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND customer_id = $2 AND is_primary = true AND deleted_at IS NULL";
    let Some(Found { id }) = tx.find(tail, &[&tenant.id, &customer]).await? else { return Ok(()) };
    tx.run(
        "UPDATE payment_method SET is_primary = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
        &[&tenant.id, &id, &false, &tx.now()],
    )
    .await?;
    tell(tx, tenant, id, "payment-method.update").await
}

/// A method under its customer's lock and its own: always in this order, so that no two wait for each other.
pub(super) async fn locked(tx: &Tx, tenant: &Tenant, id: MethodId) -> Result<(Method, Option<PersonKey>)> {
    let method = store::one(tx, tenant, id, false).await?.ok_or_else(Failure::not_found)?;
    let key = match method.customer_id {
        Some(customer) => Some(people::lock(tx, tenant, customer).await?),
        None => None,
    };
    Ok((store::one(tx, tenant, id, true).await?.ok_or_else(Failure::not_found)?, key))
}

/// `now` as `fields` say; refuses everything that is wrong at once.
fn applied(now: Method, fields: &Fields) -> Result<Method> {
    let mut faults: Vec<(String, Vec<String>)> = Vec::new();
    let mut fault = |field: &str, predicate: &str| {
        let say = format!("The {} field {predicate}", field.replace('_', " "));
        faults.push((field.to_owned(), vec![say]));
    };
    let names = match now.kind {
        Kind::Card => ["card.card_holder", "card.card_postal_code", ""],
        Kind::Ach => ["ach.account_holder", "ach.account_zip", "ach.account_state"],
    };
    let is_optional = [false, now.kind == Kind::Card, false];
    let mut text = |at: usize, change: &Change<String>, now: Option<String>| {
        if matches!(change, Change::Clear) && now.is_some() && !is_optional[at] {
            fault(names[at], "is required.");
        }
        change.clone().over(now)
    };
    let holder = text(0, &fields.holder, now.holder);
    let postal_code = text(1, &fields.postal_code, now.postal_code);
    let state = match now.kind {
        Kind::Card => now.state,
        Kind::Ach => text(2, &fields.state, now.state),
    };
    let expiry = match (now.kind, now.expiry) {
        (Kind::Card, Some(expiry)) => {
            let month = fields.expiry_month.clone().unwrap_or_else(|| expiry.month().to_string());
            let year = fields.expiry_year.clone().unwrap_or_else(|| expiry.year().to_string());
            let changed = Expiry::parse(month.trim(), year.trim());
            if changed.is_none() {
                let is_month = Expiry::parse(month.trim(), "2030").is_none();
                let which = if is_month { "card.card_expiration_month" } else { "card.card_expiration_year" };
                fault(which, "must be a month and a year of this century.");
            }
            changed.or(Some(expiry))
        }
        (_, expiry) => expiry,
    };
    if faults.is_empty() {
        Ok(Method { holder, postal_code, state, expiry, ..now })
    } else {
        Err(Failure::fields(faults))
    }
}
