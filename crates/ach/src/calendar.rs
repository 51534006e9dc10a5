//! When files are cut, and when what is in them settles.

use base::us::{is_banking_day, next_banking_day};
use base::{Cents, Day, Ts};
use jiff::civil::Time;
use payments::networks::ach;

use crate::model::Originator;

/// Times of an originator's cut-offs, in their order; `None` where they are none.
pub fn cut_offs(text: &str) -> Option<Vec<Time>> {
    let mut all: Vec<Time> = text.split(',').map(time).collect::<Option<_>>()?;
    all.sort_unstable();
    all.dedup();
    Some(all)
}

/// `HH:MM`.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i8>().ok())?;
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

/// The first cut-off of a banking day after `after`.
pub(crate) fn next_cut_off(originator: &Originator, after: Ts) -> Option<Ts> {
    let times = cut_offs(&originator.cut_offs)?;
    let mut day = ach::day(after);
    loop {
        if is_banking_day(day) {
            let found = times.iter().map(|time| ach::at(day, *time)).find(|at| *at > after);
            if found.is_some() {
                return found;
            }
        }
        day = next_banking_day(day);
    }
}

/// The day on which a file that is cut at `at` has its entries settle, those of at most so much: today, and of the others the next day.
pub(crate) fn effective_on(originator: &Originator, at: Ts) -> Effective {
    let (today, usual) = (ach::day(at), ach::settles_on(at));
    let may = originator.same_day && is_banking_day(today);
    let rule = ach::same_day(today).filter(|rule| may && at < ach::at(today, rule.until));
    Effective { today: rule.map(|rule| (today, rule.most)), usual }
}

/// When the entries of a cut-off settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effective {
    /// On the same day, those of at most so much.
    pub(crate) today: Option<(Day, Cents)>,
    /// All others.
    pub(crate) usual: Day,
}

impl Effective {
    /// The day of an entry of this amount.
    pub(crate) fn of(self, amount: Cents) -> Day {
        match self.today {
            Some((today, most)) if amount <= most => today,
            _ => self.usual,
        }
    }
}
