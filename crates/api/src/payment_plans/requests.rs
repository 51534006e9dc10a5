//! What may be said about payment plans in a request.

use base::secret::Secret;
use base::{Cents, Day, Ref, us};
use books::debts::Frequency;
use books::debts::plans::{Plan, PlanStatus, Rate};
use books::messages::Channel;
use edge::rules::{Field, Kind, Sketch, Spot};
use edge::{Reader, Sorts, sorts};
use payments::plans::agree::{Asked, Interest};
use payments::plans::{Changes, Given, New, Proposal, Way};
use serde_json::{Value, json};

use crate::include::{Include, VOCABULARY};
use crate::lists::{Listing, listing};
use crate::spelling::{FREQUENCIES, Words};

/// A word of either spelling, and the states it means.
const STATUSES_MEANT: &[(&str, &[PlanStatus])] = &[
    ("pending", &[PlanStatus::Pending]),
    ("active", &[PlanStatus::Active]),
    ("paused", &[PlanStatus::Paused]),
    ("completed", &[PlanStatus::Completed]),
    ("broken", &[PlanStatus::Broken]),
    ("cancelled", &[PlanStatus::Cancelled]),
];

/// The longest text that may have been agreed to, in characters.
const LONGEST_TEXT: usize = 4_000;

const WAYS: &[(&str, Way)] =
    &[("web", Way::Web), ("phone", Way::Phone), ("paper", Way::Paper), ("api", Way::Api)];

const CHANNELS: &[(&str, Channel)] = &[("sms", Channel::Sms), ("email", Channel::Email)];

/// What a list is asked for.
pub(super) struct Filters {
    pub(super) paging: Listing,
    pub(super) wanted: Vec<Include>,
    pub(super) customer: Option<Ref>,
    pub(super) debt: Option<Ref>,
    pub(super) status: Option<&'static [PlanStatus]>,
    pub(super) frequency: Option<Frequency>,
    pub(super) from: Option<Day>,
    pub(super) to: Option<Day>,
    pub(super) method: Option<Ref>,
    pub(super) open_ended: Option<bool>,
}

/// What is shown within a plan. Its instalments always are.
pub(super) fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    let mut wanted = r.includes(VOCABULARY);
    wanted.retain(|what| !matches!(what, Include::PaymentPlan | Include::Charge));
    wanted
}

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["amount" => "amount", "start_date" => "start_date", "total_amount" => "total_amount", "updated_at" => "updated_at"];

pub(super) fn filters(r: &mut Reader<'_>) -> Filters {
    Filters {
        paging: listing(r, Some(10), SORTS),
        wanted: includes(r),
        customer: r.reference("customer_id").describe("Only this customer's plans.").optional(),
        debt: account(r, "Only plans on this account.").optional(),
        status: r.one_of("status", STATUSES_MEANT).describe("Only plans that stand like this.").optional(),
        frequency: r.one_of("frequency", FREQUENCIES).describe("Only plans that pay this often.").optional(),
        from: r.day("start_date_from").describe("Only plans that begin on this day or later.").optional(),
        to: r.day("start_date_to").describe("Only plans that begin on this day or earlier.").optional(),
        method: r.reference("payment_method_id").describe("Only plans that this method pays.").optional(),
        open_ended: r
            .boolean("open_ended")
            .describe("Only plans without an end, or only the others.")
            .optional(),
    }
}

impl Filters {
    /// The states that are meant: on the OpenAPI's paths a word stands for every state that it describes there.
    pub(super) fn statuses(&self, words: Words) -> Option<Vec<PlanStatus>> {
        let meant = self.status?;
        let shown = |s: &PlanStatus| meant.iter().any(|m| words.plan_status(*m) == words.plan_status(*s));
        Some(match words {
            Words::Guide => meant.to_vec(),
            // A word that the OpenAPI does not have means exactly what the guide means by it.
            Words::OpenApi if matches!(meant, [PlanStatus::Pending | PlanStatus::Broken]) => meant.to_vec(),
            Words::OpenApi => PlanStatus::ALL.iter().copied().filter(shown).collect(),
        })
    }

    /// The same for how often they pay.
    pub(super) fn frequencies(&self, words: Words) -> Option<Vec<Frequency>> {
        let meant = self.frequency?;
        Some(match (words, meant) {
            (Words::OpenApi, Frequency::Monthly) => vec![Frequency::Monthly, Frequency::LastOfMonth],
            (_, meant) => vec![meant],
        })
    }
}

fn account<'r, 'v>(r: &'r mut Reader<'v>, about: &str) -> edge::rules::Field<'r, 'v, edge::rules::Reference> {
    r.reference("debt_account_id").alias("debt_account_external_id").describe(about)
}

/// Terms that are asked for.
fn terms(r: &mut Reader<'_>) -> Asked {
    Asked {
        frequency: r.one_of("frequency", FREQUENCIES).describe("How often.").required(),
        start: r
            .day("start_date")
            .describe("From when on: tomorrow where absent. At least one day ahead, and no more than `payment_plan_max_days_until_start_date`, usually 31. With `last_of_month` a day of the first month.")
            .optional(),
        amount: r
            .cents("amount")
            .positive()
            .alias("installment_amount")
            .describe("How much each time, in whole cents. The last instalment takes what is left.")
            .required(),
        total: r
            .cents("total_amount")
            .positive()
            .describe("How much in all: what is owed, where absent. Less is a settlement, within your organization's limits.")
            .optional(),
        open_ended: r
            .boolean("open_ended")
            .describe("`true`: it pays until nothing is owed, whatever that comes to, one instalment at a time.")
            .or(false),
        down: r.cents("down_payment_amount").positive().describe("What is paid before the instalments.").optional(),
        down_on: r.day("down_payment_date").describe("When that is paid: today, where absent.").optional(),
        interest: {
            let rate = rate(r).optional();
            interest(r, rate)
        },
    }
}

/// A rate in percent.
struct Percent;

impl Kind for Percent {
    type Out = Rate;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Rate> {
        let text = match value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()), // its shortest digits
            _ => None,
        };
        let read = text.and_then(|text| Rate::parse(&text));
        if read.is_none() {
            spot.say("must be a percentage from 0 to 100 with at most 3 decimals.");
        }
        read
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        json!({"anyOf": [
            {"type": "string", "pattern": r"^\s*(100(\.0{1,3})?|[0-9]{1,2}(\.[0-9]{1,3})?)\s*$"},
            {"type": "integer", "minimum": 0, "maximum": 100},
        ]})
    }

    fn harmless(&self) -> Rate {
        Rate::parse("0").expect("zero is a rate")
    }
}

/// The rate at which interest is expected.
fn rate<'r, 'v>(r: &'r mut Reader<'v>) -> Field<'r, 'v, Percent> {
    r.field("annual_percentage_rate", Percent)
        .describe("With it the plan is expected to pay interest, Actual/365, which is part of its total: the rate a year in percent, as `\"6.5\"` or as a number, with three decimals at most. Not for settlements, nor for plans without an end. A projection: interest is owed once you add it to the balance.")
        .example("6.5")
}

/// Interest that is expected, at this rate.
fn interest(r: &mut Reader<'_>, rate: Option<Rate>) -> Interest {
    Interest {
        rate,
        principal: r
            .cents("principal_balance")
            .positive()
            .describe("What of the balance bears interest: where absent, all but `pre_principal_balance`.")
            .optional(),
        before: r
            .cents("pre_principal_balance")
            .describe("What of the balance is paid before the principal and bears none: where absent, all but `principal_balance`.")
            .optional(),
        after_principal: r
            .boolean("interest_collected_after_principal")
            .describe("Whether interest is collected once the principal is paid: `true` unless said. `false`: what has accrued is, before the principal.")
            .optional(),
    }
}

fn offer(r: &mut Reader<'_>) -> Option<Ref> {
    r.reference("settlement_offer_id")
        .describe("A settlement offer on the account that the plan takes up.")
        .optional()
}

/// What is said of an authorization.
fn given(r: &mut Reader<'_>) -> Given {
    let now = r.now();
    Given {
        way: r.one_of("channel", WAYS).describe("How it was given: `api` unless said.").optional(),
        text: r
            .text("text")
            .max(LONGEST_TEXT)
            .describe("The words that were agreed to, as they were shown or read out. Without them it is our own text, filled in.")
            .required_with("text_version"),
        text_version: r.text("text_version").max(64).describe("Which text of yours that is.").optional(),
        given_by: r.text("given_by").describe("The name of who gave it: the customer's unless said.").optional(),
        given_at: r.timestamp("given_at").until(now).describe("When it was given: now unless said.").optional(),
        ip_address: r
            .text("ip_address")
            .max(45)
            .describe("The address from which it was given.")
            .parse("must be a valid IP address.", "203.0.113.7", |text| text.parse().ok())
            .optional(),
    }
}

fn authorization(r: &mut Reader<'_>) -> Option<Given> {
    r.object("authorization", given)
        .empty_clears()
        .describe("What there is to say of the customer's authorization: kept as evidence, and the customer gets a copy.")
        .optional()
}

/// By what a broken plan goes on: what it charges from then on, and what is said of the authorization.
pub(super) fn reinstatement(r: &mut Reader<'_>) -> (Option<Ref>, Given) {
    let method = r
        .reference("payment_method_id")
        .describe("What is charged from then on: what the plan charged before, where absent.")
        .optional();
    (method, authorization(r).unwrap_or_default())
}

/// A new plan.
pub(super) fn new(r: &mut Reader<'_>) -> New {
    New {
        debt: account(r, "The account: our id or yours.").required(),
        asked: terms(r),
        method: r
            .reference("payment_method_id")
            .describe("What is charged. With it the plan is `active` at once, and you confirm that its holder authorized it; without it the plan waits for its customer.")
            .required_with("authorization"),
        offer: offer(r),
        given: authorization(r).unwrap_or_default(),
        source: "api",
    }
}

/// What takes the place of a plan that runs.
pub(super) struct Replacement {
    pub(super) asked: Asked,
    pub(super) method: Option<Ref>,
    pub(super) offer: Option<Ref>,
    pub(super) given: Given,
}

pub(super) fn replacement(r: &mut Reader<'_>) -> Replacement {
    Replacement {
        asked: terms(r),
        method: r
            .reference("payment_method_id")
            .describe("What is charged: what the plan before charged, where absent.")
            .optional(),
        offer: offer(r),
        given: authorization(r).unwrap_or_default(),
    }
}

/// Terms to be looked at.
pub(super) struct Look {
    pub(super) debt: Option<Ref>,
    pub(super) asked: Asked,
    pub(super) offer: Option<Ref>,
}

pub(super) fn look(r: &mut Reader<'_>) -> Look {
    let look = Look {
        debt: account(
            r,
            "The account: our id or yours. Without one, `total_amount` is needed, or `principal_balance`.",
        )
        .optional(),
        asked: terms(r),
        offer: offer(r),
    };
    r.needs(&[
        &["debt_account_id"],
        &["debt_account_external_id"],
        &["total_amount"],
        &["principal_balance"],
    ]);
    look
}

/// A change to a plan; `stored` is how it stands, so that a reply of ours can be sent back.
pub(super) fn changes(r: &mut Reader<'_>, stored: Option<&Plan>, words: Words) -> Changes {
    let debt = account(r, "The plan's account; it cannot change.").optional();
    let frequency = r.one_of("frequency", FREQUENCIES).describe("How often.").required();
    let stands = stored.and_then(|plan| plan.frequency);
    Changes {
        debt,
        // A coarse word that already describes what is stored changes nothing.
        frequency: stands
            .filter(|stands| words.frequency(*stands) == words.frequency(frequency))
            .unwrap_or(frequency),
        start: r.day("start_date").describe("From when on; see the creation of a plan.").required(),
        amount: r
            .cents("amount")
            .positive()
            .alias("installment_amount")
            .stored(stored.and_then(|plan| plan.amount))
            .describe("How much each time, in whole cents.")
            .required(),
        total: r.cents("total_amount").positive().describe("How much in all.").optional(),
        rate: rate(r).change(),
        interest: interest(r, None),
        method: r
            .reference("payment_method_id")
            .describe("What is charged from now on. A pending plan becomes `active` by it.")
            .optional(),
        given: authorization(r),
    }
}

/// What a customer is asked to agree on.
pub(super) fn proposal(r: &mut Reader<'_>) -> Proposal {
    let kind = r
        .one_of("type", CHANNELS)
        .describe("How the customer is asked. Absent, a request is made and nothing is sent.")
        .optional();
    let email = r
        .text("email")
        .describe("Where the request goes.")
        .parse("must be a valid email address.", "jane@example.com", us::email)
        .required_when(kind == Some(Channel::Email), "type is email");
    let phone = r
        .text("phone")
        .describe("Where the request goes.")
        .parse("must be a valid US phone number.", "212-555-0101", us::phone)
        .required_when(kind == Some(Channel::Sms), "type is sms");
    let least = Cents::new(100);
    Proposal {
        debt: r
            .reference("debt_account_external_id")
            .alias("debt_account_id")
            .describe("The account: our id or yours.")
            .required(),
        frequency: r
            .one_of("frequency", FREQUENCIES)
            .describe("How often. What is absent is the customer's to choose.")
            .required_with("start_date"),
        start: r.day("start_date").describe("From when on.").required_with("frequency"),
        amount: r
            .cents("amount")
            .positive()
            .alias("installment_amount")
            .describe("How much each time.")
            .optional(),
        min_payment_amount: r
            .cents("min_payment_amount")
            .at_least(least)
            .describe("The least instalment that the customer may choose.")
            .optional(),
        to: match kind {
            Some(Channel::Email) => email.map(|to| (Channel::Email, Secret::new(to))),
            Some(Channel::Sms) => phone.map(|to| (Channel::Sms, Secret::new(to))),
            None => None,
        },
    }
}
