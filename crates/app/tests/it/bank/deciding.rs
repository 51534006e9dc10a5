//! What people decide about lines: who and when stands beside it, and it can be taken back.

use serde_json::{Value, json};

use super::NUMBER;
use crate::support::agency::Agency;
use crate::support::statements::{Said, moved};
use crate::support::world::NOBODYS;

const DAYS: (&str, &str) = ("2026-11-01", "2026-11-02");

/// An account on which this came in.
async fn came(agency: &Agency, cents: &[i64]) -> (String, Vec<String>) {
    let account = agency.bank_account(NUMBER).await;
    let all = cents.iter().map(|cents| moved(if *cents < 0 { 495 } else { 165 }, cents.abs(), "X")).collect();
    agency.bank_says(&Said::of(NUMBER, "261119", 10_000_00, all)).await;
    let lines = agency.bank_lines("").await;
    (account, lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect())
}

async fn acts(agency: &Agency, line: &str) -> Vec<String> {
    let shown = agency.get(&format!("/bank-lines/{line}")).await.data();
    let one =
        |act: &Value| format!("{} {}", act["act"].as_str().unwrap(), act["reason"].as_str().unwrap_or("-"));
    shown["history"].as_array().unwrap().iter().map(one).collect()
}

on_both_engines! {
    async fn several_lines_are_one_expectation_and_one_line_several(agency: &Agency) {
        let (account, lines) = came(agency, &[300_00, 500_00, 97_00]).await;
        let whole = agency.expects(&account, ("ach_settlement", 800_00, "credit"), DAYS, None).await;
        let match_first = format!("/bank-lines/{}/match", lines[0]);
        let both = json!({ "bank_expectation_ids": [whole], "bank_line_ids": [lines[1]] });
        let shown = agency.post(&match_first, both.clone()).await.data();
        assert_eq!(shown["status"], "matched");
        assert!(shown["history"][0]["by"].as_str().unwrap().starts_with("token "), "{}", shown["history"]);
        assert_eq!(agency.bank_lines("status=matched").await.len(), 2);
        // A payout less what the processor keeps.
        let payout = agency.expects(&account, ("processor_payout", 100_00, "credit"), DAYS, None).await;
        let fee = agency.expects(&account, ("fee", 3_00, "debit"), DAYS, None).await;
        let split = json!({ "bank_expectation_ids": [payout, fee] });
        agency.post(&format!("/bank-lines/{}/match", lines[2]), split).await.is(200);
        assert_eq!(agency.many("/bank-expectations?status=matched").await, 3);
        // Nothing is matched twice.
        assert_eq!(agency.post(&match_first, both).await.refused(400), "not_allowed_now");
    }

    async fn what_does_not_come_to_the_same_is_refused(agency: &Agency) {
        let (account, lines) = came(agency, &[300_00, 500_00]).await;
        let one = agency.expects(&account, ("ach_settlement", 299_00, "credit"), DAYS, None).await;
        let two = agency.expects(&account, ("ach_settlement", 300_00, "debit"), DAYS, None).await;
        let path = format!("/bank-lines/{}/match", lines[0]);
        for wrong in [&one, &two] {
            let said = agency.post(&path, json!({ "bank_expectation_ids": [wrong] })).await.invalid("bank_expectation_ids");
            assert!(said.contains("must come to what the bank booked: 300.00"), "{said}");
        }
        let many = json!({ "bank_expectation_ids": [one, two], "bank_line_ids": [lines[1]] });
        agency.post(&path, many).await.refuses(422, &["bank_line_ids"]);
        agency.post(&path, json!({})).await.refuses(422, &["bank_expectation_ids"]);
        agency.post(&path, json!({ "bank_expectation_ids": [] })).await.refuses(422, &["bank_expectation_ids"]);
        assert_eq!(agency.bank_lines("status=unmatched").await.len(), 2);
    }

    async fn what_is_another_s_reads_like_what_nobody_has(agency: &Agency) {
        let (account, lines) = came(agency, &[300_00]).await;
        let theirs = &agency.template.theirs.sandbox;
        let post = async |path: &str, body: Value| agency.ask(http::Method::POST, path).token(theirs).json(&body).send().await;
        let new = json!({ "name": "Trust", "kind": "trust", "routing_number": "091000019", "account_number": NUMBER });
        let other = post("/bank-accounts", new).await.made();
        let foreign = json!({ "bank_account_id": other, "kind": "fee", "amount": 300_00, "direction": "credit", "from_day": "2026-11-19", "to_day": "2026-11-19" });
        let foreign = post("/bank-expectations", foreign).await.made();
        let own = agency.expects(&account, ("ach_settlement", 300_00, "credit"), DAYS, None).await;
        let path = format!("/bank-lines/{}/match", lines[0]);
        let ask = async |expected: &str| agency.post(&path, json!({ "bank_expectation_ids": [expected] })).await;
        for _ in 0..2 {
            let (theirs, nobodys) = (ask(&foreign).await, ask(NOBODYS).await);
            assert_eq!(theirs.invalid("bank_expectation_ids"), "The selected bank expectation ids is invalid.");
            assert_eq!(theirs.essence(), nobodys.essence());
            // The same once nothing could be decided about the line any more.
            agency.post(&path, json!({ "bank_expectation_ids": [own] })).await;
        }
        let line = json!({ "bank_expectation_ids": [own], "bank_line_ids": [NOBODYS] });
        agency.post(&path, line).await.refuses(422, &["bank_line_ids"]);
    }

    async fn a_match_is_taken_back_and_nothing_but_a_person_makes_it_again(agency: &Agency) {
        let (account, lines) = came(agency, &[300_00]).await;
        let expected = agency.expects(&account, ("ach_settlement", 300_00, "credit"), ("2026-11-19", "2026-11-19"), None).await;
        agency.steps().await;
        let undo = format!("/bank-lines/{}/unmatch", lines[0]);
        for _ in 0..2 {
            let shown = agency.post(&undo, json!({})).await.data();
            assert_eq!((&shown["status"], &shown["match_id"]), (&json!("unmatched"), &json!(null)));
            assert!(shown["queued_at"].is_string(), "it waits for a person");
        }
        agency.steps().await;
        assert_eq!(agency.bank_lines("status=matched").await.len(), 0);
        let again = json!({ "bank_expectation_ids": [expected] });
        agency.post(&format!("/bank-lines/{}/match", lines[0]), again).await.is(200);
        assert_eq!(acts(agency, &lines[0]).await, ["matched -", "unmatched -", "matched -"]);
        assert_eq!(agency.post(&format!("/bank-expectations/{expected}/cancel"), json!({})).await.refused(400), "not_allowed_now");
    }

    async fn a_line_that_nothing_belongs_to_is_ignored_with_a_reason_that_is_sealed(agency: &Agency) {
        let (_, lines) = came(agency, &[300_00]).await;
        let path = format!("/bank-lines/{}", lines[0]);
        agency.post(&format!("{path}/ignore"), json!({})).await.refuses(422, &["reason"]);
        for _ in 0..2 {
            let shown = agency.post(&format!("{path}/ignore"), json!({ "reason": "Ann's own transfer" })).await.data();
            assert_eq!(shown["status"], "ignored");
        }
        agency.steps().await;
        assert!(!agency.get("/events?limit=500").await.text.contains("Ann's own"), "events do not tell why");
        agency.post(&format!("{path}/unmatch"), json!({})).await.is(200);
        assert_eq!(acts(agency, &lines[0]).await, ["ignored Ann's own transfer", "restored -"]);
        assert_eq!(agency.many("/bank-lines?queued=true").await, 1);
    }

    async fn an_expectation_is_cancelled_once(agency: &Agency) {
        let (account, _) = came(agency, &[300_00]).await;
        let expected = agency.expects(&account, ("fee", 5_00, "debit"), DAYS, None).await;
        for _ in 0..2 {
            let shown = agency.post(&format!("/bank-expectations/{expected}/cancel"), json!({})).await.data();
            assert_eq!((&shown["status"], shown["history"].as_array().unwrap().len()), (&json!("cancelled"), 1));
        }
        let wrong = json!({ "bank_account_id": account, "kind": "bribe", "amount": 0, "direction": "up", "from_day": "2026-11-20", "to_day": "2026-11-19" });
        agency.post("/bank-expectations", wrong).await.refuses(422, &["kind", "amount", "direction", "to_day"]);
    }
}
