//! What a plan charges: another card or account in place of the one it has, by a new authorization.

use std::sync::Arc;

use askama::Template;
use base::{Change, Code, Failure, Ref, Result};
use books::debts::plans::Plan;
use books::idempotency::{self, AtMostOnce};
use consumer::owed::Account;
use consumer::sessions::Visitor;
use edge::Reply;
use payments::methods::Method;
use payments::plans::agree::Interest;
use payments::plans::{AsShown, Changes, Update, words_ahead};

use super::agree::Agree;
use super::signed::{self, SEAL};
use super::{BY, find, path, show};
use crate::accounts::Shown;
use crate::instruments;
use crate::keeping::Keeping;
use crate::page::{self, Choice, Fault, Frame};
use crate::pay::asked as in_query;
use crate::texts::Texts;
use crate::{Call, PREFIX, forms};

#[derive(Template)]
#[template(path = "plan_method.html")]
struct Choose {
    frame: Frame,
    back: String,
    now: String,
    methods: Vec<Choice>,
}

/// The plan that the path names, if it runs; or the page that is shown instead.
async fn running(call: &Call, visitor: &Visitor) -> Result<std::result::Result<(Plan, Account), Reply>> {
    let (plan, account) = find(call, visitor).await?;
    if plan.status.is_enrolled() { Ok(Ok((plan, account))) } else { Ok(Err(page::see(&path(plan.id)))) }
}

async fn chooser(call: &Call, visitor: &Visitor, plan: &Plan, faults: Vec<Fault>) -> Result<Reply> {
    let frame = Frame::inside(call, visitor, "method-title").with(faults);
    let t = frame.t;
    let methods = signed::choices(call, visitor, t).await?;
    if methods.is_empty() {
        return instruments::none_taken(call, visitor);
    }
    let choose = Choose {
        back: path(plan.id),
        now: show::charged(call, visitor, plan, t)
            .await?
            .map_or_else(|| t.say("method-none"), |(say, _)| say),
        methods,
        frame,
    };
    page::html(if choose.frame.faults.is_empty() { 200 } else { 422 }, &choose)
}

/// What is to be chosen; once it is, the words and the button.
pub(super) async fn choose(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (plan, account) = match running(&call, &visitor).await? {
        Ok(found) => found,
        Err(instead) => return Ok(instead),
    };
    match in_query(&call, "with").as_str() {
        "" => chooser(&call, &visitor, &plan, Vec::new()).await,
        new if instruments::kind(new).is_some() => {
            Ok(page::see(&format!("{PREFIX}/tokenizer/method/{}/{new}", plan.id)))
        }
        with => page_of(&call, &visitor, (&plan, &account), with, Vec::new()).await,
    }
}

/// The page with the words and the button; where this cannot be charged, the one before.
async fn page_of(
    call: &Call,
    visitor: &Visitor,
    (plan, account): (&Plan, &Account),
    with: &str,
    faults: Vec<Fault>,
) -> Result<Reply> {
    let t = Texts(page::language(call.headers()));
    let Some((method, say)) = signed::method(call, visitor, with, t).await? else {
        return chooser(call, visitor, plan, vec![not_chosen(t)]).await;
    };
    let signs = signed::signs(call, visitor, &method, t);
    let words = words_ahead(&call.state.db.read().await?, &visitor.tenant, plan, &signs).await?;
    let mut facts = vec![(t.say("plan-charges"), say)];
    facts.extend(Shown::of(account, t).creditors);
    let seal = signed::seal(visitor, plan.id, &method, &words);
    let mut frame = Frame::inside(call, visitor, "method-title").with(faults);
    frame.here = format!("{}/method?with={}", path(plan.id), method.id);
    let agree = Agree {
        frame,
        nonce: forms::nonce(&call.caller().secret),
        once: forms::new_once(call),
        back: format!("{}/method", path(plan.id)),
        action: format!("{}/method", path(plan.id)),
        facts,
        schedule: None,
        words: words.text,
        hidden: vec![("with", method.id.to_string()), (SEAL, seal)],
        button: t.say("method-button"),
    };
    page::html(if agree.frame.faults.is_empty() { 200 } else { 422 }, &agree)
}

fn not_chosen(t: Texts) -> Fault {
    Fault { field: "with", say: t.say("pay-with-wrong") }
}

/// Puts the method in the place of the one that the plan charges, once.
pub(super) async fn change(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let t = Texts(page::language(call.headers()));
    let about = format!("method {} {}", call.param("plan"), forms::text(&call, SEAL));
    let once = forms::once(&call, &visitor, &about)?;
    let (plan, account) = match running(&call, &visitor).await? {
        Ok(found) => found,
        Err(instead) => return Ok(instead),
    };
    if idempotency::before(&call.state.db.read().await?, &visitor.tenant, &once).await?.is_some() {
        return Ok(page::see(&path(plan.id)));
    }
    let with = forms::text(&call, "with");
    let Some((method, _)) = signed::method(&call, &visitor, &with, t).await? else {
        return chooser(&call, &visitor, &plan, vec![not_chosen(t)]).await;
    };
    match charges(&call, &visitor, &plan, &method, &once).await {
        Ok(()) => Ok(page::see(&path(plan.id))),
        Err(refused) if refused.code() == Some(Code::Conflict) => {
            let changed = vec![Fault { field: "terms", say: t.say("plan-changed") }];
            page_of(&call, &visitor, (&plan, &account), &with, changed).await
        }
        Err(refused) if matches!(refused.code(), Some(Code::NotAllowedNow | Code::Blocked)) => {
            page::notice(200, Frame::inside(&call, &visitor, "method-title"), &["plan-cannot"])
        }
        Err(Failure::Refused(_)) => {
            let fault = Fault { field: "with", say: t.say("pay-with-stopped") };
            chooser(&call, &visitor, &plan, vec![fault]).await
        }
        Err(broken) => Err(broken),
    }
}

/// Lets the plan charge this from now on, if that is what was shown.
async fn charges(
    call: &Call,
    visitor: &Visitor,
    plan: &Plan,
    method: &Method,
    once: &idempotency::Once,
) -> Result<()> {
    let (db, tenant, id, now) = (&call.state.db, &visitor.tenant, plan.id, call.now);
    let signs = signed::signs(call, visitor, method, Texts(page::language(call.headers())));
    let words = words_ahead(&db.read().await?, tenant, plan, &signs).await?;
    if !signed::is_sealed(call, visitor, id, method, &words) {
        return Err(Failure::refused(Code::Conflict, "What would be authorized is not what was shown."));
    }
    let (Some(frequency), Some(start), Some(amount)) = (plan.frequency, plan.start_date, plan.amount) else {
        return Err(Failure::broken("changing what a plan charges", "an enrolled plan has no terms"));
    };
    let changes = Changes {
        debt: None,
        frequency,
        start,
        amount,
        total: None,
        rate: Change::Keep,
        interest: Interest::default(),
        method: Ref::new(&method.id.to_string()),
        given: Some(signed::given(call, visitor, &words)),
    };
    let work = Update { tenant, id, changes: &changes, by: BY.into(), now };
    let work = AsShown { tenant, plan: id, words: &words, work };
    let run = AtMostOnce { tenant, once: Some(once), kind: "payment_plan.method", object: id.0, work };
    db.run(&run).await.map(drop)
}

fn keeping(call: &Call, plan: &Plan) -> Result<Keeping> {
    let back = format!("{}/method", path(plan.id));
    Keeping::of(call, back.clone(), back)
}

/// The page on which a new card or bank account is written for a plan that runs.
pub(super) async fn new(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    match running(&call, &visitor).await? {
        Ok((plan, _)) => keeping(&call, &plan)?.page(&call, &visitor).await,
        Err(instead) => Ok(instead),
    }
}

/// Keeps it.
pub(super) async fn keep(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    match running(&call, &visitor).await? {
        Ok((plan, _)) => keeping(&call, &plan)?.keep(&call, &visitor).await,
        Err(instead) => Ok(instead),
    }
}
