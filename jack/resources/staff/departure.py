"""A member who leaves: what they were to do is nobody's again, so that it stands in the lists of those who stay; and what
opens Jack to them has ended for good, so that nothing of it works again when they come back.

Like a merge of guests, it changes tables of other resources, so that all a departure changes is in one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import events
from jack.core.query import Query

if TYPE_CHECKING:
    from jack.core.db import Database


class ConversationOf(TypedDict):
    """A conversation of a member."""

    id: str


class TaskOf(TypedDict):
    """A task of a member, and the conversation it is about; `status` as it was."""

    id: str
    conversation_id: str | None
    status: str


# What is closed keeps its assignee, as a record of who did it.
CONVERSATIONS = Query[ConversationOf]("""
    UPDATE conversations SET assignee_id = NULL, updated_at = :now
    WHERE assignee_id = :id AND status IN ('open', 'pending')
    RETURNING id""")

# What was begun is to be begun again by somebody else; what is blocked stays so.
TASKS = Query[TaskOf]("""
    SELECT id, conversation_id, status FROM tasks
    WHERE assignee_id = :id AND status IN ('open', 'in_progress', 'blocked')
    ORDER BY seq""")

HAND_BACK = """
    UPDATE tasks
    SET assignee_id = NULL, status = CASE status WHEN 'in_progress' THEN 'open' ELSE status END, updated_at = :now
    WHERE id = :id"""


END_SESSIONS = "UPDATE sessions SET revoked_at = :now WHERE staff_id = :id AND revoked_at IS NULL"

DELETE_LINKS = "DELETE FROM invites WHERE staff_id = :id"


def end_access(db: Database, staff_id: str) -> None:
    """End a member's sessions, invitation and link for another password, in the transaction that deactivates them."""
    params = {"id": staff_id, "now": db.now()}
    db.run(END_SESSIONS, params)
    db.run(DELETE_LINKS, {"id": staff_id})


def hand_back(db: Database, staff_id: str, *, by: str | None = None) -> None:
    """Take a member off their open and pending conversations and their open tasks, in the transaction that deactivates them.

    Each has its event. When there was any, `staff.work_returned` of the member follows, by which the staff page tells everybody.
    """
    params = {"id": staff_id, "now": db.now()}
    conversations, tasks = db.all(CONVERSATIONS, params), db.all(TASKS, params)
    for row in conversations:
        one = row["id"]
        events.record(
            db, "conversation.assigned", one, conversation_id=one, by=by, changed=["assignee"]
        )
    for task in tasks:
        db.run(HAND_BACK, {"id": task["id"], "now": params["now"]})
        about = task["conversation_id"]
        fields = ["assignee", "status"] if task["status"] == "in_progress" else ["assignee"]
        events.record(db, "task.assigned", task["id"], conversation_id=about, by=by, changed=fields)
    if conversations or tasks:
        events.record(db, "staff.work_returned", staff_id, by=by)
