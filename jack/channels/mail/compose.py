"""A message as a mail: threaded for every mail program, and marked as automatic when no person wrote it."""

from __future__ import annotations

import re
from email.headerregistry import Address as Person
from email.headerregistry import (
    BaseHeader,
    HeaderRegistry,
    UniqueAddressHeader,
    UnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jack.channels.mail.headers import MESSAGE_ID, clean
from jack.channels.mail.message_ids import message_id, reply_address
from jack.core.patterns import FORBIDDEN

if TYPE_CHECKING:
    from jack.channels.types import Account, File, OutboundMessage

MOST_REFERENCES = 20
LONGEST_SUBJECT = 200

# "Re:" in the languages of the mail programs, as often as it stands there, and counted ("Re[2]:").
PREFIXES = re.compile(r"(?:(?:Re|AW|SV|RV|Fwd|FW|TR|ENC)(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE)
MIME = re.compile(r"(?!multipart/|message/)[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}", re.IGNORECASE)
NOT_IN_ADDRESS = re.compile(rf"[\s<>,;:\"()\[\]\\]|=\?|{FORBIDDEN.pattern}")


class _Ids(UnstructuredHeader, BaseHeader):
    """A header of message ids, as they are.

    The standard one encodes what is longer than a line, and decodes what looks encoded: an id then names nothing.
    """

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """What the registry calls for each header it makes."""
        kwds |= {"decoded": value, "parse_tree": None}

    def fold(self, *, policy: Any) -> str:
        """One id a line."""
        return f"{self.name}: {f'{policy.linesep} '.join(self.split())}{policy.linesep}"


class _Hotel(UniqueAddressHeader, BaseHeader):  # type: ignore[misc]  # as the registry mixes them
    """Who writes. The standard one loses the quotation marks of a name it breaks, and `Sol, S.A.` is then two people."""

    def fold(self, *, policy: Any) -> str:
        """On one line, which is never too long: a name has at most 200 characters."""
        line = f"{self.name}: {self}{policy.linesep}"
        return line if line.isascii() else super().fold(policy=policy)


_HEADERS = HeaderRegistry()
for _name in ("message-id", "in-reply-to", "references"):
    _HEADERS.map_to_type(_name, _Ids)
for _name in ("from", "reply-to"):
    _HEADERS.map_to_type(_name, _Hotel)

POLICY = SMTP.clone(header_factory=_HEADERS)


def compose(account: Account, message: OutboundMessage, *, international: bool = False) -> bytes:
    """The mail. `international`: the server takes addresses in any script. Raises OSError for a file that is not there."""
    mail = EmailMessage(POLICY.clone(utf8=international))
    address = account.settings["address"]
    name = _line(account.settings.get("name") or "")
    local, _, domain = address.rpartition("@")
    mail["From"] = Person(name, local, domain)
    mail["To"] = _person(recipient(message.to))
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = message_id(message.key, domain)
    if reply := reply_address(address, message.thread.token):
        mail["Reply-To"] = Person(name, reply.rpartition("@")[0], domain)
    mail["Subject"] = subject(message, name or address)
    _thread(mail, message)
    if message.automatic:
        mail["Auto-Submitted"] = "auto-replied" if message.thread.in_reply_to else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(clean(message.text), cte="quoted-printable")
    for file in message.files:
        _attach(mail, file)
    return mail.as_bytes()


def recipient(to: str) -> str:
    """The guest's address as mail servers know it: the domain in ASCII. Raises ValueError when there can be none."""
    local, at, domain = to.strip().rpartition("@")
    made = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    # What is looked at is what leaves: the domain in ASCII has signs that it did not have before (`＜` becomes `<`).
    if not at or not local or NOT_IN_ADDRESS.search(made):
        raise ValueError("no address")
    return made


def subject(message: OutboundMessage, fallback: str) -> str:
    """`Re: ` once before the subject of the thread; what begins one has the subject as it is, or the hotel's name."""
    given = _line(message.thread.subject or "")
    bare = PREFIXES.sub("", given, count=1) if PREFIXES.match(given) else given
    answering = message.thread.in_reply_to or message.thread.references
    text = f"Re: {bare or fallback}" if answering else given or fallback
    return text[:LONGEST_SUBJECT]


def _line(text: str) -> str:
    """Words for a header: on one line, and none of them encoded. `EmailMessage` would decode it, line ends and all."""
    return " ".join(clean(text).split()).replace("=?", "= ?")


def _person(address: str) -> Person:
    local, _, domain = address.rpartition("@")
    return Person("", local, domain)


def _thread(mail: EmailMessage, message: OutboundMessage) -> None:
    """Name what is answered, and the mails before it: the first and the latest ones."""
    thread = message.thread
    answered = (
        [thread.in_reply_to]
        if thread.in_reply_to and MESSAGE_ID.fullmatch(thread.in_reply_to)
        else []
    )
    known = [id for id in thread.references if MESSAGE_ID.fullmatch(id) and id not in answered]
    ids = [*dict.fromkeys(known), *answered]
    if answered:
        mail["In-Reply-To"] = answered[0]
    if ids:
        kept = ids if len(ids) <= MOST_REFERENCES + 1 else [ids[0], *ids[-MOST_REFERENCES:]]
        mail["References"] = " ".join(kept)


def _attach(mail: EmailMessage, file: File) -> None:
    mime = file.mime if MIME.fullmatch(file.mime) else "application/octet-stream"
    kind, _, detail = mime.partition("/")
    mail.add_attachment(
        Path(file.path).read_bytes(), maintype=kind, subtype=detail, filename=_line(file.name)
    )
