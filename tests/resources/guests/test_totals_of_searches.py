"""The total of a search is kept by blocks of guests: it says what counting would, whoever has changed whatever in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import apsw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jack.core import block_counts, fulltext
from jack.core.db import Database, transaction
from jack.core.errors import Conflict, NotFound
from jack.core.migrations import migrate
from jack.core.paging import Page
from jack.resources.guests import merge, search
from jack.resources.guests import store as guests
from jack.resources.privacy import erasure
from tests.builders import make_guest
from tests.profiles import examples

ONE = Page(1, 1)
NAMES = (
    "Ana",
    "Anita",
    "Ánna",
    "Gmailova",
    "Example",
    "Exa",
    "Examen",
    "Gmai",
    "an",
    "Я",
    "Яна",
    "Ö",
    "田中",
    "Q&A",
    "🐟",
)
MAILS = (
    "ana{}@gmail.example",
    "anita{}@mail.example",
    "q{}@gmail.example",
    "an@{}.example",
    "ana@{}.example",
)
SEARCHES = (
    "ana", "exa", "example", "gmail example", "example gmail ana", "an", "a", "я", "я ana", "яна an", "ö example", "an ana",
    "田中", "田 exa", "q& gma", "a n", "ana1@gmail.example", "anita@mail.example ana", "ana@g exam", "an@ example", "an@1.example ana", "ana@1 example",
    "@gmail.example", "3460", "600000", "+3460000", "+34600000001 ana", "🐟 example", "nobody here",
)  # fmt: skip
WRITTEN = "UPDATE guests SET last_contact_at = :at WHERE id = :id"
TAGS = ("VIP", "late", "quiet")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Database]]:
    """Two connections to one file that fills up. Its blocks are of four guests, and everything that fills a page is counted."""
    path = tmp_path_factory.mktemp("totals") / "jack.db"
    opened = [Database(path), Database(path)]
    migrate(opened[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_counts, "BITS", 2)
        patch.setattr(search, "ENOUGH", 1)
        yield opened
    for db in opened:
        db.close()


def by_hand(db: Database, words: str, tags: Sequence[str]) -> int:
    """How many guests have every word in one of the ways the search may be read, and every tag."""
    ways = search.long_words(words)
    if len(ways) < 2:
        ways = [fulltext.folded(words).split()]
    keys = {fulltext.folded(tag) for tag in tags}
    texts = db.all("SELECT search_text, tags FROM guests")
    return sum(
        any(all(part in row["search_text"] for part in way) for way in ways)
        and all(f'"{key}"' in fulltext.folded(row["tags"]) for key in keys)
        for row in texts
    )


class Stopped(Exception):
    """Rolls back what was done."""


def fields(number: int) -> dict[str, Any]:
    """What a guest may be, by a number."""
    return {
        "name": " ".join(NAMES[(number >> shift) % len(NAMES)] for shift in (0, 3, 7)),
        "email": MAILS[number % len(MAILS)].format(number) if number % 3 else None,
        "phone": f"+34600{number:06d}" if number % 5 else None,
        "tags": list(TAGS[: number % 4]),
    }


def one_of(db: Database, number: int) -> str:
    """The id of a guest, by a number."""
    ids: list[str] = db.column("SELECT id FROM guests ORDER BY seq")
    return ids[number % len(ids)] if ids else make_guest(db)["id"]


def put_together(db: Database, number: int) -> None:
    kept, other = one_of(db, number), one_of(db, number // 7)
    if kept != other:
        merge.merge(db, kept, other)


def take_apart(db: Database, number: int) -> None:
    merges = db.all("SELECT id, kept_id FROM merges ORDER BY id")
    if merges:
        row = merges[number % len(merges)]
        merge.undo(db, row["kept_id"], row["id"])


def written_to(db: Database, number: int) -> None:
    """As the trigger does it when a message comes: all that changes is the time."""
    db.run(WRITTEN, {"at": f"2026-01-01T00:00:00.{number:06d}Z", "id": one_of(db, number)})


CHANGES: dict[str, Callable[[Database, int], object]] = {
    "made": lambda db, number: guests.create(db, **fields(number)),
    "made alike": lambda db, number: make_guest(db, name="Ana Example", email=f"ana{number}@gmail.example"),
    "changed": lambda db, number: guests.change(db, one_of(db, number // 3), **fields(number)),
    "renamed": lambda db, number: guests.change(db, one_of(db, number // 3), name=fields(number)["name"]),
    "tagged": lambda db, number: guests.change(db, one_of(db, number // 3), tags=fields(number)["tags"]),
    "erased": lambda db, number: erasure.erase(db, one_of(db, number)),
    "deleted": lambda db, number: db.run("DELETE FROM guests WHERE seq = (SELECT max(seq) FROM guests)"),
    "merged": put_together,
    "unmerged": take_apart,
    "written to": written_to,
}  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.sampled_from(list(CHANGES)),
        st.integers(0, 4000),
        st.sampled_from([0, 1]),
        st.sampled_from(["done", "done", "done", "asked within", "rolled back"]),
    ),
    min_size=1,
    max_size=12,
)


def asked(db: Database, words: str, tags: Sequence[str]) -> None:
    total = guests.search(db, search=words, tag=tags, page=ONE).total
    assert total == by_hand(db, words, tags), (words, tags)


def change(db: Database, what: str, number: int, how: str, ask: Callable[[Database], None]) -> None:
    """One change in a transaction, which may be asked in, and rolled back."""
    with suppress(Stopped, Conflict, NotFound), transaction(db):
        CHANGES[what](db, number)
        if how != "done":
            ask(db)
        if how == "rolled back":
            raise Stopped


@settings(max_examples=examples(100), deadline=None)
@given(
    steps=STEPS,
    searches=st.lists(
        st.tuples(st.sampled_from(SEARCHES), st.lists(st.sampled_from(TAGS), max_size=2)),
        min_size=1,
        max_size=4,
    ),
)
@example(
    steps=[("made alike", number, number % 2, "done") for number in range(20)],
    searches=[(words, []) for words in SEARCHES],
)
@example(
    steps=[("made", number, number % 2, "done") for number in range(1, 60)],
    searches=[(words, []) for words in SEARCHES],
)
@example(
    steps=[("deleted", 0, 1, "done"), ("made alike", 3, 1, "done"), ("tagged", 3, 0, "done")],
    searches=[("ana example", []), ("an exam", ["VIP"])],
)
def test_totals_are_what_counting_finds(
    steps: list[tuple[str, int, int, str]],
    searches: list[tuple[str, list[str]]],
    both: list[Database],
) -> None:
    def ask(db: Database) -> None:
        for words, tags in searches:
            asked(db, words, tags)

    for what, number, which, how in steps:
        change(both[which], what, number, how, ask)
        for db in both:
            ask(db)


# ------------------------------------------------------------------------------------------------ what is counted again


@pytest.fixture
def crowd(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Twenty guests in blocks of four."""
    monkeypatch.setattr(block_counts, "BITS", 2)
    monkeypatch.setattr(search, "ENOUGH", 1)
    with transaction(db):
        for number in range(20):
            make_guest(db, name=f"Ana {number}", tags=["VIP"])
    return db


@pytest.fixture
def counted(crowd: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first `seq` of every block as it is counted."""
    firsts: list[int] = []
    count = block_counts.BlockCounts._count

    def noting(self: block_counts.BlockCounts, sql: str, params: dict[str, int]) -> int:
        firsts.append(params["first"])
        return count(self, sql, params)

    monkeypatch.setattr(block_counts.BlockCounts, "_count", noting)
    return firsts


@pytest.mark.parametrize("wanted", [{"search": "ana"}, {"search": "an a"}, {"tag": ["vip", "VIP"]}])
def test_after_a_change_only_the_guests_around_it_are_counted(
    wanted: dict[str, Any], crowd: Database, counted: list[int]
) -> None:
    def total() -> int:
        counted.clear()
        return guests.search(crowd, page=ONE, **wanted).total

    assert (total(), counted) == (20, [0, 4, 8, 12, 16, 20])
    assert (total(), counted) == (20, [])
    guests.change(crowd, crowd.value("SELECT id FROM guests WHERE seq = 9"), name="x", tags=[])
    assert (total(), counted) == (19, [8])
    make_guest(crowd, name="Ana", tags=["VIP"])
    make_guest(crowd, name="Ana", tags=["VIP"])
    assert (total(), counted) == (21, [20])
    for _ in range(3):
        make_guest(crowd, name="Ana", tags=["VIP"])
    assert (total(), sorted(counted)) == (24, [20, 24])
    written_to(crowd, 1)
    assert (total(), counted) == (24, [])
    erasure.erase(crowd, crowd.value("SELECT id FROM guests WHERE seq = 3"))
    assert (total(), counted) == (23, [0, 4, 8, 12, 16, 20, 24])


def test_the_second_page_counts_nothing(crowd: Database, counted: list[int]) -> None:
    for number in range(1, 4):
        assert guests.search(crowd, search="ana", page=Page(number, 5)).total == 20
    assert counted == [0, 4, 8, 12, 16, 20]


def test_a_count_is_of_one_moment_while_another_writes(
    crowd: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Database(crowd.path)
    count = block_counts.BlockCounts._count

    def written_in_between(self: Any, sql: str, params: dict[str, int]) -> int:
        monkeypatch.setattr(block_counts.BlockCounts, "_count", count)
        make_guest(other, name="Ana the last")
        guests.change(other, other.value("SELECT id FROM guests WHERE seq = 1"), name="x")
        guests.change(other, other.value("SELECT id FROM guests WHERE seq = 2"), name="x")
        return count(self, sql, params)

    monkeypatch.setattr(block_counts.BlockCounts, "_count", written_in_between)
    assert guests.search(crowd, search="ana", page=ONE).total == 20
    assert guests.search(crowd, search="ana", page=ONE).total == 19
    other.close()


def test_only_so_many_counts_are_kept(crowd: Database) -> None:
    for number in range(block_counts.COUNTS_KEPT + 10):
        sql = f"SELECT count(*) + {number} FROM guests WHERE seq BETWEEN :first AND :last"
        assert crowd.count_by_block("guests", sql, {}) == 20 + 6 * number
    assert len(crowd._block_counts._kept) == block_counts.COUNTS_KEPT


def test_what_cannot_be_counted_leaves_no_transaction_open(crowd: Database) -> None:
    with pytest.raises(apsw.SQLError, match="no such table"):
        crowd.count_by_block("guests", "SELECT count(*) FROM nowhere", {})
    assert not crowd.in_transaction
