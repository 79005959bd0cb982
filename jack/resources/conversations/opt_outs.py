"""STOP and START: the addresses that have opted out of messages on a channel."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, TypedDict

from jack.core.db import as_json
from jack.core.migrations import instance_id
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database


class AddressKey(TypedDict):
    """An address in the form that is compared."""

    address: str


ADDRESSES = Query[AddressKey](
    "SELECT address FROM guest_identities WHERE guest_id = :guest_id AND channel = :channel"
)
HAS_STOPPED = """
    SELECT EXISTS (
        SELECT 1 FROM opt_outs
        WHERE channel = :channel AND address_hash IN (SELECT value FROM json_each(:hashes)))"""
STOP = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at) VALUES (:channel, :hash, :account, :now)
    ON CONFLICT DO NOTHING"""
COPY = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at)
    SELECT channel, :new, account, stopped_at FROM opt_outs WHERE channel = :channel AND address_hash = :hash
    ON CONFLICT DO NOTHING"""
# Whichever of the hotel's accounts they write START to.
START = "DELETE FROM opt_outs WHERE channel = :channel AND address_hash = :hash"


def stop(db: Database, channel: str, address: str, account: str) -> None:
    """Opt an address out of an account's messages."""
    row = {"channel": channel, "hash": _hash(db, channel, address), "account": account}
    db.run(STOP, row | {"now": db.now()})


def start(db: Database, channel: str, address: str) -> None:
    """Delete the opt-outs of an address, of whichever account."""
    db.run(START, {"channel": channel, "hash": _hash(db, channel, address)})


def start_all(db: Database, channel: str, guest_id: str) -> None:
    """As `start`, for every address of a guest: WhatsApp tells their user id, their number or both, and not always the same."""
    for row in db.all(ADDRESSES, {"guest_id": guest_id, "channel": channel}):
        start(db, channel, row["address"])


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


def _hash(db: Database, channel: str, address: str) -> str:
    return address_hash(instance_id(db), channel, address)


def address_hash(instance: str, channel: str, address: str) -> str:
    """What is kept of an address that has opted out: HMAC-SHA-256 of channel and address, by the id of the installation."""
    named = f"{channel} {address}".encode()
    return hmac.new(instance.encode(), named, hashlib.sha256).hexdigest()
