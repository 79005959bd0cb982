"""Words are found in every task, whether the search index has it yet or not: 64 new ones at a time are put into it."""

from __future__ import annotations

from random import Random

import pytest

from jack.core.db import Database, transaction
from jack.core.paging import Page, Place
from jack.operations.verify import _bad_indexes
from jack.resources.tasks import store as tasks
from tests.builders import make_task

WORDS = ("towels", "heizung", "Løkke", "crème", "部屋", "302")
DELETE = "DELETE FROM tasks WHERE id = :id"


def found(db: Database, word: str) -> set[str]:
    listed = tasks.search(db, search=word, page=Page(1, 100))
    assert listed.total == len(listed.rows)
    walked = tasks.search(db, search=word, page=Place(0, 100)).rows
    assert {row["id"] for row in walked} == {row["id"] for row in listed.rows}
    return {row["id"] for row in listed.rows}


@pytest.mark.parametrize("seed", range(2))
def test_every_task_is_found_by_its_words(seed: int, db: Database) -> None:
    dice = Random(seed)
    titles: dict[str, str] = {}
    for step in range(330):
        chance = dice.random()
        if chance < 0.75 or not titles:
            title = " ".join(dice.sample(WORDS, 2))
            titles[make_task(db, title=title)["id"]] = title
        elif chance < 0.85:
            task, title = dice.choice(sorted(titles)), dice.choice(WORDS)
            titles[task] = tasks.change(db, task, title=title)["title"]
        else:  # any of them, or the newest, whose number is given again
            gone = max(titles) if chance > 0.95 else dice.choice(sorted(titles))
            with transaction(db):
                db.run(DELETE, {"id": gone})
            del titles[gone]
        if step % 30 == 0:
            for word in WORDS:
                expected = {task for task, title in titles.items() if word in title.split()}
                assert found(db, word[:3] if word.isascii() else word) == expected
    assert db.value("SELECT max(id) FROM task_search_docsize") > 64
    assert list(_bad_indexes(db)) == []


def test_a_search_for_no_word_finds_nothing(db: Database) -> None:
    make_task(db, title="Towels")
    assert found(db, "!?") == set()
    assert found(db, '"towels') != found(db, "towels bath")
