//! `quittance doctor`: whether an installation is fit to take real money, what is not, and what to do about it.
//!
//! It reads beside a running server and changes nothing. What it cannot know (whether the master key was copied, say) it says
//! that it does not know. A warning is for somebody to think about, and does not make it fail; what must be mended does.

mod calendars;
mod database;
mod files;
mod house;
mod outside;
mod processors;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use base::Ts;
use base::seams::Seams;
use clap::Args;
use serde_json::{Value, json};

use crate::settings::{Common, Serving};
use crate::telling::table;

/// How it looks, and where.
#[derive(Args)]
pub(crate) struct Asked {
    /// A directory with backups, or one of them: how old the newest is
    #[arg(long, value_name = "DIR")]
    backups: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    serving: Serving,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Fine,
    /// Nobody can tell from here.
    Unknown,
    Warning,
    /// It must be mended.
    Mend,
}

impl Mark {
    fn word(self) -> &'static str {
        match self {
            Mark::Fine => "fine",
            Mark::Unknown => "unknown",
            Mark::Warning => "warning",
            Mark::Mend => "mend",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Mark::Fine => "✓",
            Mark::Unknown => "?",
            Mark::Warning => "!",
            Mark::Mend => "✗",
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
struct Finding {
    /// About what.
    check: &'static str,
    mark: Mark,
    says: String,
    /// What to do next; empty where nothing is to be done.
    next: String,
}

fn fine(check: &'static str, says: impl Into<String>) -> Finding {
    Finding { check, mark: Mark::Fine, says: says.into(), next: String::new() }
}

fn unknown(check: &'static str, says: impl Into<String>, next: impl Into<String>) -> Finding {
    Finding { check, mark: Mark::Unknown, says: says.into(), next: next.into() }
}

fn warning(check: &'static str, says: impl Into<String>, next: impl Into<String>) -> Finding {
    Finding { check, mark: Mark::Warning, says: says.into(), next: next.into() }
}

fn mend(check: &'static str, says: impl Into<String>, next: impl Into<String>) -> Finding {
    Finding { check, mark: Mark::Mend, says: says.into(), next: next.into() }
}

/// Whole days from one instant to another.
fn days_between(earlier: Ts, later: Ts) -> i64 {
    later.since(earlier).as_secs().div_euclid(86_400)
}

/// Looks at everything, and says what it found.
pub(crate) async fn run(common: &Common, asked: &Asked) -> Result<ExitCode> {
    let now = Seams::system().now();
    let mut found = files::look(common, &asked.serving);
    found.extend(files::disk(common));
    found.push(files::backups(asked.backups.as_deref(), now));
    let opened = database::look(common, &mut found).await;
    found.extend(calendars::look(now));
    processors::look(common, &mut found).await;
    if let Some((db, tenants)) = &opened {
        processors::watched(common, db, &mut found).await;
        found.extend(house::look(db, tenants).await);
    } else {
        let next = "mend the database and the master key first";
        found.push(unknown("what is in the database", "it was not looked at", next));
    }
    found.extend(outside::look(&asked.serving));
    tell(&found, asked.json);
    let must = found.iter().any(|one| one.mark == Mark::Mend);
    Ok(if must { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn tell(found: &[Finding], as_json: bool) {
    let many = |mark: Mark| found.iter().filter(|one| one.mark == mark).count();
    if as_json {
        let checks: Vec<Value> = found
            .iter()
            .map(|one| json!({ "check": one.check, "mark": one.mark.word(), "finding": one.says, "next": one.next }))
            .collect();
        println!(
            "{}",
            json!({ "mend": many(Mark::Mend), "warnings": many(Mark::Warning), "unknown": many(Mark::Unknown), "checks": checks })
        );
        return;
    }
    let mut shown = table(&["", "check", "finding", "what to do"], 0..=0);
    shown.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    for one in found {
        shown.add_row([one.mark.sign(), one.check, &one.says, &one.next]);
    }
    println!("{shown}");
    println!(
        "{} to mend, {} warnings, {} that cannot be known from here.",
        many(Mark::Mend),
        many(Mark::Warning),
        many(Mark::Unknown)
    );
}
