//! What an offer is.

use base::{Cents, Day, TenantId, Ts};
use serde_json::{Value, json};

use super::super::limits::percent;
use super::super::model::{DebtId, OfferId, PlanId};

base::words! {
    /// How an offer is to be paid.
    OfferKind {
        /// At once.
        OneTime = "one_time",
        /// In instalments.
        Plan = "plan",
    }
}

base::words! {
    /// What became of an offer. That its last day has passed stands nowhere: it is told from the day.
    OfferStatus {
        /// It can be taken up.
        Open = "open",
        /// A plan took it up.
        Accepted = "accepted",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

base::words! {
    /// How an offer stands on a day.
    Standing {
        /// It can be taken up.
        Active = "active",
        /// A plan took it up.
        Accepted = "accepted",
        /// It was taken back.
        Withdrawn = "withdrawn",
        /// Its last day has passed.
        Expired = "expired",
    }
}

base::record! {
    /// An offer to settle an account for less than is owed.
    pub struct Offer in "settlement_offer" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: OfferId,
        /// The account.
        pub debt_id: DebtId,
        /// How it is to be paid.
        pub kind: OfferKind,
        /// What was owed when it was made.
        pub balance: Cents,
        /// What settles the account.
        pub amount: Cents,
        /// In how many instalments at most.
        pub max_instalments: i64,
        /// Its last day, where the organization is.
        pub expires_on: Option<Day>,
        /// What became of it.
        pub status: OfferStatus,
        /// The plan that took it up.
        pub plan_id: Option<PlanId>,
        /// Why it was taken back.
        pub reason: Option<String>,
        /// When it was taken up or back.
        pub ended_at: Option<Ts>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Offer {
    /// How it stands on a day.
    pub fn on(&self, today: Day) -> Standing {
        match self.status {
            OfferStatus::Accepted => Standing::Accepted,
            OfferStatus::Withdrawn => Standing::Withdrawn,
            OfferStatus::Open if self.expires_on.is_some_and(|last| last < today) => Standing::Expired,
            OfferStatus::Open => Standing::Active,
        }
    }

    /// What it forgives.
    pub fn discount(&self) -> Cents {
        self.balance.minus_down_to_zero(self.amount)
    }

    /// The object an event about it carries.
    pub fn event_body(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "debt_account_id": self.debt_id.to_string(),
            "type": self.kind.as_str(),
            "balance": self.balance.get(),
            "amount": self.amount.get(),
            "discount_amount": self.discount().get(),
            "discount_percent": percent(self.discount(), self.balance),
            "max_installments": self.max_instalments,
            "expires_on": self.expires_on.map(|day| day.to_string()),
            "payment_plan_id": self.plan_id.map(|id| id.to_string()),
            "reason": self.reason,
            "ended_at": self.ended_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}
