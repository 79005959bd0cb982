"""Guests as they are stored."""

from __future__ import annotations

from typing import TypedDict

from jack.core.pairs import PairChanges, Pairs
from jack.resources.guests.current_stay import CurrentStay

COLUMNS = """guests.seq, guests.id, guests.name, guests.email, guests.phone, guests.tags, guests.notes,
    guests.language, guests.external_ids AS ids, guests.metadata, guests.blocked,
    guests.created_at, guests.updated_at"""


class GuestProfile(TypedDict):
    """What staff may write of a guest."""

    name: str
    email: str | None
    phone: str | None
    tags: list[str]
    notes: str | None
    language: str | None
    ids: Pairs
    metadata: Pairs
    blocked: bool


class GuestChanges(TypedDict, total=False):
    """What of a profile is to change."""

    name: str
    email: str | None
    phone: str | None
    tags: list[str]
    notes: str | None
    language: str | None
    external_id: str | None
    external_ids: PairChanges | None
    metadata: PairChanges | None
    blocked: bool


class GuestRow(GuestProfile):
    """A guest. `ids` are the external ids by source, and `external_id` under `''`; `external_ids` those by source; `stay` is the one that matters now."""

    seq: int
    id: str
    external_id: str | None
    external_ids: Pairs
    stay: CurrentStay | None
    created_at: str
    updated_at: str


class StoredGuest(TypedDict):
    """A guest as the table has it: `tags`, `ids` and `metadata` are JSON text, `blocked` is 0 or 1."""

    seq: int
    id: str
    name: str
    email: str | None
    phone: str | None
    tags: str
    notes: str | None
    language: str | None
    ids: str
    metadata: str
    blocked: int
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
    ids: str
    metadata: str
    blocked: bool
    search_text: str
    search_grams: str
