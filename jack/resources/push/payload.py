"""What a push says: in the device's language, and nothing that a guest wrote unless the setting `push` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import translations
from jack.core.db import as_json
from jack.core.query import Query
from jack.resources.push import queue
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.push.queue import DueRow

LONGEST = 300  # characters of a text


class Told(NamedTuple):
    """The two lines of a notification, and where a click leads: a view of the staff page, and one thing in it."""

    title: str
    body: str
    view: str
    id: str | None = None


class ToldRow(TypedDict):
    """What somebody is told of: of a row of `pushes`, or of `notification_mails`."""

    staff_id: str
    kind: str
    subject_id: str
    message_id: str | None


class GuestRow(TypedDict):
    """Of a conversation; without the name of a guest who was erased."""

    name: str | None
    channel: str
    content: str | None
    doubtful: int | None


class TaskRow(TypedDict):
    """Of a task."""

    title: str
    department: str
    room: str | None


class RunRow(TypedDict):
    """Of a run of an automation."""

    name: str
    kind: str
    subject_id: str
    guest_id: str | None
    guest: str | None
    room: str | None
    doubtful: int | None


class MentionRow(TypedDict):
    """Of the newest note that names somebody in a conversation."""

    author: str | None
    content: str
    guest: str | None


GUEST = Query[GuestRow]("""
    SELECT guests.name, conversations.channel,
           (SELECT content FROM messages WHERE id = :message_id AND type <> 'note') AS content,
           (SELECT details ->> 'doubtful' FROM messages WHERE id = :message_id) AS doubtful
    FROM conversations LEFT JOIN guests ON guests.id = guest_id WHERE conversations.id = :id""")

TASK = Query[TaskRow]("SELECT title, department, room FROM tasks WHERE id = :id")

RUN = Query[RunRow]("""
    SELECT automations.name, subject_type AS kind, subject_id, guest_id, guests.name AS guest,
           coalesce((SELECT room FROM stays WHERE id = subject_id), (SELECT room FROM tasks WHERE id = subject_id)) AS room,
           (SELECT details ->> 'doubtful' FROM messages WHERE conversation_id = subject_id AND author_type = 'guest'
            ORDER BY seq DESC LIMIT 1) AS doubtful
    FROM automation_runs JOIN automations ON automations.id = automation_id LEFT JOIN guests ON guests.id = guest_id
    WHERE automation_runs.id = :id""")

MENTION = Query[MentionRow]("""
    SELECT staff.name AS author, messages.content, guests.name AS guest
    FROM mentions JOIN messages ON messages.id = message_id
    JOIN conversations ON conversations.id = mentions.conversation_id
    LEFT JOIN guests ON guests.id = conversations.guest_id
    LEFT JOIN staff ON staff.id = messages.author_id
    WHERE mentions.staff_id = :staff_id AND mentions.conversation_id = :id
    ORDER BY messages.seq DESC LIMIT 1""")

IS_WRONG = (
    "SELECT ended_at IS NULL FROM faults WHERE kind = :kind AND subject_id = :subject_id LIMIT 1"
)


def body(db: Database, row: DueRow) -> bytes | None:
    """The JSON that the service worker shows; None when what it was to tell of is gone."""
    wanted = row["language"] or settings.value(db, "hotel")["language"]
    language = translations.nearest_language(wanted)
    found = told(db, row, translations.TEXTS[language])
    if found is None:
        return None
    shown = {
        "title": found.title[:LONGEST],
        "body": found.body[:LONGEST],
        "view": found.view,
        "id": found.id,
        "tag": row["subject_id"],
        "at": row["created_at"],
        "lang": language,
    }
    return as_json(shown).encode()


def told(db: Database, row: ToldRow, all_texts: Mapping[str, Mapping[str, str]]) -> Told | None:
    """What a push or a line of a mail says, in these texts; None when what it was to tell of is gone."""
    kind, texts = row["kind"], all_texts["push"]
    with_content = bool(settings.value(db, "push").get("content"))
    if kind == queue.TEST:
        return Told(texts["test"], texts["testBody"], "me")
    if kind == "health":
        return _of_health(db, row, all_texts)
    if kind == "mention":
        return _of_mention(db, row, texts, with_content=with_content)
    if kind == "automation":
        return _of_automation(db, row, texts)
    if kind.startswith("guest_"):
        return _of_guest(db, row, texts, with_content=with_content)
    return _of_task(db, row, texts, with_content=with_content)


def _of_guest(
    db: Database, row: ToldRow, texts: Mapping[str, str], *, with_content: bool
) -> Told | None:
    about = {"id": row["subject_id"], "message_id": row["message_id"]}
    found = db.one(GUEST, about)
    if found is None:
        return None
    title = _by_name(found["name"] or texts["guest"], texts, doubtful=found["doubtful"])
    said = texts["wrote"].format(channel=texts[found["channel"]])
    text = (found["content"] or said) if with_content else said
    return Told(title, text, "inbox", row["subject_id"])


def _by_name(name: str, texts: Mapping[str, str], *, doubtful: int | None) -> str:
    """A guest's name; marked where what has come in may not be from them."""
    return texts["doubtful"].format(name=name) if doubtful else name


def _of_mention(
    db: Database, row: ToldRow, texts: Mapping[str, str], *, with_content: bool
) -> Told | None:
    found = db.one(MENTION, {"id": row["subject_id"], "staff_id": row["staff_id"]})
    if found is None:
        return None
    title = texts["mention"].format(name=found["author"] or texts["somebody"])
    guest = found["guest"] or texts["guest"]
    return Told(title, found["content"] if with_content else guest, "inbox", row["subject_id"])


def _of_automation(db: Database, row: ToldRow, texts: Mapping[str, str]) -> Told | None:
    """By the name that the hotel has given it; a click leads to what it is about, of a stay to its guest."""
    found = db.one(RUN, {"id": row["subject_id"]})
    if found is None:
        return None
    room = texts["room"].format(room=found["room"]) if found["room"] else None
    guest = found["guest"] and _by_name(found["guest"], texts, doubtful=found["doubtful"])
    parts = [part for part in (guest, room) if part]
    views = {"conversation": "inbox", "task": "tasks", "stay": "guests"}
    about = found["guest_id"] if found["kind"] == "stay" else found["subject_id"]
    return Told(found["name"], " · ".join(parts), views[found["kind"]], about)


def _of_task(
    db: Database, row: ToldRow, texts: Mapping[str, str], *, with_content: bool
) -> Told | None:
    """A task's title may be a guest's words, so it is told as a guest's text is."""
    found = db.one(TASK, {"id": row["subject_id"]})
    if found is None:
        return None
    names = {one["slug"]: one["name"] for one in settings.value(db, "departments")["items"]}
    department = names.get(found["department"], found["department"])
    room = texts["room"].format(room=found["room"]) if found["room"] else None
    first = found["title"] if with_content else None
    parts = [part for part in (first, room, department) if part]
    return Told(texts[row["kind"]], " · ".join(parts), "tasks", row["subject_id"])


def _of_health(
    db: Database, row: ToldRow, all_texts: Mapping[str, Mapping[str, str]]
) -> Told | None:
    """As the watchdog's mail says it; well again, where the fault has ended or is forgotten meanwhile."""
    kind, _, subject = row["subject_id"].partition(":")
    is_wrong = bool(db.value(IS_WRONG, {"kind": kind, "subject_id": subject}))
    title = all_texts["push"]["wrong" if is_wrong else "well"]
    return Told(title, all_texts["watchdogMail"][kind].format(subject=subject), "me")
