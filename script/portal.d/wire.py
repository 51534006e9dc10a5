"""What goes over the wire: the headers of every route, and what a first page weighs with all its parts."""

import http.client
import re
import socket
import urllib.parse

import stage
import support

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
STYLE = BARE | {"content-type": "text/css; charset=utf-8", "cache-control": "public, max-age=31536000, immutable"}
PICTURE = STYLE | {"content-type": "image/png"}
FILE = BARE | {"content-type": "text/plain; charset=utf-8"}
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
    """Every route of the portal, as its source declares it."""
    source = "\n".join(file.read_text().split("#[cfg(test)]")[0] for file in sorted((support.ROOT / "crates/portal/src").rglob("*.rs")))
    rows = re.findall(r'\b(get|post|put|delete|within|row)\(\s*(?:Method::(\w+),\s*)?"(/[^"]*)"', source)
    return sorted({(method or kind.upper(), path) for kind, method, path in rows})


class Browser:
    """Asks as a browser does, without following anything; from whatever address of this machine."""

    def __init__(self, stage_):
        self.host, self.port = stage_.address.split(":")
        self.cookies, self.asked = {}, 0

    def ask(self, method, path, form=None, cookies=True, headers=None):
        # Sixty times a minute somebody may come from an address without being known.
        wire = http.client.HTTPConnection(self.host, int(self.port), timeout=20, source_address=(f"127.0.0.{2 + self.asked // 50 % 250}", 0))
        self.asked += 1
        headers = {"Accept-Encoding": "gzip, deflate, br, zstd", "Accept": "text/html", **(headers or {})}
        if cookies and self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        wire.request(method, path, body, headers)
        reply = wire.getresponse()
        text = reply.read().decode(errors="replace")
        wire.close()
        for line in reply.headers.get_all("set-cookie") or []:
            if cookies:
                self.keep(line)
        return reply.status, reply.headers, text

    def keep(self, line):
        name, value = line.split(";")[0].split("=", 1)
        if "Max-Age=0" in line:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def comes_by(self, link):
        """Opens a link and chooses its button; gives the page that it leads to."""
        path = urllib.parse.urlsplit(link).path
        _, _, page = self.ask("GET", path)
        status, headers, page = self.ask("POST", path, {"form": hidden(page, "form")})
        if status == 303:
            _, _, page = self.ask("GET", headers["location"])
        return page


def hidden(page, name):
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


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


def expected_of(status, headers):
    kind = headers.get("content-type") or ""
    if status in (204, 303):
        return EVERY | BARE
    if "content-disposition" in headers:
        return EVERY | FILE
    return EVERY | {"text/css": STYLE, "image/png": PICTURE}.get(kind.split(";")[0], PAGE)


def filled(path, at):
    """A route's path with what its names stand for."""
    missing = set(re.findall(r"\{(\w+)\}", path)) - set(at)
    if missing:
        raise support.Short(f"nobody knows what {missing} stands for in {path}: say so in script/portal.d/wire.py")
    return "/portal" + re.sub(r"\{(\w+)\}", lambda name: at[name[1]], path)


def headers_of_every_route(stage_, eye):
    """Asks every route, by somebody who is in and by nobody, with forms that are believed and that are not."""
    ada = stage_.agencies[stage.SCENES].somebody(saved="tok_visa")
    browser, link, nobody = Browser(stage_), ada.link(), Browser(stage_)
    page = browser.comes_by(link)
    dispute = ada.agency.post("/debt-account-disputes", {"debt_account_id": ada.debt, "reasons": ["other"]})["id"]
    ada.agency.put(f"/debt-account-disputes/{dispute}", {"status": "withdrawn"})
    at = stands_for(ada, link, dispute, page)
    looked = 0
    every = [(method, filled(path, at)) for method, path in routes()]
    # Whoever leaves is out, so that comes last.
    every.sort(key=lambda one: one[1].endswith("/leave"))
    more = [(method, path) for path in ("/portal", "/portal/", "/portal/nowhere/at/all", "/portal/accounts/nowhere", "/portal/accounts")
            for method in ("GET", "HEAD", "PUT", "OPTIONS")]
    for method, path in every + more:
        nonce = {"form": hidden(page, "form"), "once": stage.new_id(), "language": "en", "to": "/portal/accounts"}
        for who, form in ((browser, nonce), (browser, {"form": "0" * 32}), (nobody, {"form": "0" * 32})):
            status, headers, _ = who.ask(method, path, form if method == "POST" else None, cookies=who is browser)
            looked += 1
            for line in unlike(headers, expected_of(status, headers)):
                eye.wrong.append(f"headers, {method} {path} ({status}): {line}")
            if status >= 500:
                eye.wrong.append(f"headers, {method} {path}: {status}")
    return f"{len(every)} routes, {looked} answers"


def stands_for(ada, link, dispute, page):
    """What the names in the paths stand for."""
    settings = ada.agency.put("/organization", {"brand": {"logo": A_DOT}})
    _, tenant, logo = settings["brand"]["logo_path"].rsplit("/", 2)
    ticket = {"customer_id": ada.customer, "subject": "A question", "description": "What is it for?"}
    return {
        "organization": settings["id"], "tenant": tenant, "name": logo, "ticket": ada.agency.post("/tickets", ticket)["id"],
        "link": urllib.parse.urlsplit(link).path.removeprefix("/portal/"), "way": "payment-plan", "account": ada.debt, "dispute": dispute,
        "document": ada.document("a letter.txt"), "payment": ada.charge(1_00), "cents": "100", "color": "1a5fb4.css",
        "version": re.search(r"/portal/style/([\w.]+)", page)[1],
    }


class Weight:
    """Bytes as they come over the wire, heads and bodies."""

    def __init__(self, stage_):
        self.host, self.port = stage_.address.split(":")

    def of(self, path, cookie=""):
        with socket.create_connection((self.host, int(self.port)), timeout=20) as wire:
            lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}:{self.port}", "Accept-Encoding: gzip, deflate, br, zstd", "Accept: */*",
                     "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
                     "Connection: close", *([f"Cookie: {cookie}"] if cookie else [])]
            wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            got = b"".join(iter(lambda: wire.recv(65536), b""))
        return len(got), got.partition(b"\r\n\r\n")[2].decode(errors="replace")

    def with_parts(self, path, cookie=""):
        """A page with everything that it names as a part of itself."""
        whole, page = self.of(path, cookie)
        for part in re.findall(r'<(?:link|img|script)[^>]*(?:href|src)="(/[^"]+)"', page):
            whole += self.of(part)[0]
        return whole


#: The most that the first page may weigh with all its parts, in bytes.
MOST = 30_000


def weight(stage_, eye):
    ada = stage_.agencies[stage.SCENES].somebody(saved="tok_visa")
    link, scale, browser = ada.link(), Weight(stage_), Browser(stage_)
    door = scale.with_parts(urllib.parse.urlsplit(link).path)
    browser.comes_by(link)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    inside = {name: scale.with_parts(path, cookie) for name, path in (("accounts", "/portal/accounts"), ("account", f"/portal/accounts/{ada.debt}"))}
    for name, bytes_ in {"door": door, **inside}.items():
        if bytes_ > MOST:
            eye.wrong.append(f"weight: the {name} weighs {bytes_} bytes, {MOST} are the most")
    return f"door {door / 1000:.1f} kB, accounts {inside['accounts'] / 1000:.1f} kB, account {inside['account'] / 1000:.1f} kB"


def told_nobody(stage_, eye):
    """No link, no cookie and no card number in a log; no link in what other sites were told."""
    logs = [stage_.node.log, stage_.house.processor.home / "log"] + ([stage_.house.postgres.home / "log"] if stage_.house.postgres else [])
    text = "\n".join(log.read_text(errors="replace") for log in logs)
    links = stage_.links()
    for link in links:
        if link in text:
            eye.wrong.append("a link stands in a log")
            break
    for path, headers in stage_.shop.asked:
        if "Referer" in headers or any(link in path for link in links):
            eye.wrong.append(f"another site was told where somebody came from: {path} {headers.get('Referer')}")
    return f"{len(links)} links, {len(text.splitlines()):,} lines of logs, {len(stage_.shop.asked)} visits elsewhere"
