"""How many rows of a list match, counted by blocks of rows: after a change only the blocks it was in are counted again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import apsw

COUNTS_KEPT = 128
BITS = 14  # of `seq` within a block: 16,384 rows
EVERY_SEQ = {"first": 0, "last": (1 << 62) - 1}

# The newest change of a row that is there, the last deletion (both by the order of changes), and the newest row.
STATE = """
    SELECT coalesce((SELECT changed_seq FROM {0} WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
           coalesce((SELECT changed_seq FROM list_ends WHERE list = '{0}'), 0),
           coalesce((SELECT max(seq) FROM {0}), 0)"""
CHANGED = "SELECT DISTINCT seq >> :bits FROM {} WHERE changed_seq > :since"


class Kept(NamedTuple):
    """Counts by block, and up to which change and which deletion they hold."""

    newest: int
    deleted: int
    counts: dict[int, int]


class BlockCounts:
    """Counts of one connection, by statement and parameters; at most `COUNTS_KEPT`.

    Whatever decides whether a row of the list matches must move the row's `changed_seq` when it changes. Where the
    rows that were deleted stood is not known any more: after a deletion everything is counted anew.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._kept: dict[tuple[object, ...], Kept] = {}

    def total(self, table: str, sql: str, params: Mapping[str, object]) -> int:
        """What `sql` counts, a `SELECT count(*)` of those rows of the table whose `seq` is from `:first` to `:last`."""
        if self._connection.in_transaction:
            # What is read may be rolled back, or be of an older moment than what is kept.
            return self._count(sql, {**params, **EVERY_SEQ})
        key = (sql, *params.values())
        with self._moment():
            kept = self._kept.pop(key, None)
            newest, deleted, last = next(self._connection.execute(STATE.format(table)))
            stale: Iterable[int]
            if kept is None or kept.deleted != deleted:
                kept = Kept(newest, deleted, {})
                stale = range((last >> BITS) + 1)
            else:
                stale = self._changed(table, kept.newest)
            for block in stale:
                bounds = {"first": block << BITS, "last": (block + 1 << BITS) - 1}
                kept.counts[block] = self._count(sql, {**params, **bounds})
        self._keep(key, kept._replace(newest=newest))
        return sum(kept.counts.values())

    def _count(self, sql: str, params: Mapping[str, object]) -> int:
        return int(next(self._connection.execute(sql, params))[0])

    def _changed(self, table: str, since: int) -> list[int]:
        """The blocks in which rows have been created or changed."""
        found = self._connection.execute(CHANGED.format(table), {"bits": BITS, "since": since})
        return [block for (block,) in found]

    def _keep(self, key: tuple[object, ...], kept: Kept) -> None:
        """As the last one used; the one that was not used for longest is dropped."""
        self._kept[key] = kept
        if len(self._kept) > COUNTS_KEPT:
            del self._kept[next(iter(self._kept))]

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """What is read in the block is of one moment, while others write."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
