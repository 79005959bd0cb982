"""Which page of a list is wanted, and the page that was found."""

from __future__ import annotations

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
