//! Files: tables and lines, however they are written, and what is refused as a whole.

use http::Method;
use serde_json::{Value, json};

use crate::support::Agency;

const PATH: &str = "/bulk/debt-accounts";

on_both_engines! {
    async fn a_table_of_accounts_with_their_customers_comes_in(agency: &Agency) {
        let table = "\u{feff}external_id|balance|customer.external_id|customer.name|customer.address.line1|customer.address.postal_code|metadata.Desk No|rules.min_payment_amount|billing_type|location.name|Nonsense\r\n\
                     A-1|10000|C-1|\"Mary Shelley\"|1 Main St|12207|7|500|partial-payment;payment-plan|First Bank|x\r\n\
                     A-2|'5000|C-1|Mary Shelley|||||||\r\n\
                     \r\n\
                     A-3|2,50|C-2|Bram \"the\" Stoker|||||||\r\n";
        let told = agency.applied(&agency.table(PATH, table).await).await;
        assert_eq!(agency.wrong(&told).await, [
            "2 balance: The balance field must be an integer.",
            "3 balance: The balance field must be an integer.",
        ]);
        let errors = agency.get(&format!("/bulk/{}/errors", told["id"].as_str().unwrap())).await;
        assert_eq!((&errors["data"][1]["line"], &errors["data"][1]["external_id"]), (&json!(5), &json!("A-3")));
        assert_eq!(told["ignored_columns"], json!(["Nonsense"]));
        let debt = agency.debt("A-1").await;
        assert_eq!(debt["customer"]["addresses"][0]["line1"], "1 Main St");
        assert_eq!(debt["metadata"], json!([{ "attribute": "Desk No", "value": "7" }]));
        assert_eq!((&debt["rules"]["min_payment_amount"], &debt["location"]["name"]), (&json!(500), &json!("First Bank")));
        assert_eq!(debt["billing_type"], json!(["partial-payment", "payment-plan"]));
        // An empty cell changes nothing.
        let again = agency.applied(&agency.table(PATH, "external_id,balance,metadata.Desk No,external_status\nA-1,,,called\n").await).await;
        assert_eq!(again["updated"], 1);
        let debt = agency.debt("A-1").await;
        assert_eq!((&debt["balance"], &debt["metadata"][0]["value"], &debt["external_status"]), (&json!(100_00), &json!("7"), &json!("called")));
    }

    async fn numbers_that_a_spreadsheet_has_rounded_and_old_encodings_are_seen(agency: &Agency) {
        agency.post("/customers", json!({ "name": "A", "external_id": "C" })).await.made();
        let table = b"external_account_number;customer_id;balance;description\n1,23E+11;C;100;x\n0012345678901;C;100;caf\xe9\n4.5E+3;C;4.5E+3;\n";
        let told = agency.applied(&agency.table(PATH, table.to_vec()).await).await;
        let wrong = agency.wrong(&told).await;
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].starts_with("1 external_account_number: The external account number field looks like a number that was rounded by a spreadsheet"), "{wrong:?}");
        let made = agency.get("/debt-accounts").await;
        assert_eq!((&made["data"][0]["account_number"], &made["data"][0]["description"]), (&json!("0012345678901"), &json!("café")));
    }

    async fn lines_and_files_in_forms_come_in_too(agency: &Agency) {
        let customer = agency.customer().await;
        let line = |n: i64| json!({ "customer_id": customer, "balance": n, "external_id": format!("N-{n}") }).to_string();
        let lines = format!("{}\n{{broken\n\n{}", line(1), line(2));
        let sent = agency.ask(Method::POST, PATH).raw("application/x-ndjson", lines).send().await;
        let told = agency.applied(&sent).await;
        assert_eq!((&told["created"], &told["failed"], &told["format"]), (&json!(2), &json!(1), &json!("ndjson")));
        assert!(agency.wrong(&told).await[0].starts_with("2 : The line is not valid JSON"));
        let file = format!("--b\r\nContent-Disposition: form-data; name=\"total_rows\"\r\n\r\n2\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"new.csv\"\r\nContent-Type: application/octet-stream\r\n\r\nexternal_id,customer_id,balance\nF-1,{customer},5\nF-2,{customer},6\n\r\n--b--\r\n");
        let sent = agency.ask(Method::POST, PATH).raw("multipart/form-data; boundary=b", file.clone()).send().await;
        assert_eq!(agency.applied(&sent).await["created"], 2);
        let three = file.replace("\r\n\r\n2\r\n", "\r\n\r\n3\r\n");
        let refused = agency.ask(Method::POST, PATH).raw("multipart/form-data; boundary=b", three).send().await;
        assert!(refused.invalid("total_rows").contains("2 rows were received"));
        let none = "--b\r\nContent-Disposition: form-data; name=\"force\"\r\n\r\n1\r\n--b--\r\n";
        agency.ask(Method::POST, PATH).raw("multipart/form-data; boundary=b", none).send().await.invalid("file");
    }

    async fn nothing_is_applied_where_the_control_totals_are_others(agency: &Agency) {
        let customer = agency.customer().await;
        let body = json!({ "debt_accounts": [{ "customer_id": customer, "balance": 100 }, { "customer_id": customer, "balance": "250" }], "total_rows": 3, "total_balance": 351 });
        let refused = agency.post(PATH, body.clone()).await;
        refused.refuses(422, &["total_rows", "total_balance"]);
        assert_eq!(refused.invalid("total_balance"), "The total balance field is 351, but the balances received add up to 350. Nothing was applied.");
        agency.steps().await;
        assert_eq!((agency.many("/debt-accounts").await, agency.many("/bulk").await), (0, 0));
        let mut right = body;
        (right["total_rows"], right["total_balance"]) = (json!("2"), json!(350));
        assert_eq!(agency.applied(&agency.post(PATH, right.clone()).await).await["created"], 2);
        // In the query too, where the body has no place for it.
        let text = format!("customer_id,balance\n{customer},7\n");
        agency.table(&format!("{PATH}?total_rows=2"), text.clone()).await.invalid("total_rows");
        agency.table(&format!("{PATH}?total_rows=1&total_balance=7"), text).await.made();
    }

    async fn a_broken_envelope_is_refused_and_leaves_nothing(agency: &Agency) {
        let refusals: Vec<(&str, &str, Vec<u8>, u16)> = vec![
            ("no list", "application/json", b"{\"debt_accounts\": 7}".to_vec(), 422),
            ("an empty list", "application/json", b"{\"debt_accounts\": []}".to_vec(), 422),
            ("nothing", "application/json", Vec::new(), 422),
            ("half a list", "application/json", b"{\"debt_accounts\": [{\"balance\": 1}".to_vec(), 400),
            ("garbage behind it", "application/json", b"{\"debt_accounts\": [{\"balance\": 1}]} x".to_vec(), 400),
            ("one key twice in a record", "application/json", b"{\"debt_accounts\": [{\"balance\": 1, \"balance\": 2}]}".to_vec(), 400),
            ("a table without a header we know", "text/csv", b"a,b\n1,2\n".to_vec(), 422),
            ("a table with one column twice", "text/csv", b"balance,balance\n1,2\n".to_vec(), 422),
            ("a table without rows", "text/csv", b"balance\n".to_vec(), 422),
            ("a quote that is never closed", "text/csv", b"balance,description\n1,\"x\n2,y\n3,z\n".to_vec(), 422),
            ("two bytes a character", "text/csv", b"\xff\xfeb\0a\0".to_vec(), 400),
            ("a record of two megabytes", "application/x-ndjson", vec![b'x'; 2 << 20], 413),
            ("a picture", "image/png", b"x".to_vec(), 415),
        ];
        for (what, kind, body, status) in refusals {
            let answer = agency.ask(Method::POST, PATH).raw(kind, body).send().await;
            assert_eq!(answer.status, status, "{what}: {}", answer.text);
        }
        let large = agency.ask(Method::POST, PATH).raw("text/csv", "balance\n1\n").header("content-length", &((64 << 20) + 1).to_string());
        assert_eq!(large.send().await.refused(413), "body_too_large");
        let all = "SELECT (SELECT count(*) FROM bulk) + (SELECT count(*) FROM bulk_piece) + (SELECT count(*) FROM bulk_error)";
        assert_eq!(agency.number(all).await, 0);
    }

    async fn what_waits_is_sealed_and_gone_once_it_is_applied(agency: &Agency) {
        let table = "external_id,balance,customer.name,customer.email\nA-1,100,Wilhelmina Canary,canary@example.com\n";
        let sent = agency.table(PATH, table).await;
        sent.made();
        assert_eq!(agency.number("SELECT count(*) FROM bulk_piece").await, 1);
        let held: Vec<Body> = agency.db.read().await.unwrap().select("", &[]).await.unwrap();
        let holds = |text: &str| held[0].body.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(held[0].body.len() > 100 && !holds("Canary") && !holds("A-1"));
        agency.applied(&sent).await;
        assert_eq!(agency.number("SELECT count(*) FROM bulk_piece").await, 0);
    }

    async fn operations_are_listed_and_filtered(agency: &Agency) {
        let customer = agency.customer().await;
        let done = agency.bulk(json!([{ "customer_id": customer, "balance": 1 }])).await;
        let waits = agency.post("/bulk", json!([{ "customer": { "name": "A" } }])).await.made();
        let ids = async |query: &str| {
            let all = agency.get(&format!("/bulk?{query}")).await;
            all.is(200)["data"].as_array().unwrap().iter().map(|o| o["id"].clone()).collect::<Vec<Value>>()
        };
        assert_eq!(ids("").await, [json!(waits), done["id"].clone()]);
        assert_eq!(ids("status=completed").await, [done["id"].clone()]);
        assert_eq!(ids("type=customers").await, [json!(waits)]);
        assert_eq!(ids("source=file").await, [json!(null); 0]);
        agency.get("/bulk?status=asleep").await.is(422);
        agency.get("/bulk/lookup").await.is(404);
    }
}

base::record! {
    struct Body in "bulk_piece" { body: Vec<u8> }
}
