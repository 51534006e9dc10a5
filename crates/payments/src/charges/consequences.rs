//! What a refusal means by the networks' rules: for the charge, for its payment method, and for the next attempt.
//!
//! A refusal is weighed in the transaction that learns of it: the rules of that day, and how often the same was
//! refused before, decide whether the method is stopped, may be charged again only later, or freely. Before a method
//! that was refused lately is charged once more its attempts are counted; no other pays for that.

use base::db::{Ids, Tx};
use base::{Cents, Failure, Result, Ts};
use books::events::EventRow;
use books::orgs::Tenant;
use books::people::CustomerId;

use super::machine::State;
use super::postings::Rail;
use super::settle::{Answered, Outcome};
use super::{Charge, ChargeId};
use crate::methods::halt::{self, HaltRow, Instrument};
use crate::methods::{Chargeable, MethodId};
use crate::networks::{self, Class, Lift, Limit, Network, Per, Retry, Verdict};
use crate::processor::Decline;

/// What the refusals among some answers mean.
#[derive(Default)]
pub(super) struct Consequences {
    weighed: Vec<(ChargeId, Verdict, Option<Ts>)>,
    /// The methods that change.
    pub(super) halts: Vec<HaltRow>,
    /// What happened to them.
    pub(super) events: Vec<EventRow>,
}

impl Consequences {
    /// Weighs the refusals among these answers to these charges. Asks the database only where there are any.
    pub(super) async fn of(
        tx: &Tx,
        tenant: &Tenant,
        charges: &[Charge],
        answers: &[Answered],
        now: Ts,
    ) -> Result<Consequences> {
        let mut all = Consequences::default();
        let refused: Vec<(&Charge, &Decline)> =
            charges.iter().filter_map(|charge| Some((charge, refusal(charge, answers)?))).collect();
        if refused.is_empty() {
            return Ok(all);
        }
        let ids = Ids::of(refused.iter().map(|(charge, _)| charge.payment_method_id));
        let before = halt::instruments(tx, tenant, &ids).await?;
        let mut methods = before.clone();
        for (charge, decline) in refused {
            all.weigh(tx, tenant, charge, decline, &mut methods, now).await?;
        }
        for (old, new) in before.iter().zip(&methods) {
            let stopped = (&old.stopped_at, &old.lifted_by) != (&new.stopped_at, &new.lifted_by);
            if stopped || old.retry_at != new.retry_at {
                let name = if stopped { "payment-method.stopped" } else { "payment-method.update" };
                all.events.push(new.event(tx, tenant, name));
            } else if old.watched_until == new.watched_until {
                continue;
            }
            all.halts.push(new.row());
        }
        Ok(all)
    }

    async fn weigh(
        &mut self,
        tx: &Tx,
        tenant: &Tenant,
        charge: &Charge,
        decline: &Decline,
        methods: &mut [Instrument],
        now: Ts,
    ) -> Result<()> {
        let Some(own) = methods.iter().find(|one| one.id == charge.payment_method_id) else { return Ok(()) };
        let (network, print, since) = (own.network(), own.fingerprint.clone(), own.authorized_at);
        let (code, advice) = (decline.network_code.as_deref(), decline.advice_code.as_deref());
        let day = tenant.today(now);
        let Some(mut verdict) = networks::verdict(network, code, advice, day) else { return Ok(()) };
        let is_same = |one: &Instrument| {
            one.id == charge.payment_method_id || print.is_some() && one.fingerprint == print
        };
        let same = Ids::of(methods.iter().filter(|one| is_same(one)).map(|one| one.id));

        let mut retry_at = verdict.wait_hours.map(|hours| now.plus_seconds(i64::from(hours) * 3_600));
        let mut watch = None;
        let stops = verdict.lifted_by.is_some();
        for limit in networks::limits_on(network, verdict.class, day).filter(|_| !stops) {
            watch = watch.max(Some(now.plus_seconds(seconds(limit))));
            // This one is not among those that were refused yet.
            let refused = Attempts { tenant, methods: &same, amount: charge.amount, since };
            let (many, first) = refused.refused(tx, limit, now).await?;
            if many + 1 < i64::from(limit.attempts) {
                continue;
            }
            match used_up(limit, first.unwrap_or(now)) {
                Some(free_at) => retry_at = retry_at.max(Some(free_at)),
                None => {
                    verdict = Verdict {
                        retry: Retry::Reauthorize,
                        lifted_by: Some(Lift::Reauthorization),
                        ..verdict
                    };
                }
            }
        }
        let code = code.or(advice).unwrap_or(&decline.code);
        for one in methods.iter_mut().filter(|one| is_same(one)) {
            if verdict.lifted_by.is_some() || retry_at.is_some() {
                one.take(&verdict, code, retry_at, now);
            }
            if let Some(until) = watch {
                one.watch(until);
            }
        }
        self.weighed.push((charge.id, verdict, retry_at));
        Ok(())
    }

    /// Notes on a refused charge what that means.
    pub(super) fn note(&self, charge: &mut Charge) {
        if let Some((_, verdict, retry_at)) = self.weighed.iter().find(|(id, ..)| *id == charge.id) {
            charge.decline_class = Some(verdict.class);
            charge.decline_retry = Some(verdict.retry);
            charge.retry_at = *retry_at;
        }
    }
}

/// Why a charge was refused, where its answer says so and that is news.
fn refusal<'a>(charge: &Charge, answers: &'a [Answered]) -> Option<&'a Decline> {
    let answer = answers.iter().find(|a| a.charge == charge.id && a.fence == charge.fence)?;
    let open = matches!(charge.state, State::Submitting | State::Unknown | State::Pending);
    match &answer.outcome {
        Outcome::Declined { decline, .. } if open => Some(decline),
        Outcome::Returned { decline, .. } if open || charge.state == State::Succeeded => Some(decline),
        _ => None,
    }
}

/// Notes on a charge that was refused without asking anybody what that means.
pub(super) fn note_unasked(charge: &mut Charge, today: base::Day) {
    let network = if charge.rail == Rail::Ach { Network::Ach } else { Network::Any };
    let verdict = networks::verdict(network, charge.network_code.as_deref(), None, today);
    charge.decline_class = verdict.map(|v| v.class);
    charge.decline_retry = verdict.map(|v| v.retry);
}

const fn seconds(limit: &Limit) -> i64 {
    limit.hours as i64 * 3_600
}

/// From when on one more attempt is allowed where a limit is used up since `first`. `None` where waiting does not
/// help: a bank debit is presented anew only with a new authorization.
fn used_up(limit: &Limit, first: Ts) -> Option<Ts> {
    (limit.network != Network::Ach).then(|| first.plus_seconds(seconds(limit)))
}

/// A method that is to be charged.
pub(crate) struct Tried<'a> {
    /// The charge, which is not counted itself.
    pub(crate) charge: ChargeId,
    /// How much.
    pub(crate) amount: Cents,
    /// When.
    pub(crate) at: Ts,
    /// The method, as it is stored or about to be.
    pub(crate) method: &'a Chargeable,
    /// Whose debt is paid: what is under way by a method that is nobody's is found by them.
    pub(crate) payer: Option<CustomerId>,
    /// Of one that is about to be stored: what tells that it is the same as another.
    pub(crate) print: Option<&'a Vec<u8>>,
    /// What is about to be charged in the same transaction: it is under way, and no statement sees it yet.
    pub(crate) beside: &'a [(MethodId, Cents)],
}

/// What the networks' rules have against charging a method: what stops it, and, only where it was refused lately, how
/// often it was tried.
pub(crate) async fn against(tx: &Tx, tenant: &Tenant, tried: &Tried<'_>) -> Result<Option<Failure>> {
    let (halt, at) = (&tried.method.halt, tried.at);
    if let Err(failure) = tried.method.is_taken_by(tenant, tenant.today(at)) {
        return Ok(Some(failure));
    }
    if let Err(failure) = halt.allows(at) {
        return Ok(Some(failure));
    }
    if !halt.is_watched(at) {
        return Ok(None);
    }
    let same = same_as(tx, tenant, tried).await?;
    let ids = Ids::of(same.iter().copied());
    let attempts = Attempts { tenant, methods: &ids, amount: tried.amount, since: halt.authorized_at };
    let (day, network) = (tenant.today(at), tried.method.network);
    for limit in networks::limits().iter().filter(|l| l.network == network && l.is_in_force(day)) {
        let (many, first) = attempts.refused(tx, limit, at).await?;
        let payer = tried.method.owner.or(tried.payer);
        let open = attempts.open(tx, limit, payer, tried.charge).await? + beside(tried, &same, limit);
        if many == 0 || many + open < i64::from(limit.attempts) {
            continue;
        }
        return Ok(Some(match used_up(limit, first.unwrap_or(at)) {
            Some(free_at) => halt::too_early(free_at, at),
            None => halt::stopped(limit.class.unwrap_or(Class::Unknown), Lift::Reauthorization),
        }));
    }
    Ok(None)
}

base::record! {
    struct Found { id: MethodId }
}

/// How many of those that go out together with it a limit counts.
fn beside(tried: &Tried<'_>, same: &[MethodId], limit: &Limit) -> i64 {
    let counts = |amount: Cents| limit.per != Per::Amount || amount == tried.amount;
    let beside = tried.beside.iter().filter(|(id, amount)| same.contains(id) && counts(*amount));
    i64::try_from(beside.count()).unwrap_or(i64::MAX)
}

/// A method and those that are the same card or account, locked: whoever else is about to charge it counts what goes out
/// here, and is counted.
async fn same_as(tx: &Tx, tenant: &Tenant, tried: &Tried<'_>) -> Result<Vec<MethodId>> {
    let id = tried.method.id;
    let found: Vec<Found> = match tried.print {
        Some(print) => {
            let sql = "SELECT id FROM payment_method WHERE tenant_id = $1 AND fingerprint = $2 ORDER BY id FOR UPDATE";
            tx.all(sql, &[&tenant.id, print]).await?
        }
        None => {
            let sql = "SELECT same.id FROM payment_method AS one JOIN payment_method AS same \
                       ON same.tenant_id = one.tenant_id AND same.fingerprint = one.fingerprint \
                       WHERE one.tenant_id = $1 AND one.id = $2 ORDER BY same.id FOR UPDATE";
            tx.all(sql, &[&tenant.id, &id]).await?
        }
    };
    Ok(found.into_iter().map(|same| same.id).chain([id]).collect())
}

/// Attempts at one card or account.
struct Attempts<'a> {
    tenant: &'a Tenant,
    methods: &'a Ids,
    amount: Cents,
    /// Since when they count, besides a limit's own time: its holder authorized it anew.
    since: Option<Ts>,
}

base::record! {
    struct Counted { many: i64, first: Option<Ts> }
}

impl Attempts<'_> {
    /// How many that a limit counts were refused, and when the first of them was sent.
    async fn refused(&self, tx: &Tx, limit: &Limit, now: Ts) -> Result<(i64, Option<Ts>)> {
        let begin = now.plus_seconds(-seconds(limit));
        let begin = self.since.map_or(begin, |since| since.max(begin));
        let mut sql = String::from(
            "SELECT count(*), min(submitted_at) FROM charge WHERE tenant_id = $1 AND payment_method_id IN ids($2) \
             AND submitted_at >= $3 AND state IN ('declined', 'returned')",
        );
        if limit.per == Per::Amount {
            sql += " AND amount = $4";
        } else {
            sql += " AND amount >= $4";
        }
        if limit.class.is_some() {
            // Whatever a network refused it for in between, it was presented; what was taken back before was not.
            sql += " AND decline_class IS NOT NULL";
        }
        let amount = if limit.per == Per::Amount { self.amount } else { Cents::ZERO };
        let found: Counted = tx.one(&sql, &[&self.tenant.id, self.methods, &begin, &amount]).await?;
        Ok((found.many, found.first))
    }

    /// How many are under way, besides the charge `but`.
    async fn open(&self, tx: &Tx, limit: &Limit, owner: Option<CustomerId>, but: ChargeId) -> Result<i64> {
        // Found by their customer.
        let Some(customer) = owner else { return Ok(0) };
        let amount = if limit.per == Per::Amount { "=" } else { ">=" };
        let sql = format!(
            "SELECT count(*) FROM charge WHERE tenant_id = $1 AND customer_id = $2 AND payment_method_id IN ids($3) \
             AND id <> $4 AND amount {amount} $5 AND state IN ('submitting', 'unknown', 'pending')"
        );
        let least = if limit.per == Per::Amount { self.amount } else { Cents::ZERO };
        tx.number(&sql, &[&self.tenant.id, &customer, self.methods, &but, &least]).await
    }
}
