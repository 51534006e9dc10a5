//! `quittance nacha`: what is in an ACH file, and what is wrong with it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use base::Cents;
use clap::{Args, Subcommand};
use nacha::records::{Addenda, BatchHeader, Entry};
use nacha::{Direction, Reader, Record, Report};
use serde_json::{Value, json};

use crate::telling::table;

/// ACH files.
#[derive(Subcommand)]
pub(crate) enum Nacha {
    /// Read ACH files, list their batches, and name every fault with its line and columns
    ///
    /// Files are read as banks read them: 94 columns a record, every standard entry class, returns and notifications of
    /// change. Held against each other are the order of records, counts, hashes, totals, trace numbers, addenda, and what
    /// each class allows. Line ends, cut blanks and missing filling are tolerated, and told. Any size is read in little
    /// memory, but for the entries that are listed, and nothing is changed or sent.
    ///
    /// Faults never show an account number or a name. Ends with status 1 where anything is wrong in any file, and with 2
    /// where one cannot be read.
    #[command(
        after_help = "Examples:\n  quittance nacha check debits-2026-12-01.ach\n  quittance nacha check --entries returns.ach\n  gpg -d returns.ach.gpg | quittance nacha check -\n  quittance nacha check --json outbox/*.ach | jq '.[] | {file, sound, fault_count}'\n\nA fault reads so:\n  line 7, columns 30-39, amount: found \"O\" in column 35, expected digits alone"
    )]
    Check(Check),
}

/// Which files, and how much of them.
#[derive(Args)]
pub(crate) struct Check {
    /// The files; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// List each entry: accounts by their last four characters, no names
    #[arg(long)]
    entries: bool,
    /// Show account numbers and names whole. Whoever sees the screen, or the log it goes to, sees them too
    #[arg(long, requires = "entries")]
    show_accounts: bool,
    /// How many faults of each file are shown; all are counted
    #[arg(long, value_name = "N", default_value_t = 100)]
    faults: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &Nacha) -> Result<ExitCode> {
    let Nacha::Check(asked) = command;
    let mut all = Vec::with_capacity(asked.files.len());
    let mut sound = true;
    for path in &asked.files {
        let checked = check(path, asked)?;
        sound &= checked.report.is_sound();
        if asked.json {
            all.push(checked.json());
        } else {
            checked.print();
        }
    }
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a file came to.
struct Checked {
    name: String,
    batches: Vec<Batch>,
    report: Report,
}

fn check(path: &Path, asked: &Check) -> Result<Checked> {
    let standard_input = path.as_os_str() == "-";
    let name = if standard_input { "standard input".to_owned() } else { path.display().to_string() };
    let input: Box<dyn io::Read> = if standard_input {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).with_context(|| format!("{name} cannot be opened"))?)
    };
    let mut reader = Reader::with_fault_limit(input, asked.faults);
    let mut batches: Vec<Batch> = Vec::new();
    for read in reader.by_ref() {
        let read = read.with_context(|| format!("{name} cannot be read to its end"))?;
        match (read.record, batches.last_mut()) {
            (Some(Record::BatchHeader(header)), _) => batches.push(Batch::new(&header)),
            (Some(Record::Entry(entry)), Some(batch)) => batch.entry(read.line, &entry, asked),
            (Some(Record::Addenda(addenda)), Some(batch)) => batch.addenda(&addenda),
            _ => {}
        }
    }
    Ok(Checked { name, batches, report: reader.into_report() })
}

/// A batch in a row.
struct Batch {
    number: u32,
    company: String,
    sec: &'static str,
    title: &'static str,
    description: String,
    effective: String,
    entries: u64,
    debits: u128,
    credits: u128,
    returns: u64,
    changes: u64,
    listed: Vec<Listed>,
}

impl Batch {
    fn new(header: &BatchHeader) -> Batch {
        let (name, id) = (header.company_name(), header.company_id());
        Batch {
            number: header.number(),
            company: if name.is_blank() { id.to_string() } else { name.to_string() },
            sec: header.sec().as_str(),
            title: header.sec().title(),
            description: header.description().to_string(),
            effective: header.effective_on().to_string(),
            entries: 0,
            debits: 0,
            credits: 0,
            returns: 0,
            changes: 0,
            listed: Vec::new(),
        }
    }

    fn entry(&mut self, line: u64, entry: &Entry, asked: &Check) {
        self.entries += 1;
        let sum = match entry.code().direction() {
            Direction::Debit => &mut self.debits,
            Direction::Credit => &mut self.credits,
        };
        *sum = sum.saturating_add(u128::from(entry.amount_cents()));
        if asked.entries {
            self.listed.push(Listed::new(line, entry, asked.show_accounts));
        }
    }

    fn addenda(&mut self, addenda: &Addenda) {
        self.returns += u64::from(addenda.return_code().is_some());
        self.changes += u64::from(addenda.change_code().is_some());
        let code = addenda.return_code().map(|code| (code.to_string(), code.title()));
        let code = code.or(addenda.change_code().map(|code| (code.to_string(), code.title())));
        if let (Some(last), Some((code, title))) = (self.listed.last_mut(), code) {
            last.why = format!("{code} {}", title.unwrap_or("(no meaning yet)"));
            last.original = addenda.original_trace().map(trace);
        }
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.number.to_string(),
            self.company.clone(),
            self.sec.to_owned(),
            self.description.clone(),
            self.effective.clone(),
            self.entries.to_string(),
            money(self.debits),
            money(self.credits),
            self.returns.to_string(),
            self.changes.to_string(),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "number": self.number,
            "company": self.company,
            "sec": self.sec,
            "sec_title": self.title,
            "description": self.description,
            "effective_date": self.effective,
            "entry_count": self.entries,
            "debits": self.debits.to_string(),
            "credits": self.credits.to_string(),
            "returns": self.returns,
            "changes": self.changes,
            "entries": self.listed.iter().map(Listed::json).collect::<Vec<_>>(),
        })
    }
}

/// An entry in a row.
struct Listed {
    line: u64,
    what: String,
    bank: String,
    account: String,
    /// Nothing unless it was asked for.
    name: Option<String>,
    cents: u64,
    trace: String,
    /// Why it was returned, or what is to be changed.
    why: String,
    original: Option<String>,
}

impl Listed {
    fn new(line: u64, entry: &Entry, whole: bool) -> Listed {
        let code = entry.code();
        let words = [code.account().as_str(), code.direction().as_str(), code.purpose().as_str()];
        Listed {
            line,
            what: format!("{} {}", code.get(), words.join(" ")),
            bank: entry.bank().to_string(),
            account: if whole { entry.reveal_account().to_owned() } else { entry.account_last_four() },
            name: whole.then(|| entry.reveal_name().to_owned()),
            cents: entry.amount_cents(),
            trace: trace(entry.trace()),
            why: String::new(),
            original: None,
        }
    }

    fn cells(&self) -> Vec<String> {
        let mut cells =
            vec![self.line.to_string(), self.what.clone(), money(self.cents.into()), self.bank.clone()];
        cells.push(self.account.clone());
        cells.extend(self.name.clone());
        cells.extend([self.trace.clone(), self.why.clone(), self.original.clone().unwrap_or_default()]);
        cells
    }

    fn json(&self) -> Value {
        json!({
            "line": self.line,
            "transaction": self.what,
            "bank": self.bank,
            "account": self.account,
            "name": self.name,
            "amount": self.cents,
            "trace_number": self.trace,
            "reason": self.why,
            "original_trace_number": self.original,
        })
    }
}

impl Checked {
    fn print(&self) {
        let titles =
            ["#", "company", "SEC", "for", "effective", "entries", "debits", "credits", "returns", "changes"];
        let mut shown = table(&titles, 5..=9);
        for batch in &self.batches {
            shown.add_row(batch.cells());
        }
        println!("{}\n{shown}", self.name);
        for batch in self.batches.iter().filter(|batch| !batch.listed.is_empty()) {
            self.print_entries(batch);
        }
        for fault in &self.report.faults {
            println!("{fault}");
        }
        let shown = u64::try_from(self.report.faults.len()).unwrap_or(u64::MAX);
        let more = self.report.fault_count.saturating_sub(shown);
        if more > 0 {
            println!("and {more} more: --faults N shows so many");
        }
        for (form, line) in self.report.forms.iter() {
            println!("Not as it should be, and tolerated: {form} (first in line {line}).");
        }
        println!("{}", self.verdict());
    }

    fn print_entries(&self, batch: &Batch) {
        let mut titles = vec!["line", "entry", "amount", "bank", "account"];
        if batch.listed.iter().any(|entry| entry.name.is_some()) {
            titles.push("name");
        }
        titles.extend(["trace", "why", "of"]);
        let mut shown = table(&titles, 2..=2);
        for entry in &batch.listed {
            shown.add_row(entry.cells());
        }
        println!("Batch {}, {}: {}\n{shown}", batch.number, batch.sec, batch.title);
    }

    fn verdict(&self) -> String {
        let report = &self.report;
        let many =
            |count: u64, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
        let batches = many(report.batches, "batch", "batches");
        let counted = format!("{batches}, {}", many(report.entries, "entry", "entries"));
        match report.fault_count {
            0 => format!("Nothing is wrong: {counted}."),
            1 => format!("1 thing is wrong: {counted}."),
            many => format!("{many} things are wrong: {counted}."),
        }
    }

    fn json(&self) -> Value {
        let faults: Vec<Value> = self
            .report
            .faults
            .iter()
            .map(|fault| {
                json!({
                    "line": fault.line,
                    "from_column": fault.columns.map(|columns| columns.0),
                    "to_column": fault.columns.map(|columns| columns.1),
                    "field": fault.field,
                    "kind": fault.kind.as_str(),
                    "found": fault.found.to_string(),
                    "expected": fault.expected.to_string(),
                    "message": fault.to_string(),
                })
            })
            .collect();
        let forms: Vec<Value> = self
            .report
            .forms
            .iter()
            .map(|(form, line)| json!({ "form": form.as_str(), "line": line, "message": form.to_string() }))
            .collect();
        json!({
            "file": self.name,
            "sound": self.report.is_sound(),
            "canonical": self.report.is_canonical(),
            "records": self.report.records,
            "batch_count": self.report.batches,
            "entry_count": self.report.entries,
            "batches": self.batches.iter().map(Batch::json).collect::<Vec<_>>(),
            "fault_count": self.report.fault_count,
            "faults": faults,
            "forms": forms,
        })
    }
}

/// Dollars of cents. A file can claim more than a ledger can hold: that is shown in cents.
fn money(cents: u128) -> String {
    i64::try_from(cents).map_or_else(|_| format!("{cents} cents"), |cents| Cents::new(cents).to_string())
}

fn trace(number: u64) -> String {
    format!("{number:015}")
}
