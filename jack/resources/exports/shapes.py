"""What each export is made of: the filters and the answer of the resource's list, by the same schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from marshmallow import fields

from jack.http.arguments import load_field
from jack.http.fields import Choice, Moment, Text
from jack.http.public_path import OUTSIDE_REQUESTS
from jack.http.row_dumper import dumper
from jack.http.schema import PageFilters, Schema
from jack.resources.audit.schemas import AuditEntry, AuditFilters
from jack.resources.conversations.schemas import Conversation, ConversationFilters, Message
from jack.resources.exports.formats import TYPES, CsvWriter, NdjsonWriter
from jack.resources.exports.store import GUEST
from jack.resources.guests.schemas import Guest, GuestFilters
from jack.resources.knowledge.schemas import Entry, EntryFilters
from jack.resources.stays.schemas import Stay, StayFilters
from jack.resources.tasks.schemas import Task, TaskFilters

if TYPE_CHECKING:
    from collections.abc import Mapping

    import marshmallow as ma

    from jack.http.row_dumper import Dump
    from jack.http.schema import Loaded
    from jack.resources.exports.formats import Writer

# Of a list: how it is paged and sorted. An export has all of it.
PAGING = frozenset({*PageFilters._declared_fields, "cursor", "order", "sort"})
# What is so for one reader, or at one moment, only.
LEFT_OUT = frozenset({"unread", "presence", "stay"})

# An object that stands in one cell, as the import takes it.
WHOLE = frozenset({"consents"})


class MessageFilters(Schema):
    """Which messages to export."""

    conversation_id = Text(64, line=True)
    created_since = Moment(metadata={"description": "Written then or later"})


class Column(NamedTuple):
    """A column of a CSV file: its name, and the path of fields that leads to its value."""

    name: str
    path: tuple[str, ...]

    def of(self, row: Mapping[str, object]) -> object:
        """The value in a row as the API answers it; None where an object on the way is null."""
        value: object = row
        for name in self.path:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value


class Shape(NamedTuple):
    """An export: which filters it takes, how a row is answered, and its columns."""

    filters: type[Schema]
    dump: Dump
    columns: tuple[Column, ...]

    def writer(self, format: str) -> Writer:
        """A writer of this format."""
        return NdjsonWriter() if format == "ndjson" else CsvWriter(self.columns)


def _shape(filters: type[ma.Schema], answer: type[ma.Schema]) -> Shape:
    taken = {name: field for name, field in filters._declared_fields.items() if name not in PAGING}
    shown = answer(exclude=sorted(LEFT_OUT & answer._declared_fields.keys()))
    return Shape(
        type(f"{answer.__name__}Export", (Schema,), taken),
        dumper(shown),
        tuple(_columns(shown, ())),
    )


def _columns(schema: ma.Schema, path: tuple[str, ...]) -> list[Column]:
    found: list[Column] = []
    for name, field in schema.fields.items():
        here = (*path, field.data_key or name)
        if isinstance(field, fields.Nested) and not field.many and name not in WHOLE:
            found += _columns(field.schema, here)
        else:
            found.append(Column(".".join(here), here))
    return found


SHAPES = {
    "guests": _shape(GuestFilters, Guest),
    "stays": _shape(StayFilters, Stay),
    "conversations": _shape(ConversationFilters, Conversation),
    "messages": _shape(MessageFilters, Message),
    "tasks": _shape(TaskFilters, Task),
    "knowledge": _shape(EntryFilters, Entry),
    "audit": _shape(AuditFilters, AuditEntry),
}


QUERIES = {
    what: type(
        f"{what.title()}ExportQuery",
        (shape.filters,),
        {
            "__doc__": f"Which {what} to export, and in which format.",
            "format": Choice(*TYPES, load_default="csv"),
        },
    )
    for what, shape in SHAPES.items()
}


def shown_below(public_path: str) -> None:
    """Let Jack's own addresses in rows begin with the path that it is below (`/jack`), where no request tells it."""
    OUTSIDE_REQUESTS.set(public_path)


class OneGuest(Schema):
    """Whom an export of a guest is about."""

    guest_id = Text(64, required=True, line=True)


def filters_of(what: str, sent: Mapping[str, object]) -> Loaded:
    """The filters of an export as its store takes them, from what stood in `filters`. Raises Invalid.

    They are those of a query string: numbers and flags may also be written as JSON has them.
    """
    schema = OneGuest() if what == GUEST else SHAPES[what].filters()
    lists = {field.data_key for field in schema.fields.values() if isinstance(field, fields.List)}
    return load_field("filters", schema, {k: _as_sent(v, k in lists) for k, v in sent.items()})


def _as_sent(value: object, many: bool) -> object:
    """A value of JSON as it would stand in a query string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return [value] if many and isinstance(value, str) else value
