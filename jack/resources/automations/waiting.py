"""Occasions as rows: each once, begun at once or waiting for its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.query import Query
from jack.resources.automations import moments

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.rows import AutomationRow


class WaitingRow(TypedDict):
    """An occasion that waits for its time; `kind` is that of what it is about."""

    automation_id: str
    occasion: str
    kind: str
    subject_id: str
    due_at: str


KIND = """CASE WHEN subject_id GLOB 'stay-*' THEN 'stay' WHEN subject_id GLOB 'task-*' THEN 'task' ELSE 'conversation' END AS kind"""
COLUMNS = f"automation_id, occasion, {KIND}, subject_id, due_at"

DUE = Query[WaitingRow](f"""
    SELECT {COLUMNS} FROM automation_occasions INDEXED BY automation_occasions_due
    WHERE waits AND due_at <= :now ORDER BY due_at LIMIT :limit""")

ANY_DUE = """
    SELECT EXISTS (
        SELECT 1 FROM automation_occasions INDEXED BY automation_occasions_due WHERE waits AND due_at <= :now)"""

OF = Query[
    WaitingRow
](f"""
    SELECT {COLUMNS} FROM automation_occasions WHERE automation_id = :automation AND waits ORDER BY due_at""")

CLAIM = """
    INSERT INTO automation_occasions (automation_id, occasion, subject_id, due_at, since, waits)
    VALUES (:automation, :occasion, :subject, :due_at, :since, :waits)
    ON CONFLICT DO NOTHING"""

TAKE = """
    UPDATE automation_occasions SET waits = 0
    WHERE automation_id = :automation AND occasion = :occasion AND waits AND due_at <= :now"""

POSTPONE = """
    UPDATE automation_occasions SET waits = 1, due_at = :due_at, since = NULL
    WHERE automation_id = :automation AND occasion = :occasion"""

RELEASE = (
    "DELETE FROM automation_occasions WHERE automation_id = :automation AND occasion = :occasion"
)

SENDS = "send_template"


def begins(automation: AutomationRow, at: str, zone: str) -> str:
    """When an occasion of that moment is begun: of what writes to a guest not in the quiet hours, but at their end."""
    sends = any(action["type"] == SENDS for action in automation["actions"])
    return moments.after_quiet(automation, at, zone) if sends else at


def any_due(db: Database) -> bool:
    """Whether there is one whose time has come."""
    return bool(db.value(ANY_DUE, {"now": db.now()}))


def due(db: Database, limit: int) -> list[WaitingRow]:
    """Those whose time has come, the oldest first."""
    return db.all(DUE, {"now": db.now(), "limit": limit})


def of(db: Database, automation_id: str) -> list[WaitingRow]:
    """Those of an automation that wait."""
    return db.all(OF, {"automation": automation_id})


def claim(
    db: Database,
    automation_id: str,
    occasion: str,
    subject_id: str,
    due_at: str,
    *,
    since: str | None = None,
    waits: bool = False,
) -> bool:
    """Take an occasion, for ever; False when it has been taken. In the transaction of all that is done for it."""
    row = {
        "automation": automation_id,
        "occasion": occasion,
        "subject": subject_id,
        "due_at": due_at,
        "since": since,
        "waits": int(waits),
    }
    return bool(db.run(CLAIM, row))


def take(db: Database, automation_id: str, occasion: str) -> bool:
    """Begin one that has waited; False when somebody else has, or it waits on."""
    named = {"automation": automation_id, "occasion": occasion, "now": db.now()}
    return bool(db.run(TAKE, named))


def postpone(db: Database, automation_id: str, occasion: str, due_at: str) -> None:
    """Let one wait until then."""
    db.run(POSTPONE, {"automation": automation_id, "occasion": occasion, "due_at": due_at})


def release(db: Database, automation_id: str, occasion: str) -> None:
    """Forget one of which something was not done because it is none any more: when it is one again, it is judged anew.

    What another action has sent for it is not sent again: the plan knows of each template whether it was sent for the stay.
    """
    db.run(RELEASE, {"automation": automation_id, "occasion": occasion})
