"""What `/metrics` answers, in the text format of Prometheus (0.0.4): numbers of the whole hotel, nothing of any guest."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.request_counts import BOUNDS, STATUSES, totals
from jack.core.version import __version__
from jack.resources.backups import schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jack.core.db import Database

# Name, what it is, and a statement that counts it: cheap, however large the tables are.
GAUGES = (
    ("jack_outbox_waiting", "Messages that wait to be sent", "SELECT count(*) FROM outbox"),
    ("jack_conversations_waiting", "Conversations in which a guest waits for an answer",
     "SELECT coalesce(sum(conversations), 0) FROM conversation_counts WHERE waiting"),
    ("jack_tasks_open", "Tasks that are not completed or cancelled",
     "SELECT coalesce(sum(tasks), 0) FROM task_counts WHERE status NOT IN ('completed', 'cancelled')"),
    ("jack_channels_paused", "Channels that Jack has paused",
     "SELECT count(*) FROM channel_accounts WHERE paused_at IS NOT NULL"),
    ("jack_webhooks_pending", "Webhook deliveries that are to be sent",
     "SELECT count(*) FROM webhook_deliveries WHERE next_attempt_at IS NOT NULL"),
    ("jack_events_total", "Things that have happened",
     "SELECT coalesce(max(seq), 0) FROM events"),
)  # fmt: skip

OLDEST_DUE = "SELECT min(due_at) FROM outbox"


def text(db: Database) -> str:
    """All of it."""
    return "\n".join((*_about(), *_gauges(db), *_files(db), *_requests(db))) + "\n"


def _about() -> Iterator[str]:
    yield from _head("jack_info", "gauge", "The version that runs")
    yield f'jack_info{{version="{__version__}"}} 1'


def _gauges(db: Database) -> Iterator[str]:
    for name, help, sql in GAUGES:
        yield from _one(
            name, help, db.value(sql), "counter" if name.endswith("_total") else "gauge"
        )
    now, oldest = clock.parse(db.now()), db.value(OLDEST_DUE)
    late = (now - clock.parse(oldest)).total_seconds() if oldest else 0.0
    yield from _one(
        "jack_outbox_late_seconds", "How late the oldest message that is due is", max(0.0, late)
    )
    age = (now - clock.parse(schedule.last_success(db))).total_seconds()
    yield from _one("jack_backup_age_seconds", "How old the newest good backup is", max(0.0, age))


def _files(db: Database) -> Iterator[str]:
    for name, end in (("jack_database_bytes", ""), ("jack_wal_bytes", "-wal")):
        path = db.path.with_name(db.path.name + end)
        size = path.stat().st_size if path.exists() else 0
        yield from _one(name, "Size of the database" + (", its log" if end else ""), size)
    disk = shutil.disk_usage(db.path.parent)
    yield from _one("jack_disk_free_bytes", "Free space where the hotel's files are", disk.free)
    yield from _one("jack_disk_bytes", "Size of that disk", disk.total)


def _requests(db: Database) -> Iterator[str]:
    """Those of all processes, by kind and status, and how long they took."""
    found = totals(db.path.parent)
    name = "jack_requests_total"
    yield from _head(name, "counter", "Requests answered")
    for kind, numbers in found.items():
        for status, number in zip(STATUSES, numbers, strict=False):
            yield f'{name}{{kind="{kind}",status="{status}"}} {number:.0f}'
    name = "jack_request_seconds"
    yield from _head(name, "histogram", "How long they took")
    for kind, numbers in found.items():
        below, so_far = numbers[len(STATUSES) : -1], 0.0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), below, strict=True):
            so_far += number
            yield f'{name}_bucket{{kind="{kind}",le="{bound}"}} {so_far:.0f}'
        yield f'{name}_sum{{kind="{kind}"}} {numbers[-1]:.6f}'
        yield f'{name}_count{{kind="{kind}"}} {so_far:.0f}'


def _head(name: str, type: str, help: str) -> Iterator[str]:
    yield f"# HELP {name} {help}"
    yield f"# TYPE {name} {type}"


def _one(name: str, help: str, value: float, type: str = "gauge") -> Iterator[str]:
    yield from _head(name, type, help)
    yield f"{name} {round(value, 3)}"
