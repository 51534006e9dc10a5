//! How one payment is split over the accounts under a parent.
//!
//! Parts and surplus always add up to the payment, no part is negative or above what its account can take, and an
//! account on hold gets nothing. The same input gives the same split on every machine: the split is fixed when the
//! charge is accepted, and settling and reversing it use exactly those parts, whatever the policy is by then.
//!
//! An account without children is split as its own only child.

use std::cmp::Reverse;

use base::{Cents, Day};

/// An account that a payment may be applied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child<Id> {
    /// Our id.
    pub id: Id,
    /// The caller's id; decides ties.
    pub external_id: Option<String>,
    /// What it can take: its current balance less what is reserved. Nothing where that is negative.
    pub open: Cents,
    /// Whether a hold forbids applying money to it: disputed, recalled, closed, discharged (15 USC 1692h).
    pub held: bool,
    /// Its itemization or charge-off date; where neither is known, the day it was placed.
    pub opened_on: Day,
    /// Its yearly interest in hundredths of a percent.
    pub rate_bps: u32,
}

/// In which order accounts are paid. Ties go by external id (accounts with one first), then by our id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The oldest date first.
    #[default]
    OldestFirst,
    /// The smallest open balance first: the most accounts closed.
    SmallestBalance,
    /// The highest interest first: the least interest to come.
    HighestRate,
    /// All at once, in proportion to their open balances; odd cents to the largest remainders.
    ProRata,
}

impl Policy {
    /// Every policy there is.
    pub const ALL: &[Policy] =
        &[Policy::OldestFirst, Policy::SmallestBalance, Policy::HighestRate, Policy::ProRata];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Policy::OldestFirst => "oldest_first",
            Policy::SmallestBalance => "smallest_balance",
            Policy::HighestRate => "highest_rate",
            Policy::ProRata => "pro_rata",
        }
    }

    /// The policy of a word.
    pub fn parse(word: &str) -> Option<Policy> {
        Policy::ALL.iter().copied().find(|policy| policy.as_str() == word)
    }
}

/// Who gets what of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation<Id> {
    /// Account and amount, more than nothing, each account once: in the order of the policy.
    pub parts: Vec<(Id, Cents)>,
    /// What no account could take. For suspense or a refusal, never silently kept.
    pub surplus: Cents,
}

/// Why the payer's direction cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misdirected<Id> {
    /// No such account among these.
    NoSuchAccount(Id),
    /// A hold forbids it, even on request.
    OnHold(Id),
    /// A negative amount.
    Negative(Id),
    /// More was directed than is paid.
    MoreThanPaid,
}

/// Splits `payment` over `children`: first as the payer directed in `named` (15 USC 1692h: a consumer's direction
/// is followed), then what is left by `policy`. What is directed to an account above what it can take is split
/// like the rest; a negative payment is split as nothing.
pub fn allocate<Id: Copy + Ord>(
    payment: Cents,
    children: &[Child<Id>],
    named: &[(Id, Cents)],
    policy: Policy,
) -> Result<Allocation<Id>, Misdirected<Id>> {
    let mut due: Vec<Due<'_, Id>> = children.iter().filter(|child| !child.held).map(Due::of).collect();
    due.sort_by(|a, b| order(policy, a.child, b.child));
    let mut left = payment.max(Cents::ZERO);

    let directed = Cents::sum(named.iter().map(|(_, amount)| *amount));
    for (id, amount) in named {
        if *amount < Cents::ZERO {
            return Err(Misdirected::Negative(*id));
        }
        match children.iter().find(|child| child.id == *id) {
            None => return Err(Misdirected::NoSuchAccount(*id)),
            Some(child) if child.held => return Err(Misdirected::OnHold(*id)),
            Some(_) => {}
        }
    }
    if directed.is_none_or(|directed| directed > left) {
        return Err(Misdirected::MoreThanPaid);
    }
    for (id, amount) in named {
        if let Some(due) = due.iter_mut().find(|due| due.child.id == *id) {
            left = left.minus_down_to_zero(due.take(*amount));
        }
    }

    match policy {
        Policy::OldestFirst | Policy::SmallestBalance | Policy::HighestRate => {
            for due in &mut due {
                left = left.minus_down_to_zero(due.take(left));
            }
        }
        Policy::ProRata => {
            let open: Vec<Cents> = due.iter().map(|due| due.open).collect();
            // Balances too large to add up are larger than any payment.
            let shared = Cents::sum(open.iter().copied()).map_or(left, |all| all.min(left));
            for (due, share) in due.iter_mut().zip(shared.share(&open).unwrap_or_default()) {
                left = left.minus_down_to_zero(due.take(share));
            }
        }
    }

    let parts =
        due.iter().filter(|due| due.taken.is_positive()).map(|due| (due.child.id, due.taken)).collect();
    Ok(Allocation { parts, surplus: left })
}

/// A child while it is being paid.
struct Due<'a, Id> {
    child: &'a Child<Id>,
    open: Cents,
    taken: Cents,
}

impl<'a, Id> Due<'a, Id> {
    fn of(child: &'a Child<Id>) -> Due<'a, Id> {
        Due { child, open: child.open.max(Cents::ZERO), taken: Cents::ZERO }
    }

    /// Takes as much of `offered` as it can, and says how much that was.
    fn take(&mut self, offered: Cents) -> Cents {
        let taken = offered.min(self.open);
        self.open = self.open.minus_down_to_zero(taken);
        // Bounded by what was open at first, so it fits.
        self.taken = Cents::new(self.taken.get() + taken.get());
        taken
    }
}

fn order<Id: Ord>(policy: Policy, a: &Child<Id>, b: &Child<Id>) -> std::cmp::Ordering {
    let first = match policy {
        Policy::OldestFirst => a.opened_on.cmp(&b.opened_on),
        Policy::SmallestBalance => a.open.cmp(&b.open),
        Policy::HighestRate => Reverse(a.rate_bps).cmp(&Reverse(b.rate_bps)),
        Policy::ProRata => std::cmp::Ordering::Equal,
    };
    let tie = |child: &Child<Id>| (child.external_id.is_none(), child.external_id.clone());
    first.then_with(|| tie(a).cmp(&tie(b))).then_with(|| a.id.cmp(&b.id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn child(id: u8, open: i64, opened_on: &str) -> Child<u8> {
        let opened_on = Day::parse(opened_on).unwrap();
        Child { id, external_id: None, open: Cents::new(open), held: false, opened_on, rate_bps: 0 }
    }

    /// Three accounts of one parent: the youngest has the highest rate, the middle one the smallest balance.
    fn family() -> [Child<u8>; 3] {
        let [oldest, middle, youngest] =
            [child(1, 70_00, "2024-01-01"), child(2, 10_00, "2025-01-01"), child(3, 20_00, "2026-01-01")];
        [oldest, middle, Child { rate_bps: 19_99, ..youngest }]
    }

    fn told(payment: i64, children: &[Child<u8>], named: &[(u8, i64)], policy: Policy) -> String {
        let named: Vec<(u8, Cents)> = named.iter().map(|(id, amount)| (*id, Cents::new(*amount))).collect();
        let Allocation { parts, surplus } = allocate(Cents::new(payment), children, &named, policy).unwrap();
        let mut told: Vec<String> = parts.iter().map(|(id, amount)| format!("{id}: {amount}")).collect();
        if surplus.is_positive() {
            told.push(format!("surplus: {surplus}"));
        }
        told.join(", ")
    }

    #[test]
    fn the_oldest_account_is_paid_first() {
        assert_eq!(Policy::default(), Policy::OldestFirst);
        assert_eq!(told(75_00, &family(), &[], Policy::OldestFirst), "1: 70.00, 2: 5.00");
    }

    #[test]
    fn the_smallest_account_is_paid_first_where_the_client_says_so() {
        assert_eq!(told(75_00, &family(), &[], Policy::SmallestBalance), "2: 10.00, 3: 20.00, 1: 45.00");
    }

    #[test]
    fn the_dearest_account_is_paid_first_where_the_client_says_so() {
        assert_eq!(told(75_00, &family(), &[], Policy::HighestRate), "3: 20.00, 1: 55.00");
    }

    #[test]
    fn all_accounts_are_paid_in_proportion_and_no_cent_is_lost() {
        assert_eq!(told(50_00, &family(), &[], Policy::ProRata), "1: 35.00, 2: 5.00, 3: 10.00");
        assert_eq!(told(1, &family(), &[], Policy::ProRata), "1: 0.01");
        assert_eq!(told(33_33, &family(), &[], Policy::ProRata), "1: 23.33, 2: 3.33, 3: 6.67");
    }

    #[test]
    fn an_account_on_hold_gets_nothing() {
        let mut family = family();
        family[0].held = true;
        assert_eq!(told(40_00, &family, &[], Policy::OldestFirst), "2: 10.00, 3: 20.00, surplus: 10.00");
        assert_eq!(told(15_00, &family, &[], Policy::ProRata), "2: 5.00, 3: 10.00");
    }

    #[test]
    fn the_payers_own_direction_comes_first() {
        assert_eq!(told(30_00, &family(), &[(3, 15_00)], Policy::OldestFirst), "1: 15.00, 3: 15.00");
        assert_eq!(told(20_00, &family(), &[(3, 20_00)], Policy::OldestFirst), "3: 20.00");
        assert_eq!(
            told(25_00, &family(), &[(3, 10_00), (3, 5_00)], Policy::OldestFirst),
            "1: 10.00, 3: 15.00"
        );
    }

    #[test]
    fn what_a_named_account_cannot_take_is_split_like_the_rest() {
        assert_eq!(told(50_00, &family(), &[(2, 50_00)], Policy::OldestFirst), "1: 40.00, 2: 10.00");
    }

    #[test]
    fn a_direction_that_cannot_be_followed_is_refused_rather_than_bent() {
        let mut family = family();
        family[0].held = true;
        let refused = |named: &[(u8, i64)]| {
            let named: Vec<(u8, Cents)> = named.iter().map(|(id, c)| (*id, Cents::new(*c))).collect();
            allocate(Cents::new(30_00), &family, &named, Policy::OldestFirst).unwrap_err()
        };
        assert_eq!(refused(&[(1, 1)]), Misdirected::OnHold(1));
        assert_eq!(refused(&[(9, 1)]), Misdirected::NoSuchAccount(9));
        assert_eq!(refused(&[(2, -1)]), Misdirected::Negative(2));
        assert_eq!(refused(&[(2, 20_00), (3, 10_01)]), Misdirected::MoreThanPaid);
        assert_eq!(refused(&[(2, i64::MAX), (3, i64::MAX)]), Misdirected::MoreThanPaid);
    }

    #[test]
    fn what_nobody_can_take_is_surplus() {
        assert_eq!(
            told(10_100, &family(), &[], Policy::OldestFirst),
            "1: 70.00, 2: 10.00, 3: 20.00, surplus: 1.00"
        );
        assert_eq!(
            told(10_100, &family(), &[], Policy::ProRata),
            "1: 70.00, 2: 10.00, 3: 20.00, surplus: 1.00"
        );
        assert_eq!(told(5, &[], &[], Policy::OldestFirst), "surplus: 0.05");
        assert_eq!(told(5, &[child(1, -100, "2024-01-01")], &[], Policy::ProRata), "surplus: 0.05");
    }

    #[test]
    fn an_account_without_children_is_one_part() {
        for policy in Policy::ALL {
            assert_eq!(told(40_00, &family()[..1], &[], *policy), "1: 40.00");
        }
    }

    #[test]
    fn ties_go_by_external_id_and_then_by_ours() {
        let tied = |id, external_id: Option<&str>| Child {
            external_id: external_id.map(str::to_owned),
            ..child(id, 1_00, "2024-01-01")
        };
        let tied = [tied(2, None), tied(1, None), tied(3, Some("B")), tied(4, Some("A"))];
        for policy in Policy::ALL {
            assert_eq!(told(4_00, &tied, &[], *policy), "4: 1.00, 3: 1.00, 1: 1.00, 2: 1.00");
        }
        assert_eq!(told(2, &tied, &[], Policy::ProRata), "4: 0.01, 3: 0.01");
    }

    #[test]
    fn every_policy_reads_back_from_its_word() {
        assert!(Policy::ALL.iter().all(|policy| Policy::parse(policy.as_str()) == Some(*policy)));
        assert_eq!(Policy::parse("newest_first"), None);
    }

    fn children() -> impl Strategy<Value = Vec<Child<usize>>> {
        let one = (prop::option::of("[a-c]"), -5i64..1000, any::<bool>(), 1u8..4, 0u32..3);
        prop::collection::vec(one, 0..8).prop_map(|all| {
            let numbered = all.into_iter().enumerate();
            numbered
                .map(|(id, (external_id, open, held, day, rate_bps))| {
                    let opened_on = Day::parse(&format!("2026-01-0{day}")).unwrap();
                    Child { id, external_id, open: Cents::new(open), held, opened_on, rate_bps }
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn no_cent_is_made_lost_or_forced_on_anybody(
            children in children(),
            payment in 0i64..5000,
            wishes in prop::collection::vec((0usize..8, 0i64..300), 0..3),
            policy in prop::sample::select(Policy::ALL),
        ) {
            let payment = Cents::new(payment);
            let named: Vec<(usize, Cents)> = wishes.into_iter().map(|(id, c)| (id, Cents::new(c))).collect();
            let Ok(Allocation { parts, surplus }) = allocate(payment, &children, &named, policy) else {
                return Ok(());
            };
            let applied = Cents::sum(parts.iter().map(|(_, amount)| *amount)).unwrap();
            prop_assert_eq!(applied.plus(surplus), Some(payment));
            for (id, amount) in &parts {
                let child = &children[*id];
                prop_assert!(amount.is_positive() && *amount <= child.open && !child.held);
                prop_assert_eq!(parts.iter().filter(|(other, _)| other == id).count(), 1);
            }
            let all: i64 = children.iter().filter(|c| !c.held).map(|c| c.open.get().max(0)).sum();
            prop_assert_eq!(surplus, payment.minus_down_to_zero(Cents::new(all)));
            for (id, wish) in &named {
                let got = parts.iter().find(|(other, _)| other == id).map_or(Cents::ZERO, |(_, got)| *got);
                prop_assert!(got >= (*wish).min(children[*id].open));
            }
        }

        #[test]
        fn the_order_in_which_accounts_are_read_does_not_matter(
            children in children().prop_shuffle(),
            payment in 0i64..5000,
            policy in prop::sample::select(Policy::ALL),
        ) {
            let mut sorted = children.clone();
            sorted.sort_by_key(|child| child.id);
            let split = |children: &[Child<usize>]| allocate(Cents::new(payment), children, &[], policy);
            prop_assert_eq!(split(&children), split(&sorted));
        }
    }
}
