//! An agency with a token, an API on the embedded engine, and a tokenizer that moves no money.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "each test file uses a part of it"
)]

use std::sync::Arc;

use api::App;
use axum::Router;
use axum::body::Body;
use base::db::{Db, Location, migrate};
use base::seams::Seams;
use base::secret::Secret;
use base::vault::MasterKey;
use base::{Cents, Ts};
use books::orgs::{self, Environment, Tenants};
use books::tokens::{self, Scopes};
use edge::Settings;
use http::{Method, Request};
use http_body_util::BodyExt;
use payments::charges::till::{Processors, Till};
use payments::processor::{
    About, Answer, Capabilities, Instrument, Later, Lookup, Order, Page, Processor, TokenizeError, Tokenized,
    Unreachable,
};
use serde_json::Value;
use tower::ServiceExt;

/// Ends in 0002: refused. Ends in 4444: no answer. Anything else: a token.
struct Tokenizer;

fn card(token: &str, last_four: &str, month: u8, year: u16) -> Tokenized {
    let (brand, bin, last_four) = ("Visa".into(), "424242".into(), last_four.into());
    let about = About::Card { brand, bin, last_four, expiry_month: month, expiry_year: year };
    Tokenized { token: Secret::new(token.into()), about }
}

fn silent() -> Answer {
    Answer::Unknown { why: "this one only makes tokens".into() }
}

impl Processor for Tokenizer {
    fn capabilities(&self) -> Capabilities {
        Capabilities { idempotency_seconds: None, lookup: true, list: true, void: true }
    }

    fn tokenize<'a>(
        &'a self,
        _: Ts,
        instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async move {
            match instrument {
                Instrument::Card { number, .. } if number.reveal().ends_with("0002") => {
                    Err(TokenizeError::Refused("The card was refused.".into()))
                }
                Instrument::Card { number, .. } if number.reveal().ends_with("4444") => {
                    Err(TokenizeError::Unreachable("no answer".into()))
                }
                Instrument::Card { expiry_month, expiry_year, .. } => {
                    Ok(card("tok_card", "4242", *expiry_month, *expiry_year))
                }
                Instrument::Bank { routing_number, .. } => {
                    let about =
                        About::Bank { routing_number: routing_number.clone(), last_four: "6789".into() };
                    Ok(Tokenized { token: Secret::new("tok_bank".into()), about })
                }
            }
        })
    }

    fn inspect<'a>(
        &'a self,
        _: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async move { Ok(card(token.reveal(), "1111", 1, 2030)) })
    }

    fn submit<'a>(&'a self, _: Ts, _: &'a Order) -> Later<'a, Answer> {
        Box::pin(async { silent() })
    }

    fn refund<'a>(&'a self, _: Ts, _: &'a str, _: &'a str, _: Cents) -> Later<'a, Answer> {
        Box::pin(async { silent() })
    }

    fn void<'a>(&'a self, _: Ts, _: &'a str, _: &'a str) -> Later<'a, Answer> {
        Box::pin(async { silent() })
    }

    fn lookup<'a>(&'a self, _: Ts, _: &'a str) -> Later<'a, Lookup> {
        Box::pin(async { Lookup::NotFound })
    }

    fn list_since<'a>(&'a self, _: Ts, _: Ts, _: Option<String>) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async { Ok(Page { records: Vec::new(), cursor: None }) })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub body: Value,
}

impl Got {
    /// What stands under `data`; fails where it was refused.
    pub fn data(self) -> Value {
        assert!(self.status < 300, "{self:#?}");
        self.body["data"].clone()
    }

    /// That it was refused, and for which fields.
    pub fn refused(self, status: u16, fields: &[&str]) {
        assert_eq!(self.status, status, "{:#}", self.body);
        let named: Vec<&str> = self.body["errors"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, fields, "{:#}", self.body);
    }
}

/// Its API, and whoever asks with its token.
pub struct Agency {
    router: Router,
    token: Secret<String>,
    db: Db,
    _files: tempfile::TempDir,
}

impl Agency {
    pub async fn new() -> Agency {
        let (files, seams) = (tempfile::tempdir().unwrap(), Seams::system());
        let tenants = Arc::new(Tenants::new(MasterKey::generate(&seams)));
        let at = Location::Lite { path: files.path().join("books.db"), inline: false };
        let db = Db::open(&at, seams).await.unwrap();
        migrate::migrate(&db, books::schema::MIGRATIONS).await.unwrap();
        let new = orgs::Create { tenants: &tenants, name: "A".into(), time_zone: "America/New_York".into() };
        let org = db.run(&new).await.unwrap();
        let tenant = tenants.of(&db.read().await.unwrap(), org, Environment::Sandbox).await.unwrap();
        let new =
            tokens::Create { tenant: &tenant, name: "t".into(), scopes: Scopes::all(), expires_at: None };
        let (_, token) = db.run(&new).await.unwrap();
        let processors = Processors { production: None, sandbox: Some(Arc::new(Tokenizer)) };
        let till = Till::new(db.clone(), tenants.clone(), processors);
        let settings = Settings { rate_a_minute: 100_000, ..Settings::new("http://localhost") };
        let router = api::table().router(App::new(db.clone(), tenants, till), settings);
        Agency { router, token, db, _files: files }
    }

    async fn send(&self, method: Method, path: &str, kind: &str, key: Option<&str>, body: String) -> Got {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", self.token.reveal()))
            .header("content-type", kind);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Got { status, body: serde_json::from_slice(&bytes).unwrap() }
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, "application/json", None, String::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Got {
        self.send(Method::POST, path, "application/json", None, body.to_string()).await
    }

    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Got {
        self.send(Method::POST, path, "application/json", Some(key), body.to_string()).await
    }

    pub async fn post_form(&self, path: &str, body: &str) -> Got {
        self.send(Method::POST, path, "application/x-www-form-urlencoded", None, body.into()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Got {
        self.send(Method::PUT, path, "application/json", None, body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Got {
        self.send(Method::DELETE, path, "application/json", None, String::new()).await
    }

    /// How many rows a list has in all.
    pub async fn many(&self, path: &str) -> i64 {
        self.get(path).await.body["meta"]["total"].as_i64().unwrap()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.db.read().await.unwrap().number(sql, &[]).await.unwrap()
    }
}
