//! The small commands: organizations, tokens, schema, versions.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use base::{OrgId, db::Db};
use books::orgs::{self, Environment};
use books::tokens::{self, Scopes, TokenId};
use clap::Subcommand;
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::settings::{Common, start_logging};
use crate::wiring;

/// Organizations.
#[derive(Subcommand)]
pub(crate) enum Org {
    /// Make an organization, with its production and its sandbox environment
    #[command(
        after_help = "Example:\n  quittance org create --name \"Harbor Point Recovery\" --time-zone America/New_York"
    )]
    Create {
        /// Its name
        #[arg(long)]
        name: String,
        /// Its IANA time zone: days begin and end by it
        #[arg(long, default_value = "America/New_York")]
        time_zone: String,
    },
    /// List all organizations
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Tokens.
#[derive(Subcommand)]
pub(crate) enum Token {
    /// Make a bearer token; it is printed once and never again
    #[command(
        after_help = "Example:\n  quittance token create --org 0193… --environment sandbox --name \"our integration\""
    )]
    Create {
        /// The organization's id
        #[arg(long)]
        org: Uuid,
        /// production or sandbox
        #[arg(long)]
        environment: Environment,
        /// What it is for
        #[arg(long, default_value = "api")]
        name: String,
        /// What it may do: * or words like charges:write,customers:read
        #[arg(long, default_value = "*")]
        scopes: String,
        /// Ends by itself after so many days
        #[arg(long)]
        expires_days: Option<i32>,
    },
    /// List an organization's tokens
    List {
        /// The organization's id
        #[arg(long)]
        org: Uuid,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token at once
    Revoke {
        /// The token's id, as `token list` shows it
        id: Uuid,
    },
}

/// A table for people.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header.to_vec());
    table
}

/// `quittance migrate`.
pub(crate) async fn migrate(common: &Common) -> Result<ExitCode> {
    start_logging(common);
    let (db, _) = wiring::open_database(common).await?;
    println!("The schema is version {}.", base::db::migrate::newest(&db).await?);
    Ok(ExitCode::SUCCESS)
}

/// `quittance org …`.
pub(crate) async fn org(common: &Common, command: Org) -> Result<ExitCode> {
    match command {
        Org::Create { name, time_zone } => {
            let (db, tenants) = wiring::open_database(common).await?;
            let id = db.run(&orgs::Create { tenants: &tenants, name, time_zone }).await?;
            println!("{id}");
            eprintln!("Next: quittance token create --org {id} --environment sandbox");
        }
        Org::List { json } => {
            let (db, _) = wiring::open_to_read(common).await?;
            let all = orgs::list(&db.read().await?).await?;
            if json {
                let rows: Vec<_> = all.iter().map(|o| serde_json::json!({ "id": o.id.to_string(), "name": o.name, "time_zone": o.time_zone, "created_at": o.created_at.to_string() })).collect();
                println!("{}", serde_json::Value::from(rows));
            } else {
                let mut shown = table(&["id", "name", "time zone", "made"]);
                for o in all {
                    shown.add_row([o.id.to_string(), o.name, o.time_zone, o.created_at.to_string()]);
                }
                println!("{shown}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `quittance token …`.
pub(crate) async fn token(common: &Common, command: Token) -> Result<ExitCode> {
    match command {
        Token::Create { org, environment, name, scopes, expires_days } => {
            let scopes = Scopes::parse(&scopes, api::SCOPES).map_err(|why| anyhow!("{why}"))?;
            let (db, tenants) = wiring::open_database(common).await?;
            let tenant = tenants.of(&db.read().await?, OrgId(org), environment).await?;
            let is_to_publish = scopes.allow(tokens::TOKENIZE) && scopes != Scopes::all();
            let expires_at = expires_days
                .map(|days| db.seams().now().plus(SignedDuration::from_hours(24 * i64::from(days))));
            let (id, text) = db.run(&tokens::Create { tenant: &tenant, name, scopes, expires_at }).await?;
            println!("{}", text.reveal());
            eprintln!(
                "Token {id} for {environment}. It is not shown again; revoke it with: quittance token revoke {id}"
            );
            if is_to_publish {
                eprintln!("Its id is the publishable key of hosted fields: {id}");
            }
        }
        Token::List { org, json } => list_tokens(common, OrgId(org), json).await?,
        Token::Revoke { id } => {
            let (db, tenants) = wiring::open_database(common).await?;
            db.run(&tokens::Revoke { tenants: &tenants, id: TokenId(id) }).await?;
            println!("Revoked.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list_tokens(common: &Common, org: OrgId, json: bool) -> Result<()> {
    let (db, tenants): (Db, _) = wiring::open_to_read(common).await?;
    let tx = db.read().await?;
    let mut shown = table(&["id", "environment", "name", "begins", "scopes", "last used", "state"]);
    let mut rows = Vec::new();
    for environment in Environment::ALL {
        let tenant = tenants.of(&tx, org, environment).await?;
        for token in tokens::list(&tx, tenant.id).await? {
            let state = token.revoked_at.map_or_else(|| "live".to_owned(), |at| format!("revoked {at}"));
            let last = token.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
            rows.push(serde_json::json!({ "id": token.id.to_string(), "environment": environment.as_str(), "name": token.name, "hint": token.hint, "scopes": token.scopes.to_string(), "last_used_at": token.last_used_at.map(|at| at.to_string()), "revoked_at": token.revoked_at.map(|at| at.to_string()) }));
            shown.add_row([
                token.id.to_string(),
                environment.to_string(),
                token.name,
                format!("{}…", token.hint),
                token.scopes.to_string(),
                last,
                state,
            ]);
        }
    }
    if json {
        println!("{}", serde_json::Value::from(rows));
    } else {
        println!("{shown}");
    }
    Ok(())
}

/// `quittance version`.
pub(crate) fn version() -> Result<ExitCode> {
    let schema = books::schema::MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    println!("quittance {}\nschema {schema}\nSQLite {}", env!("CARGO_PKG_VERSION"), base::db::lite_version());
    Ok(ExitCode::SUCCESS)
}
