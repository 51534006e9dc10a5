//! What a webhook is, and which events it may ask for.

use base::secret::Secret;
use base::{Change, Ts};
use serde_json::{Value, json};

base::ids! {
    /// A webhook.
    WebhookId "hook"
}

/// The shortest secret that is taken, in characters (guide).
pub const SHORTEST_SECRET: usize = 16;

/// How long, after a change of the secret, what is sent is signed with the one before as well, in seconds.
pub const OVERLAP_SECONDS: i64 = 24 * 3_600;

/// How many webhooks an environment may have.
pub const MOST: i64 = 100;

/// The events that may be asked for: those of the guides, those of the OpenAPI file, and our own beside them.
pub const EVENTS: &[(&str, &str)] = &[
    // The guides.
    ("customer.create", "customer.create"),
    ("customer.update", "customer.update"),
    ("customer.delete", "customer.delete"),
    ("debt-account.create", "debt-account.create"),
    ("debt-account.update", "debt-account.update"),
    ("debt-account.delete", "debt-account.delete"),
    ("location.create", "location.create"),
    ("location.update", "location.update"),
    ("location.delete", "location.delete"),
    ("charge.created", "charge.created"),
    ("ticket.create", "ticket.create"),
    ("ticket.update", "ticket.update"),
    // The OpenAPI file.
    ("payment_plan.created", "payment_plan.created"),
    ("payment_plan.updated", "payment_plan.updated"),
    ("payment_plan.completed", "payment_plan.completed"),
    ("payment_plan.cancelled", "payment_plan.cancelled"),
    ("charge.completed", "charge.completed"),
    ("charge.failed", "charge.failed"),
    ("transaction.completed", "transaction.completed"),
    // Ours.
    ("charge.refunded", "charge.refunded"),
    ("charge.returned", "charge.returned"),
    ("payment-plan.create", "payment-plan.create"),
    ("payment-plan.update", "payment-plan.update"),
    ("payment_plan.broken", "payment_plan.broken"),
    ("bank_account.created", "bank_account.created"),
    ("bank_account.updated", "bank_account.updated"),
    ("bank_account.closed", "bank_account.closed"),
    ("bank_statement.booked", "bank_statement.booked"),
    ("bank_statement.withdrawn", "bank_statement.withdrawn"),
    ("bank_line.matched", "bank_line.matched"),
    ("bank_line.unmatched", "bank_line.unmatched"),
    ("bank_line.reopened", "bank_line.reopened"),
    ("bank_line.ignored", "bank_line.ignored"),
    ("bank_expectation.created", "bank_expectation.created"),
    ("bank_expectation.matched", "bank_expectation.matched"),
    ("bank_expectation.reopened", "bank_expectation.reopened"),
    ("bank_expectation.cancelled", "bank_expectation.cancelled"),
    ("bank_expectation.overdue", "bank_expectation.overdue"),
    ("remittance.prepared", "remittance.prepared"),
    ("remittance.approved", "remittance.approved"),
    ("remittance.paid", "remittance.paid"),
    ("remittance.voided", "remittance.voided"),
    ("webhook.disabled", DISABLED),
    (EVERYTHING, EVERYTHING),
];

/// What a webhook asks for that wants to hear of everything, also of what has no name above.
pub const EVERYTHING: &str = "*";

/// What happens when somebody tries a webhook out: told to that one, whatever it asks for.
pub const TEST: &str = "webhook.test";

/// What happens when a webhook is switched off by us.
pub const DISABLED: &str = "webhook.disabled";

base::words! {
    /// Why a webhook was switched off.
    Why {
        /// For days nothing but failures came of it.
        Failures = "failures",
        /// Its server said that it is gone for good.
        Gone = "gone",
    }
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where it is told.
    pub url: String,
    /// What signs what it is told.
    pub secret: Secret<String>,
    /// Whether we made the secret.
    pub made_secret: bool,
    /// The secret before, and until when it signs too.
    pub previous: Option<(Secret<String>, Ts)>,
    /// What it asks for, in the order it was given.
    pub events: Vec<String>,
    /// Whether it is told anything.
    pub active: bool,
    /// Since when what happens is kept for it and not sent.
    pub paused_at: Option<Ts>,
    /// When and why it was switched off by us.
    pub disabled: Option<(Ts, Why)>,
    /// When it was made.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

impl Webhook {
    /// The object that the API answers with and events carry: never the secret.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "url": self.url,
            "events": self.events,
            "active": self.active,
            "paused_at": self.paused_at.map(|at| at.to_string()),
            "disabled_at": self.disabled.map(|(at, _)| at.to_string()),
            "disabled_reason": self.disabled.map(|(_, why)| why.as_str()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }

    /// The secrets that sign at `now`, the newest first.
    pub fn secrets(&self, now: Ts) -> Vec<&Secret<String>> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous).collect()
    }

    /// Whether anything is sent to it at the moment.
    pub fn is_sent_to(&self) -> bool {
        self.active && self.paused_at.is_none()
    }

    /// The same with what was sent.
    pub(super) fn changed(self, fields: &Fields, now: Ts) -> Webhook {
        let before = self.secret.clone();
        let mut after = Webhook {
            url: fields.url.clone().unwrap_or(self.url),
            events: fields.events.clone().unwrap_or(self.events),
            active: fields.active.unwrap_or(self.active),
            ..self
        };
        if after.active {
            after.disabled = None;
        }
        if let Some(secret) = fields.secret.clone().filter(|secret| *secret != before) {
            after = Webhook { made_secret: false, ..after.signing_with(secret, now) };
        }
        after
    }

    /// The same with another secret; the one before signs as well for a while.
    pub(super) fn signing_with(self, secret: Secret<String>, now: Ts) -> Webhook {
        let previous = Some((self.secret, now.plus_seconds(OVERLAP_SECONDS)));
        Webhook { secret, previous, ..self }
    }
}

/// The name under which an event with these `names`, of which the first is the one it is kept under, is told to a webhook
/// that asks for these `events`: the first of its own list. `None` where it does not ask for it.
pub(super) fn told_as<'a>(events: impl IntoIterator<Item = &'a str>, names: &[&'a str]) -> Option<&'a str> {
    events.into_iter().find_map(|event| match names.first() {
        Some(first) if event == EVERYTHING => Some(*first),
        _ => names.contains(&event).then_some(event),
    })
}

/// What a request says about a webhook.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Where it is told; required on create.
    pub url: Option<String>,
    /// What it asks for, all of it; required on create.
    pub events: Option<Vec<String>>,
    /// What signs; one is made where none is sent on create.
    pub secret: Option<Secret<String>>,
    /// Whether it is told anything; so where nothing is said on create.
    pub active: Option<bool>,
}

impl Fields {
    /// A list of events that may be cleared by nobody: `None` where it was not sent.
    pub fn replaced(events: Change<Vec<String>>) -> Option<Vec<String>> {
        match events {
            Change::Keep => None,
            Change::Clear => Some(Vec::new()),
            Change::Set(all) => Some(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook() -> Webhook {
        let at = Ts::from_micros(0);
        Webhook {
            id: WebhookId(uuid::Uuid::nil()),
            url: "https://a.example/".into(),
            secret: Secret::new("s".repeat(16)),
            made_secret: true,
            previous: None,
            events: vec!["payment_plan.updated".into(), "payment-plan.update".into()],
            active: true,
            paused_at: None,
            disabled: None,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn one_change_is_told_once_under_the_name_first_in_the_list() {
        let names = ["payment-plan.update", "payment_plan.updated"];
        let told = |events: &str| told_as(events.split(' '), &names).map(str::to_owned);
        assert_eq!(told("payment_plan.updated payment-plan.update").as_deref(), Some("payment_plan.updated"));
        assert_eq!(told("customer.create * payment_plan.updated").as_deref(), Some("payment-plan.update"));
        assert_eq!(told("customer.create"), None);
    }

    #[test]
    fn whoever_switches_it_on_again_takes_back_that_we_switched_it_off() {
        let off = Webhook { active: false, disabled: Some((Ts::from_micros(0), Why::Gone)), ..hook() };
        let fields = |active| Fields { active, ..Fields::default() };
        assert_eq!(off.clone().changed(&fields(Some(true)), Ts::from_micros(1)).disabled, None);
        assert_eq!(off.clone().changed(&fields(None), Ts::from_micros(1)), off);
    }

    #[test]
    fn a_changed_secret_signs_beside_the_new_one_for_a_day() {
        let now = Ts::from_micros(0);
        let new = Secret::new("t".repeat(16));
        let after = hook().changed(&Fields { secret: Some(new), ..Fields::default() }, now);
        assert_eq!(after.secrets(now.plus_seconds(OVERLAP_SECONDS - 1)).len(), 2);
        assert_eq!(after.secrets(now.plus_seconds(OVERLAP_SECONDS)).len(), 1);
        assert!(!after.made_secret);
        let same = Fields { secret: Some(hook().secret), ..Fields::default() };
        assert_eq!(hook().changed(&same, now), hook());
    }
}
