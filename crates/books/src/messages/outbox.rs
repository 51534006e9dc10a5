//! The queue of what is to be sent: finding, claiming, opening, and noting what became of it.

use base::db::{Command, Ids, Tx};
use base::secret::Secret;
use base::vault::was_exchanged;
use base::{Failure, Result, TenantId, Ts};
use uuid::Uuid;

use super::TABLE;
use super::model::{Channel, Kind, Language, Message, MessageId, Reason, State, Variables};
use super::render::Text;
use super::templates::text_of;
use crate::orgs::Tenant;
use crate::people::CustomerId;
use crate::queues::Standing;
use crate::sealing::{Opener, READ_AGAIN, at};

/// How long whoever claimed a message has for it: longer than a send may take.
const LEASE_SECONDS: i64 = 120;

/// After how many seconds a message is tried again: at once, then after each of these.
const RETRIES: [i64; 6] = [60, 5 * 60, 30 * 60, 2 * 3_600, 8 * 3_600, 24 * 3_600];

/// How often a message is tried before it has failed.
pub const MOST_ATTEMPTS: i64 = RETRIES.len() as i64 + 1;

/// The longest that anybody may have us wait.
const LONGEST_WAIT: i64 = 24 * 3_600;

base::record! {
    /// A message that is due.
    pub struct Due in "message" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Which.
        pub id: MessageId,
        /// How it goes.
        pub channel: Channel,
    }
}

/// What is due now, the longest first, at most so many.
pub async fn due(tx: &Tx, now: Ts, most: i64) -> Result<Vec<Due>> {
    tx.select(
        "WHERE due_at <= $1 AND state = 'pending' AND tenant_id IN served() ORDER BY due_at LIMIT $2",
        &[&now, &most],
    )
    .await
}

base::record! {
    struct Held in "message" { state: State, due_at: Option<Ts>, fence: i64, attempts: i64 }
}

/// A message that is ours to try, for a while.
#[derive(Clone, Copy, Debug)]
pub struct Claimed {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: MessageId,
    /// The fence of the claim.
    pub fence: i64,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Takes a message that is due for oneself, which is an attempt: also one that nobody lives to tell of. `None` where
/// somebody was faster, or it was tried too often.
pub struct Claim {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: MessageId,
    /// The database's instant at which it was due.
    pub now: Ts,
}

impl Command for Claim {
    type Out = Option<Claimed>;

    fn name(&self) -> &'static str {
        "messages.claim"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Claimed>> {
        let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        let Some(row) = tx.find::<Held>(tail, &[&self.tenant, &self.id]).await? else { return Ok(None) };
        if row.state != State::Pending || row.due_at.is_none_or(|due| due > self.now) {
            return Ok(None);
        }
        if row.attempts >= MOST_ATTEMPTS {
            // Whoever tried it last did not live to say so: it is not tried for ever.
            let sql = "UPDATE message SET state = 'failed', due_at = NULL, last_error = $3, updated_at = $4 \
                       WHERE tenant_id = $1 AND id = $2";
            tx.run(sql, &[&self.tenant, &self.id, &Reason::Broken.as_str(), &tx.now()]).await?;
            return Ok(None);
        }
        let (fence, attempts) = (row.fence + 1, row.attempts + 1);
        let until = tx.clock().await?.plus_seconds(LEASE_SECONDS);
        let sql = "UPDATE message SET fence = $3, attempts = $4, due_at = $5, updated_at = $6 \
                   WHERE tenant_id = $1 AND id = $2";
        tx.run(sql, &[&self.tenant, &self.id, &fence, &attempts, &until, &tx.now()]).await?;
        Ok(Some(Claimed { tenant: self.tenant, id: self.id, fence, attempts }))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<Claimed>>> {
        Ok(Some(None)) // if it was claimed, its lease will end
    }
}

/// Puts a message off that cannot be tried now: that is no attempt.
pub struct PutOff {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: MessageId,
    /// The database's instant at which it was due.
    pub now: Ts,
    /// Until when.
    pub until: Ts,
    /// Why.
    pub why: Reason,
}

impl Command for PutOff {
    type Out = ();

    fn name(&self) -> &'static str {
        "messages.put_off"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql = "UPDATE message SET due_at = $4, last_error = $5, updated_at = $6 \
                   WHERE tenant_id = $1 AND id = $2 AND state = 'pending' AND due_at <= $3";
        let why = self.why.as_str();
        tx.run(sql, &[&self.tenant, &self.id, &self.now, &self.until, &why, &tx.now()]).await.map(drop)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // put off twice is put off once
    }
}

/// What a message is, opened.
pub enum Loaded {
    /// It can be filled in.
    Ready {
        /// What it is for.
        kind: Kind,
        /// The customer it goes to, if it goes to one.
        customer: Option<CustomerId>,
        /// The account it is about.
        debt: Option<Uuid>,
        /// Whether a person of the organization asked for just this one.
        by_name: bool,
        /// Whether it waits for no hour.
        at_once: bool,
        /// In which language.
        language: Language,
        /// Where it goes.
        to: Secret<String>,
        /// The text as it is written now.
        text: Text,
        /// What it is filled in with, besides what every text knows.
        variables: Variables,
    },
    /// Its recipient was erased.
    Erased,
    /// It cannot be opened, or is of no kind that is known here.
    Broken,
}

/// Opens a message. An error says that the database could not be asked, and nothing about the message.
pub async fn load(tx: &Tx, tenant: &Tenant, id: MessageId) -> Result<Loaded> {
    let (message, contents) = match read(tx, tenant, id).await? {
        Some((message, Ok(Some(contents)))) => (message, contents),
        Some((_, Ok(None))) => return Ok(Loaded::Erased),
        Some((_, Err(failure))) => {
            tracing::error!(id = %id, error = failure.chain(), "a message does not open");
            return Ok(Loaded::Broken);
        }
        None => return Ok(Loaded::Broken),
    };
    let known = (Kind::parse(&message.kind), Language::parse(&message.language));
    let (Some(kind), Some(language)) = known else { return Ok(Loaded::Broken) };
    let Some(text) = text_of(tx, tenant, (kind, message.channel, language)).await? else {
        return Ok(Loaded::Broken);
    };
    let (to, variables) = (contents.0, kind.completed(contents.1));
    let Message { customer_id: customer, debt_id: debt, by_name, at_once, .. } = message;
    Ok(Loaded::Ready { kind, customer, debt, by_name, at_once, language, to, text, variables })
}

/// Where a message goes and what it says; `None` once its recipient was erased.
pub async fn opened(tx: &Tx, tenant: &Tenant, id: MessageId) -> Result<Option<Contents>> {
    match read(tx, tenant, id).await? {
        Some((_, contents)) => contents,
        None => Ok(None),
    }
}

/// Where a message goes, and what its text is filled in with.
pub type Contents = (Secret<String>, Variables);

/// Reads a message and opens it; reads it again where a customer's key was exchanged between the two.
async fn read(
    tx: &Tx,
    tenant: &Tenant,
    id: MessageId,
) -> Result<Option<(Message, Result<Option<Contents>>)>> {
    let tail = "WHERE tenant_id = $1 AND id = $2";
    for tries in 1.. {
        let Some(message) = tx.find::<Message>(tail, &[&tenant.id, &id]).await? else { return Ok(None) };
        let opener = Opener::of(tx, tenant, message.customer_id).await?;
        match contents(&opener, &message) {
            Err(failure) if tries < READ_AGAIN && was_exchanged(&failure) => {}
            contents => return Ok(Some((message, contents))),
        }
    }
    unreachable!("the last try returns")
}

fn contents(opener: &Opener<'_>, message: &Message) -> Result<Option<Contents>> {
    let text = |column: &'static str, sealed| {
        opener.text(message.customer_id, at(TABLE, column, message.id), sealed)
    };
    let to = text("recipient", message.recipient.as_ref())?;
    let variables = text("variables", message.variables.as_ref())?;
    let (Some(to), Some(variables)) = (to, variables) else { return Ok(None) };
    let variables = Variables::from_text(&variables)
        .ok_or_else(|| Failure::broken("reading a message", "its variables are none"))?;
    Ok(Some((Secret::new(to), variables)))
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Whoever delivers it has taken it.
    Sent {
        /// What they call it.
        provider_id: Option<String>,
    },
    /// It will not be otherwise: it has failed.
    Failed(Reason),
    /// It may be otherwise later.
    Later {
        /// Why.
        why: Reason,
        /// Not before so many seconds, where somebody said so.
        not_before: Option<i64>,
    },
    /// It is not to be sent any more.
    Canceled(Reason),
}

/// Notes how an attempt ended, under its claim's fence.
pub struct Record<'a> {
    /// The claim.
    pub claimed: Claimed,
    /// How it ended.
    pub ended: &'a Ended,
    /// Chance between 0 and 1,000: retries of many messages are spread by it.
    pub chance: i64,
}

impl Command for Record<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "messages.record"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let Claimed { tenant, id, fence, attempts } = self.claimed;
        let now = tx.now();
        let done = match self.ended {
            // Also where it was called off meanwhile: it went out.
            Ended::Sent { provider_id } => {
                let sql = "UPDATE message SET state = 'sent', due_at = NULL, last_error = NULL, provider_id = $4, \
                           sent_at = $5, updated_at = $5 \
                           WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state IN ('pending', 'canceled')";
                tx.run(sql, &[&tenant, &id, &fence, provider_id, &now]).await?
            }
            Ended::Later { why, not_before } if attempts < MOST_ATTEMPTS => {
                let wait = wait_seconds(attempts, *not_before, self.chance);
                let due = tx.clock().await?.plus_seconds(wait);
                let sql = "UPDATE message SET due_at = $4, last_error = $5, updated_at = $6 \
                           WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'pending'";
                tx.run(sql, &[&tenant, &id, &fence, &due, &why.as_str(), &now]).await?
            }
            Ended::Later { why, .. } | Ended::Failed(why) => self.end(tx, State::Failed, *why).await?,
            Ended::Canceled(why) => self.end(tx, State::Canceled, *why).await?,
        };
        if done == 0 {
            tracing::info!(id = %id, "an attempt ended under an old fence, or after its message");
        }
        Ok(())
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // noted twice is noted once
    }
}

impl Record<'_> {
    async fn end(&self, tx: &Tx, state: State, why: Reason) -> Result<u64> {
        let Claimed { tenant, id, fence, .. } = self.claimed;
        let sql = "UPDATE message SET state = $4, due_at = NULL, last_error = $5, updated_at = $6 \
                   WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'pending'";
        tx.run(sql, &[&tenant, &id, &fence, &state, &why.as_str(), &tx.now()]).await
    }
}

/// Seconds until a message that was tried so often is tried again: up to a tenth more than the table says, so that what
/// failed together does not come back together.
fn wait_seconds(attempts: i64, not_before: Option<i64>, chance: i64) -> i64 {
    let nth = usize::try_from(attempts - 1).unwrap_or(0).min(RETRIES.len() - 1);
    let wait = RETRIES[nth] + RETRIES[nth] * chance.clamp(0, 1_000) / 10_000;
    wait.max(not_before.unwrap_or(0).min(LONGEST_WAIT))
}

/// Messages that were given up, over all tenants, the newest first; none whose recipient was erased since.
pub async fn given_up(tx: &Tx, most: i64) -> Result<Vec<Message>> {
    let tail = "WHERE state = 'failed' AND recipient IS NOT NULL ORDER BY id DESC LIMIT $1";
    tx.select(tail, &[&most]).await
}

/// The oldest of those of one tenant.
pub async fn given_up_by(tx: &Tx, tenant: TenantId, most: i64) -> Result<Vec<Message>> {
    let tail = "WHERE tenant_id = $1 AND state = 'failed' AND recipient IS NOT NULL ORDER BY id LIMIT $2";
    tx.select(tail, &[&tenant, &most]).await
}

/// Those of these that were given up by it.
pub async fn given_up_of(tx: &Tx, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Message>> {
    let tail = "WHERE tenant_id = $1 AND id IN ids($2) AND state = 'failed' AND recipient IS NOT NULL";
    tx.select(tail, &[&tenant, &Ids::of(ids.iter().copied())]).await
}

/// Sends a message again that was given up: the same one, as if it had never been tried. One that was not given up, or waits
/// again already, stays as it is.
pub struct Retry {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: MessageId,
}

impl Command for Retry {
    type Out = ();

    fn name(&self) -> &'static str {
        "messages.retry"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql = "UPDATE message SET state = 'pending', due_at = $3, attempts = 0, last_error = NULL, updated_at = $4 \
                   WHERE tenant_id = $1 AND id = $2 AND state = 'failed' AND recipient IS NOT NULL";
        tx.run(sql, &[&self.tenant, &self.id, &tx.clock().await?, &tx.now()]).await.map(drop)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // what waits already waits on
    }
}

/// How the queue stands, over all tenants.
pub async fn standing(tx: &Tx, now: Ts) -> Result<Standing> {
    let sql = "SELECT (SELECT count(*) FROM message WHERE due_at IS NOT NULL), \
               (SELECT count(*) FROM message WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served()), \
               (SELECT count(*) FROM message WHERE state = 'failed'), \
               (SELECT min(due_at) FROM message WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served())";
    tx.one(sql, &[&now]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_ever_more_rarely_and_seven_times_in_all() {
        let waits: Vec<i64> = (1..MOST_ATTEMPTS).map(|attempts| wait_seconds(attempts, None, 0)).collect();
        assert_eq!(waits, [60, 300, 1_800, 7_200, 28_800, 86_400]);
        assert_eq!(wait_seconds(2, None, 1_000), 330);
        assert_eq!((wait_seconds(1, Some(600), 0), wait_seconds(1, Some(1_000_000), 0)), (600, 86_400));
    }
}
