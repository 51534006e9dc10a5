//! Remittances and the trust account prove themselves, as the rest of the books does.
//!
//! | what | is held by |
//! |---|---|
//! | a line | the entry that it is, and the payment that it takes back |
//! | the fee on it | the rule that stands on it |
//! | a remittance's figures | its lines; what it takes over, the one before |
//! | what a remittance or a deposit posted | its figures, entry by entry; and nothing else posts to these accounts |
//! | the trust account's row | its entries |
//! | the trust account itself | what clients have coming, and what stands in suspense |

use std::collections::BTreeMap;

use base::db::Tx;
use base::{Cents, Result};
use books::ledger::posting::Posting;
use books::orgs::Tenant;
use payments::verify::{Check, Sight, money};
use uuid::Uuid;

use crate::remittances::{Line, Remittance, State};
use crate::trust::Deposit;

/// How many remittances or deposits are read at a time.
const EVERY: i64 = 200;

/// The checks of one run.
struct Checks {
    figures: Check,
    lines: Check,
    fees: Check,
    postings: Check,
    trust: Check,
}

/// Compares everything of these tenants.
pub async fn run(sight: &mut Sight<'_>, tenants: &[Tenant]) -> Result<Vec<Check>> {
    let mut checks = Checks {
        figures: Check::new("remittances = their lines"),
        lines: Check::new("lines = their entries"),
        fees: Check::new("fees = their rules"),
        postings: Check::new("remittances, deposits = their postings"),
        trust: Check::new("the trust account covers clients"),
    };
    for tenant in tenants {
        remittances(sight, tenant, &mut checks).await?;
        deposits(sight, tenant, &mut checks).await?;
        // What is compared comes from one look: each of these reads all it needs at once.
        let tx = sight.look().await?;
        chains(tx, tenant, &mut checks).await?;
        strays(tx, tenant, &mut checks).await?;
        trust(tx, tenant, &mut checks).await?;
    }
    let Checks { figures, lines, fees, postings, trust } = checks;
    Ok(vec![figures, lines, fees, postings, trust])
}

async fn remittances(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        // A remittance, its lines, its entries and the one before it are of one look.
        let tx = sight.look().await?;
        let tail = "WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
        let all: Vec<Remittance> = tx.select(tail, &[&tenant.id, &after, &EVERY]).await?;
        let Some(last) = all.last() else { return Ok(()) };
        after = last.id.0;
        for one in &all {
            remittance(tx, tenant, one, checks).await?;
        }
    }
}

async fn remittance(tx: &Tx, tenant: &Tenant, of: &Remittance, checks: &mut Checks) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND remittance_id = $2 ORDER BY id";
    let lines: Vec<Line> = tx.select(tail, &[&tenant.id, &of.id]).await?;
    let says = |what: &str| format!("{}: {what}", of.id);
    if of.state == State::Void {
        checks.figures.compare(lines.is_empty(), || says("it was thrown away, and has lines"));
    } else {
        let made = of.clone().with_totals(&lines);
        let figures = |of: &Remittance| (of.lines, of.gross, of.clawed_back, of.fees, of.fees_back, of.net);
        let is_right = made.as_ref().is_ok_and(|made| figures(made) == figures(of));
        checks.figures.compare(is_right, || match &made {
            Ok(made) => format!("{}: {:?} is kept, {:?} computed", of.id, figures(of), figures(made)),
            Err(_) => says("its lines come to more than there can be"),
        });
        let before = carried(tx, tenant, of).await?;
        checks.figures.compare(before == (of.carried_in, of.carried_fees), || {
            says("it takes over what is not the last one's")
        });
    }
    for line in &lines {
        let fee = line.fee_by_rule();
        let is_right = fee.as_ref().is_ok_and(|fee| *fee == line.fee);
        checks.fees.compare(is_right, || {
            format!(
                "{}: {} is kept, {:?} by its rule",
                line.id,
                line.fee,
                fee.ok().map(|fee| fee.to_string())
            )
        });
    }
    let odd: Vec<One> = tx.all(UNLIKE_ITS_ENTRY, &[&tenant.id, &of.id]).await?;
    checks.lines.compared += lines.len() as u64;
    for One { id } in odd {
        checks.lines.fault(format!("{id}: it is not what its entry says"));
    }
    let mut expected = Vec::new();
    if matches!(of.state, State::Approved | State::Paid) {
        expected.extend(of.on_approval()?);
    }
    if of.state == State::Paid {
        expected.extend(of.on_payment()?);
    }
    let who = match (of.state, &of.approved_by) {
        (State::Approved | State::Paid, Some(by)) => *by != of.prepared_by,
        (State::Approved | State::Paid, None) => false,
        (State::Draft | State::Void, by) => by.is_none(),
    };
    checks.postings.compare(who, || says("no second person approved it"));
    postings(tx, tenant, of.id.0, &expected, checks).await
}

base::record! {
    struct One { id: Uuid }
}

/// Lines of a remittance that are not what their entries, and their entries' transactions, say.
const UNLIKE_ITS_ENTRY: &str = "SELECT line.id FROM remittance_line AS line \
     LEFT JOIN entry ON entry.tenant_id = line.tenant_id AND entry.id = line.id \
     LEFT JOIN txn ON txn.tenant_id = entry.tenant_id AND txn.id = entry.txn_id \
     WHERE line.tenant_id = $1 AND line.remittance_id = $2 AND NOT coalesce( \
     entry.amount = line.amount AND entry.debt_id = line.debt_id AND txn.charge_id = line.charge_id \
     AND CASE WHEN line.kind = 'payment' \
     THEN entry.credit = 'receivable' AND entry.debit = (CASE WHEN line.rail = 'card' THEN 'card_clearing' ELSE 'ach_clearing' END) \
     ELSE entry.debit = 'receivable' AND (entry.what = 'refunded') = (line.kind = 'refund') END, false)";

/// What the one before left to this: its net and what of its fee has not moved.
async fn carried(tx: &Tx, tenant: &Tenant, to: &Remittance) -> Result<(Cents, Cents)> {
    let tail = "WHERE tenant_id = $1 AND carried_to = $2 ORDER BY id";
    let before: Vec<Remittance> = tx.select(tail, &[&tenant.id, &to.id]).await?;
    let mut sums = (Cents::ZERO, Cents::ZERO);
    for one in before.iter().filter(|one| one.terms_id == to.terms_id && one.state == State::Approved) {
        let (net, fee) = (one.net, one.fee_that_moves()?);
        sums = (sums.0.plus(net).unwrap_or(sums.0), sums.1.plus(fee).unwrap_or(sums.1));
    }
    Ok(sums)
}

async fn deposits(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let tx = sight.look().await?;
        let tail = "WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
        let all: Vec<Deposit> = tx.select(tail, &[&tenant.id, &after, &EVERY]).await?;
        let Some(last) = all.last() else { return Ok(()) };
        after = last.id.0;
        for one in &all {
            let undone = one.reversed_at.and_then(|_| one.undone());
            let expected: Vec<Posting> = one.posted().into_iter().chain(undone).collect();
            postings(tx, tenant, one.id.0, &expected, checks).await?;
        }
    }
}

base::record! {
    struct Posted { debit: String, credit: String, amount: i64 }
}

/// Holds what was posted for a remittance or a deposit against what it should have.
async fn postings(
    tx: &Tx,
    tenant: &Tenant,
    cause: Uuid,
    expected: &[Posting],
    checks: &mut Checks,
) -> Result<()> {
    let sql = "SELECT entry.debit, entry.credit, entry.amount FROM remittance_entry AS mine \
               JOIN entry ON entry.tenant_id = mine.tenant_id AND entry.id = mine.id \
               WHERE mine.tenant_id = $1 AND mine.cause_id = $2";
    let mut left: BTreeMap<(String, String, i64), i64> = BTreeMap::new();
    for posted in tx.all::<Posted>(sql, &[&tenant.id, &cause]).await? {
        *left.entry((posted.debit, posted.credit, posted.amount)).or_default() -= 1;
    }
    for posting in expected {
        let key = (posting.debit.to_string(), posting.credit.to_string(), posting.amount.get());
        *left.entry(key).or_default() += 1;
    }
    left.retain(|_, many| *many != 0);
    checks.postings.compare(left.is_empty(), || {
        let told = left.iter().map(|((debit, credit, cents), many)| {
            let how = if *many > 0 { "is missing" } else { "is too much" };
            format!("Dr {debit} Cr {credit} {} {how}", money((*cents).into()))
        });
        format!("{cause}: {}", told.collect::<Vec<_>>().join(", "))
    });
    Ok(())
}

/// Lines that take back what is on no remittance of the same client, by another rule, or more than is left of it.
const BROKEN_CHAIN: &str = "SELECT line.id FROM remittance_line AS line \
     JOIN remittance ON remittance.tenant_id = line.tenant_id AND remittance.id = line.remittance_id \
     LEFT JOIN remittance_line AS payment ON payment.tenant_id = line.tenant_id AND payment.id = line.payment_id AND payment.kind = 'payment' \
     LEFT JOIN remittance AS paid ON paid.tenant_id = payment.tenant_id AND paid.id = payment.remittance_id \
     WHERE line.tenant_id = $1 AND NOT coalesce( \
     paid.terms_id = remittance.terms_id AND payment.charge_id = line.charge_id AND payment.debt_id = line.debt_id \
     AND payment.basis_points = line.basis_points AND payment.rule = line.rule \
     AND line.rest = payment.amount - (SELECT coalesce(sum(back.amount), 0) FROM remittance_line AS back \
     WHERE back.tenant_id = line.tenant_id AND back.payment_id = line.payment_id AND back.kind <> 'payment' \
     AND line.kind <> 'payment' AND back.rest >= line.rest), false)";

async fn chains(tx: &Tx, tenant: &Tenant, checks: &mut Checks) -> Result<()> {
    for One { id } in tx.all(BROKEN_CHAIN, &[&tenant.id]).await? {
        checks.lines.fault(format!("{id}: it does not take back what its payment's line says"));
    }
    Ok(())
}

/// Entries that move clients' money or fees, and that no remittance and no deposit has.
const STRAYS: &str = "SELECT entry.id FROM entry \
     LEFT JOIN remittance_entry AS mine ON mine.tenant_id = entry.tenant_id AND mine.id = entry.id \
     WHERE entry.tenant_id = $1 AND mine.id IS NULL \
     AND (entry.debit IN ('client_payable', 'fee_income', 'fees_receivable', 'trust_bank', 'operating_bank') \
     OR entry.credit IN ('client_payable', 'fee_income', 'fees_receivable', 'trust_bank', 'operating_bank')) \
     ORDER BY entry.id LIMIT 20";

async fn strays(tx: &Tx, tenant: &Tenant, checks: &mut Checks) -> Result<()> {
    for One { id } in tx.all(STRAYS, &[&tenant.id]).await? {
        checks.postings.fault(format!("entry {id}: no remittance and no deposit has it"));
    }
    Ok(())
}

base::record! {
    struct Totals {
        row: i64, trust: i64, clearing: i64, payable: i64, suspense: i64, operating: i64
    }
}

/// Each account on its normal side, and the trust account's own row.
const TOTALS: &str = "SELECT (SELECT CAST(coalesce(max(balance), 0) AS bigint) FROM trust_account WHERE tenant_id = $1), \
     CAST(coalesce(sum(CASE WHEN debit = 'trust_bank' THEN amount WHEN credit = 'trust_bank' THEN -amount ELSE 0 END), 0) AS bigint), \
     CAST(coalesce(sum(CASE WHEN debit IN ('card_clearing', 'ach_clearing') THEN amount ELSE 0 END \
     - CASE WHEN credit IN ('card_clearing', 'ach_clearing') THEN amount ELSE 0 END), 0) AS bigint), \
     CAST(coalesce(sum(CASE WHEN credit = 'client_payable' THEN amount WHEN debit = 'client_payable' THEN -amount ELSE 0 END), 0) AS bigint), \
     CAST(coalesce(sum(CASE WHEN credit = 'suspense' THEN amount WHEN debit = 'suspense' THEN -amount ELSE 0 END), 0) AS bigint), \
     CAST(coalesce(sum(CASE WHEN debit = 'operating_bank' THEN amount WHEN credit = 'operating_bank' THEN -amount ELSE 0 END), 0) AS bigint) \
     FROM entry WHERE tenant_id = $1";

/// What came back of payments that the ledger calls a client's, and no approved remittance has taken back yet.
const TO_CLAW_BACK: &str = "SELECT CAST(coalesce(sum(entry.amount), 0) AS bigint) FROM remittance \
     JOIN remittance_line AS payment ON payment.tenant_id = remittance.tenant_id AND payment.remittance_id = remittance.id \
     JOIN txn ON txn.tenant_id = payment.tenant_id AND txn.charge_id = payment.charge_id \
     JOIN entry ON entry.tenant_id = payment.tenant_id AND entry.debt_id = payment.debt_id AND entry.txn_id = txn.id \
     LEFT JOIN remittance_line AS line ON line.tenant_id = entry.tenant_id AND line.id = entry.id \
     LEFT JOIN remittance AS its ON its.tenant_id = line.tenant_id AND its.id = line.remittance_id \
     WHERE remittance.tenant_id = $1 AND remittance.state IN ('approved', 'paid') AND payment.kind = 'payment' \
     AND txn.kind IN ('refund', 'reversal') AND entry.debit = 'receivable' \
     AND entry.credit IN ('refunds', 'card_clearing', 'ach_clearing') \
     AND (line.id IS NULL OR its.state = 'draft')";

/// Fees of net clients that are approved: what is to be on the operating account once all is paid.
const KEPT: &str = "SELECT CAST(coalesce(sum(fees - fees_back), 0) AS bigint) FROM remittance \
     WHERE tenant_id = $1 AND state IN ('approved', 'paid') AND method = 'net'";

/// What has cleared and what stands on the trust account is enough for what clients have coming and what stands in
/// suspense, but for what came back after it was remitted: until the next remittance takes it back, with its fee, it is
/// missing.
async fn trust(tx: &Tx, tenant: &Tenant, checks: &mut Checks) -> Result<()> {
    let all: Totals = tx.one(TOTALS, &[&tenant.id]).await?;
    let to_claw_back = tx.number(TO_CLAW_BACK, &[&tenant.id]).await?;
    let fees_to_come_back = (all.operating - tx.number(KEPT, &[&tenant.id]).await?).max(0);
    let id = tenant.id;
    checks.trust.compare(all.row == all.trust && all.trust >= 0, || {
        format!(
            "{id}: {} stands on the trust account, {} by its entries",
            money(all.row.into()),
            money(all.trust.into())
        )
    });
    let there = i128::from(all.trust) + i128::from(all.clearing);
    let missing = i128::from(to_claw_back) + i128::from(fees_to_come_back);
    let needed = i128::from(all.payable) + i128::from(all.suspense);
    checks.trust.compare(there + missing >= needed, || {
        format!(
            "{id}: {} is there or clears, {} is to be clawed back, and clients have {} coming",
            money(there),
            money(missing),
            money(needed)
        )
    });
    Ok(())
}
