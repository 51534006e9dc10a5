//! The question whether the books hold is answered with no where they do not.

use std::panic::AssertUnwindSafe;

use base::Result;
use base::db::{Command, Tx};
use base::ids::Uuid;
use futures_util::FutureExt;
use serde_json::json;

use super::Agency;

struct Spoil(&'static str);

impl Command for Spoil {
    type Out = u64;
    fn name(&self) -> &'static str {
        "test.spoil"
    }
    async fn exec(&self, tx: &Tx) -> Result<u64> {
        tx.run(self.0, &[]).await
    }
}

/// Something sealed becomes what no key opens.
struct Garble(String, Uuid);

impl Command for Garble {
    type Out = u64;
    fn name(&self) -> &'static str {
        "test.garble"
    }
    async fn exec(&self, tx: &Tx) -> Result<u64> {
        tx.run(&self.0, &[&self.1, &vec![0u8; 64]]).await
    }
}

impl Agency {
    /// Makes a sealed value of a row one that no key opens.
    pub(crate) async fn spoil(&self, table: &str, column: &str, id: &str) {
        let sql = format!("UPDATE {table} SET {column} = $2 WHERE id = $1");
        let id = Uuid::try_parse(id).expect("an id");
        assert_eq!(self.db.run(&Garble(sql, id)).await.unwrap(), 1);
    }

    /// Does something to the books behind the program's back, looks, and undoes it.
    pub(crate) async fn spoiled(&self, spoil: &'static str, mend: &'static str, look: impl AsyncFn()) {
        assert!(self.db.run(&Spoil(spoil)).await.unwrap() > 0, "{spoil}");
        look().await;
        self.db.run(&Spoil(mend)).await.unwrap();
    }
}

/// What is done to the books behind the program's back, and what undoes it.
const SPOILS: &[(&str, &str)] = &[
    (
        "UPDATE debt SET current_balance = current_balance + 1",
        "UPDATE debt SET current_balance = current_balance - 1",
    ),
    (
        "UPDATE debt SET reserved = reserved + 1 WHERE parent_id IS NULL",
        "UPDATE debt SET reserved = reserved - 1 WHERE parent_id IS NULL",
    ),
    (
        "UPDATE debt SET balance = balance + 1 WHERE parent_id IS NOT NULL",
        "UPDATE debt SET balance = balance - 1 WHERE parent_id IS NOT NULL",
    ),
    ("UPDATE entry SET amount = amount + 1", "UPDATE entry SET amount = amount - 1"),
    (
        "UPDATE entry SET txn_id = debt_id WHERE what = 'placed'",
        "UPDATE entry SET txn_id = NULL WHERE what = 'placed'",
    ),
    ("UPDATE event SET seq = seq + 1000 WHERE seq > 3", "UPDATE event SET seq = seq - 1000 WHERE seq > 3"),
    (
        "UPDATE list_block SET many = many + 1 WHERE list = 'debt'",
        "UPDATE list_block SET many = many - 1 WHERE list = 'debt'",
    ),
    ("UPDATE charge SET amount = amount + 1", "UPDATE charge SET amount = amount - 1"),
    ("UPDATE charge SET pkey = 'x' || pkey", "UPDATE charge SET pkey = substr(pkey, 2)"),
    (
        "UPDATE charge SET state = 'declined' WHERE state = 'succeeded'",
        "UPDATE charge SET state = 'succeeded' WHERE state = 'declined'",
    ),
    ("UPDATE refund SET amount = amount + 1", "UPDATE refund SET amount = amount - 1"),
    (
        "UPDATE txn SET status = 'failed' WHERE status = 'completed'",
        "UPDATE txn SET status = 'completed' WHERE status = 'failed'",
    ),
];

on_both_engines! {
    async fn books_that_do_not_hold_are_noticed(agency: &Agency) {
        agency.steps().await;
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let child = json!({ "parent_external_id": debtor.debt, "balance": 20_00 });
        agency.post("/debt-accounts", child).await.made();
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 1_00 })).await.is(200);
        agency.books_hold().await;
        for (spoil, mend) in SPOILS {
            let is_noticed = async || {
                let held = AssertUnwindSafe(agency.books_hold()).catch_unwind().await;
                assert!(held.is_err(), "the books seem to hold after {spoil}");
            };
            agency.spoiled(spoil, mend, is_noticed).await;
            agency.books_hold().await;
        }
    }
}
