//! What is said to people: queued with what brings it about, sent once it is committed, and noted as it went.

mod delivery;
mod hours;
mod sending;
mod texts;
mod wishes;

use serde_json::{Value, json};

use crate::support::agency::{Agency, Debtor};

/// A payment that is to be receipted there; its charge.
async fn receipted(agency: &Agency, debtor: &Debtor, email: &str) -> String {
    let mut pays = debtor.pays(10_00);
    pays["send_email"] = json!(true);
    pays["email"] = json!(email);
    agency.post("/charges", pays).await.made()
}

/// A request to agree on a plan, by text message.
async fn asked(agency: &Agency, debtor: &Debtor) -> String {
    let asks = json!({ "debt_account_id": debtor.debt, "type": "sms", "phone": "212-555-0101" });
    agency.post("/payment-plans/request", asks).await.made()
}

/// Every message, newest first.
async fn all(agency: &Agency) -> Vec<Value> {
    agency.get("/messages?limit=100").await.data().as_array().expect("a list").clone()
}

/// The one message there is.
async fn only(agency: &Agency) -> Value {
    let all = all(agency).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().expect("one")
}

/// How the messages stand, oldest first: `sent`, `failed refused`.
async fn told(agency: &Agency) -> Vec<String> {
    let word = |message: &Value, name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let tell = |m: &Value| format!("{} {}", word(m, "state"), word(m, "last_error")).trim().to_owned();
    let mut told: Vec<String> = all(agency).await.iter().map(tell).collect();
    told.reverse();
    told
}
