//! What every processor must do, whoever it is.

use std::collections::BTreeSet;
use std::time::Duration;

use base::{Cents, Ts, secret::Secret};
use payments::processor::{About, Answer, Lookup, Order, Record, Standing, TokenizeError};
use tokio::time::timeout;

use crate::worlds::{World, back, code, found, found_by, in_all, marked, trace, trace_of};

/// The whole list from `since` on, page by page.
async fn listed(world: &World, since: Ts) -> Vec<Record> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.p.list_since(world.now(), since, cursor).await.unwrap();
        all.extend(page.records);
        cursor = page.cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn a_token_is_described_and_can_be_charged_again_and_again() {
    in_all(async |world| {
        let token = world.token("visa").await;
        let described = world.p.inspect(world.now(), &token).await.unwrap();
        let About::Card { brand, last_four, expiry_month, .. } = described.about else {
            panic!("{}", world.name)
        };
        assert_eq!((brand.as_str(), last_four.as_str(), expiry_month), ("Visa", "4242", 12));
        for key in ["a", "b"] {
            let said = world.p.submit(world.now(), &world.order(key, "visa", 500).await).await;
            assert_eq!(code(&said), "succeeded", "{}", world.name);
            assert_eq!(found(&*world.p, world.now(), key).await.standing, Standing::Succeeded);
            assert_eq!(world.charges(key), 1);
        }
        let bank = world.p.inspect(world.now(), &world.token("bank").await).await.unwrap();
        assert!(matches!(bank.about, About::Bank { last_four, .. } if last_four == "6789"), "{}", world.name);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_known_charges_nothing() {
    in_all(async |world| {
        for key in ["tok_0", "pm_0", "card:pm_0:cus_0", ""] {
            let token = Secret::new(key.to_owned());
            let described = world.p.inspect(world.now(), &token).await;
            assert!(matches!(described, Err(TokenizeError::Refused(_))), "{}", world.name);
            let key = format!("k {key}");
            let order = Order { token, ..world.order(&key, "visa", 500).await };
            assert_eq!(code(&world.p.submit(world.now(), &order).await), "unknown_token", "{}", world.name);
            assert_eq!(world.charges(&key), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn every_decline_is_told_with_its_codes_and_found_again() {
    in_all(async |world| {
        for (i, expected) in world.declines().await.into_iter().enumerate() {
            let key = format!("k{i}");
            let order = Order { token: expected.token, ..world.order(&key, "visa", 500).await };
            let said = world.p.submit(world.now(), &order).await;
            let Answer::Declined { processor_id: Some(_), decline } = &said else {
                panic!("{} {i}: {said:?}", world.name)
            };
            assert!(expected.code.is_none_or(|code| code == decline.code), "{decline:?}");
            assert_ne!(decline.code, "declined", "{} {decline:?}: a word that nobody knows", world.name);
            if let Some(network) = expected.network {
                assert_eq!(decline.network_code.as_deref(), Some(network), "{}", world.name);
            }
            if let Some(advice) = expected.advice {
                assert_eq!(decline.advice_code.as_deref(), Some(advice), "{}", world.name);
            }
            let standing = found(&*world.p, world.now(), &key).await.standing;
            assert_eq!(standing, Standing::Declined(decline.clone()), "{}", world.name);
            if world.has_keys() {
                assert_eq!(world.p.submit(world.now(), &order).await, said, "the same key, the same answer");
            }
            assert_eq!(world.charges(&key), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_did_not_come_is_unknown_and_the_lookup_knows() {
    in_all(async |world| {
        for (does, charged) in [
            ("answer_lost", true),
            ("error_after_charge", true),
            ("answer_lost_before", false),
            ("processor_error", false),
        ] {
            let order = world.order(does, does, 500).await;
            assert_eq!(code(&world.p.submit(world.now(), &order).await), "unknown", "{} {does}", world.name);
            world.later(900); // by then everybody knows for sure
            let known = world.p.lookup(world.now(), &trace(does)).await;
            assert_eq!(matches!(known, Lookup::Found(_)), charged, "{} {does}: {known:?}", world.name);
            assert_eq!(known == Lookup::NotFound, !charged, "{} {does}", world.name);
            // Whatever is answered to the same key now, it moves no more money.
            let again = world.p.submit(world.now(), &order).await;
            assert!(matches!(code(&again), "succeeded" | "unknown"), "{} {does}: {again:?}", world.name);
            assert_eq!(world.charges(does), u64::from(does != "processor_error"), "{} {does}", world.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_hanging_charge_is_given_up_and_found() {
    in_all(async |world| {
        let hanging = world.order("h", "hang", 500).await;
        let said = timeout(Duration::from_millis(300), world.p.submit(world.now(), &hanging)).await;
        assert!(said.is_err(), "{}", world.name);
        assert_eq!(found(&*world.p, world.now(), "h").await.standing, Standing::Succeeded);
        let again = world.p.submit(world.now(), &hanging).await;
        assert_eq!(code(&again), "succeeded", "{}: the same key is answered now", world.name);
        assert_eq!(world.charges("h"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_charges_once_and_for_one_order() {
    in_all(async |world| {
        let one = world.order("k", "visa", 500).await;
        let first = world.p.submit(world.now(), &one).await;
        for _ in 0..3 {
            world.later(3_600);
            assert_eq!(world.p.submit(world.now(), &one).await, first, "{}", world.name);
        }
        if !world.has_keys() {
            return; // The till sends nothing twice then.
        }
        // Not a decline: money may have moved under this key. Asking about it tells.
        for other in [world.order("k", "visa", 501).await, world.order("k", "amex", 500).await] {
            let said = world.p.submit(world.now(), &other).await;
            assert!(matches!(said, Answer::Unknown { .. }), "{}: {said:?}", world.name);
        }
        assert_eq!(world.charges("k"), 1);
        assert_eq!(found(&*world.p, world.now(), "k").await.amount, Cents::new(500));
    })
    .await;
}

#[tokio::test]
async fn what_was_never_sent_is_not_found() {
    in_all(async |world| {
        world.later(3_600); // after it would have been made
        assert_eq!(world.p.lookup(world.now(), &trace("never")).await, Lookup::NotFound, "{}", world.name);
        world.p.submit(world.now(), &world.order("other", "visa", 500).await).await;
        for seconds in [0, 60, 30 * 86_400] {
            world.later(seconds);
            assert_eq!(
                world.p.lookup(world.now(), &trace("never")).await,
                Lookup::NotFound,
                "{}",
                world.name
            );
            assert_eq!(found(&*world.p, world.now(), "other").await.key, "other", "{} {seconds}", world.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_bank_debit_is_taken_and_settles_or_comes_back() {
    in_all(async |world| {
        for (does, comes_back) in [("bank", None), ("bank_r01", Some("R01")), ("bank_r10", Some("R10"))] {
            let began = world.now();
            let said = world.p.submit(began, &world.order(does, does, 500).await).await;
            assert_eq!(code(&said), "accepted", "{} {does}", world.name);
            assert_eq!(found(&*world.p, began, does).await.standing, Standing::Pending);
            world.later(60);
            let now = found(&*world.p, world.now(), does).await;
            let code = match now.standing.clone() {
                Standing::Returned(why) => why.network_code,
                Standing::Succeeded => None,
                other => panic!("{} {does}: {other:?}", world.name),
            };
            assert_eq!(code.as_deref(), comes_back, "{}", world.name);
            // Long after it was made the list tells of what changed since.
            let news = listed(world, began.plus_seconds(30)).await;
            assert!(news.contains(&now), "{} {does}: {news:?}", world.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_card_payment_that_is_disputed_comes_back() {
    in_all(async |world| {
        world.p.submit(world.now(), &world.order("c", "chargeback", 500).await).await;
        assert_eq!(found(&*world.p, world.now(), "c").await.standing, Standing::Succeeded);
        let since = world.now().plus_seconds(30);
        world.later(10 * 86_400);
        let now = found(&*world.p, world.now(), "c").await;
        let Standing::Returned(why) = &now.standing else { panic!("{}: {now:?}", world.name) };
        assert_eq!((why.code.as_str(), why.network_code.as_deref()), ("chargeback", Some("10.4")));
        assert!(listed(world, since).await.contains(&now), "{}", world.name);
    })
    .await;
}

#[tokio::test]
async fn refunds_are_made_once_and_never_above_the_charge() {
    in_all(async |world| {
        let (p, name) = (&*world.p, world.name);
        p.submit(world.now(), &world.order("c", "visa", 1000).await).await;
        world.later(60); // it has settled, where that takes time
        let first = p.refund(world.now(), &back("r", "c", Cents::new(700))).await;
        assert_eq!(code(&first), "succeeded", "{name}");
        assert_eq!(p.refund(world.now(), &back("r", "c", Cents::new(700))).await, first, "{name}");
        let above = p.refund(world.now(), &back("r2", "c", Cents::new(301))).await;
        assert_eq!(code(&above), "above_charge", "{name}");
        if world.has_keys() {
            let other = p.refund(world.now(), &back("r", "c", Cents::new(100))).await;
            assert!(matches!(other, Answer::Unknown { .. }), "{name}: {other:?}");
        }
        for seconds in [0, 60, 10 * 86_400] {
            world.later(seconds);
            let (charge, refund) = (found(p, world.now(), "c").await, found(p, world.now(), "r").await);
            assert_eq!(charge.refunded, Cents::new(700), "{name}");
            assert_eq!((refund.refund_of.as_deref(), refund.amount), (Some("c"), Cents::new(700)), "{name}");
        }

        p.submit(world.now(), &world.order("lost", "refund_lost", 100).await).await;
        world.later(60);
        let lost = back("r3", "lost", Cents::new(100));
        assert_eq!(code(&p.refund(world.now(), &lost).await), "unknown", "{name}");
        assert_eq!(found(p, world.now(), "r3").await.standing, Standing::Succeeded, "{name}");
        assert_eq!(code(&p.refund(world.now(), &lost).await), "succeeded", "{name}: the same key");
        assert_eq!(found(p, world.now(), "lost").await.refunded, Cents::new(100), "{name}");
        assert_eq!(p.lookup(world.now(), &trace_of("r4", "lost")).await, Lookup::NotFound, "{name}");
    })
    .await;
}

#[tokio::test]
async fn what_has_not_settled_is_voided_and_what_has_is_not() {
    in_all(async |world| {
        let (p, name) = (&*world.p, world.name);
        p.submit(world.now(), &world.order("c", "bank", 1000).await).await;
        assert_eq!(
            code(&p.refund(world.now(), &back("r", "c", Cents::new(1000))).await),
            "not_settled",
            "{name}"
        );
        let first = p.void(world.now(), "v", &trace("c")).await;
        assert_eq!(code(&first), "succeeded", "{name}");
        assert_eq!(p.void(world.now(), "v", &trace("c")).await, first, "{name}");
        world.later(999);
        assert_eq!(found(p, world.now(), "c").await.standing, Standing::Voided, "{name}");
        let void = found_by(p, world.now(), &trace_of("v", "c")).await;
        assert_eq!((void.refund_of.as_deref(), void.standing), (Some("c"), Standing::Succeeded), "{name}");

        p.submit(world.now(), &world.order("d", "bank", 1000).await).await;
        world.later(60);
        assert_eq!(code(&p.void(world.now(), "w", &trace("d")).await), "already_settled", "{name}");
    })
    .await;
}

#[tokio::test]
async fn the_list_tells_of_what_we_do_not_know_and_gives_our_label_back() {
    in_all(async |world| {
        let since = world.now();
        let lost = world.order("lost", "answer_lost", 500).await;
        assert_eq!(code(&world.p.submit(world.now(), &lost).await), "unknown");
        world.p.submit(world.now(), &world.order("c", "visa", 500).await).await;
        world.later(60); // it has settled, where that takes time
        world.p.refund(world.now(), &back("r", "c", Cents::new(100))).await;
        world.later(90);
        world.p.submit(world.now(), &world.order("late", "visa", 500).await).await;
        let all = listed(world, since).await;
        let keys: BTreeSet<&str> = all.iter().map(|record| record.key.as_str()).collect();
        assert_eq!(keys, BTreeSet::from(["lost", "c", "r", "late"]), "{}", world.name);
        for record in &all {
            assert_eq!(record.metadata, marked(&record.key), "{}", world.name);
            assert_eq!(&found(&*world.p, world.now(), &record.key).await, record, "{}", world.name);
        }
        let since = since.plus_seconds(120);
        let keys: Vec<String> = listed(world, since).await.into_iter().map(|record| record.key).collect();
        assert_eq!(keys, ["late"], "{}", world.name);
    })
    .await;
}
