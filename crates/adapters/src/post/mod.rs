//! Whoever delivers messages: a mail server, a gateway for text messages, and a mailbox on disk for rehearsals.

mod gateway;
mod mailbox;
mod smtp;

use std::net::IpAddr;

pub use self::gateway::Gateway;
pub use self::mailbox::OnDisk;
pub use self::smtp::Smtp;

/// What was configured cannot be used. It names the setting and never its value, in which a password may stand.
#[derive(Debug, thiserror::Error)]
pub enum NotUsable {
    /// No address of a mail server.
    #[error("it must be smtp://user:password@host:587 or smtps://user:password@host:465")]
    NoMailServer,
    /// Mail would cross a network in the clear.
    #[error(
        "it cannot be without a host that speaks TLS: smtp:// uses STARTTLS on every host but this machine"
    )]
    NoTls,
    /// No sender of mail.
    #[error("it must be an e-mail address like notices@agency.example")]
    NoSender,
    /// No address of a gateway.
    #[error("it must be https://…, or http://… on this very machine, without a user or a fragment")]
    NoGateway,
    /// No HTTP client could be made.
    #[error("no HTTP client for it")]
    NoClient(#[source] reqwest::Error),
}

/// Whether a host is this very machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A name as it may stand in a head: on one line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// What somebody else calls a message, as far as it is a short word.
fn their_id(text: &str) -> Option<String> {
    let text = text.trim();
    let is_word = (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    is_word.then(|| text.to_owned())
}
