//! `quittance backup` and `quittance restore`: a consistent copy with a manifest, and the way back.

mod manifest;
mod restore;
mod tools;

use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use base::db::{Db, Location, migrate};
use base::seams::Seams;
use indicatif::{ProgressBar, ProgressStyle};
use payments::verify::{self, Sight};

pub(crate) use self::manifest::taken_at;
use self::manifest::{DATABASE, DUMP, JOURNAL, Manifest, sync_directory};
pub(crate) use self::restore::{refuse_half_restored, restore};
use crate::settings::Common;
use crate::{telling::Meter, wiring};

/// Copies the database first and the sandbox's journal after it, so that the processor's books are never older
/// than ours: what it knows more can be found, what it knows less could not.
pub(crate) async fn run(common: &Common, target: &Path) -> Result<ExitCode> {
    if target.exists() {
        bail!("{} exists already; name a directory that does not", target.display());
    }
    let (db, _) = wiring::open_to_read(common).await?;
    let (schema, taken_at) = (migrate::newest(&db).await?, db.now().await?.to_string());
    std::fs::create_dir_all(target).with_context(|| format!("{} cannot be made", target.display()))?;
    let mut files = Vec::new();
    if common.is_embedded() {
        copy(&db, &target.join(DATABASE))?;
        files.push(DATABASE);
        let journal = common.journal_file();
        if journal.exists() {
            std::fs::copy(&journal, target.join(JOURNAL))
                .context("the sandbox's journal cannot be copied")?;
            files.push(JOURNAL);
        }
    } else {
        let file = target.join(DUMP);
        let arguments = [
            OsStr::new("--format=custom"),
            OsStr::new("--no-owner"),
            OsStr::new("--no-privileges"),
            OsStr::new("--schema=public"),
            OsStr::new("--file"),
            file.as_os_str(),
        ];
        tools::run("pg_dump", &common.server_of_database()?, &arguments)?;
        files.push(DUMP);
    }
    let manifest = Manifest::write(target, db.engine_name(), schema, taken_at, &files)?;
    if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
        sync_directory(parent)?;
    }
    println!(
        "Copied to {}, as of {}. The master key is not in it: keep that elsewhere.",
        target.display(),
        manifest.taken_at
    );
    eprintln!("Prove it: quittance backup --verify {}", target.display());
    Ok(ExitCode::SUCCESS)
}

fn copy(db: &Db, target: &Path) -> Result<()> {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent}% of {len} pages, {eta} left") {
        bar.set_style(style);
    }
    db.backup(target, |left, all| {
        bar.set_length(all);
        bar.set_position(all.saturating_sub(left));
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// Proves a backup: its files are what was written, the copy opens with the master key, and its books are right.
pub(crate) async fn prove(common: &Common, directory: &Path) -> Result<ExitCode> {
    let manifest = Manifest::read(directory)?;
    println!(
        "{} files are as they were written: {}, schema {}, taken {} by {}.",
        manifest.files.len(),
        manifest.engine,
        manifest.schema,
        manifest.taken_at,
        manifest.program
    );
    if !manifest.holds(DATABASE) {
        let arguments = [OsStr::new("--list"), directory.join(DUMP).as_os_str()].map(OsStr::to_owned);
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        tools::run("pg_restore", &common.server_of_database().unwrap_or_default(), &arguments)?;
        println!(
            "The dump can be listed. To prove its books, restore it into an empty database and run `quittance verify` there."
        );
        return Ok(ExitCode::SUCCESS);
    }
    let db = Db::open(&Location::LiteReader { path: directory.join(DATABASE) }, Seams::system()).await?;
    let tenants = wiring::tenants_of_copy(common, &db, manifest.schema).await?;
    let all = tenants.all(&db.read().await?).await?;
    let meter = Meter::new();
    let mut report =
        verify::run(&mut Sight::beside(&db), &all, true, &|what, rows| meter.read(what, rows)).await?;
    report.checks.extend(remittance::verify::run(&mut Sight::beside(&db), &all).await?);
    meter.finish();
    let wrong: u64 = report.checks.iter().map(|c| c.wrong).sum();
    for example in report.checks.iter().flat_map(|c| c.examples.iter().map(move |e| (c.name, e))) {
        println!("  {}: {}", example.0, example.1);
    }
    let compared: u64 = report.checks.iter().map(|c| c.compared).sum();
    println!(
        "{}",
        if wrong == 0 {
            format!("It opens, and its books are right: {compared} things compared.")
        } else {
            format!("{wrong} things are wrong in it.")
        }
    );
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
