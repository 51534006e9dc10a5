//! How long events say what things were, where an organization sets an end to it.
//!
//! Must always hold:
//! - An event stays, with its name and its place; what it says of the thing goes, as it does where a person is erased.
//! - It goes only so many days after a later event has said the whole of the same thing: whoever reads the stream from its
//!   beginning still comes to know everything as it is. What no later event repeats ([`SAY_MORE`]) is never emptied.
//! - Nothing is emptied that somebody who follows the stream is still to be told of.
//!
//! A walk goes through the events that are old enough, in their order, and empties what each of them has superseded. Its place
//! commits with what was emptied. What had to be left because somebody is still to be told of it is looked at again later.

use std::collections::HashMap;

use base::db::{Command, Db, Ids, Texts, Tx};
use base::{Failure, Result, TenantId, Ts};
use uuid::Uuid;

use crate::events::{CLOCKS_DIFFER_SECONDS, EventId, Follow, SAY_MORE, SAY_NO_WHOLE};
use crate::orgs;

/// How many events are looked at in one transaction.
const SLICE: i64 = 500;

/// How many slices of an organization's environment a step does at a time.
const SLICES: usize = 8;

/// After how long what had to be left is looked at again, in seconds.
const AGAIN_SECONDS: i64 = 86_400;

/// A step: empties what is superseded and old; gives how many events were looked at.
pub async fn step(db: &Db, follower: &dyn Follow) -> Result<u64> {
    let (now, mut done) = (db.seams().now(), 0);
    // Read to its end first: whoever reads holds a connection.
    let forgetful = orgs::forgetful(&db.read().await?).await?;
    for of in forgetful {
        let Some(days) = of.event_days else { continue };
        let before = now.plus_seconds(days.saturating_mul(-86_400));
        for _ in 0..SLICES {
            match db.run(&Slice { tenant: of.tenant_id, before, follower }).await {
                Ok(0) => break,
                Ok(looked_at) => done += looked_at,
                // One tenant's trouble must not keep the others' past.
                Err(failure) => {
                    tracing::error!(tenant = ?of.tenant_id, error = failure.chain(), "events could not be emptied; it will be tried again");
                    break;
                }
            }
        }
    }
    Ok(done)
}

base::record! {
    /// How far a tenant's events have been gone through.
    struct Walk in "event_retention" { tenant_id: TenantId, place: i64, again_from: Option<i64>, again_at: Option<Ts> }
}

impl Walk {
    /// From now on behind `place`, and later once more from where something was left.
    fn on_to(self, place: i64, was_left: bool, now: Ts) -> Walk {
        let again_from = self.again_from.or(was_left.then_some(self.place));
        let again_at = again_from.and(self.again_at.or_else(|| Some(now.plus_seconds(AGAIN_SECONDS))));
        Walk { place, again_from, again_at, ..self }
    }
}

base::record! {
    /// An event, as far as it decides what is superseded.
    struct Seen in "event" { id: EventId, seq: Option<i64>, name: String, object: String, object_id: Uuid, created_at: Ts }
}

impl Seen {
    /// Whether this is surely later, and says the whole of the same thing.
    fn supersedes(&self, other: &Seen) -> bool {
        !SAY_NO_WHOLE.contains(&&*self.name)
            && (&self.object, self.object_id) == (&other.object, other.object_id)
            && self.seq > other.seq
            && self.created_at >= other.created_at.plus_seconds(CLOCKS_DIFFER_SECONDS)
    }
}

/// The next events of a tenant that are old enough.
struct Slice<'a> {
    tenant: TenantId,
    /// Those that happened before this instant.
    before: Ts,
    follower: &'a dyn Follow,
}

impl Command for Slice<'_> {
    type Out = u64;

    fn name(&self) -> &'static str {
        "events.empty"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let (t, now) = (&self.tenant, tx.now());
        let new = Walk { tenant_id: self.tenant, place: 0, again_from: None, again_at: None };
        tx.insert_if_new(&[new]).await?;
        let walk: Option<Walk> = tx.find("WHERE tenant_id = $1 FOR UPDATE", &[t]).await?;
        let walk = walk.ok_or_else(|| Failure::broken("emptying events", "their place is gone"))?;
        let tail = "WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let mut next: Vec<Seen> = tx.select(tail, &[t, &walk.place, &SLICE]).await?;
        let old = next.iter().take_while(|event| event.created_at < self.before).count();
        next.truncate(old);
        let Some(last) = next.last().and_then(|event| event.seq) else {
            return match (walk.again_from, walk.again_at) {
                (Some(place), Some(at)) if at <= now => {
                    tx.update(1, &[Walk { place, again_from: None, again_at: None, ..walk }]).await?;
                    Ok(1)
                }
                _ => Ok(0),
            };
        };
        let superseded = self.superseded(tx, &next).await?;
        let mut was_left = false;
        if !superseded.is_empty() {
            let things = Ids::of(superseded.iter().map(|event| event.object_id));
            let waiting = self.follower.waits_for(tx, self.tenant, &things).await?;
            let gone = Ids::of(superseded.iter().map(|event| event.id).filter(|id| !waiting.contains(id)));
            was_left = superseded.iter().any(|event| waiting.contains(&event.id));
            let sql = "UPDATE event SET body = $3 WHERE tenant_id = $1 AND id IN ids($2)";
            tx.run(sql, &[t, &gone, &Vec::<u8>::new()]).await?;
        }
        tx.update(1, &[walk.on_to(last, was_left, now)]).await?;
        Ok(next.len() as u64)
    }

    async fn check(&self, _: &Tx) -> Result<Option<u64>> {
        Ok(None) // its place says how far it is
    }
}

impl Slice<'_> {
    /// What is not emptied yet and superseded by one of these.
    async fn superseded(&self, tx: &Tx, by: &[Seen]) -> Result<Vec<Seen>> {
        // Of each thing the last: what an earlier one supersedes, this does too.
        let mut newest: HashMap<(&str, Uuid), &Seen> = HashMap::new();
        for event in by.iter().filter(|event| !SAY_NO_WHOLE.contains(&&*event.name)) {
            newest.insert((event.object.as_str(), event.object_id), event);
        }
        let Some(last) = newest.values().filter_map(|event| event.seq).max() else { return Ok(Vec::new()) };
        let kept = Texts(SAY_MORE.iter().map(|name| (*name).to_owned()).collect());
        let tail = "WHERE tenant_id = $1 AND object_id IN ids($2) AND seq < $3 AND body <> $4 AND NOT (name IN texts($5))";
        let things = Ids::of(newest.values().map(|event| event.object_id));
        let mut earlier: Vec<Seen> =
            tx.select(tail, &[&self.tenant, &things, &last, &Vec::<u8>::new(), &kept]).await?;
        earlier.retain(|event| {
            newest.get(&(&*event.object, event.object_id)).is_some_and(|newer| newer.supersedes(event))
        });
        Ok(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(seq: i64, name: &str, second: i64) -> Seen {
        Seen {
            id: EventId(Uuid::nil()),
            seq: Some(seq),
            name: name.into(),
            object: "customer".into(),
            object_id: Uuid::nil(),
            created_at: Ts::from_micros(second * 1_000_000),
        }
    }

    #[test]
    fn only_a_later_event_about_the_same_thing_that_says_all_of_it_supersedes_one() {
        let made = seen(1, "customer.create", 0);
        assert!(seen(2, "customer.update", 60).supersedes(&made));
        assert!(!made.supersedes(&seen(2, "customer.update", 60)));
        assert!(!seen(2, "customer.preferences", 60).supersedes(&made));
        assert!(!Seen { object: "debt".into(), ..seen(2, "customer.update", 60) }.supersedes(&made));
        // Two nodes' clocks do not say which of these came first.
        assert!(!seen(2, "customer.update", CLOCKS_DIFFER_SECONDS - 1).supersedes(&made));
    }

    #[test]
    fn what_was_left_is_come_back_to_from_the_first_place_of_it() {
        let walk = |place, again_from, again_at: Option<i64>| Walk {
            tenant_id: TenantId(Uuid::nil()),
            place,
            again_from,
            again_at: again_at.map(Ts::from_micros),
        };
        let told = |walk: Walk| (walk.place, walk.again_from, walk.again_at);
        let (now, tomorrow) = (Ts::from_micros(0), Some(Ts::from_micros(AGAIN_SECONDS * 1_000_000)));
        assert_eq!(told(walk(3, None, None).on_to(9, false, now)), (9, None, None));
        assert_eq!(told(walk(3, None, None).on_to(9, true, now)), (9, Some(3), tomorrow));
        assert_eq!(
            told(walk(9, Some(3), Some(7)).on_to(12, true, now)),
            (12, Some(3), Some(Ts::from_micros(7)))
        );
    }
}
