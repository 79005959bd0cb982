"""The overview: every figure is counted anew from rows when it is asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict
from zoneinfo import ZoneInfo

from jack.core.query import Query
from jack.resources.reports import periods
from jack.resources.reports.periods import LocalClock, Period, Step
from jack.resources.reports.tally import Figures, Tally
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from datetime import date

    from jack.core.db import Database


class MessagesRow(TypedDict):
    """How many messages of a kind there were in an hour or a quarter of one."""

    stretch: str
    channel: str
    direction: Literal["inbound", "outbound"]
    messages: int


class OpenedRow(TypedDict):
    """A conversation, and after how many seconds its guest was answered first; None: not yet, or they asked nothing."""

    at: str
    channel: str
    seconds: float | None


class SpanRow(TypedDict):
    """Something that has taken so many seconds."""

    at: str
    seconds: float


class TaskRow(TypedDict):
    """A task of a department."""

    at: str
    department: str


class Days(TypedDict):
    """A period, both days included."""

    first: str
    last: str


class Point(Figures):
    """The figures of a part of a period, and its first day."""

    date: str


class PeriodFigures(Figures):
    """The figures of a period: as a whole, of guests' messages by weekday (Monday first) and hour, and by part."""

    period: Days
    by_hour_of_week: list[list[int]]
    series: list[Point]


class Overview(PeriodFigures):
    """The figures of a period and of the one before."""

    zone: str
    by: Step
    previous: PeriodFigures


LONG_WAIT = 15 * 60

# Of what was written to guests, what failed has not reached them.
MESSAGES = Query[MessagesRow]("""
    SELECT iif(:minutes = 60, substr(messages.created_at, 1, 14) || '00', substr(messages.created_at, 1, 14)
               || printf('%02d', substr(messages.created_at, 15, 2) / :minutes * :minutes)) AS stretch,
           channel, direction, count(*) AS messages
    FROM messages JOIN conversations ON conversations.seq = conversation_seq
    WHERE messages.created_at >= :start AND messages.created_at < :end AND type <> 'note'
      AND messages.status IN ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'unknown')
    GROUP BY stretch, channel, direction""")

OPENED = Query[OpenedRow]("""
    SELECT created_at AS at, channel,
           unixepoch(first_response_at, 'subsec') - unixepoch(
               (SELECT min(since) FROM waits WHERE conversation_seq = conversations.seq AND since <= first_response_at),
               'subsec') AS seconds
    FROM conversations WHERE created_at >= :start AND created_at < :end""")

CLOSED = Query[SpanRow]("""
    SELECT closed_at AS at, unixepoch(closed_at, 'subsec') - unixepoch(opened_at, 'subsec') AS seconds
    FROM closings WHERE closed_at >= :start AND closed_at < :end""")

# Who waits now has waited up to now.
WAITS = Query[
    SpanRow
]("""
    SELECT since AS at, unixepoch(ended_at, 'subsec') - unixepoch(since, 'subsec') AS seconds
    FROM waits WHERE since >= :start AND since < :end
    UNION ALL
    SELECT waiting_since, unixepoch(:now, 'subsec') - unixepoch(waiting_since, 'subsec')
    FROM conversations INDEXED BY conversations_waiting WHERE waiting_since >= :start AND waiting_since < :end""")

CREATED = Query[TaskRow](
    "SELECT created_at AS at, department FROM tasks WHERE created_at >= :start AND created_at < :end"
)

COMPLETED = Query[TaskRow]("""
    SELECT completed_at AS at, department FROM tasks
    WHERE completed_at IS NOT NULL AND completed_at >= :start AND completed_at < :end""")

LATE = Query[
    TaskRow
]("""
    SELECT due_at AS at, department FROM tasks
    WHERE due_at >= :start AND due_at < :end AND status <> 'cancelled' AND coalesce(completed_at, :now) > due_at""")


@dataclass
class Count:
    """What is counted of a period: as a whole, by part, and by weekday and hour."""

    period: Period
    by: Step
    whole: Tally = field(default_factory=Tally)
    parts: defaultdict[date, Tally] = field(default_factory=lambda: defaultdict(Tally))
    hours: list[list[int]] = field(default_factory=lambda: [[0] * 24 for _ in range(7)])

    def figures(self) -> PeriodFigures:
        """What was counted."""
        return {
            "period": {"first": str(self.period.first), "last": str(self.period.last)},
            **self.whole.figures(),
            "by_hour_of_week": self.hours,
            "series": [
                {"date": str(day), **self.parts[day].figures()}
                for day in self.period.parts(self.by)
            ],
        }


class Counting:
    """Counts rows of two periods, one after the other, that have one clock."""

    def __init__(self, counts: tuple[Count, Count], local: LocalClock) -> None:
        self._before, self._now = counts
        self._local = local

    def messages(self, rows: list[MessagesRow]) -> None:
        """Messages, those of guests also by the hours of a week."""
        for row in rows:
            kind, several = (row["channel"], row["direction"]), row["messages"]
            day, hour = self._local.read(row["stretch"])
            count = self._count(day)
            count.whole.messages[kind] += several
            count.parts[count.period.part_of(day, count.by)].messages[kind] += several
            if row["direction"] == "inbound":
                count.hours[day.weekday()][hour] += several

    def opened(self, rows: list[OpenedRow]) -> None:
        """Conversations, and how long their guests waited for the first answer."""
        for row in rows:
            for tally in self._tallies(row["at"]):
                tally.opened[row["channel"]] += 1
                if row["seconds"] is not None:
                    tally.answers.append(row["seconds"])

    def closed(self, rows: list[SpanRow]) -> None:
        """Closings, and how long the conversations were open."""
        for row in rows:
            for tally in self._tallies(row["at"]):
                tally.closings.append(row["seconds"])

    def waits(self, rows: list[SpanRow]) -> None:
        """Waits that were long."""
        for row in rows:
            if row["seconds"] > LONG_WAIT:
                for tally in self._tallies(row["at"]):
                    tally.long_waits += 1

    def tasks(self, rows: list[TaskRow], name: Literal["created", "completed", "late"]) -> None:
        """Tasks, by department."""
        for row in rows:
            for tally in self._tallies(row["at"]):
                getattr(tally, name)[row["department"]] += 1

    def _tallies(self, moment: str) -> tuple[Tally, Tally]:
        """Of the period and of the part of it that a moment is in."""
        day, _ = self._local.read(moment)
        count = self._count(day)
        return count.whole, count.parts[count.period.part_of(day, count.by)]

    def _count(self, day: date) -> Count:
        return self._before if day < self._now.period.first else self._now


def overview(
    db: Database, *, first: date | None = None, last: date | None = None, by: Step = "day"
) -> Overview:
    """The figures of the days from `first` to `last`, and of the period before; without them of the last four weeks.

    Days and hours are those of the hotel's clock.
    """
    zone, now = ZoneInfo(settings.value(db, "hotel")["timeZone"]), db.now()
    period = periods.asked(first, last, zone, now)
    before = period.before()
    counts = Count(before, by), Count(period, by)
    local = LocalClock(before, period)
    counting = Counting(counts, local)
    params = {"start": before.start, "end": period.end, "now": now}
    counting.messages(db.all(MESSAGES, {**params, "minutes": local.minutes}))
    counting.opened(db.all(OPENED, params))
    counting.closed(db.all(CLOSED, params))
    counting.waits(db.all(WAITS, params))
    counting.tasks(db.all(CREATED, params), "created")
    counting.tasks(db.all(COMPLETED, params), "completed")
    counting.tasks(db.all(LATE, params), "late")
    return {"zone": zone.key, "by": by, **counts[1].figures(), "previous": counts[0].figures()}
