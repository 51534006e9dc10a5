//! What waits together is done together: one transaction and one sync for many.
//!
//! No timer: whoever comes while nothing runs is served at once, and what gathers meanwhile is the next batch. Nobody
//! is answered before the whole of a batch is committed. Where that fails, each is done by itself, so that one cannot
//! spoil it for the others. A batch of one is the same code.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt as _, stream};
use tokio::sync::{Semaphore, oneshot};

use crate::{Code, Failure, Result};

/// The most in one batch.
const MOST: usize = 64;
/// From how many on a batch is wide: it runs beside no other, so that what comes meanwhile gathers too. Narrow ones fill
/// the time in which the others wait for their syncs.
const WIDE: usize = 8;
/// How many may wait; whoever comes then waits to be let in.
const SEATS: usize = 1_024;
/// How many of a batch that failed are done by themselves at once.
const SINGLES: usize = 4;

/// Things of one kind that can be done together.
pub trait Together: Send + Sync + 'static {
    /// One of them. It may be done more than once, so it changes nothing but the database, and finds itself there.
    type Item: Send + Sync + 'static;
    /// What one of them gives.
    type Out: Send + 'static;

    /// Whether `item` may be done together with these.
    fn fits(&self, batch: &[Self::Item], item: &Self::Item) -> bool;

    /// Does them in one transaction; gives an answer for each, in their order. An error is of the whole.
    fn run(&self, batch: &[Self::Item]) -> impl Future<Output = Result<Vec<Result<Self::Out>>>> + Send;
}

/// Gathers what waits together. Cheap to clone.
pub struct Batcher<T: Together>(Arc<Inner<T>>);

impl<T: Together> Clone for Batcher<T> {
    fn clone(&self) -> Self {
        Batcher(self.0.clone())
    }
}

struct Inner<T: Together> {
    work: T,
    at_once: usize,
    seats: Semaphore,
    queue: Mutex<Queue<T>>,
}

/// Where one of them is answered.
type Tell<T> = oneshot::Sender<Result<<T as Together>::Out>>;

/// Things that are done together, and where each is answered.
type Batch<T> = (Vec<<T as Together>::Item>, Vec<Tell<T>>);

struct Queue<T: Together> {
    waiting: VecDeque<(T::Item, Tell<T>)>,
    running: usize,
    /// Whether a wide batch is among them.
    is_wide: bool,
}

impl<T: Together> Batcher<T> {
    /// Batches of this work, of which `at_once` narrow ones may run at a time.
    pub fn new(work: T, at_once: usize) -> Batcher<T> {
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), running: 0, is_wide: false });
        Batcher(Arc::new(Inner { work, at_once, seats: Semaphore::new(SEATS), queue }))
    }

    /// Does one thing, together with whatever else is waiting. It is done also where its caller goes away.
    pub async fn run(&self, item: T::Item) -> Result<T::Out> {
        let lost = |_| Failure::broken("doing things together", "nobody answered");
        let _seat = self.0.seats.acquire().await.map_err(|e| Failure::broken("waiting for a batch", e))?;
        let (tell, told) = oneshot::channel();
        self.0.queue().waiting.push_back((item, tell));
        self.0.start();
        told.await.map_err(lost)?
    }
}

impl<T: Together> Inner<T> {
    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts one more to work on the queue, where there is work and room.
    fn start(self: &Arc<Self>) {
        let mut queue = self.queue();
        if queue.running < self.at_once && !queue.is_wide && !queue.waiting.is_empty() {
            queue.running += 1;
            let mut running = Running { inner: self.clone(), is_wide: false, has_ended: false };
            tokio::spawn(async move { running.work().await });
        }
    }

    /// The next batch: whoever waits longest, and whatever fits to it. Where there is none, or a wide one is under way,
    /// whoever asks has ended.
    fn next(&self, was_wide: bool) -> Option<Batch<T>> {
        let mut queue = self.queue();
        queue.is_wide &= !was_wide;
        if queue.is_wide {
            queue.running -= 1;
            return None;
        }
        let (mut items, mut tells, mut left) = (Vec::new(), Vec::new(), VecDeque::new());
        while items.len() < MOST
            && let Some((item, tell)) = queue.waiting.pop_front()
        {
            if self.work.fits(&items, &item) {
                items.push(item);
                tells.push(tell);
            } else {
                left.push_back((item, tell));
            }
        }
        left.append(&mut queue.waiting);
        queue.waiting = left;
        if items.is_empty() {
            queue.running -= 1;
            return None;
        }
        queue.is_wide = items.len() >= WIDE;
        Some((items, tells))
    }

    async fn do_all(&self, (items, tells): Batch<T>) {
        let tell = |tell: Tell<T>, answer| drop(tell.send(answer)); // its caller may have gone
        match self.work.run(&items).await {
            Ok(answers) if answers.len() == items.len() => {
                tells.into_iter().zip(answers).for_each(|(to, answer)| tell(to, answer));
            }
            Err(failure) if items.len() == 1 => {
                if let Some(to) = tells.into_iter().next() {
                    tell(to, Err(failure));
                }
            }
            // The database is away, for each of them too.
            Err(Failure::Refused(away)) if away.code == Code::Unavailable => {
                tells.into_iter().for_each(|to| tell(to, Err(Failure::Refused(away.clone()))));
            }
            done => {
                let why = done.err().map_or_else(|| "it was not answered in full".into(), |f| f.chain());
                tracing::debug!(why, together = items.len(), "each is done by itself");
                let singles = items.into_iter().zip(tells).map(|(item, to)| self.do_one(item, to));
                stream::iter(singles).buffer_unordered(SINGLES).collect::<()>().await;
            }
        }
    }
}

impl<T: Together> Inner<T> {
    async fn do_one(&self, item: T::Item, tell: Tell<T>) {
        let done = self.work.run(std::slice::from_ref(&item)).await;
        drop(tell.send(done.and_then(only)));
    }
}

/// The answer to the only one of a batch.
fn only<T>(mut answers: Vec<Result<T>>) -> Result<T> {
    let missing = || Failure::broken("doing things together", "one was not answered");
    answers.pop().ok_or_else(missing)?
}

/// Somebody works on the queue.
struct Running<T: Together> {
    inner: Arc<Inner<T>>,
    is_wide: bool,
    has_ended: bool,
}

impl<T: Together> Running<T> {
    async fn work(&mut self) {
        while let Some(batch) = self.inner.next(self.is_wide) {
            self.is_wide = batch.0.len() >= WIDE;
            self.inner.do_all(batch).await;
        }
        self.has_ended = true;
    }
}

impl<T: Together> Drop for Running<T> {
    fn drop(&mut self) {
        if self.has_ended {
            return; // its place was given up with the last look at the queue
        }
        let mut queue = self.inner.queue();
        queue.running -= 1;
        queue.is_wide &= !self.is_wide;
        drop(queue);
        if std::thread::panicking() {
            self.inner.start(); // others still wait
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    /// Counts; what is `BAD` spoils a batch, what is `WORSE` makes it panic, and equal ones do not fit together.
    #[derive(Default)]
    struct Work {
        batches: Mutex<Vec<usize>>,
        open: Notify,
        is_shut: bool,
        running: AtomicUsize,
        most: AtomicUsize,
    }

    const BAD: u32 = 13;
    const WORSE: u32 = 666;
    const AWAY: u32 = 404;

    impl Together for Arc<Work> {
        type Item = u32;
        type Out = u32;

        fn fits(&self, batch: &[u32], item: &u32) -> bool {
            !batch.contains(item)
        }

        async fn run(&self, batch: &[u32]) -> Result<Vec<Result<u32>>> {
            let now = self.running.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(now, Ordering::Relaxed);
            if self.is_shut {
                self.open.notified().await;
            }
            tokio::task::yield_now().await;
            self.running.fetch_sub(1, Ordering::Relaxed);
            self.batches.lock().unwrap().push(batch.len());
            assert!(!batch.contains(&WORSE), "worse");
            if batch.contains(&AWAY) {
                return Err(Failure::refused(Code::Unavailable, "away"));
            }
            if batch.contains(&BAD) {
                return Err(Failure::broken("working", "bad"));
            }
            Ok(batch
                .iter()
                .map(|n| if n % 2 == 1 { Err(Failure::not_found()) } else { Ok(n * 10) })
                .collect())
        }
    }

    fn all(
        batcher: &Batcher<Arc<Work>>,
        items: impl IntoIterator<Item = u32>,
    ) -> Vec<impl Future<Output = Result<u32>>> {
        items
            .into_iter()
            .map(|item| {
                let batcher = batcher.clone();
                async move { batcher.run(item).await }
            })
            .collect()
    }

    #[tokio::test]
    async fn what_gathers_meanwhile_is_the_next_batch_and_each_is_answered_by_itself() {
        let work = Arc::new(Work::default());
        let batcher = Batcher::new(work.clone(), 1);
        let answers = join_all(all(&batcher, 100..300)).await;
        for (item, answer) in (100..300).zip(answers) {
            assert_eq!(answer.ok(), (item % 2 == 0).then_some(item * 10), "{item}");
        }
        let batches = work.batches.lock().unwrap().clone();
        assert_eq!(batches.iter().sum::<usize>(), 200);
        assert!(batches.len() <= 5 && batches.iter().all(|n| *n <= MOST), "{batches:?}");
        assert_eq!(work.most.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn narrow_batches_run_side_by_side_and_a_wide_one_alone() {
        let wide = u32::try_from(WIDE).unwrap();
        for (many, most) in [(wide - 1, 2), (10 * wide, 1)] {
            let work = Arc::new(Work { is_shut: true, ..Work::default() });
            let batcher = Batcher::new(work.clone(), 2);
            let first = tokio::spawn({
                let batcher = batcher.clone();
                async move { join_all(all(&batcher, (0..many).map(|n| 2 + 2 * n))).await }
            });
            while work.running.load(Ordering::Relaxed) == 0 {
                tokio::task::yield_now().await;
            }
            let second = tokio::spawn(async move { batcher.run(1_000).await });
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            assert_eq!(work.running.load(Ordering::Relaxed), most, "{many}");
            while !(first.is_finished() && second.is_finished()) {
                work.open.notify_waiters();
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_waits_for_the_next_batch() {
        let work = Arc::new(Work::default());
        let batcher = Batcher::new(work.clone(), 1);
        let answers = join_all(all(&batcher, [2, 2, 2, 4])).await;
        assert!(answers.iter().all(Result::is_ok));
        assert!(work.batches.lock().unwrap().len() >= 3);
    }

    #[tokio::test]
    async fn one_that_spoils_a_batch_fails_alone() {
        let work = Arc::new(Work::default());
        let batcher = Batcher::new(work.clone(), 1);
        let answers = join_all(all(&batcher, [2, 4, BAD, 6, 8])).await;
        let told: Vec<Option<u32>> = answers.into_iter().map(Result::ok).collect();
        assert_eq!(told, [Some(20), Some(40), None, Some(60), Some(80)]);
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_not_asked_for_each() {
        let work = Arc::new(Work::default());
        let batcher = Batcher::new(work.clone(), 1);
        let answers = join_all(all(&batcher, (0..50).map(|n| if n == 7 { AWAY } else { 1_000 + n }))).await;
        let away =
            answers.iter().filter(|a| a.as_ref().is_err_and(|f| f.code() == Some(Code::Unavailable))).count();
        assert!(away >= 1 && work.batches.lock().unwrap().len() < 10);
    }

    #[tokio::test]
    async fn a_panic_is_heard_by_its_own_batch_and_the_others_go_on() {
        let work = Arc::new(Work::default());
        let batcher = Batcher::new(work.clone(), 1);
        assert!(batcher.run(WORSE).await.is_err());
        assert_eq!(batcher.run(2).await.ok(), Some(20));
    }

    #[tokio::test]
    async fn whoever_goes_away_is_done_all_the_same() {
        let work = Arc::new(Work { is_shut: true, ..Work::default() });
        let batcher = Batcher::new(work.clone(), 2);
        let going = tokio::spawn({
            let batcher = batcher.clone();
            async move { batcher.run(2).await }
        });
        while work.running.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        going.abort();
        work.open.notify_one();
        while work.batches.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(work.batches.lock().unwrap().clone(), [1]);
    }
}
