//! The commands on customers and addresses, for callers who do nothing else in their transaction.

use base::Result;
use base::db::{Command, Tx};

use super::addresses;
use super::model::{AddressFields, AddressId, Customer, CustomerId, Fields};
use super::write::{change, create, delete, update};
use crate::orgs::Tenant;

/// Makes a customer.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id they will have.
    pub id: CustomerId,
    /// What is known of them.
    pub fields: &'a Fields,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "customers.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        create(tx, self.tenant, self.id, self.fields).await
    }
}

/// Changes a customer.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: CustomerId,
    /// What changes.
    pub fields: &'a Fields,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "customers.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        update(tx, self.tenant, self.id, self.fields).await
    }
}

/// Deletes a customer: erases what is known of them.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: CustomerId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "customers.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        delete(tx, self.tenant, self.id).await
    }
}

/// Adds an address to a customer.
pub struct CreateAddress<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The customer.
    pub customer: CustomerId,
    /// The id it will have.
    pub id: AddressId,
    /// What it says.
    pub fields: &'a AddressFields,
}

impl Command for CreateAddress<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "addresses.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        change(tx, self.tenant, self.customer, async |now: Customer, at| {
            let addresses = addresses::added(&now.addresses, self.id, self.fields, at);
            Ok(Customer { addresses, ..now })
        })
        .await
    }
}

/// Changes an address of a customer.
pub struct UpdateAddress<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The customer.
    pub customer: CustomerId,
    /// Which.
    pub id: AddressId,
    /// What changes.
    pub fields: &'a AddressFields,
}

impl Command for UpdateAddress<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "addresses.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        change(tx, self.tenant, self.customer, async |now: Customer, at| {
            let addresses = addresses::changed(&now.addresses, self.id, self.fields, at)?;
            Ok(Customer { addresses, ..now })
        })
        .await
    }
}

/// Takes an address from a customer.
pub struct DeleteAddress<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The customer.
    pub customer: CustomerId,
    /// Which.
    pub id: AddressId,
}

impl Command for DeleteAddress<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "addresses.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        change(tx, self.tenant, self.customer, async |now: Customer, at| {
            let addresses = addresses::without(&now.addresses, self.id, at)?;
            Ok(Customer { addresses, ..now })
        })
        .await
    }
}
