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

struct Queue<T: Together> {
    waiting: VecDeque<(T::Item, oneshot::Sender<Result<T::Out>>)>,
    running: usize,
}

impl<T: Together> Batcher<T> {
    /// Batches of this work, of which `at_once` may run at a time.
    pub fn new(work: T, at_once: usize) -> Batcher<T> {
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), running: 0 });
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
        if queue.running < self.at_once && !queue.waiting.is_empty() {
            queue.running += 1;
            let mut running = Running { inner: self.clone(), has_ended: false };
            tokio::spawn(async move { running.work().await });
        }
    }

    /// The next batch: whoever waits longest, and whatever fits to it. Where there is none, whoever asks has ended.
    #[expect(clippy::type_complexity, reason = "two lists that belong together, for one caller")]
    fn next(&self) -> Option<(Vec<T::Item>, Vec<oneshot::Sender<Result<T::Out>>>)> {
        let mut queue = self.queue();
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
        Some((items, tells))
    }

    async fn do_all(&self, items: Vec<T::Item>, tells: Vec<oneshot::Sender<Result<T::Out>>>) {
        let tell = |tell: oneshot::Sender<_>, answer| drop(tell.send(answer)); // its caller may have gone
        match self.work.run(&items).await {
            Ok(answers) if answers.len() == items.len() => {
                tells.into_iter().zip(answers).for_each(|(to, answer)| tell(to, answer));
            }
            Err(failure) if items.len() == 1 => {
                tells.into_iter().next().map(|to| tell(to, Err(failure)));
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
    async fn do_one(&self, item: T::Item, tell: oneshot::Sender<Result<T::Out>>) {
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
    has_ended: bool,
}

impl<T: Together> Running<T> {
    async fn work(&mut self) {
        while let Some((items, tells)) = self.inner.next() {
            self.inner.do_all(items, tells).await;
        }
        self.has_ended = true;
    }
}

impl<T: Together> Drop for Running<T> {
    fn drop(&mut self) {
        if self.has_ended {
            return; // its place was given up with the last look at the queue
        }
        self.inner.queue().running -= 1;
        if std::thread::panicking() {
            self.inner.start(); // others still wait
        }
    }
}
