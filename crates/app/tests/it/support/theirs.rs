//! A server of an organization's own, played by the story: it says what it is told to say, and keeps what it was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What is said to whoever calls.
#[derive(Clone)]
enum Says {
    Bytes(Vec<u8>),
    Nothing,
}

/// The server.
pub(crate) struct Theirs {
    port: u16,
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<Vec<String>>>,
    calls: watch::Receiver<usize>,
}

impl Theirs {
    /// One that answers everybody with this status and this JSON.
    pub(crate) async fn answering(status: u16, body: &str) -> Theirs {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (says, asked) = (Arc::new(Mutex::new(Says::Nothing)), Arc::new(Mutex::new(Vec::new())));
        let (called, calls) = watch::channel(0);
        let (said, kept) = (says.clone(), asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (said, kept, called) = (said.clone(), kept.clone(), called.clone());
                tokio::spawn(async move {
                    let mut head = vec![0; 8_192];
                    let many = stream.read(&mut head).await.unwrap_or(0);
                    kept.lock().expect("a lock").push(String::from_utf8_lossy(&head[..many]).into_owned());
                    called.send_modify(|calls| *calls += 1);
                    let says = said.lock().expect("a lock").clone();
                    match says {
                        Says::Bytes(bytes) => drop(stream.write_all(&bytes).await),
                        Says::Nothing => drop(stream.read(&mut head).await), // until they go
                    }
                });
            }
        });
        let theirs = Theirs { port, says, asked, calls };
        theirs.say(status, body);
        theirs
    }

    /// From now on it says this.
    pub(crate) fn say(&self, status: u16, body: &str) {
        self.say_raw(status, &["content-type: application/json"], body.as_bytes());
    }

    /// The same with headers and a body of any kind.
    pub(crate) fn say_raw(&self, status: u16, headers: &[&str], body: &[u8]) {
        let head = headers.iter().map(|header| format!("{header}\r\n")).collect::<String>();
        let head = format!("HTTP/1.1 {status} X\r\n{head}content-length: {}\r\n\r\n", body.len());
        *self.says.lock().expect("a lock") = Says::Bytes([head.as_bytes(), body].concat());
    }

    /// From now on it takes calls and says nothing.
    pub(crate) fn fall_silent(&self) {
        *self.says.lock().expect("a lock") = Says::Nothing;
    }

    /// From now on it takes calls and goes away without a word.
    pub(crate) fn hang_up(&self) {
        *self.says.lock().expect("a lock") = Says::Bytes(Vec::new());
    }

    /// The address of a path on it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Every request so far, as it was sent.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a lock").clone()
    }

    /// Waits until somebody has called so often.
    pub(crate) async fn called(&self, times: usize) {
        self.calls.clone().wait_for(|calls| *calls >= times).await.expect("the server lives");
    }
}
