//! Long lists: exact totals and pages by number, from counters, whatever has no place in the stream of events yet.

use base::db::{Command, Tx};
use base::{Change, Result};
use books::locations::{self, Fields, LocationId};
use books::orgs::{Environment, Tenant};
use serde_json::Value;

use crate::support::agency::Agency;

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

/// Every id, newest first, by walking.
async fn walked(agency: &Agency) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), Some(String::new()));
    while let Some(at) = cursor {
        let page = agency.get(&format!("/locations?limit=500&cursor={at}")).await;
        let page = page.is(200);
        all.extend(page["data"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap().to_owned()));
        cursor = page["meta"]["next_cursor"].as_str().map(str::to_owned);
    }
    all
}

/// That pages by number say what walking says.
async fn pages_agree(agency: &Agency) {
    let all = walked(agency).await;
    let last = all.len().div_ceil(100);
    for page in [1, 2, 3, 10, 11, 20, 21, last.saturating_sub(1).max(1), last, last + 1] {
        let answer = agency.get(&format!("/locations?limit=100&page={page}")).await;
        let answer = answer.is(200);
        let ids: Vec<&str> =
            answer["data"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect();
        let from = ((page - 1) * 100).min(all.len());
        assert_eq!(ids, all[from..(from + 100).min(all.len())], "page {page}");
        assert_eq!(answer["meta"]["total"], Value::from(all.len()), "page {page}");
    }
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
        books::events::sequence(&agency.db).await.unwrap(); // 500 of them have a place
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
}
