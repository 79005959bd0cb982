"""`/knowledge`, as a caller sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks import refused, succeeded
from tests.conftest import Clock, Person

MINIMUM = {"title": "Pool Hours", "content": "From 6 to 10.", "category": "amenity"}
CATEGORIES = ("room_type", "policy", "amenity", "service", "local_info", "faq")


def create(person: Person, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = succeeded(person.post("/knowledge", MINIMUM | fields), 201)
    return made


def test_an_entry_has_the_documented_fields(manager: Person) -> None:
    answer = manager.post("/knowledge", MINIMUM)
    made = succeeded(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/knowledge/{made['id']}"
    assert made.pop("id").startswith("kb-")
    assert made == MINIMUM | {
        "language": None,
        "externalId": None,
        "createdAt": "2026-05-28T20:26:40.000Z",
        "updatedAt": "2026-05-28T20:26:40.000Z",
    }


def test_staff_read_what_managers_write(manager: Person, member: Person) -> None:
    made = create(manager)
    assert succeeded(member.get(f"/knowledge/{made['id']}")) == made
    refused(member.post("/knowledge", MINIMUM), 403)
    refused(member.put(f"/knowledge/{made['id']}", {"title": "x"}), 403)
    refused(member.delete(f"/knowledge/{made['id']}"), 403)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_documented_category(category: str, manager: Person) -> None:
    made = create(manager, category=category)
    create(manager, category=CATEGORIES[CATEGORIES.index(category) - 1])
    rows = succeeded(manager.get(f"/knowledge?category={category}"))
    assert [row["id"] for row in rows] == [made["id"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("language=en", "ab"),
        ("language=es", "c"),
        ("category=faq&language=en", "b"),
        ("search=pool", "ac"),
        ("search=pool&language=es", "c"),
        ("search=POO", "ac"),
        ("search=pool&category=faq", ""),
        ("search=nothing", ""),
        ("search=O'Brien", ""),
        ("search=100%25", ""),
        ("search=*", ""),
        ("search=-x", ""),
        ("search=%22", ""),
        ("search=🐟", ""),
        ("search=部屋", "d"),
    ],
)
def test_filters_and_search(query: str, expected: str, manager: Person) -> None:
    ids = {
        "a": create(manager, language="en")["id"],
        "b": create(manager, title="Parking", content="Free.", category="faq", language="en")["id"],
        "c": create(manager, title="Piscina", content="Pool: 6 a 10", language="es")["id"],
        "d": create(manager, title="静かな部屋", content="静か")["id"],
    }
    answer = manager.get(f"/knowledge?{query}")
    assert {row["id"] for row in succeeded(answer)} == {ids[name] for name in expected}
    assert answer.json["meta"]["total"] == len(expected)


def test_the_best_match_is_first(manager: Person) -> None:
    passing = create(manager, title="Spa", content="Next to the pool, " + "and more " * 50)
    titled = create(manager, title="Pool", content="Open daily.")
    create(manager, title="Bar", content="Cocktails.")
    rows = succeeded(manager.get("/knowledge?search=pool"))
    assert [row["id"] for row in rows] == [titled["id"], passing["id"]]


def test_what_a_put_leaves_out_stays(manager: Person, clock: Clock) -> None:
    made = create(manager, language="en")
    clock.move(60)
    changed = succeeded(manager.put(f"/knowledge/{made['id']}", {"title": "Pool"}))
    assert changed == made | {"title": "Pool", "updatedAt": "2026-05-28T20:27:40.000Z"}


def test_null_clears_the_language(manager: Person) -> None:
    made = create(manager, language="en")
    changed = succeeded(manager.put(f"/knowledge/{made['id']}", {"language": None}))
    assert changed["language"] is None


def test_a_deleted_entry_is_gone(manager: Person) -> None:
    made = create(manager)
    path = f"/knowledge/{made['id']}"
    assert succeeded(manager.delete(path)) == {"id": made["id"], "deleted": True}
    for answer in (manager.get(path), manager.delete(path), manager.put(path, {"title": "x"})):
        assert refused(answer, 404)["message"] == "Knowledge entry not found"
    assert succeeded(manager.get("/knowledge?search=pool")) == []
