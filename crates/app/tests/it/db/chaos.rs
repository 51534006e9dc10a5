//! Callers who go away at any moment.

use std::time::Duration;

use base::ids::Uuid;
use futures_util::future::join_all;

use super::{Pay, toy};
use crate::support::Engine;
use crate::support::agency::Agency;

const TASKS: u64 = 48;

/// A small generator, so that a run can be told from another by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

async fn after_turns(turns: u64) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

on_both_engines! { in threads
    async fn callers_who_go_away_leave_neither_a_half_payment_nor_a_hanging_database(agency: &Agency) {
        agency.toys((0..8).map(|n| toy(n, 1_000_000)).collect()).await;
        let payments: u64 = if agency.engine == Engine::Sqlite { 60 } else { 20 };
        let all = join_all((0..TASKS).map(|task| {
            let db = agency.db.clone();
            tokio::spawn(async move {
                let mut dice = Dice(task);
                let (mut acknowledged, mut left) = (Vec::new(), 0);
                for n in 0..payments {
                    let entry = Uuid::from_u128(u128::from(task * 1_000 + n));
                    let pay = Pay { toy: u128::from(dice.below(8)), entry };
                    let patience = if dice.below(3) == 0 { u64::MAX } else { dice.below(40) };
                    tokio::select! {
                        paid = db.run(&pay) => acknowledged.extend(paid.ok().map(|_| entry)),
                        () = after_turns(patience) => left += 1,
                    }
                }
                (acknowledged, left)
            })
        }));
        let all = tokio::time::timeout(Duration::from_secs(120), all).await.expect("nothing hangs");
        let (mut acknowledged, mut left) = (Vec::new(), 0);
        for task in all {
            let (paid, away) = task.unwrap();
            acknowledged.extend(paid);
            left += away;
        }
        assert!(left > 0 && !acknowledged.is_empty(), "{left} went away, {} were answered", acknowledged.len());

        // A payment more on each account: nobody still holds a lock, and whatever was on its way has ended.
        for n in 0..8 {
            let entry = Uuid::from_u128(1_000_000 + n);
            agency.db.run(&Pay { toy: n, entry }).await.unwrap();
            acknowledged.push(entry);
        }
        let tx = agency.db.read().await.unwrap();
        let entries: Vec<super::Entry> = tx.select("ORDER BY id", &[]).await.unwrap();
        for n in 0..8 {
            let posted = entries.iter().filter(|e| e.toy_id == Uuid::from_u128(n)).count() as i64;
            assert_eq!(agency.toy(n).await.balance, 1_000_000 - posted, "account {n}");
        }
        let known: std::collections::HashSet<Uuid> = entries.iter().map(|e| e.id).collect();
        let lost: Vec<&Uuid> = acknowledged.iter().filter(|id| !known.contains(id)).collect();
        assert!(lost.is_empty(), "answered and not kept: {lost:?}");
    }
}
