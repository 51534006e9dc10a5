//! Which lines are what was expected: a pure rule, which would rather leave something to a person than be wrong.
//!
//! First by an expectation's key: a line of the same amount and direction among whose references the key is, where there is one
//! such line and one such expectation. Then by amount, direction, days and kind, where again each could be nothing but the
//! other. Whatever a key points to with another amount (a fee was taken from it, say) is for a person, and so is what a person
//! took apart before.

use std::collections::HashMap;

use base::{Cents, Day};

use super::lines::as_key;
use super::model::{Expectation, Line};
use super::words::{Direction, ExpectationKind, Rule};

/// A line that nothing was found to yet.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) amount: Cents,
    pub(super) direction: Direction,
    pub(super) day: Day,
    /// What its bank says that it is.
    pub(super) looks_like: Option<ExpectationKind>,
    /// Its references, in the form in which they are compared.
    pub(super) keys: Vec<String>,
    pub(super) is_by_hand: bool,
}

impl Open {
    pub(super) fn of(line: &Line, keys: Vec<String>) -> Open {
        Open {
            amount: line.amount,
            direction: line.direction,
            day: line.day,
            looks_like: looks_like(&line.bank_code, line.return_reason.is_some()),
            keys,
            is_by_hand: line.is_by_hand,
        }
    }

    fn moves_as(&self, expected: &Expectation) -> bool {
        (self.amount, self.direction) == (expected.amount, expected.direction)
    }

    fn may_be(&self, expected: &Expectation) -> bool {
        let is_of_kind =
            self.looks_like.is_none_or(|kind| [kind, ExpectationKind::Other].contains(&expected.kind));
        self.moves_as(expected) && (expected.from_day..=expected.to_day).contains(&self.day) && is_of_kind
    }
}

/// What a bank says that a movement is, where that is plain: something that came back, or what the bank takes for itself. Sources:
/// BAI2, appendix A (256–258, 556–558: ACH returns; 555: a deposit that comes back; 661: account analysis fee; 698: fees); ISO
/// 20022, external bank transaction codes (families RRCT, RDDT and subfamilies RRTN, UPDD, RPCR; CHRG, FEES, COMM).
fn looks_like(code: &str, has_reason: bool) -> Option<ExpectationKind> {
    let is = |any: &[&str]| code.split('/').any(|part| any.contains(&part));
    if has_reason || is(&["256", "257", "258", "555", "556", "557", "558", "RRTN", "UPDD", "RPCR"]) {
        return Some(ExpectationKind::AchReturn);
    }
    is(&["661", "698", "CHRG", "FEES", "COMM"]).then_some(ExpectationKind::Fee)
}

/// A pair by its places in the two lists, and by which rule.
pub(super) type Pair = (usize, usize, Rule);

/// Which of these lines are which of these expectations. Where not all there are were looked at (`is_all`), nothing is known to
/// be the only one of its amount, and keys alone count.
pub(super) fn pairs(lines: &[Open], expected: &[Expectation], is_all: bool) -> Vec<Pair> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (e, one) in expected.iter().enumerate() {
        if let Some(key) = &one.exact_key {
            by_key.entry(as_key(key)).or_default().push(e);
        }
    }
    let mut candidates = Vec::new();
    let (mut lines_named, mut expected_named) = (vec![false; lines.len()], vec![false; expected.len()]);
    for (l, line) in lines.iter().enumerate() {
        let mut named: Vec<usize> =
            line.keys.iter().filter_map(|key| by_key.get(key)).flatten().copied().collect();
        named.sort_unstable();
        named.dedup();
        for e in named {
            (lines_named[l], expected_named[e]) = (true, true);
            if line.moves_as(&expected[e]) {
                candidates.push((l, e));
            }
        }
    }
    let may = |&(l, e): &(usize, usize)| !lines[l].is_by_hand && !expected[e].is_by_hand;
    let mut found: Vec<Pair> =
        only(&candidates).into_iter().filter(may).map(|(l, e)| (l, e, Rule::Key)).collect();
    if !is_all {
        return found;
    }
    let mut by_amount: HashMap<(Cents, Direction), Vec<usize>> = HashMap::new();
    for (e, one) in expected.iter().enumerate().filter(|(e, _)| !expected_named[*e]) {
        by_amount.entry((one.amount, one.direction)).or_default().push(e);
    }
    candidates.clear();
    for (l, line) in lines.iter().enumerate().filter(|(l, _)| !lines_named[*l]) {
        let same = by_amount.get(&(line.amount, line.direction)).into_iter().flatten();
        candidates.extend(same.filter(|e| line.may_be(&expected[**e])).map(|e| (l, *e)));
    }
    found.extend(only(&candidates).into_iter().filter(may).map(|(l, e)| (l, e, Rule::Amount)));
    found
}

/// Those of which neither side could be anything else.
fn only(candidates: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let (mut of_line, mut of_expected): (HashMap<usize, u32>, HashMap<usize, u32>) = Default::default();
    for (l, e) in candidates {
        *of_line.entry(*l).or_default() += 1;
        *of_expected.entry(*e).or_default() += 1;
    }
    candidates.iter().filter(|(l, e)| of_line[l] == 1 && of_expected[e] == 1).copied().collect()
}

#[cfg(test)]
mod tests {

    use base::{TenantId, Ts};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::words::{BankAccountId, ExpectationId, ExpectationStatus};
    use super::*;

    fn day(n: i8) -> Day {
        Day(jiff::civil::date(2026, 11, n))
    }

    fn line(cents: i64, on: i8, keys: &[&str]) -> Open {
        Open {
            amount: Cents::new(cents),
            direction: Direction::Credit,
            day: day(on),
            looks_like: None,
            keys: keys.iter().map(|key| as_key(key)).collect(),
            is_by_hand: false,
        }
    }

    fn expects(cents: i64, from: i8, to: i8, key: Option<&str>) -> Expectation {
        let at = Ts::from_micros(0);
        Expectation {
            tenant_id: TenantId(Uuid::nil()),
            id: ExpectationId(Uuid::nil()),
            bank_account_id: BankAccountId(Uuid::nil()),
            kind: ExpectationKind::ProcessorPayout,
            amount: Cents::new(cents),
            direction: Direction::Credit,
            from_day: day(from),
            to_day: day(to),
            exact_key: key.map(str::to_owned),
            source: None,
            source_id: None,
            status: ExpectationStatus::Open,
            match_id: None,
            is_by_hand: false,
            due_at: None,
            overdue_at: None,
            by_whom: String::new(),
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn a_key_tells_two_of_one_amount_apart_on_any_day() {
        let lines = [line(80_00, 20, &["po_2"]), line(80_00, 20, &["X", " po_1 "])];
        let expected = [expects(80_00, 1, 2, Some("PO_1")), expects(80_00, 1, 2, Some("PO_2"))];
        assert_eq!(pairs(&lines, &expected, true), [(0, 1, Rule::Key), (1, 0, Rule::Key)]);
    }

    #[test]
    fn without_a_key_the_only_one_of_its_amount_in_those_days_is_meant() {
        let lines = [line(80_00, 20, &[]), line(70_00, 20, &[])];
        let expected = [expects(80_00, 19, 21, Some("PO_1")), expects(70_00, 21, 22, None)];
        assert_eq!(
            pairs(&lines, &expected, true),
            [(0, 0, Rule::Amount)],
            "one day too early is another one"
        );
        assert_eq!(pairs(&lines, &expected, false), [], "there may be others that were not looked at");
    }

    #[test]
    fn what_could_be_two_is_for_a_person() {
        let one = [line(80_00, 20, &[])];
        let two = [expects(80_00, 19, 21, None), expects(80_00, 20, 22, None)];
        assert_eq!(pairs(&one, &two, true), []);
        assert_eq!(pairs(&[line(80_00, 20, &[]), line(80_00, 21, &[])], &two[..1], true), []);
    }

    #[test]
    fn what_a_key_points_to_with_another_amount_is_nobody_else_s() {
        let lines = [line(77_00, 20, &["PO_1"]), line(80_00, 20, &[])];
        let expected = [expects(80_00, 19, 21, Some("PO_1")), expects(77_00, 19, 21, None)];
        assert_eq!(pairs(&lines, &expected, true), []);
    }

    #[test]
    fn what_a_person_took_apart_stays_apart_and_still_counts() {
        let mut lines = vec![Open { is_by_hand: true, ..line(80_00, 20, &[]) }];
        let expected = [expects(80_00, 19, 21, None)];
        assert_eq!(pairs(&lines, &expected, true), []);
        lines.push(line(80_00, 20, &[]));
        assert_eq!(pairs(&lines, &expected, true), [], "it could be either");
    }

    #[test]
    fn a_fee_is_no_payout_though_it_is_as_much() {
        assert_eq!(looks_like("698", false), Some(ExpectationKind::Fee));
        assert_eq!(looks_like("PMNT/RDDT/UPDD", false), Some(ExpectationKind::AchReturn));
        assert_eq!(looks_like("PMNT/RDDT/PMDD/165", false), None);
        let lines = [Open { looks_like: Some(ExpectationKind::Fee), ..line(80_00, 20, &[]) }];
        assert_eq!(pairs(&lines, &[expects(80_00, 19, 21, None)], true), []);
    }

    proptest! {
        #[test]
        fn nothing_is_in_two_pairs_and_each_pair_comes_to_the_same(
            lines in prop::collection::vec((1_i64..4, 1_i8..6, 0_usize..4), 0..8),
            expected in prop::collection::vec((1_i64..4, 1_i8..6, 0_usize..4), 0..8),
        ) {
            const KEYS: [&str; 4] = ["", "A", "B", "C"];
            let lines: Vec<Open> = lines.iter().map(|(c, d, k)| line(*c, *d, &KEYS[(*k).max(1)..=*k])).collect();
            let expected: Vec<Expectation> =
                expected.iter().map(|(c, d, k)| expects(*c, *d, *d + 1, (*k > 0).then(|| KEYS[*k]))).collect();
            let found = pairs(&lines, &expected, true);
            let (mut l, mut e): (Vec<_>, Vec<_>) = found.iter().map(|(l, e, _)| (*l, *e)).unzip();
            for (l, e, _) in &found {
                prop_assert!(lines[*l].moves_as(&expected[*e]));
            }
            l.sort_unstable();
            e.sort_unstable();
            prop_assert!(l.windows(2).all(|two| two[0] < two[1]) && e.windows(2).all(|two| two[0] < two[1]));
        }
    }
}
