"""Servers as child processes on free loopback ports; each is stopped by its own process id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.settings import BenchError

PATIENCE = 30.0


@dataclass
class Server:
    """A server that runs, and what is needed to talk to it."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    token: str = ""
    guests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spawn(
    name: str, command: Sequence[str], *, folder: Path, env: Mapping[str, str], cwd: Path, port: int
) -> Server:
    """Start it, without waiting. What it says goes into a file in its folder."""
    log = folder / f"{name}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**plain_environment(), **env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Server(name, process, port, log)


def plain_environment() -> dict[str, str]:
    """The caller's environment without settings of Jack's or Python's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JACK_", "PYTHON"))}
    return {**kept, "NO_COLOR": "1"}


def wait_until_up(server: Server, path: str, *, pause: float = 0.02) -> None:
    """Return when it answers 200 on the path. Raises BenchError when it does not."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and server.process.poll() is None:
        if status_of(server.port, path) == 200:
            return
        time.sleep(pause)
    tail = server.log.read_text(errors="replace")[-2000:]
    raise BenchError(f"{server.name} did not start:\n{tail}")


def status_of(port: int, path: str) -> int | None:
    """The status of an answer, or None when there is no answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            head = connection.recv(12)
    except OSError:
        return None
    return int(head[9:]) if len(head) == 12 and head[9:].isdigit() else None


def stop(server: Server) -> None:
    """Ask it to end, and make it when it will not."""
    if server.process.poll() is not None:
        return
    server.process.send_signal(signal.SIGTERM)
    try:
        server.process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
