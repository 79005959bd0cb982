"""A message of an automation that is in the outbox already, and what has changed until it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from jack.channels.results import Accepted
from jack.channels.types import Account, OutboundMessage
from jack.core.paging import Page
from jack.messaging.dispatcher import Dispatcher
from jack.messaging.outgoing import SigningContext
from jack.resources.automations import runs
from jack.resources.automations import store as automations
from jack.resources.conversations import delivery, messages, opt_outs
from jack.resources.conversations import store as conversations
from jack.resources.guests import merge
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.stays import store as stays
from tests.builders import make_template

if TYPE_CHECKING:
    from jack.channels.protocol import Channel
    from jack.core.reader import Row
    from jack.resources.automations.runs import RunRow
    from tests.resources.automations.house import House

BEFORE = {"type": "stay.arrival", "days": -1, "at": "10:00"}
NUMBER = "+34600111222"
SMS = {
    "enabled": True,
    "accountSid": "AC" + "0" * 32,
    "authToken": "0" * 32,
    "from": "+34600000000",
}


class Sender:
    """A channel that notes what it is given."""

    REPEATABLE = False
    INSTANT = True

    def __init__(self) -> None:
        self.sent: list[OutboundMessage] = []

    def account(self, *_: object) -> Account:
        return Account("sms", "sms:x", {})

    def send(self, account: Account, message: OutboundMessage) -> Accepted:
        self.sent.append(message)
        return Accepted(f"id-{len(self.sent)}")


@pytest.fixture
def queued(house: House) -> tuple[str, str, str]:
    """The automation, the stay and its guest, to whom an SMS waits in the outbox."""
    guest = house.guest(phone=NUMBER)
    stay = house.stay(guest)
    auto = house.sending(BEFORE, channels=["sms"])
    house.at("2026-05-01 10:00")
    house.look()
    assert house.sent() == ["Dear Ana!"]
    return auto, stay, guest


def leave(house: House) -> list[str]:
    """Let a worker send what is due; returns what has left."""
    sender = Sender()
    settings.put(house.db, "channels.sms", SMS)  # type: ignore[arg-type]
    channels: dict[str, Channel] = {"sms": sender}  # type: ignore[dict-item]
    dispatcher = Dispatcher("w", SigningContext("secret", "https://hotel.example"), channels)
    for _ in range(3):  # those of a conversation leave one after the other
        dispatcher.send_due(house.db)
        dispatcher.collect(house.db)
    return [message.text for message in sender.sent]


def status(house: House) -> tuple[str, str]:
    row = house.db.row("SELECT status, error FROM messages WHERE author_type = 'automation'")
    return row["status"], row["error"] or ""


def test_as_long_as_nothing_has_changed_it_leaves(
    house: House, queued: tuple[str, str, str]
) -> None:
    auto, stay, _ = queued
    stays.change(house.db, stay, room="302", departure="2026-05-07")
    assert leave(house) == ["Dear Ana!"]
    assert house.runs(auto) == [("send_template", "done", None)]


def test_a_stay_that_was_cancelled(house: House, queued: tuple[str, str, str]) -> None:
    auto, stay, _ = queued
    stays.change(house.db, stay, status="cancelled")
    assert leave(house) == []
    assert status(house)[0] == "failed"
    assert "cancelled" in status(house)[1]
    assert house.runs(auto) == [("send_template", "skipped", "stay_cancelled")]


def test_a_stay_that_was_moved_is_written_about_on_its_new_day(
    house: House, queued: tuple[str, str, str]
) -> None:
    auto, stay, _ = queued
    stays.change(house.db, stay, arrival="2026-05-03")
    assert leave(house) == []
    assert house.runs(auto) == [("send_template", "skipped", "stay_moved")]
    house.at("2026-05-02 10:00")
    house.look()
    assert leave(house) == ["Dear Ana!"]
    assert house.runs(auto)[1:] == [("send_template", "done", None)]


def test_a_guest_who_writes_stop_before_it_leaves(
    house: House, queued: tuple[str, str, str]
) -> None:
    opt_outs.stop(house.db, "sms", NUMBER, "sms:x", guest_id=queued[2])
    assert leave(house) == []
    assert status(house)[0] == "failed"
    assert house.runs(queued[0]) == [("send_template", "skipped", "opted_out")]


def test_a_stay_that_is_booked_again_before_it_left_is_written_to_once(
    house: House, queued: tuple[str, str, str]
) -> None:
    auto, stay, _ = queued
    stays.change(house.db, stay, status="cancelled")
    assert leave(house) == []
    stays.change(house.db, stay, status="booked")
    house.look()
    house.look()
    assert leave(house) == ["Dear Ana!"]
    assert [result for _, result, _ in house.runs(auto)] == ["skipped", "done"]


def test_a_person_may_send_it_again_whatever_has_changed(
    house: House, queued: tuple[str, str, str]
) -> None:
    stays.change(house.db, queued[1], status="cancelled")
    assert leave(house) == []
    message = house.db.value("SELECT id FROM messages WHERE author_type = 'automation'")
    delivery.resend(house.db, message, by=house.by)
    assert leave(house) == ["Dear Ana!"]


def test_a_run_says_what_has_become_of_its_message(
    house: House, queued: tuple[str, str, str]
) -> None:
    def said() -> str | None:
        (row,) = runs.search(house.db, queued[0], page=Page(1, 10)).rows
        return cast("RunRow", row)["message_status"]

    assert said() == "queued"
    assert leave(house) == ["Dear Ana!"]
    assert said() == "sent"


def test_a_guest_who_is_blocked_before_it_leaves(
    house: House, queued: tuple[str, str, str]
) -> None:
    guests.change(house.db, queued[2], blocked=True)
    assert leave(house) == []
    assert house.runs(queued[0]) == [("send_template", "skipped", "guest_blocked")]


@pytest.mark.parametrize("gone", ["off", "deleted"])
def test_an_automation_that_is_switched_off_or_deleted_before_it_leaves(
    house: House, queued: tuple[str, str, str], gone: str
) -> None:
    if gone == "off":
        automations.change(house.db, queued[0], enabled=False)
    else:
        automations.delete(house.db, queued[0])
    assert leave(house) == []
    assert "switched off" in status(house)[1]


def test_one_that_has_waited_for_over_six_hours(house: House, queued: tuple[str, str, str]) -> None:
    house.at("2026-05-01 16:01")
    assert leave(house) == []
    assert house.runs(queued[0]) == [("send_template", "skipped", "too_late")]


def test_an_answer_of_a_person_before_it_leaves(house: House) -> None:
    auto = house.sending({"type": "message.received"}, channels=["sms"], text="Soon")
    talk = house.writes(house.guest(phone=NUMBER), channel="sms")
    house.look()
    house.answers(talk)
    assert leave(house) == ["Yes"]
    assert house.runs(auto) == [("send_template", "skipped", "answered")]


def test_it_ends_nobodys_waiting_for_a_person(house: House) -> None:
    house.sending({"type": "message.received"}, channels=["sms"], text="Soon")
    talk = house.writes(house.guest(phone=NUMBER), channel="sms")
    waiting = conversations.get(house.db, talk)["waiting_since"]
    house.at("2026-05-01 09:01")
    house.look()
    assert leave(house) == ["Soon"]
    for change in ({}, {"status": "closed"}, {"status": "open"}):
        found = conversations.change(house.db, talk, by=house.by, **change)  # type: ignore[arg-type]
    assert found["waiting_since"] == waiting
    assert found["first_response_at"] is None
    assert found["preview"] == "Soon"
    house.answers(talk)
    assert conversations.get(house.db, talk)["waiting_since"] is None


def test_it_is_its_automations_message(house: House, queued: tuple[str, str, str]) -> None:
    row = house.db.row("SELECT id FROM messages WHERE author_type = 'automation'")
    author = messages.get(house.db, row["id"])["author"]
    assert author == {"type": "automation", "id": queued[0], "name": "Ours"}


def test_one_that_fails_makes_nobody_wait(house: House, queued: tuple[str, str, str]) -> None:
    _, stay, guest = queued
    talk = house.writes(guest, channel="sms")
    for blocked in (True, False):
        guests.change(house.db, guest, blocked=blocked)
    assert conversations.get(house.db, talk)["waiting_since"] is None
    stays.change(house.db, stay, status="cancelled")
    assert leave(house) == []
    assert status(house)[0] == "failed"
    assert conversations.get(house.db, talk)["waiting_since"] is None


QUIET = {"quiet_from": "22:00", "quiet_to": "08:00"}


@pytest.mark.parametrize("hour", ["17:00", "21:50"])
def test_one_that_is_held_up_until_the_quiet_hours_leaves_at_their_end(
    house: House, hour: str
) -> None:
    house.stay(house.guest(phone=NUMBER))
    auto = house.sending({**BEFORE, "at": hour}, channels=["sms"], **QUIET)
    house.at(f"2026-05-01 {hour}")
    house.look()
    for moment in ("2026-05-01 22:10", "2026-05-02 01:00", "2026-05-02 07:59"):
        house.at(moment)
        assert leave(house) == []
        assert status(house)[0] == "queued"
    due = house.db.value("SELECT due_at FROM outbox")
    assert house.local(due) == "2026-05-02 08:00"
    house.at("2026-05-02 08:01")
    assert leave(house) == ["Dear Ana!"]
    assert status(house) == ("sent", "")
    assert house.runs(auto) == [("send_template", "done", None)]


def test_the_quiet_hours_make_nothing_leave_that_was_late_before_them(house: House) -> None:
    house.stay(house.guest(phone=NUMBER))
    auto = house.sending({**BEFORE, "at": "15:00"}, channels=["sms"], **QUIET)
    house.at("2026-05-01 15:00")
    house.look()
    house.at("2026-05-02 08:01")
    assert leave(house) == []
    assert house.runs(auto) == [("send_template", "skipped", "too_late")]


def test_a_person_writes_in_the_quiet_hours_while_it_waits(house: House) -> None:
    guest = house.guest(phone=NUMBER)
    house.stay(guest)
    house.sending({**BEFORE, "at": "21:50"}, channels=["sms"], **QUIET)
    house.at("2026-05-01 21:50")
    house.look()
    house.at("2026-05-01 22:10")
    house.answers(house.writes(guest, channel="sms"))
    assert leave(house) == ["Yes"]


@pytest.fixture
def half_left(house: House) -> tuple[str, str]:
    """An automation of two messages, and a stay: that by e-mail has left, that by SMS waits in the outbox."""
    stay = house.stay(house.guest(phone=NUMBER))
    actions: list[Row] = [
        {"type": "send_template", "template_id": make_template(house.db, text)["id"], "channels": [channel]}
        for text, channel in (("By mail", "email"), ("By SMS", "sms"))
    ]  # fmt: skip
    auto = house.doing(BEFORE, *actions)
    house.at("2026-05-01 10:00")
    house.look()
    assert house.sent() == ["By mail", "By SMS"]
    (mail,) = house.claimed("email")
    delivery.advance(house.db, mail, "sent")
    return auto, stay


def test_a_message_that_has_left_is_not_sent_again_because_another_was_withdrawn(
    house: House, half_left: tuple[str, str]
) -> None:
    auto, stay = half_left
    stays.change(house.db, stay, status="cancelled")
    assert leave(house) == []
    stays.change(house.db, stay, status="booked")
    house.look()
    assert house.sent() == ["By mail", "By SMS", "By SMS"]
    assert house.runs(auto)[2:] == [
        ("send_template", "skipped", "already_sent"),
        ("send_template", "done", None),
    ]


def test_a_message_that_has_not_left_is_sent_on_the_new_day_though_another_has(
    house: House, half_left: tuple[str, str]
) -> None:
    stays.change(house.db, half_left[1], arrival="2026-05-03")
    assert leave(house) == []
    house.at("2026-05-02 10:00")
    house.look()
    assert leave(house) == ["By SMS"]
    assert house.sent() == ["By mail", "By SMS", "By SMS"]


def test_the_same_words_go_by_each_channel_that_is_named(house: House) -> None:
    house.stay(house.guest(phone=NUMBER))
    template = make_template(house.db, "Hello")["id"]
    actions: list[Row] = [
        {"type": "send_template", "template_id": template, "channels": [channel]}
        for channel in ("email", "sms")
    ]
    house.doing(BEFORE, *actions)
    house.at("2026-05-01 10:00")
    house.look()
    assert house.sent() == ["Hello", "Hello"]


def sent_again(house: House, stay: str) -> None:
    """The stay is cancelled, so that its message fails; somebody sends that again."""
    stays.change(house.db, stay, status="cancelled")
    assert leave(house) == []
    message = house.db.value("SELECT id FROM messages WHERE author_type = 'automation'")
    delivery.resend(house.db, message, by=house.by)
    assert leave(house) == ["Dear Ana!"]


def test_what_somebody_has_sent_again_was_sent_for_the_stay(
    house: House, queued: tuple[str, str, str]
) -> None:
    auto, stay, _ = queued
    sent_again(house, stay)
    stays.change(house.db, stay, status="booked")
    house.look()
    assert house.runs(auto)[1:] == [("send_template", "skipped", "already_sent")]


def test_what_somebody_has_sent_again_was_sent_that_day(
    house: House, queued: tuple[str, str, str]
) -> None:
    auto, stay, guest = queued
    sent_again(house, stay)
    automations.change(house.db, auto, enabled=False)
    house.stay(guest)
    other = house.sending({**BEFORE, "at": "12:00"}, channels=["sms"], per_guest_per_day=1)
    house.at("2026-05-01 12:00")
    house.look()
    assert house.runs(other)[-1:] == [("send_template", "skipped", "per_guest_per_day")]


def test_a_stay_that_was_given_to_another_guest(house: House, queued: tuple[str, str, str]) -> None:
    auto, stay, _ = queued
    stays.change(house.db, stay, guest_id=house.guest(phone="+34600111333"))
    assert leave(house) == []
    assert house.runs(auto) == [("send_template", "skipped", "other_guest")]


def test_a_guest_who_was_joined_with_another_is_still_the_same(
    house: House, queued: tuple[str, str, str]
) -> None:
    kept = house.guest(email=None)
    merge.merge(house.db, kept, queued[2], by=house.by)
    assert leave(house) == ["Dear Ana!"]
