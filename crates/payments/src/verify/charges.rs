//! Charges, each as a whole: its parts, its refunds and their parts, its transactions, and what all of these should
//! have posted.
//!
//! A page of charges and all that belongs to them come from one snapshot; so does no entry, which no index finds by
//! its transaction: what is expected of them goes to [`Ends`].

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::{Cents, Result};
use books::orgs::Tenant;
use uuid::Uuid;

use super::ends::Ends;
use super::stated::{Kept, Stated};
use super::{Checks, EVERY, Pages, Sight, money};
use crate::charges::RefundKind;
use crate::charges::machine::{RefundState, State};
use crate::charges::postings::{Rail, Share, refunded, settled};

base::record! {
    struct ChargeRow { id: Uuid, debt_id: Option<Uuid>, rail: String, method: String, amount: i64, refunded_amount: i64, state: String, linked: bool }
}
base::record! {
    struct PartRow { charge_id: Uuid, debt_id: Uuid, amount: i64, refunded: i64 }
}
base::record! {
    struct RefundRow { id: Uuid, charge_id: Uuid, kind: RefundKind, amount: i64, state: String }
}
base::record! {
    struct RefundPartRow { refund_id: Uuid, debt_id: Uuid, amount: i64 }
}
base::record! {
    struct TxnRow { id: Uuid, charge_id: Uuid, refund_id: Option<Uuid>, debt_id: Option<Uuid>, kind: String, status: String, amount: i64 }
}

/// A charge and everything that belongs to it.
struct Whole {
    charge: ChargeRow,
    parts: Vec<PartRow>,
    refunds: Vec<(RefundRow, Vec<RefundPartRow>)>,
    txns: Vec<TxnRow>,
}

/// Compares every charge of a tenant with itself.
pub(super) async fn check(
    sight: &mut Sight<'_>,
    tenant: &Tenant,
    checks: &mut Checks<'_>,
    stated: &mut Stated,
    ends: &mut Ends,
) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let wholes = page(sight.look().await?, tenant, &mut pages, after).await?;
        checks.told("charges", wholes.len());
        for whole in wholes {
            whole.compare(checks);
            whole.expects(ends);
            let bare = whole.parts.is_empty() && whole.txns.is_empty();
            let ChargeRow { id, amount, state, .. } = whole.charge;
            if bare || matches!(State::parse(&state), Some(State::Declined | State::Returned)) {
                stated.keep(id, Kept::Charge { amount, state });
            }
        }
        if stated.is_full() {
            stated.settle(sight, tenant, checks).await?;
        }
    }
    Ok(())
}

/// Once more, for what the charges should have posted alone, in one snapshot.
pub(super) async fn expect(tx: &Tx, tenant: &Tenant, ends: &mut Ends) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        for whole in page(tx, tenant, &mut pages, after).await? {
            whole.expects(ends);
        }
    }
    Ok(())
}

async fn page(tx: &Tx, tenant: &Tenant, pages: &mut Pages, after: Uuid) -> Result<Vec<Whole>> {
    let charges: Vec<ChargeRow> = tx
        .all(
            "SELECT charge.id, charge.debt_id, charge.rail, payment_method.type, charge.amount, charge.refunded_amount, \
             charge.state, charge.linked FROM charge JOIN payment_method \
             ON payment_method.tenant_id = charge.tenant_id AND payment_method.id = charge.payment_method_id \
             WHERE charge.tenant_id = $1 AND charge.id > $2 ORDER BY charge.id LIMIT $3",
            &[&tenant.id, &after, &EVERY],
        )
        .await?;
    let upto = pages.turn(charges.iter().map(|c| c.id));
    let (id, after, upto) = (&tenant.id, &after, &upto);
    let parts: Vec<PartRow> = tx
        .all("SELECT charge_id, debt_id, amount, refunded FROM charge_part WHERE tenant_id = $1 AND charge_id > $2 AND charge_id <= $3 ORDER BY charge_id, debt_id", &[id, after, upto])
        .await?;
    let txns: Vec<TxnRow> = tx
        .all("SELECT id, charge_id, refund_id, debt_id, kind, status, amount FROM txn WHERE tenant_id = $1 AND charge_id > $2 AND charge_id <= $3", &[id, after, upto])
        .await?;
    let refunds: Vec<RefundRow> = tx
        .all("SELECT id, charge_id, kind, amount, state FROM refund WHERE tenant_id = $1 AND charge_id > $2 AND charge_id <= $3", &[id, after, upto])
        .await?;
    let mut refund_parts: HashMap<Uuid, Vec<RefundPartRow>> = HashMap::new();
    for refunds in refunds.chunks(1_000) {
        let ids = Ids::of(refunds.iter().map(|r| r.id));
        let rows: Vec<RefundPartRow> = tx
            .all("SELECT refund_id, debt_id, amount FROM refund_part WHERE tenant_id = $1 AND refund_id IN ids($2) ORDER BY refund_id, debt_id", &[id, &ids])
            .await?;
        for row in rows {
            refund_parts.entry(row.refund_id).or_default().push(row);
        }
    }
    // Rows of no charge cannot be: foreign keys guard all four.
    let mut parts = grouped(parts, |p| p.charge_id);
    let mut txns = grouped(txns, |t| t.charge_id);
    let mut refunds = grouped(refunds, |r| r.charge_id);
    let whole = |charge: ChargeRow| Whole {
        parts: parts.remove(&charge.id).unwrap_or_default(),
        txns: txns.remove(&charge.id).unwrap_or_default(),
        refunds: refunds
            .remove(&charge.id)
            .unwrap_or_default()
            .into_iter()
            .map(|refund| {
                let own = refund_parts.remove(&refund.id).unwrap_or_default();
                (refund, own)
            })
            .collect(),
        charge,
    };
    Ok(charges.into_iter().map(whole).collect())
}

fn grouped<T>(rows: Vec<T>, by: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(by(&row)).or_default().push(row);
    }
    groups
}

fn sum<'a, T: 'a>(rows: impl IntoIterator<Item = &'a T>, of: impl Fn(&T) -> i64) -> i128 {
    rows.into_iter().map(|row| i128::from(of(row))).sum()
}

/// A refund that was not refused counts as given back.
fn counts(refund: &RefundRow) -> bool {
    RefundState::parse(&refund.state) != Some(RefundState::Declined)
}

fn succeeded(refund: &RefundRow) -> bool {
    RefundState::parse(&refund.state) == Some(RefundState::Succeeded)
}

impl Whole {
    fn compare(&self, checks: &mut Checks<'_>) {
        let charge = &self.charge;
        let says = |what: &str, kept: i64, computed: i128| {
            format!("{what} of {}: {} is kept, {} computed", charge.id, money(kept.into()), money(computed))
        };
        let state = State::parse(&charge.state);

        let split = sum(&self.parts, |p| p.amount);
        let taken_back = self.was_taken_back(state);
        let (moves, scheduled) = (
            taken_back
                || state.is_some_and(|s| {
                    s.reserves() || matches!(s, State::Succeeded | State::Refunded | State::Returned)
                }),
            matches!(state, Some(State::Scheduled | State::Canceled)) && !taken_back,
        );
        let parted = match self.parts.is_empty() {
            true => !(charge.linked && moves),
            false => charge.linked && !scheduled && split == i128::from(charge.amount),
        };
        checks.parts.compare(parted, || says("the amount", charge.amount, split));

        let given = sum(self.counting(state).map(|(r, _)| r), |r| r.amount);
        checks.refunds.compare(given == charge.refunded_amount.into(), || {
            says("refunded", charge.refunded_amount, given)
        });
        for part in &self.parts {
            let back = self.counting(state).flat_map(|(_, own)| own);
            let back = sum(back.filter(|own| own.debt_id == part.debt_id), |own| own.amount);
            checks.refunds.compare(back == part.refunded.into(), || {
                says(&format!("refunded on {}", part.debt_id), part.refunded, back)
            });
        }
        for (refund, own) in &self.refunds {
            let split = sum(own, |o| o.amount);
            let known = own.iter().all(|o| self.parts.iter().any(|p| p.debt_id == o.debt_id));
            let right = if own.is_empty() { self.parts.is_empty() } else { split == refund.amount.into() };
            checks.refunds.compare(right && known, || {
                format!(
                    "refund {} of {} is {}, its parts are {}",
                    refund.id,
                    charge.id,
                    money(refund.amount.into()),
                    money(split)
                )
            });
        }
        if let Some(wrong) = self.wrong_states(state) {
            checks.states.fault(format!("{} is {}: {wrong}", charge.id, charge.state));
        }
        checks.states.compared += 1 + self.refunds.len() as u64;
        for (txn, wrong) in self.wrong_transactions(state) {
            checks.transactions.fault(match txn {
                Some(txn) => format!("transaction {} of {}: {wrong}", txn.id, charge.id),
                None => format!("{} is {}: {wrong}", charge.id, charge.state),
            });
        }
        checks.transactions.compared += self.txns.len() as u64;
    }

    /// Whether it was taken back before it settled: it was sent, and nothing moved.
    fn was_taken_back(&self, state: Option<State>) -> bool {
        state == Some(State::Canceled) && self.txns.iter().any(|t| t.kind == "payment")
    }

    /// The refunds that count as given back, or on their way back. Of what was taken back before it settled nothing
    /// was.
    fn counting(&self, state: Option<State>) -> impl Iterator<Item = &(RefundRow, Vec<RefundPartRow>)> {
        let nothing_moved = state == Some(State::Canceled);
        self.refunds.iter().filter(move |(r, _)| counts(r) && !(nothing_moved && succeeded(r)))
    }

    fn given_back(&self) -> i128 {
        sum(self.refunds.iter().map(|(r, _)| r).filter(|r| succeeded(r)), |r| r.amount)
    }

    fn wrong_states(&self, state: Option<State>) -> Option<&'static str> {
        let all = self.given_back() == self.charge.amount.into();
        match state {
            None => Some("no such state"),
            _ if self.charge.rail != self.charge.method => {
                Some("it goes over another network than its method")
            }
            Some(State::Refunded) if !all => Some("not all of it was given back"),
            Some(State::Succeeded) if all => Some("all of it was given back"),
            Some(State::Succeeded | State::Refunded | State::Returned) => None,
            // Until it settles it can only be taken back, in whole.
            Some(state)
                if self.refunds.iter().any(|(r, _)| {
                    r.kind == RefundKind::Refund || succeeded(r) && state != State::Canceled
                }) =>
            {
                Some("nothing can have been given back of it")
            }
            Some(_) => None,
        }
    }

    /// What is wrong with its transactions: how many, which, in what state, for how much.
    fn wrong_transactions(&self, state: Option<State>) -> Vec<(Option<&TxnRow>, String)> {
        let (charge, mut wrong) = (&self.charge, Vec::new());
        let payments: Vec<&TxnRow> = self.txns.iter().filter(|t| t.kind == "payment").collect();
        let stands: Vec<&str> = payments.iter().map(|t| t.status.as_str()).collect();
        let fits = match state {
            Some(State::Scheduled | State::Submitting | State::Unknown) => stands.is_empty(),
            Some(State::Canceled) => stands.is_empty() || stands == ["failed"],
            Some(State::Pending) => stands == ["pending"],
            Some(State::Succeeded | State::Refunded) => stands == ["completed"],
            Some(State::Declined) => stands == ["failed"],
            Some(State::Returned) => stands == ["completed"] || stands == ["failed"],
            None => false,
        };
        if !fits {
            wrong.push((None, format!("its payments are {stands:?}")));
        }
        let amount = |txn: &TxnRow, of: i64| {
            let (is, to_be) = (money(txn.amount.into()), money(of.into()));
            (txn.amount != of).then(|| format!("it is for {is}, and should be for {to_be}"))
        };
        for txn in &self.txns {
            let refund = self.refunds.iter().find(|(r, _)| Some(r.id) == txn.refund_id).map(|(r, _)| r);
            let says = match (txn.kind.as_str(), refund) {
                ("payment", None) if txn.refund_id.is_none() => amount(txn, charge.amount),
                ("refund", Some(refund)) => amount(txn, refund.amount),
                ("reversal", None) if txn.refund_id.is_none() => (txn.status != "completed"
                    || state != Some(State::Returned))
                .then(|| "no reversal can stand here".to_owned()),
                _ => Some(format!("a {} with refund {:?}", txn.kind, txn.refund_id)),
            };
            wrong.extend(says.map(|says| (Some(txn), says)));
            if txn.debt_id != charge.debt_id {
                wrong.push((Some(txn), format!("it names the account {:?}", txn.debt_id)));
            }
        }
        for (refund, _) in &self.refunds {
            let own = self.txns.iter().filter(|t| t.kind == "refund" && t.refund_id == Some(refund.id));
            let stands: Vec<&str> = own.map(|t| t.status.as_str()).collect();
            let fits = match RefundState::parse(&refund.state) {
                Some(RefundState::Succeeded) if state == Some(State::Canceled) => stands.is_empty(),
                Some(RefundState::Succeeded) => stands == ["completed"],
                Some(RefundState::Declined) => stands == ["failed"],
                Some(RefundState::Submitting | RefundState::Unknown | RefundState::Pending) => {
                    stands.is_empty()
                }
                None => false,
            };
            if !fits {
                let says =
                    format!("refund {} is {}, its transactions are {stands:?}", refund.id, refund.state);
                wrong.push((None, says));
            }
        }
        // What came back is what had come and was not given back, or on its way back, before.
        let back = sum(self.txns.iter().filter(|t| t.kind == "reversal"), |t| t.amount);
        let had_come = state == Some(State::Returned) && stands == ["completed"];
        let kept = sum(self.counting(state).map(|(r, _)| r), |r| r.amount);
        let to_come_back = if had_come { i128::from(charge.amount) - kept } else { 0 };
        if back != to_come_back {
            let says =
                format!("reversals of {}, and {} had come and stayed", money(back), money(to_come_back));
            wrong.push((None, says));
        }
        wrong
    }

    /// What its completed transactions should have posted.
    fn expects(&self, ends: &mut Ends) {
        let Some(rail) = [Rail::Card, Rail::Ach].into_iter().find(|r| r.as_str() == self.charge.rail) else {
            return;
        };
        for txn in self.txns.iter().filter(|t| t.status == "completed") {
            if !ends.is_meant(txn.id) {
                continue;
            }
            let suspense = |amount: i64| vec![Share { debt: None, amount: Cents::new(amount) }];
            let postings = match (txn.kind.as_str(), txn.refund_id) {
                ("payment", _) => {
                    let parts = self.parts.iter().map(|p| (p.debt_id, p.amount));
                    let shares: Vec<Share> = parts.map(share).collect();
                    settled(rail, &if shares.is_empty() { suspense(txn.amount) } else { shares })
                }
                ("refund", id) => {
                    let own = self.refunds.iter().find(|(r, _)| Some(r.id) == id).map(|(_, own)| own);
                    let own = own.into_iter().flatten().map(|p| (p.debt_id, p.amount));
                    let shares: Vec<Share> = own.map(share).collect();
                    // A sum that does not fit is of amounts that are wrong, and are found to be.
                    let shares = if shares.is_empty() { suspense(txn.amount) } else { shares };
                    refunded(rail, &shares).unwrap_or_default()
                }
                _ => {
                    ends.expect_return(txn.id, txn.amount);
                    continue;
                }
            };
            for posting in postings {
                ends.expect(txn.id, &posting);
            }
        }
    }
}

fn share((debt, amount): (Uuid, i64)) -> Share {
    Share { debt: Some(debt), amount: Cents::new(amount) }
}
