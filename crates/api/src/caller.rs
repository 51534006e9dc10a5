//! The state of the API, and its door: the bearer token alone decides organization and environment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::db::Db;
use base::seams::Seams;
use base::{Code, Failure, Result, TenantId, Ts};
use books::orgs::{Tenant, Tenants};
use books::tokens::{self, Scopes, TokenId};
use edge::{Door, Gate};
use exchange::egress::Egress;
use payments::charges::till::Till;

/// Every scope a token can have.
pub const SCOPES: &[&str] = &[
    "ach:read",
    "ach:write",
    "balance:read",
    "bank_accounts:read",
    "bank_accounts:write",
    "bank_expectations:read",
    "bank_expectations:write",
    "bank_lines:read",
    "bank_lines:write",
    "bank_statements:read",
    "bank_statements:write",
    "blocks:read",
    "blocks:write",
    "bulk:read",
    "bulk:write",
    "charges:read",
    "charges:resolve",
    "charges:write",
    "client_terms:read",
    "client_terms:write",
    "customer_sessions:read",
    "customer_sessions:write",
    "customers:read",
    "customers:write",
    "debt_accounts:read",
    "debt_accounts:write",
    "disputes:read",
    "disputes:write",
    "documents:read",
    "documents:write",
    "events:read",
    "just_in_time:read",
    "just_in_time:write",
    "keys:read",
    "keys:rotate",
    "locations:read",
    "locations:write",
    "lookup:unlock",
    "messages:read",
    "messages:write",
    "organization:read",
    "organization:write",
    "payment_methods:read",
    tokens::TOKENIZE,
    "payment_methods:write",
    "payment_plans:read",
    "payment_plans:write",
    "remittances:approve",
    "remittances:pay",
    "remittances:read",
    "remittances:write",
    "settlement_offers:read",
    "settlement_offers:write",
    "tickets:read",
    "tickets:write",
    "test_clock:read",
    "test_clock:write",
    "transactions:read",
    "trust_deposits:read",
    "trust_deposits:write",
    "webhooks:read",
    "webhooks:write",
];

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// Where tenants are opened.
    pub tenants: Arc<Tenants>,
    /// Where money is taken.
    pub till: Till,
    /// The way out to addresses that organizations chose.
    pub egress: Arc<dyn Egress>,
    used: Arc<Mutex<HashMap<(TenantId, TokenId), Ts>>>,
}

impl App {
    /// Over this database, these tenants, this till and this way out.
    pub fn new(db: Db, tenants: Arc<Tenants>, till: Till, egress: Arc<dyn Egress>) -> App {
        App { db, tenants, till, egress, used: Arc::default() }
    }

    /// The same over another handle of the database: in somebody's own time.
    #[must_use]
    pub fn over(&self, db: Db) -> App {
        App { till: self.till.over(db.clone()), db, ..self.clone() }
    }

    /// A step: notes in the database when tokens were last used. Only for people to look at, so what a crash
    /// loses does not matter.
    pub async fn note_token_use(&self) -> Result<u64> {
        let used: Vec<_> = self.used.lock().unwrap_or_else(PoisonError::into_inner).drain().collect();
        if used.is_empty() {
            return Ok(0);
        }
        let used: Vec<_> = used.into_iter().map(|((tenant, token), at)| (tenant, token, at)).collect();
        let many = used.len() as u64;
        self.db.run(&tokens::Touch { used }).await?;
        Ok(many)
    }
}

/// Whoever presented a valid token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant the token decides.
    pub tenant: Tenant,
    token: TokenId,
    scopes: Scopes,
}

impl Caller {
    /// Who it is, as it stands beside what they decided.
    pub fn by(&self) -> String {
        format!("token {}", self.token)
    }
}

impl edge::Caller for Caller {
    fn may(&self, scope: &str) -> bool {
        self.scopes.allow(scope)
    }

    fn rate_key(&self) -> u128 {
        self.token.0.as_u128()
    }

    fn tenant(&self) -> String {
        self.tenant.id.to_string()
    }
}

impl Gate for App {
    type Caller = Caller;

    async fn admit(&self, door: &Door<'_>) -> Result<Caller> {
        let stranger =
            || Failure::refused(Code::Unauthenticated, "Unauthenticated: a valid bearer token is needed.");
        let text = door.bearer()?;
        let admitted = tokens::admit(&self.db.read().await?, &self.tenants, &text).await?;
        let (tenant, token, scopes) = admitted.ok_or_else(stranger)?;
        if !agrees(door.host().as_deref(), &tenant) {
            return Err(Failure::refused(
                Code::Unauthenticated,
                "Unauthenticated: this token belongs to another organization or environment than the host name.",
            ));
        }
        self.used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((tenant.id, token), self.db.seams().now());
        Ok(Caller { tenant, token, scopes })
    }

    fn seen_by(&self, caller: &Caller) -> App {
        match caller.tenant.own_time {
            Some(_) => self.over(caller.tenant.db(&self.db)),
            None => self.clone(),
        }
    }

    fn seams(&self) -> &Seams {
        self.db.seams()
    }
}

/// Whether a host of the form `<org-uuid>.<production or sandbox>.<anything>` names the token's own tenant; any
/// other host says nothing.
fn agrees(host: Option<&str>, tenant: &Tenant) -> bool {
    let Some((org, rest)) = host.and_then(|h| h.split_once('.')) else { return true };
    let Ok(org) = uuid::Uuid::try_parse(org) else { return true };
    let environment = rest.split('.').next().unwrap_or(rest);
    match environment.parse::<books::orgs::Environment>() {
        Ok(environment) => org == tenant.org.0 && environment == tenant.environment,
        Err(_) => true,
    }
}
