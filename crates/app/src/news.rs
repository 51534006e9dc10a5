//! Where processors say that there is news.
//!
//! What must hold: nothing they send is believed, or read. Whoever can prove who they are has the processor's list looked
//! through a little sooner than it would be anyway.

use adapters::{authorize_net, stripe};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base::db::Db;
use books::orgs::Environment;
use payments::charges::till::Till;

/// By what the processors that are set up to call us are known.
pub(crate) struct Callers {
    pub(crate) stripe: Option<stripe::Signing>,
    pub(crate) authorize_net: Option<authorize_net::Signing>,
}

#[derive(Clone)]
struct House<S> {
    signing: S,
    till: Till,
    db: Db,
}

/// Their endpoints.
pub(crate) fn routes(callers: Callers, till: &Till, db: &Db) -> Router {
    let mut all = Router::new();
    if let Some(signing) = callers.stripe {
        let house = House { signing, till: till.clone(), db: db.clone() };
        all =
            all.merge(Router::new().route("/webhooks/processors/stripe", post(of_stripe)).with_state(house));
    }
    if let Some(signing) = callers.authorize_net {
        let house = House { signing, till: till.clone(), db: db.clone() };
        let path = "/webhooks/processors/authorize-net";
        all = all.merge(Router::new().route(path, post(of_authorize_net)).with_state(house));
    }
    all
}

async fn of_stripe(
    State(house): State<House<stripe::Signing>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let signature = text(&headers, "stripe-signature");
    if !house.signing.is_genuine(signature, &body, house.db.seams().now()) {
        return StatusCode::BAD_REQUEST;
    }
    expect_news(&house.till).await
}

async fn of_authorize_net(
    State(house): State<House<authorize_net::Signing>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if !house.signing.is_genuine(text(&headers, "x-anet-signature"), &body) {
        return StatusCode::BAD_REQUEST;
    }
    expect_news(&house.till).await
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn expect_news(till: &Till) -> StatusCode {
    match till.expect_news(Environment::Production).await {
        Ok(()) => StatusCode::OK,
        Err(failure) => {
            tracing::warn!(error = failure.chain(), "news of the processor could not be noted");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
