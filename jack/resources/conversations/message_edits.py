"""Messages that their senders have edited or deleted afterwards."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, TypedDict, cast

from jack.core import events
from jack.core.db import as_json, transaction
from jack.resources.attachments import store as attachments
from jack.resources.conversations import arrival, media_preview
from jack.resources.conversations.answering import PREVIEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow


class EarlierText(TypedDict):
    """What stood in a message before it was edited at that time."""

    at: str
    content: str


# The details that a deleted message keeps.
KEPT = ("echo", "writtenAt")
# Of more edits the first and the latest are kept.
MOST_EDITS = 20

CHANGE = "UPDATE messages SET type = :type, content = :content, details = :details WHERE id = :id"

SET_EDITED = "UPDATE messages SET edited_at = :now WHERE id = :id"

CHANGE_PREVIEW = f"""
    UPDATE conversations SET preview = :preview, preview_media = NULL, updated_at = :now
    WHERE id = :id AND {arrival.IS_LAST}"""


def edit(db: Database, message: MessageRow, content: str, *, at: str) -> None:
    """Replace the text of a message its sender edited at this time, and keep what stood before.

    An edit of a guest's that comes after the answer waits for another one. One that was overtaken by a later one takes its place in
    what stood before.
    """
    edits = _history(message)
    times, texts = [one["at"] for one in edits], [one["content"] for one in edits]
    texts.append(message["content"])
    place = bisect_right(times, at)
    if texts[place] == content:
        return
    times.insert(place, at)
    texts.insert(place + 1, content)
    before: list[EarlierText] = [
        {"at": when, "content": text} for when, text in zip(times, texts, strict=False)
    ]
    details = {**(message["details"] or {}), "edited": times[-1], "edits": _fewer(before)}
    with transaction(db):
        _change(db, message, message["type"], texts[-1], details)
        if message["direction"] == "inbound" and texts[-1] != message["content"]:
            db.run(SET_EDITED, {"id": message["id"], "now": db.now()})
            arrival.wait_again(db, message, texts[-1][:PREVIEW])


def set_original(db: Database, message: MessageRow, content: str) -> None:
    """Keep what stood before the edit that came first."""
    details = message["details"] or {}
    if content != message["content"]:
        before = [{"at": details["edited"], "content": content}]
        _change(db, message, message["type"], message["content"], {**details, "edits": before})


def revoke(db: Database, message: MessageRow, content: str, *, at: str) -> None:
    """Delete the text and the files of a message its sender deleted at this time; `content` stands in their place."""
    known = message["details"] or {}
    details = {name: known[name] for name in KEPT if name in known}
    with transaction(db):
        attachments.delete_of_message(db, message["id"])
        _change(db, message, "text", content, {**details, "revoked": at})


def _history(message: MessageRow) -> list[EarlierText]:
    """What stood before each edit of a message, the oldest first."""
    found = (message["details"] or {}).get("edits", [])
    return cast("list[EarlierText]", found)


def _fewer(edits: list[EarlierText]) -> list[EarlierText]:
    return edits if len(edits) <= MOST_EDITS else [edits[0], *edits[1 - MOST_EDITS :]]


def _change(
    db: Database, message: MessageRow, type: str, content: str, details: Mapping[str, object]
) -> None:
    conversation_id = message["conversation_id"]
    changed = {"id": message["id"], "type": type, "content": content}
    preview = {"id": conversation_id, "message_id": message["id"], "now": db.now()}
    preview["ordered_at"] = message["ordered_at"]
    with transaction(db):
        db.run(CHANGE, changed | {"details": as_json(dict(details))})
        db.run(CHANGE_PREVIEW, preview | {"preview": content[:PREVIEW]})
        media_preview.update(db, message["id"])
        author = message["author_id"] if message["author_type"] == "guest" else None
        events.record(
            db,
            "conversation.message.updated",
            message["id"],
            conversation_id=conversation_id,
            by=author,
            changed=["content", "details"],
        )
