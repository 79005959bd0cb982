"""Messages that may have been sent: where a provider can say what became of one, it is asked before the staff must decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels.results import Accepted, Permanent, Result, Retry, Unknown
from jack.core import clock
from jack.core.db import transaction
from jack.messaging import receipts
from jack.resources.conversations import delivery

if TYPE_CHECKING:
    from jack.channels.types import Account
    from jack.core.db import Database, Row

# A provider's list may be a little behind.
PAUSES = (10.0, 60.0, 300.0, 1800.0)  # the first is waited for by the outbox
NOT_LISTED = 2  # times it is not in the list before nobody looks any more

# A receipt may have settled it meanwhile; after a day nobody looks any more.
SETTLED = """
    DELETE FROM unknown_sends
    WHERE (SELECT status FROM messages WHERE id = unknown_sends.message_id) <> 'unknown' OR since < :before"""

# Not while another message of the conversation is on its way: it may say the same, and what the provider calls it is not
# known yet. And never of two that say the same: which of them the provider means only a receipt can tell.
DUE = """
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
    LIMIT :limit"""

TAKE = "UPDATE unknown_sends SET attempts = attempts + 1, due_at = :due_at WHERE message_id = :message_id"

# What the provider has of this guest that is another message.
KNOWN = """
    SELECT provider_id FROM provider_messages
    WHERE account = :account AND message_id IN (
        SELECT id FROM messages
        WHERE conversation_id = (SELECT conversation_id FROM messages WHERE id = :message_id))"""

DROP = "DELETE FROM unknown_sends WHERE message_id = :message_id"


def due(db: Database, limit: int) -> list[Row]:
    """Take up to so many unknown_sends that are to be looked into now; each is taken again later unless it is settled."""
    now = db.now()
    found = db.all(DUE, {"now": now, "limit": limit})
    if not found:
        return []
    with transaction(db):
        for row in found:
            pause = PAUSES[min(row["attempts"] + 1, len(PAUSES) - 1)]
            db.run(TAKE, row | {"due_at": clock.later(now, seconds=pause)})
    return found


def known(db: Database, account: Account, message_id: str) -> list[str]:
    """The provider's names for the other messages of the conversation."""
    rows = db.all(KNOWN, {"account": account.name, "message_id": message_id})
    return [row["provider_id"] for row in rows]


def record_result(db: Database, taken: Row, account: Account, result: Result) -> None:
    """Write down what the provider says became of it; when it cannot tell, the message stays as it is."""
    tries = len(PAUSES) if isinstance(result, Retry) else NOT_LISTED
    if isinstance(result, Retry | Unknown) and taken["attempts"] + 1 < tries:
        return
    with transaction(db):
        drop(db, taken)
        if isinstance(result, Accepted) and result.provider_id is not None:
            receipts.accepted(
                db, account.name, result.provider_id, taken["message_id"], taken["part"]
            )
            receipts.refresh(db, taken["message_id"])
        elif isinstance(result, Permanent):
            delivery.advance(db, taken["message_id"], "failed", error=result.error)


def drop(db: Database, taken: Row) -> None:
    """Nobody can say more about it."""
    with transaction(db):
        db.run(DROP, taken)


def delete_expired(db: Database) -> int:
    """Drop unknown_sends about messages that are in doubt no more, or for more than a day; returns how many."""
    return db.run(SETTLED, {"before": clock.later(db.now(), days=-1)})
