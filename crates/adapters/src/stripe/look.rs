//! Finding what was made under a key.
//!
//! Stripe's search knows our keys, as they stand in the metadata of payments; but what was written just now it does not
//! know for a minute, and longer while something is wrong there: <https://docs.stripe.com/search#data-freshness>. Its
//! lists know it at once. So "not found" is said only after the search *and* the lists of the last hours; where more was made
//! than can be read, of the last minutes at least. A search that lags longer than that shows an old key, which is not sent
//! again, and for a young one the same key charges once.

use base::Ts;
use payments::processor::{Lookup, Record};
use serde::de::DeserializeOwned;

use super::Stripe;
use super::line::{Fields, Not};
use super::objects::{Dispute, Event, Intent, List, Refund};
use super::records::{self, KEY};

/// For how long the search may not know what was written.
const SEARCH_LAG_SECONDS: i64 = 2 * 3_600;
/// How many pages of a list are read for it.
const MOST_PAGES: usize = 10;
/// How far back they must reach, where that was not all.
const SURE_SECONDS: i64 = 600;
/// The longest page that Stripe gives. <https://docs.stripe.com/api/pagination>
pub(super) const LONGEST: usize = 100;

/// What is in a list, and can be the place where the next page begins.
pub(super) trait Listed: DeserializeOwned {
    fn id(&self) -> &str;
    /// In seconds since 1970.
    fn created(&self) -> i64;
}

macro_rules! listed {
    ($($what:ty),*) => {
        $(impl Listed for $what {
            fn id(&self) -> &str {
                &self.id
            }

            fn created(&self) -> i64 {
                self.created
            }
        })*
    };
}

listed!(Intent, Refund, Event);

/// The words of a query are quoted, and a quote among them is escaped.
/// <https://docs.stripe.com/search#search-query-language>
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

fn carries(intent: &Intent, names: &[String], key: &str) -> bool {
    names.iter().any(|name| intent.metadata.get(name).is_some_and(|value| value == key))
}

impl Stripe {
    /// What became of a key.
    pub(super) async fn look(&self, now: Ts, key: &str) -> Lookup {
        match self.found(now, key).await {
            Ok(Some(record)) => Lookup::Found(record),
            Ok(None) => Lookup::NotFound,
            Err(not) => Lookup::Unreachable(not.words()),
        }
    }

    async fn found(&self, now: Ts, key: &str) -> Result<Option<Record>, Not> {
        let names = [KEY.to_owned(), records::refund_mark(key), records::void_mark(key)];
        if let Some(intent) = self.payment(now, &names, key).await? {
            return self.said_of(&intent, key).await;
        }
        let is_it = |refund: &Refund| refund.metadata.get(KEY).is_some_and(|value| value == key);
        let refund = self.recent("refunds", now, is_it).await?;
        Ok(refund.as_ref().and_then(records::of_refund))
    }

    /// The payment that a charge's key stands on, as it is now.
    pub(super) async fn payment_of(&self, now: Ts, charge_key: &str) -> Result<Option<Intent>, Not> {
        self.payment(now, &[KEY.to_owned()], charge_key).await
    }

    async fn payment(&self, now: Ts, names: &[String], key: &str) -> Result<Option<Intent>, Not> {
        if let Some(id) = self.searched(names, key).await? {
            // What the search holds may be as old as what it does not know.
            return self.intent(&id).await;
        }
        match self.recent("payment_intents", now, |intent: &Intent| carries(intent, names, key)).await? {
            Some(intent) => self.intent(&intent.id).await,
            None => Ok(None),
        }
    }

    /// The id of the payment that carries the key under one of these names. Of several, which there are where a key was
    /// sent again after Stripe had forgotten it, one that moved money.
    async fn searched(&self, names: &[String], key: &str) -> Result<Option<String>, Not> {
        let clauses: Vec<String> =
            names.iter().map(|name| format!("metadata[{}]:{}", quoted(name), quoted(key))).collect();
        let query = Fields::default().with("query", clauses.join(" OR ")).with("limit", LONGEST);
        let found: List<Intent> = self.line.get(&["payment_intents", "search"], query).await?;
        let ours: Vec<Intent> = found.data.into_iter().filter(|one| carries(one, names, key)).collect();
        if ours.iter().filter(|one| records::may_have_moved(one)).count() > 1 {
            tracing::error!(key, "Stripe has more than one payment under a key: a person must look at it");
        }
        let moved = ours.iter().find(|one| records::may_have_moved(one));
        Ok(moved.or(ours.first()).map(|one| one.id.clone()))
    }

    /// The one among what was made lately.
    async fn recent<T: Listed>(
        &self,
        what: &str,
        now: Ts,
        is_it: impl Fn(&T) -> bool,
    ) -> Result<Option<T>, Not> {
        let since = now.plus_seconds(-SEARCH_LAG_SECONDS);
        let (mut after, mut reached): (Option<String>, i64) = (None, now.seconds());
        for _ in 0..MOST_PAGES {
            let page: List<T> = self.listed(what, since, after.as_ref(), Fields::default()).await?;
            reached = page.data.last().map_or(reached, Listed::created);
            after = page.data.last().filter(|_| page.has_more).map(|last| last.id().to_owned());
            if let Some(found) = page.data.into_iter().find(&is_it) {
                return Ok(Some(found));
            }
            if after.is_none() {
                return Ok(None);
            }
        }
        if reached <= now.plus_seconds(-SURE_SECONDS).seconds() {
            return Ok(None);
        }
        Err(Not::Silent("too much was made at Stripe lately to look through; its search will tell".into()))
    }

    /// A page of a list of what was made since, the newest first. <https://docs.stripe.com/api/pagination>
    pub(super) async fn listed<T: DeserializeOwned>(
        &self,
        what: &str,
        since: Ts,
        after: Option<&String>,
        more: Fields,
    ) -> Result<List<T>, Not> {
        let query = more
            .with("created[gte]", since.seconds().max(0))
            .with("limit", LONGEST)
            .with_some("starting_after", after);
        self.line.get(&[what], query).await
    }

    /// A payment by its id.
    pub(super) async fn intent(&self, id: &str) -> Result<Option<Intent>, Not> {
        let query = Fields::default().with("expand[]", "latest_charge");
        or_none(self.line.get(&["payment_intents", id], query).await)
    }

    /// A refund by its id.
    pub(super) async fn refund_by_id(&self, id: &str) -> Result<Option<Refund>, Not> {
        or_none(self.line.get(&["refunds", id], Fields::default().with("expand[]", "payment_intent")).await)
    }

    /// A payment as a record, with the dispute about it where there is one; `None` where it is not ours.
    pub(super) async fn record(&self, intent: &Intent) -> Result<Option<Record>, Not> {
        let dispute = match records::is_disputed(intent) {
            true => self.dispute(&intent.id).await?,
            false => None,
        };
        Ok(records::of_intent(intent, dispute.as_ref()))
    }

    /// The dispute of a payment, of several the one that took its money. <https://docs.stripe.com/api/disputes/list>
    async fn dispute(&self, id: &str) -> Result<Option<Dispute>, Not> {
        let query = Fields::default().with("payment_intent", id).with("limit", LONGEST);
        let all: List<Dispute> = self.line.get(&["disputes"], query).await?;
        Ok(all.data.iter().find(|one| one.took_money()).or(all.data.first()).cloned())
    }

    /// What a payment says of a key that stands on it: its own, or that of a refund or void of it.
    async fn said_of(&self, intent: &Intent, key: &str) -> Result<Option<Record>, Not> {
        if intent.metadata.get(KEY).is_some_and(|own| own == key) {
            return self.record(intent).await;
        }
        if let Some(void) = records::voids(intent).find(|void| void.key == key) {
            return Ok(Some(void));
        }
        let query = Fields::default().with("payment_intent", &intent.id).with("limit", LONGEST);
        let all: List<Refund> = self.line.get(&["refunds"], query).await?;
        Ok(all.data.iter().filter_map(records::of_refund).find(|refund| refund.key == key))
    }
}

fn or_none<T>(asked: Result<T, Not>) -> Result<Option<T>, Not> {
    match asked {
        Ok(it) => Ok(Some(it)),
        Err(Not::Refused(error)) if error.code.as_deref() == Some("resource_missing") => Ok(None),
        Err(not) => Err(not),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_end_its_quotes() {
        assert_eq!(quoted(r"a'b\"), r"'a\'b\\'");
    }
}
