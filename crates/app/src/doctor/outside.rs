//! What is between the server and people: the address that they use, who may come in front of it, and how they are written to.

use super::{Finding, fine, mend, warning};
use crate::settings::Serving;

pub(super) fn look(serving: &Serving) -> Vec<Finding> {
    let is_open = !serving.address().ip().is_loopback();
    let mut found = vec![public(serving.public_url.as_deref())];
    found.push(listening(is_open, serving.address().to_string()));
    found.push(proxies(serving.public_url.as_deref(), serving.trusted_proxies.is_empty()));
    found.extend(posting(serving));
    if serving.posting.mailbox_page {
        let next = "leave --mailbox-page out where people are served";
        found.push(warning(
            "mailbox",
            "whoever reaches the server reads what sandboxes would have sent",
            next,
        ));
    }
    found
}

fn is_of_this_machine(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default();
    ["localhost", "127.", "[::1]"].iter().any(|own| host.starts_with(own))
}

fn public(url: Option<&str>) -> Finding {
    const CHECK: &str = "public address";
    let next = "set QUITTANCE_PUBLIC_URL to the https address that people use";
    match url {
        None => {
            warning(CHECK, "it is not set: links in messages lead to the address the server listens on", next)
        }
        Some(url) if url.starts_with("https://") && is_of_this_machine(url) => {
            warning(CHECK, format!("{url} is this machine's own name"), next)
        }
        Some(url) if url.starts_with("https://") => fine(CHECK, url),
        Some(url) if is_of_this_machine(url) => {
            warning(CHECK, format!("{url} is this machine's own name"), next)
        }
        Some(url) => mend(
            CHECK,
            format!("{url} is not https: cards and sessions would cross the net in the open"),
            next,
        ),
    }
}

fn listening(is_open: bool, address: String) -> Finding {
    const CHECK: &str = "TLS";
    if is_open {
        let next = "let nobody but the TLS terminator in front reach it: a firewall, or --listen on an inner address";
        return warning(CHECK, format!("the server listens on {address}, in plain HTTP"), next);
    }
    fine(CHECK, format!("the server listens on {address} alone; put a TLS terminator in front"))
}

fn proxies(url: Option<&str>, none: bool) -> Finding {
    const CHECK: &str = "proxies";
    if none && url.is_some_and(|url| url.starts_with("https://")) {
        let next = "set QUITTANCE_TRUSTED_PROXIES to the terminator's address";
        return warning(
            CHECK,
            "none is trusted: everybody seems to come from the TLS terminator, and shares its limits",
            next,
        );
    }
    fine(CHECK, if none { "none is trusted" } else { "some are trusted" })
}

fn posting(serving: &Serving) -> Vec<Finding> {
    let posting = &serving.posting;
    let mail = match (posting.smtp_url(), &posting.mail_from) {
        (None, _) => warning(
            "mail",
            "there is no mail server: production's mail waits",
            "set QUITTANCE_SMTP_URL and QUITTANCE_MAIL_FROM",
        ),
        (Some(_), None) => mend(
            "mail",
            "it has no address to come from, and the server does not start",
            "set QUITTANCE_MAIL_FROM",
        ),
        (Some(_), Some(from)) => fine("mail", format!("sent from {from}")),
    };
    let texts = match posting.sms_url() {
        None => warning(
            "text messages",
            "there is no gateway: production's texts wait",
            "set QUITTANCE_SMS_URL (docs/MESSAGES.md)",
        ),
        Some(url) if !url.reveal().starts_with("https://") && !is_of_this_machine(url.reveal()) => mend(
            "text messages",
            "the gateway is asked in the open",
            "set QUITTANCE_SMS_URL to an https address",
        ),
        Some(_) => fine("text messages", "there is a gateway"),
    };
    vec![mail, texts]
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;

    #[test]
    fn people_come_in_by_https() {
        for (url, mark) in [
            (None, Mark::Warning),
            (Some("http://pay.example.com"), Mark::Mend),
            (Some("http://127.0.0.1:8080"), Mark::Warning),
            (Some("https://localhost"), Mark::Warning),
            (Some("https://pay.example.com"), Mark::Fine),
        ] {
            assert_eq!(public(url).mark, mark, "{url:?}");
        }
        assert_eq!(proxies(Some("https://pay.example.com"), true).mark, Mark::Warning);
        assert_eq!(proxies(Some("https://pay.example.com"), false).mark, Mark::Fine);
        assert_eq!(listening(true, "0.0.0.0:8080".into()).mark, Mark::Warning);
    }
}
