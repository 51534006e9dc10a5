//! Bank debits: reserved until they settle, and never quite safe.

use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn a_bank_debit_is_pending_until_it_settles(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let sent = agency.post("/charges", debtor.pays(30_00)).await;
        let charge = sent.made();
        assert_eq!((sent["data"]["state"].as_str(), sent["data"]["type"].as_str()), (Some("pending"), Some("bank_account")));
        assert_eq!(agency.statement(&charge).await, ["payment pending 3000"]);
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        assert_eq!(agency.post("/charges", debtor.pays(20_01)).await.refused(422), "above_balance");

        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.statement(&charge).await, ["payment completed 3000"]);
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
    }

    async fn a_bank_debit_that_bounces_gives_its_reservation_back(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank_r01").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.seconds(3_600).await;
        agency.steps().await;
        let returned = agency.charge(&charge).await;
        assert_eq!((returned["state"].as_str(), returned["status"].as_str()), (Some("returned"), Some("failed")));
        assert_eq!(returned["decline"]["code"], "insufficient_funds");
        assert_eq!(returned["decline"]["network_code"], "R01");
        assert_eq!(agency.statement(&charge).await, ["payment failed 3000"]);
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
    }

    async fn a_return_after_the_settlement_reopens_the_balance(agency: &Agency) {
        let debtor = agency.debtor(30_00, "tok_bank_r10_late").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.debt(&debtor.debt).await["status"], "paid_off");

        agency.days(2).await;
        let synced = agency.post(&format!("/charges/{charge}/sync"), json!({})).await;
        assert_eq!(synced.is(200)["data"]["state"], "returned");
        assert_eq!(synced["data"]["decline"]["network_code"], "R10");
        let debt = agency.debt(&debtor.debt).await;
        assert_eq!((&debt["current_balance"], &debt["status"]), (&json!(30_00), &json!("active")));
        assert_eq!(agency.statement(&charge).await, ["payment completed 3000", "reversal completed 3000"]);
        // Asked again, nothing more happens.
        agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        assert_eq!(agency.owed(&debtor.debt).await, 30_00);
    }

    async fn a_chargeback_takes_back_only_what_was_not_refunded(agency: &Agency) {
        let debtor = agency.debtor(30_00, "tok_chargeback").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 10_00 })).await.is(200);
        assert_eq!(agency.owed(&debtor.debt).await, 10_00);
        agency.days(3).await;
        agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        assert_eq!(agency.state(&charge).await, "returned");
        assert_eq!(agency.owed(&debtor.debt).await, 30_00);
        assert_eq!(
            agency.statement(&charge).await,
            ["payment completed 3000", "refund completed 1000", "reversal completed 2000"]
        );
    }
}
