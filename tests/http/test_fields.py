"""What a schema reads by its shortcut is what marshmallow reads, and what it refuses is refused in the same words."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jack.messaging.outgoing  # noqa: F401 (imports every resource, and so every schema)
from jack.http.fields import Email, Language, Text
from jack.http.schema import ResponseSchema, Schema
from tests.profiles import examples


def below(parent: type[Schema]) -> Iterator[type[Schema]]:
    """Every schema of what comes in that no other one is made from."""
    for child in parent.__subclasses__():
        if not issubclass(child, ResponseSchema):
            yield from below(child) if child.__subclasses__() else [child]


INPUTS = sorted(set(below(Schema)), key=lambda kind: (kind.__module__, kind.__name__))

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 10),
    st.text(max_size=8),
    st.sampled_from(
        [
            *("housekeeping", "normal", "open", "admin", "en", "guest-1", " padded ", "two\nlines"),
            *("ada@example.com", "2026-05-01T15:00:00Z", "2026-05-01", "+525512345678", "web"),
        ]
    ),
    st.lists(st.sampled_from(["vip", "", "a\x00b"]), max_size=2),
    st.dictionaries(st.sampled_from(["title", "status", "name"]), st.text(max_size=4), max_size=2),
)


def outcome(read: Any, data: Any) -> Any:
    try:
        return read(data)
    except ma.ValidationError as error:
        return error.normalized_messages()


@pytest.mark.parametrize("kind", INPUTS, ids=lambda kind: kind.__name__)
@settings(max_examples=examples(30))
@given(drawn=st.data())
def test_the_shortcut_reads_what_marshmallow_reads(
    kind: type[Schema], drawn: st.DataObject
) -> None:
    schema = kind()
    names = [field.data_key or name for name, field in schema.fields.items()]
    some = st.sampled_from([*names, "unknown"])
    data = drawn.draw(st.one_of(st.dictionaries(some, VALUES, max_size=6), VALUES))
    before = repr(data)
    assert outcome(schema.load, data) == outcome(lambda it: ma.Schema.load(schema, it), data)
    assert repr(data) == before


def test_there_are_schemas_to_compare_and_most_have_a_shortcut() -> None:
    shortcuts = [kind for kind in INPUTS if kind()._shortcut is not None]
    assert len(INPUTS) > 30
    assert len(shortcuts) > len(INPUTS) / 3


def test_a_default_that_is_made_is_made_anew() -> None:
    class Tagged(Schema):
        tags = ma.fields.List(ma.fields.String(), load_default=list)

    schema = Tagged()
    assert schema.load({})["tags"] is not schema.load({})["tags"]


SIGNS = st.text(st.sampled_from(" aZ9~é部\t\n\r\x00\x7f\ud800"), max_size=6)


@given(sent=st.one_of(SIGNS, st.none(), st.integers()), least=st.integers(0, 3), line=st.booleans())
def test_a_text_seen_to_be_right_at_once_is_what_it_is_when_read_with_care(
    sent: Any, least: int, line: bool
) -> None:
    field = Text(5, min=least, line=line, allow_none=True)
    with_care = functools.partial(ma.fields.String.deserialize, field)
    expected = None if sent == "" else outcome(with_care, sent)
    assert outcome(field.deserialize, sent) == expected


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Jose\u0301", "José"),  # composed
        ("Ana\u202egnp.exe", "Anagnp.exe"),  # nothing turns what stands after it
        ("\u2066Ana\u2069", "Ana"),
        ("שלום\u200f", "שלום\u200f"),  # marks that only belong to a script stay
    ],
)
def test_a_name_is_stored_composed_and_turns_nothing(sent: str, stored: str) -> None:
    assert Text(200, line=True).deserialize(sent) == stored


def test_a_name_of_turning_characters_alone_is_blank() -> None:
    with pytest.raises(ma.ValidationError, match="blank"):
        Text(200, line=True).deserialize("\u202e\u2066")


def test_a_text_of_several_lines_stays_as_it_was_typed() -> None:
    assert Text(200).deserialize("Jose\u0301\u202e") == "Jose\u0301\u202e"


@pytest.mark.parametrize("field", [Email, Language])
def test_an_empty_text_means_null_where_null_is_allowed(field: type[Text]) -> None:
    assert field(allow_none=True).deserialize("") is None
    with pytest.raises(ma.ValidationError):
        field().deserialize("")


def test_a_short_secret_is_too_short_where_null_is_allowed() -> None:
    field = Text(200, min=16, allow_none=True)
    with pytest.raises(ma.ValidationError, match="16"):
        field.deserialize("short")


@pytest.mark.parametrize(
    "address", ["a@x..test", "a@.x.test", "a@x.test.", "a@" + "x" * 64 + ".test"]
)
def test_a_domain_without_proper_labels_is_refused(address: str) -> None:
    with pytest.raises(ma.ValidationError, match="e-mail"):
        Email().deserialize(address)
