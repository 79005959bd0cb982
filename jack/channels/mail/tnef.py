"""Opens `winmail.dat`, into which Outlook packs a mail's files and text (TNEF, [MS-OXTNEF]).

Only offsets within the file are followed, and a packed mail inside is opened three deep at most. The one library there is
(tnefparse) has had no release since 2021 and fails on names that are not UTF-8.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jack.channels.mail.charsets import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = 0x223E9F78
DEEPEST = 3
MOST_ENTRIES = 5_000  # attributes of a file, properties of an attribute

# Attributes of the file, by their number and type.
BODY, MESSAGE_PROPERTIES, CODE_PAGE = 0x2800C, 0x69003, 0x69007
NEW_FILE, FILE_TITLE, FILE_DATA, FILE_PROPERTIES = 0x69002, 0x18010, 0x6800F, 0x69005

# Properties: of a file, and of the message.
DATA, SHORT_NAME, LONG_NAME, SHOWN_NAME, MIME = 0x3701, 0x3704, 0x3707, 0x3001, 0x370E
PLAIN, HTML = 0x1000, 0x1013

FIXED = {1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
BYTES_8_BIT, UNICODE, BINARY, OBJECT = 0x1E, 0x1F, 0x102, 0x0D
EMBEDDED_ID = 16  # bytes that say what an embedded object is


@dataclass
class Packed:
    """A file in it. `name` is what the sender claims, empty when nothing."""

    name: str = ""
    mime: str = ""
    content: bytes = b""


@dataclass
class Opened:
    """What is in it: plain text, HTML, and files. Text in RTF is not read."""

    text: str = ""
    html: str = ""
    files: list[Packed] = field(default_factory=list)


def opened(content: bytes, depth: int = 0) -> Opened | None:
    """The contents; None for bytes that are no TNEF. What is cut off or malformed is left out, the rest is read."""
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != SIGNATURE:
        return None
    found, charset = Opened(), "cp1252"
    for kind, data in _attributes(content):
        if kind == CODE_PAGE and len(data) >= 4:
            charset = _code_page(struct.unpack_from("<I", data)[0])
        elif kind == BODY:
            found.text = found.text or _text(data, charset)
        elif kind == MESSAGE_PROPERTIES:
            _read_message(found, data, charset)
        elif kind == NEW_FILE:
            found.files.append(Packed())
        elif found.files:
            _read_file(found, kind, data, charset, depth)
    found.files = [file for file in found.files if file.content]
    return found


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in range(MOST_ENTRIES):
        if at + 9 > len(content):
            return
        _, kind, length = struct.unpack_from("<BII", content, at)
        yield kind, content[at + 9 : at + 9 + length]
        at += 9 + length + 2  # the last two are a checksum


def _read_message(found: Opened, data: bytes, charset: str) -> None:
    for id, kind, value in _properties(data):
        if id == PLAIN:
            found.text = _string(kind, value, charset) or found.text
        elif id == HTML:
            found.html = _text(value, "utf-8") if kind == BINARY else _string(kind, value, charset)


def _read_file(found: Opened, kind: int, data: bytes, charset: str, depth: int) -> None:
    file = found.files[-1]
    if kind == FILE_TITLE:
        file.name = file.name or _text(data, charset)
    elif kind == FILE_DATA:
        file.content = data
    elif kind == FILE_PROPERTIES:
        names: dict[int, str] = {}
        ending = ""
        for id, type, value in _properties(data):
            if id == DATA:
                ending = _read_data(found, file, type, value, depth)
            elif id in (SHORT_NAME, LONG_NAME, SHOWN_NAME):
                names[id] = _string(type, value, charset)
            elif id == MIME:
                file.mime = _string(type, value, charset)
        likely = [names.get(LONG_NAME), file.name, names.get(SHORT_NAME), names.get(SHOWN_NAME)]
        name = next(filter(None, likely), "")
        file.name = f"{name}{ending}" if name else ""


def _read_data(found: Opened, file: Packed, type: int, value: bytes, depth: int) -> str:
    """Take the bytes of a file; of a mail packed inside, its files and its text as one. Returns what its name shall end in."""
    file.content = value
    if type != OBJECT:
        return ""
    file.content = value[EMBEDDED_ID:]
    inner = opened(file.content, depth + 1) if depth < DEEPEST else None
    if inner is None or not (inner.files or inner.text):
        return ""
    found.files[-1:-1] = inner.files  # the file itself stays the last
    file.content, file.mime = inner.text.encode(), "text/plain"
    return ".txt"


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The (id, type, value) of each property, of several values the first."""
    reader = _Reader(data)
    try:
        for _ in range(min(reader.number(), MOST_ENTRIES)):
            type, id = reader.number(2), reader.number(2)
            if id >= 0x8000:  # a property with a name of its own, which is skipped
                reader.take(16)
                if reader.number():
                    reader.padded(reader.number())
                else:
                    reader.take(4)
            values = _values(reader, type)
            if values:
                yield id, type & 0xFFF, values[0]
    except EOFError:
        return


def _values(reader: _Reader, type: int) -> list[bytes]:
    several, type = bool(type & 0x1000), type & 0xFFF
    if type in (BYTES_8_BIT, UNICODE, BINARY, OBJECT):
        return [reader.padded(reader.number()) for _ in range(min(reader.number(), MOST_ENTRIES))]
    if type not in FIXED:
        raise EOFError  # of unknown length: what follows cannot be found
    count = min(reader.number(), MOST_ENTRIES) if several else 1
    return [reader.take(FIXED[type]) for _ in range(count)]


class _Reader:
    """Takes bytes one after the other; raises EOFError where there are no more."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, length: int) -> bytes:
        if self._at + length > len(self._data):
            raise EOFError
        self._at += length
        return self._data[self._at - length : self._at]

    def padded(self, length: int) -> bytes:
        """So many bytes, and those that make it a multiple of four."""
        value = self.take(length)
        self._at += -length % 4
        return value

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self.take(size), "little")


def _string(type: int, value: bytes, charset: str) -> str:
    return _text(value, "utf-16-le" if type == UNICODE else charset)


def _text(value: bytes, charset: str) -> str:
    return decoded(value, charset).partition("\0")[0].strip()


def _code_page(number: int) -> str:
    name = {65001: "utf-8", 932: "cp932", 20127: "ascii"}.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"
