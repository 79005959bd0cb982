"""Whoever writes: the guest behind the addresses a provider names, found by identity rows or new.

Only an exact match of an address that a provider vouches for makes somebody a known guest. Whoever looks like one
without it is somebody new; `duplicates` then suggests that they are the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.core import events
from jack.core.db import savepoint, transaction
from jack.core.errors import Conflict
from jack.resources.guests import store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.channels.types import Address
    from jack.core.db import Database

NAMELESS = {
    "whatsapp": "WhatsApp guest",
    "sms": "SMS guest",
    "email": "E-mail guest",
    "web": "Web visitor",
}
NAME = 200
NUMBER = re.compile(r"\+[0-9]{7,15}")
# The same telephone answers here as well.
SISTER = {"whatsapp": "sms", "sms": "whatsapp"}

MEET = """
    INSERT INTO guest_identities (channel, address, verbatim, guest_id, created_at)
    VALUES (:channel, :address, :verbatim, :guest_id, :now)
    ON CONFLICT DO NOTHING"""

SEEN = """
    UPDATE guest_identities SET verbatim = :verbatim, last_inbound_at = max(coalesce(last_inbound_at, ''), :at)
    WHERE channel = :channel AND address = :address AND guest_id = :guest_id"""

KNOWN = "UPDATE guest_identities SET verbatim = :verbatim WHERE channel = :channel AND address = :address AND guest_id = :guest_id"

LEFT = """
    DELETE FROM guest_identities
    WHERE channel = :channel AND address = :address AND guest_id = :guest_id
    RETURNING last_inbound_at"""


def resolve(
    db: Database,
    channel: str,
    people: Sequence[Address],
    *,
    name: str | None = None,
    heard_at: str | None = None,
) -> str:
    """The id of the guest with these addresses, the surest first: the one who is known by one of them, or somebody new.

    All addresses that nobody else has are theirs from now on. `heard_at` is when they wrote, if they did.
    """
    with transaction(db):
        guest_id = known(db, channel, people)
        if guest_id is None:
            guest_id = _met(db, channel, people, name)
        elif name:
            _introduce(db, guest_id, channel, people, name)
        for one in people:
            _note(db, guest_id, channel, one, heard_at)
    return guest_id


def known(db: Database, channel: str, people: Sequence[Address]) -> str | None:
    """The guest with one of these addresses, or with the same number on the sister channel."""
    for one in people:
        found = store.known_by(db, channel, one.key)
        if found is not None:
            return found
    for one in people:
        number = dialled(one) if channel in SISTER else None
        found = store.known_by(db, SISTER[channel], number) if number else None
        if found is not None:
            return found
    return None


def move(db: Database, channel: str, old: Sequence[Address], new: Sequence[Address]) -> str | None:
    """Whoever had the old addresses has the new ones instead; returns whom, None when nobody is known by any of them."""
    with transaction(db):
        guest_id = known(db, channel, [*old, *new])
        if guest_id is None:
            return None
        heard_at = None
        for one in old:
            row = {"channel": channel, "address": one.key, "guest_id": guest_id}
            heard_at = db.value(LEFT, row) or heard_at
        for one in new:
            _note(db, guest_id, channel, one, heard_at)
        events.record(db, "guest.changed", guest_id)
    return guest_id


def dialled(one: Address) -> str | None:
    """The telephone number of an address, as one dials it; None where it has none. Argentine mobiles keep their 9."""
    digits = re.sub("[^0-9]", "", one.verbatim)
    if NUMBER.fullmatch(one.key) is None:
        return None
    return f"+{digits}" if len(digits) == 13 and digits.startswith("549") else one.key


def _note(db: Database, guest_id: str, channel: str, one: Address, heard_at: str | None) -> None:
    row = {"channel": channel, "address": one.key, "verbatim": one.verbatim, "guest_id": guest_id}
    db.run(MEET, row | {"now": db.now()})
    if heard_at:
        db.run(SEEN, row | {"at": min(heard_at, db.now())})
    else:
        db.run(KNOWN, row)


def _met(db: Database, channel: str, people: Sequence[Address], name: str | None) -> str:
    """Somebody new: with their number or e-mail in the profile, unless somebody else has it there."""
    phone = next((number for one in people if (number := dialled(one))), None)
    email = people[0].verbatim if channel == "email" and people else None
    shown = (name or phone or email or NAMELESS[channel])[:NAME]
    try:
        with savepoint(db):
            made = store.create(db, name=shown, email=email, phone=phone, dialled=True)
    except Conflict:
        made = store.create(db, name=shown)
    return str(made["id"])


def _introduce(
    db: Database, guest_id: str, channel: str, people: Sequence[Address], name: str
) -> None:
    """Who was known by an address only has a name now."""
    placeholders = {NAMELESS[channel], *(one.verbatim for one in people)}
    placeholders |= {number for one in people if (number := dialled(one))}
    if store.get(db, guest_id)["name"] in placeholders:
        store.change(db, guest_id, name=name[:NAME])
