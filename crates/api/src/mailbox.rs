//! The development mailbox as pages for people, without a script: what a sandbox would have sent.
//!
//! Whoever serves these pages shows every sandbox's messages to everybody who reaches them. So they are for one's own
//! machine, asked for by its own name: another site cannot have a browser there read them under a name of its own.

use std::sync::Arc;

use base::{Failure, Result};
use books::messages::{Channel, MessageId};
use edge::routes::get;
use edge::{Access, Endpoint, Reply};
use exchange::post::{Letter, Mailbox};

use crate::plain::{escape, page};
use crate::{App, Call};

/// The pages of a mailbox; `anywhere` where they may be asked for by any name.
pub fn pages(mailbox: &Arc<dyn Mailbox>, anywhere: bool) -> Vec<Endpoint<App>> {
    let (all, one) = (mailbox.clone(), mailbox.clone());
    vec![
        get("/mailbox", Access::Anyone, move |call: Call| {
            let mailbox = all.clone();
            async move {
                refuse_strangers(&call, anywhere)?;
                Ok(page("Mailbox", &list(&mailbox.list().await?)))
            }
        }),
        get("/mailbox/{letter}", Access::Anyone, move |call: Call| {
            let mailbox = one.clone();
            async move {
                refuse_strangers(&call, anywhere)?;
                let id = uuid::Uuid::try_parse(call.param("letter")).map_err(|_| Failure::not_found())?;
                let letter = mailbox.read(MessageId(id)).await?.ok_or_else(Failure::not_found)?;
                Ok(shown(&letter))
            }
        }),
    ]
}

/// Refuses a host name that is not this machine's: a page elsewhere could be called by it.
fn refuse_strangers(call: &Call, anywhere: bool) -> Result<()> {
    let host = call.header("host").unwrap_or("localhost");
    let is_ours = base::web::Address::parse(&format!("http://{host}/")).is_some_and(|a| a.is_loopback());
    if anywhere || is_ours { Ok(()) } else { Err(Failure::not_found()) }
}

const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "E-mail",
        Channel::Sms => "Text message",
    }
}

fn list(letters: &[Letter]) -> String {
    if letters.is_empty() {
        return "<p>Nothing was sent yet. What sandboxes send lies here, and goes nowhere else.</p>\n".into();
    }
    let row = |letter: &Letter| {
        let what = letter.subject.as_deref().unwrap_or("Text message");
        format!(
            "<dt><a href=\"/mailbox/{}\">{}</a></dt><dd>to {}<br>{}</dd>\n",
            letter.id,
            escape(what),
            escape(&letter.to),
            escape(&letter.at)
        )
    };
    let rows: String = letters.iter().map(row).collect();
    format!(
        "<p>What sandboxes sent, newest first. It lies here, and went nowhere else.</p>\n<dl>\n{rows}</dl>\n"
    )
}

fn shown(letter: &Letter) -> Reply {
    let mut rows = String::new();
    for (what, is) in [("From", &letter.from), ("To", &letter.to), ("Date", &letter.at)] {
        rows.push_str(&format!("<dt>{what}</dt><dd>{}</dd>\n", escape(is)));
    }
    let paragraphs: String = letter
        .body
        .reveal()
        .split("\n\n")
        .map(|paragraph| {
            format!("<p>{}</p>\n", paragraph.lines().map(linked).collect::<Vec<_>>().join("<br>\n"))
        })
        .collect();
    let title = letter.subject.as_deref().unwrap_or(channel(letter.channel));
    let back = "<p><a href=\"/mailbox\">All messages</a></p>\n";
    page(title, &format!("<dl>\n{rows}</dl>\n{paragraphs}{back}"))
}

/// A line with its addresses as links.
fn linked(line: &str) -> String {
    let word = |word: &str| {
        let is_address = word.starts_with("http://") || word.starts_with("https://");
        let text = escape(word);
        if is_address { format!("<a href=\"{text}\" rel=\"noreferrer\">{text}</a>") } else { text }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn links_can_be_followed_and_nothing_else_is_markup() {
        assert_eq!(
            linked("See https://a.example/?x=1&y=\"2\" <b>"),
            "See <a href=\"https://a.example/?x=1&amp;y=&quot;2&quot;\" rel=\"noreferrer\">https://a.example/?x=1&amp;y=&quot;2&quot;</a> &lt;b&gt;"
        );
        assert_eq!(linked("javascript:alert(1)"), "javascript:alert(1)");
    }
}
