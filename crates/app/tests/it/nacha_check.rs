//! `quittance nacha check`, as whoever looks at a file sees it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../nacha/tests/files").join(name)
}

fn check(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quittance")).args(["nacha", "check"]).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_sound_file_is_told_in_a_table_without_a_number_or_a_name() {
    let path = file("ppd.ach");
    let shown = check(&[path.to_str().unwrap(), "--entries"]);
    assert!(shown.status.success(), "{}", said(&shown));
    assert!(said(&shown).contains("Nothing is wrong: "), "{}", said(&shown));
    let whole = said(&check(&[path.to_str().unwrap(), "--entries", "--show-accounts"]));
    let bytes = std::fs::read_to_string(&path).unwrap();
    let entry = bytes.lines().find(|line| line.starts_with('6')).unwrap();
    let (account, name) = (entry[12..29].trim(), entry[54..76].trim());
    assert!(whole.contains(account) && whole.contains(name), "{whole}");
    assert!(!said(&shown).contains(account) && !said(&shown).contains(name), "{}", said(&shown));
}

#[test]
fn a_fault_is_named_with_its_line_and_columns_and_the_status_says_so() {
    let mut text = std::fs::read_to_string(file("ppd.ach")).unwrap();
    let at = text.find("\n6").unwrap() + 1 + 29;
    text.replace_range(at..=at, "O");
    let mut child = Command::new(env!("CARGO_BIN_EXE_quittance"))
        .args(["nacha", "check", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let faults = told[0]["faults"].as_array().unwrap();
    let amount = faults.iter().find(|fault| fault["field"] == "amount").unwrap_or_else(|| panic!("{told}"));
    assert_eq!((&amount["from_column"], &amount["to_column"]), (&30.into(), &39.into()));
    assert_eq!(check(&["there-is-no-such-file.ach"]).status.code(), Some(2));
}

#[test]
fn whoever_reads_only_the_beginning_is_no_fault() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quittance"))
        .args(["nacha", "check", "--entries"])
        .args(std::iter::repeat_n(file("ppd.ach"), 300))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "it says nothing of it");
}
