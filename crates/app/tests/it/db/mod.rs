//! The database seam, with every pitfall that was met or read of.

mod catalog;
mod chaos;
mod commands;
mod migrations;
mod reads;
mod together;

use base::db::migrate::{self, Migration};
use base::db::{Command, Tx};
use base::ids::Uuid;
use base::{Result, Ts};

use crate::support::agency::Agency;

/// A table for the tests of the seam alone, beside the program's.
const TOY: Migration = Migration {
    version: 1_000,
    name: "toy",
    sql: "CREATE TABLE toy (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  balance bigint NOT NULL,
  note text,
  at timestamptz,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE toy_entry (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  toy_id uuid NOT NULL,
  amount bigint NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
",
};

base::record! {
    pub(crate) struct Toy in "toy" { tenant_id: Uuid, id: Uuid, balance: i64, note: Option<String>, at: Option<Ts> }
}
base::record! {
    pub(crate) struct Entry in "toy_entry" { tenant_id: Uuid, id: Uuid, toy_id: Uuid, amount: i64 }
}

const TENANT: Uuid = Uuid::from_u128(1);

fn toy(n: u128, balance: i64) -> Toy {
    Toy { tenant_id: TENANT, id: Uuid::from_u128(n), balance, note: None, at: None }
}

impl Agency {
    /// Makes the toy tables, with these rows.
    async fn toys(&self, toys: Vec<Toy>) {
        let all: Vec<Migration> = books::schema::MIGRATIONS.iter().copied().chain([TOY]).collect();
        migrate::migrate(&self.db, &all).await.expect("the toy tables are made");
        self.db.run(&Insert(toys)).await.expect("the toys are put in");
    }

    async fn toy(&self, n: u128) -> Toy {
        let tx = self.db.read().await.expect("reads");
        let id = Uuid::from_u128(n);
        tx.find("WHERE tenant_id = $1 AND id = $2", &[&TENANT, &id])
            .await
            .expect("reads")
            .expect("it is there")
    }

    async fn count(&self, sql: &str) -> i64 {
        self.db.read().await.expect("reads").number(sql, &[]).await.expect(sql)
    }
}

struct Insert(Vec<Toy>);

impl Command for Insert {
    type Out = ();
    fn name(&self) -> &'static str {
        "toys.insert"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.insert(&self.0).await
    }
}

/// Takes one from a balance and writes the entry, as a payment does.
struct Pay {
    toy: u128,
    entry: Uuid,
}

impl Command for Pay {
    type Out = i64;
    fn name(&self) -> &'static str {
        "toys.pay"
    }
    async fn exec(&self, tx: &Tx) -> Result<i64> {
        let id = Uuid::from_u128(self.toy);
        let toy: Toy = tx
            .find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&TENANT, &id])
            .await?
            .ok_or_else(base::Failure::not_found)?;
        let balance = toy.balance - 1;
        tx.insert(&[Entry { tenant_id: TENANT, id: self.entry, toy_id: id, amount: 1 }]).await?;
        // Whoever goes away here leaves half a payment, if nobody cleans up.
        tokio::task::yield_now().await;
        tx.update(2, &[Toy { balance, ..toy }]).await?;
        Ok(balance)
    }
}
