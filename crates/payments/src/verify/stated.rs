//! What nothing but an event can tell: what was placed with an account, and how much a charge that has moved nothing
//! yet is for. The last event about each must say what is kept.
//!
//! Events are read newest first, some [`MANY`] objects at a time, so that memory does not grow with the books. Where
//! they were read at another instant than the object, what differs is looked at again in one snapshot; and since the
//! order of two nodes' ids is only as good as their clocks, any event of the last moments about it may be the last. What an
//! organization no longer keeps of events is of none of these.

use std::collections::HashMap;

use base::db::{Ids, Texts, Tx};
use base::vault::Sealed;
use base::{Result, Ts};
use books::events::{CLOCKS_DIFFER_SECONDS, SAY_NO_WHOLE};
use books::orgs::Tenant;
use uuid::Uuid;

use super::{Checks, EVERY, LAST, Sight, money};
use crate::charges::machine::State;

/// How many objects are held against the events at a time.
const MANY: usize = 400_000;

/// What is kept of an object, and only an event repeats.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// An account.
    Account { balance: i64, status: String },
    /// A charge without parts or transactions, or one that ended without money: why, only its state tells.
    Charge { amount: i64, state: String },
}

/// What is to be held against the events.
#[derive(Default)]
pub(super) struct Stated {
    kept: HashMap<Uuid, Kept>,
}

base::record! {
    struct EventRow { id: Uuid, object_id: Uuid, body: Sealed, created_at: Ts }
}
base::record! {
    struct AccountNow { id: Uuid, status: String, balance: i64 }
}
base::record! {
    struct ChargeNow { id: Uuid, amount: i64, state: String }
}

/// Charges of these that nothing but an event repeats.
const CHARGES: &str = "SELECT charge.id, charge.amount, charge.state FROM charge \
     LEFT JOIN charge_part ON charge_part.tenant_id = charge.tenant_id AND charge_part.charge_id = charge.id \
     LEFT JOIN txn ON txn.tenant_id = charge.tenant_id AND txn.charge_id = charge.id \
     WHERE charge.tenant_id = $1 AND charge.id IN ids($2) \
     AND (charge.state IN ('declined', 'returned') OR (charge_part.charge_id IS NULL AND txn.id IS NULL))";

impl Stated {
    pub(super) fn keep(&mut self, id: Uuid, kept: Kept) {
        self.kept.insert(id, kept);
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= MANY
    }

    /// Holds what was kept against the events, and forgets it.
    pub(super) async fn settle(
        &mut self,
        sight: &mut Sight<'_>,
        tenant: &Tenant,
        checks: &mut Checks<'_>,
    ) -> Result<()> {
        let mut odd: HashMap<Uuid, String> = HashMap::new();
        let mut before = LAST;
        checks.stated.compared += self.kept.len() as u64;
        while !self.kept.is_empty() {
            let rows: Vec<EventRow> = sight
                .look()
                .await?
                .all(
                    "SELECT id, object_id, body, created_at FROM event WHERE tenant_id = $1 AND id < $2 \
                     AND object IN ('debt_account', 'charge') AND NOT (name IN texts($4)) ORDER BY id DESC LIMIT $3",
                    &[&tenant.id, &before, &EVERY, &beside()],
                )
                .await?;
            let Some(last) = rows.last() else { break };
            before = last.id;
            checks.told("events", rows.len());
            for row in rows {
                let Some(kept) = self.kept.remove(&row.object_id) else { continue };
                if let Err(why) = says(tenant, &row, &kept) {
                    odd.insert(row.object_id, why);
                }
            }
        }
        let without = self.kept.drain().map(|(id, kept)| (id, format!("{kept:?}, and no event tells of it")));
        odd.extend(without);
        if odd.is_empty() {
            return Ok(());
        }
        let mut ids: Vec<Uuid> = odd.keys().copied().collect();
        ids.sort_unstable();
        for ids in ids.chunks(1_000) {
            let tx = sight.look_again().await?;
            for (id, why) in still_odd(tx, tenant, ids).await? {
                checks.stated.fault(format!("{id}: {}", why.or_else(|| odd.remove(&id)).unwrap_or_default()));
            }
        }
        Ok(())
    }
}

/// What is told of an account besides what it is.
fn beside() -> Texts {
    Texts(SAY_NO_WHOLE.iter().map(|name| (*name).to_owned()).collect())
}

/// Which of these still differ from what the last events about them say, all seen in one snapshot.
async fn still_odd(tx: &Tx, tenant: &Tenant, ids: &[Uuid]) -> Result<Vec<(Uuid, Option<String>)>> {
    let all = Ids::of(ids.iter().copied());
    let mut kept: HashMap<Uuid, Kept> = HashMap::new();
    let accounts: Vec<AccountNow> = tx
        .all(
            "SELECT id, status, balance FROM debt WHERE tenant_id = $1 AND id IN ids($2)",
            &[&tenant.id, &all],
        )
        .await?;
    kept.extend(accounts.into_iter().map(|a| (a.id, Kept::Account { balance: a.balance, status: a.status })));
    let charges: Vec<ChargeNow> = tx.all(CHARGES, &[&tenant.id, &all]).await?;
    kept.extend(charges.into_iter().map(|c| (c.id, Kept::Charge { amount: c.amount, state: c.state })));
    let rows: Vec<EventRow> = tx
        .all(
            "SELECT id, object_id, body, created_at FROM event WHERE tenant_id = $1 AND object_id IN ids($2) \
             AND object IN ('debt_account', 'charge') AND NOT (name IN texts($3)) ORDER BY id DESC",
            &[&tenant.id, &all, &beside()],
        )
        .await?;
    let mut newest: HashMap<Uuid, Ts> = HashMap::new();
    let mut found: HashMap<Uuid, Option<String>> = kept.keys().map(|id| (*id, None)).collect();
    for row in &rows {
        let Some(kept) = kept.get(&row.object_id) else { continue };
        let newest = *newest.entry(row.object_id).or_insert(row.created_at);
        if row.created_at < newest.plus_seconds(-CLOCKS_DIFFER_SECONDS) {
            continue;
        }
        match says(tenant, row, kept) {
            Ok(()) => {
                found.remove(&row.object_id);
            }
            Err(why) => {
                if let Some(slot @ None) = found.get_mut(&row.object_id) {
                    *slot = Some(why);
                }
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Whether an event says what is kept; where not, what it says.
fn says(tenant: &Tenant, row: &EventRow, kept: &Kept) -> Result<(), String> {
    let body = tenant.key.open("event", "body", row.id, &row.body).map_err(|_| unreadable(row))?;
    let body: serde_json::Value = serde_json::from_slice(&body).map_err(|_| unreadable(row))?;
    let cents = |name: &str| body.get(name).and_then(serde_json::Value::as_i64).unwrap_or(-1);
    let word = |name: &str| body.get(name).and_then(serde_json::Value::as_str).unwrap_or("-").to_owned();
    match kept {
        Kept::Account { balance, status } if *balance == cents("balance") && *status == word("state") => {
            Ok(())
        }
        // On its way a charge changes its state without telling; where it ends is told.
        Kept::Charge { amount, state }
            if *amount == cents("amount")
                && (!State::parse(state).is_some_and(State::is_final) || *state == word("state")) =>
        {
            Ok(())
        }
        Kept::Account { balance, status } => Err(format!(
            "a balance of {} and {status} are kept, event {} says {} and {}",
            money((*balance).into()),
            row.id,
            money(cents("balance").into()),
            word("state")
        )),
        Kept::Charge { amount, state } => Err(format!(
            "an amount of {} and {state} are kept, event {} says {} and {}",
            money((*amount).into()),
            row.id,
            money(cents("amount").into()),
            word("state")
        )),
    }
}

fn unreadable(row: &EventRow) -> String {
    format!("event {} about it does not open", row.id)
}
