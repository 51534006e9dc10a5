//! Authorize.net's reasons for a no, in our words and the networks': `rules/authorize_net_declines.csv`, row by row with its
//! source.
//!
//! It tells no network's code of a declined card, only a reason of its own; of a bank debit that comes back it tells Nacha's.
//!
//! What must hold: a reason that no row knows ends with a person (it stands in the place of the network's code, which no rule
//! knows either), and nothing that Authorize.net writes for people is repeated.

use std::sync::OnceLock;

use payments::networks::{Term, lines};
use payments::processor::Decline;

use super::objects::Said;
use super::transactions::{Details, ReturnedItem};

const TABLE: &str = include_str!("../../rules/authorize_net_declines.csv");

/// What a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A card that was declined.
    Card,
    /// A bank debit that was not taken.
    Bank,
    /// A bank debit that came back.
    Returned,
    /// An order that Authorize.net does not take.
    Order,
    /// A refund that it does not take.
    Refund,
    /// A payment that cannot be taken back.
    Void,
}

impl About {
    const ALL: [About; 6] =
        [About::Card, About::Bank, About::Returned, About::Order, About::Refund, About::Void];

    /// As the file has it.
    const fn word(self) -> &'static str {
        match self {
            About::Card => "card",
            About::Bank => "bank",
            About::Returned => "returned",
            About::Order => "order",
            About::Refund => "refund",
            About::Void => "void",
        }
    }

    fn parse(word: &str) -> Option<About> {
        About::ALL.into_iter().find(|about| about.word() == word)
    }

    const fn of(is_bank: bool) -> About {
        if is_bank { About::Bank } else { About::Card }
    }
}

/// A reason of Authorize.net's.
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

fn told(row: &Row) -> Decline {
    Decline {
        code: row.code.clone(),
        network_code: row.network_code.clone(),
        advice_code: None,
        message: row.title.clone(),
    }
}

fn decline(code: &str, network_code: Option<String>, message: &str) -> Decline {
    Decline { code: code.into(), network_code, advice_code: None, message: message.into() }
}

fn of_reason(is_bank: bool, reason: &str) -> Decline {
    match row(About::of(is_bank), reason) {
        Some(row) => told(row),
        // Its own numbers are others than the networks', and must not be taken for one.
        None => decline("declined", Some(format!("authorize_net_{reason}")), "The payment was declined."),
    }
}

/// Why a card or a bank debit was declined, by the first answer.
pub(super) fn of_said(is_bank: bool, said: &Said) -> Decline {
    of_reason(is_bank, said.reason())
}

/// The same, by how it stands later.
pub(super) fn of_details(details: &Details) -> Decline {
    of_reason(details.is_bank(), &details.response_reason_code.0)
}

/// Why something was tried and ended as an error; `None` where no row knows it, and so nobody whether anything happened.
pub(super) fn of_mistake(is_bank: bool, reason: &str) -> Option<Decline> {
    row(About::of(is_bank), reason).or_else(|| row(About::Order, reason)).map(told)
}

/// The same, by how it stands later.
pub(super) fn of_error(details: &Details) -> Option<Decline> {
    of_mistake(details.is_bank(), &details.response_reason_code.0)
}

/// Why a payment came back: Nacha's code of a bank debit, the card network's of a chargeback.
pub(super) fn of_return(is_bank: bool, item: &ReturnedItem) -> Decline {
    let code = Some(item.code.0.clone()).filter(|code| !code.is_empty());
    if !is_bank {
        return decline("chargeback", code, "The holder disputes it.");
    }
    let row = row(About::Returned, code.as_deref().unwrap_or_default());
    row.map_or_else(|| decline("returned", code, "The payment came back."), told)
}

/// That a refund came back.
pub(super) fn of_returned_refund(item: &ReturnedItem) -> Decline {
    decline("refund_declined", Some(item.code.0.clone()), "The refund came back.")
}

/// That the processor behind Authorize.net rejected what had been approved.
pub(super) fn rejected() -> Decline {
    decline("processor_rejected", None, "It was approved and then rejected; no money came.")
}

/// Why Authorize.net did not take an order, refund or void; `None` where no row knows it.
pub(super) fn of_refusal(about: About, code: &str) -> Option<Decline> {
    row(about, code).map(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Day;
    use payments::networks::{Class, Network, verdict};

    fn class(network: Network, decline: &Decline) -> Option<Class> {
        let day = Day::parse("2026-11-20").unwrap();
        verdict(network, decline.network_code.as_deref(), None, day).map(|verdict| verdict.class)
    }

    fn item(code: &str) -> ReturnedItem {
        serde_json::from_value(serde_json::json!({ "dateUTC": "2026-11-20T00:00:00Z", "code": code }))
            .unwrap()
    }

    #[test]
    fn every_row_can_be_read_and_no_reason_has_two() {
        for (i, one) in rows().iter().enumerate() {
            assert!(one.term.source.contains(".authorize.net/"), "{}", one.word);
            assert!(!one.code.is_empty() && one.title.ends_with('.'), "{}", one.word);
            let again = rows().iter().skip(i + 1).any(|row| row.about == one.about && row.word == one.word);
            assert!(!again, "{}", one.word);
        }
    }

    #[test]
    fn every_reason_of_a_decline_has_a_class_of_ours() {
        for row in rows().iter().filter(|row| matches!(row.about, About::Card | About::Bank)) {
            let is_bank = row.about == About::Bank;
            let decline = of_reason(is_bank, &row.word);
            assert_eq!(decline.code, row.code);
            let network = if is_bank { Network::Ach } else { Network::Any };
            assert_ne!(class(network, &decline), Some(Class::Unknown), "{}", row.word);
        }
    }

    #[test]
    fn a_return_has_nachas_code_whether_a_row_knows_it_or_not() {
        for (code, ours) in [("R01", "insufficient_funds"), ("R10", "unauthorized"), ("R31", "returned")] {
            let decline = of_return(true, &item(code));
            assert_eq!((decline.code.as_str(), decline.network_code.as_deref()), (ours, Some(code)));
            assert_ne!(class(Network::Ach, &decline), Some(Class::Unknown), "{code}");
        }
        let decline = of_return(false, &item("10.4"));
        assert_eq!((decline.code.as_str(), decline.network_code.as_deref()), ("chargeback", Some("10.4")));
    }

    #[test]
    fn a_reason_that_nobody_knows_ends_with_a_person_and_is_not_taken_for_a_networks_code() {
        // 54 is an expired card to the networks, and a refund that is not taken to Authorize.net.
        for reason in ["54", "999", ""] {
            let decline = of_reason(false, reason);
            assert_eq!(
                (decline.code.as_str(), class(Network::Visa, &decline)),
                ("declined", Some(Class::Unknown))
            );
        }
    }
}
