//! The installation a trial lives in: one database, and a clock that stands still unless it is moved, for us and for the
//! database's server.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use base::db::{Command, Db, Location, Tx, migrate};
use base::seams::{Seams, SeededEntropy, StillClock};
use base::secret::Secret;
use base::vault::MasterKey;
use base::{Cents, Change, Ref, Ts};
use books::debts::{self, DebtId, PlanId};
use books::orgs::{self, Environment, Tenant, Tenants};
use books::people::{self, CustomerId};
use books::settings::{self, RuleChanges};
use exchange::webhooks::FanOut;
use payments::charges::till::{Processors, Till};
use payments::methods::{self, Given, MethodId};
use payments::plans::agree::Asked;
use payments::plans::{self, New};
use payments::processor::{Processor, Record};
use payments::verify;

/// How much a step does at a time, as in the program.
const BUDGET: i64 = 64;
/// How many of the processor's records a sweep reads at a time, as in the program.
const SWEPT: i64 = 2_000;

/// Where the database is.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// A directory for an embedded database
    #[arg(long, value_name = "DIR", required_unless_present = "database_url")]
    dir: Option<PathBuf>,
    /// An empty PostgreSQL database whose clock is the table `test_clock.instant`, as `support.still_clock` makes one
    #[arg(long, value_name = "URL", conflicts_with = "dir")]
    database_url: Option<String>,
}

/// The installation.
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) tenants: Arc<Tenants>,
    clock: Arc<StillClock>,
    has_server: bool,
}

struct SetClock(Ts);

impl Command for SetClock {
    type Out = ();

    fn name(&self) -> &'static str {
        "trials.set_clock"
    }

    async fn exec(&self, tx: &Tx) -> base::Result<()> {
        tx.run("UPDATE test_clock.instant SET at = $1", &[&self.0]).await.map(drop)
    }
}

impl House {
    /// Opens one at `begin`. Its ids and keys follow from `seed`.
    pub(crate) async fn open(place: &Place, begin: Ts, seed: u64) -> Result<House> {
        let clock = Arc::new(StillClock::at(begin));
        let seams = Seams::new(clock.clone(), Arc::new(SeededEntropy::new(seed)));
        let location = match (&place.database_url, &place.dir) {
            (Some(url), _) => Location::Pg { url: Secret::new(url.clone()), connections: 8 },
            (None, dir) => {
                let dir = dir.clone().unwrap_or_default();
                Location::Lite { path: dir.join("quittance.db"), inline: true }
            }
        };
        let db = Db::open(&location, seams.clone()).await?;
        let tenants = Arc::new(Tenants::new(MasterKey::generate(&seams)));
        let house = House { db, tenants, clock, has_server: place.database_url.is_some() };
        house.go_to(begin).await?;
        migrate::migrate(&house.db, books::schema::MIGRATIONS).await?;
        Ok(house)
    }

    /// The instant it is.
    pub(crate) fn now(&self) -> Ts {
        self.db.seams().now()
    }

    /// Which engine it is on.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.has_server
    }

    /// It is this instant from now on.
    pub(crate) async fn go_to(&self, at: Ts) -> Result<()> {
        self.clock.set(at);
        if self.has_server {
            self.db.run(&SetClock(at)).await?;
        }
        Ok(())
    }

    /// A node of its own, which knows nothing yet.
    pub(crate) fn till(&self, processor: Arc<dyn Processor>) -> Till {
        let processors = Processors { production: None, sandbox: Some(processor) };
        Till::new(self.db.clone(), self.tenants.clone(), processors)
    }

    /// An organization in its sandbox, by its own rules.
    pub(crate) async fn organization(&self, name: &str, zone: &str, rules: RuleChanges) -> Result<Tenant> {
        let create = orgs::Create { tenants: &self.tenants, name: name.into(), time_zone: zone.into() };
        let org = self.db.run(&create).await?;
        let tenant = self.tenants.of(&self.db.read().await?, org, Environment::Sandbox).await?;
        let changes = settings::Changes { rules, ..Default::default() };
        self.db.run(&settings::Update { tenant: &tenant, changes: &changes }).await?;
        Ok(self.tenants.of(&self.db.read().await?, org, Environment::Sandbox).await?)
    }

    /// Somebody who owes.
    pub(crate) async fn customer(&self, tenant: &Tenant) -> Result<CustomerId> {
        let id: CustomerId = self.db.seams().id();
        let fields = people::Fields { name: Change::Set("Punctual Payer".into()), ..Default::default() };
        self.db.run(&people::Create { tenant, id, fields: &fields }).await?;
        Ok(id)
    }

    /// What they owe.
    pub(crate) async fn debt(&self, tenant: &Tenant, customer: CustomerId, cents: i64) -> Result<DebtId> {
        let id: DebtId = self.db.seams().id();
        let customer = Ref::new(&customer.to_string());
        let new = debts::New { customer, balance: Cents::new(cents), ..Default::default() };
        self.db.run(&debts::Create { tenant, id, new }).await?;
        Ok(id)
    }

    /// What they pay with.
    pub(crate) async fn method(
        &self,
        tenant: &Tenant,
        customer: CustomerId,
        processor: &dyn Processor,
        given: Given,
    ) -> Result<MethodId> {
        let new = methods::tokenize(processor, tenant, self.now(), given).await?;
        let id: MethodId = self.db.seams().id();
        let create = methods::Create { tenant, id, customer: Some(customer), new: &new, is_primary: None };
        self.db.run(&create).await?;
        Ok(id)
    }

    /// A plan that they have enrolled in.
    pub(crate) async fn plan(
        &self,
        tenant: &Tenant,
        debt: DebtId,
        method: MethodId,
        asked: Asked,
    ) -> Result<PlanId> {
        let id: PlanId = self.db.seams().id();
        let new = New {
            debt: reference(debt),
            asked,
            method: Some(reference(method)),
            offer: None,
            given: plans::Given::default(),
            source: "api",
        };
        let create = plans::Create { tenant, id, new: &new, by: "a trial".into(), now: self.now() };
        self.db.run(&create).await.with_context(|| format!("a plan of {asked:?}"))?;
        Ok(id)
    }

    /// A round of what a node's loops do about charges and plans; gives how much there was to do. What is under way is asked
    /// about before anything else goes out: on a server it is chance which comes first at one instant, and a limit counts both.
    pub(crate) async fn round(&self, till: &Till) -> base::Result<u64> {
        let mut done = 0;
        loop {
            match till.reconcile(BUDGET).await? {
                0 => break,
                asked => done += asked,
            }
        }
        done += plans::run::present_due(till, BUDGET).await?;
        done += till.start_due(BUDGET).await?;
        done += plans::breaking::break_due(&self.db, &self.tenants, BUDGET).await?;
        Ok(done)
    }

    /// What the processor's list says is taken in, where that is due.
    pub(crate) async fn sweep(&self, till: &Till) -> base::Result<u64> {
        till.sweep(SWEPT).await
    }

    /// What is wrong with the books, by themselves and by the processor's list.
    pub(crate) async fn faults(&self, tenants: &[Tenant], list: &[Record]) -> Result<Vec<String>> {
        while books::events::sequence(&self.db, &FanOut).await? > 0 {}
        let tx = self.db.snapshot().await?;
        let mut checks = verify::books(&tx, tenants).await?;
        checks.push(verify::processor(&verify::ours(&tx, tenants).await?, list, self.now()));
        let wrong = checks.into_iter().filter(|check| check.wrong > 0);
        Ok(wrong
            .map(|c| format!("verify: {}: {} wrong, such as {:?}", c.name, c.wrong, c.examples))
            .collect())
    }
}

/// Our own id, as a reference to it.
pub(crate) fn reference(id: impl std::fmt::Display) -> Ref {
    Ref::new(&id.to_string()).expect("an id is a reference")
}
