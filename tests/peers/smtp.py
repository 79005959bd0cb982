"""A real SMTP server on loopback that keeps what it is given, and refuses when told to."""

from __future__ import annotations

import asyncio
import base64
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.ports import free_port

USER, PASSWORD, TOKEN = "front", "secret-söl", "ya29.TOKEN"


@dataclass
class Taken:
    """A mail as the server has it: the envelope, and the bytes."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def mail(self) -> Message:
        return message_from_bytes(self.raw)

    @property
    def text(self) -> str:
        """The plain part, as it was written."""
        part = message_from_bytes(self.raw, policy=policy.default).get_body(("plain",))
        assert isinstance(part, EmailMessage)
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Desk:
    """What the server answers at each step, and what it has taken. A step not named is done.

    `drop` is the step after which the connection is lost: the server has done what the step says.
    """

    answers: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    drop: str = ""
    signed_in: list[str] = field(default_factory=list)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        if refusal := self.answers.get("MAIL <>" if address == "<>" else "MAIL"):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO."""
        if refusal := self.answers.get("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """DATA, with the whole mail."""
        if refusal := self.answers.get("DATA"):
            return refusal
        content = envelope.original_content or b""
        self.taken.append(Taken(envelope.mail_from or "", list(envelope.rcpt_tos), content))
        if self.drop == "DATA":
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Whether the user name and the password are right."""
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        if right:
            self.signed_in.append(mechanism)
        return AuthResult(success=right, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Sign in with an access token, as the big providers have it."""
        right = f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01".encode()
        if base64.b64decode(args[1]) == right:
            self.signed_in.append("XOAUTH2")
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)


class _Listening(Controller):
    """A controller that speaks only as this server should: signing in is asked for when `asks` says so."""

    def __init__(self, desk: Desk, *, tls: str, context: ssl.SSLContext | None) -> None:
        self._tls, self._tls_context = tls, context
        super().__init__(
            desk,
            hostname="127.0.0.1",
            port=free_port(),
            ssl_context=context if tls == "tls" else None,
        )

    def factory(self) -> SMTP:
        """One connection's server."""
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UserWarning
            )  # on loopback, passwords may go in the clear
            return SMTP(
                self.handler,
                hostname="127.0.0.1",
                enable_SMTPUTF8=True,
                authenticator=self.handler.authenticate,
                auth_required=True,
                auth_require_tls=False,
                tls_context=self._tls_context if self._tls == "starttls" else None,
                data_size_limit=50_000_000,
            )


@dataclass
class Smtp:
    """A running server."""

    desk: Desk
    port: int
    security: str

    def settings(self, **own: Any) -> dict[str, Any]:
        """What a hotel would write under `smtp`."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "security": self.security,
            "username": USER,
            "password": PASSWORD,
            **own,
        }


@contextmanager
def smtp(security: str = "none", context: ssl.SSLContext | None = None) -> Iterator[Smtp]:
    """A server that takes mail from whoever signs in."""
    desk = Desk()
    controller = _Listening(desk, tls=security, context=context)
    controller.start()
    try:
        yield Smtp(desk, controller.port, security)
    finally:
        controller.stop()
