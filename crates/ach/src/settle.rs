//! What happens to entries by themselves: they settle on their day, and lose their account numbers when nothing more can be done with
//! them. And what an operator says of a file.

use base::db::{Command, Db, Tx};
use base::{Code, Failure, Result};
use books::orgs::Tenant;

use crate::model::{File, FileId, FileState};
use crate::store::held_file;

/// How many entries a step settles at a time.
const SETTLED: i64 = 5_000;
/// For how many days after its last change an entry keeps its account number: a bank may return it for sixty days after it has
/// settled, and a debit may be given back for so long.
const KEPT_DAYS: i64 = 180;

/// A step: entries whose day has come have settled. They may still come back.
pub async fn step(db: &Db) -> Result<u64> {
    db.run(&Settle { now: db.now().await? }).await
}

struct Settle {
    now: base::Ts,
}

impl Command for Settle {
    type Out = u64;

    fn name(&self) -> &'static str {
        "ach.settle"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let sql = "UPDATE ach_entry SET state = 'settled', due_at = NULL, changed_at = $2 \
                   WHERE state = 'filed' AND due_at <= $1 AND tenant_id IN served() AND id IN each( \
                   SELECT id FROM ach_entry WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT $3)";
        tx.run(sql, &[&self.now, &tx.now(), &SETTLED]).await
    }

    async fn check(&self, _: &Tx) -> Result<Option<u64>> {
        Ok(None) // what has settled is not due any more
    }
}

/// A step: lets go of account numbers that are not needed any more.
pub async fn forget(db: &Db) -> Result<u64> {
    db.run(&Forget { until: db.now().await?.plus_seconds(-KEPT_DAYS * 86_400) }).await
}

struct Forget {
    until: base::Ts,
}

impl Command for Forget {
    type Out = u64;

    fn name(&self) -> &'static str {
        "ach.forget"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let nothing: Vec<u8> = Vec::new();
        let sql = "UPDATE ach_entry SET account = $2, account_print = NULL \
                   WHERE state IN ('settled', 'returned', 'voided') AND account <> $2 AND id IN each( \
                   SELECT id FROM ach_entry WHERE changed_at < $1 AND account <> $2 \
                   AND state IN ('settled', 'returned', 'voided') AND tenant_id IN served() ORDER BY changed_at LIMIT $3)";
        tx.run(sql, &[&self.until, &nothing, &SETTLED]).await
    }

    async fn check(&self, _: &Tx) -> Result<Option<u64>> {
        Ok(None) // what was let go of is not there any more
    }
}

/// What the bank said of a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It accepted it.
    Acknowledged,
    /// It refused it, and nothing of it was processed: its entries go into another file.
    Rejected,
}

/// Notes what the bank said of a file that lies there.
pub struct Say<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: FileId,
    /// What.
    pub said: Said,
    /// Who tells.
    pub by: &'a str,
}

impl Command for Say<'_> {
    type Out = File;

    fn name(&self) -> &'static str {
        "ach.say"
    }

    async fn exec(&self, tx: &Tx) -> Result<File> {
        let tenant = self.tenant.id;
        let file = held_file(tx, tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        let to = match self.said {
            Said::Acknowledged => FileState::Acknowledged,
            Said::Rejected => FileState::Rejected,
        };
        match file.state {
            now if now == to => return Ok(file),
            FileState::Delivered => {}
            // A bank may take back what it said at first, and only then.
            FileState::Acknowledged if to == FileState::Rejected => {}
            state => {
                let say = format!("A file that is {} cannot be {}.", state.as_str(), to.as_str());
                return Err(Failure::refused(Code::NotAllowedNow, say));
            }
        }
        if to == FileState::Rejected {
            self.give_back(tx, &file).await?;
        }
        let (said_at, said_by) = (Some(tx.now()), Some(self.by.to_owned()));
        let file = File { state: to, said_at, said_by, updated_at: tx.now(), ..file };
        tx.update(2, std::slice::from_ref(&file)).await?;
        Ok(file)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<File>> {
        let _: Option<File> = held_file(tx, self.tenant.id, self.id).await?;
        Ok(None) // saying the same again changes nothing
    }
}

impl Say<'_> {
    /// Its entries wait for the next cut-off again, as long as none of them has settled or come back: a bank that did something
    /// with one of them has not refused the file.
    async fn give_back(&self, tx: &Tx, file: &File) -> Result<()> {
        let sql = "UPDATE ach_entry SET state = 'queued', file_id = NULL, trace = NULL, effective_on = NULL, due_at = NULL \
                   WHERE tenant_id = $1 AND file_id = $2 AND state = 'filed'";
        let back = tx.run(sql, &[&file.tenant_id, &file.id]).await?;
        let moved = file.entries - i64::try_from(back).map_err(|e| Failure::broken("counting entries", e))?;
        if moved > 0 {
            let say = format!(
                "{moved} entries of this file have settled or come back: it was processed, and sending it again would debit twice."
            );
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        // What waited for its prenotes waits for them again.
        let sql = "UPDATE ach_entry SET ready_on = NULL WHERE tenant_id = $1 AND state = 'queued' AND waits_for IN each( \
                   SELECT id FROM ach_entry WHERE tenant_id = $1 AND kind = 'prenote' AND state = 'queued')";
        tx.run(sql, &[&file.tenant_id]).await.map(drop)
    }
}
