"""What the worker does for automations: it looks what they are due for, and does it, once each.

An occasion is a row, written in the transaction of all that is done for it: whoever is killed has done nothing of it, and of two
workers the second finds the row. A message goes into the outbox in that transaction, which sends it once, or says `unknown`.
"""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.db import savepoint, transaction
from jack.core.errors import JackError, NotFound, Unavailable
from jack.resources.automations import (
    actions,
    conditions,
    facts,
    happenings,
    moments,
    occasions,
    ready_made,
    runs,
    skips,
    store,
    waiting,
)
from jack.resources.automations.plans import Plan, Planner, is_late
from jack.resources.automations.rows import BY_CLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jack.core.db import Database
    from jack.resources.automations.facts import Facts
    from jack.resources.automations.rows import Action, AutomationRow

log = logging.getLogger("jack.worker")

BATCH = 50  # occasions of one transaction
BROKE = "Something went wrong; the log says what."

ANY_ENABLED = "SELECT EXISTS (SELECT 1 FROM automations WHERE enabled)"


def any_enabled(db: Database) -> bool:
    """Whether one is switched on."""
    return bool(db.value(ANY_ENABLED))


def has_news(db: Database) -> bool:
    """Whether there is something to do that is not found by looking at the clock; quick, for it is asked once a second."""
    if not ready_made.are_made(db) and ready_made.are_wanted(db):
        return True
    return any_enabled(db) and (happenings.any_new(db) or waiting.any_due(db))


def look(
    db: Database, stopped: Callable[[], bool] = lambda: False, *, by_clock: bool = True
) -> None:
    """Do all that is due now, until `stopped` says so; without `by_clock` only what has happened and what has waited for its time."""
    ready_made.make(db)
    happenings.collect(db)
    if by_clock:
        _begin_by_clock(db, stopped)
    while not stopped() and (rows := waiting.due(db, BATCH)):
        with transaction(db):
            for row in rows:
                _begin_waiting(db, row)


def _begin_by_clock(db: Database, stopped: Callable[[], bool]) -> None:
    """Begin what is found by looking: the days of stays, who waits, tasks that are late."""
    for automation in store.enabled(db):
        if automation["trigger"]["type"] in BY_CLOCK:
            found = [one.id for one in _due(db, automation)]
            for batch in _batches(found, stopped):
                with transaction(db):
                    for id in batch:
                        _begin_by_time(db, automation["id"], id)


def _due(db: Database, automation: AutomationRow) -> Iterator[occasions.Found]:
    now = db.now()
    begun = clock.later(automation["enabled_at"] or now, milliseconds=-1)
    after = max(occasions.looks_back(automation["trigger"], now), begun)
    return occasions.due(db, automation, after=after, until=now)


def _batches(found: Sequence[str], stopped: Callable[[], bool]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(found), BATCH):
        if stopped():
            return
        yield found[begin : begin + BATCH]


def _begin_by_time(db: Database, automation_id: str, subject_id: str) -> None:
    """Begin an automation by time, by what it and what it is about are now. In a transaction."""
    automation = _enabled(db, automation_id)
    if automation is None:
        return
    trigger, now = automation["trigger"], db.now()
    kind = trigger["type"].partition(".")[0]
    for one in facts.read(db, kind, [subject_id]):
        occasion = occasions.key(trigger, one)
        at = occasions.moment(db, trigger, one)
        if at is None or at > now or at < (automation["enabled_at"] or now):
            return
        if occasions.void(trigger, one, occasion) is not None:
            return  # what it is about is another one now
        if waiting.claim(db, automation_id, occasion, subject_id, at):
            _act(db, automation, one, occasion, at)


def _begin_waiting(db: Database, row: waiting.WaitingRow) -> None:
    """Begin what has waited for its time. In a transaction."""
    automation = _enabled(db, row["automation_id"])
    if not waiting.take(db, row["automation_id"], row["occasion"]) or automation is None:
        return
    for one in facts.read(db, row["kind"], [row["subject_id"]]):
        gone = occasions.void(automation["trigger"], one, row["occasion"])
        if gone is not None:
            runs.skip_all(db, automation, one, row["occasion"], gone)
            waiting.release(db, automation["id"], row["occasion"])
        else:
            _act(db, automation, one, row["occasion"], row["due_at"])


def _enabled(db: Database, automation_id: str) -> AutomationRow | None:
    """The automation as it is now; None where it is off or gone."""
    try:
        found = store.get(db, automation_id)
    except NotFound:
        return None
    return found if found["enabled"] else None


def _act(db: Database, automation: AutomationRow, one: Facts, occasion: str, at: str) -> None:
    """Do what it does, if its conditions hold; not in the quiet hours, and not over six hours late."""
    now, zone = db.now(), moments.zone(db)
    if not conditions.hold(db, automation, one, now, zone):
        return
    if is_late(waiting.begins(automation, at, zone), now):
        runs.skip_all(db, automation, one, occasion, skips.TOO_LATE)
        return
    begins = waiting.begins(automation, now, zone)
    if begins > now:
        waiting.postpone(db, automation["id"], occasion, begins)
        return
    planner = Planner(db, automation, zone, occasion=occasion)
    for action in automation["actions"]:
        _do(planner, action, one, now)


def _do(planner: Planner, action: Action, one: Facts, now: str) -> None:
    """Do an action, and write down what has come of it; one that fails takes no other with it."""
    db, automation, occasion = planner.db, planner.automation, planner.occasion
    try:
        with savepoint(db):
            plan = planner.plan(action, one, now)
            if not isinstance(plan, Plan):
                runs.skip(db, automation["id"], one, occasion, action["type"], plan)
                return
            done = actions.do(db, automation["id"], action, one, plan)
            run_id = runs.record(
                db,
                automation["id"],
                occasion,
                one,
                action["type"],
                result="done",
                message_id=done.message_id,
                task_id=done.task_id,
                told=plan.staff or None,
                template_id=action.get("template_id"),
            )
            actions.tell(db, automation["id"], run_id, one, plan)
    except Unavailable:
        raise
    except JackError as error:
        reason = getattr(error, "reason", None) or "refused"
        _record_failure(db, automation, one, occasion, action, reason, error.message)
    except Exception as error:  # it is not tried again: that it has failed is to be seen
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("an automation failed with %s\n%s", type(error).__name__, where)
        _record_failure(db, automation, one, occasion, action, "broke", BROKE)
    planner.planned.clear()  # what is sent is counted by its run


def _record_failure(
    db: Database,
    automation: AutomationRow,
    one: Facts,
    occasion: str,
    action: Action,
    reason: str,
    because: str,
) -> None:
    runs.record(
        db,
        automation["id"],
        occasion,
        one,
        action["type"],
        result="failed",
        reason=reason,
        because=because,
    )
