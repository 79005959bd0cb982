"""The knowledge base: what is stored, and what a search finds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jack.core import fulltext
from jack.core.db import Database
from jack.core.errors import NotFound
from jack.core.paging import Page
from jack.resources.knowledge import store
from tests.builders import make_entry
from tests.conftest import Clock

ON_ONE_DATABASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
STORABLE = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)


def titles(db: Database, **filters: Any) -> list[str]:
    found = store.search(db, **filters, page=Page(1, 100))
    assert found.total == len(found.rows)
    return [row["title"] for row in found.rows]


def events(db: Database) -> list[str]:
    return [row["type"] for row in db.all("SELECT type FROM events ORDER BY seq")]


def test_an_entry_is_answered_as_it_is_stored(db: Database) -> None:
    entry = store.create(
        db, title="Pool Hours", content="6 AM to 10 PM", category="amenity", language="en"
    )
    assert store.get(db, entry["id"]) == entry
    assert entry["created_at"] == entry["updated_at"] == db.now()
    assert events(db) == ["knowledge.created"]


def test_what_is_not_named_stays(db: Database, clock: Clock) -> None:
    entry = make_entry(db, category="policy", language="de")
    clock.move(60)
    changed = store.change(db, entry["id"], title="Pool Hours (Updated)")
    expected = {**entry, "title": "Pool Hours (Updated)", "updated_at": db.now()}
    assert changed == store.get(db, entry["id"]) == expected
    assert store.change(db, entry["id"], language=None)["language"] is None
    assert events(db) == ["knowledge.created", "knowledge.updated", "knowledge.updated"]


def test_a_deleted_entry_is_gone_from_everything(db: Database) -> None:
    entry = make_entry(db, title="Sauna")
    store.delete(db, entry["id"])
    assert titles(db) == titles(db, search="sauna") == []
    for gone in (store.get, store.delete, store.change):
        with pytest.raises(NotFound):
            gone(db, entry["id"])
    assert events(db) == ["knowledge.created", "knowledge.deleted"]


def test_the_list_is_newest_first(db: Database) -> None:
    for name in ("one", "two", "three"):
        make_entry(db, title=name)
    assert titles(db) == ["three", "two", "one"]
    second = store.search(db, page=Page(2, 2))
    assert [row["title"] for row in second.rows] == ["one"]
    assert second.total == 3


def test_the_filters_narrow_list_and_search(db: Database) -> None:
    make_entry(db, title="a", category="policy", language="en")
    make_entry(db, title="b", category="policy", language="es")
    make_entry(db, title="c", category="faq", language="en")
    for search in ({}, {"search": "open"}):
        assert sorted(titles(db, category="policy", **search)) == ["a", "b"]
        assert sorted(titles(db, language="en", **search)) == ["a", "c"]
        assert titles(db, category="policy", language="en", **search) == ["a"]
        assert titles(db, category="amenity", **search) == []


def test_a_word_in_the_title_counts_more(db: Database) -> None:
    make_entry(db, title="Wellness", content="Our pool is heated. The pool is outside.")
    make_entry(db, title="Pool", content="See the sign at the entrance of the garden.")
    assert titles(db, search="pool") == ["Pool", "Wellness"]


def test_all_words_must_match(db: Database) -> None:
    make_entry(db, title="Pool", content="heated")
    make_entry(db, title="Pool bar", content="cocktails")
    assert titles(db, search="pool bar") == ["Pool bar"]


def test_without_an_entry_with_all_words_any_of_them_will_do(db: Database) -> None:
    make_entry(db, title="Breakfast", content="from 7")
    make_entry(db, title="Parking", content="breakfast is elsewhere")
    assert titles(db, search="when is breakfast served please") == ["Breakfast", "Parking"]
    assert titles(db, search="breakfast zebra") == ["Breakfast", "Parking"]


@pytest.mark.parametrize(
    "search", ["POOL", "poo", "Pöol", "pool hou", "hours pool", "ool", "oolside"]
)
def test_it_is_found_by(db: Database, search: str) -> None:
    make_entry(db, title="Pool hours", content="The poolside bar")
    assert titles(db, search=search) == ["Pool hours"]


@pytest.mark.parametrize("search", ["プール", "営業", "営業時間", "時間は", "7時"])
def test_scripts_without_spaces_are_searched_inside(db: Database, search: str) -> None:
    make_entry(db, title="プールの営業時間", content="営業時間は7時から")
    make_entry(db, title="業務", content="間もなく")
    assert titles(db, search=search) == ["プールの営業時間"]


@pytest.mark.parametrize(
    "search", ["%", "100%", "C++", "++", "👍", "🏊🏽", "O'Brien", "o’brien", "-x", "AND"]
)
def test_signs_are_text_like_any_other(db: Database, search: str) -> None:
    make_entry(db, title="other", content="nothing")
    make_entry(db, title="this", content="100% C++ 👍🏊 O'Brien -x AND")
    assert titles(db, search=search) == ["this"]


@pytest.mark.parametrize("search", ['"', "*", "NEAR(", "title:", "\0", "\u200d", "zebra", "^", "{"])
def test_what_nothing_has_finds_nothing(db: Database, search: str) -> None:
    make_entry(db)
    assert titles(db, search=search) == []


def test_an_entry_is_found_by_its_new_words_only(db: Database) -> None:
    entry = make_entry(db, title="Sauna", content="warm")
    store.change(db, entry["id"], title="Gym", content="cold")
    assert titles(db, search="sauna") == titles(db, search="warm") == []
    assert titles(db, search="gym cold") == ["Gym"]


@ON_ONE_DATABASE
@given(search=ANYTHING)
def test_no_search_fails(db: Database, search: str) -> None:
    if not store.search(db, page=Page()).total:
        make_entry(db)
    store.search(db, search=search, page=Page())


@ON_ONE_DATABASE
@given(title=STORABLE, content=STORABLE)
def test_an_entry_is_found_by_each_of_its_words(db: Database, title: str, content: str) -> None:
    entry = make_entry(db, title=title, content=content)
    for word in f"{title} {content}".split():
        assume(fulltext.folded(word))
        found = store.search(db, search=word, page=Page(1, 100))
        assert entry["id"] in [row["id"] for row in found.rows]
    store.delete(db, entry["id"])


@pytest.mark.parametrize(
    ("filters", "plan"),
    [
        ({}, "SCAN knowledge"),
        ({"category": "faq"}, "USING INDEX knowledge_by_category "),
        ({"language": "en"}, "USING INDEX knowledge_by_language "),
        ({"category": "faq", "language": "en"}, "USING INDEX knowledge_by_category_language "),
        ({"search": "pool", "category": "faq"}, "SCAN knowledge_search VIRTUAL TABLE INDEX"),
    ],
)
def test_every_list_walks_an_index(
    db: Database, monkeypatch: pytest.MonkeyPatch, filters: dict[str, str], plan: str
) -> None:
    make_entry(db, category="faq", language="en")
    run, plans = db.all, []

    def explained(sql: str, params: Any) -> Any:
        plans.extend(row["detail"] for row in run(f"EXPLAIN QUERY PLAN {sql}", params))
        return run(sql, params)

    monkeypatch.setattr(db, "all", explained)
    assert store.search(db, **filters, page=Page()).total == 1
    assert plan in f"{plans[0]} "
    assert "search" in filters or not any("TEMP B-TREE" in line for line in plans)
