//! Coming in without a link, by what somebody says of themselves: only where the organization lets them.
//!
//! The page says nothing of a debt. Nobody, somebody whose proof does not hold, and somebody who may see nothing are answered
//! alike, after the same work, and counted alike ([`consumer::finding`]).

use askama::Template;
use base::secret::Secret;
use base::us;
use base::{Code, Failure, OrgId, Result};
use books::debts::Debt;
use books::orgs::{self, Environment, Flow, Settings, Tenant};
use books::people::{CustomerId, Sought};
use consumer::finding;
use consumer::sessions::{LONGEST_SECONDS, LogIn};
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reply};

use crate::door::{at_the_door, stands};
use crate::page::{self, Fault, Frame};
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, forms, proofs};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        get("/in/{organization}", Access::Anyone, |call: Call| show(call, Environment::Production)),
        get("/in/{organization}/sandbox", Access::Anyone, |call: Call| show(call, Environment::Sandbox)),
        post("/in/{organization}", Access::Anyone, |call: Call| enter(call, Environment::Production)),
        post("/in/{organization}/sandbox", Access::Anyone, |call: Call| enter(call, Environment::Sandbox)),
    ]
}

/// By what somebody may say who they are, by the key of its words.
const fn by(flow: Flow) -> &'static str {
    match flow {
        Flow::PhoneSsn => "log-in-by-phone-ssn",
        Flow::PhoneBirth => "log-in-by-phone-birth",
        Flow::PhonePostalCode => "log-in-by-phone-zip",
        Flow::NameSsn => "log-in-by-name-ssn",
        Flow::NameBirth => "log-in-by-name-birth",
    }
}

/// What a way of saying who one is asks for.
struct Asks {
    phone: bool,
    name: bool,
    ssn: bool,
    birth: bool,
    zip: bool,
}

impl Asks {
    fn of(flow: Flow) -> Asks {
        Asks {
            phone: matches!(flow, Flow::PhoneSsn | Flow::PhoneBirth | Flow::PhonePostalCode),
            name: matches!(flow, Flow::NameSsn | Flow::NameBirth),
            ssn: matches!(flow, Flow::PhoneSsn | Flow::NameSsn),
            birth: matches!(flow, Flow::PhoneBirth | Flow::NameBirth),
            zip: matches!(flow, Flow::PhonePostalCode),
        }
    }
}

/// A place where one may come in.
struct Door {
    tenant: Tenant,
    settings: Settings,
}

/// The organization that the path names, if it lets anybody in here.
async fn door(call: &Call, environment: Environment) -> Result<Option<Door>> {
    let Some(org) = call.id("organization")?.ours().map(OrgId) else { return Ok(None) };
    let tx = call.state.db.read().await?;
    let tenant = match call.state.tenants.of(&tx, org, environment).await {
        Ok(tenant) => tenant,
        Err(refused) if refused.code() == Some(Code::NotFound) => return Ok(None),
        Err(broken) => return Err(broken),
    };
    let settings = orgs::settings(&tx, &tenant).await?;
    let is_open = settings.portal_log_in && !settings.lookup_flows.0.is_empty();
    Ok(is_open.then_some(Door { tenant, settings }))
}

/// What is said where nobody may come in: the same as of a link that never was.
fn nowhere(call: &Call) -> Result<Reply> {
    page::notice(404, Frame::bare(page::language(call.headers()), "dead-title"), &["dead"])
}

#[derive(Template)]
#[template(path = "log_in.html")]
struct Form {
    frame: Frame,
    nonce: String,
    here: String,
    flow: &'static str,
    asks: Asks,
    /// Other ways, each with its address.
    others: Vec<(String, String)>,
    phone: String,
    first: String,
    last: String,
}

/// The form of one way, as it was filled in; never with what proves anything.
fn form(call: &Call, door: &Door, cookie: &Secret<String>, flow: Flow, faults: Vec<Fault>) -> Result<Reply> {
    let (frame, nonce) = at_the_door(call, &door.settings, cookie, "log-in-title");
    let (t, here) = (frame.t, call.path().to_owned());
    let others = door.settings.lookup_flows.0.iter().filter(|other| **other != flow);
    let form = Form {
        others: others.map(|other| (format!("{here}?by={}", other.as_str()), t.say(by(*other)))).collect(),
        nonce,
        flow: flow.as_str(),
        asks: Asks::of(flow),
        here,
        phone: forms::text(call, "phone"),
        first: forms::text(call, "first"),
        last: forms::text(call, "last"),
        frame: frame.with(faults),
    };
    page::html(if form.frame.faults.is_empty() { 200 } else { 422 }, &form)
}

/// The way that is asked for, where it is one; else the first.
fn way(door: &Door, asked: &str) -> Result<Flow> {
    let flows = &door.settings.lookup_flows.0;
    let asked = flows.iter().find(|flow| flow.as_str() == asked);
    asked.or(flows.first()).copied().ok_or_else(Failure::not_found)
}

async fn show(call: Call, environment: Environment) -> Result<Reply> {
    let Some(door) = door(&call, environment).await? else { return nowhere(&call) };
    let cookie = stands(&call);
    let flow = way(&door, call.query["by"].as_str().unwrap_or_default())?;
    let reply = form(&call, &door, &cookie.secret, flow, Vec::new())?;
    Ok(cookie.kept(reply, &call))
}

/// What somebody says of themselves, or what is wrong with it.
fn said(call: &Call, flow: Flow, t: Texts) -> std::result::Result<Sought, Vec<Fault>> {
    let asks = Asks::of(flow);
    let mut faults = Vec::new();
    let mut wrong = |field, key| faults.push(Fault { field, say: t.say(key) });
    let phone = us::phone(&forms::text(call, "phone"));
    if asks.phone && phone.is_none() {
        wrong("phone", "log-in-phone-wrong");
    }
    let (first, last) = (forms::text(call, "first"), forms::text(call, "last"));
    if asks.name && first.is_empty() {
        wrong("first", "log-in-first-wrong");
    }
    if asks.name && last.is_empty() {
        wrong("last", "log-in-last-wrong");
    }
    let ssn = proofs::ssn(call, "ssn");
    if asks.ssn && ssn.is_none() {
        wrong("ssn", "check-ssn-wrong");
    }
    let born = proofs::birthday(call);
    if asks.birth && born.is_none() {
        wrong("month", "check-birth-wrong");
    }
    let zip = proofs::postal_code(call, "zip");
    if asks.zip && zip.is_none() {
        wrong("zip", "check-zip-wrong");
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let name = format!("{first} {last}");
    let sought = match flow {
        Flow::PhoneSsn => phone.zip(ssn).map(|(phone, ssn)| Sought::PhoneSsn(phone, ssn)),
        Flow::PhoneBirth => phone.zip(born).map(|(phone, born)| Sought::PhoneBirth(phone, born)),
        Flow::PhonePostalCode => phone.zip(zip).map(|(phone, zip)| Sought::PhonePostalCode(phone, zip)),
        Flow::NameSsn => ssn.map(|ssn| Sought::NameSsn(name, ssn)),
        Flow::NameBirth => born.map(|born| Sought::NameBirth(name, born)),
    };
    sought.ok_or(faults)
}

async fn enter(call: Call, environment: Environment) -> Result<Reply> {
    let Some(door) = door(&call, environment).await? else { return nowhere(&call) };
    let (tenant, is_secure) = (&door.tenant, call.state.is_secure);
    let language = page::language(call.headers());
    let cookie = call.cookie(page::door_cookie(is_secure));
    let Some(cookie) = cookie.filter(|cookie| forms::genuine(&call, Some(cookie)).is_ok()) else {
        return page::notice(
            403,
            Frame::of(language, &door.settings, "refused-form-title"),
            &["door-cookie"],
        );
    };
    let t = Texts(language);
    let flow = way(&door, &forms::text(&call, "by"))?;
    let sought = match said(&call, flow, t) {
        Ok(sought) => sought,
        Err(faults) => return form(&call, &door, &cookie, flow, faults),
    };
    let db = tenant.db(&call.state.db);
    let all = match finding::accounts(&db, tenant, &sought, db.now().await?).await {
        Err(refused) if refused.code() == Some(Code::RateLimited) => {
            let frame = Frame::of(language, &door.settings, "log-in-many-title");
            return page::notice(429, frame, &["log-in-many"]);
        }
        all => all?,
    };
    let nobody = || {
        let fault =
            Fault { field: if Asks::of(flow).phone { "phone" } else { "first" }, say: t.say("log-in-wrong") };
        form(&call, &door, &cookie, flow, vec![fault])
    };
    // Two who are told apart by nothing that was said: neither is shown the other's.
    let Some(customer) = only_one(&all) else { return nobody() };
    let secret = db.seams().random_hex();
    let log_in = LogIn { tenant, customer, session: db.seams().id(), id: db.seams().id(), secret: &secret };
    match db.run(&log_in).await {
        Err(Failure::Refused(_)) => return nobody(), // what they might see was hidden meanwhile
        done => done?,
    }
    finding::found(&db, tenant, &sought).await?;
    let reply = page::see(&format!("{PREFIX}/accounts"));
    Ok(page::set_cookie(reply, page::browser_cookie(is_secure), &secret, LONGEST_SECONDS, is_secure))
}

/// Whose accounts these are, where they are all somebody's.
fn only_one(all: &[Debt]) -> Option<CustomerId> {
    let customer = all.first()?.customer_id;
    all.iter().all(|debt| debt.customer_id == customer).then_some(customer)
}
