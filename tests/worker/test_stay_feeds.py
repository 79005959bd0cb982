"""The worker reads calendars in a process of its own."""

from __future__ import annotations

import threading
from typing import Any

from jack.core.db import Database
from jack.resources.settings import store as settings
from jack.worker import stay_feeds
from tests.conftest import Clock
from tests.peers.receiver import Answer, receiver
from tests.resources.stay_feeds.calendars import calendar, days


def test_the_process_reads_what_is_due(db: Database, clock: Clock) -> None:
    with receiver() as site:
        site.always = Answer(status=200, body=calendar(days("a", "20990601", "20990604")))
        feed: Any = {"name": "Airbnb", "url": site.url, "room": "302"}
        settings.put(db, "stays.feeds", {"feeds": [feed]})
        reading = stay_feeds.Reading(("127.0.0.1",), threading.Event(), clock)
        assert reading.due(db)
        assert not reading.due(db)  # it has just looked
        reading.run(db)
    assert db.column("SELECT arrival FROM stays") == ["2099-06-01"]
