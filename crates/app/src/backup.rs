//! `quittance backup`: a live, consistent copy of an embedded database.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::settings::Common;
use crate::wiring;

/// Copies the database first and the sandbox's journal after it, so that the processor's books are never older
/// than ours: what it knows more can be found, what it knows less could not.
pub(crate) async fn run(common: &Common, target: &Path) -> Result<ExitCode> {
    if !common.is_embedded() {
        bail!(
            "a PostgreSQL database is backed up with its own tools: pg_dump, or a base backup with its write-ahead log"
        );
    }
    if target.exists() {
        bail!("{} exists already; name a directory that does not", target.display());
    }
    let (db, _) = wiring::open_to_read(common).await?;
    std::fs::create_dir_all(target).with_context(|| format!("{} cannot be made", target.display()))?;
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent}% of {len} pages, {eta} left") {
        bar.set_style(style);
    }
    db.backup(&target.join("quittance.db"), |left, all| {
        bar.set_length(all);
        bar.set_position(all.saturating_sub(left));
    })?;
    bar.finish_and_clear();
    let journal = common.journal_file();
    if journal.exists() {
        std::fs::copy(&journal, target.join("sandbox.journal"))
            .context("the sandbox's journal cannot be copied")?;
    }
    println!("Copied to {}. The master key is not in it: keep that elsewhere.", target.display());
    Ok(ExitCode::SUCCESS)
}
