//! Plans that run themselves.

use base::db::Planted;
use serde_json::{Value, json};

use super::told;
use crate::support::agency::Agency;

impl Agency {
    /// Days pass, and on each of them the steps find what there is to do.
    pub(super) async fn lives(&self, days: i64) {
        for _ in 0..days {
            self.days(1).await;
            while self.till.sweep(100).await.expect("sweep") > 0 {}
            self.steps().await;
        }
    }

    pub(super) async fn rules(&self, rules: Value) {
        self.put("/organization", json!({ "payment_rules": rules })).await.is(200);
    }

    async fn by_method(&self, owed: i64, cents: i64, frequency: &str, token: &str) -> (String, String) {
        let debtor = self.debtor(owed, token).await;
        let plan = self.post("/payment-plans", debtor.enrols(cents, frequency)).await.made();
        (debtor.debt, plan)
    }

    /// How a plan stands and why.
    pub(super) async fn stands(&self, plan: &str) -> (String, Option<String>) {
        let plan = self.plan(plan).await;
        (plan["state"].as_str().expect("a state").into(), plan["reason"].as_str().map(str::to_owned))
    }
}

pub(super) fn so(state: &str, reason: &str) -> (String, Option<String>) {
    (state.into(), Some(reason.into()))
}

on_both_engines! {
    async fn a_plan_pays_itself_to_its_end(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(35_00, 10_00, "weekly").await;
        agency.lives(30).await;
        assert_eq!(told(&agency.plan(&plan).await), [
            "2026-11-21 1000 paid", "2026-11-28 1000 paid", "2026-12-05 1000 paid", "2026-12-12 500 paid"
        ]);
        assert_eq!(agency.stands(&plan).await, so("completed", "fulfilled"));
        assert_eq!((agency.owed(&debtor.debt).await, agency.debt(&debtor.debt).await["status"].as_str()), (0, Some("paid_off")));
        assert_eq!(agency.bank.charges(), 4);
        let charges = agency.get("/charges?sort=created_at").await.data();
        let first = &charges[0];
        assert_eq!((first["payment_source"].as_str(), first["scheduled_at"].as_str()), (Some("schedule"), Some("2026-11-21")));
        assert_eq!(first["instalment_id"], agency.plan(&plan).await["charges"][0]["id"]);
        assert_eq!(agency.told_of("payment_plan").await, ["payment-plan.create", "payment_plan.completed"]);
        agency.books_hold().await;
    }

    async fn nothing_is_early_and_the_day_is_the_organizations(agency: &Agency) {
        agency.enrolled(40_00, 10_00, "weekly").await;
        agency.seconds(13 * 3_600 + 3_599).await; // a second before midnight in New York
        agency.steps().await;
        assert_eq!(agency.bank.submits(), 0);
        agency.seconds(1).await;
        agency.steps().await;
        agency.steps().await;
        assert_eq!((agency.bank.submits(), agency.waiting().await), (1, 3));
    }

    async fn nothing_is_early_where_the_organization_moves_to_the_west(agency: &Agency) {
        agency.enrolled(40_00, 10_00, "weekly").await;
        agency.put("/organization", json!({ "time_zone": "Pacific/Honolulu" })).await.is(200);
        agency.seconds(14 * 3_600).await; // midnight in New York
        agency.steps().await;
        assert_eq!(agency.bank.submits(), 0);
        agency.seconds(5 * 3_600).await; // and in Honolulu
        agency.steps().await;
        assert_eq!(agency.bank.submits(), 1);
    }

    async fn a_bank_account_is_debited_on_banking_days_and_is_paid_when_it_settles(agency: &Agency) {
        // The first day is a Saturday; the second, 2026-12-21, a Monday.
        let (debt, plan) = agency.by_method(20_00, 10_00, "monthly", "tok_bank").await;
        agency.lives(2).await;
        assert_eq!((agency.bank.submits(), &told(&agency.plan(&plan).await)[0]), (0, &"2026-11-23 1000 scheduled".to_owned()));
        agency.lives(1).await;
        assert_eq!((agency.bank.submits(), &told(&agency.plan(&plan).await)[0]), (1, &"2026-11-23 1000 submitting".to_owned()));
        assert_eq!(agency.owed(&debt).await, 20_00);
        agency.lives(5).await;
        assert_eq!((agency.owed(&debt).await, &told(&agency.plan(&plan).await)[0]), (10_00, &"2026-11-23 1000 paid".to_owned()));
        agency.lives(30).await;
        assert_eq!(agency.stands(&plan).await, so("completed", "fulfilled"));
        agency.books_hold().await;
    }

    async fn what_is_refused_for_want_of_money_is_tried_again_on_paydays_and_then_stands_at_the_end(agency: &Agency) {
        let (_, plan) = agency.by_method(30_00, 10_00, "monthly", "tok_insufficient_funds").await;
        agency.lives(1).await; // Saturday, 2026-11-21
        assert_eq!(&told(&agency.plan(&plan).await)[..1], ["2026-11-27 1000 scheduled"], "a Friday");
        assert_eq!(agency.plan(&plan).await["next_payment_date"], "2026-11-27");
        agency.lives(6).await;
        assert_eq!(&told(&agency.plan(&plan).await)[..1], ["2026-11-30 1000 scheduled"], "the last of the month");
        agency.lives(3).await;
        let after = agency.plan(&plan).await;
        assert_eq!(told(&after), [
            "2026-11-30 1000 failed", "2026-12-21 1000 scheduled", "2027-01-21 1000 scheduled", "2027-02-21 1000 scheduled"
        ]);
        assert_eq!((&after["failures"], &after["charges"][0]["refusals"], &after["breaks_at"]), (&json!(1), &json!(3), &json!(null)));
        assert_eq!((agency.bank.submits(), agency.bank.charges()), (3, 0));
    }

    async fn a_plan_that_failed_too_often_breaks_after_its_days_of_grace(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 0, "payment_plan_break_after": 2, "payment_plan_grace_days": 3 })).await;
        let (debt, plan) = agency.by_method(30_00, 10_00, "weekly", "tok_insufficient_funds").await;
        agency.lives(8).await; // two of them have failed
        let after = agency.plan(&plan).await;
        assert_eq!((&after["state"], &after["failures"], &after["breaks_at"]), (&json!("active"), &json!(2), &json!("2026-12-02T05:00:00Z")));
        agency.lives(3).await;
        assert_eq!(agency.plan(&plan).await["state"], "active");
        agency.lives(1).await;
        assert_eq!(agency.stands(&plan).await, so("broken", "payments_failed"));
        assert_eq!((agency.owed(&debt).await, agency.waiting().await), (30_00, 0));
        let told = agency.told_of("payment_plan").await;
        assert_eq!(told.last().map(String::as_str), Some("payment_plan.broken"));
    }

    async fn a_payment_that_succeeds_in_the_days_of_grace_saves_the_plan(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 10 })).await;
        let (debtor, plan) = {
            let debtor = agency.debtor(30_00, "tok_insufficient_funds").await;
            let plan = agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.made();
            (debtor, plan)
        };
        agency.lives(1).await;
        assert_eq!(agency.plan(&plan).await["failures"], 1);
        let other = agency.method_of(&debtor.customer, "tok_visa").await;
        let terms = json!({ "amount": 10_00, "frequency": "weekly", "start_date": "2026-11-21", "payment_method_id": other });
        agency.put(&format!("/payment-plans/{plan}"), terms).await.is(200);
        agency.lives(30).await;
        assert_eq!(agency.stands(&plan).await, so("completed", "fulfilled"));
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.charges()), (0, 3));
        agency.books_hold().await;
    }

    async fn any_payment_of_an_instalment_in_the_days_of_grace_saves_the_plan(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 3 })).await;
        for (cents, expected) in [(9_99, "broken"), (10_00, "active")] {
            let debtor = agency.debtor(30_00, "tok_insufficient_funds").await;
            let mut plan = debtor.enrols(10_00, "monthly");
            plan["start_date"] = json!(agency.day(1));
            let plan = agency.post("/payment-plans", plan).await.made();
            agency.lives(1).await;
            assert_eq!(agency.plan(&plan).await["failures"], 1);
            let other = agency.method_of(&debtor.customer, "tok_visa").await;
            let charge = json!({ "amount": cents, "debt_account_id": debtor.debt, "payment_method_id": other });
            agency.post("/charges", charge).await.is(201);
            agency.lives(4).await;
            let after = agency.plan(&plan).await;
            assert_eq!((&after["state"], &after["breaks_at"]), (&json!(expected), &json!(null)), "{cents} were paid");
        }
    }

    async fn a_plan_that_has_just_been_mended_does_not_break_before_its_next_payment(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 3 })).await;
        let (customer, debt, method) = agency.with_address(30_00, "tok_lost_card").await;
        let mut terms = json!({ "debt_account_id": debt, "amount": 10_00, "frequency": "monthly", "start_date": "2026-11-21", "payment_method_id": method });
        let plan = agency.post("/payment-plans", terms.clone()).await.made();
        agency.lives(3).await;
        assert_eq!(agency.stands(&plan).await, so("paused", "payment_method_stopped"));
        assert_eq!(agency.plan(&plan).await["breaks_at"], "2026-11-25T05:00:00Z");
        terms["payment_method_id"] = json!(agency.method_of(&customer, "tok_visa").await);
        let on = agency.put(&format!("/payment-plans/{plan}"), terms).await.is(200)["data"].clone();
        assert_eq!((&on["state"], &on["breaks_at"], told(&on)[0].as_str()), (&json!("active"), &json!("2026-12-25T05:00:00Z"), "2026-12-21 1000 scheduled"));
        assert!(on["authorization"]["terms"].as_str().unwrap().starts_with("from 2026-12-21 on with USD 30.00 to pay: "), "{on}");
        agency.lives(29).await;
        let after = agency.plan(&plan).await;
        assert_eq!((&after["state"], &after["failures"], &after["breaks_at"], after["paid_amount"].as_i64()), (&json!("active"), &json!(0), &json!(null), Some(10_00)));
    }

    async fn a_broken_plan_goes_on_by_another_card(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 0 })).await;
        let debtor = agency.debtor(20_00, "tok_lost_card").await;
        let plan = agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.made();
        agency.lives(1).await;
        assert_eq!(agency.stands(&plan).await, so("broken", "payments_failed"));
        let path = format!("/payment-plans/{plan}/reinstate");
        assert_eq!(agency.post(&path, json!({})).await.refused(400), "payment_method_stopped");
        let other = agency.method_of(&debtor.customer, "tok_visa").await;
        let back = agency.post(&path, json!({ "payment_method_id": other })).await.is(200)["data"].clone();
        assert_eq!((&back["state"], &back["payment_method_id"], &back["authorization"]["payment_method_id"]), (&json!("active"), &json!(other), &json!(other)));
        agency.lives(15).await;
        assert_eq!((agency.stands(&plan).await, agency.owed(&debtor.debt).await), (so("completed", "fulfilled"), 0));
    }

    async fn a_broken_plan_is_reinstated_with_what_it_still_lacks(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 0 })).await;
        let debtor = agency.debtor(35_00, "tok_insufficient_funds").await;
        let plan = agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.made();
        let path = format!("/payment-plans/{plan}/reinstate");
        assert_eq!(agency.post(&path, json!({})).await.is(200)["data"]["state"], "active", "what is so stays so");
        agency.lives(1).await;
        assert_eq!(agency.stands(&plan).await, so("broken", "payments_failed"));
        let back = agency.post(&path, json!({})).await;
        let open: Vec<String> = told(&back.is(200)["data"]).into_iter().filter(|one| one.ends_with("scheduled")).collect();
        assert_eq!(open, ["2026-11-28 1000 scheduled", "2026-12-05 1000 scheduled", "2026-12-12 1000 scheduled", "2026-12-19 500 scheduled"]);
        assert_eq!((&back["data"]["failures"], &back["data"]["authorization"]["ended_at"]), (&json!(0), &json!(null)));
        assert_eq!(agency.number("SELECT count(*) FROM plan_authorization").await, 2);
        agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
        assert_eq!(agency.post(&path, json!({})).await.refused(400), "not_allowed_now");
    }

    async fn a_plan_whose_method_is_stopped_stands_still_until_it_has_another(agency: &Agency) {
        let debtor = agency.debtor(30_00, "tok_lost_card").await;
        let plan = agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.made();
        agency.lives(10).await;
        assert_eq!(agency.stands(&plan).await, so("paused", "payment_method_stopped"));
        assert_eq!((agency.bank.submits(), agency.waiting().await), (1, 0), "a lost card is charged once");
        let other = agency.method_of(&debtor.customer, "tok_visa").await;
        let terms = json!({ "amount": 10_00, "frequency": "weekly", "start_date": "2026-11-21", "payment_method_id": other });
        let on = agency.put(&format!("/payment-plans/{plan}"), terms).await;
        assert_eq!((&on.is(200)["data"]["state"], &on["data"]["reason"]), (&json!("active"), &json!(null)));
        agency.lives(25).await;
        assert_eq!((agency.stands(&plan).await, agency.owed(&debtor.debt).await), (so("completed", "fulfilled"), 0));
    }

    async fn a_revoked_authorization_ends_the_plan(agency: &Agency) {
        for token in ["tok_bank_r07", "tok_bank_r10"] {
            let (debt, plan) = agency.by_method(30_00, 10_00, "weekly", token).await;
            agency.lives(10).await;
            assert_eq!(agency.stands(&plan).await, so("cancelled", "authorization_revoked"), "{token}");
            assert_eq!(agency.owed(&debt).await, 30_00);
        }
        assert_eq!(agency.bank.submits(), 2, "nothing is presented after that");
    }

    async fn a_payment_that_comes_back_is_tried_again_and_a_completed_plan_goes_on(agency: &Agency) {
        let (debt, plan) = agency.by_method(10_00, 10_00, "weekly", "tok_bank_r01_late").await;
        agency.lives(5).await;
        let told_then = told(&agency.plan(&plan).await);
        agency.lives(4).await;
        assert_eq!(told_then.len(), 1);
        assert_eq!(agency.owed(&debt).await, 10_00, "it came back");
        let after = agency.plan(&plan).await;
        assert_eq!((&after["state"], &after["authorization"]["ended_at"]), (&json!("active"), &json!(null)));
        assert!(told(&after)[0].ends_with("scheduled"), "{after}");
        agency.books_hold().await;
    }

    async fn a_payment_that_comes_back_leaves_a_plan_ended_where_another_has_taken_its_place(agency: &Agency) {
        for enrolled in [false, true] {
            let debtor = agency.debtor(10_00, "tok_bank_r01_late").await;
            let plan = agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.made();
            while agency.stands(&plan).await.0 != "completed" {
                agency.lives(1).await;
            }
            agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 50_00 })).await.is(200);
            let mut next = debtor.plans(25_00, "monthly");
            if enrolled {
                next["payment_method_id"] = json!(agency.method_of(&debtor.customer, "tok_visa").await);
                next["start_date"] = json!(agency.day(20));
            }
            let next = agency.post("/payment-plans", next).await.made();
            agency.lives(4).await;
            assert_eq!(agency.owed(&debtor.debt).await, 60_00, "it came back");
            let (state, now) = (agency.stands(&plan).await.0, agency.get(&format!("/payment-plans/{next}")).await);
            if enrolled {
                assert_eq!((state.as_str(), &now.is(200)["data"]["state"]), ("completed", &json!("active")));
                assert!(told(&agency.plan(&plan).await)[0].ends_with("failed"));
            } else {
                assert_eq!((state.as_str(), now.refused(404).as_str()), ("active", "not_found"));
                agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
            }
            agency.books_hold().await;
        }
    }

    async fn a_plan_does_not_break_while_a_payment_is_under_way(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 7 })).await;
        let debtor = agency.debtor(20_00, "tok_insufficient_funds").await;
        let plan = agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.made();
        agency.lives(1).await;
        let bank = agency.method_of(&debtor.customer, "tok_bank").await;
        let terms = json!({ "amount": 10_00, "frequency": "weekly", "start_date": "2026-11-21", "payment_method_id": bank });
        agency.put(&format!("/payment-plans/{plan}"), terms).await.is(200);
        // The second payment is under way when the days of grace end.
        agency.sql("UPDATE payment_plan SET breaks_at = updated_at WHERE breaks_at IS NOT NULL").await;
        agency.sql("UPDATE instalment SET state = 'submitting' WHERE state = 'scheduled' AND number = 2").await;
        agency.steps().await;
        assert_eq!(agency.plan(&plan).await["state"], "active");
        agency.sql("UPDATE instalment SET state = 'scheduled' WHERE state = 'submitting' AND number = 2").await;
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.stands(&plan).await, so("broken", "payments_failed"));
    }

    async fn a_settlement_forgives_the_rest_once_its_last_payment_has_succeeded(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let mut asked = debtor.enrols(30_00, "weekly");
        asked["total_amount"] = json!(60_00);
        let plan = agency.post("/payment-plans", asked).await.made();
        agency.lives(3).await;
        assert_eq!(agency.owed(&debtor.debt).await, 70_00);
        agency.lives(7).await;
        assert_eq!(agency.stands(&plan).await, so("completed", "settled"));
        assert_eq!((agency.owed(&debtor.debt).await, agency.debt(&debtor.debt).await["status"].as_str()), (0, Some("paid_off")));
        assert_eq!(agency.number("SELECT CAST(sum(amount) AS bigint) FROM plan_forgiveness").await, 40_00);
        agency.books_hold().await;
    }

    async fn a_settlement_whose_payment_comes_back_forgives_nothing(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_bank_r01_late").await;
        let mut asked = debtor.enrols(60_00, "weekly");
        asked["total_amount"] = json!(60_00);
        let plan = agency.post("/payment-plans", asked).await.made();
        let mut settled = false;
        for _ in 0..9 {
            agency.lives(1).await;
            settled |= agency.owed(&debtor.debt).await == 0;
        }
        assert!(settled, "it was settled for a while");
        assert_eq!((agency.owed(&debtor.debt).await, agency.plan(&plan).await["state"].as_str()), (100_00, Some("active")));
        assert_eq!(agency.number("SELECT count(*) FROM plan_forgiveness WHERE undone_at IS NULL").await, 0);
        agency.books_hold().await;
    }

    async fn autopay_without_an_end_follows_the_balance(agency: &Agency) {
        let debtor = agency.debtor(25_00, "tok_visa").await;
        let mut asked = debtor.enrols(10_00, "weekly");
        asked["open_ended"] = json!(true);
        let plan = agency.post("/payment-plans", asked).await.made();
        agency.lives(2).await;
        assert_eq!(told(&agency.plan(&plan).await), ["2026-11-21 1000 paid", "2026-11-28 1000 scheduled", "2026-12-05 500 scheduled"]);
        let more = json!({ "current_balance": 22_00 });
        agency.put(&format!("/debt-accounts/{}", debtor.debt), more).await.is(200);
        agency.lives(20).await;
        assert_eq!(told(&agency.plan(&plan).await), [
            "2026-11-21 1000 paid", "2026-11-28 1000 paid", "2026-12-05 500 paid", "2026-12-12 700 paid"
        ]);
        assert_eq!((agency.stands(&plan).await.0.as_str(), agency.owed(&debtor.debt).await), ("completed", 0));
        agency.books_hold().await;
    }

    async fn a_payment_is_cut_to_what_is_still_owed_whatever_the_minimum(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(40_00, 20_00, "weekly").await;
        agency.rules(json!({ "min_payment_amount": 15_00 })).await;
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 27_00 })).await.is(200);
        agency.lives(10).await;
        assert_eq!(told(&agency.plan(&plan).await), ["2026-11-21 2000 paid", "2026-11-28 700 paid"]);
        assert_eq!((agency.stands(&plan).await.0.as_str(), agency.owed(&debtor.debt).await), ("completed", 0));
    }

    async fn two_plans_on_one_account_do_not_present_it_once_too_often_together(agency: &Agency) {
        agency.rules(json!({ "payment_plan_retries": 9, "payment_plan_retry_after_days": 1 })).await;
        let debtor = agency.debtor(10_00, "tok_bank_r01").await;
        let mut other = debtor.enrols(10_00, "monthly");
        other["debt_account_id"] = json!(agency.debt_of(&debtor.customer, 10_00).await);
        for plan in [debtor.enrols(10_00, "monthly"), other] {
            agency.post("/payment-plans", plan).await.made();
        }
        agency.lives(3).await;
        assert_eq!(agency.bank.submits(), 2, "both, on the first day");
        agency.lives(14).await;
        assert_eq!(agency.bank.submits(), 3, "both are due again on one day");
    }

    async fn whatever_has_piled_up_nobody_is_charged_twice_on_a_day(agency: &Agency) {
        let (_, plan) = agency.enrolled(50_00, 10_00, "weekly").await;
        agency.days(22).await; // 2026-12-12: the fourth is due today
        agency.steps().await;
        assert_eq!(agency.bank.submits(), 1);
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.bank.submits(), 1);
        for so_far in [2, 3, 4, 4] {
            agency.lives(1).await;
            assert_eq!(agency.bank.submits(), so_far);
        }
        agency.lives(5).await;
        assert_eq!(agency.stands(&plan).await.0, "completed");
    }

    async fn what_is_late_goes_out_no_faster_than_the_organization_wants(agency: &Agency) {
        agency.rules(json!({ "payment_plan_catch_up_per_minute": 2 })).await;
        for _ in 0..5 {
            agency.enrolled(20_00, 10_00, "monthly").await;
        }
        agency.days(4).await; // 72 hours late
        for so_far in [2, 2, 4, 5] {
            agency.steps().await;
            assert_eq!(agency.bank.submits(), so_far);
            agency.seconds(if so_far == 2 { 30 } else { 60 }).await;
        }
        // What is in time is not held up.
        agency.enrolled(20_00, 10_00, "monthly").await;
        agency.enrolled(20_00, 10_00, "monthly").await;
        agency.enrolled(20_00, 10_00, "monthly").await;
        agency.seconds(15 * 3_600).await;
        agency.steps().await;
        assert_eq!(agency.bank.submits(), 8);
    }

    async fn no_plan_breaks_while_what_is_late_waits_for_its_minute(agency: &Agency) {
        agency.rules(json!({ "payment_plan_catch_up_per_minute": 1 })).await;
        let mut plans = Vec::new();
        for _ in 0..3 {
            plans.push(agency.enrolled(20_00, 10_00, "monthly").await.1);
        }
        agency.days(4).await;
        agency.sql("UPDATE payment_plan SET failures = 2, breaks_at = updated_at").await;
        for _ in 0..5 {
            agency.steps().await;
            agency.seconds(60).await;
        }
        for plan in plans {
            let plan = agency.plan(&plan).await;
            assert_eq!((&plan["state"], &plan["failures"], &plan["breaks_at"]), (&json!("active"), &json!(0), &json!(null)), "each was paid");
        }
    }

    async fn what_is_late_and_waits_for_another_of_its_plan_keeps_the_pace_on_its_day(agency: &Agency) {
        agency.rules(json!({ "payment_plan_catch_up_per_minute": 2 })).await;
        let mut plans = Vec::new();
        for _ in 0..4 {
            plans.push(agency.enrolled(20_00, 10_00, "weekly").await.1);
        }
        agency.days(12).await; // 2026-12-02: both of each are late
        for so_far in [2, 4, 4] {
            agency.steps().await;
            assert_eq!(agency.bank.submits(), so_far);
            agency.seconds(60).await;
        }
        agency.days(1).await;
        for so_far in [6, 8] {
            agency.steps().await;
            assert_eq!(agency.bank.submits(), so_far);
            agency.seconds(60).await;
        }
        assert_eq!(told(&agency.plan(&plans[0]).await), ["2026-11-21 1000 paid", "2026-11-28 1000 paid"], "each on the day that was agreed");
    }

    async fn one_payment_can_be_skipped_before_it_is_sent(agency: &Agency) {
        let (_, plan) = agency.enrolled(30_00, 10_00, "weekly").await;
        let first = agency.plan(&plan).await["charges"][0]["id"].as_str().expect("an id").to_owned();
        let path = format!("/payment-plans/{plan}/instalments/{first}/skip");
        let after = agency.post(&path, json!({})).await;
        assert_eq!(told(&after.is(200)["data"]), [
            "2026-11-21 1000 cancelled", "2026-11-28 1000 scheduled", "2026-12-05 1000 scheduled", "2026-12-12 1000 scheduled"
        ]);
        agency.post(&path, json!({})).await.is(200);
        assert_eq!(agency.plan(&plan).await["charges"].as_array().map(Vec::len), Some(4), "what is skipped stays skipped");
        agency.lives(10).await;
        assert_eq!(agency.bank.submits(), 1);
        let second = agency.plan(&plan).await["charges"][1]["id"].as_str().expect("an id").to_owned();
        let paid = format!("/payment-plans/{plan}/instalments/{second}/skip");
        assert_eq!(agency.post(&paid, json!({})).await.refused(400), "not_allowed_now");
        agency.post(&format!("/payment-plans/{plan}/instalments/{plan}/skip"), json!({})).await.refused(404);
    }

    async fn a_payment_that_is_voided_before_it_settles_stands_at_the_end(agency: &Agency) {
        let (debt, plan) = agency.by_method(20_00, 10_00, "monthly", "tok_bank").await;
        agency.lives(3).await;
        let charge = agency.plan(&plan).await["charges"][0]["charge_id"].as_str().expect("a charge").to_owned();
        agency.post(&format!("/charges/{charge}/void"), json!({})).await.is(200);
        agency.steps().await;
        assert_eq!((agency.state(&charge).await.as_str(), agency.owed(&debt).await), ("canceled", 20_00));
        assert_eq!(told(&agency.plan(&plan).await), [
            "2026-11-23 1000 cancelled", "2026-12-21 1000 scheduled", "2027-01-21 1000 scheduled"
        ]);
    }

    async fn a_block_lets_a_plan_wait_stand_still_or_end(agency: &Agency) {
        for (reason, expected) in [
            ("dispute", ("active".to_owned(), None)),
            ("bankruptcy_chapter_7", so("paused", "blocked")),
            ("identity_theft", so("cancelled", "blocked")),
        ] {
            let before = agency.bank.submits();
            let (debtor, plan) = agency.enrolled(30_00, 10_00, "weekly").await;
            let block = json!({ "debt_account_id": debtor.debt, "reason": reason });
            let block = agency.post("/blocks", block).await.made();
            agency.lives(3).await;
            assert_eq!(agency.stands(&plan).await, expected, "{reason}");
            assert_eq!(agency.bank.submits(), before, "{reason}");
            agency.post(&format!("/blocks/{block}/lift"), json!({})).await.is(200);
            if reason == "dispute" {
                agency.lives(1).await;
                assert_eq!(agency.bank.submits(), before + 1, "it goes on when the block is lifted");
                agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
            }
        }
    }

    async fn what_a_block_held_up_is_not_charged_day_after_day(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(30_00, 10_00, "weekly").await;
        let block = agency.post("/blocks", json!({ "debt_account_id": debtor.debt, "reason": "dispute" })).await.made();
        agency.lives(8).await; // 2026-11-28: the second comes due as well
        assert_eq!(told(&agency.plan(&plan).await), ["2026-12-05 1000 scheduled", "2026-12-12 1000 scheduled", "2026-12-19 1000 scheduled"]);
        agency.lives(9).await;
        agency.post(&format!("/blocks/{block}/lift"), json!({})).await.is(200);
        agency.lives(1).await;
        assert_eq!(told(&agency.plan(&plan).await), ["2026-12-08 1000 paid", "2026-12-12 1000 scheduled", "2026-12-19 1000 scheduled"]);
        agency.lives(3).await;
        assert_eq!(agency.bank.submits(), 1);
        agency.lives(8).await;
        assert_eq!((agency.bank.submits(), agency.stands(&plan).await), (3, so("completed", "fulfilled")));
        agency.books_hold().await;
    }

    async fn an_instalment_whose_claim_was_not_heard_of_is_charged_once(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(30_00, 10_00, "weekly").await;
        agency.faults.plant("payment_plans.present", Planted::LostAnswer);
        agency.days(1).await;
        agency.steps().await;
        assert_eq!((agency.bank.submits(), &told(&agency.plan(&plan).await)[0]), (0, &"2026-11-21 1000 submitting".to_owned()));
        assert!(agency.faults.all_happened());
        agency.seconds(60).await; // its lease ends
        agency.steps().await;
        assert_eq!((agency.bank.charges(), agency.owed(&debtor.debt).await), (1, 20_00));
        assert_eq!(told(&agency.plan(&plan).await)[0], "2026-11-21 1000 paid");
    }

    async fn a_payment_that_the_books_had_lost_is_not_taken_again(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(30_00, 10_00, "weekly").await;
        agency.lives(1).await;
        // As after a restore: the charge was put back from the processor's list, the plan is as it was before.
        agency.sql("UPDATE instalment SET state = 'scheduled', charge_id = NULL, presented_at = NULL, charged_at = NULL, due_at = updated_at WHERE number = 1").await;
        agency.sql("UPDATE charge SET instalment_id = NULL").await;
        agency.steps().await;
        assert_eq!((agency.bank.submits(), agency.owed(&debtor.debt).await), (1, 20_00));
        assert_eq!(told(&agency.plan(&plan).await)[0], "2026-11-21 1000 paid");
        agency.books_hold().await;
    }
}

base::record! {
    struct Letter { kind: String, many: i64 }
}

impl Agency {
    /// How many messages of each kind were written, in the order of their kinds.
    async fn written(&self) -> Vec<(String, i64)> {
        let sql = "SELECT kind, count(*) FROM message GROUP BY kind ORDER BY kind";
        let all: Vec<Letter> = self.db.read().await.unwrap().all(sql, &[]).await.unwrap();
        all.into_iter().map(|row| (row.kind, row.many)).collect()
    }

    async fn with_address(&self, cents: i64, token: &str) -> (String, String, String) {
        let person = json!({ "name": "Ada Lovelace", "email": "ada@example.com", "phone": "212-555-0101" });
        let customer = self.post("/customers", person).await.made();
        (customer.clone(), self.debt_of(&customer, cents).await, self.method_of(&customer, token).await)
    }
}

on_both_engines! {
    async fn whoever_pays_is_told_what_they_agreed_on_what_is_coming_and_what_came(agency: &Agency) {
        let (_, debt, method) = agency.with_address(20_00, "tok_visa").await;
        let asked = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00, "frequency": "monthly", "start_date": "2026-12-18" });
        let plan = agency.post("/payment-plans", asked).await.made();
        agency.steps().await;
        assert_eq!(agency.letters.only().subject, "Your payment plan");
        assert!(agency.letters.only().body.contains("USD 10.00 monthly from 2026-12-18 to 2027-01-18: 2 payments, USD 20.00 in all"));
        // 2026-12-18 less eight business days is 2026-12-08.
        agency.lives(17).await;
        assert_eq!(agency.written().await, [("payment_plan_confirmation".to_owned(), 1)]);
        agency.lives(1).await;
        assert_eq!(agency.written().await, [("payment_plan_confirmation".to_owned(), 1), ("payment_upcoming".to_owned(), 1)]);
        let upcoming = agency.letters.given().pop().expect("a letter");
        assert_eq!(upcoming.subject, "Your payment on 2026-12-18");
        let notices = agency.plan(&plan).await;
        assert_eq!(notices["charges"][0]["notice"], json!({ "message_id": upcoming.id.to_string(), "status": "sent" }));
        assert_eq!(notices["charges"][1]["notice"], json!(null), "it is not time yet");
        agency.lives(12).await;
        assert_eq!(agency.written().await[1..], [("payment_receipt".to_owned(), 1), ("payment_upcoming".to_owned(), 1)]);
    }

    async fn whoever_pays_is_told_of_a_payment_that_failed(agency: &Agency) {
        let (_, debt, method) = agency.with_address(20_00, "tok_insufficient_funds").await;
        let asked = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00, "frequency": "monthly" });
        agency.post("/payment-plans", asked).await.is(201);
        agency.lives(1).await;
        assert_eq!(agency.written().await[0], ("payment_failed".to_owned(), 1));
        agency.lives(12).await; // two tries more
        assert_eq!(agency.written().await[0], ("payment_failed".to_owned(), 3));
    }

    async fn a_debit_is_announced_for_the_banking_day_on_which_it_is_made(agency: &Agency) {
        let (_, debt, method) = agency.with_address(20_00, "tok_bank").await;
        let saturday = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 20_00, "frequency": "monthly", "start_date": "2026-12-19" });
        agency.post("/payment-plans", saturday).await.is(201);
        agency.lives(20).await;
        assert_eq!(agency.letters.given().pop().expect("a letter").subject, "Your payment on 2026-12-21");
    }

    async fn an_autopay_by_bank_announces_each_payment_also_where_it_pays_every_week(agency: &Agency) {
        let (_, debt, method) = agency.with_address(50_00, "tok_bank").await;
        let asked = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00, "frequency": "weekly", "open_ended": true, "start_date": "2026-12-04" });
        let plan = agency.post("/payment-plans", asked).await.made();
        agency.lives(55).await;
        let plan = agency.plan(&plan).await;
        assert_eq!(plan["state"], "completed", "{plan}");
        for one in plan["charges"].as_array().unwrap() {
            let message = one["notice"]["message_id"].as_str().unwrap_or_else(|| panic!("not announced: {one}"));
            let message = agency.get(&format!("/messages/{message}")).await.data();
            let (sent, due) = (message["sent_at"].as_str().unwrap(), one["due_date"].as_str().unwrap());
            let days = (base::Day::parse(due).unwrap().0 - base::Day::parse(&sent[..10]).unwrap().0).get_days();
            assert!(days >= 5, "three business days before {due} at the latest, and it was {sent}");
        }
    }

    async fn where_nobody_can_be_told_of_a_payment_it_says_why(agency: &Agency) {
        let customer = agency.post("/customers", json!({ "name": "Mary Shelley" })).await.made();
        let (debt, method) = (agency.debt_of(&customer, 20_00).await, agency.method_of(&customer, "tok_visa").await);
        let asked = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00, "frequency": "monthly", "start_date": "2026-12-18" });
        let plan = agency.post("/payment-plans", asked).await.made();
        agency.lives(18).await;
        assert_eq!(agency.plan(&plan).await["charges"][0]["notice"], json!({ "message_id": null, "status": "no_address" }));
    }
}
