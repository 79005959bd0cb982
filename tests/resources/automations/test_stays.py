"""Automations by the days of a stay: at their time by the hotel's clock, by what the stay is then, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jack.resources.automations import store as automations
from jack.resources.stays import store as stays

if TYPE_CHECKING:
    from tests.resources.automations.house import House

BEFORE = {"type": "stay.arrival", "days": -1, "at": "10:00"}
AFTER = {"type": "stay.departure", "days": 1, "at": "10:00"}


def test_it_is_sent_at_its_time_and_once(house: House) -> None:
    house.stay()
    auto = house.sending(BEFORE)
    house.look()
    house.at("2026-05-01 09:59")
    house.look()
    assert house.sent() == []
    house.at("2026-05-01 10:00")
    for _ in range(3):
        house.look()
    assert house.sent() == ["Dear Ana!"]
    assert house.runs(auto) == [("send_template", "done", None)]


@pytest.mark.parametrize(
    ("day", "at", "before", "then"),
    [
        # The clock goes from 2 to 3 on 29 March 2026, and from 3 to 2 on 25 October.
        ("2026-03-29", "10:00", "2026-03-29 09:59", "2026-03-29 10:00"),
        ("2026-10-25", "10:00", "2026-10-25 09:59", "2026-10-25 10:00"),
        ("2026-03-29", "02:30", "2026-03-29 01:59", "2026-03-29 03:30"),
        ("2026-10-25", "02:30", "2026-10-25 02:29", "2026-10-25 02:30"),
    ],
)
def test_the_hour_is_the_hotels_on_the_days_the_clock_changes(
    house: House, day: str, at: str, before: str, then: str
) -> None:
    house.at(f"{day} 00:30")
    house.stay(arrival=day, departure="2026-12-01")
    house.sending({"type": "stay.arrival", "days": 0, "at": at})
    house.at(before)
    house.look()
    assert house.sent() == []
    house.at(then)
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_an_hour_that_comes_twice_sends_once(house: House) -> None:
    house.at("2026-10-25 00:30")
    house.stay(arrival="2026-10-25", departure="2026-12-01")
    auto = house.sending({"type": "stay.arrival", "days": 0, "at": "02:30"})
    for fold in (0, 1):
        house.at("2026-10-25 02:31", fold=fold)
        house.look()
    assert house.runs(auto) == [("send_template", "done", None)]


def test_a_stay_moved_before_its_time_is_written_about_by_its_new_day(house: House) -> None:
    stay = house.stay()
    house.sending(BEFORE)
    stays.change(house.db, stay, arrival="2026-05-03")
    house.at("2026-05-01 10:00")
    house.look()
    assert house.sent() == []
    house.at("2026-05-02 10:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_what_was_sent_for_a_stay_is_not_sent_again_because_it_moved(house: House) -> None:
    stay = house.stay()
    auto = house.sending(BEFORE)
    house.at("2026-05-01 10:00")
    house.look()
    stays.change(house.db, stay, arrival="2026-05-03")
    house.at("2026-05-02 10:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]
    assert house.runs(auto)[1:] == [("send_template", "skipped", "already_sent")]


def test_other_things_are_done_again_on_the_new_day(house: House) -> None:
    stay = house.stay()
    task = {"type": "create_task", "title": "Flowers", "department": "housekeeping"}
    auto = house.doing(BEFORE, task)
    house.at("2026-05-01 10:00")
    house.look()
    stays.change(house.db, stay, arrival="2026-05-03", room="302")
    house.at("2026-05-02 10:00")
    house.look()
    assert house.runs(auto) == [("create_task", "done", None)] * 2
    assert house.db.column("SELECT room FROM tasks ORDER BY seq") == [None, "302"]


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_a_stay_that_does_not_come_about_is_not_written_about(house: House, status: str) -> None:
    stay = house.stay()
    house.sending(BEFORE)
    stays.change(house.db, stay, status=status)
    house.at("2026-05-01 10:00")
    house.look()
    assert house.sent() == []


def test_an_extended_stay_is_thanked_for_after_its_new_departure(house: House) -> None:
    stay = house.stay()
    house.sending(AFTER)
    stays.change(house.db, stay, departure="2026-05-08")
    house.at("2026-05-06 10:00")
    house.look()
    assert house.sent() == []
    house.at("2026-05-09 10:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_a_shortened_stay_is_asked_nothing_when_its_guest_has_left(house: House) -> None:
    stay = house.stay(departure="2026-05-06")
    auto = house.sending({"type": "stay.arrival", "days": 3, "at": "10:00"})
    assert house.foreseen(auto) == [("2026-05-05 10:00", "Dear Ana!", None)]
    stays.change(house.db, stay, departure="2026-05-04")
    assert house.foreseen(auto) == []
    house.at("2026-05-05 10:00")
    house.look()
    assert house.sent() == []


def test_two_stays_of_one_guest_are_each_filled_in_by_their_own_days(house: House) -> None:
    guest = house.guest()
    for arrival in ("2026-05-02", "2026-05-09"):
        house.stay(guest, arrival=arrival, departure="2026-05-10", room=arrival[-2:])
    house.sending(BEFORE, text="Room {room_number}")
    for day in ("2026-05-01", "2026-05-08"):
        house.at(f"{day} 10:00")
        house.look()
    assert house.sent() == ["Room 02", "Room 09"]


def test_late_by_up_to_six_hours_it_is_sent_and_later_it_says_so(house: House) -> None:
    auto = house.sending(BEFORE)
    house.at("2026-05-01 16:00")
    house.stay()
    house.look()
    assert house.sent() == ["Dear Ana!"]
    house.at("2026-05-01 16:01")
    house.stay()
    house.look()
    assert house.runs(auto)[1:] == [("send_template", "skipped", "too_late")]
    house.look()
    assert len(house.runs(auto)) == 2


def test_a_stay_that_is_booked_long_after_its_moment_is_told_of_once(house: House) -> None:
    """A month before arrival: of who books ten days before, the runs say that it was too late."""
    auto = house.sending({"type": "stay.arrival", "days": -30, "at": "10:00"})
    house.at("2026-06-10 09:00")
    house.stay(arrival="2026-06-20", departure="2026-06-22")
    house.stay(arrival="2026-06-05", departure="2026-06-07")  # has come and gone
    for _ in range(2):
        house.look()
    assert house.runs(auto) == [("send_template", "skipped", "too_late")]


def test_a_stay_that_is_booked_again_is_judged_anew(house: House) -> None:
    stay = house.stay()
    auto = house.sending({**BEFORE, "at": "23:30"}, quiet_from="22:00", quiet_to="08:00")
    house.at("2026-05-01 23:30")
    house.look()
    stays.change(house.db, stay, status="cancelled")
    house.at("2026-05-02 08:00")
    house.look()
    stays.change(house.db, stay, status="booked")
    house.look()
    house.look()
    assert house.sent() == ["Dear Ana!"]
    assert house.runs(auto) == [
        ("send_template", "skipped", "stay_cancelled"),
        ("send_template", "done", None),
    ]


def test_what_was_due_before_it_was_switched_on_is_not_done(house: House) -> None:
    house.stay()
    auto = house.sending(BEFORE, enabled=False)
    house.at("2026-05-01 10:30")
    automations.change(house.db, auto, enabled=True)
    house.look()
    assert (house.sent(), house.runs(auto)) == ([], [])


def test_switched_off_and_on_again_it_does_nothing_of_meanwhile(house: House) -> None:
    house.stay()
    auto = house.sending(BEFORE)
    automations.change(house.db, auto, enabled=False)
    house.at("2026-05-01 10:00")
    house.look()
    house.at("2026-05-01 10:01")
    automations.change(house.db, auto, enabled=True)
    house.look()
    assert house.runs(auto) == []


def test_so_many_minutes_after_check_in(house: House) -> None:
    stay = house.stay()
    auto = house.sending({"type": "stay.checked_in", "minutes": 60})
    house.at("2026-05-02 15:00")
    stays.change(house.db, stay, status="in_house")
    house.look()
    assert house.foreseen(auto) == [("2026-05-02 16:00", "Dear Ana!", None)]
    house.at("2026-05-02 15:59")
    house.look()
    assert house.sent() == []
    house.at("2026-05-02 16:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]
    stays.change(house.db, stay, status="booked")
    stays.change(house.db, stay, status="in_house")
    house.at("2026-05-02 18:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_who_left_before_the_minutes_were_over_is_not_welcomed(house: House) -> None:
    stay = house.stay()
    auto = house.sending({"type": "stay.checked_in", "minutes": 60})
    stays.change(house.db, stay, status="in_house")
    stays.change(house.db, stay, status="departed")
    house.at("2026-05-01 10:00")
    house.look()
    assert house.runs(auto) == [("send_template", "skipped", "guest_left")]


def test_a_check_in_that_was_taken_back_welcomes_nobody_until_the_next(house: House) -> None:
    stay = house.stay()
    auto = house.sending({"type": "stay.checked_in", "minutes": 60})
    house.at("2026-05-02 15:00")
    stays.change(house.db, stay, status="in_house")
    house.look()
    stays.change(house.db, stay, status="booked")
    house.at("2026-05-02 16:00")
    house.look()
    assert house.runs(auto) == [("send_template", "skipped", "taken_back")]
    stays.change(house.db, stay, status="in_house")
    house.look()
    house.at("2026-05-02 17:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_a_day_that_is_put_right_after_check_in_keeps_the_welcome(house: House) -> None:
    stay = house.stay()
    house.sending({"type": "stay.checked_in", "minutes": 60})
    stays.change(house.db, stay, status="in_house")
    house.look()
    stays.change(house.db, stay, arrival="2026-05-01")
    house.at("2026-05-01 10:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_who_walks_in_is_welcomed_and_who_is_brought_in_from_a_list_is_not(house: House) -> None:
    auto = house.sending({"type": "stay.checked_in", "minutes": 0})
    house.stay(arrival="2026-05-01", status="in_house")
    house.stay(arrival="2026-04-30", status="in_house")
    house.stay(arrival="2026-05-01", status="booked")
    house.stay(arrival="2026-05-01", status="departed")
    house.look()
    assert house.runs(auto) == [("send_template", "done", None)]


@pytest.mark.parametrize(
    ("kind", "status"), [("checked_in", "in_house"), ("checked_out", "departed")]
)
def test_a_program_that_was_down_for_days_welcomes_and_thanks_nobody(
    house: House, kind: str, status: str
) -> None:
    auto = house.sending({"type": f"stay.{kind}", "minutes": 0})
    for day in ("2026-05-01", "2026-05-02"):  # the first is two days ago then
        stay = house.stay(arrival=day, departure=day)
        house.at("2026-05-03 09:00")
        stays.change(house.db, stay, status=status)
        house.look()
    assert house.runs(auto) == [
        ("send_template", "skipped", "too_late"),
        ("send_template", "done", None),
    ]


def test_a_stay_without_a_guest_is_left_alone_until_it_has_one(house: House) -> None:
    guest = house.guest()
    stay = house.stay(guest)
    stays.change(house.db, stay, guest_id=None)
    auto = house.sending(BEFORE)
    house.at("2026-05-01 10:00")
    house.look()
    assert house.runs(auto) == []
    stays.change(house.db, stay, guest_id=guest)
    house.look()
    assert house.runs(auto) == [("send_template", "done", None)]
