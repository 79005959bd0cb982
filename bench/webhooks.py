"""What a webhook adds to a write: `POST /tasks` in this process, without an endpoint and with one, in turns.

Only the writing is measured: nothing is delivered, for no worker runs.
"""

import time
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from bench.jack_up import environment
from bench.people import NEW_TASK
from bench.report import Bar, Section, table
from bench.settings import BenchError, say
from jack import create_app
from jack.resources.api_keys import store as api_keys
from jack.resources.webhooks import store as webhooks

MOST = 1.15
TURNS = 20
EACH = 50


class Hotel:
    """A hotel with or without an endpoint that wants every event, and the times of its writes."""

    def __init__(self, folder: Path, *, endpoint: bool) -> None:
        folder.mkdir()
        app = create_app(environment(folder, 8000))
        db = app.extensions["jack"].databases.get()
        if endpoint:
            webhooks.create(db, url="https://hooks.example/jack", events=["*"])
        key = api_keys.create(db, name="Bench", scopes=["tasks:write"], rate_limit=10**9)
        self.headers = {"Authorization": f"Bearer {key['token']}"}
        self.client: FlaskClient = app.test_client()
        self.times: list[float] = []

    def write(self) -> None:
        """One turn of writes."""
        for _ in range(EACH):
            begun = time.perf_counter()
            answer = self.client.post("/api/v1/tasks", json=NEW_TASK, headers=self.headers)
            self.times.append(time.perf_counter() - begun)
            if answer.status_code != 201:
                raise BenchError(f"POST /tasks: {answer.status_code} {answer.text[:300]}")


def measure(folder: Path) -> list[Section]:
    """Both in turns, and their ratio."""
    say(f"{TURNS * EACH:,} tasks without a webhook, and as many with one ...")
    without, with_one = (
        Hotel(folder / "no-webhook", endpoint=False),
        Hotel(folder / "webhook", endpoint=True),
    )
    for _ in range(TURNS):
        without.write()
        with_one.write()
    return [section(median(without.times), median(with_one.times))]


def section(without: float, with_one: float) -> Section:
    """The figures and the bar."""
    ratio = with_one / without
    rows = [
        ["without a webhook", f"{without * 1e6:.0f} µs", ""],
        ["with one", f"{with_one * 1e6:.0f} µs", f"{ratio:.2f} x"],
    ]
    name = "POST with one webhook to one without"
    return Section(
        "What a webhook adds to a write",
        table(["POST /tasks, median", "time", "ratio"], rows),
        [Bar(name, f"≤ {MOST:.2f} x", f"{ratio:.2f} x", ratio <= MOST)],
    )
