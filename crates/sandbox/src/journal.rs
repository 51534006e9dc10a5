//! The durable file behind the sandbox: appended to, never changed.
//!
//! Every line is a JSON array `["<crc>",<entry>]`. The check sum covers the entry and the sum of the line before
//! it, so that a changed, missing or moved line is noticed. What must hold: an entry's place is reported as durable
//! only after `fdatasync`; many entries share one sync; after a failed write or sync nothing is called durable
//! again; a torn last line is dropped, damage further up refuses to open.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::Book;
use crate::wire::{About, Decline};

/// A line's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// The first line.
    Opened { version: u32 },
    /// A token was made. Only its hash is kept, and of a number that takes turns the digits that say which.
    Token {
        hash: String,
        scenario: String,
        about: About,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turns: Option<String>,
    },
    /// A charge was decided.
    Charge(ChargeEntry),
    /// A refund was decided.
    Refund {
        key: String,
        charge_key: String,
        amount: i64,
        at: i64,
        decline: Option<Decline>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        metadata: BTreeMap<String, String>,
    },
    /// A void was decided.
    Void { key: String, charge_key: String, at: i64, decline: Option<Decline> },
    /// A charge was submitted that changed nothing: a repetition, a conflict, an order that broke on the way.
    Attempt { key: String },
}

/// A decided charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChargeEntry {
    pub(crate) key: String,
    /// The hash of the token.
    pub(crate) token: String,
    /// The row of the magic table that decided it.
    pub(crate) scenario: String,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    /// Why not, where it was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decline: Option<Decline>,
    /// When a bank debit settles; absent where the money moved at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) settles_at: Option<i64>,
    /// When and why it comes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) returns: Option<(i64, Decline)>,
    /// What the caller wrote on it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
}

const VERSION: u32 = 1;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process writes it.
    #[error("the journal {0} is in use by another process")]
    InUse(String),
    /// A line in the middle is not what was written.
    #[error("line {line} of the journal {path} is damaged: restore it from a copy")]
    Damaged {
        /// The file.
        path: String,
        /// Counting from 1.
        line: usize,
    },
    /// It was written by another version of the sandbox, or is no journal.
    #[error("{0} is not a journal of this version of the sandbox")]
    NotOurs(String),
    /// The file system said no.
    #[error("the journal {path} cannot be used")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        #[source]
        cause: std::io::Error,
    },
}

/// Reads the journal at `path` as it is now, without taking its lock and without changing it. A line that is still
/// being written at its end is left out.
pub fn read_journal(path: &Path) -> Result<Book, JournalError> {
    let io = |cause| JournalError::Io { path: path.display().to_string(), cause };
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.read_to_end(&mut bytes).map_err(io)?;
    Ok(replay(path, &bytes)?.book)
}

struct Replayed {
    book: Book,
    /// How many bytes were good.
    good: usize,
    sum: u32,
}

fn replay(path: &Path, bytes: &[u8]) -> Result<Replayed, JournalError> {
    let (mut book, mut good, mut sum) = (Book::default(), 0, 0);
    let mut first = Vec::new();
    write_line(0, &Entry::Opened { version: VERSION }, &mut first);
    if !bytes.starts_with(&first) && !first.starts_with(bytes) {
        // Not even torn: somebody's file, which must not be cut.
        return Err(JournalError::NotOurs(path.display().to_string()));
    }
    for (i, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let Some((next, entry)) = read_line(sum, line) else {
            let rest = &bytes[good + line.len()..];
            if rest.iter().all(|b| *b == 0) {
                break; // The last line: torn by a crash, and nobody was answered for it.
            }
            return Err(JournalError::Damaged { path: path.display().to_string(), line: i + 1 });
        };
        book.apply(&entry);
        good += line.len();
        sum = next;
    }
    Ok(Replayed { book, good, sum })
}

fn read_line(before: u32, line: &[u8]) -> Option<(u32, Entry)> {
    let body = line.strip_prefix(b"[\"")?.strip_suffix(b"]\n")?;
    let (sum, body) = (body.get(..8)?, body.get(8..)?.strip_prefix(b"\",")?);
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    (sum == crc(before, body)).then_some(())?;
    Some((sum, serde_json::from_slice(body).ok()?))
}

fn write_line(before: u32, entry: &Entry, into: &mut Vec<u8>) -> u32 {
    let body = serde_json::to_vec(entry).expect("an entry has only string keys");
    let sum = crc(before, &body);
    into.extend_from_slice(format!("[\"{sum:08x}\",").as_bytes());
    into.extend_from_slice(&body);
    into.extend_from_slice(b"]\n");
    sum
}

/// CRC-32 (IEEE) over the sum before it and `bytes`.
fn crc(before: u32, bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i: u32 = 0;
        while i < 256 {
            let (mut c, mut bit) = (i, 0);
            while bit < 8 {
                c = (c >> 1) ^ if c & 1 == 1 { 0xedb8_8320 } else { 0 };
                bit += 1;
            }
            table[i as usize] = c;
            i += 1;
        }
        table
    };
    let step = |c: u32, b: &u8| TABLE[usize::from(c.to_le_bytes()[0] ^ b)] ^ (c >> 8);
    !before.to_le_bytes().iter().chain(bytes).fold(!0, step)
}

/// How far the file is.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// Entries on disk, counted from the opening.
    durable: u64,
    syncs: u64,
    broken: Option<Arc<str>>,
}

/// An open journal.
pub(crate) struct Journal {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

struct Shared {
    tail: Mutex<Tail>,
    more: Condvar,
    progress: watch::Sender<Progress>,
}

struct Tail {
    file: Option<File>,
    buffer: Vec<u8>,
    appended: u64,
    sum: u32,
    inline: bool,
    closing: bool,
}

impl Journal {
    /// Opens (and where needed makes) the journal at `path`, alone. With `inline`, every append writes and syncs on
    /// the calling thread; otherwise a thread of its own does, for all that wait.
    pub(crate) fn open(path: &Path, inline: bool) -> Result<(Journal, Book), JournalError> {
        let io = |cause| JournalError::Io { path: path.display().to_string(), cause };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io)?;
        file.try_lock().map_err(|e| match e {
            std::fs::TryLockError::WouldBlock => JournalError::InUse(path.display().to_string()),
            std::fs::TryLockError::Error(cause) => io(cause),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let Replayed { book, good, mut sum } = replay(path, &bytes)?;
        if good < bytes.len() {
            tracing::warn!(bytes = bytes.len() - good, "dropped a torn last line of the journal");
            file.set_len(u64::try_from(good).unwrap_or(u64::MAX)).map_err(io)?;
        }
        if good == 0 {
            let mut line = Vec::new();
            sum = write_line(sum, &Entry::Opened { version: VERSION }, &mut line);
            file.write_all(&line).map_err(io)?;
        }
        file.sync_all().map_err(io)?;
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            File::open(parent).and_then(|d| d.sync_all()).map_err(io)?;
        }
        Ok((Journal::over(Some(file), sum, inline), book))
    }

    /// A journal that forgets: for tests and simulations.
    pub(crate) fn in_memory() -> Journal {
        Journal::over(None, 0, true)
    }

    fn over(file: Option<File>, sum: u32, inline: bool) -> Journal {
        let tail = Tail { file, buffer: Vec::new(), appended: 0, sum, inline, closing: false };
        let progress = watch::Sender::new(Progress::default());
        let shared = Arc::new(Shared { tail: Mutex::new(tail), more: Condvar::new(), progress });
        let writer = (!inline).then(|| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name("sandbox-journal".into())
                .spawn(move || shared.write_on())
                .expect("a thread can be started")
        });
        Journal { shared, writer }
    }

    /// Puts `entry` at the end and says its place. It is not durable yet.
    pub(crate) fn append(&self, entry: &Entry) -> u64 {
        let mut tail = self.shared.lock();
        let before = tail.sum;
        tail.sum = write_line(before, entry, &mut tail.buffer);
        tail.appended += 1;
        if tail.inline {
            let bytes = std::mem::take(&mut tail.buffer);
            self.shared.put(tail.file.as_ref(), &bytes, tail.appended);
        } else {
            self.shared.more.notify_one();
        }
        tail.appended
    }

    /// The place of the last entry.
    pub(crate) fn end(&self) -> u64 {
        self.shared.lock().appended
    }

    /// Returns once everything up to `place` is on disk, or says why it never will be.
    pub(crate) async fn durable(&self, place: u64) -> Result<(), Arc<str>> {
        let mut progress = self.shared.progress.subscribe();
        let reached = progress.wait_for(|p| p.durable >= place || p.broken.is_some()).await;
        match reached {
            Ok(p) if p.durable >= place => Ok(()),
            Ok(p) => Err(p.broken.clone().unwrap_or_else(|| "the journal is closed".into())),
            Err(_) => Err("the journal is closed".into()),
        }
    }

    /// How often it was synced since it was opened.
    pub(crate) fn syncs(&self) -> u64 {
        self.shared.progress.borrow().syncs
    }

    /// Why nothing can be written any more, if so.
    pub(crate) fn broken(&self) -> Option<Arc<str>> {
        self.shared.progress.borrow().broken.clone()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.more.notify_one();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the journal's writer died");
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer's life: everything that gathered during the last sync goes out with the next.
    fn write_on(&self) {
        let mut tail = self.lock();
        let Some(file) = tail.file.take() else { return };
        loop {
            while tail.buffer.is_empty() && !tail.closing {
                tail = self.more.wait(tail).unwrap_or_else(PoisonError::into_inner);
            }
            if tail.buffer.is_empty() {
                return;
            }
            let (bytes, appended) = (std::mem::take(&mut tail.buffer), tail.appended);
            drop(tail);
            self.put(Some(&file), &bytes, appended);
            tail = self.lock();
        }
    }

    /// Writes and syncs `bytes` and says so to all who wait; once that failed, never again.
    fn put(&self, file: Option<&File>, bytes: &[u8], appended: u64) {
        if self.progress.borrow().broken.is_some() {
            return;
        }
        let result = file.map_or(Ok(()), |f| write_and_sync(f, bytes));
        self.progress.send_modify(|p| match result {
            Ok(()) => (p.durable, p.syncs) = (appended, p.syncs + 1),
            Err(cause) => {
                tracing::error!(%cause, "the journal cannot be written; nothing is answered any more");
                p.broken = Some(format!("the journal cannot be written: {cause}").into());
            }
        });
    }
}

fn write_and_sync(mut file: &File, bytes: &[u8]) -> std::io::Result<()> {
    file.write_all(bytes)?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_the_common_one() {
        assert_eq!(crc(0, b""), crc32(&[0, 0, 0, 0]));
        assert_eq!(crc(0x3433_3231, b"56789"), 0xcbf4_3926, "the published check value of 123456789");
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |c: u32, b| {
            (0..8).fold(c ^ u32::from(*b), |c, _| (c >> 1) ^ if c & 1 == 1 { 0xedb8_8320 } else { 0 })
        })
    }

    #[tokio::test]
    async fn after_a_failed_write_nothing_is_called_durable_again() {
        for inline in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("journal");
            std::fs::write(&path, "").unwrap();
            let journal = Journal::over(Some(File::open(&path).unwrap()), 0, inline);
            for key in ["a", "b"] {
                let place = journal.append(&Entry::Attempt { key: key.into() });
                assert!(journal.durable(place).await.unwrap_err().contains("cannot be written"));
            }
            assert!(journal.broken().is_some() && journal.durable(0).await.is_ok());
        }
    }
}
