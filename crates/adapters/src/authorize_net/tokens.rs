//! Cards and bank accounts at Authorize.net.
//!
//! A number is typed into a page with Accept.js and never reaches us; what reaches us is a nonce, good once and for fifteen minutes.
//! So it is made a customer's payment profile at once, which can be charged again and again: one customer for each nonce, who
//! has no name there. <https://developer.authorize.net/api/reference/features/acceptjs.html>,
//! <https://developer.authorize.net/api/reference/features/customer-profiles.html>
//!
//! The same nonce gives the same profile again: the customer is called after it, and found by that once the nonce is spent.

use base::secret::Secret;
use payments::processor::{About, TokenizeError, Tokenized};

use super::AuthorizeNet;
use super::line::Not;
use super::objects::{CreatedProfile, Instrument, KnownPaymentProfile, KnownProfile};
use super::records;
use super::requests::{
    Charged, ChargedBy, CreateProfile, NewPaymentProfile, NewProfile, OpaqueData, Payment, PaymentProfile,
    Profile,
};

/// What a nonce is a nonce of.
const DESCRIPTOR: &str = "COMMON.ACCEPT.INAPP.PAYMENT";
/// A card is held against its issuer when it is given. <https://developer.authorize.net/api/reference/index.html#customer-profiles-create-customer-profile>
const VALIDATION: &str = "liveMode";
/// The most characters of a nonce. What is longer is none.
const NONCE_LENGTH: usize = 900;
/// What says that a nonce was used, is too old, or is somebody else's; or that a customer was made of it before.
const SPENT: [&str; 5] = ["E00039", "E00113", "E00114", "E00115", "E00116"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Card,
    Bank,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Kind::Card => "card",
            Kind::Bank => "bank",
        }
    }

    fn of_word(word: &str) -> Option<Kind> {
        [Kind::Card, Kind::Bank].into_iter().find(|kind| kind.word() == word)
    }
}

/// What can be charged again and again: `card:<customerProfileId>:<customerPaymentProfileId>`.
pub(super) struct Token {
    pub(super) kind: Kind,
    customer: String,
    profile: String,
}

impl Token {
    pub(super) fn parse(text: &str) -> Option<Token> {
        let (kind, rest) = text.split_once(':')?;
        let (customer, profile) = pair(rest)?;
        Some(Token { kind: Kind::of_word(kind)?, customer, profile })
    }

    fn written(&self) -> Secret<String> {
        Secret::new(format!("{}:{}:{}", self.kind.word(), self.customer, self.profile))
    }

    pub(super) fn charged(&self) -> Charged<'_> {
        Charged {
            customer_profile_id: &self.customer,
            payment_profile: ChargedBy { payment_profile_id: &self.profile },
        }
    }
}

/// The ids of a customer and of a profile of theirs: `1006:1007`.
fn pair(text: &str) -> Option<(String, String)> {
    let is_id = |id: &str| (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    let (customer, profile) = text.split_once(':')?;
    (is_id(customer) && is_id(profile)).then(|| (customer.to_owned(), profile.to_owned()))
}

/// What Accept.js gave, as a caller sends it: both parts of its `opaqueData`, with a colon between.
fn nonce(text: &str) -> Option<&str> {
    let nonce = text.strip_prefix(DESCRIPTOR)?.strip_prefix(':')?;
    let is_one =
        (1..=NONCE_LENGTH).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then_some(nonce)
}

fn refused<T>(words: &str) -> Result<T, TokenizeError> {
    Err(TokenizeError::Refused(words.to_owned()))
}

fn unreachable(not: Not) -> TokenizeError {
    TokenizeError::Unreachable(not.words())
}

const UNKNOWN: &str = "The token is not known at the payment processor.";
const NO_TOKEN: &str = "Send what Accept.js gives, as COMMON.ACCEPT.INAPP.PAYMENT:<dataValue>, or the ids of a profile at Authorize.net, as <customerProfileId>:<customerPaymentProfileId>.";
const STALE: &str = "What Accept.js gives can be used once and within fifteen minutes; ask for it again.";
const DECLINED: &str = "The card or account was declined when it was checked.";
const OTHER_KIND: &str = "Only cards and bank accounts can be charged.";

impl AuthorizeNet {
    /// Describes a card or account, and makes it ready to be charged again and again.
    pub(super) async fn describe(&self, token: &Secret<String>) -> Result<Tokenized, TokenizeError> {
        let text = token.reveal();
        let known = Token::parse(text).map(|known| (known.customer, known.profile)).or_else(|| pair(text));
        let (customer, profile) = match (known, nonce(text)) {
            (Some(known), _) => known,
            (None, Some(nonce)) => self.keep(nonce).await?,
            (None, None) => return refused(NO_TOKEN),
        };
        let asked = PaymentProfile {
            customer_profile_id: &customer,
            customer_payment_profile_id: &profile,
            unmask_expiration_date: "true",
            include_issuer_info: "true",
        };
        let method: KnownPaymentProfile = match self.line.ask(&asked).await {
            Ok(method) => method,
            Err(Not::Refused(_)) => return refused(UNKNOWN),
            Err(silent) => return Err(unreachable(silent)),
        };
        let instrument = method.payment_profile.and_then(|profile| profile.payment);
        let Some((kind, about)) = instrument.and_then(about) else { return refused(OTHER_KIND) };
        Ok(Tokenized { token: Token { kind, customer, profile }.written(), about })
    }

    /// Makes a nonce a customer's payment profile.
    async fn keep(&self, nonce: &str) -> Result<(String, String), TokenizeError> {
        let called = records::mark(nonce);
        let opaque_data = OpaqueData { data_descriptor: DESCRIPTOR, data_value: nonce };
        let payment_profiles = NewPaymentProfile { payment: Payment { opaque_data } };
        let profile = NewProfile { merchant_customer_id: &called, payment_profiles };
        let asked = CreateProfile { profile, validation_mode: VALIDATION };
        match self.line.ask::<CreatedProfile>(&asked).await {
            Ok(made) => match made.customer_payment_profile_id_list.into_iter().next() {
                Some(profile) => Ok((made.customer_profile_id.0, profile.0)),
                None => Err(TokenizeError::Unreachable("Authorize.net made no payment profile".into())),
            },
            Err(Not::Refused(code)) if SPENT.contains(&code.as_str()) => self.kept(&called).await,
            Err(Not::Refused(code)) if code == "E00027" => refused(DECLINED),
            Err(not) => Err(unreachable(not)),
        }
    }

    /// What was made of a nonce before, where it was.
    async fn kept(&self, called: &str) -> Result<(String, String), TokenizeError> {
        let known: KnownProfile = match self.line.ask(&Profile { merchant_customer_id: called }).await {
            Ok(known) => known,
            Err(Not::Refused(_)) => return refused(STALE),
            Err(silent) => return Err(unreachable(silent)),
        };
        let Some(customer) = known.profile else { return refused(STALE) };
        match customer.payment_profiles.into_iter().next() {
            Some(one) => Ok((customer.customer_profile_id.0, one.customer_payment_profile_id.0)),
            None => refused(STALE),
        }
    }
}

/// What may be known of it. Numbers are masked but for their last four digits, those of a bank as well: it is not told.
fn about(instrument: Instrument) -> Option<(Kind, About)> {
    let last_four = |masked: &str| masked.get(masked.len().checked_sub(4)?..).map(str::to_owned);
    if let Some(card) = instrument.credit_card {
        let (year, month) = card.expiration_date.split_once('-')?;
        let about = About::Card {
            brand: brand(&card.card_type),
            bin: card.issuer_number.0,
            last_four: last_four(&card.card_number)?,
            expiry_month: month.parse().ok()?,
            expiry_year: year.parse().ok()?,
            funding: None, // It does not tell.
        };
        return Some((Kind::Card, about));
    }
    let account = instrument.bank_account?;
    let last_four = last_four(&account.account_number)?;
    Some((Kind::Bank, About::Bank { routing_number: String::new(), last_four }))
}

/// The brand's name as the rest of the platform writes it.
fn brand(word: &str) -> String {
    match word {
        "MasterCard" => "Mastercard",
        "AmericanExpress" => "American Express",
        "DinersClub" => "Diners Club",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_is_one() {
        let token = Token { kind: Kind::Bank, customer: "1006".into(), profile: "1007".into() };
        let read = Token::parse(token.written().reveal()).unwrap();
        assert_eq!((read.kind, read.customer, read.profile), (Kind::Bank, "1006".into(), "1007".into()));
        for other in ["1006:1007", "card:1006", "card:1006:", "card:x:1007", "cash:1:2", "card:1:2:3", ""] {
            assert!(Token::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_nonce_comes_with_what_it_is_one_of() {
        assert_eq!(nonce("COMMON.ACCEPT.INAPP.PAYMENT:eyJjb2RlIjoi+/="), Some("eyJjb2RlIjoi+/="));
        for other in [
            "eyJjb2RlIjoi",
            "COMMON.ACCEPT.INAPP.PAYMENT:",
            "COMMON.APPLE.INAPP.PAYMENT:eyJ",
            "COMMON.ACCEPT.INAPP.PAYMENT:a b",
        ] {
            assert_eq!(nonce(other), None, "{other}");
        }
    }
}
