//! What is made of what Authorize.net says.

use base::Cents;
use payments::processor::{Answer, Lookup, Processor, Standing, Trace};

use super::{listed, pay, token};
use crate::authorize_net_end::{ERRORS, Fault};
use crate::worlds::{authorize_net, back, code, found, found_by, now, order, trace, trace_of};

/// <https://developer.authorize.net/api/reference/responseCodes.html>
#[tokio::test]
async fn nothing_but_a_transactions_own_result_is_an_answer() {
    let (p, end) = authorize_net().await;
    let visa = token(&p, "visa").await;
    let faults = [
        (Fault::Busy, 0),
        (Fault::Away, 0),
        (Fault::CutBefore, 0),
        (Fault::ErrorAfter, 1),
        (Fault::CutAfter, 1),
        (Fault::Garbled, 1),
        (Fault::Hang, 1),
    ];
    for (fault, charges) in faults {
        let key = format!("{fault:?}");
        end.break_next(fault);
        let said = p.submit(now(), &order(&key, visa.reveal(), 500)).await;
        let Answer::Unknown { why } = &said else { panic!("{fault:?}: {said:?}") };
        for secret in ["card:", "5KP3u95bQpv", "346HZ32z3fP4hTG2", "127.0.0.1"] {
            assert!(!why.contains(secret), "{why}");
        }
        assert_eq!(end.book(|book| book.charges(&key)), charges, "{fault:?}");
        let known = p.lookup(now(), &trace(&key)).await;
        assert_eq!(matches!(known, Lookup::Found(_)), charges == 1, "{fault:?}: {known:?}");
        assert_ne!(known, Lookup::NotFound, "{fault:?}: it may yet come");
    }
}

/// <https://developer.authorize.net/api/reference/responseCodes.html>
#[tokio::test]
async fn an_error_is_a_decline_where_its_reason_is_known_and_else_nobody_knows() {
    let (p, end) = authorize_net().await;
    for (reason, expected) in ERRORS {
        let said = pay(&p, &format!("k{reason}"), &format!("error_{reason}")).await;
        assert_eq!(code(&said), *expected, "{reason}");
        assert!(
            matches!(said, Answer::Declined { processor_id: None, .. }),
            "{reason}: nothing is kept of it"
        );
    }
    for reason in ["20", "122"] {
        let said = pay(&p, &format!("k{reason}"), &format!("error_{reason}")).await;
        assert!(matches!(&said, Answer::Unknown { why } if why.contains(reason)), "{said:?}");
    }
    let gone = order("gone", "card:60000000001:60000000002", 500);
    end.book(|book| book.profiles.clear());
    assert_eq!(code(&p.submit(now(), &gone).await), "unknown_token");
    assert_eq!(end.book(|book| book.transactions.len()), 0);
}

#[tokio::test]
async fn a_reason_that_nobody_knows_ends_with_a_person() {
    let (p, _end) = authorize_net().await;
    let Answer::Declined { decline, .. } = pay(&p, "k", "decline_999").await else { panic!() };
    assert_eq!(
        (decline.code.as_str(), decline.network_code.as_deref()),
        ("declined", Some("authorize_net_999"))
    );
}

/// The account may be in test mode: <https://developer.authorize.net/hello_world/testing_guide.html>
#[tokio::test]
async fn an_approval_of_which_nothing_is_kept_is_no_payment() {
    let (p, end) = authorize_net().await;
    end.book(|book| book.is_test_mode = true);
    let said = pay(&p, "k", "visa").await;
    assert!(matches!(&said, Answer::Unknown { why } if why.contains("test mode")), "{said:?}");
}

/// <https://support.authorize.net/s/article/Error-11-A-duplicate-transaction-has-been-submitted>
#[tokio::test]
async fn the_same_order_again_is_refused_for_eight_hours_and_charges_again_after_that() {
    let (p, end) = authorize_net().await;
    let order = order("k", token(&p, "visa").await.reveal(), 500);
    let first = p.submit(now(), &order).await;
    for (seconds, charges) in [(0, 1), (28_799, 1), (28_800, 2)] {
        let at = now().plus_seconds(seconds);
        end.move_to(at);
        let said = p.submit(at, &order).await;
        assert_eq!(said == first, charges == 1, "{seconds}: {said:?}");
        assert_eq!(
            end.book(|book| book.charges("k")),
            charges,
            "which is why nothing is sent twice by itself"
        );
    }
    // Another order is another order, whatever its key says.
    let other = payments::processor::Order { amount: Cents::new(501), ..order };
    assert_eq!(code(&p.submit(now(), &other).await), "succeeded");
}

#[tokio::test]
async fn what_is_not_in_the_list_yet_is_not_said_to_be_unknown() {
    let (p, end) = authorize_net().await;
    end.book(|book| book.list_lag = 600);
    pay(&p, "k", "held").await;
    for (seconds, is_found) in [(0, false), (599, false), (600, true)] {
        let at = now().plus_seconds(seconds);
        end.move_to(at);
        let known = p.lookup(at, &trace("k")).await;
        assert_eq!(matches!(known, Lookup::Found(_)), is_found, "{seconds}: {known:?}");
        assert_ne!(known, Lookup::NotFound, "{seconds}");
    }
    for (seconds, is_sure) in [(899, false), (900, true)] {
        let known = p.lookup(now().plus_seconds(seconds), &trace("never")).await;
        assert_eq!(known == Lookup::NotFound, is_sure, "{seconds}: {known:?}");
    }
}

#[tokio::test]
async fn nothing_is_said_to_be_unknown_where_the_list_is_too_long_to_be_read() {
    let (p, end) = authorize_net().await;
    pay(&p, "k", "held").await;
    end.book(|book| {
        let one = book.transactions[0].clone();
        (0..20_000).for_each(|n| {
            let other = crate::authorize_net_end::Txn { id: n, invoice: "other".into(), ..one.clone() };
            book.transactions.push(other);
        });
    });
    let said = p.lookup(now().plus_seconds(3_600), &trace("never")).await;
    assert!(matches!(&said, Lookup::Unreachable(why) if why.contains("too long")), "{said:?}");
}

/// <https://developer.authorize.net/api/reference/index.html#fraud-management>
#[tokio::test]
async fn what_is_held_for_a_person_is_pending_until_they_decide() {
    for (decided, standing) in
        [("capturedPendingSettlement", Standing::Succeeded), ("declined", Standing::Voided)]
    {
        let (p, end) = authorize_net().await;
        assert_eq!(code(&pay(&p, "k", "held").await), "accepted");
        let later = now().plus_seconds(86_400);
        end.move_to(later);
        assert_eq!(found(&p, later, "k").await.standing, Standing::Pending);
        let id = end.book(|book| book.transactions[0].id);
        end.book(|book| book.decide(id, decided));
        let now_known = found(&p, later, "k").await;
        assert_eq!(now_known.standing, standing, "{decided}");
        assert!(listed(&p, later, later).await.contains(&now_known), "{decided}: long after it was made");
    }
    let (p, end) = authorize_net().await;
    assert_eq!(code(&pay(&p, "k", "bank_review").await), "accepted");
    let id = end.book(|book| book.transactions[0].id);
    end.book(|book| book.decide(id, "failedReview"));
    assert_eq!(found(&p, now(), "k").await.standing, Standing::Voided);
}

/// What the processor behind Authorize.net says afterwards.
/// <https://community.developer.cybersource.com/t5/Integration-and-Testing/Getting-transaction-details/m-p/14198>
#[tokio::test]
async fn what_was_approved_and_then_rejected_came_back() {
    let (p, end) = authorize_net().await;
    pay(&p, "k", "visa").await;
    let id = end.book(|book| book.transactions[0].id);
    for (status, expected) in [
        ("communicationError", "returned"),
        ("settlementError", "pending"),
        ("generalError", "pending"),
        ("ofTomorrow", "pending"),
        ("expired", "voided"),
    ] {
        end.book(|book| book.change(id, |one| one.status = status));
        let known = found_by(&p, now(), &Trace { processor_id: Some(id.to_string()), ..trace("k") }).await;
        let word = match known.standing {
            Standing::Returned(_) => "returned",
            Standing::Pending => "pending",
            Standing::Voided => "voided",
            _ => "else",
        };
        assert_eq!(word, expected, "{status}");
    }
}

#[tokio::test]
async fn a_refund_before_it_settled_is_refused_so_that_the_whole_can_be_voided() {
    let (p, end) = authorize_net().await;
    pay(&p, "c", "visa").await;
    assert_eq!(code(&p.refund(now(), &back("r", "c", Cents::new(500))).await), "not_settled");
    assert_eq!(code(&p.void(now(), "r-void", &trace("c")).await), "succeeded");
    let void = found_by(&p, now(), &trace_of("r-void", "c")).await;
    assert_eq!((void.standing, void.amount), (Standing::Succeeded, Cents::new(500)));
    let later = now().plus_seconds(60);
    end.move_to(later);
    assert_eq!(code(&p.refund(later, &back("r2", "c", Cents::new(500))).await), "not_refundable");
    assert!(matches!(p.lookup(later, &trace_of("other", "none")).await, Lookup::Unreachable(_)));
    assert_eq!(code(&p.refund(later, &back("r3", "none", Cents::new(5))).await), "charge_not_found");
}

#[tokio::test]
async fn a_refund_to_a_bank_account_is_pending_until_it_settles() {
    let (p, end) = authorize_net().await;
    pay(&p, "c", "bank").await;
    let at = |seconds| now().plus_seconds(seconds);
    end.move_to(at(60));
    assert_eq!(code(&p.refund(at(60), &back("r", "c", Cents::new(500))).await), "accepted");
    assert_eq!(found(&p, at(60), "r").await.standing, Standing::Pending);
    end.move_to(at(120));
    let settled = found(&p, at(120), "r").await;
    assert_eq!(settled.standing, Standing::Succeeded);
    assert!(listed(&p, at(120), at(110)).await.contains(&settled));
}

/// What was refunded in Authorize.net's own pages, and what others do with the same account.
#[tokio::test]
async fn what_others_do_with_the_same_account_is_none_of_ours_and_what_is_done_by_hand_to_ours_is() {
    let (p, end) = authorize_net().await;
    pay(&p, "c", "visa").await;
    end.move_to(now().plus_seconds(60));
    let by_hand = end.book(|book| {
        let ours = book.transactions[0].clone();
        let others = book.add(crate::authorize_net_end::Txn {
            invoice: "INV-7".into(),
            items: Vec::new(),
            status: "settledSuccessfully",
            ..ours.clone()
        });
        // By hand it has the invoice number of its charge, and none of our items.
        let back = |of: u64, cents| crate::authorize_net_end::Txn {
            of: Some(of),
            kind: "refundTransaction",
            status: "refundPendingSettlement",
            cents,
            items: Vec::new(),
            batch: None,
            ..ours.clone()
        };
        book.add(crate::authorize_net_end::Txn { invoice: "INV-7".into(), ..back(others, 100) });
        book.add(back(ours.id, 200))
    });
    let at = now().plus_seconds(61);
    let all = listed(&p, at, now()).await;
    let keys: Vec<(&str, Option<&str>)> =
        all.iter().map(|one| (one.key.as_str(), one.refund_of.as_deref())).collect();
    let id = by_hand.to_string();
    assert_eq!(keys, [("c", None), (id.as_str(), Some("c")), ("c", None)]);
    assert!(all[1].metadata.is_empty(), "a person must look at it");
    assert_eq!(found(&p, at, "c").await.refunded, Cents::new(200), "and its mark does not stand for two");
}

#[tokio::test]
async fn what_lost_its_items_is_ours_by_its_mark_and_for_a_person() {
    let (p, end) = authorize_net().await;
    pay(&p, "c", "visa").await;
    let (id, mark) = end.book(|book| (book.transactions[0].id, book.transactions[0].invoice.clone()));
    end.book(|book| book.change(id, |one| one.items.clear()));
    let all = listed(&p, now(), now()).await;
    assert_eq!((all[0].key.as_str(), all[0].metadata.len()), (mark.as_str(), 0));
    assert_eq!(found(&p, now(), "c").await.amount, Cents::new(500), "who asks for it finds it");
}
