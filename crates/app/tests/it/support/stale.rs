//! Books that were restored from an old copy, beside a processor that remembers everything.

use base::Result;
use base::db::{Command, Tx};
use books::orgs::Environment;
use payments::charges::{findings, till::watch};

use super::Agency;

/// What a copy holds, what refers to others first.
const TABLES: &[&str] = &[
    "processor_finding",
    "processor_watch",
    "event",
    "event_head",
    "list_block",
    "entry",
    "txn",
    "refund_part",
    "refund",
    "charge_part",
    "charge",
    "idempotency",
    "debt_location",
    "debt",
    "payment_method",
    "address",
    "customer",
];

/// A statement behind the program's back.
pub(crate) struct Sql(pub(crate) &'static str);

impl Command for Sql {
    type Out = u64;
    fn name(&self) -> &'static str {
        "test.sql"
    }
    async fn exec(&self, tx: &Tx) -> Result<u64> {
        tx.run(self.0, &[]).await
    }
}

struct Copy {
    back: bool,
}

impl Command for Copy {
    type Out = ();
    fn name(&self) -> &'static str {
        "test.copy"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        if !self.back {
            for table in TABLES {
                tx.run(&format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}"), &[]).await?;
            }
            return Ok(());
        }
        for table in TABLES {
            tx.run(&format!("DELETE FROM {table}"), &[]).await?;
        }
        for table in TABLES.iter().rev() {
            tx.run(&format!("INSERT INTO {table} SELECT * FROM saved_{table}"), &[]).await?;
        }
        Ok(())
    }
}

impl Agency {
    /// Copies the books as they are now.
    pub(crate) async fn save(&self) {
        self.db.run(&Copy { back: false }).await.expect("the books can be copied");
    }

    /// The books are as they were when they were copied. Nobody says so to the program.
    pub(crate) async fn restore(&self) {
        self.db.run(&Copy { back: true }).await.expect("the books can be put back");
    }

    pub(crate) async fn sql(&self, statement: &'static str) -> u64 {
        self.db.run(&Sql(statement)).await.expect(statement)
    }

    /// Whole sweeps, until none is wanted at once.
    pub(crate) async fn sweeps(&self) {
        for _ in 0..5 {
            self.sql("UPDATE processor_watch SET due_at = updated_at").await;
            self.till.sweep_in(Environment::Sandbox, i64::MAX).await.expect("a sweep");
            if !self.is_verifying().await {
                return;
            }
        }
        panic!("verify mode never ends");
    }

    /// Whether verify mode is on in our sandbox.
    pub(crate) async fn is_verifying(&self) -> bool {
        let tx = self.db.read().await.expect("reads");
        watch::is_verifying(&tx, Environment::Sandbox).await.expect("a watch")
    }

    /// What nobody has dealt with: `unreadable 1234 nowhere`.
    pub(crate) async fn findings(&self) -> Vec<String> {
        let tx = self.db.read().await.expect("reads");
        let told =
            |f: &findings::Finding| format!("{} {} {}", f.kind.as_str(), f.amount.get(), f.posted.as_str());
        let mut told: Vec<String> =
            findings::open(&tx, 100).await.expect("findings").iter().map(told).collect();
        told.sort();
        told
    }
}
