//! The list of everything that was made or changed: payments, then refunds, then what events tell of older ones.
//!
//! Stripe lists things by when they were *made*. What changed later (a bank debit that settled or came back, a dispute, a
//! refund that failed) is in its events, which go back 30 days: <https://docs.stripe.com/api/events/list>. An event is
//! never believed: the payment or refund it names is read, as it is now. What was made since is among the payments and
//! refunds already and told once; what changes while they are read is the next reader's.

use std::collections::BTreeSet;

use base::Ts;
use payments::processor::{Page, Record};
use tokio::task::JoinSet;

use super::Stripe;
use super::line::{Fields, Not};
use super::look::Listed;
use super::objects::{Event, Intent, List, Refund};
use super::records;

/// How many are read at once.
const AT_ONCE: usize = 8;

/// The events that tell of a change. <https://docs.stripe.com/api/events/types>
const CHANGES: [&str; 10] = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "refund.failed",
    "refund.updated",
];

/// Which part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Payments,
    Refunds,
    Changes,
}

impl Part {
    const ALL: [Part; 3] = [Part::Payments, Part::Refunds, Part::Changes];

    const fn word(self) -> &'static str {
        match self {
            Part::Payments => "payments",
            Part::Refunds => "refunds",
            Part::Changes => "changes",
        }
    }

    const fn next(self) -> Option<Part> {
        match self {
            Part::Payments => Some(Part::Refunds),
            Part::Refunds => Some(Part::Changes),
            Part::Changes => None,
        }
    }
}

/// Where a page begins: `refunds`, or `refunds:re_…` behind a refund.
struct Place {
    part: Part,
    after: Option<String>,
}

impl Place {
    fn parse(cursor: Option<&str>) -> Option<Place> {
        let Some(cursor) = cursor else { return Some(Place { part: Part::Payments, after: None }) };
        let (word, after) = match cursor.split_once(':') {
            Some((word, after)) => (word, Some(after.to_owned())),
            None => (cursor, None),
        };
        let part = Part::ALL.into_iter().find(|part| part.word() == word)?;
        Some(Place { part, after })
    }

    /// Behind a page: in the same part while there is more of it.
    fn behind<T: Listed>(&self, page: &List<T>) -> Option<String> {
        match page.data.last().filter(|_| page.has_more) {
            Some(last) => Some(format!("{}:{}", self.part.word(), last.id())),
            None => self.part.next().map(|part| part.word().to_owned()),
        }
    }
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Payment(String),
    Refund(String),
}

fn about(event: Event) -> Option<About> {
    let subject = event.data.object;
    match subject.object.as_str() {
        "payment_intent" => Some(About::Payment(subject.id)),
        "refund" => Some(About::Refund(subject.id)),
        _ => subject.payment_intent.map(About::Payment),
    }
}

impl Stripe {
    /// A page.
    pub(super) async fn page(&self, since: Ts, cursor: Option<&str>) -> Result<Page, Not> {
        let place = Place::parse(cursor)
            .ok_or_else(|| Not::Silent("the place in Stripe's list cannot be read".into()))?;
        let after = place.after.as_ref();
        match place.part {
            Part::Payments => {
                let expand = Fields::default().with("expand[]", "data.latest_charge");
                let page: List<Intent> = self.listed("payment_intents", since, after, expand).await?;
                let mut records = Vec::new();
                for intent in &page.data {
                    records.extend(self.record(intent).await?);
                }
                Ok(Page { records, cursor: place.behind(&page) })
            }
            Part::Refunds => {
                let expand = Fields::default().with("expand[]", "data.payment_intent");
                let page: List<Refund> = self.listed("refunds", since, after, expand).await?;
                let records = page.data.iter().filter_map(records::of_refund).collect();
                Ok(Page { records, cursor: place.behind(&page) })
            }
            Part::Changes => {
                let types = CHANGES.iter().fold(Fields::default(), |all, kind| all.with("types[]", kind));
                let page: List<Event> = self.listed("events", since, after, types).await?;
                let cursor = place.behind(&page);
                let changed: BTreeSet<About> = page.data.into_iter().filter_map(about).collect();
                let mut records = self.read(changed).await?;
                records.retain(|record| record.made_at.seconds() < since.seconds());
                Ok(Page { records, cursor })
            }
        }
    }

    /// All of these as they are now, payments first.
    async fn read(&self, all: BTreeSet<About>) -> Result<Vec<Record>, Not> {
        let all: Vec<About> = all.into_iter().collect();
        let mut records = Vec::new();
        for some in all.chunks(AT_ONCE) {
            let mut asked = JoinSet::new();
            for one in some {
                let (stripe, one) = (self.clone(), one.clone());
                asked.spawn(async move { stripe.now(one).await });
            }
            for read in asked.join_all().await {
                records.extend(read?);
            }
        }
        records.sort_by_key(|record: &Record| record.refund_of.is_some());
        Ok(records)
    }

    async fn now(&self, about: About) -> Result<Option<Record>, Not> {
        match about {
            About::Payment(id) => match self.intent(&id).await? {
                Some(intent) => self.record(&intent).await,
                None => Ok(None),
            },
            About::Refund(id) => Ok(self.refund_by_id(&id).await?.as_ref().and_then(records::of_refund)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_no_other_word_is_one() {
        let page = |has_more| List { data: vec![refund("re_1")], has_more };
        let place = Place::parse(Some("refunds:re_0")).unwrap();
        assert_eq!((place.part, place.after.as_deref()), (Part::Refunds, Some("re_0")));
        assert_eq!(place.behind(&page(true)).as_deref(), Some("refunds:re_1"));
        assert_eq!(place.behind(&page(false)).as_deref(), Some("changes"));
        assert_eq!(Place::parse(Some("changes")).unwrap().behind(&page(false)), None);
        assert_eq!(Place::parse(None).unwrap().part, Part::Payments);
        assert!(Place::parse(Some("500")).is_none(), "the place in another processor's list");
    }

    fn refund(id: &str) -> Refund {
        serde_json::from_value(serde_json::json!({ "id": id, "amount": 1, "created": 1 })).unwrap()
    }
}
