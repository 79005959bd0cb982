"""What guests have said of messages, by channel: given, withdrawn, or not known.

A STOP is stored under a hash of the address (`opt_outs`) and stands above all else, until they write START. What they have
said otherwise (at the desk, in another program) is noted in their profile. A withdrawal that was noted outlives its guest in
`opt_outs` as well, under no account.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

import orjson

from jack.core import actors
from jack.core.db import as_json
from jack.core.errors import Conflict, Invalid
from jack.core.migrations import instance_id
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database

State = Literal["given", "withdrawn", "unknown"]


class ConsentRow(TypedDict):
    """What a guest has said of messages on a channel, when, and where it is known from: `guest` for a STOP."""

    state: State
    at: str | None
    source: str | None


class ConsentChange(TypedDict):
    """What is to be noted. `at` is now unless it is said, `source` who notes it: `staff`, `integration`."""

    state: State
    at: NotRequired[str | None]
    source: NotRequired[str | None]


class KnownAddress(TypedDict):
    """An address that a guest is known by."""

    guest_id: str
    channel: str
    address: str


class OptOutRow(TypedDict):
    """An address, by its hash, that has opted out since then; `noted` is 1 where no STOP says so."""

    address_hash: str
    at: str
    noted: int


# The channels on which a guest can be written to without having written first.
CHANNELS = ("whatsapp", "sms", "email")
# In place of an account, where no STOP has been written: a note of somebody who was erased.
NOTED = ""
FROM_GUEST = "guest"
STOPPED = "They have written STOP on this channel: only they can take that back, by writing START."

Consents = dict[str, ConsentRow]
Sent = Mapping[str, ConsentChange | None]

UNKNOWN: ConsentRow = {"state": "unknown", "at": None, "source": None}
NOTHING: Consents = dict.fromkeys(CHANNELS, UNKNOWN)

ADDRESSES = Query[
    KnownAddress
]("""
    SELECT guest_id, channel, address FROM guest_identities
    WHERE guest_id IN (SELECT value FROM json_each(:guests)) AND channel IN ('whatsapp', 'sms', 'email')""")
ANY = "SELECT EXISTS (SELECT 1 FROM opt_outs)"
OPTED_OUT = Query[OptOutRow]("""
    SELECT address_hash, min(stopped_at) AS at, min(account = '') AS noted FROM opt_outs
    WHERE channel IN ('whatsapp', 'sms', 'email') AND address_hash IN (SELECT value FROM json_each(:hashes))
    GROUP BY channel, address_hash""")
NOTED_OF = "SELECT consents FROM guests WHERE id = :id"
FORGET_NOTE = """
    UPDATE guests SET consents = json_remove(consents, '$.' || :channel), updated_at = :now
    WHERE id = :id AND consents ->> :channel IS NOT NULL"""
# Of the addresses of one guest on a channel, what somebody has noted.
FORGET_OPT_OUT = """
    DELETE FROM opt_outs
    WHERE channel = :channel AND account = '' AND address_hash IN (SELECT value FROM json_each(:hashes))"""


def read(stored: str) -> Consents:
    """What is noted of a guest, from the JSON it is stored as."""
    if stored == "{}":  # of most
        return {}
    found: Consents = orjson.loads(stored)
    return found


def of(db: Database, noted: Mapping[str, Consents]) -> dict[str, Consents]:
    """What guests have said, by their ids, to be read only; `noted` is what is noted in the profile of each."""
    found: dict[str, Consents] = {
        guest: {**NOTHING, **notes} if notes else NOTHING for guest, notes in noted.items()
    }
    for guest, channel, row in _opted_out(db, list(noted)):
        if row["noted"] and found[guest][channel]["state"] != "unknown":
            continue
        source = None if row["noted"] else FROM_GUEST
        now: ConsentRow = {"state": "withdrawn", "at": row["at"], "source": source}
        found[guest] = {**found[guest], channel: now}
    return found


def of_guest(db: Database, guest_id: str) -> Consents:
    """What a guest has said, by channel; nothing is known of one who is not there."""
    return of(db, {guest_id: noted_of(db, guest_id)})[guest_id]


def noted_of(db: Database, guest_id: str) -> Consents:
    """What is noted in the profile of a guest."""
    return read(db.value(NOTED_OF, {"id": guest_id}) or "{}")


def written(db: Database, guest_id: str, before: Consents, sent: Sent, by: str | None) -> Consents:
    """What is noted of a guest (`before`) with what somebody has sent: channel by channel, null for unknown.

    What is so already is not noted again. Raises Invalid for a time to come.
    """
    found = dict(before)
    current = of(db, {guest_id: before})[guest_id]
    wanted = {
        channel: change for channel, change in sent.items() if not _is_so(current[channel], change)
    }
    for channel, change in wanted.items():
        if change is None or change["state"] == "unknown":
            found.pop(channel, None)
        else:
            found[channel] = _note(db, channel, before.get(channel), change, by)
    _forget_opt_outs(db, guest_id, wanted)
    return found


def check(current: Consents, sent: Sent) -> None:
    """Raise Conflict where consent is to be noted for a channel on which the guest has written STOP."""
    for channel, change in sent.items():
        now = current[channel]
        stopped = now["state"] == "withdrawn" and now["source"] == FROM_GUEST
        if stopped and change is not None and change["state"] == "given":
            detail = Invalid.field(f"consents.{channel}", "invalid", STOPPED).details
            raise Conflict(STOPPED, reason="opted_out", details=detail)


def joined(kept: Consents, other: Consents) -> Consents:
    """What is noted of one person whose profiles these are: withdrawn in either is withdrawn."""
    found = dict(kept)
    for channel, note in other.items():
        if channel not in kept or (kept[channel]["state"], note["state"]) == ("given", "withdrawn"):
            found[channel] = note
    return found


def withdrawn_addresses(db: Database, guest_id: str) -> list[tuple[str, str]]:
    """The channels and addresses of a guest for which a withdrawal is noted."""
    notes = noted_of(db, guest_id)
    return [
        (row["channel"], row["address"])
        for row in db.all(ADDRESSES, {"guests": as_json([guest_id])})
        if notes.get(row["channel"], UNKNOWN)["state"] == "withdrawn"
    ]


def forget_note(db: Database, guest_id: str, channel: str) -> bool:
    """Forget what is noted of a guest on a channel, because they have said otherwise; returns whether there was anything."""
    return bool(db.run(FORGET_NOTE, {"id": guest_id, "channel": channel, "now": db.now()}))


def address_hash(instance: str, channel: str, address: str) -> str:
    """What is kept of an address that has opted out: HMAC-SHA-256 of channel and address, by the id of the installation."""
    named = f"{channel} {address}".encode()
    return hmac.new(instance.encode(), named, hashlib.sha256).hexdigest()


def _addresses(db: Database, guests: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The hashes of all addresses of these guests, each with the guest and the channel."""
    instance = instance_id(db)
    return {
        address_hash(instance, row["channel"], row["address"]): (row["guest_id"], row["channel"])
        for row in db.all(ADDRESSES, {"guests": as_json(list(guests))})
    }


def _opted_out(db: Database, guests: list[str]) -> list[tuple[str, str, OptOutRow]]:
    """The opt-outs of these guests' addresses: guest, channel and row, those that were noted first."""
    if not guests or not db.value(ANY):
        return []
    known = _addresses(db, guests)
    rows = db.all(OPTED_OUT, {"hashes": as_json(list(known))})
    rows.sort(key=lambda row: -row["noted"])
    return [(*known[row["address_hash"]], row) for row in rows]


def _is_so(now: ConsentRow, change: ConsentChange | None) -> bool:
    """Whether what is sent says what is so already."""
    if change is None:
        return now["state"] == "unknown"
    return now["state"] == change["state"] and all(
        now[name] == change[name] for name in ("at", "source") if change.get(name)
    )


def _note(
    db: Database, channel: str, old: ConsentRow | None, change: ConsentChange, by: str | None
) -> ConsentRow:
    """What is noted: when and where from as was said, else as it was known, else now and by whom."""
    now = db.now()
    if (change.get("at") or "") > now:
        raise Invalid.field(f"consents.{channel}.at", "invalid", "Must not be in the future.")
    known: ConsentRow = {"state": change["state"], "at": now, "source": actors.type_of(by)}
    if old is not None and old["state"] == change["state"]:
        known = old
    return {
        "state": change["state"],
        "at": change.get("at") or known["at"],
        "source": change.get("source") or known["source"],
    }


def _forget_opt_outs(db: Database, guest_id: str, channels: Iterable[str]) -> None:
    """Forget withdrawals that were noted of an address before an erasure, where something else is noted now."""
    known = _addresses(db, [guest_id])
    for channel in channels:
        hashes = [one for one, (_, on) in known.items() if on == channel]
        db.run(FORGET_OPT_OUT, {"channel": channel, "hashes": as_json(hashes)})
