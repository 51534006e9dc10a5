//! What is done: drawn from a seed, carried out through the router and on the plain model, and compared.

use base::seams::{Entropy, SeededEntropy};
use serde_json::{Value, json};

use super::plain::{Charge, Debt, Plain, TOKENS, Verdict};
use crate::support::Agency;
use crate::support::client::Answer;

/// One thing somebody does. What the numbers point at depends on what there is by then, so that a sequence stays
/// one when parts of it are left out.
#[derive(Clone, Debug)]
pub(super) struct Op {
    kind: u8,
    a: usize,
    b: usize,
    c: i64,
}

/// A sequence that belongs to a seed.
pub(super) fn sequence(seed: u64, length: usize) -> Vec<Op> {
    let entropy = SeededEntropy::new(seed);
    let op = |_| {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let c = i64::from(u16::from_le_bytes([bytes[3], bytes[4]]));
        Op { kind: bytes[0] % 100, a: bytes[1].into(), b: bytes[2].into(), c }
    };
    (0..length).map(op).collect()
}

/// Both, side by side.
pub(super) struct Both<'a> {
    agency: &'a Agency,
    plain: Plain,
    /// Requests that were sent with a key: the key, the body, the charge.
    keyed: Vec<(String, Value, usize)>,
    /// Every answer, for the other engine.
    pub(super) said: Vec<String>,
}

/// What went otherwise than predicted.
pub(super) type Outcome = Result<(), String>;

impl<'a> Both<'a> {
    pub(super) fn new(agency: &'a Agency) -> Both<'a> {
        Both { agency, plain: Plain::default(), keyed: Vec::new(), said: Vec::new() }
    }

    /// Does it, and compares.
    pub(super) async fn does(&mut self, op: &Op) -> Outcome {
        self.agency.seconds(1).await;
        self.plain.now += 1;
        let (customers, debts, charges) =
            (self.plain.customers.len(), self.plain.debts.len(), self.plain.charges.len());
        if customers == 0 {
            return self.customer().await;
        }
        if debts == 0 {
            return self.place(op, None).await;
        }
        let debt = op.a % debts;
        match op.kind {
            0..=2 => self.customer().await,
            3..=9 => self.place(op, None).await,
            10..=17 => self.place(op, Some(debt)).await,
            18..=25 => self.rebalance(debt, op).await,
            26..=29 => self.judge(debt, op).await,
            30..=32 => self.least(debt, op).await,
            33..=37 => self.nest(debt, op.b % debts).await,
            38..=39 => self.detach(debt).await,
            40..=42 => self.delete(debt).await,
            43..=63 => self.charge(debt, op, false).await,
            64..=69 => self.charge(debt, op, true).await,
            70..=89 if charges == 0 => Ok(()),
            70..=79 => self.refund(op.a % charges, op).await,
            80..=82 => self.cancel(op.a % charges).await,
            83..=86 => self.sync(op.a % charges).await,
            87..=89 => self.again(op).await,
            _ => self.later(op).await,
        }
    }

    fn hears(&mut self, answer: &Answer) {
        self.said.push(format!("{} {}", answer.status, answer.text));
    }

    /// Whether an answer is the predicted one.
    fn expect(&mut self, what: &str, answer: &Answer, verdict: Verdict, fine: u16) -> Outcome {
        self.hears(answer);
        let code = answer.json["errorCode"].as_str().unwrap_or("");
        let right = match verdict {
            Ok(()) => answer.status == fine,
            Err((status, "invalid")) => {
                answer.status == status && !["above_balance", "below_minimum"].contains(&code)
            }
            Err((status, says)) => (answer.status, code) == (status, says),
        };
        if right {
            Ok(())
        } else {
            Err(format!("{what}: {verdict:?} was expected, not {} {}", answer.status, answer.text))
        }
    }

    async fn customer(&mut self) -> Outcome {
        let number = self.plain.customers.len();
        let body = json!({ "name": format!("Person Number {number}"), "external_id": format!("P{number}") });
        let made = self.agency.post("/customers", body).await;
        self.hears(&made);
        self.plain.customers.push(made.made());
        Ok(())
    }

    /// A method that nobody has charged yet, so that no earlier refusal stands against it.
    async fn method(&mut self, customer: usize, token: &str) -> String {
        let body = json!({ "customer_id": self.plain.customers[customer], "token": token });
        let method = self.agency.post("/payment-methods", body).await;
        self.hears(&method);
        method.made()
    }

    async fn place(&mut self, op: &Op, parent: Option<usize>) -> Outcome {
        let cents = op.c % 150_00;
        let customer = parent.map_or(op.b % self.plain.customers.len(), |p| self.plain.debts[p].customer);
        let mut body = json!({ "balance": cents });
        match parent {
            Some(parent) => body["parent_external_id"] = json!(self.plain.debts[parent].id),
            None => body["customer_id"] = json!(self.plain.customers[customer]),
        }
        let adopts = parent.is_none_or(|parent| self.plain.adopts(parent, None, customer));
        let made = self.agency.post("/debt-accounts", body).await;
        let verdict = if adopts { Ok(()) } else { Err((422, "invalid")) };
        self.expect("placing an account", &made, verdict, 201)?;
        if adopts {
            self.plain.debts.push(Debt {
                id: made.made(),
                customer,
                parent,
                status: if cents == 0 { "paid_off" } else { "active" },
                balance: cents,
                current: cents,
                least: None,
                deleted: false,
                placed: self.agency.day(0),
            });
            self.plain.sum_up(parent);
        }
        self.compare().await
    }

    /// Sends a change of an account; gives whether it is to be applied.
    async fn put(&mut self, debt: usize, body: Value, verdict: Verdict) -> Result<bool, String> {
        let d = &self.plain.debts[debt];
        let verdict = if d.deleted { Err((404, "not_found")) } else { verdict };
        let answer = self.agency.put(&format!("/debt-accounts/{}", d.id), body.clone()).await;
        self.expect(&format!("changing account {debt} by {body}"), &answer, verdict, 200)?;
        Ok(verdict.is_ok())
    }

    /// What every change does besides: status and sums follow the balance.
    async fn follow(&mut self, debt: usize, status: bool) -> Outcome {
        if !status {
            self.plain.at_balance(debt);
        }
        self.plain.sum_up(self.plain.debts[debt].parent);
        self.compare().await
    }

    async fn rebalance(&mut self, debt: usize, op: &Op) -> Outcome {
        let (d, cents) = (self.plain.debts[debt].clone(), op.c % 120_00);
        let placed = op.b.is_multiple_of(2);
        let parent = !self.plain.children(debt).is_empty();
        let current = match placed {
            true if cents == d.balance => d.current,
            true => (d.current + cents - d.balance).max(0),
            false => cents,
        };
        let verdict =
            if parent || current >= self.plain.reserved(debt) { Ok(()) } else { Err((422, "invalid")) };
        let name = if placed { "balance" } else { "current_balance" };
        if !self.put(debt, json!({ name: cents }), verdict).await? {
            return Ok(());
        }
        if !parent {
            let d = &mut self.plain.debts[debt];
            d.current = current;
            if placed {
                d.balance = cents;
            }
        }
        self.follow(debt, false).await
    }

    async fn judge(&mut self, debt: usize, op: &Op) -> Outcome {
        let status = ["active", "active", "locked", "closed", "archived"][op.b % 5];
        if self.put(debt, json!({ "status": status }), Ok(())).await? {
            self.plain.debts[debt].status = status;
            return self.follow(debt, true).await;
        }
        Ok(())
    }

    async fn least(&mut self, debt: usize, op: &Op) -> Outcome {
        let least = (!op.b.is_multiple_of(3)).then_some(1 + op.c % 40_00);
        if self.put(debt, json!({ "rules": { "min_payment_amount": least } }), Ok(())).await? {
            self.plain.debts[debt].least = least;
            return self.follow(debt, false).await;
        }
        Ok(())
    }

    /// Whether a scheduled charge of these accounts' families would make their order matter.
    fn is_scheduled(&self, debts: &[usize]) -> bool {
        let root = |d: usize| self.plain.debts[d].parent.unwrap_or(d);
        let waiting = self.plain.charges.iter().filter(|c| c.state == "scheduled");
        waiting.map(|c| root(c.debt)).any(|r| debts.iter().any(|d| root(*d) == r))
    }

    async fn nest(&mut self, debt: usize, parent: usize) -> Outcome {
        if self.is_scheduled(&[debt, parent]) {
            return Ok(());
        }
        let (before, customer) = (self.plain.debts[debt].parent, self.plain.debts[debt].customer);
        let fine = before == Some(parent) || self.plain.adopts(parent, Some(debt), customer);
        let body = json!({ "parent_external_id": self.plain.debts[parent].id });
        if !self.put(debt, body, if fine { Ok(()) } else { Err((422, "invalid")) }).await? {
            return Ok(());
        }
        self.plain.debts[debt].parent = Some(parent);
        self.plain.sum_up(before);
        self.follow(debt, false).await
    }

    async fn detach(&mut self, debt: usize) -> Outcome {
        let before = self.plain.debts[debt].parent;
        if !self.put(debt, json!({ "parent_external_id": null }), Ok(())).await? {
            return Ok(());
        }
        self.plain.debts[debt].parent = None;
        self.plain.sum_up(before);
        self.follow(debt, false).await
    }

    async fn delete(&mut self, debt: usize) -> Outcome {
        let d = self.plain.debts[debt].clone();
        let waits = |c: &Charge| c.debt == debt && (c.is_open() || c.state == "scheduled");
        let busy = !self.plain.children(debt).is_empty()
            || self.plain.reserved(debt) > 0
            || self.plain.charges.iter().any(waits);
        let verdict = match (d.deleted, busy) {
            (true, _) => Err((404, "not_found")),
            (_, true) => Err((400, "not_allowed_now")),
            _ => Ok(()),
        };
        let answer = self.agency.delete(&format!("/debt-accounts/{}", d.id)).await;
        self.expect(&format!("deleting account {debt}"), &answer, verdict, 200)?;
        if verdict.is_ok() {
            self.plain.debts[debt].deleted = true;
            self.plain.sum_up(d.parent);
        }
        self.compare().await
    }

    async fn charge(&mut self, debt: usize, op: &Op, later: bool) -> Outcome {
        let d = self.plain.debts[debt].clone();
        let owner = if op.b.is_multiple_of(7) { op.b % self.plain.customers.len() } else { d.customer };
        let token = TOKENS[op.b % TOKENS.len()];
        let method = self.method(owner, token).await;
        let open = d.current - self.plain.reserved(debt);
        let amount = match op.c % 5 {
            0 => open + 1,
            1 => open,
            _ => 1 + op.c % open.max(1),
        };
        let (amount, linked) = (amount.max(1), op.c % 11 != 0);
        let day = self.agency.day(1 + op.c % 4);
        let taken = |c: &Charge| c.state == "scheduled" && c.day.as_ref() == Some(&day);
        if later && (self.is_scheduled(&[debt]) || self.plain.charges.iter().any(taken)) {
            return Ok(()); // which of two that are due at one instant comes first is nobody's promise
        }
        let mut body = json!({
            "debt_account_id": d.id, "payment_method_id": method, "amount": amount, "linked_debt_account": linked
        });
        if later {
            body["scheduled_at"] = json!(day);
        }
        let admitted = match () {
            () if d.deleted || owner != d.customer => Err((422, "invalid")),
            () if linked => self.plain.admits(debt, amount),
            () => Ok(Vec::new()),
        };
        let key = format!("key-{}", self.said.len());
        let keyed = op.c % 2 == 0;
        let answer = if keyed {
            self.agency.once(&key, "/charges", body.clone()).await
        } else {
            self.agency.post("/charges", body.clone()).await
        };
        let verdict = match &admitted {
            Err(refused) => Err(*refused),
            Ok(_) if token == "tok_do_not_honor" && !later => Err((400, "charge_declined")),
            Ok(_) => Ok(()),
        };
        self.expect(&format!("charging {body} with {token}"), &answer, verdict, 201)?;
        let Ok(parts) = admitted else { return self.compare().await };
        let number = self.plain.charges.len();
        self.plain.charges.push(Charge {
            id: answer.json["data"]["id"].as_str().unwrap_or_default().to_owned(),
            debt,
            token,
            amount,
            state: "scheduled",
            linked,
            parts: if later { Vec::new() } else { parts },
            refunded: 0,
            sent: self.plain.now,
            day: later.then_some(day),
        });
        if !later {
            self.plain.sends(number);
        }
        if keyed {
            self.keyed.push((key, body, number));
        }
        self.compare().await
    }

    async fn refund(&mut self, charge: usize, op: &Op) -> Outcome {
        let amount = (!op.b.is_multiple_of(3)).then_some(1 + op.c % 60_00);
        let body = amount.map_or_else(|| json!({}), |amount| json!({ "amount": amount }));
        let path = format!("/charges/{}/refund", self.plain.charges[charge].id);
        let answer = self.agency.post(&path, body.clone()).await;
        let verdict = self.plain.refunds(charge, amount);
        self.expect(&format!("refunding {body} of charge {charge}"), &answer, verdict, 200)?;
        self.compare().await
    }

    async fn cancel(&mut self, charge: usize) -> Outcome {
        let path = format!("/charges/{}/cancel", self.plain.charges[charge].id);
        let answer = self.agency.post(&path, json!({})).await;
        let waits = self.plain.charges[charge].state == "scheduled";
        let verdict = if waits { Ok(()) } else { Err((400, "not_allowed_now")) };
        self.expect(&format!("canceling charge {charge}"), &answer, verdict, 200)?;
        if waits {
            self.plain.charges[charge].state = "canceled";
        }
        self.compare().await
    }

    async fn sync(&mut self, charge: usize) -> Outcome {
        let path = format!("/charges/{}/sync", self.plain.charges[charge].id);
        let answer = self.agency.post(&path, json!({})).await;
        self.plain.asks(charge);
        self.expect(&format!("asking about charge {charge}"), &answer, Ok(()), 200)?;
        self.compare().await
    }

    /// A request that was sent before, once more: the same charge, as it is now.
    async fn again(&mut self, op: &Op) -> Outcome {
        if self.keyed.is_empty() {
            return Ok(());
        }
        let (key, body, charge) = self.keyed[op.b % self.keyed.len()].clone();
        if self.plain.charges[charge].state == "unknown" {
            self.plain.asks(charge);
        }
        let answer = self.agency.once(&key, "/charges", body).await;
        let c = &self.plain.charges[charge];
        let verdict = if c.state == "declined" { Err((400, "charge_declined")) } else { Ok(()) };
        let same = answer.json["data"]["id"] == c.id.as_str() && answer.is_replay();
        self.expect(&format!("charge {charge} again"), &answer, verdict, 201)?;
        if same {
            self.compare().await
        } else {
            Err(format!("charge {charge} again made another one: {}", answer.text))
        }
    }

    /// Hours pass, and the loop's steps run.
    async fn later(&mut self, op: &Op) -> Outcome {
        let seconds = (2 + op.c % 46) * 3_600;
        self.agency.seconds(seconds).await;
        self.plain.now += seconds;
        let open: Vec<usize> =
            (0..self.plain.charges.len()).filter(|c| self.plain.charges[*c].is_open()).collect();
        let today = self.agency.day(0);
        let is_due = |c: &Charge| c.state == "scheduled" && c.day.as_ref().is_some_and(|day| *day <= today);
        let mut due: Vec<usize> =
            (0..self.plain.charges.len()).filter(|c| is_due(&self.plain.charges[*c])).collect();
        due.sort_by_key(|c| self.plain.charges[*c].day.clone());
        due.into_iter().for_each(|charge| self.plain.starts(charge));
        open.into_iter().for_each(|charge| self.plain.asks(charge));
        self.steps().await;
        self.compare().await
    }

    /// The steps one row at a time, so that what they write has one order on both engines.
    async fn steps(&self) {
        for _ in 0..2_000 {
            let mut done = self.agency.till.start_due(1).await.unwrap();
            if done == 0 {
                done += self.agency.till.reconcile(1).await.unwrap();
            }
            done += self.agency.till.reconcile_refunds(1).await.unwrap();
            if done == 0 {
                return;
            }
        }
        panic!("the steps never come to rest");
    }

    /// Every account and every charge as they are shown, against the model.
    async fn compare(&mut self) -> Outcome {
        for (number, debt) in self.plain.debts.clone().iter().enumerate() {
            let answer = self.agency.get(&format!("/debt-accounts/{}", debt.id)).await;
            let data = &answer.json["data"];
            let shown = (data["balance"].as_i64(), data["current_balance"].as_i64(), data["status"].as_str());
            let (balance, current, status) = self.plain.shown(number);
            let right = match debt.deleted {
                true => answer.status == 404,
                false => shown == (Some(balance), Some(current), Some(status)),
            };
            if !right {
                return Err(format!(
                    "account {number} is to be {:?}, and is shown as {shown:?}",
                    self.plain.shown(number)
                ));
            }
        }
        for (number, charge) in self.plain.charges.clone().iter().enumerate() {
            let answer = self.agency.get(&format!("/charges/{}", charge.id)).await;
            let data = &answer.json["data"];
            let shown = (data["amount"].as_i64(), data["refunded_amount"].as_i64(), data["state"].as_str());
            if shown != (Some(charge.amount), Some(charge.refunded), Some(charge.state)) {
                return Err(format!("charge {number} is to be {charge:?}, and is shown as {shown:?}"));
            }
            self.hears(&answer);
        }
        Ok(())
    }
}
