"""A receiver of webhooks: takes what is posted, and answers as it is told to. A program of its own: `python -m tests.peers.receiver LOG`."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """A request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Answer:
    """What a request is answered; `seconds` before that nothing comes."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


class Receiver:
    """What has been received, and what is answered next; with nothing planned, 204."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.plan: deque[Answer] = deque()
        self.always = Answer()
        self.let_go = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._take(Got(self.path, dict(self.headers.items()), body))
                answer = receiver.plan.popleft() if receiver.plan else receiver.always
                receiver.let_go.wait(answer.seconds)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *args: object) -> None:
                """Nothing."""

            do_GET = do_POST  # whoever follows a redirect

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *args: object) -> None:
                """Who hangs up is a killed worker."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def _take(self, got: Got) -> None:
        self.got.append(got)

    def serve(self) -> None:
        self._server.serve_forever(0.05)

    def close(self) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    made = Receiver()
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    made.close()
    thread.join()


class Logging(Receiver):
    """A receiver that writes a line for each request, on the disk before it answers."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__()
        self._log = open(path, "a", buffering=1)  # noqa: SIM115 (as long as the program)
        self._lock = threading.Lock()
        self.always = Answer(seconds=seconds)

    def _take(self, got: Got) -> None:
        with self._lock:
            line = {
                "id": got.id,
                "seq": got.json["seq"],
                "body": got.body.decode(),
                "at": time.time(),
            }
            self._log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    serving = Logging(sys.argv[1], float(sys.argv[2]))
    print(serving.port, flush=True)  # noqa: T201 (who started it reads this)
    serving.serve()
