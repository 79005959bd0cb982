"""A member who leaves: what they were to do is nobody's again, so that it stands in the lists of those who stay.

Like a merge of guests, it changes tables of other resources, so that all a departure changes is in one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import events
from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database


class WorkRow(TypedDict):
    """A conversation or a task; `conversation_id` is the task's, or the conversation itself."""

    id: str
    conversation_id: str | None


# What is closed keeps its assignee, as a record of who did it.
CONVERSATIONS = Query[WorkRow]("""
    UPDATE conversations SET assignee_id = NULL, updated_at = :now
    WHERE assignee_id = :id AND status IN ('open', 'pending')
    RETURNING id, id AS conversation_id""")

# What was begun is to be begun again by somebody else; what is blocked stays so.
TASKS = Query[WorkRow]("""
    UPDATE tasks
    SET assignee_id = NULL, status = CASE status WHEN 'in_progress' THEN 'open' ELSE status END, updated_at = :now
    WHERE assignee_id = :id AND status IN ('open', 'in_progress', 'blocked')
    RETURNING id, conversation_id""")


def hand_back(db: Database, staff_id: str, *, by: str | None = None) -> None:
    """Take a member off their open and pending conversations and their open tasks, in the transaction that deactivates them.

    Each has its event. When there was any, `staff.work_returned` of the member follows, by which the staff page tells everybody.
    """
    params = {"id": staff_id, "now": db.now()}
    changed = [("conversation.changed", row) for row in db.all(CONVERSATIONS, params)]
    changed += [("task.changed", row) for row in db.all(TASKS, params)]
    for type, row in changed:
        events.record(db, type, row["id"], conversation_id=row["conversation_id"], by=by)
    if changed:
        events.record(db, "staff.work_returned", staff_id, by=by)
