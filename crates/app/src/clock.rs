//! `quittance clock`: a sandbox's time, frozen and moved.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use base::seams::Seams;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::server::Server;

/// A sandbox's time.
#[derive(Subcommand)]
pub(crate) enum Clock {
    /// Show what time it is in the sandbox
    Show(Whose),
    /// Freeze its time, or stop it where it is being advanced to somewhere
    #[command(after_help = "Examples:\n  quittance clock freeze\n  quittance clock freeze --at 2027-01-04")]
    Freeze {
        /// Where it stands at first: an instant, or a day where the organization is
        #[arg(long, value_name = "WHEN")]
        at: Option<String>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Advance its time; everything that is due on the way is done at its instant
    ///
    /// Where the sandbox has no clock yet, its time is frozen first. Ends when it has got there.
    #[command(
        after_help = "Examples:\n  quittance clock advance --days 30\n  quittance clock advance --to 2028-01-04T15:00:00Z"
    )]
    Advance {
        /// Until then: an instant, or the beginning of a day where the organization is
        #[arg(long, value_name = "WHEN", required_unless_present_any = ["days", "hours"], conflicts_with_all = ["days", "hours"])]
        to: Option<String>,
        /// So many days
        #[arg(long)]
        days: Option<u32>,
        /// So many hours
        #[arg(long)]
        hours: Option<u32>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Let it run on from where it is, as fast as the world's
    Run(Whose),
    /// Remove the clock, where its time is not ahead of the world's
    Remove(Whose),
}

/// Which sandbox: the token's, at a running server.
#[derive(Args)]
pub(crate) struct Whose {
    /// Where the server is
    #[arg(long, env = "QUITTANCE_URL", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A bearer token of the sandbox, with the scopes test_clock:read and test_clock:write. Prefer the environment
    #[arg(long, env = "QUITTANCE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Whose {
    fn server(&self) -> Result<Server> {
        Server::at(&self.url, self.token.as_deref())
    }

    fn tell(&self, clock: &Value) {
        if self.json {
            println!("{clock}");
            return;
        }
        let (status, now) = (word(clock, "status"), word(clock, "now"));
        match status {
            "real" => println!("There is no clock: it is {now}, as in the world."),
            "advancing" => println!("It is {now}, on the way to {}.", word(clock, "advancing_to")),
            _ => println!("It is {now}, {status}."),
        }
    }
}

fn word<'a>(clock: &'a Value, name: &str) -> &'a str {
    clock[name].as_str().unwrap_or("-")
}

/// `quittance clock …`.
pub(crate) async fn run(command: Clock) -> Result<ExitCode> {
    match command {
        Clock::Show(whose) => whose.tell(&whose.server()?.ask("GET", "/test-clock", None).await?),
        Clock::Freeze { at, whose } => {
            let wish = at.map_or_else(|| json!({}), |at| json!({ "now": at }));
            let clock = whose.server()?.ask("POST", "/test-clock", Some(wish)).await?;
            whose.tell(&until_there(&whose.server()?, clock).await?);
        }
        Clock::Advance { to, days, hours, whose } => {
            let server = whose.server()?;
            if word(&server.ask("GET", "/test-clock", None).await?, "status") == "real" {
                server.ask("POST", "/test-clock", Some(json!({}))).await?;
            }
            let wish = match to {
                Some(to) => json!({ "to": to }),
                None => json!({ "days": days.unwrap_or(0), "hours": hours.unwrap_or(0) }),
            };
            let seams = Seams::system();
            let began = seams.monotonic();
            let clock = server.ask("POST", "/test-clock/advance", Some(wish)).await?;
            let clock = until_there(&server, clock).await?;
            if !whose.json {
                let took = seams.monotonic().saturating_sub(began);
                eprintln!("That took {:.1} s.", took.as_secs_f64());
            }
            whose.tell(&clock);
        }
        Clock::Run(whose) => {
            let wish = json!({ "status": "running" });
            whose.tell(&whose.server()?.ask("PUT", "/test-clock", Some(wish)).await?);
        }
        Clock::Remove(whose) => {
            let server = whose.server()?;
            server.ask("DELETE", "/test-clock", None).await?;
            whose.tell(&server.ask("GET", "/test-clock", None).await?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits until a clock has got to where it is being moved, with a bar where somebody looks.
async fn until_there(server: &Server, mut clock: Value) -> Result<Value> {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(100) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos} %, {elapsed}") {
        bar.set_style(style);
    }
    while word(&clock, "status") == "advancing" {
        bar.set_position(clock["percent"].as_u64().unwrap_or(0));
        bar.set_message(word(&clock, "now").chars().take(10).collect::<String>());
        tokio::time::sleep(Duration::from_millis(100)).await;
        clock = server.ask("GET", "/test-clock", None).await?;
    }
    bar.finish_and_clear();
    Ok(clock)
}
