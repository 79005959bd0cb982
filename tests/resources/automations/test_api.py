"""`/automations`: what is taken and what is refused, by people and by programs."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.automations import facts, ready_made, running, runs
from jack.resources.guests import merge
from jack.resources.settings import store as settings
from tests.builders import make_automation, make_conversation, make_member, make_template
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person
from tests.resources.automations.house import House

TELL = {"type": "notify", "department": "front-desk"}
WAITING = {"type": "conversation.waiting", "minutes": 15}


def body(**fields: Any) -> dict[str, Any]:
    return {"name": "Ours", "trigger": WAITING, "actions": [TELL], **fields}


def test_what_was_sent_is_what_is_shown(manager: Person) -> None:
    template = make_template(manager.db)["id"]
    sent = body(
        trigger={"type": "stay.arrival", "days": -2, "at": "10:00"},
        conditions=[
            {"type": "source", "in": ["direct"]},
            {"type": "hours", "is": "open"},
            {"type": "returning", "is": False},
            {"type": "nights", "atLeast": 2},
        ],
        actions=[
            {"type": "send_template", "templateId": template, "channels": ["whatsapp", "email"]},
            {"type": "create_task", "title": "x", "department": "front-desk", "priority": "high"},
            {"type": "assign", "assignee": manager.id},
            {"type": "tag", "tag": "vip"},
            {"type": "notify", "staff": [manager.id]},
        ],
        perGuestPerDay=2,
        quietFrom="22:00",
        quietTo="08:00",
    )
    shown = succeeded(manager.post("/automations", json=sent), 201)
    assert {name: shown[name] for name in sent} == sent
    assert (shown["enabled"], shown["enabledAt"]) == (False, None)
    assert succeeded(manager.get(f"/automations/{shown['id']}")) == shown


def test_null_is_as_if_it_was_left_out(manager: Person) -> None:
    sent = body(trigger={**WAITING, "days": None, "at": None}, actions=[{**TELL, "staff": None}])
    shown = succeeded(manager.post("/automations", json=sent), 201)
    assert (shown["trigger"], shown["actions"]) == (WAITING, [TELL])


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"trigger": {"type": "stay.arrival", "days": 1}}, "trigger.at", "required"),
    ({"trigger": {"type": "message.received", "minutes": 3}}, "trigger.minutes", "invalid"),
    ({"trigger": {"type": "full.moon"}}, "trigger.type", "not_a_choice"),
    ({"trigger": {**WAITING, "minutes": 20161}}, "trigger.minutes", "out_of_range"),
    ({"actions": []}, "actions", "too_short"),
    ({"actions": [{"type": "notify"}]}, "actions.0.staff", "required"),
    ({"actions": [{**TELL, "staff": ["staff-1"]}]}, "actions.0.staff", "invalid"),
    ({"actions": [{"type": "assign", "assignee": "staff-1"}]}, "actions.0.assignee", "no_such"),
    ({"actions": [{"type": "notify", "staff": ["x"]}]}, "actions.0.staff.0", "no_such"),
    ({"actions": [{**TELL, "department": "x"}]}, "actions.0.department", "unknown_department"),
    (
        {"actions": [{"type": "send_template", "templateId": "tpl-x", "channels": ["email"]}]},
        "actions.0.templateId",
        "no_such",
    ),
    ({"conditions": [{"type": "hours", "is": True}]}, "conditions.0.is", "not_a_choice"),
    ({"conditions": [{"type": "returning", "is": "open"}]}, "conditions.0.is", "not_a_choice"),
    ({"conditions": [{"type": "tag"}]}, "conditions.0.in", "required"),
    ({"conditions": [{"type": "channel", "in": ["fax"]}]}, "conditions.0.in", "not_a_choice"),
    ({"conditions": [{"type": "priority", "in": ["low"]}]}, "conditions.0.type", "invalid"),
    ({"quietFrom": "22:00"}, "quietTo", "invalid"),
    ({"quietFrom": "22:00", "quietTo": "22:00"}, "quietTo", "invalid"),
]


@pytest.mark.parametrize(("fields", "field", "code"), WRONG)
def test_what_cannot_be_done_is_refused(
    manager: Person, fields: dict[str, Any], field: str, code: str
) -> None:
    error = refused(manager.post("/automations", json=body(**fields)), 400)
    assert [(one["field"], one["code"]) for one in error["details"]] == [(field, code)]


def test_only_managers_see_them(member: Person) -> None:
    id = make_automation(member.db)["id"]
    for path in ("", f"/{id}", f"/{id}/runs"):
        refused(member.get(f"/automations{path}"), 403)


def key(admin: Person, *scopes: str) -> dict[str, str]:
    made = succeeded(admin.post("/api-keys", json={"name": "PMS", "scopes": list(scopes)}), 201)
    return {"Authorization": f"Bearer {made['token']}"}


def test_a_program_makes_none_that_does_what_it_may_not(client: FlaskClient, admin: Person) -> None:
    template = make_template(admin.db)["id"]
    send = {"type": "send_template", "templateId": template, "channels": ["email"]}
    may = key(admin, "automations:write", "conversations:write", "templates:read")
    may_not = key(admin, "automations:write", "guests:write")
    refused(client.post("/api/v1/automations", json=body(actions=[send]), headers=may_not), 403, reason="scope_missing")  # fmt: skip
    made = succeeded(
        client.post("/api/v1/automations", json=body(actions=[send]), headers=may), 201
    )
    switched = {"json": {"enabled": True}, "headers": may_not}
    refused(client.patch(f"/api/v1/automations/{made['id']}", **switched), 403)


def test_a_hundred_are_enough(db: Database) -> None:
    for _ in range(100):
        make_automation(db)
    with pytest.raises(Exception, match="100 automations"):
        make_automation(db)


def test_the_ready_made_ones_are_there_once_and_off(manager: Person) -> None:
    db = manager.db
    settings.put(db, "hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "language": "es"})
    assert running.has_news(db)
    for _ in range(2):
        running.look(db)
    rows = succeeded(manager.get("/automations"))
    assert len(rows) == 5
    assert not any(row["enabled"] for row in rows)
    assert {row["name"] for row in rows} >= {"Bienvenida", "Segunda mañana"}
    texts = [row["texts"] for row in succeeded(manager.get("/templates"))]
    assert [sorted(one) for one in texts] == [["en", "es"]] * 4
    for row in rows:
        assert succeeded(manager.delete(f"/automations/{row['id']}"))
    running.look(db)
    assert succeeded(manager.get("/automations")) == []
    assert not running.has_news(db)


def test_nobody_has_set_up_the_hotel_yet(db: Database) -> None:
    running.look(db)
    assert not ready_made.are_made(db)
    make_member(db)
    running.look(db)
    assert ready_made.are_made(db)


def test_the_ready_made_ones_can_be_switched_on_as_they_are(house: House) -> None:
    """Their texts have a value for every place, of a guest with a name and a stay."""
    house.db.run("DELETE FROM automation_place")
    house.look()
    house.db.run("UPDATE automations SET enabled = 1, enabled_at = :now, enabled_seq = 0", {"now": house.db.now()})  # fmt: skip
    house.stay(arrival="2026-05-02", departure="2026-05-06")
    for day in range(1, 9):
        house.at(f"2026-05-0{day} 12:00")
        house.look()
    assert len(house.sent()) == 3
    assert not any("{" in text for text in house.sent())
    reasons = house.db.column("SELECT reason FROM automation_runs")
    assert reasons == [None, None, None]


def test_runs_go_with_the_guest_they_are_of(db: Database, clock: Clock) -> None:
    auto = make_automation(db)["id"]
    kept, other = (make_conversation(db, name=f"G{number}") for number in (1, 2))
    (about,) = facts.conversations(db, [other["id"]])
    runs.record(db, auto, "x", about, "notify", result="done")
    whose = "SELECT guest_id FROM automation_runs"
    made = merge.merge(db, kept["guest_id"], other["guest_id"])
    assert db.value(whose) == kept["guest_id"]
    merge.undo(db, kept["guest_id"], made["id"])
    assert db.value(whose) == other["guest_id"]
    del clock


def test_runs_are_kept_a_year(db: Database, clock: Clock) -> None:
    auto = make_automation(db)["id"]
    (about,) = facts.conversations(db, [make_conversation(db)["id"]])
    for _ in range(3):
        runs.record(db, auto, "x", about, "notify", result="done")
        clock.move(200 * 86400)
    runs.delete_expired(db)
    assert db.value("SELECT count(*) FROM automation_runs") == 1
