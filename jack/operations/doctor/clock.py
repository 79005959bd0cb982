"""Checks of the clock: plausible, kept right by another, and not behind what has been written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from jack.core import clock
from jack.core.config import Config
from jack.core.db import Database
from jack.operations.doctor.findings import Finding, note, right, wrong
from jack.operations.doctor.programs import said_by

RELEASED = 2026  # a clock in an earlier year is wrong
SKEW = 60.0  # seconds

NEWEST = "SELECT max(created_at) FROM events"


def now(config: Config) -> Iterator[Finding]:
    """Whether the clock is plausible: not before the release, and not behind the files."""
    moment = time.time()
    said = datetime.fromtimestamp(moment, UTC)
    seen = [config.database, Path(f"{config.database}-wal"), config.worker_lock]
    ahead = max((path.stat().st_mtime - moment for path in seen if path.exists()), default=0.0)
    if said.year < RELEASED:
        yield wrong(f"the clock says {said.year}: set it, or sign-ins and due times are wrong")
    elif ahead > SKEW:
        yield wrong(
            f"the clock went back: files of Jack's are {int(ahead)} seconds in the future. Is it right now?"
        )
    else:
        yield right(f"the clock says {said:%Y-%m-%d %H:%M} UTC")


def synchronised() -> Iterator[Finding]:
    """Whether the machine keeps its clock right by others, where systemd can tell."""
    answer = said_by("timedatectl", "show", "-p", "NTPSynchronized", "--value")
    if answer == "yes":
        yield right("the clock is kept right by a time server")
    elif answer == "no":
        yield note(
            "no time server keeps the clock right, and codes of authenticator apps are refused once it is wrong: "
            "sudo timedatectl set-ntp true"
        )


def behind_events(db: Database) -> Iterator[Finding]:
    """Whether something is noted for a time that is yet to come."""
    newest, moment = db.value(NEWEST), time.time()
    if newest is None or _year(moment) < RELEASED:  # of which `now` tells
        return
    if newest > clock.stamp(moment + SKEW):
        yield wrong(f"the clock went back: the last thing that happened is noted for {newest}")


def _year(moment: float) -> int:
    return datetime.fromtimestamp(moment, UTC).year
