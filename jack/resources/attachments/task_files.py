"""The files of tasks: photos of what is to be done, or was."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.db import as_json, transaction
from jack.core.errors import Invalid
from jack.core.query import Query
from jack.resources.attachments import storage
from jack.resources.attachments.store import DeletedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database


class KnownRow(TypedDict):
    """A file that a task has."""

    id: str


KNOWN = Query[KnownRow](
    "SELECT id FROM attachments WHERE task_id = :task_id AND preview_of IS NULL ORDER BY place, seq"
)

CLAIM = """
    UPDATE attachments SET task_id = :task_id, place = :place
    WHERE id = :id AND preview_of IS NULL
      AND (task_id = :task_id OR task_id IS NULL AND message_id IS NULL AND uploaded_by = :by)"""

CLAIM_PREVIEW = "UPDATE attachments SET task_id = :task_id WHERE preview_of = :id"

DELETE_OTHERS = Query[DeletedFile]("""
    DELETE FROM attachments
    WHERE task_id = :task_id AND coalesce(preview_of, id) NOT IN (SELECT value FROM json_each(:ids))
    RETURNING file""")


def put(db: Database, task_id: str, ids: Sequence[str], *, by: str | None) -> bool:
    """Have a task own these files, in this order, and delete others it had; returns whether that changes anything.

    Raises Invalid unless each is the task's already, or was uploaded by this member and belongs to nothing yet.
    """
    if len(set(ids)) < len(ids):
        raise Invalid.field("attachmentIds", "invalid", "Must be different ids.")
    with transaction(db):
        if [row["id"] for row in db.all(KNOWN, {"task_id": task_id})] == list(ids):
            return False
        for place, one in enumerate(ids):
            row = {"id": one, "task_id": task_id, "place": place, "by": by}
            if not db.run(CLAIM, row):
                message = "No such file of yours, or it is somewhere else already: upload it again."
                raise Invalid.field(f"attachmentIds.{place}", "no_such", message)
            db.run(CLAIM_PREVIEW, row)
        gone = db.all(DELETE_OTHERS, {"task_id": task_id, "ids": as_json(list(ids))})
        storage.remove(db, [row["file"] for row in gone])
        return True
