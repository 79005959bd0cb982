"""The demo's receptionist: answers the first guest on each channel over the API, as a member of staff would.

So there is a conversation on every channel with an answer that was delivered. All others are left to who tries the demo.
"""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any

from jack.demo.data import read

POLL_INTERVAL = 1.0  # seconds
TIMEOUT = 10.0  # seconds


class Receptionist(threading.Thread):
    """Answers every channel of `replies.json` once, with a staff token, to events later than `after`."""

    def __init__(self, port: int, token: str, after: int) -> None:
        super().__init__(name="jack-demo-receptionist", daemon=True)
        self._port, self._token = port, token
        self._replies: dict[str, str] = read("replies")
        self._stopped = threading.Event()
        self._after = after

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.join(TIMEOUT)

    def run(self) -> None:
        """Poll until every channel is answered; what fails is tried again."""
        while self._replies and not self._stopped.wait(POLL_INTERVAL):
            try:
                self._poll()
            except (OSError, HTTPException, LookupError, ValueError):
                continue

    def _poll(self) -> None:
        events = self._call("GET", f"/events?after={self._after}&limit=100")
        for event in events["data"]:
            from_guest = event["actor"]["type"] == "guest"
            if event["type"] == "conversation.message.created" and from_guest:
                self._reply(event["conversationId"])
        self._after = events["meta"]["cursor"]

    def _reply(self, conversation_id: str) -> None:
        channel = self._call("GET", f"/conversations/{conversation_id}")["data"]["channel"]
        text = self._replies.pop(channel, None)
        if text is not None:
            self._call("POST", f"/conversations/{conversation_id}/messages", {"content": text})

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, f"/api/v1{path}", None if body is None else json.dumps(body), headers
            )
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
