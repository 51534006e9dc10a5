//! When charges may be made: not before this process has looked through the processor's last window, and, where single
//! keys cannot be asked about, not while the books may lack something.

use std::sync::atomic::{AtomicBool, Ordering};

use base::{Code, Failure, Result};
use books::orgs::{Environment, Tenant};

use super::{Till, watch};

/// What is closed until a first sweep. This node's own, and only ever stricter than the books.
#[derive(Default)]
pub(super) struct Gate {
    production: AtomicBool,
    sandbox: AtomicBool,
}

impl Gate {
    fn closed(&self, environment: Environment) -> &AtomicBool {
        match environment {
            Environment::Production => &self.production,
            Environment::Sandbox => &self.sandbox,
        }
    }
}

impl Till {
    /// The same till, in which nothing is charged before [`Till::first_sweep`] was through.
    #[must_use]
    pub fn closed_until_swept(self) -> Till {
        for environment in Environment::ALL {
            self.gate.closed(environment).store(true, Ordering::Release);
        }
        self
    }

    /// Whether charges may be made in an environment as far as this process is concerned.
    pub fn is_open(&self, environment: Environment) -> bool {
        self.processor_of(environment).is_none() || !self.gate.closed(environment).load(Ordering::Acquire)
    }

    /// Looks whether this is the database that it was, and through the processor's list since the books were last
    /// known to be whole; then charges may be made. Gives whether that is so now; ask again where it is not.
    pub async fn first_sweep(&self) -> Result<bool> {
        self.recognize().await?;
        let mut open = true;
        for environment in Environment::ALL.into_iter().filter(|e| !self.is_open(*e)) {
            let looked = self.look_through(environment).await?;
            if looked {
                self.gate.closed(environment).store(false, Ordering::Release);
            }
            open &= looked;
        }
        Ok(open)
    }

    /// A step: notes which database this is. Another one than before switches verify mode on. Gives how often it did.
    pub async fn recognize(&self) -> Result<u64> {
        let Some(epoch) = watch::epoch(&self.db).await? else { return Ok(0) };
        let mut others = 0;
        for environment in Environment::ALL {
            let (now, db_now) = (self.db.seams().now(), self.db.now().await?);
            let seen = watch::of(&self.db.read().await?, environment).await?;
            if seen.and_then(|watch| watch.epoch).as_deref() != Some(&*epoch) {
                let recognize = watch::Recognize { environment, epoch: &epoch, now, db_now };
                others += u64::from(self.db.run(&recognize).await?);
            }
        }
        Ok(others)
    }

    /// Refuses while this process has not yet compared the processor's latest charges with the books. Costs nothing: a
    /// node that starts is asked by everybody who waited for it, and needs the database for itself.
    pub fn refuse_while_closed(&self, tenant: &Tenant) -> Result<()> {
        if self.is_open(tenant.environment) {
            return Ok(());
        }
        Err(not_yet("The processor's latest charges are still being compared with the books."))
    }

    /// Refuses where nothing may be charged at the moment.
    pub(super) async fn may_charge(&self, tenant: &Tenant) -> Result<()> {
        let processor = self.processor(tenant)?;
        self.refuse_while_closed(tenant)?;
        // Where keys can be looked up each charge is, before it is sent.
        if !processor.capabilities().lookup
            && watch::is_verifying(&self.db.read().await?, tenant.environment).await?
        {
            return Err(not_yet("The books are being compared with the processor's."));
        }
        Ok(())
    }
}

/// It speaks of this request alone: an earlier one with the same key may have charged.
fn not_yet(why: &str) -> Failure {
    let say = format!("{why} This request charged nothing; send it again with the same Idempotency-Key.");
    Failure::refused_for_now(Code::Busy, say, 5)
}
