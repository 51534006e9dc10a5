//! Hosted fields: the inputs of a card or bank account in a frame, for an organization's own page. Its page never sees a number; it
//! gets a one-time token, which `POST /charges` and `POST /payment-methods` take once.
//!
//! - A frame is published by the id of a token that was made for this alone ([`TOKENIZE`]). The id is no secret: it lets whoever
//!   knows it ask for one-time tokens, which are worth nothing without a token of the API of the same environment.
//! - It may be framed by one of the organization's allowed origins, the one that its address names; it tells that one alone.
//! - No cookie is read or set here, so nothing is known of whoever writes but their address. How often somebody may try is
//!   counted in the database ([`payments::velocity`]).

use askama::Template;
use base::db::Db;
use base::{Code, Failure, Result, Ts};
use books::orgs::{self, Settings, Tenant};
use books::tokens::{self, TOKENIZE, TokenId};
use edge::headers::address_key;
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reply};
use payments::methods::one_time::{self, Make, OneTimeId};
use payments::methods::{self, Kind, NewMethod};
use payments::velocity::{self, Try};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::instruments::{self, How, Written};
use crate::page::{self, Fault, Frame};
use crate::state::Portal;
use crate::texts::{Language, Texts};
use crate::{Call, forms, scripts};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    let path = "/tokenizer/fields/{key}/{kind}";
    vec![get(path, Access::Anyone, show), post(path, Access::Anyone, tokenize)]
}

/// Whose fields they are.
struct Published {
    tenant: Tenant,
    settings: Settings,
    /// In the tenant's own time, where it has one.
    db: Db,
    kind: Kind,
}

impl Published {
    fn now(&self) -> Ts {
        self.db.seams().now()
    }
}

/// The fields that the path names.
async fn published(call: &Call) -> Result<Published> {
    let key = Uuid::try_parse(call.param("key")).map_err(|_| Failure::not_found())?;
    let kind = instruments::kind(call.param("kind")).ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    let tenant = tokens::published(&tx, &call.state.tenants, TokenId(key), TOKENIZE).await?;
    let tenant = tenant.ok_or_else(Failure::not_found)?;
    if instruments::how(call, &tenant, kind) != Some(How::Here) {
        let say = "The payment processor takes numbers only in its own fields.";
        return Err(Failure::refused(Code::NotAllowedNow, say));
    }
    let settings = orgs::settings(&tx, &tenant).await?;
    let db = tenant.db(&call.state.db);
    Ok(Published { tenant, settings, db, kind })
}

fn texts(call: &Call) -> Texts {
    let asked = call.query["language"].as_str().and_then(Language::parse);
    Texts(asked.unwrap_or_else(|| page::language(call.headers())))
}

#[derive(Template)]
#[template(path = "fields.html")]
struct Fields {
    frame: Frame,
    script: String,
    origin: String,
    /// Whether it stays light for whoever prefers dark pages, as the page around it does.
    is_light: bool,
    card: Option<Written>,
    bank: Option<Written>,
}

/// The page in the frame; only for the origin that it names, where that is allowed.
async fn show(call: Call) -> Result<Reply> {
    let fields = published(&call).await?;
    let environment = fields.tenant.environment;
    let origin = call.query["origin"].as_str().and_then(|text| orgs::origin(text, environment));
    let address = origin.as_deref().and_then(base::web::Address::parse);
    let is_allowed = address.is_some_and(|address| fields.settings.allow(environment, &address));
    let Some(origin) = origin.filter(|_| is_allowed) else {
        return Err(Failure::refused(Code::Forbidden, "This origin is not one of the allowed origins."));
    };
    let is_card = fields.kind == Kind::Card;
    let title = if is_card { "fields-card" } else { "fields-bank" };
    let page = Fields {
        frame: Frame::of(texts(&call).0, &fields.settings, title),
        script: scripts::path(),
        card: is_card.then(Written::default),
        bank: (!is_card).then(Written::default),
        origin: origin.clone(),
        is_light: call.query["scheme"] == "light",
    };
    page::framed(200, &page, &origin)
}

/// What is wrong, for the frame's script.
fn wrong(status: u16, say: String, faults: &[Fault]) -> Reply {
    let fault = |fault: &Fault| json!({ "field": fault.field, "message": fault.say });
    let errors: Vec<Value> = faults.iter().map(fault).collect();
    Reply::json(status, &json!({ "message": say, "errors": errors }))
}

async fn tokenize(call: Call) -> Result<Reply> {
    let t = texts(&call);
    match tokenized(&call, t).await {
        Err(Failure::Refused(refusal)) => {
            let key = match refusal.code {
                Code::RateLimited => "fields-tried",
                code => page::words_of(code).1,
            };
            let reply = wrong(refusal.code.status(), t.say(key), &[]);
            Ok(match refusal.retry_after {
                Some(seconds) => reply.header(http::header::RETRY_AFTER, seconds),
                None => reply,
            })
        }
        done => done,
    }
}

async fn tokenized(call: &Call, t: Texts) -> Result<Reply> {
    if !forms::is_of_ours(call) {
        return Err(Failure::refused(Code::Forbidden, "The form did not come from a frame of ours."));
    }
    let fields = published(call).await?;
    let (tenant, db) = (&fields.tenant, &fields.db);
    let invalid = |faults: Vec<Fault>| wrong(422, t.say("faults"), &faults);
    let given = match instruments::given(call, fields.kind, tenant.today(fields.now()), t) {
        Ok(given) => given,
        Err(faults) => return Ok(invalid(faults)),
    };
    let limits = velocity::of_token(&address_key(call.from).to_string(), instruments::range(&given));
    db.run(&Try { tenant, limits: &limits }).await?;
    let processor = call.state.till.processor(tenant)?.clone();
    let new = match methods::tokenize(&*processor, tenant, fields.now(), given).await {
        Ok(new) => new,
        Err(failure) => match instruments::refused(fields.kind, &failure, t) {
            Some(fault) => return Ok(invalid(vec![fault])),
            None => return Err(failure),
        },
    };
    kept(&fields, &new).await
}

/// Keeps what the tokenizer made, and tells its token.
async fn kept(fields: &Published, new: &NewMethod) -> Result<Reply> {
    let (tenant, db) = (&fields.tenant, &fields.db);
    let (id, text): (OneTimeId, _) = (db.seams().id(), one_time::text(db.seams()));
    db.run(&Make { tenant, id, text: &text, new }).await?;
    let mut told = instruments::told(new);
    told["token"] = text.reveal().as_str().into();
    Ok(Reply::json(200, &told))
}
