"""How often automations are looked at: by the clock now and then, whatever happens in between."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from jack.core import clock as clocks
from jack.core.databases import Databases
from jack.messaging.outgoing import SigningContext
from jack.resources.tasks import store as tasks
from jack.worker.jobs import AUTOMATIONS_LOOK, Jobs
from tests.builders import make_automation, make_task

if TYPE_CHECKING:
    from jack.core.db import Database
    from tests.conftest import Clock

RUNS = "SELECT subject_id FROM automation_runs ORDER BY seq"


def test_what_happens_makes_nobody_look_at_the_clock(db: Database, clock: Clock) -> None:
    since = 0.0
    signing = SigningContext("secret", "https://hotel.example")
    jobs = Jobs(Databases(db.path), signing, {}, threading.Event(), lambda: since)
    for trigger in ({"type": "task.completed"}, {"type": "task.overdue", "minutes": 10}):
        make_automation(db, trigger=trigger, enabled=True)
    jobs.run_automations(db)
    late = make_task(db, due_at=clocks.later(db.now(), minutes=1))["id"]
    clock.move(660)
    done = make_task(db)["id"]
    tasks.change(db, done, status="completed")
    since = AUTOMATIONS_LOOK - 1
    jobs.run_automations(db)
    assert db.column(RUNS) == [done]
    since = AUTOMATIONS_LOOK
    jobs.run_automations(db)
    assert db.column(RUNS) == [done, late]
