//! Payment plans over HTTP.

mod present;
mod requests;

use std::collections::HashMap;

use base::db::{Command, Ids, Tx};
use base::{Failure, Result};
use books::debts::plans::{InstalmentId, Plan};
use books::debts::{self, PlanId};
use books::idempotency::{AtMostOnce, Made};
use books::messages::{self, MessageId};
use books::orgs::Tenant;
use consumer::notices::AskToAgree;
use edge::routes::{delete, get, post, put};
use edge::{Access, BY_AGE, Endpoint, Paging, Reply, paging};
use payments::methods::MethodId;
use payments::plans::agree::Agreed;
use payments::plans::{
    self, Create, Delete, Evidence, Filter, Given, Propose, Replace, Request, Skip, Step, Update, Wish,
};
use serde_json::{Value, json};

pub(crate) use self::present::{Facts, json, schema};
use self::present::{authorization, authorization_schema};
use self::requests::{changes, filters, includes, look, new, proposal, reinstatement, replacement};
use crate::include::{Include, Shown, View};
use crate::schema::{cents, day, flag, id, instant, list, maybe, object, shown, success, text, whole};
use crate::spelling::Words;
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("payment_plans:read");
const WRITE: Access = Access::Scope("payment_plans:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "payment_plan";
/// The same for a plan that came with a request to agree on it.
const REQUEST: &str = "payment_plan.request";
/// The same for a plan that took the place of another.
const REPLACE: &str = "payment_plan.replace";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/payment-plans", READ, index)
            .summary("List payment plans")
            .query(filters)
            .sample_query_spelled(&[("frequency", "every_other_week")], &[("frequency", "biweekly")])
            .answers(200, edge::listing::schema(schema())),
        post("/payment-plans", WRITE, create)
            .summary("Create a payment plan")
            .describe(
                "With a payment method it is `active` at once; without one it is `pending`, and takes the place of another pending \
                 one. Refused where the account cannot be paid, or a plan on it is running. A `total_amount` below what is owed \
                 is a settlement, within your organization's limits. What you say in `authorization` of how its customer \
                 authorized it is kept as evidence, with a hash over all of it; the customer gets a copy.",
            )
            .body(new)
            .sample_spelled(json!({
                "debt_account_id": "$DEBT_ACCOUNT_ID", "payment_method_id": "$PAYMENT_METHOD_ID", "amount": 1000,
                "frequency": "every_other_week", "authorization": { "channel": "web", "ip_address": "203.0.113.7" },
            }), json!({
                "debt_account_id": "$DEBT_ACCOUNT_ID", "payment_method_id": "$PAYMENT_METHOD_ID", "amount": 1000,
                "frequency": "biweekly", "authorization": { "channel": "web", "ip_address": "203.0.113.7" },
            }))
            .answers(201, shown(schema())),
        post("/payment-plans/preview", READ, preview)
            .summary("See what a payment plan would come to")
            .describe(
                "Every day and amount, and nothing is kept. Of an open-ended plan: as if the balance stayed what it is. With an \
                 `annual_percentage_rate` also the interest that is expected.",
            )
            .body(look)
            .idempotent(false)
            .sample_spelled(json!({ "debt_account_id": "$DEBT_ACCOUNT_ID", "amount": 1000, "frequency": "every_other_week" }), json!({ "debt_account_id": "$DEBT_ACCOUNT_ID", "amount": 1000, "frequency": "biweekly" }))
            .answers(200, shown(preview_schema())),
        post("/payment-plans/request", WRITE, request)
            .summary("Ask a customer to agree on a payment plan")
            .describe(
                "Makes a pending plan, in place of another pending one, and with a `type` a message to the customer with a link \
                 that works for seven days. What is missing of the terms is the customer's to choose. Refused where the \
                 customer wants no such messages, or a block keeps them from being written to.",
            )
            .body(proposal)
            .sample_spelled(json!({
                "debt_account_external_id": "$DEBT_ACCOUNT_ID", "frequency": "every_other_week", "start_date": "$START_DATE",
                "amount": 1000, "type": "sms", "phone": "212-555-0101",
            }), json!({
                "debt_account_external_id": "$DEBT_ACCOUNT_ID", "frequency": "biweekly", "start_date": "$START_DATE",
                "amount": 1000, "type": "sms", "phone": "212-555-0101",
            }))
            .answers(201, shown(schema())),
        get("/payment-plans/{id}", READ, show).summary("Get a payment plan").query(includes).answers(200, shown(schema())),
        put("/payment-plans/{id}", WRITE, update)
            .summary("Change a payment plan")
            .describe(
                "The terms, as long as nothing is scheduled and your organization's rule `unscheduled_payment_plan_editable` \
                 allows it; and the payment method, at any time. A pending plan becomes `active` by a payment method. An \
                 `authorization` that says something new is recorded also where the method stays; one of our replies sent \
                 back says nothing new.",
            )
            .body(|r| changes(r, None, Words::Guide))
            .sample_spelled(json!({ "frequency": "every_other_week", "start_date": "$START_DATE", "amount": 2000 }), json!({ "frequency": "biweekly", "start_date": "$START_DATE", "amount": 2000 }))
            .answers(200, shown(schema())),
        delete("/payment-plans/{id}", WRITE, destroy)
            .summary("Delete a pending payment plan")
            .describe("One that was enrolled in has a history: cancel it.")
            .answers(200, success()),
        get("/payment-plans/{id}/authorizations", READ, evidence)
            .summary("List what a plan's customer authorized")
            .describe(
                "Newest first, the one that holds and those that are over: to which words, by whom, when, how and from where, \
                 with a hash that anybody can make anew from what is shown, and the message that brought the copy. Kept when \
                 the customer is erased (12 CFR 1005.13(b)). What was recorded before all of this was kept shows nulls.",
            )
            .query(|r| paging(r, Some(10), BY_AGE))
            .answers(200, edge::listing::schema(authorization_schema())),
        post("/payment-plans/{id}/pause", WRITE, |call: Call| step(call, Wish::Pause))
            .summary("Let a payment plan stand still")
            .describe("Nothing is charged until it goes on; what is under way is not stopped.")
            .answers(200, shown(schema())),
        post("/payment-plans/{id}/resume", WRITE, |call: Call| step(call, Wish::Resume))
            .summary("Let a payment plan go on")
            .describe(
                "What was not charged meanwhile is not made up for in one go: it takes the next days of the plan's own calendar, and \
                 the plan ends so much later.",
            )
            .answers(200, shown(schema())),
        post("/payment-plans/{id}/replace", WRITE, replace)
            .summary("Let a payment plan give way to another")
            .describe(
                "Other terms for a plan that runs, which its customer has authorized: in one go the plan is `cancelled`, its `reason` \
                 `replaced`, and the new one, which is shown, is `active`. The terms are those of a new plan and nothing is taken \
                 over, but for the payment method; of a settlement the new plan pays what is left to pay, unless it says what it \
                 pays. What was paid stays paid, and what is under way goes on.",
            )
            .body(replacement)
            .sample_spelled(json!({
                "amount": 1500, "frequency": "every_other_week", "authorization": { "channel": "phone", "given_by": "Ada Lovelace" },
            }), json!({
                "amount": 1500, "frequency": "biweekly", "authorization": { "channel": "phone", "given_by": "Ada Lovelace" },
            }))
            .answers(201, shown(schema())),
        post("/payment-plans/{id}/cancel", WRITE, |call: Call| step(call, Wish::Cancel))
            .summary("End a payment plan")
            .describe("Nothing that waits is charged any more, and what its customer authorized is over.")
            .answers(200, shown(schema())),
        post("/payment-plans/{id}/reinstate", WRITE, |call: Call| step(call, Wish::Reinstate))
            .summary("Let a broken payment plan go on")
            .describe(
                "What it still lacks is paid by the same terms, on the next days of its calendar. Its customer has authorized \
                 that anew: you say so by this request, and it is recorded, with what you say of it in `authorization`.",
            )
            .body(reinstatement)
            .sample(json!({ "authorization": { "channel": "phone", "given_by": "Ada Lovelace" } }))
            .answers(200, shown(schema())),
        post("/payment-plans/{id}/instalments/{instalment_id}/skip", WRITE, skip)
            .summary("Skip one payment of a plan")
            .describe(
                "One of the plan's `charges` that is `scheduled`, at any time before it is sent. The same amount stands at the                  plan's end; nothing else changes.",
            )
            .answers(200, shown(schema())),
    ]
}

fn preview_schema() -> Value {
    let planned = object(
        &[
            ("number", whole()),
            ("charge_date", instant()),
            ("due_date", day()),
            ("amount", cents()),
            ("interest", maybe(cents())),
            ("scheduled", flag()),
        ],
        &[],
    );
    object(
        &[
            ("debt_account_id", maybe(id())),
            ("frequency", text()),
            ("frequency_exact", text()),
            ("start_date", day()),
            ("amount", cents()),
            ("installment_amount", cents()),
            ("open_ended", flag()),
            ("total_amount", cents()),
            ("count", whole()),
            ("first_payment_date", day()),
            ("last_payment_date", day()),
            ("last_payment_amount", cents()),
            ("settled_balance", maybe(cents())),
            ("discount_amount", maybe(cents())),
            ("down_payment_amount", maybe(cents())),
            ("down_payment_date", maybe(day())),
            ("annual_percentage_rate", maybe(text())),
            ("principal_balance", maybe(cents())),
            ("pre_principal_balance", maybe(cents())),
            ("interest_collected_after_principal", maybe(flag())),
            ("projected_interest", maybe(cents())),
            ("charges", list(planned)),
        ],
        &[],
    )
}

/// Plans with what their replies hold.
pub(crate) async fn present(view: &View<'_>, all: &[Plan], facts: &Facts) -> Result<Vec<Value>> {
    let (tx, tenant) = (view.tx, view.tenant);
    let ids = Ids::of(all.iter().map(|plan| plan.id));
    let accounts = debts::load(tx, tenant, &Ids::of(all.iter().map(|plan| plan.debt_id))).await?;
    let authorizations = plans::authorizations(tx, tenant, &ids).await?;
    let copies = copies(tx, tenant, authorizations.values()).await?;
    let requests = plans::requests(tx, tenant, &ids).await?;
    let asked_by = Ids::of(requests.values().filter(|r| r.channel.is_some()).map(|r| r.plan_id));
    let sent =
        messages::states_about(tx, tenant, messages::Kind::PaymentPlanRequest, "payment_plan", &asked_by)
            .await?;
    let asked = |request: &Request| asked(request, sent.get(&request.plan_id.0).copied());
    let item = |plan: &Plan| {
        let customer = accounts.iter().find(|account| account.id == plan.debt_id).map(|a| a.customer_id);
        let mut json = json(plan, facts, view.words, tenant);
        if let Some(customer) = customer {
            json["customer_id"] = customer.to_string().into();
        }
        json["authorization"] =
            authorizations.get(&plan.id).map(|given| authorization(given, &copies)).into();
        json["request"] = requests.get(&plan.id).map(&asked).into();
        Shown {
            json,
            customer,
            debt: Some(plan.debt_id),
            method: plan.payment_method_id.map(MethodId),
            ..Shown::default()
        }
    };
    let mut items: Vec<Shown> = all.iter().map(item).collect();
    view.embed(&mut items).await?;
    Ok(items.into_iter().map(|item| item.json).collect())
}

/// How the copies of these authorizations stand.
async fn copies<'a>(
    tx: &Tx,
    tenant: &Tenant,
    all: impl Iterator<Item = &'a Evidence>,
) -> Result<HashMap<MessageId, messages::State>> {
    messages::states(tx, tenant, &Ids::of(all.filter_map(|given| given.row.copy_id))).await
}

fn asked(request: &Request, message: Option<messages::State>) -> Value {
    json!({
        "id": request.id.to_string(),
        "type": request.channel.map(|channel| channel.as_str()),
        "status": request.stands(message).as_str(),
        "created_at": request.created_at.to_string(),
    })
}

async fn shown_one(call: &Call, which: PlanId, status: u16) -> Result<Reply> {
    shown_with(call, which, status, call.ask(includes)?).await
}

async fn shown_with(call: &Call, which: PlanId, status: u16, wanted: Vec<Include>) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let plan = debts::plans::plan(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
    let facts = Facts::of_one(&tx, tenant, &plan).await?;
    let view = View::of(call, &tx, wanted);
    let data = present(&view, &[plan], &facts).await?.pop();
    Ok(Reply::json(status, &json!({ "data": data })))
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant, words) = (call.state.db.read().await?, &call.caller().tenant, Words::of(&call));
    let filter = Filter {
        customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
        debt: named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?,
        statuses: asked.statuses(words),
        frequencies: asked.frequencies(words),
        from: asked.from,
        to: asked.to,
        method: named::method(&tx, tenant, asked.method.as_ref()).await?,
        open_ended: asked.open_ended,
    };
    let listed = plans::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    let facts = Facts::of(&tx, tenant, &listed.rows).await?;
    let view = View::of(&call, &tx, asked.wanted);
    let rows = present(&view, &listed.rows, &facts).await?;
    let last = listed.rows.last().map(|plan| plan.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

/// The plan that the path names.
async fn in_path(call: &Call) -> Result<Plan> {
    let which = call.id("id")?;
    let found = plans::find(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn show(call: Call) -> Result<Reply> {
    shown_one(&call, in_path(&call).await?.id, 200).await
}

async fn evidence(call: Call) -> Result<Reply> {
    let plan = in_path(&call).await?;
    let paging: Paging = call.ask(|r| paging(r, Some(10), BY_AGE))?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = plans::authorizations_of(&tx, tenant, plan.id, lists::page(&paging)?).await?;
    let copies = copies(&tx, tenant, listed.rows.iter()).await?;
    let rows: Vec<Value> = listed.rows.iter().map(|given| authorization(given, &copies)).collect();
    let last = listed.rows.last().map(|given| given.row.id.0);
    lists::reply(&call, &paging, &listed, rows, last)
}

/// Runs what makes the plan of this id, at most once under its key.
async fn made(call: &Call, kind: &'static str, id: PlanId, work: impl Command<Out = ()>) -> Result<Reply> {
    let (tenant, once) = (&call.caller().tenant, once(call));
    let run = AtMostOnce { tenant, once: once.as_ref(), kind, object: id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(call, PlanId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn create(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, PlanId(id), 201).await?.replayed());
    }
    let new = call.read(new)?;
    let (tenant, id) = (&call.caller().tenant, call.state.db.seams().id());
    let work = Create { tenant, id, new: &new, by: call.caller().by(), now: call.now };
    made(&call, KIND, id, work).await
}

async fn replace(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    if let Some(id) = before(&call, REPLACE).await? {
        return Ok(shown_one(&call, PlanId(id), 201).await?.replayed());
    }
    let (old, new) = (in_path(&call).await?.id, call.read(replacement)?);
    let (tenant, id, by) = (&call.caller().tenant, call.state.db.seams().id(), call.caller().by());
    let (asked, method, offer, given) = (&new.asked, new.method.as_ref(), new.offer.as_ref(), &new.given);
    let work =
        Replace { tenant, old, id, asked, method, offer, given, source: "api", by: &by, now: call.now };
    made(&call, REPLACE, id, work).await
}

async fn request(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    if let Some(id) = before(&call, REQUEST).await? {
        return Ok(shown_one(&call, PlanId(id), 201).await?.replayed());
    }
    let proposal = call.read(proposal)?;
    let (tenant, id, by) = (&call.caller().tenant, call.state.db.seams().id(), call.caller().by());
    let propose = Propose { tenant, id, proposal: &proposal, now: call.now };
    made(&call, REQUEST, id, AskToAgree { propose, public_url: call.public_url(), by: &by }).await
}

async fn preview(call: Call) -> Result<Reply> {
    let look = call.read(look)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let (debt, offer) = (look.debt.as_ref(), look.offer.as_ref());
    let agreed = plans::preview(&tx, tenant, debt, offer, &look.asked, call.now).await?;
    let debt = named::debt(&tx, tenant, debt, "debt_account_id").await?;
    let mut data = previewed(&agreed, &call);
    data["debt_account_id"] = debt.map(|id| id.to_string()).into();
    Ok(Reply::json(200, &json!({ "data": data })))
}

fn previewed(agreed: &Agreed, call: &Call) -> Value {
    let (words, tenant) = (Words::of(call), &call.caller().tenant);
    let total = agreed.total.or_else(|| base::Cents::sum(agreed.all.iter().map(|planned| planned.amount)));
    let discount = agreed.settles.zip(agreed.total).map(|(owed, total)| owed.minus_down_to_zero(total).get());
    let last = agreed.all.last();
    let bearing = agreed.interest.as_ref().map(|(bearing, _)| bearing);
    json!({
        "frequency": words.frequency(agreed.frequency),
        "frequency_exact": agreed.frequency.as_str(),
        "start_date": agreed.start.to_string(),
        "amount": agreed.amount.get(),
        "installment_amount": agreed.amount.get(),
        "open_ended": agreed.total.is_none(),
        "total_amount": total.map(base::Cents::get),
        "count": agreed.all.len(),
        "first_payment_date": agreed.first().to_string(),
        "last_payment_date": last.map(|planned| planned.on.to_string()),
        "last_payment_amount": last.map(|planned| planned.amount.get()),
        "settled_balance": agreed.settles.map(base::Cents::get),
        "discount_amount": discount,
        "down_payment_amount": agreed.down.map(|down| down.amount.get()),
        "down_payment_date": agreed.down.map(|down| down.on.to_string()),
        "annual_percentage_rate": bearing.map(|bearing| bearing.rate.to_string()),
        "principal_balance": bearing.map(|bearing| bearing.principal.get()),
        "pre_principal_balance": bearing.map(|bearing| bearing.before.get()),
        "interest_collected_after_principal": bearing.map(|bearing| bearing.after_principal),
        "projected_interest": agreed.interest.as_ref().map(|(_, projected)| projected.interest.get()),
        "charges": agreed.all.iter().map(|planned| json!({
            "number": planned.number,
            "charge_date": planned.on.start_in(&tenant.zone).to_string(),
            "due_date": planned.on.to_string(),
            "amount": planned.amount.get(),
            "interest": agreed.interest_of(planned).map(base::Cents::get),
            "scheduled": false,
        })).collect::<Vec<_>>(),
    })
}

async fn update(call: Call) -> Result<Reply> {
    let wanted = call.ask(includes)?;
    let plan = in_path(&call).await?;
    let changes = call.read(|r| changes(r, Some(&plan), Words::of(&call)))?;
    let tenant = &call.caller().tenant;
    let work = Update { tenant, id: plan.id, changes: &changes, by: call.caller().by(), now: call.now };
    call.state.db.run(&work).await?;
    shown_with(&call, plan.id, 200, wanted).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let plan = in_path(&call).await?;
    call.state.db.run(&Delete { tenant: &call.caller().tenant, id: plan.id }).await?;
    Ok(Reply::success())
}

async fn step(call: Call, wish: Wish) -> Result<Reply> {
    let wanted = call.ask(includes)?;
    let (plan, tenant, once) = (in_path(&call).await?, &call.caller().tenant, once(&call));
    let kind = match wish {
        Wish::Pause => "payment_plan.pause",
        Wish::Resume => "payment_plan.resume",
        Wish::Cancel => "payment_plan.cancel",
        Wish::Reinstate => "payment_plan.reinstate",
    };
    let by = call.caller().by();
    let (method, given) = match wish {
        Wish::Reinstate => call.read(reinstatement)?,
        Wish::Pause | Wish::Resume | Wish::Cancel => (None, Given::default()),
    };
    let method = method.as_ref();
    let work = Step { tenant, id: plan.id, wish, method, given: &given, by: &by, now: call.now };
    let run = AtMostOnce { tenant, once: once.as_ref(), kind, object: plan.id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_with(&call, plan.id, 200, wanted).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn skip(call: Call) -> Result<Reply> {
    let wanted = call.ask(includes)?;
    let (plan, tenant, once) = (in_path(&call).await?, &call.caller().tenant, once(&call));
    let instalment = InstalmentId(call.id("instalment_id")?.ours().ok_or_else(Failure::not_found)?);
    let work = Skip { tenant, plan: plan.id, instalment, now: call.now };
    let run =
        AtMostOnce { tenant, once: once.as_ref(), kind: "payment_plan.skip", object: instalment.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_with(&call, plan.id, 200, wanted).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}
