//! Making, changing and deleting a client's terms.

use base::db::{Command, Ids, Tx, Write};
use base::{Change, Code, Day, Failure, Result};
use books::events;
use books::locations::{self, Kind, LocationId};
use books::orgs::Tenant;

use super::{FeeRow, FeeRule, Method, Terms, TermsId, TermsRow, hold, whole};

/// For how many days a card payment waits unless terms say otherwise: acquirers pay out on the second day, and a sale that
/// is voided or refunded at once is never on its way to the client.
const CARD_HOLD_DAYS: i64 = 2;

/// The same for a bank debit. The receiving bank has two banking days for an ordinary return (Nacha, R01 to R33 but for
/// unauthorized ones), which a weekend with a holiday makes five days at most. What comes back later is clawed back.
const ACH_HOLD_DAYS: i64 = 5;

/// What was sent of a client's terms.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// How it gets what was collected; less the fee unless said.
    pub method: Option<Method>,
    /// For how many days card payments wait.
    pub card_hold_days: Option<i64>,
    /// For how many days bank debits wait.
    pub ach_hold_days: Option<i64>,
    /// From which day on payments are remitted.
    pub since: Change<Day>,
    /// The fee rules, all of them.
    pub rules: Option<Vec<FeeRule>>,
}

/// Makes a location a client.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id the terms will have.
    pub id: TermsId,
    /// Which location.
    pub location: LocationId,
    /// What was sent.
    pub fields: &'a Fields,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "client_terms.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, sent) = (self.tenant, self.fields);
        let invalid = || Failure::unknown_reference("location_id");
        let location = locations::find(tx, tenant, self.location).await?.ok_or_else(invalid)?;
        if location.kind == Kind::ProductType {
            return Err(Failure::field("location_id", "The selected location id is no creditor."));
        }
        if hold(tx, tenant, self.location).await?.is_some() {
            return Err(Failure::field("location_id", "The location id has already been taken."));
        }
        let row = TermsRow {
            tenant_id: tenant.id,
            id: self.id,
            location_id: self.location,
            method: sent.method.unwrap_or(Method::Net),
            card_hold_days: sent.card_hold_days.unwrap_or(CARD_HOLD_DAYS),
            ach_hold_days: sent.ach_hold_days.unwrap_or(ACH_HOLD_DAYS),
            since: sent.since.as_set().copied(),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        let terms = Terms { row, rules: sent.rules.clone().unwrap_or_default() };
        // Whoever deletes the location meanwhile comes before, and is seen, or after, and sees the client.
        let live = Write::all_live("location", tenant.id, Ids::of([self.location]));
        tx.batch(&[Write::insert(std::slice::from_ref(&terms.row)), live]).await?;
        tx.insert(&fees(&terms)).await?;
        tell(tx, tenant, "client-terms.create", &terms).await
    }
}

fn fees(terms: &Terms) -> Vec<FeeRow> {
    let row = |(position, rule): (i64, &FeeRule)| FeeRow {
        tenant_id: terms.row.tenant_id,
        terms_id: terms.row.id,
        position,
        basis_points: rule.basis_points,
        first_day: rule.from,
        min_age_days: rule.min_age_days,
        max_age_days: rule.max_age_days,
        min_balance: rule.min_balance,
        max_balance: rule.max_balance,
    };
    (1..).zip(&terms.rules).map(row).collect()
}

/// Changes a client's terms; what was remitted by them before stays as it is. 404 where there are none.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: TermsId,
    /// What was sent.
    pub fields: &'a Fields,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "client_terms.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, sent) = (self.tenant, self.fields);
        let before = held(tx, tenant, self.id).await?;
        let mut after = before.clone();
        after.row.method = sent.method.unwrap_or(after.row.method);
        after.row.card_hold_days = sent.card_hold_days.unwrap_or(after.row.card_hold_days);
        after.row.ach_hold_days = sent.ach_hold_days.unwrap_or(after.row.ach_hold_days);
        after.row.since = sent.since.clone().over(after.row.since);
        after.rules = sent.rules.clone().unwrap_or(after.rules);
        if after.view() == before.view() {
            return Ok(());
        }
        after.row.updated_at = tx.now();
        tx.update(2, std::slice::from_ref(&after.row)).await?;
        if after.rules != before.rules {
            forget_rules(tx, tenant, self.id).await?;
            tx.insert(&fees(&after)).await?;
        }
        tell(tx, tenant, "client-terms.update", &after).await
    }
}

/// Deletes a client's terms: the location is no client any more. 404 where there are none, 400 while a remittance refers to
/// them.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: TermsId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "client_terms.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, id) = (self.tenant, self.id);
        let terms = held(tx, tenant, id).await?;
        let used = "SELECT count(*) FROM remittance WHERE tenant_id = $1 AND terms_id = $2";
        if tx.number(used, &[&tenant.id, &id]).await? > 0 {
            return Err(Failure::refused(
                Code::NotAllowedNow,
                "Remittances were prepared by these terms, which cannot be deleted.",
            ));
        }
        forget_rules(tx, tenant, id).await?;
        tx.run("DELETE FROM client_terms WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await?;
        tell(tx, tenant, "client-terms.delete", &terms).await
    }
}

async fn forget_rules(tx: &Tx, tenant: &Tenant, id: TermsId) -> Result<()> {
    let sql = "DELETE FROM client_fee WHERE tenant_id = $1 AND terms_id = $2";
    tx.run(sql, &[&tenant.id, &id]).await.map(drop)
}

/// Terms under their lock.
async fn held(tx: &Tx, tenant: &Tenant, id: TermsId) -> Result<Terms> {
    let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    let row: Option<TermsRow> = tx.find(tail, &[&tenant.id, &id]).await?;
    whole(tx, tenant, row.into_iter().collect()).await?.pop().ok_or_else(Failure::not_found)
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, terms: &Terms) -> Result<()> {
    events::emit(tx, tenant, name, "client_terms", terms.row.id, &terms.view()).await
}
