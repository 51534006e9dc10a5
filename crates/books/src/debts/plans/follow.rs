//! What comes of an instalment's charge: for the instalment, for its plan, for what a settlement forgives.
//!
//! Must always hold:
//! - Until a plan with a total ends, what is paid and what waits or is under way add up to that total: what fails for
//!   good, or is skipped, stands at the end once more.
//! - An instalment that is paid is paid by one charge. What came is heard once: by the charge that the instalment names.
//! - What a settlement forgives is booked when its last payment has succeeded, and taken back when one comes back.

use base::db::{Ids, Tx};
use base::ids::Uuid;
use base::{Cents, Day, Result, TenantId, Ts};

use super::super::family::Family;
use super::super::model::{DebtId, PlanId};
use super::calendar::{Again, following};
use super::model::{AHEAD, Instalment, InstalmentId, InstalmentState, Plan, PlanStatus, breaks_after};
use super::{drop_pending, end, enrolled_of, tell};
use crate::orgs::Tenant;

/// What came of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It is paid: this much, where less was owed by then.
    Paid(Cents),
    /// It was refused, came back, or was called off.
    Unpaid(Next),
}

/// What may follow where nothing was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same may be tried again, as often as the organization wants.
    Again {
        /// No earlier than this.
        not_before: Option<Ts>,
        /// Whether it was for want of money.
        at_payday: bool,
        /// Whether a bank account is debited.
        by_bank: bool,
    },
    /// Nothing was tried: it may be charged from then on.
    Wait(Ts),
    /// Somebody called this one off: the same amount stands at the end.
    Skipped,
    /// The method is stopped, or gone: the plan stands still until it has another.
    Stopped,
    /// Not before somebody has done something, for this reason: the plan stands still.
    Stand(&'static str),
    /// The authorization is gone: the plan ends.
    Never,
}

/// What came of the charge of an instalment.
#[derive(Clone, Copy, Debug)]
pub struct News {
    /// Which.
    pub instalment: InstalmentId,
    /// The charge.
    pub charge: Uuid,
    /// What came of it.
    pub came: Came,
}

/// By how much an account changes because a settlement was fulfilled, or is not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgiven {
    /// So much less is owed.
    Off(DebtId, Cents),
    /// So much is owed again.
    Back(DebtId, Cents),
}

base::record! {
    struct Forgiveness in "plan_forgiveness" {
        tenant_id: TenantId,
        id: Uuid,
        plan_id: PlanId,
        debt_id: DebtId,
        amount: Cents,
        forgiven_at: Ts,
        undone_at: Option<Ts>,
    }
}

/// Does what follows from these. The families of the accounts are locked, and stand as they will once the money is booked.
/// Gives what is to be forgiven, which the caller books.
pub async fn follow(
    tx: &Tx,
    tenant: &Tenant,
    news: &[News],
    families: &[Family],
    now: Ts,
) -> Result<Vec<Forgiven>> {
    let mut forgiven = Vec::new();
    if news.is_empty() {
        return Ok(forgiven);
    }
    let ids = Ids::of(news.iter().map(|one| one.instalment));
    let tail = "WHERE tenant_id = $1 AND plan_id IN each(SELECT plan_id FROM instalment WHERE tenant_id = $1 AND id IN ids($2)) \
                ORDER BY plan_id, number";
    let mut all: Vec<Instalment> = tx.select(tail, &[&tenant.id, &ids]).await?;
    let plans = Ids::of(all.iter().map(|one| one.plan_id));
    let plans: Vec<Plan> =
        tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, &plans]).await?;
    for plan in plans {
        let from = all.partition_point(|one| one.plan_id < plan.id);
        let many = all[from..].iter().take_while(|one| one.plan_id == plan.id).count();
        let own: Vec<Instalment> = all.drain(from..from + many).collect();
        let heard: Vec<&News> =
            news.iter().filter(|n| own.iter().any(|one| one.id == n.instalment)).collect();
        let mut followed = Followed::of(tx, tenant, plan, own, families, now);
        for one in heard {
            followed.hear(one).await?;
        }
        forgiven.extend(followed.save().await?);
    }
    Ok(forgiven)
}

/// Skips an instalment that waits: it is called off, and the same amount stands at the end. The plan's account is locked.
pub async fn skip(tx: &Tx, tenant: &Tenant, plan: Plan, instalment: InstalmentId, now: Ts) -> Result<()> {
    let mut followed = Followed::load(tx, tenant, plan, now).await?;
    let Some(at) = followed.own.iter().position(|one| one.id == instalment) else { return Ok(()) };
    followed.skipped(at);
    followed.save().await.map(drop)
}

/// Lets a plan stand still until somebody has done something about the reason. The plan's account is locked.
pub async fn stand(tx: &Tx, tenant: &Tenant, plan: Plan, reason: &str, now: Ts) -> Result<()> {
    let mut followed = Followed::load(tx, tenant, plan, now).await?;
    followed.stand(reason);
    followed.save().await.map(drop)
}

/// Whether it is still to be paid.
fn is_open(one: &Instalment) -> bool {
    matches!(one.state, InstalmentState::Scheduled | InstalmentState::Submitting)
}

/// A plan that hears what came of its charges.
struct Followed<'a> {
    tx: &'a Tx,
    tenant: &'a Tenant,
    before: Plan,
    plan: Plan,
    own: Vec<Instalment>,
    changed: Vec<InstalmentId>,
    new: Vec<Instalment>,
    families: &'a [Family],
    today: Day,
    now: Ts,
    ends: Option<(PlanStatus, &'static str)>,
    forgiven: Vec<Forgiven>,
}

impl<'a> Followed<'a> {
    /// A plan of which nothing is heard: it changes for another reason.
    async fn load(tx: &'a Tx, tenant: &'a Tenant, plan: Plan, now: Ts) -> Result<Followed<'a>> {
        let tail = "WHERE tenant_id = $1 AND plan_id = $2 ORDER BY number";
        let own: Vec<Instalment> = tx.select(tail, &[&tenant.id, &plan.id]).await?;
        Ok(Followed::of(tx, tenant, plan, own, &[], now))
    }

    fn of(
        tx: &'a Tx,
        tenant: &'a Tenant,
        plan: Plan,
        own: Vec<Instalment>,
        families: &'a [Family],
        now: Ts,
    ) -> Followed<'a> {
        Followed {
            tx,
            tenant,
            before: plan.clone(),
            plan,
            own,
            changed: Vec::new(),
            new: Vec::new(),
            families,
            today: tenant.today(now),
            now,
            ends: None,
            forgiven: Vec::new(),
        }
    }

    async fn hear(&mut self, news: &News) -> Result<()> {
        let Some(at) = self.own.iter().position(|one| one.id == news.instalment) else { return Ok(()) };
        if self.own[at].charge_id != Some(news.charge) {
            return Ok(()); // another charge was made for it since
        }
        match (news.came, self.own[at].state) {
            (Came::Paid(amount), InstalmentState::Submitting) => self.paid(at, amount),
            (Came::Unpaid(next), InstalmentState::Submitting) => self.unpaid(at, next),
            (Came::Unpaid(next), InstalmentState::Paid) => {
                self.reopen().await?;
                self.unpaid(at, next);
            }
            (Came::Paid(_) | Came::Unpaid(_), _) => {}
        }
        Ok(())
    }

    fn change(&mut self, at: usize, work: impl FnOnce(&mut Instalment)) {
        let (one, now) = (&mut self.own[at], self.now);
        work(one);
        one.updated_at = now;
        self.changed.push(one.id);
    }

    fn paid(&mut self, at: usize, amount: Cents) {
        let now = self.now;
        self.change(at, |one| {
            one.state = InstalmentState::Paid;
            one.amount = amount;
            one.interest = one.interest.map(|interest| interest.min(amount));
            one.due_at = None;
            one.charged_at = Some(now);
        });
        self.plan.failures = 0;
        self.plan.breaks_at = None;
        if !self.plan.status.is_enrolled() {
            return; // it ended while this was under way
        }
        if self.plan.open_ended {
            self.look_ahead();
        } else if !self.is_waiting() {
            let reason = if self.plan.settles.is_some() { "settled" } else { "fulfilled" };
            self.ends = Some((PlanStatus::Completed, reason));
            self.forgive();
        }
    }

    /// Puts as many payments ahead as a plan without an end has, as long as more is owed than they come to.
    fn look_ahead(&mut self) {
        let account = self.account().and_then(|family| family.members().find(|m| m.id == self.plan.debt_id));
        // What is reserved may come free again.
        let owed = account.map_or(Cents::ZERO, |account| account.current_balance);
        let (mut many, mut sum) = (0, Cents::ZERO);
        for one in self.own.iter().chain(&self.new).filter(|one| is_open(one)) {
            (many, sum) = (many + 1, sum.plus(one.amount).unwrap_or(Cents::MOST));
        }
        for _ in many..AHEAD {
            let left = owed.minus_down_to_zero(sum);
            let next = self.plan.amount.map_or(left, |amount| amount.min(left));
            if !next.is_positive() {
                return;
            }
            self.put_at_end(next, None);
            sum = sum.plus(next).unwrap_or(Cents::MOST);
        }
    }

    fn unpaid(&mut self, at: usize, next: Next) {
        let enrolled = self.plan.status.is_enrolled();
        let refused = self.own[at].refused;
        if !enrolled {
            return self.change(at, |one| one.state = InstalmentState::Failed);
        }
        match next {
            Next::Again { not_before, at_payday, by_bank }
                if refused < self.tenant.rules.payment_plan_retries =>
            {
                let again =
                    Again { after_days: self.tenant.rules.payment_plan_retry_after_days, at_payday, by_bank };
                let not_before = not_before.map(|at| at.whole_day_in(&self.tenant.zone));
                let day = again.day(self.today, not_before, &self.taken(at));
                self.wait(at, day, true);
            }
            Next::Again { .. } => {
                let (amount, interest) = (self.own[at].amount, self.own[at].interest);
                self.change(at, |one| {
                    one.state = InstalmentState::Failed;
                    one.refused += 1;
                });
                self.put_at_end(amount, interest);
                self.failed();
            }
            Next::Wait(until) => {
                let day = until.whole_day_in(&self.tenant.zone).max(self.today.next());
                self.wait(at, day, false);
            }
            Next::Skipped => self.skipped(at),
            Next::Stopped => {
                let day = self.own[at].due_on;
                self.stand("payment_method_stopped");
                self.wait(at, day, true);
                self.failed();
            }
            Next::Stand(reason) => {
                let day = self.own[at].due_on;
                self.stand(reason);
                self.wait(at, day, false);
            }
            Next::Never => {
                self.change(at, |one| one.state = InstalmentState::Failed);
                self.ends = Some((PlanStatus::Cancelled, "authorization_revoked"));
            }
        }
    }

    fn skipped(&mut self, at: usize) {
        let (amount, interest) = (self.own[at].amount, self.own[at].interest);
        self.change(at, |one| {
            one.state = InstalmentState::Cancelled;
            one.due_at = None;
        });
        self.put_at_end(amount, interest);
    }

    /// Back into the queue, for `day`: what is sent then has another key.
    fn wait(&mut self, at: usize, day: Day, refused: bool) {
        let (is_active, zone, now) = (self.plan.status == PlanStatus::Active, &self.tenant.zone, self.now);
        self.change(at, |one| {
            one.state = InstalmentState::Scheduled;
            one.put_on(day, zone, now);
            if !is_active {
                one.due_at = None;
            }
            one.presentment += 1;
            one.refused += i64::from(refused);
        });
    }

    /// The days that other instalments are due on.
    fn taken(&self, but: usize) -> Vec<Day> {
        let own = self.own.iter().enumerate().filter(|(at, _)| *at != but).map(|(_, one)| one);
        own.chain(&self.new)
            .filter(|one| one.state == InstalmentState::Scheduled)
            .map(|one| one.due_on)
            .collect()
    }

    fn is_under_way(&self) -> bool {
        self.own.iter().any(|one| one.state == InstalmentState::Submitting)
    }

    fn is_waiting(&self) -> bool {
        self.own.iter().chain(&self.new).any(is_open)
    }

    /// Another instalment, on the plan's next regular day after all others.
    fn put_at_end(&mut self, amount: Cents, interest: Option<Cents>) {
        let (Some(frequency), Some(start)) = (self.plan.frequency, self.plan.start_date) else { return };
        let counted = || self.own.iter().chain(&self.new);
        let last =
            counted().filter(|one| one.state != InstalmentState::Cancelled).map(|one| one.due_on).max();
        let after = last.map_or(self.today, |last| last.max(self.today));
        let number = counted().map(|one| one.number).max().unwrap_or(0) + 1;
        let Some(day) = following(frequency, start, after, 1).and_then(|days| days.first().copied()) else {
            return;
        };
        let mut one = Instalment::scheduled(&self.plan, number, (day, amount), &self.tenant.zone, self.now);
        one.interest = interest;
        if self.plan.status != PlanStatus::Active {
            one.due_at = None;
        }
        self.new.push(one);
    }

    /// One payment more has failed for good.
    fn failed(&mut self) {
        self.plan.failures += 1;
        let rules = &self.tenant.rules;
        if self.plan.failures < rules.payment_plan_break_after {
            return;
        }
        if rules.payment_plan_grace_days == 0 && !self.is_under_way() {
            self.ends = Some((PlanStatus::Broken, "payments_failed"));
        } else if self.plan.breaks_at.is_none() {
            let grace = rules.payment_plan_grace_days;
            let at = if grace > 0 { breaks_after(self.today, grace, &self.tenant.zone) } else { self.now };
            self.plan.breaks_at = Some(at);
        }
    }

    fn stand(&mut self, reason: &str) {
        for at in 0..self.own.len() {
            if self.own[at].state == InstalmentState::Scheduled && self.own[at].due_at.is_some() {
                self.change(at, |one| one.due_at = None);
            }
        }
        if self.plan.status == PlanStatus::Active {
            self.plan.status = PlanStatus::Paused;
            self.plan.paused_at = Some(self.now);
            self.plan.reason = Some(reason.to_owned());
        }
    }

    fn account(&self) -> Option<&'a Family> {
        self.families.iter().find(|family| family.members().any(|m| m.id == self.plan.debt_id))
    }

    /// What a settlement takes off, account by account, as far as it is still owed.
    fn forgive(&mut self) {
        let Some(mut left) = self.plan.discount() else { return };
        let Some(family) = self.account() else { return };
        let of_root = self.plan.debt_id == family.root.id;
        let accounts = family.payable().iter().filter(|m| of_root || m.id == self.plan.debt_id);
        for account in accounts {
            let off = account.open().min(left);
            if off.is_positive() {
                left = left.minus_down_to_zero(off);
                self.forgiven.push(Forgiven::Off(account.id, off));
            }
        }
    }

    /// A plan that was paid to its end goes on, since a payment came back: with what was authorized then. Where another
    /// has taken its place it stays ended; what it had forgiven is owed again either way.
    async fn reopen(&mut self) -> Result<()> {
        if self.plan.status != PlanStatus::Completed {
            return Ok(());
        }
        let (tx, tenant, id) = (self.tx, self.tenant, self.plan.id);
        self.take_back().await?;
        if self.has_another().await? {
            return Ok(());
        }
        drop_pending(tx, tenant, self.plan.debt_id).await?;
        tx.run(
            "UPDATE plan_authorization SET ended_at = NULL WHERE tenant_id = $1 AND plan_id = $2 AND ended_at = $3",
            &[&tenant.id, &id, &self.plan.ended_at],
        )
        .await?;
        self.plan.status = PlanStatus::Active;
        self.plan.ended_at = None;
        self.plan.reason = None;
        Ok(())
    }

    /// Whether another plan is enrolled in that would be paid by the same money: on the account, its parent, or those under it.
    async fn has_another(&self) -> Result<bool> {
        let related = |family: &Family| -> Vec<DebtId> {
            let of_root = self.plan.debt_id == family.root.id;
            let is_related = |m: DebtId| of_root || m == self.plan.debt_id || m == family.root.id;
            family.members().map(|m| m.id).filter(|m| is_related(*m)).collect()
        };
        let accounts = self.account().map_or_else(|| vec![self.plan.debt_id], related);
        let running = enrolled_of(self.tx, self.tenant, &Ids::of(accounts)).await?;
        Ok(!running.is_empty())
    }

    /// What was forgiven is owed again.
    async fn take_back(&mut self) -> Result<()> {
        let (tx, tenant, id) = (self.tx, self.tenant, self.plan.id);
        let tail = "WHERE tenant_id = $1 AND plan_id = $2 AND undone_at IS NULL ORDER BY id";
        let mut undone: Vec<Forgiveness> = tx.select(tail, &[&tenant.id, &id]).await?;
        for one in &mut undone {
            one.undone_at = Some(self.now);
            self.forgiven.push(Forgiven::Back(one.debt_id, one.amount));
        }
        tx.update(2, &undone).await
    }

    async fn save(mut self) -> Result<Vec<Forgiven>> {
        let (tx, tenant, now) = (self.tx, self.tenant, self.now);
        let changed: Vec<Instalment> =
            self.own.iter().filter(|one| self.changed.contains(&one.id)).cloned().collect();
        tx.update(2, &changed).await?;
        tx.insert(&self.new).await?;
        let off: Vec<Forgiveness> = self
            .forgiven
            .iter()
            .filter_map(|one| match *one {
                Forgiven::Off(debt_id, amount) => Some(Forgiveness {
                    tenant_id: tenant.id,
                    id: tx.new_id(),
                    plan_id: self.plan.id,
                    debt_id,
                    amount,
                    forgiven_at: now,
                    undone_at: None,
                }),
                Forgiven::Back(..) => None,
            })
            .collect();
        tx.insert(&off).await?;
        if let Some((status, reason)) = self.ends {
            end(tx, tenant, self.plan, status, reason, now).await?;
        } else if self.plan != self.before {
            self.plan.updated_at = now;
            tx.update(2, std::slice::from_ref(&self.plan)).await?;
            tell(tx, tenant, "payment-plan.update", &self.plan).await?;
        }
        Ok(self.forgiven)
    }
}
