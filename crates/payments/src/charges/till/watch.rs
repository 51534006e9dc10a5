//! What the installation remembers of each processor: until when its list was looked through, by whom it is being
//! looked through, and whether the books may lack something (verify mode).
//!
//! In verify mode every charge and refund is looked up by its key before it is sent. It is switched on for all nodes by
//! a restore, by a database that is another than it was, and by finding what the books do not know; it ends by itself
//! after a whole sweep over the gap that found nothing, or by a person.

use base::db::{Command, Db, Tx};
use base::{Failure, Result, Ts};
use books::orgs::Environment;

/// How far before the last sweep's beginning the next one begins: clocks differ, and late pages come late. All of it
/// is read again each time, so it is no longer than that takes.
const OVERLAP_SECONDS: i64 = 300;
/// The same where a node starts and nothing is charged meanwhile. What comes later than this the next sweep finds.
const START_OVERLAP_SECONDS: i64 = 60;
/// How long a sweep is its sweeper's without a sign of life. What a late sweeper still does is fenced.
const SWEEP_LEASE_SECONDS: i64 = 30;
/// How far before the gap a sweep in verify mode begins.
const WINDOW_SECONDS: i64 = 3_600;
/// How often the list is looked through.
const EVERY_SECONDS: i64 = 60;
/// How soon after the last time where the processor says that there is news.
const SOON_SECONDS: i64 = 5;

base::record! {
    /// What is remembered of an environment's processor.
    pub struct Watch in "processor_watch" {
        /// `production` or `sandbox`.
        pub environment: String,
        /// What the processor did before this is in the books.
        pub swept_to: Ts,
        /// When the next sweep is due.
        pub due_at: Ts,
        /// When the sweep under way began.
        pub sweep_began: Option<Ts>,
        /// From when on it lists.
        pub sweep_since: Option<Ts>,
        /// Where its next page begins.
        pub cursor: Option<String>,
        /// How much it found that the books did not know.
        pub sweep_found: i64,
        /// Until when somebody sweeps.
        pub lease_until: Option<Ts>,
        /// Rises with every claim.
        pub fence: i64,
        /// In verify mode: since when the books may lack something.
        pub verify_since: Option<Ts>,
        /// Why verify mode is on.
        pub reason: Option<String>,
        /// Which database this was when last looked at.
        pub epoch: Option<String>,
        /// When this last changed.
        pub updated_at: Ts,
    }
}

impl Watch {
    /// From when on the list must be read so that the books are whole.
    pub(super) fn doubtful_since(&self, overlap_seconds: i64) -> Ts {
        match self.verify_since {
            Some(gap) => gap.min(self.swept_to).plus_seconds(-WINDOW_SECONDS),
            None => self.swept_to.plus_seconds(-overlap_seconds),
        }
    }

    /// The list was read to its end, by whoever began at `began`, and held `found` that the books did not know.
    fn looked_through(&mut self, began: Ts, found: i64) {
        self.swept_to = self.swept_to.max(began);
        if self.verify_since.is_some() && found == 0 {
            tracing::warn!(
                environment = self.environment,
                "verify mode is off: the whole list over the gap held nothing new"
            );
            (self.verify_since, self.reason) = (None, None);
        }
    }

    fn restart(&mut self) {
        (self.sweep_began, self.sweep_since, self.cursor, self.sweep_found) = (None, None, None, 0);
        self.lease_until = None;
        self.fence += 1; // whoever sweeps is fenced out
    }

    fn doubt(&mut self, since: Ts, reason: &str) {
        tracing::error!(
            environment = self.environment,
            reason,
            "verify mode is on: the books may lack something"
        );
        self.verify_since = Some(self.verify_since.map_or(since, |before| before.min(since)));
        self.reason.get_or_insert_with(|| reason.to_owned());
    }
}

/// What is remembered of an environment's processor, where anything is.
pub async fn of(tx: &Tx, environment: Environment) -> Result<Option<Watch>> {
    tx.find("WHERE environment = $1", &[&environment.as_str()]).await
}

/// Whether verify mode is on.
pub async fn is_verifying(tx: &Tx, environment: Environment) -> Result<bool> {
    let sql = "SELECT count(*) FROM processor_watch WHERE environment = $1 AND verify_since IS NOT NULL";
    Ok(tx.number(sql, &[&environment.as_str()]).await? > 0)
}

/// Switches verify mode on, in the database, for all nodes and both environments: what a restore does. The sweep
/// then goes over everything since the books were last known to be whole.
pub async fn enter_verify_mode(db: &Db, reason: &str) -> Result<()> {
    for environment in Environment::ALL {
        db.run(&Enter { environment, reason, now: db.seams().now(), db_now: db.now().await? }).await?;
    }
    Ok(())
}

/// Switches verify mode off, because a person says that the books are whole; gives whether it was on.
pub async fn leave_verify_mode(db: &Db, environment: Environment, by: &str) -> Result<bool> {
    let left = db.run(&Leave { environment, db_now: db.now().await? }).await?;
    if left {
        tracing::warn!(%environment, by, "verify mode was switched off by a person");
    }
    Ok(left)
}

/// The row, locked; made where there is none.
async fn locked(tx: &Tx, environment: Environment, now: Ts, db_now: Ts) -> Result<Watch> {
    let tail = "WHERE environment = $1 FOR UPDATE";
    if let Some(watch) = tx.find(tail, &[&environment.as_str()]).await? {
        return Ok(watch);
    }
    // Nothing of ours is older than the first organization.
    let oldest: Option<Oldest> =
        tx.opt("SELECT created_at FROM organization ORDER BY created_at LIMIT 1", &[]).await?;
    let new = Watch {
        environment: environment.as_str().into(),
        swept_to: oldest.map_or(now, |oldest| oldest.created_at),
        due_at: db_now,
        sweep_began: None,
        sweep_since: None,
        cursor: None,
        sweep_found: 0,
        lease_until: None,
        fence: 0,
        verify_since: None,
        reason: None,
        epoch: None,
        updated_at: db_now,
    };
    tx.insert_if_new(std::slice::from_ref(&new)).await?;
    tx.find(tail, &[&environment.as_str()]).await?.ok_or_else(base::db::lost_race)
}

base::record! {
    struct Oldest { created_at: Ts }
}

async fn keep(tx: &Tx, mut watch: Watch, db_now: Ts) -> Result<Watch> {
    watch.updated_at = db_now;
    tx.update(1, std::slice::from_ref(&watch)).await?;
    Ok(watch)
}

struct Enter<'a> {
    environment: Environment,
    reason: &'a str,
    now: Ts,
    db_now: Ts,
}

impl Command for Enter<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "watch.enter_verify_mode"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let mut watch = locked(tx, self.environment, self.now, self.db_now).await?;
        let since = watch.swept_to;
        watch.doubt(since, self.reason);
        watch.restart();
        watch.due_at = self.db_now;
        keep(tx, watch, self.db_now).await.map(drop)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // the same again
    }
}

struct Leave {
    environment: Environment,
    db_now: Ts,
}

impl Command for Leave {
    type Out = bool;

    fn name(&self) -> &'static str {
        "watch.leave_verify_mode"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let tail = "WHERE environment = $1 FOR UPDATE";
        let watch: Option<Watch> = tx.find(tail, &[&self.environment.as_str()]).await?;
        let Some(mut watch) = watch.filter(|watch| watch.verify_since.is_some()) else { return Ok(false) };
        (watch.verify_since, watch.reason) = (None, None);
        keep(tx, watch, self.db_now).await?;
        Ok(true)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None)
    }
}

/// Notes which database this is; where it is another than it was, verify mode is switched on. Gives whether it was.
pub(super) struct Recognize<'a> {
    pub(super) environment: Environment,
    pub(super) epoch: &'a str,
    pub(super) now: Ts,
    pub(super) db_now: Ts,
}

impl Command for Recognize<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "watch.recognize"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let mut watch = locked(tx, self.environment, self.now, self.db_now).await?;
        let before = watch.epoch.replace(self.epoch.to_owned());
        let other = before.is_some_and(|before| before != self.epoch);
        if other {
            let since = watch.swept_to;
            watch.doubt(since, "the database is another one, or went over to a standby");
            watch.restart();
            watch.due_at = self.db_now;
        }
        keep(tx, watch, self.db_now).await?;
        Ok(other)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None)
    }
}

/// Which database this is, where it can say so: a PostgreSQL cluster's identifier and its timeline, which rises when a
/// standby takes over. Read without a lock and skipped where a server does not know these functions.
pub(super) async fn epoch(db: &Db) -> Result<Option<String>> {
    if db.engine_name() != "PostgreSQL" {
        return Ok(None);
    }
    let sql = "SELECT CAST(s.system_identifier AS text) || '/' || CAST(c.timeline_id AS text) FROM pg_control_system() AS s, pg_control_checkpoint() AS c";
    match db.read().await?.opt::<Epoch>(sql, &[]).await {
        Ok(found) => Ok(found.map(|found| found.epoch)),
        Err(failure) if failure.code().is_some() => Err(failure),
        Err(failure) => {
            tracing::debug!(error = Failure::chain(&failure), "this server does not say which one it is");
            Ok(None)
        }
    }
}

base::record! {
    struct Epoch { epoch: String }
}

/// Claims the sweep: begins one, or goes on with one whose sweeper is gone. `None` where somebody is at it, or none is
/// due.
pub(super) struct Begin {
    pub(super) environment: Environment,
    pub(super) now: Ts,
    pub(super) db_now: Ts,
}

impl Command for Begin {
    type Out = Option<Watch>;

    fn name(&self) -> &'static str {
        "watch.begin"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Watch>> {
        let mut watch = locked(tx, self.environment, self.now, self.db_now).await?;
        if watch.lease_until.is_some_and(|until| until > self.db_now) {
            return Ok(None);
        }
        if watch.sweep_began.is_none() {
            if watch.due_at > self.db_now {
                return Ok(None);
            }
            (watch.sweep_began, watch.sweep_since) =
                (Some(self.now), Some(watch.doubtful_since(OVERLAP_SECONDS)));
            (watch.cursor, watch.sweep_found) = (None, 0);
        }
        watch.fence += 1;
        watch.lease_until = Some(self.db_now.plus_seconds(SWEEP_LEASE_SECONDS));
        keep(tx, watch, self.db_now).await.map(Some)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<Watch>>> {
        Ok(Some(None)) // if it was claimed, its lease will end
    }
}

/// Lets the next sweep begin soon, because the processor says that there is news. One that is under way goes on: what it
/// has missed the next one finds.
pub(super) struct Expect {
    pub(super) environment: Environment,
    pub(super) db_now: Ts,
}

impl Command for Expect {
    type Out = ();

    fn name(&self) -> &'static str {
        "watch.expect"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tail = "WHERE environment = $1 FOR UPDATE";
        let watch: Option<Watch> = tx.find(tail, &[&self.environment.as_str()]).await?;
        let Some(mut watch) = watch else { return Ok(()) };
        let soon = watch.due_at.plus_seconds(SOON_SECONDS - EVERY_SECONDS).max(self.db_now);
        if soon >= watch.due_at {
            return Ok(());
        }
        watch.due_at = soon;
        keep(tx, watch, self.db_now).await.map(drop)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // the same again
    }
}

/// What becomes of a claimed sweep after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It goes on under the same claim.
    On,
    /// It rests, and whoever comes next goes on.
    Rest,
    /// It was the last page.
    Last,
}

/// Notes a page that was worked through, under the fence of its claim; gives whether the claim still held.
pub(super) struct Turned<'a> {
    pub(super) environment: Environment,
    pub(super) fence: i64,
    pub(super) cursor: Option<&'a str>,
    /// How much of it the books did not know.
    pub(super) found: i64,
    pub(super) turn: Turn,
    pub(super) db_now: Ts,
}

impl Command for Turned<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "watch.turned"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let tail = "WHERE environment = $1 AND fence = $2 FOR UPDATE";
        let watch: Option<Watch> = tx.find(tail, &[&self.environment.as_str(), &self.fence]).await?;
        let Some(mut watch) = watch else { return Ok(false) };
        watch.sweep_found += self.found;
        watch.cursor = self.cursor.map(str::to_owned);
        if self.found > 0 && watch.verify_since.is_none() {
            let since = watch.sweep_since.unwrap_or(watch.swept_to);
            watch.doubt(since, "the processor had taken what the books did not know");
        }
        watch.lease_until = match self.turn {
            Turn::On => Some(self.db_now.plus_seconds(SWEEP_LEASE_SECONDS)),
            Turn::Rest | Turn::Last => None,
        };
        if self.turn == Turn::Last {
            self.ended(&mut watch);
        }
        keep(tx, watch, self.db_now).await?;
        Ok(true)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // counting a page twice only keeps verify mode on for one sweep more
    }
}

impl Turned<'_> {
    fn ended(&self, watch: &mut Watch) {
        watch.looked_through(watch.sweep_began.unwrap_or(watch.swept_to), watch.sweep_found);
        let pause = if watch.verify_since.is_some() { 0 } else { EVERY_SECONDS };
        watch.due_at = self.db_now.plus_seconds(pause);
        (watch.sweep_began, watch.sweep_since, watch.cursor, watch.sweep_found) = (None, None, None, 0);
    }
}

/// Gives from when on a node that starts must read the list.
pub(super) struct Look {
    pub(super) environment: Environment,
    pub(super) now: Ts,
    pub(super) db_now: Ts,
}

impl Command for Look {
    type Out = Ts;

    fn name(&self) -> &'static str {
        "watch.look"
    }

    async fn exec(&self, tx: &Tx) -> Result<Ts> {
        Ok(locked(tx, self.environment, self.now, self.db_now).await?.doubtful_since(START_OVERLAP_SECONDS))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Ts>> {
        Ok(None)
    }
}

/// Notes that a node which started has read the list to its end. Gives whether that was far enough: meanwhile the books
/// may have come into doubt from further back.
pub(super) struct Looked {
    pub(super) environment: Environment,
    /// From when on it was read.
    pub(super) since: Ts,
    /// When the reading began.
    pub(super) began: Ts,
    /// How much it held that the books did not know.
    pub(super) found: i64,
    pub(super) db_now: Ts,
}

impl Command for Looked {
    type Out = bool;

    fn name(&self) -> &'static str {
        "watch.looked"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let mut watch = locked(tx, self.environment, self.began, self.db_now).await?;
        let far_enough = self.since <= watch.doubtful_since(START_OVERLAP_SECONDS);
        if self.found > 0 {
            watch.doubt(self.since, "the processor had taken what the books did not know");
            watch.restart();
            watch.due_at = self.db_now;
        }
        if far_enough {
            watch.looked_through(self.began, self.found);
        }
        keep(tx, watch, self.db_now).await?;
        Ok(far_enough)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // the same again
    }
}
