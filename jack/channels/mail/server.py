"""What the two mail servers of an account have in common: where they are, encryption, and what goes wrong in plain words."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jack.channels.results import Broken, Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 30.0  # a server may stay silent for this long, at every step

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
    def where(self) -> str:
        """For the staff."""
        return f"{self.host}:{self.port}"

    @property
    def xoauth2(self) -> str:
        """What SASL XOAUTH2 sends."""
        return f"user={self.username}\x01auth=Bearer {self.token}\x01\x01"


def server_of(settings: Mapping[str, Any], kind: str) -> Server:
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


def context() -> ssl.SSLContext:
    """Encryption with the server's certificate and name verified, by the authorities this machine trusts."""
    return ssl.create_default_context()


def in_words(error: Exception, server: Server) -> Retry | Broken:
    """What a failed connection means for the account, for whoever has to set it right."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Broken(f"The certificate of {server.where} is not valid: {error.verify_message}.")
    if isinstance(error, ssl.SSLError):
        return Retry(
            f"{server.where} does not speak TLS as asked. Is the port right for {server.security}?"
        )
    if isinstance(error, socket.gaierror):
        return Retry(
            f"There is no server named {server.host}, or the name service does not answer."
        )
    if isinstance(error, ConnectionRefusedError):
        return Retry(f"{server.where} refuses the connection. Are host and port right?")
    if isinstance(error, TimeoutError) or "timed out" in str(error):  # smtplib keeps the words only
        return Retry(f"{server.where} does not answer.")
    if isinstance(error, UnicodeError):
        return Broken(f"{server.host} is no name of a server.")
    return Retry(f"The connection to {server.where} was lost.")


def wrong_login(server: Server) -> Broken:
    """The server knows nobody by that name and password."""
    if server.token:
        return Broken(f"{server.where} does not accept the access token of {server.username}.")
    return Broken(f"{server.where} does not accept the user name or the password.")
