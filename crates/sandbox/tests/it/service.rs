//! Charges, refunds and voids in process.

use std::time::Duration;

use sandbox::faults::Rule;
use sandbox::wire::{Charge, Instrument, TokenAnswer, Tokenize};
use tokio::time::timeout;

use super::*;

#[tokio::test]
async fn sixty_four_submits_of_one_key_charge_once_and_hear_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let service = Service::open(Settings::at(dir.path().join("j")), counting()).unwrap();
    let all: Vec<_> = (0..64)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move { service.submit(charge("k", "tok_visa", 500)).await })
        })
        .collect();
    for answer in all {
        let expected = Ok(Answer::Succeeded { processor_id: "ch_0000000001".into() });
        assert_eq!(answer.await.unwrap(), expected);
    }
    let stats = service.stats();
    assert_eq!((stats.charges, stats.charged), (1, 500));
    assert_eq!((stats.keys["k"].submits, stats.keys["k"].charges), (64, 1));
}

#[tokio::test]
async fn a_key_used_for_another_order_moves_nothing() {
    let service = open();
    service.submit(charge("k", "tok_visa", 500)).await.unwrap();
    for other in [charge("k", "tok_visa", 501), charge("k", "tok_amex", 500)] {
        assert_eq!(said(&service.submit(other).await), "declined key_conflict");
    }
    assert_eq!(said(&service.refund(refund(NOW, "k", "k", 500)).await), "declined key_conflict");
    assert_eq!(service.stats().charged, 500);
    assert_eq!(found(&service, NOW, "k").await.unwrap().refunded, 0);
}

#[tokio::test]
async fn a_refused_key_stays_refused() {
    let service = open();
    let first = service.submit(charge("k", "tok_insufficient_funds", 500)).await;
    assert_eq!(said(&first), "declined insufficient_funds");
    assert_eq!(service.submit(charge("k", "tok_insufficient_funds", 500)).await, first);
    assert_eq!(standing(&service, NOW, "k").await, "declined insufficient_funds");
    assert_eq!(service.stats().charges, 0);
}

#[tokio::test]
async fn a_bank_debit_is_pending_until_it_settles_or_comes_back() {
    let service = open();
    for (token, soon, next, after_a_day) in [
        ("tok_bank", "pending", "succeeded", "succeeded"),
        ("tok_bank_r01", "pending", "returned R01", "returned R01"),
        ("tok_bank_r29", "pending", "returned R29", "returned R29"),
        ("tok_bank_r10_late", "pending", "succeeded", "returned R10"),
    ] {
        assert_eq!(said(&service.submit(charge(token, token, 500)).await), "accepted");
        let mut seen = Vec::new();
        for now in [NOW + 59 * SECOND, NOW + 60 * SECOND, NOW + 60 * SECOND + DAY] {
            seen.push(standing(&service, now, token).await);
        }
        assert_eq!(seen, [soon, next, after_a_day], "{token}");
    }
}

#[tokio::test]
async fn a_chargeback_comes_after_the_money() {
    let service = open();
    assert_eq!(said(&service.submit(charge("k", "tok_chargeback", 500)).await), "succeeded");
    assert_eq!(standing(&service, NOW + DAY, "k").await, "succeeded");
    assert_eq!(standing(&service, NOW + DAY + 60 * SECOND, "k").await, "returned 10.4");
}

#[tokio::test]
async fn lost_answers_tell_nothing_and_the_lookup_tells_all() {
    let service = open();
    for (token, first, looked_up, again) in [
        ("tok_answer_lost", "hung up", "succeeded", "succeeded"),
        ("tok_error_after_charge", "error", "succeeded", "succeeded"),
        ("tok_answer_lost_before", "hung up", "never seen", "succeeded"),
        ("tok_processor_error", "error", "never seen", "error"),
    ] {
        assert_eq!(said(&service.submit(charge(token, token, 500)).await), first, "{token}");
        assert_eq!(standing(&service, NOW, token).await, looked_up, "{token}");
        assert_eq!(said(&service.submit(charge(token, token, 500)).await), again, "{token}");
    }
    assert_eq!(service.stats().charges, 3);
    assert_eq!(service.stats().keys["tok_processor_error"].submits, 2);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_charge_was_made_although_nobody_hears_of_it() {
    let service = open();
    let deadline = Duration::from_secs(10);
    assert!(timeout(deadline, service.submit(charge("k", "tok_hang", 500))).await.is_err());
    assert_eq!(standing(&service, NOW, "k").await, "succeeded");
    let slow = timeout(deadline, service.submit(charge("s", "tok_slow", 500))).await.unwrap();
    assert_eq!(said(&slow), "succeeded");
}

#[tokio::test]
async fn amounts_speak_for_instruments_that_would_approve() {
    let service = open();
    for (token, amount, expected) in [
        ("tok_visa", 666_005, "declined do_not_honor"),
        ("tok_bank", 666_051, "declined insufficient_funds"),
        ("tok_visa", 666_097, "hung up"),
        ("tok_bank", 666_071, "accepted"),
        ("tok_visa", 666_071, "succeeded"),
        ("tok_stolen_card", 666_051, "declined stolen_card"),
        ("tok_visa", 666_100, "succeeded"),
    ] {
        let key = format!("{token} {amount}");
        assert_eq!(said(&service.submit(charge(&key, token, amount)).await), expected, "{key}");
    }
    assert_eq!(standing(&service, NOW + DAY, "tok_bank 666071").await, "returned R01");
}

#[tokio::test]
async fn nothing_and_less_cannot_be_charged_nor_unknown_tokens() {
    let service = open();
    for (key, token, amount, expected) in [
        ("a", "tok_visa", 0, "declined invalid_amount"),
        ("b", "tok_visa", -5, "declined invalid_amount"),
        ("c", "tok_nobodys", 5, "declined unknown_token"),
    ] {
        assert_eq!(said(&service.submit(charge(key, token, amount)).await), expected);
    }
}

#[tokio::test]
async fn a_card_declines_once_its_month_is_over() {
    let service = open();
    let mut ask = tokenize(magic::Scenario::named("visa").unwrap());
    let Instrument::Card { expiry_month, expiry_year, .. } = &mut ask.instrument else { panic!() };
    (*expiry_month, *expiry_year) = (11, 2026);
    let Ok(TokenAnswer::Made { token, .. }) = service.tokenize(ask).await else { panic!() };
    assert_eq!(said(&service.submit(charge("in time", &token, 5)).await), "succeeded");
    let late = Charge { now: NOW + 12 * DAY, ..charge("late", &token, 5) };
    assert_eq!(said(&service.submit(late).await), "declined expired_card");
}

#[tokio::test]
async fn only_test_numbers_are_taken_and_refusals_do_not_repeat_them() {
    let service = open();
    for number in ["4539578763621486", "4242424242424241", "not a number"] {
        let ask = Tokenize {
            now: NOW,
            instrument: Instrument::Card {
                number: number.into(),
                security_code: None,
                expiry_month: 1,
                expiry_year: 2031,
            },
        };
        assert!(!format!("{ask:?}").contains(number));
        let Ok(TokenAnswer::Refused { message }) = service.tokenize(ask).await else { panic!("{number}") };
        assert!(!message.contains(number));
    }
}

#[tokio::test]
async fn refunds_give_back_no_more_than_was_taken() {
    let service = open();
    service.submit(charge("c", "tok_visa", 1000)).await.unwrap();
    assert_eq!(said(&service.refund(refund(NOW, "r1", "c", 600)).await), "succeeded");
    assert_eq!(said(&service.refund(refund(NOW, "r1", "c", 600)).await), "succeeded");
    assert_eq!(said(&service.refund(refund(NOW, "r2", "c", 401)).await), "declined above_charge");
    assert_eq!(said(&service.refund(refund(NOW, "r3", "c", 400)).await), "succeeded");
    assert_eq!(said(&service.refund(refund(NOW, "r2", "c", 401)).await), "declined above_charge");
    assert_eq!(said(&service.refund(refund(NOW, "r4", "nobody", 1)).await), "declined charge_not_found");
    assert_eq!(said(&service.refund(refund(NOW, "r5", "c", 0)).await), "declined invalid_amount");
    assert_eq!(found(&service, NOW, "c").await.unwrap().refunded, 1000);
    assert_eq!(found(&service, NOW, "r1").await.unwrap().refund_of.as_deref(), Some("c"));
    assert_eq!(service.stats().refunded, 1000);
}

#[tokio::test]
async fn a_refund_can_be_declined_and_its_answer_lost() {
    let service = open();
    for token in ["tok_refund_declined", "tok_refund_lost"] {
        service.submit(charge(token, token, 500)).await.unwrap();
    }
    let declined = service.refund(refund(NOW, "r1", "tok_refund_declined", 500)).await;
    assert_eq!(said(&declined), "declined refund_declined");
    assert_eq!(said(&service.refund(refund(NOW, "r2", "tok_refund_lost", 500)).await), "hung up");
    assert_eq!(standing(&service, NOW, "r2").await, "succeeded");
    assert_eq!(said(&service.refund(refund(NOW, "r2", "tok_refund_lost", 500)).await), "succeeded");
    assert_eq!(service.stats().refunded, 500);
}

#[tokio::test]
async fn what_is_pending_is_voided_and_what_settled_is_refunded() {
    let service = open();
    for key in ["a", "b"] {
        service.submit(charge(key, "tok_bank", 500)).await.unwrap();
    }
    assert_eq!(said(&service.refund(refund(NOW, "r", "a", 500)).await), "declined not_settled");
    for _ in 0..2 {
        assert_eq!(said(&service.void(void(NOW + SECOND, "v", "a")).await), "succeeded");
    }
    assert_eq!(said(&service.void(void(NOW, "v2", "a")).await), "declined already_voided");
    assert_eq!(standing(&service, NOW + DAY, "a").await, "voided");
    let settled = NOW + 60 * SECOND;
    assert_eq!(said(&service.void(void(settled, "v3", "b")).await), "declined already_settled");
    assert_eq!(said(&service.refund(refund(settled, "r2", "b", 500)).await), "succeeded");
}

#[tokio::test]
async fn a_card_charge_can_be_voided_for_an_hour_unless_a_part_went_back() {
    let service = open();
    for key in ["a", "b", "c"] {
        service.submit(charge(key, "tok_visa", 500)).await.unwrap();
    }
    assert_eq!(said(&service.void(void(NOW + 3_599 * SECOND, "va", "a")).await), "succeeded");
    assert_eq!(said(&service.refund(refund(NOW, "ra", "a", 1)).await), "declined not_refundable");
    assert_eq!(said(&service.void(void(NOW + 3_600 * SECOND, "vb", "b")).await), "declined already_settled");
    service.refund(refund(NOW, "rc", "c", 1)).await.unwrap();
    assert_eq!(said(&service.void(void(NOW, "vc", "c")).await), "declined already_refunded");
}

#[tokio::test]
async fn the_list_shows_every_charge_and_refund_once_where_it_last_changed() {
    let service = open();
    for i in 0..1_200 {
        let token = if i % 3 == 0 { "tok_bank_r01" } else { "tok_visa" };
        let order = Charge { now: NOW + i, ..charge(&format!("k{i}"), token, 500) };
        service.submit(order).await.unwrap();
    }
    service.refund(refund(NOW + 5_000, "r", "k1", 100)).await.unwrap();
    let (mut keys, mut cursor, mut last) = (std::collections::HashSet::new(), None, i64::MIN);
    loop {
        let page = service.list_since(NOW + DAY, NOW, cursor).await.unwrap();
        assert!(page.records.len() <= 500);
        for r in page.records {
            assert!(r.changed_at >= last, "in order");
            last = r.changed_at;
            assert!(keys.insert(r.key.clone()), "{} twice", r.key);
        }
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(keys.len(), 1_201);
    let returned = service.list_since(NOW + DAY, NOW + 60 * SECOND, None).await.unwrap();
    assert_eq!(returned.records.len(), 400);
    let before = service.list_since(NOW + 10_000, NOW + 1_000, None).await.unwrap();
    assert_eq!(before.records.len(), 200 + 2, "made since, the refund, and the charge it touched");
}

fn rules(json: &str) -> Vec<Rule> {
    serde_json::from_str(json).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_fault_script_breaks_what_it_says_and_nothing_else() {
    let service = open();
    service.set_faults(rules(
        r#"[{"match":{"key_prefix":"after"},"do":"drop_answer_after"},
            {"match":{"key_prefix":"before"},"do":"drop_answer_before"},
            {"match":{"key_prefix":"500"},"do":"error_500"},
            {"match":{"key_prefix":"late","op":"submit"},"do":{"arrive_late_ms":60000}},
            {"match":{"key_prefix":"hang","op":"submit"},"do":"hang"}]"#,
    ));
    let deadline = Duration::from_secs(10);
    let mut seen = Vec::new();
    for key in ["after", "before", "500", "late", "hang", "well"] {
        let answer = timeout(deadline, service.submit(charge(key, "tok_visa", 500))).await;
        seen.push(answer.map_or("deadline".into(), |a| said(&a)));
    }
    assert_eq!(seen, ["hung up", "hung up", "error", "deadline", "deadline", "succeeded"]);
    assert_eq!(standing(&service, NOW, "late").await, "never seen");
    tokio::time::sleep(Duration::from_secs(60)).await; // Paused time: this is the event.
    service.set_faults(Vec::new());
    let mut stand = Vec::new();
    for key in ["after", "before", "500", "late", "hang", "well"] {
        stand.push(standing(&service, NOW, key).await);
    }
    let (yes, no) = ("succeeded", "never seen");
    assert_eq!(stand, [yes, no, no, yes, yes, yes]);
}
