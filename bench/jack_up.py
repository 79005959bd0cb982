"""Starting Jack as a hotel would, and filling it over its own API."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.client import request
from bench.people import guest
from bench.servers import Server, free_port, spawn, stop, wait_until_up
from bench.settings import GUESTS, GUNICORN_CONF, ROOT, WORKERS, BenchError, say
from bench.venv import program

EMAIL = "bench@example.com"
PASSWORD = "only-for-the-benchmark-7"
BULK = 500
GUNICORN, GRANIAN = "Jack on gunicorn", "Jack on granian"
HIGH = "100000000/minute"


def environment(instance: Path, port: int) -> dict[str, str]:
    """The settings Jack is measured with: everything on, the rate limits out of the way."""
    return {
        "JACK_INSTANCE": str(instance),
        "JACK_ADMIN_EMAIL": EMAIL,
        "JACK_ADMIN_PASSWORD": PASSWORD,
        "JACK_RATE_LIMIT": HIGH,
        "JACK_RATE_LIMIT_WEBHOOKS": HIGH,
        "JACK_RATE_LIMIT_BULK": HIGH,
        "JACK_RATE_LIMIT_PAGE": HIGH,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
    }


def command(name: str) -> list[str]:
    """How Jack is started on either server."""
    if name == GRANIAN:
        return [sys.executable, str(ROOT / "deploy" / "granian_server.py")]
    return [program("gunicorn"), "-c", str(GUNICORN_CONF), "wsgi:app"]


def spawn_jack(folder: Path, instance: Path, name: str = GUNICORN) -> Server:
    """Jack, not waited for."""
    port = free_port()
    env = environment(instance, port)
    return spawn(name, command(name), folder=folder, env=env, cwd=ROOT, port=port)


def start(folder: Path, instance: Path, running: ExitStack, name: str = GUNICORN) -> Server:
    """Jack, answering, and somebody signed in; it ends with `running`."""
    instance.mkdir(exist_ok=True)
    server = spawn_jack(folder, instance, name)
    running.callback(stop, server)
    wait_until_up(server, "/healthz")
    sign_in(server)
    return server


def start_filled(folder: Path, running: ExitStack, name: str = GUNICORN) -> Server:
    """Jack with the guests in it; filled the first time, the same file again afterwards."""
    instance = folder / name.replace(" ", "-")
    known = folder / f"{instance.name}.json"
    server = start(folder, instance, running, name)
    if known.exists():
        server.guests = json.loads(known.read_text())
    else:
        say(f"Giving {name} {GUESTS:,} guests ...")
        fill(server)
        known.write_text(json.dumps(server.guests))
    return server


def sign_in(server: Server) -> None:
    """Get a token the way a member of staff does."""
    body = json.dumps({"email": EMAIL, "password": PASSWORD})
    answer = request(server, "POST", "/api/v1/auth/login", body)
    if answer.status != 200:
        raise BenchError(f"Jack would not sign in: {answer.status} {answer.body[:300]!r}")
    server.token = answer.json["data"]["token"]


def fill(server: Server) -> None:
    """Give it the same guests as the peers have."""
    for first in range(0, GUESTS, BULK):
        numbers = range(first, min(first + BULK, GUESTS))
        body = json.dumps({"items": [guest(number) for number in numbers]})
        answer = request(server, "POST", "/api/v1/guests/bulk", body)
        if answer.status not in (200, 201):
            raise BenchError(f"Jack took no guests: {answer.status} {answer.body[:300]!r}")
        server.guests += [created(item) for item in answer.json["data"]]


def created(item: dict[str, Any]) -> str:
    """The id in one result of a bulk call."""
    if not item["success"]:
        raise BenchError(f"Jack refused a guest: {item['error']}")
    return str(item["data"]["id"])
