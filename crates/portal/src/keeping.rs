//! A new card or bank account that is kept: for a plan, which charges it again and again, it is written at the tokenizer's path; and
//! where the processor takes none from us it is given on a page of the processor's own, for a plan as for a single payment.
//!
//! Keeping it charges nothing and agrees on nothing. The words that somebody agrees to afterwards name its last four digits.

use askama::Template;
use base::secret::Secret;
use base::vault::{hex, mac};
use base::{Code, Failure, Result};
use books::idempotency::{self, AtMostOnce, Once};
use consumer::sessions::Visitor;
use edge::Reply;
use payments::methods::{self, Kind, MethodId, NewMethod};
use payments::processor::PageAsk;
use payments::velocity::{self, TakeBack, Try};

use crate::instruments::{self, How, Written};
use crate::page::{self, Fault, Frame};
use crate::texts::Texts;
use crate::{Call, forms};

/// How many cards and bank accounts of somebody are kept at most before no more are taken here.
const MOST_KEPT: usize = 20;

/// What somebody writes, where they come from, and where they go on to.
pub(crate) struct Keeping {
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

#[derive(Template)]
#[template(path = "elsewhere.html")]
struct Elsewhere {
    frame: Frame,
    back: String,
    says: String,
    go: String,
}

fn too_many(call: &Call, visitor: &Visitor) -> Result<Reply> {
    page::notice(429, Frame::inside(call, visitor, "pay-tried-title"), &["card-too-many"])
}

/// By what the processor knows the browser that opened a page of its own.
fn opener(call: &Call) -> Secret<String> {
    Secret::new(hex(&mac(call.caller().secret.reveal().as_bytes(), &[b"page"])[..16]))
}

impl Keeping {
    /// What is kept for another purpose: the path names the kind.
    pub(crate) fn of_kind(kind: Kind, back: String, then: String) -> Keeping {
        Keeping { kind, back, then }
    }

    /// The path names what is written.
    pub(crate) fn of(call: &Call, back: String, then: String) -> Result<Keeping> {
        let kind = instruments::kind(call.param("kind")).ok_or_else(Failure::not_found)?;
        Ok(Keeping { kind, back, then })
    }

    fn with(&self, kept: MethodId) -> String {
        let joint = if self.then.contains('?') { '&' } else { '?' };
        format!("{}{joint}with={kept}", self.then)
    }

    /// The page on which it is written, or which leads to the processor's own and is come back to from there.
    pub(crate) async fn page(&self, call: &Call, visitor: &Visitor) -> Result<Reply> {
        match instruments::how(call, &visitor.tenant, self.kind) {
            Some(How::Here) => {
                let new = (forms::new_once(call), Written::by(&visitor.customer.name));
                self.shown(call, visitor, new, Vec::new())
            }
            Some(How::Elsewhere) => match (call.query["from"].as_str(), call.query["go"].as_str()) {
                (Some(page), _) => self.given(call, visitor, page).await,
                (None, Some(_)) => self.opens(call, visitor).await,
                (None, None) => self.leads(call, visitor, Vec::new()),
            },
            None => instruments::none_taken(call, visitor),
        }
    }

    /// Says that it is given on a page of the processor's, and leads there.
    fn leads(&self, call: &Call, visitor: &Visitor, faults: Vec<Fault>) -> Result<Reply> {
        let (title, says) = match self.kind {
            Kind::Card => ("card-title", "elsewhere-card"),
            Kind::Ach => ("bank-title", "elsewhere-bank"),
        };
        let frame = Frame::inside(call, visitor, title).with(faults);
        let here = self.here(call);
        let joint = if here.contains('?') { '&' } else { '?' };
        let page = Elsewhere {
            back: self.back.clone(),
            says: frame.t.say(says),
            go: format!("{here}{joint}go=1"),
            frame,
        };
        page::html(if page.frame.faults.is_empty() { 200 } else { 422 }, &page)
    }

    /// This page, with what it was asked besides where somebody is on their way.
    fn here(&self, call: &Call) -> String {
        let asked =
            call.raw_query().split('&').filter(|pair| !pair.starts_with("go=") && !pair.starts_with("from="));
        let asked: Vec<&str> = asked.filter(|pair| !pair.is_empty()).collect();
        let query = asked.join("&");
        let whole =
            if query.is_empty() { call.path().to_owned() } else { format!("{}?{query}", call.path()) };
        forms::path_here(&whole).unwrap_or(call.path()).to_owned()
    }

    /// Opens a page of the processor's, and leads there. How often somebody may is counted as tries are.
    async fn opens(&self, call: &Call, visitor: &Visitor) -> Result<Reply> {
        let (tenant, customer) = (&visitor.tenant, visitor.customer.id);
        let limits = velocity::of_payment(customer, None);
        match call.state.db.run(&Try { tenant, limits: &limits }).await {
            Err(refused) if refused.code() == Some(Code::RateLimited) => return too_many(call, visitor),
            tried => tried?,
        }
        let here = format!("{}{}", call.state.public_url, self.here(call));
        let ask = PageAsk {
            key: forms::new_once(call),
            is_card: self.kind == Kind::Card,
            opener: opener(call),
            back: here.clone(),
            away: here,
        };
        let processor = call.state.till.processor(tenant)?.clone();
        Ok(page::see(&methods::open_page(&*processor, call.now, &ask).await?))
    }

    /// Keeps what was given on a page of the processor's, once, and goes on with it.
    async fn given(&self, call: &Call, visitor: &Visitor, page: &str) -> Result<Reply> {
        let (db, tenant) = (&call.state.db, &visitor.tenant);
        let t = Texts(page::language(call.headers()));
        let fingerprint = tenant.key.fingerprint(page.as_bytes());
        let once = Once { key: format!("portal/{}/page {page}", visitor.customer.id), fingerprint };
        if let Some(effect) = idempotency::before(&db.read().await?, tenant, &once).await? {
            return Ok(page::see(&self.with(MethodId(effect.of("payment_method")?))));
        }
        let processor = call.state.till.processor(tenant)?.clone();
        let nothing = || vec![Fault { field: "main", say: t.say("elsewhere-nothing") }];
        match methods::given_on_page(&*processor, tenant, call.now, page, &opener(call)).await {
            Ok(new) if new.kind == self.kind => self.kept(call, visitor, &once, &new).await,
            Ok(_) => self.leads(call, visitor, nothing()),
            Err(refused) if refused.code() == Some(Code::ValidationFailed) => {
                self.leads(call, visitor, nothing())
            }
            Err(refused) if refused.code() == Some(Code::CardNotAccepted) => {
                self.leads(call, visitor, vec![Fault { field: "main", say: t.say("card-not-taken") }])
            }
            Err(failure) => Err(failure),
        }
    }

    /// Keeps what the form holds, once, and goes on with it.
    pub(crate) async fn keep(&self, call: &Call, visitor: &Visitor) -> Result<Reply> {
        let (db, tenant) = (&call.state.db, &visitor.tenant);
        let t = Texts(page::language(call.headers()));
        let once = forms::once(call, visitor, &format!("keep {}", call.path()))?;
        let tx = db.read().await?;
        if let Some(effect) = idempotency::before(&tx, tenant, &once).await? {
            return Ok(page::see(&self.with(MethodId(effect.of("payment_method")?))));
        }
        drop(tx);
        let again = || (forms::text(call, forms::ONCE), Written::of(call));
        let given = match instruments::given(call, self.kind, tenant.today(call.now), t) {
            Ok(given) => given,
            Err(faults) => return self.shown(call, visitor, again(), faults),
        };
        let processor = call.state.till.processor(tenant)?.clone();
        let new = match methods::tokenize(&*processor, tenant, call.now, given).await {
            Ok(new) => new,
            Err(failure) => match instruments::refused(self.kind, &failure, t) {
                Some(fault) => return self.shown(call, visitor, again(), vec![fault]),
                None => return Err(failure),
            },
        };
        self.kept(call, visitor, &once, &new).await
    }

    /// Keeps it for its customer, and goes on with it.
    async fn kept(&self, call: &Call, visitor: &Visitor, once: &Once, new: &NewMethod) -> Result<Reply> {
        let (db, tenant, customer) = (&call.state.db, &visitor.tenant, visitor.customer.id);
        let tx = db.read().await?;
        let kept = methods::of_customers(&tx, tenant, [customer]).await?.remove(&customer);
        drop(tx);
        if kept.unwrap_or_default().len() >= MOST_KEPT {
            return too_many(call, visitor);
        }
        // Keeping tries nothing; but whoever may try none any more keeps none either.
        let limits = velocity::of_payment(customer, Some(new));
        match db.run(&Try { tenant, limits: &limits }).await {
            Err(refused) if refused.code() == Some(Code::RateLimited) => return too_many(call, visitor),
            tried => tried?,
        }
        db.run(&TakeBack { tenant, limits: &limits }).await?;
        let id: MethodId = db.seams().id();
        let work = methods::Create { tenant, id, customer: Some(customer), new, is_primary: None };
        let made = AtMostOnce { tenant, once: Some(once), kind: "payment_method", object: id.0, work };
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
