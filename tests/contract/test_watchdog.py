"""`/watchdog`: what is out of order, for everybody who is signed in."""

from __future__ import annotations

from jack.resources.watchdog import store
from jack.resources.watchdog.store import Fault
from tests.checks import succeeded
from tests.conftest import Person

SINCE = "2026-05-01T10:00:00.000Z"


def test_all_is_well(member: Person) -> None:
    assert succeeded(member.get("/watchdog")) == {"faults": []}


def test_what_is_out_of_order_is_told_with_its_subject(member: Person) -> None:
    store.update(member.db, [Fault("channel", "sms", SINCE), Fault("disk", "", SINCE)])
    assert succeeded(member.get("/watchdog"))["faults"] == [
        {"kind": "channel", "subjectId": "sms", "since": SINCE},
        {"kind": "disk", "subjectId": None, "since": SINCE},
    ]
    found = succeeded(member.get("/events"))[-2:]
    assert [(row["type"], row["subjectId"]) for row in found] == [
        ("health.failed", "channel:sms"),
        ("health.failed", "disk"),
    ]
    store.update(member.db, [])
    assert succeeded(member.get("/watchdog")) == {"faults": []}
