//! Every payment of a plan, in words, before anything is agreed on.

use base::Cents;
use payments::methods::Kind;
use payments::plans::agree::Agreed;
use payments::plans::schedule;

use super::{often, taken_on};
use crate::texts::Texts;

/// A payment of a plan, in words.
pub(super) struct Planned {
    pub(super) day: String,
    pub(super) amount: String,
    pub(super) interest: String,
}

/// Every payment of a plan, in words.
pub(super) struct Schedule {
    pub(super) facts: Vec<(String, String)>,
    pub(super) rows: Vec<Planned>,
    pub(super) has_interest: bool,
    /// What is forgiven, and when; what the interest is.
    pub(super) says: Vec<String>,
}

impl Schedule {
    /// That of terms that may be agreed on, on the days on which this is charged, where that is chosen.
    pub(super) fn of(agreed: &Agreed, kind: Option<Kind>, t: Texts) -> Schedule {
        let total = agreed.total.or_else(|| Cents::sum(agreed.all.iter().map(|one| one.amount)));
        let mut facts = Vec::new();
        if agreed.all.len() > 1 {
            facts.extend([
                (t.say("plan-often"), t.say(often(agreed.frequency))),
                (t.say("plan-each"), t.money(agreed.amount)),
                (t.say("plan-count"), agreed.all.len().to_string()),
            ]);
        }
        facts.push((t.say("plan-total"), t.money(total.unwrap_or(Cents::ZERO))));
        let mut says = Vec::new();
        if let (Some(owed), Some(total)) = (agreed.settles, agreed.total) {
            let off = owed.minus_down_to_zero(total);
            facts.push((t.say("plan-forgiven"), t.money(off)));
            says.push(t.say1("plan-forgives", "off", t.money(off)));
        }
        if let Some((bearing, projected)) = &agreed.interest {
            facts.push((t.say("plan-interest"), t.money(projected.interest)));
            says.push(t.say1("plan-interest-says", "rate", bearing.rate));
        }
        if agreed.total.is_none() {
            says.push(t.say("plan-open-ended"));
        }
        let row = |planned: &schedule::Planned| Planned {
            day: t.day(taken_on(planned.on, kind)),
            amount: t.money(planned.amount),
            interest: agreed.interest_of(planned).map(|interest| t.money(interest)).unwrap_or_default(),
        };
        let rows = agreed.all.iter().map(row).collect();
        Schedule { facts, rows, has_interest: agreed.interest.is_some(), says }
    }
}
