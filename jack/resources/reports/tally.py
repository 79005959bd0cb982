"""Counting: what happened in a period or a part of it, and the figures made of that."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

CHANNELS = ("whatsapp", "sms", "email", "web")
DIRECTIONS = ("inbound", "outbound")


class Spread(TypedDict):
    """Whole seconds that half of all cases, and nine in ten, took at the most; None without a case."""

    median: int | None
    p90: int | None


class ConversationFigures(TypedDict):
    """Conversations that were opened, by channel as well, and closed."""

    opened: int
    closed: int
    by_channel: dict[str, int]


class MessageFigures(TypedDict):
    """Messages of guests and to guests."""

    inbound: int
    outbound: int
    by_channel: dict[str, dict[str, int]]


class DepartmentFigures(TypedDict):
    """A department's tasks."""

    department: str
    created: int
    completed: int
    late: int


class TaskFigures(TypedDict):
    """Tasks that were created, completed, and not done when they were due."""

    created: int
    completed: int
    late: int
    by_department: list[DepartmentFigures]


class Figures(TypedDict):
    """All that is counted."""

    conversations: ConversationFigures
    messages: MessageFigures
    first_answer_seconds: Spread
    close_seconds: Spread
    waited_over_15_minutes: int
    tasks: TaskFigures


@dataclass
class Tally:
    """Counts by what they are of: channels, channel and direction, departments."""

    opened: Counter[str] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: list[float] = field(default_factory=list)
    closings: list[float] = field(default_factory=list)
    long_waits: int = 0
    created: Counter[str] = field(default_factory=Counter)
    completed: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)

    def figures(self) -> Figures:
        """The figures of what has been counted so far."""
        return {
            "conversations": {
                "opened": self.opened.total(),
                "closed": len(self.closings),
                "by_channel": {channel: self.opened[channel] for channel in CHANNELS},
            },
            "messages": self._messages(),
            "first_answer_seconds": spread(self.answers),
            "close_seconds": spread(self.closings),
            "waited_over_15_minutes": self.long_waits,
            "tasks": self._tasks(),
        }

    def _messages(self) -> MessageFigures:
        by_channel = {
            channel: {way: self.messages[channel, way] for way in DIRECTIONS}
            for channel in CHANNELS
        }
        return {
            "inbound": sum(one["inbound"] for one in by_channel.values()),
            "outbound": sum(one["outbound"] for one in by_channel.values()),
            "by_channel": by_channel,
        }

    def _tasks(self) -> TaskFigures:
        departments = sorted({*self.created, *self.completed, *self.late})
        return {
            "created": self.created.total(),
            "completed": self.completed.total(),
            "late": self.late.total(),
            "by_department": [
                {
                    "department": one,
                    "created": self.created[one],
                    "completed": self.completed[one],
                    "late": self.late[one],
                }
                for one in departments
            ],
        }


def spread(seconds: Sequence[float]) -> Spread:
    """Median and ninth decile by nearest rank: each is a case that there was, in whole seconds."""
    ordered = sorted(seconds)
    if not ordered:
        return {"median": None, "p90": None}
    return {"median": _at(ordered, 0.5), "p90": _at(ordered, 0.9)}


def _at(ordered: Sequence[float], share: float) -> int:
    return round(ordered[math.ceil(share * len(ordered)) - 1])
