"""The rows of an export, a part at a time: what the list of that resource shows, by the list's own filters and in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from jack.core.paging import Page
from jack.resources.audit import store as audit
from jack.resources.conversations import message_export
from jack.resources.conversations import store as conversations
from jack.resources.exports.store import GUEST
from jack.resources.guests import store as guests
from jack.resources.knowledge import store as knowledge
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jack.core.db import Database
    from jack.core.paging import Listed
    from jack.core.query import AnyRow

PART = 500


class Search(Protocol):
    """A store's function that lists."""

    def __call__(self, db: Database, *, page: Page, **filters: object) -> Listed[AnyRow]: ...


LISTS: dict[str, Search] = {
    "guests": guests.search,  # type: ignore[dict-item]
    "stays": stays.search,  # type: ignore[dict-item]
    "conversations": conversations.search,  # type: ignore[dict-item]
    "tasks": tasks.search,  # type: ignore[dict-item]
    "knowledge": knowledge.search,  # type: ignore[dict-item]
}
MESSAGES, AUDIT = "messages", "audit"
KINDS = (*LISTS, MESSAGES, AUDIT)
# What only an administrator may read, and no API key.
FOR_ADMINS = frozenset({AUDIT, GUEST})
# Whose scope an API key needs, where it is not that of what is exported.
RESOURCE = {MESSAGES: "conversations"}


def count(db: Database, what: str, filters: Mapping[str, object]) -> int:
    """How many rows there are."""
    if what == MESSAGES:
        return message_export.count(db, **filters)  # type: ignore[arg-type]
    if what == AUDIT:
        return audit.search(db, page=Page(1, 1), **filters).total  # type: ignore[arg-type]
    return LISTS[what](db, page=Page(1, 1), **filters).total


def parts(db: Database, what: str, filters: Mapping[str, object]) -> Iterator[Sequence[AnyRow]]:
    """All rows. To be called within one snapshot: what is written meanwhile would shift the pages."""
    if what == MESSAGES:
        yield from message_export.parts(db, **filters)  # type: ignore[arg-type]
        return
    if what == AUDIT:
        yield from audit.parts(db, PART, **filters)  # type: ignore[arg-type]
        return
    number = 1
    while rows := LISTS[what](db, page=Page(number, PART), **filters).rows:
        yield rows
        number += 1
