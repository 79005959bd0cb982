"""Which page of a list is wanted, and the page that was found."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

R = TypeVar("R")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_PAGE = 1_000_000
# A search alone counts its matches up to so many, or to the next multiple of it beyond the wanted page.
COUNTED = 500


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

    @property
    def counted(self) -> int:
        """How far a search for it counts; always further than its end, so that the next page is announced."""
        return (self.end // COUNTED + 1) * COUNTED


class Found(NamedTuple):
    """What a search found: by `seq`, in order, from the beginning to beyond the page; and the total, if need be `at_least`."""

    seqs: list[int]
    total: int
    at_least: bool = False

    def on(self, page: Page) -> list[int]:
        """Those of a page."""
        return self.seqs[page.offset : page.end]


class Listed(NamedTuple, Generic[R]):
    """The rows of a page, and how many rows match in all; of a search that finds very many, `at_least` so many."""

    rows: list[R]
    total: int
    page: Page
    at_least: bool = False
