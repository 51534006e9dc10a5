//! Offering to settle an account.

use base::db::{Command, Tx};
use base::{Failure, Ref, Result, Ts};
use books::debts::{self, OfferId, offers};
use books::orgs::Tenant;

use super::enrol::Ground;

/// Offers to settle an account for less than is owed, where a plan could be agreed upon.
pub struct Offer<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id that the offer will have.
    pub id: OfferId,
    /// The account.
    pub debt: &'a Ref,
    /// What is offered.
    pub new: &'a offers::New,
    /// The business instant.
    pub now: Ts,
}

impl Command for Offer<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "settlement_offers.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let unknown = || Failure::unknown_reference("debt_account_id");
        let debt = debts::resolve(tx, self.tenant, self.debt).await?.ok_or_else(unknown)?;
        let ground = Ground::of(tx, self.tenant, debt, self.now).await?.ok_or_else(unknown)?;
        offers::create(tx, self.tenant, self.id, self.new, &ground.account, self.now).await
    }
}
