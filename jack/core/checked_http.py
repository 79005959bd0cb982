"""Requests to addresses that somebody has typed in: https to the public internet, and to the hosts the settings name.

A name is resolved once. Every address it has is checked, and the connection goes to one that was checked, whatever the name
means a moment later. No proxy of the environment is asked, no redirect is followed, and all of it ends in time.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import idna

from jack.core.public_addresses import is_public

CONNECT_SECONDS = 5.0
PORTS = {"http": 80, "https": 443}
READ = 65_536

NOT_A_URL = "Must be an address such as https://hooks.example.com/jack."
NOT_ENCRYPTED = "Must begin with https://, unless JACK_WEBHOOK_HOSTS names its host."
NOT_PUBLIC = "The host is not on the public internet, and JACK_WEBHOOK_HOSTS does not name it."
UNKNOWN_NAME = "The host's name could not be resolved."
UNREACHABLE = "No connection to the host could be made."
NOT_TRUSTED = "The host's certificate is not valid for its name."
TOO_SLOW = "No answer came in time."
NOT_HTTP = "The host did not answer as HTTP/1.1 says."

# Of a host and a port: its addresses, as getaddrinfo finds them. Raises OSError.
Resolve = Callable[[str, int], Sequence[str]]


class Refused(Exception):
    """An address that is not asked; the message says why."""


class Failed(Exception):
    """A request without an answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads. `host` is as DNS knows it, `named` whether the settings allow it whatever its address is."""

    scheme: str
    host: str
    port: int
    path: str
    named: bool

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: the body up to the limit that was asked for, headers by their names in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def target(url: str, named: Sequence[str] = ()) -> Target:
    """Where a URL leads, as far as it tells itself. `named` are hosts, or hosts with ports, that may be private or without
    encryption. Raises Refused."""
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError, UnicodeError):
        raise Refused(NOT_A_URL) from None
    if not host or parts.username is not None or not url.isprintable() or " " in url:
        raise Refused(NOT_A_URL)
    bracketed = f"[{host}]" if ":" in host else host
    allowed = {one.lower() for one in named}
    is_named = not allowed.isdisjoint({host, bracketed, f"{bracketed}:{port}"})
    if parts.scheme != "https" and not is_named:
        raise Refused(NOT_ENCRYPTED)
    if not is_named and _is_private_literal(host):
        raise Refused(NOT_PUBLIC)
    path = parts.path or "/"
    return Target(
        parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, is_named
    )


def _ascii(host: str) -> str:
    """A host in small letters, in ASCII: full-width dots and letters become what DNS takes them for."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()


def _is_private_literal(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return False


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system finds them: `0x7f.1` is 127.0.0.1 to it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def post(
    where: Target,
    headers: Mapping[str, str],
    body: bytes,
    *,
    seconds: float,
    limit: int,
    resolve: Resolve = resolve,
) -> Response:
    """Send a POST; the answer, with `limit` bytes of its body at the most. It is over in `seconds`, but for resolving the name.

    Raises Refused for a host that is not public, Failed where there is no answer.
    """
    return request("POST", where, headers, body, seconds=seconds, limit=limit, resolve=resolve)


def request(
    method: str,
    where: Target,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    seconds: float,
    limit: int,
    resolve: Resolve = resolve,
) -> Response:
    """As `post`, with any method."""
    addresses = _addresses(where, resolve)
    deadline = time.monotonic() + seconds
    try:
        with closing(_connected(where, addresses, deadline)) as connection:
            sent = _request_bytes(method, where, headers, body)
            _before(connection, deadline)
            connection.sendall(sent)
            return _answer(method, connection, limit, deadline)
    except TimeoutError:
        raise Failed(TOO_SLOW) from None
    except ssl.SSLCertVerificationError:
        raise Failed(NOT_TRUSTED) from None
    except OSError:
        raise Failed(UNREACHABLE) from None


def _addresses(where: Target, resolve: Resolve) -> Sequence[str]:
    """The addresses of a host, all of which may be connected to. Raises Refused, Failed."""
    try:
        found = resolve(where.host, where.port)
    except (OSError, UnicodeError):
        raise Failed(UNKNOWN_NAME) from None
    if not found:
        raise Failed(UNKNOWN_NAME)
    if not where.named and not all(map(is_public, found)):
        raise Refused(NOT_PUBLIC)
    return found


def _connected(where: Target, addresses: Sequence[str], deadline: float) -> socket.socket:
    """A connection to the first of these addresses that takes one. Raises OSError."""
    last: OSError = OSError(UNREACHABLE)
    for address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            plain = socket.create_connection((address, where.port), min(CONNECT_SECONDS, left))
        except OSError as error:
            last = error
            continue
        if where.scheme == "http":
            return plain
        _before(plain, deadline)
        try:
            return tls().wrap_socket(plain, server_hostname=where.host)
        except BaseException:
            plain.close()
            raise
    raise last


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """The certificates to trust; made once, since reading them takes longer than most requests."""
    import httpx  # here, because most processes ask nobody

    return httpx.create_ssl_context(trust_env=False)


def _before(connection: socket.socket, deadline: float) -> None:
    """Let the next step end with the time there is left. Raises TimeoutError when there is none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)


def _request_bytes(method: str, where: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    import h11

    fields = {
        "Host": where.authority,
        "User-Agent": "Jack",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Length": str(len(body)),
        **headers,
    }
    try:
        whole = h11.Connection(h11.CLIENT)
        head = whole.send(
            h11.Request(method=method, target=where.path, headers=list(fields.items()))
        )
        return (head or b"") + (whole.send(h11.Data(data=body)) or b"")
    except h11.LocalProtocolError:
        raise Refused(NOT_A_URL) from None


def _answer(method: str, connection: socket.socket, limit: int, deadline: float) -> Response:
    """The answer that comes over a connection; what is longer than `limit` is not read."""
    import h11

    reader = h11.Connection(h11.CLIENT)
    reader.send(h11.Request(method=method, target="/", headers=[("Host", "-")]))
    reader.send(h11.EndOfMessage())
    found: Response | None = None
    body = bytearray()
    try:
        while len(body) < limit or found is None:
            event = reader.next_event()
            if event is h11.NEED_DATA:
                _before(connection, deadline)
                reader.receive_data(connection.recv(READ))
            elif isinstance(event, h11.Response):
                found = Response(event.status_code, _texts(event.headers))
            elif isinstance(event, h11.Data):
                body += event.data
            elif not isinstance(event, h11.InformationalResponse):
                break
    except (h11.RemoteProtocolError, OSError) as error:
        if (
            found is None
        ):  # what counts is the status; a body that breaks off has been read as far as it goes
            raise error if isinstance(error, OSError) else Failed(NOT_HTTP) from None
    if found is None:
        raise Failed(NOT_HTTP)
    return Response(found.status, found.headers, bytes(body[:limit]))


def _texts(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("ascii"): value.decode("latin-1") for name, value in headers}
