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
