"""`/staff`: who works here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person

JANE = {"name": "Jane Doe", "email": "jane@hotel.example"}


def create(admin: Person, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = succeeded(admin.post("/staff", JANE | fields), 201)
    return made


def test_a_member_has_the_documented_fields(admin: Person) -> None:
    answer = admin.post("/staff", JANE | {"role": "manager", "department": "front-desk"})
    made = succeeded(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/staff/{made['id']}"
    shown = succeeded(admin.get(f"/staff/{made['id']}"))
    assert shown.pop("id").startswith("staff-")
    assert shown == JANE | {
        "role": "manager",
        "department": "front-desk",
        "active": True,
        "invited": True,
        "totpEnabled": False,
        "lastSeenAt": None,
        "createdAt": "2026-05-28T20:26:40.000Z",
        "updatedAt": "2026-05-28T20:26:40.000Z",
    }


def test_a_new_member_is_staff_unless_said_otherwise(admin: Person) -> None:
    made = create(admin)
    assert (made["role"], made["department"]) == ("staff", None)


def test_members_are_listed_in_the_order_they_joined(admin: Person, member: Person) -> None:
    made = create(admin)
    answer = member.get("/staff")
    assert [row["id"] for row in succeeded(answer)] == [admin.id, member.id, made["id"]]
    assert answer.json["meta"]["total"] == 3


def test_an_email_is_taken_in_whatever_case(admin: Person) -> None:
    first = create(admin)
    answer = admin.post("/staff", JANE | {"email": "JANE@Hotel.example"})
    error = refused(answer, 409, reason="duplicate")
    assert first["id"] in error["message"]
    assert error["existingId"] == first["id"]
    assert named(error) == {"email"}


def test_an_email_is_taken_with_its_domain_in_either_form(admin: Person) -> None:
    first = create(admin, email="Jane@Müller.de")
    answer = admin.post("/staff", JANE | {"email": "jane@xn--mller-kva.de"})
    assert refused(answer, 409, reason="duplicate")["existingId"] == first["id"]


@pytest.mark.parametrize("method", ["post", "patch"])
def test_another_department_is_400_and_names_the_choices(method: str, admin: Person) -> None:
    path = "/staff" if method == "post" else f"/staff/{create(admin)['id']}"
    body = {"department": "kitchen"} | (JANE if method == "post" else {})
    error = refused(getattr(admin, method)(path, body), 400)
    assert named(error) == {"department"}
    assert "front-desk" in error["details"][0]["message"]


def test_what_is_absent_stays_and_null_clears(admin: Person, clock: Clock) -> None:
    made = create(admin, department="front-desk", role="manager")
    clock.move(60)
    changed = succeeded(admin.patch(f"/staff/{made['id']}", {"department": None}))
    expected = {"department": None, "updatedAt": "2026-05-28T20:27:40.000Z"}
    assert changed == {name: made[name] for name in changed} | expected


@pytest.mark.parametrize("change", [{"role": "manager"}, {"role": "staff"}, {"active": False}])
def test_the_last_active_admin_stays_one(change: dict[str, Any], admin: Person) -> None:
    inactive = create(admin, role="admin")
    succeeded(admin.patch(f"/staff/{inactive['id']}", {"active": False}))
    answer = admin.patch(f"/staff/{admin.id}", change)
    refused(answer, 409, reason="last_admin")
    assert succeeded(admin.get("/auth/me"))["role"] == "admin"


def test_an_admin_may_go_when_there_is_another(admin: Person) -> None:
    create(admin, role="admin")
    assert succeeded(admin.patch(f"/staff/{admin.id}", {"role": "staff"}))["role"] == "staff"
    refused(admin.patch(f"/staff/{admin.id}", {"role": "admin"}), 403)


def test_the_last_admin_may_change_their_name(admin: Person) -> None:
    assert succeeded(admin.patch(f"/staff/{admin.id}", {"name": "Ada L."}))["name"] == "Ada L."


def test_last_seen_is_kept_to_within_five_minutes(
    admin: Person, member: Person, clock: Clock
) -> None:
    def seen() -> Any:
        return succeeded(admin.get(f"/staff/{member.id}"))["lastSeenAt"]

    member.get("/auth/me")
    before = seen()
    clock.move(299)
    member.get("/auth/me")
    assert seen() == before
    clock.move(1)
    member.get("/auth/me")
    assert seen() == "2026-05-28T20:31:40.000Z"


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/staff/nobody"), ("patch", "/staff/nobody"), ("post", "/staff/nobody/invite")],
)
def test_an_unknown_member_is_404(method: str, path: str, admin: Person) -> None:
    kwargs = {"json": {"name": "x"}} if method == "patch" else {}
    assert refused(getattr(admin, method)(path, **kwargs), 404)["message"] == (
        "Staff member not found"
    )
