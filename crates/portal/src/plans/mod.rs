//! Paying over time: what may be agreed on, and the plan that runs.
//!
//! - [`matter`]: what a plan on an account would be about; [`terms`]: its terms, as somebody writes them;
//! - [`agree`]: every payment is shown, then the words, and only then a button agrees on it; [`keeping`](crate::keeping): a new card or bank
//!   account is kept;
//! - [`show`]: a plan that runs; [`steps`]: one payment is skipped, all of it stands still, goes on, ends; [`method`]: what
//!   it charges.
//!
//! What may be agreed on is decided by the operations that the API calls; here their refusals become words at a field.

mod agree;
mod matter;
mod method;
mod schedule;
mod show;
mod signed;
mod steps;
mod terms;

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::us::banking_day_from;
use base::{Cents, Day, Failure, Result};
use books::debts::Frequency;
use books::debts::plans::{self, Plan, PlanStatus};
use books::debts::{DebtId, PlanId};
use books::orgs::Tenant;
use consumer::owed::{self, Account};
use consumer::sessions::Visitor;
use edge::Endpoint;
use http::Method;
use payments::methods::{self, Kind, MethodId};

use self::matter::Standing;
use crate::door::within;
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, offers};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    let mut all = vec![
        within(Method::GET, "/plans/{plan}", show::show),
        within(Method::GET, "/plans/{plan}/authorizations", show::authorizations),
        within(Method::GET, "/plans/{plan}/method", method::choose),
        within(Method::POST, "/plans/{plan}/method", method::change),
        within(Method::GET, "/tokenizer/method/{plan}/{kind}", method::new),
        within(Method::POST, "/tokenizer/method/{plan}/{kind}", method::keep),
    ];
    all.extend(agree::rows());
    all.extend(steps::rows());
    all
}

/// Who does what is done here, as an authorization names whoever recorded it.
const BY: &str = "customer";

/// How often a plan pays, by the key of its words.
const fn often(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Weekly => "often-weekly",
        Frequency::EveryOtherWeek => "often-every-other-week",
        Frequency::Monthly => "often-monthly",
        Frequency::LastOfMonth => "often-last-of-month",
    }
}

fn path(plan: PlanId) -> String {
    format!("{PREFIX}/plans/{plan}")
}

/// The plan that the path names, and its account, if it is one that the visitor may see.
async fn find(call: &Call, visitor: &Visitor) -> Result<(Plan, Account)> {
    let (tenant, which) = (&visitor.tenant, call.id("plan")?);
    let tx = call.state.db.read().await?;
    let plan = payments::plans::find(&tx, tenant, &which).await?.ok_or_else(Failure::not_found)?;
    let all = owed::accounts(&tx, tenant, visitor.customer.id, tx.now()).await?;
    let account = owed::find(&all, plan.debt_id).cloned().ok_or_else(Failure::not_found)?;
    Ok((plan, account))
}

/// A payment that is coming.
#[derive(Clone, Copy, Debug)]
struct Next {
    day: Day,
    amount: Cents,
}

/// The day on which a plan that charges this takes what is due on a day: a bank account is debited on banking days.
fn taken_on(day: Day, kind: Option<Kind>) -> Day {
    if kind == Some(Kind::Ach) { banking_day_from(day) } else { day }
}

/// The next payment of each of these plans that has one.
async fn next_of(tx: &Tx, tenant: &Tenant, all: &[&Plan]) -> Result<HashMap<PlanId, Next>> {
    let ids = Ids::of(all.iter().map(|plan| plan.id));
    let first = plans::instalments(tx, tenant, &ids, 1).await?;
    let charged: Vec<MethodId> = all.iter().filter_map(|p| p.payment_method_id.map(MethodId)).collect();
    let charged = methods::load(tx, tenant, charged).await?;
    let next = |plan: &&Plan| {
        let one = first.get(&plan.id)?.first().filter(|one| one.due_at.is_some())?;
        let kind = plan.payment_method_id.and_then(|id| charged.get(&MethodId(id))).map(|method| method.kind);
        Some((plan.id, Next { day: taken_on(one.due_on, kind), amount: one.amount }))
    };
    Ok(all.iter().filter_map(next).collect())
}

/// A plan that runs, in a line.
fn line(plan: &Plan, next: Option<&Next>, t: Texts) -> String {
    match (plan.status, next) {
        (PlanStatus::Active, Some(next)) => {
            t.with("plan-line-next", &[("amount", t.money(next.amount)), ("day", t.day(next.day))])
        }
        (PlanStatus::Paused, _) => t.say("plan-line-paused"),
        _ => t.say("plan-line"),
    }
}

/// The plans that run on these accounts, each in a line.
pub(crate) async fn lines(
    call: &Call,
    visitor: &Visitor,
    accounts: &[Account],
    t: Texts,
) -> Result<HashMap<DebtId, String>> {
    let all = accounts.iter().flat_map(|one| std::iter::once(one).chain(&one.under));
    let all = Ids::of(all.map(|one| one.debt.id));
    let tx = call.state.db.read().await?;
    let living = plans::living(&tx, &visitor.tenant, &all).await?;
    let running: Vec<&Plan> = living.iter().filter(|plan| plan.status.is_enrolled()).collect();
    let next = next_of(&tx, &visitor.tenant, &running).await?;
    Ok(running.iter().map(|plan| (plan.debt_id, line(plan, next.get(&plan.id), t))).collect())
}

/// A way on from an account: where it leads, and what it is called.
pub(crate) struct Way {
    pub(crate) path: String,
    pub(crate) say: String,
}

/// What an account's page says of paying it over time.
#[derive(Default)]
pub(crate) struct OnAccount {
    /// The plan that runs.
    pub(crate) running: Option<Way>,
    /// Where one begins.
    pub(crate) begin: Option<Way>,
    /// What the organization offers to settle the account for.
    pub(crate) offers: Vec<offers::Line>,
}

/// What an account's page says of paying it over time.
pub(crate) async fn on_account(
    call: &Call,
    visitor: &Visitor,
    account: &Account,
    t: Texts,
) -> Result<OnAccount> {
    Ok(match matter::standing(call, visitor, account).await? {
        Standing::Runs(plan) => {
            let tx = call.state.db.read().await?;
            let next = next_of(&tx, &visitor.tenant, &[&plan]).await?;
            let running = Way { path: path(plan.id), say: line(&plan, next.get(&plan.id), t) };
            OnAccount { running: Some(running), ..OnAccount::default() }
        }
        Standing::Closed => OnAccount::default(),
        Standing::Open(pending) => OnAccount {
            running: None,
            begin: matter::may_begin(account, pending.as_deref()).then(|| Way {
                path: format!("{PREFIX}/accounts/{}/plan", account.debt.id),
                say: t.say(if pending.is_some() { "plan-look" } else { "plan-begin" }),
            }),
            offers: offers::on_account(call, visitor, account, t).await?,
        },
    })
}

/// Whether somebody was asked to agree on a plan for an account, and has not yet.
pub(crate) async fn is_asked(tx: &Tx, tenant: &Tenant, account: DebtId) -> Result<bool> {
    let living = plans::living(tx, tenant, &Ids::of([account])).await?;
    let pending = living.iter().filter(|plan| plan.status == PlanStatus::Pending).map(|plan| plan.id);
    Ok(!payments::plans::requests(tx, tenant, &Ids::of(pending)).await?.is_empty())
}
