//! What somebody owes: all of their accounts, and each by itself.

use std::sync::Arc;

use askama::Template;
use base::{Failure, Result};
use books::debts::{DebtId, Status};
use consumer::owed::{self, Account};
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;

use crate::door::within;
use crate::items::{self, Items};
use crate::page::{self, Frame};
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, disputes, documents, payments, plans};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![within(Method::GET, "/accounts", list), within(Method::GET, "/accounts/{account}", show)]
}

/// An account in words.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: String,
    /// What it is called: by whom it was first owed to, else by its number, else by what it is.
    pub(crate) name: String,
    pub(crate) number: Option<String>,
    pub(crate) owed: String,
    pub(crate) on_its_way: Option<String>,
    /// What is to be said of how it stands.
    pub(crate) standing: Option<String>,
    /// The plan that runs, where that is to be said.
    pub(crate) plan: Option<String>,
    pub(crate) creditors: Vec<(String, String)>,
    pub(crate) under: Vec<Shown>,
}

impl Shown {
    /// An account in words of this language.
    pub(crate) fn of(account: &Account, t: Texts) -> Shown {
        let (debt, creditors) = (&account.debt, &account.creditors);
        let number = account.short_number().map(|number| t.say1("account-number", "number", number));
        let name = creditors.original.clone().or_else(|| creditors.current.clone());
        let standing = match debt.status {
            Status::PaidOff => Some("standing-paid"),
            Status::Closed => Some("standing-closed"),
            Status::Active | Status::Archived | Status::Locked => None,
        };
        let mut facts = Vec::new();
        let mut fact = |key: &str, is: Option<&String>| {
            if let Some(is) = is {
                facts.push((t.say(key), is.clone()));
            }
        };
        fact("creditor-original", creditors.original.as_ref());
        fact("creditor-current", creditors.current.as_ref());
        fact("creditor-product", creditors.product.as_ref());
        fact("creditor-number", account.short_number().map(|number| format!("…{number}")).as_ref());
        fact("creditor-reference", debt.external_id.as_ref());
        Shown {
            id: debt.id.to_string(),
            name: name.or_else(|| number.clone()).unwrap_or_else(|| t.say("account")),
            number: number.filter(|_| creditors.original.is_some() || creditors.current.is_some()),
            owed: t.money(debt.current_balance),
            on_its_way: debt
                .reserved
                .is_positive()
                .then(|| t.say1("on-its-way", "amount", t.money(debt.reserved))),
            standing: standing.map(|key| t.say(key)),
            plan: None,
            creditors: facts,
            under: account.under.iter().map(|one| Shown::of(one, t)).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct List {
    frame: Frame,
    accounts: Vec<Shown>,
}

async fn list(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let frame = Frame::inside(&call, &visitor, "accounts-title");
    let tx = call.state.db.read().await?;
    let all = owed::accounts(&tx, &visitor.tenant, visitor.customer.id, tx.now()).await?;
    drop(tx);
    let mut plans = plans::lines(&call, &visitor, &all, frame.t).await?;
    let mut shown =
        |account: &Account| Shown { plan: plans.remove(&account.debt.id), ..Shown::of(account, frame.t) };
    let accounts = all.iter().map(&mut shown).collect();
    page::html(200, &List { frame, accounts })
}

/// The account that the path names, if it is one that the visitor may see.
pub(crate) async fn find(call: &Call, visitor: &Visitor) -> Result<Account> {
    let id = call.id("account")?.ours().map(DebtId).ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    let all = owed::accounts(&tx, &visitor.tenant, visitor.customer.id, tx.now()).await?;
    owed::find(&all, id).cloned().ok_or_else(Failure::not_found)
}

#[derive(Template)]
#[template(path = "account.html")]
struct One {
    frame: Frame,
    account: Shown,
    /// How it came to what is owed; none of an account that groups others, each of which has its own.
    items: Option<Items>,
    documents: Vec<documents::Line>,
    disputes: Vec<disputes::Line>,
    payments: Vec<payments::Line>,
    can_pay: bool,
    plan: plans::OnAccount,
}

async fn show(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let found = find(&call, &visitor).await?;
    let frame = Frame::inside(&call, &visitor, "account-title");
    let (t, id) = (frame.t, found.debt.id);
    let one = One {
        account: Shown::of(&found, t),
        items: if found.debt.is_parent() { None } else { Some(items::of(&call, &visitor, id, t).await?) },
        documents: documents::of_account(&call, &visitor, id, t).await?,
        disputes: disputes::on_account(&call, &visitor, id, t).await?,
        payments: payments::on_account(&call, &visitor, id, t).await?,
        can_pay: found.payable.is_positive(),
        plan: plans::on_account(&call, &visitor, &found, t).await?,
        frame,
    };
    page::html(200, &one)
}
