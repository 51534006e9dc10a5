//! Post: messages are sent, by mail and as texts.
//!
//! Must always hold:
//! - A message is claimed, sent with no transaction open, and noted under the fence it was claimed with.
//! - Right before that it is asked once more whether it may be sent, and at this hour (`books::contact`).
//! - Whoever sends may assume nothing about it: each attempt ends in time, and one that panics or cannot be opened ends as
//!   failed and harms no other.
//! - A message has one id, which stays the same however often it is tried: whoever delivers it can tell it by that.
//! - Tenants take turns. Where nothing is set up that could send a message, it waits, and says so.

mod step;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base::Ts;
use base::secret::Secret;
pub use books::messages::{Channel, MessageId, Reason};
use books::orgs::Environment;

pub use self::step::{DEADLINE, step};

/// What sending gives, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An e-mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The message's id, of which its `Message-ID` is made.
    pub id: MessageId,
    /// When it is sent.
    pub at: Ts,
    /// Where it goes.
    pub to: Secret<String>,
    /// The name of the organization that sends it.
    pub sender: String,
    /// Where answers go, if not to the sender's address.
    pub reply_to: Option<String>,
    /// The subject: one line.
    pub subject: Secret<String>,
    /// The body: plain text.
    pub body: Secret<String>,
}

/// A text message.
#[derive(Clone, Debug)]
pub struct Text {
    /// The message's id, by which it is recognized when it is sent again.
    pub id: MessageId,
    /// When it is sent.
    pub at: Ts,
    /// The number, in E.164.
    pub to: Secret<String>,
    /// The name of the organization that sends it.
    pub sender: String,
    /// What it says.
    pub body: Secret<String>,
}

/// What whoever delivers said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is theirs now.
    Sent {
        /// What they call it.
        provider_id: Option<String>,
    },
    /// They will not take it, however often they are asked.
    Refused(Reason),
    /// They may take it later.
    Failed {
        /// Why they did not now.
        why: Reason,
        /// Not before this time has passed, where they said so.
        retry_after: Option<Duration>,
    },
}

impl Answer {
    /// A failure that nobody said more of.
    pub fn failed(why: Reason) -> Answer {
        Answer::Failed { why, retry_after: None }
    }
}

/// Whoever delivers e-mail.
pub trait Mailer: Send + Sync + 'static {
    /// Hands a mail over.
    fn send<'a>(&'a self, mail: &'a Mail) -> Later<'a, Answer>;
}

/// Whoever delivers text messages.
pub trait Texter: Send + Sync + 'static {
    /// Hands a text message over.
    fn send<'a>(&'a self, text: &'a Text) -> Later<'a, Answer>;
}

/// Who delivers for an environment; nobody, where nothing is set up.
#[derive(Clone, Default)]
pub struct Ways {
    /// E-mail.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Text messages.
    pub texter: Option<Arc<dyn Texter>>,
}

/// Who delivers.
#[derive(Clone, Default)]
pub struct Means {
    /// What goes to real people.
    pub production: Ways,
    /// What is rehearsed.
    pub sandbox: Ways,
}

impl Means {
    /// Those of an environment.
    pub fn of(&self, environment: Environment) -> &Ways {
        match environment {
            Environment::Production => &self.production,
            Environment::Sandbox => &self.sandbox,
        }
    }
}

impl Ways {
    /// Whether there is anybody to deliver this.
    pub fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.mailer.is_some(),
            Channel::Sms => self.texter.is_some(),
        }
    }
}

/// Something that lies in a mailbox instead of having been sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The message's id.
    pub id: MessageId,
    /// How it would have gone.
    pub channel: Channel,
    /// When.
    pub at: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// The subject, of a mail.
    pub subject: Option<String>,
    /// What it says.
    pub body: Secret<String>,
}

/// Where rehearsed messages lie that were not sent, to be looked at.
pub trait Mailbox: Send + Sync + 'static {
    /// The newest letters, newest first.
    fn list(&self) -> Later<'_, base::Result<Vec<Letter>>>;

    /// One of them.
    fn read(&self, id: MessageId) -> Later<'_, base::Result<Option<Letter>>>;
}
