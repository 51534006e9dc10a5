//! Our charges and refunds against the processor's own list, both ways, all at once: for books that fit in memory.
//! [`crate::reconcile`] does the same for any.

use std::collections::HashMap;

use base::db::Tx;
use base::{Cents, Result, TenantId, Ts};
use books::orgs::Tenant;
use uuid::Uuid;

use super::Check;
use crate::charges::machine::State;
use crate::processor::Record;
use crate::reconcile::{judge, moved};

base::record! {
    struct Keyed { id: Uuid, pkey: String, state: String, amount: Cents, refunded: Cents }
}

/// Our charges and refunds by their keys at the processor.
#[derive(Default)]
pub struct Ours {
    charges: HashMap<String, (TenantId, Keyed)>,
    refunds: HashMap<String, (TenantId, Keyed)>,
}

/// Our charges and refunds of these tenants, to be compared with the processor's list.
pub async fn ours(tx: &Tx, tenants: &[Tenant]) -> Result<Ours> {
    let mut ours = Ours::default();
    for tenant in tenants {
        for row in tx.all::<Keyed>("SELECT id, pkey, state, amount, refunded_amount FROM charge WHERE tenant_id = $1 AND state NOT IN ('scheduled', 'canceled')", &[&tenant.id]).await? {
            ours.charges.insert(row.pkey.clone(), (tenant.id, row));
        }
        for row in tx
            .all::<Keyed>(
                // A void stands on its charge, and in no list.
                "SELECT id, pkey, state, amount, amount AS refunded FROM refund WHERE tenant_id = $1 AND kind = 'refund'",
                &[&tenant.id],
            )
            .await?
        {
            ours.refunds.insert(row.pkey.clone(), (tenant.id, row));
        }
    }
    Ok(ours)
}

/// Both ways: every charge and refund that the processor says moved money is ours, and the other way round.
/// `taken_at` is when the snapshot was taken: what the processor did since is not looked at.
pub fn processor(ours: &Ours, list: &[Record], taken_at: Ts) -> Check {
    let mut check = Check::new("charges = the processor's list");
    let mut seen: HashMap<&str, &Record> = HashMap::new();
    for record in list {
        match seen.insert(&record.key, record) {
            // What changes while pages are turned comes again on a later one.
            Some(before) if before.processor_id == record.processor_id => check.compared -= 1,
            Some(_) => check.fault(format!("the processor moved money twice under key {}", record.key)),
            None => {}
        }
        let book = if record.refund_of.is_some() { &ours.refunds } else { &ours.charges };
        let Some((_, row)) = book.get(&record.key) else {
            check.compare(record.made_at >= taken_at || !moved(record), || {
                format!("the processor moved {} under key {}, which is not ours", record.amount, record.key)
            });
            continue;
        };
        check.compare(agrees(row, record), || {
            format!(
                "{} is {} for {} here, {:?} for {} at the processor",
                row.id, row.state, row.amount, record.standing, record.amount
            )
        });
    }
    let claims = |(key, (_, row)): &(&String, &(TenantId, Keyed))| {
        settled(&row.state) && !seen.contains_key(key.as_str())
    };
    for (key, (_, row)) in ours.charges.iter().chain(&ours.refunds).filter(claims) {
        check.fault(format!(
            "{} is {} for {} here, and the processor does not know its key {key}",
            row.id, row.state, row.amount
        ));
    }
    check
}

/// Whether our state says that money moved and the processor said so.
fn settled(state: &str) -> bool {
    matches!(State::parse(state), Some(State::Succeeded | State::Refunded | State::Pending))
}

/// Whether our state can stand beside the processor's. What is open here is in flight.
fn agrees(row: &Keyed, record: &Record) -> bool {
    let table = if record.refund_of.is_some() { "refund" } else { "charge" };
    !judge(table, &row.state, row.amount, Some(record)).differs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::Standing;

    fn record(key: &str, amount: i64, standing: Standing) -> Record {
        let at = Ts::from_micros(0);
        Record {
            key: key.into(),
            processor_id: key.into(),
            refund_of: None,
            amount: Cents::new(amount),
            refunded: Cents::ZERO,
            standing,
            made_at: at,
            changed_at: at,
            metadata: crate::processor::Metadata::new(),
        }
    }

    fn charge(key: &str, state: State, amount: i64) -> (String, (TenantId, Keyed)) {
        let row = Keyed {
            id: Uuid::from_u128(1),
            pkey: key.into(),
            state: state.as_str().into(),
            amount: Cents::new(amount),
            refunded: Cents::ZERO,
        };
        (key.into(), (TenantId(Uuid::from_u128(2)), row))
    }

    fn wrong(ours: &[(String, (TenantId, Keyed))], list: &[Record]) -> u64 {
        let ours = Ours { charges: ours.iter().cloned().collect(), refunds: HashMap::new() };
        processor(&ours, list, Ts::from_micros(10)).wrong
    }

    #[test]
    fn every_disagreement_with_the_processor_is_found() {
        let succeeded = || record("k", 500, Standing::Succeeded);
        assert_eq!(wrong(&[charge("k", State::Succeeded, 500)], &[succeeded()]), 0);
        assert_eq!(wrong(&[charge("k", State::Unknown, 500)], &[succeeded()]), 0, "in flight");
        assert_eq!(
            wrong(&[charge("k", State::Declined, 500)], &[succeeded()]),
            1,
            "charged, we say declined"
        );
        assert_eq!(wrong(&[charge("k", State::Succeeded, 501)], &[succeeded()]), 1, "another amount");
        assert_eq!(wrong(&[], &[succeeded()]), 1, "an orphan");
        assert_eq!(wrong(&[charge("k", State::Succeeded, 500)], &[]), 1, "they do not know it");
        assert_eq!(
            wrong(
                &[charge("k", State::Succeeded, 500)],
                &[succeeded(), record("k2", 500, Standing::Succeeded)]
            ),
            1,
            "charged twice"
        );
        assert_eq!(
            wrong(&[], &[Record { made_at: Ts::from_micros(11), ..succeeded() }]),
            0,
            "after the snapshot"
        );
    }
}
