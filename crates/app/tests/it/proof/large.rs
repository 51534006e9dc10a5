//! How fast the books prove themselves, and in how much memory:
//! `QUITTANCE_ENTRIES=1000000 cargo test --profile fast -p quittance --test it -- --ignored --nocapture rows_a_second`

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use base::db::{Command, Tx, Write};
use base::{Cents, Result};
use books::debts::{Debt, DebtId};
use books::orgs::{Environment, Tenant};
use books::{events, ledger};
use payments::charges::{Charge, ChargeId, PartRow, postings};
use payments::transactions::{Txn, TxnId};
use payments::verify::{self, Sight};

use crate::support::agency::Agency;
use crate::support::engine::{Engine, Home, is_here, runtime};
use crate::support::postgres;

/// How many payments each account has, besides having been placed.
const PAYMENTS: i64 = 4;

/// Accounts like one that is there, each placed and paid in parts.
struct More<'a> {
    tenant: &'a Tenant,
    accounts: i64,
}

impl Command for More<'_> {
    type Out = ();
    fn name(&self) -> &'static str {
        "test.more"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        let id = &self.tenant.id;
        let debt: Debt = tx.select("WHERE tenant_id = $1 ORDER BY id LIMIT 1", &[id]).await?.remove(0);
        let charge: Charge = tx.select("WHERE tenant_id = $1 ORDER BY id LIMIT 1", &[id]).await?.remove(0);
        let part: PartRow =
            tx.select("WHERE tenant_id = $1 ORDER BY charge_id LIMIT 1", &[id]).await?.remove(0);
        let txn: Txn = tx.select("WHERE tenant_id = $1 ORDER BY id LIMIT 1", &[id]).await?.remove(0);
        let (mut debts, mut charges, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut txns, mut entries, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.accounts {
            let placed = Cents::new(1_000_00);
            let mut debt = Debt { id: tx.new_id(), balance: placed, ..debt.clone() };
            let posting = ledger::placements::placed(debt.id.0, placed);
            entries.extend(ledger::rows(tx, self.tenant, "placed", None, posting.as_slice()));
            for _ in 0..PAYMENTS {
                let (charge_id, txn_id): (ChargeId, TxnId) = (tx.new_id(), tx.new_id());
                let share = postings::Share { debt: Some(debt.id.0), amount: charge.amount };
                let postings = postings::settled(charge.rail, &[share]);
                entries.extend(ledger::rows(tx, self.tenant, "paid", Some(txn_id.0), &postings));
                charges.push(Charge {
                    id: charge_id,
                    debt_id: Some(debt.id),
                    pkey: charge_id.0.simple().to_string(),
                    ..charge.clone()
                });
                parts.push(PartRow { charge_id, debt_id: DebtId(debt.id.0), ..part.clone() });
                txns.push(Txn { id: txn_id, charge_id, debt_id: Some(debt.id), ..txn.clone() });
            }
            debt.current_balance = Cents::new(placed.get() - PAYMENTS * charge.amount.get());
            told.push(events::row(
                tx,
                self.tenant,
                "debt-account.create",
                "debt_account",
                debt.id,
                &debt.event_body(),
            ));
            for charge in &charges[charges.len() - usize::try_from(PAYMENTS).unwrap()..] {
                told.push(events::row(
                    tx,
                    self.tenant,
                    "charge.completed",
                    "charge",
                    charge.id,
                    &charge.event_body(),
                ));
            }
            debts.push(debt);
        }
        tx.batch(&[
            Write::insert(&debts),
            Write::insert(&charges),
            Write::insert(&parts),
            Write::insert(&txns),
            Write::insert(&entries),
            Write::insert(&told),
        ])
        .await
    }
}

fn megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1024
}

async fn measure(agency: &Agency) {
    let entries: i64 = postgres::env("QUITTANCE_ENTRIES").and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let debtor = agency.debtor(10_00, "tok_visa").await;
    agency.post("/charges", debtor.pays(1_00)).await.made();
    let tenant = agency.tenant(Environment::Sandbox).await;
    while agency.entries().await < entries {
        agency.db.run(&More { tenant: &tenant, accounts: 400 }).await.unwrap();
        agency.db.look_at_grown_tables().await.unwrap();
        agency.seconds(1).await;
    }
    if let Some(database) = &agency.home.database {
        let client = postgres::server().unwrap().client(database).await;
        client.batch_execute("ANALYZE").await.unwrap();
    }
    agency.seconds(2).await;
    let (beside, before) = (agency.witness().await, megabytes());
    let clock = base::seams::Seams::system();
    let (began, read) = (clock.monotonic(), Mutex::new((clock.monotonic(), BTreeMap::new(), before)));
    let progress = |what: &'static str, rows: u64| {
        let mut read = read.lock().unwrap();
        let took = clock.monotonic().saturating_sub(std::mem::replace(&mut read.0, clock.monotonic()));
        let of: &mut (u64, Duration) = read.1.entry(what).or_default();
        (of.0, of.1) = (of.0 + rows, of.1 + took);
        read.2 = read.2.max(megabytes());
    };
    let all = [tenant];
    let report = verify::run(&mut Sight::beside(&beside), &all, false, &progress).await.unwrap();
    let took = (clock.monotonic() - began).as_millis();
    let wrong: Vec<_> = report.checks.iter().filter(|c| c.wrong > 0).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let read = read.into_inner().unwrap();
    println!(
        "{:?}: {} entries in {took} ms; memory {before} MiB before, {} at most",
        agency.engine,
        agency.entries().await,
        read.2
    );
    for (what, (rows, took)) in &read.1 {
        println!("  {what}: {rows} rows, {} rows/s", u128::from(*rows) * 1_000 / took.as_millis().max(1));
    }
}

#[test]
#[ignore = "measures; asserts nothing about time"]
fn rows_a_second() {
    for engine in [Engine::Sqlite, Engine::Postgres].into_iter().filter(|e| is_here(*e)) {
        engine.template();
        // Without the story's own question in the end, which holds everything in memory.
        runtime(false).block_on(async {
            let agency = Agency::open(engine).await;
            measure(&agency).await;
            let database = agency.home.database.clone();
            drop(agency);
            Home::forget(database.as_deref()).await;
        });
    }
}
