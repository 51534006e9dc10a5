//! Entries as the seam has them: records of a processor's books.

use base::db::Tx;
use base::ids::Uuid;
use base::{Result, Ts};
use nacha::ReturnCode;
use payments::processor::{Decline, Lookup, Page, Record, Standing};

use crate::model::{EntryRow, EntryState};
use crate::{label, store};

/// How many entries a page of the list has.
const PAGE: i64 = 500;

/// An entry as a record.
pub(crate) fn record(row: &EntryRow) -> Record {
    Record {
        key: row.pkey.clone(),
        processor_id: row.id.to_string(),
        refund_of: row.charge_key.clone(),
        amount: row.amount,
        refunded: row.refunded,
        standing: standing(row),
        made_at: row.made_at,
        changed_at: row.changed_at,
        metadata: label::read(&row.label),
    }
}

fn standing(row: &EntryRow) -> Standing {
    match row.state {
        EntryState::Queued | EntryState::Filed => Standing::Pending,
        EntryState::Settled => Standing::Succeeded,
        EntryState::Voided => Standing::Voided,
        EntryState::Returned => Standing::Returned(returned(row.code.as_deref().unwrap_or_default())),
    }
}

/// Why an entry came back, by its code.
pub(crate) fn returned(code: &str) -> Decline {
    let title = ReturnCode::parse(code).and_then(ReturnCode::title).unwrap_or("Returned");
    Decline {
        code: word(code).into(),
        network_code: Some(code.to_owned()),
        advice_code: None,
        message: format!("{title}."),
    }
}

/// Our word for a return reason code, the same as of any processor; what follows from it is a matter of the code itself.
fn word(code: &str) -> &'static str {
    match code {
        "R01" => "insufficient_funds",
        "R02" => "closed_account",
        "R03" => "no_account",
        "R04" => "invalid_account_number",
        "R05" | "R10" | "R29" | "R51" => "unauthorized",
        "R07" => "authorization_revoked",
        "R08" => "stop_payment",
        "R09" => "uncollected_funds",
        "R11" => "not_as_agreed",
        "R12" => "branch_sold",
        "R13" => "no_ach_bank",
        "R14" | "R15" => "deceased",
        "R16" => "account_frozen",
        "R20" => "non_transaction_account",
        "R24" => "duplicate",
        _ => "returned",
    }
}

/// What was taken back, as a record of its own: the whole of the debit.
fn void(row: &EntryRow) -> Option<Record> {
    let key = row.void_key.clone()?;
    let (refund_of, standing) = (Some(row.pkey.clone()), Standing::Succeeded);
    Some(Record { key, refund_of, standing, made_at: row.changed_at, ..record(row) })
}

/// What stands under a key.
pub(crate) async fn look(tx: &Tx, key: &str) -> Result<Lookup> {
    if let Some(row) = store::of_any_key(tx, key).await? {
        return Ok(Lookup::Found(record(&row)));
    }
    let voided = store::of_void(tx, key).await?.as_ref().and_then(void);
    Ok(voided.map_or(Lookup::NotFound, Lookup::Found))
}

/// What was made or changed since, in the order of its changes.
pub(crate) async fn list(tx: &Tx, since: Ts, after: Option<&str>) -> Result<Page> {
    let (from, behind) = after.and_then(place).unwrap_or((since, Uuid::nil()));
    let tail = "WHERE (changed_at > $1 OR changed_at = $1 AND id > $2) AND kind <> 'prenote' AND tenant_id IN served() \
                ORDER BY changed_at, id LIMIT $3";
    let rows: Vec<EntryRow> = tx.select(tail, &[&from, &behind, &PAGE]).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|many| many == PAGE);
    let cursor = rows.last().filter(|_| is_full).map(|row| format!("{}.{}", row.changed_at.micros(), row.id));
    let records = rows.iter().flat_map(|row| [Some(record(row)), void(row)]).flatten().collect();
    Ok(Page { records, cursor })
}

/// The place that a cursor names.
fn place(cursor: &str) -> Option<(Ts, Uuid)> {
    let (micros, id) = cursor.split_once('.')?;
    Some((Ts::from_micros(micros.parse().ok()?), Uuid::try_parse(id).ok()?))
}
