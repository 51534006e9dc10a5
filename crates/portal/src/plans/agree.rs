//! Agreeing on a plan: its terms and every payment of it, then the words of what is authorized, and only then a button.
//!
//! The page with the button has the id that the plan will have: it stands in its words, and it is the number under which the
//! plan is agreed on once, however often the button is chosen.

use std::sync::Arc;

use askama::Template;
use base::{Change, Failure, Ref, Result};
use books::debts::{Frequency, PlanId};
use books::idempotency::{self, AtMostOnce};
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;
use payments::methods;
use payments::plans::agree::{Agreed, Asked, Interest};
use payments::plans::{AsShown, Changes, Create, New, Replace, Update, Words, words};
use uuid::Uuid;

use super::matter::{self, Matter};
use super::schedule::Schedule;
use super::signed::{self, SEAL};
use super::terms::{self, Written};
use super::{BY, Way, often, path};
use crate::accounts::Shown;
use crate::door::within;
use crate::instruments;
use crate::keeping::Keeping;
use crate::page::{self, Choice, Fault, Frame};
use crate::pay::asked as in_query;
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, forms};

/// The rows of the table: the same pages for a plan, for an offer that it takes up, and for terms in place of those of one.
pub(super) fn rows() -> Vec<Endpoint<Portal>> {
    let mut all = Vec::new();
    for (at, keep) in [
        ("/accounts/{account}/plan", "/tokenizer/plan/{account}/{kind}"),
        ("/accounts/{account}/offers/{offer}", "/tokenizer/offer/{account}/{offer}/{kind}"),
        ("/plans/{plan}/change", "/tokenizer/change/{plan}/{kind}"),
    ] {
        let agree = format!("{at}/agree");
        all.extend([
            within(Method::GET, at, choose),
            within(Method::GET, &agree, review),
            within(Method::POST, &agree, enrol),
            within(Method::GET, keep, new),
            within(Method::POST, keep, kept),
        ]);
    }
    all
}

#[derive(Template)]
#[template(path = "plan.html")]
struct Choose {
    frame: Frame,
    account: Shown,
    /// Where somebody comes from.
    back: Way,
    path: String,
    /// What was proposed or is offered.
    says: Vec<String>,
    may_choose: bool,
    is_one: bool,
    takes_down: bool,
    written: Written,
    often: Vec<Choice>,
    least: Option<String>,
    /// The days from which and to which the first payment may be.
    from: String,
    to: String,
    span: String,
    schedule: Option<Schedule>,
    hidden: Vec<(&'static str, String)>,
    methods: Vec<Choice>,
}

async fn choose(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    match matter::of(&call, &visitor).await? {
        Ok(matter) => chooser(&call, &visitor, &matter, Vec::new()).await,
        Err(instead) => Ok(instead),
    }
}

/// The page on which terms are chosen, and every payment by them is seen.
async fn chooser(call: &Call, visitor: &Visitor, matter: &Matter, faults: Vec<Fault>) -> Result<Reply> {
    let t = Texts(page::language(call.headers()));
    let asked_with = Written::of(call);
    let is_new = asked_with.is_empty();
    let written = if is_new { Written::usual(matter) } else { asked_with };
    let (mut faults, mut found, mut schedule, mut hidden) = (faults, Vec::new(), None, Vec::new());
    match written.read(matter, t) {
        Ok(asked) => match matter.preview(call, visitor, &asked).await {
            Ok(agreed) => {
                schedule = Some(Schedule::of(&agreed, None, t));
                hidden = terms::fields(&asked, matter);
            }
            Err(refused) if terms::is_over(&refused) => return matter::nothing(call, visitor),
            Err(refused) => found = terms::told(refused, matter, &asked, t)?,
        },
        // Nobody has written anything yet.
        Err(_) if is_new => {}
        Err(wrong) => found = wrong,
    }
    // Where there is no schedule, there is nothing to choose that is charged.
    faults.retain(|fault| schedule.is_some() || fault.field != "with");
    if faults.is_empty() {
        faults = found;
    }
    if !matter.lets(&written) || (schedule.is_none() && !matter.may_choose()) {
        return matter::nothing(call, visitor);
    }
    let says = says(matter, written.are_proposed(matter), t);
    let frequency = Frequency::parse(&written.often);
    let choice = |one: &Frequency| Choice {
        word: one.as_str().into(),
        say: t.say(often(*one)),
        is_chosen: Some(*one) == frequency,
    };
    let methods = if schedule.is_some() { signed::choices(call, visitor, t).await? } else { Vec::new() };
    if schedule.is_some() && methods.is_empty() {
        return instruments::none_taken(call, visitor);
    }
    let (from, to) = matter.span();
    // By terms that can be read, whatever they would come to: else by the usual ones.
    let least =
        written.read(matter, t).ok().or_else(|| sample(matter, frequency)).and_then(|a| matter.least(&a));
    let choose = Choose {
        frame: Frame::inside(call, visitor, matter.title()).with(faults),
        back: matter.back(t),
        account: Shown::of(&matter.account, t),
        path: matter.path.clone(),
        says,
        may_choose: matter.may_choose(),
        is_one: matter.is_one(),
        takes_down: matter.takes_down(),
        often: Frequency::ALL.iter().map(choice).collect(),
        least: least.map(|least| t.money(least)),
        span: t.with("plan-first-hint", &[("from", t.day(from)), ("to", t.day(to))]),
        from: from.to_string(),
        to: to.to_string(),
        written,
        hidden,
        methods,
        schedule,
    };
    page::html(if choose.frame.faults.is_empty() { 200 } else { 422 }, &choose)
}

/// Terms to ask with how much a payment is at least.
fn sample(matter: &Matter, frequency: Option<Frequency>) -> Option<Asked> {
    let (from, _) = matter.span();
    Some(matter.asked((frequency?, from, matter.account.debt.current_balance), None))
}

/// What was proposed or is offered, in words.
fn says(matter: &Matter, is_proposed: bool, t: Texts) -> Vec<String> {
    let mut says = Vec::new();
    if let Some(offer) = &matter.offer {
        says.extend(crate::offers::says(offer, &matter.account, t));
    }
    if matter.running.is_some() {
        says.push(t.say("plan-change-says"));
    } else if matter.pending.is_some() {
        says.push(t.say(if is_proposed { "plan-as-proposed" } else { "plan-was-proposed" }));
        if is_proposed && matter.may_choose() {
            says.push(t.say("plan-may-change"));
        }
    } else if matter.offer.is_none() {
        says.push(t.say("plan-says"));
    }
    says
}

/// Terms that may be agreed on, and what would be charged for them.
struct Ready {
    asked: Asked,
    agreed: Agreed,
    method: methods::Method,
    with: String,
}

/// What a page or its form asks for, if it may be agreed on; else the page that says why not, or that comes first.
async fn ready(
    call: &Call,
    visitor: &Visitor,
    matter: &Matter,
    with: &str,
) -> Result<std::result::Result<Ready, Reply>> {
    let t = Texts(page::language(call.headers()));
    let written = Written::of(call);
    if written.is_empty() {
        return Ok(Err(page::see(&matter.path)));
    }
    let asked = match written.read(matter, t) {
        Ok(asked) => asked,
        Err(_) => return Ok(Err(chooser(call, visitor, matter, Vec::new()).await?)),
    };
    if !matter.lets(&written) {
        return Ok(Err(matter::nothing(call, visitor)?));
    }
    let agreed = match matter.preview(call, visitor, &asked).await {
        Ok(agreed) => agreed,
        Err(Failure::Refused(_)) => return Ok(Err(chooser(call, visitor, matter, Vec::new()).await?)),
        Err(broken) => return Err(broken),
    };
    if instruments::kind(with).is_some() {
        let query = terms::query(&asked, matter);
        return Ok(Err(page::see(&format!("{}/{with}?{query}", new_path(call)))));
    }
    let Some((method, with)) = signed::method(call, visitor, with, t).await? else {
        let fault = Fault { field: "with", say: t.say("pay-with-wrong") };
        return Ok(Err(chooser(call, visitor, matter, vec![fault]).await?));
    };
    Ok(Ok(Ready { asked, agreed, method, with }))
}

/// Where something new to charge is written for what the path is about.
fn new_path(call: &Call) -> String {
    match (call.param("plan"), call.param("account"), call.param("offer")) {
        ("", account, "") => format!("{PREFIX}/tokenizer/plan/{account}"),
        ("", account, offer) => format!("{PREFIX}/tokenizer/offer/{account}/{offer}"),
        (plan, _, _) => format!("{PREFIX}/tokenizer/change/{plan}"),
    }
}

#[derive(Template)]
#[template(path = "agree.html")]
pub(super) struct Agree {
    pub(super) frame: Frame,
    pub(super) nonce: String,
    pub(super) once: String,
    pub(super) back: String,
    pub(super) action: String,
    pub(super) facts: Vec<(String, String)>,
    pub(super) schedule: Option<Schedule>,
    pub(super) words: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) button: String,
}

/// The page with the words and the button.
async fn page_of(
    call: &Call,
    visitor: &Visitor,
    matter: &Matter,
    ready: Ready,
    faults: Vec<Fault>,
) -> Result<Reply> {
    let mut frame = Frame::inside(call, visitor, "agree-title").with(faults);
    let (t, tenant) = (frame.t, &visitor.tenant);
    let Ready { asked, agreed, method, with } = ready;
    let once = forms::new_once(call);
    let id = plan_id(matter, &once)?;
    let plan = matter.plan(visitor, id, &agreed, call.now);
    let words =
        words(&call.state.db.read().await?, tenant, &plan, &signed::signs(call, visitor, &method, t)).await?;
    let schedule = Schedule::of(&agreed, Some(method.kind), t);
    let mut facts = schedule.facts.clone();
    facts.push((t.say("payment-with"), with));
    facts.extend(Shown::of(&matter.account, t).creditors);
    let mut hidden = terms::fields(&asked, matter);
    hidden.extend([("with", method.id.to_string()), (SEAL, signed::seal(visitor, id, &method, &words))]);
    let query = terms::query(&asked, matter);
    frame.here = format!("{}/agree?{query}&with={}", matter.path, method.id);
    let agree = Agree {
        nonce: forms::nonce(&call.caller().secret),
        once,
        back: format!("{}?{query}", matter.path),
        action: format!("{}/agree", matter.path),
        facts,
        schedule: Some(schedule),
        words: words.text,
        hidden,
        button: t.say("agree-button"),
        frame,
    };
    page::html(if agree.frame.faults.is_empty() { 200 } else { 422 }, &agree)
}

/// The id that the plan will have: that of what was proposed, else the page's own number.
fn plan_id(matter: &Matter, once: &str) -> Result<PlanId> {
    match &matter.pending {
        Some(plan) => Ok(plan.id),
        None => Uuid::try_parse(once).map(PlanId).map_err(|_| Failure::not_found()),
    }
}

async fn review(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let matter = match matter::of(&call, &visitor).await? {
        Ok(matter) => matter,
        Err(instead) => return Ok(instead),
    };
    match ready(&call, &visitor, &matter, &in_query(&call, "with")).await? {
        Ok(ready) => page_of(&call, &visitor, &matter, ready, Vec::new()).await,
        Err(instead) => Ok(instead),
    }
}

async fn enrol(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let t = Texts(page::language(call.headers()));
    let about = format!("plan {} {}", call.path(), forms::text(&call, SEAL));
    let once = forms::once(&call, &visitor, &about)?;
    let effect = idempotency::before(&call.state.db.read().await?, &visitor.tenant, &once).await?;
    if let Some(plan) = effect.map(|effect| effect.of("payment_plan")).transpose()? {
        return Ok(page::see(&path(PlanId(plan))));
    }
    let matter = match matter::of(&call, &visitor).await? {
        Ok(matter) => matter,
        Err(instead) => return Ok(instead),
    };
    let ready = match ready(&call, &visitor, &matter, &forms::text(&call, "with")).await? {
        Ok(ready) => ready,
        Err(instead) => return Ok(instead),
    };
    let id = plan_id(&matter, &forms::text(&call, forms::ONCE))?;
    let plan = matter.plan(&visitor, id, &ready.agreed, call.now);
    let signs = signed::signs(&call, &visitor, &ready.method, t);
    let words = words(&call.state.db.read().await?, &visitor.tenant, &plan, &signs).await?;
    let is_shown = signed::is_sealed(&call, &visitor, id, &ready.method, &words);
    let changed = || vec![Fault { field: "terms", say: t.say("plan-changed") }];
    if !is_shown {
        return page_of(&call, &visitor, &matter, ready, changed()).await;
    }
    match agrees(&call, &visitor, &matter, (id, &ready, &words), &once).await {
        Ok(plan) => Ok(page::see(&path(plan))),
        Err(refused) if terms::is_over(&refused) => matter::nothing(&call, &visitor),
        Err(refused) => {
            let faults = terms::told(refused, &matter, &ready.asked, t)?;
            chooser(&call, &visitor, &matter, faults).await
        }
    }
}

/// Enrols, once, in what was shown; gives the plan.
async fn agrees(
    call: &Call,
    visitor: &Visitor,
    matter: &Matter,
    (id, ready, words): (PlanId, &Ready, &Words),
    once: &idempotency::Once,
) -> Result<PlanId> {
    let (db, tenant, now) = (&call.state.db, &visitor.tenant, call.now);
    let named = |id: String| Ref::new(&id).ok_or_else(Failure::not_found);
    let method = Some(named(ready.method.id.to_string())?);
    let given = signed::given(call, visitor, words);
    let made = if let Some(running) = &matter.running {
        let (old, asked, method, given) = (running.plan.id, &ready.asked, method.as_ref(), &given);
        let work =
            Replace { tenant, old, id, asked, method, offer: None, given, source: "portal", by: BY, now };
        let work = AsShown { tenant, plan: id, words, work };
        db.run(&AtMostOnce { tenant, once: Some(once), kind: "payment_plan", object: id.0, work }).await?
    } else if matter.pending.is_some() {
        let changes = Changes {
            debt: None,
            frequency: ready.asked.frequency,
            start: ready.agreed.start,
            amount: ready.asked.amount,
            total: None,
            rate: Change::Keep,
            interest: Interest::default(),
            method,
            given: Some(given),
        };
        let work = Update { tenant, id, changes: &changes, by: BY.into(), now };
        let work = AsShown { tenant, plan: id, words, work };
        db.run(&AtMostOnce { tenant, once: Some(once), kind: "payment_plan", object: id.0, work }).await?
    } else {
        let debt = named(matter.account.debt.id.to_string())?;
        let (asked, offer) = (ready.asked, matter.offer_ref());
        let new = New { debt, asked, method, offer, given, source: "portal" };
        let work = Create { tenant, id, new: &new, by: BY.into(), now };
        let work = AsShown { tenant, plan: id, words, work };
        db.run(&AtMostOnce { tenant, once: Some(once), kind: "payment_plan", object: id.0, work }).await?
    };
    Ok(PlanId(made.id()))
}

/// Where somebody goes on to once something new is kept, and where they go back to.
async fn keeping(call: &Call, visitor: &Visitor) -> Result<std::result::Result<Keeping, Reply>> {
    let t = Texts(page::language(call.headers()));
    let matter = match matter::of(call, visitor).await? {
        Ok(matter) => matter,
        Err(instead) => return Ok(Err(instead)),
    };
    // The terms stand in the query, also of what a form is sent to.
    let text = |field| in_query(call, field);
    let written =
        Written { often: text("often"), amount: text("amount"), first: text("first"), down: text("down") };
    let Ok(asked) = written.read(&matter, t) else { return Ok(Err(page::see(&matter.path))) };
    let query = terms::query(&asked, &matter);
    let (back, then) = (format!("{}?{query}", matter.path), format!("{}/agree?{query}", matter.path));
    Keeping::of(call, back, then).map(Ok)
}

async fn new(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    match keeping(&call, &visitor).await? {
        Ok(keeping) => keeping.page(&call, &visitor).await,
        Err(instead) => Ok(instead),
    }
}

async fn kept(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    match keeping(&call, &visitor).await? {
        Ok(keeping) => keeping.keep(&call, &visitor).await,
        Err(instead) => Ok(instead),
    }
}
