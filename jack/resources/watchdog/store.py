"""What is out of order: one row a fault, told to administrators once, and once more when it is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import events
from jack.core.db import transaction
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Collection

    from jack.core.db import Database


class Fault(NamedTuple):
    """A kind of fault (`mailbox`, `channel`, `webhook`, `disk`, `backup`, `clock`), what it is of ('' where there is one), since when."""

    kind: str
    subject_id: str
    since: str

    @property
    def name(self) -> str:
        """`disk`, `channel:sms`: what an event calls it."""
        return f"{self.kind}:{self.subject_id}" if self.subject_id else self.kind


class FaultRow(TypedDict):
    """A fault; `ended_at`: it is well again."""

    kind: str
    subject_id: str
    since: str
    ended_at: str | None


COLUMNS = "kind, subject_id, since, ended_at"

ORDER = "ORDER BY since, kind, subject_id"

NOW = Query[FaultRow](f"SELECT {COLUMNS} FROM faults WHERE ended_at IS NULL {ORDER}")

NEWS = Query[FaultRow](
    f"SELECT {COLUMNS} FROM faults WHERE ended_at IS NOT NULL OR told_at IS NULL {ORDER}"
)

# One that was well for a moment, of which nobody was told, is still the same.
ADD = """
    INSERT INTO faults (kind, subject_id, since) VALUES (:kind, :subject_id, :since)
    ON CONFLICT DO UPDATE SET ended_at = NULL"""

END = "UPDATE faults SET ended_at = :now WHERE kind = :kind AND subject_id = :subject_id"

# Of what began and ended untold there is nothing to tell.
FORGET_UNTOLD = "DELETE FROM faults WHERE ended_at IS NOT NULL AND told_at IS NULL"

SET_TOLD = "UPDATE faults SET told_at = :now WHERE kind = :kind AND subject_id = :subject_id AND ended_at IS NULL"

FORGET = (
    "DELETE FROM faults WHERE kind = :kind AND subject_id = :subject_id AND ended_at = :ended_at"
)


def now(db: Database) -> list[Fault]:
    """What is out of order, the oldest first."""
    return [Fault(row["kind"], row["subject_id"], row["since"]) for row in db.all(NOW)]


def update(db: Database, found: Collection[Fault]) -> None:
    """Keep what was found: what is new and what is well again has an event each (`health.failed`, `health.recovered`)."""
    with transaction(db):
        known = {fault.name: fault for fault in now(db)}
        names = {fault.name for fault in found}
        for fault in found:
            if fault.name not in known:
                db.run(ADD, fault._asdict())
                events.record(db, "health.failed", fault.name)
        for fault in known.values():
            if fault.name not in names:
                db.run(END, fault._asdict() | {"now": db.now()})
                events.record(db, "health.recovered", fault.name)
        db.run(FORGET_UNTOLD)


def news(db: Database) -> list[FaultRow]:
    """What administrators have not been told: new faults, and those that are well again."""
    return db.all(NEWS)


def set_told(db: Database, rows: Collection[FaultRow]) -> None:
    """Note that they have been told of these."""
    with transaction(db):
        for row in rows:
            if row["ended_at"]:
                db.run(FORGET, dict(row))
            else:
                db.run(SET_TOLD, {**row, "now": db.now()})
