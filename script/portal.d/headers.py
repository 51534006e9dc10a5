"""The headers of every route, to the letter."""

import re
import urllib.parse

import stage
import support
from wire import Browser, hidden

#: What every answer of the portal carries, to the letter.
EVERY = {
    "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer", "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
BARE = {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
PAGE = {
    "content-type": "text/html; charset=utf-8", "x-robots-tag": "noindex, nofollow",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
KEPT = "public, max-age=31536000, immutable"
STYLE = BARE | {"content-type": "text/css; charset=utf-8", "cache-control": KEPT}
PICTURE = STYLE | {"content-type": "image/png"}
FILE = BARE | {"content-type": "text/plain; charset=utf-8"}
RECEIPT = BARE | {"content-type": "application/pdf"}
#: What hosted fields carry. A frame may be framed by one origin, which `x-frame-options` could not say, and also by pages that isolate
#: themselves; the script for others' pages is for whoever loads it; a token is told to the frame alone.
ANYWHERE = {"cross-origin-resource-policy": "cross-origin"}
SCRIPT = BARE | {"content-type": "text/javascript; charset=utf-8"}
EMBEDS = SCRIPT | ANYWHERE | {"cache-control": "public, max-age=300", "access-control-allow-origin": "*"}
WITHIN = SCRIPT | {"cache-control": KEPT}
TOLD = BARE | {"content-type": "application/json"}


def framed_by(origin):
    """What the page in a frame carries that this origin may frame."""
    policy = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; "
              f"frame-ancestors {origin}")
    every = {name: value for name, value in EVERY.items() if name != "x-frame-options"}
    return every | PAGE | ANYWHERE | {"content-security-policy": policy}


#: What differs from answer to answer, and what of it is held against a pattern.
VOLATILE = {
    "date": r".+ GMT", "content-length": r"\d+", "x-request-id": r"[0-9a-f-]{36}", "location": r"/portal/[\w/-]+(\?[\w=&.-]+)?",
    "set-cookie": r"quittance(-door|-language)?=[\w-]*; Path=/; HttpOnly; SameSite=Lax; Max-Age=\d+", "retry-after": r"\d+",
    "content-disposition": r"attachment; filename\*=UTF-8''[\w.%-]+", "allow": r"[A-Z, ]+", "refresh": r"\d+",
    "x-ratelimit-limit": r"\d+", "x-ratelimit-remaining": r"\d+", "x-ratelimit-reset": r"\d+",
}

#: A picture of one dot.
A_DOT = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def routes():
    """The path of every route of the portal, as its source declares it."""
    found = set()
    for file in sorted((support.ROOT / "crates/portal/src").rglob("*.rs")):
        source = file.read_text().split("#[cfg(test)]")[0]
        for rows in re.findall(r"^pub.* fn rows\(\).*?^\}", source, re.M | re.S):
            paths = re.findall(r'"(/[^"]*)"', rows)
            if not paths and "extend" not in rows:
                raise support.Short(f"no route of {file} can be read: say how in script/portal.d/headers.py")
            # Those that begin as another does, which stands first in its row.
            ends = re.findall(r'format!\("\{at\}(/[^"]*)"\)', rows)
            found |= {*paths, *(at + end for at in re.findall(r'\("(/[^"]*)"', rows) for end in ends)}
    return sorted(found)


def unlike(headers, expected):
    """How the headers of an answer differ from what they have to be."""
    found = [(name.lower(), value) for name, value in headers.items()]
    for name, value in found:
        if name in VOLATILE:
            if not re.fullmatch(VOLATILE[name], value):
                yield f"{name}: {value}"
        elif expected.get(name) != value:
            yield f"{name}: {value}, not {expected.get(name)}"
    yield from (f"{name} is missing" for name in expected if name not in dict(found))


def expected_of(path, status, headers):
    """By what the path is where it is not a page's; a refusal is a page, too."""
    path = path.partition("?")[0]
    if path.startswith("/portal/tokenizer/fields/") and headers.get("content-type") == TOLD["content-type"]:
        return EVERY | TOLD
    if path == "/portal/fields.js" and status == 200:
        return EVERY | EMBEDS
    if path.startswith("/portal/script/") and status == 200:
        return EVERY | WITHIN
    if status in (204, 303):
        return EVERY | BARE
    if "content-disposition" in headers:
        return EVERY | (RECEIPT if path.endswith(".pdf") else FILE)
    return EVERY | {"text/css": STYLE, "image/png": PICTURE}.get((headers.get("content-type") or "").split(";")[0], PAGE)


def filled(path, at):
    """A route's path with what its names stand for."""
    if path in at:
        return f"/portal{at[path]}"
    missing = set(re.findall(r"\{(\w+)\}", path)) - set(at)
    if missing:
        raise support.Short(f"nobody knows what {missing} stands for in {path}: say so in script/portal.d/headers.py")
    return "/portal" + re.sub(r"\{(\w+)\}", lambda name: at[name[1]], path)


class Looked:
    """Answers whose headers are held against what they have to be."""

    def __init__(self, eye):
        self.eye, self.many = eye, 0

    def at(self, method, path, answer, expected=None, is_status=None):
        status, headers, _ = answer
        self.many += 1
        for line in unlike(headers, expected or expected_of(path, status, headers)):
            self.eye.wrong.append(f"headers, {method} {path} ({status}): {line}")
        if status >= 500 or (is_status and status not in is_status):
            self.eye.wrong.append(f"headers, {method} {path}: {status}")


def play(stage_, eye):
    """Asks every route, by somebody who is in and by nobody, with forms that are believed and that are not."""
    ada = stage_.agencies[stage.SCENES].somebody(saved="tok_visa")
    browser, link, nobody, looked = Browser(stage_), ada.link(), Browser(stage_), Looked(eye)
    page = browser.comes_by(link)
    at = stands_for(stage_, ada, link, page)
    paths = routes()
    every = [(method, filled(path, at)) for method in ("GET", "POST") for path in paths]
    # Whoever leaves is out, so that comes last.
    every.sort(key=lambda one: one == ("POST", "/portal/leave"))
    more = [(method, path) for path in ("/portal", "/portal/", "/portal/nowhere/at/all", "/portal/accounts/nowhere", "/portal/accounts")
            for method in ("GET", "HEAD", "PUT", "OPTIONS")]
    frames(stage_, nobody, looked)
    for path in by_terms(ada, at):
        looked.at("GET", path, browser.ask("GET", path), EVERY | PAGE, {200})
    asks(browser, nobody, looked, every, hidden(page, "form"), at)
    asks(browser, nobody, looked, more, hidden(page, "form"))
    return f"{len(paths)} paths, {looked.many} answers"


def asks(browser, nobody, looked, every, form, at=None):
    """Asks each by somebody who is in and by nobody. To whoever is in all that stands for something is there."""
    for method, path in every:
        believed, wrong = {"form": form, "once": stage.new_id(), "language": "en", "to": "/portal/accounts"}, {"form": "0" * 32}
        for who, sent in ((browser, believed), (browser, wrong), (nobody, wrong)) if method == "POST" else ((browser, None), (nobody, None)):
            # But for a log-in that nobody switched on. A frame wants an origin, and some want a form.
            is_there = at and method == "GET" and who is browser and path != f"/portal/in/{at['organization']}"
            looked.at(method, path, who.ask(method, path, sent, cookies=who is browser), is_status={200, 303, 403, 405} if is_there else None)


def frames(stage_, nobody, looked):
    """Hosted fields: for the origin that they name where that is allowed, for no other; a token by a form of theirs alone."""
    fields, shop = f"/portal/tokenizer/fields/{stage_.house.key}", stage_.shop.origin
    for kind in ("card", "bank"):
        for origin in (shop, "https://shop.example"):
            path = f"{fields}/{kind}?origin={urllib.parse.quote(origin, safe='')}"
            answer = nobody.ask("GET", path)
            looked.at("GET", path, answer, framed_by(origin), {200})
            if "set-cookie" in answer[1]:
                looked.eye.wrong.append(f"headers, GET {path}: a cookie is set")
        for origin in (stage_.stranger.origin, "https://shop.example.evil.example", "null", ""):
            path = f"{fields}/{kind}?origin={urllib.parse.quote(origin, safe='')}"
            looked.at("GET", path, nobody.ask("GET", path), EVERY | PAGE, {403})
        looked.at("POST", f"{fields}/{kind}", nobody.ask("POST", f"{fields}/{kind}", {}), EVERY | TOLD, {422})
        elsewhere = nobody.ask("POST", f"{fields}/{kind}", {}, headers={"Sec-Fetch-Site": "cross-site", "Origin": shop})
        looked.at("POST", f"{fields}/{kind}", elsewhere, EVERY | TOLD, {403})
    card = {"holder": "Ada Lovelace", "number": "4242424242424242", "month": "12", "year": "30", "code": "123", "zip": "12207"}
    own = {"Sec-Fetch-Site": "same-origin", "Origin": stage_.origin}
    looked.at("POST", f"{fields}/card", nobody.ask("POST", f"{fields}/card", card, headers=own), EVERY | TOLD, {200})
    looked.at("GET", "/portal/fields.js", nobody.ask("GET", "/portal/fields.js"), EVERY | EMBEDS, {200})
    old = "/portal/script/000000000000.js"
    looked.at("GET", old, nobody.ask("GET", old), EVERY | SCRIPT, {200})


def by_terms(ada, at):
    """Pages that are there for what they are asked with."""
    account, day = f"/portal/accounts/{at['account']}", ada.agency.day(5)
    terms = f"often=weekly&amount=50&first={day}"
    yield f"{account}/review?how=part&amount=1&with={ada.method}"
    for what in ("plan", f"offers/{at['offer']}"):
        yield f"{account}/{what}?{terms}"
        yield f"{account}/{what}/agree?{terms}&with={ada.method}"
    yield f"/portal/tokenizer/plan/{at['account']}/card?{terms}"
    yield f"/portal/tokenizer/offer/{at['account']}/{at['offer']}/bank?{terms}"
    yield f"/portal/tokenizer/change/{at['plan']}/bank?{terms}"
    yield f"/portal/plans/{at['plan']}/change?{terms}"
    yield f"/portal/plans/{at['plan']}/change/agree?{terms}&with={ada.method}"
    yield f"/portal/plans/{at['plan']}/method?with={ada.method}"


def stands_for(stage_, ada, link, page):
    """What the names in the paths stand for."""
    settings = ada.agency.put("/organization", {"brand": {"logo": A_DOT}})
    _, tenant, logo = settings["brand"]["logo_path"].rsplit("/", 2)
    ticket = {"customer_id": ada.customer, "subject": "A question", "description": "What is it for?"}
    dispute = ada.agency.post("/debt-account-disputes", {"debt_account_id": ada.debt, "reasons": ["other"]})["id"]
    ada.agency.put(f"/debt-account-disputes/{dispute}", {"status": "withdrawn"})
    # A plan is agreed on for one account, and runs on another.
    other = ada.agency.post("/debt-accounts", {"customer_id": ada.customer, "balance": 200_00})["id"]
    plan = stage.Person(ada.agency, ada.customer, other, ada.method).plan(ada.method)
    _, _, frame = Browser(stage_).ask("GET", f"/portal/tokenizer/fields/{stage_.house.key}/card?origin={stage_.shop.origin}")
    return {
        "organization": settings["id"], "tenant": tenant, "name": logo, "ticket": ada.agency.post("/tickets", ticket)["id"],
        "link": urllib.parse.urlsplit(link).path.removeprefix("/portal/"), "way": "payment-plan", "account": ada.debt, "dispute": dispute,
        "document": ada.document("a letter.txt"), "payment": ada.charge(1_00), "cents": "100", "color": "1a5fb4.css",
        "plan": plan, "instalment": ada.agency.get(f"/payment-plans/{plan}")["charges"][0]["id"], "offer": ada.offer(type="plan"),
        "method": ada.method, "key": stage_.house.key, "kind": "card",
        "version": re.search(r"/portal/style/([\w.]+)", page)[1], "/script/{version}": re.search(r"/script/[\w.]+", frame)[0],
    }
