"""`/conversations`: what they are, who has them, what moves them."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core.db import Database
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.webchat import store as webchat
from tests.builders import make_conversation, make_guest, make_member, make_visitor
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person

FIELDS = {
    "id",
    "channel",
    "status",
    "assignee",
    "guestId",
    "guest",
    "subject",
    "preview",
    "previewMedia",
    "unread",
    "lastMessageAt",
    "firstResponseAt",
    "waitingSince",
    "snoozedUntil",
    "windowExpiresAt",
    "answerable",
    "presence",
    "stay",
    "match",
    "metadata",
    "createdAt",
    "updatedAt",
}


def hear(db: Database, conversation: dict[str, Any], content: str, key: str) -> None:
    """One more message of the guest's."""
    messages.receive(
        db,
        guest_id=conversation["guest_id"],
        channel="web",
        content=content,
        account="test",
        event_key=key,
    )


def get(person: Person, conversation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = succeeded(person.get(f"/conversations/{conversation_id}"))
    return found


# ------------------------------------------------------------------------------------------------ shape


def test_a_conversation_has_the_documented_fields(member: Person) -> None:
    made = make_conversation(member.db, content="Hola", name="Vera")
    data = get(member, made["id"])
    assert data.keys() == FIELDS
    assert data | {"guestId": None, "guest": None} == {
        "id": made["id"],
        "channel": "web",
        "status": "open",
        "assignee": None,
        "guestId": None,
        "guest": None,
        "subject": None,
        "preview": "Hola",
        "previewMedia": None,
        "unread": 1,
        "lastMessageAt": "2026-05-28T20:26:40.000Z",
        "firstResponseAt": None,
        "waitingSince": "2026-05-28T20:26:40.000Z",
        "snoozedUntil": None,
        "windowExpiresAt": None,
        "answerable": True,
        "presence": [],
        "stay": None,
        "match": None,
        "metadata": {},
        "createdAt": "2026-05-28T20:26:40.000Z",
        "updatedAt": "2026-05-28T20:26:40.000Z",
    }
    assert data["guest"] == {"id": data["guestId"], "name": "Vera"}


def test_ids_are_a_prefix_and_a_time_ordered_uuid(member: Person, clock: Clock) -> None:
    first = make_conversation(member.db)["id"]
    clock.move(0.001)
    second = make_conversation(member.db)["id"]
    assert first.startswith("conv-")
    assert first < second


def test_the_preview_is_the_beginning_of_the_last_message(member: Person) -> None:
    made = make_conversation(member.db)
    member.post(f"/conversations/{made['id']}/messages", {"content": "x" * 500})
    assert get(member, made["id"])["preview"] == "x" * 140


# ------------------------------------------------------------------------------------------------ lists


def test_the_newest_activity_is_first(member: Person, clock: Clock) -> None:
    made = []
    for _ in range(3):
        made.append(make_conversation(member.db))
        clock.move(1)
    hear(member.db, made[0], "Still there?", "2")
    rows = succeeded(member.get("/conversations"))
    assert [row["id"] for row in rows] == [made[0]["id"], made[2]["id"], made[1]["id"]]


def test_conversations_of_one_moment_have_an_order_all_the_same(member: Person) -> None:
    made = [make_conversation(member.db)["id"] for _ in range(5)]
    pages = [succeeded(member.get(f"/conversations?limit=2&page={page}")) for page in (1, 2, 3)]
    assert [row["id"] for page in pages for row in page] == made[::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=open", "abd"),
        ("status=closed", "c"),
        ("status=pending", "e"),
        ("channel=web", "abc"),
        ("channel=sms", "de"),
        ("channel=email", ""),
        ("assignee=unassigned", "bde"),
        ("assignee=me", "a"),
        ("status=open&channel=web", "ab"),
        ("status=open&assignee=me", "a"),
        ("channel=web&assignee=unassigned", "b"),
        ("status=closed&channel=web&assignee=unassigned", ""),
        ("status=open&channel=web&assignee=me", "a"),
        ("guestId=guest-1", "ad"),
        ("guestId=guest-1&status=open&channel=sms", "d"),
        ("guestId=nobody", ""),
        ("assignee=nobody", ""),
    ],
)
def test_filters_and_their_combinations(query: str, expected: str, member: Person) -> None:
    db = member.db
    make_guest(db, id="guest-1", name="Ana")
    other, colleague = make_guest(db)["id"], make_member(db)["id"]
    ids = {
        name: conversations.create(db, guest_id=guest, channel=channel)["id"]
        for name, guest, channel in (
            ("a", "guest-1", "web"),
            ("b", other, "web"),
            ("c", other, "web"),
            ("d", "guest-1", "sms"),
            ("e", other, "sms"),
        )
    }
    conversations.change(db, ids["a"], assignee=member.id)
    conversations.change(db, ids["c"], assignee=colleague, status="closed")
    conversations.change(db, ids["e"], status="pending")
    answer = member.get(f"/conversations?{query}")
    found = {row["id"] for row in succeeded(answer)}
    assert found == {ids[name] for name in expected}
    assert answer.json["meta"]["total"] == len(expected)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("towels", True),
        ("TOWELS", True),
        ("tow", True),
        ("toallas", False),
        ("Vera", True),
        ("élodie", True),
        ("vera towels", False),
        ("honeymoon", True),
        ("suite 12", True),
        ("note to self", True),
        ("O'Brien", False),
        ("*", False),
        ("-towels", True),
        ('"towels', True),
        ("100%", False),
        ("(", False),
        ("towels AND", False),
        ("🐟", False),
        ("部屋", True),
    ],
)
def test_search_finds_words_of_messages_subject_and_guest(
    search: str, found: bool, member: Person
) -> None:
    made = make_conversation(member.db, content="Two towels, 部屋 please", name="Vera Élodie")
    path = f"/conversations/{made['id']}"
    member.patch(path, {"subject": "Honeymoon suite 12"})
    member.post(f"{path}/messages", {"content": "Note to self", "type": "note"})
    make_conversation(member.db, content="Something else")
    answer = member.get("/conversations", query_string={"search": search})
    assert [row["id"] for row in succeeded(answer)] == ([made["id"]] if found else [])
    assert answer.json["meta"]["total"] == int(found)


def test_a_change_of_subject_changes_what_is_found(member: Person) -> None:
    made = make_conversation(member.db)
    for subject in ("Honeymoon", "Anniversary", None):
        succeeded(member.patch(f"/conversations/{made['id']}", {"subject": subject}))
    for subject in ("Honeymoon", "Anniversary"):
        assert succeeded(member.get(f"/conversations?search={subject}")) == []


# ------------------------------------------------------------------------------------------------ beginning one


def test_staff_begin_a_conversation_with_a_guest_they_can_reach(member: Person) -> None:
    guest = make_conversation(member.db)["guest_id"]
    body = {"guestId": guest, "channel": "web", "content": "Your room is ready."}
    answer = member.post("/conversations", body)
    data = succeeded(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/conversations/{data['id']}"
    assert (data["guestId"], data["preview"], data["unread"]) == (guest, body["content"], 0)
    assert (data["waitingSince"], data["firstResponseAt"]) == (None, None)
    sent = succeeded(member.get(f"/conversations/{data['id']}/messages"))
    assert [message["status"] for message in sent] == ["queued"]


def test_a_conversation_may_begin_without_a_message(member: Person) -> None:
    guest = make_conversation(member.db)["guest_id"]
    data = succeeded(member.post("/conversations", {"guestId": guest, "channel": "web"}), 201)
    assert (data["preview"], data["lastMessageAt"]) == (None, None)


@pytest.mark.parametrize("channel", ["whatsapp", "sms", "email"])
def test_a_channel_without_an_account_is_409_and_says_what_to_configure(
    channel: str, member: Person
) -> None:
    guest = make_guest(member.db, email="a@example.com", phone="+15551234567")["id"]
    answer = member.post("/conversations", {"guestId": guest, "channel": channel})
    error = refused(answer, 409, reason="channel_not_configured")
    assert f"channels.{channel}" in error["message"]
    assert member.db.value("SELECT count(*) FROM conversations") == 0


def test_a_guest_without_an_address_on_the_channel_is_409(member: Person) -> None:
    guest = make_guest(member.db)["id"]
    answer = member.post("/conversations", {"guestId": guest, "channel": "web"})
    refused(answer, 409, reason="guest_unreachable")


def test_a_conversation_with_nobody_is_400(member: Person) -> None:
    answer = member.post("/conversations", {"guestId": "nobody", "channel": "web"})
    assert named(refused(answer, 400)) == {"guestId"}


# ------------------------------------------------------------------------------------------------ changing


@pytest.mark.parametrize("nobody", [None, "unassigned"])
def test_null_and_unassigned_take_it_from_whoever_has_it(
    nobody: str | None, member: Person
) -> None:
    made = make_conversation(member.db)
    path = f"/conversations/{made['id']}"
    assert succeeded(member.patch(path, {"assignee": member.id}))["assignee"] == member.id
    assert succeeded(member.patch(path, {"assignee": nobody}))["assignee"] is None


def test_what_is_absent_stays_and_null_clears(member: Person) -> None:
    path = f"/conversations/{make_conversation(member.db)['id']}"
    member.patch(path, {"subject": "Towels", "assignee": member.id, "status": "pending"})
    data = succeeded(member.patch(path, {"subject": None}))
    assert (data["subject"], data["assignee"], data["status"]) == (None, member.id, "pending")


@pytest.mark.parametrize("somebody", ["nobody", "me"])
def test_it_is_given_to_members_only(somebody: str, member: Person) -> None:
    made = make_conversation(member.db)
    answer = member.patch(f"/conversations/{made['id']}", {"assignee": somebody})
    assert named(refused(answer, 400)) == {"assignee"}


def test_who_is_deactivated_cannot_be_given_anything(member: Person, admin: Person) -> None:
    made, gone = make_conversation(member.db), make_member(member.db)["id"]
    succeeded(admin.patch(f"/staff/{gone}", {"active": False}))
    answer = member.patch(f"/conversations/{made['id']}", {"assignee": gone})
    assert named(refused(answer, 400)) == {"assignee"}


@pytest.mark.parametrize("status", ["closed", "pending"])
def test_an_inbound_message_reopens_it(status: str, member: Person) -> None:
    made = make_conversation(member.db)
    member.patch(f"/conversations/{made['id']}", {"status": status})
    hear(member.db, made, "One more thing", "2")
    assert get(member, made["id"])["status"] == "open"


def test_waiting_since_is_the_oldest_unanswered_message(member: Person, clock: Clock) -> None:
    made = make_conversation(member.db)
    first = get(member, made["id"])["waitingSince"]
    clock.move(60)
    hear(member.db, made, "Anybody?", "2")
    assert get(member, made["id"])["waitingSince"] == first
    member.post(f"/conversations/{made['id']}/messages", {"content": "Here!"})
    assert get(member, made["id"])["waitingSince"] is None
    clock.move(60)
    hear(member.db, made, "Thanks", "3")
    assert get(member, made["id"])["waitingSince"] == "2026-05-28T20:28:40.000Z"


def test_a_note_is_no_answer(member: Person) -> None:
    made = make_conversation(member.db)
    path = f"/conversations/{made['id']}"
    member.post(f"{path}/messages", {"content": "Ask Marta", "type": "note"})
    data = get(member, made["id"])
    assert data["waitingSince"] is not None
    assert (data["firstResponseAt"], data["preview"]) == (None, "Hola")


def test_nobody_waits_in_a_closed_conversation(member: Person) -> None:
    made = make_conversation(member.db)
    data = succeeded(member.patch(f"/conversations/{made['id']}", {"status": "closed"}))
    assert data["waitingSince"] is None


def test_the_first_response_is_stamped_once(member: Person, clock: Clock) -> None:
    made = make_conversation(member.db)
    for _ in range(2):
        clock.move(60)
        member.post(f"/conversations/{made['id']}/messages", {"content": "Hello"})
    assert get(member, made["id"])["firstResponseAt"] == "2026-05-28T20:27:40.000Z"


def test_a_change_moves_updated_at_and_not_the_order(member: Person, clock: Clock) -> None:
    older, newer = make_conversation(member.db)["id"], None
    clock.move(1)
    newer = make_conversation(member.db)["id"]
    clock.move(60)
    data = succeeded(member.patch(f"/conversations/{older}", {"subject": "x"}))
    assert data["updatedAt"] == "2026-05-28T20:27:41.000Z"
    assert [row["id"] for row in succeeded(member.get("/conversations"))] == [newer, older]


# ------------------------------------------------------------------------------------------------ reading


def test_unread_counts_for_the_caller_alone(member: Person, manager: Person) -> None:
    made = make_conversation(member.db)
    hear(member.db, made, "Hello?", "2")
    path = f"/conversations/{made['id']}"
    assert get(member, made["id"])["unread"] == 2
    assert succeeded(member.post(f"{path}/read"))["unread"] == 0
    assert (get(member, made["id"])["unread"], get(manager, made["id"])["unread"]) == (0, 2)
    hear(member.db, made, "Hello??", "3")
    assert get(member, made["id"])["unread"] == 1
    assert succeeded(manager.get("/conversations"))[0]["unread"] == 3


def test_who_answers_has_read(member: Person) -> None:
    made = make_conversation(member.db)
    member.post(f"/conversations/{made['id']}/messages", {"content": "Hello"})
    assert get(member, made["id"])["unread"] == 0


def test_reading_what_is_read_is_no_event(member: Person) -> None:
    made = make_conversation(member.db)
    for _ in range(3):
        succeeded(member.post(f"/conversations/{made['id']}/read"))
    types = [row["type"] for row in succeeded(member.get("/events"))]
    assert types.count("conversation.read") == 1


# ------------------------------------------------------------------------------------------------ messages


def messages_of(person: Person, conversation_id: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = succeeded(
        person.get(f"/conversations/{conversation_id}/messages{query}")
    )
    return found


def test_a_message_has_the_documented_fields(member: Person) -> None:
    made = make_conversation(member.db, content="Hola", name="Vera")
    (heard,) = messages_of(member, made["id"])
    assert heard.pop("id").startswith("msg-")
    assert heard == {
        "conversationId": made["id"],
        "direction": "inbound",
        "type": "text",
        "content": "Hola",
        "status": "received",
        "author": {"type": "guest", "id": made["guest_id"], "name": "Vera"},
        "error": None,
        "attachments": [],
        "details": None,
        "replyTo": None,
        "reactions": [],
        "createdAt": "2026-05-28T20:26:40.000Z",
        "writtenAt": None,
        "orderedAt": "2026-05-28T20:26:40.000Z",
        "sentAt": None,
        "deliveredAt": None,
        "readAt": None,
        "sendAt": None,
        "cancelOnReply": False,
    }


def test_an_outbound_message_is_queued_and_says_who_wrote_it(member: Person) -> None:
    made = make_conversation(member.db)
    answer = member.post(f"/conversations/{made['id']}/messages", {"content": "Hello"})
    data = succeeded(answer, 201)
    assert (data["direction"], data["type"], data["status"]) == ("outbound", "text", "queued")
    assert data["author"] == {"type": "staff", "id": member.id, "name": "Sam Test"}
    assert answer.headers["Location"] == f"/api/v1/messages/{data['id']}"
    there = member.get(f"/messages/{data['id']}")
    assert succeeded(there) == data
    tag = {"If-None-Match": there.headers["ETag"]}
    assert member.get(f"/messages/{data['id']}", headers=tag).status_code == 304


def test_a_message_is_the_same_alone_and_in_its_list(member: Person) -> None:
    path = f"/conversations/{make_conversation(member.db)['id']}/messages"
    succeeded(member.post(path, {"content": "Hello"}), 201)
    succeeded(member.post(path, {"content": "VIP", "type": "note"}), 201)
    for message in succeeded(member.get(path)):
        assert succeeded(member.get(f"/messages/{message['id']}")) == message
    refused(member.get("/messages/msg-none"), 404)


def test_a_note_has_no_delivery_status_and_no_outbox_row(member: Person) -> None:
    made = make_conversation(member.db)
    body = {"content": "VIP", "type": "note"}
    data = succeeded(member.post(f"/conversations/{made['id']}/messages", body), 201)
    assert (data["type"], data["status"]) == ("note", None)
    assert member.db.value("SELECT count(*) FROM outbox") == 0


def test_the_oldest_message_is_first_unless_asked_otherwise(member: Person) -> None:
    made = make_conversation(member.db, content="1")
    for content in "234":
        member.post(f"/conversations/{made['id']}/messages", {"content": content})
    said = {
        query: "".join(message["content"] for message in messages_of(member, made["id"], query))
        for query in ("", "?order=asc", "?order=desc", "?order=desc&limit=2&page=2")
    }
    assert said == {
        "": "1234",
        "?order=asc": "1234",
        "?order=desc": "4321",
        "?order=desc&limit=2&page=2": "21",
    }


@pytest.mark.parametrize("length", [1, 4096])
def test_content_has_1_to_4096_characters(length: int, member: Person) -> None:
    made = make_conversation(member.db)
    body = {"content": "é" * length}
    succeeded(member.post(f"/conversations/{made['id']}/messages", body), 201)


def test_content_is_kept_as_written_but_for_the_line_ends(member: Person) -> None:
    made = make_conversation(member.db)
    body = {"content": "  Two\r\nlines,\ta tab, <b>markup</b> & 👨‍👩‍👧  "}
    data = succeeded(member.post(f"/conversations/{made['id']}/messages", body), 201)
    assert data["content"] == "  Two\nlines,\ta tab, <b>markup</b> & 👨‍👩‍👧  "


@pytest.mark.parametrize("type", ["image", "file", "location", "unsupported", "html"])
def test_staff_send_text_and_notes_only(type: str, member: Person) -> None:
    made = make_conversation(member.db)
    body = {"content": "x", "type": type}
    answer = member.post(f"/conversations/{made['id']}/messages", body)
    assert named(refused(answer, 400)) == {"type"}


@pytest.mark.parametrize("path", ["", "/messages"])
def test_an_unknown_conversation_is_404(path: str, member: Person) -> None:
    assert refused(member.get(f"/conversations/nobody{path}"), 404)["message"] == (
        "Conversation not found"
    )


def test_sending_to_an_unknown_conversation_is_404(member: Person) -> None:
    for body in ({"content": "x"}, {"content": "x", "type": "note"}):
        refused(member.post("/conversations/nobody/messages", body), 404)


def test_sending_over_a_channel_that_is_not_configured_is_409(member: Person) -> None:
    guest = make_guest(member.db, phone="+15551234567")["id"]
    made = conversations.create(member.db, guest_id=guest, channel="whatsapp")
    answer = member.post(f"/conversations/{made['id']}/messages", {"content": "x"})
    error = refused(answer, 409, reason="channel_not_configured")
    assert "channels.whatsapp" in error["message"]
    assert messages_of(member, made["id"]) == []


def test_a_note_can_be_left_where_nothing_can_be_sent(member: Person) -> None:
    guest = make_guest(member.db, phone="+15551234567")["id"]
    made = conversations.create(member.db, guest_id=guest, channel="whatsapp")
    body = {"content": "Call instead", "type": "note"}
    succeeded(member.post(f"/conversations/{made['id']}/messages", body), 201)


def test_nothing_is_sent_to_an_erased_guest(member: Person, admin: Person) -> None:
    made = make_conversation(member.db)
    succeeded(admin.delete(f"/guests/{made['guest_id']}"))
    answer = member.post(f"/conversations/{made['id']}/messages", {"content": "x"})
    refused(answer, 409, reason="guest_unreachable")


def test_a_switched_off_chat_sends_nothing(member: Person, admin: Person) -> None:
    made = make_conversation(member.db)
    succeeded(admin.put("/settings/channels.web", {"value": {"enabled": False}}))
    answer = member.post(f"/conversations/{made['id']}/messages", {"content": "x"})
    refused(answer, 409, reason="channel_not_configured")


def test_a_second_message_of_the_guest_goes_to_the_same_conversation(member: Person) -> None:
    session, _ = make_visitor(member.db)
    said = [
        webchat.receive(member.db, session, content=content, client_message_id=content)[0]
        for content in "ab"
    ]
    assert said[0]["conversation_id"] == said[1]["conversation_id"]


# ------------------------------------------------------------------------------------------------ what there is to do


def test_the_counts_are_the_callers(member: Person, manager: Person) -> None:
    db = member.db
    one = make_conversation(db, content="Hola", name="Vera")
    two = make_conversation(db, content="Buenas", name="Paul")
    make_conversation(db, content="Adiós", name="Rosa")
    nothing = dict.fromkeys(("pending", "closed", "mine"), 0)
    assert succeeded(member.get("/conversations/counts")) == {
        **nothing,
        "open": 3,
        "unassigned": 3,
        "waiting": 3,
        "unread": 3,
    }
    succeeded(member.patch(f"/conversations/{one['id']}", {"assignee": member.id}))
    succeeded(member.post(f"/conversations/{one['id']}/read"))
    succeeded(member.patch(f"/conversations/{two['id']}", {"status": "closed"}))
    counted = {"open": 2, "pending": 0, "closed": 1, "unassigned": 1, "waiting": 2}
    mine = succeeded(member.get("/conversations/counts"))
    assert mine == {**counted, "mine": 1, "unread": 1}
    theirs = succeeded(manager.get("/conversations/counts"))
    assert theirs == {**counted, "mine": 0, "unread": 2}


def test_unread_conversations_are_the_callers(member: Person, manager: Person) -> None:
    db = member.db
    one = make_conversation(db, content="Hola", name="Vera")
    two = make_conversation(db, content="Buenas", name="Paul")
    succeeded(member.post(f"/conversations/{one['id']}/read"))
    for person, flag, expected in (
        (member, "true", [two["id"]]),
        (member, "false", [one["id"]]),
        (manager, "true", [two["id"], one["id"]]),
        (manager, "false", []),
    ):
        answer = person.get(f"/conversations?unread={flag}&status=open")
        assert [found["id"] for found in succeeded(answer)] == expected
        assert answer.json["meta"]["total"] == len(expected)
    hear(db, one, "Un xilófono", "again")
    answer = member.get("/conversations?unread=true&search=xilofono&limit=1&page=1")
    assert [found["id"] for found in succeeded(answer)] == [one["id"]]
