"""`/metrics` at the address of JACK_METRICS, served by the one process that runs the worker."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

from jack.core.errors import Unavailable
from jack.worker import measurements

if TYPE_CHECKING:
    from jack.core.databases import Databases

log = logging.getLogger("jack.worker")

TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsServer(HTTPServer):
    """Answers one request after the other, in a thread of its own."""

    def __init__(self, address: tuple[str, int], databases: Databases) -> None:
        self.databases = databases
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        self._ending = False
        self._thread = threading.Thread(target=self._serve, name="jack-metrics", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Wait for requests without a look at the clock (`serve_forever` has one every half a second)."""
        while not self._ending:
            self.handle_request()

    def stop(self) -> None:
        """Listen no more."""
        self._ending = True
        with suppress(OSError):  # one that asks nothing, to end the waiting
            socket.create_connection(self.socket.getsockname()[:2], 1).close()
        self._thread.join(_Handler.timeout)
        self.server_close()


def start(address: tuple[str, int] | None, databases: Databases) -> MetricsServer | None:
    """Serve at an address; None without one, or where it cannot be listened at: that is logged, and stops nothing."""
    if address is None:
        return None
    try:
        return MetricsServer(address, databases)
    except OSError as error:
        log.error("no metrics at %s port %d: %s", *address, error.strerror)
        return None


class _Handler(BaseHTTPRequestHandler):
    server: MetricsServer
    timeout = 5  # seconds for a slow asker, who keeps others waiting

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self._answer(404, "There is only /metrics.\n")
            return
        try:
            self._answer(200, measurements.text(self.server.databases.get()))
        except Unavailable as error:
            self._answer(503, f"{error.message}\n")
        finally:
            self.server.databases.close()

    def _answer(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a line every few seconds says nothing."""
