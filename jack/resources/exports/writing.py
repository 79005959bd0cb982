"""Writing an export: from one snapshot, part by part, so that its size costs no memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from jack.core.atomic_file import MIB, PARTIAL, AtomicFile
from jack.core.errors import Conflict, JackError, Unavailable
from jack.core.snapshot import snapshot
from jack.resources.exports import rows, store
from jack.resources.exports.shapes import SHAPES, filters_of, shown_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.db import Database
    from jack.resources.exports.store import ExportRow

# Writes the file of an export; returns how many rows are in it.
Writer = Callable[["Database", "ExportRow", AtomicFile, Callable[[], None]], int]
NO_WRITERS: Mapping[str, Writer] = {}
# What a request is answered with at once.
MAX_ROWS = 10_000
MAX_BYTES = 16 * MIB
# Bytes of a file that the worker writes.
LIMIT = 64 * 1024 * MIB
TOO_MANY = "There is too much of it to be answered at once: ask for it by POST /exports."


def at_once(
    db: Database, what: str, format: str, filters: Mapping[str, object]
) -> tuple[bytes, int]:
    """The whole file and how many rows it has. Raises Conflict when there are too many."""
    with snapshot(db):
        if rows.count(db, what, filters) > MAX_ROWS:
            raise Conflict(TOO_MANY, reason="use_export_job")
        found, size, count = [], 0, 0
        for chunk, so_far in _chunks(db, what, format, filters):
            size, count = size + len(chunk), so_far
            if count > MAX_ROWS or size > MAX_BYTES:
                raise Conflict(TOO_MANY, reason="use_export_job")
            found.append(chunk)
    return b"".join(found), count


def for_reader(filters: Mapping[str, object], reader: str | None) -> Mapping[str, object]:
    """The filters, with who asks where they say `unread`."""
    return {**filters, "reader": reader} if "unread" in filters else filters


def write_due(
    db: Database,
    pause: Callable[[], None] = lambda: None,
    public_path: str = "",
    writers: Mapping[str, Writer] = NO_WRITERS,
) -> None:
    """Write the exports that are asked for, one after the other. `pause` is called between two parts; `writers` write what is no list.

    `public_path` is the path that Jack is below (`/jack`): addresses in a file begin with it, as in an answer.
    """
    shown_below(public_path)
    for left in store.folder(db).glob(
        f"{PARTIAL}*"
    ):  # by a process that was killed: there is no other
        left.unlink(missing_ok=True)
    while (asked := store.due(db)) is not None:
        begun = store.begin(db, asked["id"])
        if begun is not None:
            _write(db, begun, pause, writers.get(begun["what"], _write_list))


def _write(db: Database, row: ExportRow, pause: Callable[[], None], writer: Writer) -> None:
    try:
        with AtomicFile(store.folder(db), LIMIT) as file:
            with snapshot(db):
                count = writer(db, row, file, pause)
            store.finish(db, row, file, count)
    except Unavailable:  # the disk may have space again
        raise
    except JackError as error:
        store.fail(db, row, error.message)


def _write_list(db: Database, row: ExportRow, file: AtomicFile, pause: Callable[[], None]) -> int:
    """Write the rows of a list; returns how many there are."""
    asked = filters_of(row["what"], store.stored_filters(row))
    filters, count = for_reader(asked, row["created_by"]), 0
    for chunk, count in _chunks(db, row["what"], row["format"], filters):  # noqa: B007 (the last one counts)
        file.write(chunk)
        pause()
    return count


def _chunks(
    db: Database, what: str, format: str, filters: Mapping[str, object]
) -> Iterator[tuple[bytes, int]]:
    """The file bit by bit, each with how many rows it has up to there."""
    shape, count = SHAPES[what], 0
    writer = shape.writer(format)
    yield writer.begin(), count
    for part in rows.parts(db, what, filters):
        count += len(part)
        yield writer.rows(map(shape.dump, part)), count
    yield writer.end(count), count
