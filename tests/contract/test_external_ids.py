"""External ids: what other programs call guests, tasks and entries, and creating or changing these by them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.builders import make_entry, make_guest, make_stay, make_task
from tests.checks import coded, named, refused, succeeded
from tests.conftest import Clock, Person

BODIES: dict[str, dict[str, Any]] = {
    "guests": {"name": "Ana", "email": "ana@x.example"},
    "stays": {"arrival": "2026-05-01", "departure": "2026-05-04"},
    "tasks": {"title": "Lamp", "department": "maintenance"},
    "knowledge": {"title": "Pool", "content": "Open.", "category": "amenity"},
}
MAKERS: dict[str, Any] = {
    "guests": make_guest,
    "stays": make_stay,
    "tasks": make_task,
    "knowledge": make_entry,
}
# A field of each that is changed.
FIELD = {"guests": "name", "stays": "notes"}
NEEDED = {
    "guests": {"name"},
    "stays": {"arrival", "departure"},
    "tasks": {"title", "department"},
    "knowledge": {"title", "content", "category"},
}
every_kind = pytest.mark.parametrize("kind", BODIES)


def put(person: Person, kind: str, name: str, body: Any = None, query: str = "") -> Any:
    return person.put(
        f"/{kind}/by-external-id/{name}{query}", BODIES[kind] if body is None else body
    )


def changed(person: Person, kind: str, made: Any, body: Any) -> Any:
    send = person.put if kind == "knowledge" else person.patch
    return send(f"/{kind}/{made['id']}", body)


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in succeeded(answer)]


# ------------------------------------------------------------------------------------------------ one at a time


@every_kind
def test_what_is_not_there_is_made_under_its_external_id(kind: str, admin: Person) -> None:
    answer = put(admin, kind, "A.b_1~x-2")
    made = succeeded(answer, 201)
    assert made["externalId"] == "A.b_1~x-2"
    assert answer.headers["Location"] == f"/api/v1/{kind}/{made['id']}"
    found = admin.get(answer.headers["Location"].removeprefix("/api/v1"))
    assert succeeded(found) == made
    assert found.headers["ETag"] == answer.headers["ETag"]


@every_kind
def test_what_is_there_is_changed_in_what_is_sent(kind: str, admin: Person, clock: Clock) -> None:
    first = succeeded(put(admin, kind, "a-1"), 201)
    clock.move(60)
    field = FIELD.get(kind, "title")
    second = succeeded(put(admin, kind, "a-1", {field: "Other"}))
    assert second == {**first, field: "Other", "updatedAt": second["updatedAt"]}
    assert second["updatedAt"] > first["updatedAt"]


@every_kind
def test_the_same_again_changes_nothing(kind: str, admin: Person, clock: Clock) -> None:
    first = put(admin, kind, "a-1")
    events = admin.db.value("SELECT max(seq) FROM events")
    clock.move(60)
    for body in (None, {}):
        again = put(admin, kind, "a-1", body)
        assert succeeded(again) == succeeded(first, 201)
        assert again.headers["ETag"] == first.headers["ETag"]
    assert admin.db.value("SELECT max(seq) FROM events") == events


@every_kind
def test_a_new_one_needs_what_a_new_one_needs(kind: str, admin: Person) -> None:
    error = refused(put(admin, kind, "a-1", {}), 400)
    assert coded(error) == {(name, "required") for name in NEEDED[kind]}
    assert succeeded(admin.get(f"/{kind}")) == []


@every_kind
@pytest.mark.parametrize("name", ["a%20b", "%C3%A9", "x" * 129, "a,b", "a%40b"])
def test_other_signs_are_no_external_id(kind: str, name: str, admin: Person) -> None:
    assert coded(refused(put(admin, kind, name), 400)) == {("externalId", "invalid")}
    if len(name) == 129:
        body = {**BODIES[kind], "externalId": name}
        assert named(refused(admin.post(f"/{kind}", body), 400)) == {"externalId"}


@every_kind
def test_it_is_written_and_read_like_any_field(kind: str, admin: Person) -> None:
    made = succeeded(admin.post(f"/{kind}", {**BODIES[kind], "externalId": "n:1"}), 201)
    assert made["externalId"] == "n:1"
    assert succeeded(changed(admin, kind, made, {"externalId": "n-2"}))["externalId"] == "n-2"
    for nothing in (None, ""):
        succeeded(changed(admin, kind, made, {"externalId": "n-3"}))
        assert succeeded(changed(admin, kind, made, {"externalId": nothing}))["externalId"] is None
    other = succeeded(put(admin, kind, "n-2", {**BODIES[kind], **({"email": None} if kind == "guests" else {})}), 201)  # fmt: skip
    assert other["id"] != made["id"]


@every_kind
def test_it_is_unique_within_its_resource(kind: str, admin: Person) -> None:
    first = MAKERS[kind](admin.db, external_id="n-1")
    second = MAKERS[kind](admin.db)
    body = {**BODIES[kind], "externalId": "n-1"}
    for answer in (
        admin.post(f"/{kind}", body),
        changed(admin, kind, second, {"externalId": "n-1"}),
    ):
        error = refused(answer, 409, reason="duplicate")
        assert coded(error) == {("externalId", "taken")}
        assert first["id"] in error["message"]
    for other in BODIES.keys() - {kind}:
        MAKERS[other](admin.db, external_id="n-1")


@every_kind
def test_a_list_is_asked_for_it(kind: str, admin: Person) -> None:
    made = MAKERS[kind](admin.db, external_id="n-1")
    MAKERS[kind](admin.db, external_id="n-2")
    MAKERS[kind](admin.db)
    answer = admin.get(f"/{kind}?externalId=n-1")
    assert ids(answer) == [made["id"]]
    assert answer.json["meta"]["total"] == 1
    assert ids(admin.get(f"/{kind}?externalId=n")) == []
    assert ids(admin.get(f"/{kind}?externalId=n-1&page=2")) == []


def test_a_list_of_guests_by_it_takes_the_other_filters(admin: Person) -> None:
    made = make_guest(
        admin.db, name="Ana Núñez", phone="+34600111222", tags=["VIP"], external_id="n-1"
    )
    for query, there in {
        "tag=vip": True,
        "tag=vip&tag=late": False,
        "search=nunez%20ana": True,
        "search=600%20111": True,
        "search=bob": False,
        "search=ana&tag=vip": True,
    }.items():
        assert ids(admin.get(f"/guests?externalId=n-1&{query}")) == [made["id"]] * there, query


def test_a_list_of_tasks_by_it_takes_the_other_filters(admin: Person) -> None:
    made = make_task(admin.db, external_id="n-1", department="housekeeping")
    for query, there in {
        "status=open": True,
        "status=completed": False,
        "department=housekeeping&overdue=false": True,
        "department=maintenance": False,
        f"guestId={make_guest(admin.db)['id']}": False,
    }.items():
        assert ids(admin.get(f"/tasks?externalId=n-1&{query}")) == [made["id"]] * there, query


def test_a_list_of_entries_by_it_takes_the_other_filters(admin: Person) -> None:
    made = make_entry(admin.db, external_id="n-1", title="Pool", category="amenity")
    for query, there in {"category=faq": False, "search=pool": True, "search=bar": False}.items():
        assert ids(admin.get(f"/knowledge?externalId=n-1&{query}")) == [made["id"]] * there, query


def test_a_deleted_entry_leaves_its_external_id_free(admin: Person) -> None:
    made = succeeded(put(admin, "knowledge", "n-1"), 201)
    succeeded(admin.delete(f"/knowledge/{made['id']}"))
    assert succeeded(put(admin, "knowledge", "n-1"), 201)["id"] != made["id"]


@every_kind
def test_if_match_is_heeded(kind: str, admin: Person) -> None:
    tag = put(admin, kind, "n-1").headers["ETag"]
    path = f"/{kind}/by-external-id/n-1"
    field = FIELD.get(kind, "title")
    succeeded(admin.put(path, {field: "Second"}, headers={"If-Match": tag}))
    refused(admin.put(path, {field: "Third"}, headers={"If-Match": tag}), 412)
    unknown = f"/{kind}/by-external-id/n-2"
    refused(admin.put(unknown, BODIES[kind], headers={"If-Match": "*"}), 412)


# ------------------------------------------------------------------------------------------------ ids by source


def test_a_guest_has_an_id_for_each_source(admin: Person) -> None:
    first = succeeded(put(admin, "guests", "pms:77"), 201)
    assert (first["externalId"], first["externalIds"]) == ("pms:77", {"pms": "77"})
    second = succeeded(put(admin, "guests", "pos:urn:1", {"email": "ANA@x.example"}))
    assert second["id"] == first["id"]
    assert second["externalIds"] == {"pms": "77", "pos": "urn:1"}
    assert second["externalId"] == "pms:77"
    for name in ("pms:77", "pos:urn:1"):
        assert ids(admin.get(f"/guests?externalId={name}")) == [first["id"]]
        assert succeeded(put(admin, "guests", name, {}))["id"] == first["id"]
    assert ids(admin.get("/guests?externalId=77")) == []


def test_ids_by_source_are_merged_key_by_key(admin: Person) -> None:
    sent = {"name": "Ana", "externalId": "a-1", "externalIds": {"pms": "1", "pos": "2"}}
    made = succeeded(admin.post("/guests", sent), 201)
    assert (made["externalId"], made["externalIds"]) == ("a-1", {"pms": "1", "pos": "2"})
    body = {"externalIds": {"pos": None, "crm": "3"}}
    found = succeeded(admin.patch(f"/guests/{made['id']}", body))
    assert found["externalIds"] == {"pms": "1", "crm": "3"}
    assert ids(admin.get("/guests?externalId=pos:2")) == []
    found = succeeded(admin.patch(f"/guests/{made['id']}", {"externalIds": None}))
    assert (found["externalId"], found["externalIds"]) == ("a-1", {})
    assert ids(admin.get("/guests?externalId=pms:1")) == []


def test_an_id_of_a_source_is_one_guests_however_it_is_written(admin: Person) -> None:
    first = make_guest(admin.db, external_ids={"pms": "1"})
    second = make_guest(admin.db)
    for body in ({"externalIds": {"pms": "1"}}, {"externalId": "pms:1"}):
        error = refused(admin.patch(f"/guests/{second['id']}", body), 409, reason="duplicate")
        assert first["id"] in error["message"]


@pytest.mark.parametrize(
    "wrong",
    [{"p:s": "1"}, {"": "1"}, {"x" * 41: "1"}, {"pms": "a b"}, {"pms": 1}, {"pms": "x" * 128}, {f"s{n}": "1" for n in range(21)}],
    ids=str,
)  # fmt: skip
def test_other_sources_and_ids_are_refused(wrong: Any, admin: Person) -> None:
    error = refused(admin.post("/guests", {"name": "Ana", "externalIds": wrong}), 400)
    assert {field.partition(".")[0] for field in named(error)} == {"externalIds"}


# ------------------------------------------------------------------------------------------------ who is there already


@pytest.mark.parametrize(
    "known", [{"email": "Ana@X.example"}, {"phone": "+34 600 111 222"}], ids=str
)
def test_a_guest_of_the_same_address_is_taken_over(known: Any, admin: Person) -> None:
    guest = make_guest(admin.db, name="A. Perez", notes="Quiet room", **known)
    body = {"name": "Ana Pérez", "email": "ana@x.example", "phone": "+34600111222"}
    found = succeeded(put(admin, "guests", "pms-1", body))
    assert (found["id"], found["externalId"]) == (guest["id"], "pms-1")
    assert (found["name"], found["notes"]) == ("Ana Pérez", "Quiet room")


def test_or_refused_where_that_is_asked_for(admin: Person) -> None:
    guest = make_guest(admin.db, email="ana@x.example")
    error = refused(put(admin, "guests", "n-1", query="?onMatch=error"), 409, reason="duplicate")
    assert coded(error) == {("email", "taken")}
    assert guest["id"] in error["message"]
    assert ids(admin.get("/guests?externalId=n-1")) == []
    succeeded(put(admin, "guests", "n-2", {"name": "Eva"}, "?onMatch=error"), 201)


def test_one_with_another_id_of_the_source_is_not_taken_over(admin: Person) -> None:
    make_guest(admin.db, email="ana@x.example", external_ids={"pms": "1"})
    refused(put(admin, "guests", "pms:2"), 409, reason="duplicate")
    make_guest(admin.db, email="eva@x.example", external_id="n-1")
    body = {"name": "Eva", "email": "eva@x.example"}
    refused(put(admin, "guests", "n-2", body), 409, reason="duplicate")


def test_two_who_match_are_a_conflict(admin: Person) -> None:
    make_guest(admin.db, email="ana@x.example")
    second = make_guest(admin.db, phone="+34600111222")
    body = {"name": "Ana", "email": "ana@x.example", "phone": "+34600111222"}
    error = refused(put(admin, "guests", "n-1", body), 409, reason="duplicate")
    assert coded(error) == {("phone", "taken")}
    assert second["id"] in error["message"]


@pytest.mark.parametrize("kind", ["guests", "stays"])
def test_fifty_identical_ones_at_once_make_one(kind: str, app: Flask, admin: Person) -> None:
    path, token = f"/api/v1/{kind}/by-external-id/pms:1", f"Bearer {admin.token}"

    def ask(_: int) -> int:
        client, headers = app.test_client(), {"Authorization": token}
        while True:
            status = client.put(path, json=BODIES[kind], headers=headers).status_code
            if (
                status != 503
            ):  # a writer that waited too long on a busy machine asks again, as a client does
                return status

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(ask, range(50)))
    assert statuses == [200] * 49 + [201]
    assert len(ids(admin.get(f"/{kind}"))) == 1
    made = f"SELECT count(*) FROM events WHERE type LIKE '{kind.removesuffix('s')}.%'"
    assert admin.db.value(made) == 1


# ------------------------------------------------------------------------------------------------ merged and erased


def test_after_a_merge_both_ids_lead_to_the_one_who_stays(admin: Person) -> None:
    kept = succeeded(put(admin, "guests", "pms:1"), 201)
    other = succeeded(put(admin, "guests", "pms:2", {"name": "A."}), 201)
    succeeded(admin.patch(f"/guests/{other['id']}", {"externalIds": {"pos": "9"}}))
    merged = succeeded(admin.post(f"/guests/{kept['id']}/merge", {"guestId": other["id"]}))
    assert merged["guest"]["externalIds"] == {"pms": "1", "pos": "9"}
    for name in ("pms:1", "pms:2", "pos:9"):
        assert succeeded(put(admin, "guests", name, {}))["id"] == kept["id"]
        assert ids(admin.get(f"/guests?externalId={name}")) == [kept["id"]]
    undo = f"/guests/{kept['id']}/merges/{merged['mergeId']}/undo"
    back = succeeded(admin.post(undo))
    assert back["guest"]["externalIds"] == {"pms": "1"}
    assert back["restored"]["externalIds"] == {"pms": "2", "pos": "9"}
    assert ids(admin.get("/guests?externalId=pms:2")) == [other["id"]]
    assert succeeded(put(admin, "guests", "pos:9", {}))["id"] == other["id"]


def test_who_has_no_external_id_takes_over_that_of_the_other(admin: Person) -> None:
    kept, other = make_guest(admin.db), make_guest(admin.db, external_id="n-1")
    merged = succeeded(admin.post(f"/guests/{kept['id']}/merge", {"guestId": other["id"]}))
    assert merged["guest"]["externalId"] == "n-1"
    back = succeeded(admin.post(f"/guests/{kept['id']}/merges/{merged['mergeId']}/undo"))
    assert (back["guest"]["externalId"], back["restored"]["externalId"]) == (None, "n-1")


def test_the_id_of_an_erased_guest_makes_nobody_unknowingly(admin: Person) -> None:
    made = succeeded(put(admin, "guests", "pms:1"), 201)
    other = succeeded(put(admin, "guests", "pms:2", {"name": "A."}), 201)
    succeeded(admin.post(f"/guests/{made['id']}/merge", {"guestId": other["id"]}))
    succeeded(admin.delete(f"/guests/{made['id']}"))
    for name in ("pms:1", "pms:2"):
        refused(put(admin, "guests", name), 409, reason="erased")
        refused(admin.post("/guests", {"name": "Ana", "externalId": name}), 409, reason="erased")
    assert succeeded(admin.get("/guests")) == []
    assert admin.db.value("SELECT count(*) FROM guest_external_ids") == 0
    new = succeeded(put(admin, "guests", "pms:1", query="?recreate=true"), 201)
    assert new["id"] != made["id"]
    assert succeeded(put(admin, "guests", "pms:1", {}))["id"] == new["id"]
    refused(put(admin, "guests", "pms:2", {"name": "A."}), 409, reason="erased")


@pytest.mark.parametrize("kind", ["stays", "tasks"])
def test_nor_does_that_of_what_was_erased_with_its_guest(kind: str, admin: Person) -> None:
    guest = make_guest(admin.db)
    body = {**BODIES[kind], "guestId": guest["id"]}
    made = succeeded(put(admin, kind, "wo-1", body), 201)
    succeeded(admin.delete(f"/guests/{guest['id']}"))
    assert succeeded(admin.get(f"/{kind}/{made['id']}"))["externalId"] is None
    refused(put(admin, kind, "wo-1"), 409, reason="erased")
    assert succeeded(put(admin, kind, "wo-1", query="?recreate=true"), 201)["id"] != made["id"]


# ------------------------------------------------------------------------------------------------ in bulk


@every_kind
def test_in_bulk_each_item_succeeds_or_fails_by_itself(kind: str, manager: Person) -> None:
    known = MAKERS[kind](manager.db, external_id="n-1")
    field = FIELD.get(kind, "title")
    items = [
        {"externalId": "n-1", field: "New"},
        {"externalId": "n-2", **BODIES[kind]},
        {"externalId": "n-3"},
        {"externalId": "n 4", **BODIES[kind]},
        BODIES[kind],
        {"externalId": "n-2"},
        None,
    ]
    answer = manager.put(f"/{kind}/by-external-id", {"items": items})
    results = succeeded(answer)
    assert [one["success"] for one in results] == [True, True, False, False, False, True, False]
    assert answer.json["meta"] == {"total": 7, "succeeded": 3, "failed": 4}
    assert (results[0]["data"]["id"], results[0]["data"][field]) == (known["id"], "New")
    assert results[5]["data"] == results[1]["data"]
    assert named(results[2]["error"]) == {f"items.2.{name}" for name in NEEDED[kind]}
    assert named(results[3]["error"]) == {"items.3.externalId"}
    assert named(results[4]["error"]) == {"items.4.externalId"}


def test_in_bulk_the_options_are_those_of_one(manager: Person, admin: Person) -> None:
    make_guest(manager.db, email="ana@x.example")
    gone = succeeded(put(admin, "guests", "n-2", {"name": "Eva"}), 201)
    succeeded(admin.delete(f"/guests/{gone['id']}"))
    items = [
        {"externalId": "n-1", **BODIES["guests"]},
        {"externalId": "n-2", "name": "Eva"},
    ]

    def asked(query: str) -> list[str | None]:
        answer = manager.put(f"/guests/by-external-id{query}", {"items": items})
        return [one.get("error", {}).get("reason") for one in succeeded(answer)]

    assert asked("?onMatch=error") == ["duplicate", "erased"]
    assert asked("") == [None, "erased"]
    assert asked("?recreate=true") == [None, None]


@every_kind
def test_bulk_is_for_managers(kind: str, member: Person) -> None:
    body = {"items": [{"externalId": "n-1", **BODIES[kind]}]}
    refused(member.put(f"/{kind}/by-external-id", body), 403)
    expected = 403 if kind == "knowledge" else 201
    assert put(member, kind, "n-1").status_code == expected
