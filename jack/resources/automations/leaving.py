"""A message of an automation that is about to leave, perhaps long after it was queued: whether it still should."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core.errors import NotFound
from jack.core.query import Query
from jack.resources.automations import facts, occasions, skips, store, waiting
from jack.resources.automations.plans import is_late

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.rows import AutomationRow
    from jack.resources.automations.skips import Skip
    from jack.resources.conversations.sendability import Blocker


class QueuedRow(TypedDict):
    """A message of an automation that nobody has sent again by hand, and the run that has queued it; without one, where the automation was deleted."""

    seq: int | None
    automation_id: str | None
    occasion: str
    at: str
    kind: str
    subject_id: str


QUEUED = Query[QueuedRow]("""
    SELECT automation_runs.seq, automation_id, occasion, at, subject_type AS kind, subject_id
    FROM messages LEFT JOIN automation_runs ON message_id = messages.id
    WHERE messages.id = :id AND author_type = 'automation' AND messages.details ->> '$.resent' IS NULL
    ORDER BY automation_runs.seq DESC LIMIT 1""")

SKIPPED = """
    UPDATE automation_runs SET result = 'skipped', reason = :reason, because = :because WHERE seq = :seq"""


def withdraw(db: Database, message_id: str) -> Skip | None:
    """Why a message is not to leave, which its run says then as well; None of one that may, and of what no automation has written.

    In the transaction of its claim.
    """
    row = db.one(QUEUED, {"id": message_id})
    if row is None:
        return None
    why = _reason(db, row)
    if why is not None:
        _note(db, row, why)
    return why


def kept_back(
    db: Database, message_id: str, blocker: Blocker | None, parts_sent: int
) -> str | None:
    """What keeps a message from leaving, in words: `blocker`, or what has changed since an automation has queued it.

    The run says so as well. One of which a part has left goes on, unless it is blocked.
    """
    if parts_sent > 0:
        return blocker.message if blocker else None
    if blocker is None:
        why = withdraw(db, message_id)
        return why.because if why else None
    row = db.one(QUEUED, {"id": message_id})
    if row is not None:
        _note(db, row, skips.Skip(blocker.reason, blocker.message))
    return blocker.message


def _note(db: Database, row: QueuedRow, why: Skip) -> None:
    if row["seq"] is not None:
        db.run(SKIPPED, {"seq": row["seq"], "reason": why.reason, "because": why.because})


def _reason(db: Database, row: QueuedRow) -> Skip | None:
    automation = _automation(db, row)
    if automation is None:
        return skips.OFF
    if is_late(row["at"], db.now()):
        return skips.TOO_LATE
    found = facts.read(db, row["kind"], [row["subject_id"]])
    if not found:
        return skips.GONE
    if found[0].guest is None or found[0].guest["blocked"]:
        return skips.BLOCKED if found[0].guest else skips.NO_GUEST
    why = occasions.void(automation["trigger"], found[0], row["occasion"])
    if why is not None:
        waiting.release(db, automation["id"], row["occasion"])
    return why


def _automation(db: Database, row: QueuedRow) -> AutomationRow | None:
    """The automation that has queued it; None where it is off or gone."""
    try:
        found = store.get(db, row["automation_id"] or "")
    except NotFound:
        return None
    return found if found["enabled"] else None
