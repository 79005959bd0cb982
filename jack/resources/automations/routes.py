"""`/automations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core.paging import Listed, Walked
from jack.http.access import MANAGER
from jack.http.blueprint import Blueprint
from jack.http.context import caller, demand_scope, get_db
from jack.http.envelope import ListMeta
from jack.http.responses import Series
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.http.scopes import ANY_KEY
from jack.resources.automations import preview, runs, store
from jack.resources.automations.rows import AutomationRow
from jack.resources.automations.schemas import (
    Automation,
    AutomationCreate,
    AutomationFilters,
    AutomationPatch,
    Foreseen,
    ForeseenMeta,
    Run,
    RunFilters,
)

if TYPE_CHECKING:
    from jack.resources.automations.runs import RunRow

blp = Blueprint(
    "automations",
    __name__,
    under="/automations",
    description="What Jack does by itself, and when",
    scope="automations",
)


@blp.get("")
@blp.access(MANAGER)
@blp.arguments(AutomationFilters, location="query")
@blp.response(200, Automation(many=True), walked=True)
def list_automations(filters: Loaded) -> Listed[AutomationRow] | Walked[AutomationRow]:
    """List automations

    By name.
    """
    return store.search(get_db(), **filters)


@blp.post("")
@blp.access(MANAGER)
@blp.arguments(AutomationCreate)
@blp.response(201, Automation, location="/automations/{id}")
def create_automation(new: Loaded) -> AutomationRow:
    """Create an automation

    An API key also needs the scopes of what it does: `conversations:write` to send and to assign, `tasks:write`, `guests:write` to tag.
    """
    for scope in sorted(store.scopes_of(new["actions"])):
        demand_scope(scope)
    return store.create(get_db(), by=caller().id, **new)


@blp.get("/<automation_id>")
@blp.access(MANAGER)
@blp.response(200, Automation)
def get_automation(automation_id: str) -> AutomationRow:
    """Get an automation"""
    return store.get(get_db(), automation_id)


@blp.patch("/<automation_id>")
@blp.access(MANAGER)
@blp.arguments(AutomationPatch)
@blp.response(200, Automation, current=store.get)
def change_automation(changes: Loaded, automation_id: str) -> AutomationRow:
    """Change an automation, switch it on or off

    Switched on, it begins with what happens from now on. What it has done once for a stay, a conversation or a task it does not do
    again. An API key also needs the scopes of what it does.
    """
    known = store.get(get_db(), automation_id)
    for scope in sorted(store.scopes_of(changes.get("actions", known["actions"]))):
        demand_scope(scope)
    return store.change(get_db(), automation_id, by=caller().id, **changes)


@blp.delete("/<automation_id>")
@blp.access(MANAGER)
@blp.response(200, Deleted, current=store.get, of=Automation)
def delete_automation(automation_id: str) -> DeletedRow:
    """Delete an automation, with its runs"""
    store.delete(get_db(), automation_id, by=caller().id)
    return {"id": automation_id, "deleted": True}


@blp.post("/<automation_id>/preview")
@blp.access(MANAGER)
@blp.needs_scope(ANY_KEY)
@blp.response(200, Foreseen(many=True), meta=ForeseenMeta)
def preview_automation(automation_id: str) -> Series:
    """What it would do in the next 14 days, as if it was on

    By all that is known now. An API key needs `automations:read`, `templates:read`, `guests:read` and `stays:read`.
    """
    for scope in ("automations:read", "templates:read", "guests:read", "stays:read"):
        demand_scope(scope)
    db = get_db()
    found = preview.foreseen(db, store.get(db, automation_id))
    return Series(found[: preview.MOST], {"total": len(found)})


@blp.get("/<automation_id>/runs")
@blp.access(MANAGER)
@blp.arguments(RunFilters, location="query")
@blp.response(200, Run(many=True), meta=ListMeta)
def list_automation_runs(filters: Loaded, automation_id: str) -> Listed[RunRow] | Walked[RunRow]:
    """List what an automation has done, and what it has not and why; newest first, or from a cursor oldest first

    Kept for a year.
    """
    return runs.search(get_db(), automation_id, **filters)
