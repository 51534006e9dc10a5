"""How long pages take beside the JSON of the same data, at 200 requests a second in one run."""

import asyncio
import statistics
import time
import urllib.parse

import stage
from wire import Browser

RATE, SECONDS, WINDOWS = 200, 8, 3
#: So many people ask: what one of them may in a minute is bounded.
PEOPLE = 60
#: A page may take so many times as long as the JSON of the same data, at the 99th percentile.
MOST = 3.0
HEADER = ["engine", "page", "its JSON", "page p50 ms", "page p99 ms", "JSON p50 ms", "JSON p99 ms", "p99 ratio"]


class Wire:
    """A connection that is kept, and takes one request after the other."""

    def __init__(self, address):
        self.host, self.port = address.split(":")
        self.streams = None

    async def ask(self, head):
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, int(self.port))
        reader, writer = self.streams
        began = time.perf_counter()
        writer.write(head)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        took = time.perf_counter() - began
        return took, answer.startswith(b"HTTP/1.1 200")


async def window(address, heads, rate, seconds):
    """Sends each kind in turn at a steady rate, by one person after the other; gives the seconds that each took, by kind."""
    free, took, failed, running = asyncio.Queue(), {name: [] for name in heads}, 0, set()
    for _ in range(32):
        free.put_nowait(Wire(address))

    async def one(name, head_):
        nonlocal failed
        wire = await free.get()
        seconds_, is_ok = await wire.ask(head_)
        took[name].append(seconds_)
        failed += not is_ok
        free.put_nowait(wire)

    began, names = time.perf_counter(), list(heads)
    for n in range(rate * seconds):
        await asyncio.sleep(max(0, began + n / rate - time.perf_counter()))
        name = names[n % len(names)]
        job = asyncio.ensure_future(one(name, heads[name][n // len(names) % len(heads[name])]))
        running.add(job)
        job.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return took, failed


def head(address, path, *headers):
    return ("\r\n".join([f"GET {path} HTTP/1.1", f"Host: {address}", "Accept: */*", *headers]) + "\r\n\r\n").encode()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


def owes(stage_, agency):
    """Somebody with an account of which there is something to tell: them, their link, and the cookie they came in with."""
    ada = agency.somebody(owes=1_000_00, saved="tok_visa")
    ada.itemize("Late fee")
    ada.document("Statement.txt")
    for _ in range(5):
        ada.charge(1_00)
    browser, link = Browser(stage_), ada.link()
    browser.comes_by(link)
    return ada, link, "Cookie: " + "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def play(stage_, eye):
    """Gives the rows of the table."""
    agency = stage_.agencies[stage.SCENES]
    people = [owes(stage_, agency) for _ in range(PEOPLE)]
    token, api = f"Authorization: Bearer {agency.api.token}", "/api/v1"
    pairs = [
        ("the door", lambda ada, link: urllib.parse.urlsplit(link).path, lambda ada: f"{api}/organization"),
        ("accounts", lambda ada, link: "/portal/accounts", lambda ada: f"{api}/debt-accounts?customer_id={ada.customer}"),
        ("account", lambda ada, link: f"/portal/accounts/{ada.debt}",
         lambda ada: f"{api}/debt-accounts/{ada.debt}?include=customer,charges,transactions"),
        ("payments", lambda ada, link: "/portal/payments", lambda ada: f"{api}/charges?customer_id={ada.customer}"),
    ]
    rows = []
    for name, page, json_ in pairs:
        heads = {"page": [head(stage_.address, page(ada, link), cookie) for ada, link, cookie in people],
                 "JSON": [head(stage_.address, json_(ada), token) for ada, _, _ in people]}
        took = {"page": [], "JSON": []}
        for _ in range(WINDOWS):
            told, failed = asyncio.run(window(stage_.address, heads, RATE, SECONDS))
            if failed:
                eye.wrong.append(f"speed: {failed} of the {name}'s requests were refused")
            for kind, values in told.items():
                took[kind] += values
        p50 = {kind: statistics.median(values) * 1000 for kind, values in took.items()}
        p99 = {kind: percentile(values, 0.99) for kind, values in took.items()}
        ratio = p99["page"] / p99["JSON"]
        ada = people[0][0]
        rows.append([stage_.engine, name, json_(ada).split("?")[0].replace(ada.debt, "{id}"), f"{p50['page']:.2f}", f"{p99['page']:.2f}",
                     f"{p50['JSON']:.2f}", f"{p99['JSON']:.2f}", f"{ratio:.2f}"])
        if ratio > MOST:
            eye.wrong.append(f"speed: the {name} takes {ratio:.1f} times as long as its JSON at the 99th percentile, {MOST} is the most")
    return rows
