//! Two processors as one: bank accounts by file, cards by somebody else.

use std::sync::Arc;

use base::Ts;
use base::secret::Secret;
use payments::processor::{
    Answer, Capabilities, Instrument, Later, Lookup, Order, Page, PageAsk, Processor, RefundOrder,
    TokenizeError, Tokenized, Trace, Unreachable,
};

use crate::processor::Rail;

/// By what a place in the list of entries begins; all others are the card processor's.
const ENTRIES: &str = "ach:";
const CARDS: &str = "cards:";

/// Bank accounts by file, and cards by another processor, where there is one.
pub struct Beside {
    rail: Rail,
    cards: Option<Arc<dyn Processor>>,
}

impl Beside {
    /// These two.
    pub fn new(rail: Rail, cards: Option<Arc<dyn Processor>>) -> Beside {
        Beside { rail, cards }
    }

    /// Whoever something was ordered from under a key: the files, unless they know nothing of it.
    async fn of_key(&self, key: &str) -> Result<&dyn Processor, String> {
        match self.rail.knows(key).await {
            Ok(true) => Ok(&self.rail),
            Ok(false) => Ok(self.cards.as_deref().unwrap_or(&self.rail)),
            Err(failure) => Err(failure.chain()),
        }
    }
}

fn no_cards() -> TokenizeError {
    TokenizeError::Refused("No card can be taken: only bank accounts.".into())
}

impl Processor for Beside {
    /// What both can do.
    fn capabilities(&self) -> Capabilities {
        let rail = self.rail.capabilities();
        let Some(cards) = self.cards.as_ref().map(|cards| cards.capabilities()) else { return rail };
        let shorter = [rail.idempotency_seconds, cards.idempotency_seconds].into_iter().flatten().min();
        Capabilities {
            idempotency_seconds: shorter,
            lookup: rail.lookup && cards.lookup,
            list: rail.list && cards.list,
            void: rail.void && cards.void,
        }
    }

    fn takes_cards(&self) -> bool {
        self.cards.as_ref().is_some_and(|cards| cards.takes_cards())
    }

    fn has_pages(&self) -> bool {
        self.cards.as_ref().is_some_and(|cards| cards.has_pages())
    }

    fn open_page<'a>(&'a self, now: Ts, ask: &'a PageAsk) -> Later<'a, Result<String, TokenizeError>> {
        match &self.cards {
            Some(cards) => cards.open_page(now, ask),
            None => Box::pin(async { Err(no_cards()) }),
        }
    }

    fn given_on_page<'a>(
        &'a self,
        now: Ts,
        page: &'a str,
        opener: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        match &self.cards {
            Some(cards) => cards.given_on_page(now, page, opener),
            None => Box::pin(async { Err(no_cards()) }),
        }
    }

    fn tokenize<'a>(
        &'a self,
        now: Ts,
        instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        match (instrument, &self.cards) {
            (Instrument::Bank { .. }, _) => self.rail.tokenize(now, instrument),
            (Instrument::Card { .. }, Some(cards)) => cards.tokenize(now, instrument),
            (Instrument::Card { .. }, None) => Box::pin(async { Err(no_cards()) }),
        }
    }

    fn inspect<'a>(
        &'a self,
        now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        match &self.cards {
            Some(cards) if !Rail::is_ours(token) => cards.inspect(now, token),
            _ => self.rail.inspect(now, token),
        }
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        match &self.cards {
            Some(cards) if !Rail::is_ours(&order.token) => cards.submit(now, order),
            _ => self.rail.submit(now, order),
        }
    }

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(async move {
            match self.of_key(&order.charge.key).await {
                Ok(processor) => processor.refund(now, order).await,
                Err(why) => Answer::Unknown { why },
            }
        })
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        Box::pin(async move {
            match self.of_key(&charge.key).await {
                Ok(processor) => processor.void(now, key, charge).await,
                Err(why) => Answer::Unknown { why },
            }
        })
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(async move {
            match self.of_key(&what.key).await {
                Ok(processor) => processor.lookup(now, what).await,
                Err(why) => Lookup::Unreachable(why),
            }
        })
    }

    /// Entries first, then what the card processor has.
    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move {
            let place =
                |prefix: &str| after.as_deref().and_then(|at| at.strip_prefix(prefix)).map(str::to_owned);
            let named = |prefix: &str, cursor: Option<String>| cursor.map(|at| format!("{prefix}{at}"));
            if let Some(at) = place(CARDS) {
                let Some(cards) = &self.cards else {
                    return Ok(Page { records: Vec::new(), cursor: None });
                };
                let page = cards.list_since(now, since, Some(at).filter(|at| !at.is_empty())).await?;
                return Ok(Page { cursor: named(CARDS, page.cursor), ..page });
            }
            let page = self.rail.list_since(now, since, place(ENTRIES)).await?;
            let cards_next = self.cards.is_some().then(|| CARDS.to_owned());
            Ok(Page { cursor: named(ENTRIES, page.cursor).or(cards_next), ..page })
        })
    }
}
