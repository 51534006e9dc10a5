//! An installation in this process: nodes over one database, their clock, and an organization that asks.

use std::sync::Arc;

use adapters::egress::{Policy, Web};
use adapters::processor::InProcess;
use anyhow::{Context as _, Result, bail};
use api::App;
use axum::Router;
use axum::body::Body;
use base::OrgId;
use base::db::{Db, Location, migrate};
use base::seams::{Seams, StillClock, SystemEntropy};
use base::secret::Secret;
use base::vault::MasterKey;
use books::orgs::{self, Environment, Tenants};
use books::tokens::{self, Scopes};
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt as _;
use payments::charges::till::{Processors, Till};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::simulate::sandbox;

/// The instant at which everything begins.
const BEGIN: &str = "2026-11-20T15:00:00Z";

/// One node: the API over a database of its own opening.
pub(super) struct Node {
    pub(super) app: App,
    router: Router,
}

/// What is asked by, and of whom.
pub(super) struct House {
    location: Location,
    master: Secret<String>,
    pub(super) clock: Arc<StillClock>,
    pub(super) nodes: Vec<Node>,
    pub(super) token: Secret<String>,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Whether a lookup found somebody.
    pub(super) fn found(&self) -> bool {
        self.status == 200 && self.body != br#"{"data":[]}"#
    }

    /// How long to wait, where it was refused for now.
    pub(super) fn retry_after(&self) -> Option<i64> {
        self.headers.get("retry-after")?.to_str().ok()?.parse().ok()
    }
}

impl House {
    /// A new one, with an organization that may be asked by every flow and has this budget of failures.
    pub(super) async fn make(location: &Location, nodes: usize, failures_a_day: i64) -> Result<House> {
        let clock = Arc::new(StillClock::at(base::Ts::parse(BEGIN).context("an instant")?));
        let seams = Seams::new(clock.clone(), Arc::new(SystemEntropy));
        let db = Db::open(location, seams.clone()).await?;
        migrate::migrate(&db, books::schema::MIGRATIONS).await?;
        let master = MasterKey::generate(&seams).to_text();
        let token = organization(&db, &Tenants::new(MasterKey::parse(master.reveal())?)).await?;
        db.close();
        drop(db);
        let mut house = House { location: location.clone(), master, clock, nodes: Vec::new(), token };
        for _ in 0..nodes {
            let node = house.node().await?;
            house.nodes.push(node);
        }
        house.allow(failures_a_day).await?;
        Ok(house)
    }

    /// One over a database that is there.
    pub(super) async fn over(
        location: &Location,
        master: Secret<String>,
        token: Secret<String>,
    ) -> Result<House> {
        let clock = Arc::new(StillClock::at(Seams::system().now()));
        let mut house = House { location: location.clone(), master, clock, nodes: Vec::new(), token };
        let node = house.node().await?;
        house.nodes.push(node);
        house.allow(1_000_000).await?;
        Ok(house)
    }

    /// Every flow, and this budget.
    async fn allow(&self, failures_a_day: i64) -> Result<()> {
        let flows = [
            "phone_ssn_last4",
            "phone_date_of_birth",
            "phone_postal_code",
            "first_name_last_name_ssn_last4",
            "first_name_last_name_date_of_birth",
        ];
        let body = json!({ "lookup": { "flows": flows, "failures_a_day": failures_a_day } });
        let answer = self.ask(0, Method::PUT, "/organization", Some(&body)).await?;
        if answer.status != 200 {
            bail!(
                "the organization's settings were answered {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
        Ok(())
    }

    async fn node(&self) -> Result<Node> {
        let seams = Seams::new(self.clock.clone(), Arc::new(SystemEntropy));
        let db = Db::open(&self.location, seams).await?;
        let tenants = Arc::new(Tenants::new(MasterKey::parse(self.master.reveal())?));
        let processors =
            Processors { production: None, sandbox: Some(Arc::new(InProcess::new(sandbox(0, 60)))) };
        let till = Till::new(db.clone(), tenants.clone(), processors);
        let app = App::new(db, tenants, till, Arc::new(Web::new(Policy::default())?));
        let mut settings = edge::Settings::new("http://127.0.0.1");
        settings.rate_a_minute = u32::MAX;
        let router = api::table().router(app.clone(), settings);
        Ok(Node { app, router })
    }

    /// Ends a node, and begins another in its place that has nothing but the database.
    pub(super) async fn restart(&mut self, at: usize) -> Result<()> {
        self.nodes.swap_remove(at).app.db.close();
        let node = self.node().await?;
        self.nodes.push(node);
        let last = self.nodes.len() - 1;
        self.nodes.swap(at, last);
        Ok(())
    }

    /// The budget of another organization beside this one: its token.
    pub(super) async fn another(&self) -> Result<Secret<String>> {
        let app = &self.nodes[0].app;
        organization(&app.db, &app.tenants).await
    }

    /// A request that can be sent.
    pub(super) fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Request<Body>> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", self.token.reveal()))
            .header("content-type", "application/json");
        Ok(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))?)
    }

    /// Sends it to a node.
    pub(super) async fn send(&self, node: usize, request: Request<Body>) -> Result<Answer> {
        let answer = self.nodes[node].router.clone().oneshot(request).await?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|e| anyhow::anyhow!("reading an answer: {e}"))?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.to_bytes().to_vec() })
    }

    pub(super) async fn ask(
        &self,
        node: usize,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        self.send(node, self.request(method, path, body)?).await
    }

    /// A lookup.
    pub(super) async fn look(&self, node: usize, body: &Value) -> Result<Answer> {
        self.ask(node, Method::POST, "/debt-accounts/lookup", Some(body)).await
    }

    /// Makes something.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<()> {
        let answer = self.ask(0, Method::POST, path, Some(body)).await?;
        if answer.status != 201 {
            bail!("POST {path} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        Ok(())
    }

    /// Somebody who owes.
    pub(super) async fn person(&self, n: u64, ssn: &str) -> Result<()> {
        self.post("/customers", &super::people::person(n, ssn)).await?;
        self.post("/debt-accounts", &json!({ "customer_id": format!("C-{n}"), "balance": 5_000 })).await
    }
}

async fn organization(db: &Db, tenants: &Tenants) -> Result<Secret<String>> {
    let create = orgs::Create { tenants, name: "Agency".into(), time_zone: "America/New_York".into() };
    let org: OrgId = db.run(&create).await?;
    let tenant = tenants.of(&db.read().await?, org, Environment::Sandbox).await?;
    let create =
        tokens::Create { tenant: &tenant, name: "trials".into(), scopes: Scopes::all(), expires_at: None };
    Ok(db.run(&create).await?.1)
}
