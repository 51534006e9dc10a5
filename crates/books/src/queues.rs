//! The queues, as an operator sees them: how they stand, and which are held.
//!
//! Whoever sees something going wrong holds a queue before it is understood: whatever waits there goes on waiting, and nothing
//! is lost. It is held on every node within a second or two.

use base::db::{Command, Db, Tx};
use base::{Failure, Result, Ts};

base::words! {
    /// A queue that can be held.
    Queue {
        /// Charges whose day has come.
        Charges = "charges",
        /// Deliveries to webhooks, and replays.
        Deliveries = "deliveries",
        /// What was received in one piece and is not applied yet.
        Bulk = "bulk",
        /// E-mails and text messages.
        Messages = "messages",
        /// ACH files, to be cut and to be brought to the bank.
        Files = "files",
    }
}

base::record! {
    /// How a queue stands, as one statement gives it.
    pub struct Standing {
        /// How much waits, for now or for later.
        pub waiting: i64,
        /// How much of it is due.
        pub due: i64,
        /// How much is at its end without having come to anything, or waits for a person.
        pub failed: i64,
        /// Since when the oldest has been due.
        pub oldest: Option<Ts>,
    }
}

base::record! {
    /// A queue that is held.
    pub struct Held in "queue_pause" {
        /// Which.
        pub id: Queue,
        /// Who holds it.
        pub held_by: String,
        /// Since when.
        pub since: Ts,
    }
}

/// The queues that are held.
pub async fn held(tx: &Tx) -> Result<Vec<Held>> {
    tx.select("ORDER BY id", &[]).await
}

/// Holds a queue, or lets it go on.
pub struct Set<'a> {
    /// Which.
    pub queue: Queue,
    /// Who holds it; `None` lets it go on.
    pub by: Option<&'a str>,
}

impl Command for Set<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "queues.set"
    }

    /// Whether that changed anything.
    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let done = match self.by {
            Some(by) => {
                tx.insert_if_new(&[Held { id: self.queue, held_by: by.to_owned(), since: tx.now() }]).await?
            }
            None => tx.run("DELETE FROM queue_pause WHERE id = $1", &[&self.queue.as_str()]).await?,
        };
        Ok(done > 0)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<bool>> {
        let is_held = held(tx).await?.iter().any(|held| held.id == self.queue);
        Ok((is_held == self.by.is_some()).then_some(true))
    }
}

/// Sets it, by itself.
pub async fn set(db: &Db, queue: Queue, by: Option<&str>) -> Result<bool, Failure> {
    db.run(&Set { queue, by }).await
}
