//! `include`: what may be shown within what.
//!
//! One vocabulary for all endpoints; a word that does not apply to what is shown is ignored, and so is one for what
//! the caller's token may not read by itself. A to-one stands under its singular, a to-many (the newest 25) under its
//! plural.

use std::collections::HashMap;

use base::Result;
use base::db::{Ids, Tx};
use books::debts::{self, DebtId};
use books::locations::{self, LocationId};
use books::orgs::Tenant;
use books::people::{self, CustomerId};
use consumer::tickets;
use edge::Caller as _;
use payments::charges::{self, ChargeId};
use payments::methods::{self, MethodId};
use payments::transactions;
use serde_json::Value;
use uuid::Uuid;

use crate::caller::Caller;
use crate::spelling::Words;
use crate::{
    Call, charges as charge_api, debt_accounts, payment_methods, payment_plans,
    transactions as transaction_api,
};

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Include {
    Customer,
    DebtAccount,
    PaymentPlan,
    PaymentMethod,
    Charge,
    Transaction,
    Location,
    Address,
    Ticket,
    Parent,
    Children,
}

/// The vocabulary: singular, plural, meaning.
pub(crate) const VOCABULARY: &[(&str, &str, Include)] = &[
    ("customer", "customers", Include::Customer),
    ("debt_account", "debt_accounts", Include::DebtAccount),
    ("payment_plan", "payment_plans", Include::PaymentPlan),
    ("payment_method", "payment_methods", Include::PaymentMethod),
    ("charge", "charges", Include::Charge),
    ("transaction", "transactions", Include::Transaction),
    ("location", "locations", Include::Location),
    ("address", "addresses", Include::Address),
    ("ticket", "tickets", Include::Ticket),
    ("parent", "parents", Include::Parent),
    ("child", "children", Include::Children),
];

impl Include {
    /// The scope that reads such things by themselves.
    fn scope(self) -> &'static str {
        match self {
            Include::Customer | Include::Address => "customers:read",
            Include::DebtAccount | Include::Parent | Include::Children => "debt_accounts:read",
            Include::PaymentPlan => "payment_plans:read",
            Include::PaymentMethod => "payment_methods:read",
            Include::Charge => "charges:read",
            Include::Transaction => "transactions:read",
            Include::Location => "locations:read",
            Include::Ticket => "tickets:read",
        }
    }
}

/// How many of a to-many are shown.
const NEWEST: i64 = 25;

/// One thing that is shown, and what it refers to.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) json: Value,
    /// The column of other tables that refers to it, and its id: what its to-many are found by.
    pub(crate) own: Option<(&'static str, Uuid)>,
    pub(crate) customer: Option<CustomerId>,
    pub(crate) debt: Option<DebtId>,
    pub(crate) parent: Option<DebtId>,
    pub(crate) location: Option<LocationId>,
    pub(crate) method: Option<MethodId>,
    pub(crate) charge: Option<ChargeId>,
}

/// What a request asks to see, in whose words, as of when.
pub(crate) struct View<'a> {
    pub(crate) tx: &'a Tx,
    pub(crate) tenant: &'a Tenant,
    pub(crate) words: Words,
    pub(crate) wanted: Vec<Include>,
    /// Who looks; nobody where the endpoint's own scope is for all that it shows.
    pub(crate) reader: Option<&'a Caller>,
}

impl<'a> View<'a> {
    /// What the caller wants to see, as far as they may.
    pub(crate) fn of(call: &'a Call, tx: &'a Tx, wanted: Vec<Include>) -> View<'a> {
        let caller = call.caller();
        View { tx, tenant: &caller.tenant, words: Words::of(call), wanted, reader: Some(caller) }
    }

    /// All that belongs to it, whatever else the caller may read.
    pub(crate) fn whole(call: &'a Call, tx: &'a Tx) -> View<'a> {
        View { reader: None, ..View::of(call, tx, Vec::new()) }
    }

    /// Things by themselves, for a file: nothing else is shown within them.
    pub(crate) fn bare(tx: &'a Tx, tenant: &'a Tenant) -> View<'a> {
        View { tx, tenant, words: Words::Guide, wanted: Vec::new(), reader: None }
    }

    /// Whether who looks may read this by itself.
    pub(crate) fn reads(&self, what: Include) -> bool {
        self.reader.is_none_or(|caller| caller.may(what.scope()))
    }

    /// Shows within each of `all` what was asked for, applies, and may be read.
    pub(crate) async fn embed(&self, all: &mut [Shown]) -> Result<()> {
        for what in self.wanted.iter().copied().filter(|what| self.reads(*what)) {
            match what {
                Include::Customer => self.customers(all).await?,
                Include::Location => self.locations(all).await?,
                Include::Parent => self.debts(all, "parent", |s| s.parent).await?,
                Include::DebtAccount => {
                    self.debts(all, "debt_account", |s| s.debt).await?;
                    self.many(all, "debt_accounts", "debt", &["customer_id", "location_id"]).await?;
                }
                Include::Children => self.many(all, "children", "debt", &["parent_id"]).await?,
                Include::PaymentMethod => {
                    self.methods(all).await?;
                    self.many(all, "payment_methods", "payment_method", &["customer_id"]).await?;
                }
                Include::Charge => {
                    self.charges(all).await?;
                    self.many(all, "charges", "charge", &["customer_id", "debt_id", "payment_method_id"])
                        .await?;
                }
                Include::Transaction => {
                    self.many(
                        all,
                        "transactions",
                        "txn",
                        &["customer_id", "debt_id", "charge_id", "payment_method_id"],
                    )
                    .await?
                }
                Include::PaymentPlan => self.plans(all).await?,
                Include::Ticket => self.many(all, "tickets", "ticket", &["customer_id", "debt_id"]).await?,
                // A customer's addresses always stand in it.
                Include::Address => {}
            }
        }
        Ok(())
    }

    async fn customers(&self, all: &mut [Shown]) -> Result<()> {
        let found = people::load(self.tx, self.tenant, all.iter().filter_map(|s| s.customer)).await?;
        for shown in all.iter_mut().filter(|s| s.customer.is_some()) {
            shown.json["customer"] =
                shown.customer.and_then(|id| found.get(&id)).map(people::view::customer).into();
        }
        Ok(())
    }

    async fn locations(&self, all: &mut [Shown]) -> Result<()> {
        let found = locations::load(self.tx, self.tenant, all.iter().filter_map(|s| s.location)).await?;
        for shown in all.iter_mut().filter(|s| s.location.is_some()) {
            shown.json["location"] = shown.location.and_then(|id| found.get(&id)).map(locations::view).into();
        }
        Ok(())
    }

    async fn debts(&self, all: &mut [Shown], key: &str, of: fn(&Shown) -> Option<DebtId>) -> Result<()> {
        let found = debts::load(self.tx, self.tenant, &Ids::of(all.iter().filter_map(of))).await?;
        let found: HashMap<DebtId, Value> =
            found.iter().map(|d| (d.id, debt_accounts::json(d, self.words))).collect();
        for shown in all.iter_mut() {
            if let Some(id) = of(shown) {
                shown.json[key] = found.get(&id).cloned().into();
            }
        }
        Ok(())
    }

    async fn methods(&self, all: &mut [Shown]) -> Result<()> {
        let ids = all.iter().filter_map(|s| s.method);
        let found = methods::load(self.tx, self.tenant, ids).await?;
        let today = self.tenant.today(self.tx.now());
        for shown in all.iter_mut().filter(|s| s.method.is_some()) {
            let method = shown.method.and_then(|id| found.get(&id));
            shown.json["payment_method"] = method.map(|m| payment_methods::json(m, self.words, today)).into();
        }
        Ok(())
    }

    async fn charges(&self, all: &mut [Shown]) -> Result<()> {
        let found =
            charges::load(self.tx, self.tenant, &Ids::of(all.iter().filter_map(|s| s.charge))).await?;
        for shown in all.iter_mut().filter(|s| s.charge.is_some()) {
            let charge = found.iter().find(|c| Some(c.id) == shown.charge);
            shown.json["charge"] = charge.map(|c| charge_api::json(c, self.words)).into();
        }
        Ok(())
    }

    async fn plans(&self, all: &mut [Shown]) -> Result<()> {
        let owner =
            |s: &Shown| s.own.filter(|(column, _)| *column == "debt_id").map(|(_, id)| DebtId(id)).or(s.debt);
        let owners = Ids::of(all.iter().filter_map(owner));
        let plans = debts::plans::latest_plans(self.tx, self.tenant, &owners).await?;
        let facts = payment_plans::Facts::of(self.tx, self.tenant, &plans).await?;
        for shown in all.iter_mut() {
            if let Some(debt) = owner(shown) {
                let plan = plans.iter().find(|p| p.debt_id == debt);
                let json = plan.map(|p| payment_plans::json(p, &facts, self.words, self.tenant));
                shown.json["payment_plan"] = json.into();
            }
        }
        Ok(())
    }

    /// The newest rows of `table` that refer to each of `all`, under `key`; only where one of `columns` is how
    /// they refer to it.
    pub(crate) async fn many(
        &self,
        all: &mut [Shown],
        key: &str,
        table: &str,
        columns: &[&str],
    ) -> Result<()> {
        let Some((column, _)) = all.iter().find_map(|s| s.own) else { return Ok(()) };
        // An account refers to its parent by another name than others refer to it.
        let column = if key == "children" && column == "debt_id" { "parent_id" } else { column };
        if !columns.contains(&column) {
            return Ok(());
        }
        let owners = Ids::of(all.iter().filter_map(|s| s.own.map(|(_, id)| id)));
        let alive = if matches!(table, "debt" | "payment_method") { " AND deleted_at IS NULL" } else { "" };
        let sql = format!(
            "SELECT owner, id FROM (SELECT {column} AS owner, id, row_number() OVER (PARTITION BY {column} ORDER BY id DESC) AS place \
             FROM {table} WHERE tenant_id = $1 AND {column} IN ids($2){alive}) AS ranked WHERE place <= $3 ORDER BY id DESC"
        );
        let rows: Vec<Owned> = self.tx.all(&sql, &[&self.tenant.id, &owners, &NEWEST]).await?;
        let found = self.present(table, &rows).await?;
        for shown in all.iter_mut() {
            let own = shown.own.map(|(_, id)| id);
            let mine = rows
                .iter()
                .filter(|row| Some(row.owner) == own)
                .filter_map(|row| found.get(&row.id).cloned());
            shown.json[key] = mine.collect();
        }
        Ok(())
    }

    async fn present(&self, table: &str, rows: &[Owned]) -> Result<HashMap<Uuid, Value>> {
        let (tx, tenant, words) = (self.tx, self.tenant, self.words);
        let ids = Ids::of(rows.iter().map(|row| row.id));
        Ok(match table {
            "debt" => debts::load(tx, tenant, &ids)
                .await?
                .iter()
                .map(|d| (d.id.0, debt_accounts::json(d, words)))
                .collect(),
            "charge" => charges::load(tx, tenant, &ids)
                .await?
                .iter()
                .map(|c| (c.id.0, charge_api::json(c, words)))
                .collect(),
            "txn" => {
                let found = transactions::load(tx, tenant, &ids).await?;
                let told = transaction_api::views(tx, tenant, &found, self.reads(Include::Customer)).await?;
                found.iter().map(|txn| txn.id.0).zip(told).collect()
            }
            "ticket" => {
                let found = tickets::load(tx, tenant, &ids).await?;
                let told = tickets::views(tx, tenant, &found).await?;
                found.iter().map(|ticket| ticket.id.0).zip(told).collect()
            }
            _ => {
                let today = tenant.today(tx.now());
                let found = methods::load(tx, tenant, rows.iter().map(|row| MethodId(row.id))).await?;
                found.values().map(|m| (m.id.0, payment_methods::json(m, words, today))).collect()
            }
        })
    }
}

base::record! {
    struct Owned { owner: Uuid, id: Uuid }
}
