//! The steps that finish what was left open: asking about charges and refunds, and starting what is due.
//!
//! A step claims what it works on, so any number of nodes may run it. What cannot be looked at is put off, ever
//! longer, so that it neither spins nor stands in others' way.

use base::db::Tx;
use base::secret::Secret;
use base::{Failure, Result, TenantId, Ts, in_turn};
use books::orgs::{Environment, Tenant};
use books::queues::Standing;
use futures_util::future::ready;
use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use super::super::claims::{Postpone, Start};
use super::super::{Charge, ChargeId, Refund, refunds};
use super::{Till, together};

/// How many things a step works on at once.
const AT_ONCE: usize = 16;
/// How many due charges are started in one transaction.
const TOGETHER: usize = 64;
/// How many times more is looked at than is taken, where much is due at one instant.
const WINDOW: i64 = 8;

base::record! {
    /// A charge whose day has come.
    struct Due in "charge" { tenant_id: TenantId, id: ChargeId, checks: i64 }
}

/// How long a bank debit may still come back after it settled: sixty days and what a weekend adds (Nacha Operating
/// Rules, 2.12.4: an unauthorized debit to a consumer's account).
const RETURNS_SECONDS: i64 = 65 * DAY_SECONDS;
const DAY_SECONDS: i64 = 86_400;

/// A row that a step works on.
#[derive(Clone, Copy)]
struct Row {
    table: &'static str,
    tenant: TenantId,
    id: Uuid,
    checks: i64,
}

/// How the queue of charges stands, for an operator: what is scheduled, instalments of plans among it, and what has no
/// outcome yet; and what waits for a person.
pub async fn standing(tx: &Tx, now: Ts) -> Result<Standing> {
    let sql = "SELECT (SELECT count(*) FROM charge WHERE due_at IS NOT NULL) \
               + (SELECT count(*) FROM instalment WHERE due_at IS NOT NULL), \
               (SELECT count(*) FROM charge WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served()) \
               + (SELECT count(*) FROM instalment WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served()), \
               (SELECT count(*) FROM charge WHERE review), \
               (SELECT min(due_at) FROM (SELECT due_at FROM charge WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served() \
               UNION ALL SELECT due_at FROM instalment WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served()) AS late)";
    tx.one(sql, &[&now]).await
}

impl Till {
    /// Charges whose lease ended or that are to be asked about. Gives how many were. One processor's silence does not
    /// hold up what waits for the other.
    pub async fn reconcile(&self, budget: i64) -> Result<u64> {
        let (production, sandbox) = futures_util::join!(
            self.reconcile_in(Environment::Production, budget),
            self.reconcile_in(Environment::Sandbox, budget)
        );
        Ok(production? + sandbox?)
    }

    /// [`Till::reconcile`] of one environment. Each charge is claimed when its turn comes, never before, so nothing is
    /// held longer than it is worked on.
    pub async fn reconcile_in(&self, environment: Environment, budget: i64) -> Result<u64> {
        let (now, name) = (self.db.now().await?, environment.as_str());
        let tail = "WHERE due_at <= $1 AND state IN ('submitting', 'unknown', 'pending') AND tenant_id IN (SELECT id FROM tenant WHERE environment = $3) AND tenant_id IN served() ORDER BY due_at LIMIT $2";
        let seen = budget.saturating_mul(4);
        let due: Vec<Charge> = self.db.read().await?.select(tail, &[&now, &seen, &name]).await?;
        let due = in_turn(due, |charge| charge.tenant_id, budget);
        Ok(stream::iter(due)
            .map(|c| self.ask_one(c))
            .buffer_unordered(AT_ONCE)
            .filter(|ok| ready(*ok))
            .count()
            .await as u64)
    }

    /// Bank debits that settled, at a processor that has no list to tell of their return: asked about once a day until
    /// nothing comes back any more. Gives how many were.
    pub async fn ask_about_settled(&self, budget: i64) -> Result<u64> {
        let mut asked = 0;
        for environment in Environment::ALL {
            let can = self.processor_of(environment).map(|processor| processor.capabilities());
            if !can.is_some_and(|can| can.lookup && !can.list) {
                continue;
            }
            let (now, name) = (self.db.now().await?, environment.as_str());
            let since = self.db.seams().now().plus_seconds(-RETURNS_SECONDS);
            let tail = "WHERE rail = 'ach' AND state = 'succeeded' AND completed_at > $1 AND (due_at IS NULL OR due_at <= $2) AND tenant_id IN (SELECT id FROM tenant WHERE environment = $4) AND tenant_id IN served() ORDER BY completed_at LIMIT $3";
            let due: Vec<Charge> =
                self.db.read().await?.select(tail, &[&since, &now, &budget, &name]).await?;
            asked += stream::iter(due)
                .map(|charge| self.ask_one(Charge { due_at: Some(now.plus_seconds(DAY_SECONDS)), ..charge }))
                .buffer_unordered(AT_ONCE)
                .filter(|ok| ready(*ok))
                .count()
                .await as u64;
        }
        Ok(asked)
    }

    async fn ask_one(&self, charge: Charge) -> bool {
        let row = row(&charge);
        let asked = async { self.ask_about(&self.open(charge.tenant_id).await?, charge).await };
        self.done_or_put_off(asked.await.map(drop), row).await
    }

    /// The database.
    pub(crate) fn db(&self) -> &base::db::Db {
        &self.db
    }

    /// Whether what is due may be started: this process has looked through both processors' lists.
    pub(crate) fn may_start(&self) -> bool {
        Environment::ALL.into_iter().all(|environment| self.is_open(environment))
    }

    /// How many transactions of one kind may be under way at once.
    pub(crate) fn at_once(&self) -> usize {
        together::at_once(&self.db)
    }

    /// A tenant that may be charged for now.
    pub(crate) async fn ready(&self, tenant: TenantId) -> Result<Tenant> {
        let tenant = self.open(tenant).await?;
        self.may_charge(&tenant).await?;
        Ok(tenant)
    }

    /// Sends what was claimed, and settles what comes back.
    pub(crate) async fn finish_all(&self, tenant: &Tenant, claimed: Vec<(Charge, Option<Secret<String>>)>) {
        let sent = claimed.into_iter().map(|(charge, token)| self.finish_with(tenant, charge, token));
        stream::iter(sent).buffer_unordered(TOGETHER).map(drop).collect::<()>().await;
    }

    /// Scheduled charges whose day has come, longest due first. Gives how many were looked at.
    ///
    /// Where much is due at one instant, each node takes from a place of its own in what is due, so that they do not
    /// all reach for the same; whoever comes second finds it claimed.
    pub async fn start_due(&self, budget: i64) -> Result<u64> {
        if !self.may_start() {
            return Ok(0);
        }
        let now = self.db.now().await?;
        let tail =
            "WHERE due_at <= $1 AND state = 'scheduled' AND tenant_id IN served() ORDER BY due_at LIMIT $2";
        let due: Vec<Due> = self.db.read().await?.select(tail, &[&now, &(budget * WINDOW)]).await?;
        let most = usize::try_from(budget).unwrap_or(TOGETHER).max(1);
        let place = usize::from(u16::from_le_bytes(self.db.seams().random()));
        let from = place % due.len().div_ceil(most).max(1) * most;
        let mut taken: Vec<Due> = due.into_iter().skip(from).take(most).collect();
        taken.sort_by_key(|due| due.tenant_id);
        let groups: Vec<Vec<Due>> = taken
            .chunk_by(|a, b| a.tenant_id == b.tenant_id)
            .flat_map(|of_one| of_one.chunks(TOGETHER))
            .map(<[Due]>::to_vec)
            .collect();
        let done = stream::iter(groups).map(|group| self.start_some(group));
        Ok(done.buffer_unordered(together::at_once(&self.db)).fold(0, async |sum, n| sum + n).await)
    }

    /// Starts charges of one tenant together, and each by itself where that fails. Gives how many could be.
    async fn start_some(&self, group: Vec<Due>) -> u64 {
        let Some(first) = group.first() else { return 0 };
        let tenant = self.ready(first.tenant_id).await;
        let started = match &tenant {
            Ok(tenant) => self.start_together(tenant, &group).await,
            Err(failure) => Err(Failure::broken("opening a tenant", failure.chain())),
        };
        match (started, &tenant) {
            (Ok(()), _) => group.len() as u64,
            (Err(failure), Ok(tenant)) if group.len() > 1 => {
                tracing::debug!(why = failure.chain(), "each due charge is started by itself");
                let mut done = 0;
                for due in &group {
                    let started = self.start_together(tenant, std::slice::from_ref(due)).await;
                    done += u64::from(self.done_or_put_off(started, due.into()).await);
                }
                done
            }
            (Err(failure), _) => {
                let why = failure.chain();
                for due in &group {
                    let failure = Failure::broken("starting a charge", why.clone());
                    self.done_or_put_off(Err(failure), due.into()).await;
                }
                0
            }
        }
    }

    /// Claims these, and sends them.
    async fn start_together(&self, tenant: &Tenant, group: &[Due]) -> Result<()> {
        let charges: Vec<ChargeId> = group.iter().map(|due| due.id).collect();
        // The database's clock, not this node's: a wrong one must make nothing early.
        let start = Start { tenant, charges: &charges, now: self.db.now().await? };
        let claimed =
            if charges.len() == 1 { self.db.run(&start).await } else { self.db.run_once(&start).await }?;
        self.finish_all(tenant, claimed).await;
        Ok(())
    }

    /// Refunds whose lease ended or that are to be asked about. Gives how many were.
    pub async fn reconcile_refunds(&self, budget: i64) -> Result<u64> {
        let now = self.db.now().await?;
        let due = refunds::due(&self.db.read().await?, now, budget.saturating_mul(4)).await?;
        let due = in_turn(due, |refund| refund.tenant_id, budget);
        Ok(stream::iter(due)
            .map(|r| self.ask_one_refund(r))
            .buffer_unordered(AT_ONCE)
            .filter(|ok| ready(*ok))
            .count()
            .await as u64)
    }

    async fn ask_one_refund(&self, refund: Refund) -> bool {
        let row = Row { table: "refund", tenant: refund.tenant_id, id: refund.id.0, checks: refund.checks };
        let asked = async { self.ask_about_refund(&self.open(refund.tenant_id).await?, refund).await };
        self.done_or_put_off(asked.await.map(drop), row).await
    }

    async fn done_or_put_off(&self, done: Result<()>, row: Row) -> bool {
        let Err(failure) = done else { return true };
        let Row { table, tenant, id, checks } = row;
        tracing::error!(table, %id, error = failure.chain(), "this could not be looked at; it will be tried again");
        let put_off = async {
            let postpone = Postpone { tenant, table, id, checks, db_now: self.db.now().await? };
            self.db.run(&postpone).await
        };
        if let Err(failure) = put_off.await {
            tracing::error!(table, %id, error = Failure::chain(&failure), "nor could it be put off");
        }
        false
    }
}

fn row(charge: &Charge) -> Row {
    Row { table: "charge", tenant: charge.tenant_id, id: charge.id.0, checks: charge.checks }
}

impl From<&Due> for Row {
    fn from(due: &Due) -> Row {
        Row { table: "charge", tenant: due.tenant_id, id: due.id.0, checks: due.checks }
    }
}
