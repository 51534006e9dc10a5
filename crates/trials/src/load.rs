//! Clients who pay: many accounts, a share of everything that happens to money, and a history of it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use base::seams::Seams;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::client::{Api, Done};
use crate::dice::Dice;
use crate::history::{Account, Asked, Instrument, Line, What, Writer};

/// How to load.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A node's address, like http://127.0.0.1:8080; may be given several times
    #[arg(long = "base", required = true, value_name = "URL")]
    bases: Vec<String>,
    /// A bearer token; one for each organization
    #[arg(long = "token", required = true, value_name = "TOKEN")]
    tokens: Vec<String>,
    /// Where the history is written
    #[arg(long, value_name = "FILE")]
    history: PathBuf,
    /// Decides what is asked, of whom, in which order
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests begun a second
    #[arg(long, default_value_t = 250)]
    rate: u64,
    /// Clients at once
    #[arg(long, default_value_t = 48)]
    clients: usize,
    /// Accounts of each organization
    #[arg(long, default_value_t = 200)]
    accounts: usize,
    /// Accounts of each organization for payments that compete for the whole balance
    #[arg(long, default_value_t = 50)]
    races: usize,
    /// Ends after so many seconds; otherwise on SIGTERM
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
    /// How long one request is tried before it counts as undecided
    #[arg(long, default_value_t = 90, value_name = "SECONDS")]
    give_up: u64,
    /// Only plain card charges
    #[arg(long)]
    plain: bool,
}

/// What is owed on an ordinary account: more than all its charges.
const PLACED: i64 = 900_000_000_000;
/// The amounts to which the sandbox gives a meaning of its own.
const MAGIC: std::ops::Range<i64> = 666_000..667_000;
/// Of accounts for competing payments: one begins where the last ends.
const RACE_FROM: i64 = 1_000_000_000;

/// How long a client stays with a request before it goes on to the next.
const ASIDE_AFTER: Duration = Duration::from_millis(1_000);
/// Requests that may wait aside; beyond that nothing new is begun.
const ASIDE: usize = 1_500;
/// Payments at once on one account of a race.
const COMPETING: i64 = 4;

struct Org {
    accounts: Vec<Account>,
    races: Mutex<VecDeque<Account>>,
    methods: Vec<String>,
    /// Charges that succeeded and were not yet given back.
    refundable: Mutex<VecDeque<(String, i64)>>,
}

struct Load {
    api: Api,
    orgs: Vec<Org>,
    seed: u64,
    is_plain: bool,
    numbers: AtomicU64,
    told: Mutex<Told>,
}

/// What came of the requests.
#[derive(Default)]
struct Told {
    acknowledged: u64,
    /// Of those, the charges.
    charges: u64,
    declined: u64,
    refused: u64,
    undecided: u64,
    took: Vec<u64>,
}

/// Runs the load until it is told to end, and says what came of it on one line of JSON.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let history = Arc::new(Writer::create(&args.history, Seams::system())?);
    let api = Api::new(&args.bases, &args.tokens, Duration::from_secs(args.give_up), history)?;
    let mut orgs = Vec::new();
    for org in 0..api.orgs() {
        orgs.push(prepare(&api, org, args).await.context("preparing the accounts")?);
    }
    let load = Arc::new(Load {
        api,
        orgs,
        seed: args.seed,
        is_plain: args.plain,
        numbers: AtomicU64::new(0),
        told: Mutex::default(),
    });
    println!("ready");
    let (stop, next, waiting) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::new(Vec::new()));
    let began = tokio::time::Instant::now();
    let client = async || {
        while !stop.load(Ordering::Relaxed) {
            let ticket = next.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep_until(began + Duration::from_micros(ticket * 1_000_000 / args.rate.max(1)))
                .await;
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let own = load.clone();
            let mut asking = tokio::spawn(async move { own.one(ticket).await });
            // What must wait for a lease to end is waited for aside, or soon everybody would wait.
            let is_room = || {
                let mut waiting = lock(&waiting);
                waiting.retain(|w: &JoinHandle<()>| !w.is_finished());
                waiting.len() < ASIDE
            };
            while tokio::time::timeout(ASIDE_AFTER, &mut asking).await.is_err() {
                if is_room() {
                    lock(&waiting).push(asking);
                    break;
                }
            }
        }
    };
    let ending = async {
        let mut asked = signal(SignalKind::terminate())?;
        match args.seconds {
            Some(seconds) => tokio::select! {
                _ = asked.recv() => {}
                () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
            },
            None => drop(asked.recv().await),
        }
        stop.store(true, Ordering::Relaxed);
        anyhow::Ok(began.elapsed())
    };
    let (ended, _) = tokio::join!(ending, join_all((0..args.clients).map(|_| client())));
    let aside = std::mem::take(&mut *lock(&waiting));
    for asking in aside {
        asking.await?;
    }
    println!("{}", load.summary(ended?));
    Ok(ExitCode::SUCCESS)
}

/// Customers, methods and accounts of one organization.
async fn prepare(api: &Api, org: usize, args: &Args) -> Result<Org> {
    let mut customers = Vec::new();
    let mut methods = Vec::new();
    for n in 0..10 {
        let customer = api.customer(org, &format!("Payer {n}")).await?;
        methods.push(api.method(org, &customer).await?);
        customers.push(customer);
    }
    let account = async |n: usize, placed: i64| {
        let id = api.account(org, &customers[n % customers.len()], placed).await?;
        let account = Account { org, id, placed };
        api.history.add(&Line::Account(account.clone()));
        anyhow::Ok(account)
    };
    let plain = stream::iter(0..args.accounts).map(|n| account(n, PLACED)).buffered(8).try_collect();
    let accounts: Vec<Account> = plain.await?;
    let races = if args.plain { 0 } else { args.races };
    let own = |n: usize| RACE_FROM + i64::try_from(org * 100_000 + n).unwrap_or(0) * 100;
    let races =
        stream::iter(0..races).map(|n| account(n, own(n))).buffered(8).try_collect::<Vec<_>>().await?;
    Ok(Org { accounts, races: Mutex::new(races.into()), methods, refundable: Mutex::default() })
}

impl Load {
    /// One thing that happens to money, decided by the seed and its number.
    async fn one(&self, ticket: u64) {
        let dice = Dice::of_nth(self.seed, ticket);
        let at = dice.index(self.orgs.len());
        let org = &self.orgs[at];
        let turn = usize::try_from(ticket).unwrap_or(0);
        let account = &org.accounts[turn % org.accounts.len()];
        // The accounts and methods are of ten customers in turn.
        let method = &org.methods[turn % org.accounts.len() % org.methods.len()];
        let token = |name: &str| Instrument::Token(name.to_owned());
        let stored = || Instrument::Stored(method.clone());
        let by = match if self.is_plain { 0 } else { dice.below(100) } {
            0..=63 => stored(),
            64..=71 => token("tok_visa"),
            72..=75 => token("tok_bank"),
            76 => token("tok_bank_r01"),
            77..=80 => token("tok_insufficient_funds"),
            81..=82 => token("tok_answer_lost"),
            83 => token("tok_answer_lost_before"),
            84 => token("tok_error_after_charge"),
            85..=93 => return self.refunds(at, &dice).await,
            94..=96 => {
                let free = lock(&org.races).pop_front();
                match free {
                    Some(account) => return self.race(&account, &dice).await,
                    None => stored(),
                }
            }
            _ => stored(),
        };
        self.charge(at, account, None, by, &dice).await;
    }

    async fn charge(&self, org: usize, account: &Account, amount: Option<i64>, by: Instrument, dice: &Dice) {
        let n = self.numbers.fetch_add(1, Ordering::Relaxed);
        let amount = amount.unwrap_or_else(|| own_amount(n));
        let what = What::Charge { account: account.id.clone(), amount, by, on: None };
        let done = self.api.ask(self.asked(n, org, what), dice).await;
        if let (Some("succeeded"), Some(id)) = (done.heard.state.as_deref(), &done.heard.charge) {
            let mut refundable = lock(&self.orgs[org].refundable);
            refundable.push_back((id.clone(), amount));
            if refundable.len() > 1_000 {
                refundable.pop_front();
            }
        }
        self.note(&done, true);
    }

    fn asked(&self, n: u64, org: usize, what: What) -> Asked {
        Asked { at: 0, n, attempt: 0, org, key: format!("load-{:x}-{n}", self.seed), what }
    }

    /// Gives back a charge that succeeded: in whole, in part, or twice at once.
    async fn refunds(&self, org: usize, dice: &Dice) {
        let free = lock(&self.orgs[org].refundable).pop_front();
        let Some((charge, amount)) = free else { return };
        let amounts = match dice.below(4) {
            0 => vec![None],
            1 => vec![Some(amount / 3)],
            2 => vec![Some(amount / 3), Some(amount / 4)],
            // Both cannot be had.
            _ => vec![Some(amount / 3 * 2); 2],
        };
        let refunds = amounts.into_iter().enumerate().map(|(i, amount)| {
            let (charge, own) = (charge.clone(), Dice::of_nth(dice.below(u64::MAX), i as u64));
            async move {
                let n = self.numbers.fetch_add(1, Ordering::Relaxed);
                let done = self.api.ask(self.asked(n, org, What::Refund { charge, amount }), &own).await;
                self.note(&done, false);
            }
        });
        join_all(refunds).await;
    }

    /// Payments of nearly the whole balance at once, of which one can be had.
    async fn race(&self, account: &Account, dice: &Dice) {
        let own: Vec<Dice> =
            (0..COMPETING).map(|i| Dice::of_nth(dice.below(u64::MAX), i.unsigned_abs())).collect();
        join_all((0..COMPETING).zip(&own).map(|(less, own)| {
            // A method may pay only its own customer's accounts; a token belongs to nobody.
            let by = Instrument::Token("tok_visa".into());
            self.charge(account.org, account, Some(account.placed - less), by, own)
        }))
        .await;
    }

    fn note(&self, done: &Done, is_charge: bool) {
        let mut told = lock(&self.told);
        match done.heard.status {
            _ if !done.is_definite => told.undecided += 1,
            200..300 => {
                told.acknowledged += 1;
                told.charges += u64::from(is_charge);
            }
            400 => told.declined += 1,
            _ => told.refused += 1,
        }
        told.took.push(u64::try_from(done.took.as_micros()).unwrap_or(u64::MAX));
    }

    fn summary(&self, lasted: Duration) -> serde_json::Value {
        let mut told = lock(&self.told);
        told.took.sort_unstable();
        let share =
            |percent: usize| told.took.get((told.took.len() * percent / 100).min(told.took.len().max(1) - 1));
        let answered = told.acknowledged + told.declined + told.refused;
        let millis = u64::try_from(lasted.as_millis()).unwrap_or(1).max(1);
        json!({
            "requests": answered + told.undecided, "acknowledged": told.acknowledged, "declined": told.declined,
            "refused": told.refused, "undecided": told.undecided, "tries": self.api.tries.load(Ordering::Relaxed),
            "milliseconds": millis, "answered_per_second": answered * 1_000 / millis,
            "charges": told.charges, "charges_per_second": told.charges * 1_000 / millis,
            "p50_us": share(50), "p99_us": share(99), "max_us": told.took.last(),
        })
    }
}

/// An amount that no other request has.
pub(crate) fn own_amount(n: u64) -> i64 {
    let amount = 1_000 + i64::try_from(n).unwrap_or(0);
    if amount < MAGIC.start { amount } else { amount + (MAGIC.end - MAGIC.start) }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
