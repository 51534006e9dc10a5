//! Whom we know and whom we do not: the same questions at the same instants, and every byte of the answers.

use anyhow::{Result, bail};
use base::db::Location;
use http::Method;
use serde_json::{Value, json};

use super::house::{Answer, House};
use super::people::{UNKNOWN, by_ssn, phone, ssn};

/// A header that each answer has for itself.
const OWN: &str = "x-request-id";

/// Somebody of whom something is asked, and what is.
struct Subject {
    name: &'static str,
    ask: Box<dyn Fn() -> Value>,
}

fn subject(name: &'static str, n: u64, proof: String) -> Subject {
    Subject { name, ask: Box::new(move || by_ssn(&phone(n), &proof)) }
}

fn named(name: &'static str, last: &'static str, proof: String) -> Subject {
    let flow = "first_name_last_name_ssn_last4";
    let body = move || json!({ "lookup_flow_type": flow, "first_name": "Ada", "last_name": last, "ssn_last4": proof });
    Subject { name, ask: Box::new(body) }
}

/// What can be seen of an answer.
fn bytes(answer: &Answer) -> Vec<u8> {
    let mut all = answer.status.to_string().into_bytes();
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != OWN)
        .map(|(name, value)| format!("\n{name}: {value:?}"))
        .collect();
    headers.sort();
    all.extend(headers.concat().into_bytes());
    all.extend(b"\n\n");
    all.extend(&answer.body);
    all
}

pub(super) async fn run(location: &Location) -> Result<Value> {
    let house = House::make(location, 1, 1_000_000).await?;
    for n in 0..6 {
        house.person(n, &ssn(n)).await?;
    }
    let make = async |path: &str, status: &str| {
        let answer = house.ask(0, Method::PUT, path, Some(&json!({ "status": status }))).await?;
        if answer.status == 200 { Ok(()) } else { bail!("{path}: {}", String::from_utf8_lossy(&answer.body)) }
    };
    make("/customers/C-2", "archived").await?;
    for (n, status) in [(3, "archived"), (4, "locked")] {
        let owed = house.ask(0, Method::GET, &format!("/debt-accounts?customer_id=C-{n}"), None).await?;
        let owed: Value = serde_json::from_slice(&owed.body)?;
        let all = owed["data"].as_array().cloned().unwrap_or_default();
        for debt in all.iter().filter(|debt| debt["customer"]["external_id"] == format!("C-{n}")) {
            make(&format!("/debt-accounts/{}", debt["id"].as_str().unwrap_or_default()), status).await?;
        }
    }
    let subjects = [
        subject("unknown phone", UNKNOWN, "0042".into()),
        subject("known phone, wrong digits", 0, ssn(1)),
        subject("another known phone, wrong digits", 1, ssn(0)),
        subject("archived customer, right digits", 2, ssn(2)),
        subject("archived account, right digits", 3, ssn(3)),
        subject("locked account, right digits", 4, ssn(4)),
        named("unknown name", "Nobody", "0042".into()),
        named("known name, wrong digits", "Numberf", ssn(0)),
    ];
    // What was asked until now is forgotten where only a minute's requests are counted.
    house.clock.advance(3_600);
    let begin = house.nodes[0].app.db.seams().now();
    let mut all: Vec<Vec<Vec<u8>>> = Vec::new();
    for (day, one) in (0i64..).zip(&subjects) {
        // Each at instants of its own, equally long after its first.
        house.clock.set(begin.plus_seconds(day * 10 * 86_400));
        let mut answers = Vec::new();
        for hour in [0, 1, 2, 24, 25, 26, 48] {
            house.clock.set(begin.plus_seconds(day * 10 * 86_400 + hour * 3_600));
            for _ in 0..7 {
                answers.push(bytes(&house.look(0, &(one.ask)()).await?));
                house.clock.advance(61);
            }
        }
        all.push(answers);
    }
    let mut rows = Vec::new();
    for (one, answers) in subjects.iter().zip(&all) {
        let same = answers.iter().zip(&all[0]).filter(|(mine, first)| mine == first).count();
        let first = answers.iter().zip(&all[0]).find(|(mine, first)| mine != first);
        rows.push(json!({
            "who": one.name, "answers": answers.len(), "same": same,
            "let_through": answers.iter().filter(|a| a.starts_with(b"200")).count(),
            "difference": first.map(|(mine, first)| format!(
                "{} / {}", String::from_utf8_lossy(mine), String::from_utf8_lossy(first))),
        }));
    }
    // The exhausted phone stays shut for the right answer, as it does for an unknown one.
    house.clock.set(begin.plus_seconds(2 * 86_400 + 27 * 3_600));
    let right = house.look(0, &by_ssn(&phone(0), &ssn(0))).await?;
    Ok(
        json!({ "rows": rows, "example": String::from_utf8_lossy(&all[0][0]), "right_when_exhausted": right.found() }),
    )
}
