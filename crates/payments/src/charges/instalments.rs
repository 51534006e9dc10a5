//! What the charges of instalments do to their plans: said in the transaction in which it becomes known.

use base::db::Tx;
use base::{Cents, Code, Failure, Result, Ts};
use books::debts::plans::follow::{Came, Forgiven, News, Next, follow};
use books::debts::{Debt, DebtId, Family};
use books::ledger::{self, EntryRow, placements, posting::Posting};
use books::orgs::Tenant;

use super::Charge;
use super::accept::change;
use super::machine::State;
use super::postings::Rail;
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
        let posting = match forgiven {
            Forgiven::Off(debt, amount) => {
                owe(families, debt, |owed| owed.minus(amount))?;
                placements::lowered(debt.0, amount)
            }
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

/// What came of a charge for the instalment it pays; `None` while that is not known.
fn news(charge: &Charge) -> Option<News> {
    let came = match charge.state {
        State::Succeeded => Came::Paid(charge.amount),
        State::Declined | State::Returned => Came::Unpaid(refused(charge)),
        State::Canceled => Came::Unpaid(called_off(charge)),
        State::Scheduled | State::Submitting | State::Unknown | State::Pending | State::Refunded => {
            return None;
        }
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
    match (charge.decline_class, charge.decline_retry) {
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
