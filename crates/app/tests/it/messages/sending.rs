//! The way of a message: from the transaction that decides it to whoever delivers it.

use base::db::{Command, Planted, Tx};
use books::messages::{self, Retry};
use books::orgs::Environment;
use exchange::post::{Channel, Means};
use http::Method;
use serde_json::{Value, json};

use super::{all, asked, only, receipted, told};
use crate::support::agency::Agency;
use crate::support::letters::Does;
use crate::support::theirs::Theirs;

/// One statement of a story.
struct Run<'a>(&'a str);

impl Command for Run<'_> {
    type Out = u64;
    fn name(&self) -> &'static str {
        "test.run"
    }
    async fn exec(&self, tx: &Tx) -> base::Result<u64> {
        tx.run(self.0, &[]).await
    }
}

on_both_engines! {
    async fn a_receipt_is_queued_with_the_settlement_and_sent_once(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        // Where the settlement has to be repeated, the receipt is not.
        agency.faults.plant("charges.settle", Planted::Serialization);
        let charge = receipted(agency, &debtor, "ada.l@example.com").await;
        assert!(agency.letters.given().is_empty(), "nothing is sent before the step");
        let waits = only(agency).await;
        assert_eq!((&waits["state"], &waits["attempts"], &waits["to"]), (&json!("pending"), &json!(0), &json!("a***@example.com")));
        assert_eq!((&waits["object"], &waits["object_id"]), (&json!("charge"), &json!(charge)));
        assert_eq!((&waits["customer_id"], &waits["debt_account_id"]), (&json!(debtor.customer), &json!(debtor.debt)));
        agency.steps().await;
        agency.steps().await;
        let letter = agency.letters.only();
        assert_eq!((letter.channel, letter.to.as_str(), letter.sender.as_str()), (Channel::Email, "ada.l@example.com", "Acme Recovery"));
        assert_eq!(letter.subject, "Your payment receipt from Acme Recovery");
        for said in ["Hello Ada Lovelace,", "$10.00", "2026-11-20", "ending in 4242", &charge, "reply with the word STOP", "debt collector"] {
            assert!(letter.body.contains(said), "{said}: {}", letter.body);
        }
        let sent = only(agency).await;
        assert_eq!((&sent["state"], &sent["attempts"], &sent["last_error"]), (&json!("sent"), &json!(1), &Value::Null));
        assert_eq!((&sent["provider_id"], &sent["next_attempt_at"]), (&json!("theirs-1"), &Value::Null));
        assert_eq!(sent["sent_at"], agency.now().to_string());
    }

    async fn a_receipt_goes_where_it_was_asked_for_and_only_for_money_that_came(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(1_00)).await.made();
        let mut unasked = debtor.pays(1_00);
        unasked["email"] = json!("ada@example.com");
        agency.post("/charges", unasked).await.made();
        let declined = json!({ "debt_account_id": debtor.debt, "token": "tok_insufficient_funds", "amount": 1_00, "send_email": true });
        agency.post("/charges", declined).await.is(400);
        assert!(all(agency).await.is_empty());
        // Nowhere in particular: to the customer's own address.
        let mut own = debtor.pays(1_00);
        own["send_email"] = json!(1);
        agency.post("/charges", own).await.made();
        // For nobody we know.
        let nobodys = json!({ "token": "tok_visa", "amount": 7_00, "send_email": true, "email": "payer@example.com" });
        agency.post("/charges", nobodys).await.made();
        let nowhere = json!({ "token": "tok_visa", "amount": 7_00, "send_email": true });
        agency.post("/charges", nowhere).await.made();
        agency.steps().await;
        let mut given = agency.letters.given();
        given.sort_by(|a, b| a.to.cmp(&b.to));
        let to: Vec<&str> = given.iter().map(|letter| letter.to.as_str()).collect();
        assert_eq!(to, ["ada@example.com", "payer@example.com"]);
        assert!(given[1].body.starts_with("Hello,"), "{}", given[1].body);
        agency.post("/charges", json!({ "token": "tok_visa", "amount": 1_00, "email": "nobody" })).await.refuses(422, &["email"]);
    }

    async fn a_payment_of_a_later_day_is_receipted_then_and_one_called_off_never(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let later = |email: &str| {
            let mut pays = debtor.pays(5_00);
            pays["scheduled_at"] = json!(agency.day(2));
            pays["send_email"] = json!(true);
            pays["email"] = json!(email);
            agency.post("/charges", pays)
        };
        later("ada@example.com").await.made();
        let off = later("bob@example.com").await.made();
        assert_eq!(agency.number("SELECT count(*) FROM charge WHERE receipt_to IS NOT NULL").await, 2);
        agency.post(&format!("/charges/{off}/cancel"), json!({})).await.is(200);
        agency.steps().await;
        assert!(all(agency).await.is_empty());
        agency.days(3).await;
        agency.steps().await;
        // It came by itself, so its receipt waits for an hour that suits wherever they are.
        assert_eq!(told(agency).await, ["pending quiet_hours"]);
        agency.seconds(4 * 3_600).await;
        agency.steps().await;
        assert_eq!(agency.letters.only().to, "ada@example.com");
        // Nothing of where it went is kept with the charge.
        assert_eq!(agency.number("SELECT count(*) FROM charge WHERE receipt_to IS NOT NULL").await, 0);
    }

    async fn what_is_not_taken_is_tried_again_ever_more_rarely_and_then_has_failed(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.letters.will([Does::Later(None), Does::Later(Some(900))]);
        agency.send_messages().await;
        let waits = only(agency).await;
        assert_eq!((&waits["state"], &waits["attempts"], &waits["last_error"]), (&json!("pending"), &json!(1), &json!("try_later")));
        agency.seconds(59).await;
        assert_eq!(agency.send_messages().await, 0);
        agency.seconds(8).await;
        assert_eq!(agency.send_messages().await, 1);
        // They said when to come back, which is later than we would.
        agency.seconds(899).await;
        assert_eq!(agency.send_messages().await, 0);
        agency.seconds(1).await;
        agency.letters.will([Does::Later(None); 5]);
        for wait in [0, 1_800, 7_200, 28_800, 86_400] {
            agency.seconds(wait + wait / 10).await;
            assert_eq!(agency.send_messages().await, 1, "{wait}");
        }
        assert_eq!(agency.letters.given().len(), 7);
        assert_eq!(told(agency).await, ["failed try_later"]);
        agency.days(30).await;
        assert_eq!(agency.send_messages().await, 0);
        let ids: std::collections::BTreeSet<_> = agency.letters.given().iter().map(|letter| letter.id).collect();
        assert_eq!(ids.len(), 1, "it is the same message each time");
    }

    async fn what_is_refused_has_failed_until_a_person_sends_it_again(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        let id = only(agency).await["id"].as_str().unwrap().to_owned();
        agency.post(&format!("/messages/{id}/resend"), json!({})).await.refused(400);
        agency.letters.will([Does::Refuses]);
        agency.steps().await;
        assert_eq!(told(agency).await, ["failed refused"]);
        agency.post(&format!("/messages/{id}/cancel"), json!({})).await.refused(400);
        let again = agency.once("again", &format!("/messages/{id}/resend"), json!({})).await;
        assert_ne!(again.made(), id);
        assert!(agency.once("again", &format!("/messages/{id}/resend"), json!({})).await.is_replay());
        agency.steps().await;
        assert_eq!(told(agency).await, ["failed refused", "sent"]);
        let given = agency.letters.given();
        assert_eq!((given.len(), &given[0].body), (2, &given[1].body));
        assert_ne!(given[0].id, given[1].id);
    }

    async fn what_was_given_up_is_sent_again_as_the_same_message_where_an_operator_says_so(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        let tenant = agency.tenant(Environment::Sandbox).await.id;
        let given_up = async || messages::given_up_by(&agency.db.read().await.unwrap(), tenant, 10).await.unwrap();
        assert!(given_up().await.is_empty());
        agency.letters.will([Does::Refuses]);
        agency.steps().await;
        let failed = given_up().await;
        assert_eq!(failed.len(), 1);
        for _ in 0..2 {
            agency.db.run(&Retry { tenant, id: failed[0].id }).await.unwrap();
        }
        assert!(given_up().await.is_empty());
        agency.steps().await;
        assert_eq!(told(agency).await, ["sent"]);
        let given = agency.letters.given();
        assert_eq!((given.len(), given[0].id), (2, given[1].id));
        // What has arrived is not sent again, whoever says so.
        agency.db.run(&Retry { tenant, id: failed[0].id }).await.unwrap();
        agency.steps().await;
        assert_eq!(agency.letters.given().len(), 2);
        // And what nobody is there for any more cannot be.
        receipted(agency, &debtor, "ada@example.com").await;
        agency.letters.will([Does::Refuses]);
        agency.steps().await;
        agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.delete(&format!("/customers/{}", debtor.customer)).await.is(200);
        assert!(given_up().await.is_empty());
    }

    async fn what_is_called_off_is_not_sent(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        let path = format!("/messages/{}/cancel", only(agency).await["id"].as_str().unwrap());
        let off = agency.post(&path, json!({})).await;
        assert_eq!((&off.data()["state"], &off.data()["last_error"]), (&json!("canceled"), &json!("called_off")));
        agency.post(&path, json!({})).await.is(200);
        agency.steps().await;
        assert!(agency.letters.given().is_empty());
    }

    async fn whoever_dies_between_sending_and_noting_it_leaves_a_message_that_is_sent_again_as_the_same(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.letters.will([Does::Hangs]);
        tokio::select! {
            _ = agency.send_messages() => panic!("it hangs"),
            () = agency.letters.came(1) => {} // and the node is gone
        }
        assert_eq!(told(agency).await, ["pending"]);
        assert_eq!(agency.send_messages().await, 0, "it is claimed");
        agency.seconds(121).await;
        agency.send_messages().await;
        let given = agency.letters.given();
        assert_eq!((given.len(), given[0].id), (2, given[1].id));
        assert_eq!((told(agency).await, &only(agency).await["attempts"]), (vec!["sent".to_owned()], &json!(2)));
    }

    async fn an_answer_that_comes_late_does_not_undo_what_came_before_it(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        // The note of the first attempt is lost with its node, after another has taken over.
        agency.letters.will([Does::Hangs, Does::Refuses]);
        let first = async { agency.send_messages().await };
        let second = async {
            agency.letters.came(1).await;
            agency.seconds(121).await;
            agency.send_messages().await;
            agency.patience_of(61).await;
        };
        futures_util::join!(first, second);
        assert_eq!(told(agency).await, ["failed refused"]);
    }

    async fn a_message_that_panics_or_does_not_open_harms_no_other(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        for n in 0..4 {
            receipted(agency, &debtor, &format!("ada{n}@example.com")).await;
            agency.seconds(1).await;
        }
        let poison = async |nth: i64, set: &str| {
            let sql = format!("UPDATE message SET {set} WHERE id IN (SELECT id FROM message ORDER BY id LIMIT 1 OFFSET {nth})");
            assert_eq!(agency.db.run(&Run(&sql)).await.unwrap(), 1);
        };
        poison(1, "variables = recipient").await;
        poison(2, "kind = 'from_the_future'").await;
        agency.letters.will([Does::Panics]);
        agency.steps().await;
        let mut told = told(agency).await;
        told.sort();
        assert_eq!(told, ["failed broken", "failed broken", "failed broken", "sent"]);
    }

    async fn whoever_has_much_to_say_does_not_make_others_wait(agency: &Agency) {
        let debtor = agency.debtor(500_00, "tok_visa").await;
        for n in 0..12 {
            receipted(agency, &debtor, &format!("ours{n}@example.com")).await;
        }
        agency.seconds(1).await;
        let other = &agency.template.theirs.sandbox;
        let pays = json!({ "token": "tok_visa", "amount": 7_00, "send_email": true, "email": "theirs@example.com" });
        agency.ask(Method::POST, "/charges").token(other).json(&pays).send().await.made();
        exchange::post::step(&agency.db, &agency.tenants, &agency.letters.means(), 4).await.unwrap();
        let given = agency.letters.given();
        assert_eq!(given.len(), 4);
        assert!(given.iter().any(|letter| letter.to == "theirs@example.com" && letter.sender == "Zenith Collections"));
    }

    async fn where_nobody_delivers_messages_wait_and_none_is_lost(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        let nobody = Means::default();
        exchange::post::step(&agency.db, &agency.tenants, &nobody, 64).await.unwrap();
        let waits = only(agency).await;
        assert_eq!((&waits["state"], &waits["attempts"], &waits["last_error"]), (&json!("pending"), &json!(0), &json!("no_mailer")));
        agency.days(30).await;
        exchange::post::step(&agency.db, &agency.tenants, &nobody, 64).await.unwrap();
        assert_eq!(told(agency).await, ["pending no_mailer"]);
        agency.seconds(600).await;
        agency.steps().await;
        assert_eq!(told(agency).await, ["sent"]);
    }

    async fn an_organization_hears_that_a_webhook_of_its_was_switched_off(agency: &Agency) {
        let theirs = Theirs::answering(410, "{}").await;
        let hook = json!({ "url": theirs.url("/in?token=secret"), "events": ["customer.create"] });
        let hook = agency.post("/webhooks", hook).await.made();
        agency.customer().await;
        agency.steps().await;
        // Whoever cannot be reached hears nothing.
        assert!(all(agency).await.is_empty());
        let brand = json!({ "brand": { "support_email": "help@acme.example" } });
        agency.put("/organization", brand).await.is(200);
        agency.put(&format!("/webhooks/{hook}"), json!({ "active": true })).await.is(200);
        agency.days(1).await;
        agency.customer().await;
        agency.steps().await;
        let letter = agency.letters.only();
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("help@acme.example", "A webhook of yours was switched off"));
        assert!(letter.body.contains(&hook) && letter.body.contains("gone for good"), "{}", letter.body);
        assert!(!letter.body.contains("secret"), "{}", letter.body);
        let told = only(agency).await;
        assert_eq!((&told["kind"], &told["object_id"], &told["customer_id"]), (&json!("webhook_disabled"), &json!(hook), &Value::Null));
    }

    async fn a_list_shows_what_is_asked_for_and_never_what_was_said(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        let plan = asked(agency, &debtor).await;
        agency.steps().await;
        let link = agency.letters.given().into_iter().find(|letter| letter.channel == Channel::Sms).unwrap();
        assert!(link.body.contains("https://pay.example.com/portal/"), "{}", link.body);
        let secret = link.body.split("/portal/").nth(1).unwrap().split_whitespace().next().unwrap();
        let listed = agency.get("/messages").await;
        assert!(!listed.text.contains(secret) && !listed.text.contains("ada@") && !listed.text.contains("2125550101"), "{}", listed.text);
        assert_eq!(listed.data()[0]["to"], "+1******0101");
        let many = async |query: &str| agency.many(&format!("/messages?{query}")).await;
        assert_eq!((many("channel=sms").await, many("kind=payment_receipt").await, many("state=failed").await), (1, 1, 0));
        assert_eq!(many(&format!("customer_id={}&state=sent", debtor.customer)).await, 2);
        assert_eq!(many(&format!("created_to={}", agency.day(-1))).await, 0);
        // What became of the request stands with the plan, and the link opens the portal.
        assert_eq!(agency.get(&format!("/payment-plans/{plan}")).await.data()["request"]["status"], "sent");
        agency.ask(Method::GET, &format!("/portal/{secret}")).nobody().send().await.is(200);
    }

    async fn a_link_is_sent_to_the_customer_where_that_is_asked_for(agency: &Agency) {
        let customer = agency.customer().await;
        let made = agency.post("/customer-sessions", json!({ "customer_id": customer, "send_by": "email", "valid_until": 48 })).await;
        let link = made.is(201)["data"]["portal_url"].as_str().unwrap().to_owned();
        agency.steps().await;
        let letter = agency.letters.only();
        assert_eq!(letter.to, "ada@example.com");
        assert!(letter.body.contains(&link) && letter.body.contains("until 2026-11-22"), "{}", letter.body);
        assert_eq!(only(agency).await["object"], "customer_session");
        // Nobody's number is known: no link is made either.
        let refused = agency.post("/customer-sessions", json!({ "customer_id": customer, "send_by": "sms" })).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert_eq!(agency.many("/customer-sessions").await, 1);
    }
}
