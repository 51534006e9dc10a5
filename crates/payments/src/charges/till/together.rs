//! What waits at the till is done together: several charges accepted, several answers settled, in one transaction.

use base::db::{Db, Together};
use base::{Result, Ts};
use books::orgs::Tenant;

use super::super::Charge;
use super::super::accept::{Accept, Answer, Intent};
use super::super::settle::{Answered, Settle};

/// How many batches of one kind may be under way at once in this process. On PostgreSQL a second one fills the time in
/// which the first waits for its sync; on SQLite there is one writer.
pub(super) fn at_once(db: &Db) -> usize {
    if db.engine_name() == "PostgreSQL" { 2 } else { 1 }
}

/// Accepting.
pub(super) struct Accepting(pub(super) Db);

/// A charge to be accepted, and when it was asked for.
pub(super) struct Asked {
    pub(super) tenant: Tenant,
    pub(super) intent: Intent,
    pub(super) now: Ts,
}

impl Together for Accepting {
    type Item = Asked;
    type Out = Answer;

    /// One tenant's, and neither one account nor one key twice: those take turns. Accounts of one family that are named
    /// by different names may meet; they are decided one after the other.
    fn fits(&self, batch: &[Asked], item: &Asked) -> bool {
        let key = |asked: &'_ Asked| asked.intent.once.as_ref().map(|once| once.key.clone());
        let own = key(item);
        batch.iter().all(|other| {
            other.tenant.id == item.tenant.id
                && (item.intent.debt.is_none() || other.intent.debt != item.intent.debt)
                && (own.is_none() || key(other) != own)
        })
    }

    async fn run(&self, batch: &[Asked]) -> Result<Vec<Result<Answer>>> {
        let Some(first) = batch.first() else { return Ok(Vec::new()) };
        let intents: Vec<&Intent> = batch.iter().map(|asked| &asked.intent).collect();
        let accept = Accept { tenant: &first.tenant, intents: &intents, now: first.now };
        if batch.len() == 1 { self.0.run(&accept).await } else { self.0.run_once(&accept).await }
    }
}

/// Settling.
pub(super) struct Settling(pub(super) Db);

/// An answer to be settled, and when it came.
pub(super) struct Came {
    pub(super) tenant: Tenant,
    pub(super) answered: Answered,
    pub(super) now: Ts,
}

impl Together for Settling {
    type Item = Came;
    type Out = Charge;

    /// One tenant's, and no charge twice.
    fn fits(&self, batch: &[Came], item: &Came) -> bool {
        batch
            .iter()
            .all(|other| other.tenant.id == item.tenant.id && other.answered.charge != item.answered.charge)
    }

    async fn run(&self, batch: &[Came]) -> Result<Vec<Result<Charge>>> {
        let Some(first) = batch.first() else { return Ok(Vec::new()) };
        let answers: Vec<Answered> = batch.iter().map(|came| came.answered.clone()).collect();
        let settle = Settle { tenant: &first.tenant, answers: &answers, now: first.now };
        let charges =
            if batch.len() == 1 { self.0.run(&settle).await } else { self.0.run_once(&settle).await }?;
        let of = |answered: &Answered| charges.iter().find(|c| c.id == answered.charge).cloned();
        let gone = || base::Failure::broken("settling a charge", "it is gone");
        Ok(answers.iter().map(|answered| of(answered).ok_or_else(gone)).collect())
    }
}
