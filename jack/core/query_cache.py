"""Results of queries, cached until anybody has changed the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import apsw

Found = TypeVar("Found")
Params = Mapping[str, object]

RESULTS_KEPT = 512


class QueryCache:
    """Results of one connection, by statement and parameters; at most `RESULTS_KEPT`. They must not be modified.

    `data_version` changes when another connection commits, `total_changes` when this one writes. After its own write
    it reads without caching: the same query is seldom repeated before the next write.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._results: dict[tuple[str, tuple[object, ...]], Any] = {}
        self._changes = 0
        self._version: int | None = None

    def get(self, read: Callable[[str, Params], Found], sql: str, params: Params) -> Found:
        """What `read(sql, params)` returns, or has returned if nobody has written since."""
        connection = self._connection
        if connection.in_transaction:
            return read(sql, params)
        changes = connection.total_changes()
        if changes != self._changes:
            self._results.clear()
            self._changes, self._version = changes, None
            return read(sql, params)
        (version,) = next(connection.execute("PRAGMA data_version"))
        if version != self._version or len(self._results) >= RESULTS_KEPT:
            self._results.clear()
            self._version = version
        key = (sql, tuple(params.values()))
        try:
            known: Found = self._results[key]
            return known
        except KeyError:
            found = self._results[key] = read(sql, params)
            return found

    def __len__(self) -> int:
        return len(self._results)
