//! The sandbox card and bank processor: what integrators rehearse against, and the independent witness of our
//! fault tests.
//!
//! It knows nothing of debts, tenants or ledgers. Amounts are whole cents, instants are microseconds since 1970
//! that the caller passes as `now` with every call (so it lives by whatever test clock the caller keeps), and
//! the only thing it depends on is its own journal file.
//!
//! What always holds:
//!
//! - One key moves money at most once, and is answered as it was answered first, for ever (unless it is told to
//!   forget keys: [`Settings::capabilities`]).
//! - Nobody is answered before what was decided for them is on disk.
//! - "No answer" ([`NoAnswer`]) says nothing about whether money moved: that is the point of it.
//! - Card numbers, security codes and account numbers never reach the journal, a log, `Debug` or an error.
//!
//! How an instrument behaves is decided by its number, its ready-made token or the amount: [`magic::SCENARIOS`]
//! is the one table; `docs/SANDBOX.md`, `GET /magic` and the tests are made from it. Most used:
//!
//! | token | number | what happens |
//! |---|---|---|
//! | `tok_visa` | 4242424242424242 | approves |
//! | `tok_insufficient_funds` | 4000000000009995 | declined, network code 51 |
//! | `tok_answer_lost` | 4000000000050973 | charged, and the answer is lost |
//! | `tok_processor_error` | 4000000000000119 | answers 500, nothing charged |
//! | `tok_hang` | 4000000000050999 | charged, and never answered |
//! | `tok_bank` | 000123456789 | pending, then settled |
//! | `tok_bank_r01` | 000111111001 | pending, then returned R01 |
//!
//! ```no_run
//! # async fn rehearse() -> Result<(), Box<dyn std::error::Error>> {
//! let random: sandbox::Random = std::sync::Arc::new(|bytes| bytes.fill(7));
//! let service = sandbox::Service::open(sandbox::Settings::at("sandbox.journal"), random)?;
//! let order = sandbox::wire::Charge {
//!     now: 1_795_181_820_000_000,
//!     key: "instalment-7".into(),
//!     token: "tok_visa".into(),
//!     amount: 5_000,
//!     metadata: Default::default(),
//! };
//! assert!(matches!(service.submit(order).await, Ok(sandbox::wire::Answer::Succeeded { .. })));
//! # Ok(()) }
//! ```

mod banking;
mod book;
mod decide;
pub mod faults;
pub mod http;
pub mod journal;
pub mod magic;
mod service;
mod tokens;
mod turns;
pub mod wire;

pub use book::Book;
pub use journal::{JournalError, read_journal};
pub use service::{NoAnswer, Random, Service, Settings};
