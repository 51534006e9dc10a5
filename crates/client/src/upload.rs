//! Files that are sent, and files that come back.

use serde::Serialize;

use crate::query;

/// A file to send.
#[derive(Clone, Debug)]
pub struct Upload {
    /// What it is called.
    pub name: String,
    /// Its content type: `application/pdf`.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A file that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its content type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// The content type and the bytes of a form with this file and these fields, cut at `boundary`.
    pub(crate) fn form(&self, fields: &impl Serialize, boundary: &str) -> (String, Vec<u8>) {
        let mut body = Vec::with_capacity(self.bytes.len() + 1024);
        let mut put = |text: String| body.extend_from_slice(text.as_bytes());
        for (name, value) in query::pairs(fields) {
            put(format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        put(format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            in_a_header(&self.name),
            in_a_header(&self.content_type),
        ));
        body.extend_from_slice(&self.bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

/// A text that cannot end the line or the quotes it stands in.
fn in_a_header(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '"' { '_' } else { c }).collect()
}
