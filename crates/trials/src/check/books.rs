//! Our books as they stand in the database, read beside whoever serves it.

use anyhow::Result;
use base::db::Db;
use uuid::Uuid;

base::record! {
    pub(crate) struct Tenant { pub(crate) id: Uuid }
}
base::record! {
    pub(crate) struct Charge {
        pub(crate) tenant_id: Uuid,
        pub(crate) id: Uuid,
        pub(crate) debt_id: Option<Uuid>,
        pub(crate) amount: i64,
        pub(crate) refunded_amount: i64,
        pub(crate) state: String,
        pub(crate) review: bool,
        pub(crate) linked: bool,
        pub(crate) pkey: String,
    }
}
base::record! {
    pub(crate) struct Refund {
        pub(crate) tenant_id: Uuid,
        pub(crate) id: Uuid,
        pub(crate) charge_id: Uuid,
        pub(crate) amount: i64,
        pub(crate) state: String,
        pub(crate) review: bool,
        pub(crate) pkey: String,
    }
}
base::record! {
    pub(crate) struct Key {
        pub(crate) tenant_id: Uuid,
        pub(crate) key: String,
        pub(crate) kind: String,
        pub(crate) object_id: Uuid,
    }
}
base::record! {
    pub(crate) struct Txn {
        pub(crate) tenant_id: Uuid,
        pub(crate) id: Uuid,
        pub(crate) charge_id: Uuid,
        pub(crate) kind: String,
        pub(crate) status: String,
        pub(crate) amount: i64,
    }
}
base::record! {
    pub(crate) struct Entry {
        pub(crate) tenant_id: Uuid,
        pub(crate) what: String,
        pub(crate) debit: String,
        pub(crate) credit: String,
        pub(crate) debt_id: Option<Uuid>,
        pub(crate) txn_id: Option<Uuid>,
        pub(crate) amount: i64,
    }
}
base::record! {
    pub(crate) struct Event {
        pub(crate) tenant_id: Uuid,
        pub(crate) id: Uuid,
        pub(crate) seq: Option<i64>,
        pub(crate) name: String,
        pub(crate) object: String,
        pub(crate) object_id: Uuid,
    }
}
base::record! {
    pub(crate) struct Debt {
        pub(crate) tenant_id: Uuid,
        pub(crate) id: Uuid,
        pub(crate) parent_id: Option<Uuid>,
        pub(crate) children: i64,
        pub(crate) current_balance: i64,
        pub(crate) reserved: i64,
    }
}

/// Everything that the invariants speak of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    pub(crate) charges: Vec<Charge>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) keys: Vec<Key>,
    pub(crate) txns: Vec<Txn>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) events: Vec<Event>,
    pub(crate) debts: Vec<Debt>,
}

impl Books {
    /// Reads them, of one snapshot and tenant by tenant.
    pub(crate) async fn read(db: &Db) -> Result<Books> {
        let tx = db.snapshot().await?;
        let mut books = Books::default();
        for tenant in tx.all::<Tenant>("SELECT id FROM tenant ORDER BY id", &[]).await? {
            let own: &[&(dyn base::db::Param + '_)] = &[&tenant.id];
            books.charges.extend(tx.all::<Charge>("SELECT tenant_id, id, debt_id, amount, refunded_amount, state, review, linked, pkey FROM charge WHERE tenant_id = $1", own).await?);
            books.refunds.extend(tx.all::<Refund>("SELECT tenant_id, id, charge_id, amount, state, review, pkey FROM refund WHERE tenant_id = $1", own).await?);
            books.keys.extend(
                tx.all::<Key>(
                    "SELECT tenant_id, key, kind, object_id FROM idempotency WHERE tenant_id = $1",
                    own,
                )
                .await?,
            );
            books.txns.extend(
                tx.all::<Txn>(
                    "SELECT tenant_id, id, charge_id, kind, status, amount FROM txn WHERE tenant_id = $1",
                    own,
                )
                .await?,
            );
            books.entries.extend(tx.all::<Entry>("SELECT tenant_id, what, debit, credit, debt_id, txn_id, amount FROM entry WHERE tenant_id = $1", own).await?);
            books.events.extend(tx.all::<Event>("SELECT tenant_id, id, seq, name, object, object_id FROM event WHERE tenant_id = $1 ORDER BY seq, id", own).await?);
            books.debts.extend(tx.all::<Debt>("SELECT tenant_id, id, parent_id, children, current_balance, reserved FROM debt WHERE tenant_id = $1", own).await?);
        }
        Ok(books)
    }
}

/// How much is not decided yet, or has no place in the stream of events yet.
pub(crate) async fn open(db: &Db) -> Result<i64> {
    let tx = db.read().await?;
    let mut open = 0;
    for count in [
        "SELECT count(*) FROM charge WHERE state IN ('submitting', 'unknown', 'pending') AND review = false",
        "SELECT count(*) FROM refund WHERE state IN ('submitting', 'unknown', 'pending') AND review = false",
        "SELECT count(*) FROM event WHERE seq IS NULL",
    ] {
        open += tx.number(count, &[]).await?;
    }
    Ok(open)
}
