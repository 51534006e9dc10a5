//! Looking up accounts by what a customer says of themselves: five flows, each with its own fields.
//!
//! Nobody and somebody whose proof does not hold are answered alike, after the same work: an empty list. Failures are
//! counted, and refused alike too. Also by POST, so that nothing personal need stand in an address.

use base::{Day, Result, us};
use books::lookup::{self, Unlock};
use books::orgs::Flow;
use books::people::Sought;
use consumer::finding;
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reader, Reply};
use serde_json::json;

use crate::include::View;
use crate::schema::{list, shown, success};
use crate::{App, Call, debt_accounts};

const READ: Access = Access::Scope("debt_accounts:read");
const UNLOCK: Access = Access::Scope("lookup:unlock");

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let answer = || shown(list(debt_accounts::schema()));
    let limits = lookup::LIMITS;
    let about = format!(
        "All that is told has to be true; else the answer is an empty list, whoever is meant. For one phone or name {} \
         lookups may fail in an hour, {} in a day and {} in 30 days, over all flows together, and `lookup.failures_a_day` \
         of /organization in all: then 429, until `Retry-After`.",
        limits.hour, limits.day, limits.month
    );
    vec![
        get("/debt-accounts/lookup", READ, by_query)
            .summary("Look up a customer's accounts")
            .describe(&about)
            .query(asked)
            .sample_query(&[("lookup_flow_type", "phone_ssn_last4"), ("phone", "212-555-0101"), ("ssn_last4", "0042")])
            .answers(200, answer()),
        post("/debt-accounts/lookup", READ, by_body)
            .summary("Look up a customer's accounts, with nothing personal in the address")
            .describe(&about)
            .body(asked)
            .idempotent(false)
            .sample(json!({ "lookup_flow_type": "phone_ssn_last4", "phone": "212-555-0101", "ssn_last4": "0042" }))
            .answers(200, answer()),
        post("/debt-accounts/lookup/unlock", UNLOCK, unlock)
            .summary("Forget the failed lookups of a phone or a name")
            .describe("For a person who knows who is asking. Needs the scope `lookup:unlock`.")
            .body(identifier)
            .idempotent(false)
            .sample(json!({ "phone": "212-555-0101" }))
            .answers(200, success()),
    ]
}

const FLOWS: &[(&str, Flow)] = &[
    ("phone_ssn_last4", Flow::PhoneSsn),
    ("phone_date_of_birth", Flow::PhoneBirth),
    ("phone_postal_code", Flow::PhonePostalCode),
    ("first_name_last_name_ssn_last4", Flow::NameSsn),
    ("first_name_last_name_date_of_birth", Flow::NameBirth),
];

fn asked(r: &mut Reader<'_>) -> Sought {
    use Flow::{NameBirth, NameSsn, PhoneBirth, PhonePostalCode, PhoneSsn};
    let was_sent = r.has("lookup_flow_type");
    let flow = r.one_of("lookup_flow_type", FLOWS).describe("By what to look.").required();
    let condition = format!("lookup flow type is {}", flow.as_str());
    let needs = |flows: &[Flow]| was_sent && flows.contains(&flow);
    let by_phone = needs(&[PhoneSsn, PhoneBirth, PhonePostalCode]);
    let phone = r
        .text("phone")
        .parse("must be a valid phone number.", "212-555-0101", us::phone)
        .required_when(by_phone, &condition)
        .unwrap_or_default();
    let first = r.text("first_name").required_when(needs(&[NameSsn, NameBirth]), &condition);
    let last = r.text("last_name").required_when(needs(&[NameSsn, NameBirth]), &condition);
    let name = || format!("{} {}", first.unwrap_or_default(), last.unwrap_or_default());
    let ssn =
        r.digits("ssn_last4").long(1, 4).secret().required_when(needs(&[PhoneSsn, NameSsn]), &condition);
    let born = r
        .day("date_of_birth")
        .required_when(needs(&[PhoneBirth, NameBirth]), &condition)
        .unwrap_or(Day(jiff::civil::Date::MIN));
    let zip = r.digits("postal_code").long(5, 5).required_when(needs(&[PhonePostalCode]), &condition);
    match flow {
        PhoneSsn => Sought::PhoneSsn(phone, ssn.unwrap_or_default()),
        PhoneBirth => Sought::PhoneBirth(phone, born),
        PhonePostalCode => Sought::PhonePostalCode(phone, zip.unwrap_or_default()),
        NameSsn => Sought::NameSsn(name(), ssn.unwrap_or_default()),
        NameBirth => Sought::NameBirth(name(), born),
    }
}

async fn by_query(call: Call) -> Result<Reply> {
    let sought = call.ask(asked)?;
    answer(&call, &sought).await
}

async fn by_body(call: Call) -> Result<Reply> {
    let sought = call.read(asked)?;
    answer(&call, &sought).await
}

async fn answer(call: &Call, sought: &Sought) -> Result<Reply> {
    let (db, tenant) = (&call.state.db, &call.caller().tenant);
    let all = finding::accounts(db, tenant, sought, call.now).await?;
    if all.is_empty() {
        return Ok(Reply::json(200, &json!({ "data": [] })));
    }
    let tx = db.read().await?;
    let shown = debt_accounts::present(&View::whole(call, &tx), &all).await?;
    drop(tx);
    finding::found(db, tenant, sought).await?;
    Ok(Reply::json(200, &json!({ "data": shown })))
}

fn identifier(r: &mut Reader<'_>) -> (&'static str, String) {
    let phone = r
        .text("phone")
        .parse("must be a valid phone number.", "212-555-0101", us::phone)
        .describe("The phone that was tried; or both names.")
        .required_without("first_name");
    let first = r.text("first_name").required_with("last_name");
    let last = r.text("last_name").required_with("first_name");
    match (phone, first, last) {
        (Some(phone), _, _) => ("phone", phone),
        (None, first, last) => {
            ("name", format!("{} {}", first.unwrap_or_default(), last.unwrap_or_default()))
        }
    }
}

async fn unlock(call: Call) -> Result<Reply> {
    let (about, by) = (call.read(identifier)?, call.caller().by());
    call.state.db.run(&Unlock { tenant: &call.caller().tenant, about, by: &by }).await?;
    Ok(Reply::success())
}
