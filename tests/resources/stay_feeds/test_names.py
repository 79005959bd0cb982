"""Calendars with other names keep their bookings: the address says which is which. With a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jack.core.db import Database
from jack.resources.settings import store as settings
from jack.resources.stay_feeds import store
from tests.peers.receiver import Answer, Receiver
from tests.resources.stay_feeds.calendars import calendar
from tests.resources.stay_feeds.conftest import JULY, JUNE, brief, known, shows


def test_one_with_another_name_has_its_bookings_and_one_that_is_put_back_as_well(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    shows(site, JUNE)
    read()
    value: Any = settings.value(db, "stays.feeds")
    renamed: Any = {"feeds": [{**value["feeds"][0], "name": "Airbnb, terrace"}]}
    for one in (renamed, {"feeds": []}, value):
        settings.put(db, "stays.feeds", one)
        read()
    assert len(known(db)) == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_names_that_are_used_again_or_swapped_leave_each_calendar_its_bookings(
    db: Database, site: Receiver, read: Callable[[], None], newest_first: bool
) -> None:
    shows(site, JUNE)
    read()
    (old,) = settings.value(db, "stays.feeds")["feeds"]

    def named(first: str, second: str) -> None:
        pair: Any = [{**old, "name": first}, {**old, "name": second, "url": f"{site.url}2.ics"}]
        settings.put(db, "stays.feeds", {"feeds": pair[::-1] if newest_first else pair})
        site.plan.extend(
            [Answer(200, body=one) for one in bodies[:: -1 if newest_first else 1]] * 3
        )
        for _ in range(3):
            read()

    bodies = [calendar(JUNE), calendar(JULY)]
    for names in (("Airbnb 101", "Airbnb"), ("Airbnb", "Airbnb 101"), ("Vrbo", "Airbnb")):
        named(*names)
        assert [status for *_, status in brief(db)] == ["booked", "booked"]
    assert db.value("SELECT count(*) FROM stay_feeds") == 2


def test_what_was_renamed_while_it_was_read_is_read_again(
    db: Database, site: Receiver, read: Callable[[], None]
) -> None:
    shows(site, JUNE)
    read()
    (old,) = store.configured(db)
    settings.put(db, "stays.feeds", {"feeds": [{**old, "name": "Airbnb 101"}]})
    store.apply(db, old, [])
    read()
    assert len(known(db)) == 1
    assert db.column("SELECT name FROM stay_feeds") == ["Airbnb 101"]
