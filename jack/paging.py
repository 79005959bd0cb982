"""A page asked for, and a page found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jack.db import Row

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_PAGE = 1_000_000


class Page(NamedTuple):
    """Which page, counted from 1, of how many rows each."""

    number: int = 1
    limit: int = DEFAULT_LIMIT

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return (self.number - 1) * self.limit


class Listed(NamedTuple):
    """The rows of a page, and how many rows match in all."""

    rows: list[Row]
    total: int
    page: Page
