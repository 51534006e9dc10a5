//! As much of HTTP as is needed to answer, or not to.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// Of the query and the form, in their order.
    pub(crate) fields: Vec<(String, String)>,
    /// What is no form.
    pub(crate) body: String,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.field(name)?.parse().ok()
    }

    /// `metadata[name]=value`: <https://docs.stripe.com/api/metadata>
    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        let named = self.fields.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
            Some((name.to_owned(), value.clone()))
        });
        named.collect()
    }
}

/// An answer.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

pub(crate) async fn read(line: &mut TcpStream) -> Option<Recorded> {
    let mut bytes = Vec::new();
    let head_ends = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if line.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_ends].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut start = lines.next()?.split(' ');
    let (method, target) = (start.next()?.to_owned(), start.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < head_ends + 4 + length {
        if line.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let sent = String::from_utf8(bytes[head_ends + 4..].to_vec()).ok()?;
    let is_json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
    let (form, body) = if is_json { (String::new(), sent) } else { (sent, String::new()) };
    let (path, query) = target.split_once('?').unwrap_or((target.as_str(), ""));
    let fields = fields(query).chain(fields(&form)).collect();
    Some(Recorded { method, path: path.to_owned(), headers, fields, body })
}

fn fields(text: &str) -> impl Iterator<Item = (String, String)> {
    let plain = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8().unwrap().into_owned()
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(move |pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(move |(name, value)| (plain(name), plain(value)))
}

pub(crate) async fn write(line: &mut TcpStream, reply: &Reply) {
    let Reply { status, body } = reply;
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = line.write_all(format!("{head}{body}").as_bytes()).await;
}
