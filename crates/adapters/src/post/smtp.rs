//! E-mail by SMTP.
//!
//! What must hold: nothing leaves this machine without TLS; a mail has the same `Message-ID` however often it is sent; what
//! a server says is told by its code alone, since its words may quote the recipient. Each mail has a connection of its own:
//! one that was given up in the middle would answer the next mail with what was meant for the one before.

use std::time::{Duration, UNIX_EPOCH};

use base::secret::Secret;
use exchange::post::{Answer, Later, Mail, Mailer, Reason};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::{NotUsable, is_loopback, one_line};

/// How long connecting may take. All of it ends with the deadline that the caller has.
const CONNECTING: Duration = Duration::from_secs(20);

/// How long taking leave may take; nobody waits for it.
const LEAVING: Duration = Duration::from_secs(5);

/// A mail server.
pub struct Smtp {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    name: ClientId,
    from: Mailbox,
}

/// How a conversation is kept from others.
enum Tls {
    /// Not at all: it does not leave this machine.
    Needless,
    /// After a word in the clear.
    Asked(TlsParameters),
    /// From the first byte.
    Whole(TlsParameters),
}

/// What went wrong: while a connection was made, or while a mail was handed over.
enum Wrong {
    Connection(Error),
    Mail(Error),
}

impl Smtp {
    /// The server at `url`, and the address that mail comes from. It is not asked anything before the first mail.
    pub fn new(url: &Secret<String>, from: &str) -> Result<Smtp, NotUsable> {
        let from: Mailbox = from.trim().parse().map_err(|_| NotUsable::NoSender)?;
        let url: Url = url.reveal().parse().map_err(|_| NotUsable::NoMailServer)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(NotUsable::NoMailServer)?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !is_bare {
            return Err(NotUsable::NoMailServer);
        }
        let named = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let checked = || TlsParameters::new(named.clone()).map_err(|_| NotUsable::NoTls);
        let (tls, port) = match url.scheme() {
            "smtps" => (Tls::Whole(checked()?), 465),
            "smtp" if is_loopback(host) => (Tls::Needless, 25),
            "smtp" => (Tls::Asked(checked()?), 587),
            _ => return Err(NotUsable::NoMailServer),
        };
        let name = ClientId::Domain(from.email.domain().to_owned());
        let port = url.port().unwrap_or(port);
        Ok(Smtp { host: named, port, tls, credentials: credentials(&url)?, name, from })
    }

    /// A mail as it goes over the wire; `None` where it has no address that could be one.
    fn message(&self, mail: &Mail) -> Option<Message> {
        let to: Address = mail.to.reveal().parse().ok()?;
        let sender = Mailbox::new(Some(one_line(&mail.sender)), self.from.email.clone());
        let at = UNIX_EPOCH + Duration::from_micros(u64::try_from(mail.at.micros()).unwrap_or(0));
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let head = Message::builder()
            .from(sender)
            .to(Mailbox::new(None, to))
            .subject(mail.subject.reveal().clone())
            .date(at)
            .message_id(Some(self.message_id(mail)))
            .header(ContentType::TEXT_PLAIN)
            // No holiday note comes back for it (RFC 3834).
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
        let reply_to = mail.reply_to.as_ref().and_then(|address| address.parse::<Address>().ok());
        let head: MessageBuilder = match reply_to {
            Some(address) => head.reply_to(Mailbox::new(None, address)),
            None => head,
        };
        head.body(mail.body.reveal().clone()).ok()
    }

    fn message_id(&self, mail: &Mail) -> String {
        format!("<{}@{}>", mail.id, self.from.email.domain())
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, NotUsable> {
    let plain = |text: &str| match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(NotUsable::NoMailServer),
    };
    Ok(match (url.username(), url.password()) {
        ("", None) => None,
        (user, password) => Some(Credentials::new(plain(user)?, plain(password.unwrap_or_default())?)),
    })
}

impl Smtp {
    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        let whole = match &self.tls {
            Tls::Whole(tls) => Some(tls.clone()),
            Tls::Needless | Tls::Asked(_) => None,
        };
        let at = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(at, Some(CONNECTING), &self.name, whole, None).await?;
        if let Tls::Asked(tls) = &self.tls {
            // A server that does not offer it is an error, never a conversation in the clear.
            connection.starttls(tls.clone(), &self.name).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    async fn hand_over(&self, message: &Message) -> Result<(), Wrong> {
        let mut connection = self.connection().await.map_err(Wrong::Connection)?;
        connection.send(message.envelope(), &message.formatted()).await.map_err(Wrong::Mail)?;
        // It is theirs now; that they say goodbye is not waited for.
        tokio::spawn(tokio::time::timeout(LEAVING, async move { connection.quit().await }));
        Ok(())
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Later<'a, Answer> {
        Box::pin(async move {
            let Some(message) = self.message(mail) else { return Answer::Refused(Reason::NoAddress) };
            match self.hand_over(&message).await {
                Ok(()) => {
                    let id = self.message_id(mail);
                    Answer::Sent { provider_id: Some(id.trim_matches(['<', '>']).to_owned()) }
                }
                Err(wrong) => {
                    let answer = answer(&wrong);
                    tell(mail, &wrong, &answer);
                    answer
                }
            }
        })
    }
}

/// What an error means. A 5xx is a definite no (RFC 5321, 4.2.1), but for those about us and not about the mail: that we are
/// not let in (RFC 4954, 6) is for the operator to mend.
fn answer(wrong: &Wrong) -> Answer {
    let (Wrong::Connection(error) | Wrong::Mail(error)) = wrong;
    match (error.status().map(u16::from), wrong) {
        (Some(530 | 534 | 535 | 538), _) => Answer::failed(Reason::NotLetIn),
        (Some(500..=599), Wrong::Mail(_)) => Answer::Refused(Reason::Refused),
        // Before the mail was named it was not refused.
        (Some(500..=599), Wrong::Connection(_)) => Answer::failed(Reason::NotLetIn),
        (Some(_), _) => Answer::failed(Reason::TryLater),
        (None, _) if error.is_timeout() => Answer::failed(Reason::TimedOut),
        // No TLS or no way to name ourselves that both know; an address that the server cannot write.
        (None, Wrong::Connection(_)) if error.is_client() => Answer::failed(Reason::NotLetIn),
        (None, Wrong::Mail(_)) if error.is_client() => Answer::Refused(Reason::NoAddress),
        (None, _) if error.is_response() => Answer::failed(Reason::TryLater),
        (None, _) => Answer::failed(Reason::Unreachable),
    }
}

fn tell(mail: &Mail, wrong: &Wrong, answer: &Answer) {
    let (Wrong::Connection(error) | Wrong::Mail(error)) = wrong;
    match error.status() {
        Some(code) => tracing::warn!(id = %mail.id, %code, ?answer, "the mail server did not take a mail"),
        None if error.is_response() => {
            tracing::warn!(id = %mail.id, ?answer, "the mail server's answer cannot be read");
        }
        // Of the connection itself, and of TLS: nothing in it was said by anybody.
        None => tracing::warn!(id = %mail.id, %error, ?answer, "the mail server cannot be used"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, from: &str) -> Result<(), NotUsable> {
        Smtp::new(&Secret::new(url.to_owned()), from).map(drop)
    }

    #[test]
    fn only_mail_servers_are_taken_and_no_value_is_repeated() {
        const FROM: &str = "notices@agency.example";
        for good in [
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
            "smtp://localhost",
            "smtp://user:p%40ss@mail.agency.example:587",
            "smtps://user:pass@mail.agency.example",
        ] {
            assert!(of(good, FROM).is_ok(), "{good}");
        }
        for bad in [
            "",
            "mail.agency.example",
            "http://hunter2@mail.agency.example",
            "smtp://",
            "smtp://user:hunter2@mail.agency.example/path",
            "smtp://user:hunter2@mail.agency.example?tls=none",
        ] {
            let refused = of(bad, FROM).unwrap_err().to_string();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
        assert!(matches!(of("smtp://localhost", "nobody"), Err(NotUsable::NoSender)));
    }
}
