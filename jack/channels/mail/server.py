"""What the two mail servers of an account share: how they are reached, encryption, and what their errors mean."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jack.channels.connecting import connected, failure
from jack.channels.results import Broken, Retry

if TYPE_CHECKING:
    import socket

    from jack.channels.settings import EmailSettings
    from jack.channels.steps import Steps

TIMEOUT_SECONDS = 30.0  # for each step of a connection

PORTS = {
    "smtp": {"tls": 465, "starttls": 587, "none": 25},
    "imap": {"tls": 993, "starttls": 143, "none": 143},
}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as the settings name it, and how to sign in there: with `password` or an access `token`."""

    host: str
    port: int
    security: str
    username: str
    password: str
    token: str

    @property
    def address(self) -> str:
        """Host and port, for messages to the staff."""
        return f"{self.host}:{self.port}"

    @property
    def xoauth2(self) -> str:
        """The initial response of SASL XOAUTH2."""
        return f"user={self.username}\x01auth=Bearer {self.token}\x01\x01"


def server_of(settings: EmailSettings, kind: Literal["smtp", "imap"]) -> Server:
    """The `smtp` or `imap` server of the settings of channels.email."""
    named = settings.get(kind) or {}
    security = named.get("security") or "tls"
    return Server(
        host=named.get("host") or "",
        port=named.get("port") or PORTS[kind].get(security, 0),
        security=security,
        username=named.get("username") or settings.get("address") or "",
        password=named.get("password") or "",
        token=(settings.get("accessToken") or "") if settings.get("auth") == "xoauth2" else "",
    )


def folder_of(settings: EmailSettings) -> str:
    """The folder that is read."""
    return (settings.get("imap") or {}).get("folder") or "INBOX"


def tls_context() -> ssl.SSLContext:
    """TLS that verifies the server's certificate and name by the authorities this machine trusts."""
    return ssl.create_default_context()


def connect(server: Server, steps: Steps) -> socket.socket:
    """A connection to a mail server, encrypted already where its `security` is `tls`."""
    tls = tls_context() if server.security == "tls" else None
    return connected(server.host, server.port, tls, steps, timeout=TIMEOUT_SECONDS)


def connection_failure(error: Exception, server: Server) -> Retry | Broken:
    """The result that a failed connection stands for; its text is for whoever keeps the settings."""
    text = failure(error, server.host, server.port, server.security)
    for_good = isinstance(error, ssl.SSLCertVerificationError | UnicodeError)
    return Broken(text) if for_good else Retry(text)


def login_refused(server: Server) -> Broken:
    """The server does not accept the credentials."""
    if server.token:
        return Broken(f"{server.address} does not accept the access token of {server.username}.")
    return Broken(f"{server.address} does not accept the user name or the password.")
