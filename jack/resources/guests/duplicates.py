"""Who may be the same person: suggestions with their reasons. Weak signs only suggest; staff decide, and merge."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from jack.channels import phone_numbers
from jack.core import fulltext
from jack.resources.guests import identities, phone_input, store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jack.core.db import Database, Row

MOST = 10
LOOKED_AT = 50
TAIL = 8
# What people are called who did not say their name.
NAMELESS = frozenset({"", fulltext.folded(identities.DEFAULT_NAMES["web"])})

# How sure each sign makes it; several make it surer.
WEIGHTS = {
    "same_phone": 0.8,
    "claimed_email": 0.7,
    "same_phone_ending": 0.4,
    "same_name": 0.3,
    "same_language": 0.1,
}

NAME = "substr(search_text, 1, instr(search_text || char(10), char(10)) - 1)"

ADDRESSES = "SELECT channel, address FROM guest_identities WHERE guest_id = :id"

CLAIMED = "SELECT email FROM webchat_sessions WHERE guest_id = :id AND email IS NOT NULL"

BY_NAME = f"SELECT id FROM guests WHERE {NAME} = :name AND id <> :id LIMIT :limit"

BY_DIGITS = """
    SELECT guest_id AS id, address AS phone FROM guest_identities
    WHERE channel IN ('sms', 'whatsapp') AND substr(address, -8) = :tail AND guest_id <> :id
    UNION
    SELECT id, phone FROM guests
    WHERE phone IS NOT NULL AND substr(search_text, -8) = :tail AND id <> :id
    LIMIT :limit"""

BY_EMAIL = """
    SELECT guest_id AS id FROM guest_identities
    WHERE channel = 'email' AND address = :email AND guest_id <> :id"""

# Who gave it in the web chat: what is an e-mail of this guest's by now is one of theirs.
BY_CLAIM = """
    SELECT DISTINCT guest_id AS id, email FROM webchat_sessions
    WHERE guest_id IS NOT NULL AND lower(email) = lower(:email) AND guest_id <> :id
    LIMIT :limit"""


def search(db: Database, guest_id: str) -> list[Row]:
    """Up to ten guests who may be this one, the likeliest first: `guest`, `score` (0 to 1), `reasons`. Raises NotFound."""
    guest = store.get(db, guest_id)
    found: dict[str, set[str]] = {}
    for other, reason in _signs(db, guest):
        found.setdefault(other, set()).add(reason)
    others = store.several(db, found)
    rows = [_suggestion(guest, other, found[other["id"]]) for other in others]
    return sorted(rows, key=lambda row: (-row["score"], -row["guest"]["seq"]))[:MOST]


def _suggestion(guest: Row, other: Row, reasons: set[str]) -> Row:
    if "same_name" in reasons and guest["language"] and guest["language"] == other["language"]:
        reasons.add("same_language")
    if "same_phone" in reasons:
        reasons.discard("same_phone_ending")
    score = 1 - prod(1 - WEIGHTS[reason] for reason in reasons)
    ordered = [reason for reason in WEIGHTS if reason in reasons]
    return {"guest": other, "score": round(score, 2), "reasons": ordered}


def _signs(db: Database, guest: Row) -> Iterator[tuple[str, str]]:
    """Who shares what with this guest."""
    known: dict[str, Any] = {"id": guest["id"], "limit": LOOKED_AT}
    name = fulltext.folded(guest["name"])
    if name not in NAMELESS:
        for row in db.all(BY_NAME, known | {"name": name}):
            yield row["id"], "same_name"
    addresses = db.all(ADDRESSES, known)
    dialled = {row["address"] for row in addresses if row["channel"] in ("sms", "whatsapp")}
    yield from _by_numbers(db, known, dialled | {guest["phone"] or ""})
    emails = {row["address"] for row in addresses if row["channel"] == "email"}
    for email in emails | {row["email"].casefold() for row in db.all(CLAIMED, known)}:
        for row in db.all(BY_EMAIL, known | {"email": email}):
            yield row["id"], "claimed_email"
    for email in emails:
        for row in db.all(BY_CLAIM, known | {"email": email}):
            yield row["id"], "claimed_email"


def _by_numbers(
    db: Database, known: dict[str, Any], dialled: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Who has a number that ends alike: the same one if one is the other's without the country, else perhaps."""
    digits = {phone_input.digits_of(number) for number in dialled}
    for mine in sorted(one for one in digits if len(one) >= TAIL):
        for row in db.all(BY_DIGITS, known | {"tail": mine[-TAIL:]}):
            theirs = phone_input.digits_of(row["phone"])
            yield row["id"], "same_phone" if _same(mine, theirs) else "same_phone_ending"


def _same(one: str, other: str) -> bool:
    """Whether two numbers are one, written with and without what is dialled before it; mobile ones as `numbers` knows."""
    short, long = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
    return long.endswith(short) or phone_numbers.match_key(f"+{long}") == phone_numbers.match_key(
        f"+{short}"
    )
