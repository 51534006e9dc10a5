"""What goes over the wire: a browser that follows nothing, what a first page weighs with all its parts, and what nobody is told."""

import http.client
import re
import socket
import urllib.parse

import stage


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
    asked = stage_.shop.asked + stage_.stranger.asked
    for path, headers in asked:
        came_from = urllib.parse.urlsplit(headers.get("Referer", "")).netloc
        if came_from == stage_.address or any(link in path for link in links):
            eye.wrong.append(f"another site was told where somebody came from: {path} {headers.get('Referer')}")
    return f"{len(links)} links, {len(text.splitlines()):,} lines of logs, {len(asked)} visits elsewhere"
