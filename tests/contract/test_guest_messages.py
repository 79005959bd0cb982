"""`GET /guests/:id/messages`: everything said with a guest, on all channels, in one line of time."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from jack.channels.types import Media
from jack.core.db import Database
from jack.resources.attachments import store as attachments
from jack.resources.conversations import messages
from jack.resources.guests import merge
from tests.builders import make_conversation, make_guest
from tests.checks import coded, refused, succeeded
from tests.conftest import Clock, Person

keys = itertools.count(1)


def said(db: Database, guest_id: str, channel: str, content: str, clock: Clock) -> dict[str, Any]:
    """Something the guest has written on a channel, a minute after what was before."""
    clock.move(60)
    message, _ = messages.receive(
        db,
        guest_id=guest_id,
        channel=channel,
        content=content,
        account="test",
        event_key=f"said-{next(keys)}",
    )
    return message


@pytest.fixture
def guest(member: Person, clock: Clock) -> str:
    """Somebody who wrote by e-mail, then by WhatsApp, then by e-mail again; and somebody else, who wrote too."""
    made = make_guest(member.db, name="Elena", email="elena@guest.example", phone="+34600111222")
    for channel, content in (("email", "First"), ("whatsapp", "Second"), ("email", "Third")):
        said(member.db, made["id"], channel, content, clock)
    make_conversation(member.db, content="Somebody else's")
    return str(made["id"])


def listed(person: Person, guest_id: str, query: str = "") -> list[tuple[str, str]]:
    rows = succeeded(person.get(f"/guests/{guest_id}/messages{query}"))
    return [(row["channel"], row["content"]) for row in rows]


def test_all_channels_are_one_line_of_time_newest_first(member: Person, guest: str) -> None:
    newest_first = [("email", "Third"), ("whatsapp", "Second"), ("email", "First")]
    assert listed(member, guest) == newest_first
    assert listed(member, guest, "?order=asc") == newest_first[::-1]


def test_its_pages_go_on_where_the_one_before_ended(member: Person, guest: str) -> None:
    pages = [listed(member, guest, f"?limit=2&page={page}") for page in (1, 2)]
    assert [content for page in pages for _, content in page] == ["Third", "Second", "First"]
    assert member.get(f"/guests/{guest}/messages?limit=2").json["meta"]["total"] == 3


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("cursor=", "cursor", "unknown_parameter"),
        ("cursor=c1", "cursor", "unknown_parameter"),
        ("order=created", "order", "not_a_choice"),
        ("order=changed", "order", "not_a_choice"),
    ],
)
def test_there_is_no_cursor_which_would_pass_over_what_a_merge_brings(
    query: str, field: str, code: str, member: Person, guest: str
) -> None:
    error = refused(member.get(f"/guests/{guest}/messages?{query}"), 400)
    assert coded(error) == {(field, code)}


def test_it_begins_at_a_time_if_one_is_named(member: Person, guest: str) -> None:
    rows = succeeded(member.get(f"/guests/{guest}/messages"))
    since = f"?createdSince={rows[1]['createdAt']}&order=asc"
    assert listed(member, guest, since) == [("whatsapp", "Second"), ("email", "Third")]


def test_a_message_is_the_one_its_conversation_shows(member: Person, guest: str) -> None:
    [newest, *_] = succeeded(member.get(f"/guests/{guest}/messages"))
    assert newest.pop("channel") == "email"
    assert newest == succeeded(member.get(f"/messages/{newest['id']}"))


def test_those_with_files_can_be_asked_for_alone(member: Person, guest: str, clock: Clock) -> None:
    made = said(member.db, guest, "whatsapp", "My passport", clock)
    attachments.create_received(
        member.db, made["id"], "test", [Media(name="passport.pdf", content=b"%PDF-1.4")]
    )
    [found] = succeeded(member.get(f"/guests/{guest}/messages?hasFiles=true"))
    assert [file["name"] for file in found["attachments"]] == ["passport.pdf"]
    assert ("whatsapp", "My passport") not in listed(member, guest, "?hasFiles=false")
    assert len(listed(member, guest, "?hasFiles=false")) == 3


def test_notes_are_there_and_a_status_can_be_asked_for(member: Person, guest: str) -> None:
    talk = succeeded(member.get(f"/conversations?guestId={guest}&channel=email"))[0]
    messages.note(member.db, talk["id"], "Allergic to nuts", by=member.id)
    assert listed(member, guest)[0] == ("email", "Allergic to nuts")
    assert ("email", "Allergic to nuts") not in listed(member, guest, "?status=received")


def test_what_a_merged_guest_said_is_in_it(member: Person, guest: str, clock: Clock) -> None:
    other = make_guest(member.db, name="Elena M.")["id"]
    said(member.db, other, "sms", "It is me, too", clock)
    merge.merge(member.db, guest, other)
    assert listed(member, guest)[0] == ("sms", "It is me, too")
    refused(member.get(f"/guests/{other}/messages"), 410, reason="merged")


def test_of_nobody_there_is_nothing(member: Person) -> None:
    refused(member.get("/guests/guest-none/messages"), 404)
