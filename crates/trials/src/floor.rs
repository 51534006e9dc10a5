//! The floor of the embedded database: the statements, rows and syncs of our two transactions in a bare loop, the
//! journal's line and sync between them, and nothing else. No HTTP, no checks, no ciphers: what is above it is ours.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use base::db::{Db, Location, Record, migrate};
use base::ids::Uuid;
use base::seams::Seams;
use books::debts::Debt;
use payments::charges::{Charge, PartRow};
use payments::transactions::Txn;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde_json::json;

/// How the floor is measured.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// An empty directory for the database and the journal
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How many payments wait together: each transaction and each sync serves so many
    #[arg(long, default_value_t = 1)]
    clients: u128,
    /// Accounts to pay on
    #[arg(long, default_value_t = 1_000)]
    accounts: u128,
    /// How long
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The journal's lines and syncs alone, without the database
    #[arg(long)]
    journal_only: bool,
}

const KEY_COLUMNS: &[&str] =
    &["tenant_id", "key", "fingerprint", "kind", "object_id", "keep_until", "created_at"];
const EVENT_COLUMNS: &[&str] =
    &["tenant_id", "id", "seq", "name", "object", "object_id", "person_id", "body", "created_at"];
const ENTRY_COLUMNS: &[&str] =
    &["tenant_id", "id", "what", "debit", "credit", "debt_id", "txn_id", "amount", "created_at"];

/// How long a sealed event of a charge is.
const EVENT_BYTES: usize = 640;

/// A row by its columns: what is not named is null.
type Row = Vec<(&'static str, Value)>;

struct Floor {
    conn: Connection,
    journal: File,
    seams: Seams,
    tenant: Uuid,
    place: u128,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let mut floor = Floor::open(args).await?;
    let (seams, clients) = (floor.seams.clone(), args.clients.min(args.accounts));
    let (began, mut done) = (seams.monotonic(), 0u64);
    while seams.monotonic() - began < Duration::from_secs(args.seconds) {
        match args.journal_only {
            true => {
                let charges: Vec<Uuid> = (0..clients).map(|_| seams.id()).collect();
                floor.submit(&charges)?;
            }
            false => floor.pay(clients, args.accounts)?,
        }
        done += u64::try_from(clients)?;
    }
    let seconds = (seams.monotonic() - began).as_secs_f64();
    println!("{}", json!({ "answers": done, "seconds": seconds }));
    Ok(ExitCode::SUCCESS)
}

fn blob(id: Uuid) -> Value {
    Value::Blob(id.as_bytes().to_vec())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// An id that is there from the start.
fn fixed(kind: u128, n: u128) -> Uuid {
    Uuid::from_u128((0x0190_0000_0000_7000_8000_u128 << 48) | (kind << 40) | n)
}

impl Floor {
    async fn open(args: &Args) -> Result<Floor> {
        let (seams, path) = (Seams::system(), args.dir.join("floor.db"));
        let db = Db::open(&Location::Lite { path: path.clone(), inline: false }, seams.clone()).await?;
        migrate::migrate(&db, books::schema::MIGRATIONS).await?;
        db.close();
        drop(db);
        let conn = Connection::open(&path)?;
        conn.set_prepared_statement_cache_capacity(64);
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 20000;",
        )?;
        let journal = File::options().create(true).append(true).open(args.dir.join("floor.journal"))?;
        let floor = Floor { conn, journal, seams, tenant: fixed(0, 1), place: 0 };
        floor.set_up(args.accounts)?;
        Ok(floor)
    }

    fn set_up(&self, accounts: u128) -> Result<()> {
        let now = Value::Integer(1);
        self.conn.execute_batch("BEGIN")?;
        let org: Row = vec![("id", blob(self.tenant)), ("name", text("floor")), ("created_at", now.clone())];
        self.insert("organization", &["id", "name", "created_at"], &org)?;
        let tenant: Row = vec![
            ("id", blob(self.tenant)),
            ("organization_id", blob(self.tenant)),
            ("environment", text("sandbox")),
            ("created_at", now.clone()),
        ];
        self.insert("tenant", &["id", "organization_id", "environment", "created_at"], &tenant)?;
        for n in 0..accounts {
            let owner = fixed(1, n);
            let customer: Row = vec![
                ("tenant_id", blob(self.tenant)),
                ("id", blob(owner)),
                ("status", text("active")),
                ("created_at", now.clone()),
                ("updated_at", now.clone()),
            ];
            self.insert("customer", &["tenant_id", "id", "status", "created_at", "updated_at"], &customer)?;
            let mut debt: Row = vec![
                ("tenant_id", blob(self.tenant)),
                ("id", blob(fixed(2, n))),
                ("customer_id", blob(owner)),
                ("status", text("active")),
            ];
            for (name, amount) in
                [("balance", 100_000_000), ("current_balance", 100_000_000), ("reserved", 0), ("children", 0)]
            {
                debt.push((name, Value::Integer(amount)));
            }
            debt.extend(["billing_type", "metadata", "rules"].map(|name| (name, text(""))));
            debt.extend(["created_at", "updated_at"].map(|name| (name, now.clone())));
            self.insert("debt", Debt::COLUMNS, &debt)?;
            let columns = [
                "tenant_id",
                "id",
                "customer_id",
                "type",
                "token",
                "last_four",
                "is_primary",
                "created_at",
                "updated_at",
            ];
            let method: Row = vec![
                ("tenant_id", blob(self.tenant)),
                ("id", blob(fixed(3, n))),
                ("customer_id", blob(owner)),
                ("type", text("card")),
                ("token", Value::Blob(vec![7; 48])),
                ("last_four", text("4242")),
                ("is_primary", Value::Integer(1)),
                ("created_at", now.clone()),
                ("updated_at", now.clone()),
            ];
            self.insert("payment_method", &columns, &method)?;
        }
        Ok(self.conn.execute_batch("COMMIT")?)
    }

    /// One payment for each client, on accounts of their own.
    fn pay(&mut self, clients: u128, accounts: u128) -> Result<()> {
        let turn: Vec<u128> = (0..clients).map(|n| (self.place + n) % accounts).collect();
        self.place += clients;
        let charges: Vec<Uuid> = turn.iter().map(|_| self.seams.id()).collect();
        self.accept(&turn, &charges)?;
        self.submit(&charges)?;
        self.settle(&turn, &charges)
    }

    /// The journal's lines, and one sync.
    fn submit(&mut self, charges: &[Uuid]) -> Result<()> {
        let lines: String = charges
            .iter()
            .map(|id| format!("{{\"op\":\"charge\",\"key\":\"{id}\",\"token\":\"tok_visa\",\"amount\":100,\"now\":1,\"id\":\"{id}\",\"sum\":\"{:064}\"}}\n", 0))
            .collect();
        self.journal.write_all(lines.as_bytes())?;
        Ok(self.journal.sync_data()?)
    }

    fn accept(&self, turn: &[u128], charges: &[Uuid]) -> Result<()> {
        let debts = list(turn.iter().map(|n| fixed(2, *n)));
        let methods = list(turn.iter().map(|n| fixed(3, *n)));
        self.conn.execute_batch("BEGIN IMMEDIATE; SAVEPOINT tx")?;
        let columns = Debt::COLUMNS.join(", ");
        self.read(
            &format!(
                "WITH top AS (SELECT coalesce(parent_id, id) AS id FROM debt WHERE tenant_id = ?1 AND deleted_at IS NULL \
                 AND id IN (SELECT unhex(value) FROM json_each(?2)) UNION ALL SELECT coalesce(parent_id, id) FROM debt \
                 WHERE tenant_id = ?1 AND deleted_at IS NULL AND external_id IS NOT NULL AND external_id IN (SELECT value FROM json_each(?2))) \
                 SELECT {columns} FROM debt WHERE tenant_id = ?1 AND id IN (SELECT id FROM top UNION ALL SELECT id FROM debt \
                 WHERE tenant_id = ?1 AND parent_id IN (SELECT id FROM top) AND deleted_at IS NULL) ORDER BY id"
            ),
            &debts,
        )?;
        for id in charges {
            let key: Row = vec![
                ("tenant_id", blob(self.tenant)),
                ("key", text(&format!("key-{id}"))),
                ("fingerprint", Value::Blob(vec![1; 36])),
                ("kind", text("charge")),
                ("object_id", blob(*id)),
                ("created_at", Value::Integer(1)),
            ];
            self.insert("idempotency", KEY_COLUMNS, &key)?;
        }
        self.read(
            "SELECT id, customer_id, type, expiry_month, expiry_year, token FROM payment_method \
             WHERE tenant_id = ?1 AND id IN (SELECT unhex(value) FROM json_each(?2)) AND deleted_at IS NULL",
            &methods,
        )?;
        for n in turn {
            self.update("debt", Debt::COLUMNS, &self.debt(*n, 100))?;
        }
        for (n, id) in turn.iter().zip(charges) {
            self.insert("charge", Charge::COLUMNS, &self.charge(*n, *id, "submitting"))?;
        }
        for (n, id) in turn.iter().zip(charges) {
            let part: Row = vec![
                ("tenant_id", blob(self.tenant)),
                ("charge_id", blob(*id)),
                ("debt_id", blob(fixed(2, *n))),
                ("amount", Value::Integer(100)),
                ("refunded", Value::Integer(0)),
            ];
            self.insert("charge_part", PartRow::COLUMNS, &part)?;
        }
        for id in charges {
            self.event("charge.created", *id)?;
        }
        Ok(self.conn.execute_batch("RELEASE tx; COMMIT")?)
    }

    fn settle(&self, turn: &[u128], charges: &[Uuid]) -> Result<()> {
        let ids = list(charges.iter().copied());
        self.conn.execute_batch("BEGIN IMMEDIATE; SAVEPOINT tx")?;
        let columns = Debt::COLUMNS.join(", ");
        self.read(
            &format!(
                "WITH top AS (SELECT CASE WHEN deleted_at IS NULL THEN coalesce(parent_id, id) ELSE id END AS id FROM debt \
                 WHERE tenant_id = ?1 AND id IN (SELECT debt_id FROM charge_part WHERE tenant_id = ?1 AND charge_id IN (SELECT unhex(value) FROM json_each(?2)))) \
                 SELECT {columns} FROM debt WHERE tenant_id = ?1 AND id IN (SELECT id FROM top UNION ALL SELECT id FROM debt \
                 WHERE tenant_id = ?1 AND parent_id IN (SELECT id FROM top) AND deleted_at IS NULL) ORDER BY id"
            ),
            &ids,
        )?;
        let of = |columns: &[&str], table: &str, by: &str| {
            format!(
                "SELECT {} FROM {table} WHERE tenant_id = ?1 AND {by} IN (SELECT unhex(value) FROM json_each(?2))",
                columns.join(", ")
            )
        };
        self.read(&of(Charge::COLUMNS, "charge", "id"), &ids)?;
        self.read(&of(PartRow::COLUMNS, "charge_part", "charge_id"), &ids)?;
        self.read(&of(Txn::COLUMNS, "txn", "charge_id"), &ids)?;
        for (n, id) in turn.iter().zip(charges) {
            self.update("charge", Charge::COLUMNS, &self.charge(*n, *id, "succeeded"))?;
        }
        for n in turn {
            self.update("debt", Debt::COLUMNS, &self.debt(*n, 0))?;
        }
        let txns: Vec<Uuid> = charges.iter().map(|_| self.seams.id()).collect();
        for ((n, id), txn) in turn.iter().zip(charges).zip(&txns) {
            let mut row: Row = vec![
                ("tenant_id", blob(self.tenant)),
                ("id", blob(*txn)),
                ("charge_id", blob(*id)),
                ("debt_id", blob(fixed(2, *n))),
                ("customer_id", blob(fixed(1, *n))),
                ("payment_method_id", blob(fixed(3, *n))),
                ("kind", text("payment")),
                ("status", text("completed")),
                ("amount", Value::Integer(100)),
                ("source", text("api")),
                ("processor_id", text(&id.to_string())),
            ];
            row.extend(["submitted_at", "created_at", "updated_at"].map(|name| (name, Value::Integer(1))));
            self.insert("txn", Txn::COLUMNS, &row)?;
        }
        for (n, txn) in turn.iter().zip(&txns) {
            let entry: Row = vec![
                ("tenant_id", blob(self.tenant)),
                ("id", blob(self.seams.id())),
                ("what", text("paid")),
                ("debit", text("card_clearing")),
                ("credit", text("receivable")),
                ("debt_id", blob(fixed(2, *n))),
                ("txn_id", blob(*txn)),
                ("amount", Value::Integer(100)),
                ("created_at", Value::Integer(1)),
            ];
            self.insert("entry", ENTRY_COLUMNS, &entry)?;
        }
        for (id, txn) in charges.iter().zip(&txns) {
            self.event("transaction.completed", *txn)?;
            self.event("charge.completed", *id)?;
        }
        Ok(self.conn.execute_batch("RELEASE tx; COMMIT")?)
    }

    fn debt(&self, n: u128, reserved: i64) -> Row {
        let mut row: Row = vec![
            ("tenant_id", blob(self.tenant)),
            ("id", blob(fixed(2, n))),
            ("customer_id", blob(fixed(1, n))),
            ("status", text("active")),
            ("balance", Value::Integer(100_000_000)),
            ("current_balance", Value::Integer(90_000_000)),
            ("reserved", Value::Integer(reserved)),
            ("children", Value::Integer(0)),
        ];
        row.extend(["billing_type", "metadata", "rules"].map(|name| (name, text(""))));
        row.extend(["created_at", "updated_at"].map(|name| (name, Value::Integer(1))));
        row
    }

    fn charge(&self, n: u128, id: Uuid, state: &str) -> Row {
        let is_open = state == "submitting";
        let mut row: Row = vec![
            ("tenant_id", blob(self.tenant)),
            ("id", blob(id)),
            ("debt_id", blob(fixed(2, n))),
            ("customer_id", blob(fixed(1, n))),
            ("payment_method_id", blob(fixed(3, n))),
            ("rail", text("card")),
            ("amount", Value::Integer(100)),
            ("refunded_amount", Value::Integer(0)),
            ("state", text(state)),
            ("review", Value::Integer(0)),
            ("linked", Value::Integer(1)),
            ("source", text("api")),
            ("pkey", text(&id.simple().to_string())),
            ("fence", Value::Integer(1)),
            ("checks", Value::Integer(0)),
        ];
        row.extend(["created_at", "updated_at", "submitted_at"].map(|name| (name, Value::Integer(1))));
        if is_open {
            row.push(("due_at", Value::Integer(1 << 50)));
        } else {
            row.push(("completed_at", Value::Integer(2)));
            row.push(("processor_id", text(&id.to_string())));
        }
        row
    }

    fn event(&self, name: &str, object: Uuid) -> Result<()> {
        let event: Row = vec![
            ("tenant_id", blob(self.tenant)),
            ("id", blob(self.seams.id())),
            ("name", text(name)),
            ("object", text("charge")),
            ("object_id", blob(object)),
            ("body", Value::Blob(vec![9; EVENT_BYTES])),
            ("created_at", Value::Integer(1)),
        ];
        self.insert("event", EVENT_COLUMNS, &event)
    }

    fn read(&self, sql: &str, list: &str) -> Result<()> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params![blob(self.tenant), list])?;
        while let Some(row) = rows.next()? {
            for column in 0..row.as_ref().column_count() {
                let _: Value = row.get(column)?;
            }
        }
        Ok(())
    }

    fn insert(&self, table: &str, columns: &[&'static str], row: &Row) -> Result<()> {
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        self.conn.prepare_cached(&sql)?.execute(params_from_iter(in_order(columns, row)))?;
        Ok(())
    }

    fn update(&self, table: &str, columns: &[&'static str], row: &Row) -> Result<()> {
        let set: Vec<String> =
            columns.iter().enumerate().skip(2).map(|(n, name)| format!("{name} = ?{}", n + 1)).collect();
        let sql = format!("UPDATE {table} SET {} WHERE tenant_id = ?1 AND id = ?2", set.join(", "));
        self.conn.prepare_cached(&sql)?.execute(params_from_iter(in_order(columns, row)))?;
        Ok(())
    }
}

fn in_order(columns: &[&'static str], row: &Row) -> Vec<Value> {
    let of = |column: &&'static str| {
        row.iter().find(|(name, _)| name == column).map_or(Value::Null, |(_, value)| value.clone())
    };
    columns.iter().map(of).collect()
}

fn list(ids: impl Iterator<Item = Uuid>) -> String {
    let all: Vec<String> = ids.map(|id| id.simple().to_string()).collect();
    json!(all).to_string()
}
