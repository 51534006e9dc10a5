//! What the processor did and the books did not know: one row for each, for people to look at.
//!
//! A finding is never removed. It is closed when nobody needs to do anything about it, or by a person.

use base::db::{Command, Db, Tx};
use base::{Cents, Result, TenantId, Ts};
use books::orgs::Environment;

use super::{ChargeId, RefundId};
use crate::processor::Record;

base::words! {
    /// What was found.
    Kind {
        /// A charge that is not in the books.
        Charge = "charge",
        /// A refund that is not in the books.
        Refund = "refund",
        /// A charge or refund that is settled otherwise in the books.
        Contradiction = "contradiction",
        /// What carries no label that can be read, or names nobody we know.
        Unreadable = "unreadable",
    }
}

base::words! {
    /// Where it was posted.
    Posted {
        /// Onto the account it is about, or where its maker wanted it.
        Account = "account",
        /// Into suspense, because the account is not there or has not that much open.
        Suspense = "suspense",
        /// Nowhere.
        Nowhere = "nowhere",
    }
}

base::record! {
    /// Something found at a processor.
    pub struct Finding in "processor_finding" {
        /// Which of the two worlds: `production` or `sandbox`.
        pub environment: String,
        /// The processor's id of it.
        pub processor_id: String,
        /// What it is.
        pub kind: Kind,
        /// The key it was made under.
        pub pkey: String,
        /// How much.
        pub amount: Cents,
        /// Whose, where that is known.
        pub tenant_id: Option<TenantId>,
        /// The charge of ours.
        pub charge_id: Option<ChargeId>,
        /// The refund of ours.
        pub refund_id: Option<RefundId>,
        /// Where it was posted.
        pub posted: Posted,
        /// What is odd, for the operator.
        pub why: String,
        /// When it was found.
        pub found_at: Ts,
        /// When it was dealt with.
        pub closed_at: Option<Ts>,
        /// By whom.
        pub closed_by: Option<String>,
    }
}

impl Finding {
    /// A finding about a record.
    pub fn of(environment: Environment, record: &Record, kind: Kind, found_at: Ts) -> Finding {
        Finding {
            environment: environment.as_str().into(),
            processor_id: record.processor_id.clone(),
            kind,
            pkey: record.key.clone(),
            amount: record.amount,
            tenant_id: None,
            charge_id: None,
            refund_id: None,
            posted: Posted::Nowhere,
            why: String::new(),
            found_at,
            closed_at: None,
            closed_by: None,
        }
    }

    /// Nobody needs to do anything about it.
    #[must_use]
    pub fn closed(mut self) -> Finding {
        self.closed_at = Some(self.found_at);
        self
    }
}

/// Notes a finding, and marks what it contradicts for a person; gives whether it is a new one.
pub struct Note<'a> {
    /// What was found.
    pub finding: &'a Finding,
    /// Whether the charge or refund it names is marked for a person.
    pub flag: bool,
}

impl Command for Note<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "findings.note"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        if tx.insert_if_new(std::slice::from_ref(self.finding)).await? == 0 {
            return Ok(false);
        }
        if self.flag {
            self.flag(tx).await?;
        }
        Ok(true)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // noting it again changes nothing
    }
}

impl Note<'_> {
    async fn flag(&self, tx: &Tx) -> Result<()> {
        let Finding { tenant_id: Some(tenant), charge_id, refund_id, .. } = self.finding else {
            return Ok(());
        };
        match (refund_id, charge_id) {
            (Some(refund), _) => {
                let sql = "UPDATE refund SET review = $3 WHERE tenant_id = $1 AND id = $2";
                tx.run(sql, &[tenant, refund, &true]).await.map(drop)
            }
            (None, Some(charge)) => {
                let sql = "UPDATE charge SET review = $3 WHERE tenant_id = $1 AND id = $2";
                tx.run(sql, &[tenant, charge, &true]).await.map(drop)
            }
            (None, None) => Ok(()),
        }
    }
}

/// What nobody has dealt with yet, oldest first.
pub async fn open(tx: &Tx, limit: i64) -> Result<Vec<Finding>> {
    tx.select("WHERE closed_at IS NULL ORDER BY found_at, processor_id LIMIT $1", &[&limit]).await
}

/// Notes that a person has dealt with what was found about a processor's id; gives whether there was such a thing.
pub async fn close(db: &Db, environment: Environment, processor_id: &str, by: &str) -> Result<bool> {
    db.run(&Close { environment, processor_id, by, at: db.now().await? }).await
}

struct Close<'a> {
    environment: Environment,
    processor_id: &'a str,
    by: &'a str,
    at: Ts,
}

impl Command for Close<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "findings.close"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let sql = "UPDATE processor_finding SET closed_at = $3, closed_by = $4 WHERE environment = $1 AND processor_id = $2 AND closed_at IS NULL";
        Ok(tx.run(sql, &[&self.environment.as_str(), &self.processor_id, &self.at, &self.by]).await? > 0)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // closing it again changes nothing
    }
}
