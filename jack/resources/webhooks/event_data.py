"""What a webhook is told of an event: the resource as the API shows it now, and who did it.

It is written by the schemas of the resources' own routes, so that a receiver and a caller of the API read the same shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict, cast

import orjson
from marshmallow import fields

from jack.core.db import Database
from jack.core.errors import NotFound
from jack.core.query import AnyRow, Query
from jack.http.row_dumper import dumper, stable_dumper
from jack.resources.actors import store as actors
from jack.resources.automations import runs
from jack.resources.automations import store as automations
from jack.resources.automations.schemas import Automation, Run
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.conversations.message_parts import MessageFile
from jack.resources.conversations.schemas import Conversation, Message
from jack.resources.guests import store as guests
from jack.resources.guests.schemas import Guest
from jack.resources.knowledge import store as knowledge
from jack.resources.knowledge.schemas import Entry
from jack.resources.settings import store as settings
from jack.resources.settings.schemas import Setting
from jack.resources.staff import store as staff
from jack.resources.staff.schemas import Member
from jack.resources.stays import store as stays
from jack.resources.stays.schemas import Stay
from jack.resources.tasks import store as tasks
from jack.resources.tasks.schemas import Task, TaskFile
from jack.resources.templates import store as templates
from jack.resources.templates.schemas import MessageTemplate
from jack.resources.webhooks import store as webhooks
from jack.resources.webhooks.schemas import Webhook

Json = dict[str, object]


class EventRow(TypedDict):
    """An event of the log; `changed` is a JSON array of names."""

    seq: int
    subject_id: str
    conversation_id: str | None
    actor_id: str | None
    actor_name: str | None
    changed: str
    created_at: str


class _File(MessageFile):
    """A file of a message; its path is written out already, for there is no request here."""

    url = fields.String(allow_none=True)  # type: ignore[assignment]  # it has no path to complete


class _Message(Message):
    """A message with its files."""

    attachments = fields.List(fields.Nested(_File))


class _TaskFile(TaskFile):
    """A file of a task; its paths are written out already."""

    url = fields.String()  # type: ignore[assignment]  # as above
    preview_url = fields.String(allow_none=True)  # type: ignore[assignment]


class _Task(Task):
    """A task with its files."""

    attachments = fields.List(fields.Nested(_TaskFile))


GET = Query[EventRow](f"""
    SELECT seq, subject_id, conversation_id, actor_id, {actors.NAME} AS actor_name, changed, created_at
    FROM events WHERE seq = :seq""")

MESSAGE, CONVERSATION = "conversation.message.", "conversation."

# By an event's type, or its first word: what it is called in `data`, how it is read, and how it is shown.
Shown = tuple[str, Callable[[Database, str], AnyRow], Callable[[AnyRow], Json]]
RESOURCES: Mapping[str, Shown] = {
    "conversation": ("conversation", conversations.get, stable_dumper(Conversation())),
    "guest": ("guest", guests.get, dumper(Guest())),
    "stay": ("stay", stays.get, dumper(Stay())),
    "task": ("task", tasks.get, dumper(_Task())),
    "knowledge": ("knowledge", knowledge.get, dumper(Entry())),
    "template": ("template", templates.get, dumper(MessageTemplate())),
    "automation": ("automation", automations.get, dumper(Automation())),
    "automation.notified": ("run", runs.get, dumper(Run())),
    "staff": ("staff", staff.get, dumper(Member())),
    "setting": ("setting", settings.get, dumper(Setting())),
    "webhook": ("webhook", webhooks.get, dumper(Webhook())),
    "ping": ("webhook", webhooks.get, dumper(Webhook())),
}
_message = dumper(_Message())


def event(db: Database, seq: int) -> EventRow | None:
    """An event of the log, as long as it is kept."""
    return db.one(GET, {"seq": seq})


def body(
    db: Database,
    delivery_id: str,
    type: str,
    row: EventRow,
    *,
    include_notes: bool,
    public_path: str = "",
) -> Json:
    """The body of a delivery. `include_notes`: with the text of notes, which are for staff only."""
    if type.startswith(MESSAGE):
        data = _of_message(db, row, include_notes=include_notes, public_path=public_path)
    else:
        data = _of_resource(db, type, row, public_path)
    return {
        "id": delivery_id,
        "seq": row["seq"],
        "type": type,
        "event": type,
        "timestamp": row["created_at"],
        "actor": actors.answered(row["actor_id"], row["actor_name"]),
        "changed": orjson.loads(row["changed"]),
        "data": data,
    }


def _of_resource(db: Database, type: str, row: EventRow, public_path: str) -> Json:
    """The resource, or its id where it is gone; with a conversation its guest."""
    kind, subject_id = type if type in RESOURCES else type.partition(".")[0], row["subject_id"]
    if kind not in RESOURCES:
        return {kind: {"id": subject_id}}
    name, _, _ = RESOURCES[kind]
    found = _resource(db, kind, subject_id)
    data: Json = {name: _reachable(found, public_path) if kind == "task" else found}
    if kind == "conversation":
        data["guest"] = _guest_of(db, found)
    return data


def _reachable(task: Mapping[str, object], public_path: str) -> Json:
    """A task with the paths of its files below that of Jack."""
    files = cast("list[dict[str, object]]", task.get("attachments", []))
    return {
        **task,
        **({"attachments": [_below(file, public_path) for file in files]} if files else {}),
    }


def _below(file: Mapping[str, object], public_path: str) -> Json:
    paths = {name: file[name] for name in ("url", "previewUrl")}
    return {**file, **{name: path and f"{public_path}{path}" for name, path in paths.items()}}


def _of_message(db: Database, row: EventRow, *, include_notes: bool, public_path: str) -> Json:
    """A message with its conversation and guest."""
    conversation = _resource(db, "conversation", row["conversation_id"] or "")
    return {
        "conversationId": row["conversation_id"],
        "message": _shown_message(db, row["subject_id"], include_notes, public_path),
        "guest": _guest_of(db, conversation),
        "conversation": conversation,
    }


def _shown_message(
    db: Database, message_id: str, include_notes: bool, public_path: str
) -> Mapping[str, object]:
    try:
        found = messages.get(db, message_id)
    except NotFound:
        return {"id": message_id, "deleted": True}
    files = [
        {**file, "url": f"{public_path}{file['url']}" if file["url"] else None}
        for file in found["attachments"]
    ]
    shown = _message({**found, "attachments": files})
    return {**shown, "content": ""} if found["type"] == "note" and not include_notes else shown


def _guest_of(db: Database, conversation: Mapping[str, object]) -> Mapping[str, object] | None:
    guest_id = conversation.get("guestId")
    return None if guest_id is None else _resource(db, "guest", str(guest_id))


def _resource(db: Database, kind: str, id: str) -> Mapping[str, object]:
    """A resource as the API shows it; only its id where it is gone."""
    _, get, dump = RESOURCES[kind]
    try:
        return dump(get(db, id))
    except NotFound:
        return {"id": id, "deleted": True}
