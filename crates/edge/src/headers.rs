//! The headers we read and the ones every answer carries.

use std::net::IpAddr;

pub use base::net::Range;
use base::secret::Secret;
use base::{Code, Failure, Result};
use http::header::{self, AUTHORIZATION, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The id a request goes by, in every log line and in the answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's own request id, where it is fit to stand in a log.
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_sane = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    ((1..=128).contains(&id.len()) && id.bytes().all(is_sane)).then_some(id)
}

/// The token of `Authorization: Bearer …`, or why there is none: 401 either way.
pub fn bearer(headers: &HeaderMap) -> Result<Secret<String>> {
    let refused = |say: &str| Failure::refused(Code::Unauthenticated, say);
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return Err(refused("Send one Authorization header with a bearer token."));
    };
    let value = value.to_str().map_err(|_| refused("The Authorization header cannot be read."))?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
            Ok(Secret::new(token.trim().to_owned()))
        }
        _ => Err(refused("The Authorization header must be of the form: Bearer <token>.")),
    }
}

/// The value of a cookie; of one that was sent twice, none: nobody could say which of them we set.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret<String>> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = sent.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(Secret::new(value.to_owned())),
        _ => None,
    }
}

/// The host the caller thinks it talks to, without the port.
pub fn host(parts: &Parts) -> Option<String> {
    let named = parts.uri.host().map(str::to_owned);
    let named = named.or_else(|| parts.headers.get(HOST)?.to_str().ok().map(str::to_owned))?;
    let bare = named.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    Some(bare.map_or(named.as_str(), |(host, _)| host).to_ascii_lowercase())
}

/// The key of `Idempotency-Key`: 1 to 255 printable ASCII characters.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let mut all = headers.get_all("idempotency-key").iter();
    let Some(first) = all.next() else { return Ok(None) };
    let is_sane = |b: &u8| (0x20..=0x7e).contains(b);
    let key = first.as_bytes();
    if all.next().is_some() || !(1..=255).contains(&key.len()) || !key.iter().all(is_sane) {
        let say = "The Idempotency-Key header must be given once, as 1 to 255 printable ASCII characters.";
        return Err(Failure::field("Idempotency-Key", say));
    }
    Ok(first.to_str().ok().map(str::to_owned))
}

/// Who asks. `X-Forwarded-For` counts only as far as proxies we know have written it; anybody can write the rest.
pub fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[Range]) -> IpAddr {
    let is_ours = |address: IpAddr| proxies.iter().any(|range| range.has(address));
    let mut client = peer;
    let said: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .collect();
    for hop in said.into_iter().rev() {
        let Ok(hop) = hop.trim().parse() else { break };
        if !is_ours(client) {
            break;
        }
        client = hop;
    }
    client
}

/// The key under which an address is counted: a whole /64 for IPv6, since one caller has that many.
pub fn address_key(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits() >> 64 << 64,
    }
}

/// Puts on an answer what every answer carries. Pages may have set their own policy before.
pub fn secure(headers: &mut HeaderMap, is_https: bool) {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let may_be_framed =
        policy.is_some_and(|p| p.contains("frame-ancestors ") && !p.contains("frame-ancestors 'none'"));
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::CACHE_CONTROL, "no-store");
    put(header::REFERRER_POLICY, "no-referrer");
    put(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    // It cannot say by whom, and would contradict a policy that does.
    if !may_be_framed {
        put(header::X_FRAME_OPTIONS, "DENY");
    }
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    if is_https {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, values: &[&str]) -> HeaderMap {
        values.iter().map(|v| (HeaderName::from_static(name), HeaderValue::from_str(v).unwrap())).collect()
    }

    #[test]
    fn only_a_bearer_token_signs_in() {
        for bad in [vec![], vec!["Bearer "], vec!["Basic abc"], vec!["abc"], vec!["Bearer a", "Bearer a"]] {
            assert!(bearer(&with("authorization", &bad)).is_err(), "{bad:?}");
        }
        assert_eq!(bearer(&with("authorization", &["bearer qt_live_1"])).unwrap().reveal(), "qt_live_1");
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_only_where_there_is_one() {
        let found = |lines: &[&str], name| cookie(&with("cookie", lines), name).map(|v| v.reveal().clone());
        assert_eq!(found(&["a=1; __Host-b=2=3"], "__Host-b").as_deref(), Some("2=3"));
        assert_eq!(found(&["a=1", "b=2"], "b").as_deref(), Some("2"));
        assert_eq!(found(&["xb=1; b"], "b"), None);
        assert_eq!(found(&["b=1; b=2"], "b"), None);
    }

    #[test]
    fn a_request_id_that_could_break_a_log_line_is_not_taken() {
        assert_eq!(request_id(&with("x-request-id", &["a.B_c-1"])), Some("a.B_c-1"));
        for bad in ["", "a b", "a\"b", "é", &"x".repeat(129)] {
            let headers =
                HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_bytes(bad.as_bytes()).unwrap())]);
            assert_eq!(request_id(&headers), None, "{bad}");
        }
    }

    #[test]
    fn an_idempotency_key_is_short_and_printable() {
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
        assert_eq!(idempotency_key(&with("idempotency-key", &["a b"])).unwrap().as_deref(), Some("a b"));
        assert!(idempotency_key(&with("idempotency-key", &[""])).is_err());
        assert!(idempotency_key(&with("idempotency-key", &["a", "a"])).is_err());
        assert!(idempotency_key(&with("idempotency-key", &[&"x".repeat(256)])).is_err());
    }

    #[test]
    fn only_what_says_by_whom_may_be_framed() {
        for (policy, denied) in [
            (None, true),
            (Some("default-src 'none'"), true),
            (Some("default-src 'none'; frame-ancestors 'none'"), true),
            (Some("default-src 'none'; frame-ancestors https://shop.example"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(policy) = policy {
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            }
            secure(&mut headers, true);
            assert_eq!(headers.contains_key(header::X_FRAME_OPTIONS), denied, "{policy:?}");
            assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_as_far_as_our_proxies_wrote_it() {
        let ours = [Range::parse("10.0.0.0/8").unwrap(), Range::parse("::1").unwrap()];
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let headers = with("x-forwarded-for", &["6.6.6.6, 1.2.3.4", "10.0.0.9"]);
        assert_eq!(client(ip("10.1.1.1"), &headers, &ours), ip("1.2.3.4"));
        assert_eq!(client(ip("8.8.8.8"), &headers, &ours), ip("8.8.8.8"), "a stranger's header is a story");
        assert_eq!(client(ip("10.1.1.1"), &headers, &[]), ip("10.1.1.1"));
        assert!(
            Range::parse("0.0.0.0/0").unwrap().has(ip("9.9.9.9")) && Range::parse("1.2.3.4/33").is_none()
        );
    }
}
