"""The scopes of API keys: what a key may do, by resource. Every route says which one it takes (`Blueprint(scope=…)`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

WITH_WRITE = (
    "conversations",
    "guests",
    "stays",
    "tasks",
    "knowledge",
    "templates",
    "automations",
    "webhooks",
)
READ_ONLY = ("staff", "settings", "reports", "events")
SCOPES = (
    *(f"{resource}:{what}" for resource in WITH_WRITE for what in ("read", "write")),
    *(f"{resource}:read" for resource in READ_ONLY),
)

# What is a part of another resource goes with its scope, where a path names it (`/exports/messages`).
WITHIN = {"messages": "conversations", "attachments": "conversations", "channels": "settings"}

# Of routes that take no scope: any key may use them, or none may.
ANY_KEY = "any"
NOT_FOR_KEYS = "not_for_keys"
# Of routes that are not for the staff: open to everybody, or for the web chat's visitors.
OPEN = "public"


def of_method(resource: str, methods: Iterable[str]) -> str:
    """The scope of a resource's route with these methods; no key may write to what has a scope for reading only."""
    if resource in (ANY_KEY, NOT_FOR_KEYS):
        return resource
    if set(methods) <= {"GET", "HEAD", "OPTIONS"}:
        return f"{resource}:read"
    return f"{resource}:write" if resource in WITH_WRITE else NOT_FOR_KEYS


def of_path(scope: str, path: Mapping[str, str]) -> str:
    """The scope of a request whose route names a part of its path: `{what}:read` is `guests:read` for `/exports/guests`.

    What is no resource with that scope is for no key.
    """
    if "{" not in scope:
        return scope
    found = scope.format_map({name: WITHIN.get(value, value) for name, value in path.items()})
    return found if found in SCOPES else NOT_FOR_KEYS


def with_reading(scopes: Iterable[str]) -> frozenset[str]:
    """All that these scopes allow: writing includes reading."""
    given = frozenset(scopes)
    return given | {scope.replace(":write", ":read") for scope in given if scope.endswith(":write")}
