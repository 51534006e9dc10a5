//! What every request meets on its way: bodies good and bad, access, limits, and what an answer carries.

mod toy;

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use toy::{Toy, request};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_bad_body_is_refused_clearly_and_never_breaks_anything() {
    let toy = Toy::new();
    let post = |content_type: &'static str, body: Vec<u8>| toy.post("/rare-books", content_type, body);
    let book = |price: &str| format!(r#"{{"name":"A","price":{price}}}"#).into_bytes();
    let field =
        |name: &str, value: &str| format!(r#"{{"name":"A","price":1,"{name}":{value}}}"#).into_bytes();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    let multipart = "multipart/form-data; boundary=x";
    let cases: Vec<(&str, &'static str, Vec<u8>, u16, &str)> = vec![
        ("no body", JSON, vec![], 422, "The name field is required."),
        ("an empty object", JSON, b"{}".to_vec(), 422, "The name field is required."),
        ("a list", JSON, b"[]".to_vec(), 400, "object"),
        ("a word", JSON, b"true".to_vec(), 400, "object"),
        ("half an object", JSON, b"{\"name\":".to_vec(), 400, "not valid JSON"),
        ("a number for a name", JSON, br#"{"name":1,"price":1}"#.to_vec(), 422, "must be a string"),
        ("an empty name", JSON, br#"{"name":"","price":1}"#.to_vec(), 422, "is required"),
        ("a blank price", JSON, book("\" \""), 422, "is required"),
        (
            "10 MB of name",
            JSON,
            format!(r#"{{"name":"{}"}}"#, "x".repeat(10 << 20)).into_bytes(),
            413,
            "larger",
        ),
        (
            "300 letters of name",
            JSON,
            format!(r#"{{"name":"{}","price":1}}"#, "x".repeat(300)).into_bytes(),
            422,
            "255",
        ),
        ("a million digits", JSON, book(&"9".repeat(1_000_000)), 400, "digits"),
        (
            "a million digits as text",
            JSON,
            book(&format!("\"{}\"", "9".repeat(1_000_000))),
            422,
            "greater than",
        ),
        (
            "a million digits in a form",
            FORM,
            format!("name=A&price={}", "9".repeat(1_000_000)).into_bytes(),
            422,
            "greater than",
        ),
        ("a negative price", JSON, book("-1"), 422, "at least 1"),
        ("a fraction of a cent", JSON, book("1.5"), 422, "integer"),
        ("a tiny fraction", JSON, book("1.00000000000000000000001"), 400, "digits"),
        ("not a number", JSON, book("NaN"), 400, "not valid JSON"),
        ("infinity", JSON, book("1e999"), 400, "digits"),
        ("the same key twice", JSON, br#"{"name":"A","price":1,"price":2}"#.to_vec(), 400, "twice"),
        ("the same field twice", FORM, b"name=A&price=1&price=2".to_vec(), 400, "twice"),
        ("a field that is both", FORM, b"name=A&price=1&name[x]=2".to_vec(), 400, "twice"),
        ("a bracket left open", FORM, b"name=A&a[b=2".to_vec(), 400, "brackets"),
        (
            "70,000 fields",
            JSON,
            format!("{{{}\"z\":1}}", (0..70_000).map(|n| format!("\"f{n}\":1,")).collect::<String>())
                .into_bytes(),
            400,
            "values",
        ),
        ("no UTF-8", JSON, b"{\"name\":\"\xff\xfe\"}".to_vec(), 400, "UTF-8"),
        ("no UTF-8 in a form", FORM, b"name=%ff".to_vec(), 400, "UTF-8"),
        ("NUL", JSON, br#"{"name":"a\u0000b","price":1}"#.to_vec(), 400, "NUL"),
        ("NUL in a form", FORM, b"name=a%00b&price=1".to_vec(), 400, "NUL"),
        ("an unknown kind", JSON, field("kind", "\"opera\""), 422, "The selected kind is invalid."),
        ("lists 10,000 deep", JSON, deep.into_bytes(), 400, "deeper"),
        ("objects 10,000 deep", JSON, objects.into_bytes(), 400, "deeper"),
        (
            "too many authors",
            JSON,
            field("authors", &format!("[{}1]", "1,".repeat(10))),
            422,
            "more than 10 items",
        ),
        (
            "a file where none is taken",
            multipart,
            b"--x\r\nContent-Disposition: form-data; name=\"name\"; filename=\"a\"\r\n\r\nA\r\n--x--\r\n"
                .to_vec(),
            422,
            "must be a string",
        ),
        (
            "half a multipart",
            multipart,
            b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nA".to_vec(),
            400,
            "multipart",
        ),
        ("multipart without a boundary", "multipart/form-data", b"--x".to_vec(), 400, "multipart"),
        ("XML", "application/xml", b"<a/>".to_vec(), 415, "application/json"),
        ("Latin-1", "application/json; charset=iso-8859-1", b"{}".to_vec(), 415, "utf-8"),
    ];
    for (what, content_type, body, status, says) in cases {
        let answer = post(content_type, body).await;
        assert_eq!(answer.status, status, "{what}: {:.300}", answer.text);
        let value = answer.value();
        assert!(value["error"].as_str().unwrap().contains(says), "{what}: {:.300}", answer.text);
        assert_eq!(value["error"], value["message"]);
        assert!(value["errorCode"].is_string() && value["errors"].is_object(), "{what}");
        assert_eq!(value["errors"].as_object().unwrap().is_empty(), status != 422, "{what}");
        assert!(answer.text.len() < 1000, "{what}: an answer does not repeat what was sent");
    }
}

#[tokio::test]
async fn no_cut_and_no_changed_byte_of_a_good_body_breaks_anything() {
    let toy = Toy::with(|settings| settings.rate_a_minute = 1_000_000);
    let json = r#"{"name":"Zoë","price":"10.0","kind":"novel","authors":[{"name":"\u00e9"}],"pin":1e2}"#;
    let form = "name=Zo%C3%AB&price=10&authors[0][name]=x&authors[1][name]=y&a[]=1&pin=123";
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nA\r\n--x--\r\n";
    for (content_type, body) in [(JSON, json), (FORM, form), ("multipart/form-data; boundary=x", multipart)] {
        let body = body.as_bytes();
        for at in 0..body.len() {
            let mut tries = vec![body[..at].to_vec()];
            for byte in [0, b'"', b'[', b'}', b'%', b'9', b'-', b'\\', 0xff] {
                let mut changed = body.to_vec();
                changed[at] = byte;
                tries.push(changed);
            }
            for body in tries {
                let answer = toy.post("/rare-books", content_type, body.clone()).await;
                assert!(
                    matches!(answer.status, 201 | 400 | 422),
                    "{:?}: {answer:?}",
                    String::from_utf8_lossy(&body)
                );
            }
        }
    }
}

#[tokio::test]
async fn every_way_to_write_a_good_body_is_read() {
    let toy = Toy::new();
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nA\r\n--x\r\n\
                     Content-Disposition: form-data; name=\"price\"\r\n\r\n100\r\n--x--\r\n";
    for (content_type, body) in [
        (JSON, r#"{"name":"A","price":100}"#),
        ("application/json; charset=UTF-8", r#"{"name":"A","price":"100"}"#),
        ("Application/JSON", r#"{"name":"A","price":100.0,"unknown":[{}]}"#),
        (FORM, "name=A&price=100&authors[0][name]=B&authors[1][name]=C"),
        (FORM, "name=A&original_price=100.00&pin="),
        ("multipart/form-data; boundary=x", multipart),
    ] {
        let answer = toy.post("/rare-books", content_type, body).await;
        assert_eq!(answer.status, 201, "{content_type} {body}: {}", answer.text);
        assert_eq!(answer.value()["data"]["price"], 100);
    }
    let answer = toy.json("/rare-books", json!({"name": "Zoë 😀", "price": 1})).await;
    assert_eq!(answer.value()["data"]["name"], "Zoë 😀");
    let answer = toy.json("/bulk", json!([{"name": "A", "price": 1}, {"name": "B", "price": 2}])).await;
    assert_eq!((answer.status, answer.value()), (201, json!({"data": 2})));
    assert_eq!(toy.json("/bulk", json!({})).await.status, 400);
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit_and_not_one_byte_larger() {
    let toy = Toy::with(|settings| settings.body.bytes = 1000);
    let sized = |n: usize| format!(r#"{{"name":"A","price":1,"pad":"{}"}}"#, "x".repeat(n - 31));
    assert_eq!(sized(1000).len(), 1000);
    for (n, status) in [(999, 201), (1000, 201), (1001, 413)] {
        assert_eq!(toy.post("/rare-books", JSON, sized(n)).await.status, status, "{n}");
        // Without a Content-Length the bytes themselves are counted.
        let pieces = sized(n)
            .into_bytes()
            .chunks(100)
            .map(|c| Ok::<_, std::io::Error>(c.to_vec()))
            .collect::<Vec<_>>();
        let body = Body::from_stream(futures_util::stream::iter(pieces));
        assert_eq!(toy.post("/rare-books", JSON, body).await.status, status, "{n} streamed");
    }
    let streamed = toy.post("/import", "text/csv", vec![b'x'; 4 << 20]).await;
    assert_eq!((streamed.status, streamed.value()["data"]["bytes"].clone()), (201, json!(4 << 20)));
    assert_eq!(toy.post("/import", "text/csv", vec![b'x'; (4 << 20) + 1]).await.status, 413);
}

#[tokio::test]
async fn a_content_type_means_nothing_where_there_is_no_body() {
    let toy = Toy::new();
    let odd = |method: &str| request(method, "/rare-books/1").header("content-type", "text/plain");
    assert_eq!(toy.send(odd("GET").body(Body::empty()).unwrap()).await.status, 200);
    assert_eq!(toy.send(odd("DELETE").body(Body::from("x")).unwrap()).await.status, 200);
    let two = odd("PUT").header("content-type", JSON).body(Body::from("{}")).unwrap();
    assert_eq!(toy.send(two).await.status, 415);
}

#[tokio::test]
async fn a_compressed_body_is_never_unpacked() {
    let toy = Toy::new();
    for path in ["/rare-books", "/import"] {
        let bomb = request("POST", path).header("content-type", JSON).header("content-encoding", "gzip");
        let answer = toy.send(bomb.body(Body::from(vec![0x1f, 0x8b, 8, 0])).unwrap()).await;
        assert_eq!(
            (answer.status, answer.value()["errorCode"].as_str().unwrap()),
            (415, "unsupported_media_type")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let toy = Toy::new();
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let began = tokio::time::Instant::now();
    assert_eq!(toy.post("/rare-books", JSON, never).await.status, 408);
    assert_eq!(began.elapsed().as_secs(), 10);
    let drip = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(9)).await;
        Some((Ok::<_, std::io::Error>(b" ".to_vec()), ()))
    });
    let began = tokio::time::Instant::now();
    assert_eq!(toy.post("/rare-books", JSON, Body::from_stream(drip)).await.status, 408);
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn nobody_and_somebody_without_the_right_are_told_apart() {
    let toy = Toy::new();
    let with = |token: Option<&str>, method: &str| {
        let request = Request::builder().method(method).uri("/api/v1/rare-books");
        token.into_iter().fold(request, |r, t| r.header("authorization", t)).body(Body::empty()).unwrap()
    };
    for token in [None, Some("Bearer nobody"), Some("Basic all"), Some("Bearer")] {
        let answer = toy.send(with(token, "GET")).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{token:?}");
    }
    assert_eq!(toy.send(with(Some("Bearer reader"), "GET")).await.status, 200);
    let answer = toy.send(with(Some("Bearer reader"), "POST")).await;
    assert_eq!((answer.status, answer.value()["errorCode"].as_str().unwrap()), (403, "forbidden"));
    assert_eq!(
        toy.send(with(Some("Bearer boom"), "GET")).await.status,
        500,
        "a gate that panics lets nobody in"
    );
}

#[tokio::test]
async fn every_row_but_the_open_ones_refuses_strangers() {
    let toy = Toy::new();
    for row in toy::table().rows() {
        let request = Request::builder().method(row.method.clone()).uri(format!("/api/v1{}", row.path));
        let status = toy.send(request.body(Body::empty()).unwrap()).await.status;
        assert_eq!(status == 401, row.access != edge::Access::Anyone, "{} {}", row.method, row.path);
    }
}

#[tokio::test]
async fn the_wrong_method_is_told_the_right_ones() {
    let toy = Toy::new();
    for path in ["/rare-books", "/rare_books", "/rare-books/"] {
        let answer = toy.send(request("DELETE", path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS, POST"));
        assert_eq!(answer.value()["errorCode"], "method_not_allowed");
    }
    let options = toy.send(request("OPTIONS", "/rare-books").body(Body::empty()).unwrap()).await;
    assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, OPTIONS, POST"));
    let head = toy.send(request("HEAD", "/rare-books").body(Body::empty()).unwrap()).await;
    let get = toy.get("/rare-books").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.text.len().to_string());
    let nowhere = toy.get("/rare-bookz").await;
    assert_eq!((nowhere.status, nowhere.value()["errorCode"].as_str().unwrap()), (404, "not_found"));
}

#[tokio::test]
async fn both_spellings_are_one_endpoint_that_knows_how_it_was_called() {
    let toy = Toy::new();
    for (path, spelling) in
        [("/rare-books", "Hyphens"), ("/rare_books", "Underscores"), ("/rare_books/", "Underscores")]
    {
        let answer = toy.json(path, json!({"name": "A", "price": 1})).await;
        assert_eq!(answer.value()["data"]["spelling"], spelling);
    }
    assert_eq!(toy.get("/rare_books/x%2Fy").await.value()["data"]["id"], "x/y");
    for bad in ["/rare-books/%ff", "/rare-books/%00", "/rare-books/%20", "/rare-books/missing"] {
        assert_eq!(toy.get(bad).await.status, 404, "{bad}");
    }
    assert_eq!(toy.get(&format!("/rare-books/{}", "x".repeat(256))).await.status, 404);
}

#[tokio::test]
async fn a_token_may_ask_300_times_a_minute() {
    let toy = Toy::with(|settings| settings.rate_a_minute = 3);
    for left in ["2", "1", "0"] {
        let answer = toy.get("/rare-books").await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")),
            (200, "3", left)
        );
    }
    let refused = toy.get("/rare-books").await;
    assert_eq!(
        (refused.status, refused.header("retry-after"), refused.header("x-ratelimit-remaining")),
        (429, "20", "0")
    );
    assert_eq!(toy.get("/health").await.status, 200, "what is open to anyone is not counted");
    toy.app.clock.advance(20);
    assert_eq!(toy.get("/rare-books").await.status, 200);
}

#[tokio::test]
async fn guessing_tokens_is_stopped_by_address_whatever_a_header_says() {
    let toy = Toy::with(|settings| settings.failures_a_minute = 2);
    let guess = |n: usize| {
        let request = Request::builder().uri("/api/v1/rare-books").header("authorization", "Bearer wrong");
        request.header("x-forwarded-for", format!("1.2.3.{n}")).body(Body::empty()).unwrap()
    };
    let mut statuses = Vec::new();
    for n in 0..4 {
        statuses.push(toy.send(guess(n)).await.status);
    }
    assert_eq!(statuses, [401, 401, 429, 429]);
    assert_eq!(toy.get("/rare-books").await.status, 200, "another address is not touched");
}

#[tokio::test]
async fn lists_take_what_makes_sense_and_refuse_the_rest() {
    let toy = Toy::new();
    for bad in [
        "page=0",
        "page=-1",
        "page=x",
        "limit=0",
        "limit=501",
        "limit=1.5",
        "limit=1&limit=2",
        "include=secrets",
        "cursor=!",
        "cursor=&page=2",
        "limit[]=1",
    ] {
        assert_eq!(toy.get(&format!("/rare-books?{bad}")).await.status, 422, "{bad}");
    }
    for bad in ["a=%ff", "a[b=1", "a%00=1"] {
        assert_eq!(toy.get(&format!("/rare-books?{bad}")).await.status, 400, "{bad}");
    }
    let past = toy.get("/rare-books?page=1000000000").await.value();
    assert_eq!(
        (&past["data"], &past["meta"]["from"], &past["meta"]["total"]),
        (&json!([]), &Value::Null, &json!(25))
    );
    let page = toy.get("/rare-books?limit=10&page=2&include=authors,&x=1").await.value();
    assert_eq!(page["data"].as_array().unwrap().len(), 10);
    assert_eq!(
        page["links"]["next"],
        "https://pay.example.com/api/v1/rare-books?limit=10&include=authors,&x=1&page=3"
    );
    assert_eq!(page["meta"]["path"], "https://pay.example.com/api/v1/rare-books");
    assert_eq!(toy.get("/rare-books?limit=500").await.value()["data"].as_array().unwrap().len(), 25);
    assert_eq!(toy.get("/rare-books?limit=&page=").await.status, 200);
}

#[tokio::test]
async fn every_answer_carries_the_same_protection() {
    let toy = Toy::with(|settings| settings.failures_a_minute = 1);
    let mut all = vec![
        toy.get("/rare-books").await,
        toy.get("/nowhere").await,
        toy.get("/panic").await,
        toy.get("/broken").await,
        toy.post("/rare-books", JSON, "{").await,
        toy.send(request("PATCH", "/rare-books").body(Body::empty()).unwrap()).await,
        toy.send(request("OPTIONS", "/rare-books").body(Body::empty()).unwrap()).await,
    ];
    for _ in 0..2 {
        all.push(toy.send(Request::builder().uri("/api/v1/rare-books").body(Body::empty()).unwrap()).await);
    }
    for answer in all {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(answer.header(name), value, "{} of {answer:?}", name);
        }
        assert!(!answer.header("permissions-policy").is_empty() && !answer.header("x-request-id").is_empty());
    }
    let plain = Toy::with(|settings| settings.public_url = "http://localhost".into());
    assert_eq!(plain.get("/rare-books").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_request_id_comes_back_and_a_strange_one_is_replaced() {
    let toy = Toy::new();
    let with =
        |id: &str| request("GET", "/rare-books").header("x-request-id", id).body(Body::empty()).unwrap();
    assert_eq!(toy.send(with("order-7.a_B")).await.header("x-request-id"), "order-7.a_B");
    let replaced = toy.send(with("a b")).await;
    assert_eq!(replaced.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn what_breaks_tells_the_caller_nothing_but_an_id() {
    let toy = Toy::new();
    for path in ["/broken", "/panic"] {
        let answer = toy.get(path).await;
        let id = answer.header("x-request-id").to_owned();
        assert_eq!((answer.status, answer.value()["errorCode"].as_str().unwrap()), (500, "internal_error"));
        assert_eq!(answer.value()["request_id"], id.as_str());
        for word in ["SELECT", "10.0.0.1", "shelf", "disco"] {
            assert!(!answer.text.contains(word), "{word}");
        }
    }
    assert_eq!(toy.json("/panic", json!({})).await.status, 500);
    assert_eq!(toy.get("/rare-books").await.status, 200, "the process lives");
}

#[tokio::test]
async fn an_idempotency_key_is_handed_on_and_a_fingerprint_leaves_secrets_out() {
    let toy = Toy::new();
    let with = |key: &str, body: Value| {
        let request =
            request("POST", "/rare-books").header("content-type", JSON).header("idempotency-key", key);
        request.body(Body::from(body.to_string())).unwrap()
    };
    let one = toy.send(with("k 1", json!({"name": "A", "price": 1, "pin": "123"}))).await.value();
    let two = toy.send(with("k 1", json!({"price": 1, "name": "A"}))).await.value();
    assert_eq!(one["data"]["key"], "k 1");
    assert_eq!(one["data"]["fingerprint"], two["data"]["fingerprint"]);
    let long = toy.send(with(&"x".repeat(256), json!({}))).await;
    assert_eq!((long.status, long.value()["errors"]["Idempotency-Key"].is_array()), (422, true));
}

#[tokio::test]
async fn the_log_has_one_entry_for_each_request_by_its_pattern() {
    let toy = Toy::new();
    toy.get("/rare-books/secret-id?ssn_last4=1234").await;
    toy.get("/nowhere/secret").await;
    toy.json("/rare-books", json!({})).await;
    let log = toy.app.log.0.lock().unwrap().clone();
    let expected =
        [("GET /api/v1/rare-books/{id}", 200), ("GET (no such path)", 404), ("POST /api/v1/rare-books", 422)];
    assert_eq!(log, expected.map(|(line, status)| (line.to_owned(), status)));
}
