//! What is in the database that somebody should know of: tokens, webhooks, and what waits for people.

use base::db::{Db, Tx};
use base::page::Page;
use base::{Result, Ts};
use books::orgs::{Environment, Tenant, Tenants};
use books::tokens::{self, Scopes, Token};
use exchange::webhooks::{self, MOST, Webhook};
use payments::charges::findings;

use super::{Finding, days_between, fine, unknown, warning};
use crate::settings::plain;

/// After so many days a token should have been exchanged.
const OLD_DAYS: i64 = 365;
/// After so many days without a use nobody seems to need it.
const IDLE_DAYS: i64 = 90;
/// How many of a kind are named.
const SHOWN: usize = 3;

pub(super) async fn look(db: &Db, tenants: &Tenants) -> Vec<Finding> {
    match everything(db, tenants).await {
        Ok(found) => found,
        Err(failure) => vec![unknown("what is in the database", plain(&failure), "quittance verify")],
    }
}

async fn everything(db: &Db, tenants: &Tenants) -> Result<Vec<Finding>> {
    let tx = db.read().await?;
    let all = tenants.all(&tx).await?;
    let now = db.now().await?;
    if all.is_empty() {
        let next = "quittance org create, then quittance token create";
        return Ok(vec![warning("organizations", "there is none yet", next)]);
    }
    let mut found = vec![fine("organizations", format!("{} environments", all.len()))];
    let (mut live, mut hooks) = (Vec::new(), Vec::new());
    for tenant in &all {
        live.extend(tokens::list(&tx, tenant.id).await?.into_iter().map(|token| (tenant.environment, token)));
        hooks.extend(webhooks::list(&tx, tenant, None, Page::first(MOST)).await?.rows);
    }
    live.retain(|(_, token)| token.revoked_at.is_none() && token.expires_at.is_none_or(|at| now < at));
    found.extend(of_tokens(&live, now));
    found.push(of_webhooks(&hooks));
    found.extend(waiting(&tx).await?);
    found.push(banks(&tx, &all).await?);
    Ok(found)
}

/// Names some, and says how many there are beside.
fn some(names: impl ExactSizeIterator<Item = String>) -> String {
    let many = names.len();
    let shown: Vec<String> = names.take(SHOWN).collect();
    let more = if many > SHOWN { format!(" and {} more", many - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

fn of_tokens(live: &[(Environment, Token)], now: Ts) -> Vec<Finding> {
    let pick = |which: &dyn Fn(&Environment, &Token) -> bool| -> Vec<String> {
        let chosen = live.iter().filter(|(environment, token)| which(environment, token));
        chosen.map(|(environment, token)| format!("{} ({}, {environment})", token.id, token.name)).collect()
    };
    let broad =
        pick(&|environment, token| *environment == Environment::Production && token.scopes == Scopes::all());
    let old = pick(&|_, token| days_between(token.created_at, now) > OLD_DAYS);
    let idle =
        pick(&|_, token| days_between(token.last_used_at.unwrap_or(token.created_at), now) > IDLE_DAYS);
    let one = |check, all: Vec<String>, says: &str, next: &str| match all.is_empty() {
        true => fine(check, format!("none of {}", live.len())),
        false => warning(check, format!("{says}: {}", some(all.into_iter())), next),
    };
    vec![
        one(
            "tokens that may do all",
            broad,
            "in production everything is allowed to",
            "make one for each use, with the scopes it needs, and revoke these",
        ),
        one(
            "old tokens",
            old,
            &format!("older than {OLD_DAYS} days"),
            "exchange them: quittance token create, then quittance token revoke",
        ),
        one("idle tokens", idle, &format!("not used for {IDLE_DAYS} days"), "quittance token revoke"),
    ]
}

fn of_webhooks(hooks: &[Webhook]) -> Finding {
    const CHECK: &str = "webhooks";
    let off: Vec<String> = hooks
        .iter()
        .filter(|hook| hook.disabled.is_some() || hook.paused_at.is_some())
        .map(|hook| match (hook.disabled, hook.paused_at) {
            (Some((at, why)), _) => format!("{} switched off {at} ({})", hook.id, why.as_str()),
            (None, at) => format!("{} paused {}", hook.id, at.map_or_else(String::new, |at| at.to_string())),
        })
        .collect();
    match off.is_empty() {
        true => fine(
            CHECK,
            format!("{} of {} are told", hooks.iter().filter(|hook| hook.is_sent_to()).count(), hooks.len()),
        ),
        false => warning(
            CHECK,
            some(off.into_iter()),
            "mend the endpoint, then switch it on: PUT /webhooks/{id} or …/resume",
        ),
    }
}

async fn waiting(tx: &Tx) -> Result<Vec<Finding>> {
    let charges = tx.number("SELECT count(*) FROM charge WHERE review = true", &[]).await?;
    let refunds = tx.number("SELECT count(*) FROM refund WHERE review = true", &[]).await?;
    let found = findings::open(tx, 1_000).await?.len();
    let (check, says) =
        ("review", format!("{charges} charges, {refunds} refunds and {found} findings wait for a person"));
    let nothing = charges + refunds == 0 && found == 0;
    Ok(vec![if nothing { fine(check, says) } else { warning(check, says, "quittance review list") }])
}

async fn banks(tx: &Tx, all: &[Tenant]) -> Result<Finding> {
    let (mut queued, mut late) = (0, 0);
    for tenant in all {
        let sql = "SELECT count(*) FROM bank_line WHERE tenant_id = $1 AND status = 'unmatched' AND queued_at IS NOT NULL";
        queued += tx.number(sql, &[&tenant.id]).await?;
        let sql = "SELECT count(*) FROM bank_expectation WHERE tenant_id = $1 AND status = 'open' AND overdue_at IS NOT NULL";
        late += tx.number(sql, &[&tenant.id]).await?;
    }
    let (check, says) =
        ("bank lines", format!("{queued} wait for a person, and {late} that were expected are late"));
    let next = "quittance bank lines --queued, quittance bank expectations --overdue";
    Ok(if queued + late == 0 { fine(check, says) } else { warning(check, says, next) })
}
