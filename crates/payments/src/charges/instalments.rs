//! What the charges of instalments do to their plans: said in the transaction in which it becomes known.

use base::db::Tx;
use base::{Cents, Code, Failure, Result, Ts};
use books::debts::plans::follow::{Came, Forgiven, News, Next, follow};
use books::debts::{Debt, DebtId, Family, lock_families_of};
use books::ledger::{self, EntryRow, placements, posting::Posting};
use books::orgs::Tenant;

use super::Charge;
use super::accept::change;
use super::machine::State;
use super::postings::Rail;
use super::settle::changed;
use crate::networks::{Class, Retry};

/// Tells the plans what came of these charges, and changes what is owed where a settlement is fulfilled or is not any
/// more. Gives the entries to be written. Asks the database only where a charge is an instalment's.
pub(crate) async fn tell(
    tx: &Tx,
    tenant: &Tenant,
    charges: &[Charge],
    families: &mut [Family],
    now: Ts,
) -> Result<Vec<EntryRow>> {
    let news: Vec<News> = charges.iter().filter_map(news).collect();
    let mut entries = Vec::new();
    for forgiven in follow(tx, tenant, &news, families, now).await? {
        if let Forgiven::Back(debt, amount) = forgiven
            && !owe_apart(tx, tenant, families, debt, amount, now).await?
        {
            entries.extend(ledger::rows(
                tx,
                tenant,
                "settled",
                None,
                placements::restored(debt.0, amount).as_slice(),
            ));
            continue;
        }
        let posting = match forgiven {
            Forgiven::Off(debt, amount) => {
                owe(families, debt, |owed| owed.minus(amount))?;
                placements::lowered(debt.0, amount)
            }
            // Its own debt was replaced by its children's meanwhile: nothing of it is owed as such any more.
            Forgiven::Back(debt, _) if has_children(families, debt) => None,
            Forgiven::Back(debt, amount) => {
                owe(families, debt, |owed| owed.plus(amount))?;
                placements::restored(debt.0, amount)
            }
        };
        let postings: Vec<Posting> = posting.into_iter().collect();
        entries.extend(ledger::rows(tx, tenant, "settled", None, &postings));
    }
    Ok(entries)
}

fn owe(families: &mut [Family], debt: DebtId, work: impl FnOnce(Cents) -> Option<Cents>) -> Result<()> {
    let family = families.iter_mut().find(|f| f.members().any(|m| m.id == debt));
    let family = family.ok_or_else(|| Failure::broken("settling an account", "it is not locked"))?;
    change(family, debt, |account: &mut Debt| {
        account.current_balance = work(account.current_balance)?;
        account.status = account.status.at_balance(account.current_balance);
        Some(())
    })
}

fn has_children(families: &[Family], debt: DebtId) -> bool {
    families.iter().any(|family| family.root.id == debt && !family.children.is_empty())
}

/// What was forgiven on an account that has left the group since is owed there again, in a family of its own. Gives false
/// where that was done, and true where the account is among those that are locked.
async fn owe_apart(
    tx: &Tx,
    tenant: &Tenant,
    families: &[Family],
    debt: DebtId,
    amount: Cents,
    now: Ts,
) -> Result<bool> {
    if families.iter().any(|f| f.members().any(|m| m.id == debt)) {
        return Ok(true);
    }
    let mut apart = lock_families_of(tx, tenant, &[debt]).await?;
    let before: Vec<Debt> = apart.iter().flat_map(Family::members).cloned().collect();
    owe(&mut apart, debt, |owed| owed.plus(amount))?;
    tx.update(2, &changed(&before, &apart, now)).await?;
    Ok(false)
}

/// What came of a charge for the instalment it pays; `None` while that is not known.
fn news(charge: &Charge) -> Option<News> {
    let came = match charge.state {
        // Given back since, by the organization's own wish: it was paid.
        State::Succeeded | State::Refunded => Came::Paid(charge.amount),
        State::Returned if charge.code.as_deref() == Some("voided") => Came::Unpaid(Next::Skipped),
        State::Declined | State::Returned => Came::Unpaid(refused(charge)),
        State::Canceled => Came::Unpaid(called_off(charge)),
        State::Scheduled | State::Submitting | State::Unknown | State::Pending => return None,
    };
    Some(News { instalment: charge.instalment_id?, charge: charge.id.0, came })
}

/// What may follow a refusal, by the verdict that the networks' rules gave. Where no network spoke, nothing is known
/// against trying again.
fn refused(charge: &Charge) -> Next {
    let again = |not_before| Next::Again {
        not_before,
        at_payday: charge.decline_class == Some(Class::Funds),
        by_bank: charge.rail == Rail::Ach,
    };
    let is = |code: Code| charge.code.as_deref() == Some(code.name());
    match (charge.decline_class, charge.decline_retry) {
        // It was lost on its way, and not sent again.
        (None, None) if is(Code::PaymentMethodStopped) => Next::Stopped,
        (None, None) if is(Code::RetryTooEarly) => Next::Wait(charge.updated_at),
        (Some(Class::Unauthorized), _) => Next::Never,
        (_, None | Some(Retry::After)) => again(charge.retry_at),
        (_, Some(Retry::Never | Retry::Ask | Retry::Reauthorize | Retry::NewDetails)) => Next::Stopped,
    }
}

/// What may follow where a charge was called off before it was sent, or taken back before it settled.
fn called_off(charge: &Charge) -> Next {
    let Some(code) = charge.code.as_deref().filter(|code| *code != "voided") else {
        return Next::Skipped; // by a person
    };
    let is = |code_of: Code| code == code_of.name();
    if is(Code::RetryTooEarly) {
        Next::Wait(charge.updated_at)
    } else if is(Code::PaymentMethodStopped)
        || matches!(code, "payment_method_deleted" | "payment_method_not_theirs")
    {
        Next::Stopped
    } else if is(Code::Blocked) {
        Next::Stand("blocked")
    } else {
        Next::Stand("called_off")
    }
}
