//! How things stand, in the database.

use base::db::{Command, Tx};
use base::page::Which;
use base::{Code, Failure, Listed, Page, Ref, Result, TenantId};
use books::events;
use books::idempotency::{self, Effect, Once};
use books::orgs::Tenant;

use super::model::{Bulk, BulkId, ErrorRow, Kind, Source, State, Wrong};

/// What idempotency keys call it.
pub const IDEMPOTENCY_KIND: &str = "bulk";
/// How long the same bytes are the same thing, in seconds.
const SAME_SECONDS: i64 = 24 * 60 * 60;

base::record! {
    struct Head in "bulk_head" { tenant_id: TenantId }
}

pub(super) async fn drop_pieces(tx: &Tx, tenant: TenantId, id: BulkId) -> Result<()> {
    tx.run("DELETE FROM bulk_piece WHERE tenant_id = $1 AND bulk_id = $2", &[&tenant, &id]).await.map(drop)
}

/// Whoever has received something whole takes turns: so of two that are the same, one finds the other.
pub(super) async fn take_turn(tx: &Tx, tenant: &Tenant) -> Result<()> {
    tx.insert_if_new(&[Head { tenant_id: tenant.id }]).await?;
    let _: Vec<Head> = tx.select("WHERE tenant_id = $1 FOR UPDATE", &[&tenant.id]).await?;
    Ok(())
}

/// The newest thing of the same digest that was received within a day and came to something.
pub(super) async fn same_as(tx: &Tx, tenant: &Tenant, known_as: &[Vec<u8>]) -> Result<Option<Bulk>> {
    let since = tx.now().plus_seconds(-SAME_SECONDS);
    let listed = Which::of(tenant.id, "state IN ('pending', 'processing', 'completed')")
        .filter_any("digest", Some(known_as.to_vec()))
        .filter("created_at > ?", since)
        .page::<Bulk>(tx, Page::older(1, uuid::Uuid::max()))
        .await?;
    Ok(listed.rows.into_iter().next())
}

pub(super) async fn find_row(tx: &Tx, tenant: TenantId, id: BulkId) -> Result<Option<Bulk>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant, &id]).await
}

/// The row, locked.
pub(super) async fn held(tx: &Tx, tenant: TenantId, id: BulkId) -> Result<Option<Bulk>> {
    tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant, &id]).await
}

/// Something that was received whole.
pub async fn find(tx: &Tx, tenant: &Tenant, id: BulkId) -> Result<Option<Bulk>> {
    Ok(find_row(tx, tenant.id, id).await?.filter(|bulk| bulk.state != State::Receiving))
}

/// The one that a reference names; only our ids do.
pub async fn resolve(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Bulk>> {
    match which.ours() {
        Some(id) => find(tx, tenant, BulkId(id)).await,
        None => Ok(None),
    }
}

/// Which of them a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those in one of these states.
    pub states: Option<Vec<State>>,
    /// Those of this kind.
    pub kind: Option<Kind>,
    /// Those from here.
    pub source: Option<Source>,
}

/// A page of them, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Bulk>> {
    let states = filter.states.as_ref().map(|all| all.iter().map(|state| state.as_str()).collect());
    Which::of(tenant.id, "state <> 'receiving'")
        .filter_any("state", states)
        .filter_if("kind = ?", filter.kind.map(Kind::as_str))
        .filter_if("source = ?", filter.source.map(Source::as_str))
        .page(tx, page)
        .await
}

/// What was wrong with its records, by position: at most so many behind one.
pub async fn wrong_after(
    tx: &Tx,
    tenant: &Tenant,
    id: BulkId,
    after: i64,
    skip: i64,
    most: i64,
) -> Result<Vec<Wrong>> {
    let tail = "WHERE tenant_id = $1 AND bulk_id = $2 AND position > $3 ORDER BY position LIMIT $5 OFFSET $4";
    let rows: Vec<ErrorRow> = tx.select(tail, &[&tenant.id, &id, &after, &skip, &most]).await?;
    rows.into_iter().map(opened).collect()
}

fn opened(row: ErrorRow) -> Result<Wrong> {
    let errors = serde_json::from_str(&row.errors).map_err(|e| Failure::broken("reading an error", e))?;
    Ok(Wrong { position: row.position, line: row.line, external_id: row.external_id, errors })
}

/// The rows of what was wrong.
pub(super) fn error_rows(tx: &Tx, tenant: TenantId, id: BulkId, wrong: Vec<Wrong>) -> Vec<ErrorRow> {
    let row = |wrong: Wrong| ErrorRow {
        tenant_id: tenant,
        bulk_id: id,
        position: wrong.position,
        line: wrong.line,
        external_id: wrong.external_id,
        errors: serde_json::to_string(&wrong.errors).expect("a list of texts is JSON"),
        created_at: tx.now(),
    };
    wrong.into_iter().map(row).collect()
}

/// Stops something that is not at its end. What was applied by then stays.
pub struct Cancel<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: BulkId,
    /// The request, where its caller sent a key.
    pub once: Option<&'a Once>,
}

impl Command for Cancel<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bulk.cancel"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        if let Some(once) = self.once {
            let row = idempotency::row(tx, self.tenant, once, "bulk.cancel", self.id.0, false);
            if tx.insert_if_new(&[row]).await? == 0
                && let Some(Effect { .. }) = idempotency::before(tx, self.tenant, once).await?
            {
                return Ok(());
            }
        }
        let bulk = held(tx, self.tenant.id, self.id).await?.ok_or_else(Failure::not_found)?;
        match bulk.state {
            State::Canceled => return Ok(()),
            State::Pending | State::Processing => {}
            State::Receiving => return Err(Failure::not_found()),
            State::Completed | State::Failed => {
                return Err(Failure::refused(
                    Code::NotAllowedNow,
                    "It has come to its end and cannot be stopped any more.",
                ));
            }
        }
        end(tx, self.tenant, bulk, State::Canceled, None).await
    }

    async fn check(&self, tx: &Tx) -> Result<Option<()>> {
        let bulk = find_row(tx, self.tenant.id, self.id).await?;
        Ok(bulk.filter(|bulk| bulk.state == State::Canceled).map(drop))
    }
}

/// Brings a held one to its end, with the event that tells of it.
pub(super) async fn end(
    tx: &Tx,
    tenant: &Tenant,
    bulk: Bulk,
    state: State,
    reason: Option<String>,
) -> Result<()> {
    let now = tx.now();
    // Whoever works on it finds another fence.
    let fence = bulk.fence + i64::from(state != State::Completed);
    let bulk = Bulk { state, reason, fence, due_at: None, finished_at: Some(now), updated_at: now, ..bulk };
    tx.update(2, std::slice::from_ref(&bulk)).await?;
    if state != State::Completed {
        drop_pieces(tx, tenant.id, bulk.id).await?;
    }
    let name = match state {
        State::Completed => "bulk.completed",
        State::Canceled => "bulk.canceled",
        _ => "bulk.failed",
    };
    events::emit(tx, tenant, name, "bulk", bulk.id, &bulk.event_body()).await
}
