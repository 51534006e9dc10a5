//! What stands in the ledger, as whoever reconciles a month sees it.

use http::Method;
use serde_json::Value;

use crate::support::agency::Agency;

/// An account's figures: debits, credits, and what stands on it.
fn of(told: &Value, account: &str) -> (i64, i64, i64) {
    let found = told["accounts"].as_array().unwrap().iter().find(|a| a["account"] == account).unwrap();
    let cents = |name: &str| found[name].as_i64().unwrap();
    (cents("debits"), cents("credits"), cents("balance"))
}

on_both_engines! {
    async fn the_accounts_say_what_was_placed_paid_and_given_back(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.days(2).await;
        let back = agency.ask(Method::POST, &format!("/charges/{charge}/refund"));
        back.json(&serde_json::json!({ "amount": 20_00 })).send().await.is(200);
        let told = agency.get("/balance").await;
        let told = &told.is(200)["data"];
        assert_eq!(of(told, "placed"), (0, 150_00, 150_00));
        assert_eq!(of(told, "receivable"), (170_00, 50_00, 120_00));
        assert_eq!(of(told, "card_clearing"), (50_00, 20_00, 30_00));
        assert_eq!(of(told, "refunds"), (20_00, 20_00, 0), "each side shows the volume");
        assert_eq!(of(told, "suspense"), (0, 0, 0));
        let sides = |name: &str| told["accounts"].as_array().unwrap().iter().map(|a| a[name].as_i64().unwrap()).sum::<i64>();
        assert_eq!(sides("debits"), sides("credits"), "every entry has two ends");
        let owed = agency.get(&format!("/debt-accounts/{}", debtor.debt)).await;
        assert_eq!(owed["data"]["current_balance"], 120_00);
    }

    async fn a_day_has_what_moved_on_it(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        agency.days(1).await;
        agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.days(1).await;
        agency.post("/charges", debtor.pays(30_00)).await.made();
        let on = agency.day(-1);
        let told = agency.get(&format!("/balance?start_date={on}&end_date={on}")).await;
        assert_eq!(of(&told.is(200)["data"], "card_clearing"), (50_00, 0, 50_00));
        assert_eq!(told["data"]["entries"], 1);
        agency.get("/balance?start_date=soon").await.invalid("start_date");
    }

    async fn others_books_are_others(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(50_00)).await.made();
        for token in [&agency.template.theirs.sandbox, &agency.template.ours.production] {
            let told = agency.ask(Method::GET, "/balance").token(token).send().await;
            assert_eq!(told.is(200)["data"]["entries"], 0);
        }
    }
}
