//! Random sequences of returns and declines against the presentments of plans: what the networks forbid is never sent, and
//! the books are right. Judged from the processor's journal alone.
//!
//! A sequence is one person with an account or card of their own: what it says to each charge, when that becomes known, and
//! what people do meanwhile follow from the seed and their number. So the same seed gives the same outcome on both engines,
//! and a part of the sequences the same as all of them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use base::secret::Secret;
use base::{Change, Day, Ts};
use books::debts::{DebtId, PlanId};
use books::holds::Payer;
use books::orgs::Tenant;
use books::people::CustomerId;
use books::settings::RuleChanges;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::tz::TimeZone;
use payments::card::{CardNumber, Expiry};
use payments::charges::till::{Ask, Paying, Till};
use payments::methods::{Given, MethodId, Ownership, Reauthorize};
use payments::plans::agree::{Asked, Interest};
use payments::plans::{self, Changes, Step, Update, Wish};
use payments::processor::BankKind;
use serde_json::json;

use super::bank::{Bank, Entry, Happened};
use super::codes::Network;
use super::house::{House, Place, reference};
use super::judge::{Ruling, judge};
use super::people::{Act, Person, Terms, person};
use crate::dice::Dice;

/// A Friday, ten in the morning in New York.
const BEGIN: &str = "2026-11-20T15:00:00Z";
const ZONE: &str = "America/New_York";
/// When a node looks on each day, in seconds after midnight: soon after it begins, and once more to ask what became of
/// what was not answered; in the morning, which is when people act; in the evening.
const LOOKS: [i64; 4] = [30, 300, 10 * 3_600, 18 * 3_600];
/// More rounds than any look needs.
const ENOUGH: usize = 5_000;

/// What to try.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// How many sequences
    #[arg(long, default_value_t = 10_000)]
    sequences: u64,
    /// How many of the first of them are told by a hash of their own
    #[arg(long, default_value_t = 1_000)]
    part: u64,
    /// For how many days
    #[arg(long, default_value_t = 365)]
    days: i64,
    /// Decides everything
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write what came of each of that part into this file
    #[arg(long, value_name = "FILE")]
    outcomes: Option<PathBuf>,
}

/// A person, and where they are in the books.
struct Debtor {
    person: Person,
    customer: CustomerId,
    method: MethodId,
    debts: Vec<(DebtId, PlanId, Terms, Day)>,
}

base::record! {
    struct Owed { id: DebtId, current_balance: i64, reserved: i64 }
}

base::record! {
    struct Stands { debt_id: DebtId, status: String, reason: Option<String> }
}

struct Trial {
    house: House,
    bank: Bank,
    till: Till,
    tenants: Vec<Tenant>,
    zone: TimeZone,
    payers: Vec<Debtor>,
    seed: u64,
    acted: BTreeMap<&'static str, u64>,
}

/// Runs it, prints what came of it, and ends with 1 where anything is wrong.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let mut trial = Trial::open(args).await?;
    let first = trial.house.now().day_in(&trial.zone);
    let bar = indicatif::ProgressBar::new(args.days.unsigned_abs());
    let mut day = first;
    for number in 1..=args.days {
        day = day.next();
        trial.live(day, number).await.with_context(|| format!("on {day}"))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    trial.tell(args).await
}

/// Two organizations: one as they come, and one that tries again and again, so that only the networks stop it.
fn stubborn() -> RuleChanges {
    RuleChanges {
        payment_plan_retries: Change::Set(9),
        payment_plan_retry_after_days: Change::Set(1),
        payment_plan_break_after: Change::Set(9),
        payment_plan_grace_days: Change::Set(30),
        ..RuleChanges::default()
    }
}

fn given(network: Network, number: &str) -> Result<Given> {
    if network == Network::Bank {
        return Ok(Given::Ach {
            routing_number: "110000000".into(),
            account_number: Secret::new(number.to_owned()),
            account_type: BankKind::Checking,
            ownership: Ownership::Personal,
            holder: "Punctual Payer".into(),
            postal_code: Some("10001".into()),
            state: Some("NY".into()),
        });
    }
    Ok(Given::Card {
        number: CardNumber::parse(number).context("a card number")?,
        expiry: Expiry::new(12, 2034).context("an expiry")?,
        security_code: None,
        holder: "Punctual Payer".into(),
        postal_code: None,
    })
}

impl Trial {
    async fn open(args: &Args) -> Result<Trial> {
        let begin = Ts::parse(BEGIN).context("an instant")?;
        let house = House::open(&args.place, begin, args.seed).await?;
        let bank = Bank::default();
        let mut tenants = vec![house.organization("Acme Recovery", ZONE, RuleChanges::default()).await?];
        tenants.push(house.organization("Zenith Collections", ZONE, stubborn()).await?);
        let zone = TimeZone::get(ZONE)?;
        let make = |n: u64| make(&house, &bank, &tenants, person(args.seed, n, tenants.len()));
        // One after the other where there is one writer anyway.
        let wide = if house.is_on_postgres() { 6 } else { 1 };
        let payers = stream::iter(0..args.sequences).map(make).buffered(wide).try_collect().await?;
        let till = house.till(Arc::new(bank.clone()));
        Ok(Trial { house, bank, till, tenants, zone, payers, seed: args.seed, acted: BTreeMap::new() })
    }

    /// A day passes.
    async fn live(&mut self, day: Day, number: i64) -> Result<()> {
        let begins = day.start_in(&self.zone);
        for (look, seconds) in LOOKS.into_iter().enumerate() {
            self.house.go_to(begins.plus_seconds(seconds)).await?;
            if look == 2 {
                self.act(number).await?;
            }
            let dice = Dice::of_nth(self.seed ^ 7, number.unsigned_abs() * 8 + look as u64);
            let sweeps_first = dice.below(2) == 0;
            if sweeps_first {
                self.sweep().await?;
            }
            let mut rounds = 0;
            loop {
                self.bank.next_step();
                if self.house.round(&self.till).await? == 0 {
                    break;
                }
                rounds += 1;
                anyhow::ensure!(rounds < ENOUGH, "it never comes to rest");
            }
            if !sweeps_first {
                self.sweep().await?;
            }
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<()> {
        loop {
            self.bank.next_step();
            if self.house.sweep(&self.till).await? == 0 {
                return Ok(());
            }
        }
    }

    /// What people do on this day.
    async fn act(&mut self, number: i64) -> Result<()> {
        let due = |payer: &Debtor| -> Vec<Act> {
            let on = payer.person.acts.iter().filter(|(day, _)| *day == number);
            on.map(|(_, act)| *act).collect()
        };
        let all: Vec<(usize, Act)> = self
            .payers
            .iter()
            .enumerate()
            .flat_map(|(at, payer)| due(payer).into_iter().map(move |act| (at, act)))
            .collect();
        for (at, act) in all {
            self.bank.next_step();
            let done = self.one(at, act).await?;
            let name = match (act, done) {
                (Act::Reauthorize, true) => "authorized anew",
                (Act::Reauthorize, false) => "a new authorization refused",
                (Act::Resume, true) => "let go on by hand",
                (Act::Resume, false) => "not let go on",
                (Act::SameAgain, true) => "the same account given again",
                (Act::SameAgain, false) => "the same account given again, refused",
                (Act::Another, true) => "another account given",
                (Act::Another, false) => "another account refused",
                (Act::PayOnce, true) => "paid at once",
                (Act::PayOnce, false) => "paid at once, refused",
            };
            *self.acted.entry(name).or_default() += 1;
        }
        Ok(())
    }

    /// Does it; gives whether it was allowed.
    async fn one(&self, at: usize, act: Act) -> Result<bool> {
        let (house, now) = (&self.house, self.house.now());
        let payer = &self.payers[at];
        let tenant = &self.tenants[payer.person.house];
        let (debt, plan, terms, start) = payer.debts[0];
        let written = debt.0.to_string();
        let nothing = plans::Given::default();
        let step =
            Step { tenant, id: plan, wish: Wish::Resume, method: None, given: &nothing, by: "a trial", now };
        match act {
            Act::Reauthorize => {
                let again = Reauthorize { tenant, id: payer.method, evidence: "a letter" };
                if !allowed(house.db.run(&again).await)? {
                    return Ok(false);
                }
                self.bank.note(Happened::Authorized(payer.person.number.clone(), now));
                if allowed(house.db.run(&step).await)? {
                    self.bank.note(Happened::GoesOn(written));
                }
                Ok(true)
            }
            Act::Resume => {
                let on = allowed(house.db.run(&step).await)?;
                if on {
                    self.bank.note(Happened::GoesOn(written));
                }
                Ok(on)
            }
            Act::SameAgain | Act::Another => {
                let (network, own) = (payer.person.habit.network, &payer.person.number);
                let number = if act == Act::Another { &payer.person.other.1 } else { own };
                let given = given(network, number)?;
                let method = house.method(tenant, payer.customer, &self.bank, given).await?;
                let changes = Changes {
                    debt: None,
                    frequency: terms.frequency,
                    start,
                    amount: base::Cents::new(terms.amount),
                    total: None,
                    rate: Change::Keep,
                    interest: Interest::default(),
                    method: Some(reference(method)),
                    given: None,
                };
                let update = Update { tenant, id: plan, changes: &changes, by: "a trial".into(), now };
                let done = allowed(house.db.run(&update).await)?;
                if done {
                    self.bank.note(Happened::GoesOn(written));
                }
                Ok(done)
            }
            Act::PayOnce => {
                let ask = Ask {
                    once: None,
                    debt: Some(reference(debt)),
                    linked: true,
                    paying: Paying::Stored(reference(payer.method)),
                    amount: base::Cents::new(terms.amount),
                    scheduled_at: None,
                    source: "api",
                    payer: Payer::Customer,
                    description: None,
                    receipt_to: None,
                    authorized: None,
                };
                allowed(self.till.take(tenant, ask).await)
            }
        }
    }

    /// Judges, prints, and gives the end.
    async fn tell(&self, args: &Args) -> Result<ExitCode> {
        let (now, list) = (self.house.now(), self.bank.list(self.house.now()));
        let firsts: HashMap<String, Day> = self
            .payers
            .iter()
            .flat_map(|payer| payer.debts.iter().map(|(debt, .., start)| (debt.0.to_string(), *start)))
            .collect();
        let faults = self.house.faults(&self.tenants, &list).await?;
        let tx = self.house.db.read().await?;
        let owed: Vec<Owed> =
            tx.all("SELECT id, current_balance, reserved FROM debt ORDER BY id", &[]).await?;
        let owed: HashMap<DebtId, Owed> = owed.into_iter().map(|row| (row.id, row)).collect();
        let plans: Vec<Stands> =
            tx.all("SELECT debt_id, status, reason FROM payment_plan ORDER BY id", &[]).await?;
        drop(tx);
        let stands: HashMap<DebtId, (String, Option<String>)> =
            plans.into_iter().map(|row| (row.debt_id, (row.status, row.reason))).collect();
        let book = self.bank.book();
        let Ruling { mut wrong, mut seen, codes } = judge(&book, &firsts, &self.zone);
        wrong.extend(faults);
        wrong.extend(self.money(&book.entries, &owed, now));
        seen.extend([("lost on its way", book.answers_lost.0), ("its answer lost", book.answers_lost.1)]);
        seen.extend(self.acted.iter().map(|(what, n)| (*what, *n)));
        let mut ends: BTreeMap<String, u64> = BTreeMap::new();
        for (status, reason) in stands.values() {
            let reason = reason.as_deref().map(|reason| format!(", {reason}")).unwrap_or_default();
            *ends.entry(format!("{status}{reason}")).or_default() += 1;
        }
        let came = |most: u64| self.outcome(&book.entries, &owed, &stands, now, most);
        let hash = |most: u64| hashed(&came(most));
        if let Some(file) = &args.outcomes {
            std::fs::write(file, came(args.part)).with_context(|| format!("writing {}", file.display()))?;
        }
        let told = json!({
            "sequences": args.sequences,
            "hash": format!("{:016x}", hash(args.sequences)),
            "part": format!("{:016x}", hash(args.part)),
            "seen": seen,
            "codes": codes,
            "ends": ends,
            "wrong": wrong.len(),
            "examples": wrong.iter().take(20).collect::<Vec<_>>(),
        });
        println!("{told}");
        Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// What a person owes is what they owed without what their accounts have paid, by the processor's journal.
    fn money(&self, entries: &[Entry], owed: &HashMap<DebtId, Owed>, now: Ts) -> Vec<String> {
        let mut paid: HashMap<&str, i64> = HashMap::new();
        for entry in entries.iter().filter(|entry| entry.is_paid(now)) {
            *paid.entry(entry.account.as_str()).or_default() += entry.amount;
        }
        let mut wrong = Vec::new();
        for payer in &self.payers {
            let accounts = [&payer.person.number, &payer.person.other.1];
            let paid: i64 = accounts.iter().filter_map(|number| paid.get(number.as_str())).sum();
            let placed: i64 = payer.debts.iter().map(|(_, _, terms, _)| terms.owed).sum();
            let left: i64 =
                payer.debts.iter().filter_map(|(debt, ..)| Some(owed.get(debt)?.current_balance)).sum();
            if placed - paid != left {
                wrong.push(format!("{} owe {left} of {placed}; they have paid {paid}", payer.person.number));
            }
            let under_way: Vec<i64> =
                payer.debts.iter().filter_map(|(debt, ..)| Some(owed.get(debt)?.reserved)).collect();
            if under_way.iter().any(|reserved| *reserved < 0) {
                wrong.push(format!("{}: {under_way:?} are reserved", payer.person.number));
            }
        }
        wrong
    }

    /// What came of the first `most` people, a paragraph each. Those with two plans on one account are left out: on a server it is
    /// chance which of the two comes first on a day that both have.
    fn outcome(
        &self,
        entries: &[Entry],
        owed: &HashMap<DebtId, Owed>,
        stands: &HashMap<DebtId, (String, Option<String>)>,
        now: Ts,
        most: u64,
    ) -> String {
        let mut of: HashMap<&str, Vec<&Entry>> = HashMap::new();
        for entry in entries {
            of.entry(entry.debt.as_str()).or_default().push(entry);
        }
        let mut told = String::new();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        for payer in self.payers.iter().take(most).filter(|payer| payer.debts.len() == 1) {
            let (debt, ..) = payer.debts[0];
            for entry in of.get(debt.0.to_string().as_str()).into_iter().flatten() {
                let Entry { account, amount, at, source, .. } = entry;
                let standing = entry.standing(now).0;
                told.push_str(&format!("{account} {amount} {at} {source} {standing:?}\n"));
            }
            let owes = owed.get(&debt).map(|row| row.current_balance);
            told.push_str(&format!("{} owes {owes:?}: {:?}\n\n", payer.person.number, stands.get(&debt)));
        }
        told
    }
}

fn hashed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Whether somebody was allowed to do something. A fault of ours is an error.
fn allowed<T>(done: base::Result<T>) -> Result<bool> {
    match done {
        Ok(_) => Ok(true),
        Err(base::Failure::Refused(_)) => Ok(false),
        Err(failure) => Err(failure.into()),
    }
}

async fn make(house: &House, bank: &Bank, tenants: &[Tenant], person: Person) -> Result<Debtor> {
    let tenant = &tenants[person.house];
    bank.knows(&person.number, person.habit);
    bank.knows(&person.other.1, person.other.0);
    let customer = house.customer(tenant).await?;
    let today = tenant.today(house.now());
    let mut debts = Vec::new();
    let mut first = None;
    for (place, terms) in (0..).zip(&person.plans) {
        let given = given(person.habit.network, &person.number)?;
        let method = house.method(tenant, customer, bank, given).await?;
        first.get_or_insert(method);
        let debt = house.debt(tenant, customer, terms.owed).await?;
        bank.knows_debt(debt.0.to_string(), place);
        let start = (0..terms.starts_in).fold(today, |day, _| day.next());
        let asked = Asked {
            frequency: terms.frequency,
            start: Some(start),
            amount: base::Cents::new(terms.amount),
            total: None,
            open_ended: terms.open_ended,
            down: None,
            down_on: None,
            interest: Interest::default(),
        };
        let plan = house.plan(tenant, debt, method, asked).await?;
        debts.push((debt, plan, *terms, start));
    }
    let method = first.context("at least one plan")?;
    Ok(Debtor { person, customer, method, debts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_however_many_there_are() {
        let told = |n| format!("{:?}", person(7, n, 2));
        assert_eq!(told(3), told(3));
        assert_ne!(told(3), told(4));
        let numbers: std::collections::HashSet<String> = (0..2_000)
            .flat_map(|n| {
                let p = person(7, n, 2);
                [p.number, p.other.1]
            })
            .collect();
        assert_eq!(numbers.len(), 4_000);
    }
}
