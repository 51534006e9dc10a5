//! What Stripe is asked, field by field, and what is made of what it says besides.

use std::time::Duration;

use adapters::stripe::Stripe;
use base::{Cents, Ts, secret::Secret};
use payments::processor::{
    Answer, Capabilities, Instrument, Lookup, Order, Processor, Standing, TokenizeError,
};

use crate::stripe_end::{BANKS, CARDS, End, Fault, REMEMBERS_SECONDS, Recorded};
use crate::worlds::{back, code, found, now, order, stripe, trace};

const VISA: &str = "card:pm_card_visa:cus_ofpmcardvisa";
const BANK: &str = "us_bank_account:pm_usBankAccount_success:cus_ofpmusBankAccountsuccess";

/// The only request since the last look, and that it is who we are and which version we speak.
fn only(end: &End) -> Recorded {
    let mut all = end.requests();
    assert_eq!(all.len(), 1, "{all:?}");
    let one = all.remove(0);
    assert_eq!(one.header("authorization"), "Bearer sk_test_quittance");
    assert_eq!(one.header("stripe-version"), "2024-12-18.acacia");
    one
}

fn fields(request: &Recorded) -> Vec<(&str, &str)> {
    let mut all: Vec<_> =
        request.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.sort_unstable();
    all
}

async fn token(p: &Stripe, method: &str) -> Secret<String> {
    p.inspect(now(), &Secret::new(method.to_owned())).await.unwrap().token
}

async fn pay(p: &Stripe, key: &str, method: &str) -> Answer {
    let order = Order { token: token(p, method).await, ..order(key, "", 500) };
    p.submit(now(), &order).await
}

/// <https://docs.stripe.com/api/payment_intents/create>, <https://docs.stripe.com/api/idempotent_requests>
#[tokio::test]
async fn a_charge_is_one_payment_confirmed_as_it_is_made() {
    let (p, end) = stripe().await;
    let described =
        Order { description: Some("Payment of 1,006 & more".into()), ..order("k1", VISA, 12_345) };
    assert_eq!(code(&p.submit(now(), &described).await), "succeeded");
    let asked = only(&end);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/v1/payment_intents"));
    assert_eq!(asked.header("idempotency-key"), "k1");
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    let expected = [
        ("amount", "12345"),
        ("confirm", "true"),
        ("currency", "usd"),
        ("customer", "cus_ofpmcardvisa"),
        ("description", "Payment of 1,006 & more"),
        ("expand[]", "latest_charge"),
        ("metadata[of]", "ours k1"),
        ("metadata[quittance_key]", "k1"),
        ("off_session", "true"),
        ("payment_method", "pm_card_visa"),
        ("payment_method_types[]", "card"),
    ];
    assert_eq!(fields(&asked), expected);

    p.submit(now(), &order("k2", BANK, 500)).await;
    let asked = only(&end);
    assert_eq!(asked.all("payment_method_types[]"), ["us_bank_account"]);
    assert_eq!(asked.field("description"), None);
}

/// <https://docs.stripe.com/api/refunds/create>, <https://docs.stripe.com/search#search-query-language>
#[tokio::test]
async fn a_refund_is_noted_on_its_payment_before_it_is_made() {
    let (p, end) = stripe().await;
    p.submit(now(), &order("c", VISA, 1000)).await;
    let later = now().plus_seconds(3 * 3_600);
    end.move_to(later);
    end.requests();
    assert_eq!(code(&p.refund(later, &back("r", "c", Cents::new(400))).await), "succeeded");
    let all = end.requests();
    let ways: Vec<_> = all.iter().map(|one| (one.method.as_str(), one.path.as_str())).collect();
    let id = end.book(|book| book.intents[0].id.clone());
    let path = format!("/v1/payment_intents/{id}");
    let expected = [
        ("GET", "/v1/payment_intents/search"),
        ("GET", path.as_str()),
        ("POST", path.as_str()),
        ("POST", "/v1/refunds"),
    ];
    assert_eq!(ways, expected);
    assert_eq!(all[0].field("query"), Some("metadata['quittance_key']:'c'"));
    assert_eq!(fields(&all[1]), [("expand[]", "latest_charge")]);
    assert_eq!(all[2].header("idempotency-key"), "mark-r");
    let [(name, "r")] = fields(&all[2])[..] else { panic!("{:?}", all[2]) };
    let name = name.strip_prefix("metadata[quittance_refund_").unwrap().strip_suffix(']').unwrap();
    assert!("quittance_refund_".len() + name.len() <= 40, "the most that a name of metadata has");
    assert_eq!(all[3].header("idempotency-key"), "r");
    let expected = [
        ("amount", "400"),
        ("metadata[of]", "ours r"),
        ("metadata[quittance_charge_key]", "c"),
        ("metadata[quittance_key]", "r"),
        ("payment_intent", id.as_str()),
    ];
    assert_eq!(fields(&all[3]), expected);
}

/// <https://docs.stripe.com/api/payment_intents/cancel>
#[tokio::test]
async fn a_void_cancels_the_payment_under_a_key_of_its_own() {
    let (p, end) = stripe().await;
    p.submit(now(), &order("c", BANK, 1000)).await;
    end.requests();
    assert_eq!(code(&p.void(now(), "v", &trace("c")).await), "succeeded");
    let asked = end.requests().pop().unwrap();
    let id = end.book(|book| book.intents[0].id.clone());
    assert_eq!(asked.path, format!("/v1/payment_intents/{id}/cancel"));
    assert_eq!((asked.header("idempotency-key"), fields(&asked).len()), ("v", 0));
}

/// <https://docs.stripe.com/api/pagination>, <https://docs.stripe.com/api/events/list>
#[tokio::test]
async fn the_list_is_payments_then_refunds_then_what_changed_a_hundred_at_a_time() {
    let (p, end) = stripe().await;
    for i in 0..101 {
        p.submit(now(), &order(&format!("k{i}"), VISA, 500)).await;
    }
    end.requests();
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let page = p.list_since(now(), now(), cursor).await.unwrap();
        seen.push(page.records.len());
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    let all: Vec<Recorded> =
        end.requests().into_iter().filter(|one| one.path.matches('/').count() == 2).collect();
    let since = now().seconds().to_string();
    let paths: Vec<&str> = all.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(&paths[..3], ["/v1/payment_intents", "/v1/payment_intents", "/v1/refunds"]);
    assert!(paths[3..].iter().all(|path| *path == "/v1/events"), "{paths:?}");
    for one in &all {
        assert_eq!((one.field("created[gte]"), one.field("limit")), (Some(since.as_str()), Some("100")));
    }
    assert_eq!(&seen[..3], [100, 1, 0]);
    assert_eq!(all[0].all("expand[]"), ["data.latest_charge"]);
    assert_eq!((all[0].field("starting_after"), all[1].field("starting_after").is_some()), (None, true));
    assert_eq!(all[2].all("expand[]"), ["data.payment_intent"]);
    assert!(all[3].all("types[]").contains(&"charge.dispute.created"));
    assert!(all[3].all("types[]").len() <= 20, "the most that Stripe takes");
    assert!(p.list_since(now(), now(), Some("500".into())).await.is_err(), "another processor's place");
}

/// <https://docs.stripe.com/error-low-level>
#[tokio::test]
async fn nothing_but_a_success_and_a_definite_no_is_an_answer() {
    let (p, end) = stripe().await;
    let faults = [
        (Fault::Limit, 0),
        (Fault::Running, 0),
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
        let said = p.submit(now(), &order(&key, VISA, 500)).await;
        let Answer::Unknown { why } = &said else { panic!("{fault:?}: {said:?}") };
        for secret in ["pm_", "cus_", "sk_test", "127.0.0.1"] {
            assert!(!why.contains(secret), "{why}");
        }
        assert_eq!(end.book(|book| book.charges(&key)), charges, "{fault:?}");
        let known = p.lookup(now(), &trace(&key)).await;
        assert_eq!(matches!(known, Lookup::Found(_)), charges == 1, "{fault:?}: {known:?}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_silence_and_charges_nothing() {
    let end = End::start(now()).await;
    let wrong = Secret::new("sk_live_anothers".to_owned());
    let p = Stripe::new(&end.address, wrong, Duration::from_secs(2)).unwrap();
    assert!(p.is_live());
    assert_eq!(code(&p.submit(now(), &order("k", VISA, 500)).await), "unknown");
    assert!(matches!(p.lookup(now(), &trace("k")).await, Lookup::Unreachable(_)));
    let Err(why) = p.list_since(now(), now(), None).await else { panic!() };
    assert_eq!(why.0, "Stripe answered 401: our key may not do this");
    let described = p.inspect(now(), &Secret::new("pm_card_visa".into())).await;
    assert!(matches!(described, Err(TokenizeError::Unreachable(_))));
    assert_eq!(code(&p.refund(now(), &back("r", "k", Cents::new(5))).await), "unknown");
    assert_eq!(code(&p.void(now(), "v", &trace("k")).await), "unknown");
}

/// <https://docs.stripe.com/api/idempotent_requests>
#[tokio::test]
async fn a_key_that_stripe_forgot_charges_again_so_it_is_said_for_how_long_it_is_known() {
    let (p, end) = stripe().await;
    let known = p.capabilities();
    let expected = Capabilities { idempotency_seconds: Some(86_400), lookup: true, list: true, void: true };
    assert_eq!(known, expected);
    p.submit(now(), &order("k", VISA, 500)).await;
    for (seconds, charges) in [(REMEMBERS_SECONDS - 1, 1), (REMEMBERS_SECONDS, 2)] {
        end.move_to(now().plus_seconds(seconds));
        p.submit(now(), &order("k", VISA, 500)).await;
        assert_eq!(end.book(|book| book.charges("k")), charges);
    }
}

#[tokio::test]
async fn a_number_is_refused_and_goes_nowhere() {
    let (p, end) = stripe().await;
    let card = Instrument::Card {
        number: Secret::new("4242424242424242".into()),
        security_code: None,
        expiry_month: 12,
        expiry_year: 2031,
        holder: "Ada Debtor".into(),
        postal_code: None,
    };
    let Err(TokenizeError::Refused(words)) = p.tokenize(now(), &card).await else { panic!() };
    assert!(words.contains("pm_"), "{words}");
    assert_eq!(end.requests().len(), 0);
}

/// <https://docs.stripe.com/api/payment_methods/attach>, <https://docs.stripe.com/api/setup_intents/create>
#[tokio::test]
async fn a_card_that_belongs_to_nobody_is_set_up_once_and_then_charged_again_and_again() {
    let (p, end) = stripe().await;
    let made = token(&p, "pm_card_visa_loose").await;
    let all = end.requests();
    let paths: Vec<&str> = all.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/v1/payment_methods/pm_card_visa_loose", "/v1/customers", "/v1/setup_intents"]);
    assert_eq!(fields(&all[1]), [("metadata[quittance]", "holder")], "nobody's name");
    assert_eq!(all[1].header("idempotency-key"), "customer-pm_card_visa_loose");
    let customer = all[2].field("customer").unwrap().to_owned();
    let expected = [
        ("confirm", "true"),
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_visa_loose"),
        ("payment_method_types[]", "card"),
        ("usage", "off_session"),
    ];
    assert_eq!(fields(&all[2]), expected);
    assert_eq!(made.reveal(), &format!("card:pm_card_visa_loose:{customer}"));
    for again in [token(&p, "pm_card_visa_loose").await, token(&p, made.reveal()).await] {
        assert_eq!(again, made);
    }
    assert_eq!(end.book(|book| book.customers), 1);
    assert_eq!(code(&p.submit(now(), &order("k", made.reveal(), 500)).await), "succeeded");
}

#[tokio::test]
async fn a_method_that_cannot_be_charged_later_is_refused_when_it_is_given() {
    let (p, _end) = stripe().await;
    for (method, words) in [
        ("pm_nobodys", "not known"),
        ("4242424242424242", "pm_"),
        ("pm_/../customers", "pm_"),
        ("pm_usBankAccount_success_loose", "SetupIntent"),
        ("pm_card_waits_loose", "authenticate"),
        ("pm_decline_expired_card_loose", "expired"),
    ] {
        let said = p.inspect(now(), &Secret::new(method.to_owned())).await;
        let Err(TokenizeError::Refused(why)) = said else { panic!("{method}: {said:?}") };
        assert!(why.contains(words) && !why.contains(method), "{why}");
    }
}

#[tokio::test]
async fn every_method_of_the_documentation_ends_in_an_answer() {
    let (p, _end) = stripe().await;
    for (i, name) in CARDS.iter().map(|name| format!("pm_card_{name}")).enumerate() {
        let broken =
            ["lost", "error", "hang"].iter().any(|word| name.contains(word)) && !name.contains("refund");
        let said = pay(&p, &format!("card{i}"), &name).await;
        assert_eq!(code(&said) == "unknown", broken, "{name}: {said:?}");
    }
    for (i, name) in BANKS.iter().enumerate() {
        let said = pay(&p, &format!("bank{i}"), &format!("pm_usBankAccount_{name}")).await;
        let expected = if *name == "blocked" { "account_blocked" } else { "accepted" };
        assert_eq!(code(&said), expected, "{name}");
    }
}

#[tokio::test]
async fn a_payment_for_which_somebody_would_have_to_authenticate_is_called_off() {
    let (p, end) = stripe().await;
    let said = pay(&p, "k", "pm_card_waits").await;
    assert_eq!(code(&said), "authentication_required");
    assert_eq!(end.book(|book| book.intents[0].status), "canceled");
    assert_eq!(found(&p, now(), "k").await.standing, Standing::Voided);
}

/// <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>, <https://docs.stripe.com/error-codes>
#[tokio::test]
async fn an_order_that_is_refused_before_it_begins_is_declined_where_its_reason_is_known() {
    let (p, end) = stripe().await;
    assert_eq!(code(&p.submit(now(), &order("small", VISA, 49)).await), "amount_too_small");
    let gone = "card:pm_gone:cus_gone";
    assert_eq!(code(&p.submit(now(), &order("gone", gone, 500)).await), "unknown_token");
    let anothers = "card:pm_card_visa:cus_another";
    assert_eq!(code(&p.submit(now(), &order("other", anothers, 500)).await), "unknown", "for a person");
    assert_eq!(end.book(|book| book.intents.len()), 0);
}

/// <https://docs.stripe.com/search#data-freshness>
#[tokio::test]
async fn what_was_made_just_now_is_found_in_the_lists_and_later_by_the_search() {
    let (p, end) = stripe().await;
    p.submit(now(), &order("a key's \\ own", VISA, 500)).await;
    for (seconds, lists) in [(0, true), (59, false), (40 * 86_400, false)] {
        let later = now().plus_seconds(seconds);
        end.move_to(later);
        end.requests();
        assert_eq!(found(&p, later, "a key's \\ own").await.amount, Cents::new(500), "{seconds}");
        let listed = end.requests().iter().any(|one| one.path == "/v1/payment_intents");
        assert_eq!(listed, lists, "{seconds}");
    }
}

#[tokio::test]
async fn nothing_is_said_to_be_unknown_where_the_lists_are_too_long_to_be_read() {
    let (p, end) = stripe().await;
    end.book(|book| {
        (0..1_001).for_each(|_| {
            book.refund_by_hand("pi_0", 1);
        })
    });
    let said = p.lookup(now(), &trace("k")).await;
    assert!(matches!(&said, Lookup::Unreachable(why) if why.contains("search")), "{said:?}");
    // Ten minutes later as much as must be was read of it, and the next day nothing of it is recent.
    for (seconds, known) in [(599, false), (600, true), (86_400, true)] {
        let later = now().plus_seconds(seconds);
        end.move_to(later);
        assert_eq!(p.lookup(later, &trace("k")).await == Lookup::NotFound, known, "{seconds}");
    }
}

#[tokio::test]
async fn what_others_do_with_the_same_account_is_none_of_ours_and_what_is_done_by_hand_to_ours_is() {
    let (p, end) = stripe().await;
    p.submit(now(), &order("c", VISA, 500)).await;
    let ours = end.book(|book| {
        let mut other = book.intents[0].clone();
        (other.id, other.metadata) = ("pi_others".into(), [("order".into(), "7".into())].into());
        book.intents.push(other);
        book.refund_by_hand("pi_others", 100);
        book.refund_by_hand("pi_1", 200)
    });
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = p.list_since(now(), now(), cursor).await.unwrap();
        all.extend(page.records);
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    let keys: Vec<(&str, Option<&str>)> =
        all.iter().map(|one| (one.key.as_str(), one.refund_of.as_deref())).collect();
    assert_eq!(keys, [("c", None), (ours.as_str(), Some("c"))]);
    assert!(all[1].metadata.is_empty(), "a person must look at it");
}

/// <https://docs.stripe.com/refunds#failed-refunds>
#[tokio::test]
async fn a_refund_that_fails_later_is_told_as_declined() {
    let (p, end) = stripe().await;
    pay(&p, "c", "pm_card_refundFail").await;
    assert_eq!(code(&p.refund(now(), &back("r", "c", Cents::new(500))).await), "succeeded");
    let later = now().plus_seconds(86_400);
    end.move_to(later);
    let refund = found(&p, later, "r").await;
    let Standing::Declined(why) = &refund.standing else { panic!("{refund:?}") };
    assert_eq!(why.code, "refund_declined");
    let news = p.list_since(later, later, Some("changes".into())).await.unwrap().records;
    assert_eq!(news, [refund]);
    assert_eq!(found(&p, later, "c").await.refunded, Cents::new(0));
}

/// <https://docs.stripe.com/disputes/how-disputes-work>, <https://docs.stripe.com/api/disputes/object>
#[tokio::test]
async fn only_a_dispute_that_took_all_of_the_money_is_a_return() {
    for (status, amount, came_back) in [
        ("needs_response", 500, true),
        ("under_review", 500, true),
        ("lost", 500, true),
        ("won", 500, false),
        ("warning_needs_response", 500, false),
        ("warning_closed", 500, false),
        ("prevented", 500, false),
        ("needs_response", 499, false),
    ] {
        let (p, end) = stripe().await;
        p.submit(now(), &order("c", VISA, 500)).await;
        end.book(|book| book.dispute("pi_1", amount, "fraudulent", status));
        let standing = found(&p, now(), "c").await.standing;
        assert_eq!(matches!(standing, Standing::Returned(_)), came_back, "{status} {amount}: {standing:?}");
        assert_eq!(standing == Standing::Succeeded, !came_back, "{status}");
    }
}

/// Returns after a bank debit has settled: <https://docs.stripe.com/payments/ach-direct-debit>
#[tokio::test]
async fn a_bank_debit_that_comes_back_after_it_settled_has_its_code() {
    let (p, end) = stripe().await;
    assert_eq!(code(&pay(&p, "c", "pm_usBankAccount_dispute").await), "accepted");
    let at = |seconds| -> Ts { now().plus_seconds(seconds) };
    end.move_to(at(60));
    assert_eq!(found(&p, at(60), "c").await.standing, Standing::Succeeded);
    end.move_to(at(120));
    let Standing::Returned(why) = found(&p, at(120), "c").await.standing else { panic!() };
    assert_eq!((why.code.as_str(), why.network_code.as_deref()), ("unauthorized", Some("R10")));
}
