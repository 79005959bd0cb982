"""Texts that name a guest: an export shows the same lines for which an erasure empties them, and nobody else's."""

from __future__ import annotations

import pytest

from jack.core.db import Database
from jack.resources.guests import merge
from jack.resources.handover import store as handovers
from jack.resources.imports import failed_lines
from jack.resources.privacy import erasure, guest_data, mentions
from tests.builders import make_guest, make_member


def plant(db: Database) -> str:
    """A guest with two numbers, an e-mail that stands in no profile, one merged into them, and ids of numbers only and not."""
    guest = make_guest(
        db,
        name="Tim",
        email="tim@x.example",
        phone="+34600112233",
        external_ids={"pms": "1024", "crm": "C-77"},
    )
    other = make_guest(db, name="Web visitor", email="second@x.example", phone="+34699887766")
    merge.merge(db, guest["id"], other["id"])
    return str(guest["id"])


LINES = [
    ("Tim has the key", True),
    ("tim: late checkout", True),
    ("The boiler was checked a long time ago", False),
    ("A web visitor asked for the pool", False),
    ("Call +34 600 11 22 33 back", True),
    ("Call 0034-699-88.77.66 back", True),
    ("write to SECOND@x.example, please", True),
    ("write to second@x.example.org", False),
    ("mr-second@x.example.", False),
    ("room 60 for 01, 12 towels, 23 and 3", False),
]


@pytest.mark.parametrize(("line", "theirs"), LINES)
def test_what_the_export_shows_is_what_an_erasure_empties(
    db: Database, line: str, theirs: bool
) -> None:
    guest = plant(db)
    handovers.sign(db, line, by=str(make_member(db)["id"]))
    shown = guest_data.profile(db, guest)["handovers"]
    erasure.erase(db, guest)
    [text] = handovers.texts(db).values()
    assert (bool(shown), text) == (theirs, "[erased]" if theirs else line)


@pytest.mark.parametrize(
    ("line", "theirs"),
    [
        ("Ana,1024,suite", False),
        ("Ana,C-77,suite", True),
        ("Ana,60011,2233", False),
        ("x,600 112 233", True),
    ],
)
def test_files_of_failed_lines_are_read_line_by_line(
    db: Database, line: str, theirs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = plant(db)
    monkeypatch.setattr(failed_lines, "texts", lambda _: {"imp-1": f"name,id,phone\n{line}\n0"})
    gone: list[list[str]] = []
    monkeypatch.setattr(failed_lines, "erase", lambda _, ids: gone.append(ids))
    shown = guest_data.profile(db, guest)["linesThatFailedToImport"]
    erasure.erase(db, guest)
    assert (bool(shown), gone) == (theirs, [["imp-1"] if theirs else []])


def test_names_in_scripts_without_spaces_are_found_within_a_sentence(db: Database) -> None:
    guest = make_guest(db, name="田中太郎")
    wanted = mentions.of_guest(db, guest["id"]).in_texts
    assert mentions.sources({"a": "田中太郎様は302号室", "b": "佐藤様"}, wanted) == ["a"]
