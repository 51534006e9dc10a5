//! What a session is, and the rules that need no database.

use base::vault::Sealed;
use base::web::Address;
use base::{Code, Failure, Result, TenantId, Ts};
use books::debts::{self, Debt, DebtId};
use books::orgs::{Environment, Settings};
use books::people::{self, Customer, CustomerId};

use crate::disputes::DisputeId;

base::ids! {
    /// A customer session.
    SessionId "session"
}

/// The longest a session may last: 2,160 hours (the vendor's guide).
pub const LONGEST_SECONDS: i64 = 2_160 * 3_600;

/// How long a sliding session lasts after its last use: 24 hours (the same).
pub const SLIDES_SECONDS: i64 = 24 * 3_600;

base::words! {
    /// Where a session begins.
    Destination {
        /// All of the customer's accounts.
        AccountsList = "accounts_list",
        /// Paying one account.
        AccountCheckout = "account_checkout",
        /// One account.
        AccountDetail = "account_detail",
        /// The documents of one account.
        AccountDocuments = "account_documents",
        /// One dispute.
        DisputeDetail = "account_disputes_detail",
    }
}

/// What a session is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// All that is a customer's.
    Customer(CustomerId),
    /// One account.
    Account(DebtId),
    /// One dispute.
    Dispute(DisputeId),
}

impl About {
    /// Where it may begin; the first of them where nobody says.
    pub fn destinations(self) -> &'static [Destination] {
        use Destination::{AccountCheckout, AccountDetail, AccountDocuments, AccountsList, DisputeDetail};
        match self {
            About::Customer(_) => &[AccountsList],
            About::Account(_) => &[AccountDetail, AccountsList, AccountCheckout, AccountDocuments],
            About::Dispute(_) => &[DisputeDetail],
        }
    }

    /// The field that names it.
    pub fn field(self) -> &'static str {
        match self {
            About::Customer(_) => "customer_id",
            About::Account(_) => "debt_account_id",
            About::Dispute(_) => "debt_account_dispute_id",
        }
    }
}

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// A day after its last use.
    Sliding,
    /// So many seconds, whether it is used or not.
    Fixed(i64),
}

/// A name and a value that stand in the link's query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The parameter.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// An address a customer is sent to, and the field that named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo {
    /// The field.
    pub field: &'static str,
    /// The address.
    pub to: Address,
}

/// A new session.
#[derive(Clone, Debug)]
pub struct New {
    /// What it is about.
    pub about: About,
    /// Where it begins.
    pub destination: Option<Destination>,
    /// How long it lasts.
    pub lifetime: Lifetime,
    /// Where the customer goes after a payment.
    pub return_to: Option<ReturnTo>,
    /// Where the customer goes once it has expired.
    pub expired_to: Option<ReturnTo>,
    /// What stands in the link's query.
    pub tags: Vec<Tag>,
}

base::record! {
    /// A session, with what only its person's key opens still sealed.
    pub struct Session in "customer_session" {
        pub(crate) tenant_id: TenantId,
        /// Its id.
        pub id: SessionId,
        /// Whom it logs in.
        pub customer_id: CustomerId,
        /// The account it opens.
        pub debt_id: Option<DebtId>,
        /// The dispute it opens.
        pub dispute_id: Option<DisputeId>,
        /// Where it begins.
        pub destination: Destination,
        /// Whether use prolongs it.
        pub slides: bool,
        pub(crate) hash: Vec<u8>,
        pub(crate) key_version: i64,
        pub(crate) return_url: Option<Sealed>,
        pub(crate) expiration_return_url: Option<Sealed>,
        pub(crate) tags: Option<Sealed>,
        /// Who made it.
        pub created_by: String,
        /// When it ends.
        pub expires_at: Ts,
        /// When it was last used.
        pub last_used_at: Option<Ts>,
        /// When it was revoked.
        pub revoked_at: Option<Ts>,
        /// Whether we sent its link ourselves.
        pub sent: bool,
        /// When a first browser came in by it.
        pub bound_at: Option<Ts>,
        /// How often the question who somebody is was answered wrongly.
        pub wrong_answers: i64,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

base::words! {
    /// How a session stands.
    State {
        /// Its link works.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// Somebody ended it.
        Revoked = "revoked",
    }
}

impl Session {
    /// How it stands.
    pub fn state(&self, now: Ts) -> State {
        match self.revoked_at {
            Some(_) => State::Revoked,
            None if self.expires_at <= now => State::Expired,
            None => State::Active,
        }
    }
}

/// When a session ends that was made and last used then.
pub(crate) fn ends(lifetime: Lifetime, made: Ts, used: Ts) -> Ts {
    match lifetime {
        Lifetime::Fixed(seconds) => made.plus_seconds(seconds.min(LONGEST_SECONDS)),
        Lifetime::Sliding => used.plus_seconds(SLIDES_SECONDS).min(made.plus_seconds(LONGEST_SECONDS)),
    }
}

/// The refusal of an address that customers of this organization are not sent to.
pub(crate) fn fault(
    settings: &Settings,
    environment: Environment,
    to: &ReturnTo,
) -> Option<(String, Vec<String>)> {
    if settings.allow(environment, &to.to) {
        return None;
    }
    let say = format!(
        "The {} field must lead to one of the organization's allowed origins; add {} to allowed_origins with PUT /organization.",
        to.field.replace('_', " "),
        to.to.origin()
    );
    Some((to.field.to_owned(), vec![say]))
}

/// Refuses where the guide's statuses keep the customer from seeing it.
pub(crate) fn may_see(customer: &Customer, account: Option<&Debt>) -> Result<()> {
    let refused = |say: &str| Err(Failure::refused(Code::NotAllowedNow, say));
    match customer.status {
        people::Status::Active => {}
        people::Status::Locked => return refused("The customer is locked and has no access."),
        people::Status::Archived => return refused("The customer is archived and has no access."),
    }
    match account.map(|account| account.status) {
        Some(debts::Status::Archived) => {
            refused("The debt account is archived: it is hidden from the customer.")
        }
        Some(debts::Status::Locked) => refused("The debt account is locked: the customer cannot view it."),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_prolongs_a_sliding_session_and_never_a_fixed_one() {
        let (made, hour) = (Ts::from_micros(0), 3_600);
        let at = |hours: i64| made.plus_seconds(hours * hour);
        assert_eq!(ends(Lifetime::Sliding, made, made), at(24));
        assert_eq!(ends(Lifetime::Sliding, made, at(20)), at(44));
        assert_eq!(ends(Lifetime::Sliding, made, at(2_159)), at(2_160));
        assert_eq!(ends(Lifetime::Fixed(2 * hour), made, at(1)), at(2));
    }
}
