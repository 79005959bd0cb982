"""What queries found, kept until anybody has changed the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import apsw

Found = TypeVar("Found")

RESULTS_KEPT = 512


class QueryCache:
    """Results of one connection, by statement and parameters. Not for changing; at most `RESULTS_KEPT` of them.

    `data_version` moves when another connection commits, `total_changes` when this one writes. After its own write
    it asks without more ado: who writes seldom asks the same twice before the next.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._results: dict[tuple[str, tuple[Any, ...]], Any] = {}
        self._changes = 0
        self._version: int | None = None

    def get(
        self, ask: Callable[[str, Mapping[str, Any]], Found], sql: str, params: Mapping[str, Any]
    ) -> Found:
        """What `ask(sql, params)` finds, or has found if nobody has written since."""
        connection = self._connection
        if connection.in_transaction:
            return ask(sql, params)
        changes = connection.total_changes()
        if changes != self._changes:
            self._results.clear()
            self._changes, self._version = changes, None
            return ask(sql, params)
        (version,) = next(connection.execute("PRAGMA data_version"))
        if version != self._version or len(self._results) >= RESULTS_KEPT:
            self._results.clear()
            self._version = version
        key = (sql, tuple(params.values()))
        try:
            known: Found = self._results[key]
            return known
        except KeyError:
            found = self._results[key] = ask(sql, params)
            return found

    def __len__(self) -> int:
        return len(self._results)
