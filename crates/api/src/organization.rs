//! What an organization decides for itself, over HTTP: the environment of the token, and no other.

use base::web::Address;
use base::{Cents, Change, Result, us};
use books::orgs::{self, Environment, Flow, LARGEST_LOGO, Logo, PortalCheck, Spot, WEEKDAYS};
use books::settings::{self, Brand, Changes, RuleChanges};
use edge::routes::{get, put};
use edge::rules::{OneOf, parsed};
use edge::{Access, Endpoint, Reader, Reply};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::schema::{cents, flag, id, instant, list, maybe, object, shown, text, whole, word};
use crate::{App, Call};

const READ: Access = Access::Scope("organization:read");
const WRITE: Access = Access::Scope("organization:write");

/// The longest text of an organization's on a page, in characters.
const LONGEST_TEXT: usize = 1_000;

/// The longest `data:` URL of a logo.
const LONGEST_LOGO: usize = LARGEST_LOGO / 3 * 4 + 100;

/// A picture of one dot.
const A_DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// How many origins may be allowed.
const ORIGINS: usize = 50;

const FLOWS: &[(&str, Flow)] = &[
    ("phone_ssn_last4", Flow::PhoneSsn),
    ("phone_date_of_birth", Flow::PhoneBirth),
    ("phone_postal_code", Flow::PhonePostalCode),
    ("first_name_last_name_ssn_last4", Flow::NameSsn),
    ("first_name_last_name_date_of_birth", Flow::NameBirth),
];

const CHECKS: &[(&str, PortalCheck)] =
    &[("other_browsers", PortalCheck::OtherBrowsers), ("always", PortalCheck::Always)];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/organization", READ, show)
            .summary("Get the organization's settings")
            .describe("Those of the environment that the token belongs to: a sandbox decides for itself.")
            .answers(200, shown(schema())),
        put("/organization", WRITE, update)
            .summary("Change the organization's settings")
            .describe(
                "What is not sent stays. `allowed_origins` and `lookup.flows` are replaced as a whole; a rule that is \
                 `null` gets its default back.",
            )
            .body(|r| changes(r, Environment::Production))
            .sample(json!({ "name": "Harbor Point Recovery", "brand": { "support_phone": "212-555-0100" } }))
            .answers(200, shown(schema())),
    ]
}

fn schema() -> Value {
    let days: Vec<&str> = WEEKDAYS.iter().map(|(word, _)| *word).collect();
    let brand = object(
        &[
            ("logo_url", maybe(text())),
            ("logo_path", maybe(text())),
            ("primary_color", maybe(text())),
            ("website_url", maybe(text())),
            ("privacy_url", maybe(text())),
            ("support_email", maybe(text())),
            ("support_phone", maybe(text())),
            ("support_hours", maybe(text())),
        ],
        &[],
    );
    let rules = object(
        &[
            ("min_payment_amount", maybe(cents())),
            ("payment_plans_enabled", flag()),
            ("min_installment_amount", maybe(cents())),
            ("payment_plan_max_months", whole()),
            ("payment_plan_max_days_until_start_date", whole()),
            ("unscheduled_payment_plan_editable", flag()),
            ("settlements_enabled", flag()),
            ("settlement_max_discount_percent", whole()),
            ("settlement_max_months", whole()),
            ("payment_plan_retries", whole()),
            ("payment_plan_retry_after_days", whole()),
            ("payment_plan_break_after", whole()),
            ("payment_plan_grace_days", whole()),
            ("payment_plan_catch_up_per_minute", whole()),
            ("merchant_category_code", maybe(text())),
            ("card_brands", maybe(list(text()))),
            ("unknown_funding_accepted", flag()),
        ],
        &[],
    );
    let spots: Vec<(&str, Value)> = Spot::ALL.iter().map(|spot| (spot.as_str(), maybe(text()))).collect();
    let texts = object(&[("en", object(&spots, &[])), ("es", object(&spots, &[]))], &[]);
    let portal = object(
        &[
            ("check", word(&["other_browsers", "always"])),
            ("log_in", flag()),
            ("log_in_path", maybe(text())),
            ("texts", texts),
        ],
        &[],
    );
    let flows: Vec<&str> = FLOWS.iter().map(|(word, _)| *word).collect();
    object(
        &[
            ("id", id()),
            ("environment", word(&["production", "sandbox"])),
            ("name", text()),
            ("time_zone", text()),
            ("week_start", word(&days)),
            ("brand", brand),
            ("allowed_origins", list(text())),
            ("payment_rules", rules),
            ("lookup", object(&[("flows", list(word(&flows))), ("failures_a_day", whole())], &[])),
            ("events", object(&[("superseded_kept_days", maybe(whole()))], &[])),
            ("portal", portal),
            ("updated_at", instant()),
        ],
        &[],
    )
}

fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some())
}

/// `#rrggbb`, in lower case.
fn color(written: &str) -> Option<String> {
    let digits = written.strip_prefix('#')?;
    (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then(|| written.to_ascii_lowercase())
}

fn secure_address(written: &str) -> Option<String> {
    Address::parse(written).filter(Address::is_secure).map(|a| a.as_str().to_owned())
}

fn changes(r: &mut Reader<'_>, environment: Environment) -> Changes {
    let origin = parsed(
        "must be an origin like https://pay.example.com: https, and nothing after the host.",
        "https://pay.example.com",
        move |written: &str| orgs::origin(written, environment),
    );
    let (lookup_flows, lookup_failures_a_day) = r.object("lookup", lookup).optional().unwrap_or_default();
    let event_days = r.object("events", events).optional().unwrap_or_default();
    let (portal_check, portal_log_in, portal_texts) =
        r.object("portal", portal).optional().unwrap_or_default();
    Changes {
        name: r.text("name").describe("As customers see it.").example("Harbor Point Recovery").replace(),
        time_zone: r
            .text("time_zone")
            .describe("An IANA name. Days begin and end by it.")
            .parse("must be a time zone like America/New_York.", "America/New_York", zone)
            .replace(),
        week_start: r.one_of("week_start", WEEKDAYS).replace(),
        brand: r.object("brand", brand).optional().unwrap_or_default(),
        allowed_origins: r
            .each("allowed_origins", ORIGINS, origin)
            .describe("Where `return_url` and `expiration_return_url` of a session may lead.")
            .change(),
        rules: r.object("payment_rules", payment_rules).optional().unwrap_or_default(),
        lookup_flows,
        lookup_failures_a_day,
        event_days,
        portal_check,
        portal_log_in,
        portal_texts,
    }
}

/// Texts of pages: the language's code, where it stands, and what it is.
type Texts = Vec<(&'static str, Spot, Option<String>)>;

fn portal(r: &mut Reader<'_>) -> (Option<PortalCheck>, Option<bool>, Texts) {
    let check = r
        .one_of("check", CHECKS)
        .describe(
            "Whom a session's link asks for their birthday, the last four digits of their Social Security number or their ZIP \
             before it lets them in: every browser but the first, or everybody. Links that are sent with `send_by` always ask.",
        )
        .replace();
    let log_in = r
        .boolean("log_in")
        .describe(
            "Whether customers may come in without a link, at `log_in_path`, by what they say of themselves: by `lookup.flows`, and as \
             often as lookups may fail.",
        )
        .replace();
    let texts = r.object("texts", texts).optional().unwrap_or_default();
    (check, log_in, texts)
}

fn texts(r: &mut Reader<'_>) -> Texts {
    let mut all = r.object("en", |r| texts_in(r, "en")).optional().unwrap_or_default();
    all.extend(r.object("es", |r| texts_in(r, "es")).optional().unwrap_or_default());
    all
}

/// Plain text: what looks like markup is shown as it was written.
fn texts_in(r: &mut Reader<'_>, language: &'static str) -> Texts {
    let mut all = Vec::new();
    for spot in Spot::ALL {
        let about = match spot {
            Spot::Door => "Before anybody came in. It must not speak of a debt: anybody may read it.",
            Spot::Accounts => "Above the accounts.",
            Spot::Payment => "Where a payment is looked over before it is made.",
            Spot::Footer => "At the foot of every page, once somebody is in.",
        };
        match r.text(spot.as_str()).max(LONGEST_TEXT).describe(about).change() {
            Change::Keep => {}
            Change::Clear => all.push((language, spot, None)),
            Change::Set(text) => all.push((language, spot, Some(text))),
        }
    }
    all
}

fn events(r: &mut Reader<'_>) -> Change<i64> {
    r.int("superseded_kept_days")
        .between(1, 36_500)
        .describe(
            "For how many days an event says what a thing was, once a later one says what it is; its `data` is null then. \
             `null`: for ever.",
        )
        .change()
}

fn lookup(r: &mut Reader<'_>) -> (Option<Vec<Flow>>, Option<i64>) {
    let flows = r
        .each("flows", FLOWS.len(), OneOf(FLOWS))
        .describe("By what customers may be looked up; the others are refused.")
        .change();
    let failures = r
        .int("failures_a_day")
        .between(1, 1_000_000)
        .describe("How many lookups may fail in a day before all are refused.")
        .replace();
    let flows = match flows {
        Change::Keep => None,
        Change::Clear => Some(Vec::new()),
        Change::Set(flows) => Some(flows),
    };
    (flows, failures)
}

fn brand(r: &mut Reader<'_>) -> Brand {
    const AN_ADDRESS: &str = "must be a valid https URL.";
    Brand {
        logo_url: r
            .text("logo_url")
            .max(2_048)
            .parse(AN_ADDRESS, "https://agency.example/logo.svg", secure_address)
            .change(),
        logo: r
            .text("logo")
            .max(LONGEST_LOGO)
            .describe(
                "The logo that your pages show: a PNG or JPEG of at most 64 KiB as a `data:` URL. It is kept here, so that no page asks \
                 another server for it; `logo_path` says where.",
            )
            .parse("must be a PNG or JPEG of at most 64 KiB as a data: URL.", A_DOT, Logo::parse)
            .change(),
        primary_color: r
            .text("primary_color")
            .parse("must be a colour like #1a5fb4.", "#1a5fb4", color)
            .change(),
        website_url: r
            .text("website_url")
            .max(2_048)
            .parse(AN_ADDRESS, "https://agency.example/", secure_address)
            .change(),
        privacy_url: r
            .text("privacy_url")
            .max(2_048)
            .parse(AN_ADDRESS, "https://agency.example/privacy", secure_address)
            .change(),
        support_email: r
            .text("support_email")
            .parse("must be a valid email address.", "help@agency.example", us::email)
            .change(),
        support_phone: r
            .text("support_phone")
            .parse("must be a valid US phone number.", "212-555-0100", us::phone)
            .change(),
        support_hours: r.text("support_hours").example("Mon–Fri 9–5 Eastern").change(),
    }
}

/// The brands of cards, by the names that payment methods have.
const BRANDS: &[(&str, &str)] = &[
    ("Visa", "Visa"),
    ("Mastercard", "Mastercard"),
    ("American Express", "American Express"),
    ("Discover", "Discover"),
    ("Diners Club", "Diners Club"),
    ("JCB", "JCB"),
    ("UnionPay", "UnionPay"),
];

fn four_digits(text: &str) -> Option<String> {
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}

fn payment_rules(r: &mut Reader<'_>) -> RuleChanges {
    let rules = RuleChanges {
        min_payment_amount: r
            .cents("min_payment_amount")
            .at_least(Cents::new(100))
            .describe(
                "The least a payment may be where the account says nothing, unless it clears the balance.",
            )
            .change(),
        payment_plans_enabled: r.boolean("payment_plans_enabled").change(),
        min_installment_amount: r
            .cents("min_installment_amount")
            .at_least(Cents::new(100))
            .describe("The least an instalment may be, but for the last one.")
            .change(),
        payment_plan_max_months: r
            .int("payment_plan_max_months")
            .between(1, 360)
            .describe("How long a plan may run.")
            .change(),
        payment_plan_max_days_until_start_date: r
            .int("payment_plan_max_days_until_start_date")
            .between(1, 365)
            .describe("How far ahead a plan may begin; 31 where nothing is said.")
            .change(),
        unscheduled_payment_plan_editable: r
            .boolean("unscheduled_payment_plan_editable")
            .describe("Whether a plan of which nothing is scheduled yet may be changed.")
            .change(),
        settlements_enabled: r.boolean("settlements_enabled").change(),
        settlement_max_discount_percent: r
            .int("settlement_max_discount_percent")
            .between(0, 100)
            .describe("The most a settlement may take off the balance.")
            .change(),
        settlement_max_months: r
            .int("settlement_max_months")
            .between(1, 360)
            .describe("How long a settlement may be paid off over.")
            .change(),
        payment_plan_retries: r
            .int("payment_plan_retries")
            .between(0, 10)
            .describe("How often a refused instalment is tried again before it counts as failed; 2 where nothing is said, and never more than the networks allow.")
            .change(),
        payment_plan_retry_after_days: r
            .int("payment_plan_retry_after_days")
            .between(1, 14)
            .describe("How many days later at the earliest; for want of money on the payday after that.")
            .change(),
        payment_plan_break_after: r
            .int("payment_plan_break_after")
            .between(1, 12)
            .describe("After how many failed payments, one after the other, a plan breaks.")
            .change(),
        payment_plan_grace_days: r
            .int("payment_plan_grace_days")
            .between(0, 60)
            .describe("How many days it has then, in which a payment that succeeds saves it.")
            .change(),
        payment_plan_catch_up_per_minute: r
            .int("payment_plan_catch_up_per_minute")
            .between(1, 10000)
            .describe("How many instalments that are more than a day late are sent out in a minute.")
            .change(),
        merchant_category_code: r
            .text("merchant_category_code")
            .describe("The category of your account for cards. Under `7322`, debt collection, no credit card is taken.")
            .parse("must be four digits.", "7322", four_digits)
            .change(),
        card_brands: r
            .each("card_brands", BRANDS.len(), OneOf(BRANDS))
            .describe("The brands of cards that are taken; `null`: those that your category takes, or all.")
            .change()
            .map(|all| all.into_iter().map(str::to_owned).collect()),
        unknown_funding_accepted: r
            .boolean("unknown_funding_accepted")
            .describe("Whether a card is taken of which the processor does not tell whether it is a credit card, where those are refused.")
            .change(),
    };
    r.only_known();
    rules
}

async fn show(call: Call) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let settings = orgs::settings(&tx, tenant).await?;
    Ok(Reply::ok(&settings.view(tenant)))
}

async fn update(call: Call) -> Result<Reply> {
    let tenant = &call.caller().tenant;
    let changes = call.read(|r| changes(r, tenant.environment))?;
    call.state.db.run(&settings::Update { tenant, changes: &changes }).await?;
    show(call).await
}
