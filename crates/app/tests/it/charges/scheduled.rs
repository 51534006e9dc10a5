//! Charges for a later day.

use serde_json::json;

use crate::support::agency::{Agency, Debtor};

async fn schedule(agency: &Agency, debtor: &Debtor, cents: i64, days: i64) -> String {
    let mut request = debtor.pays(cents);
    request["scheduled_at"] = json!(agency.day(days));
    let made = agency.post("/charges", request).await;
    assert_eq!(
        (made["data"]["state"].as_str(), made["data"]["status"].as_str()),
        (Some("scheduled"), Some("pending"))
    );
    assert_eq!(made["data"]["scheduled"], true);
    made.made()
}

on_both_engines! {
    async fn a_scheduled_charge_is_taken_when_its_day_has_begun(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = schedule(agency, &debtor, 30_00, 1).await;
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        agency.seconds(13 * 3_600 + 3_599).await; // a second before midnight in New York
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "scheduled");
        agency.seconds(1).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.charges()), (20_00, 1));
    }

    async fn a_scheduled_charge_is_cut_to_what_is_still_owed(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = schedule(agency, &debtor, 30_00, 3).await;
        agency.post("/charges", debtor.pays(45_00)).await.made();
        agency.days(3).await;
        agency.steps().await;
        let taken = agency.charge(&charge).await;
        assert_eq!((taken["state"].as_str(), &taken["amount"]), (Some("succeeded"), &json!(5_00)));
        assert_eq!(agency.owed(&debtor.debt).await, 0);
    }

    async fn a_scheduled_charge_never_takes_one_persons_card_for_anothers_debt(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = schedule(agency, &debtor, 30_00, 3).await;
        let other = agency.customer().await;
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "customer_id": other })).await.is(200);
        agency.days(3).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "canceled");
        assert_eq!(agency.bank.submits(), 0);
    }

    async fn a_scheduled_charge_on_a_paid_account_is_called_off(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = schedule(agency, &debtor, 30_00, 3).await;
        agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.days(3).await;
        agency.steps().await;
        let off = agency.charge(&charge).await;
        assert_eq!((off["state"].as_str(), off["status"].as_str()), (Some("canceled"), Some("failed")));
        assert_eq!(agency.bank.submits(), 1);
    }

    async fn a_scheduled_charge_can_be_canceled_before_its_day(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = schedule(agency, &debtor, 30_00, 3).await;
        let canceled = agency.post(&format!("/charges/{charge}/cancel"), json!({})).await;
        assert_eq!(canceled.is(200)["data"]["state"], "canceled");
        agency.days(5).await;
        agency.steps().await;
        assert_eq!((agency.state(&charge).await.as_str(), agency.bank.submits()), ("canceled", 0));
        let again = agency.post(&format!("/charges/{charge}/cancel"), json!({})).await;
        assert_eq!(again.refused(400), "not_allowed_now");
    }

    async fn a_charge_that_was_taken_cannot_be_canceled(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        let refused = agency.post(&format!("/charges/{charge}/cancel"), json!({})).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
    }

    async fn a_day_that_is_gone_is_refused(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let mut request = debtor.pays(30_00);
        request["scheduled_at"] = json!(agency.day(-1));
        agency.post("/charges", request).await.invalid("scheduled_at");
    }

    async fn a_declined_scheduled_charge_leaves_the_account_as_it_was(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_do_not_honor").await;
        let charge = schedule(agency, &debtor, 30_00, 1).await;
        agency.days(1).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "declined");
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
    }
}
