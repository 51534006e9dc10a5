//! Paying: how much and with what, then a page that says what will happen, and only then a payment.
//!
//! - Each page that can pay has a number of its own, under which the payment happens once, however often its button is chosen.
//! - A card's number is written on a page at the tokenizer's own path, sent there, and from there to the processor's
//!   tokenizer: nothing else sees it, and a page that comes back does not show it again.
//! - What the account, its status and what holds it allow is decided by the till; here it is only said beforehand.

use std::sync::Arc;

use askama::Template;
use base::db::Ids;
use base::secret::Secret;
use base::us::postal_code5;
use base::{Cents, Code, Failure, Ref, Result};
use books::debts::BillingType;
use books::holds::{self, Payer};
use books::idempotency::{self, Once};
use consumer::owed::Account;
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;
use payments::card::{CardNumber, Expiry};
use payments::charges;
use payments::charges::till::{Ask, Paying};
use payments::methods::{self, Given};

use crate::accounts::{self, Shown};
use crate::door::within;
use crate::page::{self, Choice, Fault, Frame};
use crate::payments::named;
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, forms, plans};

/// How many payments of somebody may be declined in a day before no more are tried here: cards are tested by the thousand.
const DECLINED_A_DAY: i64 = 10;

/// The word for a card that is written anew.
pub(crate) const CARD: &str = "card";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        within(Method::GET, "/accounts/{account}/pay", choose),
        within(Method::GET, "/accounts/{account}/review", review),
        within(Method::POST, "/accounts/{account}/review", pay),
        within(Method::GET, "/tokenizer/card/{account}/{cents}", card),
        within(Method::POST, "/tokenizer/card/{account}/{cents}", pay_by_card),
    ]
}

/// How an account may be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ways {
    whole: bool,
    part: bool,
}

impl Ways {
    fn of(account: &Account) -> Ways {
        let narrowed = &account.debt.billing_type.0;
        let has = |way| narrowed.is_empty() || narrowed.contains(&way);
        Ways { whole: has(BillingType::Full), part: has(BillingType::Partial) }
    }
}

/// A saved method in words.
pub(crate) struct Saved {
    pub(crate) id: String,
    pub(crate) say: String,
}

/// The saved methods that can be charged now.
pub(crate) async fn saved(call: &Call, visitor: &Visitor, t: Texts) -> Result<Vec<Saved>> {
    let (tenant, customer) = (&visitor.tenant, visitor.customer.id);
    let tx = call.state.db.read().await?;
    let now = tx.now();
    let held = holds::of_customers(&tx, tenant, &Ids::of([customer]), now).await?;
    let all = methods::of_customers(&tx, tenant, [customer]).await?.remove(&customer).unwrap_or_default();
    let can = |method: &&methods::Method| {
        let is_halted = method.halt.stopped.is_some() || method.halt.retry_at.is_some_and(|at| now < at);
        !is_halted
            && !method.is_expired(tenant.today(now))
            && held.on_method(method.id.0, Some(customer)).lets_pay(Payer::Customer)
    };
    let say = |method: &methods::Method| Saved {
        id: method.id.to_string(),
        say: named(method.kind, method.brand.as_deref(), &method.last_four, t),
    };
    Ok(all.iter().filter(can).map(say).collect())
}

#[derive(Template)]
#[template(path = "pay.html")]
struct Choose {
    frame: Frame,
    account: Shown,
    whole: Option<String>,
    part: bool,
    least: Option<String>,
    /// Saved ones, and a new card.
    methods: Vec<Choice>,
    how: String,
    amount: String,
    /// Where it is paid over time.
    over_time: Option<plans::Way>,
}

/// What was chosen, as the query has it.
pub(crate) fn asked(call: &Call, name: &str) -> String {
    call.query[name].as_str().unwrap_or_default().trim().to_owned()
}

async fn chooser(call: &Call, visitor: &Visitor, account: &Account, faults: Vec<Fault>) -> Result<Reply> {
    let frame = Frame::inside(call, visitor, "pay-title").with(faults);
    let (t, ways) = (frame.t, Ways::of(account));
    // Where there is no form, nothing in it is wrong.
    let plain = || Frame::inside(call, visitor, "pay-title");
    if !account.payable.is_positive() {
        return page::notice(200, plain(), &["pay-nothing"]);
    }
    if !ways.whole && !ways.part {
        return Ok(page::see(&format!("{PREFIX}/accounts/{}/plan", account.debt.id)));
    }
    let status = if frame.faults.is_empty() { 200 } else { 422 };
    let saved = saved(call, visitor, t).await?;
    let new = Saved { id: CARD.into(), say: t.say("pay-new-card") };
    let (mut methods, chosen) = (Vec::new(), asked(call, "with"));
    for Saved { id, say } in saved.into_iter().chain([new]) {
        let is_chosen = id == chosen || (chosen.is_empty() && methods.is_empty());
        methods.push(Choice { word: id, say, is_chosen });
    }
    let or = |text: String, usual: &str| if text.is_empty() { usual.to_owned() } else { text };
    let choose = Choose {
        account: Shown::of(account, t),
        whole: ways.whole.then(|| t.money(account.payable)),
        part: ways.part,
        least: account.least.map(|least| t.money(least)),
        how: or(asked(call, "how"), if ways.whole { "whole" } else { "part" }),
        amount: asked(call, "amount"),
        over_time: plans::on_account(call, visitor, account, t).await?.begin,
        methods,
        frame,
    };
    page::html(status, &choose)
}

async fn choose(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let account = accounts::find(&call, &visitor).await?;
    chooser(&call, &visitor, &account, Vec::new()).await
}

/// An amount as people write it: `50`, `$50.00`, `1,234.5`.
pub(crate) fn dollars(text: &str) -> Option<Cents> {
    let text = text.trim().trim_start_matches('$').trim();
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.replace(',', "");
    let is_number = (1..=9).contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_digit());
    let are_cents = cents.len() <= 2 && cents.bytes().all(|b| b.is_ascii_digit());
    let amount: i64 = format!("{whole}{cents:0<2}").parse().ok().filter(|_| is_number && are_cents)?;
    Some(Cents::new(amount)).filter(|amount| amount.is_positive())
}

/// What keeps this much from being paid on an account here.
fn against(account: &Account, amount: Cents, t: Texts) -> Option<Fault> {
    let fault = |say| Some(Fault { field: "amount", say });
    let (open, ways) = (account.payable, Ways::of(account));
    if amount > open {
        return fault(t.say1("pay-amount-above", "most", t.money(open)));
    }
    if amount < open && !ways.part {
        return fault(t.say1("pay-amount-whole", "most", t.money(open)));
    }
    match account.least.filter(|least| amount < *least && amount < open) {
        Some(least) => {
            fault(t.with("pay-amount-below", &[("least", t.money(least)), ("most", t.money(open))]))
        }
        None => None,
    }
}

#[derive(Template)]
#[template(path = "review.html")]
struct Review {
    frame: Frame,
    nonce: String,
    once: String,
    account: Shown,
    facts: Vec<(String, String)>,
    authorizes: String,
    button: String,
    cents: i64,
    method: String,
    /// Where a card is written on this page: what was written besides its numbers.
    card: Option<Written>,
}

/// What comes back to a page where a card is written: never a number of it.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) holder: String,
    pub(crate) postal_code: String,
}

/// What will happen, in words.
fn facts(account: &Account, shown: &Shown, amount: Cents, with: &str, t: Texts) -> Vec<(String, String)> {
    let mut facts = vec![
        (t.say("payment-amount"), t.money(amount)),
        (t.say("payment-with"), with.to_owned()),
        (t.say("review-when"), t.say("review-now")),
    ];
    facts.extend(shown.creditors.iter().cloned());
    facts.push((t.say("review-left"), t.money(account.debt.current_balance.minus_down_to_zero(amount))));
    facts
}

async fn review(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let account = accounts::find(&call, &visitor).await?;
    let frame = Frame::inside(&call, &visitor, "review-title");
    let t = frame.t;
    let (is_whole, written) = (asked(&call, "how") == "whole", asked(&call, "amount"));
    let amount = if is_whole { Some(account.payable) } else { dollars(&written) };
    let with = asked(&call, "with");
    let saved = saved(&call, &visitor, t).await?;
    let mut faults = Vec::new();
    match amount {
        // Whoever writes an amount and does not see that all of it is still chosen means the one they wrote.
        Some(_) if is_whole && !written.is_empty() && dollars(&written) != amount => {
            faults.push(Fault { field: "amount", say: t.say("pay-amount-both") });
        }
        None => faults.push(Fault { field: "amount", say: t.say("pay-amount-wrong") }),
        Some(amount) => faults.extend(against(&account, amount, t)),
    }
    let method = saved.iter().find(|method| method.id == with);
    if method.is_none() && with != CARD {
        faults.push(Fault { field: "with", say: t.say("pay-with-wrong") });
    }
    let Some(amount) = amount.filter(|_| faults.is_empty()) else {
        return chooser(&call, &visitor, &account, faults).await;
    };
    let Some(method) = method else {
        return Ok(page::see(&format!("{PREFIX}/tokenizer/card/{}/{}", account.debt.id, amount.get())));
    };
    let shown = Shown::of(&account, t);
    let review = Review {
        nonce: forms::nonce(&call.caller().secret),
        once: forms::new_once(&call),
        facts: facts(&account, &shown, amount, &method.say, t),
        authorizes: authorizes(&visitor, amount, &method.say, t),
        button: t.say1("review-pay", "amount", t.money(amount)),
        account: shown,
        cents: amount.get(),
        method: method.id.clone(),
        card: None,
        frame,
    };
    page::html(200, &review)
}

/// The words of what is authorized by choosing the button.
fn authorizes(visitor: &Visitor, amount: Cents, with: &str, t: Texts) -> String {
    let values = [
        ("organization", visitor.settings.name.clone()),
        ("amount", t.money(amount)),
        ("method", with.to_owned()),
    ];
    t.with("review-authorizes", &values)
}

/// Refuses more than so many declined payments of somebody in a day: whoever tests cards here soon sees nothing.
pub(crate) async fn may_try(call: &Call, visitor: &Visitor) -> Result<bool> {
    let tx = call.state.db.read().await?;
    let since = tx.now().plus_seconds(-86_400);
    let declined =
        charges::declined_since(&tx, &visitor.tenant, visitor.customer.id, "portal", since).await?;
    Ok(declined < DECLINED_A_DAY)
}

/// The request to pay this much of an account.
fn ask(account: &Account, visitor: &Visitor, once: Once, paying: Paying, amount: Cents) -> Result<Ask> {
    let debt = Ref::new(&account.debt.id.to_string()).ok_or_else(Failure::not_found)?;
    Ok(Ask {
        once: Some(once),
        debt: Some(debt),
        linked: true,
        paying,
        amount,
        scheduled_at: None,
        source: "portal",
        payer: Payer::Customer,
        description: None,
        // To the address that is known.
        receipt_to: visitor.customer.email.is_some().then(|| Secret::new(String::new())),
    })
}

/// What a refused payment is told as: a fault of what was chosen, where that can be mended.
fn told(failure: Failure, account: &Account, amount: Cents, t: Texts) -> Result<Fault> {
    let fault = |field, key| Ok(Fault { field, say: t.say(key) });
    match failure.code() {
        Some(Code::AboveBalance | Code::BelowMinimum) => match against(account, amount, t) {
            Some(fault) => Ok(fault),
            None => fault("amount", "pay-amount-changed"),
        },
        Some(Code::NotAllowedNow | Code::Blocked) => fault("amount", "pay-nothing"),
        Some(Code::PaymentMethodStopped | Code::RetryTooEarly | Code::ValidationFailed) => {
            fault("with", "pay-with-stopped")
        }
        _ => Err(failure),
    }
}

/// What was paid under the same number before.
async fn before(call: &Call, visitor: &Visitor, once: &Once) -> Result<Option<Reply>> {
    let effect = idempotency::before(&call.state.db.read().await?, &visitor.tenant, once).await?;
    let id = effect.map(|effect| effect.of("charge")).transpose()?;
    Ok(id.map(|id| page::see(&format!("{PREFIX}/payments/{id}"))))
}

async fn pay(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let t = Texts(page::language(call.headers()));
    let (cents, method) = (forms::text(&call, "cents"), forms::text(&call, "method"));
    let once = forms::once(&call, &visitor, &format!("pay {} {cents} {method}", call.param("account")))?;
    if let Some(reply) = before(&call, &visitor, &once).await? {
        return Ok(reply);
    }
    let account = accounts::find(&call, &visitor).await?;
    let amount: i64 = cents.parse().map_err(|_| Failure::not_found())?;
    let amount = Some(Cents::new(amount)).filter(|a| a.is_positive()).ok_or_else(Failure::not_found)?;
    let saved = saved(&call, &visitor, t).await?;
    let Some(method) = saved.iter().find(|one| one.id == method) else {
        let fault = Fault { field: "with", say: t.say("pay-with-stopped") };
        return chooser(&call, &visitor, &account, vec![fault]).await;
    };
    if let Some(fault) = against(&account, amount, t) {
        return chooser(&call, &visitor, &account, vec![fault]).await;
    }
    if !may_try(&call, &visitor).await? {
        return page::notice(429, Frame::inside(&call, &visitor, "pay-tried-title"), &["pay-tried"]);
    }
    let stored = Paying::Stored(Ref::new(&method.id).ok_or_else(Failure::not_found)?);
    take(&call, &visitor, (&account, amount), once, stored).await
}

/// Takes the payment, and shows how it stands.
async fn take(
    call: &Call,
    visitor: &Visitor,
    (account, amount): (&Account, Cents),
    once: Once,
    paying: Paying,
) -> Result<Reply> {
    let ask = ask(account, visitor, once.clone(), paying, amount)?;
    match call.state.till.take(&visitor.tenant, ask).await {
        Ok(taken) => Ok(page::see(&format!("{PREFIX}/payments/{}", taken.charge.id))),
        // The button was chosen twice, and the first time is still on its way: both see how that one ends.
        Err(refused) if refused.code() == Some(Code::IdempotencyInProgress) => {
            before(call, visitor, &once).await?.ok_or(refused)
        }
        Err(refused) => {
            let account = accounts::find(call, visitor).await?;
            let fault = told(refused, &account, amount, Texts(page::language(call.headers())))?;
            chooser(call, visitor, &account, vec![fault]).await
        }
    }
}

/// The amount that the path names.
fn cents(call: &Call) -> Result<Cents> {
    let cents: i64 = call.param("cents").parse().map_err(|_| Failure::not_found())?;
    Some(Cents::new(cents)).filter(|cents| cents.is_positive()).ok_or_else(Failure::not_found)
}

async fn card_page(
    call: &Call,
    visitor: &Visitor,
    account: &Account,
    amount: Cents,
    (once, written): (String, Written),
    faults: Vec<Fault>,
) -> Result<Reply> {
    let frame = Frame::inside(call, visitor, "review-title").with(faults);
    let (t, shown) = (frame.t, Shown::of(account, frame.t));
    let with = t.say("method-card");
    let status = if frame.faults.is_empty() { 200 } else { 422 };
    let review = Review {
        nonce: forms::nonce(&call.caller().secret),
        once,
        facts: facts(account, &shown, amount, &with, t),
        authorizes: authorizes(visitor, amount, &t.say("review-this-card"), t),
        button: t.say1("review-pay", "amount", t.money(amount)),
        account: shown,
        cents: amount.get(),
        method: String::new(),
        card: Some(written),
        frame,
    };
    page::html(status, &review)
}

async fn card(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (account, amount) = (accounts::find(&call, &visitor).await?, cents(&call)?);
    let t = Texts(page::language(call.headers()));
    if let Some(fault) = against(&account, amount, t) {
        return chooser(&call, &visitor, &account, vec![fault]).await;
    }
    let written = Written { holder: visitor.customer.name.clone(), postal_code: String::new() };
    let once = forms::new_once(&call);
    card_page(&call, &visitor, &account, amount, (once, written), Vec::new()).await
}

/// The card that a form holds, or what is wrong with it.
pub(crate) fn given(call: &Call, today: base::Day, t: Texts) -> std::result::Result<Given, Vec<Fault>> {
    let text = |field| Secret::new(forms::text(call, field));
    let mut faults = Vec::new();
    let mut fault = |field: &'static str, key: &str| faults.push(Fault { field, say: t.say(key) });
    let (holder, zip, code) = (forms::text(call, "holder"), forms::text(call, "zip"), text("code"));
    if holder.is_empty() || holder.chars().count() > 255 {
        fault("holder", "card-holder-wrong");
    }
    let number = CardNumber::parse(text("number").reveal());
    if number.is_none() {
        fault("number", "card-number-wrong");
    }
    let expiry = Expiry::parse(&forms::text(call, "month"), &forms::text(call, "year"));
    let expiry = expiry.filter(|expiry| !expiry.is_expired(today));
    if expiry.is_none() {
        fault("month", "card-expiry-wrong");
    }
    let fits = number.as_ref().is_none_or(|number| number.brand().fits_security_code(code.reveal()));
    if !fits || !code.reveal().bytes().all(|b| b.is_ascii_digit()) || code.reveal().len() < 3 {
        fault("code", "card-code-wrong");
    }
    let postal_code = postal_code5(&zip);
    if postal_code.is_none() {
        fault("zip", "check-zip-wrong");
    }
    match (number, expiry) {
        (Some(number), Some(expiry)) if faults.is_empty() => {
            Ok(Given::Card { number, expiry, security_code: Some(code), holder, postal_code })
        }
        _ => Err(faults),
    }
}

async fn pay_by_card(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (tenant, t) = (&visitor.tenant, Texts(page::language(call.headers())));
    let amount = cents(&call)?;
    let about = format!("pay {} {} card", call.param("account"), amount.get());
    let once = forms::once(&call, &visitor, &about)?;
    // Whatever stands in the form by now: what was paid under its number is paid.
    if let Some(reply) = before(&call, &visitor, &once).await? {
        return Ok(reply);
    }
    let account = accounts::find(&call, &visitor).await?;
    if let Some(fault) = against(&account, amount, t) {
        return chooser(&call, &visitor, &account, vec![fault]).await;
    }
    let written = || Written { holder: forms::text(&call, "holder"), postal_code: forms::text(&call, "zip") };
    let again = || (forms::text(&call, forms::ONCE), written());
    let given = match given(&call, tenant.today(call.now), t) {
        Ok(given) => given,
        Err(faults) => return card_page(&call, &visitor, &account, amount, again(), faults).await,
    };
    if !may_try(&call, &visitor).await? {
        return page::notice(429, Frame::inside(&call, &visitor, "pay-tried-title"), &["pay-tried"]);
    }
    let processor = call.state.till.processor(tenant)?.clone();
    let new = match methods::tokenize(&*processor, tenant, call.now, given).await {
        Ok(new) => new,
        Err(refused) if refused.code() == Some(Code::ValidationFailed) => {
            let fault = Fault { field: "number", say: t.say("card-number-wrong") };
            return card_page(&call, &visitor, &account, amount, again(), vec![fault]).await;
        }
        Err(failure) => return Err(failure),
    };
    take(&call, &visitor, (&account, amount), once, Paying::New(Box::new(new))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_write_it_and_nothing_else_is_one() {
        let read = |text: &str| dollars(text).map(Cents::get);
        for (text, cents) in
            [("50", 5_000), ("$50.00", 5_000), (" $ 1,234.5 ", 123_450), ("0.01", 1), (".5", 0)]
        {
            assert_eq!(read(text), (cents > 0).then_some(cents), "{text}");
        }
        for bad in ["", "0", "0.00", "-5", "5.001", "5,00.x", "1e3", "５０", "50 dollars", "1234567890"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
