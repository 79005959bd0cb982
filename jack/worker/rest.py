"""The worker's rest between two rounds: until something becomes due, until somebody rings, or for a few seconds."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from jack.worker.bell import Listener, Watch

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("jack.worker")

# Seconds after which it looks by itself, should somebody have written who does not ring (another program).
LONGEST = 10.0
# Seconds for which it goes on looking every second after there was something: for what is looked at now and then only.
WARM = 3.0
# Seconds after which a process without the lock tries to have it, though nobody has seen its holder end.
WATCHED = 60.0
EARLY = 0.001  # seconds by which a wait may end too early: times are stored in milliseconds


class Rest:
    """The rest of one worker, whose lock file is `lock`. `news` ends it, in whichever thread it is set."""

    def __init__(self, lock: Path) -> None:
        self.news = threading.Event()
        self._path = lock.with_suffix(".sock")
        self._listener: Listener | None = None
        self._watch = Watch()
        self._is_silent = False
        self._resting = False
        self._began = time.monotonic()
        self._warm_until = self._began + WARM

    # ---------------------------------------------------------------------------------------- the bell

    @property
    def is_rung(self) -> bool:
        """Whether it hears who has written something."""
        return self._listener is not None

    def listen(self) -> None:
        """Hear the bell, unless it does already. Where no socket can be, it goes on without; that is logged once."""
        if self._listener is not None and self._listener.is_there():
            return
        self.close()
        try:
            self._listener = Listener(self._path, self.news.set, self.age)
        except OSError as error:
            if not self._is_silent:
                log.warning("the worker looks ten times a second: %s: %s", self._path, error)
            self._is_silent = True

    def hide(self) -> None:
        """Before another worker may have the lock."""
        if self._listener is not None:
            self._listener.hide()

    def close(self) -> None:
        """Hear nothing any more; whoever waits for the lock learns it."""
        if self._listener is not None:
            self._listener.close()
        self._listener = None

    def age(self) -> float:
        """For how many seconds it has been at the same round; 0 while it rests."""
        return 0.0 if self._resting else time.monotonic() - self._began

    # ---------------------------------------------------------------------------------------- rounds

    def begin(self) -> None:
        """A round begins: what rings from here on asks for another one."""
        self.show_life()
        if self.news.is_set():
            self._warm_until = self._began + WARM
        self.news.clear()

    def show_life(self) -> None:
        """It is not hung."""
        self._began = time.monotonic()

    def keep_warm(self) -> None:
        """There was something."""
        self._warm_until = time.monotonic() + WARM

    def wait(self, due: float | None, tick: float, second: float) -> None:
        """Rest: `due` is the seconds until something is due, `tick` the shortest rest, `second` how long it is to the next second's work."""
        warm = time.monotonic() < self._warm_until
        if due is not None and due <= 0:  # and could not be done yet
            seconds = tick if warm else second
        else:
            seconds = min(second if warm else LONGEST, LONGEST if due is None else due)
        self._resting = True
        self.news.wait(seconds + EARLY)
        self._resting = False

    # ---------------------------------------------------------------------------------------- another one works

    def wait_for_lock(self, stopped: threading.Event, seconds: float) -> None:
        """Wait until the worker that has the lock ends; where that cannot be seen, `seconds`."""
        if not self._watch.wait(self._path, WATCHED, stopped.is_set):
            stopped.wait(seconds)

    def end(self) -> None:
        """End whatever it waits for."""
        self.news.set()
        with suppress(OSError):
            self._watch.end()
