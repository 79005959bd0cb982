"""The formats of an export: CSV by RFC 4180 with a line of column names, and NDJSON, whose last line says how many rows came before.

A row is what the API answers. In CSV an object's fields are columns of their own (`guest.name`), null is an empty cell,
labels stand in one cell, and what else has parts is JSON.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Protocol

import orjson

from jack.core import cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jack.resources.exports.shapes import Column

TYPES = {"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}


class Writer(Protocol):
    """Writes the rows of a file."""

    def begin(self) -> bytes:
        """What stands before the first row."""
        ...

    def rows(self, rows: Iterable[Mapping[str, object]]) -> bytes:
        """Some rows."""
        ...

    def end(self, count: int) -> bytes:
        """What stands after the last of so many rows."""
        ...


class NdjsonWriter:
    """A line of JSON for each row, and a last one that a file which is cut short does not have."""

    def begin(self) -> bytes:
        """Nothing."""
        return b""

    def rows(self, rows: Iterable[Mapping[str, object]]) -> bytes:
        """A line each."""
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)

    def end(self, count: int) -> bytes:
        """`{"end": true, "rows": 2}`."""
        return orjson.dumps({"end": True, "rows": count}, option=orjson.OPT_APPEND_NEWLINE)


class CsvWriter:
    """A line of cells for each row."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns

    def begin(self) -> bytes:
        """The line of column names."""
        return csv_lines([[column.name for column in self._columns]])

    def rows(self, rows: Iterable[Mapping[str, object]]) -> bytes:
        """A line each."""
        return csv_lines([cell(column.of(row)) for column in self._columns] for row in rows)

    def end(self, count: int) -> bytes:
        """Nothing: how many rows there are is said by a header of the response."""
        return b""


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Lines of cells, guarded against spreadsheets that take text for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([cells.guarded(one) for one in row] for row in rows)
    return text.getvalue().encode()


def cell(value: object) -> str:
    """A value as it stands in a cell, before it is guarded."""
    if isinstance(value, orjson.Fragment):  # of a list that is answered as it is stored
        value = orjson.loads(orjson.dumps(value))
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return cells.joined(value)
    return orjson.dumps(value).decode()
