//! Writing to a customer: only where neither they nor a block is against it, in their language, at an address of theirs.
//!
//! Whoever writes decides in the transaction in which the reason for it happens; what comes later against it (a block, a
//! wish, an erasure) calls off what still waits, each in its own transaction. What begins by itself, as a block that was placed
//! for a later day, is seen when a message is about to be sent ([`may_go`]), and so are the hours.

mod hours;

use base::db::{Ids, Tx};
use base::secret::Secret;
use base::{Code, Failure, Result, Ts};
use uuid::Uuid;

use crate::debts::{self, DebtId};
use crate::holds::{self, Effects, blocked, lets_write};
use crate::messages::{self, Channel, Kind, MessageId, NewMessage, Reason, Variables};
use crate::orgs::Tenant;
use crate::people::{self, CustomerId};
use crate::preferences;

/// What is to be said to a customer.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The id that the message will have; a new one where nobody chose it.
    pub id: Option<MessageId>,
    /// What it is for.
    pub kind: Kind,
    /// How it goes.
    pub channel: Channel,
    /// The address or number; that which is known of the customer where nobody says.
    pub to: Option<Secret<String>>,
    /// The account it is about.
    pub debt: Option<DebtId>,
    /// The thing it is about: its kind as events name it, and its id.
    pub about: Option<(String, Uuid)>,
    /// What its text is filled in with, besides what every text to them knows.
    pub variables: Variables,
    /// Whether a person of the organization asked for just this one.
    pub by_name: bool,
    /// Whether it comes by itself when its day is there, and answers nobody who has just done something.
    pub scheduled: bool,
}

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is sent once the transaction has committed.
    Queued(MessageId),
    /// It is not to be.
    Not(Reason, Option<&'static str>),
}

impl Said {
    /// The message, or a refusal for whoever asked for it by name.
    pub fn or_refused(self) -> Result<MessageId> {
        let refused = |say: &str| Err(Failure::refused(Code::NotAllowedNow, say));
        match self {
            Said::Queued(id) => Ok(id),
            Said::Not(Reason::Held, kind) => Err(blocked("The customer cannot be written to", kind)),
            Said::Not(Reason::OptedOut, _) => refused(
                "The customer asked not to be reached like this (12 CFR 1006.14(h), 1006.6(e)); see their preferences.",
            ),
            Said::Not(Reason::NoAddress, _) => {
                refused("No address or number of the customer is known to send it to.")
            }
            Said::Not(..) => refused("The customer cannot be written to."),
        }
    }
}

/// Writes to a customer, whose row is held until the transaction ends.
pub async fn write(tx: &Tx, tenant: &Tenant, customer: CustomerId, notice: Notice) -> Result<Said> {
    let (person, _) = people::hold(tx, tenant, customer).await?;
    let known = match notice.channel {
        Channel::Email => person.email,
        Channel::Sms => person.phone,
    };
    let Some(to) = notice.to.or(known.map(Secret::new)) else {
        return Ok(Said::Not(Reason::NoAddress, None));
    };
    let effects = effects(tx, tenant, customer, notice.debt).await?;
    if !lets_write(effects.contact, notice.kind, notice.by_name) {
        return Ok(Said::Not(Reason::Held, effects.by.contact));
    }
    let wishes = preferences::wishes(tx, tenant, customer).await?;
    if !wishes.allow(notice.kind, notice.channel, to.reveal()) {
        return Ok(Said::Not(Reason::OptedOut, None));
    }
    let new = NewMessage {
        id: notice.id,
        kind: notice.kind,
        channel: notice.channel,
        language: wishes.language,
        to,
        customer: Some(customer),
        debt: notice.debt.map(|id| id.0),
        about: notice.about,
        variables: notice.variables.with("customer_name", person.name),
        by_name: notice.by_name,
        at_once: notice.kind.is_an_answer() && !notice.scheduled,
    };
    messages::queue(tx, tenant, new).await.map(Said::Queued)
}

/// A message to a customer that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// What it is for.
    pub kind: Kind,
    /// How it goes.
    pub channel: Channel,
    /// The address or number.
    pub to: &'a Secret<String>,
    /// To whom.
    pub customer: CustomerId,
    /// The account it is about.
    pub debt: Option<Uuid>,
    /// Whether a person of the organization asked for just this one.
    pub by_name: bool,
    /// Whether it waits for no hour.
    pub at_once: bool,
}

/// Whether a message may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Now.
    Go,
    /// At this instant, where nothing else comes up.
    Wait(Ts),
    /// Not any more.
    Not(Reason),
}

/// For how long a message waits whose customer is to be reached at no hour at all: they may name others.
const LOOK_AGAIN_SECONDS: i64 = 86_400;

/// Whether a message may go now: by the holds that are in force, the customer's wishes, and the hour where they are.
pub async fn may_go(tx: &Tx, tenant: &Tenant, message: Outgoing<'_>, now: Ts) -> Result<May> {
    let Outgoing { kind, channel, to, customer, debt, by_name, at_once } = message;
    let effects = effects(tx, tenant, customer, debt.map(DebtId)).await?;
    if !lets_write(effects.contact, kind, by_name) {
        return Ok(May::Not(Reason::Held));
    }
    let wishes = preferences::wishes(tx, tenant, customer).await?;
    if !wishes.allow(kind, channel, to.reveal()) {
        return Ok(May::Not(Reason::OptedOut));
    }
    if at_once {
        return Ok(May::Go);
    }
    let Some(person) = people::find(tx, tenant, customer).await? else { return Ok(May::Not(Reason::Erased)) };
    let primary = person.addresses.iter().find(|address| address.is_primary);
    let numbers: Vec<&str> =
        [person.phone.as_deref(), (channel == Channel::Sms).then_some(to.reveal().as_str())]
            .into_iter()
            .flatten()
            .collect();
    let zones = hours::zones(primary.and_then(|address| address.state.as_deref()), &numbers);
    // Times that they named go before those that the law presumes.
    let spans = match wishes.times.is_empty() {
        true => hours::of(channel, tenant.today(now)),
        false => wishes.times,
    };
    if spans.is_empty() {
        return Ok(May::Go);
    }
    Ok(match hours::next(now, &spans, &zones) {
        Some(at) if at <= now => May::Go,
        Some(at) => May::Wait(at),
        None => May::Wait(now.plus_seconds(LOOK_AGAIN_SECONDS)),
    })
}

/// What is stopped for a customer, and for the account that is meant.
async fn effects(tx: &Tx, tenant: &Tenant, customer: CustomerId, debt: Option<DebtId>) -> Result<Effects> {
    let held = holds::of_customers(tx, tenant, &Ids::of([customer]), tx.now()).await?;
    let account = match debt {
        Some(debt) => debts::load(tx, tenant, &Ids::of([debt])).await?.pop(),
        None => None,
    };
    Ok(match account {
        Some(account) => held.on_account(&account),
        None => held.on_customer(customer),
    })
}
