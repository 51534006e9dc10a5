//! The database: that it answers, is of this program, keeps what it says is kept, and has the same time.

use std::sync::Arc;

use base::db::{Db, migrate};
use base::seams::Seams;
use base::{Result, Ts};
use books::orgs::Tenants;

use super::{Finding, fine, mend, unknown, warning};
use crate::settings::{Common, plain};
use crate::wiring;

/// How far two good clocks are apart at most, in milliseconds.
const CLOCKS_DIFFER_MILLIS: i64 = 2_000;
/// From how many on a clock is plainly wrong.
const CLOCK_IS_WRONG_MILLIS: i64 = 60_000;

base::record! {
    struct Word { word: Option<String> }
}

/// Looks at the database; gives it, and the tenants' keys, where both can be had.
pub(super) async fn look(common: &Common, found: &mut Vec<Finding>) -> Option<(Db, Arc<Tenants>)> {
    const CHECK: &str = "database";
    let location = match common.database_to_read() {
        Ok(location) => location,
        Err(error) => {
            found.push(mend(CHECK, error.to_string(), "set QUITTANCE_DATABASE_URL right"));
            return None;
        }
    };
    let db = match Db::open(&location, Seams::system()).await {
        Ok(db) => db,
        Err(failure) => {
            let next =
                "start it, or name another: --data-dir for SQLite, QUITTANCE_DATABASE_URL for PostgreSQL";
            found.push(mend(CHECK, plain(&failure), next));
            return None;
        }
    };
    found.push(fine(CHECK, format!("{} answers", db.engine_name())));
    found.push(match engine(common, &db).await {
        Ok(said) => said,
        Err(failure) => unknown("engine", plain(&failure), "look at its settings yourself"),
    });
    if !common.is_embedded() {
        found.extend(promises(&db).await);
    }
    found.push(match clock(common, &db).await {
        Ok(said) => said,
        Err(failure) => unknown("clock", plain(&failure), "compare this machine's clock with the database's"),
    });
    if !schema(&db, found).await {
        return None;
    }
    match wiring::tenants_to_read(common, &db).await {
        Ok(tenants) => {
            found.push(fine("master key opens", "it opens every organization's keys"));
            Some((db, tenants))
        }
        Err(error) => {
            let says: Vec<String> = error.chain().map(plain).collect();
            let next = "put the right master key in its place; without it nobody can read what is sealed";
            found.push(mend("master key opens", says.join(": "), next));
            None
        }
    }
}

async fn schema(db: &Db, found: &mut Vec<Finding>) -> bool {
    const CHECK: &str = "schema";
    let known = books::schema::MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    let (is_right, said) = match migrate::newest(db).await {
        Ok(newest) if newest == known => (true, fine(CHECK, format!("version {newest}"))),
        Ok(newest) if newest < known => {
            let says = format!("version {newest}, and this program needs {known}");
            (false, mend(CHECK, says, "take a backup, then quittance migrate"))
        }
        Ok(newest) => {
            let says = format!("version {newest}, and this program knows {known}");
            (false, mend(CHECK, says, "use the program that made it, or a newer one"))
        }
        Err(failure) => (false, mend(CHECK, plain(&failure), "quittance migrate")),
    };
    found.push(said);
    is_right
}

async fn word(db: &Db, sql: &str) -> Result<String> {
    Ok(db.read().await?.one::<Word>(sql, &[]).await?.word.unwrap_or_default())
}

async fn engine(common: &Common, db: &Db) -> Result<Finding> {
    const CHECK: &str = "engine";
    if common.is_embedded() {
        let version = base::db::lite_version();
        let journal = word(db, "PRAGMA journal_mode").await?;
        return Ok(if journal == "wal" {
            fine(CHECK, format!("SQLite {version}, with a write-ahead log that each commit syncs"))
        } else {
            let next =
                "start the server once, which sets it; some network disks do not allow it: use a local one";
            mend(CHECK, format!("SQLite {version}, in the journal mode `{journal}`"), next)
        });
    }
    let version = word(db, "SELECT current_setting('server_version')").await?;
    let number = word(db, "SELECT current_setting('server_version_num', true)").await?;
    Ok(old_or_fine(&version, number.parse().ok()))
}

/// Releases of PostgreSQL before 13 get no fixes any more. Source: <https://www.postgresql.org/support/versioning/>.
fn old_or_fine(version: &str, number: Option<i64>) -> Finding {
    const CHECK: &str = "engine";
    match number {
        None => unknown(CHECK, format!("PostgreSQL {version}"), "look whether it still gets fixes"),
        Some(..140_000) => {
            warning(CHECK, format!("PostgreSQL {version} gets no fixes any more"), "upgrade the server")
        }
        Some(_) => fine(CHECK, format!("PostgreSQL {version}")),
    }
}

/// What PostgreSQL must not be told to leave out.
async fn promises(db: &Db) -> Vec<Finding> {
    let mut found = Vec::new();
    for (setting, why) in [
        ("fsync", "a crash of the machine destroys the database"),
        ("full_page_writes", "a page that was half written is lost for ever"),
        ("synchronous_commit", "a payment that was answered may be lost in a crash"),
    ] {
        let said = word(db, &format!("SELECT current_setting('{setting}', true)")).await;
        found.push(match said {
            Ok(value) if value == "off" => mend(
                setting,
                format!("{value}: {why}"),
                format!("set {setting} = on for this database and its role"),
            ),
            Ok(value) if value.is_empty() => {
                unknown(setting, "this server does not say", "look at it yourself")
            }
            Ok(value) => fine(setting, value),
            Err(failure) => unknown(setting, plain(&failure), "look at it yourself"),
        });
    }
    found
}

async fn clock(common: &Common, db: &Db) -> Result<Finding> {
    let own = Seams::system();
    if common.is_embedded() {
        let sql = "SELECT CAST(coalesce(max(updated_at), 0) AS bigint) FROM processor_watch";
        // Before there was a server there is nothing to compare with.
        let last = db.read().await?.number(sql, &[]).await.unwrap_or(0);
        return Ok(gone_back(own.now(), Ts::from_micros(last)));
    }
    let before = own.now();
    let theirs = db.now().await?;
    let middle = before.micros() / 2 + own.now().micros() / 2;
    Ok(apart((middle - theirs.micros()) / 1_000))
}

fn gone_back(now: Ts, last: Ts) -> Finding {
    const CHECK: &str = "clock";
    if last > now.plus_seconds(CLOCK_IS_WRONG_MILLIS / 1_000) {
        let says = format!("it is {now}, and the server was at work at {last}");
        return mend(
            CHECK,
            says,
            "set this machine's clock right, and keep it so (chrony, systemd-timesyncd)",
        );
    }
    fine(CHECK, "it is this machine's own, and has not gone back")
}

fn apart(millis: i64) -> Finding {
    const CHECK: &str = "clock";
    let says = format!("{millis} ms ahead of the database's");
    let next = "set this machine's clock right, and keep it so (chrony, systemd-timesyncd)";
    match millis.abs() {
        CLOCK_IS_WRONG_MILLIS.. => mend(CHECK, says, next),
        CLOCKS_DIFFER_MILLIS.. => warning(CHECK, says, next),
        _ => fine(CHECK, says),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;

    #[test]
    fn clocks_may_differ_by_what_two_good_ones_do() {
        for (millis, mark) in
            [(0, Mark::Fine), (-1_999, Mark::Fine), (2_000, Mark::Warning), (-3_600_000, Mark::Mend)]
        {
            assert_eq!(apart(millis).mark, mark, "{millis}");
        }
        let now = Ts::parse("2026-11-20T12:00:00Z").unwrap();
        assert_eq!(gone_back(now, now.plus_seconds(30)).mark, Mark::Fine);
        assert_eq!(gone_back(now, now.plus_seconds(3_600)).mark, Mark::Mend);
    }

    #[test]
    fn a_server_without_fixes_is_told_of() {
        assert_eq!(old_or_fine("12.9", Some(120_009)).mark, Mark::Warning);
        assert_eq!(old_or_fine("15.4", Some(150_004)).mark, Mark::Fine);
        assert_eq!(old_or_fine("11.2-YB-2.20", None).mark, Mark::Unknown);
    }
}
