//! A browser without a script: it keeps cookies, sends forms as they stand on its page, and goes where it is sent.

use std::collections::BTreeMap;

use http::{Method, header};
use serde_json::{Value, json};

use crate::support::agency::Agency;
use crate::support::client::Answer;

/// A browser of somebody.
pub(crate) struct Browser<'a> {
    agency: &'a Agency,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it asks for first: `es-US`.
    pub(crate) language: &'static str,
    /// The page it shows, and where that is.
    pub(crate) page: Option<(String, Answer)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(agency: &'a Agency) -> Browser<'a> {
        Browser { agency, cookies: BTreeMap::new(), language: "en-US", page: None }
    }

    /// Asks, keeps the cookies, and shows what comes; a redirect within the portal is followed.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// Sends a form of the page that is shown: with what is hidden in it.
    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let nonce = self.nonce();
        let mut all = vec![("form", nonce.as_str())];
        all.extend(fields);
        let body: Vec<String> =
            all.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.ask(Method::POST, path, Some(body.join("&"))).await
    }

    /// Opens a link and chooses its button.
    pub(crate) async fn comes_by(&mut self, link: &str) -> Answer {
        self.get(link).await.is(200);
        self.send(link, &[]).await
    }

    /// What its page's forms are known by.
    pub(crate) fn nonce(&self) -> String {
        self.hidden("form")
    }

    /// What is hidden in its page's form under this name.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let text = self.page.as_ref().map_or("", |(_, answer)| &answer.text);
        let mark = format!("name=\"{name}\" value=\"");
        text.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("").to_owned()
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &str {
        self.page.as_ref().map_or("", |(path, _)| path)
    }

    /// Its cookies as it sends them.
    pub(crate) fn cookie_line(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<String>) -> Answer {
        let (mut method, mut path, mut body) = (method, path.to_owned(), body);
        loop {
            let mut ask = self.agency.ask(method, &path).nobody().header("accept-language", self.language);
            ask = ask.header("cookie", &self.cookie_line()).header("sec-fetch-site", "same-origin");
            if let Some(form) = body.take() {
                ask = ask.form(&form);
            }
            let answer = ask.send().await;
            for line in answer.headers.get_all(header::SET_COOKIE) {
                self.keep(line.to_str().unwrap());
            }
            let to = answer.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
            match to.filter(|to| to.starts_with("/portal")) {
                Some(to) => (method, path) = (Method::GET, to),
                None => {
                    self.page = Some((path, answer.clone()));
                    return answer;
                }
            }
        }
    }

    fn keep(&mut self, line: &str) {
        for must in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(line.contains(must), "{line}");
        }
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        match line.contains("Max-Age=0") {
            true => self.cookies.remove(name),
            false => self.cookies.insert(name.to_owned(), value.to_owned()),
        };
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// The path of a new session's link.
pub(crate) async fn link(agency: &Agency, session: Value) -> String {
    let made = agency.post("/customer-sessions", session).await;
    let url = made.is(201)["data"]["portal_url"].as_str().unwrap().to_owned();
    url.strip_prefix("https://pay.example.com").unwrap().to_owned()
}

/// The path of a link to all that is a customer's.
pub(crate) async fn link_of(agency: &Agency, customer: &str) -> String {
    link(agency, json!({ "customer_id": customer })).await
}

/// A customer of whom everything is known, with a debt of $123.45; both ids.
pub(crate) async fn known(agency: &Agency) -> (String, String) {
    let all = json!({
        "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "phone": "212-555-0101",
        "date_of_birth": "1987-06-05", "ssn_last4": "0042", "address": { "line1": "1 Main St", "city": "Albany", "state": "NY", "postal_code": "12207-1234" },
    });
    let customer = agency.post("/customers", all).await.made();
    let debt = json!({
        "customer_id": customer, "balance": 123_45, "account_number": "ACCT-998877",
        "location_id": "gm", "location_name": "General Memorial Hospital",
    });
    let debt = agency.post("/debt-accounts", debt).await.made();
    (customer, debt)
}

/// What a page may not say before somebody came in.
pub(crate) const PRIVATE: &[&str] = &[
    "Ada",
    "Lovelace",
    "123.45",
    "12345",
    "General Memorial",
    "998877",
    "ada@example.com",
    "debt",
    "owe",
    "deuda",
    "debe",
];

#[track_caller]
pub(crate) fn says_nothing(page: &Answer) {
    for told in PRIVATE {
        assert!(!page.text.contains(told), "{told}: {}", page.text);
    }
}
