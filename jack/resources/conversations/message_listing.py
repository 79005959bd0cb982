"""Lists of messages: of one conversation, and of all from a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.db import as_json
from jack.core.errors import Invalid
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.walking import Wanted, walk
from jack.resources.attachments import store as attachments
from jack.resources.conversations import search as conversation_search
from jack.resources.conversations.message_rows import COLUMNS, StoredMessage, answered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

FILTERS = {
    "conversation_id": "conversation_id = :conversation_id",
    "created_since": "created_at >= :created_since",
    "status": "status = :status",
    "scheduled": "status = 'scheduled'",  # as its index says it
    # The rowid of a message in the index begins with the seq of its conversation.
    "terms": """seq IN (
        SELECT rowid & 0xFFFFFFFF FROM message_search
        WHERE message_search MATCH :terms AND rowid BETWEEN :talk << 32 AND (:talk + 1 << 32) - 1)""",
}
# Walked in the order of creation: a scheduled message comes when it leaves, or when it is clear that it will not.
NOT_YET = "status IS NOT 'scheduled'"

# Of these there are never so many that sorting them matters.
INDEXES = {"scheduled": "messages_scheduled", "conversation_id": "messages_of_conversation"}

SEQ = "SELECT seq FROM conversations WHERE id = :id"

# How many messages stand before one in its conversation, and how many there are.
BEFORE = """
    SELECT count(*) FILTER (WHERE (other.ordered_at, other.id) < (this.ordered_at, this.id)) AS earlier, count(*) AS total
    FROM messages AS this
    JOIN messages AS other ON other.conversation_id = this.conversation_id
    WHERE this.id = :id AND this.conversation_id = :conversation_id"""

BY_SEQ = Query[StoredMessage](
    f"SELECT {COLUMNS} FROM messages WHERE seq IN (SELECT value FROM json_each(:seqs))"
)


def search(
    db: Database,
    conversation_id: str,
    *,
    order: str = "asc",
    around: str | None = None,
    search: str | None = None,
    page: Page | Place,
    **filters: str,
) -> Listed[MessageRow] | Walked[MessageRow]:
    """A part of a conversation's messages, a page with the oldest first unless `order` is desc.

    `filters`: status, created_since; `search`: the words that are in them. With `around` the page is the one that has this message.
    Raises Invalid where it is none of the conversation's.
    """
    given = {"conversation_id": conversation_id, **filters}
    if isinstance(page, Place):
        return _walked(db, given, page)
    if search is not None:
        terms = conversation_search.terms(db, search)
        if not terms:
            return Listed([], 0, page)
        given |= {"terms": terms}
    if around is not None:
        page = page_with(db, conversation_id, around, order, page.limit)
    names = _names(given)
    params = {**given, "talk": db.value(SEQ, {"id": conversation_id})}
    rows = db.all(page_of(names, order), {**params, "limit": page.limit, "offset": page.offset})
    total = db.cached_count(f"SELECT count(*) {_source(names)}", params)
    return Listed(shaped(db, rows), total, page)


def page_with(db: Database, conversation_id: str, message_id: str, order: str, limit: int) -> Page:
    """Which page has a message. Raises Invalid where the conversation does not have it."""
    found = db.row(BEFORE, {"id": message_id, "conversation_id": conversation_id})
    if not found["total"]:
        raise Invalid.field("around", "no_such", "No message of this conversation.")
    before = found["earlier"]
    if order == "desc":
        before = found["total"] - before - 1
    return Page(before // limit + 1, limit)


def page_of(names: Sequence[str], order: str) -> Query[StoredMessage]:
    """The statement of a page, by these filters; `order` is asc or desc."""
    direction = "DESC" if order == "desc" else "ASC"
    return Query(
        f"SELECT {COLUMNS} {_source(names)} ORDER BY ordered_at {direction}, id {direction} LIMIT :limit OFFSET :offset"
    )


def _source(names: Sequence[str]) -> str:
    return f"FROM messages {where([FILTERS[name] for name in names])}"


def search_all(db: Database, *, page: Place, **filters: str) -> Walked[MessageRow]:
    """What comes after a place among the messages of all conversations.

    `filters`: conversation_id, status, created_since.
    """
    return _walked(db, filters, page)


def _walked(db: Database, given: dict[str, str], place: Place) -> Walked[MessageRow]:
    names = _names(given)
    index = next((INDEXES[name] for name in INDEXES if name in names), None)
    wanted = Wanted(
        "messages",
        [FILTERS[name] for name in names],
        given,
        few=index is not None,
        index=index,
        usual=() if place.changed or "status" in given else [NOT_YET],
    )
    return walk(db, wanted, place, lambda seqs: shaped(db, db.all(BY_SEQ, {"seqs": as_json(seqs)})))


def _names(given: Mapping[str, str]) -> list[str]:
    """The names in `FILTERS` of these filters."""
    scheduled = given.get("status") == "scheduled"
    return ["scheduled" if scheduled and name == "status" else name for name in given]


def shaped(db: Database, rows: Sequence[StoredMessage]) -> list[MessageRow]:
    """Messages as they are answered, with their files."""
    files = attachments.of_messages(db, [row["id"] for row in rows])
    return [answered(row, files[row["id"]]) for row in rows]
