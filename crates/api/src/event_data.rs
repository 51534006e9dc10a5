//! The object that an event carries, in the words of the name under which it is told: with a hyphen the guides', else
//! the OpenAPI file's.

use books::debts::plans::PlanStatus;
use books::debts::{Frequency, Status};
use payments::charges::machine::State;
use payments::charges::postings::Rail;
use serde_json::{Map, Value};

use crate::spelling::Words;

/// What an event of `object` carries when it is told under `name`, made of what was kept of it.
pub fn told(name: &str, object: &str, body: Value) -> Value {
    let words = if name.contains('-') { Words::Guide } else { Words::OpenApi };
    let Value::Object(mut all) = body else { return body };
    match object {
        "debt_account" => debt(&mut all, words),
        "payment_plan" => plan(&mut all, words),
        "charge" => charge(&mut all, words),
        "payment_method" => rail(&mut all, words),
        _ => {}
    }
    all.into()
}

fn word<'a>(all: &'a Map<String, Value>, name: &str) -> &'a str {
    all.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Takes away what is never null and has no value.
fn leave_out(all: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        if all.get(*name).is_some_and(Value::is_null) {
            all.shift_remove(*name);
        }
    }
}

fn debt(all: &mut Map<String, Value>, words: Words) {
    if let Some(status) = Status::parse(word(all, "state")) {
        all.insert("status".into(), words.debt_status(status).into());
    }
    if let Some(balance) = all.get("balance").cloned() {
        all.insert("original_balance".into(), balance);
    }
    if let Some(number) = all.get("external_account_number").filter(|number| !number.is_null()).cloned() {
        all.insert("account_number".into(), number);
    }
}

fn plan(all: &mut Map<String, Value>, words: Words) {
    if let Some(status) = PlanStatus::parse(word(all, "state")) {
        all.insert("status".into(), words.plan_status(status).into());
    }
    if let Some(frequency) = Frequency::parse(word(all, "frequency_exact")) {
        all.insert("frequency".into(), words.frequency(frequency).into());
    }
    if let Some(amount) = all.get("amount").filter(|amount| !amount.is_null()).cloned() {
        all.insert("installment_amount".into(), amount);
    }
    leave_out(all, &["start_date", "total_amount", "payment_source"]);
}

fn charge(all: &mut Map<String, Value>, words: Words) {
    let state = State::ALL.iter().find(|state| state.as_str() == word(all, "state"));
    if let Some(state) = state {
        all.insert("status".into(), words.charge_status(*state).into());
    }
    rail(all, words);
    let mut decline = Map::new();
    for name in ["code", "network_code", "advice_code", "message", "class", "retry", "retry_at"] {
        decline.insert(name.into(), all.shift_remove(name).unwrap_or_default());
    }
    let declined = decline.get("code").is_some_and(|code| !code.is_null());
    all.insert("decline".into(), if declined { decline.into() } else { Value::Null });
    let is_later = all.get("scheduled_at").is_some_and(|at| !at.is_null());
    all.insert("scheduled".into(), is_later.into());
    leave_out(all, &["debt_account_id", "payment_method_id"]);
}

fn rail(all: &mut Map<String, Value>, words: Words) {
    if let Some(rail) = Rail::parse(word(all, "type")) {
        all.insert("type".into(), words.method_type(rail).into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_decides_the_words() {
        let debt = json!({ "state": "paid_off", "balance": 5, "external_account_number": null });
        assert_eq!(told("debt-account.update", "debt_account", debt.clone())["status"], "paid_off");
        let plan = json!({ "state": "broken", "frequency_exact": "every_other_week", "amount": 7 });
        let guide = told("payment-plan.update", "payment_plan", plan.clone());
        let openapi = told("payment_plan.updated", "payment_plan", plan);
        assert_eq!((&guide["status"], &guide["frequency"]), (&json!("broken"), &json!("every_other_week")));
        assert_eq!((&openapi["status"], &openapi["frequency"]), (&json!("cancelled"), &json!("biweekly")));
        let charge = json!({ "state": "declined", "type": "ach", "code": "insufficient_funds" });
        let charge = told("charge.failed", "charge", charge);
        assert_eq!((&charge["status"], &charge["type"]), (&json!("failed"), &json!("bank_account")));
        assert_eq!(charge["decline"]["code"], "insufficient_funds");
    }
}
