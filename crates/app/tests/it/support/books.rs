//! The question at the end of every story: do the books hold? Asked of the tables themselves and of the processor's
//! own journal, by other means than the program's.

use std::collections::{BTreeMap, HashMap};

use base::ids::Uuid;
use base::{TenantId, Ts};
use books::orgs::Environment;
use payments::verify;
use sandbox::wire::{Record, Standing};

use super::Agency;

base::record! {
    struct Account { tenant_id: TenantId, id: Uuid, parent_id: Option<Uuid>, current_balance: i64,
                     balance: i64, reserved: i64, children: i64, gone: bool }
}
base::record! {
    struct Sum { tenant_id: TenantId, id: Uuid, amount: i64 }
}
base::record! {
    struct Charged { tenant_id: TenantId, id: Uuid, pkey: String, state: String, amount: i64, refunded_amount: i64 }
}
base::record! {
    struct Refunded { pkey: String, charge_key: String, state: String, amount: i64 }
}
base::record! {
    struct Told { tenant_id: TenantId, seq: Option<i64> }
}

const ACCOUNTS: &str = "SELECT tenant_id, id, parent_id, current_balance, balance, reserved, children, \
                        deleted_at IS NOT NULL FROM debt ORDER BY id";
const ENTRIES: &str = "SELECT tenant_id, debt_id, CAST(sum(CASE WHEN debit = 'receivable' THEN amount ELSE 0 END \
                       - CASE WHEN credit = 'receivable' THEN amount ELSE 0 END) AS bigint) \
                       FROM entry WHERE debt_id IS NOT NULL GROUP BY tenant_id, debt_id";
const OPEN_PARTS: &str = "SELECT charge_part.tenant_id, charge_part.debt_id, CAST(sum(charge_part.amount) AS bigint) \
                          FROM charge_part JOIN charge ON charge.tenant_id = charge_part.tenant_id \
                          AND charge.id = charge_part.charge_id \
                          WHERE charge.state IN ('submitting', 'unknown', 'pending') \
                          GROUP BY charge_part.tenant_id, charge_part.debt_id";
/// Those that the sandbox knows: of real money a story asks whoever moves it.
const CHARGES: &str = "SELECT charge.tenant_id, charge.id, charge.pkey, charge.state, charge.amount, \
                       charge.refunded_amount FROM charge JOIN tenant ON tenant.id = charge.tenant_id \
                       WHERE tenant.environment = 'sandbox' ORDER BY charge.id";
const REFUNDS: &str = "SELECT refund.pkey, charge.pkey, refund.state, refund.amount FROM refund \
                       JOIN charge ON charge.tenant_id = refund.tenant_id AND charge.id = refund.charge_id \
                       JOIN tenant ON tenant.id = charge.tenant_id WHERE tenant.environment = 'sandbox'";
/// What refers to another tenant's row, or to none: each of these must count nothing.
const STRAYS: &[&str] = &[
    "SELECT count(*) FROM entry LEFT JOIN debt ON debt.tenant_id = entry.tenant_id AND debt.id = entry.debt_id \
     WHERE entry.debt_id IS NOT NULL AND debt.id IS NULL",
    "SELECT count(*) FROM entry LEFT JOIN txn ON txn.tenant_id = entry.tenant_id AND txn.id = entry.txn_id \
     WHERE entry.txn_id IS NOT NULL AND txn.id IS NULL",
    "SELECT count(*) FROM entry WHERE (debit = 'receivable' OR credit = 'receivable') AND debt_id IS NULL",
    "SELECT count(*) FROM txn LEFT JOIN charge ON charge.tenant_id = txn.tenant_id AND charge.id = txn.charge_id \
     WHERE charge.id IS NULL",
    "SELECT count(*) FROM event LEFT JOIN tenant ON tenant.id = event.tenant_id WHERE tenant.id IS NULL",
    // Money that moved is told of: a completed transaction has its entries, and no other one has any.
    "SELECT count(*) FROM txn LEFT JOIN entry ON entry.tenant_id = txn.tenant_id AND entry.txn_id = txn.id \
     WHERE (txn.status = 'completed') <> (entry.id IS NOT NULL)",
];

impl Agency {
    /// Whether balances, reservations, the ledger, the events and the processor's journal all tell one story.
    pub(crate) async fn books_hold(&self) {
        self.steps().await;
        let tx = self.db.snapshot().await.expect("a snapshot");
        let accounts: Vec<Account> = tx.all(ACCOUNTS, &[]).await.expect("accounts");
        let sums = |all: Vec<Sum>| -> HashMap<(TenantId, Uuid), i64> {
            all.into_iter().map(|s| ((s.tenant_id, s.id), s.amount)).collect()
        };
        let entries = sums(tx.all(ENTRIES, &[]).await.expect("entries"));
        let open = sums(tx.all(OPEN_PARTS, &[]).await.expect("parts"));
        for account in &accounts {
            let key = (account.tenant_id, account.id);
            let posted = entries.get(&key).copied().unwrap_or(0);
            if account.children > 0 {
                assert_eq!(posted, 0, "a parent's own entries come to nothing: {account:?}");
                let mine = || accounts.iter().filter(|c| c.parent_id == Some(account.id) && !c.gone);
                let of = |what: fn(&Account) -> i64| mine().map(what).sum::<i64>();
                let summed = (of(|c| c.balance), of(|c| c.current_balance), of(|c| c.reserved), of(|_| 1));
                let shown = (account.balance, account.current_balance, account.reserved, account.children);
                assert_eq!(shown, summed, "a parent is the sum of its children: {account:?}");
            } else {
                assert_eq!(
                    account.current_balance, posted,
                    "a balance is the sum of its entries: {account:?}"
                );
                let reserved = open.get(&key).copied().unwrap_or(0);
                assert_eq!(account.reserved, reserved, "what is reserved is what is open: {account:?}");
            }
        }
        for stray in STRAYS {
            assert_eq!(tx.number(stray, &[]).await.expect(stray), 0, "{stray}");
        }
        let told: Vec<Told> =
            tx.all("SELECT tenant_id, seq FROM event ORDER BY seq", &[]).await.expect("events");
        let mut streams: BTreeMap<TenantId, Vec<Option<i64>>> = BTreeMap::new();
        told.into_iter().for_each(|event| streams.entry(event.tenant_id).or_default().push(event.seq));
        for stream in streams.values() {
            let gapless: Vec<Option<i64>> = (1..).take(stream.len()).map(Some).collect();
            assert_eq!(stream, &gapless, "every event has its place, without a gap");
        }
        let charges: Vec<Charged> = tx.all(CHARGES, &[]).await.expect("charges");
        let refunds: Vec<Refunded> = tx.all(REFUNDS, &[]).await.expect("refunds");
        // Some of it may have happened by a test clock, ahead of the world.
        let ahead =
            books::clocks::all(&tx).await.expect("clocks").into_iter().map(|clock| clock.stands_at).max();
        let now = self.now().max(ahead.unwrap_or(self.now()));
        self.the_processor_agrees(&charges, &refunds, now);

        // The program's own answer to the question, which is to be the same.
        let tenants = self.tenants.all(&tx).await.expect("tenants");
        let mut checks = verify::books(&tx, &tenants).await.expect("verify");
        let remitted = remittance::verify::run(&mut verify::Sight::of(&tx), &tenants).await;
        checks.extend(remitted.expect("verify"));
        let rehearsing: Vec<_> =
            tenants.into_iter().filter(|t| t.environment == Environment::Sandbox).collect();
        let ours = verify::ours(&tx, &rehearsing).await.expect("verify");
        drop(tx);
        checks.push(verify::processor(&ours, &self.bank.list(now), now));
        let wrong: Vec<&verify::Check> = checks.iter().filter(|check| check.wrong > 0).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    fn the_processor_agrees(&self, charges: &[Charged], refunds: &[Refunded], now: Ts) {
        for (key, stats) in &self.bank.stats().keys {
            assert!(stats.charges <= 1, "{key} was charged {} times", stats.charges);
        }
        let records = self.bank.book().all(now.micros());
        for record in &records {
            match &record.refund_of {
                None => {
                    let charge = charges.iter().find(|c| c.pkey == record.key);
                    let charge = charge
                        .unwrap_or_else(|| panic!("the processor charged what we do not know: {record:?}"));
                    assert!(agrees(charge, record), "{charge:?} is for the processor {record:?}");
                }
                // Refused because the charge had not settled, and sent again as a void under a key of its own.
                Some(_) if refunds.iter().any(|r| r.pkey == format!("{}-void", record.key)) => {
                    assert!(matches!(record.standing, Standing::Declined(_)), "{record:?}");
                }
                Some(charge_key) => {
                    let refund = refunds.iter().find(|r| r.pkey == record.key && r.charge_key == *charge_key);
                    let refund = refund
                        .unwrap_or_else(|| panic!("the processor gave back what we do not know: {record:?}"));
                    assert_eq!(refund.amount, record.amount, "{refund:?} is for the processor {record:?}");
                    let both = (refund.state.as_str(), &record.standing);
                    let same = matches!(
                        both,
                        ("succeeded", Standing::Succeeded)
                            | ("declined", Standing::Declined(_))
                            | ("submitting" | "unknown" | "pending", _)
                    );
                    assert!(same, "{refund:?} is for the processor {record:?}");
                }
            }
        }
        let knows = |key: &str| records.iter().any(|r| r.key == key);
        for charge in charges.iter().filter(|c| matches!(&*c.state, "succeeded" | "refunded" | "pending")) {
            assert!(knows(&charge.pkey), "the processor does not know {charge:?}");
        }
        for charge in charges {
            let given_back: i64 = refunds
                .iter()
                .filter(|r| r.charge_key == charge.pkey && r.state != "declined")
                .map(|r| r.amount)
                .sum();
            // Of what was voided before it settled nothing was given back.
            let given_back = if charge.state == "canceled" { 0 } else { given_back };
            assert_eq!(charge.refunded_amount, given_back, "{charge:?}");
        }
    }
}

/// Whether a charge and the processor's record of it tell the same. What comes back late is learned of late.
fn agrees(charge: &Charged, record: &Record) -> bool {
    let standing = matches!(
        (charge.state.as_str(), &record.standing),
        ("submitting" | "unknown", _)
            | ("pending", Standing::Pending | Standing::Succeeded | Standing::Returned(_))
            | ("succeeded" | "refunded", Standing::Succeeded | Standing::Returned(_))
            | ("declined", Standing::Declined(_))
            | ("returned", Standing::Returned(_) | Standing::Voided)
            // Before it settled, or of a card on the same day.
            | ("canceled" | "refunded", Standing::Voided)
    );
    standing && charge.amount == record.amount
}
