//! A file of statements as it was received: read, and not yet held against anything.

use base::db::Tx;
use base::vault::sha256;
use base::{Cents, Day, Failure, Result};
use books::orgs::Tenant;
use serde_json::{Map, Value, json};
use statements::{Direction as Way, Private, Reference, References};

use super::model::{Line, Statement};
use super::words::{BankLineId, Direction, FileFormat, LineStatus};

/// The most bytes of a file.
pub const LARGEST: usize = 10 << 20;
/// The most lines of a file: all of them are booked in one transaction, and nobody else writes meanwhile on an embedded database.
const MOST_LINES: usize = 50_000;
/// How many of its faults are told.
const FAULTS: usize = 50;
/// How many of the payments of a line are kept one by one; all are counted.
const PARTS: usize = 1_000;
/// How many characters of a code that a bank made up are kept.
const CODE: usize = 70;
/// How long a line is looked for by itself before it waits for a person, in seconds.
pub(super) const LOOKED_FOR_SECONDS: i64 = 24 * 3_600;

/// A file in which nothing is wrong.
#[derive(Debug)]
pub struct Received {
    pub(super) format: FileFormat,
    pub(super) bytes: i64,
    pub(super) digest: [u8; 32],
    pub(super) statements: Vec<statements::Statement>,
}

/// Reads a file, as a whole. Anything that is wrong in it makes it be refused, with each fault's line and column: a file that
/// has lost something is sent again by its bank, and half of one would have to be found out later.
pub fn read(bytes: &[u8]) -> Result<Received> {
    if bytes.len() > LARGEST {
        return Err(Failure::field("file", "The file field must not be greater than 10240 kilobytes."));
    }
    let read = statements::File::read(bytes);
    let (file, report) = read.map_err(|e| Failure::broken("reading a file of statements", e))?;
    let Some(file) = file.filter(|_| report.is_sound()) else { return Err(wrong(&report)) };
    let lines: usize = file.statements.iter().map(|statement| statement.lines.len()).sum();
    if lines > MOST_LINES {
        let say = format!("The file field has {lines} lines, and at most {MOST_LINES} can be taken at once.");
        return Err(Failure::field("file", say));
    }
    Ok(Received {
        format: match file.head.format {
            statements::Format::Bai2 => FileFormat::Bai2,
            statements::Format::Camt => FileFormat::Camt,
        },
        bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        digest: sha256(bytes),
        statements: file.statements,
    })
}

/// [`read`], beside whatever else this thread has to do: a large file takes a while.
pub async fn read_aside(bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Received> {
    let reading = tokio::task::spawn_blocking(move || read(bytes.as_ref()));
    reading.await.map_err(|e| Failure::broken("reading a file of statements", e))?
}

fn wrong(report: &statements::Report) -> Failure {
    let many = report.fault_count;
    let first = match many {
        1 => "The file field has a fault; nothing of it was taken.".to_owned(),
        many => format!("The file field has {many} faults; nothing of it was taken."),
    };
    let each = report.faults.iter().take(FAULTS).map(ToString::to_string);
    Failure::fields(vec![("file".into(), std::iter::once(first).chain(each).collect())])
}

/// A day as ours.
pub(super) fn day(date: statements::Date) -> Option<Day> {
    let (year, month, day) = date.ymd();
    let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    jiff::civil::Date::new(year, month, day).ok().map(Day)
}

/// The day that a statement is of: the one that it names, or else the last on which anything was booked.
pub(super) fn day_of(one: &statements::Statement) -> Option<Day> {
    let head = &one.head;
    let as_of = head.group.as_ref().and_then(|group| group.as_of);
    let last = one.lines.iter().filter_map(|line| line.booked_on).max();
    head.to.or(as_of).or(last).or(head.from).and_then(day)
}

/// A line as a row of this statement.
pub(super) fn line(
    tx: &Tx,
    tenant: &Tenant,
    of: &Statement,
    line: &statements::Line,
    is_booked: bool,
) -> Result<Line> {
    let id: BankLineId = tx.new_id();
    let (now, body) = (tx.now(), body(line));
    let amount = line.cents.checked_abs().map(Cents::new).ok_or_else(too_large)?;
    let status = match (is_booked, amount.is_zero()) {
        (false, _) => LineStatus::Pending,
        // It moved nothing, so nothing belongs to it.
        (true, true) => LineStatus::Ignored,
        (true, false) => LineStatus::Unmatched,
    };
    let parts = i64::try_from(line.parts.len()).unwrap_or(i64::MAX);
    let counted = line.batch.and_then(|batch| batch.count).and_then(|count| i64::try_from(count).ok());
    Ok(Line {
        tenant_id: tenant.id,
        id,
        bank_account_id: of.bank_account_id,
        bank_statement_id: of.id,
        number: i64::try_from(line.number).unwrap_or(i64::MAX),
        amount,
        direction: direction(line),
        is_reversal: line.reversal,
        day: line.booked_on.and_then(day).unwrap_or(of.day),
        value_day: line.value_on.and_then(day),
        bank_code: line.code.to_string().chars().take(CODE).collect(),
        return_reason: line.return_reason.as_ref().map(|why| why.chars().take(CODE).collect()),
        payments: counted.unwrap_or(parts).max(parts).max(1),
        body: tenant.key.seal(tx.seams(), "bank_line", "body", id, body.to_string().as_bytes()),
        status,
        match_id: None,
        is_by_hand: false,
        due_at: (status == LineStatus::Unmatched).then(|| now.plus_seconds(LOOKED_FOR_SECONDS)),
        queued_at: None,
        created_at: now,
        updated_at: now,
    })
}

pub(super) fn too_large() -> Failure {
    Failure::field("file", "The file field has an amount that is too large.")
}

/// Which way the money went. A bank that takes back with a minus means the other way.
fn direction(line: &statements::Line) -> Direction {
    match (line.direction, line.cents < 0) {
        (Way::Credit, false) | (Way::Debit, true) => Direction::Credit,
        (Way::Debit, false) | (Way::Credit, true) => Direction::Debit,
    }
}

/// What is sealed of a line: whatever was written by people or about them. Payers write into references what they like.
fn body(line: &statements::Line) -> Value {
    let parts: Vec<Value> = line
        .parts
        .iter()
        .take(PARTS)
        .map(|part| {
            let way = part.direction.map(|way| match way {
                Way::Credit => Direction::Credit.as_str(),
                Way::Debit => Direction::Debit.as_str(),
            });
            json!({
                "amount": part.cents,
                "direction": way,
                "return_reason": part.return_reason,
                "references": references(&part.references),
                "debtor": text(&part.debtor),
                "creditor": text(&part.creditor),
                "text": text(&part.text),
            })
        })
        .collect();
    json!({
        "references": references(&line.references),
        "debtor": text(&line.debtor),
        "creditor": text(&line.creditor),
        "text": text(&line.text),
        "parts": parts,
    })
}

fn text(text: &Private) -> Option<&str> {
    (!text.is_blank()).then(|| text.reveal())
}

/// The names of references, as they are shown.
pub(super) const REFERENCES: &[&str] = &[
    "bank",
    "customer",
    "entry",
    "end_to_end",
    "transaction",
    "clearing",
    "batch",
    "message",
    "mandate",
    "check",
    "creditor",
    "ach_trace",
];

fn references(all: &References) -> Value {
    let each: [&Option<Reference>; 12] = [
        &all.bank,
        &all.customer,
        &all.entry,
        &all.end_to_end,
        &all.transaction,
        &all.clearing,
        &all.batch,
        &all.message,
        &all.mandate,
        &all.check,
        &all.creditor,
        &all.ach_trace,
    ];
    let named = REFERENCES.iter().zip(each);
    let said = named.filter_map(|(name, one)| Some(((*name).to_owned(), one.as_ref()?.as_str().into())));
    said.collect::<Map<String, Value>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_fault_is_refused_with_its_line_and_column() {
        let Err(Failure::Refused(refusal)) = read(b"01,not much of a file/") else { panic!() };
        let said = &refusal.fields[0].1;
        assert!(said[0].ends_with("nothing of it was taken."), "{said:?}");
        assert!(said[1].starts_with("line 1, "), "{said:?}");
        let Err(Failure::Refused(refusal)) = read(b"") else { panic!() };
        assert_eq!(refusal.fields[0].0, "file");
    }

    #[test]
    fn the_specification_s_own_file_is_read() {
        let bytes = include_bytes!("../../../statements/tests/files/morning.bai");
        let received = read(bytes).unwrap();
        assert_eq!((received.format, received.statements.len()), (FileFormat::Bai2, 2));
        assert_eq!(day_of(&received.statements[0]), Day::parse("2026-11-19"));
        let body = body(&received.statements[0].lines[0]);
        assert_eq!(body["references"]["customer"], "PROC-20261118");
        assert!(!format!("{received:?}").contains("ROSA"), "it prints who paid");
    }
}
