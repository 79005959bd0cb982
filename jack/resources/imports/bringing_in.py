"""One line of an import: whom it is about, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jack.core.errors import Conflict, Invalid
from jack.core.paging import Page
from jack.resources.guests import matching
from jack.resources.guests import store as guests
from jack.resources.imports import stay_guests
from jack.resources.imports.lines import ID, check_complete
from jack.resources.knowledge import store as knowledge
from jack.resources.stays import store as stays

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jack.core.db import Database
    from jack.core.paging import Listed
    from jack.core.query import AnyRow

GET: dict[str, Callable[..., AnyRow]] = {
    "guests": guests.get,
    "stays": stays.get,
    "knowledge": knowledge.get,
}
CREATE: dict[str, Callable[..., AnyRow]] = {
    "guests": guests.create,
    "stays": stay_guests.create,
    "knowledge": knowledge.create,
}
CHANGE: dict[str, Callable[..., AnyRow]] = {
    "guests": guests.change,
    "stays": stay_guests.change,
    "knowledge": knowledge.change,
}
SEARCH: dict[str, Callable[..., Listed[Any]]] = {
    "guests": guests.search,  # type: ignore[dict-item]
    "stays": stays.search,  # type: ignore[dict-item]
    "knowledge": knowledge.search,  # type: ignore[dict-item]
}
# Beside the channels: what another program calls somebody.
EXTERNAL = "external"
EXISTS = {
    "guests": "SELECT id FROM guests WHERE id = :id",
    "stays": "SELECT id FROM stays WHERE id = :id",
    "knowledge": "SELECT id FROM knowledge WHERE id = :id",
}
TWO = "This line matches two: {} by its {}, {} by its {}."


class Step(NamedTuple):
    """What a line makes: `created`, `updated` (with the changes to `id`) or `unchanged`; and all it is known by from then on."""

    outcome: str
    id: str | None
    changes: Mapping[str, object]
    known_by: frozenset[tuple[str, str]] = frozenset()


def plan(
    db: Database,
    what: str,
    line: Mapping[str, Any],
    on_match: str,
    seen: Mapping[tuple[str, str], Mapping[str, object]],
) -> Step:
    """What is to be done about a line. Raises Invalid, or Conflict where it matches two different ones.

    `seen` has what a dry run would have created before: the fields of each by all it would be known by.
    """
    fields = {name: value for name, value in line.items() if name != ID}
    if what == "stays":
        fields = stay_guests.named(db, fields)
    pairs = _pairs(db, what, line)
    found = _match(db, what, line, pairs)
    known_by = frozenset(pair for pair, _ in pairs)
    if found is not None:
        before: Mapping[str, object] = GET[what](db, found)
    else:
        earlier = [seen[pair] for pair in known_by if pair in seen]
        if not earlier:
            check_complete(what, line)
            return Step("created", None, fields, known_by)
        before = earlier[0]
    changes = _changes(before, fields, on_match)
    return Step("updated" if changes else "unchanged", found, changes, known_by)


def do(db: Database, what: str, step: Step, *, by: str | None) -> str:
    """Do what a line makes; returns what became of it."""
    if step.outcome == "created":
        CREATE[what](db, by=by, **step.changes)
    elif step.outcome == "updated" and step.id is not None:
        before = GET[what](db, step.id)
        if CHANGE[what](db, step.id, by=by, **step.changes) == before:
            return "unchanged"
    return step.outcome


def _pairs(db: Database, what: str, line: Mapping[str, Any]) -> list[tuple[tuple[str, str], str]]:
    """All a line's subject is known by, each with the field that says so, the surest first."""
    external_id = line.get("external_id")
    named = [((EXTERNAL, str(external_id)), "externalId")] if external_id else []
    if what != "guests":
        return named
    found = matching.keys(db, email=line.get("email"), phone=line.get("phone"))
    return named + [(pair, field) for field, pairs in found.items() for pair in sorted(pairs)]


def _owners(db: Database, what: str, pair: tuple[str, str]) -> set[str]:
    """The ids of those known by this."""
    kind, text = pair
    if kind == EXTERNAL:
        return {str(row["id"]) for row in SEARCH[what](db, external_id=text, page=Page(1, 1)).rows}
    return matching.owners(db, {pair})


def _match(
    db: Database, what: str, line: Mapping[str, Any], pairs: list[tuple[tuple[str, str], str]]
) -> str | None:
    """The id of what is there already. Raises Conflict for two different ones."""
    found: dict[str, str] = {}
    own = db.value(EXISTS[what], {"id": line.get(ID)})
    if own is not None:
        found[str(own)] = ID
    for pair, field in pairs:
        for owner in _owners(db, what, pair):
            found.setdefault(owner, field)
    if len(found) > 1:
        (one, by_one), (other, by_other), *_ = found.items()
        field = by_other
        message = TWO.format(one, by_one, other, by_other)
        detail = Invalid.field(field, "taken", message).details
        raise Conflict(message, details=detail, reason="duplicate")
    return next(iter(found), None)


def _changes(
    before: Mapping[str, object], fields: Mapping[str, object], on_match: str
) -> dict[str, object]:
    """What of the fields is to be written over what is there."""
    if on_match == "skip":
        return {}
    if on_match == "fill":
        # Whoever has a guest needs no new one.
        filled = {stay_guests.NEW} if before.get("guest_id") else set[str]()
        filled |= {name for name in fields if not _is_empty(before.get(name))}
        fields = {name: value for name, value in fields.items() if name not in filled}
    return {name: value for name, value in fields.items() if not _is_so(before.get(name), value)}


def _is_empty(before: object) -> bool:
    """Whether a field says nothing yet; a flag always says something, and consents where one is known."""
    if isinstance(before, dict):
        return all(isinstance(one, dict) and one["state"] == "unknown" for one in before.values())
    return not before and before is not False


def _is_so(before: object, value: object) -> bool:
    """Whether a field is like that already; of an object only what the line names is compared."""
    if isinstance(before, dict) and isinstance(value, dict):
        return all(before.get(key) == inner for key, inner in value.items())
    return before == value
