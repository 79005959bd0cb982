"""The outbox: claim a message, let its channel send it, write down what became of it.

The claim is committed before the provider is called, and the result is written only by whoever still owns the row.
A lease that ran out in between means that the message may have been sent: it becomes `unknown`, unless its channel
can repeat a sending without harm.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from jack import clock
from jack.conversations import messages
from jack.db import as_json, transaction
from jack.results import Accepted, Broken, Result, Retry, Unknown

if TYPE_CHECKING:
    from collections.abc import Collection

    from jack.db import Database, Row

LEASE_SECONDS = 60
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 900.0
GIVE_UP_HOURS = 24

DUE = "SELECT EXISTS (SELECT 1 FROM outbox WHERE owner IS NULL AND due_at <= :now)"

CLAIM = """
    UPDATE outbox
    SET owner = :owner, lease_until = :lease_until, attempts = attempts + 1
    WHERE seq IN (
        SELECT seq FROM outbox
        WHERE owner IS NULL AND due_at <= :now
        ORDER BY due_at, seq
        LIMIT :limit)
    RETURNING seq, message_id, channel, attempts, created_at"""

CONTENT = """
    SELECT messages.id, messages.content, messages.type, conversations.guest_id, conversations.id AS conversation_id
    FROM messages JOIN conversations ON conversations.id = messages.conversation_id
    WHERE messages.id = :id"""

DONE = "DELETE FROM outbox WHERE seq = :seq AND owner = :owner"

AGAIN = """
    UPDATE outbox SET owner = NULL, lease_until = NULL, due_at = :due_at
    WHERE seq = :seq AND owner = :owner"""

NAMED = "UPDATE messages SET provider_id = :provider_id WHERE id = :id"

EXPIRED = "SELECT seq, message_id, channel, owner FROM outbox WHERE owner IS NOT NULL AND lease_until < :now LIMIT 100"

RELEASE = """
    UPDATE outbox SET owner = NULL, lease_until = NULL
    WHERE owner IS NOT NULL AND lease_until < :now AND channel IN (SELECT value FROM json_each(:channels))"""


def due(db: Database) -> bool:
    """Whether anything waits to be sent now."""
    return bool(db.value(DUE, {"now": db.now()}))


def claim(db: Database, owner: str, *, limit: int = 1) -> list[Row]:
    """Take up to `limit` due messages for `owner`: seq, message_id, channel, attempts, created_at."""
    now = db.now()
    wanted = {
        "owner": owner,
        "now": now,
        "lease_until": clock.later(now, seconds=LEASE_SECONDS),
        "limit": limit,
    }
    with transaction(db):
        claimed = db.all(CLAIM, wanted)
        for row in claimed:
            messages.advance(db, row["message_id"], "sending")
    return sorted(claimed, key=lambda row: int(row["seq"]))


def content(db: Database, message_id: str) -> Row | None:
    """What to send, and to whom: id, content, type, guest_id, conversation_id."""
    return db.one(CONTENT, {"id": message_id})


def settle(db: Database, claimed: Row, owner: str, result: Result) -> bool:
    """Write down what became of a claimed message; False when it is no longer this owner's to say."""
    with transaction(db):
        if isinstance(result, Retry | Broken) and not _too_old(db, claimed):
            return _put_back(db, claimed, owner, result)
        if not db.run(DONE, {"seq": claimed["seq"], "owner": owner}):
            return False
        _tell(db, claimed["message_id"], result)
    return True


def _tell(db: Database, message_id: str, result: Result) -> None:
    if isinstance(result, Accepted):
        if result.provider_id is not None:
            db.run(NAMED, {"id": message_id, "provider_id": result.provider_id})
        messages.advance(db, message_id, "sent")
    elif isinstance(result, Unknown):
        messages.advance(db, message_id, "unknown", error=result.error)
    else:
        messages.advance(db, message_id, "failed", error=result.error)


def _put_back(db: Database, claimed: Row, owner: str, result: Retry | Broken) -> bool:
    after = result.after if isinstance(result, Retry) else None
    pause = after if after is not None else _pause(claimed["attempts"])
    row = {"seq": claimed["seq"], "owner": owner, "due_at": clock.later(db.now(), seconds=pause)}
    if not db.run(AGAIN, row):
        return False
    messages.advance(db, claimed["message_id"], "queued", error=result.error)
    return True


def _pause(attempts: int) -> float:
    """Seconds until the next try: twice as long each time, with jitter, 15 minutes at the most."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 12))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)


def _too_old(db: Database, claimed: Row) -> bool:
    return bool(claimed["created_at"] < clock.later(db.now(), hours=-GIVE_UP_HOURS))


def expire(db: Database, repeatable: Collection[str]) -> int:
    """Deal with leases that ran out: back into the queue where a repeat is harmless, else `unknown`. Returns how many."""
    with transaction(db):
        released = db.run(RELEASE, {"now": db.now(), "channels": as_json(sorted(repeatable))})
        lost = db.all(EXPIRED, {"now": db.now()})
        for row in lost:
            db.run(DONE, {"seq": row["seq"], "owner": row["owner"]})
            _tell(
                db, row["message_id"], Unknown("The sending was interrupted; it may have arrived.")
            )
    return released + len(lost)
