"""Backups as rows: asked for, made by the worker, found, deleted when their time is over.

The files are the truth: one that is there without a row (the database was restored) gets it, a row whose file is gone goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo

import orjson

from jack.core import audit, clock
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, NotFound
from jack.core.paging import Listed, Page
from jack.core.query import Query
from jack.resources.backups import folder as files
from jack.resources.backups.retention import superseded
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from datetime import datetime

    from jack.core.db import Database
    from jack.resources.backups.folder import Note

FAILED_DAYS = 30


class StoredRow(TypedDict):
    """A backup as it is stored; `counts` is JSON text."""

    id: str
    reason: str
    status: str
    file: str | None
    bytes: int | None
    digest: str | None
    counts: str | None
    encrypted: int
    error: str | None
    copied_at: str | None
    copy_error: str | None
    created_by: str | None
    created_at: str
    finished_at: str | None


class BackupRow(TypedDict):
    """A backup as it is answered."""

    id: str
    reason: str
    status: str
    file: str | None
    bytes: int | None
    counts: dict[str, int] | None
    encrypted: bool
    error: str | None
    copied_at: str | None
    copy_error: str | None
    created_at: str
    finished_at: str | None


COLUMNS = (
    "id, reason, status, file, bytes, digest, counts, encrypted, error, copied_at, copy_error,"
    " created_by, created_at, finished_at"
)

GET = Query[StoredRow](f"SELECT {COLUMNS} FROM backups WHERE id = :id")

LIST = Query[StoredRow](f"""
    SELECT {COLUMNS} FROM backups ORDER BY created_at DESC, seq DESC LIMIT :limit OFFSET :offset""")

COUNT = "SELECT count(*) FROM backups"

CREATE = Query[StoredRow](f"""
    INSERT INTO backups (id, reason, created_by, created_at) VALUES (:id, :reason, :by, :now)
    RETURNING {COLUMNS}""")

# One that runs while nobody works has been broken off: it is begun again.
DUE = Query[StoredRow](f"""
    SELECT {COLUMNS} FROM backups WHERE status IN ('queued', 'running') ORDER BY seq LIMIT 1""")

BEGIN = "UPDATE backups SET status = 'running' WHERE id = :id"

FINISH = """
    UPDATE backups
    SET status = 'done', file = :file, bytes = :bytes, digest = :digest, counts = :counts, encrypted = :encrypted,
        finished_at = :finished_at
    WHERE id = :id"""

FAIL = "UPDATE backups SET status = 'failed', error = :error, finished_at = :now WHERE id = :id"

# The newest, where it has not been copied.
TO_COPY = Query[StoredRow](f"""
    SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM backups WHERE status = 'done' ORDER BY created_at DESC LIMIT 1)
    WHERE copied_at IS NULL""")

COPIED = "UPDATE backups SET copied_at = :at, copy_error = :error WHERE id = :id"

DONE = Query[StoredRow](f"SELECT {COLUMNS} FROM backups WHERE status = 'done'")

ADOPT = """
    INSERT INTO backups (id, reason, status, file, bytes, digest, counts, encrypted, created_at, finished_at)
    VALUES (:id, :reason, 'done', :file, :bytes, :digest, :counts, :encrypted, :created_at, :finished_at)
    ON CONFLICT (id) DO UPDATE
    SET status = 'done', file = :file, bytes = :bytes, digest = :digest, counts = :counts, encrypted = :encrypted,
        error = NULL, finished_at = :finished_at
    WHERE status <> 'done'"""

DELETE = "DELETE FROM backups WHERE id = :id"

DELETE_FAILED = "DELETE FROM backups WHERE status = 'failed' AND created_at < :before"


def search(db: Database, *, page: Page) -> Listed[BackupRow]:
    """A page of all backups, newest first."""
    rows = db.all(LIST, {"limit": page.limit, "offset": page.offset})
    return Listed([_shown(row) for row in rows], db.value(COUNT), page)


def get(db: Database, backup_id: str) -> BackupRow:
    """The backup, or NotFound."""
    return _shown(_row(db, backup_id))


def create(db: Database, *, by: str) -> BackupRow:
    """Ask for a backup. One that is waiting or being made already is answered instead."""
    with transaction(db):
        waiting = db.one(DUE)
        if waiting is not None:
            return _shown(waiting)
        row = plan(db, "asked", by=by)
        audit.record(db, "backup.created", "backup", row["id"], by=by)
        return _shown(row)


def plan(db: Database, reason: str, *, by: str | None = None) -> StoredRow:
    """Have the worker make a backup; `reason` is `nightly` or `asked`."""
    return db.row(CREATE, {"id": db.new_id("bak"), "reason": reason, "by": by, "now": db.now()})


def released(db: Database, backup_id: str, *, by: str) -> None:
    """Write into the audit log that somebody may download a backup. Raises NotFound, or Conflict while it is not made."""
    with transaction(db):
        file_of(db, backup_id)
        audit.record(db, "backup.released", "backup", backup_id, by=by)


def file_of(db: Database, backup_id: str) -> dict[str, object]:
    """What a download needs of the backup. Raises NotFound, or Conflict while it is not made."""
    row = _row(db, backup_id)
    if row["file"] is None:
        failed = row["status"] == "failed"
        message = "The backup has failed." if failed else "The backup is not made yet."
        raise Conflict(message, reason=f"backup_{row['status']}")
    return {
        "name": row["file"],
        "mime": "application/octet-stream",
        "size": row["bytes"],
        "digest": row["digest"],
        "path": str(files.folder_beside(db.path) / row["file"]),
        "below": f"{files.FOLDER}/{row['file']}",
    }


# ------------------------------------------------------------------------------------------------ by the worker


def due(db: Database) -> StoredRow | None:
    """The backup to be made next."""
    return db.one(DUE)


def begin(db: Database, backup_id: str) -> None:
    """Note that it is being made."""
    with transaction(db):
        db.run(BEGIN, {"id": backup_id})


def finish(db: Database, note: Note) -> None:
    """Note that it is made, and checked."""
    with transaction(db):
        db.run(FINISH, _bound(note))


def fail(db: Database, backup_id: str, error: str) -> None:
    """Note why it cannot be made."""
    with transaction(db):
        db.run(FAIL, {"id": backup_id, "error": error, "now": db.now()})


def to_copy(db: Database) -> StoredRow | None:
    """The newest backup, unless it has been copied off the machine."""
    return db.one(TO_COPY)


def copied(db: Database, backup_id: str, error: str | None) -> None:
    """Note that the backup has been copied off the machine, or why not."""
    at = None if error else db.now()
    with transaction(db):
        db.run(COPIED, {"id": backup_id, "at": at, "error": error})


def adopt(db: Database) -> None:
    """Bring the rows in line with the files: a restored database knows nothing of later backups, and files may be deleted by hand."""
    folder = files.folder_beside(db.path)
    found = files.notes(folder)
    there = {note["file"] for note in found}
    with transaction(db):
        for note in found:
            db.run(ADOPT, _bound(note))
        for row in db.all(DONE):
            if row["file"] not in there:
                db.run(DELETE, {"id": row["id"]})


def thin(db: Database) -> None:
    """Delete the backups that are kept no longer, and what is known of old failures."""
    zone = ZoneInfo(settings.value(db, "hotel")["timeZone"])
    rows = {row["id"]: row for row in db.all(DONE)}
    by_reason: dict[str, list[tuple[str, datetime]]] = {"nightly": [], "asked": []}
    for id, row in rows.items():
        by_reason[row["reason"]].append((id, clock.parse(row["created_at"]).astimezone(zone)))
    now = clock.parse(db.now()).astimezone(zone)
    keep = settings.value(db, "backups")
    over = superseded(by_reason["nightly"], by_reason["asked"], keep, now)
    folder = files.folder_beside(db.path)
    with transaction(db):
        db.run(DELETE_FAILED, {"before": clock.later(db.now(), days=-FAILED_DAYS)})
        for id in over:
            db.run(DELETE, {"id": id})
    for id in over:
        files.remove(folder, str(rows[id]["file"]))


def _bound(note: Note) -> dict[str, object]:
    return {**note, "counts": as_json(note["counts"]), "encrypted": int(note["encrypted"])}


def _row(db: Database, backup_id: str) -> StoredRow:
    row = db.one(GET, {"id": backup_id})
    if row is None:
        raise NotFound("There is no such backup.")
    return row


def _shown(row: StoredRow) -> BackupRow:
    return {
        "id": row["id"],
        "reason": row["reason"],
        "status": row["status"],
        "file": row["file"],
        "bytes": row["bytes"],
        "counts": None if row["counts"] is None else orjson.loads(row["counts"]),
        "encrypted": bool(row["encrypted"]),
        "error": row["error"],
        "copied_at": row["copied_at"],
        "copy_error": row["copy_error"],
        "created_at": row["created_at"],
        "finished_at": row["finished_at"],
    }
