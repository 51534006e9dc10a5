//! What the bank sends back: files of returns and notifications of change, read whole or not at all, and applied once.

use base::db::{Command, Db, Tx};
use base::vault::{hex, sha256};
use base::{Cents, Failure, Result, TenantId};
use books::orgs::{Tenant, Tenants};
use nacha::records::{Addenda, BatchHeader};
use nacha::{ChangeCode, Private, Reader, Record};
use payments::methods::{Right, correct};

use crate::deliver::{Bank, Trouble};
use crate::model::{
    EntryRow, EntryState, Kind, Notice, NoticeKind, Originator, Outcome, Received, ReceivedId,
};
use crate::originators::LAST_SEQUENCE;
use crate::{label, store};

/// How many faults of a file are told.
const FAULTS: usize = 50;

/// What is in a file about one entry.
#[derive(Clone, Debug)]
struct Told {
    kind: NoticeKind,
    code: String,
    trace: u64,
    original_trace: u64,
    amount: u64,
    /// What a change corrects.
    corrected: Option<(ChangeCode, Private<35>)>,
}

/// What is in a file, by the company that it is for.
type ByCompany = Vec<(String, Vec<Told>)>;

/// What reading a file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// How many returns, changes and the like it has.
    pub notices: usize,
    /// How many of them are of an organization here.
    pub ours: usize,
    /// How many of those changed something.
    pub applied: usize,
    /// How many are about an entry of nobody here, or of who cannot be told.
    pub strangers: usize,
    /// What is wrong with it; then nothing of it was applied.
    pub faults: Vec<String>,
}

/// A step: reads and applies what the bank has sent. Gives how many notices were applied.
pub async fn step(db: &Db, tenants: &Tenants, bank: &dyn Bank) -> Result<u64> {
    let mut done = 0;
    for name in bank.sent().await.map_err(troubled)? {
        let reading = match look(db, tenants, bank, &name).await {
            Ok(Some(reading)) => reading,
            Ok(None) => continue,
            // It lies where it is, and is read again; the others are not held up.
            Err(failure) => {
                tracing::error!(
                    name,
                    error = failure.chain(),
                    "a file from the bank could not be applied; it will be tried again"
                );
                continue;
            }
        };
        done += reading.applied as u64;
        if reading.faults.is_empty() {
            tracing::info!(
                name,
                notices = reading.notices,
                ours = reading.ours,
                applied = reading.applied,
                "a file from the bank was applied"
            );
        } else {
            tracing::error!(
                name,
                faults = reading.faults.len(),
                "a file from the bank is faulty; nothing of it was applied"
            );
        }
        let for_a_person = reading.for_a_person();
        if let Some(why) = for_a_person.as_ref().filter(|_| reading.strangers > 0) {
            tracing::error!(name, "{why}");
        }
        bank.put_away(&name, for_a_person.as_deref()).await.map_err(troubled)?;
    }
    Ok(done)
}

impl Reading {
    /// What somebody should look at, in words that lie beside the file.
    fn for_a_person(&self) -> Option<String> {
        if !self.faults.is_empty() {
            return Some(self.faults.join("\n"));
        }
        let (strangers, notices) = (self.strangers, self.notices);
        (strangers > 0).then(|| {
            format!(
                "{strangers} of {notices} notices are about entries of no organization that originates here; the others were applied"
            )
        })
    }
}

async fn look(db: &Db, tenants: &Tenants, bank: &dyn Bank, name: &str) -> Result<Option<Reading>> {
    let Some(bytes) = bank.read(name).await.map_err(troubled)? else { return Ok(None) };
    take(db, tenants, name, &bytes).await.map(Some)
}

fn troubled(trouble: Trouble) -> Failure {
    Failure::broken("reading what the bank has sent", trouble.0)
}

/// Applies a file, once however often it comes.
pub async fn take(db: &Db, tenants: &Tenants, name: &str, bytes: &[u8]) -> Result<Reading> {
    let companies = match read(bytes) {
        Ok(companies) => companies,
        Err(faults) => return Ok(Reading { faults, ..Reading::default() }),
    };
    let sum = hex(&sha256(bytes));
    let notices = companies.iter().map(|(_, told)| told.len()).sum();
    let (known, strangers) = whose(&db.read().await?, companies).await?;
    let mut reading = Reading { notices, strangers, ..Reading::default() };
    for (tenant_id, told) in known {
        let tenant = tenants.open(&db.read().await?, tenant_id).await?;
        reading.ours += told.len();
        let apply = Apply { tenant: &tenant, name, sha256: &sum, told: &told };
        reading.applied += db.run(&apply).await?;
    }
    Ok(reading)
}

/// What is in a file that is right in every record; else its faults.
fn read(bytes: &[u8]) -> std::result::Result<ByCompany, Vec<String>> {
    let mut reader = Reader::with_fault_limit(bytes, FAULTS);
    let mut companies: ByCompany = Vec::new();
    let mut amount = 0;
    for line in reader.by_ref() {
        let line = line.map_err(|error| vec![error.to_string()])?;
        match line.record {
            Some(Record::BatchHeader(header)) => companies.push((company(&header), Vec::new())),
            Some(Record::Entry(entry)) => amount = entry.amount_cents(),
            Some(Record::Addenda(addenda)) => {
                if let (Some(told), Some((_, all))) = (told(&addenda, amount), companies.last_mut()) {
                    all.push(told);
                }
            }
            _ => {}
        }
    }
    let report = reader.into_report();
    if report.is_sound() {
        return Ok(companies);
    }
    Err(report.faults.iter().map(ToString::to_string).collect())
}

fn company(header: &BatchHeader) -> String {
    header.company_id().as_str().trim().to_owned()
}

fn told(addenda: &Addenda, amount: u64) -> Option<Told> {
    let (kind, code, trace, original_trace) = match addenda {
        Addenda::Return(a) => (NoticeKind::Return, a.code.to_string(), a.trace, a.original_trace),
        Addenda::Dishonored(a) => (NoticeKind::Dishonored, a.code.to_string(), a.trace, a.original_trace),
        Addenda::Contested(a) => (NoticeKind::Contested, a.code.to_string(), a.trace, a.original_trace),
        Addenda::Change(a) => (NoticeKind::Change, a.code.to_string(), a.trace, a.original_trace),
        Addenda::RefusedChange(a) => {
            (NoticeKind::RefusedChange, a.code.to_string(), a.trace, a.original_trace)
        }
        _ => return None,
    };
    let corrected = match addenda {
        Addenda::Change(change) => Some((change.code, change.corrected)),
        _ => None,
    };
    Some(Told { kind, code, trace, original_trace, amount, corrected })
}

/// What a file says, by whose entries it is about; and how much of it is nobody's.
async fn whose(tx: &Tx, companies: ByCompany) -> Result<(Vec<(TenantId, Vec<Told>)>, usize)> {
    let mut all: Vec<(TenantId, Vec<Told>)> = Vec::new();
    let mut strangers = 0;
    for (company, told) in companies {
        for one in told {
            let Some(tenant_id) = who(tx, &company, &one).await? else {
                strangers += 1;
                continue;
            };
            match all.iter_mut().find(|(tenant, _)| *tenant == tenant_id) {
                Some((_, told)) => told.push(one),
                None => all.push((tenant_id, vec![one])),
            }
        }
    }
    Ok((all, strangers))
}

base::record! {
    struct Sent in "ach_entry" { tenant_id: TenantId, amount: Cents }
}

/// Who sent an entry under a trace number as this company: as of when it was sent, since a company's id may change. Where several
/// have, the amount must tell them apart. Of what nobody has sent, the only one who originates as that company at that bank
/// has to hear.
async fn who(tx: &Tx, company: &str, told: &Told) -> Result<Option<TenantId>> {
    let sql = "SELECT ach_entry.tenant_id, ach_entry.amount FROM ach_entry JOIN ach_file \
               ON ach_file.tenant_id = ach_entry.tenant_id AND ach_file.id = ach_entry.file_id \
               WHERE ach_entry.trace = $1 AND ach_file.company_id = $2 AND ach_file.tenant_id IN served()";
    let sent: Vec<Sent> = tx.all(sql, &[&number(told.original_trace)?, &company]).await?;
    if let [one] = &sent[..] {
        return Ok(Some(one.tenant_id));
    }
    if !sent.is_empty() {
        let amount = Cents::new(number(told.amount)?);
        let of_amount = sent.iter().filter(|sent| sent.amount == amount).map(|sent| sent.tenant_id);
        return Ok(only(of_amount));
    }
    let originators: Vec<Originator> =
        tx.select("WHERE company_id = $1 AND tenant_id IN served()", &[&company]).await?;
    let bank = format!("{:08}", number(told.original_trace)? / (LAST_SEQUENCE + 1));
    Ok(only(originators.iter().filter(|by| by.odfi.starts_with(&bank)).map(|by| by.tenant_id)))
}

/// The one that there is; nobody, where there are several.
fn only(mut all: impl Iterator<Item = TenantId>) -> Option<TenantId> {
    all.next().filter(|_| all.next().is_none())
}

/// A number of at most fifteen digits, as the database has it.
fn number(n: u64) -> Result<i64> {
    i64::try_from(n).map_err(|e| Failure::broken("reading a number of the bank's", e))
}

/// Applies what is in one file about one tenant's entries.
struct Apply<'a> {
    tenant: &'a Tenant,
    name: &'a str,
    sha256: &'a str,
    told: &'a [Told],
}

impl Command for Apply<'_> {
    type Out = usize;

    fn name(&self) -> &'static str {
        "ach.apply"
    }

    /// How many of them changed something.
    async fn exec(&self, tx: &Tx) -> Result<usize> {
        let received_id: ReceivedId = tx.new_id();
        let received = Received {
            tenant_id: self.tenant.id,
            id: received_id,
            name: self.name.to_owned(),
            sha256: self.sha256.to_owned(),
            notices: i64::try_from(self.told.len()).map_err(|e| Failure::broken("counting notices", e))?,
            created_at: tx.now(),
        };
        if tx.insert_if_new(&[received]).await? == 0 {
            return Ok(0); // the same file was applied before
        }
        let mut applied = 0;
        for told in self.told {
            applied += usize::from(self.one(tx, received_id, told).await? == Outcome::Applied);
        }
        Ok(applied)
    }

    async fn check(&self, _: &Tx) -> Result<Option<usize>> {
        Ok(None) // the same file applies once
    }
}

impl Apply<'_> {
    async fn one(&self, tx: &Tx, received_id: ReceivedId, told: &Told) -> Result<Outcome> {
        let tenant = self.tenant;
        let (trace, original_trace, amount) =
            (number(told.trace)?, number(told.original_trace)?, Cents::new(number(told.amount)?));
        let sql = "SELECT count(*) FROM ach_notice WHERE tenant_id = $1 AND original_trace = $2 AND trace = $3 AND code = $4";
        if tx.number(sql, &[&tenant.id, &original_trace, &trace, &told.code]).await? > 0 {
            return Ok(Outcome::Again); // it came in another file before
        }
        let tail = "WHERE tenant_id = $1 AND trace = $2 FOR UPDATE";
        let entry: Option<EntryRow> = tx.find(tail, &[&tenant.id, &original_trace]).await?;
        let entry_id = entry.as_ref().map(|entry| entry.id);
        // A change names no amount.
        let is_its = |entry: &EntryRow| told.kind != NoticeKind::Return || entry.amount == amount;
        let result = match (entry.filter(is_its), told.kind) {
            (None, _) => Outcome::Unmatched,
            (Some(entry), NoticeKind::Return) => self.come_back(tx, entry, &told.code).await?,
            (Some(entry), NoticeKind::Change) => self.correct(tx, &entry, told).await?,
            (Some(_), _) => Outcome::Recorded,
        };
        let notice = Notice {
            tenant_id: tenant.id,
            id: tx.new_id(),
            received_id,
            kind: told.kind,
            code: told.code.clone(),
            trace,
            original_trace,
            amount,
            entry_id,
            result,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        tx.insert(&[notice]).await?;
        if matches!(result, Outcome::Unmatched | Outcome::Unreadable) {
            tracing::warn!(tenant = ?tenant.id, code = told.code, result = result.as_str(), "a notice of the bank is for a person");
        }
        Ok(result)
    }

    /// An entry comes back; of a prenote whatever waits for it, too.
    async fn come_back(&self, tx: &Tx, entry: EntryRow, code: &str) -> Result<Outcome> {
        match entry.state {
            EntryState::Returned => return Ok(Outcome::Again),
            EntryState::Filed | EntryState::Settled => {}
            // Nothing of it lies at a bank.
            EntryState::Queued | EntryState::Voided => return Ok(Outcome::Unmatched),
        }
        if entry.kind == Kind::Prenote {
            let sql = "UPDATE ach_entry SET state = 'returned', code = $3, changed_at = $4 \
                       WHERE tenant_id = $1 AND waits_for = $2 AND state = 'queued'";
            tx.run(sql, &[&entry.tenant_id, &entry.id, &code, &tx.now()]).await?;
        }
        let row = EntryRow {
            state: EntryState::Returned,
            code: Some(code.to_owned()),
            due_at: None,
            changed_at: tx.now(),
            ..entry
        };
        tx.update(2, &[row]).await?;
        Ok(Outcome::Applied)
    }

    /// The payment method is made right, and whatever of that account still waits. Source: Nacha Operating Rules, Subsection 2.12.1: before
    /// the next entry, or within six banking days.
    async fn correct(&self, tx: &Tx, entry: &EntryRow, told: &Told) -> Result<Outcome> {
        let tenant = self.tenant;
        let corrected = told.corrected.and_then(|(code, data)| code.corrected(&data));
        let account = store::open(tenant, entry)?;
        let right = corrected.zip(account).and_then(|(by, account)| account.corrected(&by));
        let Some(right) = right else { return Ok(Outcome::Unreadable) };
        if let Some(method) = label::method(&entry.label) {
            let to = Right {
                token: right.token(),
                routing_number: right.routing.clone(),
                account_number: right.number.clone(),
                kind: right.kind,
            };
            correct(tx, tenant, method, &to).await?;
        }
        let print = entry.account_print.clone();
        let tail = "WHERE tenant_id = $1 AND account_print = $2 AND state = 'queued' FOR UPDATE";
        let waiting: Vec<EntryRow> = tx.select(tail, &[&tenant.id, &print]).await?;
        let waiting: Vec<EntryRow> = waiting
            .into_iter()
            .map(|row| EntryRow { account: store::seal(tx, tenant, row.id, &right), ..row })
            .collect();
        tx.update(2, &waiting).await?;
        Ok(Outcome::Applied)
    }
}
