//! What a customer authorized is kept as evidence, and they get a copy of it.

use base::vault::sha256;
use payments::verify::{self, Check, Sight};
use serde_json::{Value, json};

use crate::support::agency::{Agency, Debtor};

/// The hash of an authorization, made anew from what the API shows of it, as `docs/PLANS.md` says.
fn hash(plan: &Value, shown: &Value) -> String {
    let mut all = "quittance authorization 1\n".to_owned();
    for name in [
        "text_version",
        "text",
        "terms",
        "payment_plan_id",
        "payment_method_id",
        "given_by",
        "given_at",
        "ip_address",
        "channel",
    ] {
        let value = if name == "payment_plan_id" { &plan["id"] } else { &shown[name] };
        all += &match value.as_str() {
            Some(text) => format!("{name} {}:{text}\n", text.len()),
            None => format!("{name} -\n"),
        };
    }
    sha256(all.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Agency {
    async fn authorizations(&self, plan: &str) -> Vec<Value> {
        let all = self.get(&format!("/payment-plans/{plan}/authorizations")).await;
        all.is(200)["data"].as_array().expect("a list").clone()
    }

    /// What `verify --deep` says of the hashes.
    async fn hashes(&self) -> Check {
        let tx = self.db.snapshot().await.unwrap();
        let tenants = self.tenants.all(&tx).await.unwrap();
        let report = verify::run(&mut Sight::of(&tx), &tenants, true, &|_, _| {}).await.unwrap();
        report.checks.into_iter().find(|check| check.name == "authorizations = their hash").unwrap()
    }
}

/// A request to pay by a plan, with what is said of its authorization.
fn authorized(debtor: &Debtor, given: Value) -> Value {
    let mut plan = debtor.enrols(20_00, "monthly");
    plan["authorization"] = given;
    plan
}

on_both_engines! {
    async fn our_own_text_says_what_is_authorized_and_how_to_revoke_it(agency: &Agency) {
        let brand = json!({ "brand": { "support_email": "help@acme.example", "support_phone": "212-555-0199" } });
        agency.put("/organization", brand).await.is(200);
        let name = agency.get("/organization").await.is(200)["data"]["name"].as_str().unwrap().to_owned();
        let debtor = agency.debtor(60_00, "tok_visa").await;
        let plan = agency.post("/payment-plans", debtor.enrols(20_00, "monthly")).await.is(201)["data"].clone();
        let given = &plan["authorization"];
        let terms = "USD 20.00 monthly from 2026-11-21 to 2027-01-21: 3 payments, USD 60.00 in all";
        assert_eq!((&given["terms"], &given["text_version"], &given["channel"]), (&json!(terms), &json!("card-en-1"), &json!("api")));
        let text = given["text"].as_str().unwrap();
        assert!(text.starts_with(&format!("I, Ada Lovelace, agree that {name} keeps my card ending in 4242 on file and charges it, in recurring payments: {terms}.")), "{text}");
        assert!(text.contains(&format!("I may revoke it, or stop any one payment, by telling {name} (+12125550199, help@acme.example")), "{text}");
        assert!(text.contains(&format!("Date: 2026-11-20. Reference: {}.", plan["id"].as_str().unwrap())), "{text}");
        assert_eq!((&given["given_by"], &given["ip_address"], &given["ended_at"]), (&json!("Ada Lovelace"), &Value::Null, &Value::Null));
        assert_eq!(given["given_at"], agency.now().to_string());
        assert_eq!(given["recorded_at"], agency.now().to_string());
        assert!(given["recorded_by"].as_str().unwrap().starts_with("token "));
        assert_eq!(given["sha256"], hash(&plan, given));
        // By a bank account, and in their language.
        let bank = agency.debtor(60_00, "tok_bank").await;
        agency.put(&format!("/customers/{}/preferences", bank.customer), json!({ "language": "es" })).await.is(200);
        let plan = agency.post("/payment-plans", bank.enrols(20_00, "weekly")).await.is(201)["data"].clone();
        let text = plan["authorization"]["text"].as_str().unwrap();
        assert_eq!(plan["authorization"]["text_version"], "bank-es-1");
        assert!(text.contains("cargar electrónicamente mi cuenta bancaria") && text.contains("USD 20.00 cada semana desde el 2026-11-21"), "{text}");
        assert!(plan["authorization"]["terms"].as_str().unwrap().starts_with("USD 20.00 weekly"), "ours are told in one language");
    }

    async fn what_is_said_of_an_authorization_is_kept_word_for_word_under_a_hash(agency: &Agency) {
        let debtor = agency.debtor(60_00, "tok_visa").await;
        let said = json!({
            "channel": "web", "text": "I, {name}, {{ agree }}.\nSí.", "text_version": "web 2026-10", "given_by": "Ada, Countess of Lovelace",
            "given_at": "2026-11-19T09:30:00-05:00", "ip_address": "2001:DB8::1"
        });
        let made = agency.post("/payment-plans", authorized(&debtor, said)).await;
        let plan = made.is(201)["data"].clone();
        let given = &plan["authorization"];
        for (name, value) in [
            ("channel", "web"), ("text", "I, {name}, {{ agree }}.\nSí."), ("text_version", "web 2026-10"),
            ("given_by", "Ada, Countess of Lovelace"), ("given_at", "2026-11-19T14:30:00Z"), ("ip_address", "2001:db8::1"),
        ] {
            assert_eq!(given[name], value, "{name}");
        }
        assert_eq!(given["sha256"], hash(&plan, given));
        let of_openapi = agency.get(&format!("/payment_plans/{}", made.made())).await;
        assert_eq!(&of_openapi.is(200)["data"]["authorization"], given);
        assert_eq!(agency.authorizations(&made.made()).await, std::slice::from_ref(given));
        // Nothing of it stands in the clear, and a row that somebody changed is found.
        let clear = "SELECT count(*) FROM plan_authorization WHERE terms LIKE '%Countess%' OR text_version LIKE '%agree%' OR given_by LIKE '%Ada%'";
        assert_eq!(agency.number(clear).await, 0);
        let hashes = agency.hashes().await;
        assert_eq!((hashes.compared, hashes.wrong), (1, 0));
        agency.sql("UPDATE plan_authorization SET channel = 'paper'").await;
        assert_eq!(agency.hashes().await.wrong, 1);
    }

    async fn what_cannot_be_is_said_field_by_field(agency: &Agency) {
        let debtor = agency.debtor(60_00, "tok_visa").await;
        let wrong = json!({
            "channel": "telegraph", "text": "x".repeat(4_001), "text_version": "x".repeat(65), "given_by": 7,
            "given_at": "2026-11-21T00:00:00Z", "ip_address": "203.0.113"
        });
        let all = ["channel", "text", "text_version", "given_by", "given_at", "ip_address"].map(|name| format!("authorization.{name}"));
        let refused = agency.post("/payment-plans", authorized(&debtor, wrong)).await;
        refused.refuses(422, &all.each_ref().map(String::as_str));
        assert!(refused.text.contains("The authorization.given at field must be a date before or equal to now."), "{}", refused.text);
        let no_text = agency.post("/payment-plans", authorized(&debtor, json!({ "text_version": "1" }))).await;
        assert_eq!(no_text.invalid("authorization.text"), "The authorization.text field is required when text version is present.");
        // Nobody authorizes what charges nothing.
        let mut pending = debtor.plans(20_00, "monthly");
        pending["authorization"] = json!({ "channel": "phone" });
        let said = "The payment method id field is required when authorization is present.";
        assert_eq!(agency.post("/payment-plans", pending).await.invalid("payment_method_id"), said);
        let plan = agency.post("/payment-plans", debtor.plans(20_00, "monthly")).await.made();
        let mut enrols = json!({ "amount": 20_00, "frequency": "monthly", "start_date": agency.day(1), "authorization": { "channel": "phone" } });
        let path = format!("/payment-plans/{plan}");
        assert_eq!(agency.put(&path, enrols.clone()).await.invalid("payment_method_id"), said);
        enrols["payment_method_id"] = json!(debtor.method);
        assert_eq!(agency.put(&path, enrols).await.is(200)["data"]["authorization"]["channel"], "phone");
    }

    async fn every_new_authorization_ends_the_one_before_and_sends_its_copy(agency: &Agency) {
        let debtor = agency.debtor(60_00, "tok_visa").await;
        let plan = agency.post("/payment-plans", debtor.enrols(20_00, "weekly")).await.made();
        let path = format!("/payment-plans/{plan}");
        let first = agency.plan(&plan).await["authorization"].clone();
        assert_eq!(first["copy"]["status"], "pending");
        agency.steps().await;
        let letter = agency.letters.only();
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("ada@example.com", "Your payment plan"));
        assert!(letter.body.contains(first["text"].as_str().unwrap()), "{}", letter.body);
        assert_eq!(agency.plan(&plan).await["authorization"]["copy"], json!({ "message_id": letter.id.to_string(), "status": "sent" }));
        // Another method, once a part is paid.
        agency.days(1).await;
        agency.steps().await;
        let other = agency.method_of(&debtor.customer, "tok_bank").await;
        let mut terms = json!({ "amount": 20_00, "frequency": "weekly", "start_date": "2026-11-21", "payment_method_id": other });
        let second = agency.put(&path, terms.clone()).await.is(200)["data"]["authorization"].clone();
        assert_eq!((&second["text_version"], &second["payment_method_id"]), (&json!("bank-en-1"), &json!(other)));
        assert!(second["terms"].as_str().unwrap().starts_with("from 2026-11-28 on with USD 40.00 to pay: USD 20.00 weekly"), "{second}");
        // What was got can be sent back: it is no new authorization, and with another method not the old one's evidence.
        let events = agency.events().await;
        let before = agency.plan(&plan).await;
        agency.put(&path, before.clone()).await.is(200);
        assert_eq!(agency.events().await, events);
        terms["authorization"] = before["authorization"].clone();
        terms["payment_method_id"] = json!(debtor.method);
        let third = agency.put(&path, terms.clone()).await.is(200)["data"]["authorization"].clone();
        assert_eq!((&third["text_version"], &third["payment_method_id"]), (&json!("card-en-1"), &json!(debtor.method)));
        // More is known of the same: that is a new one. Said again it is not.
        terms["authorization"] = json!({ "channel": "paper", "given_at": "2026-11-20T00:00:00Z" });
        for _ in 0..2 {
            let fourth = agency.put(&path, terms.clone()).await.is(200)["data"]["authorization"].clone();
            assert_eq!((&fourth["channel"], &fourth["given_at"]), (&json!("paper"), &json!("2026-11-20T00:00:00Z")));
        }
        let all = agency.authorizations(&plan).await;
        let told: Vec<(&str, bool)> = all.iter().map(|a| (a["channel"].as_str().unwrap(), a["ended_at"].is_null())).collect();
        assert_eq!(told, [("paper", true), ("api", false), ("api", false), ("api", false)]);
        assert_eq!([&all[1]["id"], &all[2]["id"], &all[3]["id"]], [&third["id"], &second["id"], &first["id"]]);
        assert_eq!(agency.get(&format!("{path}/authorizations?limit=1")).await.is(200)["meta"]["total"], 4);
        agency.steps().await;
        let copies = agency.letters.given().iter().filter(|letter| letter.subject == "Your payment plan").count();
        assert_eq!(copies, 4);
        let hashes = agency.hashes().await;
        assert_eq!((hashes.compared, hashes.wrong), (4, 0));
        agency.get("/payment_plans/01900000-0000-7000-8000-000000000000/authorizations").await.refused(404);
    }

    async fn a_plan_without_an_end_names_no_sum_when_it_goes_on_by_another_card(agency: &Agency) {
        let debtor = agency.debtor(60_00, "tok_visa").await;
        let mut asked = debtor.enrols(20_00, "weekly");
        asked["open_ended"] = json!(true);
        let plan = agency.post("/payment-plans", asked).await.made();
        agency.days(1).await;
        agency.steps().await;
        let other = agency.method_of(&debtor.customer, "tok_visa").await;
        let terms = json!({ "amount": 20_00, "frequency": "weekly", "start_date": "2026-11-21", "payment_method_id": other });
        let given = agency.put(&format!("/payment-plans/{plan}"), terms).await.is(200)["data"]["authorization"].clone();
        assert!(given["terms"].as_str().unwrap().starts_with("USD 20.00 weekly from 2026-11-21"), "{given}");
    }

    async fn a_reinstated_plan_has_its_own_evidence(agency: &Agency) {
        let rules = json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 0 });
        agency.put("/organization", json!({ "payment_rules": rules })).await.is(200);
        let debtor = agency.debtor(35_00, "tok_insufficient_funds").await;
        let plan = agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.made();
        agency.days(1).await;
        agency.steps().await;
        let path = format!("/payment-plans/{plan}/reinstate");
        let late = json!({ "authorization": { "channel": "phone", "given_at": "2027-01-01T00:00:00Z" } });
        agency.post(&path, late).await.refuses(422, &["authorization.given_at"]);
        let said = json!({ "authorization": { "channel": "phone", "text": "Yes, go on.", "given_by": "Ada" } });
        let given = agency.once("r", &path, said.clone()).await.is(200)["data"]["authorization"].clone();
        assert_eq!((&given["channel"], &given["text"], &given["given_by"]), (&json!("phone"), &json!("Yes, go on."), &json!("Ada")));
        assert!(given["terms"].as_str().unwrap().starts_with("reinstated from 2026-11-28 with USD 35.00 to pay: "), "{given}");
        assert_eq!(given["copy"]["status"], "pending");
        assert!(agency.once("r", &path, said).await.is_replay());
        assert_eq!(agency.authorizations(&plan).await.len(), 2);
    }

    async fn evidence_outlives_the_customer_and_says_why_there_was_no_copy(agency: &Agency) {
        let customer = agency.post("/customers", json!({ "name": "Mary Shelley" })).await.made();
        let (debt, method) = (agency.debt_of(&customer, 60_00).await, agency.method_of(&customer, "tok_visa").await);
        let debtor = Debtor { customer, debt, method };
        let plan = agency.post("/payment-plans", authorized(&debtor, json!({ "ip_address": "203.0.113.7" }))).await.made();
        let before = agency.plan(&plan).await["authorization"].clone();
        assert_eq!(before["copy"], json!({ "message_id": null, "status": "no_address" }));
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 0 })).await.is(200);
        agency.delete(&format!("/customers/{}", debtor.customer)).await.is(200);
        let after = agency.authorizations(&plan).await;
        for name in ["text", "given_by", "ip_address", "sha256"] {
            assert_eq!(after[0][name], before[name], "{name}");
        }
        assert!(after[0]["text"].as_str().unwrap().starts_with("I, Mary Shelley,"));
        let hashes = agency.hashes().await;
        assert_eq!((hashes.compared, hashes.wrong), (1, 0));
    }

    async fn what_was_recorded_before_there_was_evidence_shows_nothing_of_it(agency: &Agency) {
        let (_, plan) = agency.enrolled(60_00, 20_00, "monthly").await;
        agency.sql("UPDATE plan_authorization SET text_version = NULL, agreed_text = NULL, agreed_by = NULL, sha256 = NULL, copy_id = NULL, recorded_at = NULL").await;
        let given = agency.plan(&plan).await["authorization"].clone();
        for name in ["text", "text_version", "given_by", "ip_address", "sha256", "copy", "recorded_at"] {
            assert_eq!(given[name], Value::Null, "{name}");
        }
        assert!(given["terms"].as_str().unwrap().starts_with("USD 20.00 monthly") && given["given_at"].is_string());
        let (before, events) = (agency.plan(&plan).await, agency.events().await);
        agency.put(&format!("/payment-plans/{plan}"), before).await.is(200);
        assert_eq!((agency.events().await, agency.hashes().await.compared), (events, 0));
    }
}
