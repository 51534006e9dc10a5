//! What an organization decides for each of its environments: how it appears to customers, where they may be sent back
//! to, how they may pay, and how they are looked up.
//!
//! A sandbox decides for itself alone: rehearsing with another time zone changes nothing in production. The rules of
//! payment travel with every opened [`Tenant`], so whoever takes money has them without asking.

use base::db::Tx;
use base::web::Address;
use base::{Cents, Failure, Result, TenantId, Ts};
use jiff::civil::Weekday;
use serde_json::{Map, Value, json};

use super::{Environment, PortalTexts, Tenant};
use crate::preferences::Language;

/// How an organization lets its customers pay. The guides name `min_payment_amount`,
/// `payment_plan_max_days_until_start_date` (31) and `unscheduled_payment_plan_editable`; the limits of settlements are
/// those of the vendor's console (at most 80 % off, at most 24 months).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRules {
    /// The least a payment may be, unless it clears the balance; an account's own rule goes before it. At least 100.
    pub min_payment_amount: Option<Cents>,
    /// Whether customers may pay by a plan.
    pub payment_plans_enabled: bool,
    /// The least an instalment may be, but for the last one.
    pub min_installment_amount: Option<Cents>,
    /// How long a plan may run, in months.
    pub payment_plan_max_months: i64,
    /// How far ahead a plan may begin, in days.
    pub payment_plan_max_days_until_start_date: i64,
    /// Whether a plan of which nothing is scheduled yet may be changed.
    pub unscheduled_payment_plan_editable: bool,
    /// Whether less than the balance may be agreed upon.
    pub settlements_enabled: bool,
    /// The most that a settlement may take off the balance, in whole percent.
    pub settlement_max_discount_percent: i64,
    /// How long a settlement may be paid off over, in months.
    pub settlement_max_months: i64,
    /// How often a refused instalment is tried again before it counts as failed, within the networks' rules.
    pub payment_plan_retries: i64,
    /// How many days later at the earliest; for want of money on a payday then.
    pub payment_plan_retry_after_days: i64,
    /// After how many payments that failed for good, one after the other, a plan breaks.
    pub payment_plan_break_after: i64,
    /// How many days it has then, in which a payment that succeeds saves it.
    pub payment_plan_grace_days: i64,
    /// How many instalments that are more than a day late are sent out in a minute.
    pub payment_plan_catch_up_per_minute: i64,
    /// The merchant category of its account for cards, four digits: what that refuses is refused.
    pub merchant_category_code: Option<String>,
    /// The brands of cards that are taken, by the names that methods have; `None` those of the category, or all.
    pub card_brands: Option<Vec<String>>,
    /// Whether a card is taken of which nobody knows whose money it spends, where the category refuses some.
    pub unknown_funding_accepted: bool,
}

impl Default for PaymentRules {
    fn default() -> PaymentRules {
        PaymentRules {
            min_payment_amount: None,
            payment_plans_enabled: true,
            min_installment_amount: None,
            payment_plan_max_months: 120,
            payment_plan_max_days_until_start_date: 31,
            unscheduled_payment_plan_editable: true,
            settlements_enabled: true,
            settlement_max_discount_percent: 80,
            settlement_max_months: 24,
            payment_plan_retries: 2,
            payment_plan_retry_after_days: 3,
            payment_plan_break_after: 2,
            payment_plan_grace_days: 5,
            payment_plan_catch_up_per_minute: 120,
            merchant_category_code: None,
            card_brands: None,
            unknown_funding_accepted: false,
        }
    }
}

impl PaymentRules {
    /// The rules as an object, of which every one is there.
    pub fn json(&self) -> Value {
        json!({
            "min_payment_amount": self.min_payment_amount.map(Cents::get),
            "payment_plans_enabled": self.payment_plans_enabled,
            "min_installment_amount": self.min_installment_amount.map(Cents::get),
            "payment_plan_max_months": self.payment_plan_max_months,
            "payment_plan_max_days_until_start_date": self.payment_plan_max_days_until_start_date,
            "unscheduled_payment_plan_editable": self.unscheduled_payment_plan_editable,
            "settlements_enabled": self.settlements_enabled,
            "settlement_max_discount_percent": self.settlement_max_discount_percent,
            "settlement_max_months": self.settlement_max_months,
            "payment_plan_retries": self.payment_plan_retries,
            "payment_plan_retry_after_days": self.payment_plan_retry_after_days,
            "payment_plan_break_after": self.payment_plan_break_after,
            "payment_plan_grace_days": self.payment_plan_grace_days,
            "payment_plan_catch_up_per_minute": self.payment_plan_catch_up_per_minute,
            "merchant_category_code": self.merchant_category_code,
            "card_brands": self.card_brands,
            "unknown_funding_accepted": self.unknown_funding_accepted,
        })
    }

    /// Only what differs from the defaults: a default that is changed later reaches whoever never chose.
    fn to_text(&self) -> String {
        let (Value::Object(mut own), Value::Object(usual)) = (self.json(), PaymentRules::default().json())
        else {
            return "{}".into();
        };
        own.retain(|name, value| usual.get(name) != Some(value));
        Value::from(own).to_string()
    }

    fn from_text(text: &str) -> PaymentRules {
        let own: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let usual = PaymentRules::default();
        let flag = |name: &str, usual: bool| own.get(name).and_then(Value::as_bool).unwrap_or(usual);
        let whole = |name: &str, usual: i64| own.get(name).and_then(Value::as_i64).unwrap_or(usual);
        let cents = |name: &str| own.get(name).and_then(Value::as_i64).map(Cents::new);
        PaymentRules {
            min_payment_amount: cents("min_payment_amount"),
            payment_plans_enabled: flag("payment_plans_enabled", usual.payment_plans_enabled),
            min_installment_amount: cents("min_installment_amount"),
            payment_plan_max_months: whole("payment_plan_max_months", usual.payment_plan_max_months),
            payment_plan_max_days_until_start_date: whole(
                "payment_plan_max_days_until_start_date",
                usual.payment_plan_max_days_until_start_date,
            ),
            unscheduled_payment_plan_editable: flag(
                "unscheduled_payment_plan_editable",
                usual.unscheduled_payment_plan_editable,
            ),
            settlements_enabled: flag("settlements_enabled", usual.settlements_enabled),
            settlement_max_discount_percent: whole(
                "settlement_max_discount_percent",
                usual.settlement_max_discount_percent,
            ),
            settlement_max_months: whole("settlement_max_months", usual.settlement_max_months),
            payment_plan_retries: whole("payment_plan_retries", usual.payment_plan_retries),
            payment_plan_retry_after_days: whole(
                "payment_plan_retry_after_days",
                usual.payment_plan_retry_after_days,
            ),
            payment_plan_break_after: whole("payment_plan_break_after", usual.payment_plan_break_after),
            payment_plan_grace_days: whole("payment_plan_grace_days", usual.payment_plan_grace_days),
            payment_plan_catch_up_per_minute: whole(
                "payment_plan_catch_up_per_minute",
                usual.payment_plan_catch_up_per_minute,
            ),
            merchant_category_code: own
                .get("merchant_category_code")
                .and_then(Value::as_str)
                .map(str::to_owned),
            card_brands: own
                .get("card_brands")
                .and_then(Value::as_array)
                .map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            unknown_funding_accepted: flag("unknown_funding_accepted", usual.unknown_funding_accepted),
        }
    }
}

base::column!(PaymentRules as String, |rules| rules.to_text(), |text| PaymentRules::from_text(&text));

base::words! {
    /// By what a customer may be looked up: the guide's five flows.
    Flow {
        /// Phone and the last four of the Social Security number.
        PhoneSsn = "phone_ssn_last4",
        /// Phone and birthday.
        PhoneBirth = "phone_date_of_birth",
        /// Phone and postal code. Off where nobody switches it on: an area code leaves few postal codes to try.
        PhonePostalCode = "phone_postal_code",
        /// Names and the last four of the Social Security number.
        NameSsn = "first_name_last_name_ssn_last4",
        /// Names and birthday.
        NameBirth = "first_name_last_name_date_of_birth",
    }
}

base::words! {
    /// Whom the portal asks who they are before a link lets them in, besides those to whom we sent it ourselves.
    PortalCheck {
        /// Every browser but the first.
        OtherBrowsers = "other_browsers",
        /// Everybody.
        Always = "always",
    }
}

/// Flows, as a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flows(pub Vec<Flow>);

base::column!(Flows as String, |flows| words(&flows.0), |text| Flows(
    text.split(' ').filter_map(Flow::parse).collect()
));

fn words(flows: &[Flow]) -> String {
    flows.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(" ")
}

/// Origins, as a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(pub Vec<String>);

base::column!(Origins as String, |all| all.0.join(" "), |text| Origins(
    text.split(' ').filter(|o| !o.is_empty()).map(str::to_owned).collect()
));

impl Origins {
    /// Whether a customer may be sent to this address: its origin is one of these, exactly.
    pub fn allow(&self, to: &Address) -> bool {
        self.0.contains(&to.origin())
    }
}

/// The origin that `text` is, where an environment may send its customers there: `https`, and on the machine itself
/// plain `http` for a rehearsal.
pub fn origin(text: &str, environment: Environment) -> Option<String> {
    let rehearsal = environment == Environment::Sandbox;
    let address = Address::parse(text).filter(Address::is_bare)?;
    (address.is_secure() || (rehearsal && address.is_loopback())).then(|| address.origin())
}

base::record! {
    /// What an environment of an organization decided.
    pub struct Settings in "setting" {
        pub(crate) tenant_id: TenantId,
        /// Its name, as customers see it.
        pub name: String,
        /// Its IANA time zone: days begin and end by it.
        pub time_zone: String,
        /// The day on which its weeks begin: 1 Monday … 7 Sunday.
        pub week_start: i64,
        /// Where its logo is.
        pub logo_url: Option<String>,
        /// Its colour, `#rrggbb`.
        pub primary_color: Option<String>,
        /// Its own pages.
        pub website_url: Option<String>,
        /// Its privacy notice.
        pub privacy_url: Option<String>,
        /// Where customers may write to.
        pub support_email: Option<String>,
        /// Where customers may call, E.164.
        pub support_phone: Option<String>,
        /// When somebody answers there, in its own words.
        pub support_hours: Option<String>,
        /// Where customers may be sent back to.
        pub allowed_origins: Origins,
        /// How they may pay.
        pub payment_rules: PaymentRules,
        /// By what they may be looked up.
        pub lookup_flows: Flows,
        /// How many lookups may fail in a day before all are refused.
        pub lookup_failures_a_day: i64,
        /// For how many days an event says what a thing was, once a later one says what it is; `None`: for ever.
        pub event_days: Option<i64>,
        /// Whom the portal asks who they are.
        pub portal_check: PortalCheck,
        /// Whether they may come in by what they say of themselves, without a link.
        pub portal_log_in: bool,
        /// What the logo that its pages show is called.
        pub logo: Option<String>,
        /// Its own texts on its customers' pages.
        pub portal_texts: PortalTexts,
        /// When anything of this last changed.
        pub updated_at: Ts,
    }
}

/// Those of a new environment.
pub(super) fn first(tenant: TenantId, name: &str, time_zone: &str, now: Ts) -> Settings {
    let nothing = || None;
    Settings {
        tenant_id: tenant,
        name: name.to_owned(),
        time_zone: time_zone.to_owned(),
        week_start: 7,
        logo_url: nothing(),
        primary_color: nothing(),
        website_url: nothing(),
        privacy_url: nothing(),
        support_email: nothing(),
        support_phone: nothing(),
        support_hours: nothing(),
        allowed_origins: Origins::default(),
        payment_rules: PaymentRules::default(),
        lookup_flows: Flows(Flow::ALL.iter().copied().filter(|f| *f != Flow::PhonePostalCode).collect()),
        lookup_failures_a_day: 1_000,
        event_days: None,
        portal_check: PortalCheck::OtherBrowsers,
        portal_log_in: false,
        logo: None,
        portal_texts: PortalTexts::default(),
        updated_at: now,
    }
}

/// A tenant's settings.
pub async fn of(tx: &Tx, tenant: &Tenant) -> Result<Settings> {
    let found = tx.find("WHERE tenant_id = $1", &[&tenant.id]).await?;
    found.ok_or_else(|| Failure::broken("reading settings", "the tenant has none"))
}

base::record! {
    /// An environment whose events do not say for ever what things were.
    pub(crate) struct Forgets in "setting" {
        /// Whose.
        pub(crate) tenant_id: TenantId,
        /// After how many days.
        pub(crate) event_days: Option<i64>,
    }
}

/// Every environment that set an end to what its events say.
pub(crate) async fn forgetful(tx: &Tx) -> Result<Vec<Forgets>> {
    tx.select("WHERE event_days IS NOT NULL AND tenant_id IN served() ORDER BY tenant_id", &[]).await
}

impl Settings {
    /// Where the logo is that its pages show.
    pub fn logo_path(&self) -> Option<String> {
        self.logo.as_ref().map(|name| format!("/portal/logo/{}/{name}", self.tenant_id))
    }

    /// Whether a customer may be sent to this address, and pages there may hold fields of ours: its origin is allowed; in a
    /// rehearsal also this very machine.
    pub fn allow(&self, environment: Environment, to: &Address) -> bool {
        let rehearsal = environment == Environment::Sandbox && to.is_loopback();
        self.allowed_origins.allow(to) || rehearsal
    }

    /// The weekday's word.
    pub fn week_start_word(&self) -> &'static str {
        WEEKDAYS
            .iter()
            .find(|(_, day)| i64::from(day.to_monday_one_offset()) == self.week_start)
            .map_or("sunday", |(word, _)| word)
    }

    /// The settings as the object that events carry and the API shows.
    pub fn view(&self, tenant: &Tenant) -> Value {
        json!({
            "id": tenant.org.to_string(),
            "environment": tenant.environment.as_str(),
            "name": self.name,
            "time_zone": self.time_zone,
            "week_start": self.week_start_word(),
            "brand": {
                "logo_url": self.logo_url,
                "logo_path": self.logo_path(),
                "primary_color": self.primary_color,
                "website_url": self.website_url,
                "privacy_url": self.privacy_url,
                "support_email": self.support_email,
                "support_phone": self.support_phone,
                "support_hours": self.support_hours,
            },
            "allowed_origins": self.allowed_origins.0,
            "payment_rules": self.payment_rules.json(),
            "lookup": {
                "flows": self.lookup_flows.0.iter().map(|f| f.as_str()).collect::<Vec<_>>(),
                "failures_a_day": self.lookup_failures_a_day,
            },
            "events": { "superseded_kept_days": self.event_days },
            "portal": {
                "check": self.portal_check.as_str(),
                "log_in": self.portal_log_in,
                "log_in_path": self.portal_log_in.then(|| log_in_path(tenant)),
                "texts": self.portal_texts.json(&[Language::English.as_str(), Language::Spanish.as_str()]),
            },
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// Where customers come in without a link.
fn log_in_path(tenant: &Tenant) -> String {
    match tenant.environment {
        Environment::Production => format!("/portal/in/{}", tenant.org),
        Environment::Sandbox => format!("/portal/in/{}/sandbox", tenant.org),
    }
}

/// The days on which weeks may begin.
pub const WEEKDAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_chosen_rules_are_kept_and_come_back_as_they_were() {
        assert_eq!(PaymentRules::default().to_text(), "{}");
        let chosen = PaymentRules {
            min_payment_amount: Some(Cents::new(2_500)),
            payment_plans_enabled: false,
            settlement_max_discount_percent: 40,
            ..PaymentRules::default()
        };
        assert_eq!(
            chosen.to_text(),
            r#"{"min_payment_amount":2500,"payment_plans_enabled":false,"settlement_max_discount_percent":40}"#
        );
        assert_eq!(PaymentRules::from_text(&chosen.to_text()), chosen);
    }

    #[test]
    fn customers_are_sent_to_exactly_the_origins_that_are_allowed() {
        let real = |text| origin(text, Environment::Production);
        assert_eq!(real("https://Pay.Example.com").as_deref(), Some("https://pay.example.com"));
        assert_eq!(real("https://pay.example.com/back"), None);
        assert_eq!(real("http://pay.example.com"), None);
        assert_eq!(real("http://localhost:3000"), None);
        assert_eq!(
            origin("http://localhost:3000", Environment::Sandbox).as_deref(),
            Some("http://localhost:3000")
        );
        let allowed = Origins(vec!["https://pay.example.com".into()]);
        let to = |text| allowed.allow(&Address::parse(text).unwrap());
        assert!(to("https://pay.example.com/back?x=1"));
        assert!(!to("https://pay.example.com.evil.example/"));
        assert!(!to("https://pay.example.com:8443/"));
        assert!(!to("http://pay.example.com/"));
        assert!(!to("https://evil.example/?https://pay.example.com"));
    }
}
