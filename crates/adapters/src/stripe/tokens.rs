//! Cards and bank accounts at Stripe.
//!
//! A number is typed into Stripe's own fields and never reaches us; what reaches us is the id of a payment method
//! (`pm_…`). Such a method can be used once unless it belongs to a customer of Stripe's, and then only together with that
//! customer: <https://docs.stripe.com/api/payment_methods/attach>. So the token that we keep names the kind, the method and
//! the customer, and a card that belongs to nobody is given one, who has no name there.

use base::secret::Secret;
use payments::processor::{About, Funding, TokenizeError, Tokenized};

use super::Stripe;
use super::declines;
use super::line::{Fields, Not};
use super::objects::{Card, Method, Named, Setup};

/// What is taken: cards, and accounts at banks of the United States.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Card,
    Bank,
}

impl Kind {
    /// Stripe's word. <https://docs.stripe.com/api/payment_methods/object>
    pub(super) const fn word(self) -> &'static str {
        match self {
            Kind::Card => "card",
            Kind::Bank => "us_bank_account",
        }
    }

    fn of_word(word: &str) -> Option<Kind> {
        [Kind::Card, Kind::Bank].into_iter().find(|kind| kind.word() == word)
    }
}

/// A payment method that can be charged again and again: `card:pm_…:cus_…`.
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) method: String,
    pub(super) customer: String,
}

impl Token {
    pub(super) fn parse(text: &str) -> Option<Token> {
        let mut parts = text.split(':');
        let kind = Kind::of_word(parts.next()?)?;
        let method = parts.next().filter(|id| is_id(id, "pm_"))?.to_owned();
        let customer = parts.next().filter(|id| is_id(id, "cus_"))?.to_owned();
        parts.next().is_none().then_some(Token { kind, method, customer })
    }

    fn written(&self) -> Secret<String> {
        Secret::new(format!("{}:{}:{}", self.kind.word(), self.method, self.customer))
    }
}

pub(super) fn is_id(text: &str, start: &str) -> bool {
    (start.len() + 1..=255).contains(&text.len())
        && text.starts_with(start)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The brand's name as the rest of the platform writes it.
fn brand(word: &str) -> String {
    match word {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        other => other,
    }
    .to_owned()
}

fn refused<T>(words: &str) -> Result<T, TokenizeError> {
    Err(TokenizeError::Refused(words.to_owned()))
}

pub(super) fn unreachable(not: Not) -> TokenizeError {
    TokenizeError::Unreachable(not.words())
}

const UNKNOWN: &str = "The token is not known at the payment processor.";
const NO_TOKEN: &str = "Send the id of a payment method of Stripe's (pm_…), made with Stripe's own fields.";
const UNVERIFIED: &str = "A bank account must have been verified at Stripe: confirm a SetupIntent with a customer, and send its payment method.";
const AUTHENTICATE: &str = "The card's issuer asks its holder to authenticate: confirm a SetupIntent with Stripe's own fields, and send its payment method.";
const OTHER_KIND: &str = "Only cards and bank accounts in the United States can be charged.";

impl Stripe {
    /// Describes a payment method and makes it ready to be charged again and again.
    pub(super) async fn describe(&self, token: &Secret<String>) -> Result<Tokenized, TokenizeError> {
        let known = Token::parse(token.reveal());
        let id = known.as_ref().map_or(token.reveal().as_str(), |known| &known.method);
        if !is_id(id, "pm_") {
            return refused(NO_TOKEN);
        }
        let method: Method = match self.line.get(&["payment_methods", id], Fields::default()).await {
            Ok(method) => method,
            Err(Not::Refused(_)) => return refused(UNKNOWN),
            Err(silent) => return Err(unreachable(silent)),
        };
        let Some(kind) = Kind::of_word(&method.kind) else { return refused(OTHER_KIND) };
        let Some(about) = about(kind, &method) else { return refused(OTHER_KIND) };
        let customer = match (method.customer, kind) {
            (Some(customer), _) => customer,
            (None, Kind::Card) => self.set_up(id).await?,
            (None, Kind::Bank) => return refused(UNVERIFIED),
        };
        let token = Token { kind, method: id.to_owned(), customer };
        Ok(Tokenized { token: token.written(), about })
    }

    /// Gives a card to a customer of its own and makes it ready to be charged when its holder is not there.
    /// <https://docs.stripe.com/api/setup_intents/create>
    async fn set_up(&self, id: &str) -> Result<String, TokenizeError> {
        let whose = Fields::default().with("metadata[quittance]", "holder");
        let customer: Named =
            self.line.post(&["customers"], &format!("customer-{id}"), whose).await.map_err(unreachable)?;
        let form = Fields::default()
            .with("customer", &customer.id)
            .with("payment_method", id)
            .with("payment_method_types[]", Kind::Card.word())
            .with("usage", "off_session")
            .with("confirm", true);
        match self.line.post::<Setup>(&["setup_intents"], &format!("setup-{id}"), form).await {
            Ok(setup) if setup.status == "succeeded" => Ok(customer.id),
            Ok(_) => refused(AUTHENTICATE),
            Err(Not::Refused(error)) if error.kind == "card_error" => {
                refused(&declines::of_error(false, &error).message)
            }
            Err(not) => Err(unreachable(not)),
        }
    }
}

fn about(kind: Kind, method: &Method) -> Option<About> {
    match kind {
        Kind::Card => {
            let Card { brand: word, exp_month, exp_year, last4, iin, funding } = method.card.as_ref()?;
            Some(About::Card {
                brand: brand(word),
                bin: iin.clone().unwrap_or_default(),
                last_four: last4.clone(),
                expiry_month: *exp_month,
                expiry_year: *exp_year,
                funding: funding.as_deref().and_then(Funding::parse),
            })
        }
        Kind::Bank => {
            let account = method.us_bank_account.as_ref()?;
            Some(About::Bank {
                routing_number: account.routing_number.clone()?,
                last_four: account.last4.clone()?,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_is_one() {
        let token = Token { kind: Kind::Bank, method: "pm_1".into(), customer: "cus_2".into() };
        let read = Token::parse(token.written().reveal()).unwrap();
        assert_eq!((read.kind, read.method, read.customer), (Kind::Bank, "pm_1".into(), "cus_2".into()));
        for other in [
            "pm_1",
            "card:pm_1",
            "card:pm_1:cus_",
            "card:pm_/x:cus_2",
            "cash:pm_1:cus_2",
            "card:pm_1:cus_2:",
            "",
        ] {
            assert!(Token::parse(other).is_none(), "{other}");
        }
    }
}
