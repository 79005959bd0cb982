"""The stay that is shown with a guest and their conversations, and what is found by it."""

from __future__ import annotations

from typing import Any

import pytest

from jack.resources.guests import current_stay
from tests.builders import make_conversation, make_guest, make_stay
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person

DAY = 86_400.0


def shown(person: Person, guest: str) -> Any:
    return succeeded(person.get(f"/guests/{guest}"))["stay"]


def ids(person: Person, path: str) -> list[str]:
    return [row["id"] for row in succeeded(person.get(path))]


def test_it_is_the_one_in_house_else_the_next_else_the_last(admin: Person) -> None:
    db, guest = admin.db, make_guest(admin.db)["id"]
    assert shown(admin, guest) is None
    old = make_stay(
        db, guest_id=guest, arrival="2026-05-10", departure="2026-05-14", status="departed"
    )
    last = make_stay(
        db, guest_id=guest, arrival="2026-05-15", departure="2026-05-20", status="departed"
    )
    assert shown(admin, guest)["id"] == last["id"]
    far = make_stay(db, guest_id=guest, arrival="2026-08-01", departure="2026-08-02")
    assert shown(admin, guest)["id"] == far["id"]
    soon = make_stay(db, guest_id=guest, arrival="2026-06-01", departure="2026-06-02")
    assert shown(admin, guest)["id"] == soon["id"]
    for status in ("cancelled", "no_show"):
        make_stay(db, guest_id=guest, arrival="2026-05-29", departure="2026-05-30", status=status)
    assert shown(admin, guest)["id"] == soon["id"]
    here = make_stay(
        db,
        guest_id=guest,
        room="302",
        arrival="2026-05-26",
        departure="2026-05-29",
        status="in_house",
    )
    assert shown(admin, guest) == {
        "id": here["id"],
        "room": "302",
        "arrival": "2026-05-26",
        "departure": "2026-05-29",
        "status": "in_house",
    }
    assert old["id"] != last["id"]


def test_it_is_shown_for_fourteen_days_and_to_companions(admin: Person, clock: Clock) -> None:
    guest, other = make_guest(admin.db)["id"], make_guest(admin.db)["id"]
    made = make_stay(
        admin.db,
        guest_id=guest,
        companions=[other],
        arrival="2026-05-27",
        departure="2026-05-28",
        status="departed",
    )
    clock.move(14 * DAY)
    found = current_stay.of(admin.db, [guest, other])
    assert [found[one]["id"] for one in (guest, other)] == [made["id"]] * 2
    clock.move(DAY)
    assert current_stay.of(admin.db, [guest, other]) == {}


@pytest.mark.parametrize(
    ("zone", "is_shown"), [("UTC", True), ("Pacific/Auckland", False), ("America/Cancun", True)]
)
def test_the_day_is_the_hotels(zone: str, is_shown: bool, admin: Person) -> None:
    """At 20:26 UTC on the 28th it is the 29th in Auckland: who was to leave on the 28th is not expected any more."""
    hotel = {"name": "H", "timeZone": zone, "language": "en", "country": None}
    succeeded(admin.put("/settings/hotel", {"value": hotel}))
    guest = make_guest(admin.db)["id"]
    make_stay(admin.db, guest_id=guest, arrival="2026-05-27", departure="2026-05-28")
    assert (shown(admin, guest) is not None) == is_shown


def test_a_guest_and_a_conversation_stay_as_they_were_when_it_changes(
    admin: Person, clock: Clock
) -> None:
    talk = make_conversation(admin.db)
    paths = [f"/guests/{talk['guest_id']}", f"/conversations/{talk['id']}"]
    before = {path: admin.get(path) for path in paths}
    lists = {name: admin.get(f"/{name}?order=changed") for name in ("guests", "conversations")}
    clock.move(60)
    stay = make_stay(
        admin.db, guest_id=talk["guest_id"], arrival="2026-05-28", departure="2026-05-30"
    )["id"]
    bodies: dict[str, Any] = {
        paths[0]: {"notes": "Quiet room"},
        paths[1]: {"subject": "Towels"},
    }
    for path, body in bodies.items():
        now = admin.get(path)
        assert succeeded(now)["stay"]["id"] == stay
        assert succeeded(now) == {**succeeded(before[path]), "stay": succeeded(now)["stay"]}
        tag = before[path].headers["ETag"]
        assert now.headers["ETag"] == tag
        assert admin.get(path, headers={"If-None-Match": tag}).status_code == 304
        succeeded(admin.patch(path, body, headers={"If-Match": tag}))
        refused(admin.patch(path, {**body, "metadata": {"a": "1"}}, headers={"If-Match": tag}), 412)
    types = admin.db.column("SELECT type FROM events ORDER BY seq")
    assert types[-3:] == ["stay.created", "guest.updated", "conversation.updated"]
    assert lists["guests"].json["meta"]["cursor"] != ""


def test_conversations_of_guests_in_the_house_or_a_room(admin: Person) -> None:
    db = admin.db
    here, booked, gone, nobody = (make_conversation(db, content=f"Hola {n}") for n in range(4))
    days = {"arrival": "2026-05-27", "departure": "2026-05-30"}
    make_stay(db, guest_id=here["guest_id"], room="302", status="in_house", **days)
    make_stay(
        db, guest_id=booked["guest_id"], room="302", arrival="2026-06-02", departure="2026-06-03"
    )
    make_stay(db, guest_id=gone["guest_id"], room="302", status="departed", **days)
    # In the house elsewhere, and booked in this room later: not in the house in this room.
    make_stay(db, guest_id=booked["guest_id"], room="101", status="in_house", **days)
    for more in ("", "&sort=waiting", "&cursor=", "&search=hola"):
        found = ids(admin, f"/conversations?inHouse=true{more}")
        assert set(found) == {here["id"], booked["id"]}
        assert ids(admin, f"/conversations?inHouse=true&room=302{more}") == [here["id"]]
        assert set(ids(admin, f"/conversations?room=302{more}")) == {here["id"], booked["id"]}
        out = ids(admin, f"/conversations?inHouse=false{more}")
        assert set(out) == {gone["id"], nobody["id"]}
    assert admin.get("/conversations?inHouse=true").json["meta"]["total"] == 2


def test_a_search_for_guests_finds_a_room(admin: Person) -> None:
    db = admin.db
    guest = make_guest(db, name="Ana", tags=["vip"])["id"]
    other = make_guest(db, name="Bob")["id"]
    by_number = make_guest(db, name="Eva", phone="+34600302111")["id"]
    gone = make_guest(db, name="Gus")["id"]
    days = {"arrival": "2026-05-27", "departure": "2026-05-30"}
    make_stay(db, guest_id=guest, companions=[other], room="302", status="in_house", **days)
    make_stay(db, guest_id=gone, room="302", status="departed", **days)
    for more in ("", "&sort=name", "&cursor="):
        assert set(ids(admin, f"/guests?search=302{more}")) == {guest, other, by_number}
        assert ids(admin, f"/guests?search=302&tag=vip{more}") == [guest]
    assert admin.get("/guests?search=302").json["meta"]["total"] == 3
    pages = [ids(admin, f"/guests?search=302&limit=1&page={n}")[0] for n in (1, 2, 3)]
    assert pages == [by_number, other, guest]


def test_a_task_for_a_guest_takes_their_room(admin: Person) -> None:
    db, guest = admin.db, make_guest(admin.db)["id"]
    days = {"arrival": "2026-05-27", "departure": "2026-05-30"}
    stay = make_stay(db, guest_id=guest, room="302", status="in_house", **days)["id"]
    task = {"title": "Towels", "department": "housekeeping", "guestId": guest}

    def room(**more: Any) -> Any:
        return succeeded(admin.post("/tasks", {**task, **more}), 201)["room"]

    assert room() == "302"
    assert room(room="Lobby") == "Lobby"
    assert room(room=None) is None
    assert room(guestId=None) is None
    succeeded(admin.patch(f"/stays/{stay}", {"status": "departed"}))
    assert room() is None
