//! What moves when a debt is placed and when its balance is put right.
//!
//! A debt's receivable only ever begins or grows against what was placed, and only ever shrinks without a
//! payment against the write-offs: so "placed", "paid" and "forgiven" stay three different numbers.

use base::{Cents, ids::Uuid};

use super::posting::{Account, Posting};

/// A creditor hands over a debt of `amount`. `None` for a debt of nothing.
pub fn placed(debt: Uuid, amount: Cents) -> Option<Posting> {
    Posting::on_debt(Account::Receivable, Account::Placed, debt, amount)
}

/// More is owed than was placed: a correction upwards of `by`. `None` where nothing moves.
pub fn raised(debt: Uuid, by: Cents) -> Option<Posting> {
    placed(debt, by)
}

/// Less is owed, and nobody paid: a correction downwards or a settlement, of `by`. `None` where nothing moves.
pub fn lowered(debt: Uuid, by: Cents) -> Option<Posting> {
    Posting::on_debt(Account::WriteOffs, Account::Receivable, debt, by)
}

/// What a settlement took off is owed again, since its last payment came back. `None` where nothing moves.
pub fn restored(debt: Uuid, by: Cents) -> Option<Posting> {
    Posting::on_debt(Account::Receivable, Account::WriteOffs, debt, by)
}

/// The one entry that takes a debt's balance from `before` to `after`. `None` where they are equal.
pub fn adjusted(debt: Uuid, before: Cents, after: Cents) -> Option<Posting> {
    raised(debt, after.minus(before)?).or(lowered(debt, before.minus(after)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::posting::told;

    const DEBT: Uuid = Uuid::from_u128(1);

    fn cents(cents: i64) -> Cents {
        Cents::new(cents)
    }

    #[test]
    fn the_life_of_a_balance_that_nobody_pays() {
        let moves = [placed(DEBT, cents(80_00)), raised(DEBT, cents(10_00)), lowered(DEBT, cents(90_00))];
        let moves: Vec<Posting> = moves.into_iter().flatten().collect();
        assert_eq!(
            told(&moves),
            "\
Dr receivable(01) Cr placed 80.00
Dr receivable(01) Cr placed 10.00
Dr write_offs Cr receivable(01) 90.00
"
        );
        let owed = Cents::sum(moves.iter().map(|p| p.effect_on(Account::Receivable)));
        assert_eq!(owed, Some(Cents::ZERO));
    }

    #[test]
    fn an_adjustment_is_one_entry_of_the_difference() {
        let adjusted = |before, after| adjusted(DEBT, cents(before), cents(after));
        assert_eq!(adjusted(100, 130), raised(DEBT, cents(30)));
        assert_eq!(adjusted(130, 100), lowered(DEBT, cents(30)));
        assert_eq!(adjusted(100, 100), None);
    }

    #[test]
    fn a_debt_of_nothing_makes_no_entry() {
        assert_eq!(placed(DEBT, Cents::ZERO), None);
        assert_eq!(raised(DEBT, cents(-1)), None);
        assert_eq!(lowered(DEBT, cents(-1)), None);
    }
}
