"""One request at a time, by the standard library: for setting up and for checking."""

import http.client
import json
from dataclasses import dataclass
from typing import Any

from bench.servers import Server


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def request(server: Server, method: str, path: str, body: str = "") -> Answer:
    """Ask once, on a connection of its own."""
    headers = {"Authorization": f"Bearer {server.token}"} if server.token else {}
    if body:
        headers["Content-Type"] = "application/json"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body.encode() or None, headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()
