//! Transactions: newest first, and by the days of the organization, whatever the day is elsewhere.

use base::Ts;
use base::date_range::NAMES;
use http::Method;
use serde_json::{Value, json};

use crate::support::agency::{Agency, Debtor};
use crate::support::world::{NOBODYS, World};

/// Somebody whose card is good for every payment of a story.
async fn payer(agency: &Agency) -> Debtor {
    agency.debtor(1_000_00, "tok_visa").await
}

/// It becomes this instant, and the debtor pays.
async fn pays_at(agency: &Agency, at: &str, debtor: &Debtor, cents: i64) {
    let at = Ts::parse(at).unwrap();
    agency.seconds(at.seconds() - agency.now().seconds()).await;
    agency.post("/charges", debtor.pays(cents)).await.made();
}

/// The amounts in a list, as listed.
async fn amounts(agency: &Agency, query: &str) -> Vec<i64> {
    let list = agency.get(&format!("/transactions?{query}")).await;
    let all = list.is(200)["data"].as_array().unwrap();
    let amounts: Vec<i64> = all.iter().map(|one| one["amount"].as_i64().unwrap()).collect();
    assert_eq!(list["meta"]["total"], amounts.len(), "{query}");
    amounts
}

/// Each query with the dollars it shows.
async fn shows(agency: &Agency, all: &[(&str, &[i64])]) {
    for (query, dollars) in all {
        let cents: Vec<i64> = dollars.iter().map(|one| one * 100).collect();
        assert_eq!(amounts(agency, query).await, cents, "{query}");
    }
}

/// Payments of 1 to 4 dollars: on a morning in New York, in the last second of that day (in UTC the next), in the
/// first second of the day after, and a whole day later.
async fn around_a_midnight(agency: &Agency) {
    let debtor = payer(agency).await;
    pays_at(agency, "2026-11-20T15:00:00Z", &debtor, 1_00).await;
    pays_at(agency, "2026-11-21T04:59:59Z", &debtor, 2_00).await;
    pays_at(agency, "2026-11-21T05:00:00Z", &debtor, 3_00).await;
    pays_at(agency, "2026-11-22T05:00:00Z", &debtor, 4_00).await;
}

on_both_engines! {
    async fn transactions_are_listed_newest_first(agency: &Agency) {
        let debtor = payer(agency).await;
        let mut later = debtor.pays(9_00);
        later["scheduled_at"] = json!(agency.day(2));
        agency.post("/charges", later).await.made();
        for cents in [1_00, 2_00, 3_00] {
            agency.post("/charges", debtor.pays(cents)).await.made(); // all in one instant
        }
        agency.days(1).await;
        agency.post("/charges", debtor.pays(4_00)).await.made();
        assert_eq!(amounts(agency, "").await, [4_00, 3_00, 2_00, 1_00]);
        agency.days(1).await;
        agency.steps().await;
        // What was asked for first was sent last.
        assert_eq!(amounts(agency, "").await, [9_00, 4_00, 3_00, 2_00, 1_00]);
        let dates = agency.get("/transactions").await;
        let dates: Vec<i64> = dates["data"].as_array().unwrap().iter().map(|t| t["submitted_date"].as_i64().unwrap()).collect();
        assert_eq!(dates[0], agency.now().seconds());
        assert!(dates.is_sorted_by(|newer, older| newer >= older), "{dates:?}");
        let mut walked = Vec::new();
        for page in 1..=3 {
            let part = agency.get(&format!("/transactions?limit=2&page={page}")).await;
            walked.extend(part.is(200)["data"].as_array().unwrap().iter().map(|t| t["amount"].as_i64().unwrap()));
        }
        assert_eq!(walked, [9_00, 4_00, 3_00, 2_00, 1_00]);
    }

    async fn a_start_alone_shows_what_was_sent_from_then_on(agency: &Agency) {
        around_a_midnight(agency).await;
        shows(agency, &[
            ("start_date=2026-11-20", &[4, 3, 2, 1]),
            ("start_date=2026-11-21", &[4, 3]),
            ("start_date=2026-11-22", &[4]),
            ("start_date=2026-11-23", &[]),
            ("start_date=2026-11-20%2010:00:00", &[4, 3, 2, 1]),
            ("start_date=2026-11-20+10:00:01", &[4, 3, 2]),
            ("start_date=2026-11-20%2023:59:59", &[4, 3, 2]),
            ("start_date=2026-11-21%2000:00:00", &[4, 3]),
            ("start_date=2026-11-21T04:59:59Z", &[4, 3, 2]),
            ("start_date=2026-11-21T05:00:00Z", &[4, 3]),
            ("start_date=2026-11-20T23:59:59-05:00", &[4, 3, 2]),
            ("start_date=2026-11-21T06:00:00%2B01:00", &[4, 3]),
        ]).await;
    }

    async fn an_end_alone_shows_what_was_sent_until_then_and_includes_its_day(agency: &Agency) {
        around_a_midnight(agency).await;
        shows(agency, &[
            ("end_date=2026-11-19", &[]),
            ("end_date=2026-11-20", &[2, 1]),
            ("end_date=2026-11-21", &[3, 2, 1]),
            ("end_date=2026-11-22", &[4, 3, 2, 1]),
            ("end_date=2026-11-20%2009:59:59", &[]),
            ("end_date=2026-11-20%2010:00:00", &[1]),
            ("end_date=2026-11-20+23:59:58", &[1]),
            ("end_date=2026-11-20%2023:59:59", &[2, 1]),
            ("end_date=2026-11-21T04:59:58Z", &[1]),
            ("end_date=2026-11-21T04:59:59Z", &[2, 1]),
            ("end_date=2026-11-21T00:00:00-05:00", &[3, 2, 1]),
        ]).await;
    }

    async fn a_start_and_an_end_show_what_lies_between_them(agency: &Agency) {
        around_a_midnight(agency).await;
        shows(agency, &[
            ("start_date=2026-11-20&end_date=2026-11-20", &[2, 1]),
            ("start_date=2026-11-21&end_date=2026-11-21", &[3]),
            ("start_date=2026-11-20%2023:59:59&end_date=2026-11-21", &[3, 2]),
            ("start_date=2026-11-21T04:59:59Z&end_date=2026-11-20", &[2]),
            ("start_date=0001-01-01&end_date=9999-12-31", &[4, 3, 2, 1]),
            ("start_date=0001-01-01%2000:00:00&end_date=9999-12-31%2023:59:59", &[4, 3, 2, 1]),
            ("start_date=9999-12-31", &[]),
            ("end_date=0001-01-01", &[]),
        ]).await;
    }

    async fn a_day_on_which_the_clocks_change_has_its_own_length(agency: &Agency) {
        let debtor = payer(agency).await;
        // 14 March 2027 has 23 hours in New York, and 7 November 25.
        pays_at(agency, "2027-03-15T03:59:59Z", &debtor, 1_00).await;
        pays_at(agency, "2027-03-15T04:00:00Z", &debtor, 2_00).await;
        pays_at(agency, "2027-11-08T04:59:59Z", &debtor, 3_00).await;
        pays_at(agency, "2027-11-08T05:00:00Z", &debtor, 4_00).await;
        shows(agency, &[
            ("start_date=2027-03-14&end_date=2027-03-14", &[1]),
            ("start_date=2027-03-15&end_date=2027-03-15", &[2]),
            ("start_date=2027-11-07&end_date=2027-11-07", &[3]),
            ("start_date=2027-11-08&end_date=2027-11-08", &[4]),
        ]).await;
    }

    async fn a_day_is_that_of_the_submission_and_not_of_the_settlement(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        pays_at(agency, "2026-11-21T04:59:59Z", &debtor, 5_00).await;
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(amounts(agency, "status=completed").await, [5_00]);
        shows(agency, &[("start_date=2026-11-20&end_date=2026-11-20", &[5]), ("start_date=2026-11-21", &[])]).await;
    }

    async fn a_range_has_a_name(agency: &Agency) {
        let debtor = payer(agency).await;
        pays_at(agency, "2026-11-20T15:00:00Z", &debtor, 1_00).await;
        pays_at(agency, "2026-12-01T04:59:59Z", &debtor, 2_00).await;
        // In UTC it is December already; in New York it is not.
        shows(agency, &[("date_range=today", &[2]), ("date_range=this_month", &[2, 1]), ("date_range=last_month", &[])]).await;
        pays_at(agency, "2026-12-01T05:00:00Z", &debtor, 3_00).await;
        shows(agency, &[
            ("date_range=today", &[3]),
            ("date_range=yesterday", &[2]),
            ("date_range=this_week", &[3, 2]),
            ("date_range=last_week", &[]),
            ("date_range=this_month", &[3]),
            ("date_range=last_month", &[2, 1]),
            ("date_range=last_month_to_date", &[3, 2, 1]),
            ("date_range=this_quarter", &[3, 2, 1]),
            ("date_range=last_quarter", &[]),
            ("date_range=this_year_to_last_month", &[2, 1]),
            ("date_range=last_year", &[]),
            ("date_range=since_30_days_ago", &[3, 2, 1]),
        ]).await;
        for name in NAMES {
            agency.get(&format!("/transactions?date_range={name}")).await.is(200);
        }
    }

    async fn a_span_is_said_in_one_way_and_in_words_that_are_known(agency: &Agency) {
        for (query, field) in [
            ("date_range=today&start_date=2026-11-20", "date_range"),
            ("date_range=today&end_date=2026-11-20", "date_range"),
            ("date_range=today&start_date=2026-11-20&end_date=2026-11-20", "date_range"),
            ("date_range=tomorrow", "date_range"),
            ("date_range=Today", "date_range"),
            ("date_range=since_31_days_ago", "date_range"),
            ("start_date=today", "start_date"),
            ("start_date=2026-02-30", "start_date"),
            ("start_date=11/20/2026", "start_date"),
            ("start_date=1763650000", "start_date"),
            ("end_date=2026-13-01", "end_date"),
            ("end_date=2026-11-20%2024:00:01", "end_date"),
            ("end_date=2026-11-20T10:00:00", "end_date"),
            ("type=credit", "type"),
            ("status=succeeded", "status"),
            ("include=secrets", "include"),
            ("customer_id=nobody", "customer_id"),
            ("debt_account_id=nothing", "debt_account_id"),
            ("charge_id=nothing", "charge_id"),
        ] {
            let refused = agency.get(&format!("/transactions?{query}")).await;
            assert!(refused.json["errors"].get(field).is_some(), "{query}: {}", refused.text);
            assert_eq!(refused.refused(422), "validation_failed", "{query}");
        }
        agency.get("/transactions?start_date=x&end_date=y&type=z").await.refuses(422, &["start_date", "end_date", "type"]);
    }

    async fn a_list_of_transactions_shows_only_what_is_asked_for(agency: &Agency) {
        let ada = agency.post("/customers", json!({ "name": "Ada Byron", "external_id": "C-1" })).await.made();
        let ada = Debtor {
            debt: agency.post("/debt-accounts", json!({ "customer_id": ada, "balance": 100_00, "external_id": "D-1" })).await.made(),
            method: agency.method_of(&ada, "tok_visa").await,
            customer: ada,
        };
        let (customer, method) = (ada.customer.clone(), ada.method.clone());
        let second = Debtor { debt: agency.debt_of(&customer, 100_00).await, customer, method };
        let poor = agency.debtor(100_00, "tok_insufficient_funds").await;
        let slow = agency.debtor(100_00, "tok_bank").await;
        let charge = agency.post("/charges", ada.pays(1_00)).await.made();
        agency.post("/charges", second.pays(2_00)).await.made();
        agency.post("/charges", poor.pays(3_00)).await.is(400);
        agency.post("/charges", slow.pays(4_00)).await.made();
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 50 })).await.is(200);
        for (query, expected) in [
            ("".to_owned(), vec![50, 4_00, 3_00, 2_00, 1_00]),
            ("type=payment".into(), vec![4_00, 3_00, 2_00, 1_00]),
            ("type=refund".into(), vec![50]),
            ("type=reversal".into(), vec![]),
            ("status=pending".into(), vec![4_00]),
            ("status=completed".into(), vec![50, 2_00, 1_00]),
            ("status=failed".into(), vec![3_00]),
            ("customer_id=C-1".into(), vec![50, 2_00, 1_00]),
            (format!("customer_id={}", poor.customer), vec![3_00]),
            ("debt_account_id=D-1".into(), vec![50, 1_00]),
            (format!("debt_account_id={}", second.debt), vec![2_00]),
            ("customer_id=C-1&type=payment&status=completed".into(), vec![2_00, 1_00]),
            (format!("customer_id=C-1&debt_account_id={}", slow.debt), vec![]),
            ("debt_account_id=D-1&type=refund&date_range=today".into(), vec![50]),
        ] {
            assert_eq!(amounts(agency, &query).await, expected, "{query}");
        }
    }

    async fn money_that_a_bank_takes_back_is_a_reversal(agency: &Agency) {
        let debtor = agency.debtor(30_00, "tok_chargeback").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.days(3).await;
        agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        let list = agency.get("/transactions?type=reversal").await;
        let reversal = &list.is(200)["data"][0];
        assert_eq!((&reversal["charge_id"], &reversal["amount"], &reversal["status"]), (&json!(charge), &json!(30_00), &json!("completed")));
        assert_eq!((&reversal["code"], &list["meta"]["total"]), (&json!("chargeback"), &json!(1)));
    }

    async fn a_transaction_shows_what_it_belongs_to(agency: &Agency) {
        let debtor = payer(agency).await;
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        let plain = agency.get("/transactions").await.data()[0].clone();
        let id = plain["id"].as_str().unwrap();
        let words = "charge,customer,debt_account";
        let listed = agency.get(&format!("/transactions?include={words}")).await.data()[0].clone();
        let shown = agency.get(&format!("/transactions/{id}?include={words}")).await.data();
        for one in [&listed, &shown] {
            for (word, id, of_it) in [
                ("charge", &charge, ("amount", json!(10_00))),
                ("customer", &debtor.customer, ("email", json!("ada@example.com"))),
                ("debt_account", &debtor.debt, ("current_balance", json!(990_00))),
            ] {
                assert_eq!(one[word]["id"], id.as_str(), "{word}");
                assert_eq!(one[word][of_it.0], of_it.1, "{word}");
                assert!(plain.get(word).is_none(), "{word} is shown unasked");
            }
        }
        let one = agency.get(&format!("/transactions/{id}?include=customers,ticket,")).await.data();
        assert_eq!((&one["customer"]["id"], one.get("charge")), (&json!(debtor.customer), None));
        agency.get(&format!("/transactions/{id}?include=secrets")).await.refuses(422, &["include"]);
    }

    async fn a_transaction_is_shown_by_its_id(agency: &Agency) {
        let debtor = payer(agency).await;
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        agency.post("/charges", debtor.pays(11_00)).await.made();
        let listed = agency.get(&format!("/transactions?charge_id={charge}")).await.data()[0].clone();
        let shown = agency.get(&format!("/transactions/{}", listed["id"].as_str().unwrap())).await.data();
        assert_eq!(shown, listed);
        for (field, expected) in [
            ("type", json!("payment")),
            ("status", json!("completed")),
            ("amount", json!(10_00)),
            ("charge_id", json!(charge)),
            ("customer_id", json!(debtor.customer)),
            ("debt_account_id", json!(debtor.debt)),
            ("payment_source", json!("api")),
            ("submitted_date", json!(agency.now().seconds())),
            ("created_at", json!("2026-11-20T15:00:00Z")),
            ("refund_id", Value::Null),
            ("code", Value::Null),
        ] {
            assert_eq!(shown[field], expected, "{field}");
        }
    }

    async fn a_transaction_of_somebody_else_is_not_there(agency: &Agency) {
        let theirs = World::of(agency, &agency.template.theirs.sandbox).await;
        let foreign = format!("/transactions/{}", theirs.id("transactions"));
        agency.ask(Method::GET, &foreign).token(&agency.template.theirs.sandbox).send().await.is(200);
        let ours = World::make(agency).await;
        let own = format!("/transactions/{}", ours.id("transactions"));
        agency.get(&own).await.is(200);
        // Nor is our own in the other environment.
        agency.ask(Method::GET, &own).token(&agency.template.ours.production).send().await.refuses(404, &[]);
        for path in [foreign, format!("/transactions/{NOBODYS}"), "/transactions/nonsense".into()] {
            agency.get(&path).await.refuses(404, &[]);
        }
        assert_eq!(agency.many("/transactions").await, 2, "a payment and its refund");
        for (name, resource) in [("customer_id", "customers"), ("debt_account_id", "debt_accounts"), ("charge_id", "charges")] {
            agency.get(&format!("/transactions?{name}={}", theirs.id(resource))).await.refuses(422, &[name]);
            assert_eq!(agency.many(&format!("/transactions?{name}={}", ours.id(resource))).await, 2, "{name}");
        }
    }
}
