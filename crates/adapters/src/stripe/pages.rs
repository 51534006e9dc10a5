//! Pages of Stripe's own: a Checkout session that sets a card or bank account up and charges nothing.
//! <https://docs.stripe.com/payments/checkout/save-and-reuse>

use base::secret::Secret;
use payments::processor::{PageAsk, TokenizeError, Tokenized};

use super::Stripe;
use super::line::{Fields, Not};
use super::objects::{Expanded, Named, Opened, Session};
use super::tokens::{Kind, is_id, unreachable};

const UNKNOWN: &str = "This page is not known, or somebody else opened it.";
const UNFINISHED: &str = "Nothing was given on the page, or it is not verified yet.";

impl Stripe {
    /// Opens a session for a customer of its own, who has no name there.
    /// <https://docs.stripe.com/api/checkout/sessions/create>
    pub(super) async fn open(&self, ask: &PageAsk) -> Result<String, TokenizeError> {
        let whose = Fields::default().with("metadata[quittance]", "holder");
        let key = format!("page-customer-{}", ask.key);
        let customer: Named = self.line.post(&["customers"], &key, whose).await.map_err(unreachable)?;
        let kind = if ask.is_card { Kind::Card } else { Kind::Bank };
        let joint = if ask.back.contains('?') { '&' } else { '?' };
        let mut form = Fields::default()
            .with("mode", "setup")
            .with("customer", &customer.id)
            .with("payment_method_types[]", kind.word())
            .with("client_reference_id", ask.opener.reveal())
            .with("success_url", format!("{}{joint}from={{CHECKOUT_SESSION_ID}}", ask.back))
            .with("cancel_url", &ask.away);
        if kind == Kind::Bank {
            // By two small deposits it would be verified days later, when nobody is there any more.
            form = form.with("payment_method_options[us_bank_account][verification_method]", "instant");
        }
        let opened: Opened = self
            .line
            .post(&["checkout", "sessions"], &format!("page-{}", ask.key), form)
            .await
            .map_err(unreachable)?;
        Ok(opened.url)
    }

    /// What was given in a session, to whoever opened it. <https://docs.stripe.com/api/checkout/sessions/retrieve>
    pub(super) async fn given(&self, id: &str, opener: &Secret<String>) -> Result<Tokenized, TokenizeError> {
        let refused = |words: &str| Err(TokenizeError::Refused(words.to_owned()));
        if !is_id(id, "cs_") {
            return refused(UNKNOWN);
        }
        let whole = Fields::default().with("expand[]", "setup_intent");
        let session: Session = match self.line.get(&["checkout", "sessions", id], whole).await {
            Ok(session) => session,
            Err(Not::Refused(_)) => return refused(UNKNOWN),
            Err(silent) => return Err(unreachable(silent)),
        };
        if session.client_reference_id.map(Secret::new).as_ref() != Some(opener) {
            return refused(UNKNOWN);
        }
        let setup = session.setup_intent.as_ref().and_then(Expanded::whole);
        let done = setup.filter(|setup| session.status == "complete" && setup.status == "succeeded");
        match done.and_then(|setup| setup.payment_method.clone()) {
            Some(method) => self.describe(&Secret::new(method)).await,
            None => refused(UNFINISHED),
        }
    }
}
