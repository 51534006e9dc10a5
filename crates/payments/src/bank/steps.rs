//! What is done by itself: open lines are held against what is expected; what was found to nothing within a day goes to the
//! queue; what did not come in its days is late.

use std::collections::BTreeMap;

use base::db::{Command, Db, Ids, Tx};
use base::{Result, TenantId, Ts, in_turn};
use books::orgs::{Tenant, Tenants};

use super::OURSELVES;
use super::decide::{Together, put_together};
use super::lines;
use super::matching::{Open, pairs};
use super::model::{Account, Expectation, Line};
use super::store::{hold, save_expectations, save_lines};
use super::words::{BankAccountId, BankLineId, ExpectationId, ExpectationStatus, LineStatus, Rule};

/// How many open lines, and how many expectations of an account are held against each other. An account on which more stand
/// open has nobody who looks after it.
const MOST: usize = 5_000;
/// How many times as many rows as the budget are looked at, so that every organization has its turn.
const WINDOW: i64 = 4;
/// Seconds until something is tried again that failed.
const LATER_SECONDS: i64 = 3_600;

base::record! {
    struct DueAccount in "bank_account" { tenant_id: TenantId, id: BankAccountId }
}
base::record! {
    struct DueLine in "bank_line" { tenant_id: TenantId, id: BankLineId }
}
base::record! {
    struct DueExpectation in "bank_expectation" { tenant_id: TenantId, id: ExpectationId }
}

/// Does what is due of all three; gives how much.
pub async fn step(db: &Db, tenants: &Tenants, budget: i64) -> Result<u64> {
    let now = db.now().await?;
    let mut done = matched(db, tenants, now, budget).await?;
    // Whatever has come is matched before anybody is told that it did not.
    done += queued(db, tenants, now, budget).await?;
    done += overdue(db, tenants, now, budget).await?;
    Ok(done)
}

async fn matched(db: &Db, tenants: &Tenants, now: Ts, budget: i64) -> Result<u64> {
    let tail = "WHERE match_at <= $1 AND tenant_id IN served() ORDER BY match_at LIMIT $2";
    let due: Vec<DueAccount> = db.read().await?.select(tail, &[&now, &(budget * WINDOW)]).await?;
    let mut done = 0;
    for one in in_turn(due, |one| one.tenant_id, budget) {
        let work = async {
            let tenant = tenants.open(&db.read().await?, one.tenant_id).await?;
            db.run(&MatchAccount { tenant: &tenant, id: one.id }).await
        };
        match work.await {
            Ok(()) => done += 1,
            // One account's trouble must not hold up the others.
            Err(failure) => {
                tracing::error!(account = %one.id, error = failure.chain(), "a bank account could not be matched; it will be tried again");
                let until = now.plus_seconds(LATER_SECONDS);
                db.run(&Later { tenant: one.tenant_id, id: one.id, until }).await?;
            }
        }
    }
    Ok(done)
}

/// Looks at an account a while later.
struct Later {
    tenant: TenantId,
    id: BankAccountId,
    until: Ts,
}

impl Command for Later {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_accounts.match_later"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql = "UPDATE bank_account SET match_at = $3 WHERE tenant_id = $1 AND id = $2 AND match_at < $3";
        tx.run(sql, &[&self.tenant, &self.id, &self.until]).await.map(drop)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // later once more
    }
}

/// Holds everything that stands open on an account against each other.
struct MatchAccount<'a> {
    tenant: &'a Tenant,
    id: BankAccountId,
}

impl Command for MatchAccount<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_accounts.match"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, most) = (self.tenant, i64::try_from(MOST).unwrap_or(i64::MAX) + 1);
        let Some(account) = hold(tx, tenant, self.id).await? else { return Ok(()) };
        if account.match_at.is_none() {
            return Ok(()); // another node was here
        }
        let tail =
            "WHERE tenant_id = $1 AND bank_account_id = $2 AND status = 'unmatched' ORDER BY id LIMIT $3";
        let open: Vec<Line> = tx.select(tail, &[&tenant.id, &self.id, &most]).await?;
        let tail = "WHERE tenant_id = $1 AND bank_account_id = $2 AND status = 'open' ORDER BY id LIMIT $3";
        let expected: Vec<Expectation> = tx.select(tail, &[&tenant.id, &self.id, &most]).await?;
        let is_all = open.len().max(expected.len()) <= MOST;
        if !is_all {
            tracing::warn!(account = %self.id, "too much stands open on a bank account: only what has a key is matched");
        }
        let mut told = Vec::with_capacity(open.len());
        if !expected.is_empty() {
            for line in &open {
                told.push(Open::of(line, lines::keys(tenant, line)?));
            }
        }
        let found = pairs(&told, &expected, is_all);
        let together = |&(line, one, rule): &(usize, usize, Rule)| Together {
            rule,
            lines: vec![open[line].clone()],
            expectations: vec![expected[one].clone()],
        };
        let all = found.iter().map(together).collect();
        put_together(tx, tenant, self.id, all, OURSELVES).await?;
        tx.update(2, &[Account { match_at: None, ..account }]).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // what is together is not open any more
    }
}

async fn queued(db: &Db, tenants: &Tenants, now: Ts, budget: i64) -> Result<u64> {
    let tail = "WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT $2";
    let due: Vec<DueLine> = db.read().await?.select(tail, &[&now, &(budget * WINDOW)]).await?;
    let mut of: BTreeMap<TenantId, Vec<BankLineId>> = BTreeMap::new();
    for one in in_turn(due, |one| one.tenant_id, budget) {
        of.entry(one.tenant_id).or_default().push(one.id);
    }
    let mut done = 0;
    for (tenant, ids) in of {
        let tenant = tenants.open(&db.read().await?, tenant).await?;
        done += db.run(&ToQueue { tenant: &tenant, ids: Ids::of(ids), now }).await?;
    }
    Ok(done)
}

/// Puts lines into the queue to which nothing was found in time.
struct ToQueue<'a> {
    tenant: &'a Tenant,
    ids: Ids,
    now: Ts,
}

impl Command for ToQueue<'_> {
    type Out = u64;

    fn name(&self) -> &'static str {
        "bank_lines.queue"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        // Whoever decides about a line holds its account and then writes the line: its row alone is enough here.
        let tail = "WHERE tenant_id = $1 AND id IN ids($2) AND due_at <= $3 ORDER BY id FOR UPDATE";
        let due: Vec<Line> = tx.select(tail, &[&self.tenant.id, &self.ids, &self.now]).await?;
        let queue = |line: Line| Line {
            due_at: None,
            queued_at: (line.status == LineStatus::Unmatched).then_some(self.now),
            updated_at: tx.now(),
            ..line
        };
        let due: Vec<Line> = due.into_iter().map(queue).collect();
        save_lines(tx, self.tenant, &due, "bank_line.unmatched").await?;
        Ok(due.len() as u64)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<u64>> {
        Ok(None) // what is in the queue is not due any more
    }
}

async fn overdue(db: &Db, tenants: &Tenants, now: Ts, budget: i64) -> Result<u64> {
    let tail = "WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT $2";
    let due: Vec<DueExpectation> = db.read().await?.select(tail, &[&now, &(budget * WINDOW)]).await?;
    let mut of: BTreeMap<TenantId, Vec<ExpectationId>> = BTreeMap::new();
    for one in in_turn(due, |one| one.tenant_id, budget) {
        of.entry(one.tenant_id).or_default().push(one.id);
    }
    let mut done = 0;
    for (tenant, ids) in of {
        let tenant = tenants.open(&db.read().await?, tenant).await?;
        done += db.run(&Overdue { tenant: &tenant, ids: Ids::of(ids), now }).await?;
    }
    Ok(done)
}

/// Notes that something did not come in its days. It is waited for all the same.
struct Overdue<'a> {
    tenant: &'a Tenant,
    ids: Ids,
    now: Ts,
}

impl Command for Overdue<'_> {
    type Out = u64;

    fn name(&self) -> &'static str {
        "bank_expectations.overdue"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let tail = "WHERE tenant_id = $1 AND id IN ids($2) AND due_at <= $3 ORDER BY id FOR UPDATE";
        let due: Vec<Expectation> = tx.select(tail, &[&self.tenant.id, &self.ids, &self.now]).await?;
        let late = |one: Expectation| Expectation {
            due_at: None,
            overdue_at: (one.status == ExpectationStatus::Open).then_some(self.now).or(one.overdue_at),
            updated_at: tx.now(),
            ..one
        };
        let due: Vec<Expectation> = due.into_iter().map(late).collect();
        save_expectations(tx, self.tenant, &due, "bank_expectation.overdue").await?;
        Ok(due.len() as u64)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<u64>> {
        Ok(None) // what is late is not due any more
    }
}
