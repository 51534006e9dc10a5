//! What several of the parts read and write: accounts that are held, lines, statements, and what was decided.

use base::Result;
use base::db::{Ids, Tx};
use base::page::{Listed, Page, Which};
use books::events;
use books::orgs::Tenant;

use super::model::{Account, Change, Expectation, Line, Statement};
use super::words::{
    Act, BankAccountId, BankFileId, BankLineId, BankStatementId, ExpectationId, MatchId, StatementStatus,
};

/// Holds an account until the transaction ends: whoever changes anything on it does.
pub(super) async fn hold(tx: &Tx, tenant: &Tenant, id: BankAccountId) -> Result<Option<Account>> {
    tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant.id, &id]).await
}

/// Has what stands open on an account held against each other, by the next step.
pub(super) async fn match_soon(tx: &Tx, tenant: &Tenant, id: BankAccountId) -> Result<()> {
    let sql = "UPDATE bank_account SET match_at = $3 WHERE tenant_id = $1 AND id = $2";
    tx.run(sql, &[&tenant.id, &id, &tx.now()]).await.map(drop)
}

/// A line.
pub async fn find_line(tx: &Tx, tenant: &Tenant, id: BankLineId) -> Result<Option<Line>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// The lines of these ids, in their order.
pub(super) async fn lines(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Line>> {
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await
}

/// The expectations of these ids, in their order.
pub(super) async fn expectations(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Expectation>> {
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await
}

/// A statement.
pub async fn find_statement(tx: &Tx, tenant: &Tenant, id: BankStatementId) -> Result<Option<Statement>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// The statements that were kept of a file.
pub async fn statements_of_file(tx: &Tx, tenant: &Tenant, file: BankFileId) -> Result<Vec<Statement>> {
    tx.select("WHERE tenant_id = $1 AND bank_file_id = $2 ORDER BY id", &[&tenant.id, &file]).await
}

/// Which statements a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct StatementFilter {
    /// Those of this account.
    pub account: Option<BankAccountId>,
    /// Those that stand so.
    pub status: Option<StatementStatus>,
}

/// A page of statements.
pub async fn list_statements(
    tx: &Tx,
    tenant: &Tenant,
    filter: StatementFilter,
    page: Page,
) -> Result<Listed<Statement>> {
    Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("bank_account_id = ?", filter.account)
        .filter_if("status = ?", filter.status)
        .page(tx, page)
        .await
}

/// What was decided, to be kept.
pub(super) struct Decision<'a> {
    pub(super) act: Act,
    pub(super) match_id: Option<MatchId>,
    pub(super) by: &'a str,
    pub(super) note: Option<&'a str>,
}

impl Decision<'_> {
    fn row(&self, tx: &Tx, tenant: &Tenant) -> Change {
        let id: base::ids::Uuid = tx.new_id();
        let seal = |note: &str| tenant.key.seal(tx.seams(), "bank_change", "note", id, note.as_bytes());
        Change {
            tenant_id: tenant.id,
            id,
            bank_line_id: None,
            bank_expectation_id: None,
            act: self.act,
            match_id: self.match_id,
            by_whom: self.by.to_owned(),
            note: self.note.map(seal),
            created_at: tx.now(),
        }
    }

    /// About a line.
    pub(super) fn of_line(&self, tx: &Tx, tenant: &Tenant, id: BankLineId) -> Change {
        Change { bank_line_id: Some(id), ..self.row(tx, tenant) }
    }

    /// About an expectation.
    pub(super) fn of_expectation(&self, tx: &Tx, tenant: &Tenant, id: ExpectationId) -> Change {
        Change { bank_expectation_id: Some(id), ..self.row(tx, tenant) }
    }
}

/// Writes these lines as they are now, and tells an event of each.
pub(super) async fn save_lines(tx: &Tx, tenant: &Tenant, lines: &[Line], event: &str) -> Result<()> {
    tx.update(2, lines).await?;
    let told: Vec<_> = lines
        .iter()
        .map(|line| events::row(tx, tenant, event, "bank_line", line.id, &line.event_body()))
        .collect();
    tx.insert(&told).await
}

/// The same of expectations.
pub(super) async fn save_expectations(
    tx: &Tx,
    tenant: &Tenant,
    all: &[Expectation],
    event: &str,
) -> Result<()> {
    tx.update(2, all).await?;
    let told: Vec<_> = all
        .iter()
        .map(|one| events::row(tx, tenant, event, "bank_expectation", one.id, &one.view()))
        .collect();
    tx.insert(&told).await
}

/// Tells what became of a statement.
pub(super) async fn tell_statement(tx: &Tx, tenant: &Tenant, event: &str, one: &Statement) -> Result<()> {
    events::emit(tx, tenant, event, "bank_statement", one.id, &one.view()).await
}
