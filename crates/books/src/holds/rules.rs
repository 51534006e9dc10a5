//! What each reason for a hold stops: the rows of `rules/holds.csv`, read once.
//!
//! The file is part of the program, and a test reads every row of it. A rule that changes is a new row with its first
//! day; what held before stays readable.

use std::sync::OnceLock;

use base::{Code, Day, Failure};

use crate::messages::Kind;

base::words! {
    /// Who may still pay.
    Pays {
        /// Whoever wants to.
        Anyone = "anyone",
        /// The bankruptcy trustee alone.
        Trustee = "trustee",
        /// The estate of the deceased alone.
        Estate = "estate",
        /// Nobody.
        Nobody = "nobody",
    }
}

base::words! {
    /// Who pays, where it is not the customer.
    Payer {
        /// The customer, or whoever pays for them.
        Customer = "customer",
        /// The bankruptcy trustee.
        Trustee = "trustee",
        /// The estate of the deceased.
        Estate = "estate",
    }
}

base::words! {
    /// What a payment on the parent does to a held account.
    Applies {
        /// Pays it as any other.
        Any = "any",
        /// Passes it over; it is paid only where it is named itself (15 USC 1692h).
        Named = "named",
        /// Never reaches it.
        None = "none",
    }
}

base::words! {
    /// What becomes of payments that were agreed for later.
    Autopay {
        /// They go on.
        Keep = "keep",
        /// They wait while the hold lasts.
        Pause = "pause",
        /// What is due meanwhile is called off.
        Stop = "stop",
        /// All of it ends.
        Cancel = "cancel",
    }
}

base::words! {
    /// With whom there may be contact, from the freest to the strictest.
    Contact {
        /// As usual.
        Usual = "usual",
        /// As usual, with what the law wants to be said.
        Disclose = "disclose",
        /// Not by a certain medium, at a certain time or place.
        Limited = "limited",
        /// With care.
        Careful = "careful",
        /// After a person has looked.
        Review = "review",
        /// By way of the counseling agency.
        Agency = "agency",
        /// With the attorney alone.
        Attorney = "attorney",
        /// With the estate alone.
        Estate = "estate",
        /// With nobody.
        Stop = "stop",
    }
}

base::words! {
    /// What credit reporting and suits have to mind.
    Report {
        /// Nothing.
        None = "none",
        /// The account is marked as disputed (compliance condition XB).
        Mark = "mark",
        /// The courts' limits for those in service.
        Limits = "limits",
        /// They wait.
        Hold = "hold",
        /// They stop.
        Stop = "stop",
        /// The tradeline is deleted.
        Delete = "delete",
    }
}

/// What a hold for one reason stops, as long as the row is in force.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The reason.
    pub reason: String,
    /// The kind of reason: what a refusal may name to whoever may not read holds.
    pub kind: String,
    /// In words.
    pub title: String,
    /// Whether the customer may be shown the account.
    pub visible: bool,
    /// Who may still pay.
    pub pays: Pays,
    /// Whether a payment on the parent reaches it.
    pub applies: Applies,
    /// What becomes of payments that were agreed for later.
    pub autopay: Autopay,
    /// With whom there may be contact.
    pub contact: Contact,
    /// What credit reporting and suits have to mind.
    pub report: Report,
    /// The first day.
    pub from: Day,
    /// The last day; `None` where it still is.
    pub to: Option<Day>,
    /// The law, the rule, or that it is a policy.
    pub source: String,
}

const HOLDS: &str = include_str!("../../rules/holds.csv");

/// Every row, in the order of the file.
pub fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| read().expect("the program's own file can be read, as a test has seen"))
}

/// The row of a reason on a day.
pub fn rule(reason: &str, day: Day) -> Option<&'static Rule> {
    let in_force = |r: &&Rule| r.from <= day && r.to.is_none_or(|last| day <= last);
    rules().iter().filter(in_force).find(|r| r.reason == reason)
}

fn read() -> Option<Vec<Rule>> {
    let mut reader = csv::Reader::from_reader(HOLDS.as_bytes());
    let names = reader.headers().ok()?.clone();
    let of = |cells: &csv::StringRecord| {
        let text = |name: &str| names.iter().position(|n| n == name).and_then(|at| cells.get(at));
        let yes = |name: &str| match text(name)? {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        Some(Rule {
            reason: text("reason")?.to_owned(),
            kind: text("kind")?.to_owned(),
            title: text("title")?.to_owned(),
            visible: yes("visible")?,
            pays: Pays::parse(text("pays")?)?,
            applies: Applies::parse(text("applies")?)?,
            autopay: Autopay::parse(text("autopay")?)?,
            contact: Contact::parse(text("contact")?)?,
            report: Report::parse(text("report")?)?,
            from: Day::parse(text("from")?)?,
            to: match text("to")? {
                "" => None,
                day => Some(Day::parse(day)?),
            },
            source: text("source").filter(|s| !s.is_empty())?.to_owned(),
        })
    };
    reader.records().map(|cells| of(&cells.ok()?)).collect()
}

/// What several holds together stop: of each effect the strictest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// Whether the customer may be shown the account.
    pub visible: bool,
    /// Who may still pay.
    pub pays: Pays,
    /// Whether a payment on the parent reaches it.
    pub applies: Applies,
    /// What becomes of payments that were agreed for later.
    pub autopay: Autopay,
    /// With whom there may be contact.
    pub contact: Contact,
    /// What credit reporting and suits have to mind.
    pub report: Report,
    /// The kinds of the holds that decide.
    pub by: Deciding,
}

/// Of what kind a hold is that decides, where one does: all that a refusal says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deciding {
    /// Who may pay.
    pub pays: Option<&'static str>,
    /// What becomes of payments that were agreed for later.
    pub autopay: Option<&'static str>,
    /// Whether the customer is shown the account.
    pub visible: Option<&'static str>,
    /// With whom there may be contact.
    pub contact: Option<&'static str>,
}

/// The refusal of what a hold of this kind stops. It names the kind, never the hold.
pub fn blocked(what: &str, kind: Option<&'static str>) -> Failure {
    let kind = kind.unwrap_or("other").replace('_', " ");
    Failure::refused(Code::Blocked, format!("{what}: a block of the kind {kind} is in force."))
}

/// Whether a customer of whom holds say this may be sent a message of this kind; `by_name` where a person of the
/// organization asked for just this one.
pub fn lets_write(contact: Contact, kind: Kind, by_name: bool) -> bool {
    match contact {
        Contact::Usual | Contact::Limited | Contact::Careful => true,
        // What the law wants to be said to whoever is asked to pay a debt too old for a suit (12 CFR 1006.26(b)) stands in no
        // text of ours.
        Contact::Disclose => kind != Kind::PaymentPlanRequest,
        Contact::Review => by_name,
        Contact::Agency | Contact::Attorney | Contact::Estate | Contact::Stop => false,
    }
}

impl Default for Effects {
    fn default() -> Effects {
        Effects {
            visible: true,
            pays: Pays::Anyone,
            applies: Applies::Any,
            autopay: Autopay::Keep,
            contact: Contact::Usual,
            report: Report::None,
            by: Deciding::default(),
        }
    }
}

impl Effects {
    /// With one more hold.
    #[must_use]
    pub fn and(self, rule: &'static Rule) -> Effects {
        fn strictest<T: Copy + PartialEq>(all: &[T], a: T, b: T) -> T {
            let place = |x: T| all.iter().position(|y| *y == x);
            if place(a) >= place(b) { a } else { b }
        }
        let pays = match (self.pays, rule.pays) {
            (a, b) if a == b => a,
            (Pays::Anyone, other) | (other, Pays::Anyone) => other,
            // The trustee alone and the estate alone: nobody is both.
            _ => Pays::Nobody,
        };
        let kind = Some(rule.kind.as_str());
        let autopay = strictest(Autopay::ALL, self.autopay, rule.autopay);
        let contact = strictest(Contact::ALL, self.contact, rule.contact);
        let by = Deciding {
            pays: if self.by.pays.is_none() || pays != self.pays { kind } else { self.by.pays },
            autopay: if self.by.autopay.is_none() || autopay != self.autopay {
                kind
            } else {
                self.by.autopay
            },
            visible: if self.visible && !rule.visible { kind } else { self.by.visible },
            contact: if contact != self.contact { kind } else { self.by.contact },
        };
        Effects {
            visible: self.visible && rule.visible,
            pays,
            applies: strictest(Applies::ALL, self.applies, rule.applies),
            autopay,
            contact,
            report: strictest(Report::ALL, self.report, rule.report),
            by,
        }
    }

    /// Whether `payer` may still pay.
    pub fn lets_pay(&self, payer: Payer) -> bool {
        match self.pays {
            Pays::Anyone => true,
            Pays::Trustee => payer == Payer::Trustee,
            Pays::Estate => payer == Payer::Estate,
            Pays::Nobody => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Day {
        Day::parse("2026-11-20").unwrap()
    }

    fn together(reasons: &[&str]) -> Effects {
        reasons.iter().fold(Effects::default(), |e, r| e.and(rule(r, today()).unwrap()))
    }

    #[test]
    fn every_row_can_be_read_and_no_reason_has_two_on_one_day() {
        let all = read().expect("the file can be read");
        assert!(all.len() >= 27);
        for (i, one) in all.iter().enumerate() {
            for other in &all[i + 1..] {
                let apart = one.to.is_some_and(|last| last < other.from)
                    || other.to.is_some_and(|last| last < one.from);
                assert!(one.reason != other.reason || apart, "{} is said twice", one.reason);
            }
        }
    }

    #[test]
    fn of_several_holds_the_strictest_wins_in_any_order() {
        assert_eq!(together(&[]), Effects::default());
        for reasons in [["hardship", "bankruptcy_chapter_13"], ["bankruptcy_chapter_13", "hardship"]] {
            let both = together(&reasons);
            assert_eq!((both.pays, both.autopay, both.visible), (Pays::Trustee, Autopay::Stop, false));
            assert_eq!(both.contact, Contact::Stop);
        }
        // A debtor who died in bankruptcy: neither alone may be taken from without a person looking.
        assert_eq!(together(&["deceased", "bankruptcy_chapter_7"]).pays, Pays::Nobody);
    }

    #[test]
    fn a_refusal_names_the_kind_that_stops_the_payment() {
        assert_eq!(together(&["hardship", "identity_theft"]).by.pays, Some("fraud"));
        assert_eq!(together(&["identity_theft", "hardship"]).by.pays, Some("fraud"));
    }

    #[test]
    fn who_is_represented_or_asked_to_be_left_alone_is_written_to_by_nobody() {
        let lets = |reason: &str, by_name: bool| {
            let contact = together(&[reason]).contact;
            [Kind::PaymentReceipt, Kind::PaymentPlanRequest].map(|kind| lets_write(contact, kind, by_name))
        };
        for reason in
            ["cease_and_desist", "attorney_represented", "bankruptcy_chapter_7", "deceased", "dispute"]
        {
            assert_eq!(lets(reason, true), [false, false], "{reason}");
        }
        assert_eq!((lets("vip", false), lets("vip", true)), ([false, false], [true, true]));
        assert_eq!(lets("time_barred", true), [true, false]);
        assert_eq!(lets("hardship", false), [true, true]);
    }

    #[test]
    fn the_trustee_pays_in_a_bankruptcy_and_nobody_after_the_discharge() {
        assert!(together(&["bankruptcy_chapter_13"]).lets_pay(Payer::Trustee));
        assert!(!together(&["bankruptcy_chapter_13"]).lets_pay(Payer::Customer));
        assert!(!together(&["bankruptcy_chapter_13", "bankruptcy_discharged"]).lets_pay(Payer::Trustee));
        assert!(together(&["deceased"]).lets_pay(Payer::Estate));
    }
}
