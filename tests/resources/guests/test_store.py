"""The rules of guests: who is who, and finding them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jack.core import block_counts, fulltext
from jack.core.db import transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Page
from jack.resources.guests import identities, listing, phone_input, store
from jack.resources.guests import search as guest_search
from jack.resources.privacy import erasure
from tests.builders import make_conversation, make_guest, make_task
from tests.profiles import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jack.core.db import Database
    from jack.core.reader import Row

NAMES = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), min_size=1, max_size=30
).filter(str.strip)


def found(db: Database, search: str | None = None, tag: tuple[str, ...] = ()) -> list[str]:
    listed = store.search(db, search=search, tag=tag, page=Page(1, 100))
    assert listed.total == len(listed.rows)
    return [row["name"] for row in listed.rows]


@pytest.mark.parametrize(
    "search",
    [
        "josé",
        "JOSE",
        "ose",
        "jo",
        "j",
        "o'b",
        "O’Brien",
        "brien josé",
        "b j",
        "@sol.mx",
        "JOSE@",
        "1555",
        "555 123",
    ]
    + ["+1 (555) 123-4567", "555-1234", "4567", "67"],
)
def test_any_part_of_name_address_or_digits_finds_a_guest(db: Database, search: str) -> None:
    make_guest(db, name="José O'Brien", email="jose@sol.mx", phone="+15551234567")
    make_guest(db, name="Xu Wei", email="x@y.z", phone="+8613800138000")
    assert found(db, search) == ["José O'Brien"]


@pytest.mark.parametrize(
    "search",
    ["100%", "%", "*", "-x", '"', "AND", "NEAR(", "日本", "日", "🙂", "_", "\\", "a\u0301"],
)
def test_signs_that_mean_something_to_sql_mean_themselves(db: Database, search: str) -> None:
    make_guest(db, name="Nobody")
    make_guest(db, name=f"Q {search}q W")
    assert found(db, search)[:1] == [text_of(search)]


def text_of(search: str) -> str:
    return f"Q {search}q W"


def test_a_search_does_not_match_across_two_fields(db: Database) -> None:
    make_guest(db, name="Ana", email="b@c.de", phone="+15551234567")
    assert found(db, "anab") == []
    assert found(db, "de1555") == []


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=NAMES, data=st.data())
@example(name="İstanbul ẞ", data=None)
def test_every_part_of_a_name_finds_it(db: Database, name: str, data: st.DataObject | None) -> None:
    guest = store.create(db, name=name)
    words = fulltext.folded(name).split()
    if not words:
        return
    word = data.draw(st.sampled_from(words)) if data else words[0]
    start = data.draw(st.integers(0, len(word) - 1)) if data else 0
    end = data.draw(st.integers(start + 1, len(word))) if data else 2
    listed = store.search(db, search=word[start:end], page=Page(1, 100))
    assert guest["id"] in {row["id"] for row in listed.rows} or listed.total > 100


@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(search=st.text(max_size=40))
def test_no_search_raises(db: Database, search: str) -> None:
    store.search(db, search=search, page=Page())


def test_every_tag_must_match_whatever_its_case(db: Database) -> None:
    make_guest(db, name="Both", tags=["VIP", "Returning"])
    make_guest(db, name="One", tags=["vip"])
    assert found(db, tag=("vip",)) == ["One", "Both"]
    assert found(db, tag=("vip", "returning")) == ["Both"]
    assert found(db, tag=("vip", "returning", "Vip")) == ["Both"]
    assert found(db, tag=("vip", "returning", "gone")) == []
    assert found(db, "bo", ("vip",)) == ["Both"]
    assert found(db, "both one", ("vip",)) == []


def test_a_word_and_a_tag_of_the_same_letters_are_two_searches(db: Database) -> None:
    make_guest(db, name="Smith 常客")
    make_guest(db, name="Smith Ana", tags=["常客"])
    assert found(db, "smith 常客") == ["Smith 常客"]
    assert found(db, "smith", ("常客",)) == ["Smith Ana"]


def test_changed_tags_and_names_are_found_and_the_old_ones_are_not(db: Database) -> None:
    guest = make_guest(db, name="Before", tags=["old"])
    store.change(db, guest["id"], name="After", tags=["new"])
    assert found(db, "before") == found(db, "be") == found(db, tag=("old",)) == []
    assert found(db, "after") == found(db, "af") == found(db, tag=("new",)) == ["After"]


@pytest.mark.parametrize(
    ("first", "second"), [("Ana@Sol.MX", "ana@sol.mx"), ("ÉVA@x.y", "éva@x.y")]
)
def test_a_second_guest_with_an_email_is_refused_naming_the_first(
    db: Database, first: str, second: str
) -> None:
    guest = make_guest(db, email=first)
    with pytest.raises(Conflict, match=guest["id"]) as refused:
        make_guest(db, email=second)
    assert refused.value.details == [
        {"field": "email", "message": f"Already used by {guest['id']}.", "code": "taken"}
    ]


def test_a_second_guest_with_a_phone_is_refused_however_it_is_written(db: Database) -> None:
    guest = make_guest(db, phone="+1 (555) 123-4567")
    assert guest["phone"] == "+15551234567"
    with pytest.raises(Conflict, match=guest["id"]):
        make_guest(db, phone="+15551234567")


def test_a_refused_change_leaves_the_guest_as_it_was(db: Database) -> None:
    make_guest(db, email="taken@x.y")
    guest = make_guest(db, name="Ana", email="ana@x.y", tags=["a"])
    with pytest.raises(Conflict):
        store.change(db, guest["id"], name="Eva", email="taken@x.y", tags=["b"])
    assert store.get(db, guest["id"]) == guest


def test_a_given_up_address_may_be_anothers(db: Database) -> None:
    guest = make_guest(db, email="ana@x.y", phone="+15551234567")
    store.change(db, guest["id"], email=None, phone=None)
    other = make_guest(db, email="ana@x.y", phone="+15551234567")
    assert store.known_by(db, "email", "ana@x.y") == other["id"]
    assert store.known_by(db, "sms", "+15551234567") == other["id"]


@pytest.mark.parametrize(
    ("written", "country", "stored"),
    [
        ("+15551234567", None, "+15551234567"),
        ("+52 999 555 0100", None, "+529995550100"),
        ("999 555 0100", "MX", "+529995550100"),
        ("999 555 0100", None, "999 555 0100"),
        ("0012", None, "0012"),
    ],
)
def test_possible_numbers_become_e164_and_others_stay(
    written: str, country: str | None, stored: str
) -> None:
    assert phone_input.normalised(written, country) == stored


@pytest.mark.parametrize("written", ["abc", "+", "12", "1" * 30, "555-CALL", "٣٣٣٣٣٣٣"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        phone_input.normalised(written, None)


def test_pages_are_index_scans(db: Database) -> None:
    make_guest(db, name="Ana", tags=["a", "b"])
    params = {"query": '"ana"', "whole": '"ana"', "grams": '"an"', "limit": 20, "offset": 0}
    params |= {"tag": "a", "tag0": "a", "tag1": "b", "tag2": "c"} | block_counts.EVERY_SEQ
    asked = (
        guest_search.Asked(),
        guest_search.Asked("short"),
        guest_search.Asked("long", parts=["ana"], unindexed=1),
        guest_search.Asked("long", parts=["ana"], grams="an"),
    )
    for each, tags in product(asked, range(4)):
        if not each.kind and not tags:
            continue
        statements = guest_search.statements(each, tags)
        for statement in (statements.scan, statements.total):
            explained = {**params, "part0": "ana"}
            plan = [row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {statement}", explained)]
            assert not any("TEMP B-TREE" in line for line in plan), (each, tags, plan)
    plan = [row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {listing.ALL}", params)]
    # Guests from the end, no further than the page, and of what is asked beside them the first row.
    assert [line for line in plan if not line.startswith("SCALAR SUBQUERY")] == [
        "SCAN guests",
        "SCAN opt_outs",
        "SEARCH stays USING INTEGER PRIMARY KEY (rowid>?)",
    ]
    plan = [row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {listing.TAGGED}", params)]
    assert not any("TEMP B-TREE" in line or line == "SCAN guests" for line in plan), plan


FOUND_OFTEN = {
    "a name": {"search": "wilhelmina"},
    "a name and two letters": {"search": "wilhelmina ab"},
    "two letters": {"search": "wi"},
    "a mail provider": {"search": "mail.example"},
    "an e-mail": {"search": "wilhelmina@mail.example"},
    "a name, with a tag": {"search": "wilhelmina", "tag": ["vip"]},
    "two tags": {"tag": ["vip", "back"]},
}


def fits(guest: Row, search: str = "", tag: Sequence[str] = ()) -> bool:
    known = f"{guest['name']} {guest['email']}".casefold()
    return all(word in known for word in search.split()) and set(tag) <= set(guest["tags"])


@pytest.mark.parametrize("asked", FOUND_OFTEN.values(), ids=FOUND_OFTEN)
def test_who_is_found_often_is_found_whole_page_by_page(
    db: Database, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    monkeypatch.setattr(guest_search, "ENOUGH", 3)
    made = []
    for number in range(19):
        surname = "Abel" if number in (3, 17, 18) else "Berg"
        tags = ["vip", "back"] if number % 2 else ["vip"][: number % 3]
        email = f"{'x' * number}wilhelmina@mail.example"
        made.append(make_guest(db, name=f"Wilhelmina {surname}", email=email, tags=tags))
        make_guest(db, name="Zoe Abel", email=None)
    wanted = [guest["id"] for guest in reversed(made) if fits(guest, **asked)]
    seen, number, pages = [], 1, 1
    while number <= pages:
        page = store.search(db, page=Page(number, 2), **asked)
        seen += [guest["id"] for guest in page.rows]
        assert page.total == len(wanted)
        number, pages = number + 1, -(-page.total // 2)
    assert len(seen) > 2
    assert seen == wanted


def test_an_erased_guest_leaves_no_word_behind(db: Database) -> None:
    conversation = make_conversation(db, content="Mi pasaporte es QQ77123", name="Zebulonia Quix")
    guest_id = conversation["guest_id"]
    store.change(
        db, guest_id, email="zebulonia@quix.example", phone="+529995550177", notes="Alergia a xyzzy"
    )
    make_task(db, title="Llevar toallas a Zebulonia", notes="QQ77123", guest_id=guest_id)
    erasure.erase(db, guest_id)
    left = db.path.read_bytes() + db.path.with_name(db.path.name + "-wal").read_bytes()
    for word in (b"ebulonia", b"QQ77123", b"quix", b"9995550177", b"xyzzy"):
        assert word.lower() not in left.lower(), word


def test_erasing_keeps_the_records_of_work(db: Database) -> None:
    conversation = make_conversation(db)
    make_task(db, guest_id=conversation["guest_id"], room="302")
    erasure.erase(db, conversation["guest_id"])
    assert db.one("SELECT guest_id, status, preview FROM conversations") == {
        "guest_id": None,
        "status": "closed",
        "preview": None,
    }
    assert db.value("SELECT content FROM messages") == erasure.ERASED
    assert db.one("SELECT title, room, guest_id FROM tasks") == {
        "title": erasure.ERASED,
        "room": None,
        "guest_id": None,
    }
    assert db.value("SELECT count(*) FROM webchat_sessions") == 0


def test_erasing_nobody_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound):
        erasure.erase(db, "guest-none")


def test_an_identity_is_one_guests(db: Database) -> None:
    first, second = make_guest(db), make_guest(db)
    store.identify(db, first["id"], "whatsapp", "MX.1349")
    store.identify(db, first["id"], "whatsapp", "MX.1349")
    with pytest.raises(Conflict), transaction(db):
        store.identify(db, second["id"], "whatsapp", "MX.1349")
    used = identities.last_used(db, first["id"], "whatsapp")
    assert used is not None
    assert used["address"] == "MX.1349"
