"""What a setting's value must be, by its schema: for the API and for `bin/jack settings put`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.arguments import load_field
from jack.resources.settings.schemas import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.resources.settings.values import JsonObject


def checked(key: str) -> Callable[[JsonObject], JsonObject]:
    """What turns a value into the one that is stored, or raises Invalid: for a known key, as its schema reads it."""
    schema = KNOWN.get(key)
    if schema is None:
        return lambda value: value

    def check(value: JsonObject) -> JsonObject:
        stored: JsonObject = schema.dump(load_field("value", schema, value))
        return stored

    return check
