//! Orders become entries: a debit, a credit for a debit that has settled, and a debit taken back before it was in a file.

use base::db::{Command, Tx};
use base::{Cents, Result};
use books::orgs::{Tenant, Tenants};
use payments::networks::ach;
use payments::processor::{Decline, Order, RefundOrder};

use crate::account::Account;
use crate::model::{Class, EntryId, EntryRow, EntryState, Kind, Originator};
use crate::originators::is_spent;
use crate::{label, store};

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Queued {
    /// It is an entry.
    Entry(EntryId),
    /// It is refused, and nothing was written.
    Refused(Decline),
    /// Another order stands under its key.
    Other,
}

/// What is refused by a word of ours.
pub(crate) fn refused(code: &str, message: &str) -> Queued {
    Queued::Refused(decline(code, message))
}

pub(crate) fn decline(code: &str, message: &str) -> Decline {
    Decline { code: code.into(), network_code: None, advice_code: None, message: message.into() }
}

/// What an entry can be about. Source: Nacha Operating Rules, Appendix Three, Amount.
const LARGEST: Cents = Cents::new(9_999_999_999);

/// Who asks for a charge that its customer authorized on our own pages.
const PORTAL: &str = "portal";

/// Queues a debit. The same key never makes two.
pub(crate) struct Debit<'a> {
    pub(crate) tenants: &'a Tenants,
    pub(crate) order: &'a Order,
    pub(crate) account: &'a Account,
}

impl Command for Debit<'_> {
    type Out = Queued;

    fn name(&self) -> &'static str {
        "ach.debit"
    }

    async fn exec(&self, tx: &Tx) -> Result<Queued> {
        let Some(id) = label::whose(&self.order.metadata) else {
            return Ok(refused("invalid_request", "The order does not say whose it is."));
        };
        let tenant = self.tenants.open(tx, id).await?;
        if let Some(before) = store::of_key(tx, id, &self.order.key, false).await? {
            return self.same(&tenant, &before);
        }
        let Some(originator) = store::originator(tx, &tenant).await? else {
            return Ok(refused("no_originator", "The organization has not set up bank debits."));
        };
        if self.order.amount > LARGEST {
            return Ok(refused("amount_too_large", "A bank debit has at most ten digits of cents."));
        }
        if is_spent(&originator) {
            return Ok(refused("no_trace_numbers", "The organization has used up its trace numbers."));
        }
        self.queue(tx, &tenant, &originator).await
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Queued>> {
        let Some(id) = label::whose(&self.order.metadata) else { return Ok(None) };
        let tenant = self.tenants.open(tx, id).await?;
        let before = store::of_key(tx, id, &self.order.key, false).await?;
        before.map(|before| self.same(&tenant, &before)).transpose()
    }
}

impl Debit<'_> {
    /// What an entry under the same key says: its own order, or another.
    fn same(&self, tenant: &Tenant, before: &EntryRow) -> Result<Queued> {
        let account = store::open(tenant, before)?;
        // One that was let go of is too old to be asked for again by anybody else.
        let is_same = before.kind == Kind::Debit
            && before.amount == self.order.amount
            && account.is_none_or(|account| account.signs() == self.account.signs());
        Ok(if is_same { Queued::Entry(before.id) } else { Queued::Other })
    }

    async fn queue(&self, tx: &Tx, tenant: &Tenant, originator: &Originator) -> Result<Queued> {
        let presented = payments::plans::presented_by(tx, tenant, &self.order.key).await?;
        let source = match &presented {
            Some(by) => Some(by.source.as_str()),
            None => self.order.metadata.get("source").map(String::as_str),
        };
        let authorized = if source == Some(PORTAL) { Class::Web } else { originator.entry_class };
        let ownership = self.account.ownership;
        let print = print(tenant, self.account);
        let mut debit = EntryRow {
            tenant_id: tenant.id,
            id: tx.new_id(),
            kind: Kind::Debit,
            pkey: self.order.key.clone(),
            charge_key: None,
            void_key: None,
            amount: self.order.amount,
            refunded: Cents::ZERO,
            account: base::vault::Sealed(Vec::new()),
            account_print: Some(print),
            entry_class: Class::of(ownership, Kind::Debit, authorized),
            recurring: presented.is_some(),
            again: presented.is_some_and(|by| by.refused > 0),
            label: label::written(&self.order.metadata),
            state: EntryState::Queued,
            waits_for: None,
            ready_on: None,
            file_id: None,
            trace: None,
            effective_on: None,
            code: None,
            due_at: None,
            made_at: tx.now(),
            changed_at: tx.now(),
        };
        debit.account = store::seal(tx, tenant, debit.id, self.account);
        let mut rows = Vec::new();
        if originator.prenotes {
            match tried(tx, tenant, self.account).await? {
                Tried::Good => {}
                Tried::Waits { prenote, ready_on } => {
                    (debit.waits_for, debit.ready_on) = (Some(prenote), ready_on);
                }
                Tried::Bad(code) => {
                    let mut why = decline("prenote_returned", "The bank did not know the account.");
                    why.network_code = Some(code);
                    return Ok(Queued::Refused(why));
                }
                Tried::Never => {
                    let prenote = self.prenote(tx, tenant, &debit);
                    debit.waits_for = Some(prenote.id);
                    rows.push(prenote);
                }
            }
        }
        let id = debit.id;
        rows.push(debit);
        tx.insert(&rows).await?;
        Ok(Queued::Entry(id))
    }

    /// The prenote that goes before the first debit of an account.
    fn prenote(&self, tx: &Tx, tenant: &Tenant, debit: &EntryRow) -> EntryRow {
        let id: EntryId = tx.new_id();
        EntryRow {
            id,
            kind: Kind::Prenote,
            pkey: format!("prenote {id}"),
            amount: Cents::ZERO,
            again: false,
            account: store::seal(tx, tenant, id, self.account),
            ..debit.clone()
        }
    }
}

/// Tells that a bank account is the same as another.
fn print(tenant: &Tenant, account: &Account) -> Vec<u8> {
    tenant.key.index("ach_account", &account.signs())
}

/// What is known of an account from the entries before.
enum Tried {
    /// It was debited and that settled, or its prenote is old enough.
    Good,
    /// Its prenote is on its way: from which day on it may be debited, where that is known.
    Waits { prenote: EntryId, ready_on: Option<base::Day> },
    /// Its bank did not know it.
    Bad(String),
    /// Nothing.
    Never,
}

async fn tried(tx: &Tx, tenant: &Tenant, account: &Account) -> Result<Tried> {
    let tail = "WHERE tenant_id = $1 AND account_print = $2 ORDER BY made_at DESC, id DESC LIMIT 32";
    let mut rows: Vec<EntryRow> = Vec::new();
    for print in tenant.key.indexes("ach_account", &account.signs()) {
        rows.extend(tx.select::<EntryRow>(tail, &[&tenant.id, &print]).await?);
    }
    if rows.iter().any(|row| row.kind == Kind::Debit && row.state == EntryState::Settled) {
        return Ok(Tried::Good);
    }
    let Some(prenote) = rows.into_iter().find(|row| row.kind == Kind::Prenote) else {
        return Ok(Tried::Never);
    };
    // Locked: who files it or reads that it came back tells those that wait for it, and must see this one among them.
    let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    let held: Option<EntryRow> = tx.find(tail, &[&tenant.id, &prenote.id]).await?;
    let prenote = held.unwrap_or(prenote);
    Ok(match (prenote.state, prenote.effective_on) {
        (EntryState::Returned, _) => Tried::Bad(prenote.code.unwrap_or_default()),
        (_, day) => Tried::Waits { prenote: prenote.id, ready_on: day.map(ach::debited_after_prenote) },
    })
}

/// Queues a credit for a debit that has settled. The same key never makes two, and never above the debit.
pub(crate) struct Credit<'a> {
    pub(crate) tenants: &'a Tenants,
    pub(crate) order: &'a RefundOrder,
}

impl Command for Credit<'_> {
    type Out = Queued;

    fn name(&self) -> &'static str {
        "ach.credit"
    }

    async fn exec(&self, tx: &Tx) -> Result<Queued> {
        let order = self.order;
        let Some(id) = label::whose(&order.metadata) else {
            return Ok(refused("invalid_request", "The order does not say whose it is."));
        };
        let tenant = self.tenants.open(tx, id).await?;
        // Its lock is waited for first: whoever comes second under the same key finds the credit.
        let debit = store::of_key(tx, id, &order.charge.key, true).await?;
        if let Some(before) = store::of_key(tx, id, &order.key, false).await? {
            return Ok(self.same(&before));
        }
        let Some(debit) = debit.filter(|row| row.kind == Kind::Debit) else {
            return Ok(refused("unknown_charge", "There is no such charge."));
        };
        match debit.state {
            EntryState::Queued | EntryState::Filed => {
                return Ok(refused("not_settled", "The charge has not settled yet."));
            }
            EntryState::Returned | EntryState::Voided => {
                return Ok(refused("not_refundable", "The charge moved no money, or it came back."));
            }
            EntryState::Settled => {}
        }
        let refunded = debit.refunded.plus(order.amount).filter(|sum| *sum <= debit.amount);
        let Some(refunded) = refunded else {
            return Ok(refused("above_charge", "That is more than what is left of the charge."));
        };
        let Some(account) = store::open(&tenant, &debit)? else {
            return Ok(refused("too_late", "The charge is too old to be given back by its bank account."));
        };
        let id: EntryId = tx.new_id();
        let credit = EntryRow {
            id,
            kind: Kind::Credit,
            pkey: order.key.clone(),
            charge_key: Some(order.charge.key.clone()),
            amount: order.amount,
            refunded: Cents::ZERO,
            account: store::seal(tx, &tenant, id, &account),
            entry_class: Class::of(account.ownership, Kind::Credit, debit.entry_class),
            recurring: false,
            again: false,
            label: label::written(&order.metadata),
            state: EntryState::Queued,
            waits_for: None,
            ready_on: None,
            file_id: None,
            trace: None,
            effective_on: None,
            code: None,
            due_at: None,
            made_at: tx.now(),
            changed_at: tx.now(),
            ..debit.clone()
        };
        tx.insert(&[credit]).await?;
        tx.update(2, &[EntryRow { refunded, changed_at: tx.now(), ..debit }]).await?;
        Ok(Queued::Entry(id))
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Queued>> {
        let Some(id) = label::whose(&self.order.metadata) else { return Ok(None) };
        let before = store::of_key(tx, id, &self.order.key, false).await?;
        Ok(before.map(|before| self.same(&before)))
    }
}

impl Credit<'_> {
    fn same(&self, before: &EntryRow) -> Queued {
        let is_same = before.kind == Kind::Credit
            && before.amount == self.order.amount
            && before.charge_key.as_deref() == Some(&self.order.charge.key);
        if is_same { Queued::Entry(before.id) } else { Queued::Other }
    }
}

/// Takes a debit back that is in no file yet.
pub(crate) struct TakeBack<'a> {
    pub(crate) key: &'a str,
    pub(crate) charge_key: &'a str,
}

impl Command for TakeBack<'_> {
    type Out = Queued;

    fn name(&self) -> &'static str {
        "ach.take_back"
    }

    async fn exec(&self, tx: &Tx) -> Result<Queued> {
        let Some(found) = store::of_any_key(tx, self.charge_key).await? else {
            return Ok(refused("unknown_charge", "There is no such charge."));
        };
        let debit = store::of_key(tx, found.tenant_id, self.charge_key, true).await?.unwrap_or(found);
        match debit.state {
            EntryState::Queued if debit.kind == Kind::Debit => {}
            EntryState::Voided if debit.void_key.as_deref() == Some(self.key) => {
                return Ok(Queued::Entry(debit.id));
            }
            EntryState::Voided => return Ok(refused("already_voided", "The charge was taken back before.")),
            _ => return Ok(refused("already_settled", "The charge has gone to the bank.")),
        }
        let (id, void_key) = (debit.id, Some(self.key.to_owned()));
        let voided = EntryRow { state: EntryState::Voided, void_key, changed_at: tx.now(), ..debit };
        tx.update(2, &[voided]).await?;
        Ok(Queued::Entry(id))
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Queued>> {
        Ok(store::of_void(tx, self.key).await?.map(|debit| Queued::Entry(debit.id)))
    }
}
