"""Imports: what becomes of each line, and that nothing is done twice."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any

import pytest

from jack.core.db import Database
from jack.resources.guests import store as guests
from jack.resources.imports import running, store
from jack.resources.imports.lines import KINDS
from tests.builders import make_entry, make_guest
from tests.checks import refused
from tests.conftest import Person
from tests.resources.imports.files import counts, imported, upload

HEAD = "name,email,phone,tags,notes,language\r\n"
ANA = 'Ana García,ana@example.com,+34600111222,"vip, returning",Prefers quiet room,es\r\n'


def all_guests(db: Database) -> list[dict[str, Any]]:
    names = ("name", "email", "phone", "tags", "notes", "language")
    return [
        {name: guests.get(db, one)[name] for name in names}  # type: ignore[literal-required]
        for one in db.column("SELECT id FROM guests ORDER BY seq")
    ]


def test_a_line_becomes_a_guest(manager: Person) -> None:
    found = imported(manager, HEAD + ANA)
    assert (found["status"], found["total"], counts(found)) == ("done", 1, (1, 0, 0, 0))
    assert all_guests(manager.db) == [
        {
            "name": "Ana García",
            "email": "ana@example.com",
            "phone": "+34600111222",
            "tags": ["vip", "returning"],
            "notes": "Prefers quiet room",
            "language": "es",
        }
    ]
    types = manager.db.column("SELECT type FROM events ORDER BY seq")
    assert types[-2:] == ["guest.created", "import.finished"]
    actors = manager.db.column("SELECT actor_id FROM events ORDER BY seq")
    assert actors[-2:] == [manager.id, manager.id]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_are_read_however_they_are_written(
    encoding: str, delimiter: str, manager: Person
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(
        [["name", "notes"], ["Müller, José; ß", "one\ntwo, three; four\tfive"]]
    )
    found = imported(manager, text.getvalue().encode(encoding))
    assert counts(found) == (1, 0, 0, 0), found
    (guest,) = all_guests(manager.db)
    assert (guest["name"], guest["notes"]) == (
        "Müller, José; ß",
        "one\ntwo, three; four\tfive",
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_and_excels_hint_are_understood(end: str, manager: Person) -> None:
    found = imported(manager, end.join(["sep=;", "name;email", "", "Ana;ana@example.com", "Bo;"]))
    assert (counts(found), found["total"]) == ((2, 0, 0, 0), 2)
    assert [guest["email"] for guest in all_guests(manager.db)] == ["ana@example.com", None]


def test_ndjson_is_read_and_its_last_line_is_not_a_guest(manager: Person) -> None:
    lines = (
        '{"name": "Ana", "tags": ["a, b"], "email": null}\n\nnonsense\n{"end": true, "rows": 2}\n'
    )
    found = imported(manager, lines)
    assert counts(found) == (1, 0, 0, 1)
    assert found["errors"] == [{"line": 3, "field": "line", "message": "Not a JSON object."}]
    assert all_guests(manager.db)[0]["tags"] == ["a, b"]


def test_ndjson_that_is_cut_short_fails_before_its_first_line(manager: Person) -> None:
    found = imported(manager, '{"name": "Ana"}\n{"end": true, "rows": 2}\n')
    assert (found["status"], counts(found)) == ("failed", (0, 0, 0, 0))
    assert found["error"] == "The file is cut short: it says 2 rows, and has 1."
    assert all_guests(manager.db) == []


def test_columns_are_mapped_and_two_may_be_one_field(manager: Person) -> None:
    mapping = {"First": "name", "Last": "name", "Mail": "email", "Room": None}
    found = imported(manager, "First,Last,Mail,Room\nAna,García,a@x.test,302\n", mapping=mapping)
    assert found["mapping"] == {"First": "name", "Last": "name", "Mail": "email"}
    assert all_guests(manager.db)[0]["name"] == "Ana García"


def test_columns_called_like_fields_need_no_mapping(manager: Person) -> None:
    found = imported(manager, "NAME,E-Mail,Arrival\nAna,a@x.test,2026-05-01\n")
    assert found["mapping"] == {"NAME": "name", "E-Mail": "email"}
    found = imported(manager, "Nombre completo,Teléfono,Móvil\nBo,+34600111222,+34600111223\n")
    assert found["mapping"] == {"Nombre completo": "name", "Teléfono": "phone"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"mapping": {"Mail": "email"}}, "mapping.Mail"),
        ({"mapping": {"name": "surname"}}, "mapping.name"),
        ({"mapping": {"name": None}}, "mapping"),
        ({"mapping": "nonsense"}, "mapping"),
        ({"mapping": ["name"]}, "mapping"),
        ({"onMatch": "merge"}, "onMatch"),
        ({"dryRun": "perhaps"}, "dryRun"),
        ({"unheardOf": "1"}, "unheardOf"),
    ],
)
def test_what_is_sent_beside_the_file_is_checked(
    fields: dict[str, Any], field: str, manager: Person
) -> None:
    error = refused(upload(manager, "/imports/guests", HEAD + ANA, **fields), 400)
    assert [detail["field"] for detail in error["details"]] == [field]
    assert list(store.folder(manager.db).iterdir()) == []


@pytest.mark.parametrize("content", ["[]", " \n", "a,a\n1,2\n", "x" * 300])
def test_a_file_that_is_no_table_is_refused_at_once(content: str, manager: Person) -> None:
    error = refused(upload(manager, "/imports/guests", content), 400)
    assert error["details"][0]["field"] in ("file", "mapping")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (",nobody@x.test", "name"),
        ("Ana,not an address", "email"),
        ("Ana,a@x.test,no phone", "phone"),
        ("Ana,,,,,not-a-language-tag-at-all", "language"),
        ("Ana,,,,,en,one too many", "line"),
        ("Ana\x01", "name"),
    ],
)
def test_a_bad_line_fails_alone_and_is_named(line: str, field: str, manager: Person) -> None:
    found = imported(manager, f"{HEAD}{line}\r\n{ANA}")
    assert counts(found) == (1, 0, 0, 1)
    (error,) = found["errors"]
    assert (error["line"], error["field"]) == (2, field)
    assert error["message"]


def test_lines_are_counted_as_an_editor_counts_them(manager: Person) -> None:
    found = imported(manager, 'name,notes\r\nAna,"one\ntwo\nthree"\r\n\r\n,nobody\r\n')
    assert [error["line"] for error in found["errors"]] == [6]


# ------------------------------------------------------------------------------------------------ what is there already


@pytest.mark.parametrize(
    ("on_match", "counted", "notes", "language"),
    [
        ("skip", (0, 0, 1, 0), "Old", None),
        ("fill", (0, 1, 0, 0), "Old", "es"),
        ("overwrite", (0, 1, 0, 0), "Prefers quiet room", "es"),
    ],
)
def test_a_known_guest_is_left_filled_or_written_over(
    on_match: str,
    counted: tuple[int, int, int, int],
    notes: str,
    language: str | None,
    manager: Person,
) -> None:
    make_guest(manager.db, name="Ana", email="ANA@example.com", notes="Old")
    found = imported(manager, HEAD + ANA, onMatch=on_match)
    assert counts(found) == counted
    (guest,) = all_guests(manager.db)
    assert (guest["notes"], guest["language"]) == (notes, language)


def test_the_same_file_again_changes_nothing(manager: Person) -> None:
    imported(manager, HEAD + ANA)
    events = manager.db.value("SELECT count(*) FROM events WHERE type LIKE 'guest%'")
    assert counts(imported(manager, HEAD + ANA, onMatch="overwrite")) == (0, 0, 1, 0)
    assert manager.db.value("SELECT count(*) FROM events WHERE type LIKE 'guest%'") == events


def test_an_empty_cell_says_nothing_and_null_empties(manager: Person) -> None:
    make_guest(manager.db, email="ana@example.com", notes="Old", tags=["vip"])
    imported(manager, "email,notes,tags\nana@example.com,,\n", onMatch="overwrite")
    assert all_guests(manager.db)[0]["notes"] == "Old"
    line = '{"email": "ana@example.com", "notes": null, "tags": []}'
    imported(manager, line, onMatch="overwrite")
    assert (all_guests(manager.db)[0]["notes"], all_guests(manager.db)[0]["tags"]) == (None, [])


def test_a_guest_is_found_by_phone_where_there_is_no_email(manager: Person) -> None:
    make_guest(manager.db, name="Ana", phone="+34600111222")
    found = imported(manager, "name,phone\nAna G.,+34 600 111 222\n", onMatch="overwrite")
    assert counts(found) == (0, 1, 0, 0)


def test_a_line_that_matches_two_guests_fails(manager: Person) -> None:
    make_guest(manager.db, email="ana@example.com")
    make_guest(manager.db, phone="+34600111222")
    found = imported(manager, HEAD + ANA, onMatch="overwrite")
    assert counts(found) == (0, 0, 0, 1)
    (error,) = found["errors"]
    assert error["field"] == "phone"
    assert error["message"].startswith("This line matches two: guest-")


def test_an_export_of_this_hotel_finds_its_guests_by_their_ids(manager: Person) -> None:
    made = make_guest(manager.db, name="Nobody in particular")
    line = f"id,name,email\n{made['id']},Somebody,new@example.com\n"
    assert counts(imported(manager, line, onMatch="overwrite")) == (0, 1, 0, 0)
    assert all_guests(manager.db)[0]["email"] == "new@example.com"


def test_knowledge_is_imported_too(manager: Person) -> None:
    made = make_entry(manager.db)
    lines = f"id,title,content,category\n,Sauna,Open,amenity\n{made['id']},Pool,Closed,amenity\n,Bar,Open,pub\n"
    found = imported(manager, lines, what="knowledge", onMatch="overwrite")
    assert counts(found) == (1, 1, 0, 1)
    assert found["errors"][0]["field"] == "category"
    assert manager.db.column("SELECT content FROM knowledge ORDER BY seq") == ["Closed", "Open"]


@pytest.mark.skipif("externalId" not in KINDS["guests"].names, reason="no external ids yet")
@pytest.mark.parametrize("what", ["guests", "knowledge"])
def test_what_another_program_calls_it_finds_it(what: str, manager: Person) -> None:
    head, more = {
        "guests": ("externalId,name,email,notes", "Ana,a{}@x.test,{}"),
        "knowledge": ("externalId,title,category,content", "Pool,amenity,{}"),
    }[what]
    first = f"{head}\npms-1,{more.format(*'11')}\n"
    again = f"{head}\npms-1,{more.format(*'22')}\npms-1,{more.format(*'22')}\n"
    assert counts(imported(manager, first, what=what)) == (1, 0, 0, 0)
    dry = imported(manager, again, what=what, onMatch="overwrite", dryRun="true")
    assert counts(dry)[:1] == (0,)
    assert counts(imported(manager, again, what=what, onMatch="overwrite")) == (0, 1, 1, 0)
    file = manager.get(f"/exports/{what}").data
    assert b"pms-1" in file
    assert counts(imported(manager, file, what=what, onMatch="overwrite")) == (0, 0, 1, 0)


# ------------------------------------------------------------------------------------------------ dry runs, cancelling, killing


def test_a_dry_run_writes_nothing_and_says_what_would_be(manager: Person) -> None:
    make_guest(manager.db, email="old@example.com")
    lines = "name,email,notes\nA,a@x.test,\nB,old@example.com,n\nA2,A@x.test,\n,c@x.test,\nA,a@x.test,\n"
    dry = imported(manager, lines, onMatch="overwrite", dryRun="true")
    assert (dry["dryRun"], dry["status"], len(all_guests(manager.db))) == (True, "done", 1)
    wet = imported(manager, lines, onMatch="overwrite")
    assert counts(dry) == counts(wet) == (1, 3, 0, 1)
    assert dry["errors"] == wet["errors"]


def test_an_import_is_cancelled_and_what_is_in_stays(manager: Person) -> None:
    lines = "name\n" + "".join(f"Guest {number}\n" for number in range(100))
    import_id = upload(manager, "/imports/guests", lines).json["data"]["id"]
    steps = itertools.count(1)

    def pause() -> None:
        if next(steps) == 2:
            assert manager.post(f"/imports/{import_id}/cancel").status_code == 200

    running.run_due(manager.db, pause)
    found = manager.get(f"/imports/{import_id}").json["data"]
    assert (found["status"], counts(found)) == ("cancelled", (2 * running.PART, 0, 0, 0))
    assert len(all_guests(manager.db)) == 2 * running.PART
    assert list(store.folder(manager.db).iterdir()) == []
    assert manager.post(f"/imports/{import_id}/cancel").json["data"]["status"] == "cancelled"


def test_an_import_that_is_over_cannot_be_cancelled(manager: Person) -> None:
    found = imported(manager, HEAD + ANA)
    refused(manager.post(f"/imports/{found['id']}/cancel"), 409, reason="import_over")


@pytest.mark.parametrize("dry", ["false", "true"])
def test_one_that_breaks_off_goes_on_where_it_was(dry: str, manager: Person) -> None:
    lines = "name,email\n" + "".join(
        f"Guest {n},{'bad' if n % 7 == 0 else f'g{n}@x.test'}\n" for n in range(90)
    )
    import_id = upload(manager, "/imports/guests", lines, dryRun=dry).json["data"]["id"]

    def pause() -> None:
        raise SystemExit

    for _ in range(3):
        with pytest.raises(SystemExit):
            running.run_due(manager.db, pause)
    running.run_due(manager.db)
    found = manager.get(f"/imports/{import_id}").json["data"]
    assert (found["status"], counts(found)) == ("done", (77, 0, 0, 13))
    assert len(all_guests(manager.db)) == (0 if dry == "true" else 77)
    assert len(found["errors"]) == 13


def test_the_lines_that_failed_can_be_mended_and_imported_again(manager: Person) -> None:
    lines = "name;email;Room\r\nAna;nonsense;'=302\r\nBo;bo@x.test;1\r\n"
    found = imported(manager, lines)
    answer = manager.get(f"/imports/{found['id']}/errors")
    assert answer.headers["X-Row-Count"] == "1"
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row == {
        "line": "2",
        "error": "email: Not a valid e-mail address.",
        "name": "Ana",
        "email": "nonsense",
        "Room": "'=302",
    }
    mended = answer.text.replace("nonsense,", "ana@x.test,")
    assert counts(imported(manager, mended)) == (1, 0, 0, 0)


def test_the_failed_lines_are_there_once_it_is_over(manager: Person) -> None:
    import_id = upload(manager, "/imports/guests", HEAD + ANA).json["data"]["id"]
    refused(manager.get(f"/imports/{import_id}/errors"), 409, reason="import_queued")
    running.run_due(manager.db)
    assert manager.get(f"/imports/{import_id}/errors").text == "line,error\r\n"


def test_there_are_50_000_lines_at_most(manager: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_ROWS", 3)
    assert imported(manager, "name\n" + "A\n" * 3)["status"] == "done"
    found = imported(manager, "name\n" + "A\n" * 4)
    assert (found["status"], counts(found)) == ("failed", (0, 0, 0, 0))


def test_a_hundred_errors_are_shown_and_all_are_in_the_file(manager: Person) -> None:
    found = imported(manager, "name,email\n" + "A,bad\n" * 150)
    assert (found["failed"], len(found["errors"])) == (150, 100)
    assert manager.get(f"/imports/{found['id']}/errors").headers["X-Row-Count"] == "150"


def test_an_upload_repeated_with_its_key_is_one_import(manager: Person) -> None:
    key = {"Idempotency-Key": "night-1"}
    answers = []
    for fields in ({}, {}, {"onMatch": "fill"}):
        form = {**fields, "file": (io.BytesIO((HEAD + ANA).encode()), "a.csv")}
        answers.append(
            manager.post(
                "/imports/guests", data=form, content_type="multipart/form-data", headers=key
            )
        )
    assert answers[0].json == answers[1].json
    refused(answers[2], 409, reason="idempotency_key_reused")
    assert manager.db.value("SELECT count(*) FROM imports") == 1


def test_a_preview_shows_ten_rows_and_keeps_nothing(manager: Person) -> None:
    lines = "Guest name;E-Mail\n" + "".join(f"Guest {n};g{n}@x.test\n" for n in range(20))
    found = upload(manager, "/imports/guests/preview", lines.encode("windows-1252")).json["data"]
    assert (found["format"], found["delimiter"], len(found["rows"])) == ("csv", ";", 10)
    assert found["mapping"] == {"Guest name": "name", "E-Mail": "email"}
    assert found["rows"][0] == ["Guest 0", "g0@x.test"]
    assert list(store.folder(manager.db).iterdir()) == []


def test_staff_may_not(member: Person) -> None:
    refused(upload(member, "/imports/guests", HEAD + ANA), 403)
