"""Guests who may be the same person: suggestions with their reasons. Staff decide, and merge."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, TypedDict

from jack.channels import phone_numbers
from jack.core import fulltext
from jack.core.query import Query
from jack.resources.guests import identities, phone_input, store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jack.core.db import Database, Params
    from jack.resources.guests.rows import GuestRow


class Suggestion(TypedDict):
    """A guest who may be the same person; `score` is 0 to 1."""

    guest: GuestRow
    score: float
    reasons: list[str]


class IdRow(TypedDict):
    """A guest's id."""

    id: str


class PhoneRow(IdRow):
    """A guest with one of their phone numbers."""

    phone: str


class AddressRow(TypedDict):
    """An address a guest is known by."""

    channel: str
    address: str


class EmailRow(TypedDict):
    """An e-mail address given in the web chat."""

    email: str


MAX_SUGGESTIONS = 10
MAX_CANDIDATES = 50  # guests, for one reason
ENDING = 8  # digits
# The names of guests who have not given one.
NAMELESS = frozenset({"", fulltext.folded(identities.DEFAULT_NAMES["web"])})

# The probability each reason gives; several are combined as independent.
WEIGHTS = {
    "same_phone": 0.8,
    "claimed_email": 0.7,
    "same_phone_ending": 0.4,
    "same_name": 0.3,
    "same_language": 0.1,
}

NAME = "substr(search_text, 1, instr(search_text || char(10), char(10)) - 1)"

# An address that nobody has proven to be theirs (`identities.UNPROVEN`) is one they may have.
ADDRESSES = Query[AddressRow]("""
    SELECT channel, CASE WHEN address BETWEEN 'unproven:' AND 'unproven;' THEN lower(verbatim) ELSE address END AS address
    FROM guest_identities WHERE guest_id = :id""")

CLAIMED = Query[EmailRow](
    "SELECT email FROM webchat_sessions WHERE guest_id = :id AND email IS NOT NULL"
)

BY_NAME = Query[IdRow](f"SELECT id FROM guests WHERE {NAME} = :name AND id <> :id LIMIT :limit")

BY_DIGITS = Query[PhoneRow]("""
    SELECT guest_id AS id, address AS phone FROM guest_identities
    WHERE channel IN ('sms', 'whatsapp') AND substr(address, -8) = :ending AND guest_id <> :id
    UNION
    SELECT id, phone FROM guests
    WHERE phone IS NOT NULL AND substr(search_text, -8) = :ending AND id <> :id
    LIMIT :limit""")

BY_EMAIL = Query[
    IdRow
]("""
    SELECT guest_id AS id FROM guest_identities
    WHERE channel = 'email' AND address = :email AND guest_id <> :id
    UNION
    SELECT guest_id AS id FROM guest_identities
    WHERE channel = 'email' AND address BETWEEN 'unproven:' AND 'unproven;' AND lower(verbatim) = :email AND guest_id <> :id""")

# Who has given this guest's e-mail in the web chat.
BY_CLAIM = Query[IdRow]("""
    SELECT DISTINCT guest_id AS id, email FROM webchat_sessions
    WHERE guest_id IS NOT NULL AND lower(email) = lower(:email) AND guest_id <> :id
    LIMIT :limit""")


def search(db: Database, guest_id: str) -> list[Suggestion]:
    """Up to ten guests who may be this one, the likeliest first. Raises NotFound."""
    guest = store.get(db, guest_id)
    reasons: dict[str, set[str]] = {}
    for other_id, reason in _matches(db, guest):
        reasons.setdefault(other_id, set()).add(reason)
    others = store.get_many(db, reasons)
    rows = [_suggestion(guest, other, reasons[other["id"]]) for other in others]
    return sorted(rows, key=lambda row: (-row["score"], -row["guest"]["seq"]))[:MAX_SUGGESTIONS]


def _suggestion(guest: GuestRow, other: GuestRow, reasons: set[str]) -> Suggestion:
    if "same_name" in reasons and guest["language"] and guest["language"] == other["language"]:
        reasons.add("same_language")
    if "same_phone" in reasons:
        reasons.discard("same_phone_ending")
    score = 1 - prod(1 - WEIGHTS[reason] for reason in reasons)
    ordered = [reason for reason in WEIGHTS if reason in reasons]
    return {"guest": other, "score": round(score, 2), "reasons": ordered}


def _matches(db: Database, guest: GuestRow) -> Iterator[tuple[str, str]]:
    """The id of each guest who has something in common with this one, and what: a key of `WEIGHTS`."""
    params: Params = {"id": guest["id"], "limit": MAX_CANDIDATES}
    name = fulltext.folded(guest["name"])
    if name not in NAMELESS:
        for row in db.all(BY_NAME, {**params, "name": name}):
            yield row["id"], "same_name"
    addresses = db.all(ADDRESSES, params)
    numbers = {row["address"] for row in addresses if row["channel"] in ("sms", "whatsapp")}
    yield from _with_number(db, params, numbers | {guest["phone"] or ""})
    emails = {row["address"] for row in addresses if row["channel"] == "email"}
    for email in emails | {row["email"].casefold() for row in db.all(CLAIMED, params)}:
        for row in db.all(BY_EMAIL, {**params, "email": email}):
            yield row["id"], "claimed_email"
    for email in emails:
        for row in db.all(BY_CLAIM, {**params, "email": email}):
            yield row["id"], "claimed_email"


def _with_number(db: Database, params: Params, numbers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Who has a number with the same last eight digits: perhaps the same one, with or without the country code."""
    all_digits = {phone_input.digits_of(number) for number in numbers}
    for digits in sorted(one for one in all_digits if len(one) >= ENDING):
        for row in db.all(BY_DIGITS, {**params, "ending": digits[-ENDING:]}):
            same = _same(digits, phone_input.digits_of(row["phone"]))
            yield row["id"], "same_phone" if same else "same_phone_ending"


def _same(one: str, other: str) -> bool:
    """Whether these digits are one number, with and without its prefix, or two forms of one by `phone_numbers.match_key`."""
    short, long = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
    return long.endswith(short) or phone_numbers.match_key(f"+{long}") == phone_numbers.match_key(
        f"+{short}"
    )
