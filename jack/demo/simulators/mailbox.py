"""A hotel's mailbox and its guests' on loopback, with nothing but the standard library: SMTP in, IMAP out.

It is for the demo, which runs without a real mail server. It speaks as much of both as a polite client needs, and is no
measure of whether Jack gets on with real ones.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from functools import partial
from types import TracebackType
from typing import Any

from jack.demo.simulators.clock import Clock
from jack.demo.simulators.hooks import Caller
from jack.demo.simulators.imap_lines import ImapLines
from jack.demo.simulators.mail_lines import Lines, LinesServer
from jack.demo.simulators.smtp_lines import SmtpLines


@dataclass(frozen=True)
class Stored:
    """A mail in the hotel's mailbox."""

    uid: int
    raw: bytes
    at: float


@dataclass(eq=False)
class Guest:
    """Somebody with an e-mail address."""

    mailbox: Mailbox
    address: str
    name: str
    inbox: list[EmailMessage] = field(default_factory=list)

    def writes(self, subject: str, text: str, *, to: str = "", **headers: str) -> EmailMessage:
        """A mail to the hotel (or that address of its), with further headers by name (`In_Reply_To=`)."""
        mail = EmailMessage()
        mail["From"] = f"{self.name} <{self.address}>"
        mail["To"] = to or self.mailbox.address
        mail["Subject"] = subject
        mail["Date"] = self.mailbox.clock.rfc2822()
        mail["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        self.mailbox.store(mail.as_bytes(policy=policy.SMTP))
        return mail

    def replies(self, to: EmailMessage, text: str) -> EmailMessage:
        """An answer as a mail program makes one: threaded, and with what it answers quoted below."""
        body = to.get_body(("plain",))
        quoted = body.get_content() if body is not None else ""
        lines = "\n".join(f"> {line}" for line in quoted.strip().splitlines())
        whole = f"{text}\n\nOn {to['Date'] or 'Monday'}, {to['From']} wrote:\n{lines}\n"
        subject = str(to["Subject"] or "")
        answered = str(to["Message-ID"]).strip()
        references = " ".join([*str(to["References"] or "").split(), answered])
        subject = subject if subject.lower().startswith("re:") else f"Re: {subject}"
        threaded = {"In_Reply_To": answered, "References": references}
        return self.writes(subject, whole, to=str(to["Reply-To"] or to["From"]), **threaded)

    def hears(self, mail: EmailMessage) -> None:
        """A mail of Jack's has come."""
        self.inbox.append(mail)
        if self.mailbox.answers is not None:
            self.mailbox.answers(self, mail)


@dataclass
class Mailbox:
    """The account of the hotel at its mail provider, and the way to every guest."""

    address: str = "front@hotelsol.example"
    password: str = "peer-mail-password"
    clock: Clock = field(default_factory=Clock)
    pace: float = 0.0  # seconds until a mail reaches a guest
    answers: Callable[[Guest, EmailMessage], object] | None = None  # what every guest does with one

    def __post_init__(self) -> None:
        self.stored: list[Stored] = []
        self.received: list[EmailMessage] = []
        self.uidvalidity = int(self.clock.now())
        self._guests: dict[str, Guest] = {}
        self.caller = Caller(None)
        self.looked = threading.Event()  # somebody has opened the mailbox
        self.lock = threading.Lock()

    def __enter__(self) -> Mailbox:
        self.smtp = LinesServer(self._smtp)
        self.imap = LinesServer(self._imap)
        for part in (self.smtp, self.imap, self.caller):
            part.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        for part in (self.smtp, self.imap, self.caller):
            part.stop()

    def _smtp(self, connection: socket.socket) -> Lines:
        return SmtpLines(connection, self.login, self.take)

    def _imap(self, connection: socket.socket) -> Lines:
        return ImapLines(connection, self.login, self.snapshot, self.uidvalidity)

    def settings(self) -> dict[str, Any]:
        """The value of `channels.email` for this mailbox."""
        account = {"security": "none", "username": self.address, "password": self.password}
        host = {"host": "127.0.0.1", **account}
        return {
            "enabled": True,
            "address": self.address,
            "name": "Hotel Sol",
            "smtp": {**host, "port": self.smtp.port},
            "imap": {**host, "port": self.imap.port},
        }

    def guest(self, address: str, name: str = "Ana") -> Guest:
        """Whoever has this address."""
        with self.lock:
            return self._guests.setdefault(address.lower(), Guest(self, address, name))

    def login(self, name: str, password: str) -> bool:
        """Whether these are the hotel's credentials."""
        return (name, password) == (self.address, self.password)

    def store(self, raw: bytes) -> int:
        """A mail for the hotel arrives; returns its UID."""
        with self.lock:
            uid = len(self.stored) + 1
            self.stored.append(Stored(uid, raw, self.clock.now()))
        return uid

    def snapshot(self) -> list[Stored]:
        """What is in the hotel's mailbox now."""
        with self.lock:
            found = list(self.stored)
        self.looked.set()
        return found

    def take(self, recipients: list[str], raw: bytes) -> None:
        """A mail of the hotel's is on its way."""
        mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        self.received.append(mail)
        for address in recipients:
            self.caller.later(self.pace, partial(self.guest(address).hears, mail))
