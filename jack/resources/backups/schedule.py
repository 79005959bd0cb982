"""When a backup is due by itself, and when administrators are told that none has succeeded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from jack.core import clock
from jack.core.db import transaction
from jack.resources.backups import store
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from datetime import datetime

    from jack.core.db import Database

RETRY_MINUTES = 60
OVERDUE_HOURS = 48
# One that takes longer than this counts as none.
LONGEST_HOURS = 6

# Since when nothing was planned, where nothing has been: since there is this hotel.
LAST_PLANNED = "SELECT coalesce((SELECT max(created_at) FROM backups WHERE reason = 'nightly'), (SELECT created_at FROM instance))"

LAST_FAILED = """
    SELECT CASE WHEN status = 'failed' THEN finished_at END FROM backups
    WHERE reason = 'nightly' ORDER BY created_at DESC, seq DESC LIMIT 1"""

# What could not be copied off the machine is no success.
LAST_SUCCESS = """
    SELECT coalesce(
        (SELECT max(created_at) FROM backups WHERE status = 'done' AND copy_error IS NULL),
        (SELECT created_at FROM instance))"""

PENDING = "SELECT EXISTS (SELECT 1 FROM backups WHERE status IN ('queued', 'running') AND created_at > :since)"

WARNED = "SELECT EXISTS (SELECT 1 FROM backup_warning)"
WARN = "INSERT INTO backup_warning (only, told_at) VALUES (1, :now) ON CONFLICT DO NOTHING"
CALM = "DELETE FROM backup_warning"

News = Literal["overdue", "well"]


def plan_nightly(db: Database) -> bool:
    """Plan the backup of the night once its hour has come, and again an hour after one has failed; returns whether it was."""
    wanted = settings.value(db, "backups")
    if not wanted["enabled"] or store.due(db) is not None:
        return False
    now = clock.parse(db.now())
    failed = db.value(LAST_FAILED)
    if failed is not None:
        due = now >= clock.parse(failed) + timedelta(minutes=RETRY_MINUTES)
    else:
        zone = ZoneInfo(settings.value(db, "hotel")["timeZone"])
        due = clock.parse(db.value(LAST_PLANNED)) < _last_hour(now.astimezone(zone), wanted["hour"])
    if due:
        with transaction(db):
            store.plan(db, "nightly")
    return due


def _last_hour(now: datetime, hour: int) -> datetime:
    """When it was last this hour, by the clock that `now` is of; one that a day leaves out is an hour later there."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    # Moments are compared as such: two of the same zone compare by the clock on the wall.
    found = today if today.timestamp() <= now.timestamp() else today - timedelta(days=1)
    return clock.parse(clock.render(found))


def news(db: Database) -> News | None:
    """What administrators are to be told: that none has succeeded for 48 hours, or after that, that one has."""
    if not settings.value(db, "backups")["enabled"]:
        return None
    warned = bool(db.value(WARNED))
    if db.value(LAST_SUCCESS) >= clock.later(db.now(), hours=-OVERDUE_HOURS):
        return "well" if warned else None
    since = clock.later(db.now(), hours=-LONGEST_HOURS)
    pending = db.value(PENDING, {"since": since})
    return None if warned or pending else "overdue"


def last_success(db: Database) -> str:
    """When the last good backup was begun; before there was one, since when there is this hotel."""
    found: str = db.value(LAST_SUCCESS)
    return found


def told(db: Database, what: News) -> None:
    """Note that they have been told."""
    with transaction(db):
        if what == "overdue":
            db.run(WARN, {"now": db.now()})
        else:
            db.run(CALM)
