//! Sealing what belongs to a customer with their key, and what belongs to nobody with the tenant's.

use std::collections::HashMap;

use base::db::{Ids, Record, Tx};
use base::vault::{PersonKey, Sealed, was_exchanged};
use base::{Failure, Result};
use serde_json::Value;
use uuid::Uuid;

use crate::orgs::Tenant;
use crate::people::{self, CustomerId};

/// A value's place, and whose it is.
#[derive(Clone, Copy)]
pub struct At {
    table: &'static str,
    column: &'static str,
    row: Uuid,
}

/// A place.
pub fn at(table: &'static str, column: &'static str, row: impl Into<Uuid>) -> At {
    At { table, column, row: row.into() }
}

/// Seals for one customer, whose row is held until the transaction ends, or for nobody.
pub struct Sealer<'a> {
    tenant: &'a Tenant,
    /// The customer's key, of whom there is one.
    pub key: Option<PersonKey>,
}

impl<'a> Sealer<'a> {
    /// Holds the customer's row, so that their key is not exchanged meanwhile. One who was deleted is refused as
    /// unknown.
    pub async fn hold(tx: &Tx, tenant: &'a Tenant, customer: Option<CustomerId>) -> Result<Sealer<'a>> {
        let key = match customer {
            Some(customer) => {
                Some(people::lock(tx, tenant, customer).await.map_err(|failure| match failure.code() {
                    Some(base::Code::NotFound) => Failure::unknown_reference("customer_id"),
                    _ => failure,
                })?)
            }
            None => None,
        };
        Ok(Sealer { tenant, key })
    }

    /// Seals a value for its place.
    pub fn seal(&self, tx: &Tx, at: At, plain: &[u8]) -> Sealed {
        match &self.key {
            Some(key) => key.seal(tx.seams(), at.table, at.column, at.row, plain),
            None => self.tenant.key.seal(tx.seams(), at.table, at.column, at.row, plain),
        }
    }

    /// Seals a text for its place, where there is one.
    pub fn seal_if(&self, tx: &Tx, at: At, text: Option<&str>) -> Option<Sealed> {
        text.map(|text| self.seal(tx, at, text.as_bytes()))
    }
}

/// Opens what belongs to some customers, or to nobody. What an erased customer's key sealed is gone: `None`.
pub struct Opener<'a> {
    tenant: &'a Tenant,
    keys: HashMap<CustomerId, PersonKey>,
}

impl<'a> Opener<'a> {
    /// With the keys of these customers, as far as they have one.
    pub async fn of(
        tx: &Tx,
        tenant: &'a Tenant,
        customers: impl IntoIterator<Item = CustomerId> + Send,
    ) -> Result<Opener<'a>> {
        Ok(Opener { tenant, keys: people::keys(tx, tenant, customers).await? })
    }

    /// Opens a value in its place.
    pub fn bytes(&self, customer: Option<CustomerId>, at: At, sealed: &Sealed) -> Result<Option<Vec<u8>>> {
        match customer {
            None => self.tenant.key.open(at.table, at.column, at.row, sealed).map(Some),
            Some(customer) => match self.keys.get(&customer) {
                Some(key) => key.open(at.table, at.column, at.row, sealed).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Opens a text in its place.
    pub fn text(
        &self,
        customer: Option<CustomerId>,
        at: At,
        sealed: Option<&Sealed>,
    ) -> Result<Option<String>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let bytes = self.bytes(customer, at, sealed)?;
        bytes
            .map(|bytes| String::from_utf8(bytes).map_err(|e| Failure::broken("reading a sealed text", e)))
            .transpose()
    }
}

/// How often rows are read again because a data key was exchanged between two statements. Once is rare.
pub const READ_AGAIN: u32 = 8;

/// What is known of a row: its id, and whose it is.
pub type Known<R> = fn(&R) -> (Uuid, Option<CustomerId>);

/// Tells rows, in their order; reads them again where a data key was exchanged since they were read.
pub async fn told<R: Record + Clone>(
    tx: &Tx,
    tenant: &Tenant,
    rows: &[R],
    known: Known<R>,
    tell: impl Fn(&Opener<'_>, &R) -> Result<Value> + Send,
) -> Result<Vec<Value>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let order: Vec<Uuid> = rows.iter().map(|row| known(row).0).collect();
    let mut now = rows.to_vec();
    for tries in 1.. {
        let customers: Vec<CustomerId> = now.iter().filter_map(|row| known(row).1).collect();
        let opener = Opener::of(tx, tenant, customers).await?;
        match now.iter().map(|row| tell(&opener, row)).collect() {
            Err(failure) if tries < READ_AGAIN && was_exchanged(&failure) => {}
            done => return done,
        }
        let ids = Ids::of(order.iter().copied());
        now = tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, &ids]).await?;
        now.sort_by_key(|row| order.iter().position(|id| *id == known(row).0));
    }
    unreachable!("the last try returns")
}
