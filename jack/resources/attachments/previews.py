"""JPEGs of pictures that browsers and most telephones do not show (HEIC): made by the worker, kept beside the picture.

A JPEG is an attachment of its own that says whose preview it is, so that it is served, backed up and deleted as any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock, events
from jack.core.db import transaction
from jack.core.query import Query
from jack.resources.attachments import storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jack.core.db import Database

CONVERTED = frozenset({"image/heic"})
MOST_ATTEMPTS = 3  # a picture that has ended the process this often is left alone
LEASE = 120  # seconds until a picture is tried again


class DueRow(TypedDict):
    """A picture to convert; `message_id` is None before it is sent."""

    id: str
    message_id: str | None
    name: str
    file: str
    uploaded_by: str | None


DUE = "SELECT 1 FROM attachments WHERE preview_due_at <= :now LIMIT 1"

CLAIM = Query[DueRow](f"""
    UPDATE attachments
    SET preview_attempts = preview_attempts + 1,
        preview_due_at = CASE WHEN preview_attempts + 1 < {MOST_ATTEMPTS} THEN :until END
    WHERE seq = (SELECT seq FROM attachments WHERE preview_due_at <= :now ORDER BY preview_due_at LIMIT 1)
    RETURNING id, message_id, name, file, uploaded_by""")

DONE = "UPDATE attachments SET preview_due_at = NULL WHERE id = :id"

# As the picture is now: it may have been sent or deleted since it was claimed.
CREATE = """
    INSERT INTO attachments (id, message_id, task_id, place, status, name, mime, size, digest, file, uploaded_by, created_at,
                             preview_of)
    SELECT :new_id, message_id, task_id, place, 'ready', :name, :mime, :size, :digest, :file, uploaded_by, created_at, id
    FROM attachments WHERE id = :id
    ON CONFLICT DO NOTHING"""

MESSAGE = """
    SELECT messages.id FROM attachments JOIN messages ON messages.id = message_id WHERE attachments.id = :id"""

TASK = "SELECT task_id FROM attachments WHERE id = :id AND task_id IS NOT NULL"

TOUCH_TASK = "UPDATE tasks SET updated_at = :now WHERE id = :id"

CONVERSATION = "SELECT conversation_id FROM messages WHERE id = :id"


def due_at(db: Database, mime: str) -> str | None:
    """When a new file of this type is to be converted: now; None for types that are shown as they are."""
    return db.now() if mime in CONVERTED else None


def due(db: Database) -> bool:
    """Whether there is a picture to convert."""
    return db.value(DUE, {"now": db.now()}) is not None


def convert_due(
    db: Database, pause: Callable[[], None], to_jpeg: Callable[[Path], bytes | None]
) -> None:
    """Convert every picture that is due by `to_jpeg`, which returns None for one it cannot read; `pause` after each."""
    while (row := _claimed(db)) is not None:
        made = to_jpeg(storage.path(db, row["file"]))
        if made is None:
            with transaction(db):
                db.run(DONE, row)
        else:
            _keep(db, row, made)
        pause()


def _claimed(db: Database) -> DueRow | None:
    """The picture that has been due longest, claimed before anything is done with it: it may end this process."""
    with transaction(db):
        until = clock.later(db.now(), seconds=LEASE)
        return db.one(CLAIM, {"now": db.now(), "until": until})


def _keep(db: Database, row: DueRow, jpeg: bytes) -> None:
    stored = storage.write(db, jpeg, claimed=row["name"].rpartition(".")[0] + ".jpg")
    with transaction(db):
        db.run(DONE, row)
        if not db.run(CREATE, {**row, **vars(stored), "new_id": db.new_id("file")}):
            storage.remove(db, [stored.file])  # it has been deleted
            return
        _record(db, row)


def _record(db: Database, row: DueRow) -> None:
    """That what the picture belongs to, if it does already, shows another one."""
    message_id, task_id = db.value(MESSAGE, row), db.value(TASK, row)
    if message_id is not None:
        about = db.value(CONVERSATION, {"id": message_id})
        events.record(
            db,
            "conversation.message.updated",
            message_id,
            conversation_id=about,
            changed=["attachments"],
        )
    if task_id is not None:
        db.run(TOUCH_TASK, {"id": task_id, "now": db.now()})
        events.record(db, "task.updated", task_id, changed=["attachments"])
