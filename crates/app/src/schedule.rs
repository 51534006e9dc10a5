//! `quittance schedule`: a plan's calendar, and why each day was chosen.

use std::process::ExitCode;

use anyhow::{Result, bail};
use base::{Cents, Day, us};
use books::debts::Frequency;
use books::debts::plans::{Rate, announced};
use clap::{Args, Subcommand, ValueEnum};
use payments::networks::ach;
use payments::plans::interest::{Bearing, Payments, Projected, project};
use payments::plans::schedule::{Down, Odd, Planned, Terms, schedule};
use serde_json::{Value, json};

use crate::telling::table;

/// A plan's calendar.
#[derive(Subcommand)]
pub(crate) enum Schedule {
    /// Print every payment of a plan: its day, when it is charged, when a bank debit settles, when notice is due, and why
    ///
    /// Asks no database. Amounts are whole cents.
    #[command(
        after_help = "Examples:\n  quittance schedule preview --amount 5000 --total 30000 --frequency monthly --start 2026-12-31 --by bank\n  quittance schedule preview --amount 2500 --total 10000 --frequency weekly --start 2026-12-04 --json\n  quittance schedule preview --amount 50000 --total 100000 --frequency monthly --start 2026-12-20 --apr 6.5 --from 2026-11-20"
    )]
    Preview(Preview),
}

/// The terms.
#[derive(Args)]
pub(crate) struct Preview {
    /// How much each time
    #[arg(long, value_name = "CENTS")]
    amount: i64,
    /// How much in all, without interest
    #[arg(long, value_name = "CENTS")]
    total: i64,
    /// weekly, every_other_week, monthly or last_of_month
    #[arg(long, value_parser = frequency)]
    frequency: Frequency,
    /// The first day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    start: Day,
    /// What is paid before
    #[arg(long, value_name = "CENTS", requires = "down_on")]
    down: Option<i64>,
    /// When that is
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, requires = "down")]
    down_on: Option<Day>,
    /// Add the interest that is expected, Actual/365, at this rate a year in percent
    #[arg(long, value_name = "PERCENT", value_parser = rate, requires = "from")]
    apr: Option<Rate>,
    /// The day from which it bears interest: that of the agreement
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, requires = "apr")]
    from: Option<Day>,
    /// What of the total is paid before the principal, and bears none
    #[arg(long, value_name = "CENTS", requires = "apr")]
    pre_principal: Option<i64>,
    /// Collect interest before the principal, and not after it
    #[arg(long, requires = "apr")]
    interest_first: bool,
    /// What is charged
    #[arg(long, value_enum, default_value = "card")]
    by: By,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Card,
    Bank,
}

fn frequency(text: &str) -> Result<Frequency, String> {
    Frequency::parse(text).ok_or_else(|| {
        let words: Vec<&str> = Frequency::ALL.iter().map(|f| f.as_str()).collect();
        format!("one of {}", words.join(", "))
    })
}

fn rate(text: &str) -> Result<Rate, String> {
    Rate::parse(text)
        .ok_or_else(|| "a percentage from 0 to 100 with at most 3 decimals, such as 6.5".to_owned())
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a day such as 2026-12-31".to_owned())
}

pub(crate) fn run(command: &Schedule) -> Result<ExitCode> {
    let Schedule::Preview(asked) = command;
    let down = asked.down.zip(asked.down_on).map(|(amount, on)| Down { amount: Cents::new(amount), on });
    let (amount, owed) = (Cents::new(asked.amount), Cents::new(asked.total));
    let projected = match asked.apr.zip(asked.from) {
        Some((rate, from)) => Some(interest(asked, (rate, from), down)?),
        None => None,
    };
    let expected = projected.as_ref().map_or(Cents::ZERO, |projected| projected.interest);
    let Some(total) = owed.plus(expected) else { bail!("--total is too large with its interest") };
    let terms = Terms { frequency: asked.frequency, start: asked.start, amount, total, down };
    let all = match schedule(&terms) {
        Ok(all) => all,
        Err(odd) => bail!("{}", told(odd)),
    };
    let mut rows: Vec<Row> = Vec::with_capacity(all.len());
    for planned in &all {
        rows.push(Row::of(planned, &terms, asked.by, rows.last().map(|before| before.charged)));
    }
    for (row, interest) in rows.iter_mut().zip(projected.iter().flat_map(|projected| &projected.each)) {
        row.interest = Some(*interest);
    }
    if asked.json {
        let rows: Vec<Value> = rows.iter().map(Row::json).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut titles: Vec<&str> = match asked.by {
        By::Card => vec!["#", "day", "amount", "charged", "notice from", "to", "why"],
        By::Bank => vec!["#", "day", "amount", "debited", "settles", "notice from", "to", "why"],
    };
    if projected.is_some() {
        titles.insert(3, "interest");
    }
    let mut shown = table(&titles, if projected.is_some() { 2..=3 } else { 2..=2 });
    for row in &rows {
        shown.add_row(row.cells(asked.by));
    }
    println!("{shown}");
    let sum = Cents::sum(all.iter().map(|planned| planned.amount)).unwrap_or(total);
    match asked.apr {
        Some(rate) => println!(
            "{} payments, USD {sum} in all, of it USD {expected} of projected interest at {rate} % a year.",
            all.len()
        ),
        None => println!("{} payments, USD {sum} in all.", all.len()),
    }
    let rule = announced(asked.start);
    println!(
        "Notice: a payment dated more than {} days ahead wants one {} to {} business days before (12 CFR 1006.22(c)).",
        rule.near_days, rule.latest_business_days, rule.earliest_business_days
    );
    Ok(ExitCode::SUCCESS)
}

/// The interest that is expected.
fn interest(asked: &Preview, (rate, from): (Rate, Day), down: Option<Down>) -> Result<Projected> {
    let (owed, before) = (Cents::new(asked.total), Cents::new(asked.pre_principal.unwrap_or(0)));
    if before < Cents::ZERO || before > owed {
        bail!("--pre-principal must be between nothing and --total");
    }
    let after_principal = !asked.interest_first;
    let bearing = Bearing { rate, principal: owed.minus_down_to_zero(before), before, after_principal, from };
    let payments =
        Payments { frequency: asked.frequency, start: asked.start, amount: Cents::new(asked.amount), down };
    match project(&bearing, &payments) {
        Ok(projected) => Ok(projected),
        Err(odd) => bail!("{}", told(odd)),
    }
}

fn told(odd: Odd) -> String {
    match odd {
        Odd::Nothing => "every amount must be at least 1 cent".into(),
        Odd::DownIsAll => "--down must be less than --total".into(),
        Odd::DownTooLate { first } => format!("--down-on must be before {first}, the first payment"),
        Odd::TooMany { count, least } => {
            format!("it would take {count} payments; with --amount {} it is few enough", least.get())
        }
        Odd::Never => "the plan goes beyond the calendar".into(),
        Odd::Unending => "with interest it is never paid off; --amount must be more".into(),
    }
}

/// A payment, and why it is when it is.
struct Row {
    number: i64,
    day: Day,
    amount: Cents,
    interest: Option<Cents>,
    charged: Day,
    settles: Option<Day>,
    notice: (Day, Day),
    why: String,
}

impl Row {
    fn of(planned: &Planned, terms: &Terms, by: By, before: Option<Day>) -> Row {
        let open = |day| if by == By::Bank { us::banking_day_from(day) } else { day };
        let own = open(planned.on);
        let charged = before.filter(|before| *before >= own).map_or(own, |before| open(before.next()));
        let zone = jiff::tz::TimeZone::get("America/New_York").unwrap_or(jiff::tz::TimeZone::UTC);
        let settles = (by == By::Bank).then(|| ach::settles_on(charged.start_in(&zone)));
        let rule = announced(planned.on);
        let before = |days| us::minus_business_days(charged, days);
        let notice = (before(rule.earliest_business_days), before(rule.latest_business_days));
        let mut why = vec![reason(planned, terms)];
        if own != planned.on {
            why.push(match us::banking_holiday(planned.on) {
                Some(holiday) => format!("{} closes the banks: the next banking day", holiday.name),
                None => "banks are closed on weekends: the next banking day".into(),
            });
        }
        if charged != own {
            why.push("another payment is taken on that day: the next".into());
        }
        Row {
            number: planned.number,
            day: planned.on,
            amount: planned.amount,
            interest: None,
            charged,
            settles,
            notice,
            why: why.join("; "),
        }
    }

    fn cells(&self, by: By) -> Vec<String> {
        let mut cells = vec![self.number.to_string(), dated(self.day), self.amount.to_string()];
        cells.extend(self.interest.map(|interest| interest.to_string()));
        cells.push(dated(self.charged));
        if by == By::Bank {
            cells.push(self.settles.map(dated).unwrap_or_default());
        }
        cells.extend([dated(self.notice.0), dated(self.notice.1), self.why.clone()]);
        cells
    }

    fn json(&self) -> Value {
        json!({
            "number": self.number,
            "due_date": self.day.to_string(),
            "amount": self.amount.get(),
            "interest": self.interest.map(Cents::get),
            "charged_on": self.charged.to_string(),
            "settles_on": self.settles.map(|day| day.to_string()),
            "notice_from": self.notice.0.to_string(),
            "notice_to": self.notice.1.to_string(),
            "why": self.why,
        })
    }
}

fn dated(day: Day) -> String {
    day.0.strftime("%a %F").to_string()
}

fn reason(planned: &Planned, terms: &Terms) -> String {
    if terms.down.is_some_and(|down| down.on == planned.on) {
        return "the down payment".into();
    }
    let nth = planned.number - i64::from(terms.down.is_some());
    let (day, asked) = (planned.on.0.day(), terms.start.0.day());
    match terms.frequency {
        _ if nth == 1 && terms.frequency != Frequency::LastOfMonth => "the first day".into(),
        Frequency::Weekly => after(nth - 1, "week"),
        Frequency::EveryOtherWeek => after(2 * (nth - 1), "week"),
        Frequency::Monthly if day < asked => format!("the last of the month: it has no day {asked}"),
        Frequency::Monthly => after(nth - 1, "month"),
        Frequency::LastOfMonth => "the last of the month".into(),
    }
}

fn after(many: i64, what: &str) -> String {
    format!("{many} {what}{} after the first", if many == 1 { "" } else { "s" })
}
