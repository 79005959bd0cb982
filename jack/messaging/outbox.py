"""The outbox: claim a message, let its channel send it, record its result.

The claim is committed before the provider is called, and the result is written only by whoever still owns the row.
A lease that ran out in between means that the message may have been sent: it becomes `unknown`, unless its channel
can repeat a sending without harm. A message may be sent in several parts: after each it is put back for the next one.
The messages of a conversation are sent one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from jack.channels.results import Accepted, Broken, Permanent, Result, Retry, Unknown
from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.query import Query
from jack.messaging import receipts, retry_pause
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery

if TYPE_CHECKING:
    from collections.abc import Collection

    from jack.core.db import Database


class OutboxRow(TypedDict):
    """A message with a lease, and how many of its parts have been sent."""

    seq: int
    message_id: str
    channel: str
    parts_sent: int
    claimed_at: str


class ClaimedRow(OutboxRow):
    """A message that has been claimed; `round` is how often it has been sent again by hand."""

    conversation_id: str
    round: int
    attempts: int
    created_at: str


class ExpiredRow(OutboxRow):
    """A message whose lease has run out."""

    owner: str


class ChannelName(TypedDict):
    """A channel."""

    channel: str


class OutboxSeq(TypedDict):
    """A message that can be claimed."""

    seq: int


LEASE_SECONDS = 60.0
GIVE_UP_HOURS = 24
LOOKUP_AFTER = 10.0  # seconds until a provider is asked about a message that may have been sent
INTERRUPTED = "The sending was interrupted; it may have arrived."

DUE = Query[
    ChannelName
]("""
    SELECT name AS channel FROM channels
    WHERE EXISTS (SELECT 1 FROM outbox WHERE channel = name AND owner IS NULL AND due_at <= :now)""")

# A message that is put off to later than `soon` does not hold those behind it.
CLAIMABLE = """
    SELECT seq FROM outbox AS this
    WHERE channel = :channel AND owner IS NULL AND due_at <= :now
      AND NOT EXISTS (
          SELECT 1 FROM outbox AS before
          WHERE before.conversation_id = this.conversation_id AND before.seq < this.seq
            AND (before.owner IS NOT NULL OR before.due_at <= :soon))
    ORDER BY due_at, seq
    LIMIT :limit"""

READY = Query[OutboxSeq](CLAIMABLE)

CLAIM = Query[
    ClaimedRow
](f"""
    UPDATE outbox
    SET owner = :owner, lease_until = :lease_until, claimed_at = :now, attempts = attempts + 1
    WHERE seq IN ({CLAIMABLE})
    RETURNING seq, message_id, conversation_id, channel, round, parts_sent, attempts, claimed_at, created_at""")

RENEW = """
    UPDATE outbox SET lease_until = :lease_until
    WHERE owner = :owner AND seq IN (SELECT value FROM json_each(:seqs))"""

DELETE = "DELETE FROM outbox WHERE seq = :seq AND owner = :owner"

PUT_BACK = """
    UPDATE outbox SET owner = NULL, lease_until = NULL, due_at = :due_at, attempts = :attempts
    WHERE seq = :seq AND owner = :owner"""

NEXT_PART = """
    UPDATE outbox SET owner = NULL, lease_until = NULL, due_at = :now, attempts = 0, parts_sent = parts_sent + 1
    WHERE seq = :seq AND owner = :owner"""

SET_PARTS = "UPDATE messages SET parts = :parts WHERE id = :id AND parts <> :parts"

EXPIRED = Query[ExpiredRow]("""
    SELECT seq, message_id, channel, owner, parts_sent, claimed_at FROM outbox
    WHERE owner IS NOT NULL AND lease_until < :now
    LIMIT 100""")

RELEASE = """
    UPDATE outbox SET owner = NULL, lease_until = NULL
    WHERE owner IS NOT NULL AND lease_until < :now AND channel IN (SELECT value FROM json_each(:channels))"""

ADD_UNKNOWN = """
    INSERT INTO unknown_sends (message_id, channel, part, since, due_at)
    VALUES (:message_id, :channel, :parts_sent, :claimed_at, :due_at)
    ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class Sent:
    """The account a part was sent over, the version of its settings, and in how many parts the message is sent."""

    account: str = ""
    settings_at: str | None = None
    parts: int = 1


def due(db: Database) -> list[str]:
    """The channels over which something waits to be sent now."""
    return [row["channel"] for row in db.all(DUE, {"now": db.now()})]


def ready(db: Database, channel: str) -> bool:
    """Whether there is something to claim on a channel."""
    now = db.now()
    row = {"channel": channel, "now": now, "soon": _soon(now), "limit": 1}
    return bool(db.all(READY, row))


def claim(db: Database, owner: str, channel: str, *, limit: int = 1) -> list[ClaimedRow]:
    """Claim up to `limit` due messages of a channel for `owner`, at most one of each conversation."""
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
    return sorted(claimed, key=lambda row: row["seq"])


def _soon(now: str) -> str:
    return clock.later(now, seconds=retry_pause.LONGEST)


def set_parts(db: Database, claimed: OutboxRow, parts: int) -> None:
    """Store, before any is sent, in how many parts a message is sent: its status is `sent` when all of them are."""
    db.run(SET_PARTS, {"id": claimed["message_id"], "parts": parts})


def renew(db: Database, owner: str, claimed: Collection[int]) -> None:
    """Renew the leases of what is still being sent: a slow provider is not a dead worker."""
    until = clock.later(db.now(), seconds=LEASE_SECONDS)
    with transaction(db):
        db.run(RENEW, {"owner": owner, "lease_until": until, "seqs": as_json(list(claimed))})


def record_result(
    db: Database,
    claimed: ClaimedRow,
    owner: str,
    result: Result,
    sent: Sent = Sent(),
) -> bool:
    """Record the result of sending a claimed message; False when its lease is no longer this owner's."""
    with transaction(db):
        if isinstance(result, Broken) and sent.account:
            accounts.pause(db, sent.account, result.error, settings_at=sent.settings_at)
            return _put_back(db, claimed, owner, result, attempts=claimed["attempts"] - 1)
        if isinstance(result, Retry | Broken) and not _too_old(db, claimed, sent):
            _account_failed(db, sent, result.error)
            return _put_back(db, claimed, owner, result, attempts=claimed["attempts"])
        if isinstance(result, Accepted) and claimed["parts_sent"] + 1 < sent.parts:
            return _queue_next_part(db, claimed, owner, result, sent)
        if not db.run(DELETE, {"seq": claimed["seq"], "owner": owner}):
            return _record_late(db, claimed, result, sent)
        _record_final(db, claimed, result, sent)
    return True


def _record_final(db: Database, row: OutboxRow, result: Result, sent: Sent) -> None:
    """Give a message that has left the outbox the status of its result."""
    message_id = row["message_id"]
    if isinstance(result, Accepted):
        _record_accepted(db, row, result, sent)
        receipts.refresh(db, message_id)
        delivery.advance(db, message_id, "sent")
    elif isinstance(result, Unknown):
        delivery.advance(db, message_id, "unknown", error=result.error)
        due_at = clock.later(db.now(), seconds=LOOKUP_AFTER)
        db.run(ADD_UNKNOWN, {**row, "due_at": due_at})
        receipts.refresh(db, message_id)
    else:
        delivery.advance(db, message_id, "failed", error=result.error)
        _record_refusal(db, row, result, sent)


def _record_refusal(db: Database, row: OutboxRow, result: Result, sent: Sent) -> None:
    """The provider has looked at the message and refused it: the account works, and the guest may have opted out."""
    if not isinstance(result, Permanent) or not sent.account:
        return
    _account_failed(db, sent, result.error)
    accounts.resume(db, sent.account)
    if result.reason == "opted_out":
        delivery.opt_out(db, row["message_id"], sent.account)


def _account_failed(db: Database, sent: Sent, error: str) -> None:
    if sent.account:
        accounts.record_error(db, sent.account, error)


def _record_accepted(db: Database, row: OutboxRow, result: Accepted, sent: Sent) -> None:
    """Record that the account works, and the provider id of the part."""
    if sent.account:
        accounts.record_outbound(db, sent.account)
    if result.provider_id is not None:
        receipts.record_accepted(
            db, sent.account, result.provider_id, row["message_id"], row["parts_sent"]
        )


def _record_late(db: Database, row: OutboxRow, result: Result, sent: Sent) -> bool:
    """The lease had run out and the message is `unknown`; that it was accepted is recorded all the same."""
    if isinstance(result, Accepted) and result.provider_id is not None and sent.account:
        _record_accepted(db, row, result, sent)
        receipts.refresh(db, row["message_id"])
    return False


def _queue_next_part(
    db: Database, claimed: ClaimedRow, owner: str, result: Accepted, sent: Sent
) -> bool:
    """Put the message back for its next part; it stays `sending`."""
    if not db.run(NEXT_PART, {"seq": claimed["seq"], "owner": owner, "now": db.now()}):
        return _record_late(db, claimed, result, sent)
    _record_accepted(db, claimed, result, sent)
    return True


def _put_back(
    db: Database, claimed: ClaimedRow, owner: str, result: Retry | Broken, *, attempts: int
) -> bool:
    """Put a message that was not sent back into the queue. An account that is paused waits by itself."""
    paused = isinstance(result, Broken) and attempts < claimed["attempts"]
    pause = 0.0 if paused else retry_pause.seconds(result, attempts)
    row = {"seq": claimed["seq"], "owner": owner, "attempts": attempts}
    if not db.run(PUT_BACK, row | {"due_at": clock.later(db.now(), seconds=pause)}):
        return False
    delivery.advance(db, claimed["message_id"], "queued", error=result.error)
    return True


def _too_old(db: Database, claimed: ClaimedRow, sent: Sent) -> bool:
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
            db.run(DELETE, {"seq": row["seq"], "owner": row["owner"]})
            _record_final(db, row, Unknown(INTERRUPTED), Sent())
    return released + len(lost)
