//! The contract of a processor, kept alike by the sandbox in process and by the sandbox over HTTP.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing where it did")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adapters::processor::{InProcess, Remote};
use base::{Cents, Ts, secret::Secret};
use payments::processor::{
    About, Answer, BankKind, Capabilities, Instrument, Lookup, Metadata, Order, Processor, Record,
    RefundOrder, Standing, TokenizeError, Tokenized,
};
use sandbox::magic::{Does, SCENARIOS};
use sandbox::{Service, Settings, http::Door, wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

fn now() -> Ts {
    Ts::parse("2026-11-20T13:37:00Z").unwrap()
}

fn service() -> Service {
    let next = AtomicU64::new(1);
    let random: sandbox::Random = Arc::new(move |bytes| {
        let n = next.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(n.iter().cycle()).for_each(|(b, n)| *b = *n);
    });
    let settings = Settings { slow: Duration::from_millis(20), ..Settings::in_memory() };
    Service::open(settings, random).unwrap()
}

/// What is behind the address of `base`, with a secret and a deadline that lets the hanging be seen.
async fn remote() -> Remote {
    served(service()).await
}

async fn served(service: Service) -> Remote {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let door = Door { secret: Some("sesame".into()), ..Door::default() };
    tokio::spawn(sandbox::http::serve(listener, service, door, std::future::pending()));
    Remote::new(&address, Some(Secret::new("sesame".into())), Duration::from_secs(2)).unwrap()
}

/// Tells the story to both.
async fn to_both(story: impl AsyncFn(&dyn Processor)) {
    story(&InProcess::new(service())).await;
    story(&remote().await).await;
}

fn order(key: &str, token: &str, cents: i64) -> Order {
    let (token, amount) = (Secret::new(token.to_owned()), Cents::new(cents));
    Order { key: key.into(), token, amount, description: None, metadata: marked(key) }
}

/// What is written on everything that is made under a key.
fn marked(key: &str) -> Metadata {
    Metadata::from([("of".to_owned(), format!("ours {key}"))])
}

fn back(key: &str, charge_key: &str, amount: Cents) -> RefundOrder {
    RefundOrder { key: key.into(), charge_key: charge_key.into(), amount, metadata: marked(key) }
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
        holder: "Ada Debtor".into(),
    }
}

async fn token(p: &dyn Processor, instrument: &Instrument) -> Tokenized {
    p.tokenize(now(), instrument).await.unwrap()
}

async fn found(p: &dyn Processor, at: Ts, key: &str) -> Record {
    match p.lookup(at, key).await {
        Lookup::Found(record) => record,
        other => panic!("{key}: {other:?}"),
    }
}

fn code(answer: &Answer) -> &str {
    match answer {
        Answer::Succeeded { .. } => "succeeded",
        Answer::Accepted { .. } => "accepted",
        Answer::Declined { decline, .. } => &decline.code,
        Answer::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn a_tokenized_card_is_described_and_can_be_charged_again_and_again() {
    to_both(async |p| {
        let made = token(p, &card("4242424242424242")).await;
        let About::Card { brand, bin, last_four, expiry_month, expiry_year } = made.about.clone() else {
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
async fn every_decline_carries_the_networks_and_the_advice_code() {
    to_both(async |p| {
        for scenario in SCENARIOS {
            let Does::Decline(why) = scenario.does else { continue };
            let said = p.submit(now(), &order(scenario.name, &format!("tok_{}", scenario.name), 500)).await;
            let Answer::Declined { processor_id: Some(_), decline } = &said else { panic!("{said:?}") };
            assert_eq!(decline.code, why.code);
            assert_eq!(decline.network_code.as_deref(), why.network);
            assert_eq!(decline.advice_code.as_deref(), why.advice);
            let standing = found(p, now(), scenario.name).await.standing;
            assert_eq!(standing, Standing::Declined(decline.clone()));
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_did_not_come_is_unknown_and_the_lookup_knows() {
    to_both(async |p| {
        for (token, charged) in [
            ("tok_answer_lost", true),
            ("tok_error_after_charge", true),
            ("tok_answer_lost_before", false),
            ("tok_processor_error", false),
        ] {
            assert_eq!(code(&p.submit(now(), &order(token, token, 500)).await), "unknown", "{token}");
            let known = p.lookup(now(), token).await;
            assert_eq!(matches!(known, Lookup::Found(_)), charged, "{token}: {known:?}");
            assert_eq!(known == Lookup::NotFound, !charged, "{token}");
        }
        assert_eq!(code(&p.submit(now(), &order("s", "tok_slow", 500)).await), "succeeded");
    })
    .await;
}

#[tokio::test]
async fn a_hanging_charge_is_given_up_and_found() {
    to_both(async |p| {
        let hanging = order("h", "tok_hang", 500);
        let said = timeout(Duration::from_millis(200), p.submit(now(), &hanging)).await;
        assert!(said.is_err());
        assert_eq!(found(p, now(), "h").await.standing, Standing::Succeeded);
        assert_eq!(code(&p.submit(now(), &hanging).await), "succeeded", "the same key is answered now");
    })
    .await;
}

#[tokio::test]
async fn a_key_charges_once_and_for_one_order() {
    to_both(async |p| {
        let one = order("k", "tok_visa", 500);
        let first = p.submit(now(), &one).await;
        assert_eq!(p.submit(now().plus_seconds(999_999), &one).await, first);
        // Not a decline: money may have moved under this key. Asking about it tells.
        for other in [order("k", "tok_visa", 501), order("k", "tok_amex", 500)] {
            assert!(matches!(p.submit(now(), &other).await, Answer::Unknown { .. }));
        }
        let list = p.list_since(now(), now(), None).await.unwrap();
        assert_eq!(list.records.len(), 1);
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
async fn refunds_are_made_once_and_never_above_the_charge() {
    to_both(async |p| {
        p.submit(now(), &order("c", "tok_visa", 1000)).await;
        let first = p.refund(now(), &back("r", "c", Cents::new(700))).await;
        assert_eq!(code(&first), "succeeded");
        assert_eq!(p.refund(now(), &back("r", "c", Cents::new(700))).await, first);
        assert_eq!(code(&p.refund(now(), &back("r2", "c", Cents::new(301))).await), "above_charge");
        let (charge, refund) = (found(p, now(), "c").await, found(p, now(), "r").await);
        assert_eq!(charge.refunded, Cents::new(700));
        assert_eq!((refund.refund_of.as_deref(), refund.amount), (Some("c"), Cents::new(700)));

        p.submit(now(), &order("lost", "tok_refund_lost", 10)).await;
        assert_eq!(code(&p.refund(now(), &back("r3", "lost", Cents::new(10))).await), "unknown");
        assert_eq!(found(p, now(), "r3").await.standing, Standing::Succeeded);
        p.submit(now(), &order("no", "tok_refund_declined", 10)).await;
        assert_eq!(code(&p.refund(now(), &back("r4", "no", Cents::new(10))).await), "refund_declined");
    })
    .await;
}

#[tokio::test]
async fn what_has_not_settled_is_voided() {
    to_both(async |p| {
        p.submit(now(), &order("c", "tok_bank", 1000)).await;
        assert_eq!(code(&p.refund(now(), &back("r", "c", Cents::new(1))).await), "not_settled");
        let first = p.void(now(), "v", "c").await;
        assert_eq!(code(&first), "succeeded");
        assert_eq!(p.void(now(), "v", "c").await, first);
        assert_eq!(found(p, now().plus_seconds(999), "c").await.standing, Standing::Voided);
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
async fn what_was_written_on_a_charge_or_refund_is_given_back_with_it() {
    to_both(async |p| {
        p.submit(now(), &order("c", "tok_visa", 500)).await;
        p.refund(now(), &back("r", "c", Cents::new(100))).await;
        let listed = p.list_since(now(), now(), None).await.unwrap().records;
        assert_eq!(listed.len(), 2);
        for record in listed {
            assert_eq!(record.metadata, marked(&record.key));
            assert_eq!(found(p, now(), &record.key).await, record);
        }
    })
    .await;
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
        assert!(matches!(p.lookup(now(), "k").await, Lookup::Unreachable(_)));
        assert!(p.list_since(now(), now(), None).await.is_err());
        assert!(matches!(p.void(now(), "v", "k").await, Answer::Unknown { .. }));
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
        assert!(matches!(p.void(now(), "v", "k").await, Answer::Unknown { .. }), "{i}");
        assert!(matches!(p.lookup(now(), "k").await, Lookup::Unreachable(_)), "{i}");
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
