//! A payment plan as it is shown: by itself, and within its account.

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::{Cents, Result};
use books::debts::plans::{self, Instalment, InstalmentState, Plan, PlanStatus, Progress};
use books::debts::{Frequency, PlanId};
use books::messages::{self, MessageId, State};
use books::orgs::Tenant;
use payments::plans::{Evidence, Way};
use serde_json::{Map, Value, json};

use crate::schema::{any_object, cents, day, flag, id, instant, list, maybe, object, text, whole, word};
use crate::spelling::Words;

/// Of how many instalments a plan shows itself within lists and other objects: those that are due next first.
const WITHIN: i64 = 25;

/// The fields of a plan, as answered.
pub(crate) fn schema() -> Value {
    let words = [Words::Guide, Words::OpenApi];
    let statuses = each(&words, |w| PlanStatus::ALL.iter().map(move |s| w.plan_status(*s)));
    let frequencies = each(&words, |w| Frequency::ALL.iter().map(move |f| w.frequency(*f)));
    let exact = |all: &[Frequency]| all.iter().map(|f| f.as_str()).collect::<Vec<_>>();
    object(
        &[
            ("id", id()),
            ("debt_account_id", id()),
            ("status", word(&statuses)),
            ("state", word(&PlanStatus::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>())),
            ("frequency_exact", maybe(word(&exact(Frequency::ALL)))),
            ("amount", maybe(cents())),
            ("open_ended", flag()),
            ("settled_balance", maybe(cents())),
            ("discount_amount", maybe(cents())),
            ("down_payment_amount", maybe(cents())),
            ("down_payment_date", maybe(day())),
            ("annual_percentage_rate", maybe(text())),
            ("principal_balance", maybe(cents())),
            ("pre_principal_balance", maybe(cents())),
            ("interest_collected_after_principal", maybe(flag())),
            ("projected_interest", maybe(cents())),
            ("min_payment_amount", maybe(cents())),
            ("payment_method_id", maybe(id())),
            ("settlement_offer_id", maybe(id())),
            ("replaces_id", maybe(id())),
            ("is_paused", flag()),
            ("count", whole()),
            ("paid_amount", cents()),
            ("last_payment_date", maybe(day())),
            ("rules", object(&[("unscheduled_payment_plan_editable", flag())], &[])),
            ("charges", list(instalment_schema())),
            ("enrolled_at", maybe(instant())),
            ("paused_at", maybe(instant())),
            ("ended_at", maybe(instant())),
            ("reason", maybe(text())),
            ("failures", whole()),
            ("breaks_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("total_amount", cents()),
            ("installment_amount", cents()),
            ("frequency", word(&frequencies)),
            ("payment_source", text()),
            ("start_date", day()),
            ("next_payment_date", day()),
            ("customer_id", id()),
            ("authorization", maybe(authorization_schema())),
            ("request", maybe(request_schema())),
            ("customer", maybe(any_object())),
            ("debt_account", maybe(any_object())),
            ("payment_method", maybe(any_object())),
        ],
    )
}

fn each<I: Iterator<Item = &'static str>>(words: &[Words], of: impl Fn(Words) -> I) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for word in words.iter().flat_map(|w| of(*w)) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all
}

fn instalment_schema() -> Value {
    object(
        &[
            ("id", id()),
            ("number", whole()),
            ("charge_date", instant()),
            ("due_date", day()),
            ("amount", cents()),
            ("interest", maybe(cents())),
            ("state", word(&InstalmentState::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>())),
            ("scheduled", flag()),
            ("charge_id", maybe(id())),
            ("presented_at", maybe(instant())),
            ("refusals", whole()),
            ("charged_at", maybe(instant())),
            ("notice", maybe(letter())),
        ],
        &[],
    )
}

/// What was told of something: the message, and how it stands, or why there is none.
fn letter() -> Value {
    object(&[("message_id", maybe(id())), ("status", text())], &[])
}

fn letter_of(
    message: Option<MessageId>,
    not: Option<&str>,
    states: &HashMap<MessageId, State>,
) -> Option<Value> {
    let status = match message {
        Some(id) => states.get(&id).map(|state| state.as_str()),
        None => not,
    };
    status.map(|status| json!({ "message_id": message.map(|id| id.to_string()), "status": status }))
}

/// The fields of an authorization, as answered.
pub(super) fn authorization_schema() -> Value {
    let ways: Vec<&str> = Way::ALL.iter().map(|way| way.as_str()).collect();
    object(
        &[
            ("id", id()),
            ("channel", word(&ways)),
            ("payment_method_id", id()),
            ("terms", text()),
            ("text", maybe(text())),
            ("text_version", maybe(text())),
            ("given_by", maybe(text())),
            ("given_at", instant()),
            ("ip_address", maybe(text())),
            ("sha256", maybe(text())),
            ("copy", maybe(letter())),
            ("recorded_by", text()),
            ("recorded_at", maybe(instant())),
            ("ended_at", maybe(instant())),
        ],
        &[],
    )
}

/// An authorization, with how its copy stands.
pub(super) fn authorization(given: &Evidence, copies: &HashMap<MessageId, State>) -> Value {
    let Evidence { row, text, given_by, ip_address } = given;
    json!({
        "id": row.id.to_string(),
        "channel": row.channel.as_str(),
        "payment_method_id": row.payment_method_id.to_string(),
        "terms": row.terms,
        "text": text,
        "text_version": row.text_version,
        "given_by": given_by,
        "given_at": row.given_at.to_string(),
        "ip_address": ip_address,
        "sha256": row.sha256,
        "copy": letter_of(row.copy_id, row.no_copy.as_deref(), copies),
        "recorded_by": row.given_by,
        "recorded_at": row.recorded_at.map(|at| at.to_string()),
        "ended_at": row.ended_at.map(|at| at.to_string()),
    })
}

fn request_schema() -> Value {
    object(
        &[
            ("id", id()),
            ("type", maybe(word(&["sms", "email"]))),
            ("status", word(&["made", "queued", "sent", "failed", "cancelled"])),
            ("created_at", instant()),
        ],
        &[],
    )
}

/// What of plans stands in other tables.
pub(crate) struct Facts {
    instalments: HashMap<PlanId, Vec<Instalment>>,
    progress: HashMap<PlanId, Progress>,
    notices: HashMap<MessageId, State>,
}

impl Facts {
    /// Of plans that stand in a list or within something else.
    pub(crate) async fn of(tx: &Tx, tenant: &Tenant, all: &[Plan]) -> Result<Facts> {
        Facts::with(tx, tenant, all, WITHIN).await
    }

    /// Of one plan, with every instalment.
    pub(crate) async fn of_one(tx: &Tx, tenant: &Tenant, plan: &Plan) -> Result<Facts> {
        Facts::with(tx, tenant, std::slice::from_ref(plan), i64::MAX).await
    }

    async fn with(tx: &Tx, tenant: &Tenant, all: &[Plan], most: i64) -> Result<Facts> {
        let ids = Ids::of(all.iter().filter(|p| p.enrolled_at.is_some()).map(|p| p.id));
        let instalments = plans::instalments(tx, tenant, &ids, most).await?;
        let notices = Ids::of(instalments.values().flatten().filter_map(|one| one.notice_id));
        Ok(Facts {
            instalments,
            progress: plans::progress(tx, tenant, &ids).await?,
            notices: messages::states(tx, tenant, &notices).await?,
        })
    }
}

/// A plan by itself: the union of both sources' fields; only `status` and `frequency` ask the spelling.
pub(crate) fn json(plan: &Plan, facts: &Facts, words: Words, tenant: &Tenant) -> Value {
    let mut all = match plan.event_body() {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    let progress = facts.progress.get(&plan.id).copied().unwrap_or_default();
    for name in ["start_date", "total_amount"] {
        if all.get(name).is_some_and(Value::is_null) {
            all.shift_remove(name);
        }
    }
    all.insert("status".into(), words.plan_status(plan.status).into());
    if let Some(frequency) = plan.frequency {
        all.insert("frequency".into(), words.frequency(frequency).into());
    }
    if let Some(amount) = plan.amount {
        all.insert("installment_amount".into(), amount.get().into());
    }
    if let Some(next) = progress.next {
        all.insert("next_payment_date".into(), next.to_string().into());
    }
    all.insert("last_payment_date".into(), progress.last.map(|day| day.to_string()).into());
    all.insert("count".into(), progress.count.into());
    all.insert("paid_amount".into(), progress.paid.get().into());
    let editable = tenant.rules.unscheduled_payment_plan_editable;
    all.insert("rules".into(), json!({ "unscheduled_payment_plan_editable": editable }));
    let instalments = facts.instalments.get(&plan.id).map(Vec::as_slice).unwrap_or_default();
    all.insert(
        "charges".into(),
        instalments.iter().map(|one| instalment(one, tenant, &facts.notices)).collect(),
    );
    all.into()
}

/// An instalment, as the guide shows it among a plan's `charges`. `scheduled` stays true once it is paid.
fn instalment(one: &Instalment, tenant: &Tenant, notices: &HashMap<MessageId, State>) -> Value {
    json!({
        "id": one.id.to_string(),
        "number": one.number,
        "charge_date": one.due_on.start_in(&tenant.zone).to_string(),
        "due_date": one.due_on.to_string(),
        "amount": one.amount.get(),
        "interest": one.interest.map(Cents::get),
        "state": one.state.as_str(),
        "scheduled": one.state != InstalmentState::Cancelled,
        "charge_id": one.charge_id.map(|id| id.to_string()),
        "presented_at": one.presented_at.map(|at| at.to_string()),
        "refusals": one.refused,
        "charged_at": one.charged_at.map(|at| at.to_string()),
        "notice": letter_of(one.notice_id, one.no_notice.as_deref(), notices),
    })
}
