"""Conversations by SMS: what a message costs, and senders that take no answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from jack.core.db import Database
from jack.resources.guests import merge
from jack.resources.settings import store as settings
from tests.builders import make_guest
from tests.checks import refused, succeeded
from tests.conftest import Person
from tests.peers.hooks import to_app
from tests.peers.twilio import TwilioPeer
from tests.resources.attachments.samples import PNG
from tests.resources.attachments.test_upload import upload

NUMBER = "+15550102014"


@pytest.fixture
def twilio(app: Flask, app_db: Database) -> Iterator[TwilioPeer]:
    with TwilioPeer(hook=to_app(app), public_url=app.extensions["jack"].config.base_url) as peer:
        settings.put(app_db, "channels.sms", peer.sms_settings())
        yield peer


def written_by(member: Person, twilio: TwilioPeer, sender: str) -> dict[str, Any]:
    """The conversation of who has just written."""
    twilio.guest(sender).says("Your code is 1234")
    return dict(succeeded(member.get("/conversations"))[0])


@pytest.mark.parametrize(
    ("content", "segments"),
    [
        ("Hello", 1),
        ("ñ" * 160, 1),
        ("á" * 70, 1),
        ("á" * 100, 2),
        ("€" * 81, 2),
        ("word " * 640, 22),  # two messages of 1,500 and one of the rest
    ],
)
def test_a_message_by_sms_says_how_many_are_paid_for(
    content: str, segments: int, member: Person, twilio: TwilioPeer
) -> None:
    talk = written_by(member, twilio, NUMBER)["id"]
    made = succeeded(member.post(f"/conversations/{talk}/messages", {"content": content}), 201)
    assert made["details"] == {"sms": {"segments": segments}}
    assert succeeded(member.get(f"/messages/{made['id']}"))["details"] == made["details"]


def test_what_has_files_is_one_mms(member: Person, twilio: TwilioPeer) -> None:
    talk = written_by(member, twilio, NUMBER)["id"]
    file = succeeded(upload(member, PNG, "map.png"), 201)["id"]
    sent = {"content": "á" * 100, "attachmentIds": [file]}
    made = succeeded(member.post(f"/conversations/{talk}/messages", sent), 201)
    assert made["details"] == {"sms": {"segments": 1}}


def test_a_note_costs_nothing(member: Person, twilio: TwilioPeer) -> None:
    talk = written_by(member, twilio, NUMBER)["id"]
    note = {"content": "á" * 100, "type": "note"}
    assert succeeded(member.post(f"/conversations/{talk}/messages", note), 201)["details"] is None


@pytest.mark.parametrize("sender", ["HOTELBANK", "Booking.com", "32665", "5676777", "56767770"])
def test_a_name_or_a_short_code_is_shown_as_it_is_and_takes_no_answer(
    sender: str, member: Person, twilio: TwilioPeer
) -> None:
    talk = written_by(member, twilio, sender)
    assert (talk["guest"]["name"], talk["answerable"]) == (sender, False)
    answer = member.post(f"/conversations/{talk['id']}/messages", {"content": "Hello"})
    refused(answer, 409, reason="takes_no_replies")
    again = member.post("/conversations", {"guestId": talk["guestId"], "channel": "sms"})
    refused(again, 409, reason="takes_no_replies")
    note = {"content": "The bank", "type": "note"}
    succeeded(member.post(f"/conversations/{talk['id']}/messages", note), 201)
    assert twilio.received == []


@pytest.mark.parametrize("sender", [NUMBER, "+6834001", "+5215512345678"])
def test_a_number_is_answered(sender: str, member: Person, twilio: TwilioPeer) -> None:
    talk = written_by(member, twilio, sender)
    assert talk["answerable"] is True
    succeeded(member.post(f"/conversations/{talk['id']}/messages", {"content": "Hello"}), 201)


def test_the_next_message_of_a_name_puts_it_in_the_place_of_what_stood_for_it(
    member: Person, twilio: TwilioPeer
) -> None:
    talk = written_by(member, twilio, "HOTELBANK")
    member.db.run("UPDATE guests SET name = 'SMS guest' WHERE id = :id", {"id": talk["guestId"]})
    assert written_by(member, twilio, "HOTELBANK")["guest"]["name"] == "HOTELBANK"


def test_a_name_that_is_merged_with_a_number_is_answered_at_the_number(
    admin: Person, twilio: TwilioPeer
) -> None:
    known = make_guest(admin.db, name="Ana", phone=NUMBER)["id"]
    talk = written_by(admin, twilio, "HOTELBANK")
    merge.merge(admin.db, known, talk["guestId"])
    data = succeeded(admin.get(f"/conversations/{talk['id']}"))
    assert (data["guestId"], data["answerable"]) == (known, True)
