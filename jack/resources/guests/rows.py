"""Guests as they are stored."""

from __future__ import annotations

from typing import TypedDict, cast

import orjson

COLUMNS = """guests.seq, guests.id, guests.name, guests.email, guests.phone, guests.tags, guests.notes,
    guests.language, guests.created_at, guests.updated_at"""


class GuestProfile(TypedDict):
    """What staff may write of a guest."""

    name: str
    email: str | None
    phone: str | None
    tags: list[str]
    notes: str | None
    language: str | None


class GuestChanges(TypedDict, total=False):
    """What of a profile is to change."""

    name: str
    email: str | None
    phone: str | None
    tags: list[str]
    notes: str | None
    language: str | None


class GuestRow(GuestProfile):
    """A guest."""

    seq: int
    id: str
    created_at: str
    updated_at: str


class StoredGuest(TypedDict):
    """A guest as the table has it: `tags` is JSON text."""

    seq: int
    id: str
    name: str
    email: str | None
    phone: str | None
    tags: str
    notes: str | None
    language: str | None
    created_at: str
    updated_at: str


class GuestColumns(TypedDict):
    """The columns that follow from a profile."""

    name: str
    email: str | None
    email_key: str | None
    phone: str | None
    tags: str
    notes: str | None
    language: str | None
    search_text: str
    search_grams: str


def parsed(row: StoredGuest) -> GuestRow:
    """The row with its tags as a list, in place."""
    found = cast("GuestRow", row)
    found["tags"] = orjson.loads(row["tags"])
    return found
