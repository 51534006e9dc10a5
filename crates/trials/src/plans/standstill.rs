//! Nothing runs for 72 hours, over a weekend on which the clocks change, while instalments fall due; then it comes back.
//!
//! Judged by the sandbox processor's own journal, read from its file. No two plans pay the same amount, so that the journal
//! tells whose a charge is without anything that our side wrote on it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use adapters::processor::{InProcess, read_journal};
use anyhow::{Context as _, Result, ensure};
use base::seams::{Entropy as _, SeededEntropy};
use base::secret::Secret;
use base::{Cents, Change, Day, Ts};
use books::debts::Frequency;
use books::orgs::Tenant;
use books::people::CustomerId;
use books::settings::RuleChanges;
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use payments::charges::till::Till;
use payments::methods::{Given, MethodId};
use payments::plans::agree::{Asked, Interest};
use payments::processor::{
    Answer, Capabilities, Instrument, Later, Lookup, Order, Page, Processor, RefundOrder, TokenizeError,
    Tokenized, Trace, Unreachable,
};
use serde_json::json;

use super::house::{House, Place};
use crate::check::oracle::{Charged, Oracle};
use crate::dice::Dice;

/// A Wednesday.
const BEGIN: &str = "2026-10-28T15:00:00Z";
/// Friday, six in the evening in New York; and 72 hours later, an hour of which the clocks went back.
const STOPS: &str = "2026-10-30T22:00:00Z";
const BACK: &str = "2026-11-02T22:00:00Z";
/// By then everything was due.
const END: &str = "2026-11-20T22:00:00Z";
/// The organizations' zones.
const ZONES: [&str; 2] = ["America/New_York", "Pacific/Honolulu"];
/// How many debts somebody has.
const DEBTS_EACH: u64 = 10;
/// What the first plan pays at a time, and what a down payment is more than an instalment.
const LEAST: i64 = 2_000;
const DOWN: i64 = 200_000;
/// What is more than this late is caught up on.
const LATE_SECONDS: i64 = 86_400;

/// What to try.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Where the processor keeps its journal
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// How many plans
    #[arg(long, default_value_t = 10_000)]
    plans: u64,
    /// How many late instalments each organization sends out in a minute
    #[arg(long = "per-minute", num_args = 2, default_values_t = [240, 330])]
    per_minute: Vec<i64>,
    /// How many nodes come back
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// Decides everything
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A plan: whose, and what was agreed on.
struct Agreed {
    house: usize,
    /// Each payment's amount and day, in their order.
    payments: Vec<(i64, Day)>,
    /// Its first charge is declined for now, before everything stops.
    declined_first: bool,
    by_bank: bool,
}

/// The sandbox, which declines what it is told to for now as long as it is before `until`.
#[derive(Clone)]
struct Reluctant {
    inner: InProcess,
    amounts: Arc<HashSet<i64>>,
    until: Ts,
}

impl Processor for Reluctant {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn tokenize<'a>(&'a self, now: Ts, new: &'a Instrument) -> Later<'a, Result<Tokenized, TokenizeError>> {
        self.inner.tokenize(now, new)
    }

    fn inspect<'a>(
        &'a self,
        now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        self.inner.inspect(now, token)
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        if now >= self.until || !self.amounts.contains(&order.amount.get()) {
            return self.inner.submit(now, order);
        }
        Box::pin(async move {
            let declined = Order { token: Secret::new("tok_do_not_honor".into()), ..order.clone() };
            self.inner.submit(now, &declined).await
        })
    }

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        self.inner.refund(now, order)
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        self.inner.void(now, key, charge)
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        self.inner.lookup(now, what)
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        self.inner.list_since(now, since, after)
    }
}

base::record! {
    struct Due { at: Option<Ts> }
}

struct Trial {
    house: House,
    processor: Reluctant,
    tenants: Vec<Tenant>,
    agreed: Vec<Agreed>,
}

/// Runs it, prints what came of it, and ends with 1 where anything is wrong.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let instant = |text: &str| Ts::parse(text).context("an instant");
    let (stops, back, end) = (instant(STOPS)?, instant(BACK)?, instant(END)?);
    let trial = Trial::open(args).await?;
    let mut nodes = trial.nodes(1).await?;
    while trial.house.now() < stops {
        trial.look(&nodes).await?;
        trial.house.go_to(trial.house.now().plus_seconds(3_600).min(stops)).await?;
    }
    nodes.clear();
    trial.house.go_to(back).await?;
    let nodes = trial.nodes(args.nodes).await?;
    while trial.house.now() < end {
        trial.look(&nodes).await?;
        trial.house.go_to(trial.next(end).await?).await?;
    }
    trial.look(&nodes).await?;
    trial.tell(args, (stops, back)).await
}

impl Trial {
    async fn open(args: &Args) -> Result<Trial> {
        let begin = Ts::parse(BEGIN).context("an instant")?;
        let house = House::open(&args.place, begin, args.seed).await?;
        let mut tenants = Vec::new();
        for (n, zone) in ZONES.into_iter().enumerate() {
            let rules = RuleChanges {
                payment_plan_catch_up_per_minute: Change::Set(args.per_minute[n]),
                payment_plan_retry_after_days: Change::Set(1),
                ..RuleChanges::default()
            };
            tenants.push(house.organization(&format!("Agency {n}"), zone, rules).await?);
        }
        let agreed: Vec<Agreed> =
            (0..args.plans).map(|n| agree(args.seed, n)).collect::<Option<_>>().context("a day")?;
        let reluctant = agreed.iter().filter(|plan| plan.declined_first);
        let amounts =
            reluctant.flat_map(|plan| plan.payments.iter().take(1).map(|(amount, _)| *amount)).collect();
        let entropy = SeededEntropy::new(args.seed);
        let random: sandbox::Random = Arc::new(move |bytes: &mut [u8]| entropy.fill(bytes));
        let settings = sandbox::Settings {
            settle_after_seconds: 86_400,
            inline: true,
            ..sandbox::Settings::at(&args.journal)
        };
        let inner = InProcess::new(sandbox::Service::open(settings, random)?);
        let until = Ts::parse(STOPS).context("an instant")?;
        let processor = Reluctant { inner, amounts: Arc::new(amounts), until };
        let wide = if house.is_on_postgres() { 6 } else { 1 };
        let payers = args.plans.div_ceil(DEBTS_EACH);
        let trial = Trial { house, processor, tenants, agreed };
        let one = |payer: u64| trial.enrol(payer);
        stream::iter(0..payers).map(one).buffer_unordered(wide).try_collect::<Vec<()>>().await?;
        Ok(trial)
    }

    /// Somebody owes, and agrees on their plans.
    async fn enrol(&self, payer: u64) -> Result<()> {
        let mut theirs: HashMap<usize, (CustomerId, [MethodId; 2])> = HashMap::new();
        let from = usize::try_from(payer * DEBTS_EACH)?;
        for plan in self.agreed.iter().skip(from).take(usize::try_from(DEBTS_EACH)?) {
            let tenant = &self.tenants[plan.house];
            if let Entry::Vacant(place) = theirs.entry(plan.house) {
                let customer = self.house.customer(tenant).await?;
                let methods = [
                    self.method(tenant, customer, "tok_visa").await?,
                    self.method(tenant, customer, "tok_bank").await?,
                ];
                place.insert((customer, methods));
            }
            let (customer, methods) = theirs[&plan.house];
            let method = match (plan.declined_first, plan.by_bank) {
                // A refusal is remembered against a card: not against those of the others.
                (true, _) => self.method(tenant, customer, "tok_mastercard").await?,
                (false, by_bank) => methods[usize::from(by_bank)],
            };
            let owed: i64 = plan.payments.iter().map(|(amount, _)| amount).sum();
            let debt = self.house.debt(tenant, customer, owed).await?;
            let has_down = plan.payments[0].0 > DOWN;
            let (each, start) = plan.payments[usize::from(has_down)];
            let asked = Asked {
                frequency: Frequency::Weekly,
                start: Some(start),
                amount: Cents::new(each),
                total: None,
                open_ended: false,
                down: has_down.then(|| Cents::new(plan.payments[0].0)),
                down_on: has_down.then_some(plan.payments[0].1),
                interest: Interest::default(),
            };
            self.house.plan(tenant, debt, method, asked).await?;
        }
        Ok(())
    }

    async fn method(&self, tenant: &Tenant, customer: CustomerId, token: &str) -> Result<MethodId> {
        let given = Given::Token { token: Secret::new(token.to_owned()), kind: None };
        self.house.method(tenant, customer, &self.processor, given).await
    }

    /// Nodes that start, and charge nothing before they have looked through the processor's list.
    async fn nodes(&self, many: usize) -> Result<Vec<Till>> {
        let nodes: Vec<Till> = (0..many)
            .map(|_| self.house.till(Arc::new(self.processor.clone())).closed_until_swept())
            .collect();
        for node in &nodes {
            ensure!(node.first_sweep().await?, "a node does not open");
        }
        Ok(nodes)
    }

    /// All nodes at once, until none of them finds anything to do.
    async fn look(&self, nodes: &[Till]) -> Result<()> {
        while self.house.sweep(&nodes[0]).await? > 0 {}
        loop {
            let done = try_join_all(nodes.iter().map(|node| self.house.round(node))).await?;
            if done.iter().sum::<u64>() == 0 {
                return Ok(());
            }
        }
    }

    /// When to look next: when something is due, but no sooner than in ten seconds, and twice a day in any case.
    async fn next(&self, end: Ts) -> Result<Ts> {
        let now = self.house.now();
        let sql = "SELECT min(due_at) FROM (SELECT min(due_at) AS due_at FROM instalment WHERE state = 'scheduled' \
                   UNION ALL SELECT min(due_at) FROM charge) AS due";
        let due: Due = self.house.db.read().await?.one(sql, &[]).await?;
        let due = due.at.unwrap_or(end).max(now.plus_seconds(10));
        Ok(due.min(now.plus_seconds(12 * 3_600)).min(end))
    }

    async fn tell(&self, args: &Args, (stops, back): (Ts, Ts)) -> Result<ExitCode> {
        let list = read_journal(&args.journal, self.house.now())?;
        let mut wrong = self.house.faults(&self.tenants, &list).await?;
        let tx = self.house.db.read().await?;
        let owing =
            tx.number("SELECT count(*) FROM debt WHERE current_balance <> 0 OR reserved <> 0", &[]).await?;
        let open = tx.number("SELECT count(*) FROM payment_plan WHERE status <> 'completed'", &[]).await?;
        drop(tx);
        for (many, what) in [(owing, "accounts still owe"), (open, "plans are not completed")] {
            if many > 0 {
                wrong.push(format!("{many} {what}"));
            }
        }
        let journal = Oracle::read(&args.journal)?;
        let seen = self.judge(&journal.charges, (stops, back), &args.per_minute, &mut wrong);
        let told = json!({
            "plans": args.plans,
            "seen": seen,
            "wrong": wrong.len(),
            "examples": wrong.iter().take(20).collect::<Vec<_>>(),
        });
        println!("{told}");
        Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Holds the journal against what was agreed; gives the figures.
    fn judge(
        &self,
        charges: &[Charged],
        (stops, back): (Ts, Ts),
        per_minute: &[i64],
        wrong: &mut Vec<String>,
    ) -> BTreeMap<String, i64> {
        let mut of: BTreeMap<usize, Vec<&Charged>> = BTreeMap::new();
        for charge in charges {
            match whose(charge.amount).filter(|n| *n < self.agreed.len()) {
                Some(n) => of.entry(n).or_default().push(charge),
                None => wrong.push(format!("a charge of {} that nobody agreed on", charge.amount)),
            }
        }
        let mut seen: BTreeMap<String, i64> = BTreeMap::new();
        // What was late when it came back: the first of each plan, and those that another of the same plan went before.
        let (mut first, mut behind) = (vec![Minutes::new(); 2], vec![Minutes::new(); 2]);
        for (n, plan) in self.agreed.iter().enumerate() {
            let zone = &self.tenants[plan.house].zone;
            let mut own: Vec<&Charged> = of.remove(&n).unwrap_or_default();
            own.sort_by_key(|charge| charge.at);
            let mut days = HashSet::new();
            let mut paid: HashMap<i64, usize> = HashMap::new();
            let mut since = 0;
            for charge in own {
                let at = Ts::from_micros(charge.at);
                if !days.insert(at.day_in(zone)) {
                    wrong.push(format!("plan {n} is charged twice on {}", at.day_in(zone)));
                }
                if at > stops && at < back {
                    wrong.push(format!("plan {n} is charged at {at}, while nothing runs"));
                }
                let nth = paid.get(&charge.amount).copied().unwrap_or(0);
                let mut same = plan.payments.iter().filter(|(amount, _)| *amount == charge.amount);
                let Some((_, agreed)) = same.nth(nth) else {
                    wrong.push(format!("plan {n} is charged {} once more than agreed", charge.amount));
                    continue;
                };
                if at < agreed.start_in(zone) {
                    wrong.push(format!("plan {n} is charged at {at} for {agreed}"));
                }
                if charge.declined {
                    *seen.entry("declined before it stopped".into()).or_default() += 1;
                    continue;
                }
                *paid.entry(charge.amount).or_default() += 1;
                if at < back {
                    continue;
                }
                let is_late = agreed.start_in(zone) < back.plus_seconds(-LATE_SECONDS);
                match (is_late, since) {
                    (true, 0) => first[plan.house].add(at),
                    (true, _) => behind[plan.house].add(at),
                    (false, _) if agreed.start_in(zone) < back => {
                        *seen.entry("due on the day of its return".into()).or_default() += 1;
                    }
                    (false, _) => *seen.entry("due later".into()).or_default() += 1,
                }
                since += 1;
            }
            for (amount, _) in &plan.payments {
                let agreed = plan.payments.iter().filter(|(a, _)| a == amount).count();
                let times = paid.get(amount).copied().unwrap_or(0);
                if times != agreed {
                    wrong.push(format!("plan {n} has paid {amount} {times} times, and agreed on {agreed}"));
                }
            }
        }
        for (house, most) in per_minute.iter().enumerate() {
            for (what, minutes) in [("late", &first[house]), ("behind", &behind[house])] {
                seen.insert(format!("agency {house}: {what}"), minutes.total());
                seen.insert(format!("agency {house}: {what}, most in a minute"), minutes.top());
                seen.insert(format!("agency {house}: {what}, minutes"), minutes.many());
            }
            seen.insert(format!("agency {house}: wanted in a minute"), *most);
            // No slower either: it came back on a banking day, so the first of each plan could go from its first minute on,
            // and the others from the first minute of the next day.
            for late in [&first[house], &behind[house]] {
                let (top, took, needed) = (late.top(), late.many(), (late.total() + most - 1) / most);
                if top > *most {
                    wrong.push(format!(
                        "agency {house} sent out {top} late ones in a minute, and wants {most}"
                    ));
                }
                if took > needed + 1 {
                    wrong.push(format!(
                        "agency {house} took {took} minutes to catch up, and {needed} were needed"
                    ));
                }
            }
        }
        seen
    }
}

/// How many in each minute of the clock.
#[derive(Clone)]
struct Minutes(BTreeMap<i64, i64>);

impl Minutes {
    fn new() -> Minutes {
        Minutes(BTreeMap::new())
    }

    fn add(&mut self, at: Ts) {
        *self.0.entry(at.micros().div_euclid(60_000_000)).or_default() += 1;
    }

    fn total(&self) -> i64 {
        self.0.values().sum()
    }

    fn top(&self) -> i64 {
        self.0.values().copied().max().unwrap_or(0)
    }

    /// From the first of these minutes to the last.
    fn many(&self) -> i64 {
        let (first, last) = (self.0.keys().next(), self.0.keys().next_back());
        first.zip(last).map_or(0, |(first, last)| last - first + 1)
    }
}

/// The plan that pays this amount.
fn whose(amount: i64) -> Option<usize> {
    let amount = if amount > DOWN { amount - DOWN } else { amount };
    usize::try_from(amount - LEAST).ok()
}

/// What the `n`-th plan is.
fn agree(seed: u64, n: u64) -> Option<Agreed> {
    let dice = Dice::of_nth(seed, n);
    let day = |text: &str| Day::parse(text);
    let each = LEAST + i64::try_from(n).ok()?;
    let weekend = [day("2026-10-31")?, day("2026-11-01")?, day("2026-11-02")?];
    let kind = dice.below(10);
    let (down, start) = match kind {
        // One is due while nothing runs.
        0..=4 => (None, weekend[dice.index(3)]),
        // Two are.
        5..=7 => [(0, 1), (0, 2), (1, 2)].map(|(a, b)| (Some(weekend[a]), weekend[b]))[dice.index(3)],
        // One was refused on Friday, and is due again when another is.
        8 => (Some(day("2026-10-30")?), weekend[1 + dice.index(2)]),
        // Everything is in time.
        _ => (None, day("2026-10-30")?),
    };
    let mut payments: Vec<(i64, Day)> = down.map(|down| (DOWN + each, down)).into_iter().collect();
    let second = (0..7).fold(start, |day, _| day.next());
    payments.extend([(each, start), (each, second)]);
    let declined_first = kind == 8;
    let by_bank = !declined_first && dice.below(10) < 3;
    Some(Agreed { house: usize::try_from(dice.below(2)).ok()?, payments, declined_first, by_bank })
}
