"""The handover of a shift: what goes on now, read from the rows, and the texts by which people have handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import audit, clock
from jack.core.db import transaction
from jack.core.errors import NotFound
from jack.core.query import Query
from jack.resources.handover import stays

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database
    from jack.resources.handover.stays import StayRow


class WaitingRow(TypedDict):
    """A conversation whose guest waits for an answer."""

    id: str
    guest_id: str | None
    guest_name: str | None
    channel: str
    waiting_since: str
    preview: str | None
    assignee_name: str | None


class TaskRow(TypedDict):
    """A task that is not done."""

    id: str
    title: str
    room: str | None
    department: str
    priority: str
    status: str
    due_at: str
    assignee_name: str | None


class NoteRow(TypedDict):
    """A note for the staff in a conversation."""

    id: str
    conversation_id: str
    guest_name: str | None
    content: str
    author_name: str | None
    created_at: str


class ChannelRow(TypedDict):
    """A channel that does not work."""

    channel: str
    paused_at: str
    paused_because: str | None


class Person(TypedDict):
    """A member of staff."""

    id: str
    name: str


class ReaderRow(Person):
    """A member of staff who has read a handover, and when."""

    at: str


class StoredHandover(TypedDict):
    """A handover as it is stored."""

    id: str
    text: str
    by_id: str
    by_name: str
    at: str


class SignedRow(TypedDict):
    """A handover that somebody has signed."""

    id: str
    text: str
    by: Person
    at: str
    read_by: list[ReaderRow]


class HandoverRow(TypedDict):
    """What there is to hand over."""

    since: str
    waiting: list[WaitingRow]
    open_tasks: list[TaskRow]
    overdue_tasks: list[TaskRow]
    notes: list[NoteRow]
    mentions: list[NoteRow]
    arrivals: list[StayRow]
    departures: list[StayRow]
    in_house: list[StayRow]
    channels: list[ChannelRow]
    last: SignedRow | None


USUAL_HOURS = 12
MOST = 100  # of each kind: who hands over more than that has lost count
ERASED = "[erased]"

WAITING = Query[WaitingRow]("""
    SELECT conversations.id, guest_id, guests.name AS guest_name, channel, waiting_since, preview, staff.name AS assignee_name
    FROM conversations INDEXED BY conversations_waiting
        LEFT JOIN guests ON guests.id = guest_id LEFT JOIN staff ON staff.id = assignee_id
    WHERE waiting_since IS NOT NULL
    ORDER BY waiting_since LIMIT :most""")

TASKS = """
    SELECT tasks.id, title, room, tasks.department, priority, status, due_at, staff.name AS assignee_name
    FROM tasks LEFT JOIN staff ON staff.id = assignee_id
    WHERE status IN ('open', 'in_progress', 'blocked') AND {}
    ORDER BY {} LIMIT :most"""
OPEN = Query[TaskRow](TASKS.format("due_at >= :now", "urgency, due_at"))
OVERDUE = Query[TaskRow](TASKS.format("due_at < :now", "due_at"))

NOTES = Query[NoteRow]("""
    SELECT messages.id, conversation_id, guests.name AS guest_name, content, staff.name AS author_name,
           messages.created_at
    FROM messages JOIN conversations ON conversations.seq = conversation_seq
        LEFT JOIN guests ON guests.id = guest_id LEFT JOIN staff ON staff.id = author_id
    WHERE messages.created_at >= :since AND type = 'note'
    ORDER BY messages.created_at DESC LIMIT :most""")

PEOPLE = "SELECT name FROM staff WHERE active"

CHANNELS = Query[ChannelRow]("""
    SELECT substr(name, 1, instr(name || ':', ':') - 1) AS channel, paused_at, paused_because
    FROM channel_accounts WHERE paused_at IS NOT NULL ORDER BY paused_at""")

COLUMNS = "handovers.id, text, staff_id AS by_id, staff.name AS by_name, handovers.created_at AS at"
NEWEST = Query[StoredHandover](
    f"SELECT {COLUMNS} FROM handovers JOIN staff ON staff.id = staff_id ORDER BY handovers.seq DESC LIMIT 1"
)
GET = Query[StoredHandover](
    f"SELECT {COLUMNS} FROM handovers JOIN staff ON staff.id = staff_id WHERE handovers.id = :id"
)

READERS = Query[ReaderRow]("""
    SELECT staff.id, staff.name, read_at AS at FROM handover_reads JOIN staff ON staff.id = staff_id
    WHERE handover_id = :id ORDER BY read_at, staff.id""")

CREATE = (
    "INSERT INTO handovers (id, text, staff_id, created_at) VALUES (:id, :text, :staff_id, :now)"
)

READ = """
    INSERT INTO handover_reads (handover_id, staff_id, read_at) VALUES (:id, :staff_id, :now)
    ON CONFLICT DO NOTHING"""

TEXTS = Query[StoredHandover](f"SELECT {COLUMNS} FROM handovers JOIN staff ON staff.id = staff_id")
ERASE = "UPDATE handovers SET text = :erased WHERE id = :id"


def get(db: Database, *, since: str | None = None) -> HandoverRow:
    """What there is to hand over; notes since then, without it since the last handover, or of the last twelve hours."""
    last, now = _newest(db), db.now()
    usual = last["at"] if last else clock.later(now, hours=-USUAL_HOURS)
    params = {"since": since or usual, "now": now, "most": MOST}
    notes = db.all(NOTES, params)
    names = [f"@{name.casefold()}" for name in db.column(PEOPLE)]
    return {
        "since": params["since"],  # type: ignore[typeddict-item]
        "waiting": db.all(WAITING, params),
        "open_tasks": db.all(OPEN, params),
        "overdue_tasks": db.all(OVERDUE, params),
        "notes": notes,
        "mentions": [note for note in notes if _mentions(note["content"], names)],
        **stays.today(db),
        "channels": db.all(CHANNELS),
        "last": last,
    }


def sign(db: Database, text: str, *, by: str) -> SignedRow:
    """A new handover, with what the member who signs has to say."""
    new = {"id": db.new_id("handover"), "text": text, "staff_id": by, "now": db.now()}
    with transaction(db):
        db.run(CREATE, new)
        audit.record(db, "handover.signed", "handover", str(new["id"]), by=by)
        return _signed(db, db.row(GET, new))


def get_signed(db: Database, handover_id: str) -> SignedRow:
    """A handover that somebody has signed. Raises NotFound."""
    row = db.one(GET, {"id": handover_id})
    if row is None:
        raise NotFound("Handover not found")
    return _signed(db, row)


def mark_read(db: Database, handover_id: str, *, by: str) -> SignedRow:
    """Note that a member has read a handover; once, however often they say so. Raises NotFound."""
    params = {"id": handover_id, "staff_id": by, "now": db.now()}
    with transaction(db):
        get_signed(db, handover_id)
        if db.run(READ, params):
            audit.record(db, "handover.read", "handover", handover_id, by=by)
        return get_signed(db, handover_id)


def texts(db: Database) -> dict[str, str]:
    """What was handed over, each text under its id."""
    return {str(row["id"]): str(row["text"]) for row in db.all(TEXTS)}


def erase(db: Database, ids: Iterable[str]) -> None:
    """Empty these handovers, in which somebody stands who is to be erased."""
    for one in ids:
        db.run(ERASE, {"id": one, "erased": ERASED})


def _newest(db: Database) -> SignedRow | None:
    row = db.one(NEWEST)
    return None if row is None else _signed(db, row)


def _signed(db: Database, row: StoredHandover) -> SignedRow:
    return {
        "id": row["id"],
        "text": row["text"],
        "by": {"id": row["by_id"], "name": row["by_name"]},
        "at": row["at"],
        "read_by": db.all(READERS, {"id": row["id"]}),
    }


def _mentions(content: str, names: list[str]) -> bool:
    folded = content.casefold()
    return any(name in folded for name in names)
