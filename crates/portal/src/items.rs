//! How an account came to what is owed on it: what it was on a day in its past, and everything since, each with its date.

use base::{Cents, Result, Ts};
use books::debts::DebtId;
use consumer::itemization::{self, DateKind, LineKind};
use consumer::sessions::Visitor;
use serde_json::Value;

use crate::Call;
use crate::texts::Texts;

/// An itemization in words; without lines where there is none.
pub(crate) struct Items {
    pub(crate) lines: Vec<Line>,
    pub(crate) today: String,
    pub(crate) now: String,
}

/// Something that made the debt larger or smaller.
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) day: String,
    pub(crate) amount: String,
}

const fn kind(kind: DateKind) -> &'static str {
    match kind {
        DateKind::LastStatement => "item-began-last-statement",
        DateKind::ChargeOff => "item-began-charge-off",
        DateKind::LastPayment => "item-began-last-payment",
        DateKind::Transaction => "item-began-transaction",
        DateKind::Judgment => "item-began-judgment",
    }
}

/// What is written of a line of this kind, and whether it makes the debt smaller.
const fn line(kind: LineKind) -> (&'static str, bool) {
    match kind {
        LineKind::Interest => ("item-interest", false),
        LineKind::Fee => ("item-fee", false),
        LineKind::Payment => ("item-payment", true),
        LineKind::Credit => ("item-credit", true),
    }
}

/// The itemization of an account.
pub(crate) async fn of(call: &Call, visitor: &Visitor, account: DebtId, t: Texts) -> Result<Items> {
    let tenant = &visitor.tenant;
    let tx = call.state.db.read().await?;
    let mut items = Items { lines: Vec::new(), today: t.day(tenant.today(tx.now())), now: String::new() };
    let Some(known) = itemization::find(&tx, tenant, account).await? else { return Ok(items) };
    let told = itemization::view(&tx, tenant, &known).await?;
    let cents = |value: &Value| Cents::new(value.as_i64().unwrap_or_default());
    let signed = |amount: Cents, is_less: bool| {
        t.money(if is_less { Cents::ZERO.minus(amount).unwrap_or(amount) } else { amount })
    };
    let began = t.say1("item-began", "kind", t.say(kind(known.date_kind)));
    items.lines.push(Line { what: began, day: t.day(known.as_of), amount: t.money(known.amount) });
    for one in told["components"].as_array().into_iter().flatten() {
        let Some(kind) = one["kind"].as_str().and_then(LineKind::parse) else { continue };
        let (key, is_less) = line(kind);
        let what = match one["description"].as_str().filter(|words| !words.is_empty()) {
            Some(words) => format!("{}: {words}", t.say(key)),
            None => t.say(key),
        };
        let day = t.day_of(one["date"].as_str().unwrap_or_default());
        items.lines.push(Line { what, day, amount: signed(cents(&one["amount"]), is_less) });
    }
    let recorded = told["created_at"].as_str().and_then(Ts::parse).map(|at| t.day(tenant.today(at)));
    for (name, what, is_less) in [
        ("payments", t.say("item-since-paid"), true),
        ("payments_given_back", t.say("item-since-back"), false),
        ("increases", t.say("item-since-raised"), false),
        ("decreases", t.say("item-since-lowered"), true),
    ] {
        let amount = cents(&told["since"][name]);
        if amount.is_positive() {
            let day = recorded.clone().unwrap_or_default();
            items.lines.push(Line { what, day, amount: signed(amount, is_less) });
        }
    }
    items.now = t.money(cents(&told["current_balance"]));
    Ok(items)
}
