//! What a customer authorized with a single payment, as it is shown with its charge.

use payments::authorizations::Way;
use payments::charges::authorization::Evidence;
use serde_json::{Value, json};

use crate::schema::{id, instant, maybe, object, text, word};

/// The fields of an authorization, as answered.
pub(crate) fn schema() -> Value {
    let ways: Vec<&str> = Way::ALL.iter().map(|way| way.as_str()).collect();
    object(
        &[
            ("channel", word(&ways)),
            ("payment_method_id", id()),
            ("terms", text()),
            ("text", text()),
            ("text_version", maybe(text())),
            ("given_by", maybe(text())),
            ("given_at", instant()),
            ("ip_address", maybe(text())),
            ("sha256", text()),
            ("recorded_by", text()),
        ],
        &[],
    )
}

/// An authorization.
pub(crate) fn json(given: &Evidence) -> Value {
    let Evidence { row, text, given_by, ip_address } = given;
    json!({
        "channel": row.channel.as_str(),
        "payment_method_id": row.payment_method_id.to_string(),
        "terms": row.terms,
        "text": text,
        "text_version": row.text_version,
        "given_by": given_by,
        "given_at": row.given_at.to_string(),
        "ip_address": ip_address,
        "sha256": row.sha256,
        "recorded_by": row.recorded_by,
    })
}
