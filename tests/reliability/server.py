"""The real servers with the deployed configuration, gunicorn and granian, as a process group that can be killed whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jack import create_app
from jack.resources.auth import tokens
from jack.resources.staff import store as staff
from tests.ports import free_port
from tests.reliability.client import LOST, Client

ROOT = Path(__file__).resolve().parents[2]
ADMIN = {"email": "ada@hotel.example", "password": "correct horse battery"}
PATIENCE = 30.0
NO_LIMITS = {
    "JACK_RATE_LIMIT": "1000000/minute",
    "JACK_RATE_LIMIT_WEBHOOKS": "1000000/minute",
    "JACK_RATE_LIMIT_WEBHOOKS_REFUSED": "1000000/minute",
    "JACK_RATE_LIMIT_PAGE": "1000000/minute",
    "JACK_RATE_LIMIT_BULK": "1000000/minute",
    "JACK_RATE_LIMIT_CHAT": "1000000/minute",
    "JACK_RATE_LIMIT_CHAT_SESSIONS": "1000000/minute",
    "JACK_LOGIN_FAILURES": "1000000/minute",
    "JACK_LOGIN_FAILURES_ADDRESS": "1000000/minute",
    "JACK_LOGIN_LETTERS": "1000000/minute",
}
# A program whose speed is measured is not to be watched by coverage at the same time.
NOT_INHERITED = ("JACK_", "PORT", "WEB_CONCURRENCY", "GUNICORN_", "COVERAGE_")


def clean_environment(**settings: str) -> dict[str, str]:
    """This process's environment without what would change Jack, and with these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return kept | settings


@dataclass
class Server:
    """Jack on a free port of loopback, with an instance folder of its own."""

    folder: Path
    workers: int = 2
    settings: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    disk: Path | None = None
    program: str = "gunicorn"  # or granian
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def instance(self) -> Path:
        return self.disk or self.folder / "instance"

    @property
    def database(self) -> Path:
        return self.instance / "jack.db"

    @property
    def log(self) -> Path:
        return self.folder / "gunicorn.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def command(self) -> list[str]:
        if self.program == "granian":
            return [sys.executable, "deploy/granian_server.py"]
        return [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", *self.options]

    def environment(self) -> dict[str, str]:
        return clean_environment(
            JACK_INSTANCE=str(self.instance),
            JACK_BIND=f"127.0.0.1:{self.port}",
            JACK_ADMIN_EMAIL=ADMIN["email"],
            JACK_ADMIN_PASSWORD=ADMIN["password"],
            WEB_CONCURRENCY=str(self.workers),
            **{**NO_LIMITS, **self.settings},
        )

    def start(self, probe: Callable[[], int] | None = None) -> float:
        """Start it; returns the seconds until the first 200, of `probe` or of /healthz."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        healthz = Client(self.port, prefix="")
        self._until_it_answers(began, probe or (lambda: healthz.get("/healthz").status))
        return time.monotonic() - began

    def _until_it_answers(self, began: float, probe: Callable[[], int]) -> None:
        while True:
            with suppress(*LOST):
                if probe() == 200:
                    return
            if self.process is None or self.process.poll() is not None:
                pytest.fail(f"{self.program} did not start:\n{self.said()}")
            if time.monotonic() - began > PATIENCE:
                self.kill()
                pytest.fail(f"{self.program} does not answer:\n{self.said()}")
            time.sleep(0.01)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-6000:]

    def complaints(self) -> list[str]:
        """What it logged that no test expects: crashes of requests, of the worker, of a process."""
        bad = ("crashed", "failed with", "failed to boot", "A request failed", "SIGSEGV", "SIGBUS")
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in bad)]

    def kill(self) -> None:
        """kill -9 to all of it at once, and wait until nobody is left."""
        if self.process is None:
            return
        members = self.children()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + PATIENCE
        while any(alive(pid) for pid in members):
            assert time.monotonic() < deadline, "a killed process is still there"
            time.sleep(0.002)

    def terminate(self) -> None:
        """Ask it to end, as systemd would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """End it politely, insist if need be; returns its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.terminate()
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            code = -9
        self.kill()
        return code

    # -------------------------------------------------------------------------------------------- its processes

    def kept_waiting(self) -> float:
        """Seconds its processes stood in the queue for a processor that other programs had: no fault of theirs."""
        waits = {pid: _waited(pid) for pid in (self.pid, *self.children())}
        return waits.pop(self.pid) + max(waits.values(), default=0.0)

    def descriptors(self) -> int:
        """How many files its worker processes hold open."""
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.children())

    def memory(self) -> int:
        """Bytes its worker processes use, shared pages counted in proportion (PSS)."""
        return sum(_pss(pid) for pid in self.children())

    def children(self) -> list[int]:
        """The pids of its worker processes."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        with suppress(OSError):
            return [int(pid) for pid in listed.read_text().split()]
        found = subprocess.run(
            ["pgrep", "-P", str(self.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]

    def ready_children(self) -> list[int]:
        """The pids of its worker processes once all of them answer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            pids = self.children()
            # One that is dying lets its successor answer in its place: they have to be the same after it.
            answering = len(pids) == self.workers and all(map(self._answers_alone, pids))
            if answering and self.children() == pids:
                return pids
            time.sleep(0.05)
        pytest.fail(f"not all workers came up:\n{self.said()}")

    def _answers_alone(self, pid: int) -> bool:
        with self.only(pid), suppress(*LOST):
            return Client(self.port, timeout=0.5, prefix="").get("/healthz").status == 200
        return False

    def kill_one(self, pid: int) -> None:
        """kill -9 to one of its worker processes."""
        assert pid in self.children()
        os.kill(pid, signal.SIGKILL)

    @contextmanager
    def only(self, pid: int) -> Iterator[None]:
        """Hold all worker processes but one, so that this one answers."""
        others = [child for child in self.children() if child != pid]
        for other in others:
            os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            for other in others:
                with suppress(ProcessLookupError):
                    os.kill(other, signal.SIGCONT)

    # -------------------------------------------------------------------------------------------- its people

    def nobody(self) -> Client:
        return Client(self.port)

    def sign_in(self, email: str = ADMIN["email"], password: str = ADMIN["password"]) -> Client:
        """A member of staff at a client."""
        answer = self.nobody().post("/auth/login", {"email": email, "password": password})
        assert answer.status == 200, answer.body
        return Client(self.port, answer.data["token"])

    def hire(self, admin: Client, role: str, name: str) -> tuple[str, Client]:
        """A new member of staff who has accepted their invitation: their id, and their client."""
        email = f"{name.lower()}@hotel.example"
        made = admin.post("/staff", {"name": name, "email": email, "role": role})
        assert made.status == 201, made.body
        accepted = self.nobody().post(
            "/auth/accept-invite",
            {"token": made.data["invite"]["token"], "password": ADMIN["password"]},
        )
        assert accepted.status == 200, accepted.body
        return made.data["id"], Client(self.port, accepted.data["token"])

    def insider(self, role: str = "staff") -> Client:
        """A new member of staff whose token was made behind the counter: no call of theirs is counted yet."""
        app = create_app({"JACK_INSTANCE": str(self.instance)})
        db = app.extensions["jack"].databases.get()
        try:
            email = f"{os.urandom(6).hex()}@hotel.example"
            member = staff.create(db, name="Sam Test", email=email, role=role)
            with app.app_context():
                return Client(self.port, tokens.issue(db, member["id"], hours=24)["token"])
        finally:
            app.extensions["jack"].databases.close()

    def visitor(self, **fields: str) -> Client:
        """A web visitor with a chat of their own."""
        answer = self.nobody().post("/webchat/sessions", fields)
        assert answer.status == 201, answer.body
        return Client(self.port, answer.data["token"])

    def conversation(self, admin: Client) -> str:
        """The id of a web conversation that a new visitor has begun."""
        said = self.visitor().post(
            "/webchat/messages", {"content": "Hola", "clientMessageId": "first"}
        )
        assert said.status == 201, said.body
        found = admin.get("/conversations?limit=1")
        return str(found.json()["data"][0]["id"])


def alive(pid: int) -> bool:
    """Whether a process runs: one that has ended and waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    except ProcessLookupError:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _waited(pid: int) -> float:
    """Seconds in the run queue, as Linux counts them."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
