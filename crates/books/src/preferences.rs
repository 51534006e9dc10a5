//! How a customer wants to be reached: language, media, addresses, times.
//!
//! A customer may stop any medium (12 CFR 1006.14(h)), any address or number (1006.6(d)(4), 1006.6(e)), and name times
//! (1006.6(b)): what is no answer to them waits for those. Every version stays, with who wrote it and how it was learned; the last one holds. What waits to be sent
//! against it is called off in the transaction that writes it.

use base::db::{Command, Tx};
use base::page::{Listed, Page, Which};
use base::vault::Sealed;
use base::{Failure, Result, TenantId, Ts};
use jiff::civil::{Time, Weekday};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::events;
pub use crate::messages::Language;
use crate::messages::{self, Kind, Reason};
use crate::orgs::{Tenant, WEEKDAYS};
use crate::people::{self, CustomerId};
use crate::sealing::{at, told};

base::words! {
    /// A medium.
    Channel {
        /// Electronic mail.
        Email = "email",
        /// Text messages.
        Sms = "sms",
        /// Calls.
        Phone = "phone",
        /// Letters.
        Mail = "mail",
    }
}

/// One address or number, and whether it may be used.
#[derive(Clone, Debug)]
pub struct Reach {
    /// By which medium.
    pub channel: Channel,
    /// The address or number.
    pub address: String,
    /// Whether it may be used.
    pub allowed: bool,
}

/// Times of the week that suit a customer, where they are.
#[derive(Clone, Debug)]
pub struct Times {
    /// Days of the week.
    pub days: Vec<&'static str>,
    /// From when, `HH:MM`.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// The same, as they are waited for: both ends belong to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// On which days.
    pub days: Vec<Weekday>,
    /// From when.
    pub begins: Time,
    /// Until when.
    pub ends: Time,
}

/// A time of day, `HH:MM`.
pub(crate) fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// What a request changes. Lists are replaced whole.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The language.
    pub language: Option<Language>,
    /// Whether a medium may be used; each that is sent.
    pub channels: Vec<(Channel, bool)>,
    /// Single addresses and numbers.
    pub addresses: Option<Vec<Reach>>,
    /// Times that suit them.
    pub convenient_times: Option<Vec<Times>>,
    /// E-mails that a payment brings about.
    pub transactional: Option<bool>,
    /// E-mails of campaigns.
    pub campaign: Option<bool>,
    /// How it was learned: `phone call`, `letter`.
    pub how: Option<String>,
}

base::record! {
    /// A version of a customer's preferences, still sealed.
    pub struct Version in "customer_preference" {
        tenant_id: TenantId,
        /// Its id.
        pub id: Uuid,
        customer_id: CustomerId,
        version: i64,
        body: Sealed,
        how: String,
        by_whom: String,
        created_at: Ts,
    }
}

/// Those of a customer who never said anything.
fn usual() -> Value {
    json!({
        "language": "en",
        "channels": { "email": true, "sms": true, "phone": true, "mail": true },
        "addresses": [],
        "convenient_times": [],
        "transactional_emails_allowed": true,
        "campaign_emails_allowed": true,
    })
}

/// Versions as they are told, in their order.
pub async fn views(tx: &Tx, tenant: &Tenant, versions: &[Version]) -> Result<Vec<Value>> {
    told(
        tx,
        tenant,
        versions,
        |v| (v.id, Some(v.customer_id)),
        |opener, v: &Version| {
            let place = at("customer_preference", "body", v.id);
            let text = opener.text(Some(v.customer_id), place, Some(&v.body))?;
            let mut all = match text.map(|text| serde_json::from_str::<Value>(&text)).transpose() {
                Ok(Some(Value::Object(all))) => all,
                Ok(_) => Map::new(),
                Err(e) => return Err(Failure::broken("reading preferences", e)),
            };
            all.insert("customer_id".into(), v.customer_id.to_string().into());
            all.insert("version".into(), v.version.into());
            all.insert("how".into(), v.how.clone().into());
            all.insert("updated_by".into(), v.by_whom.clone().into());
            all.insert("updated_at".into(), v.created_at.to_string().into());
            Ok(all.into())
        },
    )
    .await
}

async fn last(tx: &Tx, tenant: &Tenant, customer: CustomerId) -> Result<Option<Version>> {
    let tail = "WHERE tenant_id = $1 AND customer_id = $2 ORDER BY version DESC LIMIT 1";
    tx.find(tail, &[&tenant.id, &customer]).await
}

/// A customer's preferences as they are told: the usual ones, where nobody ever said anything.
pub async fn of(tx: &Tx, tenant: &Tenant, customer: CustomerId) -> Result<Value> {
    if let Some(last) = last(tx, tenant, customer).await? {
        return Ok(views(tx, tenant, &[last]).await?.remove(0));
    }
    let mut all = usual();
    all["customer_id"] = customer.to_string().into();
    all["version"] = 0.into();
    for name in ["how", "updated_by", "updated_at"] {
        all[name] = Value::Null;
    }
    Ok(all)
}

/// What of a customer's preferences decides whether and how they are written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// The language.
    pub language: Language,
    /// When it suits them; empty where they never said.
    pub times: Vec<Span>,
    media: Vec<Channel>,
    not_there: Vec<(Channel, String)>,
    transactional: bool,
}

impl Wishes {
    fn read(all: &Value) -> Wishes {
        let is_on = |value: &Value| value.as_bool().unwrap_or(true);
        let refused = |reach: &Value| {
            let channel = Channel::parse(reach["channel"].as_str()?)?;
            let address = reach["address"].as_str()?.to_owned();
            (!is_on(&reach["allowed"])).then_some((channel, address))
        };
        let weekday = |word: &Value| WEEKDAYS.iter().find(|(known, _)| word == known).map(|(_, day)| *day);
        let span = |times: &Value| {
            Some(Span {
                days: times["days"].as_array()?.iter().filter_map(weekday).collect(),
                begins: clock(times["from"].as_str()?)?,
                ends: clock(times["until"].as_str()?)?,
            })
        };
        Wishes {
            times: all["convenient_times"].as_array().into_iter().flatten().filter_map(span).collect(),
            language: all["language"].as_str().and_then(Language::parse).unwrap_or(Language::English),
            media: Channel::ALL
                .iter()
                .copied()
                .filter(|medium| is_on(&all["channels"][medium.as_str()]))
                .collect(),
            not_there: all["addresses"].as_array().into_iter().flatten().filter_map(refused).collect(),
            transactional: is_on(&all["transactional_emails_allowed"]),
        }
    }

    /// Whether something of this kind may be sent there.
    pub fn allow(&self, kind: Kind, channel: messages::Channel, to: &str) -> bool {
        let medium = match channel {
            messages::Channel::Email => Channel::Email,
            messages::Channel::Sms => Channel::Sms,
        };
        let is_refused =
            |(known, address): &(Channel, String)| *known == medium && address.eq_ignore_ascii_case(to);
        self.media.contains(&medium)
            && !self.not_there.iter().any(is_refused)
            && (self.transactional || medium != Channel::Email || !kind.follows_a_payment())
    }
}

/// The wishes of a customer.
pub async fn wishes(tx: &Tx, tenant: &Tenant, customer: CustomerId) -> Result<Wishes> {
    Ok(Wishes::read(&of(tx, tenant, customer).await?))
}

/// A page of the versions of a customer's preferences, newest first.
pub async fn history(tx: &Tx, tenant: &Tenant, customer: CustomerId, page: Page) -> Result<Listed<Version>> {
    Which::of(tenant.id, "id IS NOT NULL").filter("customer_id = ?", customer).page(tx, page).await
}

/// Writes a customer's preferences anew; what is not sent stays.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The customer.
    pub customer: CustomerId,
    /// What changes.
    pub changes: &'a Changes,
    /// Who changes it.
    pub by: &'a str,
}

impl Update<'_> {
    fn applied(&self, now: &Value) -> Value {
        let (sent, mut after) = (self.changes, usual());
        for name in usual().as_object().into_iter().flatten().map(|(name, _)| name) {
            if let Some(known) = now.get(name) {
                after[name] = known.clone();
            }
        }
        if let Some(language) = sent.language {
            after["language"] = language.as_str().into();
        }
        for (channel, allowed) in &sent.channels {
            after["channels"][channel.as_str()] = (*allowed).into();
        }
        if let Some(all) = &sent.addresses {
            let one = |r: &Reach| json!({ "channel": r.channel.as_str(), "address": r.address, "allowed": r.allowed });
            after["addresses"] = all.iter().map(one).collect();
        }
        if let Some(all) = &sent.convenient_times {
            let one = |t: &Times| json!({ "days": t.days, "from": t.from, "until": t.until });
            after["convenient_times"] = all.iter().map(one).collect();
        }
        if let Some(allowed) = sent.transactional {
            after["transactional_emails_allowed"] = allowed.into();
        }
        if let Some(allowed) = sent.campaign {
            after["campaign_emails_allowed"] = allowed.into();
        }
        after
    }
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "preferences.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let key = people::lock(tx, self.tenant, self.customer).await?;
        let before = last(tx, self.tenant, self.customer).await?;
        let number = before.as_ref().map_or(0, |version| version.version);
        let now = match before {
            Some(before) => views(tx, self.tenant, &[before]).await?.remove(0),
            None => usual(),
        };
        let after = self.applied(&now);
        let same = after.as_object().into_iter().flatten().all(|(name, value)| now.get(name) == Some(value));
        if same {
            return Ok(());
        }
        let id: Uuid = tx.new_id();
        let version = Version {
            tenant_id: self.tenant.id,
            id,
            customer_id: self.customer,
            version: number + 1,
            body: key.seal(tx.seams(), "customer_preference", "body", id, after.to_string().as_bytes()),
            how: self.changes.how.clone().unwrap_or_else(|| "api".into()),
            by_whom: self.by.to_owned(),
            created_at: tx.now(),
        };
        tx.insert(std::slice::from_ref(&version)).await?;
        let wishes = Wishes::read(&after);
        let unwanted = |kind: Kind, channel: messages::Channel, to: &str| !wishes.allow(kind, channel, to);
        messages::call_off(tx, self.tenant, (self.customer, &key), Reason::OptedOut, unwanted).await?;
        let body = views(tx, self.tenant, &[version]).await?.remove(0);
        let (name, object, person) = ("customer.preferences", "customer", (self.customer.0, &key));
        tx.insert(&[events::personal_row(tx, self.tenant, name, object, self.customer, person, &body)]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_medium_an_address_or_a_kind_that_was_refused_is_not_used() {
        const TO: &str = "ada@example.com";
        let allows = |wishes: &Value| {
            let wishes = Wishes::read(wishes);
            [
                wishes.allow(Kind::PaymentReceipt, messages::Channel::Email, TO),
                wishes.allow(Kind::SessionLink, messages::Channel::Email, TO),
                wishes.allow(Kind::SessionLink, messages::Channel::Sms, "+12125550101"),
            ]
        };
        assert_eq!(allows(&usual()), [true, true, true]);
        assert_eq!(allows(&json!({ "channels": { "email": false } })), [false, false, true]);
        assert_eq!(allows(&json!({ "channels": { "sms": false, "phone": false } })), [true, true, false]);
        assert_eq!(allows(&json!({ "transactional_emails_allowed": false })), [false, true, true]);
        let there = |address: &str, allowed: bool| json!({ "addresses": [{ "channel": "email", "address": address, "allowed": allowed }] });
        assert_eq!(allows(&there("Ada@example.com", false)), [false, false, true]);
        assert_eq!(allows(&there("Ada@example.com", true)), [true, true, true]);
        assert_eq!(allows(&there("other@example.com", false)), [true, true, true]);
    }
}
