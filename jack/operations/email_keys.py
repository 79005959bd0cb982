"""Brings the keys up to date by which e-mail addresses are compared: older ones were only case folded.

`info@xn--mller-kva.de` and `info@müller.de` are one address (`jack.core.patterns.email_key`). All of it is one transaction, and
what is right already is left as it is, so that every start can do it. Where two people turn out to have one address nothing
is decided: the second keeps the key they had, and whoever starts Jack is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from jack.core.db import transaction
from jack.core.patterns import email_key
from jack.core.query import Query
from jack.resources.conversations import opt_outs
from jack.resources.guests.identities import UNPROVEN

if TYPE_CHECKING:
    from jack.core.db import Database


class OwnerRow(TypedDict):
    """Whoever has an address: `email` as it is shown, `email_key` as it is compared."""

    id: str
    email: str
    email_key: str


class AddressRow(TypedDict):
    """An address that a guest is known by; `verbatim` is what they have written from."""

    address: str
    verbatim: str | None
    guest_id: str


# The keys of addresses in profiles, by those of before and whose they are.
Typed = Mapping[tuple[str, str], str]

# Only of these may the key be another one than the address without its capitals.
ODD = "({0} GLOB '*[^ -~]*' OR instr(lower({0}), 'xn--'))"

STAFF = Query[OwnerRow](
    f"SELECT id, email, email_key FROM staff WHERE {ODD.format('email')} ORDER BY active DESC, seq"
)
GUESTS = Query[OwnerRow](
    f"SELECT id, email, email_key FROM guests WHERE {ODD.format('email')} ORDER BY seq"
)
ADDRESSES = Query[AddressRow](f"""
    SELECT address, verbatim, guest_id FROM guest_identities
    WHERE channel = 'email' AND ({ODD.format("address")} OR {ODD.format("coalesce(verbatim, '')")})
    ORDER BY last_inbound_at DESC NULLS LAST, created_at""")
STREAMS = Query[OwnerRow](f"""
    SELECT id, email_key AS email, email_key FROM webchat_streams
    WHERE {ODD.format("coalesce(email_key, '')")} ORDER BY created_at""")
RESETS = f"SELECT email_key FROM password_resets WHERE {ODD.format('email_key')}"

OWNER = "SELECT id FROM {} WHERE email_key = :key AND id <> :id"
SET_KEY = "UPDATE {} SET email_key = :key WHERE id = :id"

KNOWN = "SELECT guest_id FROM guest_identities WHERE channel = 'email' AND address = :key"
SET_ADDRESS = (
    "UPDATE guest_identities SET address = :key WHERE channel = 'email' AND address = :address"
)
# Of two forms that one guest is known by, the one stays that is right; when they wrote last is the later of both.
JOIN_ADDRESS = """
    UPDATE guest_identities
    SET verbatim = coalesce(guest_identities.verbatim, old.verbatim),
        last_inbound_at = coalesce(max(guest_identities.last_inbound_at, old.last_inbound_at),
                                   guest_identities.last_inbound_at, old.last_inbound_at)
    FROM guest_identities AS old
    WHERE guest_identities.channel = 'email' AND guest_identities.address = :key
      AND old.channel = 'email' AND old.address = :address"""
DELETE_ADDRESS = "DELETE FROM guest_identities WHERE channel = 'email' AND address = :address"

# Those who have proven one e-mail share one stream.
JOIN_STREAM = (
    "UPDATE webchat_sessions SET stream_id = :other WHERE stream_id = :id",
    "UPDATE conversations SET stream_id = :other WHERE stream_id = :id",
    "DELETE FROM webchat_streams WHERE id = :id",
)
SET_RESET = "UPDATE OR REPLACE password_resets SET email_key = :key WHERE email_key = :old"


def update(db: Database) -> list[str]:
    """Bring all keys up to date; returns whose address is somebody else's as well, a line each."""
    with transaction(db):
        lines = _owners(db, "staff", db.all(STAFF))
        guests = db.all(GUESTS)
        lines += _owners(db, "guests", guests)
        typed = {(row["email_key"], row["id"]): email_key(row["email"]) for row in guests}
        lines += _addresses(db, typed)
        _streams(db)
        for old in db.column(RESETS):
            db.run(SET_RESET, {"old": old, "key": email_key(old)})
    return list(dict.fromkeys(lines))


def is_due(db: Database) -> bool:
    """Whether any key is not as it should be, without waiting for the lock of writers."""
    owners = [*db.all(STAFF), *db.all(GUESTS), *db.all(STREAMS)]
    return any(row["email_key"] != email_key(row["email"]) for row in owners) or any(
        row["address"] != _key(row, {}) for row in db.all(ADDRESSES)
    )


def _owners(db: Database, table: str, rows: list[OwnerRow]) -> list[str]:
    """The keys of staff or guests."""
    lines = []
    for row in rows:
        changed = {"id": row["id"], "key": email_key(row["email"])}
        if row["email_key"] == changed["key"]:
            continue
        other = db.value(OWNER.format(table), changed)
        if other is None:
            db.run(SET_KEY.format(table), changed)
        else:
            lines.append(_same(other, row["id"]))
    return lines


def _addresses(db: Database, typed: Typed) -> list[str]:
    """The addresses that guests are known by."""
    lines = []
    for row in _known(db, typed):
        changed = {"address": row["address"], "key": _key(row, typed)}
        if row["address"] == changed["key"]:
            continue
        owner = db.value(KNOWN, changed)
        if owner is not None and owner != row["guest_id"]:
            lines.append(_same(owner, row["guest_id"]))
            continue
        if owner is None:
            db.run(SET_ADDRESS, changed)
        else:
            db.run(JOIN_ADDRESS, changed)
            db.run(DELETE_ADDRESS, changed)
        opt_outs.move(db, "email", [changed["address"]], [changed["key"]])
    return lines


def _known(db: Database, typed: Typed) -> list[AddressRow]:
    """The addresses to look at. One that was typed in may look plain: of `straße.de` the key was `strasse.de`."""
    plain = Query[AddressRow](
        "SELECT address, verbatim, guest_id FROM guest_identities WHERE channel = 'email' AND address = :address"
    )
    more = [row for old, _ in typed if old.isascii() for row in db.all(plain, {"address": old})]
    return [
        *db.all(ADDRESSES),
        *(row for row in more if (row["address"], row["guest_id"]) in typed),
    ]


def _key(row: AddressRow, typed: Typed) -> str:
    """What the address of a row should be."""
    address, verbatim = row["address"], row["verbatim"]
    if address.startswith(UNPROVEN):
        prefix, number, named = address.split(":", 2)
        return f"{prefix}:{number}:{email_key(named)}"
    if verbatim is not None and verbatim.casefold() == address:
        return email_key(verbatim)
    return typed.get((address, row["guest_id"])) or email_key(address)


def _streams(db: Database) -> None:
    for row in db.all(STREAMS):
        changed = {"id": row["id"], "key": email_key(row["email"])}
        if row["email_key"] == changed["key"]:
            continue
        other = db.value(OWNER.format("webchat_streams"), changed)
        if other is None:
            db.run(SET_KEY.format("webchat_streams"), changed)
            continue
        for statement in JOIN_STREAM:
            db.run(statement, {"id": row["id"], "other": other})


def _same(one: str, other: str) -> str:
    kind = "merge them" if other.startswith("guest-") else "deactivate one of them"
    return f"{one} and {other} have the same e-mail address, written in two ways: {kind}."
