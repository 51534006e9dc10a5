//! Just in time: fresh data about an account, asked of its creditor's system at the moment it is needed.
//!
//! - One GET to the address that the organization registered, its query string kept, `debt_account_external_id` appended.
//!   Ten seconds over everything. No transaction is open meanwhile.
//! - Only 200 with JSON is data. It is read by the API's own field rules, everything that is wrong is said at once, and
//!   nothing is applied unless all of it is right: location, customer, parent, children, in one transaction.
//! - The account that is answered is the one that was asked for; children belong to it.
//! - An account is asked about once at a time, and only so many accounts of an organization together. An endpoint that
//!   fails again and again is left alone for a while, then asked once to see. All of it stands in the database, for all nodes.

mod model;
mod store;

use std::time::Duration;

use base::db::Db;
use base::secret::Secret;
use base::{Code, Failure, Result};
use books::idempotency::Once;
use books::orgs::Tenant;
use serde_json::Value;

pub use self::model::{AT_ONCE, Asked, Endpoint, EndpointId, FAILURES, PAUSE_SECONDS, SHORTEST_SECRET};
use self::store::{Apply, Begin, Ended, Land};
pub use self::store::{Register, Remove, find};
use crate::egress::{Answer, Ask, Egress, NoAnswer, Reads};
use crate::upsert::{Made, Rules};

/// How long a call may take, from when it was asked for to the last byte (guide).
pub const WITHIN: Duration = Duration::from_secs(10);

/// What a call is made with.
pub struct Means<'a> {
    /// The database.
    pub db: &'a Db,
    /// The way out.
    pub egress: &'a dyn Egress,
    /// How objects are read.
    pub rules: &'a dyn Rules,
    /// How JSON is read: strictly, and with an end.
    pub json: fn(&[u8]) -> Result<Value, String>,
    /// When it was asked for, by the monotonic clock: whoever asks waits from then on.
    pub began: Duration,
}

/// What became of a call.
#[derive(Debug)]
pub enum Called {
    /// Their data is ours now.
    Applied(Made),
    /// Their side answered with another status than 200.
    Refused(Answer),
}

/// Asks about an account, and applies what is answered. `once` makes it a request that may be sent again.
pub async fn call(
    means: &Means<'_>,
    tenant: &Tenant,
    asked: &Asked,
    once: Option<&Once>,
    kind: &'static str,
) -> Result<Called> {
    let token = means.db.seams().id();
    let begun = means.db.run(&Begin { tenant, account: &asked.theirs, token }).await?;
    let land = async |ended| means.db.run(&Land { tenant, token, ended }).await;
    let url = match begun.url.asking("debt_account_external_id", &asked.theirs) {
        Some(url) => url,
        None => {
            land(Ended::Failed).await?;
            return Err(unreachable(NoAnswer::None));
        }
    };
    let headers = begun.secret.map(|secret| ("authorization", bearer(&secret))).into_iter().collect();
    // Where many ask at once the database lets one after the other begin: that is part of the ten seconds.
    let spent = means.db.seams().monotonic().saturating_sub(means.began);
    let ask = Ask { body: None, url, headers, within: WITHIN.saturating_sub(spent), reads: Reads::All };
    let answer = match means.egress.send(&ask).await {
        Ok(answer) => answer,
        Err(why) => {
            land(Ended::Failed).await?;
            return Err(unreachable(why));
        }
    };
    if answer.status != 200 {
        land(if answer.status >= 500 { Ended::Failed } else { Ended::Answered }).await?;
        return Ok(Called::Refused(answer));
    }
    // Their bytes are gone before anything waits for the database.
    let body = match answer.body {
        Ok(bytes) => (means.json)(&bytes),
        Err(unusable) => Err(format!("The body {unusable}.")),
    };
    let applied = match body {
        Ok(body) => {
            let (record, faults) = model::record(body, asked);
            let apply = Apply { tenant, rules: means.rules, record, faults, token, once, kind };
            means.db.run(&apply).await
        }
        Err(why) => Err(Failure::field("data", why)),
    };
    if applied.is_err() {
        land(Ended::Answered).await?;
    }
    applied.map(Called::Applied)
}

fn bearer(secret: &Secret<String>) -> Secret<String> {
    Secret::new(format!("Bearer {}", secret.reveal()))
}

/// The same words whatever the reason, so that nobody explores a network through us.
fn unreachable(why: NoAnswer) -> Failure {
    match why {
        NoAnswer::Late => {
            Failure::refused(Code::JitTimeout, "The just in time endpoint did not answer in time.")
        }
        NoAnswer::None => {
            Failure::refused(Code::JitUnreachable, "The just in time endpoint could not be reached.")
        }
    }
}
