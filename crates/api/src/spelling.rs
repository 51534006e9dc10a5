//! The two spellings: one domain, two vocabularies.
//!
//! A hyphen anywhere in the path pattern speaks the guides' words, an underscore the OpenAPI file's; a path with
//! neither is shared and speaks the OpenAPI's, except `/bulk` and `/locations`, which only the guides have.

use books::debts;
use edge::Spelling;
use payments::charges::machine::State;
use payments::charges::postings::Rail;

use crate::Call;

/// Whose words the caller of a path speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// The vendor's guides.
    Guide,
    /// The OpenAPI file.
    OpenApi,
}

impl Words {
    /// The words of the path that was called.
    pub(crate) fn of(call: &Call) -> Words {
        match call.spelling() {
            Spelling::Hyphens => Words::Guide,
            Spelling::Underscores => Words::OpenApi,
            Spelling::Plain if ["/bulk", "/locations"].iter().any(|path| call.pattern().contains(path)) => {
                Words::Guide
            }
            Spelling::Plain => Words::OpenApi,
        }
    }

    /// `status` of a debt account.
    pub(crate) fn debt_status(self, status: debts::Status) -> &'static str {
        match (self, status) {
            (Words::Guide, status) => status.as_str(),
            (Words::OpenApi, debts::Status::Active | debts::Status::Locked) => "active",
            (Words::OpenApi, debts::Status::Archived | debts::Status::Closed) => "closed",
            (Words::OpenApi, debts::Status::PaidOff) => "resolved",
        }
    }

    /// `frequency` of a plan.
    pub(crate) fn frequency(self, frequency: debts::Frequency) -> &'static str {
        match (self, frequency) {
            (Words::Guide, frequency) => frequency.as_str(),
            (Words::OpenApi, debts::Frequency::Weekly) => "weekly",
            (Words::OpenApi, debts::Frequency::EveryOtherWeek) => "biweekly",
            (Words::OpenApi, debts::Frequency::Monthly | debts::Frequency::LastOfMonth) => "monthly",
        }
    }

    /// `status` of a plan.
    pub(crate) fn plan_status(self, status: debts::plans::PlanStatus) -> &'static str {
        use debts::plans::PlanStatus::{Active, Broken, Cancelled, Completed, Paused, Pending};
        match (self, status) {
            (Words::Guide, status) => status.as_str(),
            (Words::OpenApi, Active) => "active",
            (Words::OpenApi, Pending | Paused) => "paused",
            (Words::OpenApi, Completed) => "completed",
            (Words::OpenApi, Broken | Cancelled) => "cancelled",
        }
    }

    /// `type` of a payment method.
    pub(crate) fn method_type(self, rail: Rail) -> &'static str {
        match (self, rail) {
            (_, Rail::Card) => "card",
            (Words::Guide, Rail::Ach) => "ach",
            (Words::OpenApi, Rail::Ach) => "bank_account",
        }
    }

    /// `status` of a charge.
    pub(crate) fn charge_status(self, state: State) -> &'static str {
        match self {
            Words::Guide => state.as_str(),
            Words::OpenApi => state.coarse(),
        }
    }
}

/// The words a debt account's `status` may be sent in, either spelling's. A coarse word that already describes
/// the stored status changes nothing.
pub(crate) const DEBT_STATUSES: &[(&str, debts::Status)] = &[
    ("active", debts::Status::Active),
    ("archived", debts::Status::Archived),
    ("closed", debts::Status::Closed),
    ("locked", debts::Status::Locked),
    ("paid_off", debts::Status::PaidOff),
    ("resolved", debts::Status::PaidOff),
];

/// The words a plan's `frequency` may be sent in.
pub(crate) const FREQUENCIES: &[(&str, debts::Frequency)] = &[
    ("weekly", debts::Frequency::Weekly),
    ("every_other_week", debts::Frequency::EveryOtherWeek),
    ("biweekly", debts::Frequency::EveryOtherWeek),
    ("monthly", debts::Frequency::Monthly),
    ("last_of_month", debts::Frequency::LastOfMonth),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_status_two_spellings() {
        let told: Vec<String> = debts::Status::ALL
            .iter()
            .map(|s| format!("{} · {}", Words::Guide.debt_status(*s), Words::OpenApi.debt_status(*s)))
            .collect();
        assert_eq!(
            told,
            [
                "active · active",
                "archived · closed",
                "closed · closed",
                "locked · active",
                "paid_off · resolved"
            ]
        );
    }
}
