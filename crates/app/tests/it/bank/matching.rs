//! What comes together by itself, and what waits for a person.

use payments::bank::{self, BankAccountId, Direction, ExpectationKind, NewExpectation, Source};
use serde_json::{Value, json};

use super::NUMBER;
use crate::support::agency::Agency;
use crate::support::statements::{Said, moved};

const DAYS: (&str, &str) = ("2026-11-19", "2026-11-20");

async fn names(agency: &Agency) -> Vec<String> {
    agency.steps().await;
    let all = agency.get("/events?limit=500").await.data();
    let of_banks =
        |event: &Value| event["event"].as_str().or(event["name"].as_str()).unwrap_or_default().to_owned();
    all.as_array().unwrap().iter().map(of_banks).filter(|name| name.starts_with("bank_")).collect()
}

fn many(names: &[String], wanted: &str) -> usize {
    names.iter().filter(|name| *name == wanted).count()
}

on_both_engines! {
    async fn a_line_that_repeats_the_key_is_what_was_expected(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        // Two of one amount: only the key tells them apart.
        let one = agency.expects(&account, ("processor_payout", 800_00, "credit"), ("2026-11-01", "2026-11-02"), Some("po_one")).await;
        let two = agency.expects(&account, ("processor_payout", 800_00, "credit"), ("2026-11-01", "2026-11-02"), Some("po_two")).await;
        agency.bank_says(&Said::of(NUMBER, "261119", 0, vec![moved(165, 800_00, "PO_TWO"), moved(165, 800_00, "PO_ONE")])).await;
        agency.steps().await;
        let lines = agency.bank_lines("status=matched").await;
        assert_eq!(lines.len(), 2);
        for (expected, line) in [(&two, &lines[0]), (&one, &lines[1])] {
            let shown = agency.get(&format!("/bank-expectations/{expected}")).await.data();
            assert_eq!((&shown["status"], &shown["match_id"]), (&json!("matched"), &line["match_id"]));
            assert_eq!(shown["history"][0]["by"], "quittance");
        }
    }

    async fn an_expectation_that_comes_later_finds_its_line(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.bank_says(&Said::of(NUMBER, "261119", 0, vec![moved(165, 800_00, "A"), moved(165, 700_00, "B")])).await;
        agency.steps().await;
        assert_eq!(agency.bank_lines("status=unmatched").await.len(), 2);
        agency.expects(&account, ("ach_settlement", 700_00, "credit"), DAYS, None).await;
        agency.steps().await;
        let matched = agency.bank_lines("status=matched").await;
        assert_eq!((matched.len(), &matched[0]["amount"]), (1, &json!(700_00)));
    }

    async fn what_could_be_two_things_waits_for_a_person(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.expects(&account, ("ach_settlement", 800_00, "credit"), DAYS, None).await;
        agency.expects(&account, ("processor_payout", 800_00, "credit"), DAYS, None).await;
        agency.expects(&account, ("remittance", 300_00, "debit"), ("2026-11-21", "2026-11-22"), None).await;
        let said = Said::of(NUMBER, "261119", 1_000_00, vec![moved(165, 800_00, "A"), moved(495, 300_00, "B"), moved(698, 300_00, "C")]);
        agency.bank_says(&said).await;
        agency.steps().await;
        assert_eq!(agency.bank_lines("status=matched").await.len(), 0);
        assert_eq!(agency.many("/bank-lines?status=unmatched&queued=true").await, 0, "a day has not passed");
        agency.days(1).await;
        let told = names(agency).await;
        assert_eq!(many(&told, "bank_line.unmatched"), 3, "{told:?}");
        assert_eq!(agency.many("/bank-lines?status=unmatched&queued=true").await, 3);
        agency.days(3).await;
        let told = names(agency).await;
        assert_eq!((many(&told, "bank_line.unmatched"), many(&told, "bank_expectation.overdue")), (3, 3), "{told:?}");
        assert_eq!((agency.many("/bank-expectations?overdue=true").await, agency.many("/bank-expectations?overdue=false").await), (3, 0));
    }

    async fn what_came_is_told_as_matched_and_not_as_late(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.expects(&account, ("remittance", 300_00, "debit"), DAYS, None).await;
        agency.days(5).await;
        // Late already when its line comes, and before anybody has looked.
        agency.bank_says(&Said::of(NUMBER, "261120", 1_000_00, vec![moved(495, 300_00, "B")])).await;
        let told = names(agency).await;
        assert_eq!((many(&told, "bank_expectation.overdue"), many(&told, "bank_expectation.matched"), many(&told, "bank_line.matched")), (0, 1, 1), "{told:?}");
        agency.days(5).await;
        assert_eq!(many(&names(agency).await, "bank_line.unmatched"), 0);
    }

    async fn what_a_fee_was_taken_from_is_for_a_person_though_its_key_is_there(agency: &Agency) {
        let account = agency.bank_account(NUMBER).await;
        agency.expects(&account, ("processor_payout", 800_00, "credit"), DAYS, Some("PO-1")).await;
        agency.bank_says(&Said::of(NUMBER, "261119", 0, vec![moved(165, 777_00, "PO-1"), moved(165, 800_00, "X")])).await;
        agency.steps().await;
        assert_eq!(agency.bank_lines("status=matched").await.len(), 0);
    }

    async fn whoever_moves_money_expects_it_once_and_can_take_that_back(agency: &Agency) {
        use base::db::{Command, Tx};
        use books::orgs::Tenant;

        struct Expects<'a>(&'a Tenant, BankAccountId, Source);
        impl Command for Expects<'_> {
            type Out = bank::ExpectationId;
            fn name(&self) -> &'static str {
                "test.expects"
            }
            async fn exec(&self, tx: &Tx) -> base::Result<bank::ExpectationId> {
                let day = base::Day::parse("2026-11-19").unwrap();
                let new = NewExpectation {
                    account: self.1, kind: ExpectationKind::AchSettlement, amount: base::Cents::new(800_00), direction: Direction::Credit,
                    from_day: day, to_day: day, key: None, source: Some(self.2),
                };
                bank::expect(tx, self.0, &new).await
            }
        }
        struct Ends<'a>(&'a Tenant, Source);
        impl Command for Ends<'_> {
            type Out = bank::Withdrawn;
            fn name(&self) -> &'static str {
                "test.ends"
            }
            async fn exec(&self, tx: &Tx) -> base::Result<bank::Withdrawn> {
                bank::withdraw(tx, self.0, self.1).await
            }
        }

        let account = BankAccountId(agency.bank_account(NUMBER).await.parse().unwrap());
        let tenant = agency.tenant(books::orgs::Environment::Sandbox).await;
        let source = Source { table: "ach_file", id: agency.db.seams().id() };
        let first = agency.db.run(&Expects(&tenant, account, source)).await.unwrap();
        assert_eq!(agency.db.run(&Expects(&tenant, account, source)).await.unwrap(), first);
        let shown = agency.get(&format!("/bank-expectations/{first}")).await.data();
        assert_eq!((&shown["source"], &shown["source_id"]), (&json!("ach_file"), &json!(source.id.to_string())));
        assert_eq!(agency.db.run(&Ends(&tenant, source)).await.unwrap(), bank::Withdrawn { cancelled: 1, matched: 0 });
        assert_eq!(agency.db.run(&Ends(&tenant, source)).await.unwrap(), bank::Withdrawn::default());
        let again = agency.db.run(&Expects(&tenant, account, source)).await.unwrap();
        assert_ne!(again, first);
        agency.bank_says(&Said::of(NUMBER, "261119", 0, vec![moved(165, 800_00, "A")])).await;
        agency.steps().await;
        assert_eq!(agency.db.run(&Ends(&tenant, source)).await.unwrap(), bank::Withdrawn { cancelled: 0, matched: 1 });
    }
}
