"""Starting the server: checks before, what to do next, then this process becomes the server."""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from jack.core import process_limits, sealing
from jack.core.atomic_file import make_folder
from jack.core.config import BadSetting
from jack.core.databases import Databases
from jack.core.db import Database
from jack.core.errors import Unavailable
from jack.core.file_locks import is_locked
from jack.core.places import COMMAND, EXECUTABLE, INSTALLATION, ROOT, START
from jack.core.service_unit import installed
from jack.core.signing_key import secret_key
from jack.messaging.outgoing import SigningContext
from jack.operations import bootstrap
from jack.operations.terminal import CommandRefused, say
from jack.resources.auth import sessions
from jack.worker.loop import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.config import Config

COMMANDS = {
    "granian": (sys.executable, str(ROOT / "deploy/granian_server.py")),
    "gunicorn": (
        *(sys.executable, "-m", "gunicorn"),
        *("-c", str(ROOT / "deploy/gunicorn.conf.py"), "wsgi:app"),
    ),
}

WELCOME = """
Jack serves at {url}{how_to_end}

{first}

  The staff's page:                   {url}/
  The API, to read and to try:        {url}/api/v1/docs
  The guests' chat:                   {url}/chat
"""

# Behind a unix socket, when nobody has said under which address the world reaches it.
WITHOUT_ADDRESS = """
Jack serves at {bind}, for a proxy in front of it (deploy/nginx.conf, deploy/Caddyfile).

  The address under which the world reaches it is not known, so there are no links: put it into the settings, such as
  JACK_PUBLIC_URL=https://jack.example.com (a service of systemd has them in /etc/jack/jack.env), and start Jack again.
"""

FIRST_ADMIN = """\
  There is no administrator yet. Within 30 minutes, open this link and choose a password:

    {link}

  Or type, in another terminal:       {command} create-admin --email you@example.com --name "Your name"
  Another link:                       {command} setup-link

  Try whether it answers:             curl {url}/healthz"""

EXPOSED = """\
  Exposed: whoever reaches {host} port {port} over the network reaches Jack, and passwords cross it unencrypted.
  What to do: put a proxy with TLS in front (deploy/nginx.conf), or leave JACK_HOST out to serve this machine only.
"""

SIGN_IN = """\
  Sign in with your e-mail and password; the token in the answer opens everything else:

    curl {url}/api/v1/auth/login -H 'Content-Type: application/json' \\
         -d '{{"email": "you@example.com", "password": "…"}}'
    curl {url}/api/v1/conversations -H 'Authorization: Bearer TOKEN'"""


def run(config: Config, environment: Mapping[str, str]) -> None:
    """Prepare everything, say what to do next, and exec the server."""
    process_limits.ensure()
    bind = environment.get("JACK_BIND") or None
    _check_processes(environment.get("WEB_CONCURRENCY") or "2")
    prepare_folder(config)
    if bind is None:
        check_port(config)
    secret_key(config)
    db = Database(config.database, deadline=config.write_deadline)
    bootstrap.prepare(config, db, say=say)
    say(welcome(config, db, bind))
    db.close()
    if bind is None and exposed(config):
        say(EXPOSED.format(host=config.host, port=config.port))
    if not config.worker:
        say(f"  JACK_WORKER=0: messages leave only while `{COMMAND} work` runs as well.\n")
    with suppress(OSError):  # what could not be written to a full disk is dropped
        sys.stdout.flush()
    os.chdir(ROOT)
    command = COMMANDS[config.server]
    # The settings of a service, or of a .env, are no part of this process's environment; and a folder may be relative to here.
    settings = {**os.environ, **environment, "JACK_INSTANCE": str(config.instance)}
    os.execve(command[0], command, settings)  # noqa: S606 (no shell is meant)


def work(config: Config) -> None:
    """Run the worker in this process until SIGTERM or Ctrl-C; a message being sent is finished first."""
    sealing.configure(config.database, config.secret)
    databases = Databases(config.database, deadline=config.write_deadline)
    loop = Worker(
        databases, config.worker_lock, signing=SigningContext(secret_key(config), config.base_url)
    )
    thread = threading.Thread(target=loop.run, name="jack-worker")
    told = threading.Event()

    def end(_number: int, _frame: object) -> None:
        told.set()
        loop.stop()

    # No exception: one in `join` makes Python 3.11 take a thread that runs for one that has ended (bpo-45274).
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    thread.start()
    thread.join()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Python gives up its handlers before it has ended
    if not told.is_set():
        raise CommandRefused("The worker ended by itself; its output is above.")


def welcome(config: Config, db: Database, bind: str | None) -> str:
    """The text that is shown at the start: where Jack serves, and what to do first."""
    url = address(config, bind)
    if url is None:
        return WITHOUT_ADDRESS.format(bind=bind)
    how_to_end = "    (Ctrl-C ends it)" if sys.stdout.isatty() else ""
    return WELCOME.format(url=url, how_to_end=how_to_end, first=_first_step(db, url))


def address(config: Config, bind: str | None) -> str | None:
    """The address links begin with: what JACK_PUBLIC_URL says, else where Jack listens; None where that is a unix socket."""
    if config.public_url or not bind:
        return config.base_url
    return None if bind.startswith("unix:") else f"http://{bind}"


def _first_step(db: Database, url: str) -> str:
    if sessions.has_admin(db):
        return SIGN_IN.format(url=url)
    try:
        return FIRST_ADMIN.format(command=_command(), url=url, link=setup_link(url, db))
    except Unavailable as error:
        return f"  There is no administrator yet, and now none can be made: {error.message}"


def _command() -> str:
    """What a person types for Jack's commands: where this is the service of one user, as that user."""
    service = installed(INSTALLATION) if "INVOCATION_ID" in os.environ else None
    user = (service and service.user) or "%"
    return COMMAND if "%" in user else f"sudo -u {user} {EXECUTABLE}"


def exposed(config: Config) -> bool:
    """Whether other machines reach Jack directly: it does not listen on loopback alone, and no proxy is named."""
    try:
        local = ipaddress.ip_address(config.host).is_loopback
    except ValueError:
        local = config.host == "localhost"
    return not local and config.trusted_proxies == 0


def setup_link(url: str | None, db: Database) -> str:
    """A new link to become the first administrator. The token is in the fragment, so it is in no log.

    Raises CommandRefused where the address is not known.
    """
    if url is None:
        raise CommandRefused(
            "The address under which the world reaches Jack is not known, so a link would lead nowhere. Put it into the settings, "
            "such as JACK_PUBLIC_URL=https://jack.example.com (a service of systemd has them in /etc/jack/jack.env), and type this again."
        )
    return f"{url}/setup#{sessions.invite_setup(db)[0]}"


def prepare_folder(config: Config) -> None:
    """Make the instance folder, mode 0700. Raises CommandRefused where it cannot be made or written."""
    folder = config.instance
    try:
        make_folder(folder)
        if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise CommandRefused(f"The folder {folder} cannot be used: {error.strerror}.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CommandRefused(
            f"The folder {folder} cannot be written: give it to the user Jack runs as."
        )


def check_port(config: Config) -> None:
    """Raise CommandRefused where the server could not listen."""
    host, port = config.host, config.port
    try:
        probe_port(host, port)
    except OSError as error:
        whose = (
            "this Jack, which is running" if is_locked(config.worker_lock) else "another program"
        )
        reasons = {
            errno.EADDRINUSE: f"Port {port} is taken by {whose}. To use another one: PORT={port + 1} {START}",
            errno.EACCES: f"Port {port} is for the system only. Choose one above 1023, and put nginx in front.",
            errno.EADDRNOTAVAIL: f"This machine has no address {host} (JACK_HOST).",
        }
        unknown = f"Jack cannot listen at {host}:{port} ({error.strerror})."
        raise CommandRefused(reasons.get(error.errno or 0, unknown)) from None


def probe_port(host: str, port: int) -> None:
    """Bind the port and release it. Raises OSError when that is not possible."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def _check_processes(text: str) -> None:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 64:
        raise BadSetting(f"WEB_CONCURRENCY={text!r}: write a whole number from 1 to 64")
