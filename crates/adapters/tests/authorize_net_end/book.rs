//! What the other end has in its books, and what happens in them as time goes on.

use std::collections::BTreeMap;

use base::Ts;
use serde_json::{Value, json};

use super::methods::{self, Does};

/// After how many seconds what is final settles. There it is a time of the night.
pub(crate) const LATER: i64 = 60;

/// A customer's card or account. <https://developer.authorize.net/api/reference/features/customer-profiles.html>
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) customer: u64,
    pub(crate) id: u64,
    pub(crate) called: String,
    /// The nonce that it was made of.
    pub(crate) method: String,
}

/// A transaction.
#[derive(Clone, Default)]
pub(crate) struct Txn {
    pub(crate) id: u64,
    pub(crate) of: Option<u64>,
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    pub(crate) submitted: i64,
    pub(crate) response: u8,
    pub(crate) reason: String,
    pub(crate) cents: i64,
    pub(crate) invoice: String,
    pub(crate) description: String,
    pub(crate) items: Vec<Value>,
    pub(crate) method: String,
    pub(crate) customer: u64,
    pub(crate) profile: u64,
    /// What a filter against fraud did with it.
    pub(crate) filter: Option<&'static str>,
    /// By what it is told from others.
    pub(crate) alike: String,
    /// For how long nothing like it is taken.
    pub(crate) window: i64,
    pub(crate) batch: Option<u64>,
    pub(crate) returned: Vec<(u64, i64, &'static str)>,
}

/// The books.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) now: i64,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) transactions: Vec<Txn>,
    /// When each batch settled.
    pub(crate) batches: BTreeMap<u64, i64>,
    /// Nonces that were used.
    pub(crate) spent: Vec<String>,
    /// How often each order was tried, by which breaks happen once.
    pub(crate) tries: BTreeMap<String, u32>,
    /// For how long the lists do not tell of what was made.
    pub(crate) list_lag: i64,
    /// Whether it approves and keeps nothing. <https://developer.authorize.net/hello_world/testing_guide.html>
    pub(crate) is_test_mode: bool,
    numbers: u64,
}

impl Book {
    pub(crate) fn next_id(&mut self) -> u64 {
        self.numbers += 1;
        60_000_000_000 + self.numbers
    }

    /// How often a charge key moved money, or will.
    pub(crate) fn charges(&self, key: &str) -> usize {
        let is_it = |one: &&Txn| {
            one.kind == "authCaptureTransaction"
                && one
                    .items
                    .iter()
                    .any(|item| item["itemId"] == "quittance_key" && item["description"] == key)
        };
        let moved = |one: &&Txn| {
            matches!(
                one.status,
                "capturedPendingSettlement" | "settledSuccessfully" | "FDSPendingReview" | "underReview"
            )
        };
        self.transactions.iter().filter(is_it).filter(moved).count()
    }

    pub(crate) fn find(&self, id: u64) -> Option<&Txn> {
        self.transactions.iter().find(|one| one.id == id)
    }

    pub(crate) fn change(&mut self, id: u64, how: impl FnOnce(&mut Txn)) {
        how(self.transactions.iter_mut().find(|one| one.id == id).unwrap());
    }

    /// Adds it as it is made now.
    pub(crate) fn add(&mut self, txn: Txn) -> u64 {
        let id = self.next_id();
        self.transactions.push(Txn { id, submitted: self.now, ..txn });
        id
    }

    pub(crate) fn given_back(&self, id: u64) -> i64 {
        let back = |one: &&Txn| {
            one.of == Some(id) && one.kind == "refundTransaction" && one.status.starts_with("refund")
        };
        self.transactions.iter().filter(back).map(|one| one.cents).sum()
    }

    /// As somebody decides in Authorize.net's pages what a filter has held.
    pub(crate) fn decide(&mut self, id: u64, status: &'static str) {
        let reason = if status == "declined" { "254" } else { "1" };
        self.change(id, |one| (one.status, one.reason) = (status, reason.into()));
    }

    /// The batch that settles then.
    fn batch_of(&mut self, at: i64) -> u64 {
        if let Some((batch, _)) = self.batches.iter().find(|(_, settled)| **settled == at) {
            return *batch;
        }
        let batch = self.next_id();
        self.batches.insert(batch, at);
        batch
    }

    /// Tells that a transaction came back, as a transaction of its own.
    /// <https://community.developer.cybersource.com/t5/Integration-and-Testing/Getting-transaction-details/m-p/14198>
    pub(crate) fn came_back(&mut self, id: u64, status: &'static str, code: &'static str, at: i64) {
        let of = self.find(id).unwrap().clone();
        let news = Txn {
            of: Some(id),
            status,
            kind: status,
            items: Vec::new(),
            response: 1,
            batch: of.batch,
            returned: Vec::new(),
            ..of
        };
        let news = self.add(news);
        self.change(id, |one| one.returned.push((news, at, code)));
        let batch = self.batch_of(at);
        self.change(news, |one| (one.batch, one.submitted) = (Some(batch), at));
    }

    /// Lets what is due happen. Whatever is final goes into a batch, also what was declined or voided.
    pub(crate) fn move_to(&mut self, now: i64) {
        self.now = now;
        let is_open = |one: &Txn| matches!(one.status, "FDSPendingReview" | "underReview");
        let due = |one: &&Txn| one.batch.is_none() && one.submitted + LATER <= now && !is_open(one);
        let due: Vec<Txn> = self.transactions.iter().filter(due).cloned().collect();
        for one in due {
            let at = one.submitted + LATER;
            let batch = self.batch_of(at);
            let status = match one.status {
                "capturedPendingSettlement" => "settledSuccessfully",
                "refundPendingSettlement" => "refundSettledSuccessfully",
                other => other,
            };
            self.change(one.id, |kept| (kept.batch, kept.status) = (Some(batch), status));
            if let (Some(Does::ComeBack(code)), "settledSuccessfully") = (methods::does(&one.method), status)
            {
                self.came_back(one.id, "returnedItem", code, at);
            }
        }
        let is_disputed = |one: &&Txn| {
            one.status == "settledSuccessfully"
                && one.returned.is_empty()
                && methods::does(&one.method) == Some(Does::Dispute)
                && one.submitted + 2 * LATER <= now
        };
        let disputed: Vec<(u64, i64)> = self
            .transactions
            .iter()
            .filter(is_disputed)
            .map(|one| (one.id, one.submitted + 2 * LATER))
            .collect();
        for (id, at) in disputed {
            self.came_back(id, "chargeback", "10.4", at);
        }
    }
}

fn instant(seconds: i64) -> String {
    Ts::from_micros(seconds * 1_000_000).to_string()
}

fn dollars(cents: i64) -> Value {
    serde_json::from_str(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap()
}

/// The number on a card, masked, and its brand.
pub(super) fn card(method: &str) -> (&'static str, &'static str) {
    match method {
        "mastercard" => ("XXXX4444", "MasterCard"),
        "amex" => ("XXXX0005", "AmericanExpress"),
        _ => ("XXXX4242", "Visa"),
    }
}

impl Txn {
    fn is_bank(&self) -> bool {
        methods::is_bank(&self.method)
    }

    /// In a list.
    pub(super) fn summary(&self) -> Value {
        let (number, brand) = card(&self.method);
        let mut said = json!({
            "transId": self.id.to_string(),
            "submitTimeUTC": instant(self.submitted),
            "submitTimeLocal": instant(self.submitted).trim_end_matches('Z'),
            "transactionStatus": self.status,
            "invoiceNumber": self.invoice,
            "accountType": if self.is_bank() { "eCheck" } else { brand },
            "accountNumber": if self.is_bank() { "XXXX6789" } else { number },
            "settleAmount": dollars(self.cents),
            "marketType": "eCommerce",
            "product": "Card Not Present",
        });
        if !self.returned.is_empty() {
            said["hasReturnedItems"] = json!(true);
        }
        if self.filter.is_some() {
            said["fraudInformation"] = json!({ "fraudFilterList": ["Amount"], "fraudAction": "Review" });
        }
        said
    }

    /// Whole. User fields are not among it.
    /// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-transaction-details>
    pub(super) fn details(&self, book: &Book) -> Value {
        let (number, brand) = card(&self.method);
        let mut said = json!({
            "transId": self.id.to_string(),
            "submitTimeUTC": instant(self.submitted),
            "submitTimeLocal": instant(self.submitted).trim_end_matches('Z'),
            "transactionType": self.kind,
            "transactionStatus": self.status,
            "responseCode": self.response,
            "responseReasonCode": self.reason.parse::<u32>().unwrap_or(1),
            "responseReasonDescription": "What was said of it.",
            "AVSResponse": "P",
            "order": { "invoiceNumber": self.invoice, "description": self.description },
            "authAmount": dollars(self.cents),
            "settleAmount": dollars(self.cents),
            "taxExempt": false,
            "customer": { "id": "" },
            "recurringBilling": false,
            "product": "Card Not Present",
            "marketType": "eCommerce",
            "payment": if self.is_bank() {
                json!({ "bankAccount": { "routingNumber": "XXXX0021", "accountNumber": "XXXX6789", "nameOnAccount": "Ada Debtor", "echeckType": "WEB" } })
            } else {
                json!({ "creditCard": { "cardNumber": number, "expirationDate": "XXXX", "cardType": brand } })
            },
            "profile": {
                "customerProfileId": self.customer.to_string(),
                "customerPaymentProfileId": self.profile.to_string(),
            },
        });
        if let Some(of) = self.of {
            said["refTransId"] = json!(of.to_string());
        }
        if let Some(action) = self.filter {
            said["FDSFilterAction"] = json!(action);
        }
        if !self.items.is_empty() {
            said["lineItems"] = json!(self.items);
        }
        if let Some(batch) = self.batch {
            let settled = instant(book.batches[&batch]);
            said["batch"] = json!({ "batchId": batch.to_string(), "settlementTimeUTC": settled, "settlementState": "settledSuccessfully" });
        }
        if !self.returned.is_empty() {
            let item = |(id, at, code): &(u64, i64, &str)| json!({ "id": id.to_string(), "dateUTC": instant(*at), "dateLocal": instant(*at), "code": code, "description": "Why." });
            said["returnedItems"] = self.returned.iter().map(item).collect();
        }
        said
    }
}
