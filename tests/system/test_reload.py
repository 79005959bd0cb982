"""A reload and an upgrade behind nginx while callers ask: no request fails.

`JACK_LONG=1` makes it 10,000 requests of each.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.conftest import PATIENCE, Gunicorn, Nginx

pytestmark = pytest.mark.system

REQUESTS = 10_000 if os.environ.get("JACK_LONG") else 400
CALLERS = 4


class Load:
    """Callers that ask for as long as the block lasts, and until they have asked often enough."""

    def __init__(self, nginx: Nginx) -> None:
        self.nginx, self.answers = nginx, Counter[str]()
        self.over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with self.nginx.client() as client:
            for _ in itertools.count():
                try:
                    found = str(client.get("/readyz").status_code)
                except Exception as error:
                    found = type(error).__name__
                with self._lock:
                    self.answers[found] += 1
                    enough = self.answers.total() >= REQUESTS
                if enough and self.over.is_set():
                    return


def workers(gunicorn: Gunicorn) -> set[int]:
    """The processes that serve now."""
    assert gunicorn.process is not None
    kids = Path(f"/proc/{gunicorn.process.pid}/task/{gunicorn.process.pid}/children")
    return {int(one) for one in kids.read_text().split()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")
def test_no_request_fails_while_gunicorn_is_reloaded(
    new_gunicorn: Callable[..., Gunicorn], short_folder: Callable[[], Path]
) -> None:
    gunicorn = new_gunicorn(WEB_CONCURRENCY="1", JACK_RATE_LIMIT="1000000/day")
    assert gunicorn.process is not None
    nginx = Nginx(short_folder(), gunicorn.socket)
    try:
        nginx.start()
        with Load(nginx) as load:
            for _ in range(3):
                before = workers(gunicorn)
                gunicorn.process.send_signal(signal.SIGHUP)
                replaced(gunicorn, before)
    finally:
        nginx.stop()
    assert set(load.answers) == {"200"}, load.answers
    assert load.answers["200"] >= REQUESTS


def replaced(gunicorn: Gunicorn, before: set[int]) -> None:
    """Wait until others serve than those before."""
    give_up = time.monotonic() + 2 * PATIENCE
    while before & workers(gunicorn) or not workers(gunicorn):
        assert time.monotonic() < give_up, "the old processes are still there"
        time.sleep(0.1)
