"""WhatsApp's message templates, as the worker has last read them from Meta: no request asks the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import orjson

from jack.core.db import as_json, transaction
from jack.core.paging import Listed
from jack.core.query import Query, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jack.channels.types import MessageTemplate
    from jack.core.db import Database
    from jack.core.paging import Page


class Parameter(TypedDict):
    """What a text is filled with: `1` or a name, and an example."""

    name: str
    example: str | None


class Header(TypedDict):
    """The header of a template: a text, which may have parameters, or a kind of file, or a place."""

    type: str
    text: str | None
    parameters: list[Parameter]


class Button(TypedDict):
    """A button; `parameter`: whether a text has to be given for it."""

    type: str
    text: str | None
    url: str | None
    parameter: bool


class TemplateContent(TypedDict):
    """What a template says."""

    header: Header | None
    body: str
    footer: str | None
    buttons: list[Button]
    parameters: list[Parameter]


class TemplateRow(TemplateContent):
    """A template as it is answered."""

    name: str
    language: str
    status: str
    category: str


class StoredRow(TypedDict):
    """A template as it is stored: `content` is JSON text."""

    name: str
    language: str
    status: str
    category: str
    content: str


COLUMNS = "name, language, status, category, content"

GET = Query[StoredRow](f"""
    SELECT {COLUMNS} FROM whatsapp_templates WHERE name = :name AND language = :language""")

APPROVED = "SELECT language FROM whatsapp_templates WHERE name = :name AND status = 'approved' ORDER BY language"

CREATE = """
    INSERT INTO whatsapp_templates (name, language, status, category, content)
    VALUES (:name, :language, :status, :category, :content)
    ON CONFLICT DO NOTHING"""


def search(db: Database, *, status: str | None = None, page: Page) -> Listed[TemplateRow]:
    """A page of the templates, by name and language."""
    conditions = where(["status = :status"] if status else [])
    statement = Query[StoredRow](f"""
        SELECT {COLUMNS} FROM whatsapp_templates {conditions}
        ORDER BY name, language LIMIT :limit OFFSET :offset""")
    filters = {"status": status} if status else {}
    total = int(db.value(f"SELECT count(*) FROM whatsapp_templates {conditions}", filters))
    rows = db.all(statement, {**filters, "limit": page.limit, "offset": page.offset})
    return Listed([_answered(row) for row in rows], total, page)


def find(db: Database, name: str, language: str) -> TemplateRow | None:
    """A template, where it is known; Meta may have others since they were read."""
    row = db.one(GET, {"name": name, "language": language})
    return _answered(row) if row else None


def languages(db: Database, name: str) -> list[str]:
    """The languages in which a template is known to be approved."""
    return db.column(APPROVED, {"name": name})


def replace(db: Database, found: Iterable[MessageTemplate]) -> None:
    """Keep these templates and no others."""
    with transaction(db):
        db.run("DELETE FROM whatsapp_templates")
        for one in found:
            db.run(CREATE, _stored(one))


def _stored(one: MessageTemplate) -> Mapping[str, str]:
    content = {
        "header": one.header,
        "body": one.body,
        "footer": one.footer,
        "buttons": list(one.buttons),
        "parameters": list(one.parameters),
    }
    return {
        "name": one.name,
        "language": one.language,
        "status": one.status,
        "category": one.category,
        "content": as_json(content),
    }


def _answered(row: StoredRow) -> TemplateRow:
    content: TemplateContent = orjson.loads(row["content"])
    return {
        "name": row["name"],
        "language": row["language"],
        "status": row["status"],
        "category": row["category"],
        **content,
    }
