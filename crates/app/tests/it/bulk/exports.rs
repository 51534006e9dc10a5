//! Everything that has a list, as a table or as lines.

use std::collections::BTreeSet;

use api::exports;
use http::Method;
use serde_json::{Value, json};

use crate::support::Agency;
use crate::support::agency::table as routes;
use crate::support::world::World;

/// A table: its header and its rows, by column.
fn table(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: csv::Result<csv::StringRecord>| {
        header.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

fn cell<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    row.iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| &**value)
        .unwrap_or_else(|| panic!("no {name}: {row:?}"))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

on_both_engines! {
    async fn everything_that_has_a_list_is_exported_in_the_guides_words(agency: &Agency) {
        World::make(agency).await;
        agency.steps().await;
        for export in exports::all() {
            let path = format!("/bulk/exports/{}", export.name);
            let as_table = agency.get(&path).await;
            as_table.is(200);
            assert_eq!(as_table.headers["content-type"], "text/csv; charset=utf-8");
            assert!(as_table.headers["content-disposition"].to_str().unwrap().starts_with(&format!("attachment; filename=\"{}-20", export.name)));
            let rows = table(&as_table.text);
            let same = lines(&agency.get(&format!("{path}?format=ndjson")).await.text);
            assert!(!rows.is_empty(), "{} is empty", export.name);
            let ids = |of: Vec<&str>| of.into_iter().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(ids(rows.iter().map(|row| cell(row, "id")).collect()), ids(same.iter().map(|row| row["id"].as_str().unwrap()).collect()), "{}", export.name);
            if export.name != "addresses" {
                assert_eq!(rows.len() as i64, agency.many(&format!("/{}", export.name)).await, "{}", export.name);
            }
            // Nobody else's.
            let theirs = agency.ask(Method::GET, &path).token(&agency.template.theirs.sandbox).send().await;
            let ours: Vec<&str> = same.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert!(table(&theirs.text).iter().all(|row| !ours.contains(&cell(row, "id"))), "{}", export.name);
            // Texts that nobody wrote are there for everybody.
            assert!(theirs.text.lines().count() == 1 || export.name == "message-templates", "{}", export.name);
            assert_eq!(agency.ask(Method::HEAD, &path).send().await.text, "");
        }
        let charge = &lines(&agency.get("/bulk/exports/charges?format=ndjson").await.text)[0];
        assert_eq!(charge["status"], "succeeded");
        let charge = &table(&agency.get("/bulk/exports/charges").await.text)[0];
        assert_eq!((cell(charge, "status"), cell(charge, "amount")), ("succeeded", "1000"));
        let told = agency.get("/bulk/exports").await;
        assert_eq!(told.is(200)["data"].as_array().unwrap().len(), exports::all().len());
        agency.get("/bulk/exports/charges?format=xlsx").await.is(422);
    }

    async fn every_list_there_is_can_be_had_as_a_file(_agency: &Agency) {
        // A stream that is read from a place on, and the files themselves.
        let others = ["/events", "/bulk/exports", "/blocks/reasons"];
        for row in routes().rows().iter().filter(|row| row.method == Method::GET && row.twin_of.is_none()) {
            let is_list = row.query.schema["properties"].get("limit").is_some() && !row.path.contains('{');
            if is_list && !others.contains(&&*row.path) {
                assert!(exports::find(&row.path[1..]).is_some(), "{} has no export", row.path);
            }
        }
    }

    async fn no_text_that_anybody_wrote_is_a_formula_in_a_spreadsheet(agency: &Agency) {
        let payloads = [
            "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "=HYPERLINK(\"http://x\",\"y\")", "\u{9}=1", "'=1", "''+1", "=\"a\"\"b\"", "-2+3,4",
        ];
        let customer = agency.customer().await;
        for (n, payload) in payloads.iter().enumerate() {
            let text = payload.trim();
            agency.post("/customers", json!({ "name": text, "metadata": { "note": text }, "address": { "line1": text, "city": text } })).await.made();
            agency.post("/locations", json!({ "name": format!("{text}{n}") })).await.made();
            agency.post("/debt-accounts", json!({ "customer_id": customer, "balance": 10_00 + n, "external_id": format!("{text} {n}"), "description": text,
                "external_status": text, "external_account_number": text, "external_company_id": text })).await.made();
        }
        let mut tried = 0;
        for (name, columns) in [
            ("customers", vec!["name", "address.line1", "address.city"]),
            ("addresses", vec!["line1", "city"]),
            ("locations", vec!["name"]),
            ("debt-accounts", vec!["external_id", "description", "external_status", "external_account_number", "external_company_id"]),
        ] {
            let rows = table(&agency.get(&format!("/bulk/exports/{name}")).await.text);
            for row in rows.iter().filter(|row| name != "customers" || cell(row, "name") != "Ada Lovelace") {
                for column in &columns {
                    assert!(cell(row, column).starts_with('\''), "{name} {column}: {}", cell(row, column));
                    tried += 1;
                }
            }
        }
        assert!(tried > 100, "{tried}");
        // Money stays a number, and what comes back in is what went out.
        let before: Vec<Value> = agency.get("/debt-accounts?limit=100").await["data"].as_array().unwrap().clone();
        let text = agency.get("/bulk/exports/debt-accounts").await.text;
        assert!(text.contains(",1000,"), "{text}");
        let told = agency.applied(&agency.table("/bulk/debt-accounts", text).await).await;
        assert_eq!(agency.wrong(&told).await, [""; 0]);
        assert_eq!((&told["unchanged"], &told["total"]), (&json!(payloads.len()), &json!(payloads.len())));
        assert_eq!(agency.get("/debt-accounts?limit=100").await["data"].as_array().unwrap(), &before);
    }

    async fn a_long_export_has_every_row_once_newest_first(agency: &Agency) {
        let customer = agency.customer().await;
        let all: Vec<Value> = (0..1_203).map(|n| json!({ "external_id": format!("A-{n}"), "customer_id": customer, "balance": n })).collect();
        agency.bulk(json!(all)).await;
        let rows = lines(&agency.get("/bulk/exports/debt_accounts?format=ndjson").await.text);
        let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (1_203, 1_203));
        assert!(ids.is_sorted_by(|a, b| a > b));
        assert_eq!(rows[0]["customer_id"], customer.as_str());
    }

    async fn an_export_of_some_days_has_what_was_made_then(agency: &Agency) {
        let customer = agency.customer().await;
        for (n, days) in [(1, 1), (2, 1), (3, 0)] {
            agency.post("/debt-accounts", json!({ "external_id": format!("D-{n}"), "customer_id": customer, "balance": 1 })).await.made();
            agency.days(days).await;
        }
        let ids = async |query: String| {
            let text = agency.get(&format!("/bulk/exports/debt-accounts?{query}")).await.text;
            table(&text).iter().map(|row| cell(row, "external_id").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(format!("start_date={}", agency.day(-1))).await, ["D-3", "D-2"]);
        assert_eq!(ids(format!("end_date={}", agency.day(-2))).await, ["D-1"]);
        assert_eq!(ids(format!("start_date={0}&end_date={0}", agency.day(-1))).await, ["D-2"]);
        agency.get("/bulk/exports/debt-accounts?start_date=soon").await.is(422);
    }
}
