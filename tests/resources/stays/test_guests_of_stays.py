"""What becomes of stays when their guests are merged, unmerged and erased; and what webhooks are told of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jack.core.db import Database
from jack.operations import verify
from jack.resources.guests import merge
from jack.resources.privacy import erasure
from jack.resources.stays import store as stays
from jack.resources.webhooks import event_data
from tests.builders import make_guest, make_stay
from tests.checks import succeeded
from tests.conftest import Person


def who(db: Database, stay: str) -> tuple[str | None, list[str]]:
    row = stays.get(db, stay)
    return row["guest_id"], row["companions"]


@pytest.mark.parametrize(
    "before",
    [
        ("other", []),
        ("third", ["other"]),
        ("other", ["kept", "third"]),
        ("kept", ["third", "other"]),
        ("third", ["other", "kept"]),
        ("third", ["kept"]),
    ],
    ids=str,
)
def test_a_merge_gives_stays_to_the_one_who_stays_and_its_undo_gives_them_back(
    before: tuple[str, list[str]], db: Database
) -> None:
    people = {name: make_guest(db, name=name)["id"] for name in ("kept", "other", "third")}
    guest, companions = people[before[0]], [people[name] for name in before[1]]
    stay = make_stay(db, guest_id=guest, companions=companions)["id"]
    made = merge.merge(db, people["kept"], people["other"])
    after = who(db, stay)
    named = [after[0], *after[1]]
    assert people["other"] not in named
    assert len(named) == len(set(named))
    assert people["kept"] in named
    assert verify.problems(db) == []
    merge.undo(db, people["kept"], made["id"])
    assert who(db, stay) == (guest, companions)
    types = db.column("SELECT type FROM events WHERE type LIKE 'stay.%' ORDER BY seq")
    moved = people["other"] in (guest, *companions)
    assert types == ["stay.created", *(["stay.updated"] * 2 if moved else [])]


def test_what_has_been_changed_since_a_merge_stays_so(db: Database) -> None:
    kept, other, third = (make_guest(db)["id"] for _ in range(3))
    stay = make_stay(db, guest_id=other, companions=[third])["id"]
    made = merge.merge(db, kept, other)
    stays.change(db, stay, guest_id=third)
    merge.undo(db, kept, made["id"])
    assert who(db, stay) == (third, [])


def test_an_erasure_leaves_a_stay_without_its_guest(admin: Person) -> None:
    db = admin.db
    guest = make_guest(db, name="Zebulonia")["id"]
    other = make_guest(db)["id"]
    own = make_stay(
        db,
        guest_id=guest,
        companions=[other],
        room="302",
        eta="15:30",
        source="Zebulonia's agency",
        confirmation="ZEB-1",
        external_id="zeb-1",
        notes="Zebulonia comes late",
        metadata={"who": "Zebulonia"},
    )["id"]
    theirs = make_stay(db, guest_id=other, companions=[guest])["id"]
    erasure.erase(db, guest)
    row = succeeded(admin.get(f"/stays/{own}"))
    assert (row["guestId"], row["guest"], row["companions"], row["room"]) == (
        None,
        None,
        [other],
        "302",
    )
    assert [row[name] for name in ("eta", "source", "confirmation", "externalId", "notes")] == [
        None
    ] * 5
    assert row["metadata"] == {}
    assert who(db, theirs) == (other, [])
    told = db.all("SELECT subject_id, changed FROM events WHERE type = 'stay.updated' ORDER BY seq")
    assert [(one["subject_id"], json.loads(one["changed"])[0]) for one in told] == [
        (own, "guestId"),
        (theirs, "companions"),
    ]
    assert verify.problems(db) == []
    rest = json.dumps(db.all("SELECT * FROM stays"))
    assert "zeb" not in rest.casefold()


def test_verify_finds_a_guest_who_is_named_twice(db: Database) -> None:
    guest = make_guest(db)["id"]
    stay = make_stay(db, guest_id=guest)["seq"]
    db.run(
        "INSERT INTO stay_companions (stay_seq, guest_id, place) VALUES (:stay, :guest, 0)",
        {"stay": stay, "guest": guest},
    )
    assert verify.problems(db) == ["1 stays name somebody as guest and companion"]


def test_a_webhook_is_told_the_stay_as_the_api_shows_it(admin: Person) -> None:
    made = make_stay(admin.db, guest_id=make_guest(admin.db)["id"], room="302")["id"]
    succeeded(admin.patch(f"/stays/{made}", {"status": "in_house"}))
    stay = succeeded(admin.get(f"/stays/{made}"))

    def told(type: str) -> Any:
        seq = admin.db.value("SELECT max(seq) FROM events WHERE type = :type", {"type": type})
        row = event_data.event(admin.db, seq)
        assert row is not None
        return event_data.body(admin.db, "dlv-1", type, row, include_notes=False)

    body = told("stay.checked_in")
    assert body["data"] == {"stay": stay}
    assert (body["changed"], body["actor"]["id"]) == (["status"], admin.id)
    succeeded(admin.delete(f"/stays/{made}"))
    assert made in json.dumps(told("stay.deleted")["data"])
