//! How records are read: by the same field rules as single requests.

use std::sync::LazyLock;

use base::{Day, Result, Ts};
use books::debts::Debt;
use books::debts::plans::Plan;
use books::people::Customer;
use books::{locations, people};
use edge::Reader;
use edge::rules::{Context, describe, read_at};
use exchange::bulk::{self, Format, Readers};
use exchange::upsert::{Account, Paid, Piece, Rules, Said};
use serde_json::Value;

use crate::spelling::Words;
use crate::{customers, debt_accounts, locations as location_api};

/// The field rules of one spelling, over JSON or over what has only texts.
struct Fields {
    words: Words,
    is_form: bool,
}

/// The field rules of both spellings.
pub struct FieldRules {
    all: [(bulk::Words, bool, Fields); 4],
}

impl FieldRules {
    /// All of them.
    pub fn new() -> FieldRules {
        let fields = |words, ours, is_form| (words, is_form, Fields { words: ours, is_form });
        FieldRules {
            all: [
                fields(bulk::Words::Guide, Words::Guide, false),
                fields(bulk::Words::Guide, Words::Guide, true),
                fields(bulk::Words::OpenApi, Words::OpenApi, false),
                fields(bulk::Words::OpenApi, Words::OpenApi, true),
            ],
        }
    }
}

impl Default for FieldRules {
    fn default() -> FieldRules {
        FieldRules::new()
    }
}

impl Readers for FieldRules {
    fn of(&self, words: bulk::Words, format: Format) -> &dyn Rules {
        let is_form = matches!(format, Format::Form | Format::Csv);
        let found = self.all.iter().find(|(w, form, _)| *w == words && *form == is_form);
        &found.unwrap_or(&self.all[0]).2
    }
}

/// A day or an instant.
fn paid(text: &str) -> Option<Paid> {
    Day::parse(text).map(Paid::On).or_else(|| Ts::parse(text).map(Paid::At))
}

fn last_payment(r: &mut Reader<'_>) -> Option<Paid> {
    r.text("last_payment_date")
        .describe(
            "The last payment that its sender knows of. `current_balance` never overwrites a later one.",
        )
        .parse("must be a valid date.", "2026-11-20", paid)
        .optional()
}

/// Every field of an account that is there.
fn account(r: &mut Reader<'_>) {
    debt_accounts::changes(r, None, Words::Guide);
    last_payment(r);
}

impl Fields {
    fn context(&self, now: Ts) -> Context {
        Context { now, is_form: self.is_form }
    }
}

impl Rules for Fields {
    fn account(&self, piece: &Piece, now: Ts, stored: Option<(&Debt, Option<&Plan>)>) -> Result<Account> {
        read_at(&piece.raw, &piece.at, self.context(now), |r| {
            let said = match stored {
                None => Said::New(Box::new(debt_accounts::new(r))),
                Some((debt, plan)) => {
                    let mut changes = debt_accounts::changes(r, Some(debt), self.words);
                    debt_accounts::keep_exact_frequency(&mut changes, plan, self.words);
                    Said::Changes(Box::new(changes))
                }
            };
            Account { said, last_payment: last_payment(r) }
        })
    }

    fn customer(&self, piece: &Piece, now: Ts, stored: Option<&Customer>) -> Result<people::Fields> {
        read_at(&piece.raw, &piece.at, self.context(now), |r| customers::fields(r, stored, stored.is_none()))
    }

    fn location(&self, piece: &Piece, now: Ts, is_new: bool) -> Result<locations::Fields> {
        read_at(&piece.raw, &piece.at, self.context(now), |r| location_api::fields(r, is_new))
    }
}

/// Every field there is, as the rules say themselves.
static KNOWN: LazyLock<[Value; 4]> = LazyLock::new(|| {
    let schema = |described: edge::rules::Described| (*described.schema).clone();
    [
        schema(describe(debt_accounts::new)),
        schema(describe(account)),
        schema(describe(|r| customers::fields(r, None, true))),
        schema(describe(|r| location_api::fields(r, true))),
    ]
});

/// Whether a column means anything in a table of debt accounts: `balance`, `metadata.desk`, `customer.address.line1`.
pub fn knows(column: &str) -> bool {
    let path: Vec<&str> = column.split('.').collect();
    let [new, changed, customer, location] = &*KNOWN;
    match &path[..] {
        ["id" | "uuid"] => true,
        ["customer", "id" | "uuid"] | ["location", "id" | "uuid"] => true,
        ["customer", rest @ ..] if !rest.is_empty() => has(customer, rest),
        ["location", rest @ ..] if !rest.is_empty() => has(location, rest),
        path => has(new, path) || has(changed, path),
    }
}

/// Whether a schema has a field at this path.
fn has(schema: &Value, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    if alternatives.clone().any(|one| has(one, path)) {
        return true;
    }
    match schema["properties"].get(*first) {
        Some(_) if *first == "metadata" => rest.len() <= 1,
        Some(inner) => has(inner, rest),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_the_field_rules_themselves() {
        for known in [
            "balance",
            "original_balance",
            "external_account_number",
            "metadata.desk",
            "rules.min_payment_amount",
            "payment_plan.frequency",
            "last_payment_date",
            "customer.name",
            "customer.address.postal_code",
            "customer.external_id",
            "customer.metadata.x",
            "location.name",
            "customer_id",
            "location_name",
        ] {
            assert!(knows(known), "{known}");
        }
        for unknown in
            ["balence", "customer", "customer.adress.line1", "location.phone", "state", "rules.max"]
        {
            assert!(!knows(unknown), "{unknown}");
        }
    }
}
