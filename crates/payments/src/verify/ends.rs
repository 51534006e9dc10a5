//! Entries against the transactions they explain, both ends.
//!
//! No index finds an entry by its transaction, and sorting all of them is slow or needs memory. So both sides are
//! added up in any order, each amount times a number that belongs to its transaction, its two ends and its debt, in
//! [`BUCKETS`] sums of 128 bits by the transaction. Where a bucket comes to nothing, both sides say the same (a
//! difference that hides has odds of one in 2^127). For buckets that do not, both sides are read again in one
//! snapshot, transaction by transaction.
//!
//! A completed transaction and its entries are never changed, so sides that were read at different instants still
//! agree on what was complete before both: transactions that began after the check did are left for the next one.

use std::collections::{BTreeMap, BTreeSet};

use base::db::Tx;
use base::vault::sha256;
use base::{Cents, Result};
use books::ledger::posting::{Account, Posting, Side};
use books::orgs::Tenant;
use uuid::Uuid;

use super::{AccountTotal, Checks, EVERY, Pages, Sight, charges, money};

/// How many sums there are.
const BUCKETS: usize = 1 << 16;

base::record! {
    struct Entry {
        id: Uuid, what: String, debit: String, credit: String, debt_id: Option<Uuid>, txn_id: Option<Uuid>, amount: i64
    }
}

/// By transaction, what is to be posted where, less what was.
type Exact = BTreeMap<Uuid, BTreeMap<String, i128>>;

/// What transactions should have posted, less what was posted.
pub(super) struct Ends {
    sums: Vec<u128>,
    /// Read again: only of these buckets, transaction by transaction.
    exact: Option<(BTreeSet<usize>, Exact)>,
    /// Transactions whose ids are of a later millisecond are left out.
    until: u128,
}

impl Ends {
    pub(super) fn new(sight: &Sight<'_>) -> Ends {
        let millis = u128::try_from(sight.seams().now().micros() / 1_000).unwrap_or(0);
        let until = if sight.moves() { millis } else { u128::MAX };
        Ends { sums: vec![0; BUCKETS], exact: None, until }
    }

    /// Whether a transaction is looked at.
    pub(super) fn is_meant(&self, txn: Uuid) -> bool {
        // The first 48 bits of an id of version 7 are its millisecond.
        txn.as_u128() >> 80 <= self.until
    }

    /// A completed transaction should have posted this.
    pub(super) fn expect(&mut self, txn: Uuid, posting: &Posting) {
        let key = Key(posting.debit.as_str(), posting.credit.as_str(), posting.debt);
        self.add(txn, &key, posting.amount.get().into());
    }

    /// What came back is posted against clearing, over parts that later refunds may have changed: only all of it.
    pub(super) fn expect_return(&mut self, txn: Uuid, amount: i64) {
        self.add(txn, &RETURNED, amount.into());
    }

    fn posted(&mut self, entry: &Entry) {
        let Some(txn) = entry.txn_id.filter(|txn| self.is_meant(*txn)) else { return };
        let amount = -i128::from(entry.amount);
        if entry.debit == Account::WriteOffs.as_str() {
            // What came back to a parent was taken off it again: the parent's own entries must come to nothing.
        } else if entry.what == "returned" {
            if [Account::CardClearing, Account::AchClearing].iter().any(|a| a.as_str() == entry.credit) {
                self.add(txn, &RETURNED, amount);
            }
        } else {
            self.add(txn, &Key(&entry.debit, &entry.credit, entry.debt_id), amount);
        }
    }

    fn add(&mut self, txn: Uuid, key: &Key<'_>, amount: i128) {
        let bucket = usize::from(u16::from_be_bytes([txn.as_bytes()[14], txn.as_bytes()[15]]));
        match &mut self.exact {
            Some((buckets, _)) if !buckets.contains(&bucket) => {}
            Some((_, exact)) => *exact.entry(txn).or_default().entry(key.told()).or_default() += amount,
            None => {
                let sum = &mut self.sums[bucket];
                *sum = sum.wrapping_add(key.number(txn).wrapping_mul(amount.cast_unsigned()));
            }
        }
    }
}

/// What belongs to an amount besides its transaction: debit, credit, debt.
struct Key<'a>(&'a str, &'a str, Option<Uuid>);

const RETURNED: Key<'static> = Key("returned", "clearing", None);

impl Key<'_> {
    fn number(&self, txn: Uuid) -> u128 {
        let mut text = Vec::with_capacity(72);
        text.extend_from_slice(txn.as_bytes());
        text.extend_from_slice(self.2.unwrap_or_default().as_bytes());
        text.extend_from_slice(self.0.as_bytes());
        text.push(0);
        text.extend_from_slice(self.1.as_bytes());
        let hash = sha256(&text);
        let mut number = [0; 16];
        number.copy_from_slice(&hash[..16]);
        u128::from_be_bytes(number) | 1 // odd, so that no amount but nothing times it is nothing
    }

    fn told(&self) -> String {
        match self.2 {
            Some(debt) => format!("Dr {} Cr {} of {debt}", self.0, self.1),
            None => format!("Dr {} Cr {}", self.0, self.1),
        }
    }
}

/// Reads every entry of a tenant once: what it says of itself, what its transaction should have posted, and what the
/// accounts of the chart come to.
pub(super) async fn check(
    sight: &mut Sight<'_>,
    tenant: &Tenant,
    checks: &mut Checks<'_>,
    totals: &mut [AccountTotal],
    mut ends: Ends,
) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let entries = page(sight.look().await?, tenant, &mut pages, after).await?;
        checks.told("entries", entries.len());
        for entry in &entries {
            let wrong = wrong(entry);
            checks
                .references
                .compare(wrong.is_none(), || format!("entry {}: {}", entry.id, wrong.unwrap_or_default()));
            ends.posted(entry);
            add_up(totals, entry);
        }
    }
    let odd: BTreeSet<usize> = (0..BUCKETS).filter(|bucket| ends.sums[*bucket] != 0).collect();
    if odd.is_empty() {
        return Ok(());
    }
    ends.exact = Some((odd, BTreeMap::new()));
    let tx = sight.look_again().await?;
    charges::expect(tx, tenant, &mut ends).await?;
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        for entry in &page(tx, tenant, &mut pages, after).await? {
            ends.posted(entry);
        }
    }
    for (txn, keys) in ends.exact.into_iter().flat_map(|(_, exact)| exact) {
        let wrong: Vec<String> = keys
            .iter()
            .filter(|(_, sum)| **sum != 0)
            .map(|(key, sum)| match *sum > 0 {
                true => format!("{} is missing at {key}", money(*sum)),
                false => format!("{} is too much at {key}", money(-sum)),
            })
            .collect();
        if !wrong.is_empty() {
            checks.charges.fault(format!("transaction {txn}: {}", wrong.join(", ")));
        }
    }
    Ok(())
}

async fn page(tx: &Tx, tenant: &Tenant, pages: &mut Pages, after: Uuid) -> Result<Vec<Entry>> {
    let entries: Vec<Entry> = tx
        .all(
            "SELECT id, what, debit, credit, debt_id, txn_id, amount FROM entry \
             WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            &[&tenant.id, &after, &EVERY],
        )
        .await?;
    pages.turn(entries.iter().map(|e| e.id));
    Ok(entries)
}

/// What is wrong with an entry by itself.
fn wrong(entry: &Entry) -> Option<String> {
    let (Some(debit), Some(credit)) = (Account::parse(&entry.debit), Account::parse(&entry.credit)) else {
        return Some(format!("`{}` or `{}` is no account", entry.debit, entry.credit));
    };
    if debit == credit {
        return Some(format!("both ends are {debit}"));
    }
    let per_debt = debit.is_per_debt() || credit.is_per_debt();
    if per_debt != entry.debt_id.is_some() {
        return Some(format!("Dr {debit} Cr {credit} of debt {:?}", entry.debt_id));
    }
    // Without a transaction a debt is only placed, or put right.
    let corrects = matches!(
        (debit, credit),
        (Account::Receivable, Account::Placed | Account::WriteOffs)
            | (Account::WriteOffs, Account::Receivable)
    );
    if entry.txn_id.is_none() && !corrects && !is_clients_money(debit, credit) {
        return Some(format!("Dr {debit} Cr {credit} without a transaction"));
    }
    (entry.amount > Cents::MOST.get()).then(|| format!("{} is more than there can be", entry.amount))
}

/// Whether it moves what was collected on to whom it belongs: by a remittance, or on to the trust account.
fn is_clients_money(debit: Account, credit: Account) -> bool {
    use Account::*;
    let either_way = |a, b| (debit, credit) == (a, b) || (debit, credit) == (b, a);
    either_way(Placed, ClientPayable)
        || either_way(ClientPayable, FeeIncome)
        || either_way(FeesReceivable, FeeIncome)
        || either_way(ClientPayable, TrustBank)
        || either_way(OperatingBank, TrustBank)
        || either_way(TrustBank, CardClearing)
        || either_way(TrustBank, AchClearing)
}

fn add_up(totals: &mut [AccountTotal], entry: &Entry) {
    for (side, word) in [(Side::Debit, &entry.debit), (Side::Credit, &entry.credit)] {
        if let Some(total) = totals.iter_mut().find(|t| t.account.as_str() == word) {
            match side {
                Side::Debit => total.debits += i128::from(entry.amount),
                Side::Credit => total.credits += i128::from(entry.amount),
            }
        }
    }
}
