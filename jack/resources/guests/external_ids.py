"""What other programs call a guest: an id for each source, the source `''` being the one without a name.

An id is known by its name, `id` or `source:id`, which is unique. `externalId` of the API is the name of the id without a
source, else of the first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import pairs
from jack.core.db import as_json
from jack.core.pairs import Pairs
from jack.core.patterns import EXTERNAL_SOURCE
from jack.resources.external_ids import store as external_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.guests.rows import GuestChanges

FIND = "SELECT guest_id FROM guest_external_ids WHERE name = :name"

CREATE = "INSERT INTO guest_external_ids (name, guest_id) VALUES (:name, :guest_id)"

DELETE = "DELETE FROM guest_external_ids WHERE name = :name AND guest_id = :guest_id"

NAMES = "SELECT name FROM guest_external_ids WHERE guest_id = :guest_id"

# From one guest to the other: only names that are still the one's.
MOVE = """
    UPDATE guest_external_ids SET guest_id = :to
    WHERE guest_id = :from AND name IN (SELECT value FROM json_each(:names))"""


def split(name: str) -> tuple[str, str]:
    """The source and the id of a name; the source is empty where there is none."""
    source, colon, rest = name.partition(":")
    return (source, rest) if colon and rest and EXTERNAL_SOURCE.fullmatch(source) else ("", name)


def joined(source: str, external_id: str) -> str:
    """The name of an id of this source."""
    return f"{source}:{external_id}" if source else external_id


def primary(ids: Pairs) -> str | None:
    """The name of the id without a source, else of the first one; None when there is none."""
    if not ids:
        return None
    source = "" if "" in ids else next(iter(ids))
    return joined(source, ids[source])


def sourced(ids: Pairs) -> Pairs:
    """The ids that have a source."""
    return {source: one for source, one in ids.items() if source} if "" in ids else ids


def changed(ids: Pairs, changes: GuestChanges) -> Pairs:
    """These ids with the changes to `external_ids`, merged source by source, and to `external_id`."""
    if "external_ids" in changes:
        of_sources = pairs.merged(
            sourced(ids), changes["external_ids"], "externalIds", pairs.MAX_SOURCES
        )
        ids = {source: one for source, one in ids.items() if not source} | of_sources
    if "external_id" in changes and changes["external_id"] != primary(ids):
        ids = _with_primary(ids, changes["external_id"])
    return ids


def _with_primary(ids: Pairs, name: str | None) -> Pairs:
    """These ids with another primary one; None takes away the one there is."""
    if name is None:
        source, _ = split(primary(ids) or "")
        return {known: one for known, one in ids.items() if known != source}
    source, external_id = split(name)
    others = {known: one for known, one in ids.items() if known not in ("", source)}
    return {source: external_id, **others}


def find(db: Database, name: str) -> str | None:
    """The id of the guest whom another program calls so; after a merge also by the ids of the guest who is gone."""
    found: str | None = db.value(FIND, {"name": name})
    return found


def assign(db: Database, guest_id: str, before: Pairs, after: Pairs) -> None:
    """Store that a guest's ids are now `after`. Raises Conflict for another guest's id, or an erased guest's."""
    old = {joined(*pair) for pair in before.items()}
    new = {joined(*pair) for pair in after.items()}
    for name in sorted(new - old):
        _add(db, guest_id, name, "externalId" if name == primary(after) else "externalIds")
    for name in old - new:
        db.run(DELETE, {"name": name, "guest_id": guest_id})


def _add(db: Database, guest_id: str, name: str, field: str) -> None:
    owner = find(db, name)
    if owner is None:
        external_ids.check(db, "guests", name)
        db.run(CREATE, {"name": name, "guest_id": guest_id})
    elif owner != guest_id:
        raise external_ids.taken(name, owner, field)


def names(db: Database, guest_id: str) -> list[str]:
    """Every name that leads to a guest."""
    return db.column(NAMES, {"guest_id": guest_id})


def move(db: Database, found: Sequence[str], source: str, target: str) -> None:
    """Let these names of one guest lead to another."""
    db.run(MOVE, {"from": source, "to": target, "names": as_json(found)})
