//! The seam: what the till asks of a processor, answered from this database.

use std::sync::Arc;

use base::db::Db;
use base::secret::Secret;
use base::{Result, Ts};
use books::orgs::Tenants;
use payments::processor::{
    About, Answer, Capabilities, Instrument, Later, Lookup, Order, Page, Processor, RefundOrder,
    TokenizeError, Tokenized, Trace, Unreachable,
};

use crate::account::Account;
use crate::queue::{Credit, Debit, Queued, TakeBack, decline};
use crate::records;

/// Bank debits by file, as a processor. Cheap to clone.
#[derive(Clone)]
pub struct Rail {
    pub(crate) db: Db,
    pub(crate) tenants: Arc<Tenants>,
}

impl Rail {
    /// Over this database.
    pub fn new(db: Db, tenants: Arc<Tenants>) -> Rail {
        Rail { db, tenants }
    }

    /// Whether a token is of an account that is debited by file.
    pub fn is_ours(token: &Secret<String>) -> bool {
        Account::is_ours(token)
    }

    /// Whether an entry was ordered, or taken back, under a key.
    pub async fn knows(&self, key: &str) -> Result<bool> {
        let found = records::look(&self.db.read().await?, key).await?;
        Ok(matches!(found, Lookup::Found(_)))
    }

    async fn debit(&self, order: &Order) -> Answer {
        let Some(account) = Account::parse(&order.token) else {
            let why = decline("unknown_token", "This bank account is not known.");
            return Answer::Declined { processor_id: None, decline: why };
        };
        let queued = self.db.run(&Debit { tenants: &self.tenants, order, account: &account }).await;
        answer(queued, true)
    }
}

/// What came of an order. A debit is only taken by then; a credit or what was taken back is done as far as the seam knows: it
/// comes back, where it does, as any refund may.
fn answer(queued: Result<Queued>, is_debit: bool) -> Answer {
    match queued {
        Ok(Queued::Entry(id)) if is_debit => Answer::Accepted { processor_id: id.to_string() },
        Ok(Queued::Entry(id)) => Answer::Succeeded { processor_id: id.to_string() },
        Ok(Queued::Refused(why)) => Answer::Declined { processor_id: None, decline: why },
        Ok(Queued::Other) => Answer::Unknown { why: "another order stands under this key".into() },
        Err(failure) => Answer::Unknown { why: failure.chain() },
    }
}

fn described(account: &Account) -> Tokenized {
    let about = About::Bank { routing_number: account.routing.clone(), last_four: account.last_four() };
    Tokenized { token: account.token(), about }
}

impl Processor for Rail {
    fn capabilities(&self) -> Capabilities {
        Capabilities { idempotency_seconds: None, lookup: true, list: true, void: true }
    }

    fn takes_cards(&self) -> bool {
        false
    }

    fn tokenize<'a>(
        &'a self,
        _now: Ts,
        instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        let made = Account::of(instrument).map(|account| described(&account));
        Box::pin(async move { made.map_err(|words| TokenizeError::Refused(words.into())) })
    }

    /// Refuses: a token of ours is a whole account, which callers give as such.
    fn inspect<'a>(
        &'a self,
        _now: Ts,
        _token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        let words = "A bank account is given by its routing and account number (ach[account_number]).";
        Box::pin(async move { Err(TokenizeError::Refused(words.into())) })
    }

    fn submit<'a>(&'a self, _now: Ts, order: &'a Order) -> Later<'a, Answer> {
        Box::pin(self.debit(order))
    }

    fn refund<'a>(&'a self, _now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(async move { answer(self.db.run(&Credit { tenants: &self.tenants, order }).await, false) })
    }

    fn void<'a>(&'a self, _now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        let take_back = TakeBack { key, charge_key: &charge.key };
        Box::pin(async move { answer(self.db.run(&take_back).await, false) })
    }

    fn lookup<'a>(&'a self, _now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        let look = async move { records::look(&self.db.read().await?, &what.key).await };
        Box::pin(async move { look.await.unwrap_or_else(|failure| Lookup::Unreachable(failure.chain())) })
    }

    fn list_since<'a>(
        &'a self,
        _now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        let list = async move { records::list(&self.db.read().await?, since, after.as_deref()).await };
        Box::pin(async move { list.await.map_err(|failure| Unreachable(failure.chain())) })
    }
}
