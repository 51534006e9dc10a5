//! What a charge moves in the ledger: when it settles, when it is given back, when it comes back.
//!
//! Each event has one pure function. The parts of a charge are fixed when it is accepted; giving money back
//! un-applies the same parts, never a new split. A charge that was accepted but never settled has moved nothing,
//! so its decline or return makes no postings.

use base::{Cents, ids::Uuid};
use books::ledger::posting::{Account, Posting};

base::words! {
    /// Over which network the money moves.
    Rail {
        /// A card network.
        Card = "card",
        /// A bank debit.
        Ach = "ach",
    }
}

impl Rail {
    const fn clearing(self) -> Account {
        match self {
            Rail::Card => Account::CardClearing,
            Rail::Ach => Account::AchClearing,
        }
    }
}

/// An amount of a charge and the debt it is applied to. Without a debt it stands in suspense: a charge without an
/// account, one with `linked_debt_account=false`, or the surplus of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The debt; `None` for suspense.
    pub debt: Option<Uuid>,
    /// How much.
    pub amount: Cents,
}

/// A part of a charge, as fixed when it was accepted, and how far it has been given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The debt it was applied to; `None` for suspense.
    pub debt: Option<Uuid>,
    /// How much of the charge it is.
    pub amount: Cents,
    /// How much of that was given back already, or is on its way back.
    pub refunded: Cents,
}

impl Part {
    /// What is left of it.
    pub fn left(&self) -> Cents {
        self.amount.minus_down_to_zero(self.refunded)
    }
}

/// The money came: it clears over `rail`, and each debt in `shares` falls by its own.
pub fn settled(rail: Rail, shares: &[Share]) -> Vec<Posting> {
    shares.iter().filter_map(|share| between(rail.clearing(), destination(share), share)).collect()
}

/// Money was given back: all of it leaves over `rail` through the refunds account, and each debt in `shares` rises
/// again by its own. Refunds nets to zero, and each of its sides shows the volume. `None` where the sum does not
/// fit.
pub fn refunded(rail: Rail, shares: &[Share]) -> Option<Vec<Posting>> {
    let given =
        Cents::sum(shares.iter().filter(|share| share.amount.is_positive()).map(|share| share.amount))?;
    let out = Posting::of_money(Account::Refunds, rail.clearing(), given);
    let back = shares.iter().filter_map(|share| between(destination(share), Account::Refunds, share));
    Some(out.into_iter().chain(back).collect())
}

/// The bank or the network took the money back: the mirror of [`settled`] for exactly what is in `shares`, which is
/// what was not given back before ([`what_is_left`]).
pub fn returned(rail: Rail, shares: &[Share]) -> Vec<Posting> {
    shares.iter().filter_map(|share| between(destination(share), rail.clearing(), share)).collect()
}

/// What of each part was not given back, parts with nothing left out: what a return takes, and a refund in whole.
pub fn what_is_left(parts: &[Part]) -> Vec<Share> {
    let left = parts.iter().map(|part| Share { debt: part.debt, amount: part.left() });
    left.filter(|share| share.amount.is_positive()).collect()
}

/// From which parts a refund of `amount` is taken: in proportion to what is left of each, odd cents from the
/// largest remainders, earlier parts first. So every account bears its part of every refund, successive refunds
/// end at exactly nothing left, and no part ever gives back more than it got.
///
/// `None` where `amount` is not positive or is more than is left.
pub fn refund_parts(parts: &[Part], amount: Cents) -> Option<Vec<Share>> {
    let left: Vec<Cents> = parts.iter().map(Part::left).collect();
    let all = Cents::sum(left.iter().copied())?;
    if !amount.is_positive() || amount > all {
        return None;
    }
    let shares =
        parts.iter().zip(amount.share(&left)?).map(|(part, amount)| Share { debt: part.debt, amount });
    Some(shares.filter(|share| share.amount.is_positive()).collect())
}

fn destination(share: &Share) -> Account {
    if share.debt.is_some() { Account::Receivable } else { Account::Suspense }
}

fn between(debit: Account, credit: Account, share: &Share) -> Option<Posting> {
    match share.debt {
        Some(debt) => Posting::on_debt(debit, credit, debt, share.amount),
        None => Posting::of_money(debit, credit, share.amount),
    }
}

#[cfg(test)]
mod tests {
    use books::ledger::posting::told;
    use proptest::prelude::*;

    use super::*;

    fn share(debt: u128, amount: i64) -> Share {
        Share { debt: Some(Uuid::from_u128(debt)), amount: Cents::new(amount) }
    }

    fn suspense(amount: i64) -> Share {
        Share { debt: None, amount: Cents::new(amount) }
    }

    /// The parts of a charge just settled with these shares.
    fn parts(shares: &[Share]) -> Vec<Part> {
        let part = |share: &Share| Part { debt: share.debt, amount: share.amount, refunded: Cents::ZERO };
        shares.iter().map(part).collect()
    }

    /// Gives `amount` back: the shares it was taken from, already recorded in `parts`.
    fn refund(parts: &mut [Part], amount: i64) -> Vec<Share> {
        let shares = refund_parts(parts, Cents::new(amount)).unwrap();
        for share in &shares {
            let part = parts.iter_mut().find(|part| part.debt == share.debt).unwrap();
            part.refunded = part.refunded.plus(share.amount).unwrap();
        }
        shares
    }

    fn balance(account: Account, postings: &[Posting]) -> Cents {
        Cents::sum(postings.iter().map(|posting| posting.effect_on(account))).unwrap()
    }

    #[test]
    fn a_card_payment_lowers_each_debt_by_its_part() {
        assert_eq!(
            told(&settled(Rail::Card, &[share(1, 70_00), share(2, 5_00)])),
            "\
Dr card_clearing Cr receivable(01) 70.00
Dr card_clearing Cr receivable(02) 5.00
"
        );
    }

    #[test]
    fn a_bank_debit_clears_on_its_own_account() {
        assert_eq!(
            told(&settled(Rail::Ach, &[share(1, 70_00)])),
            "Dr ach_clearing Cr receivable(01) 70.00\n"
        );
    }

    #[test]
    fn money_for_no_debt_waits_in_suspense() {
        assert_eq!(told(&settled(Rail::Card, &[suspense(25_00)])), "Dr card_clearing Cr suspense 25.00\n");
    }

    #[test]
    fn a_refund_passes_through_refunds_and_raises_the_same_debts() {
        let postings = refunded(Rail::Card, &[share(1, 70_00), share(2, 5_00)]).unwrap();
        assert_eq!(
            told(&postings),
            "\
Dr refunds Cr card_clearing 75.00
Dr receivable(01) Cr refunds 70.00
Dr receivable(02) Cr refunds 5.00
"
        );
        assert_eq!(balance(Account::Refunds, &postings), Cents::ZERO);
    }

    #[test]
    fn a_refund_of_money_for_no_debt_comes_out_of_suspense() {
        assert_eq!(
            told(&refunded(Rail::Ach, &[suspense(25_00)]).unwrap()),
            "\
Dr refunds Cr ach_clearing 25.00
Dr suspense Cr refunds 25.00
"
        );
    }

    #[test]
    fn a_return_is_the_payment_the_other_way_round() {
        assert_eq!(
            told(&returned(Rail::Ach, &[share(1, 70_00), suspense(5_00)])),
            "\
Dr receivable(01) Cr ach_clearing 70.00
Dr suspense Cr ach_clearing 5.00
"
        );
    }

    #[test]
    fn a_chargeback_after_a_refund_takes_only_what_is_left() {
        let mut parts = parts(&[share(1, 70_00), share(2, 5_00)]);
        refund(&mut parts, 15_00);
        assert_eq!(
            told(&returned(Rail::Card, &what_is_left(&parts))),
            "\
Dr receivable(01) Cr card_clearing 56.00
Dr receivable(02) Cr card_clearing 4.00
"
        );
    }

    #[test]
    fn a_refund_is_borne_by_every_part_in_proportion_to_what_is_left_of_it() {
        let mut parts = parts(&[share(1, 70_00), share(2, 20_00), share(3, 10_00)]);
        assert_eq!(refund(&mut parts, 10_00), [share(1, 7_00), share(2, 2_00), share(3, 1_00)]);
        assert_eq!(refund(&mut parts, 1), [share(1, 1)]);
        assert_eq!(refund(&mut parts, 89_99), [share(1, 62_99), share(2, 18_00), share(3, 9_00)]);
        assert_eq!(what_is_left(&parts), []);
    }

    #[test]
    fn nothing_and_more_than_is_left_cannot_be_given_back() {
        let mut parts = parts(&[share(1, 70_00), suspense(5_00)]);
        refund(&mut parts, 70_00);
        for amount in [0, -1, 5_01, i64::MAX] {
            assert_eq!(refund_parts(&parts, Cents::new(amount)), None, "{amount}");
        }
        assert!(refund_parts(&parts, Cents::new(5_00)).is_some());
        assert_eq!(refund_parts(&[], Cents::new(1)), None);
    }

    #[test]
    fn a_part_of_nothing_makes_no_posting() {
        assert_eq!(settled(Rail::Card, &[share(1, 0)]), []);
        assert_eq!(returned(Rail::Card, &[suspense(0)]), []);
        assert_eq!(refunded(Rail::Card, &[]), Some(vec![]));
    }

    proptest! {
        #[test]
        fn whatever_is_given_back_and_then_returned_nothing_stays_in_the_books(
            amounts in prop::collection::vec(0i64..10_000, 1..6),
            refunds in prop::collection::vec(1i64..10_000, 0..8),
            with_suspense in any::<bool>(),
        ) {
            let debts = (1..).map(|debt| if with_suspense && debt == 1 { None } else { Some(Uuid::from_u128(debt)) });
            let amounts = amounts.into_iter().map(Cents::new);
            let shares: Vec<Share> = debts.zip(amounts).map(|(debt, amount)| Share { debt, amount }).collect();
            let mut parts = parts(&shares);
            let mut postings = settled(Rail::Card, &shares);
            for amount in refunds {
                let left = Cents::sum(parts.iter().map(Part::left)).unwrap();
                match refund_parts(&parts, Cents::new(amount)) {
                    None => prop_assert!(Cents::new(amount) > left),
                    Some(_) => {
                        let shares = refund(&mut parts, amount);
                        prop_assert_eq!(Cents::sum(shares.iter().map(|share| share.amount)), Some(Cents::new(amount)));
                        prop_assert!(parts.iter().all(|part| part.refunded <= part.amount));
                        postings.extend(refunded(Rail::Card, &shares).unwrap());
                    }
                }
                prop_assert_eq!(balance(Account::Refunds, &postings), Cents::ZERO);
            }
            postings.extend(returned(Rail::Card, &what_is_left(&parts)));
            for account in Account::ALL {
                prop_assert_eq!(balance(*account, &postings), Cents::ZERO, "{}", account);
            }
            for share in &shares {
                let own: Vec<Posting> = postings.iter().copied().filter(|p| p.debt == share.debt).collect();
                prop_assert_eq!(balance(Account::Receivable, &own), Cents::ZERO);
            }
        }

        #[test]
        fn the_last_refund_leaves_every_part_at_nothing(
            amounts in prop::collection::vec(1i64..1000, 1..6),
            first in 1i64..1000,
        ) {
            let shares: Vec<Share> = (1..).zip(&amounts).map(|(debt, amount)| share(debt, *amount)).collect();
            let mut parts = parts(&shares);
            let all: i64 = amounts.iter().sum();
            refund(&mut parts, first.min(all));
            if all > first {
                refund(&mut parts, all - first);
            }
            prop_assert!(parts.iter().all(|part| part.refunded == part.amount));
        }
    }
}
