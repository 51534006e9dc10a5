//! Tickets: what customers and the organization write to each other.

use serde_json::{Value, json};

use crate::support::agency::Agency;

fn subjects(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|t| t["subject"].as_str().unwrap()).collect()
}

on_both_engines! {
    async fn a_ticket_begins_with_a_message_and_goes_back_and_forth(agency: &Agency) {
        let debtor = agency.debtor(10_00, "tok_visa").await;
        let sent = json!({ "debt_account_id": debtor.debt, "subject": "Too much", "description": "I paid last week." });
        let made = agency.post("/tickets", sent).await;
        let path = format!("/tickets/{}", made.made());
        let ticket = &made["data"];
        assert_eq!((&ticket["status"], &ticket["source"], &ticket["category"]), (&json!("open"), &json!("api"), &json!("other")));
        assert_eq!((&ticket["customer_id"], &ticket["name"], &ticket["email"]), (&json!(debtor.customer), &json!("Ada Lovelace"), &json!("ada@example.com")));
        assert_eq!((&ticket["is_read_by_customer"], &ticket["is_read_by_organization"]), (&json!(true), &json!(false)));
        agency.post(&format!("{path}/read"), json!({})).await.is(200);
        let written = agency.form(&format!("{path}/messages"), "message=We will look.").await;
        assert_eq!(written.is(201)["data"]["author"], "organization");
        agency.put(&path, json!({ "status": "resolved" })).await.is(200);
        let now = agency.get(&format!("{path}?include=customer,debt_account")).await;
        let now = &now.is(200)["data"];
        assert_eq!((&now["is_read_by_customer"], &now["is_read_by_organization"]), (&json!(false), &json!(true)));
        assert!(now["resolved_at"].is_string());
        assert_eq!((&now["customer"]["id"], &now["debt_account"]["id"]), (&json!(debtor.customer), &json!(debtor.debt)));
        let said: Vec<&str> = now["messages"].as_array().unwrap().iter().map(|m| m["message"].as_str().unwrap()).collect();
        assert_eq!(said, ["I paid last week.", "We will look."]);
        // What the customer writes opens it again.
        agency.post(&format!("{path}/messages"), json!({ "message": "Not yet.", "from": "customer" })).await.is(201);
        let now = agency.get(&path).await;
        assert_eq!((&now["data"]["status"], &now["data"]["resolved_at"]), (&json!("open"), &Value::Null));
        agency.put(&path, json!({ "status": "closed" })).await.is(200);
        assert_eq!(agency.post(&format!("{path}/messages"), json!({ "message": "x" })).await.refused(400), "not_allowed_now");
        assert_eq!(agency.many(&format!("{path}/messages")).await, 3);
        let shown = agency.get(&format!("/customers/{}?include=ticket", debtor.customer)).await;
        assert_eq!(shown.is(200)["data"]["tickets"][0]["subject"], "Too much");
    }

    async fn the_latest_activity_comes_first_fifteen_at_a_time_and_every_filter_narrows(agency: &Agency) {
        let customer = agency.customer().await;
        let mut ids = Vec::new();
        for n in 0..18 {
            let category = if n % 3 == 0 { "need-call-support" } else { "other" };
            let sent = json!({ "subject": format!("t{n}"), "description": "x", "category": category, "customer_id": (n < 4).then_some(&customer) });
            ids.push(agency.post("/tickets", sent).await.made());
            agency.seconds(1).await;
        }
        agency.post(&format!("/tickets/{}/messages", ids[2]), json!({ "message": "y" })).await.is(201);
        agency.seconds(1).await;
        agency.put(&format!("/tickets/{}", ids[5]), json!({ "status": "in_progress" })).await.is(200);
        let first = agency.get("/tickets").await;
        let first = first.is(200);
        assert_eq!((first["meta"]["per_page"].as_i64(), first["meta"]["total"].as_i64()), (Some(15), Some(18)));
        assert_eq!(subjects(first)[..4], ["t5", "t2", "t17", "t16"]);
        assert!(first["data"][0].get("messages").is_none());
        // Walking finds each once, in the same order as pages do.
        let (mut walked, mut cursor) = (Vec::new(), Some(String::new()));
        while let Some(at) = cursor {
            let part = agency.get(&format!("/tickets?limit=5&cursor={at}")).await;
            walked.extend(subjects(part.is(200)).iter().map(|s| (*s).to_owned()));
            cursor = part["meta"]["next_cursor"].as_str().map(str::to_owned);
        }
        let all = agency.get("/tickets?limit=100").await;
        assert_eq!(walked, subjects(all.is(200)));
        for (query, many) in [
            ("status=in_progress", 1), ("status[]=open&status[]=in_progress", 18), ("status=resolved,closed", 0),
            ("category=need-call-support", 6), ("source=api", 18), ("source=guest", 0), (&*format!("customer_id={customer}"), 4),
        ] {
            assert_eq!(agency.many(&format!("/tickets?{query}")).await, many, "{query}");
        }
        agency.get("/tickets?status=lost").await.invalid("status");
        agency.get("/tickets?cursor=AAAA").await.invalid("cursor");
    }

    async fn events_tell_of_tickets_once_and_a_repeated_request_writes_nothing(agency: &Agency) {
        let told = async |name: &str| agency.number(&format!("SELECT count(*) FROM event WHERE name = '{name}'")).await;
        let sent = json!({ "subject": "a", "description": "b" });
        let first = agency.once("k", "/tickets", sent.clone()).await.made();
        assert_eq!(agency.once("k", "/tickets", sent).await.made(), first);
        let path = format!("/tickets/{first}");
        let message = json!({ "message": "c" });
        let one = agency.once("m", &format!("{path}/messages"), message.clone()).await.made();
        assert_eq!(agency.once("m", &format!("{path}/messages"), message).await.made(), one);
        agency.put(&path, json!({ "status": "open", "subject": "a" })).await.is(200); // changes nothing
        assert_eq!((told("ticket.create").await, told("ticket.update").await), (1, 1));
        agency.post("/tickets", json!({ "description": 7 })).await.refuses(422, &["subject", "description"]);
        let other = agency.debtor(1_00, "tok_visa").await;
        let mixed = json!({ "customer_id": agency.customer().await, "debt_account_id": other.debt, "subject": "a", "description": "b" });
        agency.post("/tickets", mixed).await.invalid("debt_account_id");
    }

    async fn what_an_erased_customer_wrote_is_gone(agency: &Agency) {
        let customer = agency.customer().await;
        let sent = json!({ "customer_id": customer, "subject": "a secret", "description": "nobody knows" });
        let path = format!("/tickets/{}", agency.post("/tickets", sent).await.made());
        agency.delete(&format!("/customers/{customer}")).await.is(200);
        let shown = agency.get(&path).await;
        shown.is(200);
        assert!(!shown.text.contains("secret") && !shown.text.contains("nobody knows") && !shown.text.contains("Ada"), "{}", shown.text);
        assert_eq!(agency.post(&format!("{path}/messages"), json!({ "message": "x" })).await.refused(400), "not_allowed_now");
    }
}
