"""Guests who are erased by themselves, because nothing has been heard of them for the months of the setting `privacy`.

Nobody goes unseen: the worker notes who is due, and erases them a week later at the earliest, whatever the setting and the clock
say. After a day without a look (the machine was off, or its clock was put) the week begins anew for all. Who is at the hotel or expected, waits in an open conversation, or has an open task is never due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.paging import Listed
from jack.core.query import Query
from jack.resources.privacy import erasure
from jack.resources.settings import hotel_time
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.core.db import Database
    from jack.core.paging import Page

DAYS = 7  # how long somebody is listed before they are erased
PAUSE = 24  # hours between two looks, after which nobody may have seen who is listed
# At a time; the next look goes on.
MOST_NOTED = 5000
MOST_ERASED = 200


class StoredDue(TypedDict):
    """A guest who is due: since when nothing has been heard of them, and when they are erased at the earliest."""

    id: str
    name: str
    last_activity_at: str
    erase_at: str


class GuestInBrief(TypedDict):
    """A guest's id and name."""

    id: str
    name: str


class DueRow(TypedDict):
    """The same, as it is answered."""

    guest: GuestInBrief
    last_activity_at: str
    erase_at: str


class DueMoments(NamedTuple):
    """What the queries compare with."""

    now: str
    today: str
    months: str  # `+24 months`
    oldest: str  # who was active since then is not due within the week


STAYS_OF = """
    SELECT stays.seq FROM stays WHERE stays.guest_id = guests.id
    UNION ALL SELECT stay_seq FROM stay_companions WHERE stay_companions.guest_id = guests.id"""

# A stay that was cancelled, or to which nobody came, keeps nobody; one that is to come does, and so does one that never ended.
DUE = f"""
    guests.created_at <= :oldest AND (guests.last_contact_at IS NULL OR guests.last_contact_at <= :oldest)
    AND NOT EXISTS (
        SELECT 1 FROM stays WHERE seq IN ({STAYS_OF})
          AND (status = 'in_house' OR (status = 'booked' AND departure >= :today)
               OR (status IN ('booked', 'departed') AND departure > substr(:oldest, 1, 10))))
    AND NOT EXISTS (
        SELECT 1 FROM conversations WHERE conversations.guest_id = guests.id AND conversations.status <> 'closed')
    AND NOT EXISTS (
        SELECT 1 FROM tasks
        WHERE tasks.guest_id = guests.id AND tasks.status NOT IN ('completed', 'cancelled'))
    AND NOT EXISTS (
        SELECT 1 FROM conversations JOIN tasks ON tasks.conversation_id = conversations.id
        WHERE conversations.guest_id = guests.id AND tasks.status NOT IN ('completed', 'cancelled'))"""

OLDEST = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', :now, :ahead, :back)"

LISTED = f"""
    WITH due AS (
        SELECT guests.seq, guests.id, guests.name, noted_at,
               max(guests.created_at, coalesce(guests.last_contact_at, ''), coalesce((
                   SELECT max(departure) || 'T00:00:00.000Z' FROM stays
                   WHERE seq IN ({STAYS_OF}) AND status IN ('booked', 'departed')), '')) AS last_activity_at
        FROM guests LEFT JOIN erasures_due ON erasures_due.guest_id = guests.id
        WHERE {DUE}),
    timed AS (
        SELECT seq, id, name, last_activity_at,
               max(strftime('%Y-%m-%dT%H:%M:%fZ', last_activity_at, :months),
                   strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(noted_at, :now), '+{DAYS} days')) AS erase_at
        FROM due)"""
LIST = Query[
    StoredDue
](f"""
    {LISTED}
    SELECT id, name, last_activity_at, erase_at FROM timed ORDER BY erase_at, seq LIMIT :limit OFFSET :offset""")
COUNT = f"SELECT count(*) FROM guests WHERE {DUE}"
TO_ERASE = (
    f"{LISTED} SELECT id FROM timed WHERE erase_at <= :now ORDER BY erase_at, seq LIMIT :limit"
)
STILL = f"SELECT EXISTS (SELECT 1 FROM guests WHERE id = :id AND {DUE})"

NEW = f"""
    SELECT id FROM guests
    WHERE {DUE} AND NOT EXISTS (SELECT 1 FROM erasures_due WHERE guest_id = guests.id)
    ORDER BY seq LIMIT :limit"""
OVER = f"SELECT guest_id FROM erasures_due JOIN guests ON guests.id = guest_id WHERE NOT ({DUE})"
NOTE = """
    INSERT INTO erasures_due (guest_id, noted_at)
    SELECT value, :now FROM json_each(:ids) WHERE value IN (SELECT id FROM guests)
    ON CONFLICT DO NOTHING"""
FORGET = "DELETE FROM erasures_due WHERE guest_id IN (SELECT value FROM json_each(:ids))"
FORGET_ALL = "DELETE FROM erasures_due"
ANY = "SELECT EXISTS (SELECT 1 FROM erasures_due)"
LOOKED = "SELECT coalesce(erasures_looked_at BETWEEN :since AND :now, 0) FROM instance"
NOTE_LOOK = "UPDATE instance SET erasures_looked_at = :now"
NOTE_ANEW = "UPDATE erasures_due SET noted_at = :now"


def due(db: Database, *, page: Page) -> Listed[DueRow]:
    """A page of those who are erased within the next week, the first to go first; nobody while it is switched off."""
    found = _moments(db)
    if found is None:
        return Listed([], 0, page)
    params = found._asdict()
    rows = db.all(LIST, params | {"limit": page.limit, "offset": page.offset})
    return Listed([_shown(row) for row in rows], db.value(COUNT, params), page)


def is_wanted(db: Database) -> bool:
    """Whether there is anything to look at: guests are erased by themselves, or were to be."""
    return _moments(db) is not None or bool(db.value(ANY))


def look(db: Database, stopped: Callable[[], bool] = lambda: False) -> int:
    """Note who is due, forget who is not any more, and erase those whose week is over; returns how many were erased."""
    found = _moments(db)
    if found is None:
        if db.value(ANY):
            db.run(FORGET_ALL)
        return 0
    params = found._asdict()
    over, new = db.column(OVER, params), db.column(NEW, params | {"limit": MOST_NOTED})
    with transaction(db):
        if not db.value(LOOKED, {"since": clock.later(found.now, hours=-PAUSE), "now": found.now}):
            db.run(NOTE_ANEW, {"now": found.now})
        db.run(NOTE_LOOK, {"now": found.now})
        db.run(FORGET, {"ids": as_json(over)})
        db.run(NOTE, {"ids": as_json(new), "now": found.now})
    erased = 0
    for guest_id in db.column(TO_ERASE, params | {"limit": MOST_ERASED}):
        if stopped():
            break
        erased += erasure.erase(db, guest_id, only_if=lambda one=guest_id: _is_due(db, one))  # type: ignore[misc]
    return erased


def _is_due(db: Database, guest_id: str) -> bool:
    """Whether a guest is due now: they may have written, and the setting may have been put, since it was found."""
    found = _moments(db)
    return found is not None and bool(db.value(STILL, found._asdict() | {"id": guest_id}))


def _moments(db: Database) -> DueMoments | None:
    """What the queries compare with now; None while nobody is erased by themselves."""
    months = settings.value(db, "privacy")["eraseGuestsAfterMonths"]
    if months is None:
        return None
    now = db.now()
    oldest = db.value(OLDEST, {"now": now, "ahead": f"+{DAYS} days", "back": f"-{months} months"})
    return DueMoments(now, hotel_time.today(db), f"+{months} months", str(oldest))


def _shown(row: StoredDue) -> DueRow:
    return {
        "guest": {"id": row["id"], "name": row["name"]},
        "last_activity_at": row["last_activity_at"],
        "erase_at": row["erase_at"],
    }
