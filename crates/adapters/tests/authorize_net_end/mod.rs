//! The other end of the line to Authorize.net: a server that behaves as its documentation says, page by page, as far as we use it.
//! It keeps books of its own, and every request it was sent, and takes none that its schema does not allow.

mod book;
mod methods;
mod routes;
mod schema;
#[path = "../stripe_end/wire.rs"]
#[expect(
    dead_code,
    clippy::duplicate_mod,
    reason = "the other end of Stripe has it too, and uses the rest of it"
)]
mod wire;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base::Ts;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

pub(crate) use self::book::{Book, Txn};
pub(crate) use self::methods::{DECLINES, ERRORS, Fault};
pub(crate) use self::schema::checked;

use self::wire::Reply;

/// The only one it lets in.
pub(crate) const LOGIN: &str = "5KP3u95bQpv";
pub(crate) const KEY: &str = "346HZ32z3fP4hTG2";

/// How every answer begins.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A request as it came: its name, and what is in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) body: Value,
}

/// The server. It runs as long as the test does.
#[derive(Clone)]
pub(crate) struct End {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) book: Book,
    pub(crate) requests: Vec<Asked>,
    /// What happens to the next requests that do something.
    pub(crate) faults: VecDeque<Fault>,
    /// What was wrong with requests.
    pub(crate) mistakes: Vec<String>,
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
        let (fault, mut reply) = routes::answer(&mut self.state.lock().unwrap(), &request);
        reply.body.insert_str(0, BYTE_ORDER_MARK);
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

    /// Looks into its books, or changes them as somebody at Authorize.net would.
    pub(crate) fn book<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        let mut state = self.state.lock().unwrap();
        assert_eq!(state.mistakes, [""; 0], "a request that the schema does not allow is a fault of ours");
        look(&mut state.book)
    }

    /// Every request so far, and forgets them.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }
}
