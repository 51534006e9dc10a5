//! Other payments for a plan that runs, and other things for it to charge, by whoever pays them.

use serde_json::{Value, json};

use super::bank::bank;
use super::browser::{Browser, known};
use super::plans::{ada, agrees, card, enrolled, passes, plan_of, says};
use crate::support::agency::Agency;
use crate::support::client::Answer;

async fn plan_of_id(agency: &Agency, id: &str) -> Value {
    agency.get(&format!("/payment-plans/{id}")).await.data()
}

async fn send(browser: &mut Browser<'_>, place: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.send(place, &fields).await
}

on_both_engines! {
    async fn the_payments_of_a_plan_are_changed_by_agreeing_to_another_in_its_place(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let old = enrolled(agency, &customer, &debt, "tok_visa").await;
        passes(agency, 12).await;
        assert_eq!(agency.owed(&debt).await, 73_45);
        let mut ada = ada(agency, &customer).await;
        let path = format!("/portal/plans/{old}");
        says(&ada.get(&path).await, &["Change the payments", &format!("{path}/change")]);
        // It begins with the plan as it is: what is left, from the next payment on.
        let page = ada.get(&format!("{path}/change")).await;
        says(&page, &["goes on as it is until you agree", "value=\"50.00\"", "value=\"2027-01-01\"", "January 1, 2027", "$23.45", "Visa card ending in 4242"]);
        assert!(!page.text.contains("id=\"down\""), "{}", page.text);
        let wrong = ada.get(&format!("{path}/change?often=monthly&amount=0.10&first=2027-06-01")).await;
        assert_eq!(wrong.status, 422);
        says(&wrong, &["href=\"#amount\"", "href=\"#first\"", "Change the payments"]);
        let terms = "often=every_other_week&amount=30.00&first=2026-12-15";
        let with = plan_of_id(agency, &old).await["payment_method_id"].as_str().unwrap().to_owned();
        let review = ada.get(&format!("{path}/change/agree?{terms}&with={with}")).await;
        says(&review, &["USD 30.00 every other week from 2026-12-15 to 2027-01-12: 3 payments, USD 73.45 in all"]);
        assert_eq!(plan_of_id(agency, &old).await["state"], "active", "nothing changes before the button");
        let place = ada.place().to_owned();
        let once = ada.hidden("once");
        says(&agrees(&mut ada).await, &["Your plan is running", "Every other week", "December 15, 2026", "$13.45"]);
        let new = plan_of(agency, &ada).await;
        assert_eq!((&new["state"], &new["replaces_id"], &new["payment_source"], &new["id"]), (&json!("active"), &json!(old), &json!("portal"), &json!(once)));
        assert_eq!((&new["authorization"]["channel"], &new["authorization"]["recorded_by"]), (&json!("web"), &json!("customer")));
        says(&review, &[new["authorization"]["text"].as_str().unwrap()]);
        says(&ada.get(&path).await, &["Your plan has ended", "Another plan has taken its place"]);
        // The page of before does nothing more: there is nothing left to change.
        ada.get(&place).await.is(200);
        assert_eq!((ada.place(), agency.many("/payment-plans").await), (path.as_str(), 2));
        passes(agency, 42).await;
        assert_eq!((agency.owed(&debt).await, agency.bank.charges()), (0, 4));
        agency.books_hold().await;
    }

    async fn a_change_keeps_the_interest_and_the_least_of_the_plan(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": 1_000_00 })).await.is(200);
        let plan = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 500_00, "frequency": "monthly", "start_date": "2026-12-20", "annual_percentage_rate": "6.5" });
        let old = agency.post("/payment-plans", plan).await.made();
        let mut ada = ada(agency, &customer).await;
        let at = format!("/portal/plans/{old}/change");
        says(&ada.get(&format!("{at}?often=monthly&amount=250&first=2026-12-20")).await, &["6.5 % a year", "Of it interest"]);
        ada.get(&format!("{at}/agree?often=monthly&amount=250.00&first=2026-12-20&with={method}")).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running", "Interest that is expected"]);
        let new = plan_of(agency, &ada).await;
        assert_eq!((&new["annual_percentage_rate"], &new["principal_balance"]), (&json!("6.5"), &json!(1_000_00)));
        assert!(new["projected_interest"].as_i64().unwrap() > 8_10, "{new}");

        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let proposed = json!({ "debt_account_id": debt, "type": "email", "email": "ada@example.com", "frequency": "weekly", "start_date": "2026-12-04", "amount": 40_00, "min_payment_amount": 30_00 });
        let old = agency.post("/payment-plans/request", proposed).await.made();
        let mut ada = super::plans::ada(agency, &customer).await;
        ada.get(&format!("/portal/accounts/{debt}/plan/agree?often=weekly&amount=40.00&first=2026-12-04&with={method}")).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running"]);
        for _ in 0..2 {
            let (at, plan) = (format!("{}/change", ada.place()), plan_of(agency, &ada).await);
            let refused = ada.get(&format!("{at}?often=weekly&amount=29.99&first=2026-12-04")).await;
            assert_eq!(refused.status, 422, "{}", refused.text);
            says(&refused, &["at least $30.00"]);
            ada.get(&format!("{at}/agree?often=weekly&amount=30.00&first=2026-12-04&with={method}")).await.is(200);
            says(&agrees(&mut ada).await, &["Your plan is running"]);
            assert_eq!(plan_of(agency, &ada).await["replaces_id"], plan["id"], "also of a plan that took another's place");
        }
        assert_eq!(plan_of_id(agency, &old).await["reason"], "replaced");
    }

    async fn who_changes_the_language_of_a_plans_page_keeps_what_was_chosen(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let mut ada = ada(agency, &customer).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let terms = "often=weekly&amount=50.00&first=2026-12-05";
        let plan = format!("/portal/accounts/{debt}/plan");
        let to = |page: &Answer| page.text.split("name=\"to\" value=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        for at in [format!("{plan}?{terms}"), format!("{plan}/agree?{terms}&with={method}"), format!("/portal/tokenizer/plan/{debt}/bank?{terms}")] {
            let page = ada.get(&at).await;
            assert_eq!((page.status, to(&page)), (200, at.clone()));
            let page = ada.send("/portal/language", &[("language", "es"), ("to", &at)]).await;
            assert!(ada.place() == at && page.text.contains("lang=\"es\""), "{}", page.text);
            ada.send("/portal/language", &[("language", "en"), ("to", &at)]).await.is(200);
        }
        // Also where the words are shown again.
        ada.get(&format!("{plan}/agree?{terms}&with={method}")).await.is(200);
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": 100_00 })).await.is(200);
        let again = agrees(&mut ada).await;
        assert_eq!((again.status, to(&again)), (422, format!("{plan}/agree?{terms}&with={method}")));
        says(&agrees(&mut ada).await, &["Your plan is running"]);
        let at = format!("{}/method?with={method}", ada.place());
        assert_eq!(to(&ada.get(&at).await), at);
    }

    async fn what_was_allowed_this_once_only_its_organization_changes(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let rule = async |editable: bool| {
            agency.put("/organization", json!({ "payment_rules": { "unscheduled_payment_plan_editable": editable } })).await.is(200);
        };
        let shut = async |plan: &str, why: &str| {
            let mut ada = ada(agency, &customer).await;
            let path = format!("/portal/plans/{plan}");
            let page = ada.get(&path).await;
            assert!(page.status == 200 && !page.text.contains("/change\""), "{why}: {}", page.text);
            for at in ["change", "change/agree"] {
                ada.get(&format!("{path}/{at}?often=weekly&amount=100&first=2026-12-04&with={method}")).await.is(200);
                assert_eq!(ada.place(), path, "{why}");
            }
            let once = "0193c0de-0000-7000-8000-000000000001";
            ada.send(&format!("{path}/change/agree"), &[("once", once), ("often", "weekly"), ("amount", "100"), ("first", "2026-12-04"), ("with", &method)]).await.is(200);
            assert_eq!((ada.place(), &plan_of_id(agency, plan).await["state"]), (path.as_str(), &json!("active")), "{why}");
            agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
        };
        let offer = json!({ "debt_account_id": debt, "amount": 100_00, "type": "plan", "max_installments": 2, "expires_on": agency.day(5) });
        let offer = agency.post("/settlement-offers", offer).await.made();
        let settles = json!({ "debt_account_id": debt, "payment_method_id": method, "settlement_offer_id": offer, "amount": 50_00, "frequency": "monthly" });
        shut(&agency.post("/payment-plans", settles).await.made(), "an offer").await;
        rule(false).await;
        shut(&enrolled(agency, &customer, &debt, "tok_visa").await, "a plan of the organization's").await;
        // Whoever chose the terms may choose others.
        let mut ada = ada(agency, &customer).await;
        ada.get(&format!("/portal/accounts/{debt}/plan/agree?often=monthly&amount=50.00&first=2026-12-01&with={method}")).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running", "Change the payments"]);
        let at = format!("{}/change", ada.place());
        // Nothing is agreed for later on an account that is held.
        agency.post("/blocks", json!({ "debt_account_id": debt, "reason": "dispute" })).await.made();
        says(&ada.get(&at).await, &["No instalments can be agreed on here"]);
    }

    async fn words_of_a_change_that_are_not_those_that_were_shown_are_shown_again(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let old = enrolled(agency, &customer, &debt, "tok_visa").await;
        let with = plan_of_id(agency, &old).await["payment_method_id"].as_str().unwrap().to_owned();
        let mut ada = ada(agency, &customer).await;
        ada.get(&format!("/portal/plans/{old}/change/agree?often=monthly&amount=60.00&first=2026-12-05&with={with}")).await.is(200);
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": 100_00 })).await.is(200);
        let again = agrees(&mut ada).await;
        assert_eq!(again.status, 422, "{}", again.text);
        says(&again, &["Something has changed in the meantime", "USD 100.00 in all"]);
        assert_eq!((&plan_of_id(agency, &old).await["state"], agency.many("/payment-plans").await), (&json!("active"), 1));
        says(&agrees(&mut ada).await, &["Your plan is running"]);
        assert_eq!(plan_of_id(agency, &old).await["reason"], "replaced");
    }

    async fn a_bank_account_is_written_anew_for_a_plan_and_in_place_of_a_card(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let mut ada = ada(agency, &customer).await;
        let (at, terms) = (format!("/portal/accounts/{debt}/plan"), "often=monthly&amount=50.00&first=2026-12-05");
        says(&ada.get(&format!("{at}?{terms}")).await, &["A new card", "A new bank account"]);
        let page = ada.get(&format!("{at}/agree?{terms}&with=bank")).await;
        let place = format!("/portal/tokenizer/plan/{debt}/bank?{terms}");
        assert_eq!(ada.place(), place);
        says(&page, &["Nothing is debited now", "Ada Lovelace", "Keep this bank account"]);
        let (once, mut form) = (ada.hidden("once"), bank("000123456789"));
        form.push(("once", once));
        let mut wrong = form.clone();
        wrong.iter_mut().find(|(name, _)| *name == "again").unwrap().1 = "1".into();
        let refused = send(&mut ada, &place, &wrong).await;
        assert!(refused.status == 422 && refused.text.contains("href=\"#again\"") && !refused.text.contains("00012345678"), "{}", refused.text);
        let review = send(&mut ada, &place, &form).await;
        // A bank account is debited on banking days: December 5 is a Saturday.
        says(&review, &["Bank account ending in 6789", "my bank account ending in 6789", "December 7, 2026"]);
        says(&agrees(&mut ada).await, &["Your plan is running", "Bank account ending in 6789"]);
        let plan = plan_of(agency, &ada).await;
        assert_eq!(plan["authorization"]["text_version"], "bank-en-1");
        assert_eq!(agency.many(&format!("/payment-methods?customer_id={customer}")).await, 1);
        // A card in its place, and another account in the card's.
        let path = ada.place().to_owned();
        for (kind, fields, told) in [
            ("card", card("4242424242424242").into_iter().map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>(), "Visa card ending in 4242"),
            ("bank", bank("000987654321"), "Bank account ending in 4321"),
        ] {
            ada.get(&format!("{path}/method?with={kind}")).await.is(200);
            let id = plan["id"].as_str().unwrap();
            assert_eq!(ada.place(), format!("/portal/tokenizer/method/{id}/{kind}"));
            let (place, mut fields) = (ada.place().to_owned(), fields);
            fields.push(("once", ada.hidden("once")));
            says(&send(&mut ada, &place, &fields).await, &[told]);
            let (once, with, seal) = (ada.hidden("once"), ada.hidden("with"), ada.hidden("seal"));
            let form = [("once", once.as_str()), ("with", with.as_str()), ("seal", seal.as_str())];
            says(&ada.send(&format!("{path}/method"), &form).await, &["Your plan is running", told]);
        }
        assert_eq!(ada.get(&format!("/portal/tokenizer/method/{}/cheque", plan["id"].as_str().unwrap())).await.status, 404);
        passes(agency, 25).await;
        assert_eq!(agency.owed(&debt).await, 73_45);
        agency.books_hold().await;
    }
}
