//! Over a real socket: dawdlers, callers who hang up, and how the last ones finish.

#![expect(clippy::unwrap_used, reason = "a test that cannot connect has failed")]

mod toy;

use std::net::SocketAddr;
use std::time::Duration;

use edge::server::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toy::Toy;

struct Server {
    toy: Toy,
    at: SocketAddr,
    stop: CancellationToken,
    done: JoinHandle<()>,
}

async fn start(head: Duration, in_flight: usize) -> Server {
    let running = TaskTracker::new();
    let toy = Toy::with(|settings| {
        settings.in_flight = in_flight;
        settings.running = running.clone();
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let limits = Limits { head, drain: Duration::from_secs(20), connections: 100 };
    let done = tokio::spawn(serve(listener, toy.router.clone(), limits, running, stop.clone()));
    Server { toy, at, stop, done }
}

const PATIENT: Duration = Duration::from_secs(60);

async fn say(at: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything until the other side closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut all).await;
    String::from_utf8_lossy(&all).into_owned()
}

fn head(method: &str, path: &str) -> String {
    format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nConnection: close\r\n"
    )
}

#[tokio::test]
async fn a_half_sent_request_is_closed_and_so_is_silence() {
    let server = start(Duration::from_millis(300), 10).await;
    let whole = format!("{}\r\n", head("GET", "/health").replace("close", "keep-alive"));
    // Nothing at all; a start that HTTP/1 and 2 share; half a head; a preface with nothing after it; and a second
    // head that never ends, after a first that did.
    for text in [
        "",
        "P",
        "GET /api/v1/health HT",
        "GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &format!("{whole}GET /api"),
    ] {
        let stream = say(server.at, text).await;
        let answer = tokio::time::timeout(Duration::from_secs(10), rest(stream)).await;
        let answer = answer.unwrap_or_else(|_| panic!("still open after {text:?}"));
        assert!(!answer.contains("HTTP/1.1 5"), "{text:?}: {answer}");
        assert_eq!(answer.contains("200 OK"), text.contains("/health HTTP/1.1\r\n"), "{text:?}: {answer}");
    }
}

#[tokio::test]
async fn what_a_caller_started_is_finished_after_they_hang_up() {
    let mut server = start(PATIENT, 10).await;
    let stream = say(server.at, &format!("{}Content-Length: 0\r\n\r\n", head("POST", "/slow"))).await;
    server.toy.began.recv().await.unwrap();
    drop(stream);
    // The server sees the hang-up before the work goes on: a request on another connection is answered after it.
    let other = say(server.at, &format!("{}\r\n", head("GET", "/health"))).await;
    assert!(rest(other).await.contains("200 OK"));
    // Not even a stop ends it: the server waits.
    server.stop.cancel();
    while TcpStream::connect(server.at).await.is_ok() {}
    assert!(!server.done.is_finished());
    server.toy.app.go_on.add_permits(1);
    server.done.await.unwrap();
    server.toy.finished.try_recv().unwrap();
}

#[tokio::test]
async fn a_question_nobody_waits_for_is_dropped_and_its_seat_is_free() {
    let mut server = start(PATIENT, 1).await;
    let stream = say(server.at, &format!("{}\r\n", head("GET", "/slow"))).await;
    server.toy.began.recv().await.unwrap();
    let refused = rest(say(server.at, &format!("{}\r\n", head("GET", "/slow"))).await).await;
    assert!(refused.contains("503 Service Unavailable") && refused.contains("retry-after: "), "{refused}");
    drop(stream);
    let answered = async {
        loop {
            let other = say(server.at, &format!("{}\r\n", head("GET", "/health"))).await;
            if rest(other).await.contains("200 OK") {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), answered).await.unwrap();
    assert!(server.toy.app.log.0.lock().unwrap().contains(&("GET /api/v1/slow".into(), 499)));
}

#[tokio::test]
async fn a_body_far_too_large_still_gets_its_answer() {
    let server = start(PATIENT, 10).await;
    let length = 5 << 20;
    let text = format!(
        "{}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        head("POST", "/rare-books")
    );
    let mut stream = say(server.at, &text).await;
    stream.write_all(&vec![b'x'; length]).await.unwrap();
    assert!(rest(stream).await.contains("413 Payload Too Large"));
}

#[tokio::test]
async fn a_stop_lets_the_running_finish_and_nothing_new_begin() {
    let mut server = start(PATIENT, 10).await;
    let idle =
        say(server.at, &format!("{}\r\n", head("GET", "/health").replace("close", "keep-alive"))).await;
    let running = say(server.at, &format!("{}Content-Length: 0\r\n\r\n", head("POST", "/slow"))).await;
    server.toy.began.recv().await.unwrap();
    server.stop.cancel();
    // The idle connection is closed at once, which also shows that the signal has arrived.
    rest(idle).await;
    assert!(TcpStream::connect(server.at).await.is_err());
    server.toy.app.go_on.add_permits(1);
    assert!(rest(running).await.contains("200 OK"));
    server.done.await.unwrap();
}
