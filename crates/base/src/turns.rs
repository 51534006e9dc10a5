//! Whose turn it is, where many wait.

use std::collections::HashMap;

use crate::TenantId;

/// Of rows by their instant those that are worked on now: one of each tenant after the other, so that one with very
/// many does not make the others wait.
pub fn in_turn<T>(rows: Vec<T>, tenant: impl Fn(&T) -> TenantId, budget: i64) -> Vec<T> {
    let mut seen: HashMap<TenantId, usize> = HashMap::new();
    let mut placed: Vec<(usize, T)> = Vec::with_capacity(rows.len());
    for row in rows {
        let nth = seen.entry(tenant(&row)).or_default();
        placed.push((*nth, row));
        *nth += 1;
    }
    placed.sort_by_key(|(nth, _)| *nth); // stable: the oldest first among equals
    placed.into_iter().take(usize::try_from(budget).unwrap_or(0)).map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_has_little_to_do_does_not_wait_for_who_has_much() {
        let tenant = |n: u128| TenantId(Uuid::from_u128(n));
        let rows = vec![(1, 'a'), (1, 'b'), (1, 'c'), (2, 'd'), (3, 'e'), (2, 'f')];
        let turn = |budget| -> String {
            in_turn(rows.clone(), |row| tenant(row.0), budget).into_iter().map(|row| row.1).collect()
        };
        assert_eq!((turn(4), turn(9)), ("adeb".into(), "adebfc".into()));
    }
}
