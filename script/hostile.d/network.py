"""A network of the test's own, in which a server of ours stands among hosts that mean harm; and the kernel counts what it sends.

Needs root, for two network namespaces (`ip netns`) with one wire between them and no way out: the server stands in one,
the hosts and their name server in the other, at private addresses that QUITTANCE_EGRESS_ALLOW names. The kernel counts
(nftables) what the server sends anywhere else; everything else that is private has a route to the hostile side, so that
a packet would leave and be seen. Missing programs are installed from Debian's packages. Both namespaces go away with
the script.
"""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import time
import uuid

import support
from support import Postgres, Program, Short, say

HERE = pathlib.Path(__file__).resolve().parent
#: The server's own address is outside of what is allowed: it must not be had call itself.
SERVER, WORLD, ALLOWED = "10.77.0.200", "10.77.0.1", "10.77.0.0/25,fd77::/120"
API = f"{SERVER}:8080"

#: What is the server's own business, or remembers how an endpoint fares. Everything else must stay as it is.
NOT_BUSINESS = {"jit_endpoint", "jit_flight", "token", "processor_watch", "schema_step", "schema_lease"}

ALLOWED_RANGES = {"hosts": "ip daddr 10.77.0.0/25", "hosts by IPv6": "ip6 daddr fd77::/120"}
#: The first range that fits counts a packet.
RANGES = ALLOWED_RANGES | {
    "loopback": "ip daddr 127.0.0.0/8", "link local": "ip daddr 169.254.0.0/16", "10/8": "ip daddr 10.0.0.0/8",
    "172.16/12": "ip daddr 172.16.0.0/12", "192.168/16": "ip daddr 192.168.0.0/16", "100.64/10": "ip daddr 100.64.0.0/10",
    "IPv6 loopback": "ip6 daddr ::1", "IPv6 private": "ip6 daddr fc00::/7", "IPv6 link local": "ip6 daddr fe80::/10",
    "IPv4 in IPv6": "ip6 daddr { ::ffff:0:0/96, 64:ff9b::/96, 2002::/16 }", "elsewhere": "meta l4proto { tcp, udp }",
}


def run(*command, check=True):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise Short(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


class Network:
    """Two namespaces, the wire between them, and the counters on the server's side of it."""

    def __init__(self):
        if os.geteuid() != 0:
            raise Short("making network namespaces needs root")
        missing = [package for program, package in (("ip", "iproute2"), ("nft", "nftables")) if not shutil.which(program)]
        if missing:
            say(f"installing {' and '.join(missing)} from Debian's packages")
            run("apt-get", "install", "-y", *missing)
        mark = os.getpid() % 100_000
        self.server, self.world = f"qtj{mark}s", f"qtj{mark}w"
        support.at_end(self.close)
        say(f"two network namespaces, {self.server} and {self.world}, with no way out; removed at the end")
        self.etc = pathlib.Path("/etc/netns") / self.server
        self.made_netns = not self.etc.parent.exists()
        self.etc.mkdir(parents=True)
        (self.etc / "resolv.conf").write_text(f"nameserver {WORLD}\n")
        (self.etc / "nsswitch.conf").write_text("hosts: files dns\n")
        (self.etc / "hosts").write_text("127.0.0.1 localhost\n")
        for name in (self.server, self.world):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "link", "add", "wire", "netns", self.server, "type", "veth", "peer", "name", "wire", "netns", self.world)
        here, there = ("ip", "-n", self.server), ("ip", "-n", self.world)
        run(*here, "address", "add", f"{SERVER}/24", "dev", "wire")
        run(*here, "address", "add", "fd77::200/64", "dev", "wire", "nodad")
        for host in (WORLD, "10.77.0.2", "10.77.0.3", "10.77.0.99"):
            run(*there, "address", "add", f"{host}/24", "dev", "wire")
        run(*there, "address", "add", "fd77::1/64", "dev", "wire", "nodad")
        # Whoever is called by mistake answers: a fault shall not pass because nobody was there.
        for address in ("169.254.169.254", "10.0.0.5", "192.168.0.1", "172.16.0.1", "100.100.100.200"):
            run(*there, "address", "add", f"{address}/32", "dev", "lo")
        run(*there, "address", "add", "fd00:ec2::254/128", "dev", "lo", "nodad")
        for way in (here, there):
            run(*way, "link", "set", "wire", "up")
        run(*here, "route", "add", "default", "via", WORLD)
        run(*here, "-6", "route", "add", "default", "via", "fd77::1")
        counters = "".join(f"counter c{n} {{ }}\n" for n in range(len(RANGES)))
        counted = "".join(f"{rule} counter name c{n} accept\n" for n, rule in enumerate(RANGES.values()))
        # What is not TCP or UDP is neighbors finding each other.
        self._nft(self.server, f"""table inet watch {{
            {counters}
            chain out {{
              type filter hook output priority 0; policy accept;
              meta l4proto != {{ tcp, udp }} accept
              {counted}
            }}
        }}""")
        self._nft(self.world, """table inet hole {
            chain in {
              type filter hook input priority 0; policy accept;
              ip daddr 10.77.0.99 drop
            }
        }""")

    def _nft(self, where, rules):
        done = subprocess.run(self.inside(where, "nft", "-f", "-"), input=rules, capture_output=True, text=True)
        if done.returncode != 0:
            raise Short(f"nftables: {done.stderr.strip()}")

    def inside(self, where, *command):
        return ["ip", "netns", "exec", where, *map(str, command)]

    def forbidden(self):
        """Packets that were sent where none may go, by range."""
        told = json.loads(run(*self.inside(self.server, "nft", "-j", "list", "counters")))
        counted = {one["counter"]["name"]: one["counter"]["packets"] for one in told["nftables"] if "counter" in one}
        return {name: counted[f"c{n}"] for n, name in enumerate(RANGES) if name not in ALLOWED_RANGES and counted[f"c{n}"]}

    def close(self):
        for name in (self.server, self.world):
            run("ip", "netns", "del", name, check=False)
        shutil.rmtree(self.etc, ignore_errors=True)
        if self.made_netns:
            try:
                self.etc.parent.rmdir()
            except OSError:
                pass


class Talk:
    """A program of ours in the hostile namespace that is told and tells line by line."""

    def __init__(self, network, name, home, *arguments, before=()):
        self.log = home / f"{name}.log"
        self.process = subprocess.Popen(
            network.inside(network.world, *before, "python3", HERE / f"{name}.py", *arguments), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(self.log, "ab"),
        )
        support.at_end(self.close)

    def say(self, line=""):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Short(f"{self.log.stem} ended: {self.log.read_text()[-800:]}")
        return line

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Installation:
    """Quittance in its namespace, and the organizations that use it."""

    def __init__(self, programs, engine, network, many):
        self.engine, self.network, self.home = engine, network, support.scratch(f"hostile-{engine}")
        self.env = {"QUITTANCE_LOG": "info,adapters=warn"}
        self.command = [programs / "quittance", "--data-dir", self.home / "data"]
        self.postgres = None
        if engine == "postgres":
            self.postgres = Postgres()
            # Over its socket: nothing but the hosts is reached through the network.
            self.env["QUITTANCE_DATABASE_URL"] = f"postgres://quittance@/postgres?host={self.postgres.home}&port={self.postgres.port}"
            self.env["QUITTANCE_MASTER_KEY"] = base64.b64encode(os.urandom(32)).decode()
            self.env["QUITTANCE_PROCESSOR_URL"] = f"http://{WORLD}:4010"
            # Beyond its own machine a processor wants a secret.
            secret = self.home / "processor-secret"
            secret.write_text(self.env.setdefault("QUITTANCE_PROCESSOR_SECRET", os.urandom(16).hex()))
            sandbox = [programs / "quittance-sandbox", "--journal", self.home / "journal", "--listen", f"{WORLD}:4010"]
            sandbox += ["--secret-file", secret]
            Program(network.inside(network.world, *sandbox), self.home / "sandbox.log").first_line()
        self.tokens, began = [], time.monotonic()
        for n in range(many + 1):
            self.org = self.tell("org", "create", "--name", f"Agency {n}")
            self.tokens.append(self.tell("token", "create", "--org", self.org, "--environment", "sandbox"))
        self.good = self.tokens.pop()
        say(f"{engine}: {many + 1} organizations made in {time.monotonic() - began:.0f} s")

    def serve(self, allow):
        """Starts the server, which may call these ranges beside the internet."""
        serve = [*self.command, "serve", "--listen", API, "--rate-limit", "100000000"]
        log = self.home / f"log-{time.monotonic_ns()}"
        self.program = Program(self.network.inside(self.network.server, *serve), log, self.env | {"QUITTANCE_EGRESS_ALLOW": allow})
        support.wait_until("the server", lambda: "ready:" in log.read_text() or not self.program.is_running())
        if not self.program.is_running():
            raise Short(f"the server ended:\n{self.program.tail()}")

    def tell(self, *arguments):
        done = subprocess.run([*map(str, self.command), *map(str, arguments)], env={**os.environ, **self.env},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise Short(f"quittance {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def memory(self, line):
        for text in open(f"/proc/{self.program.process.pid}/status", encoding="ascii"):
            if text.startswith(line):
                return int(text.split()[1]) / 1024
        raise Short("the process has no memory")

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.program.process.pid}/clear_refs").write_text("5")

    def _lite(self):
        return sqlite3.connect(f"file:{self.home / 'data' / 'quittance.db'}?mode=ro", uri=True)

    def settled(self):
        """The digests, once nothing changes by itself any more: events get their places a little later."""
        last = [None]

        def the_same():
            before, last[0] = last[0], self.rows()
            return before == last[0]

        support.wait_until("the rows to come to rest", the_same, seconds=90, pause=1.5)
        return last[0]

    def rows(self):
        """A digest of each table, of what is not the neighbor's."""
        if self.postgres:
            tables = self.postgres.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            with_tenant = set(self.postgres.sql("SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'"))
            mine = lambda table: (f"WHERE tenant_id NOT IN (SELECT id FROM tenant WHERE organization_id = '{self.org}')"
                                  if table in with_tenant else "")
            digest = lambda table: self.postgres.sql(
                f"SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {table} AS t {mine(table)}")[0]
            return {table: digest(table) for table in tables if table not in NOT_BUSINESS}
        told = {}
        with self._lite() as books:
            for (table,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1").fetchall():
                if table in NOT_BUSINESS or table.startswith("sqlite_"):
                    continue
                has_tenant = any(column[1] == "tenant_id" for column in books.execute(f"PRAGMA table_info({table})"))
                where = "WHERE tenant_id NOT IN (SELECT id FROM tenant WHERE organization_id = ?)" if has_tenant else ""
                rows = books.execute(f"SELECT * FROM {table} {where}", (uuid.UUID(self.org).bytes,) if has_tenant else ())
                told[table] = hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
        return told

    def open_transactions(self):
        """How many connections to PostgreSQL stand in a transaction without doing anything, or do one thing for long."""
        return int(self.postgres.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'quittance' AND "
            "(state LIKE 'idle in transaction%' AND now() - state_change > interval '0.2 s' OR now() - xact_start > interval '1 s')")[0])

    def close(self):
        self.program.stop()
        if self.postgres:
            self.postgres.program.kill()
