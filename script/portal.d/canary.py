"""A card number is typed, on a page and in a hosted field, and looked for everywhere it could have gone.

Everything that Chromium asks for goes through a proxy of ours, which keeps each request whole: its address, its headers, its
body. The browser's own files (but what it restores its tabs from), the server's logs, the databases with their dumps and the processor's journal are read byte by byte.
Before that the scanner has to find numbers that were planted in each of those places.
"""

import base64
import http.client
import http.server
import os
import random
import re
import sqlite3
import subprocess
import threading
import urllib.parse

import stage
import support
from act import Act, expect
from hands import Hand, Keyboard
from hosted import BUTTON, goes_to_the_shop, page_was_told, told, token_of, within

#: The only path at which a number may arrive.
TOKENIZER = "/portal/tokenizer/"
#: Where Chromium keeps what stands in forms, on its owner's disk, so that it can restore their tabs. A page could only ask it not to by
#: leaving unsaid what a field is for (`autocomplete`), which who fills in forms with help needs (WCAG 1.3.5).
TABS = "profile/Default/Sessions"
#: The browser's own services, at which it asks of its own accord and through no page; it gets nowhere.
OWN = (".googleapis.com", ".google.com", ".gvt1.com")


def with_check_digit(digits):
    """A number that passes the Luhn check."""
    total = sum(sum(divmod(int(d) * (2 if n % 2 == 0 else 1), 10)) for n, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def new_number(chance):
    """A card that nobody has: the sandbox approves all that begin so."""
    return with_check_digit("40000012" + "".join(chance.choice("123456789") for _ in range(7)))


def spellings(number):
    """The ways in which a number could lie somewhere."""
    groups = [number[n:n + 4] for n in range(0, 16, 4)]
    texts = [separator.join(groups) for separator in ("", " ", "-", "+", "%20", "&#32;", "\u00a0")]
    found = {text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le")}
    for text in texts[:3]:
        raw = text.encode()
        found |= {raw.hex().encode(), raw.hex().upper().encode()}
        for shift in range(3):
            # What stays the same of its base64, wherever it begins in what is written so.
            coded = base64.b64encode(b"\0" * shift + raw)
            found.add(coded[4 if shift else 0:-4])
    return found


class Scanner:
    """Finds numbers in bytes and in files."""

    def __init__(self, *numbers):
        self.patterns = set().union(*map(spellings, numbers))

    def is_in(self, data):
        return any(pattern in data for pattern in self.patterns)

    def files(self, *places):
        """The files in which it stands, and how many were read."""
        found, read = [], 0
        for place in places:
            for file in [place] if place.is_file() else (file for file in place.rglob("*") if file.is_file()):
                read += 1
                if self.is_in(file.read_bytes()):
                    found.append(file)
        return found, read


class Recorder:
    """A proxy that keeps every request, and lets those for our server and the shop's through."""

    def __init__(self, allowed):
        recorder, self.kept, self.allowed = self, [], allowed

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                recorder.kept.append((self.command, self.path, self.headers.as_bytes(), body))
                to = urllib.parse.urlsplit(self.path)
                if to.netloc not in recorder.allowed:
                    return self.refuse()
                wire = http.client.HTTPConnection(to.netloc, timeout=30)
                headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
                wire.request(self.command, to._replace(scheme="", netloc="").geturl(), body or None, headers)
                reply = wire.getresponse()
                data = reply.read()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                wire.close()

            def refuse(self):
                self.send_response(502)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_CONNECT(self):
                recorder.kept.append((self.command, self.path, self.headers.as_bytes(), b""))
                self.refuse()

            do_GET = do_POST = do_HEAD = do_PUT = do_OPTIONS = forward

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def holding(self, scanner):
        """The requests in which a number stands."""
        return [(method, url) for method, url, headers, body in self.kept
                if scanner.is_in(url.encode()) or scanner.is_in(headers) or scanner.is_in(body) or scanner.is_in(urllib.parse.unquote_to_bytes(body))]

    def referers(self, origin):
        """The requests that say that they come from a page of this origin."""
        return [url for _, url, headers, _ in self.kept if f"\nreferer: {origin}".encode() in b"\n" + headers.lower()]


def dumped(house, home):
    """What the database says, in files: PostgreSQL's own dump, and of SQLite every row."""
    dump = home / "dump.sql"
    if house.postgres:
        command = [house.postgres.programs / "pg_dump", "-h", "127.0.0.1", "-p", house.postgres.port, "-U", "quittance", "postgres"]
        dump.write_bytes(subprocess.run([*map(str, command)], check=True, capture_output=True).stdout)
    else:
        with sqlite3.connect(f"file:{house.data / 'quittance.db'}?mode=ro", uri=True) as books, open(dump, "w", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in books.iterdump())
    return dump


class Canary:
    """A browser with a profile on disk whose every request is kept, and the places that are searched."""

    def __init__(self, stage_, playwright, options, eye):
        self.stage, self.eye, self.home = stage_, eye, support.scratch("canary")
        self.ours = {stage_.address, urllib.parse.urlsplit(stage_.shop.origin).netloc}
        self.recorder = Recorder(self.ours)
        options = {**options, "args": [*options["args"], "--proxy-bypass-list=<-loopback>"]}
        self.context = playwright.chromium.launch_persistent_context(
            self.home / "profile", proxy={"server": self.recorder.url}, base_url=stage_.origin, viewport={"width": 1280, "height": 800}, **options)
        eye.watch(self.context)

    def places(self):
        house = self.stage.house
        database = house.postgres.home if house.postgres else house.data
        return [self.home, house.home, house.processor.home, database]

    def act(self, kind):
        act = Act(self.stage, None, self.eye, kind, self.stage.agencies[stage.SCENES])
        act._in(self.context)
        return act

    def kept_by_pages(self, scanner):
        """What scripts could read afterwards: storage, cookies, and the addresses of the history."""
        page, kept = self.context.new_page(), str(self.context.cookies())
        for place in (f"{self.stage.origin}/portal/accounts", f"{self.stage.shop.origin}/"):
            page.goto(place)
            kept += page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.length])")
        page.close()
        return scanner.is_in(kept.encode())


def grouped(number):
    """As it stands on a card."""
    return " ".join(number[n:n + 4] for n in range(0, 16, 4))


def types_a_card(act, ada, number):
    """First with a mistake elsewhere, so that it is written, refused, and written again."""
    act.comes_by(ada.link_to_account(destination="account_checkout"))
    act.says_what_to_pay(1_00)
    act.writes_card(grouped(number), month="13")
    act.pays(1_00)
    expect(not Scanner(number).is_in(act.page.content().encode()), "the number comes back on the page")
    act.writes_card(number)
    act.pays(1_00)
    act.says("payment-succeeded")
    act.choose("nav-contact")
    act.page.go_back()
    act.choose("accounts-title")


def types_in_a_frame(act, ada, number):
    """The same in a hosted field, and the shop's server pays with the token."""
    frame = goes_to_the_shop(act, act.stage.shop)
    with within(act, frame):
        act.writes_card(grouped(number), month="13", holder="Ada Lovelace")
    act.hand.follow(BUTTON)
    told(act, act.t("faults"))
    with within(act, frame):
        act.write("month", "12")
    act.hand.follow(BUTTON)
    token = token_of(told(act, re.compile("^Visa ending in ")))
    expect(not Scanner(number).is_in(page_was_told(act).encode()), "the page around the frame knows the number")
    ada.agency.post("/charges", {"debt_account_id": ada.debt, "token": token, "amount": 1_00})


def plant(canary, number):
    """Puts a number wherever it must not be; gives the places in which it is then found."""
    scanner, stage_ = Scanner(number), canary.stage
    page = canary.context.new_page()
    page.goto(f"{stage_.origin}/portal/nowhere?x={number}")
    page.evaluate("n => { localStorage.setItem('n', n); document.cookie = 'n=' + n; }", number)
    found = {"a request": bool(canary.recorder.holding(scanner)), "storage": canary.kept_by_pages(scanner)}
    page.evaluate("() => { localStorage.clear(); document.cookie = 'n=; Max-Age=0'; }")
    page.close()
    stage_.agencies[stage.SCENES].post("/locations", {"name": number, "external_id": stage.new_id()})
    found["the dump"] = scanner.is_in(dumped(stage_.house, canary.home).read_bytes())
    if stage_.house.postgres:
        stage_.house.postgres.sql("CHECKPOINT")
    database = canary.places()[-1]
    found["the database's files"] = bool([f for f in scanner.files(database)[0] if f.suffix != ".sql"])
    with open(canary.home / "a-log", "w", encoding="utf-8") as log:
        log.write(f"a line with {number[:4]}-{number[4:8]}-{number[8:12]}-{number[12:]}\n")
    found["a log"] = bool(scanner.files(canary.home / "a-log")[0])
    (canary.home / "a-log").unlink()
    return found


def play(stage_, playwright, options, eye, seed):
    chance = random.Random(f"{seed} {stage_.engine}")
    ways = [(types, kind) for types in (types_a_card, types_in_a_frame) for kind in (Hand, Keyboard)]
    planted, typed = new_number(chance), [new_number(chance) for _ in ways]
    canary = Canary(stage_, playwright, options, eye)
    for what, is_found in plant(canary, planted).items():
        if not is_found:
            eye.wrong.append(f"canary: a number that was planted in {what} is not found: this proves nothing")
    for number, (types, kind) in zip(typed, ways):
        types(canary.act(kind), stage_.agencies[stage.SCENES].somebody(), number)
    arrived = 0
    for number in typed:
        scanner = Scanner(number)
        if canary.kept_by_pages(scanner):
            eye.wrong.append("canary: a page keeps a card number")
        for method, url in canary.recorder.holding(scanner):
            path = urllib.parse.urlsplit(url).path
            arrived += 1
            if method != "POST" or not path.startswith(TOKENIZER) or scanner.is_in(url.encode()):
                eye.wrong.append(f"canary: a card number is in {method} {path}")
    if arrived != 2 * len(typed):
        eye.wrong.append(f"canary: {arrived} requests brought a number, not {2 * len(typed)}")
    for url in canary.recorder.referers(stage_.origin):
        eye.wrong.append(f"canary: a request says where it came from: {url}")
    hosts = {(urllib.parse.urlsplit(url).netloc or url).removesuffix(":443") for _, url, _, _ in canary.recorder.kept}
    strangers = {host for host in hosts if not f".{host}".endswith(OWN)} - canary.ours
    canary.context.close()
    dump = dumped(stage_.house, canary.home)
    found, read = Scanner(*typed).files(*canary.places())
    for file in found:
        if TABS not in str(file):
            eye.wrong.append(f"canary: a card number stands in {os.path.relpath(file, '/tmp')}")
    if strangers:
        eye.wrong.append(f"canary: Chromium asked for something at {sorted(strangers)}")
    return f"{len(canary.recorder.kept)} requests, {read} files, {dump.stat().st_size / 1e6:.1f} MB of dump; {arrived} arrived where they may"
