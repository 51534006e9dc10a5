//! The way out, against servers that are played here: what is refused is not even connected to.

#![expect(clippy::unwrap_used, reason = "a story that goes wrong says where")]

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::egress::{Policy, Resolver, Web};
use base::net::Range;
use base::secret::Secret;
use base::web::Address;
use exchange::egress::{Answer, Ask, Egress as _, Later, NoAnswer, Reads, Unusable};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that answers every request with the same bytes, and keeps what it was asked.
struct Server {
    port: u16,
    calls: Arc<AtomicUsize>,
    asked: Arc<Mutex<String>>,
}

impl Server {
    async fn answering(answer: &'static [u8]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (calls, asked) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
        let (counted, kept) = (calls.clone(), asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut head = vec![0; 8_192];
                let many = stream.read(&mut head).await.unwrap_or(0);
                *kept.lock().unwrap() = String::from_utf8_lossy(&head[..many]).into_owned();
                let _ = stream.write_all(answer).await;
            }
        });
        Server { port, calls, asked }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// A resolver that changes its mind with every look-up.
struct Fickle {
    turns: Vec<Vec<IpAddr>>,
    turn: AtomicUsize,
}

impl Fickle {
    fn of(turns: &[&[&str]]) -> Fickle {
        let turns = turns.iter().map(|turn| turn.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        Fickle { turns, turn: AtomicUsize::new(0) }
    }
}

impl Resolver for Fickle {
    fn resolve<'a>(&'a self, _: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(self.turns[turn % self.turns.len()].clone()) })
    }
}

fn loopback() -> Policy {
    Policy::allowing(vec![Range::parse("127.0.0.1").unwrap()])
}

fn ask(url: &str) -> Ask {
    let url = Address::parse(url).unwrap();
    Ask { body: None, url, headers: Vec::new(), within: Duration::from_secs(5), reads: Reads::All }
}

async fn call(web: &Web, url: &str) -> Result<Answer, NoAnswer> {
    web.send(&ask(url)).await
}

#[tokio::test]
async fn what_the_operator_allows_is_called_with_its_query_and_headers() {
    let server = Server::answering(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    )
    .await;
    let web = Web::new(loopback()).unwrap();
    let mut asked = ask(&format!("http://127.0.0.1:{}/in?a=1&b=%20", server.port));
    asked.headers.push(("authorization", Secret::new("Bearer x".into())));
    let answer = web.send(&asked).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, Ok(b"{}".to_vec())));
    let head = server.asked.lock().unwrap().clone();
    assert!(
        head.starts_with("GET /in?a=1&b=%20 HTTP/1.1\r\n") && head.contains("authorization: Bearer x\r\n"),
        "{head}"
    );
    assert!(!head.contains("cookie"), "{head}");
}

#[tokio::test]
async fn what_is_refused_is_not_connected_to_and_reads_like_a_closed_door() {
    let server = Server::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let usual = Web::new(Policy::default()).unwrap();
    let mut said = Vec::new();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
    ] {
        for scheme in ["http", "https"] {
            said.push(call(&usual, &format!("{scheme}://{host}:{}/", server.port)).await);
        }
    }
    // A door that is closed, and one behind which nobody speaks HTTP.
    let mute = Server::answering(b"SSH-2.0-OpenSSH\r\n").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let open = Web::new(loopback()).unwrap();
    said.push(call(&open, &format!("http://127.0.0.1:{closed}/")).await);
    said.push(call(&open, &format!("http://127.0.0.1:{}/", mute.port)).await);
    assert!(said.iter().all(|one| *one == Err(NoAnswer::None)), "{said:?}");
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nowhere_else() {
    let server = Server::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    // Now public, now private: what is connected to is what was looked at.
    let turns: &[&[&str]] = &[&["10.0.0.1"], &["127.0.0.2"], &["169.254.169.254", "::1"], &["fd00:ec2::254"]];
    let web = Web::resolving(loopback(), Fickle::of(turns)).unwrap();
    for _ in 0..1_000 {
        let url = format!("http://rebinding.example:{}/", server.port);
        assert_eq!(call(&web, &url).await, Err(NoAnswer::None));
    }
    assert_eq!(server.calls(), 0);
    // Of several addresses the allowed ones are called, and no other.
    let web = Web::resolving(loopback(), Fickle::of(&[&["10.0.0.1", "127.0.0.1"]])).unwrap();
    assert_eq!(call(&web, &format!("http://both.example:{}/", server.port)).await.unwrap().status, 200);
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let inside = Server::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let to = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
        inside.port
    );
    let server = Server::answering(to.leak().as_bytes()).await;
    let web = Web::new(loopback()).unwrap();
    assert_eq!(call(&web, &format!("http://127.0.0.1:{}/", server.port)).await.unwrap().status, 302);
    assert_eq!(inside.calls(), 0);
}

#[tokio::test]
async fn an_answer_has_an_end_in_size_and_in_time() {
    let endless = Server::answering(Box::leak(
        [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &vec![b'x'; 2 * 1024 * 1024]].concat().into_boxed_slice(),
    ))
    .await;
    let web = Web::new(loopback()).unwrap();
    let answer = call(&web, &format!("http://127.0.0.1:{}/", endless.port)).await.unwrap();
    assert_eq!(answer.body, Err(Unusable::TooLarge));
    let cut = Server::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{").await;
    assert_eq!(call(&web, &format!("http://127.0.0.1:{}/", cut.port)).await, Err(NoAnswer::None));
    // One that takes the call and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut asked = ask(&format!("http://127.0.0.1:{}/", silent.local_addr().unwrap().port()));
    asked.within = Duration::from_millis(50);
    assert_eq!(web.send(&asked).await, Err(NoAnswer::Late));
}
