"""Files that guests have sent and a provider keeps for us: fetched by the worker, retried for three days, then given up."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from jack.channels.results import Permanent, Result, Retry
from jack.channels.types import Fetched, Media
from jack.core import clock, events
from jack.core.db import transaction
from jack.resources.attachments import storage
from jack.resources.attachments.store import MOST_BYTES, TOO_LARGE, TOO_MUCH

if TYPE_CHECKING:
    from jack.core.db import Database, Row
    from jack.resources.attachments.storage import Stored

DAYS = 3
# How long one who fetches may take; after that another tries.
LEASE = 600
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 6 * 3600.0
GIVEN_UP = "The file could not be fetched within three days."

DUE = "SELECT seq FROM attachments WHERE due_at <= :now ORDER BY due_at LIMIT :limit"

GIVE_UP = f"""
    UPDATE attachments SET status = 'failed', due_at = NULL, source = NULL, error = coalesce(error, '{GIVEN_UP}')
    WHERE due_at <= :now AND attempts > 0 AND created_at < :before
    RETURNING id, message_id"""

TAKE = f"""
    UPDATE attachments SET attempts = attempts + 1, due_at = :until
    WHERE seq IN ({DUE})
    RETURNING id, message_id, account, name, mime, source, attempts"""

USED = "SELECT coalesce(sum(size), 0) FROM attachments WHERE message_id = :message_id"

# Each only while it is still the try that was taken: erased meanwhile, or taken by another, it is theirs.
MINE = "WHERE id = :id AND status = 'pending' AND attempts = :attempts"

READY = f"""
    UPDATE attachments
    SET status = 'ready', file = :file, name = :name, mime = :mime, size = :size, digest = :digest,
        error = NULL, due_at = NULL, source = NULL
    {MINE}"""

FAILED = f"""
    UPDATE attachments SET status = 'failed', error = :error, due_at = NULL, source = NULL
    {MINE}"""

LATER = f"UPDATE attachments SET due_at = :due_at, error = :error {MINE}"

CONVERSATION = "SELECT conversation_id FROM messages WHERE id = :message_id"

Fetch = Callable[[Media, int], Fetched | Result]


def due(db: Database, limit: int = 4) -> list[Row]:
    """Take up to so many files that are to be fetched now, for `fetch_one`; each tells its `account`.

    Taken, they are nobody else's for ten minutes. Those that were tried for three days are given up.
    """
    now = db.now()
    if not db.all(DUE, {"now": now, "limit": 1}):
        return []
    with transaction(db):
        for row in db.all(GIVE_UP, {"now": now, "before": clock.later(now, days=-DAYS)}):
            _tell(db, row, "failed")
        until = clock.later(now, seconds=LEASE)
        return db.all(TAKE, {"now": now, "limit": limit, "until": until})


def fetch_one(db: Database, taken: Row, fetch: Fetch | None) -> bool:
    """Fetch a file that `due` gave; returns whether it is here now. Outside any transaction.

    `fetch` is the channel's, for the file's account; None when there is none at the moment.
    """
    room = min(storage.LIMIT, MOST_BYTES - int(db.value(USED, taken)))
    if room <= 0:
        return _fail(db, taken, TOO_MUCH)
    if fetch is None:
        return _later(db, taken, Retry("The channel is not configured."))
    found = fetch(Media(name=taken["name"], mime=taken["mime"], source=taken["source"]), room)
    if isinstance(found, Fetched):
        return _keep(db, taken, found, room)
    if isinstance(found, Permanent):
        return _fail(db, taken, found.error)
    return _later(db, taken, found)


def _keep(db: Database, taken: Row, found: Fetched, room: int) -> bool:
    if not found.content:
        return _fail(db, taken, "The file is empty.")
    if len(found.content) > room:
        return _fail(db, taken, TOO_LARGE if room == storage.LIMIT else TOO_MUCH)
    stored = storage.write(db, found.content, claimed=found.name or taken["name"])
    try:
        kept = _ready(db, taken, stored)
    except BaseException:
        storage.remove(db, [stored.file])
        raise
    if not kept:
        storage.remove(db, [stored.file])
    return kept


def _ready(db: Database, taken: Row, stored: Stored) -> bool:
    with transaction(db):
        kept = db.run(READY, taken | vars(stored))
        if kept:
            _tell(db, taken, "ready")
    return bool(kept)


def _fail(db: Database, taken: Row, error: str) -> bool:
    with transaction(db):
        if db.run(FAILED, taken | {"error": error}):
            _tell(db, taken, "failed")
    return False


def _later(db: Database, taken: Row, result: Result) -> bool:
    """Try again: after as long as the provider says, else each time later than before, and not all at once."""
    asked = result.after if isinstance(result, Retry) else None
    pause = min(FIRST_PAUSE * 4 ** min(taken["attempts"] - 1, 10), LONGEST_PAUSE)
    pause = max(pause * (0.75 + secrets.randbelow(1000) / 2000), min(asked or 0.0, LONGEST_PAUSE))
    error = getattr(result, "error", None)
    with transaction(db):
        due_at = clock.later(db.now(), seconds=pause)
        db.run(LATER, taken | {"due_at": due_at, "error": error})
    return False


def _tell(db: Database, row: Row, status: str) -> None:
    conversation_id = db.value(CONVERSATION, row)
    events.record(db, f"attachment.{status}", row["id"], conversation_id=conversation_id)
