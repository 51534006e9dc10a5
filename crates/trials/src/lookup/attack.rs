//! The attacks: whoever knows a phone tries as often as it is let, for thirty days, on any node and by any flow.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use anyhow::Result;
use base::db::Location;
use serde_json::{Value, json};

use super::house::House;
use super::people::{by_ssn, letters, phone};
use crate::dice::Dice;

/// How long an attack lasts, in seconds.
const DAYS_30: i64 = 30 * 86_400;

/// So many attacks are under way at once: together they stay within what may fail in a day everywhere.
const AT_ONCE: u64 = 1_900;

/// How many values four digits have; `0000` was never given.
const VALUES: u64 = 9_999;

/// How much is tried.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many attacks of each kind
    #[arg(long, default_value_t = 5_000)]
    attacks: u64,
    /// How many nodes; an embedded database has one
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// How many days of spraying
    #[arg(long, default_value_t = 30)]
    spray_days: i64,
    /// How many phones the sprayer knows
    #[arg(long, default_value_t = 2_000)]
    spray_phones: u64,
}

/// How somebody attacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Always the four digits.
    Digits,
    /// Whatever asks for the phone.
    Mixed,
    /// The four digits, while the customer is found by the same phone again and again.
    WhileTheCustomerCalls,
    /// The four digits, by the phone and by the name, of which both are known.
    PhoneAndName,
}

const WAYS: [(Way, &str); 4] = [
    (Way::Digits, "phone known, four digits tried"),
    (Way::Mixed, "phone known, all flows mixed"),
    (Way::WhileTheCustomerCalls, "phone known, while the customer calls every day"),
    (Way::PhoneAndName, "phone and name known, both tried"),
];

/// An attack under way.
struct Attack {
    n: u64,
    ssn: u64,
    first: u64,
    tries: u64,
    let_through: i64,
    found: bool,
}

/// What came of a kind of attack.
#[derive(Default)]
struct Sums {
    attacks: u64,
    found: u64,
    let_through: i64,
    most: i64,
    refused: i64,
    restarts: i64,
}

pub(super) async fn run(location: &Location, args: &Args, seed: u64) -> Result<Value> {
    let mut house = House::make(location, args.nodes, 1_000_000).await?;
    let (mut told, mut next) = (Vec::new(), 0);
    for (kind, (way, name)) in (0u64..).zip(WAYS) {
        let dice = Dice::of_nth(seed, kind);
        let mut sums = Sums::default();
        while sums.attacks < args.attacks {
            // Whoever knows two things of somebody uses up twice as much.
            let many = (args.attacks - sums.attacks).min(if way == Way::PhoneAndName {
                AT_ONCE / 2
            } else {
                AT_ONCE
            });
            batch(&mut house, way, &dice, next, many, &mut sums).await?;
            next += many;
            house.clock.advance(2 * DAYS_30);
        }
        told.push(json!({
            "what": name, "attacks": sums.attacks, "found": sums.found, "let_through": sums.let_through, "most": sums.most,
            "refused": sums.refused, "restarts": sums.restarts,
        }));
    }
    let spray = spray(&mut house, args, &Dice::of_nth(seed, 99), next).await?;
    Ok(json!({ "attacks": told, "spray": spray }))
}

/// Many attacks at once, each on somebody of its own.
async fn batch(
    house: &mut House,
    way: Way,
    dice: &Dice,
    first: u64,
    many: u64,
    sums: &mut Sums,
) -> Result<()> {
    let mut attacks = Vec::new();
    for n in first..first + many {
        let ssn = dice.below(VALUES) + 1;
        house.person(n, &format!("{ssn:04}")).await?;
        attacks.push(Attack { n, ssn, first: dice.below(VALUES), tries: 0, let_through: 0, found: false });
    }
    let begin = house.nodes[0].app.db.seams().now();
    // Seconds from the beginning, whose, and whether the customer calls.
    let mut agenda = BinaryHeap::new();
    for at in 0..attacks.len() {
        agenda.push(Reverse((second(dice.below(3_600)), at, false)));
        if way == Way::WhileTheCustomerCalls {
            agenda.push(Reverse((second(dice.below(86_400)), at, true)));
        }
    }
    let (mut now, mut steps) = (0, 0u64);
    while let Some(Reverse((at, who, is_customer))) = agenda.pop() {
        if at > DAYS_30 {
            break;
        }
        house.clock.advance(at - now);
        now = at;
        steps += 1;
        let node = dice.index(house.nodes.len());
        if steps.is_multiple_of(5_000) {
            house.restart(node).await?;
            sums.restarts += 1;
        }
        let attack = &mut attacks[who];
        if is_customer {
            house.look(node, &by_ssn(&phone(attack.n), &format!("{:04}", attack.ssn))).await?;
            agenda.push(Reverse((at + 86_400, who, true)));
            continue;
        }
        let wait = attempt(house, node, way, dice, attack, sums).await?;
        if !attack.found {
            agenda.push(Reverse((at + wait, who, false)));
        }
    }
    house.clock.set(begin.plus_seconds(DAYS_30));
    sums.attacks += many;
    for attack in &attacks {
        sums.found += u64::from(attack.found);
        sums.let_through += attack.let_through;
        sums.most = sums.most.max(attack.let_through);
    }
    Ok(())
}

/// One attempt, or one for each thing that is known; gives after how many seconds the next may be let through.
async fn attempt(
    house: &House,
    node: usize,
    way: Way,
    dice: &Dice,
    attack: &mut Attack,
    sums: &mut Sums,
) -> Result<i64> {
    let mut wait = i64::MAX;
    for by_name in [false, true] {
        if by_name && way != Way::PhoneAndName {
            continue;
        }
        // No value twice.
        let guess = format!("{:04}", (attack.first + attack.tries) % VALUES + 1);
        let phone = phone(attack.n);
        let body = match (way, by_name) {
            (_, true) => json!({
                "lookup_flow_type": "first_name_last_name_ssn_last4", "first_name": "Ada",
                "last_name": format!("Number{}", letters(attack.n)), "ssn_last4": guess,
            }),
            (Way::Mixed, _) => match dice.below(3) {
                0 => by_ssn(&phone, &guess),
                1 => json!({
                    "lookup_flow_type": "phone_date_of_birth", "phone": phone,
                    "date_of_birth": format!("19{:02}-{:02}-{:02}", 40 + dice.below(60), 1 + dice.below(12), 1 + dice.below(28)),
                }),
                _ => json!({
                    "lookup_flow_type": "phone_postal_code", "phone": phone, "postal_code": format!("9{:04}", dice.below(10_000)),
                }),
            },
            _ => by_ssn(&phone, &guess),
        };
        let answer = house.look(node, &body).await?;
        match answer.status {
            200 => {
                attack.tries += 1;
                attack.let_through += 1;
                attack.found |= answer.found();
                wait = wait.min(1);
            }
            429 => {
                sums.refused += 1;
                wait = wait.min(answer.retry_after().unwrap_or(60));
            }
            other => {
                anyhow::bail!("a lookup was answered {other}: {}", String::from_utf8_lossy(&answer.body))
            }
        }
    }
    Ok(wait.max(1))
}

/// One guess at each of many phones, as many as the organization lets fail; gives what came of it.
async fn spray(house: &mut House, args: &Args, dice: &Dice, first: u64) -> Result<Value> {
    house.token = house.another().await?;
    for n in first..first + args.spray_phones {
        house.person(n, &format!("{:04}", dice.below(VALUES) + 1)).await?;
    }
    let (mut let_through, mut found, mut most, mut turn) = (0u64, 0u64, 0u64, 0u64);
    for _ in 0..args.spray_days {
        let mut today = 0;
        // Phones that have refused are passed over: the budget is what ends a day.
        let mut refused_in_a_row = 0;
        while refused_in_a_row < 50 {
            turn += 1;
            let phone = phone(first + turn % args.spray_phones);
            let guess = format!("{:04}", dice.below(VALUES) + 1);
            let answer = house.look(dice.index(house.nodes.len()), &by_ssn(&phone, &guess)).await?;
            if answer.status == 200 {
                (today, refused_in_a_row) = (today + 1, 0);
                found += u64::from(answer.found());
            } else {
                refused_in_a_row += 1;
            }
        }
        let_through += today;
        most = most.max(today);
        let node = dice.index(house.nodes.len());
        house.restart(node).await?;
        house.clock.advance(86_400);
    }
    Ok(
        json!({ "days": args.spray_days, "phones": args.spray_phones, "let_through": let_through, "most_a_day": most, "found": found }),
    )
}

fn second(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(0)
}
