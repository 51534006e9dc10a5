//! A wire that can fail: everything between two programs goes through here, late, cut, half closed or not at all.
//!
//! The mode is set over a second address: one line of JSON in, one line of figures back. What chance decides is
//! decided by the seed and the connection's number.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::dice::Dice;

/// Where the wire lies.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Where everything goes
    #[arg(long, value_name = "ADDRESS")]
    to: SocketAddr,
    /// Where the mode is set; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    control: SocketAddr,
    /// Decides what chance decides
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// How the wire fails. Everything absent is as on a good one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Mode {
    /// Every chunk, either way, is so many milliseconds late.
    latency_ms: u64,
    /// Nothing passes, and nobody is told.
    black_hole: bool,
    /// A connection is cut after so many bytes of answers.
    cut_after: Option<u64>,
    /// After so many bytes of answers nothing more of them comes, while requests still pass.
    half_close_after: Option<u64>,
    /// One COMMIT in so many passes towards the database, and the connection is cut before its answer.
    cut_commit_one_in: Option<u64>,
    /// Connections are closed as soon as they are made.
    refuse: bool,
}

/// The wire's state, shared by all its connections.
struct Wire {
    to: SocketAddr,
    seed: u64,
    mode: Mutex<Mode>,
    connections: AtomicU64,
    commits: AtomicU64,
    cut_commits: AtomicU64,
    cut: AtomicU64,
}

/// Says its two addresses, and runs until it is killed.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let listener = TcpListener::bind(args.listen).await.context("listening")?;
    let control = TcpListener::bind(args.control).await.context("listening for the mode")?;
    println!("{} {}", listener.local_addr()?, control.local_addr()?);
    let zero = || AtomicU64::new(0);
    let wire = Arc::new(Wire {
        to: args.to,
        seed: args.seed,
        mode: Mutex::default(),
        connections: zero(),
        commits: zero(),
        cut_commits: zero(),
        cut: zero(),
    });
    tokio::spawn(obey(wire.clone(), control));
    loop {
        let (near, _) = listener.accept().await.context("accepting")?;
        let number = wire.connections.fetch_add(1, Ordering::Relaxed);
        if wire.mode().refuse {
            continue;
        }
        let wire = wire.clone();
        tokio::spawn(async move {
            // A wire that breaks is what this is for.
            let _ = wire.connect(near, number).await;
        });
    }
}

/// Takes modes, one line each.
async fn obey(wire: Arc<Wire>, control: TcpListener) {
    while let Ok((line, _)) = control.accept().await {
        let wire = wire.clone();
        tokio::spawn(async move {
            let (read, mut write) = line.into_split();
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let said = match serde_json::from_str::<Option<Mode>>(&line) {
                    Ok(mode) => {
                        if let Some(mode) = mode {
                            *wire.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
                        }
                        wire.figures()
                    }
                    Err(why) => json!({ "error": why.to_string() }),
                };
                if write.write_all(format!("{said}\n").as_bytes()).await.is_err() {
                    return;
                }
            }
        });
    }
}

impl Wire {
    fn mode(&self) -> Mode {
        self.mode.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn figures(&self) -> serde_json::Value {
        let of = |number: &AtomicU64| number.load(Ordering::Relaxed);
        json!({
            "connections": of(&self.connections), "commits": of(&self.commits),
            "cut_commits": of(&self.cut_commits), "cut": of(&self.cut),
        })
    }

    async fn connect(&self, near: TcpStream, number: u64) -> Result<()> {
        self.while_in_the_hole().await;
        let far = TcpStream::connect(self.to).await?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        let one = One {
            wire: self,
            dice: Dice::of_nth(self.seed, number),
            severed: AtomicBool::new(false),
            cut: Notify::new(),
        };
        let both = async { tokio::join!(one.ask(near_in, far_out), one.answer(far_in, near_out)) };
        tokio::select! {
            _ = both => {}
            () = one.cut.notified() => { self.cut.fetch_add(1, Ordering::Relaxed); }
        }
        Ok(())
    }

    async fn while_in_the_hole(&self) {
        while self.mode().black_hole {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// One connection.
struct One<'a> {
    wire: &'a Wire,
    dice: Dice,
    /// Whether no answer may pass any more.
    severed: AtomicBool,
    cut: Notify,
}

impl One<'_> {
    async fn ask(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> Result<()> {
        let (mut bytes, mut seen) = (vec![0; 64 * 1024], Vec::new());
        loop {
            let n = from.read(&mut bytes).await?;
            if n == 0 {
                return Ok(to.shutdown().await?);
            }
            let mode = self.slowly().await;
            let doomed = self.commits(&mut seen, &bytes[..n]) && self.is_hit(mode.cut_commit_one_in);
            if doomed {
                self.severed.store(true, Ordering::Release);
                self.wire.cut_commits.fetch_add(1, Ordering::Relaxed);
            }
            to.write_all(&bytes[..n]).await?;
            if doomed {
                // Sometimes at once, sometimes when it has long been done.
                tokio::time::sleep(Duration::from_millis(self.dice.below(3) * self.dice.below(15))).await;
                self.cut.notify_one();
                std::future::pending::<()>().await;
            }
        }
    }

    async fn answer(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> Result<()> {
        let (mut bytes, mut passed) = (vec![0; 64 * 1024], 0u64);
        loop {
            let n = from.read(&mut bytes).await?;
            if n == 0 {
                return Ok(to.shutdown().await?);
            }
            let mode = self.slowly().await;
            if self.severed.load(Ordering::Acquire) {
                continue;
            }
            passed += n as u64;
            if mode.cut_after.is_some_and(|most| passed > most) {
                self.cut.notify_one();
                std::future::pending::<()>().await;
            }
            if mode.half_close_after.is_some_and(|most| passed > most) {
                return Ok(to.shutdown().await?);
            }
            to.write_all(&bytes[..n]).await?;
        }
    }

    async fn slowly(&self) -> Mode {
        self.wire.while_in_the_hole().await;
        let mode = self.wire.mode();
        tokio::time::sleep(Duration::from_millis(mode.latency_ms)).await;
        mode
    }

    fn is_hit(&self, one_in: Option<u64>) -> bool {
        one_in.is_some_and(|n| self.dice.below(n) == 0)
    }

    /// Whether these bytes end a COMMIT, which may have begun in the bytes before.
    fn commits(&self, seen: &mut Vec<u8>, bytes: &[u8]) -> bool {
        const WORD: &[u8] = b"COMMIT\0";
        seen.extend_from_slice(bytes);
        let found = seen.windows(WORD.len()).any(|window| window == WORD);
        self.wire.commits.fetch_add(u64::from(found), Ordering::Relaxed);
        let keep = if found { 0 } else { WORD.len() - 1 };
        seen.drain(..seen.len().saturating_sub(keep));
        found
    }
}
