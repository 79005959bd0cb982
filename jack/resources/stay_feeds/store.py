"""Which calendars are read, how each is, and what becomes of the bookings in them.

A booking is known by its calendar's name and its `UID`, and is a stay. A calendar with another name is known by its address. What staff change of that stay stays so: a calendar changes
only what it says otherwise than before. A stay that they have deleted does not come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.paging import Listed
from jack.core.query import Query
from jack.resources.settings import hotel_time
from jack.resources.settings import store as settings
from jack.resources.stays import store as stays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.paging import Page
    from jack.resources.settings.values import StayFeed
    from jack.resources.stay_feeds.calendar import Booking
    from jack.resources.stays.rows import StayChanges

KEY: Final = "stays.feeds"
MINUTES = 15


class FeedRow(TypedDict):
    """A calendar and how it is. `stays`: its bookings that are not over; `unnamed`: those of them without a guest."""

    name: str
    room: str | None
    state: str
    checked_at: str | None
    succeeded_at: str | None
    error: str | None
    stays: int
    unnamed: int


class StateRow(TypedDict):
    """What is known of a calendar that has been read."""

    name: str
    url: str
    checked_at: str | None
    succeeded_at: str | None
    error: str | None
    stays: int
    unnamed: int


class Address(TypedDict):
    """Where a calendar was read from last, and the name it had."""

    name: str
    url: str


class Entry(TypedDict):
    """A booking as its calendar had it when it was read last."""

    uid: str
    stay_id: str | None
    arrival: str
    departure: str
    missing_since: str | None
    cancelled: int


STATES = Query[StateRow]("""
    SELECT name, url, checked_at, succeeded_at, error,
        (SELECT count(*) FROM stay_feed_entries AS entry JOIN stays ON stays.id = stay_id
         WHERE feed = name AND stays.departure >= :today AND status IN ('booked', 'in_house')) AS stays,
        (SELECT count(*) FROM stay_feed_entries AS entry JOIN stays ON stays.id = stay_id
         WHERE feed = name AND stays.departure >= :today AND status IN ('booked', 'in_house') AND guest_id IS NULL) AS unnamed
    FROM stay_feeds""")

# Of two rows with one address the last counts: the one with the name of now or, without that, the one that was read last.
ADDRESSES = Query[
    Address
]("""
    SELECT name, url FROM stay_feeds
    ORDER BY EXISTS (SELECT 1 FROM json_each(:feeds) WHERE value ->> 'name' = name AND value ->> 'url' = url), checked_at""")

RENAME = "UPDATE stay_feeds SET name = :now WHERE name = :before"

CHECKED = """
    INSERT INTO stay_feeds (name, url, checked_at, succeeded_at, error) VALUES (:name, :url, :now, :succeeded_at, :error)
    ON CONFLICT (name) DO UPDATE
    SET url = :url, checked_at = :now, succeeded_at = coalesce(:succeeded_at, succeeded_at), error = :error"""

ENTRIES = Query[
    Entry
]("""
    SELECT uid, stay_id, arrival, departure, missing_since, cancelled FROM stay_feed_entries WHERE feed = :feed""")

PUT_ENTRY = """
    INSERT INTO stay_feed_entries (feed, uid, stay_id, arrival, departure, cancelled)
    VALUES (:feed, :uid, :stay_id, :arrival, :departure, :cancelled)
    ON CONFLICT (feed, uid) DO UPDATE
    SET arrival = :arrival, departure = :departure, cancelled = :cancelled, missing_since = NULL"""

MISSING = """
    UPDATE stay_feed_entries SET missing_since = :now WHERE feed = :feed AND uid = :uid"""

CANCELLED = "UPDATE stay_feed_entries SET cancelled = 1 WHERE feed = :feed AND uid = :uid"


def search(db: Database, *, page: Page) -> Listed[FeedRow]:
    """A page of the calendars of the setting, in its order."""
    known = _states(db)
    feeds = configured(db)
    shown = feeds[page.offset : page.offset + page.limit]
    return Listed([_row(feed, known.get(feed["name"])) for feed in shown], len(feeds), page)


def configured(db: Database) -> Sequence[StayFeed]:
    """The calendars of the setting."""
    return settings.value(db, KEY)["feeds"]


def due(db: Database) -> list[StayFeed]:
    """The calendars that were not read for a quarter of an hour, or not yet from this address. A clock set back keeps none waiting."""
    feeds = configured(db)
    known = _states(db) if feeds else {}
    now = db.now()
    before = clock.later(now, minutes=-MINUTES)
    return [feed for feed in feeds if not _fresh(feed, known.get(feed["name"]), before, now)]


def note_failure(db: Database, feed: StayFeed, error: str) -> None:
    """A calendar could not be read: nothing else changes."""
    _checked(db, feed, error=error, succeeded_at=None)


def apply(db: Database, feed: StayFeed, found: Sequence[Booking]) -> None:
    """What a calendar says now becomes the stays that it is of."""
    with transaction(db):
        if not _checked(db, feed, error=None, succeeded_at=db.now()):
            return
        name, today = feed["name"], hotel_time.today(db)
        known = {entry["uid"]: entry for entry in db.all(ENTRIES, {"feed": name})}
        for booking in found:
            entry = known.pop(booking.uid, None)
            if entry is not None:
                _change(db, name, entry, booking)
            elif not booking.cancelled and booking.departure >= today:
                _create(db, feed, booking)
        for entry in known.values():
            if not entry["cancelled"] and entry["arrival"] >= today:
                _note_missing(db, name, entry)


def _states(db: Database) -> dict[str, StateRow]:
    return {row["name"]: row for row in db.all(STATES, {"today": hotel_time.today(db)})}


def _fresh(feed: StayFeed, state: StateRow | None, before: str, now: str) -> bool:
    if state is None or state["checked_at"] is None or state["url"] != feed["url"]:
        return False
    return before < state["checked_at"] <= now


def _row(feed: StayFeed, known: StateRow | None) -> FeedRow:
    row: FeedRow = {
        "name": feed["name"],
        "room": feed["room"],
        "state": "waiting",
        "checked_at": None,
        "succeeded_at": None,
        "error": None,
        "stays": 0,
        "unnamed": 0,
    }
    if known is not None and known["url"] == feed["url"]:
        row["state"] = "failing" if known["error"] else "working"
        row["checked_at"], row["succeeded_at"] = known["checked_at"], known["succeeded_at"]
        row["error"] = known["error"]
        row["stays"], row["unnamed"] = known["stays"], known["unnamed"]
    return row


def _checked(db: Database, feed: StayFeed, *, error: str | None, succeeded_at: str | None) -> bool:
    """Note that a calendar was asked; False when it has another name or address meanwhile, or none."""
    with transaction(db):
        feeds = configured(db)
        if (feed["name"], feed["url"]) not in {(one["name"], one["url"]) for one in feeds}:
            return False
        _rename(db, feeds)
        state = {"now": db.now(), "error": error, "succeeded_at": succeeded_at}
        db.run(CHECKED, {"name": feed["name"], "url": feed["url"], **state})
        return True


def _rename(db: Database, feeds: Sequence[StayFeed]) -> None:
    """Give what is known of each calendar the name that its address has now; what had that name steps aside."""
    names = {feed["url"]: feed["name"] for feed in feeds}
    known = {row["url"]: row["name"] for row in db.all(ADDRESSES, {"feeds": as_json(feeds)})}
    renamed = {name: names[url] for url, name in known.items() if names.get(url, name) != name}
    aside = {name: db.new_id("feed") for name in {*renamed, *renamed.values()}}
    for name, place in aside.items():
        db.run(RENAME, {"before": name, "now": place})
    for name, now in renamed.items():
        db.run(RENAME, {"before": aside[name], "now": now})


def _create(db: Database, feed: StayFeed, booking: Booking) -> None:
    stay = stays.create(
        db,
        arrival=booking.arrival,
        departure=booking.departure,
        room=feed["room"],
        source=feed["name"],
        confirmation=booking.confirmation,
        notes=booking.notes,
    )
    _put(db, feed["name"], booking, stay["id"], cancelled=False)


def _change(db: Database, feed: str, entry: Entry, booking: Booking) -> None:
    """What the calendar says otherwise than before; a cancelled booking that is there again is one again."""
    stay_id = entry["stay_id"]
    if stay_id is not None:
        changes: StayChanges = {}
        if (booking.arrival, booking.departure) != (entry["arrival"], entry["departure"]):
            changes = {"arrival": booking.arrival, "departure": booking.departure}
        status = stays.get(db, stay_id)["status"]
        if booking.cancelled and not entry["cancelled"] and status == "booked":
            changes["status"] = "cancelled"
        elif entry["cancelled"] and not booking.cancelled and status == "cancelled":
            changes["status"] = "booked"
        if changes:
            stays.change(db, stay_id, **changes)
    _put(db, feed, booking, stay_id, cancelled=booking.cancelled)


def _put(
    db: Database, feed: str, booking: Booking, stay_id: str | None, *, cancelled: bool
) -> None:
    entry = {"feed": feed, "uid": booking.uid, "stay_id": stay_id, "cancelled": int(cancelled)}
    db.run(PUT_ENTRY, {**entry, "arrival": booking.arrival, "departure": booking.departure})


def _note_missing(db: Database, feed: str, entry: Entry) -> None:
    """A booking to come is not in its calendar: missing twice in a row it is cancelled, once may be a slip of the site's."""
    where = {"feed": feed, "uid": entry["uid"]}
    if entry["missing_since"] is None:
        db.run(MISSING, {**where, "now": db.now()})
        return
    db.run(CANCELLED, where)
    stay_id = entry["stay_id"]
    if stay_id is not None and stays.get(db, stay_id)["status"] == "booked":
        stays.change(db, stay_id, status="cancelled")
