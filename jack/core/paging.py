"""Which part of a list is wanted, a page or what comes after a cursor, and the part that was found."""

from __future__ import annotations

import re
from typing import Generic, NamedTuple, TypeVar

R = TypeVar("R")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_PAGE = 1_000_000


class Page(NamedTuple):
    """Which page, counted from 1, of `limit` rows each."""

    number: int = 1
    limit: int = DEFAULT_LIMIT

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return (self.number - 1) * self.limit

    @property
    def end(self) -> int:
        """How many rows there are up to its end."""
        return self.number * self.limit


class Found(NamedTuple):
    """What a search found: by `seq`, in order, from the beginning to the end of the page or beyond; and the total."""

    seqs: list[int]
    total: int

    def on(self, page: Page) -> list[int]:
        """Those of a page."""
        return self.seqs[page.offset : page.end]


class Listed(NamedTuple, Generic[R]):
    """The rows of a page, and how many rows match in all."""

    rows: list[R]
    total: int
    page: Page


# Which order, and the number of the last row in it.
CURSOR = re.compile("([cu])([0-9]{1,18})")


class Place(NamedTuple):
    """Where a list is read on, `limit` rows: after a number in the order of creation, or of the last change (`changed`)."""

    after: int = 0
    limit: int = DEFAULT_LIMIT
    changed: bool = False

    @classmethod
    def of(cls, cursor: str, limit: int, changed: bool | None = None) -> Place:
        """The place a cursor names; an empty one is the beginning. Raises ValueError for no cursor, or one of the other order."""
        if not cursor:
            return cls(0, limit, bool(changed))
        parts = CURSOR.fullmatch(cursor)
        if parts is None or (changed is not None and changed != (parts[1] == "u")):
            raise ValueError(cursor)
        return cls(int(parts[2]), limit, parts[1] == "u")

    @property
    def cursor(self) -> str:
        """Its name, for `of`."""
        return f"{'u' if self.changed else 'c'}{self.after}"


class Gone(NamedTuple):
    """What stands in the order of change for a row that was deleted; `merged_into` is the guest it became part of."""

    id: str
    merged_into: str | None


class Walked(NamedTuple, Generic[R]):
    """Rows after a place, and the place to go on from; `more`: there are rows after it already."""

    rows: list[R | Gone]
    place: Place
    more: bool
