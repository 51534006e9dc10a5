//! Velocity limits: how often something may be tried before it looks like somebody who tries out stolen cards ("card testing").
//!
//! Tries are counted in the database, whichever node they come to, for each of several things at once: whoever tries, the number,
//! the range it is of, and everybody. One is written down *before* the processor is asked, and a payment that was not declined takes
//! its own back: a crash costs somebody a try and gives nobody one. Refused tries count nothing, so a limit ends by itself.
//!
//! The figures are ours: networks watch their merchants for card testing, and name none.

use std::fmt;

use base::db::{Command, Db, Tx};
use base::ids::Uuid;
use base::vault::hex;
use base::{Code, Failure, Result, TenantId, Ts};
use books::orgs::Tenant;
use books::people::CustomerId;

use crate::forget;
use crate::methods::NewMethod;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// What is counted together, and how often it may be tried.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    what: &'static str,
    value: String,
    most: i64,
    seconds: i64,
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

fn limit(what: &'static str, value: impl Into<String>, most: i64, seconds: i64) -> Limit {
    Limit { what, value: value.into(), most, seconds }
}

/// Those of a payment on the portal, of which declined ones count: by a saved method, or by a card or account that was written
/// for it.
pub fn of_payment(customer: CustomerId, new: Option<&NewMethod>) -> Vec<Limit> {
    let mut all = vec![limit("payments of a customer", customer.to_string(), 10, DAY)];
    let Some(new) = new else { return all };
    if let Some(print) = &new.fingerprint {
        all.push(limit("payments by a number", hex(print), 10, DAY));
    }
    if let Some(range) = new.bin.as_ref().or(new.routing_number.as_ref()) {
        all.push(limit("payments by a range of numbers", range, 30, HOUR));
    }
    all.push(limit("payments by new numbers", "", 300, HOUR));
    all
}

/// Those of a one-time token that a page elsewhere asks for, from an address, for a number of this range. Nobody tells here what
/// becomes of it, so all of them count.
pub fn of_token(address: &str, range: &str) -> Vec<Limit> {
    vec![
        limit("tokens for an address", address, 20, HOUR),
        limit("tokens of a range of numbers", range, 100, HOUR),
        limit("tokens", "", 1_000, HOUR),
    ]
}

base::record! {
    struct Count in "velocity_count" {
        tenant_id: TenantId,
        id: Uuid,
        subject: Option<Vec<u8>>,
        tries: i64,
        ends_at: Ts,
    }
}

impl Limit {
    /// Its row, locked; made where there is none. One whose time is over begins anew.
    async fn counted(&self, tx: &Tx, tenant: &Tenant) -> Result<Count> {
        let (values, now) = ([self.what, self.value.as_str()], tx.now());
        let fresh = now.plus_seconds(self.seconds);
        let tail = "WHERE tenant_id = $1 AND subject = $2 FOR UPDATE";
        // While the index key is exchanged a row stands under the old one or the new.
        for index in tenant.key.indexes("velocity_subject", &values) {
            if let Some(count) = tx.find::<Count>(tail, &[&tenant.id, &index]).await? {
                let is_over = count.ends_at <= now;
                return Ok(if is_over { Count { tries: 0, ends_at: fresh, ..count } } else { count });
            }
        }
        let index = tenant.key.index("velocity_subject", &values);
        let new = Count {
            tenant_id: tenant.id,
            id: tx.new_id(),
            subject: Some(index.clone()),
            tries: 0,
            ends_at: fresh,
        };
        tx.insert_if_new(&[new]).await?;
        let missing = || Failure::broken("counting tries", "the row is gone");
        tx.find(tail, &[&tenant.id, &index]).await?.ok_or_else(missing)
    }
}

/// The limits in the order in which their rows are locked.
fn in_order(limits: &[Limit]) -> Vec<&Limit> {
    let mut all: Vec<&Limit> = limits.iter().collect();
    all.sort();
    all
}

/// Writes a try down, or refuses it: 429 with the seconds to wait.
pub struct Try<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// By what it is counted.
    pub limits: &'a [Limit],
}

impl Command for Try<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "velocity.try"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let mut counts = Vec::with_capacity(self.limits.len());
        for limit in in_order(self.limits) {
            let count = limit.counted(tx, self.tenant).await?;
            if count.tries >= limit.most {
                tracing::warn!(tenant = %self.tenant.id, ?limit, "refused: cards may be being tested");
                let seconds = count.ends_at.since(tx.now()).as_secs().max(1);
                let say = "Too many were tried. Please try again later.";
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                return Err(Failure::refused_for_now(Code::RateLimited, say, seconds));
            }
            counts.push(Count { tries: count.tries + 1, ..count });
        }
        tx.update(2, &counts).await
    }
}

/// Takes a try back that was none.
pub struct TakeBack<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// By what it was counted.
    pub limits: &'a [Limit],
}

impl Command for TakeBack<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "velocity.take_back"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let mut counts = Vec::with_capacity(self.limits.len());
        for limit in in_order(self.limits) {
            let count = limit.counted(tx, self.tenant).await?;
            counts.push(Count { tries: (count.tries - 1).max(0), ..count });
        }
        tx.update(2, &counts).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(Some(())) // where it was not written, a try too many is counted
    }
}

/// A step: forgets counts that are over.
pub async fn forget_old(db: &Db) -> Result<u64> {
    forget::over(db, "velocity_count").await
}
