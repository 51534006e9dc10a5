//! Lists of accounts: pages, walks and filters.

use serde_json::{Value, json};

use crate::support::agency::Agency;

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap().to_owned()).collect()
}

/// The path and query of one of our own links.
fn local(link: &Value) -> Option<String> {
    let link = link.as_str()?;
    Some(link.strip_prefix("https://pay.example.com/api/v1").expect("our own address").to_owned())
}

on_both_engines! {
    async fn pages_are_newest_first_and_show_each_once(agency: &Agency) {
        let customer = agency.customer().await;
        let mut made = Vec::new();
        for n in 0..23 {
            made.push(agency.debt_of(&customer, 100 + n).await);
        }
        made.reverse();
        let first = agency.get("/debt-accounts").await;
        assert_eq!(ids(first.is(200)), made[..10]);
        let meta = &first["meta"];
        for (name, value) in [("total", 23), ("per_page", 10), ("current_page", 1), ("last_page", 3), ("from", 1), ("to", 10)] {
            assert_eq!(meta[name], value, "{name}");
        }
        let (mut seen, mut next) = (Vec::new(), Some("/debt-accounts?limit=7".to_owned()));
        while let Some(path) = next {
            let page = agency.get(&path).await;
            seen.extend(ids(page.is(200)));
            next = local(&page["links"]["next"]);
        }
        assert_eq!(seen, made);
    }

    async fn a_page_past_the_end_is_empty_and_one_out_of_range_is_refused(agency: &Agency) {
        let customer = agency.customer().await;
        agency.debt_of(&customer, 1_00).await;
        for page in ["2", "1000000000"] {
            let past = agency.get(&format!("/debt-accounts?page={page}")).await;
            assert_eq!((&past.is(200)["data"], &past["meta"]["total"]), (&json!([]), &json!(1)), "page {page}");
        }
        for query in ["page=0", "page=-1", "page=x", "limit=0", "limit=501", "limit=-1", "page=99999999999999999999", "cursor=x"] {
            agency.get(&format!("/debt-accounts?{query}")).await.is(422);
        }
        agency.get("/debt-accounts?limit=500").await.is(200);
    }

    async fn a_walk_by_cursor_sees_each_once_though_others_come_and_go(agency: &Agency) {
        let customer = agency.customer().await;
        let mut made = Vec::new();
        for n in 0..17 {
            made.push(agency.debt_of(&customer, 100 + n).await);
        }
        made.reverse();
        let (mut seen, mut path) = (Vec::new(), "/debt-accounts?limit=5&cursor=".to_owned());
        loop {
            let part = agency.get(&path).await;
            seen.extend(ids(part.is(200)));
            let Some(cursor) = part["meta"]["next_cursor"].as_str() else { break };
            path = format!("/debt-accounts?limit=5&cursor={cursor}");
            agency.debt_of(&customer, 1_00).await; // newer than where the walk is
        }
        assert_eq!(seen, made);
    }

    async fn a_list_shows_only_what_is_asked_for(agency: &Agency) {
        let (ada, bob) = (agency.customer().await, agency.customer().await);
        let at = |customer: &str, place: &str| json!({ "customer_id": customer, "balance": 1_00, "location_id": place, "location_name": place });
        let a = agency.post("/debt-accounts", at(&ada, "L-1")).await.made();
        let b = agency.post("/debt-accounts", at(&bob, "L-2")).await.made();
        let parent = agency.post("/debt-accounts", json!({ "customer_id": ada, "balance": 1_00, "external_id": "P" })).await.made();
        let child = agency.post("/debt-accounts", json!({ "parent_external_id": "P", "balance": 2_00 })).await.made();
        agency.put(&format!("/debt-accounts/{a}"), json!({ "status": "locked" })).await.is(200);
        agency.put(&format!("/debt-accounts/{b}"), json!({ "status": "archived" })).await.is(200);
        let list = async |path: String| {
            let mut found = ids(agency.get(&path).await.is(200));
            found.sort();
            found
        };
        for (query, expected) in [
            (format!("customer_id={ada}"), vec![&a, &parent, &child]),
            ("location_id=L-2".into(), vec![&b]),
            ("parent_external_id=P".into(), vec![&child]),
            ("external_id=P".into(), vec![&parent]),
            ("status=locked".into(), vec![&a]),
            ("status=archived".into(), vec![&b]),
            ("status=active".into(), vec![&parent, &child]),
            (format!("customer_id={ada}&status=active&external_id=P"), vec![&parent]),
            ("external_id=nothing".into(), vec![]),
        ] {
            assert_eq!(list(format!("/debt-accounts?{query}")).await, expected.into_iter().cloned().collect::<Vec<_>>(), "{query}");
        }
        // A coarse word means everything that it is shown for on its own paths.
        let coarse = |word: &str| list(format!("/debt_accounts?status={word}"));
        assert_eq!(coarse("active").await, [a.clone(), parent, child]);
        assert_eq!(coarse("closed").await, [b]);
        agency.get("/debt-accounts?status=open").await.is(422);
    }

    async fn what_can_be_included_has_one_vocabulary(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        let path = format!("/charges/{charge}?include=customer,debt_accounts,payment_method,transactions,ticket,");
        let shown = agency.get(&path).await;
        let data = &shown.is(200)["data"];
        assert_eq!(data["customer"]["id"], debtor.customer.as_str());
        assert_eq!(data["debt_account"]["id"], debtor.debt.as_str());
        assert_eq!(data["payment_method"]["id"], debtor.method.as_str());
        assert_eq!(data["transactions"][0]["amount"], 10_00);
        agency.get(&format!("/charges/{charge}?include=secrets")).await.invalid("include");
        let debt = agency.debt(&debtor.debt).await;
        assert_eq!((&debt["charges"][0]["id"], &debt["transactions"][0]["amount"]), (&json!(charge), &json!(10_00)));
    }
}
