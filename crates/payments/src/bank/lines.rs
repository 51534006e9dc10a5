//! Lines as they are shown: what is sealed of them opened, and what was decided about them.

use base::db::Tx;
use base::page::{Listed, Page, Which};
use base::vault::Sealed;
use base::{Failure, Result};
use books::orgs::Tenant;
use serde_json::{Map, Value, json};

use super::model::{Change, Line};
use super::received::REFERENCES;
use super::words::{BankAccountId, BankLineId, BankStatementId, Direction, ExpectationId, LineStatus};

/// Which lines a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineFilter {
    /// Those of this account.
    pub account: Option<BankAccountId>,
    /// Those of this statement.
    pub statement: Option<BankStatementId>,
    /// Those that stand so.
    pub status: Option<LineStatus>,
    /// Those that go this way.
    pub direction: Option<Direction>,
    /// Those that wait for a person, or all others.
    pub is_queued: Option<bool>,
}

/// A page of lines.
pub async fn list_lines(tx: &Tx, tenant: &Tenant, filter: LineFilter, page: Page) -> Result<Listed<Line>> {
    // The queue is short and what was matched is long: said in the words of its index, which a value cannot be.
    let (always, status) = match filter.status {
        Some(LineStatus::Unmatched) => ("status = 'unmatched'", None),
        other => ("id IS NOT NULL", other),
    };
    Which::of(tenant.id, always)
        .filter_if("bank_account_id = ?", filter.account)
        .filter_if("bank_statement_id = ?", filter.statement)
        .filter_if("status = ?", status)
        .filter_if("direction = ?", filter.direction)
        .filter_if("(queued_at IS NOT NULL) = ?", filter.is_queued)
        .page(tx, page)
        .await
}

/// Lines as they are shown, in their order, without the payments that they stand for.
pub fn line_views(tenant: &Tenant, lines: &[Line]) -> Result<Vec<Value>> {
    lines.iter().map(|line| view(tenant, line)).collect()
}

fn view(tenant: &Tenant, line: &Line) -> Result<Value> {
    let mut body = body(tenant, line)?;
    let mut shown = line.event_body();
    for name in ["debtor", "creditor", "text"] {
        shown[name] = body[name].take();
    }
    // Each by its name, so that a table has the same columns for all lines.
    let references: Map<String, Value> =
        REFERENCES.iter().map(|name| ((*name).to_owned(), body["references"][*name].take())).collect();
    shown["references"] = references.into();
    Ok(shown)
}

/// The payments that a line stands for, as far as they are kept.
pub fn parts_of(tenant: &Tenant, line: &Line) -> Result<Value> {
    Ok(body(tenant, line)?["parts"].take())
}

/// What is sealed of a line.
fn body(tenant: &Tenant, line: &Line) -> Result<Value> {
    let bytes = tenant.key.open("bank_line", "body", line.id, &line.body)?;
    serde_json::from_slice(&bytes).map_err(|e| Failure::broken("reading a bank line", e))
}

/// What a bank calls a line: each of its references, in the form in which they are compared.
pub(super) fn keys(tenant: &Tenant, line: &Line) -> Result<Vec<String>> {
    let body = body(tenant, line)?;
    let all = body["references"].as_object().into_iter().flatten().filter_map(|(_, one)| one.as_str());
    Ok(all.map(as_key).collect())
}

/// A reference or a key in the form in which they are compared: banks write in capitals what was given in small letters.
pub(super) fn as_key(text: &str) -> String {
    text.trim().to_uppercase()
}

/// What was decided about a line, oldest first.
pub async fn history_of_line(tx: &Tx, tenant: &Tenant, id: BankLineId) -> Result<Vec<Value>> {
    let tail = "WHERE tenant_id = $1 AND bank_line_id = $2 ORDER BY created_at, id";
    shown(tenant, tx.select(tail, &[&tenant.id, &id]).await?)
}

/// What was decided about an expectation, oldest first.
pub async fn history_of_expectation(tx: &Tx, tenant: &Tenant, id: ExpectationId) -> Result<Vec<Value>> {
    let tail = "WHERE tenant_id = $1 AND bank_expectation_id = $2 ORDER BY created_at, id";
    shown(tenant, tx.select(tail, &[&tenant.id, &id]).await?)
}

fn shown(tenant: &Tenant, changes: Vec<Change>) -> Result<Vec<Value>> {
    let open = |change: &Change, note: &Sealed| -> Result<String> {
        let bytes = tenant.key.open("bank_change", "note", change.id, note)?;
        String::from_utf8(bytes).map_err(|e| Failure::broken("reading a reason", e.utf8_error()))
    };
    let one = |change: &Change| -> Result<Value> {
        Ok(json!({
            "act": change.act.as_str(),
            "by": change.by_whom,
            "reason": change.note.as_ref().map(|note| open(change, note)).transpose()?,
            "match_id": change.match_id.map(|id| id.to_string()),
            "at": change.created_at.to_string(),
        }))
    };
    changes.iter().map(one).collect()
}
