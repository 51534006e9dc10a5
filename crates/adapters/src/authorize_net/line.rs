//! The way to Authorize.net: who we are, how we speak, and what counts as an answer.
//!
//! What must hold: a refusal is definite only where Authorize.net says so in so many words. Anything else, and anything that
//! cannot be read, is silence, behind which money may have moved.

use std::collections::BTreeMap;
use std::time::Duration;

use base::secret::Secret;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::objects::{Created, Envelope, Said};
use super::requests::Request;
use crate::http;

/// Every request goes there. <https://developer.authorize.net/api/reference/index.html>
const PATH: &str = "/xml/v1/request.api";
/// Where money is real.
const LIVE: &str = "api.authorize.net";
/// How every answer begins, although JSON may not: RFC 8259, section 8.1.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The most characters of a login and of a key, by the schema.
const LOGIN_LENGTH: usize = 25;
const KEY_LENGTH: usize = 16;

/// What was configured is of no use.
#[derive(Debug, thiserror::Error)]
pub enum NotUsable {
    /// It does not read as an address.
    #[error(
        "Authorize.net's address must be https://…, or http://… on this machine, without a user, path, query or fragment"
    )]
    Address,
    /// It does not read as a login and a key.
    #[error("Authorize.net's API login id has at most 25 characters, and its transaction key 16")]
    Key,
    /// No client could be made.
    #[error("no HTTP client for Authorize.net")]
    NoClient(#[source] reqwest::Error),
}

/// Why there is nothing to show for a call.
pub(super) enum Not {
    /// Authorize.net said no, by this code. Nothing was done.
    Refused(String),
    /// There was no answer that could be understood; words for the operator.
    Silent(String),
}

impl Not {
    /// In words, where even a refusal leaves a question open.
    pub(super) fn words(self) -> String {
        match self {
            Not::Refused(code) => format!("Authorize.net refused the question: {code}"),
            Not::Silent(why) => why,
        }
    }
}

/// The line. Cheap to clone.
#[derive(Clone)]
pub(super) struct Line {
    client: Client,
    url: Url,
    login: Secret<String>,
    key: Secret<String>,
}

/// Who we are, in front of what is asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a, T> {
    merchant_authentication: Who<'a>,
    #[serde(flatten)]
    what: &'a T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Who<'a> {
    name: &'a str,
    transaction_key: &'a str,
}

impl Line {
    pub(super) fn new(
        address: &str,
        login: Secret<String>,
        key: Secret<String>,
        deadline: Duration,
    ) -> Result<Line, NotUsable> {
        let mut url = http::origin(address).ok_or(NotUsable::Address)?;
        url.set_path(PATH);
        let fits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if !fits(login.reveal(), LOGIN_LENGTH) || !fits(key.reveal(), KEY_LENGTH) {
            return Err(NotUsable::Key);
        }
        let client = http::client(deadline).map_err(NotUsable::NoClient)?;
        Ok(Line { client, url, login, key })
    }

    /// Whether real money moves over it.
    pub(super) fn is_live(&self) -> bool {
        self.url.host_str() == Some(LIVE)
    }

    /// Asks. What is no `Ok` is a refusal, or silence.
    pub(super) async fn ask<T: DeserializeOwned>(&self, what: &impl Request) -> Result<T, Not> {
        let body = self.send(what).await?;
        must_be_ok(&body)?;
        read(&body)
    }

    /// Has something done with money. A transaction that was tried is answered as one, also where its result is an error.
    pub(super) async fn act(&self, what: &impl Request) -> Result<Said, Not> {
        let body = self.send(what).await?;
        let created: Created = read(&body)?;
        if let Some(said) = created.transaction_response.filter(Said::is_one) {
            return Ok(said);
        }
        must_be_ok(&body)?;
        Err(Not::Silent("Authorize.net's answer says neither yes nor no".into()))
    }

    async fn send<T: Request>(&self, what: &T) -> Result<Vec<u8>, Not> {
        let who = Who { name: self.login.reveal(), transaction_key: self.key.reveal() };
        let asked = BTreeMap::from([(T::NAME, Asked { merchant_authentication: who, what })]);
        let written = serde_json::to_vec(&asked)
            .map_err(|_| Not::Silent("the request to Authorize.net cannot be written".into()))?;
        let call = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json").body(written);
        let (status, body) = http::send(call).await.map_err(|none| Not::Silent(none.0))?;
        if status != StatusCode::OK {
            return Err(Not::Silent(format!("Authorize.net answered {}", status.as_u16())));
        }
        match body.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => Ok(rest.to_vec()),
            None => Ok(body),
        }
    }
}

/// What it said instead may hold anything: it is not repeated.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Not> {
    serde_json::from_slice(body).map_err(|_| Not::Silent("Authorize.net's answer cannot be read".into()))
}

fn must_be_ok(body: &[u8]) -> Result<(), Not> {
    let Envelope { messages } = read(body)?;
    if messages.result_code == "Ok" {
        return Ok(());
    }
    let first = messages.message.into_iter().next();
    Err(refused(first.map(|first| first.code.0).unwrap_or_default()))
}

/// What an error about the request means. One about what stands in it is definite: nothing was begun. Not so who we are, what we
/// may do, and whatever happened to Authorize.net. <https://developer.authorize.net/api/reference/responseCodes.html>
fn refused(code: String) -> Not {
    match code.as_str() {
        "E00005" | "E00006" | "E00007" | "E00008" | "E00059" => {
            Not::Silent(format!("Authorize.net does not know us by our login and key ({code})"))
        }
        "E00009" => Not::Silent("Authorize.net's account is in test mode (E00009)".into()),
        "E00010" | "E00011" | "E00044" | "E00123" | "E00124" | "E00139" => {
            Not::Silent(format!("our account at Authorize.net may not do this ({code})"))
        }
        "" | "E00001" | "E00049" | "E00053" | "E00062" | "E00063" | "E00104" | "E00133" => {
            Not::Silent(format!("Authorize.net gave no answer ({code})"))
        }
        _ => Not::Refused(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(address: &str, login: &str, key: &str) -> Result<Line, NotUsable> {
        let secret = |text: &str| Secret::new(text.to_owned());
        Line::new(address, secret(login), secret(key), Duration::from_secs(1))
    }

    #[test]
    fn it_is_reached_safely_or_on_this_machine_and_says_whether_money_is_real() {
        let is_live = |address| line(address, "login", "key").unwrap().is_live();
        assert!(is_live("https://api.authorize.net"));
        assert!(!is_live("https://apitest.authorize.net/") && !is_live("http://127.0.0.1:12111"));
        for bad in
            ["http://api.authorize.net", "https://u:p@api.authorize.net", "https://api.authorize.net/xml", ""]
        {
            assert!(matches!(line(bad, "login", "key"), Err(NotUsable::Address)), "{bad}");
        }
    }

    #[test]
    fn a_login_and_a_key_are_as_long_as_the_schema_says() {
        assert!(line("https://api.authorize.net", "5KP3u95bQpv", "346HZ32z3fP4hTG2").is_ok());
        for (login, key) in [("", "k"), ("l", ""), ("l", "12345678901234567"), ("l\n", "k"), ("é", "k")] {
            let made = line("https://api.authorize.net", login, key);
            assert!(matches!(made, Err(NotUsable::Key)), "{login} {key}");
        }
    }

    #[test]
    fn only_errors_about_what_stands_in_the_request_are_definite() {
        for definite in ["E00003", "E00013", "E00014", "E00015", "E00027", "E00040", "E00114"] {
            assert!(matches!(refused(definite.into()), Not::Refused(_)), "{definite}");
        }
        for silent in ["", "E00001", "E00007", "E00009", "E00011", "E00049", "E00053", "E00104"] {
            assert!(matches!(refused(silent.into()), Not::Silent(_)), "{silent}");
        }
    }
}
