//! Money that reaches the client: its terms, what is remitted to it, and the trust account.

mod carried;
mod deposits;
mod month;
mod proof;
mod races;
mod statement;
mod terms;

use http::Method;
use serde_json::{Value, json};

use crate::support::agency::{Agency, Debtor};
use crate::support::client::Answer;

/// A second person, with a token of their own.
struct Second(String);

impl Second {
    async fn post(&self, agency: &Agency, path: &str, body: Value) -> Answer {
        agency.ask(Method::POST, path).token(&self.0).json(&body).send().await
    }

    async fn approves(&self, agency: &Agency, remittance: &str) -> Answer {
        self.post(agency, &format!("/remittances/{remittance}/approve"), json!({})).await
    }
}

impl Agency {
    async fn second(&self) -> Second {
        Second(self.token("remittances:approve remittances:read").await.1)
    }

    /// A creditor of this kind that is no client yet; its id.
    async fn creditor(&self, name: &str, kind: &str) -> String {
        self.post("/locations", json!({ "name": name, "type": kind })).await.made()
    }

    /// A creditor that is a client on these terms, a quarter of everything where they say nothing of a fee; its id.
    async fn client(&self, name: &str, mut terms: Value) -> String {
        let location = self.creditor(name, "original_creditor").await;
        terms["location_id"] = json!(location);
        if terms["fee_rules"].is_null() {
            terms["fee_rules"] = json!([{ "basis_points": 2500 }]);
        }
        self.post("/client-terms", terms).await.made();
        location
    }

    /// Somebody who owes this creditor.
    async fn owes(&self, location: &str, cents: i64, token: &str) -> Debtor {
        let customer = self.customer().await;
        let debt = json!({ "customer_id": customer, "balance": cents, "location_id": location });
        let debt = self.post("/debt-accounts", debt).await.made();
        let method = self.method_of(&customer, token).await;
        Debtor { customer, debt, method }
    }

    /// A payment, an hour later; its charge.
    async fn paid(&self, debtor: &Debtor, cents: i64) -> String {
        let charge = self.post("/charges", debtor.pays(cents)).await.made();
        self.seconds(3_600).await;
        self.steps().await;
        assert_eq!(self.state(&charge).await, "succeeded");
        charge
    }

    async fn comes_back(&self, charge: &str) {
        self.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        assert_eq!(self.state(charge).await, "returned");
    }

    async fn refunds(&self, charge: &str, cents: i64) {
        self.post(&format!("/charges/{charge}/refund"), json!({ "amount": cents })).await.is(200);
    }

    /// A draft of what a client has coming.
    async fn prepared(&self, location: &str) -> Value {
        self.post("/remittances", json!({ "location_id": location })).await.is(201)["data"].clone()
    }

    /// The same, approved by a second person.
    async fn approved(&self, location: &str) -> Value {
        let draft = self.prepared(location).await;
        self.second().await.approves(self, id(&draft)).await.is(200)["data"].clone()
    }

    async fn pays(&self, remittance: &Value) -> Answer {
        let path = format!("/remittances/{}/pay", id(remittance));
        self.post(&path, json!({ "bank_reference": "WIRE-1" })).await
    }

    async fn voids(&self, remittance: &Value) -> Answer {
        self.post(&format!("/remittances/{}/void", id(remittance)), json!({})).await
    }

    async fn deposits(&self, account: &str, cents: i64, reference: &str) -> Answer {
        let body = json!({ "account": account, "amount": cents, "reference": reference });
        self.post("/trust-deposits", body).await
    }

    /// The lines of a remittance: `payment 10000 fee 2500 net 7500`.
    async fn told(&self, remittance: &Value) -> Vec<String> {
        let lines = self.get(&format!("/remittances/{}/lines?limit=100", id(remittance))).await;
        let told = |line: &Value| {
            let kind = line["type"].as_str().unwrap();
            format!("{kind} {} fee {} net {}", line["amount"], line["fee"], line["net"])
        };
        lines.is(200)["data"].as_array().unwrap().iter().map(told).collect()
    }

    /// What stands on accounts of the ledger, by their names.
    async fn stands_on<const N: usize>(&self, accounts: [&str; N]) -> [i64; N] {
        let told = self.get("/balance").await.is(200)["data"]["accounts"].clone();
        let of = |name: &str| {
            told.as_array().unwrap().iter().find(|a| a["account"] == name).unwrap()["balance"].clone()
        };
        accounts.map(|name| of(name).as_i64().unwrap())
    }
}

fn id(of: &Value) -> &str {
    of["id"].as_str().expect("it has an id")
}

/// Some of a remittance's figures.
#[track_caller]
fn says(remittance: &Value, figures: &[(&str, i64)]) {
    for (name, cents) in figures {
        assert_eq!(remittance[name], *cents, "{name} of {remittance:#}");
    }
}
