//! Real money, by Stripe: the same till and the same books, and at the other end of the line a server that behaves as
//! Stripe's documentation says.

use std::sync::Arc;

use adapters::stripe::Stripe;
use base::Ts;
use base::secret::Secret;
use books::orgs::Environment;
use http::Method;
use serde_json::json;

use self::stripe_end::End;
use super::real;
use crate::portal::paying::pays;
use crate::support::Agency;

#[path = "../../../../adapters/tests/stripe_end/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the contract of the adapter uses the rest of it")]
mod stripe_end;

impl real::End for End {
    fn move_to(&self, now: Ts) {
        End::move_to(self, now);
    }
}

type Production<'a> = real::Production<'a, End>;

/// The agency's production, whose money Stripe moves.
async fn by_stripe(agency: &Agency) -> Production<'_> {
    let end = End::start(agency.now()).await;
    let key = Secret::new(stripe_end::KEY.to_owned());
    let stripe = Stripe::new(&end.address, key, Stripe::DEADLINE).unwrap();
    Production::over(agency, end, Arc::new(stripe))
}

/// How often money moved, by Stripe's own books.
fn moved(production: &Production<'_>) -> usize {
    let moved = |status: &str| matches!(status, "succeeded" | "processing");
    production.end.book(|book| book.intents.iter().filter(|one| moved(one.status)).count())
}

on_both_engines! {
    async fn a_card_at_stripe_pays_a_debt_and_a_refund_owes_it_again(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        let charge = production.pays(&debtor, "pm_card_visa_loose", 30_00).await.made();
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("succeeded", 70_00));
        let again = json!({ "amount": 10_00 });
        production.post("back", &format!("/charges/{charge}/refund"), again).await.is(200);
        assert_eq!(production.owed(&debtor).await, 80_00);
        assert_eq!(production.end.book(|book| book.refunds[0].amount), 10_00);
        assert_eq!(moved(&production), 1);
        assert_eq!(agency.bank.submits(), 0, "the sandbox has heard of nothing");
    }

    async fn what_stripe_declines_owes_as_before_and_says_why(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        let declined = production.pays(&debtor, "pm_decline_stolen_card", 30_00).await;
        declined.is(400);
        assert!(declined.text.contains("stolen_card"), "{}", declined.text);
        assert_eq!((production.owed(&debtor).await, moved(&production)), (100_00, 0));
    }

    async fn an_answer_of_stripes_that_was_lost_is_asked_for_and_nobody_is_charged_twice(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        let lost = production.pays(&debtor, "pm_card_answer_lost", 30_00).await.made();
        let never = production.pays(&debtor, "pm_card_answer_lost_before", 20_00).await.made();
        for charge in [&lost, &never] {
            assert_eq!(production.state(charge).await, "unknown");
        }
        assert_eq!((production.owed(&debtor).await, moved(&production)), (100_00, 1));
        for _ in 0..3 {
            production.later(3_600).await;
            production.house.till.reconcile(100).await.unwrap();
        }
        for charge in [&lost, &never] {
            assert_eq!(production.state(charge).await, "succeeded");
        }
        assert_eq!((production.owed(&debtor).await, moved(&production)), (50_00, 2));
    }

    async fn bank_debits_at_stripe_settle_or_come_back_by_its_list(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        let good = production.pays(&debtor, "pm_usBankAccount_success", 30_00).await.made();
        let bad = production.pays(&debtor, "pm_usBankAccount_insufficientFunds", 20_00).await.made();
        assert_eq!((production.state(&good).await.as_str(), production.owed(&debtor).await), ("pending", 100_00));
        production.sweep().await;
        production.later(4 * 86_400).await;
        assert!(production.sweep().await >= 2);
        assert_eq!((production.state(&good).await, production.state(&bad).await), ("succeeded".into(), "returned".into()));
        assert_eq!(production.owed(&debtor).await, 70_00);
    }

    async fn a_dispute_at_stripe_owes_the_debt_again(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        let charge = production.pays(&debtor, "pm_card_createDispute", 30_00).await.made();
        production.sweep().await;
        production.later(20 * 86_400).await;
        production.sweep().await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("returned", 100_00));
    }

    async fn no_number_goes_to_stripe(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        let card = json!({
            "card_holder": "Ada Lovelace", "card_number": "4242424242424242",
            "card_expiration_month": 12, "card_expiration_year": 31,
        });
        let stored = json!({ "customer_id": debtor.customer, "card": card });
        production.post("card", "/payment-methods", stored).await.is(422);
        assert_eq!(production.end.requests().len(), 0);
    }

    async fn the_portal_leads_to_a_page_of_stripes_for_a_number_and_pays_with_what_was_given_there(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        let (mut ada, account) = production.comes_in(&debtor).await;
        let page = ada.get(&format!("{account}/pay")).await;
        assert!(page.text.contains("A new card") && page.text.contains("A new bank account"), "{}", page.text);
        let path = format!("/portal/tokenizer/card/{}/3000", debtor.debt);
        let page = ada.get(&path).await;
        assert!(page.status == 200 && !page.text.contains("name=\"number\"") && page.text.contains("?go=1"), "{}", page.text);

        let away = ada.get(&format!("{path}?go=1")).await;
        let to = away.headers[http::header::LOCATION].to_str().unwrap().to_owned();
        let opened = to.strip_prefix("https://checkout.stripe.com/c/pay/").unwrap().to_owned();
        // Who gives nothing comes back to where they were.
        let left = production.end.book(|book| book.pages[&opened].cancel_url.clone());
        assert_eq!(left, format!("https://pay.example.com{path}"));
        let page = ada.get(&format!("{path}?from={opened}")).await;
        assert!(page.status == 422 && page.text.contains("Nothing was given"), "{}", page.text);

        let back = production.end.book(|book| book.give(&opened, "pm_card_visa_loose"));
        let back = back.strip_prefix("https://pay.example.com").unwrap().to_owned();
        // Nobody else's browser gets at it.
        let other = production.debtor_as("mallory").await;
        let (mut mallory, _) = production.comes_in(&other).await;
        assert!([404, 422].contains(&mallory.get(&back).await.status));

        let review = ada.get(&back).await;
        assert!(review.status == 200 && review.text.contains("4242") && review.text.contains("$30.00"), "{}", review.text);
        // Loaded once more it is the same card.
        let review = { drop(review); ada.get(&back).await };
        let kept = production.get(&format!("/customers/{}/payment-methods", debtor.customer)).await;
        assert_eq!(kept.as_array().unwrap().len(), 1);
        let paid = pays(&mut ada, &account, &review).await;
        assert!(paid.status == 200 && paid.text.contains("4242"), "{}", paid.text);
        assert_eq!((production.owed(&debtor).await, moved(&production)), (70_00, 1));
    }

    async fn hosted_fields_are_refused_where_only_a_page_of_stripes_takes_numbers(agency: &Agency) {
        let production = by_stripe(agency).await;
        let tenant = agency.tenant(Environment::Production).await;
        let scopes = books::tokens::Scopes::parse("payment_methods:tokenize", api::SCOPES).unwrap();
        let create = books::tokens::Create { tenant: &tenant, name: "fields".into(), scopes, expires_at: None };
        let (key, _) = agency.db.run(&create).await.unwrap();
        let path = format!("/portal/tokenizer/fields/{}/card?origin=https://shop.example.com", key.0);
        let page = production.house.ask(Method::GET, &path).nobody().send().await;
        assert!(page.status >= 400 && !page.text.contains("name=\"number\""), "{}", page.text);
    }

    async fn news_of_stripe_brings_the_next_sweep_forward(agency: &Agency) {
        let production = by_stripe(agency).await;
        let debtor = production.debtor().await;
        production.pays(&debtor, "pm_card_visa", 30_00).await.made();
        let till = &production.house.till;
        assert!(production.sweep().await > 0);
        production.later(5).await;
        assert_eq!(production.sweep().await, 0, "not due yet");
        till.expect_news(Environment::Production).await.unwrap();
        assert!(production.sweep().await > 0);
        till.expect_news(Environment::Production).await.unwrap();
        assert_eq!(production.sweep().await, 0, "not twice within seconds");
        production.later(5).await;
        assert!(production.sweep().await > 0);
    }
}
