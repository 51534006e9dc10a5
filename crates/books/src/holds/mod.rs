//! Holds, which the API calls blocks: why a customer, an account or a payment method may not be used as usual.
//!
//! - A hold stops what its reason stops (`rules`), from its start to its end, until it is lifted. Several together stop
//!   what any of them stops.
//! - A hold on a customer is on all of their accounts and methods; one on an account is also on those under it.
//! - Whoever places or changes one holds the accounts it is about, so no charge slips in between; what waits to be sent
//!   against it is called off.
//! - Nothing is ever erased: what a hold was, and who did what to it, stays.

mod place;
mod rules;

use base::db::{Ids, Texts, Tx};
use base::page::{Listed, Page, Which};
use base::vault::{PersonKey, Sealed};
use base::{Day, Failure, Ref, Result, TenantId, Ts};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::place::{Changes, Lift, New, Place, Scope, Update};
pub use self::rules::{
    Applies, Autopay, Contact, Effects, Payer, Pays, Report, Rule, blocked, lets_write, rule, rules,
};
use crate::debts::{Debt, DebtId};
use crate::orgs::Tenant;
use crate::people::{self, CustomerId};

base::ids! {
    /// A hold.
    HoldId "hold"
}

base::record! {
    /// A hold, with what only its person's key opens still sealed.
    pub struct Hold in "hold" {
        tenant_id: TenantId,
        /// Its id.
        pub id: HoldId,
        /// Whom it is about.
        pub customer_id: CustomerId,
        /// The one account it is on; none, all of them.
        pub debt_id: Option<DebtId>,
        /// The one method it is on.
        pub payment_method_id: Option<Uuid>,
        /// Why, as the rules call it.
        pub reason: String,
        note: Option<Sealed>,
        evidence: Option<Sealed>,
        /// Where it came from.
        pub source: String,
        /// Who placed it.
        pub placed_by: String,
        /// Who is to look at it again.
        pub reviewer: Option<String>,
        /// When they are to.
        pub review_on: Option<Day>,
        /// From when it is in force.
        pub starts_at: Ts,
        /// Until when.
        pub ends_at: Option<Ts>,
        /// When it was lifted.
        pub lifted_at: Option<Ts>,
        /// By whom.
        pub lifted_by: Option<String>,
        lift_reason: Option<Sealed>,
        /// When it was placed.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Hold {
    /// Whether it is in force.
    pub fn is_in_force(&self, now: Ts) -> bool {
        self.lifted_at.is_none() && self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
    }

    /// What is told of it, opened; an erased customer's words are gone.
    pub fn view(&self, key: Option<&PersonKey>, tenant: &Tenant, now: Ts) -> Result<Value> {
        let text = |column: &'static str, sealed: &Option<Sealed>| -> Result<Option<String>> {
            let Some((key, sealed)) = key.zip(sealed.as_ref()) else { return Ok(None) };
            key.open_text("hold", column, self.id, sealed).map(Some)
        };
        let rule = rule(&self.reason, tenant.today(now));
        Ok(json!({
            "id": self.id.to_string(),
            "customer_id": self.customer_id.to_string(),
            "debt_account_id": self.debt_id.map(|id| id.to_string()),
            "payment_method_id": self.payment_method_id.map(|id| id.to_string()),
            "reason": self.reason,
            "kind": rule.map(|r| r.kind.as_str()),
            "effects": rule.map(rule_effects),
            "note": text("note", &self.note)?,
            "evidence": text("evidence", &self.evidence)?,
            "source": self.source,
            "placed_by": self.placed_by,
            "reviewer": self.reviewer,
            "review_on": self.review_on.map(|day| day.to_string()),
            "starts_at": self.starts_at.to_string(),
            "ends_at": self.ends_at.map(|at| at.to_string()),
            "active": self.is_in_force(now),
            "lifted_at": self.lifted_at.map(|at| at.to_string()),
            "lifted_by": self.lifted_by,
            "lift_reason": text("lift_reason", &self.lift_reason)?,
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        }))
    }
}

/// What a rule stops, as an object.
pub fn rule_effects(rule: &Rule) -> Value {
    json!({
        "visible": rule.visible,
        "pays": rule.pays.as_str(),
        "applies": rule.applies.as_str(),
        "autopay": rule.autopay.as_str(),
        "contact": rule.contact.as_str(),
        "report": rule.report.as_str(),
    })
}

/// Holds that are in force, of some customers.
#[derive(Clone, Debug, Default)]
pub struct InForce {
    holds: Vec<Hold>,
    today: Option<Day>,
}

impl InForce {
    fn of(holds: Vec<Hold>, tenant: &Tenant, now: Ts) -> InForce {
        let holds = holds.into_iter().filter(|hold| hold.is_in_force(now)).collect();
        InForce { holds, today: Some(tenant.today(now)) }
    }

    fn effects<'a>(&'a self, applies: impl Fn(&&'a Hold) -> bool) -> Effects {
        let Some(today) = self.today.filter(|_| !self.holds.is_empty()) else { return Effects::default() };
        let rules = self.holds.iter().filter(applies).filter_map(|hold| rule(&hold.reason, today));
        rules.fold(Effects::default(), Effects::and)
    }

    /// What is stopped for a customer as such.
    pub fn on_customer(&self, customer: CustomerId) -> Effects {
        self.effects(|h| h.customer_id == customer && h.debt_id.is_none() && h.payment_method_id.is_none())
    }

    /// What is stopped for an account: by holds on its customer, on itself and on its parent.
    pub fn on_account(&self, account: &Debt) -> Effects {
        let ids = [Some(account.id), account.parent_id];
        self.effects(|h| match h.debt_id {
            Some(debt) => ids.contains(&Some(debt)),
            None => h.customer_id == account.customer_id && h.payment_method_id.is_none(),
        })
    }

    /// What is stopped for one account alone: by holds on itself and on nothing wider.
    pub fn on_account_alone(&self, account: DebtId) -> Effects {
        self.effects(|h| h.debt_id == Some(account))
    }

    /// What is stopped for a method: by holds on itself and on its owner.
    pub fn on_method(&self, method: Uuid, owner: Option<CustomerId>) -> Effects {
        self.effects(|h| match h.payment_method_id {
            Some(held) => held == method,
            None => owner == Some(h.customer_id) && h.debt_id.is_none(),
        })
    }
}

/// What is in force for these customers.
pub async fn of_customers(tx: &Tx, tenant: &Tenant, customers: &Ids, now: Ts) -> Result<InForce> {
    if customers.is_empty() {
        return Ok(InForce::default());
    }
    let tail = "WHERE tenant_id = $1 AND lifted_at IS NULL AND customer_id IN ids($2) ORDER BY id";
    Ok(InForce::of(tx.select(tail, &[&tenant.id, customers]).await?, tenant, now))
}

/// What is in force for whoever owes these accounts, ours or theirs, or owns these methods: one statement, which may go
/// beside the one that locks the accounts.
pub async fn of_named(
    tx: &Tx,
    tenant: &Tenant,
    accounts: &[&Ref],
    methods: &Ids,
    now: Ts,
) -> Result<InForce> {
    let ours = Ids::of(accounts.iter().filter_map(|which| which.ours()));
    let theirs = Texts(accounts.iter().map(|which| which.theirs().to_owned()).collect());
    let tail = "WHERE tenant_id = $1 AND lifted_at IS NULL AND customer_id IN each(\
                SELECT customer_id FROM debt WHERE tenant_id = $1 AND id IN ids($2) \
                UNION ALL SELECT customer_id FROM debt WHERE tenant_id = $1 AND deleted_at IS NULL AND external_id IS NOT NULL AND external_id IN texts($3) \
                UNION ALL SELECT customer_id FROM payment_method WHERE tenant_id = $1 AND id IN ids($4) AND customer_id IS NOT NULL) \
                ORDER BY id";
    Ok(InForce::of(tx.select(tail, &[&tenant.id, &ours, &theirs, methods]).await?, tenant, now))
}

/// What is in force for the customers of these charges.
pub async fn of_charges(tx: &Tx, tenant: &Tenant, charges: &Ids, now: Ts) -> Result<InForce> {
    let tail = "WHERE tenant_id = $1 AND lifted_at IS NULL AND customer_id IN each(\
                SELECT customer_id FROM charge WHERE tenant_id = $1 AND id IN ids($2) AND customer_id IS NOT NULL) ORDER BY id";
    Ok(InForce::of(tx.select(tail, &[&tenant.id, charges]).await?, tenant, now))
}

/// Which holds a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// About one customer.
    pub customer: Option<CustomerId>,
    /// On one account.
    pub debt: Option<DebtId>,
    /// On one method.
    pub method: Option<Uuid>,
    /// For one reason.
    pub reason: Option<String>,
    /// Only those in force, or only those that are not.
    pub active: Option<bool>,
}

/// A page of holds, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, now: Ts, page: Page) -> Result<Listed<Hold>> {
    let which = Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("debt_id = ?", filter.debt)
        .filter_if("payment_method_id = ?", filter.method)
        .filter_if("reason = ?", filter.reason.as_deref());
    let which = match filter.active {
        None => which,
        Some(true) => which
            .filter("lifted_at IS NULL AND starts_at <= ?", now)
            .filter("(ends_at IS NULL OR ends_at > ?)", now),
        Some(false) => which.filter("(lifted_at IS NOT NULL OR starts_at > ? OR ends_at <= ?)", now),
    };
    which.page(tx, page).await
}

/// A hold.
pub async fn find(tx: &Tx, tenant: &Tenant, id: HoldId) -> Result<Option<Hold>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// Holds as they are told, in their order.
pub async fn views(tx: &Tx, tenant: &Tenant, holds: &[Hold], now: Ts) -> Result<Vec<Value>> {
    let keys = people::keys(tx, tenant, holds.iter().map(|hold| hold.customer_id)).await?;
    holds.iter().map(|hold| hold.view(keys.get(&hold.customer_id), tenant, now)).collect()
}

base::record! {
    struct ChangeRow in "hold_change" {
        tenant_id: TenantId,
        id: Uuid,
        hold_id: HoldId,
        customer_id: CustomerId,
        what: String,
        by_whom: String,
        body: Sealed,
        created_at: Ts,
    }
}

/// Everything that happened to a hold, oldest first.
pub async fn history(tx: &Tx, tenant: &Tenant, hold: &Hold) -> Result<Vec<Value>> {
    let key = people::key(tx, tenant, hold.customer_id).await?;
    let tail = "WHERE tenant_id = $1 AND hold_id = $2 ORDER BY id";
    let rows: Vec<ChangeRow> = tx.select(tail, &[&tenant.id, &hold.id]).await?;
    let told = |row: ChangeRow| -> Result<Value> {
        let body = match &key {
            Some(key) => {
                let text = key.open_text("hold_change", "body", row.id, &row.body)?;
                serde_json::from_str(&text).map_err(|e| Failure::broken("reading a hold's history", e))?
            }
            None => Value::Null,
        };
        Ok(json!({ "what": row.what, "by": row.by_whom, "at": row.created_at.to_string(), "block": body }))
    };
    rows.into_iter().map(told).collect()
}
