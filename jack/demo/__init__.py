"""`bin/jack demo`: a hotel with made-up data, served on this machine only, deleted at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from flask import Flask

from jack.core import events, process_limits, sealing
from jack.core.config import ROOT, Config
from jack.core.config import read as read_settings
from jack.core.db import Database
from jack.core.migrations import instance_id, migrate
from jack.core.signing_key import secret_key
from jack.demo import simulators
from jack.demo.data import Member, read
from jack.demo.receptionist import Receptionist
from jack.demo.seed import fill
from jack.demo.timeline import Timeline
from jack.operations.serve import COMMANDS, probe_port
from jack.operations.terminal import CommandRefused, say
from jack.resources.auth import passwords, tokens
from jack.resources.settings import store as settings
from jack.resources.settings.values import JsonObject

HOST = "127.0.0.1"
PORTS_TRIED = 50
TIMEOUT = 20.0  # seconds
WORDS = (
    "adobe", "agave", "bahia", "cacao", "canto", "ceiba", "cielo", "coral", "fuente", "hamaca", "jaguar", "laguna",
    "limon", "luna", "mango", "nube", "palma", "patio", "sol", "tuna",
)  # fmt: skip

WELCOME = """
{hotel} is open at {url}    (Ctrl-C closes it and deletes everything)

  That is the staff page. Sign in there as{logins}

  The API, to read and to try   {url}/api/v1/docs
  The guests' chat              {url}/chat

  On WhatsApp, SMS, e-mail and the chat, somebody is writing to you just now. They are made up, and so are their
  providers; answer them on the page, or through the API, and they go on.

  Three calls, as {first} (paste the first line before the others):

    TOKEN={token}

    curl -H "Authorization: Bearer $TOKEN" '{url}/api/v1/guests?search=john&tag=vip'

    curl -H "Authorization: Bearer $TOKEN" '{url}/api/v1/tasks?status=open&priority=urgent&department=housekeeping'

    curl -X PATCH {url}/api/v1/conversations/conv-123 -H "Authorization: Bearer $TOKEN" \\
         -H 'Content-Type: application/json' -d '{{"status": "closed", "assignee": "staff-123"}}'
"""


@dataclass(frozen=True)
class Demo:
    """A hotel that was made: the text to show, a token for the receptionist, the `seq` of its last event."""

    welcome: str
    token: str
    latest: int


def show(environment: Mapping[str, str]) -> None:
    """Make the hotel, serve it until Ctrl-C or SIGTERM, delete it."""
    process_limits.ensure()
    port = free_port(read_settings({"PORT": environment.get("PORT", "")}).port)
    with _interruptible(), _folder() as folder:
        own = {"JACK_INSTANCE": str(folder / "instance"), "JACK_HOST": HOST, "PORT": str(port)}
        config, isolated = read_settings(own), _only(own, environment)
        with simulators.running(config.base_url, isolated) as program:
            made = make(config, program.accounts)
            with _served(isolated, config) as server, _receptionist(config, made):
                say(made.welcome)
                server.wait()
                raise CommandRefused("The server ended by itself; its output is above.")


@contextmanager
def _receptionist(config: Config, made: Demo) -> Iterator[None]:
    """Run the receptionist for the length of the block."""
    receptionist = Receptionist(config.port, made.token, made.latest)
    receptionist.start()
    try:
        yield
    finally:
        receptionist.stop()


def make(config: Config, accounts: Callable[[], Mapping[str, JsonObject]] = dict) -> Demo:
    """Fill an instance. `accounts` returns the settings of its channels; it is called last, since it may take a moment."""
    config.instance.mkdir(mode=0o700)
    logins, hashes = _passwords()
    timeline = Timeline(time.time())
    db = Database(config.database, time=timeline.time)
    try:
        sealing.configure(config.database, config.secret)
        migrate(db)
        fill(db, timeline, hashes)
        token, receptionist = (_token(config, db, id) for id in ("staff-101", "staff-123"))
        for key, value in accounts().items():
            settings.put(db, key, value, by="staff-101")
        return Demo(_welcome(config, logins, token), receptionist, events.edges(db)[1])
    finally:
        db.close()


def _passwords() -> tuple[dict[str, str], dict[str, str]]:
    """Passwords of those who can sign in, and everybody's hashes, by key. The others get one that is not shown."""
    members: list[Member] = read("staff")
    keys = [member["key"] for member in members]
    logins = {member["key"]: _new_password() for member in members if member.get("login")}
    unknown = passwords.hashed(secrets.token_urlsafe(24))
    return logins, dict.fromkeys(keys, unknown) | {
        key: passwords.hashed(password) for key, password in logins.items()
    }


def _new_password() -> str:
    return f"{secrets.choice(WORDS)}-{secrets.choice(WORDS)}-{secrets.randbelow(90_000) + 10_000}"


def _token(config: Config, db: Database, staff_id: str) -> str:
    """A token, as a sign-in issues it."""
    app = Flask("demo")
    tokens.init_app(app, secret=secret_key(config), instance_id=instance_id(db))
    with app.app_context():
        return str(tokens.issue(db, staff_id, hours=config.token_hours)["token"])


def _welcome(config: Config, logins: dict[str, str], token: str) -> str:
    members: list[Member] = [member for member in read("staff") if member["key"] in logins]
    lines = [
        f"\n    {member['role']:<8} {member['email']:<26} {logins[member['key']]}"
        for member in members
    ]
    return WELCOME.format(
        hotel=read("settings")["hotel"]["name"],
        url=config.base_url,
        logins="".join(lines),
        first=members[0]["name"],
        token=token,
    )


def free_port(first: int) -> int:
    """This port, or the next one that nobody listens on."""
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        with suppress(OSError):
            probe_port(HOST, port)
            return port
    raise CommandRefused(
        f"The ports from {first} on are all taken. Choose another one: PORT=18000 make demo"
    )


def _only(own: dict[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with `own` as Jack's only settings: those of a real instance, also of `.env`, are unset."""
    unset = dict.fromkeys((name for name in environment if name.startswith("JACK_")), "")
    return {**os.environ, **unset, **own}


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jack-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        say("\nThe demo is closed and deleted.")


@contextmanager
def _interruptible() -> Iterator[None]:
    """End the block at SIGINT, SIGTERM and SIGHUP, which are then ignored while the demo is deleted."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(*_: object) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in signals:
        signal.signal(number, end)
    with suppress(KeyboardInterrupt):
        yield


@contextmanager
def _served(environment: dict[str, str], config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """Serve on the port for the length of the block. Ctrl-C does not reach the server, which is terminated at the end."""
    server = subprocess.Popen(COMMANDS["granian"], cwd=ROOT, env=environment, process_group=0)  # noqa: S603 (our own)
    try:
        _wait_until_ready(server, config.port)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server answers. Raises CommandRefused when it does not."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        connection = HTTPConnection(HOST, port, timeout=TIMEOUT)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):  # not yet
            time.sleep(0.05)
        finally:
            connection.close()
    raise CommandRefused("The server did not start; its output is above.")
