"""Who is named in a note: `@` and a name, as the members of staff are called now."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from jack.core import events
from jack.core.fulltext import folded
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jack.core.db import Database
    from jack.resources.conversations.message_rows import MessageRow

    Names = Mapping[str, Sequence[str]]

NAMES = "mentions"  # among a message's details


class Member(TypedDict):
    """Somebody who can be named."""

    id: str
    name: str


MEMBERS = Query[Member]("SELECT id, name FROM staff WHERE active ORDER BY seq")

ADD = "INSERT INTO mentions (message_id, staff_id, conversation_id) VALUES (:message_id, :staff_id, :conversation_id)"


def details(db: Database, content: str, *, by: str | None) -> dict[str, object] | None:
    """The details of a note: the ids of those whom it names, if any. What Jack itself notes names nobody."""
    if by is None or "@" not in folded(content):
        return None
    members = db.all(MEMBERS)
    whole, first = _by_name(members)
    found = list(dict.fromkeys(_named(folded(content), whole, first)))
    return {NAMES: found} if found else None


def record(db: Database, note: MessageRow, *, by: str | None) -> None:
    """Keep whom a note names, in its transaction; each is told by an event of their own, `conversation.mentioned`."""
    named = (note["details"] or {}).get(NAMES)
    for staff_id in named if isinstance(named, list) else []:
        conversation_id = note["conversation_id"]
        row = {"message_id": note["id"], "conversation_id": conversation_id, "staff_id": staff_id}
        db.run(ADD, row)
        events.record(
            db, "conversation.mentioned", staff_id, conversation_id=conversation_id, by=by
        )


def _by_name(members: Sequence[Member]) -> tuple[Names, Names]:
    """Ids by whole names, and by first names; both folded."""
    whole: dict[str, list[str]] = {}
    first: dict[str, list[str]] = {}
    for member in members:
        name = folded(member["name"])
        whole.setdefault(name, []).append(member["id"])
        first.setdefault(name.partition(" ")[0], []).append(member["id"])
    return whole, first


def _named(text: str, whole: Names, first: Names) -> Iterator[str]:
    """The ids named in folded text: by the longest whole name after an `@`, else by a first name that only one has."""
    at = text.find("@")
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():  # else it is an e-mail address
            rest = text[at + 1 :]
            alone = (name for name, ids in first.items() if len(ids) == 1)
            if name := _longest(rest, whole):
                yield from whole[name]
            elif name := _longest(rest, alone):
                yield from first[name]
        at = text.find("@", at + 1)


def _longest(rest: str, names: Iterator[str] | Names) -> str:
    """The longest of these names with which a text begins, and that ends there; '' where there is none."""
    fitting = [
        name for name in names if rest.startswith(name) and not rest[len(name) :][:1].isalnum()
    ]
    return max(fitting, key=len, default="")
