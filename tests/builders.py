"""Builders: a thing of each kind, made through its store, with whatever a test cares about."""

from __future__ import annotations

import itertools
from typing import Any

from jack.core.db import Database
from jack.core.reader import Row
from jack.resources.automations import store as automations
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.knowledge import store as knowledge
from jack.resources.staff import store as staff
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks
from jack.resources.templates import store as templates
from jack.resources.webchat import store as webchat

_numbers = itertools.count(1)


def make_guest(db: Database, **fields: Any) -> Row:
    return guests.create(db, **{"name": f"Guest {next(_numbers)}", **fields})


def make_task(db: Database, **fields: Any) -> Row:
    return tasks.create(db, **{"title": "Extra towels", "department": "housekeeping", **fields})


def make_stay(db: Database, **fields: Any) -> Row:
    return stays.create(db, **{"arrival": "2026-05-01", "departure": "2026-05-04", **fields})


def make_entry(db: Database, **fields: Any) -> Row:
    return knowledge.create(
        db, **{"title": "Pool", "content": "Open from 6 to 10.", "category": "amenity", **fields}
    )


def make_template(db: Database, text: str = "Dear {first_name}!", **fields: Any) -> Row:
    return templates.create(db, **{"name": "Greeting", "texts": {"en": text}, **fields})


def make_automation(db: Database, **fields: Any) -> Row:
    """An automation that tells the front desk when nobody answers, unless it is another one."""
    wanted = {
        "name": "Nobody answers",
        "trigger": {"type": "conversation.waiting", "minutes": 15},
        "actions": [{"type": "notify", "department": "front-desk"}],
    }
    return automations.create(db, **{**wanted, **fields})


def make_member(db: Database, **fields: Any) -> Row:
    return staff.create(
        db, **{"name": "Jane Doe", "email": f"jane{next(_numbers)}@hotel.example", **fields}
    )


def make_visitor(db: Database, **fields: Any) -> tuple[str, str]:
    """A web chat session: its id and its token."""
    token = webchat.create_session(db, **fields)["token"]
    return webchat.recognise(db, token), token


def make_conversation(db: Database, *, content: str = "Hola", **fields: Any) -> Row:
    """A web conversation that a visitor has begun."""
    session, _ = make_visitor(db, **fields)
    message, _ = webchat.receive(db, session, content=content, client_message_id="1")
    return conversations.get(db, message["conversation_id"])
