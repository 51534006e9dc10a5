//! A sandbox's test clock over HTTP. Production answers as if there were no such thing.

use base::{Code, Day, Failure, Result, Ts};
use books::clocks::{self, Change, Clock, MOST_DAYS, Rehearsal, Wish};
use edge::routes::{delete, get, post, put};
use edge::{Access, Endpoint, Reader, Reply};
use serde_json::{Value, json};

use crate::schema::{instant, maybe, object, shown, success, whole, word};
use crate::{App, Call};

const READ: Access = Access::Scope("test_clock:read");
const WRITE: Access = Access::Scope("test_clock:write");

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/test-clock", READ, show)
            .summary("Get the sandbox's time")
            .describe("`real` where it has no clock. While it is `advancing`, `percent` says how far it is.")
            .answers(200, shown(schema())),
        post("/test-clock", WRITE, freeze)
            .summary("Freeze the sandbox's time")
            .describe(
                "From then on it stands, for everything in this environment: charges, plans, what a bank settles or sends back, \
                 sessions, messages, the waits of webhooks. A clock that runs or is being advanced stops where it is.",
            )
            .body(begins)
            .idempotent(false)
            .sample(json!({}))
            .answers(201, shown(schema())),
        put("/test-clock", WRITE, set)
            .summary("Let the sandbox's time run on, or freeze it")
            .body(runs)
            .sample(json!({ "status": "running" }))
            .answers(200, shown(schema())),
        post("/test-clock/advance", WRITE, advance)
            .summary("Advance the sandbox's time")
            .describe(
                "Everything that is due on the way is done at its instant. Answered at once; ask for the clock until it is \
                 `frozen` again. To go on to where it is changes nothing, so a request may be sent again where it names `to`.",
            )
            .body(goes)
            .idempotent(false)
            .sample(json!({ "days": 30 }))
            .answers(202, shown(schema())),
        delete("/test-clock", WRITE, remove)
            .summary("Remove the sandbox's clock")
            .describe("Refused while its time is ahead of the world's; let it run on instead.")
            .answers(200, success()),
    ]
}

fn schema() -> Value {
    object(
        &[
            ("status", word(&["real", "frozen", "running", "advancing"])),
            ("now", instant()),
            ("advancing_from", maybe(instant())),
            ("advancing_to", maybe(instant())),
            ("percent", maybe(whole())),
        ],
        &[],
    )
}

/// An instant, or the beginning of a day where the organization is.
#[derive(Clone, Copy)]
enum When {
    At(Ts),
    On(Day),
}

fn when(text: &str) -> Option<When> {
    Day::parse(text).map(When::On).or_else(|| Ts::parse(text).map(When::At))
}

const AN_INSTANT: &str = "must be an instant such as 2027-03-01T15:00:00Z, or a day such as 2027-03-01.";

fn begins(r: &mut Reader<'_>) -> Option<When> {
    r.text("now")
        .describe("Where it stands at first; by default at the world's time. Of a sandbox in which nothing has happened yet any \
                   instant, else a later one, to which it is advanced.")
        .parse(AN_INSTANT, "2027-03-01T15:00:00Z", when)
        .optional()
}

fn runs(r: &mut Reader<'_>) -> Wish {
    const WISHES: &[(&str, Wish)] = &[("running", Wish::Run), ("frozen", Wish::Freeze(None))];
    r.one_of("status", WISHES)
        .describe("`running`: as fast as the world's time, from where it is.")
        .required()
}

struct Goes {
    to: Option<When>,
    seconds: i64,
}

fn goes(r: &mut Reader<'_>) -> Goes {
    let to = r
        .text("to")
        .describe("Until when, or give `days`, `hours` or `seconds`.")
        .parse(AN_INSTANT, "2027-03-01", when)
        .optional();
    let mut of = |name, seconds: i64| {
        r.int(name).between(0, MOST_DAYS * 86_400 / seconds).optional().unwrap_or(0).saturating_mul(seconds)
    };
    Goes { to, seconds: of("days", 86_400) + of("hours", 3_600) + of("seconds", 1) }
}

/// The caller's sandbox. To production there is no such thing.
fn sandbox(call: &Call) -> Result<Rehearsal<'_>> {
    Rehearsal::of(&call.caller().tenant).ok_or_else(Failure::not_found)
}

fn at(call: &Call, when: When) -> Ts {
    match when {
        When::At(at) => at,
        When::On(day) => day.start_in(&call.caller().tenant.zone),
    }
}

fn present(call: &Call, clock: Option<&Clock>) -> Value {
    let wall = call.state.db.seams().wall();
    json!({
        "status": clock.map_or("real", Clock::status),
        "now": clock.map_or(wall, |clock| clock.time().at(wall)).to_string(),
        "advancing_from": clock.and_then(|clock| clock.moves_from).map(|at| at.to_string()),
        "advancing_to": clock.and_then(|clock| clock.moves_to).map(|at| at.to_string()),
        "percent": clock.and_then(Clock::percent),
    })
}

async fn wished(call: &Call, status: u16, wish: Wish) -> Result<Reply> {
    let clock = call.state.db.run(&Change { sandbox: sandbox(call)?, wish }).await?;
    Ok(Reply::json(status, &json!({ "data": present(call, clock.as_ref()) })))
}

async fn show(call: Call) -> Result<Reply> {
    let clock = clocks::of(&call.state.db.read().await?, sandbox(&call)?).await?;
    Ok(Reply::json(200, &json!({ "data": present(&call, clock.as_ref()) })))
}

async fn freeze(call: Call) -> Result<Reply> {
    sandbox(&call)?;
    let now = call.read(begins)?;
    wished(&call, 201, Wish::Freeze(now.map(|when| at(&call, when)))).await
}

async fn set(call: Call) -> Result<Reply> {
    sandbox(&call)?;
    let wish = call.read(runs)?;
    wished(&call, 200, wish).await
}

async fn advance(call: Call) -> Result<Reply> {
    let sandbox = sandbox(&call)?;
    let Goes { to, seconds } = call.read(goes)?;
    let to = match (to, seconds) {
        (Some(when), 0) => at(&call, when),
        (None, 1..) => {
            let clock = clocks::of(&call.state.db.read().await?, sandbox).await?;
            let from = clock.and_then(|clock| clock.moves_to).unwrap_or(call.now);
            from.plus_seconds(seconds)
        }
        _ => {
            let say = "Say how far with `to`, or with `days`, `hours` and `seconds`, and not with both.";
            return Err(Failure::field("to", say));
        }
    };
    wished(&call, 202, Wish::Advance(to)).await
}

async fn remove(call: Call) -> Result<Reply> {
    let sandbox = sandbox(&call)?;
    if clocks::of(&call.state.db.read().await?, sandbox).await?.is_none() {
        return Err(Failure::refused(
            Code::NotFound,
            "This environment has no test clock: it lives by the world's time.",
        ));
    }
    call.state.db.run(&Change { sandbox, wish: Wish::Remove }).await?;
    Ok(Reply::success())
}
