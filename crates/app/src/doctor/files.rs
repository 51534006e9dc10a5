//! What lies on this machine's disk: secrets, the database, room, and backups.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base::Ts;

use super::{Finding, days_between, fine, mend, unknown, warning};
use crate::backup;
use crate::settings::{Common, Serving};

/// Below so many bytes the next statement may not fit; below so many somebody should look.
const TOO_LITTLE: u64 = 256 << 20;
const LITTLE: u64 = 2 << 30;

/// After so many hours a daily backup did not happen.
const A_DAY_HOURS: i64 = 26;
/// After so many days there is none to speak of.
const A_WEEK_DAYS: i64 = 7;

/// Secrets and databases: who may read them.
pub(super) fn look(common: &Common, serving: &Serving) -> Vec<Finding> {
    let mut found = vec![master(common)];
    let next = "keep a copy of the master key apart from the data and from its backups, and try once that it opens a restored one";
    found.push(unknown("master key's copy", "nothing here knows of it", next));
    for (what, file) in serving.secret_files().into_iter().chain(common.secret_files()) {
        found.push(secret(what, &file));
    }
    for what in serving.secrets_in_environment().into_iter().chain(common.secrets_in_environment()) {
        let next = "whoever may list processes or read a unit file may read it: name a file instead";
        found.push(warning(what, "it stands in the environment or on the command line", next));
    }
    if common.is_embedded() {
        found.push(database(common));
    }
    found
}

fn master(common: &Common) -> Finding {
    const CHECK: &str = "master key";
    let Some(file) = common.key_file() else {
        let next = "name a file with QUITTANCE_MASTER_KEY_FILE that only the server's user may read";
        return warning(CHECK, "it stands in the environment or on the command line", next);
    };
    let found = secret(CHECK, &file);
    let is_beside = common.is_embedded() && file.starts_with(common.directory());
    if found.mark == super::Mark::Fine && is_beside {
        let next = "whoever copies the directory has data and key: name a place elsewhere with QUITTANCE_MASTER_KEY_FILE";
        return warning(CHECK, format!("{} lies beside what it protects", file.display()), next);
    }
    found
}

/// What others than its owner may do with a file or directory.
fn mode(path: &Path) -> std::io::Result<u32> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o777)
}

fn secret(check: &'static str, file: &Path) -> Finding {
    match mode(file) {
        Err(error) => mend(
            check,
            format!("{} cannot be read: {error}", file.display()),
            "put it there, readable for the server's user",
        ),
        Ok(mode) if mode & 0o077 != 0 => mend(
            check,
            format!("{} may be read by others (mode {mode:03o})", file.display()),
            format!("chmod 600 {}", file.display()),
        ),
        Ok(mode) => fine(check, format!("{}, mode {mode:03o}", file.display())),
    }
}

/// The embedded database's files. Where nobody else may enter the directory, what is in it is safe whatever its mode.
fn database(common: &Common) -> Finding {
    const CHECK: &str = "database's files";
    let home = common.directory();
    let next = format!("chmod 700 {}", home.display());
    let directory = match mode(&home) {
        Ok(mode) => mode,
        Err(error) => {
            return mend(
                CHECK,
                format!("{} cannot be read: {error}", home.display()),
                "name the data directory with --data-dir",
            );
        }
    };
    if directory & 0o077 == 0 {
        return fine(CHECK, format!("only their owner enters {}", home.display()));
    }
    let names = ["quittance.db", "quittance.db-wal", "sandbox.journal"];
    let open =
        |bits: u32| names.iter().find(|name| mode(&home.join(name)).is_ok_and(|mode| mode & bits != 0));
    if let Some(name) = open(0o007) {
        return mend(
            CHECK,
            format!("{} may be read by anybody on this machine", home.join(name).display()),
            next,
        );
    }
    match open(0o070) {
        Some(name) => warning(CHECK, format!("{} may be read by its group", home.join(name).display()), next),
        None => fine(CHECK, format!("only their owner reads what is in {}", home.display())),
    }
}

/// How much room is left where the data is.
pub(super) fn disk(common: &Common) -> Option<Finding> {
    const CHECK: &str = "room on the disk";
    if !common.is_embedded() {
        return Some(unknown(CHECK, "the database's disk is the server's", "watch it there"));
    }
    let Some(bytes) = room(&common.directory()) else {
        return Some(unknown(CHECK, "`df` does not say", "look at it yourself"));
    };
    let says = format!("{} MiB are left", bytes >> 20);
    let next = "make room: a full disk stops every payment";
    Some(match bytes {
        ..TOO_LITTLE => mend(CHECK, says, next),
        TOO_LITTLE..LITTLE => warning(CHECK, says, next),
        _ => fine(CHECK, says),
    })
}

/// The bytes that may still be written below a directory, as POSIX's own tool says.
fn room(directory: &Path) -> Option<u64> {
    let mut asked = Command::new("df");
    let done = asked.args(["-P", "-k"]).arg(directory).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(done.stdout).ok()?;
    let kibibytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// How old the newest backup is. Where backups are is nowhere written down: whoever asks says so.
pub(super) fn backups(directory: Option<&Path>, now: Ts) -> Finding {
    const CHECK: &str = "last backup";
    let Some(directory) = directory else {
        let next = "name the directory where `quittance backup` puts them with --backups";
        return unknown(CHECK, "nothing here knows where backups are", next);
    };
    let Some((at, newest)) = newest(directory) else {
        let next = "quittance backup DIR, every day";
        return mend(CHECK, format!("there is none in {}", directory.display()), next);
    };
    let says = format!("{} was taken {at}", newest.display());
    if days_between(at, now) >= A_WEEK_DAYS {
        return mend(CHECK, says, "find out why there is no newer one, and take one now");
    }
    if now.since(at).as_hours() >= A_DAY_HOURS {
        return warning(CHECK, says, "find out why there is none of today");
    }
    fine(CHECK, format!("{says}. Prove it: quittance backup --verify {}", newest.display()))
}

/// The newest of the backups in a directory, or the one that it is itself.
fn newest(directory: &Path) -> Option<(Ts, PathBuf)> {
    let within = std::fs::read_dir(directory).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let all = within.chain([directory.to_owned()]);
    all.filter_map(|path| Some((backup::taken_at(&path)?, path))).max()
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;

    #[test]
    fn the_age_of_the_newest_backup_decides() {
        let now = Ts::parse("2026-11-20T12:00:00Z").unwrap();
        assert_eq!(backups(None, now).mark, Mark::Unknown);
        let home = tempfile::tempdir().unwrap();
        assert_eq!(backups(Some(home.path()), now).mark, Mark::Mend);
        for (taken_at, mark) in [
            ("2026-11-01T12:00:00Z", Mark::Mend),
            ("2026-11-18T12:00:00Z", Mark::Warning),
            ("2026-11-20T03:00:00Z", Mark::Fine),
        ] {
            let one = home.path().join(&taken_at[..10]);
            std::fs::create_dir(&one).unwrap();
            let manifest = format!(
                "{{\"form\":1,\"program\":\"0\",\"engine\":\"SQLite\",\"schema\":1,\"taken_at\":\"{taken_at}\",\"files\":[]}}"
            );
            std::fs::write(one.join("manifest.json"), manifest).unwrap();
            assert_eq!(backups(Some(home.path()), now).mark, mark, "{taken_at}");
            assert_eq!(backups(Some(&one), now).mark, mark, "by itself, {taken_at}");
        }
    }

    #[test]
    fn what_others_may_read_is_no_secret() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        assert_eq!(secret("x", &file).mark, Mark::Mend);
        std::fs::write(&file, "x").unwrap();
        for (mode, mark) in
            [(0o644, Mark::Mend), (0o640, Mark::Mend), (0o600, Mark::Fine), (0o400, Mark::Fine)]
        {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(secret("x", &file).mark, mark, "{mode:o}");
        }
        assert!(room(home.path()).is_some());
    }
}
