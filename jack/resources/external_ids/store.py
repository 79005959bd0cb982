"""External ids that resources share: those of what was erased, and who has one already."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Literal

from jack.core.db import as_json
from jack.core.errors import Conflict, Detail, Invalid
from jack.core.migrations import instance_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from jack.core.db import Database

Resource = Literal["guests", "stays", "tasks"]

IS_ERASED = """
    SELECT EXISTS (SELECT 1 FROM erased_external_ids WHERE resource = :resource AND name_hash = :hash)"""

ERASE = """
    INSERT INTO erased_external_ids (resource, name_hash) SELECT :resource, value FROM json_each(:hashes) WHERE true
    ON CONFLICT DO NOTHING"""

FORGET = "DELETE FROM erased_external_ids WHERE resource = :resource AND name_hash = :hash"


def check(db: Database, resource: Resource, name: str, *, recreate: bool = False) -> None:
    """Raise Conflict when what had this external id was erased. With `recreate` that is forgotten instead."""
    params = {"resource": resource, "hash": _hash(db, resource, name)}
    if recreate:
        db.run(FORGET, params)
    elif db.value(IS_ERASED, params):
        raise Conflict(
            f"What was called {name} has been erased. Send it with recreate=true if it is to be there again.",
            reason="erased",
        )


def erase(db: Database, resource: Resource, names: Collection[str]) -> None:
    """Keep that what had these external ids was erased: a hash of each and nothing else."""
    hashes = [_hash(db, resource, name) for name in names]
    db.run(ERASE, {"resource": resource, "hashes": as_json(hashes)})


def taken(name: str, by: str, field: str = "externalId") -> Conflict:
    """The error for an external id that something else has: `by` is its id."""
    detail: Detail = {"field": field, "message": f"Already used by {by}.", "code": "taken"}
    return Conflict(
        f"The external id {name} is used already: {by}",
        details=[detail],
        reason="duplicate",
        existing_id=by,
    )


def demand(given: Mapping[str, object], needed: Sequence[str]) -> None:
    """Raise Invalid unless these fields are given: what is not there yet needs them to be created."""
    missing: list[Detail] = [
        {"field": name, "message": "Missing data for required field.", "code": "required"}
        for name in needed
        if name not in given
    ]
    if missing:
        first, more = missing[0], len(missing) - 1
        others = f" (and {more} more)" if more else ""
        raise Invalid(f"{first['field']}: {first['message']}{others}", details=missing)


def _hash(db: Database, resource: Resource, name: str) -> str:
    """HMAC-SHA-256 of resource and name, by the id of the installation, as of addresses that have opted out."""
    named = f"external id {resource} {name}".encode()
    return hmac.new(instance_id(db).encode(), named, hashlib.sha256).hexdigest()
