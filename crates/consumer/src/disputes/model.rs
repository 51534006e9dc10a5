//! What a dispute is.

use base::vault::Sealed;
use base::{Cents, Day, TenantId, Ts};
use books::debts::DebtId;
use books::holds::HoldId;
use books::people::CustomerId;

base::ids! {
    /// A dispute.
    DisputeId "dispute"
}

base::words! {
    /// How much of the debt is disputed.
    Kind {
        /// All of it.
        Whole = "whole",
        /// A part.
        Part = "part",
    }
}

base::words! {
    /// Why. The first four are the prompts of the model validation notice (12 CFR 1006, appendix B).
    Reason {
        /// "This is not my debt."
        NotMine = "not_my_debt",
        /// "The amount is wrong."
        WrongAmount = "wrong_amount",
        /// They want to know who the original creditor was.
        OriginalCreditor = "original_creditor",
        /// Anything else.
        Other = "other",
        /// It was paid.
        Paid = "already_paid",
        /// It was settled.
        Settled = "settled",
        /// Somebody else made it in their name.
        IdentityTheft = "identity_theft",
        /// It was discharged in bankruptcy.
        Bankruptcy = "bankruptcy",
        /// It is too old.
        TooOld = "too_old",
        /// An insurance or another party owes it.
        SomebodyElse = "somebody_else_owes",
        /// The goods or services were not as agreed.
        Service = "goods_or_services",
    }
}

/// Reasons, as a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons(pub Vec<Reason>);

base::column!(
    Reasons as String,
    |all| all.0.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(" "),
    |text| Reasons(text.split(' ').filter_map(Reason::parse).collect())
);

base::words! {
    /// How a dispute stands.
    Status {
        /// Nobody has answered.
        Open = "open",
        /// The organization has answered.
        Answered = "answered",
        /// The customer was right.
        Upheld = "upheld",
        /// The debt was verified.
        Rejected = "rejected",
        /// The customer took it back.
        Withdrawn = "withdrawn",
    }
}

impl Status {
    /// Whether it is over.
    pub fn is_over(self) -> bool {
        matches!(self, Status::Upheld | Status::Rejected | Status::Withdrawn)
    }
}

/// A new dispute.
#[derive(Clone, Debug)]
pub struct New {
    /// On which account.
    pub debt: DebtId,
    /// About how much.
    pub kind: Kind,
    /// Of a part: how much.
    pub amount: Option<Cents>,
    /// Why.
    pub reasons: Reasons,
    /// In their words.
    pub text: Option<String>,
    /// The day it was received; today where nobody says.
    pub received_on: Option<Day>,
    /// The earlier one that it repeats.
    pub duplicate_of: Option<DisputeId>,
}

/// What a request changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// How it ends.
    pub status: Option<Status>,
    /// Of a part: how much.
    pub amount: Option<Cents>,
    /// Why.
    pub reasons: Option<Reasons>,
}

base::record! {
    /// A dispute, its text still sealed.
    pub struct Dispute in "dispute" {
        pub(crate) tenant_id: TenantId,
        /// Its id.
        pub id: DisputeId,
        /// Whose.
        pub customer_id: CustomerId,
        /// On which account.
        pub debt_id: DebtId,
        /// About how much.
        pub kind: Kind,
        /// Of a part: how much.
        pub amount: Option<Cents>,
        /// Why.
        pub reasons: Reasons,
        /// How it stands.
        pub status: Status,
        /// Where it came from.
        pub source: String,
        pub(crate) body: Option<Sealed>,
        /// The day it was received.
        pub received_on: Day,
        /// The earlier one that it repeats.
        pub duplicate_of: Option<DisputeId>,
        /// What stops collecting meanwhile.
        pub hold_id: Option<HoldId>,
        /// When it was first answered.
        pub answered_at: Option<Ts>,
        /// When it ended.
        pub closed_at: Option<Ts>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}
