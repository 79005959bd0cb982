"""STOP and START: which addresses want no more messages on a channel."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from jack.core.db import as_json
from jack.core.migrations import instance_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database


ADDRESSES = "SELECT address FROM guest_identities WHERE guest_id = :guest_id AND channel = :channel"
HAS_STOPPED = """
    SELECT EXISTS (
        SELECT 1 FROM opt_outs
        WHERE channel = :channel AND address_hash IN (SELECT value FROM json_each(:hashes)))"""
STOP = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at) VALUES (:channel, :hash, :account, :now)
    ON CONFLICT DO NOTHING"""
FOLLOW = """
    INSERT INTO opt_outs (channel, address_hash, account, stopped_at)
    SELECT channel, :new, account, stopped_at FROM opt_outs WHERE channel = :channel AND address_hash = :hash
    ON CONFLICT DO NOTHING"""
# Whichever of the hotel's accounts they write it to: they want to hear from the hotel.
START = "DELETE FROM opt_outs WHERE channel = :channel AND address_hash = :hash"


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


def has_stopped(db: Database, whom: dict[str, str | None]) -> bool:
    channel = str(whom["channel"])
    hashes = [_hash(db, channel, row["address"]) for row in db.all(ADDRESSES, whom)]
    return bool(db.value(HAS_STOPPED, {"channel": channel, "hashes": as_json(hashes)}))


def _hash(db: Database, channel: str, address: str) -> str:
    named = f"{channel} {address}".encode()
    return hmac.new(instance_id(db).encode(), named, hashlib.sha256).hexdigest()
