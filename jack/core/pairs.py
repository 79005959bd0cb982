"""Objects of texts that a change is merged into key by key: the metadata and the external ids of a resource."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from jack.core.errors import Invalid

MAX_METADATA = 50  # keys
MAX_SOURCES = 20

Pairs = dict[str, str]
PairChanges = Mapping[str, str | None]


def parsed(text: str) -> Pairs:
    """The object that is stored as this JSON text."""
    if text == "{}":  # of most rows
        return {}
    found: Pairs = orjson.loads(text)
    return found


def merged(
    before: Mapping[str, str], changes: Mapping[str, str | None] | None, field: str, most: int
) -> Pairs:
    """These pairs with the changes: a key with None is removed, and None for all of them removes all.

    Raises Invalid, naming the field, for more than `most` keys.
    """
    if changes is None:
        return {}
    found = {key: value for key, value in {**before, **changes}.items() if value is not None}
    if len(found) > most:
        raise Invalid.field(field, "too_many", f"Must have at most {most} keys.")
    return found


def merged_metadata(before: Mapping[str, str], changes: Mapping[str, str | None] | None) -> Pairs:
    """As `merged`, of metadata."""
    return merged(before, changes, "metadata", MAX_METADATA)
