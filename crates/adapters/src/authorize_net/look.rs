//! Finding what was made under a key.
//!
//! Authorize.net searches for nothing. Where its id is known, a transaction is read by that; else the lists are looked through
//! for the mark of its key, from when on it may have been made: what is in no batch yet, the newest first, and then the
//! batches since. Every transaction ends in a batch, also one that was declined or voided. What leaves the one list for the
//! other meanwhile is older than all that stays, so that nothing slips through between two pages.
//!
//! Nothing says how soon a transaction is in a list. So "not found" is said only of what was sent a quarter of an hour ago; and
//! where a list has no end, nothing is said.

use base::{Cents, Ts};
use payments::processor::{Lookup, Record, Trace};
use tokio::task::JoinSet;

use super::AuthorizeNet;
use super::line::Not;
use super::records;
use super::requests::{self, NEWEST_FIRST, Paging};
use super::transactions::{Batch, BatchList, Detailed, Details, Listed, Status, Summary};

/// The longest page. <https://developer.authorize.net/api/reference/features/transaction-reporting.html>
const LONGEST: usize = 1_000;
/// How many pages of one list are looked through.
const MOST_PAGES: usize = 20;
/// How long ago something must have been sent so that not finding it says that it was not made.
const SURE_SECONDS: i64 = 900;
/// How far our clock and theirs may lie apart.
const CLOCKS_DIFFER_SECONDS: i64 = 300;
/// The most days between the first and the last batch that are asked for at once are 31.
const RANGE_SECONDS: i64 = 30 * 86_400;
/// For how long it keeps anything: "two to three years".
/// <https://community.developer.cybersource.com/t5/Integration-and-Testing/Getting-transaction-details/m-p/14198>
const KEPT_SECONDS: i64 = 3 * 366 * 86_400;
/// How many are read at once.
pub(super) const AT_ONCE: usize = 8;

/// What was made under a key: one, unless somebody sent it again.
#[derive(Default)]
struct Found(Vec<Details>);

impl Found {
    fn add(&mut self, more: Vec<Details>) {
        self.0.extend(more);
    }

    fn moved(&self) -> usize {
        self.0.iter().filter(|one| !one.transaction_status.is_nothing()).count()
    }

    fn best(mut self, key: &str) -> Option<Details> {
        if self.moved() > 1 {
            tracing::error!(
                key,
                "Authorize.net has more than one transaction under a key: a person must look at it"
            );
        }
        self.0.sort_by_key(|one| one.transaction_status.is_nothing());
        self.0.into_iter().next()
    }
}

/// The time from one instant to another, in pieces that a list of batches can be asked for.
pub(super) fn ranges(since: Ts, now: Ts) -> impl Iterator<Item = (Ts, Ts)> {
    let first = since.max(now.plus_seconds(-KEPT_SECONDS));
    let starts = std::iter::successors(Some(first), |at| Some(at.plus_seconds(RANGE_SECONDS)));
    let end = now.plus_seconds(CLOCKS_DIFFER_SECONDS);
    starts.take_while(move |at| *at <= end).map(move |at| (at, at.plus_seconds(RANGE_SECONDS).min(end)))
}

fn too_long() -> Not {
    Not::Silent("Authorize.net's list is too long to be looked through".into())
}

impl AuthorizeNet {
    /// What became of a charge, refund or void.
    pub(super) async fn look(&self, now: Ts, what: &Trace) -> Lookup {
        match self.found(now, what).await {
            Ok(Some(record)) => Lookup::Found(record),
            Ok(None) => Lookup::NotFound,
            Err(not) => Lookup::Unreachable(not.words()),
        }
    }

    pub(super) async fn found(&self, now: Ts, what: &Trace) -> Result<Option<Record>, Not> {
        if let Some(details) = self.made(now, what).await? {
            let record = self.record(&details).await?;
            let record = record.map(|record| Record { key: what.key.clone(), ..record });
            return match record {
                Some(_) => Ok(record),
                None => Err(Not::Silent("Authorize.net's transaction cannot be read".into())),
            };
        }
        // A void is no transaction of its own: its charge tells.
        if let Some(of) = &what.of
            && let Some(charge) = self.made(now, of).await?
            && charge.transaction_status == Status::Voided
        {
            return Ok(records::of_void(&charge, &what.key, &of.key));
        }
        if now.since(what.since).as_secs() < SURE_SECONDS {
            return Err(Not::Silent("it is not in Authorize.net's lists, and may yet come".into()));
        }
        Ok(None)
    }

    /// The transaction that was made under a key, as it is now; of several, one that moved money.
    pub(super) async fn made(&self, now: Ts, what: &Trace) -> Result<Option<Details>, Not> {
        if let Some(id) = &what.processor_id
            && let Some(details) = self.details(id).await?
            && records::is_of(&details, &what.key)
        {
            return Ok(Some(details));
        }
        let (mark, since) = (records::mark(&what.key), what.since.plus_seconds(-CLOCKS_DIFFER_SECONDS));
        let mut found = Found::default();
        found.add(self.whole(&what.key, self.unsettled_marked(&mark, since).await?).await?);
        if found.moved() > 0 {
            return Ok(found.best(&what.key));
        }
        let mut batches = Vec::new();
        for range in ranges(since, now) {
            batches.extend(self.batches(range).await?);
        }
        for some in batches.chunks(AT_ONCE) {
            let mut asked = JoinSet::new();
            for batch in some {
                let (this, id, mark) = (self.clone(), batch.batch_id.0.clone(), mark.clone());
                asked.spawn(async move { this.batch_marked(&id, &mark).await });
            }
            for read in asked.join_all().await {
                found.add(self.whole(&what.key, read?).await?);
            }
            if found.moved() > 0 {
                break;
            }
        }
        Ok(found.best(&what.key))
    }

    /// Those of these that were made under the key; a mark may stand on more.
    async fn whole(&self, key: &str, marked: Vec<Summary>) -> Result<Vec<Details>, Not> {
        let mut all = Vec::new();
        for summary in marked {
            let details = self.details(&summary.trans_id.0).await?;
            all.extend(details.filter(|details| records::is_of(details, key)));
        }
        Ok(all)
    }

    async fn unsettled_marked(&self, mark: &str, since: Ts) -> Result<Vec<Summary>, Not> {
        let mut found = Vec::new();
        for page in 1..=MOST_PAGES {
            let all = self.unsettled(page, LONGEST).await?;
            let is_last = all.len() < LONGEST
                || all.last().and_then(Summary::submitted_at).is_some_and(|at| at < since);
            found.extend(all.into_iter().filter(|one| is_marked(one, mark)));
            if is_last {
                return Ok(found);
            }
        }
        Err(too_long())
    }

    async fn batch_marked(&self, id: &str, mark: &str) -> Result<Vec<Summary>, Not> {
        let mut found = Vec::new();
        for page in 1..=MOST_PAGES {
            let all = self.in_batch(id, page, LONGEST).await?;
            let is_last = all.len() < LONGEST;
            found.extend(all.into_iter().filter(|one| is_marked(one, mark)));
            if is_last {
                return Ok(found);
            }
        }
        Err(too_long())
    }

    /// A page of what is in no batch yet, the newest first.
    pub(super) async fn unsettled(&self, page: usize, limit: usize) -> Result<Vec<Summary>, Not> {
        let asked = requests::Unsettled { sorting: NEWEST_FIRST, paging: Paging::page(page, limit) };
        let listed: Listed = self.line.ask(&asked).await?;
        Ok(listed.transactions.unwrap_or_default())
    }

    /// A page of a batch.
    pub(super) async fn in_batch(&self, id: &str, page: usize, limit: usize) -> Result<Vec<Summary>, Not> {
        let paging = Paging::page(page, limit);
        let asked = requests::OfBatch { batch_id: id, sorting: NEWEST_FIRST, paging };
        let listed: Listed = self.line.ask(&asked).await?;
        Ok(listed.transactions.unwrap_or_default())
    }

    /// The batches that settled between two instants.
    pub(super) async fn batches(&self, (first, last): (Ts, Ts)) -> Result<Vec<Batch>, Not> {
        let asked = requests::Batches {
            first_settlement_date: first.to_string(),
            last_settlement_date: last.to_string(),
        };
        let listed: BatchList = self.line.ask(&asked).await?;
        Ok(listed.batch_list.unwrap_or_default())
    }

    /// A transaction by its id.
    pub(super) async fn details(&self, id: &str) -> Result<Option<Details>, Not> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        match self.line.ask::<Detailed>(&requests::Details { trans_id: id }).await {
            Ok(detailed) => Ok(Some(detailed.transaction)),
            Err(Not::Refused(code)) if code == "E00040" => Ok(None),
            Err(not) => Err(not),
        }
    }

    /// A payment or a refund of ours as a record; `None` where it is not ours.
    pub(super) async fn record(&self, details: &Details) -> Result<Option<Record>, Not> {
        if details.is_refund() {
            return Ok(records::of_refund(details, None));
        }
        Ok(records::of_charge(details, self.refunded(details).await?))
    }

    /// How much of a payment was given back. A payment does not tell; its customer's transactions do.
    async fn refunded(&self, charge: &Details) -> Result<Cents, Not> {
        let Some(profile) = charge.profile.as_ref() else { return Ok(Cents::ZERO) };
        let customer = &profile.customer_profile_id.0;
        if charge.transaction_status != Status::SettledSuccessfully || customer.is_empty() {
            return Ok(Cents::ZERO);
        }
        let mut sum = Cents::ZERO;
        for page in 1..=MOST_PAGES {
            let paging = Paging::page(page, LONGEST);
            let asked = requests::OfCustomer { customer_profile_id: customer, sorting: NEWEST_FIRST, paging };
            let listed: Listed = self.line.ask(&asked).await?;
            let all = listed.transactions.unwrap_or_default();
            let made_at = charge.submitted_at();
            let is_older = |one: &Summary| one.submitted_at() < made_at;
            let is_last = all.len() < LONGEST || all.last().is_some_and(is_older);
            for one in all.iter().filter(|one| one.transaction_status.is_refund() && !is_older(one)) {
                let Some(back) = self.details(&one.trans_id.0).await? else { continue };
                let amount = back.auth_amount.cents().filter(|_| back.ref_trans_id == charge.trans_id);
                sum = amount.and_then(|amount| sum.plus(amount)).unwrap_or(sum);
            }
            if is_last {
                return Ok(sum);
            }
        }
        Err(too_long())
    }
}

/// What tells of something else may carry that one's mark.
fn is_marked(summary: &Summary, mark: &str) -> bool {
    summary.invoice_number.0 == mark && !summary.transaction_status.is_news()
}
