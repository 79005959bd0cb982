"""Imports: files that were uploaded, and how far the worker is with each."""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core import audit, clock, events
from jack.core.atomic_file import MIB
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, NotFound
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jack.core.atomic_file import AtomicFile
    from jack.core.db import Database

FOLDER = "imports"
LIMIT = 50 * MIB  # bytes
MAX_ROWS = 50_000
MAX_SHOWN = 100
DAYS = 7
COUNTED = ("created", "updated", "unchanged", "failed")


class ImportColumns(TypedDict):
    """The columns of an import that are answered as they are stored."""

    id: str
    what: str
    status: str
    dry_run: int
    on_match: str
    file: str | None
    failed_file: str | None
    total: int
    done: int
    created: int
    updated: int
    unchanged: int
    failed: int
    error: str | None
    created_by: str | None
    created_at: str
    finished_at: str | None


class StoredImport(ImportColumns):
    """An import as it is stored; `mapping` is JSON text."""

    mapping: str


class LineError(TypedDict):
    """A line that failed, with the field that is wrong."""

    line: int
    field: str
    message: str


class NamedFiles(TypedDict):
    """The files of an import."""

    id: str
    file: str | None
    failed_file: str | None


COLUMNS = """id, what, status, dry_run, on_match, mapping, file, failed_file, total, done, created, updated, unchanged,
    failed, error, created_by, created_at, finished_at"""

GET = Query[StoredImport](f"SELECT {COLUMNS} FROM imports WHERE id = :id")

ERRORS = Query[
    LineError
]("""
    SELECT line, field, message FROM import_errors WHERE import_id = :id ORDER BY line LIMIT :limit""")

CREATE = """
    INSERT INTO imports (id, what, dry_run, on_match, mapping, file, created_by, created_at)
    VALUES (:id, :what, :dry_run, :on_match, :mapping, :file, :by, :now)"""

# Also one that was cancelled while it was being read: its file is still there.
TO_READ = Query[StoredImport](f"""
    SELECT {COLUMNS} FROM imports
    WHERE file IS NOT NULL
    ORDER BY created_at
    LIMIT 1""")

BEGIN = """
    UPDATE imports SET status = 'running', total = :total
    WHERE id = :id AND status IN ('queued', 'running')"""

# A dry run writes nothing that could be done twice: it begins at the first line again.
FORGET_COUNTS = """
    UPDATE imports SET done = 0, created = 0, updated = 0, unchanged = 0, failed = 0
    WHERE id = :id AND dry_run"""
FORGET_ERRORS = """
    DELETE FROM import_errors
    WHERE import_id = :id AND (SELECT dry_run FROM imports WHERE id = :id)"""

ADVANCE = """
    UPDATE imports
    SET done = done + :done, created = created + :created, updated = updated + :updated,
        unchanged = unchanged + :unchanged, failed = failed + :failed
    WHERE id = :id AND status = 'running'"""

ADD_ERROR = """
    INSERT INTO import_errors (import_id, line, field, message) VALUES (:id, :line, :field, :message)
    ON CONFLICT DO NOTHING"""

FINISH = """
    UPDATE imports
    SET status = CASE status WHEN 'cancelled' THEN status WHEN 'failed' THEN status ELSE :status END,
        error = coalesce(:error, error), file = NULL, failed_file = :failed_file, finished_at = coalesce(finished_at, :now)
    WHERE id = :id AND file IS NOT NULL"""

CANCEL = """
    UPDATE imports SET status = 'cancelled', finished_at = :now
    WHERE id = :id AND status IN ('queued', 'running')"""

DELETE_EXPIRED = Query[NamedFiles](
    "DELETE FROM imports WHERE finished_at < :before AND file IS NULL RETURNING id, file, failed_file"
)

NAMED = """
    SELECT file FROM imports WHERE file IS NOT NULL
    UNION SELECT failed_file FROM imports WHERE failed_file IS NOT NULL"""


RUNS = "SELECT 1 FROM imports WHERE id = :id AND status = 'running'"


class ImportRow(ImportColumns):
    """An import as it is answered, with the first lines that failed."""

    mapping: dict[str, str]
    errors: list[LineError]


def create(
    db: Database,
    draft: AtomicFile,
    *,
    what: str,
    mapping: Mapping[str, str],
    on_match: str,
    dry_run: bool,
    by: str | None = None,
) -> ImportRow:
    """Ask for an import of an uploaded file."""
    import_id = db.new_id("imp")
    wanted = {"id": import_id, "what": what, "on_match": on_match, "dry_run": int(dry_run)}
    draft.fsync()
    with transaction(db):
        draft.keep(import_id)
        row = {"mapping": as_json(dict(mapping)), "file": import_id, "by": by, "now": db.now()}
        db.run(CREATE, wanted | row)
        audit.record(db, "import.created", what, import_id, by=by)
        return get(db, import_id)


def get(db: Database, import_id: str) -> ImportRow:
    """The import, or NotFound."""
    row = db.one(GET, {"id": import_id})
    if row is None:
        raise NotFound("There is no such import: they are kept for a week after their end.")
    errors = db.all(ERRORS, {"id": import_id, "limit": MAX_SHOWN})
    return {**row, "errors": errors, "mapping": orjson.loads(row["mapping"])}


def cancel(db: Database, import_id: str, *, by: str | None = None) -> ImportRow:
    """Stop an import; what has been brought in stays. Raises NotFound, or Conflict when it is over."""
    with transaction(db):
        row = get(db, import_id)
        if row["status"] != "cancelled":
            if not db.run(CANCEL, {"id": import_id, "now": db.now()}):
                raise Conflict("The import is over.", reason="import_over")
            events.record(db, "import.finished", import_id, by=by)
        return get(db, import_id)


def failed_lines(db: Database, import_id: str) -> Path | None:
    """The file with the lines that failed; None when none has. Raises NotFound, or Conflict while the import goes on."""
    row = get(db, import_id)
    if row["file"] is not None:
        raise Conflict("The import is not over yet.", reason=f"import_{row['status']}")
    return folder(db) / row["failed_file"] if row["failed_file"] else None


def to_read(db: Database) -> StoredImport | None:
    """The import to be worked on next, or tidied up after."""
    return db.one(TO_READ)


def begin(db: Database, import_id: str, total: int) -> StoredImport | None:
    """Begin an import of so many lines, or go on with it; None when it is over."""
    with transaction(db):
        if not db.run(BEGIN, {"id": import_id, "total": total}):
            return None
        db.run(FORGET_COUNTS, {"id": import_id})
        db.run(FORGET_ERRORS, {"id": import_id})
        return db.one(GET, {"id": import_id})


def runs(db: Database, import_id: str) -> bool:
    """Whether an import has been begun, and is neither over nor cancelled."""
    return db.value(RUNS, {"id": import_id}) is not None


def advance(
    db: Database, import_id: str, counts: Mapping[str, int], errors: Sequence[LineError]
) -> None:
    """Note what has become of the next lines, in the transaction in which it became so."""
    found = {name: counts.get(name, 0) for name in COUNTED}
    db.run(ADVANCE, {**found, "id": import_id, "done": sum(found.values())})
    for error in errors:
        db.run(ADD_ERROR, {**error, "id": import_id})


def all_errors(db: Database, import_id: str) -> dict[int, LineError]:
    """The lines that failed, by their number."""
    return {row["line"]: row for row in db.all(ERRORS, {"id": import_id, "limit": -1})}


def finish(
    db: Database, row: StoredImport, *, error: str | None = None, failed_file: str | None = None
) -> None:
    """End an import: its file is deleted. `error` is why all of it has failed."""
    status = "done" if error is None else "failed"
    end = {"id": row["id"], "status": status, "error": error, "failed_file": failed_file}
    with transaction(db):
        if db.run(FINISH, end | {"now": db.now()}) and row["status"] != "cancelled":
            events.record(db, "import.finished", row["id"], by=row["created_by"])
        unlink_later(db, [row["file"]])


def delete_expired(db: Database) -> None:
    """Delete imports that were over a week ago, and files without a row, which a crash leaves."""
    with transaction(db):
        gone = db.all(DELETE_EXPIRED, {"before": clock.later(db.now(), days=-DAYS)})
        unlink_later(db, [row["failed_file"] for row in gone])
    named, before = set(db.column(NAMED)), db.time() - 24 * 3600
    for path in folder(db).iterdir() if folder(db).is_dir() else ():
        if path.name not in named and path.stat().st_mtime < before:
            _unlink(path)


def folder(db: Database) -> Path:
    """Where the files are: beside the database."""
    return db.path.parent / FOLDER


def unlink_later(db: Database, files: Sequence[str | None]) -> None:
    """Delete files, on commit. `delete_expired` deletes later what cannot be deleted now."""
    paths = [folder(db) / file for file in files if file]

    for path in paths:
        db.on_commit(functools.partial(_unlink, path))


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
