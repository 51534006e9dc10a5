//! Where files for a bank lie, and from it: a folder that something else carries, or the bank's own SFTP server.
//!
//! Both have two directories: in `outgoing` our files appear under their names, whole; what the bank puts into `incoming` is
//! read, and goes into `incoming/read` or, with a text that says why, into `incoming/refused`.

mod folder;
mod sftp;

pub use folder::Folder;
pub use sftp::{NotAnAddress, Server, Sftp};

/// Where our files are put.
const OUTGOING: &str = "outgoing";
/// Where the bank's files lie.
const INCOMING: &str = "incoming";
/// What was read of them.
const READ: &str = "incoming/read";
/// What could not be.
const REFUSED: &str = "incoming/refused";

/// The largest file that is read from the bank, in bytes: a million returns with room to spare.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Whether a file is one that the bank has put there and finished.
fn is_sent(name: &str) -> bool {
    !name.starts_with('.') && !name.ends_with(".part") && !name.ends_with(".tmp")
}

fn faults_of(name: &str) -> String {
    format!("{name}.faults.txt")
}
