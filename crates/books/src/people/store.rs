//! Customers and addresses as rows: sealed one field at a time with the person's own key.
//!
//! Whatever is here read is live: a deleted customer has no data key and is never opened again.

use std::collections::HashMap;

use base::db::{Ids, Texts, Tx, Write};
use base::page::Which;
use base::secret::Secret;
use base::vault::{PersonKey, Sealed, was_exchanged};
use base::{Day, Failure, Listed, Page, Ref, Result, TenantId, Ts};
use uuid::Uuid;

use super::model::{Address, AddressId, Customer, CustomerId, Status};
use super::signs::Sign;
use crate::metadata;
use crate::orgs::Tenant;

base::record! {
    pub(super) struct CustomerRow in "customer" {
        tenant_id: TenantId,
        pub(super) id: CustomerId,
        external_id: Option<String>,
        status: String,
        data_key: Option<Sealed>,
        name: Option<Sealed>,
        first_name: Option<Sealed>,
        last_name: Option<Sealed>,
        email: Option<Sealed>,
        phone: Option<Sealed>,
        date_of_birth: Option<Sealed>,
        ssn_last4: Option<Sealed>,
        metadata: Option<Sealed>,
        name_index: Option<Vec<u8>>,
        email_index: Option<Vec<u8>>,
        phone_index: Option<Vec<u8>>,
        phone_ssn_index: Option<Vec<u8>>,
        phone_birth_index: Option<Vec<u8>>,
        name_ssn_index: Option<Vec<u8>>,
        name_birth_index: Option<Vec<u8>>,
        lookup_version: Option<i64>,
        created_at: Ts,
        updated_at: Ts,
        deleted_at: Option<Ts>,
    }
}

base::record! {
    struct AddressRow in "address" {
        tenant_id: TenantId,
        id: AddressId,
        customer_id: CustomerId,
        name: Option<Sealed>,
        line1: Option<Sealed>,
        line2: Option<Sealed>,
        city: Option<Sealed>,
        state: Option<Sealed>,
        postal_code: Option<Sealed>,
        country: Option<Sealed>,
        is_primary: bool,
        phone_postal_index: Option<Vec<u8>>,
        created_at: Ts,
        updated_at: Ts,
    }
}

base::record! {
    struct KeyRow in "customer" { id: CustomerId, data_key: Option<Sealed> }
}

/// A customer with the key of their data.
pub(super) struct Loaded {
    pub(super) customer: Customer,
    pub(super) key: PersonKey,
    pub(super) wrapped: Sealed,
}

/// A live customer; locked until the end of the transaction where `lock` says so.
pub(super) async fn one(tx: &Tx, tenant: &Tenant, id: CustomerId, lock: bool) -> Result<Option<Loaded>> {
    let for_update = if lock { " FOR UPDATE" } else { "" };
    let tail = format!("WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL{for_update}");
    let row: Option<CustomerRow> = tx.find(&tail, &[&tenant.id, &id]).await?;
    // The addresses are read after the lock, so that they are those of its moment.
    Ok(opened(tx, tenant, row.into_iter().collect()).await?.pop())
}

/// How often rows are read again because a data key was exchanged between two statements. Once is rare.
const READ_AGAIN: u32 = 8;

/// Rows and their addresses, opened, in their order. Rows are read again, and left out where they are gone, if a
/// data key was exchanged between the customer's row and an address.
pub(super) async fn opened(tx: &Tx, tenant: &Tenant, mut rows: Vec<CustomerRow>) -> Result<Vec<Loaded>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let order: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
    let ids = Ids::of(order.iter().copied());
    for tries in 1.. {
        match with_addresses(tx, tenant, &ids, rows).await {
            Err(failure) if tries < READ_AGAIN && was_exchanged(&failure) => {}
            done => return done,
        }
        rows = tx
            .select("WHERE tenant_id = $1 AND id IN ids($2) AND deleted_at IS NULL", &[&tenant.id, &ids])
            .await?;
        rows.sort_by_key(|row| order.iter().position(|id| *id == row.id));
    }
    unreachable!("the last try returns")
}

async fn with_addresses(tx: &Tx, tenant: &Tenant, ids: &Ids, rows: Vec<CustomerRow>) -> Result<Vec<Loaded>> {
    let mut addresses: HashMap<CustomerId, Vec<AddressRow>> = HashMap::new();
    let all: Vec<AddressRow> =
        tx.select("WHERE tenant_id = $1 AND customer_id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await?;
    for row in all {
        addresses.entry(row.customer_id).or_default().push(row);
    }
    rows.into_iter()
        .map(|row| {
            let theirs = addresses.remove(&row.id).unwrap_or_default();
            open(tenant, row, theirs)
        })
        .collect()
}

fn open(tenant: &Tenant, row: CustomerRow, addresses: Vec<AddressRow>) -> Result<Loaded> {
    let erased = || Failure::broken("opening a customer", "the data key is gone");
    let wrapped = row.data_key.ok_or_else(erased)?;
    let key = tenant.key.open_person_key(row.id.0, &wrapped)?;
    let text = |column: &'static str, sealed: &Option<Sealed>| -> Result<Option<String>> {
        sealed.as_ref().map(|sealed| key.open_text("customer", column, row.id, sealed)).transpose()
    };
    let day = |text: String| {
        Day::parse(&text).ok_or_else(|| Failure::broken("opening a customer", "the birthday is no day"))
    };
    let customer = Customer {
        id: row.id,
        external_id: row.external_id,
        status: Status::parse(&row.status)
            .ok_or_else(|| Failure::broken("opening a customer", "the status is unknown"))?,
        name: text("name", &row.name)?.ok_or_else(erased)?,
        first_name: text("first_name", &row.first_name)?,
        last_name: text("last_name", &row.last_name)?,
        email: text("email", &row.email)?,
        phone: text("phone", &row.phone)?,
        date_of_birth: text("date_of_birth", &row.date_of_birth)?.map(day).transpose()?,
        ssn_last4: text("ssn_last4", &row.ssn_last4)?.map(Secret::new),
        metadata: text("metadata", &row.metadata)?
            .map(|text| metadata::from_text(&text))
            .transpose()?
            .unwrap_or_default(),
        addresses: addresses.into_iter().map(|row| open_address(&key, row)).collect::<Result<_>>()?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(Loaded { customer, key, wrapped })
}

fn open_address(key: &PersonKey, row: AddressRow) -> Result<Address> {
    let text = |column: &'static str, sealed: Option<Sealed>| -> Result<Option<String>> {
        sealed.map(|sealed| key.open_text("address", column, row.id, &sealed)).transpose()
    };
    Ok(Address {
        id: row.id,
        name: text("name", row.name)?,
        line1: text("line1", row.line1)?,
        line2: text("line2", row.line2)?,
        city: text("city", row.city)?,
        state: text("state", row.state)?,
        postal_code: text("postal_code", row.postal_code)?,
        country: text("country", row.country)?,
        is_primary: row.is_primary,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A customer as their row, sealed and indexed.
pub(super) fn row(tx: &Tx, tenant: &Tenant, loaded: &Loaded) -> CustomerRow {
    let (c, key) = (&loaded.customer, &loaded.key);
    let seal = |column: &str, text: Option<&str>| {
        text.map(|text| key.seal(tx.seams(), "customer", column, c.id, text.as_bytes()))
    };
    let metadata = (!c.metadata.is_empty()).then(|| metadata::to_text(&c.metadata));
    let birth = c.date_of_birth.map(|day| day.to_string());
    let ssn = c.ssn_last4.as_ref().map(|ssn| ssn.reveal().as_str());
    let indexes = Known {
        name: &c.name,
        email: c.email.as_deref(),
        phone: c.phone.as_deref(),
        born: c.date_of_birth,
        ssn,
    }
    .indexes(tenant, c.id);
    CustomerRow {
        tenant_id: tenant.id,
        id: c.id,
        external_id: c.external_id.clone(),
        status: c.status.as_str().into(),
        data_key: Some(loaded.wrapped.clone()),
        name: seal("name", Some(&c.name)),
        first_name: seal("first_name", c.first_name.as_deref()),
        last_name: seal("last_name", c.last_name.as_deref()),
        email: seal("email", c.email.as_deref()),
        phone: seal("phone", c.phone.as_deref()),
        date_of_birth: seal("date_of_birth", birth.as_deref()),
        ssn_last4: seal("ssn_last4", ssn),
        metadata: seal("metadata", metadata.as_deref()),
        name_index: indexes.name_index,
        email_index: indexes.email_index,
        phone_index: indexes.phone_index,
        phone_ssn_index: indexes.phone_ssn_index,
        phone_birth_index: indexes.phone_birth_index,
        name_ssn_index: indexes.name_ssn_index,
        name_birth_index: indexes.name_birth_index,
        lookup_version: indexes.lookup_version,
        created_at: c.created_at,
        updated_at: c.updated_at,
        deleted_at: None,
    }
}

fn address_row(
    tx: &Tx,
    tenant: &Tenant,
    key: &PersonKey,
    customer: &Customer,
    address: &Address,
) -> AddressRow {
    let seal = |column: &str, text: &Option<String>| {
        text.as_ref().map(|text| key.seal(tx.seams(), "address", column, address.id, text.as_bytes()))
    };
    AddressRow {
        tenant_id: tenant.id,
        id: address.id,
        customer_id: customer.id,
        name: seal("name", &address.name),
        line1: seal("line1", &address.line1),
        line2: seal("line2", &address.line2),
        city: seal("city", &address.city),
        state: seal("state", &address.state),
        postal_code: seal("postal_code", &address.postal_code),
        country: seal("country", &address.country),
        is_primary: address.is_primary,
        phone_postal_index: postal_index(tenant, customer.phone.as_deref(), address.postal_code.as_deref()),
        created_at: address.created_at,
        updated_at: address.updated_at,
    }
}

fn postal_index(tenant: &Tenant, phone: Option<&str>, postal_code: Option<&str>) -> Option<Vec<u8>> {
    Some(Sign::phone_postal(phone?, postal_code?)?.written(tenant))
}

/// Writes what is other in `after`. The customer's row is locked.
pub(super) async fn save_addresses(
    tx: &Tx,
    tenant: &Tenant,
    before: (&[Address], Option<&str>),
    after: &Loaded,
) -> Result<()> {
    let ((before, phone_before), customer) = (before, after.customer.id);
    let addresses = &after.customer.addresses;
    // What an address is found by is made of the phone too.
    let same_phone = phone_before == after.customer.phone.as_deref();
    let gone = Ids::of(before.iter().map(|a| a.id).filter(|id| addresses.iter().all(|a| a.id != *id)));
    if !gone.is_empty() {
        tx.run("DELETE FROM address WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, &gone]).await?;
    }
    let primary = |all: &[Address]| all.iter().find(|a| a.is_primary).map(|a| a.id);
    if primary(before) != primary(addresses) {
        // First none, then the other: there are never two, not even within a statement.
        tx.run(
            "UPDATE address SET is_primary = $3 WHERE tenant_id = $1 AND customer_id = $2 AND is_primary",
            &[&tenant.id, &customer, &false],
        )
        .await?;
    }
    let (mut changed, mut new) = (Vec::new(), Vec::new());
    for address in addresses {
        let row = address_row(tx, tenant, &after.key, &after.customer, address);
        match before.iter().find(|b| b.id == address.id) {
            Some(before) if before == address && same_phone => {}
            Some(_) => changed.push(row),
            None => new.push(row),
        }
    }
    if !changed.is_empty() {
        tx.update(2, &changed).await?;
    }
    tx.insert(&new).await
}

/// Live customers that these references name, ours first, then theirs; locked, in the order of their ids.
pub(super) async fn held(tx: &Tx, tenant: &Tenant, named: &[&Ref]) -> Result<Vec<Loaded>> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let ours = Ids::of(named.iter().filter_map(|which| which.ours()));
    let theirs = Texts(named.iter().map(|which| which.theirs().to_owned()).collect());
    let rows: Vec<CustomerRow> = tx
        .select(
            "WHERE tenant_id = $1 AND deleted_at IS NULL AND id IN each(\
             SELECT id FROM customer WHERE tenant_id = $1 AND deleted_at IS NULL AND id IN ids($2) \
             UNION ALL SELECT id FROM customer WHERE tenant_id = $1 AND deleted_at IS NULL \
             AND external_id IS NOT NULL AND external_id IN texts($3)) ORDER BY id FOR UPDATE",
            &[&tenant.id, &ours, &theirs],
        )
        .await?;
    opened(tx, tenant, rows).await
}

/// Writes many customers with their addresses: new ones, and for each changed one what it was. Their rows are locked.
pub(super) async fn save_all(
    tx: &Tx,
    tenant: &Tenant,
    new: &[Loaded],
    changed: &[(Customer, Loaded)],
) -> Result<()> {
    let new_rows: Vec<CustomerRow> = new.iter().map(|loaded| row(tx, tenant, loaded)).collect();
    let changed_rows: Vec<CustomerRow> = changed.iter().map(|(_, loaded)| row(tx, tenant, loaded)).collect();
    let (mut added, mut moved) = (Vec::new(), Vec::new());
    for loaded in new {
        let customer = &loaded.customer;
        added.extend(customer.addresses.iter().map(|a| address_row(tx, tenant, &loaded.key, customer, a)));
    }
    let primary = |all: &[Address]| all.iter().find(|a| a.is_primary).map(|a| a.id);
    let mut unmade = Vec::new();
    for (before, after) in changed {
        let customer = &after.customer;
        // What an address is found by is made of the phone too.
        let same_phone = before.phone == customer.phone;
        if primary(&before.addresses) != primary(&after.customer.addresses) {
            unmade.push(customer.id);
        }
        for address in &after.customer.addresses {
            let row = || address_row(tx, tenant, &after.key, customer, address);
            match before.addresses.iter().find(|b| b.id == address.id) {
                Some(before) if before == address && same_phone => {}
                Some(_) => moved.push(row()),
                None => added.push(row()),
            }
        }
    }
    if !unmade.is_empty() {
        // First none, then the other: there are never two, not even within a statement.
        tx.run(
            "UPDATE address SET is_primary = $3 WHERE tenant_id = $1 AND customer_id IN ids($2) AND is_primary",
            &[&tenant.id, &Ids::of(unmade), &false],
        )
        .await?;
    }
    tx.batch(&[
        Write::insert(&new_rows),
        Write::update(2, &changed_rows),
        Write::update(2, &moved),
        Write::insert(&added),
    ])
    .await
}

/// A page of addresses, newest first. It is read again where a data key was exchanged between an address and its
/// customer.
pub(super) async fn list_addresses(
    tx: &Tx,
    tenant: &Tenant,
    page: Page,
) -> Result<Listed<(CustomerId, Address)>> {
    for tries in 1.. {
        let listed = Which::of(tenant.id, "customer_id IS NOT NULL").page::<AddressRow>(tx, page).await?;
        let keys = keys(tx, tenant, &Ids::of(listed.rows.iter().map(|row| row.customer_id))).await?;
        // An address goes with its customer's key: without one it is being erased.
        let (total, capped, more) = (listed.total, listed.capped, listed.more);
        let opened = listed.rows.into_iter().filter_map(|row| {
            let (customer, key) = (row.customer_id, keys.get(&row.customer_id)?);
            Some(open_address(key, row).map(|address| (customer, address)))
        });
        match opened.collect::<Result<Vec<_>>>() {
            Err(failure) if tries < READ_AGAIN && was_exchanged(&failure) => {}
            done => return Ok(Listed { rows: done?, total, capped, more }),
        }
    }
    unreachable!("the last try returns")
}

/// The data keys of live customers, as far as they are.
pub(super) async fn keys(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<HashMap<CustomerId, PersonKey>> {
    let rows: Vec<KeyRow> = tx
        .select("WHERE tenant_id = $1 AND id IN ids($2) AND data_key IS NOT NULL", &[&tenant.id, ids])
        .await?;
    let opened = rows.into_iter().filter_map(|row| Some((row.id, row.data_key?)));
    opened.map(|(id, wrapped)| Ok((id, tenant.key.open_person_key(Uuid::from(id), &wrapped)?))).collect()
}

base::record! {
    /// What a customer's indexes are made of.
    struct Indexed in "customer" {
        id: CustomerId,
        data_key: Option<Sealed>,
        name: Option<Sealed>,
        email: Option<Sealed>,
        phone: Option<Sealed>,
        date_of_birth: Option<Sealed>,
        ssn_last4: Option<Sealed>,
    }
}
base::record! {
    pub(super) struct Found in "customer" { pub(super) id: CustomerId }
}
base::record! {
    pub(super) struct Unindexed in "customer" { pub(super) tenant_id: TenantId, pub(super) id: CustomerId }
}
base::record! {
    struct Indexes in "customer" {
        tenant_id: TenantId,
        id: CustomerId,
        name_index: Option<Vec<u8>>,
        email_index: Option<Vec<u8>>,
        phone_index: Option<Vec<u8>>,
        phone_ssn_index: Option<Vec<u8>>,
        phone_birth_index: Option<Vec<u8>>,
        name_ssn_index: Option<Vec<u8>>,
        name_birth_index: Option<Vec<u8>>,
        lookup_version: Option<i64>,
    }
}
base::record! {
    struct PostalCode in "address" { id: AddressId, customer_id: CustomerId, postal_code: Option<Sealed> }
}
base::record! {
    struct PostalIndex in "address" { tenant_id: TenantId, id: AddressId, phone_postal_index: Option<Vec<u8>> }
}

/// By which set of indexes customers are found.
const LOOKUP_VERSION: i64 = 1;

/// What a customer is found by, in plain.
struct Known<'a> {
    name: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    born: Option<Day>,
    ssn: Option<&'a str>,
}

impl Known<'_> {
    fn indexes(&self, tenant: &Tenant, id: CustomerId) -> Indexes {
        let written = |sign: Option<Sign>| sign.map(|sign| sign.written(tenant));
        Indexes {
            tenant_id: tenant.id,
            id,
            name_index: written(Sign::name(self.name)),
            email_index: written(self.email.map(Sign::email)),
            phone_index: written(self.phone.map(Sign::phone)),
            phone_ssn_index: written(
                self.phone.zip(self.ssn).map(|(phone, ssn)| Sign::phone_ssn(phone, ssn)),
            ),
            phone_birth_index: written(
                self.phone.zip(self.born).map(|(phone, born)| Sign::phone_birth(phone, born)),
            ),
            name_ssn_index: written(self.ssn.and_then(|ssn| Sign::name_ssn(self.name, ssn))),
            name_birth_index: written(self.born.and_then(|born| Sign::name_birth(self.name, born))),
            lookup_version: Some(LOOKUP_VERSION),
        }
    }
}

/// Indexes at most so many live customers after one anew; gives their ids, in order.
pub(super) async fn index_again(
    tx: &Tx,
    tenant: &Tenant,
    after: CustomerId,
    most: i64,
) -> Result<Vec<CustomerId>> {
    // First which, then their locks: a row that changed while its lock was awaited may not be one of them any more.
    let tail = "WHERE tenant_id = $1 AND id > $2 AND data_key IS NOT NULL ORDER BY id LIMIT $3";
    let found: Vec<Found> = tx.select(tail, &[&tenant.id, &after, &most]).await?;
    index_these(tx, tenant, &Ids::of(found.iter().map(|f| f.id))).await?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Indexes these customers and their addresses anew, those that live; gives how many that were.
pub(super) async fn index_these(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let tail = "WHERE tenant_id = $1 AND id IN ids($2) AND data_key IS NOT NULL ORDER BY id FOR UPDATE";
    let rows: Vec<Indexed> = tx.select(tail, &[&tenant.id, ids]).await?;
    let tail = "WHERE tenant_id = $1 AND customer_id IN ids($2) ORDER BY id";
    let addresses: Vec<PostalCode> = tx.select(tail, &[&tenant.id, ids]).await?;
    let (mut indexes, mut postal) = (Vec::with_capacity(rows.len()), Vec::with_capacity(addresses.len()));
    for row in &rows {
        let erased = || Failure::broken("indexing a customer", "the data key is gone");
        let key = tenant.key.open_person_key(row.id.0, row.data_key.as_ref().ok_or_else(erased)?)?;
        let text = |column: &'static str, sealed: &Option<Sealed>| -> Result<Option<String>> {
            sealed.as_ref().map(|sealed| key.open_text("customer", column, row.id, sealed)).transpose()
        };
        let (name, email, phone) =
            (text("name", &row.name)?, text("email", &row.email)?, text("phone", &row.phone)?);
        let born = text("date_of_birth", &row.date_of_birth)?.and_then(|day| Day::parse(&day));
        let ssn = text("ssn_last4", &row.ssn_last4)?.map(Secret::new);
        let known = Known {
            name: name.as_deref().unwrap_or_default(),
            email: email.as_deref(),
            phone: phone.as_deref(),
            born,
            ssn: ssn.as_ref().map(|ssn| ssn.reveal().as_str()),
        };
        indexes.push(known.indexes(tenant, row.id));
        for address in addresses.iter().filter(|a| a.customer_id == row.id) {
            let code = address.postal_code.as_ref();
            let code =
                code.map(|sealed| key.open_text("address", "postal_code", address.id, sealed)).transpose()?;
            let index = postal_index(tenant, phone.as_deref(), code.as_deref());
            postal.push(PostalIndex { tenant_id: tenant.id, id: address.id, phone_postal_index: index });
        }
    }
    tx.update(2, &indexes).await?;
    tx.update(2, &postal).await?;
    Ok(rows.len() as u64)
}
