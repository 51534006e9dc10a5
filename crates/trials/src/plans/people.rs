//! Who owes in the trial, what they agreed on, and what people do about it meanwhile: all of it decided by the seed.

use books::debts::Frequency;

use super::bank::{Habit, Mood};
use super::codes::Network;
use crate::dice::Dice;

/// What somebody does on some day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Takes a new authorization of the method, and lets the plan go on.
    Reauthorize,
    /// Lets the plan go on, whatever stopped it.
    Resume,
    /// Gives the plan the same account or card once more, stored anew.
    SameAgain,
    /// Gives the plan another account or card.
    Another,
    /// Pays what an instalment is, at once.
    PayOnce,
}

/// What is agreed on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) frequency: Frequency,
    /// In how many days it begins.
    pub(crate) starts_in: i64,
    pub(crate) amount: i64,
    pub(crate) owed: i64,
    pub(crate) open_ended: bool,
}

/// Somebody who owes.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Which organization they owe through.
    pub(crate) house: usize,
    pub(crate) habit: Habit,
    pub(crate) number: String,
    /// How the account or card behaves that they give in place of the first, and its number.
    pub(crate) other: (Habit, String),
    /// One plan, or two that charge the same account or card.
    pub(crate) plans: Vec<Terms>,
    /// What is done about the first plan, each on a day, counted from the beginning.
    pub(crate) acts: Vec<(i64, Act)>,
}

/// The `n`-th person under a seed, whatever the others are.
pub(crate) fn person(seed: u64, n: u64, houses: usize) -> Person {
    let dice = Dice::of_nth(seed, n);
    let network = match dice.below(20) {
        0..=10 => Network::Bank,
        11..=14 => Network::Visa,
        15..=18 => Network::Mastercard,
        _ => Network::Amex,
    };
    let moods = [Mood::Steady, Mood::Poor, Mood::Poor, Mood::Mixed, Mood::Mixed, Mood::Hostile];
    let habit = Habit { seed: dice.below(u64::MAX), network, mood: moods[dice.index(moods.len())] };
    let other = Habit { seed: dice.below(u64::MAX), mood: Mood::Steady, ..habit };
    let first = terms(&dice);
    let mut plans = vec![first];
    if dice.below(10) == 0 {
        let amount = if dice.below(2) == 0 { first.amount } else { first.amount + 1 };
        let second = terms(&dice);
        plans.push(Terms { amount, owed: amount * (second.owed / second.amount), ..second });
    }
    let mut acts = Vec::new();
    for (act, percent) in [
        (Act::Reauthorize, 35),
        (Act::Resume, 20),
        (Act::SameAgain, 15),
        (Act::Another, 12),
        (Act::PayOnce, 15),
        (Act::Reauthorize, 10),
    ] {
        if dice.below(100) < percent {
            acts.push((i64::try_from(dice.below(150)).unwrap_or(0) + 3, act));
        }
    }
    Person {
        house: usize::try_from(n).unwrap_or(0) % houses,
        habit,
        number: number(network, n),
        other: (other, number(network, n + 50_000_000)),
        plans,
        acts,
    }
}

fn terms(dice: &Dice) -> Terms {
    let (frequency, least, more) = match dice.below(20) {
        0..=8 => (Frequency::Weekly, 3, 6),
        9..=12 => (Frequency::EveryOtherWeek, 2, 5),
        13..=16 => (Frequency::Monthly, 2, 3),
        17 => (Frequency::LastOfMonth, 2, 3),
        _ => (Frequency::Monthly, 7, 3),
    };
    let many = i64::try_from(least + dice.below(more)).unwrap_or(2);
    let amount = 1_000 + i64::try_from(dice.below(30_000)).unwrap_or(0);
    Terms {
        frequency,
        starts_in: 1 + i64::try_from(dice.below(28)).unwrap_or(0),
        amount,
        owed: amount * many,
        open_ended: dice.below(20) == 0,
    }
}

/// The `n`-th number of an account, or of a card with its check digit.
fn number(network: Network, n: u64) -> String {
    let card = |prefix: &str, width: usize| {
        let all = format!("{prefix}{n:0width$}");
        (0..10)
            .map(|check| format!("{all}{check}"))
            .find(|number| payments::card::luhn(number))
            .unwrap_or_default()
    };
    match network {
        Network::Bank => format!("{:010}", n + 1),
        Network::Visa => card("453900", 9),
        Network::Mastercard => card("541200", 9),
        Network::Amex => card("371200", 8),
    }
}
