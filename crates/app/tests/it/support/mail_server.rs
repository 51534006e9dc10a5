//! A mail server on this machine: it speaks as much SMTP as it takes to be handed mail, and keeps what it was handed.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it says to the commands of one name instead of what it would.
type Says = Arc<Mutex<Vec<(&'static str, &'static str)>>>;

/// The server.
pub(crate) struct MailServer {
    port: u16,
    says: Says,
    heard: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub(crate) async fn open() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = MailServer { port, says: Says::default(), heard: Arc::default(), mails: Arc::default() };
        let (says, heard, mails) = (server.says.clone(), server.heard.clone(), server.mails.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (says, heard, mails) = (says.clone(), heard.clone(), mails.clone());
                // Whoever hangs up has had enough.
                tokio::spawn(async move { converse(stream, says, heard, mails).await.ok() });
            }
        });
        server
    }

    /// The address with these credentials.
    pub(crate) fn url(&self, credentials: &str) -> String {
        format!("smtp://{credentials}127.0.0.1:{}", self.port)
    }

    /// From now on commands of this name are answered like this.
    pub(crate) fn say(&self, command: &'static str, answer: &'static str) {
        let mut says = self.says.lock().expect("a lock");
        says.retain(|(known, _)| *known != command);
        says.push((command, answer));
    }

    /// From now on it takes everything again.
    pub(crate) fn be_kind(&self) {
        self.says.lock().expect("a lock").clear();
    }

    /// Every command so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("a lock").clone()
    }

    /// Every mail so far, head and body.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.mails.lock().expect("a lock").clone()
    }
}

async fn converse(
    stream: TcpStream,
    says: Says,
    heard: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.example ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        heard.lock().expect("a lock").push(line.clone());
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let told =
            says.lock().expect("a lock").iter().find(|(known, _)| *known == command).map(|(_, say)| *say);
        let usual = match command.as_str() {
            "EHLO" => "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 2.7.0 Welcome",
            "DATA" => "354 Go on",
            "QUIT" => "221 Bye",
            _ => "250 2.0.0 OK",
        };
        let answer = told.unwrap_or(usual);
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        if command == "DATA" && answer.starts_with('3') {
            let mut mail = String::new();
            while let Some(line) = lines.next_line().await? {
                if line == "." {
                    break;
                }
                mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                mail.push('\n');
            }
            mails.lock().expect("a lock").push(mail);
            let end =
                says.lock().expect("a lock").iter().find(|(known, _)| *known == ".").map(|(_, say)| *say);
            write.write_all(format!("{}\r\n", end.unwrap_or("250 2.0.0 Queued")).as_bytes()).await?;
        }
        if command == "QUIT" {
            break;
        }
    }
    Ok(())
}
