//! A delivery: one event on its way to one webhook, and what came of each attempt.

use base::db::Tx;
use base::page::{Listed, Page, Which};
use base::vault::Sealed;
use base::{Failure, Result, TenantId, Ts};
use books::events::EventId;
use books::orgs::Tenant;
use serde_json::{Value, json};
use uuid::Uuid;

use super::model::WebhookId;
use super::schedule;

base::ids! {
    /// A delivery.
    DeliveryId "delivery"
}

base::words! {
    /// How a delivery stands.
    State {
        /// It has not arrived, and is tried again.
        Pending = "pending",
        /// It has arrived.
        Delivered = "delivered",
        /// It was tried as often as it is; whoever wants it asks for it.
        Failed = "failed",
        /// Somebody took it back before it arrived.
        Canceled = "canceled",
    }
}

base::words! {
    /// What became of an attempt.
    Outcome {
        /// The answer was one of 200 to 299.
        Delivered = "delivered",
        /// Another answer.
        Refused = "refused",
        /// An answer that leads elsewhere; nobody follows it.
        Redirected = "redirected",
        /// The answer 410: for good.
        Gone = "gone",
        /// No answer within the time there is.
        TimedOut = "timed_out",
        /// No answer: nobody there, or nobody whom we may call.
        Unreachable = "unreachable",
        /// Not sent: the fault is on our side.
        Broken = "broken",
    }
}

impl Outcome {
    /// What an answer's status means.
    pub(super) fn of(status: u16) -> Outcome {
        match status {
            200..=299 => Outcome::Delivered,
            300..=399 => Outcome::Redirected,
            410 => Outcome::Gone,
            _ => Outcome::Refused,
        }
    }
}

/// How many bytes of an answer are kept.
const KEPT_BYTES: usize = 1_024;

/// How many attempts are kept; older ones are counted only.
const KEPT_ATTEMPTS: usize = 24;

base::record! {
    /// A delivery's row.
    pub struct Delivery in "delivery" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its id.
        pub id: DeliveryId,
        /// Where it goes.
        pub webhook_id: WebhookId,
        /// What happened.
        pub event_id: EventId,
        /// The event's place in the stream.
        pub seq: i64,
        /// What it happened to.
        pub object_id: Uuid,
        /// The name under which it is told.
        pub name: String,
        /// How it stands.
        pub state: State,
        /// When it is tried. None while something earlier about the same thing is, and once it has ended.
        pub due_at: Option<Ts>,
        /// Attempts since it was last asked for.
        pub tries: i64,
        /// Attempts in all.
        pub attempts: i64,
        /// The status of the last answer; none where the last attempt had none.
        pub status: Option<i64>,
        /// What became of the last attempt.
        pub outcome: Option<Outcome>,
        /// The last attempts, sealed.
        pub log: Option<Sealed>,
        /// When it was tried last.
        pub attempted_at: Option<Ts>,
        /// When it came to its end.
        pub ended_at: Option<Ts>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Ts,
    /// How long it took, in milliseconds; whole seconds where there was no answer, so that nobody explores a network by it.
    pub millis: i64,
    /// The answer's status.
    pub status: Option<u16>,
    /// What became of it.
    pub outcome: Outcome,
    /// The first bytes of the answer, as text.
    pub answer: Option<String>,
    /// For how many seconds the answer asks to be left alone.
    pub asked_to_wait: Option<i64>,
}

impl Attempt {
    /// The first bytes of an answer as text; none where there are none.
    pub(super) fn text_of(bytes: &[u8]) -> Option<String> {
        let first = &bytes[..bytes.len().min(KEPT_BYTES)];
        (!first.is_empty()).then(|| String::from_utf8_lossy(first).into_owned())
    }

    fn json(&self, number: i64) -> Value {
        json!({
            "number": number,
            "at": self.at.to_string(),
            "duration_ms": self.millis,
            "status": self.status,
            "outcome": self.outcome.as_str(),
            "answer": self.answer,
        })
    }
}

impl Delivery {
    /// The object that the API answers with.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "webhook_id": self.webhook_id.to_string(),
            "event_id": self.event_id.to_string(),
            "sequence": self.seq,
            "event": self.name,
            "object_id": self.object_id.to_string(),
            "state": self.state.as_str(),
            "attempts": self.attempts,
            "last_status": self.status,
            "last_outcome": self.outcome.map(Outcome::as_str),
            "last_attempt_at": self.attempted_at.map(|at| at.to_string()),
            "next_attempt_at": self.due_at.map(|at| at.to_string()),
            "ended_at": self.ended_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }

    /// The last attempts, newest last, as the API shows them.
    pub fn log(&self, tenant: &Tenant) -> Result<Vec<Value>> {
        let Some(sealed) = &self.log else { return Ok(Vec::new()) };
        let bytes = tenant.key.open("delivery", "log", self.id, sealed)?;
        serde_json::from_slice(&bytes).map_err(|e| Failure::broken("reading a delivery's attempts", e))
    }

    /// The same after an attempt.
    pub(super) fn after(mut self, tx: &Tx, tenant: &Tenant, attempt: &Attempt, now: Ts) -> Result<Delivery> {
        // What cannot be opened is not worth losing the delivery for.
        let mut log = self.log(tenant).unwrap_or_default();
        self.attempts += 1;
        log.push(attempt.json(self.attempts));
        log.drain(..log.len().saturating_sub(KEPT_ATTEMPTS));
        let text = Value::from(log).to_string();
        self.log = Some(tenant.key.seal(tx.seams(), "delivery", "log", self.id, text.as_bytes()));
        (self.status, self.outcome) = (attempt.status.map(i64::from), Some(attempt.outcome));
        (self.attempted_at, self.updated_at) = (Some(attempt.at), now);
        if self.state != State::Pending {
            return Ok(self); // taken back while it was on the wire
        }
        self.tries += 1;
        let chance = u16::from_le_bytes(tx.seams().random());
        let again = match attempt.outcome {
            Outcome::Delivered => return Ok(self.ended(State::Delivered, now)),
            Outcome::Gone => None,
            _ => schedule::again_in(self.tries, chance, attempt.asked_to_wait),
        };
        Ok(match again {
            Some(seconds) => Delivery { due_at: Some(now.plus_seconds(seconds)), ..self },
            None => self.ended(State::Failed, now),
        })
    }

    pub(super) fn ended(self, state: State, now: Ts) -> Delivery {
        Delivery { state, due_at: None, ended_at: Some(now), updated_at: now, ..self }
    }

    /// The same, asked for again: due at once, unless something about the same thing is before it.
    pub(super) fn again(self, due_at: Option<Ts>, now: Ts) -> Delivery {
        Delivery { state: State::Pending, due_at, tries: 0, ended_at: None, updated_at: now, ..self }
    }
}

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those in one of these states.
    pub states: Option<Vec<State>>,
    /// Those whose last attempt came to one of these.
    pub outcomes: Option<Vec<Outcome>>,
    /// Those told under this name.
    pub name: Option<String>,
    /// That of this event.
    pub event: Option<EventId>,
    /// Those about this thing.
    pub object: Option<Uuid>,
}

/// A page of a webhook's deliveries, the newest event first.
pub async fn list(
    tx: &Tx,
    tenant: &Tenant,
    webhook: WebhookId,
    filter: &Filter,
    page: Page,
) -> Result<Listed<Delivery>> {
    let states = filter.states.as_ref().map(|all| all.iter().map(|state| state.as_str()).collect());
    let outcomes = filter.outcomes.as_ref().map(|all| all.iter().map(|one| one.as_str()).collect());
    Which::of(tenant.id, "id IS NOT NULL")
        .filter("webhook_id = ?", webhook)
        .filter_any("state", states)
        .filter_any("outcome", outcomes)
        .filter_if("name = ?", filter.name.as_deref())
        .filter_if("event_id = ?", filter.event)
        .filter_if("object_id = ?", filter.object)
        .page(tx, page)
        .await
}

/// A delivery to a webhook.
pub async fn find(tx: &Tx, tenant: &Tenant, webhook: WebhookId, id: DeliveryId) -> Result<Option<Delivery>> {
    let tail = "WHERE tenant_id = $1 AND id = $2 AND webhook_id = $3";
    tx.find(tail, &[&tenant.id, &id, &webhook]).await
}
