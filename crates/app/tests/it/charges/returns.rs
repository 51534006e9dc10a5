//! Bank debits that come back: by which day they settle, until which they can return, and what a return means for the
//! account they were taken from.

use serde_json::{Value, json};

use super::families::{family, owed};
use crate::support::agency::{Agency, Debtor};
use crate::support::client::Answer;

/// A charge that was taken and has come to its end.
async fn ended(agency: &Agency, debtor: &Debtor, cents: i64) -> Value {
    let charge = agency.post("/charges", debtor.pays(cents)).await.made();
    agency.seconds(3_600).await;
    agency.steps().await;
    agency.charge(&charge).await
}

/// A debit that settled, and came back `days` later.
async fn returned_after(agency: &Agency, charge: &str, days: i64) {
    agency.days(days - 1).await;
    agency.steps().await;
    agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
    assert_eq!(agency.state(charge).await, "succeeded", "a day before");
    agency.days(1).await;
    agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
    assert_eq!(agency.state(charge).await, "returned");
}

async fn method(agency: &Agency, debtor: &Debtor) -> Value {
    agency.get(&format!("/payment-methods/{}", debtor.method)).await.data()
}

async fn reauthorize(agency: &Agency, debtor: &Debtor) -> Answer {
    let body = json!({ "evidence": "a signed form" });
    agency.post(&format!("/payment-methods/{}/reauthorize", debtor.method), body).await
}

on_both_engines! {
    async fn a_bank_debit_says_on_which_banking_day_it_settles(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank").await;
        // It is Friday morning in New York.
        let sent = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!((&sent["data"]["state"], &sent["data"]["settles_on"]), (&json!("pending"), &json!("2026-11-23")));
        agency.seconds(7 * 3_600).await; // after the cut-off
        let sent = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!(sent["data"]["settles_on"], "2026-11-24");
        let card = agency.debtor(90_00, "tok_visa").await;
        assert_eq!(agency.post("/charges", card.pays(10_00)).await["data"]["settles_on"], Value::Null);
    }

    async fn what_does_not_settle_at_once_is_asked_about_on_its_banking_day(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank").await;
        agency.bank.script(json!([{ "match": { "op": "lookup" }, "do": "refuse_connection" }]));
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        for _ in 0..30 {
            agency.seconds(600).await;
            agency.steps().await;
        }
        // From now on it could be told; but nobody asks before Monday, 8:30 in New York.
        agency.bank.script(json!([]));
        agency.seconds(60 * 3_600).await;
        agency.steps().await;
        assert_eq!((agency.state(&charge).await.as_str(), agency.day(0).as_str()), ("pending", "2026-11-23"));
        agency.seconds(6 * 3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
    }

    async fn a_return_un_applies_its_split_however_late_it_comes(agency: &Agency) {
        for (token, days) in [
            ("tok_bank_r01_late", 1),
            ("tok_bank_r07_day30", 30),
            ("tok_bank_r10_day60", 60),
            ("tok_bank_r10_day75", 75),
        ] {
            let (parent, children) = family(agency, token).await;
            let charge = ended(agency, &parent, 45_00).await["id"].as_str().unwrap().to_owned();
            assert_eq!(owed(agency, &children).await, [0, 5_00, 50_00]);
            returned_after(agency, &charge, days).await;
            assert_eq!(owed(agency, &children).await, [30_00, 20_00, 50_00], "{token}");
            assert_eq!(agency.debt(&children[0]).await["status"], "active");
            assert_eq!(agency.owed(&parent.debt).await, 100_00);
            assert_eq!(agency.statement(&charge).await, ["payment completed 4500", "reversal completed 4500"]);
        }
    }

    async fn a_return_on_the_sixtieth_day_takes_only_what_was_not_refunded(agency: &Agency) {
        let (parent, children) = family(agency, "tok_bank_r10_day60").await;
        let charge = ended(agency, &parent, 45_00).await["id"].as_str().unwrap().to_owned();
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 9_00 })).await.is(200);
        assert_eq!(owed(agency, &children).await, [6_00, 8_00, 50_00]);
        returned_after(agency, &charge, 60).await;
        assert_eq!(owed(agency, &children).await, [30_00, 20_00, 50_00]);
        assert_eq!(
            agency.statement(&charge).await,
            ["payment completed 4500", "refund completed 900", "reversal completed 3600"]
        );
    }

    async fn a_return_reaches_an_account_that_was_closed_or_deleted_meanwhile(agency: &Agency) {
        let closed = agency.debtor(30_00, "tok_bank_r10_day60").await;
        let charge = ended(agency, &closed, 20_00).await["id"].as_str().unwrap().to_owned();
        agency.put(&format!("/debt-accounts/{}", closed.debt), json!({ "status": "closed" })).await.is(200);
        returned_after(agency, &charge, 60).await;
        let debt = agency.debt(&closed.debt).await;
        assert_eq!((&debt["current_balance"], &debt["status"]), (&json!(30_00), &json!("closed")));

        let gone = agency.debtor(30_00, "tok_bank_r10_day60").await;
        let charge = ended(agency, &gone, 20_00).await["id"].as_str().unwrap().to_owned();
        agency.delete(&format!("/debt-accounts/{}", gone.debt)).await.is(200);
        returned_after(agency, &charge, 60).await; // and the books hold
    }

    async fn an_unauthorized_return_stops_the_account_until_its_holder_authorizes_it_anew(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank_r10").await;
        let charge = ended(agency, &debtor, 10_00).await;
        let decline = &charge["decline"];
        assert_eq!((&decline["class"], &decline["retry"], &decline["retry_at"]), (&json!("unauthorized"), &json!("never"), &Value::Null));
        let stopped = method(agency, &debtor).await["stopped"].clone();
        assert_eq!((&stopped["code"], &stopped["reason"]), (&json!("R10"), &json!("unauthorized")));
        assert_eq!(stopped["lifted_by"], "reauthorization");

        let submits = agency.bank.submits();
        let refused = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!(refused.refused(400), "payment_method_stopped");
        assert!(refused["message"].as_str().unwrap().contains("must authorize it anew"), "{}", refused.text);
        assert_eq!(agency.debt(&debtor.debt).await["current_balance"], 90_00);
        assert_eq!(agency.bank.submits(), submits);

        reauthorize(agency, &debtor).await.is(200);
        assert_eq!(method(agency, &debtor).await["stopped"], Value::Null);
        agency.post("/charges", debtor.pays(10_00)).await.made();
        assert_eq!(agency.number("SELECT count(*) FROM event WHERE name = 'payment-method.stopped'").await, 1);
        assert_eq!(agency.number("SELECT count(*) FROM event WHERE name = 'payment-method.reauthorized'").await, 1);
    }

    async fn each_return_code_means_what_the_rules_say(agency: &Agency) {
        for (token, class, retry, lifted_by) in [
            ("tok_bank_r01", "funds", "after", None),
            ("tok_bank_r02", "account", "new_details", Some("nothing")),
            ("tok_bank_r05", "unauthorized", "never", Some("reauthorization")),
            ("tok_bank_r08", "stop_payment", "reauthorize", Some("reauthorization")),
            ("tok_bank_r09", "funds", "after", None),
            ("tok_bank_r11", "terms", "ask", Some("person")),
            ("tok_bank_r14", "deceased", "never", Some("person")),
            ("tok_bank_r15", "deceased", "never", Some("person")),
            ("tok_bank_r16", "frozen", "ask", Some("person")),
            ("tok_bank_r24", "duplicate", "ask", None),
            ("tok_bank_r31", "requested", "ask", None),
            ("tok_bank_r90", "frozen", "ask", Some("person")),
            ("tok_bank_unheard_of", "unknown", "ask", Some("person")),
        ] {
            let debtor = agency.debtor(90_00, token).await;
            let charge = ended(agency, &debtor, 10_00).await;
            assert_eq!(charge["state"], "returned", "{token}");
            let said = (&charge["decline"]["class"], &charge["decline"]["retry"]);
            assert_eq!(said, (&json!(class), &json!(retry)), "{token}");
            let stopped = &method(agency, &debtor).await["stopped"];
            assert_eq!(stopped["lifted_by"], json!(lifted_by), "{token}");
            let again = agency.post("/charges", debtor.pays(10_00)).await;
            match lifted_by {
                None => drop(again.made()),
                Some(_) => assert_eq!(again.refused(400), "payment_method_stopped", "{token}"),
            }
            // Only a new authorization or a person's look can be told by reauthorizing.
            let helps = matches!(lifted_by, Some("reauthorization" | "person"));
            assert_eq!(reauthorize(agency, &debtor).await.status == 200, helps, "{token}");
        }
    }

    async fn a_debit_without_funds_is_presented_three_times_and_not_once_more(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank_r01").await;
        for retry in ["after", "after", "reauthorize"] {
            agency.days(20).await;
            assert_eq!(ended(agency, &debtor, 10_00).await["decline"]["retry"], retry);
        }
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "payment_method_stopped");
        // A new authorization is a new beginning.
        reauthorize(agency, &debtor).await.is(200);
        for retry in ["after", "after", "reauthorize"] {
            assert_eq!(ended(agency, &debtor, 10_00).await["decline"]["retry"], retry);
        }
    }

    async fn what_is_still_under_way_counts_as_presented(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank_r01").await;
        ended(agency, &debtor, 10_00).await;
        agency.post("/charges", debtor.pays(10_00)).await.made();
        agency.post("/charges", debtor.pays(10_00)).await.made();
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "payment_method_stopped");
        // Another amount is another debit.
        agency.post("/charges", debtor.pays(11_00)).await.made();
    }

    async fn a_debit_that_came_back_for_another_reason_in_between_was_presented_too(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank_r01").await;
        for _ in 0..2 {
            ended(agency, &debtor, 10_00).await;
        }
        agency.sql("UPDATE charge SET decline_class = 'duplicate', decline_retry = 'ask' WHERE id = (SELECT id FROM charge ORDER BY id LIMIT 1)").await;
        assert_eq!(ended(agency, &debtor, 10_00).await["decline"]["retry"], "reauthorize");
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "payment_method_stopped");
    }

    async fn presentments_are_forgotten_after_180_days(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank_r01").await;
        ended(agency, &debtor, 10_00).await;
        ended(agency, &debtor, 10_00).await;
        agency.days(181).await;
        assert_eq!(ended(agency, &debtor, 10_00).await["decline"]["retry"], "after");
        assert_eq!(method(agency, &debtor).await["stopped"], Value::Null);
    }

    async fn a_scheduled_charge_on_a_stopped_account_is_called_off(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_bank_r10").await;
        let mut later = debtor.pays(20_00);
        later["scheduled_at"] = json!(agency.day(3));
        let scheduled = agency.post("/charges", later.clone()).await.made();
        ended(agency, &debtor, 10_00).await;
        // Nor can another be scheduled.
        assert_eq!(agency.post("/charges", later).await.refused(400), "payment_method_stopped");
        let submits = agency.bank.submits();
        agency.days(3).await;
        agency.steps().await;
        let off = agency.charge(&scheduled).await;
        assert_eq!((&off["state"], &off["decline"]["code"]), (&json!("canceled"), &json!("payment_method_stopped")));
        assert_eq!((agency.bank.submits(), agency.owed(&debtor.debt).await), (submits, 90_00));
    }
}
