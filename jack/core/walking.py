"""Reading a list on from a cursor: each row once in the order of creation, or again after each change in the order of change.

The numbers of both orders only grow, and are given in the transaction of the change: what comes after a cursor is all there is to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, TypeVar

from jack.core.paging import Gone, Place, Walked
from jack.core.query import Query, where

if TYPE_CHECKING:
    from jack.core.db import Database

R = TypeVar("R", bound=Mapping[str, object])

# So many rows are looked at for one request: with a filter that few of them pass, a part may be empty, and there is more.
WINDOW = 10_000


def next_change(table: str) -> str:
    """The expression of the next number in a table's order of change, for an INSERT; without it a trigger writes the row twice."""
    return f"""1 + max(
        coalesce((SELECT changed_seq FROM {table} WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = '{table}'), 0))"""


class Entry(TypedDict):
    """A row that exists, by its `seq`, or one that was deleted, by its `id`."""

    number: int
    seq: int | None
    id: str | None
    merged_into: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows of a table that a list is of.

    `matching` tells which of some rows, by their `seq`, pass a filter that is no condition. `few`: a condition is one that few rows
    fulfil, which are found by an index, `index` if it has to be named. `usual`: conditions that nearly all rows fulfil.
    """

    table: str
    conditions: Sequence[str] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    matching: Callable[[list[int]], set[int]] | None = None
    few: bool = False
    index: str | None = None
    usual: Sequence[str] = ()


def walk(
    db: Database, wanted: Wanted, place: Place, read: Callable[[list[int]], Iterable[R]]
) -> Walked[R]:
    """The rows after a place. `read` finds rows, which have a `seq`, by it, in any order."""
    end = _end(db, wanted, place)
    limit = place.limit + 1 if wanted.matching is None else -1
    params = {**wanted.params, "after": place.after, "end": end, "limit": limit}
    found = db.all(_statement(wanted, changed=place.changed, ends=end is not None), params)
    passed = _passed(wanted, found)
    shown = passed[: place.limit]
    more = len(passed) > len(shown)
    if more:
        after = shown[-1]["number"]
    elif end is not None:
        after, more = end, True
    else:
        after = found[-1]["number"] if found else place.after
    return Walked(_rows(shown, read), place._replace(after=after), more)


def _end(db: Database, wanted: Wanted, place: Place) -> int | None:
    """The number up to which rows are looked at; None for all there are."""
    filtered = wanted.conditions or wanted.matching
    if not filtered or wanted.few:
        return None
    number, index = _order(wanted.table, place.changed)
    sql = f"""
        SELECT {number} FROM {wanted.table} {index} WHERE {number} > :after
        ORDER BY {number} LIMIT 1 OFFSET :window"""
    end: int | None = db.value(sql, {"after": place.after, "window": WINDOW})
    return end


def _order(table: str, changed: bool) -> tuple[str, str]:
    """The column of an order, and how SQLite is told to go through it."""
    return ("changed_seq", f"INDEXED BY {table}_by_change") if changed else ("seq", "NOT INDEXED")


def _statement(wanted: Wanted, *, changed: bool, ends: bool) -> Query[Entry]:
    """The statement for the numbers and rows after `:after`, up to `:end`. One statement, so that it sees one state of both tables."""
    number, index = _order(wanted.table, changed)
    if wanted.few:
        index = f"INDEXED BY {wanted.index}" if wanted.index else ""
    bounds = [f"{number} > :after", *([f"{number} <= :end"] if ends else [])]
    rows = f"""
        SELECT {number} AS number, seq, NULL AS id, NULL AS merged_into
        FROM {wanted.table} {index} {where([*bounds, *wanted.conditions, *wanted.usual])}"""
    gone = f"""
        UNION ALL
        SELECT changed_seq, NULL, id, merged_into
        FROM deletions {where([f"list = '{wanted.table}'", *bounds])}"""
    return Query[Entry](f"{rows}{gone if changed else ''} ORDER BY number LIMIT :limit")


def _passed(wanted: Wanted, found: list[Entry]) -> list[Entry]:
    """Those that pass `matching`; what was deleted always does."""
    if wanted.matching is None:
        return found
    seqs = [entry["seq"] for entry in found if entry["seq"] is not None]
    matching = wanted.matching(seqs) if seqs else set()
    return [entry for entry in found if entry["seq"] is None or entry["seq"] in matching]


def _rows(shown: list[Entry], read: Callable[[list[int]], Iterable[R]]) -> list[R | Gone]:
    """The rows in their order. One deleted meanwhile is left out: it comes later, as deleted."""
    seqs = [entry["seq"] for entry in shown if entry["seq"] is not None]
    by_seq = {row["seq"]: row for row in read(seqs)} if seqs else {}
    rows: list[R | Gone] = []
    for entry in shown:
        if entry["id"] is not None:
            rows.append(Gone(entry["id"], entry["merged_into"]))
        elif entry["seq"] in by_seq:
            rows.append(by_seq[entry["seq"]])
    return rows
