//! Long lists: exact totals and pages by number, from counters, whatever has no place in the stream of events yet.

use base::db::{Command, Tx};
use base::{Change, Result};
use books::locations::{self, Fields, LocationId};
use books::orgs::{Environment, Tenant};
use exchange::webhooks::FanOut;
use http::Method;
use serde_json::{Value, json};

use crate::support::agency::{Agency, table};
use crate::support::world::World;

/// Makes and deletes many locations in one transaction.
struct Many<'a> {
    tenant: &'a Tenant,
    new: std::ops::Range<u32>,
    gone: Vec<LocationId>,
}

impl Command for Many<'_> {
    type Out = Vec<LocationId>;

    fn name(&self) -> &'static str {
        "many"
    }

    async fn exec(&self, tx: &Tx) -> Result<Vec<LocationId>> {
        let mut made = Vec::new();
        for n in self.new.clone() {
            let id: LocationId = tx.new_id();
            let fields = Fields { name: Change::Set(format!("Bank {n}")), ..Fields::default() };
            locations::create(tx, self.tenant, id, &fields).await?;
            made.push(id);
        }
        for id in &self.gone {
            locations::delete(tx, self.tenant, *id).await?;
        }
        Ok(made)
    }
}

/// Every id in this order, by walking.
async fn walked(agency: &Agency, sort: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), Some(String::new()));
    while let Some(at) = cursor {
        let page = agency.get(&format!("/locations?limit=500&sort={sort}&cursor={at}")).await;
        let page = page.is(200);
        all.extend(page["data"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap().to_owned()));
        cursor = page["meta"]["next_cursor"].as_str().map(str::to_owned);
    }
    all
}

/// That pages by number say what walking says, from either end.
async fn pages_agree(agency: &Agency) {
    let newest_first = walked(agency, "-created_at").await;
    let mut all = walked(agency, "created_at").await;
    for sort in ["created_at", "-created_at"] {
        let last = all.len().div_ceil(100);
        for page in [1, 2, 3, 10, 11, 20, 21, last.saturating_sub(1).max(1), last, last + 1] {
            let answer = agency.get(&format!("/locations?limit=100&page={page}&sort={sort}")).await;
            let answer = answer.is(200);
            let ids: Vec<&str> =
                answer["data"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect();
            let from = ((page - 1) * 100).min(all.len());
            assert_eq!(ids, all[from..(from + 100).min(all.len())], "page {page} by {sort}");
            assert_eq!(answer["meta"]["total"], Value::from(all.len()), "page {page} by {sort}");
        }
        all.reverse();
        if sort == "created_at" {
            assert_eq!(all, newest_first, "walking from one end is walking from the other, turned round");
        }
    }
}

/// The fields of a list that an order names, by the names under which they are shown.
fn is_sorted(rows: &[Value], sort: &str) -> bool {
    let (name, falls) = (sort.trim_start_matches('-'), sort.starts_with('-'));
    let given: Vec<&Value> = rows.iter().map(|row| &row[name]).take_while(|v| !v.is_null()).collect();
    // Whatever has no value comes last, either way round.
    let rest = rows.iter().skip(given.len()).all(|row| row[name].is_null());
    rest && given.is_sorted_by(|a, b| {
        let (a, b) = if falls { (b, a) } else { (a, b) };
        match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a <= b,
            _ => a.as_str() <= b.as_str(),
        }
    })
}

on_both_engines! {
    async fn a_page_by_its_number_is_what_walking_would_find_there(agency: &Agency) {
        agency.steps().await;
        let tenant = &agency.tenant(Environment::Sandbox).await;
        let made = agency.db.run(&Many { tenant, new: 0..2_500, gone: Vec::new() }).await.unwrap();
        pages_agree(agency).await; // nothing has a place yet
        agency.steps().await;
        pages_agree(agency).await;
        let blocks = agency.number("SELECT count(*) FROM list_block WHERE list = 'location' AND level = 0 AND many > 0").await;
        assert_eq!(blocks, 3, "2,500 rows are three blocks");
        // Deleted ones all over, some of them with a place; and new ones without.
        let some = |part: usize| made.iter().copied().enumerate().filter(move |(n, _)| n % 7 == part).map(|(_, id)| id).collect();
        agency.db.run(&Many { tenant, new: 0..0, gone: some(0) }).await.unwrap();
        agency.steps().await;
        agency.db.run(&Many { tenant, new: 5_000..5_200, gone: some(1) }).await.unwrap();
        pages_agree(agency).await;
        agency.steps().await;
        pages_agree(agency).await;
    }

    async fn a_list_from_before_there_were_counters_is_counted_then_built(agency: &Agency) {
        let tenant = &agency.tenant(Environment::Sandbox).await;
        let made = agency.db.run(&Many { tenant, new: 0..1_100, gone: Vec::new() }).await.unwrap();
        books::events::sequence(&agency.db, &FanOut).await.unwrap(); // 500 of them have a place
        agency.db.run(&Many { tenant, new: 0..0, gone: made[490..510].to_vec() }).await.unwrap();
        pages_agree(agency).await;
        books::counts::build(&agency.db).await.unwrap();
        pages_agree(agency).await;
        agency.steps().await;
        pages_agree(agency).await;
    }

    async fn a_filtered_list_is_counted_to_ten_thousand_and_walked_beyond(agency: &Agency) {
        let tenant = &agency.tenant(Environment::Sandbox).await;
        agency.db.run(&Many { tenant, new: 0..10_050, gone: Vec::new() }).await.unwrap();
        let list = "/locations?type=original_creditor&limit=100";
        let first = agency.get(list).await;
        assert_eq!(first.is(200)["meta"]["total"], 10_000);
        assert_eq!(first["meta"]["total_is_capped"], true);
        agency.get(&format!("{list}&page=100")).await.is(200);
        let beyond = agency.get(&format!("{list}&page=101")).await;
        assert!(beyond.invalid("page").contains("cursor"), "{}", beyond.text);
    }

    async fn every_list_is_sorted_by_each_of_its_orders(agency: &Agency) {
        let world = World::make(agency).await;
        for (balance, day) in [(70_00, 3), (20_00, 9), (50_00, 6)] {
            let debtor = agency.debtor(balance, "tok_visa").await;
            agency.post("/charges", debtor.pays(balance / 10)).await.made();
            let mut later = debtor.pays(10_00);
            later["scheduled_at"] = json!(agency.day(day));
            agency.post("/charges", later).await.made();
            agency.seconds(60).await;
        }
        let mut orders = 0;
        for row in table().rows().iter().filter(|row| row.method == Method::GET) {
            let Some(all) = row.query.schema["properties"]["sort"]["enum"].as_array() else { continue };
            for sort in all.iter().filter_map(Value::as_str).filter(|sort| !sort.is_empty()) {
                let list = agency.get(&format!("{}?limit=100&sort={sort}", world.path(row))).await;
                let rows = list.is(200)["data"].as_array().unwrap();
                assert!(is_sorted(rows, sort), "{} by {sort}: {rows:#?}", row.path);
                orders += 1;
            }
        }
        assert!(orders > 60, "{orders} orders");
    }

    async fn the_largest_balances_come_first_and_pages_follow_one_another(agency: &Agency) {
        for balance in [30_00, 10_00, 30_00, 20_00, 40_00] {
            agency.debtor(balance, "tok_visa").await;
        }
        let mut seen = Vec::new();
        for page in 1..=3 {
            let list = agency.get(&format!("/debt-accounts?sort=-balance&limit=2&page={page}")).await;
            seen.extend(list.is(200)["data"].as_array().unwrap().iter().map(|d| d["balance"].as_i64().unwrap()));
            assert!(list["links"]["first"].as_str().unwrap().contains("sort=-balance"), "the links keep the order");
        }
        assert_eq!(seen, [40_00, 30_00, 30_00, 20_00, 10_00]);
    }

    async fn an_order_that_cannot_be_had_is_refused_and_says_which_can(agency: &Agency) {
        let unknown = agency.get("/debt-accounts?sort=name").await;
        unknown.invalid("sort");
        let walked = agency.get("/debt-accounts?sort=balance&cursor=").await;
        assert!(walked.invalid("cursor").contains("created_at"), "{}", walked.text);
        let tenant = &agency.tenant(Environment::Sandbox).await;
        agency.db.run(&Many { tenant, new: 0..10_001, gone: Vec::new() }).await.unwrap();
        for has_counters in [false, true] {
            if has_counters {
                books::counts::build(&agency.db).await.unwrap();
            }
            let long = agency.get("/locations?sort=updated_at").await;
            assert!(long.invalid("sort").contains("10000 rows"), "{}", long.text);
            agency.get("/locations?sort=created_at&page=101").await.is(200);
        }
    }
}
