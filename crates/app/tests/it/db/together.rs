//! Statements that travel together with the commit, callers who go away at every moment, and groups that fail.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use base::db::{Command, Db, Location, Tx, Write, rusqlite};
use base::ids::Uuid;
use base::seams::Seams;
use base::{Code, Failure, Result, Ts};
use futures_util::{join, try_join};

use super::{Entry, Insert, TENANT, Toy, toy};
use crate::support::Engine;
use crate::support::agency::Agency;

/// Pays as a charge is settled: everything is locked and read in one trip, and written with the commit.
struct PayAtOnce {
    toy: u128,
    entries: Vec<u128>,
    /// A row to be changed too, which may not be there.
    other: Option<u128>,
}

impl PayAtOnce {
    fn one(entry: u128) -> PayAtOnce {
        PayAtOnce { toy: 1, entries: vec![entry], other: None }
    }
}

fn entry(id: u128) -> Entry {
    Entry { tenant_id: TENANT, id: Uuid::from_u128(id), toy_id: Uuid::from_u128(1), amount: 1 }
}

impl Command for PayAtOnce {
    type Out = Ts;
    fn name(&self) -> &'static str {
        "toys.pay_at_once"
    }
    async fn exec(&self, tx: &Tx) -> Result<Ts> {
        let id = Uuid::from_u128(self.toy);
        let params: [&(dyn base::db::Param + '_); 2] = [&TENANT, &id];
        let (toys, at) =
            try_join!(tx.select::<Toy>("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &params), tx.clock())?;
        let mut toys: Vec<Toy> =
            toys.into_iter().map(|toy| Toy { balance: toy.balance - 1, ..toy }).collect();
        toys.extend(self.other.map(|n| toy(n, 0)));
        let entries = self.entries.iter().map(|id| entry(*id)).collect();
        tx.with_commit(vec![Write::updating(2, toys), Write::inserting::<Entry>(entries)]).await?;
        Ok(at)
    }
    async fn check(&self, tx: &Tx) -> Result<Option<Ts>> {
        let ids = base::db::Ids::of(self.entries.iter().map(|id| Uuid::from_u128(*id)));
        let found: Vec<Entry> = tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&TENANT, &ids]).await?;
        Ok((!found.is_empty()).then(|| tx.now()))
    }
}

/// Polls a future so often and no more; what it gave, if it was done by then.
async fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), times);
    poll_fn(|cx| {
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(given) => Poll::Ready(Some(given)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A pool of one connection where there are pools; else the database as it is.
async fn narrow(agency: &Agency) -> Db {
    match &agency.home.location {
        Location::Pg { url, .. } => {
            let one = Location::Pg { url: url.clone(), connections: 1 };
            Db::open(&one, Seams::system()).await.expect("the database opens")
        }
        _ => agency.db.clone(),
    }
}

/// What is wrong in a group so that its commit fails: a reference to nothing, looked at only then.
struct Orphan;

impl Command for Orphan {
    type Out = ();
    fn name(&self) -> &'static str {
        "toys.orphan"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.run("PRAGMA defer_foreign_keys = ON", &[]).await?;
        let sql = "INSERT INTO refund_part (tenant_id, refund_id, debt_id, amount) VALUES ($1, $1, $1, 1)";
        tx.run(sql, &[&TENANT]).await.map(drop)
    }
}

/// Refuses because of what it reads.
struct RefuseIfThere;

impl Command for RefuseIfThere {
    type Out = ();
    fn name(&self) -> &'static str {
        "toys.refuse_if_there"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        match tx.number("SELECT count(*) FROM refund_part", &[]).await? {
            0 => Ok(()),
            _ => Err(Failure::refused(Code::NotAllowedNow, "it is there")),
        }
    }
}

/// Reads, lets somebody else try to write to the file, and writes what it has read less one.
struct ReadThenWrite {
    file: std::path::PathBuf,
    outsider_wrote: std::sync::atomic::AtomicBool,
}

impl Command for ReadThenWrite {
    type Out = ();
    fn name(&self) -> &'static str {
        "toys.read_then_write"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        let toy: Toy = tx
            .one("SELECT tenant_id, id, balance, note, at FROM toy WHERE tenant_id = $1", &[&TENANT])
            .await?;
        let outsider = rusqlite::Connection::open(&self.file).expect("the file opens");
        outsider.busy_timeout(std::time::Duration::ZERO).expect("a time-out is set");
        let wrote = outsider.execute("UPDATE toy SET balance = balance - 5", []).is_ok();
        self.outsider_wrote.store(wrote, std::sync::atomic::Ordering::Relaxed);
        tx.update(2, &[Toy { balance: toy.balance - 1, ..toy }]).await
    }
}

/// Lets the embedded database grow to so many pages; gives how many it has.
struct Room(i64);

impl Command for Room {
    type Out = i64;
    fn name(&self) -> &'static str {
        "toys.room"
    }
    async fn exec(&self, tx: &Tx) -> Result<i64> {
        tx.number(&format!("PRAGMA max_page_count = {}", self.0), &[]).await?;
        tx.number("PRAGMA page_count", &[]).await
    }
}

on_both_engines! {
    async fn what_travels_with_the_commit_stands_as_a_whole(agency: &Agency) {
        agency.toys(vec![toy(1, 10)]).await;
        let pay = PayAtOnce { entries: vec![1, 2, 3], ..PayAtOnce::one(0) };
        agency.db.run(&pay).await.unwrap();
        assert_eq!((agency.toy(1).await.balance, agency.count("SELECT count(*) FROM toy_entry").await), (9, 3));
    }

    async fn a_row_too_few_turns_the_commit_into_a_rollback(agency: &Agency) {
        agency.toys(vec![toy(1, 10)]).await;
        let db = narrow(agency).await;
        let pay = PayAtOnce { other: Some(9), ..PayAtOnce::one(1) };
        assert!(db.run(&pay).await.unwrap_err().code().is_none(), "it is our mistake");
        assert_eq!((agency.toy(1).await.balance, agency.count("SELECT count(*) FROM toy_entry").await), (10, 0));
        db.run(&PayAtOnce::one(2)).await.unwrap(); // the connection is as good as new
        assert_eq!(agency.toy(1).await.balance, 9);
    }

    async fn a_taken_key_behind_other_writes_takes_them_back(agency: &Agency) {
        agency.toys(vec![toy(1, 10)]).await;
        let db = narrow(agency).await;
        db.run(&PayAtOnce::one(1)).await.unwrap();
        let again = PayAtOnce { entries: vec![2, 1], ..PayAtOnce::one(0) };
        assert_eq!(db.run(&again).await.unwrap_err().code(), Some(Code::Conflict));
        assert_eq!((agency.toy(1).await.balance, agency.count("SELECT count(*) FROM toy_entry").await), (9, 1));
        db.run(&PayAtOnce::one(3)).await.unwrap();
    }

    async fn whoever_goes_away_at_any_moment_loses_nothing_of_others(agency: &Agency) {
        agency.toys(vec![toy(1, 1_000)]).await;
        let (db, witness) = (narrow(agency).await, agency.witness().await);
        let sees = async |id: u128| {
            let sql = "SELECT count(*) FROM toy_entry WHERE id = $1";
            witness.read().await.unwrap().number(sql, &[&Uuid::from_u128(id)]).await.unwrap() == 1
        };
        let (mut to_its_end, mut went_away) = (0, 0);
        for polls in 1..400 {
            let id = polls as u128;
            match polled(polls, db.run(&PayAtOnce::one(id))).await {
                Some(paid) => {
                    paid.unwrap();
                    assert!(sees(id).await, "acknowledged after {polls} polls, and lost");
                    to_its_end += 1;
                }
                None => went_away += 1,
            }
            // Whatever was left behind, the next one's write is kept, and others see it.
            let canary = 10_000 + id;
            db.run(&Insert(vec![toy(canary, 0)])).await.unwrap();
            let sql = "SELECT count(*) FROM toy WHERE id = $1";
            let kept = witness.read().await.unwrap().number(sql, &[&Uuid::from_u128(canary)]).await.unwrap();
            assert_eq!(kept, 1, "a write after one that went away at poll {polls} is lost");
            if to_its_end == 3 {
                break;
            }
        }
        assert!(to_its_end == 3 && went_away > 0, "{to_its_end} came to their end, {went_away} went away");
        let kept = agency.count("SELECT count(*) FROM toy_entry").await;
        assert_eq!(agency.toy(1).await.balance, 1_000 - kept);
    }

    async fn a_refusal_that_rests_on_what_was_never_committed_is_none(agency: &Agency) {
        if agency.engine == Engine::Postgres {
            return; // there nobody reads what is not committed
        }
        let (orphan, refused) = join!(agency.db.run(&Orphan), agency.db.run(&RefuseIfThere));
        assert_eq!(orphan.unwrap_err().code(), Some(Code::Unavailable));
        assert_eq!(refused.unwrap_err().code(), Some(Code::Unavailable), "what it has seen was never there");
        agency.db.run(&RefuseIfThere).await.unwrap();
    }

    async fn nobody_writes_between_what_a_transaction_reads_and_what_it_writes(agency: &Agency) {
        let Location::Lite { path, .. } = &agency.home.location else { return }; // there rows are locked
        agency.toys(vec![toy(1, 10)]).await;
        let work = ReadThenWrite { file: path.clone(), outsider_wrote: false.into() };
        agency.db.run(&work).await.unwrap();
        assert!(!work.outsider_wrote.into_inner(), "a writer takes the file from its first statement on");
        assert_eq!(agency.toy(1).await.balance, 9);
    }

    async fn a_full_disk_refuses_payments_for_now_and_loses_none(agency: &Agency) {
        if agency.engine == Engine::Postgres {
            return;
        }
        let debtor = agency.debtor(5_000_00, "tok_visa").await;
        let pages = agency.db.run(&Room(1_000_000)).await.unwrap();
        agency.db.run(&Room(pages + 2)).await.unwrap();
        let mut taken = 0;
        let full = loop {
            let answer = agency.post("/charges", debtor.pays(1_00)).await;
            if answer.status != 201 {
                break answer;
            }
            taken += 1;
            assert!(taken < 500, "the disk is never full");
        };
        assert_eq!(full.refused(503), "unavailable");
        agency.owed(&debtor.debt).await; // it can still be read
        agency.db.run(&Room(1_000_000)).await.unwrap();
        agency.post("/charges", debtor.pays(1_00)).await.made();
        agency.seconds(60).await;
        agency.steps().await;
        assert!(agency.owed(&debtor.debt).await <= 5_000_00 - (taken + 1) * 1_00);
    }
}
