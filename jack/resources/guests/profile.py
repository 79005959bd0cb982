"""A guest's profile, and the columns it is stored in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import orjson
from orjson import Fragment

from jack.core import fulltext, pairs
from jack.core.db import as_json
from jack.core.patterns import email_key
from jack.resources.guests import consents, current_stay, external_ids, phone_input
from jack.resources.guests import search as guest_search
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.guests.rows import (
        GuestChanges,
        GuestColumns,
        GuestProfile,
        GuestRow,
        ShownGuest,
        StoredGuest,
    )

# As they are shown of most guests.
NOTHING_SAID = Fragment(orjson.dumps(consents.NOTHING))
NO_PAIRS: pairs.Pairs = {}


def parsed(db: Database, row: StoredGuest) -> GuestRow:
    """As `all_parsed`, of one row."""
    return all_parsed(db, [row])[0]


def all_parsed(db: Database, rows: Sequence[StoredGuest]) -> list[GuestRow]:
    """The rows with their JSON read, in place, and the stays and consents of these guests."""
    found = [_parsed(row) for row in rows]
    said = consents.of(db, {row["id"]: row["noted"] for row in found})
    stays = current_stay.of(db, (row["id"] for row in rows))
    for row in found:
        row["stay"] = stays.get(row["id"])
        row["consents"] = said[row["id"]]
    return found


def shown(db: Database, rows: Sequence[ShownGuest]) -> list[GuestRow]:
    """As `all_parsed`, for a response and nothing else, in place: what need not be read stays JSON (`orjson.Fragment`)."""
    if not rows:
        return []
    stays = current_stay.of(db, [row["id"] for row in rows]) if rows[0]["any_stays"] else {}
    said = _said(db, rows)
    for row in rows:
        found: dict[str, object] = row  # type: ignore[assignment]
        ids = pairs.parsed(row["ids"]) if row["ids"] != "{}" else NO_PAIRS
        found["tags"] = Fragment(row["tags"])
        found["metadata"] = Fragment(row["metadata"])
        found["external_id"] = ids.get("")
        found["external_ids"] = external_ids.sourced(ids) if ids else ids
        found["stay"] = stays.get(row["id"]) if stays else None
        found["consents"] = said.get(row["id"], NOTHING_SAID) if said else NOTHING_SAID
    return cast("list[GuestRow]", rows)


def _said(db: Database, rows: Sequence[ShownGuest]) -> dict[str, object]:
    """What those have said of whom something may be known."""
    stopped = rows[0]["any_stopped"]
    noted = {row["id"]: row["noted"] for row in rows if stopped or row["noted"] != "{}"}
    if not noted:
        return {}
    found = consents.of(db, {guest: consents.read(notes) for guest, notes in noted.items()})
    return {guest: said for guest, said in found.items() if said is not consents.NOTHING}


def _parsed(row: StoredGuest) -> GuestRow:
    found = cast("GuestRow", row)
    found["tags"] = orjson.loads(row["tags"])
    found["metadata"] = pairs.parsed(row["metadata"])
    found["blocked"] = bool(row["blocked"])
    found["noted"] = consents.read(row["noted"])
    ids = found["ids"] = pairs.parsed(row["ids"])
    found["external_id"], found["external_ids"] = (
        ids.get(""),
        external_ids.sourced(ids),
    )
    return found


def new(fields: GuestChanges) -> GuestProfile:
    """The profile of a new guest with these fields: a name, and whatever else there is."""
    return {
        "name": fields["name"],
        "email": fields.get("email"),
        "phone": fields.get("phone"),
        "tags": list(fields.get("tags", ())),
        "notes": fields.get("notes"),
        "language": fields.get("language"),
        "ids": external_ids.changed({}, fields),
        "metadata": pairs.merged_metadata({}, fields.get("metadata")),
        "blocked": fields.get("blocked", False),
        "noted": fields.get("noted", {}),
    }


def changed(row: GuestRow, changes: GuestChanges) -> GuestRow:
    """The guest with these changes; metadata and external ids are merged key by key."""
    ids = external_ids.changed(row["ids"], changes)
    found: GuestRow = {
        **row,
        **changes,
        "ids": ids,
        "external_id": ids.get(""),
        "external_ids": external_ids.sourced(ids),
        "metadata": row["metadata"],
        "consents": row["consents"],
    }
    if "metadata" in changes:
        found["metadata"] = pairs.merged_metadata(row["metadata"], changes["metadata"])
    return found


def columns(db: Database, profile: GuestProfile, *, typed: bool) -> GuestColumns:
    """The columns of a guest with this profile; `typed` when the phone is as somebody typed it."""
    email, phone = profile["email"], profile["phone"]
    if phone is not None and typed:
        phone = phone_input.normalised(phone, settings.value(db, "hotel").get("country"))
    searched = guest_search.search_text(profile["name"], email, phone)
    return {
        "name": profile["name"],
        "email": email,
        "email_key": email_key(email) if email else None,
        "phone": phone,
        "tags": as_json(profile["tags"]),
        "notes": profile["notes"],
        "language": profile["language"],
        "ids": as_json(profile["ids"]),
        "metadata": as_json(profile["metadata"]),
        "blocked": profile["blocked"],
        "consents": as_json(profile["noted"]),
        "search_text": searched,
        "search_grams": fulltext.grams(searched),
    }
