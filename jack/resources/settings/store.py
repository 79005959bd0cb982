"""Settings: a JSON object under a key, with defaults for the known keys and secrets that are never shown again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, overload

import orjson

from jack.core import events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Page
from jack.core.query import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.core.db import Database

# JSON as it is stored.
Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
JsonObject = dict[str, Json]


class SettingRow(TypedDict):
    """A setting; `updated_at` is None while the default applies."""

    key: str
    value: JsonObject
    updated_at: str | None


class StoredRow(TypedDict):
    """A setting as it is stored: `value` is JSON text."""

    key: str
    value: str
    updated_at: str


class HotelSetting(TypedDict):
    """The value of `hotel`."""

    name: str
    timeZone: str
    language: str
    country: str | None
    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    address: NotRequired[str | None]
    website: NotRequired[str]


# Opening hours; `from` is no name that a class could have.
Span = TypedDict("Span", {"from": str, "to": str})


class WebChannelSetting(TypedDict):
    """The value of `channels.web`; `hours` by weekday, `monday` to `sunday`."""

    enabled: bool
    title: str | None
    greeting: str | None
    awayMessage: str | None
    hours: dict[str, list[Span]] | None
    colour: str | None
    sites: list[str]
    identitySecret: str | None


class Department(TypedDict):
    """A department of the hotel."""

    slug: str
    name: str


class DepartmentsSetting(TypedDict):
    """The value of `departments`."""

    items: list[Department]


KEY = re.compile(r"[a-z][a-z0-9._-]{0,63}")
MAX_VALUE = 64 * 1024
MASK = "********"
# Wide on purpose: a value masked by mistake can still be replaced, a secret shown by mistake has leaked.
SECRET_NAME = re.compile(
    r"secret(?!ar)|pass(word|wd|phrase|code)?s?\d*$|pwd|token(?!i)|credential|authori[sz]ation"
    r"|(api|access|private|signing|encryption|auth|account|master)[_-]?keys?",
    re.IGNORECASE,
)

DEFAULTS: dict[str, JsonObject] = {
    "hotel": {"name": "Our hotel", "timeZone": "UTC", "language": "en", "country": None},
    "departments": {
        "items": [
            {"slug": "front-desk", "name": "Front desk"},
            {"slug": "housekeeping", "name": "Housekeeping"},
            {"slug": "maintenance", "name": "Maintenance"},
            {"slug": "concierge", "name": "Concierge"},
            {"slug": "food-beverage", "name": "Food and beverage"},
            {"slug": "management", "name": "Management"},
        ]
    },
    "channels.web": {
        "enabled": True,
        "title": None,
        "greeting": None,
        "awayMessage": None,
        "hours": None,
        "colour": None,
        "sites": [],
        "identitySecret": None,
    },
    "channels.whatsapp": {"enabled": False},
    "channels.sms": {"enabled": False},
    "channels.email": {"enabled": False},
}

ALL = Query[StoredRow]("SELECT key, value, updated_at FROM settings ORDER BY key")

GET = Query[StoredRow]("SELECT key, value, updated_at FROM settings WHERE key = :key")

PUT = Query[StoredRow]("""
    INSERT INTO settings (key, value, updated_at) VALUES (:key, :value, :now)
    ON CONFLICT (key) DO UPDATE SET value = :value, updated_at = :now
    RETURNING key, value, updated_at""")


def get(db: Database, key: str) -> SettingRow:
    """The setting as it may be shown: secrets masked. Raises NotFound."""
    return _shown(_row(db, key))


@overload
def value(db: Database, key: Literal["hotel"]) -> HotelSetting: ...
@overload
def value(db: Database, key: Literal["departments"]) -> DepartmentsSetting: ...
@overload
def value(db: Database, key: Literal["channels.web"]) -> WebChannelSetting: ...
@overload
def value(db: Database, key: str) -> Mapping[str, object]: ...
def value(db: Database, key: str) -> Mapping[str, object]:
    """The value of a setting, with its secrets: for Jack's own use, never for a response. Raises NotFound."""
    return value_and_time(db, key)[0]


def value_and_time(db: Database, key: str) -> tuple[JsonObject, str | None]:
    """As `value`, and when it was put; None while the default applies."""
    row = _row(db, key)
    return {**DEFAULTS.get(key, {}), **row["value"]}, row["updated_at"]


def search(db: Database, *, page: Page) -> Listed[SettingRow]:
    """A page of all settings, by key; the known ones are listed from the start, with their defaults."""
    stored = {row["key"]: _parsed(row) for row in db.all(ALL)}
    rows = [stored.get(key) or _default(key) for key in sorted(stored.keys() | DEFAULTS.keys())]
    return Listed(
        [_shown(row) for row in rows[page.offset : page.offset + page.limit]], len(rows), page
    )


def put(
    db: Database,
    key: str,
    value: JsonObject,
    *,
    by: str | None = None,
    checked: Callable[[JsonObject], JsonObject] = lambda value: value,
) -> SettingRow:
    """Replace a setting; the mask in place of a secret keeps the secret. Raises Invalid for a bad key or size.

    `checked` turns the value, its secrets in place, into the one that is stored; it may raise Invalid.
    """
    if not KEY.fullmatch(key):
        raise Invalid.field(
            "key", "Must be lower-case letters, digits and . _ - (up to 64), a letter first."
        )
    with transaction(db):
        text = as_json(checked(_unmasked_object(value, _stored(db, key), "value")))
        if len(text.encode()) > MAX_VALUE:
            raise Invalid.field("value", "Must not be larger than 64 KiB.")
        row = db.row(PUT, {"key": key, "value": text, "now": db.now()})
        events.record(db, "setting.changed", key, by=by)
    return _shown(_parsed(row))


def check_department(db: Database, slug: str, field: str = "department") -> None:
    """Raise Invalid, naming the choices, for a department the hotel does not have."""
    slugs = [item["slug"] for item in value(db, "departments")["items"]]
    if slug not in slugs:
        raise Invalid.field(field, f"Must be one of: {', '.join(slugs)}.")


def check_channel(db: Database, channel: str) -> None:
    """Raise Conflict, saying what to configure, when a channel has no working account."""
    if value(db, f"channels.{channel}").get("enabled") is True:
        return
    message = (
        "The web chat is switched off: put `enabled: true` into the setting channels.web."
        if channel == "web"
        else f"The channel {channel} is not configured: the setting channels.{channel} has no working account."
    )
    raise Conflict(message, reason="channel_not_configured")


def _row(db: Database, key: str) -> SettingRow:
    row = db.one(GET, {"key": key})
    if row is not None:
        return _parsed(row)
    if key in DEFAULTS:
        return _default(key)
    raise NotFound("Setting not found")


def _stored(db: Database, key: str) -> JsonObject | None:
    row = db.one(GET, {"key": key})
    return None if row is None else _parsed(row)["value"]


def _parsed(row: StoredRow) -> SettingRow:
    return {
        "key": row["key"],
        "value": orjson.loads(row["value"]),
        "updated_at": row["updated_at"],
    }


def _default(key: str) -> SettingRow:
    return {"key": key, "value": DEFAULTS[key], "updated_at": None}


def _shown(row: SettingRow) -> SettingRow:
    return {**row, "value": _masked_object(row["value"])}


def _names_a_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _can_be_secret(value: Json) -> bool:
    """Whether a value can be a secret: text that is not empty, or a number."""
    return value not in (None, "") and not isinstance(value, bool | dict | list)


def _masked(value: Json, hide: bool = False) -> Json:
    """`value` as it may be shown; `hide` when it stands, at any depth, under the name of a secret."""
    if isinstance(value, dict):
        return _masked_object(value, hide)
    if isinstance(value, list):
        return [_masked(inner, hide) for inner in value]
    return MASK if hide and _can_be_secret(value) else value


def _masked_object(value: JsonObject, hide: bool = False) -> JsonObject:
    return {name: _masked(inner, hide or _names_a_secret(name)) for name, inner in value.items()}


def _unmasked(new: Json, old: Json, path: str, hide: bool = False) -> Json:
    """`new` with every mask replaced by the secret that `old` has in its place. Raises Invalid where it has none."""
    if isinstance(new, dict):
        return _unmasked_object(new, old, path, hide)
    if isinstance(new, list):
        before = _counterparts(new, old if isinstance(old, list) else [], hide)
        return [
            _unmasked(inner, before.get(place), f"{path}.{place}", hide)
            for place, inner in enumerate(new)
        ]
    return _kept(old, path) if hide and new == MASK else new


def _unmasked_object(new: JsonObject, old: Json, path: str, hide: bool = False) -> JsonObject:
    olds = old if isinstance(old, dict) else {}
    return {
        name: _unmasked(inner, olds.get(name), f"{path}.{name}", hide or _names_a_secret(name))
        for name, inner in new.items()
    }


def _counterparts(new: list[Json], old: list[Json], hide: bool) -> dict[int, Json]:
    """The old element of each new one, by the new one's index: the one that looks the same when masked, wherever it was;
    else the one at the same index.

    The index counts only in a list of the same length, and only for an old element that no other was matched with: when an
    account is removed from a list, its secret must not pass to the one after it.
    """
    shown = [as_json(_masked(value, hide)) for value in old]
    first = {text: place for place, text in reversed(list(enumerate(shown)))}
    wanted = [as_json(value) for value in new]
    found = {
        place: place if shown[place : place + 1] == [text] else first[text]
        for place, text in enumerate(wanted)
        if text in first
    }
    if len(new) == len(old):
        taken = set(found.values())
        found |= {n: n for n in range(len(new)) if n not in found and n not in taken}
    return {place: old[was] for place, was in found.items()}


def _kept(secret: Json, path: str) -> Json:
    if not _can_be_secret(secret):
        raise Invalid.field(path, "No secret is stored here yet: the mask cannot stand for one.")
    return secret
