//! What a debt account is, and the rules that need no database.

use std::collections::BTreeMap;

use base::{Cents, Failure, Result, TenantId, Ts};

use crate::locations::LocationId;
use crate::people::CustomerId;

base::ids! {
    /// A debt account.
    DebtId "debt"
    /// A payment plan.
    PlanId "plan"
    /// An offer to settle for less.
    OfferId "offer"
}

base::words! {
    /// The state of a debt account: exactly the guide's five, and what each allows.
    Status {
        /// The customer can do everything.
        Active = "active",
        /// Hidden from the customer; no payment.
        Archived = "archived",
        /// The customer can see it; no payment.
        Closed = "closed",
        /// The customer can neither see nor pay it.
        Locked = "locked",
        /// Fully paid; visible, not payable.
        PaidOff = "paid_off",
    }
}

impl Status {
    /// Whether a payment may be taken on it.
    pub fn is_payable(self) -> bool {
        self == Status::Active
    }

    /// The status once the balance is `current`: reaching nothing pays an active account off, rising above it
    /// opens a paid one again. What a person decided (archived, closed, locked) stays.
    #[must_use]
    pub fn at_balance(self, current: Cents) -> Status {
        match self {
            Status::Active if current.is_zero() => Status::PaidOff,
            Status::PaidOff if current.is_positive() => Status::Active,
            other => other,
        }
    }
}

base::words! {
    /// How the customer may pay, where an account narrows it.
    BillingType {
        /// Any amount from the minimum on.
        Partial = "partial-payment",
        /// The whole balance.
        Full = "full-amount-payment",
        /// By a plan.
        Plan = "payment-plan",
    }
}

base::words! {
    /// How often a plan pays.
    Frequency {
        /// Every week.
        Weekly = "weekly",
        /// Every other week.
        EveryOtherWeek = "every_other_week",
        /// Every month, on the day it began.
        Monthly = "monthly",
        /// On the last day of every month.
        LastOfMonth = "last_of_month",
    }
}

/// The billing types of an account; none narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillingTypes(pub Vec<BillingType>);

base::column!(
    BillingTypes as String,
    |types| types.0.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(" "),
    |text| BillingTypes(text.split(' ').filter_map(BillingType::parse).collect())
);

/// What overrides the portal's own logic for one account. One rule so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The least a payment may be, unless it clears the balance.
    pub min_payment_amount: Option<Cents>,
}

base::column!(
    Rules as String,
    |rules| rules.min_payment_amount.map_or_else(String::new, |least| least.get().to_string()),
    |text| Rules { min_payment_amount: text.parse().ok().map(Cents::new) }
);

/// Attributes and values, as a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(pub BTreeMap<String, String>);

base::column!(Metadata as String, |m| crate::metadata::to_text(&m.0), |text| Metadata(
    crate::metadata::from_text(&text).unwrap_or_default()
));

base::record! {
    /// A debt account.
    #[derive(PartialEq)]
    pub struct Debt in "debt" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: DebtId,
        /// The caller's id.
        pub external_id: Option<String>,
        /// Who owes it.
        pub customer_id: CustomerId,
        /// The creditor, portfolio or product it belongs to.
        pub location_id: Option<LocationId>,
        /// The account that groups it.
        pub parent_id: Option<DebtId>,
        /// Its state.
        pub status: Status,
        /// What was placed; on a parent the sum of its children.
        pub balance: Cents,
        /// What is still owed; on a parent the sum of its children.
        pub current_balance: Cents,
        /// What of it is reserved by charges under way; on a parent the sum of its children.
        pub reserved: Cents,
        /// How many accounts it groups.
        pub children: i64,
        /// The creditor's account number.
        pub account_number: Option<String>,
        /// The caller's own status word.
        pub external_status: Option<String>,
        /// Kept as sent.
        pub external_company_id: Option<String>,
        /// Kept as sent.
        pub description: Option<String>,
        /// How the customer may pay.
        pub billing_type: BillingTypes,
        /// What the caller keeps with it.
        pub metadata: Metadata,
        /// What overrides the portal's logic.
        pub rules: Rules,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
        /// When it was hidden.
        pub deleted_at: Option<Ts>,
    }
}

impl Debt {
    /// What may still be charged: owed and not reserved.
    pub fn open(&self) -> Cents {
        self.current_balance.minus_down_to_zero(self.reserved)
    }

    /// The account at the top: its parent, or itself.
    pub fn root(&self) -> DebtId {
        self.parent_id.unwrap_or(self.id)
    }

    /// Whether it groups others.
    pub fn is_parent(&self) -> bool {
        self.children > 0
    }

    /// The object an event about it carries.
    pub fn event_body(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id.to_string(),
            "external_id": self.external_id,
            "customer_id": self.customer_id.to_string(),
            "location_id": self.location_id.map(|id| id.to_string()),
            "parent_id": self.parent_id.map(|id| id.to_string()),
            "state": self.status.as_str(),
            "balance": self.balance.get(),
            "current_balance": self.current_balance.get(),
            "external_account_number": self.account_number,
            "external_status": self.external_status,
            "external_company_id": self.external_company_id,
            "description": self.description,
            "billing_type": self.billing_type.0.iter().map(|t| t.as_str()).collect::<Vec<_>>(),
            "rules": self.rules.min_payment_amount.map_or_else(|| serde_json::json!({}), |least| serde_json::json!({ "min_payment_amount": least.get() })),
            "metadata": self.metadata.0.iter().map(|(attribute, value)| serde_json::json!({ "attribute": attribute, "value": value })).collect::<Vec<_>>(),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// A parent's sums from its children: balance, current balance, reserved.
pub fn sums<'a>(children: impl IntoIterator<Item = &'a Debt> + Clone) -> Result<(Cents, Cents, Cents)> {
    let sum = |of: fn(&Debt) -> Cents| Cents::sum(children.clone().into_iter().map(of));
    let all = (|| Some((sum(|d| d.balance)?, sum(|d| d.current_balance)?, sum(|d| d.reserved)?)))();
    all.ok_or_else(too_large)
}

/// The refusal of a balance that makes a parent's sum more than can be kept.
pub(super) fn too_large() -> Failure {
    Failure::field("balance", "The balance field is too large for its parent account.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_opens_and_pays_off_but_never_overrules_a_person() {
        let told: Vec<String> = Status::ALL
            .iter()
            .flat_map(|s| {
                [0, 1].map(|c| format!("{} at {c}: {}", s.as_str(), s.at_balance(Cents::new(c)).as_str()))
            })
            .collect();
        assert_eq!(
            told,
            [
                "active at 0: paid_off",
                "active at 1: active",
                "archived at 0: archived",
                "archived at 1: archived",
                "closed at 0: closed",
                "closed at 1: closed",
                "locked at 0: locked",
                "locked at 1: locked",
                "paid_off at 0: paid_off",
                "paid_off at 1: active",
            ]
        );
    }
}
