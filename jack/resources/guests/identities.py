"""Identity resolution: the guest behind the addresses a provider names, found by `guest_identities` or created.

Only an exact match of an address that a provider vouches for makes a sender a known guest. A sender who only looks like
one becomes a new guest; `duplicates` then suggests that they are the same.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

from jack.channels.types import Address
from jack.core import events
from jack.core.db import savepoint, transaction
from jack.core.errors import Conflict
from jack.core.query import Query
from jack.resources.guests import store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.guests.rows import GuestChanges


class AddressRow(TypedDict):
    """An address of a guest on a channel: `address` is compared, `verbatim` is what the provider is given."""

    address: str
    verbatim: str


# The name of a guest who has none, no phone number and no e-mail address.
DEFAULT_NAMES = {
    "whatsapp": "WhatsApp guest",
    "sms": "SMS guest",
    "email": "E-mail guest",
    "web": "Web visitor",
}
MAX_NAME = 200  # characters
NUMBER = re.compile(r"\+[0-9]{7,15}")
# Channels on which the same telephone number is the same person.
SAME_NUMBER = {"whatsapp": "sms", "sms": "whatsapp"}

# Whether a sender of SMS takes no answer, as the network names them: a name (`HOTELBANK`), or a short code, of up to eight digits without
# a `+`. Of an address that was typed in the provider says so.
NO_REPLIES = """
    channel = 'sms' AND verbatim IS NOT NULL
    AND (verbatim GLOB '*[^0-9+]*' OR length(verbatim) < iif(verbatim GLOB '+*', 8, 9))"""

# The address a guest used last on a channel: the one they wrote from last; of those they never wrote from the one stored
# last; of two stored at once the phone number (`+` sorts before letters). One that takes no answer only where there is no other.
LAST_USED = Query[AddressRow](f"""
    SELECT address, coalesce(verbatim, address) AS verbatim FROM guest_identities
    WHERE guest_id = :guest_id AND channel = :channel
    ORDER BY {NO_REPLIES}, last_inbound_at DESC NULLS LAST, created_at DESC, address
    LIMIT 1""")

STORE_ADDRESS = """
    INSERT INTO guest_identities (channel, address, verbatim, guest_id, last_inbound_at, created_at)
    VALUES (:channel, :address, :verbatim, :guest_id, :written_at, :now)
    ON CONFLICT (channel, address) DO UPDATE
    SET verbatim = excluded.verbatim,
        last_inbound_at = coalesce(max(last_inbound_at, excluded.last_inbound_at), last_inbound_at, excluded.last_inbound_at)
    WHERE guest_id = excluded.guest_id"""

# Before an address that only a stranger's program names as the guest's. It is replied to, and finds nobody: `unproven:NUMBER:ADDRESS`.
UNPROVEN = "unproven:"
IS_UNPROVEN = """
    SELECT EXISTS (
        SELECT 1 FROM guest_identities
        WHERE guest_id = :guest_id AND channel = :channel AND substr(address, 1, length(:unproven)) = :unproven
          AND substr(address, -length(:ending)) = :ending)"""

REMOVE_ADDRESS = """
    DELETE FROM guest_identities
    WHERE channel = :channel AND address = :address AND guest_id = :guest_id
    RETURNING last_inbound_at"""


def last_inbound_at(guest_id: str, channel: str) -> str:
    """SQL for when a guest last wrote on a channel, from any address of theirs; both arguments are SQL expressions.

    An aggregate, as a list of conversations reads it once a row: it needs no sorting.
    """
    return f"""
        SELECT max(last_inbound_at) FROM guest_identities AS known
        WHERE known.guest_id = {guest_id} AND known.channel = {channel}"""


LAST_INBOUND_AT = last_inbound_at(":guest_id", ":channel")


def takes_no_replies(guest_id: str) -> str:
    """SQL for whether none of a guest's addresses for SMS takes an answer: 1, else 0 or NULL. The argument is an SQL expression."""
    return f"""
        SELECT min({NO_REPLIES}) FROM guest_identities AS known
        WHERE known.guest_id = {guest_id} AND known.channel = 'sms'"""


TAKES_NO_REPLIES = takes_no_replies(":guest_id")


def last_used(db: Database, guest_id: str | None, channel: str) -> AddressRow | None:
    """The address a guest used last on a channel; None when they have none there."""
    return db.one(LAST_USED, {"guest_id": guest_id, "channel": channel})


def takes_replies(db: Database, guest_id: str | None, channel: str) -> bool:
    """Whether a guest can be answered on a channel: not where they are known by a name or a short code only."""
    return channel != "sms" or not db.value(TAKES_NO_REPLIES, {"guest_id": guest_id})


def resolve(
    db: Database,
    channel: str,
    addresses: Sequence[Address],
    *,
    name: str | None = None,
    written_at: str | None = None,
) -> str:
    """The id of the guest with one of these addresses, the surest first; a new guest when nobody has any.

    Whoever has no number on SMS (`HOTELBANK`, a short code) has no other name either.

    Addresses that nobody else has are stored as the guest's. `written_at` is when they wrote, if they did.
    """
    if channel == "sms" and addresses and not name and dialled(addresses[0]) is None:
        name = addresses[0].verbatim.strip()
    with transaction(db):
        guest_id = find_guest(db, channel, addresses)
        if guest_id is None:
            guest_id = _create_guest(db, channel, addresses, name)
        elif name:
            _replace_default_name(db, guest_id, channel, addresses, name)
        for address in addresses:
            _store_address(db, guest_id, channel, address, written_at)
        _complete_profile(db, guest_id, channel, addresses)
    return guest_id


def create_unproven(
    db: Database, channel: str, address: Address, *, name: str | None, written_at: str
) -> str:
    """The id of a new guest who is replied to at this address, which proves nothing: nobody is found by it."""
    with transaction(db):
        guest_id = str(store.create(db, name=(name or address.verbatim)[:MAX_NAME])["id"])
        key = f"{UNPROVEN}{db.new_id('address')}:{address.key}"
        _store_address(db, guest_id, channel, Address(key, address.verbatim), written_at)
    return guest_id


def prove(db: Database, guest_id: str, channel: str, address: Address, *, written_at: str) -> bool:
    """Whether this is the unproven address of a guest, who has now answered from it; from now on they are known by it.

    Unless somebody else is: then this guest stays apart, and `duplicates` suggests that they are the same.
    """
    named = {"guest_id": guest_id, "channel": channel, "unproven": UNPROVEN}
    if not db.value(IS_UNPROVEN, named | {"ending": f":{address.key}"}):
        return False
    if store.known_by(db, channel, address.key) is None:
        _store_address(db, guest_id, channel, address, written_at)
        _complete_profile(db, guest_id, channel, [address])
    return True


def find_guest(db: Database, channel: str, addresses: Sequence[Address]) -> str | None:
    """The id of the guest with one of these addresses, or with the same number on the other phone channel."""
    for address in addresses:
        found = store.known_by(db, channel, address.key)
        if found is not None:
            return found
    for address in addresses:
        number = dialled(address) if channel in SAME_NUMBER else None
        found = store.known_by(db, SAME_NUMBER[channel], number) if number else None
        if found is not None:
            return found
    return None


def move(db: Database, channel: str, old: Sequence[Address], new: Sequence[Address]) -> str | None:
    """Replace the old addresses of a guest by the new ones; returns the guest's id, None when nobody has any of them."""
    with transaction(db):
        guest_id = find_guest(db, channel, [*old, *new])
        if guest_id is None:
            return None
        written_at: str | None = None
        for address in old:
            row = {"channel": channel, "address": address.key, "guest_id": guest_id}
            written_at = db.value(REMOVE_ADDRESS, row) or written_at
        for address in new:
            _store_address(db, guest_id, channel, address, written_at)
        events.record(db, "guest.updated", guest_id)
        _complete_profile(db, guest_id, channel, new)
    return guest_id


def dialled(address: Address) -> str | None:
    """The telephone number of an address, as one dials it; None where it has none. Argentine mobiles keep their 9."""
    digits = re.sub("[^0-9]", "", address.verbatim)
    if NUMBER.fullmatch(address.key) is None:
        return None
    return f"+{digits}" if len(digits) == 13 and digits.startswith("549") else address.key


def _store_address(
    db: Database, guest_id: str, channel: str, address: Address, written_at: str | None
) -> None:
    """Store an address as the guest's, unless it is another's; when it was last written from only moves forward."""
    now = db.now()
    row = {"channel": channel, "address": address.key, "verbatim": address.verbatim}
    written_at = min(written_at, now) if written_at else None
    db.run(STORE_ADDRESS, row | {"guest_id": guest_id, "written_at": written_at, "now": now})


def _complete_profile(
    db: Database, guest_id: str, channel: str, addresses: Sequence[Address]
) -> None:
    """Put a number or an e-mail address that is known now into a profile without one, unless it is another guest's."""
    guest = store.get(db, guest_id)
    phone = next((number for one in addresses if (number := dialled(one))), None)
    learnt: GuestChanges = {}
    if guest["phone"] is None and phone and channel in SAME_NUMBER:
        learnt["phone"] = phone
    if guest["email"] is None and channel == "email" and addresses:
        learnt["email"] = addresses[0].verbatim
    if learnt:
        with suppress(Conflict), savepoint(db):
            store.change(db, guest_id, dialled=True, **learnt)


def _create_guest(
    db: Database, channel: str, addresses: Sequence[Address], name: str | None
) -> str:
    """A new guest, with their number or e-mail in the profile unless it stands in another's."""
    phone = next((number for one in addresses if (number := dialled(one))), None)
    email = addresses[0].verbatim if channel == "email" and addresses else None
    shown = (name or phone or email or DEFAULT_NAMES[channel])[:MAX_NAME]
    try:
        with savepoint(db):
            created = store.create(db, name=shown, email=email, phone=phone, dialled=True)
    except Conflict:
        created = store.create(db, name=shown)
    return str(created["id"])


def _replace_default_name(
    db: Database, guest_id: str, channel: str, addresses: Sequence[Address], name: str
) -> None:
    """Give a guest this name whose name was only an address or a default."""
    defaults = {DEFAULT_NAMES[channel], *(one.verbatim for one in addresses)}
    defaults |= {number for one in addresses if (number := dialled(one))}
    if store.get(db, guest_id)["name"] in defaults:
        store.change(db, guest_id, name=name[:MAX_NAME])
