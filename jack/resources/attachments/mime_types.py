"""What a file is, by its bytes. What its sender calls it is not believed, and nothing is ever unpacked."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = "application/octet-stream"
HEAD = 64 * 1024
# The list of what is in a zip stands at its end. One that is longer than this is not an office document's.
TAIL = 64 * 1024
DIRECTORY = 1024 * 1024

# The kinds staff may send, with the endings of their names; the first is the usual one.
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
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
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/mp4": (".m4a",),
    "audio/aac": (".aac",),
    "audio/amr": (".amr",),
    "video/mp4": (".mp4", ".m4v"),
    "video/3gpp": (".3gp",),
    "video/quicktime": (".mov",),
}
# All that is ever answered: what came from elsewhere may be anything.
ANY = (*ENDINGS, UNKNOWN)

# Its first entry is its media type, as it is.
ODF = rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis\.opendocument\."

BEGINNINGS = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF....WEBPVP8", re.DOTALL), "image/webp"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"%PDF-\d"), "application/pdf"),
    (re.compile(rb"OggS\x00"), "audio/ogg"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xfa\xfb\xf2\xf3]"), "audio/mpeg"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "audio/aac"),
    (re.compile(rb"#!AMR"), "audio/amr"),
    (re.compile(rb"....ftypM4[AB] ", re.DOTALL), "audio/mp4"),
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
# A page or a drawing that can run scripts, however it is called.
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
    """Which office document a zip is, by the names in its list; one with macros is none."""
    names = _directory(path)
    if b"[Content_Types].xml" not in names or b"vbaProject.bin" in names:
        return UNKNOWN
    return next((mime for name, mime in OFFICE.items() if name in names), UNKNOWN)


def _directory(path: Path) -> bytes:
    """The list at the end of a zip, unread but for its place; empty when there is none, or one too long to look at."""
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
