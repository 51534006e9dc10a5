//! A file read beside the database: taken apart on a thread of its own while records are applied.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use exchange::bulk::{Item, Reading, Splitter, Told};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

/// How many bytes are read at a time.
const BYTES: usize = 256 << 10;

/// A file's bytes, told.
pub(super) struct Looked {
    pub(super) digest: [u8; 32],
    pub(super) bytes: u64,
    /// What is in it, where that was counted.
    pub(super) told: Option<Told>,
}

/// Looks through a file before anything of it is applied. Its records are counted only where somebody asks for totals:
/// that costs about as much as reading it to apply it.
pub(super) fn look(path: &Path, reading: Option<Reading>, mut each: impl FnMut(usize)) -> Result<Looked> {
    let mut file = open(path)?;
    let (mut digest, mut bytes, mut splitter) = (Sha256::new(), 0u64, reading.map(Splitter::new));
    let mut buffer = vec![0; BYTES];
    loop {
        let read = file.read(&mut buffer).with_context(|| format!("{} cannot be read", path.display()))?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        bytes += read as u64;
        if let Some(splitter) = &mut splitter {
            splitter.push(&buffer[..read], |_| Ok(()))?;
        }
        each(read);
    }
    let told = splitter.map(|splitter| splitter.end(|_| Ok(()))).transpose()?;
    Ok(Looked { digest: digest.finalize().into(), bytes, told })
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Some records, and how many bytes of the file are behind them.
pub(super) struct Stretch {
    pub(super) items: Vec<Item>,
    pub(super) bytes: u64,
    /// The last of the file, with what stood around its records.
    pub(super) last: Option<Told>,
}

/// Takes a file apart on a thread of its own, so many records at a time, without the first `skip`.
pub(super) fn batches(
    path: PathBuf,
    reading: Reading,
    skip: i64,
    size: usize,
) -> mpsc::Receiver<Result<Stretch>> {
    let (send, receive) = mpsc::channel(2);
    std::thread::spawn(move || {
        if let Err(error) = split(&path, reading, skip, size, &send) {
            let _ = send.blocking_send(Err(error)); // whoever listened has ended
        }
    });
    receive
}

fn split(
    path: &Path,
    reading: Reading,
    skip: i64,
    size: usize,
    send: &mpsc::Sender<Result<Stretch>>,
) -> Result<()> {
    let mut file = open(path)?;
    let mut splitter = Splitter::new(reading);
    let (mut behind, mut items, mut bytes) = (0i64, Vec::with_capacity(size), 0u64);
    let mut buffer = vec![0; BYTES];
    loop {
        let read = file.read(&mut buffer).with_context(|| format!("{} cannot be read", path.display()))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        splitter.push(&buffer[..read], |item| {
            behind += 1;
            if behind > skip {
                items.push(item);
            }
            Ok(())
        })?;
        // The last of them waits: it may be the last of the file.
        while items.len() > size {
            let rest = items.split_off(size);
            let full = std::mem::replace(&mut items, rest);
            if send.blocking_send(Ok(Stretch { items: full, bytes, last: None })).is_err() {
                return Ok(());
            }
        }
    }
    let told = splitter.end(|item| {
        behind += 1;
        if behind > skip {
            items.push(item);
        }
        Ok(())
    })?;
    while items.len() > size {
        let rest = items.split_off(size);
        let full = std::mem::replace(&mut items, rest);
        if send.blocking_send(Ok(Stretch { items: full, bytes, last: None })).is_err() {
            return Ok(());
        }
    }
    let _ = send.blocking_send(Ok(Stretch { items, bytes, last: Some(told) }));
    Ok(())
}
