//! Methods as rows. The token is sealed with the tenant's key; the holder's name and address with the key of the
//! customer whose method it is, so that erasing them erases these too.

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::secret::Secret;
use base::vault::{PersonKey, Sealed, was_exchanged};
use base::{Failure, Result, TenantId, Ts};
use books::orgs::Tenant;
use books::people::{self, CustomerId};

use super::halt;
use super::model::{BANK_KINDS, Chargeable, Kind, Method, MethodId, NewMethod, bank_kind_str};
use crate::card::Expiry;
use crate::charges::postings::Rail;
use crate::networks::{Class, Lift};
use crate::processor::{Funding, Ownership};

base::record! {
    /// Everything but the token.
    pub(super) struct Row in "payment_method" {
        tenant_id: TenantId,
        pub(super) id: MethodId,
        customer_id: Option<CustomerId>,
        r#type: String,
        brand: Option<String>,
        bin: Option<String>,
        funding: Option<Funding>,
        last_four: String,
        expiry_month: Option<i64>,
        expiry_year: Option<i64>,
        holder: Option<Sealed>,
        postal_code: Option<Sealed>,
        state: Option<Sealed>,
        account_type: Option<String>,
        ownership_type: Option<String>,
        routing_number: Option<String>,
        is_primary: bool,
        stopped_at: Option<Ts>,
        stopped_code: Option<String>,
        stopped_class: Option<Class>,
        lifted_by: Option<Lift>,
        retry_at: Option<Ts>,
        watched_until: Option<Ts>,
        authorized_at: Option<Ts>,
        created_at: Ts,
        updated_at: Ts,
        deleted_at: Option<Ts>,
    }
}

base::record! {
    /// All of a new method.
    pub(crate) struct NewRow in "payment_method" {
        tenant_id: TenantId,
        id: MethodId,
        customer_id: Option<CustomerId>,
        r#type: String,
        token: Sealed,
        fingerprint: Option<Vec<u8>>,
        brand: Option<String>,
        bin: Option<String>,
        funding: Option<Funding>,
        last_four: String,
        expiry_month: Option<i64>,
        expiry_year: Option<i64>,
        holder: Option<Sealed>,
        postal_code: Option<Sealed>,
        state: Option<Sealed>,
        account_type: Option<String>,
        ownership_type: Option<String>,
        routing_number: Option<String>,
        is_primary: bool,
        created_at: Ts,
        updated_at: Ts,
    }
}

base::record! {
    /// What an update may change.
    pub(super) struct Changed in "payment_method" {
        tenant_id: TenantId,
        id: MethodId,
        expiry_month: Option<i64>,
        expiry_year: Option<i64>,
        holder: Option<Sealed>,
        postal_code: Option<Sealed>,
        state: Option<Sealed>,
        is_primary: bool,
        updated_at: Ts,
    }
}

base::record! {
    struct TokenRow in "payment_method" { token: Sealed }
}

base::record! {
    /// What of a live method decides about a charge, and its token.
    pub(super) struct ChargeableRow in "payment_method" {
        pub(super) id: MethodId,
        pub(super) customer_id: Option<CustomerId>,
        pub(super) r#type: String,
        pub(super) brand: Option<String>,
        pub(super) funding: Option<Funding>,
        pub(super) expiry_month: Option<i64>,
        pub(super) expiry_year: Option<i64>,
        pub(super) stopped_at: Option<Ts>,
        pub(super) stopped_code: Option<String>,
        pub(super) stopped_class: Option<Class>,
        pub(super) lifted_by: Option<Lift>,
        pub(super) retry_at: Option<Ts>,
        pub(super) watched_until: Option<Ts>,
        pub(super) authorized_at: Option<Ts>,
        pub(super) token: Sealed,
    }
}

impl ChargeableRow {
    pub(super) fn opened(self, tenant: &Tenant) -> Result<Chargeable> {
        let kind = Kind::parse(&self.r#type).ok_or_else(|| {
            Failure::broken("opening a payment method", format!("`{}` is no type", self.r#type))
        })?;
        let small = |n: Option<i64>| n.and_then(|n| u16::try_from(n).ok());
        let expiry = small(self.expiry_month)
            .zip(small(self.expiry_year))
            .and_then(|(month, year)| Expiry::new(month, year));
        // A token that does not open is for a person; the charge that needs it says so.
        let token = open_token(tenant, self.id, &self.token).ok();
        let halt = halt::of_columns(
            (self.stopped_at, self.stopped_code, self.stopped_class, self.lifted_by),
            (self.retry_at, self.watched_until, self.authorized_at),
        );
        let network = kind.network(self.brand.as_deref());
        let (brand, funding) = (self.brand, self.funding);
        Ok(Chargeable {
            id: self.id,
            owner: self.customer_id,
            kind,
            network,
            brand,
            funding,
            expiry,
            halt,
            token,
        })
    }
}

fn open_token(tenant: &Tenant, id: MethodId, sealed: &Sealed) -> Result<Secret<String>> {
    let bytes = tenant.key.open("payment_method", "token", id, sealed)?;
    String::from_utf8(bytes).map(Secret::new).map_err(|e| Failure::broken("reading a token", e))
}

base::record! {
    /// A method that only stands in for one that was lost.
    pub(super) struct StandIn in "payment_method" {
        tenant_id: TenantId,
        id: MethodId,
        r#type: String,
        token: Vec<u8>,
        last_four: String,
        is_primary: bool,
        created_at: Ts,
        updated_at: Ts,
        deleted_at: Ts,
    }
}

/// The row of a method that was lost, deleted from the start.
pub(super) fn stand_in(tx: &Tx, tenant: &Tenant, id: MethodId, rail: Rail) -> StandIn {
    let (tenant_id, at) = (tenant.id, tx.now());
    StandIn {
        tenant_id,
        id,
        r#type: rail.as_str().into(),
        token: Vec::new(),
        last_four: "0000".into(),
        is_primary: false,
        created_at: at,
        updated_at: at,
        deleted_at: at,
    }
}

/// The key for what names a method's holder.
pub(super) fn seal(
    tx: &Tx,
    tenant: &Tenant,
    person: Option<&PersonKey>,
    id: MethodId,
    column: &str,
    text: Option<&str>,
) -> Option<Sealed> {
    let bytes = text?.as_bytes();
    Some(match person {
        Some(key) => key.seal(tx.seams(), "payment_method", column, id, bytes),
        None => tenant.key.seal(tx.seams(), "payment_method", column, id, bytes),
    })
}

/// How often rows are read again because a data key was exchanged between two statements. Once is rare.
const READ_AGAIN: u32 = 8;

/// Rows, opened, in their order. They are read again if a data key was exchanged between a row and the key.
pub(super) async fn opened(tx: &Tx, tenant: &Tenant, mut rows: Vec<Row>) -> Result<Vec<Method>> {
    let order: Vec<MethodId> = rows.iter().map(|row| row.id).collect();
    for tries in 1.. {
        let keys = people::keys(tx, tenant, rows.iter().filter_map(|row| row.customer_id)).await?;
        match rows.into_iter().map(|row| open(tenant, &keys, row)).collect() {
            Err(failure) if tries < READ_AGAIN && was_exchanged(&failure) => {}
            done => return done,
        }
        let ids = Ids::of(order.iter().copied());
        rows = tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, &ids]).await?;
        rows.sort_by_key(|row| order.iter().position(|id| *id == row.id));
    }
    unreachable!("the last try returns")
}

fn open(tenant: &Tenant, keys: &HashMap<CustomerId, PersonKey>, row: Row) -> Result<Method> {
    let text = |column: &'static str, sealed: &Option<Sealed>| -> Result<Option<String>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let bytes = match row.customer_id {
            // Without its key it was erased meanwhile.
            Some(customer) => match keys.get(&customer) {
                Some(key) => key.open("payment_method", column, row.id, sealed)?,
                None => return Ok(None),
            },
            None => tenant.key.open("payment_method", column, row.id, sealed)?,
        };
        String::from_utf8(bytes).map(Some).map_err(|e| Failure::broken("reading a sealed text", e))
    };
    let small = |n: Option<i64>| n.and_then(|n| u16::try_from(n).ok());
    let of = |word: &str, what: &'static str| {
        Failure::broken("opening a payment method", format!("`{word}` is no {what}"))
    };
    Ok(Method {
        id: row.id,
        customer_id: row.customer_id,
        kind: Kind::parse(&row.r#type).ok_or_else(|| of(&row.r#type, "type"))?,
        expiry: small(row.expiry_month)
            .zip(small(row.expiry_year))
            .and_then(|(month, year)| Expiry::new(month, year)),
        holder: text("holder", &row.holder)?,
        postal_code: text("postal_code", &row.postal_code)?,
        state: text("state", &row.state)?,
        account_type: row
            .account_type
            .and_then(|word| BANK_KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)),
        ownership: row.ownership_type.and_then(|word| {
            Ownership::WORDS.iter().find(|(known, _)| *known == word).map(|(_, ownership)| *ownership)
        }),
        brand: row.brand,
        bin: row.bin,
        funding: row.funding,
        last_four: row.last_four,
        routing_number: row.routing_number,
        is_primary: row.is_primary,
        halt: halt::of_columns(
            (row.stopped_at, row.stopped_code, row.stopped_class, row.lifted_by),
            (row.retry_at, row.watched_until, row.authorized_at),
        ),
        is_deleted: row.deleted_at.is_some(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A live method; locked until the end of the transaction where `lock` says so.
pub(super) async fn one(tx: &Tx, tenant: &Tenant, id: MethodId, lock: bool) -> Result<Option<Method>> {
    let for_update = if lock { " FOR UPDATE" } else { "" };
    let tail = format!("WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL{for_update}");
    let row: Option<Row> = tx.find(&tail, &[&tenant.id, &id]).await?;
    Ok(opened(tx, tenant, row.into_iter().collect()).await?.pop())
}

/// The row of a new method.
pub(super) fn new_row(
    tx: &Tx,
    tenant: &Tenant,
    id: MethodId,
    customer: Option<(CustomerId, &PersonKey)>,
    new: &NewMethod,
    is_primary: bool,
) -> NewRow {
    let at = tx.now();
    let seal = |column, text: Option<&str>| seal(tx, tenant, customer.map(|(_, key)| key), id, column, text);
    NewRow {
        tenant_id: tenant.id,
        id,
        customer_id: customer.map(|(customer, _)| customer),
        r#type: new.kind.as_str().into(),
        token: tenant.key.seal(tx.seams(), "payment_method", "token", id, new.token.reveal().as_bytes()),
        fingerprint: new.fingerprint.clone(),
        brand: new.brand.clone(),
        bin: new.bin.clone(),
        funding: new.funding,
        last_four: new.last_four.clone(),
        expiry_month: new.expiry.map(|expiry| expiry.month().into()),
        expiry_year: new.expiry.map(|expiry| expiry.year().into()),
        holder: seal("holder", new.holder.as_deref()),
        postal_code: seal("postal_code", new.postal_code.as_deref()),
        state: seal("state", new.state.as_deref()),
        account_type: new.account_type.map(|kind| bank_kind_str(kind).into()),
        ownership_type: new.ownership.map(|ownership| ownership.as_str().into()),
        routing_number: new.routing_number.clone(),
        is_primary,
        created_at: at,
        updated_at: at,
    }
}

/// What is other in a method after an update.
pub(super) fn changed(tx: &Tx, tenant: &Tenant, person: Option<&PersonKey>, m: &Method) -> Changed {
    let seal = |column, text: &Option<String>| seal(tx, tenant, person, m.id, column, text.as_deref());
    Changed {
        tenant_id: tenant.id,
        id: m.id,
        expiry_month: m.expiry.map(|expiry| expiry.month().into()),
        expiry_year: m.expiry.map(|expiry| expiry.year().into()),
        holder: seal("holder", &m.holder),
        postal_code: seal("postal_code", &m.postal_code),
        state: seal("state", &m.state),
        is_primary: m.is_primary,
        updated_at: m.updated_at,
    }
}

/// The processor's token of a live method.
pub(super) async fn token(tx: &Tx, tenant: &Tenant, id: MethodId) -> Result<Option<Secret<String>>> {
    let tail = "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    let Some(row) = tx.find::<TokenRow>(tail, &[&tenant.id, &id]).await? else { return Ok(None) };
    open_token(tenant, id, &row.token).map(Some)
}
