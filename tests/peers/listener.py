"""Jack's side of the wire in the peers' own tests: it keeps what it is told and answers as it is asked to."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.peers.hooks import Hook


@dataclass
class Listener:
    """A `Deliver` that remembers. `answers` are the next statuses it gives; then it takes everything."""

    answers: list[int] = field(default_factory=list)
    heard: list[Hook] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, hook: Hook) -> int:
        with self.lock:
            self.heard.append(hook)
            return self.answers.pop(0) if self.answers else 200

    def values(self) -> list[dict[str, Any]]:
        """What Meta told, change by change."""
        bodies = [json.loads(hook.body) for hook in self.heard]
        return [
            change["value"]
            for body in bodies
            for entry in body["entry"]
            for change in entry["changes"]
        ]

    def statuses(self) -> list[str]:
        """The statuses Meta told, in their order."""
        return [one["status"] for value in self.values() for one in value.get("statuses", [])]
