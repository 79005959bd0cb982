"""An automation that is changed while it is on: what it names may be gone, and what waits for its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jack.core.errors import Invalid
from jack.resources.automations import store as automations
from jack.resources.templates import store as templates

if TYPE_CHECKING:
    from tests.resources.automations.house import House

BEFORE = {"type": "stay.arrival", "days": -1, "at": "10:00"}


@pytest.fixture
def gone(house: House) -> str:
    """An automation that is on and whose template was deleted."""
    auto = house.sending(BEFORE)
    (action,) = automations.get(house.db, auto)["actions"]
    templates.delete(house.db, action["template_id"])
    return auto


def test_one_that_names_something_gone_can_be_stopped(house: House, gone: str) -> None:
    assert not automations.change(house.db, gone, enabled=False)["enabled"]


def test_one_that_names_something_gone_is_not_switched_on(house: House, gone: str) -> None:
    automations.change(house.db, gone, enabled=False)
    with pytest.raises(Invalid):
        automations.change(house.db, gone, enabled=True)


def test_only_what_is_new_of_it_must_exist(house: House, gone: str) -> None:
    tag: Any = {"type": "tag", "tag": "vip"}
    unknown: Any = {"type": "notify", "department": "nowhere"}
    (action,) = automations.get(house.db, gone)["actions"]
    changed = automations.change(house.db, gone, name="Renamed", actions=[action, tag])
    assert (changed["name"], changed["actions"]) == ("Renamed", [action, tag])
    with pytest.raises(Invalid):
        automations.change(house.db, gone, actions=[action, unknown])


def test_quiet_hours_are_looked_at_when_one_of_them_changes(house: House, gone: str) -> None:
    with pytest.raises(Invalid):
        automations.change(house.db, gone, quiet_from="22:00")


def test_conditions_are_those_of_the_trigger_it_is_given(house: House) -> None:
    condition: Any = {"type": "channel", "in": ["email"]}
    auto = house.sending({"type": "message.received"}, conditions=[condition])
    trigger: Any = BEFORE
    with pytest.raises(Invalid):
        automations.change(house.db, auto, trigger=trigger)


def test_what_waits_for_the_end_of_the_quiet_hours_goes_by_its_new_day(house: House) -> None:
    house.stay(arrival="2026-05-03", departure="2026-05-05")
    early: Any = {"type": "stay.arrival", "days": -2, "at": "23:00"}
    auto = house.sending(early, quiet_from="22:00", quiet_to="08:00")
    house.at("2026-05-01 23:00")
    house.look()
    house.at("2026-05-01 23:10")
    automations.change(house.db, auto, trigger={"type": "stay.arrival", "days": -1, "at": "10:00"})
    house.at("2026-05-02 09:59")
    house.look()
    assert house.sent() == []
    house.at("2026-05-02 10:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_what_waits_for_the_end_of_the_quiet_hours_by_the_same_trigger_waits_on(
    house: House,
) -> None:
    house.stay()
    late: Any = {**BEFORE, "at": "23:00"}
    auto = house.sending(late, quiet_from="22:00", quiet_to="08:00")
    house.at("2026-05-01 23:00")
    house.look()
    automations.change(house.db, auto, name="Renamed")
    house.at("2026-05-02 08:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]
