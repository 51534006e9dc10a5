//! Whoever delivers: a mail server, a gateway, and the mailbox of rehearsals, each as it is.

use std::sync::Arc;
use std::time::Duration;

use adapters::post::{Gateway, NotUsable, OnDisk, Smtp};
use base::Ts;
use base::ids::Uuid;
use base::secret::Secret;
use edge::Settings;
use exchange::post::{Answer, Mail, Mailbox, Mailer, Means, MessageId, Reason, Text, Texter, Ways};
use http::Method;

use super::{asked, only, receipted, told};
use crate::support::agency::Agency;
use crate::support::mail_server::MailServer;
use crate::support::theirs::Theirs;

const FROM: &str = "Notices <notices@agency.example>";

fn mail() -> Mail {
    Mail {
        id: MessageId(Uuid::from_u128(7)),
        at: Ts::parse("2026-11-20T15:00:00Z").unwrap(),
        to: Secret::new("ada@example.com".into()),
        sender: "Acme Recovery".into(),
        reply_to: Some("help@acme.example".into()),
        subject: Secret::new("Su recibo año 2026".into()),
        body: Secret::new("Hola:\n.\nGracias.".into()),
    }
}

fn smtp(server: &MailServer, credentials: &str) -> Smtp {
    Smtp::new(&Secret::new(server.url(credentials)), FROM).unwrap()
}

fn text() -> Text {
    Text {
        id: MessageId(Uuid::from_u128(9)),
        at: Ts::parse("2026-11-20T15:00:00Z").unwrap(),
        to: Secret::new("+12125550101".into()),
        sender: "Acme Recovery".into(),
        body: Secret::new("A link. Reply STOP to opt out.".into()),
    }
}

fn gateway(theirs: &Theirs) -> Gateway {
    let token = Some(Secret::new("a token of ours".to_owned()));
    Gateway::new(&theirs.url("/sms?account=1"), token, Some("+12125550199".into())).unwrap()
}

#[tokio::test]
async fn a_mail_goes_to_its_server_with_an_id_that_stays_the_same() {
    let server = MailServer::open().await;
    let smtp = smtp(&server, "user:p%40ss@");
    let id = "00000000-0000-0000-0000-000000000007@agency.example".to_owned();
    for _ in 0..2 {
        assert_eq!(smtp.send(&mail()).await, Answer::Sent { provider_id: Some(id.clone()) });
    }
    let heard = server.heard();
    // `\0user\0p@ss`
    assert!(heard.contains(&"AUTH PLAIN AHVzZXIAcEBzcw==".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<ada@example.com>".to_owned()), "{heard:?}");
    assert!(heard.iter().any(|line| line.starts_with("MAIL FROM:<notices@agency.example>")), "{heard:?}");
    let mails = server.mails();
    assert_eq!((mails.len(), &mails[0]), (2, &mails[1]));
    for line in [
        "From: \"Acme Recovery\" <notices@agency.example>",
        "To: ada@example.com",
        "Reply-To: help@acme.example",
        "Date: Fri, 20 Nov 2026 15:00:00 +0000",
        &format!("Message-ID: <{id}>"),
        "Auto-Submitted: auto-generated",
    ] {
        assert!(mails[0].lines().any(|known| known == line), "{line}: {}", mails[0]);
    }
    assert!(mails[0].ends_with("\n\nHola:\n.\nGracias.\n"), "{}", mails[0]);
    assert!(mails[0].is_ascii(), "a subject that is not ASCII is encoded: {}", mails[0]);
}

#[tokio::test]
async fn what_a_mail_server_says_decides_whether_it_is_asked_again() {
    let server = MailServer::open().await;
    let smtp = smtp(&server, "");
    for (command, says, answer) in [
        ("RCPT", "550 5.1.1 ada@example.com is nobody", Answer::Refused(Reason::Refused)),
        ("RCPT", "451 4.7.1 Greylisted", Answer::failed(Reason::TryLater)),
        (".", "554 5.7.1 Spam", Answer::Refused(Reason::Refused)),
        ("MAIL", "421 4.3.2 Shutting down", Answer::failed(Reason::TryLater)),
        ("MAIL", "530 5.7.0 Who are you", Answer::failed(Reason::NotLetIn)),
        ("MAIL", "nonsense", Answer::failed(Reason::TryLater)),
    ] {
        server.say(command, says);
        assert_eq!(smtp.send(&mail()).await, answer, "{says}");
        server.be_kind();
    }
    server.say("AUTH", "535 5.7.8 No");
    let stranger = self::smtp(&server, "user:wrong@");
    assert_eq!(stranger.send(&mail()).await, Answer::failed(Reason::NotLetIn));
    server.be_kind();
    assert!(matches!(stranger.send(&mail()).await, Answer::Sent { .. }));
    let nobody = Smtp::new(&Secret::new("smtp://127.0.0.1:9".into()), FROM).unwrap();
    assert_eq!(nobody.send(&mail()).await, Answer::failed(Reason::Unreachable));
    let nowhere = Mail { to: Secret::new("nobody".into()), ..mail() };
    assert_eq!(smtp.send(&nowhere).await, Answer::Refused(Reason::NoAddress));
}

#[tokio::test]
async fn beyond_this_machine_nothing_is_said_without_tls() {
    let server = MailServer::open().await;
    // An address that reaches this machine too, and is not known for it.
    let url = server.url("user:secret@").replace("127.0.0.1", "0.0.0.0");
    let smtp = Smtp::new(&Secret::new(url), FROM).unwrap();
    assert_eq!(smtp.send(&mail()).await, Answer::failed(Reason::NotLetIn));
    let heard = server.heard();
    assert!(heard.iter().all(|line| line.starts_with("EHLO") || line.starts_with("QUIT")), "{heard:?}");
}

#[tokio::test]
async fn a_text_message_goes_to_its_gateway_under_its_id() {
    let theirs = Theirs::answering(202, "{\"id\": \"SM-1\"}").await;
    let gateway = gateway(&theirs);
    assert_eq!(gateway.send(&text()).await, Answer::Sent { provider_id: Some("SM-1".into()) });
    let asked = &theirs.asked()[0];
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /sms?account=1 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Bearer a token of ours"), "{head}");
    assert!(head.contains("idempotency-key: 00000000-0000-0000-0000-000000000009"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({
            "id": "00000000-0000-0000-0000-000000000009", "from": "+12125550199", "to": "+12125550101",
            "body": "A link. Reply STOP to opt out.",
        })
    );
    // Taken is taken, whatever else they say.
    theirs.say(200, "thanks");
    assert_eq!(gateway.send(&text()).await, Answer::Sent { provider_id: None });
}

#[tokio::test]
async fn what_a_gateway_says_decides_whether_it_is_asked_again() {
    let theirs = Theirs::answering(400, "{\"error\": \"+12125550101 is no number\"}").await;
    let gateway = gateway(&theirs);
    assert_eq!(gateway.send(&text()).await, Answer::Refused(Reason::Refused));
    for (status, why) in
        [(401, Reason::NotLetIn), (403, Reason::NotLetIn), (408, Reason::TryLater), (500, Reason::TryLater)]
    {
        theirs.say(status, "{}");
        assert_eq!(gateway.send(&text()).await, Answer::failed(why), "{status}");
    }
    theirs.say_raw(429, &["retry-after: 90"], b"");
    let later = Answer::Failed { why: Reason::TryLater, retry_after: Some(Duration::from_secs(90)) };
    assert_eq!(gateway.send(&text()).await, later);
    // A redirect goes nowhere, with our token least of all.
    theirs.say_raw(302, &["location: http://127.0.0.1:9/"], b"");
    assert_eq!(gateway.send(&text()).await, Answer::failed(Reason::TryLater));
    theirs.hang_up();
    assert_eq!(gateway.send(&text()).await, Answer::failed(Reason::Unreachable));
    assert!(matches!(Gateway::new("http://sms.example/", None, None), Err(NotUsable::NoGateway)));
}

on_both_engines! {
    async fn a_message_goes_all_the_way_to_a_mail_server(agency: &Agency) {
        let server = MailServer::open().await;
        let real = Ways { mailer: Some(Arc::new(smtp(&server, ""))), texter: None };
        let means = Means { production: real.clone(), sandbox: real };
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        let id = only(agency).await["id"].as_str().unwrap().to_owned();
        server.say("RCPT", "451 4.7.1 Greylisted");
        exchange::post::step(&agency.db, &agency.tenants, &means, 64).await.unwrap();
        assert_eq!(told(agency).await, ["pending try_later"]);
        server.be_kind();
        agency.seconds(66).await;
        exchange::post::step(&agency.db, &agency.tenants, &means, 64).await.unwrap();
        assert_eq!(told(agency).await, ["sent"]);
        let mails = server.mails();
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains(&format!("Message-ID: <{id}@agency.example>")) && mails[0].contains("$10.00"), "{}", mails[0]);
    }

    async fn what_a_sandbox_sends_lies_in_the_mailbox_and_is_shown_on_a_page(agency: &Agency) {
        let mailbox = Arc::new(OnDisk::at(agency.home.dir.path().join("mailbox")));
        let ways = Ways { mailer: Some(mailbox.clone()), texter: Some(mailbox.clone()) };
        let means = Means { production: Ways::default(), sandbox: ways };
        agency.put("/organization", serde_json::json!({ "name": "Acme <b>&</b> Sons" })).await.is(200);
        let debtor = agency.debtor(50_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.seconds(1).await;
        asked(agency, &debtor).await;
        exchange::post::step(&agency.db, &agency.tenants, &means, 64).await.unwrap();
        assert_eq!(told(agency).await, ["sent", "sent"]);

        let shared: Arc<dyn Mailbox> = mailbox.clone();
        let door = |anywhere: bool| {
            let table = api::table().pages(api::mailbox::pages(&shared, anywhere));
            agency.behind(table.router(agency.app.clone(), Settings::new("https://pay.example.com")))
        };
        let shown = door(false);
        let list = shown.ask(Method::GET, "/mailbox").nobody().send().await;
        list.is(200);
        assert_eq!(list.headers["content-type"], "text/html; charset=utf-8");
        assert!(list.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        assert!(list.text.contains("to +12125550101") && list.text.contains("to ada@example.com"), "{}", list.text);
        assert!(list.text.contains("Your payment receipt from Acme &lt;b&gt;&amp;&lt;/b&gt; Sons"), "{}", list.text);
        assert!(list.text.find("+12125550101") < list.text.find("ada@example.com"), "the newest comes first");
        let letters = list.text.matches("href=\"/mailbox/").count();
        assert_eq!(letters, 2);
        let first = list.text.split("href=\"/mailbox/").nth(1).unwrap().split('"').next().unwrap();
        let one = shown.ask(Method::GET, &format!("/mailbox/{first}")).nobody().send().await;
        one.is(200);
        assert!(one.text.contains("<a href=\"https://pay.example.com/portal/"), "{}", one.text);
        assert!(!one.text.contains("<b>"), "{}", one.text);
        for path in [format!("/mailbox/{}", Uuid::from_u128(1)), "/mailbox/..%2F..%2Fquittance.db".into(), "/mailbox/x".into()] {
            shown.ask(Method::GET, &path).nobody().send().await.is(404);
        }
        // By another name than this machine's it is shown to nobody, unless that was asked for.
        let by = async |door: &Agency, host: &str| door.ask(Method::GET, "/mailbox").nobody().header("host", host).send().await;
        by(&shown, "localhost:8080").await.is(200);
        by(&shown, "rebound.example").await.is(404);
        by(&door(true), "dev.agency.example").await.is(200);
        // And where nobody asked for it there is no such page.
        agency.ask(Method::GET, "/mailbox").nobody().send().await.is(404);
    }
}
