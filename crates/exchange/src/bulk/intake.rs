//! Taking something in: bytes while they arrive, put aside, and what is asked of them once they are all there.

use base::db::{Command, Db, Tx};
use base::vault::hex;
use base::{Cents, Code, Failure, Result, TenantId};
use books::idempotency::{self, Once};
use books::orgs::Tenant;
use sha2::{Digest, Sha256};

use super::IDEMPOTENCY_KIND;
use super::model::{Bulk, BulkId, PieceId, PieceRow, Source, State, Words};
use super::split::{Reading, Splitter, Told};
use super::spool::{Packed, Packer};
use super::store::{drop_pieces, find_row, held, same_as, take_turn};

/// How long something may take to arrive before it counts as broken off, in seconds.
const ARRIVES_WITHIN_SECONDS: i64 = 30 * 60;

/// How something is to be received.
#[derive(Clone)]
pub struct Open {
    /// How it is read.
    pub reading: Reading,
    /// Whose words it speaks.
    pub words: Words,
    /// Where it comes from.
    pub source: Source,
}

/// Takes something in: what arrives is taken apart, sealed and put aside.
pub struct Intake {
    db: Db,
    tenant: Tenant,
    open: Open,
    id: BulkId,
    splitter: Option<Splitter>,
    packer: Packer,
    digest: Sha256,
    bytes: i64,
    told: Told,
}

/// What is asked of something that has arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How many records there must be.
    pub total_rows: Option<i64>,
    /// What the sum of their balances must be.
    pub total_balance: Option<Cents>,
    /// Whether to apply it though the same was received before.
    pub force: bool,
    /// Whether a balance is left alone where a payment of ours is later.
    pub keep_later_payments: bool,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { total_rows: None, total_balance: None, force: false, keep_later_payments: true }
    }
}

impl Asked {
    /// Refuses control totals that are not those of what arrived.
    pub fn check(&self, told: &Told) -> Result<()> {
        let mut faults = Vec::new();
        if let Some(rows) = self.total_rows.filter(|rows| *rows != told.records) {
            let say = format!(
                "The total rows field is {rows}, but {} rows were received. Nothing was applied.",
                told.records
            );
            faults.push(("total_rows".to_owned(), vec![say]));
        }
        if let Some(balance) = self.total_balance.filter(|balance| balance.get() != told.balance) {
            let say = format!(
                "The total balance field is {}, but the balances received add up to {}. Nothing was applied.",
                balance.get(),
                told.balance
            );
            faults.push(("total_balance".to_owned(), vec![say]));
        }
        if faults.is_empty() { Ok(()) } else { Err(Failure::fields(faults)) }
    }
}

impl Intake {
    /// Begins to take something in.
    pub async fn begin(db: &Db, tenant: &Tenant, open: Open) -> Result<Intake> {
        let id: BulkId = db.seams().id();
        let due = db.now().await?.plus_seconds(ARRIVES_WITHIN_SECONDS);
        let bulk = Bulk { due_at: Some(due), ..fresh(db, tenant, id, &open, State::Receiving) };
        db.run(&Insert { bulk }).await?;
        Ok(Intake {
            db: db.clone(),
            tenant: tenant.clone(),
            splitter: Some(Splitter::new(open.reading.clone())),
            open,
            id,
            packer: Packer::default(),
            digest: Sha256::new(),
            bytes: 0,
            told: Told::default(),
        })
    }

    /// The next bytes.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.digest.update(bytes);
        self.bytes = self.bytes.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        // A large part of a body is a great many records: some at a time.
        for bytes in bytes.chunks(256 << 10) {
            let (mut full, packer) = (Vec::new(), &mut self.packer);
            if let Some(splitter) = &mut self.splitter {
                splitter.push(bytes, |item| {
                    full.extend(packer.add(&item));
                    Ok(())
                })?;
            }
            self.put_aside(full).await?;
        }
        Ok(())
    }

    /// The end: gives what stood around the records.
    pub async fn end(&mut self) -> Result<&Told> {
        let (mut full, packer) = (Vec::new(), &mut self.packer);
        if let Some(splitter) = self.splitter.take() {
            self.told = splitter.end(|item| {
                full.extend(packer.add(&item));
                Ok(())
            })?;
        }
        full.extend(self.packer.take());
        self.put_aside(full).await?;
        Ok(&self.told)
    }

    /// A digest of all that has arrived, to tell requests apart by. It is to be keyed before it is kept.
    pub fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    /// Lets it be applied, or finds that it was received before.
    pub async fn finish(&self, asked: &Asked, once: Option<&Once>) -> Result<Finished> {
        asked.check(&self.told)?;
        let what = self.open.what(asked, &self.digest());
        let finish = Finish {
            tenant: &self.tenant,
            bulk: Arrived {
                digest: self.tenant.key.index("bulk", &[&what]),
                known_as: self.tenant.key.indexes("bulk", &[&what]),
                bytes: self.bytes,
                told: &self.told,
            },
            id: self.id,
            asked,
            once,
        };
        let finished = self.db.run(&finish).await?;
        if finished.id != self.id {
            self.forget().await;
        }
        Ok(finished)
    }

    /// Forgets what has arrived. What a failure leaves here a step finds later.
    pub async fn forget(&self) {
        let forget = Forget { tenant: self.tenant.id, id: self.id };
        if let Err(failure) = self.db.run(&forget).await {
            tracing::warn!(error = failure.chain(), "what arrived could not be forgotten yet");
        }
    }

    async fn put_aside(&self, full: Vec<Packed>) -> Result<()> {
        for packed in full {
            let id: PieceId = self.db.seams().id();
            let body = self.tenant.key.seal(self.db.seams(), "bulk_piece", "body", id, &packed.bytes);
            let row = PieceRow {
                tenant_id: self.tenant.id,
                id,
                bulk_id: self.id,
                first: packed.first,
                records: packed.records,
                body,
            };
            self.db.run(&PutAside { row }).await?;
        }
        Ok(())
    }
}

impl Open {
    /// What tells something received from something else: its bytes, and how they are read.
    pub(super) fn what(&self, asked: &Asked, digest: &[u8; 32]) -> String {
        let hex = hex(digest);
        let mut columns: Vec<_> = self.reading.columns.iter().collect();
        columns.sort();
        format!(
            "{} {} {} {} {columns:?} {hex}",
            self.reading.kind.as_str(),
            self.reading.format.as_str(),
            self.words.as_str(),
            asked.keep_later_payments
        )
    }
}

/// Something that nothing has come of yet.
pub(super) fn fresh(db: &Db, tenant: &Tenant, id: BulkId, open: &Open, state: State) -> Bulk {
    let now = db.seams().now();
    Bulk {
        tenant_id: tenant.id,
        id,
        kind: open.reading.kind,
        format: open.reading.format,
        words: open.words,
        source: open.source,
        state,
        keep_later_payments: true,
        digest: None,
        bytes: 0,
        total: 0,
        balance: Cents::ZERO,
        place: 0,
        created: 0,
        updated: 0,
        failed: 0,
        kept: 0,
        ignored: String::new(),
        fence: 0,
        due_at: None,
        reason: None,
        created_at: now,
        started_at: None,
        finished_at: None,
        updated_at: now,
    }
}

pub(super) struct Insert {
    pub(super) bulk: Bulk,
}

impl Command for Insert {
    type Out = ();

    fn name(&self) -> &'static str {
        "bulk.begin"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.insert_if_new(std::slice::from_ref(&self.bulk)).await.map(drop)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<()>> {
        Ok(find_row(tx, self.bulk.tenant_id, self.bulk.id).await?.map(drop))
    }
}

struct PutAside {
    row: PieceRow,
}

impl Command for PutAside {
    type Out = ();

    fn name(&self) -> &'static str {
        "bulk.put_aside"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.insert(std::slice::from_ref(&self.row)).await
    }

    async fn check(&self, tx: &Tx) -> Result<Option<()>> {
        let sql = "SELECT count(*) FROM bulk_piece WHERE tenant_id = $1 AND id = $2";
        let many = tx.number(sql, &[&self.row.tenant_id, &self.row.id]).await?;
        Ok((many > 0).then_some(()))
    }
}

/// Takes something away of which nothing was applied, with its pieces.
pub(super) struct Forget {
    pub(super) tenant: TenantId,
    pub(super) id: BulkId,
}

impl Command for Forget {
    type Out = ();

    fn name(&self) -> &'static str {
        "bulk.forget"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let is_there = held(tx, self.tenant, self.id).await?;
        if is_there.is_none_or(|bulk| bulk.state != State::Receiving) {
            return Ok(());
        }
        drop_pieces(tx, self.tenant, self.id).await?;
        let sql = "DELETE FROM bulk WHERE tenant_id = $1 AND id = $2";
        tx.run(sql, &[&self.tenant, &self.id]).await.map(drop)
    }

    async fn check(&self, _: &Tx) -> Result<Option<()>> {
        Ok(None)
    }
}

/// What became of something that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// It, or the same received earlier.
    pub id: BulkId,
    /// Whether the same was received earlier.
    pub is_known: bool,
}

struct Arrived<'a> {
    digest: Vec<u8>,
    known_as: Vec<Vec<u8>>,
    bytes: i64,
    told: &'a Told,
}

struct Finish<'a> {
    tenant: &'a Tenant,
    bulk: Arrived<'a>,
    id: BulkId,
    asked: &'a Asked,
    once: Option<&'a Once>,
}

impl Command for Finish<'_> {
    type Out = Finished;

    fn name(&self) -> &'static str {
        "bulk.finish"
    }

    async fn exec(&self, tx: &Tx) -> Result<Finished> {
        let tenant = self.tenant;
        take_turn(tx, tenant).await?;
        if let Some(once) = self.once
            && let Some(effect) = idempotency::before(tx, tenant, once).await?
        {
            return Ok(self.finished(BulkId(effect.of(IDEMPOTENCY_KIND)?)));
        }
        let known = match self.asked.force {
            true => None,
            false => same_as(tx, tenant, &self.bulk.known_as).await?.map(|bulk| bulk.id),
        };
        let id = known.unwrap_or(self.id);
        if let Some(once) = self.once {
            tx.insert(&[idempotency::row(tx, tenant, once, IDEMPOTENCY_KIND, id.0, false)]).await?;
        }
        if known.is_none() {
            let bulk = held(tx, tenant.id, self.id).await?;
            let bulk = bulk
                .filter(|bulk| bulk.state == State::Receiving)
                .ok_or_else(|| Failure::refused(Code::RequestTimeout, "The body took too long to arrive."))?;
            let bulk = Bulk {
                state: State::Pending,
                keep_later_payments: self.asked.keep_later_payments,
                digest: Some(self.bulk.digest.clone()),
                bytes: self.bulk.bytes,
                total: self.bulk.told.records,
                balance: Cents::new(self.bulk.told.balance),
                ignored: self.bulk.told.ignored.join(" "),
                due_at: Some(tx.clock().await?),
                updated_at: tx.now(),
                ..bulk
            };
            tx.update(2, &[bulk]).await?;
        }
        Ok(self.finished(id))
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Finished>> {
        let ours = find_row(tx, self.tenant.id, self.id).await?;
        Ok(ours.filter(|bulk| bulk.state != State::Receiving).map(|bulk| self.finished(bulk.id)))
    }
}

impl Finish<'_> {
    fn finished(&self, id: BulkId) -> Finished {
        Finished { id, is_known: id != self.id }
    }
}
