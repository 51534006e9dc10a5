//! How a customer wants to be reached, over HTTP.

use base::{Change, Result, us};
use books::preferences::{self, Changes, Channel, Language, Reach, Times};
use edge::routes::{get, put};
use edge::rules::OneOf;
use edge::{BY_AGE, Endpoint, Paging, Reader, Reply, paging};
use serde_json::{Value, json};

use crate::customers::{READ, WRITE, in_path};
use crate::schema::{flag, id, instant, list, maybe, object, shown, text, whole, word};
use crate::{App, Call, lists};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/customers/{id}/preferences", READ, show)
            .summary("Get how a customer wants to be reached")
            .answers(200, shown(schema())),
        put("/customers/{id}/preferences", WRITE, update)
            .summary("Change how a customer wants to be reached")
            .describe("What is not sent stays; `addresses` and `convenient_times` are replaced whole. Every version is kept.")
            .body(changes)
            .sample(json!({ "language": "es", "channels": { "sms": false }, "how": "phone call" }))
            .answers(200, shown(schema())),
        get("/customers/{id}/preferences/history", READ, history)
            .summary("List the versions of a customer's preferences")
            .query(|r| paging(r, Some(10), BY_AGE))
            .answers(200, edge::listing::schema(schema())),
    ]
}

const LANGUAGES: &[(&str, Language)] = &[("en", Language::English), ("es", Language::Spanish)];
const CHANNELS: &[(&str, Channel)] =
    &[("email", Channel::Email), ("sms", Channel::Sms), ("phone", Channel::Phone), ("mail", Channel::Mail)];
const DAYS: &[(&str, &str)] = &[
    ("monday", "monday"),
    ("tuesday", "tuesday"),
    ("wednesday", "wednesday"),
    ("thursday", "thursday"),
    ("friday", "friday"),
    ("saturday", "saturday"),
    ("sunday", "sunday"),
];

fn schema() -> Value {
    let channels: Vec<(&str, Value)> = CHANNELS.iter().map(|(word, _)| (*word, flag())).collect();
    object(
        &[
            ("customer_id", id()),
            ("version", whole()),
            ("language", word(&["en", "es"])),
            ("channels", object(&channels, &[])),
            (
                "addresses",
                list(object(&[("channel", text()), ("address", text()), ("allowed", flag())], &[])),
            ),
            (
                "convenient_times",
                list(object(&[("days", list(text())), ("from", text()), ("until", text())], &[])),
            ),
            ("transactional_emails_allowed", flag()),
            ("campaign_emails_allowed", flag()),
            ("how", maybe(text())),
            ("updated_by", maybe(text())),
            ("updated_at", maybe(instant())),
        ],
        &[],
    )
}

async fn show(call: Call) -> Result<Reply> {
    let customer = in_path(&call).await?;
    let tx = call.state.db.read().await?;
    Ok(Reply::ok(&preferences::of(&tx, &call.caller().tenant, customer).await?))
}

/// A time of day, `HH:MM`.
fn clock(text: &str) -> Option<String> {
    let (hours, minutes) = text.split_once(':')?;
    let whole = |text: &str, most: u8| {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u8>().ok()).flatten().filter(|n| *n <= most)
    };
    whole(hours, 23)?;
    whole(minutes, 59)?;
    Some(text.to_owned())
}

fn times(r: &mut Reader<'_>) -> Times {
    let times = Times {
        days: r.each("days", 7, OneOf(DAYS)).required(),
        from: r.text("from").parse("must be a time like 09:00.", "09:00", clock).required(),
        until: r.text("until").parse("must be a time like 17:30.", "17:30", clock).required(),
    };
    if times.until <= times.from && r.has("from") && r.has("until") {
        r.fault("until", "must be a time after from.");
    }
    times
}

fn reach(r: &mut Reader<'_>) -> Reach {
    let channel = r.one_of("channel", CHANNELS).required();
    let address =
        r.text("address").describe("An e-mail address, a US phone number, or a postal address.").required();
    let read = match channel {
        Channel::Email => us::email(&address),
        Channel::Sms | Channel::Phone => us::phone(&address),
        Channel::Mail => Some(address.clone()),
    };
    if read.is_none() && r.has("address") {
        let what = if channel == Channel::Email { "email address." } else { "US phone number." };
        r.fault("address", &format!("must be a valid {what}"));
    }
    Reach {
        channel,
        address: read.unwrap_or(address),
        allowed: r.boolean("allowed").describe("No stops it.").required(),
    }
}

fn channels(r: &mut Reader<'_>) -> Vec<(Channel, bool)> {
    let mut all = Vec::new();
    for (word, channel) in CHANNELS {
        all.extend(r.boolean(word).replace().map(|allowed| (*channel, allowed)));
    }
    all
}

/// A list that was sent, if only to clear it.
fn replaced<T>(change: Change<Vec<T>>) -> Option<Vec<T>> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(Vec::new()),
        Change::Set(all) => Some(all),
    }
}

fn changes(r: &mut Reader<'_>) -> Changes {
    Changes {
        language: r.one_of("language", LANGUAGES).replace(),
        channels: r
            .object("channels", channels)
            .describe("Whether a medium may be used: a customer may stop any of them (12 CFR 1006.14(h)).")
            .replace()
            .unwrap_or_default(),
        addresses: replaced(
            r.list("addresses", 50, reach)
                .describe("Single addresses and numbers (12 CFR 1006.6(d)(4), 1006.6(e)).")
                .change(),
        ),
        convenient_times: replaced(
            r.list("convenient_times", 21, times)
                .describe("When they may be reached, in their own time (12 CFR 1006.6(b)).")
                .change(),
        ),
        transactional: r
            .boolean("transactional_emails_allowed")
            .describe("E-mails that a payment brings about.")
            .replace(),
        campaign: r.boolean("campaign_emails_allowed").describe("E-mails of campaigns.").replace(),
        how: r
            .text("how")
            .describe("How it was learned: `phone call`, `letter`. `api` unless said.")
            .optional(),
    }
}

async fn update(call: Call) -> Result<Reply> {
    let customer = in_path(&call).await?;
    let (changes, by) = (call.read(changes)?, call.caller().by());
    let tenant = &call.caller().tenant;
    call.state.db.run(&preferences::Update { tenant, customer, changes: &changes, by: &by }).await?;
    Ok(Reply::ok(&preferences::of(&call.state.db.read().await?, tenant, customer).await?))
}

async fn history(call: Call) -> Result<Reply> {
    let customer = in_path(&call).await?;
    let paging: Paging = call.ask(|r| paging(r, Some(10), BY_AGE))?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = preferences::history(&tx, tenant, customer, lists::page(&paging)?).await?;
    let rows = preferences::views(&tx, tenant, &listed.rows).await?;
    let last = listed.rows.last().map(|v| v.id);
    lists::reply(&call, &paging, &listed, rows, last)
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn a_time_of_day_is_two_and_two_digits() {
        assert!(clock("00:00").is_some() && clock("23:59").is_some());
        for bad in ["24:00", "9:00", "09:60", "+9:00", "09:0", "0900", "", "09:00:00"] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }
}
