"""Who is not written to by an automation, and why not: each time it is said in the runs, and foreseen in the preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jack.resources.conversations import opt_outs
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from jack.resources.settings import store as settings
from jack.resources.stays import store as stays
from jack.resources.templates import store as templates

if TYPE_CHECKING:
    from tests.resources.automations.house import House

BEFORE = {"type": "stay.arrival", "days": -1, "at": "10:00"}
NUMBER = "+34600111222"
HELLO = {"name": "hello", "parameters": ["{first_name}"]}


def judged(house: House, auto: str) -> str | None:
    """Why nothing was sent; the preview has said the same before."""
    ((_, _, foreseen),) = house.foreseen(auto)
    house.at("2026-05-01 10:00")
    house.look()
    ((_, result, reason),) = house.runs(auto)
    assert reason == foreseen
    assert (result == "done") == (reason is None)
    return reason


def test_a_guest_without_a_reachable_channel(house: House) -> None:
    house.stay(house.guest(email=None))
    auto = house.sending(BEFORE, channels=["whatsapp", "email"])
    assert judged(house, auto) == "no_channel"


def test_a_channel_that_is_switched_off_is_not_reachable(house: House) -> None:
    settings.put(house.db, "channels.email", {"enabled": False})
    house.stay()
    assert judged(house, house.sending(BEFORE)) == "no_channel"


def test_the_next_channel_is_taken_where_the_first_does_not_reach(house: House) -> None:
    house.stay(house.guest(phone=NUMBER))
    auto = house.sending(BEFORE, channels=["whatsapp", "sms", "email"])
    assert judged(house, auto) is None
    assert house.db.value("SELECT channel FROM outbox") == "sms"


def test_who_has_written_stop(house: House) -> None:
    guest = house.guest(email=None, phone=NUMBER)
    house.stay(guest)
    opt_outs.stop(house.db, "sms", NUMBER, "sms:x", guest_id=guest)
    assert judged(house, house.sending(BEFORE, channels=["sms"])) == "opted_out"


def test_by_whatsapp_nobody_who_has_neither_written_nor_agreed(house: House) -> None:
    house.stay(house.guest(email=None, phone=NUMBER))
    auto = house.sending(BEFORE, channels=["whatsapp"], whatsapp=HELLO)
    assert judged(house, auto) == "no_consent"


def test_who_has_agreed_is_sent_what_whatsapp_has_approved(house: House) -> None:
    guest = house.guest(email=None, phone=NUMBER)
    guests.change(house.db, guest, consents={"whatsapp": {"state": "given"}})
    house.stay(guest)
    auto = house.sending(BEFORE, channels=["whatsapp"], whatsapp=HELLO)
    assert judged(house, auto) is None
    row = house.db.row("SELECT type, details ->> '$.template.name' AS name FROM messages")
    assert (row["type"], row["name"]) == ("template", "hello")


def test_the_window_is_closed_and_there_is_no_approved_template(house: House) -> None:
    guest = house.guest(email=None, phone=NUMBER)
    house.at("2026-04-29 12:00")
    house.writes(guest, channel="whatsapp")
    house.at("2026-05-01 09:00")
    house.stay(guest)
    auto = house.sending(BEFORE, channels=["whatsapp"])
    assert judged(house, auto) == "window_closed"


def test_in_the_window_the_text_itself_is_sent(house: House) -> None:
    guest = house.guest(email=None, phone=NUMBER)
    house.writes(guest, channel="whatsapp")
    house.stay(guest)
    auto = house.sending(BEFORE, channels=["whatsapp"], whatsapp=HELLO)
    assert judged(house, auto) is None
    assert house.sent() == ["Dear Ana!"]


def test_a_blocked_guest(house: House) -> None:
    guest = house.guest()
    house.stay(guest)
    guests.change(house.db, guest, blocked=True)
    assert judged(house, house.sending(BEFORE)) == "guest_blocked"


def test_an_erased_guest(house: House) -> None:
    guest = house.guest()
    house.stay(guest)
    auto = house.sending(BEFORE)
    erasure.erase(house.db, guest)
    house.at("2026-05-01 10:00")
    house.look()
    assert (house.sent(), house.foreseen(auto)) == ([], [])


def test_a_place_without_a_value_is_named(house: House) -> None:
    house.stay()
    auto = house.sending(BEFORE, text="Your room is {room_number}, {first_name}.")
    assert judged(house, auto) == "missing_value"
    assert house.db.value("SELECT because FROM automation_runs") == "No value for room_number."


def test_a_template_that_was_deleted(house: House) -> None:
    house.stay()
    auto = house.sending(BEFORE)
    templates.delete(house.db, house.db.value("SELECT id FROM templates"))
    assert judged(house, auto) == "no_template"


def test_no_more_than_so_many_messages_of_automations_a_day(house: House) -> None:
    guest = house.guest()
    for _ in range(3):
        house.stay(guest)
    auto = house.sending(BEFORE, per_guest_per_day=2)
    foreseen = [reason for _, _, reason in house.foreseen(auto)]
    assert foreseen == [None, None, "per_guest_per_day"]
    house.at("2026-05-01 10:00")
    house.look()
    assert [reason for _, _, reason in house.runs(auto)] == foreseen
    house.stay(guest, arrival="2026-05-03")
    house.at("2026-05-02 10:00")
    house.look()
    assert len(house.sent()) == 3


def test_in_the_quiet_hours_it_waits_for_their_end(house: House) -> None:
    house.stay()
    auto = house.sending(
        {"type": "stay.arrival", "days": -1, "at": "23:30"}, quiet_from="22:00", quiet_to="08:00"
    )
    assert [at for at, _, _ in house.foreseen(auto)] == ["2026-05-02 08:00"]
    for time in ("2026-05-01 23:30", "2026-05-02 07:59"):
        house.at(time)
        house.look()
    assert house.sent() == []
    assert [at for at, _, _ in house.foreseen(auto)] == ["2026-05-02 08:00"]
    house.at("2026-05-02 08:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


@pytest.mark.parametrize(
    ("night", "end"), [("2026-03-28", "2026-03-29"), ("2026-10-24", "2026-10-25")]
)
def test_the_quiet_hours_end_by_the_clock_on_the_days_it_changes(
    house: House, night: str, end: str
) -> None:
    house.at(f"{night} 20:00")
    house.stay(arrival=night, departure="2026-12-01")
    house.sending(
        {"type": "stay.arrival", "days": 0, "at": "23:30"}, quiet_from="22:00", quiet_to="08:00"
    )
    house.at(f"{night} 23:31")
    house.look()
    house.at(f"{end} 07:59")
    house.look()
    assert house.sent() == []
    house.at(f"{end} 08:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


def test_a_stay_cancelled_in_the_quiet_hours_is_judged_anew_at_their_end(house: House) -> None:
    stay, other = house.stay(), house.stay()
    auto = house.sending(
        {"type": "stay.arrival", "days": -1, "at": "23:30"}, quiet_from="22:00", quiet_to="08:00"
    )
    house.at("2026-05-01 23:30")
    house.look()
    stays.change(house.db, stay, status="cancelled")
    stays.change(house.db, other, arrival="2026-05-04")
    house.at("2026-05-02 08:00")
    house.look()
    assert sorted(str(reason) for _, _, reason in house.runs(auto)) == [
        "stay_cancelled",
        "stay_moved",
    ]
    house.at("2026-05-04 08:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]


@pytest.mark.parametrize(
    ("condition", "fits", "other"),
    [
        ({"type": "tag", "in": ["VIP"]}, {"guest": {"tags": ["vip"]}}, {"guest": {"tags": ["x"]}}),
        (
            {"type": "language", "in": ["es"]},
            {"guest": {"language": "es-MX"}},
            {"guest": {"language": "en"}},
        ),
        (
            {"type": "source", "in": ["direct", "phone"]},
            {"stay": {"source": "Direct"}},
            {"stay": {"source": "booking.com"}},
        ),
        ({"type": "nights", "at_least": 3}, {}, {"stay": {"departure": "2026-05-04"}}),
    ],
)
def test_only_those_are_written_to_whom_the_conditions_mean(
    house: House, condition: Any, fits: Any, other: Any
) -> None:
    for number, about in enumerate((fits, other)):
        guest = house.guest(name=f"G{number} X", **about.get("guest", {}))
        house.stay(guest, **about.get("stay", {}))
    auto = house.sending(BEFORE, conditions=[condition])
    assert [content for _, content, _ in house.foreseen(auto)] == ["Dear G0!"]
    house.at("2026-05-01 10:00")
    house.look()
    house.look()
    assert house.sent() == ["Dear G0!"]
    assert len(house.runs(auto)) == 1


def test_returning_guests_have_stayed_before(house: House) -> None:
    back, new, later = house.guest(name="Back"), house.guest(name="New"), house.guest(name="Later")
    house.stay(back, arrival="2026-01-01", departure="2026-01-03", status="departed")
    house.stay(new, arrival="2026-01-01", departure="2026-01-03", status="cancelled")
    house.stay(later, arrival="2026-08-01", departure="2026-08-03")
    for guest in (back, new, later):
        house.stay(guest)
    house.sending(BEFORE, conditions=[{"type": "returning", "is": True}])
    house.sending(BEFORE, text="{first_name}", conditions=[{"type": "returning", "is": False}])
    house.at("2026-05-01 10:00")
    house.look()
    assert sorted(house.sent()) == ["Dear Back!", "Later", "New"]


def test_one_action_that_cannot_be_done_keeps_no_other_from_it(house: House) -> None:
    house.stay(house.guest(email=None))
    house.db.run("UPDATE staff SET department = NULL")
    auto = house.doing(
        BEFORE,
        {"type": "notify", "department": "front-desk"},
        {"type": "assign", "assignee": house.by},
        {"type": "create_task", "title": "Call", "department": "concierge"},
        {"type": "tag", "tag": "called"},
    )
    settings.put(house.db, "departments", {"items": [{"slug": "front-desk", "name": "F"}]})
    house.at("2026-05-01 10:00")
    house.look()
    assert house.runs(auto) == [
        ("notify", "skipped", "not_active"),
        ("assign", "skipped", "no_conversation"),
        ("create_task", "skipped", "no_department"),
        ("tag", "done", None),
    ]
