//! What came back after it was remitted: taken back with its fee, and carried on where there is not enough to take it from.

use serde_json::json;

use super::{id, says};
use crate::support::agency::Agency;

/// A client to whom a bank debit of 40.00 was remitted and paid, that came back on the sixtieth day.
async fn remitted_and_come_back(agency: &Agency) -> String {
    let bank = agency.client("First Example Bank", json!({})).await;
    let charge = agency.paid(&agency.owes(&bank, 500_00, "tok_bank_r10_day60").await, 40_00).await;
    agency.days(7).await;
    let sent = agency.approved(&bank).await;
    says(&sent, &[("net", 30_00)]);
    agency.deposits("ach_clearing", 40_00, "D-1").await.made();
    agency.pays(&sent).await.is(200);
    agency.days(53).await;
    agency.steps().await;
    agency.comes_back(&charge).await;
    bank
}

on_both_engines! {
    async fn what_comes_back_after_it_was_remitted_is_on_the_next_one_with_its_fee(agency: &Agency) {
        let bank = remitted_and_come_back(agency).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 100_00).await;
        agency.days(3).await;
        let next = agency.prepared(&bank).await;
        assert_eq!(agency.told(&next).await, ["return -4000 fee -1000 net -3000", "payment 10000 fee 2500 net 7500"]);
        says(&next, &[("gross", 100_00), ("clawed_back", 40_00), ("fees_back", 10_00), ("net", 45_00)]);
        agency.books_hold().await; // while what came back is not taken back yet
    }

    async fn what_is_left_below_nothing_is_carried_on_and_never_paid(agency: &Agency) {
        let bank = remitted_and_come_back(agency).await;
        let below = agency.approved(&bank).await;
        says(&below, &[("gross", 0), ("clawed_back", 40_00), ("net", -30_00)]);
        let refused = agency.pays(&below).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert!(refused.text.contains("leaves nothing to pay"), "{}", refused.text);
        assert_eq!(agency.stands_on(["client_payable", "fee_income"]).await, [-30_00, 0]);
        assert_eq!(agency.voids(&below).await.refused(400), "not_allowed_now");

        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 100_00).await;
        agency.days(3).await;
        let thrown_away = agency.prepared(&bank).await;
        says(&thrown_away, &[("carried_in", -30_00), ("net", 45_00)]);
        assert_eq!(agency.voids(&thrown_away).await.is(200)["data"]["state"], "void");
        let next = agency.approved(&bank).await;
        says(&next, &[("carried_in", -30_00), ("fees", 25_00), ("net", 45_00)]);
        let below = agency.get(&format!("/remittances/{}", id(&below))).await;
        assert_eq!((&below["data"]["carried_to_id"], &below["data"]["state"]), (&next["id"], &json!("approved")));

        agency.deposits("card_clearing", 100_00, "D-2").await.made();
        agency.pays(&next).await.is(200);
        let accounts = ["client_payable", "operating_bank", "fee_income", "trust_bank", "ach_clearing"];
        // What the bank took back is owed to it from the trust account; the fee on it went back there.
        assert_eq!(agency.stands_on(accounts).await, [0, 25_00, 25_00, 40_00, -40_00]);
        says(&agency.prepared(&bank).await, &[("carried_in", 0), ("lines", 0)]);
    }

    async fn one_below_nothing_after_another_is_carried_once(agency: &Agency) {
        let bank = remitted_and_come_back(agency).await;
        let first = agency.approved(&bank).await;
        agency.days(1).await;
        let second = agency.approved(&bank).await;
        says(&second, &[("lines", 0), ("carried_in", -30_00), ("net", -30_00)]);
        agency.days(1).await;
        let third = agency.prepared(&bank).await;
        says(&third, &[("carried_in", -30_00), ("net", -30_00)]);
        assert_ne!(first["id"], second["id"]);
    }
}
