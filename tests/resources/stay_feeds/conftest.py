"""A site whose calendar becomes stays, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jack.core.db import Database
from jack.core.paging import Page
from jack.resources.settings import store as settings
from jack.resources.stay_feeds import store
from jack.resources.stay_feeds.reading import read_due
from jack.resources.stays import store as stays
from tests.conftest import Clock
from tests.peers.receiver import Answer, Receiver, receiver
from tests.resources.stay_feeds.calendars import calendar, days

HOSTS = ("127.0.0.1",)
QUARTER = 900.0
# Today is 28 May 2026.
JUNE = days("a@x", "20260601", "20260604")
JULY = days("b@x", "20260701", "20260702")


@pytest.fixture
def site() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def shows(site: Receiver, *events: str, **answer: Any) -> None:
    """The calendar has these bookings from now on."""
    site.always = Answer(**{"status": 200, "body": calendar(*events), **answer})


@pytest.fixture
def read(db: Database, site: Receiver, clock: Clock) -> Callable[[], None]:
    """Let a quarter of an hour pass, and the calendar `Airbnb` of room 302 be read."""
    feed: Any = {"name": "Airbnb", "url": f"{site.url}cal.ics", "room": "302"}
    settings.put(db, "stays.feeds", {"feeds": [feed]})

    def once() -> None:
        clock.move(QUARTER)
        read_due(db, HOSTS)

    return once


def known(db: Database) -> list[dict[str, Any]]:
    return [dict(row) for row in stays.search(db, sort="arrival", page=Page()).rows]


def brief(db: Database) -> list[tuple[str, str, str]]:
    return [(row["arrival"], row["departure"], row["status"]) for row in known(db)]


def state(db: Database) -> dict[str, Any]:
    (row,) = store.search(db, page=Page()).rows
    return dict(row)
