"""A throwaway hotel to look around in: made in a moment, served on this machine only, deleted at the end."""

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
from typing import Any

from flask import Flask

from jack.core import events
from jack.core.config import ROOT, Config, secret_key
from jack.core.config import read as read_settings
from jack.core.db import Database
from jack.core.migrations import instance_id, migrate
from jack.demo.desk import Desk
from jack.demo.seed import fill
from jack.demo.story import Story, read
from jack.demo.street import outside
from jack.operations.serve import COMMAND, probe_port
from jack.operations.terminal import CommandRefused, say
from jack.resources.auth import passwords, tokens
from jack.resources.settings import store as settings

HOST = "127.0.0.1"
PORTS_TRIED = 50
PATIENCE = 20.0
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
class Opening:
    """A hotel that can be opened: what to tell whoever looks at it, a token for the desk, the last event of its past."""

    told: str
    token: str
    latest: int


def show(environment: Mapping[str, str]) -> None:
    """Make the hotel, serve it until Ctrl-C or SIGTERM, delete it."""
    port = free_port(read_settings({"PORT": environment.get("PORT", "")}).port)
    with _interruptible(), _folder() as folder:
        own = {"JACK_INSTANCE": str(folder / "instance"), "JACK_HOST": HOST, "PORT": str(port)}
        config, alone = read_settings(own), _only(own, environment)
        with outside(config.base_url, alone) as street:
            opening = make(config, street.accounts)
            with _served(alone, config) as server, _desk(config, opening):
                say(opening.told)
                server.wait()
                raise CommandRefused("The server ended by itself; what it said is above.")


@contextmanager
def _desk(config: Config, opening: Opening) -> Iterator[None]:
    """Somebody at the front desk for the length of the block."""
    desk = Desk(config.port, opening.token, opening.latest)
    desk.start()
    try:
        yield
    finally:
        desk.stop()


def make(config: Config, accounts: Callable[[], Mapping[str, Any]] = dict) -> Opening:
    """Fill an instance. `accounts` are the settings of its channels, asked for last: they may take a moment."""
    config.instance.mkdir(mode=0o700)
    logins, hashes = _passwords()
    story = Story(time.time())
    db = Database(config.database, time=story.time)
    try:
        migrate(db)
        fill(db, story, hashes)
        token, desk = (_token(config, db, id) for id in ("staff-101", "staff-123"))
        for key, value in accounts().items():
            settings.put(db, key, value, by="staff-101")
        return Opening(_told(config, logins, token), desk, events.edges(db)[1])
    finally:
        db.close()


def _passwords() -> tuple[dict[str, str], dict[str, str]]:
    """Passwords for those who can sign in, and everybody's hashes; the others' password nobody knows."""
    keys = {member["key"]: member.get("login", False) for member in read("staff")}
    logins = {key: _new_password() for key, login in keys.items() if login}
    unknown = passwords.hashed(secrets.token_urlsafe(24))
    return logins, dict.fromkeys(keys, unknown) | {
        key: passwords.hashed(password) for key, password in logins.items()
    }


def _new_password() -> str:
    return f"{secrets.choice(WORDS)}-{secrets.choice(WORDS)}-{secrets.randbelow(90_000) + 10_000}"


def _token(config: Config, db: Database, staff_id: str) -> str:
    """A token as signing in gives one."""
    app = Flask("demo")
    tokens.init_app(app, secret=secret_key(config), instance_id=instance_id(db))
    with app.app_context():
        return str(tokens.issue(db, staff_id, hours=config.token_hours)["token"])


def _told(config: Config, logins: dict[str, str], token: str) -> str:
    people: list[dict[str, Any]] = [member for member in read("staff") if member["key"] in logins]
    lines = [
        f"\n    {member['role']:<8} {member['email']:<26} {logins[member['key']]}"
        for member in people
    ]
    return WELCOME.format(
        hotel=read("settings")["hotel"]["name"],
        url=config.base_url,
        logins="".join(lines),
        first=people[0]["name"],
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
    """This process's environment with these settings, and none of the hotel's own (not those of `.env` either)."""
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
    """End at Ctrl-C, SIGTERM and a closed terminal alike, and let nothing interrupt the clearing away."""
    endings = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(*_: object) -> None:
        for ending in endings:
            signal.signal(ending, signal.SIG_IGN)
        raise KeyboardInterrupt

    for ending in endings:
        signal.signal(ending, end)
    with suppress(KeyboardInterrupt):
        yield


@contextmanager
def _served(environment: dict[str, str], config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """Jack on the port for the length of the block; Ctrl-C is for this process, which then ends it in good order."""
    server = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, process_group=0)  # noqa: S603 (our own)
    try:
        _await(server, config.port)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers. Raises CommandRefused when it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        line = HTTPConnection(HOST, port, timeout=PATIENCE)
        try:
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        except (OSError, HTTPException):  # not yet
            time.sleep(0.05)
        finally:
            line.close()
    raise CommandRefused("The server did not start; what it said is above.")
