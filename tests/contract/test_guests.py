"""`/guests`: profiles, who has which address, and erasure as the caller sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import make_conversation, make_guest, make_task
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person


def create(person: Person, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = succeeded(person.post("/guests", {"name": "Ana", **fields}), 201)
    return made


def test_a_guest_has_the_documented_fields(member: Person) -> None:
    made = create(member)
    assert made.pop("id").startswith("guest-")
    assert made == {
        "name": "Ana",
        "email": None,
        "phone": None,
        "tags": [],
        "notes": None,
        "language": None,
        "externalId": None,
        "externalIds": {},
        "blocked": False,
        "metadata": {},
        "consents": dict.fromkeys(
            ("whatsapp", "sms", "email"), {"state": "unknown", "at": None, "source": None}
        ),
        "stay": None,
        "createdAt": "2026-05-28T20:26:40.000Z",
        "updatedAt": "2026-05-28T20:26:40.000Z",
    }


def test_everything_given_is_kept(member: Person) -> None:
    given = {
        "name": "José Ñandú O'Brien-日本",
        "email": "Jose.O'Brien+hotel@Example.com",
        "phone": "+15551234567",
        "tags": ["VIP", "returning guest"],
        "notes": "Quiet room\nno feathers\t!",
        "language": "es-MX",
    }
    made = create(member, **given)
    assert {name: made[name] for name in given} == given
    assert succeeded(member.get(f"/guests/{made['id']}")) == made


def test_location_names_the_new_guest(member: Person) -> None:
    answer = member.post("/guests", {"name": "Ana"})
    assert answer.headers["Location"] == f"/api/v1/guests/{answer.json['data']['id']}"


def test_the_newest_guest_is_first(member: Person) -> None:
    ids = [create(member)["id"] for _ in range(3)]
    assert [row["id"] for row in succeeded(member.get("/guests"))] == ids[::-1]


# ------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("+15551234567", "+15551234567"),
        ("+1 (555) 123-4567", "+15551234567"),
        ("+34 600 12 34 56", "+34600123456"),
        ("00 34 600", "00 34 600"),
        ("0034 600 12 34 56", "+34600123456"),
        ("(0034) 600-123-456", "+34600123456"),
        ("tel:+34-600-123-456", "+34600123456"),
        ("TEL: 0034600123456", "+34600123456"),
        ("whatsapp:+34600123456", "+34600123456"),
        ("+1 555 123 4567 ext. 12", "+15551234567"),
        ("+1 555 123 4567 x123", "+15551234567"),
        ("tel:+1-555-123-4567;ext=12345", "+15551234567"),
        ("+15551234567, Extension 7", "+15551234567"),
        ("+15551234567#7", "+15551234567"),
        ("tel:600 12 34 56 ext 3", "600 12 34 56"),
        ("123456789012345", "123456789012345"),
        ("600 12 34 56", "600 12 34 56"),
        ("112", "112"),
    ],
)
def test_a_phone_is_stored_as_e164_when_it_can_be(
    written: str, stored: str, member: Person
) -> None:
    assert create(member, phone=written)["phone"] == stored


def test_the_hotels_country_reads_numbers_without_a_plus(member: Person, admin: Person) -> None:
    hotel = {"name": "Sol", "country": "ES"}
    succeeded(admin.put("/settings/hotel", {"value": hotel}))
    assert create(member, phone="600 12 34 56")["phone"] == "+34600123456"


@pytest.mark.parametrize(
    "phone",
    [
        "call me",
        "+",
        "12",
        "+1234567890123456789012345",
        "555-CALL",
        "٠١٢٣",
        "１２３４",
        "1\t2345",
        "+1234567890123456",
        "1234567890123456",
        "00 1234567890123456",
        "tel:",
        "ext. 123",
        "x12",
        "whatsapp:ES.123",
        "tel:tel:+34600123456",
        "+34600123456 ext. 12345678",
    ],  # fmt: skip
)
def test_what_is_no_number_is_400(phone: str, member: Person) -> None:
    answer = member.post("/guests", {"name": "Ana", "phone": phone})
    assert named(refused(answer, 400)) == {"phone"}


def test_an_email_is_another_guests_in_whatever_case(member: Person) -> None:
    first = create(member, email="Ana@Example.com")
    answer = member.post("/guests", {"name": "B", "email": "aNA@eXAMPLE.COM"})
    error = refused(answer, 409, reason="duplicate")
    assert first["id"] in error["message"]
    assert error["existingId"] == first["id"]
    assert error["details"] == [
        {"field": "email", "message": f"Already used by {first['id']}.", "code": "taken"}
    ]


def test_a_phone_is_another_guests_however_it_is_written(member: Person) -> None:
    first = create(member, phone="+15551234567")
    answer = member.post("/guests", {"name": "B", "phone": "+1 555-123-4567"})
    error = refused(answer, 409, reason="duplicate")
    assert first["id"] in error["message"]
    assert error["existingId"] == first["id"]
    assert named(error) == {"phone"}


def test_a_duplicate_among_many_is_named(manager: Person) -> None:
    first = create(manager, email="ana@example.com")
    made = manager.post("/guests/bulk", {"items": [{"name": "B", "email": "ANA@example.com"}]})
    assert succeeded(made)[0]["error"]["existingId"] == first["id"]


@pytest.mark.parametrize("field", ["email", "phone"])
def test_a_change_to_another_guests_address_is_409_and_changes_nothing(
    field: str, member: Person
) -> None:
    address = {"email": "a@example.com", "phone": "+15551234567"}
    first, second = create(member, **address), create(member, name="Bea")
    path = f"/guests/{second['id']}"
    answer = member.patch(path, {field: address[field], "name": "New name"})
    assert first["id"] in refused(answer, 409)["message"]
    assert succeeded(member.get(path)) == second


def test_an_address_that_is_given_up_is_free(member: Person) -> None:
    first = create(member, email="a@example.com", phone="+15551234567")
    succeeded(member.patch(f"/guests/{first['id']}", {"email": None, "phone": None}))
    create(member, email="a@example.com", phone="+15551234567")


def test_ones_own_address_in_another_case_is_no_conflict(member: Person) -> None:
    made = create(member, email="a@example.com")
    changed = succeeded(member.patch(f"/guests/{made['id']}", {"email": "A@Example.com"}))
    assert changed["email"] == "A@Example.com"


def test_guests_without_addresses_may_be_many(member: Person) -> None:
    for _ in range(3):
        create(member, email=None, phone=None)


# ------------------------------------------------------------------------------------------------ changing


def test_what_is_absent_stays_and_null_clears(member: Person, clock: Clock) -> None:
    made = create(member, email="a@example.com", notes="x", language="en", tags=["vip"])
    clock.move(60)
    changed = succeeded(member.patch(f"/guests/{made['id']}", {"notes": None, "language": None}))
    assert changed == made | {
        "notes": None,
        "language": None,
        "updatedAt": "2026-05-28T20:27:40.000Z",
    }


def test_tags_are_replaced_whole(member: Person) -> None:
    made = create(member, tags=["vip", "returning"])
    path = f"/guests/{made['id']}"
    assert succeeded(member.patch(path, {"tags": ["vegan"]}))["tags"] == ["vegan"]
    assert succeeded(member.get("/guests?tag=vip")) == []
    assert succeeded(member.patch(path, {"tags": []}))["tags"] == []
    assert succeeded(member.get("/guests?tag=vegan")) == []


def test_a_doubled_tag_is_kept_once_in_its_place(member: Person) -> None:
    assert create(member, tags=["b", "a", "b"])["tags"] == ["b", "a"]


def test_another_change_leaves_the_tags(member: Person) -> None:
    made = create(member, tags=["vip"])
    member.patch(f"/guests/{made['id']}", {"name": "Bea"})
    assert [row["id"] for row in succeeded(member.get("/guests?tag=vip"))] == [made["id"]]


@pytest.mark.parametrize("method", ["get", "patch"])
def test_an_unknown_guest_is_404(method: str, member: Person) -> None:
    kwargs = {"json": {"name": "x"}} if method == "patch" else {}
    assert refused(getattr(member, method)("/guests/nobody", **kwargs), 404)["message"] == (
        "Guest not found"
    )


# ------------------------------------------------------------------------------------------------ finding


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag=vip", "ab"),
        ("tag=VIP", "ab"),
        ("tag=vegan", "bc"),
        ("tag=vip&tag=vegan", "b"),
        ("tag=vip&tag=vip", "ab"),
        ("tag=vip&tag=nothing", ""),
        ("tag=nothing", ""),
        ("search=john", "ab"),
        ("search=JOHN", "ab"),
        ("search=john&tag=vip", "ab"),
        ("search=john&tag=vegan", "b"),
        ("search=john&tag=vegan&tag=vip", "b"),
        ("search=jo", "ab"),
        ("search=jo&tag=vegan", "b"),
        ("search=j smi", "a"),
        ("search=j smi&tag=vip", "a"),
        ("search=j smi&tag=vegan", ""),
        ("search=zoe", "c"),
        ("search=example.com", "ab"),
        ("search=0001", "a"),
        ("search=(555) 000-1", "a"),
        ("search=nobody", ""),
    ],
)
def test_search_and_tags_and_both(query: str, expected: str, member: Person) -> None:
    ids = {
        "a": create(
            member, name="John Smith", email="j@example.com", phone="+15550001111", tags=["vip"]
        ),
        "b": create(member, name="Johnny", email="b@example.com", tags=["Vip", "vegan"]),
        "c": create(member, name="Zoë", tags=["vegan"]),
    }
    answer = member.get(f"/guests?{query.replace(' ', '%20')}")
    assert {row["id"] for row in succeeded(answer)} == {ids[name]["id"] for name in expected}
    assert answer.json["meta"]["total"] == len(expected)


def test_pages_of_a_search_do_not_overlap(member: Person) -> None:
    ids = [create(member, name=f"John {n}")["id"] for n in range(7)]
    found = []
    for page in (1, 2, 3):
        found += succeeded(member.get(f"/guests?search=john&limit=3&page={page}"))
    assert [row["id"] for row in found] == ids[::-1]


# ------------------------------------------------------------------------------------------------ erasure


def test_an_erased_guest_is_gone(admin: Person) -> None:
    made = make_guest(admin.db, name="Zacharias", tags=["vip"])
    answer = admin.delete(f"/guests/{made['id']}")
    assert succeeded(answer) == {"id": made["id"], "deleted": True}
    refused(admin.get(f"/guests/{made['id']}"), 404)
    refused(admin.delete(f"/guests/{made['id']}"), 404)
    for query in ("", "?search=zacharias", "?search=za", "?tag=vip"):
        assert succeeded(admin.get(f"/guests{query}")) == []


def test_the_conversation_stays_without_anything_of_theirs(admin: Person) -> None:
    made = make_conversation(admin.db, content="My card is 4111", name="Zacharias")
    path = f"/conversations/{made['id']}"
    admin.patch(path, {"subject": "Zacharias's card"})
    admin.post(f"{path}/messages", {"content": "Dear Zacharias"})
    succeeded(admin.delete(f"/guests/{made['guest_id']}"))
    left = succeeded(admin.get(path))
    assert (left["guestId"], left["guest"], left["subject"], left["preview"]) == (None,) * 4
    assert (left["status"], left["waitingSince"]) == ("closed", None)
    said = succeeded(admin.get(f"{path}/messages"))
    assert [message["content"] for message in said] == ["[erased]", "[erased]"]
    assert [message["author"] for message in said] == [
        {"type": "guest", "id": None, "name": None},
        {"type": "staff", "id": admin.id, "name": "Ada Test"},
    ]
    for query in ("zacharias", "4111", "card"):
        assert succeeded(admin.get(f"/conversations?search={query}")) == []


def test_the_task_stays_without_anything_of_theirs(admin: Person) -> None:
    guest = make_guest(admin.db, name="Zacharias")["id"]
    fields = {"description": "For Zacharias", "notes": "Room of Z", "room": "302"}
    task = make_task(admin.db, title="Towels for Zacharias", guest_id=guest, **fields)
    succeeded(admin.delete(f"/guests/{guest}"))
    left = succeeded(admin.get(f"/tasks/{task['id']}"))
    assert left["title"] == "[erased]"
    assert {left[name] for name in ("description", "notes", "room", "guestId")} == {None}


def test_what_was_still_to_be_sent_is_not_sent(admin: Person) -> None:
    made = make_conversation(admin.db)
    path = f"/conversations/{made['id']}/messages"
    admin.post(path, {"content": "Dear guest"})
    succeeded(admin.delete(f"/guests/{made['guest_id']}"))
    assert succeeded(admin.get(path))[1]["status"] == "failed"
    assert admin.db.value("SELECT count(*) FROM outbox") == 0


def test_an_address_of_an_erased_guest_is_free(admin: Person) -> None:
    made = create(admin, email="a@example.com", phone="+15551234567")
    succeeded(admin.delete(f"/guests/{made['id']}"))
    create(admin, email="a@example.com", phone="+15551234567")
