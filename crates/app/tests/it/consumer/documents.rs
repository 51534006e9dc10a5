//! Documents: what they are is told by their bytes, and nobody finds them at rest.

use http::Method;
use serde_json::json;

use crate::support::agency::Agency;
use crate::support::client::Answer;

async fn upload(agency: &Agency, path: &str, fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> Answer {
    agency.ask(Method::POST, path).upload(fields, file).send().await
}

const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n";

on_both_engines! {
    async fn a_document_comes_back_as_it_was_and_is_what_its_bytes_say(agency: &Agency) {
        let debtor = agency.debtor(10_00, "tok_visa").await;
        let path = format!("/debt-accounts/{}/documents", debtor.debt);
        let large: Vec<u8> = PDF.iter().copied().chain((0..700_000u32).map(|n| n.to_le_bytes()[n as usize % 3])).collect();
        let fields = [("kind", "validation_notice"), ("visible_to_customer", "1")];
        let made = upload(agency, &path, &fields, ("C:\\scans\\b\"ill é.exe", "application/x-msdownload", &large)).await;
        let document = format!("/documents/{}", made.made());
        assert_eq!((&made["data"]["media_type"], &made["data"]["bytes"]), (&json!("application/pdf"), &json!(large.len())));
        assert_eq!((&made["data"]["kind"], &made["data"]["visible_to_customer"]), (&json!("validation_notice"), &json!(true)));
        let content = agency.get(&format!("{document}/content")).await;
        assert!(content.status == 200 && content.bytes == large);
        assert_eq!(content.headers["content-type"], "application/pdf");
        assert_eq!(content.headers["x-content-type-options"], "nosniff");
        assert!(content.headers["content-disposition"].to_str().unwrap().starts_with("attachment;"));
        let renamed = agency.put(&document, json!({ "name": "Notice", "visible_to_customer": false })).await;
        assert_eq!((&renamed.is(200)["data"]["name"], &renamed["data"]["visible_to_customer"]), (&json!("Notice"), &json!(false)));
        agency.delete(&document).await.is(200);
        agency.get(&format!("{document}/content")).await.refused(404);
        assert_eq!(agency.number("SELECT count(*) FROM document_chunk").await, 0);
    }

    async fn what_is_no_document_is_refused_and_keeps_nothing(agency: &Agency) {
        let debtor = agency.debtor(10_00, "tok_visa").await;
        let path = format!("/debt_accounts/{}/documents", debtor.debt);
        for bytes in [&b"MZ\x90\x00\x03"[..], b"PK\x03\x04", b"GIF89a\x00", b"", b"\x00\x01"] {
            upload(agency, &path, &[], ("a.pdf", "application/pdf", bytes)).await.invalid("file");
        }
        let most = [PDF, &vec![b'x'; (10 << 20) - PDF.len()]].concat();
        upload(agency, &path, &[], ("a.pdf", "application/pdf", &most)).await.made();
        upload(agency, &path, &[], ("a.pdf", "application/pdf", &[most.as_slice(), b"x"].concat())).await.invalid("file");
        agency.post(&path, json!({ "kind": "diary" })).await.refuses(422, &["kind", "file"]);
        assert_eq!(agency.many(&path).await, 1);
    }

    async fn the_same_upload_under_its_key_happens_once_and_another_file_is_another_request(agency: &Agency) {
        let debtor = agency.debtor(10_00, "tok_visa").await;
        let path = format!("/debt-accounts/{}/documents", debtor.debt);
        let send = async |bytes: &[u8]| agency.ask(Method::POST, &path).key("k").upload(&[], ("a.txt", "text/plain", bytes)).send().await;
        let first = send(b"one").await.made();
        let again = send(b"one").await;
        assert!(again.is_replay() && again.made() == first);
        assert_eq!(send(b"two").await.refused(422), "idempotency_conflict");
    }

    async fn disputes_and_tickets_have_theirs_and_an_erased_customers_are_gone(agency: &Agency) {
        let debtor = agency.debtor(10_00, "tok_visa").await;
        let dispute = agency.post("/debt-account-disputes", json!({ "debt_account_id": debtor.debt })).await.made();
        let ticket = agency.post("/tickets", json!({ "subject": "a", "description": "b" })).await.made();
        let proof = upload(agency, &format!("/debt-account-disputes/{dispute}/documents"), &[], ("a.txt", "text/plain", b"proof")).await.made();
        let nobodys = upload(agency, &format!("/tickets/{ticket}/documents"), &[("kind", "other")], ("b.txt", "text/plain", b"nobody's")).await.made();
        assert_eq!(agency.many(&format!("/debt-accounts/{}/documents", debtor.debt)).await, 1);
        assert_eq!(agency.many(&format!("/documents?customer_id={}&kind=other&visible_to_customer=false", debtor.customer)).await, 1);
        assert_eq!(agency.many(&format!("/tickets/{ticket}/documents")).await, 1);
        assert_eq!(agency.get(&format!("/documents/{nobodys}/content")).await.text, "nobody's");
        agency.post("/charges", debtor.pays(10_00)).await.made();
        agency.delete(&format!("/customers/{}", debtor.customer)).await.is(200);
        agency.get(&format!("/documents/{proof}")).await.refused(404);
        assert_eq!(agency.number("SELECT count(*) FROM document").await, 1);
    }
}
