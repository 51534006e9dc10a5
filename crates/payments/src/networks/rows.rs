//! The rows of `rules/`, read once.
//!
//! The files are part of the program, and a test reads every row of them: what cannot be read is a mistake of ours,
//! which no caller can cause.

use std::sync::OnceLock;

use base::Day;

use super::{Class, Counter, Lift, Network, Retry, Verdict};

/// A response code and what follows from it, as long as it is in force.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Whose.
    pub network: Network,
    /// As the network writes it.
    pub code: String,
    /// In words.
    pub title: String,
    /// What kind of no it is.
    pub class: Class,
    /// Whether it may be tried again.
    pub retry: Retry,
    /// For how many hours it may not.
    pub wait_hours: Option<u32>,
    /// What lets the method be charged again, where this stops it.
    pub lifted_by: Option<Lift>,
    /// Which of Nacha's rates it counts in.
    pub counts: Vec<Counter>,
    /// When, and by which source.
    pub term: Term,
}

/// How often a method may be tried, as long as it is in force.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Whose.
    pub network: Network,
    /// Of which refusals; `None` of all.
    pub class: Option<Class>,
    /// How many attempts, the first one included.
    pub attempts: u32,
    /// Within how many hours of the first.
    pub hours: u32,
    /// What is counted together.
    pub per: Per,
    /// When, and by which source.
    pub term: Term,
}

base::words! {
    /// What a limit counts together.
    Per {
        /// Attempts at the same amount.
        Amount = "amount",
        /// All of the card's or account's.
        Card = "card",
    }
}

/// A code of a notice of change.
#[derive(Clone, Debug)]
pub struct Change {
    /// As Nacha writes it.
    pub code: String,
    /// What is corrected.
    pub title: String,
    /// When, and by which source.
    pub term: Term,
}

/// From when to when something is the rule, and who says so.
#[derive(Clone, Debug)]
pub struct Term {
    /// The first day; where a source gives none, the first of the publication that has it.
    pub from: Day,
    /// The last day; `None` where it still is.
    pub to: Option<Day>,
    /// A rule's number or an address.
    pub source: String,
}

impl Term {
    pub(super) fn holds(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|last| day <= last)
    }

    /// Whether it is the rule on `day`.
    pub fn is_in_force(&self, day: Day) -> bool {
        self.holds(day)
    }
}

impl Rule {
    /// Whether it is the rule on `day`.
    pub fn is_in_force(&self, day: Day) -> bool {
        self.term.holds(day)
    }

    pub(super) fn verdict(&self) -> Verdict {
        Verdict {
            class: self.class,
            retry: self.retry,
            wait_hours: self.wait_hours,
            lifted_by: self.lifted_by,
        }
    }
}

impl Limit {
    /// Whether it is the rule on `day`.
    pub fn is_in_force(&self, day: Day) -> bool {
        self.term.holds(day)
    }
}

struct Tables {
    rules: Vec<Rule>,
    advice: Vec<Rule>,
    limits: Vec<Limit>,
    changes: Vec<Change>,
}

const RETURNS: &str = include_str!("../../rules/ach_returns.csv");
const RESPONSES: &str = include_str!("../../rules/card_responses.csv");
const ADVICE: &str = include_str!("../../rules/card_advice.csv");
const LIMITS: &str = include_str!("../../rules/limits.csv");
const CHANGES: &str = include_str!("../../rules/ach_changes.csv");

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let read = || {
            let mut rules = lines(RETURNS, |line| line.rule())?;
            rules.extend(lines(RESPONSES, |line| line.rule())?);
            Some(Tables {
                rules,
                advice: lines(ADVICE, |line| line.rule())?,
                limits: lines(LIMITS, |line| line.limit())?,
                changes: lines(CHANGES, |line| line.change())?,
            })
        };
        read().expect("the program's own files can be read, as a test has seen")
    })
}

/// Every return and response code, in the order of the files.
pub fn rules() -> &'static [Rule] {
    &tables().rules
}

/// Every limit.
pub fn limits() -> &'static [Limit] {
    &tables().limits
}

/// Every code of a notice of change.
pub fn changes() -> &'static [Change] {
    &tables().changes
}

/// Every advice code.
pub(super) fn all_advice() -> &'static [Rule] {
    &tables().advice
}

/// The row of an advice code, on a day.
pub(super) fn advice(network: Network, code: &str, day: Day) -> Option<&'static Rule> {
    all_advice().iter().find(|row| row.network == network && row.code == code && row.is_in_force(day))
}

/// A line of a file, by the names of its columns.
pub struct Line<'a> {
    names: &'a csv::StringRecord,
    cells: &'a csv::StringRecord,
}

impl<'a> Line<'a> {
    /// A cell that may be empty; `""` where the file has no such column.
    pub fn text(&self, name: &str) -> &'a str {
        self.names.iter().position(|known| known == name).and_then(|at| self.cells.get(at)).unwrap_or("")
    }

    fn maybe<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
        match self.text(name) {
            "" => Some(None),
            text => read(text).map(Some),
        }
    }

    fn rule(&self) -> Option<Rule> {
        let counts = self.text("counts").split_whitespace().map(Counter::parse);
        Some(Rule {
            network: self.maybe("network", Network::parse)?.unwrap_or(Network::Ach),
            code: self.text("code").to_owned(),
            title: self.text("title").to_owned(),
            class: Class::parse(self.text("class"))?,
            retry: Retry::parse(self.text("retry"))?,
            wait_hours: self.maybe("wait_hours", |text| text.parse().ok())?,
            lifted_by: self.maybe("lifted_by", Lift::parse)?,
            counts: counts.collect::<Option<_>>()?,
            term: self.term()?,
        })
    }

    fn limit(&self) -> Option<Limit> {
        Some(Limit {
            network: Network::parse(self.text("network"))?,
            class: self.maybe("class", Class::parse)?,
            attempts: self.text("attempts").parse().ok()?,
            hours: self.text("hours").parse().ok()?,
            per: Per::parse(self.text("per"))?,
            term: self.term()?,
        })
    }

    fn change(&self) -> Option<Change> {
        let (code, title) = (self.text("code").to_owned(), self.text("title").to_owned());
        Some(Change { code, title, term: self.term()? })
    }

    /// From when to when it is the rule, and who says so; `None` where that cannot be read.
    pub fn term(&self) -> Option<Term> {
        let source = self.text("source").to_owned();
        Some(Term { from: Day::parse(self.text("from"))?, to: self.maybe("to", Day::parse)?, source })
            .filter(|term| !term.source.is_empty() && term.to.is_none_or(|last| term.from <= last))
    }
}

/// Every line of a file, or `None` where one cannot be read.
pub fn lines<T>(file: &str, read: impl Fn(&Line<'_>) -> Option<T>) -> Option<Vec<T>> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let names = reader.headers().ok()?.clone();
    reader.records().map(|cells| read(&Line { names: &names, cells: &cells.ok()? })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every return code that Nacha has given out, by number.
    fn given_out(n: u32) -> bool {
        matches!(n, 1..=47 | 50..=53 | 61 | 62 | 67..=77 | 80..=85 | 90)
    }

    #[test]
    fn every_return_code_has_a_row_today_and_none_was_invented() {
        let today = Day::parse("2026-11-20").unwrap();
        for n in 1..=99 {
            let code = format!("R{n:02}");
            let rows = rules().iter().filter(|r| r.network == Network::Ach && r.code == code);
            assert_eq!(rows.filter(|r| r.is_in_force(today)).count(), usize::from(given_out(n)), "{code}");
        }
    }

    #[test]
    fn no_code_has_two_rows_on_one_day() {
        for all in [rules(), all_advice()] {
            for (i, one) in all.iter().enumerate() {
                for other in &all[i + 1..] {
                    let same = one.network == other.network && one.code == other.code;
                    let apart = one.term.to.is_some_and(|last| last < other.term.from)
                        || other.term.to.is_some_and(|last| last < one.term.from);
                    assert!(!same || apart, "{} {} is said twice", one.network.as_str(), one.code);
                }
            }
        }
    }

    #[test]
    fn what_must_never_be_tried_again_stops_the_method() {
        for rule in rules().iter().chain(all_advice()) {
            let name = format!("{} {}", rule.network.as_str(), rule.code);
            assert!(rule.retry != Retry::Never || rule.lifted_by.is_some(), "{name}");
            assert!(rule.retry != Retry::After || rule.lifted_by.is_none(), "{name}");
            assert!(rule.wait_hours.is_none() || rule.retry == Retry::After, "{name}");
            assert!(rule.network == Network::Ach || rule.counts.is_empty(), "{name}");
        }
    }

    #[test]
    fn every_limit_allows_something_within_some_time() {
        assert!(limits().iter().all(|limit| limit.attempts > 1 && limit.hours > 0));
        assert_eq!(changes().len(), 20);
    }
}
