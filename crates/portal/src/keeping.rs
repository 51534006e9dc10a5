//! A new card or bank account for a plan: it is written at the tokenizer's path, and kept, since a plan charges it again and again.
//!
//! Keeping it charges nothing and agrees on nothing. The words that somebody agrees to afterwards name its last four digits.

use askama::Template;
use base::{Code, Failure, Result};
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

/// What somebody writes, where they come from, and where they go on to.
pub(super) struct Keeping {
    kind: Kind,
    back: String,
    /// The kept one's id is added to its query.
    then: String,
}

#[derive(Template)]
#[template(path = "keeping.html")]
struct Page {
    frame: Frame,
    nonce: String,
    once: String,
    back: String,
    says: String,
    button: String,
    card: Option<Written>,
    bank: Option<Written>,
}

impl Keeping {
    /// The path names what is written.
    pub(super) fn of(call: &Call, back: String, then: String) -> Result<Keeping> {
        let kind = instruments::kind(call.param("kind")).ok_or_else(Failure::not_found)?;
        Ok(Keeping { kind, back, then })
    }

    fn with(&self, kept: MethodId) -> String {
        let joint = if self.then.contains('?') { '&' } else { '?' };
        format!("{}{joint}with={kept}", self.then)
    }

    /// The page on which it is written.
    pub(super) fn page(&self, call: &Call, visitor: &Visitor) -> Result<Reply> {
        if !instruments::are_taken(call, &visitor.tenant) {
            return instruments::none_taken(call, visitor);
        }
        let new = (forms::new_once(call), Written::by(&visitor.customer.name));
        self.shown(call, visitor, new, Vec::new())
    }

    /// Keeps what the form holds, once, and goes on with it.
    pub(super) async fn keep(&self, call: &Call, visitor: &Visitor) -> Result<Reply> {
        let (db, tenant, customer) = (&call.state.db, &visitor.tenant, visitor.customer.id);
        let t = Texts(page::language(call.headers()));
        let once = forms::once(call, visitor, &format!("keep {}", call.path()))?;
        let tx = db.read().await?;
        if let Some(effect) = idempotency::before(&tx, tenant, &once).await? {
            return Ok(page::see(&self.with(MethodId(effect.of("payment_method")?))));
        }
        let kept =
            methods::of_customers(&tx, tenant, [customer]).await?.remove(&customer).unwrap_or_default();
        drop(tx);
        let again = || (forms::text(call, forms::ONCE), Written::of(call));
        let given = match instruments::given(call, self.kind, tenant.today(call.now), t) {
            Ok(given) => given,
            Err(faults) => return self.shown(call, visitor, again(), faults),
        };
        let too_many =
            || page::notice(429, Frame::inside(call, visitor, "pay-tried-title"), &["card-too-many"]);
        if kept.len() >= MOST_KEPT {
            return too_many();
        }
        let processor = call.state.till.processor(tenant)?.clone();
        let new = match methods::tokenize(&*processor, tenant, call.now, given).await {
            Ok(new) => new,
            Err(refused) if refused.code() == Some(Code::ValidationFailed) => {
                return self.shown(call, visitor, again(), vec![instruments::refused(self.kind, t)]);
            }
            Err(failure) => return Err(failure),
        };
        // Keeping tries nothing; but whoever may try none any more keeps none either.
        let limits = velocity::of_payment(customer, Some(&new));
        match db.run(&Try { tenant, limits: &limits }).await {
            Err(refused) if refused.code() == Some(Code::RateLimited) => return too_many(),
            tried => tried?,
        }
        db.run(&TakeBack { tenant, limits: &limits }).await?;
        let id: MethodId = db.seams().id();
        let work = methods::Create { tenant, id, customer: Some(customer), new: &new, is_primary: None };
        let made = AtMostOnce { tenant, once: Some(&once), kind: "payment_method", object: id.0, work };
        Ok(page::see(&self.with(MethodId(db.run(&made).await?.id()))))
    }

    fn shown(
        &self,
        call: &Call,
        visitor: &Visitor,
        (once, written): (String, Written),
        faults: Vec<Fault>,
    ) -> Result<Reply> {
        let (title, says, button) = match self.kind {
            Kind::Card => ("card-title", "card-kept", "card-keep"),
            Kind::Ach => ("bank-title", "bank-kept", "bank-keep"),
        };
        let frame = Frame::inside(call, visitor, title).with(faults);
        let is_card = self.kind == Kind::Card;
        let page = Page {
            nonce: forms::nonce(&call.caller().secret),
            once,
            back: self.back.clone(),
            says: frame.t.say(says),
            button: frame.t.say(button),
            card: is_card.then(|| written.clone()),
            bank: (!is_card).then_some(written),
            frame,
        };
        page::html(if page.frame.faults.is_empty() { 200 } else { 422 }, &page)
    }
}
