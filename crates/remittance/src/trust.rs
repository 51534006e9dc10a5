//! The trust account: clients' money at the bank, apart from ours.
//!
//! Money is taken by a processor and clears; it stands on the trust account once somebody says that it arrived there, by a
//! deposit. Only remittances take from it.
//!
//! Must always hold:
//! - What stands on the account is one row, and what its entries say; it is never below nothing.
//! - Whoever moves it holds that row. A deposit is never edited: what was wrong is undone by the entry's contrary.

use base::db::{Command, Tx};
use base::page::{Listed, Page, Which};
use base::{Cents, Code, Day, Failure, Ref, Result, TenantId, Ts};
use books::events;
use books::ledger::posting::{Account, Posting};
use books::ledger::{self, EntryId};
use books::orgs::Tenant;
use serde_json::{Value, json};
use uuid::Uuid;

base::ids! {
    /// Money that arrived on the trust account.
    DepositId "deposit"
}

base::words! {
    /// Where money cleared that arrives on the trust account.
    Cleared {
        /// Taken by card.
        Card = "card_clearing",
        /// Taken by bank debit.
        Ach = "ach_clearing",
    }
}

impl Cleared {
    const fn account(self) -> Account {
        match self {
            Cleared::Card => Account::CardClearing,
            Cleared::Ach => Account::AchClearing,
        }
    }
}

base::record! {
    /// Money that arrived on the trust account.
    pub struct Deposit in "trust_deposit" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: DepositId,
        /// Where it cleared.
        pub account: Cleared,
        /// How much.
        pub amount: Cents,
        /// The bank's reference.
        pub reference: String,
        /// The day on which it arrived.
        pub received_on: Day,
        /// Who said so.
        pub recorded_by: String,
        /// Who undid it.
        pub reversed_by: Option<String>,
        /// When it was undone.
        pub reversed_at: Option<Ts>,
        /// When it was recorded.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Deposit {
    /// What it moves.
    pub(crate) fn posted(&self) -> Option<Posting> {
        Posting::of_money(Account::TrustBank, self.account.account(), self.amount)
    }

    /// What undoes it.
    pub(crate) fn undone(&self) -> Option<Posting> {
        Posting::of_money(self.account.account(), Account::TrustBank, self.amount)
    }

    /// The object that the API answers with and events carry.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "account": self.account.as_str(),
            "amount": self.amount.get(),
            "reference": self.reference,
            "received_on": self.received_on.to_string(),
            "recorded_by": self.recorded_by,
            "reversed_by": self.reversed_by,
            "reversed_at": self.reversed_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// Which deposits a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of money that cleared there.
    pub account: Option<Cleared>,
    /// The one with this reference.
    pub reference: Option<String>,
}

/// A page of deposits, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Deposit>> {
    Which::of(tenant.id, "true")
        .filter_if("account = ?", filter.account)
        .filter_if("reference = ?", filter.reference.as_deref())
        .page(tx, page)
        .await
}

/// The deposit a reference names. Deposits have no external ids.
pub async fn find(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Deposit>> {
    match which.ours() {
        Some(id) => by_id(tx, tenant, DepositId(id)).await,
        None => Ok(None),
    }
}

/// A deposit by its id.
pub async fn by_id(tx: &Tx, tenant: &Tenant, id: DepositId) -> Result<Option<Deposit>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

base::record! {
    /// What stands on a tenant's trust account.
    struct Stands in "trust_account" { tenant_id: TenantId, balance: Cents }
}

base::record! {
    /// Which remittance or deposit an entry was posted for.
    struct PostedFor in "remittance_entry" { tenant_id: TenantId, id: EntryId, cause_id: Uuid }
}

/// Writes what a remittance or a deposit moves.
pub(crate) async fn post(
    tx: &Tx,
    tenant: &Tenant,
    what: &str,
    cause: Uuid,
    postings: &[Posting],
) -> Result<()> {
    let entries = ledger::rows(tx, tenant, what, None, postings);
    let of = |entry: &ledger::EntryRow| PostedFor { tenant_id: tenant.id, id: entry.id(), cause_id: cause };
    let causes: Vec<PostedFor> = entries.iter().map(of).collect();
    tx.insert(&entries).await?;
    tx.insert(&causes).await
}

/// Moves the trust account by `postings`, under its lock: refused where it has less than they take.
pub(crate) async fn move_by(
    tx: &Tx,
    tenant: &Tenant,
    what: &str,
    cause: Uuid,
    postings: &[Posting],
) -> Result<()> {
    tx.insert_if_new(&[Stands { tenant_id: tenant.id, balance: Cents::ZERO }]).await?;
    let row: Option<Stands> = tx.find("WHERE tenant_id = $1 FOR UPDATE", &[&tenant.id]).await?;
    let before = row.map_or(Cents::ZERO, |row| row.balance);
    let by = Cents::sum(postings.iter().map(|posting| posting.effect_on(Account::TrustBank)));
    let after = by.and_then(|by| before.plus(by)).ok_or_else(too_much)?;
    if after < Cents::ZERO {
        let takes = before.minus(after).ok_or_else(too_much)?;
        return Err(Failure::refused(
            Code::NotAllowedNow,
            format!(
                "The trust account has {before}, which is less than the {takes} that this takes from it."
            ),
        ));
    }
    tx.update(1, &[Stands { tenant_id: tenant.id, balance: after }]).await?;
    post(tx, tenant, what, cause, postings).await
}

fn too_much() -> Failure {
    Failure::broken("moving the trust account", "it comes to more than can be said")
}

/// Refuses a deposit of more than has cleared there and was not deposited yet. Asked before the transaction, since it reads
/// every entry: a deposit that is wrong all the same is undone by hand.
pub async fn refuse_more_than_cleared(
    tx: &Tx,
    tenant: &Tenant,
    account: Cleared,
    amount: Cents,
) -> Result<()> {
    let (all, _) = ledger::moves(tx, tenant, None, None).await?;
    let cleared = match all.iter().find(|moves| moves.account == account.account()) {
        Some(moves) => moves.balance()?.max(Cents::ZERO),
        None => Cents::ZERO,
    };
    if amount <= cleared {
        return Ok(());
    }
    let say = format!(
        "The amount field must not be greater than {}, which is what stands on {}.",
        cleared.get(),
        account.as_str()
    );
    Err(Failure::field("amount", say))
}

/// Records that money arrived.
pub struct Record<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: DepositId,
    /// Where it cleared.
    pub account: Cleared,
    /// How much.
    pub amount: Cents,
    /// The bank's reference; of deposits that stand, no two have the same.
    pub reference: &'a str,
    /// The day on which it arrived; today where nothing is said.
    pub received_on: Option<Day>,
    /// Who says so.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Record<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "trust_deposits.record"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, now) = (self.tenant, self.now);
        let today = tenant.today(now);
        let received_on = self.received_on.unwrap_or(today);
        if received_on > today {
            let say = "The received on field must be a date before or equal to today.";
            return Err(Failure::field("received_on", say));
        }
        let same = "SELECT count(*) FROM trust_deposit WHERE tenant_id = $1 AND reference = $2 AND reversed_at IS NULL";
        if tx.number(same, &[&tenant.id, &self.reference]).await? > 0 {
            return Err(Failure::field("reference", "The reference has already been taken."));
        }
        let deposit = Deposit {
            tenant_id: tenant.id,
            id: self.id,
            account: self.account,
            amount: self.amount,
            reference: self.reference.to_owned(),
            received_on,
            recorded_by: self.by.to_owned(),
            reversed_by: None,
            reversed_at: None,
            created_at: now,
            updated_at: now,
        };
        tx.insert(std::slice::from_ref(&deposit)).await?;
        move_by(tx, tenant, "deposited", self.id.0, deposit.posted().as_slice()).await?;
        tell(tx, tenant, "trust-deposit.create", &deposit).await
    }
}

/// Undoes a deposit; one that was undone stays so. 404 where there is none, 400 where what it brought was paid out.
pub struct Reverse<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: DepositId,
    /// Who undoes it.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Reverse<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "trust_deposits.reverse"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        let found: Option<Deposit> = tx.find(tail, &[&self.tenant.id, &self.id]).await?;
        let before = found.ok_or_else(Failure::not_found)?;
        if before.reversed_at.is_some() {
            return Ok(());
        }
        let undone = before.undone();
        let after = Deposit {
            reversed_by: Some(self.by.to_owned()),
            reversed_at: Some(self.now),
            updated_at: self.now,
            ..before
        };
        tx.update(2, std::slice::from_ref(&after)).await?;
        move_by(tx, self.tenant, "deposit_reversed", self.id.0, undone.as_slice()).await?;
        tell(tx, self.tenant, "trust-deposit.reversed", &after).await
    }
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, deposit: &Deposit) -> Result<()> {
    events::emit(tx, tenant, name, "trust_deposit", deposit.id, &deposit.view()).await
}
