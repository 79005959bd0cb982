"""A connection to a server of the settings, step by step: its address, TCP, TLS. What is wrong with it, in plain words."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.channels.steps import Steps


def connected(
    host: str, port: int, tls: ssl.SSLContext | None, steps: Steps, *, timeout: float
) -> socket.socket:
    """A connection to the first address of the host that accepts one, encrypted if `tls` is given.

    `timeout` in seconds is for each address, the handshake, and later each read. Raises OSError, UnicodeError.
    """
    steps.begin("look_up", host)
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    steps.begin("connect", f"{host}:{port}")
    connection = _first(addresses, timeout)
    if tls is None:
        return connection
    steps.begin("encrypt", f"{host}:{port}")
    try:
        return tls.wrap_socket(connection, server_hostname=host)
    except BaseException:
        connection.close()
        raise


def _first(
    addresses: Sequence[
        tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]
    ],
    timeout: float,
) -> socket.socket:
    refused: OSError = OSError("The name has no address.")
    for family, kind, protocol, _, address in addresses:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(timeout)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            refused = error
        else:
            return connection
    raise refused


def failure(error: Exception, host: str, port: int, security: str) -> str:
    """What is wrong with a connection that failed, for whoever keeps the settings."""
    where = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {where} is not valid: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"{where} does not speak TLS as asked. Is the port right for {security}?"
    if isinstance(error, socket.gaierror):
        return f"There is no server named {host}, or the name service does not answer."
    if isinstance(error, ConnectionRefusedError):
        return f"{where} refuses the connection. Are host and port right?"
    if isinstance(error, TimeoutError) or "timed out" in str(error):  # smtplib keeps only the text
        return f"{where} does not answer."
    if isinstance(error, UnicodeError):
        return f"{host} is not a valid host name."
    return f"The connection to {where} was lost."
