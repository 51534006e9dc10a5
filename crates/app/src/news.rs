//! Where processors say that there is news.
//!
//! What must hold: nothing they send is believed, or read. Whoever can prove who they are has the processor's list looked
//! through a little sooner than it would be anyway.

use adapters::stripe::Signing;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base::db::Db;
use books::orgs::Environment;
use payments::charges::till::Till;

#[derive(Clone)]
struct House {
    signing: Signing,
    till: Till,
    db: Db,
}

/// The endpoints of the processors that are set up to call us.
pub(crate) fn routes(stripe: Option<Signing>, till: &Till, db: &Db) -> Router {
    let Some(signing) = stripe else { return Router::new() };
    let house = House { signing, till: till.clone(), db: db.clone() };
    Router::new().route("/webhooks/processors/stripe", post(of_stripe)).with_state(house)
}

async fn of_stripe(State(house): State<House>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    if !house.signing.is_genuine(signature.unwrap_or_default(), &body, house.db.seams().now()) {
        return StatusCode::BAD_REQUEST;
    }
    match house.till.expect_news(Environment::Production).await {
        Ok(()) => StatusCode::OK,
        Err(failure) => {
            tracing::warn!(error = failure.chain(), "news of the processor could not be noted");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
