"""What an automation would do in the next 14 days: judged by the same code as what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock
from jack.core.query import Query
from jack.resources.automations import conditions, facts, moments, occasions, waiting
from jack.resources.automations.plans import Plan, Planner
from jack.resources.automations.rows import AFTER_STAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.db import Database
    from jack.resources.automations.facts import Facts
    from jack.resources.automations.rows import Action, AutomationRow

DAYS = 14
MOST = 500
AFTERNOON = "15:00"  # by what time conditions of somebody are judged who comes or leaves on a day


class ForeseenRow(TypedDict):
    """What an action would do, or why not."""

    guest_id: str | None
    guest_name: str | None
    stay_id: str | None
    subject_type: str
    subject_id: str
    at: str | None
    action: str
    channel: str | None
    content: str | None
    reason: str | None
    skipped_because: str | None


class IdRow(TypedDict):
    """Something that was found."""

    id: str


EXPECTED = {
    "stay.checked_in": Query[IdRow]("""
        SELECT id FROM stays WHERE arrival >= :first AND arrival <= :last AND status = 'booked' AND guest_id IS NOT NULL
        ORDER BY arrival, seq"""),
    "stay.checked_out": Query[IdRow]("""
        SELECT id FROM stays
        WHERE departure >= :first AND departure <= :last AND status IN ('booked', 'in_house') AND guest_id IS NOT NULL
        ORDER BY departure, seq"""),
}


def foreseen(db: Database, automation: AutomationRow) -> list[ForeseenRow]:
    """What it would do, as if it was on, in the order of the times; what nobody knows the time of yet comes last."""
    planner = Planner(db, automation, moments.zone(db))
    return [row for occasion in _occasions(db, automation) for row in _rows(planner, *occasion)]


def _occasions(db: Database, automation: AutomationRow) -> Iterator[tuple[Facts, str | None, str]]:
    """What it would be begun for: when, and the time by which it is judged."""
    now, trigger, zone = db.now(), automation["trigger"], moments.zone(db)
    until = clock.later(now, days=DAYS)
    for row in waiting.of(db, automation["id"]):
        for one in facts.read(db, row["kind"], [row["subject_id"]]):
            if occasions.void(trigger, one, row["occasion"]) is None:
                yield one, row["due_at"], row["due_at"]
    found = list(occasions.due(db, automation, after=now, until=until))
    kind = trigger["type"].partition(".")[0]
    times = {one.id: one.at for one in found}
    known = facts.read(db, kind, times)
    for one in sorted(known, key=lambda one: times[one.id]):
        if occasions.void(trigger, one, occasions.key(trigger, one)) is None:
            at = waiting.begins(automation, times[one.id], zone)
            yield one, at, at
    if trigger["type"] in AFTER_STAY:
        yield from _expected(db, trigger["type"], now, until)


def _expected(db: Database, kind: str, now: str, until: str) -> Iterator[tuple[Facts, None, str]]:
    """Who is to come or to leave; nobody knows at what time."""
    zone = moments.zone(db)
    days = {
        name: moments.local(at, zone).date().isoformat()
        for name, at in (("first", now), ("last", until))
    }
    for one in facts.stays(db, [row["id"] for row in db.all(EXPECTED[kind], days)]):
        if one.stay is not None:
            day = one.stay["arrival" if kind == "stay.checked_in" else "departure"]
            hour = one.stay["eta"] if kind == "stay.checked_in" else None
            yield one, None, max(now, moments.of_day(day, 0, hour or AFTERNOON, zone))


def _rows(planner: Planner, one: Facts, at: str | None, judged_at: str) -> Iterator[ForeseenRow]:
    if not conditions.hold(planner.db, planner.automation, one, judged_at, planner.zone):
        return
    for action in planner.automation["actions"]:
        yield _row(planner, action, one, at, judged_at)


def _row(
    planner: Planner, action: Action, one: Facts, at: str | None, judged_at: str
) -> ForeseenRow:
    plan = planner.plan(action, one, judged_at)
    done = plan if isinstance(plan, Plan) else None
    return {
        "guest_id": one.guest_id,
        "guest_name": one.guest["name"] if one.guest else None,
        "stay_id": one.stay["id"] if one.stay else None,
        "subject_type": one.kind,
        "subject_id": one.id,
        "at": at,
        "action": action["type"],
        "channel": done.channel if done else None,
        "content": done.content if done else None,
        "reason": None if isinstance(plan, Plan) else plan.reason,
        "skipped_because": None if isinstance(plan, Plan) else plan.because,
    }
