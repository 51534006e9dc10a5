//! One thing that is wrong is found, wherever it stands.

use base::db::{Command, Tx};
use base::{Failure, Result};
use books::orgs::Tenant;
use payments::verify::Sight;
use serde_json::json;

use crate::support::agency::Agency;

/// Does one wrong thing, asks whether it is noticed, and takes it back.
struct Wrong<'a> {
    sql: &'a str,
    tenants: &'a [Tenant],
}

impl Command for Wrong<'_> {
    type Out = ();
    fn name(&self) -> &'static str {
        "test.wrong"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        let changed = tx.run(self.sql, &[]).await?;
        assert!(changed > 0, "{} changes nothing", self.sql);
        let checks = remittance::verify::run(&mut Sight::of(tx), self.tenants).await?;
        let found = checks.into_iter().filter(|check| check.wrong > 0);
        let found: Vec<String> = found.map(|check| format!("{}: {:?}", check.name, check.examples)).collect();
        Err(Failure::field("found", found.join("\n")))
    }
}

/// What is wrong, and which check says so.
const FAULTS: &[(&str, &str)] = &[
    ("UPDATE remittance_line SET fee = fee + 1 WHERE kind = 'payment'", "fees = their rules"),
    ("UPDATE remittance_line SET fee = fee + 1 WHERE kind <> 'payment'", "remittances = their lines"),
    (
        "UPDATE remittance_line SET basis_points = basis_points + 100 WHERE kind <> 'payment'",
        "lines = their entries",
    ),
    ("UPDATE remittance_line SET rest = rest + 1 WHERE kind <> 'payment'", "lines = their entries"),
    ("UPDATE remittance_line SET amount = amount + 1", "lines = their entries"),
    (
        "UPDATE remittance_line SET rail = 'ach' WHERE kind = 'payment' AND rail = 'card'",
        "lines = their entries",
    ),
    ("UPDATE remittance_line SET kind = 'return' WHERE kind = 'refund'", "lines = their entries"),
    ("DELETE FROM remittance_line WHERE kind <> 'payment'", "remittances = their lines"),
    (
        "UPDATE remittance SET fees = fees + 1, net = net - 1 WHERE state = 'paid'",
        "remittances, deposits = their postings",
    ),
    ("UPDATE remittance SET net = net + 1 WHERE state = 'draft'", "remittances = their lines"),
    (
        "UPDATE remittance SET carried_in = carried_in - 1, net = net - 1 WHERE state = 'draft'",
        "remittances = their lines",
    ),
    ("UPDATE remittance SET method = 'gross' WHERE state = 'paid'", "remittances, deposits = their postings"),
    (
        "UPDATE remittance SET state = 'approved' WHERE state = 'paid'",
        "remittances, deposits = their postings",
    ),
    (
        "UPDATE remittance SET approved_by = prepared_by WHERE state = 'paid'",
        "remittances, deposits = their postings",
    ),
    ("DELETE FROM remittance_entry", "remittances, deposits = their postings"),
    (
        "UPDATE entry SET amount = amount + 1 WHERE debit = 'client_payable' AND credit = 'trust_bank'",
        "remittances, deposits = their postings",
    ),
    (
        "UPDATE entry SET debit = 'operating_bank' WHERE debit = 'trust_bank'",
        "the trust account covers clients",
    ),
    ("UPDATE trust_account SET balance = balance + 1", "the trust account covers clients"),
    ("UPDATE trust_deposit SET amount = amount + 1", "remittances, deposits = their postings"),
    (
        "UPDATE trust_deposit SET reversed_at = created_at WHERE reversed_at IS NULL",
        "remittances, deposits = their postings",
    ),
    (
        "UPDATE entry SET amount = amount + 100000 WHERE debit = 'placed' AND credit = 'client_payable'",
        "the trust account covers clients",
    ),
];

on_both_engines! {
    async fn a_wrong_figure_is_found_wherever_it_stands(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({})).await;
        let charge = agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 100_00).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_bank").await, 77_77).await;
        agency.refunds(&charge, 11_11).await;
        agency.days(7).await;
        let sent = agency.approved(&bank).await;
        agency.deposits("card_clearing", 88_89, "D-1").await.made();
        agency.deposits("ach_clearing", 77_77, "D-2").await.made();
        agency.pays(&sent).await.is(200);
        agency.refunds(&charge, 22_22).await;
        agency.days(1).await;
        agency.approved(&bank).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 50_00).await;
        agency.days(3).await;
        agency.prepared(&bank).await;

        let tx = agency.db.read().await.unwrap();
        let tenants = agency.tenants.all(&tx).await.unwrap();
        drop(tx);
        for (sql, check) in FAULTS {
            match agency.db.run(&Wrong { sql, tenants: &tenants }).await {
                Err(Failure::Refused(refusal)) => assert!(refusal.say.contains(check), "{sql} is found by: {}", refusal.say),
                other => panic!("{sql}: {other:?}"),
            }
        }
        let tx = agency.db.snapshot().await.unwrap();
        let checks = remittance::verify::run(&mut Sight::of(&tx), &tenants).await.unwrap();
        assert!(checks.iter().all(|check| check.compared > 0 && check.wrong == 0), "{checks:#?}");
    }
}
