//! What a message is, and which kinds there are.

use std::fmt;

use base::secret::Secret;
use base::vault::Sealed;
use base::{TenantId, Ts};
use serde_json::Value;
use uuid::Uuid;

use crate::people::CustomerId;

base::ids! {
    /// A message.
    MessageId "msg"
}

base::words! {
    /// What a message is for.
    Kind {
        /// To the organization: the endpoint of a webhook got nothing but failures for days, or is gone, and is told
        /// nothing more.
        WebhookDisabled = "webhook_disabled",
        /// To whoever paid: that the money came.
        PaymentReceipt = "payment_receipt",
        /// To whoever pays by a plan: that a payment was refused, or came back.
        PaymentFailed = "payment_failed",
        /// To whoever pays by a plan: that a payment is coming.
        PaymentUpcoming = "payment_upcoming",
        /// To whoever pays by a plan: what they agreed on, as a copy of their authorization.
        PaymentPlanConfirmation = "payment_plan_confirmation",
        /// To a customer: a link to agree on a payment plan.
        PaymentPlanRequest = "payment_plan_request",
        /// To a customer: a link that logs them in.
        SessionLink = "session_link",
    }
}

base::words! {
    /// How a message goes.
    Channel {
        /// Electronic mail.
        Email = "email",
        /// A text message.
        Sms = "sms",
    }
}

base::words! {
    /// A language that messages are written in.
    Language {
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
    }
}

base::words! {
    /// How a message stands.
    State {
        /// It is to be sent.
        Pending = "pending",
        /// Whoever delivers it has taken it.
        Sent = "sent",
        /// It was refused, or nobody took it in time.
        Failed = "failed",
        /// It is not to be sent any more.
        Canceled = "canceled",
    }
}

base::words! {
    /// Why a message was not sent, yet or at all. Our own words: what others say may quote anybody.
    Reason {
        /// Nothing is set up that could send it.
        NoMailer = "no_mailer",
        /// Whoever delivers refused it.
        Refused = "refused",
        /// Whoever delivers did not let us in.
        NotLetIn = "not_let_in",
        /// Whoever delivers asked to come back later, or failed.
        TryLater = "try_later",
        /// Nobody answered.
        Unreachable = "unreachable",
        /// There was no answer in time.
        TimedOut = "timed_out",
        /// It cannot be opened, filled in or handed over: ours to mend.
        Broken = "broken",
        /// It is longer than such a message may be.
        TooLong = "too_long",
        /// There is no address or number to send it to.
        NoAddress = "no_address",
        /// Its recipient asked not to be reached like this.
        OptedOut = "opted_out",
        /// It is not the hour at which its recipient may be written to.
        QuietHours = "quiet_hours",
        /// A block keeps its recipient from being written to.
        Held = "held",
        /// Its recipient was erased.
        Erased = "erased",
        /// What it is about is over.
        Over = "over",
        /// Somebody called it off.
        CalledOff = "called_off",
    }
}

impl Kind {
    /// How it may go.
    pub const fn channels(self) -> &'static [Channel] {
        match self {
            Kind::WebhookDisabled
            | Kind::PaymentReceipt
            | Kind::PaymentFailed
            | Kind::PaymentPlanConfirmation => &[Channel::Email],
            Kind::PaymentUpcoming | Kind::PaymentPlanRequest | Kind::SessionLink => {
                &[Channel::Email, Channel::Sms]
            }
        }
    }

    /// Whether it goes to a consumer about their debt, who must be told how to stop it.
    pub const fn is_to_a_customer(self) -> bool {
        match self {
            Kind::WebhookDisabled => false,
            Kind::PaymentReceipt
            | Kind::PaymentFailed
            | Kind::PaymentUpcoming
            | Kind::PaymentPlanConfirmation
            | Kind::PaymentPlanRequest
            | Kind::SessionLink => true,
        }
    }

    /// Whether it answers what somebody has just done or asked for, at whatever hour that was: a receipt, a copy of what they agreed
    /// on, a link to come in by. Anything else to a customer is said at hours that suit them.
    pub const fn is_an_answer(self) -> bool {
        match self {
            Kind::WebhookDisabled
            | Kind::PaymentReceipt
            | Kind::PaymentPlanConfirmation
            | Kind::SessionLink => true,
            Kind::PaymentFailed | Kind::PaymentUpcoming | Kind::PaymentPlanRequest => false,
        }
    }

    /// Whether a payment brings it about, and nobody in particular.
    pub const fn follows_a_payment(self) -> bool {
        match self {
            Kind::PaymentReceipt | Kind::PaymentFailed => true,
            // The law wants these (12 CFR 1005.10(b), (d), 1006.22(c)).
            Kind::PaymentUpcoming | Kind::PaymentPlanConfirmation => false,
            Kind::WebhookDisabled | Kind::PaymentPlanRequest | Kind::SessionLink => false,
        }
    }
}

base::record! {
    /// A message, with what only its key opens still sealed.
    pub struct Message in "message" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its id.
        pub id: MessageId,
        /// What it is for: a word of [`Kind`], or one that a later version knows.
        pub kind: String,
        /// How it goes.
        pub channel: Channel,
        /// A word of [`Language`].
        pub language: String,
        /// Whose key seals it, where it goes to a customer.
        pub customer_id: Option<CustomerId>,
        /// The account it is about.
        pub debt_id: Option<Uuid>,
        /// Whether a person of the organization asked for just this one.
        pub by_name: bool,
        /// Whether it waits for no hour.
        pub at_once: bool,
        /// What kind of thing it is about.
        pub object: Option<String>,
        /// Which.
        pub object_id: Option<Uuid>,
        pub(super) recipient: Option<Sealed>,
        pub(super) variables: Option<Sealed>,
        /// How it stands.
        pub state: State,
        /// Pending: when it is tried next.
        pub due_at: Option<Ts>,
        pub(super) fence: i64,
        /// How often it was tried.
        pub attempts: i64,
        /// Why it was not sent: a word of [`Reason`].
        pub last_error: Option<String>,
        /// What whoever delivers it calls it.
        pub provider_id: Option<String>,
        /// When it was queued.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
        /// When it was sent.
        pub sent_at: Option<Ts>,
    }
}

/// What is to be said to whom.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The id it will have; a new one where nobody chose it.
    pub id: Option<MessageId>,
    /// What it is for.
    pub kind: Kind,
    /// How it goes.
    pub channel: Channel,
    /// In which language.
    pub language: Language,
    /// The address, or the number in E.164.
    pub to: Secret<String>,
    /// The customer it goes to: it is sealed with their key, and goes with them.
    pub customer: Option<CustomerId>,
    /// The account it is about.
    pub debt: Option<Uuid>,
    /// The thing it is about: its kind as events name it, and its id.
    pub about: Option<(String, Uuid)>,
    /// What its text is filled in with, besides what every text knows.
    pub variables: Variables,
    /// Whether a person of the organization asked for just this one.
    pub by_name: bool,
    /// Whether it waits for no hour.
    pub at_once: bool,
}

/// What a text is filled in with. It does not print: a link among it lets in whoever has it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(Vec<(String, String)>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Variables {
    /// These, by their names.
    pub fn of<'a>(all: impl IntoIterator<Item = (&'a str, String)>) -> Variables {
        Variables(all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// These and more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Variables {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Each name and what it stands for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As it is sealed.
    pub(super) fn to_text(&self) -> Secret<String> {
        let all: serde_json::Map<String, Value> =
            self.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Secret::new(Value::from(all).to_string())
    }

    /// From what was sealed.
    pub(super) fn from_text(text: &str) -> Option<Variables> {
        let all: serde_json::Map<String, Value> = serde_json::from_str(text).ok()?;
        let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
        all.into_iter().map(text).collect::<Option<_>>().map(Variables)
    }
}

/// An address or a number as a list may show it: enough to recognize it by, too little to write to.
pub fn masked(channel: Channel, to: &str) -> String {
    match channel {
        Channel::Email => {
            let (local, domain) = to.rsplit_once('@').unwrap_or((to, ""));
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        Channel::Sms => {
            let many = to.chars().count();
            let shown = |at: usize| at < 2 || at + 4 >= many;
            to.chars().enumerate().map(|(at, c)| if shown(at) { c } else { '*' }).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_come_back_as_they_were_and_do_not_print() {
        let all = Variables::of([("link", "https://a.example/\"x\"".to_owned())]).with("amount", "$1.00");
        assert_eq!(Variables::from_text(all.to_text().reveal()).as_ref(), Some(&all));
        assert_eq!(format!("{all:?}"), "***");
        assert_eq!(Variables::from_text("[1]"), None);
    }

    #[test]
    fn a_masked_recipient_can_be_recognized_and_not_written_to() {
        assert_eq!(masked(Channel::Email, "ada@example.com"), "a***@example.com");
        assert_eq!(masked(Channel::Email, "a@example.com"), "a***@example.com");
        assert_eq!(masked(Channel::Sms, "+12125554567"), "+1******4567");
    }
}
