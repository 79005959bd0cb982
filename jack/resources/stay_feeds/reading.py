"""Reads the calendars that are due: asked for as webhooks are sent, to public addresses or the hosts the settings name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jack.core import checked_http
from jack.core.checked_http import Failed, Refused
from jack.resources.settings import store as settings
from jack.resources.stay_feeds import store
from jack.resources.stay_feeds.calendar import Unreadable, bookings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jack.core.checked_http import Resolve
    from jack.core.db import Database

log = logging.getLogger("jack.stay_feeds")

SECONDS = 20.0  # that a calendar may take to come
LARGEST = 2_000_000  # bytes
NOT_FOUND = "The server answered {status}."
MOVED = "The server answered {status}: enter the address that it leads to."
TOO_LARGE = "The calendar is larger than 2 MB."
UNEXPECTED = "The calendar cannot be read."


def read_due(
    db: Database,
    hosts: Sequence[str],
    pause: Callable[[], None] = lambda: None,
    resolve: Resolve = checked_http.resolve,
) -> None:
    """Read each calendar that is due. What cannot be read changes nothing, but that it is said.

    `hosts`: those of JACK_WEBHOOK_HOSTS; `pause` is called between two calendars.
    """
    for feed in store.due(db):
        try:
            body = _fetch(feed["url"], hosts, resolve)
            found = bookings(body, ZoneInfo(settings.value(db, "hotel")["timeZone"]))
            store.apply(db, feed, found)
        except (Refused, Failed, Unreadable) as error:
            store.note_failure(db, feed, str(error))
        except Exception:  # those behind it are read all the same
            log.exception("The calendar %s cannot be read", feed["name"])
            store.note_failure(db, feed, UNEXPECTED)
        pause()


def _fetch(url: str, hosts: Sequence[str], resolve: Resolve) -> bytes:
    """A calendar. Raises Refused, Failed."""
    where = checked_http.target(url, hosts)
    headers = {"Accept": "text/calendar"}
    limit = LARGEST + 1
    answer = checked_http.request(
        "GET", where, headers, seconds=SECONDS, limit=limit, resolve=resolve
    )
    if answer.status != 200:
        moved = 300 <= answer.status < 400
        raise Failed((MOVED if moved else NOT_FOUND).format(status=answer.status))
    if len(answer.body) > LARGEST:
        raise Failed(TOO_LARGE)
    return answer.body
