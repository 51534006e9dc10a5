//! What the processor did and the books do not have: put back from what we wrote on it.

use std::collections::HashSet;

use base::{Code, Result, TenantId};
use books::orgs::Environment;

use super::super::findings::{Kind, Note, Posted};
use super::super::label::{ChargeLabel, RefundLabel};
use super::super::recreate::{Recreate, of_key};
use super::super::{Back, refunds};
use super::ask::{Asked, told};
use super::{Till, give_back};
use crate::processor::{Record, Trace};

/// How long after a charge its refund may be made, as far as the charge is sought for one that the books lost.
const REFUNDED_WITHIN_SECONDS: i64 = 180 * 86_400;

impl Till {
    /// Puts a charge back and settles it as the processor says; gives whether the books did not know it.
    pub(super) async fn post_charge(
        &self,
        environment: Environment,
        record: &Record,
        tenants: &HashSet<TenantId>,
    ) -> Result<bool> {
        let label = match ChargeLabel::read(&record.metadata) {
            Ok(label) if tenants.contains(&label.tenant) => label,
            Ok(_) => {
                return self.stray(environment, record, "it names an organization that is not here").await;
            }
            Err(part) => {
                let why = format!("it is not in the books, and its label's `{part}` cannot be read");
                return self.stray(environment, record, &why).await;
            }
        };
        let tenant = self.open(label.tenant).await?;
        let finding = self.finding(environment, record, Kind::Charge).await?;
        let (now, db_now) = (self.now(), self.db.now().await?);
        let recreate = Recreate { tenant: &tenant, label: &label, record, finding, now, db_now };
        let Some((charge, posted)) = self.db.run(&recreate).await? else { return Ok(false) };
        tracing::error!(
            charge = %charge.id, tenant = %tenant.id, amount = charge.amount.get(), posted = posted.as_str(),
            "the processor had taken a charge that the books did not know; it was put back"
        );
        let outcome = told(&charge, Asked::Found(record.clone()));
        self.settle(&tenant, charge.id, charge.fence, outcome).await?;
        if posted == Posted::Suspense {
            self.db.run(&Flag { tenant: tenant.id, charge: charge.id }).await?;
        }
        Ok(true)
    }

    /// Puts a refund back, with its charge where that is not there either; gives whether the books did not know it.
    pub(super) async fn post_refund(
        &self,
        environment: Environment,
        record: &Record,
        tenants: &HashSet<TenantId>,
    ) -> Result<bool> {
        let label = match RefundLabel::read(&record.metadata) {
            Ok(label) if tenants.contains(&label.tenant) => label,
            Ok(_) => {
                return self.stray(environment, record, "it names an organization that is not here").await;
            }
            Err(part) => {
                let why = format!("this refund is not in the books, and its label's `{part}` cannot be read");
                return self.stray(environment, record, &why).await;
            }
        };
        let tenant = self.open(label.tenant).await?;
        let charge_key = record.refund_of.as_deref().unwrap_or_default();
        let mut charge = of_key(&self.db.read().await?, &tenant, charge_key).await?;
        let trace = Trace::of_key(charge_key, record.made_at.plus_seconds(-REFUNDED_WITHIN_SECONDS));
        if charge.is_none()
            && let Asked::Found(of) = self.asked(&tenant, &trace).await?
        {
            self.post_charge(environment, &of, tenants).await?;
            charge = of_key(&self.db.read().await?, &tenant, charge_key).await?;
        }
        let Some(charge) = charge else {
            return self.stray(environment, record, "it refunds a charge that is not in the books").await;
        };
        let accept = refunds::Accept {
            tenant: &tenant,
            id: label.refund,
            charge: charge.id,
            back: Back::Money(Some(record.amount)),
            once: None,
            pkey: record.key.clone(),
            now: self.now(),
            db_now: self.db.now().await?,
        };
        let claimed = match self.db.run(&accept).await {
            Ok(refunds::Accepted::Claimed(claimed)) => claimed.0,
            Ok(refunds::Accepted::Before(_)) => return Ok(false),
            // Somebody else was putting it back.
            Err(refused) if refused.code() == Some(Code::Conflict) => return Ok(false),
            Err(refused) if refused.code().is_some_and(|code| code != Code::Unavailable) => {
                let why = format!("its charge does not allow this refund: {refused}");
                return self.stray(environment, record, &why).await;
            }
            Err(failure) => return Err(failure),
        };
        tracing::error!(
            refund = %claimed.id, tenant = %tenant.id, amount = claimed.amount.get(),
            "the processor had given back what the books did not know; it was put back"
        );
        let mut finding = self.finding(environment, record, Kind::Refund).await?.closed();
        (finding.tenant_id, finding.charge_id) = (Some(tenant.id), Some(charge.id));
        (finding.refund_id, finding.posted) = (Some(claimed.id), Posted::Account);
        self.db.run(&Note { finding: &finding, flag: false }).await?;
        let outcome = give_back::told(&claimed, Asked::Found(record.clone()));
        self.settle_refund(&tenant, claimed.id, claimed.fence, &outcome).await?;
        Ok(true)
    }

    /// Notes what cannot be put back, once, for a person; gives whether it is new.
    pub(super) async fn stray(&self, environment: Environment, record: &Record, why: &str) -> Result<bool> {
        let finding = self.finding(environment, record, Kind::Unreadable).await?;
        self.note(finding, why).await
    }
}

/// Marks a charge for a person.
struct Flag {
    tenant: TenantId,
    charge: super::ChargeId,
}

impl base::db::Command for Flag {
    type Out = ();

    fn name(&self) -> &'static str {
        "charges.flag"
    }

    async fn exec(&self, tx: &base::db::Tx) -> Result<()> {
        let sql = "UPDATE charge SET review = $3 WHERE tenant_id = $1 AND id = $2";
        tx.run(sql, &[&self.tenant, &self.charge, &true]).await.map(drop)
    }

    async fn check(&self, _tx: &base::db::Tx) -> Result<Option<()>> {
        Ok(None) // the same again
    }
}
