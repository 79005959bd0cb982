"""`/push` and `/auth/me/notifications`: one's own devices, and of what one is told."""

from __future__ import annotations

from typing import Any

import pytest

from jack.resources.push.preferences import KINDS, ON_PAGE
from tests.checks import refused, succeeded
from tests.conftest import Person
from tests.device import Device


def subscribed(person: Person, device: Device, **more: Any) -> Any:
    return succeeded(person.post("/push/subscriptions", {**device.subscription(), **more}), 201)


def test_a_device_is_ones_own_and_goes_to_who_signs_in_on_it(member: Person, admin: Person) -> None:
    device = Device("https://push.example.net/1")
    made = subscribed(member, device)
    for ask in (admin.get, admin.delete):
        refused(ask(f"/push/subscriptions/{made['id']}"), 404)
    refused(admin.post(f"/push/subscriptions/{made['id']}/test"), 404)
    subscribed(admin, device)
    assert succeeded(member.get("/push/subscriptions")) == []
    assert len(succeeded(admin.get("/push/subscriptions"))) == 1


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-everywhere"])
def test_signing_out_ends_it(member: Person, path: str) -> None:
    subscribed(member, Device("https://push.example.net/1"))
    succeeded(member.post(path))
    assert member.db.value("SELECT count(*) FROM push_subscriptions") == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.net/1",
        "https://10.0.0.1/1",
        "https://[::ffff:10.0.0.1]/1",
        "https://user@push.example.net/1",
        "ftp://push.example.net/1",
    ],
)
def test_only_services_on_the_public_internet_are_asked(member: Person, endpoint: str) -> None:
    body = {**Device("").subscription(), "endpoint": endpoint}
    refused(member.post("/push/subscriptions", body), 400)


def test_keys_must_be_keys(member: Person) -> None:
    body = Device("https://push.example.net/1").subscription()
    body["keys"]["p256dh"] = "BAAA"
    error = refused(member.post("/push/subscriptions", body), 400)
    assert error["details"][0]["field"] == "keys.p256dh"


def test_by_default_one_is_told_of_everything_at_any_hour(member: Person) -> None:
    known = succeeded(member.get("/auth/me/notifications"))
    hours = {"quietFrom": None, "quietTo": None}
    assert known == {"push": list(KINDS), "email": [], "page": list(ON_PAGE), **hours}
    wanted = {
        "push": ["mention", "guest_mine"],
        "email": ["task_overdue", "guest_mine", "guest_mine"],
        "page": ["health"],
        "quietFrom": "22:00",
        "quietTo": "07:00",
    }
    chosen = {
        **wanted,
        "push": ["guest_mine", "mention"],
        "email": ["guest_mine", "task_overdue"],
    }
    assert succeeded(member.put("/auth/me/notifications", wanted)) == chosen
    assert succeeded(member.get("/auth/me/notifications")) == chosen


def test_who_knows_of_pushes_only_changes_nothing_else(member: Person) -> None:
    succeeded(member.put("/auth/me/notifications", {"push": [], "email": ["mention"], "page": []}))
    known = succeeded(member.put("/auth/me/notifications", {"push": ["mention"]}))
    assert known == {
        "push": ["mention"],
        "email": ["mention"],
        "page": [],
        "quietFrom": None,
        "quietTo": None,
    }


@pytest.mark.parametrize(
    ("way", "kind"), [("push", "x"), ("email", "health"), ("page", "task_overdue")]
)
def test_a_way_takes_only_kinds_that_it_has(member: Person, way: str, kind: str) -> None:
    error = refused(member.put("/auth/me/notifications", {"push": [], way: [kind]}), 400)
    assert error["details"][0]["field"].startswith(way)


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({"quietFrom": "22:00"}, "quietTo"),
        ({"quietTo": "22:00"}, "quietFrom"),
        ({"quietFrom": "22:00", "quietTo": "22:00"}, "quietTo"),
        ({"quietFrom": "25:00", "quietTo": "07:00"}, "quietFrom"),
    ],
)
def test_quiet_hours_have_two_ends(member: Person, hours: dict[str, str], field: str) -> None:
    error = refused(member.put("/auth/me/notifications", {"push": [], **hours}), 400)
    assert error["details"][0]["field"] == field


def test_turning_it_on_and_off_is_in_the_audit_log(admin: Person) -> None:
    made = subscribed(admin, Device("https://push.example.net/1"))
    admin.delete(f"/push/subscriptions/{made['id']}")
    actions = [row["action"] for row in succeeded(admin.get("/audit"))]
    assert {"push.turned_on", "push.turned_off"} <= set(actions)
    for _ in range(2):  # the second changes nothing
        succeeded(admin.put("/auth/me/notifications", {"push": ["mention"]}))
    rows = succeeded(admin.get("/audit?action=notifications.changed"))
    assert [row["changed"] for row in rows] == [["push"]]
