//! The document, the page and the router are one table.

mod toy;

use axum::body::Body;
use serde_json::{Value, json};
use toy::{Toy, request};

#[tokio::test]
async fn every_documented_operation_is_served_and_every_row_documented() {
    let toy = Toy::new();
    let document = toy.get("/openapi.json").await.value();
    assert_eq!(document["openapi"], "3.1.0");
    let mut documented = Vec::new();
    let mut ids = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            documented.push(format!("{} {path}", method.to_uppercase()));
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            assert!(operation["responses"]["4XX"].is_object() && operation["tags"][0].is_string());
            let called = path.replace("{id}", "1");
            if !called.contains("slow") {
                let status = toy
                    .send(request(&method.to_uppercase(), &called).body(Body::empty()).unwrap())
                    .await
                    .status;
                assert!(status != 404 && status != 405, "{method} {path}: {status}");
            }
        }
    }
    let mut rows: Vec<String> =
        toy::table().rows().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    rows.sort();
    documented.sort();
    assert_eq!(rows, documented);
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operationIds are unique");
}

#[tokio::test]
async fn an_operation_says_what_it_takes() {
    let document = Toy::new().get("/openapi.json").await.value();
    let create = &document["paths"]["/rare-books"]["post"];
    let schema = &create["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema["required"], json!(["name"]));
    let either = &schema["allOf"][0]["anyOf"];
    assert_eq!(
        (&either[0]["required"], &either[1]["required"]),
        (&json!(["price"]), &json!(["original_price"]))
    );
    assert_eq!(schema["properties"]["name"]["examples"], json!(["Walden"]));
    assert_eq!(schema["properties"]["pin"]["writeOnly"], true);
    // A form has the same fields, and no `null`.
    let form = &create["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
    let fields =
        |schema: &Value| schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(schema), fields(form));
    assert!(schema.to_string().contains("null") && !form.to_string().contains("null"));
    assert_eq!((&create["security"], &create["x-scope"]), (&json!([{"bearer": []}]), &json!("books:write")));
    assert_eq!(document["paths"]["/health"]["get"]["security"], json!([]));
    let shown = &document["paths"]["/rare-books/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
        ["schema"];
    assert_eq!(shown["properties"]["data"]["$ref"], "#/components/schemas/Book");
    assert!(document["components"]["schemas"]["Book"].is_object());
    let names = |operation: &Value| -> Vec<String> {
        operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(create), ["Idempotency-Key"]);
    assert_eq!(
        names(&document["paths"]["/rare-books"]["get"]),
        ["sort", "limit", "page", "cursor", "include"]
    );
    assert_eq!(names(&document["paths"]["/rare-books/{id}"]["put"]), ["id"]);
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere_and_escapes_what_it_shows() {
    let toy = Toy::new();
    let page = toy.get("/docs").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    for part in [
        "<html lang=\"en\">",
        "A shelf &lt;of&gt; books.",
        "name=\"viewport\"",
        "Add a book",
        "books:write",
        "Also as <code>/api/v1/rare_books</code>",
        "curl -X POST &quot;$API/rare-books&quot;",
        "<code>authors[].name</code>",
        "<strong>required, or <code>original_price</code></strong>",
        "&quot;price&quot;: 1000",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
    for part in ["<script", "style=", "<of>", "onclick"] {
        assert!(!page.text.contains(part), "{part}");
    }
    for anchor in page.text.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(page.text.contains(&format!("id=\"{anchor}\"")), "{anchor} leads nowhere");
    }
    let style = toy.get("/docs.css").await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
}
