//! Changing what an organization decides for itself; see [`Settings`].

use base::db::{Command, Tx};
use base::{Cents, Change, Failure, Result};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::events;
use crate::orgs::{Flow, Flows, Logo, Origins, PaymentRules, PortalCheck, Settings, Spot, Tenant, drop_logo};

/// What a request changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The name; it cannot be cleared.
    pub name: Option<String>,
    /// The time zone; it cannot be cleared.
    pub time_zone: Option<TimeZone>,
    /// The day on which weeks begin.
    pub week_start: Option<Weekday>,
    /// How it appears.
    pub brand: Brand,
    /// All origins, replaced.
    pub allowed_origins: Change<Vec<String>>,
    /// Rules of payment; each that is sent.
    pub rules: RuleChanges,
    /// All flows, replaced.
    pub lookup_flows: Option<Vec<Flow>>,
    /// How many lookups may fail in a day.
    pub lookup_failures_a_day: Option<i64>,
    /// For how many days superseded events say what a thing was; cleared, for ever.
    pub event_days: Change<i64>,
    /// Whom the portal asks who they are.
    pub portal_check: Option<PortalCheck>,
    /// Whether customers may come in without a link.
    pub portal_log_in: Option<bool>,
    /// Texts of its pages: the language's code, where it stands, and what it is.
    pub portal_texts: Vec<(&'static str, Spot, Option<String>)>,
}

/// What a request changes of how an organization appears.
#[derive(Clone, Debug, Default)]
pub struct Brand {
    /// Where its logo is.
    pub logo_url: Change<String>,
    /// The logo that its pages show.
    pub logo: Change<Logo>,
    /// Its colour.
    pub primary_color: Change<String>,
    /// Its own pages.
    pub website_url: Change<String>,
    /// Its privacy notice.
    pub privacy_url: Change<String>,
    /// Where customers may write to.
    pub support_email: Change<String>,
    /// Where customers may call.
    pub support_phone: Change<String>,
    /// When somebody answers there.
    pub support_hours: Change<String>,
}

/// What a request changes of the rules of payment. Clearing one brings its default back.
#[derive(Clone, Debug, Default)]
pub struct RuleChanges {
    /// See [`PaymentRules`], as all of these.
    pub min_payment_amount: Change<Cents>,
    /// Whether customers may pay by a plan.
    pub payment_plans_enabled: Change<bool>,
    /// The least an instalment may be.
    pub min_installment_amount: Change<Cents>,
    /// How long a plan may run, in months.
    pub payment_plan_max_months: Change<i64>,
    /// How far ahead a plan may begin, in days.
    pub payment_plan_max_days_until_start_date: Change<i64>,
    /// Whether a plan of which nothing is scheduled yet may be changed.
    pub unscheduled_payment_plan_editable: Change<bool>,
    /// Whether less than the balance may be agreed upon.
    pub settlements_enabled: Change<bool>,
    /// The most that a settlement may take off, in whole percent.
    pub settlement_max_discount_percent: Change<i64>,
    /// How long a settlement may be paid off over, in months.
    pub settlement_max_months: Change<i64>,
    /// How often a refused instalment is tried again.
    pub payment_plan_retries: Change<i64>,
    /// How many days later at the earliest.
    pub payment_plan_retry_after_days: Change<i64>,
    /// After how many failed payments in a row a plan breaks.
    pub payment_plan_break_after: Change<i64>,
    /// How many days it has then.
    pub payment_plan_grace_days: Change<i64>,
    /// How many late instalments are sent out in a minute.
    pub payment_plan_catch_up_per_minute: Change<i64>,
    /// The merchant category of its account for cards.
    pub merchant_category_code: Change<String>,
    /// The brands of cards that are taken.
    pub card_brands: Change<Vec<String>>,
    /// Whether a card is taken of which nobody knows whose money it spends.
    pub unknown_funding_accepted: Change<bool>,
}

impl RuleChanges {
    fn over(&self, now: PaymentRules) -> PaymentRules {
        fn put<T: Copy>(change: &Change<T>, now: T, usual: T) -> T {
            match change {
                Change::Keep => now,
                Change::Clear => usual,
                Change::Set(value) => *value,
            }
        }
        let usual = PaymentRules::default();
        PaymentRules {
            min_payment_amount: self.min_payment_amount.clone().over(now.min_payment_amount),
            payment_plans_enabled: put(
                &self.payment_plans_enabled,
                now.payment_plans_enabled,
                usual.payment_plans_enabled,
            ),
            min_installment_amount: self.min_installment_amount.clone().over(now.min_installment_amount),
            payment_plan_max_months: put(
                &self.payment_plan_max_months,
                now.payment_plan_max_months,
                usual.payment_plan_max_months,
            ),
            payment_plan_max_days_until_start_date: put(
                &self.payment_plan_max_days_until_start_date,
                now.payment_plan_max_days_until_start_date,
                usual.payment_plan_max_days_until_start_date,
            ),
            unscheduled_payment_plan_editable: put(
                &self.unscheduled_payment_plan_editable,
                now.unscheduled_payment_plan_editable,
                usual.unscheduled_payment_plan_editable,
            ),
            settlements_enabled: put(
                &self.settlements_enabled,
                now.settlements_enabled,
                usual.settlements_enabled,
            ),
            settlement_max_discount_percent: put(
                &self.settlement_max_discount_percent,
                now.settlement_max_discount_percent,
                usual.settlement_max_discount_percent,
            ),
            settlement_max_months: put(
                &self.settlement_max_months,
                now.settlement_max_months,
                usual.settlement_max_months,
            ),
            payment_plan_retries: put(
                &self.payment_plan_retries,
                now.payment_plan_retries,
                usual.payment_plan_retries,
            ),
            payment_plan_retry_after_days: put(
                &self.payment_plan_retry_after_days,
                now.payment_plan_retry_after_days,
                usual.payment_plan_retry_after_days,
            ),
            payment_plan_break_after: put(
                &self.payment_plan_break_after,
                now.payment_plan_break_after,
                usual.payment_plan_break_after,
            ),
            payment_plan_grace_days: put(
                &self.payment_plan_grace_days,
                now.payment_plan_grace_days,
                usual.payment_plan_grace_days,
            ),
            payment_plan_catch_up_per_minute: put(
                &self.payment_plan_catch_up_per_minute,
                now.payment_plan_catch_up_per_minute,
                usual.payment_plan_catch_up_per_minute,
            ),
            merchant_category_code: self.merchant_category_code.clone().over(now.merchant_category_code),
            card_brands: self.card_brands.clone().over(now.card_brands),
            unknown_funding_accepted: put(
                &self.unknown_funding_accepted,
                now.unknown_funding_accepted,
                usual.unknown_funding_accepted,
            ),
        }
    }
}

/// Changes a tenant's settings.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What was sent.
    pub changes: &'a Changes,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "settings.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tail = "WHERE tenant_id = $1 FOR UPDATE";
        let before: Option<Settings> = tx.find(tail, &[&self.tenant.id]).await?;
        let before = before.ok_or_else(|| Failure::broken("changing settings", "the tenant has none"))?;
        let after = self.applied(before.clone());
        if after.view(self.tenant) == before.view(self.tenant) {
            return Ok(());
        }
        let after = Settings { updated_at: tx.now(), ..after };
        match &self.changes.brand.logo {
            Change::Keep => {}
            Change::Clear => drop_logo(tx, self.tenant).await?,
            Change::Set(logo) => logo.keep(tx, self.tenant).await?,
        }
        tx.update(1, std::slice::from_ref(&after)).await?;
        let body = after.view(self.tenant);
        events::emit(tx, self.tenant, "organization.update", "organization", self.tenant.org.0, &body).await
    }
}

impl Update<'_> {
    fn applied(&self, now: Settings) -> Settings {
        let (sent, brand) = (self.changes, &self.changes.brand);
        let zone = sent.time_zone.as_ref().and_then(|zone| zone.iana_name().map(str::to_owned));
        Settings {
            name: sent.name.clone().unwrap_or(now.name),
            time_zone: zone.unwrap_or(now.time_zone),
            week_start: sent.week_start.map_or(now.week_start, |day| day.to_monday_one_offset().into()),
            logo_url: brand.logo_url.clone().over(now.logo_url),
            primary_color: brand.primary_color.clone().over(now.primary_color),
            website_url: brand.website_url.clone().over(now.website_url),
            privacy_url: brand.privacy_url.clone().over(now.privacy_url),
            support_email: brand.support_email.clone().over(now.support_email),
            support_phone: brand.support_phone.clone().over(now.support_phone),
            support_hours: brand.support_hours.clone().over(now.support_hours),
            allowed_origins: match &sent.allowed_origins {
                Change::Keep => now.allowed_origins,
                Change::Clear => Origins::default(),
                Change::Set(all) => Origins(all.clone()),
            },
            payment_rules: sent.rules.over(now.payment_rules),
            lookup_flows: sent.lookup_flows.clone().map_or(now.lookup_flows, Flows),
            lookup_failures_a_day: sent.lookup_failures_a_day.unwrap_or(now.lookup_failures_a_day),
            event_days: sent.event_days.clone().over(now.event_days),
            portal_check: sent.portal_check.unwrap_or(now.portal_check),
            portal_log_in: sent.portal_log_in.unwrap_or(now.portal_log_in),
            logo: match &brand.logo {
                Change::Keep => now.logo,
                Change::Clear => None,
                Change::Set(logo) => Some(logo.name().to_owned()),
            },
            portal_texts: sent.portal_texts.iter().fold(now.portal_texts, |texts, (language, spot, text)| {
                texts.with(language, *spot, text.clone())
            }),
            ..now
        }
    }
}
