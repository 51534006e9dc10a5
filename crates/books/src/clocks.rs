//! Test clocks: a sandbox whose time somebody freezes and moves.
//!
//! Must always hold:
//! - Production has no clock: whatever changes one takes a [`Rehearsal`], which only a sandbox gives.
//! - Time only goes forward, for whatever has happened in the environment.
//! - A clock that is being moved is moved by one node at a time, under a lease of the world's time and a fence. The place it
//!   has reached is in the database; whoever comes next goes on from there.
//!
//! What makes it an environment's time is [`Db::in_time_of`]: whoever works for a tenant with a clock works through that
//! handle, and all other steps pass the tenant's queues over.

use base::db::{Command, Db, Texts, Tx};
use base::{Code, Failure, Result, TenantId, Ts};

use crate::orgs::{Environment, OwnTime, Tenant};

/// How far a clock may be moved at once, in days.
pub const MOST_DAYS: i64 = 1_100;

/// How far a clock may be ahead of the world's, in days.
const MOST_AHEAD_DAYS: i64 = 3_660;

/// What happens in an environment before anybody owes anything in it.
const OF_NO_ACCOUNT: [&str; 3] = ["token.create", "token.revoke", "organization.update"];

/// How long whoever moves a clock may be silent before another goes on, in seconds.
const LEASE_SECONDS: i64 = 30;

base::record! {
    /// A clock.
    pub struct Clock in "test_clock" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its time, or the instant from which it goes on.
        pub stands_at: Ts,
        /// Since when it goes on, by the world's clock; `None` where it stands.
        pub runs_since: Option<Ts>,
        /// Where the move began that is under way.
        pub moves_from: Option<Ts>,
        /// Where it ends.
        pub moves_to: Option<Ts>,
        /// Rises with whoever moves it.
        pub fence: i64,
        /// Until when they may, by the world's clock.
        pub lease_until: Option<Ts>,
        /// When it was made, by the world's clock.
        pub made_at: Ts,
        /// When it was last changed, by the world's clock.
        pub updated_at: Ts,
    }
}

impl Clock {
    /// Its time as the tenant has it.
    pub fn time(&self) -> OwnTime {
        OwnTime { stands_at: self.stands_at, runs_since: self.runs_since }
    }

    /// How much of its move it has behind it, of a hundred.
    pub fn percent(&self) -> Option<i64> {
        let (from, to) = (self.moves_from?, self.moves_to?);
        let whole = (to.micros() - from.micros()).max(1);
        Some((self.stands_at.micros() - from.micros()) / (whole / 100).max(1))
            .map(|percent| percent.clamp(0, 100))
    }

    /// `frozen`, `running` or `advancing`.
    pub fn status(&self) -> &'static str {
        match (self.moves_to, self.runs_since) {
            (Some(_), _) => "advancing",
            (None, Some(_)) => "running",
            (None, None) => "frozen",
        }
    }

    fn standing_at(self, at: Ts) -> Clock {
        Clock { stands_at: at, runs_since: None, moves_from: None, moves_to: None, lease_until: None, ..self }
    }
}

/// A sandbox. Nothing makes one of a production environment.
#[derive(Clone, Copy, Debug)]
pub struct Rehearsal<'a>(&'a Tenant);

impl<'a> Rehearsal<'a> {
    /// The tenant, where it is a sandbox.
    pub fn of(tenant: &'a Tenant) -> Option<Rehearsal<'a>> {
        (tenant.environment == Environment::Sandbox).then_some(Rehearsal(tenant))
    }
}

/// A sandbox's clock, where it has one.
pub async fn of(tx: &Tx, sandbox: Rehearsal<'_>) -> Result<Option<Clock>> {
    tx.find("WHERE tenant_id = $1", &[&sandbox.0.id]).await
}

/// Every clock.
pub async fn all(tx: &Tx) -> Result<Vec<Clock>> {
    tx.select("ORDER BY tenant_id", &[]).await
}

async fn locked(tx: &Tx, tenant: TenantId) -> Result<Option<Clock>> {
    tx.find("WHERE tenant_id = $1 FOR UPDATE", &[&tenant]).await
}

fn no_clock() -> Failure {
    Failure::refused(Code::NotFound, "This environment has no test clock: it lives by the world's time.")
}

/// Refuses what is too far from where a clock is, or from the world.
fn not_too_far(field: &str, to: Ts, now: Ts, wall: Ts) -> Result<()> {
    let after = |from: Ts, days: i64| from.plus_seconds(days * 86_400);
    let most = after(now, MOST_DAYS).min(after(wall, MOST_AHEAD_DAYS));
    if to <= most {
        return Ok(());
    }
    Err(Failure::field(
        field,
        format!("The {field} field must not be more than {MOST_DAYS} days on, nor after {most}."),
    ))
}

/// What is wanted of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Time stands from now on: at this instant where there is no clock yet, else where it is. A move under way ends.
    Freeze(Option<Ts>),
    /// It moves on to an instant, and stands there.
    Advance(Ts),
    /// It goes on from where it is, as fast as the world's.
    Run,
    /// There is none any more: the world's time holds.
    Remove,
}

/// Does it; gives the clock as it is then.
pub struct Change<'a> {
    /// Whose.
    pub sandbox: Rehearsal<'a>,
    /// What.
    pub wish: Wish,
}

base::record! {
    struct Newest in "event" { created_at: Ts }
}

impl Command for Change<'_> {
    type Out = Option<Clock>;

    fn name(&self) -> &'static str {
        "test_clock.change"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Clock>> {
        let (tenant, wall) = (self.sandbox.0.id, tx.seams().wall());
        let known = locked(tx, tenant).await?;
        let now = known.as_ref().map_or(wall, |clock| clock.time().at(wall));
        let after = match (self.wish, known) {
            (Wish::Freeze(at), None) => {
                let at = at.unwrap_or(wall);
                let tail = "WHERE tenant_id = $1 AND NOT (name IN texts($2)) ORDER BY id DESC LIMIT 1";
                let newest: Option<Newest> =
                    tx.find(tail, &[&tenant, &Texts(OF_NO_ACCOUNT.map(str::to_owned).to_vec())]).await?;
                if let Some(newest) = newest.as_ref().filter(|newest| newest.created_at > at) {
                    let say = format!(
                        "The now field must not be before what has happened in this environment: {}.",
                        newest.created_at
                    );
                    return Err(Failure::field("now", say));
                }
                not_too_far("now", at, wall, wall)?;
                // What may be due in between is done on its day.
                let is_on_the_way = at > wall && newest.is_some();
                let clock = Clock {
                    tenant_id: tenant,
                    stands_at: if is_on_the_way { wall } else { at },
                    runs_since: None,
                    moves_from: is_on_the_way.then_some(wall),
                    moves_to: is_on_the_way.then_some(at),
                    fence: 1,
                    lease_until: None,
                    made_at: wall,
                    updated_at: wall,
                };
                tx.insert(std::slice::from_ref(&clock)).await?;
                return Ok(Some(clock));
            }
            (Wish::Freeze(Some(at)), Some(_)) if at != now => {
                let say =
                    format!("The now field cannot be chosen: this environment's time is {now}. Advance it.");
                return Err(Failure::field("now", say));
            }
            (Wish::Remove, None) => return Ok(None),
            (_, None) => return Err(no_clock()),
            (Wish::Freeze(_), Some(clock)) => Clock { fence: clock.fence + 1, ..clock.standing_at(now) },
            (Wish::Run, Some(clock)) => {
                let fence = clock.fence + 1;
                Clock { runs_since: Some(wall), fence, ..clock.standing_at(now) }
            }
            (Wish::Advance(to), Some(clock)) => {
                if to < clock.moves_to.unwrap_or(now) {
                    let least = clock.moves_to.unwrap_or(now);
                    return Err(Failure::field(
                        "to",
                        format!("The to field must not be before {least}: time only goes forward."),
                    ));
                }
                not_too_far("to", to, now, wall)?;
                let from = clock.moves_from.unwrap_or(now);
                let is_there = to == now;
                let (moves_from, moves_to) = if is_there { (None, None) } else { (Some(from), Some(to)) };
                Clock { stands_at: now, runs_since: None, moves_from, moves_to, ..clock }
            }
            (Wish::Remove, Some(_)) => {
                if now > wall {
                    let say = format!(
                        "This environment's time is {now}, ahead of the world's: going back would undo what has happened. \
                         Let it run on from there, or use another organization."
                    );
                    return Err(Failure::refused(Code::NotAllowedNow, say));
                }
                tx.run("DELETE FROM test_clock WHERE tenant_id = $1", &[&tenant]).await?;
                return Ok(None);
            }
        };
        let after = Clock { updated_at: wall, ..after };
        tx.update(1, std::slice::from_ref(&after)).await?;
        Ok(Some(after))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<Clock>>> {
        Ok(None) // wished for again, it is as it is
    }
}

/// Claims a clock that is to be moved, where nobody moves it.
pub async fn claim(db: &Db, tenant: TenantId) -> Result<Option<Clock>> {
    db.run(&Claim { tenant, db_now: db.now().await? }).await
}

struct Claim {
    tenant: TenantId,
    db_now: Ts,
}

impl Command for Claim {
    type Out = Option<Clock>;

    fn name(&self) -> &'static str {
        "test_clock.claim"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Clock>> {
        let is_free = |clock: &Clock| {
            clock.moves_to.is_some() && clock.lease_until.is_none_or(|until| until <= self.db_now)
        };
        let Some(clock) = locked(tx, self.tenant).await?.filter(is_free) else { return Ok(None) };
        let lease_until = Some(self.db_now.plus_seconds(LEASE_SECONDS));
        let clock = Clock { fence: clock.fence + 1, lease_until, updated_at: tx.seams().wall(), ..clock };
        tx.update(1, std::slice::from_ref(&clock)).await?;
        Ok(Some(clock))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<Clock>>> {
        Ok(Some(None)) // if it was claimed, its lease will end
    }
}

/// Moves a claimed clock on to `at`, or lets it go where that is where it was to get. Gives it as it is then; `None` where
/// somebody else has it, or it was stopped.
pub async fn put(db: &Db, clock: &Clock, at: Ts) -> Result<Option<Clock>> {
    db.run(&Put { clock, at, db_now: db.now().await? }).await
}

struct Put<'a> {
    clock: &'a Clock,
    at: Ts,
    db_now: Ts,
}

impl Command for Put<'_> {
    type Out = Option<Clock>;

    fn name(&self) -> &'static str {
        "test_clock.put"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Clock>> {
        let Some(known) = locked(tx, self.clock.tenant_id).await? else { return Ok(None) };
        if known.fence != self.clock.fence || known.moves_to.is_none() {
            return Ok(None);
        }
        let lease_until = Some(self.db_now.plus_seconds(LEASE_SECONDS));
        let stands_at = known.stands_at.max(self.at);
        let clock = Clock { stands_at, lease_until, updated_at: tx.seams().wall(), ..known };
        tx.update(1, std::slice::from_ref(&clock)).await?;
        Ok(Some(clock))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<Clock>>> {
        Ok(None) // put there again
    }
}

/// Lets a claimed clock go: for whoever goes on with its move, or for good where it is at its end.
pub async fn let_go(db: &Db, clock: &Clock) -> Result<()> {
    db.run(&LetGo { clock }).await
}

struct LetGo<'a> {
    clock: &'a Clock,
}

impl Command for LetGo<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "test_clock.let_go"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let Some(known) = locked(tx, self.clock.tenant_id).await? else { return Ok(()) };
        if known.fence != self.clock.fence {
            return Ok(());
        }
        let is_there = known.moves_to.is_none_or(|to| to <= known.stands_at);
        let at = known.stands_at;
        let clock = if is_there { known.standing_at(at) } else { Clock { lease_until: None, ..known } };
        tx.update(1, &[Clock { updated_at: tx.seams().wall(), ..clock }]).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // let go again
    }
}
