"""Folding, segmenting and quoting of text that is searched."""

from __future__ import annotations

import unicodedata

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jack.core import fulltext

ANYTHING = st.text(st.characters(exclude_categories=()))
HOSTILE = [
    "O'Brien",
    "100%",
    "*",
    "-x",
    '"',
    '""',
    "AND",
    "OR NOT",
    "NEAR(",
    "title:",
    "{a b}:c",
    "^x",
    "a\0b",
    "\ud800",
    "🏊🏽‍♀️",
    "部屋",
    "()",
    "",
]


@pytest.fixture(scope="module")
def index() -> apsw.Connection:
    """A full-text index with one row."""
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5 (words)")
    connection.execute("INSERT INTO found VALUES ('zebra')")
    return connection


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Straße STRAẞE", "strasse strasse"),
        ("Łódź Ærø Đorđe Œuvre ǿ Ǽ", "lodz aero dorde oeuvre o ae"),
        ("Işık ISPARTA Þór Ħal Ŋa Ŧ ð", "isik isparta thor hal na t d"),
        ("ÜNÏCODE  \t\n text ", "unicode text"),
        ("İstanbul", "istanbul"),
        ("ﬁ ½ Ⅷ 𝐀", "fi 1⁄2 viii a"),
        ("Ελένη", "ελενη"),
        ("ἙΛΈΝΗΣ", "ελενησ"),
        ("O’Brien", "o'brien"),
        ("a\0b\u200dc\u00add", "abcd"),
        ("❤️ 1️⃣ 🏊🏽", "❤ 1 🏊"),
        ("バス", "バス"),
        ("ﾊﾞｽ", "バス"),
        ("한국", "한국"),
        ("", ""),
    ],
)
def test_it_folds(written: str, kept: str) -> None:
    assert fulltext.folded(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Pool部屋の鍵", "pool 部 屋 の 鍵"),
        ("수영장 hours", "수 영 장 hours"),
        ("🏊🌊x", "🏊 🌊 x"),
        ("plain text", "plain text"),
    ],
)
def test_it_parts_signs_that_are_words(written: str, kept: str) -> None:
    assert fulltext.segmented(written) == kept


@given(ANYTHING)
def test_folding_twice_changes_nothing_more(written: str) -> None:
    once = fulltext.folded(written)
    assert fulltext.folded(once) == once
    assert fulltext.segmented(fulltext.segmented(written)) == fulltext.segmented(written)


@given(ANYTHING)
def test_what_is_folded_can_be_stored(written: str) -> None:
    kept = fulltext.segmented(written)
    kept.encode()
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Cf") for sign in kept)
    assert kept == " ".join(kept.split())


@given(st.text(st.characters(codec="ascii")))
def test_the_short_way_for_ascii_is_the_same(written: str) -> None:
    # An accented word keeps folding on the long way.
    assert fulltext.folded(f"é {written}") == f"e {fulltext.folded(written)}".strip()


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_are_only_text(index: apsw.Connection, query: str) -> None:
    for expression in (fulltext.words(query), " OR ".join(fulltext.terms(query))):
        if expression:
            found = index.execute(
                "SELECT 1 FROM found WHERE found MATCH ?", (expression,)
            ).fetchall()
            assert found == []


@given(ANYTHING)
def test_no_query_is_a_syntax_error(index: apsw.Connection, query: str) -> None:
    for expression in (
        fulltext.words(query),
        " ".join(fulltext.terms(query)),
        " OR ".join(fulltext.terms(query)),
    ):
        if expression:
            index.execute("SELECT 1 FROM found WHERE found MATCH ?", (expression,)).fetchall()


def test_words_are_asked_for_as_beginnings() -> None:
    assert fulltext.words('Pool  pool "x"') == '"Pool"* "pool"* """x"""*'


def test_words_have_the_letters_of_the_index() -> None:
    assert fulltext.words("Łódź straße") == '"lódź"* "strasse"*'


def test_there_is_no_query_without_a_word() -> None:
    assert fulltext.words(" \0\ud800 ") == ""
    assert fulltext.terms("\u200d") == []


def test_neighbouring_signs_are_asked_for_in_pairs() -> None:
    assert fulltext.terms("部屋鍵 Käse 夜") == ['"部 屋"*', '"屋 鍵"*', '"kase"*', '"夜"*']


def test_a_query_is_cut_at_a_number_of_words() -> None:
    many = " ".join(f"w{number}" for number in range(1000))
    assert len(fulltext.terms(many)) == len(fulltext.words(many).split()) == fulltext.MAX_WORDS


def test_grams_are_the_short_parts_of_each_word() -> None:
    assert fulltext.grams("abca b") == "a b c ab bc ca"
    assert fulltext.grams("") == ""


@given(ANYTHING)
def test_grams_hold_every_part_once(written: str) -> None:
    kept = fulltext.folded(written)
    parts = fulltext.grams(kept).split()
    assert len(parts) == len(set(parts))
    assert set(parts) == {
        word[at : at + size]
        for word in kept.split()
        for size in (1, 2)
        for at in range(len(word) - size + 1)
    }
