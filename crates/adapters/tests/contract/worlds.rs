//! The worlds in which the contract is kept: each is a processor, what is behind it, and a clock.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adapters::authorize_net::AuthorizeNet;
use adapters::processor::{InProcess, Remote};
use adapters::stripe::Stripe;
use base::{Cents, Ts, secret::Secret};
use payments::processor::{Answer, Lookup, Metadata, Order, Processor, Record, RefundOrder, Trace};
use sandbox::magic::{Does, SCENARIOS};
use sandbox::{Service, Settings, http::Door};
use tokio::net::TcpListener;

use crate::{authorize_net_end, stripe_end};

/// A processor and what is behind it.
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) p: Box<dyn Processor>,
    now: Cell<Ts>,
    behind: Behind,
}

enum Behind {
    Sandbox(Service),
    Stripe(stripe_end::End),
    AuthorizeNet(authorize_net_end::End),
}

/// A decline that a world knows, by the token that brings it about.
pub(crate) struct Expected {
    pub(crate) token: Secret<String>,
    pub(crate) code: Option<&'static str>,
    pub(crate) network: Option<&'static str>,
    pub(crate) advice: Option<&'static str>,
}

impl World {
    /// The instant it is.
    pub(crate) fn now(&self) -> Ts {
        self.now.get()
    }

    /// Lets time go on, and what is due happen.
    pub(crate) fn later(&self, seconds: i64) {
        self.now.set(self.now().plus_seconds(seconds));
        match &self.behind {
            Behind::Sandbox(_) => {}
            Behind::Stripe(end) => end.move_to(self.now()),
            Behind::AuthorizeNet(end) => end.move_to(self.now()),
        }
    }

    /// Whether the same key gives the same answer at all, for whatever time.
    pub(crate) fn has_keys(&self) -> bool {
        self.p.capabilities().idempotency_seconds != Some(0)
    }

    /// A token by what it does, in the sandbox's words.
    pub(crate) async fn token(&self, does: &str) -> Secret<String> {
        match &self.behind {
            Behind::Sandbox(_) => Secret::new(format!("tok_{does}")),
            Behind::Stripe(_) => {
                let method = match does {
                    "bank" => "pm_usBankAccount_success".to_owned(),
                    "bank_r01" => "pm_usBankAccount_insufficientFunds".to_owned(),
                    "bank_r10" => "pm_usBankAccount_debitNotAuthorized".to_owned(),
                    "chargeback" => "pm_card_createDispute".to_owned(),
                    other => format!("pm_card_{other}"),
                };
                self.inspected(&method).await
            }
            Behind::AuthorizeNet(_) => self.inspected(&format!("{NONCE}:{does}")).await,
        }
    }

    async fn inspected(&self, token: &str) -> Secret<String> {
        self.p.inspect(self.now(), &Secret::new(token.to_owned())).await.unwrap().token
    }

    pub(crate) async fn order(&self, key: &str, does: &str, cents: i64) -> Order {
        Order { token: self.token(does).await, ..order(key, "", cents) }
    }

    /// How often money moved under the key of a charge, by the books behind the processor.
    pub(crate) fn charges(&self, key: &str) -> u64 {
        match &self.behind {
            Behind::Sandbox(service) => service.stats().keys.get(key).map_or(0, |one| one.charges),
            Behind::Stripe(end) => end.book(|book| book.charges(key)).try_into().unwrap(),
            Behind::AuthorizeNet(end) => end.book(|book| book.charges(key)).try_into().unwrap(),
        }
    }

    /// Every decline there is.
    pub(crate) async fn declines(&self) -> Vec<Expected> {
        let mut all = Vec::new();
        match &self.behind {
            Behind::Sandbox(_) => {
                for scenario in SCENARIOS {
                    let Does::Decline(why) = scenario.does else { continue };
                    let token = self.token(scenario.name).await;
                    all.push(Expected {
                        token,
                        code: Some(why.code),
                        network: why.network,
                        advice: why.advice,
                    });
                }
            }
            Behind::Stripe(_) => {
                for why in stripe_end::DECLINES {
                    let token = self.inspected(&format!("pm_decline_{}", why.word)).await;
                    all.push(Expected { token, code: None, network: why.network, advice: why.advice });
                }
            }
            Behind::AuthorizeNet(_) => {
                for (reason, network) in authorize_net_end::DECLINES {
                    let token = self.token(&format!("decline_{reason}")).await;
                    all.push(Expected { token, code: None, network: Some(network), advice: None });
                }
            }
        }
        all
    }
}

/// What a nonce of Accept.js's is one of.
pub(crate) const NONCE: &str = "COMMON.ACCEPT.INAPP.PAYMENT";

/// Tells a story in every world.
pub(crate) async fn in_all(story: impl AsyncFn(&World)) {
    let inside = service();
    let p = Box::new(InProcess::new(inside.clone()));
    story(&World { name: "sandbox", p, now: Cell::new(now()), behind: Behind::Sandbox(inside) }).await;
    let far = service();
    let p = Box::new(served(far.clone()).await);
    story(&World { name: "sandbox over HTTP", p, now: Cell::new(now()), behind: Behind::Sandbox(far) }).await;
    let (p, end) = stripe().await;
    let p = Box::new(p);
    story(&World { name: "Stripe", p, now: Cell::new(now()), behind: Behind::Stripe(end) }).await;
    let (p, end) = authorize_net().await;
    let (p, behind) = (Box::new(p), Behind::AuthorizeNet(end));
    story(&World { name: "Authorize.net", p, now: Cell::new(now()), behind }).await;
}

/// Stripe, and its other end.
pub(crate) async fn stripe() -> (Stripe, stripe_end::End) {
    let end = stripe_end::End::start(now()).await;
    let key = Secret::new(stripe_end::KEY.to_owned());
    (Stripe::new(&end.address, key, Duration::from_secs(2)).unwrap(), end)
}

/// Authorize.net, and its other end.
pub(crate) async fn authorize_net() -> (AuthorizeNet, authorize_net_end::End) {
    let end = authorize_net_end::End::start(now()).await;
    let secret = |text: &str| Secret::new(text.to_owned());
    let (login, key) = (secret(authorize_net_end::LOGIN), secret(authorize_net_end::KEY));
    (AuthorizeNet::new(&end.address, login, key, Duration::from_secs(2)).unwrap(), end)
}

pub(crate) fn now() -> Ts {
    Ts::parse("2026-11-20T13:37:00Z").unwrap()
}

pub(crate) fn service() -> Service {
    let next = AtomicU64::new(1);
    let random: sandbox::Random = Arc::new(move |bytes| {
        let n = next.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(n.iter().cycle()).for_each(|(b, n)| *b = *n);
    });
    let settings = Settings { slow: Duration::from_millis(20), ..Settings::in_memory() };
    Service::open(settings, random).unwrap()
}

pub(crate) async fn served(service: Service) -> Remote {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let door = Door { secret: Some("sesame".into()), ..Door::default() };
    tokio::spawn(sandbox::http::serve(listener, service, door, std::future::pending()));
    Remote::new(&address, Some(Secret::new("sesame".into())), Duration::from_secs(2)).unwrap()
}

pub(crate) fn order(key: &str, token: &str, cents: i64) -> Order {
    let (token, amount) = (Secret::new(token.to_owned()), Cents::new(cents));
    Order { key: key.into(), token, amount, description: None, metadata: marked(key) }
}

/// What is written on everything that is made under a key.
pub(crate) fn marked(key: &str) -> Metadata {
    Metadata::from([("of".to_owned(), format!("ours {key}"))])
}

pub(crate) fn back(key: &str, charge_key: &str, amount: Cents) -> RefundOrder {
    RefundOrder { key: key.into(), charge: trace(charge_key), amount, metadata: marked(key) }
}

/// What is known of what was made under a key, in a story: that it was made since that began.
pub(crate) fn trace(key: &str) -> Trace {
    Trace::of_key(key, now())
}

/// The same of what was done with a charge.
pub(crate) fn trace_of(key: &str, charge_key: &str) -> Trace {
    Trace { of: Some(Box::new(trace(charge_key))), ..trace(key) }
}

pub(crate) async fn found(p: &dyn Processor, at: Ts, key: &str) -> Record {
    found_by(p, at, &trace(key)).await
}

pub(crate) async fn found_by(p: &dyn Processor, at: Ts, what: &Trace) -> Record {
    match p.lookup(at, what).await {
        Lookup::Found(record) => record,
        other => panic!("{what:?}: {other:?}"),
    }
}

pub(crate) fn code(answer: &Answer) -> &str {
    match answer {
        Answer::Succeeded { .. } => "succeeded",
        Answer::Accepted { .. } => "accepted",
        Answer::Declined { decline, .. } => &decline.code,
        Answer::Unknown { .. } => "unknown",
    }
}
