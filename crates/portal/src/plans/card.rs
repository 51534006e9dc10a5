//! A new card for a plan: it is written at the tokenizer's path, and kept, since a plan charges it again and again.
//!
//! Keeping it charges nothing and agrees on nothing. The words that somebody agrees to afterwards name its last four digits.

use askama::Template;
use base::{Code, Result};
use books::idempotency::{self, AtMostOnce};
use consumer::sessions::Visitor;
use edge::Reply;
use payments::methods::{self, Kind, MethodId};
use payments::velocity::{self, TakeBack, Try};

use crate::instruments::{self, Written};
use crate::page::{self, Fault, Frame};
use crate::texts::Texts;
use crate::{Call, forms};

/// How many cards and bank accounts of somebody are kept at most before no more are taken here.
const MOST_KEPT: usize = 20;

/// Where somebody comes from who writes a card, and where they go on to.
pub(super) struct Keeping {
    pub(super) back: String,
    /// With a query; the kept card's id is added to it.
    pub(super) then: String,
}

impl Keeping {
    fn with(&self, kept: MethodId) -> String {
        let joint = if self.then.contains('?') { '&' } else { '?' };
        format!("{}{joint}with={kept}", self.then)
    }
}

#[derive(Template)]
#[template(path = "card.html")]
struct Page {
    frame: Frame,
    nonce: String,
    once: String,
    back: String,
    card: Written,
}

fn page_with(
    call: &Call,
    visitor: &Visitor,
    keeping: &Keeping,
    (once, card): (String, Written),
    faults: Vec<Fault>,
) -> Result<Reply> {
    let frame = Frame::inside(call, visitor, "card-title").with(faults);
    let status = if frame.faults.is_empty() { 200 } else { 422 };
    let nonce = forms::nonce(&call.caller().secret);
    page::html(status, &Page { frame, nonce, once, back: keeping.back.clone(), card })
}

/// The page on which a card is written.
pub(super) fn page_of(call: &Call, visitor: &Visitor, keeping: &Keeping) -> Result<Reply> {
    if !instruments::are_taken(call, &visitor.tenant) {
        return instruments::none_taken(call, visitor);
    }
    let card = Written::by(&visitor.customer.name);
    page_with(call, visitor, keeping, (forms::new_once(call), card), Vec::new())
}

/// Keeps the card that the form holds, once, and goes on with it.
pub(super) async fn keep(call: &Call, visitor: &Visitor, keeping: &Keeping) -> Result<Reply> {
    let (db, tenant, customer) = (&call.state.db, &visitor.tenant, visitor.customer.id);
    let t = Texts(page::language(call.headers()));
    let once = forms::once(call, visitor, &format!("keep card {}", call.path()))?;
    let tx = db.read().await?;
    if let Some(effect) = idempotency::before(&tx, tenant, &once).await? {
        return Ok(page::see(&keeping.with(MethodId(effect.of("payment_method")?))));
    }
    let kept = methods::of_customers(&tx, tenant, [customer]).await?.remove(&customer).unwrap_or_default();
    drop(tx);
    let again = || (forms::text(call, forms::ONCE), Written::of(call));
    let given = match instruments::given(call, Kind::Card, tenant.today(call.now), t) {
        Ok(given) => given,
        Err(faults) => return page_with(call, visitor, keeping, again(), faults),
    };
    let too_many = || page::notice(429, Frame::inside(call, visitor, "pay-tried-title"), &["card-too-many"]);
    if kept.len() >= MOST_KEPT {
        return too_many();
    }
    let processor = call.state.till.processor(tenant)?.clone();
    let new = match methods::tokenize(&*processor, tenant, call.now, given).await {
        Ok(new) => new,
        Err(refused) if refused.code() == Some(Code::ValidationFailed) => {
            return page_with(call, visitor, keeping, again(), vec![instruments::refused(Kind::Card, t)]);
        }
        Err(failure) => return Err(failure),
    };
    // Keeping a card tries nothing; but whoever may try none any more keeps none either.
    let limits = velocity::of_payment(customer, Some(&new));
    match db.run(&Try { tenant, limits: &limits }).await {
        Err(refused) if refused.code() == Some(Code::RateLimited) => return too_many(),
        tried => tried?,
    }
    db.run(&TakeBack { tenant, limits: &limits }).await?;
    let id: MethodId = db.seams().id();
    let work = methods::Create { tenant, id, customer: Some(customer), new: &new, is_primary: None };
    let made = AtMostOnce { tenant, once: Some(&once), kind: "payment_method", object: id.0, work };
    Ok(page::see(&keeping.with(MethodId(db.run(&made).await?.id()))))
}
