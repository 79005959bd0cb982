"""Which occasions there are: what an automation is begun for, once each, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import clock
from jack.core.query import Query
from jack.resources.automations import moments, skips
from jack.resources.automations.rows import AFTER_STAY, BY_DAY, OVERDUE, WAITING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.db import Database
    from jack.resources.automations.facts import Facts, StayFacts
    from jack.resources.automations.rows import AutomationRow, Trigger
    from jack.resources.automations.skips import Skip

BACK_HOURS = (
    48  # what is later than that is not even told of; of what comes before a day, that day counts
)
LATE_DAYS = 2  # so long after its day nobody is welcomed or thanked: a program has caught up
# What a stay must be for it to be written about before, at and after a day of it.
EXPECTED = "status IN ('booked', 'in_house')"
STAYED = "status IN ('booked', 'in_house', 'departed')"
OPEN_TASK = "status IN ('open', 'in_progress', 'blocked')"


class Found(NamedTuple):
    """A stay, conversation or task, and the moment for which it was found."""

    id: str
    at: str


class IdRow(TypedDict):
    """What was found, and since when."""

    id: str
    since: str


NOT_BEGUN = """NOT EXISTS (
            SELECT 1 FROM automation_occasions
            WHERE automation_id = :automation AND occasion = {0})"""

BY_ARRIVAL = f"""
    SELECT id FROM stays
    WHERE arrival = :day AND guest_id IS NOT NULL AND {{0}} AND {NOT_BEGUN.format("stays.id || ' ' || :day")}
    ORDER BY seq"""
BY_DEPARTURE = BY_ARRIVAL.replace("WHERE arrival =", "WHERE departure =")

WAITING_SINCE = Query[IdRow](f"""
    SELECT id, waiting_since AS since FROM conversations INDEXED BY conversations_waiting
    WHERE waiting_since > :after AND waiting_since <= :until AND status = 'open'
      AND {NOT_BEGUN.format("conversations.id || ' ' || waiting_since")}
    ORDER BY waiting_since""")

OVERDUE_SINCE = Query[IdRow](f"""
    SELECT id, due_at AS since FROM tasks INDEXED BY tasks_by_due
    WHERE due_at > :after AND due_at <= :until AND {OPEN_TASK}
      AND {NOT_BEGUN.format("tasks.id || ' ' || due_at")}
    ORDER BY due_at""")


def looks_back(trigger: Trigger, now: str) -> str:
    """From which moment on something that has not been begun in time is looked for."""
    days = -trigger["days"] if trigger["type"] in BY_DAY else 0
    return clock.later(now, hours=-BACK_HOURS, days=-max(0, days))


def is_caught_up(trigger: Trigger, facts: Facts, at: str, zone: str) -> bool:
    """Whether a check-in or check-out is told of long after its day, by a program that was down for a while."""
    if trigger["type"] not in AFTER_STAY or facts.stay is None:
        return False
    day = facts.stay["arrival" if trigger["type"] == "stay.checked_in" else "departure"]
    return moments.days_later(day, LATE_DAYS) <= moments.local(at, zone).date().isoformat()


def due(db: Database, automation: AutomationRow, *, after: str, until: str) -> Iterator[Found]:
    """What an automation by time is due for after one moment and up to another, and has not been begun for."""
    trigger = automation["trigger"]
    if trigger["type"] in BY_DAY:
        yield from _by_day(db, automation, after, until)
    elif trigger["type"] in (WAITING, OVERDUE):
        minutes = trigger["minutes"]
        query = WAITING_SINCE if trigger["type"] == WAITING else OVERDUE_SINCE
        wanted = {
            "automation": automation["id"],
            "after": clock.later(after, minutes=-minutes),
            "until": clock.later(until, minutes=-minutes),
        }
        for row in db.all(query, wanted):
            yield Found(row["id"], clock.later(row["since"], minutes=minutes))


def _by_day(db: Database, automation: AutomationRow, after: str, until: str) -> Iterator[Found]:
    trigger, zone = automation["trigger"], moments.zone(db)
    is_arrival = trigger["type"] == "stay.arrival"
    leaves = STAYED if not is_arrival and trigger["days"] >= 0 else EXPECTED
    sql = (BY_ARRIVAL if is_arrival else BY_DEPARTURE).format(leaves)
    first, last = moments.local(after, zone).date(), moments.local(until, zone).date()
    for back in range((last - first).days + 3):
        day = moments.days_later(first.isoformat(), back - 1 - trigger["days"])
        at = moments.of_day(day, trigger["days"], trigger["at"], zone)
        if after < at <= until:
            for id in db.column(sql, {"day": day, "automation": automation["id"]}):
                yield Found(id, at)


def key(trigger: Trigger, facts: Facts) -> str:
    """What the occasion is called: it changes with what makes it another one."""
    kind = trigger["type"]
    if facts.kind == "stay" and facts.stay is not None:
        is_arrival = kind in ("stay.arrival", "stay.checked_in")
        return f"{facts.id} {facts.stay['arrival' if is_arrival else 'departure']}"
    if facts.kind == "task" and facts.task is not None:
        return f"{facts.id} {facts.task['due_at' if kind == OVERDUE else 'completed_at']}"
    if kind == "conversation.created" or facts.conversation is None:
        return facts.id
    return f"{facts.id} {facts.conversation['waiting_since']}"


def moment(db: Database, trigger: Trigger, facts: Facts) -> str | None:
    """The moment that follows from what is known; None of what is due when it happens."""
    if trigger["type"] in BY_DAY and facts.stay is not None:
        day = facts.stay["arrival" if trigger["type"] == "stay.arrival" else "departure"]
        return moments.of_day(day, trigger["days"], trigger["at"], moments.zone(db))
    since = None
    if trigger["type"] == WAITING and facts.conversation is not None:
        since = facts.conversation["waiting_since"]
    if trigger["type"] == OVERDUE and facts.task is not None:
        since = facts.task["due_at"]
    return clock.later(since, minutes=trigger["minutes"]) if since else None


def void(trigger: Trigger, facts: Facts, occasion: str) -> Skip | None:
    """Why there is nothing to be done for an occasion any more, whatever the conditions say."""
    kind = trigger["type"]
    if facts.kind == "stay" and facts.stay is not None:
        return _void_stay(trigger, facts.stay, occasion)
    if facts.kind == "task" and facts.task is not None:
        status = facts.task["status"]
        wanted = ("open", "in_progress", "blocked") if kind == OVERDUE else ("completed",)
        if status not in wanted:
            return skips.TASK_CHANGED
        return None if key(trigger, facts) == occasion else skips.TASK_CHANGED
    return None if key(trigger, facts) == occasion else skips.ANSWERED


def _void_stay(trigger: Trigger, stay: StayFacts, occasion: str) -> Skip | None:
    if stay["status"] in ("cancelled", "no_show"):
        return skips.CANCELLED
    if trigger["type"] in AFTER_STAY:
        return _void_after(trigger, stay)
    is_arrival = trigger["type"] == "stay.arrival"
    day = stay["arrival" if is_arrival else "departure"]
    if f"{stay['id']} {day}" != occasion:
        return skips.MOVED
    on = moments.days_later(day, trigger["days"])
    if is_arrival and (on > stay["departure"] or stay["status"] == "departed"):
        return skips.LEFT
    before = trigger["days"] < 0
    if not is_arrival and before and (on < stay["arrival"] or stay["status"] == "departed"):
        return skips.LEFT
    return None


def _void_after(trigger: Trigger, stay: StayFacts) -> Skip | None:
    """What was begun by a check-in or check-out ends when that is taken back, whatever the days are now."""
    if trigger["type"] == "stay.checked_in" and stay["status"] == "departed":
        return skips.LEFT
    wanted = "in_house" if trigger["type"] == "stay.checked_in" else "departed"
    return None if stay["status"] == wanted else skips.TAKEN_BACK
