"""Exports that the worker writes to a file: asked for, written, kept for a day, and void once a guest in it is erased."""

from __future__ import annotations

import mmap
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import orjson

from jack.core import audit, clock
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, NotFound
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from jack.core.atomic_file import AtomicFile
    from jack.core.db import Database

FOLDER = "exports"
HOURS = 24
ZIP = "zip"
GUEST = "guest"  # all of one guest, whose id is in the filters


class ExportRow(TypedDict):
    """An export; `filters` is JSON text, `begun` how often it was begun."""

    id: str
    what: str
    format: str
    filters: str
    status: str
    begun: int
    rows: int | None
    bytes: int | None
    digest: str | None
    file: str | None
    error: str | None
    created_by: str | None
    created_at: str
    expires_at: str | None


class NamedFile(TypedDict):
    """The file of an export, if it has one, and the guest whom it is about, if it is about one."""

    id: str
    guest: str | None
    file: str | None


class Searched(NamedTuple):
    """Finished exports that were searched for ids, and those in whose files one of them stands."""

    ids: frozenset[str]
    exports: frozenset[str]
    found: frozenset[str]


COLUMNS = "id, what, format, filters, status, begun, rows, bytes, digest, file, error, created_by, created_at, expires_at"

GET = Query[ExportRow](f"SELECT {COLUMNS} FROM exports WHERE id = :id")

CREATE = Query[ExportRow](f"""
    INSERT INTO exports (id, what, format, filters, created_by, created_at)
    VALUES (:id, :what, :format, :filters, :by, :now)
    RETURNING {COLUMNS}""")

# One that runs while nobody works has been broken off: it is begun again.
DUE = Query[ExportRow](f"""
    SELECT {COLUMNS} FROM exports
    WHERE status IN ('queued', 'running')
    ORDER BY created_at
    LIMIT 1""")

BEGIN = Query[ExportRow](f"""
    UPDATE exports SET status = 'running', begun = begun + 1
    WHERE id = :id AND status IN ('queued', 'running')
    RETURNING {COLUMNS}""")

FINISH = """
    UPDATE exports
    SET status = 'done', rows = :rows, bytes = :bytes, digest = :digest, file = :file, expires_at = :expires_at
    WHERE id = :id AND status = 'running' AND begun = :begun"""

FAIL = """
    UPDATE exports SET status = 'failed', error = :error, expires_at = :expires_at
    WHERE id = :id AND status = 'running' AND begun = :begun"""

NAMED_FILE = (
    "SELECT id, file, CASE what WHEN 'guest' THEN filters ->> 'guestId' END AS guest FROM exports"
)
FINISHED = Query[NamedFile](f"{NAMED_FILE} WHERE status = 'done'")

DELETE = "DELETE FROM exports WHERE id IN (SELECT value FROM json_each(:ids))"

# What is being written has perhaps passed the erased guest already.
AGAIN = "UPDATE exports SET status = 'queued', begun = begun + 1 WHERE status = 'running'"

EXPIRED = Query[NamedFile](f"{NAMED_FILE} WHERE expires_at < :now")

NAMED = "SELECT file FROM exports WHERE file IS NOT NULL"


def create(
    db: Database,
    *,
    what: str,
    format: str,
    filters: Mapping[str, object],
    by: str | None = None,
    about: str | None = None,
) -> ExportRow:
    """Ask for an export; `filters` as they were sent, checked already. The audit log says `about` whom it is, or which export."""
    wanted: dict[str, str | None] = {"what": what, "format": format, "by": by}
    wanted["id"] = db.new_id("exp")
    with transaction(db):
        note(db, what, about or wanted["id"], by=by)
        return db.row(CREATE, wanted | {"filters": as_json(dict(filters)), "now": db.now()})


def note(db: Database, what: str, export_id: str | None = None, *, by: str | None) -> None:
    """Write into the audit log that somebody exports; `export_id` is None where the request is answered at once."""
    with transaction(db):
        audit.record(db, "export.created", what, export_id, by=by)


def get(db: Database, export_id: str) -> ExportRow:
    """The export, or NotFound."""
    row = db.one(GET, {"id": export_id})
    if row is None:
        raise NotFound("There is no such export: they are kept for a day.")
    return row


def file_of(db: Database, export_id: str) -> dict[str, object]:
    """What a download needs of the export. Raises NotFound, or Conflict while it is not written."""
    row = get(db, export_id)
    if row["file"] is None:
        failed = row["status"] == "failed"
        message = "The export has failed." if failed else "The export is not written yet."
        raise Conflict(message, reason=f"export_{row['status']}")
    day = row["created_at"][:10]
    return {
        "name": f"{row['what']}-{day}.{row['format']}",
        "format": row["format"],
        "rows": row["rows"],
        "size": row["bytes"],
        "digest": row["digest"],
        "file": row["file"],
        "path": str(folder(db) / row["file"]),
    }


def due(db: Database) -> ExportRow | None:
    """The export to be written next."""
    return db.one(DUE)


def begin(db: Database, export_id: str) -> ExportRow | None:
    """Begin to write an export, anew if need be; None when there is nothing to write any more."""
    with transaction(db):
        return db.one(BEGIN, {"id": export_id})


def finish(db: Database, row: ExportRow, written: AtomicFile, rows: int) -> bool:
    """Keep the written file. Returns False, and keeps nothing, where a guest has been erased meanwhile."""
    file = f"{row['id']}.{row['format']}"
    kept = {"id": row["id"], "begun": row["begun"], "file": file, "rows": rows}
    written.fsync()
    kept |= {"bytes": written.size, "digest": written.digest, "expires_at": _expiry(db)}
    with transaction(db):
        if not db.run(FINISH, kept):
            return False
        written.keep(file)
    return True


def fail(db: Database, row: ExportRow, error: str) -> None:
    """Note why an export cannot be written."""
    with transaction(db):
        db.run(
            FAIL,
            {"id": row["id"], "begun": row["begun"], "error": error, "expires_at": _expiry(db)},
        )


def search_files(db: Database, ids: Collection[str]) -> Searched:
    """Search the finished files for any of these ids. Reads every file: not in a transaction."""
    rows, wanted = db.all(FINISHED), [one.encode() for one in ids]
    found = [row["id"] for row in rows if _names(folder(db), row["file"], wanted)]
    return Searched(frozenset(ids), frozenset(row["id"] for row in rows), frozenset(found))


def erase(db: Database, ids: Sequence[str], searched: Searched) -> None:
    """Delete exports whose file names any of these ids, and begin the one anew that is being written.

    Only what has come since the files were searched is searched now: a file, or an id.
    """
    wanted = [one.encode() for one in ids]
    new = [one.encode() for one in ids if one not in searched.ids]

    def names(row: NamedFile) -> bool:
        left = new if row["id"] in searched.exports else wanted
        return row["id"] in searched.found or _names(folder(db), row["file"], left)

    with transaction(db):
        db.run(AGAIN)
        _delete(db, [row for row in db.all(FINISHED) if row["guest"] in ids or names(row)])


def delete_expired(db: Database) -> None:
    """Delete exports that are over, and files without a row, which a crash leaves."""
    with transaction(db):
        _delete(db, db.all(EXPIRED, {"now": db.now()}))
    named = set(db.column(NAMED))
    before = db.time() - HOURS * 3600
    for path in folder(db).iterdir() if folder(db).is_dir() else ():
        with suppress(OSError):
            if path.name not in named and path.stat().st_mtime < before:
                path.unlink()


def stored_filters(row: ExportRow) -> dict[str, object]:
    """The filters of an export as they were sent."""
    found: dict[str, object] = orjson.loads(row["filters"])
    return found


def folder(db: Database) -> Path:
    """Where the files are: beside the database."""
    return db.path.parent / FOLDER


def _delete(db: Database, rows: Sequence[NamedFile]) -> None:
    if rows:
        db.run(DELETE, {"ids": as_json([row["id"] for row in rows])})
        paths = [folder(db) / row["file"] for row in rows if row["file"]]
        db.on_commit(lambda: _unlink(paths))


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


def _names(folder: Path, file: str | None, wanted: Sequence[bytes]) -> bool:
    """Whether a file names one of these ids; it is not read into memory."""
    if file is None or not wanted:
        return False
    try:
        with (folder / file).open("rb") as opened:
            content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
            with content:
                return any(content.find(one) >= 0 for one in wanted)
    except (OSError, ValueError):  # gone, or empty
        return False


def _expiry(db: Database) -> str:
    return clock.later(db.now(), hours=HOURS)
