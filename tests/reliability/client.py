"""A small HTTP client: one connection a call, as behind nginx, and the time each call took."""

from __future__ import annotations

import http.client
import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

# No whole answer came: refused, cut off, or too late.
LOST = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json()["data"]

    @property
    def code(self) -> str:
        """The code of an error; checks that it is in the envelope."""
        found = self.json()
        assert found["success"] is False
        assert found["error"]["message"]
        assert found["error"]["requestId"] == self.headers["X-Request-Id"]
        return str(found["error"]["code"])


@dataclass(frozen=True)
class Client:
    """Somebody who calls, with a token or without; paths are below `prefix`."""

    port: int
    token: str | None = None
    timeout: float = 30.0
    prefix: str = "/api/v1"

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One call; the body is JSON unless it is bytes. Raises one of LOST when no whole answer comes."""
        sent = dict(headers or {})
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        began = time.perf_counter()
        try:
            text = body if body is None or isinstance(body, bytes) else json.dumps(body)
            connection.request(method, self.prefix + path, text, sent)
            response = connection.getresponse()
            read = response.read()
            return Answer(response.status, response.headers, read, time.perf_counter() - began)
        finally:
            connection.close()

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.call("GET", path, headers=headers)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self.call("POST", path, body, headers)

    def patch(self, path: str, body: Any) -> Answer:
        return self.call("PATCH", path, body)

    def put(self, path: str, body: Any) -> Answer:
        return self.call("PUT", path, body)


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """The results of all these calls, begun at the same moment. Raises the first that failed."""
    results: list[Any] = [None] * len(works)
    failures: list[BaseException] = []
    gate = threading.Barrier(len(works))

    def run(place: int) -> None:
        try:
            gate.wait()
            results[place] = works[place]()
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(works))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


def percentile(seconds: Sequence[float], part: float) -> float:
    """The value that so many percent do not exceed."""
    return sorted(seconds)[max(0, math.ceil(len(seconds) * part / 100) - 1)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
