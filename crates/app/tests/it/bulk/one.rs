//! One record by itself, whole or not at all: what is asked for while somebody waits.

use base::Result;
use base::db::{Command, Tx};
use books::orgs::{Environment, Tenant};
use exchange::bulk::{Format, Readers as _, Words};
use exchange::upsert::{self, How, Made, Piece, Record};
use serde_json::{Value, json};

use crate::support::Agency;

struct One<'a> {
    tenant: &'a Tenant,
    record: Record,
}

impl Command for One<'_> {
    type Out = Made;

    fn name(&self) -> &'static str {
        "test.one"
    }

    async fn exec(&self, tx: &Tx) -> Result<Made> {
        let rules = api::bulk::FieldRules::new();
        let rules = rules.of(Words::Guide, Format::Json);
        upsert::one(tx, self.tenant, rules, &self.record, How { keep_later_payments: false }).await
    }
}

/// An answer of a creditor's system, as the guides have it.
fn answer(children: Value) -> Record {
    let piece = |name: &str, raw: Value| Piece::new(format!("data.{name}"), raw);
    let children = children.as_array().unwrap().iter().enumerate();
    Record {
        location: Some(piece("location", json!({ "external_id": "location-123", "name": "Test Location" }))),
        customer: Some(piece("customer", json!({ "external_id": "customer-123", "name": "Test Customer" }))),
        parents: vec![piece(
            "debt_account",
            json!({ "external_id": "debt-account-123", "balance": 2000, "current_balance": 2000 }),
        )],
        accounts: children.map(|(n, raw)| piece(&format!("child_debt_accounts.{n}"), raw.clone())).collect(),
        nested: true,
    }
}

on_both_engines! {
    async fn an_account_with_everything_that_is_its_own_comes_at_once(agency: &Agency) {
        let tenant = agency.tenant(Environment::Sandbox).await;
        let run = async |children: Value| agency.db.run(&One { tenant: &tenant, record: answer(children) }).await;
        let made = run(json!([{ "external_id": "debt-account-124", "balance": 1000, "current_balance": 900 }])).await.unwrap();
        assert_eq!(made.accounts.len(), 2);
        let parent = agency.debt("debt-account-123").await;
        assert_eq!((&parent["balance"], &parent["current_balance"]), (&json!(1000), &json!(900)));
        assert_eq!((&parent["customer"]["name"], &parent["location"]["name"]), (&json!("Test Customer"), &json!("Test Location")));
        let child = agency.debt("debt-account-124").await;
        assert_eq!((&child["parent_external_id"], &child["customer"]["external_id"]), (&json!("debt-account-123"), &json!("customer-123")));
        // Again, with what is otherwise by now.
        let again = run(json!([{ "external_id": "debt-account-124", "current_balance": 700 }])).await.unwrap();
        assert_eq!(again.accounts, made.accounts);
        assert_eq!(agency.owed("debt-account-123").await, 700);
    }

    async fn nothing_of_it_is_applied_where_anything_is_wrong(agency: &Agency) {
        let tenant = agency.tenant(Environment::Sandbox).await;
        let record = answer(json!([{ "external_id": "a", "balance": 1000 }, { "external_id": "b", "balance": "much", "status": "odd" }]));
        let base::Failure::Refused(refusal) = agency.db.run(&One { tenant: &tenant, record }).await.unwrap_err() else { panic!() };
        let fields: Vec<&str> = refusal.fields.iter().map(|(field, _)| &**field).collect();
        assert_eq!(fields, ["data.child_debt_accounts.1.balance", "data.child_debt_accounts.1.status"]);
        // The tokens that are there were told of.
        let all = "SELECT (SELECT count(*) FROM debt) + (SELECT count(*) FROM customer) + (SELECT count(*) FROM location) \
                   + (SELECT count(*) FROM event WHERE object <> 'token')";
        assert_eq!(agency.number(all).await, 0);
    }
}
