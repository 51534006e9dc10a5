//! Test clocks: a sandbox whose time is frozen and moved, and everything in it that follows.

use api::App;
use base::Ts;
use books::clocks;
use books::orgs::Environment;
use books::queues::{self, Queue};
use edge::Endpoint;
use http::Method;
use serde_json::{Value, json};

use crate::support::agency::{Agency, Debtor, table};
use crate::support::client::Answer;
use crate::support::theirs::Theirs;

impl Agency {
    /// The sandbox's time stands where the story begins.
    async fn frozen(&self) {
        let clock = self.post("/test-clock", json!({})).await;
        assert_eq!(clock.is(201)["data"]["status"], "frozen");
    }

    /// The sandbox's time is moved, and gets there.
    async fn advanced(&self, body: Value) -> Value {
        assert_eq!(self.post("/test-clock/advance", body).await.is(202)["data"]["status"], "advancing");
        self.steps().await;
        let clock = self.clock().await;
        assert_eq!(clock["status"], "frozen", "{clock}");
        clock
    }

    async fn clock(&self) -> Value {
        self.get("/test-clock").await.is(200)["data"].clone()
    }

    /// A plan on all that somebody owes; its id.
    async fn pays_by(&self, debtor: &Debtor, cents: i64, frequency: &str) -> String {
        let plan = json!({
            "debt_account_id": debtor.debt, "payment_method_id": debtor.method, "amount": cents, "frequency": frequency
        });
        self.post("/payment-plans", plan).await.made()
    }

    /// How a plan stands, and its payments: `day amount state`.
    async fn paid_so(&self, plan: &str) -> (String, Vec<String>) {
        let plan = self.get(&format!("/payment-plans/{plan}")).await.data();
        let word = |of: &Value, name: &str| of[name].as_str().unwrap_or("-").to_owned();
        let one = |c: &Value| format!("{} {} {}", word(c, "due_date"), c["amount"], word(c, "state"));
        (word(&plan, "state"), plan["charges"].as_array().unwrap().iter().map(one).collect())
    }
}

on_both_engines! {
    async fn a_plan_pays_itself_through_a_quarter_in_a_moment(agency: &Agency) {
        agency.frozen().await;
        let (card, bank) = (agency.debtor(30_00, "tok_visa").await, agency.debtor(20_00, "tok_bank").await);
        let (weekly, monthly) = (agency.pays_by(&card, 10_00, "weekly").await, agency.pays_by(&bank, 10_00, "monthly").await);
        let world = agency.now();
        let clock = agency.advanced(json!({ "days": 90 })).await;
        assert_eq!((agency.now(), clock["now"].as_str()), (world, Some("2027-02-18T15:00:00Z")), "the world's time stands where it was");
        let (state, paid) = agency.paid_so(&weekly).await;
        assert_eq!((state.as_str(), &paid[..]), ("completed", &["2026-11-21 1000 paid", "2026-11-28 1000 paid", "2026-12-05 1000 paid"].map(String::from)[..]));
        // The first day is a Saturday; debits are taken on the banking day after it, and settle.
        let (state, paid) = agency.paid_so(&monthly).await;
        assert_eq!((state.as_str(), &paid[..]), ("completed", &["2026-11-23 1000 paid", "2026-12-21 1000 paid"].map(String::from)[..]));
        assert_eq!((agency.owed(&card.debt).await, agency.owed(&bank.debt).await), (0, 0));
        let charges = agency.get("/charges?sort=created_at").await.data();
        assert_eq!(charges[0]["created_at"], "2026-11-21T05:00:00Z", "midnight in New York");
        // What follows looks at the same time: a list by days, and what was said to whoever paid.
        assert_eq!(agency.many("/charges?created_from=2026-12-01&created_to=2026-12-31").await, 2);
        let receipts = agency.letters.given().iter().filter(|letter| letter.subject.contains("eceipt")).count();
        assert_eq!(receipts, 5);
        agency.books_hold().await;
    }

    async fn a_debit_that_comes_back_a_month_later_comes_back_a_month_later(agency: &Agency) {
        agency.frozen().await;
        let debtor = agency.debtor(50_00, "tok_bank_r07_day30").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        assert_eq!(agency.state(&charge).await, "pending");
        agency.advanced(json!({ "days": 5 })).await;
        assert_eq!((agency.state(&charge).await, agency.owed(&debtor.debt).await), ("succeeded".into(), 0));
        agency.advanced(json!({ "days": 40 })).await;
        assert_eq!((agency.state(&charge).await, agency.owed(&debtor.debt).await), ("returned".into(), 50_00));
        agency.books_hold().await;
    }

    async fn a_charge_of_a_later_day_waits_for_that_day_by_the_clock(agency: &Agency) {
        agency.frozen().await;
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let later = json!({ "debt_account_id": debtor.debt, "payment_method_id": debtor.method, "amount": 50_00, "scheduled_at": agency.day(10) });
        let charge = agency.post("/charges", later).await.made();
        // The world goes on, and nothing happens.
        agency.days(30).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "scheduled");
        agency.advanced(json!({ "days": 9 })).await;
        assert_eq!(agency.state(&charge).await, "scheduled");
        agency.advanced(json!({ "days": 1 })).await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        agency.books_hold().await;
    }

    async fn links_run_out_by_the_clock(agency: &Agency) {
        agency.frozen().await;
        let debtor = agency.debtor(1_00, "tok_visa").await;
        let session = agency.post("/customer-sessions", json!({ "customer_id": debtor.customer, "valid_until": 48 })).await;
        let link = session.is(201)["data"]["portal_url"].as_str().unwrap().strip_prefix("https://pay.example.com").unwrap().to_owned();
        let opens = async || agency.ask(Method::GET, &link).nobody().send().await.status;
        agency.days(10).await;
        assert_eq!(opens().await, 200, "ten days in the world are none there");
        agency.advanced(json!({ "hours": 49 })).await;
        assert_eq!(opens().await, 404);
    }

    async fn webhooks_wait_by_the_clock_and_are_signed_by_the_world_s(agency: &Agency) {
        agency.frozen().await;
        let theirs = Theirs::answering(500, "").await;
        let hook = json!({ "url": theirs.url("/in"), "events": ["customer.create"] });
        agency.post("/webhooks", hook).await.made();
        agency.customer().await;
        agency.steps().await;
        agency.steps().await;
        assert_eq!(theirs.asked().len(), 1, "nothing is sent again while time stands");
        agency.advanced(json!({ "seconds": 2_700 })).await;
        assert_eq!(theirs.asked().len(), 4, "three times, 900 seconds apart");
        theirs.say(200, "");
        agency.advanced(json!({ "days": 3 })).await;
        let all = theirs.asked();
        let signed_at = |text: &String| text.lines().find_map(|line| line.strip_prefix("webhook-timestamp: ").map(str::to_owned));
        assert_eq!(signed_at(all.last().unwrap()), Some(agency.now().seconds().to_string()), "whoever verifies it looks at their own clock");
        assert!(all.len() > 4);
    }

    async fn what_an_operator_holds_waits_however_the_clock_is_moved(agency: &Agency) {
        agency.frozen().await;
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let plan = agency.pays_by(&debtor, 50_00, "weekly").await;
        queues::set(&agency.db, Queue::Charges, Some("Ann Lee")).await.unwrap();
        agency.advanced(json!({ "days": 3 })).await;
        assert_eq!((agency.paid_so(&plan).await.0.as_str(), agency.bank.submits()), ("active", 0));
        queues::set(&agency.db, Queue::Charges, None).await.unwrap();
        agency.steps().await;
        assert_eq!(agency.paid_so(&plan).await.0, "completed");
    }

    async fn nobody_else_s_time_is_moved(agency: &Agency) {
        let other = &agency.template.theirs;
        let ask = |method, path: &str| agency.ask(method, path).token(&other.sandbox);
        agency.frozen().await;
        let customer = ask(Method::POST, "/customers").json(&json!({ "name": "Bo Diddley" })).send().await.made();
        let debt = ask(Method::POST, "/debt-accounts").json(&json!({ "customer_id": customer, "balance": 50_00 })).send().await.made();
        let paid = json!({ "debt_account_id": debt, "token": "tok_visa", "amount": 50_00, "scheduled_at": agency.day(10) });
        let charge = ask(Method::POST, "/charges").json(&paid).send().await.made();
        agency.advanced(json!({ "days": 300 })).await;
        let state = async || ask(Method::GET, &format!("/charges/{charge}")).send().await.data()["state"].clone();
        assert_eq!(state().await, "scheduled");
        assert_eq!(ask(Method::GET, "/test-clock").send().await.data()["status"], "real");
        agency.days(10).await;
        agency.steps().await;
        assert_eq!(state().await, "succeeded");
    }

    async fn every_list_finds_what_was_made_by_the_clock(agency: &Agency) {
        agency.post("/test-clock", json!({ "now": "2026-01-31T12:00:00Z" })).await.is(201);
        agency.customer().await;
        agency.advanced(json!({ "to": "2026-02-10" })).await;
        agency.customer().await;
        assert_eq!(agency.many("/customers").await, 2);
        let is_by_day = |row: &&Endpoint<App>| row.query.schema["properties"]["created_from"].is_object();
        let mut lists = 0;
        for row in table().rows().iter().filter(is_by_day).filter(|row| !row.path.contains('{')) {
            agency.get(&format!("{}?created_from=2026-02-01&created_to=2026-02-28", row.path)).await.is(200);
            lists += 1;
        }
        assert!(lists > 5, "{lists}");
        assert_eq!(agency.many("/customers?created_from=2026-02-01&created_to=2026-02-28").await, 1);
        assert_eq!(agency.many("/customers?created_to=2026-01-31").await, 1);
        let exported = agency.get("/bulk/exports/customers?format=ndjson&start_date=2026-02-01").await;
        assert_eq!(exported.text.lines().count(), 1, "{}", exported.text);
        let moved = |answer: &Answer| answer["data"]["entries"].as_i64();
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(50_00)).await.made();
        assert!(moved(&agency.get("/balance?start_date=2026-02-01").await) > Some(0));
        assert_eq!(moved(&agency.get("/balance?end_date=2026-01-31").await), Some(0));
    }

    async fn production_has_no_clock(agency: &Agency) {
        for (method, path, body) in [
            (Method::GET, "/test-clock", json!({})),
            (Method::POST, "/test-clock", json!({})),
            (Method::POST, "/test_clock", json!({})),
            (Method::PUT, "/test-clock", json!({ "status": "running" })),
            (Method::POST, "/test-clock/advance", json!({ "days": 1 })),
            (Method::DELETE, "/test-clock", json!({})),
        ] {
            let answer = agency.ask(method, path).token(&agency.template.ours.production).json(&body).send().await;
            assert_eq!(answer.refused(404), "not_found", "{path}");
        }
        assert_eq!(agency.number("SELECT count(*) FROM test_clock").await, 0);
    }

    async fn time_only_goes_forward_and_what_cannot_be_is_said_field_by_field(agency: &Agency) {
        agency.post("/test-clock/advance", json!({ "days": 1 })).await.refused(404);
        agency.put("/test-clock", json!({ "status": "running" })).await.refused(404);
        agency.delete("/test-clock").await.refused(404);
        // Where something has happened it does not begin before that.
        agency.customer().await;
        agency.post("/test-clock", json!({ "now": "2026-11-20T14:59:59Z" })).await.refuses(422, &["now"]);
        agency.post("/test-clock", json!({ "now": "soon" })).await.refuses(422, &["now"]);
        agency.frozen().await;
        agency.post("/test-clock", json!({ "now": "2027-01-01" })).await.refuses(422, &["now"]);
        for (body, field) in [
            (json!({}), "to"),
            (json!({ "to": "2027-01-01", "days": 3 }), "to"),
            (json!({ "to": "2026-11-20T14:59:59Z" }), "to"),
            (json!({ "to": "2036-01-01" }), "to"),
            (json!({ "to": "31/12/2026" }), "to"),
            (json!({ "days": -1 }), "days"),
            (json!({ "days": 1_101 }), "days"),
        ] {
            agency.post("/test-clock/advance", body).await.refuses(422, &[field]);
        }
        agency.put("/test-clock", json!({ "status": "melted" })).await.refuses(422, &["status"]);
        // A day is the organization's, and going to where it is changes nothing.
        assert_eq!(agency.advanced(json!({ "to": "2027-01-01" })).await["now"], "2027-01-01T05:00:00Z");
        let again = agency.post("/test-clock/advance", json!({ "to": "2027-01-01" })).await;
        assert_eq!(again.is(202)["data"]["status"], "frozen");
    }

    async fn a_fresh_sandbox_begins_when_one_likes(agency: &Agency) {
        let clock = agency.post("/test-clock", json!({ "now": "2026-01-31T12:00:00Z" })).await;
        assert_eq!((&clock.is(201)["data"]["status"], &clock["data"]["now"]), (&json!("frozen"), &json!("2026-01-31T12:00:00Z")));
        let debtor = agency.debtor(20_00, "tok_visa").await;
        let plan = json!({ "debt_account_id": debtor.debt, "payment_method_id": debtor.method, "amount": 10_00, "frequency": "monthly", "start_date": "2026-02-28" });
        let plan = agency.post("/payment-plans", plan).await.made();
        agency.advanced(json!({ "to": "2026-06-01" })).await;
        assert_eq!(agency.paid_so(&plan).await.1, ["2026-02-28 1000 paid", "2026-03-28 1000 paid"]);
        agency.books_hold().await;
    }

    async fn time_that_runs_on_goes_as_fast_as_the_world_s_and_can_be_stopped(agency: &Agency) {
        agency.frozen().await;
        agency.advanced(json!({ "days": 20 })).await;
        // Ahead of the world, it cannot go back; but it can go on.
        assert_eq!(agency.delete("/test-clock").await.refused(400), "not_allowed_now");
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let plan = agency.pays_by(&debtor, 50_00, "weekly").await;
        let late = agency.debtor(20_00, "tok_bank_r01_late").await;
        let charge = agency.post("/charges", late.pays(20_00)).await.made();
        assert_eq!(agency.put("/test-clock", json!({ "status": "running" })).await.data()["status"], "running");
        agency.seconds(13 * 3_600 + 3_599).await;
        agency.steps().await;
        assert_eq!(agency.paid_so(&plan).await.0, "active", "a second before midnight there");
        agency.seconds(1).await;
        agency.steps().await;
        assert_eq!(agency.paid_so(&plan).await.0, "completed");
        // What a bank does by itself is heard of as well, also long after it paid.
        assert_eq!(agency.state(&charge).await, "succeeded");
        agency.days(1).await;
        agency.steps().await;
        assert_eq!((agency.state(&charge).await, agency.owed(&late.debt).await), ("returned".into(), 20_00));
        let frozen = agency.put("/test-clock", json!({ "status": "frozen" })).await.data();
        agency.days(30).await;
        assert_eq!(agency.clock().await["now"], frozen["now"]);
        // The world has gone on beyond it by now.
        agency.delete("/test-clock").await.is(200);
        assert_eq!(agency.clock().await["status"], "real");
        agency.books_hold().await;
    }

    async fn a_clock_that_is_on_its_way_goes_further_or_stops_where_it_is(agency: &Agency) {
        agency.frozen().await;
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let plan = agency.pays_by(&debtor, 50_00, "weekly").await;
        agency.post("/test-clock/advance", json!({ "days": 1 })).await.is(202);
        assert_eq!(agency.post("/test-clock/advance", json!({ "days": 1 })).await.data()["advancing_to"], "2026-11-22T15:00:00Z");
        agency.post("/test-clock/advance", json!({ "to": "2026-11-21T15:00:00Z" })).await.refuses(422, &["to"]);
        let stopped = agency.post("/test-clock", json!({})).await;
        assert_eq!((&stopped["data"]["status"], &stopped["data"]["now"]), (&json!("frozen"), &json!("2026-11-20T15:00:00Z")));
        agency.steps().await;
        assert_eq!(agency.paid_so(&plan).await.0, "active");
    }

    async fn what_dies_with_a_clock_in_hand_is_gone_on_with_by_another_node(agency: &Agency) {
        agency.frozen().await;
        let debtor = agency.debtor(30_00, "tok_visa").await;
        let plan = agency.pays_by(&debtor, 10_00, "weekly").await;
        agency.post("/test-clock/advance", json!({ "days": 30 })).await.is(202);
        let tenant = agency.tenant(Environment::Sandbox).await.id;
        // It is claimed and moved a little, and then nobody hears of it again.
        let claimed = clocks::claim(&agency.db, tenant).await.unwrap().expect("it is to be moved");
        let at = Ts::parse("2026-11-21T05:00:00Z").unwrap();
        let put = clocks::put(&agency.db, &claimed, at).await.unwrap().expect("it is still ours");
        agency.steps().await;
        assert_eq!((agency.clock().await["percent"].as_i64(), agency.bank.submits()), (Some(1), 0), "whoever has it has it");
        agency.seconds(31).await;
        agency.steps().await;
        assert_eq!((agency.paid_so(&plan).await.0.as_str(), agency.bank.submits()), ("completed", 3));
        // Whoever wakes up with it moves nothing any more.
        assert!(clocks::put(&agency.db, &put, at.plus_seconds(9_000_000)).await.unwrap().is_none());
        assert_eq!(agency.clock().await["now"], "2026-12-20T15:00:00Z");
        agency.books_hold().await;
    }
}
