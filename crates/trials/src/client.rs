//! A caller of the API: keep-alive connections, several nodes, and the same key until there is a definite answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::client::{
    Cents, Client, NewCustomer, NewDebtAccount, NewPaymentMethod, NewPaymentPlan, PaymentPlanFrequency,
};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::history::{Asked, Heard, Instrument, Line, What, Writer};

/// Longer than the server waits for the processor.
const PATIENCE: Duration = Duration::from_secs(15);

/// The API, at one or several addresses, with one token for each organization.
pub(crate) struct Api {
    // What a trial watches is sent by hand: it wants every single try.
    http: reqwest::Client,
    makers: Vec<Client>,
    bases: Vec<String>,
    tokens: Vec<String>,
    /// How long one request is tried before it counts as undecided.
    give_up: Duration,
    pub(crate) history: Arc<Writer>,
    pub(crate) tries: AtomicU64,
}

/// A request and what came of it in the end.
pub(crate) struct Done {
    /// The last answer.
    pub(crate) heard: Heard,
    /// From the first try to it.
    pub(crate) took: Duration,
    /// Whether it is definite.
    pub(crate) is_definite: bool,
}

impl Api {
    pub(crate) fn new(
        bases: &[String],
        tokens: &[String],
        give_up: Duration,
        history: Arc<Writer>,
    ) -> Result<Api> {
        if bases.is_empty() || tokens.is_empty() {
            bail!("name at least one address and one token");
        }
        let bases: Vec<String> =
            bases.iter().map(|b| format!("{}/api/v1", b.trim_end_matches('/'))).collect();
        let makers =
            tokens.iter().map(|token| Client::new(&bases[0], token.as_str())).collect::<Result<_, _>>()?;
        let http = adapters::http::client(PATIENCE)?;
        Ok(Api { http, makers, bases, tokens: tokens.to_vec(), give_up, history, tries: AtomicU64::new(0) })
    }

    pub(crate) fn orgs(&self) -> usize {
        self.tokens.len()
    }

    /// Makes a customer beforehand; gives their id.
    pub(crate) async fn customer(&self, org: usize, name: &str) -> Result<String> {
        let new = NewCustomer { name: Some(name.into()), ..Default::default() };
        Ok(self.makers[org].create_customer(&new).await.context("a customer")?.id)
    }

    /// Makes a customer's payment method beforehand; gives its id.
    pub(crate) async fn method(&self, org: usize, customer: &str) -> Result<String> {
        let new = NewPaymentMethod {
            customer_id: Some(customer.into()),
            token: Some("tok_visa".into()),
            ..Default::default()
        };
        Ok(self.makers[org].create_payment_method(&new).await.context("a payment method")?.id)
    }

    /// Makes a customer's account beforehand; gives its id.
    pub(crate) async fn account(&self, org: usize, customer: &str, placed: i64) -> Result<String> {
        let new = NewDebtAccount {
            customer_id: Some(customer.into()),
            balance: Cents(placed),
            ..Default::default()
        };
        Ok(self.makers[org].create_debt_account(&new).await.context("an account")?.id)
    }

    /// Makes an account's monthly plan beforehand, which its customer has enrolled in.
    pub(crate) async fn plan(
        &self,
        org: usize,
        debt: &str,
        method: &str,
        each: i64,
        from: &str,
    ) -> Result<()> {
        let new = NewPaymentPlan {
            debt_account_id: debt.into(),
            payment_method_id: Some(method.into()),
            frequency: PaymentPlanFrequency::Monthly,
            start_date: Some(from.into()),
            amount: Cents(each),
            ..Default::default()
        };
        self.makers[org].create_payment_plan(&new).await.context("a payment plan").map(drop)
    }

    /// One try.
    pub(crate) async fn attempt(&self, asked: &Asked, node: usize) -> Heard {
        self.history.add(&Line::Asked(Asked { at: self.history.now(), ..asked.clone() }));
        self.tries.fetch_add(1, Ordering::Relaxed);
        let (path, body) = request(&asked.what);
        let call = self.http.post(format!("{}{path}", self.bases[node]));
        let call =
            call.bearer_auth(&self.tokens[asked.org]).header("Idempotency-Key", &asked.key).json(&body);
        let mut heard = Heard { n: asked.n, attempt: asked.attempt, node, ..Heard::default() };
        match call.send().await {
            Ok(answer) => {
                heard.status = answer.status().as_u16();
                heard.retry_after = answer.headers().contains_key("retry-after");
                heard.replayed = answer.headers().contains_key("idempotent-replayed");
                match answer.json::<Value>().await {
                    Ok(body) => {
                        heard.charge = body["data"]["id"].as_str().map(str::to_owned);
                        heard.state = body["data"]["state"].as_str().map(str::to_owned);
                        heard.amount = body["data"]["amount"].as_i64();
                        heard.code = body["errorCode"].as_str().map(str::to_owned);
                    }
                    Err(why) => {
                        // Half an answer is none.
                        heard.status = 0;
                        heard.code = Some(why.without_url().to_string());
                    }
                }
            }
            Err(why) => heard.code = Some(why.without_url().to_string()),
        }
        heard.at = self.history.now();
        self.history.add(&Line::Heard(heard.clone()));
        heard
    }

    /// Tries with the same key, at any node, until there is a definite answer or patience ends.
    pub(crate) async fn ask(&self, mut asked: Asked, dice: &Dice) -> Done {
        let began = tokio::time::Instant::now();
        loop {
            asked.attempt += 1;
            let heard = self.attempt(&asked, dice.index(self.bases.len())).await;
            let (took, is_definite) = (began.elapsed(), heard.is_definite());
            if is_definite || took > self.give_up {
                return Done { heard, took, is_definite };
            }
            // Who is told to come again later does so; who was cut off comes again soon; and both ever less soon.
            let told = if heard.status == 503 && heard.retry_after { 1_000 } else { 0 };
            let pause = (20_u64 << asked.attempt.min(8)).clamp(told, 4_000);
            tokio::time::sleep(Duration::from_millis(pause / 2 + dice.below(pause))).await;
        }
    }
}

fn request(what: &What) -> (String, Value) {
    match what {
        What::Charge { account, amount, by, on } => {
            let mut body = json!({ "debt_account_id": account, "amount": amount });
            match by {
                Instrument::Stored(id) => body["payment_method_id"] = id.as_str().into(),
                Instrument::Token(token) => body["token"] = token.as_str().into(),
            }
            if let Some(day) = on {
                body["scheduled_at"] = day.as_str().into();
            }
            ("/charges".into(), body)
        }
        What::Refund { charge, amount } => {
            let body = amount.map_or_else(|| json!({}), |amount| json!({ "amount": amount }));
            (format!("/charges/{charge}/refund"), body)
        }
    }
}
