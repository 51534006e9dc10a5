//! What we write on a charge or refund at the processor, to know it again: enough to put it back into books that have
//! lost it. No name, number or balance is among it.

use base::ids::Uuid;
use base::{Result, TenantId};
use books::debts::DebtId;
use books::people::CustomerId;

use super::postings::Rail;
use super::{Charge, ChargeId, Refund, RefundId};
use crate::methods::MethodId;
use crate::processor::Metadata;

/// What stands on a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeLabel {
    /// Whose.
    pub tenant: TenantId,
    /// Our id.
    pub charge: ChargeId,
    /// The account it is about.
    pub debt: Option<DebtId>,
    /// Who pays.
    pub customer: Option<CustomerId>,
    /// What is charged.
    pub method: MethodId,
    /// Over which network.
    pub rail: Rail,
    /// Whether the account's balance moves with it.
    pub linked: bool,
    /// Who asked for it.
    pub source: String,
}

/// What stands on a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundLabel {
    /// Whose.
    pub tenant: TenantId,
    /// The charge.
    pub charge: ChargeId,
    /// Our id.
    pub refund: RefundId,
}

/// Whose a record says it is. Everything we make carries it under the same name.
pub fn tenant_of(metadata: &Metadata) -> Option<TenantId> {
    id(metadata, "tenant").map(TenantId)
}

fn id(metadata: &Metadata, name: &str) -> Option<Uuid> {
    Uuid::try_parse(metadata.get(name)?).ok()
}

fn written<const N: usize>(all: [(&str, Option<String>); N]) -> Metadata {
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

impl ChargeLabel {
    /// The label of a charge.
    pub fn of(charge: &Charge) -> ChargeLabel {
        ChargeLabel {
            tenant: charge.tenant_id,
            charge: charge.id,
            debt: charge.debt_id,
            customer: charge.customer_id,
            method: charge.payment_method_id,
            rail: charge.rail,
            linked: charge.linked,
            source: charge.source.clone(),
        }
    }

    /// As the processor keeps it.
    pub fn write(&self) -> Metadata {
        written([
            ("tenant", Some(self.tenant.0.to_string())),
            ("charge", Some(self.charge.0.to_string())),
            ("debt", self.debt.map(|id| id.0.to_string())),
            ("customer", self.customer.map(|id| id.0.to_string())),
            ("method", Some(self.method.0.to_string())),
            ("rail", Some(self.rail.as_str().to_owned())),
            ("linked", Some(self.linked.to_string())),
            ("source", Some(self.source.clone())),
        ])
    }

    /// What the processor kept; which part of it cannot be read where one cannot.
    pub fn read(metadata: &Metadata) -> Result<ChargeLabel, &'static str> {
        let needed = |name: &'static str| id(metadata, name).ok_or(name);
        let maybe = |name: &'static str| match metadata.get(name) {
            Some(text) => Uuid::try_parse(text).map(Some).map_err(|_| name),
            None => Ok(None),
        };
        Ok(ChargeLabel {
            tenant: TenantId(needed("tenant")?),
            charge: ChargeId(needed("charge")?),
            debt: maybe("debt")?.map(DebtId),
            customer: maybe("customer")?.map(CustomerId),
            method: MethodId(needed("method")?),
            rail: metadata.get("rail").and_then(|word| Rail::parse(word)).ok_or("rail")?,
            linked: metadata.get("linked").and_then(|word| word.parse().ok()).ok_or("linked")?,
            source: metadata.get("source").cloned().ok_or("source")?,
        })
    }
}

impl RefundLabel {
    /// The label of a refund.
    pub fn of(refund: &Refund) -> RefundLabel {
        RefundLabel { tenant: refund.tenant_id, charge: refund.charge_id, refund: refund.id }
    }

    /// As the processor keeps it.
    pub fn write(&self) -> Metadata {
        written([
            ("tenant", Some(self.tenant.0.to_string())),
            ("charge", Some(self.charge.0.to_string())),
            ("refund", Some(self.refund.0.to_string())),
        ])
    }

    /// What the processor kept; which part of it cannot be read where one cannot.
    pub fn read(metadata: &Metadata) -> Result<RefundLabel, &'static str> {
        let needed = |name: &'static str| id(metadata, name).ok_or(name);
        Ok(RefundLabel {
            tenant: TenantId(needed("tenant")?),
            charge: ChargeId(needed("charge")?),
            refund: RefundId(needed("refund")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> ChargeLabel {
        let id = Uuid::from_u128;
        ChargeLabel {
            tenant: TenantId(id(1)),
            charge: ChargeId(id(2)),
            debt: Some(DebtId(id(3))),
            customer: None,
            method: MethodId(id(4)),
            rail: Rail::Ach,
            linked: true,
            source: "api".into(),
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(ChargeLabel::read(&label().write()), Ok(label()));
        let id = Uuid::from_u128;
        let back = RefundLabel { tenant: TenantId(id(1)), charge: ChargeId(id(2)), refund: RefundId(id(5)) };
        assert_eq!(RefundLabel::read(&back.write()), Ok(back));
        assert_eq!(tenant_of(&back.write()), Some(TenantId(id(1))));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (name, value) in [("tenant", "x"), ("debt", "x"), ("rail", "wire"), ("linked", "perhaps")] {
            let mut metadata = label().write();
            metadata.insert(name.into(), value.into());
            assert_eq!(ChargeLabel::read(&metadata), Err(name));
        }
        assert_eq!(ChargeLabel::read(&Metadata::new()), Err("tenant"));
        assert_eq!(RefundLabel::read(&label().write()), Err("refund"));
    }
}
