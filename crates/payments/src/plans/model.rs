//! Who authorized a plan, and who is asked to agree on one.

use base::vault::Sealed;
use base::{TenantId, Ts};
use books::debts::PlanId;
use books::messages::{self, Channel, MessageId};
use books::people::CustomerId;

pub use crate::authorizations::Way;
use crate::methods::MethodId;

base::ids! {
    /// An authorization of a plan.
    AuthorizationId "auth"
    /// A request to agree on a plan.
    RequestId "preq"
}

base::record! {
    /// That a customer lets a plan charge a payment method. Evidence: only its end is ever added. What was not kept before
    /// it was is null: everything from `text_version` on.
    pub struct Authorization in "plan_authorization" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: AuthorizationId,
        /// The plan.
        pub plan_id: PlanId,
        /// What may be charged.
        pub payment_method_id: MethodId,
        /// How it was given.
        pub channel: Way,
        /// What it is for, in words.
        pub terms: String,
        /// Who recorded it.
        pub given_by: String,
        /// When it was given.
        pub given_at: Ts,
        /// When it was over.
        pub ended_at: Option<Ts>,
        /// Which text it was; none where an organization sent its own and did not say.
        pub text_version: Option<String>,
        pub(super) agreed_text: Option<Sealed>,
        pub(super) agreed_by: Option<Sealed>,
        pub(super) ip_address: Option<Sealed>,
        /// Over all of it; see [`Evidence::serialized`](super::Evidence::serialized).
        pub sha256: Option<String>,
        /// The message that brings the copy.
        pub copy_id: Option<MessageId>,
        /// Why there is none: a word of [`Reason`](messages::Reason).
        pub no_copy: Option<String>,
        /// When it was written down.
        pub recorded_at: Option<Ts>,
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
