//! The till: the whole way of one charge, and the steps that finish what was left open.
//!
//! Between the two transactions of a charge nothing is held: no transaction, no lock, no connection. Whoever
//! dies there leaves a claim whose lease ends; the reconciler then asks the processor before anything is sent
//! again, and sends again only under the same key.

mod ask;
mod decide;
mod figures;
mod gate;
mod give_back;
mod orphans;
mod steps;
mod sweep;
mod together;
pub mod watch;

use std::sync::Arc;
use std::time::Duration;

use base::db::{Batcher, Db};
use base::secret::Secret;
use base::vault::{hex, mac};
use base::{Cents, Code, Day, Failure, Ref, Result, Ts};
use books::holds::Payer;
use books::idempotency::Once;
use books::orgs::{Environment, Tenant, Tenants};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

pub use self::figures::Figures;
use self::gate::Gate;
pub use self::steps::standing;
use self::together::{Accepting, Asked, Came, Settling};
use super::accept::{Accepted, Answer as Claimed, Instrument, Intent};
use super::authorization;
use super::label::ChargeLabel;
use super::recreate::{self, Adopt};
use super::settle::{Answered, Outcome};
use super::{Charge, ChargeId};
use crate::methods::{self, MethodId, NewMethod};
use crate::processor::{Answer, Order, Processor, Record, Standing};

/// How long a submission may take. Shorter than the lease it runs under.
const SUBMIT_DEADLINE: Duration = Duration::from_secs(10);
/// How long a caller waits before being told "pending"; the charge goes on.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many charges may be on their way at once in this process.
const IN_FLIGHT: usize = 256;
/// How much of its lease a refund's claim may have spent waiting before it is not sent any more. That lease counts from
/// before the transaction; where it had to wait long for an account, an answer could come after its end. The reconciler
/// then goes on.
const FRESH: Duration = Duration::from_secs(15);

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
    accepting: Batcher<Accepting>,
    settling: Batcher<Settling>,
    /// What goes on after its caller was answered.
    tasks: TaskTracker,
    gate: Arc<Gate>,
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
    /// Who pays, where it is not the customer.
    pub payer: Payer,
    /// The caller's words.
    pub description: Option<String>,
    /// Where a receipt goes once it has succeeded; empty: to the address that is known of the customer.
    pub receipt_to: Option<Secret<String>>,
    /// What its customer authorized, where that is recorded with it.
    pub authorized: Option<authorization::Given>,
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
        let at_once = together::at_once(&db);
        Till {
            tenants,
            processors,
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
            accepting: Batcher::new(Accepting(db.clone()), at_once),
            settling: Batcher::new(Settling(db.clone()), at_once),
            tasks: TaskTracker::new(),
            gate: Arc::default(),
            db,
        }
    }

    /// The same till over another handle of its database: in [somebody's own time](Db::in_time_of), with whom nobody else's
    /// payments are taken together.
    #[must_use]
    pub fn over(&self, db: Db) -> Till {
        let at_once = together::at_once(&db);
        Till {
            accepting: Batcher::new(Accepting(db.clone()), at_once),
            settling: Batcher::new(Settling(db.clone()), at_once),
            db,
            ..self.clone()
        }
    }

    /// The tenant's processor, or a refusal that says there is none.
    pub fn processor(&self, tenant: &Tenant) -> Result<&Arc<dyn Processor>> {
        self.processor_of(tenant.environment).ok_or_else(|| {
            Failure::refused(Code::NoProcessor, format!("No payment processor is configured for the {} environment; no charge can be taken in it.", tenant.environment))
        })
    }

    /// The processor of an environment, where there is one.
    fn processor_of(&self, environment: Environment) -> Option<&Arc<dyn Processor>> {
        match environment {
            Environment::Production => self.processors.production.as_ref(),
            Environment::Sandbox => self.processors.sandbox.as_ref(),
        }
    }

    /// Waits for what goes on after its caller was answered, no longer than `patience`; gives whether all of it ended.
    /// What does not is finished by the next start's reconciler.
    pub async fn drain(&self, patience: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(patience, self.tasks.wait()).await.is_ok()
    }

    /// The instant it is, where the tenant's time stands: at that.
    fn now(&self) -> Ts {
        self.db.seams().now()
    }

    /// Takes a charge. Gives it as it stands when the processor answered, or pending where that takes long.
    pub async fn take(&self, tenant: &Tenant, ask: Ask) -> Result<Taken> {
        // Held until the processor has answered, so that this bounds what is on its way.
        let seat = self.in_flight.clone().try_acquire_owned().map_err(|_| {
            let say = "Too many charges are on their way at the moment. This request charged nothing; send it again with the same Idempotency-Key.";
            Failure::refused_for_now(Code::Busy, say, 2)
        })?;
        let Claimed { accepted, token } = self.claim(tenant, ask).await?;
        let claimed = match accepted {
            Accepted::Claimed(charge) => charge,
            Accepted::Done(charge) => return Ok(Taken { charge, before: false }),
            Accepted::Before(id) => return self.replay(tenant, id).await,
        };
        // A task of its own: the charge goes on whoever waits for it. It was accepted; where nothing later is known
        // it is given as it was claimed, and nothing is an error any more.
        let (till, owned, sent) = (self.clone(), tenant.clone(), claimed.clone());
        let finishing = self.tasks.spawn(async move {
            let finished = till.finish_with(&owned, sent, token).await;
            drop(seat);
            finished
        });
        let charge = match tokio::time::timeout(PATIENCE, finishing).await {
            Ok(Ok(charge)) => charge,
            Ok(Err(panic)) => {
                tracing::error!(charge = %claimed.id, %panic, "finishing a charge panicked; the reconciler goes on");
                claimed
            }
            Err(_elapsed) => claimed,
        };
        Ok(Taken { charge, before: false })
    }

    /// Checks, reserves and claims; the first of a charge's two transactions.
    ///
    /// The books may know a request by its key at the processor alone: after a restore, the charge was put back from
    /// there and the idempotency key was not. Then whatever refuses it now, it is answered with that charge.
    pub async fn accept(&self, tenant: &Tenant, ask: Ask) -> Result<Accepted> {
        Ok(self.claim(tenant, ask).await?.accepted)
    }

    /// The same, with the token to send it, together with whatever else waits to be accepted.
    async fn claim(&self, tenant: &Tenant, ask: Ask) -> Result<Claimed> {
        let (once, amount) = (ask.once.clone(), ask.amount);
        let refused = match self.claim_new(tenant, ask).await {
            Err(failure) if failure.code() != Some(Code::Unavailable) => failure,
            done => return done,
        };
        let Some(once) = once else { return Err(refused) };
        let tx = self.db.read().await?;
        if books::idempotency::before(&tx, tenant, &once).await.is_err() {
            return Err(refused);
        }
        let key = stable_key(tenant, "charge", Some(&once), uuid::Uuid::nil());
        let Some(charge) = recreate::of_key(&tx, tenant, &key).await? else { return Err(refused) };
        drop(tx);
        if charge.amount != amount {
            return Err(Failure::refused(
                Code::IdempotencyConflict,
                "This idempotency key was used for another request.",
            ));
        }
        let adopt = Adopt { tenant, once: &once, kind: "charge", object: charge.id.0 };
        let id = self.db.run(&adopt).await?;
        Ok(Claimed { accepted: Accepted::Before(ChargeId(id)), token: None })
    }

    async fn claim_new(&self, tenant: &Tenant, ask: Ask) -> Result<Claimed> {
        self.may_charge(tenant).await?;
        let seams = self.db.seams();
        let instrument = match ask.paying {
            // Methods have no external ids.
            Paying::Stored(which) => Instrument::Stored(MethodId(
                which.ours().ok_or_else(|| Failure::unknown_reference("payment_method_id"))?,
            )),
            Paying::New(new) => Instrument::New(seams.id(), new),
        };
        let id: ChargeId = seams.id();
        let pkey = stable_key(tenant, "charge", ask.once.as_ref(), id.0);
        let intent = Intent {
            id,
            once: ask.once,
            pkey,
            debt: ask.debt,
            linked: ask.linked,
            instrument,
            amount: ask.amount,
            scheduled_at: ask.scheduled_at,
            source: ask.source,
            payer: ask.payer,
            description: ask.description,
            receipt_to: ask.receipt_to,
            authorized: ask.authorized,
        };
        self.accepting.run(Asked { tenant: tenant.clone(), intent, now: self.now() }).await
    }

    /// Sends a claimed charge and settles what comes back. Where even that fails, the claim's lease ends and the
    /// reconciler goes on; the charge is then given as it was claimed.
    pub async fn finish(&self, tenant: &Tenant, claimed: Charge) -> Charge {
        self.finish_with(tenant, claimed, None).await
    }

    /// The same with its token, where that is known already. It is given only where verify mode was off when the charge
    /// was claimed.
    async fn finish_with(&self, tenant: &Tenant, claimed: Charge, token: Option<Secret<String>>) -> Charge {
        let sent = match token {
            Some(token) => self.send_out(tenant, &claimed, Some(token)).await,
            None => self.send(tenant, &claimed).await,
        };
        match sent {
            Ok(charge) => charge,
            Err(failure) => {
                tracing::error!(charge = %claimed.id, error = failure.chain(), "a claimed charge could not be finished; the reconciler will");
                claimed
            }
        }
    }

    /// Sends a claimed charge for the first time. In verify mode the processor is asked before.
    async fn send(&self, tenant: &Tenant, claimed: &Charge) -> Result<Charge> {
        if watch::is_verifying(&self.db.read().await?, tenant.environment).await? {
            return self.verify_and_send(tenant, claimed).await;
        }
        self.send_out(tenant, claimed, None).await
    }

    async fn send_out(
        &self,
        tenant: &Tenant,
        claimed: &Charge,
        token: Option<Secret<String>>,
    ) -> Result<Charge> {
        let processor = self.processor(tenant)?;
        let token = match token {
            Some(token) => Ok(token),
            None => methods::token(&self.db.read().await?, tenant, claimed.payment_method_id).await,
        };
        let token = match token {
            Ok(token) => token,
            Err(failure) if failure.code() == Some(Code::Unavailable) => return Err(failure),
            // It will not be there later either.
            Err(failure) => {
                let why = format!("its payment method cannot be charged: {}", failure.chain());
                return self.settle(tenant, claimed.id, claimed.fence, Outcome::Review { why }).await;
            }
        };
        let order = Order {
            key: claimed.pkey.clone(),
            token,
            amount: claimed.amount,
            description: claimed.description.clone(),
            metadata: ChargeLabel::of(claimed).write(),
        };
        let now = self.now();
        let outcome = match tokio::time::timeout(SUBMIT_DEADLINE, processor.submit(now, &order)).await {
            Ok(answer) => outcome_of(answer),
            Err(_elapsed) => no_answer_in_time(),
        };
        self.settle(tenant, claimed.id, claimed.fence, outcome).await
    }

    async fn settle(
        &self,
        tenant: &Tenant,
        charge: ChargeId,
        fence: i64,
        outcome: Outcome,
    ) -> Result<Charge> {
        let answered = Answered { charge, fence, outcome };
        self.settling.run(Came { tenant: tenant.clone(), answered, now: self.now() }).await
    }

    async fn open(&self, tenant: base::TenantId) -> Result<Tenant> {
        self.tenants.open(&self.db.read().await?, tenant).await
    }
}

/// The stable key of what is intended: the caller's idempotency key where there is one, so that the same request
/// charges once even after a restore; else the id of what was made.
fn stable_key(tenant: &Tenant, kind: &str, once: Option<&Once>, id: uuid::Uuid) -> String {
    match once {
        Some(once) => {
            let mac = mac(tenant.id.0.as_bytes(), &[kind.as_bytes(), once.key.as_bytes()]);
            hex(&mac[..16])
        }
        None => id.simple().to_string(),
    }
}

/// The first request under a key is not answered yet.
fn still_running() -> Failure {
    let say = "The first request with this idempotency key is still running.";
    Failure::refused_for_now(Code::IdempotencyInProgress, say, 2)
}

fn no_answer_in_time() -> Outcome {
    Outcome::NoAnswer { why: "no answer within the deadline".into() }
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
        Standing::Voided => Outcome::Voided { processor_id },
    }
}
