//! `quittance verify`: the books prove themselves.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use base::db::Db;
use books::orgs::{Environment, Tenant, Tenants};
use payments::reconcile::{self, Line, Sink};
use payments::verify::{self, AccountTotal, Check, Sight, money};
use serde_json::json;

use crate::reconcile::{Books, by_time};
use crate::settings::Common;
use crate::telling::{Meter, rate, table};
use crate::wiring;

/// Reads beside a running server, prints what was compared, and ends with 1 where a cent differs.
pub(crate) async fn run(common: &Common, deep: bool, as_json: bool) -> Result<ExitCode> {
    let (db, tenants) = wiring::open_to_read(common).await?;
    let all = tenants.all(&db.read().await?).await?;
    let meter = Meter::new();
    let verify::Report { mut checks, totals } =
        verify::run(&mut Sight::beside(&db), &all, deep, &|what, rows| meter.read(what, rows)).await?;
    checks.push(ach::check::check(&db.read().await?, &all).await?);
    checks.extend(remittance::verify::run(&mut Sight::beside(&db), &all).await?);
    checks.push(processor(common, &db, &tenants, &all, &meter).await?);
    let read = meter.finish();
    let wrong: u64 = checks.iter().map(|c| c.wrong).sum();
    if as_json {
        println!("{}", told_in_json(&checks, &totals, &read, wrong));
    } else {
        tell(&checks, &totals, &read, wrong);
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Both ways: what the processor says moved money is ours, and the other way round.
async fn processor(
    common: &Common,
    db: &Db,
    tenants: &Arc<Tenants>,
    all: &[Tenant],
    meter: &Meter,
) -> Result<Check> {
    struct Compare<'a>(Check, &'a Meter);
    impl Sink for Compare<'_> {
        fn line(&mut self, line: Line) {
            self.0.compared += 1;
            if line.kind.differs() {
                let id = line.id.map_or_else(|| format!("key {}", line.key), |(_, id)| id.to_string());
                let amount = |a: Option<base::Cents>| a.map_or_else(|| "-".to_owned(), |a| a.to_string());
                self.0.fault(format!(
                    "{} {id}: {}; {} {} here, {} {} at the processor",
                    line.what,
                    line.kind.as_str().replace('_', " "),
                    line.our_state.as_deref().unwrap_or("unknown"),
                    amount(line.our_amount),
                    line.their_state.unwrap_or("unknown"),
                    amount(line.their_amount),
                ));
            }
        }
        fn read(&mut self, rows: u64) {
            self.1.read("processor", rows);
        }
    }
    let rehearsing: Vec<Tenant> =
        all.iter().filter(|t| t.environment == Environment::Sandbox).cloned().collect();
    let mut compare = Compare(Check::new("charges = the processor's list"), meter);
    for (now, tenants) in by_time(db, rehearsing).await? {
        let theirs = Books::of_sandbox(common, now)?;
        reconcile::run(db, &tenants, &theirs, None, &mut compare).await?;
    }
    if let Some(theirs) = Books::of_production(common, db, tenants).await? {
        let real: Vec<Tenant> =
            all.iter().filter(|t| t.environment == Environment::Production).cloned().collect();
        reconcile::run(db, &real, &theirs, None, &mut compare).await?;
    }
    Ok(compare.0)
}

fn tell(checks: &[Check], totals: &[AccountTotal], read: &[(&'static str, u64, u128)], wrong: u64) {
    let mut books = table(&["account", "debits", "credits", "balance"], 1..=3);
    for total in totals {
        let balance = total.debits - total.credits;
        books.add_row([total.account.to_string(), money(total.debits), money(total.credits), money(balance)]);
    }
    let mut found = table(&["compared", "how many", "wrong"], 1..=2);
    for check in checks {
        found.add_row([check.name.to_owned(), check.compared.to_string(), check.wrong.to_string()]);
    }
    let mut rates = table(&["read", "rows", "ms", "rows/s"], 1..=3);
    for &(what, rows, millis) in read {
        rates.add_row([
            what.to_owned(),
            rows.to_string(),
            millis.to_string(),
            rate(rows, millis).to_string(),
        ]);
    }
    println!("{books}\n\n{found}\n\n{rates}");
    for check in checks {
        for example in &check.examples {
            println!("  {}: {example}", check.name);
        }
    }
    println!(
        "\n{}",
        if wrong == 0 { "The books are right.".to_owned() } else { format!("{wrong} things are wrong.") }
    );
}

fn told_in_json(
    checks: &[Check],
    totals: &[AccountTotal],
    read: &[(&'static str, u64, u128)],
    wrong: u64,
) -> serde_json::Value {
    let checks: Vec<_> = checks
        .iter()
        .map(|c| json!({ "name": c.name, "compared": c.compared, "wrong": c.wrong, "examples": c.examples }))
        .collect();
    let cents = |cents: i128| i64::try_from(cents).map_or(serde_json::Value::Null, Into::into);
    let totals: Vec<_> = totals.iter().map(|t| json!({ "account": t.account.as_str(), "debits": cents(t.debits), "credits": cents(t.credits) })).collect();
    let read: Vec<_> = read
        .iter()
        .map(|(what, rows, millis)| json!({ "what": what, "rows": rows, "milliseconds": u64::try_from(*millis).ok(), "rows_per_second": u64::try_from(rate(*rows, *millis)).ok() }))
        .collect();
    json!({ "wrong": wrong, "checks": checks, "accounts": totals, "read": read })
}
