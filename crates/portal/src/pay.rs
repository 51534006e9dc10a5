//! Paying: how much and with what, then a page that says what will happen, and only then a payment.
//!
//! - Each page that can pay has a number of its own, under which the payment happens once, however often its button is chosen.
//! - What somebody authorizes is recorded in the words that their page showed: a page whose words are not the same any more is
//!   shown once more.
//! - A card or bank account that is written anew has a page of its own ([`tokenizer`](crate::tokenizer)).
//! - What the account, its status and what holds it allow is decided by the till; here it is only said beforehand.

use std::sync::Arc;

use askama::Template;
use base::db::Ids;
use base::{Cents, Failure, Ref, Result, Ts};
use books::debts::BillingType;
use books::holds::{self, Payer};
use consumer::owed::Account;
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;
use payments::authorizations::{Single, Words};
use payments::charges::till::Paying;
use payments::methods::{self, Kind};
use payments::networks::ach;

use crate::accounts::{self, Shown};
use crate::door::within;
use crate::instruments::{self, Written};
use crate::page::{self, Choice, Fault, Frame};
use crate::payments::named;
use crate::state::Portal;
use crate::taking::{Payment, before, take};
use crate::texts::Texts;
use crate::{Call, PREFIX, forms, plans};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        within(Method::GET, "/accounts/{account}/pay", choose),
        within(Method::GET, "/accounts/{account}/review", review),
        within(Method::POST, "/accounts/{account}/review", pay),
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
    kind: Kind,
    last_four: String,
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
        kind: method.kind,
        last_four: method.last_four.clone(),
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
    /// Saved ones, a new card and a new bank account.
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

/// The page on which is chosen how much is paid, and with what.
pub(crate) async fn chooser(
    call: &Call,
    visitor: &Visitor,
    account: &Account,
    faults: Vec<Fault>,
) -> Result<Reply> {
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
    let new = instruments::new_ones(call, &visitor.tenant, t);
    if saved.is_empty() && new.is_empty() {
        return instruments::none_taken(call, visitor);
    }
    let (mut methods, chosen) = (Vec::new(), asked(call, "with"));
    for (id, say) in saved.into_iter().map(|one| (one.id, one.say)).chain(new) {
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
pub(crate) fn against(account: &Account, amount: Cents, t: Texts) -> Option<Fault> {
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

/// A page that says what will happen once its button is chosen.
#[derive(Template)]
#[template(path = "review.html")]
pub(crate) struct Review {
    pub(crate) frame: Frame,
    pub(crate) nonce: String,
    pub(crate) once: String,
    pub(crate) account: Shown,
    pub(crate) facts: Vec<(String, String)>,
    /// The words that are agreed to by the button, and by what the form says which they were.
    pub(crate) authorizes: String,
    pub(crate) mark: String,
    /// Where something may be kept: the question, and the words that are agreed to by that.
    pub(crate) keeps: Option<(String, String)>,
    pub(crate) button: String,
    pub(crate) cents: i64,
    pub(crate) method: String,
    /// Where a card is written on this page: what was written besides its numbers.
    pub(crate) card: Option<Written>,
    /// The same of a bank account.
    pub(crate) bank: Option<Written>,
}

impl Review {
    /// Whether what is written is to be kept, as far as that was chosen.
    fn keeps_it(&self) -> bool {
        self.card.iter().chain(&self.bank).any(|written| written.keep)
    }
}

/// What will happen, in words; `with` is what is charged, in words, and of which kind it is.
pub(crate) fn facts(
    account: &Account,
    shown: &Shown,
    amount: Cents,
    (with, kind): (&str, Kind),
    now: Ts,
    t: Texts,
) -> Vec<(String, String)> {
    let when = match kind {
        Kind::Card => t.say("review-now"),
        Kind::Ach => t.say1("review-debited", "day", t.day(ach::settles_on(now))),
    };
    let mut facts = vec![
        (t.say("payment-amount"), t.money(amount)),
        (t.say("payment-with"), with.to_owned()),
        (t.say("review-when"), when),
    ];
    facts.extend(shown.creditors.iter().cloned());
    facts.push((t.say("review-left"), t.money(account.debt.current_balance.minus_down_to_zero(amount))));
    facts
}

/// What somebody is about to authorize: this much of an account, by something of this kind with these last digits.
pub(crate) fn single<'a>(
    call: &Call,
    visitor: &'a Visitor,
    account: &'a Account,
    amount: Cents,
    (method, last_four): (Kind, &'a str),
    t: Texts,
) -> Single<'a> {
    Single {
        settings: &visitor.settings,
        name: &visitor.customer.name,
        amount,
        method,
        last_four,
        language: t.0,
        today: visitor.tenant.today(call.now),
        reference: account.debt.id.0,
    }
}

/// Says so where a form shows other words than would be recorded now.
pub(crate) fn other_words(call: &Call, words: &Words, t: Texts) -> Option<Fault> {
    let is_same = forms::text(call, "words") == words.mark();
    (!is_same).then(|| Fault { field: "words", say: t.say("words-changed") })
}

async fn review_page(
    call: &Call,
    visitor: &Visitor,
    (account, amount, method): (&Account, Cents, &Saved),
    once: String,
    faults: Vec<Fault>,
) -> Result<Reply> {
    let mut frame = Frame::inside(call, visitor, "review-title").with(faults);
    let (t, shown) = (frame.t, Shown::of(account, frame.t));
    frame.here = match amount == account.payable {
        true => format!("{}?how=whole&with={}", call.path(), method.id),
        false => format!("{}?how=part&amount={amount}&with={}", call.path(), method.id),
    };
    let words = single(call, visitor, account, amount, (method.kind, &method.last_four), t).words();
    let status = if frame.faults.is_empty() { 200 } else { 422 };
    let review = Review {
        nonce: forms::nonce(&call.caller().secret),
        once,
        facts: facts(account, &shown, amount, (&method.say, method.kind), call.now, t),
        mark: words.mark(),
        authorizes: words.text,
        keeps: None,
        button: t.say1("review-pay", "amount", t.money(amount)),
        account: shown,
        cents: amount.get(),
        method: method.id.clone(),
        card: None,
        bank: None,
        frame,
    };
    page::html(status, &review)
}

async fn review(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let account = accounts::find(&call, &visitor).await?;
    let (how, with) = (asked(&call, "how"), asked(&call, "with"));
    if how.is_empty() && with.is_empty() {
        // Whoever comes back from another page, as that of a language, has chosen nothing wrong.
        return Ok(page::see(&format!("{PREFIX}/accounts/{}/pay", account.debt.id)));
    }
    let t = Texts(page::language(call.headers()));
    let (is_whole, written) = (how == "whole", asked(&call, "amount"));
    let amount = if is_whole { Some(account.payable) } else { dollars(&written) };
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
    if method.is_none() && instruments::kind(&with).is_none() {
        faults.push(Fault { field: "with", say: t.say("pay-with-wrong") });
    }
    let Some(amount) = amount.filter(|_| faults.is_empty()) else {
        return chooser(&call, &visitor, &account, faults).await;
    };
    match method {
        Some(method) => {
            let once = forms::new_once(&call);
            review_page(&call, &visitor, (&account, amount, method), once, Vec::new()).await
        }
        None => Ok(page::see(&format!("{PREFIX}/tokenizer/{with}/{}/{}", account.debt.id, amount.get()))),
    }
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
    let words = single(&call, &visitor, &account, amount, (method.kind, &method.last_four), t).words();
    if let Some(fault) = other_words(&call, &words, t) {
        let (about, once) = ((&account, amount, method), forms::text(&call, forms::ONCE));
        return review_page(&call, &visitor, about, once, vec![fault]).await;
    }
    let paying = Paying::Stored(Ref::new(&method.id).ok_or_else(Failure::not_found)?);
    take(&call, &visitor, Payment { account: &account, amount, once, paying, words, keep: None }).await
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
