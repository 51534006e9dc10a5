"""What the programs in this directory share: build, start, wait, ask, tell, and clean up.

Everything started here ends with the script, whichever way it ends.
"""

import atexit
import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

_undo = []
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
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def scratch(name):
    """A fresh directory that goes away with the script. Short, since a Unix socket may live in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"qt-{name}-", dir="/tmp"))
    _scratch.append(path)
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
    """A PostgreSQL server for the script alone: nothing in it survives."""

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

    def __init__(self):
        binaries, self.home = self.binaries(), scratch("pg")
        # The server refuses to run as root.
        self.as_nobody = []
        if os.geteuid() == 0:
            os.chown(self.home, 65534, 65534)
            self.as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        data, self.port = self.home / "data", free_port()
        self._run([binaries / "initdb", "-D", data, "-U", "quittance", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"])
        options = ["-k", self.home, "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        self.program = Program([*self.as_nobody, binaries / "postgres", "-D", data, *options], self.home / "log")
        at_end(lambda: self.program.process.send_signal(signal.SIGQUIT) if self.program.process.poll() is None else None)
        self.url = f"postgres://quittance@127.0.0.1:{self.port}/postgres"
        wait_until("PostgreSQL", lambda: "ready to accept connections" in self.program.log.read_text(errors="replace"))

    def _run(self, command):
        done = subprocess.run(
            [*self.as_nobody, *map(str, command)], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Short(f"{command[0]} failed: {done.stderr}")


def start_processor(programs):
    """The sandbox processor as a program of its own; gives its address."""
    home = scratch("processor")
    program = Program([programs / "quittance-sandbox", "--journal", home / "journal", "--listen", "127.0.0.1:0"], home / "log")
    return program.first_line().split()[-1]


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
