//! What the client is sent.

use serde_json::json;

use super::id;
use crate::support::agency::{Agency, Debtor};

on_both_engines! {
    async fn a_statement_is_a_table_that_adds_up_and_a_page_to_read(agency: &Agency) {
        let bank = agency.client("=First & Example", json!({ "card_hold_days": 0 })).await;
        let customer = agency.customer().await;
        let debt = json!({ "customer_id": customer, "balance": 500_00, "location_id": bank, "external_id": "=1+1", "account_number": "HPR, 7" });
        let debt = agency.post("/debt-accounts", debt).await.made();
        let method = agency.method_of(&customer, "tok_visa").await;
        let charge = agency.paid(&Debtor { customer, debt: debt.clone(), method }, 99_99).await;
        agency.refunds(&charge, 33_33).await;
        let draft = agency.post("/remittances", json!({ "location_id": bank, "last_day": agency.day(0) })).await;
        let draft = draft.is(201)["data"].clone();
        let path = format!("/remittances/{}/statement", id(&draft));
        let table = agency.get(&path).await;
        table.is(200);
        assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
        let lines: Vec<&str> = table.text.lines().collect();
        assert_eq!(lines.len(), 3, "{}", table.text);
        assert_eq!(lines[0], "id,type,moved_on,debt_account_id,debt_account_external_id,account_number,charge_id,amount,basis_points,fee,net");
        let (today, end) = (agency.day(0), format!("{debt},\"'=1+1\",\"HPR, 7\",{charge}"));
        assert!(lines[1].ends_with(&format!(",payment,{today},{end},9999,2500,2500,7499")), "{}", lines[1]);
        assert!(lines[2].ends_with(&format!(",refund,{today},{end},-3333,2500,-833,-2500")), "{}", lines[2]);
        assert_eq!(draft["net"], 74_99 - 25_00);

        let page = agency.get(&format!("{path}?format=pdf")).await;
        page.is(200);
        assert_eq!(page.headers["content-type"], "application/pdf");
        assert!(page.bytes.starts_with(b"%PDF-1.7"));
        let name = format!("attachment; filename*=UTF-8''remittance-{today}-{}.pdf", id(&draft));
        assert_eq!(page.headers["content-disposition"].to_str().unwrap(), name);
        agency.get(&format!("{path}?format=xlsx")).await.invalid("format");
    }

    async fn lines_are_walked_in_the_ledger_s_order_and_a_table_has_all_of_them(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({ "card_hold_days": 0 })).await;
        let debtor = agency.owes(&bank, 500_00, "tok_visa").await;
        for cents in [1_00, 2_00, 3_00] {
            agency.paid(&debtor, cents).await;
        }
        let draft = agency.post("/remittances", json!({ "location_id": bank, "last_day": agency.day(0) })).await;
        let path = format!("/remittances/{}", id(&draft.is(201)["data"]));
        let first = agency.get(&format!("{path}/lines?limit=2&cursor=")).await;
        let amounts = |of: &serde_json::Value| -> Vec<i64> { of["data"].as_array().unwrap().iter().map(|l| l["amount"].as_i64().unwrap()).collect() };
        assert_eq!(amounts(first.is(200)), [1_00, 2_00]);
        let cursor = first["meta"]["next_cursor"].as_str().unwrap();
        let second = agency.get(&format!("{path}/lines?limit=2&cursor={cursor}")).await;
        assert_eq!(amounts(second.is(200)), [3_00]);
        assert_eq!(agency.many(&format!("{path}/lines?page=2&limit=2")).await, 3);
        assert_eq!(agency.get(&format!("{path}/statement")).await.text.lines().count(), 4);
    }
}
