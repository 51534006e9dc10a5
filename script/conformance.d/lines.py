"""The guides' own curl lines, run by curl.

They stand in script/guides.d as they are printed. Only host, token and placeholders are filled in, and the corrections
of script/guides.errata applied; a line with an erratum is also run as printed, and has to be refused as that says.
"""

import json
import os
import pathlib
import shutil
import subprocess

import endpoint
import printed
import support
from cases import Answer, LeftOut, case, expect, has
from people import person

HERE = pathlib.Path(__file__).resolve().parent.parent
IS = "curl lines"
HOST = "https://<org-uuid>.production.tratta.io/api/v1"
TOKEN = "eyJ0eXA3asdk..."

#: The keys of what a line gives.
SHAPES = {
    "customer": printed.CUSTOMER, "address": f"id {printed.ADDRESS}", "payment_method": printed.PAYMENT_METHOD,
    "debt_account": printed.DEBT_ACCOUNT,
    "jit": "customer location debt_account child_debt_accounts",
}
#: And of what stands within it.
INNER = {"card_token": printed.CARD, "bank_account": printed.BANK_ACCOUNT, "address": printed.ADDRESS, "addresses": printed.ADDRESS,
         "metadata": "attribute value"}
#: What the OpenAPI file gives a type that is never null is left out where there is nothing to say.
LEFT_OUT_WHEN_EMPTY = {"email", "phone"}


class Line:
    """One curl line of a guide, and what it has to give."""

    def __init__(self, guide, rows):
        marks = [row[2:].split() for row in rows if row.startswith("#:")]
        self.guide, (self.name,), self.fills = guide, marks[0], {}
        self.text = "\n".join(row for row in rows if not row.startswith("#"))
        for words in marks[1:]:
            match words:
                case ["answers", status, *shape]:
                    self.status, self.shape = int(status), " ".join(shape)
                case ["fill", placeholder, "with", what]:
                    self.fills[placeholder] = what
                case other:
                    raise support.Short(f"{self.name}: what is {' '.join(other)!r}?")


class Erratum:
    """Where a line cannot work as it is printed."""

    def __init__(self, rows):
        self.name, self.changes = rows[0], []
        for row in rows[1:]:
            key, value = row.strip().split(None, 1)
            match key:
                case "wrong":
                    self.wrong = value
                case "printed":
                    self.printed = int(value)
                case "change":
                    self.changes.append([value, None])
                case "to":
                    self.changes[-1][1] = value

    def correct(self, text):
        for old, new in self.changes:
            if old not in text:
                raise support.Short(f"the erratum of {self.name} changes {old!r}, which the line does not have")
            text = text.replace(old, new)
        return text


def read_lines():
    for file in sorted((HERE / "guides.d").glob("*.curl")):
        guide = " ".join(word.capitalize() for word in file.stem.split("-"))
        for block in file.read_text().split("\n\n"):
            rows = block.strip().splitlines()
            if any(row.startswith("#:") for row in rows):
                yield Line(guide, rows)


def read_errata():
    text = (HERE / "guides.errata").read_text()
    blocks = [[row for row in block.splitlines() if row and not row.startswith("#")] for block in text.split("\n\n")]
    return {rows[0]: Erratum(rows) for rows in blocks if rows}


def made(world, what, so_far, which):
    """What is put in the place of a placeholder; `which` id of it."""
    match what:
        case "customer":
            return world.customer(address={"postal_code": "10001"})[which]
        case "address":
            return world.made(f"/customers/{so_far['customer']}/addresses", {"postal_code": "10001"})["id"]
        case "debt":
            owner = {"customer_id": so_far["customer"]} if "customer" in so_far else {}
            return world.debt(10_000, **owner)[which]
        case "phone" | "ssn_last4":
            return world.once("looked up", lambda: person(world))[0][what]
        case "told":
            told = endpoint.whole(world)
            endpoint.registered(world).says(200, told)
            return told["data"]["debt_account"]["external_id"]


def curl(world, line, text, which):
    """Runs a line as a shell does; gives the answer."""
    if not shutil.which("curl"):
        raise LeftOut("curl is not installed")
    so_far = {}
    for placeholder, what in line.fills.items():
        so_far[what] = made(world, what, so_far, which)
        text = text.replace(placeholder, so_far[what])
    # A printed line cannot say where its status goes.
    def configured():
        home = support.scratch("curl")
        (home / ".curlrc").write_text('silent\nwrite-out = "\\n%{http_code}"\nmax-time = 30\n')
        return home
    env = {**os.environ, "CURL_HOME": str(world.once("curl", configured))}
    done = subprocess.run(
        ["bash", "-c", text.replace(HOST, world.base).replace(TOKEN, world.token)],
        env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    expect(status, f"curl said nothing: {done.stderr}")
    return Answer(line.name, int(status), {}, body.encode())


def is_shaped(line, answer):
    """That an answer has every key that the guide prints."""
    if line.shape == "success":
        body = json.loads(answer.text)
        expect(body.get("success") is True or "data" in body, body)
        return
    things = answer.data if line.shape.startswith("list of ") else [answer.data]
    expect(things, "nothing in the list")
    shape = line.shape.removeprefix("list of ")
    for thing in things:
        has(thing, " ".join(key for key in SHAPES[shape].split() if key not in LEFT_OUT_WHEN_EMPTY), shape)
        for name, keys in INNER.items():
            inner = thing.get(name) or []
            for one in inner if isinstance(inner, list) else [inner]:
                has(one, keys, name)


def register(line, erratum):
    source = f"guide {line.guide}, its curl line"
    if erratum:
        @case(IS, f"{source}; guides.errata", f"{line.name} as printed: {erratum.printed} ({erratum.wrong})")
        def _(world):
            curl(world, line, line.text, "id").is_(erratum.printed)
    text = erratum.correct(line.text) if erratum else line.text
    by_either = any("external_id}" in placeholder or placeholder == "customer-uuid" for placeholder in line.fills)
    for which in ("id", "external_id") if by_either else ("id",):
        @case(IS, source, f"{line.name}{f' by {which}' if by_either else ''}: {line.status} {line.shape}{', corrected' if erratum else ''}")
        def _(world, which=which):
            is_shaped(line, curl(world, line, text, which).is_(line.status))


LINES, ERRATA = list(read_lines()), read_errata()
for line in LINES:
    register(line, ERRATA.pop(line.name, None))
if ERRATA:
    raise support.Short(f"errata about no line: {', '.join(ERRATA)}")
