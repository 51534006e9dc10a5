//! The program, killed in the middle of its work.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

struct Program {
    child: Child,
    base: String,
}

impl Program {
    fn start(journal: &Path) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quittance-sandbox"))
            .args(["--listen", "127.0.0.1:0", "--journal"])
            .arg(journal)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let base = ready.trim().strip_prefix("quittance-sandbox listening on ").unwrap().to_owned();
        Program { child, base }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn every_answered_charge_outlives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answered: Vec<(String, Answer)> = Vec::new();
    for round in 0..3 {
        let mut program = Program::start(&journal);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        // Callers that never pause, so that the kill always falls among their calls.
        for caller in 0..16 {
            let (client, url, tell) = (client.clone(), format!("{}/charges", program.base), tell.clone());
            tokio::spawn(async move {
                for i in 0.. {
                    let key = format!("{round}-{caller}-{i}");
                    let Ok(sent) = client.post(&url).json(&charge(&key, "tok_visa", 500)).send().await else {
                        break;
                    };
                    let Ok(answer) = sent.json::<Answer>().await else { break };
                    tell.send((key, answer)).unwrap();
                }
            });
        }
        drop(tell);
        let mut heard = 0;
        while let Some(known) = told.recv().await {
            answered.push(known);
            heard += 1;
            if heard == 60 {
                program.kill();
            }
        }
        assert!(heard >= 60);
    }

    let program = Program::start(&journal);
    for (key, answer) in answered {
        let again = client.post(format!("{}/charges", program.base)).json(&charge(&key, "tok_visa", 500));
        assert_eq!(again.send().await.unwrap().json::<Answer>().await.unwrap(), answer, "{key}");
    }
    let book = sandbox::read_journal(&journal).unwrap();
    assert!(book.stats().keys.values().all(|k| k.charges <= 1));
}

#[tokio::test]
async fn a_program_told_to_stop_ends_well_and_leaves_its_journal_free() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let mut program = Program::start(&journal);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let charged = client.post(format!("{}/charges", program.base)).json(&charge("k", "tok_visa", 500));
    assert!(charged.send().await.unwrap().status().is_success());
    let told = Command::new("kill").arg("-TERM").arg(program.child.id().to_string()).status().unwrap();
    assert!(told.success() && program.child.wait().unwrap().success());
    let service = Service::open(Settings::at(&journal), counting()).unwrap();
    assert_eq!(standing(&service, NOW, "k").await, "succeeded");
}

#[test]
fn the_program_explains_itself() {
    let help = Command::new(env!("CARGO_BIN_EXE_quittance-sandbox")).arg("--help").output().unwrap();
    assert!(String::from_utf8(help.stdout).unwrap().contains("Examples:"));
    let table = Command::new(env!("CARGO_BIN_EXE_quittance-sandbox")).arg("--magic").output().unwrap();
    assert_eq!(String::from_utf8(table.stdout).unwrap(), magic::markdown());
}

#[test]
fn an_open_network_needs_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_quittance-sandbox"))
        .args(["--listen", "0.0.0.0:0", "--journal"])
        .arg(dir.path().join("journal"))
        .env_remove("QUITTANCE_PROCESSOR_SECRET")
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--secret-file"));
}
