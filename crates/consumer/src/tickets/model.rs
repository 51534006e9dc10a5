//! What a ticket is, and the rules that need no database.

use base::vault::Sealed;
use base::{TenantId, Ts};
use books::debts::DebtId;
use books::people::CustomerId;

base::ids! {
    /// A ticket.
    TicketId "ticket"
    /// A message of a ticket.
    MessageId "message"
}

base::words! {
    /// How a ticket stands.
    Status {
        /// Nobody has looked at it.
        Open = "open",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// It was answered.
        Resolved = "resolved",
        /// It is over.
        Closed = "closed",
    }
}

impl Status {
    /// Whether it is done with.
    pub fn is_over(self) -> bool {
        matches!(self, Status::Resolved | Status::Closed)
    }
}

base::words! {
    /// Where a ticket came from: the vendor's two, and ours.
    Source {
        /// By this API.
        Api = "api",
        /// A customer who was logged in.
        Collect = "collect",
        /// The public form.
        Guest = "guest",
    }
}

base::words! {
    /// What a ticket is about: the vendor's list.
    Category {
        /// Anything else.
        Other = "other",
        /// They cannot log in.
        LoggingIn = "trouble-logging-in",
        /// They want to change a plan.
        ChangePlan = "change-payment-plan-info",
        /// They want to know something about their account.
        AccountInfo = "need-info-about-my-account",
        /// They want to be called.
        CallSupport = "need-call-support",
    }
}

base::words! {
    /// Who wrote a message.
    Author {
        /// The customer, or whoever writes for them.
        Customer = "customer",
        /// The organization.
        Organization = "organization",
    }
}

/// How whoever wrote can be reached.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their phone.
    pub phone: Option<String>,
}

/// A new ticket.
#[derive(Clone, Debug)]
pub struct New {
    /// Whose.
    pub customer: Option<CustomerId>,
    /// About which account.
    pub debt: Option<DebtId>,
    /// What it is about.
    pub category: Category,
    /// In a line.
    pub subject: String,
    /// The first message.
    pub description: String,
    /// Who wrote it.
    pub author: Author,
    /// Where it came from.
    pub source: Source,
    /// How whoever wrote can be reached, where that is not the customer's own.
    pub contact: Contact,
}

/// What a request changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// How it stands.
    pub status: Option<Status>,
    /// What it is about.
    pub category: Option<Category>,
    /// In a line.
    pub subject: Option<String>,
}

base::record! {
    /// A ticket, its texts still sealed.
    pub struct Ticket in "ticket" {
        pub(crate) tenant_id: TenantId,
        /// Its id.
        pub id: TicketId,
        /// Whose.
        pub customer_id: Option<CustomerId>,
        /// About which account.
        pub debt_id: Option<DebtId>,
        /// How it stands.
        pub status: Status,
        /// Where it came from.
        pub source: Source,
        /// What it is about.
        pub category: Category,
        pub(crate) subject: Sealed,
        pub(crate) description: Sealed,
        pub(crate) name: Option<Sealed>,
        pub(crate) email: Option<Sealed>,
        pub(crate) phone: Option<Sealed>,
        /// Whether the customer has read it.
        pub is_read_by_customer: bool,
        /// Whether the organization has.
        pub is_read_by_organization: bool,
        /// When somebody last wrote or changed it.
        pub last_activity_at: Ts,
        /// When it was resolved.
        pub resolved_at: Option<Ts>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Ticket {
    /// The same in another state. Resolving notes when; opening again forgets it.
    #[must_use]
    pub fn turned(self, status: Status, now: Ts) -> Ticket {
        let resolved_at = if status.is_over() { self.resolved_at.or(Some(now)) } else { None };
        Ticket { status, resolved_at, ..self }
    }

    /// The same after a message of this author.
    #[must_use]
    pub fn answered(self, author: Author, now: Ts) -> Ticket {
        let by_customer = author == Author::Customer;
        let ticket = match (by_customer, self.status) {
            (true, Status::Resolved) => self.turned(Status::Open, now),
            _ => self,
        };
        Ticket {
            is_read_by_customer: by_customer,
            is_read_by_organization: !by_customer,
            last_activity_at: now,
            updated_at: now,
            ..ticket
        }
    }
}
