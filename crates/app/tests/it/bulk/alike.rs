//! What comes in one piece ends as it would have ended one by one: the same accounts, the same refusals, the same words.

use http::Method;
use serde_json::{Map, Value, json};

use crate::support::Agency;

/// Chance that its seed decides.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.roll(n) == 0
    }
}

/// A row about one of a few accounts; `there` are those that exist by now.
fn row(dice: &mut Dice, there: &[String]) -> Value {
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| drop(row.insert(name.to_owned(), value));
    let own = format!("E-{}", dice.roll(9));
    put("external_id", json!(own));
    let is_new = !there.contains(&own);
    if is_new || dice.one_in(4) {
        put("customer_id", json!(format!("C-{}", dice.roll(8).min(2)))); // C-2 is nobody
    }
    if is_new && !dice.one_in(9) || dice.one_in(3) {
        put("balance", json!(dice.roll(9) * 25));
    }
    if dice.one_in(3) {
        put("current_balance", json!(dice.roll(9) * 10));
    }
    if dice.one_in(3) {
        let parents = there.len();
        let parent = match dice.roll(parents + 2) {
            0 => Value::Null,
            1 => json!("nobody"),
            n => json!(there[n - 2]),
        };
        put("parent_external_id", parent);
    }
    if dice.one_in(4) {
        put("status", json!(["active", "closed", "locked", "paid_off", "asleep"][dice.roll(5)]));
    }
    if dice.one_in(4) {
        let value = ["", "x", "y"][dice.roll(3)];
        put("metadata", json!({ format!("k{}", dice.roll(3)): value }));
    }
    if dice.one_in(5) {
        let least = [50, 100, 700][dice.roll(3)];
        put("rules", json!({ "min_payment_amount": least }));
    }
    if dice.one_in(5) {
        put("external_status", json!(["", "a", "b"][dice.roll(3)]));
    }
    row.into()
}

/// Every account, without what differs between two tenants.
async fn accounts(agency: &Agency, token: &str) -> Vec<Value> {
    let all = agency.ask(Method::GET, "/debt-accounts?limit=100").token(token).send().await;
    let mut told: Vec<Value> = all.is(200)["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|debt| {
            let of = |name: &str| debt[name].clone();
            json!([
                of("external_id"),
                of("parent_external_id"),
                debt["customer"]["external_id"],
                of("state"),
                of("balance"),
                of("current_balance"),
                of("metadata"),
                of("rules"),
                of("external_status")
            ])
        })
        .collect();
    told.sort_by_key(Value::to_string);
    told
}

on_both_engines! {
    async fn many_at_once_end_as_they_would_have_ended_one_by_one(agency: &Agency) {
        let (ours, theirs) = (&agency.template.ours.sandbox, &agency.template.theirs.sandbox);
        for token in [ours, theirs] {
            for n in 0..2 {
                let person = json!({ "name": "Somebody", "external_id": format!("C-{n}") });
                agency.ask(Method::POST, "/customers").token(token).json(&person).send().await.made();
            }
        }
        let (mut refused, mut nested) = (0, 0);
        for seed in 0..25 {
            let mut dice = Dice(seed);
            let (mut rows, mut one_by_one) = (Vec::new(), Vec::new());
            for _ in 0..12 {
                let there = accounts(agency, ours).await;
                let there: Vec<String> = there.iter().map(|debt| debt[0].as_str().unwrap().to_owned()).collect();
                let row = row(&mut dice, &there);
                let own = row["external_id"].as_str().unwrap();
                let path = format!("/debt-accounts/{own}");
                let ask = match there.iter().any(|known| known == own) {
                    true => agency.ask(Method::PUT, &path),
                    false => agency.ask(Method::POST, "/debt-accounts"),
                };
                let answer = ask.token(ours).json(&row).send().await;
                one_by_one.push(if answer.status < 300 { Value::Null } else { answer["errors"].clone() });
                rows.push(row);
            }
            let sent = agency.ask(Method::POST, "/bulk/debt-accounts").token(theirs).json(&json!({ "debt_accounts": rows }));
            let id = sent.send().await.made();
            agency.steps().await;
            let errors = agency.ask(Method::GET, &format!("/bulk/{id}/errors?limit=100")).token(theirs).send().await;
            let mut at_once = vec![Value::Null; rows.len()];
            for error in errors.is(200)["data"].as_array().unwrap() {
                at_once[usize::try_from(error["position"].as_u64().unwrap()).unwrap() - 1] = error["errors"].clone();
            }
            assert_eq!(at_once, one_by_one, "seed {seed}: {rows:#?}");
            let (a, b) = (accounts(agency, ours).await, accounts(agency, theirs).await);
            assert_eq!(a, b, "seed {seed}: {rows:#?}");
            refused += one_by_one.iter().filter(|told| !told.is_null()).count();
            nested += a.iter().filter(|debt| !debt[1].is_null()).count();
        }
        assert!(refused > 30 && nested > 15, "{refused} {nested}");
        // The entries are the same, one by one too; an account that changes twice at once tells of it once.
        let tenants = agency.number("SELECT count(*) FROM (SELECT tenant_id, sum(amount) AS moved FROM entry GROUP BY tenant_id) AS each_one").await;
        assert_eq!(tenants, 2);
        assert_eq!(agency.number("SELECT count(*) FROM (SELECT what, debit, credit, amount, count(*) AS times FROM entry GROUP BY what, debit, credit, amount) AS told WHERE times % 2 = 1").await, 0);
    }
}
