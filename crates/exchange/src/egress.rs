//! The seam behind which the web lies, where an organization has us call an address of its choice.
//!
//! What must hold behind it: an address is called only where the installation's policy allows the very network address
//! that is connected to; nothing is followed, and nothing of one call is left for the next; an answer has an end, in time
//! and in size. Why there is no answer is told to the operator alone: all a caller learns is that there is none, so that
//! nobody explores a network through us.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use base::secret::Secret;
use base::web::Address;

/// What a call gives, later. No transaction, lock or pooled connection may be held meanwhile.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The most bytes of an answer as they come over the wire.
pub const MOST_SENT: usize = 1024 * 1024;

/// The most bytes of an answer once it is inflated.
pub const MOST_INFLATED: usize = 4 * 1024 * 1024;

/// How many times its own length an answer may inflate to.
pub const MOST_RATIO: usize = 100;

/// A call.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What is sent: nothing with GET, a body with POST.
    pub body: Option<Vec<u8>>,
    /// Where.
    pub url: Address,
    /// Headers besides those that every call has; names in lower case.
    pub headers: Vec<(&'static str, Secret<String>)>,
    /// How long all of it may take: looking up the name, connecting, and reading the last byte.
    pub within: Duration,
    /// How much of the answer is of interest.
    pub reads: Reads,
}

/// How much of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// All of it, or none where it is too much. It may be compressed.
    All,
    /// The first so many bytes, and no more of it; never compressed.
    First(usize),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its content type, as it was sent.
    pub content_type: Option<String>,
    /// When it says to come again, as it was sent.
    pub retry_after: Option<String>,
    /// Its body, inflated; or why it cannot be used.
    pub body: Result<Vec<u8>, Unusable>,
}

/// Why an answer's body cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// More bytes than are read.
    #[error("is too large")]
    TooLarge,
    /// An encoding that was not asked for, or one that is broken.
    #[error("is not encoded as it says")]
    Garbled,
}

/// There is no answer. The same whether the address was refused, nobody was there, or what came was no HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It took too long.
    #[error("there was no answer in time")]
    Late,
    /// Nothing that can be called an answer.
    #[error("there was no answer")]
    None,
}

/// The one way out.
pub trait Egress: Send + Sync + 'static {
    /// Calls.
    fn send<'a>(&'a self, ask: &'a Ask) -> Later<'a, Result<Answer, NoAnswer>>;

    /// A line for several calls to one place, one after the other.
    fn line(&self) -> Box<dyn Line + '_>;

    /// Whether an address might be called, as far as can be told without looking its name up.
    fn might_call(&self, url: &Address) -> bool;
}

/// A connection that is kept from one call to the next while they go to the same place. Looking up and holding against
/// the policy happen whenever it connects. A call over a connection that has ended meanwhile is made again over a new
/// one, so what is called over it must bear being told twice.
pub trait Line: Send {
    /// Calls.
    fn send<'a>(&'a mut self, ask: &'a Ask) -> Later<'a, Result<Answer, NoAnswer>>;
}
