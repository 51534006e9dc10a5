"""Attempts to have a customer sent elsewhere: by what a session says of where to return, and by the paths that forms name."""

import pathlib
import re
import urllib.parse

import stage
from act import Act
from hands import Hand
from wire import Browser, hidden

CORPUS = pathlib.Path(__file__).with_suffix(".txt")
ALLOWED = "https://shop.example"

#: A field that is wrong, a path that is none, and what cannot be read at all.
REFUSED = (422, 404, 400)
#: Where a browser would go from there, by the browser's own parser.
GOES = "([to, from]) => { try { return new URL(to, from).origin; } catch { return null; } }"


def attempts(host):
    def read(line):
        text = re.sub(r"\\(t|r|n|x[0-9a-f]{2})", lambda e: {"t": "\t", "r": "\r", "n": "\n"}.get(e[1]) or chr(int(e[1][1:], 16)), line)
        wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in host)
        return text.replace("ＡＬＬＯＷＥＤ", wide).replace("ALLOWED", host)
    lines = CORPUS.read_text().split("\n")
    return [read(line) for line in lines if line and not line.startswith("# ")]


def by_sessions(api, customer, page, tries, allowed, eye):
    """What a session may say: refused, or a browser stays within what is allowed. Gives how many were refused."""
    refused = 0
    for to in tries:
        for field in ("return_url", "redirect_url", "expiration_return_url"):
            answer = api.post("/customer-sessions", {"customer_id": customer, field: to})
            refused += answer.status in REFUSED
            if answer.status == 201:
                told = answer.data["return_url" if field == "redirect_url" else field]
                if page.evaluate(GOES, [told, "https://pay.example/"]) not in allowed:
                    eye.wrong.append(f"returns: {field} took {to!r}, which leads to {told}")
            elif answer.status not in REFUSED:
                eye.wrong.append(f"returns: {field} {to!r} is answered {answer.status}")
    return refused


def by_forms(stage_, link, page, tries, eye):
    """What the path of a form may be: refused, or a page of ours."""
    browser, refused = Browser(stage_), 0
    nonce = hidden(browser.comes_by(link), "form")
    for to in tries:
        status, headers, _ = browser.ask("POST", "/portal/language", {"form": nonce, "language": "en", "to": to})
        refused += status in REFUSED
        where = headers.get("location")
        if status == 303:
            if page.evaluate(GOES, [where, f"{stage_.origin}/portal/language"]) != stage_.origin or not where.startswith("/portal/"):
                eye.wrong.append(f"returns: a form that names {to!r} leads to {where!r}")
        elif status not in REFUSED or where:
            eye.wrong.append(f"returns: a form that names {to!r} is answered {status}, {where!r}")
    return refused


def play(stage_, browser, eye):
    agency = stage_.agencies[stage.RETURNS]
    agency.put("/organization", {"allowed_origins": [ALLOWED]})
    production = stage.Agency(stage_.origin, stage_.house.production, agency.name)
    production.put("/organization", {"allowed_origins": [ALLOWED]})
    act = Act(stage_, browser, eye, Hand, agency)
    page = act.another_browser()
    page.goto("about:blank")
    tries, refused = attempts(urllib.parse.urlsplit(ALLOWED).netloc), 0
    ours = {"https://[::1]", "https://127.0.0.1", "https://localhost", "https://[::ffff:7f00:1]:9"}
    # A sandbox may send customers to the machine itself, production not.
    for one, allowed in ((agency, {ALLOWED} | ours), (production, {ALLOWED})):
        customer = one.post("/customers", {"name": "Ada Lovelace"})["id"]
        refused += by_sessions(one.api, customer, page, tries, allowed, eye)
        good = one.api.post("/customer-sessions", {"customer_id": customer, "return_url": f"{ALLOWED}/thanks?a=1#b"})
        if good.status != 201:
            eye.wrong.append(f"returns: what is allowed is refused: {good.text[:200]}")
    refused += by_forms(stage_, agency.somebody().link(), page, tries, eye)
    act.end()
    return f"{len(tries)} attempts at {3 * 2 + 1} places, {refused} refused"
