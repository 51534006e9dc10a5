//! Many at once: exactly one wins.

use futures_util::future::join_all;
use serde_json::json;

use super::id;
use crate::support::agency::Agency;
use crate::support::client::Answer;

/// That one was done, and the others were refused with this code.
#[track_caller]
fn one_wins(all: &[Answer], code: &str) {
    let done = all.iter().filter(|answer| answer.status < 300).count();
    assert_eq!(done, 1, "{:?}", all.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for answer in all.iter().filter(|answer| answer.status >= 300) {
        assert_eq!(answer["errorCode"], code, "{}", answer.text);
    }
}

on_both_engines! {
    async fn of_many_who_prepare_approve_and_pay_one_does(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({ "card_hold_days": 0 })).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 100_00).await;
        let body = || json!({ "location_id": bank, "last_day": agency.day(0) });
        let drafts = join_all((0..6).map(|_| agency.post("/remittances", body()))).await;
        one_wins(&drafts, "conflict");
        let draft = drafts.iter().find(|answer| answer.status == 201).unwrap()["data"].clone();
        let second = agency.second().await;
        one_wins(&join_all((0..6).map(|_| second.approves(agency, id(&draft)))).await, "not_allowed_now");
        agency.deposits("card_clearing", 100_00, "D-1").await.made();
        one_wins(&join_all((0..6).map(|_| agency.pays(&draft))).await, "not_allowed_now");
        assert_eq!(agency.stands_on(["trust_bank", "client_payable", "operating_bank"]).await, [0, 0, 25_00]);
    }

    async fn approving_and_throwing_away_at_once_is_one_of_them(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({ "card_hold_days": 0 })).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 100_00).await;
        let draft = agency.post("/remittances", json!({ "location_id": bank, "last_day": agency.day(0) })).await;
        let (draft, second) = (draft.is(201)["data"].clone(), agency.second().await);
        let (approved, void) = futures_util::join!(second.approves(agency, id(&draft)), agency.voids(&draft));
        one_wins(&[approved, void], "not_allowed_now");
    }

    async fn two_clients_are_not_paid_out_of_what_is_enough_for_one(agency: &Agency) {
        let mut all = Vec::new();
        for name in ["First Example Bank", "Second Example Bank", "Third Example Bank"] {
            let bank = agency.client(name, json!({ "card_hold_days": 0 })).await;
            agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 100_00).await;
            let draft = agency.post("/remittances", json!({ "location_id": bank, "last_day": agency.day(0) })).await;
            all.push(draft.is(201)["data"].clone());
        }
        let second = agency.second().await;
        for one in &all {
            second.approves(agency, id(one)).await.is(200);
        }
        agency.deposits("card_clearing", 150_00, "D-1").await.made();
        one_wins(&join_all(all.iter().map(|one| agency.pays(one))).await, "not_allowed_now");
        assert_eq!(agency.stands_on(["trust_bank"]).await, [50_00]);
    }

    async fn the_same_request_again_is_the_same_remittance(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({})).await;
        let body = json!({ "location_id": bank });
        let first = agency.once("r", "/remittances", body.clone()).await.made();
        let again = agency.once("r", "/remittances", body).await;
        assert_eq!((again.made(), again.is_replay()), (first, true));
    }
}
