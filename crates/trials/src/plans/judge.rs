//! What the processor's journal must not hold. It reads nothing of our books: who was told what, and what was presented
//! after that.

use std::collections::{BTreeMap, HashMap};

use base::us::is_banking_day;
use base::{Day, Ts};
use jiff::tz::TimeZone;

use super::bank::{Book, Entry, Happened};
use super::codes::{Lift, Means, Network, means};

/// How long presentments of an entry count, in seconds, and how many there may be (Nacha Operating Rules, 2.12.4).
const COUNTED_SECONDS: i64 = 180 * 86_400;
const MOST: usize = 3;
/// How often one card may be tried in a day and in thirty: the most that any network allows.
const CARD: [(i64, usize); 2] = [(86_400, 10), (30 * 86_400, 35)];

/// What came of it.
#[derive(Default)]
pub(crate) struct Ruling {
    pub(crate) wrong: Vec<String>,
    /// How often what was watched for happened at all.
    pub(crate) seen: BTreeMap<&'static str, u64>,
    /// How often each code was told.
    pub(crate) codes: BTreeMap<String, u64>,
}

/// Why an account is not charged any more, and in which step we were told.
struct Stop {
    code: String,
    lift: Lift,
    step: u64,
}

/// What is known of an account or card.
#[derive(Default)]
struct Account {
    stop: Option<Stop>,
    /// Not before this, as we were told in that step.
    wait: Option<(Ts, u64)>,
    /// Since when its presentments count: a new authorization is a new beginning.
    since: Option<Ts>,
    presented: Vec<usize>,
    /// Refused for want of money, each with the step in which we were told.
    unfunded: Vec<(usize, u64)>,
}

/// What is known of a plan, by its debt.
#[derive(Default)]
struct Plan {
    /// It stands still since we were told this code in that step.
    hold: Option<(String, u64)>,
    /// It is over since.
    over: Option<(String, u64)>,
    last: Option<Day>,
}

/// Judges a whole journal. `firsts` has the first day of each debt's plan.
pub(crate) fn judge(book: &Book, firsts: &HashMap<String, Day>, zone: &TimeZone) -> Ruling {
    let mut case = Case {
        entries: &book.entries,
        firsts,
        zone,
        accounts: HashMap::new(),
        plans: HashMap::new(),
        instalments: HashMap::new(),
        told: vec![None; book.entries.len()],
        ruling: Ruling::default(),
    };
    for (step, happened) in &book.journal {
        match happened {
            Happened::Presented(n) => case.presented(*n, *step),
            Happened::Refused(n, at) => case.refused(*n, *at, *step),
            Happened::Authorized(account, at) => case.authorized(account, *at),
            Happened::GoesOn(debt) => {
                case.count("a plan was let go on");
                case.plans.entry(debt.clone()).or_default().hold = None;
            }
        }
    }
    case.ruling
}

struct Case<'a> {
    entries: &'a [Entry],
    firsts: &'a HashMap<String, Day>,
    zone: &'a TimeZone,
    accounts: HashMap<String, Account>,
    plans: HashMap<String, Plan>,
    /// The presentments of each instalment.
    instalments: HashMap<String, Vec<usize>>,
    /// In which step we were told of each that it came to nothing.
    told: Vec<Option<u64>>,
    ruling: Ruling,
}

impl Case<'_> {
    fn count(&mut self, what: &'static str) {
        *self.ruling.seen.entry(what).or_default() += 1;
    }

    fn wrong(&mut self, n: usize, what: &str) {
        let Entry { key, account, debt, at, amount, .. } = &self.entries[n];
        let one = |n: &usize| {
            let Entry { key, at, amount, source, .. } = &self.entries[*n];
            format!("{key} of {amount} by {source} at {at}, {:?}", self.entries[*n].said())
        };
        let before: Vec<String> = self.entries[..n]
            .iter()
            .enumerate()
            .filter(|(_, other)| other.account == *account)
            .map(|(n, _)| one(&n))
            .collect();
        let before = before.join("; ");
        let what = format!("{what}: {key} of {amount} on {account} for {debt} at {at}. Before it: {before}");
        self.ruling.wrong.push(what);
    }

    fn presented(&mut self, n: usize, step: u64) {
        self.count("presentments");
        let entry = &self.entries[n];
        let account = self.accounts.entry(entry.account.clone()).or_default();
        let mut wrong = Vec::new();
        if let Some(stop) = account.stop.as_ref().filter(|stop| stop.step < step) {
            wrong.push(format!("presented after {}", stop.code));
        }
        if let Some((until, _)) = account.wait.filter(|(until, told)| *told < step && entry.at < *until) {
            wrong.push(format!("presented before {until}, when it may be tried again"));
        }
        let begin = entry.at.plus_seconds(-COUNTED_SECONDS);
        let begin = account.since.map_or(begin, |since| since.max(begin));
        if entry.network == Network::Bank {
            let counts = |other: &Entry| other.amount == entry.amount && other.at >= begin;
            let unfunded = account.unfunded.iter().filter(|(_, told)| *told < step);
            let unfunded = unfunded.filter(|(other, _)| counts(&self.entries[*other])).count();
            // What has settled counts as paid, until we are told that it came back.
            let open = account.presented.iter().filter(|other| {
                let one = &self.entries[**other];
                counts(one) && one.settles_after(entry.at) && self.told[**other].is_none()
            });
            let so_far = unfunded + open.count();
            if unfunded > 0 && so_far >= MOST {
                wrong.push(format!("presented once more after {so_far} times without funds or open"));
            }
            if unfunded == MOST - 1 {
                *self.ruling.seen.entry("an entry presented for the third time").or_default() += 1;
            }
        } else {
            for (seconds, most) in CARD {
                let since = entry.at.plus_seconds(-seconds);
                let many = account.presented.iter().filter(|o| self.entries[**o].at > since).count();
                if many >= most {
                    wrong.push(format!("the card was tried {many} times within {seconds} s before"));
                }
            }
        }
        account.presented.push(n);
        if entry.source == "schedule" {
            wrong.extend(self.by_plan(n, step, begin));
        }
        for what in wrong {
            self.wrong(n, &what);
        }
    }

    /// What holds for what a plan presents.
    fn by_plan(&mut self, n: usize, step: u64, begin: Ts) -> Vec<String> {
        let entry = &self.entries[n];
        let mut wrong = Vec::new();
        let day = entry.at.day_in(self.zone);
        if self.firsts.get(&entry.debt).is_none_or(|first| day < *first) {
            wrong.push("earlier than anything was agreed".to_owned());
        }
        if entry.network == Network::Bank && !is_banking_day(day) {
            wrong.push(format!("debited on {day}, which is no banking day"));
        }
        let plan = self.plans.entry(entry.debt.clone()).or_default();
        if plan.last.replace(day) == Some(day) {
            wrong.push(format!("presented twice on {day} by one plan"));
        }
        if let Some((code, _)) = plan.over.as_ref().filter(|(_, told)| *told < step) {
            wrong.push(format!("presented by a plan that {code} had ended"));
        } else if let Some((code, _)) = plan.hold.as_ref().filter(|(_, told)| *told < step) {
            wrong.push(format!("presented by a plan that {code} had stopped"));
        }
        let instalment = entry.key.rsplit_once('-').map_or(entry.key.as_str(), |(instalment, _)| instalment);
        let times = self.instalments.entry(instalment.to_owned()).or_default();
        times.push(n);
        let of_it = |other: &&usize| {
            let other = &self.entries[**other];
            other.at >= begin && other.account == entry.account
        };
        let many = times.iter().filter(of_it).count();
        if entry.network == Network::Bank && many > MOST {
            wrong.push(format!("one entry presented {many} times in 180 days"));
        }
        wrong
    }

    fn refused(&mut self, n: usize, at: Ts, step: u64) {
        let entry = &self.entries[n];
        let Some(said) = entry.said() else { return };
        self.told[n] = Some(step);
        let code = said.1.map_or_else(|| said.0.to_owned(), |advice| format!("{} {advice}", said.0));
        *self.ruling.codes.entry(code.clone()).or_default() += 1;
        if entry.came_back_after().is_some_and(|days| days >= 30) {
            self.count("came back after thirty days");
        }
        let account = self.accounts.entry(entry.account.clone()).or_default();
        let by_plan = entry.source == "schedule";
        let mut stops = |lift: Lift| {
            let before = account.stop.take();
            let (lift, step) =
                before.as_ref().map_or((lift, step), |stop| (lift.min(stop.lift), step.min(stop.step)));
            account.stop = Some(Stop { code: code.clone(), lift, step });
        };
        let mut seen = Vec::new();
        match means(entry.network, said) {
            Means::Funds => {
                account.unfunded.push((n, step));
                seen.push("returned for want of money");
                let begin = at.plus_seconds(-COUNTED_SECONDS);
                let begin = account.since.map_or(begin, |since| since.max(begin));
                let same = |other: &Entry| other.amount == entry.amount && other.at >= begin;
                let same = account.unfunded.iter().filter(|(o, _)| same(&self.entries[*o])).count();
                if same >= MOST {
                    seen.push("an entry that may not be presented again");
                }
            }
            Means::Later(hours) => {
                let until = at.plus_seconds(hours * 3_600);
                let before = account.wait.filter(|(before, _)| *before >= until);
                account.wait = before.or(Some((until, step)));
                seen.push("refused for now");
            }
            Means::Hold => {
                seen.push("refused, and a person is needed");
                if by_plan {
                    self.plans.entry(entry.debt.clone()).or_default().hold = Some((code, step));
                }
            }
            Means::Stop(lift) => {
                stops(lift);
                seen.push("stopped by a code");
                if by_plan {
                    self.plans.entry(entry.debt.clone()).or_default().hold = Some((code, step));
                }
            }
            Means::Unauthorized => {
                stops(Lift::Word);
                seen.push("not authorized");
                if by_plan {
                    let plan = self.plans.entry(entry.debt.clone()).or_default();
                    plan.over.get_or_insert((code, step));
                }
            }
        }
        for what in seen {
            self.count(what);
        }
    }

    fn authorized(&mut self, account: &str, at: Ts) {
        self.count("authorized anew");
        let known = self.accounts.entry(account.to_owned()).or_default();
        let stop = known.stop.take();
        known.wait = None;
        known.since = Some(at);
        if let Some(Stop { code, lift: Lift::Nothing | Lift::Details, .. }) = stop {
            let what = format!("a new authorization of {account} was taken after {code}");
            self.ruling.wrong.push(what);
        }
    }
}
