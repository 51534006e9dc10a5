//! Paying by a card or a bank account that is written anew: on a page at the tokenizer's own path, the only one that its number is
//! ever sent to. From there it goes to the processor's tokenizer, and a page that comes back does not show it again.

use std::sync::Arc;

use base::{Cents, Failure, Result};
use consumer::owed::Account;
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;
use payments::charges::till::Paying;
use payments::methods::{self, Kind};

use crate::accounts::{self, Shown};
use crate::door::within;
use crate::instruments::{self, How, Written};
use crate::keeping::Keeping;
use crate::page::{self, Fault, Frame};
use crate::pay::{self, Review};
use crate::state::Portal;
use crate::taking::{self, Payment};
use crate::texts::Texts;
use crate::{Call, PREFIX, forms};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        within(Method::GET, "/tokenizer/card/{account}/{cents}", card),
        within(Method::POST, "/tokenizer/card/{account}/{cents}", pay_by_card),
        within(Method::GET, "/tokenizer/bank/{account}/{cents}", bank),
        within(Method::POST, "/tokenizer/bank/{account}/{cents}", pay_by_bank),
    ]
}

async fn card(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    show(&call, &visitor, Kind::Card).await
}

async fn bank(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    show(&call, &visitor, Kind::Ach).await
}

async fn pay_by_card(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    pay(&call, &visitor, Kind::Card).await
}

async fn pay_by_bank(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    pay(&call, &visitor, Kind::Ach).await
}

/// The amount that the path names.
fn cents(call: &Call) -> Result<Cents> {
    let cents: i64 = call.param("cents").parse().map_err(|_| Failure::not_found())?;
    Some(Cents::new(cents)).filter(|cents| cents.is_positive()).ok_or_else(Failure::not_found)
}

/// A page on which a card or bank account is written.
async fn form(
    call: &Call,
    visitor: &Visitor,
    (account, amount, kind): (&Account, Cents, Kind),
    (once, written): (String, Written),
    faults: Vec<Fault>,
) -> Result<Reply> {
    let frame = Frame::inside(call, visitor, "review-title").with(faults);
    let (t, shown) = (frame.t, Shown::of(account, frame.t));
    let (with, keeps) = match kind {
        Kind::Card => ("method-card", "keep-card"),
        Kind::Ach => ("method-bank", "keep-bank"),
    };
    let single = pay::single(call, visitor, account, amount, (kind, ""), t);
    let words = single.words();
    let status = if frame.faults.is_empty() { 200 } else { 422 };
    let is_card = kind == Kind::Card;
    let review = Review {
        nonce: forms::nonce(&call.caller().secret),
        once,
        facts: pay::facts(account, &shown, amount, (&t.say(with), kind), call.now, t),
        mark: words.mark(),
        authorizes: words.text,
        keeps: Some((t.say(keeps), single.words_of_keeping().text)),
        button: t.say1("review-pay", "amount", t.money(amount)),
        account: shown,
        cents: amount.get(),
        method: String::new(),
        card: is_card.then(|| written.clone()),
        bank: (!is_card).then_some(written),
        frame,
    };
    page::html(status, &review)
}

async fn show(call: &Call, visitor: &Visitor, kind: Kind) -> Result<Reply> {
    match instruments::how(call, &visitor.tenant, kind) {
        Some(How::Here) => {}
        Some(How::Elsewhere) => return elsewhere(call, visitor, kind).await,
        None => return instruments::none_taken(call, visitor),
    }
    let (account, amount) = (accounts::find(call, visitor).await?, cents(call)?);
    let t = Texts(page::language(call.headers()));
    if let Some(fault) = pay::against(&account, amount, t) {
        return pay::chooser(call, visitor, &account, vec![fault]).await;
    }
    let new = (forms::new_once(call), Written::by(&visitor.customer.name));
    form(call, visitor, (&account, amount, kind), new, Vec::new()).await
}

/// Where it is given on a page of the processor's own it is kept, and the payment is looked over as with anything that is.
async fn elsewhere(call: &Call, visitor: &Visitor, kind: Kind) -> Result<Reply> {
    let (account, amount) = (accounts::find(call, visitor).await?, cents(call)?);
    let how = match amount == account.payable {
        true => "how=whole".to_owned(),
        false => format!("how=part&amount={amount}"),
    };
    let path = format!("{PREFIX}/accounts/{}", account.debt.id);
    let (back, then) = (format!("{path}/pay?{how}"), format!("{path}/review?{how}"));
    Keeping::of_kind(kind, back, then).page(call, visitor).await
}

async fn pay(call: &Call, visitor: &Visitor, kind: Kind) -> Result<Reply> {
    let (tenant, t) = (&visitor.tenant, Texts(page::language(call.headers())));
    let amount = cents(call)?;
    let word = if kind == Kind::Card { "card" } else { "bank" };
    let about = format!("pay {} {} {word}", call.param("account"), amount.get());
    let once = forms::once(call, visitor, &about)?;
    // Whatever stands in the form by now: what was paid under its number is paid.
    if let Some(reply) = taking::before(call, visitor, &once).await? {
        return Ok(reply);
    }
    let account = accounts::find(call, visitor).await?;
    if let Some(fault) = pay::against(&account, amount, t) {
        return pay::chooser(call, visitor, &account, vec![fault]).await;
    }
    let about = (&account, amount, kind);
    let again = || (forms::text(call, forms::ONCE), Written::of(call));
    let given = match instruments::given(call, kind, tenant.today(call.now), t) {
        Ok(given) => given,
        Err(faults) => return form(call, visitor, about, again(), faults).await,
    };
    let single = pay::single(call, visitor, &account, amount, (kind, ""), t);
    let mut words = single.words();
    if let Some(fault) = pay::other_words(call, &words, t) {
        return form(call, visitor, about, again(), vec![fault]).await;
    }
    let processor = call.state.till.processor(tenant)?.clone();
    let new = match methods::tokenize(&*processor, tenant, call.now, given).await {
        Ok(new) => new,
        Err(failure) => match instruments::refused(kind, &failure, t) {
            Some(fault) => return form(call, visitor, about, again(), vec![fault]).await,
            None => return Err(failure),
        },
    };
    let keep = forms::has(call, "keep").then(|| new.clone());
    if keep.is_some() {
        words = words.and(single.words_of_keeping());
    }
    let paying = Paying::New(Box::new(new));
    taking::take(call, visitor, Payment { account: &account, amount, once, paying, words, keep }).await
}
