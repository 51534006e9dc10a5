//! Two faces side by side: each answers below its own prefix, and tells what it refuses in its own words.

mod toy;

use axum::body::Body;
use base::seams::Seams;
use base::{Code, Failure, Result};
use edge::routes::get;
use edge::{Access, Call, Door, Gate, Reply, Settings, Table, Teller};
use http::Request;
use tower::ServiceExt;
use toy::{Answer, Toy, Who, table};

/// A face that lets nobody in, and says so in a word.
#[derive(Clone)]
struct Face(Seams);

impl Gate for Face {
    type Caller = Who;

    async fn admit(&self, _: &Door<'_>) -> Result<Who> {
        Err(Failure::refused(Code::Unauthenticated, "Nobody."))
    }

    fn teller(&self, _: &Door<'_>) -> Teller {
        |failure, _| {
            let status = failure.code().map_or(500, Code::status);
            Reply::raw(status, "text/plain", failure.code().map_or("broken", Code::name).into())
        }
    }

    fn seams(&self) -> &Seams {
        &self.0
    }
}

async fn asks(router: &axum::Router, method: &str, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
    Answer::of(router.clone().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn each_face_answers_below_its_prefix_in_its_own_words() {
    let app = Toy::new().app;
    let cookies = async |_: Call<Face>| {
        let reply = Reply::raw(200, "text/plain", b"in".to_vec());
        Ok(reply.header(http::header::SET_COOKIE, "a=1").header(http::header::SET_COOKIE, "b=2"))
    };
    let breaks = async |_: Call<Face>| Err(Failure::broken("a test", "it was to break"));
    let rows = vec![
        get("/open", Access::Anyone, cookies),
        get("/broken", Access::Anyone, breaks),
        get("/closed", Access::Token, cookies),
    ];
    let settings = || Settings::new("https://pay.example.com");
    let face = Table::new("/face", rows).undocumented().router(Face(app.seams.clone()), settings());
    let router = table().beside("/face", face).router(app, settings());

    let open = asks(&router, "GET", "/face/open").await;
    assert_eq!((open.status, open.text.as_str()), (200, "in"));
    assert_eq!(open.headers.get_all("set-cookie").iter().count(), 2, "each cookie by itself");
    for (method, path, status, word) in [
        ("GET", "/face/closed", 401, "unauthenticated"),
        ("GET", "/face/nowhere", 404, "not_found"),
        ("GET", "/face", 404, "not_found"),
        ("POST", "/face/open", 405, "method_not_allowed"),
        ("GET", "/face/broken", 500, "broken"),
        ("GET", "/face/docs", 404, "not_found"),
    ] {
        let refused = asks(&router, method, path).await;
        assert_eq!((refused.status, refused.text.as_str()), (status, word), "{method} {path}");
        assert_eq!(refused.header("www-authenticate"), "", "{path}");
        assert_eq!(refused.header("x-content-type-options"), "nosniff", "{path}");
    }
    // What only begins like the prefix is none of its own.
    for path in ["/faces", "/face.css", "/api/v1/nowhere"] {
        let refused = asks(&router, "GET", path).await;
        assert_eq!(
            (refused.status, refused.value()["errorCode"].as_str()),
            (404, Some("not_found")),
            "{path}"
        );
    }
    let refused = asks(&router, "GET", "/api/v1/rare-books/1").await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
}
