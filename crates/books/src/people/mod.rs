//! Customers, who owe, and their addresses.
//!
//! Must always hold:
//! - Personal data is sealed with the person's own key and found only by blind index. Deleting that key erases
//!   the person, also from the events about them; the ledger stays.
//! - A customer who still owes, or whose money is on its way, is not deleted.
//! - Exactly one address is primary as long as there is any; whoever changes addresses holds the customer's row.
//! - Every change is one event in the same transaction, and what changes nothing is none.

mod addresses;
mod commands;
mod many;
mod model;
mod names;
mod signs;
mod store;
pub mod view;
mod write;

use std::collections::{BTreeMap, HashMap};

use base::db::{Command, Db, Ids, Param, Tx};
use base::page::Which;
use base::us::phone;
use base::vault::PersonKey;
use base::{Listed, Page, Ref, Result, TenantId};

pub use commands::{Create, CreateAddress, Delete, DeleteAddress, Update, UpdateAddress};
pub use many::Many;
pub use model::{
    Address, AddressFields, AddressId, AddressWrite, Customer, CustomerId, Fields, Filter, Sought, Status,
};
pub use write::{create, delete, erase_refusal, hold, lock, update};

use crate::counts::{self, List};
use crate::orgs::{Tenant, Tenants};
use crate::refs;
use signs::Sign;
use store::CustomerRow;

/// The most customers one lookup looks at: more of one name or phone are no proof of anybody.
const LOOKED_AT: i64 = 500;

/// The live customer that `reference` names: by our id first, then by the caller's.
pub async fn resolve(tx: &Tx, tenant: &Tenant, reference: &Ref) -> Result<Option<CustomerId>> {
    Ok(refs::resolve(tx, tenant.id, "customer", reference).await?.map(CustomerId))
}

/// A live customer.
pub async fn find(tx: &Tx, tenant: &Tenant, id: CustomerId) -> Result<Option<Customer>> {
    Ok(store::one(tx, tenant, id, false).await?.map(|loaded| loaded.customer))
}

/// Live customers by their ids, each once; those that are not there are left out.
pub async fn load(
    tx: &Tx,
    tenant: &Tenant,
    ids: impl IntoIterator<Item = CustomerId> + Send,
) -> Result<HashMap<CustomerId, Customer>> {
    let ids = Ids::of(ids);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<CustomerRow> = tx
        .select("WHERE tenant_id = $1 AND id IN ids($2) AND deleted_at IS NULL", &[&tenant.id, &ids])
        .await?;
    let opened = store::opened(tx, tenant, rows).await?;
    Ok(opened.into_iter().map(|loaded| (loaded.customer.id, loaded.customer)).collect())
}

/// Indexes at most so many live customers after one anew, under the newest key; gives their ids, in order.
pub(crate) async fn index_again(
    tx: &Tx,
    tenant: &Tenant,
    after: CustomerId,
    most: i64,
) -> Result<Vec<CustomerId>> {
    store::index_again(tx, tenant, after, most).await
}

/// The keys of customers' data, to seal and open what belongs to them. An erased customer has none.
pub async fn keys(
    tx: &Tx,
    tenant: &Tenant,
    ids: impl IntoIterator<Item = CustomerId> + Send,
) -> Result<HashMap<CustomerId, PersonKey>> {
    let ids = Ids::of(ids);
    if ids.is_empty() { Ok(HashMap::new()) } else { store::keys(tx, tenant, &ids).await }
}

/// The key of one customer's data; `None` once they were erased.
pub async fn key(tx: &Tx, tenant: &Tenant, id: CustomerId) -> Result<Option<PersonKey>> {
    Ok(keys(tx, tenant, [id]).await?.remove(&id))
}

/// A page of customers, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Customer>> {
    // A text that cannot be a phone or a name has an index nobody has.
    let nobody = || Vec::from([Vec::from([0u8])]);
    let which = Which::of(tenant.id, "deleted_at IS NULL")
        .filter_if("external_id = ?", filter.external_id.as_deref())
        .filter_if("status = ?", filter.status.map(Status::as_str))
        .filter_any("email_index", filter.email.as_deref().map(|email| Sign::email(email).all(tenant)))
        .filter_any(
            "phone_index",
            filter.phone.as_deref().map(|text| match phone(text) {
                Some(number) => Sign::phone(&number).all(tenant),
                None => nobody(),
            }),
        )
        .filter_any(
            "name_index",
            filter.name.as_deref().map(|name| Sign::name(name).map_or_else(nobody, |sign| sign.all(tenant))),
        );
    let counted = counts::of(tx, tenant, List::Customers, &which, page).await?;
    let Listed { rows, total, capped, more } = which.page_of::<CustomerRow>(tx, page, counted).await?;
    let rows = store::opened(tx, tenant, rows).await?.into_iter().map(|loaded| loaded.customer).collect();
    Ok(Listed { rows, total, capped, more })
}

/// A page of all customers' addresses, newest first, each with whose it is.
pub async fn list_addresses(tx: &Tx, tenant: &Tenant, page: Page) -> Result<Listed<(CustomerId, Address)>> {
    store::list_addresses(tx, tenant, page).await
}

/// The live customers of whom all that is told is true; never archived ones. Newest first. One look at one index,
/// whether somebody is found or not.
pub async fn lookup(tx: &Tx, tenant: &Tenant, sought: &Sought) -> Result<Vec<CustomerId>> {
    let sign = match sought {
        Sought::PhoneSsn(phone, ssn) => Some(Sign::phone_ssn(phone, ssn.reveal())),
        Sought::PhoneBirth(phone, born) => Some(Sign::phone_birth(phone, *born)),
        Sought::PhonePostalCode(phone, code) => Sign::phone_postal(phone, code),
        Sought::NameSsn(name, ssn) => Sign::name_ssn(name, ssn.reveal()),
        Sought::NameBirth(name, born) => Sign::name_birth(name, *born),
    };
    let Some(sign) = sign else { return Ok(Vec::new()) };
    // While the index key is exchanged a row stands under the old one or the new.
    let indexes = sign.all(tenant);
    let places: Vec<String> = (4..).take(indexes.len()).map(|n| format!("${n}")).collect();
    let is_it = format!("{}_index IN ({})", sign.column, places.join(", "));
    let is_it = match sought {
        Sought::PhonePostalCode(..) => {
            format!("id IN each(SELECT customer_id FROM address WHERE tenant_id = $1 AND {is_it})")
        }
        _ => is_it,
    };
    let tail = format!(
        "WHERE tenant_id = $1 AND {is_it} AND status <> $2 AND deleted_at IS NULL ORDER BY id DESC LIMIT $3"
    );
    let archived = Status::Archived.as_str();
    let mut params: Vec<&dyn Param> = vec![&tenant.id, &archived, &LOOKED_AT];
    params.extend(indexes.iter().map(|index| index as &dyn Param));
    let rows: Vec<store::Found> = tx.select(&tail, &params).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A step: makes the indexes of customers who were written before there were these; gives how many.
pub async fn index_unindexed(db: &Db, tenants: &Tenants, most: i64) -> Result<u64> {
    let tail = "WHERE lookup_version IS NULL AND data_key IS NOT NULL ORDER BY id LIMIT $1";
    let waiting: Vec<store::Unindexed> = db.read().await?.select(tail, &[&most]).await?;
    let mut of: BTreeMap<TenantId, Vec<CustomerId>> = BTreeMap::new();
    for row in waiting {
        of.entry(row.tenant_id).or_default().push(row.id);
    }
    let mut done = 0;
    for (tenant, ids) in of {
        let tenant = tenants.open(&db.read().await?, tenant).await?;
        done += db.run(&IndexAgain { tenant: &tenant, ids: Ids::of(ids) }).await?;
    }
    Ok(done)
}

struct IndexAgain<'a> {
    tenant: &'a Tenant,
    ids: Ids,
}

impl Command for IndexAgain<'_> {
    type Out = u64;

    fn name(&self) -> &'static str {
        "customers.index"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        store::index_these(tx, self.tenant, &self.ids).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<u64>> {
        Ok(None) // again is never too often
    }
}
