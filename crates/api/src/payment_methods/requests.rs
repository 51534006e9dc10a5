//! What may be said of a payment method in a request: the one place where a card number is read.

use base::secret::Secret;
use base::us;
use edge::Reader;
use payments::card::{CardNumber, Expiry};
use payments::methods::{BANK_KINDS, Fields, Given, Kind, Method, Ownership};
use payments::processor::BankKind;

/// A bank account, as sent.
#[derive(PartialEq)]
struct Bank {
    routing_number: String,
    account_number: Secret<String>,
    account_type: BankKind,
    ownership: Ownership,
    holder: String,
    postal_code: String,
    state: String,
}

fn card(r: &mut Reader<'_>) -> Given {
    let month = r.digits("card_expiration_month").long(1, 2).required();
    let year = r.digits("card_expiration_year").long(2, 4).describe("Two digits or four.").required();
    let expiry = expiry(r, &month, &year);
    Given::Card {
        holder: r.text("card_holder").example("Ada Lovelace").required(),
        number: r
            .digits("card_number")
            .grouped()
            .long(12, 19)
            .parse("must be a valid card number.", "4242424242424242", CardNumber::parse)
            .write_only()
            .required(),
        expiry,
        security_code: r.digits("card_security_code").long(3, 4).never_kept().secret().optional(),
        postal_code: r.digits("card_postal_code").long(5, 5).optional(),
    }
}

/// Month and year as one; says which of them is wrong.
fn expiry(r: &mut Reader<'_>, month: &str, year: &str) -> Expiry {
    Expiry::parse(month, year).unwrap_or_else(|| {
        if Expiry::parse(month, "30").is_none() {
            r.fault("card_expiration_month", "must be between 1 and 12.");
        } else {
            r.fault("card_expiration_year", "must be a year of this century in two digits or four.");
        }
        // Any will do to go on reading with.
        Expiry::new(1, 2030).expect("January 2030 is a month of this century")
    })
}

fn a_state(text: &str) -> Option<String> {
    us::state(text).map(str::to_owned)
}

fn bank(r: &mut Reader<'_>) -> Bank {
    Bank {
        holder: r.text("account_holder").example("Ada Lovelace").required(),
        account_type: r.one_of("account_type", BANK_KINDS).required(),
        routing_number: r
            .digits("routing_number")
            .long(9, 9)
            .parse("must be a valid routing number.", "021000021", us::routing_number)
            .required(),
        account_number: r.digits("account_number").long(4, 17).secret().required(),
        postal_code: r.digits("account_zip").long(5, 5).required(),
        state: r
            .text("account_state")
            .describe("A US state, by its two letters or its name.")
            .parse("must be a US state.", "NY", a_state)
            .required(),
        ownership: r
            .one_of("ownership_type", Ownership::WORDS)
            .describe("Whose account it is; a person's unless said.")
            .or(Ownership::Personal),
    }
}

/// The names under which a method may be sent; whoever reads [`given`] says how many of them are needed.
const GIVEN: &[&str] = &["card", "ach", "bank_account", "token"];

/// Reads `card`, `ach` (also `bank_account`) or `token`.
pub(crate) fn given(r: &mut Reader<'_>) -> Option<Given> {
    let card = r.object("card", card).optional();
    let bank = r.object("ach", bank).alias("bank_account").optional();
    let token = r
        .text("token")
        .max(1_000) // what a processor's script gives may be longer than other texts
        .describe(
            "A token that you made with the processor directly, or one that hosted fields gave your page.",
        )
        .secret()
        .optional();
    let bank = bank.map(|bank| Given::Ach {
        routing_number: bank.routing_number,
        account_number: bank.account_number,
        account_type: bank.account_type,
        ownership: bank.ownership,
        holder: bank.holder,
        postal_code: Some(bank.postal_code),
        state: Some(bank.state),
    });
    card.or(bank).or_else(|| token.map(|token| Given::Token { token, kind: None }))
}

/// What a request to make a method says.
pub(super) struct New {
    pub(super) given: Option<Given>,
    pub(super) is_primary: Option<bool>,
}

pub(super) fn new(r: &mut Reader<'_>) -> New {
    let kind = r.one_of("type", Kind::WORDS).optional();
    let is_primary = r.boolean("is_primary").describe("The first one is in any case.").optional();
    let given = given(r);
    r.exactly_one_of(GIVEN);
    let given = given.map(|given| match (given, kind) {
        (Given::Token { token, .. }, kind) => Given::Token { token, kind },
        (given, kind) => {
            let is = if matches!(given, Given::Card { .. }) { Kind::Card } else { Kind::Ach };
            if kind.is_some_and(|kind| kind != is) {
                r.refuse("type", "The selected type is invalid.");
            }
            given
        }
    });
    New { given, is_primary }
}

/// What an update says. `stored` is how the method stands, so that a reply of ours can be sent back.
pub(super) fn changes(r: &mut Reader<'_>, stored: Option<&Method>) -> Fields {
    let of_card = |r: &mut Reader<'_>| {
        let month = r.digits("card_expiration_month").long(1, 2).replace();
        let year = r.digits("card_expiration_year").long(2, 4).replace();
        if month.is_some() || year.is_some() {
            expiry(r, month.as_deref().unwrap_or("1"), year.as_deref().unwrap_or("30"));
        }
        Fields {
            holder: r.text("card_holder").replace().into(),
            expiry_month: month,
            expiry_year: year,
            postal_code: r.digits("card_postal_code").long(5, 5).change(),
            ..Fields::default()
        }
    };
    let of_bank = |r: &mut Reader<'_>| {
        // A method made of a token knows no holder; its reply comes back with null.
        let holder = r.text("account_holder").change();
        let postal_code = r.digits("account_zip").long(5, 5).change();
        let state = r.text("account_state").parse("must be a US state.", "NY", a_state).change();
        (holder, postal_code, state)
    };
    let card = r.object("card", of_card).optional();
    let bank = r.object("ach", of_bank).alias("bank_account").optional();
    let is_primary = r
        .boolean("is_primary")
        .describe("`true` makes it the primary one; to unmake it, make another one primary.")
        .optional();
    // Flat fields of our reply: what repeats the stored value says nothing.
    let sent = |n: Option<i64>, now: Option<u16>| n.filter(|n| now.is_none_or(|now| i64::from(now) != *n));
    let now = stored.and_then(|method| method.expiry);
    let month = r.int("expiry_month").between(1, 12).optional();
    let year = r.int("expiry_year").between(2000, 2099).optional();
    let month = sent(month, now.map(|now| now.month().into())).map(|n| n.to_string());
    let year = sent(year, now.map(|now| now.year())).map(|n| n.to_string());
    let mut fields = match (card, bank, stored.map(|method| method.kind)) {
        (Some(_), _, Some(Kind::Ach)) => {
            r.fault("card", "is prohibited for a bank account.");
            Fields::default()
        }
        (_, Some(_), Some(Kind::Card)) => {
            r.fault("ach", "is prohibited for a card.");
            Fields::default()
        }
        (Some(card), _, _) => card,
        (None, Some((holder, postal_code, state)), _) => {
            Fields { holder, postal_code, state, ..Fields::default() }
        }
        (None, None, _) => Fields::default(),
    };
    fields.expiry_month = fields.expiry_month.or(month);
    fields.expiry_year = fields.expiry_year.or(year);
    Fields { is_primary, ..fields }
}
