"""STOP and START: the addresses that have opted out of messages on a channel."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, TypedDict

from jack.core import events
from jack.core.db import as_json
from jack.core.migrations import instance_id
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database


class AddressKey(TypedDict):
    """An address in the form that is compared."""

    address: str


class ConsentRow(TypedDict):
    """What a guest has said of messages on a channel: `withdrawn` or `unknown`, when, and by whom it is known."""

    state: str
    at: str | None
    source: str | None


# The channels on which a guest can be written to without having written first.
WITH_CONSENT = ("whatsapp", "sms", "email")

ADDRESSES = Query[AddressKey](
    "SELECT address FROM guest_identities WHERE guest_id = :guest_id AND channel = :channel"
)
HAS_STOPPED = """
    SELECT EXISTS (
        SELECT 1 FROM opt_outs
        WHERE channel = :channel AND address_hash IN (SELECT value FROM json_each(:hashes)))"""
STOPPED_AT = """
    SELECT min(stopped_at) FROM opt_outs
    WHERE channel = :channel AND address_hash IN (SELECT value FROM json_each(:hashes))"""
STOP = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at) VALUES (:channel, :hash, :account, :now)
    ON CONFLICT DO NOTHING"""
COPY = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at)
    SELECT channel, :new, account, stopped_at FROM opt_outs WHERE channel = :channel AND address_hash = :hash
    ON CONFLICT DO NOTHING"""
# Whichever of the hotel's accounts they write START to.
START = "DELETE FROM opt_outs WHERE channel = :channel AND address_hash = :hash"


def stop(
    db: Database, channel: str, address: str, account: str, *, guest_id: str | None = None
) -> None:
    """Opt an address, which is this guest's where somebody has it, out of an account's messages."""
    row = {"channel": channel, "hash": _hash(db, channel, address), "account": account}
    if db.run(STOP, row | {"now": db.now()}) and guest_id is not None:
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
    if any(gone) and guest_id is not None:
        _record(db, guest_id)


def consents(db: Database, guest_id: str) -> dict[str, ConsentRow]:
    """What a guest has said of messages, by channel: withdrawn by a STOP, under any of their addresses there, else not known."""
    return {channel: _consent(db, guest_id, channel) for channel in WITH_CONSENT}


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
    """Whether a guest has opted out on a channel, under any of their addresses."""
    guest = {"guest_id": guest_id, "channel": channel}
    hashes = [_hash(db, channel, row["address"]) for row in db.all(ADDRESSES, guest)]
    return bool(db.value(HAS_STOPPED, {"channel": channel, "hashes": as_json(hashes)}))


def _consent(db: Database, guest_id: str, channel: str) -> ConsentRow:
    known = db.all(ADDRESSES, {"guest_id": guest_id, "channel": channel})
    hashes = [_hash(db, channel, row["address"]) for row in known]
    at = db.value(STOPPED_AT, {"channel": channel, "hashes": as_json(hashes)})
    if at is None:
        return {"state": "unknown", "at": None, "source": None}
    return {"state": "withdrawn", "at": at, "source": "guest"}


def _record(db: Database, guest_id: str) -> None:
    """Record that a guest has said otherwise of messages."""
    events.record(db, "guest.updated", guest_id, by=guest_id, changed=["consents"])


def _hash(db: Database, channel: str, address: str) -> str:
    return address_hash(instance_id(db), channel, address)


def address_hash(instance: str, channel: str, address: str) -> str:
    """What is kept of an address that has opted out: HMAC-SHA-256 of channel and address, by the id of the installation."""
    named = f"{channel} {address}".encode()
    return hmac.new(instance.encode(), named, hashlib.sha256).hexdigest()
