//! A mailbox on disk, for rehearsals: what would have been sent lies there as a file, one for each message, under its id.
//!
//! A mail is an `.eml` that mail programs open (RFC 5322 with UTF-8 in its head, RFC 6532), a text message a `.txt` with the
//! same few lines before its text. A message that is sent again takes its own place.

use std::fs::{DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base::ids::Uuid;
use base::secret::Secret;
use base::{Failure, Ts};
use exchange::post::{
    Answer, Channel, Later, Letter, Mail, Mailbox, Mailer, MessageId, Reason, Text, Texter,
};

use super::one_line;

/// How many letters are listed.
const LISTED: usize = 200;

/// Who mail comes from where nobody is meant to answer.
const FROM: &str = "sandbox@localhost";

/// A mailbox in a directory, which is made with the first letter.
#[derive(Clone, Debug)]
pub struct OnDisk(PathBuf);

impl OnDisk {
    /// That in this directory.
    pub fn at(directory: PathBuf) -> OnDisk {
        OnDisk(directory)
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.0
    }

    async fn put(&self, id: MessageId, channel: Channel, text: String) -> Answer {
        let (directory, name) = (self.0.clone(), name(id, channel));
        let done = tokio::task::spawn_blocking(move || write(&directory, &name, &text)).await;
        match done.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
            Ok(()) => Answer::Sent { provider_id: None },
            Err(error) => {
                tracing::error!(id = %id, %error, directory = %self.0.display(), "a message could not be put into the mailbox");
                Answer::failed(Reason::TryLater)
            }
        }
    }
}

const fn extension(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "eml",
        Channel::Sms => "txt",
    }
}

fn name(id: MessageId, channel: Channel) -> String {
    format!("{id}.{}", extension(channel))
}

/// Writes a file for its owner alone, whole or not at all.
fn write(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let half = directory.join(format!(".{name}"));
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(half, directory.join(name))
}

/// The instant as mail has it: `Fri, 20 Nov 2026 15:00:00 +0000`.
fn date(at: Ts) -> String {
    at.timestamp().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", one_line(name).replace('\\', "\\\\").replace('"', "\\\""))
}

fn head(lines: &[(&str, &str)], body: &str) -> String {
    let mut text: String =
        lines.iter().map(|(name, value)| format!("{name}: {}\r\n", one_line(value))).collect();
    text.push_str("\r\n");
    text.push_str(&body.replace('\n', "\r\n"));
    text.push_str("\r\n");
    text
}

impl Mailer for OnDisk {
    fn send<'a>(&'a self, mail: &'a Mail) -> Later<'a, Answer> {
        let (from, at) = (format!("{} <{FROM}>", quoted(&mail.sender)), date(mail.at));
        let id = format!("<{}@localhost>", mail.id);
        let lines = [
            ("From", from.as_str()),
            ("Reply-To", mail.reply_to.as_deref().unwrap_or(FROM)),
            ("To", mail.to.reveal().as_str()),
            ("Subject", mail.subject.reveal().as_str()),
            ("Date", at.as_str()),
            ("Message-ID", id.as_str()),
            ("Auto-Submitted", "auto-generated"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ];
        let text = head(&lines, mail.body.reveal());
        Box::pin(self.put(mail.id, Channel::Email, text))
    }
}

impl Texter for OnDisk {
    fn send<'a>(&'a self, text: &'a Text) -> Later<'a, Answer> {
        let at = date(text.at);
        let lines =
            [("From", text.sender.as_str()), ("To", text.to.reveal().as_str()), ("Date", at.as_str())];
        let whole = head(&lines, text.body.reveal());
        Box::pin(self.put(text.id, Channel::Sms, whole))
    }
}

/// A letter, read back.
fn letter(id: MessageId, channel: Channel, text: &str) -> Letter {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let line = |wanted: &str| {
        let value = head.split("\r\n").find_map(|line| line.strip_prefix(wanted)?.strip_prefix(": "));
        value.unwrap_or_default().to_owned()
    };
    Letter {
        id,
        channel,
        at: line("Date"),
        from: line("From"),
        to: line("To"),
        subject: (channel == Channel::Email).then(|| line("Subject")),
        body: Secret::new(body.replace("\r\n", "\n").trim_end().to_owned()),
    }
}

fn read(directory: &Path, id: MessageId) -> io::Result<Option<Letter>> {
    for channel in Channel::ALL {
        match std::fs::read_to_string(directory.join(name(id, *channel))) {
            Ok(text) => return Ok(Some(letter(id, *channel, &text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn list(directory: &Path) -> io::Result<Vec<Letter>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let stem = name.to_str().and_then(|name| name.split_once('.')).map(|(stem, _)| stem);
        ids.extend(stem.and_then(|stem| Uuid::try_parse(stem).ok()).map(MessageId));
    }
    // Ids are ordered by time.
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.truncate(LISTED);
    ids.into_iter().filter_map(|id| read(directory, id).transpose()).collect()
}

/// Reads what the mailbox holds, beside whatever else goes on.
async fn looked<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> base::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| Err(io::Error::other(panic)))
        .map_err(|e| Failure::broken("reading the mailbox", e))
}

impl Mailbox for OnDisk {
    fn list(&self) -> Later<'_, base::Result<Vec<Letter>>> {
        let directory = self.0.clone();
        Box::pin(looked(move || list(&directory)))
    }

    fn read(&self, id: MessageId) -> Later<'_, base::Result<Option<Letter>>> {
        let directory = self.0.clone();
        Box::pin(looked(move || read(&directory, id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_reads_back_as_it_was_put_in_and_again_is_the_same_letter() {
        let home = tempfile::tempdir().unwrap();
        let mailbox = OnDisk::at(home.path().join("mailbox"));
        assert!(mailbox.list().await.unwrap().is_empty());
        let mail = Mail {
            id: MessageId(Uuid::from_u128(7)),
            at: Ts::parse("2026-11-20T15:00:00Z").unwrap(),
            to: Secret::new("ada@example.com".into()),
            sender: "Acme \"Recovery\"\r\nBcc: all@example.com".into(),
            reply_to: None,
            subject: Secret::new("Su recibo — añejo".into()),
            body: Secret::new("Hola:\n\nGracias.".into()),
        };
        for _ in 0..2 {
            assert_eq!(Mailer::send(&mailbox, &mail).await, Answer::Sent { provider_id: None });
        }
        let text = Text {
            id: MessageId(Uuid::from_u128(9)),
            at: mail.at,
            to: Secret::new("+12125550101".into()),
            sender: "Acme".into(),
            body: Secret::new("A link.\nSTOP".into()),
        };
        assert_eq!(Texter::send(&mailbox, &text).await, Answer::Sent { provider_id: None });
        let all = mailbox.list().await.unwrap();
        assert_eq!(all.iter().map(|letter| letter.id).collect::<Vec<_>>(), [text.id, mail.id]);
        let read = mailbox.read(mail.id).await.unwrap().unwrap();
        assert_eq!(
            (read.to.as_str(), read.subject.as_deref()),
            ("ada@example.com", Some("Su recibo — añejo"))
        );
        assert_eq!(read.body.reveal(), "Hola:\n\nGracias.");
        assert_eq!(read.at, "Fri, 20 Nov 2026 15:00:00 +0000");
        let raw = std::fs::read_to_string(mailbox.directory().join(name(mail.id, Channel::Email))).unwrap();
        assert!(!raw.contains("\r\nBcc:"), "{raw}");
        assert!(raw.contains("\r\nMessage-ID: <00000000-0000-0000-0000-000000000007@localhost>\r\n"));
        assert!(mailbox.read(MessageId(Uuid::from_u128(1))).await.unwrap().is_none());
    }
}
