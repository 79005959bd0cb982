"""The guest of a stay that a file names by what it knows of them: found where they are there already, else created with the stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jack.core.errors import Conflict, Invalid
from jack.resources.guests import external_ids, matching
from jack.resources.guests import store as guests
from jack.resources.stays import store as stays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.stays.rows import StayRow

NAME, EMAIL, PHONE, EXTERNAL_ID = "guest_name", "guest_email", "guest_phone", "guest_external_id"
OUTSIDE = {
    NAME: "guestName",
    EMAIL: "guestEmail",
    PHONE: "guestPhone",
    EXTERNAL_ID: "guestExternalId",
}
# What is said of a guest who is created with their stay.
NEW = "new_guest"


def named(db: Database, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a line with `guest_id` for what names its guest; one who is to be created is in `new_guest`.

    Raises Conflict where what is said of the guest is of two different ones, Invalid for a new one without a name.
    """
    rest = {name: value for name, value in fields.items() if name not in OUTSIDE}
    said = {name: fields[name] for name in OUTSIDE if fields.get(name)}
    if not said or rest.get("guest_id"):
        return rest
    found = _owners(db, said)
    if len(found) > 1:
        message = f"This line names two guests: {' and '.join(sorted(found))}."
        raise Conflict(
            message, details=Invalid.field(OUTSIDE[next(iter(said))], "taken", message).details
        )
    if found:
        return {**rest, "guest_id": found.pop()}
    if NAME not in said:
        message = "There is no such guest, and one without a name is not created."
        raise Invalid.field(OUTSIDE[NAME], "required", message)
    return {**rest, NEW: said}


def create(db: Database, *, by: str | None = None, **fields: Any) -> StayRow:
    """A new stay, and its guest where they are new."""
    return stays.create(db, by=by, **_with_guest(db, fields, by))


def change(db: Database, stay_id: str, *, by: str | None = None, **fields: Any) -> StayRow:
    """Change a stay, and create its guest where they are new."""
    return stays.change(db, stay_id, by=by, **_with_guest(db, fields, by))


def _with_guest(db: Database, fields: Mapping[str, Any], by: str | None) -> dict[str, Any]:
    rest = {name: value for name, value in fields.items() if name != NEW}
    if NEW not in fields:
        return rest
    said = fields[NEW]
    made = guests.create(
        db,
        name=said[NAME],
        email=said.get(EMAIL),
        phone=said.get(PHONE),
        external_id=said.get(EXTERNAL_ID),
        by=by,
    )
    return {**rest, "guest_id": made["id"]}


def _owners(db: Database, said: Mapping[str, str]) -> set[str]:
    """The guests of whom this is so."""
    found: set[str] = set()
    if EXTERNAL_ID in said and (known := external_ids.find(db, said[EXTERNAL_ID])) is not None:
        found.add(known)
    pairs = matching.keys(db, email=said.get(EMAIL), phone=said.get(PHONE))
    for some in pairs.values():
        found |= matching.owners(db, some)
    return found
