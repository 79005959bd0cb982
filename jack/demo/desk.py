"""The front desk of the demo: answers the first guest on each channel, over the API, as a member of staff would.

What a visitor finds then is a conversation on every channel that has been answered and delivered. The rest is theirs.
"""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any

from jack.demo.story import read

LOOK = 1.0
PATIENCE = 10.0


class Desk(threading.Thread):
    """Somebody with a token. Every channel of `desk.json` is answered once, from the event `after` on."""

    def __init__(self, port: int, token: str, after: int) -> None:
        super().__init__(name="jack-demo-desk", daemon=True)
        self._port, self._token = port, token
        self._answers: dict[str, str] = read("desk")
        self._ended = threading.Event()
        self._after = after

    def stop(self) -> None:
        """Leave the desk."""
        self._ended.set()
        self.join(PATIENCE)

    def run(self) -> None:
        """Until every channel is answered. A hotel that does not answer for a moment is asked again."""
        while self._answers and not self._ended.wait(LOOK):
            try:
                self._look()
            except (OSError, HTTPException, LookupError, ValueError):
                continue

    def _look(self) -> None:
        told = self._ask("GET", f"/events?after={self._after}&limit=100")
        for event in told["data"]:
            if event["type"] == "message.received":
                self._answer(event["conversationId"])
        self._after = told["meta"]["cursor"]

    def _answer(self, conversation_id: str) -> None:
        channel = self._ask("GET", f"/conversations/{conversation_id}")["data"]["channel"]
        text = self._answers.pop(channel, None)
        if text is not None:
            self._ask("POST", f"/conversations/{conversation_id}/messages", {"content": text})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        line = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            line.request(
                method, f"/api/v1{path}", None if body is None else json.dumps(body), headers
            )
            return json.loads(line.getresponse().read())
        finally:
            line.close()
