//! Everybody at once: the same request from many clients under one key, and many payments of one whole balance.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base::seams::Seams;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;

use crate::client::Api;
use crate::dice::Dice;
use crate::history::{Account, Asked, Heard, Instrument, Line, What, Writer};
use crate::load::own_amount;

/// How to storm.
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
    /// Decides who asks where
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many idempotency keys
    #[arg(long, default_value_t = 10_000)]
    keys: u64,
    /// How many requests at once under each
    #[arg(long, default_value_t = 8)]
    copies: u32,
    /// How many keys at once
    #[arg(long, default_value_t = 16)]
    wide: usize,
    /// How many accounts with competing payments
    #[arg(long, default_value_t = 500)]
    races: i64,
    /// How many payments of the whole balance compete on each
    #[arg(long, default_value_t = 16)]
    competing: i64,
}

/// What is owed on an account of the first part.
const PLACED: i64 = 900_000_000_000;
/// Where the balances of the second part begin, apart from every amount of the first.
const RACE_FROM: i64 = 1_000_000_000;

struct Storm<'a> {
    args: &'a Args,
    api: Api,
    accounts: Vec<Account>,
}

/// Storms, and says what came of it on one line of JSON.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let history = Arc::new(Writer::create(&args.history, Seams::system())?);
    let api = Api::new(&args.bases, &args.tokens, Duration::from_secs(120), history)?;
    let mut customers = Vec::new();
    for org in 0..api.orgs() {
        customers.push(api.customer(org, "Everybody").await?);
    }
    let account = async |n: i64, placed: i64| {
        let org = usize::try_from(n).unwrap_or(0) % customers.len();
        let id = api.account(org, &customers[org], placed).await?;
        let account = Account { org, id, placed };
        api.history.add(&Line::Account(account.clone()));
        anyhow::Ok(account)
    };
    let plain = stream::iter(0..200).map(|n| account(n, PLACED)).buffered(8);
    let accounts: Vec<Account> = plain.try_collect().await.context("preparing")?;
    let raced = stream::iter(0..args.races).map(|n| account(n, RACE_FROM + n * 1_000)).buffered(8);
    let raced: Vec<Account> = raced.try_collect().await.context("preparing")?;

    let storm = Storm { args, api, accounts };
    let keys: Vec<OfKey> =
        stream::iter(0..args.keys).map(|n| storm.copies(n)).buffer_unordered(args.wide).collect().await;
    let accepted: Vec<i64> =
        stream::iter((0..).zip(&raced)).map(|(n, a)| storm.race(n, a)).buffer_unordered(4).collect().await;
    let sum = |of: fn(&OfKey) -> u64| keys.iter().map(of).sum::<u64>();
    let told = json!({
        "keys": args.keys, "requests": args.keys * u64::from(args.copies),
        "effects": keys.iter().flat_map(|k| &k.charges).collect::<HashSet<_>>().len(),
        "keys_with_several": keys.iter().filter(|k| k.charges.len() != 1).count(),
        "conflicts": sum(|k| k.conflicts), "errors": sum(|k| k.errors), "other": sum(|k| k.other),
        "races": args.races, "competing": args.competing,
        "accepted": accepted.iter().sum::<i64>(), "not_one": accepted.iter().filter(|n| **n != 1).count(),
    });
    println!("{told}");
    Ok(ExitCode::SUCCESS)
}

/// What the copies of one request were answered.
#[derive(Default)]
struct OfKey {
    charges: HashSet<String>,
    conflicts: u64,
    errors: u64,
    other: u64,
}

impl OfKey {
    fn count(&mut self, heard: &Heard) {
        match heard.status {
            201 => self.charges.extend(heard.charge.clone()),
            409 => self.conflicts += 1,
            0 | 500.. => self.errors += 1,
            _ => self.other += 1,
        }
    }
}

impl Storm<'_> {
    /// The same request from everybody at once, and once more when the first was answered.
    async fn copies(&self, n: u64) -> OfKey {
        let account = &self.accounts[Dice::of_nth(self.args.seed, n).index(self.accounts.len())];
        let by = Instrument::Token("tok_visa".into());
        let what = What::Charge { account: account.id.clone(), amount: own_amount(n), by, on: None };
        let asked = Asked { at: 0, n, attempt: 0, org: account.org, key: format!("storm-{n}"), what };
        let all = (1..=self.args.copies).map(|copy| {
            let asked = Asked { attempt: copy, ..asked.clone() };
            async move { self.api.attempt(&asked, self.node(n, copy)).await }
        });
        let mut of_key = OfKey::default();
        for heard in join_all(all).await {
            of_key.count(&heard);
        }
        let last = Asked { attempt: self.args.copies, ..asked };
        of_key.count(&self.api.ask(last, &Dice::of_nth(self.args.seed, n)).await.heard);
        of_key
    }

    fn node(&self, n: u64, copy: u32) -> usize {
        Dice::of_nth(self.args.seed, n * 64 + u64::from(copy)).index(self.args.bases.len())
    }

    /// Payments of the whole balance at once (each a cent less than the one before, to tell them apart); gives how
    /// many were accepted.
    async fn race(&self, at: i64, account: &Account) -> i64 {
        let all = (0..self.args.competing).map(|less| async move {
            let n = self.args.keys + (at * self.args.competing + less).unsigned_abs();
            let by = Instrument::Token("tok_visa".into());
            let amount = account.placed - less;
            let what = What::Charge { account: account.id.clone(), amount, by, on: None };
            let asked = Asked { at: 0, n, attempt: 0, org: account.org, key: format!("race-{n}"), what };
            i64::from(self.api.ask(asked, &Dice::of_nth(self.args.seed, n)).await.heard.is_acknowledged())
        });
        join_all(all).await.into_iter().sum()
    }
}
