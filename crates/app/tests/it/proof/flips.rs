//! One amount that is wrong is found, wherever it stands.

use base::db::{Command, Tx};
use base::ids::Uuid;
use base::seams::{Entropy, SeededEntropy};
use base::{Failure, Result};
use books::orgs::Tenant;
use payments::verify::{self, Check, Sight};
use serde_json::json;

use crate::support::agency::{Agency, Debtor};
use crate::support::postgres;

/// Every amount there is, and by which columns its row is found.
const AMOUNTS: &[(&str, &str, [&str; 2])] = &[
    ("entry", "amount", ["id", "id"]),
    ("debt", "balance", ["id", "id"]),
    ("debt", "current_balance", ["id", "id"]),
    ("debt", "reserved", ["id", "id"]),
    ("charge", "amount", ["id", "id"]),
    ("charge", "refunded_amount", ["id", "id"]),
    ("charge_part", "amount", ["charge_id", "debt_id"]),
    ("charge_part", "refunded", ["charge_id", "debt_id"]),
    ("refund", "amount", ["id", "id"]),
    ("refund_part", "amount", ["refund_id", "debt_id"]),
    ("txn", "amount", ["id", "id"]),
];

/// States and references, and what each may be turned into: a word, or another row's id of the same column.
const OTHERS: &[(&str, &str)] = &[
    ("charge", "state"),
    ("charge", "rail"),
    ("refund", "state"),
    ("txn", "status"),
    ("txn", "kind"),
    ("entry", "debit"),
    ("entry", "credit"),
    ("debt", "status"),
    ("entry", "txn_id"),
    ("entry", "debt_id"),
    ("txn", "charge_id"),
    ("txn", "refund_id"),
    ("refund", "charge_id"),
    ("debt", "parent_id"),
    ("instalment", "state"),
    ("instalment", "charge_id"),
    ("charge", "instalment_id"),
];

const SEALED: &[(&str, &str)] = &[
    ("event", "body"),
    ("customer", "data_key"),
    ("customer", "name"),
    ("customer", "email"),
    ("payment_method", "token"),
    ("payment_method", "holder"),
    ("plan_authorization", "agreed_text"),
];

base::record! {
    struct Place { a: Uuid, b: Uuid, amount: i64 }
}
base::record! {
    struct Word { id: Uuid, word: String }
}
base::record! {
    struct Link { id: Uuid, to: Uuid }
}
base::record! {
    struct Bytes { id: Uuid, bytes: Vec<u8> }
}

/// Does one wrong thing, asks whether it is noticed, and takes it back.
struct Wrong<'a, P> {
    sql: String,
    params: (&'a P, Uuid, Uuid),
    tenants: &'a [Tenant],
    deep: bool,
}

impl<P: base::db::Param> Command for Wrong<'_, P> {
    type Out = ();
    fn name(&self) -> &'static str {
        "test.wrong"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.run(&self.sql, &[self.params.0, &self.params.1, &self.params.2]).await?;
        let report = verify::run(&mut Sight::of(tx), self.tenants, self.deep, &|_, _| {}).await?;
        let found: Vec<String> = report
            .checks
            .into_iter()
            .filter(|c| c.wrong > 0)
            .map(|c| format!("{}: {}", c.name, c.examples.join("; ")))
            .collect();
        Err(Failure::field("found", found.join("\n")))
    }
}

/// What a wrong thing was told to be; `None` where the schema did not even allow it.
async fn noticed<P: base::db::Param>(agency: &Agency, wrong: Wrong<'_, P>) -> Option<String> {
    match agency.db.run(&wrong).await {
        Err(Failure::Refused(refusal)) => Some(refusal.say),
        Err(_) => None,
        Ok(()) => panic!("it is always taken back"),
    }
}

/// An agency of some months: families, refunds, returns, money for nobody, bank debits under way, days to come.
pub(super) async fn months(agency: &Agency, rounds: i64) {
    let refund = async |charge: &str, body| {
        agency.post(&format!("/charges/{charge}/refund"), body).await.is(200);
    };
    let later = async |debtor: &Debtor, cents: i64, days: i64| {
        let mut request = debtor.pays(cents);
        request["scheduled_at"] = json!(agency.day(days));
        agency.post("/charges", request).await.made()
    };
    for round in 0..rounds {
        let cents = 300_00 + round * 1_37;
        let plain = agency.debtor(cents, "tok_visa").await;
        let paid = agency.post("/charges", plain.pays(20_11 + round)).await.made();
        refund(&paid, json!({ "amount": 3_33 + round })).await;
        refund(&paid, json!({ "amount": 1_01 })).await;
        let whole = agency.post("/charges", plain.pays(9_99)).await.made();
        refund(&whole, json!({})).await;
        let mut free = plain.pays(12_34 + round);
        free["linked_debt_account"] = json!(false);
        let free = agency.post("/charges", free).await.made();
        refund(&free, json!({ "amount": 2_34 })).await;
        agency
            .put(&format!("/debt-accounts/{}", plain.debt), json!({ "balance": cents + 50_00 }))
            .await
            .is(200);
        later(&plain, 15_00, 60).await;
        let off = later(&plain, 16_00, 61).await;
        agency.post(&format!("/charges/{off}/cancel"), json!({})).await.is(200);
        later(&plain, 17_00, 2).await;

        // A plan, of which a payment is made.
        let by_plan = agency.debtor(55_00, "tok_visa").await;
        let plan = json!({
            "debt_account_id": by_plan.debt, "payment_method_id": by_plan.method, "amount": 10_00, "frequency": "weekly"
        });
        agency.post("/payment-plans", plan).await.made();

        // A parent and its children; money that comes back after the account became a parent.
        let family = agency.debtor(80_00, "tok_visa").await;
        let own = agency.post("/charges", family.pays(30_00)).await.made();
        for (name, cents) in [("a", 61_50), ("b", 23_75), ("c", 10_01)] {
            let child = json!({ "parent_external_id": family.debt, "balance": cents, "external_id": format!("{round}{name}") });
            agency.post("/debt-accounts", child).await.made();
        }
        refund(&own, json!({ "amount": 5_00 })).await;
        let split = agency.post("/charges", family.pays(77_77)).await.made();
        refund(&split, json!({ "amount": 13_13 })).await;

        for token in ["tok_bank", "tok_bank_r01", "tok_bank_r10_late", "tok_chargeback", "tok_do_not_honor"] {
            let debtor = agency.debtor(90_00, token).await;
            let sent = agency.post("/charges", debtor.pays(40_00 + round)).await;
            if token == "tok_chargeback" {
                refund(&sent.made(), json!({ "amount": 7_00 })).await;
            }
        }
        agency.days(3).await;
        agency.steps().await;
        let all = agency.get("/charges?limit=100").await;
        for charge in all.is(200)["data"].as_array().unwrap() {
            if charge["state"] == "succeeded" {
                let id = charge["id"].as_str().unwrap();
                agency.post(&format!("/charges/{id}/sync"), json!({})).await;
            }
        }
        agency.steps().await;
    }
    // Under way while it is looked at.
    let bank = agency.debtor(70_00, "tok_bank").await;
    agency.post("/charges", bank.pays(33_00)).await.made();
    // Authorized, and not yet begun.
    let plans = agency.debtor(60_00, "tok_visa").await;
    let plan = json!({ "debt_account_id": plans.debt, "payment_method_id": plans.method, "amount": 20_00, "frequency": "monthly" });
    agency.post("/payment-plans", plan).await.made();
}

fn below(random: &SeededEntropy, most: usize) -> usize {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % most as u64).unwrap()
}

fn named(name: &str, default: u64) -> u64 {
    postgres::env(name).and_then(|n| n.parse().ok()).unwrap_or(default)
}

on_both_engines! {
    async fn one_amount_that_is_wrong_is_found_wherever_it_stands(agency: &Agency) {
        months(agency, 2).await;
        let (tenants, flips) = (tenants(agency).await, named("QUITTANCE_FLIPS", 100));
        let random = SeededEntropy::new(named("QUITTANCE_SEED", 20_261_121));
        let mut places = Vec::new();
        for (table, column, [a, b]) in AMOUNTS {
            let sql = format!("SELECT {a}, {b}, {column} FROM {table} ORDER BY {a}, {b}");
            let rows: Vec<Place> = agency.db.read().await.unwrap().all(&sql, &[]).await.unwrap();
            assert!(!rows.is_empty(), "{table}.{column}");
            places.push(((table, column, a, b), rows));
        }
        let mut missed = Vec::new();
        let mut done = 0;
        while done < flips {
            // Columns in turn, so that rare ones are not left out; rows and bits at random.
            let ((table, column, a, b), rows) = &places[usize::try_from(done).unwrap() % places.len()];
            let row = &rows[below(&random, rows.len())];
            let amount = row.amount ^ (1 << below(&random, 44));
            let sql = format!("UPDATE {table} SET {column} = $1 WHERE {a} = $2 AND {b} = $3");
            let wrong = Wrong { sql, params: (&amount, row.a, row.b), tenants: &tenants, deep: false };
            let Some(told) = noticed(agency, wrong).await else { continue };
            done += 1;
            if told.is_empty() {
                missed.push(format!("{table}.{column} of {}: {} for {}", row.a, amount, row.amount));
            }
        }
        println!("{:?}: {} of {flips} found", agency.engine, flips - missed.len() as u64);
        assert!(missed.is_empty(), "{missed:#?}");
    }

    async fn a_wrong_state_or_reference_is_found(agency: &Agency) {
        months(agency, 2).await;
        let tenants = tenants(agency).await;
        let random = SeededEntropy::new(7);
        for (table, column) in OTHERS {
            let tx = agency.db.read().await.unwrap();
            // What is taken off a parent again names its transaction for people only.
            let but = if *column == "txn_id" { "AND debit <> 'write_offs'" } else { "" };
            let sql = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL {but} ORDER BY id");
            let mut missed = Vec::new();
            if column.ends_with("_id") {
                let rows: Vec<Link> = tx.all(&sql, &[]).await.unwrap();
                drop(tx);
                for _ in 0..8 {
                    let row = &rows[below(&random, rows.len())];
                    let to = rows[below(&random, rows.len())].to;
                    if to == row.to || to == row.id {
                        continue;
                    }
                    let sql = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND id = $3");
                    let wrong = Wrong { sql, params: (&to, row.id, row.id), tenants: &tenants, deep: false };
                    if noticed(agency, wrong).await.is_some_and(|told| told.is_empty()) {
                        missed.push(format!("{table}.{column} of {}: {to} for {}", row.id, row.to));
                    }
                }
            } else {
                let rows: Vec<Word> = tx.all(&sql, &[]).await.unwrap();
                drop(tx);
                for _ in 0..8 {
                    let row = &rows[below(&random, rows.len())];
                    let word = &rows[below(&random, rows.len())].word;
                    if *word == row.word {
                        continue;
                    }
                    let sql = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND id = $3");
                    let wrong = Wrong { sql, params: (word, row.id, row.id), tenants: &tenants, deep: false };
                    if noticed(agency, wrong).await.is_some_and(|told| told.is_empty()) {
                        missed.push(format!("{table}.{column} of {}: {word} for {}", row.id, row.word));
                    }
                }
            }
            assert!(missed.is_empty(), "{missed:#?}");
        }
    }

    async fn a_sealed_value_with_one_bit_changed_is_found_where_it_is_opened(agency: &Agency) {
        months(agency, 2).await;
        let tenants = tenants(agency).await;
        let random = SeededEntropy::new(8);
        for (table, column) in SEALED {
            // What is taken off a parent again names its transaction for people only.
            let but = if *column == "txn_id" { "AND debit <> 'write_offs'" } else { "" };
            let sql = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL {but} ORDER BY id");
            let rows: Vec<Bytes> = agency.db.read().await.unwrap().all(&sql, &[]).await.unwrap();
            for _ in 0..3 {
                let Some(row) = rows.get(below(&random, rows.len().max(1))) else { continue };
                let mut bytes = row.bytes.clone();
                let at = below(&random, bytes.len());
                bytes[at] ^= 1 << below(&random, 8);
                let sql = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND id = $3");
                let wrong = Wrong { sql, params: (&bytes, row.id, row.id), tenants: &tenants, deep: true };
                let told = noticed(agency, wrong).await.unwrap();
                assert!(!told.is_empty(), "{table}.{column} of {}, byte {at}", row.id);
            }
        }
    }

    async fn books_beside_a_running_server_are_right_in_slices_too(agency: &Agency) {
        months(agency, 2).await;
        agency.seconds(1).await;
        let (beside, tenants) = (agency.witness().await, tenants(agency).await);
        let report = verify::run(&mut Sight::beside(&beside), &tenants, true, &|_, _| {}).await.unwrap();
        let wrong: Vec<&Check> = report.checks.iter().filter(|c| c.wrong > 0).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        // No bank has said anything in these months: `bank::proof` plants faults in what banks say.
        let told = report.checks.iter().filter(|c| !c.name.starts_with("bank "));
        assert!(told.clone().count() > 10 && told.clone().all(|c| c.compared > 0), "{:#?}", report.checks);
        let (debits, credits) = report.totals.iter().fold((0, 0), |(d, c), t| (d + t.debits, c + t.credits));
        assert_eq!(debits, credits);
    }
}

async fn tenants(agency: &Agency) -> Vec<Tenant> {
    let tx = agency.db.read().await.unwrap();
    agency.tenants.all(&tx).await.unwrap()
}
