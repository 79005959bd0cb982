"""Who is told of what: the events since the last look, and tasks that have become late, become rows of `pushes` and `notification_mails`.

It is done by the worker and not in the transaction of the change, so that no guest's message waits for it. Nobody is told of
what they have done themselves, nor of what is an hour old already: the worker was off, and the page says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core import clock
from jack.core.db import transaction
from jack.core.query import Query
from jack.resources.push import mails, place, preferences, queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jack.core.db import Database

MOST = 1000  # events of one look
OLD_MINUTES = 60

HAS_NEWS = f"""
    SELECT {place.ANYBODY} AND (
        (SELECT max(seq) FROM events) > (SELECT event_seq FROM push_place)
        OR EXISTS (SELECT 1 FROM tasks WHERE due_at > (SELECT due_at FROM push_place) AND due_at <= :now))"""


class EventRow(TypedDict):
    """An event; `changed` is a JSON array of names of fields."""

    seq: int
    type: str
    subject_id: str
    conversation_id: str | None
    actor_id: str | None
    changed: str
    created_at: str


class TaskRow(TypedDict):
    """What of a task decides who is told."""

    id: str
    assignee_id: str | None
    department: str
    priority: str
    is_open: int


class Person(TypedDict):
    """Somebody who has subscribed, or is told by e-mail."""

    id: str
    role: str
    department: str | None


EVENTS = Query[EventRow]("""
    SELECT seq, type, subject_id, conversation_id, actor_id, changed, created_at
    FROM events WHERE seq > :after ORDER BY seq LIMIT :limit""")

TASK_COLUMNS = (
    "id, assignee_id, department, priority, status IN ('open', 'in_progress', 'blocked') AS is_open"
)

TASK = Query[TaskRow](f"SELECT {TASK_COLUMNS} FROM tasks WHERE id = :id")

OVERDUE = Query[
    TaskRow
](f"""
    SELECT {TASK_COLUMNS} FROM tasks
    WHERE due_at > :after AND due_at <= :now AND status IN ('open', 'in_progress', 'blocked') ORDER BY due_at""")

ASSIGNEE = "SELECT assignee_id FROM conversations WHERE id = :id"

TOLD = "SELECT told FROM automation_runs WHERE id = :id"

PEOPLE = Query[
    Person
]("""
    SELECT id, role, department FROM staff
    WHERE active AND (id IN (SELECT staff_id FROM push_subscriptions)
        OR id IN (SELECT staff_id FROM notification_preferences WHERE email <> '[]')) ORDER BY seq""")


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell: what it is of, the message it is about, who did it, and the kinds it is for each person."""

    subject_id: str
    kinds: dict[str, list[str]]
    message_id: str | None = None
    actor_id: str | None = None


def has_news(db: Database) -> bool:
    """Whether there is something to look at; quick, for it is asked ten times a second."""
    return bool(db.value(HAS_NEWS, {"now": db.now()}))


def collect(db: Database) -> None:
    """Queue a push, and a line of a mail, for everybody who wants to be told of what has happened since the last time."""
    if not has_news(db):
        return
    with transaction(db):
        last, now = place.get(db), db.now()
        if last is None:
            return
        people = db.all(PEOPLE)
        rows = db.all(EVENTS, {"after": last["event_seq"], "limit": MOST})
        fresh = clock.later(now, minutes=-OLD_MINUTES)
        for row in rows:
            if row["created_at"] >= fresh:
                for news in _news(db, row, people):
                    _queue(db, news, people)
        after = max(min(last["due_at"], now), fresh)
        for task in db.all(OVERDUE, {"after": after, "now": now}):
            _queue(db, News(task["id"], _of_overdue(task, people)), people)
        place.move(db, rows[-1]["seq"] if rows else last["event_seq"], now)


def _queue(db: Database, news: News, people: Sequence[Person]) -> None:
    """By the first kind that it is for somebody, and of which they want to be told this way."""
    for person in people:
        kinds = news.kinds.get(person["id"], [])
        if kinds and person["id"] != news.actor_id:
            wanted = preferences.get(db, person["id"])
            for chosen, add in ((wanted["push"], queue.add), (wanted["email"], mails.add)):
                kind = next((kind for kind in kinds if kind in chosen), None)
                if kind is not None:
                    add(db, person["id"], kind, news.subject_id, news.message_id)


def _news(db: Database, event: EventRow, people: Sequence[Person]) -> Iterator[News]:
    kind, _, _ = event["type"].partition(".")
    if event["type"] == "conversation.mentioned":
        named = {event["subject_id"]: ["mention"]}
        yield News(event["conversation_id"] or "", named, actor_id=event["actor_id"])
    elif kind == "conversation" and _is_from_guest(event):
        message = event["subject_id"] if event["type"] == "conversation.message.created" else None
        conversation_id = event["conversation_id"] or ""
        kinds = _of_guest(db.value(ASSIGNEE, {"id": conversation_id}), people)
        yield News(conversation_id, kinds, message)
    elif event["type"] in ("task.created", "task.updated", "task.assigned"):
        task = db.one(TASK, {"id": event["subject_id"]})
        if task is not None and task["is_open"]:
            kinds = {person["id"]: list(_of_task(task, event, person)) for person in people}
            yield News(task["id"], kinds, actor_id=event["actor_id"])
    elif event["type"] == "automation.notified":
        told = orjson.loads(db.value(TOLD, {"id": event["subject_id"]}) or "[]")
        yield News(event["subject_id"], {one: ["automation"] for one in told})
    elif kind == "health":
        admins = {one["id"]: ["health"] for one in people if one["role"] == "admin"}
        yield News(event["subject_id"], admins)


def _is_from_guest(event: EventRow) -> bool:
    """Whether a guest has written, or has edited what was answered: they wait. What a program wrote has no actor."""
    if not (event["actor_id"] or "").startswith("guest-"):
        return False
    return event["type"] == "conversation.message.created" or "waitingSince" in event["changed"]


def _of_guest(assignee_id: str | None, people: Sequence[Person]) -> dict[str, list[str]]:
    if assignee_id is None:
        return {person["id"]: ["guest_unassigned"] for person in people}
    others = {person["id"]: ["guest_other"] for person in people}
    return others | {assignee_id: ["guest_mine"]}


def _of_task(task: TaskRow, event: EventRow, person: Person) -> Iterator[str]:
    """The kinds that a new or changed task is for somebody; of one that is somebody else's, none but that it is urgent."""
    changed = orjson.loads(event["changed"])
    is_new = event["type"] == "task.created"
    here = task["department"] == person["department"]
    if task["assignee_id"] == person["id"] and (is_new or "assignee" in changed):
        yield "task_mine"
    if task["assignee_id"] is None and here and (is_new or "department" in changed):
        yield "task_department"
    is_urgent = task["priority"] == "urgent" and (is_new or "priority" in changed)
    if is_urgent and (here or person["department"] is None or person["role"] != "staff"):
        yield "task_urgent"


def _of_overdue(task: TaskRow, people: Sequence[Person]) -> dict[str, list[str]]:
    """A late task is for whoever has it; one that is nobody's for its department."""
    return {
        person["id"]: ["task_overdue"]
        for person in people
        if task["assignee_id"] == person["id"]
        or (task["assignee_id"] is None and task["department"] == person["department"])
    }
