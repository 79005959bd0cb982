"""Reconciliation of messages that may have been sent: a provider that lists what it was sent is asked before the staff decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.channels.results import Accepted, Permanent, Result, Retry, Unknown
from jack.core import clock
from jack.core.db import transaction
from jack.core.query import Query
from jack.messaging import receipts
from jack.resources.conversations import delivery

if TYPE_CHECKING:
    from jack.channels.types import Account
    from jack.core.db import Database


class UnknownSendRow(TypedDict):
    """A part that may have been sent since `since`, and how often its provider was asked."""

    message_id: str
    channel: str
    part: int
    since: str
    attempts: int
    round: int


# Seconds before each lookup, for a provider's list may be a little behind. The outbox sets the first.
PAUSES = (10.0, 60.0, 300.0, 1800.0)
LOOKUPS_UNLISTED = 2  # how often the provider may not list it before it is asked no more

# Those whose status a receipt has settled since, and those that are a day old.
DELETE_EXPIRED = """
    DELETE FROM unknown_sends
    WHERE (SELECT status FROM messages WHERE id = unknown_sends.message_id) <> 'unknown' OR since < :before"""

# Not while another message of the conversation is being sent: it may have the same text, and its provider id is not known
# yet. And never of two unknown ones with the same text: which of them the provider lists only a receipt can tell.
DUE = Query[UnknownSendRow]("""
    SELECT unknown_sends.message_id, unknown_sends.channel, part, since, unknown_sends.attempts,
           (SELECT count(*) FROM provider_messages WHERE provider_messages.message_id = unknown_sends.message_id) AS round
    FROM unknown_sends JOIN messages ON messages.id = unknown_sends.message_id
    WHERE unknown_sends.due_at <= :now AND messages.status = 'unknown'
      AND NOT EXISTS (
          SELECT 1 FROM outbox WHERE conversation_id = messages.conversation_id AND owner IS NOT NULL)
      AND NOT EXISTS (
          SELECT 1 FROM messages AS twin
          WHERE twin.conversation_id = messages.conversation_id AND twin.id <> messages.id
            AND twin.status = 'unknown' AND twin.content = messages.content)
    ORDER BY unknown_sends.due_at
    LIMIT :limit""")

POSTPONE = "UPDATE unknown_sends SET attempts = attempts + 1, due_at = :due_at WHERE message_id = :message_id"

# The provider ids of the other messages of the conversation.
OTHERS = """
    SELECT provider_id FROM provider_messages
    WHERE account = :account AND message_id IN (
        SELECT id FROM messages
        WHERE conversation_id = (SELECT conversation_id FROM messages WHERE id = :message_id))"""

DELETE = "DELETE FROM unknown_sends WHERE message_id = :message_id"


def due(db: Database, limit: int) -> list[UnknownSendRow]:
    """Up to `limit` parts to look up now; each is due again after a pause, until a result is recorded."""
    now = db.now()
    found = db.all(DUE, {"now": now, "limit": limit})
    if not found:
        return []
    with transaction(db):
        for row in found:
            pause = PAUSES[min(row["attempts"] + 1, len(PAUSES) - 1)]
            db.run(POSTPONE, row | {"due_at": clock.later(now, seconds=pause)})
    return found


def other_provider_ids(db: Database, account: Account, message_id: str) -> list[str]:
    """The provider ids that are known to be of messages of the same conversation."""
    rows = db.all(OTHERS, {"account": account.name, "message_id": message_id})
    return [row["provider_id"] for row in rows]


def record_result(db: Database, row: UnknownSendRow, account: Account, result: Result) -> None:
    """Record what the provider says became of a part; when it cannot tell, the message stays `unknown`."""
    lookups = len(PAUSES) if isinstance(result, Retry) else LOOKUPS_UNLISTED
    if isinstance(result, Retry | Unknown) and row["attempts"] + 1 < lookups:
        return
    with transaction(db):
        delete(db, row)
        if isinstance(result, Accepted) and result.provider_id is not None:
            receipts.record_accepted(
                db, account.name, result.provider_id, row["message_id"], row["part"]
            )
            receipts.refresh(db, row["message_id"])
        elif isinstance(result, Permanent):
            delivery.advance(db, row["message_id"], "failed", error=result.error)


def delete(db: Database, row: UnknownSendRow) -> None:
    """Look it up no more."""
    with transaction(db):
        db.run(DELETE, row)


def delete_expired(db: Database) -> int:
    """Delete those of messages that are no longer `unknown`, or have been for more than a day; returns how many."""
    return db.run(DELETE_EXPIRED, {"before": clock.later(db.now(), days=-1)})
