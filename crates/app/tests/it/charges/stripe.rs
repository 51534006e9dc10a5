//! Real money, by Stripe: the same till and the same books, and at the other end of the line a server that behaves as
//! Stripe's documentation says.

use std::sync::Arc;

use adapters::stripe::Stripe;
use api::App;
use base::secret::Secret;
use books::orgs::Environment;
use edge::Settings;
use http::Method;
use payments::charges::till::{Processors, Till};
use serde_json::{Value, json};

use self::stripe_end::End;
use crate::portal::browser::Browser;
use crate::portal::paying::pays;
use crate::support::Agency;
use crate::support::agency::table;
use crate::support::client::Answer;

#[path = "../../../../adapters/tests/stripe_end/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the contract of the adapter uses the rest of it")]
mod stripe_end;

/// The agency's production, whose money Stripe moves.
struct Production<'a> {
    agency: &'a Agency,
    house: Agency,
    end: End,
}

/// Somebody who owes real money.
struct Debtor {
    customer: String,
    debt: String,
}

impl Production<'_> {
    async fn of(agency: &Agency) -> Production<'_> {
        let end = End::start(agency.now()).await;
        let key = Secret::new(stripe_end::KEY.to_owned());
        let stripe = Stripe::new(&end.address, key, Stripe::DEADLINE).unwrap();
        let processors =
            Processors { production: Some(Arc::new(stripe)), sandbox: Some(Arc::new(agency.bank.clone())) };
        let till = Till::new(agency.db.clone(), agency.tenants.clone(), processors);
        let (db, tenants) = (agency.db.clone(), agency.tenants.clone());
        let app = App::new(db, tenants, till.clone(), agency.app.egress.clone());
        let settings = Settings::new("https://pay.example.com");
        let portal = portal::Portal::new(
            agency.db.clone(),
            agency.tenants.clone(),
            till.clone(),
            &settings.public_url,
        );
        let portal = portal::table().router(portal, settings.clone());
        let router = table().clone().beside(portal::PREFIX, portal).router(app.clone(), settings);
        let mut house = agency.behind(router);
        (house.till, house.app) = (till, app);
        Production { agency, house, end }
    }

    async fn post(&self, key: &str, path: &str, body: Value) -> Answer {
        let token = &self.agency.template.ours.production;
        self.house.ask(Method::POST, path).token(token).key(key).json(&body).send().await
    }

    async fn get(&self, path: &str) -> Value {
        let token = &self.agency.template.ours.production;
        self.house.ask(Method::GET, path).token(token).send().await.is(200)["data"].clone()
    }

    async fn debtor(&self) -> Debtor {
        let customer = json!({ "first_name": "Ada", "last_name": "Lovelace" });
        let customer = self.post("customer", "/customers", customer).await.made();
        let debt = json!({ "customer_id": customer, "balance": 100_00 });
        let debt = self.post("debt", "/debt-accounts", debt).await.made();
        Debtor { customer, debt }
    }

    async fn debtor_as(&self, key: &str) -> Debtor {
        let customer = json!({ "first_name": "Mallory", "last_name": "M" });
        let customer = self.post(&format!("{key} customer"), "/customers", customer).await.made();
        let debt = json!({ "customer_id": customer, "balance": 100_00 });
        let debt = self.post(&format!("{key} debt"), "/debt-accounts", debt).await.made();
        Debtor { customer, debt }
    }

    /// Somebody's browser, come in by their link, and where their account is.
    async fn comes_in(&self, debtor: &Debtor) -> (Browser<'_>, String) {
        let key = format!("session {}", debtor.customer);
        let session = self.post(&key, "/customer-sessions", json!({ "customer_id": debtor.customer })).await;
        let link = session.is(201)["data"]["portal_url"].as_str().unwrap().to_owned();
        let mut browser = Browser::new(&self.house);
        browser.comes_by(link.trim_start_matches("https://pay.example.com")).await.is(200);
        (browser, format!("/portal/accounts/{}", debtor.debt))
    }

    async fn pays(&self, debtor: &Debtor, method: &str, cents: i64) -> Answer {
        let stored = json!({ "customer_id": debtor.customer, "token": method });
        let stored = self.post(&format!("store {method}"), "/payment-methods", stored).await.made();
        let request = json!({ "debt_account_id": debtor.debt, "payment_method_id": stored, "amount": cents });
        self.post(&format!("pay {method}"), "/charges", request).await
    }

    async fn state(&self, charge: &str) -> String {
        self.get(&format!("/charges/{charge}")).await["state"].as_str().unwrap().to_owned()
    }

    async fn owed(&self, debtor: &Debtor) -> i64 {
        self.get(&format!("/debt-accounts/{}", debtor.debt)).await["current_balance"].as_i64().unwrap()
    }

    async fn later(&self, seconds: i64) {
        self.agency.seconds(seconds).await;
        self.end.move_to(self.agency.now());
    }

    async fn sweep(&self) -> u64 {
        self.house.till.sweep_in(Environment::Production, i64::MAX).await.unwrap()
    }

    /// How often money moved, by Stripe's own books.
    fn moved(&self) -> usize {
        let moved = |status: &str| matches!(status, "succeeded" | "processing");
        self.end.book(|book| book.intents.iter().filter(|one| moved(one.status)).count())
    }
}

on_both_engines! {
    async fn a_card_at_stripe_pays_a_debt_and_a_refund_owes_it_again(agency: &Agency) {
        let production = Production::of(agency).await;
        let debtor = production.debtor().await;
        let charge = production.pays(&debtor, "pm_card_visa_loose", 30_00).await.made();
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("succeeded", 70_00));
        let again = json!({ "amount": 10_00 });
        production.post("back", &format!("/charges/{charge}/refund"), again).await.is(200);
        assert_eq!(production.owed(&debtor).await, 80_00);
        assert_eq!(production.end.book(|book| book.refunds[0].amount), 10_00);
        assert_eq!(production.moved(), 1);
        assert_eq!(agency.bank.submits(), 0, "the sandbox has heard of nothing");
    }

    async fn what_stripe_declines_owes_as_before_and_says_why(agency: &Agency) {
        let production = Production::of(agency).await;
        let debtor = production.debtor().await;
        let declined = production.pays(&debtor, "pm_decline_stolen_card", 30_00).await;
        declined.is(400);
        assert!(declined.text.contains("stolen_card"), "{}", declined.text);
        assert_eq!((production.owed(&debtor).await, production.moved()), (100_00, 0));
    }

    async fn an_answer_of_stripes_that_was_lost_is_asked_for_and_nobody_is_charged_twice(agency: &Agency) {
        let production = Production::of(agency).await;
        let debtor = production.debtor().await;
        let lost = production.pays(&debtor, "pm_card_answer_lost", 30_00).await.made();
        let never = production.pays(&debtor, "pm_card_answer_lost_before", 20_00).await.made();
        for charge in [&lost, &never] {
            assert_eq!(production.state(charge).await, "unknown");
        }
        assert_eq!((production.owed(&debtor).await, production.moved()), (100_00, 1));
        for _ in 0..3 {
            production.later(3_600).await;
            production.house.till.reconcile(100).await.unwrap();
        }
        for charge in [&lost, &never] {
            assert_eq!(production.state(charge).await, "succeeded");
        }
        assert_eq!((production.owed(&debtor).await, production.moved()), (50_00, 2));
    }

    async fn bank_debits_at_stripe_settle_or_come_back_by_its_list(agency: &Agency) {
        let production = Production::of(agency).await;
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
        let production = Production::of(agency).await;
        let debtor = production.debtor().await;
        let charge = production.pays(&debtor, "pm_card_createDispute", 30_00).await.made();
        production.sweep().await;
        production.later(20 * 86_400).await;
        production.sweep().await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&debtor).await), ("returned", 100_00));
    }

    async fn no_number_goes_to_stripe(agency: &Agency) {
        let production = Production::of(agency).await;
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
        let production = Production::of(agency).await;
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
        assert_eq!((production.owed(&debtor).await, production.moved()), (70_00, 1));
    }

    async fn hosted_fields_are_refused_where_only_a_page_of_stripes_takes_numbers(agency: &Agency) {
        let production = Production::of(agency).await;
        let tenant = agency.tenant(Environment::Production).await;
        let scopes = books::tokens::Scopes::parse("payment_methods:tokenize", api::SCOPES).unwrap();
        let create = books::tokens::Create { tenant: &tenant, name: "fields".into(), scopes, expires_at: None };
        let (key, _) = agency.db.run(&create).await.unwrap();
        let path = format!("/portal/tokenizer/fields/{}/card?origin=https://shop.example.com", key.0);
        let page = production.house.ask(Method::GET, &path).nobody().send().await;
        assert!(page.status >= 400 && !page.text.contains("name=\"number\""), "{}", page.text);
    }

    async fn news_of_stripe_brings_the_next_sweep_forward(agency: &Agency) {
        let production = Production::of(agency).await;
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
