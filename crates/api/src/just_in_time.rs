//! Just in time over HTTP: where an organization is asked for fresh data, and asking.

use base::db::Ids;
use base::web::Address;
use base::{Code, Failure, Ref, Result};
use books::debts::{self, Debt, DebtId};
use books::idempotency::{AtMostOnce, Made};
use books::orgs::{Environment, Tenant};
use books::{locations, people};
use edge::routes::{delete, get, post};
use edge::{Access, Endpoint, Reader, Reply};
use exchange::bulk::{Format, Readers as _, Words as Spoken};
use exchange::egress::Answer;
use exchange::jit::{self, Asked, Called, EndpointId, Means, SHORTEST_SECRET};
use http::HeaderName;
use serde_json::{Value, json};

use crate::bulk::FieldRules;
use crate::include::View;
use crate::schema::{any_object, flag, id, instant, list, maybe, object, shown, success, text, whole};
use crate::{App, Call, before, debt_accounts, once};

const READ: Access = Access::Scope("just_in_time:read");
const WRITE: Access = Access::Scope("just_in_time:write");

/// The kinds of things, as idempotency keys remember them.
const KIND: &str = "just_in_time";
const TRIGGER: &str = "just_in_time.trigger";

/// The most of their body that is handed on, in bytes.
const MOST_RELAYED: usize = 64 * 1024;

/// The most of a body that is no JSON, in characters.
const MOST_QUOTED: usize = 2_000;

/// How many children are shown when a request is answered again.
const MOST_CHILDREN: i64 = 500;

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/just-in-time", READ, show)
            .summary("Get the just in time endpoint")
            .answers(200, shown(schema())),
        post("/just-in-time", WRITE, register)
            .summary("Register the just in time endpoint")
            .describe(
                "In the place of the one before. In production `url` begins with https; its query string is kept. A \
                 `secret` is sent with each call as `Authorization: Bearer …`, so that your side knows it is us.",
            )
            .body(|r| fields(r, &|_| true))
            .sample(json!({ "url": "https://agency.example/accounts?source=quittance" }))
            .answers(201, shown(schema())),
        delete("/just-in-time", WRITE, remove)
            .summary("Remove the just in time endpoint")
            .answers(200, success()),
        post("/just-in-time/trigger", WRITE, trigger)
            .summary("Ask the just in time endpoint about an account")
            .describe(
                "Ten seconds in all. 200 shows what was made or changed. Where your side answers 4xx or 5xx you get its \
                 status and its JSON here, with the header `X-Just-In-Time: upstream`; data that is not valid is a 422 \
                 with names like `data.debt_account.balance`, and nothing is applied. An endpoint that failed five times \
                 in a row is left alone for 30 seconds.",
            )
            .body(account)
            .sample(json!({ "debt_account_external_id": "A-1001" }))
            .answers(200, shown(applied_schema())),
    ]
}

fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("url", text()),
            ("has_secret", flag()),
            ("failures", whole()),
            ("paused_until", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

fn applied_schema() -> Value {
    object(
        &[
            ("customer", any_object()),
            ("location", maybe(any_object())),
            ("debt_account", any_object()),
            ("child_debt_accounts", list(any_object())),
        ],
        &[],
    )
}

struct Fields {
    url: String,
    secret: Option<base::secret::Secret<String>>,
}

fn fields(r: &mut Reader<'_>, may_call: &dyn Fn(&Address) -> bool) -> Fields {
    let url = r.text("url").max(2_048).parse(
        "must be a valid URL that begins with https.",
        "https://agency.example/just-in-time",
        |written| Address::parse(written).filter(may_call).map(|address| address.as_str().to_owned()),
    );
    Fields {
        url: url.required(),
        secret: r
            .text("secret")
            .min(SHORTEST_SECRET)
            .describe("Sent with each call. Letters, digits and signs of ASCII, without spaces.")
            .parse("must be ASCII without spaces.", "0123456789abcdef", |written| {
                written.bytes().all(|b| b.is_ascii_graphic()).then(|| written.to_owned())
            })
            .secret()
            .optional(),
    }
}

fn account(r: &mut Reader<'_>) -> Ref {
    r.reference("debt_account_external_id").describe("The account that is asked about.").required()
}

async fn show_it(call: &Call, status: u16) -> Result<Reply> {
    let found = jit::find(&call.state.db.read().await?, &call.caller().tenant).await?;
    let endpoint = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::json(status, &json!({ "data": endpoint.view() })))
}

async fn show(call: Call) -> Result<Reply> {
    show_it(&call, 200).await
}

async fn register(call: Call) -> Result<Reply> {
    if before(&call, KIND).await?.is_some() {
        return Ok(show_it(&call, 201).await?.replayed());
    }
    let tenant = &call.caller().tenant;
    let may_call = may_call(&call);
    let fields = call.read(|r| fields(r, &may_call))?;
    let (once, id): (_, EndpointId) = (once(&call), call.state.db.seams().id());
    let work = jit::Register { tenant, id, url: &fields.url, secret: fields.secret.as_ref() };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = show_it(&call, 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

/// Which addresses may be registered: over https, but for a sandbox, and none that the policy refuses by its text.
pub(crate) fn may_call(call: &Call) -> impl Fn(&Address) -> bool + '_ {
    let is_sandbox = call.caller().tenant.environment == Environment::Sandbox;
    move |address| (is_sandbox || address.is_secure()) && call.state.egress.might_call(address)
}

async fn remove(call: Call) -> Result<Reply> {
    call.state.db.run(&jit::Remove { tenant: &call.caller().tenant }).await?;
    Ok(Reply::success())
}

async fn trigger(call: Call) -> Result<Reply> {
    let (tenant, began) = (&call.caller().tenant, call.state.db.seams().monotonic());
    if let Some(id) = before(&call, TRIGGER).await? {
        return Ok(applied_before(&call, DebtId(id)).await?.replayed());
    }
    let which = call.read(account)?;
    let known = debts::find(&call.state.db.read().await?, tenant, &which).await?;
    let asked = Asked::of(&which, known.map(|debt| (debt.id.0, debt.external_id)));
    let rules = FieldRules::new();
    let means = Means {
        db: &call.state.db,
        egress: &*call.state.egress,
        rules: rules.of(Spoken::Guide, Format::Json),
        json: edge::json::parse,
        began,
    };
    match jit::call(&means, tenant, &asked, once(&call).as_ref(), TRIGGER).await? {
        Called::Applied(made) => applied(&call, &made.accounts).await,
        Called::Refused(answer) => Ok(relayed(&answer)),
    }
}

/// What was made or changed: the account, and those under it as they were sent.
async fn applied(call: &Call, ids: &[DebtId]) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let found = debts::load(&tx, tenant, &Ids::of(ids.iter().copied())).await?;
    let debts: Vec<Debt> =
        ids.iter().filter_map(|id| found.iter().find(|debt| debt.id == *id)).cloned().collect();
    let Some(first) = debts.first() else { return Err(Failure::not_found()) };
    let customer = people::find(&tx, tenant, first.customer_id).await?;
    let location = match first.location_id {
        Some(id) => locations::find(&tx, tenant, id).await?,
        None => None,
    };
    let view = View::whole(call, &tx);
    let mut shown = debt_accounts::present(&view, &debts).await?;
    let children = shown.split_off(1);
    Ok(Reply::ok(&json!({
        "customer": customer.as_ref().map(people::view::customer),
        "location": location.as_ref().map(locations::view),
        "debt_account": shown.pop(),
        "child_debt_accounts": children,
    })))
}

async fn applied_before(call: &Call, id: DebtId) -> Result<Reply> {
    let mut ids = vec![id];
    ids.extend(children_of(call, &call.caller().tenant, id).await?);
    applied(call, &ids).await
}

async fn children_of(call: &Call, tenant: &Tenant, id: DebtId) -> Result<Vec<DebtId>> {
    let tx = call.state.db.read().await?;
    let filter = debts::Filter { parent: Some(id), ..debts::Filter::default() };
    let listed = debts::list(&tx, tenant, &filter, base::Page::first(MOST_CHILDREN)).await?;
    Ok(listed.rows.into_iter().rev().map(|debt| debt.id).collect())
}

/// Their answer, as ours.
fn relayed(answer: &Answer) -> Reply {
    let body = answer.body.as_ref().ok().filter(|body| body.len() <= MOST_RELAYED);
    let told = body.and_then(|body| edge::json::parse(body).ok());
    let reply = match told {
        Some(told) if (400..600).contains(&answer.status) => Reply::json(answer.status, &told),
        _ => {
            let is_refusal = (400..600).contains(&answer.status);
            let status = if is_refusal { answer.status } else { Code::JitUpstream.status() };
            let say = format!("The just in time endpoint answered with status {}.", answer.status);
            let quoted = body.map(|body| {
                let text = String::from_utf8_lossy(body);
                text.chars().filter(|c| !c.is_control() || *c == '\n').take(MOST_QUOTED).collect::<String>()
            });
            Reply::json(
                status,
                &json!({
                    "error": say,
                    "errorCode": Code::JitUpstream.name(),
                    "message": say,
                    "errors": {},
                    "upstream": { "status": answer.status, "body": quoted },
                }),
            )
        }
    };
    reply.header(HeaderName::from_static("x-just-in-time"), "upstream")
}
