"""A thousand people and their plans, drawn by a seed; and what people do about them on the days on which somebody is in the office."""

import datetime
import random
import zoneinfo

import days
from days import DAY
from model import Clock, Life, Purse

#: When it begins, and when it is over.
BEGINS = datetime.datetime(2027, 1, 4, 15, tzinfo=days.UTC)
ENDS = datetime.datetime(2029, 1, 4, 15, tzinfo=days.UTC)

#: Where organizations are, and most of their customers: a state, the zones of its clocks, an area code of it.
PLACES = {
    "America/New_York": ("NY", ["America/New_York"], "212"),
    "America/Phoenix": ("AZ", ["America/Phoenix", "America/Denver"], "602"),
    "Pacific/Honolulu": ("HI", ["Pacific/Honolulu"], "808"),
    "America/Puerto_Rico": ("PR", ["America/Puerto_Rico"], "787"),
    "America/Los_Angeles": ("CA", ["America/Los_Angeles"], "310"),
    "America/Chicago": ("IL", ["America/Chicago"], "312"),
}
#: The clocks of somebody of whom nothing is known: those of every state.
ANYWHERE = ["America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
            "America/Adak", "Pacific/Honolulu"]

#: What organizations have said of plans; the first says nothing.
SAID = [
    {},
    {"payment_plan_retries": 0, "payment_plan_break_after": 3, "payment_plan_grace_days": 10},
    {"payment_plan_retries": 1, "payment_plan_retry_after_days": 5, "payment_plan_break_after": 1},
    {"payment_plan_retries": 3, "payment_plan_retry_after_days": 1, "payment_plan_grace_days": 0},
]
USUAL = {"payment_plan_retries": 2, "payment_plan_retry_after_days": 3, "payment_plan_break_after": 2, "payment_plan_grace_days": 5}

#: Mastercards that are always declined, by when they may be tried again.
ADVICE = ["5200828282820241", "5200828282820258", "5200828282820266", "5200828282820274", "5200828282820282", "5200828282820290",
          "5200828282820308"]


def organizations(many):
    """So many: where each is, and its rules as the model has them."""
    found = []
    for n in range(many):
        zone, said = list(PLACES)[n % len(PLACES)], SAID[(n + n // len(PLACES)) % len(SAID)]
        rules = {name.removeprefix("payment_plan_"): value for name, value in {**USUAL, **said}.items()}
        found.append({"n": n, "place": zone, "zone": zoneinfo.ZoneInfo(zone), "said": said, **rules})
    return found


def with_check_digit(number):
    total = 0
    for place, digit in enumerate(reversed(number)):
        twice = int(digit) * (2 if place % 2 == 0 else 1)
        total += twice // 10 + twice % 10
    return number + str(-total % 10)


class People:
    """Draws them, one after the other."""

    def __init__(self, rules, seed, in_time=()):
        self.rules, self.chance, self.numbers, self.in_time = rules, random.Random(f"{seed} people"), set(), in_time

    def person(self, n, org):
        chance = self.chance
        state, zones, area = PLACES[org["place"]]
        known, clocks = state, list(zones)
        draw = chance.random()
        if draw < 0.05:
            known, clocks = None, []
        elif draw < 0.15:
            known, clocks, _ = chance.choice(list(PLACES.values()))
        phone = None
        if chance.random() < 0.6:
            code, of_code = area, zones
            if chance.random() < 0.1:
                _, of_code, code = chance.choice(list(PLACES.values()))
            phone = f"+1{code}555{n:04d}"
            clocks = sorted({*clocks, *of_code})
        zones = [zoneinfo.ZoneInfo(zone) for zone in clocks or ANYWHERE]
        email = f"payer-{n}@example.com" if chance.random() < 0.85 else None
        return {"name": f"Payer {n}", "email": email, "sms": phone, "state": known, "zones": {"email": zones, "sms": zones}}

    def turns(self):
        """What becomes of one charge after the other, as digits."""
        chance, draw = self.chance, self.chance.random()
        if draw < 0.45:
            return "000000"
        if draw < 0.85:
            return "".join(chance.choices("0123", [12, 3, 1, 1], k=6))
        if draw < 0.93:
            return "".join(chance.choices("0123", [1, 3, 1, 1], k=6))
        digits = list("".join(chance.choices("01", [8, 1], k=6)))
        digits[chance.randrange(6)] = chance.choice("456789")
        return "".join(digits)

    def purse(self, n, org, first):
        """A card or a bank account that nobody else of the organization has; and what is sent to store it."""
        chance = self.chance
        while True:
            turns = self.turns()
            if n in self.in_time:
                turns = turns.translate(str.maketrans("3789", "1111"))
            by_card = chance.random() < 0.5
            if not by_card:
                number = f"000777{turns}{chance.randrange(100_000):05d}"
                sent = {"ach": {"account_holder": "Ada Lovelace", "account_type": "checking", "routing_number": "021000021",
                                "account_number": number, "account_zip": "12207", "account_state": "NY"}}
                expires = None
            else:
                expires = (chance.randrange(2032, 2060), chance.randrange(1, 13))
                if chance.random() < 0.1:
                    soon = first + chance.randrange(20, 700) * DAY
                    expires = (soon.year, soon.month)
                is_advised = chance.random() < 0.04
                number = chance.choice(ADVICE) if is_advised else with_check_digit(f"40000077{turns}{chance.randrange(10)}")
                sent = {"card": {"card_holder": "Ada Lovelace", "card_number": number, "card_expiration_month": f"{expires[1]:02d}",
                                 "card_expiration_year": str(expires[0])}}
            if (org["n"], number, expires) not in self.numbers:
                break
        self.numbers.add((org["n"], number, expires))
        if not by_card:
            return Purse("bank", "ach", [self.rules.sandbox.turns["bank"][turn] for turn in turns]), sent
        if number in ADVICE:
            return Purse("card", "mastercard", [self.rules.sandbox.cards[number]], expires), sent
        return Purse("card", "visa", [self.rules.sandbox.turns["card"][turn] for turn in turns], expires), sent

    def terms(self, org):
        chance, today = self.chance, days.day_of(BEGINS, org["zone"])
        kind = chance.choices(["plain", "down", "open", "settlement", "offer", "single"], [48, 14, 14, 13, 6, 5])[0]
        frequency = chance.choices(["weekly", "every_other_week", "monthly", "last_of_month"], [30, 22, 36, 12])[0]
        start = today + chance.randrange(1, 32) * DAY
        if frequency == "monthly" and chance.random() < 0.5:
            start = datetime.date(2027, 1, chance.choice([29, 30, 31]))
        most = {"weekly": 104, "every_other_week": 54}.get(frequency, 24)
        amount = chance.choice([chance.randrange(5_00, 150_00), 100 * chance.randrange(5, 120)])
        many = 1 if kind == "single" else chance.randrange(2, most)
        total = amount * many - (0 if kind == "single" else chance.choice([0, chance.randrange(amount)]))
        terms = {"kind": kind, "frequency": frequency, "start": start, "amount": amount, "total": total, "balance": total, "down": None,
                 "down_on": None, "open": kind == "open", "offer": kind == "offer"}
        if kind == "down" or kind == "settlement" and chance.random() < 0.3:
            terms["down"] = chance.randrange(10_00, 300_00)
            terms["down_on"] = today + chance.randrange((start - today).days) * DAY
            terms["total"] += terms["down"]
            terms["balance"] = terms["total"]
        if kind in ("settlement", "offer"):
            terms["balance"] = terms["total"] * 100 // chance.randrange(30, 95)
        if kind == "open":
            terms["total"] = None
        return terms


class Office:
    """What people do, every other month: decided by how the model stands, so that it is the same for every engine."""

    def __init__(self, people, lives, seed):
        self.people, self.lives, self.chance = people, lives, random.Random(f"{seed} office")
        of_each = {}
        for life in lives:
            of_each.setdefault(life.org["n"], []).append(life)
        self.clocks = [Clock(own[0].zone, own, BEGINS) for own in of_each.values()]

    def run(self, until):
        for clock in self.clocks:
            clock.run(until)

    def day(self, now):
        """Does it to the model; gives what the server is to be asked for: which plan, what, and with what."""
        self.run(now)
        asked = []
        for n, life in enumerate(self.lives):
            done = self.about(n, life)
            if done:
                asked.append((n, *done))
        return asked

    def about(self, n, life):
        chance, draw = self.chance, self.chance.random()
        waiting = [one for one in life.instalments if one.due]
        if life.state == "paused" and life.reason == "payment_method_stopped" and draw < 0.8:
            purse, sent = self.people.purse(n, life.org, life.today)
            if purse.is_expired(life.today):
                return None
            life.other_method(purse)
            return "method", sent
        if life.state == "paused" and life.reason is None:
            life.resume()
            return "resume", None
        if life.state == "broken" and draw < 0.4 and life.lacks() > 0 and self.may_charge(life):
            life.reinstate()
            return "reinstate", None
        if life.state != "active":
            return None
        if draw < 0.02 and life.breaks_at is None:
            life.pause()
            return "pause", None
        if draw < 0.03:
            life.cancel()
            return "cancel", None
        if draw < 0.07 and waiting:
            one = chance.choice(waiting)
            life.skip(one)
            return "skip", one.number
        if draw < 0.25 and life.terms["open"]:
            cents = chance.randrange(10_00, 400_00)
            life.raise_balance(cents)
            return "raise", life.owed
        return None

    def may_charge(self, life):
        first = days.following(life.terms["frequency"], life.terms["start"], life.today, 1)[0]
        purse, at = life.purse, days.start_of(first, life.zone)
        return not purse.stopped and not (purse.retry_at and purse.retry_at > at) and not purse.is_expired(first)


def people(rules, orgs, many, seed, in_time=()):
    """So many people, each with an account, a method and a plan: the model's lives, and what is sent to store each method. What
    the methods of those `in_time` send back they send back before it is paid."""
    all_of_them, lives, sent = People(rules, seed, in_time), [], []
    for n in range(many):
        org = orgs[n % len(orgs)]
        person, terms = all_of_them.person(n, org), all_of_them.terms(org)
        first = terms["down_on"] or days.nth(terms["frequency"], terms["start"], 0)
        purse, body = all_of_them.purse(n, org, first)
        while purse.is_expired(first):
            purse, body = all_of_them.purse(n, org, first)
        lives.append(Life(rules, org, person, purse, terms, BEGINS))
        sent.append(body)
    return all_of_them, lives, sent
