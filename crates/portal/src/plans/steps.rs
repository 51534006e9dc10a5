//! What somebody wants of their plan: one payment is skipped, all of it stands still, goes on, ends. Each is explained on a
//! page first, and done once by its button.

use std::sync::Arc;

use askama::Template;
use base::db::Ids;
use base::{Code, Failure, Result};
use books::debts::plans::{self, Instalment, InstalmentId, InstalmentState, Plan, PlanStatus};
use books::idempotency::AtMostOnce;
use consumer::sessions::Visitor;
use edge::Endpoint;
use edge::Reply;
use http::Method;
use payments::plans::{Given, Skip, Step, Wish};

use super::{BY, Next, find, next_of, path, show, taken_on};
use crate::door::within;
use crate::page::{self, Frame};
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, forms};

/// The rows of the table.
pub(super) fn rows() -> Vec<Endpoint<Portal>> {
    let mut all = vec![
        within(Method::GET, "/plans/{plan}/skip/{instalment}", ask_to_skip),
        within(Method::POST, "/plans/{plan}/skip/{instalment}", skip),
    ];
    for (at, wish) in [
        ("/plans/{plan}/pause", Wish::Pause),
        ("/plans/{plan}/resume", Wish::Resume),
        ("/plans/{plan}/stop", Wish::Cancel),
    ] {
        all.push(within(Method::GET, at, move |call, visitor| ask(call, visitor, wish)));
        all.push(within(Method::POST, at, move |call, visitor| step(call, visitor, wish)));
    }
    all
}

#[derive(Template)]
#[template(path = "plan_step.html")]
struct Ask {
    frame: Frame,
    nonce: String,
    once: String,
    back: String,
    says: Vec<String>,
    button: String,
}

impl Ask {
    fn page(
        call: &Call,
        visitor: &Visitor,
        plan: &Plan,
        (title, button): (&str, &str),
        says: Vec<String>,
    ) -> Result<Reply> {
        let frame = Frame::inside(call, visitor, title);
        let ask = Ask {
            nonce: forms::nonce(&call.caller().secret),
            once: forms::new_once(call),
            back: path(plan.id),
            says,
            button: frame.t.say(button),
            frame,
        };
        page::html(200, &ask)
    }
}

/// A wish's title, what it means, and its button, by the keys of their words.
const fn words(wish: Wish) -> (&'static str, &'static str, &'static str) {
    match wish {
        Wish::Pause => ("plan-pause", "plan-pause-says", "plan-pause-button"),
        Wish::Resume | Wish::Reinstate => ("plan-resume", "plan-resume-says", "plan-resume-button"),
        Wish::Cancel => ("plan-stop", "plan-stop-says", "plan-stop-button"),
    }
}

/// Whether a plan that stands like this can be asked for it.
fn fits(wish: Wish, plan: &Plan) -> bool {
    match wish {
        Wish::Pause => plan.status == PlanStatus::Active,
        Wish::Resume | Wish::Reinstate => plan.status == PlanStatus::Paused,
        Wish::Cancel => plan.status.is_enrolled(),
    }
}

async fn ask(call: Call, visitor: Arc<Visitor>, wish: Wish) -> Result<Reply> {
    let (plan, _) = find(&call, &visitor).await?;
    if !fits(wish, &plan) {
        return Ok(page::see(&path(plan.id)));
    }
    let t = Texts(page::language(call.headers()));
    let (title, means, button) = words(wish);
    let mut says = vec![t.say(means)];
    let tx = call.state.db.read().await?;
    let ids = Ids::of([plan.id]);
    let next = next_of(&tx, &visitor.tenant, &[&plan]).await?.remove(&plan.id);
    let all =
        plans::instalments(&tx, &visitor.tenant, &ids, i64::MAX).await?.remove(&plan.id).unwrap_or_default();
    if wish != Wish::Resume {
        says.extend(next.and_then(|next| until(&call, &visitor, next, t)));
        if all.iter().any(|one| one.state == InstalmentState::Submitting) {
            says.push(t.say("plan-under-way"));
        }
    }
    if wish == Wish::Cancel && plan.discount().is_some() {
        says.push(t.say("plan-stop-settlement"));
    }
    Ask::page(&call, &visitor, &plan, (title, button), says)
}

async fn step(call: Call, visitor: Arc<Visitor>, wish: Wish) -> Result<Reply> {
    let (plan, _) = find(&call, &visitor).await?;
    let kind = match wish {
        Wish::Pause => "payment_plan.pause",
        Wish::Resume | Wish::Reinstate => "payment_plan.resume",
        Wish::Cancel => "payment_plan.cancel",
    };
    let once = forms::once(&call, &visitor, &format!("{kind} {}", plan.id))?;
    // Nobody ends by a plan's pages what they have not agreed on.
    if plan.enrolled_at.is_none() {
        return Ok(page::see(&path(plan.id)));
    }
    let (tenant, given) = (&visitor.tenant, Given::default());
    let work = Step { tenant, id: plan.id, wish, method: None, given: &given, by: BY, now: call.now };
    let run = AtMostOnce { tenant, once: Some(&once), kind, object: plan.id.0, work };
    done(&call, &visitor, &plan, call.state.db.run(&run).await.map(drop))
}

/// Until when a payment can still be stopped: it is taken from the beginning of its day on.
fn until(call: &Call, visitor: &Visitor, next: Next, t: Texts) -> Option<String> {
    let is_ahead = next.day > visitor.tenant.today(call.now);
    let with = [("amount", t.money(next.amount)), ("day", t.day(next.day))];
    is_ahead.then(|| t.with("plan-until", &with))
}

/// Back to the plan, or that it could not be done.
fn done(call: &Call, visitor: &Visitor, plan: &Plan, done: Result<()>) -> Result<Reply> {
    match done {
        Ok(()) => Ok(page::see(&path(plan.id))),
        Err(refused) if matches!(refused.code(), Some(Code::NotAllowedNow | Code::Blocked)) => {
            page::notice(200, Frame::inside(call, visitor, "plan-running-title"), &["plan-cannot"])
        }
        Err(failure) => Err(failure),
    }
}

/// The payment that the path names, and its plan.
async fn instalment(call: &Call, visitor: &Visitor) -> Result<(Plan, Instalment)> {
    let (plan, _) = find(call, visitor).await?;
    let id = call.id("instalment")?.ours().map(InstalmentId).ok_or_else(Failure::not_found)?;
    let (tx, ids) = (call.state.db.read().await?, Ids::of([plan.id]));
    let all =
        plans::instalments(&tx, &visitor.tenant, &ids, i64::MAX).await?.remove(&plan.id).unwrap_or_default();
    let one = all.into_iter().find(|one| one.id == id).ok_or_else(Failure::not_found)?;
    Ok((plan, one))
}

async fn ask_to_skip(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (plan, one) = instalment(&call, &visitor).await?;
    if one.state != InstalmentState::Scheduled || !plan.status.is_enrolled() {
        return Ok(page::see(&path(plan.id)));
    }
    let t = Texts(page::language(call.headers()));
    let kind = show::charged(&call, &visitor, &plan, t).await?.map(|(_, kind)| kind);
    let (day, amount) = (taken_on(one.due_on, kind), one.amount);
    let mut says = vec![t.with("plan-skip-says", &[("amount", t.money(amount)), ("day", t.day(day))])];
    says.extend(until(&call, &visitor, Next { day, amount }, t));
    Ask::page(&call, &visitor, &plan, ("plan-skip", "plan-skip-button"), says)
}

async fn skip(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (plan, one) = instalment(&call, &visitor).await?;
    let once = forms::once(&call, &visitor, &format!("payment_plan.skip {}", one.id))?;
    let tenant = &visitor.tenant;
    let work = Skip { tenant, plan: plan.id, instalment: one.id, now: call.now };
    let run = AtMostOnce { tenant, once: Some(&once), kind: "payment_plan.skip", object: one.id.0, work };
    done(&call, &visitor, &plan, call.state.db.run(&run).await.map(drop))
}
