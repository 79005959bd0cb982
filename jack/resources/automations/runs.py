"""What has come of each action of an automation, kept a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import clock
from jack.core.db import as_json
from jack.core.errors import NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.walking import Wanted, walk
from jack.resources.automations import store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.automations.facts import Facts
    from jack.resources.automations.rows import AutomationRow
    from jack.resources.automations.skips import Skip

DAYS = 365


class SubjectRow(TypedDict):
    """What a run was for."""

    type: str
    id: str


class RunColumns(TypedDict):
    """What is answered of a run as it is stored."""

    seq: int
    id: str
    at: str
    guest_id: str | None
    guest_name: str | None
    action: str
    result: str
    reason: str | None
    because: str | None
    message_id: str | None
    message_status: str | None
    task_id: str | None


class StoredRun(RunColumns):
    """A run as it is stored."""

    subject_type: str
    subject_id: str


class RunRow(RunColumns):
    """A run as it is answered."""

    subject: SubjectRow


COLUMNS = """seq, id, at, subject_type, subject_id, guest_id,
    (SELECT name FROM guests WHERE guests.id = guest_id) AS guest_name, action, result, reason, because, message_id,
    (SELECT status FROM messages WHERE messages.id = message_id) AS message_status, task_id"""

RECORD = """
    INSERT INTO automation_runs (id, automation_id, occasion, at, subject_type, subject_id, guest_id, action, result, reason,
                                 because, message_id, task_id, told, template_id)
    VALUES (:id, :automation, :occasion, :now, :subject_type, :subject_id, :guest_id, :action, :result, :reason,
            :because, :message_id, :task_id, :told, :template_id)"""

GET = Query[StoredRun](f"SELECT {COLUMNS} FROM automation_runs WHERE id = :id")

BY_SEQ = Query[StoredRun](
    f"SELECT {COLUMNS} FROM automation_runs WHERE seq IN (SELECT value FROM json_each(:seqs))"
)

# An automation that was deleted took thousands with it; the newest row stays, or its number would be used again.
DELETE_EXPIRED = """
    DELETE FROM automation_runs
    WHERE seq IN (SELECT seq FROM automation_runs WHERE at < :before ORDER BY at LIMIT :limit)
      AND seq < (SELECT max(seq) FROM automation_runs)"""


def get(db: Database, run_id: str) -> RunRow:
    """The run, or NotFound."""
    row = db.one(GET, {"id": run_id})
    if row is None:
        raise NotFound("Run not found")
    return _answered(row)


def record(
    db: Database,
    automation_id: str,
    occasion: str,
    facts: Facts,
    action: str,
    *,
    result: str,
    reason: str | None = None,
    because: str | None = None,
    message_id: str | None = None,
    task_id: str | None = None,
    told: Sequence[str] | None = None,
    template_id: str | None = None,
) -> str:
    """Write what has come of an action, in its transaction; returns the run's id."""
    run_id = db.new_id("run")
    row = {
        "id": run_id,
        "automation": automation_id,
        "occasion": occasion,
        "now": db.now(),
        "subject_type": facts.kind,
        "subject_id": facts.id,
        "guest_id": facts.guest_id,
        "action": action,
        "result": result,
        "reason": reason,
        "because": because,
        "message_id": message_id,
        "task_id": task_id,
        "told": None if told is None else as_json(list(told)),
        "template_id": template_id,
    }
    db.run(RECORD, row)
    return run_id


def skip_all(
    db: Database, automation: AutomationRow, facts: Facts, occasion: str, why: Skip
) -> None:
    """Write of each action of an automation why it is not done."""
    for action in automation["actions"]:
        skip(db, automation["id"], facts, occasion, action["type"], why)


def skip(
    db: Database, automation_id: str, facts: Facts, occasion: str, action: str, why: Skip
) -> None:
    """Write why an action is not done."""
    record(
        db,
        automation_id,
        occasion,
        facts,
        action,
        result="skipped",
        reason=why.reason,
        because=why.because,
    )


def search(
    db: Database, automation_id: str, *, result: str | None = None, page: Page | Place
) -> Listed[RunRow] | Walked[RunRow]:
    """A page of an automation's runs, newest first, or those after a place, oldest first. Raises NotFound."""
    store.get(db, automation_id)
    conditions = ["automation_id = :automation", *(["result = :result"] if result else [])]
    params = {"automation": automation_id} | ({"result": result} if result else {})
    if isinstance(page, Place):
        wanted = Wanted("automation_runs", conditions, params)
        return walk(db, wanted, page, lambda seqs: _by_seq(db, seqs))
    source = f"FROM automation_runs {where(conditions)}"
    listing = Query[StoredRun](
        f"SELECT {COLUMNS} {source} ORDER BY seq DESC LIMIT :limit OFFSET :offset"
    )
    rows = db.all(listing, {**params, "limit": page.limit, "offset": page.offset})
    total = db.cached_count(f"SELECT count(*) {source}", params)
    return Listed([_answered(row) for row in rows], total, page)


def delete_expired(db: Database, *, limit: int = 10_000) -> int:
    """Delete up to `limit` runs of more than a year ago; returns how many."""
    before = clock.later(db.now(), days=-DAYS)
    return db.run(DELETE_EXPIRED, {"before": before, "limit": limit})


def _by_seq(db: Database, seqs: list[int]) -> list[RunRow]:
    return [_answered(row) for row in db.all(BY_SEQ, {"seqs": as_json(seqs)})]


def _answered(row: StoredRun) -> RunRow:
    return {
        "seq": row["seq"],
        "id": row["id"],
        "at": row["at"],
        "subject": {"type": row["subject_type"], "id": row["subject_id"]},
        "guest_id": row["guest_id"],
        "guest_name": row["guest_name"],
        "action": row["action"],
        "result": row["result"],
        "reason": row["reason"],
        "because": row["because"],
        "message_id": row["message_id"],
        "message_status": row["message_status"],
        "task_id": row["task_id"],
    }
