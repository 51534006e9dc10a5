//! The till: the whole way of one charge, and the steps that finish what was left open.
//!
//! Between the two transactions of a charge nothing is held: no transaction, no lock, no connection. Whoever
//! dies there leaves a claim whose lease ends; the reconciler then asks the processor before anything is sent
//! again, and sends again only under the same key.

use std::sync::Arc;
use std::time::Duration;

use base::db::{Db, Ids};
use base::secret::Secret;
use base::vault::mac;
use base::{Cents, Code, Day, Failure, Ref, Result, Ts};
use books::debts;
use books::idempotency::{Made, Once};
use books::orgs::{Environment, Tenant, Tenants};
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::accept::{Accept, Accepted, Instrument, Intent};
use super::claims::{Claim, Resubmit, Start};
use super::machine::State;
use super::settle::{Answered, Outcome, Settle};
use super::{Charge, ChargeId, Refund, RefundId, refunds};
use crate::methods::{self, MethodId, NewMethod};
use crate::processor::{Answer, Lookup, Order, Processor, Record, Standing};

/// How long a submission may take. Shorter than the lease it runs under.
const SUBMIT_DEADLINE: Duration = Duration::from_secs(10);
/// How long a caller waits before being told "pending"; the charge goes on.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many charges may be on their way at once in this process.
const IN_FLIGHT: usize = 256;
/// How many questions a step asks at once.
const AT_ONCE: usize = 16;

/// Which processor serves which environment.
#[derive(Clone, Default)]
pub struct Processors {
    /// Real money. Without one, production refuses charges.
    pub production: Option<Arc<dyn Processor>>,
    /// Rehearsal.
    pub sandbox: Option<Arc<dyn Processor>>,
}

/// Where money is taken. Cheap to clone.
#[derive(Clone)]
pub struct Till {
    db: Db,
    tenants: Arc<Tenants>,
    processors: Processors,
    in_flight: Arc<Semaphore>,
}

/// A charge as a caller asks for it.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The request, where its caller may send it again.
    pub once: Option<Once>,
    /// The account, if any.
    pub debt: Option<Ref>,
    /// Whether the account's balance moves.
    pub linked: bool,
    /// What is charged.
    pub paying: Paying,
    /// How much, more than nothing.
    pub amount: Cents,
    /// A later day, where it is not now.
    pub scheduled_at: Option<Day>,
    /// Who asks for it.
    pub source: &'static str,
    /// The caller's words.
    pub description: Option<String>,
}

/// What a caller wants charged.
#[derive(Clone, Debug)]
pub enum Paying {
    /// A stored method.
    Stored(Ref),
    /// One that came with the request, already tokenized.
    New(Box<NewMethod>),
}

/// A charge as it stands, and whether the same request had made it before.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The charge.
    pub charge: Charge,
    /// Whether this is a replay.
    pub before: bool,
}

impl Till {
    /// A till over this database and these processors.
    pub fn new(db: Db, tenants: Arc<Tenants>, processors: Processors) -> Till {
        Till { db, tenants, processors, in_flight: Arc::new(Semaphore::new(IN_FLIGHT)) }
    }

    /// The tenant's processor, or a refusal that says there is none.
    pub fn processor(&self, tenant: &Tenant) -> Result<&Arc<dyn Processor>> {
        let processor = match tenant.environment {
            Environment::Production => &self.processors.production,
            Environment::Sandbox => &self.processors.sandbox,
        };
        processor.as_ref().ok_or_else(|| {
            Failure::refused(Code::NoProcessor, format!("No payment processor is configured for the {} environment; no charge can be taken in it.", tenant.environment))
        })
    }

    /// The business instant of a tenant.
    fn now(&self, _tenant: &Tenant) -> Ts {
        self.db.seams().now()
    }

    /// Takes a charge. Gives it as it stands when the processor answered, or pending where that takes long.
    pub async fn take(&self, tenant: &Tenant, ask: Ask) -> Result<Taken> {
        let claimed = match self.accept(tenant, ask).await? {
            Accepted::Claimed(charge) => charge,
            Accepted::Done(charge) => return Ok(Taken { charge, before: false }),
            Accepted::Before(id) => return self.replay(tenant, id).await,
        };
        // A task of its own: the charge goes on whoever waits for it.
        let (till, owned, sent) = (self.clone(), tenant.clone(), claimed.clone());
        let finishing = tokio::spawn(async move { till.finish(&owned, sent).await });
        let charge = match tokio::time::timeout(PATIENCE, finishing).await {
            Ok(Ok(charge)) => charge,
            Ok(Err(panic)) => return Err(Failure::broken("taking a charge", panic)),
            Err(_elapsed) => claimed,
        };
        Ok(Taken { charge, before: false })
    }

    /// Checks, reserves and claims; the first of a charge's two transactions.
    pub async fn accept(&self, tenant: &Tenant, ask: Ask) -> Result<Accepted> {
        self.processor(tenant)?;
        let _permit = self.in_flight.try_acquire().map_err(|_| {
            Failure::refused(
                Code::Busy,
                "Too many charges are on their way at the moment; nothing was charged.",
            )
        })?;
        let tx = self.db.read().await?;
        let debt = match &ask.debt {
            Some(which) => Some(
                debts::resolve(&tx, tenant, which)
                    .await?
                    .ok_or_else(|| Failure::unknown_reference("debt_account_id"))?,
            ),
            None => None,
        };
        let instrument = match ask.paying {
            Paying::Stored(which) => {
                let method = methods::find(&tx, tenant, &which)
                    .await?
                    .ok_or_else(|| Failure::unknown_reference("payment_method_id"))?;
                Instrument::Stored(method.id)
            }
            Paying::New(new) => Instrument::New(tx.new_id::<MethodId>(), new),
        };
        let id: ChargeId = tx.new_id();
        drop(tx);
        let pkey = stable_key(tenant, "charge", ask.once.as_ref(), id.0);
        let intents = [Intent {
            id,
            once: ask.once,
            pkey,
            debt,
            linked: ask.linked,
            instrument,
            amount: ask.amount,
            scheduled_at: ask.scheduled_at,
            source: ask.source,
            description: ask.description,
        }];
        let command =
            Accept { tenant, intents: &intents, now: self.now(tenant), db_now: self.db.now().await? };
        let mut answers = self.db.run(&command).await?;
        answers.pop().ok_or_else(|| Failure::broken("taking a charge", "it was not answered"))?
    }

    /// Sends a claimed charge and settles what comes back. Where even that fails, the claim's lease ends and the
    /// reconciler goes on; the charge is then given as it was claimed.
    pub async fn finish(&self, tenant: &Tenant, claimed: Charge) -> Charge {
        match self.send(tenant, &claimed).await {
            Ok(charge) => charge,
            Err(failure) => {
                tracing::error!(charge = %claimed.id, error = failure.chain(), "a claimed charge could not be finished; the reconciler will");
                claimed
            }
        }
    }

    async fn send(&self, tenant: &Tenant, claimed: &Charge) -> Result<Charge> {
        let token = self.token(tenant, claimed.payment_method_id).await?;
        let order = Order {
            key: claimed.pkey.clone(),
            token,
            amount: claimed.amount,
            description: claimed.description.clone(),
        };
        let processor = self.processor(tenant)?;
        let now = self.now(tenant);
        let outcome = match tokio::time::timeout(SUBMIT_DEADLINE, processor.submit(now, &order)).await {
            Ok(answer) => outcome_of(answer),
            Err(_elapsed) => Outcome::NoAnswer { why: "no answer within the deadline".into() },
        };
        self.settle(tenant, claimed.id, claimed.fence, outcome).await
    }

    async fn token(&self, tenant: &Tenant, method: MethodId) -> Result<Secret<String>> {
        methods::token(&self.db.read().await?, tenant, method).await
    }

    async fn settle(
        &self,
        tenant: &Tenant,
        charge: ChargeId,
        fence: i64,
        outcome: Outcome,
    ) -> Result<Charge> {
        let answers = [Answered { charge, fence, outcome }];
        let command =
            Settle { tenant, answers: &answers, now: self.now(tenant), db_now: self.db.now().await? };
        let mut charges = self.db.run(&command).await?;
        charges.pop().ok_or_else(|| Failure::broken("settling a charge", "it is gone"))
    }

    /// The charge that the same request made before: as it is now, driven on where it was left half-done.
    async fn replay(&self, tenant: &Tenant, id: ChargeId) -> Result<Taken> {
        let charge =
            super::by_id(&self.db.read().await?, tenant, id).await?.ok_or_else(Failure::not_found)?;
        let leased = charge.due_at.is_some_and(|end| end > self.db.seams().now());
        let charge = match charge.state {
            State::Submitting if leased => {
                return Err(Failure::refused(
                    Code::IdempotencyInProgress,
                    "The first request with this idempotency key is still running.",
                ));
            }
            State::Submitting | State::Unknown => self.ask_about(tenant, charge).await?,
            _ => charge,
        };
        Ok(Taken { charge, before: true })
    }

    /// Shows what the same request did before, without doing anything new.
    pub async fn replayed(&self, tenant: &Tenant, id: ChargeId) -> Result<Charge> {
        self.replay(tenant, id).await.map(|taken| taken.charge)
    }

    /// Asks the processor now what became of a charge, whatever it was to be asked next.
    pub async fn sync(&self, tenant: &Tenant, which: &Ref) -> Result<Charge> {
        let charge =
            super::find(&self.db.read().await?, tenant, which).await?.ok_or_else(Failure::not_found)?;
        let leased =
            charge.state == State::Submitting && charge.due_at.is_some_and(|end| end > self.db.seams().now());
        match charge.state {
            State::Unknown | State::Pending | State::Succeeded => self.ask_about(tenant, charge).await,
            State::Submitting if !leased => self.ask_about(tenant, charge).await,
            _ => Ok(charge),
        }
    }

    /// Claims an open charge and asks the processor about it; sends it again only where the processor never saw
    /// it and still would know its key.
    async fn ask_about(&self, tenant: &Tenant, charge: Charge) -> Result<Charge> {
        let claim = Claim { tenant: tenant.id, charge: &charge, db_now: self.db.now().await? };
        let Some(fence) = self.db.run(&claim).await? else {
            return super::by_id(&self.db.read().await?, tenant, charge.id)
                .await?
                .ok_or_else(Failure::not_found);
        };
        let processor = self.processor(tenant)?;
        let outcome = match self.look_up(tenant, &charge.pkey).await? {
            Lookup::Found(record) if record.amount != charge.amount || record.refund_of.is_some() => {
                Outcome::Review {
                    why: format!(
                        "the processor knows this key for {} cents, not {}",
                        record.amount.get(),
                        charge.amount.get()
                    ),
                }
            }
            Lookup::Found(record) => outcome_of_record(record),
            Lookup::Unreachable(why) => Outcome::NoAnswer { why },
            Lookup::NotFound if matches!(charge.state, State::Pending | State::Succeeded) => {
                Outcome::Review { why: "the processor does not know a charge it took".into() }
            }
            Lookup::NotFound
                if self.may_resubmit(
                    tenant,
                    processor.as_ref(),
                    charge.submitted_at.unwrap_or(charge.created_at),
                ) =>
            {
                let resubmit =
                    Resubmit { tenant: tenant.id, charge: charge.id, fence, db_now: self.db.now().await? };
                if !self.db.run(&resubmit).await? {
                    return super::by_id(&self.db.read().await?, tenant, charge.id)
                        .await?
                        .ok_or_else(Failure::not_found);
                }
                return self.send(tenant, &Charge { fence, state: State::Submitting, ..charge }).await;
            }
            Lookup::NotFound => Outcome::Review {
                why: "the processor does not know it, and might not know its key any more".into(),
            },
        };
        self.settle(tenant, charge.id, fence, outcome).await
    }

    async fn look_up(&self, tenant: &Tenant, key: &str) -> Result<Lookup> {
        let processor = self.processor(tenant)?;
        if !processor.capabilities().lookup {
            return Ok(Lookup::Unreachable("this processor cannot be asked".into()));
        }
        let asked = tokio::time::timeout(SUBMIT_DEADLINE, processor.lookup(self.now(tenant), key)).await;
        Ok(asked.unwrap_or_else(|_| Lookup::Unreachable("no answer within the deadline".into())))
    }

    /// Whether the processor surely still knows the key: less than half its window has passed.
    fn may_resubmit(&self, tenant: &Tenant, processor: &dyn Processor, sent_at: Ts) -> bool {
        let age = self.now(tenant).since(sent_at).as_secs();
        processor.capabilities().idempotency_seconds.is_none_or(|window| age < window / 2)
    }

    /// A step: charges whose lease ended or that are to be asked about. Gives how many were looked at.
    pub async fn reconcile(&self, budget: i64) -> Result<u64> {
        let now = self.db.now().await?;
        let due: Vec<Charge> = self
            .db
            .read()
            .await?
            .select("WHERE due_at <= $1 AND state IN ('submitting', 'unknown', 'pending') ORDER BY due_at LIMIT $2", &[&now, &budget])
            .await?;
        for some in due.chunks(AT_ONCE) {
            join_all(some.iter().map(|charge| async {
                let asked = async { self.ask_about(&self.open(charge.tenant_id).await?, charge.clone()).await };
                if let Err(failure) = asked.await {
                    tracing::error!(charge = %charge.id, error = failure.chain(), "a charge could not be reconciled");
                }
            }))
            .await;
        }
        Ok(due.len() as u64)
    }

    /// A step: scheduled charges whose day has come. Gives how many were started.
    pub async fn start_due(&self, budget: i64) -> Result<u64> {
        let now = self.db.now().await?;
        let due: Vec<Charge> = self
            .db
            .read()
            .await?
            .select("WHERE due_at <= $1 AND state = 'scheduled' ORDER BY due_at LIMIT $2", &[&now, &budget])
            .await?;
        for some in due.chunks(AT_ONCE) {
            join_all(some.iter().map(|charge| async {
                let started = async {
                    let tenant = self.open(charge.tenant_id).await?;
                    let start = Start { tenant: &tenant, charge: charge.id, now: self.now(&tenant), db_now: now };
                    if let Some(claimed) = self.db.run(&start).await? {
                        self.finish(&tenant, claimed).await;
                    }
                    Ok::<(), Failure>(())
                };
                if let Err(failure) = started.await {
                    tracing::error!(charge = %charge.id, error = failure.chain(), "a scheduled charge could not be started");
                }
            }))
            .await;
        }
        Ok(due.len() as u64)
    }

    async fn open(&self, tenant: base::TenantId) -> Result<Tenant> {
        self.tenants.open(&self.db.read().await?, tenant).await
    }

    /// Gives money back on a charge; all that is left where no amount is named.
    pub async fn refund(
        &self,
        tenant: &Tenant,
        which: &Ref,
        amount: Option<Cents>,
        once: Option<&Once>,
    ) -> Result<(Charge, Refund, bool)> {
        let tx = self.db.read().await?;
        let charge = super::find(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
        self.processor(tenant)?;
        let id: RefundId = tx.new_id();
        drop(tx);
        let accept = refunds::Accept {
            tenant,
            id,
            charge: charge.id,
            amount,
            once,
            pkey: stable_key(tenant, "refund", once, id.0),
            now: self.now(tenant),
            db_now: self.db.now().await?,
        };
        let (refund, before) = match self.db.run(&accept).await? {
            Made::New(_) => (self.send_refund(tenant, id).await?, false),
            Made::Before(id) => (self.replayed_refund(tenant, RefundId(id)).await?, true),
        };
        let charge = super::by_id(&self.db.read().await?, tenant, refund.charge_id)
            .await?
            .ok_or_else(Failure::not_found)?;
        Ok((charge, refund, before))
    }

    /// Shows what the same refund request did before, driven on where it was left half-done.
    pub async fn replayed_refund(&self, tenant: &Tenant, id: RefundId) -> Result<Refund> {
        let refund =
            refunds::by_id(&self.db.read().await?, tenant, id).await?.ok_or_else(Failure::not_found)?;
        if refund.state.is_open() && refund.due_at.is_some_and(|due| due <= self.db.seams().now()) {
            return self.ask_about_refund(tenant, refund).await;
        }
        Ok(refund)
    }

    async fn send_refund(&self, tenant: &Tenant, id: RefundId) -> Result<Refund> {
        let tx = self.db.read().await?;
        let refund = refunds::by_id(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
        let charge = super::by_id(&tx, tenant, refund.charge_id).await?.ok_or_else(Failure::not_found)?;
        drop(tx);
        let (till, owned) = (self.clone(), tenant.clone());
        let (sent, charge_key) = (refund.clone(), charge.pkey);
        let finishing = tokio::spawn(async move { till.submit_refund(&owned, &sent, &charge_key).await });
        match tokio::time::timeout(PATIENCE, finishing).await {
            Ok(Ok(settled)) => settled,
            Ok(Err(panic)) => Err(Failure::broken("refunding", panic)),
            Err(_elapsed) => Ok(refund),
        }
    }

    async fn submit_refund(&self, tenant: &Tenant, refund: &Refund, charge_key: &str) -> Result<Refund> {
        let processor = self.processor(tenant)?;
        let asked = tokio::time::timeout(
            SUBMIT_DEADLINE,
            processor.refund(self.now(tenant), &refund.pkey, charge_key, refund.amount),
        )
        .await;
        let outcome = asked
            .map_or_else(|_| Outcome::NoAnswer { why: "no answer within the deadline".into() }, outcome_of);
        self.settle_refund(tenant, refund.id, refund.fence, &outcome).await
    }

    async fn settle_refund(
        &self,
        tenant: &Tenant,
        refund: RefundId,
        fence: i64,
        outcome: &Outcome,
    ) -> Result<Refund> {
        let settle = refunds::Settle {
            tenant,
            refund,
            fence,
            outcome,
            now: self.now(tenant),
            db_now: self.db.now().await?,
        };
        self.db.run(&settle).await
    }

    async fn ask_about_refund(&self, tenant: &Tenant, refund: Refund) -> Result<Refund> {
        let claim =
            super::claims::ClaimRefund { tenant: tenant.id, refund: &refund, db_now: self.db.now().await? };
        let tx = self.db.read().await?;
        let charge = super::by_id(&tx, tenant, refund.charge_id).await?.ok_or_else(Failure::not_found)?;
        drop(tx);
        let Some(fence) = self.db.run(&claim).await? else { return Ok(refund) };
        let outcome = match self.look_up(tenant, &refund.pkey).await? {
            Lookup::Found(record) if record.amount != refund.amount => {
                Outcome::Review { why: "the processor knows this key for another amount".into() }
            }
            Lookup::Found(record) => outcome_of_record(record),
            Lookup::Unreachable(why) => Outcome::NoAnswer { why },
            Lookup::NotFound
                if self.may_resubmit(tenant, self.processor(tenant)?.as_ref(), refund.created_at) =>
            {
                return self.submit_refund(tenant, &Refund { fence, ..refund }, &charge.pkey).await;
            }
            Lookup::NotFound => Outcome::Review {
                why: "the processor does not know it, and might not know its key any more".into(),
            },
        };
        self.settle_refund(tenant, refund.id, fence, &outcome).await
    }

    /// A step: refunds whose lease ended or that are to be asked about. Gives how many were looked at.
    pub async fn reconcile_refunds(&self, budget: i64) -> Result<u64> {
        let now = self.db.now().await?;
        let due = refunds::due(&self.db.read().await?, now, budget).await?;
        for refund in &due {
            let asked =
                async { self.ask_about_refund(&self.open(refund.tenant_id).await?, refund.clone()).await };
            if let Err(failure) = asked.await {
                tracing::error!(refund = %refund.id, error = failure.chain(), "a refund could not be reconciled");
            }
        }
        Ok(due.len() as u64)
    }

    /// How many charges are open, and how many only a person can decide: for readiness and metrics.
    pub async fn open_charges(&self) -> Result<(i64, i64)> {
        let tx = self.db.read().await?;
        let open = tx
            .number(
                "SELECT count(*) FROM charge WHERE due_at IS NOT NULL AND state IN ('submitting', 'unknown')",
                &[],
            )
            .await?;
        let review = tx.number("SELECT count(*) FROM charge WHERE review = true", &[]).await?;
        Ok((open, review))
    }

    /// The charges of these ids; for embedding.
    pub async fn load(&self, tenant: &Tenant, ids: &Ids) -> Result<Vec<Charge>> {
        super::load(&self.db.read().await?, tenant, ids).await
    }
}

/// The stable key of what is intended: the caller's idempotency key where there is one, so that the same request
/// charges once even after a restore; else the id of what was made.
fn stable_key(tenant: &Tenant, kind: &str, once: Option<&Once>, id: uuid::Uuid) -> String {
    match once {
        Some(once) => {
            let mac = mac(tenant.id.0.as_bytes(), &[kind.as_bytes(), once.key.as_bytes()]);
            mac[..16].iter().map(|byte| format!("{byte:02x}")).collect()
        }
        None => id.simple().to_string(),
    }
}

fn outcome_of(answer: Answer) -> Outcome {
    match answer {
        Answer::Succeeded { processor_id } => Outcome::Succeeded { processor_id },
        Answer::Accepted { processor_id } => Outcome::Accepted { processor_id },
        Answer::Declined { processor_id, decline } => Outcome::Declined { processor_id, decline },
        Answer::Unknown { why } => Outcome::NoAnswer { why },
    }
}

fn outcome_of_record(record: Record) -> Outcome {
    let processor_id = record.processor_id;
    match record.standing {
        Standing::Succeeded => Outcome::Succeeded { processor_id },
        Standing::Pending => Outcome::Accepted { processor_id },
        Standing::Declined(decline) => Outcome::Declined { processor_id: Some(processor_id), decline },
        Standing::Returned(decline) => Outcome::Returned { processor_id, decline },
        Standing::Voided => Outcome::Returned {
            processor_id,
            decline: crate::processor::Decline {
                code: "voided".into(),
                network_code: None,
                advice_code: None,
                message: "It was taken back at the processor before it settled.".into(),
            },
        },
    }
}
