//! Why a method is not charged, if it is not: stopped by a refusal, or not before an instant.
//!
//! It stands on the method's row, which whoever charges it reads anyway. What stops a card or account stops it
//! wherever else in the tenant the same one is kept, and on whatever is stored later: a keyed hash of the number tells
//! that it is the same. A stopped one keeps that hash when it is deleted, so that storing it again does not help.

use base::db::{Command, Tx};
use base::{Code, Failure, Result, TenantId, Ts};
use books::events::{self, EventRow};
use books::orgs::Tenant;
use books::people::CustomerId;
use serde_json::{Value, json};

use super::model::{Kind, MethodId};
use super::write::locked;
use crate::networks::{Class, Lift, Network, Verdict};

/// Why a method is not charged, if it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Halt {
    /// It is stopped.
    pub stopped: Option<Stop>,
    /// It is not charged before this instant.
    pub retry_at: Option<Ts>,
    /// Until then its attempts are counted before it is charged once more.
    pub watched_until: Option<Ts>,
    /// When its holder last authorized it anew: what was refused before does not count any more.
    pub authorized_at: Option<Ts>,
}

/// Why a method is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Since when.
    pub since: Ts,
    /// The network's code.
    pub code: String,
    /// What kind of no it was.
    pub class: Class,
    /// What lets it be charged again.
    pub lifted_by: Lift,
}

impl Stop {
    /// As it is shown.
    pub fn told(&self) -> Value {
        json!({
            "code": self.code,
            "reason": self.class.as_str(),
            "since": self.since.to_string(),
            "lifted_by": self.lifted_by.as_str(),
        })
    }
}

impl Halt {
    /// Whether the method may be charged at `at`.
    pub fn allows(&self, at: Ts) -> Result<()> {
        if let Some(stop) = &self.stopped {
            return Err(stopped(stop.class, stop.lifted_by));
        }
        match self.retry_at.filter(|retry_at| *retry_at > at) {
            Some(retry_at) => Err(too_early(retry_at, at)),
            None => Ok(()),
        }
    }

    /// Whether its attempts are to be counted before it is charged at `at`.
    pub fn is_watched(&self, at: Ts) -> bool {
        self.watched_until.is_some_and(|until| at < until)
    }
}

/// A method that a refusal has stopped: it is not charged until that is lifted.
pub(crate) fn stopped(class: Class, lifted_by: Lift) -> Failure {
    let what = class.as_str().replace('_', " ");
    let how = match lifted_by {
        Lift::Nothing => "another one is needed",
        Lift::Person => "a person must look at it, and reauthorize it",
        Lift::Reauthorization => "its holder must authorize it anew",
        Lift::NewDetails => "a new expiration is needed",
    };
    Failure::refused(
        Code::PaymentMethodStopped,
        format!("The payment method is stopped ({what}) and cannot be charged: {how}."),
    )
}

/// A method that may be charged again at `retry_at`.
pub(crate) fn too_early(retry_at: Ts, now: Ts) -> Failure {
    let seconds = u32::try_from(retry_at.since(now).as_secs().max(1)).unwrap_or(u32::MAX);
    Failure::refused_for_now(
        Code::RetryTooEarly,
        format!("The payment method may be charged again from {retry_at}, and not before."),
        seconds,
    )
}

base::record! {
    /// What of a method decides how a refusal is weighed, and what that changes.
    pub(crate) struct Instrument in "payment_method" {
        pub(crate) tenant_id: TenantId,
        pub(crate) id: MethodId,
        pub(crate) customer_id: Option<CustomerId>,
        pub(crate) r#type: String,
        pub(crate) brand: Option<String>,
        pub(crate) last_four: String,
        expiry_month: Option<i64>,
        expiry_year: Option<i64>,
        is_primary: bool,
        pub(crate) fingerprint: Option<Vec<u8>>,
        pub(crate) stopped_at: Option<Ts>,
        pub(crate) stopped_code: Option<String>,
        pub(crate) stopped_class: Option<Class>,
        pub(crate) lifted_by: Option<Lift>,
        pub(crate) retry_at: Option<Ts>,
        pub(crate) watched_until: Option<Ts>,
        pub(crate) authorized_at: Option<Ts>,
        created_at: Ts,
        pub(crate) updated_at: Ts,
    }
}

base::record! {
    /// What a refusal changes in a method.
    pub(crate) struct HaltRow in "payment_method" {
        tenant_id: TenantId,
        id: MethodId,
        stopped_at: Option<Ts>,
        stopped_code: Option<String>,
        stopped_class: Option<Class>,
        lifted_by: Option<Lift>,
        retry_at: Option<Ts>,
        watched_until: Option<Ts>,
        authorized_at: Option<Ts>,
        updated_at: Ts,
    }
}

/// What is said of a method's halt in its row's columns.
pub(super) fn of_columns(
    stop: (Option<Ts>, Option<String>, Option<Class>, Option<Lift>),
    (retry_at, watched_until, authorized_at): (Option<Ts>, Option<Ts>, Option<Ts>),
) -> Halt {
    let stopped = match stop {
        (Some(since), code, class, lifted_by) => Some(Stop {
            since,
            code: code.unwrap_or_default(),
            class: class.unwrap_or(Class::Unknown),
            lifted_by: lifted_by.unwrap_or(Lift::Person),
        }),
        _ => None,
    };
    Halt { stopped, retry_at, watched_until, authorized_at }
}

impl Instrument {
    /// Whose rules it is charged by.
    pub(crate) fn network(&self) -> Network {
        Kind::parse(&self.r#type).unwrap_or(Kind::Card).network(self.brand.as_deref())
    }

    fn halt(&self) -> Halt {
        let stop = (self.stopped_at, self.stopped_code.clone(), self.stopped_class, self.lifted_by);
        of_columns(stop, (self.retry_at, self.watched_until, self.authorized_at))
    }

    /// Takes in a verdict. A stop is replaced only by a stricter one, so its first reason stays.
    pub(crate) fn take(&mut self, verdict: &Verdict, code: &str, retry_at: Option<Ts>, now: Ts) {
        let rank = |lift: Option<Lift>| lift.and_then(|l| Lift::ALL.iter().position(|known| *known == l));
        if let Some(lift) = verdict.lifted_by
            && rank(self.lifted_by).is_none_or(|before| rank(Some(lift)) < Some(before))
        {
            self.stopped_at = Some(now);
            self.stopped_code = Some(code.to_owned());
            self.stopped_class = Some(verdict.class);
            self.lifted_by = Some(lift);
        }
        self.retry_at = self.retry_at.max(retry_at);
        self.updated_at = now;
    }

    /// Its attempts are counted until then.
    pub(crate) fn watch(&mut self, until: Ts) {
        self.watched_until = self.watched_until.max(Some(until));
    }

    fn lift(&mut self, now: Ts) {
        (self.stopped_at, self.stopped_code, self.stopped_class, self.lifted_by) = (None, None, None, None);
        self.retry_at = None;
        self.updated_at = now;
    }

    /// Its row after that.
    pub(crate) fn row(&self) -> HaltRow {
        HaltRow {
            tenant_id: self.tenant_id,
            id: self.id,
            stopped_at: self.stopped_at,
            stopped_code: self.stopped_code.clone(),
            stopped_class: self.stopped_class,
            lifted_by: self.lifted_by,
            retry_at: self.retry_at,
            watched_until: self.watched_until,
            authorized_at: self.authorized_at,
            updated_at: self.updated_at,
        }
    }

    /// The object an event about it carries, as [`Method::event_body`](super::model::Method) has it.
    fn event_body(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "customer_id": self.customer_id.map(|id| id.to_string()),
            "type": self.r#type,
            "brand": self.brand,
            "last_four": self.last_four,
            "expiry_month": self.expiry_month,
            "expiry_year": self.expiry_year,
            "is_primary": self.is_primary,
            "stopped": self.halt().stopped.map(|stop| stop.told()),
            "retry_at": self.retry_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }

    /// The row of something that happened to it.
    pub(crate) fn event(&self, tx: &Tx, tenant: &Tenant, name: &str) -> EventRow {
        events::row(tx, tenant, name, "payment_method", self.id, &self.event_body())
    }
}

/// The methods of these ids and those that are the same card or account, locked; deleted ones too.
pub(crate) async fn instruments(tx: &Tx, tenant: &Tenant, ids: &base::db::Ids) -> Result<Vec<Instrument>> {
    let mut all: Vec<Instrument> = tx
        .select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id FOR UPDATE", &[&tenant.id, ids])
        .await?;
    let mut prints: Vec<Vec<u8>> = all.iter().filter_map(|one| one.fingerprint.clone()).collect();
    prints.sort_unstable();
    prints.dedup();
    for print in prints {
        let same = of_print(tx, tenant, &print).await?;
        let others: Vec<Instrument> =
            same.into_iter().filter(|one| all.iter().all(|known| known.id != one.id)).collect();
        all.extend(others);
    }
    Ok(all)
}

async fn of_print(tx: &Tx, tenant: &Tenant, print: &Vec<u8>) -> Result<Vec<Instrument>> {
    tx.select("WHERE tenant_id = $1 AND fingerprint = $2 ORDER BY id FOR UPDATE", &[&tenant.id, print]).await
}

/// What is known against a card or account that is about to be stored: why the same one is not charged.
pub(crate) async fn known(tx: &Tx, tenant: &Tenant, print: Option<&Vec<u8>>) -> Result<Option<Halt>> {
    let Some(print) = print else { return Ok(None) };
    let same = of_print(tx, tenant, print).await?;
    let halted = same.iter().filter(|one| one.halt() != Halt::default());
    Ok(halted
        .max_by_key(|one| (one.stopped_at.is_some(), one.retry_at, one.watched_until))
        .map(Instrument::halt))
}

/// Puts on a method that was just stored what is known against it.
pub(super) async fn inherit(tx: &Tx, tenant: &Tenant, id: MethodId, halt: Halt) -> Result<()> {
    let (since, code, class, lifted_by) = match halt.stopped {
        Some(stop) => (Some(stop.since), Some(stop.code), Some(stop.class), Some(stop.lifted_by)),
        None => (None, None, None, None),
    };
    let row = HaltRow {
        tenant_id: tenant.id,
        id,
        stopped_at: since,
        stopped_code: code,
        stopped_class: class,
        lifted_by,
        retry_at: halt.retry_at,
        watched_until: halt.watched_until,
        authorized_at: halt.authorized_at,
        updated_at: tx.now(),
    };
    tx.update(2, &[row]).await
}

/// Lifts what a new expiration lifts.
pub(super) async fn renewed(tx: &Tx, tenant: &Tenant, id: MethodId) -> Result<()> {
    let found: Option<Instrument> =
        tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant.id, &id]).await?;
    let Some(mut method) = found.filter(|one| one.lifted_by == Some(Lift::NewDetails)) else { return Ok(()) };
    method.lift(tx.now());
    tx.update(2, &[method.row()]).await?;
    tx.insert(&[method.event(tx, tenant, "payment-method.update")]).await
}

/// Takes the holder's new authorization of a stopped method: it can be charged again, wherever it is kept. Also how a
/// person says that they have looked at it. 404 where there is none, 400 where it is not stopped or this does not help.
pub struct Reauthorize<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: MethodId,
    /// What proves the authorization, or who looked: kept in the event (12 CFR 1005.10(b), 1005.13(b)).
    pub evidence: &'a str,
}

impl Command for Reauthorize<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_methods.reauthorize"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (method, person) = locked(tx, self.tenant, self.id).await?;
        match method.halt.stopped {
            Some(Stop { lifted_by: Lift::Reauthorization | Lift::Person, .. }) => {}
            Some(Stop { class, lifted_by, .. }) => return Err(stopped(class, lifted_by)),
            None => {
                return Err(Failure::refused(Code::NotAllowedNow, "The payment method is not stopped."));
            }
        }
        let mut rows = Vec::new();
        for mut one in instruments(tx, self.tenant, &base::db::Ids::of([self.id])).await? {
            one.lift(tx.now());
            one.authorized_at = Some(tx.now());
            if one.id == self.id {
                let mut body = one.event_body();
                body["evidence"] = self.evidence.into();
                let (name, object) = ("payment-method.reauthorized", "payment_method");
                let event = match (one.customer_id, &person) {
                    (Some(customer), Some(key)) => {
                        events::personal_row(tx, self.tenant, name, object, one.id, (customer.0, key), &body)
                    }
                    _ => events::row(tx, self.tenant, name, object, one.id, &body),
                };
                tx.insert(&[event]).await?;
            }
            rows.push(one.row());
        }
        tx.update(2, &rows).await
    }
}
