"""`consents` of guests: noted by staff and programs, withdrawn by a STOP, kept through merge, import and erasure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from jack.core.db import Database
from jack.resources.conversations import opt_outs, sendability
from jack.resources.guests import consents, merge
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from tests.builders import make_guest
from tests.checks import refused, succeeded
from tests.conftest import Clock, Person
from tests.resources.imports.files import counts, imported

NUMBER = "+15551234567"
UNKNOWN = {"state": "unknown", "at": None, "source": None}
GIVEN = {"state": "given", "at": "2026-01-02T03:04:05.000Z", "source": "registration form"}


def noted(person: Person, guest_id: str, **sent: Any) -> Any:
    return succeeded(person.patch(f"/guests/{guest_id}", {"consents": sent}))["consents"]


def blocked(db: Database, guest_id: str, channel: str = "sms") -> str | None:
    found = sendability.blocker(db, guest_id, channel, "text")
    return found.reason if found else None


def test_a_guest_says_what_is_known_of_their_consents(member: Person, clock: Clock) -> None:
    guest = succeeded(member.post("/guests", {"name": "Ana", "phone": NUMBER}), 201)
    assert guest["consents"] == dict.fromkeys(("whatsapp", "sms", "email"), UNKNOWN)
    now = member.db.now()
    found = noted(member, guest["id"], whatsapp=GIVEN, email={"state": "given"})
    assert found["whatsapp"] == GIVEN
    assert found["email"] == {"state": "given", "at": now, "source": "staff"}
    clock.move(60)
    found = noted(member, guest["id"], email={"state": "withdrawn"}, whatsapp=None)
    assert found["email"] == {"state": "withdrawn", "at": member.db.now(), "source": "staff"}
    assert found["whatsapp"] == UNKNOWN
    assert succeeded(member.get(f"/guests/{guest['id']}/consents")) == found


def test_what_is_so_already_changes_nothing(member: Person, clock: Clock) -> None:
    made = make_guest(member.db, consents={"sms": GIVEN})
    clock.move(60)
    before = member.get(f"/guests/{made['id']}")
    for same in ({"state": "given"}, GIVEN, {"state": "given", "at": None, "source": ""}):
        noted(member, made["id"], sms=same, email={"state": "unknown"})
    after = member.get(f"/guests/{made['id']}")
    assert (after.json, after.headers["ETag"]) == (before.json, before.headers["ETag"])
    row = member.db.all("SELECT type FROM events WHERE subject_id = :id", {"id": made["id"]})
    assert row == [{"type": "guest.created"}]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"sms": {"state": "maybe"}}, "consents.sms.state"),
        ({"sms": {"at": None}}, "consents.sms.state"),
        ({"sms": {"state": "given", "at": "2999-01-01T00:00:00Z"}}, "consents.sms.at"),
        ({"web": {"state": "given"}}, "consents.web"),
        ({"sms": {"state": "given", "by": "me"}}, "consents.sms.by"),
    ],
)
def test_what_is_no_consent_is_refused(member: Person, sent: Any, field: str) -> None:
    guest = make_guest(member.db)
    answer = refused(member.patch(f"/guests/{guest['id']}", {"consents": sent}), 400)
    assert [detail["field"] for detail in answer["details"]] == [field]


def test_a_stop_withdraws_and_only_a_start_takes_it_back(member: Person) -> None:
    db = member.db
    guest = make_guest(db, phone=NUMBER, consents={"sms": GIVEN})["id"]
    before = guests.get(db, guest)["updated_at"]
    assert blocked(db, guest) is None
    opt_outs.stop(db, "sms", NUMBER, "sms:AC1", guest_id=guest)
    found = succeeded(member.get(f"/guests/{guest}"))
    assert found["consents"]["sms"]["state"] == "withdrawn"
    assert found["consents"]["sms"]["source"] == "guest"
    assert (blocked(db, guest), found["updatedAt"] >= before) == ("opted_out", True)
    for sent in ({"sms": GIVEN}, {"sms": {"state": "given"}}):
        answer = refused(member.patch(f"/guests/{guest}", {"consents": sent}), 409)
        assert answer["reason"] == "opted_out"
    refused(member.post("/guests", {"name": "B", "email": "b@x.example", "consents": 1}), 400)
    assert noted(member, guest, sms={"state": "withdrawn"}) == found["consents"]
    assert noted(member, guest, sms=None) == found["consents"]
    opt_outs.start(db, "sms", [NUMBER], guest_id=guest)
    assert consents.of_guest(db, guest)["sms"] == UNKNOWN  # what was given before STOP is over
    assert noted(member, guest, sms={"state": "given"})["sms"]["state"] == "given"


def test_who_has_stopped_as_somebody_else_gives_nothing_by_a_new_profile(member: Person) -> None:
    opt_outs.stop(member.db, "sms", NUMBER, "sms:AC1")
    new = {"name": "Ana", "phone": NUMBER, "consents": {"sms": {"state": "given"}}}
    assert refused(member.post("/guests", new), 409)["reason"] == "opted_out"
    assert member.db.value("SELECT count(*) FROM guests") == 0
    made = succeeded(member.post("/guests", {**new, "consents": {"email": GIVEN}}), 201)
    assert made["consents"]["sms"]["state"] == "withdrawn"


def test_a_withdrawal_that_is_noted_holds_like_a_stop_until_it_is_taken_back(
    member: Person,
) -> None:
    guest = make_guest(member.db, phone=NUMBER)["id"]
    noted(member, guest, sms={"state": "withdrawn", "source": "phone call"})
    assert (blocked(member.db, guest), blocked(member.db, guest, "email")) == ("opted_out", None)
    noted(member, guest, sms={"state": "unknown"})
    assert blocked(member.db, guest) is None
    noted(member, guest, sms={"state": "withdrawn"})
    opt_outs.start(member.db, "sms", [NUMBER], guest_id=guest)  # they say so themselves
    assert blocked(member.db, guest) is None


def test_a_withdrawal_that_is_noted_outlives_its_guest(admin: Person) -> None:
    db = admin.db
    old = make_guest(db, phone=NUMBER, consents={"sms": {"state": "withdrawn"}})["id"]
    erasure.erase(db, old)
    again = make_guest(db, phone=NUMBER)["id"]
    found = consents.of_guest(db, again)["sms"]
    assert (found["state"], found["source"], blocked(db, again)) == ("withdrawn", None, "opted_out")
    assert noted(admin, again, sms={"state": "given"})["sms"]["state"] == "given"
    assert blocked(db, again) is None
    assert db.value("SELECT count(*) FROM opt_outs") == 0


def test_a_merge_joins_consents_and_its_undo_parts_them(db: Database) -> None:
    kept = make_guest(db, consents={"sms": GIVEN, "email": GIVEN})["id"]
    other = make_guest(db, consents={"sms": {"state": "withdrawn"}, "whatsapp": GIVEN})["id"]
    apart = [consents.of_guest(db, one) for one in (kept, other)]
    made = merge.merge(db, kept, other)
    assert {ch: one["state"] for ch, one in made["guest"]["consents"].items()} == {
        "whatsapp": "given",
        "sms": "withdrawn",
        "email": "given",
    }
    merge.undo(db, kept, made["id"])
    assert [consents.of_guest(db, one) for one in (kept, other)] == apart


def test_what_is_withdrawn_after_a_merge_stays_withdrawn_for_both_when_it_is_undone(
    member: Person,
) -> None:
    db = member.db
    kept = make_guest(db, consents={"whatsapp": {"state": "withdrawn"}})["id"]
    other = make_guest(db, email="b@x.example", consents={"email": GIVEN})["id"]
    made = merge.merge(db, kept, other)
    noted(member, kept, email={"state": "withdrawn"})
    merge.undo(db, kept, made["id"])
    for guest, of_whatsapp in ((kept, "withdrawn"), (other, "unknown")):
        found = consents.of_guest(db, guest)
        assert (found["email"]["state"], found["whatsapp"]["state"]) == ("withdrawn", of_whatsapp)


def test_programs_write_them_with_the_right_to_write_guests(
    admin: Person, client: FlaskClient
) -> None:
    key = {"name": "PMS", "scopes": ["guests:write"]}
    token = succeeded(admin.post("/api-keys", key), 201)["token"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"name": "Ana", "consents": {"email": {"state": "given"}}}
    answer = client.put("/api/v1/guests/by-external-id/pms:1", json=body, headers=headers)
    assert succeeded(answer, 201)["consents"]["email"]["source"] == "integration"
    succeeded(
        client.put(
            "/api/v1/guests/by-external-id/pms:1",
            json={"consents": {"email": {"state": "withdrawn"}}},
            headers=headers,
        )
    )
    changed = admin.db.all("SELECT changed FROM audit WHERE action = 'guest.updated'")
    assert changed == [{"changed": '["consents"]'}]


def test_an_import_takes_them_and_fills_only_what_is_not_known(manager: Person) -> None:
    known = make_guest(manager.db, email="a@x.example", consents={"sms": GIVEN})["id"]
    new = make_guest(manager.db, email="b@x.example")["id"]
    said = json.dumps({"sms": {"state": "withdrawn", "source": "old program"}})
    rows = [
        {"email": email, "consents": json.loads(said)} for email in ("a@x.example", "b@x.example")
    ]
    file = "\n".join(json.dumps(row) for row in rows)
    found = imported(manager, file.encode(), onMatch="fill")
    assert counts(found) == (0, 1, 1, 0)
    states = [consents.of_guest(manager.db, one)["sms"]["state"] for one in (known, new)]
    assert states == ["given", "withdrawn"]
    imported(manager, file.encode(), onMatch="overwrite")
    assert consents.of_guest(manager.db, known)["sms"]["source"] == "old program"
