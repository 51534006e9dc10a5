//! Many at once: exactly one wins, and the books hold.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::agency::Agency;
use crate::support::client::Answer;

on_both_engines! {
    async fn eight_requests_with_one_key_make_one_charge(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let all = join_all((0..8).map(|_| agency.once("order-1", "/charges", debtor.pays(5_00)))).await;
        let mut ids: Vec<String> = Vec::new();
        for answer in &all {
            match answer.status {
                201 => ids.push(answer.made()),
                _ => assert_eq!(answer.refused(409), "idempotency_in_progress"),
            }
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!((agency.bank.charges(), agency.owed(&debtor.debt).await), (1, 45_00));
    }

    async fn of_sixteen_full_payments_on_one_account_exactly_one_is_accepted(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let all = join_all((0..16).map(|_| agency.post("/charges", debtor.pays(50_00)))).await;
        let accepted = all.iter().filter(|answer| answer.status == 201).count();
        let refused = all.iter().filter(|a| matches!(a.status, 400 | 422)).count();
        assert_eq!((accepted, refused), (1, 15), "{:?}", all.iter().map(|a| a.status).collect::<Vec<_>>());
        assert_eq!((agency.bank.charges(), agency.owed(&debtor.debt).await), (1, 0));
    }

    async fn refunds_at_once_never_give_back_more_than_was_paid(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        let path = format!("/charges/{charge}/refund");
        let all = join_all((0..8).map(|_| agency.post(&path, json!({ "amount": 20_00 })))).await;
        assert_eq!(all.iter().filter(|a| a.status == 200).count(), 2);
        assert_eq!(agency.bank.stats().refunded, 40_00);
        assert_eq!(agency.owed(&debtor.debt).await, 40_00);
    }

    async fn payments_on_parent_and_children_at_once_stay_within_the_sums(agency: &Agency) {
        let parent = agency.debtor(1_00, "tok_visa").await;
        let mut children = Vec::new();
        for _ in 0..3 {
            let child = json!({ "parent_external_id": parent.debt, "balance": 20_00 });
            children.push(agency.post("/debt-accounts", child).await.made());
        }
        let on = |debt: &str| json!({ "debt_account_id": debt, "payment_method_id": parent.method, "amount": 7_00 });
        let targets = (0..12).map(|i| if i % 2 == 0 { &parent.debt } else { &children[i % 3] });
        let all = join_all(targets.map(|debt| agency.post("/charges", on(debt)))).await;
        let taken = all.iter().filter(|a| a.status == 201).count() as i64;
        // Refused is what is above the rest, or comes to a child that was just paid off.
        let is_fair = |a: &&Answer| matches!(a.status, 201 | 422) || a["errorCode"] == "not_allowed_now";
        let odd: Vec<&str> = all.iter().filter(|a| !is_fair(a)).map(|a| a.text.as_str()).collect();
        assert_eq!(odd, [""; 0]);
        assert_eq!(agency.owed(&parent.debt).await, 60_00 - 7_00 * taken);
    }

    async fn many_customers_pay_at_once(agency: &Agency) {
        let mut debtors = Vec::new();
        for _ in 0..12 {
            debtors.push(agency.debtor(50_00, "tok_visa").await);
        }
        let all = join_all(debtors.iter().map(|d| agency.post("/charges", d.pays(10_00)))).await;
        all.iter().for_each(|answer| drop(answer.made()));
        assert_eq!(agency.bank.charges(), 12);
    }
}
