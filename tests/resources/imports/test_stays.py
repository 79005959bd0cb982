"""Imports of stays: with the guests that a file names, and back from an export."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jack.resources.guests import store as guests
from jack.resources.imports.lines import guessed
from tests.builders import make_guest, make_stay
from tests.checks import refused, succeeded
from tests.conftest import Person
from tests.resources.imports.files import counts, imported, upload

HEAD = "Reservation,Guest name,E-mail,Check-in,Check-out,Room number,Adults\r\n"
MAPPING = {
    "Reservation": "externalId",
    "Guest name": "guestName",
    "E-mail": "guestEmail",
    "Check-in": "arrival",
    "Check-out": "departure",
    "Room number": "room",
    "Adults": "adults",
}


def test_columns_are_known_by_what_hotels_call_them() -> None:
    columns = HEAD.strip().split(",")
    assert guessed("stays", columns) == {
        column: field for column, field in MAPPING.items() if column != "Reservation"
    }
    spanish = ["Huésped", "Correo", "Llegada", "Salida", "Habitación", "Adultos", "Niños"]
    assert list(guessed("stays", spanish).values()) == [
        "guestName",
        "guestEmail",
        "arrival",
        "departure",
        "room",
        "adults",
        "children",
    ]


def test_a_line_is_a_stay_and_its_guest(manager: Person) -> None:
    known = make_guest(manager.db, name="Ana", email="ana@x.example")["id"]
    lines = (
        "r-1,Ana G.,ANA@x.example,2026-05-28,2026-05-30,302,2\r\n"
        "r-2,Bob,bob@x.example,2026-06-01,2026-06-02,101,1\r\n"
        "r-3,Bob,bob@x.example,2026-07-01,2026-07-02,102,1\r\n"
        "r-4,,eva@x.example,2026-07-01,2026-07-02,103,1\r\n"
        "r-5,Eva,,2026-07-03,2026-07-02,103,1\r\n"
    )
    found = imported(manager, HEAD + lines, what="stays", mapping=MAPPING)
    assert counts(found) == (3, 0, 0, 2)
    assert [(one["line"], one["field"]) for one in found["errors"]] == [
        (5, "guestName"),
        (6, "departure"),
    ]
    rows = succeeded(manager.get("/stays?sort=arrival"))
    assert [row["externalId"] for row in rows] == ["r-1", "r-2", "r-3"]
    assert rows[0]["guest"] == {"id": known, "name": "Ana"}
    assert rows[1]["guestId"] == rows[2]["guestId"]
    assert (rows[0]["room"], rows[0]["adults"], rows[0]["nights"]) == ("302", 2, 2)
    assert manager.db.value("SELECT count(*) FROM guests") == 2  # the failed ones made nobody
    again = imported(manager, HEAD + lines, what="stays", mapping=MAPPING, onMatch="overwrite")
    assert counts(again) == (0, 0, 3, 2)


@pytest.mark.parametrize(("on_match", "name"), [("fill", "Ana"), ("overwrite", "Bob")])
def test_a_stay_that_has_a_guest_is_given_a_new_one_only_by_overwriting(
    on_match: str, name: str, manager: Person
) -> None:
    guest = make_guest(manager.db, name="Ana")["id"]
    make_stay(
        manager.db, guest_id=guest, external_id="r-1", arrival="2026-05-28", departure="2026-05-30"
    )
    line = "r-1,Bob,bob@x.example,2026-05-28,2026-05-30,302,1\r\n"
    found = imported(manager, HEAD + line, what="stays", mapping=MAPPING, onMatch=on_match)
    assert counts(found) == (0, 1, 0, 0)
    (row,) = succeeded(manager.get("/stays"))
    assert (row["guest"]["name"], row["room"]) == (name, "302")


def test_a_dry_run_makes_nobody(manager: Person) -> None:
    line = "r-1,Bob,bob@x.example,2026-05-28,2026-05-30,302,1\r\n"
    found = imported(manager, HEAD + line * 2, what="stays", mapping=MAPPING, dryRun="true")
    assert counts(found) == (1, 0, 1, 0)
    assert (
        manager.db.value("SELECT (SELECT count(*) FROM stays) + (SELECT count(*) FROM guests)") == 0
    )


def test_a_year_comes_from_a_csv_file_and_once_only(manager: Person) -> None:
    """365 days of two arrivals each, by 100 guests who come back."""
    first = date(2026, 1, 1)
    lines = []
    for number in range(730):
        day, who = first + timedelta(days=number // 2), number % 100
        lines.append(
            f"r-{number},Guest {who},g{who}@x.example,{day},{day + timedelta(days=1 + number % 5)},{100 + number % 40},2\r\n"
        )
    content = HEAD + "".join(lines)
    assert counts(imported(manager, content, what="stays", mapping=MAPPING)) == (730, 0, 0, 0)
    again = imported(manager, content, what="stays", mapping=MAPPING, onMatch="overwrite")
    assert counts(again) == (0, 0, 730, 0)
    assert manager.db.value("SELECT count(*) FROM guests") == 100
    day = manager.get("/stays?arrivalFrom=2026-05-28&arrivalTo=2026-05-28").json["meta"]
    assert day["total"] == 2


@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_an_export_is_read_back_exactly(format: str, manager: Person) -> None:
    db, guest = manager.db, make_guest(manager.db, name="=Ana")["id"]
    make_stay(
        db,
        guest_id=guest,
        companions=[make_guest(db)["id"], make_guest(db)["id"]],
        room="302",
        eta="15:30",
        notes="a\nb, c",
        metadata={"rate": "=1"},
        status="in_house",
        confirmation="-JK",
        external_id="r-1",
    )
    make_stay(db)
    before = succeeded(manager.get("/stays"))
    answer = manager.get(f"/exports/stays?format={format}")
    assert answer.headers["X-Row-Count"] == "2"
    content = answer.data
    found = imported(manager, content, what="stays", onMatch="overwrite")
    assert (found["errors"], counts(found)) == ([], (0, 0, 2, 0))
    for row in before:
        succeeded(manager.delete(f"/stays/{row['id']}"))
    assert counts(imported(manager, content, what="stays")) == (2, 0, 0, 0)
    left_out = {"id": "", "createdAt": "", "updatedAt": ""}
    after = succeeded(manager.get("/stays"))
    assert sorted(({**row, **left_out} for row in after), key=str) == sorted(
        ({**row, **left_out} for row in before), key=str
    )
    assert guests.get(db, guest)["name"] == "=Ana"


def test_a_key_that_may_not_write_guests_makes_none(admin: Person) -> None:
    answer = admin.post("/api-keys", {"name": "PMS", "scopes": ["stays:write"]})
    token = succeeded(answer, 201)["token"]
    admin.token = token
    line = "r-1,Bob,bob@x.example,2026-05-28,2026-05-30,302,1\r\n"
    error = refused(upload(admin, "/imports/stays", HEAD + line, mapping=MAPPING), 403)
    assert error["reason"] == "scope_missing"
    days = {"Check-in": "arrival", "Check-out": "departure"}
    assert upload(admin, "/imports/stays", HEAD + line, mapping=days).status_code == 202
