//! Every statement on itemizations.

use base::db::{Command, Tx};
use base::{Cents, Code, Day, Failure, Result, TenantId};
use books::debts::{Debt, DebtId, lock_families_of};
use books::events;
use books::orgs::Tenant;
use serde_json::{Value, json};
use uuid::Uuid;

use super::model::{Itemization, LineKind, New, total};

base::record! {
    struct LineRow in "itemization_line" {
        tenant_id: TenantId,
        id: Uuid,
        itemization_id: Uuid,
        place: i64,
        kind: LineKind,
        day: Day,
        amount: Cents,
        description: Option<String>,
    }
}

base::record! {
    /// What the ledger says of an account: what was paid and given back, what it was raised and lowered by.
    struct Booked { paid: i64, given_back: i64, raised: i64, lowered: i64 }
}

/// What the ledger says of an account up to now. Money comes and goes by way of the clearing accounts, suspense and
/// refunds; the rest corrects what is owed.
async fn booked(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<Booked> {
    let sum = |condition: &str| {
        format!("CAST(coalesce(sum(CASE WHEN {condition} THEN amount ELSE 0 END), 0) AS bigint)")
    };
    let corrects = "('placed', 'write_offs')";
    let sql = format!(
        "SELECT {}, {}, {}, {} FROM entry WHERE tenant_id = $1 AND debt_id = $2",
        sum(&format!("credit = 'receivable' AND debit NOT IN {corrects}")),
        sum(&format!("debit = 'receivable' AND credit NOT IN {corrects}")),
        sum(&format!("debit = 'receivable' AND credit IN {corrects}")),
        sum(&format!("credit = 'receivable' AND debit IN {corrects}")),
    );
    tx.one(&sql, &[&tenant.id, &debt]).await
}

/// The itemization of an account that holds.
pub async fn find(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<Option<Itemization>> {
    let last: Option<Itemization> = last(tx, tenant, debt).await?;
    Ok(last.filter(|last| last.withdrawn_at.is_none()))
}

async fn last(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<Option<Itemization>> {
    tx.find("WHERE tenant_id = $1 AND debt_id = $2 ORDER BY version DESC LIMIT 1", &[&tenant.id, &debt]).await
}

/// An itemization as it is told, with what happened since.
pub async fn view(tx: &Tx, tenant: &Tenant, known: &Itemization) -> Result<Value> {
    let tail = "WHERE tenant_id = $1 AND itemization_id = $2 ORDER BY place";
    let lines: Vec<LineRow> = tx.select(tail, &[&tenant.id, &known.id]).await?;
    let now = booked(tx, tenant, known.debt_id).await?;
    let of = |kind| i64::try_from(total(lines.iter().map(|l| (l.kind, &l.amount)), kind)).unwrap_or(i64::MAX);
    let (paid, given_back) = (now.paid - known.paid, now.given_back - known.given_back);
    let (raised, lowered) = (now.raised - known.raised, now.lowered - known.lowered);
    let told = |line: &LineRow| {
        json!({
            "kind": line.kind.as_str(), "date": line.day.to_string(), "amount": line.amount.get(),
            "description": line.description,
        })
    };
    Ok(json!({
        "debt_account_id": known.debt_id.to_string(),
        "itemization_date": known.as_of.to_string(),
        "itemization_date_kind": known.date_kind.as_str(),
        "amount": known.amount.get(),
        "components": lines.iter().map(told).collect::<Vec<_>>(),
        "totals": {
            "interest": of(LineKind::Interest), "fees": of(LineKind::Fee),
            "payments": of(LineKind::Payment), "credits": of(LineKind::Credit),
        },
        "recorded_balance": known.balance.get(),
        "since": {
            "payments": paid, "payments_given_back": given_back, "increases": raised, "decreases": lowered,
        },
        "current_balance": known.balance.get() - paid + given_back + raised - lowered,
        "created_by": known.created_by,
        "created_at": known.created_at.to_string(),
    }))
}

/// A living account, locked with its family.
async fn locked(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<Debt> {
    let families = lock_families_of(tx, tenant, &[debt]).await?;
    let found = families.iter().flat_map(|f| f.members()).find(|d| d.id == debt && d.deleted_at.is_none());
    found.cloned().ok_or_else(Failure::not_found)
}

/// Records an account's itemization, in the place of the one before.
pub struct Record<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The account.
    pub debt: DebtId,
    /// What is recorded.
    pub new: &'a New,
    /// Who records it.
    pub by: &'a str,
}

impl Record<'_> {
    fn faults(&self, account: &Debt, before: Option<&Itemization>, today: Day) -> Result<()> {
        let new = self.new;
        if account.is_parent() {
            let say = "This account groups others; itemize each of those.";
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let mut faults: Vec<(String, Vec<String>)> = Vec::new();
        let mut fault = |at: String, say: String| faults.push((at, vec![say]));
        if new.as_of > today {
            let say = "The itemization date field must be a date before or equal to today.";
            fault("itemization_date".into(), say.into());
        }
        if let Some(before) = before.filter(|b| b.withdrawn_at.is_none())
            && (before.as_of, before.date_kind) != (new.as_of, new.date_kind)
        {
            let say = format!(
                "The itemization date field must stay {} ({}), as it was chosen; withdraw the itemization to choose another.",
                before.as_of,
                before.date_kind.as_str()
            );
            fault("itemization_date".into(), say);
        }
        for (index, line) in new.lines.iter().enumerate() {
            if line.day < new.as_of || line.day > today {
                let say = format!(
                    "The components.{index}.date field must be a date between the itemization date and today."
                );
                fault(format!("components.{index}.date"), say);
            }
        }
        let (sum, owed) = (new.sum(), i128::from(account.current_balance.get()));
        if sum != owed {
            let say = format!(
                "The amount field and the components must add up to the current balance: they come to {sum}, it is {owed}, a difference of {}.",
                sum - owed
            );
            fault("amount".into(), say);
        }
        if faults.is_empty() { Ok(()) } else { Err(Failure::fields(faults)) }
    }
}

impl Command for Record<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "itemization.record"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, new, now) = (self.tenant, self.new, tx.now());
        let account = locked(tx, tenant, self.debt).await?;
        let before = last(tx, tenant, self.debt).await?;
        self.faults(&account, before.as_ref(), tenant.today(now))?;
        let Booked { paid, given_back, raised, lowered } = booked(tx, tenant, self.debt).await?;
        let row = Itemization {
            tenant_id: tenant.id,
            id: tx.new_id(),
            debt_id: self.debt,
            version: before.map_or(1, |before| before.version + 1),
            date_kind: new.date_kind,
            as_of: new.as_of,
            amount: new.amount,
            balance: account.current_balance,
            paid,
            given_back,
            raised,
            lowered,
            created_by: self.by.to_owned(),
            created_at: now,
            withdrawn_at: None,
        };
        tx.insert(std::slice::from_ref(&row)).await?;
        let lines: Vec<LineRow> = (0..)
            .zip(&new.lines)
            .map(|(place, line)| LineRow {
                tenant_id: tenant.id,
                id: tx.new_id(),
                itemization_id: row.id,
                place,
                kind: line.kind,
                day: line.day,
                amount: line.amount,
                description: line.description.clone(),
            })
            .collect();
        tx.insert(&lines).await?;
        let body = view(tx, tenant, &row).await?;
        events::emit(tx, tenant, "debt-account.itemized", "debt_account", self.debt, &body).await
    }
}

/// Withdraws an account's itemization: it stays in the books, and holds no more.
pub struct Withdraw<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The account.
    pub debt: DebtId,
}

impl Command for Withdraw<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "itemization.withdraw"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        locked(tx, self.tenant, self.debt).await?;
        let known = find(tx, self.tenant, self.debt).await?.ok_or_else(Failure::not_found)?;
        let body = view(tx, self.tenant, &known).await?;
        let row = Itemization { withdrawn_at: Some(tx.now()), ..known };
        tx.update(2, &[row]).await?;
        events::emit(tx, self.tenant, "debt-account.itemization_withdrawn", "debt_account", self.debt, &body)
            .await
    }
}
