//! Files and lists that come in one piece.

mod alike;
mod balances;
mod customers;
mod exports;
mod files;
mod going_on;
mod one;
mod rows;

use http::Method;
use serde_json::{Value, json};

use crate::support::Agency;
use crate::support::client::Answer;

impl Agency {
    /// Sends accounts as JSON, and lets them be applied; the operation as it is then.
    pub(crate) async fn bulk(&self, accounts: Value) -> Value {
        let sent = self.post("/bulk/debt-accounts", json!({ "debt_accounts": accounts })).await;
        self.applied(&sent).await
    }

    /// Sends a table.
    pub(crate) async fn table(&self, path: &str, text: impl Into<Vec<u8>>) -> Answer {
        self.ask(Method::POST, path).raw("text/csv", text).send().await
    }

    /// Lets what was sent be applied; the operation as it is then.
    pub(crate) async fn applied(&self, sent: &Answer) -> Value {
        let id = sent.made();
        self.steps().await;
        self.get(&format!("/bulk/{id}")).await.is(200)["data"].clone()
    }

    /// What was wrong with an operation's records: `3 balance: The balance field is required.`
    pub(crate) async fn wrong(&self, operation: &Value) -> Vec<String> {
        let id = operation["id"].as_str().expect("an id");
        let all = self.get(&format!("/bulk/{id}/errors?limit=500")).await;
        let mut told = Vec::new();
        for row in all.is(200)["data"].as_array().expect("a list") {
            for (field, said) in row["errors"].as_object().expect("errors") {
                for sentence in said.as_array().expect("sentences") {
                    told.push(format!(
                        "{} {field}: {}",
                        row["position"],
                        sentence.as_str().expect("a sentence")
                    ));
                }
            }
        }
        told
    }
}
