//! The same answers over HTTP as in process.

use std::time::Duration;

use sandbox::http::{Door, serve};
use sandbox::wire::{Found, Page};
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::TcpListener;

use super::*;

struct Remote {
    base: String,
    client: reqwest::Client,
}

async fn remote(service: Service, door: Door) -> Remote {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, service, door, std::future::pending()));
    Remote { base, client: reqwest::Client::builder().no_proxy().build().unwrap() }
}

impl Remote {
    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, NoAnswer> {
        let sent = self.client.post(format!("{}{path}", self.base)).json(body).send().await;
        let response = sent.map_err(|_| NoAnswer::HungUp)?;
        if response.status() == 500 {
            return Err(NoAnswer::Error);
        }
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.map_err(|_| NoAnswer::HungUp)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap().json().await.unwrap()
    }
}

/// Slow and hanging rows answer soon enough for a test that waits for real.
fn hasty() -> (Settings, Door) {
    let soon = Duration::from_millis(50);
    (Settings { slow: soon, ..Settings::in_memory() }, Door { hang: soon * 4, ..Door::default() })
}

#[tokio::test]
async fn the_whole_table_answers_alike_in_process_and_over_http() {
    let (settings, door) = hasty();
    let here = Service::open(settings.clone(), counting()).unwrap();
    let far = remote(Service::open(settings, counting()).unwrap(), door).await;
    for scenario in magic::SCENARIOS {
        let token = token_of(&here, scenario).await;
        let same: TokenAnswer = far.post("/tokens", &tokenize(scenario)).await.unwrap();
        assert!(matches!(same, TokenAnswer::Made { token: t, .. } if t == token));
        for (key, token) in [("raw", &token), ("ready", &format!("tok_{}", scenario.name))] {
            let order = charge(&format!("{key}-{}", scenario.name), token, 500);
            for _ in 0..2 {
                let in_process = tokio::time::timeout(Duration::from_millis(200), here.submit(order.clone()));
                let in_process = in_process.await.unwrap_or(Err(NoAnswer::HungUp));
                let over_http = far.post("/charges", &order).await;
                assert_eq!(in_process, over_http, "{}", scenario.name);
            }
            let path = format!("/lookup?key={}&now={}", order.key, NOW + DAY * 2);
            let over_http: Found = far.get(&path).await;
            assert_eq!(over_http, here.lookup(NOW + DAY * 2, &order.key).await.unwrap());
        }
        let back =
            refund(NOW + 60 * SECOND, &format!("r-{}", scenario.name), &format!("raw-{}", scenario.name), 9);
        assert_eq!(here.refund(back.clone()).await, far.post("/refunds", &back).await, "{}", scenario.name);
        let undo = void(NOW, &format!("v-{}", scenario.name), &format!("ready-{}", scenario.name));
        assert_eq!(here.void(undo.clone()).await, far.post("/voids", &undo).await, "{}", scenario.name);
    }
    let page: Page = far.get(&format!("/transactions?since=0&now={}", NOW + DAY)).await;
    assert_eq!(page, here.list_since(NOW + DAY, 0, None).await.unwrap());
}

#[tokio::test]
async fn a_lost_answer_is_not_a_byte() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let far = remote(open(), Door::default()).await;
    let mut line = tokio::net::TcpStream::connect(far.base.trim_start_matches("http://")).await.unwrap();
    let body = serde_json::to_string(&charge("k", "tok_answer_lost", 500)).unwrap();
    let ask = format!("POST /charges HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    line.write_all(ask.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let _ = line.read_to_end(&mut heard).await;
    assert!(heard.is_empty());
    let found: Found = far.get(&format!("/lookup?key=k&now={NOW}")).await;
    assert_eq!(in_a_word(&found.record.unwrap().standing), "succeeded");
}

#[tokio::test]
async fn without_the_secret_only_the_health_is_told() {
    let door = Door { secret: Some("open sesame".into()), ..Door::default() };
    let far = remote(open(), door).await;
    let status = async |path: &str, secret: &str| {
        let ask = far.client.get(format!("{}{path}", far.base)).bearer_auth(secret);
        ask.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("/stats", "wrong").await, 401);
    assert_eq!(status("/stats", "open sesame").await, 200);
    assert_eq!(status("/health", "").await, 200);
}

#[tokio::test]
async fn the_fault_script_can_be_replaced_and_a_wrong_one_is_refused() {
    let far = remote(open(), Door::default()).await;
    let put = async |script: &'static str| {
        let ask = far.client.put(format!("{}/faults", far.base)).body(script);
        ask.send().await.unwrap().status().as_u16()
    };
    assert_eq!(put(r#"[{"match":{"op":"submit"},"do":"error_500"}]"#).await, 200);
    assert_eq!(said(&far.post("/charges", &charge("k", "tok_visa", 5)).await), "error");
    assert_eq!(put(r#"[{"do":"explode"}]"#).await, 400);
    assert_eq!(said(&far.post("/charges", &charge("k", "tok_visa", 5)).await), "error", "still in force");
    assert_eq!(put("[]").await, 200);
    assert_eq!(said(&far.post("/charges", &charge("k", "tok_visa", 5)).await), "succeeded");
}

#[tokio::test]
async fn a_call_without_an_instant_takes_the_doors() {
    let far = remote(open(), Door { clock: Some(Arc::new(|| NOW)), ..Door::default() }).await;
    let order = serde_json::json!({ "key": "k", "token": "tok_visa", "amount": 5 });
    assert_eq!(said(&far.post("/charges", &order).await), "succeeded");
    let found: Found = far.get("/lookup?key=k").await;
    assert_eq!(found.record.unwrap().made_at, NOW);
}

#[tokio::test]
async fn an_unreadable_body_is_refused_without_repeating_it() {
    let far = remote(open(), Door::default()).await;
    let body = r#"{"now":1,"type":"card","number":4242424242424242,"expiry_month":1,"expiry_year":2031}"#;
    let refused = far.client.post(format!("{}/tokens", far.base)).body(body).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert!(!refused.text().await.unwrap().contains("4242"));
}

#[tokio::test]
async fn the_table_is_shown_to_people_and_to_programs() {
    let far = remote(open(), Door::default()).await;
    let shown = far.client.get(format!("{}/magic", far.base)).send().await.unwrap().text().await.unwrap();
    assert_eq!(shown, magic::markdown());
    let ask = far.client.get(format!("{}/magic", far.base)).header("accept", "application/json");
    let rows: Vec<serde_json::Value> = ask.send().await.unwrap().json().await.unwrap();
    assert_eq!(rows.len(), magic::SCENARIOS.len());
}
