//! Taking a payment whose button was chosen, once.
//!
//! Each is written down as a try before the till is asked ([`payments::velocity`]), and taken back where it was not declined:
//! whoever tries cards here soon sees nothing.

use base::secret::Secret;
use base::{Cents, Code, Failure, Ref, Result};
use books::holds::Payer;
use books::idempotency::{self, Once};
use consumer::owed::Account;
use consumer::sessions::Visitor;
use edge::Reply;
use payments::authorizations::{Way, Words};
use payments::charges::authorization::Given;
use payments::charges::machine::State;
use payments::charges::till::{Ask, Paying, Taken};
use payments::methods::{Keep, MethodId, NewMethod};
use payments::velocity::{self, TakeBack, Try};

use crate::page::{self, Fault, Frame};
use crate::pay::{against, chooser};
use crate::texts::Texts;
use crate::{Call, PREFIX, accounts};

/// A payment whose button was chosen.
pub(crate) struct Payment<'a> {
    pub(crate) account: &'a Account,
    pub(crate) amount: Cents,
    pub(crate) once: Once,
    pub(crate) paying: Paying,
    /// What was agreed to.
    pub(crate) words: Words,
    /// What is to be kept for the next payment.
    pub(crate) keep: Option<NewMethod>,
}

impl Payment<'_> {
    /// The request to take it.
    fn ask(&self, call: &Call, visitor: &Visitor) -> Result<Ask> {
        let debt = Ref::new(&self.account.debt.id.to_string()).ok_or_else(Failure::not_found)?;
        Ok(Ask {
            once: Some(self.once.clone()),
            debt: Some(debt),
            linked: true,
            paying: self.paying.clone(),
            amount: self.amount,
            scheduled_at: None,
            source: "portal",
            payer: Payer::Customer,
            description: None,
            // To the address that is known.
            receipt_to: visitor.customer.email.is_some().then(|| Secret::new(String::new())),
            authorized: Some(Given {
                way: Way::Web,
                text: self.words.text.clone(),
                text_version: Some(self.words.version.clone()),
                given_by: Some(visitor.customer.name.clone()).filter(|name| !name.is_empty()),
                ip_address: Some(call.from),
                recorded_by: "portal".into(),
            }),
        })
    }
}

/// Takes a payment, and shows how it stands.
pub(crate) async fn take(call: &Call, visitor: &Visitor, payment: Payment<'_>) -> Result<Reply> {
    let (tenant, db) = (&visitor.tenant, &call.state.db);
    let new = match &payment.paying {
        Paying::New(new) => Some(&**new),
        Paying::Stored(_) => None,
    };
    let limits = velocity::of_payment(visitor.customer.id, new);
    match db.run(&Try { tenant, limits: &limits }).await {
        Err(refused) if refused.code() == Some(Code::RateLimited) => {
            return page::notice(429, Frame::inside(call, visitor, "pay-tried-title"), &["pay-tried"]);
        }
        tried => tried?,
    }
    let taken = call.state.till.take(tenant, payment.ask(call, visitor)?).await;
    if !matches!(&taken, Ok(Taken { charge, .. }) if charge.state == State::Declined) {
        db.run(&TakeBack { tenant, limits: &limits }).await?;
    }
    match taken {
        Ok(Taken { charge, before }) => {
            let is_good = !before && charge.state != State::Declined;
            if let Some(new) = payment.keep.as_ref().filter(|_| is_good) {
                let (id, customer): (MethodId, _) = (db.seams().id(), visitor.customer.id);
                db.run(&Keep { tenant, id, customer, new }).await?;
            }
            Ok(page::see(&format!("{PREFIX}/payments/{}", charge.id)))
        }
        // The button was chosen twice, and the first time is still on its way: both see how that one ends.
        Err(refused) if refused.code() == Some(Code::IdempotencyInProgress) => {
            before(call, visitor, &payment.once).await?.ok_or(refused)
        }
        Err(refused) => {
            let account = accounts::find(call, visitor).await?;
            let fault = told(refused, &account, payment.amount, Texts(page::language(call.headers())))?;
            chooser(call, visitor, &account, vec![fault]).await
        }
    }
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
        Some(
            Code::PaymentMethodStopped | Code::CardNotAccepted | Code::RetryTooEarly | Code::ValidationFailed,
        ) => fault("with", "pay-with-stopped"),
        _ => Err(failure),
    }
}

/// What was paid under the same number before.
pub(crate) async fn before(call: &Call, visitor: &Visitor, once: &Once) -> Result<Option<Reply>> {
    let effect = idempotency::before(&call.state.db.read().await?, &visitor.tenant, once).await?;
    let id = effect.map(|effect| effect.of("charge")).transpose()?;
    Ok(id.map(|id| page::see(&format!("{PREFIX}/payments/{id}"))))
}
