"""Bulk calls: each element succeeds or fails by itself, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jack.core.db import Database
from jack.core.errors import Conflict, Invalid, Unavailable
from jack.core.reader import Row
from jack.http.application import Application
from jack.http.arguments import load
from jack.http.bulk import MAX_DETAILS, bulk_of, each
from jack.http.row_dumper import dumper
from jack.http.schema import ResponseSchema
from jack.resources.knowledge import store as knowledge
from jack.resources.knowledge.schemas import Entry, EntryCreate
from jack.resources.tasks import store as tasks
from tests.builders import make_task

GOOD = {"title": "Pool", "content": "Open from 6 to 10.", "category": "amenity"}


@pytest.fixture(autouse=True)
def request_at_hand() -> Iterator[None]:
    """A request whose id is r-1: errors name it."""
    with Application("test").test_request_context(headers={"X-Request-Id": "r-1"}):
        yield


def create_each(db: Database, items: list[Any]) -> Any:
    return each(db, items, lambda item: knowledge.create(db, **load(EntryCreate(), item)))


def titles(db: Database) -> list[str]:
    return [row["title"] for row in db.all("SELECT title FROM knowledge ORDER BY seq")]


def fields_of(result: Row) -> list[str]:
    return [detail["field"] for detail in result["error"]["details"]]


def test_there_is_a_result_for_each_in_order(db: Database) -> None:
    found = create_each(db, [GOOD, {**GOOD, "title": ""}, {**GOOD, "title": "Bar"}])
    assert [row["success"] for row in found.rows] == [True, False, True]
    assert [row["data"]["title"] for row in found.rows if row["success"]] == ["Pool", "Bar"]
    assert found.meta == {"total": 3, "succeeded": 2, "failed": 1}
    assert titles(db) == ["Pool", "Bar"]


def test_a_bad_item_is_named_with_its_place(db: Database) -> None:
    found = create_each(db, [GOOD, {**GOOD, "title": "", "colour": "red"}])
    assert found.rows[1]["error"] == {
        "code": "VALIDATION_ERROR",
        "message": "title: Must not be blank. (and 1 more)",
        "requestId": "r-1",
        "details": [
            {"field": "items.1.title", "message": "Must not be blank.", "code": "blank"},
            {"field": "items.1.colour", "message": "Unknown field.", "code": "unknown_field"},
        ],
    }


@pytest.mark.parametrize("item", [None, 7, "text", []])
def test_an_item_that_is_no_object_is_named_by_its_place(db: Database, item: object) -> None:
    assert fields_of(create_each(db, [item]).rows[0]) == ["items.0"]


def test_what_the_store_refuses_is_named_with_its_place(db: Database) -> None:
    def refuse(item: object) -> Row:
        raise Invalid.field("guestId", "no_such", "No such guest.")

    assert fields_of(each(db, [{}], refuse).rows[0]) == ["items.0.guestId"]


def test_a_failed_element_leaves_nothing_behind(db: Database) -> None:
    def half_done(item: str) -> Row:
        made = knowledge.create(db, title=item, content="x", category="faq")
        if item == "second":
            raise Conflict("No.", reason="duplicate")
        return made

    found = each(db, ["first", "second", "third"], half_done)
    assert titles(db) == ["first", "third"]
    assert found.rows[1]["error"]["reason"] == "duplicate"
    assert db.value("SELECT count(*) FROM events") == 2


def test_the_ids_and_the_changes_are_named_apart(db: Database) -> None:
    task = make_task(db)
    ids = [task["id"], "task-none"]
    unknown = each(db, ids, lambda id: tasks.change(db, id, status="open"), of="ids")
    assert [row["success"] for row in unknown.rows] == [True, False]
    assert fields_of(unknown.rows[1]) == ["ids.1"]
    refused = each(db, ids[:1], lambda id: tasks.change(db, id, department="moon"), of="ids")
    assert fields_of(refused.rows[0]) == ["changes.department"]


@pytest.mark.parametrize("failure", [Unavailable("busy"), RuntimeError("crash")])
def test_anything_else_undoes_all(db: Database, failure: Exception) -> None:
    def fail_at_the_second(item: int) -> Row:
        if item == 2:
            raise failure
        return knowledge.create(db, **GOOD)

    with pytest.raises(type(failure)):
        each(db, [1, 2], fail_at_the_second)
    assert titles(db) == []
    assert not db.in_transaction


def test_the_details_of_one_element_are_few(db: Database) -> None:
    found = create_each(db, [{f"f{number}": 1 for number in range(100)}])
    assert len(found.rows[0]["error"]["details"]) == MAX_DETAILS


def test_an_answer_has_data_or_error(db: Database) -> None:
    dump = dumper(bulk_of(Entry))
    made, refused = (dump(row) for row in create_each(db, [GOOD, {}]).rows)
    assert set(made) == {"success", "data"}
    assert set(made["data"]) == {
        "id", "title", "content", "category", "language", "externalId", "createdAt", "updatedAt",
    }  # fmt: skip
    assert set(refused) == {"success", "error"}
    assert refused["error"]["details"][0].keys() == {"field", "message", "code"}


def test_it_is_described_once_for_each_shape() -> None:
    assert bulk_of(Entry) is bulk_of(Entry)
    assert type(bulk_of(Entry)).__name__ == "EntryResult"
    assert isinstance(bulk_of(Entry).fields["data"].schema, ResponseSchema)
