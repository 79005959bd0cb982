"""Builds the mail of a message: as plain text and as simple HTML, threaded by its headers, and marked as automatic when
no person wrote it.

A mail of a conversation has no `List-Unsubscribe`: it goes to one guest, who has written or is expected.
"""

from __future__ import annotations

import re
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import (
    BaseHeader,
    HeaderRegistry,
    UniqueAddressHeader,
    UnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from jack.channels.mail import mail_text
from jack.channels.mail.headers import MESSAGE_ID, clean
from jack.channels.mail.message_ids import message_id, reply_address
from jack.core.patterns import FORBIDDEN

if TYPE_CHECKING:
    from jack.channels.types import Account, File, OutboundMessage

MOST_REFERENCES = 20
LONGEST_SUBJECT = 200

# "Re:" as mail programs translate it, repeated or counted ("Re[2]:").
REPLY_PREFIXES = re.compile(r"(?:(?:Re|AW|SV|RV|Fwd|FW|TR|ENC)(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE)
MIME = re.compile(r"(?!multipart/|message/)[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}", re.IGNORECASE)
NOT_IN_ADDRESS = re.compile(rf"[\s<>,;:\"()\[\]\\]|=\?|{FORBIDDEN.pattern}")


class _IdsHeader(UnstructuredHeader, BaseHeader):
    """A header of message ids, unchanged.

    The standard class encodes ids longer than a line and decodes what looks encoded, which breaks them.
    """

    @classmethod
    def parse(cls, value: str, kwds: dict[str, object]) -> None:
        """Called by the registry for each header."""
        kwds |= {"decoded": value, "parse_tree": None}

    def fold(self, *, policy: Policy) -> str:
        """One id a line."""
        return f"{self.name}: {f'{policy.linesep} '.join(self.split())}{policy.linesep}"


class _SenderHeader(UniqueAddressHeader, BaseHeader):  # type: ignore[misc]  # as the registry mixes them
    """A sender. The standard class loses the quotation marks of a name it folds: `Sol, S.A.` becomes two addresses."""

    def fold(self, *, policy: Policy) -> str:
        """On one line, which is never too long: a name has at most 200 characters."""
        line = f"{self.name}: {self}{policy.linesep}"
        return line if line.isascii() else super().fold(policy=policy)


_HEADERS = HeaderRegistry()
for _name in ("message-id", "in-reply-to", "references"):
    _HEADERS.map_to_type(_name, _IdsHeader)
for _name in ("from", "reply-to"):
    _HEADERS.map_to_type(_name, _SenderHeader)

POLICY = SMTP.clone(header_factory=_HEADERS)


def compose(account: Account, message: OutboundMessage, *, international: bool = False) -> bytes:
    """The mail. `international`: the server takes addresses in any script. Raises OSError for a file that is not there."""
    mail = EmailMessage(POLICY.clone(utf8=international))
    address = account.settings["address"]
    name = _header_text(account.settings.get("name") or "")
    local, _, domain = address.rpartition("@")
    mail["From"] = HeaderAddress(name, local, domain)
    mail["To"] = _header_address(recipient(message.to))
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = message_id(message.key, domain)
    if reply := reply_address(address, message.thread.token):
        mail["Reply-To"] = HeaderAddress(name, reply.rpartition("@")[0], domain)
    mail["Subject"] = subject(message, name or address)
    _thread(mail, message)
    if message.automatic:
        mail["Auto-Submitted"] = "auto-replied" if message.thread.in_reply_to else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(mail_text.as_plain(message), cte="quoted-printable")
    mail.add_alternative(mail_text.as_html(message), subtype="html", cte="quoted-printable")
    for file in message.files:
        _attach(mail, file)
    return mail.as_bytes()


def recipient(to: str) -> str:
    """The guest's address with the domain in ASCII, as mail servers need it. Raises ValueError for no valid address."""
    local, at, domain = to.strip().rpartition("@")
    made = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    # Checked after the conversion, which can make forbidden characters (`＜` becomes `<`).
    if not at or not local or NOT_IN_ADDRESS.search(made):
        raise ValueError("no address")
    return made


def subject(message: OutboundMessage, fallback: str) -> str:
    """One `Re: ` and the subject of the thread for a reply; else the subject as it is, or the fallback."""
    given = _header_text(message.thread.subject or "")
    bare = REPLY_PREFIXES.sub("", given, count=1) if REPLY_PREFIXES.match(given) else given
    is_reply = message.thread.in_reply_to or message.thread.references
    text = f"Re: {bare or fallback}" if is_reply else given or fallback
    return text[:LONGEST_SUBJECT]


def _header_text(text: str) -> str:
    """Text for a header, on one line; `=?` is broken up, since `EmailMessage` would decode it, line ends included."""
    return " ".join(clean(text).split()).replace("=?", "= ?")


def _header_address(address: str) -> HeaderAddress:
    local, _, domain = address.rpartition("@")
    return HeaderAddress("", local, domain)


def _thread(mail: EmailMessage, message: OutboundMessage) -> None:
    """Set In-Reply-To and References: the first of the thread and its latest 20."""
    thread = message.thread
    replied_to = (
        [thread.in_reply_to]
        if thread.in_reply_to and MESSAGE_ID.fullmatch(thread.in_reply_to)
        else []
    )
    known = [id for id in thread.references if MESSAGE_ID.fullmatch(id) and id not in replied_to]
    ids = [*dict.fromkeys(known), *replied_to]
    if replied_to:
        mail["In-Reply-To"] = replied_to[0]
    if ids:
        kept = ids if len(ids) <= MOST_REFERENCES + 1 else [ids[0], *ids[-MOST_REFERENCES:]]
        mail["References"] = " ".join(kept)


def _attach(mail: EmailMessage, file: File) -> None:
    mime = file.mime if MIME.fullmatch(file.mime) else "application/octet-stream"
    kind, _, detail = mime.partition("/")
    mail.add_attachment(
        Path(file.path).read_bytes(),
        maintype=kind,
        subtype=detail,
        filename=_header_text(file.name),
    )
