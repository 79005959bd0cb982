"""Guests as they are stored."""

from __future__ import annotations

from typing import TypedDict

from jack.core.pairs import PairChanges, Pairs
from jack.resources.guests.consents import Consents, Sent
from jack.resources.guests.current_stay import CurrentStay

COLUMNS = """guests.seq, guests.id, guests.name, guests.email, guests.phone, guests.tags, guests.notes,
    guests.language, guests.external_ids AS ids, guests.metadata, guests.blocked, guests.consents AS noted,
    guests.created_at, guests.updated_at"""

# What is shown of each depends on these as well; most hotels and guests have none, and are asked in one statement.
_STOPPED = "EXISTS (SELECT 1 FROM opt_outs) AS any_stopped"
SHOWN = f"""{COLUMNS}, {_STOPPED}, EXISTS (SELECT 1 FROM stays WHERE seq > 0) AS any_stays"""
SHOWN_ONE = f"""{COLUMNS}, {_STOPPED},
    EXISTS (SELECT 1 FROM stays WHERE guest_id = guests.id)
        OR EXISTS (SELECT 1 FROM stay_companions WHERE guest_id = guests.id) AS any_stays"""


class GuestProfile(TypedDict):
    """What staff may write of a guest; `noted` is what they note of consents."""

    name: str
    email: str | None
    phone: str | None
    tags: list[str]
    notes: str | None
    language: str | None
    ids: Pairs
    metadata: Pairs
    blocked: bool
    noted: Consents


class GuestChanges(TypedDict, total=False):
    """What of a profile is to change; `consents` becomes what is `noted`."""

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
    consents: Sent
    noted: Consents


class GuestRow(GuestProfile):
    """A guest. `ids` are the external ids by source, and `external_id` under `''`; `external_ids` those by source; `stay` is the one that matters now; `consents`
    are what they have said, as noted or by a STOP."""

    seq: int
    id: str
    external_id: str | None
    external_ids: Pairs
    stay: CurrentStay | None
    consents: Consents
    created_at: str
    updated_at: str


class StoredGuest(TypedDict):
    """A guest as the table has it: `tags`, `ids`, `metadata` and `noted` are JSON text, `blocked` is 0 or 1."""

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
    noted: str
    created_at: str
    updated_at: str


class ShownGuest(StoredGuest):
    """The same, with whether anybody has opted out, and whether there are stays: of anybody, or of the one guest who is read."""

    any_stopped: int
    any_stays: int


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
    consents: str
    search_text: str
    search_grams: str
