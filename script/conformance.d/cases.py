"""What a case is, and the world it runs in."""

import datetime
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zoneinfo

import endpoint
from support import say, table

#: Every case, in the order of the sections.
ALL = []

#: The rows of the sources that no case asks for, each with the reason: (source, row, why).
UNASKED = []


class Fault(Exception):
    """What a server did otherwise than the source says."""


class LeftOut(Exception):
    """Why this server cannot be asked."""


class Case:
    def __init__(self, section, source, what, work):
        self.section, self.source, self.what, self.work = section, source, what, work

    def __str__(self):
        return f"[{self.section}] {self.what} ({self.source})"

    def run(self, world):
        """What came of it: held, fell short or left out; and why."""
        try:
            self.work(world)
        except Fault as fault:
            return "fell short", str(fault)
        except LeftOut as why:
            return "left out", str(why)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError, OSError, http.client.HTTPException) as wrong:
            return "fell short", f"the answer has not the shape it should: {type(wrong).__name__} {wrong}"
        return "held", ""


OUTCOMES = ["held", "fell short", "left out"]


def run(world, wanted):
    """Runs cases, tells what fell short or was left out, and how many of each section; gives the sums."""
    tally, reasons = {}, {}
    for case in wanted:
        outcome, why = case.run(world)
        tally.setdefault(case.section, dict.fromkeys(OUTCOMES, 0))[outcome] += 1
        if outcome == "fell short":
            say(f"  FELL SHORT  {case}: {why}")
        elif outcome == "left out":
            reasons[why] = reasons.get(why, 0) + 1
    for why, many in reasons.items():
        say(f"  left out    {many} of them: {why}")
    table([[section, *told.values()] for section, told in tally.items()], ["section", *OUTCOMES])
    return {outcome: sum(told[outcome] for told in tally.values()) for outcome in OUTCOMES}


def told(sums):
    """The closing line about a server."""
    left = f", {sums['left out']} left out" if sums["left out"] else ""
    return f"{sums['held']} cases held, {sums['fell short']} fell short{left}"


def case(section, source, what):
    """Registers the function below as a case."""
    def register(work):
        ALL.append(Case(section, source, what, work))
        return work
    return register


def unasked(source, row, why):
    """Registers a row of a source that no case asks for."""
    UNASKED.append((source, row, why))


def expect(is_so, otherwise):
    if not is_so:
        raise Fault(otherwise)


def has(thing, keys, what):
    """That a thing has all of these keys."""
    missing = [key for key in keys.split() if key not in thing]
    expect(not missing, f"{what} lacks {missing}")


def eventually(what, probe, seconds=20):
    """Asks until something true is given, and gives that."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        expect(time.monotonic() < deadline, f"waited {seconds} s for {what}")
        time.sleep(0.05)


class Answer:
    def __init__(self, asked, status, headers, body):
        self.asked, self.status, self.headers, self.body = asked, status, headers, body

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def data(self):
        return self.json["data"]

    def is_(self, *statuses):
        """The answer, if it has one of these statuses."""
        expect(self.status in statuses, f"{self.asked}: {self.status}, not {' or '.join(map(str, statuses))}: {self.text[:300]}")
        return self

    def refuses(self, field):
        """422, with something said about this field."""
        self.is_(422)
        named = self.json.get("errors", {})
        found = any(name == field or name.startswith(f"{field}.") or field.startswith(f"{name}.") for name in named)
        expect(found, f"{self.asked}: 422, and nothing about {field}: {sorted(named)}")
        return self

    def names(self, field):
        """422, under this very name or that of something within it."""
        self.is_(422)
        found = any(name == field or name.startswith(f"{field}.") for name in self.json["errors"])
        expect(found, f"{self.asked}: 422, and nothing called {field}: {sorted(self.json['errors'])}")
        return self


def flat(body, prefix=""):
    """A body as the pairs of a form with brackets."""
    pairs = []
    items = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in items:
        key = f"{prefix}[{name}]" if prefix else str(name)
        if isinstance(value, (dict, list)):
            pairs += flat(value, key)
        else:
            text = {True: "true", False: "false", None: ""}.get(value, value) if isinstance(value, (bool, type(None))) else value
            pairs.append((key, str(text)))
    return pairs


class _Here(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(_Here)


class World:
    """A server, and things on it that cases are about."""

    def __init__(self, base, token, listening=None):
        """`listening` says where the server reaches an endpoint of ours: see endpoint.Listening."""
        self.base, self.token, self.kept = base, token, {}
        self.origin = base.removesuffix("/api/v1")
        self.listening = listening or endpoint.Listening.beside(base)

    def ask(self, method, path, body=None, form=False, **headers):
        if body is not None:
            data = urllib.parse.urlencode(flat(body)).encode() if form else json.dumps(body).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded" if form else "application/json"
            return self.send(method, path, data, **headers)
        return self.send(method, path, None, **headers)

    def send(self, method, path, data, **headers):
        """Bytes as they are, of whatever type the headers say; to our API, or to a whole URL."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Authorization", f"Bearer {self.token}")
        url = path if path.startswith("http") else self.base + path
        request = urllib.request.Request(url, data=data, headers={k: v for k, v in headers.items() if v is not None}, method=method)
        asked = f"{method} {path}"
        try:
            with OPENER.open(request, timeout=60) as reply:
                return Answer(asked, reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as refusal:
            return Answer(asked, refusal.code, refusal.headers, refusal.read())

    def upload(self, path, data, name="a.txt", media="text/plain", **fields):
        """A file in a form."""
        parts = [f'--edge\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in fields.items()]
        parts.append(f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {media}\r\n\r\n')
        body = "".join(parts).encode() + data + b"\r\n--edge--\r\n"
        return self.send("POST", path, body, **{"Content-Type": "multipart/form-data; boundary=edge"})

    def open(self, url):
        """What somebody without a token sees there."""
        return self.send("GET", url, None, Authorization=None)

    def come_in(self, url):
        """What somebody sees who opens a link and, where it shows a form to come in by, comes in by that."""
        page = self.open(url).is_(200)
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
        if not fields:
            return page
        cookies = "; ".join(cookie.split(";")[0] for cookie in page.headers.get_all("Set-Cookie") or [])
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies, "Authorization": None}
        return self.send("POST", url, urllib.parse.urlencode(fields).encode(), **form)

    def endpoint(self):
        """An endpoint of ours that the server can reach."""
        if not self.listening:
            raise LeftOut("the server has to reach an endpoint here: say where with --listen-as")
        return self.listening.endpoint()

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body, **more):
        return self.ask("POST", path, body, **more)

    def put(self, path, body, **more):
        return self.ask("PUT", path, body, **more)

    def delete(self, path):
        return self.ask("DELETE", path)

    def made(self, path, body):
        return self.post(path, body).is_(201).data

    @staticmethod
    def fresh(prefix="c"):
        """An external id that nobody has."""
        return f"{prefix}-{uuid.uuid4().hex[:20]}"

    def once(self, name, make):
        """Something that several cases look at and none changes."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def customer(self, **more):
        return self.made("/customers", {"name": "Ada Lovelace", "email": "ada@example.com", "external_id": self.fresh(), **more})

    def debt(self, balance=50_000, **more):
        if "customer_id" not in more:
            more["customer_id"] = self.customer()["id"]
        return self.made("/debt-accounts", {"balance": balance, "external_id": self.fresh("d"), **more})

    CARD = {
        "card_holder": "Ada Lovelace", "card_number": "4242424242424242", "card_expiration_month": "12",
        "card_expiration_year": "35", "card_security_code": "123", "card_postal_code": "10001",
    }
    ACH = {
        "account_holder": "Ada Lovelace", "account_type": "checking", "routing_number": "021000021",
        "account_number": "123456789", "account_zip": "10001", "account_state": "NY",
    }

    def method(self, customer):
        return self.made(f"/customers/{customer}/payment-methods", {"card": self.CARD})["id"]

    def payer(self, balance=50_000):
        """A customer's account and a card to pay it with: their ids."""
        customer = self.customer()["id"]
        return customer, self.debt(balance, customer_id=customer)["id"], self.method(customer)

    def pay(self, debt, method, amount, **more):
        return self.post("/charges", {"amount": amount, "debt_account_id": debt, "payment_method_id": method, **more})

    def owed(self, debt):
        return self.get(f"/debt-accounts/{debt}").is_(200).data["current_balance"]

    def zone(self):
        """The organization's, if the server says so."""
        answer = self.get("/organization")
        return zoneinfo.ZoneInfo(answer.data["time_zone"]) if answer.status == 200 else datetime.timezone.utc

    def day(self, ahead):
        """A day where the organization is, whose clock decides what is today."""
        now = datetime.datetime.now(self.once("zone", self.zone))
        return (now.date() + datetime.timedelta(days=ahead)).isoformat()


REQUIRED = object()


def reach(body, path, value):
    """A copy of a body with the value at a dotted path; REQUIRED takes it away."""
    copy = json.loads(json.dumps(body))
    *steps, last = path.split(".")
    inner = copy
    for step in steps:
        inner = inner.setdefault(step, {})
    if value is REQUIRED:
        inner.pop(last, None)
    else:
        inner[last] = value
    return copy


def shown(thing, path):
    for step in path.split("."):
        thing = thing[int(step)] if isinstance(thing, list) else thing[step]
    return thing


def parameters(section, source, method, path, base, table):
    """A parameter table: for each row a case for what is required, for each good value and for each bad one, as JSON
    and as a form.

    `base(world)` gives a body that is good, `path(world)` where it goes. A row is the field, whether it is required,
    good values (each a value, or a pair of it and what is shown then), where it is shown, and bad values.
    """
    good_status = 201 if method == "POST" else 200
    for field, is_required, good, where, bad in table:
        if is_required:
            for form in (False, True):
                def without(world, field=field, form=form):
                    body = reach(base(world), field, REQUIRED)
                    world.ask(method, path(world), body, form=form).refuses(field)
                case(section, source, f"{method} {field} is required, {'form' if form else 'JSON'}")(without)
        for value in good:
            sent, told = value if isinstance(value, tuple) else (value, value)
            for form in (False, True):
                if form and isinstance(sent, (dict, list)) and not sent:
                    continue  # a form has no empty list
                def with_it(world, field=field, sent=sent, told=told, form=form, where=where):
                    # What must be unlike everything else is made so for each case.
                    mine = world.fresh() if sent == "<fresh>" else sent
                    answer = world.ask(method, path(world), reach(base(world), field, mine), form=form).is_(good_status)
                    if where is None:
                        return
                    seen, wanted = shown(answer.data, where), mine if sent == "<fresh>" else told
                    expect(seen == wanted, f"{field} = {sent!r} is shown as {seen!r} under {where}, not as {wanted!r}")
                case(section, source, f"{method} {field} = {sent!r}, {'form' if form else 'JSON'}")(with_it)
        for value in bad:
            def refused(world, field=field, value=value):
                world.ask(method, path(world), reach(base(world), field, value)).refuses(field)
            case(section, source, f"{method} {field} = {value!r} is refused")(refused)


def shape(section, source, what, get, keys):
    """That what `get(world)` gives has every key of a printed object."""
    def work(world):
        has(get(world), keys, what)
    case(section, source, f"{what} has {keys}")(work)
