//! The addresses of a customer, of which one is primary.

use serde_json::json;

use super::ana;
use crate::support::agency::Agency;

on_both_engines! {
    async fn of_a_customers_addresses_one_is_primary(agency: &Agency) {
        agency.post("/customers", ana()).await.data();
        let base = "/customers/C-1/addresses";
        agency.post(base, json!({"name": "x"})).await.refuses(422, &["postal_code"]);
        agency.post(base, json!({"postal_code": "1234"})).await.refuses(422, &["postal_code"]);
        agency.delete(base).await.refuses(405, &[]);
        let second = agency.post(base, json!({"postal_code": "12345", "is_primary": "true"})).await.data();
        let path = format!("{base}/{}", second["id"].as_str().unwrap());
        agency.put(&path, json!({"postal_code": ""})).await.refuses(422, &["postal_code"]);
        let second = agency.put(&path, json!({"line2": "B", "is_primary": false})).await.data();
        assert_eq!((&second["is_primary"], &second["line2"]), (&json!(true), &json!("B")));
        let listed = agency.get(base).await.json;
        assert_eq!((&listed["meta"]["total"], &listed["data"][1]["is_primary"]), (&json!(2), &json!(false)));
        assert_eq!(agency.delete(&path).await.json, json!({"success": true}));
        agency.get(&path).await.refuses(404, &[]);
        assert_eq!(agency.get(base).await.json["data"][0]["is_primary"], true);
    }
}
