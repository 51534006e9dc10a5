//! Every invariant bites: one right story, and each check on a doctored copy of it.

use uuid::Uuid;

use super::books::{Books, Charge, Debt, Entry, Event, Key, Refund, Txn};
use super::invariants::{Case, all};
use super::oracle::{Charged, GivenBack, Oracle};
use crate::history::{Account, Asked, Heard, Instrument, Line, What};

const OURS: Uuid = Uuid::from_u128(1);
const THEIRS: Uuid = Uuid::from_u128(2);
const DEBT: Uuid = Uuid::from_u128(10);
const FOREIGN_DEBT: Uuid = Uuid::from_u128(11);
const PAID: Uuid = Uuid::from_u128(20);
const DECLINED: Uuid = Uuid::from_u128(21);
const REFUND: Uuid = Uuid::from_u128(30);
const PAYMENT: Uuid = Uuid::from_u128(40);
const BACK: Uuid = Uuid::from_u128(41);
const FAILED: Uuid = Uuid::from_u128(42);

/// A charge of 1000 that succeeded, 300 of which were given back, and one of 1001 that was declined.
struct Story {
    lines: Vec<Line>,
    books: Books,
    oracle: Oracle,
}

fn charge(id: Uuid, amount: i64, state: &str, pkey: &str) -> Charge {
    Charge {
        tenant_id: OURS,
        id,
        debt_id: Some(DEBT),
        amount,
        refunded_amount: if id == PAID { 300 } else { 0 },
        state: state.into(),
        review: false,
        linked: true,
        pkey: pkey.into(),
    }
}

fn asked(n: u64, key: &str, what: What) -> Line {
    Line::Asked(Asked { at: 0, n, attempt: 1, org: 0, key: key.into(), what })
}

fn heard(n: u64, status: u16, id: Uuid, state: &str, code: Option<&str>) -> Heard {
    let (charge, state, code) = (Some(id.to_string()), Some(state.into()), code.map(Into::into));
    let amount = Some(if id == PAID { 1000 } else { 1001 });
    Heard { n, attempt: 1, status, charge, state, amount, code, ..Heard::default() }
}

fn pays(amount: i64) -> What {
    let by = Instrument::Token("tok_visa".into());
    What::Charge { account: DEBT.to_string(), amount, by, on: None }
}

fn key(key: &str, kind: &str, object_id: Uuid) -> Key {
    Key { tenant_id: OURS, key: key.into(), kind: kind.into(), object_id }
}

fn txn(id: Uuid, charge_id: Uuid, kind: &str, status: &str, amount: i64) -> Txn {
    Txn { tenant_id: OURS, id, charge_id, kind: kind.into(), status: status.into(), amount }
}

fn entry(what: &str, txn: Uuid, debit: &str, credit: &str, amount: i64) -> Entry {
    let (debit, credit) = (debit.into(), credit.into());
    Entry {
        tenant_id: OURS,
        what: what.into(),
        debit,
        credit,
        debt_id: Some(DEBT),
        txn_id: Some(txn),
        amount,
    }
}

fn event(seq: i64, name: &str, object: &str, object_id: Uuid) -> Event {
    let (name, object) = (name.into(), object.into());
    Event { tenant_id: OURS, id: Uuid::from_u128(100), seq: Some(seq), name, object, object_id }
}

fn debt(tenant_id: Uuid, id: Uuid, current_balance: i64) -> Debt {
    Debt { tenant_id, id, parent_id: None, children: 0, current_balance, reserved: 0 }
}

fn story() -> Story {
    let lines = vec![
        Line::Account(Account { org: 0, id: DEBT.to_string(), placed: 5000 }),
        Line::Account(Account { org: 1, id: FOREIGN_DEBT.to_string(), placed: 70 }),
        asked(1, "a", pays(1000)),
        Line::Heard(Heard { n: 1, status: 503, retry_after: true, ..Heard::default() }),
        asked(1, "a", pays(1000)),
        Line::Heard(heard(1, 201, PAID, "succeeded", None)),
        asked(2, "b", pays(1001)),
        Line::Heard(heard(2, 400, DECLINED, "declined", Some("charge_declined"))),
        asked(3, "c", What::Refund { charge: PAID.to_string(), amount: Some(300) }),
        Line::Heard(heard(3, 200, PAID, "succeeded", None)),
    ];
    let books = Books {
        charges: vec![charge(PAID, 1000, "succeeded", "p1"), charge(DECLINED, 1001, "declined", "p2")],
        refunds: vec![Refund {
            tenant_id: OURS,
            id: REFUND,
            charge_id: PAID,
            amount: 300,
            state: "succeeded".into(),
            review: false,
            pkey: "r1".into(),
        }],
        keys: vec![key("a", "charge", PAID), key("b", "charge", DECLINED), key("c", "charge.refund", REFUND)],
        txns: vec![
            txn(PAYMENT, PAID, "payment", "completed", 1000),
            txn(BACK, PAID, "refund", "completed", 300),
            txn(FAILED, DECLINED, "payment", "failed", 1001),
        ],
        entries: vec![
            entry("paid", PAYMENT, "card_clearing", "receivable", 1000),
            entry("refunded", BACK, "receivable", "card_clearing", 300),
        ],
        events: vec![
            event(1, "charge.created", "charge", PAID),
            event(2, "charge.completed", "charge", PAID),
            event(3, "transaction.completed", "transaction", PAYMENT),
            event(4, "charge.created", "charge", DECLINED),
            event(5, "charge.failed", "charge", DECLINED),
            event(6, "charge.refunded", "charge", PAID),
            event(7, "transaction.completed", "transaction", BACK),
        ],
        debts: vec![debt(OURS, DEBT, 4300), debt(THEIRS, FOREIGN_DEBT, 70)],
    };
    let charged =
        |key: &str, amount, declined| Charged { key: key.into(), amount, at: 0, declined, returns_at: None };
    let given = GivenBack { key: "r1".into(), charge_key: "p1".into(), amount: 300, declined: false };
    let oracle =
        Oracle { charges: vec![charged("p1", 1000, false), charged("p2", 1001, true)], refunds: vec![given] };
    Story { lines, books, oracle }
}

/// The numbers of the invariants that a doctored story offends against.
fn offends(doctor: impl FnOnce(&mut Story)) -> Vec<String> {
    let mut story = story();
    doctor(&mut story);
    let findings = all(&Case::new(&story.lines, story.books, story.oracle, 1_000));
    let mut names: Vec<String> = findings
        .iter()
        .filter(|f| f.wrong > 0)
        .map(|f| f.name.split_whitespace().next().unwrap_or_default().to_owned())
        .collect();
    names.dedup();
    names
}

/// The answer in a line.
fn answer(line: &mut Line) -> &mut Heard {
    match line {
        Line::Heard(heard) => heard,
        _ => panic!("it is no answer"),
    }
}

#[test]
fn a_right_story_offends_against_nothing_and_everything_is_compared() {
    assert_eq!(offends(|_| {}), [""; 0]);
    let story = story();
    for finding in all(&Case::new(&story.lines, story.books, story.oracle, 1_000)) {
        assert!(finding.compared > 0, "{}", finding.name);
    }
}

#[test]
fn an_acknowledged_payment_that_is_in_no_book_is_found() {
    assert!(offends(|s| drop(s.books.charges.remove(0))).contains(&"I1".into()));
}

#[test]
fn a_payment_that_is_in_the_ledger_twice_or_not_at_all_is_found() {
    assert_eq!(offends(|s| s.books.entries.push(s.books.entries[0].clone())), ["I1"]);
    assert_eq!(offends(|s| drop(s.books.entries.remove(0))), ["I1"]);
    let twice = offends(|s| s.books.txns.push(txn(Uuid::from_u128(43), PAID, "payment", "failed", 1000)));
    assert_eq!(twice, ["I1"]);
}

#[test]
fn a_refund_that_was_acknowledged_and_is_not_in_the_books_is_found() {
    assert!(offends(|s| s.books.refunds.clear()).contains(&"I1".into()));
    assert!(offends(|s| s.books.refunds[0].amount = 301).contains(&"I1".into()));
}

#[test]
fn a_second_charge_is_found_under_the_same_key_another_key_or_an_unknown_one() {
    let again = |s: &mut Story, key: &str| {
        s.oracle.charges.push(Charged { key: key.into(), ..s.oracle.charges[0].clone() });
    };
    assert!(offends(|s| again(s, "p1")).contains(&"I2".into()));
    assert!(offends(|s| again(s, "p1-second-attempt")).contains(&"I2".into()));
    // Even where our books have swallowed the second key as a charge of its own.
    let swallowed = offends(|s| {
        again(s, "p9");
        s.books.charges.push(charge(Uuid::from_u128(29), 1000, "succeeded", "p9"));
    });
    assert!(swallowed.contains(&"I2".into()));
}

#[test]
fn a_charge_that_nobody_asked_for_is_found() {
    let found = offends(|s| s.oracle.charges[0].amount = 999);
    assert!(found.contains(&"I2".into()), "{found:?}");
}

#[test]
fn books_that_disagree_with_the_processor_are_found() {
    assert!(offends(|s| s.oracle.charges[0].declined = true).contains(&"I3".into()));
    assert!(offends(|s| s.oracle.charges[1].declined = false).contains(&"I3".into()));
    assert!(offends(|s| s.oracle.refunds.clear()).contains(&"I3".into()));
}

#[test]
fn what_is_still_open_or_waits_for_a_person_is_found() {
    assert!(offends(|s| s.books.charges[1].state = "unknown".into()).contains(&"I3".into()));
    assert_eq!(offends(|s| s.books.charges[0].review = true), ["I3"]);
    assert_eq!(offends(|s| s.books.refunds[0].review = true), ["I3"]);
}

#[test]
fn a_balance_that_is_not_what_the_processor_left_of_it_is_found() {
    assert_eq!(offends(|s| s.books.debts[0].current_balance += 1), ["I4"]);
    assert_eq!(offends(|s| s.books.debts[0].reserved = 1), ["I4"]);
}

#[test]
fn more_taken_than_was_owed_is_found() {
    let found =
        offends(|s| s.lines[0] = Line::Account(Account { org: 0, id: DEBT.to_string(), placed: 699 }));
    assert_eq!(found, ["I4", "I5"]);
}

#[test]
fn a_no_that_became_a_yes_is_found() {
    let answered = offends(|s| s.lines.push(Line::Heard(heard(2, 201, DECLINED, "succeeded", None))));
    assert!(answered.contains(&"I6".into()), "{answered:?}");
    let at_the_processor = offends(|s| {
        s.oracle.charges.push(Charged { declined: false, ..s.oracle.charges[1].clone() });
    });
    assert!(at_the_processor.contains(&"I6".into()), "{at_the_processor:?}");
}

#[test]
fn a_change_off_the_edges_is_found() {
    assert_eq!(offends(|s| s.books.events[4].name = "charge.canceled".into()), ["I7"]);
    assert_eq!(offends(|s| s.books.events.swap(0, 1)), ["I7"]);
    let back = offends(|s| s.books.events.push(event(8, "charge.completed", "charge", DECLINED)));
    assert_eq!(back, ["I7"]);
}

#[test]
fn a_change_without_its_event_two_of_them_and_a_gap_are_found() {
    assert!(offends(|s| drop(s.books.events.remove(6))).contains(&"I8".into()));
    let twice = offends(|s| s.books.events.push(event(8, "transaction.completed", "transaction", BACK)));
    assert_eq!(twice, ["I8"]);
    assert_eq!(offends(|s| s.books.events[6].seq = Some(8)), ["I8"]);
    assert_eq!(offends(|s| s.books.events[6].seq = None), ["I8"]);
}

#[test]
fn a_key_that_answers_with_two_things_is_found() {
    let two = offends(|s| s.lines.push(Line::Heard(heard(1, 201, DECLINED, "declined", None))));
    assert!(two.contains(&"I9".into()), "{two:?}");
    assert_eq!(offends(|s| s.books.keys[0].object_id = Uuid::from_u128(99)), ["I9"]);
}

#[test]
fn what_belongs_to_another_tenant_is_found() {
    assert_eq!(offends(|s| s.books.entries[0].tenant_id = THEIRS), ["I10"]);
    assert!(offends(|s| s.books.charges[0].debt_id = Some(FOREIGN_DEBT)).contains(&"I10".into()));
    let shown = offends(|s| {
        for line in &mut s.lines {
            if let Line::Account(account) = line {
                account.org = 1 - account.org;
            }
        }
    });
    assert!(shown.contains(&"I10".into()), "{shown:?}");
}

#[test]
fn a_failure_of_ours_and_an_unanswered_client_are_found() {
    assert_eq!(offends(|s| answer(&mut s.lines[3]).status = 500), ["F13"]);
    assert_eq!(offends(|s| answer(&mut s.lines[3]).retry_after = false), ["F13"]);
    assert_eq!(offends(|s| answer(&mut s.lines[7]).status = 0), ["F13"]);
}
