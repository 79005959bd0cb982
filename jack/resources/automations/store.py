"""Automations: what begins them, for whom, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from jack.core import events
from jack.core.db import as_json, transaction
from jack.core.errors import Invalid, NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.walking import Wanted, walk
from jack.resources.automations.rows import (
    BY_CLOCK,
    COLUMNS,
    AutomationChanges,
    AutomationRow,
    StoredAutomation,
    parsed,
)
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.templates import store as templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.core.db import Database
    from jack.resources.automations.rows import Action, Condition

MOST = 100
FIELDS = (
    "name",
    "enabled",
    "trigger",
    "conditions",
    "actions",
    "per_guest_per_day",
    "quiet_from",
    "quiet_to",
)

GET = Query[StoredAutomation](f"SELECT {COLUMNS} FROM automations WHERE id = :id")
ENABLED = Query[StoredAutomation](f"SELECT {COLUMNS} FROM automations WHERE enabled ORDER BY seq")
BY_SEQ = Query[StoredAutomation](
    f"SELECT {COLUMNS} FROM automations WHERE seq IN (SELECT value FROM json_each(:seqs))"
)
COUNT = "SELECT count(*) FROM automations"

FILTERS = {
    "enabled": "enabled = :enabled",
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

# The number of one that was deleted is not given again: whoever has read the list up to it would miss the new one.
NEXT_SEQ = """1 + max(coalesce((SELECT max(seq) FROM automations), 0),
                      coalesce((SELECT seq FROM list_ends WHERE list = 'automations'), 0))"""
NEWEST_EVENT = "SELECT coalesce(max(seq), 0) FROM events"

CREATE = Query[StoredAutomation](f"""
    INSERT INTO automations (seq, id, name, enabled, trigger, conditions, actions, per_guest_per_day, quiet_from, quiet_to,
                             enabled_at, enabled_seq, created_at, updated_at)
    VALUES ({NEXT_SEQ}, :id, :name, :enabled, :trigger, :conditions, :actions, :per_guest_per_day, :quiet_from, :quiet_to,
            :enabled_at, :enabled_seq, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[StoredAutomation](f"""
    UPDATE automations
    SET name = :name, enabled = :enabled, trigger = :trigger, conditions = :conditions, actions = :actions,
        per_guest_per_day = :per_guest_per_day, quiet_from = :quiet_from, quiet_to = :quiet_to,
        enabled_at = :enabled_at, enabled_seq = :enabled_seq, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

DELETE = "DELETE FROM automations WHERE id = :id"

# What waited for its time by another trigger waits no more; by one of other minutes it waits as long as that says. What is found
# by the clock and waits for the end of the quiet hours is found anew, by the days and the hour as they are now.
FORGET_WAITING = "DELETE FROM automation_occasions WHERE automation_id = :id AND waits"
MOVE_WAITING = """
    UPDATE automation_occasions
    SET due_at = strftime('%Y-%m-%dT%H:%M:%fZ', since, printf('+%d minutes', :minutes))
    WHERE automation_id = :id AND waits AND since IS NOT NULL"""
FORGET_PUT_OFF = f"{FORGET_WAITING} AND since IS NULL"

BLANK: dict[str, object] = {
    "enabled": False,
    "conditions": [],
    "per_guest_per_day": 3,
    "quiet_from": None,
    "quiet_to": None,
    "enabled_at": None,
    "enabled_seq": None,
}


def get(db: Database, automation_id: str) -> AutomationRow:
    """The automation, or NotFound."""
    row = db.one(GET, {"id": automation_id})
    if row is None:
        raise NotFound("Automation not found")
    return parsed(row)


def enabled(db: Database) -> list[AutomationRow]:
    """Those that are switched on."""
    return [parsed(row) for row in db.all(ENABLED)]


def search(
    db: Database, *, page: Page | Place, **filters: str | bool | None
) -> Listed[AutomationRow] | Walked[AutomationRow]:
    """A part of all automations, a page by name. `filters`: what `FILTERS` has."""
    params = {name: value for name, value in filters.items() if value is not None}
    conditions = [FILTERS[name] for name in params]
    if isinstance(page, Place):
        wanted = Wanted("automations", conditions, params)
        return walk(db, wanted, page, lambda seqs: _by_seq(db, seqs))
    source = f"FROM automations {where(conditions)}"
    total = db.cached_count(f"SELECT count(*) {source}", params)
    listing = Query[StoredAutomation](
        f"SELECT {COLUMNS} {source} ORDER BY name, seq LIMIT :limit OFFSET :offset"
    )
    rows = db.all(listing, {**params, "limit": page.limit, "offset": page.offset})
    return Listed([parsed(row) for row in rows], total, page)


def create(
    db: Database,
    *,
    id: str | None = None,
    by: str | None = None,
    **fields: Unpack[AutomationChanges],
) -> AutomationRow:
    """A new automation, with a name, a trigger and actions at least; off unless it says otherwise.

    Raises Invalid for a template, department or member that there is not, and for quiet hours that are half given.
    """
    with transaction(db):
        if int(db.value(COUNT)) >= MOST:
            raise Invalid.field("name", "too_many", f"There are {MOST} automations already.")
        wanted = cast("AutomationRow", {**BLANK, **fields})
        _check(db, wanted)
        row = _write(db, CREATE, id or db.new_id("auto"), wanted, was_enabled=False)
        events.record(db, "automation.created", row["id"], by=by)
    return row


def change(
    db: Database, automation_id: str, *, by: str | None = None, **changes: Unpack[AutomationChanges]
) -> AutomationRow:
    """Change an automation; what is already so changes nothing. Switched on, it begins with what happens from now on.

    Raises NotFound, and as `create` for what is new of it, or for anything when it is switched on.
    """
    with transaction(db):
        before = get(db, automation_id)
        if changes.items() <= before.items():
            return before
        wanted = cast("AutomationRow", {**before, **changes})
        _check(db, wanted, before)
        row = _write(db, CHANGE, automation_id, wanted, was_enabled=before["enabled"])
        _move_waiting(db, before, row)
        changed = events.changed_fields(before, row, FIELDS)
        events.record(db, "automation.updated", automation_id, by=by, changed=changed)
    return row


def delete(db: Database, automation_id: str, *, by: str | None = None) -> None:
    """Delete an automation, with what it has been begun for and its runs. Raises NotFound."""
    with transaction(db):
        get(db, automation_id)
        db.run(DELETE, {"id": automation_id})
        events.record(db, "automation.deleted", automation_id, by=by)


def _move_waiting(db: Database, before: AutomationRow, after: AutomationRow) -> None:
    """What waits for its time does so by the automation as it is now; by one that is off nothing does."""
    named = {"id": after["id"], "minutes": after["trigger"].get("minutes", 0)}
    if not after["enabled"] or before["trigger"]["type"] != after["trigger"]["type"]:
        db.run(FORGET_WAITING, named)
    elif before["trigger"] != after["trigger"]:
        db.run(MOVE_WAITING, named)
        if after["trigger"]["type"] in BY_CLOCK:
            db.run(FORGET_PUT_OFF, named)


def _write(
    db: Database,
    statement: Query[StoredAutomation],
    automation_id: str,
    wanted: AutomationRow,
    *,
    was_enabled: bool,
) -> AutomationRow:
    now = db.now()
    stored: dict[str, object] = {name: wanted[name] for name in FIELDS}  # type: ignore[literal-required]
    for name in ("trigger", "conditions", "actions"):
        stored[name] = as_json(stored[name])
    stored |= {"enabled_at": wanted["enabled_at"], "enabled_seq": wanted["enabled_seq"]}
    if not wanted["enabled"]:
        stored |= {"enabled_at": None, "enabled_seq": None}
    elif not was_enabled:
        stored |= {"enabled_at": now, "enabled_seq": db.value(NEWEST_EVENT)}
    return parsed(db.row(statement, {**stored, "id": automation_id, "now": now}))


def _check(db: Database, wanted: AutomationRow, before: AutomationRow | None = None) -> None:
    """Raise Invalid for what an automation names that there is not.

    What it named `before` stays, so that one whose template is gone can be stopped; switched on it is judged as a new one.
    """
    if before is not None and wanted["enabled"] and not before["enabled"]:
        before = None
    if before is None or _quiet(before) != _quiet(wanted):
        _check_quiet(*_quiet(wanted))
    kind = wanted["trigger"]["type"]
    same_kind = before is not None and before["trigger"]["type"] == kind
    conditions = before["conditions"] if before is not None and same_kind else []
    for place, condition in enumerate(wanted["conditions"]):
        if condition not in conditions:
            _check_condition(db, kind, condition, f"conditions.{place}")
    actions = before["actions"] if before is not None else []
    for place, action in enumerate(wanted["actions"]):
        if action not in actions:
            _check_action(db, action, f"actions.{place}")


def _quiet(automation: AutomationRow) -> tuple[str | None, str | None]:
    return automation["quiet_from"], automation["quiet_to"]


def _check_quiet(begin: str | None, end: str | None) -> None:
    if (begin is None) != (end is None):
        raise Invalid.field("quietTo", "invalid", "The quiet hours have a beginning and an end.")
    if begin is not None and begin == end:
        raise Invalid.field("quietTo", "invalid", "Must not be the same as quietFrom.")


def _check_condition(db: Database, trigger: str, condition: Condition, field: str) -> None:
    kind = condition["type"]
    if kind in ("department", "priority") and not trigger.startswith("task."):
        raise Invalid.field(f"{field}.type", "invalid", "Only a task has one.")
    if kind == "channel" and trigger.startswith("stay."):
        raise Invalid.field(f"{field}.type", "invalid", "A stay has no channel.")
    if kind == "department":
        for number, slug in enumerate(condition["in"]):
            settings.check_department(db, slug, f"{field}.in.{number}")


def _check_action(db: Database, action: Action, field: str) -> None:
    if (template_id := action.get("template_id")) is not None:
        try:
            templates.get(db, template_id)
        except NotFound:
            message = "No template has this id."
            raise Invalid.field(f"{field}.templateId", "no_such", message) from None
    if (department := action.get("department")) is not None:
        settings.check_department(db, department, f"{field}.department")
    if (assignee := action.get("assignee")) is not None:
        staff.assignable(db, assignee, f"{field}.assignee")
    for number, member in enumerate(action.get("staff", [])):
        staff.assignable(db, member, f"{field}.staff.{number}")


def _by_seq(db: Database, seqs: list[int]) -> list[AutomationRow]:
    return [parsed(row) for row in db.all(BY_SEQ, {"seqs": as_json(seqs)})]


def scopes_of(actions: list[Action] | list[Mapping[str, object]]) -> set[str]:
    """The scopes that a program needs beside `automations:write`: of what the actions do in its place."""
    return {NEEDS[str(one["type"])] for one in actions if str(one["type"]) in NEEDS}


NEEDS = {
    "send_template": "conversations:write",
    "assign": "conversations:write",
    "create_task": "tasks:write",
    "tag": "guests:write",
}
