"""Whether the conditions of an automation hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import fulltext
from jack.resources.automations import moments

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.facts import Facts
    from jack.resources.automations.rows import AutomationRow, Condition

# Whether a guest, or somebody whose stay is this, was here before: another stay that has ended when this one begins, or by today.
RETURNING = """
    SELECT EXISTS (
        SELECT 1 FROM stays
        WHERE guest_id = :guest AND id IS NOT :stay AND status NOT IN ('cancelled', 'no_show') AND departure <= :day)"""


def hold(db: Database, automation: AutomationRow, facts: Facts, at: str, zone: str) -> bool:
    """Whether all conditions hold at a moment."""
    return all(_holds(db, one, facts, at, zone) for one in automation["conditions"])


def _holds(db: Database, condition: Condition, facts: Facts, at: str, zone: str) -> bool:
    kind = condition["type"]
    if kind == "hours":
        return moments.is_open(db, at, zone) == (condition["is"] == "open")
    if kind == "nights":
        return facts.stay is not None and facts.stay["nights"] >= condition["at_least"]
    if kind == "returning":
        return _is_returning(db, facts, at, zone) is condition["is"]
    return any(
        _folded(kind, value) == _folded(kind, wanted)
        for wanted in condition["in"]
        for value in _values(kind, facts)
    )


def _values(kind: str, facts: Facts) -> list[str]:
    """What there is of this kind, to be compared with what is wanted."""
    if kind == "tag":
        return facts.guest["tags"] if facts.guest else []
    if kind == "language":
        return [facts.guest["language"] or ""] if facts.guest else []
    if kind == "source":
        return [facts.stay["source"] or ""] if facts.stay else []
    if kind == "channel":
        return [facts.conversation["channel"]] if facts.conversation else []
    if facts.task is None:
        return []
    return [facts.task["department"] if kind == "department" else facts.task["priority"]]


def _folded(kind: str, value: str) -> str:
    """The form that is compared: of a language what is the same for es and es-MX."""
    return value.lower().partition("-")[0] if kind == "language" else fulltext.folded(value)


def _is_returning(db: Database, facts: Facts, at: str, zone: str) -> bool:
    today = moments.local(at, zone).date().isoformat()
    stay = facts.stay
    named = {"guest": facts.guest_id, "stay": stay["id"] if stay else None}
    return bool(db.value(RETURNING, named | {"day": stay["arrival"] if stay else today}))
