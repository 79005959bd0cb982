"""Templates: texts by language, with places that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack, cast

import orjson

from jack.channels.types import CHANNEL_NAMES
from jack.core import events, placeholders
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Detail, Invalid, NotFound
from jack.core.paging import Listed, Page, Place, Walked
from jack.core.query import Query, where
from jack.core.sqlite import UniqueViolation
from jack.core.walking import Wanted, walk
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jack.core.db import Database


class Approved(TypedDict):
    """A template that WhatsApp has approved; `parameters` are texts with places."""

    name: str
    parameters: list[str]


class TemplateChanges(TypedDict, total=False):
    """What of a template may be changed."""

    name: str
    shortcut: str | None
    texts: dict[str, str]
    channels: list[str]
    whatsapp_template: Approved | None


class TemplateRow(TypedDict):
    """A template as it is answered."""

    seq: int
    id: str
    name: str
    shortcut: str | None
    texts: dict[str, str]
    channels: list[str]
    whatsapp_template: Approved | None
    created_at: str
    updated_at: str


class StoredRow(TypedDict):
    """A template as it is stored: `texts`, `channels` and `whatsapp_template` are JSON text."""

    seq: int
    id: str
    name: str
    shortcut: str | None
    texts: str
    channels: str
    whatsapp_template: str | None
    created_at: str
    updated_at: str


FIELDS = ("name", "shortcut", "texts", "channels", "whatsapp_template")

COLUMNS = "seq, id, name, shortcut, texts, channels, whatsapp_template, created_at, updated_at"

GET = Query[StoredRow](f"SELECT {COLUMNS} FROM templates WHERE id = :id")

BY_SHORTCUT = "SELECT id FROM templates WHERE shortcut = :shortcut"

BY_SEQ = Query[StoredRow](
    f"SELECT {COLUMNS} FROM templates WHERE seq IN (SELECT value FROM json_each(:seqs))"
)

FILTERS = {
    "channel": "EXISTS (SELECT 1 FROM json_each(channels) WHERE value = :channel)",
    "shortcut": "shortcut = :shortcut",
    "created_since": "created_at >= :created_since",
    "updated_since": "updated_at >= :updated_since",
}

# The number of one that was deleted is not given again: whoever has read the list up to it would miss the new one.
NEXT_SEQ = """1 + max(coalesce((SELECT max(seq) FROM templates), 0),
                      coalesce((SELECT seq FROM list_ends WHERE list = 'templates'), 0))"""

CREATE = Query[StoredRow](f"""
    INSERT INTO templates (seq, id, name, shortcut, texts, channels, whatsapp_template, created_at, updated_at)
    VALUES ({NEXT_SEQ}, :id, :name, :shortcut, :texts, :channels, :whatsapp_template, :now, :now)
    RETURNING {COLUMNS}""")

CHANGE = Query[StoredRow](f"""
    UPDATE templates
    SET name = :name, shortcut = :shortcut, texts = :texts, channels = :channels,
        whatsapp_template = :whatsapp_template, updated_at = :now
    WHERE id = :id
    RETURNING {COLUMNS}""")

DELETE = "DELETE FROM templates WHERE id = :id"


def get(db: Database, template_id: str) -> TemplateRow:
    """The template, or NotFound."""
    row = db.one(GET, {"id": template_id})
    if row is None:
        raise NotFound("Template not found")
    return _answered(row)


def search(
    db: Database, *, page: Page | Place, **filters: str | None
) -> Listed[TemplateRow] | Walked[TemplateRow]:
    """A part of all templates, a page by name. `filters`: what `FILTERS` has."""
    params = {name: value for name, value in filters.items() if value is not None}
    conditions = [FILTERS[name] for name in params]
    if isinstance(page, Place):
        wanted = Wanted("templates", conditions, params)
        return walk(db, wanted, page, lambda seqs: _by_seq(db, seqs))
    source = f"FROM templates {where(conditions)}"
    total = db.cached_count(f"SELECT count(*) {source}", params)
    listing = Query[StoredRow](
        f"SELECT {COLUMNS} {source} ORDER BY name, seq LIMIT :limit OFFSET :offset"
    )
    rows = db.all(listing, {**params, "limit": page.limit, "offset": page.offset})
    return Listed([_answered(row) for row in rows], total, page)


def create(
    db: Database, *, id: str | None = None, by: str | None = None, **fields: Unpack[TemplateChanges]
) -> TemplateRow:
    """A new template, with a name and texts at least, for all channels unless it says otherwise.

    Raises Invalid for a text with a place that is not known, Conflict for the shortcut of another.
    """
    blank = {"shortcut": None, "channels": list(CHANNEL_NAMES), "whatsapp_template": None}
    with transaction(db):
        row = _write(db, CREATE, id or db.new_id("tpl"), {**blank, **fields})
        events.record(db, "template.created", row["id"], by=by)
    return row


def change(
    db: Database, template_id: str, *, by: str | None = None, **changes: Unpack[TemplateChanges]
) -> TemplateRow:
    """Change a template; what is already so changes nothing. Raises NotFound, and as `create`."""
    with transaction(db):
        before = get(db, template_id)
        if "channels" in changes:
            changes["channels"] = _in_order(changes["channels"])
        if changes.items() <= before.items():
            return before
        row = _write(db, CHANGE, template_id, {**before, **changes})
        changed = events.changed_fields(before, row, FIELDS)
        events.record(db, "template.updated", template_id, by=by, changed=changed)
    return row


def delete(db: Database, template_id: str, *, by: str | None = None) -> None:
    """Delete a template. Raises NotFound."""
    with transaction(db):
        get(db, template_id)
        db.run(DELETE, {"id": template_id})
        events.record(db, "template.deleted", template_id, by=by)


def own_variables(db: Database) -> dict[str, str]:
    """The hotel's own variables, by name."""
    items = settings.value(db, "variables")["items"]
    return {item["name"]: item["value"] for item in items}


def _write(
    db: Database, statement: Query[StoredRow], template_id: str, wanted: Mapping[str, object]
) -> TemplateRow:
    """Write a template. Raises Invalid for a place that is not known, Conflict for the shortcut of another."""
    fields = cast("TemplateRow", wanted)
    _check(db, fields)
    approved = fields["whatsapp_template"]
    stored = {
        "id": template_id,
        "name": fields["name"],
        "shortcut": fields["shortcut"],
        "texts": as_json(fields["texts"]),
        "channels": as_json(_in_order(fields["channels"])),
        "whatsapp_template": None if approved is None else as_json(approved),
        "now": db.now(),
    }
    try:
        return _answered(db.row(statement, stored))
    except UniqueViolation:
        raise _taken(db, str(fields["shortcut"])) from None


def _check(db: Database, template: TemplateRow) -> None:
    """Raise Invalid for the texts that have a place nobody knows, or a brace that belongs to none; it names each."""
    known = (*placeholders.BUILT_IN, *own_variables(db))
    wrong: list[Detail] = [
        {"field": field, "message": message, "code": "unknown_variable"}
        for field, text in _texts(template)
        if (message := _problem(text, known))
    ]
    if wrong:
        raise Invalid(f"{wrong[0]['field']}: {wrong[0]['message']}", details=wrong[:20])


def _texts(template: TemplateRow) -> Iterator[tuple[str, str]]:
    """Every text of a template that has places, and the field that it stands in."""
    for language, text in template["texts"].items():
        yield f"texts.{language}", text
    approved = template["whatsapp_template"]
    for place, text in enumerate(approved["parameters"] if approved else ()):
        yield f"whatsappTemplate.parameters.{place}", text


def _problem(text: str, known: tuple[str, ...]) -> str | None:
    """What is wrong with the places of a text."""
    try:
        unknown = [name for name in placeholders.names(text) if name not in known]
    except ValueError as error:
        return f"A brace that belongs to no variable: {error}. Write \\{{ or \\}} for a brace."
    if unknown:
        named = ", ".join(f"{{{name}}}" for name in unknown)
        return f"No such variable: {named}. There are: {', '.join(known)}."
    return None


def _taken(db: Database, shortcut: str) -> Conflict:
    found = str(db.value(BY_SHORTCUT, {"shortcut": shortcut}))
    detail: Detail = {"field": "shortcut", "message": f"Already used by {found}.", "code": "taken"}
    message = f"Another template has the shortcut {shortcut}: {found}"
    return Conflict(message, details=[detail], reason="duplicate", existing_id=found)


def _in_order(channels: list[str]) -> list[str]:
    """Each channel once, in the order they are always in."""
    return [name for name in CHANNEL_NAMES if name in channels]


def _by_seq(db: Database, seqs: list[int]) -> list[TemplateRow]:
    return [_answered(row) for row in db.all(BY_SEQ, {"seqs": as_json(seqs)})]


def _answered(row: StoredRow) -> TemplateRow:
    approved = row["whatsapp_template"]
    return {
        "seq": row["seq"],
        "id": row["id"],
        "name": row["name"],
        "shortcut": row["shortcut"],
        "texts": orjson.loads(row["texts"]),
        "channels": orjson.loads(row["channels"]),
        "whatsapp_template": None if approved is None else orjson.loads(approved),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
