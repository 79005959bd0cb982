"""The handover: what is going on, and what one shift tells the next."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.channel_accounts import store as accounts
from jack.resources.conversations import messages
from jack.resources.handover import store
from jack.resources.privacy import erasure
from jack.resources.settings import hotel_time
from tests.builders import make_conversation, make_guest, make_stay, make_task
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person


def test_it_has_who_waits_longest_first(db: Database, clock: Clock) -> None:
    first = make_conversation(db, name="Ana", content="A taxi?")
    clock.move(60)
    second = make_conversation(db, name="Ben")
    found = store.get(db)["waiting"]
    assert [row["id"] for row in found] == [first["id"], second["id"]]
    assert (found[0]["guest_name"], found[0]["preview"]) == ("Ana", "A taxi?")
    messages.echo(db, first["id"], "At once")
    assert [row["id"] for row in store.get(db)["waiting"]] == [second["id"]]


def test_tasks_are_overdue_or_open_and_never_both(db: Database, clock: Clock) -> None:
    late = make_task(db, title="Late", due_at="2026-05-28T20:00:00.000Z")
    urgent = make_task(db, title="Urgent", priority="urgent", due_at="2026-05-29T20:00:00.000Z")
    normal = make_task(db, title="Normal", room="302", due_at="2026-05-28T22:00:00.000Z")
    make_task(db, title="Done", status="completed")
    found = store.get(db)
    assert [row["id"] for row in found["overdue_tasks"]] == [late["id"]]
    assert [row["id"] for row in found["open_tasks"]] == [urgent["id"], normal["id"]]
    assert found["open_tasks"][1]["room"] == "302"


def test_notes_are_those_since_the_last_handover(
    app_db: Database, admin: Person, member: Person
) -> None:
    chat = make_conversation(app_db)["id"]
    messages.note(app_db, chat, "Likes it quiet", by=admin.id)
    messages.note(app_db, chat, "@Sam Test the key, please", by=admin.id)
    found = succeeded(member.get("/handover"))
    assert [note["content"] for note in found["notes"]] == [
        "@Sam Test the key, please",
        "Likes it quiet",
    ]
    assert [note["content"] for note in found["mentions"]] == ["@Sam Test the key, please"]
    assert found["notes"][0]["authorName"] == "Ada Test"
    signed = succeeded(admin.post("/handover", {"text": "All is quiet."}), 201)
    app_db.run("UPDATE messages SET created_at = '2026-01-01T10:00:00.000Z' WHERE type = 'note'")
    later = succeeded(member.get("/handover"))
    assert (later["since"], later["notes"]) == (signed["at"], [])
    asked = succeeded(member.get("/handover?since=2026-01-01T10:00:00Z"))
    assert len(asked["notes"]) == 2


def test_who_has_read_a_handover_is_named_once(
    app_db: Database, admin: Person, manager: Person, member: Person
) -> None:
    text = "302 has the spare key.\nThe plumber comes at nine."
    signed = succeeded(admin.post("/handover", {"text": text}), 201)
    assert signed["text"] == text
    assert signed["by"] == {"id": admin.id, "name": "Ada Test"}
    assert signed["readBy"] == []
    for person in (member, manager, member):
        succeeded(person.post(f"/handover/{signed['id']}/read"))
    last = succeeded(admin.get("/handover"))["last"]
    assert succeeded(admin.get(f"/handover/{signed['id']}")) == last
    assert [one["id"] for one in last["readBy"]] == [member.id, manager.id]
    told = app_db.column("SELECT action FROM audit WHERE subject_type = 'handover' ORDER BY seq")
    assert told == ["handover.signed", "handover.read", "handover.read"]
    refused(member.post("/handover/handover-none/read"), 404)
    refused(member.post("/handover", {"text": " "}), 400)


def test_a_channel_that_does_not_work_is_told(db: Database) -> None:
    assert store.get(db)["channels"] == []
    accounts.pause(db, "sms:+15550001111", "The token is wrong.", settings_at=None)
    (found,) = store.get(db)["channels"]
    assert (found["channel"], found["paused_because"]) == ("sms", "The token is wrong.")


def test_it_has_who_comes_today_who_leaves_and_who_is_there(db: Database) -> None:
    ana = make_guest(db, name="Ana")["id"]
    day = hotel_time.today(db)
    before, after = "2026-01-01", "2027-12-31"
    comes = make_stay(db, guest_id=ana, room="7", arrival=day, departure=after)
    leaves = make_stay(db, guest_id=ana, room="8", arrival=before, departure=day, status="in_house")
    stands = make_stay(
        db, guest_id=ana, room="9", arrival=before, departure=after, status="in_house"
    )
    make_stay(db, guest_id=ana, arrival=day, departure=after, status="cancelled")
    make_stay(db, guest_id=ana, arrival=before, departure=day, status="no_show")
    found = store.get(db)
    ids = {name: [row["id"] for row in found[name]] for name in ("arrivals", "departures")}
    assert ids == {"arrivals": [comes["id"]], "departures": [leaves["id"]]}
    assert [row["id"] for row in found["in_house"]] == [leaves["id"], stands["id"]]
    assert found["arrivals"][0]["guest_name"] == "Ana"


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("Ana María Ruiz wants a taxi", True),
        ("call 600 11 22 33: +34600112233", True),
        ("write to ANA@private.example", True),
        ("anabel in 302 wants a taxi", False),
    ],
)
def test_an_erasure_empties_the_texts_that_name_the_guest(
    text: str, goes: bool, app_db: Database, admin: Person, client: FlaskClient
) -> None:
    guest = make_guest(
        app_db, name="Ana María Ruiz", email="ana@private.example", phone="+34600112233"
    )
    kept = store.sign(app_db, text, by=admin.id)
    erasure.erase(app_db, guest["id"])
    assert store.mark_read(app_db, kept["id"], by=admin.id)["text"] == (
        "[erased]" if goes else text
    )
