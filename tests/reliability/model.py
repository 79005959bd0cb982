"""What a hotel's clients and providers have been promised, kept outside Jack, and recounted in its database afterwards.

A deed has a text of its own, by which its row is found. What was answered is there once, as it was answered; what was not
answered is there once or not at all; what nobody did is not there.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jack.core.db import Database
from jack.resources.attachments import storage
from tests.peers.meta import MetaPeer
from tests.peers.twilio import TwilioPeer
from tests.reliability.invariants import look

# How the deeds of each kind are found, each by its text.
FOUND = {
    "guest": "SELECT id, name AS text FROM guests WHERE name LIKE 'guest-%'",
    "task": "SELECT id, title AS text FROM tasks",
    "finished": "SELECT id, title AS text FROM tasks WHERE status = 'completed'",
    "sent": "SELECT id, content AS text FROM messages WHERE direction = 'outbound' AND content LIKE 'sent-%'",
    "note": "SELECT id, content AS text FROM messages WHERE type = 'note' AND content LIKE 'note-%'",
    "heard": "SELECT id, content AS text FROM messages WHERE direction = 'inbound' AND content LIKE 'heard-%'",
    "chat": "SELECT id, content AS text FROM messages WHERE direction = 'inbound' AND content LIKE 'chat-%'",
    "file": "SELECT id, name AS text FROM attachments WHERE name LIKE 'file-%'",
}
ERASED = "SELECT id FROM guests WHERE name LIKE 'guest-%'"
FATES = "SELECT id, status FROM messages WHERE direction = 'outbound' AND status IS NOT NULL"
# A message that a provider has taken must not be about to leave (again).
STILL_TO_LEAVE = "SELECT id FROM messages WHERE direction = 'outbound' AND status = 'queued'"

ANSWERED_AFTER = 0.02  # seconds in which a kill hides what a provider has done


@dataclass(frozen=True)
class Promise:
    """A deed that was answered; `moment` is when, by the model's own clock. `id` is empty where the answer has none."""

    kind: str
    text: str
    id: str
    moment: int


@dataclass
class Model:
    """All that was begun and all that was promised. `clock` counts something that grows."""

    clock: Callable[[], int] = lambda: 0
    begun: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in FOUND})
    promises: list[Promise] = field(default_factory=list)
    erasing: set[str] = field(default_factory=set)
    erased: list[tuple[str, int]] = field(default_factory=list)
    taken: list[tuple[str, int]] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, kind: str, text: str) -> None:
        """Somebody is about to ask for it."""
        with self.lock:
            self.begun[kind].add(text)

    def promise(self, kind: str, text: str, id: str = "") -> None:
        """It was answered."""
        moment = self.clock()
        with self.lock:
            self.promises.append(Promise(kind, text, id, moment))

    def erase(self, id: str) -> None:
        """A guest was erased."""
        moment = self.clock()
        with self.lock:
            self.erased.append((id, moment))

    def take(self, id: str) -> None:
        """A provider has accepted a message."""
        moment = self.clock()
        with self.lock:
            self.taken.append((id, moment))

    def wrong(self, path: Path, until: int | None = None) -> list[str]:
        """What a database has not kept of what was promised up to a moment, a line each."""
        promises = [p for p in self.promises if until is None or p.moment <= until]
        gone = {id for id, moment in self.erased if until is None or moment <= until}
        taken = {id for id, moment in self.taken if until is None or moment <= until}
        db = look(path)
        try:
            return [
                *self._miscounted(db, promises),
                *[f"erased, and there: {row['id']}" for row in db.all(ERASED) if row["id"] in gone],
                *[f"would leave again: {id}" for id in _ids(db, STILL_TO_LEAVE) & taken],
                *self._damaged(db),
            ]
        finally:
            db.close()

    def _miscounted(self, db: Database, promises: list[Promise]) -> list[str]:
        wrong = []
        for kind, sql in FOUND.items():
            rows = [(row["text"].partition(".")[0], row["id"]) for row in db.all(sql)]
            times, ids = Counter(text for text, _ in rows), dict(rows)
            wrong += [f"{kind} twice: {text}" for text, count in times.items() if count > 1]
            wrong += [
                f"{kind} nobody asked for: {text}" for text in times.keys() - self.begun[kind]
            ]
            for promise in promises:
                if promise.kind == kind and promise.id not in self.erasing:
                    found = ids.get(promise.text)
                    if found is None or promise.id not in ("", found):
                        wrong.append(f"{kind} lost: {promise}, found {found}")
        return wrong

    def _damaged(self, db: Database) -> list[str]:
        """Files that have a row, promised or not, and are not what was uploaded."""
        damaged = []
        for row in db.all("SELECT name, file FROM attachments WHERE name LIKE 'file-%'"):
            path, text = storage.path(db, row["file"]), row["name"].partition(".")[0]
            if not path.is_file() or _digest(path.read_bytes()) != self.digests[text]:
                damaged.append(f"damaged: {row['name']}")
        return damaged

    def remember(self, text: str, content: bytes) -> None:
        """What is in a file."""
        self.digests[text] = _digest(content)

    def untrue(self, path: Path) -> list[str]:
        """Messages whose status says what did not happen, once nothing is left to be sent."""
        times = Counter(id for id, _ in self.taken)
        db = look(path)
        try:
            fates = {row["id"]: row["status"] for row in db.all(FATES)}
        finally:
            db.close()
        right = {("sent", 1), ("delivered", 1), ("unknown", 0), ("unknown", 1)}
        return [
            f"{id}: {fate}, taken {times[id]} times"
            for id, fate in fates.items()
            if (fate, times[id]) not in right
        ] + [f"nobody's: {id}" for id in times.keys() - fates.keys()]


class Noted(list[object]):
    """The messages that a provider has received, each told to the model at the moment it is accepted, and answered a little later."""

    def __init__(self, model: Model, peer: MetaPeer | TwilioPeer) -> None:
        super().__init__()
        self.model, self.by_meta = model, isinstance(peer, MetaPeer)

    def append(self, sent: object) -> None:
        self.model.take(ours(sent))
        super().append(sent)
        time.sleep(ANSWERED_AFTER)


def ours(sent: object) -> str:
    """Jack's id of a message, as a provider was asked to tell it again."""
    told = getattr(sent, "told", None)
    return str(told["StatusCallback"]).partition("m=")[2] if told else str(sent.ours)  # type: ignore[attr-defined]


def _ids(db: Database, sql: str) -> set[str]:
    return {row["id"] for row in db.all(sql)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
