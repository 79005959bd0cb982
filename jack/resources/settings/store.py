"""Settings: a JSON object under a key, with defaults for the known keys and secrets that are never shown again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from jack.core import events
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.core.db import Database, Row

KEY = re.compile(r"[a-z][a-z0-9._-]{0,63}")
MAX_VALUE = 64 * 1024
MASK = "********"
# Rather one too many: what is masked by mistake can still be put, what is shown by mistake is out.
SECRET_NAME = re.compile(
    r"secret(?!ar)|pass(word|wd|phrase|code)?s?\d*$|pwd|token(?!i)|credential|authori[sz]ation"
    r"|(api|access|private|signing|encryption|auth|account|master)[_-]?keys?",
    re.IGNORECASE,
)

DEFAULTS: dict[str, dict[str, Any]] = {
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

ALL = "SELECT key, value, updated_at FROM settings ORDER BY key"

GET = "SELECT key, value, updated_at FROM settings WHERE key = :key"

PUT = """
    INSERT INTO settings (key, value, updated_at) VALUES (:key, :value, :now)
    ON CONFLICT (key) DO UPDATE SET value = :value, updated_at = :now
    RETURNING key, value, updated_at"""


def get(db: Database, key: str) -> Row:
    """The setting as it may be shown: secrets masked. Raises NotFound."""
    return _shown(_row(db, key))


def value(db: Database, key: str) -> dict[str, Any]:
    """What a setting is, secrets and all: for the house's own use, never for an answer."""
    found: dict[str, Any] = _row(db, key)["value"]
    return {**DEFAULTS.get(key, {}), **found}


def dated(db: Database, key: str) -> tuple[dict[str, Any], str | None]:
    """As `value`, and when it was put; None while the default applies."""
    row = _row(db, key)
    return {**DEFAULTS.get(key, {}), **row["value"]}, row["updated_at"]


def search(db: Database, *, page: Page) -> Listed[Row]:
    """A page of all settings, by key; known ones are there from the start."""
    stored = {row["key"]: {**row, "value": orjson.loads(row["value"])} for row in db.all(ALL)}
    rows = [stored.get(key) or _default(key) for key in sorted(stored.keys() | DEFAULTS.keys())]
    return Listed(
        [_shown(row) for row in rows[page.offset : page.offset + page.limit]], len(rows), page
    )


def put(
    db: Database,
    key: str,
    value: dict[str, Any],
    *,
    by: str | None = None,
    checked: Callable[[dict[str, Any]], dict[str, Any]] = lambda value: value,
) -> Row:
    """Replace a setting; the mask in place of a secret keeps the secret. Raises Invalid for a bad key or size.

    `checked` says how the value, its secrets in place, is stored; it may raise Invalid.
    """
    if not KEY.fullmatch(key):
        raise Invalid.field(
            "key",
            "invalid",
            "Must be lower-case letters, digits and . _ - (up to 64), a letter first.",
        )
    with transaction(db):
        text = as_json(checked(_unmasked(value, _stored(db, key), "value")))
        if len(text.encode()) > MAX_VALUE:
            raise Invalid.field("value", "too_long", "Must not be larger than 64 KiB.")
        row = db.row(PUT, {"key": key, "value": text, "now": db.now()})
        events.record(db, "setting.changed", key, by=by)
    return _shown({**row, "value": orjson.loads(row["value"])})


def check_department(db: Database, slug: str, field: str = "department") -> None:
    """Raise Invalid, naming the choices, for a department the hotel does not have."""
    slugs = [item["slug"] for item in value(db, "departments")["items"]]
    if slug not in slugs:
        raise Invalid.field(field, "unknown_department", f"Must be one of: {', '.join(slugs)}.")


def check_channel(db: Database, channel: str) -> None:
    """Raise Conflict, saying what to configure, when a channel has no working account."""
    if value(db, f"channels.{channel}").get("enabled") is True:
        return
    says = (
        "The web chat is switched off: put `enabled: true` into the setting channels.web."
        if channel == "web"
        else f"The channel {channel} is not configured: the setting channels.{channel} has no working account."
    )
    raise Conflict(says, reason="channel_not_configured")


def _row(db: Database, key: str) -> Row:
    row = db.one(GET, {"key": key})
    if row is not None:
        return {**row, "value": orjson.loads(row["value"])}
    if key in DEFAULTS:
        return _default(key)
    raise NotFound("Setting not found")


def _stored(db: Database, key: str) -> Any:
    row = db.one(GET, {"key": key})
    return None if row is None else orjson.loads(row["value"])


def _default(key: str) -> Row:
    return {"key": key, "value": DEFAULTS[key], "updated_at": None}


def _shown(row: Row) -> Row:
    return {**row, "value": _masked(row["value"])}


def _secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _worth_hiding(held: Any) -> bool:
    """There is no secret in nothing, nor in yes and no."""
    return held not in (None, "") and not isinstance(held, bool | dict | list)


def _masked(held: Any, hide: bool = False) -> Any:
    """`held` as it may be shown; `hide` when it stands, however deep, under the name of a secret."""
    if isinstance(held, dict):
        return {name: _masked(inner, hide or _secret(name)) for name, inner in held.items()}
    if isinstance(held, list):
        return [_masked(inner, hide) for inner in held]
    return MASK if hide and _worth_hiding(held) else held


def _unmasked(new: Any, old: Any, path: str, hide: bool = False) -> Any:
    """`new` with every mask replaced by the secret that stands there now."""
    if isinstance(new, dict):
        olds = old if isinstance(old, dict) else {}
        return {
            name: _unmasked(inner, olds.get(name), f"{path}.{name}", hide or _secret(name))
            for name, inner in new.items()
        }
    if isinstance(new, list):
        before = _counterparts(new, old if isinstance(old, list) else [], hide)
        return [
            _unmasked(inner, before.get(place), f"{path}.{place}", hide)
            for place, inner in enumerate(new)
        ]
    return _kept(old, path) if hide and new == MASK else new


def _counterparts(new: list[Any], old: list[Any], hide: bool) -> dict[int, Any]:
    """What each element was before, by its place: the one that was shown just so, wherever it stood; else its predecessor.

    Only a list that has kept its length has predecessors, and only those that nobody else was: a secret must never move
    to another account because one was taken out above it.
    """
    shown = [as_json(_masked(held, hide)) for held in old]
    first = {text: place for place, text in reversed(list(enumerate(shown)))}
    wanted = [as_json(held) for held in new]
    found = {
        place: place if shown[place : place + 1] == [text] else first[text]
        for place, text in enumerate(wanted)
        if text in first
    }
    if len(new) == len(old):
        taken = set(found.values())
        found |= {n: n for n in range(len(new)) if n not in found and n not in taken}
    return {place: old[was] for place, was in found.items()}


def _kept(secret: Any, path: str) -> Any:
    if not _worth_hiding(secret):
        raise Invalid.field(
            path, "invalid", "There is no secret here yet that the mask could stand for."
        )
    return secret
