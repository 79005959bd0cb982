"""Finding guests: any part of name, e-mail or phone, in any script, whatever is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from jack.core import fulltext
from jack.core.db import Database, transaction
from jack.core.migrations import migrate
from jack.core.paging import Page
from jack.core.patterns import FORBIDDEN
from jack.resources.guests import store as guests
from tests.builders import make_guest
from tests.profiles import examples

PAGE = Page(1, 100)
# One database for all examples of a property: that others are there too is part of it.
SHARED = settings(
    deadline=None,
    max_examples=examples(150),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database that fills up."""
    db = Database(tmp_path_factory.mktemp("crowd") / "jack.db")
    migrate(db)
    yield db
    db.close()


def found(db: Database, search: str, **kwargs: object) -> list[str]:
    listed = guests.search(db, search=search, page=PAGE, **kwargs)
    assert listed.total >= len(listed.rows)
    return [row["id"] for row in listed.rows]


# ------------------------------------------------------------------------------------------------ by example

NAMES = (
    "John Smith",
    "José Ñandú",
    "Zoë O'Brien",
    "Jean‑Luc d’Arc",
    "ΟΔΥΣΣΕΥΣ Παπαδόπουλος",
    "Иван Ёлкин",
    "İbrahim Işık",
    "Straße & Söhne",
    "田中 太郎",
    "김철수",
    "ハンナ・バルト",
    "محمد",
    "निशा",
    "100% Guest",
    "Ana (VIP) *",
    "-x --",
    '"Quoted" Name',
    "🐟 Fish 👨‍👩‍👧",
    "Å Ö",
    "Nguyễn Thị",
    "Łukasz",
    "a_b c\\d",
    "AND OR NOT NEAR",
    "Room 12 3",
    "X 123 4",
)


@pytest.mark.parametrize(
    ("search", "name"),
    [
        ("john", "John Smith"),
        ("SMITH", "John Smith"),
        ("ohn smi", "John Smith"),
        ("smith john", "John Smith"),
        ("jose nandu", "José Ñandú"),
        ("JOSÉ", "José Ñandú"),
        ("O'Brien", "Zoë O'Brien"),
        ("o’brien", "Zoë O'Brien"),
        ("zoe", "Zoë O'Brien"),
        ("'", "Zoë O'Brien"),
        ("jean-luc", "Jean‑Luc d’Arc"),
        ("d'arc", "Jean‑Luc d’Arc"),
        ("οδυσσευς", "ΟΔΥΣΣΕΥΣ Παπαδόπουλος"),
        ("παπαδοπουλοσ", "ΟΔΥΣΣΕΥΣ Παπαδόπουλος"),
        ("елкин", "Иван Ёлкин"),
        ("ibrahim", "İbrahim Işık"),
        ("strasse", "Straße & Söhne"),
        ("&", "Straße & Söhne"),
        ("田", "田中 太郎"),
        ("中", "田中 太郎"),
        ("田中", "田中 太郎"),
        ("田中 太郎", "田中 太郎"),
        ("철", "김철수"),
        ("バ", "ハンナ・バルト"),
        ("محم", "محمد"),
        ("नि", "निशा"),
        ("100%", "100% Guest"),
        ("%", "100% Guest"),
        ("*", "Ana (VIP) *"),
        ("(", "Ana (VIP) *"),
        ("(vip)", "Ana (VIP) *"),
        ("-x", "-x --"),
        ("--", "-x --"),
        ('"', '"Quoted" Name'),
        ('"quoted"', '"Quoted" Name'),
        ("🐟", "🐟 Fish 👨‍👩‍👧"),
        ("👧", "🐟 Fish 👨‍👩‍👧"),
        ("👨‍👩‍👧", "🐟 Fish 👨‍👩‍👧"),
        ("å", "Å Ö"),
        ("o", "Å Ö"),
        ("nguyen thi", "Nguyễn Thị"),
        ("Łuk", "Łukasz"),
        ("_", "a_b c\\d"),
        ("\\", "a_b c\\d"),
        ("and", "AND OR NOT NEAR"),
        ("AND NOT", "AND OR NOT NEAR"),
        ("12 3", "Room 12 3"),
        ("123 4", "X 123 4"),
    ],
)
def test_what_is_typed_finds_whom_it_should(search: str, name: str, db: Database) -> None:
    ids = {made: make_guest(db, name=made)["id"] for made in NAMES}
    assert ids[name] in found(db, search)


@pytest.mark.parametrize(
    "search", ["nobody", "zzz", "smith jones", "jo sm q", "部屋", "🦀", "%%", "O''Brien", "\u200b"]
)
def test_what_is_nowhere_finds_nobody(search: str, db: Database) -> None:
    for name in NAMES:
        make_guest(db, name=name)
    assert found(db, search) == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("+15551234567", True),
        ("15551234567", True),
        ("5551234567", True),
        ("(555) 123-4567", True),
        ("555-123", True),
        ("123 45", True),
        ("4567", True),
        ("67", True),
        ("+1 555", True),
        ("+1", True),
        ("555 999", False),
        ("76", False),
    ],
)
def test_phones_are_found_by_their_digits(search: str, expected: bool, db: Database) -> None:
    made = make_guest(db, name="John", phone="+15551234567")
    assert (made["id"] in found(db, search)) == expected


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("+525512345678", "+52 1 55 1234 5678"),
        ("+525512345678", "\u202a+52\u00a01\u00a055\u00a01234\u00a05678\u202c"),
        ("+525512345678", "5215512345678"),
        ("+525512345678", "0052 55 1234 5678"),
        ("+525512345678", "00521 55 1234 5678"),
        ("+525512345678", "+52 1 55 12"),
        ("+525512345678", "55 1234 5678"),
        ("+525512345678", "01 55 1234 5678"),
        ("+525512345678", "044 55 1234 5678"),
        ("+525512345678", "whatsapp:+5215512345678"),
        ("+5215512345678", "+52 55 1234 5678"),
        ("+5491112345678", "+54 9 11 1234-5678"),
        ("+5491112345678", "+54 11 1234-5678"),
        ("+541112345678", "+54 9 11 1234-5678"),
        ("+5511961234567", "+55 11 6123-4567"),
        ("+551161234567", "+55 11 96123-4567"),
        ("+34600123456", "0034 600 12 34 56"),
        ("+34600123456", "600 123 456"),
        ("+447700900123", "07700 900123"),
        ("+447700900123", "+44 (0) 7700 900123"),
        ("+447700900123", "0044 (0)7700 900 123"),
        ("+447700900123", "tel:+44-7700-900123"),
        ("+447700900123", "+44 7700 900123 ext. 5"),
        ("+390612345678", "06 1234 5678"),
        ("+79123456789", "8 912 345-67-89"),
        ("+36301234567", "06 30 123 4567"),
        ("+15551234567", "(555) 123-4567"),
        ("+15551234567", "1 555 123 4567"),
    ],
)
def test_a_number_is_found_however_it_is_written(stored: str, typed: str, db: Database) -> None:
    made = make_guest(db, phone=stored)["id"]
    make_guest(db, phone="+34911000000")
    assert found(db, typed) == [made]
    assert found(db, typed, created_since="2026-01-01T00:00:00.000Z") == [made]


@pytest.mark.parametrize(
    "typed", ["+52 1 55 1234 5679", "+53 55 1234 5678", "00 99 55 1234 5678", "055", "(0)"]
)
def test_another_number_is_not(typed: str, db: Database) -> None:
    make_guest(db, phone="+525512345678")
    assert found(db, typed) == []


@pytest.mark.parametrize(
    ("search", "tags"), [("robles", []), ("ro", []), ("robles abc", []), ("robles", ["vip"])]
)
def test_the_total_is_exact_however_many_there_are(
    search: str, tags: list[str], db: Database
) -> None:
    with transaction(db):
        for number in range(620):
            make_guest(db, name=f"Robles {number} abc", tags=["vip"])
    for page in (Page(1, 20), Page(31, 20), Page(99, 20)):
        assert guests.search(db, search=search, tag=tags, page=page).total == 620


@pytest.mark.parametrize(
    "search", ["ana+", "HOTEL@EXAMPLE", "@example.com", "+hotel", "example com"]
)
def test_emails_are_found_by_any_part(search: str, db: Database) -> None:
    made = make_guest(db, name="x", email="Ana+Hotel@Example.com")
    assert found(db, search) == [made["id"]]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("ana.ruiz@example.com", True),
        ("RUIZ@example", True),
        ("ana.ruiz@elsewhere.com", False),
        ("ana.ruiz@example.com.ar", False),
        ("ruiz@ example.com", True),
        ("an@example.com", False),
        ("+34600123456", True),
        ("34600123456", True),
        ("600123456", True),
        ("35600123456", False),
        ("+1234600123456", False),
        ("ana 34600123456", True),
        ("ana 34700123456", False),
        ("ruiz an z@", True),
        ("ruiz an q", False),
    ],
)
def test_of_a_long_word_every_part_counts(search: str, expected: bool, db: Database) -> None:
    make_guest(db, name="Ana Ruiz", email="ana.ruiz@example.com", phone="+34600123456")
    assert bool(found(db, search)) == expected


def test_a_search_is_narrowed_by_every_tag(db: Database) -> None:
    both = make_guest(db, name="Ana Ruiz", tags=["VIP", "quiet", "late"])
    make_guest(db, name="Ana Roca", tags=["vip"])
    for search in (None, "ana", "an", "an ana"):
        for tags in (["vip", "QUIET"], ["late", "quiet", "vip"], ["quiet", "quiet"]):
            listed = guests.search(db, search=search, tag=tags, page=PAGE)
            assert ([row["id"] for row in listed.rows], listed.total) == ([both["id"]], 1)


def test_no_search_matches_across_two_fields(db: Database) -> None:
    make_guest(db, name="Ann", email="ab@c.example")
    assert found(db, "annab") == []
    assert found(db, "nnab") == []


def test_every_word_must_be_there(db: Database) -> None:
    both = make_guest(db, name="Ana María")["id"]
    make_guest(db, name="Ana")
    make_guest(db, name="María")
    assert found(db, "maria ana") == [both]


def test_the_newest_is_first_whatever_the_search(db: Database) -> None:
    ids = [make_guest(db, name=f"John {n}", tags=["vip"])["id"] for n in range(3)]
    for search in ("john", "jo", "jo ohn", "n"):
        assert found(db, search) == ids[::-1]
        assert found(db, search, tag=["vip"]) == ids[::-1]


def test_a_guest_who_changes_their_name_is_found_by_the_new_one_only(db: Database) -> None:
    made = make_guest(db, name="Smith", email="a@example.com", phone="+15551234567")["id"]
    guests.change(db, made, name="Jones", email="b@example.com", phone=None)
    for old in ("smith", "sm", "a@ex", "5551234567", "55"):
        assert found(db, old) == [], old
    for new in ("jones", "jo", "b@ex"):
        assert found(db, new) == [made], new


def test_an_erased_guest_is_not_found(db: Database) -> None:
    made = make_guest(db, name="Smith")
    db.run("DELETE FROM guests WHERE id = :id", made)
    assert found(db, "smith") == found(db, "sm") == []


@pytest.mark.parametrize("tag", ["vip", "VIP", "Vip ", "v\u0131p"])
def test_tags_are_compared_without_case(tag: str, db: Database) -> None:
    made = make_guest(db, tags=["VIP"])["id"]
    listed = [row["id"] for row in guests.search(db, tag=[tag], page=PAGE).rows]
    assert listed == [made]


# ------------------------------------------------------------------------------------------------ by invention

SIGNS = st.one_of(
    st.characters(exclude_categories=["Cs", "Cc"]),
    st.sampled_from("abcABC áÉñß çİıſΣς'\"*-%_()&@.+/123 4567890　日本語한글ハバｶﾞ🐟👨‍👩‍👧🇪🇸"),
)
WRITTEN = st.text(SIGNS, min_size=1, max_size=25)
NUMBERS = st.text(st.sampled_from("0123456789 -()+./"), min_size=1, max_size=15)


def visible(typed: str) -> str:
    """What a guest's name is once it is taken in; nothing when it would be refused."""
    return "" if FORBIDDEN.search(typed) else typed.strip()


@SHARED
@given(data=st.data(), name=st.one_of(WRITTEN, NUMBERS))
@example(data=None, name="Room 12 3")
@example(data=None, name="X 123 4")
@example(data=None, name="🫠")
def test_a_guest_is_found_by_any_part_of_their_name(
    crowd: Database, data: st.DataObject | None, name: str
) -> None:
    name = visible(name)
    assume(fulltext.folded(name))
    made = make_guest(crowd, name=name)["id"]
    begin = data.draw(st.integers(0, len(name) - 1)) if data else 0
    end = data.draw(st.integers(begin + 1, len(name))) if data else len(name)
    part = name[begin:end]
    # A part that is nothing but blanks or marks looks for nothing.
    assume(fulltext.folded(part))
    assert made in found(crowd, part)


@SHARED
@given(typed=st.text(max_size=200))
def test_nothing_that_is_typed_breaks_the_search(crowd: Database, typed: str) -> None:
    for tag in ([], [typed], [typed, "vip"]):
        guests.search(crowd, search=typed, tag=tag, page=PAGE)


@pytest.mark.parametrize(
    "typed",
    ["a " * 100, "abc " * 50, "ab" * 100, '"' * 200, "* " * 100, "\0", "\ud800", "1 " * 100],
)
def test_a_long_or_odd_search_is_answered(typed: str, crowd: Database, tmp_path: Path) -> None:
    found(crowd, typed)
