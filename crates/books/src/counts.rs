//! How long lists are, and where their pages begin, at a cost that does not grow with them.
//!
//! A list in the order of its ids is cut into blocks, and those into larger ones, each with how many of its rows live.
//! The step that gives events their places counts what they tell of: a row that was made or deleted has an event in its
//! own transaction. What has no place yet is counted beside (`tail`), so a total is exact at every instant.
//!
//! A list whose blocks were never made is counted row by row; [`build`] makes them, once for each tenant and list.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use base::db::{Command, Db, Tx};
use base::page::{Begin, Counted, Key, Page, Which};
use base::{Failure, Result, TenantId};
use uuid::Uuid;

use crate::orgs::Tenant;

base::words! {
    /// A list that is counted: its table.
    List {
        /// Customers.
        Customers = "customer",
        /// Locations.
        Locations = "location",
        /// Debt accounts.
        Debts = "debt",
        /// Charges.
        Charges = "charge",
    }
}

impl List {
    /// Whether rows of it are ever deleted.
    fn forgets(self) -> bool {
        self != List::Charges
    }

    /// The events of rows that were made and deleted.
    fn events(self) -> (&'static str, &'static str) {
        match self {
            List::Customers => ("customer.create", "customer.delete"),
            List::Locations => ("location.create", "location.delete"),
            List::Debts => ("debt-account.create", "debt-account.delete"),
            List::Charges => ("charge.created", ""),
        }
    }

    /// What an event tells about how many rows there are: the list, and one more or one less.
    fn told_by(event: &str) -> Option<(List, i64)> {
        List::ALL.iter().find_map(|list| match list.events() {
            (made, _) if made == event => Some((*list, 1)),
            (_, gone) if gone == event && list.forgets() => Some((*list, -1)),
            _ => None,
        })
    }
}

/// How many rows a block gets before the next begins, and how many blocks a larger one.
const BLOCK: i64 = 1_024;
const LARGER: i64 = 64 * BLOCK;

/// How much that has no place yet is counted beside; more than that, and the list is counted row by row.
const TAIL: i64 = 20_000;

base::record! {
    struct Block in "list_block" { tenant_id: TenantId, list: String, level: i64, first: Uuid, many: i64 }
}
base::record! {
    /// A larger block (`level` 1), or one row without a place (`level` -1): more or less by `many`.
    struct Seen { level: i64, first: Uuid, many: i64 }
}

/// The total of a list, and where the page begins. `None` where the list is filtered or walked, or has no blocks.
pub async fn of(
    tx: &Tx,
    tenant: &Tenant,
    list: List,
    which: &Which<'_>,
    page: Page,
) -> Result<Option<Counted>> {
    if which.is_filtered() || page.is_narrowed() || page.walks {
        return Ok(None);
    }
    let (made, gone) = list.events();
    // One statement, so that a row is in exactly one of the two.
    let seen: Vec<Seen> = tx
        .all(
            "SELECT level, first, many FROM list_block WHERE tenant_id = $1 AND list = $2 AND level = 1 \
             UNION ALL SELECT -1, object_id, CASE WHEN name = $3 THEN 1 ELSE -1 END FROM ( \
             SELECT object_id, name FROM event WHERE tenant_id = $1 AND seq IS NULL AND name IN ($3, $4) LIMIT $5) AS waiting",
            &[&tenant.id, &list.as_str(), &made, &gone, &(TAIL + 1)],
        )
        .await?;
    let (mut larger, tail): (Vec<Seen>, Vec<Seen>) = seen.into_iter().partition(|s| s.level == 1);
    if larger.is_empty() || i64::try_from(tail.len()).unwrap_or(i64::MAX) > TAIL {
        return Ok(None);
    }
    larger.sort_by_key(|block| Reverse(block.first));
    let total = larger.iter().chain(&tail).map(|s| s.many).sum::<i64>().max(0);
    if page.offset == 0 || page.order.by != Key::Age {
        return Ok(Some(Counted { total, begin: None }));
    }
    let is_ascending = page.order.is_ascending;
    let with_tail = |blocks: Vec<(Uuid, i64)>, above: Option<Uuid>| -> Vec<(Uuid, i64)> {
        let mut blocks = blocks;
        for waiting in tail.iter().filter(|s| above.is_none_or(|above| s.first < above)) {
            if let Some(block) = blocks.iter_mut().find(|(first, _)| *first <= waiting.first) {
                block.1 += waiting.many;
            }
        }
        blocks
    };
    let top = with_tail(larger.iter().map(|s| (s.first, s.many)).collect(), None);
    let Some((at, above, skip)) = falls(&top, page.offset, is_ascending) else {
        let past_the_end = if is_ascending { Uuid::max() } else { Uuid::nil() };
        return Ok(Some(Counted { total, begin: Some(Begin { from: Some(past_the_end), skip: 0 }) }));
    };
    let upper = above.unwrap_or(Uuid::max());
    let small: Vec<Seen> = tx
        .all(
            "SELECT level, first, many FROM list_block WHERE tenant_id = $1 AND list = $2 AND level = 0 \
             AND first >= $3 AND first < $4 ORDER BY first DESC",
            &[&tenant.id, &list.as_str(), &at, &upper],
        )
        .await?;
    let small = with_tail(small.iter().map(|s| (s.first, s.many)).collect(), above);
    let (first, newer, skip) = falls(&small, skip, is_ascending).unwrap_or((at, None, skip));
    // What is older than all blocks belongs to the oldest.
    let is_oldest = small.last().is_none_or(|b| b.0 == first) && top.last().is_some_and(|b| b.0 == at);
    let from = match is_ascending {
        true => Some(first).filter(|_| !is_oldest),
        false => newer.or(above),
    };
    Ok(Some(Counted { total, begin: Some(Begin { from, skip }) }))
}

/// In which of these blocks, which stand newest first, the row after `offset` others is, counted from the newest or
/// the oldest: its first id, the first id of the next newer block, and how many rows of it come before.
fn falls(blocks: &[(Uuid, i64)], offset: i64, is_ascending: bool) -> Option<(Uuid, Option<Uuid>, i64)> {
    let mut left = offset;
    for step in 0..blocks.len() {
        let at = if is_ascending { blocks.len() - 1 - step } else { step };
        let (first, many) = blocks[at];
        if left < many {
            return Some((first, at.checked_sub(1).map(|newer| blocks[newer].0), left));
        }
        left -= many.max(0);
    }
    None
}

/// Counts what these events tell, oldest first: each its name and the row it is about. The tenant's head is locked.
pub(crate) async fn note(tx: &Tx, tenant: TenantId, told: &[(&str, Uuid)]) -> Result<()> {
    let mut of: BTreeMap<&'static str, Vec<(Uuid, i64)>> = BTreeMap::new();
    for (name, id) in told {
        if let Some((list, by)) = List::told_by(name) {
            of.entry(list.as_str()).or_default().push((*id, by));
        }
    }
    for (list, changes) in of {
        let begun = spread(tx, tenant, list, (0, BLOCK), &changes, None).await?;
        // A larger block begins only where a block does, so that it is the sum of whole ones.
        spread(tx, tenant, list, (1, LARGER), &changes, Some(&begun)).await?;
    }
    Ok(())
}

/// Adds changes to the blocks of one level. A new row above all blocks begins another where the last one is full, and
/// where one `may_begin`; gives the first ids of those that did.
async fn spread(
    tx: &Tx,
    tenant: TenantId,
    list: &str,
    (level, size): (i64, i64),
    changes: &[(Uuid, i64)],
    may_begin: Option<&[Uuid]>,
) -> Result<Vec<Uuid>> {
    let Some(lowest) = changes.iter().map(|(id, _)| *id).min() else { return Ok(Vec::new()) };
    // The blocks from the one in which the lowest is.
    let mut blocks: Vec<Block> = tx
        .select(
            "WHERE tenant_id = $1 AND list = $2 AND level = $3 AND first >= coalesce( \
             (SELECT max_first.first FROM (SELECT first FROM list_block WHERE tenant_id = $1 AND list = $2 AND level = $3 \
             AND first <= $4 ORDER BY first DESC LIMIT 1) AS max_first), $4) ORDER BY first",
            &[&tenant, &list, &level, &lowest],
        )
        .await?;
    if blocks.is_empty() {
        return Ok(Vec::new()); // never built: the rows themselves are counted
    }
    let known = blocks.len();
    let mut touched = vec![false; known];
    let mut sorted = changes.to_vec();
    sorted.sort_unstable();
    for (id, by) in sorted {
        let at = blocks.partition_point(|b| b.first <= id).max(1) - 1;
        let is_newest = at + 1 == blocks.len();
        let may = may_begin.is_none_or(|firsts| firsts.contains(&id));
        if is_newest && by > 0 && blocks[at].many >= size && may {
            blocks.push(Block { tenant_id: tenant, list: list.into(), level, first: id, many: by });
            continue;
        }
        blocks[at].many += by;
        if let Some(touched) = touched.get_mut(at) {
            *touched = true;
        }
    }
    let new = blocks.split_off(known);
    let changed: Vec<Block> = blocks.into_iter().zip(touched).filter(|(_, t)| *t).map(|(b, _)| b).collect();
    if !changed.is_empty() {
        tx.update(4, &changed).await?;
    }
    tx.insert(&new).await?;
    Ok(new.into_iter().map(|block| block.first).collect())
}

base::record! {
    struct TenantRow { id: TenantId }
}

/// A step: makes the blocks of lists that have none; gives how many lists.
pub async fn build(db: &Db) -> Result<u64> {
    let tenants: Vec<TenantRow> = db
        .read()
        .await?
        .all(
            "SELECT id FROM tenant WHERE NOT EXISTS (SELECT 1 FROM list_block WHERE list_block.tenant_id = tenant.id) ORDER BY id LIMIT 16",
            &[],
        )
        .await?;
    let mut done = 0;
    for tenant in tenants {
        done += db.run(&Build { tenant: tenant.id }).await?;
    }
    Ok(done)
}

struct Build {
    tenant: TenantId,
}

base::record! {
    struct Numbered { id: Uuid, place: i64 }
}

impl Command for Build {
    type Out = u64;

    fn name(&self) -> &'static str {
        "lists.build"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        // Whoever gives events their places waits: what has one is counted here, what has none is counted then.
        crate::events::lock_head(tx, self.tenant).await?;
        let any = tx.number("SELECT count(*) FROM list_block WHERE tenant_id = $1", &[&self.tenant]).await?;
        if any > 0 {
            return Ok(0); // another node was here
        }
        for list in List::ALL {
            self.one(tx, *list).await?;
        }
        Ok(List::ALL.len() as u64)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<u64>> {
        Ok(None) // the rows say whether it was done
    }
}

impl Build {
    async fn one(&self, tx: &Tx, list: List) -> Result<()> {
        let counted = counted(list);
        let size = BLOCK;
        // Every so many-th row begins a block, and the last row tells how many there are.
        let rows: Vec<Numbered> = tx
            .all(
                &format!(
                    "SELECT id, place FROM (SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS many \
                     FROM {} WHERE tenant_id = $1 AND {counted}) AS numbered \
                     WHERE (place - 1) % $2 = 0 OR place = many ORDER BY place",
                    list.as_str()
                ),
                &[&self.tenant, &size],
            )
            .await?;
        let total = rows.last().map_or(0, |row| row.place);
        for (level, size) in [(0, BLOCK), (1, LARGER)] {
            let firsts = rows.iter().filter(|row| (row.place - 1) % size == 0);
            let mut blocks: Vec<Block> = firsts
                .map(|row| Block {
                    tenant_id: self.tenant,
                    list: list.as_str().into(),
                    level,
                    first: row.id,
                    many: size.min(total - row.place + 1),
                })
                .collect();
            match blocks.first_mut() {
                // The first reaches down to the lowest id there can be.
                Some(first) => first.first = Uuid::nil(),
                None => blocks.push(Block {
                    tenant_id: self.tenant,
                    list: list.as_str().into(),
                    level,
                    first: Uuid::nil(),
                    many: 0,
                }),
            }
            tx.insert(&blocks).await?;
        }
        Ok(())
    }
}

/// Which rows of the tenant `$1` are in the blocks: those that live, but for what no event with a place has told yet.
fn counted(list: List) -> String {
    let (made, gone) = list.events();
    // Read once for the whole statement, not for each row.
    let waiting = |name: &str| {
        format!(
            "id IN (SELECT object_id FROM event WHERE tenant_id = $1 AND seq IS NULL AND name = '{name}')"
        )
    };
    let is_new = waiting(made);
    if !list.forgets() {
        return format!("NOT ({is_new})");
    }
    let is_gone = waiting(gone);
    format!("NOT ({is_new}) AND (deleted_at IS NULL OR {is_gone})")
}

base::record! {
    struct Sum { list: String, level: i64, many: i64 }
}

/// What the blocks of one level say of a list, and how many rows there are.
#[derive(Clone, Debug)]
pub struct Told {
    list: List,
    level: i64,
    said: i64,
    are: i64,
}

impl Told {
    /// Whether it is the same.
    pub fn is_right(&self) -> bool {
        self.said == self.are
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told { list, level, said, are } = self;
        write!(f, "the blocks of {} say {said} at level {level}, and there are {are}", list.as_str())
    }
}

/// What the blocks of a tenant say beside how many rows there are. For `verify`.
pub async fn compare(tx: &Tx, tenant: TenantId) -> Result<Vec<Told>> {
    let sums: Vec<Sum> = tx
        .all(
            "SELECT list, level, CAST(sum(many) AS bigint) FROM list_block WHERE tenant_id = $1 GROUP BY list, level ORDER BY list, level",
            &[&tenant],
        )
        .await?;
    let mut told = Vec::with_capacity(sums.len());
    for sum in sums {
        let list =
            List::parse(&sum.list).ok_or_else(|| Failure::broken("counting a list", "it is unknown"))?;
        let sql =
            format!("SELECT count(*) FROM {} WHERE tenant_id = $1 AND {}", list.as_str(), counted(list));
        told.push(Told { list, level: sum.level, said: sum.many, are: tx.number(&sql, &[&tenant]).await? });
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn a_page_begins_in_the_block_in_which_its_first_row_is() {
        let blocks = [(id(30), 2), (id(20), 0), (id(10), 3), (id(0), 5)];
        assert_eq!(falls(&blocks, 0, false), Some((id(30), None, 0)));
        assert_eq!(falls(&blocks, 1, false), Some((id(30), None, 1)));
        assert_eq!(falls(&blocks, 2, false), Some((id(10), Some(id(20)), 0)));
        assert_eq!(falls(&blocks, 9, false), Some((id(0), Some(id(10)), 4)));
        assert_eq!(falls(&blocks, 10, false), None);
        // From the other end: the oldest block has five rows, the next three.
        assert_eq!(falls(&blocks, 0, true).map(|at| (at.0, at.2)), Some((id(0), 0)));
        assert_eq!(falls(&blocks, 5, true).map(|at| (at.0, at.2)), Some((id(10), 0)));
    }

    #[test]
    fn only_what_makes_or_deletes_a_row_is_counted() {
        assert_eq!(List::told_by("customer.create"), Some((List::Customers, 1)));
        assert_eq!(List::told_by("debt-account.delete"), Some((List::Debts, -1)));
        assert_eq!(List::told_by("customer.update"), None);
        assert_eq!(List::told_by(""), None);
    }
}
