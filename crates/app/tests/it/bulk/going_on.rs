//! Sent again, stopped, killed, gone on with by somebody else.

use base::db::Planted;
use http::Method;
use serde_json::{Value, json};

use crate::support::Agency;

const PATH: &str = "/bulk/debt-accounts";

/// So many lines of accounts.
fn lines(customer: &str, many: usize) -> String {
    (0..many)
        .map(|n| {
            format!(
                "{}\n",
                json!({ "external_id": format!("A-{n}"), "customer_id": customer, "balance": 100 + n })
            )
        })
        .collect()
}

async fn send(agency: &Agency, text: &str) -> String {
    agency.ask(Method::POST, PATH).raw("application/x-ndjson", text).send().await.made()
}

async fn operation(agency: &Agency, id: &str) -> Value {
    agency.get(&format!("/bulk/{id}")).await.is(200)["data"].clone()
}

on_both_engines! {
    async fn the_same_bytes_within_a_day_are_the_same_operation(agency: &Agency) {
        let customer = agency.customer().await;
        let text = lines(&customer, 3);
        let first = send(agency, &text).await;
        let again = agency.ask(Method::POST, PATH).raw("application/x-ndjson", text.clone()).send().await;
        assert_eq!((again.made(), again.is_replay()), (first.clone(), true));
        agency.steps().await;
        assert_eq!(send(agency, &text).await, first);
        let forced = agency.ask(Method::POST, &format!("{PATH}?force=true")).raw("application/x-ndjson", text.clone()).send().await.made();
        assert_ne!(forced, first);
        assert_eq!(send(agency, &text).await, forced); // the newest of them
        // On the other spelling, or written otherwise, it may mean something else.
        let twin = agency.ask(Method::POST, "/bulk/debt_accounts").raw("application/x-ndjson", text.clone()).send().await.made();
        assert!(twin != first && twin != forced);
        agency.steps().await;
        agency.days(1).await;
        agency.seconds(1).await;
        let later = send(agency, &text).await;
        assert!(later != first && later != forced);
        agency.steps().await;
        assert_eq!(agency.many("/debt-accounts").await, 3);
        assert_eq!(operation(agency, &later).await["unchanged"], 3);
        assert_eq!(agency.number("SELECT count(*) FROM bulk_piece").await, 0);
    }

    async fn an_idempotency_key_is_one_operation_and_one_body(agency: &Agency) {
        let customer = agency.customer().await;
        let ask = |key: &str, n: usize| agency.ask(Method::POST, PATH).key(key).raw("application/x-ndjson", lines(&customer, n)).send();
        let first = ask("k-1", 2).await.made();
        agency.days(2).await;
        let again = ask("k-1", 2).await;
        assert_eq!((again.made(), again.is_replay()), (first, true));
        assert_eq!(ask("k-1", 3).await.refused(422), "idempotency_conflict");
        agency.steps().await;
        assert_eq!(agency.many("/bulk").await, 1);
    }

    async fn an_operation_that_is_stopped_stays_where_it_is(agency: &Agency) {
        let customer = agency.customer().await;
        let id = send(agency, &lines(&customer, 1_200)).await;
        let cancel = async || agency.ask(Method::POST, &format!("/bulk/{id}/cancel")).json(&json!({})).send().await;
        let stopped = cancel().await;
        assert_eq!((&stopped.is(200)["data"]["status"], &stopped["data"]["state"]), (&json!("failed"), &json!("canceled")));
        cancel().await.is(200);
        agency.steps().await;
        assert_eq!((agency.many("/debt-accounts").await, agency.number("SELECT count(*) FROM bulk_piece").await), (0, 0));
        // What was stopped is no reason to leave it out when it comes again.
        let second = send(agency, &lines(&customer, 1_200)).await;
        assert_ne!(second, id);
        agency.steps().await;
        let refused = agency.ask(Method::POST, &format!("/bulk/{second}/cancel")).json(&json!({})).send().await;
        assert_eq!(refused.refused(400), "not_allowed_now");
    }

    async fn whoever_dies_over_it_loses_nothing_and_nothing_is_applied_twice(agency: &Agency) {
        let customer = agency.customer().await;
        let id = send(agency, &lines(&customer, 2_300)).await;
        let rules = api::bulk::FieldRules::new();
        // The commit's answer is lost, a conflict comes, and then the node dies between two pieces.
        for fault in [Planted::LostAnswer, Planted::Serialization, Planted::LostAnswer] {
            agency.faults.plant("bulk.apply", fault);
        }
        exchange::bulk::step(&agency.db, &agency.tenants, &rules).await.unwrap();
        agency.steps().await;
        let told = operation(agency, &id).await;
        assert!(agency.faults.all_happened());
        assert_eq!((&told["processed"], &told["created"], &told["status"]), (&json!(2_300), &json!(2_300), &json!("completed")));
        assert_eq!(agency.many("/debt-accounts").await, 2_300);
        assert_eq!(agency.number("SELECT count(*) FROM entry").await, 2_300);
    }

    async fn an_upload_that_broke_off_is_swept_away(agency: &Agency) {
        let tenant = agency.tenant(books::orgs::Environment::Sandbox).await;
        let reading = api::bulk::reading(exchange::bulk::Kind::DebtAccounts, exchange::bulk::Format::Ndjson);
        let open = exchange::bulk::Open { reading, words: exchange::bulk::Words::Guide, source: exchange::bulk::Source::Api };
        let mut intake = exchange::bulk::Intake::begin(&agency.db, &tenant, open).await.unwrap();
        intake.push(lines("C", 700).as_bytes()).await.unwrap();
        drop(intake);
        agency.steps().await;
        assert_eq!(agency.number("SELECT count(*) FROM bulk_piece").await, 1);
        agency.seconds(31 * 60).await;
        agency.steps().await;
        assert_eq!(agency.number("SELECT (SELECT count(*) FROM bulk) + (SELECT count(*) FROM bulk_piece)").await, 0);
    }

    async fn many_records_are_applied_some_at_a_time_while_others_wait_their_turn(agency: &Agency) {
        let customer = agency.customer().await;
        let large = send(agency, &lines(&customer, 6_000)).await;
        let small = send(agency, &lines(&customer, 1).replace("A-", "S-")).await;
        let rules = api::bulk::FieldRules::new();
        exchange::bulk::step(&agency.db, &agency.tenants, &rules).await.unwrap();
        assert_eq!(operation(agency, &small).await["status"], "completed");
        let told = operation(agency, &large).await;
        assert_eq!((&told["status"], &told["processed"]), (&json!("processing"), &json!(4_000)));
        agency.steps().await;
        assert_eq!(operation(agency, &large).await["status"], "completed");
        assert_eq!(agency.many("/debt-accounts").await, 6_001);
    }
}
