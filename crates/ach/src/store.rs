//! Entries, files and notices in the database.

use base::db::Tx;
use base::page::Which;
use base::vault::Sealed;
use base::{Failure, Listed, Page, Result, TenantId, Ts};
use books::orgs::Tenant;
use books::queues::Standing;

use crate::account::Account;
use crate::model::{EntryId, EntryRow, File, FileId, Notice, Originator, Outcome};

pub(crate) const ENTRIES: &str = "ach_entry";

/// As whom an organization originates, where it does.
pub async fn originator(tx: &Tx, tenant: &Tenant) -> Result<Option<Originator>> {
    tx.find("WHERE tenant_id = $1", &[&tenant.id]).await
}

/// Files for the bank, the newest first.
pub async fn files(
    tx: &Tx,
    tenant: &Tenant,
    state: Option<crate::FileState>,
    page: Page,
) -> Result<Listed<File>> {
    Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("state = ?", state.map(crate::FileState::as_str))
        .page(tx, page)
        .await
}

/// One of them.
pub async fn file(tx: &Tx, tenant: &Tenant, id: FileId) -> Result<Option<File>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// What the bank said of entries, the newest first.
pub async fn notices(
    tx: &Tx,
    tenant: &Tenant,
    result: Option<Outcome>,
    page: Page,
) -> Result<Listed<Notice>> {
    Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("result = ?", result.map(Outcome::as_str))
        .page(tx, page)
        .await
}

/// How the queue of files stands, for an operator.
pub async fn standing(tx: &Tx, now: Ts) -> Result<Standing> {
    let sql = "SELECT (SELECT count(*) FROM ach_file WHERE state IN ('waiting', 'uploading', 'placing')), \
               (SELECT count(*) FROM ach_file WHERE due_at <= $1 AND tenant_id IN served()), \
               (SELECT count(*) FROM ach_notice WHERE result IN ('unmatched', 'unreadable')), \
               (SELECT min(due_at) FROM ach_file WHERE due_at <= $1 AND tenant_id IN served())";
    tx.one(sql, &[&now]).await
}

/// A file, locked.
pub(crate) async fn held_file(tx: &Tx, tenant: TenantId, id: FileId) -> Result<Option<File>> {
    tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant, &id]).await
}

/// The entry that was ordered under a key.
pub(crate) async fn of_key(tx: &Tx, tenant: TenantId, key: &str, lock: bool) -> Result<Option<EntryRow>> {
    let tail = format!("WHERE tenant_id = $1 AND pkey = $2{}", for_update(lock));
    tx.find(&tail, &[&tenant, &key]).await
}

/// The same of whichever tenant: keys are made with the tenant's id, so there is one for all.
pub(crate) async fn of_any_key(tx: &Tx, key: &str) -> Result<Option<EntryRow>> {
    let rows: Vec<EntryRow> = tx.select("WHERE pkey = $1 LIMIT 1", &[&key]).await?;
    Ok(rows.into_iter().next())
}

/// The debit that was taken back under a key.
pub(crate) async fn of_void(tx: &Tx, key: &str) -> Result<Option<EntryRow>> {
    let rows: Vec<EntryRow> = tx.select("WHERE void_key = $1 LIMIT 1", &[&key]).await?;
    Ok(rows.into_iter().next())
}

pub(crate) const fn for_update(lock: bool) -> &'static str {
    if lock { " FOR UPDATE" } else { "" }
}

/// An account, sealed for its entry.
pub(crate) fn seal(tx: &Tx, tenant: &Tenant, id: EntryId, account: &Account) -> Sealed {
    tenant.key.seal(tx.seams(), ENTRIES, "account", id, account.token().reveal().as_bytes())
}

/// The account of an entry; `None` where it was let go of.
pub(crate) fn open(tenant: &Tenant, row: &EntryRow) -> Result<Option<Account>> {
    if row.account.0.is_empty() {
        return Ok(None);
    }
    let plain = tenant.key.open(ENTRIES, "account", row.id, &row.account)?;
    let text = String::from_utf8(plain).map_err(|e| Failure::broken("reading a bank account", e))?;
    let account = Account::parse(&base::secret::Secret::new(text));
    account.map(Some).ok_or_else(|| Failure::broken("reading a bank account", "it is none"))
}
