//! Why there is nothing to show.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Charge;

/// Why a request came to nothing.
#[derive(Debug)]
pub enum Error {
    /// The server said no.
    Refused(Box<Refusal>),
    /// No answer came, or not a whole one. What was asked may have happened or not: where it was sent with an idempotency
    /// key, send it again with the same one.
    Unanswered(reqwest::Error),
    /// An answer came that this client cannot read.
    Unreadable {
        /// Its status.
        status: u16,
        /// What is wrong with it.
        why: String,
    },
    /// The client cannot be made, or the request not be put together: what is wrong.
    Unsendable(String),
}

/// A refusal.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Refusal {
    /// The status of the answer.
    #[serde(skip)]
    pub status: u16,
    /// Its stable code: `validation_failed`, `charge_declined`.
    #[serde(default, rename = "errorCode")]
    pub code: String,
    /// What is wrong, in words.
    #[serde(default)]
    pub message: String,
    /// What is wrong with each field.
    #[serde(default)]
    pub errors: BTreeMap<String, Vec<String>>,
    /// What exists all the same: a declined charge.
    #[serde(default)]
    pub data: Option<Value>,
    /// The request's id, to ask its operator about.
    #[serde(skip)]
    pub request_id: Option<String>,
    /// After how many seconds to come again.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// The charge that was declined.
    pub fn charge(&self) -> Option<Charge> {
        self.data_as()
    }

    /// What exists all the same.
    pub fn data_as<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.data.clone()?).ok()
    }
}

impl Error {
    /// The refusal, where it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(refusal) => write!(f, "refused with {}: {}", refusal.status, refusal.message),
            Error::Unanswered(_) => f.write_str("no answer"),
            Error::Unreadable { status, why } => {
                write!(f, "an answer with status {status} cannot be read: {why}")
            }
            Error::Unsendable(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Unanswered(why) => Some(why),
            _ => None,
        }
    }
}
