//! Every statement on documents and their pieces.

use base::db::{Command, Ids, Tx};
use base::page::{Listed, Page, Which};
use base::vault::{Sealed, was_exchanged};
use base::{Code, Failure, Result, TenantId};
use books::debts::{self, DebtId};
use books::events;
use books::orgs::Tenant;
use books::people::CustomerId;
use books::sealing::{Opener, READ_AGAIN, Sealer, at, told};
use serde_json::{Value, json};
use uuid::Uuid;

use super::model::{Changes, Document, DocumentId, New, On, PIECE, TOGETHER};
use crate::disputes::{self, DisputeId};
use crate::tickets::{self, TicketId};

base::record! {
    struct Piece in "document_chunk" {
        tenant_id: TenantId,
        id: Uuid,
        document_id: DocumentId,
        customer_id: Option<CustomerId>,
        place: i64,
        body: Sealed,
    }
}

/// How many pieces are written by one statement.
const TOGETHER_PIECES: usize = 8;

/// A document.
pub async fn find(tx: &Tx, tenant: &Tenant, id: DocumentId) -> Result<Option<Document>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// Which documents a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A customer's.
    pub customer: Option<CustomerId>,
    /// An account's, with those of its disputes.
    pub debt: Option<DebtId>,
    /// A dispute's.
    pub dispute: Option<DisputeId>,
    /// A ticket's.
    pub ticket: Option<TicketId>,
    /// Those of a kind.
    pub kind: Option<super::Kind>,
    /// Those a customer may read, or the others.
    pub visible: Option<bool>,
}

/// A page of documents, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Document>> {
    Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("debt_id = ?", filter.debt)
        .filter_if("dispute_id = ?", filter.dispute)
        .filter_if("ticket_id = ?", filter.ticket)
        .filter_if("kind = ?", filter.kind.map(super::Kind::as_str))
        .filter_if("visible_to_customer = ?", filter.visible)
        .page(tx, page)
        .await
}

/// Documents as they are told, in their order, without their bytes.
pub async fn views(tx: &Tx, tenant: &Tenant, documents: &[Document]) -> Result<Vec<Value>> {
    told(
        tx,
        tenant,
        documents,
        |d| (d.id.0, d.customer_id),
        |opener, d: &Document| {
            Ok(json!({
                "id": d.id.to_string(),
                "customer_id": d.customer_id.map(|id| id.to_string()),
                "debt_account_id": d.debt_id.map(|id| id.to_string()),
                "debt_account_dispute_id": d.dispute_id.map(|id| id.to_string()),
                "ticket_id": d.ticket_id.map(|id| id.to_string()),
                "kind": d.kind.as_str(),
                "name": opener.text(d.customer_id, at("document", "name", d.id), Some(&d.name))?,
                "media_type": d.media_type.as_str(),
                "bytes": d.bytes,
                "visible_to_customer": d.visible_to_customer,
                "created_by": d.created_by,
                "created_at": d.created_at.to_string(),
                "updated_at": d.updated_at.to_string(),
            }))
        },
    )
    .await
}

/// A document's bytes; `None` where its customer was erased.
pub async fn content(tx: &Tx, tenant: &Tenant, document: &Document) -> Result<Option<Vec<u8>>> {
    for tries in 1.. {
        match pieces(tx, tenant, document).await {
            Err(failure) if tries < READ_AGAIN && was_exchanged(&failure) => {}
            done => return done,
        }
    }
    unreachable!("the last try returns")
}

async fn pieces(tx: &Tx, tenant: &Tenant, document: &Document) -> Result<Option<Vec<u8>>> {
    let tail = "WHERE tenant_id = $1 AND document_id = $2 ORDER BY place";
    let rows: Vec<Piece> = tx.select(tail, &[&tenant.id, &document.id]).await?;
    let opener = Opener::of(tx, tenant, document.customer_id).await?;
    let mut all = Vec::with_capacity(usize::try_from(document.bytes).unwrap_or(0));
    for row in &rows {
        match opener.bytes(row.customer_id, at("document_chunk", "body", row.id), &row.body)? {
            Some(bytes) => all.extend(bytes),
            None => return Ok(None),
        }
    }
    let whole = i64::try_from(all.len()).is_ok_and(|bytes| bytes == document.bytes);
    if whole { Ok(Some(all)) } else { Err(Failure::broken("reading a document", "pieces are missing")) }
}

async fn tell(tx: &Tx, tenant: &Tenant, sealer: &Sealer<'_>, event: &str, document: &Document) -> Result<()> {
    let body = views(tx, tenant, std::slice::from_ref(document)).await?.pop().unwrap_or_default();
    let row = match (document.customer_id, &sealer.key) {
        (Some(customer), Some(key)) => {
            events::personal_row(tx, tenant, event, "document", document.id, (customer.0, key), &body)
        }
        _ => events::row(tx, tenant, event, "document", document.id, &body),
    };
    tx.insert(&[row]).await
}

/// Whose a document will be, and of which account, dispute and ticket.
type Belongs = (Option<CustomerId>, Option<DebtId>, Option<DisputeId>, Option<TicketId>);

async fn belongs(tx: &Tx, tenant: &Tenant, on: On) -> Result<Belongs> {
    match on {
        On::Account(debt) => {
            let account = debts::load(tx, tenant, &Ids::of([debt])).await?.pop();
            let account =
                account.filter(|account| account.deleted_at.is_none()).ok_or_else(Failure::not_found)?;
            Ok((Some(account.customer_id), Some(debt), None, None))
        }
        On::Dispute(id) => {
            let dispute = disputes::find(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
            Ok((Some(dispute.customer_id), Some(dispute.debt_id), Some(id), None))
        }
        On::Ticket(id) => {
            let ticket = tickets::find(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
            Ok((ticket.customer_id, ticket.debt_id, None, Some(id)))
        }
    }
}

fn erased(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(_) => Failure::refused(Code::NotAllowedNow, "The customer was deleted."),
        broken => broken,
    }
}

/// Adds a document.
pub struct Add<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: DocumentId,
    /// What it is.
    pub new: &'a New<'a>,
    /// Who adds it.
    pub by: &'a str,
}

impl Command for Add<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "documents.add"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (new, tenant, id, now) = (self.new, self.tenant, self.id, tx.now());
        let (customer_id, debt_id, dispute_id, ticket_id) = belongs(tx, tenant, new.on).await?;
        let sealer = Sealer::hold(tx, tenant, customer_id).await.map_err(erased)?;
        let bytes = i64::try_from(new.bytes.len()).unwrap_or(i64::MAX);
        let so_far = "SELECT CAST(coalesce(sum(bytes), 0) AS bigint) FROM document WHERE tenant_id = $1 AND";
        let so_far = match customer_id {
            Some(customer) => {
                tx.number(&format!("{so_far} customer_id = $2"), &[&tenant.id, &customer]).await?
            }
            None => tx.number(&format!("{so_far} ticket_id = $2"), &[&tenant.id, &ticket_id]).await?,
        };
        if so_far.saturating_add(bytes) > TOGETHER {
            let say = "The file field must not bring the customer's documents above 64 MiB together.";
            return Err(Failure::field("file", say));
        }
        let document = Document {
            tenant_id: tenant.id,
            id,
            customer_id,
            debt_id,
            dispute_id,
            ticket_id,
            kind: new.kind,
            name: sealer.seal(tx, at("document", "name", id), new.name.as_bytes()),
            media_type: new.media_type,
            bytes,
            visible_to_customer: new.visible_to_customer,
            created_by: self.by.to_owned(),
            created_at: now,
            updated_at: now,
        };
        tx.insert(std::slice::from_ref(&document)).await?;
        let pieces: Vec<(i64, &[u8])> = (0..).zip(new.bytes.chunks(PIECE)).collect();
        for some in pieces.chunks(TOGETHER_PIECES) {
            let rows: Vec<Piece> = some
                .iter()
                .map(|(place, bytes)| {
                    let piece: Uuid = tx.new_id();
                    Piece {
                        tenant_id: tenant.id,
                        id: piece,
                        document_id: id,
                        customer_id,
                        place: *place,
                        body: sealer.seal(tx, at("document_chunk", "body", piece), bytes),
                    }
                })
                .collect();
            tx.insert(&rows).await?;
        }
        tell(tx, tenant, &sealer, "document.create", &document).await
    }
}

async fn locked<'t>(tx: &Tx, tenant: &'t Tenant, id: DocumentId) -> Result<(Document, Sealer<'t>)> {
    let seen = find(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let sealer = Sealer::hold(tx, tenant, seen.customer_id).await.map_err(erased)?;
    let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    let document: Option<Document> = tx.find(tail, &[&tenant.id, &id]).await?;
    Ok((document.ok_or_else(Failure::not_found)?, sealer))
}

/// Changes what is said of a document; never its bytes.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: DocumentId,
    /// What changes.
    pub changes: &'a Changes,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "documents.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, sealer) = locked(tx, self.tenant, self.id).await?;
        let told_before = views(tx, self.tenant, std::slice::from_ref(&before)).await?;
        let sent = self.changes;
        let name = match &sent.name {
            Some(name) => sealer.seal(tx, at("document", "name", self.id), name.as_bytes()),
            None => before.name.clone(),
        };
        let after = Document {
            kind: sent.kind.unwrap_or(before.kind),
            name,
            visible_to_customer: sent.visible_to_customer.unwrap_or(before.visible_to_customer),
            ..before
        };
        if views(tx, self.tenant, std::slice::from_ref(&after)).await? == told_before {
            return Ok(());
        }
        let after = Document { updated_at: tx.now(), ..after };
        tx.update(2, std::slice::from_ref(&after)).await?;
        tell(tx, self.tenant, &sealer, "document.update", &after).await
    }
}

/// Deletes a document with its bytes.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: DocumentId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "documents.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (document, sealer) = locked(tx, self.tenant, self.id).await?;
        tell(tx, self.tenant, &sealer, "document.delete", &document).await?;
        let (tenant, id) = (&self.tenant.id, &self.id);
        tx.run("DELETE FROM document_chunk WHERE tenant_id = $1 AND document_id = $2", &[tenant, id]).await?;
        tx.run("DELETE FROM document WHERE tenant_id = $1 AND id = $2", &[tenant, id]).await.map(drop)
    }
}
