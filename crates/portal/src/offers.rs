//! What an organization offers to settle an account for. An offer is taken up by a plan, of one payment where it is for one:
//! only a plan forgives what it leaves out.

use base::page::Page;
use base::{Failure, Ref, Result};
use books::debts::OfferId;
use books::debts::offers::{self, Filter, Offer, Standing};
use consumer::owed::Account;
use consumer::sessions::Visitor;

use crate::texts::Texts;
use crate::{Call, PREFIX};

/// How many offers an account shows.
const SHOWN: i64 = 5;

/// An offer in words.
pub(crate) struct Line {
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) says: Vec<String>,
}

/// The offers on an account that can be taken up.
pub(crate) async fn on_account(
    call: &Call,
    visitor: &Visitor,
    account: &Account,
    t: Texts,
) -> Result<Vec<Line>> {
    let (tenant, debt) = (&visitor.tenant, &account.debt);
    let today = tenant.today(call.now);
    let standing = Some((Standing::Active, today));
    let filter = Filter { debt: Some(debt.id), standing, ..Filter::default() };
    let tx = call.state.db.read().await?;
    let listed = offers::list(&tx, tenant, &filter, Page::first(SHOWN)).await?;
    let line = |offer: &Offer| Line {
        path: format!("{PREFIX}/accounts/{}/offers/{}", debt.id, offer.id),
        title: t.say1("offer-settle", "amount", t.money(offer.amount)),
        says: says(offer, account, t),
    };
    // One that would take nothing off what is owed by now is none.
    Ok(listed.rows.iter().filter(|offer| offer.amount < debt.current_balance).map(line).collect())
}

/// What is offered, in how many payments, and until when.
pub(crate) fn says(offer: &Offer, account: &Account, t: Texts) -> Vec<String> {
    let owed = account.debt.current_balance;
    let off = owed.minus_down_to_zero(offer.amount);
    let amounts = [("amount", offer.amount), ("owed", owed), ("off", off)];
    let mut says = vec![t.with("offer-says", &amounts.map(|(name, amount)| (name, t.money(amount))))];
    says.push(match offer.max_instalments {
        1 => t.say("offer-once"),
        most => t.say1("offer-many", "most", most),
    });
    says.extend(offer.expires_on.map(|day| t.say1("offer-until", "day", t.day(day))));
    says
}

/// The offer that the path names, where it names one: one on this account that can be taken up.
pub(crate) async fn in_path(call: &Call, visitor: &Visitor, account: &Account) -> Result<Option<Offer>> {
    if call.param("offer").is_empty() {
        return Ok(None);
    }
    let which = call.id("offer")?.ours().map(OfferId).ok_or_else(Failure::not_found)?;
    find(call, visitor, account, which).await?.ok_or_else(Failure::not_found).map(Some)
}

/// An offer on an account that can be taken up.
pub(crate) async fn find(
    call: &Call,
    visitor: &Visitor,
    account: &Account,
    which: OfferId,
) -> Result<Option<Offer>> {
    let (tx, tenant) = (call.state.db.read().await?, &visitor.tenant);
    let which = Ref::new(&which.to_string()).ok_or_else(Failure::not_found)?;
    let found = offers::find(&tx, tenant, &which).await?;
    let is_open = |offer: &Offer| {
        offer.debt_id == account.debt.id && offer.on(tenant.today(call.now)) == Standing::Active
    };
    Ok(found.filter(is_open))
}
