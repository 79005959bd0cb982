"""The text of a mail and its files. Nothing is unpacked but Outlook's winmail.dat: a zip is a file like any other."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

from jack.channels.mail import alternatives, flowed, invitations, tnef
from jack.channels.mail.boundaries import hidden_parts
from jack.channels.mail.charsets import decoded
from jack.channels.mail.file_names import base_name, display_bytes, file_name, with_ending
from jack.channels.mail.headers import clean, display_text, first
from jack.channels.mail.html_text import text_of
from jack.channels.types import Media

if TYPE_CHECKING:
    from jack.channels.mail.headers import Mail

MOST_FILES = 20
LARGEST_FILE = 16 * 1024 * 1024
LARGEST_TOGETHER = 20 * 1024 * 1024
LONGEST_TEXT = 100_000  # characters; the whole of a longer one is kept as a file
MOST_REPAIRS = 5  # parts with malformed boundaries that are read again

# Signatures of the mail itself, which are not files to keep.
SIGNATURES = frozenset(
    {
        "application/pgp-encrypted",  # the version of a program, beside what is encrypted
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/x-pgp-signature",
    }
)
SIGNATURE_NAMES = frozenset({"signature.asc", "smime.p7s", "signature.pgp", "signature.sig", "openpgp_digital_signature.asc"})  # fmt: skip
TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
TEXTS = ("text/plain", "text/html")


@dataclass
class Contents:
    """The text (of any length), calendars as text, the files, and the names of files that were too many or too large."""

    text: str = ""
    files: list[Media] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)


def contents(mail: Mail) -> Contents:
    """What is in a mail: its plain text, else its HTML as text; attachments and inline images within the limits."""
    reader = _Reader()
    read = reader.read(mail)
    text, files = read.text if alternatives.says_something(read.text) else "", read.files
    found = Contents(text, calendars=list(dict.fromkeys(reader.calendars)))
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


@dataclass
class _Read:
    """What a part has: text, the type that text had, and files."""

    text: str = ""
    kind: str = ""
    files: list[Media] = field(default_factory=list)


class _Reader:
    """Reads the parts of one mail. Recursive: `mime.parsed` limits the number of parts."""

    def __init__(self) -> None:
        self._repairs = MOST_REPAIRS
        self.calendars: list[str] = []

    def read(self, part: Mail, *, beside: bool = False) -> _Read:
        """The text and the files of a part; `beside`: there is a text before it already."""
        kind, inside = part.get_content_type(), part.get_payload()
        name = file_name(part)
        if kind in SIGNATURES or (name or "").lower() in SIGNATURE_NAMES:
            return _Read()
        if part.get_content_maintype() == "multipart":
            return self._parts(part, kind)
        if kind.startswith("message/") and isinstance(inside, list):
            return _Read(files=[_mail_inside(part)])
        content = _bytes(part)
        if kind in TNEF or (name or "").lower() == "winmail.dat":
            return self._packed(name, kind, content, beside=beside)
        if kind in invitations.KINDS or (name or "").lower().endswith(".ics"):
            return self._calendar(part, name, kind, content)
        if kind not in TEXTS or _is_attached(part, name, beside=beside):
            return _Read(files=[Media(name, kind, content=content)])
        text = clean(decoded(content, part.get_content_charset()))
        if kind == "text/html":
            return _Read(clean(text_of(text)), kind)
        return self._plain(part, text, kind)

    def _plain(self, part: Mail, text: str, kind: str) -> _Read:
        if _parameter(part, "format") == "flowed":
            text = flowed.joined(text, drop_space=_parameter(part, "delsp") == "yes")
        return _Read(text, kind)

    def _parts(self, part: Mail, kind: str) -> _Read:
        inside = part.get_payload()
        if not isinstance(inside, list):
            return self._without_boundary(part, kind)
        children = [child for child in inside if isinstance(child, Message)]
        found = self._children([*children, *self._repaired(part.epilogue or "", kind)], kind)
        if not found.text and not found.files:  # all there is stands around the parts
            around = [it.strip() for it in (part.preamble, part.epilogue) if it and it.strip()]
            found.text = clean(display_bytes("\n\n".join(around)))
        return found

    def _children(self, children: list[Mail], kind: str) -> _Read:
        read: list[_Read] = []
        for child in children:
            beside = any(alternatives.says_something(one.text) for one in read)
            read.append(self.read(child, beside=beside and kind != "multipart/alternative"))
        files = [file for one in read for file in one.files]
        texts = [(one.kind, one.text.strip("\n")) for one in read if one.text.strip()]
        if kind == "multipart/alternative":
            return _Read(alternatives.best(texts), "", files)
        return _Read(
            "\n\n".join(text for _, text in texts), next((it for it, _ in texts), ""), files
        )

    def _repaired(self, text: str, kind: str) -> list[Mail]:
        if not text.strip() or not self._repairs:
            return []
        self._repairs -= 1
        return hidden_parts(text, kind)

    def _without_boundary(self, part: Mail, kind: str) -> _Read:
        """A part that says it has parts, where no parser finds any."""
        content = _bytes(part)
        if parts := self._repaired(content.decode("utf-8", "surrogateescape"), kind):
            return self._children(parts, kind)
        text = clean(decoded(content, part.get_content_charset()))
        rich = text.lstrip()[:500].lower()
        is_html = rich.startswith(("<html", "<!doctype", "<div", "<p", "<body"))
        return _Read(clean(text_of(text)) if is_html else text, "text/plain")

    def _calendar(self, part: Mail, name: str | None, kind: str, content: bytes) -> _Read:
        """An invitation: a file, and a text that is told in words."""
        self.calendars.append(decoded(content, part.get_content_charset() or "utf-8"))
        return _Read(
            files=[Media(with_ending(name or "invitation", ".ics"), kind, content=content)]
        )

    def _packed(self, name: str | None, kind: str, content: bytes, *, beside: bool) -> _Read:
        """What Outlook has packed: files, and the text once more; the whole as a file where not all of it can be read."""
        whole = Media(name or "winmail.dat", kind, content=content)
        found = tnef.opened(content)
        if found is None:
            return _Read(files=[whole])
        files = [
            Media(base_name(file.name) or None, file.mime or "application/octet-stream", content=file.content)
            for file in found.files
            if base_name(file.name).lower() not in SIGNATURE_NAMES
        ]  # fmt: skip
        text = clean(found.text) or clean(text_of(clean(found.html)))
        if not beside and not text:  # perhaps in RTF, which is not read
            files.append(whole)
        return _Read("" if beside else text, kind, files)


def _is_attached(part: Mail, name: str | None, *, beside: bool) -> bool:
    """Whether a text is a file: it says so, or it has a name and comes after what was written."""
    if part.get_content_disposition() == "attachment":
        return True
    return bool(name) and beside


def _parameter(part: Mail, name: str) -> str:
    value = part.get_param(name)
    return value.strip().lower() if isinstance(value, str) else ""


def _bytes(part: Mail) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _mail_inside(part: Mail) -> Media:
    """A mail attached to the mail, as a file: by the name it has been given, else by its subject."""
    inner = part.get_payload(0) if part.get_payload() else None
    subject = display_text(first(inner, "subject")) if isinstance(inner, Message) else ""
    content = inner.as_bytes() if isinstance(inner, Message) else b""
    if first(part, "content-transfer-encoding").strip().lower() == "base64":
        content = _from_base64(content)
    name = with_ending(file_name(part) or base_name(subject) or "message", ".eml")
    return Media(name, "message/rfc822", content=content)


def _from_base64(content: bytes) -> bytes:
    """A mail that was encoded though no mail may be; as it is where it was not."""
    try:
        return b64decode(b"".join(content.split()), validate=True) or content
    except (Error, ValueError):
        return content
