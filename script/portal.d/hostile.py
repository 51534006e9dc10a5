"""A corpus of hostile strings in every text that the portal shows: each comes out as text, and nothing else comes of it."""

import pathlib
import re

import stage
from act import Act
from eye import PHONE
from hands import Hand
from support import Short

CORPUS = pathlib.Path(__file__).with_suffix(".txt")

#: The page as it is built: every element with its attributes, without what is text and without ids.
SKELETON = """() => [...document.querySelectorAll('*')].map(e => e.localName + ' ' + [...e.attributes].filter(a => a.name !== 'value').map(a =>
  a.name + '=' + a.value.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '*').replace(/^(mailto|tel|https):.*/, '$1')).sort().join(' '))"""
#: Everything that can be read, and what stands in fields.
READ = """() => [document.documentElement.textContent, ...[...document.querySelectorAll('[value]')].map(e => e.getAttribute('value')),
  ...[...document.querySelectorAll('textarea')].map(e => e.value)].join('\\n')"""


def strings():
    def one(line):
        repeated = re.fullmatch(r"\{(\d+)\*(.+)\}", line)
        text = repeated[2] * int(repeated[1]) if repeated else line
        return re.sub(r"\\(u[0-9a-f]{4}|U[0-9a-f]{8}|[nt\\])", lambda e: {"n": "\n", "t": "\t", "\\": "\\"}.get(e[1]) or chr(int(e[1][1:], 16)), text)
    lines = CORPUS.read_text().split("\n")
    return [one(line) for line in lines if line and not line.startswith("# ")]


#: Every field whose text may be shown, in the order in which they are filled in.
FIELDS = [
    "organization", "hours", "support email", "support phone", "website", "privacy notice", "name", "email", "street", "city",
    "original creditor", "current creditor", "product", "reference", "account number", "description", "interest", "fee", "credit",
    "document", "dispute", "answer", "letter", "card holder", "purpose", "text at the door", "text of accounts", "text of payments",
    "text at the foot", "subject", "question", "reply",
]


class Dressed:
    """Somebody whose every text is what `words` says for its field; None leaves it out."""

    def __init__(self, agency, words):
        self.agency, self.words = agency, words
        #: What each field holds, and how many were refused.
        self.holds, self.refused = {}, 0
        self.fill()

    def offer(self, method, path, fixed, free):
        """Sends a body with as many of the free fields as are taken; gives what was made."""
        free = {field: (place, self.words(field)) for field, place in free.items() if self.words(field) is not None}
        while True:
            body = fixed() if callable(fixed) else fixed
            for place, text in free.values():
                put(body, place.split("."), text)
            answer = self.agency.api.ask(method, path, body)
            if answer.status < 300:
                self.holds |= {field: text for field, (_, text) in free.items()}
                return answer.data
            named = answer.json.get("errors", {}) if answer.status == 422 else {}
            refused = [field for field, (place, _) in free.items() if any(name == place or place.startswith(f"{name}.") for name in named)]
            if not refused:
                raise Short(f"{method} {path}: {answer.status} {answer.text[:300]}")
            self.refused += len(refused)
            for field in refused:
                del free[field]

    def fill(self):
        settings = {"organization": "name", "hours": "brand.support_hours", "support email": "brand.support_email",
                    "support phone": "brand.support_phone", "website": "brand.website_url", "privacy notice": "brand.privacy_url"}
        settings |= {f"text {of}": f"portal.texts.en.{spot}" for of, spot in (
            ("at the door", "door"), ("of accounts", "accounts"), ("of payments", "payment"), ("at the foot", "footer"))}
        self.offer("PUT", "/organization", lambda: {"name": "Plain Name", "brand": dict(stage.BRAND)}, settings)
        customer = self.offer("POST", "/customers", lambda: {"name": "Plain Person", "address": {"postal_code": "12207"}},
                              {"name": "name", "email": "email", "street": "address.line1", "city": "address.city"})["id"]
        # Of each kind one name is one place.
        place, *others = (stage.new_id() for _ in range(3))
        kinds = ("current_creditor", "product_type")
        places = [{"type": kind, "name": f"Plain {other}", "external_id": other} for kind, other in zip(kinds, others)]
        debt = self.offer("POST", "/debt-accounts", lambda: {
            "customer_id": customer, "balance": 123_45, "location_id": place, "location_name": f"Plain {place}",
            "locations": [dict(place) for place in places]},
            {"original creditor": "location_name", "current creditor": "locations.0.name", "product": "locations.1.name",
             "reference": "external_id", "account number": "account_number", "description": "description"})["id"]
        lines = [{"kind": kind, "date": "2026-03-01", "amount": 1_00} for kind in ("interest", "fee", "credit")]
        self.offer("PUT", f"/debt-accounts/{debt}/itemization", lambda: {
            "itemization_date": "2026-01-31", "itemization_date_kind": "judgment", "amount": 122_45, "components": [dict(line) for line in lines]},
            {"interest": "components.0.description", "fee": "components.1.description", "credit": "components.2.description"})
        self.person = stage.Person(self.agency, customer, debt, None)
        self.offer("PUT", f"/documents/{self.person.document('plain.txt')}", dict, {"document": "name"})
        dispute = self.offer("POST", "/debt-account-disputes", lambda: {"debt_account_id": debt, "reasons": ["other"]},
                             {"dispute": "description"})["id"]
        self.offer("POST", f"/debt-account-disputes/{dispute}/answers", lambda: {"message": "Plain"}, {"answer": "message"})
        letter = self.person.document("plain.txt", path=f"/debt-account-disputes/{dispute}/documents")
        self.offer("PUT", f"/documents/{letter}", dict, {"letter": "name"})
        self.agency.put(f"/debt-account-disputes/{dispute}", {"status": "withdrawn"})
        card = {"card_number": "4242424242424242", "card_expiration_month": "12", "card_expiration_year": "2030", "card_holder": "Plain"}
        self.person.method = self.offer("POST", "/payment-methods", lambda: {"customer_id": customer, "card": dict(card)},
                                        {"card holder": "card.card_holder"})["id"]
        paid = self.offer("POST", "/charges", lambda: {"debt_account_id": debt, "payment_method_id": self.person.method, "amount": 1_00},
                          {"purpose": "description"})["id"]
        ticket = self.offer("POST", "/tickets", lambda: {"customer_id": customer, "subject": "Plain", "description": "Plain"},
                            {"subject": "subject", "question": "description"})["id"]
        self.offer("POST", f"/tickets/{ticket}/messages", lambda: {"message": "Plain"}, {"reply": "message"})
        account = f"/portal/accounts/{debt}"
        creditors = ["original creditor", "current creditor", "product", "reference"]
        terms = f"often=weekly&amount=50&first={self.agency.day(5)}"
        #: Each page, and which fields' texts can be read there.
        self.pages = {
            "accounts": ("/portal/accounts", ["original creditor", "text of accounts", "text at the foot"]),
            "messages": ("/portal/messages", ["subject"]),
            "message": (f"/portal/messages/{ticket}", ["subject", "question", "reply"]),
            "account": (account, [*creditors, "interest", "fee", "credit", "document", "letter"]),
            "dispute": (f"{account}/disputes/{dispute}", ["dispute", "answer", "letter", "original creditor"]),
            "dispute-new": (f"{account}/dispute", ["original creditor"]),
            "contact": ("/portal/contact", ["email"]),
            "pay": (f"{account}/pay", ["original creditor"]),
            "review": (f"{account}/review?how=part&amount=1&with={self.person.method}", [*creditors, "text of payments"]),
            "card": (f"/portal/tokenizer/card/{debt}/100", [*creditors, "name"]),
            "payment": (f"/portal/payments/{paid}", ["organization", "name", "original creditor"]),
            "payments": ("/portal/payments", []),
            "plan": (f"{account}/plan?{terms}", ["original creditor"]),
            "plan-agree": (f"{account}/plan/agree?{terms}&with={self.person.method}", [*creditors, "text of payments"]),
            "kept": ("/portal/methods", []),
        }


def put(body, place, text):
    """Puts a text where a path of names and numbers leads."""
    for step in place[:-1]:
        body = body[int(step)] if step.isdigit() else body.setdefault(step, {})
    body[place[-1]] = text


class Visit:
    """Looks at all pages of somebody; gives each page's skeleton."""

    def __init__(self, stage_, browser, eye):
        self.stage, self.browser, self.eye, self.shown = stage_, browser, eye, 0

    def of(self, dressed):
        act = Act(self.stage, self.browser, self.eye, Hand, dressed.agency)
        page = act.another_browser()
        page.set_viewport_size(PHONE)
        skeletons = {}
        act.open(dressed.person.link())
        skeletons["door"] = self.see(page, dressed, "door", ["text at the door"])
        act.choose("door-enter")
        for name, (path, fields) in dressed.pages.items():
            act.open(path)
            skeletons[name] = self.see(page, dressed, name, fields)
        # What is written in a form and not taken comes back in it.
        act.open(dressed.pages["dispute-new"][0])
        text = dressed.words("dispute") or "Plain"
        page.get_by_label(act.t("dispute-text"), exact=True).fill(text)
        act.choose("dispute-send")
        skeletons["dispute-new-wrong"] = page.evaluate(SKELETON)
        back = page.locator("textarea").input_value()
        if back.strip() != text.replace("\r", "").strip():
            self.eye.tell(page, f"{text[:40]!r} came back as {back[:40]!r}")
        act.end()
        return skeletons

    def see(self, page, dressed, name, fields):
        read = page.evaluate(READ)
        for field in [*fields, "organization", "hours"]:
            text = dressed.holds.get(field)
            if text is None:
                continue
            self.shown += 1
            # What begins or ends with a blank of any kind is kept without it.
            if text.strip() not in read:
                self.eye.tell(page, f"the {field} is not shown as it is on the page {name}: {text[:60]!r}")
        self.eye.fits(page, f"with hostile strings, the page {name}")
        return page.evaluate(SKELETON)


def differs(found, plain):
    for one, other in zip(found, plain):
        if one != other:
            return f"{one[:100]!r} and not {other[:100]!r}"
    return None if len(found) == len(plain) else f"{len(found)} elements and not {len(plain)}"


def rounds(all_of_them, quick):
    """For each round what every field gets: in a whole run each string stands in every field, in a quick one in some."""
    if not quick:
        return [lambda field, text=text: text for text in all_of_them]
    few = all_of_them[:: max(1, len(all_of_them) // 20)][:20]
    return [lambda field, n=n: few[(FIELDS.index(field) + n * 7) % len(few)] for n in range(3)]


def play(stage_, browser, eye, quick):
    """Gives what stands in the table; what is wrong is told to the eye."""
    agency, visit, plain = stage_.agencies[stage.HOSTILE], Visit(stage_, browser, eye), {}
    all_of_them, taken, refused = strings(), set(), 0
    for n, words in enumerate(rounds(all_of_them, quick)):
        # A mark tells the fields apart, and the rounds.
        marked = lambda field: f"{words(field)}·{FIELDS.index(field)}.{n}"
        dressed = Dressed(agency, marked)
        refused += dressed.refused
        taken |= {words(field) for field in dressed.holds}
        skeletons = visit.of(dressed)
        fields = frozenset(dressed.holds)
        if fields not in plain:
            plain[fields] = visit.of(Dressed(agency, lambda field: ordinary(field) if field in fields else None))
        for name, skeleton in skeletons.items():
            if difference := differs(skeleton, plain[fields][name]):
                eye.wrong.append(f"hostile strings, round {n}: the page {name} is built otherwise: {difference}")
    never = [text[:30] for text in all_of_them if text not in taken]
    if never and not quick:
        eye.wrong.append(f"hostile strings that no field took: {never}")
    return f"{len(taken)} strings, {visit.shown} times shown as text, {refused} refused"


def ordinary(field):
    """What stands in a field whose text has to have a form."""
    formed = {"support email": "help@agency.example", "support phone": "212-555-0100", "website": "https://agency.example/",
              "privacy notice": "https://agency.example/privacy", "email": "ada@example.com", "reference": f"Plain {stage.new_id()}"}
    return formed.get(field, f"Plain {field}")
