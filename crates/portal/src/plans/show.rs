//! A plan: how it stands, what was paid, what comes when with what; and what its customer authorized.

use std::sync::Arc;

use askama::Template;
use base::Result;
use base::db::Ids;
use base::page::Page;
use books::debts::plans::{self, Instalment, InstalmentState, Plan, PlanStatus, Progress};
use books::messages::{self, State};
use books::orgs::PaymentRules;
use consumer::sessions::Visitor;
use edge::Reply;
use payments::methods::{self, Kind, MethodId};
use payments::plans::Evidence;

use super::{find, matter, often, path, taken_on};
use crate::accounts::Shown;
use crate::page::{self, Frame};
use crate::payments::named;
use crate::texts::Texts;
use crate::{Call, PREFIX};

/// What a plan charges, in words, and what kind of thing that is.
pub(super) async fn charged(
    call: &Call,
    visitor: &Visitor,
    plan: &Plan,
    t: Texts,
) -> Result<Option<(String, Kind)>> {
    let tx = call.state.db.read().await?;
    let found = methods::load(&tx, &visitor.tenant, plan.payment_method_id.map(MethodId)).await?;
    let say = |method: methods::Method| {
        (named(method.kind, method.brand.as_deref(), &method.last_four, t), method.kind)
    };
    Ok(found.into_values().next().filter(|method| !method.is_deleted).map(say))
}

/// How a plan stands, and what that means, by the keys of the words.
fn standing(plan: &Plan) -> (&'static str, &'static str) {
    match (plan.status, plan.reason.as_deref()) {
        (PlanStatus::Active, _) => ("plan-runs", "plan-runs-says"),
        (PlanStatus::Paused, None) => ("plan-paused", "plan-paused-says"),
        (PlanStatus::Paused, Some("payment_method_stopped" | "payment_method_deleted")) => {
            ("plan-paused", "plan-paused-method")
        }
        (PlanStatus::Paused, Some(_)) => ("plan-paused", "plan-paused-otherwise"),
        (PlanStatus::Completed, Some("settled")) => ("plan-settled", "plan-settled-says"),
        (PlanStatus::Completed, _) => ("plan-completed", "plan-completed-says"),
        (PlanStatus::Broken, _) => ("plan-broken", "plan-broken-says"),
        (PlanStatus::Pending | PlanStatus::Cancelled, Some("replaced")) => ("plan-ended", "plan-replaced"),
        (PlanStatus::Pending | PlanStatus::Cancelled, _) => ("plan-ended", "plan-ended-says"),
    }
}

/// What can be done about a plan.
struct May {
    pause: bool,
    resume: bool,
    stop: bool,
    method: bool,
    change: bool,
}

impl May {
    fn of(plan: &Plan, rules: &PaymentRules) -> May {
        let runs = plan.status.is_enrolled();
        May {
            pause: plan.status == PlanStatus::Active,
            // One that stands still for a reason goes on once that is mended.
            resume: plan.status == PlanStatus::Paused && plan.reason.is_none(),
            stop: runs,
            method: runs,
            change: matter::may_change(plan, rules),
        }
    }
}

/// A payment of a plan, in words.
struct Row {
    day: String,
    amount: String,
    standing: String,
    /// Where the payment is, once there is one.
    payment: Option<String>,
    /// Where it can be skipped.
    skip: Option<String>,
    /// What it is called where it is skipped.
    named: String,
}

fn row(plan: &Plan, one: &Instalment, kind: Option<Kind>, t: Texts) -> Row {
    let key = match one.state {
        InstalmentState::Scheduled if one.due_at.is_none() => "instalment-waits",
        InstalmentState::Scheduled if one.refused > 0 => "instalment-again",
        InstalmentState::Scheduled => "instalment-planned",
        InstalmentState::Submitting => "instalment-under-way",
        InstalmentState::Paid => "instalment-paid",
        InstalmentState::Failed => "instalment-failed",
        InstalmentState::Cancelled => "instalment-cancelled",
    };
    let is_coming = one.state == InstalmentState::Scheduled;
    let day = t.day(if is_coming { taken_on(one.due_on, kind) } else { one.due_on });
    let skip = is_coming && one.due_at.is_some() && plan.status.is_enrolled();
    Row {
        amount: t.money(one.amount),
        standing: t.say(key),
        payment: one.charge_id.map(|charge| format!("{PREFIX}/payments/{charge}")),
        skip: skip.then(|| format!("{}/skip/{}", path(plan.id), one.id)),
        named: t.say1("plan-skip-this", "day", &day),
        day,
    }
}

/// The terms of a plan and how far it is, in words.
fn facts(plan: &Plan, progress: Progress, with: Option<String>, t: Texts) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |key: &str, is: Option<String>| {
        if let Some(is) = is {
            facts.push((t.say(key), is));
        }
    };
    fact("plan-often", plan.frequency.map(|frequency| t.say(often(frequency))));
    fact("plan-each", plan.amount.map(|amount| t.money(amount)));
    fact("plan-total", plan.total_amount.map(|total| t.money(total)));
    fact("plan-paid", Some(t.money(progress.paid)));
    let left = plan.total_amount.map(|total| total.minus_down_to_zero(progress.paid));
    fact("plan-left", left.filter(|_| plan.status.is_enrolled()).map(|left| t.money(left)));
    fact("plan-interest", plan.projected_interest.map(|interest| t.money(interest)));
    fact("plan-charges", with);
    fact("plan-last", progress.last.filter(|_| plan.status == PlanStatus::Active).map(|day| t.day(day)));
    fact("payment-reference", Some(plan.id.to_string()));
    facts
}

#[derive(Template)]
#[template(path = "plan_running.html")]
struct One {
    frame: Frame,
    account: Shown,
    path: String,
    standing: String,
    says: Vec<String>,
    facts: Vec<(String, String)>,
    rows: Vec<Row>,
    may_skip: bool,
    may: May,
}

pub(super) async fn show(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (plan, account) = find(&call, &visitor).await?;
    if plan.enrolled_at.is_none() {
        return Ok(page::see(&format!("{PREFIX}/accounts/{}/plan", plan.debt_id)));
    }
    let frame = Frame::inside(&call, &visitor, "plan-running-title");
    let (t, tenant, ids) = (frame.t, &visitor.tenant, Ids::of([plan.id]));
    let charged = charged(&call, &visitor, &plan, t).await?;
    let tx = call.state.db.read().await?;
    let instalments =
        plans::instalments(&tx, tenant, &ids, i64::MAX).await?.remove(&plan.id).unwrap_or_default();
    let progress = plans::progress(&tx, tenant, &ids).await?.remove(&plan.id).unwrap_or_default();
    let (standing, means) = standing(&plan);
    let mut says = vec![t.say(means)];
    if let Some(off) = plan.discount().filter(|_| plan.status.is_enrolled()) {
        says.push(t.say1("plan-forgives", "off", t.money(off)));
    }
    if plan.projected_interest.is_some() && plan.status.is_enrolled() {
        says.push(t.say("plan-interest-projected"));
    }
    if plan.breaks_at.is_some_and(|_| plan.status == PlanStatus::Active) {
        says.push(t.say("plan-breaks"));
    }
    let kind = charged.as_ref().map(|(_, kind)| *kind);
    let rows: Vec<Row> = instalments.iter().map(|one| row(&plan, one, kind, t)).collect();
    let one = One {
        account: Shown::of(&account, t),
        path: path(plan.id),
        standing: t.say(standing),
        says,
        facts: facts(&plan, progress, charged.map(|(say, _)| say), t),
        may_skip: rows.iter().any(|row| row.skip.is_some()),
        rows,
        may: May::of(&plan, &tenant.rules),
        frame,
    };
    page::html(200, &one)
}

/// What somebody authorized, in words.
struct Authorized {
    day: String,
    text: Option<String>,
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "authorizations.html")]
struct Authorizations {
    frame: Frame,
    back: String,
    all: Vec<Authorized>,
}

/// What of the copy of an authorization is to be said.
fn copy(given: &Evidence, state: Option<State>, t: Texts) -> String {
    t.say(match (given.row.copy_id, state) {
        (Some(_), Some(State::Sent)) => "authorized-copy-sent",
        (Some(_), Some(State::Pending)) => "authorized-copy-goes",
        _ => "authorized-copy-none",
    })
}

pub(super) async fn authorizations(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (plan, _) = find(&call, &visitor).await?;
    let frame = Frame::inside(&call, &visitor, "authorized-title");
    let (t, tenant) = (frame.t, &visitor.tenant);
    let tx = call.state.db.read().await?;
    let listed = payments::plans::authorizations_of(&tx, tenant, plan.id, Page::first(100)).await?;
    let copies = Ids::of(listed.rows.iter().filter_map(|given| given.row.copy_id));
    let copies = messages::states(&tx, tenant, &copies).await?;
    let by: Vec<MethodId> = listed.rows.iter().map(|given| given.row.payment_method_id).collect();
    let by = methods::load(&tx, tenant, by).await?;
    let day = |at| t.day(tenant.today(at));
    let shown = |given: &Evidence| {
        let row = &given.row;
        let mut facts = Vec::new();
        if let Some(method) = by.get(&row.payment_method_id) {
            let with = named(method.kind, method.brand.as_deref(), &method.last_four, t);
            facts.push((t.say("plan-charges"), with));
        }
        let ended = row
            .ended_at
            .map_or_else(|| t.say("authorized-holds"), |at| t.say1("authorized-ended", "day", day(at)));
        facts.push((t.say("payment-standing"), ended));
        let state = row.copy_id.and_then(|id| copies.get(&id).copied());
        facts.push((t.say("authorized-copy"), copy(given, state, t)));
        Authorized { day: t.say1("authorized-on", "day", day(row.given_at)), text: given.text.clone(), facts }
    };
    let all = listed.rows.iter().map(shown).collect();
    page::html(200, &Authorizations { back: path(plan.id), all, frame })
}
