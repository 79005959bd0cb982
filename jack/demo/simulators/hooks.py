"""How a peer calls Jack: webhooks kept, repeated, reordered, sent at once, or later in the order of their time."""

from __future__ import annotations

import heapq
import http.client
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 20.0
LOST = -1  # nobody answered


@dataclass
class Hook:
    """A request to Jack: `target` is path and query; `told` is what it says, before it was made into bytes.

    `answers` are the statuses Jack gave, one a delivery; `said` is the body of the last.
    """

    target: str
    headers: dict[str, str]
    body: bytes
    told: Any = None
    method: str = "POST"
    answers: list[int] = field(default_factory=list)
    said: bytes = b""

    @property
    def answer(self) -> int | None:
        """The status of the last answer."""
        return self.answers[-1] if self.answers else None


Deliver = Callable[[Hook], int]


def to_url(base: str) -> Deliver:
    """Deliver over HTTP. A base may have a path of its own."""
    where = urlsplit(base)
    make = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection

    def deliver(hook: Hook) -> int:
        connection = make(where.netloc, timeout=PATIENCE)
        try:
            connection.request(hook.method, where.path + hook.target, hook.body, hook.headers)
            response = connection.getresponse()
            hook.said = response.read()
            return response.status
        except (OSError, http.client.HTTPException):
            return LOST
        finally:
            connection.close()

    return deliver


def to_app(app: Any) -> Deliver:
    """Deliver to a Flask application in this process."""

    def deliver(hook: Hook) -> int:
        request = {"method": hook.method, "data": hook.body, "headers": hook.headers}
        answer = app.test_client().open(hook.target, **request)
        hook.said = answer.data
        return int(answer.status_code)

    return deliver


class Caller:
    """Delivers hooks: now, in the caller's thread; or later, one after another, in a thread of its own.

    `retries` is how often a hook is delivered again, `pause` seconds apart, that was not answered 2xx; with `insists_on`,
    only one that was answered so.
    """

    def __init__(
        self,
        deliver: Deliver | None,
        *,
        retries: int = 0,
        pause: float = 0.3,
        insists_on: set[int] | None = None,
    ) -> None:
        self.deliver = deliver
        self.retries, self.pause, self.insists_on = retries, pause, insists_on
        self.hooks: list[Hook] = []
        self._held: list[Hook] | None = None
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._busy = 0
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Deliver what is due from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Drop what is still to come."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join(PATIENCE)

    def call(self, hook: Hook) -> Hook:
        """Deliver it now, or keep it while hooks are held. Without anybody to deliver to it is only kept."""
        if self._held is not None:
            self._held.append(hook)
            return hook
        self.hooks.append(hook)
        if self.deliver is not None:
            hook.answers.append(self.deliver(hook))
        return hook

    def insist(self, hook: Hook, left: int | None = None) -> None:
        """Deliver it, and again a little later while it is not taken."""
        left = self.retries if left is None else left
        self.call(hook)
        if left and self._wanted_again(hook.answer):
            self.later(self.pause, lambda: self.insist(hook, left - 1))

    def _wanted_again(self, answer: int | None) -> bool:
        if answer is None or 200 <= answer < 300:
            return False
        return self.insists_on is None or answer in self.insists_on

    def at_once(self, hooks: Sequence[Hook]) -> list[int]:
        """Deliver all of them in parallel; what each was answered."""
        if self.deliver is None:
            raise ValueError("there is nobody to deliver to")
        together = threading.Barrier(len(hooks))

        def one(hook: Hook) -> int:
            together.wait(PATIENCE)
            return self.deliver(hook)  # type: ignore[misc]

        with ThreadPoolExecutor(len(hooks)) as pool:
            answers = list(pool.map(one, hooks))
        for hook, answer in zip(hooks, answers, strict=True):
            hook.answers.append(answer)
        self.hooks += hooks
        return answers

    @contextmanager
    def holding(self) -> Iterator[list[Hook]]:
        """What would be delivered in this block is not: it is in the list, to be delivered as a test likes."""
        kept = self._held = []
        try:
            yield kept
            self.settled()
        finally:
            self._held = None

    def again(self, hooks: Iterable[Hook]) -> list[int]:
        """Deliver each, in this order; what each was answered."""
        return [self.call(hook).answer or LOST for hook in hooks]

    # ---------------------------------------------------------------------------------------- later

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """Do it then, in the thread of this caller."""
        self.promise([(seconds, what)])()

    def promise(self, deeds: Sequence[tuple[float, Callable[[], object]]]) -> Callable[[], None]:
        """Deeds that count as left to do from now on; their time begins when what this returns is called."""
        with self._changed:
            self._busy += len(deeds)

        def begin() -> None:
            now = time.monotonic()
            with self._changed:
                for seconds, what in deeds:
                    heapq.heappush(self._due, (now + seconds, next(self._order), what))
                self._changed.notify_all()

        return begin

    def settled(self, patience: float = PATIENCE) -> None:
        """Wait until nothing is left to do."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._busy, patience):
                raise AssertionError("hooks are left")

    def _work(self) -> None:
        while (what := self._next()) is not None:
            try:
                what()
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            while not self._ended:
                if not self._due:
                    self._changed.wait()
                elif (wait := self._due[0][0] - time.monotonic()) > 0:
                    self._changed.wait(wait)
                else:
                    return heapq.heappop(self._due)[2]
        return None
