//! The typed client against a real server.

use std::time::Duration;

use ::client::{
    Cents, Change, ChargeState, Client, CustomerChanges, Error, ListCharges, ListCustomers, ListTransactions,
    NewCard, NewCharge, NewCustomer, NewCustomerAddress, NewDebtAccount, NewPaymentPlan, NewWebhook,
    RefundCharge, Retries, Upload, WebhookEvent,
};

use serde_json::json;

use crate::support::agency::Agency;
use crate::support::served::Served;
use crate::support::theirs::Theirs;

/// A client of a served agency that never asks twice by itself: a story wants to see every answer.
fn client(agency: &Agency, served: &Served) -> Client {
    Client::with_retries(&served.api(), agency.template.ours.sandbox.as_str(), Retries::NEVER).unwrap()
}

fn ada() -> NewCustomer {
    NewCustomer {
        name: Some("Ada Lovelace".into()),
        email: Some("ada@example.com".into()),
        ..Default::default()
    }
}

/// The id of a new account of a new customer.
async fn owing(api: &Client, balance: Cents) -> String {
    let customer = api.create_customer(&ada()).await.unwrap();
    let debt = NewDebtAccount { customer_id: Some(customer.id), balance, ..Default::default() };
    api.create_debt_account(&debt).await.unwrap().id
}

fn card(number: &str) -> NewCard {
    NewCard {
        card_holder: "Ada Lovelace".into(),
        card_number: number.into(),
        card_expiration_month: "12".into(),
        card_expiration_year: "2030".into(),
        card_security_code: Some("123".into()),
        ..Default::default()
    }
}

fn payment(debt: &str, amount: Cents, number: &str) -> NewCharge {
    NewCharge { amount, debt_account_id: Some(debt.into()), card: Some(card(number)), ..Default::default() }
}

on_both_engines! {
    async fn a_customer_an_account_and_a_payment_in_a_few_lines(agency: &Agency) {
        let served = agency.served().await;
        let api = client(agency, &served);
        let debt = owing(&api, Cents(150_00)).await;
        let charge = api.create_charge(&payment(&debt, Cents(50_00), "4242424242424242")).await.unwrap();
        assert_eq!((charge.state, charge.amount), (ChargeState::Succeeded, Cents(50_00)));
        assert_eq!(api.get_debt_account(&debt).await.unwrap().current_balance, Cents(100_00));
        let back = api.refund_charge(&charge.id, &RefundCharge { amount: Some(Cents(20_00)) }).await.unwrap();
        assert_eq!(back.refunded_amount, Cents(20_00));
        assert_eq!(agency.owed(&debt).await, 120_00);
    }

    async fn a_declined_charge_is_a_refusal_that_carries_it(agency: &Agency) {
        let served = agency.served().await;
        let api = client(agency, &served);
        let debt = owing(&api, Cents(150_00)).await;
        let refused = api.create_charge(&payment(&debt, Cents(50_00), "4000000000000002")).await.unwrap_err();
        let refusal = refused.refusal().expect("a refusal");
        assert_eq!((refusal.status, refusal.code.as_str()), (400, "charge_declined"));
        let charge = refusal.charge().expect("the charge");
        assert_eq!(charge.state, ChargeState::Declined);
        assert_eq!(charge.decline.expect("a reason").code, "do_not_honor");
        assert_eq!(api.get_charge(&charge.id).await.unwrap().state, ChargeState::Declined);
        assert_eq!(agency.owed(&debt).await, 150_00);
    }

    async fn what_is_wrong_with_a_request_is_said_field_by_field(agency: &Agency) {
        let served = agency.served().await;
        let api = client(agency, &served);
        let refused = api.create_charge(&NewCharge::default()).await.unwrap_err();
        let refusal = refused.refusal().expect("a refusal");
        assert_eq!(refusal.status, 422);
        assert_eq!(refusal.errors["amount"][0], "The amount field must be at least 1.");
        assert!(refusal.errors.contains_key("payment_method_id") && refusal.request_id.is_some());
        assert_eq!(api.get_customer("nobody/../charges").await.unwrap_err().refusal().unwrap().status, 404);
        let stranger = Client::with_retries(&served.api(), "qt_test_0000", Retries::NEVER).unwrap();
        assert_eq!(stranger.get_organization().await.unwrap_err().refusal().unwrap().code, "unauthenticated");
        assert!(!format!("{stranger:?}").contains("0000"));
    }

    async fn the_same_key_gives_the_same_charge_and_other_keys_others(agency: &Agency) {
        let served = agency.served().await;
        let api = client(agency, &served);
        let debt = owing(&api, Cents(150_00)).await;
        let pay = payment(&debt, Cents(10_00), "4242424242424242");
        let first = api.create_charge(&pay).idempotency_key("order-1").answer().await.unwrap();
        let again = api.create_charge(&pay).idempotency_key("order-1").answer().await.unwrap();
        assert_eq!((first.is_replay, again.is_replay), (false, true));
        assert_eq!(first.value.id, again.value.id);
        // Without a key of the caller's each call is meant by itself.
        let other = api.create_charge(&pay).await.unwrap();
        assert_ne!(other.id, first.value.id);
        let changed = payment(&debt, Cents(11_00), "4242424242424242");
        let refused = api.create_charge(&changed).idempotency_key("order-1").await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().code, "idempotency_conflict");
        assert_eq!(agency.owed(&debt).await, 130_00);
        assert_eq!(agency.bank.charges(), 2);
    }

    async fn a_list_is_walked_page_by_page_or_row_by_row(agency: &Agency) {
        let served = agency.served().await;
        let api = client(agency, &served);
        let mut made = Vec::new();
        for n in 0..5 {
            let name = Some(format!("Customer {n}"));
            made.push(api.create_customer(&NewCustomer { name, ..Default::default() }).await.unwrap().id);
        }
        made.reverse();
        let two = ListCustomers { limit: Some(2), ..Default::default() };
        let mut pages = api.list_customers(&two);
        let mut sizes = Vec::new();
        while let Some(page) = pages.next_page().await.unwrap() {
            sizes.push(page.len());
        }
        assert_eq!(sizes, [2, 2, 1]);
        let mut rows = api.list_customers(&two);
        let mut walked = Vec::new();
        while let Some(row) = rows.next().await.unwrap() {
            walked.push(row.id);
        }
        assert_eq!(walked, made);
        assert_eq!(api.list_customers(&two).all().await.unwrap().len(), 5);
        let last = api.list_customers(&two).page(3).await.unwrap();
        assert_eq!((last.meta.total, last.meta.last_page, last.data[0].id.as_str()), (Some(5), Some(3), made[4].as_str()));
        let one = ListCustomers { name: Some("Customer 3".into()), ..Default::default() };
        assert_eq!(api.list_customers(&one).all().await.unwrap().len(), 1);
    }

    async fn an_update_keeps_sets_and_clears(agency: &Agency) {
        let served = agency.served().await;
        let api = client(agency, &served);
        let home = NewCustomerAddress { line1: Some("1 Main St".into()), city: Some("Albany".into()), ..Default::default() };
        let new = NewCustomer { address: Some(vec![home]), phone: Some("+12125550123".into()), ..ada() };
        let customer = api.create_customer(&new).await.unwrap();
        assert_eq!(customer.addresses[0].city.as_deref(), Some("Albany"));
        let changes = CustomerChanges { phone: Change::Clear, email: "ada@example.org".into(), ..Default::default() };
        let changed = api.update_customer(&customer.id, &changes).await.unwrap();
        assert_eq!((changed.phone, changed.email.as_deref(), changed.name.as_str()), (None, Some("ada@example.org"), "Ada Lovelace"));
        api.delete_customer(&customer.id).await.unwrap();
        assert_eq!(api.get_customer(&customer.id).await.unwrap_err().refusal().unwrap().status, 404);
    }

    async fn files_go_and_come(agency: &Agency) {
        let served = agency.served().await;
        let api = client(agency, &served);
        let debt = owing(&api, Cents(150_00)).await;
        let file = Upload { name: "owed.txt".into(), content_type: "text/plain".into(), bytes: b"All of it.".to_vec() };
        let document = api.create_debt_account_document(&debt, &file, &Default::default()).await.unwrap();
        assert_eq!(document.name.as_deref(), Some("owed.txt"));
        assert_eq!(api.get_document_content(&document.id).await.unwrap().bytes, b"All of it.");
        let rows = format!("external_id,balance,customer_id\nA-1,2500,{}\n", api.get_debt_account(&debt).await.unwrap().customer_id);
        let sent = api.send_debt_accounts_as(&Default::default(), "text/csv", rows).await.unwrap();
        agency.steps().await;
        assert_eq!(api.get_bulk(&sent.id).await.unwrap().processed, 1);
        let table = api.export_debt_accounts(&Default::default()).await.unwrap();
        assert!(table.content_type.starts_with("text/csv") && String::from_utf8(table.bytes).unwrap().contains("A-1"));
    }

    async fn words_are_the_guides(agency: &Agency) {
        use ::client::PaymentPlanFrequency;
        let served = agency.served().await;
        let api = client(agency, &served);
        let debt = owing(&api, Cents(150_00)).await;
        let plan = NewPaymentPlan {
            debt_account_id: debt.clone(),
            amount: Cents(50_00),
            frequency: PaymentPlanFrequency::EveryOtherWeek,
            ..Default::default()
        };
        let plan = api.create_payment_plan(&plan).await.unwrap();
        assert_eq!(plan.frequency, Some(PaymentPlanFrequency::EveryOtherWeek));
        let hook = NewWebhook { url: "https://agency.example/hooks".into(), events: Vec::new(), ..Default::default() };
        assert!(matches!(api.create_webhook(&hook).await, Err(Error::Refused(_))));
        let of_account = ListCharges { debt_account_id: Some(debt), ..Default::default() };
        assert!(api.list_charges(&of_account).all().await.unwrap().is_empty());
        assert!(api.list_transactions(&ListTransactions::default()).all().await.unwrap().is_empty());
    }
}

/// The idempotency keys of what a server was asked, in their order; nothing for a request without one.
fn keys(theirs: &Theirs) -> Vec<Option<String>> {
    let key =
        |asked: &String| asked.lines().find_map(|l| l.strip_prefix("idempotency-key: ").map(str::to_owned));
    theirs.asked().iter().map(key).collect()
}

#[tokio::test]
async fn only_what_cannot_happen_twice_is_sent_again() {
    let thrice = Retries { most: 2, pause: Duration::ZERO };
    // Whoever says "not now" did nothing: everything is sent again, what has a key under the same one.
    let theirs = Theirs::answering(503, r#"{"errorCode": "busy", "message": "Come again."}"#).await;
    let api = Client::with_retries(&theirs.url("/api/v1"), "qt_test_0", thrice).unwrap();
    assert_eq!(api.void_charge("c").await.unwrap_err().refusal().unwrap().code, "busy");
    let sent = keys(&theirs);
    assert!(sent.len() == 3 && sent[0].is_some() && sent.iter().all(|key| *key == sent[0]), "{sent:?}");
    api.sync_charge("c").await.unwrap_err();
    assert_eq!(keys(&theirs)[3..], [None, None, None]);

    // Whoever hangs up may have done it: only what reads, or has a key, is sent again.
    let theirs = Theirs::answering(200, "{}").await;
    theirs.hang_up();
    let api = Client::with_retries(&theirs.url("/api/v1"), "qt_test_0", thrice).unwrap();
    assert!(matches!(api.get_charge("c").await, Err(Error::Unanswered(_))));
    assert_eq!(theirs.asked().len(), 3);
    assert!(matches!(api.void_charge("c").await, Err(Error::Unanswered(_))));
    assert_eq!(theirs.asked().len(), 6);
    assert!(matches!(api.sync_charge("c").await, Err(Error::Unanswered(_))));
    assert!(matches!(api.delete_customer("c").await, Err(Error::Unanswered(_))));
    assert_eq!(theirs.asked().len(), 8);

    // A refusal is an answer.
    let theirs =
        Theirs::answering(422, r#"{"errorCode": "validation_failed", "errors": {"amount": ["No."]}}"#).await;
    let api = Client::with_retries(&theirs.url("/api/v1"), "qt_test_0", thrice).unwrap();
    assert_eq!(api.void_charge("c").await.unwrap_err().refusal().unwrap().errors["amount"], ["No."]);
    assert_eq!(theirs.asked().len(), 1);
}

#[tokio::test]
async fn what_a_newer_server_says_more_does_not_break_the_client() {
    let hook = json!({ "data": {
        "id": "w", "url": "https://agency.example/", "events": ["charge.completed", "charge.frozen_solid"], "active": true,
        "created_at": "2026-11-20T15:00:00Z", "updated_at": "2026-11-20T15:00:00Z", "secret": "whsec_1", "mood": "good",
    }});
    let theirs = Theirs::answering(200, &hook.to_string()).await;
    let api = Client::new(&theirs.url("/api/v1"), "qt_test_0").unwrap();
    let hook = api.get_webhook("w").await.unwrap();
    assert_eq!(
        hook.events,
        [WebhookEvent::ChargeCompleted, WebhookEvent::Other("charge.frozen_solid".into())]
    );
    // A secret is there to be used and not to be printed.
    assert!(!format!("{hook:?}").contains("whsec"));
    assert_eq!(hook.secret.unwrap().reveal(), "whsec_1");
    // What cannot be read is said to be that, and does not look like a refusal.
    theirs.say(200, "<html>");
    assert!(matches!(api.get_webhook("w").await, Err(Error::Unreadable { status: 200, .. })));
    theirs.say(502, "<html>");
    assert_eq!(api.get_webhook("w").await.unwrap_err().refusal().unwrap().status, 502);
}
