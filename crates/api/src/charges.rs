//! Charges over HTTP.

use base::db::Ids;
use base::secret::Secret;
use base::{Code, Day, Failure, Ref, Result};
use books::holds::Payer;
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use payments::charges::claims::Cancel;
use payments::charges::machine::{RefundState, State};
use payments::charges::till::{Ask, Paying, Taken};
use payments::charges::{self, Back, Charge, ChargeId, Filter, Refund, RefundId};
use payments::methods::Kind;
use payments::networks::{Class, Retry};
use serde_json::{Map, Value, json};

use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{any_object, cents, day, flag, id, instant, list, maybe, object, shown, text, word};
use crate::spelling::Words;
use crate::{App, Call, authorizations, before, lists, named, once, payment_methods};

const READ: Access = Access::Scope("charges:read");
const WRITE: Access = Access::Scope("charges:write");

const PAYERS: &[(&str, Payer)] =
    &[("customer", Payer::Customer), ("trustee", Payer::Trustee), ("estate", Payer::Estate)];

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["amount" => "amount", "scheduled_at" => "scheduled_at", "submitted_at" => "submitted_at", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/charges", READ, index)
            .summary("List charges")
            .query(filters)
            .sample_query(&[("debt_account_id", "$DEBT_ACCOUNT_ID")])
            .answers(200, edge::listing::schema(schema())),
        post("/charges", WRITE, create)
            .summary("Charge a payment method")
            .describe(
                "Now, or on `scheduled_at`. With an account the payment lowers its balance; without one the money waits in \
                 suspense. A declined charge answers 400 with the charge under `data`. An answer the processor still owes \
                 us is `pending` and resolves by itself. Send an `Idempotency-Key`: the same key never charges twice.",
            )
            .body(new)
            .sample(json!({
                "debt_account_id": "$DEBT_ACCOUNT_ID", "amount": 1000,
                "card": {
                    "card_holder": "Ada Lovelace", "card_number": "4242424242424242", "card_expiration_month": "12",
                    "card_expiration_year": "2030", "card_security_code": "123",
                },
            }))
            .answers(201, shown(schema()))
            .answers(400, declined_schema()),
        get("/charges/{id}", READ, show)
            .summary("Get a charge")
            .describe("With `authorization`, what its customer agreed to where they paid it on the portal.")
            .query(includes)
            .answers(200, shown(schema())),
        post("/charges/{id}/cancel", WRITE, cancel).summary("Cancel a scheduled charge").answers(200, shown(schema())),
        post("/charges/{id}/refund", WRITE, refund)
            .summary("Refund a charge, in part or in whole")
            .describe(
                "Without an amount all that is left is given back. The account owes it again. A charge that has not settled \
                 is taken back in whole instead, as by a void.",
            )
            .body(refund_body)
            .sample(json!({ "amount": 200 }))
            .answers(200, shown(schema()))
            .answers(400, declined_schema()),
        post("/charges/{id}/void", WRITE, void)
            .summary("Take a charge back before it settles")
            .describe(
                "All of it, and only before it settles: a bank debit that is `pending` ends `canceled` and the account is free \
                 again; a card's payment ends `refunded`. Refused where it has settled: refund it then.",
            )
            .answers(200, shown(schema()))
            .answers(400, declined_schema()),
        post("/charges/{id}/sync", WRITE, sync).summary("Ask the processor about a charge now").idempotent(false).answers(200, shown(schema())),
    ]
}

/// Every word for how a charge stands: the OpenAPI's, then the guide's.
fn words() -> Vec<&'static str> {
    let mut words: Vec<&str> = Vec::new();
    for word in State::ALL.iter().map(|s| s.coarse()).chain(State::ALL.iter().map(|s| s.as_str())) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// The fields of a charge, as answered.
pub(crate) fn schema() -> Value {
    let exact: Vec<&str> = State::ALL.iter().map(|s| s.as_str()).collect();
    let coarse = words();
    object(
        &[
            ("id", id()),
            ("amount", cents()),
            ("refunded_amount", cents()),
            ("status", word(&coarse)),
            ("state", word(&exact)),
            ("review", flag()),
            ("type", word(&["card", "ach", "bank_account"])),
            ("customer_id", maybe(id())),
            ("linked_debt_account", flag()),
            ("payment_source", text()),
            ("payer", word(&["customer", "trustee", "estate"])),
            ("scheduled", flag()),
            ("scheduled_at", maybe(day())),
            ("instalment_id", maybe(id())),
            ("charge_date", instant()),
            ("charged_at", maybe(instant())),
            (
                "decline",
                maybe(object(
                    &[
                        ("code", text()),
                        ("network_code", maybe(text())),
                        ("advice_code", maybe(text())),
                        ("message", maybe(text())),
                        ("class", maybe(word(&words_of(Class::ALL, Class::as_str)))),
                        ("retry", maybe(word(&words_of(Retry::ALL, Retry::as_str)))),
                        ("retry_at", maybe(instant())),
                    ],
                    &[],
                )),
            ),
            ("settles_on", maybe(day())),
            ("description", maybe(text())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("payment_method_id", id()),
            ("debt_account_id", id()),
            ("authorization", maybe(authorizations::schema())),
            ("customer", maybe(any_object())),
            ("debt_account", maybe(any_object())),
            ("payment_method", maybe(any_object())),
            ("payment_plan", maybe(any_object())),
            ("transactions", list(any_object())),
        ],
    )
}

fn words_of<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

fn declined_schema() -> Value {
    object(
        &[("error", text()), ("errorCode", text()), ("message", text()), ("errors", any_object())],
        &[("data", schema())],
    )
}

/// A charge by itself.
pub(crate) fn json(charge: &Charge, words: Words) -> Value {
    let mut all = match charge.event_body() {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    for name in ["code", "network_code", "advice_code", "message", "class", "retry", "retry_at"] {
        all.shift_remove(name);
    }
    if charge.debt_id.is_none() {
        all.shift_remove("debt_account_id");
    }
    all.insert("status".into(), words.charge_status(charge.state).into());
    all.insert("type".into(), words.method_type(charge.rail).into());
    all.insert("review".into(), charge.review.into());
    all.insert("scheduled".into(), charge.scheduled_at.is_some().into());
    all.insert("charge_date".into(), charge.submitted_at.unwrap_or(charge.created_at).to_string().into());
    let charged = charge
        .completed_at
        .filter(|_| matches!(charge.state, State::Succeeded | State::Refunded | State::Returned));
    all.insert("charged_at".into(), charged.map(|at| at.to_string()).into());
    let decline = charge.code.as_ref().map(|code| {
        json!({
            "code": code,
            "network_code": charge.network_code,
            "advice_code": charge.advice_code,
            "message": charge.message,
            "class": charge.decline_class.map(Class::as_str),
            "retry": charge.decline_retry.map(Retry::as_str),
            "retry_at": charge.retry_at.map(|at| at.to_string()),
        })
    });
    all.insert("decline".into(), decline.into());
    all.into()
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    r.includes(VOCABULARY)
}

fn item(charge: &Charge, words: Words) -> Shown {
    Shown {
        json: json(charge, words),
        own: Some(("charge_id", charge.id.0)),
        customer: charge.customer_id,
        debt: charge.debt_id,
        method: Some(charge.payment_method_id),
        ..Shown::default()
    }
}

async fn present(call: &Call, all: &[Charge], wanted: Vec<Include>) -> Result<Vec<Value>> {
    let words = Words::of(call);
    let mut items: Vec<Shown> = all.iter().map(|charge| item(charge, words)).collect();
    if !wanted.is_empty() {
        let tx = call.state.db.read().await?;
        View::of(call, &tx, wanted).embed(&mut items).await?;
    }
    Ok(items.into_iter().map(|item| item.json).collect())
}

/// A charge as the answer to what was asked: a declined one is a refusal that shows it.
async fn answer(call: &Call, charge: &Charge, status: u16) -> Result<Reply> {
    let data = present(call, std::slice::from_ref(charge), Vec::new()).await?.pop().unwrap_or_default();
    if charge.state == State::Declined {
        let say = charge.message.clone().unwrap_or_else(|| "The charge was declined.".into());
        return Ok(Reply::refused(&Failure::refused(Code::ChargeDeclined, say), &call.request_id, &data));
    }
    Ok(Reply::json(status, &json!({ "data": data })))
}

struct Asked {
    paging: Listing,
    wanted: Vec<Include>,
    customer: Option<Ref>,
    debt: Option<Ref>,
    method: Option<Ref>,
    states: Option<Vec<State>>,
    review: Option<bool>,
    rail: Option<Kind>,
    source: Option<String>,
    due: [Option<Day>; 2],
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        wanted: includes(r),
        customer: r.reference("customer_id").describe("Only this customer's charges.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("Only charges on this account.")
            .optional(),
        method: r.reference("payment_method_id").describe("Only charges of this method.").optional(),
        states: r
            .text("status")
            .describe("Only charges that stand like this, in either spelling's words.")
            .is_one_of(words())
            .try_parse("completed", |word| {
                Some(State::meant_by(word)).filter(|all| !all.is_empty()).ok_or_else(|| "is invalid.".into())
            })
            .optional(),
        review: r
            .boolean("review")
            .describe("Only charges that wait for a person, or only the others.")
            .optional(),
        rail: r
            .one_of("type", Kind::WORDS)
            .describe("Only charges of cards, or only of bank accounts.")
            .optional(),
        source: r.text("payment_source").describe("Only charges that came from there, as `api`.").optional(),
        due: [
            r.day("scheduled_from").describe("Only charges that are for this day or later.").optional(),
            r.day("scheduled_to").describe("Only charges that are for this day or earlier.").optional(),
        ],
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let customer = named::customer(&tx, tenant, asked.customer.as_ref()).await?;
    let debt = named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?;
    let method = named::method(&tx, tenant, asked.method.as_ref()).await?;
    let [due_from, due_to] = asked.due;
    let filter = Filter {
        customer,
        debt,
        method,
        states: asked.states,
        review: asked.review,
        rail: asked.rail,
        source: asked.source,
        due_from,
        due_to,
    };
    let listed = charges::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    drop(tx);
    let rows = present(&call, &listed.rows, asked.wanted).await?;
    let last = listed.rows.last().map(|c| c.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

/// The charge that the path names.
pub(crate) async fn find(call: &Call) -> Result<Charge> {
    let which = call.id("id")?;
    charges::find(&call.state.db.read().await?, &call.caller().tenant, &which)
        .await?
        .ok_or_else(Failure::not_found)
}

async fn show(call: Call) -> Result<Reply> {
    let (charge, wanted) = (find(&call).await?, call.ask(includes)?);
    let id = charge.id;
    let mut data = present(&call, &[charge], wanted).await?.pop().unwrap_or_default();
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let authorized = charges::authorization::of(&tx, tenant, &Ids::of([id])).await?;
    data["authorization"] = authorized.get(&id).map(authorizations::json).into();
    Ok(Reply::json(200, &json!({ "data": data })))
}

/// A charge as it is now.
pub(crate) async fn shown_as(call: &Call, id: ChargeId) -> Result<Reply> {
    let charge = call.state.till.resolved(&call.caller().tenant, id).await?;
    let data = present(call, &[charge], Vec::new()).await?.pop();
    Ok(Reply::json(200, &json!({ "data": data })))
}

struct New {
    amount: base::Cents,
    debt: Option<Ref>,
    /// The name under which the account was sent.
    debt_field: &'static str,
    linked: bool,
    scheduled_at: Option<base::Day>,
    stored: Option<Ref>,
    given: Option<payment_methods::Given>,
    payer: Payer,
    description: Option<String>,
    receipt_to: Option<Secret<String>>,
}

fn new(r: &mut Reader<'_>) -> New {
    let vendors = r.has("debt_account_external_id") && !r.has("debt_account_id");
    let new = New {
        debt_field: if vendors { "debt_account_external_id" } else { "debt_account_id" },
        amount: r.cents("amount").positive().describe("How much, in whole cents.").required(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("The account to pay: our id or yours. Without one the money waits in suspense.")
            .optional(),
        linked: r
            .boolean("linked_debt_account")
            .describe("`false` records the account and leaves its balance alone.")
            .or(true),
        scheduled_at: r.day("scheduled_at").describe("A later day; absent, now.").optional(),
        stored: r.reference("payment_method_id").describe("A stored method.").optional(),
        given: payment_methods::given(r),
        payer: r
            .one_of("payer", PAYERS)
            .describe("Who pays, where a block lets only the bankruptcy trustee or the estate.")
            .or(Payer::Customer),
        description: r.text("description").optional(),
        receipt_to: receipt_to(r),
    };
    r.exactly_one_of(&["payment_method_id", "card", "ach", "bank_account", "token"]);
    new
}

/// Where a receipt shall go, if anywhere; empty: to the customer's own address.
fn receipt_to(r: &mut Reader<'_>) -> Option<Secret<String>> {
    let email = r
        .text("email")
        .describe("Where the receipt goes; absent, to the customer's own address.")
        .parse("must be a valid email address.", "jane@example.com", base::us::email)
        .optional();
    let is_wanted = r
        .boolean("send_email")
        .describe(
            "Whether a receipt is sent once the charge has succeeded. A customer who wants none gets none.",
        )
        .or(false);
    is_wanted.then(|| Secret::new(email.unwrap_or_default()))
}

fn not_past(new: New, today: base::Day) -> Result<New> {
    match new.scheduled_at {
        Some(day) if day < today => Err(Failure::field(
            "scheduled_at",
            "The scheduled at field must be a date after or equal to today.",
        )),
        _ => Ok(new),
    }
}

/// The answer to a request that was sent before.
async fn replayed(call: &Call) -> Result<Option<Reply>> {
    let Some(id) = before(call, "charge").await? else { return Ok(None) };
    let charge = call.state.till.replayed(&call.caller().tenant, ChargeId(id)).await?;
    Ok(Some(answer(call, &charge, 201).await?.replayed()))
}

async fn create(call: Call) -> Result<Reply> {
    let tenant = &call.caller().tenant;
    call.state.till.refuse_while_closed(tenant)?;
    let asked = call.read(new).and_then(|new| not_past(new, tenant.today(call.now)));
    // What would be refused now, or tokenized once more, may have been done before by the same request. For everything
    // else the till finds out when it claims the key.
    let is_stored = matches!(&asked, Ok(new) if new.stored.is_some());
    if !(is_stored && call.state.till.processor(tenant).is_ok())
        && let Some(reply) = replayed(&call).await?
    {
        return Ok(reply);
    }
    let new = asked?;
    let paying = match (new.stored, new.given) {
        (Some(which), _) => Paying::Stored(which),
        (None, Some(given)) => match payment_methods::tokenize(&call, given).await {
            Ok(method) => Paying::New(Box::new(method)),
            // The same request came beside this one, and has spent the one-time token.
            Err(refused) => return replayed(&call).await?.ok_or(refused),
        },
        (None, None) => {
            return Err(Failure::field("payment_method_id", "The payment method id field is required."));
        }
    };
    let ask = Ask {
        once: once(&call),
        debt: new.debt,
        linked: new.linked,
        paying,
        amount: new.amount,
        scheduled_at: new.scheduled_at,
        source: "api",
        payer: new.payer,
        description: new.description,
        receipt_to: new.receipt_to,
        authorized: None,
    };
    let taken = call.state.till.take(tenant, ask).await;
    let Taken { charge, before } = taken.map_err(|e| e.told_of("debt_account_id", new.debt_field))?;
    let reply = answer(&call, &charge, 201).await?;
    Ok(if before { reply.replayed() } else { reply })
}

async fn cancel(call: Call) -> Result<Reply> {
    let tenant = &call.caller().tenant;
    let charge = find(&call).await?;
    let once = once(&call);
    let work = Cancel { tenant, charge: charge.id, now: call.now };
    let made = call
        .state
        .db
        .run(&AtMostOnce { tenant, once: once.as_ref(), kind: "charge.cancel", object: charge.id.0, work })
        .await?;
    let reply = answer(&call, &find(&call).await?, 200).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

fn refund_body(r: &mut Reader<'_>) -> Option<base::Cents> {
    r.cents("amount")
        .positive()
        .describe("How much, in whole cents; all that is left where absent.")
        .optional()
}

async fn refund(call: Call) -> Result<Reply> {
    let tenant = &call.caller().tenant;
    if let Some(id) = before(&call, "charge.refund").await? {
        let refund = call.state.till.replayed_refund(tenant, RefundId(id)).await?;
        return Ok(refund_answer(&call, &find(&call).await?, &refund).await?.replayed());
    }
    let back = Back::Money(call.read(refund_body)?);
    give_back(&call, back).await
}

async fn void(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, "charge.refund").await? {
        let refund = call.state.till.replayed_refund(&call.caller().tenant, RefundId(id)).await?;
        return Ok(refund_answer(&call, &find(&call).await?, &refund).await?.replayed());
    }
    give_back(&call, Back::Void).await
}

async fn give_back(call: &Call, back: Back) -> Result<Reply> {
    let (tenant, once) = (&call.caller().tenant, once(call));
    let (charge, refund, replayed) =
        call.state.till.refund(tenant, &call.id("id")?, back, once.as_ref()).await?;
    let reply = refund_answer(call, &charge, &refund).await?;
    Ok(if replayed { reply.replayed() } else { reply })
}

async fn refund_answer(call: &Call, charge: &Charge, refund: &Refund) -> Result<Reply> {
    let data = present(call, std::slice::from_ref(charge), Vec::new()).await?.pop().unwrap_or_default();
    if refund.state == RefundState::Declined {
        let say = refund.message.clone().unwrap_or_else(|| "The refund was refused.".into());
        return Ok(Reply::refused(&Failure::refused(Code::RefundDeclined, say), &call.request_id, &data));
    }
    Ok(Reply::json(200, &json!({ "data": data })))
}

async fn sync(call: Call) -> Result<Reply> {
    let charge = call.state.till.sync(&call.caller().tenant, &call.id("id")?).await?;
    let data = present(&call, &[charge], Vec::new()).await?.pop();
    Ok(Reply::json(200, &json!({ "data": data })))
}
