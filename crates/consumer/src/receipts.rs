//! Receipts: what a customer gets for a payment, and what they are told of one that failed or came back.
//!
//! There is one only for money that moved, or of which it is known that it did not: not for what is scheduled, on its
//! way, unknown or called off. What an account stood at afterwards is read from the ledger.

use base::db::{Ids, Tx};
use base::{Cents, Code, Failure, Result, Ts};
use books::debts::{self, DebtId};
use books::orgs::{self, Tenant};
use books::{locations, people};
use payments::charges::machine::State;
use payments::charges::{Charge, PartRow, authorization};
use payments::methods;
use serde_json::{Value, json};

base::record! {
    struct At { at: Option<Ts> }
}

/// What became of the money, in a word.
fn outcome(charge: &Charge) -> Option<&'static str> {
    match charge.state {
        State::Succeeded if charge.refunded_amount.is_positive() => Some("partly_refunded"),
        State::Succeeded => Some("paid"),
        State::Refunded => Some("refunded"),
        State::Returned => Some("returned"),
        State::Declined => Some("declined"),
        _ => None,
    }
}

/// The last four characters of an account number.
fn truncated(number: &Option<String>) -> Option<String> {
    number.as_ref().map(|number| {
        let last: Vec<char> = number.chars().rev().take(4).collect();
        format!("…{}", last.into_iter().rev().collect::<String>())
    })
}

/// What these accounts stood at together at an instant, by the ledger.
async fn stood_at(tx: &Tx, tenant: &Tenant, accounts: &Ids, at: Ts) -> Result<i64> {
    let sql = "SELECT CAST(coalesce(sum(CASE WHEN debit = 'receivable' THEN amount ELSE 0 END \
               - CASE WHEN credit = 'receivable' THEN amount ELSE 0 END), 0) AS bigint) \
               FROM entry WHERE tenant_id = $1 AND debt_id IN ids($2) AND created_at <= $3";
    tx.number(sql, &[&tenant.id, accounts, &at]).await
}

/// The receipt of a charge. 400 where there is nothing to receipt yet.
pub async fn of(tx: &Tx, tenant: &Tenant, charge: &Charge) -> Result<Value> {
    let nothing = || {
        Failure::refused(
            Code::NotAllowedNow,
            "There is a receipt only for a payment that was made, declined, refunded or returned.",
        )
    };
    let outcome = outcome(charge).ok_or_else(nothing)?;
    let settings = orgs::settings(tx, tenant).await?;
    let booked = "SELECT max(created_at) FROM entry WHERE tenant_id = $1 \
                  AND debt_id IN each(SELECT debt_id FROM charge_part WHERE tenant_id = $1 AND charge_id = $2) \
                  AND txn_id IN each(SELECT id FROM txn WHERE tenant_id = $1 AND charge_id = $2 AND kind = 'payment')";
    let booked: At = tx.one(booked, &[&tenant.id, &charge.id]).await?;
    let at = booked.at.or(charge.completed_at).unwrap_or(charge.updated_at);
    let tail = "WHERE tenant_id = $1 AND charge_id = $2 ORDER BY debt_id";
    let parts: Vec<PartRow> = tx.select(tail, &[&tenant.id, &charge.id]).await?;
    let named = charge.debt_id.into_iter().chain(parts.iter().map(|part| part.debt_id));
    let accounts = debts::load(tx, tenant, &Ids::of(named)).await?;
    let creditors = locations::load(tx, tenant, accounts.iter().filter_map(|a| a.location_id)).await?;
    let account = |id: DebtId| accounts.iter().find(|account| account.id == id);
    let creditor = |id: DebtId| {
        let location = account(id).and_then(|account| account.location_id);
        location.and_then(|id| creditors.get(&id)).map(|location| locations::view(location)["name"].clone())
    };
    let mut split = Vec::new();
    for part in &parts {
        split.push(json!({
            "debt_account_id": part.debt_id.to_string(),
            "account_number": account(part.debt_id).and_then(|a| truncated(&a.account_number)),
            "creditor": creditor(part.debt_id),
            "amount": part.amount.get(),
            "refunded_amount": part.refunded.get(),
            "balance_after": stood_at(tx, tenant, &Ids::of([part.debt_id]), at).await?,
        }));
    }
    let balance_after = match charge.debt_id {
        Some(debt) if charge.linked => {
            let children = debts::children(tx, tenant, &Ids::of([debt])).await?;
            let all = Ids::of(std::iter::once(debt).chain(children.iter().map(|child| child.id)));
            Some(stood_at(tx, tenant, &all, at).await?)
        }
        _ => None,
    };
    let method =
        methods::load(tx, tenant, [charge.payment_method_id]).await?.remove(&charge.payment_method_id);
    let authorized = authorization::of(tx, tenant, &Ids::of([charge.id])).await?.remove(&charge.id);
    let payer = match charge.customer_id {
        Some(customer) => people::find(tx, tenant, customer).await?.map(|person| person.name),
        None => None,
    };
    Ok(json!({
        "reference": charge.id.to_string(),
        "processor_reference": charge.processor_id,
        "outcome": outcome,
        "amount": charge.amount.get(),
        "refunded_amount": charge.refunded_amount.get(),
        "currency": "USD",
        "paid_at": charge.completed_at.map(|at| at.to_string()),
        "paid_by": payer,
        "paid_to": {
            "name": settings.name,
            "phone": settings.support_phone,
            "email": settings.support_email,
            "website": settings.website_url,
        },
        "method": {
            "type": charge.rail.as_str(),
            "brand": method.as_ref().and_then(|method| method.brand.clone()),
            "last_four": method.as_ref().map(|method| method.last_four.clone()),
        },
        "debt_account_id": charge.debt_id.map(|id| id.to_string()),
        "account_number": charge.debt_id.and_then(account).and_then(|a| truncated(&a.account_number)),
        "creditor": charge.debt_id.and_then(creditor),
        "allocations": split,
        "balance_after": balance_after,
        "reason": charge.message.clone().filter(|_| matches!(charge.state, State::Declined | State::Returned)),
        "description": charge.description,
        "authorization": authorized.map(|given| json!({
            "text": given.text,
            "text_version": given.row.text_version,
            "given_at": given.row.given_at.to_string(),
            "sha256": given.row.sha256,
        })),
    }))
}

/// Cents as dollars, for people: `$1,234.05`.
pub fn dollars(cents: Cents) -> String {
    let (sign, cents) = (if cents.get() < 0 { "-" } else { "" }, cents.get().unsigned_abs());
    let whole = (cents / 100).to_string();
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{:02}", cents % 100)
}

/// A receipt as lines for people: what, and what it is.
pub fn lines(receipt: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let money = |value: &Value| dollars(Cents::new(value.as_i64().unwrap_or(0)));
    let said = match receipt["outcome"].as_str() {
        Some("paid") => "Paid",
        Some("partly_refunded") => "Paid, and partly given back",
        Some("refunded") => "Given back",
        Some("returned") => "Returned by the bank: the payment does not count",
        _ => "Declined: nothing was paid",
    };
    let mut all: Vec<(String, String)> = Vec::new();
    let mut put = |what: &str, is: String| {
        if !is.is_empty() {
            all.push((what.to_owned(), is));
        }
    };
    put("Result", said.into());
    put("Amount", money(&receipt["amount"]));
    if receipt["refunded_amount"].as_i64().is_some_and(|cents| cents > 0) {
        put("Given back", money(&receipt["refunded_amount"]));
    }
    put("Date", text(&receipt["paid_at"]));
    put("Paid to", text(&receipt["paid_to"]["name"]));
    put("Phone", text(&receipt["paid_to"]["phone"]));
    put("E-mail", text(&receipt["paid_to"]["email"]));
    put("Paid by", text(&receipt["paid_by"]));
    let kind = if receipt["method"]["type"] == "ach" {
        "Bank account".into()
    } else {
        text(&receipt["method"]["brand"])
    };
    let kind = if kind.is_empty() { "Card".to_owned() } else { kind };
    put("Paid with", format!("{kind} ending in {}", text(&receipt["method"]["last_four"])));
    put("Creditor", text(&receipt["creditor"]));
    put("Account", text(&receipt["account_number"]));
    for part in receipt["allocations"].as_array().into_iter().flatten() {
        if receipt["allocations"].as_array().is_some_and(|all| all.len() > 1) {
            let account = match (text(&part["creditor"]), text(&part["account_number"])) {
                (creditor, number) if creditor.is_empty() && number.is_empty() => {
                    text(&part["debt_account_id"])
                }
                (creditor, number) => format!("{creditor} {number}").trim().to_owned(),
            };
            let is = format!("{}, balance after {}", money(&part["amount"]), money(&part["balance_after"]));
            put(&format!("Of this to {account}"), is);
        }
    }
    if !receipt["balance_after"].is_null() {
        put("Balance after", money(&receipt["balance_after"]));
    }
    put("Reason", text(&receipt["reason"]));
    put("Reference", text(&receipt["reference"]));
    put("Authorized", text(&receipt["authorization"]["given_at"]));
    put("By these words", text(&receipt["authorization"]["text"]));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_read_as_people_write_them() {
        let told: Vec<String> = [0, 5, 123_456, 10_000_000_000, -7].map(|c| dollars(Cents::new(c))).into();
        assert_eq!(told, ["$0.00", "$0.05", "$1,234.56", "$100,000,000.00", "-$0.07"]);
    }
}
