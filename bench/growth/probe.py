"""Times every read of one dataset, in a process of its own: `python -m bench.growth.probe INSTANCE`.

Requests go straight into Jack's WSGI application, with everything on, without a server or a
network that would hide the cost of the database. A second application beside it, with its own
connection, plays the other worker process that changes something.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from werkzeug.test import EnvironBuilder

from bench import jack_up
from bench.growth.calls import LEFT_OUT, Read, reads
from bench.settings import SAMPLES
from jack import create_app

PREFIX = "/api/v1"
PATIENCE = 1.0
Environ = dict[str, Any]


class Client:
    """Somebody signed in at one application."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.token = ""
        body = {"email": jack_up.EMAIL, "password": jack_up.PASSWORD}
        self.token = self.ask("POST", "/auth/login", body)["token"]

    def environ(self, method: str, path: str, body: Any = None, token: str = "") -> Environ:
        """A request as a server hands it over."""
        token = token or self.token
        headers = [("Authorization", f"Bearer {token}")] if token else []
        builder = EnvironBuilder(PREFIX + path, method=method, headers=headers, json=body)
        return builder.get_environ()

    def send(self, environ: Environ) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        status: list[int] = []

        def begin(line: str, _headers: object, _error: object = None) -> None:
            status.append(int(line[:3]))

        parts = self.app(environ, begin)
        return status[0], b"".join(parts)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The `data` of the answer. Stops when there is none."""
        status, answer = self.send(self.environ(method, path, body))
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer)["data"]

    def seconds(self, environ: Environ) -> float:
        """How long one read takes."""
        asked = dict(environ)
        begun = time.perf_counter()
        status, answer = self.send(asked)
        taken = time.perf_counter() - begun
        if status != 200:
            raise SystemExit(f"{environ['PATH_INFO']}: {status} {answer[:300]!r}")
        return taken


def times(read: Read, client: Client, change: Callable[[], object]) -> dict[str, Any]:
    """Microseconds, medians: repeated, and the first time after somebody else's change."""
    environ = client.environ("GET", read.path, token=read.token)
    client.seconds(environ)
    warm = sampled(lambda: client.seconds(environ))
    fresh = sampled(lambda: (change(), client.seconds(environ))[1])
    return {"shown": read.shown, "judged": read.judged, "warm": warm, "fresh": fresh}


def sampled(measure: Callable[[], float]) -> float:
    """The median of some measurements; of fewer, where they take long."""
    found: list[float] = []
    while len(found) < SAMPLES and sum(found) < PATIENCE:
        found.append(measure())
    return median(found) * 1e6


def unmeasured(app: Any, asked: list[Read]) -> list[str]:
    """Routes that can be read, but are not in the list of reads."""
    urls = app.url_map.bind("localhost")
    seen = {urls.match(PREFIX + read.path.partition("?")[0])[0] for read in asked}
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and "GET" in rule.methods and rule.endpoint not in seen
        if not rule.rule.removeprefix(PREFIX).startswith(LEFT_OUT)
    ]


def main(instance: Path) -> None:
    """Print the times of every read as JSON."""
    environment = {**jack_up.environment(instance, 8000), "JACK_WORKER": "0"}
    client, other = Client(create_app(environment)), Client(create_app(environment))
    size = json.loads(client.send(client.environ("GET", "/guests?limit=1"))[1])["meta"]["total"]
    asked = reads(lambda path: client.ask("GET", path), size, visitor(client))
    if missing := unmeasured(client.app, asked):
        raise SystemExit(f"not in the list of reads: {', '.join(missing)}")
    guest = other.ask("GET", "/guests?limit=1")[0]["id"]
    change = changer(other, guest)
    print(json.dumps([times(read, client, change) for read in asked]))


def visitor(client: Client) -> str:
    """The token of somebody who has written in the web chat."""
    token = str(client.ask("POST", "/webchat/sessions", {"name": "Visitor"})["token"])
    said = {"content": "Is there a late checkout?", "clientMessageId": "bench-message-1"}
    status, answer = client.send(client.environ("POST", "/webchat/messages", said, token))
    if status != 201:
        raise SystemExit(f"web chat: {status} {answer[:300]!r}")
    return token


def changer(other: Client, guest: str) -> Callable[[], object]:
    """A small change, another one each time, by the other worker."""
    count = iter(range(1_000_000))
    return lambda: other.ask("PATCH", f"/guests/{guest}", {"notes": f"Note {next(count)}"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
