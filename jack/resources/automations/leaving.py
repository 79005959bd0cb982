"""A message of an automation that is about to leave, perhaps long after it was queued: whether it still should."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.channels.results import Permanent, Retry
from jack.core import clock
from jack.core.errors import NotFound
from jack.core.query import Query
from jack.resources.automations import facts, moments, occasions, skips, store, waiting
from jack.resources.automations.plans import LATE_HOURS, is_late

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.facts import Facts
    from jack.resources.automations.rows import AutomationRow
    from jack.resources.automations.skips import Skip
    from jack.resources.conversations.sendability import Blocker


QUIET = "It waits for the end of the automation's quiet hours."


class QueuedRow(TypedDict):
    """A message of an automation that nobody has sent again by hand, and the run that has queued it; without one, where the automation was deleted."""

    seq: int | None
    automation_id: str | None
    occasion: str
    at: str
    kind: str
    subject_id: str
    receiver: str | None


QUEUED = Query[QueuedRow]("""
    SELECT automation_runs.seq, automation_id, occasion, at, subject_type AS kind, subject_id,
           conversations.guest_id AS receiver
    FROM messages JOIN conversations ON conversations.id = messages.conversation_id
    LEFT JOIN automation_runs ON message_id = messages.id
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
) -> Permanent | Retry | None:
    """What keeps a message from leaving: `blocker`, what has changed since an automation has queued it, or its quiet hours until they end.

    The run says so as well, unless it only waits. One of which a part has left goes on, unless it is blocked.
    """
    if parts_sent > 0:
        return Permanent(blocker.message) if blocker else None
    if blocker is None:
        why = withdraw(db, message_id)
        return Permanent(why.because) if why else _quiet(db, message_id)
    row = db.one(QUEUED, {"id": message_id})
    if row is not None:
        _note(db, row, skips.Skip(blocker.reason, blocker.message))
    return Permanent(blocker.message)


def _quiet(db: Database, message_id: str) -> Retry | None:
    """Until when the quiet hours of its automation keep a message: it was queued before they began."""
    row = db.one(QUEUED, {"id": message_id})
    automation = _automation(db, row) if row is not None else None
    if automation is None:
        return None
    now = db.now()
    end = moments.after_quiet(automation, now, moments.zone(db))
    left = (clock.parse(end) - clock.parse(now)).total_seconds()
    return Retry(QUIET, after=left) if left > 0 else None


def _note(db: Database, row: QueuedRow, why: Skip) -> None:
    if row["seq"] is not None:
        db.run(SKIPPED, {"seq": row["seq"], "reason": why.reason, "because": why.because})


def _reason(db: Database, row: QueuedRow) -> Skip | None:
    automation = _automation(db, row)
    if automation is None:
        return skips.OFF
    if is_late(_late_from(db, automation, row["at"]), db.now()):
        return skips.TOO_LATE
    found = facts.read(db, row["kind"], [row["subject_id"]])
    if not found:
        return skips.GONE
    why = _guest(found[0], row["receiver"])
    if why is not None:
        return why
    why = occasions.void(automation["trigger"], found[0], row["occasion"])
    if why is not None:
        waiting.release(db, automation["id"], row["occasion"])
    return why


def _guest(known: Facts, receiver: str | None) -> Skip | None:
    """Whether its guest is still the one whom the message goes to, and may be written to."""
    if known.guest is None:
        return skips.NO_GUEST
    if known.guest_id != receiver:
        return skips.OTHER_GUEST
    return skips.BLOCKED if known.guest["blocked"] else None


def _late_from(db: Database, automation: AutomationRow, at: str) -> str:
    """From when on a message is late that was queued then: from the end of the quiet hours if it was in time as they began."""
    latest = clock.later(at, hours=LATE_HOURS)
    end = moments.after_quiet(automation, latest, moments.zone(db))
    return at if end == latest else end


def _automation(db: Database, row: QueuedRow) -> AutomationRow | None:
    """The automation that has queued it; None where it is off or gone."""
    try:
        found = store.get(db, row["automation_id"] or "")
    except NotFound:
        return None
    return found if found["enabled"] else None
