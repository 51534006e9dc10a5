//! Debt accounts over HTTP.

use base::{Cents, Change, Failure, Ref, Result};
use books::debts::{
    self, BillingType, BillingTypes, Changes, Debt, DebtId, Filter, FurtherGiven, LocationGiven, New,
    PlanGiven, PlanId, Rules, Status,
};
use books::idempotency::AtMostOnce;
use books::locations;
use edge::routes::{delete, get, post, put};
use edge::rules::OneOf;
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use payments::charges::claims::DeleteDebt;
use serde_json::{Map, Value, json};

use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{
    any_object, cents, id, instant, list, maybe, metadata, object, shown, success, text, word,
};
use crate::spelling::{DEBT_STATUSES, FREQUENCIES, Words};
use crate::{App, Call, before, lists, named, once, payment_plans};

const READ: Access = Access::Scope("debt_accounts:read");
const WRITE: Access = Access::Scope("debt_accounts:write");

/// The kind of thing, as idempotency keys remember it.
pub(crate) const KIND: &str = "debt_account";

const BILLING_TYPES: &[(&str, BillingType)] = &[
    ("partial-payment", BillingType::Partial),
    ("full-amount-payment", BillingType::Full),
    ("payment-plan", BillingType::Plan),
];

const LOCATION_TYPES: &[(&str, locations::Kind)] = &[
    ("original_creditor", locations::Kind::OriginalCreditor),
    ("current_creditor", locations::Kind::CurrentCreditor),
    ("product_type", locations::Kind::ProductType),
];

/// What the list can be sorted by.
const SORTS: Sorts =
    sorts!["balance" => "balance", "current_balance" => "current_balance", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/debt-accounts", READ, index)
            .summary("List debt accounts")
            .query(filters)
            .sample_query_spelled(
                &[("customer_id", "$CUSTOMER_ID"), ("status", "paid_off")],
                &[("customer_id", "$CUSTOMER_ID"), ("status", "resolved")],
            )
            .answers(200, edge::listing::schema(schema())),
        post("/debt-accounts", WRITE, create)
            .summary("Place a debt account")
            .describe("`balance` is what was placed, in whole cents: 15000 is $150.00. With `parent_external_id` the account is grouped under another.")
            .body(new)
            .sample_spelled(json!({
                "customer_id": "$CUSTOMER_ID", "external_id": "$EXTERNAL_ID", "balance": 15000,
                "payment_plan": { "frequency": "every_other_week", "start_date": "$START_DATE", "amount": 1500 },
                "metadata": { "desk": "7" },
            }), json!({
                "customer_id": "$CUSTOMER_ID", "external_id": "$EXTERNAL_ID", "balance": 15000,
                "payment_plan": { "frequency": "biweekly", "start_date": "$START_DATE", "amount": 1500 },
                "metadata": { "desk": "7" },
            }))
            .answers(201, shown(schema())),
        get("/debt-accounts/{id}", READ, show).summary("Get a debt account").query(includes).answers(200, shown(schema())),
        put("/debt-accounts/{id}", WRITE, update)
            .summary("Change a debt account")
            .describe("What is not sent stays. A changed `balance` moves `current_balance` by the same difference.")
            .body(|r| changes(r, None, Words::Guide))
            .sample(json!({ "current_balance": 12000, "rules": { "min_payment_amount": 500 } }))
            .answers(200, shown(schema())),
        delete("/debt-accounts/{id}", WRITE, destroy).summary("Delete a debt account").answers(200, success()),
    ]
}

/// The fields of a debt account, as answered.
pub(crate) fn schema() -> Value {
    let statuses: Vec<&str> = DEBT_STATUSES.iter().map(|(w, _)| *w).collect();
    object(
        &[
            ("id", id()),
            ("external_id", maybe(text())),
            ("customer_id", id()),
            ("parent_id", maybe(id())),
            ("parent_external_id", maybe(text())),
            ("status", word(&statuses)),
            ("state", word(&Status::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>())),
            ("balance", cents()),
            ("original_balance", cents()),
            ("current_balance", cents()),
            ("external_account_number", maybe(text())),
            ("external_status", maybe(text())),
            ("external_company_id", maybe(text())),
            ("description", maybe(text())),
            ("billing_type", list(text())),
            ("rules", object(&[], &[("min_payment_amount", cents())])),
            ("metadata", metadata()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("account_number", text()),
            ("customer", maybe(any_object())),
            ("location", maybe(any_object())),
            ("locations", list(any_object())),
            ("transactions", list(any_object())),
            ("payment_plan", maybe(payment_plans::schema())),
            ("tickets", list(any_object())),
            ("charges", list(any_object())),
            ("parent", maybe(any_object())),
            ("children", list(any_object())),
        ],
    )
}

/// A debt account by itself: the union of both sources' fields; only `status` asks the spelling.
pub(crate) fn json(debt: &Debt, words: Words) -> Value {
    let mut all = match debt.event_body() {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    all.insert("status".into(), words.debt_status(debt.status).into());
    all.insert("original_balance".into(), debt.balance.get().into());
    all.insert("parent_external_id".into(), debt.parent_id.map(|id| id.to_string()).into());
    if let Some(number) = &debt.account_number {
        all.insert("account_number".into(), number.clone().into());
    }
    all.shift_remove("location_id");
    all.into()
}

/// Accounts with everything their replies embed.
pub(crate) async fn present(view: &View<'_>, all: &[Debt]) -> Result<Vec<Value>> {
    let (tx, tenant) = (view.tx, view.tenant);
    let ids = base::db::Ids::of(all.iter().map(|d| d.id));
    let further = debts::further_locations(tx, tenant, &ids).await?;
    let places = locations::load(tx, tenant, further.iter().map(|f| f.location_id)).await?;
    let parents = debts::load(tx, tenant, &base::db::Ids::of(all.iter().filter_map(|d| d.parent_id))).await?;
    let mut items: Vec<Shown> = Vec::with_capacity(all.len());
    for debt in all {
        let mut json = json(debt, view.words);
        let parent = parents.iter().find(|p| Some(p.id) == debt.parent_id);
        // A parent without an id of the caller's is named by ours, so that what is shown can be sent back.
        json["parent_external_id"] =
            parent.map(|p| p.external_id.clone().unwrap_or_else(|| p.id.to_string())).into();
        // Always there, also for a token that may not read what would stand in it.
        (json["customer"], json["location"], json["payment_plan"]) = (Value::Null, Value::Null, Value::Null);
        (json["transactions"], json["charges"]) = (json!([]), json!([]));
        let further =
            further.iter().filter(|f| f.debt_id == debt.id).filter_map(|f| places.get(&f.location_id));
        json["locations"] = further.filter(|_| view.reads(Include::Location)).map(locations::view).collect();
        items.push(Shown {
            json,
            own: Some(("debt_id", debt.id.0)),
            customer: Some(debt.customer_id),
            location: debt.location_id,
            parent: debt.parent_id,
            ..Shown::default()
        });
    }
    let mut wanted = vec![
        Include::Customer,
        Include::Location,
        Include::Transaction,
        Include::PaymentPlan,
        Include::Charge,
    ];
    wanted.extend(
        view.wanted.iter().filter(|w| matches!(w, Include::Parent | Include::Children | Include::Ticket)),
    );
    View { wanted, ..*view }.embed(&mut items).await?;
    Ok(items.into_iter().map(|item| item.json).collect())
}

async fn shown_one(call: &Call, which: DebtId, status: u16) -> Result<Reply> {
    let tx = call.state.db.read().await?;
    let tenant = &call.caller().tenant;
    let wanted = call.ask(includes)?;
    let debt =
        debts::load(&tx, tenant, &base::db::Ids::of([which])).await?.pop().ok_or_else(Failure::not_found)?;
    let mut all = present(&View::of(call, &tx, wanted), &[debt]).await?;
    Ok(Reply::json(status, &json!({ "data": all.pop() })))
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    r.includes(VOCABULARY)
}

struct Asked {
    paging: Listing,
    wanted: Vec<Include>,
    customer: Option<Ref>,
    location: Option<Ref>,
    parent: Option<Ref>,
    status: Option<Vec<Status>>,
    external_id: Option<String>,
    account_number: Option<String>,
    external_status: Option<String>,
    owes: [Option<Cents>; 2],
}

/// A word of either spelling, and the states it means.
const STATUSES_MEANT: &[(&str, &[Status])] = &[
    ("active", &[Status::Active]),
    ("archived", &[Status::Archived]),
    ("closed", &[Status::Closed]),
    ("locked", &[Status::Locked]),
    ("paid_off", &[Status::PaidOff]),
    ("resolved", &[Status::PaidOff]),
];

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        wanted: includes(r),
        customer: r.reference("customer_id").describe("Only this customer's accounts.").optional(),
        location: r.reference("location_id").describe("Only accounts of this location.").optional(),
        parent: r.reference("parent_external_id").describe("Only accounts under this one.").optional(),
        status: r
            .one_of("status", STATUSES_MEANT)
            .describe("Only accounts in this state.")
            .optional()
            .map(<[Status]>::to_vec),
        external_id: r.text("external_id").describe("The account with this id of yours.").optional(),
        account_number: r
            .text("external_account_number")
            .alias("account_number")
            .describe("Only accounts with this number at the creditor.")
            .optional(),
        external_status: r
            .text("external_status")
            .describe("Only accounts with this status of yours.")
            .optional(),
        owes: [
            r.cents("current_balance_from")
                .describe("Only accounts of which at least this much is owed.")
                .optional(),
            r.cents("current_balance_to")
                .describe("Only accounts of which at most this much is owed.")
                .optional(),
        ],
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant, words) = (call.state.db.read().await?, &call.caller().tenant, Words::of(&call));
    let customer = named::customer(&tx, tenant, asked.customer.as_ref()).await?;
    let location = named::location(&tx, tenant, asked.location.as_ref()).await?;
    let parent = named::debt(&tx, tenant, asked.parent.as_ref(), "parent_external_id").await?;
    // On the OpenAPI's paths a word stands for every state that it describes there.
    let status = asked.status.map(|meant| {
        let as_shown = |s: &&Status| {
            words == Words::OpenApi && meant.iter().any(|m| words.debt_status(*m) == words.debt_status(**s))
        };
        let mut all: Vec<Status> = Status::ALL.iter().filter(as_shown).copied().collect();
        all.extend(meant);
        all.dedup();
        all
    });
    let [owes_from, owes_to] = asked.owes;
    let filter = Filter {
        customer,
        location,
        parent,
        status,
        external_id: asked.external_id,
        account_number: asked.account_number,
        external_status: asked.external_status,
        owes_from,
        owes_to,
    };
    let listed = debts::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    let rows = present(&View::of(&call, &tx, asked.wanted), &listed.rows).await?;
    let last = listed.rows.last().map(|d| d.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

async fn show(call: Call) -> Result<Reply> {
    let which = call.id("id")?;
    let debt = debts::resolve(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    shown_one(&call, debt.ok_or_else(Failure::not_found)?, 200).await
}

fn further(r: &mut Reader<'_>) -> FurtherGiven {
    FurtherGiven {
        name: r.text("name").required(),
        external_id: r.text("external_id").optional(),
        kind: r.one_of("type", LOCATION_TYPES).optional(),
    }
}

fn plan(r: &mut Reader<'_>) -> PlanGiven {
    PlanGiven {
        id: r
            .text("id")
            .describe("Ignored, but that it tells which plan a reply of ours is about.")
            .optional()
            .and_then(|id| Ref::new(&id)?.ours().map(PlanId)),
        frequency: r.one_of("frequency", FREQUENCIES).required_with("start_date"),
        start_date: r.day("start_date").required_with("frequency"),
        amount: r.cents("amount").positive().alias("installment_amount").optional(),
    }
}

/// A new account.
pub(crate) fn new(r: &mut Reader<'_>) -> New {
    let customer = r
        .reference("customer_id")
        .describe("Who owes it: our id or yours. A child takes its parent's.")
        .required_without("parent_external_id");
    let location = r
        .reference("location_id")
        .describe("Where it belongs: our id or yours. An unknown one is made, by `location_name`.")
        .optional();
    let (name, kind) =
        (r.text("location_name").optional(), r.one_of("location_type", LOCATION_TYPES).optional());
    New {
        customer,
        location: location.map(|which| LocationGiven { which, name, kind }),
        balance: r
            .cents("balance")
            .describe("What was placed, in whole cents.")
            .alias("original_balance")
            .required(),
        current_balance: r
            .cents("current_balance")
            .describe("What is still owed, in whole cents; `balance` where absent.")
            .optional(),
        locations: r.list("locations", 100, further).optional().unwrap_or_default(),
        external_id: r.text("external_id").optional(),
        parent: r.reference("parent_external_id").describe("The account to group it under.").optional(),
        billing_type: BillingTypes(
            r.each("billing_type", 3, OneOf(BILLING_TYPES)).optional().unwrap_or_default(),
        ),
        account_number: r.text("external_account_number").alias("account_number").optional(),
        plan: r.object("payment_plan", plan).optional(),
        metadata: r.metadata("metadata").optional().unwrap_or_default().into_iter().collect(),
        status: r.one_of("status", DEBT_STATUSES).optional(),
        external_status: r.text("external_status").optional(),
        external_company_id: r.text("external_company_id").optional(),
        description: r.text("description").max(2_000).optional(),
        rules: Rules {
            min_payment_amount: r.object("rules", rules).empty_clears().optional().and_then(Change::set),
        },
    }
}

fn rules(r: &mut Reader<'_>) -> Change<Cents> {
    let least = r
        .cents("min_payment_amount")
        .at_least(Cents::new(100))
        .describe("The least a payment may be, in whole cents.")
        .change();
    r.only_known();
    least
}

/// A change to an account; `stored` is how it stands, so that a reply of ours can be sent back.
pub(crate) fn changes(r: &mut Reader<'_>, stored: Option<&Debt>, words: Words) -> Changes {
    let location = r.reference("location_id").change();
    let (name, kind) =
        (r.text("location_name").optional(), r.one_of("location_type", LOCATION_TYPES).optional());
    let status = r.one_of("status", DEBT_STATUSES).replace();
    Changes {
        customer: r.reference("customer_id").replace(),
        location: location.map(|which| LocationGiven { which, name, kind }),
        balance: r.cents("balance").alias("original_balance").stored(stored.map(|d| d.balance)).replace(),
        current_balance: r.cents("current_balance").replace(),
        locations: match r.list("locations", 100, further).change() {
            Change::Keep => None,
            Change::Clear => Some(Vec::new()),
            Change::Set(all) => Some(all),
        },
        external_id: r.text("external_id").change(),
        parent: r.reference("parent_external_id").change(),
        billing_type: r.each("billing_type", 3, OneOf(BILLING_TYPES)).change().map(BillingTypes),
        account_number: r
            .text("external_account_number")
            .alias("account_number")
            .stored(stored.and_then(|d| d.account_number.clone()))
            .change(),
        plan: r.object("payment_plan", plan).change(),
        metadata: r.metadata("metadata").change().map(|all| all.into_iter().collect()),
        // A coarse word that already describes the stored state changes nothing.
        status: status.filter(|sent| {
            words == Words::Guide
                || stored.is_none_or(|d| words.debt_status(*sent) != words.debt_status(d.status))
        }),
        external_status: r.text("external_status").change(),
        external_company_id: r.text("external_company_id").change(),
        description: r.text("description").max(2_000).change(),
        rules: r.object("rules", rules).empty_clears().change(),
    }
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, DebtId(id), 201).await?.replayed());
    }
    let new = call.read(new)?;
    let tenant = &call.caller().tenant;
    let (once, id) = (once(&call), call.state.db.seams().id());
    let made = call
        .state
        .db
        .run(&AtMostOnce {
            tenant,
            once: once.as_ref(),
            kind: KIND,
            object: uuid::Uuid::from(id),
            work: debts::Create { tenant, id, new },
        })
        .await?;
    let reply = shown_one(&call, DebtId(made.id()), 201).await?;
    Ok(if matches!(made, books::idempotency::Made::Before(_)) { reply.replayed() } else { reply })
}

async fn update(call: Call) -> Result<Reply> {
    let (which, tenant) = (call.id("id")?, &call.caller().tenant);
    let stored =
        debts::find(&call.state.db.read().await?, tenant, &which).await?.ok_or_else(Failure::not_found)?;
    let mut changes = call.read(|r| changes(r, Some(&stored), Words::of(&call)))?;
    if changes.plan.as_set().is_some() {
        let ids = base::db::Ids::of([stored.id]);
        let known = debts::plans::latest_plans(&call.state.db.read().await?, tenant, &ids).await?.pop();
        keep_exact_frequency(&mut changes, known.as_ref(), Words::of(&call));
    }
    if stored.is_parent() {
        // A parent's own balances are its children's sums, whatever is sent.
        (changes.balance, changes.current_balance) = (None, None);
    }
    let id = call.state.db.run(&debts::Update { tenant, which, changes }).await?;
    shown_one(&call, id, 200).await
}

/// A coarse word that already describes the stored frequency changes nothing.
pub(crate) fn keep_exact_frequency(changes: &mut Changes, known: Option<&debts::plans::Plan>, words: Words) {
    let Change::Set(plan) = &mut changes.plan else { return };
    let exact = known.and_then(|known| known.frequency);
    let shown = |frequency: Option<debts::Frequency>| frequency.map(|f| words.frequency(f));
    if shown(exact) == shown(plan.frequency) {
        plan.frequency = exact;
    }
}

async fn destroy(call: Call) -> Result<Reply> {
    let which = call.id("id")?;
    call.state.db.run(&DeleteDebt { tenant: &call.caller().tenant, which }).await?;
    Ok(Reply::success())
}
