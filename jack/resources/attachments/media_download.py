"""Files of guests that the provider holds: fetched by the worker, retried for three days, then given up."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

from jack.channels.results import Permanent, Result, Retry
from jack.channels.types import Fetched, Media
from jack.core import clock, events
from jack.core.db import transaction
from jack.core.query import Query
from jack.resources.attachments import previews, storage
from jack.resources.attachments.store import MAX_BYTES, TOO_LARGE, TOO_MUCH

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.attachments.storage import Stored


class FileRow(TypedDict):
    """An attachment, and its message."""

    id: str
    message_id: str


class DueRow(TypedDict):
    """A file that is due."""

    seq: int


class ClaimedRow(FileRow):
    """A file to fetch: from where (`source`, of this `account`), and which attempt this is, counted from 1."""

    account: str
    name: str
    mime: str
    source: str
    attempts: int


DAYS = 3
LEASE = 600  # seconds a fetch may take; after that the file is claimed again
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 6 * 3600.0  # seconds
GIVEN_UP = "The file could not be fetched within three days."

DUE = Query[DueRow]("SELECT seq FROM attachments WHERE due_at <= :now ORDER BY due_at LIMIT :limit")

GIVE_UP = Query[FileRow](f"""
    UPDATE attachments SET status = 'failed', due_at = NULL, source = NULL, error = coalesce(error, '{GIVEN_UP}')
    WHERE due_at <= :now AND attempts > 0 AND created_at < :before
    RETURNING id, message_id""")

CLAIM = Query[ClaimedRow](f"""
    UPDATE attachments SET attempts = attempts + 1, due_at = :until
    WHERE seq IN ({DUE})
    RETURNING id, message_id, account, name, mime, source, attempts""")

USED = "SELECT coalesce(sum(size), 0) FROM attachments WHERE message_id = :message_id"

# Only while this attempt is the latest: the row may have been deleted or claimed again in the meantime.
STILL_CLAIMED = "WHERE id = :id AND status = 'pending' AND attempts = :attempts"

READY = f"""
    UPDATE attachments
    SET status = 'ready', file = :file, name = :name, mime = :mime, size = :size, digest = :digest, duration = :duration,
        error = NULL, due_at = NULL, source = NULL, preview_due_at = :preview_due_at
    {STILL_CLAIMED}"""

FAILED = f"""
    UPDATE attachments SET status = 'failed', error = :error, due_at = NULL, source = NULL
    {STILL_CLAIMED}"""

RETRY = f"UPDATE attachments SET due_at = :due_at, error = :error {STILL_CLAIMED}"

CONVERSATION = "SELECT conversation_id FROM messages WHERE id = :message_id"

Fetch = Callable[[Media, int], Fetched | Result]


def claim_due(db: Database, limit: int = 4) -> list[ClaimedRow]:
    """Claim up to `limit` files that are due, for `fetch_one`.

    They are not due again for ten minutes. Files that have been tried for three days are given up.
    """
    now = db.now()
    if not db.all(DUE, {"now": now, "limit": 1}):
        return []
    with transaction(db):
        for row in db.all(GIVE_UP, {"now": now, "before": clock.later(now, days=-DAYS)}):
            _record_event(db, row)
        until = clock.later(now, seconds=LEASE)
        return db.all(CLAIM, {"now": now, "limit": limit, "until": until})


def fetch_one(
    db: Database,
    claimed: ClaimedRow,
    fetch: Fetch | None,
    on_kept: Callable[[str], None] = lambda message_id: None,
) -> bool:
    """Fetch a file that `claim_due` returned; returns whether it is stored now. Outside any transaction.

    `fetch` is the channel's, for the file's account; None while the channel is not configured. `on_kept` is called with the id of
    the message in the transaction in which its file is stored.
    """
    limit_bytes = min(storage.LIMIT, MAX_BYTES - int(db.value(USED, claimed)))
    if limit_bytes <= 0:
        return _fail(db, claimed, TOO_MUCH)
    if fetch is None:
        return _retry(db, claimed, Retry("The channel is not configured."))
    found = fetch(
        Media(name=claimed["name"], mime=claimed["mime"], source=claimed["source"]), limit_bytes
    )
    if isinstance(found, Fetched):
        return _keep(db, claimed, found, limit_bytes, on_kept)
    if isinstance(found, Permanent):
        return _fail(db, claimed, found.error)
    return _retry(db, claimed, found)


def _keep(
    db: Database,
    claimed: ClaimedRow,
    found: Fetched,
    limit_bytes: int,
    on_kept: Callable[[str], None],
) -> bool:
    if not found.content:
        return _fail(db, claimed, "The file is empty.")
    if len(found.content) > limit_bytes:
        return _fail(db, claimed, TOO_LARGE if limit_bytes == storage.LIMIT else TOO_MUCH)
    stored = storage.write(db, found.content, claimed=found.name or claimed["name"])
    try:
        kept = _ready(db, claimed, stored, on_kept)
    except BaseException:
        storage.remove(db, [stored.file])
        raise
    if not kept:
        storage.remove(db, [stored.file])
    return kept


def _ready(
    db: Database, claimed: ClaimedRow, stored: Stored, on_kept: Callable[[str], None]
) -> bool:
    due = {"preview_due_at": previews.due_at(db, stored.mime)}
    with transaction(db):
        kept = db.run(READY, {**claimed, **vars(stored), **due})
        if kept:
            on_kept(claimed["message_id"])
            _record_event(db, claimed)
    return bool(kept)


def _fail(db: Database, claimed: ClaimedRow, error: str) -> bool:
    with transaction(db):
        if db.run(FAILED, {**claimed, "error": error}):
            _record_event(db, claimed)
    return False


def _retry(db: Database, claimed: ClaimedRow, result: Result) -> bool:
    """Retry after the pause the provider asks for, else after one that grows each time and varies, and is at most six hours."""
    wanted = result.after if isinstance(result, Retry) else None
    pause = min(FIRST_PAUSE * 4 ** min(claimed["attempts"] - 1, 10), LONGEST_PAUSE)
    pause = max(pause * (0.75 + secrets.randbelow(1000) / 2000), min(wanted or 0.0, LONGEST_PAUSE))
    error = getattr(result, "error", None)
    with transaction(db):
        due_at = clock.later(db.now(), seconds=pause)
        db.run(RETRY, {**claimed, "due_at": due_at, "error": error})
    return False


def _record_event(db: Database, row: FileRow) -> None:
    """Record that a file of a message is there now, or never will be."""
    events.record(
        db,
        "conversation.message.updated",
        row["message_id"],
        conversation_id=db.value(CONVERSATION, row),
        changed=["attachments"],
    )
