//! A small application on the edge, written the way the API is: state, caller, rules, handlers, table.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "helpers of tests, of which each test file uses a part"
)]

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base::seams::{Seams, SeededEntropy, StillClock};
use base::{Cents, Code, Failure, Result, Ts};
use edge::openapi;
use edge::routes::{delete, get, post, put};
use edge::{
    Access, BY_AGE, Call, Caller, Change, Door, Gate, Peer, Reader, Recorder, Reply, Rows, Settings, Table,
    paging,
};
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;

/// What the API's state is to the real thing.
#[derive(Clone)]
pub struct App {
    pub seams: Seams,
    pub clock: Arc<StillClock>,
    /// A handler of `/slow` says here that it began, and waits for the word to go on.
    pub began: mpsc::UnboundedSender<()>,
    pub go_on: Arc<tokio::sync::Semaphore>,
    pub finished: mpsc::UnboundedSender<()>,
    pub log: Arc<Log>,
}

#[derive(Clone)]
pub struct Who(&'static str);

impl Caller for Who {
    fn may(&self, scope: &str) -> bool {
        self.0 == "all" || self.0 == scope
    }

    fn rate_key(&self) -> u128 {
        1
    }

    fn tenant(&self) -> String {
        "tenant-1".into()
    }
}

impl Gate for App {
    type Caller = Who;

    async fn admit(&self, door: &Door<'_>) -> Result<Who> {
        match door.bearer()?.reveal().as_str() {
            "all" => Ok(Who("all")),
            "reader" => Ok(Who("books:read")),
            "boom" => panic!("the gate fell"),
            _ => Err(Failure::refused(Code::Unauthenticated, "This token is not valid.")),
        }
    }

    fn seams(&self) -> &Seams {
        &self.seams
    }
}

/// What a new book is made of.
pub struct NewBook {
    pub name: String,
    pub price: Cents,
    pub kind: Option<Kind>,
    pub authors: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Novel,
    Essay,
}

const KINDS: &[(&str, Kind)] = &[("novel", Kind::Novel), ("essay", Kind::Essay), ("paper", Kind::Essay)];

fn book(r: &mut Reader<'_>) -> NewBook {
    r.digits("pin").long(3, 4).never_kept().secret().optional();
    NewBook {
        name: r.text("name").max(255).describe("What is on the cover.").example("Walden").required(),
        price: r.cents("price").alias("original_price").positive().required(),
        kind: r.one_of("kind", KINDS).optional(),
        authors: r.list("authors", 10, |r| r.text("name").required()).optional().unwrap_or_default(),
    }
}

pub struct BookChanges {
    pub name: Option<String>,
    pub kind: Change<Kind>,
}

fn changes(r: &mut Reader<'_>) -> BookChanges {
    BookChanges { name: r.text("name").replace(), kind: r.one_of("kind", KINDS).change() }
}

async fn create(call: Call<App>) -> Result<Reply> {
    let new = call.read(book)?;
    let fingerprint = call.fingerprint_input().reveal().len();
    Ok(Reply::created(&json!({
        "id": call.state.seams.id::<uuid::Uuid>(), "name": new.name, "price": new.price.get(),
        "authors": new.authors, "spelling": format!("{:?}", call.spelling()), "fingerprint": fingerprint,
        "key": call.idempotency_key,
    })))
}

async fn show(call: Call<App>) -> Result<Reply> {
    let id = call.id("id")?;
    if id.theirs() == "missing" {
        Err(Failure::not_found())
    } else {
        Ok(Reply::ok(&json!({"id": id.theirs()})))
    }
}

async fn update(call: Call<App>) -> Result<Reply> {
    let changes = call.read(changes)?;
    Ok(Reply::ok(&json!({"name": changes.name, "kind": format!("{:?}", changes.kind)})))
}

async fn list(call: Call<App>) -> Result<Reply> {
    let (page, _wanted) =
        call.ask(|r| (paging(r, Some(10), BY_AGE), r.includes(&[("author", "authors", 1)])))?;
    let all: Vec<u64> = (page.offset()..25).take(usize::try_from(page.take()).unwrap()).collect();
    let next = all.last().filter(|last| **last < 24).map(u64::to_string);
    page.reply(
        &call,
        Rows { rows: all, total: Some(25), is_capped: false, next, meta: serde_json::Map::new() },
    )
}

async fn slow(call: Call<App>) -> Result<Reply> {
    call.state.began.send(()).unwrap();
    let _go = call.state.go_on.acquire().await.unwrap();
    call.state.finished.send(()).unwrap();
    Ok(Reply::success())
}

async fn import(mut call: Call<App>) -> Result<Reply> {
    let (mut bytes, mut stream) = (0, call.take_stream().unwrap());
    while let Some(piece) = stream.next().await? {
        bytes += piece.len();
    }
    Ok(Reply::created(&json!({"bytes": bytes})))
}

pub fn table() -> Table<App> {
    use Access::{Anyone, Scope, Token};
    let book_schema = || openapi::data(openapi::named("Book"));
    Table::new(
        "/api/v1",
        vec![
            post("/rare-books", Scope("books:write"), create)
                .summary("Add a book")
                .describe("Prices are in `cents`.")
                .body(book)
                .answers(201, book_schema()),
            get("/rare-books", Scope("books:read"), list)
                .summary("List books")
                .query(|r| (paging(r, Some(10), BY_AGE), r.includes(&[("author", "authors", 1)])))
                .answers(200, edge::listing::schema(json!({"type": "integer"}))),
            get("/rare-books/{id}", Scope("books:read"), show)
                .summary("Show a book")
                .answers(200, book_schema()),
            put("/rare-books/{id}", Scope("books:write"), update).summary("Change a book").body(changes),
            delete("/rare-books/{id}", Scope("books:write"), |_| async { Ok(Reply::success()) })
                .answers(200, openapi::success()),
            post("/bulk", Token, |call: Call<App>| async move {
                Ok(Reply::created(&call.read_all(1000, book)?.len()))
            })
            .body_list(1000, book),
            post("/import", Token, import).body_stream().body_limit(4 << 20),
            post("/slow", Token, slow),
            get("/slow", Token, slow),
            get("/panic", Token, |_| async { panic!("at the disco") }),
            post("/panic", Token, |_| async { panic!("at the disco") }),
            get("/broken", Token, |_| async {
                Err(Failure::broken("reading the shelf", "SELECT * FROM shelf: 10.0.0.1 refused"))
            }),
            get("/health", Anyone, |_| async { Ok(Reply::json(200, &json!({"ok": true}))) }),
        ],
    )
    .schema("Book", json!({"type": "object", "properties": {"id": {"type": "string"}}}))
    .titled("Books", "1.0", "A shelf <of> books.")
}

/// What the recorder was told.
#[derive(Default)]
pub struct Log(pub Mutex<Vec<(String, u16)>>);

impl Recorder for Log {
    fn answered(&self, method: &str, pattern: &str, status: u16, _: Duration) {
        self.0.lock().unwrap().push((format!("{method} {pattern}"), status));
    }
}

pub struct Toy {
    pub router: Router,
    pub app: App,
    pub began: mpsc::UnboundedReceiver<()>,
    pub finished: mpsc::UnboundedReceiver<()>,
}

impl Toy {
    pub fn new() -> Toy {
        Toy::with(|_| {})
    }

    pub fn with(adjust: impl FnOnce(&mut Settings)) -> Toy {
        let clock = Arc::new(StillClock::at(Ts::parse("2026-11-20T12:00:00Z").unwrap()));
        let seams = Seams::new(clock.clone(), Arc::new(SeededEntropy::new(1)));
        let (began, began_here) = mpsc::unbounded_channel();
        let (finished, finished_here) = mpsc::unbounded_channel();
        let log = Arc::new(Log::default());
        let go_on = Arc::new(tokio::sync::Semaphore::new(0));
        let app = App { seams, clock, began, go_on, finished, log: log.clone() };
        let mut settings = Settings::new("https://pay.example.com/");
        settings.recorder = log;
        adjust(&mut settings);
        let router = table().router(app.clone(), settings);
        Toy { router, app, began: began_here, finished: finished_here }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        Answer::of(response).await
    }

    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        self.send(request("POST", path).header("content-type", content_type).body(body.into()).unwrap()).await
    }

    pub async fn json(&self, path: &str, body: Value) -> Answer {
        self.post(path, "application/json", body.to_string()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path).body(Body::empty()).unwrap()).await
    }
}

/// A request by somebody who may do everything.
pub fn request(method: &str, path: &str) -> http::request::Builder {
    let path = if path.starts_with("/docs") || path.starts_with("/openapi") {
        path.into()
    } else {
        format!("/api/v1{path}")
    };
    let peer: IpAddr = "203.0.113.9".parse().unwrap();
    Request::builder().method(method).uri(path).header("authorization", "Bearer all").extension(Peer(peer))
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(response: Response<Body>) -> Answer {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}
