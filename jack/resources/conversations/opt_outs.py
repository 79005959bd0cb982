"""STOP and START: the addresses that have opted out of messages on a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import events
from jack.core.migrations import instance_id
from jack.core.query import Query
from jack.resources.guests import consents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database


class AddressKey(TypedDict):
    """An address in the form that is compared."""

    address: str


ADDRESSES = Query[AddressKey](
    "SELECT address FROM guest_identities WHERE guest_id = :guest_id AND channel = :channel"
)
STOP = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at) VALUES (:channel, :hash, :account, :now)
    ON CONFLICT DO NOTHING"""
COPY = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at)
    SELECT channel, :new, account, stopped_at FROM opt_outs WHERE channel = :channel AND address_hash = :hash
    ON CONFLICT DO NOTHING"""
# Whichever of the hotel's accounts they write START to.
START = "DELETE FROM opt_outs WHERE channel = :channel AND address_hash = :hash"
TOUCH = "UPDATE guests SET updated_at = :now WHERE id = :id"


def stop(
    db: Database, channel: str, address: str, account: str, *, guest_id: str | None = None
) -> None:
    """Opt an address, which is this guest's where somebody has it, out of an account's messages.

    What was noted of them on this channel is over.
    """
    row = {"channel": channel, "hash": _hash(db, channel, address), "account": account}
    new = db.run(STOP, row | {"now": db.now()})
    if guest_id is not None and (consents.forget_note(db, guest_id, channel) or new):
        _record(db, guest_id)


def start(
    db: Database, channel: str, addresses: Iterable[str], *, guest_id: str | None = None
) -> None:
    """Delete the opt-outs of these addresses, which are this guest's, of whichever account.

    On WhatsApp of all the guest has there: it tells their user id, their number or both, and not always the same.
    """
    named = {"guest_id": guest_id, "channel": channel}
    known = db.all(ADDRESSES, named) if channel == "whatsapp" else ()
    gone = [
        db.run(START, {"channel": channel, "hash": _hash(db, channel, address)})
        for address in {*addresses, *(row["address"] for row in known)}
    ]
    if guest_id is not None and (consents.forget_note(db, guest_id, channel) or any(gone)):
        _record(db, guest_id)


def move(db: Database, channel: str, old: Iterable[str], new: Iterable[str]) -> None:
    """Move the opt-outs of the old addresses of a guest to the new ones: whoever gets an old address has not opted out."""
    hashes = [_hash(db, channel, address) for address in new]
    for address in old:
        row = {"channel": channel, "hash": _hash(db, channel, address)}
        for one in hashes:
            db.run(COPY, row | {"new": one})
        if row["hash"] not in hashes:
            db.run(START, row)


def has_stopped(db: Database, guest_id: str | None, channel: str) -> bool:
    """Whether a guest wants no messages on a channel: by a STOP from any of their addresses, or as is noted of them."""
    if guest_id is None:
        return False
    return consents.of_guest(db, guest_id)[channel]["state"] == "withdrawn"


def _record(db: Database, guest_id: str) -> None:
    """Record that a guest has said otherwise of messages, which is part of their profile."""
    db.run(TOUCH, {"id": guest_id, "now": db.now()})
    events.record(db, "guest.updated", guest_id, by=guest_id, changed=["consents"])


def _hash(db: Database, channel: str, address: str) -> str:
    return consents.address_hash(instance_id(db), channel, address)
