//! What the organization has sent to a customer by name: a request to agree on a plan, a link, and either once more.

use base::db::{Command, Tx};
use base::secret::Secret;
use base::{Code, Failure, Result};
use books::contact::{self, Notice};
use books::debts::DebtId;
use books::messages::{self, Channel, Kind, Language, MessageId, NewMessage, Reason, State, Variables};
use books::orgs::Tenant;
use payments::plans::Propose;

use crate::sessions::{self, About, Destination, Lifetime, New, Session};

/// How long the link of a request to agree on a plan works: a week, so that it can be answered on a free day.
const REQUEST_SECONDS: i64 = 7 * 24 * 3_600;

/// Asks a customer to agree on a plan: the plan, a link to it and the message with the link, together or not at all.
pub struct AskToAgree<'a> {
    /// The plan, and whom it is for.
    pub propose: Propose<'a>,
    /// The address that customers know the installation by.
    pub public_url: &'a str,
    /// Who asks.
    pub by: &'a str,
}

impl Command for AskToAgree<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.request"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, plan) = (self.propose.tenant, self.propose.id);
        let proposed = self.propose.run(tx).await?;
        let Some((channel, to)) = &self.propose.proposal.to else { return Ok(()) };
        let new = New {
            about: About::Account(proposed.debt),
            destination: Some(Destination::AccountCheckout),
            lifetime: Lifetime::Fixed(REQUEST_SECONDS),
            return_to: None,
            expired_to: None,
            tags: Vec::new(),
        };
        let create = sessions::Create { tenant, id: tx.new_id(), new: &new, by: self.by, sent: true };
        let (session, link) = sessions::linked(tx, &create, self.public_url).await?;
        let notice = Notice {
            id: None,
            kind: Kind::PaymentPlanRequest,
            channel: *channel,
            to: Some(to.clone()),
            debt: Some(proposed.debt),
            about: Some(("payment_plan".into(), plan.0)),
            variables: linked_to(tenant, &session, &link),
            by_name: true,
            scheduled: false,
        };
        contact::write(tx, tenant, proposed.customer, notice).await?.or_refused().map(drop)
    }
}

fn linked_to(tenant: &Tenant, session: &Session, link: &Secret<String>) -> Variables {
    let last_day = session.expires_at.plus_seconds(-1).day_in(&tenant.zone);
    Variables::of([("link", link.reveal().clone()), ("link_valid_until", last_day.to_string())])
}

/// Makes a link that logs a customer in, and sends it to them.
pub struct SendLink<'a> {
    /// The link.
    pub create: sessions::Create<'a>,
    /// How it goes, to the address or number that is known of the customer.
    pub channel: Channel,
    /// The address that customers know the installation by.
    pub public_url: &'a str,
}

impl Command for SendLink<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "sessions.create_and_send"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tenant = self.create.tenant;
        let (session, link) = sessions::linked(tx, &self.create, self.public_url).await?;
        let notice = Notice {
            id: None,
            kind: Kind::SessionLink,
            channel: self.channel,
            to: None,
            debt: session.debt_id,
            about: Some(("customer_session".into(), session.id.0)),
            variables: linked_to(tenant, &session, &link),
            by_name: true,
            scheduled: false,
        };
        contact::write(tx, tenant, session.customer_id, notice).await?.or_refused().map(drop)
    }
}

/// Sends once more what was sent, failed or was called off: as another message, so that nobody takes it for the first.
pub struct Resend<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub message: MessageId,
    /// The id that the other will have.
    pub id: MessageId,
}

impl Command for Resend<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "messages.resend"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, id) = (self.tenant, Some(self.id));
        let message = messages::find(tx, tenant, self.message).await?.ok_or_else(Failure::not_found)?;
        let refused = |say: &str| Failure::refused(Code::NotAllowedNow, say);
        if message.state == State::Pending {
            return Err(refused("The message waits to be sent; it need not be sent again."));
        }
        if message.last_error.as_deref() == Some(Reason::Over.as_str()) {
            return Err(refused("What the message is about is over."));
        }
        let unknown = || refused("Messages of this kind are not sent any more.");
        let kind = Kind::parse(&message.kind).ok_or_else(unknown)?;
        let language = Language::parse(&message.language).ok_or_else(unknown)?;
        let gone = || refused("The message's recipient was erased.");
        let (to, variables) = messages::opened(tx, tenant, message.id).await?.ok_or_else(gone)?;
        let (channel, about) = (message.channel, message.object.zip(message.object_id));
        match message.customer_id {
            Some(customer) => {
                let debt = message.debt_id.map(DebtId);
                let (to, by_name, scheduled) = (Some(to), true, false);
                let notice = Notice { id, kind, channel, to, debt, about, variables, by_name, scheduled };
                contact::write(tx, tenant, customer, notice).await?.or_refused().map(drop)
            }
            None => {
                let debt = message.debt_id;
                let new = NewMessage {
                    id,
                    kind,
                    channel,
                    language,
                    to,
                    customer: None,
                    debt,
                    about,
                    variables,
                    by_name: true,
                    at_once: true,
                };
                messages::queue(tx, tenant, new).await.map(drop)
            }
        }
    }
}
