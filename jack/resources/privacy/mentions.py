"""Texts that name a guest: one way to find them, for what an export shows as theirs and what an erasure removes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core.patterns import email_forms
from jack.core.query import Query
from jack.resources.guests import external_ids, phone_input, store
from jack.resources.guests.identities import DEFAULT_NAMES, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jack.core.db import Database


class PersonRow(TypedDict):
    """A guest who was merged into another, as they were."""

    name: str
    email: str | None
    phone: str | None


class AddressRow(TypedDict):
    """An address of a guest: what is compared, and what the provider is given."""

    address: str
    written: str


class Mentions(NamedTuple):
    """What a guest is known by in a line of what people write, and in one of a file, where their ids stand too."""

    in_texts: re.Pattern[str]
    in_files: re.Pattern[str]


# Digits at the end of a phone number by which it is known however it is written; one with fewer than `SHORTEST_NUMBER` is any number.
LOCAL_DIGITS = 8
SHORTEST_NUMBER = 6
SHORTEST = 3  # letters: a shorter word is many things
NOBODY = frozenset(name.casefold() for name in DEFAULT_NAMES.values())
# Between two digits of a number; a comma or a semicolon begins the next field of a file.
BETWEEN = r"[^\w,;]{0,3}"
# Scripts that put no space between words: Thai to Khmer, Japanese, Chinese, Korean.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]")

MERGED = Query[PersonRow]("""
    WITH RECURSIVE merged (id, merge_id) AS (
        SELECT other_id, id FROM merges WHERE kept_id = :id
        UNION SELECT other_id, merges.id FROM merges JOIN merged ON kept_id = merged.id)
    SELECT other ->> 'name' AS name, other ->> 'email' AS email, other ->> 'phone' AS phone
    FROM merged JOIN merges ON merges.id = merge_id""")
ADDRESSES = Query[AddressRow]("""
    SELECT address, coalesce(verbatim, address) AS written FROM guest_identities
    WHERE guest_id = :id AND channel <> 'web'""")
BOOKED = "SELECT external_id FROM stays WHERE guest_id = :id AND external_id IS NOT NULL"


def of_guest(db: Database, guest_id: str) -> Mentions:
    """What this guest is known by, with all addresses, and who was merged into them. Raises NotFound and Gone."""
    guest, merged = store.get(db, guest_id), db.all(MERGED, {"id": guest_id})
    people = [(one["name"], one["email"], one["phone"]) for one in (guest, *merged)]
    names = [name for name, _, _ in people if name.casefold() not in NOBODY]
    addresses = [one for _, email, phone in people for one in (email, phone) if one]
    for row in db.all(ADDRESSES, {"id": guest_id}):
        addresses.append(row["address"] if NUMBER.fullmatch(row["address"]) else row["written"])
    ids = [external_ids.split(name)[1] for name in external_ids.names(db, guest_id)]
    known = [*map(_word, names), *(part for one in addresses for part in _address(one))]
    of_files = [_word(one) for one in (*ids, *db.column(BOOKED, {"id": guest_id}))]
    return Mentions(_any(known), _any([*known, *of_files]))


def lines(texts: Mapping[str, str], wanted: re.Pattern[str]) -> list[dict[str, str]]:
    """The lines that name a guest, each with where it is from: the others name somebody else."""
    return [
        {"from": source, "text": line}
        for source, text in texts.items()
        for line in text.splitlines()
        if wanted.search(line.casefold())
    ]


def sources(texts: Mapping[str, str], wanted: re.Pattern[str]) -> list[str]:
    """Where these lines are from."""
    return list(dict.fromkeys(line["from"] for line in lines(texts, wanted)))


def _any(parts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(part for part in parts if part) or "(?!)")


def _word(text: str) -> str:
    """A pattern for a name or an id as a word of its own; nothing for a number, which may be that of a room."""
    folded = text.casefold().strip()
    if len(folded) < SHORTEST or folded.isdigit():
        return ""
    pattern = r"\s+".join(map(re.escape, folded.split()))
    return pattern if UNSPACED.search(folded) else rf"(?<!\w){pattern}(?!\w)"


def _address(text: str) -> list[str]:
    """Patterns for an address: an e-mail as a whole, a number by its last digits however it is written, else a word."""
    if "@" in text:
        forms = map(re.escape, email_forms(text))
        return [rf"(?<![\w.+-]){form}(?!-?\w|\.\w)" for form in forms]
    if not phone_input.WRITTEN.fullmatch(text):
        return [_word(text)]
    digits = phone_input.digits_of(text)[-LOCAL_DIGITS:]
    if len(digits) < SHORTEST_NUMBER:
        return []
    before = "" if len(digits) == LOCAL_DIGITS else "(?<![0-9])"
    return [f"{before}{BETWEEN.join(digits)}(?![0-9])"]
