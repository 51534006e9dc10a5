//! What is on disk, and what of it survives.

use std::path::{Path, PathBuf};

use sandbox::{JournalError, read_journal};

use super::*;

struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Disk {
        Disk(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("journal")
    }

    fn open(&self) -> Result<Service, JournalError> {
        Service::open(Settings::at(self.path()), counting())
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }

    /// A journal with three charges, closed.
    async fn with_three_charges() -> Disk {
        let disk = Disk::new();
        let service = disk.open().unwrap();
        for key in ["a", "b", "c"] {
            service.submit(charge(key, "tok_visa", 500)).await.unwrap();
        }
        disk
    }
}

fn keys(path: &Path) -> Vec<String> {
    read_journal(path).unwrap().all(NOW).into_iter().map(|r| r.key).collect()
}

#[tokio::test]
async fn a_number_that_takes_turns_goes_on_where_it_was_after_a_restart() {
    let card = Instrument::Card {
        number: "4000007712000006".into(),
        security_code: None,
        expiry_month: 12,
        expiry_year: 2031,
    };
    let bank = Instrument::Bank { routing_number: "021000021".into(), account_number: "000777010000".into() };
    let disk = Disk::new();
    let service = disk.open().unwrap();
    let mut tokens = Vec::new();
    for instrument in [card, bank] {
        match service.tokenize(Tokenize { now: NOW, instrument }).await {
            Ok(TokenAnswer::Made { token, .. }) => tokens.push(token),
            other => panic!("{other:?}"),
        }
    }
    drop(service);
    let mut told = [Vec::new(), Vec::new()];
    for turn in 0..8 {
        let service = disk.open().unwrap();
        for (n, token) in tokens.iter().enumerate() {
            let key = format!("{n}-{turn}");
            for _ in 0..2 {
                let _ = service.submit(charge(&key, token, 500)).await; // the same key has one turn
            }
            told[n].push(standing(&service, NOW + DAY, &key).await);
        }
    }
    let (funds, later) = ("declined insufficient_funds", "declined issuer_unavailable");
    let fine = "succeeded, succeeded, succeeded, succeeded";
    assert_eq!(told[0].join(", "), format!("{funds}, {later}, {fine}, {funds}, {later}"));
    let bad = "succeeded, returned R01";
    assert_eq!(told[1].join(", "), format!("{bad}, {fine}, {bad}"));
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart_and_answers_the_same() {
    let disk = Disk::new();
    let service = disk.open().unwrap();
    let token = token_of(&service, magic::Scenario::named("bank_r01").unwrap()).await;
    let made = service.submit(charge("k", &token, 500)).await;
    service.submit(charge("v", "tok_visa", 900)).await.unwrap();
    service.refund(refund(NOW, "r", "v", 300)).await.unwrap();
    let before = service.list_since(NOW + DAY, 0, None).await.unwrap();
    drop(service);

    let service = disk.open().unwrap();
    assert_eq!(service.submit(charge("k", &token, 500)).await, made);
    assert_eq!(service.list_since(NOW + DAY, 0, None).await.unwrap(), before);
    assert_eq!(said(&service.submit(charge("k2", &token, 500)).await), "accepted");
    assert_eq!(service.stats().keys["k"].submits, 2);
}

#[tokio::test]
async fn a_torn_last_line_is_dropped_and_the_rest_goes_on() {
    let disk = Disk::with_three_charges().await;
    let whole = disk.bytes();
    let last_line = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').unwrap() + 1;
    for cut in last_line + 1..whole.len() {
        std::fs::write(disk.path(), &whole[..cut]).unwrap();
        assert_eq!(keys(&disk.path()), ["a", "b"], "read at {cut}");
    }
    let service = disk.open().unwrap();
    service.submit(charge("d", "tok_visa", 500)).await.unwrap();
    assert_eq!(keys(&disk.path()), ["a", "b", "d"]);
}

#[tokio::test]
async fn damage_further_up_refuses_to_open_and_names_the_line() {
    let disk = Disk::with_three_charges().await;
    let whole = String::from_utf8(disk.bytes()).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let changed = whole.replacen("\"amount\":500", "\"amount\":501", 1);
    let missing = [lines[0], lines[2], lines[3]].concat();
    for (what, text) in [("changed", changed), ("missing", missing)] {
        std::fs::write(disk.path(), text).unwrap();
        let refused = disk.open().err().unwrap();
        assert!(matches!(refused, JournalError::Damaged { line: 2, .. }), "{what}: {refused}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_left_alone() {
    let disk = Disk::new();
    for text in ["dear diary", "dear diary\n", "dear diary\nsecond line\n"] {
        std::fs::write(disk.path(), text).unwrap();
        assert!(matches!(disk.open().err(), Some(JournalError::NotOurs(_))));
        assert_eq!(disk.bytes(), text.as_bytes());
    }
}

#[tokio::test]
async fn a_journal_torn_in_its_first_line_begins_anew() {
    let disk = Disk::with_three_charges().await;
    std::fs::write(disk.path(), &disk.bytes()[..9]).unwrap();
    assert!(keys(&disk.path()).is_empty());
    disk.open().unwrap().submit(charge("a", "tok_visa", 500)).await.unwrap();
    assert_eq!(keys(&disk.path()), ["a"]);
}

#[tokio::test]
async fn only_one_may_write_and_anybody_may_read() {
    let disk = Disk::with_three_charges().await;
    let service = disk.open().unwrap();
    assert!(matches!(disk.open().err(), Some(JournalError::InUse(_))));
    assert_eq!(keys(&disk.path()).len(), 3);
    drop(service);
    assert!(disk.open().is_ok());
}

#[tokio::test]
async fn no_number_code_or_token_reaches_the_disk() {
    let disk = Disk::new();
    let service = disk.open().unwrap();
    let mut secrets = vec!["737".to_owned()];
    for scenario in magic::SCENARIOS {
        let token = token_of(&service, scenario).await;
        if scenario.name != "hang" && scenario.name != "slow" {
            let _ = service.submit(charge(scenario.name, &token, 500)).await;
        }
        let (magic::On::Card(_, number) | magic::On::Bank(number)) = scenario.on;
        secrets.extend([number.to_owned(), token]);
    }
    drop(service);
    let text = String::from_utf8(disk.bytes()).unwrap();
    for secret in secrets {
        // A short one may stand inside a hash; it may not stand as a value.
        let shown = if secret.len() < 10 { format!("\"{secret}\"") } else { secret };
        assert!(!text.contains(&shown), "{shown}");
    }
}

#[tokio::test]
async fn many_charges_share_one_sync() {
    let disk = Disk::new();
    let service = disk.open().unwrap();
    let all: Vec<_> = (0..500)
        .map(|i| {
            let service = service.clone();
            tokio::spawn(async move { service.submit(charge(&format!("k{i}"), "tok_visa", 5)).await })
        })
        .collect();
    for answer in all {
        assert_eq!(said(&answer.await.unwrap()), "succeeded");
    }
    let stats = service.stats();
    assert_eq!(stats.charges, 500);
    assert!(stats.syncs < 250, "{} syncs", stats.syncs);
}

#[tokio::test]
async fn a_caller_who_goes_away_changes_nothing() {
    let disk = Disk::new();
    let service = disk.open().unwrap();
    {
        let mut gone = Box::pin(service.submit(charge("k", "tok_visa", 500)));
        let waker = std::task::Waker::noop();
        let _ = gone.as_mut().poll(&mut std::task::Context::from_waker(waker));
    }
    assert_eq!(standing(&service, NOW, "k").await, "succeeded");
    drop(service);
    assert_eq!(keys(&disk.path()), ["k"]);
}

#[tokio::test]
async fn inline_journals_are_the_same_file() {
    let disk = Disk::new();
    let settings = Settings { inline: true, ..Settings::at(disk.path()) };
    let service = Service::open(settings, counting()).unwrap();
    service.submit(charge("a", "tok_visa", 500)).await.unwrap();
    assert_eq!(service.stats().syncs, 1);
    drop(service);
    disk.open().unwrap().submit(charge("b", "tok_visa", 500)).await.unwrap();
    assert_eq!(keys(&disk.path()), ["a", "b"]);
}
