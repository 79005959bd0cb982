"""Lists that are read on from a cursor, and the filters and orders of lists."""

from __future__ import annotations

from typing import Any

import pytest

from jack.core import deletions, walking
from jack.core.paging import Gone, Place
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.knowledge import store as knowledge
from jack.resources.privacy import erasure
from jack.resources.tasks import store as tasks
from jack.worker import cleanup
from tests.builders import (
    make_automation,
    make_conversation,
    make_entry,
    make_guest,
    make_stay,
    make_task,
    make_template,
)
from tests.conftest import Clock, Person

LISTS = (
    "conversations",
    "guests",
    "stays",
    "tasks",
    "knowledge",
    "templates",
    "automations",
    "staff",
)
every_list = pytest.mark.parametrize("name", LISTS)


def ids(person: Person, path: str) -> list[str]:
    """The ids of a list."""
    answer = person.get(path)
    assert answer.status_code == 200, answer.json
    return [row["id"] for row in answer.json["data"]]


def walked(person: Person, path: str, limit: int = 2) -> list[Any]:
    """All rows from an empty cursor on."""
    cursor, rows, more = "", [], True
    while more:
        answer = person.get(
            f"{path}{'&' if '?' in path else '?'}cursor={cursor}&limit={limit}"
        ).json
        rows += answer["data"]
        cursor, more = answer["meta"]["cursor"], answer["meta"]["hasMore"]
    return rows


def wrong(person: Person, path: str) -> set[str]:
    """The fields that a refusal names."""
    answer = person.get(path)
    assert answer.status_code == 400, answer.json
    return {detail["field"] for detail in answer.json["error"]["details"]}


# ------------------------------------------------------------------------------------------------ cursors


@every_list
def test_the_cursor_is_always_there_and_goes_on_for_ever(name: str, admin: Person) -> None:
    first = admin.get(f"/{name}?cursor=").json["meta"]
    assert first.keys() == {"limit", "cursor", "hasMore"}
    assert first["hasMore"] is False
    again = admin.get(f"/{name}?cursor={first['cursor']}").json
    assert (again["data"], again["meta"]) == ([], first)


@every_list
@pytest.mark.parametrize("order", ["created", "changed"])
def test_a_page_does_not_go_with_a_cursor(name: str, order: str, admin: Person) -> None:
    assert wrong(admin, f"/{name}?cursor=&page=1&order={order}") == {"page"}


@pytest.mark.parametrize(
    "path",
    ["/guests?sort=name", "/tasks?sort=dueAt", "/stays?sort=room", "/conversations?sort=newest"],
)
def test_a_sort_does_not_go_with_a_cursor(path: str, admin: Person) -> None:
    assert wrong(admin, f"{path}&cursor=") == {"sort"}
    assert wrong(admin, f"{path}&order=changed") == {"sort"}


@every_list
@pytest.mark.parametrize("cursor", ["x", "7", "c", "c-1", "u1x", "c9999999999999999999"])
def test_what_is_no_cursor_is_refused(name: str, cursor: str, admin: Person) -> None:
    assert wrong(admin, f"/{name}?cursor={cursor}") == {"cursor"}


@every_list
def test_a_cursor_knows_its_order(name: str, admin: Person) -> None:
    changed = admin.get(f"/{name}?order=changed").json["meta"]["cursor"]
    assert admin.get(f"/{name}?cursor={changed}").json["meta"]["cursor"] == changed
    assert wrong(admin, f"/{name}?cursor={changed}&order=created") == {"cursor"}
    created = admin.get(f"/{name}?cursor=").json["meta"]["cursor"]
    assert wrong(admin, f"/{name}?cursor={created}&order=changed") == {"cursor"}


def test_newest_first_is_an_order_of_pages_only(admin: Person) -> None:
    path = f"/conversations/{make_conversation(admin.db)['id']}/messages"
    assert len(ids(admin, f"{path}?order=desc")) == 1
    assert wrong(admin, f"{path}?order=desc&cursor=") == {"order"}


def test_messages_of_one_conversation_and_of_all(admin: Person) -> None:
    made = [make_conversation(admin.db)["id"] for _ in range(3)]
    for order in ("created", "changed"):
        every = walked(admin, f"/messages?order={order}")
        assert [row["conversationId"] for row in every] == made
        for one in made:
            path = f"/conversations/{one}/messages?order={order}"
            assert [row["conversationId"] for row in walked(admin, path, 1)] == [one]
            assert walked(admin, f"/messages?conversationId={one}", 1) == walked(admin, path, 1)
    assert wrong(admin, "/messages?page=1") == {"page"}


@pytest.mark.parametrize("order", ["created", "changed"])
def test_filters_go_with_a_cursor_however_many_rows_they_pass_over(
    order: str, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request looks at a bounded number of rows, so that one part may be empty and not the last."""
    monkeypatch.setattr(walking, "WINDOW", 3)
    made = [make_task(admin.db)["id"] for _ in range(20)]
    late = make_task(admin.db, department="maintenance", title="Boiler")["id"]
    for filters in ("department=maintenance", "search=boil", "status=open&department=maintenance"):
        assert [row["id"] for row in walked(admin, f"/tasks?order={order}&{filters}")] == [late]
    assert [
        row["id"] for row in walked(admin, f"/tasks?order={order}&department=housekeeping")
    ] == made
    parts = [make_guest(admin.db, name=f"Ana {number}", tags=["vip"])["id"] for number in range(9)]
    make_guest(admin.db, name="Bo", tags=["vip"])
    for filters in ("search=ana", "search=an&tag=vip", "search=na%209&tag=vip"):
        found = [row["id"] for row in walked(admin, f"/guests?order={order}&{filters}")]
        assert found == (parts if "9" not in filters else [])
    talk = [make_conversation(admin.db, content=f"towels {number}")["id"] for number in range(9)]
    make_conversation(admin.db, content="Nothing")
    for filters in ("search=towels", "search=tow&status=open", "waiting=true&search=towels"):
        assert [
            row["id"] for row in walked(admin, f"/conversations?order={order}&{filters}")
        ] == talk
    entry = [make_entry(admin.db, title=f"Sauna {number}")["id"] for number in range(5)]
    make_entry(admin.db)
    assert [row["id"] for row in walked(admin, f"/knowledge?order={order}&search=sauna")] == entry


def test_what_was_deleted_is_told_for_ninety_days(admin: Person, clock: Clock) -> None:
    db, beginning = admin.db, Place(changed=True)
    guest, entry = make_guest(db)["id"], make_entry(db)["id"]
    erasure.erase(db, guest)
    knowledge.delete(db, entry)
    cleanup.delete_expired(db)
    clock.move((deletions.DAYS - 1) * 86_400)
    cleanup.delete_expired(db)
    assert guests.search(db, page=beginning).rows == [Gone(guest, None)]
    assert knowledge.search(db, page=beginning).rows == [Gone(entry, None)]
    clock.move(2 * 86_400)
    known = guests.search(db, page=beginning).place
    cleanup.delete_expired(db)
    assert guests.search(db, page=beginning).rows == []
    assert knowledge.search(db, page=beginning).rows == []
    # The number it had is still not given again.
    later = make_guest(db)
    assert [row["id"] for row in guests.search(db, page=known).rows] == [later["id"]]


@every_list
def test_a_change_moves_a_row_to_the_end_and_nothing_else_does(name: str, admin: Person) -> None:
    makers: dict[str, Any] = {
        "conversations": lambda: make_conversation(admin.db)["id"],
        "guests": lambda: make_guest(admin.db)["id"],
        "stays": lambda: make_stay(admin.db)["id"],
        "tasks": lambda: make_task(admin.db)["id"],
        "knowledge": lambda: make_entry(admin.db)["id"],
        "templates": lambda: make_template(admin.db)["id"],
        "automations": lambda: make_automation(admin.db)["id"],
        "staff": lambda: admin.id,
    }
    bodies = {
        "conversations": {"subject": "Towels"},
        "guests": {"notes": "x"},
        "stays": {"notes": "x"},
        "tasks": {"notes": "x"},
        "knowledge": {"content": "x"},
        "templates": {"name": "x"},
        "automations": {"name": "x"},
        "staff": {"name": "Ada B"},
    }
    first = makers[name]()
    makers[name]()
    known = admin.get(f"/{name}?order=changed&limit=100").json["meta"]["cursor"]
    send = admin.put if name == "knowledge" else admin.patch
    assert send(f"/{name}/{first}", json=bodies[name]).status_code == 200
    told = admin.get(f"/{name}?cursor={known}").json
    assert [row["id"] for row in told["data"]] == [first]
    assert told["data"][0] == admin.get(f"/{name}/{first}").json["data"]
    assert ids(admin, f"/{name}?cursor={told['meta']['cursor']}") == []


def test_places_have_names_and_names_places() -> None:
    for place in (Place(0, 20), Place(7, 20), Place(7, 20, changed=True)):
        assert Place.of(place.cursor, 20) == place


# ------------------------------------------------------------------------------------------------ links


@every_list
def test_a_link_leads_to_the_next_part_while_there_is_one(name: str, admin: Person) -> None:
    for _ in range(3):
        make_task(admin.db, guest_id=make_conversation(admin.db)["guest_id"])
        make_stay(admin.db)
        make_entry(admin.db)
        make_template(admin.db)
        make_automation(admin.db)
        Person.__init__(
            admin, admin._client.application, "admin", f"Ada{len(ids(admin, '/staff'))}"
        )
    for start in ("limit=2", "limit=2&cursor=", "limit=2&order=changed"):
        path, found = f"/api/v1/{name}?{start}", []
        while True:
            answer = admin.get(path.removeprefix("/api/v1"))
            found += [row["id"] for row in answer.json["data"]]
            link = answer.headers.get("Link")
            if link is None:
                break
            assert link.startswith("</api/v1/")
            assert link.endswith('>; rel="next"')
            path = link[1:].partition(">")[0]
            assert "limit=2" in path
        assert sorted(found) == sorted(ids(admin, f"/{name}?limit=100"))
        assert len(found) > 2


# ------------------------------------------------------------------------------------------------ filters and orders


@every_list
def test_since_when_is_inclusive(name: str, admin: Person, clock: Clock) -> None:
    def things() -> None:
        guest = make_conversation(admin.db)["guest_id"]
        make_task(admin.db, guest_id=guest)
        make_stay(admin.db, guest_id=guest)
        make_entry(admin.db)
        make_template(admin.db)
        make_automation(admin.db)
        if not admin.db.value("SELECT count(*) > 3 FROM staff"):
            Person.__init__(admin, admin._client.application, "admin", f"B{clock.seconds:.0f}")

    things()
    clock.move(60)
    moment = admin.db.now()
    things()
    clock.move(60)
    things()
    every = admin.get(f"/{name}?limit=100").json["data"]
    for field, name_of in (("createdAt", "createdSince"), ("updatedAt", "updatedSince")):
        wanted = sorted(row["id"] for row in every if row[field] >= moment)
        assert 0 < len(wanted) < len(every)
        answer = admin.get(f"/{name}?{name_of}={moment}&limit=100").json
        assert sorted(row["id"] for row in answer["data"]) == wanted
        assert answer["meta"]["total"] == len(wanted)
        for order in ("created", "changed"):
            found = walked(admin, f"/{name}?{name_of}={moment}&order={order}")
            assert sorted(row["id"] for row in found) == wanted


def test_messages_since_when(admin: Person, clock: Clock) -> None:
    first = make_conversation(admin.db)["id"]
    clock.move(60)
    note = admin.post(f"/conversations/{first}/messages", json={"content": "x", "type": "note"})
    since = f"createdSince={note.json['data']['createdAt']}"
    for path in (f"/conversations/{first}/messages?{since}", f"/messages?{since}"):
        assert ids(admin, path) == [note.json["data"]["id"]]
    assert wrong(admin, f"/messages?updatedSince={admin.db.now()}") == {"updatedSince"}


def test_a_guest_by_the_exact_address(admin: Person) -> None:
    made = make_guest(admin.db, email="Ana@X.example", phone="+34600111222")["id"]
    make_guest(admin.db, email="ana@x.example.org", phone="+346001112223")
    for query in ("email=aNa@x.EXAMPLE", "phone=%2B34600111222", "phone=%2B34%20600%20111%20222"):
        assert ids(admin, f"/guests?{query}") == [made]
        assert ids(admin, f"/guests?{query}&cursor=") == [made]
        assert ids(admin, f"/guests?{query}&order=changed&search=guest") == [made]
    assert ids(admin, "/guests?email=ana@x.exampl") == []
    assert wrong(admin, "/guests?email=x") == {"email"}
    assert wrong(admin, "/guests?phone=nothing") == {"phone"}


def test_guests_in_every_order(admin: Person, clock: Clock) -> None:
    made = {}
    for name in ("Carla", "ana", "Bo"):
        clock.move(1)
        made[name] = make_guest(admin.db, name=name)["id"]
    clock.move(1)
    guests.change(admin.db, made["ana"], notes="x")
    clock.move(1)
    spoke = make_conversation(admin.db, name="Zoe")["guest_id"]
    every = {
        "name": [made["ana"], made["Bo"], made["Carla"], spoke],
        "-createdAt": [spoke, made["Bo"], made["ana"], made["Carla"]],
        "-updatedAt": [spoke, made["ana"], made["Bo"], made["Carla"]],
    }
    for sort, order in every.items():
        assert ids(admin, f"/guests?sort={sort}") == order
        pages = [ids(admin, f"/guests?sort={sort}&limit=1&page={page}") for page in (1, 2, 3, 4)]
        assert [id for page in pages for id in page] == order
    assert ids(admin, "/guests?sort=-lastMessageAt")[0] == spoke
    clock.move(1)
    again = make_conversation(admin.db, name="Yan")["guest_id"]
    assert ids(admin, "/guests?sort=-lastMessageAt")[:2] == [again, spoke]
    assert ids(admin, "/guests?sort=name&search=o") == [made["Bo"], spoke]
    assert wrong(admin, "/guests?sort=phone") == {"sort"}


def test_the_last_message_of_a_merged_guest_is_that_of_both(admin: Person, clock: Clock) -> None:
    first = make_conversation(admin.db)["guest_id"]
    clock.move(1)
    second = make_conversation(admin.db)["guest_id"]
    clock.move(1)
    third = make_conversation(admin.db)["guest_id"]
    assert ids(admin, "/guests?sort=-lastMessageAt") == [third, second, first]
    merge = admin.post(f"/guests/{first}/merge", json={"guestId": third}).json["data"]["mergeId"]
    assert ids(admin, "/guests?sort=-lastMessageAt") == [first, second]
    admin.post(f"/guests/{first}/merges/{merge}/undo")
    assert ids(admin, "/guests?sort=-lastMessageAt") == [third, second, first]


def test_conversations_by_who_waits_longest(admin: Person, clock: Clock) -> None:
    made = []
    for number in range(4):
        clock.move(1)
        made.append(make_conversation(admin.db, content=f"towels {number % 2}")["id"])
    clock.move(1)
    conversations.change(admin.db, made[0], status="closed")
    first, *waiting = made
    assert ids(admin, "/conversations?waiting=true") == waiting[::-1]
    assert ids(admin, "/conversations?waiting=false") == [first]
    assert ids(admin, "/conversations?sort=newest") == made[::-1]
    assert ids(admin, "/conversations?sort=waiting") == [*waiting, first]
    assert ids(admin, "/conversations?sort=waiting&waiting=true&status=open") == waiting
    pages = [ids(admin, f"/conversations?sort=waiting&limit=3&page={page}") for page in (1, 2)]
    assert pages == [waiting, [first]]
    for filters in ("waiting=true", "sort=waiting"):
        meta = admin.get(f"/conversations?{filters}").json["meta"]
        assert meta["total"] == (3 if filters == "waiting=true" else 4)
    found = ids(admin, "/conversations?sort=waiting&search=towels%200")
    assert found == [made[2], first]
    assert ids(admin, "/conversations?waiting=true&unread=true") == waiting[::-1]


def test_tasks_by_room_conversation_and_words(admin: Person) -> None:
    talk = make_conversation(admin.db)["id"]
    towels = make_task(admin.db, room="302", notes="Señora Müller", priority="low")["id"]
    lamp = make_task(admin.db, title="Lamp", room="302", conversation_id=talk)["id"]
    make_task(admin.db, title="Carpet", room="3020")
    assert ids(admin, "/tasks?room=302") == [lamp, towels]
    assert ids(admin, f"/tasks?conversationId={talk}") == [lamp]
    assert ids(admin, "/tasks?search=extra%20tow") == [towels]
    assert ids(admin, "/tasks?search=muller") == [towels]
    assert ids(admin, "/tasks?search=302%20lamp") == [lamp]
    assert ids(admin, "/tasks?search=%22%22") == []
    tasks.change(admin.db, towels, notes=None)
    assert ids(admin, "/tasks?search=muller") == []
    assert ids(admin, "/tasks?room=302&search=lamp&status=open&priority=normal&cursor=") == [lamp]


def test_tasks_in_every_order(admin: Person, clock: Clock) -> None:
    due = {"dueAt": "2026-06-0{}T10:00:00Z"}
    made = []
    for day, priority in ((3, "urgent"), (1, "low"), (2, "high")):
        clock.move(1)
        due_at = due["dueAt"].format(day).replace("Z", ".000Z")
        made.append(make_task(admin.db, due_at=due_at, priority=priority)["id"])
    urgent, low, high = made
    assert ids(admin, "/tasks") == ids(admin, "/tasks?sort=priority") == [urgent, high, low]
    assert ids(admin, "/tasks?sort=dueAt") == [low, high, urgent]
    assert ids(admin, "/tasks?sort=-createdAt") == [high, low, urgent]
    assert ids(admin, "/tasks?sort=dueAt&priority=high&priority=low&limit=1&page=2") == [high]
    overdue = ids(admin, "/tasks?sort=dueAt&overdue=false")
    assert overdue == [low, high, urgent]


@pytest.mark.parametrize(
    ("name", "make"), [("guests", make_guest), ("tasks", make_task), ("knowledge", make_entry)]
)
def test_what_another_program_calls_a_row_goes_with_every_way_to_list(
    name: str, make: Any, admin: Person
) -> None:
    known = make(admin.db, external_id="n-1")["id"]
    make(admin.db, external_id="n-2")
    for more in ("", "&cursor=", "&order=changed", "&createdSince=2020-01-01T00:00:00Z"):
        assert ids(admin, f"/{name}?externalId=n-1{more}") == [known]
        assert ids(admin, f"/{name}?externalId=n-3{more}") == []
    assert [row["id"] for row in walked(admin, f"/{name}?externalId=n-2")] != [known]


# ------------------------------------------------------------------------------------------------ lists in the order of creation only


def test_keys_webhooks_and_deliveries_are_read_on_from_a_cursor(admin: Person) -> None:
    for number in range(3):
        admin.post("/api-keys", json={"name": f"Key {number}", "scopes": ["guests:read"]})
        hook = {"url": f"https://hooks{number}.example/in", "events": ["task.*"]}
        admin.post("/webhooks", json=hook)
    made = admin.get("/webhooks").json["data"][0]["id"]
    tests = [admin.post(f"/webhooks/{made}/test").json["data"]["id"] for _ in range(3)]
    assert [row["name"] for row in walked(admin, "/api-keys")] == ["Key 0", "Key 1", "Key 2"]
    assert [row["url"][13] for row in walked(admin, "/webhooks")] == ["0", "1", "2"]
    assert [row["id"] for row in walked(admin, f"/webhooks/{made}/deliveries")] == tests
    assert walked(admin, f"/webhooks/{made}/deliveries?status=failed") == []
    assert "seq" not in walked(admin, "/webhooks")[0]


@pytest.mark.parametrize("query", ["cursor=&page=2", "cursor=u1", "cursor=x"])
def test_a_cursor_of_another_kind_is_refused(query: str, admin: Person) -> None:
    assert wrong(admin, f"/webhooks?{query}") <= {"cursor", "page"}
