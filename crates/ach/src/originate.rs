//! The cut-off: what waits goes into a file.
//!
//! Everything is decided in one transaction under the originator's row: which entries, in which order, under which trace numbers. The
//! file's bytes follow from that and are made when it is brought.

use base::db::{Command, Db, Ids, Tx};
use base::us::banking_day_from;
use base::{Cents, Day, Failure, Result, TenantId, Ts};
use payments::networks::ach;

use crate::calendar::{effective_on, next_cut_off};
use crate::model::{EntryId, EntryRow, EntryState, File, FileId, FileState, Kind, Originator};
use crate::originators::{Heading, LAST_SEQUENCE};
use crate::render::batch_of;

/// How many entries a file has at most: a transaction writes all of them.
const MOST: i64 = 50_000;
/// What the debits or credits of a file come to at most: twelve digits.
const TOTAL: Cents = Cents::new(999_999_999_999);
/// What tells the files of one day apart.
const MODIFIERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

base::record! {
    struct Due in "ach_originator" { tenant_id: TenantId }
}

/// A step: cuts a file for each organization whose cut-off has come. Gives how many entries went into one.
pub async fn step(db: &Db) -> Result<u64> {
    let now = db.now().await?;
    let tail = "WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT 8";
    let due: Vec<Due> = db.read().await?.select(tail, &[&now]).await?;
    let mut done = 0;
    for Due { tenant_id } in due {
        // A file for each day on which entries of this cut-off settle; and as many as it takes.
        match db.run(&Cut { tenant: tenant_id }).await {
            Ok(entries) => done += entries,
            Err(failure) => {
                tracing::error!(tenant = ?tenant_id, error = failure.chain(), "no ACH file could be cut; it will be tried again");
            }
        }
    }
    Ok(done)
}

/// Cuts one file, where a cut-off is due.
struct Cut {
    tenant: TenantId,
}

base::record! {
    /// What is other in an entry once it is in a file.
    struct Filed in "ach_entry" {
        tenant_id: TenantId,
        id: EntryId,
        state: EntryState,
        file_id: Option<FileId>,
        trace: Option<i64>,
        effective_on: Option<Day>,
    }
}

impl Command for Cut {
    type Out = u64;

    fn name(&self) -> &'static str {
        "ach.cut"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let originator: Option<Originator> =
            tx.find("WHERE tenant_id = $1 FOR UPDATE", &[&self.tenant]).await?;
        let now = tx.clock().await?;
        let Some(originator) = originator.filter(|row| row.due_at.is_some_and(|due| due <= now)) else {
            return Ok(0);
        };
        let entries = self.waiting(tx, &originator, now).await?;
        let day = ach::day(now);
        let modifier = self.modifier(tx, day).await?;
        // Behind the last modifier of a day, and without entries, the next cut-off is the next.
        let (Some(first), Some(modifier)) = (entries.first(), modifier) else {
            if !entries.is_empty() {
                tracing::error!(tenant = ?self.tenant, "36 ACH files were cut today: what waits goes into tomorrow's");
            }
            self.put_off(tx, &originator, next_cut_off(&originator, now), 0).await?;
            return Ok(0);
        };
        // All entries of a file settle on one day; those of another day go into the next, at once.
        let effective = first.1;
        let mut total = Cents::ZERO;
        let rows: Vec<&EntryRow> = entries
            .iter()
            .filter(|(_, day)| *day == effective)
            .map_while(|(row, _)| {
                total = total.plus(row.amount).filter(|sum| *sum <= TOTAL)?;
                Some(row)
            })
            .collect();
        self.file(tx, &originator, &rows, (day, modifier, effective), now).await?;
        let many = i64::try_from(rows.len()).map_err(|e| Failure::broken("counting entries", e))?;
        self.put_off(tx, &originator, Some(now), many).await?;
        Ok(rows.len() as u64)
    }

    async fn check(&self, _: &Tx) -> Result<Option<u64>> {
        Ok(None) // what went into a file does not wait any more
    }
}

impl Cut {
    /// The entries that are ready, with the day on which each is to settle; by class, so that a batch is in one piece.
    async fn waiting(&self, tx: &Tx, by: &Originator, now: Ts) -> Result<Vec<(EntryRow, Day)>> {
        let effective = effective_on(by, now);
        let left = (LAST_SEQUENCE + 1 - by.next_sequence).clamp(0, MOST);
        let tail = "WHERE tenant_id = $1 AND state = 'queued' AND (waits_for IS NULL OR ready_on <= $2) \
                    ORDER BY id LIMIT $3 FOR UPDATE";
        let rows: Vec<EntryRow> = tx.select(tail, &[&self.tenant, &effective.usual, &left]).await?;
        let mut rows: Vec<(EntryRow, Day)> = rows
            .into_iter()
            .map(|row| {
                let day = effective.of(row.amount);
                let day = row.ready_on.map_or(day, |ready| banking_day_from(ready.max(day)));
                (row, day)
            })
            .collect();
        rows.sort_by_key(|(row, day)| {
            let (class, is_credit, again) = batch_of(row);
            (*day, class.as_str(), is_credit, again, row.id)
        });
        Ok(rows)
    }

    /// What tells the next file of a day apart; `None` where there were as many as there can be.
    async fn modifier(&self, tx: &Tx, day: Day) -> Result<Option<char>> {
        let sql = "SELECT count(*) FROM ach_file WHERE tenant_id = $1 AND created_on = $2";
        let many = tx.number(sql, &[&self.tenant, &day]).await?;
        let at = usize::try_from(many).map_err(|e| Failure::broken("counting files", e))?;
        Ok(MODIFIERS.get(at).map(|byte| char::from(*byte)))
    }

    async fn file(
        &self,
        tx: &Tx,
        by: &Originator,
        rows: &[&EntryRow],
        (day, modifier, effective): (Day, char, Day),
        now: Ts,
    ) -> Result<()> {
        let sum = |kind: Kind| {
            Cents::sum(rows.iter().filter(|row| row.kind == kind).map(|row| row.amount))
                .ok_or_else(|| Failure::broken("adding up an ACH file", "its total is too large"))
        };
        let id: FileId = tx.new_id();
        let compact: String = day.to_string().chars().filter(|c| *c != '-').collect();
        let file = File {
            tenant_id: self.tenant,
            id,
            name: format!("{}-{compact}-{modifier}.ach", safe(&by.company_id)),
            modifier: modifier.to_string(),
            created_on: day,
            effective_on: effective,
            company_id: by.company_id.clone(),
            heading: serde_json::to_string(&Heading::from(by)).expect("texts are JSON"),
            state: FileState::Waiting,
            entries: i64::try_from(rows.len()).map_err(|e| Failure::broken("counting entries", e))?,
            debits: sum(Kind::Debit)?,
            credits: sum(Kind::Credit)?,
            sha256: None,
            part: None,
            fence: 0,
            tries: 0,
            due_at: Some(now),
            why: None,
            said_by: None,
            delivered_at: None,
            said_at: None,
            created_at: now,
            updated_at: now,
        };
        tx.insert(&[file]).await?;
        let bank = by.odfi.get(..8).and_then(|bank| bank.parse::<i64>().ok());
        let bank =
            bank.ok_or_else(|| Failure::broken("numbering entries", "the ODFI is no routing number"))?;
        let filed: Vec<Filed> = (by.next_sequence..)
            .zip(rows)
            .map(|(sequence, row)| Filed {
                tenant_id: self.tenant,
                id: row.id,
                state: EntryState::Filed,
                file_id: Some(id),
                trace: Some(bank * (LAST_SEQUENCE + 1) + sequence),
                effective_on: Some(effective),
            })
            .collect();
        tx.update(2, &filed).await?;
        self.let_wait(tx, rows, effective).await
    }

    /// What waits for prenotes of this file may be debited some days after they settle.
    async fn let_wait(&self, tx: &Tx, rows: &[&EntryRow], effective: Day) -> Result<()> {
        let prenotes = Ids::of(rows.iter().filter(|row| row.kind == Kind::Prenote).map(|row| row.id));
        if prenotes.is_empty() {
            return Ok(());
        }
        let ready_on = ach::debited_after_prenote(effective);
        let sql = "UPDATE ach_entry SET ready_on = $3 WHERE tenant_id = $1 AND waits_for IN ids($2) AND state = 'queued'";
        tx.run(sql, &[&self.tenant, &prenotes, &ready_on]).await.map(drop)
    }

    /// When the originator is looked at again, and from which number on it counts.
    async fn put_off(&self, tx: &Tx, by: &Originator, due_at: Option<Ts>, used: i64) -> Result<()> {
        let next_sequence = by.next_sequence + used;
        let row = Originator { due_at, next_sequence, ..by.clone() };
        tx.update(1, &[row]).await
    }
}

/// A name that any file system takes.
fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
