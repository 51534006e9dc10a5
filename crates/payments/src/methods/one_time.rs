//! One-time tokens: what hosted fields give a page instead of a card or an account, and what the API takes in its place, once.
//!
//! A token is random; only its hash is kept, beside what the processor's tokenizer gave for the number, sealed. It is spent in the
//! transaction that makes a charge or a method of it, so that what is refused spends nothing, and of two that come at once one
//! is. What was sealed is emptied then.

use base::db::{Command, Db, Tx};
use base::seams::Seams;
use base::secret::Secret;
use base::vault::{Sealed, sha256};
use base::{Failure, Result, TenantId, Ts};
use books::orgs::Tenant;
use serde_json::{Value, json};

use super::model::{BANK_KINDS, Kind, NewMethod, bank_kind_str};
use crate::card::Expiry;
use crate::forget;
use crate::processor::{Funding, Ownership};

base::ids! {
    /// A one-time token.
    OneTimeId "once"
}

const TABLE: &str = "one_time_token";

/// By what it is told from a processor's token.
const PREFIX: &str = "qt_once_";

/// How long one can be used: long enough to finish a form, too short to be worth keeping.
pub const LASTS_SECONDS: i64 = 30 * 60;

base::record! {
    struct Row in "one_time_token" {
        tenant_id: TenantId,
        id: OneTimeId,
        hash: Vec<u8>,
        fingerprint: Option<Vec<u8>>,
        body: Sealed,
        used_at: Option<Ts>,
        ends_at: Ts,
        created_at: Ts,
    }
}

base::record! {
    /// What is other in a token once it was used.
    pub(crate) struct Spent in "one_time_token" {
        tenant_id: TenantId,
        pub(crate) id: OneTimeId,
        fingerprint: Option<Vec<u8>>,
        body: Vec<u8>,
        used_at: Option<Ts>,
    }
}

/// The text of a new token.
pub fn text(seams: &Seams) -> Secret<String> {
    Secret::new(format!("{PREFIX}{}", seams.random_hex().reveal()))
}

/// Whether a token is one of these, and not a processor's.
pub fn is_one(token: &Secret<String>) -> bool {
    token.reveal().starts_with(PREFIX)
}

fn hash(text: &Secret<String>) -> Vec<u8> {
    sha256(text.reveal().as_bytes()).to_vec()
}

/// Keeps a token for what the tokenizer made.
pub struct Make<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: OneTimeId,
    /// Its text.
    pub text: &'a Secret<String>,
    /// What it stands for.
    pub new: &'a NewMethod,
}

impl Command for Make<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "one_time_tokens.make"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, now) = (self.tenant, tx.now());
        let body = written(self.new);
        tx.insert(&[Row {
            tenant_id: tenant.id,
            id: self.id,
            hash: hash(self.text),
            fingerprint: self.new.fingerprint.clone(),
            body: tenant.key.seal(tx.seams(), TABLE, "body", self.id, body.reveal().as_bytes()),
            used_at: None,
            ends_at: now.plus_seconds(LASTS_SECONDS),
            created_at: now,
        }])
        .await
    }
}

fn refused(say: &str) -> Failure {
    Failure::field("token", say)
}

fn over() -> Failure {
    refused("The token was used before or is too old; have the page make another one.")
}

impl Row {
    fn is_good(&self, now: Ts) -> bool {
        self.used_at.is_none() && now < self.ends_at
    }
}

/// What a token stands for, to be charged or kept: whoever does that spends it.
pub async fn find(tx: &Tx, tenant: &Tenant, token: &Secret<String>) -> Result<NewMethod> {
    let tail = "WHERE tenant_id = $1 AND hash = $2";
    let row: Option<Row> = tx.find(tail, &[&tenant.id, &hash(token)]).await?;
    let row = row.ok_or_else(|| refused("The selected token is invalid."))?;
    if !row.is_good(tx.now()) {
        return Err(over());
    }
    let body = Secret::new(tenant.key.open(TABLE, "body", row.id, &row.body)?);
    let new = read(body.reveal()).ok_or_else(|| Failure::broken("reading a one-time token", "it is none"))?;
    Ok(NewMethod { fingerprint: row.fingerprint, one_time: Some(row.id), ..new })
}

/// Holds a token that is to be spent, until the end of the transaction. Refuses one that was used, or is too old.
pub(crate) async fn hold(tx: &Tx, tenant: &Tenant, id: OneTimeId) -> Result<Spent> {
    let row: Option<Row> = tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant.id, &id]).await?;
    let row = row.filter(|row| row.is_good(tx.now())).ok_or_else(over)?;
    Ok(Spent { tenant_id: row.tenant_id, id, fingerprint: None, body: Vec::new(), used_at: Some(tx.now()) })
}

/// A token that is held by another charge of the same transaction.
pub(crate) fn is_spent() -> Failure {
    over()
}

/// Spends a token.
pub(super) async fn spend(tx: &Tx, tenant: &Tenant, id: OneTimeId) -> Result<()> {
    let spent = hold(tx, tenant, id).await?;
    tx.update(2, &[spent]).await
}

/// A step: forgets tokens whose time is over.
pub async fn forget_old(db: &Db) -> Result<u64> {
    forget::over(db, TABLE).await
}

fn written(new: &NewMethod) -> Secret<String> {
    let body = json!({
        "token": new.token.reveal(),
        "kind": new.kind.as_str(),
        "brand": new.brand,
        "bin": new.bin,
        "funding": new.funding.map(Funding::as_str),
        "last_four": new.last_four,
        "month": new.expiry.map(Expiry::month),
        "year": new.expiry.map(Expiry::year),
        "holder": new.holder,
        "postal_code": new.postal_code,
        "state": new.state,
        "account_type": new.account_type.map(bank_kind_str),
        "ownership": new.ownership.map(Ownership::as_str),
        "routing_number": new.routing_number,
    });
    Secret::new(body.to_string())
}

fn read(body: &[u8]) -> Option<NewMethod> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let small = |name: &str| body[name].as_u64().and_then(|n| u16::try_from(n).ok());
    let of = |name: &str| body[name].as_str();
    Some(NewMethod {
        token: Secret::new(text("token")?),
        fingerprint: None,
        kind: Kind::parse(of("kind")?)?,
        brand: text("brand"),
        bin: text("bin"),
        funding: of("funding").and_then(Funding::parse),
        last_four: text("last_four")?,
        expiry: small("month").zip(small("year")).and_then(|(month, year)| Expiry::new(month, year)),
        holder: text("holder"),
        postal_code: text("postal_code"),
        state: text("state"),
        account_type: of("account_type")
            .and_then(|word| BANK_KINDS.iter().find(|(known, _)| *known == word))
            .map(|(_, kind)| *kind),
        ownership: of("ownership")
            .and_then(|word| Ownership::WORDS.iter().find(|(known, _)| *known == word))
            .map(|(_, ownership)| *ownership),
        routing_number: text("routing_number"),
        one_time: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::BankKind;

    #[test]
    fn what_is_sealed_comes_back_as_it_was() {
        let card = NewMethod {
            token: Secret::new("tok_1".into()),
            fingerprint: None,
            kind: Kind::Card,
            brand: Some("Visa".into()),
            bin: Some("424242".into()),
            funding: Some(Funding::Credit),
            last_four: "4242".into(),
            expiry: Expiry::new(12, 2030),
            holder: Some("Ada \"Countess\" Lovelace".into()),
            postal_code: Some("01234".into()),
            state: None,
            account_type: None,
            ownership: None,
            routing_number: None,
            one_time: None,
        };
        let bank = NewMethod {
            kind: Kind::Ach,
            brand: None,
            bin: None,
            funding: None,
            expiry: None,
            account_type: Some(BankKind::Savings),
            ownership: Some(Ownership::Business),
            routing_number: Some("021000021".into()),
            ..card.clone()
        };
        for new in [card, bank] {
            let again = read(written(&new).reveal().as_bytes()).unwrap();
            assert_eq!(written(&again).reveal(), written(&new).reveal());
        }
        assert!(read(b"{}").is_none() && read(b"x").is_none());
    }

    #[test]
    fn a_token_of_ours_is_told_from_a_processor_s() {
        assert!(is_one(&Secret::new("qt_once_00".into())));
        assert!(!is_one(&Secret::new("tok_visa".into())) && !is_one(&Secret::new(String::new())));
    }
}
