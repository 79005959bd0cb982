"""`/exports`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import request

from jack.http.access import ADMIN, MANAGER
from jack.http.blueprint import Blueprint
from jack.http.context import caller, demand_access, demand_scope, get_db
from jack.http.schema import Loaded
from jack.http.scopes import ANY_KEY, NOT_FOR_KEYS
from jack.resources.exports import rows, store, writing
from jack.resources.exports.formats import TYPES
from jack.resources.exports.schemas import ExportCreate, ExportJob
from jack.resources.exports.shapes import QUERIES, filters_of
from jack.resources.guests import store as guests

if TYPE_CHECKING:
    from jack.core.query import AnyRow
    from jack.resources.exports.store import ExportRow

blp = Blueprint("exports", __name__, under="/exports", description="Everything of a kind in a file")

MIMES = sorted({mime.partition(";")[0] for mime in TYPES.values()})
OF_FILES = {**TYPES, "zip": "application/zip"}


@blp.get("/guests")
@blp.needs_scope("guests:read")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(QUERIES["guests"], location="query")
@blp.download(MIMES, rows=True)
def export_guests(asked: Loaded) -> AnyRow:
    """Export guests

    By the filters of the list; at once up to 10,000 rows. More is 409 with `reason: "use_export_job"`: `POST /exports` then.
    """
    return _at_once("guests", asked)


@blp.get("/stays")
@blp.needs_scope("stays:read")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(QUERIES["stays"], location="query")
@blp.download(MIMES, rows=True)
def export_stays(asked: Loaded) -> AnyRow:
    """Export stays

    By the filters of the list; at once up to 10,000 rows, more is 409 with `reason: "use_export_job"`.
    """
    return _at_once("stays", asked)


@blp.get("/conversations")
@blp.needs_scope("conversations:read")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(QUERIES["conversations"], location="query")
@blp.download(MIMES, rows=True)
def export_conversations(asked: Loaded) -> AnyRow:
    """Export conversations

    Without their messages. By the filters of the list; at once up to 10,000 rows, more is 409 with `reason: "use_export_job"`.
    """
    return _at_once("conversations", asked)


@blp.get("/messages")
@blp.needs_scope("conversations:read")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(QUERIES["messages"], location="query")
@blp.download(MIMES, rows=True)
def export_messages(asked: Loaded) -> AnyRow:
    """Export messages

    Of all conversations or of one, oldest first; at once up to 10,000 rows, more is 409 with `reason: "use_export_job"`.
    """
    return _at_once("messages", asked)


@blp.get("/tasks")
@blp.needs_scope("tasks:read")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(QUERIES["tasks"], location="query")
@blp.download(MIMES, rows=True)
def export_tasks(asked: Loaded) -> AnyRow:
    """Export tasks

    By the filters of the list; at once up to 10,000 rows, more is 409 with `reason: "use_export_job"`.
    """
    return _at_once("tasks", asked)


@blp.get("/knowledge")
@blp.needs_scope("knowledge:read")
@blp.access(MANAGER)
@blp.bulk
@blp.arguments(QUERIES["knowledge"], location="query")
@blp.download(MIMES, rows=True)
def export_knowledge(asked: Loaded) -> AnyRow:
    """Export the knowledge base

    By the filters of the list; at once up to 10,000 rows, more is 409 with `reason: "use_export_job"`.
    """
    return _at_once("knowledge", asked)


@blp.get("/audit")
@blp.access(ADMIN)
@blp.not_for_keys
@blp.bulk
@blp.arguments(QUERIES["audit"], location="query")
@blp.download(MIMES, rows=True)
def export_audit_entries(asked: Loaded) -> AnyRow:
    """Export the audit log

    By the filters of the list, oldest first; at once up to 10,000 lines, more is 409 with `reason: "use_export_job"`.
    """
    return _at_once("audit", asked)


@blp.post("")
@blp.needs_scope(ANY_KEY)
@blp.access(MANAGER)
@blp.arguments(ExportCreate)
@blp.response(202, ExportJob)
def create_export(new: Loaded) -> ExportRow:
    """Have a file written

    The worker writes it from one snapshot, one file at a time. Ask `GET /exports/:id` until it is `done`, then
    `GET /exports/:id/file`. It is kept for 24 hours, and deleted when a guest in it is erased.
    """
    _check_rights(new["what"])
    asked = filters_of(new["what"], new["filters"])
    new["filters"] |= _of_caller(new["filters"])
    about = asked["guest_id"] if new["what"] == store.GUEST else None
    if about is not None:
        guests.check(get_db(), about, "filters.guestId")
    return store.create(get_db(), by=caller().id, about=about, **new)


@blp.get("/<export_id>")
@blp.needs_scope(ANY_KEY)
@blp.access(MANAGER)
@blp.response(200, ExportJob)
def get_export(export_id: str) -> ExportRow:
    """How far an export is"""
    return _found(export_id)


@blp.get("/<export_id>/file")
@blp.needs_scope(ANY_KEY)
@blp.access(MANAGER)
@blp.download([*MIMES, OF_FILES["zip"]], rows=True)
def get_export_file(export_id: str) -> AnyRow:
    """Download the file of an export

    409 while it is not written. `X-Row-Count` says how many rows it has; of the ZIP of a guest, how many messages.
    """
    _found(export_id)
    found = store.file_of(get_db(), export_id)
    return {
        **found,
        "mime": OF_FILES[str(found["format"])],
        "below": f"{store.FOLDER}/{found['file']}",
    }


def _found(export_id: str) -> ExportRow:
    """An export of something that the caller may read."""
    row = store.get(get_db(), export_id)
    _check_rights(row["what"])
    return row


def _check_rights(what: str) -> None:
    """Raise Forbidden for what the caller may not read."""
    if what in rows.FOR_ADMINS:
        demand_scope(NOT_FOR_KEYS)
        demand_access(ADMIN)
    else:
        demand_scope(f"{rows.RESOURCE.get(what, what)}:read")


def _of_caller(filters: Loaded) -> Loaded:
    """The filters that mean the caller, with their id."""
    return {name: caller().id for name in ("assignee", "mentioned") if filters.get(name) == "me"}


def _at_once(what: str, asked: Loaded) -> AnyRow:
    """What a download needs of a file that is made for the request at hand."""
    db, format = get_db(), asked.pop("format")
    asked |= _of_caller(asked)
    if request.method != "HEAD":  # which is told how long the file is, and nothing of what is in it
        store.note(db, what, by=caller().id)
    content, count = writing.at_once(db, what, format, writing.for_reader(asked, caller().id))
    return {
        "name": f"{what}-{db.now()[:10]}.{format}",
        "mime": TYPES[format],
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "content": content,
        "rows": count,
    }
