//! Counting: failures of one phone, and of one organization, on several nodes at once and by those that come after them.

use anyhow::Result;
use base::db::Location;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::house::House;
use super::people::{UNKNOWN, by_ssn, phone};

/// How much is tried.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many nodes; an embedded database has one
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// How many phones
    #[arg(long, default_value_t = 40)]
    phones: u64,
    /// How many at once for each
    #[arg(long, default_value_t = 30)]
    tries: u64,
    /// The organization's budget
    #[arg(long, default_value_t = 500)]
    budget: i64,
}

/// How many requests are under way.
const AT_ONCE: usize = 24;

/// How many of these were let through.
async fn let_through(house: &House, jobs: impl Iterator<Item = (u64, u64)>) -> Result<(u64, Vec<u16>)> {
    let nodes = house.nodes.len() as u64;
    let asked = jobs.enumerate().map(|(at, (n, guess))| async move {
        let node = usize::try_from((at as u64 + n) % nodes).unwrap_or(0);
        let answer = house.look(node, &by_ssn(&phone(n), &format!("{guess:04}"))).await?;
        anyhow::Ok(answer.status)
    });
    let answers: Vec<Result<u16>> = stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
    let statuses = answers.into_iter().collect::<Result<Vec<u16>>>()?;
    let through = statuses.iter().filter(|status| **status == 200).count() as u64;
    Ok((through, statuses.into_iter().filter(|status| !matches!(status, 200 | 429)).collect()))
}

pub(super) async fn run(location: &Location, args: &Args) -> Result<Value> {
    let mut house = House::make(location, args.nodes, 1_000_000).await?;
    let (mut exact, mut odd) = (0u64, 0);
    for n in 0..args.phones {
        // All at once; then, by nodes that have nothing but the database, once more; and the next hour.
        let (first, other) = let_through(&house, (0..args.tries).map(|guess| (n, guess))).await?;
        odd += other.len();
        if n % 10 == 0 {
            for node in 0..house.nodes.len() {
                house.restart(node).await?;
            }
        }
        let (second, other) = let_through(&house, (0..args.tries).map(|guess| (n, guess))).await?;
        odd += other.len();
        exact += u64::from((first, second) == (5, 0));
    }
    house.token = house.another().await?;
    house
        .ask(
            0,
            http::Method::PUT,
            "/organization",
            Some(&json!({ "lookup": { "failures_a_day": args.budget } })),
        )
        .await?;
    let many = args.budget.unsigned_abs();
    let spray = |from: u64| (0..2 * many).map(move |n| (UNKNOWN + from + n, 1));
    let (first, other) = let_through(&house, spray(0)).await?;
    odd += other.len();
    for node in 0..house.nodes.len() {
        house.restart(node).await?;
    }
    let (second, other) = let_through(&house, spray(10 * many)).await?;
    odd += other.len();
    Ok(json!({
        "nodes": args.nodes, "phones": args.phones, "exact": exact, "budget": many, "let_through": first, "after_restart": second,
        "other_answers": odd,
    }))
}
