//! The list of everything that was made or changed: what is in no batch yet, and then the batches that settled since.
//!
//! Authorize.net lists things in two places and tells little of each, so whatever is news is read whole. News is what was made
//! since; a bank debit that settled; what a person held, released or called off; and what tells that something came back. Of
//! a refund its payment is told too, before it, because books that lost both need that first.
//!
//! What must hold: a batch is read after what is in none, so that what moves there meanwhile is seen in one of them.

use base::Ts;
use payments::processor::{Page, Record};
use tokio::task::JoinSet;

use super::AuthorizeNet;
use super::line::Not;
use super::look::{AT_ONCE, ranges};
use super::records;
use super::transactions::{Batch, Summary};

/// How many are listed at once: so many can be read whole while a caller waits for a page.
const LISTED: usize = 100;
/// How long after it settled a batch may still be new to the list.
const BATCH_LAG_SECONDS: i64 = 3_600;

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A page of what is in no batch: `unsettled:2`.
    Unsettled(usize),
    /// The first batch behind this one: `behind:1790000000:1006`.
    Behind(Settled),
    /// A page of a batch: `batch:1790000000:1007:2`.
    Batch(Settled, usize),
}

/// A batch, by when it settled and its id: in this order they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Settled {
    /// In seconds since 1970.
    at: i64,
    id: u64,
}

impl Settled {
    const FIRST: Settled = Settled { at: 0, id: 0 };

    fn of(batch: &Batch) -> Option<Settled> {
        let at = Ts::parse(batch.settled.as_ref()?)?.seconds();
        Some(Settled { at, id: batch.batch_id.0.parse().ok()? })
    }
}

impl Place {
    fn parse(cursor: Option<&str>) -> Option<Place> {
        let Some(cursor) = cursor else { return Some(Place::Unsettled(1)) };
        let settled = |at: &str, id: &str| Some(Settled { at: at.parse().ok()?, id: id.parse().ok()? });
        let parts: Vec<&str> = cursor.split(':').collect();
        match parts.as_slice() {
            ["unsettled", page] => page.parse().ok().map(Place::Unsettled),
            ["behind", at, id] => settled(at, id).map(Place::Behind),
            ["batch", at, id, page] => Some(Place::Batch(settled(at, id)?, page.parse().ok()?)),
            _ => None,
        }
    }

    fn written(self) -> String {
        match self {
            Place::Unsettled(page) => format!("unsettled:{page}"),
            Place::Behind(Settled { at, id }) => format!("behind:{at}:{id}"),
            Place::Batch(Settled { at, id }, page) => format!("batch:{at}:{id}:{page}"),
        }
    }
}

impl AuthorizeNet {
    /// A page.
    pub(super) async fn page(&self, now: Ts, since: Ts, cursor: Option<&str>) -> Result<Page, Not> {
        let place = Place::parse(cursor)
            .ok_or_else(|| Not::Silent("the place in Authorize.net's list cannot be read".into()))?;
        let (batch, page) = match place {
            Place::Unsettled(page) => {
                let listed = self.unsettled(page, LISTED).await?;
                let is_last = listed.len() < LISTED;
                let next = if is_last { Place::Behind(Settled::FIRST) } else { Place::Unsettled(page + 1) };
                return self.told(listed, since, next).await;
            }
            Place::Behind(last) => match self.batch_behind(last, now, since).await? {
                Some(batch) => (batch, 1),
                None => return Ok(Page { records: Vec::new(), cursor: None }),
            },
            Place::Batch(batch, page) => (batch, page),
        };
        let listed = self.in_batch(&batch.id.to_string(), page, LISTED).await?;
        let next = if listed.len() < LISTED { Place::Behind(batch) } else { Place::Batch(batch, page + 1) };
        self.told(listed, since, next).await
    }

    async fn batch_behind(&self, last: Settled, now: Ts, since: Ts) -> Result<Option<Settled>, Not> {
        let since = since.plus_seconds(-BATCH_LAG_SECONDS).max(Ts::from_micros(last.at * 1_000_000));
        for range in ranges(since, now) {
            let all = self.batches(range).await?;
            let all: Option<Vec<Settled>> = all.iter().map(Settled::of).collect();
            let all = all.ok_or_else(|| Not::Silent("Authorize.net's batches cannot be read".into()))?;
            if let Some(next) = all.into_iter().filter(|batch| *batch > last).min() {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// The news among these, read whole.
    async fn told(&self, listed: Vec<Summary>, since: Ts, next: Place) -> Result<Page, Not> {
        let news: Vec<Summary> = listed.into_iter().filter(|one| records::is_news(one, since)).collect();
        let mut records: Vec<Record> = Vec::new();
        for some in news.chunks(AT_ONCE) {
            let mut asked = JoinSet::new();
            for one in some {
                let (this, one) = (self.clone(), one.clone());
                asked.spawn(async move { this.told_by(&one).await });
            }
            for read in asked.join_all().await {
                records.extend(read?);
            }
        }
        records.sort_by(|a, b| {
            (a.refund_of.is_some(), &a.processor_id).cmp(&(b.refund_of.is_some(), &b.processor_id))
        });
        records.dedup_by(|a, b| (&a.processor_id, &a.key) == (&b.processor_id, &b.key));
        Ok(Page { records, cursor: Some(next.written()) })
    }

    /// What one in a list tells of.
    async fn told_by(&self, one: &Summary) -> Result<Vec<Record>, Not> {
        let Some(details) = self.details(&one.trans_id.0).await? else { return Ok(Vec::new()) };
        let about = if details.is_refund() || details.transaction_status.is_news() {
            self.details(&details.ref_trans_id.0).await?
        } else {
            return Ok(self.record(&details).await?.into_iter().collect());
        };
        let charge = match &about {
            Some(about) => self.record(about).await?,
            None => None,
        };
        let refund = details.is_refund().then(|| records::of_refund(&details, about.as_ref())).flatten();
        let is_about_ours = refund.is_some() || details.transaction_status.is_news();
        Ok(charge.filter(|_| is_about_ours).into_iter().chain(refund).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_no_other_word_is_one() {
        let batch = Settled { at: 1_790_000_000, id: 1_006 };
        for place in [Place::Unsettled(2), Place::Behind(Settled::FIRST), Place::Batch(batch, 3)] {
            assert_eq!(Place::parse(Some(&place.written())), Some(place));
        }
        assert_eq!(Place::parse(None), Some(Place::Unsettled(1)));
        for other in ["500", "refunds:re_1", "batch:1:2", "batch:x:1:1", "unsettled:-1", ""] {
            assert_eq!(Place::parse(Some(other)), None, "{other}: the place in another processor's list");
        }
    }
}
