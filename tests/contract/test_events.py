"""`/events`: what happened, exact and resumable."""

from __future__ import annotations

from jack.core import events
from jack.resources.conversations import messages
from tests.builders import make_conversation, make_guest, make_task
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person


def test_an_event_has_the_documented_fields(member: Person) -> None:
    conversation = make_conversation(member.db)
    member.patch(f"/conversations/{conversation['id']}", {"status": "closed"})
    last = succeeded(member.get("/events"))[-1]
    assert last.pop("seq") > 0
    assert last == {
        "type": "conversation.closed",
        "subjectId": conversation["id"],
        "conversationId": conversation["id"],
        "actorId": member.id,
        "actor": {"type": "staff", "id": member.id, "name": "Sam Test"},
        "changed": ["status", "waitingSince"],
        "createdAt": "2026-05-28T20:26:40.000Z",
    }


def test_the_cursor_leads_on_without_a_gap_or_a_double(member: Person) -> None:
    ids = [make_guest(member.db)["id"] for _ in range(5)]
    seen, cursor = [], member.get("/events").json["meta"]["cursor"]
    more = [make_guest(member.db)["id"] for _ in range(5)]
    while rows := succeeded(answer := member.get(f"/events?after={cursor}&limit=2")):
        seen += [row["subjectId"] for row in rows]
        cursor = answer.json["meta"]["cursor"]
    assert seen == more
    assert ids


def test_meta_tells_cursor_latest_and_whether_something_was_missed(member: Person) -> None:
    for _ in range(3):
        make_guest(member.db)
    first = member.get("/events?limit=1").json
    newest = member.get("/events").json["meta"]["latest"]
    assert first["meta"] == {
        "cursor": first["data"][0]["seq"],
        "latest": newest,
        "missed": False,
    }


def test_a_cursor_from_the_future_comes_back_to_now(member: Person) -> None:
    meta = member.get("/events?after=999999").json["meta"]
    assert meta["cursor"] == meta["latest"]


def test_who_was_away_too_long_is_told(member: Person, clock: Clock) -> None:
    for _ in range(3):
        make_guest(member.db)
    seq = succeeded(member.get("/events"))[0]["seq"]
    clock.move(1)
    make_guest(member.db)
    events.delete_expired(member.db, before=member.db.now())
    assert member.get(f"/events?after={seq}").json["meta"]["missed"] is True
    # From the beginning there is nothing to miss: one reads everything anew anyway.
    assert member.get("/events?after=0").json["meta"]["missed"] is False


def test_who_saw_the_last_that_was_dropped_missed_nothing(member: Person, clock: Clock) -> None:
    make_guest(member.db)
    last = member.get("/events").json["meta"]["cursor"]
    clock.move(1)
    make_guest(member.db)
    events.delete_expired(member.db, before=member.db.now())
    assert member.get(f"/events?after={last}").json["meta"]["missed"] is False


def test_nothing_new_is_a_304(member: Person) -> None:
    make_guest(member.db)
    answer = member.get("/events")
    tag = answer.headers["ETag"]
    again = member.get("/events", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    make_guest(member.db)
    succeeded(member.get("/events", headers={"If-None-Match": tag}))


def test_every_change_is_told_with_who_made_it(admin: Person) -> None:
    guest = succeeded(admin.post("/guests", {"name": "Ana"}), 201)["id"]
    task = succeeded(admin.post("/tasks", {"title": "Towels", "department": "housekeeping"}), 201)[
        "id"
    ]
    entry = succeeded(
        admin.post("/knowledge", {"title": "x", "content": "y", "category": "faq"}), 201
    )["id"]
    person = succeeded(admin.post("/staff", {"name": "J", "email": "j@x.example"}), 201)["id"]
    admin.patch(f"/guests/{guest}", {"name": "Bea"})
    admin.patch(f"/tasks/{task}", {"status": "completed"})
    admin.put(f"/knowledge/{entry}", {"title": "z"})
    admin.delete(f"/knowledge/{entry}")
    admin.patch(f"/staff/{person}", {"name": "K"})
    admin.put("/settings/own", {"value": {}})
    admin.delete(f"/guests/{guest}")
    told = [
        (row["type"], row["subjectId"])
        for row in succeeded(admin.get("/events"))
        if row["actorId"] == admin.id
    ]
    assert told == [
        ("guest.created", guest),
        ("task.created", task),
        ("knowledge.created", entry),
        ("staff.created", person),
        ("guest.updated", guest),
        ("task.completed", task),
        ("knowledge.updated", entry),
        ("knowledge.deleted", entry),
        ("staff.updated", person),
        ("setting.updated", "own"),
        ("guest.erased", guest),
    ]


def test_what_is_refused_is_no_event(admin: Person) -> None:
    task = make_task(admin.db)["id"]
    before = admin.get("/events").json["meta"]["latest"]
    refused(admin.patch(f"/tasks/{task}", {"guestId": "nobody"}), 400)
    refused(admin.patch(f"/staff/{admin.id}", {"active": False}), 409)
    refused(admin.post("/guests", {"name": ""}), 400)
    assert admin.get("/events").json["meta"]["latest"] == before


def test_a_limit_of_500_is_taken(member: Person) -> None:
    succeeded(member.get("/events?limit=500"))


def test_a_guests_message_has_the_guest_as_its_actor(member: Person) -> None:
    conversation = make_conversation(member.db)
    told = [
        row
        for row in succeeded(member.get("/events"))
        if row["type"] == "conversation.message.created"
    ]
    [received] = told
    assert received["actor"]["type"] == "guest"
    assert received["actor"]["id"] == received["actorId"] == conversation["guest_id"]
    assert received["actor"]["name"]
    assert received["conversationId"] == conversation["id"]


def test_a_guest_who_writes_reopens_what_was_closed(member: Person) -> None:
    conversation = make_conversation(member.db)
    member.patch(f"/conversations/{conversation['id']}", {"status": "closed"})
    latest = member.get("/events").json["meta"]["latest"]
    for key in ("second", "third"):
        messages.receive(
            member.db,
            guest_id=conversation["guest_id"],
            channel=conversation["channel"],
            content="One more thing",
            account="test",
            event_key=key,
        )
    told = succeeded(member.get(f"/events?after={latest}"))
    assert [row["type"] for row in told] == [
        "conversation.reopened",
        "conversation.message.created",
        "conversation.message.created",
    ]
    assert {row["actorId"] for row in told} == {conversation["guest_id"]}


def test_the_most_specific_word_is_taken(member: Person) -> None:
    conversation = make_conversation(member.db)["id"]
    task = make_task(member.db)["id"]
    latest = member.get("/events").json["meta"]["latest"]
    for changes in (
        {"assignee": member.id, "status": "closed", "subject": "Towels"},
        {"assignee": None, "status": "open"},
        {"assignee": member.id, "subject": "Towels again"},
        {"assignee": None},
        {"subject": None},
        {"status": "pending"},
        {"status": "pending"},
    ):
        member.patch(f"/conversations/{conversation}", changes)
    for changes in ({"assignee": member.id, "status": "completed"}, {"status": "open"}):
        member.patch(f"/tasks/{task}", changes)
    told = succeeded(member.get(f"/events?after={latest}"))
    assert [row["type"] for row in told] == [
        "conversation.closed",
        "conversation.reopened",
        "conversation.assigned",
        "conversation.assigned",
        "conversation.updated",
        "conversation.updated",
        "task.completed",
        "task.updated",
    ]
    assert told[2]["changed"] == ["assignee", "subject"]
    assert told[6]["changed"] == ["status", "assignee", "completedAt"]
