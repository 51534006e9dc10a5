//! A charge that the processor made and the books do not have, put back under its own id, key and amount: as if it had
//! been accepted and its answer lost. It is settled like any other then.
//!
//! The money has moved, so neither status nor minimum of the account is asked: what is open on it is applied, and what
//! has no place waits in suspense for a person. A scheduled charge that was sent in a time the books have lost is taken
//! over in place.

use base::db::{Command, Texts, Tx, Write};
use base::ids::Uuid;
use base::{Cents, Failure, Result, TenantId, Ts};
use books::debts::{Debt, DebtId, Family, lock_families_of};
use books::idempotency::{self, Once};
use books::orgs::Tenant;

use super::accept::{LEASE_SECONDS, event, reserve};
use super::allocation::{Child, Policy, allocate};
use super::findings::{Finding, Posted};
use super::label::ChargeLabel;
use super::machine::{Event, State};
use super::settle::changed;
use super::{Charge, ChargeId, PartRow};
use crate::methods;
use crate::processor::Record;

/// Puts a charge back.
pub struct Recreate<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What stands on it at the processor.
    pub label: &'a ChargeLabel,
    /// What the processor says of it.
    pub record: &'a Record,
    /// What is noted about it; where it was posted is filled in.
    pub finding: Finding,
    /// The business instant.
    pub now: Ts,
    /// The database's instant, for the claim.
    pub db_now: Ts,
}

impl Command for Recreate<'_> {
    /// The charge, claimed, and where it was posted; `None` where the books have it.
    type Out = Option<(Charge, Posted)>;

    fn name(&self) -> &'static str {
        "charges.recreate"
    }

    async fn exec(&self, tx: &Tx) -> Result<Self::Out> {
        let seen = of_key(tx, self.tenant, &self.record.key).await?;
        let debt = seen.as_ref().map_or(self.label.debt, |charge| charge.debt_id);
        let debts: Vec<DebtId> = debt.into_iter().collect();
        let mut families = lock_families_of(tx, self.tenant, &debts).await?;
        let before: Vec<Debt> = families.iter().flat_map(Family::members).cloned().collect();
        let (charge, is_new) = match seen {
            None => (self.anew(tx, debt.filter(|_| !families.is_empty())).await?, true),
            Some(charge) => {
                let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
                let locked: Option<Charge> = tx.find(tail, &[&self.tenant.id, &charge.id]).await?;
                match locked.filter(|charge| charge.state == State::Scheduled) {
                    Some(charge) => (self.taken_over(charge), false),
                    None => return Ok(None),
                }
            }
        };
        let mut charge = charge;
        let wanted = charge.linked;
        let parts = match (families.first_mut(), charge.debt_id) {
            (Some(family), Some(debt)) if wanted && family.root.deleted_at.is_none() => {
                let parts = split(family, debt, charge.amount, self.tenant)?;
                if let Some(parts) = &parts {
                    reserve(family, parts)?;
                }
                parts
            }
            _ => None,
        };
        charge.linked = parts.is_some();
        let posted = if wanted == charge.linked { Posted::Account } else { Posted::Suspense };
        let own = |(debt_id, amount)| PartRow {
            tenant_id: self.tenant.id,
            charge_id: charge.id,
            debt_id,
            amount,
            refunded: Cents::ZERO,
        };
        let parts: Vec<PartRow> = parts.unwrap_or_default().into_iter().map(own).collect();
        let touched = changed(&before, &families, self.now);
        let events = [event(tx, self.tenant, "charge.created", &charge)];
        let finding = [self.found(&charge, posted)];
        let rows = [charge];
        tx.insert_if_new(&finding).await?;
        if is_new {
            // By itself and first: where its key is taken, that is what is said.
            tx.insert(&rows).await?;
        } else {
            tx.update(2, &rows).await?;
        }
        tx.batch(&[
            Write::update(2, &touched),
            Write::insert(&parts),
            Write::insert(&events[..usize::from(is_new)]),
        ])
        .await?;
        let [charge] = rows;
        Ok(Some((charge, posted)))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Self::Out>> {
        Ok(Some(None)) // if it was put back, its lease will end and the processor be asked
    }
}

impl Recreate<'_> {
    /// The charge as it was accepted once.
    async fn anew(&self, tx: &Tx, debt: Option<DebtId>) -> Result<Charge> {
        let label = self.label;
        let customer = match label.customer {
            Some(customer) => {
                let sql = "SELECT count(*) FROM customer WHERE tenant_id = $1 AND id = $2";
                (tx.number(sql, &[&self.tenant.id, &customer]).await? > 0).then_some(customer)
            }
            None => None,
        };
        methods::stand_in(tx, self.tenant, label.method, label.rail).await?;
        let taken = super::by_id(tx, self.tenant, label.charge).await?.is_some();
        let id = if taken { tx.new_id::<ChargeId>() } else { label.charge };
        let (key, made_at) = (self.record.key.clone(), self.record.made_at);
        Ok(Charge {
            debt_id: debt,
            customer_id: customer,
            linked: label.linked,
            source: label.source.clone(),
            due_at: Some(self.db_now.plus_seconds(LEASE_SECONDS)),
            processor_id: Some(self.record.processor_id.clone()),
            updated_at: self.now,
            submitted_at: Some(made_at),
            ..Charge::fresh(self.tenant.id, id, (label.method, label.rail), self.record.amount, key, made_at)
        })
    }

    /// A scheduled charge that was sent in a time the books have lost, for what was charged then.
    fn taken_over(&self, charge: Charge) -> Charge {
        Charge {
            state: charge.state.on(Event::Claimed).unwrap_or(charge.state),
            amount: self.record.amount,
            fence: charge.fence + 1,
            due_at: Some(self.db_now.plus_seconds(LEASE_SECONDS)),
            submitted_at: Some(self.record.made_at),
            updated_at: self.now,
            ..charge
        }
    }

    fn found(&self, charge: &Charge, posted: Posted) -> Finding {
        let mut finding = self.finding.clone();
        finding.tenant_id = Some(self.tenant.id);
        finding.charge_id = Some(charge.id);
        finding.posted = posted;
        match posted {
            Posted::Account => finding.closed(),
            Posted::Suspense | Posted::Nowhere => {
                finding.why =
                    "its account is not there or has not that much open: it waits in suspense".into();
                finding
            }
        }
    }
}

/// The charge under this key at the processor, if it is the tenant's.
pub async fn of_key(tx: &Tx, tenant: &Tenant, key: &str) -> Result<Option<Charge>> {
    tx.find("WHERE tenant_id = $1 AND pkey = $2", &[&tenant.id, &key]).await
}

/// The charges under these keys.
pub async fn of_keys(tx: &Tx, tenant: TenantId, keys: &Texts) -> Result<Vec<Charge>> {
    tx.select("WHERE tenant_id = $1 AND pkey IN texts($2)", &[&tenant, keys]).await
}

/// How much of a payment on `debt` goes to which account; `None` where that much is not open.
fn split(
    family: &Family,
    debt: DebtId,
    amount: Cents,
    tenant: &Tenant,
) -> Result<Option<Vec<(DebtId, Cents)>>> {
    let accounts: Vec<&Debt> = if debt == family.root.id {
        family.payable().iter().collect()
    } else {
        family.children.iter().filter(|child| child.id == debt).collect()
    };
    let children: Vec<Child<DebtId>> = accounts
        .into_iter()
        .map(|account| Child {
            id: account.id,
            external_id: account.external_id.clone(),
            open: account.open(),
            held: false,
            opened_on: account.created_at.day_in(&tenant.zone),
            rate_bps: 0,
        })
        .collect();
    let open = Cents::sum(children.iter().map(|child| child.open)).unwrap_or(Cents::ZERO);
    if amount > open {
        return Ok(None);
    }
    let split = allocate(amount, &children, &[], Policy::default())
        .map_err(|e| Failure::broken("splitting a payment", format!("{e:?}")))?;
    Ok(Some(split.parts))
}

/// Gives a repeated request what its first sending made, where only the key at the processor still tells of it.
pub struct Adopt<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The request.
    pub once: &'a Once,
    /// `charge` or `charge.refund`.
    pub kind: &'static str,
    /// What it made.
    pub object: Uuid,
}

impl Command for Adopt<'_> {
    type Out = Uuid;

    fn name(&self) -> &'static str {
        "idempotency.adopt"
    }

    async fn exec(&self, tx: &Tx) -> Result<Uuid> {
        let row = idempotency::row(tx, self.tenant, self.once, self.kind, self.object, true);
        if tx.insert_if_new(&[row]).await? == 0
            && let Some(effect) = idempotency::before(tx, self.tenant, self.once).await?
        {
            return Ok(effect.object);
        }
        Ok(self.object)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Uuid>> {
        Ok(None) // the same again
    }
}
