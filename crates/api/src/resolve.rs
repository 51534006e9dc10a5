//! What a person decides about a charge, over HTTP.

use base::{Failure, Ref, Result};
use edge::routes::post;
use edge::{Access, Endpoint, Reader, Reply};
use payments::charges::refunds;
use payments::charges::resolve::{Decision, Resolution};
use payments::charges::{ChargeId, Refund, RefundId};
use serde_json::json;

use crate::schema::shown;
use crate::{App, Call, before, charges, once};

const RESOLVE: Access = Access::Scope("charges:resolve");

const DECISIONS: &[(&str, Decision)] =
    &[("succeeded", Decision::Succeeded), ("declined", Decision::Declined), ("retry", Decision::Retry)];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        post("/charges/{id}/resolve", RESOLVE, resolve)
            .summary("Decide a charge that nobody else can decide")
            .describe(
                "For a charge that waits for a person (`GET /charges?review=true`), or was without an answer for longer \
                 than the processor knows its key. The processor is asked once more: what it says is never overruled. \
                 With `refund_id` it is about a refund of the charge. The reason and the token that decided stand in the \
                 event `charge.resolved`.",
            )
            .body(body)
            .sample(json!({ "outcome": "succeeded", "reason": "It stands in their monthly statement." }))
            .answers(200, shown(charges::schema())),
    ]
}

struct Asked {
    decision: Decision,
    reason: String,
    refund: Option<Ref>,
}

fn body(r: &mut Reader<'_>) -> Asked {
    Asked {
        decision: r
            .one_of("outcome", DECISIONS)
            .describe(
                "`succeeded`: the money moved. `declined`: it did not. `retry`: it did not; send it again.",
            )
            .required(),
        reason: r.text("reason").max(500).describe("Why, in your words.").required(),
        refund: r.reference("refund_id").describe("A refund of the charge that it is about.").optional(),
    }
}

async fn resolve(call: Call) -> Result<Reply> {
    let (tenant, till) = (&call.caller().tenant, &call.state.till);
    let charge = charges::find(&call).await?;
    if before(&call, "charge.resolve").await?.is_some() {
        return Ok(charges::shown_as(&call, charge.id).await?.replayed());
    }
    let asked = call.read(body)?;
    let refund = match &asked.refund {
        Some(which) => Some(refund_of(&call, charge.id, which).await?),
        None => None,
    };
    let resolution = Resolution { decision: asked.decision, reason: asked.reason, by: call.caller().by() };
    let key = once(&call);
    let replayed = match &refund {
        Some(refund) => till.resolve_refund(tenant, &charge, refund, &resolution, key.as_ref()).await?,
        None => till.resolve(tenant, &charge, &resolution, key.as_ref()).await?,
    };
    let reply = charges::shown_as(&call, charge.id).await?;
    Ok(if replayed { reply.replayed() } else { reply })
}

async fn refund_of(call: &Call, charge: ChargeId, which: &Ref) -> Result<Refund> {
    let unknown = || Failure::unknown_reference("refund_id");
    let id = RefundId(which.ours().ok_or_else(unknown)?);
    let found = refunds::by_id(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    found.filter(|refund| refund.charge_id == charge).ok_or_else(unknown)
}
