//! The books prove themselves: everything recomputed from the entries, and compared with the balances, the
//! parents, the charges, the refunds, the transactions, the events, and the processor's own list.
//!
//! Books that sum to zero prove nothing about double charges; only the processor's own books do ([`processor()`],
//! [`crate::reconcile`]).
//!
//! # What holds an amount in place
//!
//! | column | is held by |
//! |---|---|
//! | `entry.amount` | the balance of its debt, and its transaction |
//! | `debt.current_balance` | its entries; a parent's, its children |
//! | `debt.reserved` | the parts of charges under way; a parent's, its children |
//! | `debt.balance` | the last event about the account; a parent's, its children too |
//! | `charge.amount` | its parts, its transactions; before there are any, the last event about it |
//! | `charge.refunded_amount`, `charge_part.refunded` | the refunds, and their parts |
//! | `charge_part.amount` | the charge, and the entries of its payment |
//! | `refund.amount`, `refund_part.amount` | each other, and the refund's transaction and entries |
//! | `txn.amount` | its charge or refund, and its entries |
//! | `bank_statement`'s sums and balances, `bank_line.amount` | each other, and the statement before it |
//! | `bank_match.amount` | its lines, and what was expected |
//! | sealed values | their seal (read only where that is asked for) |
//! | what a customer authorized | its hash (the same) |
//!
//! A plan's amount is a wish until it is charged, and nothing repeats it: it is not checked. Its instalments are held
//! against the charges that pay them.
//!
//! # Beside a running server
//!
//! Tables are read page by page in the order of their keys, so memory does not grow with the books. What is compared
//! comes from one snapshot wherever an index finds it; the two comparisons for which none does (`ends`, `stated`)
//! may read their sides at two instants, and look again at what differs in one snapshot before they call it wrong.

mod accounts;
mod bank;
mod charges;
mod ends;
mod evidence;
mod plans;
mod processor;
mod sealed;
mod sight;
mod stated;

use base::Result;
use base::db::Tx;
use books::counts;
use books::ledger::posting::Account;
use books::orgs::Tenant;
use uuid::Uuid;

pub use self::processor::{Ours, ours, processor};
pub use self::sight::Sight;

/// How many examples of one fault are kept; all are counted.
const EXAMPLES: usize = 20;
/// How many rows of a table are read at a time.
const EVERY: i64 = 2_000;
/// Not before any id.
const LAST: Uuid = Uuid::from_u128(u128::MAX);

/// What a check found.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was compared, in words.
    pub name: &'static str,
    /// How many things were compared.
    pub compared: u64,
    /// How many of them were wrong.
    pub wrong: u64,
    /// What was wrong with the first of them.
    pub examples: Vec<String>,
}

impl Check {
    /// One that has compared nothing yet.
    pub fn new(name: &'static str) -> Check {
        Check { name, compared: 0, wrong: 0, examples: Vec::new() }
    }

    /// Counts what is wrong.
    pub fn fault(&mut self, says: String) {
        self.wrong += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(says);
        }
    }

    /// Counts a thing that was compared, and what is wrong with it unless it is right.
    pub fn compare(&mut self, right: bool, says: impl FnOnce() -> String) {
        self.compared += 1;
        if !right {
            self.fault(says());
        }
    }
}

/// What one account of the chart holds over all tenants of an environment, in cents. Wider than an amount, so that
/// one that is wrong can be added too.
#[derive(Clone, Debug)]
pub struct AccountTotal {
    /// The account.
    pub account: Account,
    /// What was debited.
    pub debits: i128,
    /// What was credited.
    pub credits: i128,
}

/// Cents as people read them.
pub fn money(cents: i128) -> String {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// Hears how many rows of what were read just now.
pub type Progress<'a> = &'a (dyn Fn(&'static str, u64) + Sync);

/// The checks of one run.
struct Checks<'a> {
    progress: Progress<'a>,
    balances: Check,
    parents: Check,
    reserved: Check,
    stated: Check,
    charges: Check,
    parts: Check,
    refunds: Check,
    states: Check,
    transactions: Check,
    instalments: Check,
    references: Check,
    events: Check,
    lists: Check,
    sealed: Check,
    evidence: Check,
    statements: Check,
    matches: Check,
}

impl Checks<'_> {
    fn told(&self, what: &'static str, rows: usize) {
        (self.progress)(what, rows as u64);
    }
}

/// Pages of a table in the order of its ids.
struct Pages {
    after: Option<Uuid>,
}

impl Default for Pages {
    fn default() -> Pages {
        Pages { after: Some(Uuid::nil()) }
    }
}

impl Pages {
    /// After which id the next page begins; `None` after the last.
    fn next(&self) -> Option<Uuid> {
        self.after
    }

    /// Notes a page; gives the id up to which it reaches.
    fn turn(&mut self, ids: impl ExactSizeIterator<Item = Uuid>) -> Uuid {
        let full = ids.len() as u64 == EVERY.unsigned_abs();
        self.after = ids.last().filter(|_| full);
        self.after.unwrap_or(LAST)
    }
}

/// What a whole run found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Each check.
    pub checks: Vec<Check>,
    /// What each account of the chart holds.
    pub totals: Vec<AccountTotal>,
}

/// Compares everything of these tenants; opens every sealed value where `deep`.
pub async fn run(
    sight: &mut Sight<'_>,
    tenants: &[Tenant],
    deep: bool,
    progress: Progress<'_>,
) -> Result<Report> {
    let mut checks = Checks {
        progress,
        balances: Check::new("balances = entries"),
        parents: Check::new("parents = their children"),
        reserved: Check::new("reserved = charges under way"),
        stated: Check::new("accounts, open charges = their last event"),
        charges: Check::new("transactions = entries"),
        parts: Check::new("charges = their parts"),
        refunds: Check::new("refunded = refunds"),
        states: Check::new("states that can be"),
        transactions: Check::new("charges = transactions"),
        instalments: Check::new("instalments = their charges"),
        references: Check::new("entries refer to what exists"),
        events: Check::new("events without gaps"),
        lists: Check::new("lists = their totals"),
        sealed: Check::new("sealed values open"),
        evidence: Check::new("authorizations = their hash"),
        statements: Check::new("bank statements = their lines"),
        matches: Check::new("bank lines = what was expected"),
    };
    let total = |&account: &Account| AccountTotal { account, debits: 0, credits: 0 };
    let mut totals: Vec<AccountTotal> = Account::ALL.iter().map(total).collect();
    for tenant in tenants {
        let mut stated = stated::Stated::default();
        accounts::check(sight, tenant, &mut checks, &mut stated).await?;
        let mut ends = ends::Ends::new(sight);
        charges::check(sight, tenant, &mut checks, &mut stated, &mut ends).await?;
        stated.settle(sight, tenant, &mut checks).await?;
        plans::check(sight, tenant, &mut checks).await?;
        ends::check(sight, tenant, &mut checks, &mut totals, ends).await?;
        events(sight.look().await?, tenant, &mut checks).await?;
        lists(sight.look().await?, tenant, &mut checks).await?;
        bank::check(sight, tenant, &mut checks).await?;
        if deep {
            sealed::check(sight, tenant, &mut checks).await?;
            evidence::check(sight, tenant, &mut checks).await?;
        }
    }
    let Checks {
        balances,
        parents,
        reserved,
        stated,
        mut charges,
        parts,
        refunds,
        states,
        transactions,
        instalments,
        references,
        events,
        lists,
        sealed,
        evidence,
        statements,
        matches,
        ..
    } = checks;
    charges.compared = references.compared;
    let mut checks = vec![balances, parents, reserved, stated, charges, parts, refunds, states, transactions];
    checks.extend([instalments, references, events, lists, statements, matches]);
    if deep {
        checks.extend([sealed, evidence]);
    }
    Ok(Report { checks, totals })
}

/// Compares everything of these tenants, all in one snapshot.
pub async fn books(tx: &Tx, tenants: &[Tenant]) -> Result<Vec<Check>> {
    Ok(run(&mut Sight::of(tx), tenants, false, &|_, _| {}).await?.checks)
}

base::record! {
    struct Places { head: i64, placed: i64, last: i64 }
}

/// Whether what lists say of their length is how many rows there are.
async fn lists(tx: &Tx, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    for told in counts::compare(tx, tenant.id).await? {
        checks.lists.compare(told.is_right(), || told.to_string());
    }
    Ok(())
}

/// Whether a tenant's stream of events has no gaps.
async fn events(tx: &Tx, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let stream: Places = tx
        .one(
            "SELECT (SELECT CAST(coalesce(max(seq), 0) AS bigint) FROM event_head WHERE tenant_id = $1), \
             (SELECT count(*) FROM event WHERE tenant_id = $1 AND seq IS NOT NULL), \
             (SELECT CAST(coalesce(max(seq), 0) AS bigint) FROM event WHERE tenant_id = $1 AND seq IS NOT NULL)",
            &[&tenant.id],
        )
        .await?;
    let Places { head, placed, last } = stream;
    checks.events.compared += u64::try_from(placed).unwrap_or(0);
    if head != placed || last != placed {
        let says =
            format!("{}: {placed} events have a place, the last is {last}, the head says {head}", tenant.id);
        checks.events.fault(says);
    }
    Ok(())
}
