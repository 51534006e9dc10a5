//! Those who ask for things: what they ask, how they ask again, and what they were told, which must stay true.

use std::collections::BTreeMap;

use base::db::Db;
use base::ids::Uuid;
use base::{Cents, Code, Day, Ref, Result, Ts};
use books::debts::{self, DebtId};
use books::idempotency::Once;
use books::orgs::Tenant;
use futures_util::FutureExt as _;
use payments::charges::claims::Cancel;
use payments::charges::machine::State;
use payments::charges::till::{Ask, Paying, Till};
use payments::charges::{Back, ChargeId};
use payments::methods::MethodId;
use tokio::task::JoinHandle;

use super::chronicle::Chronicle;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Charge { debt: Option<DebtId>, method: MethodId, amount: i64, linked: bool, day: Option<Day> },
    Refund { charge: ChargeId, amount: Option<i64> },
    Cancel { charge: ChargeId },
    Sync { charge: ChargeId },
    Adjust { debt: DebtId, to: i64 },
}

/// A request, which may be sent more than once.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) house: usize,
    pub(crate) what: What,
    pub(crate) key: Option<String>,
    /// How often it may still be sent.
    pub(crate) tries: u32,
    /// What it made, as far as its sender knows.
    made: Option<Uuid>,
    /// Whether an answer came that needs no other.
    pub(crate) settled: bool,
}

/// What a request was told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Charge { id: ChargeId, state: State, amount: i64, before: bool },
    Refund { id: Uuid, state: &'static str, before: bool },
    Done,
}

struct Running {
    request: usize,
    told: JoinHandle<Result<Told>>,
}

/// What callers were told of a charge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promise {
    pub(crate) house: usize,
    /// That the money came: so much.
    pub(crate) paid: Option<i64>,
    /// That nothing moved, and nothing will.
    pub(crate) declined: bool,
    pub(crate) canceled: bool,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Clients {
    pub(crate) requests: Vec<Request>,
    running: Vec<Running>,
    /// Charges somebody was told of, in the order in which they were.
    pub(crate) known: Vec<(usize, ChargeId)>,
    pub(crate) promises: BTreeMap<ChargeId, Promise>,
}

/// What to do after an answer.
pub(crate) struct Ended {
    pub(crate) request: usize,
    /// The same request is to be sent again.
    pub(crate) again: bool,
    /// What was heard, in words.
    pub(crate) heard: String,
    /// What must not be.
    pub(crate) wrong: Option<String>,
}

impl Clients {
    /// A new request; its number.
    pub(crate) fn new_request(&mut self, house: usize, what: What, key: Option<String>, tries: u32) -> usize {
        self.requests.push(Request { house, what, key, tries, made: None, settled: false });
        self.requests.len() - 1
    }

    /// A request is on its way.
    pub(crate) fn running(&mut self, request: usize, told: JoinHandle<Result<Told>>) {
        self.running.push(Running { request, told });
    }

    /// Those whose wait has ended.
    pub(crate) fn ended(&mut self, chronicle: &Chronicle) -> Vec<Ended> {
        let mut ended = Vec::new();
        let mut at = 0;
        while at < self.running.len() {
            if !self.running[at].told.is_finished() {
                at += 1;
                continue;
            }
            let Running { request, told } = self.running.remove(at);
            let told = told.now_or_never().expect("it is finished");
            ended.push(match told {
                Ok(told) => self.heard(request, told, chronicle),
                Err(end) => {
                    chronicle.count("client cut off by a crash");
                    let wrong = end.is_panic().then(|| format!("request {request} panicked: {end}"));
                    let heard = "cut off".to_owned();
                    Ended { request, again: self.requests[request].key.is_some(), heard, wrong }
                }
            });
        }
        ended
    }

    fn heard(&mut self, number: usize, told: Result<Told>, chronicle: &Chronicle) -> Ended {
        let heard = match &told {
            Ok(told) => format!("{told:?}"),
            Err(failure) => failure.chain(),
        };
        let mut end = Ended { request: number, again: false, heard, wrong: None };
        match told {
            Ok(Told::Charge { id, state, amount, before }) => {
                if before && matches!(state, State::Submitting | State::Unknown | State::Pending) {
                    chronicle.count("replay of an open charge");
                }
                let open = matches!(state, State::Submitting | State::Unknown | State::Pending);
                end.again = open;
                self.requests[number].settled |= !open;
                end.wrong = self.made(number, id.0).or_else(|| self.promised(number, id, state, amount));
            }
            Ok(Told::Refund { id, state, before }) => {
                if before {
                    chronicle.count("replay of a refund");
                }
                end.again = !matches!(state, "succeeded" | "declined");
                self.requests[number].settled |= !end.again;
                end.wrong = self.made(number, id);
            }
            Ok(Told::Done) => self.requests[number].settled = true,
            Err(failure) => {
                let code = failure.code();
                match code {
                    Some(Code::IdempotencyInProgress) => chronicle.count("409, the first request still runs"),
                    Some(Code::IdempotencyConflict) => {
                        chronicle.count("key used for another request, refused")
                    }
                    Some(Code::AboveBalance) => chronicle.count("above the balance, refused"),
                    Some(Code::Unavailable) => chronicle.count("503, the outcome of a request not known"),
                    Some(Code::NotAllowedNow) => chronicle.count("not allowed now, refused"),
                    _ => {}
                }
                end.again = matches!(
                    code,
                    Some(Code::IdempotencyInProgress | Code::Unavailable | Code::Busy | Code::Conflict)
                );
                let made = self.requests[number].made;
                if let (Some(made), false) = (made, end.again) {
                    end.wrong = Some(format!(
                        "request {number} made {made}, and is refused when sent again: {}",
                        end.heard
                    ));
                }
                if code.is_none() {
                    end.wrong =
                        Some(format!("request {number} was answered with a fault of ours: {}", end.heard));
                }
            }
        }
        // Without a key, the same request again would be another one.
        end.again &= self.requests[number].key.is_some();
        end
    }

    /// The same key gives the same thing.
    fn made(&mut self, number: usize, id: Uuid) -> Option<String> {
        let (house, key) = (self.requests[number].house, self.requests[number].key.clone());
        self.requests[number].made = Some(id);
        key.as_ref()?;
        let same = |r: &&Request| r.house == house && r.key == key;
        let other = self.requests.iter().filter(same).filter_map(|r| r.made).find(|made| *made != id)?;
        Some(format!("I9: one idempotency key made {other} and {id}"))
    }

    /// Notes what a caller was told, and whether it fits what callers were told before.
    fn promised(&mut self, number: usize, id: ChargeId, state: State, amount: i64) -> Option<String> {
        let house = self.requests[number].house;
        if !self.promises.contains_key(&id) {
            self.known.push((house, id));
        }
        let promise = self.promises.entry(id).or_default();
        promise.house = house;
        match state {
            State::Succeeded | State::Refunded => promise.paid = Some(amount),
            State::Declined => promise.declined = true,
            State::Canceled => promise.canceled = true,
            _ => {}
        }
        let said = [promise.paid.is_some(), promise.declined, promise.canceled];
        (said.iter().filter(|said| **said).count() > 1)
            .then(|| format!("I6: callers were told contradicting ends of charge {id}: {promise:?}"))
    }
}

fn reference(id: impl std::fmt::Display) -> Ref {
    Ref::new(&id.to_string()).expect("an id is a reference")
}

/// Carries a request out, as the API does.
pub(crate) async fn ask(till: Till, db: Db, tenant: Tenant, request: Request) -> Result<Told> {
    let once = request.key.as_ref().map(|key| Once {
        key: key.clone(),
        fingerprint: tenant.key.fingerprint(format!("{:?}", request.what).as_bytes()),
    });
    match request.what {
        What::Charge { debt, method, amount, linked, day } => {
            let ask = Ask {
                once,
                debt: debt.map(reference),
                linked,
                paying: Paying::Stored(reference(method)),
                amount: Cents::new(amount),
                scheduled_at: day,
                source: "api",
                payer: books::holds::Payer::Customer,
                description: None,
                receipt_to: None,
                authorized: None,
            };
            let taken = till.take(&tenant, ask).await?;
            let (id, state, amount) = (taken.charge.id, taken.charge.state, taken.charge.amount.get());
            Ok(Told::Charge { id, state, amount, before: taken.before })
        }
        What::Refund { charge, amount } => {
            let amount = amount.map(Cents::new);
            let (_, refund, before) =
                till.refund(&tenant, &reference(charge), Back::Money(amount), once.as_ref()).await?;
            Ok(Told::Refund { id: refund.id.0, state: refund.state.as_str(), before })
        }
        What::Cancel { charge } => {
            let now = db.seams().now();
            db.run(&Cancel { tenant: &tenant, charge, now }).await.map(|()| Told::Done)
        }
        What::Sync { charge } => {
            let seen = till.sync(&tenant, &reference(charge)).await?;
            Ok(Told::Charge { id: seen.id, state: seen.state, amount: seen.amount.get(), before: true })
        }
        What::Adjust { debt, to } => {
            let changes = debts::Changes { current_balance: Some(Cents::new(to)), ..Default::default() };
            db.run(&debts::Update { tenant: &tenant, which: reference(debt), changes })
                .await
                .map(|_| Told::Done)
        }
    }
}

/// The day `days` after today, where the organization is.
pub(crate) fn day_after(tenant: &Tenant, now: Ts, days: i64) -> Day {
    tenant.today(now.plus_seconds(days * 86_400))
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "house {} {:?}", self.house, self.what)?;
        self.key.as_ref().map_or(Ok(()), |key| write!(f, " key {key}"))
    }
}
