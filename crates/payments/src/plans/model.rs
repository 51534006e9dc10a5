//! Who authorized a plan, and who is asked to agree on one.

use base::{TenantId, Ts};
use books::debts::PlanId;
use books::messages::{self, Channel};
use books::people::CustomerId;

use crate::methods::MethodId;

base::ids! {
    /// An authorization of a plan.
    AuthorizationId "auth"
    /// A request to agree on a plan.
    RequestId "preq"
}

base::record! {
    /// That a customer lets a plan charge a payment method. Evidence: only its end is ever added.
    ///
    /// A series of bank debits needs the consumer's authorization, of which a record is kept for two years after it was
    /// revoked: 12 CFR 1005.10(b), 1005.13(b); Nacha Operating Rules, 2.3. The same is kept for cards.
    pub struct Authorization in "plan_authorization" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: AuthorizationId,
        /// The plan.
        pub plan_id: PlanId,
        /// What may be charged.
        pub payment_method_id: MethodId,
        /// How it was given: `api`.
        pub channel: String,
        /// What it is for, in words.
        pub terms: String,
        /// Who recorded it.
        pub given_by: String,
        /// When.
        pub given_at: Ts,
        /// When it was over.
        pub ended_at: Option<Ts>,
    }
}

base::words! {
    /// How a request stands.
    RequestState {
        /// Made, and nothing is sent.
        Made = "made",
        /// Queued: its message says how far it is.
        Queued = "queued",
        /// Sent.
        Sent = "sent",
        /// It could not be sent.
        Failed = "failed",
        /// There is nothing to agree on any more.
        Cancelled = "cancelled",
    }
}

base::record! {
    /// A request to agree on a pending plan. Where it is sent, there is a message about the plan.
    pub struct Request in "plan_request" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: RequestId,
        /// The plan.
        pub plan_id: PlanId,
        /// Who is asked.
        pub customer_id: CustomerId,
        /// How; none where nothing is sent.
        pub channel: Option<Channel>,
        /// How it stands.
        pub state: RequestState,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Request {
    /// How it stands, where the last message about its plan stands like this.
    pub fn stands(&self, message: Option<messages::State>) -> RequestState {
        match (self.state, message) {
            (RequestState::Queued, Some(messages::State::Sent)) => RequestState::Sent,
            (RequestState::Queued, Some(messages::State::Failed)) => RequestState::Failed,
            (RequestState::Queued, Some(messages::State::Canceled)) => RequestState::Cancelled,
            (state, _) => state,
        }
    }
}
