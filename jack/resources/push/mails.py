"""What is to be told by e-mail: one row for each person and thing, gathered for a minute into one mail.

Rows hold ids only, as those of pushes do; the text is made when it is sent. What comes of the same thing meanwhile takes its place;
that somebody is named in a conversation is another thing than what its guest writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database

GATHER_SECONDS = 60.0  # from the first thing to the mail: so nobody gets two mails in a minute
PAUSES = (60.0, 300.0, 900.0)  # seconds from one attempt to the next; the last one again and again
KEPT_HOURS = 24  # quiet hours are shorter; then it is no news any more
BATCH = 20  # people of one look
NAMED = "mention:"  # before the conversation's id, where somebody is named in it


class MailRow(TypedDict):
    """A thing that somebody is to be told of."""

    id: str
    staff_id: str
    kind: str
    subject_id: str
    message_id: str | None
    attempt: int
    created_at: str


class RecipientRow(TypedDict):
    """Whom to write to."""

    id: str
    name: str
    email: str


ADD = """
    INSERT INTO notification_mails (id, staff_id, kind, subject_id, message_id, next_attempt_at, created_at)
    VALUES (:id, :staff_id, :kind, :subject_id, :message_id, :next, :now)
    ON CONFLICT (staff_id, subject_id) DO UPDATE
    SET id = excluded.id, kind = excluded.kind, message_id = excluded.message_id, created_at = excluded.created_at"""

IS_DUE = "SELECT EXISTS (SELECT 1 FROM notification_mails WHERE next_attempt_at <= :now)"

DUE = """
    SELECT staff_id FROM notification_mails WHERE next_attempt_at <= :now
    GROUP BY staff_id ORDER BY min(next_attempt_at) LIMIT :limit"""

RECIPIENT = Query[RecipientRow]("SELECT id, name, email FROM staff WHERE id = :id AND active")

OF = Query[MailRow](f"""
    SELECT id, staff_id, kind, replace(subject_id, '{NAMED}', '') AS subject_id, message_id, attempt, created_at
    FROM notification_mails WHERE staff_id = :staff_id ORDER BY created_at, id""")

# A guest who has been answered meanwhile, and a task that is done, are no news: whoever sits at the page gets no mail of it.
SETTLED = """
    DELETE FROM notification_mails WHERE staff_id = :staff_id AND (
        (kind GLOB 'guest_*' AND NOT EXISTS (
            SELECT 1 FROM conversations WHERE id = subject_id AND waiting_since IS NOT NULL))
        OR (kind GLOB 'task_*' AND NOT EXISTS (
            SELECT 1 FROM tasks WHERE id = subject_id AND status IN ('open', 'in_progress', 'blocked'))))"""

LATER = """
    UPDATE notification_mails SET attempt = attempt + :attempts, next_attempt_at = :next
    WHERE staff_id = :staff_id"""

FORGET_UNWANTED = """
    DELETE FROM notification_mails
    WHERE staff_id = :staff_id AND kind NOT IN (SELECT value FROM json_each(:kinds))"""

SOONER = """
    UPDATE notification_mails SET next_attempt_at = :next
    WHERE staff_id = :staff_id AND next_attempt_at > :next"""

FORGET = "DELETE FROM notification_mails WHERE staff_id = :staff_id"

DELETE = "DELETE FROM notification_mails WHERE id IN (SELECT value FROM json_each(:ids))"

DELETE_OLD = "DELETE FROM notification_mails WHERE created_at < :before"


def add(
    db: Database, staff_id: str, kind: str, subject_id: str, message_id: str | None = None
) -> None:
    """Have a thing told to a person in their next mail. Inside a transaction."""
    now = db.now()
    db.run(
        ADD,
        {
            "id": db.new_id("notice"),
            "staff_id": staff_id,
            "kind": kind,
            "subject_id": NAMED + subject_id if kind == "mention" else subject_id,
            "message_id": message_id,
            "next": clock.later(now, seconds=GATHER_SECONDS),
            "now": now,
        },
    )


def is_due(db: Database) -> bool:
    """Whether there is a mail to send now."""
    return bool(db.value(IS_DUE, {"now": db.now()}))


def due(db: Database) -> list[str]:
    """The ids of up to 20 people for whose mail it is time."""
    return db.column(DUE, {"now": db.now(), "limit": BATCH})


def claim(db: Database, staff_id: str) -> tuple[RecipientRow, list[MailRow]] | None:
    """Whom to tell now, and of what; the next attempt is only after a pause. None when there is nothing to tell any more."""
    with transaction(db):
        recipient = db.one(RECIPIENT, {"id": staff_id})
        if recipient is None:
            db.run(FORGET, {"staff_id": staff_id})
            return None
        db.run(SETTLED, {"staff_id": staff_id})
        rows = db.all(OF, {"staff_id": staff_id})
        if not rows:
            return None
        attempts = max(row["attempt"] for row in rows)
        pause = PAUSES[min(attempts, len(PAUSES) - 1)]
        postpone(db, staff_id, seconds=pause, attempts=1)
    return recipient, rows


def postpone(db: Database, staff_id: str, *, seconds: float, attempts: int = 0) -> None:
    """Have what a person is to be told wait; `attempts`: how many more there have been."""
    following = clock.later(db.now(), seconds=seconds)
    db.run(LATER, {"staff_id": staff_id, "next": following, "attempts": attempts})


def follow(db: Database, staff_id: str, kinds: Sequence[str]) -> None:
    """A person has chosen anew: what waits of other kinds is forgotten, and the rest does not wait for quiet hours that were.

    Inside a transaction.
    """
    db.run(FORGET_UNWANTED, {"staff_id": staff_id, "kinds": as_json(kinds)})
    soon = clock.later(db.now(), seconds=GATHER_SECONDS)
    db.run(SOONER, {"staff_id": staff_id, "next": soon})


def delete(db: Database, rows: Sequence[MailRow]) -> None:
    """These have been told, or never can be; what has come of the same things meanwhile stays."""
    db.run(DELETE, {"ids": as_json([row["id"] for row in rows])})


def delete_old(db: Database) -> int:
    """Delete what has not left for a day; returns how many."""
    with transaction(db):
        return db.run(DELETE_OLD, {"before": clock.later(db.now(), hours=-KEPT_HOURS)})
