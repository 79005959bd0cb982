"""The outbox: claim a message, let its channel send it, write down what became of it.

The claim is committed before the provider is called, and the result is written only by whoever still owns the row.
A lease that ran out in between means that the message may have been sent: it becomes `unknown`, unless its channel
can repeat a sending without harm. A message may leave in several parts: after each it is put back for the next one.
The messages of a conversation leave one after the other.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jack.channels.results import Accepted, Broken, Permanent, Result, Retry, Unknown
from jack.core import clock
from jack.core.db import as_json, transaction
from jack.messaging import receipts
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery

if TYPE_CHECKING:
    from collections.abc import Collection

    from jack.core.db import Database, Row

LEASE_SECONDS = 60.0
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 900.0
GIVE_UP_HOURS = 24
LOOK_INTO_IT = (
    10.0  # seconds until the provider is asked what became of a message that may have been sent
)
INTERRUPTED = "The sending was interrupted; it may have arrived."

DUE = """
    SELECT name AS channel FROM channels
    WHERE EXISTS (SELECT 1 FROM outbox WHERE channel = name AND owner IS NULL AND due_at <= :now)"""

# One that is put off for longer than that keeps nobody waiting behind it.
READY = """
    SELECT seq FROM outbox AS mine
    WHERE channel = :channel AND owner IS NULL AND due_at <= :now
      AND NOT EXISTS (
          SELECT 1 FROM outbox AS before
          WHERE before.conversation_id = mine.conversation_id AND before.seq < mine.seq
            AND (before.owner IS NOT NULL OR before.due_at <= :soon))
    ORDER BY due_at, seq
    LIMIT :limit"""

CLAIM = f"""
    UPDATE outbox
    SET owner = :owner, lease_until = :lease_until, claimed_at = :now, attempts = attempts + 1
    WHERE seq IN ({READY})
    RETURNING seq, message_id, conversation_id, channel, round, parts_sent, attempts, claimed_at, created_at"""

RENEW = """
    UPDATE outbox SET lease_until = :lease_until
    WHERE owner = :owner AND seq IN (SELECT value FROM json_each(:seqs))"""

DONE = "DELETE FROM outbox WHERE seq = :seq AND owner = :owner"

AGAIN = """
    UPDATE outbox SET owner = NULL, lease_until = NULL, due_at = :due_at, attempts = :attempts
    WHERE seq = :seq AND owner = :owner"""

NEXT_PART = """
    UPDATE outbox SET owner = NULL, lease_until = NULL, due_at = :now, attempts = 0, parts_sent = parts_sent + 1
    WHERE seq = :seq AND owner = :owner"""

IN_PARTS = "UPDATE messages SET parts = :parts WHERE id = :id AND parts <> :parts"

EXPIRED = """
    SELECT seq, message_id, channel, owner, parts_sent, claimed_at FROM outbox
    WHERE owner IS NOT NULL AND lease_until < :now
    LIMIT 100"""

RELEASE = """
    UPDATE outbox SET owner = NULL, lease_until = NULL
    WHERE owner IS NOT NULL AND lease_until < :now AND channel IN (SELECT value FROM json_each(:channels))"""

DOUBT = """
    INSERT INTO unknown_sends (message_id, channel, part, since, due_at)
    VALUES (:message_id, :channel, :parts_sent, :claimed_at, :due_at)
    ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class Sent:
    """Over which account a part was sent, with which version of its settings, and of how many parts it is."""

    account: str = ""
    settings_at: str | None = None
    parts: int = 1


def due(db: Database) -> list[str]:
    """The channels over which something waits to be sent now."""
    return [row["channel"] for row in db.all(DUE, {"now": db.now()})]


def ready(db: Database, channel: str) -> bool:
    """Whether there is something to claim: not behind another message of its conversation."""
    now = db.now()
    row = {"channel": channel, "now": now, "soon": _soon(now), "limit": 1}
    return bool(db.all(READY, row))


def claim(db: Database, owner: str, channel: str, *, limit: int = 1) -> list[Row]:
    """Take up to `limit` due messages of a channel for `owner`: its row of the outbox, none of a conversation twice."""
    now = db.now()
    wanted = {
        "owner": owner,
        "channel": channel,
        "now": now,
        "soon": _soon(now),
        "lease_until": clock.later(now, seconds=LEASE_SECONDS),
        "limit": limit,
    }
    with transaction(db):
        claimed = db.all(CLAIM, wanted)
        for row in claimed:
            delivery.advance(db, row["message_id"], "sending")
    return sorted(claimed, key=lambda row: int(row["seq"]))


def _soon(now: str) -> str:
    return clock.later(now, seconds=LONGEST_PAUSE)


def in_parts(db: Database, claimed: Row, parts: int) -> None:
    """Note, before any is sent, in how many parts a message leaves: it is not sent before all of them are."""
    db.run(IN_PARTS, {"id": claimed["message_id"], "parts": parts})


def renew(db: Database, owner: str, claimed: Collection[int]) -> None:
    """Keep what is still being sent: a slow provider is not a dead worker."""
    until = clock.later(db.now(), seconds=LEASE_SECONDS)
    with transaction(db):
        db.run(RENEW, {"owner": owner, "lease_until": until, "seqs": as_json(list(claimed))})


def record_result(
    db: Database,
    claimed: Row,
    owner: str,
    result: Result,
    sent: Sent = Sent(),
) -> bool:
    """Write down what became of a claimed message; False when it is no longer this owner's to say."""
    with transaction(db):
        if isinstance(result, Broken) and sent.account:
            accounts.pause(db, sent.account, result.error, settings_at=sent.settings_at)
            return _put_back(db, claimed, owner, result, attempts=claimed["attempts"] - 1)
        if isinstance(result, Retry | Broken) and not _too_old(db, claimed, sent):
            _complain(db, sent, result.error)
            return _put_back(db, claimed, owner, result, attempts=claimed["attempts"])
        if isinstance(result, Accepted) and claimed["parts_sent"] + 1 < sent.parts:
            return _go_on(db, claimed, owner, result, sent)
        if not db.run(DONE, {"seq": claimed["seq"], "owner": owner}):
            return _late(db, claimed, result, sent)
        _tell(db, claimed, result, sent)
    return True


def _tell(db: Database, claimed: Row, result: Result, sent: Sent) -> None:
    message_id = claimed["message_id"]
    if isinstance(result, Accepted):
        _name(db, claimed, result, sent)
        receipts.refresh(db, message_id)
        delivery.advance(db, message_id, "sent")
    elif isinstance(result, Unknown):
        delivery.advance(db, message_id, "unknown", error=result.error)
        db.run(DOUBT, claimed | {"due_at": clock.later(db.now(), seconds=LOOK_INTO_IT)})
        receipts.refresh(db, message_id)
    else:
        delivery.advance(db, message_id, "failed", error=result.error)
        _learn(db, claimed, result, sent)


def _learn(db: Database, claimed: Row, result: Result, sent: Sent) -> None:
    """The provider has looked at the message and refused it: so the account works, and perhaps the guest wants no more."""
    if not isinstance(result, Permanent) or not sent.account:
        return
    _complain(db, sent, result.error)
    accounts.resume(db, sent.account)
    if result.reason == "opted_out":
        delivery.silence(db, claimed["message_id"], sent.account)


def _complain(db: Database, sent: Sent, error: str) -> None:
    if sent.account:
        accounts.record_error(db, sent.account, error)


def _name(db: Database, claimed: Row, result: Accepted, sent: Sent) -> None:
    """Note the provider's name for a part."""
    if sent.account:
        accounts.record_outbound(db, sent.account)
    if result.provider_id is not None:
        receipts.accepted(
            db, sent.account, result.provider_id, claimed["message_id"], claimed["parts_sent"]
        )


def _late(db: Database, claimed: Row, result: Result, sent: Sent) -> bool:
    """The lease has run out, and others think the message may have arrived. That it was accepted is still news."""
    if isinstance(result, Accepted) and result.provider_id is not None and sent.account:
        _name(db, claimed, result, sent)
        receipts.refresh(db, claimed["message_id"])
    return False


def _go_on(db: Database, claimed: Row, owner: str, result: Accepted, sent: Sent) -> bool:
    """This part has been accepted: put the message back for the next one. It is still being sent."""
    if not db.run(NEXT_PART, {"seq": claimed["seq"], "owner": owner, "now": db.now()}):
        return _late(db, claimed, result, sent)
    _name(db, claimed, result, sent)
    return True


def _put_back(
    db: Database, claimed: Row, owner: str, result: Retry | Broken, *, attempts: int
) -> bool:
    pause = (
        0.0
        if isinstance(result, Broken) and attempts < claimed["attempts"]
        else _wait(result, attempts)
    )
    row = {"seq": claimed["seq"], "owner": owner, "attempts": attempts}
    if not db.run(AGAIN, row | {"due_at": clock.later(db.now(), seconds=pause)}):
        return False
    delivery.advance(db, claimed["message_id"], "queued", error=result.error)
    return True


def _wait(result: Retry | Broken, attempts: int) -> float:
    """Seconds until the next try: what the provider says, and no less than our own growing pause.

    Some say "now" each time, or a moment that is past by our clock.
    """
    if isinstance(result, Broken):
        return _pause(attempts)
    if result.factor is None:
        own = _pause(attempts)
    else:
        own = float(min(LONGEST_PAUSE, result.factor ** min(attempts, 12)))
    return max(own, result.after or 0.0)


def _pause(attempts: int) -> float:
    """Seconds until the next try: twice as long each time, with jitter, 15 minutes at the most."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempts - 1, 12))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)


def _too_old(db: Database, claimed: Row, sent: Sent) -> bool:
    since = claimed["created_at"]
    if sent.account:
        since = accounts.counts_from(db, sent.account, since)
    return bool(since < clock.later(db.now(), hours=-GIVE_UP_HOURS))


def expire(db: Database, repeatable: Collection[str]) -> int:
    """Deal with leases that ran out: back into the queue where a repeat is harmless, else `unknown`. Returns how many."""
    now = db.now()
    if not db.all(EXPIRED, {"now": now}):
        return 0
    with transaction(db):
        released = db.run(RELEASE, {"now": now, "channels": as_json(sorted(repeatable))})
        lost = db.all(EXPIRED, {"now": now})
        for row in lost:
            db.run(DONE, {"seq": row["seq"], "owner": row["owner"]})
            _tell(db, row, Unknown(INTERRUPTED), Sent())
    return released + len(lost)
