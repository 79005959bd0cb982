"""`/events`: a feed to poll, exact and resumable. No request is held open."""

from __future__ import annotations

from jack.core import events
from jack.http.blueprint import Blueprint
from jack.http.context import get_db
from jack.http.responses import Series
from jack.http.schema import Loaded
from jack.resources.events import store
from jack.resources.events.schemas import Event, EventFilters, EventMeta

blp = Blueprint(
    "events",
    __name__,
    under="/events",
    description="What happened since you last asked",
    scope="events",
)


@blp.get("")
@blp.arguments(EventFilters, location="query")
@blp.response(200, Event(many=True), meta=EventMeta, polled=True)
def list_events(filters: Loaded) -> Series:
    """List events after a cursor

    Begin with `after` = `meta.latest` of a first call, then pass on `meta.cursor`. Send the `ETag` back as
    `If-None-Match` and nothing new is a 304. Events are kept for 30 days.
    """
    db, after = get_db(), filters["after"]
    rows = store.after(db, after, filters["limit"])
    oldest, newest = events.edges(db)
    missed = 0 < after < oldest - 1
    cursor = rows[-1]["seq"] if rows else min(after, newest)
    return Series(rows, {"cursor": cursor, "latest": newest, "missed": missed})
