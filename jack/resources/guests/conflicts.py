"""The errors for an e-mail address or phone number that another guest has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.errors import Conflict

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.guests.rows import GuestColumns


def duplicate(db: Database, field: str, columns: GuestColumns) -> Conflict:
    """The error for the `email` or `phone` among these columns, which is found to be another guest's."""
    column, value = (
        ("phone", columns["phone"]) if field == "phone" else ("email_key", columns["email_key"])
    )
    first = db.value(f"SELECT id FROM guests WHERE {column} = :value", {"value": value})
    return conflict(field, first)


def conflict(field: str, first: str) -> Conflict:
    """The error for the `email` or `phone` of another guest, whose id is given."""
    name = {"email": "e-mail", "phone": "phone"}[field]
    return Conflict(
        f"A guest with this {name} exists already: {first}",
        details=[{"field": field, "message": f"Already used by {first}.", "code": "taken"}],
        reason="duplicate",
        existing_id=first,
    )
