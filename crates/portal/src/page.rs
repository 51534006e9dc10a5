//! What every page has: its frame, its policy, its cookies, and how a refusal looks.

use askama::Template;
use base::secret::Secret;
use base::web::Address;
use base::{Code, Failure, Result};
use books::orgs::{PortalTexts, Settings, Spot};
use consumer::sessions::Visitor;
use edge::{Reply, Teller};
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderName, Method};

use crate::texts::{Language, Texts, preferred};
use crate::{Call, forms, style};

/// Nothing but our own stylesheets; forms go to us alone; nobody frames it.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The cookie of a browser that somebody came in by.
pub(crate) const fn browser_cookie(is_secure: bool) -> &'static str {
    if is_secure { "__Host-quittance" } else { "quittance" }
}

/// The cookie of a browser that stands at the door: its forms are known by it.
pub(crate) const fn door_cookie(is_secure: bool) -> &'static str {
    if is_secure { "__Host-quittance-door" } else { "quittance-door" }
}

/// The cookie that keeps the language.
pub(crate) const LANGUAGE_COOKIE: &str = "quittance-language";

/// How long a browser keeps which language it was, in seconds.
const LANGUAGE_KEPT: i64 = 180 * 86_400;

/// The language for whoever sent these headers: the one they chose, else the one their browser asks for.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    let chosen = edge::headers::cookie(headers, LANGUAGE_COOKIE);
    let chosen = chosen.and_then(|word| Language::parse(word.reveal()));
    chosen.unwrap_or_else(|| {
        let accepted = headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        preferred(accepted.unwrap_or_default())
    })
}

/// Sets a cookie that no script reads, and that no form elsewhere sends.
pub(crate) fn set_cookie(
    reply: Reply,
    name: &str,
    value: &Secret<String>,
    seconds: i64,
    secure: bool,
) -> Reply {
    let secure = if secure { "; Secure" } else { "" };
    let value = value.reveal();
    reply.header(
        SET_COOKIE,
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"),
    )
}

/// Keeps the language.
pub(crate) fn keep_language(reply: Reply, language: Language, is_secure: bool) -> Reply {
    set_cookie(reply, LANGUAGE_COOKIE, &Secret::new(language.as_str().to_owned()), LANGUAGE_KEPT, is_secure)
}

/// Whose page it is, and how they are reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct Organization {
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) hours: Option<String>,
    pub(crate) website: Option<String>,
    pub(crate) privacy: Option<String>,
    /// Where its logo is.
    pub(crate) logo: Option<String>,
    color: Option<String>,
    texts: PortalTexts,
}

impl Organization {
    fn of(settings: &Settings) -> Organization {
        Organization {
            name: settings.name.clone(),
            phone: settings.support_phone.clone(),
            email: settings.support_email.clone(),
            hours: settings.support_hours.clone(),
            website: settings.website_url.clone(),
            privacy: settings.privacy_url.clone(),
            logo: settings.logo_path(),
            color: settings.primary_color.clone(),
            texts: settings.portal_texts.clone(),
        }
    }

    /// Whether it says how it is reached.
    pub(crate) fn is_reachable(&self) -> bool {
        [&self.phone, &self.email, &self.hours, &self.website, &self.privacy].into_iter().any(Option::is_some)
    }

    /// How it is reached, each way by its name.
    pub(crate) fn reached(&self, t: Texts) -> Vec<(String, String)> {
        let phone = self.phone.is_some().then(|| self.phone_in_words());
        let ways = [
            ("reach-phone", phone),
            ("reach-email", self.email.clone()),
            ("reach-hours", self.hours.clone()),
            ("reach-website", self.website.clone()),
        ];
        ways.into_iter().filter_map(|(key, way)| Some((t.say(key), way?))).collect()
    }

    /// The phone as people write it.
    pub(crate) fn phone_in_words(&self) -> String {
        let number = self.phone.as_deref().unwrap_or_default();
        match number.strip_prefix("+1").filter(|ten| ten.len() == 10 && ten.is_ascii()) {
            Some(ten) => format!("({}) {}-{}", &ten[..3], &ten[3..6], &ten[6..]),
            None => number.to_owned(),
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The field's id on the page.
    pub(crate) field: &'static str,
    /// In words.
    pub(crate) say: String,
}

/// One of several things to choose from.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// What is sent where it is chosen.
    pub(crate) word: String,
    pub(crate) say: String,
    pub(crate) is_chosen: bool,
}

/// What stands around every page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) t: Texts,
    pub(crate) title: String,
    pub(crate) organization: Option<Organization>,
    /// What the page's forms are known by.
    pub(crate) nonce: Option<String>,
    /// Where the page is, for forms that come back to it.
    pub(crate) here: String,
    /// Whether somebody is in.
    pub(crate) is_inside: bool,
    /// What is wrong with what was sent.
    pub(crate) faults: Vec<Fault>,
    pub(crate) style: String,
}

impl Frame {
    /// Of nobody's page.
    pub(crate) fn bare(language: Language, title: &str) -> Frame {
        let t = Texts(language);
        Frame {
            t,
            title: t.say(title),
            organization: None,
            nonce: None,
            here: String::new(),
            is_inside: false,
            faults: Vec::new(),
            style: style::path(),
        }
    }

    /// Of an organization's page, by the key of its title.
    pub(crate) fn of(language: Language, settings: &Settings, title: &str) -> Frame {
        Frame { organization: Some(Organization::of(settings)), ..Frame::bare(language, title) }
    }

    /// The organization's own text for a spot, where it has one in the page's language.
    fn own(&self, spot: Spot) -> Option<&str> {
        self.organization.as_ref()?.texts.at(self.t.code(), spot)
    }

    /// Its text at the door.
    pub(crate) fn own_at_the_door(&self) -> Option<&str> {
        self.own(Spot::Door)
    }

    /// Its text above the accounts.
    pub(crate) fn own_of_accounts(&self) -> Option<&str> {
        self.own(Spot::Accounts)
    }

    /// Its text where a payment is looked over.
    pub(crate) fn own_of_payment(&self) -> Option<&str> {
        self.own(Spot::Payment)
    }

    /// Its text at the foot, for whoever is in.
    pub(crate) fn own_at_the_foot(&self) -> Option<&str> {
        self.own(Spot::Footer).filter(|_| self.is_inside)
    }

    /// Of a page for whoever is in.
    pub(crate) fn inside(call: &Call, visitor: &Visitor, title: &str) -> Frame {
        Frame {
            nonce: Some(forms::nonce(&call.caller().secret)),
            here: forms::here(call),
            is_inside: true,
            ..Frame::of(language(call.headers()), &visitor.settings, title)
        }
    }

    /// The same with faults.
    pub(crate) fn with(self, faults: Vec<Fault>) -> Frame {
        Frame { faults, ..self }
    }

    /// The organization's colours.
    pub(crate) fn colors(&self) -> Option<String> {
        let color = self.organization.as_ref()?.color.as_ref()?;
        Some(style::colors_path(color))
    }

    /// What is wrong with a field.
    pub(crate) fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| fault.say.as_str())
    }
}

/// A page.
pub(crate) fn html(status: u16, page: &impl Template) -> Result<Reply> {
    by_policy(status, page, POLICY)
}

/// A page in a frame of this origin's pages and no other's, with a script of ours, which may ask us.
pub(crate) fn framed(status: u16, page: &impl Template, origin: &str) -> Result<Reply> {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors {origin}"
    );
    // Pages that isolate themselves (COEP) embed only what says that it may be.
    let anybody = HeaderName::from_static("cross-origin-resource-policy");
    Ok(by_policy(status, page, &policy)?.header(anybody, "cross-origin"))
}

fn by_policy(status: u16, page: &impl Template, policy: &str) -> Result<Reply> {
    let html = page.render().map_err(|e| Failure::broken("writing a page", e))?;
    Ok(Reply::raw(status, "text/html; charset=utf-8", html.into_bytes())
        .header(CONTENT_SECURITY_POLICY, policy)
        .header(HeaderName::from_static("x-robots-tag"), "noindex, nofollow"))
}

/// On to another page, by a path of ours.
pub(crate) fn see(path: &str) -> Reply {
    Reply::raw(303, "", Vec::new()).header(LOCATION, path)
}

/// Away to an address that the organization allows. A form leads to nobody else (`form-action`, which browsers hold redirects
/// against, too): to whoever sent one a page says the same, and where to go on.
pub(crate) fn away(call: &Call, status: u16, frame: Frame, say: &str, to: &Address) -> Result<Reply> {
    if *call.method() != Method::POST {
        return Ok(see(to.as_str()));
    }
    let says = vec![frame.t.say(say)];
    html(status, &Notice { frame, says, on: Some(to.as_str().to_owned()) })
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice {
    pub(crate) frame: Frame,
    /// What it says, in paragraphs.
    pub(crate) says: Vec<String>,
    /// Where they may go on from here.
    pub(crate) on: Option<String>,
}

/// A page that says one thing.
pub(crate) fn notice(status: u16, frame: Frame, says: &[&str]) -> Result<Reply> {
    let says = says.iter().map(|key| frame.t.say(key)).collect();
    html(status, &Notice { frame, says, on: None })
}

/// What a refusal is called, and what it says.
pub(crate) fn words_of(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Unauthenticated => ("refused-out-title", "refused-out"),
        Code::Forbidden => ("refused-form-title", "refused-form"),
        Code::NotFound | Code::MethodNotAllowed => ("refused-missing-title", "refused-missing"),
        Code::RateLimited | Code::Busy | Code::Unavailable | Code::RequestTimeout => {
            ("refused-busy-title", "refused-busy")
        }
        Code::InternalError => ("refused-broken-title", "refused-broken"),
        _ => ("refused-title", "refused"),
    }
}

/// A refusal as a page, within a frame that knows whose it is.
pub(crate) fn refused(frame: Frame, failure: &Failure) -> Result<Reply> {
    let code = failure.code().unwrap_or(Code::InternalError);
    let (title, says) = words_of(code);
    let frame = Frame { title: frame.t.say(title), ..frame };
    let reply = notice(code.status(), frame, &[says])?;
    Ok(match failure {
        Failure::Refused(refusal) if refusal.retry_after.is_some() => {
            reply.header(http::header::RETRY_AFTER, refusal.retry_after.unwrap_or_default())
        }
        _ => reply,
    })
}

/// How refusals are told where nobody knows yet whose page it is.
pub(crate) fn teller(language: Language) -> Teller {
    match language {
        Language::English => |failure, id| told(Language::English, failure, id),
        Language::Spanish => |failure, id| told(Language::Spanish, failure, id),
    }
}

fn told(language: Language, failure: &Failure, request_id: &str) -> Reply {
    let mut frame = Frame::bare(language, "refused-title");
    if failure.code().is_none() {
        // What finds it in the log, for whoever is asked about it.
        frame.here = request_id.to_owned();
    }
    refused(frame, failure).unwrap_or_else(|_| Reply::failure(failure, request_id))
}
