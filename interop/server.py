"""A Jack of its own for each client: new, on loopback, at the limits it comes with."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import Server, free_port, spawn, stop, wait_until_up
from interop.settings import ROOT

EMAIL = "ada@hotel.example"
PASSWORD = "only-for-the-tools-7"
DOCUMENT_PATH = "/api/v1/openapi.json"


@contextmanager
def new_jack() -> Iterator[Server]:
    """Jack, answering, with one administrator; it and its folder end with the block."""
    with tempfile.TemporaryDirectory(prefix="jack-interop-") as folder, running(Path(folder)) as up:
        yield up


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Jack with its files in a folder."""
    port = free_port()
    env = {
        "JACK_INSTANCE": str(folder / "instance"),
        "JACK_ADMIN_EMAIL": EMAIL,
        "JACK_ADMIN_PASSWORD": PASSWORD,
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "jack", "run"]
    server = spawn("Jack", command, folder=folder, env=env, cwd=ROOT, port=port)
    try:
        wait_until_up(server, "/readyz", pause=0.1)
        yield server
    finally:
        stop(server)


def settings(server: Server) -> dict[str, str]:
    """What a script is told of it."""
    return {"JACK_URL": server.url, "JACK_EMAIL": EMAIL, "JACK_PASSWORD": PASSWORD}
