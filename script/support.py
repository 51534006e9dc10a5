"""What the programs in this directory share: build, start, wait, ask, tell, and clean up.

Everything started here ends with the script, whichever way it ends.
"""

import argparse
import atexit
import base64
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

_undo = []
_printing = threading.Lock()
_scratch = []


class Short(Exception):
    """Something fell short of what it promises."""


def say(text):
    print(text, flush=True)


def at_end(undo):
    _undo.append(undo)


def _clean_up():
    while _undo:
        _undo.pop()()


atexit.register(_clean_up)


def _ended(*_):
    """At once: threads that wait for programs of theirs would hold up an ordinary exit."""
    _clean_up()
    os._exit(143)


signal.signal(signal.SIGTERM, _ended)


def scratch(name):
    """A fresh directory that goes away with the script, unless KEEP is set. Short, since a Unix socket may live in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"qt-{name}-", dir="/tmp"))
    _scratch.append(path)
    if not os.environ.get("KEEP"):
        at_end(lambda: shutil.rmtree(path, ignore_errors=True))
    return path


def in_memory(name):
    """A fresh directory in memory where there is one, which goes away with the script."""
    place = pathlib.Path("/dev/shm")
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"qt-{name}-", dir=place if place.is_dir() else None))
    at_end(lambda: shutil.rmtree(path, ignore_errors=True))
    return path


def files_holding(secret):
    """The files of all scratch directories, databases and logs and journals alike, in which `secret` stands."""
    files = (file for home in _scratch for file in home.rglob("*") if file.is_file())
    return [file for file in files if secret.encode() in file.read_bytes()]


def build(*arguments):
    """Builds all programs of the workspace and says where they are."""
    command = ["cargo", "build", "--workspace", "--bins", *arguments]
    say(f"building: {' '.join(command)}")
    subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
    if "--profile" in arguments:
        return TARGET / arguments[arguments.index("--profile") + 1]
    return TARGET / ("release" if "--release" in arguments else "debug")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, probe, seconds=20.0, pause=0.05):
    """Asks `probe` until it gives something true, and gives that."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Short(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)


class Program:
    """A program of ours that runs beside the script."""

    def __init__(self, command, log, env=None):
        self.log = pathlib.Path(log)
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=open(self.log, "ab"),
            env={**os.environ, **(env or {})},
            text=True,
        )
        at_end(self.kill)

    def first_line(self):
        line = self.process.stdout.readline()
        if not line:
            raise Short(f"{self.process.args[0]} ended at once:\n{self.tail()}")
        return line

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def is_running(self):
        return self.process.poll() is None

    def pause(self):
        """Stops it in its tracks: it is there, and does nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, seconds=35):
        """Asks it to end, and demands that it ends well."""
        self.process.terminate()
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Short(f"{self.process.args[0]} did not stop within {seconds} s of SIGTERM") from None
        if status != 0:
            raise Short(f"{self.process.args[0]} ended with {status} after SIGTERM:\n{self.tail()}")

    def rss_mib(self):
        for line in open(f"/proc/{self.process.pid}/status", encoding="ascii"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise Short("the process has no memory")


class Demo:
    """`quittance demo` on a directory and a port of its own; it can be killed and started again on both."""

    def __init__(self, programs, directory, env=None, arguments=()):
        self.binary = programs / "quittance"
        self.directory, self.env, self.arguments = directory, env or {}, arguments
        self.address = f"127.0.0.1:{free_port()}"
        self.start()

    def start(self):
        command = [self.binary, "--data-dir", self.directory, "demo", "--json", "--listen", self.address]
        self.program = Program([*command, *self.arguments], self.directory / "log", self.env)
        told = json.loads(self.program.first_line())
        self.base, self.organization = told["base_url"], told["organization"]
        self.token, self.production_token = told["sandbox_token"], told["production_token"]
        self.origin = self.base.removesuffix("/api/v1")
        wait_until("the first answer", self.answers)

    def answers(self):
        if self.program.process.poll() is not None:
            raise Short(f"the demo ended:\n{self.program.tail()}")
        try:
            return urllib.request.urlopen(f"{self.origin}/readyz", timeout=5).status == 200
        except OSError:
            return False

    def verify(self):
        """`quittance verify`: its exit status and its JSON."""
        done = subprocess.run(
            [self.binary, "--data-dir", self.directory, "verify", "--json"],
            env={**os.environ, **self.env}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if done.returncode > 1:
            raise Short(f"verify could not read the books: {done.stderr.strip()}")
        return done.returncode, json.loads(done.stdout)


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def data(self):
        return self.json["data"]


class Api:
    """JSON in and out, with one token."""

    def __init__(self, base, token):
        self.base, self.token = base, token

    def ask(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return Answer(reply.status, reply.headers, reply.read().decode())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.headers, refusal.read().decode())

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body, **headers):
        return self.ask("POST", path, body, **headers)


class Postgres:
    """A PostgreSQL server for the script alone. Unless it is durable, nothing in it survives."""

    @staticmethod
    def binaries():
        """Where its programs are; None where it is not installed."""
        named = os.environ.get("PG_BIN")
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
        for place in [pathlib.Path(named)] if named else found[::-1]:
            if (place / "initdb").exists():
                return place
        on_path = shutil.which("initdb")
        return pathlib.Path(on_path).resolve().parent if on_path else None

    def __init__(self, durable=False):
        self.programs, self.home = self.binaries(), scratch("pg")
        if self.programs is None:
            raise Short("PostgreSQL is not installed")
        # The server refuses to run as root.
        self.as_nobody = []
        if os.geteuid() == 0:
            os.chown(self.home, 65534, 65534)
            self.as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        self.data, self.port = self.home / "data", free_port()
        self._run([self.programs / "initdb", "-D", self.data, "-U", "quittance", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"])
        self.options = ["-k", self.home, "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1"]
        self.options += ["-c", "fsync=on" if durable else "fsync=off"]
        self.url = f"postgres://quittance@127.0.0.1:{self.port}/postgres"
        self.start()

    def start(self):
        """Starts it, or starts it again after a kill; gives the seconds until it takes connections."""
        began = time.monotonic()
        while True:
            command = [*self.as_nobody, self.programs / "postgres", "-D", self.data, *self.options]
            self.program = Program(command, self.home / "log")
            program = self.program
            at_end(lambda: program.process.send_signal(signal.SIGQUIT) if program.is_running() else None)
            while program.is_running() and time.monotonic() - began < 30:
                if self.accepts():
                    return time.monotonic() - began
                time.sleep(0.02)
            # What a killed server leaves behind must be gone before the next can begin.
            if time.monotonic() - began > 30:
                raise Short(f"PostgreSQL does not start:\n{program.tail()}")
            time.sleep(0.05)

    def accepts(self):
        asked = subprocess.run(
            [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], capture_output=True
        )
        return asked.returncode == 0

    def kill(self):
        """Ends it as a power cut would: no farewell, no checkpoint."""
        self.program.kill()

    def sql(self, statement):
        """Runs SQL as the server's owner; gives the rows' first columns."""
        done = subprocess.run(
            [self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
             "-U", "quittance", "postgres", "-c", statement],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if done.returncode != 0:
            raise Short(f"SQL failed: {done.stderr.strip()}")
        return done.stdout.split()

    def _run(self, command):
        done = subprocess.run(
            [*self.as_nobody, *map(str, command)], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Short(f"{command[0]} failed: {done.stderr}")


def has_postgres():
    """Whether PostgreSQL is here. Where it is demanded it has to be."""
    here = Postgres.binaries() is not None
    if not here and os.environ.get("REQUIRE_PG"):
        raise Short("PostgreSQL is not installed")
    if not here:
        say("Left out: PostgreSQL, which is not installed")
    return here


def still_clock(postgres):
    """Makes the server's clock one that stands until it is set, in `test_clock.instant`; gives the URL that goes by it."""
    postgres.sql("CREATE SCHEMA test_clock; CREATE TABLE test_clock.instant (at timestamptz NOT NULL); "
                 "INSERT INTO test_clock.instant VALUES (now()); "
                 "CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql "
                 "AS 'SELECT at FROM test_clock.instant'")
    # Its functions come before the server's own; tables are made in `public` as ever.
    return f"{postgres.url}?options=-csearch_path%3Dpublic,test_clock,pg_catalog"


class Processor:
    """The sandbox processor as a program of its own, with its journal: the judge of what was charged."""

    def __init__(self, programs, settle_after=5, address="127.0.0.1:0", settling=()):
        self.home = scratch("processor")
        self.journal = self.home / "journal"
        command = [programs / "quittance-sandbox", "--journal", self.journal, "--listen", address]
        command += ["--settle-after-seconds", settle_after, *settling]
        self.program = Program(command, self.home / "log")
        self.url = self.program.first_line().split()[-1]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.loads(reply.read())

    def faults(self, *rules):
        """Replaces its fault script; without rules it answers everything."""
        self.ask("PUT", "/faults", list(rules))

    def callers(self):
        """How many callers wait for the answer to their charge (`submitting`), and how many went away before it (`gone`)."""
        return self.ask("GET", "/callers")


class Proxy:
    """A wire that can fail, between whoever asks and `to`."""

    def __init__(self, programs, to, seed=1):
        command = [programs / "trials", "proxy", "--to", to, "--seed", seed]
        self.program = Program(command, scratch("proxy") / "log")
        self.address, self.control = self.program.first_line().split()

    def mode(self, **mode):
        """Fails like this from now on; without arguments, not at all. Gives the figures."""
        return self._tell(json.dumps(mode))

    def figures(self):
        return self._tell("null")

    def _tell(self, line):
        host, port = self.control.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            wire.sendall(line.encode() + b"\n")
            return json.loads(wire.makefile().readline())


class Node:
    """`quittance serve`, at an address of its own, on whatever the house is on."""

    #: Seconds that its first answer may take.
    patience = 60
    #: Which lines its log has.
    lines = "info"

    def __init__(self, house, name):
        self.house, self.name = house, name
        self.log = house.home / f"{name}.log"
        self.address = f"127.0.0.1:{free_port()}"
        self.base = f"http://{self.address}"
        self.wrap = []
        self.program = None

    def start(self, wait=True):
        """Starts it; gives the milliseconds until its first answer."""
        began = time.monotonic()
        command = [*self.wrap, *self.house.command, "--log", self.lines, "serve", "--listen", self.address]
        self.program = Program([*command, "--rate-limit", "100000000"], self.log, self.house.env)
        if wait:
            wait_until(f"{self.name}'s first answer", self.answers, seconds=self.patience, pause=0.003)
        return (time.monotonic() - began) * 1000

    def answers(self, path="/readyz"):
        if not self.program.is_running():
            raise Short(f"{self.name} ended with {self.program.process.returncode}:\n{self.program.tail()}")
        try:
            return urllib.request.urlopen(self.base + path, timeout=5).status == 200
        except OSError:
            return False

    def kill(self):
        self.program.kill()

    def logged(self, words):
        """How many lines of its log hold these words."""
        return self.log.read_text(errors="replace").count(words)


class House:
    """Quittance as an operator runs it: a database, the processor beside it, organizations with tokens, and nodes."""

    #: How bank debits settle, where it is not after a few seconds.
    settling = ()

    def __init__(self, programs, engine, nodes=1, organizations=2, seed=None):
        """With a seed, the wires to the database and to the processor are proxies."""
        self.programs, self.engine, self.home = programs, engine, scratch(engine)
        self.processor = Processor(programs, settling=self.settling)
        self.postgres = Postgres(durable=True) if engine == "postgres" else None
        self.env = {"QUITTANCE_PROCESSOR_URL": self.processor.url}
        self.data = self.home / "data"
        self.command = [programs / "quittance", "--data-dir", self.data]
        self.to_database = self.to_processor = None
        if seed is not None:
            self.to_processor = Proxy(programs, self.processor.url.removeprefix("http://"), seed)
            self.env["QUITTANCE_PROCESSOR_URL"] = f"http://{self.to_processor.address}"
        if self.postgres:
            self.env["QUITTANCE_DATABASE_URL"] = self.postgres.url
            if seed is not None:
                self.to_database = Proxy(programs, f"127.0.0.1:{self.postgres.port}", seed)
                self.env["QUITTANCE_DATABASE_URL"] = f"postgres://quittance@{self.to_database.address}/postgres"
            self.env["QUITTANCE_MASTER_KEY"] = base64.b64encode(os.urandom(32)).decode()
        self.tokens = [self._organization(n) for n in range(organizations)]
        self.nodes = [Node(self, f"node-{n}") for n in range(1, nodes + 1)]

    def tell(self, *arguments, env=None):
        """A command of the program; gives what it prints."""
        done = subprocess.run(
            [*map(str, self.command), *map(str, arguments)], env={**os.environ, **self.env, **(env or {})},
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if done.returncode > 1:
            raise Short(f"quittance {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _organization(self, n):
        org = self.tell("org", "create", "--name", f"Agency {n}")
        return self.tell("token", "create", "--org", org, "--environment", "sandbox")

    def start(self):
        for node in self.nodes:
            node.start()

    def verify(self, env=None):
        """What the books say of themselves: the rows of `quittance verify`."""
        return json.loads(self.tell("verify", "--json", env=env))["checks"]

    def close(self):
        """Ends the database and the processor, and gives their room back; for scripts with many houses."""
        for program in filter(None, [self.processor.program, self.postgres and self.postgres.program]):
            program.kill()
        if not os.environ.get("KEEP"):
            for home in filter(None, [self.home, self.processor.home, self.postgres and self.postgres.home]):
                shutil.rmtree(home, ignore_errors=True)

    def where(self):
        """How `trials check` finds the books and the journal."""
        url = self.postgres and self.postgres.url
        books = ["--database-url", url] if url else ["--data-dir", self.data]
        return [*books, "--journal", self.processor.journal]

    def check(self, *histories, within=60):
        """What the checker finds, once everything is decided or `within` seconds are over: its JSON."""
        command = [self.programs / "trials", "check", *self.where(), "--final-within", within, "--json"]
        for history in histories:
            command += ["--history", history]
        done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode > 1:
            raise Short(f"the checker could not read: {done.stderr.strip()}")
        return json.loads(done.stdout)


class Load:
    """`trials load` against the nodes of a house: clients who pay, and a history of it."""

    def __init__(self, house, name="load", bases=None, **options):
        self.history = house.home / f"{name}.history"
        command = [house.programs / "trials", "load", "--history", self.history]
        for base in bases or [node.base for node in house.nodes]:
            command += ["--base", base]
        for token in house.tokens:
            command += ["--token", token]
        for option, value in options.items():
            command += [f"--{option.replace('_', '-')}"] + ([] if value is True else [value])
        self.program = Program(command, house.home / f"{name}.log")
        self.program.first_line()

    def end(self, seconds=200):
        """Lets every request come to its end; gives the summary."""
        self.program.process.terminate()
        return self.wait(seconds)

    def wait(self, seconds=600):
        try:
            told, _ = self.program.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Short(f"the load does not end:\n{self.program.tail()}") from None
        if self.program.process.returncode != 0:
            raise Short(f"the load ended with {self.program.process.returncode}:\n{self.program.tail()}")
        return json.loads(told.splitlines()[-1])


def findings(house, checked, title="", env=None):
    """Prints the checker's table and the books' own; gives the lines of what is wrong."""
    wrong, rows = [], []
    for check in [*checked["checks"], *house.verify(env)]:
        rows.append([check["name"], check["compared"], check["wrong"]])
        if check["wrong"]:
            wrong.append(f"{check['name']}: {check['wrong']} wrong, such as {check['examples'][:3]}")
    with _printing:
        say(f"\n== {title or house.engine}")
        table(rows, ["invariant", "compared", "wrong"])
    return wrong


def harness(doc):
    """The arguments that every harness takes."""
    arguments = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="small, with the debug programs: for every change")
    arguments.add_argument("--deep", action="store_true", help="large: for a night")
    arguments.add_argument("--built", action="store_true", help="use the programs that are there")
    arguments.add_argument("--seed", type=int, help="decides what happens; printed, so that it can be given again")
    return arguments


def read(arguments):
    """Reads the arguments and settles the seed."""
    asked = arguments.parse_args()
    if asked.seed is None:
        asked.seed = random.SystemRandom().randrange(1 << 32)
    say(f"seed {asked.seed}")
    return asked


def begin(arguments):
    """Reads the arguments, settles the seed and builds; gives the arguments and where the programs are."""
    asked = read(arguments)
    return asked, programs(asked)


def programs(asked):
    """Builds, unless that was done; gives where the programs are."""
    if asked.built:
        return TARGET / ("debug" if asked.quick else "fast")
    return build() if asked.quick else build("--profile", "fast")


def write_result(asked, name, about, rows, header):
    """Keeps the table of a full or deep run in `bench/`; a run of a part or of another size is not kept."""
    parts = ("only", "engine", "kills", "rate", "keys", "races", "charges", "many", "sequences")
    if asked.quick or any(getattr(asked, part, None) for part in parts):
        return
    lines = [f"# {about}", "", f"{datetime.date.today()}, seed {asked.seed}, {os.cpu_count()} cores.", ""]
    lines += ["| " + " | ".join(map(str, header)) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    path = ROOT / "bench" / f"{name}{'-deep' if asked.deep else ''}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    say(f"written to {path.relative_to(ROOT)}")


def verdict(asked, wrong):
    """The end of a harness: what is wrong, and the seed that shows it again."""
    for line in wrong:
        say(f"WRONG  {line}")
    if wrong:
        raise Short(f"{len(wrong)} wrong; again with --seed {asked.seed}")
    return 0


def start_processor(programs):
    """The sandbox processor as a program of its own; gives its address."""
    return Processor(programs, settle_after=60).url


def on_postgres(programs):
    """The environment that puts Quittance on PostgreSQL, with what it needs running."""
    key = base64.b64encode(os.urandom(32)).decode()
    return {
        "QUITTANCE_DATABASE_URL": Postgres().url,
        "QUITTANCE_MASTER_KEY": key,
        "QUITTANCE_PROCESSOR_URL": start_processor(programs),
    }


def table(rows, header):
    """A small table: the first column to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    for index, row in enumerate(rows):
        cells = [cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))]
        say("  ".join(cells).rstrip())
        if index == 0:
            say("  ".join("-" * w for w in widths))


def run(main):
    """Runs a script's main; what falls short is one line and exit status 1."""
    try:
        sys.exit(main())
    except Short as short:
        say(f"FELL SHORT: {short}")
        sys.exit(1)
    except subprocess.CalledProcessError as failed:
        say(f"FELL SHORT: {' '.join(map(str, failed.cmd))} ended with {failed.returncode}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
