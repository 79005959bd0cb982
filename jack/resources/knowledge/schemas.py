"""The shapes of the knowledge base."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, Items, Language, Text, when
from jack.http.link_fields import ExternalId
from jack.http.schema import CursorFilters, Patch, ResponseSchema, Schema

CATEGORIES = ("room_type", "policy", "amenity", "service", "local_info", "faq")
CONTENT = 20_000


class EntryCreate(Schema):
    """A new entry."""

    title = Text(200, required=True, line=True)
    content = Text(CONTENT, required=True)
    category = Choice(*CATEGORIES, required=True)
    language = Language(allow_none=True)
    external_id = ExternalId(allow_none=True)


class EntryPatch(Patch):
    """What of an entry is to change; what is left out stays as it is, `language: null` clears it."""

    title = Text(200, line=True)
    content = Text(CONTENT)
    category = Choice(*CATEGORIES)
    language = Language(allow_none=True)
    external_id = ExternalId(allow_none=True)


class EntryUpsert(Schema):
    """An entry by the id another program has for it: what is left out stays as it is, a new one needs title, content and category."""

    title = Text(200, line=True)
    content = Text(CONTENT)
    category = Choice(*CATEGORIES)
    language = Language(allow_none=True)


class EntryUpsertItem(EntryUpsert):
    """One of several entries."""

    external_id = ExternalId(required=True)


class EntryUpserts(Schema):
    """Up to 500 entries."""

    items = Items(EntryUpsertItem)


class EntryFilters(CursorFilters):
    """Which entries to list."""

    category = Choice(*CATEGORIES)
    language = Language()
    external_id = ExternalId()
    search = Text(
        200, line=True, metadata={"description": "Words of title or content, or how they begin"}
    )


class EntryBulk(Schema):
    """Up to 500 new entries."""

    items = Items(EntryCreate)


class Entry(ResponseSchema):
    """An entry of the knowledge base."""

    id = fields.String()
    title = fields.String()
    content = fields.String()
    category = Choice(*CATEGORIES)
    language = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True)
    created_at = when()
    updated_at = when()
