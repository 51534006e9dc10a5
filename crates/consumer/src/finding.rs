//! Finding what somebody owes by what they say of themselves.
//!
//! Nobody, somebody whose proof does not hold, and somebody who may see nothing come to the same after the same work: nothing.
//! Failures are counted ([`books::lookup`]), and refused alike too.

use base::db::{Db, Ids};
use base::ids::Uuid;
use base::{Result, Ts};
use books::debts::{self, Debt, Status};
use books::holds;
use books::lookup::{Attempt, Success};
use books::orgs::Tenant;
use books::people::{self, CustomerId, Sought};

/// The accounts of whoever it is: never archived or locked ones, nor what a hold hides, nor children, which they see as their
/// parent. It counts as a failure until [`found`] is told otherwise. 429 where too many failed; 422 where the organization does not
/// look people up by that.
pub async fn accounts(db: &Db, tenant: &Tenant, sought: &Sought, now: Ts) -> Result<Vec<Debt>> {
    db.run(&Attempt { tenant, sought }).await?;
    let tx = db.read().await?;
    let mut customers = people::lookup(&tx, tenant, sought).await?;
    if customers.is_empty() {
        // Whoever is not there has accounts looked for like somebody whose accounts are all hidden: nothing tells the
        // two apart, neither the time it takes nor what is counted.
        customers.push(CustomerId(Uuid::nil()));
    }
    let customers = Ids::of(customers);
    let mut all = debts::of_customers(&tx, tenant, &customers).await?;
    let held = holds::of_customers(&tx, tenant, &customers, now).await?;
    all.retain(|debt| {
        debt.parent_id.is_none()
            && !matches!(debt.status, Status::Archived | Status::Locked)
            && held.on_account(debt).visible
    });
    Ok(all)
}

/// Takes the attempt back that found somebody. Where nothing was found it stays a failure: if only who guessed right were let try
/// on, the count would tell what the answer does not.
pub async fn found(db: &Db, tenant: &Tenant, sought: &Sought) -> Result<()> {
    db.run(&Success { tenant, sought }).await
}
