"""What a search costs that finds a great many of very many guests, for its total is exact: the worst terms there are."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import apsw

from bench.growth.rows import MAIL, Dataset
from bench.growth.words import COMMON_NAME
from bench.report import Section, table
from bench.settings import MANY, SAMPLES, say, say_over

INSERT = """
    INSERT INTO guests (id, name, email, email_key, phone, search_text, search_grams, created_at, updated_at)
    VALUES (:id, :name, :email, :email, :phone, :search_text, :search_grams, :at, :at)"""
CHANGE_GUEST = "UPDATE guests SET notes = :now WHERE seq = :seq"
CHANGE = "INSERT OR REPLACE INTO settings (key, value, updated_at) VALUES ('bench', '{}', :now)"
INDEXES = ("guest_search", "guest_grams")
TERMS = {
    "what nobody has": "qqzzqq",
    "a common name": COMMON_NAME,
    "one letter that all have": "a",
    "two letters that a third has": "an",
    "three digits that all have": "555",
    "seven letters that all have": "example",
    "a mail provider that two fifths have": MAIL[0],
    "two words that two fifths have": MAIL[0].replace(".", " "),
    "a word that all have, and two letters": "example an",
}


def measure(folder: Path) -> list[Section]:
    """Every term: asked for the first time, after another process has changed a guest, and after it has changed something else."""
    path = folder / "many.db"
    say(f"Making {MANY:,} guests ...")
    fill(path)
    rows = [[what, f"`{term}`", *timed(path, term)] for what, term in TERMS.items()]
    say_over("")
    lines = [
        f"The first page and the exact total, {MANY:,} guests. Milliseconds in process, median: asked for the first time by a",
        "process; after another one has changed a guest; after it has changed something else. Beside them, of the first, the",
        "milliseconds of processor.",
        "",
        *table(
            [
                "a search for",
                "",
                "found",
                "first",
                "processor",
                "a guest changed",
                "something else",
            ],
            rows,
        ),
    ]
    return [Section("The worst searches", lines, [])]


def fill(path: Path) -> None:
    """Guests as the API would have made them, and their indexes made in one go."""
    from jack.core.db import Database
    from jack.core.migrations import migrate

    made = Database(path)
    migrate(made)
    made.close()
    db = apsw.Connection(str(path))
    triggers = db.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'guests'"
    ).fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    db.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")
    with db:
        db.executemany(INSERT, guests())
    for index in INDEXES:
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    for _, trigger in triggers:
        db.execute(str(trigger))
    db.close()


def guests() -> Iterator[dict[str, Any]]:
    """The rows of the table."""
    from jack.core import fulltext
    from jack.resources.guests.search import search_text

    for number, guest in enumerate(Dataset(MANY, []).guests()):
        text = search_text(guest["name"], guest["email"], guest["phone"])
        row = {"id": f"guest-{number}", "search_text": text, "search_grams": fulltext.grams(text)}
        yield guest | row | {"at": "2026-01-01T00:00:00.000Z"}


def timed(path: Path, term: str) -> list[str]:
    """How many guests a term finds, and in how many milliseconds: by a new connection, after a change of a guest, of something else."""
    from jack.core.db import Database
    from jack.core.paging import Page
    from jack.resources.guests import store

    other = Database(path)
    say_over(f"searching for {term} ...")
    took: list[tuple[float, ...]] = []
    for turn in range(min(SAMPLES, 9)):
        db = Database(path)
        db.value("SELECT count(*) FROM settings")  # the schema is read
        each: list[float] = []
        for change in ("", CHANGE_GUEST, CHANGE):
            if change:
                other.run(change, {"now": str(turn), "seq": 1 + turn * MANY // 10})
            begun, used = time.perf_counter(), time.process_time()
            found = store.search(db, search=term, page=Page())
            each.append(time.perf_counter() - begun)
            if not change:
                each.append(time.process_time() - used)
        took.append(tuple(each))
        db.close()
    other.close()
    return [
        f"{found.total:,}",
        *(f"{median(column) * 1000:.1f}" for column in zip(*took, strict=True)),
    ]
