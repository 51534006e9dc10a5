//! Looking up accounts by what a customer says of themselves: five flows, each with its own fields.
//!
//! Nobody and somebody whose proof does not hold are answered alike: an empty list. Also by POST, so that nothing
//! personal need stand in an address.

use base::{Day, Result, us};
use books::debts::{self, Status};
use books::people::{self, Known, Proof, Sought};
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reader, Reply};
use serde_json::json;

use crate::include::View;
use crate::schema::{list, shown};
use crate::spelling::Words;
use crate::{App, Call, debt_accounts};

const READ: Access = Access::Scope("debt_accounts:read");

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let answer = || shown(list(debt_accounts::schema()));
    vec![
        get("/debt-accounts/lookup", READ, by_query)
            .summary("Look up a customer's accounts")
            .query(asked)
            .answers(200, answer()),
        post("/debt-accounts/lookup", READ, by_body)
            .summary("Look up a customer's accounts, with nothing personal in the address")
            .body(asked)
            .idempotent(false)
            .answers(200, answer()),
    ]
}

/// What identifies, and what proves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    PhoneSsn,
    PhoneBirth,
    PhonePostalCode,
    NameSsn,
    NameBirth,
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
    let name = FLOWS.iter().find(|(_, f)| *f == flow).map_or("", |(name, _)| name);
    let condition = format!("lookup flow type is {name}");
    let needs = |flows: &[Flow]| was_sent && flows.contains(&flow);
    let by_phone = needs(&[PhoneSsn, PhoneBirth, PhonePostalCode]);
    let phone = r
        .text("phone")
        .parse("must be a valid phone number.", "212-555-0101", us::phone)
        .required_when(by_phone, &condition);
    let first = r.text("first_name").required_when(needs(&[NameSsn, NameBirth]), &condition);
    let last = r.text("last_name").required_when(needs(&[NameSsn, NameBirth]), &condition);
    let ssn =
        r.digits("ssn_last4").long(1, 4).secret().required_when(needs(&[PhoneSsn, NameSsn]), &condition);
    let born = r.day("date_of_birth").required_when(needs(&[PhoneBirth, NameBirth]), &condition);
    let zip = r.digits("postal_code").long(5, 5).required_when(needs(&[PhonePostalCode]), &condition);
    let by = match flow {
        PhoneSsn | PhoneBirth | PhonePostalCode => Known::Phone(phone.unwrap_or_default()),
        NameSsn | NameBirth => Known::Name(first.unwrap_or_default(), last.unwrap_or_default()),
    };
    let proof = match flow {
        PhoneSsn | NameSsn => Proof::Ssn(ssn.unwrap_or_default()),
        PhoneBirth | NameBirth => Proof::Birth(born.unwrap_or(Day(jiff::civil::Date::MIN))),
        PhonePostalCode => Proof::PostalCode(zip.unwrap_or_default()),
    };
    Sought { by, proof }
}

async fn by_query(call: Call) -> Result<Reply> {
    let sought = call.ask(asked)?;
    answer(&call, &sought).await
}

async fn by_body(call: Call) -> Result<Reply> {
    let sought = call.read(asked)?;
    answer(&call, &sought).await
}

/// What the customer may see of their own: never archived or locked accounts, nor children, which they see as
/// their parent.
async fn answer(call: &Call, sought: &Sought) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let found = people::lookup(&tx, tenant, sought).await?;
    let mut all = debts::of_customers(&tx, tenant, &base::db::Ids::of(found.iter().map(|c| c.id))).await?;
    all.retain(|debt| debt.parent_id.is_none() && !matches!(debt.status, Status::Archived | Status::Locked));
    let view = View { tx: &tx, tenant, words: Words::of(call), wanted: Vec::new() };
    Ok(Reply::json(200, &json!({ "data": debt_accounts::present(&view, &all).await? })))
}
