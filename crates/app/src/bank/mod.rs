//! `quittance bank`: an organization's bank accounts, the files of statements that its banks send, what is expected, and what
//! people decide where the two do not come together by themselves.

mod accounts;
mod expected;
mod lines;
mod read;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use base::OrgId;
use base::db::Db;
use books::orgs::{Environment, Tenant, Tenants};
use clap::{Args, Subcommand};
use uuid::Uuid;

use crate::settings::{Common, start_logging};
use crate::wiring;

/// Whose.
#[derive(Args)]
pub(crate) struct Whose {
    /// The organization's id
    #[arg(long)]
    org: Uuid,
    /// production or sandbox
    #[arg(long, visible_alias = "env")]
    environment: Environment,
}

/// Who decides.
#[derive(Args)]
pub(crate) struct By {
    /// Who says so; it stands beside what was decided
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// How a list is shown.
#[derive(Args)]
pub(crate) struct Shown {
    /// The most rows
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Banks.
#[derive(Subcommand)]
pub(crate) enum Bank {
    /// Make, list, change and close bank accounts
    #[command(subcommand)]
    Account(accounts::Account),
    /// Read a file of bank statements (BAI2, camt.052, camt.053, camt.054): all of it or nothing
    ///
    /// The same file again changes nothing. A fault is told with its line and column, and ends with status 1.
    #[command(
        after_help = "Examples:\n  quittance bank read 20261120.bai --org 0193… --env production\n  quittance bank read - --org 0193… --env production --skip-unknown-accounts < 20261120.xml"
    )]
    Read(read::Reading),
    /// List lines of statements: those that nothing was found to, unless said otherwise
    Lines(lines::Lines),
    /// Say what a line is: one line and expectations, or several lines and one expectation
    #[command(
        after_help = "Example:\n  quittance bank match 0193… --expectation 0193… --org 0193… --env production --by \"Ann Lee\""
    )]
    Match(lines::Match),
    /// Take back what was decided about a line
    Unmatch(lines::One),
    /// Say that nothing belongs to a line
    Ignore(lines::Ignore),
    /// Expect something on a bank account
    #[command(
        after_help = "Example:\n  quittance bank expect --account 0193… --kind remittance --amount 200000 --direction debit --from 2026-11-20 --to 2026-11-24 --key REMIT-1108 --org 0193… --env production --by \"Ann Lee\""
    )]
    Expect(expected::Expect),
    /// List what is expected: what is still waited for, unless said otherwise
    Expectations(expected::Expectations),
    /// Expect something no longer
    Cancel(expected::Cancel),
}

/// `quittance bank …`.
pub(crate) async fn run(common: &Common, command: Bank) -> Result<ExitCode> {
    match command {
        Bank::Account(command) => accounts::run(common, command).await,
        Bank::Read(asked) => read::run(common, &asked).await,
        Bank::Lines(asked) => lines::list(common, &asked).await,
        Bank::Match(asked) => lines::put_together(common, &asked).await,
        Bank::Unmatch(asked) => lines::unmatch(common, &asked).await,
        Bank::Ignore(asked) => lines::ignore(common, &asked).await,
        Bank::Expect(asked) => expected::expect(common, &asked).await,
        Bank::Expectations(asked) => expected::list(common, &asked).await,
        Bank::Cancel(asked) => expected::cancel(common, &asked).await,
    }
}

impl Whose {
    /// The database to write to, in this tenant's time, and the tenant.
    async fn to_write(&self, common: &Common) -> Result<(Db, Tenant)> {
        start_logging(common);
        self.of(wiring::open_database(common).await?).await
    }

    /// The same to read beside whoever writes.
    async fn to_read(&self, common: &Common) -> Result<(Db, Tenant)> {
        self.of(wiring::open_to_read(common).await?).await
    }

    async fn of(&self, (db, tenants): (Db, Arc<Tenants>)) -> Result<(Db, Tenant)> {
        let tenant = tenants.of(&db.read().await?, OrgId(self.org), self.environment).await?;
        Ok((tenant.db(&db), tenant))
    }
}

impl Shown {
    fn page(&self) -> base::Page {
        base::Page::first(self.limit)
    }
}
