//! Bringing a file to the bank, once, whatever dies on the way.
//!
//! 1. It is put there under a name of this attempt, at which nobody looks ([`Bank::put`]).
//! 2. The books say that it is to be placed, under the fence of this attempt: who comes later finds that.
//! 3. It is given its name ([`Bank::place`]), and may be fetched from then on.
//! 4. The books say that it was delivered, and when its entries settle.
//!
//! Whoever dies before 2 leaves a part that nobody reads; the next attempt makes its own. Whoever dies after it leaves either the whole
//! part, which is placed now, or none: then it was placed, and perhaps fetched. Somebody who comes back from a pause puts
//! their own part and may not write 2, since the fence is another's by then.

use base::db::{Command, Db, Tx};
use base::vault::{hex, sha256};
use base::{Failure, Result, TenantId, Ts};
use books::orgs::{Tenant, Tenants};
use payments::networks::ach;

use crate::model::{EntryState, File, FileId, FileState};
use crate::render::render;
use crate::store::held_file;

/// How long an attempt may take before another begins, in seconds.
const LEASE_SECONDS: i64 = 300;
/// How long a file rests after it could not be brought: at first, and at most.
const RESTS_SECONDS: (i64, i64) = (30, 3_600);

/// What an operator should know of a file whose part is gone.
const PLACED_BEFORE: &str =
    "it was placed by an attempt that did not live to say so; see that the bank has acknowledged it";

/// What a bank's end gives, later.
pub type Later<'a, T> = std::pin::Pin<Box<dyn Future<Output = std::result::Result<T, Trouble>> + Send + 'a>>;

/// Why a bank's end did not do what it was asked; words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(pub String);

/// Where files lie for a bank, and from it: a folder, or a server.
pub trait Bank: Send + Sync + 'static {
    /// Writes all of a file under a name at which nobody looks, in the place of whatever has that name. Once this has succeeded it
    /// survives a loss of power there.
    fn put<'a>(&'a self, part: &'a str, bytes: &'a [u8]) -> Later<'a, ()>;

    /// Gives a part its name, in one step; gives whether the part was there. Only this takes a part's name away.
    fn place<'a>(&'a self, part: &'a str, name: &'a str) -> Later<'a, bool>;

    /// Removes a part that nobody needs any more, if it is there.
    fn drop_part<'a>(&'a self, part: &'a str) -> Later<'a, ()>;

    /// The names of files that the bank has sent and nobody has put away.
    fn sent(&self) -> Later<'_, Vec<String>>;

    /// All of a file that the bank has sent, if it is still there.
    fn read<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>>;

    /// Puts a file away that was read; with what is wrong with it, where it was refused.
    fn put_away<'a>(&'a self, name: &'a str, faults: Option<&'a str>) -> Later<'a, ()>;
}

base::record! {
    struct Due in "ach_file" { tenant_id: TenantId, id: FileId }
}

/// A step: brings what waits, a few files at a time, so that a server that is to stop need not wait long. Gives how many files were
/// delivered.
pub async fn step(db: &Db, tenants: &Tenants, bank: &dyn Bank) -> Result<u64> {
    let now = db.now().await?;
    let tail = "WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT 2";
    let due: Vec<Due> = db.read().await?.select(tail, &[&now]).await?;
    let mut done = 0;
    for Due { tenant_id, id } in due {
        let tenant = tenants.open(&db.read().await?, tenant_id).await?;
        match bring(db, &tenant, id, bank).await {
            Ok(delivered) => done += u64::from(delivered),
            // One bank's trouble must not hold up the others.
            Err(failure) => {
                tracing::error!(tenant = ?tenant_id, file = %id, error = failure.chain(), "an ACH file could not be brought; it will be tried again");
            }
        }
    }
    Ok(done)
}

/// One attempt; gives whether the file is delivered by it.
async fn bring(db: &Db, tenant: &Tenant, id: FileId, bank: &dyn Bank) -> Result<bool> {
    let Some(file) = db.run(&Claim { tenant: tenant.id, id }).await? else { return Ok(false) };
    match brought(db, tenant, &file, bank).await {
        Ok(delivered) => Ok(delivered),
        Err(failure) => {
            let why = failure.chain();
            db.run(&Rest { tenant: tenant.id, id, fence: file.fence, why }).await?;
            Err(failure)
        }
    }
}

async fn brought(db: &Db, tenant: &Tenant, file: &File, bank: &dyn Bank) -> Result<bool> {
    let part = match (&file.part, file.state) {
        (Some(part), FileState::Placing) => part.clone(),
        _ => {
            let Some(part) = upload(db, tenant, file, bank).await? else { return Ok(false) };
            part
        }
    };
    // What earlier attempts left. Account numbers stand in it, so nothing is placed before it is gone.
    for fence in 1..file.fence {
        let left = part_of(file, fence);
        if left != part {
            bank.drop_part(&left).await.map_err(troubled)?;
        }
    }
    let is_placed = bank.place(&part, &file.name).await.map_err(troubled)?;
    // Only placing takes its name away: somebody placed it and did not live to say so. Where a person removed it, the bank has nothing.
    let why = (!is_placed).then_some(PLACED_BEFORE);
    if why.is_some() {
        tracing::warn!(file = %file.id, name = file.name, "{PLACED_BEFORE}");
    }
    db.run(&Deliver { tenant: tenant.id, id: file.id, fence: file.fence, why }).await
}

/// By which name a file lies there while an attempt writes it.
fn part_of(file: &File, fence: i64) -> String {
    format!(".{}.{fence}.part", file.name)
}

/// Puts the whole file there under a name of this attempt, and has the books say so. `None` where another attempt has begun meanwhile.
async fn upload(db: &Db, tenant: &Tenant, file: &File, bank: &dyn Bank) -> Result<Option<String>> {
    let bytes = render(&db.read().await?, tenant, file).await?;
    let part = part_of(file, file.fence);
    bank.put(&part, &bytes).await.map_err(troubled)?;
    let sum = hex(&sha256(&bytes));
    let place = Place { tenant: tenant.id, id: file.id, fence: file.fence, part: &part, sha256: &sum };
    if db.run(&place).await? {
        return Ok(Some(part));
    }
    tracing::warn!(file = %file.id, "an ACH file took longer than its lease; another attempt brings it");
    bank.drop_part(&part).await.map_err(troubled)?;
    Ok(None)
}

fn troubled(trouble: Trouble) -> Failure {
    Failure::broken("bringing an ACH file", trouble.0)
}

/// Takes a file for oneself; `None` where somebody was faster.
struct Claim {
    tenant: TenantId,
    id: FileId,
}

impl Command for Claim {
    type Out = Option<File>;

    fn name(&self) -> &'static str {
        "ach.claim_file"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<File>> {
        let file = held_file(tx, self.tenant, self.id).await?;
        let now = tx.clock().await?;
        let Some(file) = file.filter(|file| is_on_its_way(file) && file.due_at.is_some_and(|due| due <= now))
        else {
            return Ok(None);
        };
        let state = if file.state == FileState::Waiting { FileState::Uploading } else { file.state };
        let due_at = Some(now.plus_seconds(LEASE_SECONDS));
        let file = File { state, fence: file.fence + 1, due_at, updated_at: now, ..file };
        tx.update(2, std::slice::from_ref(&file)).await?;
        Ok(Some(file))
    }

    async fn check(&self, _: &Tx) -> Result<Option<Option<File>>> {
        Ok(None) // claimed again, under a higher fence, once the lease ends
    }
}

/// Whether a file is still to be brought. One that was delivered is never brought again, whoever still holds it.
fn is_on_its_way(file: &File) -> bool {
    matches!(file.state, FileState::Waiting | FileState::Uploading | FileState::Placing)
}

/// The file as somebody brings it under a fence; `None` where somebody else does, or it was brought.
async fn under(tx: &Tx, tenant: TenantId, id: FileId, fence: i64) -> Result<Option<File>> {
    Ok(held_file(tx, tenant, id).await?.filter(|file| file.fence == fence && is_on_its_way(file)))
}

/// Says that all of it lies there under its part's name.
struct Place<'a> {
    tenant: TenantId,
    id: FileId,
    fence: i64,
    part: &'a str,
    sha256: &'a str,
}

impl Command for Place<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "ach.place_file"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let Some(file) = under(tx, self.tenant, self.id, self.fence).await? else { return Ok(false) };
        let (part, sha256) = (Some(self.part.to_owned()), Some(self.sha256.to_owned()));
        tx.update(2, &[File { state: FileState::Placing, part, sha256, updated_at: tx.now(), ..file }])
            .await?;
        Ok(true)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<bool>> {
        let file = under(tx, self.tenant, self.id, self.fence).await?;
        Ok(file.filter(|file| file.part.as_deref() == Some(self.part)).map(|_| true))
    }
}

/// Says that it lies there under its name, and when its entries settle.
struct Deliver<'a> {
    tenant: TenantId,
    id: FileId,
    fence: i64,
    /// What somebody should know.
    why: Option<&'a str>,
}

impl Command for Deliver<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "ach.deliver_file"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let Some(file) = under(tx, self.tenant, self.id, self.fence).await? else { return Ok(false) };
        if file.state != FileState::Placing {
            return Ok(false);
        }
        let now = tx.clock().await?;
        // What came to the bank after its cut-off settles a day later than it asks for.
        let is_same_day = file.effective_on == ach::day(file.created_at);
        let in_time = if is_same_day { ach::day(now) } else { ach::settles_on(now) };
        let day = file.effective_on.max(in_time);
        let settles_at: Ts = ach::settled_at(if is_same_day { day.next() } else { day });
        let sql = "UPDATE ach_entry SET due_at = $3 WHERE tenant_id = $1 AND file_id = $2 AND state = $4";
        tx.run(sql, &[&self.tenant, &self.id, &settles_at, &EntryState::Filed.as_str()]).await?;
        let (state, delivered_at) = (FileState::Delivered, Some(now));
        let why = self.why.map(str::to_owned);
        tx.update(2, &[File { state, delivered_at, due_at: None, why, updated_at: now, ..file }]).await?;
        Ok(true)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<bool>> {
        let file = held_file(tx, self.tenant, self.id).await?;
        Ok(file.filter(|file| file.state == FileState::Delivered).map(|_| true))
    }
}

/// Lets a file rest that could not be brought.
struct Rest {
    tenant: TenantId,
    id: FileId,
    fence: i64,
    why: String,
}

impl Command for Rest {
    type Out = ();

    fn name(&self) -> &'static str {
        "ach.rest_file"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let Some(file) = under(tx, self.tenant, self.id, self.fence).await? else { return Ok(()) };
        let (first, most) = RESTS_SECONDS;
        let doubled = first.saturating_mul(1 << file.tries.clamp(0, 10)).min(most);
        let now = tx.clock().await?;
        let (due_at, why) = (Some(now.plus_seconds(doubled)), Some(self.why.clone()));
        tx.update(2, &[File { due_at, tries: file.tries + 1, why, updated_at: now, ..file }]).await
    }

    async fn check(&self, _: &Tx) -> Result<Option<()>> {
        Ok(None) // its lease ends anyway
    }
}
