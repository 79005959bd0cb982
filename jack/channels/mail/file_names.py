"""The names of a mail's files, as programs of thirty years write them: RFC 2231, RFC 2047, bare bytes, and mixtures."""

from __future__ import annotations

import re
from email.message import Message
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote_to_bytes

from jack.channels.mail.charsets import decoded
from jack.channels.mail.headers import LONGEST, display_text, first

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

    _Value = str | tuple[str | None, str | None, str]

LONGEST_NAME = 150
LONGEST_ENDING = 20
# What turns the direction of writing would show `fdp.exe` as `exe.pdf`.
DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
PERCENT_UTF_8 = re.compile(r"%[89A-F][0-9A-F]", re.IGNORECASE)
SOURCES = (("content-disposition", "filename"), ("content-type", "name"), ("content-disposition", "name"))  # fmt: skip

# Names for parts that come without one but should open with a click.
USUAL_NAMES = {
    "application/ics": "invitation.ics",
    "text/calendar": "invitation.ics",
    "text/vcard": "contact.vcf",
    "text/x-vcard": "contact.vcf",
}


def file_name(part: Mail) -> str | None:
    """The name a file claims, without any folder and with its ending; None for a file without one."""
    claimed = next((name for source in SOURCES if (name := _parameter(part, *source))), None)
    if claimed is None:
        return USUAL_NAMES.get(part.get_content_type())
    return base_name(claimed) or "unnamed"


def base_name(name: str) -> str:
    """A name without folders, of at most 150 characters, its ending kept."""
    name = PureWindowsPath(PurePosixPath(DIRECTIONS.sub("", name)).name).name.strip(" .")
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > LONGEST_ENDING:
        return name[:LONGEST_NAME].strip(" .")
    return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip(' .')}.{ending}"


def with_ending(name: str, ending: str) -> str:
    """A base name that ends so."""
    return base_name(name if name.lower().endswith(ending) else f"{name}{ending}")


def _parameter(part: Mail, header: str, name: str) -> str | None:
    """A parameter of a header, decoded; of two of the same name the encoded one, which has all of its letters."""
    carrier = Message()  # the header again, with its bare bytes as letters
    carrier[header] = display_bytes(first(part, header))
    try:
        given = cast("list[tuple[str, _Value]]", carrier.get_params([], header=header))
        values = [value for key, value in given if key.lower() == name]
    except (ValueError, LookupError, TypeError):  # such as an invalid number in a name in parts
        return "unnamed"
    encoded = [value for value in values if isinstance(value, tuple)]
    text = next(map(_decoded, [*encoded, *values]), "")
    return display_text(text, LONGEST) or None


def display_bytes(value: str) -> str:
    """A header with its bare bytes decoded; nothing else in it is."""
    return value if value.isascii() else decoded(value.encode("utf-8", "surrogateescape"), None)


def _decoded(value: _Value) -> str:
    """A parameter's value: of RFC 2231 a charset, a language and bytes as letters; else text."""
    if isinstance(value, tuple):
        charset, _, text = value
        try:
            return decoded(text.encode("latin-1"), charset)
        except UnicodeError:  # letters that were no bytes
            return text
    if PERCENT_UTF_8.search(value):  # some webmail encodes a name as in a URL, and does not say so
        try:
            return unquote_to_bytes(value).decode("utf-8")
        except UnicodeError:
            return value
    return value
