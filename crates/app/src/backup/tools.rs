//! PostgreSQL's own tools: where they are, and how to run them without a password on a command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use base::db::Server;

/// Runs `pg_dump` or `pg_restore` on a database.
pub(super) fn run(program: &str, server: &Server, arguments: &[&std::ffi::OsStr]) -> Result<()> {
    let path = find(program).with_context(|| {
        format!(
            "`{program}` was not found. Install PostgreSQL's client programs (apt-get install postgresql-client), or put their directory on the PATH; a base backup with its write-ahead log serves as well"
        )
    })?;
    let done = Command::new(&path)
        .args(arguments)
        .envs(server.environment())
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be run", path.display()))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let said: Vec<&str> = said.lines().take(5).collect();
        bail!("{program} failed: {}", said.join("; "));
    }
    Ok(())
}

/// On the PATH, else the newest that Debian installed.
fn find(program: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = std::env::split_paths(&on_path).map(|dir| dir.join(program)).find(|p| p.is_file()) {
        return Some(found);
    }
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir(Path::new("/usr/lib/postgresql"))
        .ok()?
        .filter_map(|entry| {
            let dir = entry.ok()?.path();
            Some((dir.file_name()?.to_str()?.parse().ok()?, dir.join("bin").join(program)))
        })
        .filter(|(_, path)| path.is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}
