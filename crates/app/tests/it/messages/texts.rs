//! The texts of messages: an organization's own, held against what may stand in one, or else ours.

use http::Method;
use serde_json::{Value, json};

use super::{asked, receipted};
use crate::support::agency::Agency;

/// The text of a kind, a channel and a language.
async fn text(agency: &Agency, kind: &str, channel: &str, language: &str) -> Value {
    let path = format!("/message-templates?kind={kind}&channel={channel}&language={language}");
    let all = agency.get(&path).await.data();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    all[0].clone()
}

fn path(text: &Value) -> String {
    format!("/message-templates/{}", text["id"].as_str().unwrap())
}

on_both_engines! {
    async fn every_kind_has_a_text_in_each_language_and_says_what_it_can_name(agency: &Agency) {
        let all = agency.get("/message_templates").await.data();
        assert_eq!(all.as_array().unwrap().len(), 20);
        let receipt = text(agency, "payment_receipt", "email", "es").await;
        assert_eq!((&receipt["source"], &receipt["updated_at"]), (&json!("default"), &Value::Null));
        let names: Vec<&str> = receipt["variables"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
        for name in ["amount", "paid_on", "opt_out", "customer_name", "organization_name", "support_phone"] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert_eq!(agency.get(&path(&receipt)).await.data(), receipt);
        agency.get("/message-templates?kind=nonsense").await.refuses(422, &["kind"]);
    }

    async fn texts_are_paged_sorted_walked_and_exported_those_written_last_first(agency: &Agency) {
        let link = text(agency, "session_link", "sms", "es").await;
        let webhook = text(agency, "webhook_disabled", "email", "en").await;
        agency.put(&path(&link), json!({ "body": "{{ link }} {{ opt_out }}" })).await.is(200);
        agency.seconds(60).await;
        agency.put(&path(&webhook), json!({ "body": "{{ endpoint }} is off." })).await.is(200);
        let ids = |rows: &Value| rows.as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        let all = ids(&agency.get("/message-templates").await.data());
        assert_eq!((all.len(), &all[0], &all[1]), (20, &webhook["id"], &link["id"]));
        let second = agency.get("/message-templates?limit=5&page=2").await;
        assert_eq!(ids(&second.data()), all[5..10]);
        assert_eq!((&second["meta"]["total"], &second["meta"]["last_page"]), (&json!(20), &json!(4)));
        let (mut walked, mut cursor) = (Vec::new(), Some(String::new()));
        while let Some(at) = cursor {
            let page = agency.get(&format!("/message-templates?limit=5&cursor={at}")).await;
            walked.extend(ids(&page.data()));
            cursor = page["meta"]["next_cursor"].as_str().map(str::to_owned);
        }
        assert_eq!(walked, all);
        let sorted = ids(&agency.get("/message-templates?sort=updated_at&limit=2").await.data());
        assert_eq!(sorted, [link["id"].clone(), webhook["id"].clone()]);
        let since = agency.now();
        assert_eq!(ids(&agency.get(&format!("/message-templates?updated_from={since}")).await.data()), [webhook["id"].clone()]);
        let exported = agency.get("/bulk/exports/message-templates?format=ndjson").await.text;
        let exported: Vec<Value> = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
        assert_eq!(exported, all);
    }

    async fn an_own_text_is_sent_until_it_is_taken_back(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let receipt = text(agency, "payment_receipt", "email", "en").await;
        let own = json!({ "subject": "Thank you!\nBcc: all@example.com", "body": "{{ amount }} came.{% if support_phone %} Call {{ support_phone }}.{% endif %}\n\n{{ opt_out }}" });
        let saved = agency.put(&path(&receipt), own).await.data();
        assert_eq!((&saved["source"], saved["updated_at"].is_string()), (&json!("own"), true));
        let events = agency.events().await;
        // Sent back as it came, it is the same.
        assert_eq!(agency.put(&path(&receipt), saved.clone()).await.data(), saved);
        assert_eq!(agency.events().await, events);
        receipted(agency, &debtor, "ada@example.com").await;
        agency.steps().await;
        let letter = agency.letters.only();
        assert_eq!(letter.subject, "Thank you! Bcc: all@example.com");
        assert_eq!(letter.body, "$10.00 came.\n\nTo stop e-mails to this address, reply with the word STOP.");
        // Another organization's texts, and another language's, are as they were.
        let theirs = agency.ask(Method::GET, "/message-templates?kind=payment_receipt").token(&agency.template.theirs.sandbox).send().await;
        assert!(theirs.data().as_array().unwrap().iter().all(|text| text["source"] == "default"));
        assert_eq!(text(agency, "payment_receipt", "email", "es").await["source"], "default");
        assert_eq!(agency.delete(&path(&receipt)).await.is(200), &json!({ "success": true }));
        agency.delete(&path(&receipt)).await.is(200);
        assert_eq!(agency.get(&path(&receipt)).await.data(), receipt);
    }

    async fn a_text_knows_how_the_organization_can_be_reached(agency: &Agency) {
        let brand = json!({ "brand": { "support_email": "help@acme.example", "support_phone": "212-555-0199" } });
        agency.put("/organization", brand).await.is(200);
        let debtor = agency.debtor(100_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.steps().await;
        let letter = agency.letters.only();
        assert_eq!(letter.reply_to.as_deref(), Some("help@acme.example"));
        assert!(letter.body.contains("reply with the word STOP or call +12125550199."), "{}", letter.body);
    }

    async fn what_is_wrong_with_a_text_is_said_field_by_field_and_nothing_is_kept(agency: &Agency) {
        let receipt = text(agency, "payment_receipt", "email", "en").await;
        let at = path(&receipt);
        agency.put(&at, json!({ "subject": "Hi {{ frist_name }}", "body": "{{ amount }" })).await.refuses(422, &["subject", "body"]);
        let unknown = agency.put(&at, json!({ "body": "{{ link }} {{ opt_out }}" })).await;
        assert!(unknown.invalid("body").contains("names link, which is not known here: amount,"), "{}", unknown.text);
        let silent = agency.put(&at, json!({ "body": "{{ amount }}" })).await;
        assert!(silent.invalid("body").contains("opt_out"), "{}", silent.text);
        agency.put(&at, json!({ "body": "{{ 'a' * 100000000 }}{{ opt_out }}" })).await.invalid("body");
        agency.put(&at, json!({ "subject": null })).await.invalid("subject");
        agency.put(&at, json!({ "body": " " })).await.invalid("body");
        agency.put(&at, json!({ "body": "x".repeat(20_001) })).await.invalid("body");
        assert_eq!(agency.get(&at).await.data(), receipt);

        let link = text(agency, "session_link", "sms", "en").await;
        let long = format!("{} {{{{ link }}}} {{{{ opt_out }}}}", "x".repeat(400));
        let refused = agency.put(&path(&link), json!({ "body": long })).await;
        assert!(refused.invalid("body").contains("480 characters"), "{}", refused.text);
        agency.put(&path(&link), json!({ "subject": "A subject" })).await.invalid("subject");
        // What goes to the organization itself needs no way out of it.
        let webhook = text(agency, "webhook_disabled", "email", "en").await;
        agency.put(&path(&webhook), json!({ "body": "{{ endpoint }} is off." })).await.is(200);
    }

    async fn a_preview_shows_a_text_filled_in_and_keeps_nothing(agency: &Agency) {
        let request = text(agency, "payment_plan_request", "sms", "es").await;
        let preview = format!("{}/preview", path(&request));
        let shown = agency.post(&preview, json!({})).await.data();
        let body = shown["body"].as_str().unwrap();
        assert!(body.starts_with("Harbor Point Recovery, cobrador de deudas:") && body.contains("/portal/"), "{body}");
        assert_eq!((&shown["characters"], &shown["subject"]), (&json!(body.chars().count()), &Value::Null));
        let other = agency.post(&preview, json!({ "body": "{{ link }} {{ opt_out }}" })).await.data();
        assert!(other["body"].as_str().unwrap().ends_with("Responda STOP para no recibir más."));
        agency.post(&preview, json!({ "body": "{{ link }}" })).await.refuses(422, &["body"]);
        assert_eq!(agency.get(&path(&request)).await.data(), request);
        assert_eq!(agency.number("SELECT count(*) FROM message_template").await, 0);
    }

    async fn a_message_whose_text_no_longer_fits_fails_alone_and_goes_out_once_it_does(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let request = text(agency, "payment_plan_request", "sms", "en").await;
        // A text that fits the samples, and not what it is filled in with.
        agency.put(&path(&request), json!({ "body": "{{ customer_name }} {{ link }} {{ opt_out }}" })).await.is(200);
        agency.put(&format!("/customers/{}", debtor.customer), json!({ "name": "A".repeat(200) })).await.is(200);
        asked(agency, &debtor).await;
        agency.steps().await;
        assert_eq!(agency.letters.only().to, "+12125550101", "a text message may take some more parts");
    }
}
