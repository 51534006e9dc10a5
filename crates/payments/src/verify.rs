//! The books prove themselves: everything recomputed from the entries, and compared with the balances, the
//! parents, the charges, the events, and the processor's own list.
//!
//! Books that sum to zero prove nothing about double charges; only the processor's own books do. So its list is
//! taken after the snapshot of ours, charges under way count as in flight, and what the processor did later than
//! the snapshot is left for the next run.

use std::collections::HashMap;

use base::db::Tx;
use base::{Cents, Result, TenantId, Ts};
use books::ledger::posting::Account;
use books::orgs::Tenant;
use uuid::Uuid;

use crate::charges::machine::{RefundState, State};
use crate::processor::{Record, Standing};

/// How many examples of one fault are kept; all are counted.
const EXAMPLES: usize = 20;

/// What a check found.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was compared, in words.
    pub name: &'static str,
    /// How many things were compared.
    pub compared: u64,
    /// How many of them were wrong.
    pub wrong: u64,
    /// What was wrong with the first of them.
    pub examples: Vec<String>,
}

impl Check {
    fn new(name: &'static str) -> Check {
        Check { name, compared: 0, wrong: 0, examples: Vec::new() }
    }

    fn fault(&mut self, says: String) {
        self.wrong += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(says);
        }
    }

    fn compare(&mut self, right: bool, says: impl FnOnce() -> String) {
        self.compared += 1;
        if !right {
            self.fault(says());
        }
    }
}

/// What one account of the chart holds over all tenants of an environment.
#[derive(Clone, Debug)]
pub struct AccountTotal {
    /// The account.
    pub account: Account,
    /// What was debited.
    pub debits: Cents,
    /// What was credited.
    pub credits: Cents,
}

base::record! {
    struct Differs { id: Uuid, kept: i64, computed: i64 }
}
base::record! {
    struct Moved { account: String, debits: i64, credits: i64 }
}
base::record! {
    struct Keyed { id: Uuid, pkey: String, state: String, amount: Cents, refunded: Cents }
}

/// Rows that differ, each with what is kept and what the entries say.
async fn differing(tx: &Tx, tenant: &Tenant, check: &mut Check, count: &str, sql: &str) -> Result<()> {
    check.compared += u64::try_from(tx.number(count, &[&tenant.id]).await?).unwrap_or(0);
    for row in tx.all::<Differs>(sql, &[&tenant.id]).await? {
        check.fault(format!(
            "{}: {} is kept, {} computed",
            row.id,
            Cents::new(row.kept),
            Cents::new(row.computed)
        ));
    }
    Ok(())
}

/// What every balance of these tenants is against what its entries say.
pub async fn books(tx: &Tx, tenants: &[Tenant]) -> Result<Vec<Check>> {
    let mut balances = Check::new("balances = entries");
    let mut parents = Check::new("parents = their children");
    let mut reserved = Check::new("reserved = charges under way");
    let mut charges = Check::new("charges = entries");
    let mut parts = Check::new("charges = their parts");
    let mut refunds = Check::new("refunded = refunds");
    let mut events = Check::new("events without gaps");
    for tenant in tenants {
        differing(
            tx,
            tenant,
            &mut balances,
            "SELECT count(*) FROM debt WHERE tenant_id = $1",
            "SELECT debt.id, CASE WHEN debt.children = 0 THEN debt.current_balance ELSE 0 END AS kept, coalesce(e.total, 0) AS computed \
             FROM debt LEFT JOIN (SELECT debt_id, CAST(sum(CASE WHEN debit = 'receivable' THEN amount ELSE 0 END) \
                 - sum(CASE WHEN credit = 'receivable' THEN amount ELSE 0 END) AS bigint) AS total \
                 FROM entry WHERE tenant_id = $1 AND debt_id IS NOT NULL GROUP BY debt_id) AS e ON e.debt_id = debt.id \
             WHERE debt.tenant_id = $1 AND CASE WHEN debt.children = 0 THEN debt.current_balance ELSE 0 END <> coalesce(e.total, 0)",
        )
        .await?;
        for (column, sums) in
            [("balance", "balance"), ("current_balance", "current_balance"), ("reserved", "reserved")]
        {
            let sql = format!(
                "SELECT debt.id, debt.{column} AS kept, coalesce(c.total, 0) AS computed FROM debt LEFT JOIN \
                 (SELECT parent_id, CAST(sum({sums}) AS bigint) AS total FROM debt WHERE tenant_id = $1 AND parent_id IS NOT NULL AND deleted_at IS NULL GROUP BY parent_id) \
                 AS c ON c.parent_id = debt.id WHERE debt.tenant_id = $1 AND debt.children > 0 AND debt.{column} <> coalesce(c.total, 0)"
            );
            differing(
                tx,
                tenant,
                &mut parents,
                "SELECT count(*) FROM debt WHERE tenant_id = $1 AND children > 0",
                &sql,
            )
            .await?;
        }
        differing(
            tx,
            tenant,
            &mut reserved,
            "SELECT count(*) FROM debt WHERE tenant_id = $1 AND children = 0",
            "SELECT debt.id, debt.reserved AS kept, coalesce(p.total, 0) AS computed FROM debt LEFT JOIN \
             (SELECT charge_part.debt_id, CAST(sum(charge_part.amount) AS bigint) AS total FROM charge_part \
              JOIN charge ON charge.tenant_id = charge_part.tenant_id AND charge.id = charge_part.charge_id \
              WHERE charge_part.tenant_id = $1 AND charge.state IN ('submitting', 'unknown', 'pending') GROUP BY charge_part.debt_id) AS p \
             ON p.debt_id = debt.id WHERE debt.tenant_id = $1 AND debt.children = 0 AND debt.reserved <> coalesce(p.total, 0)",
        )
        .await?;
        // What a charge that took money is to have moved: in by its payment, and out by refunds and returns. A refund
        // on its way is left out of a return of what had come, and settled with the refund.
        differing(
            tx,
            tenant,
            &mut charges,
            "SELECT count(*) FROM charge WHERE tenant_id = $1",
            "SELECT charge.id, CASE WHEN charge.state IN ('succeeded', 'refunded') THEN charge.amount - coalesce(r.total, 0) WHEN charge.state = 'returned' THEN coalesce(o.total, 0) ELSE 0 END AS kept, coalesce(e.total, 0) AS computed \
             FROM charge LEFT JOIN (SELECT txn.charge_id, CAST(sum(CASE WHEN entry.debit IN ('card_clearing', 'ach_clearing') THEN entry.amount ELSE 0 END) \
                 - sum(CASE WHEN entry.credit IN ('card_clearing', 'ach_clearing') THEN entry.amount ELSE 0 END) AS bigint) AS total \
                 FROM entry JOIN txn ON txn.tenant_id = entry.tenant_id AND txn.id = entry.txn_id WHERE entry.tenant_id = $1 GROUP BY txn.charge_id) AS e ON e.charge_id = charge.id \
             LEFT JOIN (SELECT charge_id, CAST(sum(amount) AS bigint) AS total FROM refund WHERE tenant_id = $1 AND state = 'succeeded' GROUP BY charge_id) AS r ON r.charge_id = charge.id \
             LEFT JOIN (SELECT refund.charge_id, CAST(sum(refund.amount) AS bigint) AS total FROM refund JOIN txn ON txn.tenant_id = refund.tenant_id AND txn.charge_id = refund.charge_id AND txn.kind = 'payment' AND txn.status = 'completed' \
                 WHERE refund.tenant_id = $1 AND refund.state IN ('submitting', 'unknown', 'pending') GROUP BY refund.charge_id) AS o ON o.charge_id = charge.id \
             WHERE charge.tenant_id = $1 AND CASE WHEN charge.state IN ('succeeded', 'refunded') THEN charge.amount - coalesce(r.total, 0) WHEN charge.state = 'returned' THEN coalesce(o.total, 0) ELSE 0 END <> coalesce(e.total, 0)",
        )
        .await?;
        differing(
            tx,
            tenant,
            &mut parts,
            "SELECT count(*) FROM charge WHERE tenant_id = $1 AND linked = true",
            "SELECT charge.id, charge.amount AS kept, coalesce(p.total, 0) AS computed FROM charge LEFT JOIN \
             (SELECT charge_id, CAST(sum(amount) AS bigint) AS total FROM charge_part WHERE tenant_id = $1 GROUP BY charge_id) AS p ON p.charge_id = charge.id \
             WHERE charge.tenant_id = $1 AND charge.linked = true AND charge.state IN ('submitting', 'unknown', 'pending', 'succeeded', 'refunded', 'returned') \
             AND charge.amount <> coalesce(p.total, 0)",
        )
        .await?;
        differing(
            tx,
            tenant,
            &mut refunds,
            "SELECT count(*) FROM charge WHERE tenant_id = $1",
            "SELECT charge.id, charge.refunded_amount AS kept, coalesce(r.total, 0) AS computed FROM charge LEFT JOIN \
             (SELECT charge_id, CAST(sum(amount) AS bigint) AS total FROM refund WHERE tenant_id = $1 AND state <> 'declined' GROUP BY charge_id) AS r \
             ON r.charge_id = charge.id WHERE charge.tenant_id = $1 AND charge.state <> 'canceled' AND charge.refunded_amount <> coalesce(r.total, 0)",
        )
        .await?;
        let heads = tx
            .number(
                "SELECT CAST(coalesce(max(seq), 0) AS bigint) FROM event_head WHERE tenant_id = $1",
                &[&tenant.id],
            )
            .await?;
        let placed = tx
            .number("SELECT count(*) FROM event WHERE tenant_id = $1 AND seq IS NOT NULL", &[&tenant.id])
            .await?;
        let last = tx
            .number(
                "SELECT CAST(coalesce(max(seq), 0) AS bigint) FROM event WHERE tenant_id = $1",
                &[&tenant.id],
            )
            .await?;
        events.compared += u64::try_from(placed).unwrap_or(0);
        if heads != placed || last != placed {
            events.fault(format!(
                "{}: {placed} events have a place, the last is {last}, the head says {heads}",
                tenant.id
            ));
        }
    }
    Ok(vec![balances, parents, reserved, charges, parts, refunds, events, references(tx, tenants).await?])
}

/// Entries and transactions that name what is not there: no foreign key guards them.
async fn references(tx: &Tx, tenants: &[Tenant]) -> Result<Check> {
    let mut check = Check::new("entries refer to what exists");
    for tenant in tenants {
        check.compared +=
            u64::try_from(tx.number("SELECT count(*) FROM entry WHERE tenant_id = $1", &[&tenant.id]).await?)
                .unwrap_or(0);
        for (what, sql) in [
            (
                "account",
                "SELECT entry.id, 0 AS kept, 0 AS computed FROM entry LEFT JOIN debt ON debt.tenant_id = entry.tenant_id AND debt.id = entry.debt_id WHERE entry.tenant_id = $1 AND entry.debt_id IS NOT NULL AND debt.id IS NULL",
            ),
            (
                "transaction",
                "SELECT entry.id, 0 AS kept, 0 AS computed FROM entry LEFT JOIN txn ON txn.tenant_id = entry.tenant_id AND txn.id = entry.txn_id WHERE entry.tenant_id = $1 AND entry.txn_id IS NOT NULL AND txn.id IS NULL",
            ),
        ] {
            let sql =
                sql.replace("0 AS kept, 0 AS computed", "entry.amount AS kept, entry.amount AS computed");
            for row in tx.all::<Differs>(&sql, &[&tenant.id]).await? {
                check.fault(format!("entry {} names an {what} that does not exist", row.id));
            }
        }
    }
    Ok(check)
}

/// What each account of the chart holds over these tenants.
pub async fn totals(tx: &Tx, tenants: &[Tenant]) -> Result<Vec<AccountTotal>> {
    let mut totals: Vec<AccountTotal> = Account::ALL
        .iter()
        .map(|&account| AccountTotal { account, debits: Cents::ZERO, credits: Cents::ZERO })
        .collect();
    for tenant in tenants {
        let moved: Vec<Moved> = tx
            .all(
                "SELECT account, CAST(sum(debits) AS bigint), CAST(sum(credits) AS bigint) FROM \
                 (SELECT debit AS account, amount AS debits, 0 AS credits FROM entry WHERE tenant_id = $1 \
                  UNION ALL SELECT credit AS account, 0 AS debits, amount AS credits FROM entry WHERE tenant_id = $1) AS both_ends GROUP BY account",
                &[&tenant.id],
            )
            .await?;
        for total in &mut totals {
            for row in moved.iter().filter(|row| row.account == total.account.as_str()) {
                total.debits = total.debits.plus(Cents::new(row.debits)).unwrap_or(Cents::MOST);
                total.credits = total.credits.plus(Cents::new(row.credits)).unwrap_or(Cents::MOST);
            }
        }
    }
    Ok(totals)
}

/// Our charges and refunds by their keys at the processor.
#[derive(Default)]
pub struct Ours {
    charges: HashMap<String, (TenantId, Keyed)>,
    refunds: HashMap<String, (TenantId, Keyed)>,
}

/// Our charges and refunds of these tenants, to be compared with the processor's list.
pub async fn ours(tx: &Tx, tenants: &[Tenant]) -> Result<Ours> {
    let mut ours = Ours::default();
    for tenant in tenants {
        for row in tx.all::<Keyed>("SELECT id, pkey, state, amount, refunded_amount FROM charge WHERE tenant_id = $1 AND state NOT IN ('scheduled', 'canceled')", &[&tenant.id]).await? {
            ours.charges.insert(row.pkey.clone(), (tenant.id, row));
        }
        for row in tx
            .all::<Keyed>(
                // A void stands on its charge, and in no list.
                "SELECT id, pkey, state, amount, amount AS refunded FROM refund WHERE tenant_id = $1 AND kind = 'refund'",
                &[&tenant.id],
            )
            .await?
        {
            ours.refunds.insert(row.pkey.clone(), (tenant.id, row));
        }
    }
    Ok(ours)
}

/// Both ways: every charge and refund that the processor says moved money is ours, and the other way round.
/// `taken_at` is when the snapshot was taken: what the processor did since is not looked at.
pub fn processor(ours: &Ours, list: &[Record], taken_at: Ts) -> Check {
    let mut check = Check::new("charges = the processor's list");
    let mut seen: HashMap<&str, &Record> = HashMap::new();
    for record in list {
        match seen.insert(&record.key, record) {
            // What changes while pages are turned comes again on a later one.
            Some(before) if before.processor_id == record.processor_id => check.compared -= 1,
            Some(_) => check.fault(format!("the processor moved money twice under key {}", record.key)),
            None => {}
        }
        let book = if record.refund_of.is_some() { &ours.refunds } else { &ours.charges };
        let Some((_, row)) = book.get(&record.key) else {
            check.compare(record.made_at >= taken_at || !moved(record), || {
                format!("the processor moved {} under key {}, which is not ours", record.amount, record.key)
            });
            continue;
        };
        check.compare(agrees(row, record), || {
            format!(
                "{} is {} for {} here, {:?} for {} at the processor",
                row.id, row.state, row.amount, record.standing, record.amount
            )
        });
    }
    let claims = |(key, (_, row)): &(&String, &(TenantId, Keyed))| {
        settled(&row.state) && !seen.contains_key(key.as_str())
    };
    for (key, (_, row)) in ours.charges.iter().chain(&ours.refunds).filter(claims) {
        check.fault(format!(
            "{} is {} for {} here, and the processor does not know its key {key}",
            row.id, row.state, row.amount
        ));
    }
    check
}

fn moved(record: &Record) -> bool {
    matches!(record.standing, Standing::Succeeded | Standing::Pending)
}

/// Whether our state says that money moved and the processor said so.
fn settled(state: &str) -> bool {
    matches!(State::parse(state), Some(State::Succeeded | State::Refunded | State::Pending))
}

/// Whether our state can stand beside the processor's. What is open here is in flight.
fn agrees(row: &Keyed, record: &Record) -> bool {
    if row.amount != record.amount {
        return false;
    }
    if record.refund_of.is_some() {
        let state = RefundState::parse(&row.state);
        return match &record.standing {
            Standing::Succeeded => state.is_some_and(|s| s != RefundState::Declined),
            Standing::Pending => state.is_some_and(RefundState::is_open),
            Standing::Declined(_) | Standing::Returned(_) | Standing::Voided => {
                state.is_some_and(|s| s != RefundState::Succeeded)
            }
        };
    }
    let state = State::parse(&row.state);
    let open = matches!(state, Some(State::Submitting | State::Unknown | State::Pending));
    match &record.standing {
        Standing::Succeeded => open || matches!(state, Some(State::Succeeded | State::Refunded)),
        Standing::Pending => open,
        Standing::Declined(_) => open || state == Some(State::Declined),
        // A return after settlement is learned when the processor is asked; until then ours says succeeded.
        Standing::Returned(_) | Standing::Voided => {
            open || matches!(state, Some(State::Returned | State::Succeeded | State::Refunded))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, amount: i64, standing: Standing) -> Record {
        let at = Ts::from_micros(0);
        Record {
            key: key.into(),
            processor_id: key.into(),
            refund_of: None,
            amount: Cents::new(amount),
            refunded: Cents::ZERO,
            standing,
            made_at: at,
            changed_at: at,
        }
    }

    fn charge(key: &str, state: State, amount: i64) -> (String, (TenantId, Keyed)) {
        let row = Keyed {
            id: Uuid::from_u128(1),
            pkey: key.into(),
            state: state.as_str().into(),
            amount: Cents::new(amount),
            refunded: Cents::ZERO,
        };
        (key.into(), (TenantId(Uuid::from_u128(2)), row))
    }

    fn wrong(ours: &[(String, (TenantId, Keyed))], list: &[Record]) -> u64 {
        let ours = Ours { charges: ours.iter().cloned().collect(), refunds: HashMap::new() };
        processor(&ours, list, Ts::from_micros(10)).wrong
    }

    #[test]
    fn every_disagreement_with_the_processor_is_found() {
        let succeeded = || record("k", 500, Standing::Succeeded);
        assert_eq!(wrong(&[charge("k", State::Succeeded, 500)], &[succeeded()]), 0);
        assert_eq!(wrong(&[charge("k", State::Unknown, 500)], &[succeeded()]), 0, "in flight");
        assert_eq!(
            wrong(&[charge("k", State::Declined, 500)], &[succeeded()]),
            1,
            "charged, we say declined"
        );
        assert_eq!(wrong(&[charge("k", State::Succeeded, 501)], &[succeeded()]), 1, "another amount");
        assert_eq!(wrong(&[], &[succeeded()]), 1, "an orphan");
        assert_eq!(wrong(&[charge("k", State::Succeeded, 500)], &[]), 1, "they do not know it");
        assert_eq!(
            wrong(
                &[charge("k", State::Succeeded, 500)],
                &[succeeded(), record("k2", 500, Standing::Succeeded)]
            ),
            1,
            "charged twice"
        );
        assert_eq!(
            wrong(&[], &[Record { made_at: Ts::from_micros(11), ..succeeded() }]),
            0,
            "after the snapshot"
        );
    }
}
