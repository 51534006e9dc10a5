"""The hosts that organizations have us call: all of them mean harm but one. And the name server that knows them.

What a host does is the first part of its name: `silent-17.test` never answers. They listen on port 8000, what should speak
TLS and does not on 8443. Called with `names` this is the name server, on port 53, and the one host that is well, so that
they do not wait for the others. Prints one line when all of it listens, and for each line of its input and at its end how
often each was called.
"""

import asyncio
import gzip
import itertools
import json
import random
import socket
import struct
import sys
import urllib.parse
import zlib

GOOD, HOSTS = "10.77.0.2", "10.77.0.3"
#: Nobody answers here: what is sent there is dropped.
HOLE = "10.77.0.99"
FORBIDDEN = ["127.0.0.1", "169.254.169.254", "10.0.0.5", "192.168.0.1", "172.16.0.1", "100.100.100.200", "10.77.0.200",
             "::1", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1"]

called = {}
turns = {}


def bomb():
    """10 GiB of zeros as gzip, in pieces: one compressed MiB again and again, so that making it costs nothing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    mib = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    for _ in range(10 * 1024 // 16):
        yield mib * 16


def swollen():
    """Just under 4 MiB from some 50 KiB, at no point further than allowed."""
    chance = random.Random(1)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b""
    for n in range(46):
        packed += packer.compress((b'{"data": {"x": "' if n == 0 else b"") + chance.randbytes(1000).hex()[:1000].encode() + b" " * 88_000)
        packed += packer.flush(zlib.Z_SYNC_FLUSH)
    return packed


def many():
    """A well-formed answer with as many values as fit, each for four bytes."""
    return gzip.compress(json.dumps({"data": {"debt_account": {"external_id": "X", "metadata": list(range(400_000))}}}).encode())


SWOLLEN, MANY = swollen(), many()
DEEP = b'{"data":' * 120_000
HELD = b'{"data": {"x": "' + b"x" * (1_048_576 - 17)


def head(length=None, status="200 OK", **more):
    lines = [f"HTTP/1.1 {status}", "content-type: application/json"]
    lines += [f"content-length: {length}"] if length is not None else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body, **more):
    return head(len(body), **more) + body


def to(where):
    return whole(b"{}", status="302 Found", location=where)


def data(account, **fields):
    return json.dumps({"data": {"customer": {"external_id": "C-1", "name": "Ada Lovelace"},
                                "debt_account": {"external_id": account, "balance": 1000, **fields}}}).encode()


async def drip(writer, bytes_):
    for byte in bytes_:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def pour(writer, pieces):
    for piece in pieces:
        writer.write(piece)
        await writer.drain()


async def forever(reader):
    while await reader.read(65_536):
        pass


async def answer(kind, account, reader, writer):
    match kind:
        case "good":
            writer.write(whole(data(account)))
        case "silent":
            await forever(reader)
        case "drippinghead":
            await drip(writer, whole(data(account)))
        case "drippingbody":
            body = data(account)
            writer.write(head(len(body)))
            await drip(writer, body)
        case "bomb":
            await pour(writer, itertools.chain([head(content_encoding="gzip")], bomb()))
        case "swollen":
            writer.write(head(content_encoding="gzip") + SWOLLEN)
            await forever(reader)
        case "held":
            writer.write(head(2_000_000) + HELD)
            await forever(reader)
        case "flood":
            await pour(writer, itertools.chain([head()], itertools.repeat(b" " * 65_536)))
        case "endlesshead":
            await pour(writer, itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"x-a: " + b"y" * 1000 + b"\r\n")))
        case "deep":
            writer.write(whole(DEEP))
        case "many":
            writer.write(whole(MANY, content_encoding="gzip"))
        case "toloopback":
            writer.write(to("http://127.0.0.1:8080/api/v1/organization"))
        case "tometadata":
            writer.write(to("http://169.254.169.254/latest/meta-data/iam/"))
        case "toourselves":
            writer.write(to("http://10.77.0.200:8080/metrics"))
        case "flapping":
            writer.write(whole(b"{}"))
        case "foreign":
            writer.write(whole(data("SOMEBODY-ELSES")))
        case "wrong":
            writer.write(whole(data(account, balance="1e999", current_balance=-5, tenant_id="x", paid=1)))
        case "cut":
            writer.write(head(1000) + b'{"data": {')
        case "nohttp":
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        case "broken":
            writer.write(whole(b'{"error": "down"}', status="500 Internal Server Error"))
        case _:
            writer.write(whole(b'{"error": "unknown"}', status="404 Not Found"))
    await writer.drain()


async def serve(reader, writer):
    try:
        first = await reader.readuntil(b"\r\n\r\n")
        lines = first.decode().split("\r\n")
        host = next(line[6:] for line in lines if line.lower().startswith("host: "))
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(lines[0].split()[1]).query)
        kind = host.split("-")[0]
        called[kind] = called.get(kind, 0) + 1
        own = writer.get_extra_info("sockname")[0]
        if own in FORBIDDEN:
            called[f"FORBIDDEN {own}"] = called.get(f"FORBIDDEN {own}", 0) + 1
        await answer(kind, asked.get("debt_account_external_id", [""])[0], reader, writer)
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def say_nothing(reader, writer):
    called["tls"] = called.get("tls", 0) + 1
    try:
        await forever(reader)
    except OSError:
        pass
    writer.close()


class Names(asyncio.DatagramProtocol):
    """Answers with a TTL of 0, and to every second question about some names with an address that is forbidden."""

    def connection_made(self, transport):
        self.wire = transport

    def datagram_received(self, asked, whence):
        name, at = [], 12
        while asked[at]:
            name.append(asked[at + 1 : at + 1 + asked[at]].decode())
            at += 1 + asked[at]
        type_, = struct.unpack("!H", asked[at + 1 : at + 3])
        question = asked[12 : at + 5]
        kind, number = name[0].split("-")[0], name[0].split("-")[-1]
        called["names"] = called.get("names", 0) + 1
        if kind == "nameless":
            return
        addresses = self.addresses(kind, int(number) if number.isdigit() else 0, type_)
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(type_)
        records = b""
        for address in addresses if family else []:
            packed = socket.inet_pton(family, address)
            records += b"\xc0\x0c" + struct.pack("!HHIH", type_, 1, 0, len(packed)) + packed
        called["forbidden"] = called.get("forbidden", 0) + any(address in FORBIDDEN for address in addresses if family)
        many_ = len(addresses) if family else 0
        self.wire.sendto(asked[:2] + b"\x84\x00" + struct.pack("!HHHH", 1, many_, 0, 0) + question + records, whence)

    def addresses(self, kind, number, type_):
        mine = [a for a in FORBIDDEN if (":" in a) == (type_ == 28)]
        bad = mine[number % len(mine)] if mine else None
        if kind == "hole":
            return [HOLE] if type_ == 1 else []
        if kind == "forbidden":
            return [bad]
        if kind == "both":
            return [bad] + ([HOSTS] if type_ == 1 else [])
        if kind in ("rebinding", "flapping"):
            turns[number, type_] = turn = turns.get((number, type_), random.randrange(2)) + 1
            return [bad] if turn % 2 else [HOSTS] if type_ == 1 else []
        return [GOOD if kind == "good" else HOSTS] if type_ == 1 else []


async def main():
    loop = asyncio.get_running_loop()
    if sys.argv[1:] == ["names"]:
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # SO_RCVBUFFORCE, which Python has no name for: everybody asks at once, and none of it shall be lost here.
        wire.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
        wire.setblocking(False)
        wire.bind(("0.0.0.0", 53))
        await loop.create_datagram_endpoint(Names, sock=wire)
        await asyncio.start_server(serve, GOOD, 8000, backlog=4096)
    else:
        # Also at the addresses that must not be called: a fault shall not pass because nobody was there.
        elsewhere = [address for address in FORBIDDEN if address not in ("127.0.0.1", "::1", "10.77.0.200", "fe80::1")
                     and not address.startswith(("::ffff", "64:"))]
        await asyncio.start_server(serve, [HOSTS, *elsewhere], 8000, backlog=4096)
        await asyncio.start_server(say_nothing, HOSTS, 8443, backlog=4096)
    print("listening", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(called), flush=True)
    print(json.dumps(called), flush=True)


asyncio.run(main())
