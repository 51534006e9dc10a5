//! `quittance export`: everything that has a list, into a file.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use api::exports::{self, Format, Span};
use base::OrgId;
use books::orgs::Environment;
use clap::ValueEnum;
use futures_util::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use crate::settings::Common;
use crate::wiring;

/// What is asked for.
#[derive(clap::Args)]
pub(crate) struct Asked {
    /// What: customers, addresses, locations, debt-accounts, payment-methods, charges, transactions, bulk
    resource: String,
    /// The organization's id
    #[arg(long)]
    org: Uuid,
    /// production or sandbox
    #[arg(long, visible_alias = "env")]
    environment: Environment,
    /// How it is written
    #[arg(long, value_enum, default_value = "csv")]
    format: Written,
    /// The file; without it, or with -, the terminal
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only what was made on this day or later: 2026-11-01, where the organization is
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Only what was made on this day or before
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
}

/// How an export is written.
#[derive(Clone, Copy, ValueEnum)]
enum Written {
    /// A table with a header, safe to open in a spreadsheet.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// `quittance export …`.
pub(crate) async fn run(common: &Common, asked: &Asked) -> Result<ExitCode> {
    let export = exports::find(&asked.resource).ok_or_else(|| {
        let names: Vec<&str> = exports::all().iter().map(|export| export.name).collect();
        anyhow!("`{}` cannot be exported; these can: {}", asked.resource, names.join(", "))
    })?;
    let (db, tenants) = wiring::open_to_read(common).await?;
    let tenant = tenants.of(&db.read().await?, OrgId(asked.org), asked.environment).await?;
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), &tenant)
        .context("write days as 2026-11-01")?;
    let format = match asked.format {
        Written::Csv => Format::Csv,
        Written::Ndjson => Format::Ndjson,
    };
    let file = asked.output.as_deref().filter(|path| path.as_os_str() != "-");
    // Beside its name first: nobody takes half of it for the whole.
    let partial = file.map(|path| path.with_added_extension("partial"));
    let mut out: Box<dyn std::io::Write> = match &partial {
        Some(path) => {
            let made = std::fs::File::create(path)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            Box::new(std::io::BufWriter::new(made))
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let shows = partial.is_some() && std::io::stderr().is_terminal();
    let bar = if shows { ProgressBar::no_length() } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bytes} written, {bytes_per_sec}") {
        bar.set_style(style);
    }
    let mut slices = pin!(exports::slices(db, tenant, export, format, span));
    let mut lines = 0u64;
    while let Some(slice) = slices.try_next().await? {
        lines += slice.iter().filter(|byte| **byte == b'\n').count() as u64;
        match out.write_all(&slice) {
            Ok(()) => {}
            // Whoever reads has seen enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            Err(error) => bail!("the export cannot be written: {error}"),
        }
        bar.inc(slice.len() as u64);
    }
    out.flush().context("the export cannot be written")?;
    drop(out);
    bar.finish_and_clear();
    if let (Some(partial), Some(file)) = (partial, file) {
        std::fs::rename(&partial, file).with_context(|| format!("{} cannot be written", file.display()))?;
        eprintln!("Wrote {lines} lines to {}.", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
