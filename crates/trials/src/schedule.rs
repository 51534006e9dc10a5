//! Many charges on one later day, or as many payment plans.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base::seams::Seams;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;

use crate::client::Api;
use crate::dice::Dice;
use crate::history::{Account, Asked, Instrument, Line, What, Writer};
use crate::load::own_amount;

/// What to schedule.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A node's address; may be given several times
    #[arg(long = "base", required = true, value_name = "URL")]
    bases: Vec<String>,
    /// A bearer token; one for each organization
    #[arg(long = "token", required = true, value_name = "TOKEN")]
    tokens: Vec<String>,
    /// Where the history is written
    #[arg(long, value_name = "FILE")]
    history: PathBuf,
    /// The day, like 2027-01-31
    #[arg(long, value_name = "DAY")]
    on: String,
    /// How many charges
    #[arg(long, default_value_t = 100_000)]
    charges: u64,
    /// How many accounts they are on
    #[arg(long, default_value_t = 2_000)]
    accounts: usize,
    /// Payment plans of two instalments instead, each on an account of its own
    #[arg(long)]
    plans: bool,
    /// Requests at once
    #[arg(long, default_value_t = 32)]
    wide: usize,
}

/// What is owed on each account: more than all its charges.
const PLACED: i64 = 900_000_000_000;

/// Makes them over the API, and says how many.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let history = Arc::new(Writer::create(&args.history, Seams::system())?);
    let api = Api::new(&args.bases, &args.tokens, Duration::from_secs(60), history)?;
    let mut payers = Vec::new();
    for org in 0..api.orgs() {
        let customer = api.customer(org, "Punctual Payer").await?;
        let method = api.method(org, &customer).await?;
        payers.push((customer, method));
    }
    if args.plans {
        return plans(args, &api, &payers).await;
    }
    let account = async |n: usize| {
        let org = n % payers.len();
        let id = api.account(org, &payers[org].0, PLACED).await?;
        let account = Account { org, id, placed: PLACED };
        api.history.add(&Line::Account(account.clone()));
        anyhow::Ok(account)
    };
    let accounts = stream::iter(0..args.accounts).map(account).buffered(args.wide);
    let accounts: Vec<Account> = accounts.try_collect().await.context("preparing the accounts")?;
    let one = async |n: u64| {
        let account = &accounts[usize::try_from(n).unwrap_or(0) % accounts.len()];
        let by = Instrument::Stored(payers[account.org].1.clone());
        let on = Some(args.on.clone());
        let what = What::Charge { account: account.id.clone(), amount: own_amount(n), by, on };
        let asked = Asked { at: 0, n, attempt: 0, org: account.org, key: format!("due-{n}"), what };
        api.ask(asked, &Dice::of(n)).await.heard
    };
    let made: Vec<_> = stream::iter(0..args.charges).map(one).buffer_unordered(args.wide).collect().await;
    if let Some(heard) = made.iter().find(|h| h.status != 201 || h.state.as_deref() != Some("scheduled")) {
        bail!("a charge was not scheduled: {heard:?}");
    }
    println!("{}", json!({ "scheduled": made.len() }));
    Ok(ExitCode::SUCCESS)
}

/// What each plan pays at a time, of twice as much.
const INSTALMENT: i64 = 2_500;

async fn plans(args: &Args, api: &Api, payers: &[(String, String)]) -> Result<ExitCode> {
    let one = async |n: usize| {
        let org = n % payers.len();
        let (customer, method) = &payers[org];
        let debt = api.account(org, customer, 2 * INSTALMENT).await?;
        api.plan(org, &debt, method, INSTALMENT, &args.on).await
    };
    let many = usize::try_from(args.charges)?;
    stream::iter(0..many).map(one).buffer_unordered(args.wide).try_collect::<Vec<()>>().await?;
    println!("{}", json!({ "scheduled": many }));
    Ok(ExitCode::SUCCESS)
}
