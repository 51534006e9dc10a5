//! The terms of a plan as somebody writes them, and what is wrong with them.

use base::{Code, Day, Failure, Result};
use books::debts::Frequency;
use books::debts::plans::Plan;
use http::Method;
use payments::plans::agree::Asked;

use super::matter::Matter;
use crate::page::Fault;
use crate::pay::{asked as in_query, dollars};
use crate::texts::Texts;
use crate::{Call, forms};

/// Terms as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) often: String,
    pub(super) amount: String,
    pub(super) first: String,
    pub(super) down: String,
}

impl Written {
    /// As a page is asked with, or as they are hidden in its form.
    pub(super) fn of(call: &Call) -> Written {
        let text = |field: &str| match *call.method() == Method::POST {
            true => forms::text(call, field),
            false => in_query(call, field),
        };
        Written { often: text("often"), amount: text("amount"), first: text("first"), down: text("down") }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Written::default()
    }

    /// What a form begins with: what was proposed or runs, as far as its day is not past.
    pub(super) fn usual(matter: &Matter) -> Written {
        let plan = matter.proposed();
        let offered = matter.offer.as_ref().filter(|_| matter.is_one()).map(|offer| offer.amount);
        Written {
            often: plan.and_then(|plan| plan.frequency).unwrap_or(Frequency::Monthly).as_str().into(),
            amount: plan.and_then(|plan| plan.amount).or(offered).map(|a| a.to_string()).unwrap_or_default(),
            first: matter.first().to_string(),
            down: String::new(),
        }
    }

    /// Whether they keep whatever was proposed.
    pub(super) fn keep(&self, plan: &Plan) -> bool {
        plan.frequency.is_none_or(|own| Frequency::parse(&self.often) == Some(own))
            && plan.amount.is_none_or(|own| dollars(&self.amount) == Some(own))
            && plan.start_date.is_none_or(|own| Day::parse(&self.first) == Some(own))
    }

    /// Whether they are all that was proposed, and nothing else.
    pub(super) fn are_proposed(&self, matter: &Matter) -> bool {
        matter.pending.as_ref().is_some_and(|plan| plan.has_terms() && self.keep(plan))
    }

    /// The terms, or what of them cannot be read.
    pub(super) fn read(&self, matter: &Matter, t: Texts) -> std::result::Result<Asked, Vec<Fault>> {
        let mut faults = Vec::new();
        let often = match matter.is_one() {
            true => Some(Frequency::Monthly),
            false => Frequency::parse(&self.often),
        };
        if often.is_none() {
            faults.push(Fault { field: "often", say: t.say("plan-often-wrong") });
        }
        let amount = match matter.offer.as_ref().filter(|_| matter.is_one()) {
            Some(offer) => Some(offer.amount),
            None => dollars(&self.amount),
        };
        if amount.is_none() {
            faults.push(Fault { field: "amount", say: t.say("pay-amount-wrong") });
        }
        let first = Day::parse(&self.first);
        if first.is_none() {
            faults.push(wrong_first(matter, t));
        }
        let down = Some(&self.down).filter(|text| !text.is_empty() && matter.takes_down());
        let down = down.map(|text| dollars(text));
        if down == Some(None) {
            faults.push(Fault { field: "down", say: t.say("pay-amount-wrong") });
        }
        match (often, first, amount) {
            (Some(often), Some(first), Some(amount)) if faults.is_empty() => {
                Ok(matter.asked((often, first, amount), down.flatten()))
            }
            _ => Err(faults),
        }
    }
}

fn wrong_first(matter: &Matter, t: Texts) -> Fault {
    let (from, to) = matter.span();
    Fault { field: "first", say: t.with("plan-first-wrong", &[("from", t.day(from)), ("to", t.day(to))]) }
}

/// Terms as the query of a page, and as what is hidden in a form.
pub(super) fn fields(asked: &Asked, matter: &Matter) -> Vec<(&'static str, String)> {
    let mut all = vec![("often", asked.frequency.as_str().to_owned()), ("amount", asked.amount.to_string())];
    all.extend(asked.start.map(|start| ("first", start.to_string())));
    all.extend(asked.down.filter(|_| matter.takes_down()).map(|down| ("down", down.to_string())));
    all
}

/// The same as a query.
pub(super) fn query(asked: &Asked, matter: &Matter) -> String {
    // Nothing in them but letters, digits, and what stands in numbers and days.
    fields(asked, matter).iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Why terms were refused, or what they would charge: at the fields at which that can be mended. Gives what cannot be back.
pub(super) fn told(failure: Failure, matter: &Matter, asked: &Asked, t: Texts) -> Result<Vec<Fault>> {
    let Failure::Refused(refusal) = &failure else { return Err(failure) };
    match refusal.code {
        Code::ValidationFailed => {}
        Code::PaymentMethodStopped | Code::CardNotAccepted | Code::RetryTooEarly => {
            return Ok(vec![Fault { field: "with", say: t.say("pay-with-stopped") }]);
        }
        Code::Conflict => return Ok(vec![Fault { field: "terms", say: t.say("plan-changed") }]),
        _ => return Err(failure),
    }
    let mut faults: Vec<Fault> = Vec::new();
    for (field, _) in &refusal.fields {
        let fault = fault(field, matter, asked, t);
        if faults.iter().all(|other| other.field != fault.field) {
            faults.push(fault);
        }
    }
    Ok(faults)
}

fn fault(field: &str, matter: &Matter, asked: &Asked, t: Texts) -> Fault {
    match field {
        "start_date" => wrong_first(matter, t),
        "amount" => Fault {
            field: "amount",
            say: match matter.least(asked) {
                Some(least) => t.say1("plan-amount-below", "least", t.money(least)),
                None => t.say("plan-amount-never"),
            },
        },
        "down_payment_amount" => {
            Fault { field: "down", say: t.say1("plan-down-wrong", "least", t.money(matter.least_down())) }
        }
        "payment_method_id" => Fault { field: "with", say: t.say("pay-with-wrong") },
        // What is owed or offered is otherwise by now.
        _ => Fault { field: "terms", say: t.say("pay-amount-changed") },
    }
}

/// Whether nothing can be agreed on at all.
pub(super) fn is_over(failure: &Failure) -> bool {
    matches!(failure.code(), Some(Code::NotAllowedNow | Code::Blocked))
}
