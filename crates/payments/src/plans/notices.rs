//! What whoever pays by a plan is told: what they agreed on, and each payment before it is taken.

use base::db::{Command, Db, DbError, Tx};
use base::{Code, Day, Result, TenantId, Ts, us};
use books::contact::{self, Notice, Said};
use books::debts::lock_families_of;
use books::debts::plans::{Instalment, InstalmentId, InstalmentState, Plan, PlanStatus, plan};
use books::messages::{Channel, Kind, Reason, Variables};
use books::orgs::{Tenant, Tenants};
use books::people::CustomerId;

use crate::charges::postings::Rail;
use crate::methods::{Kind as MethodKind, MethodId};

base::record! {
    struct Charged in "payment_method" { r#type: String, last_four: String }
}

/// What a plan charges.
async fn charged(tx: &Tx, tenant: &Tenant, plan: &Plan) -> Result<Option<Charged>> {
    let Some(id) = plan.payment_method_id.map(MethodId) else { return Ok(None) };
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// The copy of what somebody authorized that they get (12 CFR 1005.10(b): "a copy … to the consumer").
pub(super) struct Confirmation<'a> {
    /// The words they agreed to.
    pub(super) text: &'a str,
    /// The terms, in their language.
    pub(super) terms: String,
    /// The day of the first payment.
    pub(super) first: Day,
    /// Of what is charged.
    pub(super) last_four: String,
}

impl Confirmation<'_> {
    /// Sends it, where it can be sent; none says that it could not be written.
    pub(super) async fn send(
        self,
        tx: &Tx,
        tenant: &Tenant,
        customer: CustomerId,
        plan: &Plan,
    ) -> Result<Option<Said>> {
        let variables = Variables::of([
            ("terms", self.terms),
            ("authorization_text", self.text.to_owned()),
            ("agreed_on", tenant.today(tx.now()).to_string()),
            ("first_payment_date", self.first.to_string()),
            ("last_four", self.last_four),
            ("reference", plan.id.to_string()),
        ]);
        let notice = Notice {
            id: None,
            kind: Kind::PaymentPlanConfirmation,
            channel: Channel::Email,
            to: None,
            debt: Some(plan.debt_id),
            about: Some(("payment_plan".to_owned(), plan.id.0)),
            variables,
            by_name: false,
            scheduled: false,
        };
        said(plan, contact::write(tx, tenant, customer, notice).await)
    }
}

/// What keeps a notice from being written keeps nothing else from happening, but for the database's own troubles.
fn said(plan: &Plan, done: Result<Said>) -> Result<Option<Said>> {
    match done {
        Ok(said) => Ok(Some(said)),
        Err(failure)
            if failure.code() == Some(Code::Unavailable) || DbError::in_failure(&failure).is_some() =>
        {
            Err(failure)
        }
        Err(failure) => {
            tracing::error!(plan = %plan.id, error = failure.chain(), "a notice could not be written");
            Ok(None)
        }
    }
}

base::record! {
    struct Due in "instalment" { tenant_id: TenantId, id: InstalmentId }
}

/// Tells customers of payments that are coming. Gives how many were looked at.
pub async fn remind_due(db: &Db, tenants: &Tenants, budget: i64) -> Result<u64> {
    let now = db.now().await?;
    let tail = "WHERE remind_at <= $1 AND tenant_id IN served() ORDER BY remind_at LIMIT $2";
    let due: Vec<Due> = db.read().await?.select(tail, &[&now, &budget]).await?;
    let mut done = 0;
    for one in due {
        let reminded = async {
            let tenant = tenants.open(&db.read().await?, one.tenant_id).await?;
            db.run(&Remind { tenant: &tenant, id: one.id }).await
        };
        match reminded.await {
            Ok(()) => done += 1,
            // One organization's trouble must not hold up the others.
            Err(failure) => {
                tracing::error!(instalment = %one.id, error = failure.chain(), "nobody could be told of a payment; an hour later");
                db.run(&Later { tenant: one.tenant_id, id: one.id, until: now.plus_seconds(3_600) }).await?;
            }
        }
    }
    Ok(done)
}

/// Tells of one a while later.
struct Later {
    tenant: TenantId,
    id: InstalmentId,
    until: Ts,
}

impl Command for Later {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.remind_later"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql = "UPDATE instalment SET remind_at = $3 WHERE tenant_id = $1 AND id = $2 AND remind_at < $3";
        tx.run(sql, &[&self.tenant, &self.id, &self.until]).await.map(drop)
    }
}

/// Tells a customer of one payment, once.
struct Remind<'a> {
    tenant: &'a Tenant,
    id: InstalmentId,
}

impl Command for Remind<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.remind"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tenant = self.tenant;
        let tail = "WHERE tenant_id = $1 AND id = $2";
        let Some(seen) = tx.find::<Instalment>(tail, &[&tenant.id, &self.id]).await? else { return Ok(()) };
        let Some(of) = plan(tx, tenant, seen.plan_id).await? else { return Ok(()) };
        let families = lock_families_of(tx, tenant, &[of.debt_id]).await?;
        let Some(mut one) = tx.find::<Instalment>(tail, &[&tenant.id, &self.id]).await? else {
            return Ok(());
        };
        let now = tx.clock().await?;
        if one.remind_at.is_none_or(|at| at > now) {
            return Ok(());
        }
        one.remind_at = None;
        let of = plan(tx, tenant, seen.plan_id).await?.unwrap_or(of);
        let is_coming = one.state == InstalmentState::Scheduled
            && one.due_at.is_some()
            && of.status == PlanStatus::Active;
        let Some(family) = families.first().filter(|_| is_coming) else {
            return tx.update(2, &[one]).await;
        };
        let charged = charged(tx, tenant, &of).await?;
        let is_debit = charged.as_ref().is_some_and(|method| {
            MethodKind::parse(&method.r#type).is_some_and(|kind| kind.rail() == Rail::Ach)
        });
        // A bank account is debited on banking days.
        let day = if is_debit { us::banking_day_from(one.due_on) } else { one.due_on };
        let last_four = charged.map(|method| method.last_four).unwrap_or_default();
        // By e-mail; by text message whom no e-mail reaches.
        for channel in [Channel::Email, Channel::Sms] {
            let variables = Variables::of([
                ("amount", format!("${}", one.amount)),
                ("due_date", day.to_string()),
                ("last_four", last_four.clone()),
            ]);
            let notice = Notice {
                id: None,
                kind: Kind::PaymentUpcoming,
                channel,
                to: None,
                debt: Some(of.debt_id),
                about: Some(("payment_plan".to_owned(), of.id.0)),
                variables,
                by_name: false,
                scheduled: true,
            };
            let said = said(&of, contact::write(tx, tenant, family.root.customer_id, notice).await)?;
            let (message, why) = match said {
                Some(Said::Queued(id)) => (Some(id), None),
                Some(Said::Not(why, _)) => (None, Some(why)),
                None => (None, Some(Reason::Broken)),
            };
            (one.notice_id, one.no_notice) = (message, why.map(|why| why.as_str().to_owned()));
            if !matches!(why, Some(Reason::NoAddress | Reason::OptedOut)) {
                break;
            }
        }
        tx.update(2, &[one]).await
    }
}
