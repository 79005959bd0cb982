"""What stands below the text of a mail to a guest: the hotel's signature, and the guest's last message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo

from jack.channels.types import Quoted
from jack.core import clock, translations
from jack.core.query import Query
from jack.resources.settings import store as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.types import Account, OutboundMessage
    from jack.core.db import Database

LONGEST_QUOTATION = 5_000  # characters; what was longer ends in an ellipsis


class LastWrittenRow(TypedDict):
    """The guest's last message before one of the hotel's; `name` is the guest's."""

    content: str
    created_at: str
    name: str | None


class LanguageRow(TypedDict):
    """The language of a guest's profile."""

    language: str | None


LANGUAGE = Query[LanguageRow]("SELECT language FROM guests WHERE id = :guest_id")

LAST_WRITTEN = Query[LastWrittenRow]("""
    SELECT content, messages.created_at, guests.name
    FROM messages
    JOIN conversations ON conversations.id = conversation_id
    LEFT JOIN guests ON guests.id = guest_id
    WHERE conversation_id = :conversation_id AND direction = 'inbound'
      AND NOT coalesce(json_extract(messages.details, '$.automatic'), 0)
      AND messages.seq < (SELECT seq FROM messages WHERE id = :id)
    ORDER BY messages.seq DESC
    LIMIT 1""")


def added(db: Database, message: OutboundMessage, account: Account) -> OutboundMessage:
    """The message with the signature in the guest's language, and in an answer with what it answers."""
    language = _language(db, message.guest_id)
    signature = chosen(account.settings.get("signatures") or {}, language, _hotel_language(db))
    wanted = account.settings.get("quoteLastMessage") is not False and not message.automatic
    quoted = _quoted(db, message, language) if wanted else None
    return replace(message, signature=signature, quoted=quoted)


def chosen(signatures: Mapping[str, str], *languages: str | None) -> str:
    """The signature of the first language that has one, `es` for `es-MX`; else the only one there is, or none."""
    by_tag = {tag.lower(): text for tag, text in signatures.items()}
    for language in languages:
        tag = (language or "").lower()
        for name in (tag, tag.partition("-")[0]):
            if name in by_tag:
                return by_tag[name]
    return next(iter(by_tag.values())) if len(by_tag) == 1 else ""


def _language(db: Database, guest_id: str | None) -> str | None:
    row = db.one(LANGUAGE, {"guest_id": guest_id})
    return row["language"] if row else None


def _hotel_language(db: Database) -> str:
    return settings.value(db, "hotel")["language"]


def _spoken(*languages: str | None) -> str:
    """The first of these that Jack has texts in."""
    found = (translations.find(language, translations.GUESTS) for language in languages)
    return next((name for name in found if name), translations.DEFAULT)


def _quoted(db: Database, message: OutboundMessage, language: str | None) -> Quoted | None:
    """The guest's last message before this one; None when there was none, or nothing was written in it."""
    wanted = {"id": message.id, "conversation_id": message.conversation_id}
    row = db.one(LAST_WRITTEN, wanted)
    if row is None or not row["content"].strip():
        return None
    zone = ZoneInfo(settings.value(db, "hotel")["timeZone"])
    when = clock.parse(row["created_at"]).astimezone(zone)
    texts = translations.GUESTS[_spoken(language, _hotel_language(db))]
    heading = texts["mail"]["wrote"].format(
        name=row["name"] or message.to, when=f"{when:%Y-%m-%d %H:%M}"
    )
    content = row["content"].strip()
    cut = content[:LONGEST_QUOTATION].rstrip() + " …"
    return Quoted(heading, content if len(content) <= LONGEST_QUOTATION else cut)
