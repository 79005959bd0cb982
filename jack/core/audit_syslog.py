"""The audit log as lines for a syslog daemon, where JACK_AUDIT_SYSLOG names one. Its rows are in the database all the same."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from logging.handlers import SysLogHandler

from jack.core.audit import log

warnings = logging.getLogger("jack.syslog")
INET = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})")

# Facility authpriv, severity informational (RFC 5424, 6.2.1).
PRIORITY = SysLogHandler.LOG_AUTHPRIV * 8 + SysLogHandler.LOG_INFO

# A unix socket's path, or the address and port of a daemon that listens for UDP.
Target = str | tuple[str, int]


def target(text: str) -> Target | None:
    """A setting's text as a target: `/dev/log`, `192.0.2.1:514`, `[2001:db8::1]:514`. Raises ValueError.

    No host names: whoever waits for a name server would hold up the request whose line it is.
    """
    if not text:
        return None
    if text.startswith("/"):
        return text
    match = INET.fullmatch(text)
    if match is None or not 0 < int(match[3]) < 65536:
        raise ValueError("write a socket such as /dev/log, or an address such as 192.0.2.1:514")
    return str(ipaddress.ip_address(match[1] or match[2])), int(match[3])


class Syslog(logging.Handler):
    """Sends what it is given and never waits: a line that cannot be sent is left out, and the first of them is told.

    The standard library's SysLogHandler waits for a daemon whose buffer is full.
    """

    def __init__(self, wanted: Target) -> None:
        super().__init__()
        self._target = wanted
        self._socket: socket.socket | None = None
        self._is_failing = False

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line, over a new connection where the last one has broken."""
        line = f"<{PRIORITY}>jack: {self.format(record)}".encode()
        try:
            if self._socket is None:
                self._socket = _connected(self._target)
            self._socket.send(line)
            self._is_failing = False
        except OSError as error:
            self.close_socket()
            if not self._is_failing:
                warnings.warning("the audit log does not reach syslog: %s", error)
            self._is_failing = True

    def close(self) -> None:
        """Close the connection for good."""
        self.close_socket()
        super().close()

    def close_socket(self) -> None:
        """Close the connection; the next line opens another."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def _connected(wanted: Target) -> socket.socket:
    """A datagram socket to a target that sends or fails at once. Raises OSError."""
    family = socket.AF_UNIX
    if not isinstance(wanted, str):
        family = socket.AF_INET6 if ":" in wanted[0] else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        made.connect(wanted)
    except OSError:
        made.close()
        raise
    return made


def init(wanted: Target | None) -> None:
    """Send the lines of the audit log to `wanted` from now on; to nobody without one."""
    for handler in [one for one in log.handlers if isinstance(one, Syslog)]:
        log.removeHandler(handler)
        handler.close()
    log.propagate = wanted is None
    log.setLevel(logging.NOTSET if wanted is None else logging.INFO)
    if wanted is not None:
        log.addHandler(Syslog(wanted))
