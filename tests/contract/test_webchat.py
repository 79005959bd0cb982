"""`/webchat`: what a visitor can do, and what nobody can make of it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from jack.core.db import Database
from jack.resources.settings import store as settings
from jack.worker.loop import Worker
from tests.builders import make_guest
from tests.checks import MOMENT, named, refused, succeeded
from tests.conftest import Clock, Person

DAY = 24 * 3600.0
SECRET = "0123456789abcdef"
EMAIL = "Ana@Example.com"


class Visitor:
    """A browser on the hotel's page."""

    def __init__(self, app: Flask, **who: Any) -> None:
        self._client = app.test_client()
        self.begun = self._client.post("/api/v1/webchat/sessions", json=who)
        if self.begun.status_code == 201:
            self.token = self.begun.json["data"]["token"]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def say(self, content: str = "Hola", key: str = "1") -> Any:
        body = {"content": content, "clientMessageId": key}
        return self._client.post("/api/v1/webchat/messages", json=body, headers=self._headers())

    def read_on(self, after: int = 0, **query: Any) -> Any:
        asked = {"after": after, **query}
        return self._client.get(
            "/api/v1/webchat/messages", query_string=asked, headers=self._headers()
        )

    def read(self, cursor: Any) -> Any:
        body = {"cursor": cursor}
        return self._client.post("/api/v1/webchat/read", json=body, headers=self._headers())


Arrive = Callable[..., Visitor]


@pytest.fixture
def arrive(app: Flask) -> Arrive:
    return lambda **who: Visitor(app, **who)


@pytest.fixture
def deliver(app: Flask, app_db: Database) -> Callable[[], bool]:
    """A round of the worker's."""
    home = app.extensions["jack"]
    return lambda: Worker(home.databases, home.config.worker_lock).send_due(app_db)


def the_conversation(person: Person) -> dict[str, Any]:
    (found,) = succeeded(person.get("/conversations"))
    return found


def answered(person: Person, content: str = "Hello", **kwargs: Any) -> str:
    """An answer of the staff's; its id."""
    path = f"/conversations/{the_conversation(person)['id']}/messages"
    made = succeeded(person.post(path, {"content": content, **kwargs}), 201)
    return str(made["id"])


def proof(email: str = EMAIL, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), email.casefold().encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def vouched(admin: Person) -> Person:
    """An administrator; the hotel's site signs its guests' e-mail addresses."""
    succeeded(admin.put("/settings/channels.web", {"value": {"identitySecret": SECRET}}))
    return admin


# ------------------------------------------------------------------------------------------------ sessions


def test_a_session_is_a_secret_token_and_its_end(arrive: Arrive) -> None:
    data = succeeded(arrive().begun, 201)
    assert data.keys() == {"token", "expiresAt"}
    assert len(data["token"]) >= 43
    assert data["expiresAt"] == "2026-06-27T20:26:40.000Z"


def test_two_sessions_have_nothing_in_common(arrive: Arrive) -> None:
    one, two = arrive(), arrive()
    assert one.token != two.token
    one.say("mine")
    assert succeeded(two.read_on()) == []


def test_the_token_itself_is_not_stored(arrive: Arrive, app_db: Database) -> None:
    token = arrive().token
    assert token not in str(app_db.all("SELECT * FROM webchat_sessions"))


def test_a_session_alone_makes_no_guest(arrive: Arrive, app_db: Database) -> None:
    arrive(name="Vera", email=EMAIL)
    assert app_db.value("SELECT count(*) FROM guests") == 0
    assert app_db.value("SELECT count(*) FROM conversations") == 0


def test_every_day_of_use_moves_the_end_on(arrive: Arrive, clock: Clock) -> None:
    visitor = arrive()
    for _ in range(3):
        clock.move(29 * DAY)
        succeeded(visitor.read_on())
    clock.move(30 * DAY)
    refused(visitor.read_on(), 401, reason="token_expired")


def test_a_switched_off_chat_begins_nothing(arrive: Arrive, admin: Person) -> None:
    visitor = arrive()
    succeeded(admin.put("/settings/channels.web", {"value": {"enabled": False}}))
    refused(arrive().begun, 409, reason="channel_not_configured")
    refused(visitor.say(), 409, reason="channel_not_configured")


# ------------------------------------------------------------------------------------------------ what a visitor says


def test_a_first_message_makes_guest_conversation_message_and_event(
    arrive: Arrive, member: Person
) -> None:
    said = succeeded(arrive(name="Vera", language="es").say("Hola"), 201)
    conversation = the_conversation(member)
    guest = succeeded(member.get(f"/guests/{conversation['guestId']}"))
    assert (guest["name"], guest["language"], guest["email"]) == ("Vera", "es", None)
    assert (conversation["channel"], conversation["preview"]) == ("web", "Hola")
    (message,) = succeeded(member.get(f"/conversations/{conversation['id']}/messages"))
    assert message["id"] == said["id"]
    types = [row["type"] for row in succeeded(member.get("/events"))]
    assert types[-3:] == ["guest.created", "conversation.created", "conversation.message.created"]


def test_a_visitor_without_a_name_has_one_all_the_same(arrive: Arrive, member: Person) -> None:
    arrive().say()
    assert the_conversation(member)["guest"]["name"] == "Web visitor"


def test_the_message_a_visitor_sees(arrive: Arrive) -> None:
    said = succeeded(arrive(name="Vera").say("Hola"), 201)
    assert said.pop("id").startswith("msg-")
    assert said == {
        "direction": "inbound",
        "type": "text",
        "content": "Hola",
        "status": "received",
        "author": {"type": "guest", "name": None},
        "attachments": [],
        "createdAt": "2026-05-28T20:26:40.000Z",
        "readAt": None,
    }


def test_the_same_client_message_id_again_is_200_and_the_same_message(
    arrive: Arrive, member: Person
) -> None:
    visitor = arrive()
    made, repeated = visitor.say("Hola", "a"), visitor.say("Hola", "a")
    first, again = succeeded(made, 201), succeeded(repeated, 200)
    assert made.headers["Location"] == "/api/v1/webchat/messages"
    assert "Location" not in repeated.headers
    another = succeeded(visitor.say("something else under the same id", "a"), 200)
    assert first == again == another
    assert the_conversation(member)["unread"] == 1


def test_another_client_message_id_is_another_message(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    succeeded(visitor.say("Hola", "a"), 201)
    succeeded(visitor.say("Hola", "b"), 201)
    assert the_conversation(member)["unread"] == 2


def test_two_visitors_may_use_the_same_client_message_id(arrive: Arrive) -> None:
    succeeded(arrive().say("Hola", "1"), 201)
    succeeded(arrive().say("Hola", "1"), 201)


# ------------------------------------------------------------------------------------------------ what a visitor reads


def test_both_directions_are_listed_and_notes_never(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    visitor.say("Hola")
    answered(member, "Hello!")
    answered(member, "Careful with this one", type="note")
    rows = succeeded(visitor.read_on())
    assert [row["content"] for row in rows] == ["Hola", "Hello!"]
    assert [row["direction"] for row in rows] == ["inbound", "outbound"]


def test_staff_are_seen_by_their_first_name_only(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    visitor.say()
    answered(member)
    answer = visitor.read_on()
    assert succeeded(answer)[1]["author"] == {"type": "staff", "name": "Sam"}
    for secret in (member.id, member.email, "Test", "conv-", "guest-"):
        assert secret not in answer.get_data(as_text=True)


def test_the_cursor_leads_on(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    for key in "abc":
        visitor.say(key, key)
    first = visitor.read_on(limit=2)
    assert [row["content"] for row in succeeded(first)] == ["a", "b"]
    second = visitor.read_on(first.json["meta"]["cursor"])
    assert [row["content"] for row in succeeded(second)] == ["c"]
    third = visitor.read_on(second.json["meta"]["cursor"])
    assert (succeeded(third), third.json["meta"]) == ([], second.json["meta"])


def test_a_cursor_without_a_chat_stays_where_it_is(arrive: Arrive) -> None:
    answer = arrive().read_on(7)
    meta = {"cursor": 7, "seenMessageId": None}
    assert (succeeded(answer), answer.json["meta"]) == ([], meta)


def test_nothing_new_is_a_304(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.say()
    tag = visitor.read_on().headers["ETag"]
    headers = {**visitor._headers(), "If-None-Match": tag}
    answer = visitor._client.get("/api/v1/webchat/messages", headers=headers)
    assert (answer.status_code, answer.data) == (304, b"")
    visitor.say("more", "2")
    assert visitor._client.get("/api/v1/webchat/messages", headers=headers).status_code == 200


# ------------------------------------------------------------------------------------------------ statuses


def states(person: Person) -> dict[str, Any]:
    """Of the last message, as the staff see it: status and times."""
    path = f"/conversations/{the_conversation(person)['id']}/messages"
    last = succeeded(person.get(path))[-1]
    return {name: last[name] for name in ("status", "sentAt", "deliveredAt", "readAt")}


def test_statuses_move_from_queued_to_sent_to_delivered_to_read(
    arrive: Arrive, member: Person, deliver: Callable[[], bool], clock: Clock
) -> None:
    visitor = arrive()
    visitor.say()
    answered(member)
    nothing = {"sentAt": None, "deliveredAt": None, "readAt": None}
    assert states(member) == {"status": "queued", **nothing}
    deliver()
    sent = {"sentAt": "2026-05-28T20:26:40.000Z"}
    assert states(member) == {"status": "sent", **nothing, **sent}
    clock.move(1)
    cursor = visitor.read_on().json["meta"]["cursor"]
    delivered = sent | {"deliveredAt": "2026-05-28T20:26:41.000Z"}
    assert states(member) == {"status": "delivered", **nothing, **delivered}
    clock.move(1)
    assert succeeded(visitor.read(cursor)) == {"cursor": cursor}
    read = delivered | {"readAt": "2026-05-28T20:26:42.000Z"}
    assert states(member) == {"status": "read", **read}


def test_what_is_fetched_before_the_worker_came_is_delivered_and_stays_so(
    arrive: Arrive, member: Person, deliver: Callable[[], bool]
) -> None:
    visitor = arrive()
    visitor.say()
    answered(member)
    visitor.read_on()
    assert states(member)["status"] == "delivered"
    assert states(member)["sentAt"] is not None
    deliver()
    assert states(member)["status"] == "delivered"


def test_nothing_is_read_that_was_not_shown(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    visitor.say()
    cursor = visitor.read_on().json["meta"]["cursor"]
    answered(member)
    assert succeeded(visitor.read(2**53)) == {"cursor": cursor}
    assert states(member)["status"] == "queued"


def test_reading_never_goes_back(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    visitor.say()
    answered(member)
    cursor = visitor.read_on().json["meta"]["cursor"]
    visitor.read(cursor)
    assert succeeded(visitor.read(0)) == {"cursor": cursor}
    visitor.read_on(0)
    assert states(member)["status"] == "read"


def test_only_what_is_listed_counts_as_delivered(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    visitor.say()
    answered(member)
    visitor.read_on(limit=1)
    assert states(member)["status"] == "queued"


def test_reading_from_a_later_cursor_delivers_what_comes_before_as_well(
    arrive: Arrive, member: Person
) -> None:
    """A browser that lost an answer to a poll goes on from its old cursor; one that did not has had the rest."""
    visitor = arrive()
    visitor.say()
    first = answered(member, "one")
    answered(member, "two")
    (_, one, two) = succeeded(visitor.read_on())
    assert one["id"] == first
    assert {one["status"], two["status"]} == {"delivered"}


def test_a_message_to_a_visitor_who_cannot_come_back_fails(
    arrive: Arrive, member: Person, deliver: Callable[[], bool], clock: Clock, app_db: Database
) -> None:
    arrive().say()
    app_db.run("UPDATE webchat_sessions SET expires_at = created_at")
    message = answered(member)
    clock.move(1)
    deliver()
    path = f"/conversations/{the_conversation(member)['id']}/messages"
    last = succeeded(member.get(path))[-1]
    assert (last["id"], last["status"]) == (message, "failed")
    assert "ended" in last["error"]


# ------------------------------------------------------------------------------------------------ who a visitor is


def notes(person: Person) -> list[str]:
    path = f"/conversations/{the_conversation(person)['id']}/messages"
    return [row["content"] for row in succeeded(person.get(path)) if row["type"] == "note"]


def test_an_email_without_proof_is_a_note_and_never_a_merge(arrive: Arrive, member: Person) -> None:
    known = make_guest(member.db, name="Ana", email=EMAIL)
    arrive(name="Somebody", email="ana@example.com").say()
    conversation = the_conversation(member)
    assert conversation["guestId"] != known["id"]
    assert succeeded(member.get(f"/guests/{conversation['guestId']}"))["email"] is None
    (note,) = notes(member)
    assert "ana@example.com" in note
    assert "not proven" in note


def test_the_note_is_of_the_system_and_comes_once(arrive: Arrive, member: Person) -> None:
    visitor = arrive(email=EMAIL)
    visitor.say("a", "1")
    visitor.say("b", "2")
    assert len(notes(member)) == 1
    path = f"/conversations/{the_conversation(member)['id']}/messages"
    note = next(row for row in succeeded(member.get(path)) if row["type"] == "note")
    assert note["author"] == {"type": "system", "id": None, "name": None}
    assert EMAIL not in visitor.read_on().get_data(as_text=True)


def test_a_proven_email_is_linked_to_the_guest_who_has_it(arrive: Arrive, vouched: Person) -> None:
    known = make_guest(vouched.db, name="Ana", email=EMAIL)
    succeeded(arrive(email="ana@example.com", emailProof=proof()).say(), 201)
    assert the_conversation(vouched)["guestId"] == known["id"]
    assert notes(vouched) == []


def test_a_proven_email_is_the_same_in_either_form_of_its_domain(
    arrive: Arrive, vouched: Person
) -> None:
    known = make_guest(vouched.db, name="Ana", email="ana@müller.de")
    for email in ("Ana@XN--MLLER-KVA.de", "ana@müller.de"):
        succeeded(arrive(email=email, emailProof=proof(email=email.lower())).say(), 201)
    assert the_conversation(vouched)["guestId"] == known["id"]
    assert vouched.db.column("SELECT email_key FROM webchat_streams") == ["ana@müller.de"]


def test_a_proven_email_nobody_has_is_the_new_guests(arrive: Arrive, vouched: Person) -> None:
    arrive(name="Ana", email=EMAIL, emailProof=proof()).say()
    guest = succeeded(vouched.get(f"/guests/{the_conversation(vouched)['guestId']}"))
    assert (guest["name"], guest["email"]) == ("Ana", EMAIL)


@pytest.mark.parametrize(
    "wrong",
    [
        proof(secret="another secret!!"),
        proof(email="bea@example.com"),
        "0" * 64,
        proof()[:-1] + "x",
        None,
    ],
)
def test_a_wrong_proof_proves_nothing(wrong: str | None, arrive: Arrive, vouched: Person) -> None:
    known = make_guest(vouched.db, name="Ana", email=EMAIL)
    arrive(email=EMAIL, emailProof=wrong).say()
    assert the_conversation(vouched)["guestId"] != known["id"]
    assert len(notes(vouched)) == 1


@pytest.mark.parametrize("secret", ["", None])
def test_without_a_secret_nothing_is_proven(
    secret: str | None, arrive: Arrive, admin: Person
) -> None:
    known = make_guest(admin.db, name="Ana", email=EMAIL)
    arrive(email=EMAIL, emailProof=proof(secret="")).say()
    assert the_conversation(admin)["guestId"] != known["id"]


def test_a_guest_who_comes_back_proven_goes_on_where_they_were(
    arrive: Arrive, vouched: Person
) -> None:
    for key in ("1", "2"):
        arrive(email=EMAIL, emailProof=proof()).say(f"message {key}", key)
    later = arrive(email=EMAIL, emailProof=proof())
    later.say("message 3", "3")
    assert [row["content"] for row in succeeded(later.read_on())] == [
        f"message {n}" for n in (1, 2, 3)
    ]


def test_a_visitor_who_is_erased_is_out(arrive: Arrive, admin: Person) -> None:
    visitor = arrive()
    visitor.say()
    succeeded(admin.delete(f"/guests/{the_conversation(admin)['guestId']}"))
    for answer in (visitor.read_on(), visitor.say("again", "2"), visitor.read(0)):
        refused(answer, 401, reason="token_invalid")


@pytest.mark.parametrize("cursor", [-1, 2**53 + 1, "1", 1.5, True, None])
def test_a_cursor_is_a_whole_number(cursor: Any, arrive: Arrive) -> None:
    answer = arrive().read(cursor)
    error = refused(answer, 400)
    # Beyond 2^53 it is no JSON number we take at all.
    assert named(error) <= {"cursor"}


def test_times_are_as_everywhere(arrive: Arrive) -> None:
    visitor = arrive()
    assert MOMENT.fullmatch(succeeded(visitor.say(), 201)["createdAt"])


# ------------------------------------------------------------------------------------------------ read by the staff


def seen(visitor: Visitor, after: int = 0) -> str | None:
    """The visitor's message up to which the staff have read, as the visitor is told."""
    found: str | None = visitor.read_on(after).json["meta"]["seenMessageId"]
    return found


def look_at(person: Person, conversation_id: str | None = None) -> None:
    """Open the conversation, and so read it."""
    opened = conversation_id or the_conversation(person)["id"]
    succeeded(person.post(f"/conversations/{opened}/read"))


def test_a_message_nobody_has_looked_at_is_not_seen(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    assert seen(visitor) is None
    visitor.say()
    assert seen(visitor) is None
    succeeded(member.get(f"/conversations/{the_conversation(member)['id']}/messages"))
    assert seen(visitor) is None


def test_what_one_of_the_staff_has_read_is_seen_up_to_there(
    arrive: Arrive, member: Person, admin: Person
) -> None:
    visitor = arrive()
    said = [succeeded(visitor.say(key, key), 201)["id"] for key in "ab"]
    look_at(member)
    assert seen(visitor) == said[1]
    later = succeeded(visitor.say("c", "c"), 201)["id"]
    assert seen(visitor) == said[1]
    look_at(admin)
    assert seen(visitor) == later
    look_at(member)
    assert seen(visitor) == later


def test_an_answer_proves_that_what_came_before_was_read_and_a_note_does_not(
    arrive: Arrive, member: Person
) -> None:
    visitor = arrive()
    said = succeeded(visitor.say(), 201)["id"]
    answered(member, "To be looked into", type="note")
    assert seen(visitor) is None
    answered(member)
    assert seen(visitor) == said


def test_being_seen_is_news_to_a_visitor_who_has_everything(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    said = succeeded(visitor.say(), 201)["id"]
    cursor = visitor.read_on().json["meta"]["cursor"]
    path = f"/api/v1/webchat/messages?after={cursor}"
    tag = visitor._client.get(path, headers=visitor._headers()).headers["ETag"]
    headers = {**visitor._headers(), "If-None-Match": tag}
    assert visitor._client.get(path, headers=headers).status_code == 304
    look_at(member)
    answer = visitor._client.get(path, headers=headers)
    assert succeeded(answer) == []
    assert answer.json["meta"] == {"cursor": cursor, "seenMessageId": said}


def test_nothing_after_an_unread_message_is_seen_though_another_conversation_was_read(
    arrive: Arrive, member: Person, app_db: Database
) -> None:
    visitor = arrive()
    first = succeeded(visitor.say("a", "a"), 201)["id"]
    look_at(member)
    succeeded(visitor.say("b", "b"), 201)
    old = the_conversation(member)
    begun = {"guestId": old["guestId"], "channel": "web", "content": "Another matter"}
    new = succeeded(member.post("/conversations", begun), 201)["id"]
    last = succeeded(visitor.say("c", "c"), 201)["id"]
    look_at(member, new)
    assert seen(visitor) == first
    look_at(member, old["id"])
    assert seen(visitor) == last


def test_the_message_itself_stays_received(arrive: Arrive, member: Person) -> None:
    visitor = arrive()
    said = succeeded(visitor.say(), 201)
    look_at(member)
    (message,) = succeeded(visitor.read_on())
    assert message == said | {"status": "received", "readAt": None}


def test_the_away_message_is_only_shown_and_answers_nobody(
    arrive: Arrive, app_db: Database
) -> None:
    """The page shows it; no message is made of it, so there is nothing that another program could answer."""
    settings.put(app_db, "channels.web", {"enabled": True, "hours": {}, "awayMessage": "Asleep."})
    visitor = arrive()
    said = [succeeded(visitor.say("Anybody?", str(n)), 201)["id"] for n in range(3)]
    assert [row["id"] for row in succeeded(visitor.read_on())] == said
    assert app_db.value("SELECT count(*) FROM outbox") == 0


# ------------------------------------------------------------------------------------------------ its setting

DAY_AND_NIGHT = {"from": "00:00", "to": "24:00"}
GOOD = [
    {"sites": []},
    {"sites": ["https://www.hotel.example", "http://localhost:8001", "https://10.0.0.1"]},
    {"title": "Reception", "greeting": "Hola", "awayMessage": "Back soon.\nReally."},
    {"title": None, "greeting": None, "awayMessage": None, "hours": None, "colour": None},
    {"hours": {}},
    {"hours": {"monday": [DAY_AND_NIGHT], "sunday": []}},
    {"hours": {"friday": [{"from": "07:30", "to": "11:00"}, {"from": "22:00", "to": "02:00"}]}},
    {"colour": "#0D6a5b"},
]
BAD = [
    ({"sites": "https://a.example"}, "sites"),
    ({"sites": ["https://a.example/page"]}, "sites.0"),
    ({"sites": ["https://a.example; script-src *"]}, "sites.0"),
    ({"sites": ["https://a.example\r\nX-Evil: 1"]}, "sites.0"),
    ({"sites": ["https://a.example https://b.example"]}, "sites.0"),
    ({"sites": ["https://*.example"]}, "sites.0"),
    ({"sites": ["*"]}, "sites.0"),
    ({"sites": ["a.example"]}, "sites.0"),
    ({"sites": ["data:text/html,hello"]}, "sites.0"),
    ({"sites": ["https://user@a.example"]}, "sites.0"),
    ({"sites": ["https://a.example:65536"]}, "sites.0"),
    ({"sites": ["https://a.example", "https://bär.example"]}, "sites.1"),
    ({"sites": ["https://a.example"] * 51}, "sites"),
    ({"title": "two\nlines"}, "title"),
    ({"awayMessage": " "}, "awayMessage"),
    ({"hours": {"Monday": []}}, "hours.Monday"),
    ({"hours": {"monday": [{"from": "9:00", "to": "17:00"}]}}, "hours.monday.0.from"),
    ({"hours": {"monday": [{"from": "09:00", "to": "25:00"}]}}, "hours.monday.0.to"),
    ({"hours": {"monday": [{"from": "09:00", "to": "09:00"}]}}, "hours.monday.0.to"),
    ({"hours": {"monday": [{"from": "24:00", "to": "09:00"}]}}, "hours.monday.0.from"),
    ({"hours": {"monday": [{"from": "09:00"}]}}, "hours.monday.0.to"),
    ({"hours": {"monday": [DAY_AND_NIGHT] * 5}}, "hours.monday"),
    ({"colour": "red"}, "colour"),
    ({"colour": "#fff"}, "colour"),
    ({"colour": "#0d6a5b;"}, "colour"),
]


@pytest.mark.parametrize("value", GOOD)
def test_the_setting_takes_what_makes_sense(value: dict[str, Any], admin: Person) -> None:
    assert succeeded(admin.put("/settings/channels.web", {"value": value}))["value"] == value


@pytest.mark.parametrize(("value", "field"), BAD)
def test_the_setting_names_what_makes_none(
    value: dict[str, Any], field: str, admin: Person
) -> None:
    answer = admin.put("/settings/channels.web", {"value": value})
    assert named(refused(answer, 400)) == {f"value.{field}"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("HTTPS://WWW.Hotel.Example/", "https://www.hotel.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:80/", "http://a.example"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("http://a.example:443", "http://a.example:443"),
    ],
)
def test_a_site_is_kept_as_browsers_write_it(written: str, kept: str, admin: Person) -> None:
    answer = admin.put("/settings/channels.web", {"value": {"sites": [written]}})
    assert succeeded(answer)["value"] == {"sites": [kept]}
