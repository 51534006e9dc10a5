//! Getting in by a link, and out again.
//!
//! - What a link shows is the organization's name and one button, and nothing of any debt or person: whoever opens it may be
//!   somebody else, or a scanner that opens every link there is in a mail. Only the button lets anybody in.
//! - A link that never worked, was revoked, or leads to what may not be seen any more is answered with one and the same
//!   page; one that ran out with the same words, and with how to reach the organization.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use base::db::Db;
use base::secret::Secret;
use base::web::Address;
use base::{Code, Failure, Result};
use books::debts::BillingType;
use books::orgs::{Settings, Tenant};
use books::preferences;
use consumer::sessions::{
    self, Answer, Destination, Enter, Entered, LONGEST_SECONDS, Leave, Link, Opened, Question, Session,
    Visitor,
};
use edge::routes::{get, post, row};
use edge::{Access, Endpoint, Reply};
use http::Method;

use crate::page::{self, Fault, Frame};
use crate::state::{Portal, Standing};
use crate::texts::{Language, Texts};
use crate::{Call, PREFIX, forms, plans, proofs};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        get("/{link}", Access::Anyone, show),
        get("/{link}/{way}", Access::Anyone, show),
        post("/{link}", Access::Anyone, enter),
        post("/{link}/{way}", Access::Anyone, enter),
        post("/language", Access::Anyone, speak),
        within(Method::POST, "/leave", leave),
    ]
}

/// A row for whoever is in. What changes something is done only for a form of theirs.
pub(crate) fn within<F>(
    method: Method,
    path: &str,
    handler: impl Fn(Call, Arc<Visitor>) -> F + Clone + Send + Sync + 'static,
) -> Endpoint<Portal>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    row(method, path, Access::Token, move |call: Call| {
        let handler = handler.clone();
        async move {
            let guest = call.caller();
            let visitor = match &guest.standing {
                Standing::In(visitor) => visitor.clone(),
                Standing::Over(settings, to) => return over(&call, settings, to.as_ref()),
            };
            let is_post = *call.method() == Method::POST;
            let mut frame = Frame::inside(&call, &visitor, "refused-title");
            if is_post {
                // Of some forms there is no page at their own path.
                frame.here = format!("{PREFIX}/accounts");
            }
            if is_post && let Err(refused) = forms::genuine(&call, Some(&guest.secret)) {
                return page::refused(frame, &refused);
            }
            match handler(call, visitor).await {
                Err(refused @ Failure::Refused(_)) => page::refused(frame, &refused),
                done => done,
            }
        }
    })
}

/// For whoever was in, and whose time is over.
fn over(call: &Call, settings: &Settings, to: Option<&Address>) -> Result<Reply> {
    let frame = Frame::of(page::language(call.headers()), settings, "over-title");
    match to {
        Some(to) => page::away(call, 401, frame, "over", to),
        None => page::notice(401, frame, &["over"]),
    }
}

#[derive(Template)]
#[template(path = "door.html")]
struct Door {
    frame: Frame,
    name: String,
    nonce: String,
}

#[derive(Template)]
#[template(path = "check.html")]
struct Check {
    frame: Frame,
    nonce: String,
    question: &'static str,
}

/// The frame of a page at the door, by the key of its title, and what its forms are known by.
pub(crate) fn at_the_door(
    call: &Call,
    settings: &Settings,
    cookie: &Secret<String>,
    title: &str,
) -> (Frame, String) {
    let nonce = forms::nonce(cookie);
    let frame = Frame {
        nonce: Some(nonce.clone()),
        here: call.path().to_owned(),
        ..Frame::of(page::language(call.headers()), settings, title)
    };
    (frame, nonce)
}

/// The cookie by which the forms of a browser at the door are known.
pub(crate) struct Stands {
    pub(crate) secret: Secret<String>,
    is_new: bool,
}

/// That of the browser that asks, or a new one.
pub(crate) fn stands(call: &Call) -> Stands {
    match call.cookie(page::door_cookie(call.state.is_secure)) {
        Some(secret) => Stands { secret, is_new: false },
        None => Stands { secret: call.state.db.seams().random_hex(), is_new: true },
    }
}

impl Stands {
    /// The reply, with the cookie where it is new: for a day, since whoever comes back later opens the page anew.
    pub(crate) fn kept(&self, reply: Reply, call: &Call) -> Reply {
        let is_secure = call.state.is_secure;
        match self.is_new {
            true => page::set_cookie(reply, page::door_cookie(is_secure), &self.secret, 86_400, is_secure),
            false => reply,
        }
    }
}

/// The link in the path, opened; or the page that says why it is not.
async fn opened(call: &Call) -> Result<std::result::Result<Box<Link>, Reply>> {
    let opened = sessions::open(&call.state.db, &call.state.tenants, call.param("link")).await?;
    let language = page::language(call.headers());
    Ok(match opened {
        Opened::Works(link) => Ok(link),
        Opened::Expired(settings, to) => {
            let frame = Frame::of(language, &settings, "dead-title");
            Err(match to {
                Some(to) => page::away(call, 404, frame, "dead", &to)?,
                None => page::notice(404, frame, &["dead"])?,
            })
        }
        Opened::Nothing => Err(page::notice(404, Frame::bare(language, "dead-title"), &["dead"])?),
    })
}

async fn show(call: Call) -> Result<Reply> {
    let link = match opened(&call).await? {
        Ok(link) => link,
        Err(reply) => return Ok(reply),
    };
    let cookie = stands(&call);
    let (frame, nonce) = at_the_door(&call, &link.settings, &cookie.secret, "door-title");
    let reply = page::html(200, &Door { frame, name: link.settings.name.clone(), nonce })?;
    Ok(cookie.kept(reply, &call))
}

/// The answer that a form holds, where it holds one, or what is wrong with it.
fn answer(call: &Call, t: Texts) -> std::result::Result<Option<Answer>, (Question, Fault)> {
    if !forms::has(call, "question") {
        return Ok(None);
    }
    let fault = |question, field, key| (question, Fault { field, say: t.say(key) });
    match Question::parse(&forms::text(call, "question")) {
        Some(Question::Ssn) => match proofs::ssn(call, "answer") {
            Some(four) => Ok(Some(Answer::Ssn(four))),
            None => Err(fault(Question::Ssn, "answer", "check-ssn-wrong")),
        },
        Some(Question::PostalCode) => match proofs::postal_code(call, "answer") {
            Some(zip) => Ok(Some(Answer::PostalCode(Secret::new(zip)))),
            None => Err(fault(Question::PostalCode, "answer", "check-zip-wrong")),
        },
        Some(Question::BirthDate) => match proofs::birthday(call) {
            Some(day) => Ok(Some(Answer::BirthDate(day))),
            None => Err(fault(Question::BirthDate, "month", "check-birth-wrong")),
        },
        None => Ok(None),
    }
}

async fn enter(call: Call) -> Result<Reply> {
    let link = match opened(&call).await? {
        Ok(link) => link,
        Err(reply) => return Ok(reply),
    };
    let (tenant, settings, is_secure) = (&link.tenant, &link.settings, call.state.is_secure);
    let language = page::language(call.headers());
    let cookie = call.cookie(page::door_cookie(is_secure));
    let Some(cookie) = cookie.filter(|cookie| forms::genuine(&call, Some(cookie)).is_ok()) else {
        // No cookie came back, or the form is of somewhere else: it takes a look at the link itself.
        let frame = Frame::of(language, settings, "refused-form-title");
        return page::notice(403, frame, &["door-cookie"]);
    };
    let check = |status: u16, question: Question, faults: Vec<Fault>| {
        let (frame, nonce) = at_the_door(&call, settings, &cookie, "check-title");
        page::html(status, &Check { frame: frame.with(faults), nonce, question: question.as_str() })
    };
    let answer = match answer(&call, Texts(language)) {
        Ok(answer) => answer,
        Err((question, fault)) => return check(422, question, vec![fault]),
    };
    let db = tenant.db(&call.state.db);
    let (secret, known_by) = (db.seams().random_hex(), call.cookie(page::browser_cookie(is_secure)));
    let enter = Enter {
        tenant,
        session: link.session.id,
        known_by: known_by.as_ref(),
        answer: answer.as_ref(),
        id: db.seams().id(),
        secret: &secret,
    };
    let entered = match db.run(&enter).await {
        // It was ended since it was opened.
        Err(failure) if failure.code() == Some(Code::NotFound) => {
            return page::notice(404, Frame::bare(language, "dead-title"), &["dead"]);
        }
        entered => entered?,
    };
    let wrong = |question: Question, left: i64| {
        let t = Texts(language);
        let field = if question == Question::BirthDate { "month" } else { "answer" };
        let say = if left == 1 { t.say("check-wrong-last") } else { t.say1("check-wrong", "left", left) };
        check(422, question, vec![Fault { field, say }])
    };
    let start = async || start(&db, tenant, &link.session, call.param("way")).await;
    match entered {
        Entered::In => {
            let reply = page::see(&start().await?);
            let reply =
                page::set_cookie(reply, page::browser_cookie(is_secure), &secret, LONGEST_SECONDS, is_secure);
            if call.cookie(page::LANGUAGE_COOKIE).is_some() {
                return Ok(reply);
            }
            // What the customer said they read is better than what their browser asks for.
            let wishes = preferences::wishes(&db.read().await?, tenant, link.session.customer_id).await?;
            Ok(match wishes.language {
                Language::Spanish => page::keep_language(reply, Language::Spanish, is_secure),
                Language::English => reply,
            })
        }
        Entered::Already => Ok(page::see(&start().await?)),
        Entered::Asked(question) => check(200, question, Vec::new()),
        Entered::Wrong(question, left) => wrong(question, left),
        Entered::Closed => page::notice(403, Frame::of(language, settings, "closed-title"), &["closed"]),
        Entered::Unknowable => {
            page::notice(403, Frame::of(language, settings, "unknowable-title"), &["unknowable"])
        }
    }
}

/// Where a session begins.
async fn start(db: &Db, tenant: &Tenant, session: &Session, way: &str) -> Result<String> {
    let Some(debt) = session.debt_id else { return Ok(format!("{PREFIX}/accounts")) };
    let account = format!("{PREFIX}/accounts/{debt}");
    match BillingType::parse(way) {
        Some(BillingType::Plan) => return Ok(format!("{account}/plan")),
        Some(BillingType::Full | BillingType::Partial) => return Ok(format!("{account}/pay")),
        None => {}
    }
    Ok(match (session.destination, session.dispute_id) {
        (Destination::AccountsList, _) => format!("{PREFIX}/accounts"),
        (Destination::AccountCheckout, _) => {
            // Whoever was asked to agree on a plan comes for that.
            let is_asked = plans::is_asked(&db.read().await?, tenant, debt).await?;
            if is_asked { format!("{account}/plan") } else { format!("{account}/pay") }
        }
        (Destination::AccountDocuments, _) => format!("{account}#documents"),
        (Destination::DisputeDetail, Some(dispute)) => format!("{account}/disputes/{dispute}"),
        (Destination::AccountDetail | Destination::DisputeDetail, _) => account,
    })
}

async fn speak(call: Call) -> Result<Reply> {
    let cookies = [page::browser_cookie(call.state.is_secure), page::door_cookie(call.state.is_secure)];
    if !cookies.iter().any(|name| forms::genuine(&call, call.cookie(name).as_ref()).is_ok()) {
        return Err(Failure::refused(Code::Forbidden, "The form did not come from a page of ours."));
    }
    let language = Language::parse(&forms::text(&call, "language")).ok_or_else(Failure::not_found)?;
    let to = forms::text(&call, "to");
    let to = forms::path_here(&to).ok_or_else(Failure::not_found)?;
    Ok(page::keep_language(page::see(to), language, call.state.is_secure))
}

async fn leave(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    call.state.db.run(&Leave { tenant: &visitor.tenant, browser: visitor.browser.id }).await?;
    let frame = Frame::of(page::language(call.headers()), &visitor.settings, "left-title");
    let reply = page::notice(200, frame, &["left"])?;
    let name = page::browser_cookie(call.state.is_secure);
    Ok(page::set_cookie(reply, name, &Secret::new(String::new()), 0, call.state.is_secure))
}
