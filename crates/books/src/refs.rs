//! The caller's own names for things: `external_id`.
//!
//! Unique among a tenant's live things of one kind, compared exactly, free again after delete, and never a word
//! that stands in one of our paths, since it could not be asked for there.

use base::db::Tx;
use base::{Ref, Result, TenantId};
use uuid::Uuid;

/// What stands in a path where an id might, and what a path cannot carry.
const PATH_WORDS: [&str; 7] = [".", "..", "lookup", "request", "trigger", "errors", "reasons"];

/// What is wrong with `external_id` by itself, as a sentence.
pub fn fault(external_id: &str) -> Option<String> {
    if external_id.chars().count() > Ref::LONGEST {
        return Some(format!("The external id field must not be greater than {} characters.", Ref::LONGEST));
    }
    (PATH_WORDS.contains(&external_id) || external_id.contains('\0') || external_id.is_empty())
        .then(|| "The selected external id is invalid: it is a word of our paths.".to_owned())
}

/// The words for one that another has.
pub const TAKEN: &str = "The external id has already been taken.";

base::record! {
    struct Found { id: Uuid }
}

/// The live row of `table` that `reference` names: by our id first, then by theirs.
pub async fn resolve(tx: &Tx, tenant: TenantId, table: &str, reference: &Ref) -> Result<Option<Uuid>> {
    if let Some(ours) = reference.ours()
        && is_live(tx, tenant, table, ours).await?
    {
        return Ok(Some(ours));
    }
    by_external_id(tx, tenant, table, reference.theirs()).await
}

/// The live row of `table` with this external id.
pub async fn by_external_id(
    tx: &Tx,
    tenant: TenantId,
    table: &str,
    external_id: &str,
) -> Result<Option<Uuid>> {
    let sql =
        format!("SELECT id FROM {table} WHERE tenant_id = $1 AND external_id = $2 AND deleted_at IS NULL");
    Ok(tx.opt::<Found>(&sql, &[&tenant, &external_id]).await?.map(|found| found.id))
}

/// Whether the row is live. Asked after a row that refers to it was inserted, it settles the race with a delete:
/// the foreign key's lock makes either wait for the other, and whoever comes second sees the first.
pub async fn is_live(tx: &Tx, tenant: TenantId, table: &str, id: Uuid) -> Result<bool> {
    let sql = format!("SELECT id FROM {table} WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL");
    Ok(tx.opt::<Found>(&sql, &[&tenant, &id]).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_word_names_nothing() {
        assert!(fault("lookup").is_some());
        assert!(fault("..").is_some());
        assert!(fault(&"x".repeat(256)).is_some());
        assert_eq!(fault("Lookup"), None);
        assert_eq!(fault("A-1"), None);
    }
}
