//! What must always hold, and what must hold once everything has come to rest: our tables against each other, against
//! what they said before, against what callers were told, and against the processor's own books.
//!
//! The names are those of the invariants: I1 what was acknowledged is in the ledger once, I2 one charge a key, I3
//! what came in went out or is here, I4 balances are their entries, I5 nothing beyond what is owed, I6 no success
//! after a definite no, I7 only declared steps, I8 one event a change, I9 one key, one thing, I10 nobody else's.

use std::collections::BTreeMap;

use base::db::Tx;
use base::ids::Uuid;
use base::{Result, Ts};
use books::orgs::Tenant;
use payments::charges::machine::{RefundState, State};
use payments::charges::{ChargeId, RefundKind};
use payments::processor::{Record, Standing};
use payments::verify;

use super::chronicle::Chronicle;
use super::clients::Clients;
use super::rows::{self, Charge, Refund, Tables};
use super::wire::Net;

/// What the books said when they were last looked at.
#[derive(Default)]
pub(crate) struct Books {
    charges: BTreeMap<ChargeId, State>,
    refunds: BTreeMap<Uuid, RefundState>,
    looks: u32,
}

/// At every so manieth look `quittance verify` runs too; it takes as long as all the others.
const VERIFIED: u32 = 4;

/// What the books are held against.
pub(crate) struct World<'a> {
    pub(crate) tenants: &'a [Tenant],
    pub(crate) net: &'a mut Net,
    pub(crate) clients: &'a Clients,
    pub(crate) now: Ts,
    pub(crate) at_rest: bool,
    pub(crate) chronicle: &'a Chronicle,
}

type Verdict = Result<(), String>;

fn hold(right: bool, wrong: impl FnOnce() -> String) -> Verdict {
    if right { Ok(()) } else { Err(wrong()) }
}

impl Books {
    /// Looks at everything. An error of the outer kind is a fault in reading, of the inner one a fault in the books.
    pub(crate) async fn look(&mut self, tx: &Tx, world: World<'_>) -> Result<Verdict> {
        let tables = rows::read(tx).await?;
        let list = world.net.all(world.now);
        self.looks += 1;
        if world.at_rest || self.looks.is_multiple_of(VERIFIED) {
            let mut checks = verify::books(tx, world.tenants).await?;
            let ours = verify::ours(tx, world.tenants).await?;
            checks.push(verify::processor(&ours, &list, world.now));
            if let Some(check) = checks.iter().find(|check| check.wrong > 0) {
                return Ok(Err(format!("verify: {}: {:?}", check.name, check.examples)));
            }
        }
        world.chronicle.note(format_args!("books: {tables}"));
        Ok(self.all(&tables, &list, &world))
    }

    fn all(&mut self, tables: &Tables, list: &[Record], world: &World<'_>) -> Verdict {
        once_a_key(list)?;
        balances(tables)?;
        for charge in &tables.charges {
            self.edges(charge)?;
            money(tables, charge)?;
            told(tables, charge)?;
            if world.at_rest {
                let records = list.iter().filter(|r| r.refund_of.is_none() && r.key == charge.pkey);
                ended(tables, charge, &records.collect::<Vec<_>>(), world)?;
            }
        }
        for refund in &tables.refunds {
            let was = self.refunds.insert(refund.id, refund.state);
            let end = was.filter(|was| !was.is_open() && *was != refund.state);
            hold(end.is_none(), || format!("I7: a refund was {end:?} and is {refund:?}"))?;
            let open = refund.state.is_open() && !refund.review;
            hold(!(world.at_rest && open), || format!("liveness: {refund:?} is still open"))?;
            if world.at_rest {
                refund_ended(tables, refund, list, world.chronicle)?;
            }
        }
        promises(tables, list, world)
    }

    /// I7: from how it stood to how it stands there is a way.
    fn edges(&mut self, charge: &Charge) -> Verdict {
        let was = self.charges.insert(charge.id, charge.state);
        let way = was.is_none_or(|was| leads_to(was, charge.state));
        hold(way, || format!("I7: no way leads from {was:?} to {charge:?}"))
    }
}

fn leads_to(from: State, to: State) -> bool {
    use payments::charges::machine::Event;
    let mut seen = vec![from];
    let mut at = 0;
    while at < seen.len() {
        let state = seen[at];
        at += 1;
        for next in Event::ALL.iter().filter_map(|event| state.on(*event)) {
            if !seen.contains(&next) {
                seen.push(next);
            }
        }
    }
    seen.contains(&to)
}

/// I2, by the processor's own books: what was asked under one key moved money once at most.
fn once_a_key(list: &[Record]) -> Verdict {
    let mut moved: BTreeMap<&str, &Record> = BTreeMap::new();
    for record in list.iter().filter(|r| !matches!(r.standing, Standing::Declined(_))) {
        if let Some(before) = moved.insert(&record.key, record)
            && before.processor_id != record.processor_id
        {
            return Err(format!("I2: money moved twice under one key: {before:?} and {record:?}"));
        }
    }
    Ok(())
}

/// I4, I5: each account is what its entries say, its reservation what is under way on it, its parent the sum.
fn balances(tables: &Tables) -> Verdict {
    for debt in &tables.debts {
        if debt.children > 0 {
            let children = || tables.debts.iter().filter(|d| d.parent_id == Some(debt.id));
            let sums = (
                children().map(|d| d.current_balance).sum::<i64>(),
                children().map(|d| d.reserved).sum::<i64>(),
            );
            hold(sums == (debt.current_balance, debt.reserved), || {
                format!("I4: the children of {debt:?} come to {sums:?}")
            })?;
            continue;
        }
        let posted = tables.posted.get(&debt.id).copied().unwrap_or(0);
        hold(posted == debt.current_balance, || format!("I4: the entries of {debt:?} say {posted}"))?;
        let open = |id: ChargeId| tables.charge(id).is_some_and(|c| c.state.reserves());
        let parts = tables.parts.iter().filter(|p| p.debt_id == debt.id && open(p.charge_id));
        let reserved: i64 = parts.map(|p| p.amount).sum();
        hold(reserved == debt.reserved, || format!("I4: under way on {debt:?} are {reserved}"))?;
        hold(debt.reserved <= debt.current_balance, || format!("I5: more is reserved than owed: {debt:?}"))?;
    }
    Ok(())
}

/// I1, I3: what a charge moved is what its state says, in all and on each account it was split over.
fn money(tables: &Tables, charge: &Charge) -> Verdict {
    let moved = |what: &str| tables.moved.get(&(charge.id, what.to_owned())).copied().unwrap_or(0);
    let refunds = || given_back(tables, charge);
    let given: i64 = refunds().filter(|r| r.state == RefundState::Succeeded).map(|r| r.amount).sum();
    let under_way: i64 = refunds().filter(|r| r.state.is_open()).map(|r| r.amount).sum();
    let (paid, back, came_back) = (moved("paid"), moved("refunded"), moved("returned"));
    let right = match charge.state {
        State::Succeeded => paid == charge.amount && back == -given && came_back == 0,
        State::Refunded => paid == charge.amount && back == -paid && came_back == 0,
        State::Returned if paid == 0 => back == 0 && came_back == 0,
        State::Returned => {
            paid == charge.amount && back == -given && came_back == -(paid - given - under_way)
        }
        _ => (paid, back, came_back) == (0, 0, 0),
    };
    hold(right, || {
        format!(
            "I1/I3: paid {paid}, refunded {back}, returned {came_back} do not fit {charge:?}, {given} given back, {under_way} under way"
        )
    })?;
    hold(charge.refunded_amount == given + under_way, || {
        format!("I3: {given} + {under_way} were given back of {charge:?}")
    })?;
    for part in tables.parts.iter().filter(|p| p.charge_id == charge.id) {
        let net = tables.on_account.get(&(charge.id, part.debt_id)).copied().unwrap_or(0);
        let right = match charge.state {
            State::Succeeded | State::Refunded if under_way == 0 => net == part.amount - part.refunded,
            State::Succeeded | State::Refunded => (part.amount - part.refunded..=part.amount).contains(&net),
            State::Returned if under_way == 0 => net == 0,
            State::Returned => (0..=part.amount).contains(&net),
            _ => net == 0,
        };
        hold(right, || format!("I3: {net} stand on the account of {part:?} of {charge:?}"))?;
    }
    Ok(())
}

/// I8: one event for each change that callers hear of.
fn told(tables: &Tables, charge: &Charge) -> Verdict {
    let told = |name: &str| tables.events.get(&(charge.id.0, name.to_owned())).copied().unwrap_or(0);
    let paid = i64::from(tables.moved.contains_key(&(charge.id, "paid".to_owned())));
    let refunds = given_back(tables, charge);
    let given = refunds.filter(|r| r.state == RefundState::Succeeded).count();
    let is = |state: State| i64::from(charge.state == state);
    let canceled = told("charge.canceled") + told("charge.failed");
    let right = told("charge.created") == 1
        && told("charge.completed") == paid
        && told("charge.returned") == is(State::Returned)
        && canceled == is(State::Declined) + is(State::Canceled)
        && i64::try_from(given).is_ok_and(|given| told("charge.refunded") == given)
        && told("charge.pending") <= 1;
    hold(right, || {
        let of = tables.events.iter().filter(|((id, _), _)| *id == charge.id.0);
        format!("I8: {:?} were told of {charge:?}", of.map(|((_, name), n)| (name, n)).collect::<Vec<_>>())
    })
}

/// At rest: how a charge ended here is how it ended there.
fn ended(tables: &Tables, charge: &Charge, records: &[&Record], world: &World<'_>) -> Verdict {
    if charge.review {
        world.chronicle.count("left for a person at the end");
        return Ok(());
    }
    if charge.state == State::Scheduled {
        return Ok(());
    }
    let fits = match (records, charge.state) {
        ([], State::Declined | State::Canceled) => true,
        ([record], state) => {
            record.amount.get() == charge.amount
                && match record.standing {
                    Standing::Succeeded => {
                        matches!(state, State::Succeeded | State::Refunded)
                            && record.refunded.get() == given(tables, charge)
                    }
                    // The payer was paid twice; nothing of it is in the books any more, and nobody asks about it.
                    Standing::Returned(_) if state == State::Refunded => record.refunded == record.amount,
                    Standing::Returned(_) => state == State::Returned,
                    Standing::Voided => state == State::Canceled,
                    Standing::Declined(_) => state == State::Declined,
                    Standing::Pending => false,
                }
        }
        _ => false,
    };
    hold(fits, || format!("at rest: {charge:?} is for the processor {records:?}"))?;
    count_ends(tables, charge, records, world.chronicle);
    Ok(())
}

/// The refunds of a charge, but for one that took it back before it settled: nothing had moved.
fn given_back<'a>(tables: &'a Tables, charge: &'a Charge) -> impl Iterator<Item = &'a Refund> {
    let paid = tables.moved.contains_key(&(charge.id, "paid".to_owned()));
    let of_it = move |r: &&Refund| {
        let is_void = r.kind == RefundKind::Void && r.state == RefundState::Succeeded;
        r.charge_id == charge.id && (paid || !is_void)
    };
    tables.refunds.iter().filter(of_it)
}

fn given(tables: &Tables, charge: &Charge) -> i64 {
    let done = |r: &&Refund| r.charge_id == charge.id && r.state == RefundState::Succeeded;
    tables.refunds.iter().filter(done).map(|r| r.amount).sum()
}

fn count_ends(tables: &Tables, charge: &Charge, records: &[&Record], chronicle: &Chronicle) {
    let parts = tables.parts.iter().filter(|p| p.charge_id == charge.id).count();
    let paid = tables.moved.contains_key(&(charge.id, "paid".to_owned()));
    chronicle.count(match charge.state {
        State::Succeeded if charge.refunded_amount > 0 => "charge ended refunded in part",
        State::Succeeded => "charge ended succeeded",
        State::Refunded => "charge ended refunded in whole",
        State::Returned if paid => "charge ended returned after it settled",
        State::Returned => "charge ended returned before it settled",
        State::Declined => "charge ended declined",
        State::Canceled => "charge ended canceled",
        _ => "charge ended open",
    });
    if charge.state == State::Returned && charge.refunded_amount > 0 {
        chronicle.count("return of what was refunded in part");
    }
    if charge.state == State::Returned && paid && parts > 1 {
        chronicle.count("return of a payment split over children");
    }
    if charge.refunded_amount > 0 && parts > 1 {
        chronicle.count("refund of a payment split over children");
    }
    if records.iter().any(|r| r.changed_at.since(r.made_at).as_hours() > 30 * 24)
        && charge.state == State::Returned
    {
        chronicle.count("return after thirty days");
    }
}

fn refund_ended(tables: &Tables, refund: &Refund, list: &[Record], chronicle: &Chronicle) -> Verdict {
    if refund.review {
        return Ok(());
    }
    // A void stands on its charge.
    let of_void = |r: &&Record| {
        let charge = tables.charge(refund.charge_id);
        r.refund_of.is_none() && charge.is_some_and(|charge| charge.pkey == r.key)
    };
    let (record, done) = match refund.kind {
        RefundKind::Void => (list.iter().find(of_void), Standing::Voided),
        RefundKind::Refund => {
            (list.iter().find(|r| r.refund_of.is_some() && r.key == refund.pkey), Standing::Succeeded)
        }
    };
    let moved = record.is_some_and(|r| r.standing == done);
    if refund.kind == RefundKind::Void {
        chronicle.count(if moved { "void ended succeeded" } else { "void ended declined" });
    }
    chronicle.count(if moved { "refund ended succeeded" } else { "refund ended declined" });
    hold(moved == (refund.state == RefundState::Succeeded), || {
        format!("at rest: {refund:?} is for the processor {record:?}")
    })
}

/// I1, I6: what callers were told is still so.
fn promises(tables: &Tables, list: &[Record], world: &World<'_>) -> Verdict {
    for (id, promise) in &world.clients.promises {
        let charge = tables.charge(*id);
        let charge = charge.ok_or_else(|| format!("I1: charge {id} was acknowledged, and is gone"))?;
        if let Some(amount) = promise.paid {
            let kept = matches!(charge.state, State::Succeeded | State::Refunded | State::Returned);
            let paid = tables.moved.get(&(*id, "paid".to_owned())).copied();
            hold(kept && paid == Some(amount), || {
                format!("I1: {amount} were acknowledged as paid by {charge:?}; the ledger has {paid:?}")
            })?;
        }
        let ended = promise.declined && charge.state != State::Declined
            || promise.canceled && charge.state != State::Canceled;
        hold(!ended, || format!("I6: callers were told {promise:?} of {charge:?}"))?;
        if promise.declined || promise.canceled {
            let nothing = |r: &Record| match r.standing {
                Standing::Declined(_) => true,
                Standing::Voided => promise.canceled,
                _ => false,
            };
            let moved = |r: &&Record| r.key == charge.pkey && !nothing(r);
            let record = list.iter().find(moved);
            hold(record.is_none(), || format!("I6: told {promise:?}, and the processor has {record:?}"))?;
        }
        let owner = world.tenants.get(promise.house).map(|t| t.id);
        hold(owner == Some(charge.tenant_id), || {
            format!("I10: {charge:?} is not house {}'s", promise.house)
        })?;
    }
    let open =
        |c: &&Charge| matches!(c.state, State::Submitting | State::Unknown | State::Pending) && !c.review;
    let left = tables.charges.iter().find(open).filter(|_| world.at_rest);
    hold(left.is_none(), || format!("liveness: {left:?} is still open"))
}
