//! The way back from a backup.
//!
//! What must hold: a server never runs on a database that came from a copy without asking the processor first what
//! happened since (verify mode), and never on half a restore. So the copy is made ready beside its place, verify mode
//! switched on in it, and only then renamed into place; until that is done, no server starts there.
//!
//! The processor's books are not ours to roll back. A journal that stands beside the database stays; only where there
//! is none does the copied one come back.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::Result as Done;
use base::db::{Command, Db, Location, Tx, migrate};
use base::seams::Seams;

use super::manifest::{DATABASE, DUMP, JOURNAL, Manifest, sync_directory};
use super::tools;
use crate::settings::Common;
use crate::wiring;

/// Where a restore is made ready.
const STAGE: &str = "restoring";

/// Puts a backup in place of what is there, or where nothing is.
pub(crate) async fn restore(common: &Common, from: &Path, force: bool) -> Result<ExitCode> {
    let manifest = Manifest::read(from)?;
    let known = books::schema::MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    if manifest.schema > known {
        bail!(
            "the backup's schema is version {}, this program knows {known}; restore it with the newer program",
            manifest.schema
        );
    }
    let engine = if common.is_embedded() { "SQLite" } else { "PostgreSQL" };
    if manifest.engine != engine {
        bail!(
            "the backup is of {}, and this would restore it into {engine}; set or unset QUITTANCE_DATABASE_URL",
            manifest.engine
        );
    }
    if common.is_embedded() {
        into_directory(common, from, &manifest, force).await?;
    } else {
        into_server(common, from, force).await?;
    }
    println!("Restored what was committed by {}.", manifest.taken_at);
    println!(
        "Verify mode is on: before anything is charged the processor is asked, and what it did since is posted."
    );
    eprintln!(
        "Next: start the server, wait until /readyz says ready, then run `quittance verify` and `quittance reconcile`."
    );
    Ok(ExitCode::SUCCESS)
}

/// Why the copy must be looked after first.
fn reason(taken_at: &str) -> String {
    format!("restored from the backup of {taken_at}")
}

async fn into_directory(common: &Common, from: &Path, manifest: &Manifest, force: bool) -> Result<()> {
    let home = common.directory();
    fs::create_dir_all(&home).with_context(|| format!("{} cannot be made", home.display()))?;
    let place = common.database_file();
    // Held until the end: no server starts on what is half done, and none is running.
    let _owned = base::db::claim_file(&place)?;
    if place.exists() && !force {
        bail!("{} is there already; with --force it is kept aside and replaced", place.display());
    }
    let stage = home.join(STAGE);
    if stage.exists() {
        fs::remove_dir_all(&stage).with_context(|| format!("{} cannot be removed", stage.display()))?;
    }
    fs::create_dir(&stage).with_context(|| format!("{} cannot be made", stage.display()))?;
    sync_directory(&home)?;
    let staged = stage.join(DATABASE);
    fs::copy(from.join(DATABASE), &staged).context("the database cannot be copied")?;
    make_ready(common, &Location::Lite { path: staged.clone(), inline: true }, &manifest.taken_at).await?;
    fs::File::open(&staged)?.sync_all()?;
    let journal = common.journal_file();
    let brings_journal = manifest.holds(JOURNAL) && !journal.exists() && common.processor_url.is_none();
    if brings_journal {
        fs::copy(from.join(JOURNAL), stage.join(JOURNAL))
            .context("the sandbox's journal cannot be copied")?;
        fs::File::open(stage.join(JOURNAL))?.sync_all()?;
    }
    if place.exists() {
        let aside = aside(&home)?;
        for end in ["", "-wal", "-shm"] {
            let old = PathBuf::from(format!("{}{end}", place.display()));
            if let (true, Some(name)) = (old.exists(), old.file_name()) {
                fs::rename(&old, aside.join(name))
                    .with_context(|| format!("{} cannot be kept aside", old.display()))?;
            }
        }
        sync_directory(&aside)?;
        println!("What was there is kept in {}.", aside.display());
    }
    if brings_journal {
        fs::rename(stage.join(JOURNAL), &journal)?;
        println!("The sandbox's journal came back too: there was none.");
    } else if manifest.holds(JOURNAL) {
        println!("The sandbox's journal was left as it is: the processor's books are not ours to roll back.");
    }
    fs::rename(&staged, &place)?;
    sync_directory(&home)?;
    fs::remove_dir_all(&stage)?;
    sync_directory(&home)
}

/// Brings a copy's schema up to date, checks its key, and switches verify mode on.
async fn make_ready(common: &Common, at: &Location, taken_at: &str) -> Result<()> {
    let db = Db::open(at, Seams::system()).await?;
    migrate::migrate(&db, books::schema::MIGRATIONS).await?;
    wiring::tenants_of_copy(common, &db, migrate::newest(&db).await?).await?;
    wiring::look_before_charging(&db, &reason(taken_at)).await?;
    db.close();
    Ok(())
}

/// A fresh directory for what is replaced.
fn aside(home: &Path) -> Result<PathBuf> {
    let at = Seams::system().now().to_string().replace(':', "-");
    let aside = home.join(format!("before-restore-{at}"));
    fs::create_dir(&aside).with_context(|| format!("{} cannot be made", aside.display()))?;
    Ok(aside)
}

/// Refuses a data directory in which a restore did not end.
pub(crate) fn refuse_half_restored(common: &Common) -> Result<()> {
    let stage = common.directory().join(STAGE);
    if common.is_embedded() && stage.exists() {
        bail!(
            "a restore into {} did not end; run `quittance restore` again (what was there before is in before-restore-…)",
            common.directory().display()
        );
    }
    Ok(())
}

/// A statement that only PostgreSQL is asked.
struct Statement(String);

impl Command for Statement {
    type Out = ();
    fn name(&self) -> &'static str {
        "restore.schema"
    }
    async fn exec(&self, tx: &Tx) -> Done<()> {
        tx.run(&self.0, &[]).await.map(drop)
    }
}

async fn into_server(common: &Common, from: &Path, force: bool) -> Result<()> {
    let manifest = Manifest::read(from)?;
    let db = Db::open(&common.database()?, Seams::system()).await?;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'quittance' AND pid <> pg_backend_pid()";
    let mut others = db.read().await?.number(sql, &[]).await?;
    // The server notices a moment late that a killed process is gone.
    for _ in 0..20 {
        if others == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        others = db.read().await?.number(sql, &[]).await?;
    }
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    let tables = db.read().await?.number(tables, &[]).await?;
    if others > 0 {
        bail!("{others} connections of a running server are open to this database; stop it first");
    }
    if tables > 0 && !force {
        bail!("the database has {tables} tables already; with --force they are kept aside in another schema");
    }
    if tables > 0 {
        let aside = format!("before_restore_{}", db.now().await?.seconds());
        db.run(&Statement(format!("ALTER SCHEMA public RENAME TO {aside}"))).await?;
        db.run(&Statement("CREATE SCHEMA public".to_owned())).await?;
        println!("What was there is kept in the schema {aside}.");
    }
    let dump = from.join(DUMP);
    let server = common.server_of_database()?;
    let database = server.database();
    let arguments = [
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--clean",
        "--if-exists",
        "--dbname",
        database,
    ];
    let mut arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    arguments.push(dump.as_os_str());
    tools::run("pg_restore", &server, &arguments)?;
    make_ready(common, &common.database()?, &manifest.taken_at).await
}
