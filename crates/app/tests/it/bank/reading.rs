//! Files of statements: all of one or nothing, one after the other, and never twice.

use serde_json::{Value, json};

use super::NUMBER;
use crate::support::agency::Agency;
use crate::support::statements::{Said, moved};

fn a_day(day: &str, opening: i64) -> Said {
    Said::of(NUMBER, day, opening, vec![moved(165, 800_00, "PROC-1"), moved(495, 300_00, "REMIT-1")])
}

async fn balance(agency: &Agency, account: &str) -> Value {
    agency.get(&format!("/bank-accounts/{account}")).await.data()["balance"].clone()
}

on_both_engines! {
    async fn a_statement_is_booked_line_by_line_and_what_people_wrote_is_sealed(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        let file = agency.bank_says(&a_day("261119", 1_000_00)).await;
        let statement = &file["statements"][0];
        assert_eq!((&statement["status"], &statement["day"]), (&json!("booked"), &json!("2026-11-19")));
        assert_eq!((&statement["opening_balance"], &statement["closing_balance"]), (&json!(1_000_00), &json!(1_500_00)));
        assert_eq!((&statement["gap"], &statement["unexplained"]), (&json!(null), &json!(0)));
        assert_eq!(balance(agency, &account).await, 1_500_00);
        let lines = agency.bank_lines("").await;
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["amount"], &lines[0]["direction"], &lines[0]["bank_code"]), (&json!(800_00), &json!("credit"), &json!("165")));
        assert_eq!((&lines[0]["references"]["customer"], &lines[0]["text"]), (&json!("PROC-1"), &json!("PAID BY ROSA DIAZ")));
        assert_eq!((&lines[1]["direction"], &lines[1]["status"]), (&json!("debit"), &json!("unmatched")));
        agency.steps().await;
        assert!(!agency.get("/events?limit=100").await.text.contains("ROSA"), "events carry nobody's name");
        let shown = agency.get(&format!("/bank-statements/{}", statement["id"].as_str().unwrap())).await.data();
        assert_eq!(&shown, statement);
    }

    async fn the_same_file_twice_changes_nothing(agency: &Agency) {
        agency.bank_account(NUMBER).await;
        let text = a_day("261119", 1_000_00).text();
        let first = agency.bank_file(&text).await;
        let (lines, events) = (agency.many("/bank-lines").await, agency.events().await);
        let again = agency.bank_file(&text).await;
        assert!(again.is_replay() && !first.is_replay());
        assert_eq!(again.data(), first.data());
        assert_eq!((agency.many("/bank-lines").await, agency.events().await), (lines, events));
        // The same day in another file is no news either.
        let other = text.replace("PROC-1", "PROC-9");
        assert!(agency.bank_file(&other).await.invalid("file").contains("is booked already"));
    }

    async fn a_file_with_a_fault_is_refused_as_a_whole_with_its_line(agency: &Agency) {
        agency.bank_account(NUMBER).await;
        let text = a_day("261119", 1_000_00).text().replace("16,165,80000", "16,165,80001");
        let refused = agency.bank_file(&text).await;
        refused.refuses(422, &["file"]);
        let said: Vec<&str> = refused["errors"]["file"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
        assert!(said[0].starts_with("The file field has "), "{said:?}");
        assert!(said[1].starts_with("line 6, "), "{said:?}");
        assert_eq!((agency.many("/bank-lines").await, agency.many("/bank-statements").await), (0, 0));
        assert!(agency.bank_file("hello").await.invalid("file").starts_with("The file field has a fault"));
        agency.post("/bank-statements", json!({})).await.refuses(422, &["file"]);
    }

    async fn statements_follow_one_another_or_somebody_says_that_they_need_not(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.bank_says(&a_day("261117", 1_000_00)).await;
        let gap = a_day("261119", 2_000_00);
        let said = agency.bank_file(&gap.text()).await.invalid("file");
        assert!(said.contains("closed 2026-11-17 with 1,500.00 and opens 2026-11-19 with 2,000.00"), "{said}");
        assert_eq!(balance(agency, &account).await, 1_500_00);
        let file = agency.bank_file_saying(&gap.text(), &[("accept_gaps", "true")]).await.data();
        assert_eq!(file["statements"][0]["gap"], 500_00);
        // What lay between comes late, and closes the gap.
        let between = Said::of(NUMBER, "261118", 1_500_00, vec![moved(165, 500_00, "LATE")]);
        agency.bank_says(&between).await;
        let all = agency.get("/bank-statements").await.data();
        let gaps: Vec<&Value> = all.as_array().unwrap().iter().map(|s| &s["gap"]).collect();
        assert!(gaps.iter().all(|gap| **gap == json!(0) || gap.is_null()), "{gaps:?}");
        // One that would open another is refused.
        let wrong = Said::of(NUMBER, "261116", 0, vec![moved(165, 1_00, "X")]);
        assert!(agency.bank_file(&wrong.text()).await.invalid("file").contains("does not follow"));
    }

    async fn what_a_bank_leaves_out_is_told(agency: &Agency) {
        agency.bank_account(NUMBER).await;
        let file = agency.bank_says(&a_day("261119", 1_000_00).leaves_out(-7_00)).await;
        assert_eq!(file["statements"][0]["unexplained"], -7_00);
    }

    async fn a_report_within_the_day_is_pending_until_a_statement_stands_in_its_place(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.bank_says(&a_day("261119", 1_000_00).within_the_day()).await;
        assert_eq!((agency.bank_lines("status=pending").await.len(), balance(agency, &account).await), (2, json!(null)));
        let more = Said::of(NUMBER, "261119", 1_000_00, vec![moved(165, 800_00, "PROC-1")]).within_the_day();
        agency.bank_says(&more).await;
        assert_eq!(agency.bank_lines("status=pending").await.len(), 1, "a later report stands in the place of an earlier one");
        agency.bank_says(&a_day("261119", 1_000_00)).await;
        assert_eq!((agency.bank_lines("status=pending").await.len(), agency.bank_lines("status=unmatched").await.len()), (0, 2));
        assert_eq!(agency.many("/bank-statements?status=replaced").await, 2);
        agency.expects(&account, ("processor_payout", 800_00, "credit"), ("2026-11-19", "2026-11-19"), None).await;
        agency.steps().await;
        assert_eq!(agency.bank_lines("status=matched").await.len(), 1);
    }

    async fn a_test_is_passed_over(agency: &Agency) {
        agency.bank_account(NUMBER).await;
        let file = agency.bank_says(&a_day("261119", 1_000_00).tests()).await;
        assert_eq!((&file["passed_over"], &file["statements"]), (&json!(1), &json!([])));
        assert_eq!(agency.many("/bank-lines").await, 0);
    }

    async fn a_correction_takes_the_lines_back_that_it_replaces(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.bank_says(&a_day("261118", 500_00)).await;
        agency.bank_says(&a_day("261119", 1_000_00)).await;
        let expected = agency.expects(&account, ("processor_payout", 800_00, "credit"), ("2026-11-18", "2026-11-18"), None).await;
        agency.steps().await;
        let path = format!("/bank-expectations/{expected}");
        assert_eq!(agency.get(&path).await.data()["status"], "matched");
        // The same closing balance, by other lines.
        let right = Said::of(NUMBER, "261118", 500_00, vec![moved(165, 500_00, "PROC-1")]).corrects();
        agency.bank_says(&right).await;
        assert_eq!(agency.bank_lines("status=withdrawn").await.len(), 2);
        let now = agency.get(&path).await.data();
        assert_eq!((&now["status"], &now["match_id"]), (&json!("open"), &json!(null)));
        let acts: Vec<&Value> = now["history"].as_array().unwrap().iter().map(|one| &one["act"]).collect();
        assert_eq!(acts, ["matched", "unmatched"]);
        // Other balances would not lead on to the day after.
        let wrong = Said::of(NUMBER, "261118", 500_00, vec![moved(165, 501_00, "PROC-1")]).corrects();
        assert!(agency.bank_file(&wrong.text()).await.invalid("file").contains("does not follow"));
        assert_eq!(agency.bank_lines("status=withdrawn").await.len(), 2, "nothing of it was done");
    }

    async fn what_a_bank_takes_back_is_gone_and_leaves_a_gap(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        for (day, opening) in [("261117", 0), ("261118", 500_00), ("261119", 1_000_00)] {
            agency.bank_says(&a_day(day, opening)).await;
        }
        agency.bank_says(&a_day("261118", 500_00).takes_back()).await;
        let all = agency.get("/bank-statements?status=booked").await.data();
        let gaps: Vec<(&Value, &Value)> = all.as_array().unwrap().iter().map(|s| (&s["day"], &s["gap"])).collect();
        assert_eq!(gaps, [(&json!("2026-11-19"), &json!(500_00)), (&json!("2026-11-17"), &json!(null))]);
        assert_eq!(agency.bank_lines("status=withdrawn").await.len(), 2);
        let line = &agency.bank_lines("status=withdrawn").await[0]["id"];
        let ignored = agency.post(&format!("/bank-lines/{}/ignore", line.as_str().unwrap()), json!({ "reason": "x" })).await;
        assert_eq!(ignored.refused(400), "not_allowed_now");
        assert_eq!(balance(agency, &account).await, 1_500_00);
        // Sent anew it is booked anew.
        agency.bank_says(&Said::of(NUMBER, "261118", 500_00, vec![moved(165, 500_00, "AGAIN")])).await;
        assert_eq!(agency.many("/bank-statements?status=booked").await, 3);
    }

    async fn accounts_that_nobody_knows_make_a_file_be_refused_unless_they_are_to_be_passed_over(agency: &Agency) {
        agency.bank_account(NUMBER).await;
        let other = Said::of("009988776655", "261119", 0, vec![moved(165, 1_00, "X")]);
        let said = agency.bank_file(&other.text()).await.invalid("file");
        assert!(said.contains("ending ****6655 in line 3") && !said.contains("9988776655"), "{said}");
        let file = agency.bank_file_saying(&other.text(), &[("skip_unknown_accounts", "1")]).await.data();
        assert_eq!(file["passed_over"], 1);
    }

    async fn a_statement_in_xml_is_booked_too(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        let text = include_str!("../../../../statements/tests/files/statement-v08.xml");
        let file = agency.bank_file(text).await.data();
        assert_eq!((&file["format"], &file["statements"][0]["sequence"]), (&json!("camt"), &json!(224)));
        assert_eq!(balance(agency, &account).await, 159_412_50);
        let batch = agency.bank_lines("").await.into_iter().find(|line| line["payments"] == 2).unwrap();
        let shown = agency.get(&format!("/bank-lines/{}", batch["id"].as_str().unwrap())).await.data();
        assert_eq!(shown["parts"][0]["debtor"], "MARISOL VEGA");
        let report = include_str!("../../../../statements/tests/files/notification-v04.xml");
        let told = agency.bank_file_saying(report, &[("skip_unknown_accounts", "true")]).await.data();
        assert_eq!(told["statements"], json!([]), "a notification is told again by a statement");
    }

    async fn nobody_else_s_account_is_known(agency: &Agency) {
        let theirs = &agency.template.theirs.sandbox;
        let new = json!({ "name": "Trust", "kind": "trust", "routing_number": "091000019", "account_number": NUMBER });
        agency.ask(http::Method::POST, "/bank-accounts").token(theirs).json(&new).send().await.made();
        let said = a_day("261119", 0);
        assert!(agency.bank_file(&said.text()).await.invalid("file").contains("is no bank account here"));
        agency.bank_account(NUMBER).await;
        agency.bank_says(&said).await;
        let lines = agency.ask(http::Method::GET, "/bank-lines").token(theirs).send().await;
        assert_eq!(lines.data(), json!([]));
    }
}
