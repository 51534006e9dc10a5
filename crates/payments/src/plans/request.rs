//! Asking a customer to agree on a plan.

use base::db::Tx;
use base::secret::Secret;
use base::{Cents, Day, Failure, Ref, Result, Ts};
use books::debts::plans::{self, Plan};
use books::debts::{self, DebtId, Frequency, PlanId};
use books::messages::Channel;
use books::orgs::Tenant;
use books::people::CustomerId;

use super::agree::{refuse_disabled, refuse_start};
use super::enrol::Ground;
use super::model::{Request, RequestState};

/// What a customer is asked to agree on. What is missing is theirs to choose.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The account.
    pub debt: Ref,
    /// How often; together with the first day or not at all.
    pub frequency: Option<Frequency>,
    /// From when on.
    pub start: Option<Day>,
    /// How much each time.
    pub amount: Option<Cents>,
    /// The least instalment that they may choose.
    pub min_payment_amount: Option<Cents>,
    /// How they are asked, and at which address or number; without it nothing is sent.
    pub to: Option<(Channel, Secret<String>)>,
}

/// Makes a pending plan, in place of one there may be, and a request to agree on it. Whoever runs it sends the request in
/// the same transaction, where it goes anywhere.
pub struct Propose<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id that the plan will have.
    pub id: PlanId,
    /// What was sent.
    pub proposal: &'a Proposal,
    /// The business instant.
    pub now: Ts,
}

/// Whom a proposal is for.
#[derive(Clone, Copy, Debug)]
pub struct Proposed {
    /// The customer.
    pub customer: CustomerId,
    /// Their account.
    pub debt: DebtId,
}

impl Propose<'_> {
    /// Does it.
    pub async fn run(&self, tx: &Tx) -> Result<Proposed> {
        let (tenant, sent, now) = (self.tenant, self.proposal, self.now);
        let unknown = || Failure::unknown_reference("debt_account_external_id");
        let debt = debts::resolve(tx, tenant, &sent.debt).await?.ok_or_else(unknown)?;
        let ground = Ground::of(tx, tenant, debt, now).await?.ok_or_else(unknown)?;
        refuse_disabled(&tenant.rules)?;
        ground.refuse_running(tx).await?;
        if let Some(start) = sent.start {
            refuse_start(start, &tenant.rules, tenant.today(now))?;
        }
        let least = tenant.rules.least_instalment(ground.account.rules.min_payment_amount);
        let owed = ground.account.current_balance;
        for (field, amount) in [("amount", sent.amount), ("min_payment_amount", sent.min_payment_amount)] {
            let Some(amount) = amount else { continue };
            let words = field.replace('_', " ");
            if amount < least && amount < owed {
                return Err(Failure::field(
                    field,
                    format!("The {words} field must be at least {}.", least.get()),
                ));
            }
            if amount > owed {
                let say = format!(
                    "The {words} field must not be greater than {}, which is what is owed.",
                    owed.get()
                );
                return Err(Failure::field(field, say));
            }
        }
        plans::drop_pending(tx, tenant, debt).await?;
        let plan = Plan {
            frequency: sent.frequency,
            start_date: sent.start,
            amount: sent.amount,
            min_payment_amount: sent.min_payment_amount,
            ..Plan::pending(tenant.id, self.id, debt, now)
        };
        tx.insert(std::slice::from_ref(&plan)).await?;
        let (customer, channel) = (ground.account.customer_id, sent.to.as_ref().map(|(channel, _)| *channel));
        tx.insert(&[Request {
            tenant_id: tenant.id,
            id: tx.new_id(),
            plan_id: plan.id,
            customer_id: customer,
            channel,
            state: if channel.is_some() { RequestState::Queued } else { RequestState::Made },
            created_at: now,
            updated_at: now,
        }])
        .await?;
        plans::tell(tx, tenant, "payment-plan.create", &plan).await?;
        Ok(Proposed { customer, debt })
    }
}
