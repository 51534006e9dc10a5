//! Documents that the organization lets its customers read.

use std::sync::Arc;

use base::page::Page;
use base::{Failure, Result};
use books::debts::DebtId;
use consumer::disputes::DisputeId;
use consumer::documents::{self, Document, DocumentId, Filter, Kind, MediaType};
use consumer::owed;
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;

use crate::Call;
use crate::door::within;
use crate::state::Portal;
use crate::texts::Texts;

/// The most that are shown with an account.
const MOST: i64 = 100;

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![within(Method::GET, "/documents/{document}", read)]
}

/// A document in a list.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) name: String,
    /// What it is, how large, and since when it is there.
    pub(crate) about: String,
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Statement => "document-statement",
        Kind::ValidationNotice => "document-validation-notice",
        Kind::Contract => "document-contract",
        Kind::Judgment => "document-judgment",
        Kind::Other => "document-other",
    }
}

/// A size as people read it.
fn size(bytes: i64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// The documents of an account and of its disputes.
pub(crate) async fn of_account(
    call: &Call,
    visitor: &Visitor,
    account: DebtId,
    t: Texts,
) -> Result<Vec<Line>> {
    lines(call, visitor, Filter { debt: Some(account), ..Filter::default() }, t).await
}

/// The documents of a dispute.
pub(crate) async fn of_dispute(
    call: &Call,
    visitor: &Visitor,
    dispute: DisputeId,
    t: Texts,
) -> Result<Vec<Line>> {
    lines(call, visitor, Filter { dispute: Some(dispute), ..Filter::default() }, t).await
}

async fn lines(call: &Call, visitor: &Visitor, filter: Filter, t: Texts) -> Result<Vec<Line>> {
    let tenant = &visitor.tenant;
    let filter = Filter { customer: Some(visitor.customer.id), visible: Some(true), ..filter };
    let tx = call.state.db.read().await?;
    let listed = documents::list(&tx, tenant, &filter, Page::first(MOST)).await?;
    let told = documents::views(&tx, tenant, &listed.rows).await?;
    let line = |document: &Document, name: Option<&str>| Line {
        id: document.id.to_string(),
        name: name.unwrap_or_default().to_owned(),
        about: format!(
            "{} · {} · {}",
            t.say(kind(document.kind)),
            size(document.bytes),
            t.day(tenant.today(document.created_at))
        ),
    };
    Ok(listed.rows.iter().zip(&told).map(|(document, told)| line(document, told["name"].as_str())).collect())
}

async fn read(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let tenant = &visitor.tenant;
    let id = call.id("document")?.ours().map(DocumentId).ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    let is_theirs = |d: &Document| d.visible_to_customer && d.customer_id == Some(visitor.customer.id);
    let document =
        documents::find(&tx, tenant, id).await?.filter(is_theirs).ok_or_else(Failure::not_found)?;
    if let Some(account) = document.debt_id {
        let seen = owed::accounts(&tx, tenant, visitor.customer.id, tx.now()).await?;
        owed::find(&seen, account).ok_or_else(Failure::not_found)?;
    }
    let bytes = documents::content(&tx, tenant, &document).await?.ok_or_else(Failure::not_found)?;
    let told =
        documents::views(&tx, tenant, std::slice::from_ref(&document)).await?.pop().unwrap_or_default();
    // It is never shown within a page of ours, whatever is in it: `nosniff` stands on every answer.
    let media_type = match document.media_type {
        MediaType::Text => "text/plain; charset=utf-8",
        other => other.as_str(),
    };
    Ok(Reply::raw(200, media_type, bytes).attachment(told["name"].as_str().unwrap_or("document")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!([5, 1_500, 2_900_000].map(size), ["5 B", "1 kB", "2 MB"]);
    }
}
