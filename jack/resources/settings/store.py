"""Settings: a JSON object under a key, with defaults for the known keys and secrets that are never shown again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict, overload

import orjson

from jack.core import events
from jack.core.canonical_json import canonical
from jack.core.db import as_json, transaction
from jack.core.errors import Conflict, Invalid, NotFound
from jack.core.paging import Listed, Page
from jack.core.query import Query
from jack.resources.settings.masking import masked, unmasked
from jack.resources.settings.sealing import opened, sealed
from jack.resources.settings.values import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from jack.core.db import Database
    from jack.resources.settings.values import (
        BackupsSetting,
        DepartmentsSetting,
        HotelSetting,
        JsonObject,
        PrivacySetting,
        SecuritySetting,
        VariablesSetting,
        WebChannelSetting,
    )


class SettingRow(TypedDict):
    """A setting; `updated_at` is None while the default applies."""

    key: str
    value: JsonObject
    updated_at: str | None


class StoredRow(TypedDict):
    """A setting as it is stored: `value` is JSON text, its secrets sealed."""

    key: str
    value: str
    updated_at: str


KEY = re.compile(r"[a-z][a-z0-9._-]{0,63}")
MAX_VALUE = 64 * 1024

ALL = Query[StoredRow]("SELECT key, value, updated_at FROM settings ORDER BY key")

GET = Query[StoredRow]("SELECT key, value, updated_at FROM settings WHERE key = :key")

# Whoever puts the settings of a paused account again has it tried again.
PAUSED = """
    SELECT EXISTS (
        SELECT 1 FROM channel_accounts
        WHERE paused_at IS NOT NULL AND 'channels.' || substr(name, 1, instr(name, ':') - 1) = :key)"""

SET_VALUE = "UPDATE settings SET value = :value WHERE key = :key"

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
def value(db: Database, key: Literal["variables"]) -> VariablesSetting: ...
@overload
def value(db: Database, key: Literal["security"]) -> SecuritySetting: ...
@overload
def value(db: Database, key: Literal["backups"]) -> BackupsSetting: ...
@overload
def value(db: Database, key: Literal["privacy"]) -> PrivacySetting: ...
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


def keys(db: Database) -> list[str]:
    """The keys of all settings, the known ones too, in order."""
    return sorted({row["key"] for row in db.all(ALL)} | DEFAULTS.keys())


def search(db: Database, *, page: Page) -> Listed[SettingRow]:
    """A page of all settings, by key; the known ones are listed from the start, with their defaults."""
    stored = {row["key"]: _parsed(db, row) for row in db.all(ALL)}
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
    """Replace a setting; the mask in place of a secret keeps the secret, and what is already so changes nothing.

    Unless it is that of a paused account, which is tried again for it. Raises Invalid for a bad key or size.

    `checked` turns the value, its secrets in place, into the one that is stored; it may raise Invalid.
    """
    if not KEY.fullmatch(key):
        raise Invalid.field(
            "key",
            "invalid",
            "Must be lower-case letters, digits and . _ - (up to 64), a letter first.",
        )
    with transaction(db):
        before = _stored(db, key)
        put = checked(unmasked(value, before, "value"))
        known = _known(db, key)
        if (
            known is not None
            and canonical(known["value"]) == canonical(put)
            and not db.value(PAUSED, {"key": key})
        ):
            return _shown(known)
        if len(as_json(put).encode()) > MAX_VALUE:
            raise Invalid.field("value", "too_long", "Must not be larger than 64 KiB.")
        text = as_json(sealed(db, key, put))
        row = db.row(PUT, {"key": key, "value": text, "now": db.now()})
        events.record(db, "setting.updated", key, by=by, changed=_changed(before, put))
    return _shown(_parsed(db, row))


def seal_all(db: Database) -> list[str]:
    """Seal every secret that an older Jack has stored in the clear, in one transaction; returns the keys of these settings."""
    if not _in_the_clear(db):
        return []
    with transaction(db):
        found = _in_the_clear(db)
        for key, text in found.items():
            db.run(SET_VALUE, {"key": key, "value": text})
    db.checkpoint()  # else the log still has them
    return sorted(found)


def unreadable(db: Database) -> list[str]:
    """The keys of the settings with a secret that was sealed with another signing key."""
    rows = db.all(ALL)
    return [row["key"] for row in rows if opened(db, row["key"], orjson.loads(row["value"]))[1]]


def _in_the_clear(db: Database) -> dict[str, str]:
    """The settings with a secret in the clear: by key, the value as it should be stored."""
    found = {}
    for row in db.all(ALL):
        value = orjson.loads(row["value"])
        stored = sealed(db, row["key"], value)
        if stored != value:
            found[row["key"]] = as_json(stored)
    return found


def check_department(db: Database, slug: str, field: str = "department") -> None:
    """Raise Invalid, naming the choices, for a department the hotel does not have."""
    slugs = [item["slug"] for item in value(db, "departments")["items"]]
    if slug not in slugs:
        raise Invalid.field(field, "unknown_department", f"Must be one of: {', '.join(slugs)}.")


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
    row = _known(db, key)
    if row is None:
        raise NotFound("Setting not found")
    return row


def _known(db: Database, key: str) -> SettingRow | None:
    """The setting that is stored or, of a known key, its default."""
    row = db.one(GET, {"key": key})
    if row is not None:
        return _parsed(db, row)
    return _default(key) if key in DEFAULTS else None


def _stored(db: Database, key: str) -> JsonObject | None:
    row = db.one(GET, {"key": key})
    return None if row is None else _parsed(db, row)["value"]


def _changed(before: JsonObject | None, after: JsonObject) -> list[str]:
    """The names within a setting's value whose values differ; of a new one all of them."""
    known = before or {}
    names = sorted(known.keys() | after.keys())
    return [
        name
        for name in names
        if (name in known, known.get(name)) != (name in after, after.get(name))
    ]


def _parsed(db: Database, row: StoredRow) -> SettingRow:
    """The setting with its secrets. One that cannot be opened any more is null, and its account is off: it is asked for again."""
    value, lost = opened(db, row["key"], orjson.loads(row["value"]))
    if lost and DEFAULTS.get(row["key"], {}).get("enabled") is False:
        value["enabled"] = False
    return {"key": row["key"], "value": value, "updated_at": row["updated_at"]}


def _default(key: str) -> SettingRow:
    return {"key": key, "value": DEFAULTS[key], "updated_at": None}


def _shown(row: SettingRow) -> SettingRow:
    return {**row, "value": masked(row["value"])}
