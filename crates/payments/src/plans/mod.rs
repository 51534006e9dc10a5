//! Payment plans: terms that are agreed upon, and their instalments.
//!
//! - [`schedule`]: when a plan pays how much, from its terms alone;
//! - [`interest`]: what interest it is expected to pay;
//! - [`agree`]: what may be agreed upon, by what is owed and by the organization's limits;
//! - [`Create`], [`Propose`]: a plan is made; with a payment method it is enrolled in at once; [`Offer`]: a settlement is
//!   offered;
//! - [`Evidence`]: what its customer authorized, to which words, and the copy that they got; [`words`] is what
//!   somebody reads before they authorize anything, [`AsShown`] that it is this which they have;
//! - [`notices`]: what whoever pays is told;
//! - [`run`]: what is due is charged; [`breaking`]: what failed too often breaks;
//! - [`Update`], [`Replace`], [`Step`], [`Delete`]: it changes, gives way to another, stands still, goes on, ends.
//!
//! What must always hold of plans stands in [`books::debts::plans`], which also ends them where their account comes to
//! owe nothing. Enrolled instalments are rows of their own with the instant at which each is due; a fence and the number
//! of presentments let whoever runs them claim each once.

pub mod agree;
pub mod breaking;
mod change;
mod enrol;
mod evidence;
pub mod interest;
mod model;
pub mod notices;
mod offer;
mod replace;
mod request;
pub mod run;
pub mod schedule;
mod steps;
mod terms;
mod wording;

use crate::methods::MethodId;
use std::collections::HashMap;

use base::db::{Ids, Texts, Tx};
use base::page::{Listed, Page, Which};
use base::{Code, Day, Failure, Ref, Result, Ts};
use books::debts::plans::{Plan, PlanStatus, plan};
use books::debts::{self, Debt, DebtId, Frequency, PlanId, lock_families_of};
use books::holds;
use books::orgs::Tenant;
use books::people::CustomerId;

use self::agree::{Agreed, Asked, Basis};
pub use self::change::{Changes, Update};
pub use self::enrol::{Create, New, with_terms};
pub use self::evidence::{Evidence, Given, authorizations, authorizations_of};
pub use self::model::{Authorization, AuthorizationId, Request, RequestId, RequestState, Way};
pub use self::offer::Offer;
pub use self::replace::{Replace, preview_instead};
pub use self::request::{Proposal, Propose, Proposed};
pub use self::steps::{Delete, Skip, Step, Wish};
pub use self::wording::{AsShown, Signs, Words, words, words_ahead};

base::record! {
    /// What a plan says of a charge that pays one of its instalments.
    pub struct Presented {
        /// Who made the plan: `api`, `portal`.
        pub source: String,
        /// How often the instalment was presented and refused before.
        pub refused: i64,
    }
}

/// What a plan says of the charge with this key at the processor; `None` where that pays no instalment.
pub async fn presented_by(tx: &Tx, tenant: &Tenant, pkey: &str) -> Result<Option<Presented>> {
    let sql = "SELECT payment_plan.source, instalment.presentment AS refused FROM charge \
               JOIN instalment ON instalment.tenant_id = charge.tenant_id AND instalment.id = charge.instalment_id \
               JOIN payment_plan ON payment_plan.tenant_id = charge.tenant_id AND payment_plan.id = instalment.plan_id \
               WHERE charge.tenant_id = $1 AND charge.pkey = $2";
    tx.opt(sql, &[&tenant.id, &pkey]).await
}

/// The plan a reference names. Plans have no external ids.
pub async fn find(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Plan>> {
    match which.ours() {
        Some(id) => plan(tx, tenant, PlanId(id)).await,
        None => Ok(None),
    }
}

/// Which plans a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those on one account.
    pub debt: Option<DebtId>,
    /// Those of one customer.
    pub customer: Option<CustomerId>,
    /// Those that stand like one of these.
    pub statuses: Option<Vec<PlanStatus>>,
    /// Those that pay this often.
    pub frequencies: Option<Vec<Frequency>>,
    /// Those that begin on this day or later.
    pub from: Option<Day>,
    /// Those that begin on this day or earlier.
    pub to: Option<Day>,
    /// Those that this method pays.
    pub method: Option<MethodId>,
    /// Those without an end, or those with one.
    pub open_ended: Option<bool>,
}

/// A page of plans, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Plan>> {
    let statuses = |all: &Vec<PlanStatus>| Texts(all.iter().map(|s| s.as_str().to_owned()).collect());
    let frequencies = |all: &Vec<Frequency>| Texts(all.iter().map(|f| f.as_str().to_owned()).collect());
    Which::of(tenant.id, "true")
        .filter_if("debt_id = ?", filter.debt)
        .filter_if(
            "debt_id IN (SELECT id FROM debt WHERE tenant_id = $1 AND customer_id = ?)",
            filter.customer,
        )
        .filter_if("status IN texts(?)", filter.statuses.as_ref().map(statuses))
        .filter_if("frequency IN texts(?)", filter.frequencies.as_ref().map(frequencies))
        .filter_if("start_date >= ?", filter.from)
        .filter_if("start_date <= ?", filter.to)
        .filter_if("payment_method_id = ?", filter.method)
        .filter_if("open_ended = ?", filter.open_ended)
        .page(tx, page)
        .await
}

/// The last request about each of these plans.
pub async fn requests(tx: &Tx, tenant: &Tenant, plans: &Ids) -> Result<HashMap<PlanId, Request>> {
    let rows: Vec<Request> =
        tx.select("WHERE tenant_id = $1 AND plan_id IN ids($2) ORDER BY id", &[&tenant.id, plans]).await?;
    Ok(rows.into_iter().map(|row| (row.plan_id, row)).collect())
}

/// What terms would come to on an account, or without one, today. Nothing is kept.
pub async fn preview(
    tx: &Tx,
    tenant: &Tenant,
    debt: Option<&Ref>,
    offer: Option<&Ref>,
    asked: &Asked,
    now: Ts,
) -> Result<Agreed> {
    let today = tenant.today(now);
    let account = match debt {
        Some(which) => {
            let found = debts::find(tx, tenant, which).await?;
            let account = found.ok_or_else(|| Failure::unknown_reference("debt_account_id"))?;
            refuse_closed(tx, tenant, &account, now).await?;
            Some(account)
        }
        None => None,
    };
    let offer = match (offer, &account) {
        (Some(which), Some(account)) => {
            Some(debts::offers::to_take_up(tx, tenant, which, account.id, today).await?)
        }
        (Some(_), None) => return Err(Failure::unknown_reference("settlement_offer_id")),
        (None, _) => None,
    };
    agree::agree(
        asked,
        &Basis {
            balance: account.as_ref().map(|account| account.current_balance),
            own_minimum: account.as_ref().and_then(|account| account.rules.min_payment_amount),
            limits: &tenant.rules,
            offer: offer.as_ref(),
            settlement_left: None,
            today,
        },
    )
}

/// Refuses an account on which no plan can be agreed upon now, whatever its terms and whether or not one runs: plans are switched
/// off, no payment can be taken on it, nothing is owed, or a hold is in the way.
pub async fn refuse_closed(tx: &Tx, tenant: &Tenant, account: &Debt, now: Ts) -> Result<()> {
    agree::refuse_disabled(&tenant.rules)?;
    if !account.status.is_payable() || !account.current_balance.is_positive() {
        let say = "No payment can be taken on this account, or nothing is owed on it.";
        return Err(Failure::refused(Code::NotAllowedNow, say));
    }
    let owner = Ids::of([account.customer_id]);
    enrol::refuse_held(&holds::of_customers(tx, tenant, &owner, now).await?, account)
}

/// A plan under its account's lock. 404 where there is none.
async fn held(tx: &Tx, tenant: &Tenant, id: PlanId) -> Result<Plan> {
    let seen = plan(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    lock_families_of(tx, tenant, &[seen.debt_id]).await?;
    plan(tx, tenant, id).await?.ok_or_else(Failure::not_found)
}
