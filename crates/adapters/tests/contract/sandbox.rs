//! What the sandbox does besides, in process and over HTTP alike.

use std::sync::Arc;
use std::time::Duration;

use adapters::processor::{InProcess, Remote};
use base::{Cents, secret::Secret};
use payments::processor::{
    About, Answer, BankKind, Capabilities, Instrument, Lookup, Ownership, Processor, Standing, TokenizeError,
    Tokenized,
};
use sandbox::{Service, Settings, http::Door, wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::worlds::{back, code, found, now, order, served, service, trace};

/// What is behind the address of `base`, with a secret and a deadline that lets the hanging be seen.
async fn remote() -> Remote {
    served(service()).await
}

/// Tells the story to both.
async fn to_both(story: impl AsyncFn(&dyn Processor)) {
    story(&InProcess::new(service())).await;
    story(&remote().await).await;
}

fn card(number: &str) -> Instrument {
    Instrument::Card {
        number: Secret::new(number.into()),
        security_code: Some(Secret::new("123".into())),
        expiry_month: 12,
        expiry_year: 2031,
        holder: "Ada Debtor".into(),
        postal_code: None,
    }
}

fn bank(account: &str) -> Instrument {
    Instrument::Bank {
        routing_number: "021000021".into(),
        account_number: Secret::new(account.into()),
        kind: BankKind::Checking,
        ownership: Ownership::Personal,
        holder: "Ada Debtor".into(),
    }
}

async fn token(p: &dyn Processor, instrument: &Instrument) -> Tokenized {
    p.tokenize(now(), instrument).await.unwrap()
}

#[tokio::test]
async fn a_tokenized_card_is_described_and_can_be_charged_again_and_again() {
    to_both(async |p| {
        let made = token(p, &card("4242424242424242")).await;
        let About::Card { brand, bin, last_four, expiry_month, expiry_year, .. } = made.about.clone() else {
            panic!("{:?}", made.about)
        };
        assert_eq!((brand.as_str(), bin.as_str(), last_four.as_str()), ("Visa", "424242", "4242"));
        assert_eq!((expiry_month, expiry_year), (12, 2031));
        assert_eq!(p.inspect(now(), &made.token).await.unwrap().about, made.about);
        for key in ["a", "b"] {
            assert_eq!(code(&p.submit(now(), &order(key, made.token.reveal(), 500)).await), "succeeded");
            assert_eq!(found(p, now(), key).await.standing, Standing::Succeeded);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_test_card_and_what_is_no_token_is_refused() {
    to_both(async |p| {
        for instrument in [card("4242424242424241"), card("4539578763621486"), bank("12x4")] {
            assert!(matches!(p.tokenize(now(), &instrument).await, Err(TokenizeError::Refused(_))));
        }
        let unknown = p.inspect(now(), &Secret::new("tok_0".into())).await;
        assert!(matches!(unknown, Err(TokenizeError::Refused(_))));
        assert_eq!(code(&p.submit(now(), &order("k", "tok_0", 5)).await), "unknown_token");
    })
    .await;
}

#[tokio::test]
async fn a_bank_debit_settles_or_comes_back_by_the_callers_clock() {
    to_both(async |p| {
        for (account, standing) in
            [("000123456789", None), ("000111111001", Some("R01")), ("000111111010", Some("R10"))]
        {
            let made = token(p, &bank(account)).await;
            assert_eq!(code(&p.submit(now(), &order(account, made.token.reveal(), 500)).await), "accepted");
            assert_eq!(found(p, now(), account).await.standing, Standing::Pending);
            let later = found(p, now().plus_seconds(60), account).await;
            assert_eq!(later.changed_at, now().plus_seconds(60));
            let came_back = match later.standing {
                Standing::Returned(why) => why.network_code,
                Standing::Succeeded => None,
                other => panic!("{other:?}"),
            };
            assert_eq!(came_back.as_deref(), standing);
        }
    })
    .await;
}

#[tokio::test]
async fn a_refund_is_declined_at_once() {
    to_both(async |p| {
        p.submit(now(), &order("no", "tok_refund_declined", 10)).await;
        assert_eq!(code(&p.refund(now(), &back("r", "no", Cents::new(10))).await), "refund_declined");
    })
    .await;
}

#[tokio::test]
async fn the_list_is_turned_page_by_page() {
    to_both(async |p| {
        for i in 0..501 {
            p.submit(now().plus_seconds(i), &order(&format!("k {i}&+%"), "tok_visa", 5)).await;
        }
        let later = now().plus_seconds(1000);
        let first = p.list_since(later, now(), None).await.unwrap();
        let second = p.list_since(later, now(), first.cursor.clone()).await.unwrap();
        assert_eq!((first.records.len(), second.records.len(), second.cursor), (500, 1, None));
        assert_eq!(second.records[0].key, "k 500&+%");
        assert_eq!(found(p, later, "k 500&+%").await, second.records[0]);
        assert_eq!(p.list_since(later, now().plus_seconds(500), None).await.unwrap().records, second.records);
    })
    .await;
}

#[tokio::test]
async fn the_journal_can_be_read_beside_the_running_sandbox() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let random: sandbox::Random = Arc::new(|bytes| bytes.fill(1));
    let p = InProcess::new(Service::open(Settings::at(&path), random).unwrap());
    p.submit(now(), &order("c", "tok_bank_r01", 500)).await;
    p.submit(now(), &order("d", "tok_answer_lost", 700)).await;
    let later = now().plus_seconds(60);
    let listed = p.list_since(later, now(), None).await.unwrap().records;
    assert_eq!(listed.len(), 2);
    assert_eq!(adapters::processor::read_journal(&path, later).unwrap(), listed);
}

#[tokio::test]
async fn it_says_what_it_can_do_and_until_asked_nothing_is_sent_twice() {
    let all = Capabilities { idempotency_seconds: None, lookup: true, list: true, void: true };
    assert_eq!(InProcess::new(service()).capabilities(), all);
    let far = remote().await;
    assert_eq!(far.capabilities().idempotency_seconds, Some(0));
    assert_eq!((far.check().await.unwrap(), far.capabilities()), (all, all));
}

#[tokio::test]
async fn a_sandbox_that_pretends_less_behaves_so() {
    let capabilities =
        wire::Capabilities { idempotency_seconds: Some(60), lookup: false, list: false, void: false };
    let random: sandbox::Random = Arc::new(|bytes| bytes.fill(1));
    let service =
        || Service::open(Settings { capabilities, ..Settings::in_memory() }, random.clone()).unwrap();
    let far = served(service()).await;
    far.check().await.unwrap();
    for p in [&InProcess::new(service()) as &dyn Processor, &far] {
        let can = p.capabilities();
        assert_eq!(
            (can.idempotency_seconds, can.lookup, can.list, can.void),
            (Some(60), false, false, false)
        );
        assert!(matches!(p.lookup(now(), &trace("k")).await, Lookup::Unreachable(_)));
        assert!(p.list_since(now(), now(), None).await.is_err());
        assert!(matches!(p.void(now(), "v", &trace("k")).await, Answer::Unknown { .. }));
        let one = order("k", "tok_visa", 500);
        let first = p.submit(now(), &one).await;
        assert_eq!(p.submit(now().plus_seconds(59), &one).await, first);
        let again = p.submit(now().plus_seconds(60), &one).await;
        assert_eq!(code(&again), "succeeded");
        assert_ne!(again, first, "the key is forgotten, and charges once more");
    }
}

/// A server that says `says` to whoever connects, and the processor behind it.
async fn saying(says: &'static str) -> Remote {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/some/path/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut asked = [0; 1024];
            let _ = line.read(&mut asked).await;
            let _ = line.write_all(says.as_bytes()).await;
            if says.is_empty() {
                std::future::pending::<()>().await; // Keeps the line, and says nothing.
            }
        }
    });
    Remote::new(&address, None, Duration::from_millis(300)).unwrap()
}

#[tokio::test]
async fn nothing_but_a_readable_200_is_an_answer() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        Remote::new(&address, None, Duration::from_secs(2)).unwrap()
    };
    let wrong_secret = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let door = Door { secret: Some("sesame".into()), ..Door::default() };
        tokio::spawn(sandbox::http::serve(listener, service(), door, std::future::pending()));
        Remote::new(&address, None, Duration::from_secs(2)).unwrap()
    };
    let declined = r#"{"outcome":"declined","decline":{"code":"no","message":"no"}}"#;
    let all = [
        refused,
        wrong_secret,
        saying("").await,
        saying("220 mail.example.org ESMTP\r\n").await,
        saying("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<html></p").await,
        saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await,
        saying("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"outcome\":").await,
        saying("HTTP/1.1 302 Found\r\nlocation: /charges\r\ncontent-length: 0\r\n\r\n").await,
        saying("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n").await,
        saying(Box::leak(
            format!("HTTP/1.1 400 No\r\ncontent-length: {}\r\n\r\n{declined}", declined.len())
                .into_boxed_str(),
        ))
        .await,
    ];
    for (i, p) in all.iter().enumerate() {
        let submitted = p.submit(now(), &order("k", "tok_secret", 5)).await;
        let Answer::Unknown { why } = &submitted else { panic!("{i}: {submitted:?}") };
        assert!(!why.contains("tok_secret") && !why.contains("127.0.0.1"), "{why}");
        assert!(
            matches!(p.refund(now(), &back("r", "k", Cents::new(5))).await, Answer::Unknown { .. }),
            "{i}"
        );
        assert!(matches!(p.void(now(), "v", &trace("k")).await, Answer::Unknown { .. }), "{i}");
        assert!(matches!(p.lookup(now(), &trace("k")).await, Lookup::Unreachable(_)), "{i}");
        assert!(p.list_since(now(), now(), None).await.is_err(), "{i}");
        let made = p.tokenize(now(), &card("4242424242424242")).await;
        assert!(matches!(made, Err(TokenizeError::Unreachable(_))), "{i}");
        assert!(p.check().await.is_err(), "{i}");
    }
}

#[test]
fn an_address_is_http_and_holds_no_secret() {
    let remote = |address: &str| Remote::new(address, None, Remote::DEADLINE).is_ok();
    assert!(remote("http://127.0.0.1:4010") && remote("https://pay.example.org/sandbox"));
    for bad in ["", "pay.example.org", "ftp://x/", "http://me:it@x/", "http://x/?a=b", "http://x/#a"] {
        assert!(!remote(bad), "{bad}");
    }
}
