//! What a plan is, and its instalments.

use base::ids::Uuid;
use base::vault::sha256;
use base::{Cents, Day, TenantId, Ts};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::model::{DebtId, Frequency, OfferId, PlanId};
use super::announced::told_at;
use super::rate::Rate;
use crate::messages::MessageId;

base::words! {
    /// How a plan stands.
    PlanStatus {
        /// Offered; the customer has not enrolled.
        Pending = "pending",
        /// Enrolled and paying.
        Active = "active",
        /// Enrolled, and standing still.
        Paused = "paused",
        /// Paid to its end.
        Completed = "completed",
        /// Ended by failed payments.
        Broken = "broken",
        /// Ended by somebody.
        Cancelled = "cancelled",
    }
}

impl PlanStatus {
    /// Enrolled and not ended.
    pub fn is_enrolled(self) -> bool {
        matches!(self, PlanStatus::Active | PlanStatus::Paused)
    }

    /// Nothing more will come of it.
    pub fn has_ended(self) -> bool {
        matches!(self, PlanStatus::Completed | PlanStatus::Broken | PlanStatus::Cancelled)
    }
}

base::record! {
    /// A plan on an account.
    #[derive(PartialEq, Eq)]
    pub struct Plan in "payment_plan" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: PlanId,
        /// The account.
        pub debt_id: DebtId,
        /// How it stands.
        pub status: PlanStatus,
        /// How often it pays.
        pub frequency: Option<Frequency>,
        /// From when on.
        pub start_date: Option<Day>,
        /// How much each time.
        pub amount: Option<Cents>,
        /// Whether it pays until nothing is owed, whatever that comes to; then it has no total.
        pub open_ended: bool,
        /// What it pays in all.
        pub total_amount: Option<Cents>,
        /// Of a settlement: the balance that `total_amount` settles.
        pub settles: Option<Cents>,
        /// What is paid before the regular instalments.
        pub down_payment: Option<Cents>,
        /// When that is paid.
        pub down_payment_date: Option<Day>,
        /// Where it is expected to pay interest: at which rate a year.
        pub annual_percentage_rate: Option<Rate>,
        /// On what.
        pub principal_balance: Option<Cents>,
        /// What is paid before that, and bears none.
        pub pre_principal_balance: Option<Cents>,
        /// Whether interest is collected once the principal is paid.
        pub interest_collected_after_principal: Option<bool>,
        /// How much of the total it is.
        pub projected_interest: Option<Cents>,
        /// The least instalment that its customer may choose.
        pub min_payment_amount: Option<Cents>,
        /// What is charged; the id of a payment method.
        pub payment_method_id: Option<Uuid>,
        /// The settlement offer that it takes up.
        pub offer_id: Option<OfferId>,
        /// The plan that it took the place of.
        pub replaces_id: Option<PlanId>,
        /// Who made it: `api`, `portal`.
        pub source: String,
        /// When its customer enrolled.
        pub enrolled_at: Option<Ts>,
        /// Since when it stands still.
        pub paused_at: Option<Ts>,
        /// When it ended.
        pub ended_at: Option<Ts>,
        /// Why it ended; or why it stands still, where nobody asked for that.
        pub reason: Option<String>,
        /// How many payments failed for good since the last one that succeeded.
        pub failures: i64,
        /// When it breaks, unless a payment succeeds before.
        pub breaks_at: Option<Ts>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

/// How many payments a plan without an end has ahead. A bank debit is known to be paid only days after it was made, and what
/// is put into the queue then has to be far enough ahead to be announced, also where it pays every week.
pub const AHEAD: usize = 2;

impl Plan {
    /// A pending one of which nothing is known yet.
    pub fn pending(tenant_id: TenantId, id: PlanId, debt_id: DebtId, now: Ts) -> Plan {
        Plan {
            tenant_id,
            id,
            debt_id,
            status: PlanStatus::Pending,
            frequency: None,
            start_date: None,
            amount: None,
            open_ended: false,
            total_amount: None,
            settles: None,
            down_payment: None,
            down_payment_date: None,
            annual_percentage_rate: None,
            principal_balance: None,
            pre_principal_balance: None,
            interest_collected_after_principal: None,
            projected_interest: None,
            min_payment_amount: None,
            payment_method_id: None,
            offer_id: None,
            replaces_id: None,
            source: "api".into(),
            enrolled_at: None,
            paused_at: None,
            ended_at: None,
            reason: None,
            failures: 0,
            breaks_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether it says how often it pays how much from when on. A proposal may leave that to its customer.
    pub fn has_terms(&self) -> bool {
        self.frequency.is_some() && self.start_date.is_some() && self.amount.is_some()
    }

    /// What a settlement forgives.
    pub fn discount(&self) -> Option<Cents> {
        Some(self.settles?.minus_down_to_zero(self.total_amount?))
    }

    /// The object an event about it carries.
    pub fn event_body(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "debt_account_id": self.debt_id.to_string(),
            "state": self.status.as_str(),
            "frequency_exact": self.frequency.map(Frequency::as_str),
            "start_date": self.start_date.map(|day| day.to_string()),
            "amount": self.amount.map(Cents::get),
            "open_ended": self.open_ended,
            "total_amount": self.total_amount.map(Cents::get),
            "settled_balance": self.settles.map(Cents::get),
            "discount_amount": self.discount().map(Cents::get),
            "down_payment_amount": self.down_payment.map(Cents::get),
            "down_payment_date": self.down_payment_date.map(|day| day.to_string()),
            "annual_percentage_rate": self.annual_percentage_rate.map(|rate| rate.to_string()),
            "principal_balance": self.principal_balance.map(Cents::get),
            "pre_principal_balance": self.pre_principal_balance.map(Cents::get),
            "interest_collected_after_principal": self.interest_collected_after_principal,
            "projected_interest": self.projected_interest.map(Cents::get),
            "min_payment_amount": self.min_payment_amount.map(Cents::get),
            "payment_method_id": self.payment_method_id.map(|id| id.to_string()),
            "settlement_offer_id": self.offer_id.map(|id| id.to_string()),
            "replaces_id": self.replaces_id.map(|id| id.to_string()),
            "payment_source": self.source,
            "is_paused": self.status == PlanStatus::Paused,
            "enrolled_at": self.enrolled_at.map(|at| at.to_string()),
            "paused_at": self.paused_at.map(|at| at.to_string()),
            "ended_at": self.ended_at.map(|at| at.to_string()),
            "reason": self.reason,
            "failures": self.failures,
            "breaks_at": self.breaks_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

base::ids! {
    /// An instalment of a plan.
    InstalmentId "inst"
}

base::words! {
    /// How an instalment stands.
    InstalmentState {
        /// Due later; or, without an instant at which it is due, waiting for its plan to go on.
        Scheduled = "scheduled",
        /// Claimed: its charge is under way.
        Submitting = "submitting",
        /// Its charge succeeded.
        Paid = "paid",
        /// Its charge was refused for good; the same amount stands at the end of its plan.
        Failed = "failed",
        /// It will not be charged any more: its plan ended, or it was skipped.
        Cancelled = "cancelled",
    }
}

base::record! {
    /// An instalment: its own row in the queue of what is due.
    pub struct Instalment in "instalment" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: InstalmentId,
        /// The plan.
        pub plan_id: PlanId,
        /// Which of the plan's, from 1.
        pub number: i64,
        /// The day it is due, where the organization is.
        pub due_on: Day,
        /// How much.
        pub amount: Cents,
        /// How much of it is expected to be interest; none where the plan expects none.
        pub interest: Option<Cents>,
        /// How it stands.
        pub state: InstalmentState,
        /// When it is due. None while its plan stands still, and once nothing will be charged.
        pub due_at: Option<Ts>,
        /// When its customer is told of it before. None where that was done, or it is too near.
        pub remind_at: Option<Ts>,
        /// The message that told of it last.
        pub notice_id: Option<MessageId>,
        /// Why nothing could be told.
        pub no_notice: Option<String>,
        /// How many charges for it ended without paying it: a part of the next one's key at the processor.
        pub presentment: i64,
        /// How many of them were refused.
        pub refused: i64,
        /// Rises with every claim.
        pub fence: i64,
        /// The charge that pays it; once that was refused, the last one.
        pub charge_id: Option<Uuid>,
        /// When a charge for it was last made.
        pub presented_at: Option<Ts>,
        /// When that succeeded.
        pub charged_at: Option<Ts>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Instalment {
    /// A scheduled one. Its id, and with it the keys of its charges, follow from the plan's and its number: what is put at
    /// the end of a plan once more after a restore is the same that it was before.
    pub fn scheduled(
        plan: &Plan,
        number: i64,
        (due_on, amount): (Day, Cents),
        zone: &TimeZone,
        now: Ts,
    ) -> Instalment {
        let mut scheduled = Instalment {
            tenant_id: plan.tenant_id,
            id: id_of(plan.id, number),
            plan_id: plan.id,
            number,
            due_on,
            amount,
            interest: None,
            state: InstalmentState::Scheduled,
            due_at: None,
            remind_at: None,
            notice_id: None,
            no_notice: None,
            presentment: 0,
            refused: 0,
            fence: 0,
            charge_id: None,
            presented_at: None,
            charged_at: None,
            created_at: now,
            updated_at: now,
        };
        scheduled.put_on(due_on, zone, now);
        scheduled
    }

    /// Puts it into the queue, for a day, of which its customer is told before where it is far enough ahead.
    pub fn put_on(&mut self, day: Day, zone: &TimeZone, now: Ts) {
        self.due_on = day;
        self.due_at = Some(day.start_in(zone));
        self.remind_at = told_at(day, zone, now);
    }

    /// Lets what is late wait for a day. It stays due on the day on which it was, and so goes out at the pace of what is late
    /// on that day as well; but not where its customer has to be told of the new day before.
    pub fn wait_for(&mut self, day: Day, zone: &TimeZone, now: Ts) {
        let late_since = self.due_on;
        self.put_on(day, zone, now);
        if self.remind_at.is_none() {
            self.due_on = late_since;
        }
    }
}

/// When a plan breaks that has failed too often on a day, or has to prove itself on it: once the days of grace after it are over.
pub fn breaks_after(day: Day, grace_days: i64, zone: &TimeZone) -> Ts {
    (0..grace_days).fold(day, |day, _| day.next()).next().start_in(zone)
}

fn id_of(plan: PlanId, number: i64) -> InstalmentId {
    let digest = sha256(format!("instalment {number} of {}", plan.0.simple()).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    // Version 8 of RFC 9562: bytes of our own making.
    (bytes[6], bytes[8]) = (bytes[6] & 0x0f | 0x80, bytes[8] & 0x3f | 0x80);
    InstalmentId(Uuid::from_bytes(bytes))
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many instalments there are.
    pub count: i64,
    /// What is paid.
    pub paid: Cents,
    /// When the next one is charged.
    pub next: Option<Day>,
    /// When the last one that is not called off is due.
    pub last: Option<Day>,
}
