"""Reading a file of records: CSV with commas, semicolons or tabs, or NDJSON; in UTF-8, UTF-16 or Windows-1252.

A record is a line of cells, or an object, by column. What a spreadsheet or a hotel's software has written is read as it is;
nobody has to say which.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import orjson

from jack.core import cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DELIMITERS = (",", ";", "\t")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
BLOCK = 256 * 1024  # bytes
SAMPLE = 4096  # bytes
MAX_COLUMNS = 200
MAX_COLUMN = 200  # characters of a column's name


class Unreadable(Exception):
    """The file cannot be read; the message says why."""


class Layout(NamedTuple):
    """How a file is written. `skip` is how many bytes or lines of it are no records: a byte order mark, Excel's `sep=;`."""

    format: str
    encoding: str
    delimiter: str | None
    columns: tuple[str, ...]


class Record(NamedTuple):
    """A record: the line it begins on, counted from 1; its values by column; and what is wrong with it as a whole, if it is."""

    line: int
    values: dict[str, object]
    problem: str = ""


def look(path: Path) -> Layout:
    """How a file is written, by its bytes. Raises Unreadable."""
    encoding = _encoding(path)
    with _opened(path, encoding) as text:
        start = text.read(SAMPLE).lstrip()
    if not start:
        raise Unreadable("The file is empty.")
    if start.startswith("["):
        raise Unreadable("A JSON list is not taken: write an object on each line (NDJSON), or CSV.")
    if start.startswith("{"):
        first = next(iter(_ndjson(path, encoding)), None)
        columns = tuple(first.values) if first and not first.problem else ()
        return Layout("ndjson", encoding, None, columns[:MAX_COLUMNS])
    delimiter, columns = _csv_header(path, encoding)
    return Layout("csv", encoding, delimiter, columns)


def records(path: Path, layout: Layout) -> Iterator[Record]:
    """The records of a file, in order. Raises Unreadable where it breaks off."""
    if layout.format == "ndjson":
        return _ndjson(path, layout.encoding)
    return _csv(path, layout)


# ------------------------------------------------------------------------------------------------ encodings


def _encoding(path: Path) -> str:
    """The encoding: by the byte order mark; by the NULs that text in UTF-16 has; else UTF-8 if all of it is, else Windows-1252."""
    with path.open("rb") as file:
        start = file.read(SAMPLE)
        for bom, encoding in BOMS:
            if start.startswith(bom):
                return encoding
        even, odd = start[::2].count(0), start[1::2].count(0)
        if max(even, odd) > len(start) // 8:
            return "utf-16-le" if odd > even else "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "windows-1252"
    return "utf-8"


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The text of a file after its byte order mark; what cannot be decoded is U+FFFD. Lines end as they are written."""
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        start = text.read(1)
        if start != "\ufeff":
            text.seek(0)
        yield text


# ------------------------------------------------------------------------------------------------ CSV


def _csv_header(path: Path, encoding: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the columns: the delimiter that makes most columns of the first line."""
    with _opened(path, encoding) as text:
        lines = list(itertools.islice(text, 20))
    if lines[0].startswith("sep=") and len(lines[0].strip()) == 5:  # Excel's own hint
        delimiter = lines[0][4]
        return delimiter, _columns(next(csv.reader(lines[1:], delimiter=delimiter), []))
    found = {
        delimiter: next((row for row in csv.reader(lines, delimiter=delimiter) if row), [])
        for delimiter in DELIMITERS
    }
    delimiter = max(DELIMITERS, key=lambda one: len(found[one]))
    return delimiter, _columns(found[delimiter])


def _columns(row: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cells.unguarded(name).strip() for name in row)
    if len(names) > MAX_COLUMNS or any(len(name) > MAX_COLUMN for name in names):
        raise Unreadable(
            f"The first line must name the columns: {MAX_COLUMNS} at the most, of up to {MAX_COLUMN} characters."
        )
    given = [name for name in names if name]
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise Unreadable(f"Two columns have the same name: {twice[0]}")
    if not given:
        raise Unreadable("The first line must name the columns.")
    return names


def _csv(path: Path, layout: Layout) -> Iterator[Record]:
    with _opened(path, layout.encoding) as text:
        reader = csv.reader(text, delimiter=layout.delimiter or ",")
        line, named = 1, False
        try:
            for row in reader:
                begun, line = line, reader.line_num + 1
                if not any(row) or (begun == 1 and _is_hint(row, layout.delimiter)):
                    continue
                if not named:
                    named = True
                    continue
                yield _record(begun, row, layout.columns)
        except csv.Error as error:
            raise Unreadable(f"Line {line}: {error}. Is a quotation mark missing?") from None


def _is_hint(row: Sequence[str], delimiter: str | None) -> bool:
    """Whether this is Excel's `sep=;`, which is no line of the table."""
    return row in ([f"sep={delimiter}"], ["sep=", ""])


def _record(line: int, row: Sequence[str], columns: Sequence[str]) -> Record:
    values: dict[str, object] = {
        column: cells.unguarded(cell) for column, cell in zip(columns, row, strict=False) if column
    }
    more = any(cell.strip() for cell in row[len(columns) :])
    return Record(line, values, "The line has more cells than there are columns." if more else "")


# ------------------------------------------------------------------------------------------------ NDJSON


def _ndjson(path: Path, encoding: str) -> Iterator[Record]:
    count = 0
    with _opened(path, encoding) as text:
        for number, line in enumerate(_lines(text), 1):
            if not line.strip():
                continue
            values = _object(line)
            if values is None:
                count += 1
                yield Record(number, {}, "Not a JSON object.")
            elif values.get("end") is True and values.keys() == {"end", "rows"}:
                if values["rows"] != count:
                    raise Unreadable(
                        f"The file is cut short: it says {values['rows']} rows, and has {count}."
                    )
                return
            else:
                count += 1
                yield Record(number, values)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines that end with a line feed only: JSON has other line ends in its texts as they are."""
    rest = ""
    while block := text.read(BLOCK):
        *lines, rest = (rest + block).split("\n")
        yield from lines
    if rest:
        yield rest


def _object(line: str) -> dict[str, object] | None:
    try:
        found = orjson.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
