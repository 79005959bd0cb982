"""The demo's past: the JSON files beside this, told through the stores in the order in which it all happened."""

from __future__ import annotations

import heapq
import itertools
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jack.core import clock
from jack.core.db import transaction
from jack.resources.tasks import store as tasks

if TYPE_CHECKING:
    from jack.core.db import Database

HERE = Path(__file__).parent
DAY = 86400.0
MINUTE = 60.0
OPENED = 220 * DAY
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def read(name: str) -> Any:
    """The content of a file beside this one."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def seconds(text: str) -> float:
    """`1d 4h 20m` in seconds."""
    parts = re.findall(r"(\d+)([dhm])", text)
    return timedelta(**{UNITS[unit]: int(number) for number, unit in parts}).total_seconds()


class Story:
    """What happened and when. While it is told, `clock` is the time the database believes it to be."""

    def __init__(self, now: float) -> None:
        self.now = self.clock = now
        self.people: dict[str, str] = {}
        self._order = itertools.count()
        self._told: list[tuple[float, int, Callable[[], object]]] = []

    def time(self) -> float:
        """For `Database(time=…)`."""
        return self.clock

    def ago(self, text: str) -> float:
        """The moment so long before now."""
        return self.now - seconds(text)

    def at(self, moment: float, what: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """`what` happened then; just now, if that is yet to come."""
        happens: Callable[[], object] = partial(what, *args, **kwargs)
        heapq.heappush(self._told, (min(moment, self.now), next(self._order), happens))

    def tell(self, db: Database) -> None:
        """Everything in its turn, in one transaction; also what comes up while it is told."""
        with transaction(db):
            while self._told:
                self.clock, _, happens = heapq.heappop(self._told)
                happens()
        self.clock = self.now


def _task(story: Story, db: Database, told: dict[str, Any]) -> None:
    """A task and what became of it: `took` minutes until then; `due`, where it is said, so long from now."""
    begun = story.ago(told["ago"])
    columns = ("id", "title", "description", "department", "priority", "room")
    given = {name: told[name] for name in columns if name in told}
    given |= {"guest_id": told.get("guest"), "conversation_id": told.get("conversation")}
    if "due" in told:
        given["due_at"] = clock.stamp(story.now + seconds(told["due"]))
    who = story.people.get(told.get("assignee", ""))
    story.at(begun, tasks.create, db, **given, assignee=who, by=who or story.people["lucia"])
    if told["status"] != "open":
        changes = {"status": told["status"], "notes": told.get("notes")}
        story.at(
            begun + told.get("took", 5) * MINUTE, tasks.change, db, told["id"], **changes, by=who
        )
