//! What a session's link opens: a page for people, without a script.
//!
//! It names the organization and how to reach it, and says nothing of any debt or person: whoever holds the link may
//! be somebody else. A link that never worked, was revoked, or leads to what may not be seen any more is answered with
//! one and the same page; one that ran out with the same words, and with how to reach the organization.

use base::Result;
use books::orgs::Settings;
use consumer::sessions::{self, Opened};
use edge::routes::get;
use edge::{Access, Endpoint, Reply};
use http::HeaderName;
use http::Method;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};

use crate::{App, Call};

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fff}h1{font-size:1.5rem;line-height:1.25}a{color:#0b4f9e}dt{font-weight:600}dd{margin:0 0 .5rem}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#121212}a{color:#9cc7ff}}";

/// The pages.
pub(crate) fn pages() -> Vec<Endpoint<App>> {
    vec![
        get("/portal.css", Access::Anyone, async |_: Call| {
            let reply = Reply::raw(200, "text/css; charset=utf-8", STYLE.as_bytes().to_vec());
            Ok(reply.header(CACHE_CONTROL, "max-age=300"))
        }),
        get("/portal/{link}", Access::Anyone, enter),
        get("/portal/{link}/{way}", Access::Anyone, enter),
    ]
}

/// Text within HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A whole page.
pub(crate) fn page(status: u16, title: &str, body: &str) -> Reply {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/portal.css\">\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    );
    Reply::raw(status, "text/html; charset=utf-8", html.into_bytes())
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(HeaderName::from_static("x-robots-tag"), "noindex, nofollow")
}

/// How the organization can be reached, as far as it says so.
fn reach(settings: &Settings) -> String {
    let mut rows = String::new();
    let mut row = |term: &str, what: String| rows.push_str(&format!("<dt>{term}</dt><dd>{what}</dd>\n"));
    let link = |href: String, text: &str| format!("<a href=\"{}\">{}</a>", escape(&href), escape(text));
    if let Some(phone) = &settings.support_phone {
        row("Phone", link(format!("tel:{phone}"), phone));
    }
    if let Some(email) = &settings.support_email {
        row("E-mail", link(format!("mailto:{email}"), email));
    }
    if let Some(hours) = &settings.support_hours {
        row("Hours", escape(hours));
    }
    if let Some(url) = &settings.website_url {
        row("Website", link(url.clone(), url));
    }
    if let Some(url) = &settings.privacy_url {
        row("Privacy", link(url.clone(), "Privacy notice"));
    }
    if rows.is_empty() { rows } else { format!("<dl>\n{rows}</dl>\n") }
}

const OVER: &str = "This link does not work any more";

async fn enter(call: Call) -> Result<Reply> {
    let counts = *call.method() == Method::GET;
    let opened = sessions::open(&call.state.db, &call.state.tenants, call.param("link"), counts).await?;
    let words = "<p>For your safety, links stop working after a while. Ask whoever sent it to you for another one.</p>\n";
    Ok(match opened {
        Opened::Works(settings) => {
            let body = format!("<p>Your link works. You can reach us here:</p>\n{}", reach(&settings));
            page(200, &settings.name, &body)
        }
        Opened::Expired(_, Some(to)) => Reply::raw(303, "", Vec::new()).header(LOCATION, to),
        Opened::Expired(settings, None) => {
            let name = escape(&settings.name);
            page(404, OVER, &format!("{words}<p>It was sent by {name}.</p>\n{}", reach(&settings)))
        }
        Opened::Nothing => page(404, OVER, words),
    })
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_an_organization_calls_itself_is_no_markup() {
        assert_eq!(escape("<b>A & \"B's\"</b>"), "&lt;b&gt;A &amp; &quot;B&#39;s&quot;&lt;/b&gt;");
    }
}
