//! Payments on a parent account are split over the accounts under it, and come back by the same split.

use serde_json::json;

use crate::support::agency::{Agency, Debtor};

/// A parent with three children of 30, 20 and 50 dollars, placed a day apart.
pub(super) async fn family(agency: &Agency, token: &str) -> (Debtor, Vec<String>) {
    let debtor = agency.debtor(1_00, token).await;
    let mut children = Vec::new();
    for cents in [30_00, 20_00, 50_00] {
        agency.days(1).await;
        let child = json!({ "parent_external_id": debtor.debt, "balance": cents });
        children.push(agency.post("/debt-accounts", child).await.made());
    }
    (debtor, children)
}

pub(super) async fn owed(agency: &Agency, ids: &[String]) -> Vec<i64> {
    let mut all = Vec::new();
    for id in ids {
        all.push(agency.owed(id).await);
    }
    all
}

on_both_engines! {
    async fn a_payment_on_the_parent_pays_the_oldest_child_first(agency: &Agency) {
        let (parent, children) = family(agency, "tok_visa").await;
        assert_eq!(agency.owed(&parent.debt).await, 100_00);
        agency.post("/charges", parent.pays(45_00)).await.made();
        assert_eq!(owed(agency, &children).await, [0, 5_00, 50_00]);
        assert_eq!(agency.owed(&parent.debt).await, 55_00);
        assert_eq!(agency.debt(&children[0]).await["status"], "paid_off");
        agency.post("/charges", parent.pays(55_00)).await.made();
        assert_eq!(agency.debt(&parent.debt).await["status"], "paid_off");
    }

    async fn a_return_takes_back_exactly_the_split_of_its_payment(agency: &Agency) {
        let (parent, children) = family(agency, "tok_bank_r10_late").await;
        let charge = agency.post("/charges", parent.pays(45_00)).await.made();
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(owed(agency, &children).await, [0, 5_00, 50_00]);
        // What happens to the balances in between does not change the split.
        agency.put(&format!("/debt-accounts/{}", children[1]), json!({ "current_balance": 1_00 })).await.is(200);
        agency.days(2).await;
        agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        assert_eq!(owed(agency, &children).await, [30_00, 16_00, 50_00]);
        assert_eq!(agency.owed(&parent.debt).await, 96_00);
    }

    async fn a_refund_on_the_parent_un_applies_its_payment(agency: &Agency) {
        let (parent, children) = family(agency, "tok_visa").await;
        let charge = agency.post("/charges", parent.pays(45_00)).await.made();
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 40_00 })).await.is(200);
        agency.post(&format!("/charges/{charge}/refund"), json!({})).await.is(200);
        assert_eq!(owed(agency, &children).await, [30_00, 20_00, 50_00]);
    }

    async fn a_payment_on_a_child_lowers_the_parent_too(agency: &Agency) {
        let (parent, children) = family(agency, "tok_visa").await;
        let request = json!({ "debt_account_id": children[2], "payment_method_id": parent.method, "amount": 10_00 });
        agency.post("/charges", request).await.made();
        assert_eq!(owed(agency, &children).await, [30_00, 20_00, 40_00]);
        assert_eq!(agency.owed(&parent.debt).await, 90_00);
    }

    async fn a_child_that_must_not_be_paid_gets_nothing_of_a_payment_on_the_parent(agency: &Agency) {
        let (parent, children) = family(agency, "tok_visa").await;
        agency.put(&format!("/debt-accounts/{}", children[0]), json!({ "status": "locked" })).await.is(200);
        assert_eq!(agency.post("/charges", parent.pays(70_01)).await.refused(422), "above_balance");
        agency.post("/charges", parent.pays(25_00)).await.made();
        assert_eq!(owed(agency, &children).await, [30_00, 0, 45_00]);
    }

    async fn the_parents_minimum_counts_for_a_payment_on_it(agency: &Agency) {
        let (parent, children) = family(agency, "tok_visa").await;
        let least = |cents: i64| json!({ "rules": { "min_payment_amount": cents } });
        agency.put(&format!("/debt-accounts/{}", parent.debt), least(40_00)).await.is(200);
        agency.put(&format!("/debt-accounts/{}", children[0]), least(29_00)).await.is(200);
        assert_eq!(agency.post("/charges", parent.pays(39_99)).await.refused(422), "below_minimum");
        agency.post("/charges", parent.pays(40_00)).await.made();
    }

    async fn a_parent_with_an_open_charge_takes_no_first_child(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        agency.post("/charges", debtor.pays(10_00)).await.made();
        let child = json!({ "parent_external_id": debtor.debt, "balance": 5_00 });
        agency.post("/debt-accounts", child).await.invalid("parent_external_id");
    }

    async fn money_that_comes_back_to_what_became_a_parent_stays_off_its_sums(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        agency.post("/debt-accounts", json!({ "parent_external_id": debtor.debt, "balance": 5_00 })).await.made();
        agency.post(&format!("/charges/{charge}/refund"), json!({})).await.is(200);
        assert_eq!(agency.owed(&debtor.debt).await, 5_00);
    }
}
