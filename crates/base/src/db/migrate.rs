//! The schema, brought up to date step by step.
//!
//! Migrations are numbered files in the program, written once in PostgreSQL's types. Each statement is a step
//! in a transaction of its own together with the row that says it is done, so a migration killed anywhere goes
//! on where it stopped. One node at a time, by a lease that expires. A schema newer than the program is refused.

use super::expect::Expect;
use super::{Command, Db, Engine, Tx, lower};
use crate::{Code, Failure, Result, Ts};

/// A numbered file of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// 1, 2, 3, …
    pub version: i64,
    /// The file's name without its number: `spine`.
    pub name: &'static str,
    /// Statements, each ended by `;` at a line's end; `--` lines are comments.
    pub sql: &'static str,
}

/// How far the schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The newest version there is now.
    pub version: i64,
    /// Statements run just now.
    pub steps_run: u64,
}

const LEASE_SECONDS: i64 = 30;

crate::record! {
    struct StepDone in "schema_step" { version: i64, step: i64, done_at: Ts }
}

/// Brings the schema up to date.
pub async fn migrate(db: &Db, migrations: &[Migration]) -> Result<Report> {
    for statement in [
        "CREATE TABLE IF NOT EXISTS schema_step (version bigint NOT NULL, step bigint NOT NULL, done_at timestamptz NOT NULL, PRIMARY KEY (version, step))",
        "CREATE TABLE IF NOT EXISTS schema_lease (id bigint NOT NULL PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL)",
    ] {
        db.run(&Ddl { db, statement, done: None }).await?;
    }
    let newest = newest(db).await?;
    let known = migrations.iter().map(|m| m.version).max().unwrap_or(0);
    if newest > known {
        return Err(Failure::refused(
            Code::Unavailable,
            format!(
                "The database's schema is version {newest}, this program knows {known}. Run the newer program, or restore the backup made before the upgrade."
            ),
        ));
    }
    if pending(db, migrations).await?.is_empty() {
        if matches!(db.engine, Engine::Lite(_)) && !knows_what_to_expect(db).await? {
            db.run(&Expect).await?; // its schema was made by an earlier program
        }
        return Ok(Report { version: newest, steps_run: 0 });
    }
    let holder = db.seams().random_hex();
    db.run(&TakeLease::of(db, holder.reveal()).await?).await?;
    let run = run_pending(db, migrations, holder.reveal()).await;
    // Also after a failure: whoever mends it must not wait for the lease to end.
    db.run(&DropLease { holder: holder.reveal() }).await?;
    Ok(Report { version: known, steps_run: run? })
}

async fn run_pending(db: &Db, migrations: &[Migration], holder: &str) -> Result<u64> {
    let mut steps_run = 0;
    for (version, step, statement) in pending(db, migrations).await? {
        db.run(&TakeLease::of(db, holder).await?).await?;
        let done = StepDone { version, step, done_at: db.seams().now() };
        db.run(&Ddl { db, statement: &statement, done: Some(done) }).await?;
        steps_run += 1;
    }
    if matches!(db.engine, Engine::Lite(_)) {
        db.run(&Expect).await?;
    }
    Ok(steps_run)
}

async fn knows_what_to_expect(db: &Db) -> Result<bool> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    Ok(db.read().await?.number(sql, &[]).await? > 0)
}

/// The newest version any statement of which has run.
pub async fn newest(db: &Db) -> Result<i64> {
    db.read().await?.number("SELECT CAST(coalesce(max(version), 0) AS bigint) FROM schema_step", &[]).await
}

/// The statements still to run, in order.
async fn pending(db: &Db, migrations: &[Migration]) -> Result<Vec<(i64, i64, String)>> {
    let done: Vec<StepDone> = db.read().await?.select("ORDER BY version, step", &[]).await?;
    let mut pending = Vec::new();
    for migration in migrations {
        for (step, statement) in (1..).zip(statements(migration.sql)) {
            if !done.iter().any(|d| d.version == migration.version && d.step == step) {
                pending.push((migration.version, step, statement));
            }
        }
    }
    Ok(pending)
}

/// The statements of a file, without comments.
pub fn statements(sql: &str) -> Vec<String> {
    let code: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or("").trim_end()).collect();
    code.join("\n")
        .split(";\n")
        .map(|s| s.trim().trim_end_matches(';').to_owned())
        .filter(|s| !s.is_empty())
        .collect()
}

struct Ddl<'a> {
    db: &'a Db,
    statement: &'a str,
    done: Option<StepDone>,
}

impl Command for Ddl<'_> {
    type Out = ();
    fn name(&self) -> &'static str {
        "schema.step"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        let statement = match self.db.engine {
            Engine::Lite(_) => lower::ddl_for_lite(self.statement),
            Engine::Pg(_) => self.statement.to_owned(),
        };
        tx.run(&statement, &[]).await?;
        tx.insert(self.done.as_slice()).await
    }
}

struct TakeLease<'a> {
    now: Ts,
    holder: &'a str,
    /// An embedded database is this process's alone: a lease in it is of one that died.
    alone: bool,
}

impl<'a> TakeLease<'a> {
    async fn of(db: &Db, holder: &'a str) -> Result<TakeLease<'a>> {
        Ok(TakeLease { now: db.now().await?, holder, alone: matches!(db.engine, Engine::Lite(_)) })
    }
}

impl Command for TakeLease<'_> {
    type Out = ();
    fn name(&self) -> &'static str {
        "schema.lease"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (now, until) = (self.now, self.now.plus_seconds(LEASE_SECONDS));
        tx.run(
            "INSERT INTO schema_lease (id, holder, until) VALUES (1, $1, $2) ON CONFLICT DO NOTHING",
            &[&self.holder, &until],
        )
        .await?;
        let taken = tx.run("UPDATE schema_lease SET holder = $1, until = $2 WHERE id = 1 AND (until < $3 OR holder = $1 OR $4)", &[&self.holder, &until, &now, &self.alone]).await?;
        if taken == 0 {
            return Err(Failure::refused(
                Code::Busy,
                "Another node is bringing the schema up to date. Wait until it is done and start again.",
            ));
        }
        Ok(())
    }
}

struct DropLease<'a> {
    holder: &'a str,
}

impl Command for DropLease<'_> {
    type Out = ();
    fn name(&self) -> &'static str {
        "schema.lease"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.run("DELETE FROM schema_lease WHERE id = 1 AND holder = $1", &[&self.holder]).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_falls_into_its_statements() {
        let sql = "-- why\nCREATE TABLE a (\n  x bigint -- the x\n);\n\nCREATE INDEX i ON a (x);\n";
        assert_eq!(statements(sql), ["CREATE TABLE a (\n  x bigint\n)", "CREATE INDEX i ON a (x)"]);
    }
}
