"""Actors as they are answered: type, id, and the name they have now."""

from __future__ import annotations

from typing import TypedDict

from jack.core.actors import type_of


class Actor(TypedDict):
    """Who did something; without id it was Jack itself, or a command."""

    type: str
    id: str | None
    name: str | None


# The name of whoever a column `actor_id` names; None for whoever is gone.
NAME = """coalesce(
        (SELECT name FROM staff WHERE id = actor_id),
        (SELECT name FROM guests WHERE id = actor_id),
        (SELECT name FROM api_keys WHERE id = actor_id),
        (SELECT name FROM automations WHERE id = actor_id))"""


def answered(actor_id: str | None, name: str | None) -> Actor:
    """The actor with this id and name."""
    return {"type": type_of(actor_id), "id": actor_id, "name": name}
