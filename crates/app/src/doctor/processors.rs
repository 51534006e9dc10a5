//! Processors: that each is there, lets us in, and that its list was looked through.

use std::time::Duration;

use base::Ts;
use base::db::Db;
use base::seams::Seams;
use books::orgs::Environment;
use payments::charges::till::watch::{self, Watch};

use super::{Finding, fine, mend, unknown, warning};
use crate::settings::{Common, plain};
use crate::wiring;

/// After so many minutes nobody looks through a processor's list any more: it is due every minute.
const LATE_MINUTES: i64 = 10;
/// How long a processor is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whether both processors are there and let us in. Nothing is charged.
pub(super) async fn look(common: &Common, found: &mut Vec<Finding>) {
    found.push(production(common).await);
    found.push(sandbox(common).await);
}

async fn production(common: &Common) -> Finding {
    const CHECK: &str = "production's processor";
    let real = match wiring::real(common) {
        Ok(Some(real)) => real,
        Ok(None) if common.ach_bank.is_some() => {
            let next = "set QUITTANCE_STRIPE_KEY_FILE or Authorize.net's keys (docs/PROCESSORS.md), unless cards are not taken";
            return warning(CHECK, "bank accounts are debited by files, and nobody takes cards", next);
        }
        Ok(None) => {
            let next = "set QUITTANCE_STRIPE_KEY_FILE or Authorize.net's keys (docs/PROCESSORS.md), unless only sandboxes are used";
            return warning(CHECK, "there is none: production refuses charges", next);
        }
        Err(error) => {
            let says: Vec<String> = error.chain().map(plain).collect();
            return mend(CHECK, says.join(": "), "set its keys right (docs/PROCESSORS.md)");
        }
    };
    let (now, name) = (Seams::system().now(), real.name);
    let asked = tokio::time::timeout(PATIENCE, real.processor.list_since(now, now, None)).await;
    match asked {
        Ok(Ok(_)) if real.is_live => fine(CHECK, format!("{name} answers, and lets us in")),
        Ok(Ok(_)) => {
            let says = format!("{name} lets us in by a key for tests: no money moves");
            warning(CHECK, says, "put a live key in its place")
        }
        Ok(Err(why)) => {
            let next =
                format!("look whether {name} can be reached from here, and whether the key was revoked");
            mend(CHECK, why.0, next)
        }
        Err(_) => {
            mend(CHECK, format!("{name} does not answer in time"), "look whether it can be reached from here")
        }
    }
}

async fn sandbox(common: &Common) -> Finding {
    const CHECK: &str = "sandboxes' processor";
    match wiring::remote_processor(common) {
        Ok(None) if common.is_embedded() => fine(CHECK, "in the server's own process"),
        Ok(None) => {
            let next = "start the sandbox processor, and set QUITTANCE_PROCESSOR_URL";
            mend(CHECK, "there is none, and the server does not start without one", next)
        }
        Ok(Some(remote)) => match remote.check().await {
            Ok(_) => fine(CHECK, "it answers, and lets us in"),
            Err(why) => mend(
                CHECK,
                why.0,
                "start it, and check QUITTANCE_PROCESSOR_URL and QUITTANCE_PROCESSOR_SECRET",
            ),
        },
        Err(error) => mend(CHECK, plain(error.as_ref()), "set QUITTANCE_PROCESSOR_URL right"),
    }
}

/// Whether each processor's list was looked through lately, and whether verify mode is on.
pub(super) async fn watched(common: &Common, db: &Db, found: &mut Vec<Finding>) {
    for environment in Environment::ALL {
        let is_used = environment == Environment::Sandbox || matches!(wiring::real(common), Ok(Some(_)));
        let (lately, verifying) = match environment {
            Environment::Production => ("production's processor's list", "production's verify mode"),
            Environment::Sandbox => ("sandboxes' processor's list", "sandboxes' verify mode"),
        };
        let read = async { watch::of(&db.read().await?, environment).await };
        let watch = match read.await {
            Ok(watch) => watch,
            Err(failure) => {
                found.push(unknown(lately, plain(&failure), "quittance review list"));
                continue;
            }
        };
        if is_used {
            let is_real = environment == Environment::Production;
            found.push(seen(lately, watch.as_ref(), Seams::system().now(), is_real));
        }
        found.push(verify_mode(verifying, watch.as_ref()));
    }
}

fn seen(check: &'static str, watch: Option<&Watch>, now: Ts, is_real: bool) -> Finding {
    let next = "look whether a server is running, and at its /readyz and its log";
    let Some(watch) = watch else {
        return warning(check, "nobody has looked through it yet", "start the server");
    };
    let minutes = now.since(watch.swept_to).as_mins();
    let says = format!("looked through up to {}", watch.swept_to);
    match minutes {
        ..LATE_MINUTES => fine(check, says),
        _ if is_real => mend(check, says, next),
        _ => warning(check, says, next),
    }
}

fn verify_mode(check: &'static str, watch: Option<&Watch>) -> Finding {
    match watch.and_then(|watch| Some((watch.verify_since?, watch.reason.clone().unwrap_or_default()))) {
        Some((since, why)) => {
            let next = "it ends by itself once a whole look at the list finds nothing: quittance review list";
            warning(check, format!("on since {since}: {why}"), next)
        }
        None => fine(check, "off"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;

    #[test]
    fn a_list_that_nobody_looks_through_must_be_looked_at_where_money_is_real() {
        let now = Ts::parse("2026-11-20T12:00:00Z").unwrap();
        let watch = |minutes: i64| Watch {
            environment: "production".into(),
            swept_to: now.plus_seconds(-60 * minutes),
            due_at: now,
            sweep_began: None,
            sweep_since: None,
            cursor: None,
            sweep_found: 0,
            lease_until: None,
            fence: 0,
            verify_since: (minutes > 60).then_some(now),
            reason: Some("a restore".into()),
            epoch: None,
            updated_at: now,
        };
        assert_eq!(seen("x", Some(&watch(5)), now, true).mark, Mark::Fine);
        assert_eq!(seen("x", Some(&watch(11)), now, true).mark, Mark::Mend);
        assert_eq!(seen("x", Some(&watch(11)), now, false).mark, Mark::Warning);
        assert_eq!(seen("x", None, now, true).mark, Mark::Warning);
        assert_eq!(verify_mode("x", Some(&watch(61))).mark, Mark::Warning);
        assert_eq!(verify_mode("x", Some(&watch(1))).mark, Mark::Fine);
    }
}
