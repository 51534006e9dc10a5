//! What is expected of a bank: said by whoever moves money, in the transaction in which they come to expect it, or by a person.

use base::db::{Command, Tx};
use base::page::{Listed, Page, Which};
use base::{Code, Day, Failure, Result, Ts};
use books::events;
use books::orgs::Tenant;

use super::OURSELVES;
use super::model::{Expectation, NewExpectation, Source};
use super::store::{Decision, hold, match_soon, save_expectations};
use super::words::{Act, BankAccountId, ExpectationId, ExpectationKind, ExpectationStatus};

/// When something that was to come by the end of this day is late.
pub(super) fn late_at(tenant: &Tenant, to: Day) -> Ts {
    to.next().start_in(&tenant.zone)
}

/// An expectation.
pub async fn find_expectation(tx: &Tx, tenant: &Tenant, id: ExpectationId) -> Result<Option<Expectation>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// Which expectations a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExpectationFilter {
    /// Those of this account.
    pub account: Option<BankAccountId>,
    /// Those that stand so.
    pub status: Option<ExpectationStatus>,
    /// Those of this kind.
    pub kind: Option<ExpectationKind>,
    /// Those that are waited for and late, or all others.
    pub is_overdue: Option<bool>,
}

/// A page of expectations.
pub async fn list_expectations(
    tx: &Tx,
    tenant: &Tenant,
    filter: ExpectationFilter,
    page: Page,
) -> Result<Listed<Expectation>> {
    // As of lines: what is waited for is little beside what came.
    let (always, status) = match filter.status {
        Some(ExpectationStatus::Open) => ("status = 'open'", None),
        other => ("id IS NOT NULL", other),
    };
    Which::of(tenant.id, always)
        .filter_if("bank_account_id = ?", filter.account)
        .filter_if("status = ?", status)
        .filter_if("kind = ?", filter.kind)
        .filter_if("(status = 'open' AND overdue_at IS NOT NULL) = ?", filter.is_overdue)
        .page(tx, page)
        .await
}

/// Expects something on a bank account, within the transaction in which that comes to be so; gives its id. What comes from one
/// row is expected once of each kind: said again, it stays as it was. Holds the account, so it comes after all other locks.
pub async fn expect(tx: &Tx, tenant: &Tenant, new: &NewExpectation) -> Result<ExpectationId> {
    let id = tx.new_id();
    if let Some(Source { table, id: source }) = new.source {
        let tail =
            "WHERE tenant_id = $1 AND source = $2 AND source_id = $3 AND kind = $4 AND status <> 'cancelled'";
        let known: Option<Expectation> = tx.find(tail, &[&tenant.id, &table, &source, &new.kind]).await?;
        if let Some(known) = known {
            return Ok(known.id);
        }
    }
    add(tx, tenant, id, new, OURSELVES).await.map(|()| id)
}

/// What became of expectations that were taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// How many are not waited for any more.
    pub cancelled: usize,
    /// How many had come already, and stay.
    pub matched: usize,
}

/// Takes back what is expected because of a row, within the transaction in which that ends.
pub async fn withdraw(tx: &Tx, tenant: &Tenant, source: Source) -> Result<Withdrawn> {
    let tail =
        "WHERE tenant_id = $1 AND source = $2 AND source_id = $3 AND status <> 'cancelled' ORDER BY id";
    let params: base::db::Params<'_> = &[&tenant.id, &source.table, &source.id];
    let all: Vec<Expectation> = tx.select(tail, params).await?;
    let mut accounts: Vec<BankAccountId> = all.iter().map(|e| e.bank_account_id).collect();
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        hold(tx, tenant, account).await?;
    }
    let all: Vec<Expectation> = tx.select(tail, params).await?;
    let (open, came): (Vec<_>, Vec<_>) = all.into_iter().partition(|e| e.status == ExpectationStatus::Open);
    let done = Withdrawn { cancelled: open.len(), matched: came.len() };
    cancel(tx, tenant, open, OURSELVES).await.map(|()| done)
}

async fn add(tx: &Tx, tenant: &Tenant, id: ExpectationId, new: &NewExpectation, by: &str) -> Result<()> {
    let account = hold(tx, tenant, new.account).await?;
    let account = account.ok_or_else(|| Failure::unknown_reference("bank_account_id"))?;
    if account.closed_at.is_some() {
        return Err(Failure::refused(Code::NotAllowedNow, "This bank account is closed."));
    }
    let now = tx.now();
    let expectation = Expectation {
        tenant_id: tenant.id,
        id,
        bank_account_id: new.account,
        kind: new.kind,
        amount: new.amount,
        direction: new.direction,
        from_day: new.from_day,
        to_day: new.to_day,
        exact_key: new.key.clone(),
        source: new.source.map(|source| source.table.to_owned()),
        source_id: new.source.map(|source| source.id),
        status: ExpectationStatus::Open,
        match_id: None,
        is_by_hand: false,
        due_at: Some(late_at(tenant, new.to_day)),
        overdue_at: None,
        by_whom: by.to_owned(),
        created_at: now,
        updated_at: now,
    };
    tx.insert(std::slice::from_ref(&expectation)).await?;
    let told = expectation.view();
    events::emit(tx, tenant, "bank_expectation.created", "bank_expectation", id, &told).await?;
    match_soon(tx, tenant, new.account).await
}

async fn cancel(tx: &Tx, tenant: &Tenant, open: Vec<Expectation>, by: &str) -> Result<()> {
    let now = tx.now();
    let decision = Decision { act: Act::Cancelled, match_id: None, by, note: None };
    let changes: Vec<_> = open.iter().map(|e| decision.of_expectation(tx, tenant, e.id)).collect();
    let gone = |e: Expectation| Expectation {
        status: ExpectationStatus::Cancelled,
        due_at: None,
        updated_at: now,
        ..e
    };
    let all: Vec<Expectation> = open.into_iter().map(gone).collect();
    save_expectations(tx, tenant, &all, "bank_expectation.cancelled").await?;
    tx.insert(&changes).await
}

/// Expects something by hand.
pub struct Add<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: ExpectationId,
    /// What.
    pub new: &'a NewExpectation,
    /// Who says so.
    pub by: &'a str,
}

impl Command for Add<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_expectations.add"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        add(tx, self.tenant, self.id, self.new, self.by).await
    }
}

/// Waits for something no longer.
pub struct Cancel<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: ExpectationId,
    /// Who says so.
    pub by: &'a str,
}

impl Command for Cancel<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_expectations.cancel"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tenant = self.tenant;
        let found = find_expectation(tx, tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        hold(tx, tenant, found.bank_account_id).await?;
        let found = find_expectation(tx, tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        match found.status {
            ExpectationStatus::Cancelled => Ok(()),
            ExpectationStatus::Open => cancel(tx, tenant, vec![found], self.by).await,
            ExpectationStatus::Matched => {
                let say = "This bank expectation is matched: take that back first.";
                Err(Failure::refused(Code::NotAllowedNow, say))
            }
        }
    }
}
