//! An agency's production, whose money a processor moves that is played at the other end of the line.

use std::sync::Arc;

use api::App;
use base::Ts;
use books::orgs::Environment;
use edge::Settings;
use http::Method;
use payments::charges::till::{Processors, Till};
use payments::processor::Processor;
use serde_json::{Value, json};

use crate::portal::browser::Browser;
use crate::support::Agency;
use crate::support::agency::table;
use crate::support::client::Answer;

/// The other end of the line.
pub(super) trait End {
    fn move_to(&self, now: Ts);
}

/// The agency's production.
pub(super) struct Production<'a, E> {
    pub(super) agency: &'a Agency,
    pub(super) house: Agency,
    pub(super) end: E,
}

/// Somebody who owes real money.
pub(super) struct Debtor {
    pub(super) customer: String,
    pub(super) debt: String,
}

impl<E: End> Production<'_, E> {
    pub(super) fn over(agency: &Agency, end: E, real: Arc<dyn Processor>) -> Production<'_, E> {
        let processors = Processors { production: Some(real), sandbox: Some(Arc::new(agency.bank.clone())) };
        let till = Till::new(agency.db.clone(), agency.tenants.clone(), processors);
        let (db, tenants) = (agency.db.clone(), agency.tenants.clone());
        let app = App::new(db, tenants, till.clone(), agency.app.egress.clone());
        let settings = Settings::new("https://pay.example.com");
        let portal = portal::Portal::new(
            agency.db.clone(),
            agency.tenants.clone(),
            till.clone(),
            &settings.public_url,
        );
        let portal = portal::table().router(portal, settings.clone());
        let router = table().clone().beside(portal::PREFIX, portal).router(app.clone(), settings);
        let mut house = agency.behind(router);
        (house.till, house.app) = (till, app);
        Production { agency, house, end }
    }

    pub(super) async fn post(&self, key: &str, path: &str, body: Value) -> Answer {
        let token = &self.agency.template.ours.production;
        self.house.ask(Method::POST, path).token(token).key(key).json(&body).send().await
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let token = &self.agency.template.ours.production;
        self.house.ask(Method::GET, path).token(token).send().await.is(200)["data"].clone()
    }

    pub(super) async fn debtor(&self) -> Debtor {
        let customer = json!({ "first_name": "Ada", "last_name": "Lovelace" });
        let customer = self.post("customer", "/customers", customer).await.made();
        let debt = json!({ "customer_id": customer, "balance": 100_00 });
        let debt = self.post("debt", "/debt-accounts", debt).await.made();
        Debtor { customer, debt }
    }

    pub(super) async fn debtor_as(&self, key: &str) -> Debtor {
        let customer = json!({ "first_name": "Mallory", "last_name": "M" });
        let customer = self.post(&format!("{key} customer"), "/customers", customer).await.made();
        let debt = json!({ "customer_id": customer, "balance": 100_00 });
        let debt = self.post(&format!("{key} debt"), "/debt-accounts", debt).await.made();
        Debtor { customer, debt }
    }

    /// Somebody's browser, come in by their link, and where their account is.
    pub(super) async fn comes_in(&self, debtor: &Debtor) -> (Browser<'_>, String) {
        let key = format!("session {}", debtor.customer);
        let session = self.post(&key, "/customer-sessions", json!({ "customer_id": debtor.customer })).await;
        let link = session.is(201)["data"]["portal_url"].as_str().unwrap().to_owned();
        let mut browser = Browser::new(&self.house);
        browser.comes_by(link.trim_start_matches("https://pay.example.com")).await.is(200);
        (browser, format!("/portal/accounts/{}", debtor.debt))
    }

    pub(super) async fn pays(&self, debtor: &Debtor, method: &str, cents: i64) -> Answer {
        let stored = json!({ "customer_id": debtor.customer, "token": method });
        let stored = self.post(&format!("store {method}"), "/payment-methods", stored).await.made();
        let request = json!({ "debt_account_id": debtor.debt, "payment_method_id": stored, "amount": cents });
        self.post(&format!("pay {method}"), "/charges", request).await
    }

    pub(super) async fn state(&self, charge: &str) -> String {
        self.get(&format!("/charges/{charge}")).await["state"].as_str().unwrap().to_owned()
    }

    pub(super) async fn owed(&self, debtor: &Debtor) -> i64 {
        self.get(&format!("/debt-accounts/{}", debtor.debt)).await["current_balance"].as_i64().unwrap()
    }

    pub(super) async fn later(&self, seconds: i64) {
        self.agency.seconds(seconds).await;
        self.end.move_to(self.agency.now());
    }

    pub(super) async fn sweep(&self) -> u64 {
        self.house.till.sweep_in(Environment::Production, i64::MAX).await.unwrap()
    }
}
