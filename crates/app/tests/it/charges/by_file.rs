//! Real money, by file: bank debits are entries in files that a bank reads, and what comes back comes in files of the bank.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ach::beside::Beside;
use ach::{EntryState, Rail};
use api::App;
use base::Ts;
use books::orgs::Environment;
use edge::Settings;
use http::Method;
use nacha::{Correction, RoutingNumber};
use payments::charges::till::{Processors, Till};
use payments::processor::{Answer as Said, Lookup, Processor as _, Standing};
use serde_json::{Value, json};

use crate::support::Agency;
use crate::support::agency::table;
use crate::support::client::Answer;
use crate::support::files::{self, Failing, Says, When, bring, collect, entries, lying, sends};

/// The agency's production, whose bank accounts are debited by file.
struct Production<'a> {
    agency: &'a Agency,
    house: Agency,
}

impl Production<'_> {
    /// Set up so, beside what every bank asks for.
    async fn of(agency: &Agency, terms: Value) -> Production<'_> {
        let rail = Rail::new(agency.db.clone(), agency.tenants.clone());
        let production = Some(Arc::new(Beside::new(rail, None)) as _);
        let processors = Processors { production, sandbox: Some(Arc::new(agency.bank.clone())) };
        let till = Till::new(agency.db.clone(), agency.tenants.clone(), processors);
        let (db, tenants) = (agency.db.clone(), agency.tenants.clone());
        let app = App::new(db, tenants, till.clone(), agency.app.egress.clone());
        let router = table().clone().router(app.clone(), Settings::new("https://pay.example.com"));
        let mut house = agency.behind(router);
        (house.till, house.app) = (till, app);
        let production = Production { agency, house };
        production.put(terms).await.is(200);
        files::folder(agency);
        production
    }

    async fn put(&self, more: Value) -> Answer {
        let mut terms = files::terms();
        terms["cut_offs"] = json!(["10:00", "16:00"]);
        terms.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let token = &self.agency.template.ours.production;
        self.house.ask(Method::PUT, "/ach-originator").token(token).json(&terms).send().await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        let token = &self.agency.template.ours.production;
        self.house.ask(Method::POST, path).token(token).json(&body).send().await
    }

    async fn get(&self, path: &str) -> Value {
        let token = &self.agency.template.ours.production;
        self.house.ask(Method::GET, path).token(token).send().await.is(200)["data"].clone()
    }

    /// A debt of 100 dollars, and the bank account of whoever owes it.
    async fn debtor(&self, number: &str) -> Debtor {
        let customer = json!({ "first_name": "Ada", "last_name": "Lovelace" });
        let customer = self.post("/customers", customer).await.made();
        let debt =
            self.post("/debt-accounts", json!({ "customer_id": customer, "balance": 100_00 })).await.made();
        let account = json!({
            "account_holder": "Ada Lovelace", "account_type": "checking", "routing_number": "021000021",
            "account_number": number, "account_zip": "10001", "account_state": "NY",
        });
        let method = json!({ "customer_id": customer, "ach": account });
        let method = self.post("/payment-methods", method).await.made();
        Debtor { debt, method }
    }

    async fn pays(&self, debtor: &Debtor, cents: i64) -> String {
        let request =
            json!({ "debt_account_id": debtor.debt, "payment_method_id": debtor.method, "amount": cents });
        self.post("/charges", request).await.made()
    }

    async fn state(&self, charge: &str) -> String {
        self.get(&format!("/charges/{charge}")).await["state"].as_str().unwrap().to_owned()
    }

    async fn owed(&self, debtor: &Debtor) -> i64 {
        self.get(&format!("/debt-accounts/{}", debtor.debt)).await["current_balance"].as_i64().unwrap()
    }

    async fn until(&self, at: &str) {
        let seconds = Ts::parse(at).unwrap().since(self.agency.now()).as_secs();
        assert!(seconds >= 0, "{at} has passed");
        self.agency.seconds(seconds).await;
    }

    /// What the steps of a server do: files are cut and brought, settle, and what came of it is swept into the books.
    async fn steps(&self) {
        ach::originate::step(&self.agency.db).await.unwrap();
        while bring(self.agency).await > 0 {}
        self.settle().await;
    }

    async fn settle(&self) {
        collect(self.agency).await;
        ach::settle::step(&self.agency.db).await.unwrap();
        // Sweeps rest in between.
        self.agency.seconds(61).await;
        self.house.till.sweep_in(Environment::Production, i64::MAX).await.unwrap();
    }
}

/// Somebody who owes real money.
struct Debtor {
    debt: String,
    method: String,
}

base::record! {
    struct States { state: EntryState }
}

/// How every entry stands, oldest first.
async fn states(agency: &Agency) -> Vec<EntryState> {
    let tx = agency.db.read().await.unwrap();
    let rows: Vec<States> = tx.all("SELECT state FROM ach_entry ORDER BY id", &[]).await.unwrap();
    rows.into_iter().map(|row| row.state).collect()
}

// It is Friday, November 20, 10 in the morning in New York.
on_both_engines! {
    async fn a_debit_lies_at_the_bank_after_its_cut_off_and_has_settled_on_its_day(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        let charge = production.pays(&ada, 30_00).await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&ada).await), ("pending", 100_00));
        production.steps().await;
        assert_eq!(entries(agency), [], "its cut-off has not come");

        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        let [(name, file)] = &lying(agency)[..] else { panic!("one file") };
        assert_eq!(name, "1234567890-20261120-A.ach");
        let [one] = &entries(agency)[..] else { panic!("one entry") };
        assert_eq!((one.cents, one.account.as_str(), one.sec), (30_00, "000123456789", "TEL"));
        assert_eq!(one.trace / 10_000_000, 12_104_288);
        assert_eq!(file.batches[0].header.effective_on().ymd(), Some((2026, 11, 23)), "the next banking day");
        let told = production.get("/ach-files").await;
        assert_eq!((&told[0]["state"], &told[0]["debits"], &told[0]["entries"]), (&json!("delivered"), &json!(30_00), &json!(1)));

        production.until("2026-11-23T13:00:00Z").await;
        production.steps().await;
        assert_eq!(production.state(&charge).await, "pending", "it settles at half past eight");
        production.until("2026-11-23T13:31:00Z").await;
        production.steps().await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&ada).await), ("succeeded", 70_00));
        assert_eq!(agency.bank.submits(), 0, "the sandbox has heard of nothing");
        agency.books_hold().await;
    }

    async fn what_comes_back_before_or_after_it_has_settled_owes_the_debt_again(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let (ada, grace) = (production.debtor("000123456789").await, production.debtor("000987654321").await);
        let (first, second) = (production.pays(&ada, 30_00).await, production.pays(&grace, 40_00).await);
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        let [one, two] = &entries(agency)[..] else { panic!("two entries") };
        sends(agency, "early.ach", 1, &[(one.trace, Says::Returned("R01"))]);
        production.settle().await;
        assert_eq!((production.state(&first).await.as_str(), production.owed(&ada).await), ("returned", 100_00));

        production.until("2026-11-24T15:00:00Z").await;
        production.settle().await;
        assert_eq!((production.state(&second).await.as_str(), production.owed(&grace).await), ("succeeded", 60_00));
        production.until("2027-01-21T15:00:00Z").await;
        sends(agency, "late.ach", 2, &[(two.trace, Says::Returned("R10"))]);
        production.settle().await;
        assert_eq!((production.state(&second).await.as_str(), production.owed(&grace).await), ("returned", 100_00));
        let stopped = production.get(&format!("/payment-methods/{}", grace.method)).await;
        assert_eq!(stopped["stopped"]["code"], "R10");
        let told = production.get("/ach-notices?result=applied").await;
        assert_eq!((&told[0]["code"], &told[0]["amount"], &told[1]["code"]), (&json!("R10"), &json!(40_00), &json!("R01")));
        agency.books_hold().await;
    }

    async fn a_file_of_the_banks_is_applied_once_and_a_faulty_one_not_at_all(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        let charge = production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        let trace = entries(agency)[0].trace;
        let good = files::answer(agency, 1, &[(trace, Says::Returned("R01"))]);
        let incoming = files::home(agency).join("incoming");

        // One digit of a total is wrong.
        let mut bad = good.clone();
        let at = bad.len() - 95 * 5 + 40;
        bad[at] = if bad[at] == b'9' { b'8' } else { bad[at] + 1 };
        std::fs::write(incoming.join("bad.ach"), bad).unwrap();
        assert_eq!(collect(agency).await, 0);
        let faults = std::fs::read_to_string(incoming.join("refused/bad.ach.faults.txt")).unwrap();
        assert!(faults.starts_with("line "), "{faults}");
        assert_eq!(production.state(&charge).await, "pending");

        for name in ["a.ach", "b.ach"] {
            std::fs::write(incoming.join(name), &good).unwrap();
            collect(agency).await;
        }
        // The same return in another file, too: this one is not filled up to its tenth record.
        std::fs::write(incoming.join("c.ach"), &good[..95 * 6]).unwrap();
        assert_eq!(collect(agency).await, 0);
        production.settle().await;
        assert_eq!(production.state(&charge).await, "returned");
        assert_eq!(production.get("/ach-notices").await.as_array().unwrap().len(), 1);
        agency.books_hold().await;
    }

    async fn what_no_entry_of_ours_is_known_for_waits_for_a_person(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        let trace = entries(agency)[0].trace;
        let file = files::answer(agency, 1, &[(trace, Says::Returned("R01"))]);
        // Somebody else's trace number at the same bank, in the entry's addenda.
        let (old, new) = (format!("{trace:015}"), format!("{:015}", trace + 77));
        let text = String::from_utf8(file).unwrap().replace(&format!("R01{old}"), &format!("R01{new}"));
        std::fs::write(files::home(agency).join("incoming/theirs.ach"), text).unwrap();
        assert_eq!(collect(agency).await, 0);
        let told = production.get("/ach-notices?result=unmatched").await;
        assert_eq!((&told[0]["original_trace_number"], &told[0]["entry_id"]), (&json!(new), &Value::Null));
        assert_eq!(states(agency).await, [EntryState::Filed]);
    }

    async fn an_account_is_tried_before_its_first_debit_and_only_then(agency: &Agency) {
        let production = Production::of(agency, json!({ "prenotes": true })).await;
        let ada = production.debtor("000123456789").await;
        let first = production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        assert_eq!(entries(agency).iter().map(|e| e.cents).collect::<Vec<_>>(), [0], "a prenote alone");
        // It settles on Monday, and three banking days later, over Thanksgiving, is Friday the 27th.
        production.until("2026-11-25T21:00:00Z").await;
        production.steps().await;
        let debit = entries(agency).into_iter().find(|e| e.cents == 30_00);
        assert!(debit.is_some(), "cut on Wednesday, to settle on Friday");
        production.until("2026-11-27T15:00:00Z").await;
        production.steps().await;
        assert_eq!(production.state(&first).await, "succeeded");
        production.pays(&ada, 20_00).await;
        production.until("2026-11-27T21:00:00Z").await;
        production.steps().await;
        assert!(entries(agency).iter().any(|e| e.cents == 20_00), "the account is known by now");
    }

    async fn an_account_whose_bank_does_not_know_it_is_never_debited(agency: &Agency) {
        let production = Production::of(agency, json!({ "prenotes": true })).await;
        let ada = production.debtor("000123456789").await;
        let charge = production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        sends(agency, "back.ach", 1, &[(entries(agency)[0].trace, Says::Returned("R03"))]);
        production.settle().await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&ada).await), ("returned", 100_00));
        production.until("2026-12-04T21:00:00Z").await;
        production.steps().await;
        assert_eq!(entries(agency).iter().map(|e| e.cents).sum::<u64>(), 0);
    }

    async fn what_a_bank_corrects_is_right_from_the_next_entry_on(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        // This one waits while the bank's notification comes.
        production.pays(&ada, 10_00).await;
        let routing = RoutingNumber::parse("121042882").unwrap();
        let trace = entries(agency)[0].trace;
        sends(agency, "noc.ach", 1, &[(trace, Says::Changed(Correction::RoutingAndAccount(routing, "5550001111")))]);
        assert_eq!(collect(agency).await, 1);
        let method = production.get(&format!("/payment-methods/{}", ada.method)).await;
        assert_eq!((&method["bank_account"]["routing_number"], &method["bank_account"]["account_number"]), (&json!("121042882"), &json!("1111")));
        production.pays(&ada, 5_00).await;
        production.until("2026-11-23T21:00:00Z").await;
        production.steps().await;
        let accounts: Vec<(u64, String)> = entries(agency).into_iter().map(|e| (e.cents, e.account)).collect();
        for expected in [(30_00, "000123456789"), (10_00, "5550001111"), (5_00, "5550001111")] {
            assert!(accounts.contains(&(expected.0, expected.1.to_owned())), "{accounts:?}");
        }
    }

    async fn a_debit_is_taken_back_until_it_is_in_a_file_and_given_back_after_it_has_settled(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        let (off, on) = (production.pays(&ada, 30_00).await, production.pays(&ada, 40_00).await);
        production.post(&format!("/charges/{off}/void"), json!({})).await.is(200);
        assert_eq!(production.state(&off).await, "canceled");
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        assert_eq!(entries(agency).iter().map(|e| e.cents).collect::<Vec<_>>(), [40_00]);
        production.post(&format!("/charges/{on}/void"), json!({})).await.is(400);
        production.until("2026-11-24T15:00:00Z").await;
        production.settle().await;
        assert_eq!(production.state(&on).await, "succeeded");
        production.post(&format!("/charges/{on}/refund"), json!({ "amount": 15_00 })).await.is(200);
        assert_eq!(production.owed(&ada).await, 75_00);
        production.until("2026-11-24T21:00:00Z").await;
        production.steps().await;
        let back = entries(agency).into_iter().find(|e| e.cents == 15_00).unwrap();
        assert_eq!((back.account.as_str(), back.sec), ("000123456789", "PPD"));
        agency.books_hold().await;
    }

    async fn a_file_that_the_bank_refused_is_sent_again_under_other_numbers_and_one_it_processed_never(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        let charge = production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        let first = production.get("/ach-files").await[0]["id"].as_str().unwrap().to_owned();
        let refused = production.post(&format!("/ach-files/{first}/reject"), json!({})).await;
        assert_eq!(refused.is(200)["data"]["state"], "rejected");
        production.post(&format!("/ach-files/{first}/acknowledge"), json!({})).await.is(400);
        production.until("2026-11-23T15:00:00Z").await;
        production.steps().await;
        let [one, two] = &entries(agency)[..] else { panic!("two presentments, of which one counts") };
        assert!(one.trace != two.trace && one.cents == two.cents);
        production.until("2026-11-24T14:00:00Z").await;
        production.steps().await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&ada).await), ("succeeded", 70_00));
        let second = production.get("/ach-files").await[0]["id"].as_str().unwrap().to_owned();
        let said = production.post(&format!("/ach-files/{second}/reject"), json!({})).await;
        said.is(400);
        assert!(said.text.contains("debit twice"), "{}", said.text);
    }

    async fn entries_are_in_the_class_of_their_authorization_and_settle_today_where_that_was_agreed(agency: &Agency) {
        let production = Production::of(agency, json!({ "same_day": true, "entry_class": "ppd" })).await;
        let ada = production.debtor("000123456789").await;
        production.pays(&ada, 30_00).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        let rail = Rail::new(agency.db.clone(), agency.tenants.clone());
        let mut online = files::order(agency, tenant, "online", "000111", 7_00).await;
        online.metadata.insert("source".into(), "portal".into());
        rail.submit(agency.now(), &online).await;
        let large = files::order(agency, tenant, "large", "000222", 1_000_000_01).await;
        rail.submit(agency.now(), &large).await;
        production.post("/ach-originator/cut", json!({})).await.is(200);
        for _ in 0..3 {
            ach::originate::step(&agency.db).await.unwrap();
        }
        while bring(agency).await > 0 {}
        let told: Vec<(u64, &str)> = entries(agency).into_iter().map(|e| (e.cents, e.sec)).collect();
        for expected in [(30_00, "PPD"), (7_00, "WEB"), (1_000_000_01, "PPD")] {
            assert!(told.contains(&expected), "{told:?}");
        }
        let days: Vec<Value> = production.get("/ach-files").await.as_array().unwrap().iter().map(|f| f["effective_on"].clone()).collect();
        assert_eq!(days, ["2026-11-23", "2026-11-20"], "too large for the same day");
    }

    async fn a_file_lies_at_the_bank_once_whatever_fails_or_dies_on_the_way(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        let mut sent = 0;
        for step in ["put", "place"] {
            for when in [When::Before, When::After] {
                for times in [1, 3] {
                    files::debit(agency, tenant, &format!("{step} {when:?} {times}"), 1_00).await;
                    sent += 1;
                    production.post("/ach-originator/cut", json!({})).await.is(200);
                    ach::originate::step(&agency.db).await.unwrap();
                    let failed = Arc::new(AtomicUsize::new(0));
                    let counted = failed.clone();
                    let bank = Failing::over(agency, move |asked| {
                        let fails = asked == step && counted.fetch_add(1, Ordering::Relaxed) < times;
                        fails.then_some(when)
                    });
                    for _ in 0..8 {
                        let _ = ach::deliver::step(&agency.db, &agency.tenants, &bank).await;
                        agency.seconds(3_600).await;
                        // The bank fetches at once whatever lies there under its name.
                        assert!(lying(agency).len() <= sent);
                    }
                    assert_eq!(lying(agency).len(), sent, "{step} {when:?} {times}");
                }
            }
        }
        let mut traces: Vec<u64> = entries(agency).iter().map(|e| e.trace).collect();
        assert_eq!(traces.len(), sent);
        traces.sort_unstable();
        traces.dedup();
        assert_eq!(traces.len(), sent, "each under a number of its own");
        let lies = std::fs::read_dir(files::home(agency).join("outgoing")).unwrap().count();
        assert_eq!(lies, sent, "nothing of an attempt that failed stays");
        assert!(production.get("/ach-files?limit=100").await.as_array().unwrap().iter().all(|file| file["state"] == "delivered"));
    }

    async fn a_file_that_lies_there_is_not_brought_again_where_what_failed_before_cannot_be_removed(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        files::debit(agency, tenant, "one", 1_00).await;
        production.post("/ach-originator/cut", json!({})).await.is(200);
        ach::originate::step(&agency.db).await.unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let bank = Failing::over(agency, move |step| match step {
            "put" => (asked.fetch_add(1, Ordering::Relaxed) == 0).then_some(When::After),
            "drop_part" => (asked.load(Ordering::Relaxed) < 4).then_some(When::Before).inspect(|_| {
                asked.fetch_add(1, Ordering::Relaxed);
            }),
            _ => None,
        });
        let mut fetched = 0;
        for _ in 0..10 {
            let _ = ach::deliver::step(&agency.db, &agency.tenants, &bank).await;
            // The bank fetches at once what lies there.
            for (name, _) in lying(agency) {
                std::fs::remove_file(files::home(agency).join("outgoing").join(name)).unwrap();
                fetched += 1;
            }
            agency.seconds(3_600).await;
        }
        assert_eq!(fetched, 1);
        let told = production.get("/ach-files").await;
        assert_eq!((&told[0]["state"], &told[0]["next_attempt_at"], &told[0]["note"]), (&json!("delivered"), &Value::Null, &Value::Null));
    }

    async fn what_is_in_a_file_stays_as_it_was_agreed_when_it_was_cut(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        let charge = production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        ach::originate::step(&agency.db).await.unwrap();
        // It is cut, and the organization changes its bank before it is brought.
        production.put(json!({ "company_id": "9876543210", "odfi": "021000021", "description": "OTHER" })).await.is(200);
        while bring(agency).await > 0 {}
        let [(name, file)] = &lying(agency)[..] else { panic!("one file") };
        assert_eq!(name, "1234567890-20261120-A.ach");
        assert_eq!(file.batches[0].header.sec().as_str(), "TEL");
        let trace = entries(agency)[0].trace;
        assert_eq!(trace / 10_000_000, 12_104_288, "the bank to which it went");
        // What comes back names whom it was from.
        sends(agency, "back.ach", 1, &[(trace, Says::Returned("R01"))]);
        production.settle().await;
        assert_eq!((production.state(&charge).await.as_str(), production.owed(&ada).await), ("returned", 100_00));
        agency.books_hold().await;
    }

    async fn a_return_is_never_taken_for_another_organizations_and_who_cannot_be_told_is_for_a_person(agency: &Agency) {
        let _production = Production::of(agency, json!({})).await;
        let (ours, theirs) = (&agency.template.ours.production, &agency.template.ours.sandbox);
        // Two that originate as one company at one bank: their trace numbers are the same.
        agency.ask(Method::PUT, "/ach-originator").token(theirs).json(&files::terms()).send().await.is(200);
        let outgoing = files::home(agency).join("outgoing");
        for (token, first, name) in [(ours, 30_00, "b.ach"), (theirs, 40_00, "c.ach")] {
            let tenant = agency.caller_of(token).await;
            for cents in [first, 50_00] {
                files::debit(agency, tenant, &format!("{name} {cents}"), cents).await;
            }
            agency.ask(Method::POST, "/ach-originator/cut").token(token).json(&json!({})).send().await.is(200);
            ach::originate::step(&agency.db).await.unwrap();
            assert_eq!(bring(agency).await, 1);
            std::fs::rename(outgoing.join("1234567890-20261120-A.ach"), outgoing.join(name)).unwrap();
        }
        let traces: Vec<u64> = entries(agency).iter().map(|e| e.trace).collect();
        assert_eq!(traces[..2], traces[2..]);
        let amounts = async |token: &str| -> Vec<i64> {
            let told = agency.ask(Method::GET, "/ach-notices").token(token).send().await;
            told.data().as_array().unwrap().iter().map(|notice| notice["amount"].as_i64().unwrap()).collect()
        };
        sends(agency, "first.ach", 1, &[(traces[0], Says::Returned("R01"))]);
        assert_eq!(collect(agency).await, 1);
        assert_eq!((amounts(ours).await, amounts(theirs).await), (vec![30_00], vec![]));
        // From here on it is the other's entry of which the bank speaks.
        std::fs::rename(outgoing.join("c.ach"), outgoing.join("a.ach")).unwrap();
        sends(agency, "second.ach", 2, &[(traces[0], Says::Returned("R01"))]);
        assert_eq!(collect(agency).await, 1);
        assert_eq!((amounts(ours).await, amounts(theirs).await), (vec![30_00], vec![40_00]));
        sends(agency, "either.ach", 3, &[(traces[1], Says::Returned("R01"))]);
        assert_eq!(collect(agency).await, 0);
        assert_eq!((amounts(ours).await, amounts(theirs).await), (vec![30_00], vec![40_00]));
        let why = std::fs::read_to_string(files::home(agency).join("incoming/refused/either.ach.faults.txt")).unwrap();
        assert!(why.starts_with("1 of 1 notices"), "{why}");
    }

    async fn a_file_of_the_banks_that_cannot_be_read_does_not_hold_up_the_others(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let ada = production.debtor("000123456789").await;
        let charge = production.pays(&ada, 30_00).await;
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        sends(agency, "b.ach", 1, &[(entries(agency)[0].trace, Says::Returned("R01"))]);
        let huge = std::fs::File::create(files::home(agency).join("incoming/a.ach")).unwrap();
        huge.set_len(1 << 40).unwrap();
        production.settle().await;
        assert_eq!(production.state(&charge).await, "returned");
    }

    async fn whoever_pays_while_a_prenote_goes_out_is_debited_in_the_end(agency: &Agency) {
        let production = Production::of(agency, json!({ "prenotes": true })).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        for n in 0..24 {
            let (first, second) = (format!("first {n}"), format!("second {n}"));
            let number = format!("000{n}");
            let rail = Rail::new(agency.db.clone(), agency.tenants.clone());
            rail.submit(agency.now(), &files::order(agency, tenant, &first, &number, 1_00).await).await;
            production.post("/ach-originator/cut", json!({})).await.is(200);
            let order = files::order(agency, tenant, &second, &number, 2_00).await;
            let (cut, _) = tokio::join!(ach::originate::step(&agency.db), rail.submit(agency.now(), &order));
            assert_eq!(cut.unwrap(), 1, "the prenote");
        }
        agency.books_hold().await;
        production.until("2026-11-25T21:00:00Z").await;
        production.steps().await;
        assert_eq!(states(agency).await.iter().filter(|state| **state == EntryState::Queued).count(), 0);
    }

    async fn an_attempt_that_took_longer_than_its_lease_places_nothing(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        files::debit(agency, tenant, "one", 1_00).await;
        production.post("/ach-originator/cut", json!({})).await.is(200);
        ach::originate::step(&agency.db).await.unwrap();
        let (slow, paused) = files::Paused::over(agency);
        let other = async {
            // All of its part lies there, and it sleeps until its lease has ended and another has brought the file.
            paused.wait_until_it_sleeps().await;
            agency.seconds(600).await;
            assert_eq!(bring(agency).await, 1);
            paused.wake();
        };
        let (mine, ()) = tokio::join!(ach::deliver::step(&agency.db, &agency.tenants, &slow), other);
        assert_eq!(mine.unwrap(), 0);
        assert_eq!(entries(agency).len(), 1);
        let names = std::fs::read_dir(files::home(agency).join("outgoing")).unwrap().count();
        assert_eq!(names, 1, "its own part is gone");
    }

    async fn two_nodes_at_one_cut_off_put_each_entry_into_one_file(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        for n in 0..20 {
            files::debit(agency, tenant, &format!("debit {n}"), 100 + n).await;
        }
        production.post("/ach-originator/cut", json!({})).await.is(200);
        let step = || ach::originate::step(&agency.db);
        let (a, b, c) = tokio::join!(step(), step(), step());
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 20);
        let node = || async { while bring(agency).await > 0 {} };
        tokio::join!(node(), node(), node());
        let mut cents: Vec<u64> = entries(agency).iter().map(|e| e.cents).collect();
        cents.sort_unstable();
        assert_eq!(cents, (100..120).collect::<Vec<_>>());
    }

    async fn it_answers_as_any_processor_does(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        let rail = Rail::new(agency.db.clone(), agency.tenants.clone());
        let order = files::order(agency, tenant, "k", "000111", 5_00).await;
        let trace = payments::processor::Trace::of_key("k", agency.now());
        assert_eq!(rail.lookup(agency.now(), &trace).await, Lookup::NotFound);
        let first = rail.submit(agency.now(), &order).await;
        assert!(matches!(first, Said::Accepted { .. }), "{first:?}");
        assert_eq!(rail.submit(agency.now(), &order).await, first, "the same key, the same answer");
        for other in [files::order(agency, tenant, "k", "000111", 5_01).await, files::order(agency, tenant, "k", "000112", 5_00).await] {
            assert!(matches!(rail.submit(agency.now(), &other).await, Said::Unknown { .. }), "another order under this key");
        }
        let Lookup::Found(found) = rail.lookup(agency.now(), &trace).await else { panic!("it is known") };
        assert_eq!((&found.standing, &found.metadata, found.amount), (&Standing::Pending, &order.metadata, order.amount));
        let page = rail.list_since(agency.now(), agency.now().plus_seconds(-60), None).await.unwrap();
        assert_eq!((page.records, page.cursor), (vec![found], None));
        let nobody = payments::processor::Order { token: base::secret::Secret::new("tok_0".into()), ..order.clone() };
        assert!(matches!(rail.submit(agency.now(), &nobody).await, Said::Declined { .. }));
        drop(production);
        assert_eq!(states(agency).await, [EntryState::Queued]);
    }

    async fn how_much_came_back_is_held_against_the_limits_of_the_network(agency: &Agency) {
        let production = Production::of(agency, json!({})).await;
        let tenant = agency.caller_of(&agency.template.ours.production).await;
        for n in 0..40 {
            files::debit(agency, tenant, &format!("debit {n}"), 1_00).await;
        }
        production.until("2026-11-20T21:00:00Z").await;
        production.steps().await;
        let all = entries(agency);
        let codes = ["R01", "R01", "R02", "R10"];
        let said: Vec<_> = all.iter().zip(codes).map(|(entry, code)| (entry.trace, Says::Returned(code))).collect();
        sends(agency, "back.ach", 1, &said);
        assert_eq!(collect(agency).await, 4);
        production.until("2026-11-24T15:00:00Z").await;
        let told = production.get("/ach-return-rates").await;
        let figures: Vec<(&str, i64, &str, &str)> = told.as_array().unwrap().iter().map(|rate| {
            (rate["counter"].as_str().unwrap(), rate["returns"].as_i64().unwrap(), rate["percent"].as_str().unwrap(), rate["standing"].as_str().unwrap())
        }).collect();
        assert_eq!(figures, [
            ("unauthorized", 1, "2.50", "above"), ("administrative", 1, "2.50", "near"), ("overall", 4, "10.00", "fine"),
        ]);
    }

    async fn what_no_bank_agrees_to_is_refused_field_by_field(agency: &Agency) {
        let token = &agency.template.ours.production;
        agency.ask(Method::GET, "/ach-originator").token(token).send().await.is(404);
        agency.ask(Method::POST, "/ach-originator/cut").token(token).json(&json!({})).send().await.is(404);
        let nothing = agency.ask(Method::PUT, "/ach-originator").token(token).json(&json!({ "odfi": "121042882" })).send().await;
        assert_eq!(nothing.is(422)["errors"].as_object().unwrap().len(), 7, "{}", nothing.text);
        let production = Production::of(agency, json!({})).await;
        for (field, value) in [
            ("odfi", json!("121042883")), ("destination", json!("12")), ("company_name", json!("A name that is too long")),
            ("entry_class", json!("ccd")), ("cut_offs", json!(["25:00"])), ("cut_offs", json!([])), ("description", json!("REVERSAL")),
        ] {
            let said = production.put(json!({ field: value })).await;
            let errors = said.is(422)["errors"].as_object().unwrap().clone();
            assert!(errors.keys().any(|key| key.starts_with(field)), "{field}: {errors:?}");
        }
    }
}
