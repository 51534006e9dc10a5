//! Whether a form comes from a page of ours, and what stands in it.
//!
//! A request that changes something is believed only where the browser does not say that it comes from another site, and
//! where it carries what only a page of ours in the same browser could know: a hash of that browser's cookie.
//! The pages send no referrer, since their addresses may hold a link; browsers then call the origin `null`.

use base::secret::Secret;
use base::vault::{hex, mac};
use base::{Code, Failure, Result};
use books::idempotency::Once;
use consumer::sessions::Visitor;
use uuid::Uuid;

use crate::Call;

/// The field of a form that says which browser's page it came from.
pub(crate) const NONCE: &str = "form";

/// What the forms of a browser are known by.
pub(crate) fn nonce(cookie: &Secret<String>) -> String {
    hex(&mac(cookie.reveal().as_bytes(), &[b"form"])[..16])
}

fn stranger() -> Failure {
    Failure::refused(Code::Forbidden, "The form did not come from a page of ours.")
}

/// Whether a request does not say that it comes from another site's page.
pub(crate) fn is_of_ours(call: &Call) -> bool {
    match call.header("sec-fetch-site") {
        // `none` is a person, who had the browser send it again.
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match call.header("origin") {
            None | Some("null") => true,
            Some(origin) => origin.split_once("://").map(|(_, host)| host) == call.authority(),
        },
    }
}

/// Refuses a form that did not come from a page of ours in the browser with this cookie.
pub(crate) fn genuine(call: &Call, cookie: Option<&Secret<String>>) -> Result<()> {
    let knows = cookie.is_some_and(|cookie| Secret::new(nonce(cookie)) == Secret::new(text(call, NONCE)));
    if is_of_ours(call) && knows { Ok(()) } else { Err(stranger()) }
}

/// The field of a form that says which one it is: what it asks for happens once.
pub(crate) const ONCE: &str = "once";

/// A number for a form, which no other has.
pub(crate) fn new_once(call: &Call) -> String {
    call.state.db.seams().id::<Uuid>().to_string()
}

/// The request that a form is, by its own number: sent again it is the same one. What it is about has to be the same, too.
pub(crate) fn once(call: &Call, visitor: &Visitor, about: &str) -> Result<Once> {
    let number = Uuid::try_parse(&text(call, ONCE)).map_err(|_| stranger())?;
    let key = format!("portal/{}/{number}", visitor.customer.id);
    Ok(Once { key, fingerprint: visitor.tenant.key.fingerprint(about.as_bytes()) })
}

/// What stands in a field of a form, without the blanks around it; nothing where there is no such field.
pub(crate) fn text(call: &Call, field: &str) -> String {
    call.body[field].as_str().unwrap_or_default().trim().to_owned()
}

/// Whether a form has this field.
pub(crate) fn has(call: &Call, field: &str) -> bool {
    call.body[field].is_string()
}

/// A path of ours that a form names, with what it asks, or nothing: whoever is sent there stays on this site.
pub(crate) fn path_here(text: &str) -> Option<&str> {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let is_ours = path.starts_with("/portal/") && !path.contains("//");
    let is_path = path.bytes().all(|b| is_plain(b) || b == b'/');
    let is_query = query.bytes().all(|b| is_plain(b) || matches!(b, b'=' | b'&' | b'.' | b','));
    (is_ours && is_path && is_query).then_some(text)
}

/// Where a page is, with what it was asked with: where somebody comes back to it who changes its language.
pub(crate) fn here(call: &Call) -> String {
    let whole = format!("{}?{}", call.path(), call.raw_query());
    let is_plain = !call.raw_query().is_empty() && path_here(&whole).is_some();
    if is_plain { whole } else { call.path().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_two_browsers_are_known_by_something_else() {
        let (a, b) = (Secret::new("a".to_owned()), Secret::new("b".to_owned()));
        assert_ne!(nonce(&a), nonce(&b));
        assert_eq!(nonce(&a), nonce(&a.clone()));
        assert_eq!(nonce(&a).len(), 32);
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for good in
            ["/portal/accounts/0a-1", "/portal/accounts/0a-1/review?how=part&amount=1,050.00&with=0b-2"]
        {
            assert_eq!(path_here(good), Some(good));
        }
        for bad in [
            "",
            "/",
            "/portal",
            "//evil.example/portal/",
            "/portal//evil.example",
            "/portal/\\evil.example",
            "/portal/..;//evil",
            "/portal/%2f%2fevil",
            "https://evil.example/portal/",
            "javascript:alert(1)",
            "/portal/a\r\nx: y",
            "/portal/?to=//evil.example",
            "/portal/?to=a?b",
            "?/portal/",
            "/portal?/portal/",
            "//evil.example?/portal/",
            "/portal/?a=\r\nx: y",
        ] {
            assert_eq!(path_here(bad), None, "{bad}");
        }
    }
}
