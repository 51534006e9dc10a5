//! The sweep: page by page through what the processor changed, against the books.
//!
//! What the books have and the processor knows better is settled by the ordinary way, a claim and a settlement under
//! its fence: so bank debits settle and come back, and chargebacks are found, without asking for each. What the books
//! do not have is put back into them. Any number of nodes may sweep: one at a time has the lease, and where two meet
//! after all, keys and fences let one of them win.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::db::Texts;
use base::{Code, Failure, Result, TenantId, Ts};
use books::orgs::{Environment, Tenant};
use futures_util::{StreamExt as _, stream};

use super::super::claims::{Claim, ClaimRefund};
use super::super::findings::{Finding, Kind, Note};
use super::super::label::tenant_of;
use super::super::machine::{RefundState, State};
use super::super::recreate::of_keys;
use super::super::{Charge, Refund, by_id, refunds};
use super::ask::{Asked, told};
use super::watch::{Begin, Expect, Look, Looked, Turn, Turned, Watch};
use super::{SUBMIT_DEADLINE, Till, give_back};
use crate::processor::{Page, Processor, Record, Standing};

/// How many records are worked on at once.
const AT_ONCE: usize = 8;
/// How often a settled charge is claimed before its page is left for the next turn.
const CLAIMS: u32 = 5;
/// How many records are worked through before the claim is renewed.
const SLICE: usize = 64;

base::record! {
    struct TenantOf { id: TenantId }
}

/// What the books have of some records, by key.
struct InBooks {
    charges: HashMap<String, Charge>,
    refunds: HashMap<String, Refund>,
    /// Everybody who has books here.
    tenants: HashSet<TenantId>,
    /// The database's time, before it was read.
    db_now: Ts,
}

/// What the books say to a record.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The same; or somebody is at it.
    Fine,
    /// The processor knows more.
    News,
    /// The books have not sent it yet, and the processor has it: they were restored.
    Lost,
    /// They tell of different ends.
    Contradiction(&'static str),
}

impl Till {
    /// A step: sweeps every environment's processor where that is due, about `budget` records of each. Gives how many
    /// records were read.
    pub async fn sweep(&self, budget: i64) -> Result<u64> {
        let (production, sandbox) = futures_util::join!(
            self.sweep_in(Environment::Production, budget),
            self.sweep_in(Environment::Sandbox, budget)
        );
        Ok(production? + sandbox?)
    }

    /// [`Till::sweep`] of one environment, unless somebody is at it.
    pub async fn sweep_in(&self, environment: Environment, budget: i64) -> Result<u64> {
        let budget = u64::try_from(budget).unwrap_or(0);
        let Some(processor) = self.processor_of(environment) else { return Ok(0) };
        if !processor.capabilities().list {
            return Ok(0);
        }
        let (now, db_now) = (self.db.seams().now(), self.db.now().await?);
        let Some(watch) = self.db.run(&Begin { environment, now, db_now }).await? else {
            return Ok(0);
        };
        let (fence, since) = (watch.fence, watch.sweep_since.unwrap_or(watch.swept_to));
        let mut cursor = watch.cursor.clone();
        let mut read = 0;
        loop {
            let page = match self.listed(processor.as_ref(), since, cursor.clone()).await {
                Ok(page) => page,
                Err(failure) => {
                    self.rest(environment, &watch, cursor.as_deref()).await?;
                    return Err(failure);
                }
            };
            read += page.records.len() as u64;
            let Page { records, cursor: next } = page;
            let slices = records.chunks(SLICE).count().max(1);
            let mut slices_left = records.chunks(SLICE).chain([[].as_slice()]).take(slices);
            for at in 1..=slices {
                let found = self.compare(environment, slices_left.next().unwrap_or_default()).await?;
                let turn = match (at == slices, next.is_some()) {
                    (false, _) => Turn::On,
                    (true, false) => Turn::Last,
                    (true, true) if read >= budget => Turn::Rest,
                    (true, true) => Turn::On,
                };
                // Until the page is done it begins where it began.
                let place = if at == slices { next.as_deref() } else { cursor.as_deref() };
                let db_now = self.db.now().await?;
                let turned = Turned { environment, fence, cursor: place, found, turn, db_now };
                if !self.db.run(&turned).await? {
                    tracing::info!(%environment, "another sweep has taken over");
                    return Ok(read);
                }
                if turn == Turn::Last || turn == Turn::Rest {
                    return Ok(read);
                }
            }
            cursor = next;
        }
    }

    /// Sweeps an environment's processor soon, because it says that there is news. What news is not asked: its list tells.
    pub async fn expect_news(&self, environment: Environment) -> Result<()> {
        self.db.run(&Expect { environment, db_now: self.db.now().await? }).await
    }

    /// Looks through an environment's list from where the books were last known to be whole to its end, whoever else
    /// is at it: what a node does when it starts, so that it waits for nobody. Gives whether the books are whole since.
    pub(super) async fn look_through(&self, environment: Environment) -> Result<bool> {
        let Some(processor) = self.processor_of(environment) else { return Ok(true) };
        if !processor.capabilities().list {
            tracing::warn!(%environment, "this processor has no list: a charge that the books lost cannot be found");
            return Ok(true);
        }
        let (began, db_now) = (self.db.seams().now(), self.db.now().await?);
        let since = self.db.run(&Look { environment, now: began, db_now }).await?;
        let (mut found, mut cursor) = (0, None);
        loop {
            let page = self.listed(processor.as_ref(), since, cursor).await?;
            found += self.compare(environment, &page.records).await?;
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        let looked = Looked { environment, since, began, found, db_now: self.db.now().await? };
        self.db.run(&looked).await
    }

    /// A step of a tenant whose time stands: holds what the sandbox's processor changed of theirs from `since` on against
    /// the books. The sweeps leave them out, because theirs is another time. Gives how many records were read.
    pub async fn look_at_own(&self, since: Ts) -> Result<u64> {
        let environment = Environment::Sandbox;
        let Some(processor) = self.processor_of(environment) else { return Ok(0) };
        if self.db.alone().is_none() || !processor.capabilities().list {
            return Ok(0);
        }
        let (mut read, mut cursor) = (0, None);
        loop {
            let page = self.listed(processor.as_ref(), since, cursor).await?;
            read += page.records.len() as u64;
            self.compare(environment, &page.records).await?;
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(read);
            }
        }
    }

    /// A page of the processor's list.
    async fn listed(&self, processor: &dyn Processor, since: Ts, cursor: Option<String>) -> Result<Page> {
        let page = processor.list_since(self.db.seams().now(), since, cursor);
        match tokio::time::timeout(SUBMIT_DEADLINE, page).await {
            Ok(Ok(page)) => Ok(page),
            Ok(Err(why)) => Err(Failure::broken("reading the processor's list", why.0)),
            Err(elapsed) => Err(Failure::broken("reading the processor's list", elapsed)),
        }
    }

    /// Lets a sweep rest whose list could not be read. It goes on at the same page.
    async fn rest(&self, environment: Environment, watch: &Watch, cursor: Option<&str>) -> Result<()> {
        let db_now = self.db.now().await?;
        let turned = Turned { environment, fence: watch.fence, cursor, found: 0, turn: Turn::Rest, db_now };
        self.db.run(&turned).await.map(drop)
    }

    /// Holds records against the books; gives how many of them the books did not know.
    async fn compare(&self, environment: Environment, records: &[Record]) -> Result<i64> {
        let records = self.of_served(records).await?;
        let books = self.in_books(environment, &records).await?;
        let (of_charges, of_refunds): (Vec<&Record>, Vec<&Record>) =
            records.into_iter().partition(|record| record.refund_of.is_none());
        let mut found = 0;
        let all: Vec<_> = of_charges.into_iter().map(|r| self.hold_charge(environment, r, &books)).collect();
        let mut all = stream::iter(all).buffer_unordered(AT_ONCE);
        while let Some((record, held)) = all.next().await {
            found += i64::from(self.or_noted(environment, record, held).await?);
        }
        // After their charges, which may have been put back just now.
        let all: Vec<_> = of_refunds.into_iter().map(|r| self.hold_refund(environment, r, &books)).collect();
        let mut all = stream::iter(all).buffer_unordered(AT_ONCE);
        while let Some((record, held)) = all.next().await {
            found += i64::from(self.or_noted(environment, record, held).await?);
        }
        Ok(found)
    }

    /// The records of those who are served here: of the tenant in whose own time this is, or of all who have none.
    async fn of_served<'r>(&self, records: &'r [Record]) -> Result<Vec<&'r Record>> {
        if let Some(own) = self.db.alone() {
            return Ok(records.iter().filter(|record| tenant_of(&record.metadata) == Some(own)).collect());
        }
        let elsewhere: Vec<TenantOf> =
            self.db.read().await?.all("SELECT tenant_id FROM test_clock", &[]).await?;
        let is_served = |record: &&Record| {
            tenant_of(&record.metadata).is_none_or(|of| elsewhere.iter().all(|tenant| tenant.id != of))
        };
        Ok(records.iter().filter(is_served).collect())
    }

    /// What came of a record; one that cannot be worked on is noted for a person, so that it does not stop what comes
    /// behind it.
    async fn or_noted(&self, environment: Environment, record: &Record, held: Result<bool>) -> Result<bool> {
        match held {
            Err(failure) if !matches!(failure.code(), Some(Code::Unavailable | Code::Conflict)) => {
                self.stray(environment, record, &format!("it could not be worked on: {}", failure.chain()))
                    .await
            }
            done => done,
        }
    }

    /// Our charges and refunds of these records by their keys, and the tenants of the environment. Records without a
    /// label, made before there was one, are sought with every tenant.
    async fn in_books(&self, environment: Environment, records: &[&Record]) -> Result<InBooks> {
        let db_now = self.db.now().await?;
        let tx = self.db.read().await?;
        let sql = "SELECT id FROM tenant WHERE environment = $1";
        let tenants: Vec<TenantOf> = tx.all(sql, &[&environment.as_str()]).await?;
        let tenants: HashSet<TenantId> = tenants.into_iter().map(|tenant| tenant.id).collect();
        let mut keys: BTreeMap<TenantId, Vec<String>> = BTreeMap::new();
        for record in records {
            match tenant_of(&record.metadata) {
                Some(tenant) => keys.entry(tenant).or_default().push(record.key.clone()),
                None => tenants.iter().for_each(|t| keys.entry(*t).or_default().push(record.key.clone())),
            }
        }
        let (mut charges, mut refunds) = (HashMap::new(), HashMap::new());
        for (tenant, keys) in keys.into_iter().filter(|(tenant, _)| tenants.contains(tenant)) {
            let keys = Texts(keys);
            charges.extend(of_keys(&tx, tenant, &keys).await?.into_iter().map(|c| (c.pkey.clone(), c)));
            refunds
                .extend(refunds::of_keys(&tx, tenant, &keys).await?.into_iter().map(|r| (r.pkey.clone(), r)));
        }
        Ok(InBooks { charges, refunds, tenants, db_now })
    }

    async fn hold_charge<'r>(
        &self,
        environment: Environment,
        record: &'r Record,
        books: &InBooks,
    ) -> (&'r Record, Result<bool>) {
        (record, self.held_charge(environment, record, books).await)
    }

    async fn held_charge(&self, environment: Environment, record: &Record, books: &InBooks) -> Result<bool> {
        let Some(charge) = books.charges.get(&record.key) else {
            return if has_moved(record) {
                self.post_charge(environment, record, &books.tenants).await
            } else {
                Ok(false)
            };
        };
        match of_charge(charge, record, books.db_now) {
            Verdict::Fine => Ok(false),
            Verdict::Lost => self.post_charge(environment, record, &books.tenants).await,
            Verdict::News => {
                self.settle_news(&self.open(charge.tenant_id).await?, charge.clone(), record).await?;
                Ok(false)
            }
            Verdict::Contradiction(_) => {
                let Some(why) = self.still_contradicts(charge, record).await? else { return Ok(false) };
                let mut finding = self.finding(environment, record, Kind::Contradiction).await?;
                finding.tenant_id = Some(charge.tenant_id);
                finding.charge_id = Some(charge.id);
                self.note(finding, why).await?;
                Ok(false)
            }
        }
    }

    /// Whether the processor still contradicts the books, and why. Its list is older than what the books have learned
    /// since it was read: a return that another node has settled meanwhile looks like money that is ours after all. So
    /// the charge is read first, and the processor asked after it.
    async fn still_contradicts(&self, charge: &Charge, listed: &Record) -> Result<Option<&'static str>> {
        let tenant = self.open(charge.tenant_id).await?;
        let charge =
            by_id(&self.db.read().await?, &tenant, charge.id).await?.ok_or_else(Failure::not_found)?;
        let asked = self.asked(&tenant, &charge.trace()).await?;
        let record = if let Asked::Found(record) = &asked { record } else { listed };
        Ok(match of_charge(&charge, record, self.db.now().await?) {
            Verdict::Contradiction(why) => Some(why),
            Verdict::Fine | Verdict::News | Verdict::Lost => None,
        })
    }

    /// Claims a charge and settles what the list says of it. Whoever else has an open one asks about it, and a claim
    /// that nobody works on ends; of a settled one nobody would ask again. So where its claim was lost, or taken by
    /// somebody who may die with it, it is claimed once more, and the page is not done before it is settled.
    async fn settle_news(&self, tenant: &Tenant, mut charge: Charge, record: &Record) -> Result<()> {
        for _ in 0..CLAIMS {
            let claim = Claim { tenant: tenant.id, charge: &charge, db_now: self.db.now().await? };
            charge = match self.db.run(&claim).await? {
                Some(fence) => {
                    let outcome = told(&charge, Asked::Found(record.clone()));
                    self.settle(tenant, charge.id, fence, outcome).await?
                }
                None => {
                    let now = by_id(&self.db.read().await?, tenant, charge.id).await?;
                    now.ok_or_else(Failure::not_found)?
                }
            };
            let news = of_charge(&charge, record, self.db.now().await?) == Verdict::News;
            if charge.state != State::Succeeded || !news {
                return Ok(());
            }
        }
        Err(Failure::refused(Code::Conflict, "A charge that came back could not be claimed."))
    }

    async fn hold_refund<'r>(
        &self,
        environment: Environment,
        record: &'r Record,
        books: &InBooks,
    ) -> (&'r Record, Result<bool>) {
        (record, self.held_refund(environment, record, books).await)
    }

    async fn held_refund(&self, environment: Environment, record: &Record, books: &InBooks) -> Result<bool> {
        let Some(refund) = books.refunds.get(&record.key) else {
            return if has_moved(record) {
                self.post_refund(environment, record, &books.tenants).await
            } else {
                Ok(false)
            };
        };
        match of_refund(refund, record, books.db_now) {
            Verdict::Fine | Verdict::Lost => Ok(false),
            Verdict::News => {
                let tenant = self.open(refund.tenant_id).await?;
                let claim = ClaimRefund { tenant: tenant.id, refund, db_now: self.db.now().await? };
                if let Some(fence) = self.db.run(&claim).await? {
                    let outcome = give_back::told(refund, Asked::Found(record.clone()));
                    self.settle_refund(&tenant, refund.id, fence, &outcome).await?;
                }
                Ok(false)
            }
            Verdict::Contradiction(why) => {
                let mut finding = self.finding(environment, record, Kind::Contradiction).await?;
                finding.tenant_id = Some(refund.tenant_id);
                finding.charge_id = Some(refund.charge_id);
                finding.refund_id = Some(refund.id);
                self.note(finding, why).await?;
                Ok(false)
            }
        }
    }

    pub(super) async fn finding(
        &self,
        environment: Environment,
        record: &Record,
        kind: Kind,
    ) -> Result<Finding> {
        Ok(Finding::of(environment, record, kind, self.db.now().await?))
    }

    /// Notes what a person must look at; gives whether it is new.
    pub(super) async fn note(&self, mut finding: Finding, why: &str) -> Result<bool> {
        finding.why = why.to_owned();
        let new = self.db.run(&Note { finding: &finding, flag: true }).await?;
        if new {
            tracing::error!(
                environment = finding.environment,
                processor_id = finding.processor_id,
                kind = finding.kind.as_str(),
                amount = finding.amount.get(),
                why,
                "a person must look at what the processor says"
            );
        }
        Ok(new)
    }
}

/// Whether money moved by it at some time.
fn has_moved(record: &Record) -> bool {
    match record.standing {
        Standing::Succeeded | Standing::Pending | Standing::Returned(_) => true,
        Standing::Declined(_) | Standing::Voided => false,
    }
}

fn of_charge(charge: &Charge, record: &Record, db_now: Ts) -> Verdict {
    let asked = charge.asked_until.is_some_and(|until| until > db_now);
    let same = charge.amount == record.amount;
    let moved = record.moved() && record.refunded < record.amount;
    match charge.state {
        State::Scheduled if has_moved(record) => Verdict::Lost,
        State::Scheduled => Verdict::Fine,
        _ if asked => Verdict::Fine,
        State::Submitting if charge.due_at.is_some_and(|lease| lease > db_now) => Verdict::Fine,
        // Settling it again would not tell a person more.
        State::Submitting | State::Unknown | State::Pending if charge.review && !same => Verdict::Fine,
        State::Submitting | State::Unknown => Verdict::News,
        State::Pending => match record.standing {
            Standing::Pending if same => Verdict::Fine,
            Standing::Declined(_) if charge.review => Verdict::Fine,
            _ => Verdict::News,
        },
        _ if !same => Verdict::Contradiction("the processor has another amount"),
        State::Succeeded => match record.standing {
            Standing::Succeeded | Standing::Pending => Verdict::Fine,
            Standing::Returned(_) | Standing::Voided => Verdict::News,
            Standing::Declined(_) => Verdict::Contradiction("the processor says it was declined"),
        },
        State::Refunded => match record.standing {
            // Taken back by a void, it is refunded in whole here.
            Standing::Succeeded | Standing::Pending | Standing::Voided => Verdict::Fine,
            Standing::Returned(_) | Standing::Declined(_) => {
                Verdict::Contradiction("it came back after all of it was refunded")
            }
        },
        State::Returned if moved => {
            Verdict::Contradiction("the processor says that the money is ours after all")
        }
        State::Declined | State::Canceled if moved => {
            Verdict::Contradiction("the processor took money for what was declined or called off")
        }
        State::Returned | State::Declined | State::Canceled => Verdict::Fine,
    }
}

fn of_refund(refund: &Refund, record: &Record, db_now: Ts) -> Verdict {
    let asked = refund.asked_until.is_some_and(|until| until > db_now);
    let same = refund.amount == record.amount;
    match refund.state {
        _ if asked => Verdict::Fine,
        RefundState::Submitting if refund.due_at.is_some_and(|lease| lease > db_now) => Verdict::Fine,
        RefundState::Submitting | RefundState::Unknown | RefundState::Pending if refund.review && !same => {
            Verdict::Fine
        }
        RefundState::Pending if same && record.standing == Standing::Pending => Verdict::Fine,
        RefundState::Submitting | RefundState::Unknown | RefundState::Pending => Verdict::News,
        _ if !same => Verdict::Contradiction("the processor has another amount"),
        RefundState::Succeeded if !record.moved() => {
            Verdict::Contradiction("the processor says that nothing was given back")
        }
        RefundState::Declined if record.moved() => {
            Verdict::Contradiction("the processor gave back what was declined")
        }
        RefundState::Succeeded | RefundState::Declined => Verdict::Fine,
    }
}
