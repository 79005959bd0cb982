"""Guests who may be the same person: suggestions with their reasons. Staff decide, and merge."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, TypedDict

from jack.channels import phone_numbers
from jack.core import fulltext
from jack.core.db import as_json
from jack.core.patterns import email_forms
from jack.core.query import Query
from jack.resources.guests import identities, phone_input, store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jack.core.db import Database
    from jack.core.reader import Params
    from jack.resources.guests.rows import GuestRow


class Evidence(TypedDict):
    """A reason in words, which also say what is not proven."""

    reason: str
    proven: bool
    message: str


class Suggestion(TypedDict):
    """A guest who may be the same person; `score` is 0 to 1. `unproven`: the ids of those of the two who may be anybody."""

    guest: GuestRow
    score: float
    reasons: list[str]
    evidence: list[Evidence]
    unproven: list[str]


class IdRow(TypedDict):
    """A guest's id."""

    id: str


class PhoneRow(IdRow):
    """A guest with one of their phone numbers; `written`: they have written from it (0 or 1)."""

    phone: str
    written: int


class AddressRow(TypedDict):
    """An address a guest is known by; `written`: they have written from it (0 or 1)."""

    channel: str
    address: str
    written: int


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

# What a reason says, and what it leaves open; `same_phone` is proven where both have written from the number.
MESSAGES = {
    "same_phone": "The same phone number stands in both. Not proven: one of them has never written from it.",
    "claimed_email": "One of them gave the other's e-mail address, in the web chat or a form. Not proven: anybody can give it there.",
    "same_phone_ending": "Their phone numbers end alike. Not proven: so do numbers of others.",
    "same_name": "They have the same name. Not proven: others have it too, and in the web chat anybody can give it.",
    "same_language": "They have the same language, which proves nothing.",
}
BOTH_WROTE = "Both have written from the same phone number."

NAME = "substr(search_text, 1, instr(search_text || char(10), char(10)) - 1)"

# An address that nobody has proven to be theirs (`identities.UNPROVEN`) is one they may have.
ADDRESSES = Query[AddressRow]("""
    SELECT channel, CASE WHEN address BETWEEN 'unproven:' AND 'unproven;' THEN lower(verbatim) ELSE address END AS address,
           verbatim IS NOT NULL AND address NOT BETWEEN 'unproven:' AND 'unproven;' AS written
    FROM guest_identities WHERE guest_id = :id""")

CLAIMED = Query[EmailRow](
    "SELECT email FROM webchat_sessions WHERE guest_id = :id AND email IS NOT NULL"
)

BY_NAME = Query[IdRow](f"SELECT id FROM guests WHERE {NAME} = :name AND id <> :id LIMIT :limit")

BY_DIGITS = Query[PhoneRow]("""
    SELECT guest_id AS id, address AS phone, verbatim IS NOT NULL AS written FROM guest_identities
    WHERE channel IN ('sms', 'whatsapp') AND substr(address, -8) = :ending AND guest_id <> :id
    UNION
    SELECT id, phone, 0 AS written FROM guests
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

# Who of these has written in the web chat only, and has proven no e-mail there.
UNPROVEN = """
    SELECT value FROM json_each(:ids)
    WHERE EXISTS (SELECT 1 FROM guest_identities WHERE guest_id = value AND channel = 'web')
      AND NOT EXISTS (SELECT 1 FROM guest_identities WHERE guest_id = value AND verbatim IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM webchat_sessions WHERE guest_id = value AND email_proven)"""


def search(db: Database, guest_id: str) -> list[Suggestion]:
    """Up to ten guests who may be this one, the likeliest first. Raises NotFound."""
    guest = store.get(db, guest_id)
    found: dict[str, dict[str, bool]] = {}
    for other_id, reason, proven in _matches(db, guest):
        reasons = found.setdefault(other_id, {})
        reasons[reason] = proven or reasons.get(reason, False)
    unproven = set(db.column(UNPROVEN, {"ids": as_json([guest_id, *found])}))
    others = store.get_many(db, found)
    rows = [_suggestion(guest, other, found[other["id"]], unproven) for other in others]
    return sorted(rows, key=lambda row: (-row["score"], -row["guest"]["seq"]))[:MAX_SUGGESTIONS]


def _suggestion(
    guest: GuestRow, other: GuestRow, reasons: dict[str, bool], unproven: set[str]
) -> Suggestion:
    """The suggestion of `other`, by reasons of which each is proven or not."""
    if "same_name" in reasons and guest["language"] and guest["language"] == other["language"]:
        reasons["same_language"] = False
    if "same_phone" in reasons:
        reasons.pop("same_phone_ending", None)
    score = 1 - prod(1 - WEIGHTS[reason] for reason in reasons)
    ordered = [reason for reason in WEIGHTS if reason in reasons]
    return {
        "guest": other,
        "score": round(score, 2),
        "reasons": ordered,
        "evidence": [_evidence(reason, reasons[reason]) for reason in ordered],
        "unproven": [one["id"] for one in (guest, other) if one["id"] in unproven],
    }


def _evidence(reason: str, proven: bool) -> Evidence:
    message = BOTH_WROTE if proven else MESSAGES[reason]
    return {"reason": reason, "proven": proven, "message": message}


def _matches(db: Database, guest: GuestRow) -> Iterator[tuple[str, str, bool]]:
    """The id of each guest who has something in common with this one, what (a key of `WEIGHTS`), and whether it is proven."""
    params: Params = {"id": guest["id"], "limit": MAX_CANDIDATES}
    name = fulltext.folded(guest["name"])
    if name not in NAMELESS:
        for row in db.all(BY_NAME, {**params, "name": name}):
            yield row["id"], "same_name", False
    addresses = db.all(ADDRESSES, params)
    numbers = {guest["phone"] or "": False}
    for one in addresses:
        if one["channel"] in ("sms", "whatsapp"):
            numbers[one["address"]] = numbers.get(one["address"], False) or bool(one["written"])
    yield from _with_number(db, params, numbers)
    known = {row["address"] for row in addresses if row["channel"] == "email"}
    claimed = {row["email"] for row in db.all(CLAIMED, params)}
    for email in _forms(known | claimed):
        for row in db.all(BY_EMAIL, {**params, "email": email}):
            yield row["id"], "claimed_email", False
    for email in _forms(known):
        for row in db.all(BY_CLAIM, {**params, "email": email}):
            yield row["id"], "claimed_email", False


def _forms(emails: set[str]) -> set[str]:
    """The forms in which these e-mail addresses may be stored."""
    return {form for email in emails for form in email_forms(email)}


def _with_number(
    db: Database, params: Params, numbers: Mapping[str, bool]
) -> Iterator[tuple[str, str, bool]]:
    """Who has a number with the same last eight digits: perhaps the same one, with or without the country code.

    `numbers` are the guest's, each with whether they have written from it.
    """
    for number, written in sorted(numbers.items()):
        digits = phone_input.digits_of(number)
        if len(digits) < ENDING:
            continue
        for row in db.all(BY_DIGITS, {**params, "ending": digits[-ENDING:]}):
            same = _same(digits, phone_input.digits_of(row["phone"]))
            proven = same and written and bool(row["written"])
            yield row["id"], "same_phone" if same else "same_phone_ending", proven


def _same(one: str, other: str) -> bool:
    """Whether these digits are one number, with and without its prefix, or two forms of one by `phone_numbers.match_key`."""
    short, long = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
    return long.endswith(short) or phone_numbers.match_key(f"+{long}") == phone_numbers.match_key(
        f"+{short}"
    )
