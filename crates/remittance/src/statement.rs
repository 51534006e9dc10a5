//! What a client is sent with its money: what was collected on which account, what came back, the fee, and what that comes to.
//!
//! No customer is named: an account is told by the client's own numbers.

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::page::{Order, Page};
use base::{Cents, Failure, Result};
use books::debts::{self, Debt, DebtId};
use books::locations::{self, LocationId};
use books::orgs::{self, Tenant};
use paper::{Column, Part, Sheet};
use serde_json::{Value, json};

use crate::remittances::{Line, LineKind, Remittance, State, fits, less, lines};
use crate::terms::Method;

/// How many lines the sheet has; the table has all.
const MOST_ON_SHEET: i64 = 1_000;

/// The columns of the table, in their order: each is a field of [`views`].
pub const COLUMNS: &[&str] = &[
    "id",
    "type",
    "moved_on",
    "debt_account_id",
    "debt_account_external_id",
    "account_number",
    "charge_id",
    "amount",
    "basis_points",
    "fee",
    "net",
];

/// Lines as they are told. Amount, fee and net are below nothing where money came back.
pub async fn views(tx: &Tx, tenant: &Tenant, of: &Remittance, lines: &[Line]) -> Result<Vec<Value>> {
    let accounts = accounts(tx, tenant, lines).await?;
    let view = |line: &Line| -> Result<Value> {
        let account = accounts.get(&line.debt_id);
        let [amount, fee, net] = line.signed(of.method)?;
        Ok(json!({
            "id": line.id.to_string(),
            "type": line.kind.as_str(),
            "payment_line_id": line.payment_id.to_string(),
            "moved_on": line.moved_on.to_string(),
            "debt_account_id": line.debt_id.to_string(),
            "debt_account_external_id": account.and_then(|account| account.external_id.clone()),
            "account_number": account.and_then(|account| account.account_number.clone()),
            "charge_id": line.charge_id.to_string(),
            "amount": amount.get(),
            "fee_rule": line.rule,
            "basis_points": line.basis_points,
            "fee": fee.get(),
            "net": net.get(),
        }))
    };
    lines.iter().map(view).collect()
}

async fn accounts(tx: &Tx, tenant: &Tenant, lines: &[Line]) -> Result<HashMap<DebtId, Debt>> {
    let ids = Ids::of(lines.iter().map(|line| line.debt_id));
    Ok(debts::load(tx, tenant, &ids).await?.into_iter().map(|debt| (debt.id, debt)).collect())
}

/// The statement as a sheet. A draft that was thrown away has no lines any more.
pub async fn sheet(tx: &Tx, tenant: &Tenant, of: &Remittance) -> Result<Sheet> {
    let organization = orgs::settings(tx, tenant).await?;
    let page = Page { order: Order { is_ascending: true, ..Order::NEWEST }, ..Page::first(MOST_ON_SHEET) };
    let listed = lines(tx, tenant, of.id, page).await?;
    let accounts = accounts(tx, tenant, &listed.rows).await?;
    let title = "Remittance statement".to_owned();
    let mut parts = vec![
        Part::Text(organization.name),
        Part::Heading(1, title.clone()),
        Part::Text(client(tx, tenant, of.location_id).await?),
        Part::Facts(about(of)),
        Part::Heading(2, "What it comes to".into()),
        Part::Facts(totals(of)?),
    ];
    if !listed.rows.is_empty() {
        let rows = listed.rows.iter().map(|line| row(line, of.method, accounts.get(&line.debt_id)));
        parts.push(Part::Heading(2, "What was collected".into()));
        parts.push(Part::Table(columns(), rows.collect::<Result<_>>()?));
    }
    if listed.more {
        let say =
            format!("These are the first {MOST_ON_SHEET} of {} lines; the table has all of them.", of.lines);
        parts.push(Part::Text(say));
    }
    Ok(Sheet { title, language: "en", parts })
}

async fn client(tx: &Tx, tenant: &Tenant, id: LocationId) -> Result<String> {
    let location = locations::find(tx, tenant, id).await?;
    Ok(location.ok_or_else(|| Failure::broken("writing a statement", "its client is gone"))?.name)
}

fn about(of: &Remittance) -> Vec<(String, String)> {
    let days = match of.first_day {
        Some(first) => format!("{first} to {}", of.last_day),
        None => format!("to {}", of.last_day),
    };
    let standing = match (of.state, &of.bank_reference) {
        (State::Draft, _) => "Draft, not approved yet".to_owned(),
        (State::Approved, _) => "Approved".to_owned(),
        (State::Paid, Some(reference)) => format!("Paid, {reference}"),
        (State::Paid, None) => "Paid".to_owned(),
        (State::Void, _) => "Void".to_owned(),
    };
    let fact = |what: &str, is: String| (what.to_owned(), is);
    vec![fact("Statement", of.id.to_string()), fact("Days", days), fact("Standing", standing)]
}

fn totals(of: &Remittance) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    let mut fact = |what: &str, is: Cents| all.push((what.to_owned(), is.to_string()));
    fact("Collected", of.gross);
    fact("Came back", less(of.clawed_back)?);
    let (fee, fee_back) = match of.method {
        Method::Net => ("Fee kept", "Fee given back"),
        Method::Gross => ("Fee to be billed", "Fee to be credited"),
    };
    // What is kept is taken off; what is billed is not.
    let kept = |cents: Cents| if of.method == Method::Net { less(cents) } else { Ok(cents) };
    fact(fee, kept(of.fees)?);
    fact(fee_back, kept(less(of.fees_back)?)?);
    if !of.carried_in.is_zero() {
        fact("Carried over from the statement before", of.carried_in);
    }
    match of.net < Cents::ZERO {
        true => fact("Carried over to the next statement", of.net),
        false => fact("Remitted to you", of.net),
    }
    if of.method == Method::Gross {
        fact("Billed to you", fits(of.fees.minus(of.fees_back))?);
    }
    Ok(all)
}

fn columns() -> Vec<Column> {
    let column =
        |heading: &str, weight, is_of_amounts| Column { heading: heading.into(), weight, is_of_amounts };
    vec![
        column("Day", 4, false),
        column("Account", 7, false),
        column("What", 4, false),
        column("Amount", 4, true),
        column("Fee %", 3, true),
        column("Fee", 4, true),
        column("Net", 4, true),
    ]
}

fn row(line: &Line, method: Method, account: Option<&Debt>) -> Result<Vec<String>> {
    let own =
        account.and_then(|account| account.external_id.clone().or_else(|| account.account_number.clone()));
    let what = match line.kind {
        LineKind::Payment => "Payment",
        LineKind::Refund => "Refund",
        LineKind::Return => "Return",
    };
    let [amount, fee, net] = line.signed(method)?.map(|cents| cents.to_string());
    // Hundredths of a percent are written as cents are.
    let part = Cents::new(line.basis_points).to_string();
    let account = own.unwrap_or_else(|| line.debt_id.to_string());
    Ok(vec![line.moved_on.to_string(), account, what.to_owned(), amount, part, fee, net])
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use base::{Day, TenantId, Ts};
    use uuid::Uuid;

    use super::*;
    use crate::remittances::RemittanceId;
    use crate::terms::TermsId;

    #[test]
    fn what_is_taken_off_is_below_nothing_and_what_is_billed_is_not() {
        let (nobody, at) = (Uuid::nil(), Ts::from_micros(0));
        let cents = Cents::new;
        let of = |method, net| Remittance {
            tenant_id: TenantId(nobody),
            id: RemittanceId(nobody),
            terms_id: TermsId(nobody),
            location_id: LocationId(nobody),
            state: State::Approved,
            method,
            first_day: None,
            last_day: Day::parse("2026-11-30").unwrap(),
            lines: 2,
            gross: cents(100_00),
            clawed_back: cents(20_00),
            fees: cents(25_00),
            fees_back: cents(5_00),
            carried_in: cents(-1_00),
            carried_fees: Cents::ZERO,
            net: cents(net),
            carried_to: None,
            prepared_by: "a".into(),
            approved_by: None,
            approved_at: None,
            paid_by: None,
            paid_at: None,
            bank_reference: None,
            voided_by: None,
            voided_at: None,
            created_at: at,
            updated_at: at,
        };
        let told = |of: &Remittance| -> Vec<String> {
            totals(of).unwrap().into_iter().map(|(what, is)| format!("{what} {is}")).collect()
        };
        assert_eq!(
            told(&of(Method::Net, 59_00)),
            [
                "Collected 100.00",
                "Came back -20.00",
                "Fee kept -25.00",
                "Fee given back 5.00",
                "Carried over from the statement before -1.00",
                "Remitted to you 59.00",
            ]
        );
        assert_eq!(
            told(&of(Method::Gross, 79_00)),
            [
                "Collected 100.00",
                "Came back -20.00",
                "Fee to be billed 25.00",
                "Fee to be credited -5.00",
                "Carried over from the statement before -1.00",
                "Remitted to you 79.00",
                "Billed to you 20.00",
            ]
        );
    }
}
