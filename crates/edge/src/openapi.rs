//! The OpenAPI 3.1 document, made from the rows.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::call::Gate;
use crate::docs;
use crate::postman;
use crate::reply::Reply;
use crate::routes::{Access, Endpoint, Takes, get};
use crate::rules::without_null;
use crate::table::Table;

/// What the documentation is served as.
#[derive(Clone)]
struct Made {
    openapi: Vec<u8>,
    postman: Vec<u8>,
    page: Vec<u8>,
}

impl<S: Gate> Table<S> {
    /// The whole document.
    pub fn openapi(&self, public_url: &str) -> Value {
        let mut paths = Map::new();
        for row in self.rows() {
            let path = paths.entry(row.path.clone()).or_insert_with(|| json!({}));
            if let Some(methods) = path.as_object_mut() {
                methods.insert(row.method.as_str().to_ascii_lowercase(), operation(row));
            }
        }
        let mut tags: Vec<&str> = Vec::new();
        for row in self.rows() {
            if !tags.contains(&row.tag.as_str()) {
                tags.push(&row.tag);
            }
        }
        let mut schemas = Map::from_iter(self.schemas.iter().cloned());
        schemas.insert("Error".into(), error_schema());
        json!({
            "openapi": "3.1.0",
            "info": {"title": self.title, "version": self.version, "description": self.about},
            "servers": [{"url": format!("{public_url}{}", self.base())}],
            "tags": tags.iter().map(|tag| json!({"name": tag})).collect::<Vec<_>>(),
            "paths": paths,
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "schemas": schemas,
                "responses": {"Error": {
                    "description": "Refused; `errorCode` says why.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }},
            },
        })
    }

    /// The rows that show the documentation.
    pub(crate) fn documentation(&self) -> Vec<Endpoint<S>> {
        // Links and samples in it need the public URL, which only the settings know: it is made once, on first use.
        let made = Arc::new(std::sync::OnceLock::<Made>::new());
        let table = Arc::new(self.clone());
        let make = move |url: &str| {
            let print = |document: &Value| serde_json::to_vec_pretty(document).unwrap_or_default();
            let make = || Made {
                openapi: print(&table.openapi(url)),
                postman: print(&postman::collection(&*table, url)),
                page: docs::page(&*table, url).into_bytes(),
            };
            made.get_or_init(make).clone()
        };
        let (for_page, for_postman) = (make.clone(), make.clone());
        vec![
            get("/openapi.json", Access::Anyone, move |call| {
                let reply = Reply::raw(200, "application/json", make(call.public_url()).openapi);
                async { Ok(reply) }
            })
            .outside(),
            get("/postman.json", Access::Anyone, move |call| {
                let reply = Reply::raw(200, "application/json", for_postman(call.public_url()).postman);
                async { Ok(reply) }
            })
            .outside(),
            get("/docs", Access::Anyone, move |call| {
                let reply = docs::reply(for_page(call.public_url()).page);
                async { Ok(reply) }
            })
            .outside(),
            get("/docs.css", Access::Anyone, |_| async { Ok(docs::style()) }).outside(),
        ]
    }
}

/// A schema of the table, by its name.
pub fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// `{"data": …}` around a schema: what most answers are.
pub fn data(schema: Value) -> Value {
    json!({"type": "object", "properties": {"data": schema}, "required": ["data"]})
}

/// `{"success": true}`.
pub fn success() -> Value {
    json!({"type": "object", "properties": {"success": {"const": true}}, "required": ["success"]})
}

/// What every refusal looks like.
pub fn error_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "error": {"type": "string"},
            "errorCode": {"type": "string"},
            "message": {"type": "string"},
            "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            "request_id": {"type": "string", "description": "With 500: what to tell us."},
        },
        "required": ["error", "errorCode", "message", "errors"],
    })
}

/// `get /customers/{id}/payment-methods` as `getCustomersByIdPaymentMethods`; the underscores of the other spelling
/// stay, so that the two differ.
fn operation_id<S: Gate>(row: &Endpoint<S>) -> String {
    let mut id = row.method.as_str().to_ascii_lowercase();
    let mut put = |word: &str| {
        let mut letters = word.chars();
        id.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    };
    for step in row.path.split('/').filter(|step| !step.is_empty()) {
        match step.strip_prefix('{') {
            Some(name) => {
                put("by");
                name.trim_end_matches('}').split('_').for_each(&mut put);
            }
            None => step.split('-').for_each(&mut put),
        }
    }
    id
}

fn operation<S: Gate>(row: &Endpoint<S>) -> Value {
    let mut operation = Map::new();
    let mut put = |name: &str, value: Value| drop(operation.insert(name.into(), value));
    put("operationId", operation_id(row).into());
    put("tags", json!([row.tag]));
    put("summary", row.summary.clone().into());
    let about = match &row.twin_of {
        Some(path) => format!("{} Another spelling of `{path}`.", row.description).trim().to_owned(),
        None => row.description.clone(),
    };
    if !about.is_empty() {
        put("description", about.into());
    }
    put("security", if row.access == Access::Anyone { json!([]) } else { json!([{"bearer": []}]) });
    if let Access::Scope(scope) = row.access {
        put("x-scope", scope.into());
    }
    let parameters = parameters(row);
    if !parameters.is_empty() {
        put("parameters", parameters.into());
    }
    if let Some(body) = request_body(row) {
        put("requestBody", body);
    }
    put("responses", responses(row));
    operation.into()
}

/// The names in a path pattern.
pub(crate) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'))
}

fn parameters<S: Gate>(row: &Endpoint<S>) -> Vec<Value> {
    let mut all: Vec<Value> = path_parameters(&row.path)
        .map(|name| {
            let schema = json!({"type": "string", "minLength": 1, "maxLength": 255});
            json!({"name": name, "in": "path", "required": true, "schema": schema,
                   "description": "Our UUID or your external id."})
        })
        .collect();
    let required: Vec<&str> =
        row.query.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, schema) in row.query.schema["properties"].as_object().into_iter().flatten() {
        let mut parameter = json!({"name": name, "in": "query", "required": required.contains(&name.as_str()), "schema": without_null(schema)});
        if let Some(about) = schema.get("description") {
            parameter["description"] = about.clone();
        }
        if schema["type"] == "object" {
            parameter["style"] = "deepObject".into();
        }
        all.push(parameter);
    }
    if row.idempotent {
        all.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
            "description": "Repeat a request under the same key and it happens once.",
        }));
    }
    all
}

fn request_body<S: Gate>(row: &Endpoint<S>) -> Option<Value> {
    let schema = &*row.body.schema;
    let content = match row.takes {
        Takes::Nothing => return None,
        Takes::Object if row.takes_files => json!({
            "multipart/form-data": {"schema": without_null(schema)}, "application/json": {"schema": schema},
        }),
        Takes::Object => json!({
            "application/json": {"schema": schema},
            "application/x-www-form-urlencoded": {"schema": without_null(schema)},
        }),
        Takes::List => json!({"application/json": {"schema": schema}}),
        // A list has no other form than JSON.
        Takes::Stream if schema["type"] == "array" => json!({"application/json": {"schema": schema}}),
        Takes::Stream => json!({
            "application/json": {"schema": schema},
            "application/x-www-form-urlencoded": {"schema": without_null(schema)},
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
            "multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "string", "contentMediaType": "text/csv"}}, "required": ["file"]}},
        }),
    };
    let has_to_have = ["required", "allOf"].iter().any(|keyword| schema.get(keyword).is_some());
    let is_required = row.takes != Takes::Object || has_to_have;
    Some(json!({"required": is_required, "content": content}))
}

fn responses<S: Gate>(row: &Endpoint<S>) -> Value {
    let mut all = Map::new();
    for (status, schema) in &row.responses {
        let what = match status {
            200 => "Done.",
            201 => "Created.",
            204 => "Done; nothing to say.",
            _ => "Answered.",
        };
        let mut content = Map::new();
        for content_type in row.gives.iter().filter(|_| *status == 200) {
            content.insert((*content_type).to_owned(), json!({"schema": {"type": "string"}}));
        }
        if content.is_empty() || row.gives_json {
            content.insert("application/json".into(), json!({"schema": **schema}));
        }
        all.insert(status.to_string(), json!({"description": what, "content": content}));
    }
    if all.is_empty() {
        let content = json!({"application/json": {"schema": {"type": "object"}}});
        all.insert("200".into(), json!({"description": "Done.", "content": content}));
    }
    let refusal = json!({"$ref": "#/components/responses/Error"});
    all.insert("4XX".into(), refusal.clone());
    all.insert("5XX".into(), refusal);
    all.into()
}

#[cfg(test)]
mod tests {
    use super::path_parameters;

    #[test]
    fn the_names_in_a_path_are_its_parameters() {
        assert_eq!(path_parameters("/a/{id}/b/{other_id}").collect::<Vec<_>>(), ["id", "other_id"]);
    }
}
