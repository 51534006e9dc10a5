//! Keys are exchanged while everything is in use: nothing fails, nothing stays under an old key, nobody else is
//! touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::db::{Command, Planted, Tx};
use base::ids::Uuid;
use base::vault::{MasterKey, MasterKeys, Sealed, version_of};
use base::{Change, Result, TenantId};
use books::keys::{self, By, Kind, PLACES, Wish};
use books::orgs::{Environment, Tenant, Tenants};
use books::people::{self, CustomerId};
use edge::Settings;
use exchange::webhooks::FanOut;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::portal::{fields, paying};
use crate::support::agency::{Agency, table};
use crate::support::statements::{Said, moved};
use crate::support::world::World;
use crate::support::{Engine, files, tell};

const CARD: &str = "4242424242424242";

/// Somebody of whom everything is known, with two methods of their own, a card that is nobody's, and their events.
async fn everything(agency: &Agency, n: u32) -> String {
    let person = json!({
        "first_name": "Ada", "last_name": format!("Byron {n}"), "email": format!("ada{n}@example.com"),
        "phone": format!("212555{n:04}"), "ssn_last4": "0042", "date_of_birth": "1987-06-05", "metadata": { "tag": "blue" },
        "address": { "name": "Home", "line1": "1 Main St", "line2": "Up", "city": "Albany", "state": "NY",
                     "postal_code": "12207", "country": "US" }
    });
    let customer = agency.post("/customers", person).await.made();
    let debt = agency.debt_of(&customer, 500_00).await;
    let card = json!({ "card_holder": "Ada Byron", "card_number": CARD, "card_security_code": "123",
                       "card_expiration_month": 4, "card_expiration_year": 2031, "card_postal_code": "12207" });
    let bank = json!({ "account_holder": "Ada Byron", "account_type": "checking", "routing_number": "110000000",
                       "account_number": "48201759368", "account_zip": "12207", "account_state": "NY" });
    let own = json!({ "customer_id": customer, "card": card });
    let method = agency.post("/payment-methods", own).await.made();
    agency.post("/payment-methods", json!({ "customer_id": customer, "ach": bank })).await.made();
    let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00 });
    agency.once(&format!("pay-{n}"), "/charges", pays).await.made();
    agency.post("/charges", json!({ "debt_account_id": debt, "card": card, "amount": 2_00 })).await.made();
    // What they pay on the portal, and what a page of the agency's own was given for a card.
    paying::pays_by_saved(agency, &customer, &debt, (&method, "1.00")).await;
    fields::token_of(agency, CARD).await;
    agency.put(&format!("/customers/{customer}"), json!({ "metadata": { "tag": "green" } })).await.is(200);
    // What they authorized, which is kept.
    let plan = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 20_00, "frequency": "monthly",
                       "authorization": { "channel": "web", "ip_address": "203.0.113.7" } });
    let plan = agency.post("/payment-plans", plan).await.made();
    agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
    let asked = json!({ "debt_account_id": debt, "type": "email", "email": format!("ada{n}@example.com") });
    agency.post("/payment-plans/request", asked).await.made();
    // A receipt that waits for its charge's day.
    let later = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 3_00,
                        "scheduled_at": agency.day(20), "send_email": true, "email": format!("ada{n}@example.com") });
    agency.post("/charges", later).await.made();
    let block =
        json!({ "customer_id": customer, "reason": "vip", "note": "a judge", "evidence": "the docket" });
    let block = agency.post("/blocks", block).await.made();
    agency.post(&format!("/blocks/{block}/lift"), json!({ "reason": "retired" })).await.is(200);
    // The debtor's side: links, tickets of somebody and of nobody, disputes.
    let back = "http://localhost:3000/back";
    let session = json!({ "customer_id": customer, "return_url": back, "expiration_return_url": back,
                          "tags": [{ "name": "utm_source", "value": "mail" }] });
    agency.post("/customer-sessions", session).await.made();
    let question = json!({ "customer_id": customer, "subject": "A question", "description": "How much?" });
    agency.post("/tickets", question).await.made();
    let nobodys = json!({ "subject": "A question", "description": "How much?", "name": "Grace", "email": "g@example.com",
                          "phone": "212-555-0199" });
    agency.post("/tickets", nobodys).await.made();
    let dispute = json!({ "debt_account_id": debt, "description": "It is less." });
    let dispute = agency.post("/debt-account-disputes", dispute).await.made();
    agency
        .post(&format!("/debt-account-disputes/{dispute}/answers"), json!({ "message": "It is not." }))
        .await
        .made();
    let file = agency.ask(Method::POST, &format!("/debt-accounts/{debt}/documents"));
    file.upload(&[], ("a.txt", "text/plain", b"It is less.")).send().await.made();
    let wishes = json!({ "language": "es", "channels": { "sms": false } });
    agency.put(&format!("/customers/{customer}/preferences"), wishes).await.is(200);
    // What the agency's bank says, and somebody has decided about.
    let number = format!("7755{n:08}");
    agency.bank_account(&number).await;
    let came = agency.bank_says(&Said::of(&number, "261119", 0, vec![moved(165, 7_00, "A")])).await;
    let came = format!("/bank-lines?bank_statement_id={}", came["statements"][0]["id"].as_str().unwrap());
    let line = agency.get(&came).await.data()[0]["id"].as_str().unwrap().to_owned();
    agency.post(&format!("/bank-lines/{line}/ignore"), json!({ "reason": "our own transfer" })).await.is(200);
    found(agency, n, &customer).await;
    // Something received that nobody has applied yet.
    let waits = json!([{ "customer": { "external_id": format!("waits-{n}"), "name": "Waits" } }]);
    agency.post("/bulk", waits).await.made();
    // Where the agency is told and asked; both again and again at one place, so that there is no end of webhooks.
    let asked = json!({ "url": "https://127.0.0.1:9/in", "secret": "sixteen-letters!" });
    agency.post("/just-in-time", asked).await.made();
    let told = agency.get("/webhooks").await.data();
    let hook = match told[0]["id"].as_str() {
        Some(id) => id.to_owned(),
        None => {
            let hook = json!({ "url": "https://127.0.0.1:9/", "events": ["charge.failed"] });
            agency.post("/webhooks", hook).await.made()
        }
    };
    let secret = json!({ "secret": format!("the secret number {n}") });
    agency.put(&format!("/webhooks/{hook}"), secret).await.is(200);
    agency.post(&format!("/webhooks/{hook}/test"), json!({})).await.is(200);
    books::events::sequence(&agency.db, &FanOut).await.unwrap();
    agency.courier().step(4).await.unwrap();
    // A bank account that is debited by a file.
    files::set_up(agency, &agency.template.ours.sandbox).await;
    let tenant = agency.sandbox().await.id;
    files::debit(agency, tenant, &format!("debit {n} {customer}"), 1_00).await;
    customer
}

/// All that can be seen of a tenant.
async fn seen(agency: &Agency) -> Vec<Value> {
    let mut all = Vec::new();
    let all_paths = [
        "/customers",
        "/payment-methods",
        "/debt-accounts",
        "/charges",
        "/payment-plans",
        "/transactions",
        "/blocks",
        "/tickets",
        "/debt-account-disputes",
        "/customer-sessions",
        "/documents",
        "/webhooks",
        "/messages",
        "/bank-accounts",
        "/bank-lines",
    ];
    for path in all_paths {
        all.push(agency.get(&format!("{path}?limit=100")).await.is(200)["data"].clone());
    }
    all
}

/// That this customer is found by each thing that is known of them.
async fn found(agency: &Agency, n: u32, id: &str) {
    let by = [
        format!("name=ada%20byron%20{n}"),
        format!("email=ADA{n}@example.com"),
        format!("phone=212555{n:04}"),
    ];
    for query in by {
        let all = agency.get(&format!("/customers?{query}")).await;
        assert_eq!(all.is(200)["data"][0]["id"], id, "{query}: {}", all.text);
        assert_eq!(all["data"].as_array().unwrap().len(), 1, "{query}");
    }
    let asks = format!("lookup_flow_type=phone_ssn_last4&phone=212555{n:04}&ssn_last4=0042");
    let accounts = agency.get(&format!("/debt-accounts/lookup?{asks}")).await;
    assert_eq!(accounts.is(200)["data"].as_array().unwrap().len(), 1, "{}", accounts.text);
}

impl Agency {
    async fn sandbox(&self) -> Tenant {
        self.tenant(Environment::Sandbox).await
    }

    async fn begin(&self, kind: Kind) {
        let tenant = self.sandbox().await.id;
        keys::begin(&self.db, &self.tenants, tenant, &Wish::all(kind)).await.unwrap();
    }

    async fn key_step(&self, budget: i64) -> u64 {
        keys::step(&self.db, &self.tenants, budget).await.unwrap()
    }

    /// Steps, and time that passes where one has to wait, until no rotation runs; after each step `each`.
    async fn rotate(&self, budget: i64, mut each: impl AsyncFnMut(&Agency)) {
        for _ in 0..2_000 {
            let Some(next) = keys::next_at(&self.db).await.unwrap() else { return };
            if next > self.now() {
                self.seconds((next.micros() - self.now().micros()) / 1_000_000).await;
            }
            self.key_step(budget).await;
            each(self).await;
        }
        panic!("the rotation never ends");
    }

    async fn lines(&self) -> Vec<keys::Line> {
        let tx = self.db.snapshot().await.unwrap();
        let tenant = self.tenants.open(&tx, self.sandbox().await.id).await.unwrap();
        keys::list(&tx, &self.tenants, &tenant).await.unwrap()
    }

    /// Rows under the keys of this kind in this state.
    async fn rows_under(&self, kind: &str, state: &str) -> i64 {
        self.lines().await.iter().filter(|l| l.kind == kind && l.state == state).map(|l| l.rows).sum()
    }
}

base::record! {
    struct Cell { id: Uuid, person: Option<Uuid>, value: Vec<u8> }
}
base::record! {
    struct KeyRow in "tenant_key" { version: i64, wrapped: Vec<u8>, serves: String, state: String }
}
base::record! {
    struct Name in "customer" { id: Uuid, name: Option<Sealed> }
}

async fn key_rows(agency: &Agency, tenant: TenantId) -> Vec<KeyRow> {
    agency.db.read().await.unwrap().select("WHERE tenant_id = $1 ORDER BY version", &[&tenant]).await.unwrap()
}

/// The value of every place of a tenant, by table and column, found by other means than the program's counts.
async fn cells(agency: &Agency, tenant: TenantId) -> BTreeMap<(&'static str, &'static str), Vec<Cell>> {
    let tx = agency.db.snapshot().await.unwrap();
    let mut all = BTreeMap::new();
    for place in PLACES.iter().filter(|place| place.by != By::Master) {
        let (table, column) = (place.table, place.column);
        let person = match place.by {
            By::Person(person) | By::PersonOrTenant(person) => person,
            _ => "CAST(NULL AS uuid)",
        };
        // SQLite has no uuid to cast to.
        let person =
            if person.starts_with("CAST") && agency.engine == Engine::Sqlite { "NULL" } else { person };
        let id = if table == "idempotency" { "object_id" } else { "id" };
        let sql = format!(
            "SELECT {id}, {person}, {column} FROM {table} WHERE tenant_id = $1 AND {column} IS NOT NULL ORDER BY 1"
        );
        all.insert((table, column), tx.all::<Cell>(&sql, &[&tenant]).await.unwrap());
    }
    all
}

/// That every value begins with the version that it has to have, and that the scan saw something in every place.
async fn nothing_is_left(agency: &Agency, emptied: bool) {
    let tenant = agency.sandbox().await;
    let rows = key_rows(agency, tenant.id).await;
    let newest = |to: &str| {
        rows.iter()
            .filter(|r| r.state == "active" && (r.serves == to || r.serves == "both"))
            .map(|r| r.version)
            .max()
            .unwrap()
    };
    let tx = agency.db.read().await.unwrap();
    let people: Vec<Name> =
        tx.select("WHERE tenant_id = $1 AND name IS NOT NULL", &[&tenant.id]).await.unwrap();
    let persons: BTreeMap<Uuid, i64> =
        people.iter().map(|p| (p.id, p.name.as_ref().unwrap().version().into())).collect();
    for ((table, column), cells) in cells(agency, tenant.id).await {
        let by = PLACES.iter().find(|p| p.table == table && p.column == column).unwrap().by;
        let is_emptied = by == By::Print && emptied;
        assert!(!cells.is_empty() || is_emptied, "nothing is in {table}.{column}: the story does not try it");
        for cell in cells.iter().filter(|cell| !cell.value.is_empty()) {
            let version = i64::from(version_of(&cell.value).unwrap());
            let must = match (by, cell.person) {
                (By::Person(_) | By::PersonOrTenant(_), Some(person)) => persons[&person],
                (By::Index | By::IndexOf(_) | By::Print, _) => newest("index"),
                _ => newest("tenant"),
            };
            assert_eq!(version, must, "{table}.{column} of {} stands under another version", cell.id);
        }
    }
}

async fn retired_are_destroyed(agency: &Agency, many: usize) {
    let rows = key_rows(agency, agency.sandbox().await.id).await;
    let retired: Vec<&KeyRow> = rows.iter().filter(|row| row.state == "retired").collect();
    assert_eq!(retired.len(), many, "{rows:?}");
    assert!(retired.iter().all(|row| row.wrapped.is_empty()), "a retired key is still there");
    assert!(agency.lines().await.iter().all(|line| line.state == "active" || line.rows == 0));
}

/// Another node on the same database.
fn node(agency: &Agency) -> Agency {
    let masters = MasterKey::parse(agency.template.master.reveal()).unwrap();
    with_masters(agency, masters.into())
}

fn with_masters(agency: &Agency, masters: MasterKeys) -> Agency {
    let tenants = Arc::new(Tenants::new(masters));
    let app =
        api::App::new(agency.db.clone(), tenants.clone(), agency.till.clone(), agency.app.egress.clone());
    let mut settings = Settings::new("https://pay.example.com");
    (settings.rate_a_minute, settings.failures_a_minute) = (1_000_000, 1_000_000);
    let router = table().clone().router(app.clone(), settings);
    let mut other = agency.behind(router);
    (other.tenants, other.app) = (tenants, app);
    other
}

/// One command of a test.
struct Run(&'static str);

impl Command for Run {
    type Out = u64;
    fn name(&self) -> &'static str {
        "test.run"
    }
    async fn exec(&self, tx: &Tx) -> Result<u64> {
        tx.run(self.0, &[]).await
    }
}

fn fields(name: &str) -> people::Fields {
    people::Fields { name: Change::Set(name.to_owned()), ..people::Fields::default() }
}

on_both_engines! {
    async fn each_kind_of_key_is_exchanged_and_everything_reads_as_before(agency: &Agency) {
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(everything(agency, n).await);
        }
        let before = seen(agency).await;
        let charges = agency.bank.charges();
        let mut retired = 0;
        for kind in [Kind::Tenant, Kind::Index, Kind::Customers, Kind::Master, Kind::Index, Kind::Tenant] {
            agency.begin(kind).await;
            agency.rotate(2, async |agency: &Agency| {
                for (n, id) in (0..).zip(&ids) {
                    found(agency, n, id).await;
                }
            }).await;
            assert_eq!(seen(agency).await, before, "after {kind:?}");
            retired += usize::from(matches!(kind, Kind::Tenant | Kind::Index));
            retired_are_destroyed(agency, retired).await;
        }
        nothing_is_left(agency, true).await;
        // The methods are still good for money: their tokens opened.
        let method = agency.get("/payment-methods?limit=1").await.is(200)["data"][0]["id"].clone();
        agency.post("/charges", json!({ "payment_method_id": method, "amount": 3_00 })).await.made();
        assert_eq!(agency.bank.charges(), charges + 1);
    }

    async fn new_keys_are_written_with_and_before_they_are_emptied_the_scan_sees_every_place(agency: &Agency) {
        everything(agency, 1).await;
        nothing_is_left(agency, false).await;
        // The scan bites.
        agency.db.run(&Run("UPDATE customer SET data_key_at = created_at")).await.unwrap();
        agency.begin(Kind::Tenant).await;
        agency.seconds(300).await;
        agency.key_step(100).await; // in use from now on, nothing is moved yet
        assert!(agency.rows_under("tenant", "leaving").await > 3);
        let bites = std::panic::AssertUnwindSafe(nothing_is_left(agency, false));
        assert!(futures_util::FutureExt::catch_unwind(bites).await.is_err());
        agency.rotate(100, async |_: &Agency| ()).await;
        nothing_is_left(agency, false).await;
        everything(agency, 2).await;
        nothing_is_left(agency, false).await;
    }

    async fn requests_that_are_repeated_after_their_key_went_are_not_done_again(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let first = agency.once("order-1", "/charges", debtor.pays(5_00)).await.made();
        let person = agency.once("person-1", "/customers", json!({ "name": "Mary Shelley" })).await.made();
        agency.begin(Kind::Index).await;
        let mut phases = BTreeSet::new();
        agency.rotate(1, async |agency: &Agency| {
            let tx = agency.db.read().await.unwrap();
            let tenant = agency.sandbox().await.id;
            phases.extend(keys::rotations(&tx, tenant).await.unwrap().into_iter().map(|r| r.phase));
            drop(tx);
            let again = agency.once("order-1", "/charges", debtor.pays(5_00)).await;
            assert!(again.is_replay());
            assert_eq!(again.made(), first);
        }).await;
        assert_eq!(phases.into_iter().collect::<Vec<_>>(), ["done", "moving", "settling"]);
        // Another request cannot be told from the first any more: it is shown what the key made, and charges nothing.
        let other = agency.once("order-1", "/charges", debtor.pays(7_00)).await;
        assert_eq!((other.is_replay(), other.made()), (true, first));
        let other = agency.once("person-1", "/customers", json!({ "name": "Bram Stoker" })).await;
        assert_eq!((other.is_replay(), other.made()), (true, person));
        // What can still be told: that it was for another kind of thing.
        for (key, path, body) in [("order-1", "/customers", json!({ "name": "x" })), ("person-1", "/charges", debtor.pays(5_00))] {
            assert_eq!(agency.once(key, path, body).await.refused(422), "idempotency_conflict");
        }
        assert_eq!((agency.bank.charges(), agency.owed(&debtor.debt).await), (1, 45_00));
        // Keys that came later are told apart as ever.
        agency.once("order-2", "/charges", debtor.pays(1_00)).await.made();
        assert_eq!(agency.once("order-2", "/charges", debtor.pays(2_00)).await.refused(422), "idempotency_conflict");
    }

    async fn whoever_opened_the_tenant_before_neither_fails_nor_leaves_a_row_behind(agency: &Agency) {
        let id = everything(agency, 1).await;
        let other = node(agency);
        found(&other, 1, &id).await;
        let stale = other.sandbox().await;
        for kind in [Kind::Tenant, Kind::Index] {
            agency.begin(kind).await;
        }
        // Still within the wait: the new key is not written with, so whoever does not know it reads everything.
        assert_eq!(agency.key_step(100).await, 0);
        let early = everything(agency, 2).await;
        let tx = agency.db.read().await.unwrap();
        let read = people::find(&tx, &stale, CustomerId(early.parse().unwrap())).await.unwrap().unwrap();
        assert_eq!(read.name, "Ada Byron 2");
        drop(tx);
        agency.seconds(300).await;
        while agency.key_step(100).await > 0 {}
        assert_eq!(agency.rows_under("tenant", "leaving").await, 0, "the walk is over");
        // One who opened the tenant just before writes now, with the old key, behind the walk.
        let late: CustomerId = agency.db.seams().id();
        agency.db.run(&people::Create { tenant: &stale, id: late, fields: &fields("Ada Late") }).await.unwrap();
        assert!(agency.rows_under("tenant", "leaving").await > 0);
        let found_late = async |by: &Agency| {
            let all = by.get("/customers?name=Ada%20Late").await;
            assert_eq!(all.is(200)["data"][0]["id"], late.to_string());
        };
        found_late(agency).await;
        agency.rotate(100, async |agency: &Agency| {
            found_late(agency).await;
            found_late(&other).await;
        }).await;
        retired_are_destroyed(agency, 2).await;
        for node in [agency, &other] {
            found(node, 1, &id).await;
            found(node, 2, &early).await;
        }
        nothing_is_left(agency, true).await;
        // The old key opens nothing: not for whoever kept it, nor for whoever asks for it.
        let tx = agency.db.read().await.unwrap();
        assert!(people::find(&tx, &stale, late).await.is_err());
    }

    async fn a_rotation_that_is_killed_at_every_step_goes_on(agency: &Agency) {
        let id = everything(agency, 1).await;
        let before = seen(agency).await;
        for (kind, command) in [(Kind::Tenant, "keys.step"), (Kind::Index, "keys.step"), (Kind::Customers, "keys.exchange"), (Kind::Master, "keys.step")] {
            agency.begin(kind).await;
            let mut steps = 0;
            while let Some(next) = keys::next_at(&agency.db).await.unwrap() {
                agency.seconds(((next.micros() - agency.now().micros()) / 1_000_000).max(0)).await;
                // Every commit's answer is lost once, and every step is another node's.
                let fault = if steps % 2 == 0 { Planted::LostAnswer } else { Planted::Serialization };
                agency.faults.plant(command, fault);
                let other = node(agency);
                other.key_step(1).await;
                found(&other, 1, &id).await;
                steps += 1;
                assert!(steps < 500, "{kind:?} never ends");
            }
            assert!(steps > 0);
            assert_eq!(seen(agency).await, before, "{kind:?}");
        }
        nothing_is_left(agency, true).await;
        retired_are_destroyed(agency, 2).await;
    }

    async fn of_another_tenant_nothing_changes(agency: &Agency) {
        everything(agency, 1).await;
        let world = World::of(agency, &agency.template.theirs.sandbox).await;
        let theirs = agency.tenant_of(agency.template.theirs.id, Environment::Sandbox).await.id;
        let told = async || {
            let cells: Vec<_> = cells(agency, theirs).await.into_values().flatten().map(|c| (c.id, c.value)).collect();
            let keys: Vec<_> = key_rows(agency, theirs).await.into_iter().map(|k| (k.version, k.wrapped, k.state)).collect();
            (cells, keys)
        };
        let before = told().await;
        assert!(before.0.len() > 10);
        for kind in [Kind::Tenant, Kind::Index, Kind::Customers, Kind::Master] {
            agency.begin(kind).await;
        }
        agency.rotate(100, async |_: &Agency| ()).await;
        assert_eq!(told().await, before);
        let path = format!("/customers/{}", world.id("customers"));
        agency.ask(Method::GET, &path).token(&agency.template.theirs.sandbox).send().await.is(200);
    }

    async fn the_master_is_exchanged_and_the_old_one_opens_nothing(agency: &Agency) {
        let id = everything(agency, 1).await;
        let old = MasterKey::parse(agency.template.master.reveal()).unwrap();
        let new = MasterKey::generate(agency.db.seams());
        let both = with_masters(agency, MasterKeys::new(new.clone(), vec![old.clone()]));
        assert!(with_masters(agency, new.clone().into()).tenants.check_master_key(&agency.db).await.is_err());
        both.tenants.check_master_key(&agency.db).await.unwrap();
        for tenant in both.tenants.all(&agency.db.read().await.unwrap()).await.unwrap() {
            keys::begin(&both.db, &both.tenants, tenant.id, &Wish::all(Kind::Master)).await.unwrap();
        }
        assert_eq!(both.rows_under("master", "leaving").await, 2);
        both.rotate(100, async |both: &Agency| found(both, 1, &id).await).await;
        assert_eq!(both.rows_under("master", "leaving").await, 0);
        let (third, only_new) = (new.clone(), with_masters(agency, new.into()));
        only_new.tenants.check_master_key(&agency.db).await.unwrap();
        found(&only_new, 1, &id).await;
        let only_old = with_masters(agency, old.into());
        assert!(only_old.tenants.check_master_key(&agency.db).await.is_err());
        // A node that runs since before keeps its keys in memory, and fails nobody until it is started again.
        found(agency, 1, &id).await;
        // And back, so that the books can be asked with the master of the beginning.
        let back = MasterKey::parse(agency.template.master.reveal()).unwrap();
        let back = with_masters(agency, MasterKeys::new(back, vec![third]));
        for tenant in back.tenants.all(&agency.db.read().await.unwrap()).await.unwrap() {
            keys::begin(&back.db, &back.tenants, tenant.id, &Wish::all(Kind::Master)).await.unwrap();
        }
        back.rotate(100, async |back: &Agency| found(back, 1, &id).await).await;
    }

    async fn a_key_from_before_the_two_were_apart_is_replaced_by_two(agency: &Agency) {
        let one = "UPDATE tenant_key SET serves = 'both' WHERE version = 1";
        agency.db.run(&Run(one)).await.unwrap();
        agency.db.run(&Run("DELETE FROM tenant_key WHERE version = 2")).await.unwrap();
        let id = everything(agency, 1).await;
        nothing_is_left(agency, false).await;
        agency.begin(Kind::Index).await;
        agency.rotate(3, async |agency: &Agency| found(agency, 1, &id).await).await;
        let rows = key_rows(agency, agency.sandbox().await.id).await;
        let told: Vec<String> = rows.iter().map(|r| format!("{} {} {}", r.version, r.serves, r.state)).collect();
        assert_eq!(told[1..], ["2 tenant active", "3 index active"]);
        assert!(told[0].ends_with("retired"), "{told:?}");
        nothing_is_left(agency, true).await;
        retired_are_destroyed(agency, 1).await;
    }

    async fn customers_keys_are_exchanged_by_age_or_one_by_one(agency: &Agency) {
        let old = everything(agency, 1).await;
        agency.days(10).await;
        let new = everything(agency, 2).await;
        let tenant = agency.sandbox().await.id;
        let versions = async || {
            let tx = agency.db.read().await.unwrap();
            let tenant = agency.sandbox().await;
            let mut all = Vec::new();
            for id in [&old, &new] {
                let key = people::key(&tx, &tenant, CustomerId(id.parse().unwrap())).await.unwrap().unwrap();
                all.push(key.version());
            }
            all
        };
        let wish = |before, only| Wish { kind: Kind::Customers, before, only };
        let week_ago = agency.now().plus_seconds(-7 * 86_400);
        keys::begin(&agency.db, &agency.tenants, tenant, &wish(Some(week_ago), None)).await.unwrap();
        agency.rotate(100, async |_: &Agency| ()).await;
        assert_eq!(versions().await, [2, 1]);
        agency.seconds(1).await;
        let only = Some(CustomerId(new.parse().unwrap()));
        keys::begin(&agency.db, &agency.tenants, tenant, &wish(None, only)).await.unwrap();
        agency.rotate(100, async |_: &Agency| ()).await;
        assert_eq!(versions().await, [2, 2]);
        // Not those that are younger already.
        keys::begin(&agency.db, &agency.tenants, tenant, &wish(Some(week_ago), None)).await.unwrap();
        agency.rotate(100, async |_: &Agency| ()).await;
        assert_eq!(versions().await, [2, 2]);
        nothing_is_left(agency, false).await;
        // An erased person is erased: their events stay as they are.
        let gone = agency.post("/customers", json!({ "name": "Mary Shelley" })).await.made();
        agency.delete(&format!("/customers/{gone}")).await.is(200);
        for kind in [Kind::Customers, Kind::Tenant, Kind::Index] {
            agency.begin(kind).await;
        }
        agency.rotate(100, async |_: &Agency| ()).await;
        assert_eq!(agency.rows_under("customers", "active").await, 2);
    }

    async fn a_running_server_is_asked_to_rotate_and_told_how_far_it_is(agency: &Agency) {
        everything(agency, 1).await;
        let began = agency.post("/keys/rotate", json!({ "kind": "tenant" })).await;
        assert_eq!(began.is(200)["data"][0]["phase"], "coming");
        assert_eq!(agency.post("/keys/rotate", json!({ "kind": "tenant" })).await.refused(409), "conflict");
        agency.post("/keys/rotate", json!({ "kind": "session" })).await.refuses(422, &["kind"]);
        agency.post("/keys/rotate", json!({ "kind": "index", "made_before": "2026-01-01" })).await.refuses(422, &["kind"]);
        for _ in 0..3 {
            agency.seconds(300).await;
            agency.steps().await;
        }
        let done = agency.get("/keys/rotations").await;
        assert_eq!((&done.is(200)["data"][0]["done"], &done["data"][0]["phase"]), (&json!(true), &json!("done")));
        let listed = agency.get("/keys").await;
        let told: Vec<String> = listed.is(200)["data"].as_array().unwrap().iter()
            .map(|l| format!("{} {} {} {}", l["kind"], l["version"], l["state"], l["rows"] == 0).replace('"', "")).collect();
        assert_eq!(told[1..], ["tenant 1 retired true", "index 2 active false", "tenant 3 active false", "customers 1 active false"]);
        assert!(!listed.text.contains("wrapped"));
    }
}

on_both_engines! { in threads
    async fn keys_are_exchanged_while_many_write_and_read(agency: &Agency) {
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(everything(agency, n).await);
        }
        let other = node(agency);
        let stop = AtomicBool::new(false);
        let turns = std::sync::atomic::AtomicU32::new(0);
        let busy = async |node: &Agency, n: u32, id: &str| {
            let mut made = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                found(node, n, id).await;
                node.put(&format!("/customers/{id}"), json!({ "metadata": { "turn": made.len().to_string() } })).await.is(200);
                let name = format!("Writer {n} {}", made.len());
                let new = node.post("/customers", json!({ "name": name, "email": format!("w{n}.{}@example.com", made.len()) })).await.made();
                let shown = node.get(&format!("/customers?email=w{n}.{}@example.com", made.len())).await;
                assert_eq!(shown.is(200)["data"][0]["id"], new.as_str());
                let debt = node.debt_of(&new, 10_00).await;
                let method = node.method_of(&new, "tok_visa").await;
                let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00 });
                let key = format!("busy-{n}-{}", made.len());
                let charge = node.once(&key, "/charges", pays.clone()).await.made();
                assert_eq!(node.once(&key, "/charges", pays).await.made(), charge);
                node.get("/customers?limit=20").await.is(200);
                node.get("/payment-methods?limit=20").await.is(200);
                made.push(new);
                turns.fetch_add(1, Ordering::Relaxed);
            }
            made.len()
        };
        // The clock leaps less far than a minute: a rate limit takes a longer leap for a minute full of requests.
        let master = MasterKey::parse(agency.template.master.reveal()).unwrap();
        let hasty = Tenants::new(master).with_key_wait(40);
        let tenant = agency.sandbox().await.id;
        let rotating = async {
            for kind in [Kind::Tenant, Kind::Index, Kind::Customers, Kind::Master, Kind::Customers] {
                keys::begin(&agency.db, &hasty, tenant, &Wish::all(kind)).await.unwrap();
                for _ in 0..3_000 {
                    let Some(next) = keys::next_at(&agency.db).await.unwrap() else { break };
                    if next > agency.now() {
                        // Nobody who works now may be older than the wait: each of them takes a turn first.
                        let begun = turns.load(Ordering::Relaxed);
                        while turns.load(Ordering::Relaxed) < begun + 8 {
                            tokio::task::yield_now().await;
                        }
                        agency.seconds(((next.micros() - agency.now().micros()) / 1_000_000).max(1)).await;
                    }
                    agency.key_step(5).await;
                    other.key_step(5).await;
                }
                assert!(keys::next_at(&agency.db).await.unwrap().is_none(), "{kind:?} never ends");
            }
            stop.store(true, Ordering::Relaxed);
        };
        let writers = join_all((0..).zip(&ids).map(|(n, id)| busy(if n % 2 == 0 { agency } else { &other }, n, id)));
        let ((), made) = futures_util::join!(rotating, writers);
        assert!(made.iter().all(|many| *many > 0), "{made:?}");
        retired_are_destroyed(agency, 2).await;
        for (n, id) in (0..).zip(&ids) {
            found(agency, n, id).await;
        }
        nothing_is_left(agency, true).await;
    }
}

base::record! {
    struct Column { table: String, name: String }
}

/// Where a value is that no key made.
const NO_KEYS: &[(&str, &str)] = &[
    ("token", "hash"),
    ("customer_session", "hash"),
    ("browser", "hash"),
    ("one_time_token", "hash"),
    ("organization_logo", "content"),
];

#[test]
fn every_column_that_could_hold_what_a_key_made_is_a_place_of_the_rotation() {
    // In PostgreSQL's catalog: in SQLite's an id is a blob too.
    tell(Engine::Postgres, async |agency: &Agency| {
        let sql = "SELECT CAST(table_name AS text), CAST(column_name AS text) FROM information_schema.columns \
                   WHERE table_schema = 'public' AND data_type = 'bytea'";
        let all: Vec<Column> = agency.db.read().await.unwrap().all(sql, &[]).await.unwrap();
        let known = |c: &&Column| {
            PLACES.iter().any(|p| p.table == c.table && p.column == c.name)
                || NO_KEYS.contains(&(&*c.table, &*c.name))
        };
        let forgotten: Vec<&Column> = all.iter().filter(|c| !known(c)).collect();
        assert!(forgotten.is_empty(), "{forgotten:?}");
        assert_eq!(all.len(), PLACES.len() + NO_KEYS.len(), "a place is no column any more");
    });
}
