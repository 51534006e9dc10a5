//! Bearer tokens: 256 random bits that decide organization and environment.
//!
//! Only a SHA-256 is kept; a token is shown once, when it is made, and revoked at once. SHA-256 without salt is
//! right for a value of full entropy: there is no dictionary to try. That one was made or revoked is an event, which says
//! what it may do and nothing of its text.

use base::db::{Command, Tx};
use base::secret::Secret;
use base::vault::sha256;
use base::{Code, Failure, OrgId, Result, TenantId, Ts};
use serde_json::{Value, json};

use crate::events;
use crate::orgs::{Environment, OpenRow, PaymentRules, Tenant, Tenants};

base::ids! {
    /// A bearer token.
    TokenId "token"
}

base::record! {
    struct TokenRow in "token" {
        tenant_id: TenantId,
        id: TokenId,
        name: String,
        hint: String,
        hash: Vec<u8>,
        scopes: String,
        created_at: Ts,
        last_used_at: Option<Ts>,
        expires_at: Option<Ts>,
        revoked_at: Option<Ts>,
    }
}

impl TokenRow {
    /// What events carry: never the text, nor what it begins with.
    fn event_body(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "name": self.name,
            "scopes": self.scopes.split(' ').collect::<Vec<_>>(),
            "created_at": self.created_at.to_string(),
            "expires_at": self.expires_at.map(|at| at.to_string()),
            "revoked_at": self.revoked_at.map(|at| at.to_string()),
        })
    }
}

base::record! {
    /// A token and the tenant it decides, with one of its keys.
    struct Admitted {
        token_id: TokenId,
        scopes: String,
        expires_at: Option<Ts>,
        revoked_at: Option<Ts>,
        tenant_id: TenantId,
        organization_id: OrgId,
        environment: String,
        time_zone: String,
        week_start: i64,
        rules: PaymentRules,
        version: i64,
        serves: String,
        state: String,
        made_at: Ts,
        stands_at: Option<Ts>,
        runs_since: Option<Ts>,
    }
}

/// A token as a list shows it.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// What it may do: `*`, or words like `charges:write`.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Ts,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Ts>,
    /// When it ends by itself.
    pub expires_at: Option<Ts>,
    /// When it was revoked.
    pub revoked_at: Option<Ts>,
}

/// What a token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(String);

impl Scopes {
    /// Everything.
    pub fn all() -> Scopes {
        Scopes("*".into())
    }

    /// Nothing but to publish hosted fields by the token's id.
    pub fn tokenize() -> Scopes {
        Scopes(TOKENIZE.into())
    }

    /// The scopes of a space- or comma-separated text; `known` are the words there are.
    pub fn parse(text: &str, known: &[&str]) -> Result<Scopes, String> {
        let words: Vec<&str> = text.split([' ', ',']).filter(|w| !w.is_empty()).collect();
        match words.iter().find(|w| **w != "*" && !known.contains(w)) {
            Some(unknown) => Err(format!("`{unknown}` is not a scope. There are: *, {}", known.join(", "))),
            None if words.is_empty() => Err("name at least one scope, or * for all".into()),
            None => Ok(Scopes(words.join(" "))),
        }
    }

    /// Whether `scope` is among them.
    pub fn allow(&self, scope: &str) -> bool {
        self.0.split(' ').any(|w| w == "*" || w == scope)
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// The scope of tokens whose id a page of hosted fields is published with.
pub const TOKENIZE: &str = "payment_methods:tokenize";

/// Makes a token; gives its text, which is never to be had again.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends by itself.
    pub expires_at: Option<Ts>,
}

impl Command for Create<'_> {
    type Out = (TokenId, Secret<String>);

    fn name(&self) -> &'static str {
        "tokens.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<Self::Out> {
        let prefix = match self.tenant.environment {
            Environment::Production => "qt_live_",
            Environment::Sandbox => "qt_test_",
        };
        let text = Secret::new(format!("{prefix}{}", tx.seams().random_hex().reveal()));
        let id = tx.new_id();
        let row = TokenRow {
            tenant_id: self.tenant.id,
            id,
            name: self.name.clone(),
            hint: text.reveal()[..prefix.len() + 4].to_owned(),
            hash: sha256(text.reveal().as_bytes()).to_vec(),
            scopes: self.scopes.0.clone(),
            created_at: tx.now(),
            last_used_at: None,
            expires_at: self.expires_at,
            revoked_at: None,
        };
        tx.insert(std::slice::from_ref(&row)).await?;
        events::emit(tx, self.tenant, "token.create", "token", id, &row.event_body()).await?;
        Ok((id, text))
    }
}

/// Revokes a token at once, by its id; one that was revoked stays so.
pub struct Revoke<'a> {
    /// Opens whose it is.
    pub tenants: &'a Tenants,
    /// Which.
    pub id: TokenId,
}

impl Command for Revoke<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "tokens.revoke"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let found: Option<TokenRow> = tx.find("WHERE id = $1 FOR UPDATE", &[&self.id]).await?;
        let row = found.ok_or_else(|| {
            let say = format!("There is no token {}. `quittance token list` shows them all.", self.id);
            Failure::refused(Code::NotFound, say)
        })?;
        if row.revoked_at.is_some() {
            return Ok(());
        }
        let row = TokenRow { revoked_at: Some(tx.now()), ..row };
        tx.update(2, std::slice::from_ref(&row)).await?;
        let tenant = self.tenants.open(tx, row.tenant_id).await?;
        events::emit(tx, &tenant, "token.revoke", "token", row.id, &row.event_body()).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // revoked again changes nothing
    }
}

/// A tenant's tokens, oldest first.
pub async fn list(tx: &Tx, tenant: TenantId) -> Result<Vec<Token>> {
    let rows: Vec<TokenRow> = tx.select("WHERE tenant_id = $1 ORDER BY id", &[&tenant]).await?;
    Ok(rows
        .into_iter()
        .map(|r| Token {
            id: r.id,
            name: r.name,
            hint: r.hint,
            scopes: Scopes(r.scopes),
            created_at: r.created_at,
            last_used_at: r.last_used_at,
            expires_at: r.expires_at,
            revoked_at: r.revoked_at,
        })
        .collect())
}

/// Whoever presents `text`: the tenant it decides, its id and scopes. `None` for one that is unknown, revoked
/// or expired.
pub async fn admit(
    tx: &Tx,
    tenants: &Tenants,
    text: &Secret<String>,
) -> Result<Option<(Tenant, TokenId, Scopes)>> {
    let hash = sha256(text.reveal().as_bytes()).to_vec();
    let rows: Vec<Admitted> = tx
        .all(
            "SELECT token.id, token.scopes, token.expires_at, token.revoked_at, tenant.id, tenant.organization_id, \
             tenant.environment, setting.time_zone, setting.week_start, setting.payment_rules, \
             tenant_key.version, tenant_key.serves, tenant_key.state, tenant_key.created_at, \
             test_clock.stands_at, test_clock.runs_since \
             FROM token JOIN tenant ON tenant.id = token.tenant_id \
             LEFT JOIN test_clock ON test_clock.tenant_id = tenant.id \
             JOIN setting ON setting.tenant_id = tenant.id \
             JOIN tenant_key ON tenant_key.tenant_id = tenant.id AND tenant_key.state <> 'retired' \
             WHERE token.hash = $1",
            &[&hash],
        )
        .await?;
    let is_good = |r: &&Admitted| r.revoked_at.is_none() && r.expires_at.is_none_or(|end| tx.now() < end);
    let Some((id, scopes)) = rows.first().filter(is_good).map(|r| (r.token_id, r.scopes.clone())) else {
        return Ok(None);
    };
    let keys: Vec<OpenRow> = rows
        .into_iter()
        .map(|row| OpenRow {
            id: row.tenant_id,
            organization_id: row.organization_id,
            environment: row.environment,
            time_zone: row.time_zone,
            week_start: row.week_start,
            rules: row.rules,
            version: row.version,
            serves: row.serves,
            state: row.state,
            made_at: row.made_at,
            stands_at: row.stands_at,
            runs_since: row.runs_since,
        })
        .collect();
    Ok(Some((tenants.opened(tx, &keys).await?, id, Scopes(scopes))))
}

base::record! {
    struct Published in "token" {
        tenant_id: TenantId,
        id: TokenId,
        scopes: String,
        expires_at: Option<Ts>,
        revoked_at: Option<Ts>,
    }
}

/// The tenant of a token that a page names by its id, which is no secret: it gives no more than `scope`, and that only where the
/// token was made for it by name. `None` for one that is unknown, revoked, expired or made for something else.
pub async fn published(tx: &Tx, tenants: &Tenants, id: TokenId, scope: &str) -> Result<Option<Tenant>> {
    let found: Option<Published> = tx.find("WHERE id = $1", &[&id]).await?;
    let is_good = |token: &Published| {
        token.revoked_at.is_none()
            && token.expires_at.is_none_or(|end| tx.now() < end)
            && token.scopes.split(' ').any(|word| word == scope)
    };
    match found.filter(is_good) {
        Some(token) => tenants.open(tx, token.tenant_id).await.map(Some),
        None => Ok(None),
    }
}

/// Notes when tokens were last used.
pub struct Touch {
    /// Whose, which, and when.
    pub used: Vec<(TenantId, TokenId, Ts)>,
}

base::record! {
    struct Touched in "token" { tenant_id: TenantId, id: TokenId, last_used_at: Option<Ts> }
}

impl Command for Touch {
    type Out = ();

    fn name(&self) -> &'static str {
        "tokens.touch"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let rows: Vec<Touched> = self
            .used
            .iter()
            .map(|&(tenant_id, id, at)| Touched { tenant_id, id, last_used_at: Some(at) })
            .collect();
        tx.update(2, &rows).await
    }
}
