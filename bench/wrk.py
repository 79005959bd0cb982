"""Load on one call of one server, by wrk. An answer that is not 2xx makes an error, not a figure."""

import json
import shutil
import subprocess
from dataclasses import dataclass

from bench.client import request
from bench.servers import Server
from bench.settings import BENCH, CONNECTIONS, SECONDS, BenchError


@dataclass(frozen=True)
class Call:
    """What is asked, over and over: the paths in turn."""

    name: str
    method: str
    paths: tuple[str, ...]
    body: str = ""
    expected: int = 200  # the only status that counts


@dataclass(frozen=True)
class Figure:
    """Requests a second, and how long they took in milliseconds."""

    rate: float
    p50: float
    p99: float
    max: float


def need_wrk() -> None:
    """Stop with one line when there is no wrk."""
    if not shutil.which("wrk"):
        raise BenchError("wrk is not installed: `sudo apt install wrk` (or `brew install wrk`)")


def load(
    server: Server, call: Call, *, connections: int = CONNECTIONS, seconds: float = SECONDS
) -> Figure:
    """The figure of one cell. Raises BenchError when anything but the expected answer came."""
    check(server, call)
    found = run(server, call, connections, seconds)
    check(server, call)
    if found["refused"] or found["broken"] or not found["requests"]:
        raise BenchError(
            f"{server.name}, {call.name}: {found['refused']} answers were not 2xx, "
            f"{found['broken']} connections broke, of {found['requests']} requests"
        )
    rate = found["requests"] / found["seconds"]
    return Figure(rate, found["p50"], found["p99"], found["max"])


def check(server: Server, call: Call) -> None:
    """One request by hand, which must be answered exactly as documented."""
    answer = request(server, call.method, call.paths[0], call.body)
    if answer.status != call.expected:
        text = answer.body[:300].decode(errors="replace")
        raise BenchError(f"{server.name}, {call.name}: answered {answer.status}: {text}")


def run(server: Server, call: Call, connections: int, seconds: float) -> dict[str, float]:
    """What wrk counted."""
    threads = min(2, connections)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(BENCH / "call.lua"), server.url, "--"]
    command += [call.method, server.token, call.body, *call.paths]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return dict(json.loads(line.removeprefix("RESULT ")))
    raise BenchError(f"wrk gave no result: {done.stdout}{done.stderr}")
