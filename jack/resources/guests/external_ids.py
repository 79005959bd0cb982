"""What other programs call a guest: the external id, and an id for each source.

Each is a name, `id` or `source:id`, that leads to one guest. An external id that has a source is among those of the sources as
well. Stored are all of them by source, with the external id under `''`.
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


def sourced(ids: Pairs) -> Pairs:
    """The ids by source, without the external id itself."""
    return {source: one for source, one in ids.items() if source} if "" in ids else ids


def changed(ids: Pairs, changes: GuestChanges) -> Pairs:
    """These ids with the changes to `external_id`, and to `external_ids`, which are merged source by source."""
    if "external_id" in changes and changes["external_id"] != ids.get(""):
        ids = _renamed(ids, changes["external_id"])
    if "external_ids" in changes:
        of_sources = pairs.merged(
            sourced(ids), changes["external_ids"], "externalIds", pairs.MAX_SOURCES
        )
        ids = _with_name(ids.get(""), of_sources)
    return ids


def _renamed(ids: Pairs, name: str | None) -> Pairs:
    """These ids with another external id, or none; the one there was is not kept among the sources either."""
    before, _ = split(ids.get("", ""))
    others = {source: one for source, one in ids.items() if source not in ("", before)}
    if name is None:
        return others
    source, external_id = split(name)
    return {"": name, **others} | ({source: external_id} if source else {})


def _with_name(name: str | None, of_sources: Pairs) -> Pairs:
    """The ids by source with the external id there was, which is as its source now has it."""
    source, _ = split(name or "")
    if name is None or source and source not in of_sources:
        return of_sources
    return {"": joined(source, of_sources[source]) if source else name, **of_sources}


def _names(ids: Pairs) -> set[str]:
    return {joined(source, one) for source, one in ids.items()}


def find(db: Database, name: str) -> str | None:
    """The id of the guest whom another program calls so; after a merge also by the ids of the guest who is gone."""
    found: str | None = db.value(FIND, {"name": name})
    return found


def assign(db: Database, guest_id: str, before: Pairs, after: Pairs) -> None:
    """Store that a guest's ids are now `after`. Raises Conflict for another guest's id, or an erased guest's."""
    old, new = _names(before), _names(after)
    for name in sorted(new - old):
        _add(db, guest_id, name, "externalId" if name == after.get("") else "externalIds")
    for name in old - new:
        db.run(DELETE, {"name": name, "guest_id": guest_id})


def _add(db: Database, guest_id: str, name: str, field: str) -> None:
    owner = find(db, name)
    if owner is None:
        external_ids.check(db, "guests", name)
        db.run(CREATE, {"name": name, "guest_id": guest_id})
    elif owner != guest_id:
        raise external_ids.taken(name, owner, field)


def losing(ids: Pairs, found: Sequence[str]) -> GuestChanges:
    """What changes for a guest with these ids when these names lead to somebody else."""
    lost = [source for source, one in ids.items() if joined(source, one) in found]
    changes: GuestChanges = {}
    if "" in lost:
        changes["external_id"] = None
    if sources := [source for source in lost if source]:
        changes["external_ids"] = dict.fromkeys(sources)
    return changes


def names(db: Database, guest_id: str) -> list[str]:
    """Every name that leads to a guest."""
    return db.column(NAMES, {"guest_id": guest_id})


def move(db: Database, found: Sequence[str], source: str, target: str) -> None:
    """Let these names of one guest lead to another."""
    db.run(MOVE, {"from": source, "to": target, "names": as_json(found)})
