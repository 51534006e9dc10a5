//! A collection agency with its books, its processor and its clock.

use std::sync::{Arc, OnceLock};

use adapters::egress::{Policy, Resolver, Web};
use api::App;
use axum::Router;
use base::db::{Db, Location};
use base::seams::{Seams, StillClock, SystemEntropy};
use base::vault::MasterKey;
use base::{OrgId, Ts};
use books::orgs::{Environment, Tenant, Tenants};
use books::tokens::{self, Scopes};
use edge::{Settings, Table};
use exchange::egress::Later;
use exchange::webhooks::Courier;
use http::Method;
use payments::charges::till::{Processors, Till};
use serde_json::{Value, json};
use steps::Work;

use super::client::{Answer, Ask};
use super::engine::{BEGIN, Engine, Home, Template};
use super::faults::Planned;
use super::letters::Letters;
use super::postgres;
use super::processor::Bank;

/// The API's table, once for all stories.
pub(crate) fn table() -> &'static Table<App> {
    static TABLE: OnceLock<Table<App>> = OnceLock::new();
    TABLE.get_or_init(api::table)
}

/// Knows no name: a story calls addresses of this machine, and waits for nobody's name servers.
struct NoNames;

impl Resolver for NoNames {
    fn resolve<'a>(&'a self, _: &'a str) -> Later<'a, std::io::Result<Vec<std::net::IpAddr>>> {
        Box::pin(async { Err(std::io::ErrorKind::NotFound.into()) })
    }
}

/// An agency in the middle of a story.
pub(crate) struct Agency {
    pub(crate) engine: Engine,
    pub(crate) db: Db,
    pub(crate) tenants: Arc<Tenants>,
    pub(crate) app: App,
    pub(crate) till: Till,
    pub(crate) bank: Bank,
    pub(crate) router: Router,
    pub(crate) clock: Arc<StillClock>,
    pub(crate) home: Home,
    pub(crate) template: &'static Template,
    pub(crate) faults: Arc<Planned>,
    pub(crate) letters: Letters,
    server_clock: Option<tokio_postgres::Client>,
}

impl Agency {
    /// Opens one, with a fresh database and an empty processor.
    pub(crate) async fn open(engine: Engine) -> Agency {
        Agency::pretending(engine, sandbox::wire::CAPABILITIES).await
    }

    /// The same with a processor that can do no more than this.
    pub(crate) async fn pretending(engine: Engine, capabilities: sandbox::wire::Capabilities) -> Agency {
        Agency::with(engine, Home::copy(engine).await, engine.template(), BEGIN, capabilities).await
    }

    /// Opens one over a database that is there, at an instant.
    pub(crate) async fn over(engine: Engine, home: Home, template: &'static Template, begin: &str) -> Agency {
        Agency::with(engine, home, template, begin, sandbox::wire::CAPABILITIES).await
    }

    async fn with(
        engine: Engine,
        home: Home,
        template: &'static Template,
        begin: &str,
        capabilities: sandbox::wire::Capabilities,
    ) -> Agency {
        let clock = Arc::new(StillClock::at(Ts::parse(begin).expect("an instant")));
        let seams = Seams::new(clock.clone(), Arc::new(SystemEntropy));
        let faults = Arc::new(Planned::default());
        let db =
            Db::open(&home.location, seams).await.expect("the database opens").with_faults(faults.clone());
        let master = MasterKey::parse(template.master.reveal()).expect("a key");
        let tenants = Arc::new(Tenants::new(master));
        let bank = Bank::pretending(&home.dir.path().join("sandbox.journal"), capabilities);
        // Real money has no processor here, as on a fresh installation.
        let processors = Processors { production: None, sandbox: Some(Arc::new(bank.clone())) };
        let till = Till::new(db.clone(), tenants.clone(), processors);
        // What is called in a story is on this machine.
        let ours = base::net::Range::parse("127.0.0.0/8").expect("a range");
        let web = Web::resolving(Policy::allowing(vec![ours]), NoNames).expect("a way out");
        let app = App::new(db.clone(), tenants.clone(), till.clone(), Arc::new(web));
        let mut settings = Settings::new("https://pay.example.com");
        (settings.rate_a_minute, settings.failures_a_minute) = (1_000_000, 1_000_000);
        let portal = portal::Portal::new(db.clone(), tenants.clone(), till.clone(), &settings.public_url);
        let portal = portal::table().router(portal, settings.clone());
        let router = table().clone().beside(portal::PREFIX, portal).router(app.clone(), settings);
        let server_clock = match &home.database {
            Some(database) => Some(postgres::server().expect("it is on it").client(database).await),
            None => None,
        };
        let agency = Agency {
            engine,
            db,
            tenants,
            app,
            till,
            bank,
            router,
            clock,
            home,
            template,
            faults,
            letters: Letters::new(),
            server_clock,
        };
        agency.seconds(0).await;
        agency
    }

    /// Time passes, for us and for the database's server.
    pub(crate) async fn seconds(&self, seconds: i64) {
        self.clock.advance(seconds);
        if let Some(client) = &self.server_clock {
            let statement = format!("UPDATE test_clock.instant SET at = '{}'", self.now());
            client.batch_execute(&statement).await.expect("the server's clock can be set");
        }
    }

    pub(crate) async fn days(&self, days: i64) {
        self.seconds(days * 86_400).await;
    }

    pub(crate) fn now(&self) -> Ts {
        self.db.seams().now()
    }

    /// Today where the organization is, and days from then.
    pub(crate) fn day(&self, days: i64) -> String {
        let zone = jiff::tz::TimeZone::get("America/New_York").expect("a zone");
        self.now().plus_seconds(days * 86_400).day_in(&zone).to_string()
    }

    /// The steps of the program's loop, until none of them finds anything to do.
    pub(crate) async fn steps(&self) {
        let work = self.work();
        for _ in 0..50 {
            let mut done = steps::turn(&work).await.expect("the steps can be run");
            done += books::counts::build(&self.db).await.expect("lists");
            done += books::keys::step(&self.db, &self.tenants, 100).await.expect("keys::step");
            done += books::people::index_unindexed(&self.db, &self.tenants, 100).await.expect("index");
            done += self.app.note_token_use().await.expect("note_token_use");
            done += steps::clocks::go_on(&work).await.expect("clocks go on");
            if done == 0 {
                return;
            }
        }
        panic!("the steps never come to rest");
    }

    /// Events get their places, whatever time it is for whom.
    pub(crate) async fn sequence(&self) {
        let tenants = self.tenants.all(&self.db.read().await.expect("reads")).await.expect("tenants");
        for tenant in tenants {
            steps::sequence(&tenant.db(&self.db)).await.expect("events get their places");
        }
    }

    /// What the steps work with.
    pub(crate) fn work(&self) -> Work {
        Work::new(self.app.clone(), self.letters.means())
    }

    /// Whoever brings deliveries to webhooks.
    pub(crate) fn courier(&self) -> Courier {
        self.work().courier()
    }

    /// The step that sends messages, once; how many were looked at.
    pub(crate) async fn send_messages(&self) -> u64 {
        exchange::post::step(&self.db, &self.tenants, &self.letters.means(), 64).await.expect("post::step")
    }

    /// Time-outs elapse: whoever waits for an answer has waited `seconds` longer. Nobody may be on the wire.
    pub(crate) async fn patience_of(&self, seconds: u64) {
        tokio::time::pause();
        tokio::time::advance(std::time::Duration::from_secs(seconds)).await;
        tokio::time::resume();
    }

    /// Our own tenant of an environment, opened.
    pub(crate) async fn tenant(&self, environment: Environment) -> Tenant {
        self.tenant_of(self.template.ours.id, environment).await
    }

    pub(crate) async fn tenant_of(&self, org: OrgId, environment: Environment) -> Tenant {
        let tx = self.db.read().await.expect("reads");
        self.tenants.of(&tx, org, environment).await.expect("a tenant")
    }

    /// A token with these scopes, in our sandbox; its id and its text.
    pub(crate) async fn token(&self, scopes: &str) -> (tokens::TokenId, String) {
        let tenant = self.tenant(Environment::Sandbox).await;
        let scopes = Scopes::parse(scopes, api::SCOPES).expect("scopes");
        let create = tokens::Create { tenant: &tenant, name: "some".into(), scopes, expires_at: None };
        let (id, text) = self.db.run(&create).await.expect("a token is made");
        (id, text.reveal().clone())
    }

    /// Whose a token is.
    pub(crate) async fn caller_of(&self, token: &str) -> base::TenantId {
        let tx = self.db.read().await.expect("reads");
        let admitted = tokens::admit(&tx, &self.tenants, &base::secret::Secret::new(token.to_owned())).await;
        admitted.expect("reads").expect("a token").0.id
    }

    /// A request by our own sandbox token.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask::new(self, method, path).token(&self.template.ours.sandbox)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path).json(&body).send().await
    }

    /// A request that may be sent again.
    pub(crate) async fn once(&self, key: &str, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path).key(key).json(&body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path).json(&body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path).send().await
    }

    /// A form with brackets, as the vendor's guides send it.
    pub(crate) async fn form(&self, path: &str, body: &str) -> Answer {
        self.ask(Method::POST, path).form(body).send().await
    }

    /// A customer who owes; their id.
    pub(crate) async fn customer(&self) -> String {
        let all = json!({ "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com" });
        self.post("/customers", all).await.made()
    }

    /// A debt of a customer; its id.
    pub(crate) async fn debt_of(&self, customer: &str, cents: i64) -> String {
        self.post("/debt-accounts", json!({ "customer_id": customer, "balance": cents })).await.made()
    }

    /// A method of a customer, by one of the processor's ready-made tokens; its id.
    pub(crate) async fn method_of(&self, customer: &str, token: &str) -> String {
        self.post("/payment-methods", json!({ "customer_id": customer, "token": token })).await.made()
    }

    /// A customer with a debt and a method to pay it with.
    pub(crate) async fn debtor(&self, cents: i64, token: &str) -> Debtor {
        let customer = self.customer().await;
        let (debt, method) = (self.debt_of(&customer, cents).await, self.method_of(&customer, token).await);
        Debtor { customer, debt, method }
    }

    /// An account as it is now.
    pub(crate) async fn debt(&self, id: &str) -> Value {
        self.get(&format!("/debt-accounts/{id}")).await.is(200)["data"].clone()
    }

    /// What is still owed.
    pub(crate) async fn owed(&self, debt: &str) -> i64 {
        self.debt(debt).await["current_balance"].as_i64().expect("a balance")
    }

    /// A charge as it is now.
    pub(crate) async fn charge(&self, id: &str) -> Value {
        self.get(&format!("/charges/{id}")).await.is(200)["data"].clone()
    }

    /// The exact state of a charge.
    pub(crate) async fn state(&self, charge: &str) -> String {
        self.charge(charge).await["state"].as_str().expect("a state").to_owned()
    }

    /// The transactions of a charge, oldest first: `payment completed 5000`.
    pub(crate) async fn statement(&self, charge: &str) -> Vec<String> {
        let all = self.get(&format!("/transactions?charge_id={charge}&limit=100")).await;
        let text = |t: &Value| format!("{} {} {}", word(t, "type"), word(t, "status"), t["amount"]);
        let mut told: Vec<String> =
            all.is(200)["data"].as_array().expect("a list").iter().map(text).collect();
        told.reverse();
        told
    }
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("-")
}

/// Somebody who owes, and can pay.
pub(crate) struct Debtor {
    pub(crate) customer: String,
    pub(crate) debt: String,
    pub(crate) method: String,
}

impl Debtor {
    /// The request to pay `cents`.
    pub(crate) fn pays(&self, cents: i64) -> Value {
        json!({ "debt_account_id": self.debt, "payment_method_id": self.method, "amount": cents })
    }
}

base::record! {
    struct Amount { amount: i64 }
}

impl Agency {
    /// What has come in for no debt we know, from the ledger.
    pub(crate) async fn in_suspense(&self) -> i64 {
        let sql = "SELECT CAST(coalesce(sum(CASE WHEN credit = 'suspense' THEN amount ELSE 0 END \
                   - CASE WHEN debit = 'suspense' THEN amount ELSE 0 END), 0) AS bigint) FROM entry";
        let tx = self.db.read().await.expect("reads");
        tx.one::<Amount>(sql, &[]).await.expect("a sum").amount
    }
}

impl Agency {
    /// The same database by other connections, which see only what is committed.
    pub(crate) async fn witness(&self) -> Db {
        let location = match &self.home.location {
            Location::Lite { path, .. } => Location::LiteReader { path: path.clone() },
            other => other.clone(),
        };
        Db::open(&location, Seams::system()).await.expect("the database can be opened beside")
    }
}

impl Agency {
    /// A number that a statement gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.db.read().await.expect("reads").number(sql, &[]).await.expect(sql)
    }

    /// How many rows a list has in all.
    pub(crate) async fn many(&self, path: &str) -> i64 {
        self.get(path).await.is(200)["meta"]["total"].as_i64().expect("a total")
    }

    /// How many events there are.
    pub(crate) async fn events(&self) -> i64 {
        self.number("SELECT count(*) FROM event").await
    }

    /// How many entries there are.
    pub(crate) async fn entries(&self) -> i64 {
        self.number("SELECT count(*) FROM entry").await
    }
}

impl Agency {
    /// The same agency behind another door.
    pub(crate) fn behind(&self, router: Router) -> Agency {
        let home = Home {
            dir: super::engine::directory(),
            location: self.home.location.clone(),
            database: self.home.database.clone(),
        };
        Agency {
            engine: self.engine,
            db: self.db.clone(),
            tenants: self.tenants.clone(),
            app: self.app.clone(),
            till: self.till.clone(),
            bank: self.bank.clone(),
            router,
            clock: self.clock.clone(),
            home,
            template: self.template,
            faults: self.faults.clone(),
            letters: self.letters.clone(),
            server_clock: None,
        }
    }
}
