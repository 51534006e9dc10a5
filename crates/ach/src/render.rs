//! The bytes of a file, from its entries.

use base::db::Tx;
use base::{Day, Failure, Result};
use books::orgs::Tenant;
use nacha::{
    About, Date, NewEntry, Originator as Writer, PaymentType, ServiceClass, WriteError, description,
};
use payments::networks::ach;

use crate::model::{Class, EntryRow, File, Kind};
use crate::originators::{Heading, LAST_SEQUENCE, routing};
use crate::{label, store};

/// How many characters of a receiver's id there are.
const ID: usize = 15;

/// The whole file, as it was decided at its cut-off: always the same bytes.
pub(crate) async fn render(tx: &Tx, tenant: &Tenant, file: &File) -> Result<Vec<u8>> {
    let tail = "WHERE tenant_id = $1 AND file_id = $2 ORDER BY trace";
    let rows: Vec<EntryRow> = tx.select(tail, &[&tenant.id, &file.id]).await?;
    if i64::try_from(rows.len()).ok() != Some(file.entries) {
        return Err(Failure::broken("writing an ACH file", "not all of its entries are there"));
    }
    let heading: Heading = serde_json::from_str(&file.heading).map_err(broken)?;
    let at = ach::time(file.created_at);
    let at = u8::try_from(at.hour()).ok().zip(u8::try_from(at.minute()).ok());
    let at = at.and_then(|(hour, minute)| nacha::Time::new(hour, minute)).unwrap_or(nacha::Time::NONE);
    let modifier = file.modifier.chars().next().unwrap_or('A');
    let effective = date(file.effective_on)?;
    let opening = heading.opening(date(file.created_on)?, at, modifier);
    let opening = opening.ok_or_else(|| broken("its destination is no bank"))?;
    let mut writer = Writer::begin(Vec::new(), &opening).map_err(failed)?;
    for rows in rows.chunk_by(|a, b| batch_of(a) == batch_of(b)) {
        let Some((class, is_credit, again)) = rows.first().map(batch_of) else { continue };
        let service = if is_credit { ServiceClass::Credits } else { ServiceClass::Debits };
        let opening = heading.batch(class.sec(), service, effective);
        let mut opening = opening.ok_or_else(|| broken("its bank is none"))?;
        if again {
            opening.description = description::RETRY_PAYMENT;
        }
        let mut batch = writer.batch(&opening).map_err(failed)?;
        for row in rows {
            let account = store::open(tenant, row)?.ok_or_else(|| broken("an account was let go of"))?;
            let id = receiver(row);
            batch
                .entry(&NewEntry {
                    code: account.code(row.kind),
                    bank: routing(&account.routing).ok_or_else(|| broken("a receiver's bank is none"))?,
                    account: account.number.reveal(),
                    amount_cents: u64::try_from(row.amount.get()).map_err(broken)?,
                    id: &id,
                    name: account.holder.reveal(),
                    payment_type: payment_type(row),
                    sequence: sequence(row)?,
                    about: About::Payment { note: None },
                })
                .map_err(failed)?;
        }
        batch.finish().map_err(failed)?;
    }
    let (bytes, _) = writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// What the entries of one batch have in common.
pub(crate) fn batch_of(row: &EntryRow) -> (Class, bool, bool) {
    (row.entry_class, row.kind == Kind::Credit, row.again)
}

fn payment_type(row: &EntryRow) -> Option<PaymentType> {
    let kind = if row.recurring { PaymentType::Recurring } else { PaymentType::Single };
    matches!(row.entry_class, Class::Web | Class::Tel).then_some(kind)
}

/// By what we know the receiver: the first digits of the charge's id, which name nobody.
fn receiver(row: &EntryRow) -> String {
    let label = label::read(&row.label);
    let id = label.get("charge").cloned().unwrap_or_else(|| row.id.to_string());
    let tail: String = id.chars().filter(|c| *c != '-').collect();
    // Ids begin with the time at which they were made: their ends tell them apart.
    tail.get(tail.len().saturating_sub(ID)..).unwrap_or_default().to_owned()
}

fn sequence(row: &EntryRow) -> Result<u32> {
    let trace = row.trace.ok_or_else(|| broken("an entry has no trace number"))?;
    u32::try_from(trace % (LAST_SEQUENCE + 1)).map_err(broken)
}

pub(crate) fn date(day: Day) -> Result<Date> {
    let (year, month, on) = (day.0.year(), day.0.month(), day.0.day());
    let parts = u16::try_from(year).ok().zip(u8::try_from(month).ok()).zip(u8::try_from(on).ok());
    let date = parts.and_then(|((year, month), on)| Date::new(year, month, on));
    date.ok_or_else(|| broken("a day that no file can name"))
}

fn broken(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::broken("writing an ACH file", why)
}

fn failed(why: WriteError) -> Failure {
    Failure::broken("writing an ACH file", why.to_string())
}
