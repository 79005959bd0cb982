"""The hotel's reactions on their way out: what is due, and what became of it.

A repeat changes nothing for the guest, so that one whose sending was interrupted is simply sent again after its lease.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.channels.results import Accepted, Broken, Permanent, Result, Retry
from jack.core import clock
from jack.core.db import transaction
from jack.core.query import Query
from jack.messaging import provider_ids, retry_pause
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import reactions, sendability
from jack.resources.guests import identities

if TYPE_CHECKING:
    from jack.channels.types import Account
    from jack.core.db import Database


class ReactionKey(TypedDict):
    """A reaction of the hotel's: `at` tells it from a later one on the same message."""

    message_id: str
    at: str


class StoredReaction(ReactionKey):
    """A reaction to send; `about` is the id its message has at the provider, if it has one there."""

    emoji: str | None
    attempts: int
    guest_id: str | None
    about: str | None


class DueReaction(ReactionKey):
    """A reaction that can be sent, and to whom."""

    emoji: str | None
    attempts: int
    about: str
    to: str


LEASE_SECONDS = 60.0
GIVE_UP_HOURS = 24
OTHER_ACCOUNT = "This message is not of the account that is connected now."
NO_ADDRESS = "This guest has no address on this channel."
NOT_ACCEPTED = "The reaction was not accepted in time."

DUE = """
    SELECT DISTINCT channel
    FROM reactions JOIN messages ON messages.id = message_id JOIN conversations ON conversations.id = conversation_id
    WHERE due_at <= :now"""

TO_SEND = Query[StoredReaction](f"""
    SELECT message_id, at, emoji, attempts, guest_id,
           {provider_ids.OF_MESSAGE} AS about
    FROM reactions JOIN messages ON messages.id = message_id JOIN conversations ON conversations.id = conversation_id
    WHERE due_at <= :now AND channel = :channel
    ORDER BY due_at
    LIMIT :limit""")

LEASE = """
    UPDATE reactions SET due_at = :due_at, attempts = attempts + 1
    WHERE message_id = :message_id AND side = 'hotel' AND at = :at"""

DONE = """
    UPDATE reactions SET due_at = NULL, provider_id = :provider_id
    WHERE message_id = :message_id AND side = 'hotel' AND at = :at"""

AGAIN = """
    UPDATE reactions SET due_at = :due_at, attempts = :attempts
    WHERE message_id = :message_id AND side = 'hotel' AND at = :at"""

FAILED_EARLIER = """
    SELECT coalesce(error, '') FROM receipts
    WHERE account = :account AND provider_id = :provider_id AND status = 'failed'"""


def due(db: Database) -> list[str]:
    """The channels over which a reaction waits to be sent now."""
    found: list[str] = db.column(DUE, {"now": db.now()})
    return found


def claim(db: Database, account: Account, *, limit: int) -> list[DueReaction]:
    """Up to `limit` reactions to send now, each not due again before its lease is over; refuses what cannot be sent."""
    now = db.now()
    wanted = {"now": now, "account": account.name, "channel": account.channel, "limit": limit}
    lease = clock.later(now, seconds=LEASE_SECONDS)
    claimed: list[DueReaction] = []
    with transaction(db):
        for row in db.all(TO_SEND, wanted):
            prepared = _prepared(db, account, row)
            if isinstance(prepared, str):
                reactions.refuse(db, row["message_id"], row["at"], prepared)
            else:
                db.run(LEASE, row | {"due_at": lease})
                claimed.append(prepared)
    return claimed


def record_result(
    db: Database, row: DueReaction, account: Account, result: Result, settings_at: str | None
) -> None:
    """Record what the provider has said, unless another reaction has taken this one's place meanwhile."""
    key: ReactionKey = {"message_id": row["message_id"], "at": row["at"]}
    with transaction(db):
        if isinstance(result, Accepted):
            _accepted(db, key, account, result)
        elif isinstance(result, Permanent):
            reactions.refuse(db, row["message_id"], row["at"], result.error)
        elif isinstance(result, Broken):
            accounts.pause(db, account.name, result.error, settings_at=settings_at)
            db.run(AGAIN, {**key, "due_at": db.now(), "attempts": row["attempts"]})
        else:
            _retry(
                db, row, account, Retry(result.error) if not isinstance(result, Retry) else result
            )


def _prepared(db: Database, account: Account, row: StoredReaction) -> DueReaction | str:
    """The reaction as it is sent; or why it cannot be."""
    blocker = sendability.blocker(db, row["guest_id"], account.channel, "reaction")
    if blocker is not None:
        return blocker.message
    used = identities.last_used(db, row["guest_id"], account.channel)
    if used is None:
        return NO_ADDRESS
    if row["about"] is None:
        return OTHER_ACCOUNT
    return {
        "message_id": row["message_id"],
        "at": row["at"],
        "emoji": row["emoji"],
        "attempts": row["attempts"],
        "about": row["about"],
        "to": used["verbatim"],
    }


def _accepted(db: Database, key: ReactionKey, account: Account, result: Accepted) -> None:
    """It has been accepted; but the report that it failed may have come before this answer."""
    accounts.record_outbound(db, account.name)
    db.run(DONE, {**key, "provider_id": result.provider_id})
    sent = {"account": account.name, "provider_id": result.provider_id}
    error = db.value(FAILED_EARLIER, sent)
    if error is not None:
        reactions.refuse(db, key["message_id"], key["at"], error or NOT_ACCEPTED)


def _retry(db: Database, row: DueReaction, account: Account, result: Retry) -> None:
    """Later, or no more after a day."""
    now, tried = db.now(), row["attempts"] + 1
    since = accounts.counts_from(db, account.name, row["at"])
    if since < clock.later(now, hours=-GIVE_UP_HOURS):
        reactions.refuse(db, row["message_id"], row["at"], result.error)
        return
    due_at = clock.later(now, seconds=retry_pause.seconds(result, tried))
    key = {"message_id": row["message_id"], "at": row["at"]}
    db.run(AGAIN, key | {"due_at": due_at, "attempts": tried})
