//! Stripe's words for a no, in ours and the networks': `rules/stripe_declines.csv`, row by row with its source.
//!
//! What must hold: a word that no row knows ends with a person (it stands in the place of the network's code, which
//! no rule knows either), and nothing that Stripe writes for people is repeated.

use std::sync::OnceLock;

use payments::networks::{Term, lines};
use payments::processor::Decline;

use super::objects::{Dispute, Error, Refund};

const TABLE: &str = include_str!("../../rules/stripe_declines.csv");

/// What Stripe says where a card must not be tried again and the network itself sent no advice; and the advice that says
/// the same. <https://docs.stripe.com/declines/card#retrying-issuer-declines>
const NEVER_AGAIN: (&str, &str) = ("do_not_try_again", "03");

/// What a word is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A card that was declined.
    Card,
    /// A bank debit that was refused or came back.
    Bank,
    /// A card payment that is disputed.
    DisputedCard,
    /// A bank debit that came back after it had settled, which Stripe calls a dispute.
    DisputedBank,
    /// An order that Stripe does not take.
    Order,
    /// A refund that Stripe does not take.
    Refund,
    /// A refund that failed.
    FailedRefund,
    /// A payment that cannot be taken back.
    Void,
}

impl About {
    const ALL: [About; 8] = [
        About::Card,
        About::Bank,
        About::DisputedCard,
        About::DisputedBank,
        About::Order,
        About::Refund,
        About::FailedRefund,
        About::Void,
    ];

    /// As the file has it.
    const fn word(self) -> &'static str {
        match self {
            About::Card => "card",
            About::Bank => "bank",
            About::DisputedCard => "disputed_card",
            About::DisputedBank => "disputed_bank",
            About::Order => "order",
            About::Refund => "refund",
            About::FailedRefund => "failed_refund",
            About::Void => "void",
        }
    }

    fn parse(word: &str) -> Option<About> {
        About::ALL.into_iter().find(|about| about.word() == word)
    }
}

/// A word of Stripe's.
struct Row {
    about: About,
    word: String,
    code: String,
    network_code: Option<String>,
    title: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever reads the file"))]
    term: Term,
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    let read = || {
        lines(TABLE, |line| {
            Some(Row {
                about: About::parse(line.text("about"))?,
                word: line.text("word").to_owned(),
                code: line.text("code").to_owned(),
                network_code: Some(line.text("network_code").to_owned()).filter(|code| !code.is_empty()),
                title: line.text("title").to_owned(),
                term: line.term()?,
            })
        })
    };
    ROWS.get_or_init(|| read().expect("the program's own file can be read, as a test has seen"))
}

fn row(about: About, word: &str) -> Option<&'static Row> {
    rows().iter().find(|row| row.about == about && row.word == word)
}

/// Why a card or a bank debit was declined. The network's own code counts where it is one that our rules are written in:
/// two characters of a card network, `R` and two digits of Nacha. Else the row's.
pub(super) fn of_error(is_bank: bool, error: &Error) -> Decline {
    let about = if is_bank { About::Bank } else { About::Card };
    // The second says only that it was declined, where there is a first.
    let said = error.decline_code.as_ref().or(error.code.as_ref()).unwrap_or(&error.kind);
    let row = row(about, said);
    let length = if is_bank { 3 } else { 2 };
    let network = error.network_decline_code.clone().filter(|code| code.len() == length);
    let advised = error.advice_code.as_deref() == Some(NEVER_AGAIN.0) || said == NEVER_AGAIN.0;
    Decline {
        advice_code: error
            .network_advice_code
            .clone()
            .or_else(|| (advised && !is_bank).then(|| NEVER_AGAIN.1.to_owned())),
        network_code: network.or_else(|| of_row(row, said)),
        code: row.map_or("declined", |row| &row.code).to_owned(),
        message: row.map_or("The payment was declined.", |row| &row.title).to_owned(),
    }
}

/// Why the money of a payment was taken back.
pub(super) fn of_dispute(is_bank: bool, dispute: &Dispute) -> Decline {
    let about = if is_bank { About::DisputedBank } else { About::DisputedCard };
    let row = row(about, &dispute.reason);
    let network = dispute
        .payment_method_details
        .as_ref()
        .and_then(|by| by.card.as_ref())
        .and_then(|card| card.network_reason_code.clone());
    Decline {
        code: row.map_or("chargeback", |row| &row.code).to_owned(),
        network_code: network.or_else(|| of_row(row, &dispute.reason)),
        advice_code: None,
        message: row.map_or("The payment is disputed.", |row| &row.title).to_owned(),
    }
}

/// Why a refund failed.
pub(super) fn of_failed_refund(refund: &Refund) -> Decline {
    let why = refund.failure_reason.as_deref().unwrap_or("unknown");
    let row = row(About::FailedRefund, why).or_else(|| row(About::FailedRefund, "unknown"));
    Decline {
        code: "refund_declined".into(),
        network_code: None,
        advice_code: None,
        message: row.map_or("The refund failed.", |row| &row.title).to_owned(),
    }
}

/// Why Stripe did not take an order, by itself and before anything was done; `None` where no row knows it.
pub(super) fn of_refusal(about: About, error: &Error) -> Option<Decline> {
    let words = [error.code.as_deref(), error.param.as_deref()];
    let row = words.into_iter().flatten().find_map(|word| row(about, word))?;
    Some(Decline {
        code: row.code.clone(),
        network_code: None,
        advice_code: None,
        message: row.title.clone(),
    })
}

fn of_row(row: Option<&Row>, word: &str) -> Option<String> {
    match row {
        Some(row) => row.network_code.clone(),
        None => Some(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Day;
    use payments::networks::{Class, Network, verdict};

    fn error(code: &str, decline_code: Option<&str>) -> Error {
        Error {
            kind: "card_error".into(),
            code: Some(code.into()),
            decline_code: decline_code.map(str::to_owned),
            param: None,
            advice_code: None,
            network_advice_code: None,
            network_decline_code: None,
            payment_intent: None,
        }
    }

    fn class(network: Network, decline: &Decline) -> Option<Class> {
        let day = Day::parse("2026-11-20").unwrap();
        let (code, advice) = (decline.network_code.as_deref(), decline.advice_code.as_deref());
        verdict(network, code, advice, day).map(|verdict| verdict.class)
    }

    #[test]
    fn every_row_can_be_read_and_no_word_has_two() {
        for (i, one) in rows().iter().enumerate() {
            assert!(one.term.source.starts_with("https://docs.stripe.com/"), "{}", one.word);
            assert!(!one.code.is_empty() && one.title.ends_with('.'), "{}", one.word);
            let again = rows().iter().skip(i + 1).any(|row| row.about == one.about && row.word == one.word);
            assert!(!again, "{}", one.word);
        }
    }

    #[test]
    fn every_word_of_a_decline_has_a_class_of_ours() {
        for row in rows().iter().filter(|row| matches!(row.about, About::Card | About::Bank)) {
            let is_bank = row.about == About::Bank;
            let decline = of_error(is_bank, &error("card_declined", Some(&row.word)));
            assert_eq!(decline.code, row.code);
            let network = if is_bank { Network::Ach } else { Network::Any };
            let known = class(network, &decline);
            if row.network_code.as_deref() == Some(row.word.as_str()) {
                assert_eq!(known, Some(Class::Unknown), "{}: for a person", row.word);
            } else {
                assert_ne!(known, Some(Class::Unknown), "{}", row.word);
            }
        }
    }

    #[test]
    fn the_networks_own_code_counts_before_ours() {
        let said = Error {
            network_decline_code: Some("65".into()),
            network_advice_code: Some("24".into()),
            ..error("card_declined", Some("generic_decline"))
        };
        let decline = of_error(false, &said);
        assert_eq!(
            (decline.network_code.as_deref(), decline.advice_code.as_deref()),
            (Some("65"), Some("24"))
        );
        // American Express has three digits, for which our rules have no rows.
        let said = Error { network_decline_code: Some("116".into()), ..said };
        assert_eq!(of_error(false, &said).network_code.as_deref(), Some("05"));
        let said = Error { network_decline_code: Some("R09".into()), ..error("insufficient_funds", None) };
        assert_eq!(of_error(true, &said).network_code.as_deref(), Some("R09"));
    }

    #[test]
    fn never_again_is_passed_on_where_the_network_gave_no_advice() {
        let said = Error { advice_code: Some("do_not_try_again".into()), ..error("card_declined", None) };
        assert_eq!(of_error(false, &said).advice_code.as_deref(), Some("03"));
        let said = Error { network_advice_code: Some("24".into()), ..said };
        assert_eq!(of_error(false, &said).advice_code.as_deref(), Some("24"));
        let decline = of_error(false, &error("card_declined", Some("do_not_try_again")));
        assert_eq!(decline.advice_code.as_deref(), Some("03"));
    }

    #[test]
    fn a_word_that_nobody_knows_ends_with_a_person() {
        for said in [error("card_declined", Some("of_tomorrow")), error("of_tomorrow", None)] {
            let decline = of_error(false, &said);
            assert_eq!(
                (decline.code.as_str(), class(Network::Visa, &decline)),
                ("declined", Some(Class::Unknown))
            );
        }
    }
}
