//! The caller's own names for things: `external_id`.
//!
//! Unique among a tenant's live things of one kind, compared exactly, free again after delete, and never a word
//! that stands in one of our paths, since it could not be asked for there.

use std::collections::{HashMap, HashSet};

use base::db::{Ids, Texts, Tx};
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
base::record! {
    struct Named { id: Uuid, external_id: Option<String> }
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

/// The live rows of `table` that these references name, by the reference's text; those that name nothing are left out.
/// One statement, however many they are.
pub async fn resolve_all(
    tx: &Tx,
    tenant: TenantId,
    table: &str,
    references: &[&Ref],
) -> Result<HashMap<String, Uuid>> {
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let ours = Ids::of(references.iter().filter_map(|which| which.ours()));
    let theirs = Texts(references.iter().map(|which| which.theirs().to_owned()).collect());
    let sql = format!(
        "SELECT id, external_id FROM {table} WHERE tenant_id = $1 AND deleted_at IS NULL AND id IN ids($2) \
         UNION ALL SELECT id, external_id FROM {table} \
         WHERE tenant_id = $1 AND deleted_at IS NULL AND external_id IS NOT NULL AND external_id IN texts($3)"
    );
    let found: Vec<Named> = tx.all(&sql, &[&tenant, &ours, &theirs]).await?;
    let by_id: HashSet<Uuid> = found.iter().map(|row| row.id).collect();
    let by_theirs: HashMap<&str, Uuid> =
        found.iter().filter_map(|row| Some((row.external_id.as_deref()?, row.id))).collect();
    let find = |which: &&Ref| {
        let id = which.ours().filter(|id| by_id.contains(id));
        let id = id.or_else(|| by_theirs.get(which.theirs()).copied())?;
        Some((which.theirs().to_owned(), id))
    };
    Ok(references.iter().filter_map(find).collect())
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
