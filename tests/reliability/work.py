"""Jack's worker as a process of its own, with one channel: `python -m tests.reliability.work INSTANCE PORT LEASE LOCK KIND`.

INSTANCE is the folder of the database, PORT the provider's, LEASE in seconds, LOCK the name of the worker's lock:
with two names there are two workers at once. KIND is `once` for a channel that must not repeat a message,
`repeatable` for one that may, `real` for Jack's own channels as the settings say, or `background` for a worker in the background of a process that does other things.
Ends on SIGTERM.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

from jack.channels.registry import CHANNELS
from jack.core.databases import Databases
from jack.messaging import outbox
from jack.messaging.outgoing import SigningContext
from jack.worker.loop import Worker
from tests.reliability.provider import Channel


def main(instance: Path, port: int, lease: float, lock: str, kind: str) -> None:
    """Work until told to end."""
    outbox.LEASE_SECONDS = lease
    stand_in = {"sms": Channel(port, kind == "repeatable")}
    channels = CHANNELS if kind == "real" else stand_in
    signing = SigningContext("a secret", "https://jack.example.com")
    worker = Worker(
        Databases(instance / "jack.db"),
        instance / lock,
        channels,
        signing=signing,
        webhook_hosts=("127.0.0.1",),
    )
    if kind == "background":
        beside(worker)
    else:
        alone(worker)


def alone(worker: Worker) -> None:
    """As `bin/jack work` does."""
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    say_so()
    while thread.is_alive():
        thread.join(0.1)


def beside(worker: Worker) -> None:
    """As a process of gunicorn's does: it ends when its own work is done, whatever the worker is at."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    worker.start()
    say_so()
    while True:
        time.sleep(0.01)


def say_so() -> None:
    sys.stdout.write("working\n")
    sys.stdout.flush()


if __name__ == "__main__":
    folder, port, lease, lock, kind = sys.argv[1:]
    main(Path(folder), int(port), float(lease), lock, kind)
