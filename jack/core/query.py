"""Statements: their text, and for the type checker what their rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar, cast

R = TypeVar("R")
# A row of whatever table, to be read only: every TypedDict of a store is one.
AnyRow = Mapping[str, object]


def where(conditions: Sequence[str]) -> str:
    """The WHERE clause of all these conditions; empty when there are none."""
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


class Query(Generic[R]):
    """The text of a statement whose rows are `R`, a TypedDict: `GET = Query[TaskRow]("SELECT …")`.

    For the type checker only: at run time it is the `str` it was made of, and a row is a `dict`.
    """

    def __new__(cls, sql: str) -> Query[R]:
        """The text as it stands."""
        return cast("Query[R]", sql)
