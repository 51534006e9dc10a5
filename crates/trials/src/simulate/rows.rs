//! The tables as the checks see them: read whole, by statements of their own.

use std::collections::BTreeMap;
use std::fmt;

use base::db::{Db, Tx};
use base::ids::Uuid;
use base::{Result, TenantId, Ts};
use books::debts::DebtId;
use payments::charges::machine::{RefundState, State};
use payments::charges::{ChargeId, RefundKind};

base::record! {
    /// A charge.
    pub(crate) struct Charge in "charge" {
        pub(crate) tenant_id: TenantId,
        pub(crate) id: ChargeId,
        pub(crate) pkey: String,
        pub(crate) state: State,
        pub(crate) amount: i64,
        pub(crate) refunded_amount: i64,
        pub(crate) review: bool,
        fence: i64,
        due_at: Option<Ts>,
        checks: i64,
        code: Option<String>,
        pub(crate) updated_at: Ts,
    }
}
base::record! {
    /// A refund.
    pub(crate) struct Refund in "refund" {
        pub(crate) id: Uuid,
        pub(crate) charge_id: ChargeId,
        pub(crate) kind: RefundKind,
        pub(crate) pkey: String,
        pub(crate) state: RefundState,
        pub(crate) amount: i64,
        pub(crate) review: bool,
        fence: i64,
        due_at: Option<Ts>,
    }
}
base::record! {
    /// A part of a charge.
    pub(crate) struct Part in "charge_part" {
        pub(crate) charge_id: ChargeId,
        pub(crate) debt_id: DebtId,
        pub(crate) amount: i64,
        pub(crate) refunded: i64,
    }
}
base::record! {
    /// An account.
    pub(crate) struct Debt in "debt" {
        pub(crate) id: DebtId,
        pub(crate) parent_id: Option<DebtId>,
        pub(crate) current_balance: i64,
        pub(crate) reserved: i64,
        pub(crate) children: i64,
        status: String,
    }
}
base::record! {
    struct Posted { debt_id: DebtId, amount: i64 }
}
base::record! {
    struct Moved { charge_id: ChargeId, what: String, amount: i64 }
}
base::record! {
    struct OnAccount { charge_id: ChargeId, debt_id: DebtId, amount: i64 }
}
base::record! {
    struct Told { object_id: Uuid, name: String, times: i64 }
}
base::record! {
    struct Due { due_at: Ts }
}

/// Everything that the checks look at.
pub(crate) struct Tables {
    pub(crate) charges: Vec<Charge>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) parts: Vec<Part>,
    pub(crate) debts: Vec<Debt>,
    /// What the entries of an account come to.
    pub(crate) posted: BTreeMap<DebtId, i64>,
    /// What a charge moved over its clearing account, by what happened: in above nothing, out below.
    pub(crate) moved: BTreeMap<(ChargeId, String), i64>,
    /// By how much a charge lowered an account.
    pub(crate) on_account: BTreeMap<(ChargeId, DebtId), i64>,
    /// How many events of a name there are about a charge.
    pub(crate) events: BTreeMap<(Uuid, String), i64>,
}

/// Both sides of the entries that touch an account.
const RECEIVABLE: &str = "CAST(sum(CASE WHEN entry.debit = 'receivable' THEN entry.amount ELSE 0 END - CASE WHEN entry.credit = 'receivable' THEN entry.amount ELSE 0 END) AS bigint)";
const CLEARING: &str = "CAST(sum(CASE WHEN entry.debit IN ('card_clearing', 'ach_clearing') THEN entry.amount ELSE 0 END - CASE WHEN entry.credit IN ('card_clearing', 'ach_clearing') THEN entry.amount ELSE 0 END) AS bigint)";
const OF_CHARGE: &str = "FROM entry JOIN txn ON txn.tenant_id = entry.tenant_id AND txn.id = entry.txn_id";

/// Reads them.
pub(crate) async fn read(tx: &Tx) -> Result<Tables> {
    let posted: Vec<Posted> = tx
        .all(
            &format!("SELECT debt_id, {RECEIVABLE} FROM entry WHERE debt_id IS NOT NULL GROUP BY debt_id"),
            &[],
        )
        .await?;
    let moved: Vec<Moved> = tx
        .all(
            &format!(
                "SELECT txn.charge_id, entry.what, {CLEARING} {OF_CHARGE} GROUP BY txn.charge_id, entry.what"
            ),
            &[],
        )
        .await?;
    let on_account: Vec<OnAccount> = tx
        .all(
            &format!("SELECT txn.charge_id, entry.debt_id, -{RECEIVABLE} {OF_CHARGE} WHERE entry.debt_id IS NOT NULL GROUP BY txn.charge_id, entry.debt_id"),
            &[],
        )
        .await?;
    let told: Vec<Told> = tx
        .all(
            "SELECT object_id, name, count(*) FROM event WHERE object = 'charge' GROUP BY object_id, name",
            &[],
        )
        .await?;
    Ok(Tables {
        charges: tx.select("ORDER BY id", &[]).await?,
        refunds: tx.select("ORDER BY id", &[]).await?,
        parts: tx.select("ORDER BY charge_id, debt_id", &[]).await?,
        debts: tx.select("ORDER BY id", &[]).await?,
        posted: posted.into_iter().map(|p| (p.debt_id, p.amount)).collect(),
        moved: moved.into_iter().map(|m| ((m.charge_id, m.what), m.amount)).collect(),
        on_account: on_account.into_iter().map(|o| ((o.charge_id, o.debt_id), o.amount)).collect(),
        events: told.into_iter().map(|t| ((t.object_id, t.name), t.times)).collect(),
    })
}

impl Tables {
    pub(crate) fn charge(&self, id: ChargeId) -> Option<&Charge> {
        let at = self.charges.binary_search_by_key(&id, |c| c.id).ok()?;
        Some(&self.charges[at])
    }
}

/// Everything, for the hash of a run.
impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for charge in &self.charges {
            write!(f, "{charge:?} ")?;
        }
        for refund in &self.refunds {
            write!(f, "{refund:?} ")?;
        }
        for debt in &self.debts {
            write!(f, "{debt:?} ")?;
        }
        write!(f, "{:?} {:?} {:?}", self.posted, self.moved, self.events)
    }
}

/// When the next thing is due for a node's loop.
pub(crate) async fn next_due(db: &Db) -> Result<Option<Ts>> {
    let tx = db.read().await?;
    let mut first: Option<Ts> = None;
    for table in ["charge", "refund"] {
        let sql = format!("SELECT due_at FROM {table} WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1");
        let due = tx.opt::<Due>(&sql, &[]).await?.map(|row| row.due_at);
        first = first.into_iter().chain(due).min();
    }
    Ok(first)
}
