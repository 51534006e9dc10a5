//! Files and entries hold each other: for `quittance verify`.

use base::db::Tx;
use base::{Cents, Result};
use books::orgs::Tenant;
use payments::verify::Check;

use crate::model::{FileId, FileState};

base::record! {
    struct Sums {
        id: FileId,
        name: String,
        state: FileState,
        entries: i64,
        debits: Cents,
        credits: Cents,
        has: i64,
        debited: Cents,
        credited: Cents,
    }
}

base::record! {
    struct Loose { many: i64 }
}

/// Each file against its entries, and each debit against what was given back of it. One snapshot, where `tx` is one.
pub async fn check(tx: &Tx, tenants: &[Tenant]) -> Result<Check> {
    let mut check = Check::new("ACH files = their entries");
    for tenant in tenants {
        // A rejected file's entries are in another by now.
        let sql = "SELECT ach_file.id, ach_file.name, ach_file.state, ach_file.entries, ach_file.debits, ach_file.credits, \
                   count(ach_entry.id) AS has, \
                   CAST(coalesce(sum(CASE WHEN ach_entry.kind = 'debit' THEN ach_entry.amount ELSE 0 END), 0) AS bigint) AS debited, \
                   CAST(coalesce(sum(CASE WHEN ach_entry.kind = 'credit' THEN ach_entry.amount ELSE 0 END), 0) AS bigint) AS credited \
                   FROM ach_file LEFT JOIN ach_entry ON ach_entry.tenant_id = ach_file.tenant_id AND ach_entry.file_id = ach_file.id \
                   WHERE ach_file.tenant_id = $1 \
                   GROUP BY ach_file.id, ach_file.name, ach_file.state, ach_file.entries, ach_file.debits, ach_file.credits";
        let files: Vec<Sums> = tx.all(sql, &[&tenant.id]).await?;
        for file in files {
            check.compared += 1;
            let (entries, debits, credits) = match file.state {
                FileState::Rejected => (0, Cents::ZERO, Cents::ZERO),
                _ => (file.entries, file.debits, file.credits),
            };
            if (entries, debits, credits) != (file.has, file.debited, file.credited) {
                check.fault(format!(
                    "{} ({}): {} entries of {} and {} here, {} of {} and {} in it",
                    file.name, file.id, file.has, file.debited, file.credited, entries, debits, credits
                ));
            }
        }
        let sql = "SELECT count(*) AS many FROM ach_entry AS debit WHERE tenant_id = $1 AND kind = 'debit' AND refunded <> \
                   (SELECT CAST(coalesce(sum(amount), 0) AS bigint) FROM ach_entry WHERE tenant_id = $1 AND kind = 'credit' \
                   AND charge_key = debit.pkey)";
        let given: Loose = tx.one(sql, &[&tenant.id]).await?;
        check.compared += 1;
        if given.many > 0 {
            check
                .fault(format!("{} debits of which other amounts were given back than they say", given.many));
        }
        let sql = "SELECT count(*) AS many FROM ach_entry AS debit JOIN ach_entry AS prenote \
                   ON prenote.tenant_id = debit.tenant_id AND prenote.id = debit.waits_for WHERE debit.tenant_id = $1 \
                   AND debit.state = 'queued' AND debit.ready_on IS NULL AND prenote.state <> 'queued'";
        let forgotten: Loose = tx.one(sql, &[&tenant.id]).await?;
        check.compared += 1;
        if forgotten.many > 0 {
            check.fault(format!(
                "{} debits wait for prenotes that have gone to the bank, and for no day",
                forgotten.many
            ));
        }
        let sql = "SELECT count(*) AS many FROM ach_entry WHERE tenant_id = $1 AND (state IN ('filed', 'settled')) <> (file_id IS NOT NULL) \
                   AND state <> 'returned'";
        let loose: Loose = tx.one(sql, &[&tenant.id]).await?;
        check.compared += 1;
        if loose.many > 0 {
            check.fault(format!(
                "{} entries that are said to be in a file and are in none, or the other way",
                loose.many
            ));
        }
    }
    Ok(check)
}
