"""A test of an account in a process of its own, which can be ended: no server may take longer than it is given.

A time-out of a socket is not enough: it begins anew with each byte that a slow server sends, and a name service has none.
The process is given the account on its input, never as an argument, and writes a line of JSON for each report.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jack.channels import email
from jack.channels.registry import CHANNELS
from jack.channels.types import Account, OutboundMessage, Tested, Thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jack.channels.steps import Report

log = logging.getLogger("jack.channels")

# A process whose parent has been killed ends itself after so many seconds.
LONGEST = 30
ENDED = "The test ended unexpectedly."
BUSY = "The test did not begin in time: this machine is very busy."
# The package without its `__init__`, which would import the whole application: three times as long, before anything is tried.
START = """
import sys, types
package = types.ModuleType("jack")
package.__path__ = [sys.argv[1]]
sys.modules["jack"] = package
from jack.channels import trial
trial.main()
"""


def run(
    account: Account,
    seconds: float,
    report: Callable[[Report], None],
    letter: OutboundMessage | None = None,
) -> Tested:
    """Test an account for at most so many seconds, for e-mail by sending a `letter`; steps that are silent then have failed."""
    begun = time.monotonic()
    unfinished: dict[str, tuple[str, float]] = {}
    with _process() as process:
        try:
            _hand_over(process, account, letter)
            for found in _lines(process.stdout, begun + seconds):
                if "works" in found:
                    return Tested(found["works"], found["message"])
                _note(unfinished, found)
                if "ok" in found:
                    report(found)  # type: ignore[arg-type]
            ended = time.monotonic() < begun + seconds
        finally:
            process.kill()
    if ended:  # by itself, without a result
        log.error("the test of %s ended with %s", account.channel, process.returncode)
    return _silent(unfinished, report, ENDED if ended else "")


def _process() -> subprocess.Popen[bytes]:
    """This module in a process of its own, without Jack's own settings."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("JACK_")
    }
    command = [sys.executable, "-P", "-c", START, str(Path(__file__).resolve().parents[1])]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)  # noqa: S603 (this Python with this module)


def _hand_over(
    process: subprocess.Popen[bytes], account: Account, letter: OutboundMessage | None
) -> None:
    given = {"account": asdict(account), "letter": letter and asdict(letter)}
    try:
        if process.stdin is not None:
            process.stdin.write(json.dumps(given).encode())
            process.stdin.close()
    except BrokenPipeError:  # it ends without a result
        pass


def _lines(pipe: IO[bytes] | None, until: float) -> Iterator[dict[str, Any]]:
    """The reports as they come, until there are no more or it is time."""
    if pipe is None:
        return
    ready, rest = select.poll(), b""
    ready.register(pipe, select.POLLIN)
    while ready.poll(max(0.0, until - time.monotonic()) * 1000):
        data = os.read(pipe.fileno(), 65_536)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        yield from map(json.loads, lines)


def _note(unfinished: dict[str, tuple[str, float]], found: dict[str, Any]) -> None:
    """Keep which steps have begun, since when, and what to say of each if it never ends."""
    if "ok" in found:
        unfinished.pop(found["name"], None)
    else:
        unfinished[found["name"]] = found["silent"], time.monotonic()


def _silent(
    unfinished: dict[str, tuple[str, float]], report: Callable[[Report], None], because: str
) -> Tested:
    """Report the steps that have not ended, with what each says of it or `because`."""
    messages = []
    for name, (silent, since) in unfinished.items():
        ms = round((time.monotonic() - since) * 1000)
        messages.append(because or silent)
        report({"name": name, "ok": False, "message": messages[-1], "ms": ms})
    return Tested(False, " ".join(dict.fromkeys(messages)) or because or BUSY)


def main() -> None:
    """Test the account on the input, or send the letter there is: what the process does."""
    signal.alarm(LONGEST)
    given = json.load(sys.stdin)
    account, letter = Account(**given["account"]), given["letter"]
    writing = threading.Lock()

    def write(found: object) -> None:
        with writing:
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()

    try:
        if letter:
            message = OutboundMessage(**{**letter, "thread": Thread(**letter["thread"])})
            tested = email.send_reported(account, message, write)
        else:
            tested = CHANNELS[account.channel].test(account, write)
    except Exception as error:  # told without its text, which may repeat what is in the settings
        sys.exit("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)
    write({"works": tested.works, "message": tested.message})
