//! Payment plans and settlement offers.

mod account;
mod agreeing;
mod authorizing;
mod interest;
mod offers;
mod replacing;
mod requests;
mod running;
mod steps;

use serde_json::{Value, json};

use crate::support::agency::{Agency, Debtor};

impl Debtor {
    /// The terms of a plan: `cents` each time.
    fn plans(&self, cents: i64, frequency: &str) -> Value {
        json!({ "debt_account_id": self.debt, "amount": cents, "frequency": frequency })
    }

    /// The same, to be charged.
    fn enrols(&self, cents: i64, frequency: &str) -> Value {
        let mut plan = self.plans(cents, frequency);
        plan["payment_method_id"] = json!(self.method);
        plan
    }
}

impl Agency {
    /// A plan as the guides show it.
    async fn plan(&self, id: &str) -> Value {
        self.get(&format!("/payment-plans/{id}")).await.is(200)["data"].clone()
    }

    /// Somebody who owes so much and pays it by a plan; and the plan.
    async fn enrolled(&self, owed: i64, cents: i64, frequency: &str) -> (Debtor, String) {
        let debtor = self.debtor(owed, "tok_visa").await;
        let plan = self.post("/payment-plans", debtor.enrols(cents, frequency)).await.made();
        (debtor, plan)
    }

    /// The names of what happened to objects of this kind, in order.
    async fn told_of(&self, object: &str) -> Vec<String> {
        let sql = "SELECT name FROM event WHERE object = $1 ORDER BY id";
        let all: Vec<Name> = self.db.read().await.unwrap().all(sql, &[&object]).await.unwrap();
        all.into_iter().map(|row| row.name).collect()
    }

    /// How many instalments are in the queue.
    async fn waiting(&self) -> i64 {
        self.number("SELECT count(*) FROM instalment WHERE due_at IS NOT NULL").await
    }
}

base::record! {
    struct Name { name: String }
}

/// The instalments that a plan shows: `day amount state`.
fn told(plan: &Value) -> Vec<String> {
    let one = |c: &Value| {
        format!("{} {} {}", c["due_date"].as_str().unwrap(), c["amount"], c["state"].as_str().unwrap_or("-"))
    };
    plan["charges"].as_array().expect("charges").iter().map(one).collect()
}
