"""Doing what has been planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.core import events, fulltext
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.tasks import store as tasks

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.facts import Facts
    from jack.resources.automations.plans import Plan
    from jack.resources.automations.rows import Action
    from jack.resources.tasks.rows import TaskChanges


class Done(NamedTuple):
    """What has been made."""

    message_id: str | None = None
    task_id: str | None = None


def do(db: Database, automation_id: str, action: Action, facts: Facts, plan: Plan) -> Done:
    """Do an action, in a transaction. Raises Invalid or Conflict for what is refused."""
    if action["type"] == "send_template":
        return Done(message_id=_send(db, automation_id, facts, plan))
    if action["type"] == "create_task":
        return Done(task_id=_create_task(db, automation_id, action, facts))
    if action["type"] == "tag" and facts.guest is not None:
        _tag(db, automation_id, action["tag"], facts.guest["id"])
    if action["type"] == "assign":
        _assign(db, automation_id, action["assignee"], facts, plan)
    return Done()


def tell(db: Database, automation_id: str, run_id: str, facts: Facts, plan: Plan) -> None:
    """Tell of a run those whom it notifies: who reads the events finds whom in the run."""
    if plan.staff:
        about = facts.conversation["id"] if facts.conversation else None
        events.record(db, "automation.notified", run_id, conversation_id=about, by=automation_id)


def _send(db: Database, automation_id: str, facts: Facts, plan: Plan) -> str:
    """Put a message into the outbox."""
    to = plan.conversation_id
    if to is None:
        made = conversations.create(
            db, guest_id=facts.guest_id or "", channel=plan.channel or "", by=automation_id
        )
        to = made["id"]
    if plan.template is not None:
        sent = messages.send(db, to, type="template", template=plan.template, by=automation_id)
    else:
        sent = messages.send(db, to, content=plan.content, by=automation_id)
    return sent["id"]


def _create_task(db: Database, automation_id: str, action: Action, facts: Facts) -> str:
    about: TaskChanges = {"title": action["title"], "department": action["department"]}
    if "priority" in action:
        about["priority"] = action["priority"]
    if facts.guest_id is not None:
        about["guest_id"] = facts.guest_id
    if facts.conversation is not None:
        about["conversation_id"] = facts.conversation["id"]
    if facts.kind == "stay" and facts.stay is not None:
        about["room"] = facts.stay["room"]
    return tasks.create(db, by=automation_id, **about)["id"]


def _tag(db: Database, automation_id: str, tag: str, guest_id: str) -> None:
    """Add a tag to those the guest has now: an action before this one may have added another."""
    tags = guests.get(db, guest_id)["tags"]
    if fulltext.folded(tag) not in {fulltext.folded(one) for one in tags}:
        guests.change(db, guest_id, by=automation_id, tags=[*tags, tag])


def _assign(db: Database, automation_id: str, assignee: str, facts: Facts, plan: Plan) -> None:
    if facts.kind == "task":
        tasks.change(db, facts.id, by=automation_id, assignee=assignee)
    elif plan.conversation_id is not None:
        conversations.change(db, plan.conversation_id, by=automation_id, assignee=assignee)
