"""Agencies, people and debts, made by the API, and what the API says of them afterwards."""

import datetime
import json
import re
import urllib.request
import uuid
import zoneinfo

import support
from shop import STRANGER, Shop
from support import Api, House, Short

ZONE = "America/New_York"

#: What each organization is for. One whose settings are changed or whose time stands has nobody else in it.
AGENCIES = ["Harbor Point Recovery", "Still Waters", "Careful & Sons", "Plain Name", "Open Gates"]
SCENES, CLOCK, STRICT, HOSTILE, RETURNS = range(len(AGENCIES))

BRAND = {
    "primary_color": "#1a5fb4", "support_phone": "212-555-0100", "support_email": "help@agency.example",
    "support_hours": "Mon–Fri 9–5 Eastern", "website_url": "https://agency.example/", "privacy_url": "https://agency.example/privacy",
}
BORN = "1987-06-05"


class Texts:
    """The words of the portal in a language, from its own catalogue."""

    def __init__(self, language):
        self.language = language
        catalogue = (support.ROOT / f"crates/portal/texts/{language}.ftl").read_text()
        self.words = dict(re.findall(r"^([\w-]+) = (.+)$", catalogue, re.M))

    def __call__(self, key, **values):
        return re.sub(r"\{ \$(\w+) \}", lambda name: str(values[name[1]]), self.words[key])

    @staticmethod
    def money(cents):
        return f"${cents // 100:,}.{cents % 100:02}"

    def day(self, day):
        return self("day-in-words", month=self(f"month-{day.month}"), day=day.day, year=day.year)


def uploaded(api, path, name, data, **fields):
    """A document, sent as a form with a file; gives its id."""
    parts = [f'--cut\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in fields.items()]
    parts.append(f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n')
    body = "".join(parts).encode() + data + b"\r\n--cut--\r\n"
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "multipart/form-data; boundary=cut"}
    request = urllib.request.Request(api.base + path, data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.loads(reply.read())["data"]["id"]


class Agency:
    """An organization, through its API."""

    def __init__(self, base, token, name):
        self.api, self.name = Api(f"{base}/api/v1", token), name
        #: Every link that was made: none may be found anywhere afterwards.
        self.links = []

    def send(self, method, path, body=None):
        answer = self.api.ask(method, path, body)
        if answer.status >= 300:
            raise Short(f"{method} {path}: {answer.status} {answer.text[:400]}")
        return answer.data

    def post(self, path, body):
        return self.send("POST", path, body)

    def put(self, path, body):
        return self.send("PUT", path, body)

    def get(self, path):
        return self.send("GET", path)

    def session(self, **about):
        """The link of a new session."""
        made = self.post("/customer-sessions", about)
        self.links.append(made["portal_url"])
        return made["portal_url"]

    def somebody(self, owes=123_45, saved=None, **more):
        """Somebody of whom everything is known, who owes something, with a saved method of payment."""
        person = {
            "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "phone": "212-555-0101", "date_of_birth": BORN,
            "ssn_last4": "0042", "address": {"line1": "1 Main St", "city": "Albany", "state": "NY", "postal_code": "12207"}, **more,
        }
        customer = self.post("/customers", person)["id"]
        debt = self.post("/debt-accounts", {
            "customer_id": customer, "balance": owes, "account_number": "ACCT-998877", "location_id": "gm",
            "location_name": "General Memorial Hospital",
            "locations": [{"name": "Harbor Funding LLC", "type": "current_creditor", "external_id": "hf"}],
        })["id"]
        method = saved and self.post("/payment-methods", {"customer_id": customer, "token": saved})["id"]
        return Person(self, customer, debt, method)

    def advance(self, **by):
        """Moves the organization's own time on, and waits until it stands again."""
        self.post("/test-clock/advance", by)
        support.wait_until("a clock", lambda: self.get("/test-clock")["status"] == "frozen", 60)

    def day(self, ahead=0):
        """The day that it is where the organization is, or so many days later."""
        now = datetime.datetime.fromisoformat(self.get("/test-clock")["now"]).astimezone(zoneinfo.ZoneInfo(ZONE))
        return now.date() + datetime.timedelta(days=ahead)


class Person:
    """Somebody and what they owe, as the API tells of them."""

    def __init__(self, agency, customer, debt, method):
        self.agency, self.customer, self.debt, self.method = agency, customer, debt, method

    def link(self, **more):
        return self.agency.session(**{"customer_id": self.customer, **more})

    def link_to_account(self, **more):
        return self.agency.session(**{"debt_account_id": self.debt, **more})

    def owes(self):
        return self.agency.get(f"/debt-accounts/{self.debt}")["current_balance"]

    def charges(self):
        return self.agency.get(f"/charges?customer_id={self.customer}&limit=500")

    def states(self):
        """How each of their payments stands with its amount, the newest first."""
        return [(one["state"], one["amount"]) for one in self.charges()]

    def plans(self):
        return self.agency.get(f"/payment-plans?debt_account_id={self.debt}")

    def plan(self, method=None, **more):
        """A plan of $50.00 a week from five days on by this method, or one that is proposed; its id."""
        terms = {"debt_account_id": self.debt, "amount": 50_00, "frequency": "weekly", "start_date": self.agency.day(5).isoformat(), **more}
        return self.agency.post("/payment-plans", terms | ({"payment_method_id": method} if method else {}))["id"]

    def offer(self, **more):
        """An offer to settle the account for $60.00; its id."""
        offer = {"debt_account_id": self.debt, "amount": 60_00, "expires_on": self.agency.day(5).isoformat(), **more}
        return self.agency.post("/settlement-offers", offer)["id"]

    def messages(self):
        """What was written to them: of which kind each is, and how it stands."""
        return [(one["kind"], one["state"]) for one in self.agency.get(f"/messages?customer_id={self.customer}")]

    def disputes(self):
        return self.agency.get(f"/debt-account-disputes?customer_id={self.customer}")

    def blocks(self):
        """The reasons of the blocks that hold them or their account now."""
        about = [f"customer_id={self.customer}", f"debt_account_id={self.debt}"]
        rows = [row for one in about for row in self.agency.get(f"/blocks?{one}&active=true")]
        return sorted({row["id"]: row["reason"] for row in rows}.values())

    def events(self, object_id):
        """The names of what happened to a thing, in their order, once all of it has its place in the stream."""
        path, seen = f"/events?object_id={object_id}&limit=500", []

        def settled():
            names = [event["event"] for event in self.agency.get(path)]
            seen.append(names)
            return len(seen) > 2 and seen[-1] == seen[-3] and names
        return support.wait_until("events", settled, 10, 0.05)

    def charge(self, amount, **more):
        """A payment that they do not make themselves."""
        body = {"debt_account_id": self.debt, "payment_method_id": self.method, "amount": amount, **more}
        answer = self.agency.api.post("/charges", body)
        # A declined one is answered with the charge, too.
        if "data" not in answer.json:
            raise Short(f"a charge: {answer.status} {answer.text[:300]}")
        return answer.data["id"]

    def itemize(self, *descriptions):
        """How the account came to what is owed, with these words at its fees."""
        lines = [{"kind": "interest", "date": "2026-03-01", "amount": 20_00}]
        lines += [{"kind": "fee", "date": "2026-04-02", "amount": 1_00, "description": words} for words in descriptions]
        lines += [{"kind": "payment", "date": "2026-05-03", "amount": 10_00}]
        amount = self.owes() - 10_00 - 1_00 * len(descriptions)
        body = {"itemization_date": "2026-01-31", "itemization_date_kind": "charge_off", "amount": amount, "components": lines}
        return self.agency.put(f"/debt-accounts/{self.debt}/itemization", body)

    def document(self, name, words=b"It is yours.", path=None):
        """A document that they may read."""
        path = path or f"/debt-accounts/{self.debt}/documents"
        return uploaded(self.agency.api, path, name, words, visible_to_customer="true")


class Agencies(House):
    """A house with an organization for each purpose, a token for one's production, and a publishable key for another's fields."""

    def __init__(self, programs, engine):
        self.orgs = []
        super().__init__(programs, engine, 1, len(AGENCIES))
        self.production = self.tell("token", "create", "--org", self.orgs[RETURNS], "--environment", "production")
        scopes = ["--name", "our page", "--scopes", "payment_methods:tokenize"]
        self.tell("token", "create", "--org", self.orgs[SCENES], "--environment", "sandbox", *scopes)
        tokens = json.loads(self.tell("token", "list", "--org", self.orgs[SCENES], "--json"))
        self.key = next(token["id"] for token in tokens if token["name"] == "our page")

    def _organization(self, n):
        self.orgs.append(self.tell("org", "create", "--name", AGENCIES[n], "--time-zone", ZONE))
        return self.tell("token", "create", "--org", self.orgs[n], "--environment", "sandbox")


class Stage:
    """One engine's server, with everything that the parts need."""

    def __init__(self, programs, engine):
        self.engine, self.house = engine, Agencies(programs, engine)
        # Another site than 127.0.0.1, so that a browser treats it as one; and one that nobody allows.
        self.shop, self.stranger = Shop("localhost"), Shop(STRANGER)
        self.places = {self.shop.origin, self.stranger.origin}
        self.node = self.house.nodes[0]
        # Everything it could say is looked through afterwards for what it must not.
        self.node.lines = "debug"
        self.node.start()
        self.origin, self.address = self.node.base, self.node.address
        self.agencies = [Agency(self.origin, token, name) for token, name in zip(self.house.tokens, AGENCIES)]
        for agency in self.agencies:
            settings = {"brand": BRAND, "allowed_origins": [self.shop.origin, "https://shop.example"]}
            agency.put("/organization", settings)
        self.agencies[SCENES].put("/organization", {"portal": {"log_in": True}})
        self.agencies[STRICT].put("/organization", {"portal": {"check": "always"}})
        self.agencies[CLOCK].post("/test-clock", {})

    def links(self):
        """The secret part of every link that was made."""
        return [re.search(r"/portal/([^/?#]+)", url)[1] for agency in self.agencies for url in agency.links]

    def charged(self):
        """How many charges the processor has made, and the most that it made under one key."""
        stats = self.house.processor.ask("GET", "/stats")
        return stats["charges"], max((key["charges"] for key in stats["keys"].values()), default=0)

    def verify(self):
        """What is wrong in the books."""
        return [f"verify: {check['name']}: {check['examples'][:2]}" for check in self.house.verify() if check["wrong"]]

    def restart(self, lines):
        """Starts the server anew, with these lines in its log."""
        self.node.program.stop()
        self.node.lines = lines
        self.node.start()

    def end(self):
        self.node.program.stop()
        self.house.close()


def in_the_past(days):
    return (datetime.date.today() - datetime.timedelta(days=days)).isoformat()


def new_id():
    return str(uuid.uuid4())
