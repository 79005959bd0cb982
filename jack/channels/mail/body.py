"""The text of a mail and its files. Nothing is unpacked: a zip is a file like any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from jack.channels.mail.headers import clean, decoded, display_text, first
from jack.channels.mail.html_text import text_of
from jack.channels.types import Media

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

MOST_FILES = 20
LARGEST_FILE = 16 * 1024 * 1024
LARGEST_TOGETHER = 20 * 1024 * 1024
LONGEST_TEXT = 100_000  # characters; the whole of a longer one is kept as a file

# Signatures of the mail itself, which are not files to keep.
SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)


@dataclass
class Contents:
    """The text (of any length), the files, and the names of files that were too many or too large to keep."""

    text: str = ""
    files: list[Media] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)


def contents(mail: Mail) -> Contents:
    """What is in a mail: its plain text, else its HTML as text; attachments and inline images within the limits."""
    text, files = _read(mail)
    found = Contents(text)
    if len(text) > LONGEST_TEXT:
        found.text = text[:LONGEST_TEXT]
        files.insert(0, Media("message.txt", "text/plain", content=text.encode()))
    space = LARGEST_TOGETHER
    for file in files:
        size = len(file.content or b"")
        if len(found.files) < MOST_FILES and size <= min(LARGEST_FILE, space):
            found.files.append(file)
            space -= size
        else:
            found.omitted.append(file.name or "unnamed")
    return found


def _read(part: Mail) -> tuple[str, list[Media]]:
    """The text and the files of a part. Recursive: `mime.parsed` limits the number of parts."""
    kind, inside = part.get_content_type(), part.get_payload()
    if kind in SIGNATURES:
        return "", []
    if part.get_content_maintype() == "multipart" and isinstance(inside, list):
        return _joined(kind, [_read(child) for child in inside if isinstance(child, Message)])
    if kind.startswith("message/") and isinstance(inside, list):
        return "", [_mail_inside(part)]
    name = file_name(part)
    if name or part.get_content_disposition() == "attachment" or not _is_text(kind):
        return "", [Media(name, kind, content=_bytes(part))]
    text = clean(decoded(_bytes(part), part.get_content_charset()))
    return (clean(text_of(text)) if kind == "text/html" else text), []


def _is_text(kind: str) -> bool:
    return kind in ("text/plain", "text/html") or kind.startswith(("multipart/", "message/"))


def _joined(kind: str, children: list[tuple[str, list[Media]]]) -> tuple[str, list[Media]]:
    """Of alternatives the first that is not empty, which is the plain text; other parts are joined."""
    texts = [text.strip("\n") for text, _ in children if text.strip()]
    files = [file for _, files in children for file in files]
    return ("\n\n".join(texts[:1] if kind == "multipart/alternative" else texts), files)


def _bytes(part: Mail) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _mail_inside(part: Mail) -> Media:
    """A mail attached to the mail, as a file."""
    inner = part.get_payload(0) if part.get_payload() else None
    subject = display_text(first(inner, "subject")) if isinstance(inner, Message) else ""
    content = inner.as_bytes() if isinstance(inner, Message) else b""
    return Media(f"{_base_name(subject) or 'message'}.eml", "message/rfc822", content=content)


def file_name(part: Mail) -> str | None:
    """The name a file claims, without any folder."""
    try:
        name = part.get_filename()
    except (
        ValueError,
        LookupError,
        TypeError,
    ):  # such as an invalid number in a name in parts (RFC 2231)
        name = "unnamed"
    return (_base_name(display_text(name)) or "unnamed") if name else None


def _base_name(name: str) -> str:
    return PureWindowsPath(PurePosixPath(name).name).name[:150].strip(" .")
