//! One of everything: a real object for every parameter of every path, and a body that every endpoint takes.

use std::collections::BTreeMap;

use base::ids::Uuid;
use edge::Endpoint;
use http::Method;
use serde_json::{Value, json};

use super::statements::{Said, moved};
use super::theirs::Theirs;
use super::{Agency, files};

/// One of everything, in one tenant.
pub(crate) struct World {
    ids: BTreeMap<&'static str, String>,
    /// A day on which a plan may begin.
    soon: String,
    /// What the bank said.
    pub(crate) statement: String,
}

/// An id that nobody has.
pub(crate) const NOBODYS: &str = "01900000-0000-7000-8000-000000000000";

impl World {
    /// In our own sandbox.
    pub(crate) async fn make(agency: &Agency) -> World {
        World::of(agency, &agency.template.ours.sandbox).await
    }

    /// With this token, in an environment that has a processor.
    pub(crate) async fn of(agency: &Agency, token: &str) -> World {
        let post = async |path: &str, body: Value| {
            agency.ask(Method::POST, path).token(token).json(&body).send().await.made()
        };
        let mut ids = BTreeMap::new();
        let address =
            json!({ "line1": "1 Main St", "city": "Albany", "state": "NY", "postal_code": "12207" });
        let customer =
            post("/customers", json!({ "name": "Mary Shelley", "email": "mary@example.com" })).await;
        let address = post(&format!("/customers/{customer}/addresses"), address).await;
        let location = json!({ "name": format!("Bank {}", agency.db.seams().id::<Uuid>()), "type": "original_creditor" });
        let location = post("/locations", location).await;
        let debt = json!({ "customer_id": customer, "balance": 100_00, "location_id": location });
        let debt = post("/debt-accounts", debt).await;
        let method = post("/payment-methods", json!({ "customer_id": customer, "token": "tok_visa" })).await;
        let charge = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00, "send_email": true });
        let charge = post("/charges", charge).await;
        let receipts = agency.ask(Method::GET, "/messages").token(token).send().await;
        ids.insert("messages", receipts.data()[0]["id"].as_str().expect("a receipt is one").to_owned());
        let texts = "/message-templates?kind=webhook_disabled&language=en";
        let texts = agency.ask(Method::GET, texts).token(token).send().await;
        ids.insert("message_templates", texts.data()[0]["id"].as_str().expect("there is one").to_owned());
        let back = agency.ask(Method::POST, &format!("/charges/{charge}/refund"));
        back.token(token).json(&json!({ "amount": 1_00 })).send().await.is(200);
        let transactions = agency.ask(Method::GET, "/transactions").token(token).send().await;
        let transaction =
            transactions.is(200)["data"][1]["id"].as_str().expect("a payment is one").to_owned();
        let refund = transactions["data"][0]["refund_id"].as_str().expect("a refund is one").to_owned();
        // The bank is a client, what was charged waits for a second person, and some of it is at the bank.
        let terms =
            json!({ "location_id": location, "card_hold_days": 0, "fee_rules": [{ "basis_points": 2500 }] });
        ids.insert("client_terms", post("/client-terms", terms).await);
        let remittance = json!({ "location_id": location, "last_day": agency.day(0) });
        ids.insert("remittances", post("/remittances", remittance).await);
        let reference = agency.db.seams().id::<Uuid>().to_string();
        let deposit = json!({ "account": "card_clearing", "amount": 1_00, "reference": reference });
        ids.insert("trust_deposits", post("/trust-deposits", deposit).await);
        let another = json!({ "name": format!("Lender {reference}"), "type": "original_creditor" });
        ids.insert("creditors", post("/locations", another).await);
        let offer = json!({ "debt_account_id": debt, "type": "plan", "discount_percent": 40 });
        ids.insert("settlement_offers", post("/settlement-offers", offer).await);
        let plan = json!({ "debt_account_id": debt, "amount": 10_00, "frequency": "monthly" });
        ids.insert("payment_plans", post("/payment-plans", plan).await);
        let paid_by_plan = post("/debt-accounts", json!({ "customer_id": customer, "balance": 40_00 })).await;
        // Of its own: what a plan charges cannot be deleted.
        let card = json!({ "customer_id": customer, "token": "tok_visa" });
        let card = post("/payment-methods", card).await;
        let running = json!({ "debt_account_id": paid_by_plan, "payment_method_id": card, "amount": 10_00, "frequency": "monthly" });
        let running = agency.ask(Method::POST, "/payment-plans").token(token).json(&running).send().await;
        let instalment = running.is(201)["data"]["charges"][0]["id"].as_str().expect("an instalment");
        ids.insert("instalments", instalment.to_owned());
        let block = post("/blocks", json!({ "customer_id": customer, "reason": "vip" })).await;
        let ticket = json!({ "customer_id": customer, "debt_account_id": debt, "subject": "A question", "description": "How much is it?" });
        let ticket = post("/tickets", ticket).await;
        let disputed = post("/debt-accounts", json!({ "customer_id": customer, "balance": 30_00 })).await;
        let dispute =
            json!({ "debt_account_id": disputed, "reasons": ["wrong_amount"], "description": "It is less." });
        let dispute = post("/debt-account-disputes", dispute).await;
        let session = post("/customer-sessions", json!({ "customer_id": customer })).await;
        let file = agency.ask(Method::POST, &format!("/debt-accounts/{debt}/documents"));
        let file = file.token(token).upload(&[], ("statement.txt", "text/plain", b"Owed: all of it."));
        let document = file.send().await.made();
        let items = json!({ "itemization_date": "2026-01-31", "itemization_date_kind": "charge_off", "amount": 91_00 });
        let recorded = agency.ask(Method::PUT, &format!("/debt-accounts/{debt}/itemization"));
        recorded.token(token).json(&items).send().await.is(200);
        ids.insert("documents", document);
        ids.insert("tickets", ticket);
        ids.insert("debt_account_disputes", dispute);
        ids.insert("customer_sessions", session);
        ids.insert("blocks", block);
        let bulk = post("/bulk", json!([{ "customer": { "name": "Mary Shelley" } }])).await;
        ids.insert("bulk", bulk);
        ids.insert("ach_files", a_file(agency, token).await);
        let theirs = Theirs::answering(404, "{\"error\": \"unknown\"}").await;
        post("/just-in-time", json!({ "url": theirs.url("/in") })).await;
        // There is an end of webhooks: in many worlds the newest takes the place of the one before.
        let hooks = agency.ask(Method::GET, "/webhooks").token(token).send().await;
        if hooks.is(200)["meta"]["total"].as_u64() >= Some(50) {
            let before = hooks.data()[0]["id"].as_str().expect("an id").to_owned();
            agency.ask(Method::DELETE, &format!("/webhooks/{before}")).token(token).send().await.is(200);
        }
        let hook = json!({ "url": "https://agency.example/hook", "events": ["charge.completed"] });
        let hook = post("/webhooks", hook).await;
        let tried = agency.ask(Method::POST, &format!("/webhooks/{hook}/test"));
        tried.token(token).json(&json!({})).send().await.is(200);
        agency.sequence().await;
        let deliveries =
            agency.ask(Method::GET, &format!("/webhooks/{hook}/deliveries")).token(token).send().await;
        ids.insert("deliveries", deliveries.data()[0]["id"].as_str().expect("a delivery").to_owned());
        let replay = agency.ask(Method::POST, &format!("/webhooks/{hook}/replay")).token(token);
        let replay = replay.json(&json!({ "after": 0 })).send().await;
        ids.insert("replays", replay.is(200)["data"]["id"].as_str().expect("a replay").to_owned());
        ids.insert("webhooks", hook);
        let events = agency.ask(Method::GET, "/events").token(token).send().await;
        ids.insert("events", events.data()[0]["id"].as_str().expect("something has happened").to_owned());
        ids.insert("customers", customer);
        ids.insert("addresses", address);
        ids.insert("locations", location);
        ids.insert("debt_accounts", debt);
        ids.insert("payment_methods", method);
        ids.insert("charges", charge);
        ids.insert("refunds", refund);
        ids.insert("transactions", transaction);
        let statement = World::with_a_bank(agency, token, &mut ids).await;
        World { ids, soon: agency.day(7), statement }
    }

    /// An account at a bank, what that says of it, and something that is expected and may be what came; gives the bank's file.
    async fn with_a_bank(agency: &Agency, token: &str, ids: &mut BTreeMap<&'static str, String>) -> String {
        let post = async |path: &str, body: Value| {
            agency.ask(Method::POST, path).token(token).json(&body).send().await.made()
        };
        // Its own in every world.
        let number = format!("9{:012}", agency.db.seams().id::<Uuid>().as_u128() % 1_000_000_000_000);
        let new = json!({ "name": "Trust", "kind": "trust", "routing_number": "091000019", "account_number": number });
        let account = post("/bank-accounts", new).await;
        let said =
            Said::of(&number, "261119", 0, vec![moved(165, 70_00, "A"), moved(165, 50_00, "B")]).text();
        let file = ("day.bai", "text/plain", said.as_bytes());
        let read = agency.ask(Method::POST, "/bank-statements").token(token).upload(&[], file).send().await;
        let statement = read.is(201)["data"]["statements"][0]["id"].as_str().expect("a statement").to_owned();
        let lines = format!("/bank-lines?bank_statement_id={statement}");
        let lines = agency.ask(Method::GET, &lines).token(token).send().await.data();
        let came = lines.as_array().expect("a list").iter().find(|line| line["amount"] == 70_00);
        ids.insert("bank_lines", came.expect("it came")["id"].as_str().expect("an id").to_owned());
        // Expected in other days than it came, so that it waits for whoever says that it is that.
        let expected = json!({ "bank_account_id": account, "kind": "other", "amount": 70_00, "direction": "credit",
                               "from_day": "2026-11-01", "to_day": "2026-11-02" });
        ids.insert("bank_expectations", post("/bank-expectations", expected).await);
        ids.insert("bank_statements", statement);
        ids.insert("bank_accounts", account);
        said
    }

    /// The object of a resource, as its paths name it.
    pub(crate) fn id(&self, resource: &str) -> &str {
        let found = self.ids.get(resource.replace('-', "_").as_str());
        found.unwrap_or_else(|| panic!("World makes no `{resource}`: let it make one"))
    }

    /// Every id.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.values().map(String::as_str)
    }

    /// The path of a row with an object of this world for each parameter.
    pub(crate) fn path(&self, row: &Endpoint<api::App>) -> String {
        fill(&row.path, |resource| self.id(resource).to_owned())
    }

    /// The same with ids that nobody has.
    pub(crate) fn nobodys_path(row: &Endpoint<api::App>) -> String {
        fill(&row.path, |_| NOBODYS.to_owned())
    }

    /// A body that the row takes, referring to this world.
    ///
    /// # Panics
    /// For a row that is not known here: give it one.
    pub(crate) fn body(&self, row: &Endpoint<api::App>) -> Value {
        let path = row.path.replace('-', "_");
        let method = row.method.as_str();
        match (method, path.as_str()) {
            ("POST", "/customers") => json!({ "name": "Bram Stoker" }),
            ("POST", "/customers/{id}/addresses") => {
                json!({ "line1": "2 Main St", "city": "Albany", "state": "NY", "postal_code": "12207" })
            }
            ("POST", "/customers/{id}/payment_methods") => json!({ "token": "tok_visa" }),
            ("POST", "/payment_methods") => {
                json!({ "customer_id": self.id("customers"), "token": "tok_visa" })
            }
            ("POST", "/locations") => json!({ "name": "Another Bank", "type": "original_creditor" }),
            ("POST", "/debt_accounts") => json!({ "customer_id": self.id("customers"), "balance": 50_00 }),
            ("POST", "/charges") => json!({
                "debt_account_id": self.id("debt_accounts"), "payment_method_id": self.id("payment_methods"),
                "amount": 1_00
            }),
            (
                "POST",
                "/charges/{id}/cancel" | "/charges/{id}/refund" | "/charges/{id}/void" | "/charges/{id}/sync",
            ) => json!({}),
            ("POST", "/payment_methods/{id}/reauthorize") => json!({ "evidence": "a signed form" }),
            ("POST", "/charges/{id}/resolve") => json!({ "outcome": "succeeded", "reason": "as it says" }),
            ("POST", "/debt_accounts/lookup") => {
                json!({ "lookup_flow_type": "phone_ssn_last4", "phone": "212-555-0101", "ssn_last4": "0042" })
            }
            ("POST", "/payment_plans" | "/payment_plans/preview") => json!({
                "debt_account_id": self.id("debt_accounts"), "amount": 10_00, "frequency": "weekly"
            }),
            ("POST", "/payment_plans/request") => json!({
                "debt_account_external_id": self.id("debt_accounts"), "frequency": "weekly", "start_date": self.soon,
                "amount": 10_00, "type": "sms", "phone": "212-555-0101"
            }),
            (
                "POST",
                "/payment_plans/{id}/pause"
                | "/payment_plans/{id}/resume"
                | "/payment_plans/{id}/cancel"
                | "/payment_plans/{id}/reinstate"
                | "/payment_plans/{id}/instalments/{instalment_id}/skip"
                | "/settlement_offers/{id}/withdraw",
            ) => json!({}),
            ("POST", "/payment_plans/{id}/replace") => json!({ "amount": 20_00, "frequency": "monthly" }),
            ("PUT", "/payment_plans/{id}") => {
                json!({ "amount": 20_00, "frequency": "monthly", "start_date": self.soon })
            }
            ("POST", "/settlement_offers") => json!({
                "debt_account_id": self.id("debt_accounts"), "type": "one_time", "amount": 60_00
            }),
            ("POST", "/client_terms") => {
                json!({ "location_id": self.id("creditors"), "fee_rules": [{ "basis_points": 2500 }] })
            }
            ("POST", "/remittances") => json!({ "location_id": self.id("locations") }),
            ("POST", "/remittances/{id}/pay") => json!({ "bank_reference": "WIRE-1" }),
            (
                "POST",
                "/remittances/{id}/approve" | "/remittances/{id}/void" | "/trust_deposits/{id}/reverse",
            ) => json!({}),
            ("POST", "/trust_deposits") => {
                json!({ "account": "card_clearing", "amount": 1_00, "reference": "another" })
            }
            ("POST", "/debt_accounts/lookup/unlock") => json!({ "phone": "212-555-0101" }),
            ("POST", "/blocks") => json!({ "customer_id": self.id("customers"), "reason": "vip" }),
            ("POST", "/blocks/{id}/lift") => json!({}),
            ("POST", "/bulk") => json!([{ "customer": { "name": "Bram Stoker" } }]),
            ("POST", "/bulk/debt_accounts") => {
                json!({ "debt_accounts": [{ "customer_id": self.id("customers"), "balance": 50_00 }] })
            }
            ("POST", "/bulk/{id}/cancel") => json!({}),
            ("POST", "/customer_sessions") => json!({ "customer_id": self.id("customers") }),
            ("POST", "/customer_sessions/{id}/revoke" | "/tickets/{id}/read") => json!({}),
            ("POST", "/tickets") => json!({ "subject": "Another", "description": "And another thing." }),
            ("POST", "/tickets/{id}/messages") => json!({ "message": "We will look at it." }),
            ("POST", "/debt_account_disputes") => json!({ "debt_account_id": self.id("debt_accounts") }),
            ("POST", "/debt_account_disputes/{id}/answers") => json!({ "message": "We verified it." }),
            (
                "POST",
                "/debt_accounts/{id}/documents"
                | "/debt_account_disputes/{id}/documents"
                | "/tickets/{id}/documents",
            ) => json!({ "kind": "statement" }),
            ("POST", "/just_in_time") => json!({ "url": "https://127.0.0.1:9/in" }),
            ("POST", "/just_in_time/trigger") => json!({ "debt_account_external_id": "D-1" }),
            ("POST", "/webhooks") => {
                json!({ "url": "https://agency.example/other", "events": ["customer.create"] })
            }
            (
                "POST",
                "/webhooks/{id}/pause"
                | "/webhooks/{id}/resume"
                | "/webhooks/{id}/rotate_secret"
                | "/webhooks/{id}/test"
                | "/webhooks/{id}/deliveries/{delivery_id}/resend"
                | "/webhooks/{id}/deliveries/{delivery_id}/cancel"
                | "/webhooks/{id}/replays/{replay_id}/cancel",
            ) => json!({}),
            ("POST", "/webhooks/{id}/replay") => json!({ "after": 0 }),
            ("POST", "/keys/rotate") => json!({ "kind": "customers" }),
            ("POST", "/ach_originator/cut" | "/ach_files/{id}/acknowledge" | "/ach_files/{id}/reject") => {
                json!({})
            }
            ("POST", "/test_clock") => json!({}),
            ("POST", "/test_clock/advance") => json!({ "seconds": 1 }),
            (
                "POST",
                "/messages/{id}/cancel" | "/messages/{id}/resend" | "/message_templates/{id}/preview",
            ) => {
                json!({})
            }
            ("POST", "/bank_accounts") => json!({
                "name": "Operating", "kind": "operating", "routing_number": "091000019", "account_number": "0012345678"
            }),
            ("POST", "/bank_accounts/{id}/close" | "/bank_statements" | "/bank_lines/{id}/unmatch") => {
                json!({})
            }
            ("POST", "/bank_lines/{id}/match") => {
                json!({ "bank_expectation_ids": [self.id("bank_expectations")] })
            }
            ("POST", "/bank_lines/{id}/ignore") => json!({ "reason": "a transfer of our own" }),
            ("POST", "/bank_expectations") => json!({
                "bank_account_id": self.id("bank_accounts"), "kind": "fee", "amount": 5_00, "direction": "debit",
                "from_day": "2026-11-20", "to_day": "2026-11-24"
            }),
            ("POST", "/bank_expectations/{id}/cancel") => json!({}),
            ("PUT", _) => json!({}),
            _ => panic!("World has no body for {method} {}: give it one", row.path),
        }
    }
}

/// An organization's bank debits are set up, and one of them has gone to the bank in a file; its id.
async fn a_file(agency: &Agency, token: &str) -> String {
    files::set_up(agency, token).await;
    let tenant = agency.caller_of(token).await;
    let cut = async |key: &str| {
        files::debit(agency, tenant, key, 10_00).await;
        agency.ask(Method::POST, "/ach-originator/cut").token(token).json(&json!({})).send().await.is(200);
        ach::originate::step(&agency.db).await.expect("a file is cut");
        files::bring(agency).await;
    };
    let untold = async || {
        let files = agency.ask(Method::GET, "/ach-files?state=delivered").token(token).send().await.data();
        let mut files = files.as_array().expect("a list").iter();
        let of_the_debit = files.find(|file| !file["name"].as_str().expect("a name").ends_with("-A.ach"));
        of_the_debit.map(|file| file["id"].as_str().expect("an id").to_owned())
    };
    // A day has an end of files: whoever makes many worlds uses again the one of which nothing has been said.
    if let Some(file) = untold().await {
        return file;
    }
    let any = agency.ask(Method::GET, "/ach-files").token(token).send().await;
    if any.data().as_array().is_none_or(Vec::is_empty) {
        cut("a debit of the world that comes back").await;
        let company = agency.ask(Method::GET, "/ach-originator").token(token).send().await;
        let company = company.is(200)["data"]["company_id"].as_str().expect("an id").to_owned();
        let (_, lies) = files::lying(agency)
            .into_iter()
            .rfind(|(name, _)| name.starts_with(&company))
            .expect("it lies there");
        let back = lies.batches[0].entries[0].entry.trace();
        files::sends(agency, &format!("{back}.ach"), 1, &[(back, files::Says::Returned("R01"))]);
        files::collect(agency).await;
    }
    cut("a debit of the world").await;
    untold().await.expect("a file was cut")
}

fn fill(pattern: &str, id: impl Fn(&str) -> String) -> String {
    let steps: Vec<&str> = pattern.split('/').collect();
    let filled = steps.iter().enumerate().map(|(i, step)| match step.strip_prefix('{') {
        Some(_) => id(steps[i - 1]),
        None => (*step).to_owned(),
    });
    filled.collect::<Vec<_>>().join("/")
}
