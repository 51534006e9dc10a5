//! Our charges and refunds against the processor's, both ways, one by one.
//!
//! Their list is read first and ours after it. A charge is committed here before it is sent, so what they had by then
//! is ours already, or is an orphan. Everything else that differs may only have moved on between the two readings: it
//! is asked about once more, our row before and after, and differs only if it still does.
//!
//! Memory does not grow with the books: where they are large their list is read several times, each time for the keys
//! of one part. Nothing is written.

use std::collections::{HashMap, HashSet};

use base::db::{Db, Texts, Tx};
use base::vault::sha256;
use base::{Cents, Failure, Result, TenantId, Ts};
use books::orgs::Tenant;
use uuid::Uuid;

use crate::charges::label::tenant_of;
use crate::charges::machine::{RefundState, State};
use crate::processor::{Later, Lookup, Page, Record, Standing, Trace, Unreachable};
use crate::verify::Sight;

/// How many of their records are held at a time.
const HELD: u64 = 200_000;
/// How many of our rows are read at a time.
const EVERY: i64 = 2_000;
/// How far the clocks of two machines may lie apart, in seconds.
const CLOCKS_DIFFER_SECONDS: i64 = 120;

/// Where the processor's books can be read.
pub trait Theirs: Sync {
    /// A page of their list of everything made or changed since; see [`crate::processor::Processor::list_since`].
    fn page<'a>(&'a self, since: Ts, after: Option<String>) -> Later<'a, Result<Page, Unreachable>>;

    /// What became of one charge or refund.
    fn ask<'a>(&'a self, what: &'a Trace) -> Later<'a, Lookup>;
}

base::words! {
    /// How our side of a charge or refund and theirs stand to each other.
    Kind {
        /// Both tell the same.
        Matched = "matched",
        /// Still open here, or something we have not asked about yet: the reconciler is to finish it.
        InFlight = "in_flight",
        /// Only one side knows it, and no money moved.
        NothingMoved = "nothing_moved",
        /// Another amount.
        AmountDiffers = "amount_differs",
        /// One says that money moved and the other that it did not.
        StateDiffers = "state_differs",
        /// We say that money moved, and they do not know the key.
        OursAlone = "ours_without_theirs",
        /// They moved money under a key that we do not know: an orphan.
        TheirsAlone = "theirs_without_ours",
        /// They moved money twice under one key.
        Twice = "moved_twice",
    }
}

impl Kind {
    /// Whether the books differ.
    pub const fn differs(self) -> bool {
        matches!(
            self,
            Kind::AmountDiffers | Kind::StateDiffers | Kind::OursAlone | Kind::TheirsAlone | Kind::Twice
        )
    }

    /// What to do about it.
    pub const fn next(self) -> &'static str {
        match self {
            Kind::Matched | Kind::NothingMoved => "Nothing.",
            Kind::InFlight => {
                "Nothing yet: the running server asks again by itself, at least hourly. If it is marked for review, decide it."
            }
            Kind::AmountDiffers => {
                "Compare both receipts. Refund what was taken too much; never change an amount here by hand."
            }
            Kind::StateDiffers => {
                "Look the charge up at the processor. If money moved there, a person must decide it here; if not, ask the processor why it says so."
            }
            Kind::OursAlone => {
                "Check that this is the right processor and account, and whether its books were rolled back. If it truly has no such charge, the debt was lowered for money that never came."
            }
            Kind::TheirsAlone => {
                "Money was taken that our books do not know, most likely after the backup they were restored from. Start the server: it sweeps the processor's list and posts it. What it cannot place, refund at the processor."
            }
            Kind::Twice => "Refund one of the two at the processor, and report the fault.",
        }
    }
}

/// One charge or refund, from both sides.
#[derive(Clone, Debug)]
pub struct Line {
    /// How the sides stand to each other.
    pub kind: Kind,
    /// `charge` or `refund`.
    pub what: &'static str,
    /// The key at the processor.
    pub key: String,
    /// Whose, and our id.
    pub id: Option<(TenantId, Uuid)>,
    /// Our state.
    pub our_state: Option<String>,
    /// Our amount.
    pub our_amount: Option<Cents>,
    /// Their word for its standing.
    pub their_state: Option<&'static str>,
    /// Their amount.
    pub their_amount: Option<Cents>,
    /// Their id.
    pub processor_id: Option<String>,
    /// When they made it.
    pub made_at: Option<Ts>,
}

base::record! {
    #[derive(PartialEq, Eq)]
    struct Row {
        id: Uuid,
        pkey: String,
        state: String,
        amount: Cents,
        processor_id: Option<String>,
        created_at: Ts,
    }
}

impl Row {
    fn trace(&self) -> Trace {
        let of_key = Trace::of_key(&self.pkey, self.created_at);
        Trace { processor_id: self.processor_id.clone(), ..of_key }
    }
}

/// Both tables by which we say what we asked of the processor. A void stands on its charge, and in no list.
const TABLES: [(&str, &str); 2] =
    [("charge", "AND state NOT IN ('scheduled', 'canceled')"), ("refund", "AND kind = 'refund'")];

/// What is read of a row of either.
const ROW: &str = "id, pkey, state, amount, processor_id, created_at";

/// Hears each line, and how far the reading is.
pub trait Sink: Send {
    /// One charge or refund.
    fn line(&mut self, line: Line);
    /// So many rows of ours or records of theirs were read.
    fn read(&mut self, _rows: u64) {}
}

base::record! {
    struct OfClock { id: TenantId }
}

/// Compares these tenants' charges and refunds with the processor's books, `since` an instant or all of them. All of them
/// live by one time, at which `theirs` are read: a tenant with a test clock is compared alone, and left out elsewhere.
pub async fn run(
    db: &Db,
    tenants: &[Tenant],
    theirs: &dyn Theirs,
    since: Option<Ts>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let mut rows = 0;
    for tenant in tenants {
        for (table, _) in TABLES {
            let count = format!("SELECT count(*) FROM {table} WHERE tenant_id = $1");
            rows += db.read().await?.number(&count, &[&tenant.id]).await?.unsigned_abs();
        }
    }
    let alone = match tenants {
        [one] if one.own_time.is_some() => Some(one.id),
        _ => None,
    };
    let clocks: Vec<OfClock> = db.read().await?.all("SELECT tenant_id FROM test_clock", &[]).await?;
    let clocks = clocks.into_iter().map(|clock| clock.id).collect();
    let run = Run { db, tenants, theirs, since: since.unwrap_or(Ts::from_micros(0)), alone, clocks };
    let of = rows / HELD + 1;
    for part in 0..of {
        run.part(part, of, sink).await?;
    }
    Ok(())
}

struct Run<'a> {
    db: &'a Db,
    tenants: &'a [Tenant],
    theirs: &'a dyn Theirs,
    since: Ts,
    /// The one tenant that is compared, in its own time.
    alone: Option<TenantId>,
    /// Who has a time of their own.
    clocks: HashSet<TenantId>,
}

impl Run<'_> {
    /// Whether a record is one of those that are compared.
    fn is_meant(&self, record: &Record) -> bool {
        let of = tenant_of(&record.metadata);
        match self.alone {
            Some(alone) => of == Some(alone),
            None => of.is_none_or(|of| !self.clocks.contains(&of)),
        }
    }

    async fn part(&self, part: u64, of: u64, sink: &mut dyn Sink) -> Result<()> {
        let is_here = |key: &str| {
            let [a, b, c, d, ..] = sha256(key.as_bytes());
            of == 1 || u64::from(u32::from_be_bytes([a, b, c, d])) % of == part
        };
        let mut records: HashMap<String, Record> = HashMap::new();
        let mut after = None;
        loop {
            let page = self.theirs.page(self.since, after).await.map_err(unreachable)?;
            sink.read(page.records.len() as u64);
            for record in page.records.into_iter().filter(|r| is_here(&r.key) && self.is_meant(r)) {
                // What changes while pages are turned comes again on a later one.
                if let Some(before) = records.insert(record.key.clone(), record.clone())
                    && before.processor_id != record.processor_id
                {
                    sink.line(line(Kind::Twice, None, Some(&record)));
                }
            }
            after = page.cursor;
            if after.is_none() {
                break;
            }
        }
        let mut sight = Sight::beside(self.db);
        for tenant in self.tenants {
            for (table, filter) in TABLES {
                let mut from = Uuid::nil();
                loop {
                    let sql = format!(
                        "SELECT {ROW} FROM {table} WHERE tenant_id = $1 AND id > $2 {filter} \
                         AND updated_at >= $3 ORDER BY id LIMIT $4"
                    );
                    let since = self.since.plus_seconds(-CLOCKS_DIFFER_SECONDS);
                    let rows: Vec<Row> =
                        sight.look().await?.all(&sql, &[&tenant.id, &from, &since, &EVERY]).await?;
                    sink.read(rows.len() as u64);
                    let Some(last) = rows.last() else { break };
                    from = last.id;
                    for row in rows.into_iter().filter(|row| is_here(&row.pkey)) {
                        let record = records.remove(&row.pkey);
                        let line = self.compare(tenant, table, row, record).await?;
                        sink.line(line);
                    }
                }
            }
        }
        let mut left: Vec<Record> = records.into_values().collect();
        left.sort_by(|a, b| (a.made_at, &a.key).cmp(&(b.made_at, &b.key)));
        for records in left.chunks(1_000) {
            let tx = sight.look_again().await?;
            let known = known(tx, self.tenants, records).await?;
            for record in records {
                let line = match known.get(&record.key) {
                    Some((tenant, row)) => {
                        let table = if record.refund_of.is_some() { "refund" } else { "charge" };
                        self.compare(tenant, table, row.clone(), Some(record.clone())).await?
                    }
                    None if moved(record) => line(Kind::TheirsAlone, None, Some(record)),
                    None => line(Kind::NothingMoved, None, Some(record)),
                };
                sink.line(line);
            }
        }
        Ok(())
    }

    /// One row of ours; what differs is asked about until both sides were seen to stand still.
    async fn compare(
        &self,
        tenant: &Tenant,
        table: &'static str,
        mut row: Row,
        mut record: Option<Record>,
    ) -> Result<Line> {
        for _ in 0..8 {
            let kind = judge(table, &row.state, row.amount, record.as_ref());
            let told = |row: &Row| line(kind, Some((tenant.id, table, row)), record.as_ref());
            if !kind.differs() {
                return Ok(told(&row));
            }
            let before = row.clone();
            let asked = match self.theirs.ask(&row.trace()).await {
                Lookup::Found(found) => Some(found),
                Lookup::NotFound => None,
                Lookup::Unreachable(why) => return Err(unreachable(Unreachable(why))),
            };
            let sql = format!("SELECT {ROW} FROM {table} WHERE tenant_id = $1 AND id = $2");
            row = self.db.read().await?.one(&sql, &[&tenant.id, &row.id]).await?;
            if row == before && asked == record {
                return Ok(told(&row));
            }
            record = asked;
        }
        Ok(line(Kind::InFlight, Some((tenant.id, table, &row)), record.as_ref()))
    }
}

fn unreachable(why: Unreachable) -> Failure {
    Failure::broken("reading the processor's books", why.0)
}

/// Which of these records are ours, whenever they were made.
async fn known<'t>(
    tx: &Tx,
    tenants: &'t [Tenant],
    records: &[Record],
) -> Result<HashMap<String, (&'t Tenant, Row)>> {
    let mut known = HashMap::new();
    let keys = Texts(records.iter().map(|r| r.key.clone()).collect());
    for tenant in tenants {
        for (table, _) in TABLES {
            let sql = format!("SELECT {ROW} FROM {table} WHERE tenant_id = $1 AND pkey IN texts($2)");
            for row in tx.all::<Row>(&sql, &[&tenant.id, &keys]).await? {
                known.insert(row.pkey.clone(), (tenant, row));
            }
        }
    }
    Ok(known)
}

fn line(kind: Kind, ours: Option<(TenantId, &'static str, &Row)>, theirs: Option<&Record>) -> Line {
    let of_theirs = |r: &Record| if r.refund_of.is_some() { "refund" } else { "charge" };
    Line {
        kind,
        what: ours.map(|(_, table, _)| table).or(theirs.map(of_theirs)).unwrap_or("charge"),
        key: ours.map(|(_, _, row)| row.pkey.clone()).or(theirs.map(|r| r.key.clone())).unwrap_or_default(),
        id: ours.map(|(tenant, _, row)| (tenant, row.id)),
        our_state: ours.map(|(_, _, row)| row.state.clone()),
        our_amount: ours.map(|(_, _, row)| row.amount),
        their_state: theirs.map(|r| word(&r.standing)),
        their_amount: theirs.map(|r| r.amount),
        processor_id: theirs.map(|r| r.processor_id.clone()),
        made_at: theirs.map(|r| r.made_at),
    }
}

const fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Succeeded => "succeeded",
        Standing::Pending => "pending",
        Standing::Declined(_) => "declined",
        Standing::Returned(_) => "returned",
        Standing::Voided => "voided",
    }
}

/// Whether money moved, or is on its way.
pub(crate) fn moved(record: &Record) -> bool {
    matches!(record.standing, Standing::Succeeded | Standing::Pending)
}

/// How our row stands to their record, or to there being none.
pub(crate) fn judge(table: &str, state: &str, amount: Cents, record: Option<&Record>) -> Kind {
    let same = |same: bool| if same { Kind::Matched } else { Kind::StateDiffers };
    if table == "refund" {
        let state = RefundState::parse(state);
        let open = state.is_some_and(RefundState::is_open);
        let succeeded = state == Some(RefundState::Succeeded);
        return match record {
            None if succeeded => Kind::OursAlone,
            None if open => Kind::InFlight,
            None => Kind::NothingMoved,
            Some(record) if record.amount != amount || record.refund_of.is_none() => Kind::AmountDiffers,
            Some(_) if open => Kind::InFlight,
            Some(record) => match record.standing {
                Standing::Succeeded => same(succeeded),
                Standing::Pending => Kind::StateDiffers,
                Standing::Declined(_) | Standing::Returned(_) | Standing::Voided => same(!succeeded),
            },
        };
    }
    let state = State::parse(state);
    let open = matches!(state, Some(State::Submitting | State::Unknown | State::Pending));
    let took = matches!(state, Some(State::Succeeded | State::Refunded));
    match record {
        None if took || state == Some(State::Pending) => Kind::OursAlone,
        None if open => Kind::InFlight,
        None => Kind::NothingMoved,
        Some(record) if record.amount != amount || record.refund_of.is_some() => Kind::AmountDiffers,
        Some(_) if open => Kind::InFlight,
        Some(record) => match record.standing {
            Standing::Succeeded => same(took),
            Standing::Pending => Kind::StateDiffers,
            Standing::Declined(_) => same(state == Some(State::Declined)),
            // A return after settlement is learned when the processor is asked; until then ours says succeeded.
            Standing::Voided if state == Some(State::Refunded) => Kind::Matched,
            Standing::Returned(_) | Standing::Voided if took => Kind::InFlight,
            Standing::Returned(_) => same(state == Some(State::Returned)),
            Standing::Voided => same(matches!(state, Some(State::Returned | State::Canceled))),
        },
    }
}
