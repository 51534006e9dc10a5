//! Bank accounts: making, changing, closing and finding them.

use base::db::{Command, Ids, Tx};
use base::page::{Listed, Page, Which};
use base::{Cents, Code, Day, Failure, Result};
use books::events;
use books::orgs::Tenant;

use super::model::{Account, AccountChanges, MOST_ACCOUNTS, NewAccount, Number, Statement};
use super::store::hold;
use super::words::BankAccountId;

/// The name under which a number is indexed: its place, as rotations of keys make it anew.
const INDEX: &str = "bank_account.number_index";

/// An account.
pub async fn find_account(tx: &Tx, tenant: &Tenant, id: BankAccountId) -> Result<Option<Account>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// A page of accounts: those that are open, those that are closed, or all.
pub async fn list_accounts(
    tx: &Tx,
    tenant: &Tenant,
    is_open: Option<bool>,
    page: Page,
) -> Result<Listed<Account>> {
    Which::of(tenant.id, "id IS NOT NULL").filter_if("(closed_at IS NULL) = ?", is_open).page(tx, page).await
}

/// What was last on an account by its statements, and at the end of which day; `None` where no statement says so.
pub async fn balance(tx: &Tx, tenant: &Tenant, id: BankAccountId) -> Result<Option<(Day, Cents)>> {
    let tail = "WHERE tenant_id = $1 AND bank_account_id = $2 AND status = 'booked' AND closing IS NOT NULL \
                ORDER BY day DESC, coalesce(sequence, 0) DESC, page DESC LIMIT 1";
    let last: Option<Statement> = tx.find(tail, &[&tenant.id, &id]).await?;
    Ok(last.and_then(|statement| Some((statement.day, statement.closing?))))
}

/// The open accounts of this tenant that statements are of, each held until the transaction ends; for each statement its place
/// among them, or nothing where it is of no account that is known.
pub(super) async fn of_statements(
    tx: &Tx,
    tenant: &Tenant,
    all: &[statements::Statement],
) -> Result<(Vec<Account>, Vec<Option<usize>>)> {
    let open: Vec<Account> =
        tx.select("WHERE tenant_id = $1 AND closed_at IS NULL ORDER BY id", &[&tenant.id]).await?;
    let mut found = Vec::with_capacity(all.len());
    for one in all {
        found.push(of_statement(tenant, &open, one)?);
    }
    let ids = Ids::of(found.iter().flatten().copied());
    let tail = "WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id FOR UPDATE";
    let held: Vec<Account> = tx.select(tail, &[&tenant.id, &ids]).await?;
    // One that was closed while its lock was awaited is known no more.
    let held: Vec<Account> = held.into_iter().filter(|account| account.closed_at.is_none()).collect();
    let places = found.into_iter().map(|id| held.iter().position(|account| Some(account.id) == id)).collect();
    Ok((held, places))
}

/// The account that a statement is of. Where two banks gave the same number, the group's originator tells.
fn of_statement(
    tenant: &Tenant,
    open: &[Account],
    one: &statements::Statement,
) -> Result<Option<BankAccountId>> {
    let Some(number) = Number::parse(one.head.account.reveal()) else { return Ok(None) };
    let indexes = tenant.key.indexes(INDEX, &[number.kept()]);
    let is_it = |account: &&Account| account.number_index.as_ref().is_some_and(|own| indexes.contains(own));
    let mut found: Vec<&Account> = open.iter().filter(is_it).collect();
    if found.len() > 1
        && let Some(group) = &one.head.group
    {
        found.retain(|account| account.routing_number == group.originator);
    }
    match found[..] {
        [] => Ok(None),
        [account] => Ok(Some(account.id)),
        _ => Err(Failure::field(
            "file",
            format!(
                "The file field has a statement of an account ending {} in line {}, and two bank accounts have that number.",
                one.head.account.last_four(),
                one.head.line
            ),
        )),
    }
}

async fn tell(tx: &Tx, tenant: &Tenant, event: &str, account: &Account) -> Result<()> {
    events::emit(tx, tenant, event, "bank_account", account.id, &account.view()).await
}

/// Makes an account.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: BankAccountId,
    /// What it is.
    pub new: &'a NewAccount,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_accounts.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, new, now) = (self.tenant, self.new, tx.now());
        let open: Vec<Account> =
            tx.select("WHERE tenant_id = $1 AND closed_at IS NULL", &[&tenant.id]).await?;
        if i64::try_from(open.len()).unwrap_or(i64::MAX) >= MOST_ACCOUNTS {
            let say = format!("There cannot be more than {MOST_ACCOUNTS} bank accounts that are not closed.");
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        // While index keys are exchanged one number may stand under two versions: each is looked for.
        let indexes = tenant.key.indexes(INDEX, &[new.number.kept()]);
        let is_same = |known: &Account| {
            known.routing_number == new.routing_number
                && known.number_index.as_ref().is_some_and(|own| indexes.contains(own))
        };
        if open.iter().any(is_same) {
            return Err(Failure::field("account_number", "The account number has already been taken."));
        }
        let sealed =
            |plain: &str| tenant.key.seal(tx.seams(), "bank_account", "number", self.id, plain.as_bytes());
        let account = Account {
            tenant_id: tenant.id,
            id: self.id,
            name: new.name.clone(),
            kind: new.kind,
            routing_number: new.routing_number.clone(),
            number: sealed(new.number.kept()),
            number_index: Some(tenant.key.index(INDEX, &[new.number.kept()])),
            last_four: new.number.last_four().to_owned(),
            currency: "USD".into(),
            match_at: None,
            closed_at: None,
            created_at: now,
            updated_at: now,
        };
        tx.insert(std::slice::from_ref(&account)).await?;
        tell(tx, tenant, "bank_account.created", &account).await
    }
}

/// Changes an account.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: BankAccountId,
    /// What changes.
    pub changes: &'a AccountChanges,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_accounts.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let before = hold(tx, self.tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        let changes = self.changes.clone();
        let (name, kind) =
            (changes.name.unwrap_or_else(|| before.name.clone()), changes.kind.unwrap_or(before.kind));
        if (&name, kind) == (&before.name, before.kind) {
            return Ok(());
        }
        let account = Account { name, kind, updated_at: tx.now(), ..before };
        tx.update(2, std::slice::from_ref(&account)).await?;
        tell(tx, self.tenant, "bank_account.updated", &account).await
    }
}

/// Closes an account: nothing more is read or expected of it. What was, stays.
pub struct Close<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: BankAccountId,
}

impl Command for Close<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bank_accounts.close"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let before = hold(tx, self.tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        if before.closed_at.is_some() {
            return Ok(());
        }
        let sql = "SELECT count(*) FROM bank_expectation WHERE tenant_id = $1 AND bank_account_id = $2 AND status = 'open'";
        let open = tx.number(sql, &[&self.tenant.id, &self.id]).await?;
        if open > 0 {
            let say =
                format!("Something is still expected on this account ({open}): match it or cancel it first.");
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let now = tx.now();
        let account = Account { closed_at: Some(now), match_at: None, updated_at: now, ..before };
        tx.update(2, std::slice::from_ref(&account)).await?;
        tell(tx, self.tenant, "bank_account.closed", &account).await
    }
}
