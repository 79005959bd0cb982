"""`/imports`."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

from jack.core.errors import Invalid
from jack.http.access import MANAGER
from jack.http.arguments import load
from jack.http.blueprint import Blueprint
from jack.http.context import caller, demand_scope, get_db
from jack.http.scopes import ANY_KEY
from jack.resources.exports.formats import TYPES, cell, csv_lines
from jack.resources.imports import lines, reading, store
from jack.resources.imports.schemas import ImportJob, ImportPreview, ImportUpload, PreviewUpload

if TYPE_CHECKING:
    from pathlib import Path

    from jack.core.query import AnyRow
    from jack.http.uploads import Upload
    from jack.resources.imports.reading import Layout
    from jack.resources.imports.store import ImportRow

blp = Blueprint(
    "imports", __name__, under="/imports", description="Guests, stays and entries from a file"
)

SHOWN = 10  # rows of a preview
LOOKED_AT = 10_000  # lines: somebody waits for the first rows, which may stand after any number of empty lines
LONGEST = 200  # characters of a cell in it


@blp.post("/guests")
@blp.needs_scope("guests:write")
@blp.access(MANAGER)
@blp.bulk
@blp.upload(into=store.FOLDER, limit=store.LIMIT, form=ImportUpload)
@blp.response(202, ImportJob)
def import_guests(sent: Upload) -> ImportRow:
    """Import guests

    The worker brings the file in, in short transactions; ask `GET /imports/:id` how far it is. A line is about the guest
    with its `id` (of an earlier export), else with its e-mail or phone; where these are two guests, the line fails.
    """
    return _import("guests", sent)


@blp.post("/stays")
@blp.needs_scope("stays:write")
@blp.access(MANAGER)
@blp.bulk
@blp.upload(into=store.FOLDER, limit=store.LIMIT, form=ImportUpload)
@blp.response(202, ImportJob)
def import_stays(sent: Upload) -> ImportRow:
    """Import stays

    As guests. A line is about the stay with its `id` (of an earlier export), else with its `externalId`, else about a new one. Its guest is
    `guestId`, or who has `guestExternalId`, `guestEmail` or `guestPhone`; who is not there yet is created with `guestName`. For that an API key
    needs `guests:write` as well.
    """
    return _import("stays", sent)


@blp.post("/knowledge")
@blp.needs_scope("knowledge:write")
@blp.access(MANAGER)
@blp.bulk
@blp.upload(into=store.FOLDER, limit=store.LIMIT, form=ImportUpload)
@blp.response(202, ImportJob)
def import_knowledge(sent: Upload) -> ImportRow:
    """Import entries of the knowledge base

    As guests. A line is about the entry with its `id` (of an earlier export), else about a new one.
    """
    return _import("knowledge", sent)


@blp.post("/guests/preview")
@blp.needs_scope("guests:write")
@blp.access(MANAGER)
@blp.upload(into=store.FOLDER, limit=store.LIMIT, form=PreviewUpload)
@blp.response(200, ImportPreview)
def preview_guests(sent: Upload) -> AnyRow:
    """Look at a file of guests

    How it would be read, and its first ten rows. Nothing is kept.
    """
    return _preview("guests", sent)


@blp.post("/stays/preview")
@blp.needs_scope("stays:write")
@blp.access(MANAGER)
@blp.upload(into=store.FOLDER, limit=store.LIMIT, form=PreviewUpload)
@blp.response(200, ImportPreview)
def preview_stays(sent: Upload) -> AnyRow:
    """Look at a file of stays

    How it would be read, and its first ten rows. Nothing is kept.
    """
    return _preview("stays", sent)


@blp.post("/knowledge/preview")
@blp.needs_scope("knowledge:write")
@blp.access(MANAGER)
@blp.upload(into=store.FOLDER, limit=store.LIMIT, form=PreviewUpload)
@blp.response(200, ImportPreview)
def preview_knowledge(sent: Upload) -> AnyRow:
    """Look at a file of entries

    How it would be read, and its first ten rows. Nothing is kept.
    """
    return _preview("knowledge", sent)


@blp.get("/<import_id>")
@blp.needs_scope(ANY_KEY)
@blp.access(MANAGER)
@blp.response(200, ImportJob)
def get_import(import_id: str) -> ImportRow:
    """How far an import is

    It is kept for a week after its end.
    """
    return _found(import_id)


@blp.post("/<import_id>/cancel")
@blp.needs_scope(ANY_KEY)
@blp.access(MANAGER)
@blp.response(200, ImportJob)
def cancel_import(import_id: str) -> ImportRow:
    """Cancel an import

    What has been brought in stays.
    """
    _found(import_id)
    return store.cancel(get_db(), import_id, by=caller().id)


@blp.get("/<import_id>/errors")
@blp.needs_scope(ANY_KEY)
@blp.access(MANAGER)
@blp.download(["text/csv"], rows=True)
def get_import_errors(import_id: str) -> AnyRow:
    """Download the lines that failed

    As they were, with what is wrong with each: to be mended and imported again. 409 while the import goes on.
    """
    db = get_db()
    row, path = _found(import_id), store.failed_lines(db, import_id)
    content = path.read_bytes() if path and path.exists() else csv_lines([["line", "error"]])
    return {
        "name": f"{row['what']}-failed.csv",
        "mime": TYPES["csv"],
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "content": content,
        "rows": row["failed"] if path and path.exists() else 0,
    }


def _found(import_id: str) -> ImportRow:
    """An import of something that the caller may write."""
    row = store.get(get_db(), import_id)
    demand_scope(f"{row['what']}:write")
    return row


def _import(what: str, sent: Upload) -> ImportRow:
    form = load(ImportUpload(), {"file": sent.name, **sent.fields})
    layout = _look(sent)
    mapping = form.get("mapping")
    if mapping is None:
        mapping = lines.guessed(what, layout.columns)
    of_csv = layout.columns if layout.format == "csv" else ()
    if what == "stays" and lines.GUEST_OF_STAY & set(mapping.values()):
        demand_scope("guests:write")
    return store.create(
        get_db(),
        sent.draft,
        what=what,
        mapping=lines.checked(what, mapping, of_csv),
        on_match=form["on_match"],
        dry_run=form["dry_run"],
        by=caller().id,
    )


def _preview(what: str, sent: Upload) -> AnyRow:
    load(PreviewUpload(), {"file": sent.name, **sent.fields})
    layout = _look(sent)
    rows = itertools.islice(_records(sent.draft.path, layout), SHOWN)
    return {
        **layout._asdict(),
        "fields": [lines.ID, *lines.KINDS[what].names],
        "mapping": lines.guessed(what, layout.columns),
        "rows": [
            [cell(values.get(column))[:LONGEST] for column in layout.columns] for values in rows
        ],
    }


def _records(path: Path, layout: Layout) -> list[dict[str, object]]:
    try:
        found = itertools.islice(reading.records(path, layout, within=LOOKED_AT), SHOWN)
        return [record.values for record in found]
    except reading.Unreadable as error:
        raise Invalid.field("file", "invalid", str(error)) from None


def _look(sent: Upload) -> Layout:
    """How an uploaded file is written. Raises Invalid for one that cannot be read."""
    try:
        return reading.look(sent.draft.path)
    except reading.Unreadable as error:
        raise Invalid.field("file", "unsupported_file", str(error)) from None
