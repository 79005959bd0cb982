"""What the tests of reliability share: real servers, and the figures they measured."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.server import Server

FIGURE = "figure"
LONG = os.environ.get("JACK_LONG") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests hold and kill processes the way Linux and macOS let them."""
    for item in items:
        if Path(__file__).parent in item.path.parents and sys.platform == "win32":
            item.add_marker(pytest.mark.skip(reason="there is no kill -9 on Windows"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was measured, also by tests in other processes."""
    kinds = terminalreporter.stats.values()
    reports = [one for kind in kinds for one in kind if getattr(one, "when", "") == "call"]
    figures = [text for one in reports for name, text in one.user_properties if name == FIGURE]
    if figures:
        terminalreporter.section("reliability, measured")
        for line in figures:
            terminalreporter.write_line(line)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Notes a figure, to be printed at the end."""
    return partial(record_property, FIGURE)


@pytest.fixture(scope="session")
def long() -> bool:
    """Whether the bars are measured in full: JACK_LONG=1, or `python -m tests.reliability`."""
    return LONG


@contextmanager
def empty_folder() -> Iterator[Path]:
    """An empty folder that is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="jack-reliability-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    with empty_folder() as made:
        yield made


@contextmanager
def serving(**options: Any) -> Iterator[Server]:
    """A server that several tests share, once all its processes answer."""
    with empty_folder() as made:
        server = Server(made, **options)
        server.start()
        try:
            server.ready_children()
            yield server
        finally:
            server.kill()


@pytest.fixture(params=["gunicorn", "granian"])
def program(request: pytest.FixtureRequest) -> str:
    """What serves: a test that takes this runs on either."""
    return str(request.param)


@pytest.fixture
def new_server(folder: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers for one test; whatever is left of them is killed."""
    running: list[Server] = []

    def start(**options: Any) -> Server:
        place = options.pop("folder", folder / str(len(running)))
        place.mkdir(exist_ok=True)
        running.append(Server(place, **options))
        running[-1].start()
        return running[-1]

    yield start
    for server in running:
        server.kill()
