//! Taking a file of statements in: all of it or nothing, and the same file never twice.

use base::db::{Command, Tx};
use base::vault::hex;
use base::{Failure, Result};
use books::idempotency::{self, Once};
use books::orgs::Tenant;

use super::accounts;
use super::book::Desk;
use super::model::File;
use super::received::Received;
use super::words::BankFileId;

/// The kind of thing, as idempotency keys remember it.
pub const FILE: &str = "bank_file";

/// What is asked of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Whether statements of accounts that are not known here are passed over. Else they make the file be refused.
    pub skip_unknown_accounts: bool,
    /// Whether statements are booked that do not follow the ones before them. The difference stands on them.
    pub accept_gaps: bool,
}

/// Takes a file in.
pub struct TakeIn<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id that it will have.
    pub id: BankFileId,
    /// The file.
    pub received: &'a Received,
    /// What is asked of it.
    pub asked: Asked,
    /// Who brings it.
    pub by: &'a str,
    /// The request, where its caller sent a key.
    pub once: Option<&'a Once>,
}

/// A file that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its id.
    pub id: BankFileId,
    /// Whether it was here before, so that nothing was done.
    pub is_known: bool,
}

/// A file.
pub async fn find_file(tx: &Tx, tenant: &Tenant, id: BankFileId) -> Result<Option<File>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

impl TakeIn<'_> {
    /// The same bytes as they were taken in before, by whichever version of the key they were noted.
    async fn known(&self, tx: &Tx) -> Result<Option<BankFileId>> {
        let digest = hex(&self.received.digest);
        for index in self.tenant.key.indexes(FILE, &[&digest]) {
            let tail = "WHERE tenant_id = $1 AND digest = $2 ORDER BY id LIMIT 1";
            let found: Option<File> = tx.find(tail, &[&self.tenant.id, &index]).await?;
            if let Some(file) = found {
                return Ok(Some(file.id));
            }
        }
        Ok(None)
    }
}

impl Command for TakeIn<'_> {
    type Out = Taken;

    fn name(&self) -> &'static str {
        "bank_statements.take_in"
    }

    async fn exec(&self, tx: &Tx) -> Result<Taken> {
        let (tenant, all) = (self.tenant, &self.received.statements);
        if let Some(id) = self.known(tx).await? {
            return Ok(Taken { id, is_known: true });
        }
        let (held, places) = accounts::of_statements(tx, tenant, all).await?;
        // Whoever brought the same at the same time held the same accounts.
        if let Some(id) = self.known(tx).await? {
            return Ok(Taken { id, is_known: true });
        }
        if let Some(once) = self.once {
            let row = idempotency::row(tx, tenant, once, FILE, self.id.0, false);
            if tx.insert_if_new(&[row]).await? == 0
                && let Some(effect) = idempotency::before(tx, tenant, once).await?
            {
                return Ok(Taken { id: BankFileId(effect.of(FILE)?), is_known: true });
            }
        }
        if !self.asked.skip_unknown_accounts {
            unknown(all, &places)?;
        }
        let mut file = File {
            tenant_id: tenant.id,
            id: self.id,
            digest: Some(tenant.key.index(FILE, &[&hex(&self.received.digest)])),
            format: self.received.format,
            bytes: self.received.bytes,
            passed_over: 0,
            by_whom: self.by.to_owned(),
            created_at: tx.now(),
        };
        tx.insert(std::slice::from_ref(&file)).await?;
        let desk = Desk { tx, tenant, file: self.id, accept_gaps: self.asked.accept_gaps };
        for (one, place) in all.iter().zip(&places) {
            let kept = match place.and_then(|place| held.get(place)) {
                Some(account) => desk.take(account, one).await?,
                None => false,
            };
            file.passed_over += i64::from(!kept);
        }
        tx.update(2, &[file]).await?;
        Ok(Taken { id: self.id, is_known: false })
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Taken>> {
        Ok(self.known(tx).await?.map(|id| Taken { id, is_known: id != self.id }))
    }
}

/// Refuses statements of accounts that nobody knows here, all of them at once.
fn unknown(all: &[statements::Statement], places: &[Option<usize>]) -> Result<()> {
    let said: Vec<String> = all
        .iter()
        .zip(places)
        .filter(|(_, place)| place.is_none())
        .map(|(one, _)| {
            format!(
                "The file field has a statement of an account ending {} in line {}, which is no bank account here. Make it \
                 first, or send skip_unknown_accounts.",
                one.head.account.last_four(),
                one.head.line
            )
        })
        .collect();
    if said.is_empty() { Ok(()) } else { Err(Failure::fields(vec![("file".into(), said)])) }
}
