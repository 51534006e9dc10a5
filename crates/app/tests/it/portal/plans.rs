//! Paying over time on the portal: every payment is seen before anything is agreed on, and what is agreed on happens once.

use http::Method;
use serde_json::{Value, json};

use super::browser::{Browser, known, link, link_of};
use crate::support::agency::Agency;
use crate::support::client::Answer;

/// Days pass, and on each of them the steps find what there is to do.
pub(crate) async fn passes(agency: &Agency, days: i64) {
    for _ in 0..days {
        agency.days(1).await;
        while agency.till.sweep(100).await.expect("sweep") > 0 {}
        agency.steps().await;
    }
}

/// A browser of somebody who came in.
pub(crate) async fn ada<'a>(agency: &'a Agency, customer: &str) -> Browser<'a> {
    let mut ada = Browser::new(agency);
    ada.comes_by(&link_of(agency, customer).await).await.is(200);
    ada
}

/// Chooses the button of the page that is shown: with what is hidden on it.
pub(crate) async fn agrees(browser: &mut Browser<'_>) -> Answer {
    let path = browser.place().split('?').next().unwrap().to_owned();
    let all =
        ["once", "often", "amount", "first", "down", "with", "seal"].map(|name| (name, browser.hidden(name)));
    let sent: Vec<(&str, &str)> = all
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.send(&path, &sent).await
}

/// The plan that a browser shows, as the API tells of it.
pub(crate) async fn plan_of(agency: &Agency, browser: &Browser<'_>) -> Value {
    let id = browser.place().strip_prefix("/portal/plans/").unwrap_or_else(|| panic!("{}", browser.place()));
    agency.get(&format!("/payment-plans/{id}")).await.data()
}

/// Looks for these words on a page, as they are read and not as they are written.
#[track_caller]
pub(crate) fn says(page: &Answer, all: &[&str]) {
    let read = page.text.replace("&#39;", "'");
    for told in all {
        assert!(page.text.contains(told) || read.contains(told), "{told}: {}", page.text);
    }
}

/// A plan of $50.00 a month from 2026-12-01 on, and its id.
pub(crate) async fn enrolled(agency: &Agency, customer: &str, debt: &str, token: &str) -> String {
    let method = agency.method_of(customer, token).await;
    let plan = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 50_00, "frequency": "monthly", "start_date": "2026-12-01" });
    agency.post("/payment-plans", plan).await.made()
}

pub(crate) fn card(number: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("holder", "Ada Lovelace"),
        ("number", number),
        ("month", "12"),
        ("year", "30"),
        ("code", "123"),
        ("zip", "12207"),
    ]
}

on_both_engines! {
    async fn somebody_sees_every_payment_by_their_own_terms_and_agrees_to_the_words(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let mut ada = ada(agency, &customer).await;
        let at = format!("/portal/accounts/{debt}/plan");
        says(&ada.get(&format!("/portal/accounts/{debt}")).await, &["Pay over time", &at]);
        says(&ada.get(&format!("/portal/accounts/{debt}/pay")).await, &["Pay over time", &at]);
        // Nothing is wrong before anything is written. 120 months are as long as a plan may run.
        let form = ada.get(&at).await;
        says(&form, &["At least $1.03.", "From November 21, 2026 to December 21, 2026", "value=\"2026-11-21\""]);
        assert!(form.status == 200 && !form.text.contains("<table ") && !form.text.contains("There is a problem"), "{}", form.text);
        let terms = "often=monthly&amount=50&first=2026-12-01&down=20";
        says(&ada.get(&format!("{at}?{terms}")).await, &[
            "November 20, 2026", "$20.00", "December 1, 2026", "$50.00", "January 1, 2027", "February 1, 2027", "$3.45",
            "In all", "$123.45", "Visa card ending in 4242", "A new card",
        ]);
        let review = ada.get(&format!("{at}/agree?{terms}&with={method}")).await;
        says(&review, &[
            "February 1, 2027", "$3.45", "Visa card ending in 4242", "General Memorial Hospital",
            "I, Ada Lovelace, agree that", "keeps my card ending in 4242 on file",
            "USD 20.00 on 2026-11-20, then USD 50.00 monthly from 2026-12-01 to 2027-02-01: 4 payments, USD 123.45 in all",
        ]);
        assert_eq!(agency.many("/payment-plans").await, 0, "nothing is agreed on before the button");
        let page = agrees(&mut ada).await;
        says(&page, &["Your plan is running", "Visa card ending in 4242", "December 1, 2026", "$123.45", "Still to come"]);
        let plan = plan_of(agency, &ada).await;
        let given = &plan["authorization"];
        assert_eq!((&plan["state"], &plan["payment_source"], &plan["down_payment_amount"]), (&json!("active"), &json!("portal"), &json!(20_00)));
        for (name, value) in [("channel", "web"), ("ip_address", "127.0.0.1"), ("given_by", "Ada Lovelace"), ("text_version", "card-en-1"), ("recorded_by", "customer")] {
            assert_eq!(given[name], value, "{name}");
        }
        let text = given["text"].as_str().unwrap();
        assert!(text.contains(&format!("Reference: {}.", plan["id"].as_str().unwrap())), "{text}");
        says(&review, &[text]);
        // What is paid today is paid today, and the page says so.
        agency.steps().await;
        let page = ada.get(&format!("/portal/plans/{}", plan["id"].as_str().unwrap())).await;
        says(&page, &["Paid", "/portal/payments/", "$103.45"]);
        assert_eq!(agency.owed(&debt).await, 103_45);
        assert!(agency.letters.given().iter().any(|letter| letter.to == "ada@example.com" && letter.body.contains(text)), "the copy");
        says(&ada.get(&format!("{}/authorizations", ada.place().to_owned())).await, &["Sent to your e-mail address", "Holds", text]);
        says(&ada.get("/portal/accounts").await, &["Payment plan: $50.00 on December 1, 2026"]);
        says(&ada.get(&format!("/portal/accounts/{debt}")).await, &["Payment plan: $50.00 on December 1, 2026", "/pay\""]);
        // Whoever looks for another is shown this one.
        ada.get(&at).await.is(200);
        assert!(ada.place().starts_with("/portal/plans/"));
        agency.books_hold().await;
    }

    async fn what_cannot_be_agreed_on_is_said_field_by_field(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        agency.put("/organization", json!({ "payment_rules": { "min_installment_amount": 15_00, "payment_plan_max_months": 6 } })).await.is(200);
        let mut ada = ada(agency, &customer).await;
        let at = format!("/portal/accounts/{debt}/plan");
        says(&ada.get(&at).await, &["At least $20.58."]);
        for (terms, wrong) in [
            ("often=monthly&amount=20.57&first=2026-12-01", &[("amount", "at least $20.58 for each payment")][..]),
            ("often=weekly&amount=14.99&first=2026-12-01", &[("amount", "at least $15.00 for each payment")]),
            ("often=monthly&amount=fifty&first=2026-12-01", &[("amount", "Enter an amount in dollars")]),
            ("often=monthly&amount=50&first=2026-11-20", &[("first", "a day from November 21, 2026 to December 21, 2026")]),
            ("often=monthly&amount=50&first=2026-12-22", &[("first", "a day from November 21, 2026 to December 21, 2026")]),
            ("often=daily&amount=50&first=soon", &[("often", "Choose how often"), ("first", "a day from")]),
            ("often=monthly&amount=50&first=2026-12-01&down=x", &[("down", "Enter an amount in dollars")]),
            ("often=monthly&amount=50&first=2026-12-01&down=5", &[("down", "at least $15.00, and less than all of it")]),
            ("often=monthly&amount=50&first=2026-12-01&down=123.45", &[("down", "at least $15.00, and less than all of it")]),
        ] {
            for path in [format!("{at}?{terms}"), format!("{at}/agree?{terms}&with={method}")] {
                let refused = ada.get(&path).await;
                assert_eq!(refused.status, 422, "{terms}: {}", refused.text);
                for (field, why) in wrong {
                    says(&refused, &[why, &format!("href=\"#{field}\""), &format!("id=\"{field}\""), &format!("id=\"{field}-wrong\"")]);
                }
                assert!(!refused.text.contains("<table "), "{terms}: {}", refused.text);
            }
        }
        // Nobody pays by another's card, and nobody by nothing.
        let other = agency.customer().await;
        let theirs = agency.method_of(&other, "tok_mastercard").await;
        let terms = "often=monthly&amount=50&first=2026-12-01";
        for with in [theirs.as_str(), "nothing", ""] {
            let refused = ada.get(&format!("{at}/agree?{terms}&with={with}")).await;
            assert_eq!(refused.status, 422, "{with}");
            says(&refused, &["Choose what you want to pay with", "href=\"#with\"", "id=\"with\"", "<table "]);
        }
        // Without any terms there is nothing to agree on.
        ada.get(&format!("{at}/agree")).await.is(200);
        assert_eq!(ada.place(), at);
        // A card that is over before the first payment.
        let stopped = agency.post("/payment-methods", json!({ "customer_id": customer, "token": "tok_visa" })).await.made();
        agency.put(&format!("/payment-methods/{stopped}"), json!({ "card": { "card_expiration_month": "11", "card_expiration_year": "26" } })).await.is(200);
        ada.get(&format!("{at}/agree?{terms}&with={stopped}")).await.is(200);
        let refused = agrees(&mut ada).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        says(&refused, &["href=\"#with\""]);
        assert_eq!(agency.many("/payment-plans").await, 0);
    }

    async fn a_proposed_plan_is_shown_first_and_agreed_on_as_it_is(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let asked = json!({
            "debt_account_id": debt, "type": "email", "email": "ada@example.com", "frequency": "weekly", "start_date": "2026-12-04",
            "amount": 40_00, "min_payment_amount": 30_00,
        });
        let id = agency.post("/payment-plans/request", asked.clone()).await.made();
        agency.seconds(6 * 3_600).await; // until it is day wherever they may be
        agency.steps().await;
        // The link of the request leads to it.
        let letters = agency.letters.given();
        let body = &letters.iter().find(|letter| letter.body.contains("https://pay.example.com/portal/")).expect("a request").body;
        let path = body.split("https://pay.example.com").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let mut ada = Browser::new(agency);
        ada.comes_by(&path).await.is(200);
        let page = ada.send(&path, &[("question", "date_of_birth"), ("month", "6"), ("day", "5"), ("year", "1987")]).await;
        assert_eq!(ada.place(), format!("/portal/accounts/{debt}/plan"), "{}", page.text);
        says(&page, &["This is your plan as proposed", "December 4, 2026", "December 25, 2026", "$3.45", "choose other terms"]);
        let at = ada.place().to_owned();
        says(&ada.get(&format!("/portal/accounts/{debt}")).await, &["Look at the plan we proposed"]);
        let refused = ada.get(&format!("{at}?often=weekly&amount=29.99&first=2026-12-04")).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        says(&refused, &["at least $30.00", "We proposed a plan to you"]);
        // What may not be changed is not offered to be.
        agency.put("/organization", json!({ "payment_rules": { "unscheduled_payment_plan_editable": false } })).await.is(200);
        let other = ada.get(&format!("{at}?often=weekly&amount=60&first=2026-12-04")).await;
        says(&other, &["No instalments can be agreed on here"]);
        let page = ada.get(&at).await;
        assert!(page.text.contains("as proposed") && !page.text.contains("name=\"amount\" inputmode"), "{}", page.text);
        let review = ada.get(&format!("{at}/agree?often=weekly&amount=40.00&first=2026-12-04&with={method}")).await;
        says(&review, &["USD 40.00 weekly from 2026-12-04 to 2026-12-25: 4 payments, USD 123.45 in all", &format!("Reference: {id}.")]);
        says(&agrees(&mut ada).await, &["Your plan is running"]);
        let plan = plan_of(agency, &ada).await;
        assert_eq!((&plan["id"], &plan["state"], &plan["authorization"]["channel"]), (&json!(id), &json!("active"), &json!("web")));
        says(&review, &[plan["authorization"]["text"].as_str().unwrap()]);
        agency.books_hold().await;
    }

    async fn what_a_proposal_leaves_open_is_chosen_whatever_the_rule(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        agency.put("/organization", json!({ "payment_rules": { "unscheduled_payment_plan_editable": false } })).await.is(200);
        let proposed = json!({ "debt_account_id": debt, "frequency": "weekly", "start_date": "2026-12-04" });
        agency.post("/payment-plans/request", proposed).await.made();
        let mut ada = ada(agency, &customer).await;
        let at = format!("/portal/accounts/{debt}/plan");
        let page = ada.get(&at).await;
        assert!(page.status == 200 && page.text.contains("value=\"2026-12-04\"") && !page.text.contains("<table "), "{}", page.text);
        says(&ada.get(&format!("{at}?often=monthly&amount=60&first=2026-12-04")).await, &["No instalments can be agreed on here"]);
        ada.get(&format!("{at}/agree?often=weekly&amount=60&first=2026-12-04&with={method}")).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running"]);
        assert_eq!(plan_of(agency, &ada).await["amount"], 60_00);
    }

    async fn a_new_card_is_written_at_the_tokenizers_path_and_kept_for_the_plan(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let mut ada = ada(agency, &customer).await;
        let at = format!("/portal/accounts/{debt}/plan");
        let terms = "often=monthly&amount=50.00&first=2026-12-01";
        let page = ada.get(&format!("{at}/agree?{terms}&with=card")).await;
        assert_eq!(ada.place(), format!("/portal/tokenizer/plan/{debt}/card?{terms}"));
        says(&page, &["Nothing is charged now", "Ada Lovelace"]);
        let (place, once) = (ada.place().to_owned(), ada.hidden("once"));
        let mut wrong = vec![("once", once.as_str())];
        wrong.extend(card("4242424242424241"));
        let again = ada.send(&place, &wrong).await;
        assert!(again.status == 422 && again.text.contains("href=\"#number\"") && !again.text.contains("4242424242"), "{}", again.text);
        assert_eq!(ada.hidden("once"), once);
        let mut right = vec![("once", once.as_str())];
        right.extend(card("4242 4242 4242 4242"));
        let review = ada.send(&place, &right).await;
        says(&review, &["keeps my card ending in 4242 on file", "Visa card ending in 4242"]);
        let agree = ada.place().to_owned();
        // Sent twice it is one card.
        ada.get(&place).await.is(200);
        ada.send(&place, &right).await.is(200);
        assert_eq!(ada.place(), agree);
        assert_eq!(agency.many(&format!("/payment-methods?customer_id={customer}")).await, 1);
        says(&agrees(&mut ada).await, &["Your plan is running", "Visa card ending in 4242"]);
        assert_eq!(agency.bank.submits(), 0, "nothing is charged before its day");
        passes(agency, 11).await;
        assert_eq!(agency.owed(&debt).await, 73_45);
        agency.books_hold().await;
    }

    async fn words_that_are_not_those_that_were_shown_are_shown_again(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let mut ada = ada(agency, &customer).await;
        let review = format!("/portal/accounts/{debt}/plan/agree?often=monthly&amount=50&first=2026-12-01&with={method}");
        ada.get(&review).await.is(200);
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": 100_00 })).await.is(200);
        let again = agrees(&mut ada).await;
        assert_eq!(again.status, 422, "{}", again.text);
        says(&again, &["Something has changed in the meantime", "href=\"#terms\"", "id=\"terms\"", "2 payments, USD 100.00 in all"]);
        assert_eq!(agency.many("/payment-plans").await, 0);
        // Words of a form of somebody's own making are nobody's.
        let (once, seal) = (ada.hidden("once"), ada.hidden("seal"));
        let place = ada.place().to_owned();
        for (id, sealed) in [(once.as_str(), "00"), ("0193c0de-0000-7000-8000-000000000000", seal.as_str())] {
            ada.get(&review).await.is(200);
            let form = [("once", id), ("often", "monthly"), ("amount", "50.00"), ("first", "2026-12-01"), ("with", method.as_str()), ("seal", sealed)];
            assert_eq!(ada.send(&place, &form).await.status, 422);
        }
        assert_eq!(agency.many("/payment-plans").await, 0);
        ada.get(&review).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running", "$100.00"]);
    }

    async fn nothing_is_agreed_on_where_the_account_or_the_organization_does_not_let_it(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let mut ada = ada(agency, &customer).await;
        let (account, at) = (format!("/portal/accounts/{debt}"), format!("/portal/accounts/{debt}/plan"));
        let review = format!("{at}/agree?often=monthly&amount=50&first=2026-12-01&with={method}");
        let closed = async |ada: &mut Browser<'_>, why: &str| {
            assert!(!ada.get(&account).await.text.contains("Pay over time"), "{why}");
            for path in [&at, &review] {
                says(&ada.get(path).await, &["No instalments can be agreed on here"]);
            }
        };
        // In between the page and its button.
        ada.get(&review).await.is(200);
        let block = agency.post("/blocks", json!({ "debt_account_id": debt, "reason": "dispute" })).await.made();
        says(&agrees(&mut ada).await, &["No instalments can be agreed on here"]);
        closed(&mut ada, "disputed").await;
        agency.post(&format!("/blocks/{block}/lift"), json!({})).await.is(200);
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "status": "closed" })).await.is(200);
        closed(&mut ada, "closed").await;
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "status": "active", "billing_type": ["full-amount-payment"] })).await.is(200);
        closed(&mut ada, "only in full").await;
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "billing_type": ["payment-plan"] })).await.is(200);
        says(&ada.get(&format!("{account}/pay")).await, &["How often"]);
        agency.put("/organization", json!({ "payment_rules": { "payment_plans_enabled": false } })).await.is(200);
        closed(&mut ada, "switched off").await;
        assert_eq!(agency.many("/payment-plans").await, 0);
        says(&ada.get("/portal/plans/0193c0de-0000-7000-8000-000000000000").await, &["There is no such page"]);
    }

    async fn a_payment_is_skipped_and_a_plan_stands_still_goes_on_and_ends(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let plan = enrolled(agency, &customer, &debt, "tok_visa").await;
        let mut ada = ada(agency, &customer).await;
        let (path, api) = (format!("/portal/plans/{plan}"), format!("/payment-plans/{plan}"));
        let page = ada.get(&path).await;
        says(&page, &["How to stop", "until the end of the day before"]);
        let skip = page.text.split(&format!("href=\"{path}/skip/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        says(&ada.get(&format!("{path}/skip/{skip}")).await, &["$50.00 on December 1, 2026 is not taken", "It can be stopped until the end of the day before"]);
        assert_eq!(agency.get(&api).await.data()["charges"][0]["state"], "scheduled", "nothing is skipped before the button");
        let button = async |browser: &mut Browser<'_>, step: &str| {
            browser.get(&format!("{path}/{step}")).await.is(200);
            let once = browser.hidden("once");
            let first = browser.send(&format!("{path}/{step}"), &[("once", &once)]).await;
            let events = agency.events().await;
            browser.send(&format!("{path}/{step}"), &[("once", &once)]).await.is(200);
            assert_eq!((agency.events().await, browser.place()), (events, path.as_str()), "{step} twice is once");
            first
        };
        says(&button(&mut ada, &format!("skip/{skip}")).await, &["Skipped", "March 1, 2027"]);
        // What is skipped cannot be skipped again.
        ada.get(&format!("{path}/skip/{skip}")).await.is(200);
        assert_eq!(ada.place(), path);
        let paused = button(&mut ada, "pause").await;
        says(&paused, &["Your plan stands still", "Waits until the plan goes on", "/resume\""]);
        assert!(!paused.text.contains("/skip/") && !paused.text.contains("/pause\""), "{}", paused.text);
        says(&ada.get("/portal/accounts").await, &["Your payment plan stands still"]);
        ada.get(&path).await.is(200);
        says(&button(&mut ada, "resume").await, &["Your plan is running"]);
        says(&ada.get(&format!("{path}/stop")).await, &["It cannot be undone", "It can be stopped until"]);
        let ended = button(&mut ada, "stop").await;
        says(&ended, &["Your plan has ended"]);
        assert!(!ended.text.contains("/stop\"") && !ended.text.contains("/method\""), "{}", ended.text);
        let told = agency.get(&api).await.data();
        assert_eq!((&told["state"], &told["reason"], told["authorization"]["ended_at"].is_string()), (&json!("cancelled"), &json!("cancelled"), true));
        says(&ada.get(&format!("{path}/authorizations")).await, &["Over since November 20, 2026"]);
        passes(agency, 20).await;
        assert_eq!((agency.bank.submits(), agency.owed(&debt).await), (0, 123_45));
        // Nothing is on its way back to a plan that is over, and another may begin.
        let mut ada = super::plans::ada(agency, &customer).await;
        for step in ["pause", "resume", "stop", "method"] {
            ada.get(&format!("{path}/{step}")).await.is(200);
            assert_eq!(ada.place(), path, "{step}");
        }
        says(&ada.get(&format!("/portal/accounts/{debt}")).await, &["Pay over time"]);
    }

    async fn a_plan_whose_card_cannot_be_charged_goes_on_by_another(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let plan = enrolled(agency, &customer, &debt, "tok_lost_card").await;
        passes(agency, 12).await;
        let mut ada = ada(agency, &customer).await;
        let path = format!("/portal/plans/{plan}");
        let page = ada.get(&path).await;
        says(&page, &["Your plan stands still", "Put another card or account in its place"]);
        assert!(!page.text.contains("/resume\""), "{}", page.text);
        let page = ada.get(&format!("{path}/method")).await;
        says(&page, &["A new card"]);
        assert!(!page.text.contains("name=\"with\" value=\"0"), "a lost card is not offered: {}", page.text);
        assert_eq!(ada.get(&format!("{path}/method?with=nothing")).await.status, 422);
        ada.get(&format!("{path}/method?with=card")).await.is(200);
        assert_eq!(ada.place(), format!("/portal/tokenizer/method/{plan}/card"));
        let (place, once) = (ada.place().to_owned(), ada.hidden("once"));
        let mut fields = vec![("once", once.as_str())];
        fields.extend(card("5555555555554444"));
        let review = ada.send(&place, &fields).await;
        says(&review, &["Mastercard card ending in 4444", "keeps my card ending in 4444 on file", "from 2027-01-01 on with USD 123.45 to pay"]);
        assert_eq!(agency.get(&format!("/payment-plans/{plan}")).await.data()["state"], "paused", "nothing changes before the button");
        let (once, with, seal) = (ada.hidden("once"), ada.hidden("with"), ada.hidden("seal"));
        let form = [("once", once.as_str()), ("with", with.as_str()), ("seal", seal.as_str())];
        says(&ada.send(&format!("{path}/method"), &form).await, &["Your plan is running", "Mastercard card ending in 4444", "January 1, 2027"]);
        ada.send(&format!("{path}/method"), &form).await.is(200);
        let told = agency.get(&format!("/payment-plans/{plan}/authorizations")).await.data();
        assert_eq!(told.as_array().unwrap().len(), 2, "one for each that it may charge");
        assert_eq!((&told[0]["channel"], &told[0]["ip_address"]), (&json!("web"), &json!("127.0.0.1")));
        says(&review, &[told[0]["text"].as_str().unwrap()]);
        passes(agency, 40).await;
        assert_eq!(agency.owed(&debt).await, 73_45);
        agency.books_hold().await;
    }

    async fn the_words_are_in_the_language_of_the_page(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let mut ada = Browser::new(agency);
        ada.language = "es-MX";
        ada.comes_by(&link_of(agency, &customer).await).await.is(200);
        says(&ada.get(&format!("/portal/accounts/{debt}")).await, &["Pagar a plazos"]);
        let at = format!("/portal/accounts/{debt}/plan");
        says(&ada.get(&format!("{at}?often=every_other_week&amount=50&first=2026-12-01")).await, &["1 de diciembre de 2026", "15 de diciembre de 2026", "Todos los pagos"]);
        let review = ada.get(&format!("{at}/agree?often=every_other_week&amount=50&first=2026-12-01&with={method}")).await;
        says(&review, &["Yo, Ada Lovelace, acepto que", "USD 50.00 cada dos semanas desde el 2026-12-01", "Aceptar este plan"]);
        says(&agrees(&mut ada).await, &["Su plan está en marcha", "Saltar"]);
        let given = plan_of(agency, &ada).await["authorization"].clone();
        assert_eq!(given["text_version"], "card-es-1");
        assert!(review.text.contains(given["text"].as_str().unwrap()));
        assert!(given["terms"].as_str().unwrap().starts_with("USD 50.00 every other week"));
    }

    async fn interest_is_shown_before_it_is_agreed_on(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": 1_000_00 })).await.is(200);
        let proposed = json!({ "debt_account_id": debt, "amount": 500_00, "frequency": "monthly", "start_date": "2026-12-20", "annual_percentage_rate": "6.5" });
        agency.post("/payment-plans", proposed).await.made();
        let mut ada = ada(agency, &customer).await;
        let page = ada.get(&format!("/portal/accounts/{debt}/plan")).await;
        says(&page, &["as proposed", "Of it interest", "$8.10", "$1,008.10", "6.5 % a year"]);
        ada.get(&format!("/portal/accounts/{debt}/plan/agree?often=monthly&amount=500.00&first=2026-12-20&with={method}")).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running", "Interest that is expected", "$8.10"]);
        assert_eq!(plan_of(agency, &ada).await["projected_interest"], 8_10);
    }

    async fn another_s_plan_is_as_if_it_had_never_been(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let plan = enrolled(agency, &customer, &debt, "tok_visa").await;
        let api = format!("/payment-plans/{plan}");
        let instalment = agency.get(&api).await.data()["charges"][0]["id"].as_str().unwrap().to_owned();
        let (stranger, theirs) = known(agency).await;
        let mut bob = ada(agency, &stranger).await;
        let nowhere = "0193c0de-0000-7000-8000-000000000000";
        for at in ["", "/authorizations", "/method", "/change", "/change/agree", "/pause", "/resume", "/stop", &format!("/skip/{instalment}")] {
            let (found, never) = (bob.get(&format!("/portal/plans/{plan}{at}")).await, bob.get(&format!("/portal/plans/{nowhere}{at}")).await);
            assert_eq!((found.status, never.status), (404, 404), "{at}");
            assert_eq!(found.text.replace(&plan, ""), never.text.replace(nowhere, ""), "{at}");
        }
        bob.get("/portal/accounts").await.is(200);
        let once = "0193c0de-0000-7000-8000-000000000001";
        for at in ["method", "change/agree", "pause", "resume", "stop", &format!("skip/{instalment}")] {
            assert_eq!(bob.send(&format!("/portal/plans/{plan}/{at}"), &[("once", once)]).await.status, 404, "{at}");
            bob.get("/portal/accounts").await.is(200);
        }
        assert_eq!(bob.get(&format!("/portal/tokenizer/method/{plan}/card")).await.status, 404);
        let own = enrolled(agency, &stranger, &theirs, "tok_visa").await;
        assert_eq!(bob.get(&format!("/portal/plans/{own}/skip/{instalment}")).await.status, 404, "of another plan");
        assert_eq!(bob.get("/portal/plans/x").await.status, 404);
        assert_eq!(agency.get(&api).await.data()["state"], "active");
        // What is hidden with its account is hidden, too.
        let mut ada = ada(agency, &customer).await;
        ada.get(&format!("/portal/plans/{plan}")).await.is(200);
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "status": "archived" })).await.is(200);
        assert_eq!(ada.get(&format!("/portal/plans/{plan}")).await.status, 404);
    }

    async fn a_link_may_lead_to_paying_over_time(agency: &Agency) {
        let (_, debt) = known(agency).await;
        let session = link(agency, json!({ "debt_account_id": debt })).await;
        let mut ada = Browser::new(agency);
        ada.comes_by(&format!("{session}/payment-plan")).await.is(200);
        assert_eq!(ada.place(), format!("/portal/accounts/{debt}/plan"));
    }
}

on_both_engines! { in threads
    async fn a_button_that_is_chosen_three_times_at_once_enrols_once(agency: &Agency) {
        for _ in 0..5 {
            let (customer, debt) = known(agency).await;
            let method = agency.method_of(&customer, "tok_visa").await;
            let mut ada = ada(agency, &customer).await;
            let at = format!("/portal/accounts/{debt}/plan/agree");
            ada.get(&format!("{at}?often=monthly&amount=50&first=2026-12-01&with={method}")).await.is(200);
            let names = ["form", "once", "often", "amount", "first", "with", "seal"];
            let form = names.map(|name| format!("{name}={}", ada.hidden(name))).join("&");
            let send = async || {
                let ask = agency.ask(Method::POST, &at).nobody().header("cookie", &ada.cookie_line());
                ask.form(&form).send().await
            };
            let (one, two, three) = futures_util::future::join3(send(), send(), send()).await;
            let to = |answer: &Answer| (answer.status, answer.headers.get("location").map(|to| to.to_str().unwrap().to_owned()));
            assert_eq!(to(&one).0, 303, "{}", one.text);
            assert_eq!((to(&one), to(&one)), (to(&two), to(&three)));
            assert_eq!(agency.many(&format!("/payment-plans?debt_account_id={debt}")).await, 1);
        }
        assert_eq!(agency.number("SELECT count(*) FROM plan_authorization").await, 5);
        agency.books_hold().await;
    }
}
