//! What a customer is shown of what they owe.
//!
//! Only what its status and the holds on it let them see: never an archived or a locked account, nor one that a hold hides.
//! An account that groups others comes with those that they may see.

use base::db::{Ids, Tx};
use base::{Cents, Result, Ts};
use books::debts::{self, Debt, DebtId, Status};
use books::holds::{self, Applies, InForce, Pays};
use books::locations::{self, Kind, Location, LocationId};
use books::orgs::Tenant;
use books::people::CustomerId;

/// An account as its customer sees it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account.
    pub debt: Debt,
    /// To whom it is owed.
    pub creditors: Creditors,
    /// What of it the customer may pay now; nothing where its status, or a hold, does not let them.
    pub payable: Cents,
    /// The least that a payment may be, unless it clears all that is payable.
    pub least: Option<Cents>,
    /// The accounts that it groups.
    pub under: Vec<Account>,
}

/// To whom something is owed, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Creditors {
    /// To whom it was owed first.
    pub original: Option<String>,
    /// To whom it is owed now.
    pub current: Option<String>,
    /// What was bought.
    pub product: Option<String>,
}

impl Account {
    /// The last four characters of the creditor's number of it.
    pub fn short_number(&self) -> Option<String> {
        let number = self.debt.account_number.as_deref()?;
        let from = number.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        number.get(from..).map(str::to_owned)
    }
}

/// All accounts of a customer, newest first; those that are grouped stand under their parent alone.
pub async fn accounts(tx: &Tx, tenant: &Tenant, customer: CustomerId, now: Ts) -> Result<Vec<Account>> {
    let all = debts::of_customers(tx, tenant, &Ids::of([customer])).await?;
    let held = holds::of_customers(tx, tenant, &Ids::of([customer]), now).await?;
    let ids = Ids::of(all.iter().map(|debt| debt.id));
    let further = match all.is_empty() {
        true => Vec::new(),
        false => debts::further_locations(tx, tenant, &ids).await?,
    };
    let named = all.iter().filter_map(|debt| debt.location_id);
    let known = locations::load(tx, tenant, named.chain(further.iter().map(|f| f.location_id))).await?;
    let places = |debt: &Debt| -> Vec<&Location> {
        let of = |id: LocationId| known.get(&id);
        let more = further.iter().filter(|f| f.debt_id == debt.id).filter_map(|f| of(f.location_id));
        debt.location_id.and_then(of).into_iter().chain(more).collect()
    };
    let shown = |debt: &Debt, under: Vec<Account>| Account {
        creditors: creditors(&places(debt)),
        payable: payable(debt, &under, &held),
        least: debt.rules.min_payment_amount.or(tenant.rules.min_payment_amount),
        debt: debt.clone(),
        under,
    };
    let visible: Vec<&Debt> = all.iter().filter(|debt| is_visible(debt, &held)).collect();
    let under = |parent: DebtId| -> Vec<Account> {
        let children = visible.iter().filter(|debt| debt.parent_id == Some(parent));
        children.map(|debt| shown(debt, Vec::new())).collect()
    };
    Ok(visible.iter().filter(|d| d.parent_id.is_none()).map(|debt| shown(debt, under(debt.id))).collect())
}

/// Of accounts, the one of this id, also where another groups it.
pub fn find(accounts: &[Account], id: DebtId) -> Option<&Account> {
    accounts.iter().flat_map(|one| std::iter::once(one).chain(&one.under)).find(|one| one.debt.id == id)
}

fn is_visible(debt: &Debt, held: &InForce) -> bool {
    let by_status = match debt.status {
        Status::Active | Status::Closed | Status::PaidOff => true,
        Status::Archived | Status::Locked => false,
    };
    by_status && held.on_account(debt).visible
}

/// What of an account its customer may pay; of one that groups others, what a payment on it would reach.
fn payable(debt: &Debt, under: &[Account], held: &InForce) -> Cents {
    if !debt.status.is_payable() || held.on_account(debt).pays != Pays::Anyone {
        return Cents::ZERO;
    }
    if !debt.is_parent() {
        return debt.open();
    }
    let is_reached = |child: &&Account| held.on_account_alone(child.debt.id).applies == Applies::Any;
    Cents::sum(under.iter().filter(is_reached).map(|child| child.payable)).unwrap_or(Cents::ZERO)
}

fn creditors(places: &[&Location]) -> Creditors {
    let name = |kind: Kind| places.iter().find(|place| place.kind == kind).map(|place| place.name.clone());
    Creditors {
        original: name(Kind::OriginalCreditor),
        current: name(Kind::CurrentCreditor),
        product: name(Kind::ProductType),
    }
}
