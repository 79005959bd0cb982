"""`/channels`, and messages that need more than a channel: windows, templates, consent, sending again."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jack.core import clock as clocks
from jack.core.db import Database
from jack.resources.channel_accounts import channel_tests
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import delivery, messages
from jack.resources.settings import store as settings
from tests.builders import make_conversation
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person
from tests.peers.hooks import to_app
from tests.peers.meta import MetaPeer
from tests.peers.twilio import TwilioPeer

TEMPLATE = {"name": "checkin_reminder", "language": "es_MX", "parameters": ["Ana"]}

# A test takes ten seconds at the most; a loaded machine is allowed to be late with saying so.
PATIENCE = 60.0


@pytest.fixture
def meta(app: Flask, app_db: Database) -> Iterator[MetaPeer]:
    with MetaPeer(hook=to_app(app)) as peer:
        settings.put(app_db, "channels.whatsapp", peer.settings())
        yield peer


@pytest.fixture
def twilio(app: Flask, app_db: Database) -> Iterator[TwilioPeer]:
    with TwilioPeer(hook=to_app(app), public_url=app.extensions["jack"].config.base_url) as peer:
        settings.put(app_db, "channels.sms", peer.sms_settings())
        yield peer


def channel(person: Person, name: str) -> dict[str, Any]:
    found = succeeded(person.get("/channels"))
    return {row["channel"]: row for row in found}[name]


def conversation(person: Person) -> str:
    return str(succeeded(person.get("/conversations"))[0]["id"])


def shut(db: Database) -> None:
    """A day goes by without a word of the guest's."""
    db.run("UPDATE guest_identities SET last_inbound_at = '2026-01-01T00:00:00.000Z'")


# ------------------------------------------------------------------------------------------------ accounts


def test_every_channel_says_how_it_is(member: Person) -> None:
    found = succeeded(member.get("/channels"))
    assert {row["channel"]: row["state"] for row in found}.items() >= {
        "whatsapp": "not_configured",
        "sms": "not_configured",
        "web": "working",
    }.items()
    assert channel(member, "sms") == {
        "channel": "sms",
        "enabled": False,
        "configured": False,
        "state": "not_configured",
        "queueLength": 0,
        "lastInboundAt": None,
        "lastOutboundAt": None,
        "lastError": None,
        "lastErrorAt": None,
        "pausedAt": None,
        "pausedUntil": None,
        "pausedBecause": None,
        "polledAt": None,
    }


def test_health_follows_what_happens(member: Person, meta: MetaPeer, worker: Any) -> None:
    meta.guest("5215512345678").says("Hola")
    succeeded(
        member.post(f"/conversations/{conversation(member)}/messages", {"content": "Sí"}), 201
    )
    before = channel(member, "whatsapp")
    assert (before["state"], before["queueLength"]) == ("working", 1)
    assert before["lastInboundAt"] is not None
    worker()
    after = channel(member, "whatsapp")
    assert (after["queueLength"], after["lastOutboundAt"] is not None) == (0, True)


def test_working_is_said_only_after_a_test_or_a_message_has_passed(
    admin: Person, meta: MetaPeer, worker: Any, clock: Clock
) -> None:
    def state() -> str:
        return str(channel(admin, "whatsapp")["state"])

    assert state() == "untested"
    right, meta.token = meta.token, "another"
    outcome(admin, "whatsapp", worker)
    assert state() == "failing"
    clock.move(1)
    meta.guest("5215512345678").says("Hola")  # which shows nothing about sending
    assert state() == "failing"
    meta.token = right
    clock.move(1)
    outcome(admin, "whatsapp", worker)
    assert state() == "working"
    clock.move(1)
    succeeded(
        admin.put(
            "/settings/channels.whatsapp", {"value": meta.settings() | {"verifyToken": "other"}}
        )
    )
    assert state() == "untested"
    meta.guest("5215512345678").says("Otra vez")
    assert state() == "working"


def test_a_mailbox_that_is_read_again_ends_its_own_failure_and_no_other(
    db: Database, clock: Clock
) -> None:
    def state() -> str:
        return accounts.state_of(accounts.get(db, "email:x"), None)

    accounts.record_poll_failure(db, "email:x", "refuses the connection")
    assert state() == "failing"
    clock.move(1)
    accounts.record_poll(db, "email:x")
    assert state() == "untested"
    accounts.record_test(db, "email:x", "The password is wrong.")
    clock.move(1)
    accounts.record_poll(db, "email:x")
    assert state() == "failing"
    accounts.record_outbound(db, "email:x")
    assert state() == "working"
    clock.move(1)
    accounts.record_error(db, "email:x", "No such mailbox.")  # of one message
    assert state() == "working"


def test_the_web_chat_says_when_it_was_last_heard_from(client: FlaskClient, member: Person) -> None:
    assert channel(member, "web")["lastInboundAt"] is None
    begun = succeeded(client.post("/api/v1/webchat/sessions", json={}), 201)
    visitor = {"Authorization": f"Bearer {begun['token']}"}
    said = {"content": "Hello?", "clientMessageId": "1"}
    told = succeeded(client.post("/api/v1/webchat/messages", json=said, headers=visitor), 201)
    assert channel(member, "web")["lastInboundAt"] == told["createdAt"]


def test_a_pause_says_since_when_until_when_and_why(
    member: Person, admin: Person, meta: MetaPeer, clock: Clock
) -> None:
    _, at = settings.value_and_time(member.db, "channels.whatsapp")
    name = f"whatsapp:{meta.phone_number_id}"
    accounts.pause(member.db, name, "The token is dead.", settings_at=at)
    row = channel(member, "whatsapp")
    assert (row["state"], row["pausedBecause"]) == ("paused", "The token is dead.")
    assert row["pausedAt"] < row["pausedUntil"]
    clock.move(1)
    succeeded(admin.put("/settings/channels.whatsapp", {"value": meta.settings()}))
    row = channel(member, "whatsapp")
    assert (row["state"], row["pausedUntil"]) == ("untested", None)
    assert row["lastError"] == "The token is dead."


def test_what_is_switched_off_is_off(member: Person, meta: MetaPeer) -> None:
    settings.put(member.db, "channels.whatsapp", meta.settings() | {"enabled": False})
    assert channel(member, "whatsapp")["state"] == "off"


def outcome(admin: Person, name: str, worker: Any) -> dict[str, Any]:
    """What the worker has found by a test of a channel."""
    begun = succeeded(admin.post(f"/channels/{name}/test"), 202)
    assert list(begun) == ["id"]
    deadline = time.monotonic() + PATIENCE
    while (found := result(admin, name, begun["id"]))["status"] == "running":
        assert time.monotonic() < deadline, "it never ended"
        worker()  # it looks for tests once a second
        time.sleep(0.05)
    return found


def result(admin: Person, name: str, test_id: str) -> dict[str, Any]:
    """A test as it is now."""
    return dict(succeeded(admin.get(f"/channels/{name}/test/{test_id}")))


def test_an_account_is_tried_for_real(admin: Person, meta: MetaPeer, worker: Any) -> None:
    _, at = settings.value_and_time(admin.db, "channels.whatsapp")
    accounts.pause(admin.db, f"whatsapp:{meta.phone_number_id}", "Dead.", settings_at=at)
    found = outcome(admin, "whatsapp", worker)
    assert (found["channel"], found["status"]) == ("whatsapp", "ok")
    steps = ["api.look_up", "api.connect", "api.credentials"]
    assert [step["name"] for step in found["steps"]] == steps
    assert all(step["ok"] and step["message"] for step in found["steps"])
    assert channel(admin, "whatsapp")["state"] == "working"


def test_an_account_that_does_not_work_says_so(admin: Person, meta: MetaPeer, worker: Any) -> None:
    meta.token = "another"
    found = outcome(admin, "whatsapp", worker)
    last = found["steps"][-1]
    assert (found["status"], last["name"], last["ok"]) == ("failed", "api.credentials", False)
    assert channel(admin, "whatsapp")["lastError"] == last["message"]
    assert "EAAG" not in str(found)


@pytest.mark.parametrize("key", [None, {"Idempotency-Key": "once"}])
def test_a_test_is_asked_for_and_nobody_called_in_the_request(
    admin: Person, meta: MetaPeer, key: dict[str, str] | None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        own = meta.settings() | {"baseUrl": f"http://127.0.0.1:{listener.getsockname()[1]}"}
        settings.put(admin.db, "channels.whatsapp", own)
        first = succeeded(admin.post("/channels/whatsapp/test", headers=key), 202)
        again = succeeded(admin.post("/channels/whatsapp/test", headers=key), 202)
        assert again == first  # it is not done twice at once
        with pytest.raises(TimeoutError):
            listener.accept()
    assert result(admin, "whatsapp", first["id"])["status"] == "running"


def test_other_settings_are_another_test(admin: Person, meta: MetaPeer) -> None:
    first = succeeded(admin.post("/channels/whatsapp/test"), 202)
    admin.db.run("UPDATE settings SET updated_at = '2026-01-01T00:00:00.000Z'")
    assert succeeded(admin.post("/channels/whatsapp/test"), 202) != first


def test_without_a_worker_a_test_says_so(admin: Person, meta: MetaPeer) -> None:
    begun = succeeded(admin.post("/channels/whatsapp/test"), 202)
    admin.db.run(
        "UPDATE channel_tests SET created_at = :then",
        {"then": clocks.later(admin.db.now(), seconds=-channel_tests.LATEST_BEGIN)},
    )
    found = result(admin, "whatsapp", begun["id"])
    assert found["status"] == "failed"
    assert [step["name"] for step in found["steps"]] == ["worker"]
    assert "worker is not running" in found["steps"][0]["message"]
    assert succeeded(admin.post("/channels/whatsapp/test"), 202) != begun


def test_a_test_is_for_who_may_ask_for_it(admin: Person, member: Person, meta: MetaPeer) -> None:
    begun = succeeded(admin.post("/channels/whatsapp/test"), 202)
    refused(member.get(f"/channels/whatsapp/test/{begun['id']}"), 403)
    refused(admin.get(f"/channels/sms/test/{begun['id']}"), 404)
    refused(admin.get("/channels/whatsapp/test/test-none"), 404)


def test_nothing_can_be_tried_that_is_not_there(admin: Person, member: Person) -> None:
    refused(admin.post("/channels/sms/test"), 409, reason="channel_not_configured")
    refused(admin.post("/channels/pigeon/test"), 404)
    refused(member.post("/channels/sms/test"), 403)


# ------------------------------------------------------------------------------------------------ the window


def test_a_conversation_says_until_when_one_may_write_freely(
    member: Person, meta: MetaPeer
) -> None:
    meta.guest("5215512345678").says("Hola")
    found = succeeded(member.get(f"/conversations/{conversation(member)}"))
    heard, ends = found["lastMessageAt"], found["windowExpiresAt"]
    assert ends[11:17] == heard[11:17]
    assert ends[:10] > heard[:10]


def test_outside_the_window_free_text_is_409_and_a_template_goes(
    member: Person, meta: MetaPeer, worker: Any
) -> None:
    ana = meta.guest("5215512345678")
    ana.says("Hola")
    meta.templates["checkin_reminder", "es_MX"] = 1
    shut(member.db)
    path = f"/conversations/{conversation(member)}/messages"
    error = refused(member.post(path, {"content": "Sí"}), 409, reason="window_closed")
    assert "template" in error["message"]
    sent = succeeded(member.post(path, {"type": "template", "template": TEMPLATE}), 201)
    assert (sent["type"], sent["content"]) == ("template", "[checkin_reminder]")
    assert sent["details"] == {"template": TEMPLATE}
    worker()
    assert meta.received[0].body["template"]["name"] == "checkin_reminder"


def test_a_conversation_cannot_begin_with_free_text_either(member: Person, meta: MetaPeer) -> None:
    guest = succeeded(member.post("/guests", {"name": "Ana", "phone": "+525512345678"}), 201)
    new = {"guestId": guest["id"], "channel": "whatsapp"}
    answer = member.post("/conversations", new | {"content": "Hola"})
    refused(answer, 409, reason="window_closed")
    assert succeeded(member.get("/conversations")) == []
    made = succeeded(member.post("/conversations", new), 201)
    assert made["windowExpiresAt"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "template"}, "template"),
        ({"type": "text", "content": "x", "template": TEMPLATE}, "template"),
        ({"type": "template", "template": {"name": "x"}}, "template.language"),
        ({"type": "template", "template": TEMPLATE | {"parameters": [1]}}, "template.parameters"),
        ({"type": "template", "template": TEMPLATE | {"parameters": "x"}}, "template.parameters"),
        ({"type": "template", "template": TEMPLATE, "attachmentIds": ["x"]}, "attachmentIds.0"),
        ({"type": "note", "content": "x", "attachmentIds": ["x"]}, "attachmentIds"),
        ({"attachmentIds": []}, "content"),
        ({"attachmentIds": ["file-none"]}, "attachmentIds.0"),
        ({}, "content"),
    ],
)
def test_a_body_that_is_not_consistent_is_400(
    member: Person, meta: MetaPeer, body: dict[str, Any], field: str
) -> None:
    meta.guest("5215512345678").says("Hola")
    answer = member.post(f"/conversations/{conversation(member)}/messages", body)
    assert named(refused(answer, 400)) == {field}


def test_an_empty_list_of_files_is_none(member: Person, meta: MetaPeer) -> None:
    """Some generated clients, such as Java's, send an empty list where none was set."""
    meta.guest("5215512345678").says("Hola")
    path = f"/conversations/{conversation(member)}/messages"
    for body in ({"content": "Hi"}, {"content": "Paid", "type": "note"}):
        said = succeeded(member.post(path, {**body, "attachmentIds": []}), 201)
        assert (said["content"], said["attachments"]) == (body["content"], [])


def test_only_whatsapp_has_templates(member: Person) -> None:
    made = make_conversation(member.db)
    body = {"type": "template", "template": TEMPLATE}
    answer = member.post(f"/conversations/{made['id']}/messages", body)
    assert named(refused(answer, 400)) == {"type"}


def test_what_was_written_on_the_hotels_phone_has_no_known_author(
    member: Person, meta: MetaPeer
) -> None:
    ana = meta.guest("5215512345678")
    ana.says("Hola")
    made = messages.echo(member.db, conversation(member), "Sí, a las tres")
    row = succeeded(member.get(f"/conversations/{made['conversation_id']}/messages"))[-1]
    assert row["author"] == {"type": "staff", "id": None, "name": None}
    assert (row["status"], row["details"]) == ("sent", {"echo": True})
    refused(member.post(f"/messages/{row['id']}/resend"), 409, reason="not_resendable")


def test_who_wants_silence_is_not_written_to(member: Person, twilio: TwilioPeer) -> None:
    ana = twilio.guest("+525512345678")
    assert ana.says("BAJA").answer == 200
    path = f"/conversations/{conversation(member)}/messages"
    refused(member.post(path, {"content": "Sí"}), 409, reason="opted_out")
    ana.says("START")
    succeeded(member.post(path, {"content": "Sí"}), 201)


# ------------------------------------------------------------------------------------------------ again


@pytest.fixture
def sent(member: Person, meta: MetaPeer) -> str:
    """A message that waits."""
    meta.guest("5215512345678").says("Hola")
    body = {"content": "Sí"}
    answer = member.post(f"/conversations/{conversation(member)}/messages", body)
    return str(succeeded(answer, 201)["id"])


@pytest.mark.parametrize("fate", ["failed", "unknown"])
def test_what_failed_or_may_have_can_be_sent_again(
    member: Person, meta: MetaPeer, sent: str, fate: str, worker: Any
) -> None:
    delivery.advance(member.db, sent, fate, error="It broke off.")
    member.db.run("DELETE FROM outbox")
    again = succeeded(member.post(f"/messages/{sent}/resend"))
    assert (again["id"], again["status"], again["error"]) == (sent, "queued", None)
    refused(member.post(f"/messages/{sent}/resend"), 409, reason="not_resendable")
    worker()
    meta.settled()
    assert len(meta.received) == 1
    assert messages.get(member.db, sent)["status"] == "delivered"


def test_sending_again_asks_the_same_questions(member: Person, meta: MetaPeer, sent: str) -> None:
    delivery.advance(member.db, sent, "failed", error="No.")
    member.db.run("DELETE FROM outbox")
    shut(member.db)
    refused(member.post(f"/messages/{sent}/resend"), 409, reason="window_closed")
    settings.put(member.db, "channels.whatsapp", {"enabled": False})
    refused(member.post(f"/messages/{sent}/resend"), 409, reason="channel_not_configured")
    refused(member.post("/messages/msg-none/resend"), 404)


def test_what_came_in_cannot_be_sent(member: Person) -> None:
    made = make_conversation(member.db)
    (heard,) = succeeded(member.get(f"/conversations/{made['id']}/messages"))
    refused(member.post(f"/messages/{heard['id']}/resend"), 409, reason="not_resendable")


def test_a_letter_goes_to_whoever_asks_for_it(admin: Person, app_db: Database) -> None:
    refused(admin.post("/channels/email/test-letter"), 409, reason="channel_not_configured")
    server = {"host": "127.0.0.1", "port": 9, "security": "none"}
    value = {"address": "front@hotel.example", "smtp": server, "imap": server | {"password": "x"}}
    settings.put(app_db, "channels.email", value)
    begun = succeeded(admin.post("/channels/email/test-letter"), 202)
    found = succeeded(admin.get(f"/channels/email/test/{begun['id']}"))
    assert (found["channel"], found["status"]) == ("email", "running")
    (row,) = channel_tests.due(app_db, 5)
    assert row["letter_to"] == succeeded(admin.get("/auth/me"))["id"]


def test_signatures_are_texts_by_language(admin: Person) -> None:
    value = {"enabled": False, "signatures": {"es-MX": "Saludos", "en": "Bye"}}
    put = succeeded(admin.put("/settings/channels.email", {"value": value}))
    assert put["value"]["signatures"] == value["signatures"]
    for wrong in ({"not a language": "x"}, {"en": None}, {"en": "x" * 2001}):
        answer = admin.put("/settings/channels.email", {"value": {"signatures": wrong}})
        refused(answer, 400)
