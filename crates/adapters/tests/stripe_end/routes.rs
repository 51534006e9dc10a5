//! What is answered to what.

use serde_json::{Value, json};

use super::book::{Intent, Opened, Refund};
use super::methods::{self, Declined, Does, Fault, Often};
use super::wire::{Recorded, Reply};
use super::{Answered, KEY, REMEMBERS_SECONDS, State};

/// An answer, and whether it is kept under the idempotency key: what ended in the checks before anything began is not.
/// <https://docs.stripe.com/api/idempotent_requests>
struct Said {
    reply: Reply,
    kept: bool,
}

fn ok(body: Value) -> Said {
    Said { reply: Reply { status: 200, body: body.to_string() }, kept: true }
}

/// <https://docs.stripe.com/api/errors>
fn error(status: u16, error: Value) -> Said {
    Said { reply: Reply { status, body: json!({ "error": error }).to_string() }, kept: status == 402 }
}

/// An error that names a parameter. Stripe's words repeat what was sent.
fn invalid(status: u16, code: &str, param: &str, what: &str) -> Said {
    let message = format!("No such thing, or not so: '{what}'");
    error(
        status,
        json!({ "type": "invalid_request_error", "code": code, "param": param, "message": message }),
    )
}

/// Answers, and says what becomes of the answer on its way.
pub(super) fn answer(state: &mut State, request: Recorded) -> (Option<Fault>, Reply) {
    state.requests.push(request.clone());
    // <https://docs.stripe.com/api/authentication>
    if request.header("authorization") != format!("Bearer {KEY}") {
        return (
            None,
            error(401, json!({ "type": "invalid_request_error", "message": "Invalid API Key" })).reply,
        );
    }
    if request.method == "GET" {
        return (None, read(state, &request).reply);
    }
    let fault = state.faults.pop_front().or_else(|| breaks(state, &request));
    match fault {
        Some(Fault::Limit) => {
            return (
                None,
                error(429, json!({ "type": "invalid_request_error", "code": "rate_limit" })).reply,
            );
        }
        Some(Fault::Running) => return (None, error(409, json!({ "type": "idempotency_error" })).reply),
        Some(Fault::Away) => return (None, error(503, json!({ "type": "api_error" })).reply),
        Some(Fault::CutBefore) => return (fault, error(503, Value::Null).reply),
        _ => {}
    }
    let key = request.header("idempotency-key").to_owned();
    let now = state.book.now;
    if let Some(before) = state.answered.get(&key).filter(|one| now - one.at < REMEMBERS_SECONDS) {
        let same = before.request.path == request.path && before.request.fields == request.fields;
        return match same {
            true => (None, before.reply.clone()),
            false => (None, error(400, json!({ "type": "idempotency_error", "message": "Keys for idempotent requests can only be used with the same parameters they were first used with." })).reply),
        };
    }
    let mut said = write(state, &request);
    if fault == Some(Fault::ErrorAfter) {
        said = Said { kept: true, ..error(500, json!({ "type": "api_error" })) };
    }
    if said.kept && !key.is_empty() {
        state.answered.insert(key, Answered { at: now, request, reply: said.reply.clone() });
    }
    (fault, said.reply)
}

/// What breaks because of the method.
fn breaks(state: &mut State, request: &Recorded) -> Option<Fault> {
    let tries = state.book.tries.entry(request.header("idempotency-key").to_owned()).or_default();
    *tries += 1;
    let is_first = *tries == 1;
    match request.path.as_str() {
        "/v1/payment_intents" => match methods::does(request.field("payment_method")?)? {
            Does::Break(fault, often) if is_first || often == Often::Always => Some(fault),
            _ => None,
        },
        "/v1/refunds" => {
            let intent = state.book.intent(request.field("payment_intent")?)?;
            matches!(methods::does(&intent.method)?, Does::RefundLost if is_first).then_some(Fault::CutAfter)
        }
        _ => None,
    }
}

fn parts(path: &str) -> Vec<&str> {
    path.trim_start_matches("/v1/").split('/').collect()
}

fn read(state: &State, request: &Recorded) -> Said {
    let book = &state.book;
    let expands = |what: &str| request.all("expand[]").contains(&what);
    match parts(&request.path).as_slice() {
        ["payment_intents", "search"] => {
            let query = request.field("query").unwrap_or_default();
            let found = book
                .intents
                .iter()
                .rev()
                .filter(|one| book.indexed(one).is_some_and(|metadata| matches(query, metadata)));
            let data: Vec<Value> = found.map(|one| book.json_of_intent(one, false)).collect();
            ok(json!({ "object": "search_result", "data": data, "has_more": false }))
        }
        ["payment_intents"] => {
            let whole = expands("data.latest_charge");
            let all = book.intents.iter().map(|one| (one.created, book.json_of_intent(one, whole)));
            list(request, all.collect())
        }
        ["payment_intents", id] => match book.intents.iter().find(|one| one.id == *id) {
            Some(one) => ok(book.json_of_intent(one, expands("latest_charge"))),
            None => invalid(404, "resource_missing", "intent", id),
        },
        ["refunds"] => {
            let of = request.field("payment_intent");
            let all = book.refunds.iter().filter(|one| of.is_none_or(|id| one.intent == id));
            let whole = expands("data.payment_intent");
            list(request, all.map(|one| (one.created, book.json_of_refund(one, whole))).collect())
        }
        ["refunds", id] => match book.refunds.iter().find(|one| one.id == *id) {
            Some(one) => ok(book.json_of_refund(one, expands("payment_intent"))),
            None => invalid(404, "resource_missing", "refund", id),
        },
        ["disputes"] => {
            let of = request.field("payment_intent");
            let all = book.disputes.iter().filter(|one| of.is_none_or(|id| one.intent == id));
            list(request, all.map(|one| (one.created, one.json())).collect())
        }
        ["events"] => {
            let types = request.all("types[]");
            let all = book.events.iter().filter(|one| types.is_empty() || types.contains(&one.kind));
            let json = |one: &super::book::Event| {
                json!({
                    "id": one.id,
                    "object": "event",
                    "created": one.created,
                    "type": one.kind,
                    "data": { "object": one.object },
                })
            };
            list(request, all.map(|one| (one.created, json(one))).collect())
        }
        ["checkout", "sessions", id] => match book.pages.get(*id) {
            Some(opened) => ok(page(id, opened, expands("setup_intent"))),
            None => invalid(404, "resource_missing", "session", id),
        },
        ["payment_methods", id] => match methods::does(id) {
            Some(_) => ok(method(state, id)),
            None => invalid(404, "resource_missing", "payment_method", id),
        },
        _ => invalid(404, "resource_missing", "", &request.path),
    }
}

/// The newest first, behind `starting_after`, at most `limit`, which is 100 at most and 10 where nobody says.
/// <https://docs.stripe.com/api/pagination>
fn list(request: &Recorded, all: Vec<(i64, Value)>) -> Said {
    let since = request.number("created[gte]").unwrap_or(0);
    let limit = usize::try_from(request.number("limit").unwrap_or(10)).unwrap();
    if limit > 100 {
        return invalid(400, "parameter_invalid_integer", "limit", "limit");
    }
    let mut all: Vec<Value> =
        all.into_iter().rev().filter(|(created, _)| *created >= since).map(|(_, one)| one).collect();
    if let Some(after) = request.field("starting_after") {
        let Some(at) = all.iter().position(|one| one["id"] == after) else {
            return invalid(400, "resource_missing", "starting_after", after);
        };
        all.drain(..=at);
    }
    let has_more = all.len() > limit;
    all.truncate(limit);
    ok(json!({ "object": "list", "data": all, "has_more": has_more }))
}

/// `metadata['name']:'value'`, several joined by OR. <https://docs.stripe.com/search#search-query-language>
fn matches(query: &str, metadata: &std::collections::BTreeMap<String, String>) -> bool {
    query.split(" OR ").any(|clause| {
        let clause = clause.strip_prefix("metadata['").unwrap_or_default();
        let (name, value) = clause.split_once("']:'").unwrap_or_default();
        let value = value.strip_suffix('\'').unwrap_or(value).replace("\\'", "'").replace(r"\\", "\\");
        metadata.get(name).is_some_and(|known| *known == value)
    })
}

fn method(state: &State, id: &str) -> Value {
    let customer = state.book.given.get(id).cloned().or_else(|| methods::customer(id));
    let mut one = json!({ "id": id, "object": "payment_method", "customer": customer });
    if methods::is_bank(id) {
        one["type"] = json!("us_bank_account");
        one["us_bank_account"] =
            json!({ "last4": "6789", "routing_number": "110000000", "bank_name": "TEST" });
    } else {
        let (brand, last4) = match id {
            _ if id.contains("mastercard") => ("mastercard", "4444"),
            _ if id.contains("amex") => ("amex", "8431"),
            _ => ("visa", "4242"),
        };
        one["type"] = json!("card");
        one["card"] =
            json!({ "brand": brand, "last4": last4, "exp_month": 12, "exp_year": 2031, "funding": "credit" });
    }
    one
}

fn write(state: &mut State, request: &Recorded) -> Said {
    match parts(&request.path).as_slice() {
        ["customers"] => {
            state.book.customers += 1;
            ok(json!({ "id": state.book.next_id("cus"), "object": "customer" }))
        }
        ["setup_intents"] => set_up(state, request),
        ["checkout", "sessions"] => open(state, request),
        ["payment_intents"] => pay(state, request),
        ["payment_intents", id] => {
            state.book.write_on(id, request.metadata());
            shown(state, id)
        }
        ["payment_intents", id, "cancel"] => cancel(state, id),
        ["refunds"] => refund(state, request),
        _ => invalid(404, "resource_missing", "", &request.path),
    }
}

/// A page on which a method is given and nothing is charged: its mode, a customer and where it leads are needed, and either a
/// currency or the kinds that may be given. <https://docs.stripe.com/api/checkout/sessions/create>
fn open(state: &mut State, request: &Recorded) -> Said {
    let text = |name: &str| request.field(name).unwrap_or_default().to_owned();
    if text("mode") != "setup" {
        return invalid(400, "parameter_unknown", "mode", "mode");
    }
    for needed in ["customer", "success_url", "payment_method_types[]"] {
        if text(needed).is_empty() {
            return invalid(400, "parameter_missing", needed, needed);
        }
    }
    let id = state.book.next_id("cs");
    let opened = Opened {
        kind: text("payment_method_types[]"),
        customer: text("customer"),
        reference: text("client_reference_id"),
        success_url: text("success_url"),
        cancel_url: text("cancel_url"),
        given: None,
    };
    let said = page(&id, &opened, false);
    state.book.pages.insert(id, opened);
    ok(said)
}

fn page(id: &str, opened: &Opened, whole: bool) -> Value {
    let setup = opened.given.as_ref().map(|method| {
        let id = format!("seti_{id}");
        match whole {
            true => {
                json!({ "id": id, "object": "setup_intent", "status": "succeeded", "payment_method": method })
            }
            false => json!(id),
        }
    });
    json!({
        "id": id,
        "object": "checkout.session",
        "mode": "setup",
        "status": if opened.given.is_some() { "complete" } else { "open" },
        "url": format!("https://checkout.stripe.com/c/pay/{id}"),
        "customer": opened.customer,
        "client_reference_id": opened.reference,
        "setup_intent": setup,
    })
}

fn shown(state: &mut State, id: &str) -> Said {
    match state.book.intents.iter().find(|one| one.id == id) {
        Some(one) => ok(state.book.json_of_intent(one, false)),
        None => invalid(404, "resource_missing", "intent", id),
    }
}

/// <https://docs.stripe.com/api/setup_intents/create>: a card that is set up belongs to its customer.
fn set_up(state: &mut State, request: &Recorded) -> Said {
    let (Some(id), Some(customer)) = (request.field("payment_method"), request.field("customer")) else {
        return invalid(400, "parameter_missing", "payment_method", "");
    };
    let status = match methods::does(id) {
        None => return invalid(400, "resource_missing", "payment_method", id),
        Some(Does::Decline(why)) => return error(402, refusal(why)),
        Some(Does::Waits) => "requires_action",
        Some(_) => {
            state.book.given.insert(id.to_owned(), customer.to_owned());
            "succeeded"
        }
    };
    ok(json!({ "id": state.book.next_id("seti"), "object": "setup_intent", "status": status }))
}

fn refusal(why: &Declined) -> Value {
    let word = why.word.trim_end_matches("_mastercard");
    let code = if matches!(word, "expired_card" | "incorrect_cvc" | "processing_error") {
        word
    } else {
        "card_declined"
    };
    json!({
        "type": "card_error",
        "code": code,
        "decline_code": word,
        "message": "Your card was declined.",
        "network_decline_code": why.network,
        "network_advice_code": why.advice,
    })
}

/// <https://docs.stripe.com/api/payment_intents/create>, confirmed as it is made.
fn pay(state: &mut State, request: &Recorded) -> Said {
    let amount = request.number("amount").unwrap_or(0);
    let method_id = request.field("payment_method").unwrap_or_default();
    let Some(does) = methods::does(method_id) else {
        return invalid(400, "resource_missing", "payment_method", method_id);
    };
    // <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>
    if amount < 50 {
        return invalid(400, "amount_too_small", "amount", "");
    }
    if method(state, method_id)["customer"] != json!(request.field("customer")) {
        return invalid(400, "", "payment_method", "It belongs to a customer.");
    }
    let book = &mut state.book;
    let mut intent = Intent {
        amount,
        method: method_id.to_owned(),
        customer: request.field("customer").unwrap_or_default().to_owned(),
        metadata: request.metadata(),
        description: request.field("description").map(str::to_owned),
        status: "succeeded",
        ..book.new_intent()
    };
    match does {
        Does::Decline(why) => {
            (intent.status, intent.error) = ("requires_payment_method", Some(refusal(why)));
        }
        Does::Blocked => {
            let why = json!({ "type": "card_error", "code": "bank_account_unusable", "message": "Blocked." });
            (intent.status, intent.error) = ("requires_payment_method", Some(why));
        }
        Does::Waits => intent.status = "requires_action",
        Does::Settle | Does::Fail(_) | Does::ComeBack(_) => {
            (intent.status, intent.next_at) = ("processing", Some(book.now + 60));
        }
        Does::Dispute => intent.next_at = Some(book.now + 60),
        Does::Approve | Does::RefundFails | Does::RefundLost | Does::Break(..) => {}
    }
    let made = book.add(intent);
    let shown = book.json_of_intent(&made, request.all("expand[]").contains(&"latest_charge"));
    match made.error {
        Some(mut why) => {
            why["payment_intent"] = shown;
            error(402, why)
        }
        None => ok(shown),
    }
}

/// <https://docs.stripe.com/api/payment_intents/cancel>
fn cancel(state: &mut State, id: &str) -> Said {
    let Some(intent) = state.book.intent(id) else { return invalid(404, "resource_missing", "intent", id) };
    if matches!(intent.status, "succeeded" | "canceled") {
        return invalid(400, "payment_intent_unexpected_state", "", id);
    }
    state.book.cancel(id);
    shown(state, id)
}

/// <https://docs.stripe.com/api/refunds/create>
fn refund(state: &mut State, request: &Recorded) -> Said {
    let id = request.field("payment_intent").unwrap_or_default();
    let Some(intent) = state.book.intent(id).cloned() else {
        return invalid(400, "resource_missing", "payment_intent", id);
    };
    if intent.status != "succeeded" {
        return invalid(400, "payment_intent_unexpected_state", "payment_intent", id);
    }
    let (left, amount) = (state.book.left_of(&intent), request.number("amount").unwrap_or(0));
    if left == 0 {
        return invalid(400, "charge_already_refunded", "", id);
    }
    if amount > left {
        return error(
            400,
            json!({ "type": "invalid_request_error", "param": "amount", "message": "greater than" }),
        );
    }
    let made: Refund = state.book.refund(id, amount, request.metadata());
    ok(state.book.json_of_refund(&made, false))
}
