//! Settlement offers on the portal: what is forgiven is said, and when.

use serde_json::{Value, json};

use super::browser::{Browser, known};
use super::plans::{ada, agrees, passes, plan_of, says};
use crate::support::agency::Agency;

/// An offer on an account; its id.
async fn offered(agency: &Agency, debt: &str, more: Value) -> String {
    let mut offer = json!({ "debt_account_id": debt, "amount": 60_00, "expires_on": agency.day(5) });
    offer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    agency.post("/settlement-offers", offer).await.made()
}

on_both_engines! {
    async fn an_offer_for_one_payment_settles_the_account_on_the_day_that_is_chosen(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let offer = offered(agency, &debt, json!({ "type": "one_time" })).await;
        let mut ada = ada(agency, &customer).await;
        let (account, at) = (format!("/portal/accounts/{debt}"), format!("/portal/accounts/{debt}/offers/{offer}"));
        let page = ada.get(&account).await;
        says(&page, &[
            "Settle this account for $60.00", "You owe $123.45", "$63.45 less", "It is paid in one payment", "through November 25, 2026", &at,
        ]);
        assert!(page.text.find("/dispute\"") < page.text.find(&at), "to dispute comes before to settle");
        let page = ada.get(&at).await;
        says(&page, &["$60.00", "Forgiven at the end", "$63.45", "Until then nothing is forgiven", "November 21, 2026"]);
        assert!(!page.text.contains("name=\"often\" value=\"weekly\" id") && !page.text.contains("id=\"down\""), "only its day is to be chosen: {}", page.text);
        let refused = ada.get(&format!("{at}?first=2026-11-20")).await;
        assert!(refused.status == 422 && refused.text.contains("href=\"#first\""), "{}", refused.text);
        // Another amount than what is offered is not asked for, whatever is sent.
        let review = ada.get(&format!("{at}/agree?often=monthly&amount=1&first=2026-11-24&with={method}")).await;
        says(&review, &["USD 60.00 monthly from 2026-11-24 to 2026-11-24: 1 payment, USD 60.00 in all, in settlement of USD 123.45"]);
        says(&agrees(&mut ada).await, &["Your plan is running", "$63.45 is forgiven"]);
        let plan = plan_of(agency, &ada).await;
        assert_eq!((&plan["settlement_offer_id"], &plan["discount_amount"]), (&json!(offer), &json!(63_45)));
        // Whoever comes back to the offer is shown the plan.
        ada.get(&at).await.is(200);
        assert!(ada.place().starts_with("/portal/plans/"));
        says(&ada.get(&format!("{}/stop", ada.place().to_owned())).await, &["If you end it, nothing is forgiven"]);
        assert!(!ada.get(&account).await.text.contains("Settle this account"));
        passes(agency, 4).await;
        assert_eq!(agency.owed(&debt).await, 0);
        let mut ada = super::plans::ada(agency, &customer).await;
        says(&ada.get(&format!("/portal/plans/{}", plan["id"].as_str().unwrap())).await, &["Your account is settled", "the rest is forgiven"]);
        agency.books_hold().await;
    }

    async fn an_offer_in_instalments_is_taken_up_within_what_it_says(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let offer = offered(agency, &debt, json!({ "type": "plan", "max_installments": 2 })).await;
        let mut ada = ada(agency, &customer).await;
        let at = format!("/portal/accounts/{debt}/offers/{offer}");
        says(&ada.get(&at).await, &["in 2 payments at most", "At least $30.00."]);
        let refused = ada.get(&format!("{at}?often=weekly&amount=29.99&first=2026-11-21")).await;
        assert_eq!(refused.status, 422);
        says(&refused, &["at least $30.00 for each payment", "href=\"#amount\""]);
        says(&ada.get(&format!("{at}?often=weekly&amount=40&first=2026-11-21")).await, &["November 28, 2026", "$20.00", "$63.45 is forgiven"]);
        ada.get(&format!("{at}/agree?often=weekly&amount=40&first=2026-11-21&with={method}")).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running"]);
        passes(agency, 3).await;
        assert_eq!(agency.owed(&debt).await, 83_45, "nothing is forgiven before the last payment");
        passes(agency, 6).await;
        assert_eq!(agency.owed(&debt).await, 0);
        agency.books_hold().await;
    }

    async fn an_offer_takes_the_place_of_what_was_proposed(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let proposed = json!({ "debt_account_id": debt, "amount": 20_00, "frequency": "weekly" });
        let pending = agency.post("/payment-plans", proposed).await.made();
        let offer = offered(agency, &debt, json!({ "type": "plan" })).await;
        let mut ada = ada(agency, &customer).await;
        says(&ada.get(&format!("/portal/accounts/{debt}")).await, &["Look at the plan we proposed", "Settle this account for $60.00"]);
        ada.get(&format!("/portal/accounts/{debt}/offers/{offer}/agree?often=monthly&amount=60&first=2026-11-21&with={method}")).await.is(200);
        says(&agrees(&mut ada).await, &["Your plan is running"]);
        agency.get(&format!("/payment-plans/{pending}")).await.refused(404);
    }

    async fn an_offer_that_is_over_or_anothers_is_nowhere(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (stranger, theirs) = known(agency).await;
        let (open, taken_back, last) = (
            offered(agency, &debt, json!({ "type": "plan" })).await,
            offered(agency, &debt, json!({ "type": "plan" })).await,
            offered(agency, &debt, json!({ "type": "plan", "expires_on": agency.day(0) })).await,
        );
        agency.post(&format!("/settlement-offers/{taken_back}/withdraw"), json!({})).await.is(200);
        agency.days(1).await;
        let mut ada = ada(agency, &customer).await;
        let page = ada.get(&format!("/portal/accounts/{debt}")).await;
        for (offer, shown) in [(&open, true), (&taken_back, false), (&last, false)] {
            assert_eq!(page.text.contains(offer), shown, "{}", page.text);
            assert_eq!(ada.get(&format!("/portal/accounts/{debt}/offers/{offer}")).await.status, if shown { 200 } else { 404 });
        }
        let mut bob: Browser<'_> = super::plans::ada(agency, &stranger).await;
        for path in [format!("/portal/accounts/{theirs}/offers/{open}"), format!("/portal/accounts/{debt}/offers/{open}"), format!("/portal/accounts/{theirs}/offers/x")] {
            assert_eq!(bob.get(&path).await.status, 404, "{path}");
        }
        // What is owed by now is less than what was offered.
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": 60_00 })).await.is(200);
        assert!(!ada.get(&format!("/portal/accounts/{debt}")).await.text.contains("Settle this account"));
        assert_eq!(agency.many("/payment-plans").await, 0);
    }
}
