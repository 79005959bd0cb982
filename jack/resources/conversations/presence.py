"""Who of the staff looks at a conversation, or writes in it, right now: for all processes, and no change of the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock
from jack.core.db import as_json, transaction
from jack.core.query import Query
from jack.resources.conversations import store
from jack.resources.conversations.conversation_rows import Present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.resources.conversations.conversation_rows import ConversationRow

SECONDS = 20.0


class PresentRow(Present):
    """Somebody who is there, and where."""

    conversation_id: str


PRESENT = Query[PresentRow]("""
    SELECT conversation_id, staff_id AS id, staff.name AS name, state
    FROM presence JOIN staff ON staff.id = staff_id
    WHERE conversation_id IN (SELECT value FROM json_each(:ids)) AND until > :now
    ORDER BY conversation_id, staff.name, staff_id""")

TELL = """
    INSERT INTO presence (conversation_id, staff_id, state, until) VALUES (:id, :staff_id, :state, :until)
    ON CONFLICT DO UPDATE SET state = excluded.state, until = excluded.until"""

DELETE_OVER = "DELETE FROM presence WHERE until <= :now"


def tell(db: Database, conversation_id: str, *, by: str, state: str) -> None:
    """This member looks at the conversation, or writes in it, for the next 20 seconds. Raises NotFound."""
    now = db.now()
    until = clock.later(now, seconds=SECONDS)
    with transaction(db):
        store.get(db, conversation_id)
        db.run(DELETE_OVER, {"now": now})
        db.run(TELL, {"id": conversation_id, "staff_id": by, "state": state, "until": until})


def shown(db: Database, rows: Sequence[ConversationRow]) -> Sequence[ConversationRow]:
    """These conversations with who is there, by name."""
    ids = as_json([row["id"] for row in rows])
    for present in db.all(PRESENT, {"ids": ids, "now": db.now()}):
        next(row for row in rows if row["id"] == present["conversation_id"])["presence"].append(
            present
        )
    return rows


def shown_one(db: Database, row: ConversationRow) -> ConversationRow:
    """As `shown`, of one."""
    return shown(db, [row])[0]
