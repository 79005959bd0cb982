"""Doing an import: line by line, a few in each transaction, together with how far it is. Killed anywhere, it goes on there."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import orjson

from jack.core.atomic_file import MIB, AtomicFile
from jack.core.db import savepoint, transaction
from jack.core.errors import JackError
from jack.resources.exports.formats import cell, csv_lines
from jack.resources.imports import reading, store
from jack.resources.imports.bringing_in import do, plan
from jack.resources.imports.lines import loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jack.core.db import Database
    from jack.resources.imports.reading import Layout, Record
    from jack.resources.imports.store import LineError, StoredImport

# Lines in a transaction: as long as it lasts nobody else writes.
PART = 20
GONE = "The file is not here any more: it was not in the backup. Upload it again."
TOO_MANY = f"The file has more than {store.MAX_ROWS} lines: part it."
Seen = dict[tuple[str, str], "Mapping[str, object]"]


def run_due(db: Database, pause: Callable[[], None] = lambda: None) -> None:
    """Do the imports that are asked for, one after the other. `pause` is called between two transactions."""
    while (row := store.to_read(db)) is not None:
        path = store.folder(db) / str(row["file"])
        try:
            layout = reading.look(path)
            if row["status"] in ("queued", "running"):
                _run(db, row, path, layout, pause)
            row = {**row, "status": store.get(db, row["id"])["status"]}
            store.finish(db, row, failed_file=_write_failed(db, row, path, layout))
        except FileNotFoundError:
            store.finish(db, row, error=GONE)
        except reading.Unreadable as error:
            store.finish(db, row, error=str(error))


def _run(
    db: Database, row: StoredImport, path: Path, layout: Layout, pause: Callable[[], None]
) -> None:
    """The lines from where it has come to. Raises Unreadable before the first one where the file cannot be read to its end."""
    total = sum(1 for _ in itertools.islice(reading.records(path, layout), store.MAX_ROWS + 1))
    if total > store.MAX_ROWS:
        raise reading.Unreadable(TOO_MANY)
    begun = store.begin(db, row["id"], total)
    if begun is None:
        return
    seen: Seen = {}
    rest = itertools.islice(reading.records(path, layout), begun["done"], None)
    while part := list(itertools.islice(rest, PART)):
        if not _bring_in(db, begun, part, seen):
            return
        pause()


def _bring_in(db: Database, row: StoredImport, part: Sequence[Record], seen: Seen) -> bool:
    """A few lines in one transaction; False when the import was cancelled, and nothing of these lines was done."""
    mapping = orjson.loads(row["mapping"])
    counts, errors = Counter[str](), list["LineError"]()
    with transaction(db):
        if not store.runs(db, row["id"]):
            return False
        for record in part:
            try:
                with savepoint(db):
                    counts[_one(db, row, record, mapping, seen)] += 1
            except JackError as error:
                if error.status >= 500:
                    raise
                counts["failed"] += 1
                errors.append(_described(record, error))
        store.advance(db, row["id"], counts, errors)
    return True


def _one(
    db: Database, row: StoredImport, record: Record, mapping: Mapping[str, str], seen: Seen
) -> str:
    """Bring in one line, or with a dry run only find out what would become of it."""
    line = loaded(row["what"], record, mapping)
    step = plan(db, row["what"], line, row["on_match"], seen)
    if not row["dry_run"]:
        return do(db, row["what"], step, by=row["created_by"])
    for pair in step.known_by if step.id is None else ():
        seen[pair] = {**seen.get(pair, {}), **step.changes}
    return step.outcome


def _described(record: Record, error: JackError) -> LineError:
    first = (error.details or [{"field": "line", "message": error.message, "code": "invalid"}])[0]
    field = "line" if first["field"] == "body" else first["field"]
    return {"line": record.line, "field": field, "message": first["message"]}


def _write_failed(db: Database, row: StoredImport, path: Path, layout: Layout) -> str | None:
    """The name of a file with the lines that failed as they were, each with what is wrong with it; None when none has."""
    errors = store.all_errors(db, row["id"])
    if not errors:
        return None
    name = f"{row['id']}.failed.csv"
    columns = [column for column in _columns(row, layout) if column]
    with AtomicFile(store.folder(db), 2 * store.LIMIT + 16 * MIB) as file:
        file.write(csv_lines([["line", "error", *columns]]))
        for record in reading.records(path, layout):
            if (error := errors.get(record.line)) is not None:
                file.write(csv_lines([_failed(record, error, columns)]))
        file.keep(name)
    return name


def _columns(row: StoredImport, layout: Layout) -> Sequence[str]:
    """The columns of a CSV; of NDJSON, whose lines may each have others, those that are read."""
    return layout.columns if layout.format == "csv" else list(orjson.loads(row["mapping"]))


def _failed(record: Record, error: LineError, columns: Sequence[str]) -> list[str]:
    said = f"{error['field']}: {error['message']}"
    return [str(record.line), said, *(cell(record.values.get(column)) for column in columns)]
