//! A tenant's own keys over HTTP: which there are, and their rotation, which the server's steps do.

use base::{Failure, Result, Ts};
use books::keys::{self, Kind, Line, Rotation, Wish};
use books::people;
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reader, Reply};
use serde_json::{Value, json};

use crate::schema::{flag, instant, list, maybe, object, shown, text, whole, word};
use crate::{App, Call};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/keys", Access::Scope("keys:read"), index)
            .summary("List keys, with the rows under each version")
            .describe("Looks at every row. After a rotation none stands under the old version.")
            .answers(200, shown(list(line_schema()))),
        get("/keys/rotations", Access::Scope("keys:read"), rotations)
            .summary("List rotations, with how far they are")
            .answers(200, shown(list(rotation_schema()))),
        post("/keys/rotate", Access::Scope("keys:rotate"), rotate)
            .summary("Exchange keys, while everything is in use")
            .describe(
                "Begins a rotation, which the server does by itself. `master`: this environment's keys are wrapped with the newest master key; `tenant`: the key that seals; `index`: the key of blind indexes; `customers`: people's own keys. Refused while one of the same kind runs.",
            )
            .body(wish)
            .idempotent(false)
            .sample(json!({ "kind": "customers" }))
            .answers(200, shown(list(rotation_schema()))),
    ]
}

fn line_schema() -> Value {
    object(
        &[
            ("kind", word(&["master", "tenant", "index", "both", "customers"])),
            ("version", text()),
            ("state", word(&["coming", "active", "leaving", "retired", "missing"])),
            ("rows", whole()),
            ("created_at", maybe(instant())),
            ("retired_at", maybe(instant())),
        ],
        &[],
    )
}

fn rotation_schema() -> Value {
    let kinds: Vec<&str> = Kind::WORDS.iter().map(|(word, _)| *word).collect();
    object(
        &[
            ("kind", word(&kinds)),
            ("phase", word(&["coming", "moving", "settling", "done"])),
            ("done", flag()),
            ("walked", whole()),
            ("rows", whole()),
            ("created_at", instant()),
            ("finished_at", maybe(instant())),
        ],
        &[],
    )
}

fn rotation(rotation: &Rotation) -> Value {
    json!({
        "kind": rotation.kind.as_str(), "phase": rotation.phase, "done": rotation.is_done(), "walked": rotation.walked,
        "rows": rotation.many, "created_at": rotation.created_at.to_string(),
        "finished_at": rotation.finished_at.map(|at| at.to_string()),
    })
}

struct Asked {
    kind: Kind,
    customer: Option<base::Ref>,
    before: Option<base::Day>,
}

fn wish(r: &mut Reader<'_>) -> Asked {
    Asked {
        kind: r.one_of("kind", Kind::WORDS).describe("Which keys.").required(),
        customer: r
            .reference("customer_id")
            .describe("Of customers' keys only this one's: our id or yours.")
            .optional(),
        before: r
            .day("made_before")
            .describe("Of customers' keys only those made before this day.")
            .optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let tx = call.state.db.snapshot().await?;
    // Opened in the snapshot: the keys of the caller may be of another moment.
    let tenant = call.state.tenants.open(&tx, call.caller().tenant.id).await?;
    let lines = keys::list(&tx, &call.state.tenants, &tenant).await?;
    Ok(Reply::json(200, &json!({ "data": lines.iter().map(Line::to_json).collect::<Vec<_>>() })))
}

async fn rotations(call: Call) -> Result<Reply> {
    show(&call).await
}

async fn show(call: &Call) -> Result<Reply> {
    let all = keys::rotations(&call.state.db.read().await?, call.caller().tenant.id).await?;
    Ok(Reply::json(200, &json!({ "data": all.iter().map(rotation).collect::<Vec<_>>() })))
}

async fn rotate(call: Call) -> Result<Reply> {
    let Asked { kind, customer, before } = call.read(wish)?;
    let tenant = &call.caller().tenant;
    let only = match &customer {
        Some(which) => {
            let found = people::resolve(&call.state.db.read().await?, tenant, which).await?;
            Some(found.ok_or_else(|| Failure::unknown_reference("customer_id"))?)
        }
        None => None,
    };
    if kind != Kind::Customers && (only.is_some() || before.is_some()) {
        return Err(Failure::field("kind", "Only customers' keys are chosen by customer or by day."));
    }
    let before: Option<Ts> = before.map(|day| day.start_in(&tenant.zone));
    keys::begin(&call.state.db, &call.state.tenants, tenant.id, &Wish { kind, before, only }).await?;
    show(&call).await
}
