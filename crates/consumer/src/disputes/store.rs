//! Every statement on disputes and their answers.

use base::db::{Command, Texts, Tx};
use base::page::{Listed, Page, Which};
use base::vault::{PersonKey, Sealed};
use base::{Cents, Code, Failure, Result, TenantId, Ts};
use books::debts::{DebtId, lock_families_of};
use books::events;
use books::holds::{self, HoldId};
use books::orgs::Tenant;
use books::people::{self, CustomerId};
use books::sealing::{Sealer, at, told};
use serde_json::{Value, json};
use uuid::Uuid;

use super::model::{Changes, Dispute, DisputeId, Kind, New, Status};

/// The hold's reason.
const REASON: &str = "dispute";

base::record! {
    struct AnswerRow in "dispute_answer" {
        tenant_id: TenantId,
        id: Uuid,
        dispute_id: DisputeId,
        customer_id: CustomerId,
        body: Sealed,
        by_whom: String,
        created_at: Ts,
    }
}

/// A dispute.
pub async fn find(tx: &Tx, tenant: &Tenant, id: DisputeId) -> Result<Option<Dispute>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// Which disputes a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A customer's.
    pub customer: Option<CustomerId>,
    /// Those on an account.
    pub debt: Option<DebtId>,
    /// Those that stand like one of these.
    pub status: Option<Vec<Status>>,
    /// Those of the whole of a debt, or of a part.
    pub kind: Option<Kind>,
}

/// A page of disputes, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Dispute>> {
    let words = |all: &Vec<Status>| Texts(all.iter().map(|s| s.as_str().to_owned()).collect());
    Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("debt_id = ?", filter.debt)
        .filter_if("status IN texts(?)", filter.status.as_ref().map(words))
        .filter_if("kind = ?", filter.kind.map(Kind::as_str))
        .page(tx, page)
        .await
}

/// Disputes as they are told, in their order.
pub async fn views(tx: &Tx, tenant: &Tenant, disputes: &[Dispute]) -> Result<Vec<Value>> {
    told(
        tx,
        tenant,
        disputes,
        |d| (d.id.0, Some(d.customer_id)),
        |opener, d: &Dispute| {
            let text = opener.text(Some(d.customer_id), at("dispute", "body", d.id), d.body.as_ref())?;
            Ok(json!({
                "id": d.id.to_string(),
                "customer_id": d.customer_id.to_string(),
                "debt_account_id": d.debt_id.to_string(),
                "kind": d.kind.as_str(),
                "amount": d.amount.map(Cents::get),
                "reasons": d.reasons.0.iter().map(|r| r.as_str()).collect::<Vec<_>>(),
                "description": text,
                "status": d.status.as_str(),
                "source": d.source,
                "received_on": d.received_on.to_string(),
                "duplicate_of": d.duplicate_of.map(|id| id.to_string()),
                "block_id": d.hold_id.map(|id| id.to_string()),
                "answered_at": d.answered_at.map(|at| at.to_string()),
                "closed_at": d.closed_at.map(|at| at.to_string()),
                "created_at": d.created_at.to_string(),
                "updated_at": d.updated_at.to_string(),
            }))
        },
    )
    .await
}

/// What the organization answered to a dispute, oldest first.
pub async fn answers(tx: &Tx, tenant: &Tenant, dispute: &Dispute) -> Result<Vec<Value>> {
    let tail = "WHERE tenant_id = $1 AND dispute_id = $2 ORDER BY id";
    let rows: Vec<AnswerRow> = tx.select(tail, &[&tenant.id, &dispute.id]).await?;
    told(
        tx,
        tenant,
        &rows,
        |a| (a.id, Some(a.customer_id)),
        |opener, a: &AnswerRow| {
            let text = opener.text(Some(a.customer_id), at("dispute_answer", "body", a.id), Some(&a.body))?;
            Ok(json!({
                "id": a.id.to_string(), "message": text, "created_by": a.by_whom,
                "created_at": a.created_at.to_string(),
            }))
        },
    )
    .await
}

async fn tell(tx: &Tx, tenant: &Tenant, key: &PersonKey, event: &str, dispute: &Dispute) -> Result<()> {
    let body = views(tx, tenant, std::slice::from_ref(dispute)).await?.pop().unwrap_or_default();
    let person = (dispute.customer_id.0, key);
    tx.insert(&[events::personal_row(tx, tenant, event, "dispute", dispute.id, person, &body)]).await
}

/// Places a dispute, and the hold with it.
pub struct Place<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: DisputeId,
    /// What it is.
    pub new: &'a New,
    /// Where it comes from: `api`, `portal`.
    pub source: &'static str,
    /// Who places it.
    pub by: &'a str,
}

impl Command for Place<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "disputes.place"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (new, tenant, id, now) = (self.new, self.tenant, self.id, tx.now());
        let families = lock_families_of(tx, tenant, &[new.debt]).await?;
        let unknown = || Failure::unknown_reference("debt_account_id");
        let account = families.iter().flat_map(|f| f.members()).find(|d| d.id == new.debt);
        let account = account.filter(|d| d.deleted_at.is_none()).ok_or_else(unknown)?.clone();
        if new.amount.is_some_and(|amount| amount > account.current_balance) {
            return Err(Failure::field(
                "amount",
                format!("The amount field must not be greater than {}.", account.current_balance.get()),
            ));
        }
        if let Some(earlier) = new.duplicate_of {
            let found = find(tx, tenant, earlier).await?.filter(|d| d.debt_id == account.id);
            found.ok_or_else(|| Failure::unknown_reference("duplicate_of"))?;
        }
        let hold_id: HoldId = tx.new_id();
        let hold = holds::New {
            scope: holds::Scope::Account(account.id),
            reason: REASON.into(),
            note: None,
            evidence: Some(format!("dispute {id}")),
            reviewer: None,
            review_on: None,
            starts_at: None,
            ends_at: None,
        };
        holds::Place { tenant, id: hold_id, new: &hold, by: self.by }.exec(tx).await?;
        let key = people::lock(tx, tenant, account.customer_id).await?;
        let sealed = |text: &String| key.seal(tx.seams(), "dispute", "body", id, text.as_bytes());
        let dispute = Dispute {
            tenant_id: tenant.id,
            id,
            customer_id: account.customer_id,
            debt_id: account.id,
            kind: new.kind,
            amount: new.amount.filter(|_| new.kind == Kind::Part),
            reasons: new.reasons.clone(),
            status: Status::Open,
            source: self.source.into(),
            body: new.text.as_ref().map(sealed),
            received_on: new.received_on.unwrap_or_else(|| tenant.today(now)),
            duplicate_of: new.duplicate_of,
            hold_id: Some(hold_id),
            answered_at: None,
            closed_at: None,
            created_at: now,
            updated_at: now,
        };
        tx.insert(std::slice::from_ref(&dispute)).await?;
        tell(tx, tenant, &key, "dispute.create", &dispute).await
    }
}

/// A dispute under its account's lock and its own, with its customer's key. 404 where there is none.
async fn locked(tx: &Tx, tenant: &Tenant, id: DisputeId) -> Result<(Dispute, PersonKey)> {
    let seen = find(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    lock_families_of(tx, tenant, &[seen.debt_id]).await?;
    let erased = || Failure::refused(Code::NotAllowedNow, "The customer was deleted.");
    let sealer = Sealer::hold(tx, tenant, Some(seen.customer_id)).await.map_err(|failure| match failure {
        Failure::Refused(_) => erased(),
        broken => broken,
    })?;
    let key = sealer.key.ok_or_else(erased)?;
    let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    let dispute: Option<Dispute> = tx.find(tail, &[&tenant.id, &id]).await?;
    Ok((dispute.ok_or_else(Failure::not_found)?, key))
}

fn over() -> Failure {
    Failure::refused(Code::NotAllowedNow, "The dispute is over; what comes after it is another one.")
}

/// Changes a dispute; ending it lifts its hold.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: DisputeId,
    /// What changes.
    pub changes: &'a Changes,
    /// Who changes it.
    pub by: &'a str,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "disputes.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, key) = locked(tx, self.tenant, self.id).await?;
        let (sent, now) = (self.changes, tx.now());
        let status = sent.status.unwrap_or(before.status);
        let amount = if before.kind == Kind::Part { sent.amount.or(before.amount) } else { None };
        let reasons = sent.reasons.clone().unwrap_or_else(|| before.reasons.clone());
        let same = status == before.status && amount == before.amount && reasons == before.reasons;
        if same {
            return Ok(());
        }
        if before.status.is_over() {
            return Err(over());
        }
        if status == Status::Open || (status == Status::Answered && before.status == Status::Open) {
            return Err(Failure::field(
                "status",
                "The status field must be upheld, rejected or withdrawn; an answer makes it answered.",
            ));
        }
        let closed_at = status.is_over().then_some(now);
        let after = Dispute { status, amount, reasons, closed_at, updated_at: now, ..before };
        tx.update(2, std::slice::from_ref(&after)).await?;
        if let Some(hold) = after.hold_id.filter(|_| status.is_over()) {
            let reason = Some(format!("dispute {} {}", after.id, status.as_str()));
            holds::Lift { tenant: self.tenant, id: hold, reason, by: self.by }.exec(tx).await?;
        }
        tell(tx, self.tenant, &key, "dispute.update", &after).await
    }
}

/// Answers a dispute.
pub struct Answer<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: DisputeId,
    /// The id the answer will have.
    pub answer: Uuid,
    /// What is said.
    pub text: &'a str,
    /// The earlier one that it repeats, where that is why.
    pub duplicate_of: Option<DisputeId>,
    /// Who answers.
    pub by: &'a str,
}

impl Command for Answer<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "disputes.answer"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, key) = locked(tx, self.tenant, self.id).await?;
        if before.status.is_over() {
            return Err(over());
        }
        if let Some(earlier) = self.duplicate_of {
            let found = find(tx, self.tenant, earlier).await?;
            let found = found.filter(|d| d.debt_id == before.debt_id && d.id != before.id);
            let found = found.ok_or_else(|| Failure::unknown_reference("duplicate_of"))?;
            if found.answered_at.is_none() && !found.status.is_over() {
                let say = "The duplicate of field must name a dispute that was answered.";
                return Err(Failure::field("duplicate_of", say));
            }
        }
        let now = tx.now();
        let body = key.seal(tx.seams(), "dispute_answer", "body", self.answer, self.text.as_bytes());
        tx.insert(&[AnswerRow {
            tenant_id: self.tenant.id,
            id: self.answer,
            dispute_id: before.id,
            customer_id: before.customer_id,
            body,
            by_whom: self.by.to_owned(),
            created_at: now,
        }])
        .await?;
        let after = Dispute {
            status: Status::Answered,
            duplicate_of: self.duplicate_of.or(before.duplicate_of),
            answered_at: before.answered_at.or(Some(now)),
            updated_at: now,
            ..before
        };
        tx.update(2, std::slice::from_ref(&after)).await?;
        tell(tx, self.tenant, &key, "dispute.update", &after).await
    }
}
