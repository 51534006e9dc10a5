//! What each kind of message can say: its variables, with what they look like, and the texts that go where an organization
//! wrote none of its own.
//!
//! Ours to customers say that a debt collector writes (12 CFR 1006.18(e)(2)), in the language of the rest ((e)(4)).

use super::model::{Channel, Kind, Language, Variables};

/// Something that a text can name.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it stands for.
    pub about: &'static str,
    /// What it looks like.
    pub sample: &'static str,
    /// Whether there always is one; else it may be empty.
    pub is_always: bool,
}

const fn always(name: &'static str, about: &'static str, sample: &'static str) -> Variable {
    Variable { name, about, sample, is_always: true }
}

const fn maybe(name: &'static str, about: &'static str, sample: &'static str) -> Variable {
    Variable { name, about, sample, is_always: false }
}

/// What every text knows.
const OF_ALL: &[Variable] = &[
    always("organization_name", "Your organization's name.", "Harbor Point Recovery"),
    maybe("support_email", "Where your customers may write to.", "help@agency.example"),
    maybe("support_phone", "Where your customers may call.", "+12125550100"),
    maybe("website_url", "Your own pages.", "https://agency.example"),
];

/// What every text to a consumer knows.
const OF_CUSTOMERS: &[Variable] = &[
    maybe("customer_name", "The customer's name.", "Ada Lovelace"),
    always(OPT_OUT, "How to stop such messages. Every text to a customer has to hold it.", ""),
];

/// The variable that tells a consumer how to stop such messages: each of them has to say it (12 CFR 1006.6(e)).
pub const OPT_OUT: &str = "opt_out";

const LINK: &str =
    "https://pay.example.com/portal/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

impl Kind {
    /// What a text of this kind alone can name.
    fn own(self) -> &'static [Variable] {
        const DISABLED: &[Variable] = &[
            always("webhook_id", "The webhook's id.", "01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57"),
            always("endpoint", "The host of its address.", "hooks.agency.example"),
            always("reason", "Why it is off: `failures`, or `gone` where it said so itself.", "failures"),
            always("failing_since", "The day of the first of its failures in a row.", "2026-11-15"),
        ];
        const RECEIPT: &[Variable] = &[
            always("amount", "How much was paid.", "$1,234.05"),
            always("paid_on", "The day of the payment.", "2026-11-20"),
            maybe("last_four", "The last four digits of the card or bank account.", "4242"),
            always("reference", "The payment's id.", "01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57"),
        ];
        const FAILED: &[Variable] = &[
            always("amount", "How much should have been paid.", "$50.00"),
            always("failed_on", "The day on which it was refused, or came back.", "2026-11-20"),
            maybe("last_four", "The last four digits of the card or bank account.", "4242"),
            always("reference", "The payment's id.", "01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57"),
        ];
        const UPCOMING: &[Variable] = &[
            always("amount", "How much will be taken; less, where less is owed by then.", "$50.00"),
            always("due_date", "The day.", "2026-12-04"),
            maybe("last_four", "The last four digits of the card or bank account.", "4242"),
        ];
        const CONFIRMED: &[Variable] = &[
            always(
                "terms",
                "What was agreed on, in words.",
                "USD 50.00 monthly from 2026-12-01 to 2027-05-01: 6 payments, USD 300.00 in all",
            ),
            maybe(
                "authorization_text",
                "The words that were agreed to: of this they get a copy.",
                "I agree that Harbor Point Recovery charges my card ending in 4242.",
            ),
            always("first_payment_date", "The day of the first payment.", "2026-12-01"),
            always("agreed_on", "The day of the agreement.", "2026-11-20"),
            maybe("last_four", "The last four digits of the card or bank account.", "4242"),
            always("reference", "The plan's id.", "01932b6e-7a51-7c3f-9d2e-4b8f6a1c0d57"),
        ];
        const LINKED: &[Variable] = &[
            always("link", "The link. It lets in whoever has it.", LINK),
            always("link_valid_until", "The last day on which it works.", "2026-11-27"),
        ];
        match self {
            Kind::WebhookDisabled => DISABLED,
            Kind::PaymentReceipt => RECEIPT,
            Kind::PaymentFailed => FAILED,
            Kind::PaymentUpcoming => UPCOMING,
            Kind::PaymentPlanConfirmation => CONFIRMED,
            Kind::PaymentPlanRequest | Kind::SessionLink => LINKED,
        }
    }

    /// What a text of this kind can name, besides nothing else.
    pub fn variables(self) -> impl Iterator<Item = &'static Variable> {
        let of_customers = if self.is_to_a_customer() { OF_CUSTOMERS } else { &[] };
        self.own().iter().chain(of_customers).chain(OF_ALL)
    }

    /// What a message was queued with, and nothing for what was not known yet when it was: a text may name that by now.
    pub(super) fn completed(self, given: Variables) -> Variables {
        self.own().iter().fold(given, |all, variable| {
            let is_there = all.iter().any(|(name, _)| name == variable.name);
            if is_there { all } else { all.with(variable.name, "") }
        })
    }

    /// What its variables look like: all of them, or only those that there always are, the others being empty.
    pub fn samples(self, channel: Channel, language: Language, is_bare: bool) -> Variables {
        let phone = OF_ALL[2].sample;
        let sample = |variable: &'static Variable| {
            let text = match variable.name {
                OPT_OUT => opt_out(channel, language, (!is_bare).then_some(phone)),
                _ if is_bare && !variable.is_always => String::new(),
                _ => variable.sample.to_owned(),
            };
            (variable.name, text)
        };
        Variables::of(self.variables().map(sample))
    }
}

/// How a consumer stops such messages: "a clear and conspicuous statement describing a reasonable and simple method by which
/// the consumer can opt out" of further ones to that address or number (12 CFR 1006.6(e)). A reply reaches the organization,
/// which notes it in the customer's preferences; gateways of text messages stop a number by themselves.
pub fn opt_out(channel: Channel, language: Language, phone: Option<&str>) -> String {
    match (channel, language, phone) {
        (Channel::Sms, Language::English, _) => "Reply STOP to opt out.".into(),
        (Channel::Sms, Language::Spanish, _) => "Responda STOP para no recibir más.".into(),
        (Channel::Email, Language::English, None) => {
            "To stop e-mails to this address, reply with the word STOP.".into()
        }
        (Channel::Email, Language::English, Some(phone)) => {
            format!("To stop e-mails to this address, reply with the word STOP or call {phone}.")
        }
        (Channel::Email, Language::Spanish, None) => {
            "Para no recibir más correos en esta dirección, responda con la palabra STOP.".into()
        }
        (Channel::Email, Language::Spanish, Some(phone)) => {
            format!(
                "Para no recibir más correos en esta dirección, responda con la palabra STOP o llame al {phone}."
            )
        }
    }
}

macro_rules! texts {
    ($($kind:ident $channel:ident $language:ident $file:literal)*) => {
        /// The text that goes where an organization wrote none of its own. Of an e-mail its first line is the subject.
        pub(super) fn built_in(kind: Kind, channel: Channel, language: Language) -> Option<&'static str> {
            match (kind, channel, language) {
                $((Kind::$kind, Channel::$channel, Language::$language) => {
                    Some(include_str!(concat!("texts/", $file, ".txt")))
                })*
                (
                    Kind::WebhookDisabled | Kind::PaymentReceipt | Kind::PaymentFailed | Kind::PaymentPlanConfirmation,
                    Channel::Sms,
                    _,
                ) => None,
            }
        }
    };
}

texts! {
    WebhookDisabled Email English "webhook_disabled.email.en"
    WebhookDisabled Email Spanish "webhook_disabled.email.es"
    PaymentReceipt Email English "payment_receipt.email.en"
    PaymentReceipt Email Spanish "payment_receipt.email.es"
    PaymentFailed Email English "payment_failed.email.en"
    PaymentFailed Email Spanish "payment_failed.email.es"
    PaymentUpcoming Email English "payment_upcoming.email.en"
    PaymentUpcoming Email Spanish "payment_upcoming.email.es"
    PaymentUpcoming Sms English "payment_upcoming.sms.en"
    PaymentUpcoming Sms Spanish "payment_upcoming.sms.es"
    PaymentPlanConfirmation Email English "payment_plan_confirmation.email.en"
    PaymentPlanConfirmation Email Spanish "payment_plan_confirmation.email.es"
    PaymentPlanRequest Email English "payment_plan_request.email.en"
    PaymentPlanRequest Email Spanish "payment_plan_request.email.es"
    PaymentPlanRequest Sms English "payment_plan_request.sms.en"
    PaymentPlanRequest Sms Spanish "payment_plan_request.sms.es"
    SessionLink Email English "session_link.email.en"
    SessionLink Email Spanish "session_link.email.es"
    SessionLink Sms English "session_link.sms.en"
    SessionLink Sms Spanish "session_link.sms.es"
}
