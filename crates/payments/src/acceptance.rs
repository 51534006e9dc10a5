//! Which cards an organization takes: by what it says, and by what its merchant category allows.
//!
//! The categories are rows of `rules/merchant_categories.csv`, with a first day and a source. Where a category refuses whose money
//! a card spends, a card of which nobody knows that is refused too, unless the organization takes it upon itself.

use std::sync::OnceLock;

use base::Day;
use books::orgs::PaymentRules;

use crate::networks::{Term, lines};
use crate::processor::Funding;

const CATEGORIES: &str = include_str!("../rules/merchant_categories.csv");

/// What a merchant category allows, as long as it is in force.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) code: String,
    /// Whose money may not be spent.
    pub(crate) refuses: Vec<Funding>,
    /// The brands that are taken where the organization names none.
    pub(crate) brands: Vec<String>,
    pub(crate) term: Term,
}

fn categories() -> &'static [Category] {
    static ROWS: OnceLock<Vec<Category>> = OnceLock::new();
    let read = || {
        lines(CATEGORIES, |line| {
            let words = |name: &str| line.text(name).split_whitespace().map(str::to_owned).collect();
            let refuses = line.text("refuses").split_whitespace().map(Funding::parse);
            Some(Category {
                code: line.text("code").to_owned(),
                refuses: refuses.collect::<Option<_>>()?,
                brands: words("brands"),
                term: line.term()?,
            })
        })
    };
    ROWS.get_or_init(|| read().expect("the program's own file can be read, as a test has seen"))
}

/// Why a card is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its brand.
    Brand(String),
    /// Whose money it spends.
    Funding(Funding),
    /// Nobody knows whose money it spends.
    Unknown,
}

impl Why {
    /// In words, for whoever pays.
    pub(crate) fn words(&self) -> String {
        match self {
            Why::Brand(brand) => format!("{brand} cards are not accepted here."),
            Why::Funding(Funding::Credit) => {
                "Credit cards are not accepted here: a debt is not repaid with borrowed money. Please use a debit card or a bank account.".into()
            }
            Why::Funding(funding) => {
                let word = if *funding == Funding::Debit { "Debit" } else { "Prepaid" };
                format!("{word} cards are not accepted here.")
            }
            Why::Unknown => {
                "It is not known whether this is a credit card, and those are not accepted here. Please use another card or a bank account.".into()
            }
        }
    }
}

/// What is against a card of this brand, on a day; of what is no card nothing.
pub(crate) fn against(
    rules: &PaymentRules,
    day: Day,
    brand: Option<&str>,
    funding: Option<Funding>,
) -> Option<Why> {
    let brand = brand?;
    let category = rules.merchant_category_code.as_deref();
    let category = categories().iter().find(|row| category == Some(&row.code) && row.term.is_in_force(day));
    let usual = category.map(|row| row.brands.as_slice()).filter(|brands| !brands.is_empty());
    if let Some(taken) = rules.card_brands.as_deref().or(usual)
        && !taken.iter().any(|one| one == brand)
    {
        return Some(Why::Brand(brand.to_owned()));
    }
    let refuses = category.map_or(&[][..], |row| &row.refuses);
    match funding {
        Some(funding) if refuses.contains(&funding) => Some(Why::Funding(funding)),
        None if !refuses.is_empty() && !rules.unknown_funding_accepted => Some(Why::Unknown),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn agency() -> PaymentRules {
        PaymentRules { merchant_category_code: Some("7322".into()), ..PaymentRules::default() }
    }

    #[test]
    fn a_collection_agency_takes_no_borrowed_money_since_its_category_is_demanded() {
        let on = |when: &str, funding| against(&agency(), day(when), Some("Visa"), funding);
        assert_eq!(on("2026-12-01", Some(Funding::Credit)), Some(Why::Funding(Funding::Credit)));
        assert_eq!(on("2026-12-01", Some(Funding::Debit)), None);
        assert_eq!(on("2026-12-01", Some(Funding::Prepaid)), None);
        assert_eq!(on("2026-12-01", None), Some(Why::Unknown));
        assert_eq!(on("2023-04-14", Some(Funding::Credit)), None, "not demanded yet");
        let at_risk = PaymentRules { unknown_funding_accepted: true, ..agency() };
        assert_eq!(against(&at_risk, day("2026-12-01"), Some("Visa"), None), None);
        assert_eq!(against(&agency(), day("2026-12-01"), None, None), None, "a bank account is no card");
    }

    #[test]
    fn brands_are_those_that_the_organization_names_or_else_its_category_does() {
        let today = day("2026-12-01");
        let debit = Some(Funding::Debit);
        assert_eq!(
            against(&agency(), today, Some("American Express"), debit),
            Some(Why::Brand("American Express".into()))
        );
        let named = PaymentRules { card_brands: Some(vec!["American Express".into()]), ..agency() };
        assert_eq!(against(&named, today, Some("American Express"), debit), None);
        assert_eq!(against(&named, today, Some("Visa"), debit), Some(Why::Brand("Visa".into())));
        assert_eq!(
            against(&PaymentRules::default(), today, Some("JCB"), None),
            None,
            "whoever says nothing takes all"
        );
    }
}
