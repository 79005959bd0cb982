"""A provider on loopback that takes messages and remembers which; and the channel of Jack's that calls it."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jack.channels.results import Accepted, Permanent, Result, Retry, Unknown
from jack.channels.types import Account, OutboundMessage, Tested

TIMEOUT = 5.0
REFUSED = "refuse me"


@dataclass
class Provider:
    """What it has taken, by Jack's id of the message. It outlives every worker."""

    port: int
    busy: float = 0.0
    taken: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, id: str) -> None:
        with self.lock:
            self.taken[id] += 1

    def count(self) -> int:
        with self.lock:
            return len(self.taken)


class Server(ThreadingHTTPServer):
    """One that lets as many call at once as a provider does."""

    request_queue_size = 128


@contextmanager
def providing(*, busy: float = 0.0) -> Iterator[Provider]:
    """A provider that is too busy for so many of a hundred messages, and takes its time before and after taking one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(random.uniform(0, 0.004))
            if sent["content"] == REFUSED:
                self._answer(400)
            elif random.random() < provider.busy:
                self._answer(503)
            else:
                provider.take(sent["id"])
                time.sleep(random.uniform(0, 0.006))
                self._answer(200)

        def _answer(self, status: int) -> None:
            body = b"{}"
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # who asked has been killed
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *args: None  # type: ignore[method-assign]
        provider = Provider(server.server_address[1], busy)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Channel:
    """A channel as Jack's are: it calls the provider and says what became of the message."""

    port: int
    REPEATABLE: bool = False

    def account(self, settings: Mapping[str, Any], public_url: str) -> Account:
        return Account("sms", "sms:reliable", settings, public_url)

    def test(self, account: Account, report: object) -> Tested:
        return Tested(True, "It works.")

    def send(self, account: Account, message: OutboundMessage) -> Result:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        body = json.dumps({"id": message.id, "content": message.text})
        try:
            connection.request("POST", "/", body)
            status = connection.getresponse().status
        except ConnectionRefusedError:
            return Retry("Nobody answers.", after=0.1)
        except (OSError, http.client.HTTPException):
            return Unknown("It broke off.")
        finally:
            connection.close()
        if status == 200:
            return Accepted(f"provider-{message.id}")
        return Permanent("Refused.") if status == 400 else Retry("Busy.", after=0.05)
