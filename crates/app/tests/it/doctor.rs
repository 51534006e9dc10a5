//! `quittance doctor`: what is planted is found, what is fine is said to be, and nothing changes.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use base::db::{Db, Location, migrate};
use base::seams::Seams;
use payments::charges::till::watch;
use serde_json::{Value, json};

use crate::support::agency::Agency;
use crate::support::theirs::Theirs;

/// What it says of an installation, and whether that must be mended.
struct Told(bool, Value);

impl Told {
    fn check(&self, name: &str) -> &Value {
        let found = self.1["checks"].as_array().unwrap().iter().find(|one| one["check"] == name);
        found.unwrap_or_else(|| panic!("nothing about {name}: {:#}", self.1))
    }

    #[track_caller]
    fn is(&self, name: &str, mark: &str) {
        let one = self.check(name);
        assert_eq!(one["mark"], mark, "{one:#}");
        assert_eq!(
            one["next"] == "",
            mark == "fine",
            "whoever is told of something is told what to do: {one:#}"
        );
    }
}

fn ask(home: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Told {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quittance"));
    command.arg("--data-dir").arg(home).args(["doctor", "--json"]).args(arguments);
    command.env_remove("QUITTANCE_DATABASE_URL").envs(settings.iter().copied());
    let done = command.output().unwrap();
    let told = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)));
    Told(done.status.code() == Some(1), told)
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// An embedded installation that only its owner enters, with one organization.
fn installed() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    mode(home.path(), 0o700);
    let mut command = Command::new(env!("CARGO_BIN_EXE_quittance"));
    command.arg("--data-dir").arg(home.path()).args(["org", "create", "--name", "Harbor Street"]);
    assert!(command.env_remove("QUITTANCE_DATABASE_URL").output().unwrap().status.success());
    home
}

#[test]
fn what_is_fine_is_said_to_be_and_warnings_do_not_fail() {
    let home = installed();
    let before: Vec<_> = std::fs::read(home.path().join("quittance.db")).unwrap();
    let told = ask(home.path(), &[], &[]);
    assert!(!told.0, "{:#}", told.1);
    for name in [
        "database",
        "engine",
        "schema",
        "master key opens",
        "database's files",
        "clock",
        "banking calendar",
        "statutory calendar",
        "review",
        "bank lines",
    ] {
        told.is(name, "fine");
    }
    for name in [
        "master key",
        "production's processor",
        "sandboxes' processor's list",
        "public address",
        "mail",
        "text messages",
    ] {
        told.is(name, "warning");
    }
    told.is("last backup", "unknown");
    told.is("master key's copy", "unknown");
    assert_eq!(std::fs::read(home.path().join("quittance.db")).unwrap(), before, "it changes nothing");
    let for_people = Command::new(env!("CARGO_BIN_EXE_quittance"))
        .arg("--data-dir")
        .arg(home.path())
        .arg("doctor")
        .env_remove("QUITTANCE_DATABASE_URL")
        .output()
        .unwrap();
    let shown = String::from_utf8(for_people.stdout).unwrap();
    assert!(shown.contains("statutory calendar") && shown.contains("0 to mend"), "{shown}");
}

#[test]
fn what_others_may_read_must_be_mended() {
    let home = installed();
    mode(home.path(), 0o755);
    mode(&home.path().join("quittance.db"), 0o644);
    mode(&home.path().join("master.key"), 0o640);
    let told = ask(home.path(), &[], &[]);
    assert!(told.0);
    told.is("database's files", "mend");
    told.is("master key", "mend");
    assert!(told.check("master key")["next"].as_str().unwrap().starts_with("chmod 600 "));
    let key = home.path().join("stripe.key");
    std::fs::write(&key, "sk_test_1").unwrap();
    mode(&key, 0o644);
    let told = ask(
        home.path(),
        &[],
        &[
            ("QUITTANCE_STRIPE_KEY_FILE", key.to_str().unwrap()),
            ("QUITTANCE_STRIPE_URL", "http://127.0.0.1:9"),
        ],
    );
    told.is("Stripe's key", "mend");
    told.is("production's processor", "mend");
}

#[test]
fn a_key_that_is_gone_or_another_must_be_mended() {
    let home = installed();
    let key = home.path().join("master.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::write(&key, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap();
    let told = ask(home.path(), &[], &[]);
    told.is("master key opens", "mend");
    told.is("what is in the database", "unknown");
    std::fs::remove_file(&key).unwrap();
    let told = ask(home.path(), &[], &[]);
    told.is("master key", "mend");
    told.is("master key opens", "mend");
    assert!(!key.exists(), "it makes none");
    std::fs::write(&key, right).unwrap();
    mode(&key, 0o600);
    assert!(!ask(home.path(), &[], &[]).0);
}

#[test]
fn a_database_that_is_gone_old_or_set_otherwise_must_be_mended() {
    let home = installed();
    let file = home.path().join("quittance.db");
    let raw = base::db::rusqlite::Connection::open(&file).unwrap();
    raw.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
    drop(raw);
    ask(home.path(), &[], &[]).is("engine", "mend");
    std::fs::remove_file(&file).unwrap();
    let told = ask(home.path(), &[], &[]);
    told.is("database", "mend");
    assert!(told.0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db =
            Db::open(&Location::Lite { path: file.clone(), inline: false }, Seams::system()).await.unwrap();
        let (_, earlier) = books::schema::MIGRATIONS.split_last().unwrap();
        migrate::migrate(&db, earlier).await.unwrap();
        db.close();
    });
    let told = ask(home.path(), &[], &[]);
    told.is("schema", "mend");
    assert!(told.check("schema")["next"].as_str().unwrap().contains("quittance migrate"));
}

#[test]
fn what_is_in_front_of_the_server_is_looked_at() {
    let home = installed();
    let settings = [
        ("QUITTANCE_PUBLIC_URL", "http://pay.example.com"),
        ("QUITTANCE_LISTEN", "0.0.0.0:8080"),
        ("QUITTANCE_SMTP_URL", "smtps://mail.example.com"),
        ("QUITTANCE_SMS_URL", "http://texts.example.com/send"),
    ];
    let told = ask(home.path(), &[], &settings);
    told.is("public address", "mend");
    told.is("TLS", "warning");
    told.is("mail", "mend");
    told.is("text messages", "mend");
    let settings = [
        ("QUITTANCE_PUBLIC_URL", "https://pay.example.com"),
        ("QUITTANCE_TRUSTED_PROXIES", "10.0.0.0/8"),
        ("QUITTANCE_SMTP_URL", "smtps://mail.example.com"),
        ("QUITTANCE_MAIL_FROM", "agency@example.com"),
        ("QUITTANCE_SMS_URL", "https://texts.example.com/send"),
    ];
    let told = ask(home.path(), &[], &settings);
    for name in ["public address", "TLS", "proxies", "mail", "text messages"] {
        told.is(name, "fine");
    }
}

#[test]
fn a_backup_is_as_old_as_its_manifest_says() {
    let home = installed();
    let backups = tempfile::tempdir().unwrap();
    let place = backups.path().to_str().unwrap();
    ask(home.path(), &["--backups", place], &[]).is("last backup", "mend");
    let mut command = Command::new(env!("CARGO_BIN_EXE_quittance"));
    command.arg("--data-dir").arg(home.path()).arg("backup").arg(backups.path().join("today"));
    assert!(command.env_remove("QUITTANCE_DATABASE_URL").output().unwrap().status.success());
    ask(home.path(), &["--backups", place], &[]).is("last backup", "fine");
}

/// A server that is told by words (`host=/tmp user=postgres`) as the address that the program takes.
fn as_address(words: &str) -> String {
    if words.contains("://") {
        return words.to_owned();
    }
    let word = |name: &str| {
        let found = words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_default().to_owned()
    };
    format!("postgres://{}@{}/{}", word("user"), word("host").replace('/', "%2F"), word("dbname"))
}

/// Asks about an agency's own database, while its server goes on.
async fn ask_of(agency: &Agency, settings: &[(&str, &str)]) -> Told {
    let mut all: Vec<(String, String)> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    all.push(("QUITTANCE_MASTER_KEY".into(), agency.template.master.reveal().clone()));
    if let Location::Pg { url, .. } = &agency.home.location {
        all.push(("QUITTANCE_DATABASE_URL".into(), as_address(url.reveal())));
    }
    let home = agency.home.dir.path().to_owned();
    let asking = tokio::task::spawn_blocking(move || {
        let settings: Vec<(&str, &str)> =
            all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        ask(&home, &[], &settings)
    });
    asking.await.unwrap()
}

on_both_engines! {
    async fn what_waits_for_somebody_is_told_beside_a_running_server(agency: &Agency) {
        let hook = json!({ "url": "https://agency.example/hook", "events": ["charge.completed"] });
        let hook = agency.post("/webhooks", hook).await.made();
        for name in ["database", "schema", "master key opens", "webhooks", "review", "bank lines", "production's verify mode"] {
            ask_of(agency, &[]).await.is(name, "fine");
        }
        let told = ask_of(agency, &[]).await;
        told.is("master key", "warning");
        told.is("tokens that may do all", "warning");
        assert!(told.check("engine")["finding"].as_str().unwrap().starts_with(agency.db.engine_name()));
        if agency.home.database.is_some() {
            told.is("sandboxes' processor", "mend");
            // The stories' server is let off what costs time.
            told.is("fsync", "mend");
        }
        agency.post(&format!("/webhooks/{hook}/pause"), json!({})).await.is(200);
        let account = agency.bank_account("4417752200").await;
        agency.expects(&account, ("fee", 5_00, "debit"), ("2026-11-01", "2026-11-02"), None).await;
        agency.steps().await;
        watch::enter_verify_mode(&agency.db, "a restore").await.unwrap();
        let told = ask_of(agency, &[]).await;
        for name in ["webhooks", "bank lines", "production's verify mode", "sandboxes' verify mode"] {
            told.is(name, "warning");
        }
    }

    async fn a_processor_that_lets_us_in_is_told_from_one_that_does_not(agency: &Agency) {
        let nothing = "{\"object\": \"list\", \"data\": [], \"has_more\": false}";
        for (status, mark) in [(200, "warning"), (401, "mend")] {
            let stripe = Theirs::answering(status, nothing).await;
            let url = stripe.url("");
            let settings = [("QUITTANCE_STRIPE_KEY", "sk_test_1"), ("QUITTANCE_STRIPE_URL", url.as_str())];
            let told = ask_of(agency, &settings).await;
            told.is("production's processor", mark);
            told.is("Stripe's key", "warning");
        }
    }
}
