//! Authorize.net's objects, as far as we read them.
//!
//! What must hold: nothing that is added breaks the reading of the rest, and an amount is read digit by digit. Nothing here
//! prints a token.

use base::Cents;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A text, number or truth value as it stands there: the same element is a number in one answer and a text in another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plain(pub(super) String);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Plain, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        let quoted = serde_json::from_str::<Option<String>>(raw.get());
        Ok(Plain(quoted.map_or_else(|_| raw.get().to_owned(), Option::unwrap_or_default)))
    }
}

impl Plain {
    /// Dollars and cents; `None` where it is no whole number of cents.
    pub(super) fn cents(&self) -> Option<Cents> {
        let (dollars, rest) = self.0.split_once('.').unwrap_or((&self.0, ""));
        let (cents, beyond) = rest.split_at_checked(2).unwrap_or((rest, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if dollars.is_empty() || !digits(dollars) || !digits(cents) || beyond.bytes().any(|byte| byte != b'0')
        {
            return None;
        }
        let cents: i64 = format!("{cents:0<2}").parse().ok()?;
        dollars.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents).map(Cents::new)
    }

    pub(super) fn is_true(&self) -> bool {
        self.0 == "true"
    }
}

/// What stands in every answer. Its words are not read: they may repeat what was sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    pub(super) messages: Messages,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Messages {
    pub(super) result_code: String,
    #[serde(default)]
    pub(super) message: Vec<Coded>,
}

#[derive(Deserialize)]
pub(super) struct Coded {
    #[serde(default)]
    pub(super) code: Plain,
}

/// What came of something that was to be done with money.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    pub(super) transaction_response: Option<Said>,
}

/// <https://developer.authorize.net/api/reference/index.html#payment-transactions-charge-a-customer-profile>
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Said {
    #[serde(default)]
    response_code: Plain,
    #[serde(default)]
    trans_id: Plain,
    #[serde(default)]
    errors: Vec<Mistake>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mistake {
    #[serde(default)]
    error_code: Plain,
}

/// What a response code means. <https://developer.authorize.net/api/reference/responseCodes.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Response {
    Approved,
    Declined,
    Error,
    Held,
    Other,
}

impl Response {
    pub(super) fn of(code: &str) -> Response {
        match code {
            "1" => Response::Approved,
            "2" => Response::Declined,
            "3" => Response::Error,
            "4" => Response::Held,
            _ => Response::Other,
        }
    }
}

impl Said {
    /// Whether there is an answer in it: beside an error about the request it stands empty.
    pub(super) fn is_one(&self) -> bool {
        !self.response_code.0.is_empty()
    }

    pub(super) fn response(&self) -> Response {
        Response::of(&self.response_code.0)
    }

    /// Its id, which is 0 where nothing was kept.
    pub(super) fn id(&self) -> Option<&str> {
        Some(self.trans_id.0.as_str()).filter(|id| !id.is_empty() && *id != "0")
    }

    /// Why, where it was no yes.
    pub(super) fn reason(&self) -> &str {
        self.errors.first().map_or("", |error| &error.error_code.0)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedProfile {
    #[serde(default)]
    pub(super) customer_profile_id: Plain,
    #[serde(default)]
    pub(super) customer_payment_profile_id_list: Vec<Plain>,
}

#[derive(Deserialize)]
pub(super) struct KnownProfile {
    pub(super) profile: Option<Customer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Customer {
    pub(super) customer_profile_id: Plain,
    #[serde(default)]
    pub(super) payment_profiles: Vec<OfCustomer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfCustomer {
    pub(super) customer_payment_profile_id: Plain,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KnownPaymentProfile {
    pub(super) payment_profile: Option<Method>,
}

#[derive(Deserialize)]
pub(super) struct Method {
    pub(super) payment: Option<Instrument>,
}

/// A card or account, masked. <https://developer.authorize.net/api/reference/index.html#customer-profiles-get-customer-payment-profile>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instrument {
    pub(super) credit_card: Option<Card>,
    pub(super) bank_account: Option<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Card {
    pub(super) card_number: String,
    pub(super) expiration_date: String,
    #[serde(default)]
    pub(super) card_type: String,
    #[serde(default)]
    pub(super) issuer_number: Plain,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) account_number: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(json: &str) -> Plain {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_amount_is_read_digit_by_digit_or_not_at_all() {
        for (said, cents) in [("12.34", 1234), ("\"12.3\"", 1230), ("12", 1200), ("0.00", 0), ("5.0000", 500)]
        {
            assert_eq!(plain(said).cents(), Some(Cents::new(cents)), "{said}");
        }
        for said in
            ["12.345", "-1.00", "\"\"", "\".5\"", "1e3", "\"1,000.00\"", "null", "99999999999999999999"]
        {
            assert_eq!(plain(said).cents(), None, "{said}");
        }
    }

    #[test]
    fn a_number_a_text_and_nothing_are_read_alike() {
        for said in ["1", "\"1\""] {
            assert_eq!(plain(said), Plain("1".into()));
        }
        assert_eq!(plain("null"), Plain::default());
    }
}
