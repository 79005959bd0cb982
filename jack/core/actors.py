"""Who does something, by the prefix of their id."""

from __future__ import annotations

# By the prefix: what the API calls them. Whoever has no id is Jack itself, or a command on the machine.
TYPES = {
    "staff": "staff",
    "guest": "guest",
    "key": "integration",
    "auto": "automation",
}
SYSTEM = "system"


def type_of(actor_id: str | None) -> str:
    """`staff`, `guest`, `integration` (an API key), `automation`, or `system` for nobody in particular."""
    if actor_id is None:
        return SYSTEM
    return TYPES.get(actor_id.partition("-")[0], SYSTEM)
