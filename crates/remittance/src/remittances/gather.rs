//! Which ledger entries a remittance takes.
//!
//! A payment, once its days of hold are over by the remittance's last day, goes to whoever is the client of its account
//! then. What takes a payment back goes with it: onto the same remittance where it came in time, so that nothing is remitted
//! that came back during the hold, and onto the next of the same client where it came after. It waits for nothing, and no
//! last day keeps it out: what is known to have come back is not paid.
//!
//! The ledger keeps no count of what was taken: an entry that has a line was. All of a client's accounts are walked, some at
//! a time, by the indexes of their locations and entries.

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::{Cents, Day, Failure, Result, Ts};
use books::debts::{self, DebtId};
use books::ledger::posting::Account;
use books::locations::LocationId;
use books::orgs::Tenant;
use jiff::Span;
use payments::charges::ChargeId;
use payments::charges::postings::Rail;
use uuid::Uuid;

use super::model::{Line, LineKind, Remittance, fits};
use crate::terms::{Terms, which_rule};

/// How many accounts are looked at at a time.
const MANY: usize = 500;

/// Takes what there is, and writes its lines.
pub(super) struct Gathering<'a> {
    pub(super) tx: &'a Tx,
    pub(super) tenant: &'a Tenant,
    pub(super) terms: &'a Terms,
    pub(super) of: &'a Remittance,
}

base::record! {
    struct Candidate { id: DebtId }
}
base::record! {
    /// An account, as far as it says whose client's it is and what its fee is.
    struct Placed in "debt" { id: DebtId, location_id: Option<LocationId>, balance: Cents, created_at: Ts }
}
base::record! {
    struct Client { id: LocationId, kind: String }
}
base::record! {
    /// A payment's entry on an account.
    struct Paid { id: Uuid, debt_id: DebtId, debit: String, amount: Cents, created_at: Ts, charge_id: ChargeId }
}
base::record! {
    /// An entry that takes a payment back, and the payment's line.
    struct Back {
        id: Uuid, what: String, amount: Cents, created_at: Ts, payment_id: Uuid, payment_amount: Cents, rail: Rail,
        charge_id: ChargeId, debt_id: DebtId, rule: i64, basis_points: i64
    }
}
base::record! {
    struct Taken { payment_id: Uuid, amount: Cents }
}

/// Accounts that name the location, as their own or as a further one.
const CANDIDATES: &str = "SELECT id FROM debt WHERE tenant_id = $1 AND location_id = $2 \
     UNION SELECT debt_id FROM debt_location WHERE tenant_id = $1 AND location_id = $2";

const CLIENTS: &str = "SELECT client_terms.location_id, location.type FROM client_terms \
     JOIN location ON location.tenant_id = client_terms.tenant_id AND location.id = client_terms.location_id \
     WHERE client_terms.tenant_id = $1";

/// Payments on these accounts that no remittance has, made before an instant.
const PAID: &str = "SELECT entry.id, entry.debt_id, entry.debit, entry.amount, entry.created_at, txn.charge_id FROM entry \
     JOIN txn ON txn.tenant_id = entry.tenant_id AND txn.id = entry.txn_id \
     WHERE entry.tenant_id = $1 AND entry.debt_id IN ids($2) AND entry.created_at < $3 \
     AND entry.credit = 'receivable' AND entry.debit IN ('card_clearing', 'ach_clearing') \
     AND NOT EXISTS (SELECT 1 FROM remittance_line AS line WHERE line.tenant_id = entry.tenant_id AND line.id = entry.id) \
     ORDER BY entry.id";

/// What took back payments that were remitted by these terms, the draft's own among them, and no remittance has.
const BACK: &str = "SELECT entry.id, entry.what, entry.amount, entry.created_at, payment.id, payment.amount, payment.rail, \
     payment.charge_id, payment.debt_id, payment.rule, payment.basis_points FROM remittance \
     JOIN remittance_line AS payment ON payment.tenant_id = remittance.tenant_id AND payment.remittance_id = remittance.id \
     JOIN txn ON txn.tenant_id = payment.tenant_id AND txn.charge_id = payment.charge_id \
     JOIN entry ON entry.tenant_id = payment.tenant_id AND entry.debt_id = payment.debt_id AND entry.txn_id = txn.id \
     WHERE remittance.tenant_id = $1 AND remittance.terms_id = $2 AND remittance.state <> 'void' \
     AND payment.kind = 'payment' AND txn.kind IN ('refund', 'reversal') \
     AND entry.debit = 'receivable' AND entry.credit IN ('refunds', 'card_clearing', 'ach_clearing') \
     AND NOT EXISTS (SELECT 1 FROM remittance_line AS line WHERE line.tenant_id = entry.tenant_id AND line.id = entry.id) \
     ORDER BY entry.id";

const TAKEN: &str = "SELECT payment_id, CAST(sum(amount) AS bigint) FROM remittance_line \
     WHERE tenant_id = $1 AND payment_id IN ids($2) AND kind <> 'payment' GROUP BY payment_id";

impl Gathering<'_> {
    /// All of it; the lines are written.
    pub(super) async fn run(&self) -> Result<Vec<Line>> {
        let mut lines = self.payments().await?;
        self.tx.insert(&lines).await?;
        let back = self.takes_back().await?;
        self.tx.insert(&back).await?;
        lines.extend(back);
        Ok(lines)
    }

    async fn payments(&self) -> Result<Vec<Line>> {
        let (tx, tenant, row) = (self.tx, self.tenant, &self.terms.row);
        let clients: Vec<Client> = tx.all(CLIENTS, &[&tenant.id]).await?;
        let clients: HashMap<LocationId, bool> =
            clients.into_iter().map(|client| (client.id, client.kind == "current_creditor")).collect();
        let found: Vec<Candidate> = tx.all(CANDIDATES, &[&tenant.id, &row.location_id]).await?;
        let end = self.of.last_day.next().start_in(&tenant.zone);
        let mut lines = Vec::new();
        for some in found.chunks(MANY) {
            let ids = Ids::of(some.iter().map(|one| one.id));
            let tail = "WHERE tenant_id = $1 AND id IN ids($2)";
            let accounts: Vec<Placed> = tx.select(tail, &[&tenant.id, &ids]).await?;
            let further = debts::further_locations(tx, tenant, &ids).await?;
            let is_ours = |account: &&Placed| {
                let more = further.iter().filter(|one| one.debt_id == account.id).map(|one| one.location_id);
                client_of(account.location_id.into_iter().chain(more), &clients) == Some(row.location_id)
            };
            let ours: HashMap<DebtId, &Placed> =
                accounts.iter().filter(is_ours).map(|account| (account.id, account)).collect();
            if ours.is_empty() {
                continue;
            }
            let ids = Ids::of(ours.keys().copied());
            for paid in tx.all::<Paid>(PAID, &[&tenant.id, &ids, &end]).await? {
                lines
                    .extend(ours.get(&paid.debt_id).map(|on| self.payment(&paid, on)).transpose()?.flatten());
            }
        }
        Ok(lines)
    }

    /// The line of a payment; `None` where it is held, or from before there was a client.
    fn payment(&self, paid: &Paid, on: &Placed) -> Result<Option<Line>> {
        let (zone, row) = (&self.tenant.zone, &self.terms.row);
        let moved_on = paid.created_at.day_in(zone);
        let (rail, held_days) = match paid.debit == Account::CardClearing.as_str() {
            true => (Rail::Card, row.card_hold_days),
            false => (Rail::Ach, row.ach_hold_days),
        };
        let free_on = Day(moved_on.0.saturating_add(Span::new().days(held_days)));
        if free_on > self.of.last_day || row.since.is_some_and(|since| moved_on < since) {
            return Ok(None);
        }
        let placed_on = on.created_at.day_in(zone);
        let (rule, basis_points) = which_rule(&self.terms.rules, moved_on, placed_on, on.balance)?;
        let line = Line {
            tenant_id: self.tenant.id,
            id: paid.id,
            remittance_id: self.of.id,
            payment_id: paid.id,
            kind: LineKind::Payment,
            rail,
            charge_id: paid.charge_id,
            debt_id: paid.debt_id,
            moved_on,
            amount: paid.amount,
            rest: paid.amount,
            rule,
            basis_points,
            fee: Cents::ZERO,
        };
        Ok(Some(Line { fee: line.fee_by_rule()?, ..line }))
    }

    async fn takes_back(&self) -> Result<Vec<Line>> {
        let (tx, tenant) = (self.tx, self.tenant);
        let back: Vec<Back> = tx.all(BACK, &[&tenant.id, &self.terms.row.id]).await?;
        if back.is_empty() {
            return Ok(Vec::new());
        }
        let payments = Ids::of(back.iter().map(|one| one.payment_id));
        let taken: Vec<Taken> = tx.all(TAKEN, &[&tenant.id, &payments]).await?;
        let mut taken: HashMap<Uuid, Cents> =
            taken.into_iter().map(|row| (row.payment_id, row.amount)).collect();
        let mut lines = Vec::with_capacity(back.len());
        for one in back {
            let all = taken.entry(one.payment_id).or_insert(Cents::ZERO);
            *all = fits(all.plus(one.amount))?;
            let rest = fits(one.payment_amount.minus(*all))?;
            if rest < Cents::ZERO {
                return Err(Failure::broken("gathering a remittance", "more came back than was paid"));
            }
            let line = Line {
                tenant_id: tenant.id,
                id: one.id,
                remittance_id: self.of.id,
                payment_id: one.payment_id,
                kind: if one.what == "refunded" { LineKind::Refund } else { LineKind::Return },
                rail: one.rail,
                charge_id: one.charge_id,
                debt_id: one.debt_id,
                moved_on: one.created_at.day_in(&tenant.zone),
                amount: one.amount,
                rest,
                rule: one.rule,
                basis_points: one.basis_points,
                fee: Cents::ZERO,
            };
            lines.push(Line { fee: line.fee_by_rule()?, ..line });
        }
        Ok(lines)
    }
}

/// Whose an account is: its first current creditor that is a client, else its first original one. `clients` are those there
/// are, and whether each is a current creditor.
fn client_of(
    places: impl IntoIterator<Item = LocationId>,
    clients: &HashMap<LocationId, bool>,
) -> Option<LocationId> {
    let known: Vec<(LocationId, bool)> =
        places.into_iter().filter_map(|place| Some((place, *clients.get(&place)?))).collect();
    let current = known.iter().find(|(_, is_current)| *is_current);
    current.or(known.first()).map(|(place, _)| *place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_its_current_creditor_s_before_its_original_one_s() {
        let [first, bought, other, nobody] = [1, 2, 3, 4].map(|n| LocationId(Uuid::from_u128(n)));
        let clients = HashMap::from([(first, false), (other, false), (bought, true)]);
        let of = |places: &[LocationId]| client_of(places.iter().copied(), &clients);
        assert_eq!(of(&[nobody, first, bought, other]), Some(bought));
        assert_eq!(of(&[nobody, other, first]), Some(other));
        assert_eq!(of(&[nobody]), None);
        assert_eq!(of(&[]), None);
    }
}
