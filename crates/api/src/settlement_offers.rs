//! Settlement offers over HTTP: ours, since no source has them as a resource.

use base::{Day, Failure, Ref, Result};
use books::debts::limits::percent;
use books::debts::offers::{
    self, Changes, Delete, Filter, New, Offer, OfferKind, Price, Standing, Update, Withdraw,
};
use books::debts::{self, OfferId};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{delete, get, post, put};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use serde_json::{Map, Value, json};

use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{any_object, cents, day, id, instant, maybe, object, shown, success, text, whole, word};
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("settlement_offers:read");
const WRITE: Access = Access::Scope("settlement_offers:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "settlement_offer";

const KINDS: &[(&str, OfferKind)] = &[("one_time", OfferKind::OneTime), ("plan", OfferKind::Plan)];

const STANDINGS: &[(&str, Standing)] = &[
    ("active", Standing::Active),
    ("accepted", Standing::Accepted),
    ("withdrawn", Standing::Withdrawn),
    ("expired", Standing::Expired),
];

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["amount" => "amount", "expires_on" => "expires_on", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/settlement-offers", READ, index).summary("List settlement offers").query(filters).answers(200, edge::listing::schema(schema())),
        post("/settlement-offers", WRITE, create)
            .summary("Offer to settle an account for less than is owed")
            .describe(
                "At once or in instalments, within your organization's limits. Exactly one of `amount`, `discount_amount` and \
                 `discount_percent` says how much; it is kept as an amount. A payment plan takes the offer up by \
                 `settlement_offer_id`.",
            )
            .body(new)
            .sample(json!({ "debt_account_id": "$DEBT_ACCOUNT_ID", "type": "one_time", "discount_percent": 40 }))
            .answers(201, shown(schema())),
        get("/settlement-offers/{id}", READ, show).summary("Get a settlement offer").query(includes).answers(200, shown(schema())),
        put("/settlement-offers/{id}", WRITE, update)
            .summary("Change a settlement offer")
            .describe("As long as nobody has taken it up or back. A new discount is one on what is owed now.")
            .body(|r| changes(r, None))
            .sample(json!({ "discount_percent": 30 }))
            .answers(200, shown(schema())),
        post("/settlement-offers/{id}/withdraw", WRITE, withdraw)
            .summary("Take a settlement offer back")
            .describe("One that was taken back stays so. Refused where a payment plan has taken it up.")
            .answers(200, shown(schema())),
        delete("/settlement-offers/{id}", WRITE, destroy)
            .summary("Delete a settlement offer")
            .describe("Refused where a payment plan refers to it.")
            .answers(200, success()),
    ]
}

pub(crate) fn schema() -> Value {
    let standings: Vec<&str> = STANDINGS.iter().map(|(word, _)| *word).collect();
    object(
        &[
            ("id", id()),
            ("debt_account_id", id()),
            ("customer_id", maybe(id())),
            ("type", word(&["one_time", "plan"])),
            ("status", word(&standings)),
            ("state", word(&standings)),
            ("balance", cents()),
            ("amount", cents()),
            ("discount_amount", cents()),
            ("discount_percent", whole()),
            ("max_installments", whole()),
            ("expires_on", maybe(day())),
            ("payment_plan_id", maybe(id())),
            ("reason", maybe(text())),
            ("ended_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("customer", maybe(any_object())), ("debt_account", maybe(any_object()))],
    )
}

fn json(offer: &Offer, today: Day) -> Value {
    let mut all = match offer.event_body() {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    let standing = offer.on(today).as_str();
    all.insert("status".into(), standing.into());
    all.insert("state".into(), standing.into());
    all.into()
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    let mut wanted = r.includes(VOCABULARY);
    wanted.retain(|what| matches!(what, Include::Customer | Include::DebtAccount));
    wanted
}

pub(crate) async fn present(view: &View<'_>, all: &[Offer], today: Day) -> Result<Vec<Value>> {
    let ids = base::db::Ids::of(all.iter().map(|offer| offer.debt_id));
    let accounts = debts::load(view.tx, view.tenant, &ids).await?;
    let item = |offer: &Offer| {
        let customer = accounts.iter().find(|account| account.id == offer.debt_id).map(|a| a.customer_id);
        let mut json = json(offer, today);
        json["customer_id"] = customer.map(|id| id.to_string()).into();
        Shown { json, customer, debt: Some(offer.debt_id), ..Shown::default() }
    };
    let mut items: Vec<Shown> = all.iter().map(item).collect();
    view.embed(&mut items).await?;
    Ok(items.into_iter().map(|item| item.json).collect())
}

async fn shown_one(call: &Call, which: OfferId, status: u16) -> Result<Reply> {
    let wanted = call.ask(includes)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let which = Ref::new(&which.to_string()).ok_or_else(Failure::not_found)?;
    let offer = offers::find(&tx, tenant, &which).await?.ok_or_else(Failure::not_found)?;
    let view = View::of(call, &tx, wanted);
    let data = present(&view, &[offer], tenant.today(call.now)).await?.pop();
    Ok(Reply::json(status, &json!({ "data": data })))
}

struct Asked {
    paging: Listing,
    wanted: Vec<Include>,
    customer: Option<Ref>,
    debt: Option<Ref>,
    kind: Option<OfferKind>,
    standing: Option<Standing>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        wanted: includes(r),
        customer: r.reference("customer_id").describe("Only this customer's offers.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("Only offers on this account.")
            .optional(),
        kind: r.one_of("type", KINDS).describe("Only offers to be paid like this.").optional(),
        standing: r.one_of("status", STANDINGS).describe("Only offers that stand like this.").optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let today = tenant.today(call.now);
    let filter = Filter {
        customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
        debt: named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?,
        kind: asked.kind,
        standing: asked.standing.map(|standing| (standing, today)),
    };
    let listed = offers::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    let view = View::of(&call, &tx, asked.wanted);
    let rows = present(&view, &listed.rows, today).await?;
    let last = listed.rows.last().map(|offer| offer.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

async fn in_path(call: &Call) -> Result<Offer> {
    let which = call.id("id")?;
    let found = offers::find(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn show(call: Call) -> Result<Reply> {
    shown_one(&call, in_path(&call).await?.id, 200).await
}

/// How much is taken off, where it is said; what `stored` already says counts as not sent.
fn price(r: &mut Reader<'_>, stored: Option<&Offer>) -> Option<Price> {
    let amount =
        r.cents("amount").positive().describe("What settles the account, in whole cents.").optional();
    let off = r.cents("discount_amount").positive().describe("What is forgiven, in whole cents.").optional();
    let part = r
        .int("discount_percent")
        .between(1, 99)
        .describe("How much of what is owed is forgiven, in whole percent, rounded down to the cent.")
        .optional();
    let said = [
        amount.filter(|amount| stored.is_none_or(|offer| offer.amount != *amount)).map(Price::Amount),
        off.filter(|off| stored.is_none_or(|offer| offer.discount() != *off)).map(Price::Off),
        part.filter(|part| stored.is_none_or(|offer| percent(offer.discount(), offer.balance) != *part))
            .map(Price::Percent),
    ];
    let mut said = said.into_iter().flatten();
    let (first, second) = (said.next(), said.next());
    if stored.is_some() && second.is_some() {
        r.fault("amount", "prohibits another discount from being present.");
    }
    first
}

fn most(r: &mut Reader<'_>) -> Option<i64> {
    r.int("max_installments")
        .at_least(1)
        .describe("In how many instalments at most; one a month over the longest time a settlement may take, where absent.")
        .optional()
}

const EXPIRES: &str = "Its last day, where your organization is.";

struct Given {
    debt: Ref,
    kind: OfferKind,
    price: Option<Price>,
    max_instalments: Option<i64>,
    expires_on: Option<Day>,
}

fn new(r: &mut Reader<'_>) -> Given {
    let given = Given {
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("The account: our id or yours.")
            .required(),
        kind: r.one_of("type", KINDS).describe("Whether it is paid at once or in instalments.").required(),
        price: price(r, None),
        max_instalments: most(r),
        expires_on: r.day("expires_on").describe(EXPIRES).optional(),
    };
    r.exactly_one_of(&["amount", "discount_amount", "discount_percent"]);
    given
}

fn changes(r: &mut Reader<'_>, stored: Option<&Offer>) -> Changes {
    Changes {
        price: price(r, stored),
        max_instalments: most(r),
        expires_on: r.day("expires_on").describe(EXPIRES).change(),
    }
}

async fn create(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, OfferId(id), 201).await?.replayed());
    }
    let Given { debt, kind, price, max_instalments, expires_on } = call.read(new)?;
    let price = price.ok_or_else(|| Failure::field("amount", "The amount field is required."))?;
    let (tenant, once, id): (_, _, OfferId) =
        (&call.caller().tenant, once(&call), call.state.db.seams().id());
    let new = New { kind, price, max_instalments, expires_on };
    let work = payments::plans::Offer { tenant, id, debt: &debt, new: &new, now: call.now };
    let run = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(&call, OfferId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn update(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    let offer = in_path(&call).await?;
    let changes = call.read(|r| changes(r, Some(&offer)))?;
    let work = Update { tenant: &call.caller().tenant, id: offer.id, changes, now: call.now };
    call.state.db.run(&work).await?;
    shown_one(&call, offer.id, 200).await
}

async fn withdraw(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    let (offer, tenant, once) = (in_path(&call).await?, &call.caller().tenant, once(&call));
    let work = Withdraw { tenant, id: offer.id, now: call.now };
    let run = AtMostOnce {
        tenant,
        once: once.as_ref(),
        kind: "settlement_offer.withdraw",
        object: offer.id.0,
        work,
    };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(&call, offer.id, 200).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn destroy(call: Call) -> Result<Reply> {
    let offer = in_path(&call).await?;
    call.state.db.run(&Delete { tenant: &call.caller().tenant, id: offer.id }).await?;
    Ok(Reply::success())
}
