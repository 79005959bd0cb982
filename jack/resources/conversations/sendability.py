"""Whether a guest may be written to: WhatsApp's 24 hours, and who has asked to hear no more.

Asked when a message is queued, and again when it is sent: in between the hours may have run out.

A wish to hear no more is kept under a hash of the address: it must hold when the guest has been erased and is met again,
and an erased guest's address must not be there to be read. (Whoever has the file and tries every number finds it.)
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple

from jack.core import clock
from jack.core.db import as_json, instance_id
from jack.core.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database

WINDOW_HOURS = 24
CLOSED = (
    "WhatsApp lets a hotel write freely only within 24 hours of the guest's last message, and those are over. "
    'Send a template message (type "template"), or wait until the guest writes.'
)
STOPPED = "This guest has asked for no more messages on this channel. They allow them again by writing START."

# The last the guest was heard from, under any of their addresses.
HEARD_AT = """
    SELECT max(last_inbound_at) FROM guest_identities
    WHERE guest_id = :guest_id AND channel = :channel"""

ADDRESSES = "SELECT address FROM guest_identities WHERE guest_id = :guest_id AND channel = :channel"

HAS_STOPPED = """
    SELECT EXISTS (
        SELECT 1 FROM consents
        WHERE channel = :channel AND address_hash IN (SELECT value FROM json_each(:hashes)))"""

STOP = """
    INSERT INTO consents (channel, address_hash, account, stopped_at) VALUES (:channel, :hash, :account, :now)
    ON CONFLICT DO NOTHING"""

FOLLOW = """
    INSERT INTO consents (channel, address_hash, account, stopped_at)
    SELECT channel, :new, account, stopped_at FROM consents WHERE channel = :channel AND address_hash = :hash
    ON CONFLICT DO NOTHING"""

# Whichever of the hotel's accounts they write it to: they want to hear from the hotel.
START = "DELETE FROM consents WHERE channel = :channel AND address_hash = :hash"


class Blocker(NamedTuple):
    """Why a guest may not be written to, in plain words and in one for programs."""

    says: str
    reason: str


def blocker(db: Database, guest_id: str | None, channel: str, type: str) -> Blocker | None:
    """What keeps a message of this type from a guest on a channel; None when nothing does."""
    whom = {"guest_id": guest_id, "channel": channel}
    if channel == "web":
        return None
    if _has_stopped(db, whom):
        return Blocker(STOPPED, "opted_out")
    if channel == "whatsapp" and type != "template" and not _open(db, whom):
        return Blocker(CLOSED, "window_closed")
    return None


def check(db: Database, guest_id: str | None, channel: str, type: str) -> None:
    """Raise Conflict, saying what to do, unless such a message may be sent to the guest now."""
    found = blocker(db, guest_id, channel, type)
    if found is not None:
        raise Conflict(found.says, reason=found.reason)


def window_ends(heard_at: str | None) -> str | None:
    """Until when a WhatsApp guest who was last heard from then may be written to freely."""
    return clock.later(heard_at, hours=WINDOW_HOURS) if heard_at else None


def stop(db: Database, channel: str, address: str, account: str) -> None:
    """This address wants to hear no more from an account."""
    row = {"channel": channel, "hash": _hash(db, channel, address), "account": account}
    db.run(STOP, row | {"now": db.now()})


def start(db: Database, channel: str, address: str) -> None:
    """This address wants to hear from the hotel again."""
    db.run(START, {"channel": channel, "hash": _hash(db, channel, address)})


def start_all(db: Database, channel: str, guest_id: str) -> None:
    """A guest wants to hear again: WhatsApp tells their user id, their number or both, and not always the same."""
    for row in db.all(ADDRESSES, {"guest_id": guest_id, "channel": channel}):
        start(db, channel, row["address"])


def follow(db: Database, channel: str, old: Iterable[str], new: Iterable[str]) -> None:
    """Whoever had the old addresses has the new ones: their wish goes with them, and binds nobody who gets an old one."""
    hashes = [_hash(db, channel, address) for address in new]
    for address in old:
        row = {"channel": channel, "hash": _hash(db, channel, address)}
        for one in hashes:
            db.run(FOLLOW, row | {"new": one})
        if row["hash"] not in hashes:
            db.run(START, row)


def _has_stopped(db: Database, whom: dict[str, str | None]) -> bool:
    channel = str(whom["channel"])
    hashes = [_hash(db, channel, row["address"]) for row in db.all(ADDRESSES, whom)]
    return bool(db.value(HAS_STOPPED, {"channel": channel, "hashes": as_json(hashes)}))


def _hash(db: Database, channel: str, address: str) -> str:
    named = f"{channel} {address}".encode()
    return hmac.new(instance_id(db).encode(), named, hashlib.sha256).hexdigest()


def _open(db: Database, whom: dict[str, str | None]) -> bool:
    ends = window_ends(db.value(HEARD_AT, whom))
    return ends is not None and db.now() < ends
