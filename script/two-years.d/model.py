"""What docs/PLANS.md says of one plan, run through its years by itself: with its account, its method, its person and their mail.

A `Life` is asked what comes at which instant, and at the end for everything that the server is asked for, in the same shape.
Plans have nothing to do with each other here, and should have nothing there.
"""

import datetime
import heapq

import days
from days import DAY, UTC

ENROLLED = ("active", "paused")
#: How many payments a plan without an end has ahead.
AHEAD = 2


class Purse:
    """A card or a bank account, and what the sandbox and the networks do with it."""

    def __init__(self, kind, network, does, expires=None):
        #: `does` is what becomes of its charges, one after the other, and then again from the first.
        self.kind, self.network, self.does, self.expires = kind, network, does, expires
        self.used, self.stopped, self.retry_at, self.watched, self.charges = 0, None, None, None, []
        self.events = ["payment-method.create"]

    def is_expired(self, day):
        return self.expires is not None and (day.year, day.month) > self.expires

    def next(self):
        self.used += 1
        return self.does[(self.used - 1) % len(self.does)]

    def refused(self, limit, amount, now):
        """The refusals that a limit counts, longest ago first: by one amount whatever it was refused for."""
        return [c for c in self.charges if c.state in ("declined", "returned") and c.submitted and c.submitted >= now - limit.within
                and (limit.by == "card" or c.amount == amount) and (limit.kind is None or c.kind)]

    def weigh(self, rules, charge, does, day, now):
        """What a refusal means for the charge, and for the next one."""
        verdict = rules.verdict(self.network, does.network_code, does.advice, day)
        retry, lift = verdict.retry, verdict.lift
        until = now + datetime.timedelta(hours=verdict.hours) if verdict.hours else None
        for limit in [] if lift else rules.limits_on(self.network, verdict.kind):
            self.watched = max(self.watched or now, now + limit.within)
            before = self.refused(limit, charge.amount, now)
            if len(before) + 1 < limit.attempts:
                continue
            if self.network == "ach":  # waiting does not help
                retry, lift = "reauthorize", "reauthorization"
            else:
                free = min((c.submitted for c in before), default=now) + limit.within
                until = max(until or free, free)
        charge.kind, charge.retry, charge.retry_at = verdict.kind, retry, until
        strictness = ["nothing", "person", "reauthorization", "new_details"]
        if lift and (self.stopped is None or strictness.index(lift) < strictness.index(self.stopped)):
            self.stopped = lift
            self.events.append("payment-method.stopped")
        elif until and (self.retry_at is None or until > self.retry_at):
            self.events.append("payment-method.update")
        if until:
            self.retry_at = max(self.retry_at or until, until)

    def against(self, rules, amount, now):
        """What the networks have against charging it now: nothing, `stopped`, or an instant."""
        if self.stopped:
            return "stopped"
        if self.retry_at and self.retry_at > now:
            return self.retry_at
        if not self.watched or now >= self.watched:
            return None
        for limit in (limit for limit in rules.limits if limit.network == self.network):
            refused = self.refused(limit, amount, now)
            open_ = [c for c in self.charges if c.state == "pending" and (limit.by == "card" or c.amount == amount)]
            if refused and len(refused) + len(open_) >= limit.attempts:
                return "stopped" if self.network == "ach" else min(c.submitted for c in refused) + limit.within
        return None


class Charge:
    def __init__(self, instalment, purse, amount, day, now):
        self.instalment, self.purse, self.amount, self.day, self.made = instalment, purse, amount, day, now
        self.state, self.submitted, self.done = "submitting", now, None
        self.code = self.network_code = self.advice = self.kind = self.retry = self.retry_at = self.settles_on = None
        #: When the bank says how it ended, and what it says; None: nothing more.
        self.settles = self.returns = self.does = None
        self.asks = []
        self.events = ["charge.created"]

    def blame(self, does):
        self.code, self.network_code, self.advice = does.code, does.network_code, does.advice


class Instalment:
    def __init__(self, number, day, amount):
        self.number, self.day, self.amount, self.state = number, day, amount, "scheduled"
        self.due = self.remind = self.charge = self.presented = self.charged = None
        self.refusals = 0


class Message:
    def __init__(self, kind, channel, now, goes):
        self.kind, self.channel, self.made, self.goes = kind, channel, now, goes
        self.state, self.sent, self.why = "pending", None, None


class Life:
    """One plan from the day it is agreed on."""

    #: What is done first where several things are due at one instant.
    ORDER = ("hear", "present", "remind", "break_due", "send")

    def __init__(self, rules, org, person, purse, terms, now):
        self.rules, self.org, self.person, self.terms, self.now = rules, org, person, terms, now
        self.zone = org["zone"]
        self.purses = [purse]
        self.state, self.reason, self.failures, self.breaks_at, self.ended = "active", None, 0, None, None
        self.instalments, self.charges, self.messages = [], [], []
        #: Of the charges those that the bank may still say something of, of the messages those that wait.
        self.open, self.waiting = [], []
        self.owed, self.held_back, self.forgiven = terms["balance"], 0, 0
        #: How often the bank said two things at one instant, of which either may be heard first.
        self.ties = 0
        #: What moved in the ledger: debit, credit, cents.
        self.entries = [("receivable", "placed", terms["balance"])]
        self.events = ["payment-plan.create"]
        self.account_events = ["debt-account.create"]
        self.offer_events = ["settlement-offer.create", "settlement-offer.update"] if terms["offer"] else []
        self.account_state = "active"
        self.write("payment_plan_confirmation", at_once=True)
        for number, (day, amount) in enumerate(self.schedule(), 1):
            self.instalments.append(self.scheduled(number, day, amount))

    # What was agreed on

    def schedule(self):
        t = self.terms
        left = t["balance"] if t["total"] is None else t["total"]
        planned = []
        if t["down"]:
            planned.append((t["down_on"], t["down"]))
            left -= t["down"]
        n = 0
        while left > 0:
            amount = min(t["amount"], left)
            planned.append((days.nth(t["frequency"], t["start"], n), amount))
            left, n = left - amount, n + 1
        return planned[:AHEAD] if t["open"] else planned

    @property
    def purse(self):
        return self.purses[-1]

    @property
    def today(self):
        return days.day_of(self.now, self.zone)

    def scheduled(self, number, day, amount):
        one = Instalment(number, day, amount)
        self.put_on(one, day)
        if self.state != "active":
            one.due = None
        return one

    def put_on(self, one, day):
        """Its customer is told at ten in the morning eight business days before; what is no more than five days ahead wants no notice."""
        one.day, one.due, one.remind = day, days.start_of(day, self.zone), None
        if day > self.today + 5 * DAY:
            notice = days.start_of(days.business_days_before(day, 8), self.zone) + datetime.timedelta(hours=10)
            one.remind = max(notice, self.now)

    # Mail

    def write(self, kind, at_once=False):
        ways = ["email", "sms"] if kind == "payment_upcoming" else ["email"]
        way = next((way for way in ways if self.person[way]), None)
        if way:
            goes = self.now if at_once else days.suits(self.now, self.person["zones"][way])
            self.messages.append(Message(kind, way, self.now, goes))
            self.waiting.append(self.messages[-1])

    def send(self):
        for message in self.waiting:
            if message.goes <= self.now:
                message.state, message.sent = "sent", self.now
        self.waiting = [message for message in self.waiting if message.state == "pending"]

    # The events that a change of the plan tells

    def stands(self):
        return self.state, self.reason, self.failures, self.breaks_at

    def told(self, before):
        """One event for everything that changed, unless the plan has ended by it."""
        if self.stands() != before:
            self.events.append("payment-plan.update")

    def end(self, state, reason):
        self.state, self.reason, self.breaks_at, self.ended = state, reason, None, self.now
        for one in self.instalments:
            if one.state == "scheduled":
                one.state, one.due = "cancelled", None
        for message in self.waiting:
            if message.kind in ("payment_upcoming", "payment_plan_confirmation"):
                message.state, message.why = "canceled", "over"
        self.waiting = [message for message in self.waiting if message.state == "pending"]
        self.events.append(f"payment_plan.{state}")

    # Money

    def owe(self, cents):
        self.owed += cents
        state = "paid_off" if self.owed == 0 else "active"
        changed, self.account_state = state != self.account_state, state
        return changed

    def present(self):
        """Charges what is due, one a day; what else is due waits for the next, whatever comes of that one."""
        due = [one for one in self.instalments if one.state == "scheduled" and one.due and one.due <= self.now]
        sent = []
        for one in sorted(due, key=lambda one: (one.due, one.number)):
            if one.state == "scheduled" and one.due and one.due <= self.now:
                sent += filter(None, [self.present_one(one)])
        for charge in sent:
            self.submit(charge)
            charge.purse.charges.append(charge)
            if charge.state == "pending" or charge.returns:
                self.open.append(charge)

    def present_one(self, one):
        """Its charge, where it is charged."""
        if self.state != "active":
            one.due = None
            return None
        last = max((other.presented for other in self.instalments if other.presented), default=None)
        if last and days.day_of(last, self.zone) >= self.today:
            return self.put_on(one, self.today + DAY)
        if self.purse.kind == "bank" and not days.is_banking_day(self.today):
            return self.put_on(one, days.banking_day_from(self.today))
        amount = min(one.amount, self.owed)
        if amount > self.owed - self.held_back or amount <= 0:
            return self.put_on(one, self.today + DAY)
        against = self.purse.against(self.rules, amount, self.now)
        if against == "stopped":
            before = self.stands()
            self.stand("payment_method_stopped")
            return self.told(before)
        if against:
            return self.put_on(one, max(days.whole_day_from(against, self.zone), self.today + DAY))
        charge = Charge(one, self.purse, amount, one.day, self.now)
        one.state, one.charge, one.presented, one.due = "submitting", charge, self.now, None
        self.charges.append(charge)
        return charge

    def submit(self, charge):
        if charge.purse.is_expired(self.today):
            charge.code, charge.network_code = "expired_card", "54"
            verdict = self.rules.verdict("any", "54", None, self.today)
            charge.kind, charge.retry = verdict.kind, verdict.retry
            return self.refuse(charge, "declined")
        does = charge.does = charge.purse.next()
        if does.declines:
            charge.blame(does)
            charge.purse.weigh(self.rules, charge, does, self.today, self.now)
            return self.refuse(charge, "declined")
        settles = days.settles_at(self.now)
        if does.returns:
            charge.returns = settles + does.late * DAY
        if charge.purse.kind == "card":
            return self.take(charge)
        charge.state, charge.settles, charge.settles_on = "pending", settles, days.settles_on(self.now)
        # It is asked about after five seconds, after twice as long and so on, and when it has settled.
        charge.asks = [self.now + datetime.timedelta(seconds=5 * (2 ** n - 1)) for n in range(1, 11)] + [settles]
        charge.events.append("charge.pending")
        self.held_back += charge.amount

    def take(self, charge):
        """The money came."""
        if charge.state == "pending":
            self.held_back -= charge.amount
        charge.state, charge.done = "succeeded", self.now
        charge.events.append("charge.completed")
        before, one = self.stands(), charge.instalment
        paid_off = self.owe(-charge.amount) and self.account_state == "paid_off"
        rail = "card_clearing" if charge.purse.kind == "card" else "ach_clearing"
        self.entries.append((rail, "receivable", charge.amount))
        one.state, one.amount, one.due, one.charged = "paid", charge.amount, None, self.now
        self.failures, self.breaks_at = 0, None
        ends = None
        if self.state in ENROLLED:
            if self.terms["open"]:
                self.look_ahead()
            elif not any(one.state in ("scheduled", "submitting") for one in self.instalments):
                ends = "fulfilled"
                if self.terms["total"] < self.terms["balance"]:
                    ends = "settled"
                    self.forgive()
                    paid_off = self.account_state == "paid_off"
        if ends:
            self.end("completed", ends)
        else:
            self.told(before)
        if self.account_state == "paid_off" and self.state in ENROLLED:
            self.end("completed", "paid_off")
        if paid_off:
            self.account_events.append("debt-account.update")
        self.write("payment_receipt")

    def forgive(self):
        off = min(self.terms["balance"] - self.terms["total"], self.owed - self.held_back)
        if off > 0:
            self.forgiven = off
            self.owe(-off)
            self.entries.append(("write_offs", "receivable", off))

    def hear(self):
        """What the bank says by now of what was taken before."""
        says = lambda charge: charge.settles if charge.state == "pending" else charge.returns
        self.ties += sum(says(charge) <= self.now for charge in self.open) > 1
        for charge in self.open:
            if charge.state != "pending":
                pass
            elif charge.settles > self.now:
                charge.asks = [at for at in charge.asks if at > self.now]
            else:
                if charge.returns and charge.returns <= self.now:
                    self.come_back(charge)
                else:
                    self.take(charge)
            if charge.state == "succeeded" and charge.returns and charge.returns <= self.now:
                self.come_back(charge)
        self.open = [c for c in self.open if c.state == "pending" or c.state == "succeeded" and c.returns]

    def come_back(self, charge):
        was = charge.state
        charge.blame(charge.does)
        charge.purse.weigh(self.rules, charge, charge.does, self.today, self.now)
        self.refuse(charge, "returned", was)

    def refuse(self, charge, state, was=None):
        before, account_before, one = self.stands(), self.account_state, charge.instalment
        charge.state = state
        charge.events.append("charge.failed" if state == "declined" else "charge.returned")
        if was == "pending":
            self.held_back -= charge.amount
        if was == "succeeded":
            self.owe(charge.amount)
            rail = "card_clearing" if charge.purse.kind == "card" else "ach_clearing"
            self.entries.append(("receivable", rail, charge.amount))
        else:
            charge.done = self.now
        if one.charge is charge:
            if was == "succeeded" and self.state == "completed":
                self.reopen()
            ends = self.unpaid(one, charge)
            if ends:
                self.end(*ends)
            else:
                self.told(before)
        if account_before != self.account_state:
            self.account_events.append("debt-account.update")
        self.write("payment_failed")

    def reopen(self):
        """A plan that was paid to its end goes on, and what was forgiven is owed again."""
        if self.forgiven:
            self.entries.append(("receivable", "write_offs", self.forgiven))
            self.owe(self.forgiven)
            self.forgiven = 0
        self.state, self.reason, self.ended = "active", None, None

    def unpaid(self, one, charge):
        """What follows for the instalment and its plan; gives how the plan ends, if it does."""
        if self.state not in ENROLLED:
            one.state = "failed"
        elif charge.kind == "unauthorized":
            one.state = "failed"
            return "cancelled", "authorization_revoked"
        elif charge.retry != "after":
            self.stand("payment_method_stopped")
            self.wait(one, one.day)
            return self.failed()
        elif one.refusals < self.org["retries"]:
            self.wait(one, self.again(one, charge))
        else:
            one.state, one.refusals = "failed", one.refusals + 1
            self.put_at_end(one.amount)
            return self.failed()
        return None

    def again(self, one, charge):
        """The day on which it is tried again, on none that another instalment has."""
        day = self.today + self.org["retry_after_days"] * DAY
        if charge.retry_at:
            day = max(day, days.whole_day_from(charge.retry_at, self.zone))
        taken = {other.day for other in self.instalments if other is not one and other.state == "scheduled"}
        while True:
            while charge.kind == "funds" and not days.is_payday(day):
                day += DAY
            found = days.banking_day_from(day) if charge.purse.kind == "bank" else day
            if found not in taken:
                return found
            day = found + DAY

    def wait(self, one, day):
        one.state, one.refusals = "scheduled", one.refusals + 1
        self.put_on(one, day)
        if self.state != "active":
            one.due = None

    def put_at_end(self, amount):
        last = max((one.day for one in self.instalments if one.state != "cancelled"), default=self.today)
        day = days.following(self.terms["frequency"], self.terms["start"], max(last, self.today), 1)[0]
        self.instalments.append(self.scheduled(len(self.instalments) + 1, day, amount))

    def look_ahead(self):
        """Without an end it has two payments ahead, as long as more is owed than they come to."""
        waiting = [one.amount for one in self.instalments if one.state in ("scheduled", "submitting")]
        for _ in range(len(waiting), AHEAD):
            amount = min(self.terms["amount"], self.owed - sum(waiting))
            if amount <= 0:
                break
            self.put_at_end(amount)
            waiting.append(amount)

    def failed(self):
        self.failures += 1
        if self.failures < self.org["break_after"]:
            return None
        grace = self.org["grace_days"]
        if grace == 0 and not any(one.state == "submitting" for one in self.instalments):
            return "broken", "payments_failed"
        if self.breaks_at is None:
            self.breaks_at = days.start_of(self.today + (grace + 1) * DAY, self.zone) if grace else self.now
        return None

    def stand(self, reason):
        for one in self.instalments:
            if one.state == "scheduled":
                one.due = None
        if self.state == "active":
            self.state, self.reason = "paused", reason

    def break_due(self):
        if self.breaks_at is None or self.breaks_at > self.now:
            return
        is_under_way = any(one.state == "submitting" for one in self.instalments)
        if self.state in ENROLLED and (is_under_way or self.state == "paused" and self.reason is None):
            self.breaks_at = self.now + datetime.timedelta(hours=1)
        elif self.state in ENROLLED:
            self.end("broken", "payments_failed")
        else:
            self.breaks_at = None

    def remind(self):
        for one in self.instalments:
            if one.remind and one.remind <= self.now:
                one.remind = None
                if one.state == "scheduled" and one.due and self.state == "active":
                    self.write("payment_upcoming")

    # Time

    def next(self):
        """The next instant at which something is due by itself. What a bank sends back later is in nobody's queue."""
        due = [self.breaks_at] if self.breaks_at else []
        for one in self.instalments:
            due += [at for at in (one.due if one.state == "scheduled" else None, one.remind) if at]
        due += [charge.asks[0] for charge in self.open if charge.state == "pending"]
        due += [message.goes for message in self.waiting]
        return min(due, default=None)

    def comes_back(self):
        """When something comes back next that was paid."""
        return min((charge.returns for charge in self.open if charge.state == "succeeded"), default=None)

    def at(self, now):
        self.now = now
        for step in self.ORDER:
            getattr(self, step)()

    # What people do

    def other_method(self, purse):
        """PUT with another method, by a new authorization: what waited for one goes on."""
        self.purses.append(purse)
        self.write("payment_plan_confirmation", at_once=True)
        if self.state == "paused" and self.reason in ("payment_method_stopped", "payment_method_deleted"):
            return self.resume()
        self.spare(self.next_days())
        self.events.append("payment-plan.update")

    def next_days(self):
        """What waits, each with the day that it has once the plan goes on."""
        waiting = [one for one in self.instalments if one.state == "scheduled"]
        if self.state == "paused" and any(one.day < self.today for one in waiting):
            return list(zip(waiting, days.following(self.terms["frequency"], self.terms["start"], self.today, len(waiting))))
        return [(one, one.day) for one in waiting]

    def spare(self, next_days):
        """A plan that was about to break does not before the next payment, and its days of grace."""
        if self.breaks_at and next_days:
            first = min(day for _, day in next_days)
            self.breaks_at = max(self.breaks_at, days.start_of(first + (self.org["grace_days"] + 1) * DAY, self.zone))

    def resume(self):
        next_days = self.next_days()
        for one, day in next_days:
            self.put_on(one, day)
        self.spare(next_days)
        self.state, self.reason = "active", None
        self.events.append("payment-plan.update")

    def pause(self):
        for one in self.instalments:
            if one.state == "scheduled":
                one.due = None
        self.state, self.reason = "paused", None
        self.events.append("payment-plan.update")

    def cancel(self):
        self.end("cancelled", "cancelled")

    def skip(self, one):
        one.state, one.due = "cancelled", None
        self.put_at_end(one.amount)

    def lacks(self):
        """What a broken plan still has to pay."""
        count = lambda state: sum(one.amount for one in self.instalments if one.state == state)
        total = AHEAD * self.terms["amount"] if self.terms["open"] else self.terms["total"] - count("paid") - count("submitting")
        return min(total, self.owed - self.held_back)

    def reinstate(self):
        left, each = self.lacks(), self.terms["amount"]
        planned = days.following(self.terms["frequency"], self.terms["start"], self.today, -(-left // each))
        self.state, self.reason, self.failures, self.ended = "active", None, 0, None
        for day in planned:
            self.instalments.append(self.scheduled(len(self.instalments) + 1, day, min(each, left)))
            left -= each
        self.write("payment_plan_confirmation", at_once=True)
        self.events.append("payment-plan.update")

    def raise_balance(self, cents):
        """What is added to the balance."""
        self.owe(cents)
        self.entries.append(("receivable", "placed", cents))
        self.account_events.append("debt-account.update")

    # What the server is asked for

    def outcome(self):
        """Everything, without ids: days where the organization is."""
        day = lambda at: at and days.day_of(at, self.zone).isoformat()
        stamp = lambda at: at and at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        paid = sum(one.amount for one in self.instalments if one.state == "paid")
        waiting = [one.day for one in self.instalments if one.due]
        return {
            "plan": {"state": self.state, "reason": self.reason, "failures": self.failures, "breaks_at": stamp(self.breaks_at),
                     "ended": day(self.ended), "paid": paid, "next": min(waiting).isoformat() if waiting else None},
            "account": {"owed": self.owed, "state": self.account_state},
            "instalments": [
                {"number": one.number, "day": one.day.isoformat(), "amount": one.amount, "state": one.state, "refusals": one.refusals,
                 "presented": day(one.presented), "charged": day(one.charged)} for one in self.instalments],
            "charges": [
                {"instalment": c.instalment.number, "day": c.day.isoformat(), "amount": c.amount, "state": c.state, "made": day(c.made),
                 "charged": day(c.done) if c.state in ("succeeded", "returned") else None, "settles_on": c.settles_on and c.settles_on.isoformat(),
                 "code": c.code, "network_code": c.network_code, "advice_code": c.advice, "class": c.kind, "retry": c.retry,
                 "retry_at": stamp(c.retry_at), "events": c.events} for c in self.charges],
            "messages": sorted(([day(m.made), m.kind, m.channel, m.state, day(m.sent), m.why] for m in self.messages), key=str),
            "events": {"plan": self.events, "account": self.account_events, "offer": self.offer_events,
                       "methods": [purse.events for purse in self.purses]},
        }


class Clock:
    """An organization's test clock: it stops at whatever is due for anybody, and at every midnight; there everything is done."""

    def __init__(self, zone, lives, now):
        self.zone, self.lives, self.now = zone, lives, now
        self.stops = 0

    def run(self, until):
        """Up to this instant, and what is due at it."""
        due = [(at, n) for n, life in enumerate(self.lives) if (at := life.next())]
        back = [(at, n) for n, life in enumerate(self.lives) if (at := life.comes_back())]
        heapq.heapify(due)
        heapq.heapify(back)
        while True:
            self.stops += 1
            while (due and due[0][0] <= self.now) or (back and back[0][0] <= self.now):
                queue = due if due and due[0][0] <= self.now else back
                _, n = heapq.heappop(queue)
                life = self.lives[n]
                life.at(self.now)
                for heap, at in ((due, life.next()), (back, life.comes_back())):
                    if at:
                        heapq.heappush(heap, (at, n))
            if self.now >= until:
                break
            midnight = days.start_of(days.day_of(self.now, self.zone) + DAY, self.zone)
            self.now = min([until, midnight, *(at for at, _ in due[:1])])
        for life in self.lives:
            life.now = until
