//! Trees under way: whatever is done to accounts and their parents by many at once, whoever looks from outside sees every
//! parent as the sum of its children, at every instant.

use std::cell::{Cell, RefCell};

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::support::agency::Agency;

/// Numbers that are the same for the same seed.
struct Dice(Cell<u64>);

impl Dice {
    fn below(&self, many: usize) -> usize {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        usize::try_from(x >> 33).unwrap() % many
    }
}

/// What everybody may lay hands on.
#[derive(Default)]
struct Things {
    parents: Vec<String>,
    accounts: RefCell<Vec<String>>,
    charges: RefCell<Vec<String>>,
    customer: String,
    method: String,
}

impl Things {
    fn any(&self, dice: &Dice, of: &RefCell<Vec<String>>) -> Option<String> {
        let all = of.borrow();
        (!all.is_empty()).then(|| all[dice.below(all.len())].clone())
    }
}

/// One thing that a caller may do; gives whether it was done.
async fn act(agency: &Agency, things: &Things, dice: &Dice) -> bool {
    let parent = &things.parents[dice.below(things.parents.len())];
    let cents = 1 + i64::try_from(dice.below(50_00)).unwrap();
    let account = things.any(dice, &things.accounts);
    let pay = |debt: &str| json!({ "debt_account_id": debt, "payment_method_id": things.method, "amount": 1 + cents / 20 });
    let (kept, answer) = match (dice.below(10), account) {
        (0 | 1, _) | (_, None) => {
            let under = if dice.below(4) == 0 { Value::Null } else { json!(parent) };
            let body =
                json!({ "customer_id": things.customer, "balance": cents, "parent_external_id": under });
            (Some(&things.accounts), agency.post("/debt-accounts", body).await)
        }
        (2, Some(debt)) => {
            (None, agency.put(&format!("/debt-accounts/{debt}"), json!({ "balance": cents })).await)
        }
        (3, Some(debt)) => {
            (None, agency.put(&format!("/debt-accounts/{debt}"), json!({ "current_balance": cents })).await)
        }
        (4, Some(debt)) => {
            let under = if dice.below(2) == 0 { Value::Null } else { json!(parent) };
            (
                None,
                agency.put(&format!("/debt-accounts/{debt}"), json!({ "parent_external_id": under })).await,
            )
        }
        (5, Some(debt)) => {
            let answer = agency.delete(&format!("/debt-accounts/{debt}")).await;
            if answer.status == 200 {
                things.accounts.borrow_mut().retain(|known| *known != debt);
            }
            (None, answer)
        }
        (6 | 7, Some(_)) => (Some(&things.charges), agency.post("/charges", pay(parent)).await),
        (8, Some(debt)) => (Some(&things.charges), agency.post("/charges", pay(&debt)).await),
        (_, Some(_)) => match things.any(dice, &things.charges) {
            Some(charge) => (None, agency.post(&format!("/charges/{charge}/refund"), json!({})).await),
            None => return false,
        },
    };
    assert!(answer.status < 500 || answer.status == 503, "{}", answer.text);
    if let Some(kept) = kept.filter(|_| answer.status == 201) {
        kept.borrow_mut().push(answer.made());
    }
    answer.status < 300
}

/// Parents that are not the sum of their children, in one statement: at one instant.
const WRONG: &str = "SELECT count(*) FROM debt AS parent WHERE parent.deleted_at IS NULL AND parent.children > 0 AND \
    (parent.balance <> (SELECT coalesce(sum(child.balance), 0) FROM debt AS child WHERE child.tenant_id = parent.tenant_id AND child.parent_id = parent.id AND child.deleted_at IS NULL) \
    OR parent.current_balance <> (SELECT coalesce(sum(child.current_balance), 0) FROM debt AS child WHERE child.tenant_id = parent.tenant_id AND child.parent_id = parent.id AND child.deleted_at IS NULL) \
    OR parent.reserved <> (SELECT coalesce(sum(child.reserved), 0) FROM debt AS child WHERE child.tenant_id = parent.tenant_id AND child.parent_id = parent.id AND child.deleted_at IS NULL) \
    OR parent.children <> (SELECT count(*) FROM debt AS child WHERE child.tenant_id = parent.tenant_id AND child.parent_id = parent.id AND child.deleted_at IS NULL))";

on_both_engines! {
    async fn from_outside_every_parent_is_always_the_sum_of_its_children(agency: &Agency) {
        let customer = agency.customer().await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let mut parents = Vec::new();
        for _ in 0..3 {
            parents.push(agency.debt_of(&customer, 10_00).await);
        }
        let things = Things { parents, customer, method, ..Things::default() };
        let (done, looks, busy) = (Cell::new(0), Cell::new(0), Cell::new(true));
        let workers = async {
            join_all((1..=4).map(async |seed: u64| {
                let dice = Dice(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
                for _ in 0..100 {
                    done.set(done.get() + u32::from(act(agency, &things, &dice).await));
                }
            }))
            .await;
            busy.set(false);
        };
        let witness = agency.witness().await;
        let looker = async {
            while busy.get() {
                let wrong = witness.read().await.unwrap().number(WRONG, &[]).await.unwrap();
                assert_eq!(wrong, 0, "after {} things were done", done.get());
                looks.set(looks.get() + 1);
            }
        };
        join(workers, looker).await;
        assert!(done.get() > 80 && looks.get() > 80, "{} done, {} looks", done.get(), looks.get());
        agency.books_hold().await;
    }

    async fn a_parent_that_is_not_the_sum_would_be_seen(agency: &Agency) {
        let parent = agency.debt_of(&agency.customer().await, 1_00).await;
        agency.post("/debt-accounts", json!({ "parent_external_id": parent, "balance": 5_00 })).await.made();
        let witness = agency.witness().await;
        let wrong = async || witness.read().await.unwrap().number(WRONG, &[]).await.unwrap();
        assert_eq!(wrong().await, 0);
        agency.spoiled("UPDATE debt SET balance = balance + 1 WHERE parent_id IS NULL", "UPDATE debt SET balance = balance - 1 WHERE parent_id IS NULL", async || {
            assert_eq!(wrong().await, 1);
        }).await;
    }
}
