"""The media type of a file, by its bytes: not by what its sender says, and without unpacking anything."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = "application/octet-stream"
HEAD = 64 * 1024  # bytes read from the beginning
# The directory of a zip is at its end. An office document's is not longer than `DIRECTORY`.
TAIL = 64 * 1024  # bytes
DIRECTORY = 1024 * 1024  # bytes

# The types staff may send, with the endings of their names; the first is the usual one.
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    "text/plain": (".txt", ".text", ".md", ".log"),
    "text/csv": (".csv",),
    "text/vcard": (".vcf",),
    "text/calendar": (".ics",),
    "audio/mpeg": (".mp3",),
    "audio/ogg": (".ogg", ".oga"),
    "audio/ogg; codecs=opus": (".ogg", ".oga", ".opus"),
    "audio/mp4": (".m4a",),
    "audio/aac": (".aac",),
    "audio/amr": (".amr",),
    "video/mp4": (".mp4", ".m4v"),
    "video/3gpp": (".3gp",),
    "video/quicktime": (".mov",),
}
# All types a download may have: a received file may be of any type.
ANY = (*ENDINGS, UNKNOWN)

# The first entry of an OpenDocument file is its media type, uncompressed.
ODF = rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis\.opendocument\."

BEGINNINGS = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF....WEBPVP8", re.DOTALL), "image/webp"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"%PDF-\d"), "application/pdf"),
    # Opus is the one sound of Ogg that WhatsApp takes: the name says which it is, as RFC 7845 has it.
    (
        re.compile(rb"OggS\x00.{21}[\x01-\xff].{1,255}?OpusHead", re.DOTALL),
        "audio/ogg; codecs=opus",
    ),
    (re.compile(rb"OggS\x00"), "audio/ogg"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xfa\xfb\xf2\xf3]"), "audio/mpeg"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "audio/aac"),
    (re.compile(rb"#!AMR"), "audio/amr"),
    (re.compile(rb"....ftypM4[AB] ", re.DOTALL), "audio/mp4"),
    # The photos of iPhones: by the first brand, or (`mif1`) by those it is compatible with.
    (re.compile(rb"....ftyp(hei[cxms]|mif1.{4,48}?hei[cxms])", re.DOTALL), "image/heic"),
    (re.compile(rb"....ftypqt  ", re.DOTALL), "video/quicktime"),
    (re.compile(rb"....ftyp3g", re.DOTALL), "video/3gpp"),
    (
        re.compile(rb"....ftyp(isom|iso\d|mp4[12]|avc1|M4V |MSNV|dash|f4v )", re.DOTALL),
        "video/mp4",
    ),
    (re.compile(ODF + rb"text(?!-)", re.DOTALL), "application/vnd.oasis.opendocument.text"),
    (
        re.compile(ODF + rb"spreadsheet(?!-)", re.DOTALL),
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
)
OFFICE = {
    b"word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# HTML and SVG can run scripts, whatever their names are.
MARKUP = re.compile(
    rb"(\xef\xbb\xbf)?\s*<\s*(!doctype|!--|\?|[a-z][a-z0-9:-]*[\s/>])"
    rb"|.{0,4096}<\s*(html|svg|script|head|body|iframe)[\s/>]",
    re.IGNORECASE | re.DOTALL,
)
TEXTS = {b"BEGIN:VCARD": "text/vcard", b"BEGIN:VCALENDAR": "text/calendar"}
END_OF_ZIP = struct.Struct("<4s4H2LH")


def kind_of(path: Path, name: str = "") -> str:
    """The media type of a file; `UNKNOWN` for what is none of `ENDINGS`. Only between texts its `name` decides."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for beginning, mime in BEGINNINGS:
        if beginning.match(head):
            return mime
    if head.startswith(b"PK\3\4"):
        return _office(path)
    return _text(head, name.lower())


def _office(path: Path) -> str:
    """Which office document a zip is, by the names in its directory; one with macros is `UNKNOWN`."""
    names = _directory(path)
    if b"[Content_Types].xml" not in names or b"vbaProject.bin" in names:
        return UNKNOWN
    return next((mime for name, mime in OFFICE.items() if name in names), UNKNOWN)


def _directory(path: Path) -> bytes:
    """The bytes of a zip's directory, not parsed; empty when there is none, or one longer than `DIRECTORY`."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start = file.seek(max(0, size - TAIL))
        tail = file.read(TAIL)
        at = tail.rfind(b"PK\5\6")
        if at < 0 or len(tail) - at < END_OF_ZIP.size:
            return b""
        length, begins = END_OF_ZIP.unpack_from(tail, at)[5:7]
        if length > DIRECTORY or begins + length > start + at:
            return b""
        file.seek(begins)
        return file.read(length)


def _text(head: bytes, name: str) -> str:
    if not head or NOT_TEXT.search(head) or MARKUP.match(head):
        return UNKNOWN
    for beginning, mime in TEXTS.items():
        if head.lstrip(b"\xef\xbb\xbf").startswith(beginning):
            return mime
    return "text/csv" if name.endswith(".csv") else "text/plain"
