//! How a customer wants to be reached, and how that came about.

use serde_json::{Value, json};

use crate::support::agency::Agency;

on_both_engines! {
    async fn what_is_not_sent_stays_and_every_version_is_kept(agency: &Agency) {
        let path = format!("/customers/{}/preferences", agency.customer().await);
        let before = agency.get(&path).await;
        let before = &before.is(200)["data"];
        assert_eq!((&before["language"], &before["channels"]["sms"], &before["version"]), (&json!("en"), &json!(true), &json!(0)));
        let sent = json!({
            "language": "es", "channels": { "sms": false }, "how": "phone call",
            "addresses": [{ "channel": "phone", "address": "(212) 555-0101", "allowed": false }],
            "convenient_times": [{ "days": ["monday", "friday"], "from": "09:00", "until": "17:30" }],
        });
        agency.put(&path, sent).await.is(200);
        agency.put(&path, json!({ "campaign_emails_allowed": false })).await.is(200);
        agency.put(&path, json!({ "campaign_emails_allowed": false })).await.is(200); // changes nothing
        let after = agency.get(&path).await;
        let after = &after.is(200)["data"];
        assert_eq!((&after["language"], &after["version"]), (&json!("es"), &json!(2)));
        assert_eq!(after["channels"], json!({ "email": true, "sms": false, "phone": true, "mail": true }));
        assert_eq!(after["addresses"], json!([{ "channel": "phone", "address": "+12125550101", "allowed": false }]));
        assert_eq!(after["campaign_emails_allowed"], false);
        let all = agency.get(&format!("{path}/history")).await;
        let how: Vec<&Value> = all.is(200)["data"].as_array().unwrap().iter().map(|v| &v["how"]).collect();
        assert_eq!(how, [&json!("api"), &json!("phone call")]);
        agency.put(&path, json!({ "addresses": [] })).await.is(200);
        assert_eq!(agency.get(&path).await["data"]["addresses"], json!([]));
    }

    async fn what_is_wrong_is_said_field_by_field(agency: &Agency) {
        let path = format!("/customers/{}/preferences", agency.customer().await);
        let sent = json!({
            "language": "fr", "channels": { "email": "maybe" },
            "addresses": [{ "channel": "sms", "address": "nobody", "allowed": true }],
            "convenient_times": [{ "days": ["someday"], "from": "17:00", "until": "9:00" }],
        });
        agency.put(&path, sent).await
            .refuses(422, &["language", "channels.email", "addresses.0.address", "convenient_times.0.days.0", "convenient_times.0.until"]);
        assert_eq!(agency.many(&format!("{path}/history")).await, 0);
        let customer = path.replace("/preferences", "");
        agency.put(&path, json!({ "language": "es" })).await.is(200);
        agency.delete(&customer).await.is(200);
        agency.get(&path).await.refused(404);
        assert_eq!(agency.number("SELECT count(*) FROM customer_preference").await, 0);
    }
}
