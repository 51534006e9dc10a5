//! The words of an authorization, where an organization sends none of its own: the rows of `rules/authorizations.csv`.
//!
//! A text that was ever used stays as it is: another one is another version, from its own first day on.

use std::sync::OnceLock;

use base::Day;
use books::messages::Language;

use crate::methods::Kind;
use crate::networks::{Line, Term, lines};

base::words! {
    /// What a text is agreed to for.
    Purpose {
        /// Payments that recur: a plan's.
        Recurring = "recurring",
        /// One payment.
        Single = "single",
        /// That what pays is kept for the next payment.
        Kept = "kept",
    }
}

/// A text of ours.
#[derive(Clone, Debug)]
pub struct Standard {
    /// What it is known by: `bank-en-1`.
    pub version: String,
    /// Its language.
    pub language: Language,
    /// For cards, or for bank accounts.
    pub method: Kind,
    /// What it is agreed to for.
    pub purpose: Purpose,
    /// From when on it is used, and what it has to say by whose rules.
    pub term: Term,
    /// The words, with names in braces for what is filled in.
    pub text: String,
}

impl Standard {
    fn read(line: &Line<'_>) -> Option<Standard> {
        Some(Standard {
            version: line.text("version").to_owned(),
            language: Language::parse(line.text("language"))?,
            method: Kind::parse(line.text("method"))?,
            purpose: Purpose::parse(line.text("purpose"))?,
            term: line.term()?,
            text: line.text("text").to_owned(),
        })
    }
}

/// Every text of ours there is.
pub fn standards() -> &'static [Standard] {
    static ALL: OnceLock<Vec<Standard>> = OnceLock::new();
    ALL.get_or_init(|| {
        lines(include_str!("../../rules/authorizations.csv"), Standard::read)
            .expect("the program's own file can be read, as a test has seen")
    })
}

/// The text that is used on a day; before the first one's day, the first.
pub(crate) fn standard(purpose: Purpose, method: Kind, language: Language, on: Day) -> &'static Standard {
    let is_it = (purpose, method, language);
    let fits = |text: &&Standard| (text.purpose, text.method, text.language) == is_it;
    let begun = standards().iter().filter(fits).rfind(|text| text.term.from <= on);
    begun.or_else(|| standards().iter().find(fits)).expect("there is a text for each, as a test has seen")
}

/// What a text is filled in with.
#[derive(Clone, Debug)]
pub(crate) struct Filling<'a> {
    /// Who gives it.
    pub(crate) name: Option<&'a str>,
    /// To whom.
    pub(crate) organization: &'a str,
    /// For what.
    pub(crate) terms: &'a str,
    /// The last four digits of the card or account.
    pub(crate) last_four: &'a str,
    /// Where to revoke it: phone, e-mail, pages, as far as there are any.
    pub(crate) contact: Vec<&'a str>,
    /// The day it is given.
    pub(crate) date: String,
    /// The plan.
    pub(crate) reference: String,
}

impl Standard {
    /// Fills it in. What is filled in is taken as it is, braces and all.
    pub(crate) fn filled(&self, with: &Filling<'_>) -> String {
        let (nobody, ending) = match self.language {
            Language::English => ("the undersigned", " ending in "),
            Language::Spanish => ("quien suscribe", " que termina en "),
        };
        let ending =
            if with.last_four.is_empty() { String::new() } else { format!("{ending}{}", with.last_four) };
        let contact = match with.contact[..] {
            [] => String::new(),
            _ => format!(" ({})", with.contact.join(", ")),
        };
        let (mut out, mut rest) = (String::with_capacity(1_024), self.text.as_str());
        while let Some((before, name, after)) = next(rest) {
            out.push_str(before);
            out.push_str(match name {
                "name" => with.name.unwrap_or(nobody),
                "organization" => with.organization,
                "terms" => with.terms,
                "ending" => &ending,
                "contact" => &contact,
                "date" => &with.date,
                "reference" => &with.reference,
                _ => "",
            });
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// The first name in braces, and what stands before and after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let (mut all, mut rest) = (Vec::new(), text);
        while let Some((_, name, after)) = next(rest) {
            all.push(name);
            rest = after;
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn there_is_one_text_at_a_time_for_each_method_in_each_language() {
        let today = Day::parse("2026-11-20").unwrap();
        let all = Purpose::ALL.iter().flat_map(|p| [(*p, Kind::Card), (*p, Kind::Ach)]);
        for (purpose, method) in all {
            for language in Language::ALL {
                let text = standard(purpose, method, *language, today);
                assert_eq!((text.purpose, text.method, text.language), (purpose, method, *language));
                let before = standard(purpose, method, *language, Day::parse("2001-01-01").unwrap());
                assert_eq!(before.term.from, text.term.from);
            }
        }
        for (i, one) in standards().iter().enumerate() {
            let later = &standards()[i + 1..];
            assert!(later.iter().all(|other| other.version != one.version), "{} is there twice", one.version);
            let kind = |text: &Standard| (text.purpose, text.method, text.language);
            let next = later.iter().find(|other| kind(other) == kind(one));
            assert!(
                next.is_none_or(|next| one.term.from < next.term.from),
                "{} is not the older one",
                one.version
            );
        }
    }

    #[test]
    fn every_text_says_what_it_has_to_and_how_to_revoke_it() {
        for text in standards() {
            let all: &[&str] = match text.purpose {
                Purpose::Recurring | Purpose::Single => {
                    &["contact", "date", "ending", "name", "organization", "reference", "terms"]
                }
                Purpose::Kept => &["contact", "ending", "organization"],
            };
            assert_eq!(names(&text.text), all, "{}", text.version);
            let revoke = match text.language {
                Language::English => "I may revoke it",
                Language::Spanish => "Puedo revocarl",
            };
            assert!(text.text.contains(revoke), "{}", text.version);
        }
    }

    #[test]
    fn a_text_is_filled_in_once_and_says_nothing_of_what_is_not_known() {
        let text = &Standard {
            text: "I, {name}, my card{ending}: {terms}. Tell {organization}{contact}. {date} {reference}"
                .into(),
            ..standards().iter().find(|text| text.version == "card-en-1").unwrap().clone()
        };
        let all = Filling {
            name: Some("{terms}"),
            organization: "Acme",
            terms: "USD 1.00 weekly",
            last_four: "4242",
            contact: vec!["+12125550100", "help@acme.example"],
            date: "2026-11-20".into(),
            reference: "p".into(),
        };
        assert_eq!(
            text.filled(&all),
            "I, {terms}, my card ending in 4242: USD 1.00 weekly. Tell Acme (+12125550100, help@acme.example). 2026-11-20 p"
        );
        let bare = Filling { name: None, last_four: "", contact: Vec::new(), ..all };
        assert_eq!(
            text.filled(&bare),
            "I, the undersigned, my card: USD 1.00 weekly. Tell Acme. 2026-11-20 p"
        );
    }
}
