"""Reading: the calls of a connection that return rows, values and counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

import apsw

from jack.core.block_counts import BlockCounts
from jack.core.query import Query, R
from jack.core.query_cache import QueryCache
from jack.core.sqlite import tokens, translated

Row = dict[str, Any]
Params = Mapping[str, object]
Found = TypeVar("Found")


class Reader:
    """What a connection reads. The types of rows are those of the `Query`. Errors of SQLite are raised as Unavailable where they are one."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._names: dict[str, tuple[str, ...]] = {}
        self._cache = QueryCache(connection)
        self._block_counts = BlockCounts(connection)

    @overload
    def one(self, sql: Query[R], params: Params = ...) -> R | None: ...
    @overload
    def one(self, sql: str, params: Params = ...) -> Row | None: ...
    def one(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006 (never changed)
        """The first row, or None."""
        try:
            cursor = self._connection.execute(sql, params)
            row = cursor.fetchone()
            if row is None:
                return None
            names = self._names.get(sql) or self._column_names(sql, cursor)
            del cursor  # read half or whole, it ends here
        except apsw.Error as error:
            raise translated(error) from error
        return dict(zip(names, row, strict=False))

    @overload
    def row(self, sql: Query[R], params: Params = ...) -> R: ...
    @overload
    def row(self, sql: str, params: Params = ...) -> Row: ...
    def row(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006
        """The row that must exist, such as the one just written. Raises LookupError."""
        found = self.one(sql, params)
        if found is None:
            raise LookupError("a row that must exist does not")
        return found

    @overload
    def all(self, sql: Query[R], params: Params = ...) -> list[R]: ...
    @overload
    def all(self, sql: str, params: Params = ...) -> list[Row]: ...
    def all(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006
        """Every row."""
        try:
            cursor = self._connection.execute(sql, params)
            first = cursor.fetchone()
            if first is None:
                return []
            names = self._names.get(sql) or self._column_names(sql, cursor)
            rows = cursor.fetchall()
        except apsw.Error as error:
            raise translated(error) from error
        return [dict(zip(names, row, strict=False)) for row in (first, *rows)]

    def value(self, sql: str, params: Params = {}) -> Any:  # noqa: B006
        """The first column of the first row, or None."""
        try:
            row = self._connection.execute(sql, params).fetchone()
        except apsw.Error as error:
            raise translated(error) from error
        return None if row is None else row[0]

    def column(self, sql: str, params: Params = {}) -> list[Any]:  # noqa: B006 (never changed)
        """The first column of every row."""
        try:
            return [row[0] for row in self._connection.execute(sql, params)]
        except apsw.Error as error:
            raise translated(error) from error

    def cached_count(self, sql: str, params: Params = {}) -> int:  # noqa: B006
        """A `SELECT count(*)`, cached until the file is changed by anybody."""
        return int(self.cached(self.value, sql, params))

    @overload
    def cached_one(self, sql: Query[R], params: Params = ...) -> R | None: ...
    @overload
    def cached_one(self, sql: str, params: Params = ...) -> Row | None: ...
    def cached_one(self, sql: Any, params: Params = {}) -> Any:  # noqa: B006
        """As `one`, cached until the file is changed by anybody. The row must not be modified."""
        return self.cached(self.one, sql, params)

    def cached(self, read: Callable[[str, Params], Found], sql: str, params: Params) -> Found:
        """What `read(sql, params)` returns, cached until the file is changed by anybody. It must not be modified."""
        return self._cache.get(read, sql, params)

    def count_by_block(self, table: str, sql: str, params: Params) -> int:
        """A `SELECT count(*)` of rows of a table from `:first` to `:last`, over all of them: only what has changed is counted again."""
        try:
            return self._block_counts.total(table, sql, params)
        except apsw.Error as error:
            raise translated(error) from error

    def _column_names(self, sql: str, cursor: apsw.Cursor) -> tuple[str, ...]:
        names = self._names[sql] = tuple(column[0] for column in cursor.get_description())
        return names

    def tokens(self, text: str) -> list[tuple[int, int, str]]:
        """A text's words as the indexes of messages have them, each after where in the UTF-8 it begins and ends."""
        return tokens(self._connection, text)
