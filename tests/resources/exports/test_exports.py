"""Exports: complete, safe to open in a spreadsheet, and exactly what an import takes back."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jack.channels.types import Media
from jack.core import cells
from jack.core.db import Database
from jack.resources.attachments import store as attachments
from jack.resources.exports import rows, store, writing
from jack.resources.guests import merge
from jack.resources.privacy import erasure
from jack.worker import data_process
from tests.builders import make_conversation, make_entry, make_guest, make_stay, make_task
from tests.checks import refused
from tests.conftest import Person
from tests.resources.imports.files import counts, imported

KINDS = ("guests", "conversations", "messages", "tasks", "knowledge")


def table(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV, whose number is that of its header."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert answer.headers["X-Row-Count"] == str(len(found))
    return found


def objects(answer: Any) -> list[dict[str, Any]]:
    """The rows of NDJSON, whose number is that of its last line."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    *found, end = (json.loads(line) for line in answer.text.splitlines())
    assert end == {"end": True, "rows": len(found)}
    assert answer.headers["X-Row-Count"] == str(len(found))
    return found


def written(person: Person, **asked: Any) -> Any:
    """The answer with the file of an export that the worker has written."""
    made = person.post("/exports", json=asked)
    assert made.status_code == 202, made.text
    assert made.json["data"]["status"] == "queued"
    writing.write_due(person.db)
    return person.get(f"/exports/{made.json['data']['id']}/file")


@pytest.fixture
def filled(manager: Person) -> Person:
    """A manager of a hotel with two of everything."""
    for number in range(2):
        guest = make_guest(manager.db, name=f"Guest {number}", tags=["vip"] * number, notes="a\nb")
        conversation = make_conversation(manager.db, content=f"Hola {number}")
        make_task(manager.db, guest_id=guest["id"], conversation_id=conversation["id"])
        make_stay(manager.db, guest_id=guest["id"], room=f"30{number}", notes="a\nb")
        make_entry(manager.db, title=f"Entry {number}")
    return manager


LISTS = {
    "guests": "/guests",
    "conversations": "/conversations",
    "stays": "/stays",
    "tasks": "/tasks",
    "knowledge": "/knowledge",
}


@pytest.mark.parametrize("what", LISTS)
def test_ndjson_has_what_the_list_has(what: str, filled: Person) -> None:
    listed = filled.get(LISTS[what]).json["data"]
    for row in listed:
        row.pop("unread", None)
        row.pop("presence", None)
        row.pop("stay", None)
    assert len(listed) >= 2
    assert objects(filled.get(f"/exports/{what}?format=ndjson")) == listed
    assert objects(written(filled, what=what, format="ndjson")) == listed


def test_messages_are_those_of_all_conversations_with_author_and_files(filled: Person) -> None:
    made = make_conversation(filled.db, content="With a picture")
    first = filled.get(f"/conversations/{made['id']}/messages").json["data"][0]
    attachments.create_received(
        filled.db, first["id"], "web:1", [Media(name="a.txt", content=b"a")]
    )
    shown = filled.get(f"/conversations/{made['id']}/messages").json["data"]
    found = objects(filled.get("/exports/messages?format=ndjson"))
    assert [row["content"] for row in found] == ["Hola 0", "Hola 1", "With a picture"]
    assert found[-1:] == shown
    only = objects(filled.get(f"/exports/messages?format=ndjson&conversationId={made['id']}"))
    assert only == shown
    since = f"/exports/messages?format=ndjson&createdSince={shown[0]['createdAt']}"
    assert objects(filled.get(since))[-1:] == shown
    row = table(filled.get("/exports/messages"))[-1]
    assert (row["author.type"], row["author.name"]) == ("guest", shown[0]["author"]["name"])
    assert json.loads(row["attachments"])[0]["name"] == "a.txt"


def test_the_addresses_of_files_are_right_where_jack_is_below_a_path(filled: Person) -> None:
    made = make_conversation(filled.db, content="With a picture")
    first = filled.get(f"/conversations/{made['id']}/messages").json["data"][0]
    attachments.create_received(
        filled.db, first["id"], "web:1", [Media(name="a.txt", content=b"a")]
    )
    asked = {"what": "messages", "format": "ndjson"}
    export_id = filled.post("/exports", json=asked).json["data"]["id"]
    start(filled.db.path, below="/jack")
    row = objects(filled.get(f"/exports/{export_id}/file"))[-1]
    assert row["attachments"][0]["url"].startswith("/jack/")


def start(path: Path, below: str) -> None:
    """Write what is due in the worker's process, as below a path."""
    process = data_process.start("exports", path, os.getpid(), below)
    assert process.wait(60) == 0


@pytest.mark.parametrize("what", KINDS)
def test_csv_has_the_same_rows(what: str, filled: Person) -> None:
    found = objects(filled.get(f"/exports/{what}?format=ndjson"))
    for answer in (filled.get(f"/exports/{what}"), written(filled, what=what, format="csv")):
        assert [row["id"] for row in table(answer)] == [row["id"] for row in found]
        assert answer.text.endswith("\r\n")
        name = answer.headers["Content-Disposition"]
        assert name.startswith(f'attachment; filename="{what}-20')


@pytest.mark.parametrize(
    ("what", "query", "filters"),
    [
        ("guests", "tag=vip", {"tag": "vip"}),
        ("guests", "tag=vip&tag=vip&search=guest", {"tag": ["vip", "vip"], "search": "guest"}),
        (
            "tasks",
            "overdue=false&status=open&status=blocked",
            {"overdue": False, "status": ["open"]},
        ),
        ("tasks", "assignee=me", {"assignee": "me"}),
        ("conversations", "unread=true&channel=web", {"unread": True, "channel": "web"}),
        ("knowledge", "search=entry&category=amenity", {"search": "entry", "category": "amenity"}),
    ],
)
def test_the_filters_are_those_of_the_list(
    what: str, query: str, filters: dict[str, Any], filled: Person
) -> None:
    if "assignee" in filters:
        make_task(filled.db, assignee=filled.id)
    listed = [row["id"] for row in filled.get(f"{LISTS[what]}?{query}").json["data"]]
    assert listed
    found = objects(filled.get(f"/exports/{what}?format=ndjson&{query}"))
    assert [row["id"] for row in found] == listed
    found = objects(written(filled, what=what, format="ndjson", filters=filters))
    assert [row["id"] for row in found] == listed


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"what": "guests", "filters": {"unheardOf": 1}}, "filters.unheardOf"),
        ({"what": "guests", "filters": {"page": 1}}, "filters.page"),
        ({"what": "tasks", "filters": {"overdue": "perhaps"}}, "filters.overdue"),
        ({"what": "staff"}, "what"),
        ({"what": "guests", "format": "xlsx"}, "format"),
    ],
)
def test_what_is_asked_is_checked_at_once(
    asked: dict[str, Any], field: str, manager: Person
) -> None:
    error = refused(manager.post("/exports", json=asked), 400)
    assert [detail["field"] for detail in error["details"]] == [field]


def test_more_than_is_answered_at_once_is_a_job(
    manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MAX_ROWS", 3)
    monkeypatch.setattr(rows, "PART", 2)
    for number in range(3):
        make_guest(manager.db, name=f"Guest {number}")
    assert len(table(manager.get("/exports/guests"))) == 3
    make_guest(manager.db, name="Guest 3")
    refused(manager.get("/exports/guests"), 409, reason="use_export_job")
    assert len(table(written(manager, what="guests"))) == 4
    monkeypatch.setattr(writing, "MAX_BYTES", 10)
    refused(manager.get("/exports/guests?search=3"), 409, reason="use_export_job")


def test_an_export_is_of_one_moment(manager: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PART", 1)
    for number in range(3):
        make_guest(manager.db, name=f"Guest {number}")
    other = Database(manager.db.path)  # a second connection writes while the first one reads
    export_id = manager.post("/exports", json={"what": "guests"}).json["data"]["id"]
    writing.write_due(manager.db, lambda: make_guest(other) and None)
    other.close()
    assert len(table(manager.get(f"/exports/{export_id}/file"))) == 3


def test_a_file_is_there_for_a_day(manager: Person, app: Any) -> None:
    export_id = manager.post("/exports", json={"what": "guests"}).json["data"]["id"]
    refused(manager.get(f"/exports/{export_id}/file"), 409, reason="export_queued")
    writing.write_due(manager.db)
    found = manager.get(f"/exports/{export_id}").json["data"]
    assert (found["status"], found["rows"]) == ("done", 0)
    size = (store.folder(manager.db) / f"{export_id}.csv").stat().st_size
    assert found["bytes"] == size > 0
    before = "2020-01-01T00:00:00.000Z"
    manager.db.run("UPDATE exports SET expires_at = :before", {"before": before})
    store.delete_expired(manager.db)
    refused(manager.get(f"/exports/{export_id}"), 404)
    assert list(store.folder(manager.db).iterdir()) == []


def test_one_that_breaks_off_is_begun_anew(manager: Person) -> None:
    make_guest(manager.db)
    export_id = manager.post("/exports", json={"what": "guests"}).json["data"]["id"]

    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        writing.write_due(manager.db, end)
    assert manager.get(f"/exports/{export_id}").json["data"]["status"] == "running"
    (store.folder(manager.db) / "incoming-of-a-killed-process").write_text("a")
    writing.write_due(manager.db)
    assert len(table(manager.get(f"/exports/{export_id}/file"))) == 1
    assert [path.name for path in store.folder(manager.db).iterdir()] == [f"{export_id}.csv"]


def test_it_counts_as_a_bulk_call(environment: dict[str, str], request: Any) -> None:
    environment["JACK_RATE_LIMIT_BULK"] = "7/minute"
    manager = request.getfixturevalue("manager")
    assert manager.get("/exports/guests").headers["X-RateLimit-Limit"] == "7"


def test_the_audit_log_says_who_has_exported_and_imported(manager: Person) -> None:
    manager.get("/exports/guests")
    asked = manager.post("/exports", json={"what": "messages"}).json["data"]["id"]
    made = imported(manager, "name\nAna\n")["id"]
    found = [
        (row["action"], row["subject_type"], row["subject_id"], row["actor_id"])
        for row in manager.db.all(
            "SELECT * FROM audit WHERE subject_id IS NULL OR subject_id LIKE '__p-%'"
        )
        if row["action"].startswith(("export", "import"))
    ]
    assert found == [
        ("export.created", "guests", None, manager.id),
        ("export.created", "messages", asked, manager.id),
        ("import.created", "guests", made, manager.id),
        ("import.finished", "import", made, manager.id),
    ]


def test_staff_may_not(member: Person) -> None:
    refused(member.get("/exports/guests"), 403)
    refused(member.post("/exports", json={"what": "guests"}), 403)


# ------------------------------------------------------------------------------------------------ erasure


def test_an_erasure_deletes_the_files_with_the_guest_and_no_others(filled: Person) -> None:
    gone = make_guest(filled.db, name="Ana", tags=["odd"])
    ids = {}
    for what, filters in (
        ("guests", {}),
        ("guests", {"tag": ["vip"]}),
        ("knowledge", {}),
        ("tasks", {}),
    ):
        asked = {"what": what, "filters": filters}
        ids[what, bool(filters)] = filled.post("/exports", json=asked).json["data"]["id"]
    writing.write_due(filled.db)
    erasure.erase(filled.db, gone["id"])
    found = {
        which: filled.get(f"/exports/{one}/file").status_code == 200 for which, one in ids.items()
    }
    assert found == {
        ("guests", False): False,
        ("guests", True): True,
        ("knowledge", False): True,
        ("tasks", False): True,
    }
    assert len(list(store.folder(filled.db).iterdir())) == 3


def test_messages_of_an_erased_guest_are_in_no_file(filled: Person) -> None:
    export_id = filled.post("/exports", json={"what": "messages"}).json["data"]["id"]
    writing.write_due(filled.db)
    erasure.erase(filled.db, filled.db.value("SELECT guest_id FROM conversations LIMIT 1"))
    refused(filled.get(f"/exports/{export_id}"), 404)


def test_a_guest_who_was_merged_is_erased_from_files_as_well(filled: Person) -> None:
    kept, other = make_guest(filled.db, name="A"), make_guest(filled.db, name="B", tags=["b"])
    asked = {"what": "guests", "filters": {"tag": ["b"]}}
    export_id = filled.post("/exports", json=asked).json["data"]["id"]
    writing.write_due(filled.db)
    merge.merge(filled.db, kept["id"], other["id"])
    erasure.erase(filled.db, kept["id"])
    refused(filled.get(f"/exports/{export_id}"), 404)


def test_an_erasure_reads_in_its_transaction_only_files_that_have_come_since(
    filled: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, read = make_guest(filled.db, name="Ana"), []
    ids: list[str] = []

    def write() -> None:
        ids.append(filled.post("/exports", json={"what": "guests"}).json["data"]["id"])
        writing.write_due(filled.db)

    write()
    search, names = store.search_files, store._names

    def searched_before_the_second(db: Database, known: list[str]) -> store.Searched:
        found = search(db, known)
        write()
        monkeypatch.setattr(store, "_names", noted)
        return found

    def noted(folder: Path, file: str | None, wanted: list[bytes]) -> bool:
        if wanted:
            read.append(file)
        return names(folder, file, wanted)

    monkeypatch.setattr(store, "search_files", searched_before_the_second)
    erasure.erase(filled.db, gone["id"])
    assert read == [f"{ids[1]}.csv"]
    for one in ids:
        refused(filled.get(f"/exports/{one}"), 404)


def test_what_is_being_written_while_a_guest_is_erased_is_written_anew(filled: Person) -> None:
    gone = make_guest(filled.db, name="Ana")
    export_id = filled.post("/exports", json={"what": "guests"}).json["data"]["id"]
    other, erased = Database(filled.db.path), []

    def once() -> None:
        if not erased:
            erased.append(erasure.erase(other, gone["id"]))

    writing.write_due(filled.db, once)
    other.close()
    found = table(filled.get(f"/exports/{export_id}/file"))
    assert gone["id"] not in {row["id"] for row in found}
    assert found


def test_failed_lines_with_the_guest_are_deleted(manager: Person) -> None:
    ana = make_guest(manager.db, name="Ana Q", phone="+34600111222")
    manager.patch(f"/guests/{ana['id']}", json={"externalIds": {"pms": "G-4711"}})
    lines = (
        "Ana Q,bad,,",
        "Somebody,bad,0034 600-111-222,",
        "Somebody,bad,,g-4711",
        "Somebody,bad,+34600999888,G-4712",
    )
    ids = [imported(manager, f"name,email,phone,externalId\n{line}\n")["id"] for line in lines]
    erasure.erase(manager.db, ana["id"])
    left = [manager.get(f"/imports/{one}/errors").headers["X-Row-Count"] for one in ids]
    assert left == ["0", "0", "0", "1"]


# ------------------------------------------------------------------------------------------------ there and back

# What a field holds after the API has taken it: a line has no outer blanks.
SIGNS = "=+-@'\",;|\t\n ab\u00e9\u4e2d\u202f\U0001f600[]{}\\#"
LINES = st.text(SIGNS.replace("\n", ""), min_size=1, max_size=12).map(str.strip).filter(bool)
NOTES = st.text(SIGNS, min_size=1, max_size=20)
TAGS = st.lists(LINES, max_size=3, unique_by=str.casefold)


@given(st.lists(LINES, max_size=4))
def test_labels_come_out_of_a_cell_as_they_went_in(labels: list[str]) -> None:
    assert cells.separated(cells.joined(labels)) == labels


@given(NOTES)
def test_a_guard_is_taken_off_exactly(text: str) -> None:
    guarded = cells.guarded(text)
    assert cells.unguarded(guarded) == text
    assert guarded[0] not in "=+-@\t\r"


def test_phone_numbers_are_not_guarded() -> None:
    assert cells.guarded("+34600111222") == "+34600111222"
    assert cells.guarded("+1+2") == "'+1+2"
    assert cells.unguarded("'+34600111222") == "+34600111222"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15
)
@given(made=st.lists(st.tuples(LINES, NOTES, TAGS), min_size=1, max_size=5))
@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_guests_come_back_exactly(
    format: str, made: list[tuple[str, str, list[str]]], manager: Person
) -> None:
    manager.db.run("DELETE FROM guests")
    said = {"state": "given", "at": "2026-01-02T03:04:05.000Z", "source": "form"}
    for number, (name, notes, tags) in enumerate(made):
        fields = {"name": name, "notes": notes, "tags": tags, "email": f"g{number}@x.test"}
        fields["consents"] = {"sms": {**said, "source": name}, "email": said}
        answer = manager.post("/guests", json=fields | {"phone": f"+3460011122{number}"})
        assert answer.status_code == 201, answer.text
    before = _profiles(manager)
    file = manager.get(f"/exports/guests?format={format}").data
    manager.db.run("DELETE FROM guests")
    found = imported(manager, file)
    assert counts(found) == (len(made), 0, 0, 0), found
    assert sorted(_profiles(manager)) == sorted(before)


def _profiles(person: Person) -> list[str]:
    listed = person.get("/guests?limit=100").json["data"]
    for row in listed:
        for name in ("id", "createdAt", "updatedAt"):
            del row[name]
    return [json.dumps(row, sort_keys=True) for row in listed]


def test_importing_an_export_changes_nothing(filled: Person) -> None:
    for what in ("guests", "knowledge"):
        for format in ("csv", "ndjson"):
            file = filled.get(f"/exports/{what}?format={format}").data
            found = imported(filled, file, what=what, onMatch="overwrite")
            rows_there = int(filled.get(f"/exports/{what}").headers["X-Row-Count"])
            assert counts(found) == (0, 0, rows_there, 0), found


# ------------------------------------------------------------------------------------------------ the audit log


def test_the_audit_log_is_exported_by_an_administrator_oldest_first(
    admin: Person, manager: Person
) -> None:
    admin.post("/tasks", json={"title": "Towels", "department": "housekeeping"})
    listed = admin.get("/audit?limit=100").json["data"]
    found = objects(admin.get("/exports/audit?format=ndjson"))
    assert found[: len(listed)] == listed[::-1]
    assert found[-1]["action"] == "export.created"
    tasks = table(admin.get("/exports/audit?action=task.*"))
    assert [row["action"] for row in tasks] == ["task.created"]
    assert tasks[0]["subject.type"] == "task"
    made = written(admin, what="audit", format="ndjson", filters={"action": "task.*"})
    assert [row["action"] for row in objects(made)] == ["task.created"]
    export = admin.post("/exports", json={"what": "audit"}).json["data"]["id"]
    refused(manager.get("/exports/audit"), 403)
    refused(manager.post("/exports", json={"what": "audit"}), 403)
    refused(manager.get(f"/exports/{export}"), 403)
    refused(manager.get(f"/exports/{export}/file"), 403)
