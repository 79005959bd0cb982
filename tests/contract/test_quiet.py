"""`blocked` of guests and `POST /conversations/:id/unread`, through the API."""

from __future__ import annotations

from jack.resources.conversations import messages, opt_outs
from tests.builders import make_conversation, make_guest
from tests.checks import refused, succeeded
from tests.conftest import Person


def test_a_guest_is_blocked_and_is_no_longer(member: Person) -> None:
    path = f"/guests/{make_guest(member.db)['id']}"
    assert succeeded(member.get(path))["blocked"] is False
    assert succeeded(member.patch(path, {"blocked": True}))["blocked"] is True
    assert succeeded(member.get(path))["blocked"] is True
    (told,) = (row for row in succeeded(member.get("/events")) if row["type"] == "guest.updated")
    assert told["changed"] == ["blocked"]
    assert succeeded(member.patch(path, {"blocked": False}))["blocked"] is False
    refused(member.patch(path, {"blocked": "yes"}), 400)


def test_what_a_blocked_guest_writes_is_listed_and_says_so(member: Person) -> None:
    made = make_conversation(member.db)
    succeeded(member.patch(f"/guests/{made['guest_id']}", {"blocked": True}))
    fields = {"channel": "web", "content": "Buy now", "account": "web", "event_key": "2"}
    messages.receive(member.db, guest_id=made["guest_id"], **fields)
    listed = succeeded(member.get(f"/conversations/{made['id']}/messages"))
    assert [(row["content"], row["details"]) for row in listed] == [
        ("Hola", None),
        ("Buy now", {"blocked": True}),
    ]


def test_a_guest_s_stop_is_told_by_channel(member: Person) -> None:
    guest = make_guest(member.db, phone="+15551234567")
    unknown = {"state": "unknown", "at": None, "source": None}
    path = f"/guests/{guest['id']}/consents"
    assert succeeded(member.get(path)) == dict.fromkeys(("whatsapp", "sms", "email"), unknown)
    opt_outs.stop(member.db, "sms", "+15551234567", "sms:AC1", guest_id=guest["id"])
    assert succeeded(member.get(path))["sms"]["state"] == "withdrawn"
    refused(member.get("/guests/guest-none/consents"), 404)


def test_a_conversation_is_put_back_to_unread(member: Person) -> None:
    path = f"/conversations/{make_conversation(member.db)['id']}"
    succeeded(member.post(f"{path}/read"))
    assert succeeded(member.post(f"{path}/unread"))["unread"] == 1
    assert succeeded(member.get(path))["unread"] == 1
    assert [row["type"] for row in succeeded(member.get("/events"))][-2:] == [
        "conversation.read",
        "conversation.unread",
    ]
