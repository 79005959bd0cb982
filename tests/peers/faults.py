"""What can go wrong at a provider. A peer takes one fault from its queue for each call that the fault is about."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal

Call = Literal["send", "read", "media", "upload", "list", "account"]


@dataclass(frozen=True)
class Fault:
    """What is different about one call.

    With `status` the call is refused (`code` is the provider's own). `accepts` False with `answers` False is a request that
    was read and lost. `fails` is the code of a message that is accepted and fails later. `held` is set by the test when the
    call may go on.
    """

    on: Call = "send"
    status: int | None = None
    code: int | None = None
    retry_after: str | None = None
    accepts: bool = True
    answers: bool = True
    delay: float = 0.0
    fails: int | None = None
    callbacks: Literal["after", "before", "none"] = "after"
    copies: int = 1
    reversed: bool = False
    batched: bool = False
    held: threading.Event | None = None


def throttled(retry_after: str | None = None, *, on: Call = "send") -> Fault:
    """Too many requests: nothing was done. `retry_after` is the header, as it is sent."""
    return Fault(on=on, status=429, retry_after=retry_after)


def broken(status: int = 500, *, on: Call = "send") -> Fault:
    """The provider's own mistake: nothing was done, which the caller cannot know."""
    return Fault(on=on, status=status)


def refused(status: int, code: int, *, on: Call = "send") -> Fault:
    """Any error of the provider's table, at once."""
    return Fault(on=on, status=status, code=code)


def failing(code: int) -> Fault:
    """Accepted, then failed."""
    return Fault(fails=code)


def slow(seconds: float, *, on: Call = "send") -> Fault:
    """Done at once, answered late."""
    return Fault(on=on, delay=seconds)


def held(go: threading.Event, *, on: Call = "send") -> Fault:
    """Goes on when the test says so, or gives up (a minute is longer than any test waits)."""
    return Fault(on=on, held=go)


ACCEPT_THEN_DROP = Fault(answers=False)  # the guest has it, and the line is cut before the answer
ACCEPT_IN_SILENCE = Fault(answers=False, callbacks="none")  # … and nothing is ever heard of it
CUT = Fault(answers=False, accepts=False)  # the request was read, then the line was cut
EARLY = Fault(callbacks="before")  # every status arrives before the answer does
DUPLICATED = Fault(copies=3)
REORDERED = Fault(reversed=True)  # read, delivered, sent
BATCHED = Fault(batched=True)  # all statuses in one request, where the provider has that
SILENT = Fault(callbacks="none")


@dataclass
class Faults:
    """The queue: first in, first met by the call it is about."""

    waiting: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault, times: int = 1) -> None:
        """Let it happen to the next `times` calls of its kind."""
        with self.lock:
            self.waiting += [fault] * times

    def take(self, call: Call) -> Fault:
        """What is to happen to this call; usually nothing."""
        with self.lock:
            for number, fault in enumerate(self.waiting):
                if fault.on == call:
                    return self.waiting.pop(number)
        return Fault(on=call)
