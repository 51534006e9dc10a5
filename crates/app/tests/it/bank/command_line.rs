//! `quittance bank`, as whoever types it sees it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::NUMBER;
use crate::support::statements::{Said, moved};

fn quittance(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quittance"));
    command.arg("--data-dir").arg(home).args(arguments).env_remove("QUITTANCE_DATABASE_URL");
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn done(output: Output) -> String {
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn an_account_a_file_an_expectation_and_a_match_are_typed() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| quittance(home.path(), arguments);
    let org = done(run(&["org", "create", "--name", "Harbor Street"]));
    let whose = ["--org", &org, "--env", "sandbox"];
    let bank = |arguments: &[&str]| run(&[&["bank"], arguments, &whose].concat());
    let account = done(bank(&[
        "account",
        "create",
        "--name",
        "Trust",
        "--kind",
        "trust",
        "--routing-number",
        "091000019",
        "--account-number",
        NUMBER,
    ]));
    let file = home.path().join("day.bai");
    std::fs::write(
        &file,
        Said::of(NUMBER, "261119", 0, vec![moved(165, 800_00, "A"), moved(165, 5_00, "B")]).text(),
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let read = done(bank(&["read", file]));
    assert!(read.ends_with("Read.") && read.contains("805.00"), "{read}");
    assert!(done(bank(&["read", file])).ends_with("nothing has changed."));
    let wrong = home.path().join("wrong.bai");
    std::fs::write(&wrong, "01,HARBORST\n").unwrap();
    let refused = bank(&["read", wrong.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("line 1, "), "{}", said(&refused));
    let expected = done(bank(&[
        "expect",
        "--account",
        &account,
        "--kind",
        "ach_settlement",
        "--amount",
        "80000",
        "--direction",
        "credit",
        "--from",
        "2026-11-19",
        "--to",
        "2026-11-20",
        "--by",
        "Ann Lee",
    ]));
    let lines: Value = serde_json::from_str(&done(bank(&["lines", "--json"]))).unwrap();
    let of = |cents: i64| {
        lines.as_array().unwrap().iter().find(|l| l["amount"] == cents).unwrap()["id"].as_str().unwrap()
    };
    let (large, small) = (of(800_00), of(5_00));
    done(bank(&["match", large, "--expectation", &expected, "--by", "Ann Lee"]));
    done(bank(&["ignore", small, "--reason", "interest", "--by", "Ann Lee"]));
    done(bank(&["unmatch", large, "--by", "Ann Lee"]));
    let listed = done(bank(&["lines"]));
    assert!(listed.contains(large) && !listed.contains(small) && !listed.contains("ROSA"), "{listed}");
    assert!(done(bank(&["expectations"])).contains(&expected));
    done(bank(&["cancel", &expected, "--by", "Ann Lee"]));
    assert!(!done(bank(&["expectations"])).contains(&expected));
    done(bank(&["account", "close", &account]));
    let accounts = done(bank(&["account", "list"]));
    assert!(
        accounts.contains("2200") && accounts.contains("closed") && !accounts.contains(NUMBER),
        "{accounts}"
    );
    assert!(done(run(&["verify"])).contains("The books are right."));
}
