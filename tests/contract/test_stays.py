"""Stays: what they are made of, which are listed, and what happens in a hotel."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.db import Database
from jack.operations import verify
from tests.builders import make_guest, make_stay
from tests.checks import coded, refused, succeeded
from tests.conftest import Person

TODAY, TOMORROW, LATER = "2026-05-28", "2026-05-29", "2026-05-31"


def ids(person: Person, query: str) -> list[str]:
    return [row["id"] for row in succeeded(person.get(f"/stays?{query}"))]


def types(db: Database) -> list[str]:
    return db.column("SELECT type FROM events WHERE type LIKE 'stay.%' ORDER BY seq")


def test_a_stay_is_answered_whole(member: Person) -> None:
    guest, other = make_guest(member.db, name="Ana"), make_guest(member.db)
    sent = {
        "guestId": guest["id"],
        "companions": [other["id"], guest["id"], other["id"]],
        "room": "302",
        "roomType": "Double",
        "arrival": TODAY,
        "departure": LATER,
        "eta": "15:30",
        "adults": 2,
        "children": 1,
        "source": "direct",
        "confirmation": "JK-1",
        "externalId": "res-1",
        "notes": "Late",
        "metadata": {"rate": "flex"},
    }
    made = succeeded(member.post("/stays", sent), 201)
    assert made == {
        **sent,
        "id": made["id"],
        "guest": {"id": guest["id"], "name": "Ana"},
        "companions": [other["id"]],
        "nights": 3,
        "status": "booked",
        "createdAt": made["createdAt"],
        "updatedAt": made["updatedAt"],
    }
    assert made["id"].startswith("stay-")
    assert succeeded(member.get(f"/stays/{made['id']}")) == made


def test_two_days_are_all_it_needs(member: Person) -> None:
    made = succeeded(member.post("/stays", {"arrival": TODAY, "departure": TOMORROW}), 201)
    assert (made["guestId"], made["guest"], made["companions"]) == (None, None, [])
    assert (made["adults"], made["children"], made["status"], made["nights"]) == (1, 0, "booked", 1)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"departure": TODAY}, ("arrival", "required")),
        ({"arrival": TOMORROW, "departure": TODAY}, ("departure", "out_of_range")),
        ({"arrival": "2026-02-30", "departure": TODAY}, ("arrival", "not_a_time")),
        ({"arrival": "28.05.2026", "departure": TODAY}, ("arrival", "not_a_time")),
        ({"arrival": "20260528", "departure": TODAY}, ("arrival", "not_a_time")),
        ({"eta": "25:00"}, ("eta", "not_a_time")),
        ({"eta": "9:00"}, ("eta", "too_short")),
        ({"guestId": "guest-none"}, ("guestId", "no_such")),
        ({"companions": ["guest-none"]}, ("companions", "no_such")),
        ({"status": "here"}, ("status", "not_a_choice")),
        ({"adults": -1}, ("adults", "out_of_range")),
    ],
)
def test_what_cannot_be_is_refused(
    body: dict[str, Any], wrong: tuple[str, str], member: Person
) -> None:
    days = {} if {"arrival", "departure"} & body.keys() else {"arrival": TODAY, "departure": LATER}
    assert coded(refused(member.post("/stays", {**days, **body}), 400)) == {wrong}
    assert succeeded(member.get("/stays")) == []


def test_a_change_may_not_end_a_stay_before_it_begins(member: Person) -> None:
    made = make_stay(member.db, arrival=TODAY, departure=LATER)
    error = refused(member.patch(f"/stays/{made['id']}", {"departure": "2026-05-01"}), 400)
    assert coded(error) == {("departure", "out_of_range")}
    assert succeeded(member.get(f"/stays/{made['id']}"))["departure"] == LATER


def test_each_change_of_the_status_has_its_word_and_any_may_follow_any(member: Person) -> None:
    made = make_stay(member.db, arrival=TODAY, departure=LATER)["id"]
    for status in ("departed", "in_house", "cancelled", "no_show", "in_house", "booked"):
        changed = succeeded(member.patch(f"/stays/{made}", {"status": status}))
        assert changed["status"] == status
    succeeded(member.patch(f"/stays/{made}", {"room": "305"}))
    assert types(member.db) == [
        "stay.created",
        "stay.checked_out",
        "stay.checked_in",
        "stay.cancelled",
        "stay.updated",
        "stay.checked_in",
        "stay.updated",
        "stay.updated",
    ]
    changed = member.db.value("SELECT changed FROM events ORDER BY seq DESC LIMIT 1")
    assert changed == '["room"]'


def test_one_entered_by_mistake_is_deleted(member: Person) -> None:
    made = make_stay(member.db, external_id="res-1", companions=[make_guest(member.db)["id"]])
    gone = succeeded(member.delete(f"/stays/{made['id']}"))
    assert gone == {"id": made["id"], "deleted": True}
    refused(member.get(f"/stays/{made['id']}"), 404)
    assert types(member.db)[-1] == "stay.deleted"
    assert member.db.value("SELECT count(*) FROM stay_companions") == 0
    succeeded(
        member.put("/stays/by-external-id/res-1", {"arrival": TODAY, "departure": LATER}), 201
    )


def test_a_companion_who_becomes_the_guest_is_named_once(member: Person) -> None:
    guest, other = make_guest(member.db)["id"], make_guest(member.db)["id"]
    made = make_stay(member.db, guest_id=guest, companions=[other])
    changed = succeeded(member.patch(f"/stays/{made['id']}", {"guestId": other}))
    assert (changed["guestId"], changed["companions"]) == (other, [])
    assert verify.problems(member.db) == []


def test_the_name_of_its_guest_is_theirs_of_now(member: Person) -> None:
    guest = make_guest(member.db, name="Ana")["id"]
    made = make_stay(member.db, guest_id=guest)["id"]
    known = member.get("/stays?order=changed").json["meta"]["cursor"]
    succeeded(member.patch(f"/guests/{guest}", {"name": "Anna"}))
    (told,) = succeeded(member.get(f"/stays?cursor={known}"))
    assert (told["id"], told["guest"]["name"]) == (made, "Anna")


# ------------------------------------------------------------------------------------------------ lists


def test_who_is_in_the_house_at_night(member: Person) -> None:
    db = member.db
    first = make_stay(db, arrival="2026-05-27", departure=TOMORROW)["id"]
    second = make_stay(db, arrival=TODAY, departure=LATER, status="in_house")["id"]
    make_stay(db, arrival=TODAY, departure=TODAY)  # for the day only
    make_stay(db, arrival="2026-05-20", departure=TODAY)
    make_stay(db, arrival=TOMORROW, departure=LATER)
    for status in ("cancelled", "no_show"):
        make_stay(db, arrival=TODAY, departure=LATER, status=status)
    assert ids(member, f"on={TODAY}&sort=arrival") == [first, second]


def test_arrivals_and_departures_of_a_day(member: Person) -> None:
    db = member.db
    gone = make_stay(db, arrival="2026-05-25", departure=TODAY, status="departed")["id"]
    come = make_stay(db, arrival=TODAY, departure=LATER)["id"]
    day = make_stay(db, arrival=TODAY, departure=TODAY)["id"]
    make_stay(db, arrival=TOMORROW, departure=LATER)
    assert ids(member, f"arrivalFrom={TODAY}&arrivalTo={TODAY}&sort=arrival") == [come, day]
    assert ids(member, f"departureFrom={TODAY}&departureTo={TODAY}") == [day, gone]
    assert ids(member, f"departureTo={TODAY}&status=departed&status=in_house") == [gone]


def test_the_stays_of_a_guest_are_those_they_accompany_too(member: Person) -> None:
    db, guest = member.db, make_guest(member.db)["id"]
    own = make_stay(db, guest_id=guest, arrival=TODAY, departure=LATER)["id"]
    with_other = make_stay(db, guest_id=make_guest(db)["id"], companions=[guest])["id"]
    make_stay(db, guest_id=make_guest(db)["id"])
    assert ids(member, f"guestId={guest}") == [own, with_other]
    for order in ("created", "changed"):
        assert ids(member, f"guestId={guest}&cursor=&order={order}") == [own, with_other]


def test_a_list_has_its_orders(member: Person) -> None:
    db = member.db
    late = make_stay(db, arrival=LATER, departure=LATER, room="101")["id"]
    soon = make_stay(db, arrival=TODAY, departure=LATER, room="302")["id"]
    after = make_stay(db, arrival=TOMORROW, departure=LATER, room="201")["id"]
    assert ids(member, "") == ids(member, "sort=-arrival") == [late, after, soon]
    assert ids(member, "sort=arrival") == [soon, after, late]
    assert ids(member, "sort=room") == [late, after, soon]
    assert ids(member, "room=302") == [soon]


@pytest.mark.parametrize(
    "words", ["muller", "Müller 302", "JK-77", "booking", "late", "302 bob", "+34 600", "res-9"]
)
def test_a_search_finds_guest_room_and_booking(words: str, member: Person) -> None:
    db = member.db
    guest = make_guest(db, name="Jörg Müller", phone="+34600111222", email="m@x.example")["id"]
    found = make_stay(
        db,
        guest_id=guest,
        companions=[make_guest(db, name="Bob")["id"]],
        room="302",
        confirmation="JK-77",
        source="Booking.com",
        notes="Late check-out",
        external_id="res-9",
    )["id"]
    make_stay(db, guest_id=make_guest(db)["id"], room="303")
    answer = member.get("/stays", query_string={"search": words})
    assert [row["id"] for row in succeeded(answer)] == [found]
    assert answer.json["meta"]["total"] == 1


# ------------------------------------------------------------------------------------------------ a hotel's day


def test_a_room_is_changed_on_the_day(member: Person) -> None:
    """The guest's conversations and new tasks have the new one at once; what was done for the old one keeps it."""
    guest = make_guest(member.db)["id"]
    stay = make_stay(
        member.db, guest_id=guest, room="302", status="in_house", arrival=TODAY, departure=LATER
    )["id"]
    task = {"title": "Towels", "department": "housekeeping", "guestId": guest}
    before = succeeded(member.post("/tasks", task), 201)
    succeeded(member.patch(f"/stays/{stay}", {"room": "305"}))
    after = succeeded(member.post("/tasks", task), 201)
    assert (before["room"], after["room"]) == ("302", "305")
    assert succeeded(member.get(f"/tasks/{before['id']}"))["room"] == "302"
    assert succeeded(member.get(f"/guests/{guest}"))["stay"]["room"] == "305"
    assert [row["id"] for row in succeeded(member.get("/guests?search=305"))] == [guest]
    assert succeeded(member.get("/guests?search=302")) == []


def test_a_day_use_has_no_night(member: Person) -> None:
    guest = make_guest(member.db)["id"]
    body = {"guestId": guest, "arrival": TODAY, "departure": TODAY, "status": "in_house"}
    made = succeeded(member.post("/stays", body), 201)
    assert made["nights"] == 0
    assert succeeded(member.get(f"/guests/{guest}"))["stay"]["id"] == made["id"]
    assert ids(member, f"on={TODAY}") == []
    assert ids(member, f"arrivalFrom={TODAY}&departureTo={TODAY}") == [made["id"]]


def test_who_does_not_come_is_shown_with_no_stay_and_may_come_after_all(member: Person) -> None:
    guest = make_guest(member.db)["id"]
    made = make_stay(member.db, guest_id=guest, room="302", arrival=TODAY, departure=LATER)["id"]
    succeeded(member.patch(f"/stays/{made}", {"status": "no_show"}))
    assert succeeded(member.get(f"/guests/{guest}"))["stay"] is None
    assert ids(member, f"on={TODAY}") == []
    assert ids(member, "status=no_show") == [made]
    succeeded(member.patch(f"/stays/{made}", {"status": "in_house"}))
    assert succeeded(member.get(f"/guests/{guest}"))["stay"]["status"] == "in_house"
