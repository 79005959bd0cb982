"""A template filled in for a guest: their name, their stay, the hotel, and who writes."""

from __future__ import annotations

import functools
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from jack.core import actors, placeholders
from jack.core.errors import Detail, Invalid, NotFound
from jack.core.query import Query
from jack.core.translations import DEFAULT, names_of
from jack.resources.channel_accounts import templates as approved_templates
from jack.resources.guests import current_stay, identities
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.stays import store as stays
from jack.resources.templates import store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jack.core.db import Database
    from jack.resources.templates.store import Approved, TemplateRow

LONGEST = 4096  # characters, of a message
# What may stand before a name that is no first name.
TITLES = frozenset(
    [
        *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir"),
        *("herr", "frau", "hr", "fr", "dhr", "mevr"),
        *("sr", "sra", "srta", "señor", "señora", "don", "doña", "sig", "dott"),
        *("m", "mme", "mlle"),
    ]
)


class ConversationGuest(TypedDict):
    """The guest of a conversation; None where they have been erased."""

    guest_id: str | None


CONVERSATION = Query[ConversationGuest]("SELECT guest_id FROM conversations WHERE id = :id")


class NamedGuest(TypedDict):
    """What of a guest a text is filled with."""

    name: str
    language: str | None


class StayDates(TypedDict):
    """What of a stay a text is filled with; the days are `YYYY-MM-DD`."""

    room: str | None
    arrival: str
    departure: str
    nights: int
    confirmation: str | None


class Subject(NamedTuple):
    """For whom a template is filled in, and by whom (an id)."""

    guest: NamedGuest | None
    stay: StayDates | None
    by: str


class Filled(TypedDict):
    """A template's text; `missing` are the places that have no value, which stay as they are. `language` is that of the text."""

    content: str
    language: str
    missing: list[str]


def subject(db: Database, kind: str, id: str, *, by: str) -> Subject:
    """Whom an id of this kind (`guest_id`, `conversation_id`, `stay_id`) names. Raises Invalid for an unknown one."""
    if kind == "stay_id":
        return _of_this_stay(db, id, by)
    if kind == "guest_id":
        return of_guest(db, id, by=by)
    row = db.one(CONVERSATION, {"id": id})
    if row is None:
        raise Invalid.field("conversationId", "no_such", "No conversation has this id.")
    return of_guest(db, row["guest_id"], by=by) if row["guest_id"] else Subject(None, None, by)


def of_guest(db: Database, guest_id: str, *, by: str) -> Subject:
    """A guest and the stay of theirs that matters now. Raises Invalid for an unknown guest."""
    guests.check(db, guest_id)
    found = current_stay.of(db, [guest_id]).get(guest_id)
    return Subject(guests.get(db, guest_id), stays.get(db, found["id"]) if found else None, by)


def _of_this_stay(db: Database, stay_id: str, by: str) -> Subject:
    """A stay and its guest, if it has one. Raises Invalid for an unknown stay."""
    try:
        stay = stays.get(db, stay_id)
    except NotFound:
        raise Invalid.field("stayId", "no_such", "No stay has this id.") from None
    guest_id = stay["guest_id"]
    return Subject(guests.get(db, guest_id) if guest_id else None, stay, by)


def fill(
    db: Database, template: TemplateRow, subject: Subject, language: str | None = None
) -> Filled:
    """The text in this language, or else in the guest's, the hotel's, English or whichever there is.

    Raises Invalid for a language that was asked for and has no text.
    """
    text_language = _language(db, template, subject, language)
    spoken = language or (subject.guest["language"] if subject.guest else None)
    [content], missing = _filled(
        db, [template["texts"][text_language]], subject, _as_spoken(text_language, spoken)
    )
    return {"content": content, "language": text_language, "missing": missing}


def to_send(
    db: Database, template: TemplateRow, subject: Subject, language: str | None = None
) -> str:
    """The text as a guest reads it. Raises as `fill`, and Invalid, naming it, for a place without a value, or for too long a text."""
    filled = fill(db, template, subject, language)
    _demand(filled["missing"])
    if len(filled["content"]) > LONGEST:
        message = f"Filled in it has more than {LONGEST} characters."
        raise Invalid.field("templateId", "too_long", message)
    return filled["content"]


def approved_to_send(
    db: Database, approved: Approved, subject: Subject, language: str | None = None
) -> dict[str, object]:
    """The approved template of WhatsApp's as a message has it, in the approved language nearest to the guest's.

    Raises Invalid, naming it, for a place without a value.
    """
    known = approved_templates.languages(db, approved["name"])
    spoken = language or (subject.guest["language"] if subject.guest else None)
    wanted = [spoken, settings.value(db, "hotel")["language"], DEFAULT]
    by_name = {one.lower().replace("_", "-"): one for one in known}
    tag = _nearest(wanted, by_name) or next(iter(by_name), None)
    chosen = by_name[tag] if tag else (spoken or DEFAULT).replace("-", "_")
    texts, missing = _filled(db, approved["parameters"], subject, chosen.replace("_", "-"))
    _demand(missing)
    texts = [" ".join(text.split()) for text in texts]  # Meta takes no line breaks in them
    parameters: object = texts
    found = approved_templates.find(db, approved["name"], chosen)
    names = [one["name"] for one in found["parameters"]] if found else []
    if len(names) == len(texts) and not all(name.isdigit() for name in names):
        parameters = dict(zip(names, texts, strict=True))
    sent: dict[str, object] = {"name": approved["name"], "language": chosen}
    return {**sent, "parameters": parameters} if texts else sent


def _demand(missing: list[str]) -> None:
    """Raise Invalid for places without a value, each named."""
    details: list[Detail] = [
        {"field": "templateId", "message": f"{name} has no value here.", "code": "missing_value"}
        for name in missing
    ]
    if details:
        raise Invalid(f"templateId: No value for {', '.join(missing)}.", details=details)


def _filled(
    db: Database, texts: list[str], subject: Subject, tag: str
) -> tuple[list[str], list[str]]:
    """The texts with their values, days as they are written in a language; and the places without a value, in order."""
    values = _values(db, subject, tag)
    wanted = dict.fromkeys(name for text in texts for name in placeholders.names(text))
    missing = [name for name in wanted if name not in values]
    return [placeholders.fill(text, values) for text in texts], missing


def _values(db: Database, subject: Subject, tag: str) -> dict[str, str]:
    """What there is to fill in, by name."""
    found: dict[str, str | None] = {
        **store.own_variables(db),
        "hotel_name": settings.value(db, "hotel")["name"],
        "staff_name": staff.get(db, subject.by)["name"]
        if actors.type_of(subject.by) == "staff"
        else None,
    }
    if subject.guest is not None:
        found |= _of_guest(subject.guest)
    if subject.stay is not None:
        found |= _of_stay(subject.stay, tag)
    return {name: value for name, value in found.items() if value}


def _of_guest(guest: NamedGuest) -> dict[str, str | None]:
    """Their name, where it is one: not what stands for it while nobody knows it, and no address."""
    name = guest["name"].strip()
    unnamed = name in identities.DEFAULT_NAMES.values() or "@" in name
    if unnamed or not any(sign.isalpha() for sign in name):
        return {}
    return {"guest_name": name, "first_name": _first_name(name)}


def _first_name(name: str) -> str:
    """What a guest is called: John of `John Smith` and of `Smith, John`; all of `Mr. Smith`."""
    _, comma, given = name.partition(",")
    words = (given if comma and given.strip() else name).split()
    return name if words[0].rstrip(".").casefold() in TITLES else words[0]


def _of_stay(stay: StayDates, tag: str) -> dict[str, str | None]:
    return {
        "room_number": stay["room"],
        "check_in_date": day(stay["arrival"], tag),
        "check_out_date": day(stay["departure"], tag),
        "confirmation": stay["confirmation"],
        "nights": str(stay["nights"]),
    }


@functools.lru_cache(maxsize=1024)
def day(text: str, tag: str) -> str:
    """A day, `YYYY-MM-DD`, with its weekday, as it is written in a language; in English where CLDR has none."""
    from babel import Locale, UnknownLocaleError  # here, because most processes fill in no day
    from babel.dates import format_date

    for name in (*names_of_locale(tag), DEFAULT):
        try:
            locale = Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        return str(format_date(date.fromisoformat(text), "full", locale))
    raise RuntimeError("CLDR has no English")


def names_of_locale(tag: str) -> Iterable[str]:
    """A language tag and what is left of it without its last parts: `de-AT`, `de`."""
    parts = tag.replace("_", "-").split("-")
    return ("-".join(parts[:end]) for end in range(len(parts), 0, -1))


def _language(db: Database, template: TemplateRow, subject: Subject, language: str | None) -> str:
    """The language of a template's texts to take. Raises Invalid for one that was asked for and is not there."""
    by_name = {tag.lower(): tag for tag in template["texts"]}
    if language is not None:
        found = _nearest([language], by_name)
        if found is None:
            languages = ", ".join(template["texts"])
            message = f"The template has no text in this language: it has {languages}."
            raise Invalid.field("language", "not_a_choice", message)
        return by_name[found]
    guest = subject.guest["language"] if subject.guest else None
    wanted = [guest, settings.value(db, "hotel")["language"], DEFAULT]
    return by_name[_nearest(wanted, by_name) or next(iter(by_name))]


def _nearest(wanted: Iterable[str | None], among: Iterable[str]) -> str | None:
    """The first of these languages that there is, or something near it, among tags in small letters: `es` for es-MX, and the other way round."""
    names = list(among)
    for tag in wanted:
        for name in names_of(tag):
            if name in names:
                return name
        base = (tag or "").lower().partition("-")[0]
        near = next((name for name in names if name.partition("-")[0] == base), None)
        if near is not None:
            return near
    return None


def _as_spoken(text_language: str, spoken: str | None) -> str:
    """The tag by which days are written: the guest's own, where the text is in their language."""
    same = (spoken or "").lower().partition("-")[0] == text_language.lower().partition("-")[0]
    return spoken if spoken and same else text_language
