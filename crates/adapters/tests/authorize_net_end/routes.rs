//! What is answered to what.

use base::Ts;
use serde_json::{Value, json};

use super::book::{Profile, Txn, card};
use super::methods::{self, Does, Fault, Often};
use super::wire::{Recorded, Reply};
use super::{Asked, KEY, LOGIN, State, schema};

/// An answer is 200 whatever it says. <https://developer.authorize.net/api/reference/index.html>
fn reply(body: &Value) -> Reply {
    Reply { status: 200, body: body.to_string() }
}

fn messages(result: &str, code: &str) -> Value {
    json!({ "resultCode": result, "message": [{ "code": code, "text": "In words." }] })
}

fn ok(mut body: Value) -> Value {
    body["messages"] = messages("Ok", "I00001");
    body
}

/// <https://developer.authorize.net/api/reference/responseCodes.html>
fn error(code: &str) -> Value {
    json!({ "messages": messages("Error", code) })
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, path: &str) -> u64 {
    text(value, path).parse().unwrap_or_default()
}

/// Answers, and says what becomes of the answer on its way.
pub(super) fn answer(state: &mut State, request: &Recorded) -> (Option<Fault>, Reply) {
    let asked: Value = serde_json::from_str(&request.body).unwrap_or_default();
    if (request.method.as_str(), request.path.as_str()) != ("POST", "/xml/v1/request.api") {
        return (None, Reply { status: 404, body: String::new() });
    }
    let name = match schema::checked(&asked) {
        Ok(name) => name,
        Err(mistake) => {
            state.mistakes.push(mistake);
            return (None, reply(&error("E00003")));
        }
    };
    let body = asked[&name].clone();
    state.requests.push(Asked { name: name.clone(), body: body.clone() });
    let who =
        (text(&body, "/merchantAuthentication/name"), text(&body, "/merchantAuthentication/transactionKey"));
    if who != (LOGIN, KEY) {
        return (None, reply(&error("E00007")));
    }
    if name != "createTransactionRequest" {
        return (None, reply(&read(state, &name, &body)));
    }
    let fault = state.faults.pop_front().or_else(|| breaks(state, &body["transactionRequest"]));
    match fault {
        Some(Fault::Busy) => return (None, reply(&error("E00053"))),
        Some(Fault::Away) => return (None, Reply { status: 503, body: String::new() }),
        Some(Fault::CutBefore) => return (fault, reply(&Value::Null)),
        _ => {}
    }
    let said = create(state, &body["transactionRequest"]);
    if fault == Some(Fault::ErrorAfter) {
        return (None, reply(&error("E00001")));
    }
    (fault, reply(&said))
}

/// What breaks because of the method.
fn breaks(state: &mut State, asked: &Value) -> Option<Fault> {
    let order = format!("{} {}", text(asked, "/transactionType"), text(asked, "/order/invoiceNumber"));
    let tries = state.book.tries.entry(order).or_default();
    *tries += 1;
    let is_first = *tries == 1;
    let profile = profile(state, asked)?.method.clone();
    match (text(asked, "/transactionType"), methods::does(&profile)?) {
        ("authCaptureTransaction", Does::Break(fault, often)) if is_first || often == Often::Always => {
            Some(fault)
        }
        ("refundTransaction", Does::RefundLost) if is_first => Some(Fault::CutAfter),
        _ => None,
    }
}

fn profile<'a>(state: &'a State, asked: &Value) -> Option<&'a Profile> {
    let (customer, id) = (
        number(asked, "/profile/customerProfileId"),
        number(asked, "/profile/paymentProfile/paymentProfileId"),
    );
    state.book.profiles.iter().find(|one| (one.customer, one.id) == (customer, id))
}

fn read(state: &mut State, name: &str, body: &Value) -> Value {
    let book = &mut state.book;
    match name {
        "getTransactionDetailsRequest" => match book.find(number(body, "/transId")) {
            Some(one) => ok(json!({ "transaction": one.details(book) })),
            None => error("E00040"),
        },
        "getUnsettledTransactionListRequest" => {
            let shown = |one: &&Txn| one.batch.is_none() && one.submitted + book.list_lag <= book.now;
            list(body, book.transactions.iter().filter(shown).collect())
        }
        "getTransactionListRequest" => {
            let batch = Some(number(body, "/batchId"));
            list(body, book.transactions.iter().filter(|one| one.batch == batch).collect())
        }
        "getTransactionListForCustomerRequest" => {
            let customer = number(body, "/customerProfileId");
            list(body, book.transactions.iter().filter(|one| one.customer == customer).collect())
        }
        "getSettledBatchListRequest" => {
            let at = |path| Ts::parse(text(body, path)).unwrap().seconds();
            let (first, last) = (at("/firstSettlementDate"), at("/lastSettlementDate"));
            // <https://www.rubydoc.info/gems/authorize-net/AuthorizeNet%2FReporting%2FTransaction:get_settled_batch_list>
            if last < first || last - first > 31 * 86_400 {
                return error("E00013");
            }
            let within = book.batches.iter().filter(|(_, at)| (first..=last).contains(*at));
            let batch = |(id, at): (&u64, &i64)| {
                let settled = Ts::from_micros(at * 1_000_000).to_string();
                json!({ "batchId": id.to_string(), "settlementTimeUTC": settled, "settlementState": "settledSuccessfully" })
            };
            match within.map(batch).collect::<Vec<Value>>() {
                none if none.is_empty() => json!({ "messages": messages("Ok", "I00004") }),
                all => ok(json!({ "batchList": all })),
            }
        }
        "createCustomerProfileRequest" => create_profile(state, body),
        "getCustomerProfileRequest" => {
            let called = text(body, "/merchantCustomerId");
            match book.profiles.iter().find(|one| one.called == called) {
                Some(one) => ok(json!({ "profile": {
                    "paymentProfiles": [{ "customerPaymentProfileId": one.id.to_string() }],
                    "customerProfileId": one.customer.to_string(),
                    "merchantCustomerId": called,
                } })),
                None => error("E00040"),
            }
        }
        "getCustomerPaymentProfileRequest" => {
            let ids = (number(body, "/customerProfileId"), number(body, "/customerPaymentProfileId"));
            match book.profiles.iter().find(|one| (one.customer, one.id) == ids) {
                Some(one) => ok(json!({ "paymentProfile": described(one, body) })),
                None => error("E00040"),
            }
        }
        _ => error("E00004"),
    }
}

/// The newest first, by pages of at most a thousand.
fn list(body: &Value, mut all: Vec<&Txn>) -> Value {
    assert_eq!(text(body, "/sorting/orderBy"), "submitTimeUTC");
    all.sort_by_key(|one| (one.submitted, one.id));
    if text(body, "/sorting/orderDescending") == "true" {
        all.reverse();
    }
    let limit = usize::try_from(number(body, "/paging/limit")).unwrap();
    let page = usize::try_from(number(body, "/paging/offset")).unwrap();
    let total = all.len();
    let shown: Vec<Value> = all.into_iter().skip((page - 1) * limit).take(limit).map(Txn::summary).collect();
    if shown.is_empty() {
        return json!({ "messages": messages("Ok", "I00004"), "totalNumInResultSet": 0 });
    }
    ok(json!({ "transactions": shown, "totalNumInResultSet": total }))
}

/// Digits are masked but for the last four, a bank's as well.
fn described(one: &Profile, body: &Value) -> Value {
    let mut said = json!({
        "customerProfileId": one.customer.to_string(),
        "customerPaymentProfileId": one.id.to_string(),
    });
    said["payment"] = if methods::is_bank(&one.method) {
        json!({ "bankAccount": { "accountType": "checking", "routingNumber": "XXXX0021", "accountNumber": "XXXX6789", "nameOnAccount": "Ada Debtor", "echeckType": "WEB" } })
    } else {
        let (number, brand) = card(&one.method);
        let unmasked = text(body, "/unmaskExpirationDate") == "true";
        let mut card = json!({ "cardNumber": number, "expirationDate": if unmasked { "2031-12" } else { "XXXX" }, "cardType": brand });
        if text(body, "/includeIssuerInfo") == "true" {
            card["issuerNumber"] = json!("424242");
        }
        json!({ "creditCard": card })
    };
    said
}

/// <https://developer.authorize.net/api/reference/index.html#customer-profiles-create-customer-profile>
fn create_profile(state: &mut State, body: &Value) -> Value {
    let called = text(body, "/profile/merchantCustomerId").to_owned();
    if state.book.profiles.iter().any(|one| one.called == called) {
        return error("E00039");
    }
    let method = text(body, "/profile/paymentProfiles/payment/opaqueData/dataValue").to_owned();
    let does = methods::does(&method);
    if does.is_none() || state.book.spent.contains(&method) {
        return error("E00114");
    }
    state.book.spent.push(method.clone());
    if does == Some(Does::Invalid) && text(body, "/validationMode") == "liveMode" {
        return error("E00027");
    }
    let (customer, id) = (state.book.next_id(), state.book.next_id());
    state.book.profiles.push(Profile { customer, id, called, method });
    ok(json!({
        "customerProfileId": customer.to_string(),
        "customerPaymentProfileIdList": [id.to_string()],
        "customerShippingAddressIdList": [],
        "validationDirectResponseList": ["1,1,1,This transaction has been approved."],
    }))
}

fn said(response: u8, reason: &str, id: u64) -> Value {
    let mut body = json!({
        "transactionResponse": {
            "responseCode": response.to_string(),
            "authCode": "",
            "avsResultCode": "P",
            "transId": id.to_string(),
            "refTransID": "",
            "testRequest": "0",
            "accountNumber": "XXXX4242",
            "accountType": "Visa",
        },
    });
    if matches!(response, 1 | 4) {
        body["transactionResponse"]["messages"] = json!([{ "code": reason, "description": "In words." }]);
        return ok(body);
    }
    body["transactionResponse"]["errors"] = json!([{ "errorCode": reason, "errorText": "In words." }]);
    body["messages"] = if response == 2 { messages("Ok", "I00001") } else { messages("Error", "E00027") };
    body
}

/// <https://developer.authorize.net/api/reference/index.html#payment-transactions>
fn create(state: &mut State, asked: &Value) -> Value {
    match text(asked, "/transactionType") {
        "voidTransaction" => void(state, number(asked, "/refTransId")),
        "refundTransaction" => refund(state, asked),
        _ => charge(state, asked),
    }
}

fn cents(asked: &Value) -> i64 {
    let (dollars, cents) = text(asked, "/amount").split_once('.').unwrap();
    dollars.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap()
}

fn begun(asked: &Value, of: &Profile) -> Txn {
    let alike =
        ["/transactionType", "/amount", "/order/invoiceNumber", "/poNumber"].map(|path| text(asked, path));
    let window =
        asked.pointer("/transactionSettings/setting/0").map_or("120", |one| text(one, "/settingValue"));
    Txn {
        cents: cents(asked),
        invoice: text(asked, "/order/invoiceNumber").to_owned(),
        description: text(asked, "/order/description").to_owned(),
        items: asked["lineItems"]["lineItem"].as_array().cloned().unwrap_or_default(),
        method: of.method.clone(),
        customer: of.customer,
        profile: of.id,
        alike: format!("{alike:?} {} {window}", of.id),
        window: window.parse().unwrap(),
        response: 1,
        reason: "1".into(),
        ..Txn::default()
    }
}

/// Whether the same was made a while ago.
/// <https://support.authorize.net/s/article/Error-11-A-duplicate-transaction-has-been-submitted>
fn is_duplicate(state: &State, new: &Txn) -> bool {
    let now = state.book.now;
    state.book.transactions.iter().any(|one| one.alike == new.alike && now - one.submitted < new.window)
}

fn charge(state: &mut State, asked: &Value) -> Value {
    let Some(of) = profile(state, asked).cloned() else { return error("E00040") };
    let mut new = Txn { kind: "authCaptureTransaction", ..begun(asked, &of) };
    if is_duplicate(state, &new) {
        return said(3, "11", 0);
    }
    if state.book.is_test_mode {
        return said(1, "1", 0);
    }
    new.status = match methods::does(&of.method).unwrap() {
        Does::Error(reason) => return said(3, reason, 0),
        Does::Decline(reason) => {
            (new.response, new.reason) = (2, reason.to_owned());
            "declined"
        }
        Does::Hold => {
            (new.response, new.reason, new.filter) = (4, "253".to_owned(), Some("hold"));
            "FDSPendingReview"
        }
        Does::Review => {
            (new.response, new.reason) = (4, "193".to_owned());
            "underReview"
        }
        _ => "capturedPendingSettlement",
    };
    let (response, reason) = (new.response, new.reason.clone());
    let id = state.book.add(new);
    said(response, &reason, id)
}

/// <https://developer.authorize.net/api/reference/index.html#payment-transactions-refund-a-transaction>
fn refund(state: &mut State, asked: &Value) -> Value {
    let Some(of) = profile(state, asked).cloned() else { return error("E00040") };
    let id = number(asked, "/refTransId");
    let charge = state.book.find(id).filter(|one| one.status == "settledSuccessfully").cloned();
    let Some(charge) = charge else { return said(3, "54", 0) };
    if (charge.customer, charge.profile) != (of.customer, of.id) {
        return error("E00051");
    }
    let new = Txn {
        kind: "refundTransaction",
        status: "refundPendingSettlement",
        of: Some(id),
        ..begun(asked, &of)
    };
    if is_duplicate(state, &new) {
        return said(3, "11", 0);
    }
    if state.book.given_back(id) + new.cents > charge.cents {
        return said(3, "55", 0);
    }
    let id = state.book.add(new);
    said(1, "1", id)
}

/// <https://developer.authorize.net/api/reference/index.html#payment-transactions-void-a-transaction>
fn void(state: &mut State, id: u64) -> Value {
    match state.book.find(id).map(|one| one.status) {
        Some("voided") => said(1, "310", id),
        Some(
            "capturedPendingSettlement" | "refundPendingSettlement" | "FDSPendingReview" | "underReview",
        ) => {
            state.book.change(id, |one| one.status = "voided");
            said(1, "1", id)
        }
        _ => said(3, "16", 0),
    }
}
