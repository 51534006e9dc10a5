"""A small HTTP endpoint of ours, for what a server calls by itself."""

import functools
import http.server
import json
import threading
import time
import urllib.parse


class Endpoint:
    """Answers every GET with what it was told to, and remembers what it was asked."""

    def __init__(self, url, server):
        self.url, self.server = url, server
        server.owner = self
        self.says(200, {})
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def says(self, status, body, kind="application/json", after=0, **headers):
        """What it answers from now on; `body` is JSON unless it is bytes. Forgets what it was asked before."""
        self.asked = []
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answer = status, {"Content-Type": kind, **headers}, body, after

    def address(self, path="/whatever-you-want"):
        return self.url + path


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (its name decides what it answers)
        owner = self.server.owner
        owner.asked.append(Asked(self.path, self.headers))
        status, headers, body, after = owner.answer
        time.sleep(after)
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # nobody waits for it any more

    def log_message(self, *_):
        pass


class Asked:
    """A request that came."""

    def __init__(self, path, headers):
        self.path, self.headers = path, headers
        self.query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query, keep_blank_values=True)


class Listening:
    """Where the endpoint listens, and by which URL the server reaches it."""

    def __init__(self, url, host, port):
        self.url, self.host, self.port = url, host, port

    @functools.cache  # one for all cases
    def endpoint(self):
        server = http.server.ThreadingHTTPServer((self.host, self.port), _Handler)
        return Endpoint(self.url or f"http://{self.host}:{server.server_port}", server)

    @staticmethod
    def beside(base):
        """On this machine itself, for a server that is here too; None for another."""
        here = urllib.parse.urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1")
        return Listening(None, "127.0.0.1", 0) if here else None

    @staticmethod
    def at(told, port=None):
        """As `--listen-as` has it: HOST:PORT, or a URL behind which something leads to `--listen-on`."""
        url = told.rstrip("/") if "://" in told else f"http://{told}"
        parts = urllib.parse.urlsplit(url)
        return Listening(url, "0.0.0.0", port or parts.port or 80)


def trigger(world, account, **more):
    return world.post("/just-in-time/trigger", {"debt_account_external_id": account}, **more)


def registered(world, path="/whatever-you-want", **more):
    """Our endpoint, anew: what went wrong before is forgotten."""
    theirs = world.endpoint()
    world.post("/just-in-time", {"url": theirs.address(path), **more}).is_(201)
    return theirs


def whole(world):
    """The guide's own example, under ids that nobody has."""
    account = world.fresh("ja")
    return {"data": {
        "location": {"external_id": world.fresh("jl"), "name": world.fresh("Test Location")},
        "customer": {"external_id": world.fresh("jc"), "name": "Test Customer"},
        "debt_account": {"external_id": account, "balance": 2_000, "current_balance": 2_000},
        "child_debt_accounts": [{"external_id": world.fresh("jd"), "parent_external_id": account, "balance": 1_000, "current_balance": 1_000}],
    }}


def lone(world):
    """Without what is optional but for the customer, whom a new account needs."""
    told = whole(world)
    del told["data"]["location"], told["data"]["child_debt_accounts"]
    return told
