//! What Authorize.net is asked, field by field. That each request is as its schema has it, in the order of its elements, the other
//! end sees to.

use std::time::Duration;

use adapters::authorize_net::AuthorizeNet;
use base::{Cents, secret::Secret};
use payments::processor::{Capabilities, Instrument, Lookup, Order, Processor, TokenizeError, Trace};
use serde_json::{Value, json};

use super::{listed, pay, token};
use crate::authorize_net_end::{Asked, End, checked};
use crate::worlds::{NONCE, authorize_net, back, code, found_by, marked, now, order, trace};

/// The only request since the last look, without who we are.
fn only(end: &End) -> Asked {
    let mut all = end.requests();
    assert_eq!(all.len(), 1, "{all:?}");
    let Asked { name, mut body } = all.remove(0);
    let who = body.as_object_mut().unwrap().shift_remove("merchantAuthentication");
    assert_eq!(who, Some(json!({ "name": "5KP3u95bQpv", "transactionKey": "346HZ32z3fP4hTG2" })));
    Asked { name, body }
}

fn names(end: &End) -> Vec<String> {
    end.requests().into_iter().map(|asked| asked.name).collect()
}

/// The mark that stands on what was made under a key.
fn mark(end: &End, key: &str) -> String {
    let is_it = |item: &Value| item["itemId"] == "quittance_key" && item["description"] == key;
    end.book(|book| book.transactions.iter().find(|one| one.items.iter().any(is_it)).unwrap().invoice.clone())
}

/// <https://developer.authorize.net/api/reference/index.html#payment-transactions-charge-a-customer-profile>
#[tokio::test]
async fn a_charge_is_one_transaction_on_a_customers_payment_profile() {
    let (p, end) = authorize_net().await;
    let visa = token(&p, "visa").await;
    let ids: Vec<String> = visa.reveal().split(':').map(str::to_owned).collect();
    end.requests();
    let description = Some("Payment of 1,006 & more".to_owned());
    let described = Order { token: visa, description, ..order("k1", "", 12_345) };
    assert_eq!(code(&p.submit(now(), &described).await), "succeeded");
    let asked = only(&end);
    let mark = mark(&end, "k1");
    assert!(mark.len() == 20 && mark.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{mark}: no symbols");
    let item = |id: &str, name: &str, text: &str| json!({ "itemId": id, "name": name, "description": text, "quantity": "1", "unitPrice": "0.00" });
    let expected = json!({ "transactionRequest": {
        "transactionType": "authCaptureTransaction",
        "amount": "123.45",
        "currencyCode": "USD",
        "profile": { "customerProfileId": ids[1], "paymentProfile": { "paymentProfileId": ids[2] } },
        "order": { "invoiceNumber": mark, "description": "Payment of 1,006 & more" },
        "lineItems": { "lineItem": [item("quittance_key", "quittance", "k1"), item("of", "label", "ours k1")] },
        "transactionSettings": { "setting": [{ "settingName": "duplicateWindow", "settingValue": "28800" }] },
    } });
    assert_eq!(asked.name, "createTransactionRequest");
    // As text, because the order counts.
    assert_eq!(asked.body.to_string(), expected.to_string());
}

/// <https://support.authorize.net/knowledgebase/Knowledgearticle/?code=000001206>
#[test]
fn the_other_end_takes_nothing_that_is_out_of_order_too_long_unknown_or_missing() {
    let who = json!({ "name": "l", "transactionKey": "k" });
    let details = |body: Value| json!({ "getTransactionDetailsRequest": body });
    assert!(checked(&details(json!({ "merchantAuthentication": who, "transId": "1" }))).is_ok());
    for wrong in [
        json!({ "transId": "1", "merchantAuthentication": who }),
        json!({ "merchantAuthentication": who }),
        json!({ "merchantAuthentication": who, "transId": "x" }),
        json!({ "merchantAuthentication": who, "transId": "1", "more": "x" }),
        json!({ "merchantAuthentication": who, "refId": "x".repeat(21), "transId": "1" }),
        json!({ "merchantAuthentication": { "transactionKey": "k", "name": "l" }, "transId": "1" }),
    ] {
        assert!(checked(&details(wrong.clone())).is_err(), "{wrong}");
    }
}

/// <https://developer.authorize.net/api/reference/index.html#payment-transactions-refund-a-transaction>
#[tokio::test]
async fn a_refund_names_its_charge_and_goes_to_the_profile_that_was_charged() {
    let (p, end) = authorize_net().await;
    pay(&p, "c", "visa").await;
    let later = now().plus_seconds(60);
    end.move_to(later);
    let charge = end.book(|book| book.transactions[0].clone());
    end.requests();
    let mut order = back("r", "c", Cents::new(400));
    order.charge.processor_id = Some(charge.id.to_string());
    assert_eq!(code(&p.refund(later, &order).await), "succeeded");
    let mut all = end.requests();
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["getTransactionDetailsRequest", "createTransactionRequest"]);
    let asked = all.pop().unwrap().body["transactionRequest"].take();
    let item = |id: &str, name: &str, text: &str| json!({ "itemId": id, "name": name, "description": text, "quantity": "1", "unitPrice": "0.00" });
    let items = [
        item("quittance_key", "quittance", "r"),
        item("quittance_charge_key", "quittance", "c"),
        item("of", "label", "ours r"),
    ];
    let expected = json!({
        "transactionType": "refundTransaction",
        "amount": "4.00",
        "currencyCode": "USD",
        "profile": {
            "customerProfileId": charge.customer.to_string(),
            "paymentProfile": { "paymentProfileId": charge.profile.to_string() },
        },
        "refTransId": charge.id.to_string(),
        "order": { "invoiceNumber": mark(&end, "r") },
        "lineItems": { "lineItem": items },
        "transactionSettings": { "setting": [{ "settingName": "duplicateWindow", "settingValue": "28800" }] },
    });
    assert_eq!(asked.to_string(), expected.to_string());
}

/// <https://developer.authorize.net/api/reference/index.html#payment-transactions-void-a-transaction>
#[tokio::test]
async fn a_void_names_its_charge_and_nothing_else() {
    let (p, end) = authorize_net().await;
    pay(&p, "c", "bank").await;
    let id = end.book(|book| book.transactions[0].id.to_string());
    end.requests();
    let charge = Trace { processor_id: Some(id.clone()), ..trace("c") };
    assert_eq!(code(&p.void(now(), "v", &charge).await), "succeeded");
    let asked = end.requests().pop().unwrap().body["transactionRequest"].take();
    assert_eq!(asked, json!({ "transactionType": "voidTransaction", "refTransId": id }));
}

/// <https://developer.authorize.net/api/reference/features/acceptjs.html>
#[tokio::test]
async fn a_nonce_is_made_a_profile_once_and_gives_the_same_again() {
    let (p, end) = authorize_net().await;
    let made = token(&p, "visa").await;
    let all = end.requests();
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["createCustomerProfileRequest", "getCustomerPaymentProfileRequest"]);
    let called = end.book(|book| book.profiles[0].called.clone());
    let expected = json!({
        "profile": {
            "merchantCustomerId": called,
            "paymentProfiles": {
                "payment": { "opaqueData": { "dataDescriptor": NONCE, "dataValue": "visa" } },
            },
        },
        "validationMode": "liveMode",
    });
    let mut body = all[0].body.clone();
    body.as_object_mut().unwrap().shift_remove("merchantAuthentication");
    assert_eq!(body.to_string(), expected.to_string(), "nobody's name");
    let (customer, profile) = end.book(|book| (book.profiles[0].customer, book.profiles[0].id));
    assert_eq!(made.reveal(), &format!("card:{customer}:{profile}"));

    for again in [
        "COMMON.ACCEPT.INAPP.PAYMENT:visa".to_owned(),
        format!("{customer}:{profile}"),
        made.reveal().clone(),
    ] {
        let described = p.inspect(now(), &Secret::new(again.clone())).await.unwrap();
        assert_eq!(described.token, made, "{again}");
    }
    assert_eq!(end.book(|book| book.profiles.len()), 1);
    for key in ["a", "b"] {
        assert_eq!(code(&p.submit(now(), &order(key, made.reveal(), 500)).await), "succeeded");
    }
}

#[tokio::test]
async fn what_cannot_be_charged_later_is_refused_when_it_is_given() {
    let (p, end) = authorize_net().await;
    end.book(|book| book.spent.push("mastercard".into()));
    for (token, words) in [
        ("COMMON.ACCEPT.INAPP.PAYMENT:mastercard", "once and within fifteen minutes"),
        ("COMMON.ACCEPT.INAPP.PAYMENT:nobodys", "once and within fifteen minutes"),
        ("COMMON.ACCEPT.INAPP.PAYMENT:invalid", "declined"),
        ("4242424242424242", "Accept.js"),
        ("1006:1007", "not known"),
        ("card:1006:1007", "not known"),
    ] {
        let said = p.inspect(now(), &Secret::new(token.to_owned())).await;
        let Err(TokenizeError::Refused(why)) = said else { panic!("{token}: {said:?}") };
        assert!(why.contains(words), "{token}: {why}");
    }
}

#[tokio::test]
async fn a_number_is_refused_and_goes_nowhere() {
    let (p, end) = authorize_net().await;
    let card = Instrument::Card {
        number: Secret::new("4242424242424242".into()),
        security_code: None,
        expiry_month: 12,
        expiry_year: 2031,
        holder: "Ada Debtor".into(),
        postal_code: None,
    };
    assert!(!p.takes_cards() && !p.takes_accounts() && !p.has_pages());
    assert!(
        matches!(p.tokenize(now(), &card).await, Err(TokenizeError::Refused(words)) if words.contains("Accept.js"))
    );
    assert_eq!(end.requests(), []);
}

#[tokio::test]
async fn it_says_that_it_has_no_keys_and_that_the_rest_works() {
    let (p, _end) = authorize_net().await;
    let expected = Capabilities { idempotency_seconds: Some(0), lookup: true, list: true, void: true };
    assert_eq!(p.capabilities(), expected);
}

#[tokio::test]
async fn a_wrong_key_is_silence_and_charges_nothing() {
    let end = End::start(now()).await;
    let secret = |text: &str| Secret::new(text.to_owned());
    let made =
        AuthorizeNet::new(&end.address, secret("5KP3u95bQpv"), secret("anothers"), Duration::from_secs(2));
    let p = made.unwrap();
    assert!(!p.is_live());
    assert_eq!(code(&p.submit(now(), &order("k", "card:1:2", 500)).await), "unknown");
    assert!(matches!(p.lookup(now(), &trace("k")).await, Lookup::Unreachable(_)));
    let Err(why) = p.list_since(now(), now(), None).await else { panic!() };
    assert_eq!(why.0, "Authorize.net does not know us by our login and key (E00007)");
    let described = p.inspect(now(), &Secret::new("1:2".into())).await;
    assert!(matches!(described, Err(TokenizeError::Unreachable(_))));
    assert_eq!(code(&p.refund(now(), &back("r", "k", Cents::new(5))).await), "unknown");
    assert_eq!(code(&p.void(now(), "v", &trace("k")).await), "unknown");
}

/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-unsettled-transaction-list>
#[tokio::test]
async fn what_has_an_id_is_read_by_it_and_what_has_none_is_sought_in_the_lists() {
    let (p, end) = authorize_net().await;
    pay(&p, "c", "visa").await;
    let id = end.book(|book| book.transactions[0].id.to_string());
    end.requests();
    let known = Trace { processor_id: Some(id.clone()), ..trace("c") };
    let record = found_by(&p, now(), &known).await;
    assert_eq!((record.processor_id, record.metadata), (id, marked("c")));
    assert_eq!(names(&end), ["getTransactionDetailsRequest"]);
    found_by(&p, now(), &trace("c")).await;
    assert_eq!(names(&end), ["getUnsettledTransactionListRequest", "getTransactionDetailsRequest"]);

    let later = now().plus_seconds(40 * 86_400);
    end.move_to(later);
    found_by(&p, later, &trace("c")).await;
    let all = end.requests();
    let ranges = all.iter().filter(|one| one.name == "getSettledBatchListRequest").count();
    assert_eq!((all[0].name.as_str(), ranges), ("getUnsettledTransactionListRequest", 2), "31 days at most");
    let page = json!({ "limit": "1000", "offset": "1" });
    let newest_first = json!({ "orderBy": "submitTimeUTC", "orderDescending": "true" });
    assert_eq!((&all[0].body["paging"], &all[0].body["sorting"]), (&page, &newest_first));
}

/// <https://developer.authorize.net/api/reference/features/transaction-reporting.html>
#[tokio::test]
async fn the_list_is_what_is_in_no_batch_and_then_the_batches_a_hundred_at_a_time() {
    let (p, end) = authorize_net().await;
    for i in 0..101 {
        pay(&p, &format!("k{i}"), "visa").await;
    }
    end.requests();
    let first = p.list_since(now(), now(), None).await.unwrap();
    let second = p.list_since(now(), now(), first.cursor.clone()).await.unwrap();
    let last = p.list_since(now(), now(), second.cursor.clone()).await.unwrap();
    assert_eq!((first.records.len(), second.records.len(), last.records.len()), (100, 1, 0));
    assert_eq!(
        (first.cursor.as_deref(), second.cursor.as_deref(), last.cursor),
        (Some("unsettled:2"), Some("behind:0:0"), None)
    );
    assert!(p.list_since(now(), now(), Some("500".into())).await.is_err(), "another processor's place");
    // What has settled is in batches, each card payment told once, when it was made.
    let later = now().plus_seconds(86_400);
    end.move_to(later);
    assert_eq!(listed(&p, later, now()).await.len(), 101);
    end.requests();
    assert_eq!(listed(&p, later, now().plus_seconds(30)).await, []);
    assert!(
        !names(&end).contains(&"getTransactionDetailsRequest".to_owned()),
        "nothing is read that is no news"
    );
}
