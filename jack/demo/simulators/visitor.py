"""A visitor of the hotel's web chat: writes, looks for answers every second, reads them, answers."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 10.0


class Visitor(threading.Thread):
    """Somebody with the chat open, until `stop`. `answer` says what they write back, if anything."""

    def __init__(
        self, url: str, name: str, says: str, answer: Callable[[], str | None], every: float = 1.0
    ) -> None:
        super().__init__(daemon=True)
        self._host, self._person, self._says, self._answer = (
            urlsplit(url).netloc,
            name,
            says,
            answer,
        )
        self._every, self._ended = every, threading.Event()
        self._token = ""
        self._cursor = self._said = 0

    def stop(self) -> None:
        """Close the chat."""
        self._ended.set()
        self.join(PATIENCE)

    def run(self) -> None:
        """The visit. A hotel that does not answer for a moment is asked again."""
        self._token = self._ask("POST", "/sessions", {"name": self._person})["data"]["token"]
        self._say(self._says)
        while not self._ended.wait(self._every):
            try:
                self._look()
            except (OSError, http.client.HTTPException, LookupError):
                continue

    def _look(self) -> None:
        told = self._ask("GET", f"/messages?after={self._cursor}")
        self._cursor = told["meta"]["cursor"]
        if not any(message["direction"] == "outbound" for message in told["data"]):
            return
        self._ask("POST", "/read", {"cursor": self._cursor})
        line = self._answer()
        if line and not self._ended.wait(self._every):
            self._say(line)

    def _say(self, text: str) -> None:
        self._said += 1
        self._ask("POST", "/messages", {"content": text, "clientMessageId": f"line-{self._said}"})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        line = http.client.HTTPConnection(self._host, timeout=PATIENCE)
        try:
            content = None if body is None else json.dumps(body)
            line.request(method, f"/api/v1/webchat{path}", content, headers)
            return json.loads(line.getresponse().read())
        finally:
            line.close()
