//! The step that sends what is due.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use base::db::Db;
use base::secret::Secret;
use base::{Failure, Result, Ts, in_turn};
use books::contact::{self, May, Outgoing};
use books::messages::{self, Channel, Claim, Claimed, Due, Ended, Loaded, PutOff, Reason, Record, Unfit};
use books::orgs::{self, Tenant, Tenants};
use futures_util::{FutureExt as _, StreamExt as _, stream};

use super::{Answer, Mail, Means, Text, Ways};

/// How long a send may take. Shorter than the lease it runs under.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How many messages are sent at once.
const AT_ONCE: usize = 8;

/// For how long a message waits that nobody could send, and one whose tenant cannot be opened, in seconds.
const NOBODY_SECONDS: i64 = 10 * 60;

/// Sends what is due, at most so much; gives how many messages were looked at.
pub async fn step(db: &Db, tenants: &Tenants, means: &Means, budget: i64) -> Result<u64> {
    let now = db.now().await?;
    let due = messages::due(&db.read().await?, now, budget.saturating_mul(4)).await?;
    let due = in_turn(due, |due| due.tenant_id, budget);
    let outbox = Outbox { db, tenants, means, now };
    // Each is claimed when its turn comes, never before, so nothing is held longer than it is worked on.
    let done = stream::iter(due).map(|due| outbox.one(due)).buffer_unordered(AT_ONCE);
    Ok(done.fold(0, async |sum, done| sum + u64::from(done)).await)
}

struct Outbox<'a> {
    db: &'a Db,
    tenants: &'a Tenants,
    means: &'a Means,
    now: Ts,
}

impl Outbox<'_> {
    async fn one(&self, due: Due) -> bool {
        match self.attempt(&due).await {
            Ok(done) => done,
            Err(failure) => {
                tracing::error!(id = %due.id, error = failure.chain(), "a message could not be looked at; it will be tried again");
                false
            }
        }
    }

    async fn attempt(&self, due: &Due) -> Result<bool> {
        let opened = self.tenants.open(&self.db.read().await?, due.tenant_id).await;
        let tenant = match opened {
            Ok(tenant) => tenant,
            Err(failure) => {
                tracing::error!(tenant = ?due.tenant_id, error = failure.chain(), "messages of a tenant that cannot be opened wait");
                self.put_off(due, Reason::Broken, self.later()).await?;
                return Ok(true);
            }
        };
        let ways = self.means.of(tenant.environment);
        if !ways.has(due.channel) {
            self.put_off(due, Reason::NoMailer, self.later()).await?;
            return Ok(true);
        }
        let looked_at = match AssertUnwindSafe(self.look_at(&tenant, due)).catch_unwind().await {
            Ok(looked_at) => looked_at,
            Err(_panic) => Err(Failure::broken("looking at a message", "it panicked")),
        };
        let (loaded, may) = match looked_at {
            Ok((_, May::Wait(until))) => {
                self.put_off(due, Reason::QuietHours, until).await?;
                return Ok(true);
            }
            Ok(looked_at) => looked_at,
            Err(failure) => {
                tracing::error!(id = %due.id, error = failure.chain(), "a message waits: whether it may be sent cannot be seen");
                self.put_off(due, Reason::Broken, self.later()).await?;
                return Ok(true);
            }
        };
        let claim = Claim { tenant: due.tenant_id, id: due.id, now: self.now };
        let Some(claimed) = self.db.run(&claim).await? else { return Ok(false) };
        let ended = match may {
            May::Not(why) => Ended::Canceled(why),
            May::Go | May::Wait(_) => {
                let sending = self.send(&tenant, ways, due, claimed, loaded);
                match AssertUnwindSafe(sending).catch_unwind().await {
                    Ok(ended) => ended?,
                    Err(_panic) => {
                        tracing::error!(id = %due.id, "sending a message panicked: it has failed");
                        Ended::Failed(Reason::Broken)
                    }
                }
            }
        };
        let chance = i64::from(u16::from_le_bytes(self.db.seams().random())) % 1_000;
        self.db.run(&Record { claimed, ended: &ended, chance }).await?;
        Ok(true)
    }

    /// What a message is, and whether it may be sent at this hour.
    async fn look_at(&self, tenant: &Tenant, due: &Due) -> Result<(Loaded, May)> {
        let tx = self.db.read().await?;
        let loaded = messages::load(&tx, tenant, due.id).await?;
        let Loaded::Ready { kind, customer: Some(customer), debt, by_name, at_once, to, .. } = &loaded else {
            return Ok((loaded, May::Go));
        };
        let message = Outgoing {
            kind: *kind,
            channel: due.channel,
            to,
            customer: *customer,
            debt: *debt,
            by_name: *by_name,
            at_once: *at_once,
        };
        let may = contact::may_go(&tx, tenant, message, self.db.seams().now()).await?;
        Ok((loaded, may))
    }

    /// Longer than a step takes, so that what waits neither spins nor stands in others' way.
    fn later(&self) -> Ts {
        self.now.plus_seconds(NOBODY_SECONDS)
    }

    async fn put_off(&self, due: &Due, why: Reason, until: Ts) -> Result<()> {
        let (tenant, id) = (due.tenant_id, due.id);
        self.db.run(&PutOff { tenant, id, now: self.now, until, why }).await
    }

    /// Fills a claimed message in and hands it over. An error is the database's: the lease ends.
    async fn send(
        &self,
        tenant: &Tenant,
        ways: &Ways,
        due: &Due,
        claimed: Claimed,
        loaded: Loaded,
    ) -> Result<Ended> {
        let (kind, language, to, text, variables) = match loaded {
            Loaded::Ready { kind, language, to, text, variables, .. } => {
                (kind, language, to, text, variables)
            }
            Loaded::Erased => return Ok(Ended::Canceled(Reason::Erased)),
            Loaded::Broken => return Ok(Ended::Failed(Reason::Broken)),
        };
        let tx = self.db.read().await?;
        let settings = orgs::settings(&tx, tenant).await?;
        // No connection is held while somebody else takes their time.
        drop(tx);
        let of_all = messages::of_all(&settings, kind, due.channel, language);
        let variables = of_all.iter().fold(variables, |all, (name, value)| all.with(name, value));
        let filled = match messages::fill(due.channel, &text, &variables) {
            Ok(filled) => filled,
            Err(Unfit::TooLong) => return Ok(Ended::Failed(Reason::TooLong)),
            Err(Unfit::Broken) => {
                tracing::error!(id = %due.id, kind = kind.as_str(), "a message's text cannot be filled in");
                return Ok(Ended::Failed(Reason::Broken));
            }
        };
        let (id, at, sender) = (claimed.id, self.db.seams().now(), settings.name);
        let body = Secret::new(filled.body);
        let sending = match due.channel {
            Channel::Email => {
                let subject = Secret::new(filled.subject.unwrap_or_default());
                let mail = Mail { id, at, to, sender, reply_to: settings.support_email, subject, body };
                let Some(mailer) = &ways.mailer else { return Ok(Ended::Failed(Reason::NoMailer)) };
                tokio::time::timeout(DEADLINE, mailer.send(&mail)).await
            }
            Channel::Sms => {
                let text = Text { id, at, to, sender, body };
                let Some(texter) = &ways.texter else { return Ok(Ended::Failed(Reason::NoMailer)) };
                tokio::time::timeout(DEADLINE, texter.send(&text)).await
            }
        };
        Ok(match sending {
            Ok(Answer::Sent { provider_id }) => Ended::Sent { provider_id },
            Ok(Answer::Refused(why)) => Ended::Failed(why),
            Ok(Answer::Failed { why, retry_after }) => {
                let not_before = retry_after.map(|wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
                Ended::Later { why, not_before }
            }
            Err(_elapsed) => Ended::Later { why: Reason::TimedOut, not_before: None },
        })
    }
}
