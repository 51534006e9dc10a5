//! The documentation and the program say the same.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use crate::support::agency::{Agency, table};
use crate::support::world::World;

async fn document(agency: &Agency) -> Value {
    agency.ask(Method::GET, "/openapi.json").nobody().send().await.is(200).clone()
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, all)| all.as_object().expect("methods").iter().map(move |(m, o)| (path, m, o)))
}

/// Every `$ref` in it.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(all) => {
            found.extend(all.get("$ref").and_then(Value::as_str));
            all.values().for_each(|inner| references(inner, found));
        }
        Value::Array(all) => all.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

on_both_engines! {
    async fn the_router_and_the_document_agree(agency: &Agency) {
        let document = document(agency).await;
        let told: BTreeSet<(String, String)> =
            operations(&document).map(|(path, method, _)| (path.clone(), method.to_uppercase())).collect();
        let known: BTreeSet<(String, String)> =
            table().rows().iter().map(|row| (row.path.clone(), row.method.to_string())).collect();
        assert_eq!(told, known);
        // The router itself says what it takes.
        for row in table().rows() {
            let options = agency.ask(Method::OPTIONS, &World::nobodys_path(row)).send().await;
            let allowed = options.headers["allow"].to_str().unwrap();
            let mut methods: BTreeSet<String> = allowed.split(", ").map(str::to_owned).collect();
            methods.remove("HEAD");
            methods.remove("OPTIONS");
            let documented: BTreeSet<String> =
                told.iter().filter(|(path, _)| *path == row.path).map(|(_, method)| method.clone()).collect();
            assert_eq!(methods, documented, "{}", row.path);
        }
    }

    async fn every_operation_has_a_name_of_its_own_and_says_what_it_answers(agency: &Agency) {
        let document = document(agency).await;
        let mut names = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            let name = operation["operationId"].as_str().expect("an operationId");
            assert!(names.insert(name.to_owned()), "{name} is the name of two operations");
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{method} {path} says nothing of itself");
            let answers = operation["responses"].as_object().expect("responses");
            assert!(answers.keys().any(|status| status.starts_with('2')), "{method} {path} never succeeds");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for name in path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}')) {
                assert!(parameters.iter().any(|p| p["name"] == name && p["in"] == "path"), "{method} {path}: {name}");
            }
        }
        assert!(names.len() > 40, "{}", names.len());
    }

    async fn every_reference_leads_somewhere(agency: &Agency) {
        let document = document(agency).await;
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    async fn a_method_that_a_path_does_not_have_is_told_with_those_it_has(agency: &Agency) {
        for row in table().rows() {
            let path = World::nobodys_path(row);
            for method in [Method::PATCH, Method::from_bytes(b"BREW").unwrap()] {
                let answer = agency.ask(method, &path).send().await;
                assert_eq!(answer.refused(405), "method_not_allowed", "{path}");
                assert!(answer.headers["allow"].to_str().unwrap().contains(row.method.as_str()));
            }
        }
        assert_eq!(agency.delete("/customers").await.refused(405), "method_not_allowed");
        assert_eq!(agency.get("/just-in-ime").await.refused(404), "not_found");
    }

    async fn every_example_of_the_document_is_taken_by_the_rules(agency: &Agency) {
        let document = document(agency).await;
        for (path, method, operation) in operations(&document) {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let Some(example) = parameter["schema"]["examples"].get(0) else { continue };
                crate::support::schema::validate(example, &parameter["schema"])
                    .unwrap_or_else(|wrong| panic!("{method} {path} {}: {wrong}", parameter["name"]));
            }
        }
    }
}
