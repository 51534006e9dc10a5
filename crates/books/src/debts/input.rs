//! What a caller may say of a debt account.

use base::{Cents, Change, Day, Ref};

use super::model::{BillingTypes, Frequency, PlanId, Rules, Status};
use crate::{locations, metadata};

/// A new account.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// Who owes it; a child takes its parent's when it names none.
    pub customer: Option<Ref>,
    /// What was placed.
    pub balance: Cents,
    /// What is still owed; `balance` where absent.
    pub current_balance: Option<Cents>,
    /// Where it belongs.
    pub location: Option<LocationGiven>,
    /// Further locations.
    pub locations: Vec<FurtherGiven>,
    /// The caller's id.
    pub external_id: Option<String>,
    /// The account that shall group it.
    pub parent: Option<Ref>,
    /// How the customer may pay.
    pub billing_type: BillingTypes,
    /// The creditor's account number.
    pub account_number: Option<String>,
    /// A plan the customer can enrol in.
    pub plan: Option<PlanGiven>,
    /// What the caller keeps with it.
    pub metadata: metadata::Changes,
    /// Its state; active, or paid off where nothing is owed, where absent.
    pub status: Option<Status>,
    /// The caller's own status word.
    pub external_status: Option<String>,
    /// Kept as sent.
    pub external_company_id: Option<String>,
    /// Kept as sent.
    pub description: Option<String>,
    /// What overrides the portal's logic.
    pub rules: Rules,
}

/// A change to an account: what was not sent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Who owes it.
    pub customer: Option<Ref>,
    /// What was placed.
    pub balance: Option<Cents>,
    /// What is still owed.
    pub current_balance: Option<Cents>,
    /// Where it belongs.
    pub location: Change<LocationGiven>,
    /// Further locations: the whole set.
    pub locations: Option<Vec<FurtherGiven>>,
    /// The caller's id.
    pub external_id: Change<String>,
    /// The account that shall group it; cleared, none.
    pub parent: Change<Ref>,
    /// How the customer may pay.
    pub billing_type: Change<BillingTypes>,
    /// The creditor's account number.
    pub account_number: Change<String>,
    /// A plan the customer can enrol in, in place of one they have not enrolled in.
    pub plan: Change<PlanGiven>,
    /// What the caller keeps with it.
    pub metadata: Change<metadata::Changes>,
    /// Its state.
    pub status: Option<Status>,
    /// The caller's own status word.
    pub external_status: Change<String>,
    /// Kept as sent.
    pub external_company_id: Change<String>,
    /// Kept as sent.
    pub description: Change<String>,
    /// What overrides the portal's logic: the change of `min_payment_amount`; cleared, all rules.
    pub rules: Change<Change<Cents>>,
}

/// A location as an account names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationGiven {
    /// Our id or the caller's.
    pub which: Ref,
    /// Its name, needed where it is unknown.
    pub name: Option<String>,
    /// Its type, where it is unknown.
    pub kind: Option<locations::Kind>,
}

/// A further location as an account lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FurtherGiven {
    /// Its name.
    pub name: String,
    /// The caller's id.
    pub external_id: Option<String>,
    /// Its type.
    pub kind: Option<locations::Kind>,
}

/// A plan offered with an account. What is missing is asked of the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanGiven {
    /// The plan of ours that is meant, where our own reply is sent back.
    pub id: Option<PlanId>,
    /// How often; sent together with `start_date` or not at all.
    pub frequency: Option<Frequency>,
    /// From when on; a past day is stored and asked again at enrolment.
    pub start_date: Option<Day>,
    /// How much each time.
    pub amount: Option<Cents>,
}
