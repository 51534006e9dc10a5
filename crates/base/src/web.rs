//! Addresses on the web, read by one parser wherever one is taken from somebody else.
//!
//! What a browser and we could read differently is refused: white space and control characters, backslashes, user
//! names, anything outside ASCII (a foreign domain comes as punycode).

use std::net::IpAddr;

use url::{Host, Url};

/// The longest address that is taken, in characters.
pub const LONGEST: usize = 2_048;

/// An absolute `https` or `http` address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// The address that `text` is, if it is one.
    pub fn parse(text: &str) -> Option<Address> {
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '<' | '>' | '"' | '`');
        if text.len() > LONGEST || !text.chars().all(plain) {
            return None;
        }
        // `https:example.com` and `https:///example.com` are read by browsers, and meant by nobody.
        let (scheme, rest) = text.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http")
            || rest.starts_with('/')
        {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let named = url.host_str().is_some_and(|host| !host.is_empty() && !host.ends_with('.'));
        // An `@` with nothing before it leaves no user name behind, and hides the host from a reader's eye.
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        (named && !authority.contains('@')).then_some(Address(url))
    }

    /// The address, as it is called.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The same with these pairs behind what its query says already.
    #[must_use]
    pub fn with_query<'a>(&self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Address {
        let mut url = self.0.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        // Without pairs there is no question mark either.
        if url.query() == Some("") {
            url.set_query(None);
        }
        Address(url)
    }

    /// The same with one more parameter after those it has. `None` where that makes it too long.
    pub fn asking(&self, name: &str, value: &str) -> Option<Address> {
        let mut url = self.0.clone();
        url.query_pairs_mut().append_pair(name, value);
        url.set_fragment(None);
        // The parameter may be percent-encoded to three times its length.
        (url.as_str().len() <= 2 * LONGEST + 4_096).then_some(Address(url))
    }

    /// Scheme, host and port, as a browser's `Origin` has them: `https://pay.example.com`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether what is sent there cannot be read on the way.
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it is on this very machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }

    /// Whether it is an origin and nothing else: no path, query or fragment.
    pub fn is_bare(&self) -> bool {
        self.0.path() == "/" && self.0.query().is_none() && self.0.fragment().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_calls_it() {
        for (text, origin) in [
            ("https://Pay.Example.com/back?x=1#y", "https://pay.example.com"),
            ("https://pay.example.com:443/", "https://pay.example.com"),
            ("https://pay.example.com:8443", "https://pay.example.com:8443"),
            ("http://localhost:3000/a", "http://localhost:3000"),
            ("http://0x7f.1/", "http://127.0.0.1"),
        ] {
            assert_eq!(Address::parse(text).map(|a| a.origin()).as_deref(), Some(origin), "{text}");
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https:/evil.example",
            "https:///evil.example",
            "https://",
            "https://@evil.example",
            "https://pay.example.com@evil.example/",
            "https://user:secret@pay.example.com/",
            "https://pay.example.com\\@evil.example",
            "https://pay.example.com\t.evil.example",
            "https://pay.example.com/\r\nLocation: https://evil.example",
            " https://pay.example.com",
            "https://pay.exam ple.com",
            "https://päy.example.com",
            "https://pay.example.com./",
            "javascript:alert(1)",
            "JaVaScRiPt://pay.example.com/%0aalert(1)",
            "data:text/html,x",
            "ftp://pay.example.com",
            "file:///etc/passwd",
            "https://[::1",
            "https://pay.example.com:99999/",
            "https://%00.example.com/",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad:?}");
        }
        assert_eq!(Address::parse(&format!("https://pay.example.com/{}", "a".repeat(LONGEST))), None);
    }
}
