//! Plain pages for people: a receipt, the mailbox. Without a script, and with one small stylesheet.

use base::Result;
use edge::routes::get;
use edge::{Access, Endpoint, Reply};
use http::HeaderName;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};

use crate::{App, Call};

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fff}h1{font-size:1.5rem;line-height:1.25}a{color:#0b4f9e}dt{font-weight:600}dd{margin:0 0 .5rem}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#121212}a{color:#9cc7ff}}";

/// What such pages need besides themselves.
pub(crate) fn pages() -> Vec<Endpoint<App>> {
    vec![get("/plain.css", Access::Anyone, style)]
}

async fn style(_: Call) -> Result<Reply> {
    let reply = Reply::raw(200, "text/css; charset=utf-8", STYLE.as_bytes().to_vec());
    Ok(reply.header(CACHE_CONTROL, "max-age=300"))
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
pub(crate) fn page(title: &str, body: &str) -> Reply {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/plain.css\">\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    );
    Reply::raw(200, "text/html; charset=utf-8", html.into_bytes())
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(HeaderName::from_static("x-robots-tag"), "noindex, nofollow")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_somebody_wrote_is_no_markup() {
        assert_eq!(escape("<b>A & \"B's\"</b>"), "&lt;b&gt;A &amp; &quot;B&#39;s&quot;&lt;/b&gt;");
    }
}
