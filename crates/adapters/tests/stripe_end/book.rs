//! What the other end has in its books, and what happens in them as time goes on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::methods::{self, Does};

/// After how many seconds what happens later happens.
const LATER: i64 = 60;
/// For how many seconds the search does not know what was written. "Under 1 minute":
/// <https://docs.stripe.com/search#data-freshness>
const SEARCH_LAG: i64 = 59;

type Metadata = BTreeMap<String, String>;

/// The books.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) now: i64,
    pub(crate) intents: Vec<Intent>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) disputes: Vec<Dispute>,
    pub(crate) events: Vec<Event>,
    /// How many customers were made.
    pub(crate) customers: usize,
    /// Methods that were given to a customer.
    pub(crate) given: BTreeMap<String, String>,
    /// Pages that were opened, by their names.
    pub(crate) pages: BTreeMap<String, Opened>,
    /// How often each charge key was tried, by which breaks happen once.
    pub(crate) tries: BTreeMap<String, u32>,
    numbers: usize,
}

/// A page in setup mode: <https://docs.stripe.com/api/checkout/sessions/object>.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) kind: String,
    pub(crate) customer: String,
    pub(crate) reference: String,
    pub(crate) success_url: String,
    pub(crate) cancel_url: String,
    /// What its holder gave.
    pub(crate) given: Option<String>,
}

/// A payment: <https://docs.stripe.com/api/payment_intents/object>.
#[derive(Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) created: i64,
    pub(crate) status: &'static str,
    pub(crate) method: String,
    pub(crate) customer: String,
    pub(crate) metadata: Metadata,
    pub(crate) description: Option<String>,
    pub(crate) error: Option<Value>,
    pub(crate) next_at: Option<i64>,
    /// What it was marked with, and when.
    pub(crate) written: Vec<(i64, Metadata)>,
}

/// Money given back: <https://docs.stripe.com/api/refunds/object>.
#[derive(Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) created: i64,
    pub(crate) status: &'static str,
    pub(crate) metadata: Metadata,
}

/// A dispute: <https://docs.stripe.com/api/disputes/object>.
#[derive(Clone)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) created: i64,
    pub(crate) reason: &'static str,
    pub(crate) status: &'static str,
}

/// Something that happened.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) kind: &'static str,
    pub(crate) object: Value,
}

impl Book {
    /// Somebody gives a method on a page; where they are sent then.
    pub(crate) fn give(&mut self, page: &str, method: &str) -> String {
        let opened = self.pages.get_mut(page).expect("a page that was opened");
        opened.given = Some(method.to_owned());
        let back = opened.success_url.replace("{CHECKOUT_SESSION_ID}", page);
        self.given.insert(method.to_owned(), opened.customer.clone());
        back
    }

    pub(crate) fn next_id(&mut self, start: &str) -> String {
        self.numbers += 1;
        format!("{start}_{}", self.numbers)
    }

    /// How often a charge key moved money, or will.
    pub(crate) fn charges(&self, key: &str) -> usize {
        let is_it = |one: &&Intent| one.metadata.get("quittance_key").is_some_and(|of| of == key);
        let moved = |one: &&Intent| matches!(one.status, "succeeded" | "processing");
        self.intents.iter().filter(is_it).filter(moved).count()
    }

    pub(crate) fn intent(&mut self, id: &str) -> Option<&mut Intent> {
        self.intents.iter_mut().find(|one| one.id == id)
    }

    pub(crate) fn left_of(&self, intent: &Intent) -> i64 {
        let back = self.refunds.iter().filter(|one| one.intent == intent.id && one.status != "failed");
        intent.amount - back.map(|one| one.amount).sum::<i64>()
    }

    pub(crate) fn add(&mut self, mut intent: Intent) -> Intent {
        intent.written = vec![(self.now, intent.metadata.clone())];
        self.intents.push(intent.clone());
        self.tell(&intent);
        intent
    }

    pub(crate) fn new_intent(&mut self) -> Intent {
        Intent {
            id: self.next_id("pi"),
            amount: 0,
            created: self.now,
            status: "requires_payment_method",
            method: String::new(),
            customer: String::new(),
            metadata: Metadata::new(),
            description: None,
            error: None,
            next_at: None,
            written: Vec::new(),
        }
    }

    pub(crate) fn write_on(&mut self, id: &str, more: Metadata) {
        let now = self.now;
        if let Some(intent) = self.intent(id) {
            intent.metadata.extend(more);
            intent.written.push((now, intent.metadata.clone()));
        }
    }

    /// As the search knows it.
    pub(crate) fn indexed<'a>(&self, intent: &'a Intent) -> Option<&'a Metadata> {
        let old = intent.written.iter().rev().find(|(at, _)| self.now - at >= SEARCH_LAG);
        old.map(|(_, metadata)| metadata)
    }

    fn tell(&mut self, intent: &Intent) {
        let kind = match intent.status {
            "succeeded" => "payment_intent.succeeded",
            "canceled" => "payment_intent.canceled",
            "requires_payment_method" => "payment_intent.payment_failed",
            _ => "payment_intent.processing",
        };
        let object = json!({ "id": intent.id, "object": "payment_intent", "status": "as_it_was" });
        self.happened(kind, object);
    }

    fn happened(&mut self, kind: &'static str, object: Value) {
        let (id, created) = (self.next_id("evt"), self.now);
        self.events.push(Event { id, created, kind, object });
    }

    pub(crate) fn cancel(&mut self, id: &str) {
        let Some(intent) = self.intent(id) else { return };
        (intent.status, intent.next_at) = ("canceled", None);
        let intent = intent.clone();
        self.tell(&intent);
    }

    pub(crate) fn dispute(&mut self, intent: &str, amount: i64, reason: &'static str, status: &'static str) {
        let id = self.next_id("dp");
        let object = json!({ "id": id, "object": "dispute", "payment_intent": intent });
        let created = self.now;
        self.disputes.push(Dispute { id, intent: intent.to_owned(), amount, created, reason, status });
        self.happened("charge.dispute.created", object);
    }

    /// As somebody at Stripe does by hand.
    pub(crate) fn refund_by_hand(&mut self, intent: &str, amount: i64) -> String {
        self.refund(intent, amount, Metadata::new()).id
    }

    pub(crate) fn refund(&mut self, intent: &str, amount: i64, metadata: Metadata) -> Refund {
        let id = self.next_id("re");
        let made = Refund {
            id,
            intent: intent.to_owned(),
            amount,
            created: self.now,
            status: "succeeded",
            metadata,
        };
        self.refunds.push(made.clone());
        made
    }

    /// Lets what is due happen.
    pub(crate) fn move_to(&mut self, now: i64) {
        self.now = now;
        for intent in self.intents.clone() {
            if intent.next_at.is_some_and(|at| at <= now) {
                self.go_on(intent);
            }
        }
        let fails =
            |id: &str| self.intents.iter().any(|one| one.id == id && one.method.contains("refundFail"));
        let due = self.refunds.iter().filter(|one| one.status == "succeeded" && one.created + LATER <= now);
        let due: Vec<String> = due.filter(|one| fails(&one.intent)).map(|one| one.id.clone()).collect();
        for id in due {
            self.refunds.iter_mut().filter(|one| one.id == id).for_each(|one| one.status = "failed");
            self.happened("refund.failed", json!({ "id": id, "object": "refund" }));
        }
    }

    fn go_on(&mut self, intent: Intent) {
        let (mut status, mut error, mut next_at) = (intent.status, intent.error.clone(), None);
        match methods::does(&intent.method) {
            Some(Does::Settle) => status = "succeeded",
            Some(Does::Fail(code)) => {
                status = "requires_payment_method";
                error = Some(json!({ "type": "card_error", "code": code, "message": "It failed." }));
            }
            Some(Does::ComeBack(_)) if status == "processing" => {
                status = "succeeded";
                next_at = Some(self.now + LATER);
            }
            Some(Does::ComeBack(reason)) => self.dispute(&intent.id, intent.amount, reason, "lost"),
            Some(Does::Dispute) => self.dispute(&intent.id, intent.amount, "fraudulent", "needs_response"),
            _ => {}
        }
        let changed = status != intent.status;
        let now = Intent { status, error, next_at, ..intent };
        if let Some(kept) = self.intent(&now.id) {
            *kept = now.clone();
        }
        if changed {
            self.tell(&now);
        }
    }

    pub(crate) fn json_of_intent(&self, intent: &Intent, whole_charge: bool) -> Value {
        let kind = if methods::is_bank(&intent.method) { "us_bank_account" } else { "card" };
        let id = format!("ch_of{}", intent.id);
        let is_disputed = self.disputes.iter().any(|one| one.intent == intent.id);
        let charge = match (intent.status, whole_charge) {
            ("requires_action" | "canceled", _) => Value::Null,
            (_, false) => json!(id),
            (status, true) => json!({
                "id": id,
                "object": "charge",
                "amount": intent.amount,
                "amount_refunded": intent.amount - self.left_of(intent),
                "created": intent.created,
                "disputed": is_disputed,
                "paid": matches!(status, "succeeded" | "processing"),
                "payment_method_details": { "type": kind },
            }),
        };
        json!({
            "id": intent.id,
            "object": "payment_intent",
            "amount": intent.amount,
            "currency": "usd",
            "created": intent.created,
            "customer": intent.customer,
            "description": intent.description,
            "last_payment_error": intent.error,
            "latest_charge": charge,
            "livemode": false,
            "metadata": intent.metadata,
            "payment_method": intent.method,
            "payment_method_types": [kind],
            "status": intent.status,
            "client_secret": format!("{}_secret_x", intent.id),
        })
    }

    pub(crate) fn json_of_refund(&self, refund: &Refund, whole_intent: bool) -> Value {
        let intent = self.intents.iter().find(|one| one.id == refund.intent);
        let intent = match intent.filter(|_| whole_intent) {
            Some(intent) => self.json_of_intent(intent, false),
            None => json!(refund.intent),
        };
        json!({
            "id": refund.id,
            "object": "refund",
            "amount": refund.amount,
            "created": refund.created,
            "currency": "usd",
            "metadata": refund.metadata,
            "payment_intent": intent,
            "status": refund.status,
            "failure_reason": (refund.status == "failed").then_some("expired_or_canceled_card"),
        })
    }
}

impl Dispute {
    pub(crate) fn json(&self) -> Value {
        let card = json!({ "brand": "visa", "network_reason_code": "10.4" });
        let is_card = self.reason == "fraudulent";
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "created": self.created,
            "payment_intent": self.intent,
            "reason": self.reason,
            "status": self.status,
            "payment_method_details": if is_card { json!({ "type": "card", "card": card }) } else { Value::Null },
        })
    }
}
