"""Tests of channels: each in a thread that waits for a process, so that no other work of the worker waits for either."""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import TYPE_CHECKING

from jack.channels import trial
from jack.core.errors import Unavailable
from jack.resources.channel_accounts import channel_tests
from jack.resources.channel_accounts.connection import connected
from jack.worker import test_letter

if TYPE_CHECKING:
    from jack.channels.steps import Report
    from jack.core.db import Database
    from jack.resources.channel_accounts.channel_tests import Step, StoredRow

GONE = "The channel is not configured any more."


def run(row: StoredRow, public_url: str, db: Database) -> None:
    """Do a test, and write down each step as it ends."""
    if not channel_tests.begin(db, row["id"]):
        return
    account = connected(db, row["channel"], public_url).account
    if account is None:
        channel_tests.finish(db, row, [_step("settings", GONE)], row["channel"], GONE)
        return
    steps: list[Step] = []
    report = functools.partial(_record, db, row["id"], steps)
    letter = test_letter.to(db, row["letter_to"], account) if row["letter_to"] else None
    tested = trial.run(account, channel_tests.seconds_left(db, row), report, letter)
    if not tested.works and all(step["ok"] for step in steps):  # it broke off between two steps
        steps.append(_step("test", tested.message))
    error = None if tested.works else tested.message
    channel_tests.finish(db, row, _by_server(steps), account.name, error)


def _record(db: Database, test_id: str, steps: list[Step], report: Report) -> None:
    steps.append(
        {
            "name": report["name"],
            "ok": report["ok"],
            "message": report["message"],
            "ms": report["ms"],
        }
    )
    with suppress(Unavailable):  # all of them are written again with the next one
        channel_tests.record(db, test_id, _by_server(steps))


def _by_server(steps: list[Step]) -> list[Step]:
    """The steps of one server together, though two are tested at the same time."""
    return sorted(steps, key=lambda step: step["name"].partition(".")[0])


def _step(name: str, message: str) -> Step:
    return {"name": name, "ok": False, "message": message, "ms": 0}
