//! The other end of the line to Stripe: a server that behaves as Stripe's documentation says, page by page, as far as we use
//! it. It keeps books of its own, and every request it was sent.

mod book;
mod methods;
mod routes;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use base::Ts;
use tokio::net::{TcpListener, TcpStream};

pub(crate) use self::book::Book;
pub(crate) use self::methods::{BANKS, CARDS, DECLINES, Fault};
pub(crate) use self::wire::Recorded;

use self::wire::Reply;

/// The only key it lets in.
pub(crate) const KEY: &str = "sk_test_quittance";

/// For how long it remembers an idempotency key. "At least 24 hours": <https://docs.stripe.com/api/idempotent_requests>
pub(crate) const REMEMBERS_SECONDS: i64 = 24 * 3_600;

/// The server. It runs as long as the test does.
#[derive(Clone)]
pub(crate) struct End {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) book: Book,
    /// What was answered under an idempotency key.
    pub(crate) answered: BTreeMap<String, Answered>,
    pub(crate) requests: Vec<Recorded>,
    /// What happens to the next requests that do something.
    pub(crate) faults: VecDeque<Fault>,
}

/// The first answer under a key, and to what.
pub(crate) struct Answered {
    pub(crate) at: i64,
    pub(crate) request: Recorded,
    pub(crate) reply: Reply,
}

impl End {
    /// Starts one whose clock stands at `now`.
    pub(crate) async fn start(now: Ts) -> End {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let end = End { address, state: Arc::default() };
        end.move_to(now);
        let serving = end.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer(line));
            }
        });
        end
    }

    async fn answer(self, mut line: TcpStream) {
        let Some(request) = wire::read(&mut line).await else { return };
        let (fault, reply) = routes::answer(&mut self.state.lock().unwrap(), request);
        match fault {
            Some(Fault::CutBefore | Fault::CutAfter) => {}
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Garbled) => wire::write(&mut line, &Reply { status: 200, body: "{".into() }).await,
            _ => wire::write(&mut line, &reply).await,
        }
    }

    /// Lets its clock go on, and what is due happen.
    pub(crate) fn move_to(&self, now: Ts) {
        self.book(|book| book.move_to(now.seconds()));
    }

    /// Breaks the next request that does something.
    pub(crate) fn break_next(&self, fault: Fault) {
        self.state.lock().unwrap().faults.push_back(fault);
    }

    /// Looks into its books, or changes them as somebody at Stripe would.
    pub(crate) fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.state.lock().unwrap().book)
    }

    /// Every request so far, and forgets them.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }
}
